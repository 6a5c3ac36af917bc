"""The package has types, for who writes Python with it."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_a_script_with_types_passes_mypy_and_runs(tmp_path):
    script = ROOT / "tests/typed_script.py"
    ask = [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--follow-imports=silent"]
    environment = {
        **os.environ,
        "MYPYPATH": str(ROOT / "src"),
        "PYTHONPATH": str(ROOT / "src"),
        "RELUCERT_HOME": str(tmp_path / "home"),
    }
    ask += [f"--cache-dir={tmp_path / 'cache'}", str(script)]
    done = subprocess.run(ask, capture_output=True, text=True, env=environment, cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    ran = subprocess.run(
        [sys.executable, str(script), str(tmp_path / "mine")], capture_output=True, text=True, env=environment
    )
    assert ran.returncode == 0, ran.stderr
    assert "global-minimum" in ran.stdout


def test_the_package_says_that_it_has_types():
    assert {(ROOT / "src" / name / "py.typed").exists() for name in ("relucert", "relucert_audit")} == {True}
