"""`relucert doctor`, --version, -h and shell completion."""

import json
import os
import stat
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from relucert.certificate import signing


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "ada"))
    monkeypatch.delenv("RELUCERT_HOME", raising=False)
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_doctor_says_what_is_there_as_json_and_for_people(relucert):
    code, out, _ = relucert("doctor", "--json")
    found = json.loads(out)
    assert code == 0
    assert found["packages"]["relucert"] == version("relucert")
    assert found["packages"]["python-flint"] == version("python-flint")
    assert found["cores"]["of the machine"] == os.cpu_count()
    assert found["disk_free_gib"] >= 0
    assert found["key"] == {"place": "~/.config/relucert/key.pem", "mode": None}
    assert {"matplotlib", "h5py", "torch"} <= set(found["extras"])
    code, out, _ = relucert("doctor")
    assert code == 0
    assert f"relucert: {version('relucert')}" in out
    assert "mode: not there" in out


def test_doctor_shows_no_path_and_nothing_of_the_key(relucert, tmp_path, monkeypatch):
    signing.new_key(signing.default_key_path())
    secret = signing.default_key_path().read_text().splitlines()[1]
    for arguments in (["doctor"], ["doctor", "--json"]):
        _, out, _ = relucert(*arguments)
        assert str(tmp_path) not in out
        assert "~/.config/relucert/key.pem" in out
        assert "0600" in out
        assert secret not in out
    signing.default_key_path().chmod(0o644)
    assert json.loads(relucert("doctor", "--json")[1])["key"]["readable by you alone"] is False
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "elsewhere"))
    assert json.loads(relucert("doctor", "--json")[1])["key"]["place"] == "$XDG_CONFIG_HOME/relucert/key.pem"
    monkeypatch.setenv("RELUCERT_HOME", str(tmp_path / "elsewhere"))
    assert json.loads(relucert("doctor", "--json")[1])["key"]["place"] == "$RELUCERT_HOME/key.pem"
    assert stat.S_IMODE(Path(tmp_path / "ada/.config/relucert/key.pem").stat().st_mode) == 0o644


def test_version_and_help(relucert):
    assert relucert("--version")[:2] == (0, f"relucert {version('relucert')}\n")
    for arguments in (["-h"], ["verify", "-h"], ["keys", "-h"], ["keys", "new", "-h"]):
        code, out, _ = relucert(*arguments)
        assert code == 0
        assert "Usage:" in out


def completed(tmp_path, shell, **more):
    """What the command prints under the variables of a shell that asks for completion."""
    script = "import sys; sys.argv[0] = 'relucert'; from relucert.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-c", script, *more.pop("arguments", [])],
        env={**os.environ, "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1", **more},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    ).stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_shown_and_nothing_is_written(tmp_path, shell):
    shown = completed(tmp_path, shell, arguments=["--show-completion", shell])
    assert {"bash": "COMPREPLY=", "zsh": "#compdef relucert", "fish": "complete --command relucert"}[
        shell
    ] in shown
    assert "_RELUCERT_COMPLETE" in shown
    assert not (tmp_path / "ada").exists()


def test_completion_knows_the_commands(tmp_path):
    asked = {"COMP_WORDS": "relucert ver", "COMP_CWORD": "1", "_RELUCERT_COMPLETE": "complete_bash"}
    assert completed(tmp_path, "bash", **asked).split() == ["verify"]
    asked["COMP_WORDS"], asked["COMP_CWORD"] = "relucert verify --jo", "2"
    assert completed(tmp_path, "bash", **asked).split() == ["--jobs"]


def test_the_wheel_has_both_commands():
    import tomllib

    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    assert project["scripts"] == {
        "relucert": "relucert.cli:main",
        "relucert-audit": "relucert_audit.command:main",
    }
