"""Lemma 14.B: how much the outputs of a network bend near a point."""

from typing import NamedTuple

import numpy as np

from relucert_audit import interval as ivl
from relucert_audit.finding import TooWeak
from relucert_audit.interval import Interval, dyadic

ROUNDS = 50
Row = list[Interval]  # H + 1 numbers, upper bounds


class Shape(NamedTuple):
    """factors: k_1, .., k_H; first, second: L and b of the activation. Upper bounds."""

    factors: list[Interval]
    first: Interval
    second: Interval
    residual: bool


class Sizes(NamedTuple):
    """Of one sample, or bounds for all: |x_0|, .., |x_H|; |g_1|, .., |g_H|; largest entries of g_1, .., g_H."""

    signals: list[Interval]
    gradients: list[Interval]
    entries: list[Interval]


def unit(length: int, at: int) -> Row:
    return [dyadic(int(k == at), 0) for k in range(length)]


def plus(*rows: Row) -> Row:
    return [sum(column[1:], column[0]) for column in zip(*rows, strict=True)]


def scaled(factor: Interval, row: Row) -> Row:
    return [factor * x for x in row]


def size(row: Row) -> Interval:
    return ivl.root(sum((x**2 for x in row[1:]), row[0] ** 2)).b


def bend(shape: Shape, norms: Row, at: Sizes, R: Interval) -> Interval:
    """|T|, R >= 0; norms: at least |W_1|, .., |W_H| at the point. Theorem 14.B."""
    H, L, k, omega = len(norms), shape.first, shape.factors, [w + R for w in norms]
    p, z = [[dyadic(0, 0)] * (H + 1)], []
    for h in range(H):  # layer h + 1
        signal = at.signals[h] + size(p[h]) * R
        z.append(plus(scaled(omega[h], p[h]), scaled(signal, unit(H + 1, h))))
        p.append(scaled(k[h] * L, z[h]))
        if shape.residual and h:
            p[h + 1] = plus(p[h + 1], p[h])
    total = outer(unit(H + 1, H), p[H])
    back = unit(H + 1, H)
    for h in reversed(range(H)):
        length = size(back) * R
        gradient, entry = at.gradients[h] + length, at.entries[h] + length
        curve = k[h] * shape.second * entry
        total = [plus(a, scaled(curve * x, z[h])) for a, x in zip(total, z[h], strict=True)]
        crossed = outer(scaled(k[h] * L * gradient, unit(H + 1, h)), p[h])
        total = [plus(a, b) for a, b in zip(total, crossed, strict=True)]
        if h:
            inner = plus(scaled(curve, z[h]), scaled(k[h] * L, back))
            through = plus(scaled(k[h] * L * gradient, unit(H + 1, h)), scaled(omega[h], inner))
            back = plus(through, back) if shape.residual else through
    return largest(total)


def outer(a: Row, b: Row) -> list[Row]:
    """a^T b + b^T a."""
    return [[x * v + y * u for u, v in zip(a, b, strict=True)] for x, y in zip(a, b, strict=True)]


def largest(total: list[Row]) -> Interval:
    """At least the norm of a symmetric matrix without negative entries: max_i (T v)_i/v_i, for any positive v."""
    middle = np.array([[float(x.b) for x in row] for row in total])
    top = middle.max()
    if not 0 < top < np.inf:
        raise TooWeak("no bound of the second derivative")
    v = np.ones(len(middle))
    for _ in range(ROUNDS):
        v = middle / top @ v + 1e-3 * v  # only a guess: a good v makes the bound sharp
        v /= v.max()
    exact = [dyadic(max(int(x * 2.0**40), 1), -40) for x in v]
    ratios = [sum((x * y for x, y in zip(row, exact, strict=True)), dyadic(0, 0)) for row in total]
    return ivl.maximum([ratio / y for ratio, y in zip(ratios, exact, strict=True)]).b
