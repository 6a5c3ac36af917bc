"""Weights and signs by a seed, as docs/spec/wide-network-v1.md says: the same integers on every machine."""

from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

UNIT, FIELDS = 21, 12  # N_q is a multiple of 2^-21, and has twelve summands
PLACES = np.ldexp(1.0, UNIT - 1 - np.arange(UNIT * FIELDS) % UNIT)


def digests(what: str, seed: int, first: int, count: int) -> NDArray[np.uint8]:
    """Bits (count, 256), most significant first, for q = first, .., first + count - 1."""
    texts = (f"relucert-{what}/1 {seed} {q}" for q in range(first, first + count))
    joined = b"".join(sha256(text.encode("ascii")).digest() for text in texts)
    return np.unpackbits(np.frombuffer(joined, np.uint8).reshape(count, 32), axis=1)


def weights(seed: int, first: int, count: int) -> NDArray[np.int64]:
    """N_q 2^21, exactly (sums of integers below 2^25), for q = first, .., first + count - 1."""
    sums = digests("weights", seed, first, count)[:, : UNIT * FIELDS] @ PLACES
    return sums.astype(np.int64) - (6 << UNIT)


def signs(seed: int, count: int) -> NDArray[np.int64]:
    """1 or -1, for q = 0, .., count - 1."""
    return 1 - 2 * digests("signs", seed, 0, count)[:, 0].astype(np.int64)
