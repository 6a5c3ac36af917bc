"""The Hessian of the teacher-student ReLU loss as integers with one error: docs/theorem/teacher.md sections 1 and 3.

The matrix that `loss.hessian` encloses entry by entry in balls, at a fraction of the cost.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import NamedTuple

from relucert.kernel import arccos, ball
from relucert.kernel.arccos import Angle, Vector
from relucert.kernel.ball import (
    Ball,
    BallMatrix,
    Integer,
    IntegerMatrix,
    NotProved,
    exact,
    norm,
    pi,
    root,
    square,
    upper,
)
from relucert.kernel.fixed import WORD, Fixed, exponent, rounded
from relucert.kernel.teacher.loss import Geometry, plain

FRACTION = 72  # bits after the binary point of directions and their factors
Block = Sequence[Sequence[int]]


class _Direction(NamedTuple):
    """A unit vector within `error` of entries 2^-FRACTION."""

    entries: tuple[Integer, ...]
    error: Ball


def fixed_hessian(g: Geometry, curvatures: Sequence[BallMatrix]) -> Fixed:
    """Hess F(W), shape (n d, n d). curvatures: S_i(W) of `loss.curvature` for every neuron.

    All its blocks are symmetric, those off the diagonal too (`arccos.mixed_block`).
    """
    if not plain(g):
        raise ValueError("the Hessian in integers is that of output weights 1 and the ReLU")
    n, d = len(g.neurons), len(g.neurons[0].entries)
    half = BallMatrix([[Ball(a == b) / 2 for b in range(d)] for a in range(d)])
    own = [half + s for s in curvatures]
    # Every entry is below the norm of its block: 1/2 + 1/(2 pi) at most off the diagonal (`arccos.mixed_block`).
    places = WORD - max(0, *(exponent(norm(s.entries())) for s in own))
    rows = [array("q", bytes(8 * n * d)) for _ in range(n * d)]
    directions = [_direction(w) for w in g.neurons]
    squares = Ball(0)
    for i in range(n):
        block, _, error = rounded(own[i], places)
        squares += square(error)
        _place(rows, i * d, i * d, block)
        for j, t in enumerate(g.angles[i][:i]):
            if t is None:
                raise NotProved("a neuron has no angle with another")
            if ball.proves_lt(arccos.NEARLY_PARALLEL, t.sin):
                block, error = _swapped(directions[i], directions[j], t, places)
            else:
                block, _, error = rounded(arccos.mixed_block(g.neurons[i], g.neurons[j], t), places)
            squares += 2 * square(error)
            _place(rows, i * d, j * d, block)
            _place(rows, j * d, i * d, block)
    return Fixed(rows, places, upper(root(squares)))


def _place(rows: Sequence[array[int]], down: int, right: int, block: Block) -> None:
    for row, part in zip(rows[down : down + len(block)], block, strict=True):
        row[right : right + len(part)] = array("q", part)


def _direction(w: Vector) -> _Direction:
    near = tuple(ball.integer_near(x, FRACTION) for x in w.unit)
    apart = BallMatrix([w.unit]) - BallMatrix(IntegerMatrix([near])) * exact((1, -FRACTION))
    return _Direction(near, upper(norm(apart.entries())))


def _factor(a: Ball, places: int) -> tuple[int, Ball]:
    """An integer, and how far a is from it times 2^-places."""
    near = ball.integer_near(a, places)
    return near, upper(abs(a - exact((near, -places))))


def _swapped(a: _Direction, b: _Direction, t: Angle, places: int) -> tuple[Block, Ball]:
    """d2f(w_i, w_j)/dw_i dw_j = x I + y (a b^T + b a^T) - z (a a^T + b b^T) as `rounded` gives it, where
    x = (pi - t)/(2 pi), y = 1/(2 pi s), z = c y (`arccos.mixed_block`). This matrix is symmetric.

    For unit vectors at most e, e' from a and b, each matrix of theirs is at most 2 (e + e' + max(e, e')^2) from
    the one in brackets, whose norm is at most 2; rounding an entry of the result adds half a unit.
    """
    d, scale = len(a.entries), 1 / (2 * pi() * t.sin)
    turn, e_x = _factor((pi() - t.theta) / (2 * pi()), places)
    (both, e_y), (each, e_z) = _factor(scale, FRACTION), _factor(scale * t.cos, FRACTION)
    pair = IntegerMatrix([a.entries, b.entries])
    inner = IntegerMatrix([[-each, both], [both, -each]])
    table = (pair.transpose() * (inner * pair)).tolist()
    down = 3 * FRACTION - places
    half = 1 << down - 1
    block = [[int(x) + half >> down for x in row] for row in table]  # int first: its shifts are faster
    for i in range(d):
        block[i][i] += turn
    vectors = 2 * (a.error + b.error + square(a.error.max(b.error)))
    factors = abs(exact((both, -FRACTION))) + abs(exact((each, -FRACTION)))
    slack = root(Ball(d)) * e_x + exact((d, -places - 1))
    return block, upper(factors * vectors + 2 * (e_y + e_z) + slack)
