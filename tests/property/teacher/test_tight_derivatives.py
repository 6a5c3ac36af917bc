"""Tightness of the derivatives and Theorem B.

Every bound is attained, or nearly, so that one about a hundredth too small would fail here. Where a theorem
is sharp, a function that attains it is built.
"""

import pytest
from flint import arb

from relucert.kernel import arccos, ball
from relucert.kernel.ball import BallMatrix
from relucert.kernel.teacher import lipschitz, loss

NEARLY = arb(0.99)


def proved_le(a, b):
    """a <= b, up to the rounding of the last bits of either."""
    return ball.proves_le(ball.upper(a), ball.upper(b) + arb(2.0**-30) * abs(ball.upper(b)))


def rounded(x, bits=200):
    """The dyadic nearest to the ball x."""
    return int((x * arb(2) ** bits).mid().floor().unique_fmpz()), -bits


def exact(row):
    return [ball.exact(x) for x in row]


def same_block(a, b):
    w, v = arccos.vector(exact(a)), arccos.vector(exact(b))
    return arccos.same_block(w, [(1, v, arccos.between(w, v))])


def mixed_block(a, b):
    w, v = arccos.vector(exact(a)), arccos.vector(exact(b))
    return arccos.mixed_block(w, v, arccos.between(w, v))


def curvature(matrix, u):
    row = BallMatrix(1, len(u), u)
    return (row * matrix * row.transpose())[0, 0] / (row * row.transpose())[0, 0]


def moved(row, direction, bits):
    """row + 2**-bits * direction, exactly, and the length of the step."""
    step = [x * arb(2) ** -bits for x in exact(direction)]
    return [ball.to_dyadic(x + y) for x, y in zip(exact(row), step, strict=True)], ball.norm(step)


def at_60_degrees(p=0, q=0):
    """w of length 2**p along the first axis, v of length about 2**q at 60 degrees, and v's direction."""
    m, e = rounded(arb(3).sqrt() / 2)
    return [(1, p), (0, 0)], [(1, q - 1), (m, e + q)], [(1, -1), (m, e)]


# --- section 2: Lemma A and Theorem B -----------------------------------------------------------------


@pytest.mark.parametrize("p, q", [(0, 0), (10, -7), (-30, 3)])
def test_lemma_a_the_third_derivative_in_w_is_attained_at_60_degrees(p, q):
    with ball.precision(400):
        w, v, u = at_60_degrees(p, q)
        after, step = moved(w, u, 80 - p)
        change = abs(curvature(same_block(after, v) - same_block(w, v), exact(u))) / step
        bound = 3 * arb(3).sqrt() / (4 * ball.pi()) * arb(2) ** (q - 2 * p)
        assert ball.proves_lt(NEARLY * bound, change)
        assert proved_le(change, bound)


@pytest.mark.parametrize("p, q", [(0, 0), (10, -7), (-30, 3)])
def test_lemma_a_the_mixed_third_derivative_is_attained_across_the_plane(p, q):
    with ball.precision(400):
        w, v, across = [(1, p), (0, 0)], [(1, q), (3, q)], [(0, 0), (1, 0)]
        after, step = moved(v, across, 80 - q)
        change = abs(curvature(same_block(w, after) - same_block(w, v), exact(across))) / step
        bound = 1 / (ball.pi() * arb(2) ** p)
        assert ball.proves_lt(NEARLY * bound, change)
        assert proved_le(change, bound)


def test_lemma_a_the_mixed_block_changes_as_fast_in_w():
    with ball.precision(400):
        w, v, across = [(1, 0), (0, 0)], [(1, 0), (3, 0)], [(0, 0), (1, 0)]
        after, step = moved(w, across, 80)
        change = abs(curvature(mixed_block(after, v) - mixed_block(w, v), exact(across))) / step
        assert ball.proves_lt(NEARLY / ball.pi(), change)
        assert proved_le(change, 1 / ball.pi())


def hessian_quotient(w, v, u, bits):
    """|Hess F(w + h u) - Hess F(w)| / |h u| for n = k = 1, along u, in balls."""
    after, step = moved(w, u, bits)
    near, far = (loss.hessian(loss.geometry([x], [v])) for x in (w, after))
    return abs(curvature(far - near, exact(u))) / step


@pytest.mark.parametrize("p, q", [(0, 0), (10, -7), (-30, 3)])
def test_theorem_b_is_attained_for_one_neuron_and_one_target(p, q):
    with ball.precision(400):
        w, v, u = at_60_degrees(p, q)
        bound = lipschitz.theorem_b([ball.norm(exact(w))], [ball.norm(exact(v))], arb(0))
        quotient = hessian_quotient(w, v, u, 80 - p)
        assert ball.proves_lt(NEARLY * bound, quotient)
        assert proved_le(quotient, bound)


@pytest.mark.parametrize("eighths", [1, 4, 7])
def test_theorem_b_is_attained_at_the_edge_of_its_ball(eighths):
    """The worst point of B(W, rho) lies rho nearer to the origin."""
    with ball.precision(400):
        _, v, u = at_60_degrees()
        rho = arb(eighths) / 8
        bound = lipschitz.theorem_b([arb(1)], [ball.norm(exact(v))], rho)
        inner = [(8 - eighths, -3), (0, 0)]
        quotient = hessian_quotient(inner, v, u, 80)
        assert ball.proves_lt(NEARLY * bound, quotient)


