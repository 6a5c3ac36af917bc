"""The README stays true: its commands run, its output is what they print, its links exist."""

import re
import shutil
import subprocess

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


def same(shown, printed):
    """Equal words; equal numbers up to what another processor's rounding changes: 5% where it is written
    plainly, a factor of 30 where it is written with an exponent (residuals of a guess)."""
    try:
        one, two = (float(x.strip("[],;.")) for x in (shown, printed))
    except ValueError:
        return shown == printed
    slack = 30 if "e" in shown else 1.05
    return one == two or (one * two > 0 and 1 / slack < one / two < slack)


def test_make_certify_prints_what_the_readme_shows(tmp_path):
    words = make(["certify", f"OUT={tmp_path}/certify"], tmp_path).split()
    wanted = shown("text")[0].split()
    start = next(i for i in range(len(words)) if words[i : i + 5] == wanted[:5])
    wrong = [(a, b) for a, b in zip(wanted, words[start:], strict=False) if not same(a, b)]
    assert not wrong
    assert len(words) - start >= len(wanted)


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
