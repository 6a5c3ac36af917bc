"""Tightness: every bound is attained, or nearly, so that one about a hundredth too small would fail here.

Where a theorem is sharp, a function that attains it is built. Where it is not (Lemma 1, Lemma 2), the
bound is compared with its exact value, and its distance from the truth is stated.
"""

import math
from fractions import Fraction

import pytest
from flint import arb

from relucert.kernel import arccos, ball, newton, spectrum
from relucert.kernel.ball import BallMatrix
from relucert.kernel.teacher import lipschitz, loss, theorems

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


# --- section 3: Theorem C -----------------------------------------------------------------------------


def identity(m):
    return [[float(i == j) for j in range(m)] for i in range(m)]


def diagonal(values):
    return BallMatrix([[x if i == j else arb(0) for j in range(len(values))] for i, x in enumerate(values)])


@pytest.mark.parametrize("d", [4.0, -4.0])
@pytest.mark.parametrize("u", [1.25, 0.75])
def test_theorem_c_scaled_eigenvectors_reach_the_ends(u, d):
    """A = U D U^T exactly, U = diag(1, .., u): the eigenvalue is d (1 - C) or d (1 + C)."""
    rest = [-8.0, 8.0]
    place = 1
    vectors = identity(3)
    vectors[place][place] = u
    matrix = diagonal([arb(rest[0]), arb(u * u * d), arb(rest[1])])
    flat = spectrum.spectrum(matrix, spectrum.Eigen(vectors, [rest[0], d, rest[1]]))
    end = ball.upper if u * u * d > d else ball.lower
    assert math.isclose(float(end(flat.values[place])), u * u * d, rel_tol=1e-9)
    assert flat.values[place].overlaps(arb(u * u * d))
    assert math.isclose(float(flat.defect), abs(1 - u * u), rel_tol=1e-9)


@pytest.mark.parametrize("shift", [0.5, -0.5])
def test_theorem_c_the_residual_reaches_the_ends(shift):
    matrix = diagonal([arb(1), arb(2) + shift, arb(4)])
    flat = spectrum.spectrum(matrix, spectrum.Eigen(identity(3), [1.0, 2.0, 4.0]))
    end = ball.upper if shift > 0 else ball.lower
    assert math.isclose(float(end(flat.values[1])), 2 + shift, rel_tol=1e-9)
    assert flat.values[1].overlaps(arb(2 + shift))


def test_theorem_c_the_ends_are_no_wider_than_that():
    vectors = identity(2)
    vectors[0][0] = 1.25
    flat = spectrum.spectrum(diagonal([arb(-1), arb(6)]), spectrum.Eigen(vectors, [-1.0, 6.0]))
    defect, residual = 0.5625, 0.5625
    low, high = -1 * (1 + defect) - residual, -1 * (1 - defect) + residual
    assert math.isclose(float(ball.lower(flat.values[0])), low, rel_tol=1e-7)
    assert math.isclose(float(ball.upper(flat.values[0])), high, rel_tol=1e-7)
    assert float(ball.upper(flat.values[0])) >= high


def test_theorem_c_decides_a_sign_a_hundredth_beyond_the_residual():
    for scale, expected in [(1.01, (0, 1)), (0.99, None)]:
        flat = spectrum.spectrum(diagonal([arb(1) + 0.5]), spectrum.Eigen([[1.0]], [1.0]))
        assert spectrum.signs(flat) == (0, 1)
        flat = spectrum.spectrum(diagonal([arb(0.5 * scale + 0.5)]), spectrum.Eigen([[1.0]], [0.5 * scale]))
        assert spectrum.signs(flat) == expected


def test_safran_shamirs_lower_bound_is_its_formula():
    u, d = 1.25, 4.0
    flat = spectrum.spectrum(diagonal([arb(u * u * d) + 0.5]), spectrum.Eigen([[u]], [d]))
    e = 1 / math.sqrt(1 - 0.5625) - 1
    formula = d - 1.5625 * d * (2 * e + e * e) - 0.5
    assert math.isclose(float(flat.safran_shamir), formula, rel_tol=1e-9)


@pytest.mark.parametrize("shift", [0.0, 0.5])
@pytest.mark.parametrize("d", [4.0, -4.0])
def test_error_and_size_of_the_inverse_are_attained(d, shift):
    """One dimension, u > 1: X = u^2/d and X A - 1 = u^4 - 1 + u^2 |shift / d|."""
    u = 1.25
    shift = math.copysign(shift, d)
    inverse = spectrum.spectrum(diagonal([arb(u * u * d + shift)]), spectrum.Eigen([[u]], [d])).inverse
    error, size = u**4 - 1 + u * u * shift / d, u * u / abs(d)
    for bound, truth in [(inverse.error, error), (inverse.size, size)]:
        assert math.isclose(float(bound), truth, rel_tol=1e-9)
        assert ball.proves_le(arb(truth), bound)


