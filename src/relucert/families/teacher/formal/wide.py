"""Interval arithmetic as Coq will do it, predicted in floating point: centres and radii of arrays.

Only how wide Coq's enclosures come out is asked, to first order; a wrong prediction makes Coq refuse.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Wide(NamedTuple):
    """Centre and radius, arrays of one shape."""

    mid: Floats
    rad: Floats

    def at(self, index: Any) -> Wide:
        """The same index of both."""
        return Wide(self.mid[index], self.rad[index])


@dataclass(frozen=True)
class Arithmetic:
    """unit: the relative error of one rounding."""

    unit: float

    def rounded(self, mid: Any, rad: Any) -> Wide:
        return Wide(mid, rad + self.unit * abs(mid))

    def plus(self, a: Wide, b: Wide) -> Wide:
        return self.rounded(a.mid + b.mid, a.rad + b.rad)

    def minus(self, a: Wide, b: Wide) -> Wide:
        return self.rounded(a.mid - b.mid, a.rad + b.rad)

    def times(self, a: Wide, b: Wide) -> Wide:
        return self.rounded(a.mid * b.mid, abs(a.mid) * b.rad + a.rad * abs(b.mid) + a.rad * b.rad)

    def total(self, a: Wide, axis: int) -> Wide:
        """A sum, one term after another."""
        partial = abs(np.cumsum(a.mid, axis=axis)).sum(axis=axis)
        return Wide(a.mid.sum(axis=axis), a.rad.sum(axis=axis) + self.unit * partial)

    def inverse(self, a: Wide) -> Wide:
        return self.rounded(1 / a.mid, a.rad / (a.mid * a.mid))

    def root(self, a: Wide) -> Wide:
        middle = np.sqrt(a.mid)
        return self.rounded(middle, a.rad / (2 * middle))

    def arctangent(self, a: Wide) -> Wide:
        return self.rounded(np.arctan(a.mid), a.rad / (1 + a.mid * a.mid))

    def constant(self, value: Any, like: Wide) -> Wide:
        return self.rounded(np.broadcast_to(value, like.mid.shape), np.zeros_like(like.mid))


@dataclass(frozen=True)
class Shared:
    """What pairs of rows share (formal/Tables.v): rows, rows over their squared lengths, coefficients of pairs."""

    x: Wide
    y: Wide
    alpha: Wide
    beta: Wide
    gamma: Wide
    tau: Wide
    own_delta: Wide
    own_scaled: Wide
    own_mixed: Wide


def hessian_width(weights: Floats, targets: Floats, radius: float, unit: float) -> float:
    """The largest radius of an entry of the Hessian over a box of half width `radius`, as formal/Tables.v computes
    it with roundings of relative size `unit`.

    weights (n, d), targets (k, d). About linear in small radius and unit.
    """
    n, d = weights.shape
    do = Arithmetic(unit)
    of = _shared(do, weights, targets, radius)
    diagonal, widest = np.eye(d), 0.0
    for i in range(n):
        left = of.y.at(np.s_[i, :, None])
        block = do.times(do.times(left, of.y.at(np.s_[i, None])), of.own_scaled.at(i))
        block = do.minus(block, do.times(left, of.own_mixed.at(np.s_[i, None])))
        block = do.minus(block, do.times(of.own_mixed.at(np.s_[i, :, None]), of.y.at(np.s_[i, None])))
        rows = do.times(of.gamma.at(np.s_[i, :, None]), of.x)
        outer = do.total(do.times(rows.at(np.s_[:, :, None]), of.x.at(np.s_[:, None])), 0)
        block = do.plus(block, outer)
        widest = max(widest, float((block.rad + diagonal * of.own_delta.rad[i]).max()))
        for j in range(i + 1, n):
            a, b, c = (x.at((i, j)) for x in (of.alpha, of.beta, of.gamma))
            toward = do.minus(do.times(a, of.y.at(j)), do.times(b, of.x.at(i)))
            back = do.minus(do.times(c, of.x.at(i)), do.times(b, of.y.at(j)))
            block = do.times(left, toward.at(np.s_[None]))
            block = do.plus(block, do.times(of.x.at(np.s_[j, :, None]), back.at(np.s_[None])))
            widest = max(widest, float((block.rad + diagonal * of.tau.rad[i, j]).max()))
    return widest


def outside(weights: Floats, targets: Floats, radius: float, unit: float) -> Wide:
    """The (n, n) matrix of formal/Dimension.v: what the Hessian does along a further input coordinate."""
    n = len(weights)
    of = _shared(Arithmetic(unit), weights, targets, radius)
    diagonal = np.eye(n) > 0
    return Wide(
        np.where(diagonal, of.own_delta.mid[:n, None], of.tau.mid[:n, :n]),
        np.where(diagonal, of.own_delta.rad[:n, None], of.tau.rad[:n, :n]),
    )


def _shared(do: Arithmetic, weights: Floats, targets: Floats, radius: float) -> Shared:
    moving = np.concatenate([np.full_like(weights, radius), np.zeros_like(targets)])
    x = do.rounded(np.concatenate([weights, targets]), moving)
    count = len(x.mid)
    a = do.total(do.times(x, x), 1)
    inner = do.total(do.times(x.at(np.s_[:, None]), x.at(np.s_[None])), 2)
    product = do.times(a.at(np.s_[:, None]), a.at(np.s_[None]))
    squared = do.minus(product, do.times(inner, inner))
    own = np.arange(count)
    squared.mid[own, own], squared.rad[own, own] = 1.0, 0.0  # nothing is asked of a row with itself
    area = do.root(squared)
    angle = do.arctangent(do.times(inner, do.inverse(area)))
    turn = do.plus(do.constant(np.pi / 2, angle), angle)
    sign = np.concatenate([np.ones(len(weights)), -np.ones(len(targets))])
    weight = do.constant(np.outer(sign, sign) * (1 - np.eye(count)) / (2 * np.pi), area)
    gamma = do.times(weight, do.inverse(area))
    alpha, beta = do.times(product, gamma), do.times(inner, gamma)
    omega, tau = do.times(weight, area), do.times(weight, turn)
    inverse = do.inverse(a)
    y = do.times(x, inverse.at(np.s_[:, None]))
    own_delta = do.plus(do.constant(0.5, a), do.times(do.total(omega, 1), inverse))
    own_scaled = do.total(do.minus(alpha, do.plus(omega, omega)), 1)
    own_mixed = do.total(do.times(beta.at(np.s_[:, :, None]), x.at(np.s_[None])), 1)
    return Shared(x, y, alpha, beta, gamma, tau, own_delta, own_scaled, own_mixed)
