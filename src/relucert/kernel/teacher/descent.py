"""One step of gradient descent on the teacher-student loss with targets e_1 .. e_k, enclosed: docs/theorem/runs.md
and, for output weights of both signs and the activations max(t, alpha t), docs/theorem/signed-runs.md.

Iterates are exact points. A step is evaluated in balls, its centre is the next iterate, and its radii are the error.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from relucert.kernel.ball import (
    Ball,
    BallMatrix,
    Dyadic,
    NotProved,
    exact,
    pi,
    precision,
    proves_positive,
    radius,
    root,
)
from relucert.kernel.teacher.loss import Leak, Network, outputs


class View(NamedTuple):
    """An exact point Y with n neurons, and how they meet one another and the targets.

    squares: |w_i|^2. crosses[i][z] = |w_i| |z| sin t, turns[i][z] = pi - t, t the angle of w_i and z; z runs over the
    n neurons (0 and pi at z = i), then over the k targets. weights: a_1 .. a_n, -b_1 .. -b_k. leak: None: ReLU.
    """

    point: BallMatrix
    squares: Sequence[Ball]
    crosses: Sequence[Sequence[Ball]]
    turns: Sequence[Sequence[Ball]]
    weights: Sequence[int]
    leak: Leak | None


def matrix(rows: Sequence[Sequence[Dyadic]]) -> BallMatrix:
    """The exact matrix of a point."""
    return BallMatrix([[exact(x) for x in row] for row in rows])


def view(point: BallMatrix, bits: int, network: Network | None = None) -> View:
    """`point`: (n, k), exact. network: None for output weights 1 and the ReLU.

    Raises NotProved if a neuron is not proved to differ from 0, ValueError for a network that does not fit.

    (|w| |z| sin t)^2 = |w|^2 |z|^2 - (w.z)^2 cancels where vectors are nearly parallel: it is taken at twice the bits.
    """
    n = point.nrows()
    with precision(2 * bits):
        products, entries = (point * point.transpose()).tolist(), point.tolist()
        squares = [products[i][i] for i in range(n)]
        gaps = [
            [squares[i] * squares[j] - products[i][j] * products[i][j] for j in range(i)] for i in range(n)
        ]
        aside = [[square - x * x for x in row] for square, row in zip(squares, entries, strict=True)]
    if not all(map(proves_positive, squares)):
        raise NotProved("a neuron is not proved to differ from 0")
    with precision(bits):
        weights, leak = outputs(network, n, point.ncols())
        crosses = [[Ball(0)] * n for _ in range(n)]
        turns = [[pi()] * n for _ in range(n)]
        for i in range(n):
            for j in range(i):
                side = root(gaps[i][j])
                crosses[i][j] = crosses[j][i] = side
                turns[i][j] = turns[j][i] = _turn(side, products[i][j])
            sides = [root(x) for x in aside[i]]
            crosses[i] += sides
            turns[i] += [_turn(side, x) for side, x in zip(sides, entries[i], strict=True)]
    return View(point, squares, crosses, turns, weights, leak)


def _turn(side: Ball, product: Ball) -> Ball:
    """pi - t, from multiples of sin t and cos t; a side of 0 may reach below it, so the cut of atan2 is kept away."""
    if proves_positive(product):
        return pi() - Ball.atan2(side, product)
    return Ball.atan2(side, -product)


def signed(at: View, i: int, row: Sequence[Ball]) -> list[Ball]:
    """(+-) row[z] for everything that neuron i meets: the product of the weights of the two."""
    own = at.weights[i]
    return [x if weight == own else -x for x, weight in zip(row, at.weights, strict=True)]


def bends(at: View) -> list[Ball]:
    """sum (+-) |w_i| |z| sin t over everything that neuron i meets."""
    n = len(at.squares)
    rows = [signed(at, i, row) for i, row in enumerate(at.crosses)]
    return [sum(row[:n], Ball(0)) + sum(row[n:], Ball(0)) for row in rows]


def _pulls(at: View) -> list[list[Ball]]:
    """(+-) l(t), shape (n, n + k): l(t) = pi - t for the ReLU, (1 - alpha)^2 (pi - t) + 2 pi alpha with a leak."""
    rows = at.turns
    if at.leak is not None:
        scale, shift = at.leak.scale, 2 * pi() * at.leak.slope
        rows = [[scale * x + shift for x in row] for row in rows]
    return [signed(at, i, row) for i, row in enumerate(rows)]


def scaled(at: View, x: Ball) -> Ball:
    """(1 - alpha)^2 x."""
    return x if at.leak is None else at.leak.scale * x


def slope(at: View) -> BallMatrix:
    """2 pi grad F(Y), shape (n, k): rows l(0) w_i + sum (+-) ((1 - alpha)^2 (|z| sin t) w_i/|w_i| + l(t) z).

    docs/theorem/teacher.md section 1, docs/theorem/signed-runs.md section 20.1.
    """
    n, pulls = len(at.squares), _pulls(at)
    own = [row[:n] for row in pulls]
    for i, (bend, size) in enumerate(zip(bends(at), at.squares, strict=True)):
        own[i][i] += scaled(at, bend / size)
    return BallMatrix(own) * at.point + BallMatrix([row[n:] for row in pulls])


def moved(at: View, slope: BallMatrix, step: Ball) -> tuple[BallMatrix, Ball]:
    """(Y', delta): an exact point and a bound of |Y' - Y + s grad F(Y)|; slope = 2 pi grad F(Y), step = s."""
    after = at.point - slope * (step / (2 * pi()))
    middle = after.mid()
    ones = BallMatrix(1, after.ncols(), [1] * after.ncols())
    spread = BallMatrix(1, after.nrows(), [1] * after.nrows()) * (after - middle) * ones.transpose()
    return middle, radius(spread[0, 0])  # the sum of all radii is at least the norm


def objective(at: View) -> Ball:
    """F(Y): 4 pi F is the sum of (+-)(+-) ((1 - alpha)^2 |x| |y| sin t + l(t) x.y) over all ordered pairs of neurons
    and targets, x and y, each with the sign of its weight."""
    n, k = len(at.squares), at.point.ncols()
    entries, products = at.point.tolist(), (at.point * at.point.transpose()).tolist()
    pulls = _pulls(at)
    mixed = Ball(sum(at.weights[n:]) ** 2 - k)  # of the targets, at right angles to one another
    total = pulls[0][0] * (sum(at.squares, Ball(0)) + k) + scaled(at, mixed)
    for i in range(n):
        sides = signed(at, i, at.crosses[i])
        for z in (*range(i), *range(n, n + k)):
            product = products[i][z] if z < n else entries[i][z - n]
            total += 2 * (scaled(at, sides[z]) + pulls[i][z] * product)
    return total / (4 * pi())
