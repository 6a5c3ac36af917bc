"""Products of matrices of fixed-point numbers by their digits: integers in units of 2^-p, p = 21 point.

A matrix that is multiplied often and changed by sums is kept as its digits to base 2^21, from -2^20 to 2^20,
(places, rows, columns), least significant first. Floating point multiplies digits, sums of up to 2^11 products,
and cannot round."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from relucert_audit.digits import LIMB, limbs
from relucert_audit.exact import Matrix
from relucert_audit.finding import TooWeak

Digits = NDArray[np.int64]
HALF, GUARD, MOST_TERMS = 1 << (LIMB - 1), 2, 1 << 11


def split(x: Matrix, places: int) -> Digits:
    """Raises TooWeak where there are more digits."""
    found = limbs(x)
    if len(found) > places:
        raise TooWeak("weights too large for the checker")
    digits = np.zeros((places, *x.shape), dtype=np.int64)
    for digit, into in zip(found, digits, strict=False):
        into[...] = digit
    return digits


def sums(left: list[NDArray[Any]], right: list[NDArray[Any]], point: int) -> Digits:
    """left right, by places from `point` - 2 on, in units of 2^-2p, not carried. What is left out is below one unit
    of 2^-p: point K 2^40 2^(-63) (1 + 2^-20), for K <= 2^11 terms and point <= 2^10."""
    rows, terms = left[0].shape if left else (0, 0)
    if terms > MOST_TERMS or len(left) * len(right) >= 1 << 11:
        raise TooWeak("matrices too large for exact products")
    low, columns = point - GUARD, right[0].shape[1]
    found: Digits = np.zeros((max(len(left) + len(right) - 1 - low, GUARD), rows, columns), dtype=np.int64)
    wide = np.hstack([x.astype(np.float64) for x in right])
    for i, digit in enumerate(left):
        skip = max(low - i, 0)
        if skip < len(right):
            part = (digit.astype(np.float64) @ wide[:, skip * columns :]).astype(np.int64)
            place = i + skip - low
            found[place : place + len(right) - skip] += part.reshape(rows, -1, columns).swapaxes(0, 1)
    return found


def times(left: list[NDArray[Any]], right: Matrix, point: int) -> Matrix:
    """left right, in units of 2^-p, with error 2."""
    digits, rows = limbs(right), left[0].shape[0]
    total: Matrix = np.zeros((rows, right.shape[1]), dtype=object)
    if digits:
        for place in sums(left, digits, point)[::-1]:
            total = (total << LIMB) + place
    return total >> LIMB * GUARD


def add_product(to: Digits, left: Matrix, right: Matrix, point: int) -> Digits:
    """to + left right, with error 2: what is left out, and what the two lowest places leave behind."""
    a, b = limbs(left), limbs(right)
    if not a or not b:
        return to
    places, found = sums(a, b, point), np.empty_like(to)
    carry = np.zeros_like(to[0])
    for place in places[:GUARD]:
        carry = (place + carry) >> LIMB
    places = places[GUARD:]
    for k, digit in enumerate(to):
        total = digit + carry + (places[k] if k < len(places) else 0)
        carry = (total + HALF) >> LIMB
        found[k] = total - (carry << LIMB)
    if carry.any() or places[len(to) :].any():
        raise TooWeak("the run goes too far")
    return found
