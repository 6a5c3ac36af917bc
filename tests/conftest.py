"""python-flint's precision is global state: every test starts from the default. One thread for the small
matrices of numpy, here and in what a test starts: a second one would wait for the first."""

import os

import pytest
from flint import ctx

DEFAULT_PRECISION = 53
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


@pytest.fixture(autouse=True)
def default_precision():
    ctx.prec = DEFAULT_PRECISION
    yield
    ctx.prec = DEFAULT_PRECISION
