"""One step of gradient descent on the teacher-student loss with targets e_1 .. e_k, enclosed: docs/theorem/runs.md.

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


class View(NamedTuple):
    """An exact point Y with n neurons, and how they meet one another and the targets.

    squares: |w_i|^2. crosses[i][z] = |w_i| |z| sin t, turns[i][z] = pi - t, t the angle of w_i and z; z runs over the
    n neurons (0 and pi at z = i), then over the k targets.
    """

    point: BallMatrix
    squares: Sequence[Ball]
    crosses: Sequence[Sequence[Ball]]
    turns: Sequence[Sequence[Ball]]


def matrix(rows: Sequence[Sequence[Dyadic]]) -> BallMatrix:
    """The exact matrix of a point."""
    return BallMatrix([[exact(x) for x in row] for row in rows])


def view(point: BallMatrix, bits: int) -> View:
    """`point`: (n, k), exact. Raises NotProved if a neuron is not proved to differ from 0.

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
    return View(point, squares, crosses, turns)


def _turn(side: Ball, product: Ball) -> Ball:
    """pi - t, from multiples of sin t and cos t; a side of 0 may reach below it, so the cut of atan2 is kept away."""
    if proves_positive(product):
        return pi() - Ball.atan2(side, product)
    return Ball.atan2(side, -product)


def bends(at: View) -> list[Ball]:
    """sum (+-) |w_i| |z| sin t over everything that neuron i meets: plus for neurons, minus for targets."""
    n = len(at.squares)
    return [sum(row[:n], Ball(0)) - sum(row[n:], Ball(0)) for row in at.crosses]


def slope(at: View) -> BallMatrix:
    """2 pi grad F(Y), shape (n, k): rows pi w_i + sum (+-) ((|z| sin t) w_i/|w_i| + (pi - t) z).

    docs/theorem/teacher.md section 1.
    """
    n = len(at.squares)
    pull = [[*row[:n]] for row in at.turns]
    for i, (bend, square) in enumerate(zip(bends(at), at.squares, strict=True)):
        pull[i][i] += bend / square
    return BallMatrix(pull) * at.point - BallMatrix([row[n:] for row in at.turns])


def moved(at: View, slope: BallMatrix, step: Ball) -> tuple[BallMatrix, Ball]:
    """(Y', delta): an exact point and a bound of |Y' - Y + s grad F(Y)|; slope = 2 pi grad F(Y), step = s."""
    after = at.point - slope * (step / (2 * pi()))
    middle = after.mid()
    ones = BallMatrix(1, after.ncols(), [1] * after.ncols())
    spread = BallMatrix(1, after.nrows(), [1] * after.nrows()) * (after - middle) * ones.transpose()
    return middle, radius(spread[0, 0])  # the sum of all radii is at least the norm


def objective(at: View) -> Ball:
    """F(Y) = (sum (+-) (|x| |y| sin t + (pi - t) x.y))/(4 pi) over all ordered pairs of neurons and targets."""
    n, k = len(at.squares), at.point.ncols()
    entries, products = at.point.tolist(), (at.point * at.point.transpose()).tolist()
    total = pi() * (sum(at.squares, Ball(0)) + k) + k * (k - 1)
    for i in range(n):
        for j in range(i):
            total += 2 * (at.crosses[i][j] + at.turns[i][j] * products[i][j])
        for a in range(k):
            total -= 2 * (at.crosses[i][n + a] + at.turns[i][n + a] * entries[i][a])
    return total / (4 * pi())
