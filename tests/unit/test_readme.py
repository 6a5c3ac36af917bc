"""The README stays true: its commands run, its output is what they print, its links exist."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def commands():
    return [line.split("#")[0].strip() for block in blocks("sh") for line in block.splitlines() if line]


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    folder = tmp_path_factory.mktemp("readme")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return folder, {**os.environ, "PATH": path, "RELUCERT_HOME": str(folder / "home"), "MAKEFLAGS": ""}


def run(command, folder, environment):
    done = subprocess.run(
        shlex.split(command), cwd=folder, env=environment, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_two_commands_stand_first():
    assert commands()[:2] == ["make certify", "make test"]


def same(shown, printed):
    """Equal words; equal numbers up to what another processor's rounding changes: 5% where it is written
    plainly, a factor of 30 where it is written with an exponent (residuals of a guess)."""
    try:
        one, two = (float(x.strip("[],;.")) for x in (shown, printed))
    except ValueError:
        return shown == printed
    slack = 30 if "e" in shown else 1.05
    return one == two or 1 / slack < one / two < slack


def test_make_certify_prints_what_the_readme_shows(environment):
    folder, variables = environment
    printed = run(f"make certify OUT={folder}/certify", ROOT, variables).split()
    shown = blocks("text")[0].split()
    start = next(i for i in range(len(printed)) if printed[i : i + 5] == shown[:5])
    wrong = [(a, b) for a, b in zip(shown, printed[start:], strict=False) if not same(a, b)]
    assert not wrong
    assert len(printed) - start >= len(shown)


def test_make_test_runs_the_tests(environment):
    assert "-m pytest" in run("make -n test", ROOT, environment[1])


def test_the_commands_of_the_readme_run(environment):
    for command in commands()[2:]:
        run(command, *environment)
    assert list((environment[0] / "build/certified").glob("*.json"))


def test_openssl_and_a_dsse_tool_verify_the_signature_as_shown(environment):
    folder, variables = environment
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    (script,) = blocks("bash")
    done = subprocess.run(
        ["bash", "-euc", script], cwd=folder, env=variables, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert "Verified Successfully" in done.stdout
    shown = python(blocks("python")[1], folder)
    assert "Key" in shown


def test_the_python_example_runs_and_prints_a_spurious_minimum(tmp_path):
    assert python(blocks("python")[0], tmp_path).startswith("spurious local minimum")


def python(code, folder):
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_links_lead_somewhere():
    for page in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\((?!https://)([^)#]+)\)", page.read_text()):
            assert (page.parent / target).exists(), (page, target)
