"""Numbers of many digits in every test."""

import pytest
from mpmath import mp


@pytest.fixture(autouse=True)
def many_digits():
    before, mp.dps = mp.dps, 120
    yield
    mp.dps = before
