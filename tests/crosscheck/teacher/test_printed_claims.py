"""Claims of Safran & Shamir (2018), paper and code, that are false as printed, and their repairs.

Each test takes an exact instance, proves in balls that the printed bound is smaller than the quantity it is
said to bound, and proves on the same instance that the repaired statement holds. The last one decides points
that the paper leaves undecided. The rows are those of "Where the sources are wrong" in docs/theorem/teacher.md.
"""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from relucert.base.dyadic import from_float
from relucert.families.teacher import points
from relucert.families.teacher.verify import verify
from relucert.kernel import arccos, ball, spectrum
from relucert.kernel.ball import Ball, BallMatrix, NotProved, pi, proves_le, proves_lt, root, square
from relucert.kernel.outcome import SpuriousMinimum, StrictSaddle
from relucert.kernel.teacher import lipschitz, loss

PUBLISHED = Path(__file__).resolve().parents[3] / ".." / "shared" / "published"

# Angle near pi/3 between W and V; moving W along V shows the largest change of d2f/dw2 (Lemma A).
W, V, STEP = (1.0, 0.0), (0.5, 0.875), 2.0**-7


@pytest.fixture(autouse=True)
def _precision():
    with ball.precision(128):
        yield


def exact(row):
    """A tuple of doubles as exact balls."""
    return [ball.exact_float(x) for x in row]


def rows(*vectors):
    """Vectors of doubles as rows of exact dyadics."""
    return tuple(tuple(from_float(x) for x in vector) for vector in vectors)


def along(start, step, direction):
    """start + step * direction; exact, because all entries are short dyadics."""
    return tuple(x + step * y for x, y in zip(start, direction, strict=True))


def norm2(matrix):
    """Spectral norm of a symmetric 2 x 2 ball matrix: the larger of |trace/2 +- root(..)|."""
    mean, half = (matrix[0, 0] + matrix[1, 1]) / 2, (matrix[0, 0] - matrix[1, 1]) / 2
    return abs(mean) + root(square(half) + square(matrix[0, 1]))


def own_block(w, v):
    """h1(w, v) = d2f(w, v)/dw2."""
    a, b = arccos.vector(exact(w)), arccos.vector(exact(v))
    return arccos.same_block(a, [(1, b, arccos.between(a, b))])


def value(w, v):
    """F and grad F for one neuron w and one target v."""
    g = loss.geometry(rows(w), rows(v))
    return loss.objective(g), loss.gradient(g)


def segment():
    """The ends W -+ STEP V, their distance, and the radius of the ball around W that they span."""
    size = ball.norm(exact(V))
    return along(W, -STEP, V), along(W, STEP, V), 2 * STEP * size, STEP * size


def test_lemma_5_first_bullet():
    """Lemma 5, first bullet: d2f/dw2 is (q/(pi p^2))-Lipschitz in w. True: 3 sqrt3/(4 pi) q/p^2."""
    before, after, moved, reach = segment()
    shortest = 1 - reach  # every w on the segment is at least so long
    change = norm2(own_block(after, V) - own_block(before, V))
    unit = ball.norm(exact(V)) / square(shortest) * moved
    assert proves_lt(unit / pi(), change)
    assert proves_lt(change, 3 * Ball(3).sqrt() / (4 * pi()) * unit)


def test_lemma_5_second_bullet():
    """Lemma 5, second bullet: d2f/dw1^2 is sqrt2 p_max/(pi p_min^2)-Lipschitz in (w1, w2).

    At unit lengths that is 0.4502; the largest change is 8/(3 sqrt3 pi) = 0.4901, at cos t = 1/sqrt3.
    """
    other, step = (0.578125, 0.8125), 2.0**-8
    first, second = (-0.46875, -0.65625), (0.0, 0.5625)
    change = norm2(
        own_block(along(W, step, first), along(other, step, second))
        - own_block(along(W, -step, first), along(other, -step, second))
    )
    reach = step * ball.norm(exact(first + second))
    lengths = [ball.norm(exact(W)), ball.norm(exact(other))]
    unit = (ball.largest(lengths) + reach) / square(ball.smallest(lengths) - reach) * 2 * reach
    assert proves_lt(Ball(2).sqrt() / pi() * unit, change)
    assert proves_lt(change, 8 / (3 * Ball(3).sqrt() * pi()) * unit)


def test_lemma_7():
    """Lemma 7: |Hess F| <= 1/2 + q/(2 pi p) for n = k = 1. True: 1/2 + q s/(pi p), s = sin t."""
    g = loss.geometry(rows((1.0, 0.0)), rows((0.0, 20.0)))
    size = norm2(loss.hessian(g))
    q, p, s = g.targets[0].length, g.neurons[0].length, g.angles[0][1].sin
    printed = Ball(1) / 2 + q / (2 * pi() * p)
    assert proves_lt(printed, Ball(3.684)) and proves_lt(Ball(5.866), size)
    assert proves_lt(size, Ball(1) / 2 + q * s / (pi() * p))


