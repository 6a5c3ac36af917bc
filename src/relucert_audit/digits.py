"""Integer matrices as lists of their digits to base 2^21, least significant first, without a Python integer an entry.

Floating point multiplies digits, and cannot round: docs/audit.md, *Products by digits*. What is between the digits
of the factors and those of a product is made of a few rows at a time: it takes many times the memory."""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[Any]  # of Python integers
Floats = NDArray[np.float64]
Digits = list[Floats]  # digits from -2^20 to 2^20: a = sum digit_i 2^(21 i)
LIMB = 21
HALF, WORD, MOST_TERMS = 1 << (LIMB - 1), 2 * LIMB, 1 << 13
FITS = 40  # digits of entries of which floating point can hold the size: below 2^840
ROUNDED = 1 + 2.0**-40  # more than `size` and a sum of MOST_TERMS products of floats may lose
STRIP = 1 << 20  # entries that are worked on at a time


def strips(length: int, width: int) -> Iterator[slice]:
    """The places 0 .. length - 1 of lines of this width, so many at a time that they have some STRIP entries."""
    step = max(STRIP // max(width, 1), 1)
    return (slice(i, min(i + step, length)) for i in range(0, length, step))


def assembled(shape: tuple[int, ...], parts: Iterable[tuple[Any, Digits]]) -> Digits:
    """The digits of a matrix from those of its parts, each with its place."""
    digits: Digits = []
    for place, part in parts:
        for i, digit in enumerate(part):
            if i == len(digits):
                digits.append(np.zeros(shape))
            digits[i][place] = digit
    return digits


def carried(places: list[NDArray[np.int64]]) -> Digits:
    """The digits of sum place_i 2^(21 i), |place_i| < 2^61."""
    digits: Digits = []
    carry: Any = 0
    for place in places:
        total = place + carry
        carry = (total + HALF) >> LIMB
        digits.append((total - (carry << LIMB)).astype(np.float64))
    while np.any(carry):
        total, carry = carry, (carry + HALF) >> LIMB
        digits.append((total - (carry << LIMB)).astype(np.float64))
    while digits and not digits[-1].any():
        digits.pop()
    return digits


def limbs(a: Matrix) -> Digits:
    lines = strips(len(a), a[:1].size)
    return assembled(a.shape, ((place, limbs_of_strip(a[place])) for place in lines))


def limbs_of_strip(a: Matrix) -> Digits:
    places = []
    most = max(-int(a.min()), int(a.max())) if a.dtype == object and a.size else 0
    while most >= 1 << 61:
        low = (a & ((1 << WORD) - 1)).astype(np.int64)
        places += [low & (2 * HALF - 1), low >> LIMB]
        a, most = a >> WORD, (most >> WORD) + 1
    return carried([*places, a.astype(np.int64)])


def whole(digits: Digits, shape: tuple[int, int]) -> Matrix:
    """The matrix of Python integers."""
    total: Matrix = np.zeros(shape, dtype=object)
    for i in reversed(range(0, len(digits), 2)):
        word = digits[i].astype(np.int64)
        if i + 1 < len(digits):
            word += digits[i + 1].astype(np.int64) << LIMB
        total = (total << WORD) + word if total.any() else word.astype(object)
    return total


def times(left: Digits, right: Digits) -> Digits:
    """The exact product: partial sums of products of digits are integers of at most 2^40 2^13 = 2^53, in any
    order, fused or not, so the floating-point products do not round. Raises ValueError beyond 2^13 terms."""
    if not left or not right:
        return []
    if left[0].shape[1] > MOST_TERMS or len(left) + len(right) > 1 << 8:
        raise ValueError("matrix too large for exact products")
    shape = left[0].shape[0], right[0].shape[1]

    def part(lines: slice) -> Digits:
        places: list[Any] = [0] * (len(left) + len(right) - 1)
        for i, x in enumerate(left):
            for j, y in enumerate(right):
                places[i + j] = places[i + j] + (x[lines] @ y).astype(np.int64)
        return carried(places)

    return assembled(
        shape, ((lines, part(lines)) for lines in strips(shape[0], max(left[0].shape[1], shape[1])))
    )


def transposed(a: Digits) -> Digits:
    return [x.T for x in a]


def size(a: Digits, shape: tuple[int, ...]) -> Floats:
    """|entries|, rounded to within a factor of 1 + 2^-45. Raises ValueError where floating point is too short.

    Horner's scheme rounds only above 2^53, where a further digit cannot cancel what is there."""
    if len(a) > FITS:
        raise ValueError("entries too long for floating point")
    total: Floats = np.zeros(shape)
    for digit in reversed(a):
        total = total * 2.0**LIMB + digit
    return np.abs(total)


def diagonal(a: Digits, length: int, first: int = 0) -> list[int]:
    """The entries (first + i, i), exact."""
    found = [0] * length
    for digit in reversed(a):
        found = [(x << LIMB) + int(y) for x, y in zip(found, np.diagonal(digit, -first), strict=True)]
    return found
