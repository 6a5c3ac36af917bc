"""From a program that is stopped: certificates are whole, or not there."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress

import numpy as np
import pytest

import relucert as rc


@pytest.fixture(scope="module")
def minimum():
    return rc.verify(np.eye(2), layout="rows")


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("RELUCERT_HOME", str(tmp_path / "home"))
    return tmp_path


class Stop:
    """A function of os that is interrupted at its call of this number."""

    def __init__(self, real, calls):
        self.real, self.left = real, calls

    def __call__(self, *arguments, **options):
        self.left -= 1
        if self.left == 0:
            raise KeyboardInterrupt
        return self.real(*arguments, **options)


@pytest.mark.parametrize("calls", [1, 2, 3])
@pytest.mark.parametrize("name", ["open", "fdopen", "fchmod", "fsync", "replace", "link", "unlink"])
def test_an_interrupted_save_leaves_the_whole_file_or_none(name, calls, minimum, home, monkeypatch):
    folder = home / "mine"
    with monkeypatch.context() as patch, suppress(KeyboardInterrupt):
        patch.setattr(os, name, Stop(getattr(os, name), calls))
        minimum.save(folder)
    left = list(folder.iterdir()) if folder.exists() else []
    assert [x for x in left if x.suffix != ".json"] == []
    assert all(rc.load(x).digest == x.stem for x in left)


def test_ctrl_c_leaves_whole_files_alone(home):
    program = """
import signal, sys, numpy as np, relucert as rc
signal.signal(signal.SIGINT, signal.default_int_handler)  # it may be ignored, where tests run in the background
print("begun", flush=True)
for i in range(2_000):
    rc.verify((1 + i / 2**20) * np.eye(2), layout="rows", targets=(1 + i / 2**20) * np.eye(2)).save(sys.argv[1])
"""
    command = [sys.executable, "-c", program, str(home / "mine")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        process.stdout.readline()
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and len(list((home / "mine").glob("*.json"))) < 3:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        assert "KeyboardInterrupt" in process.communicate(timeout=60)[1]
    assert process.returncode in (-signal.SIGINT, 130)
    left = list((home / "mine").iterdir())
    assert len(left) >= 3
    assert {x.suffix for x in left} == {".json"}
    assert rc.audit(home / "mine").accepted
