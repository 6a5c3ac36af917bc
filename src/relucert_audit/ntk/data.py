"""What all methods read alike: rows of dyadics as integers with one exponent, and the Gram matrix of the inputs."""

from typing import NamedTuple

import numpy as np

from relucert_audit import format as fmt
from relucert_audit.exact import Matrix, Symmetric
from relucert_audit.format import Dyadic, Refusal, malformed
from relucert_audit.interval import dyadic

FINEST, LARGEST = -256, 128  # exponents of what entries are multiples of, and below


def limit(what: str) -> Refusal:
    return Refusal(fmt.NOT_CONFIRMED, 0, fmt.LIMIT, what)


class Integers(NamedTuple):
    """mantissa 2^exponent; mantissa has Python's integers."""

    mantissa: Matrix
    exponent: int


def within(x: Dyadic, what: str) -> None:
    """Raises Refusal unless x is a multiple of 2^-256 below 2^128 in size."""
    if x.m and (x.e < FINEST or x.m.bit_length() + x.e > LARGEST):
        raise limit(f"an entry of {what}, which is no multiple of 2^-256 below 2^128")


def rows(given: fmt.Rows, what: str) -> Integers:
    """Rows of the same length, at least one row and one entry. Raises Refusal."""
    if not given or not given[0] or any(len(row) != len(given[0]) for row in given):
        raise malformed(f"{what} is not made of rows of the same length")
    for row in given:
        for x in row:
            within(x, what)
    low = min((x.e for row in given for x in row if x.m), default=0)
    entries = [[x.m << (x.e - low) if x.m else 0 for x in row] for row in given]
    return Integers(np.array(entries, dtype=object), low)


def shortened(a: Integers, bits: int) -> Symmetric:
    """The symmetric a, rounded to about so many bits; each entry errs by less than one unit."""
    length = int(np.abs(a.mantissa).max()).bit_length()
    drop = max(length - bits, 0)
    error = dyadic(len(a.mantissa) if drop else 0, a.exponent + drop)
    return Symmetric(a.mantissa >> drop, a.exponent + drop, length - drop, error)
