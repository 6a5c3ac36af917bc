"""The Hessian of the teacher-student loss as integers with one error: docs/theorem/teacher.md sections 1 and 3.

The matrix that `loss.hessian` encloses entry by entry in balls, at a fraction of the cost.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import NamedTuple

from relucert.kernel import arccos, ball
from relucert.kernel.arccos import Angle, Vector
from relucert.kernel.ball import (
    Ball,
    BallMatrix,
    IntegerMatrix,
    NotProved,
    exact,
    norm,
    pi,
    root,
    square,
    upper,
)
from relucert.kernel.fixed import Fixed, Grid, identity, pieces, rounded
from relucert.kernel.teacher.loss import Geometry

FRACTION = 54  # bits after the binary point of directions and of what they are multiplied by
PLACES = 2 * FRACTION
LEAST_SINE = Ball(2.0**-6)  # of an angle whose block may come from rounded directions
LEAST_PART = 16  # rows of a block of the matrix: many small blocks would cost more than their products


class _Direction(NamedTuple):
    """A unit vector within `error` of entries 2^-FRACTION."""

    entries: tuple[int, ...]
    error: Ball


class _Block(NamedTuple):
    """The (d, d) block of two neurons, within `error` of integers 2^-PLACES."""

    integers: IntegerMatrix
    error: Ball


def fixed_hessian(g: Geometry, curvatures: Sequence[BallMatrix]) -> Fixed:
    """Hess F(W), shape (n d, n d). curvatures: S_i(W) of `loss.curvature` for every neuron.

    All its blocks are symmetric, those off the diagonal too (`arccos.mixed_block`).
    """
    n, d = len(g.neurons), len(g.neurons[0].entries)
    directions = [_direction(w) for w in g.neurons]
    one = identity(d, 1)
    blocks: list[list[IntegerMatrix]] = []
    squares = Ball(0)
    for i, curvature in enumerate(curvatures):
        line = [_mixed(g, i, j, directions, one) for j in range(i)]
        own = _own(g, curvature, one)
        squares += square(own.error) + 2 * sum((square(block.error) for block in line), Ball(0))
        blocks.append([*(block.integers for block in line), own.integers])
    groups = pieces(n, -(-LEAST_PART // d))
    grid = [[_joined(blocks, rows, columns) for columns in groups[: x + 1]] for x, rows in enumerate(groups)]
    parts = [slice(d * group.start, d * group.stop) for group in groups]
    return Fixed(parts, grid, PLACES, upper(root(squares)))


def _joined(blocks: Grid, rows: slice, columns: slice) -> IntegerMatrix:
    """One matrix of the blocks of several neurons."""
    tables = [
        [_block(blocks, i, j) for j in range(columns.start, columns.stop)]
        for i in range(rows.start, rows.stop)
    ]
    if len(tables) == len(tables[0]) == 1:
        return tables[0][0]
    lines = (zip(*(block.tolist() for block in line), strict=True) for line in tables)
    return IntegerMatrix([list(chain.from_iterable(parts)) for line in lines for parts in line])


def _block(blocks: Grid, i: int, j: int) -> IntegerMatrix:
    return blocks[i][j] if j <= i else blocks[j][i].transpose()


def _direction(w: Vector) -> _Direction:
    near = tuple(ball.integer_near(x, FRACTION) for x in w.unit)
    return _Direction(
        near, upper(norm([x - exact((m, -FRACTION)) for x, m in zip(w.unit, near, strict=True)]))
    )


def _scaled(g: Geometry) -> tuple[Ball, Ball]:
    """((1 - alpha)^2, alpha): Hess F = (1 - alpha)^2 Hess F_0 + alpha (a a^T) (x) I (docs/theorem/signed.md,
    Lemma 20.F)."""
    return (Ball(1), Ball(0)) if g.leak is None else (g.leak.scale, g.leak.slope)


def _own(g: Geometry, curvature: BallMatrix, one: IntegerMatrix) -> _Block:
    """The block (i, i): (1 - alpha)^2 (I/2 + S_i) + alpha I."""
    scale, slope = _scaled(g)
    return _Block(*rounded(curvature * scale + BallMatrix(one) * (scale / 2 + slope), PLACES))


def _mixed(g: Geometry, i: int, j: int, directions: Sequence[_Direction], one: IntegerMatrix) -> _Block:
    """The block (i, j): a_i a_j ((1 - alpha)^2 d2f(w_i, w_j)/dw_i dw_j + alpha I)."""
    t, (scale, slope) = g.angles[i][j], _scaled(g)
    if t is None:
        raise NotProved("a neuron has no angle with another")
    if g.weights[i] != g.weights[j]:
        scale, slope = -scale, -slope
    if ball.proves_lt(LEAST_SINE, t.sin):
        return _swapped(directions[i], directions[j], t, scale, slope)
    whole = arccos.mixed_block(g.neurons[i], g.neurons[j], t)
    return _Block(*rounded(whole * scale + BallMatrix(one) * slope, PLACES))


def _factor(a: Ball, places: int) -> tuple[int, Ball]:
    """An integer, and how far a is from it times 2^-places."""
    near = ball.integer_near(a, places)
    return near, upper(abs(a - exact((near, -places))))


def _swapped(a: _Direction, b: _Direction, t: Angle, scale: Ball, slope: Ball) -> _Block:
    """x I + a p^T + b q^T, p = y b - z a, q = y a - z b, where x = scale (pi - t)/(2 pi) + slope,
    y = scale/(2 pi s), z = c y (`arccos.mixed_block`). This matrix is symmetric.

    For unit vectors at most e from a', b', p is at most e_p = (|y'| + |z'|) e + e_y + e_z + sqrt d 2^-(FRACTION + 1)
    from its rounded p', |p'| at most (|y'| + |z'|) (1 + e) + sqrt d 2^-(FRACTION + 1), and a p^T at most e_p + e |p'|
    from a' p'^T: docs/theorem/teacher.md section 3.
    """
    around = 2 * pi()
    steep = scale / (around * t.sin)
    turn, e_x = _factor(scale * (pi() - t.theta) / around + slope, PLACES)
    (both, e_y), (each, e_z) = _factor(steep, FRACTION), _factor(steep * t.cos, FRACTION)
    pair = IntegerMatrix([a.entries, b.entries])
    half = 1 << FRACTION - 1
    partners = [
        [int(x) + half >> FRACTION for x in row]  # int first: its shifts are faster
        for row in (IntegerMatrix([[-each, both], [both, -each]]) * pair).tolist()
    ]
    block, d = pair.transpose() * IntegerMatrix(partners), len(a.entries)
    for c in range(d):
        block[c, c] += turn
    wide, apart, size = root(Ball(d)), a.error.max(b.error), exact((abs(both) + abs(each), -FRACTION))
    rounding = wide * exact((1, -FRACTION - 1))
    rough = size * apart + e_y + e_z + rounding
    length = size * (1 + apart) + rounding
    return _Block(block, upper(wide * e_x + 2 * rough + 2 * apart * length))