def test_error_of_the_inverse_grows_with_the_condition_number():
    """U = (1 0; t 1), D = (1, 1024), A = U D U^T: an entry of X A - I is next to 1024 t."""
    t = 2.0**-13
    matrix = BallMatrix([[arb(1), arb(t)], [arb(t), arb(1024) + arb(t) * t]])
    flat = spectrum.spectrum(matrix, spectrum.Eigen([[1.0, t], [0.0, 1.0]], [1.0, 1024.0]))
    assert 1024 * t <= float(flat.inverse.error) <= 1.5 * 1024 * t


def test_the_inverse_applied_to_a_vector_is_attained():
    guess = spectrum.Eigen([[0.6, 0.8], [-0.8, 0.6]], [-2.0, 5.0])
    q = [[Fraction(x) for x in row] for row in guess.vectors]
    matrix = [
        [sum(d * row[i] * row[j] for row, d in zip(q, (-2, 5), strict=True)) for j in range(2)]
        for i in range(2)
    ]
    flat = spectrum.spectrum(BallMatrix([[arb(float(x)) for x in row] for row in matrix]), guess)
    column = [3.0, -1.0]
    inner = [(0.6 * 3 - 0.8) / -2, (-0.8 * 3 - 0.6) / 5]
    truth = math.hypot(*inner)
    assert math.isclose(
        float(spectrum.apply_inverse(flat.inverse, [arb(x) for x in column])), truth, rel_tol=1e-9
    )


# --- section 4: functions of one variable -------------------------------------------------------------


def numbers(*values):
    return [arb(x) for x in values]


def test_lemma_1_gives_exactly_the_radius_of_the_paper():
    """lambda = 5, eps = 8, L = 1: (3 lambda - sqrt(9 lambda^2 - 25 L eps)) / (2 L) = 5."""
    argument, radius = newton.lemma_1(*numbers(5, 8, 1, 5))
    assert argument.holds
    assert radius == 5
    assert not newton.lemma_1(*numbers(5, 8, 1, 4.99))[0].holds


def test_lemma_1_holds_up_to_its_limit_and_not_a_hundredth_beyond():
    """lambda = 5, L = 1: the largest gradient norm is 9."""
    argument, radius = newton.lemma_1(*numbers(5, 9, 1, 100))
    assert argument.holds
    assert radius == 7.5
    assert not newton.lemma_1(*numbers(5, 9.09, 1, 100))[0].holds


def test_lemma_1_needs_a_positive_eigenvalue():
    for value in (0, -5):
        assert not newton.lemma_1(*numbers(value, 0, 1, 100))[0].holds
        assert not newton.lemma_1(*numbers(value, 8, 1, 100))[0].holds


def test_lemma_1_is_within_25_24_of_the_argument_by_values():
    """-eps t + lambda t^2/2 - L t^3/6 vanishes first at t: the least radius for which F on the sphere is
    proved to exceed F(W). The paper's radius is 25/24 of it for small L, 5/4 at the limit."""
    for lam, eps, constant, most in [
        (1.0, 2.0**-20, 2.0**-20, 25 / 24 + 1e-6),
        (5.0, 8.0, 1.0, 1.25),
        (5.0, 9.0, 1.0, 1.2501),
    ]:
        _, radius = newton.lemma_1(*numbers(lam, eps, constant, 100))
        least = 2 * eps / (lam / 2 + math.sqrt(lam * lam / 4 - 2 * constant * eps / 3))
        assert least <= float(radius) <= most * least


INVERSES = [(0, 1 / 4, 3 / 4), (1 / 2, 1 / 8, 3 / 8), (7 / 8, 1 / 32, 3 / 32)]


@pytest.mark.parametrize("omega, chi, eta", INVERSES)
def test_theorem_e_gives_both_roots_of_a_quadratic(omega, chi, eta):
    """F'(x) = -3 + 4 x - x^2, L = 2, roots 1 and 3; X = chi, omega = 1 - 4 X, eta = 3 X."""
    argument, radius, uniqueness = newton.theorem_e(*numbers(omega, chi, eta, 2, 100))
    assert argument.holds
    assert radius == 1
    assert uniqueness == 3
    assert newton.theorem_e(*numbers(omega, chi, eta, 2, 1))[0].holds
    assert not newton.theorem_e(*numbers(omega, chi, eta, 2, 0.999))[0].holds


def test_theorem_e_speaks_until_the_roots_meet():
    """F'(x) = -a + 4 x - x^2 has no root for a > 4."""
    assert newton.theorem_e(*numbers(0, 1 / 4, 3.96 / 4, 2, 100))[0].holds
    assert not newton.theorem_e(*numbers(0, 1 / 4, 4 / 4, 2, 100))[0].holds
    assert not newton.theorem_e(*numbers(0, 1 / 4, 4.01 / 4, 2, 100))[0].holds


def test_theorem_e_refuses_an_inverse_that_is_none():
    """X = 0 has omega = 1: every point is a fixed point of x - X F'(x)."""
    assert not newton.theorem_e(*numbers(1, 0, 0, 2, 100))[0].holds
    assert not newton.theorem_e(*numbers(1.5, 1 / 4, 0, 2, 100))[0].holds


