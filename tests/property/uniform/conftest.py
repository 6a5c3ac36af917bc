"""One proof from k = 6 on, which several tests look into (about 7 seconds)."""

import pytest

from relucert.families.uniform.prove import Proof, Tier, prove


@pytest.fixture(scope="session")
def proof():
    found = prove([Tier(6, (1, -60))])
    assert isinstance(found, Proof)
    return found
