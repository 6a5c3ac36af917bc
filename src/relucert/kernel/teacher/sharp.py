"""A Hessian-Lipschitz constant that sees directions, not only lengths: docs/theorem/teacher.md section 2, Theorem B'.

What depends on the point alone is computed once (`shape`); a radius then costs little (`theorem_b_sharp`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from relucert.kernel import arccos, ball
from relucert.kernel.arccos import Angle, Vector
from relucert.kernel.ball import Ball, BallMatrix, NotProved, largest, norm, pi, root, square, upper
from relucert.kernel.norms import largest_on_sphere, spectral_norm
from relucert.kernel.teacher import lipschitz
from relucert.kernel.teacher.loss import Geometry


class Far(NamedTuple):
    """Neurons or targets z that are far from being parallel to a neuron w_i, in the sense of Theorem B'.

    Where symmetry makes several alike (docs/theorem/teacher.md section 7), one stands for all.
    """

    place: int  # neurons first, then targets
    number: int  # of those that are alike
    acute: Ball  # min(t, pi - t), t the angle of z and w_i
    length: Ball  # |z|
    along: Ball  # |zeta| = |z| |cos t|


class Row(NamedTuple):
    """What Theorem B' needs about a neuron w_i before the radius is known."""

    bend: Ball  # |B_i|
    skew: Ball  # g_i
    near: Ball  # sum of |z| over everything that is not far
    near_neurons: int
    near_targets: int
    cosines: Ball  # sum of cos^2 over the far neurons
    far: tuple[Far, ...]


class Shape(NamedTuple):
    """What Theorem B' needs about a point before the radius is known. Neurons that are alike, which have
    the same row, may be listed once, and so may targets."""

    neurons: tuple[Ball, ...]  # their lengths
    targets: tuple[Ball, ...]
    counts: tuple[int, int]  # n and k
    frame: Ball  # e: spectral norm of the matrix of unit neurons; 0 for a single neuron
    span: Ball  # T: that of the matrix of neurons and targets
    rows: tuple[Row, ...]


def shape(g: Geometry, curvatures: Sequence[BallMatrix]) -> Shape:
    """The part of Theorem B' that depends on the point alone. curvatures: S_i(W) = H_ii - I/2 for every neuron,
    H = Hess F_0(W) of the ReLU.

    The signs are those of the output weights (docs/theorem/signed.md, Theorem 20.B').
    """
    n, everything = len(g.neurons), (*g.neurons, *g.targets)
    units = BallMatrix([list(z.unit) for z in everything])
    cosines = (units * units.transpose()).tolist()
    vectors = BallMatrix([list(z.entries) for z in everything])
    return Shape(
        neurons=tuple(w.length for w in g.neurons),
        targets=tuple(v.length for v in g.targets),
        counts=(n, len(g.targets)),
        frame=_largest_stretch(BallMatrix([list(w.unit) for w in g.neurons])) if n > 1 else Ball(0),
        span=_largest_stretch(vectors),
        rows=tuple(_row(g, i, curvatures[i], units, cosines) for i in range(n)),
    )


def _largest_stretch(rows: BallMatrix) -> Ball:
    """Upper bound of the spectral norm of any matrix A: A A^T and A^T A have the same norm."""
    turned = rows.transpose()
    return upper(root(spectral_norm(turned * rows if rows.ncols() < rows.nrows() else rows * turned)))


def _row(
    g: Geometry, i: int, curvature: BallMatrix, units: BallMatrix, cosines: Sequence[Sequence[Ball]]
) -> Row:
    """units: the directions of neurons and targets, shape (n + k, d); cosines: their products."""
    n, w = len(g.neurons), g.neurons[i]
    near, counts, far = Ball(0), [0, 0], []
    squares = Ball(0)
    weights: dict[int, tuple[Ball, Angle]] = {}  # sigma zeta and the angle of everything far
    everything = zip((*g.neurons, *g.targets), g.angles[i], g.weights, strict=True)
    for z, (other, t, weight) in enumerate(everything):
        if t is None:
            continue
        acute = t.theta.min(pi() - t.theta)
        if ball.proves_le(Ball(4) / 5, acute) and arccos.divides(t):
            along = other.length * t.cos
            far.append(Far(z, 1, acute, other.length, abs(along)))
            weights[z] = along if weight == g.weights[i] else -along, t
            squares += square(t.cos) if z < n else Ball(0)
        else:
            near += other.length
            counts[z >= n] += 1
    skew = _skew(w, weights, units, cosines)
    return Row(_bend(w, curvature), skew, near, counts[0], counts[1], squares, tuple(far))


