"""The README stays true: its commands run, its output is what they print, its links exist."""

import re
import shutil
import subprocess
from decimal import Decimal

import pytest
from test_docs import SUBSTITUTES

import pages
from pages import ROOT

BLOCKS = pages.blocks("README.md")


def shown(language):
    return [block.text for block in BLOCKS if block.language == language]


@pytest.fixture(scope="module")
def printed(tmp_path_factory):
    """The folder in which all blocks ran, and what each printed, by its text."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    folder = tmp_path_factory.mktemp("readme")
    return folder, {block.text: out for block, out in pages.run_page("README.md", SUBSTITUTES, folder)}


def make(arguments, folder):
    done = subprocess.run(
        ["make", *arguments],
        cwd=ROOT,
        env=pages.variables(folder),
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_two_commands_stand_first():
    assert [x.split("#")[0].strip() for x in shown("sh")[0].splitlines()] == ["make certify", "make test"]


NUMBER = re.compile(r"(?<![\w.])[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?")
ROUNDING = 10**12  # what is as many times smaller than 1, or larger, is what rounding has left


def same(shown, printed):
    """Equal words, and numbers in them that are near."""
    if NUMBER.sub("", shown) != NUMBER.sub("", printed):
        return False
    return all(map(near, NUMBER.findall(shown), NUMBER.findall(printed)))


def near(shown, printed):
    """Equal up to what another processor's rounding changes: a unit of the last place behind a point, or a factor of 30
    of what rounding has left."""
    one, two = Decimal(shown), Decimal(printed)
    if one == two or "." not in shown:
        return one == two
    if not 1 < one * ROUNDING < ROUNDING**2:
        return one < 30 * two and two < 30 * one
    return abs(one - two) <= Decimal(1).scaleb(one.as_tuple().exponent)


def differing(block, printed):
    """The printed lines that are not, in turn, the lines of a block, where they may be wrapped."""
    left, wrong = [x.split() for x in block.splitlines()], []
    lines = [x.split() for x in printed.splitlines()]
    first = next(i for i, line in enumerate(lines) if line[:5] == left[0][:5])
    for line in lines[first:]:
        words = []
        while left and len(words) < len(line):
            words += left.pop(0)
        if len(words) != len(line) or not all(map(same, words, line)):
            wrong.append((" ".join(words), " ".join(line)))
        if not left:
            return wrong
    return [*wrong, *left]


def test_make_certify_prints_what_the_readme_shows(tmp_path):
    assert differing(shown("text")[0], make(["certify", f"OUT={tmp_path}/certify"], tmp_path)) == []


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("0.00470031,", "0.00470033,", "0.00470031"),
        ("4152 times", "4153 times", "E.2"),
        ("36 positive", "35 positive", "36 positive"),
        ("1.95472e-8", "1.95474e-8", "exceeds that"),
        ("7.397e13", "7.397e15", "E.1"),
        ("C.1   0 <", "C.1   0 <=", "C.1"),
        ("      Theorem M\n", "", "M.1"),
        ("  largest eigenvalue", "  the largest eigenvalue", "largest"),
    ],
)
def test_what_the_readme_would_not_show_is_noticed(old, new, where):
    block = shown("text")[0]
    assert differing(block, block) == [] and block.count(old) == 1
    wrong = differing(block, block.replace(old, new))
    assert any(where in " ".join(pair) for pair in wrong)


def test_what_another_processor_rounds_is_the_same():
    assert same("[0.00470031,", "[0.00470032,") and same("1.41391e-9", "1.41392e-9")
    assert same("7.397e+13", "7.101e+13") and same("1.35188e-14", "4e-14")
    for one, two in (
        ("36", "35"),
        ("L2.1", "L2.2"),
        ("E.1", "E.2"),
        ("1.41391e-9", "1.41391e-8"),
        ("0.5]", "0.5"),
    ):
        assert not same(one, two)


def test_make_test_runs_the_tests(tmp_path):
    assert "-m pytest" in make(["-n", "test"], tmp_path)


def test_the_commands_of_the_readme_run(printed):
    assert list((printed[0] / "build/certified").glob("*.json"))


def test_openssl_and_a_dsse_tool_verify_the_signature_as_shown(printed):
    assert "Verified Successfully" in printed[1][shown("bash")[0]]
    assert "Key" in printed[1][shown("python")[1]]


def test_the_python_example_prints_a_spurious_minimum(printed):
    assert printed[1][shown("python")[0]].startswith("spurious local minimum")


def test_links_lead_somewhere():
    for page in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\((?!https://)([^)#]+)\)", page.read_text()):
            assert (page.parent / target).exists(), (page, target)
