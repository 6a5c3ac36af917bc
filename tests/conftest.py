"""python-flint's precision is global state: every test starts from the default."""

import pytest
from flint import ctx

DEFAULT_PRECISION = 53


@pytest.fixture(autouse=True)
def default_precision():
    ctx.prec = DEFAULT_PRECISION
    yield
    ctx.prec = DEFAULT_PRECISION