def _bend(w: Vector, curvature: BallMatrix) -> Ball:
    """|B_i| = 2 pi |w_i| |S_i|."""
    return upper(2 * pi() * w.length * spectral_norm(curvature))


def _skew(
    w: Vector, far: dict[int, tuple[Ball, Angle]], units: BallMatrix, cosines: Sequence[Sequence[Ball]]
) -> Ball:
    """g_i: upper bound of |sum sigma zeta (3 x - x^3)|, x = nbar.y, over unit vectors y across w_i.

    s nbar = z^ - c w_i^, and s s' nbar.nbar' = z^.z'^ - c c'.
    """
    if not far:
        return Ball(0)
    zero, count = Ball(0), len(cosines)
    along = BallMatrix([[far[z][1].cos if z in far else zero] for z in range(count)])
    across = units - along * BallMatrix([list(w.unit)])
    places = [(z, t.cos, weight / t.sin, weight / (t.sin * square(t.sin))) for z, (weight, t) in far.items()]
    pull, table = [[zero] * count], [[zero] * count for _ in range(count)]
    for x, (z, c, once, thrice) in enumerate(places):
        pull[0][z] = once
        for y, other, _, also in places[: x + 1]:
            table[z][y] = table[y][z] = thrice * also * square(cosines[z][y] - c * other)
    size = sum((abs(weight) for weight, _ in far.values()), zero)
    mean = norm((BallMatrix(pull) * across).entries())
    cubic = root(spectral_norm(across.transpose() * (BallMatrix(table) * across)))
    choices = (2 * size, 3 * mean + cubic, 2 * mean + 2 * size / (3 * Ball(3).sqrt()))
    return upper(ball.smallest(choices))


def theorem_b_sharp(at: Shape, rho: Ball, drift: Ball | None = None) -> Ball:
    """Upper bound of the Lipschitz constant, in spectral norm, of the Hessian on B(W, rho).

    Theorem B' of docs/theorem/teacher.md section 2. drift: the targets may be moved by so much, in Frobenius norm.
    Raises NotProved unless 0 <= rho < p_min and 0 <= drift < min q_j are proved.
    """
    moved = Ball(0) if drift is None else drift
    least = lipschitz.room(at.neurons, rho)
    if not (ball.proves_le(Ball(0), moved) and ball.proves_lt(moved, ball.smallest(at.targets))):
        raise NotProved("the targets are not proved to keep off the origin")
    tilts = [(rho / p).asin() for p in at.neurons] + [(moved / q).asin() for q in at.targets]
    turn = rho / (ball.smallest(at.neurons) * least).sqrt() if at.counts[0] > 1 else Ball(0)
    terms = [_terms(at, i, rho, moved, tilts, turn) for i in range(len(at.rows))]
    return largest_on_sphere(upper(largest(g for g, _ in terms)), upper(largest(r for _, r in terms)))


def _terms(at: Shape, i: int, rho: Ball, moved: Ball, tilts: list[Ball], turn: Ball) -> tuple[Ball, Ball]:
    """G_i and R_i of Theorem B'. turn: eta."""
    (n, k), kinds, row, p = at.counts, len(at.neurons), at.rows[i], at.neurons[i]
    left, quarter = p - rho, pi() / 4
    met = n - 1 + k
    slack = root((square(rho) + square(moved)) * (1 + 2 * square(at.span) / (p * left)))  # mu_i
    skew = row.skew + 3 * Ball(met).sqrt() * slack
    skew += 2 * (row.near + row.near_neurons * rho + row.near_targets * moved)
    close, staying = row.near_neurons, []
    for z, number, acute, length, along in row.far:
        worst = acute - tilts[i] - tilts[z]
        if ball.proves_le(quarter, worst):
            staying += [worst] if z < kinds else []
        else:
            skew += 2 * number * (length + (rho if z < kinds else moved) + along)
            close += number * (z < kinds)
    curve = 6 / square(ball.smallest(staying).sin()) - 2 if staying else Ball(0)  # the sine grows up to pi/2
    frame = square(at.frame + turn)
    spread = root(row.cosines) + turn + at.frame * rho / root(p * left)
    crossing = root(4 * close + square(spread) + curve * frame)
    bend = (row.bend + 2 * Ball(met).sqrt() * slack) / left
    scale = 3 / (2 * pi() * left)
    along_neurons = scale * root(n - 1 + 3 * frame + square(bend))
    return along_neurons, norm([skew / (2 * pi() * square(left)), scale * crossing])
