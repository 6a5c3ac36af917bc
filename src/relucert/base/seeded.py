"""Numbers by a seed that anyone can make again: SHA-256 in counter mode (docs/spec/wide-network-v1.md)."""

from __future__ import annotations

from hashlib import sha256

PLACES = 21  # every number is a multiple of 2^-PLACES
DIGIT = (1 << PLACES) - 1
MOST_SEED = 2**53


def gaussians(stream: str, seed: int, count: int) -> list[int]:
    """N_q 2^21 for q = 0, .., count - 1, integers; N_q = (h_0 + .. + h_11) 2^-21 - 6 is nearly standard normal.

    The h are the twelve integers of 21 bits in the first 252 bits of the SHA-256 of "relucert-{stream}/1 {seed} {q}".
    """
    return [_sum(f"relucert-{stream}/1 {seed} {q}") - (6 << PLACES) for q in range(count)]


def _sum(text: str) -> int:
    rest = int.from_bytes(sha256(text.encode()).digest()) >> 4
    total = 0
    while rest:
        total += rest & DIGIT
        rest >>= PLACES
    return total


def signs(seed: int, count: int) -> list[int]:
    """1 where the first bit of the SHA-256 of "relucert-signs/1 {seed} {q}" is 0, else -1."""
    return [1 - 2 * (sha256(f"relucert-signs/1 {seed} {q}".encode()).digest()[0] >> 7) for q in range(count)]
