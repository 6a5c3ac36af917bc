"""Containment in Lipschitz constants and theorems: what they say of numbers and of functions of one variable."""

import math
from fractions import Fraction

import pytest
from flint import arb
from hypothesis import given
from hypothesis import strategies as st
from rationals import (
    BITS,
    MP,
    SLACK,
    around,
    exactly,
    facts_from,
    fraction,
    many,
    members,
    positive,
    real,
    tame,
)

from relucert.kernel import ball, newton, outcome, spectrum
from relucert.kernel.ball import BallMatrix
from relucert.kernel.teacher import lipschitz, theorems

# --- lipschitz ----------------------------------------------------------------------------------------

lengths = st.builds(lambda m, e: m * Fraction(2) ** e, st.integers(1, 1000), st.integers(-40, 40))


@many
@given(
    st.lists(lengths, min_size=1, max_size=4), st.lists(lengths, min_size=1, max_size=3), st.integers(0, 9)
)
def test_theorem_b_is_at_least_its_formula(p, q, tenths):
    rho = min(p) * Fraction(tenths, 16)
    own = max((sum(p) - x + (len(p) - 1) * rho + sum(q)) / (x - rho) ** 2 for x in p)
    formula = 3 * MP.sqrt(3) / (4 * MP.pi) * real(own)
    formula += 3 * MP.sqrt(len(p) - 1) / (MP.pi * real(min(p) - rho))
    with ball.precision(BITS):
        bound = lipschitz.theorem_b([exactly(x) for x in p], [exactly(x) for x in q], exactly(rho))
    assert formula <= real(bound) <= formula * (1 + MP.mpf(2) ** -40)


@many
@given(
    st.lists(lengths, min_size=2, max_size=4), st.lists(lengths, min_size=1, max_size=3), st.integers(0, 9)
)
def test_safran_shamirs_constant_is_at_least_its_formula(p, q, tenths):
    n, k, rho = len(p), len(q), min(p) * Fraction(tenths, 16)
    gap = real(min(p) - rho)
    formula = n / (MP.pi * gap**2)
    formula *= MP.sqrt(2) * (n - 1) * (real(max(p) + rho) + gap) + k * real(max(q))
    with ball.precision(BITS):
        bound = lipschitz.safran_shamir([exactly(x) for x in p], [exactly(x) for x in q], exactly(rho))
    assert formula <= real(bound) <= formula * (1 + MP.mpf(2) ** -40)


@many
@given(st.lists(lengths, min_size=2, max_size=4), st.lists(lengths, min_size=1, max_size=3), st.data())
def test_lipschitz_constants_of_rough_lengths_cover_every_member(p, q, data):
    """Lengths known to within a hundredth: the bound is at least that of any member."""

    def blurred(xs):
        shifts = [x * Fraction(data.draw(st.integers(-8, 8)), 1024) for x in xs]
        return [arb(exactly(x + y), exactly(x / 128)) for x, y in zip(xs, shifts, strict=True)]

    rho = min(p) / 4
    for constant in (lipschitz.theorem_b, lipschitz.safran_shamir):
        sharp = constant([exactly(x) for x in p], [exactly(x) for x in q], exactly(rho))
        assert fraction(constant(blurred(p), blurred(q), exactly(rho))) >= fraction(sharp) * (
            1 - Fraction(1, 2**40)
        )


# --- theorems: numbers --------------------------------------------------------------------------------


@many
@given(positive, positive, positive, positive)
def test_lemma_1_when_it_holds_satisfies_the_paper(lam, eps, constant, domain):
    eps /= 2**20
    argument, radius = newton.lemma_1(*map(exactly, (lam, eps, constant, domain)))
    if not argument.holds:
        return
    assert 9 * lam**2 >= 25 * constant * eps
    paper = 3 * real(lam) - MP.sqrt(real(9 * lam**2 - 25 * constant * eps))
    assert real(radius) >= paper / (2 * real(constant)) - MP.mpf(2) ** -400
    assert fraction(radius) <= domain


@many
@given(st.integers(0, 1200), positive, positive, positive, positive)
def test_theorem_e_when_it_holds_satisfies_its_hypotheses(thousandths, chi, eta, constant, domain):
    omega, eta = Fraction(thousandths, 1024), eta / 2**20
    argument, radius, uniqueness = newton.theorem_e(*map(exactly, (omega, chi, eta, constant, domain)))
    if not argument.holds:
        return
    bend = (1 - omega) ** 2 - 2 * chi * constant * eta
    assert omega < 1
    assert bend > 0
    assert real(radius) >= 2 * real(eta) / (real(1 - omega) + MP.sqrt(real(bend)))
    assert fraction(radius) <= domain
    assert real(uniqueness) <= (real(1 - omega) + MP.sqrt(real(bend))) / real(chi * constant)
    assert fraction(uniqueness) <= domain


