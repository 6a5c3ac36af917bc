"""Arrays of balls in fixed point: integers mid and rad, numbers within rad 2^-p of mid 2^-p.

An array is a numpy array of Python integers, so nothing overflows and all rounding is a shift to the right, which
rounds down and errs by less than a unit. p is an argument wherever it matters."""

from collections.abc import Callable
from fractions import Fraction
from math import isqrt
from typing import Any, NamedTuple

import numpy as np

from relucert_audit import exact
from relucert_audit.exact import Matrix
from relucert_audit.finding import TooWeak
from relucert_audit.format import Dyadic
from relucert_audit.interval import Interval, enclosure

MOST = 256  # numbers from 2^MOST on are not handled: the page's limit of a checker
TERMS, LENGTH = 2048, 60  # of one exact product; bits of a radius in floating point
INFLATION = 2.0**-40  # above 2 TERMS 2^-53, the relative error of a sum of TERMS products


class Ball(NamedTuple):  # rad >= 0; two arrays of one shape
    mid: Matrix
    rad: Matrix


def objects(values: Any) -> Matrix:
    """An array of Python integers."""
    return np.array(values, dtype=object)


def zeros(*shape: int) -> Ball:
    return Ball(np.zeros(shape, dtype=object), np.zeros(shape, dtype=object))


def exactly(mid: Matrix) -> Ball:
    return Ball(mid, 0 * mid)


def low(x: Ball) -> Matrix:
    return x.mid - x.rad


def high(x: Ball) -> Matrix:
    return x.mid + x.rad


def between(a: Matrix, b: Matrix) -> Ball:
    """Of the intervals from a to b, a <= b."""
    mid = (a + b) >> 1
    return Ball(mid, b - mid)


def of_fractions(xs: list[Fraction], p: int) -> Ball:
    mids = [(x.numerator << p) // x.denominator for x in xs]
    rads = [int((x.numerator << p) % x.denominator != 0) for x in xs]
    return Ball(objects(mids), objects(rads))


def of_dyadic(x: Dyadic, p: int) -> tuple[int, int]:
    """The integers below and above x 2^p, equal if they can be. Raises TooWeak."""
    if x.m.bit_length() + x.e > MOST:
        raise TooWeak(f"a number of the file reaches 2^{MOST}")
    place = x.e + p
    if place >= 0:
        return x.m << place, x.m << place
    return x.m >> -place, -(-x.m >> -place)


def of_dyadics(xs: list[Dyadic], p: int) -> Ball:
    ends = [of_dyadic(x, p) for x in xs]
    return between(objects([a for a, _ in ends]), objects([b for _, b in ends]))


def to_interval(x: Ball, p: int) -> Interval:
    """Of a ball array with one entry, at the working precision of intervals."""
    mid, rad = int(x.mid.reshape(-1)[0]), int(x.rad.reshape(-1)[0])
    return enclosure(mid - rad, mid + rad, -p)


def size(x: Ball) -> int:
    """The largest |number| in the balls, in units."""
    return int(max((np.abs(x.mid) + x.rad).max(), 0)) if x.mid.size else 0


def within(x: Ball, p: int, where: str) -> Ball:
    """The same. Raises TooWeak from 2^MOST on."""
    if size(x).bit_length() > p + MOST:
        raise TooWeak(f"{where} reaches 2^{MOST}")
    return x


def add(a: Ball, b: Ball) -> Ball:
    return Ball(a.mid + b.mid, a.rad + b.rad)


def negative(a: Ball) -> Ball:
    return Ball(-a.mid, a.rad)


def scaled(a: Ball, n: int) -> Ball:
    return Ball(n * a.mid, abs(n) * a.rad)


def times(a: Ball, b: Ball, p: int) -> Ball:
    """|xy - mn| <= (|m| + r) s + |n| r for |x - m| <= r, |y - n| <= s. What is exact stays exact."""
    whole, rad = a.mid * b.mid, (np.abs(a.mid) + a.rad) * b.rad + np.abs(b.mid) * a.rad
    mid = whole >> p
    return Ball(mid, (whole - (mid << p) + rad + ((1 << p) - 1)) >> p)


def inverse(a: Ball, p: int) -> Ball:
    """1/a: |1/x - 1/m| <= r/(|m| (|m| - r)). Raises TooWeak if a ball contains 0. What is exact stays exact."""
    least = np.abs(a.mid) - a.rad
    if (least <= 0).any():
        raise TooWeak("a divisor is not proved to differ from 0")
    mid = (1 << 2 * p) // a.mid
    off = (mid * a.mid != 1 << 2 * p).astype(np.int64).astype(object)
    return Ball(mid, -((-a.rad << 2 * p) // (least * np.abs(a.mid))) + off)


def total(a: Ball) -> Ball:
    """The sum over the first axis, of length 1 afterwards."""
    return Ball(a.mid.sum(axis=0, keepdims=True), a.rad.sum(axis=0, keepdims=True))


def rows(a: Ball, part: slice) -> Ball:
    return Ball(a.mid[part], a.rad[part])


def column(a: Ball) -> Ball:
    """(n,) as (n, 1)."""
    return Ball(a.mid[:, None], a.rad[:, None])


def elementwise(f: Callable[..., int]) -> Callable[..., Matrix]:
    """The same for arrays."""
    ufunc = np.frompyfunc(f, 1, 1)

    def apply(x: Matrix) -> Matrix:
        return np.asarray(ufunc(x), dtype=object)

    return apply


roots, lengths = elementwise(isqrt), elementwise(int.bit_length)


def above(a: Matrix) -> tuple[Any, int]:
    """Floats b and an exponent e with 0 <= a <= b 2^e, b < 2^61: integers of at most 60 bits are within 2^-53."""
    drop = max(int(a.max()).bit_length() - LENGTH, 0) if a.size else 0
    short = (a >> drop) + (1 if drop else 0)
    return short.astype(np.int64).astype(np.float64) * (1 + INFLATION), drop


def above_product(a: Matrix, b: Matrix) -> Matrix:
    """Integers not below the entries of a b; all entries of a (n, K) and b (K, m) at least 0, K <= TERMS."""
    (left, i), (right, j) = above(a), above(b)
    bound = np.ceil((left @ right) * (1 + INFLATION)) + 1
    up = elementwise(int)(bound.astype(object))
    return up << (i + j)


def product(a: Ball, b: Ball) -> Ball:
    """a b in units of 2^-2p, a (n, K), b (K, m), K <= TERMS."""
    mid = exact.product(a.mid, b.mid)
    size_a, size_b = np.abs(a.mid) + a.rad, np.abs(b.mid)
    return Ball(mid, above_product(size_a, b.rad) + above_product(a.rad, size_b))
