"""Where a run of gradient descent ends, from what is certified about minima; which minima are the same.

docs/theorem/teacher.md section 6. The iterate of a run is an exact point; what is concluded is about exact gradient
descent from there. Equal losses, distances and permutations may be guesses: only what is proved here counts.
"""

from __future__ import annotations

from collections.abc import Sequence

from relucert.kernel import arccos, ball
from relucert.kernel.ball import Ball, NotProved, norm, pi, proves_positive, square, upper
from relucert.kernel.outcome import Argument, inequality
from relucert.kernel.teacher import lipschitz
from relucert.kernel.teacher.loss import Geometry, Leak, Network, Rows, pairs


def in_basin(distance: Ball, basin: Ball, step: Ball, most_step: Ball) -> Argument:
    """Gradient descent with this step converges to W* from a point at this distance of W.

    docs/theorem/teacher.md, Theorem D, whose basin radius and bound of the step a certificate of W* gives.
    """
    hypotheses = (
        inequality("T.1", distance, "<", basin, "distance < basin radius"),
        inequality("T.2", step, "<", most_step, "step < basin step"),
    )
    return Argument("Theorem D", hypotheses)


def nearest(distance: Ball, radius: Ball, uniqueness: Ball) -> Argument:
    """W* is the critical point nearest to a point at this distance of W; radius >= |W* - W|.

    docs/theorem/teacher.md section 6.
    """
    text = "2 distance + existence radius < uniqueness radius"
    return Argument("Nearest", (inequality("T.8", 2 * distance + radius, "<", uniqueness, text),))


def image(point: Rows, rows: Sequence[int], columns: Sequence[int]) -> Rows:
    """P W Q for the permutations `rows` of the n neurons and `columns` of the d coordinates of W = `point`.

    With targets e_1 .. e_d a symmetry of the landscape. Raises NotProved if one of them is no permutation.
    """
    if sorted(rows) != list(range(len(point))) or sorted(columns) != list(range(len(point[0]))):
        raise NotProved("not a permutation")
    return tuple(tuple(point[i][j] for j in columns) for i in rows)


def turned(
    point: Rows, neurons: Sequence[int], coordinates: Sequence[int], network: Network | None = None
) -> Rows:
    """e_i w_ij c_j for the signs e = `neurons` (n) and c = `coordinates` (d), each 1 or -1; W = `point`.

    With |t| and targets e_1 .. e_d a symmetry of the landscape: docs/theorem/signed.md, Lemma 20.T. Raises NotProved
    for signs that are none, and for another activation if one of them is -1.
    """
    even = network is not None and network.slope[0] == -network.slope[1]
    if not {*neurons, *coordinates} <= ({1, -1} if even else {1}):
        raise NotProved("neurons and coordinates turn with the activation |t| only")
    return tuple(
        tuple((e * c * m, x) for (m, x), c in zip(row, coordinates, strict=True))
        for row, e in zip(point, neurons, strict=True)
    )


def keeps(targets: Rows, rows: Sequence[int], columns: Sequence[int], network: Network | None = None) -> bool:
    """Whether `image` with these permutations is a symmetry: the one of the coordinates permutes the targets, and
    output weights stay, those of the neurons and, with each target, those of the targets."""
    n = len(rows)
    signs, teacher = ((1,) * n, (1,) * len(targets)) if network is None else (network.signs, network.teacher)
    if sorted(rows) != list(range(n)) or sorted(columns) != list(range(len(targets[0]))):
        return False
    moved = sorted((tuple(row[j] for j in columns), b) for row, b in zip(targets, teacher, strict=True))
    kept = moved == sorted((tuple(row), b) for row, b in zip(targets, teacher, strict=True))
    return kept and all(signs[i] == a for i, a in zip(rows, signs, strict=True))


