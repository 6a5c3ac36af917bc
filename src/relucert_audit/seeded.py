"""Weights by a seed, as docs/spec/wide-network-v1.md says: the same integers on every machine."""

from hashlib import sha256

UNIT, FIELDS = 21, 12  # N_q is a multiple of 2^-UNIT, and has FIELDS summands of UNIT bits


def weight(seed: int, q: int) -> int:
    """N_q 2^21: the sum of the twelve fields in the first 252 of 256 bits, less 6 2^21."""
    bits = int.from_bytes(sha256(f"relucert-weights/1 {seed} {q}".encode("ascii")).digest(), "big") >> 4
    mask = (1 << UNIT) - 1
    return sum(bits >> UNIT * i & mask for i in range(FIELDS)) - (6 << UNIT)
