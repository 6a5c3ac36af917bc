"""The command line, run in this process."""

import functools
import sys

import pytest
import typer.main

from relucert import cli


@pytest.fixture(scope="session", autouse=True)
def commands_built_once():
    """typer builds all commands anew at every call, which takes longer than most of what is called."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(typer.main, "get_command", functools.cache(typer.main.get_command))
        yield


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