def test_theorem_e_uniqueness_ends_with_the_domain():
    assert newton.theorem_e(*numbers(0, 1 / 4, 3 / 4, 2, 2))[2] == 2


def test_theorem_d_the_basin_ends_at_the_next_critical_point():
    """F'(x) = 3 x - x^2, L = 2, a minimum at 0 and a maximum at 3."""
    argument, basin, _ = newton.theorem_d(*numbers(3, 3, 2, 0, 100))
    assert argument.holds
    assert 0.99 * 3 <= float(basin) < 3


def test_theorem_d_the_basin_ends_with_the_domain():
    argument, basin, _ = newton.theorem_d(*numbers(3, 3, 2, 0.25, 1))
    assert argument.holds
    assert 0.99 * 0.5 <= float(basin) <= 0.5  # R + r <= 1 and r = 1/4, so R - r <= 1/2


def test_theorem_d_a_longer_step_overshoots():
    """F'(x) = 3 x + x |x|, L = 2: from R a step s leads to R (1 - s (3 + R)), outside if s > 2/(3 + R)."""
    argument, basin, step = newton.theorem_d(*numbers(3, 3, 2, 0, 1))
    assert argument.holds
    reach, longest = float(basin), float(step)
    for factor, inside in [(0.999, True), (1.01, False)]:
        after = reach - factor * longest * (3 * reach + reach * reach)
        assert (abs(after) < reach) == inside


def test_theorem_d_a_longer_step_diverges_on_a_quadratic():
    """F'(x) = 3 x, L next to 0: gradient descent converges if and only if step < 2/3."""
    _, _, step = newton.theorem_d(arb(3), arb(3), arb(2.0**-60), arb(0), arb(1))
    assert 0.999 * 2 / 3 <= float(step) < 2 / 3 + 1e-15
    assert abs(1 - 1.01 * 3 * float(step)) > 1


def test_theorem_d_refuses_a_minimum_that_may_be_flat():
    assert not newton.theorem_d(*numbers(1, 1, 4, 0.25, 100))[0].holds  # lambda - L r = 0
    assert not newton.theorem_d(*numbers(1, 1, 4.04, 0.25, 100))[0].holds


def test_not_critical_up_to_the_root():
    """|F'(x)| = a - 2 x - x^2 on the line, L = 2: a root at 1 for a = 3."""
    assert not newton.not_critical(*numbers(3, 2, 2, 1)).holds
    assert not newton.not_critical(*numbers(2.97, 2, 2, 1)).holds
    assert newton.not_critical(*numbers(3.01, 2, 2, 1)).holds
    assert newton.not_critical(*numbers(3, 2, 2, 0.99)).holds


def test_lemma_2_gives_exactly_its_bound_and_holds_up_to_it():
    argument, value = newton.lemma_2(*numbers(1, 0.5, 2, 1, 1.5))
    assert argument.holds
    assert value == 0.25
    assert not newton.lemma_2(*numbers(0.75, 0.5, 2, 1, 1.5))[0].holds
    assert newton.lemma_2(*numbers(0.7501, 0.5, 2, 1, 1.5))[0].holds


def test_lemma_2_needs_convexity_on_the_ball():
    """L r = lambda is the limit: F''(x) = lambda - L x vanishes at r."""
    assert newton.lemma_2(*numbers(1, 0, 2, 1, 2))[0].holds
    assert not newton.lemma_2(*numbers(1, 0, 2, 1, 2.02))[0].holds


def test_lemma_2_loses_a_factor_of_2_on_a_quadratic():
    """F(x) = 1 - x + x^2, minimum 3/4 at r = 1/2: the fall is 1/4, half of eps r."""
    _, value = newton.lemma_2(*numbers(1, 1, 2, 0.001, 0.5))
    assert 1 - float(value) == 2 * (1 - 0.75)


def test_taylors_bounds_are_attained_by_a_cubic():
    """F(x) = 3 + x/2 + x^2 + x^3 (|lambda| = 2, L = 6) at x = 1/2, and its mirror image below."""
    low, high = newton.taylor(*numbers(3, 0.5, 2, 6, 0.5))
    assert high == 3 + 0.25 + 0.25 + 0.125
    assert low == 3 - 0.25 - 0.25 - 0.125


def test_the_global_minimum_lies_inside_the_uniqueness_radius_and_not_on_its_edge():
    """On the edge there may be another critical point: the second root of the quadratic above."""
    _, _, uniqueness = newton.theorem_e(*numbers(0, 1 / 4, 3 / 4, 2, 100))
    assert theorems.global_minimum(arb(2.999), uniqueness).holds
    assert not theorems.global_minimum(arb(3), uniqueness).holds


def test_theorem_d_needs_a_radius_below_its_reach():
    """r = R, exactly: (1 - 2^-10) (alpha - r) = r for r = 1023/1024, alpha = 1 + r."""
    assert not newton.theorem_d(*numbers(100, 100, 1, 1023 / 1024, 1 + 1023 / 1024))[0].holds