def test_theorem_3_for_one_neuron():
    """Theorem 3: L_A = n/(pi (p_min-rho)^2) (sqrt2 (n-1)(p_max+p_min) + k q_max), false for n = 1."""
    before, after, moved, reach = segment()
    hessians = [loss.hessian(loss.geometry(rows(w), rows(V))) for w in (before, after)]
    change = norm2(hessians[1] - hessians[0])
    lengths, targets = [ball.norm(exact(W))], [ball.norm(exact(V))]
    printed = targets[0] / (pi() * square(lengths[0] - reach))
    assert proves_lt(printed * moved, change)
    assert proves_lt(change, lipschitz.theorem_b(lengths, targets, reach) * moved)
    with pytest.raises(NotProved):
        lipschitz.safran_shamir(lengths, targets, reach)
    for n in range(2, 6):  # it is valid from n = 2 on, being larger than Theorem B
        both = [
            bound(n * lengths, targets, reach) for bound in (lipschitz.theorem_b, lipschitz.safran_shamir)
        ]
        assert proves_lt(*both)


def algorithm_1(u, d, b):
    """The paper's lower bound d - eps3 for the matrix (u d u), with eps3 = b^2 (2 lambda_max e + e^2)."""
    e = 1 / root(square(u)) - 1  # 1 - C = u^2 for u < 1
    return d - square(b) * (2 * d * e + square(e))


@pytest.mark.parametrize(("u", "d"), [(0.6, -1.0), (0.95, 10.0)])
def test_algorithm_1(u, d):
    """Algorithm 1: eps3 = B^2 (2 lambda_max e + e^2). True: B^2 max|d_i| (2 e + e^2).

    Printed, with B = 1 + |I - U|, it fails for a negative D; with the sharper of the two B of the code,
    |U|, it fails for a positive D as well. (The doubles u are next to 0.6 and 0.95.)
    """
    ball_u, ball_d = exact((u, d))
    b = 2 - ball_u if d < 0 else ball_u
    eigenvalue = ball_d * square(ball_u)
    printed = algorithm_1(ball_u, ball_d, b)
    assert proves_lt(eigenvalue, printed)
    assert proves_lt(Ball(0.742 if d < 0 else 9.047), printed)
    repaired = spectrum.spectrum(BallMatrix([[eigenvalue]]), spectrum.Eigen([[u]], [d]))
    assert proves_lt(repaired.safran_shamir, eigenvalue)
    enclosure = repaired.values[0]
    assert proves_le(ball.lower(enclosure), eigenvalue) and proves_le(eigenvalue, ball.upper(enclosure))


def test_frobenius_norm_of_the_code():
    """Code, froNorm: adds eps(A) to the signed entries and calls the result an upper bound."""
    entries = (-3.0, -4.0)
    printed = ball.norm([ball.exact_float(x) + ball.exact_float(math.ulp(x)) for x in entries])
    assert proves_lt(printed, Ball(5))
    repaired = ball.norm([abs(ball.exact_float(x)) + ball.exact_float(math.ulp(x)) for x in entries])
    assert proves_lt(Ball(5), repaired)
    assert proves_le(Ball(5), ball.upper(ball.norm([Ball(x) for x in entries])))


def test_objective_bound_of_the_code():
    """Code, objectives: n*k*vmax/2*pi*wmin in equation 5, where n k q_max/(2 pi p_min) is meant.

    n = k = 1: within r of the neuron F falls by more than r^2 (1/2 + vmax/2*pi*wmin) + r |grad F|, even
    with wmin = p_min, which makes this larger than wmin = p_min - r.
    """
    w, v, r = (2.0**-6, 0.0), (0.0, 1.0), ball.exact_float(2.0**-7)
    (start, gradient), (end, _) = value(w, v), value((w[0], 2.0**-7), v)
    n, k, vmax, wmin = 1, 1, ball.norm(exact(v)), ball.norm(exact(w))
    fall, half = start - end, Ball(1) / 2

    def equation_5(term):
        return square(r) * (half + term) + r * ball.norm(gradient)

    assert proves_lt(equation_5(n * k * vmax / 2 * pi() * wmin), fall)
    assert proves_lt(fall, equation_5(n * k * vmax / (2 * pi() * (wmin - r))))


@pytest.mark.skipif(not PUBLISHED.is_dir(), reason="the published points are not beside the repository")
@pytest.mark.parametrize(
    ("name", "q", "kind"),
    [("15-16", 6, StrictSaddle), ("17-18", 11, StrictSaddle), ("17-18", 1, SpuriousMinimum)],
)
def test_undecided_runs(name, q, kind):
    """Section 3: runs that the paper could not verify: two saddles and a minimum with a small eigenvalue."""
    path = PUBLISHED / f"newExp-{name}.mat"
    candidate = points.read(path, variable="WbadNew", layout=points.COLUMNS)[q]
    assert isinstance(verify(candidate).outcome, kind)
