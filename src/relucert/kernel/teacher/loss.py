"""Objective, gradient and Hessian of the teacher-student loss, in balls.

docs/theorem/teacher.md section 1; Safran & Shamir 2018, equations 1, 2 and 6 to 10:

    F(W) = E (sum_i relu(w_i.x) - sum_j relu(v_j.x))^2 / 2
         = 1/2 sum f(w_i, w_j) - sum f(w_i, v_j) + 1/2 sum f(v_i, v_j).

With output weights a_i, b_j = +-1 and the activation max(t, alpha t) (docs/theorem/signed.md, Lemma 20.F)

    F(W) = (1 - alpha)^2 F_0(W) + alpha |sum_i a_i w_i - sum_j b_j v_j|^2 / 2,

F_0 as above with each f multiplied by the output weights of its two vectors.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from relucert.kernel import arccos
from relucert.kernel.arccos import Angle, Vector
from relucert.kernel.ball import Ball, BallMatrix, Dyadic, NotProved, exact, norm, square

Rows = Sequence[Sequence[Dyadic]]


class Network(NamedTuple):
    """What output weights and which activation: a_1 .. a_n, b_1 .. b_k, each 1 or -1, and alpha = p/q."""

    signs: tuple[int, ...]
    teacher: tuple[int, ...]
    slope: tuple[int, int]


class Leak(NamedTuple):
    """The activation max(t, alpha t), alpha != 0."""

    slope: Ball  # alpha
    scale: Ball  # (1 - alpha)^2


class Geometry(NamedTuple):
    """Neurons, targets, and the angles of each neuron with all of them (neurons first)."""

    neurons: tuple[Vector, ...]
    targets: tuple[Vector, ...]
    angles: tuple[tuple[Angle | None, ...], ...]  # n rows of n + k; None on the diagonal
    weights: tuple[int, ...]  # of the n + k in the network minus the teacher: a_1 .. a_n, -b_1 .. -b_k
    leak: Leak | None  # None: ReLU


def geometry(point: Rows, targets: Rows, network: Network | None = None) -> Geometry:
    """Lengths and angles. point: n rows of d, targets: k rows of d, exact dyadics. network: None for output
    weights 1 and the ReLU.

    Raises NotProved if a neuron or a target is 0: the loss is not differentiable there. Raises ValueError for
    a network that does not fit, or whose slope is not in [-1, 1).
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
    weights, leak = outputs(network, n, len(teachers))
    return Geometry(neurons, teachers, tuple(map(tuple, table)), weights, leak)


def outputs(network: Network | None, n: int, k: int) -> tuple[tuple[int, ...], Leak | None]:
    """The weights of n neurons and k targets in the network minus the teacher, and the leak; network as for `geometry`.

    Raises ValueError.
    """
    of = network or Network((1,) * n, (1,) * k, (0, 1))
    if (len(of.signs), len(of.teacher)) != (n, k) or not {*of.signs, *of.teacher} <= {1, -1}:
        raise ValueError("expected one output weight, 1 or -1, for each neuron and each target")
    numerator, denominator = of.slope
    if not (denominator > 0 and -denominator <= numerator < denominator):
        raise ValueError("expected a slope p/q with -1 <= p/q < 1")
    slope = Ball(numerator) / denominator
    leak = Leak(slope, square(Ball(denominator - numerator) / denominator)) if numerator else None
    return (*of.signs, *(-b for b in of.teacher)), leak


def plain(g: Geometry) -> bool:
    """Whether all output weights are 1 and the activation is the ReLU."""
    return g.leak is None and g.weights == (1,) * len(g.neurons) + (-1,) * len(g.targets)


def pairs(g: Geometry, i: int) -> list[tuple[int, Vector, Angle]]:
    """(sign, vector, angle) of everything that neuron i meets, neurons first. sign: the product of the weights
    of the two, with output weights 1 it is 1 for neurons and -1 for targets."""
    everything, own = (*g.neurons, *g.targets), g.weights[i]
    return [(own * g.weights[z], everything[z], t) for z, t in enumerate(g.angles[i]) if t is not None]


def _apart(g: Geometry) -> list[Ball]:
    """sum_i a_i w_i - sum_j b_j v_j, d balls."""
    rows = [z.entries for z in (*g.neurons, *g.targets)]
    signed = ([x if a > 0 else -x for x in row] for a, row in zip(g.weights, rows, strict=True))
    return [sum(column, Ball(0)) for column in zip(*signed, strict=True)]


def objective(g: Geometry) -> Ball:
    """F(W)."""
    n = len(g.neurons)
    result = sum((square(x.length) / 4 for x in (*g.neurons, *g.targets)), Ball(0))
    for i, w in enumerate(g.neurons):
        for z, (sign, other, t) in enumerate(pairs(g, i)):
            if z < i or z >= n - 1:  # unordered pairs of neurons, all pairs with a target
                result += sign * arccos.kernel(w, other, t)
    for i, v in enumerate(g.targets):
        for j, u in enumerate(g.targets[:i]):
            term = arccos.kernel(v, u, arccos.between(v, u))
            result += term if g.weights[n + i] == g.weights[n + j] else -term
    if g.leak is None:
        return result
    square_apart = sum((square(x) for x in _apart(g)), Ball(0))
    return g.leak.scale * result + g.leak.slope * square_apart / 2


