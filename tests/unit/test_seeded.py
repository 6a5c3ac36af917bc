"""Numbers by a seed: anyone can make them again from docs/spec/wide-network-v1.md."""

from fractions import Fraction
from hashlib import sha256

import numpy as np

from relucert.base.seeded import gaussians, signs

FIRST = [1779590, 1633153, -1449970]  # of seed 1


def by_the_page(seed, q):
    """N_q, digit by digit from the bits as text."""
    digest = sha256(b"relucert-weights/1 %d %d" % (seed, q)).digest()
    bits = "".join(f"{byte:08b}" for byte in digest)
    return Fraction(sum(int(bits[21 * i : 21 * i + 21], 2) for i in range(12)), 2**21) - 6


def test_they_are_those_of_the_page():
    for seed in (0, 7, 2**53 - 1):
        assert [Fraction(v, 2**21) for v in gaussians("weights", seed, 50)] == [
            by_the_page(seed, q) for q in range(50)
        ]
        firsts = [sha256(f"relucert-signs/1 {seed} {q}".encode()).digest()[0] < 128 for q in range(50)]
        assert signs(seed, 50) == [1 if first else -1 for first in firsts]


def test_they_never_change():
    assert gaussians("weights", 1, 3) == FIRST
    assert gaussians("labels", 1, 3) != FIRST


def test_they_are_nearly_gaussian():
    values = np.array(gaussians("weights", 3, 20_000)) / 2.0**21
    assert abs(values.mean()) < 0.03
    assert abs(values.std() - 1) < 0.03
    assert abs((values**4).mean() - 2.9) < 0.2  # 3 - 1.2/12 for a sum of twelve
    assert abs(sum(signs(3, 20_000))) < 600
