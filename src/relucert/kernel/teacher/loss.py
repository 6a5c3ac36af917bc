"""Objective, gradient and Hessian of the teacher-student ReLU loss, in balls.

docs/theorem/teacher.md section 1; Safran & Shamir 2018, equations 1, 2 and 6 to 10:

    F(W) = E (sum_i relu(w_i.x) - sum_j relu(v_j.x))^2 / 2
         = 1/2 sum f(w_i, w_j) - sum f(w_i, v_j) + 1/2 sum f(v_i, v_j).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from relucert.kernel import arccos
from relucert.kernel.arccos import Angle, Vector
from relucert.kernel.ball import Ball, BallMatrix, Dyadic, NotProved, exact, norm, square

Rows = Sequence[Sequence[Dyadic]]


class Geometry(NamedTuple):
    """Neurons, targets, and the angles of each neuron with all of them (neurons first)."""

    neurons: tuple[Vector, ...]
    targets: tuple[Vector, ...]
    angles: tuple[tuple[Angle | None, ...], ...]  # n rows of n + k; None on the diagonal


def geometry(point: Rows, targets: Rows) -> Geometry:
    """Lengths and angles. point: n rows of d, targets: k rows of d, exact dyadics.

    Raises NotProved if a neuron or a target is 0: the loss is not differentiable there.
    """
    neurons = tuple(arccos.vector([exact(x) for x in row]) for row in point)
    teachers = tuple(arccos.vector([exact(x) for x in row]) for row in targets)
    n = len(neurons)
    table: list[list[Angle | None]] = [[None] * (n + len(teachers)) for _ in range(n)]
    for i, w in enumerate(neurons):
        for j in range(i):
            table[i][j] = table[j][i] = arccos.between(w, neurons[j])
        for j, v in enumerate(teachers):
            table[i][n + j] = arccos.between(w, v)
    return Geometry(neurons, teachers, tuple(map(tuple, table)))


def _pairs(g: Geometry, i: int) -> list[tuple[int, Vector, Angle]]:
    """(sign, vector, angle) of everything that neuron i meets: +1 for neurons, -1 for targets."""
    n = len(g.neurons)
    everything = (*g.neurons, *g.targets)
    return [(1 if z < n else -1, everything[z], t) for z, t in enumerate(g.angles[i]) if t is not None]


def objective(g: Geometry) -> Ball:
    """F(W)."""
    result = sum((square(x.length) / 4 for x in (*g.neurons, *g.targets)), Ball(0))
    for i, w in enumerate(g.neurons):
        for z, (sign, other, t) in enumerate(_pairs(g, i)):
            if sign < 0 or z < i:  # unordered pairs of neurons, all pairs with a target
                result += sign * arccos.kernel(w, other, t)
    for i, v in enumerate(g.targets):
        for u in g.targets[:i]:
            result += arccos.kernel(v, u, arccos.between(v, u))
    return result


def gradient(g: Geometry) -> list[Ball]:
    """grad F(W), n * d balls, neuron after neuron: w_i/2 + sum_{j != i} g(w_i, w_j) - sum_j g(w_i, v_j)."""
    result = []
    for i, w in enumerate(g.neurons):
        along = Ball(0)
        row = [x / 2 for x in w.entries]
        for sign, other, t in _pairs(g, i):
            x, y = arccos.gradient_parts(other, t)
            along += sign * x
            weight = sign * y
            row = [r + weight * e for r, e in zip(row, other.entries, strict=True)]
        result += [r + along * u for r, u in zip(row, w.unit, strict=True)]
    return result


def curvature(g: Geometry, i: int) -> BallMatrix:
    """S_i(W) = sum_{j != i} d2f(w_i, w_j)/dw_i2 - sum_j d2f(w_i, v_j)/dw_i2, shape (d, d); S_i w_i = 0."""
    return arccos.same_block(g.neurons[i], _pairs(g, i))


def curvatures(g: Geometry) -> tuple[BallMatrix, ...]:
    """S_i(W) for every neuron."""
    return tuple(curvature(g, i) for i in range(len(g.neurons)))


def pull(g: Geometry, j: int) -> Ball:
    """psi(v_j) = sum_i f(w_i, v_j) - sum_l f(v_l, v_j): docs/theorem/wider.md section 18, Theorem 18.Z."""
    v, n = g.targets[j], len(g.neurons)
    result = -square(v.length) / 2
    for w, row in zip(g.neurons, g.angles, strict=True):
        t = row[n + j]
        if t is None:
            raise NotProved("a neuron has no angle with a target")
        result += arccos.kernel(w, v, t)
    others = (u for x, u in enumerate(g.targets) if x != j)
    return result - sum((arccos.kernel(v, u, arccos.between(v, u)) for u in others), Ball(0))


def hessian(g: Geometry) -> BallMatrix:
    """Hess F(W), shape (n d, n d); block (i, j) belongs to neurons i and j.

    Block (i, i) = I/2 + S_i(W) (`curvature`), block (i, j) is
    d2f(w_i, w_j)/dw_i dw_j, and block (j, i) its transpose.
    """
    n, d = len(g.neurons), len(g.neurons[0].entries)
    rows: list[list[Ball]] = [[] for _ in range(n * d)]
    half = Ball(1) / 2
    lower_blocks: dict[tuple[int, int], BallMatrix] = {}
    for i, w in enumerate(g.neurons):
        for j, other in enumerate(g.neurons):
            t = g.angles[i][j]
            if t is None:
                block = curvature(g, i).tolist()
                for a in range(d):
                    block[a][a] += half
            elif j < i:
                block = lower_blocks.pop((i, j)).tolist()
            else:
                mixed = arccos.mixed_block(w, other, t)
                lower_blocks[j, i] = mixed.transpose()
                block = mixed.tolist()
            for a in range(d):
                rows[i * d + a] += block[a]
    return BallMatrix(rows)


def outside(g: Geometry) -> BallMatrix:
    """M, shape (n, n): what Hess F does along one input coordinate that neither neurons nor targets use.

    docs/theorem/teacher.md section 7, Theorem M: M_ii = 1/2 + sum (+-) |z| sin t/(2 pi |w_i|) over everything that
    neuron i meets, M_ij = (pi - t)/(2 pi).
    """
    n = len(g.neurons)
    rows = [[Ball(i == j) / 2 for j in range(n)] for i in range(n)]
    for i, w in enumerate(g.neurons):
        for z, (sign, other, t) in enumerate(_pairs(g, i)):
            along, turn = arccos.gradient_parts(other, t)
            rows[i][i] += sign * along / w.length
            if sign > 0:
                rows[i][z + (z >= i)] = turn
    return BallMatrix(rows)


def distance(point: Rows, other: Rows) -> Ball:
    """Euclidean distance of two points of the same shape."""
    pairs = zip(point, other, strict=True)
    return norm([exact(x) - exact(y) for p, q in pairs for x, y in zip(p, q, strict=True)])