def gradient(g: Geometry) -> list[Ball]:
    """grad F(W), n * d balls, neuron after neuron. With output weights 1 and the ReLU,
    w_i/2 + sum_{j != i} g(w_i, w_j) - sum_j g(w_i, v_j)."""
    result = _relu_gradient(g)
    if g.leak is None:
        return result
    pull = [g.leak.slope * x for x in _apart(g)]
    along = [x if a > 0 else -x for a in g.weights[: len(g.neurons)] for x in pull]
    return [g.leak.scale * x + y for x, y in zip(result, along, strict=True)]


def _relu_gradient(g: Geometry) -> list[Ball]:
    result = []
    for i, w in enumerate(g.neurons):
        along = Ball(0)
        row = [x / 2 for x in w.entries]
        for sign, other, t in pairs(g, i):
            x, y = arccos.gradient_parts(other, t)
            along += sign * x
            weight = sign * y
            row = [r + weight * e for r, e in zip(row, other.entries, strict=True)]
        result += [r + along * u for r, u in zip(row, w.unit, strict=True)]
    return result


def curvature(g: Geometry, i: int) -> BallMatrix:
    """S_i(W) = sum_{j != i} d2f(w_i, w_j)/dw_i2 - sum_j d2f(w_i, v_j)/dw_i2, shape (d, d); S_i w_i = 0.

    With output weights, each term is multiplied by those of its two vectors. Of the ReLU, whatever the activation.
    """
    return arccos.same_block(g.neurons[i], pairs(g, i))


def split_curvature(g: Geometry, i: int) -> BallMatrix:
    """(1 - alpha)^2 S_i(W), shape (d, d): what splits of neuron i add, with the activation max(t, alpha t).

    docs/theorem/wider.md, Theorem 18.S.
    """
    matrix = curvature(g, i)
    return matrix if g.leak is None else matrix * g.leak.scale


def curvatures(g: Geometry) -> tuple[BallMatrix, ...]:
    """S_i(W) for every neuron."""
    return tuple(curvature(g, i) for i in range(len(g.neurons)))


def pull(g: Geometry, j: int) -> Ball:
    """psi(v_j) = sum_i f(w_i, v_j) - sum_l f(v_l, v_j): docs/theorem/wider.md section 18, Theorem 18.Z.

    Raises NotProved with output weights or an activation of another kind.
    """
    v, n = g.targets[j], len(g.neurons)
    if not plain(g):
        raise NotProved("Theorem 18.Z is proved for output weights 1 and the ReLU only")
    result = -square(v.length) / 2
    for w, row in zip(g.neurons, g.angles, strict=True):
        t = row[n + j]
        if t is None:
            raise NotProved("a neuron has no angle with a target")
        result += arccos.kernel(w, v, t)
    others = (u for x, u in enumerate(g.targets) if x != j)
    return result - sum((arccos.kernel(v, u, arccos.between(v, u)) for u in others), Ball(0))


def hessian(g: Geometry) -> BallMatrix:
    """Hess F(W), shape (n d, n d); block (i, j) belongs to neurons i and j."""
    return with_leak(g, relu_hessian(g))


def with_leak(g: Geometry, matrix: BallMatrix) -> BallMatrix:
    """(1 - alpha)^2 A + alpha (a a^T) (x) I, A = matrix of n x n blocks: docs/theorem/signed.md, Lemma 20.F."""
    if g.leak is None:
        return matrix
    n, rows = len(g.neurons), (matrix * g.leak.scale).tolist()
    size = len(rows) // n
    for i in range(n):
        for j in range(n):
            for c in range(size):
                rows[i * size + c][j * size + c] += g.weights[i] * g.weights[j] * g.leak.slope
    return BallMatrix(rows)


def relu_hessian(g: Geometry) -> BallMatrix:
    """Hess F_0(W), shape (n d, n d): with the ReLU, whatever the activation.

    Block (i, i) = I/2 + S_i(W) (`curvature`), block (i, j) is a_i a_j
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
                if g.weights[i] != g.weights[j]:
                    mixed = -mixed
                lower_blocks[j, i] = mixed.transpose()
                block = mixed.tolist()
            for a in range(d):
                rows[i * d + a] += block[a]
    return BallMatrix(rows)


def outside(g: Geometry) -> BallMatrix:
    """M, shape (n, n): what Hess F does along one input coordinate that neither neurons nor targets use.

    docs/theorem/teacher.md section 7, Theorem M: M_ii = 1/2 + sum (+-) |z| sin t/(2 pi |w_i|) over everything that
    neuron i meets, M_ij = (pi - t)/(2 pi). docs/theorem/signed.md, Theorem 20.M, for the rest.
    """
    n = len(g.neurons)
    rows = [[Ball(i == j) / 2 for j in range(n)] for i in range(n)]
    for i, w in enumerate(g.neurons):
        for z, (sign, other, t) in enumerate(pairs(g, i)):
            along, turn = arccos.gradient_parts(other, t)
            rows[i][i] += sign * along / w.length
            if z < n - 1:
                rows[i][z + (z >= i)] = turn if sign > 0 else -turn
    return with_leak(g, BallMatrix(rows))


def distance(point: Rows, other: Rows) -> Ball:
    """Euclidean distance of two points of the same shape."""
    rows = zip(point, other, strict=True)
    return norm([exact(x) - exact(y) for p, q in rows for x, y in zip(p, q, strict=True)])
