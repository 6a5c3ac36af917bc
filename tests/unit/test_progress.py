"""Processes that prove many points, and how far they are."""

import io
import json
import os
import re
import signal
import time
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing

import numpy as np
import pytest

from relucert.base import console, pool
from relucert_audit import progress


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("RELUCERT_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


def double(x):
    return 2 * x


def die(x):
    os.kill(os.getpid(), signal.SIGKILL)


def process(x):
    return os.getpid()


def test_each_keeps_the_order_in_this_process_or_in_others():
    assert list(pool.each(double, range(5), 1)) == [0, 2, 4, 6, 8]
    assert list(pool.each(double, range(5), 2)) == [0, 2, 4, 6, 8]
    assert set(pool.each(process, [1, 2, 3], 1)) == {os.getpid()}
    assert set(pool.each(process, [1], 2)) == {os.getpid()}  # one item is not worth a process
    assert set(pool.each(process, [1, 2, 3], 2, fewest=4)) == {os.getpid()}
    with closing(pool.each(process, list(range(1000)), 2)) as results:
        assert next(results) != os.getpid()


def test_a_worker_that_dies_is_exit_code_4(relucert, monkeypatch, tmp_path):
    from relucert.families import deciding

    np.save("w.npy", np.stack([np.eye(3)] * 2))
    monkeypatch.setattr(deciding, "_prove", die)
    code, _, err = relucert("verify", "w.npy", "--layout", "neurons-in-rows", "-o", "out", "--jobs", 2)
    assert code == 4
    assert "a worker process died, perhaps for want of memory; try fewer --jobs" in err


def hold(x, say):
    say("begun")
    time.sleep(600)


def stop(_):
    raise KeyboardInterrupt


def test_what_is_interrupted_ends_at_once_whatever_its_processes_do(monkeypatch):
    begun = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        pool.aloud(hold, 1, stop)
    assert time.monotonic() - begun < 60
    with closing(pool.each(first, [0, 600, 600], 2)) as results:
        assert next(results) == 0
    assert time.monotonic() - begun < 60


def first(seconds):
    time.sleep(seconds)
    return seconds


def test_what_a_process_says_is_said_here_and_its_end_is_an_error():
    said = []
    assert pool.aloud(telling, 4, said.append) == 16
    assert said == ["half of 4", "all of 4"]
    assert list(pool.each(process, [1], 1, apart=True)) != [os.getpid()]
    with pytest.raises(BrokenProcessPool):
        pool.aloud(dying, 4, said.append)
    with pytest.raises(ZeroDivisionError):
        pool.aloud(failing, 4, said.append)
    assert said[2:] == ["now"]


def telling(x, say):
    say(f"half of {x}")
    say(f"all of {x}")
    return x * x


def dying(x, say):
    say("now")
    die(x)


def failing(x, say):
    return x / 0


def test_verify_gives_the_same_certificates_with_any_number_of_jobs(relucert, tmp_path):
    rows = [[1.0, 0, 0], [0, 1, 0], [0, 0, 1]]
    np.save("w.npy", np.array([rows, rows[::-1], [[1, 2, 3], [4, 5, 7], [7, 8, 1]]]))
    said = []
    for jobs in (1, 2):
        code, out, _ = relucert(
            "verify", "w.npy", "--layout", "neurons-in-rows", "-o", f"out{jobs}", "--jobs", jobs, "--json"
        )
        assert code == 0
        said.append([{**json.loads(x), "seconds": 0, "certificate": ""} for x in out.splitlines()])
    assert said[0] == said[1]
    files = [{x.name: x.read_bytes() for x in (tmp_path / f"out{jobs}").iterdir()} for jobs in (1, 2)]
    assert files[0] == files[1]


def test_estimates_take_the_rest_to_go_on_as_before():
    lines = console.Lines("verifying", 10)
    assert lines.line(7) == "verifying: 0 of 10, 7 s so far"
    lines.done = 4
    assert lines.line(100) == "verifying: 4 of 10, 2 min so far, about 2 min left"
    assert lines.line(8000) == "verifying: 4 of 10, 2 h 13 min so far, about 3 h 20 min left"
    lines.done = 10
    assert lines.line(7) == "verifying: 10 of 10, 7 s so far"


def test_without_a_terminal_there_is_a_line_a_minute_on_standard_error(monkeypatch, capsys):
    monkeypatch.setattr(console, "MINUTE", 0.05)
    with console.Bar("a [b] c", 2) as advance:
        advance(1, 2)
        time.sleep(0.3)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert re.search(r"^a \[b\] c: 1 of 2, .* so far, about .* left$", captured.err, re.MULTILINE)
    time.sleep(0.2)
    assert capsys.readouterr().err == ""


def test_short_work_says_nothing(capsys):
    with console.Bar("quick", 1) as advance:
        advance(1, 1)
    assert capsys.readouterr() == ("", "")


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_the_checker_shows_a_bar_on_a_terminal_and_lines_elsewhere(monkeypatch, capsys):
    monkeypatch.setattr(progress, "MINUTE", 0.05)
    with progress.Progress(3) as lines:
        lines.advance()
        time.sleep(0.3)
    assert re.search(r"^note: 1/3, .*, about .* left$", capsys.readouterr().err, re.MULTILINE)
    monkeypatch.setattr(progress, "MINUTE", 60.0)
    screen = Terminal()
    monkeypatch.setattr("sys.stderr", screen)
    with progress.Progress(3) as bar:
        for _ in range(3):
            bar.advance()
    assert screen.getvalue().startswith("[##########--------------------] 1/3, 0 s, about 0 s left")
    assert screen.getvalue().count("\r") == 2  # the last row needs no bar
    assert progress.duration(90) == "2 min"


def test_one_point_that_takes_long_is_proved_aloud(relucert, monkeypatch):
    from relucert.families import deciding

    monkeypatch.setattr(deciding, "LONG", 0.0)
    np.save("w.npy", np.eye(3))
    _, out, err = relucert("verify", "w.npy", "--layout", "neurons-in-rows", "-o", "out")
    assert out.startswith("global minimum  w.npy[0]")
    said = "verifying: about 0 s and 0.1 GiB of memory for an attempt; a point that has to be moved takes two of them"
    assert f"{said} and more\n" in err
    assert "verifying: 64 bits\n" in err
    np.save("w.npy", np.stack([np.eye(3)] * 2))
    _, _, err = relucert("verify", "w.npy", "--layout", "neurons-in-rows", "-o", "out")
    assert "64 bits" not in err


def test_a_file_that_is_alone_is_proved_aloud_by_the_checker(monkeypatch, capsys):
    monkeypatch.setattr(progress, "FIRST", 0.05)
    monkeypatch.setattr(progress.Progress, "work", {})
    for total, said in ((1, 1), (2, 0)):
        with progress.Progress(total):
            progress.at("bits", "160 bits, about 60 s")
            progress.at("step", "step 3")
            progress.at("step", "step 4")
            time.sleep(0.3)
        found = capsys.readouterr().err
        assert found == "note: 0/1, 0 s: 160 bits, about 60 s, step 4\n" * said