@many
@given(positive, positive, positive, positive, positive)
def test_theorem_d_when_it_holds_satisfies_its_hypotheses(least, more, constant, radius, domain):
    radius /= 2**20
    most = least + more
    argument, basin, step = newton.theorem_d(*map(exactly, (least, most, constant, radius, domain)))
    if not argument.holds:
        return
    reach = fraction(basin) + radius
    assert reach + radius <= domain
    assert constant * reach / 2 < least - constant * radius
    assert fraction(step) <= 2 / (most + constant * radius + constant * reach / 2)


@many
@given(positive, positive, positive, positive, positive)
def test_lemma_2_when_it_holds_satisfies_its_hypotheses(objective, eps, lam, constant, radius):
    eps /= 2**10
    argument, value = newton.lemma_2(*map(exactly, (objective, eps, lam, constant, radius)))
    assert fraction(value) <= objective - eps * radius
    if argument.holds:
        assert constant * radius <= lam
        assert eps * radius < objective


@many
@given(positive, positive, positive, positive, positive)
def test_taylors_bounds_contain_taylors_polynomial(objective, eps, curvature, constant, radius):
    low, high = newton.taylor(*map(exactly, (objective, eps, curvature, constant, radius)))
    change = eps * radius + curvature * radius**2 / 2 + constant * radius**3 / 6
    assert 0 <= fraction(low) <= max(objective - change, 0)
    assert fraction(high) >= objective + change


@many
@given(
    st.lists(positive, min_size=1, max_size=3),
    st.lists(positive, min_size=1, max_size=3),
    positive,
    positive,
    tame,
)
def test_safran_shamirs_equation_5_when_it_holds_is_true(p, q, eps, radius, objective):
    radius = min(radius, min(p) / 2)
    flat = spectrum.spectrum(BallMatrix([[arb(2)]]), spectrum.Eigen([[1.0]], [2.0]))
    facts = facts_from(
        flat, 1, neurons=list(map(exactly, p)), targets=list(map(exactly, q)), objective=exactly(objective)
    )
    argument = theorems.safran_shamir_5(facts, exactly(eps), exactly(radius))
    n, k, least = len(p), len(q), 2 * MP.pi * real(min(p) - radius)
    bound = (
        MP.mpf(1) / 2
        + n * (n - 1) * (real(max(p) + radius) / least + MP.mpf(1) / 2)
        + n * k * real(max(q)) / least
    )
    bound = real(radius) ** 2 * bound + real(radius * eps)
    assert real(argument.hypotheses[0].left) >= bound
    if argument.holds:
        assert bound < real(objective)


@many
@given(members(low=0), members(low=0))
def test_the_global_minimum_is_claimed_only_within_the_uniqueness_radius(x, y):
    (distance, true_distance), (uniqueness, true_uniqueness) = x, y
    if theorems.global_minimum(distance, uniqueness).holds:
        assert true_distance < true_uniqueness


@many
@given(positive, positive, positive, positive)
def test_not_critical_when_it_holds_satisfies_its_hypothesis(gradient, curvature, constant, domain):
    argument = newton.not_critical(*map(exactly, (gradient, curvature, constant, domain)))
    if argument.holds:
        assert (curvature + constant * domain / 2) * domain < gradient


ARGUMENTS = [
    (newton.lemma_1, (1, 0.001, 0.001, 1)),
    (newton.theorem_e, (0.001, 1, 0.001, 0.001, 1)),
    (newton.theorem_d, (1, 2, 0.001, 0.001, 1)),
    (newton.lemma_2, (1, 0.001, 1, 0.001, 0.001)),
    (theorems.global_minimum, (0, 1)),
    (newton.not_critical, (1, 0.001, 0.001, 1)),
]
PLACES = [(f, x, i) for f, x in ARGUMENTS for i in range(len(x))]


def argument_of(function, numbers):
    result = function(*numbers)
    return result if isinstance(result, outcome.Argument) else result[0]


@pytest.mark.parametrize("function, numbers", ARGUMENTS, ids=lambda x: getattr(x, "__name__", ""))
def test_every_theorem_holds_somewhere(function, numbers):
    assert argument_of(function, [arb(x) for x in numbers]).holds


@pytest.mark.parametrize("bad", [arb.nan(), arb(0, "inf"), arb(1, 10**9)], ids=["nan", "line", "wide"])
@pytest.mark.parametrize("function, numbers, place", PLACES)
def test_no_theorem_holds_on_a_number_that_is_not_known(function, numbers, place, bad):
    if (function, place) == (newton.theorem_d, 1):
        return  # the largest eigenvalue only bounds the step; see the next test
    given_numbers = [arb(x) for x in numbers]
    given_numbers[place] = bad
    assert not argument_of(function, given_numbers).holds


