"""The command line, run in this process."""

import sys

import pytest

from relucert import cli


@pytest.fixture
def relucert(monkeypatch, capsys):
    """Runs the command with these arguments; returns (exit code, standard output, standard error)."""

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["relucert", *map(str, arguments)])
        with pytest.raises(SystemExit) as stop:
            cli.main()
        captured = capsys.readouterr()
        return stop.value.code, captured.out, captured.err

    return run
