"""python-flint's precision is global state: every test starts from the default. One thread for the small
matrices of numpy, here and in what a test starts: a second one would wait for the first."""

import functools
import os

import pytest
import typer.main
import typer.testing
from flint import ctx

DEFAULT_PRECISION = 53
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


@pytest.fixture(autouse=True)
def default_precision():
    ctx.prec = DEFAULT_PRECISION
    yield
    ctx.prec = DEFAULT_PRECISION


@pytest.fixture(scope="session", autouse=True)
def commands_built_once():
    """typer builds all commands anew at every call, which takes longer than most of what is called."""
    with pytest.MonkeyPatch.context() as patch:
        once = functools.cache(typer.main.get_command)
        patch.setattr(typer.main, "get_command", once)
        patch.setattr(typer.testing, "_get_command", once)
        yield