def test_theorem_b_for_two_neurons_is_within_a_factor_of_3():
    """n = 2, no target; the two terms of Theorem B are not attained at once."""
    with ball.precision(400):
        bound = lipschitz.theorem_b([arb(1), arb(1)], [], arb(0))
        w, other = [(1, 0), (0, 0)], [(3, -2), (1, 0)]
        best = arb(0)
        for u in (
            [(0, 0), (1, 0), (0, 0), (0, 0)],
            [(0, 0), (1, 0), (4, -2), (-3, -2)],
            [(1, 0), (3, 0), (3, 0), (1, 0)],
        ):
            after, step = moved([*w, *other], u, 80)
            near = loss.hessian(loss.geometry([w, other], []))
            far = loss.hessian(loss.geometry([after[:2], after[2:]], []))
            best = arb.max(best, abs(curvature(far - near, exact(u))) / step)
        assert ball.proves_lt(bound / 3, best)
        assert ball.proves_lt(best, bound)


# --- section 1: the branch that does not divide -------------------------------------------------------


def known_only_from_above(a, b):
    """The angle of a and b with a sine of which only the upper bound is sharp."""
    w, v = arccos.vector(exact(a)), arccos.vector(exact(b))
    t = arccos.between(w, v)
    vague = t._replace(sin=ball.hull(arb(0), t.sin))
    assert arccos.divides(t)
    assert not arccos.divides(vague)
    return w, v, t, vague


def meets(enclosure, truth):
    return all(
        x.is_finite() and x.overlaps(y) for x, y in zip(enclosure.entries(), truth.entries(), strict=True)
    )


@pytest.mark.parametrize(
    "a, b",
    [
        ([(0, 0), (1, 0)], [(1, 0), (1, 0)]),  # a diagonal entry 2 s, and one 0
        ([(1, 0), (1, 0)], [(1, 0), (0, 0)]),  # an entry -s off the diagonal
        ([(1, 0), (-1, 0)], [(1, 0), (0, 0)]),  # an entry s off the diagonal
    ],
)
def test_the_entries_of_a_block_that_cannot_divide_reach_their_bounds(a, b):
    w, v, t, vague = known_only_from_above(a, b)
    for sign in (1, -1):
        assert meets(arccos.same_block(w, [(sign, v, vague)]), arccos.same_block(w, [(sign, v, t)]))


@pytest.mark.parametrize(
    "a, b",
    [
        ([(1, 0), (1, 0)], [(1, 0), (-1, 0)]),  # diagonal entries s and -s
        ([(1, 0), (0, 0)], [(0, 0), (1, 0)]),  # entries s off the diagonal
        ([(1, 0), (0, 0)], [(0, 0), (-1, 0)]),  # entries -s off the diagonal
    ],
)
def test_the_entries_of_a_mixed_block_that_cannot_divide_reach_their_bounds(a, b):
    w, v, t, vague = known_only_from_above(a, b)
    assert meets(arccos.mixed_block(w, v, vague), arccos.mixed_block(w, v, t))


FAR = 1 << 14


@pytest.mark.parametrize(
    "a, b",
    [
        ([(FAR, 0), (1, 0)], [(FAR, 0), (-1, 0)]),  # on both sides of an axis: diagonal entries s and -s
        ([(FAR + 1, 0), (FAR, 0)], [(FAR, 0), (FAR + 1, 0)]),  # of a diagonal: entries s off the diagonal
        ([(FAR + 1, 0), (-FAR, 0)], [(FAR, 0), (-FAR - 1, 0)]),  # of the other: entries -s
    ],
)
@pytest.mark.parametrize("bits", [32, 40, 64])
def test_the_entries_of_a_mixed_block_of_nearly_parallel_vectors_reach_their_bounds(a, b, bits):
    with ball.precision(640):
        truth = mixed_block(a, b)
    with ball.precision(bits):
        assert meets(mixed_block(a, b), truth)


@pytest.mark.parametrize("bits", [64, 128, 256])
def test_parallel_vectors_cost_half_of_the_bits_and_no_more(bits):
    with ball.precision(bits):
        g = loss.geometry([[(1, 0), (2, 0)], [(2, 0), (1, 0)]], [[(2, 0), (4, 0)], [(-2, 0), (-1, 0)]])
        assert all(ball.proves_lt(x.rad(), arb(2) ** (8 - bits // 2)) for x in loss.hessian(g).entries())


@pytest.mark.parametrize("bits", [64, 128, 256])
def test_other_vectors_cost_a_few_bits_only(bits):
    with ball.precision(bits):
        g = loss.geometry([[(1, 0), (2, 0)], [(3, 0), (1, 0)]], [[(-2, 0), (4, 0)], [(-5, 0), (-1, 0)]])
        everything = [loss.objective(g), *loss.gradient(g), *loss.hessian(g).entries()]
        assert all(ball.proves_lt(x.rad(), arb(2) ** (10 - bits)) for x in everything)