def test_theorem_d_allows_no_step_if_the_largest_eigenvalue_is_not_known():
    for bad in (arb.nan(), arb(0, "inf")):
        _, _, step = newton.theorem_d(arb(1), bad, arb(0.001), arb(0.001), arb(1))
        assert not ball.proves_positive(step)


# --- theorems: what they say about functions of one variable ------------------------------------------


def quadratic_roots(a, b, c):
    """The real roots of a x^2 + b x + c, by mpmath; a != 0."""
    square = b * b - 4 * a * c
    if square < 0:
        return []
    root = MP.sqrt(real(square))
    return [(-real(b) - root) / real(2 * a), (-real(b) + root) / real(2 * a)]


small = st.builds(lambda m, e: m * Fraction(2) ** e, st.integers(1, 4000), st.integers(-12, 0))
signs = st.sampled_from([-1, 1])


@many
@given(small, small, small, signs, signs, signs, st.integers(-200, 200), positive)
def test_theorem_e_finds_exactly_one_root(slope, bend, value, s, t, u, error, domain):
    """F'(x) = value + slope x + bend x^2, X = about 1 / slope."""
    slope, bend, value = s * slope, t * bend, u * value / 2**12
    x = Fraction(round(2**30 / slope), 2**30) * (1 + Fraction(error, 1024))
    arguments = (abs(1 - x * slope), abs(x), abs(x * value), 2 * abs(bend), domain)
    argument, radius, uniqueness = newton.theorem_e(*map(around, arguments))
    if not argument.holds:
        return
    r, unique = real(radius), real(uniqueness)
    found = [root for root in quadratic_roots(bend, slope, value) if abs(root) <= unique - SLACK]
    assert len(found) == 1
    assert abs(found[0]) <= r + SLACK
    curvature = real(slope) + 2 * real(bend) * found[0]
    assert curvature * s > 0  # the inertia at the root is that at 0


@many
@given(small, small, small, signs, signs, positive)
def test_lemma_1_finds_a_minimum(slope, bend, value, t, u, domain):
    bend, value = t * bend, u * value / 2**10
    argument, radius = newton.lemma_1(*map(around, (slope, abs(value), 2 * abs(bend), domain)))
    if argument.holds:
        roots = quadratic_roots(bend, slope, value)
        minima = [x for x in roots if real(slope) + 2 * real(bend) * x > 0]
        assert any(abs(x) <= real(radius) + SLACK for x in minima)


@many
@given(small, small, small, signs, signs, positive, st.integers(-16, 16))
def test_theorem_d_gradient_descent_comes_nearer(slope, bend, value, t, u, domain, sixteenths):
    bend, value = t * bend, u * value / 2**12
    chi = Fraction(2**40, math.floor(2**40 * slope))  # a little more than 1 / slope
    constant = 2 * abs(bend)
    exists, radius, _ = newton.theorem_e(*map(around, (Fraction(0), chi, chi * abs(value), constant, domain)))
    if not exists.holds:
        return
    argument, basin, step = newton.theorem_d(
        around(slope), around(slope), around(constant), radius, around(domain)
    )
    if not argument.holds:
        return
    goal = min(quadratic_roots(bend, slope, value), key=abs)
    start = real(basin) * sixteenths / 16
    for factor in (MP.mpf(1) / 100, MP.mpf(99) / 100):
        after = start - factor * real(step) * (real(value) + real(slope) * start + real(bend) * start**2)
        assert abs(after - goal) <= abs(start - goal)


@many
@given(small, small, small, signs, signs, signs, positive)
def test_not_critical_means_that_there_is_no_root(slope, bend, value, s, t, u, domain):
    slope, bend, value = s * slope, t * bend, u * value
    argument = newton.not_critical(*map(around, (abs(value), abs(slope), 2 * abs(bend), domain / 64)))
    if argument.holds:
        assert all(abs(x) > real(domain / 64) for x in quadratic_roots(bend, slope, value))


@many
@given(small, small, small, signs, signs, positive, small)
def test_lemma_2_and_taylor_bound_the_value_at_the_minimum(slope, bend, value, t, u, domain, height):
    bend, value = t * bend, u * value / 2**10
    existence, radius = newton.lemma_1(*map(around, (slope, abs(value), 2 * abs(bend), domain)))
    if not existence.holds:
        return
    goal = min(quadratic_roots(bend, slope, value), key=abs)
    change = real(value) * goal + real(slope) * goal**2 / 2 + real(bend) * goal**3 / 3
    constant, top = around(2 * abs(bend)), around(height)
    argument, lowest = newton.lemma_2(top, around(abs(value)), around(slope), constant, radius)
    if argument.hypotheses[0].proved:
        assert real(lowest) <= real(height) + change + SLACK
        if argument.holds:
            assert real(height) + change > 0
    low, high = newton.taylor(top, around(abs(value)), around(slope), constant, radius)
    assert real(high) >= real(height) + change
    assert real(low) <= max(real(height) + change, 0)
