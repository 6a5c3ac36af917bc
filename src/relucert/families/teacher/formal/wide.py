"""Interval arithmetic as Coq will do it, predicted in floating point: centres and radii of arrays.

Only how wide Coq's enclosures come out is asked, to first order; a wrong prediction makes Coq refuse.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Wide(NamedTuple):
    """Centre and radius, arrays of one shape."""

    mid: Floats
    rad: Floats


def plus(a: Wide, b: Wide) -> Wide:
    return Wide(a.mid + b.mid, a.rad + b.rad)


def minus(a: Wide, b: Wide) -> Wide:
    return Wide(a.mid - b.mid, a.rad + b.rad)


def times(a: Wide, b: Wide) -> Wide:
    return Wide(a.mid * b.mid, abs(a.mid) * b.rad + a.rad * abs(b.mid) + a.rad * b.rad)


def scaled(c: Floats | float, a: Wide) -> Wide:
    return Wide(np.multiply(c, a.mid), np.multiply(np.abs(c), a.rad))


def total(a: Wide, axis: int) -> Wide:
    return Wide(a.mid.sum(axis=axis), a.rad.sum(axis=axis))


def shaped(a: Wide, index: Any) -> Wide:
    """The same index of both."""
    return Wide(a.mid[index], a.rad[index])


def inverse(a: Wide) -> Wide:
    return Wide(1 / a.mid, a.rad / (a.mid * a.mid))


def root(a: Wide) -> Wide:
    middle = np.sqrt(a.mid)
    return Wide(middle, a.rad / (2 * middle))


def arctangent(a: Wide) -> Wide:
    return Wide(np.arctan(a.mid), a.rad / (1 + a.mid * a.mid))


def hessian_width(weights: Floats, targets: Floats, radius: float) -> float:
    """The largest radius of an entry of the Hessian over a box of this half width, as formal/Tables.v computes it.

    weights (n, d), targets (k, d). In proportion to a small radius.
    """
    n, d = weights.shape
    rows = np.concatenate([weights, targets])
    moving = np.concatenate([np.full_like(weights, radius), np.zeros_like(targets)])
    count = len(rows)
    x = Wide(rows, moving)
    a = total(times(x, x), 1)
    inner = total(times(shaped(x, np.s_[:, None]), shaped(x, np.s_[None])), 2)
    product = times(shaped(a, np.s_[:, None]), shaped(a, np.s_[None]))
    squared = minus(product, times(inner, inner))
    own = np.arange(count)
    squared.mid[own, own], squared.rad[own, own] = 1.0, 0.0  # nothing is asked of a row with itself
    area = root(squared)
    turn = plus(Wide(np.pi / 2 + 0 * area.mid, 0 * area.mid), arctangent(times(inner, inverse(area))))
    sign = np.concatenate([np.ones(n), -np.ones(count - n)])
    weight = np.outer(sign, sign) * (1 - np.eye(count)) / (2 * np.pi)
    gamma = scaled(weight, inverse(area))
    alpha, beta = times(product, gamma), times(inner, gamma)
    omega, tau = scaled(weight, area), scaled(weight, turn)
    y = times(x, shaped(inverse(a), np.s_[:, None]))
    widest = 0.0
    shared = plus(
        Wide(np.full(count, 0.5), np.zeros(count)), times(total(omega, 1), inverse(a))
    )  # of the diagonal of the blocks
    mixed = total(times(shaped(beta, np.s_[:, :, None]), shaped(x, np.s_[None])), 1)
    factor = total(minus(alpha, scaled(2.0, omega)), 1)
    for i in range(n):
        left, right = shaped(y, np.s_[i, :, None]), shaped(y, np.s_[i, None])
        block = times(times(left, right), shaped(factor, i))
        block = minus(block, times(left, shaped(mixed, np.s_[i, None])))
        block = minus(block, times(shaped(mixed, np.s_[i, :, None]), right))
        scaled_rows = times(shaped(gamma, np.s_[i, :, None]), x)
        block = plus(
            block, total(times(shaped(scaled_rows, np.s_[:, :, None]), shaped(x, np.s_[:, None])), 0)
        )
        widest = max(widest, float((block.rad + np.eye(d) * shared.rad[i]).max()))
        for j in range(i + 1, n):
            pair = [shaped(c, (i, j)) for c in (alpha, beta, gamma)]
            toward = minus(times(pair[0], shaped(y, j)), times(pair[1], shaped(x, i)))
            back = minus(times(pair[2], shaped(x, i)), times(pair[1], shaped(y, j)))
            block = times(left, shaped(toward, np.s_[None]))
            block = plus(block, times(shaped(x, np.s_[j, :, None]), shaped(back, np.s_[None])))
            widest = max(widest, float((block.rad + np.eye(d) * tau.rad[i, j]).max()))
    return widest
