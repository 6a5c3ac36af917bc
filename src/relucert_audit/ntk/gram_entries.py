"""Arrays of enclosed numbers in fixed point, the unit 2^-p: so that n^2 H of them can be made in minutes."""

from math import isqrt
from typing import Any, NamedTuple

import numpy as np

from relucert_audit.exact import Matrix
from relucert_audit.interval import Interval, arctan_1, arctan_fixed, to_fixed

ROOTS = np.frompyfunc(isqrt, 1, 1)


class Entries(NamedTuple):
    """Numbers within rad units of mid units; both are arrays of Python's integers."""

    mid: Matrix
    rad: Matrix


def times(a: Entries, c: Interval, p: int) -> Entries:
    mid, rad = to_fixed(c, p)
    error = a.rad * (abs(mid) + rad) + np.abs(a.mid) * rad
    return Entries(a.mid * mid >> p, (error >> p) + 2)


def product(a: Entries, b: Entries, p: int) -> Entries:
    error = a.rad * (np.abs(b.mid) + b.rad) + np.abs(a.mid) * b.rad
    return Entries(a.mid * b.mid >> p, (error >> p) + 2)


def plus(a: Entries, b: Entries) -> Entries:
    return Entries(a.mid + b.mid, a.rad + b.rad)


def shifted(a: Entries, c: Interval, p: int) -> Entries:
    mid, rad = to_fixed(c, p)
    return Entries(a.mid + mid, a.rad + rad)


def correlations(a: Entries, p: int) -> Entries:
    """Numbers known to lie in [-1, 1]: a mid outside is moved to the nearer end, and so nearer to them all."""
    one = 1 << p
    return Entries(np.minimum(np.maximum(a.mid, -one), one), a.rad)


def arcsine(x: int, p: int) -> tuple[int, int]:
    """(t, error): |arcsin(x 2^-p) - t 2^-p| <= error 2^-p, for |x| <= 2^p.

    The tangent of the angle to the nearer axis is the root of a rational number in [0, 1]; its floor in units is
    exact, and arctan has slope in [0, 1]."""
    square = x * x
    rest = (1 << 2 * p) - square
    small, large = (square, rest) if square <= rest else (rest, square)
    t, error = arctan_fixed(isqrt((small << 2 * p) // large), p)
    if square > rest:
        quarter, more = arctan_1(p)
        t, error = 2 * quarter - t, error + 2 * more
    return (t if x >= 0 else -t), error + 1


def arcsines(a: Entries, p: int) -> Entries:
    """Of numbers in [-1, 1], as `correlations` gives them."""
    found = [arcsine_near(x, e, p) for x, e in zip(a.mid.tolist(), a.rad.tolist(), strict=True)]
    return entries(found)


def arcsine_near(x: int, e: int, p: int) -> tuple[int, int]:
    """Of a number of [-1, 1] within e units of x: by the mean value theorem with the slope at |x| + e; where that is
    not below 1 by arccos(1 - z) <= pi (z/2)^(1/2), as 1 - cos t >= 2 t^2/pi^2."""
    t, error = arcsine(x, p)
    end = abs(x) + e
    cosine = isqrt(max((1 << 2 * p) - end * end, 0))
    if cosine:
        return t, error + (e << p) // cosine + 1
    return t, error + 4 * (isqrt((1 << p) + e - abs(x) << p) + 1)


def entries(found: list[tuple[int, int]]) -> Entries:
    columns: list[Any] = [np.empty(len(found), dtype=object) for _ in range(2)]
    for column, values in zip(columns, zip(*found, strict=True), strict=False):
        column[:] = values
    return Entries(*columns)