def same_minimum(distance: Ball, radius: Ball, uniqueness: Ball) -> Argument:
    """W1* = W2*: distance >= |W1 - W2|, radius >= |W2* - W2|, and W1* is alone within uniqueness of W1.

    docs/theorem/teacher.md section 6; W2 stands for its image under a symmetry of the landscape.
    """
    text = "distance + existence radius of the one < uniqueness radius of the other"
    return Argument("Same minimum", (inequality("T.3", distance + radius, "<", uniqueness, text),))


def curvature(g: Geometry) -> Ball:
    """Upper bound of the largest eigenvalue of Hess F(W), without its eigenvalues: docs/theorem/teacher.md, Lemma N.

    With output weights or another activation docs/theorem/signed.md, Lemma 20.N. The largest row sum of the matrix of
    |H_ij|, with the largest eigenvalue of H_ii on the diagonal.
    """
    n = len(g.neurons)
    rows = []
    for i, w in enumerate(g.neurons):
        met = pairs(g, i)
        total = sum((sign * v.length * t.sin for sign, v, t in met), Ball(0)) / (2 * pi() * w.length)
        block = arccos.same_block(w, met).tolist()
        for a, x in enumerate(w.unit):
            for b, y in enumerate(w.unit):
                block[a][b] += total * (x * y - (a == b))  # leaves the sum of the weights times e2 e2^T
        bend = (total + norm([x for row in block for x in row])).max(Ball(0))
        row = Ball(1) / 2 + bend if g.leak is None else (1 + square(g.leak.slope)) / 2 + g.leak.scale * bend
        for t in g.angles[i][:n]:
            if t is not None:
                row += _mixed(t, g.leak)
        rows.append(row)
    return upper(ball.largest(rows))


def _mixed(t: arccos.Angle, leak: Leak | None) -> Ball:
    """The norm of the block of two neurons at this angle."""
    if leak is None:
        return (pi() - t.theta + t.sin) / (2 * pi())
    turn, spread = (leak.scale * x / (2 * pi()) for x in (pi() - t.theta, t.sin))
    return abs(turn + leak.slope) + spread


def hessian_lipschitz(g: Geometry, rho: Ball) -> Ball:
    """Upper bound of the Lipschitz constant of Hess F on B(W, rho): docs/theorem/teacher.md, Theorem B, times
    (1 - alpha)^2 by docs/theorem/signed.md, Theorem 20.B. Raises NotProved unless 0 <= rho < p_min.
    """
    bound = lipschitz.theorem_b([w.length for w in g.neurons], [v.length for v in g.targets], rho)
    return bound if g.leak is None else upper(g.leak.scale * bound)


def cannot_rise(
    value: Ball, bend: Ball, lipschitz: Ball, radius: Ball, step: Ball, steps: int, floor: Ball
) -> Argument:
    """For so many more steps of gradient descent from W the loss never rises, so stays below the floor.

    docs/theorem/teacher.md, Theorem T. value: F(W); bend: upper bound of the largest eigenvalue of Hess F(W);
    lipschitz: of Hess F on B(W, radius), which the iterates are shown not to leave.
    """
    load = step * (bend + lipschitz * radius)
    keeps = 1 - load / 2
    way = steps * step * value / keeps if proves_positive(keeps) else ball.undefined()
    hypotheses = (
        inequality("T.4", value, "<", floor, "F(W) < floor"),
        inequality("T.5", load, "<", Ball(2), "step (lambda_max + L rho) < 2"),
        inequality("T.6", way, "<", square(radius), "steps step F(W) / (1 - step (..) / 2) < rho^2"),
    )
    return Argument("Theorem T", hypotheses)


def below(value: Ball, floor: Ball) -> Argument:
    """F(W) < floor, at the last point of a run."""
    return Argument("Below the floor", (inequality("T.4", value, "<", floor, "F(W) < floor"),))


def different(a: tuple[Ball, Ball], b: tuple[Ball, Ball]) -> Argument:
    """W1* and W2* are not images of one another under any symmetry: the enclosures of F(W*) are disjoint.

    a, b: lower and upper bound of F(W*); b is the one that lies higher.
    """
    return Argument("Different minima", (inequality("T.7", a[1], "<", b[0], "F(W1*) < F(W2*)"),))
