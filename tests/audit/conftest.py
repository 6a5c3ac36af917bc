import sys
from pathlib import Path

import pytest
from mpmath import iv, mp

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(autouse=True)
def fresh_precision():
    """Every test starts from, and must leave, the same global precision."""
    before = iv.prec, mp.prec
    yield
    assert (iv.prec, mp.prec) == before
