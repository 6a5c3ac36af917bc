"""Containment: exact numbers in, the truth inside the ball that comes out.

The truth is computed here, independently of the kernel: by exact rationals where possible, otherwise by
mpmath at about fifteen times the precision of the kernel.
"""

import math
from fractions import Fraction
from itertools import pairwise

import mpmath
import numpy as np
import pytest
from flint import arb, ctx, fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

from relucert.kernel import arccos, ball, newton, outcome, spectrum
from relucert.kernel.ball import BallMatrix, NotProved
from relucert.kernel.teacher import lipschitz, loss, theorems

BITS = 64
MP = mpmath.mp.clone()
MP.prec = 1000
GRAIN = 420  # truths are known to within 2**-400

few = settings(derandomize=True, deadline=None, max_examples=30)
some = settings(derandomize=True, deadline=None, max_examples=60)
many = settings(derandomize=True, deadline=None, max_examples=150)


def contains(enclosure, truth):
    """Whether a finite ball contains a truth, a Fraction or an mpmath number known to within 2**-400."""
    if not enclosure.is_finite():
        return False
    if isinstance(truth, Fraction):
        lowest, highest = fraction(enclosure.lower()), fraction(enclosure.upper())
        return lowest <= truth <= highest
    return enclosure.overlaps(arb((int(MP.floor(truth * 2**GRAIN)), -GRAIN), (1, 20 - GRAIN)))


def fraction(point):
    """The exact value of a ball of radius 0."""
    mantissa, exponent = ball.to_dyadic(point)
    return mantissa * Fraction(2) ** exponent


def real(x):
    """A Fraction, or the exact value of a ball of radius 0, as an mpmath number."""
    x = x if isinstance(x, Fraction) else fraction(x)
    return MP.mpf(x.numerator) / x.denominator


def around(x):
    """A ball that contains the rational x."""
    return arb(fmpq(x.numerator, x.denominator))


def exactly(x):
    """The exact ball of a dyadic rational."""
    exponent = x.denominator.bit_length() - 1
    assert x.denominator == 1 << exponent
    return ball.exact((x.numerator, -exponent))


# --- ball ---------------------------------------------------------------------------------------------

mantissas = st.integers(-(10**6), 10**6)
exponents = st.integers(-60, 60)
dyadics = st.builds(lambda m, e: m * Fraction(2) ** e, mantissas, exponents)
tame = st.builds(lambda m, e: m * Fraction(2) ** e, st.integers(-(10**6), 10**6), st.integers(-30, 0))
positive = st.builds(lambda m, e: m * Fraction(2) ** e, st.integers(1, 10**6), st.integers(-30, 0))


@st.composite
def members(draw, low=-(10**6)):
    """A ball with a radius, and one exact member of it."""
    middle = draw(st.integers(low, 10**6)) * Fraction(2) ** draw(st.integers(-20, 20))
    radius = draw(st.integers(0, 255)) * Fraction(2) ** draw(st.integers(-40, 20))
    member = middle + radius * Fraction(draw(st.integers(-8, 8)), 8)
    return arb(exactly(middle), exactly(radius)), member


@many
@given(st.integers(-(2**2000), 2**2000), st.integers(-5000, 5000))
def test_exact_never_rounds(mantissa, exponent):
    with ball.precision(32):
        assert fraction(ball.exact((mantissa, exponent))) == mantissa * Fraction(2) ** exponent


@many
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_floats_enter_by_their_exact_value(value):
    with ball.precision(32):
        assert fraction(ball.exact_float(value)) == Fraction(value)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_floats_that_are_not_numbers_do_not_enter(value):
    with pytest.raises(NotProved):
        ball.exact_float(value)


@pytest.mark.parametrize("bits", [32, 53, 64, 333])
def test_pi_is_in_its_ball(bits):
    with ball.precision(bits):
        assert contains(ball.pi(), MP.pi)


@many
@given(members(), members())
def test_proved_comparisons_are_true_of_all_members(x, y):
    (a, in_a), (b, in_b) = x, y
    if ball.proves_lt(a, b):
        assert in_a < in_b
    if ball.proves_le(a, b):
        assert in_a <= in_b
    if ball.proves_positive(a):
        assert in_a > 0


@many
@given(dyadics, dyadics)
def test_comparisons_of_exact_numbers_are_decided(x, y):
    a, b = exactly(x), exactly(y)
    assert ball.proves_lt(a, b) == (x < y)
    assert ball.proves_le(a, b) == (x <= y)
    assert ball.proves_positive(a) == (x > 0)


OTHERS = [arb(0), arb(-1), arb(1), arb(0, 1), arb("inf"), arb("-inf"), arb.nan(), ball.undefined()]


@pytest.mark.parametrize("other", OTHERS, ids=str)
def test_nan_proves_nothing(other):
    nan = ball.undefined()
    for a, b in [(nan, other), (other, nan)]:
        assert not ball.proves_lt(a, b)
        assert not ball.proves_le(a, b)
        for relation in ("<", "<="):
            assert not outcome.inequality("x", a, relation, b, "").proved
            assert not outcome.Inequality("x", "", a, relation, b).proved
        for derived in (ball.largest([a, b]), ball.smallest([a, b]), sum([a, b]), ball.hull(a, b)):
            assert not derived.is_finite()
            assert not ball.proves_lt(derived, arb(2))
            assert not ball.proves_lt(arb(-2), derived)
    assert not ball.proves_positive(nan)
    assert not ball.proves_positive(-nan)
    assert not nan.is_finite()


@pytest.mark.parametrize("function", [ball.root, ball.symmetric, ball.square, ball.lower, ball.upper])
def test_nan_stays_nan(function):
    assert not function(ball.undefined()).is_finite()


def test_a_relation_that_is_not_known_proves_nothing():
    assert not outcome.inequality("x", arb(0), ">", arb(1), "").proved
    assert not outcome.inequality("x", arb(1), ">", arb(0), "").proved


def test_an_argument_without_hypotheses_does_not_hold():
    assert not outcome.Argument("nothing", ()).holds


@many
@given(members(), members(), st.sampled_from(["<", "<="]))
def test_a_proved_inequality_is_true_of_all_members(x, y, relation):
    (a, in_a), (b, in_b) = x, y
    if outcome.inequality("x", a, relation, b, "").proved:
        assert in_a < in_b or (relation == "<=" and in_a == in_b)


@many
@given(st.lists(members(), min_size=1, max_size=5))
def test_extremes_totals_and_norms_of_balls_contain_those_of_members(pairs):
    balls, inside = zip(*pairs, strict=True)
    assert contains(ball.largest(balls), max(inside))
    assert contains(ball.smallest(balls), min(inside))
    assert contains(sum(balls), sum(inside))
    squares = sum(x * x for x in inside)
    assert contains(ball.norm(balls), MP.sqrt(real(squares)))


def test_the_norm_of_no_numbers_is_0():
    assert fraction(ball.norm([])) == 0


@many
@given(members(), members(), st.integers(0, 8))
def test_hull_and_square_and_symmetric_contain_what_they_say(x, y, eighths):
    (a, in_a), (b, in_b) = x, y
    assert contains(ball.hull(a, b), in_a)
    assert contains(ball.hull(a, b), in_b)
    assert contains(ball.hull(a, b), in_a + (in_b - in_a) * Fraction(eighths, 8))
    assert contains(ball.square(a), in_a * in_a)
    assert contains(ball.symmetric(a), in_a)
    assert contains(ball.symmetric(a), -in_a)


@many
@given(members())
def test_bounds_of_a_ball_are_exact_and_on_the_safe_side(x):
    a, inside = x
    assert fraction(ball.lower(a)) <= inside <= fraction(ball.upper(a))


@many
@given(members(low=0))
def test_root_contains_the_roots_of_the_nonnegative_members(x):
    a, inside = x
    if inside >= 0:
        assert contains(ball.root(a), MP.sqrt(real(inside)))


@pytest.mark.parametrize("tiny", [2.0**-300, 2.0**-60, 1.0])
def test_root_of_a_ball_that_reaches_below_0_is_the_root_of_the_rest(tiny):
    top = ball.root(arb(0, tiny))
    assert contains(top, Fraction(0))
    assert contains(top, MP.sqrt(MP.mpf(tiny)))
    assert ball.proves_le(top.upper(), 2 * arb(tiny).sqrt())


def test_root_of_0_is_0():
    assert fraction(ball.upper(ball.root(arb(0)))) == 0


def test_root_of_a_negative_number_is_refused():
    with pytest.raises(NotProved):
        ball.root(arb(-1, 0.5))


@many
@given(dyadics, dyadics)
def test_angle_contains_atan2(y, x):
    enclosure = arb.atan2(exactly(y), exactly(x))
    assert contains(enclosure, MP.atan2(real(y), real(x)) if x or y else MP.mpf(0))


def test_angle_of_undetermined_numbers_contains_every_angle():
    everything = arb.atan2(arb(0, 1), arb(0, 1))
    assert contains(everything, MP.pi)
    assert contains(everything, -MP.pi)


@many
@given(dyadics)
def test_dyadics_survive_the_round_trip(x):
    mantissa, exponent = ball.to_dyadic(exactly(x))
    assert mantissa * Fraction(2) ** exponent == x


@pytest.mark.parametrize("a", [arb(1, 0.5), arb("inf"), arb.nan(), arb(0, "inf")], ids=str)
def test_only_exact_finite_numbers_are_dyadic(a):
    with pytest.raises(NotProved):
        ball.to_dyadic(a)


def test_precision_returns_after_the_block():
    with ball.precision(200):
        assert ctx.prec == 200
        with ball.precision(100):
            assert ctx.prec == 100
        assert ctx.prec == 200
    assert ctx.prec == 53


def test_precision_returns_after_an_exception():
    with pytest.raises(NotProved), ball.precision(300):
        ball.root(arb(-1))
    assert ctx.prec == 53


def test_precisions_too_low_to_be_meant_are_refused():
    with pytest.raises(ValueError, match="at least 32"), ball.precision(31):
        pass
    assert ctx.prec == 53


# --- arccos -------------------------------------------------------------------------------------------

RELATIONS = ["free", "equal", "parallel", "antiparallel", "near-parallel", "near-antiparallel"]


@st.composite
def vectors(draw, d):
    """A nonzero vector of d dyadics, its length between about 2**-40 and 2**60."""
    entries = draw(st.lists(st.integers(-1000, 1000), min_size=d, max_size=d).filter(any))
    shift = draw(st.integers(-40, 40))
    return tuple((m, shift) for m in entries)


@st.composite
def relatives(draw, a):
    """A vector that relates to the vector a in one of the ways above."""
    relation = draw(st.sampled_from(RELATIONS))
    if relation == "free":
        return draw(vectors(len(a)))
    if relation == "equal":
        return a
    sign = -1 if "anti" in relation else 1
    shift, factor = draw(st.integers(-40, 40)), sign * draw(st.sampled_from([1, 3, 7]))
    if not relation.startswith("near"):
        return tuple((factor * m, e + shift) for m, e in a)
    close = draw(st.integers(10, 200))
    noise = draw(st.lists(st.integers(-5, 5), min_size=len(a), max_size=len(a)))
    return tuple(((factor * m << close) + x, e + shift - close) for (m, e), x in zip(a, noise, strict=True))


@st.composite
def pairs(draw):
    a = draw(vectors(draw(st.integers(1, 3))))
    return a, draw(relatives(a))


@st.composite
def points(draw):
    """n neurons and k targets in R^d; each new vector may relate to one before it."""
    d = draw(st.integers(1, 3))
    n, k = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    everything = [draw(vectors(d))]
    while len(everything) < n + k:
        everything.append(draw(relatives(draw(st.sampled_from(everything)))))
    return tuple(everything[:n]), tuple(everything[n:])


def fractions(row):
    return [m * Fraction(2) ** e for m, e in row]


def dot(a, b):
    return sum(x * y for x, y in zip(a, b, strict=True))


class Truth:
    """The geometry of two rational vectors: the products exactly, the rest to 1000 bits."""

    def __init__(self, a, b):
        self.a, self.b = fractions(a), fractions(b)
        aa, bb, ab = dot(self.a, self.a), dot(self.b, self.b), dot(self.a, self.b)
        gram = aa * bb - ab * ab  # 0 exactly if parallel
        self.p, self.q = MP.sqrt(real(aa)), MP.sqrt(real(bb))
        self.sin, self.cos = MP.sqrt(real(gram)) / (self.p * self.q), real(ab) / (self.p * self.q)
        self.theta = MP.atan2(MP.sqrt(real(gram)), real(ab))
        self.units = [real(x) / self.p for x in self.a], [real(x) / self.q for x in self.b]
        self.parallel = gram == 0

    def f(self):
        return self.p * self.q * (self.sin + (MP.pi - self.theta) * self.cos) / (2 * MP.pi)

    def gradient(self):
        ahead, turn = self.q * self.sin, MP.pi - self.theta
        return [
            (ahead * u + turn * real(x)) / (2 * MP.pi) for u, x in zip(self.units[0], self.b, strict=True)
        ]

    def same(self):
        """(|z| (I - a^ a^^T) + z z^T / |z|) / (2 pi |a|), z the part of b orthogonal to a."""
        d = range(len(self.a))
        if self.parallel:
            return [[MP.mpf(0)] * len(self.a) for _ in d]
        share = dot(self.a, self.b) / dot(self.a, self.a)
        z = [y - share * x for x, y in zip(self.a, self.b, strict=True)]
        size, aa, scale = MP.sqrt(real(dot(z, z))), dot(self.a, self.a), 2 * MP.pi * self.p
        return [
            [
                (size * real((i == j) - self.a[i] * self.a[j] / aa) + real(z[i] * z[j]) / size) / scale
                for j in d
            ]
            for i in d
        ]

    def mixed(self):
        """((pi - t) I + sin t (y y^T / y.y - x x^T / x.x)) / (2 pi), y and x sum and difference of a^, b^."""
        d = range(len(self.a))
        turn = (MP.pi - self.theta) / (2 * MP.pi)
        if self.parallel:
            return [[turn * (i == j) for j in d] for i in d]
        x = [s - t for s, t in zip(*self.units, strict=True)]
        y = [s + t for s, t in zip(*self.units, strict=True)]
        xx, yy = dot(x, x), dot(y, y)
        scale = self.sin / (2 * MP.pi)
        return [[turn * (i == j) + scale * (y[i] * y[j] / yy - x[i] * x[j] / xx) for j in d] for i in d]


def balls(row):
    return [ball.exact(x) for x in row]


def contains_matrix(enclosure, truth):
    return all(
        contains(e, t)
        for row, true_row in zip(enclosure.tolist(), truth, strict=True)
        for e, t in zip(row, true_row, strict=True)
    )


@some
@given(pairs())
def test_length_direction_and_angle_of_vectors(pair):
    truth = Truth(*pair)
    with ball.precision(BITS):
        a, b = (arccos.vector(balls(row)) for row in pair)
        t = arccos.between(a, b)
        assert contains(a.length, truth.p)
        assert contains(b.length, truth.q)
        for vector, unit in zip((a, b), truth.units, strict=True):
            assert all(contains(x, y) for x, y in zip(vector.unit, unit, strict=True))
        assert contains(t.theta, truth.theta)
        assert contains(t.sin, truth.sin)
        assert contains(t.cos, truth.cos)
        e2 = [y - truth.cos * x for x, y in zip(*truth.units, strict=True)]
        assert all(contains(x, y) for x, y in zip(arccos.across(a, b, t), e2, strict=True))


@some
@given(pairs())
def test_kernel_and_its_gradient(pair):
    truth = Truth(*pair)
    with ball.precision(BITS):
        a, b = (arccos.vector(balls(row)) for row in pair)
        t = arccos.between(a, b)
        assert contains(arccos.kernel(a, b, t), truth.f())
        x, y = arccos.gradient_parts(b, t)
        assert contains(x, truth.q * truth.sin / (2 * MP.pi))
        assert contains(y, (MP.pi - truth.theta) / (2 * MP.pi))
        gradient = [x * u + y * e for u, e in zip(a.unit, b.entries, strict=True)]
        assert all(contains(g, s) for g, s in zip(gradient, truth.gradient(), strict=True))


@some
@given(pairs(), st.sampled_from([-1, 1]))
def test_second_derivatives_of_the_kernel(pair, sign):
    truth = Truth(*pair)
    with ball.precision(BITS):
        a, b = (arccos.vector(balls(row)) for row in pair)
        t = arccos.between(a, b)
        same = [[sign * x for x in row] for row in truth.same()]
        assert contains_matrix(arccos.same_block(a, [(sign, b, t)]), same)
        assert contains_matrix(arccos.mixed_block(a, b, t), truth.mixed())


@some
@given(st.integers(1, 3).flatmap(lambda d: vectors(d)), st.data())
def test_second_derivatives_summed_over_several_vectors(a, data):
    others = [(data.draw(st.sampled_from([-1, 1])), data.draw(relatives(a))) for _ in range(3)]
    blocks = [[[sign * x for x in row] for row in Truth(a, b).same()] for sign, b in others]
    total = [[sum(x) for x in zip(*rows, strict=True)] for rows in zip(*blocks, strict=True)]
    with ball.precision(BITS):
        w = arccos.vector(balls(a))
        met = [(sign, arccos.vector(balls(b))) for sign, b in others]
        enclosure = arccos.same_block(w, [(sign, b, arccos.between(w, b)) for sign, b in met])
        assert contains_matrix(enclosure, total)


@some
@given(pairs(), st.integers(0, 60), st.data())
def test_vectors_known_only_roughly(pair, accuracy, data):
    """Balls as entries: what is computed holds for every member, dividing or not."""
    truth = Truth(*pair)
    scale = Fraction(2) ** -accuracy
    blurred = []
    for row in (truth.a, truth.b):
        size = max(map(abs, row)) * scale / 64
        shifts = [size * Fraction(data.draw(st.integers(-8, 8)), 8) for _ in row]
        blurred.append([arb(exactly(x + y), exactly(size)) for x, y in zip(row, shifts, strict=True)])
    with ball.precision(BITS):
        try:
            a, b = map(arccos.vector, blurred)
        except NotProved:
            pytest.fail("the noise is small against the vector")
        t = arccos.between(a, b)
        assert contains(t.theta, truth.theta)
        assert contains(arccos.kernel(a, b, t), truth.f())
        assert contains_matrix(arccos.same_block(a, [(1, b, t)]), truth.same())
        assert contains_matrix(arccos.mixed_block(a, b, t), truth.mixed())


DIRECTIONS = [((1, 0),), ((3, 0), (4, 0)), ((1, 0), (0, 0), (0, 0)), ((1, -40), (-7, 3), (5, 40))]


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("a", DIRECTIONS)
def test_parallel_vectors_do_not_divide_and_contain_the_limit(a, sign):
    b = tuple((3 * sign * m, e - 5) for m, e in a)
    with ball.precision(BITS):
        w, v = arccos.vector(balls(a)), arccos.vector(balls(b))
        t = arccos.between(w, v)
        assert not arccos.divides(t)
        same, mixed = arccos.same_block(w, [(1, v, t)]), arccos.mixed_block(w, v, t)
    d = range(len(a))
    assert contains_matrix(same, [[Fraction(0) for _ in d] for _ in d])
    limit = [[Fraction(i == j, 2 if sign > 0 else 1) * (sign > 0) for j in d] for i in d]
    assert contains_matrix(mixed, limit)


@some
@given(pairs())
def test_dividing_means_that_the_sine_is_positive(pair):
    with ball.precision(32):
        a, b = (arccos.vector(balls(row)) for row in pair)
        t = arccos.between(a, b)
        if arccos.divides(t):
            assert ball.proves_positive(t.sin)
            assert not Truth(*pair).parallel


@pytest.mark.parametrize(
    "entries", [[arb(0)], [arb(0), arb(0)], [arb(1, 2)], [arb.nan()], [arb("inf"), arb(1)]]
)
def test_vectors_that_may_be_0_are_refused_and_infinite_ones_prove_nothing(entries):
    try:
        vector = arccos.vector(entries)
    except NotProved:
        return
    assert not all(map(arb.is_finite, vector.unit))


# --- loss ---------------------------------------------------------------------------------------------


def true_objective(point, targets):
    everything = [(x, 1) for x in point] + [(x, -1) for x in targets]
    return sum(s * t * Truth(a, b).f() for a, s in everything for b, t in everything) / 2


def true_gradient(point, targets):
    result = []
    for i, w in enumerate(point):
        row = [real(x) / 2 for x in fractions(w)]
        others = [(x, 1) for j, x in enumerate(point) if j != i] + [(x, -1) for x in targets]
        for other, sign in others:
            row = [x + sign * y for x, y in zip(row, Truth(w, other).gradient(), strict=True)]
        result += row
    return result


def true_hessian(point, targets):
    d = len(point[0])
    matrix = [[MP.mpf(0)] * (len(point) * d) for _ in range(len(point) * d)]

    def add(i, j, sign, block):
        for a in range(d):
            for b in range(d):
                matrix[i * d + a][j * d + b] += sign * block[a][b]

    for i, w in enumerate(point):
        add(i, i, 1, [[MP.mpf(a == b) / 2 for b in range(d)] for a in range(d)])
        for j, other in enumerate(point):
            if j != i:
                add(i, i, 1, Truth(w, other).same())
                add(i, j, 1, Truth(w, other).mixed())
        for v in targets:
            add(i, i, -1, Truth(w, v).same())
    return matrix


@few
@given(points())
def test_objective_contains_the_truth(problem):
    with ball.precision(BITS):
        assert contains(loss.objective(loss.geometry(*problem)), true_objective(*problem))


@few
@given(points())
def test_gradient_contains_the_truth(problem):
    with ball.precision(BITS):
        enclosure = loss.gradient(loss.geometry(*problem))
    assert all(contains(x, y) for x, y in zip(enclosure, true_gradient(*problem), strict=True))


@few
@given(points())
def test_hessian_contains_the_truth(problem):
    with ball.precision(BITS):
        assert contains_matrix(loss.hessian(loss.geometry(*problem)), true_hessian(*problem))


@some
@given(points())
def test_more_bits_meet_fewer_bits(problem):
    """Evaluated by the kernel itself at 10 times the precision: both balls contain the same number."""
    results = []
    for bits in (64, 640):
        with ball.precision(bits):
            g = loss.geometry(*problem)
            results.append([loss.objective(g), *loss.gradient(g), *loss.hessian(g).entries()])
    assert all(x.is_finite() and x.overlaps(y) for x, y in zip(*results, strict=True))


@some
@given(points(), st.data())
def test_distance_contains_the_truth(problem, data):
    point = problem[0]
    other = tuple(data.draw(relatives(row)) for row in point)
    moved = [
        x - y
        for a, b in zip(point, other, strict=True)
        for x, y in zip(fractions(a), fractions(b), strict=True)
    ]
    with ball.precision(BITS):
        assert contains(loss.distance(point, other), MP.sqrt(real(dot(moved, moved))))


@pytest.mark.parametrize(
    "point, targets", [(((0, 0), (0, 5)), ((1, 0), (0, 0))), (((1, 0), (0, 0)), ((0, 0), (0, 0)))]
)
def test_zero_vectors_have_no_geometry(point, targets):
    with pytest.raises(NotProved):
        loss.geometry((point,), (targets,))


# --- spectrum -----------------------------------------------------------------------------------------


@st.composite
def symmetric_matrices(draw, singular=False):
    """A symmetric rational matrix, and its exact eigenvalues in ascending order, of both signs."""
    m = draw(st.integers(2 if singular else 1, 4))
    eigenvalues = sorted(Fraction(draw(st.integers(-80, 80)), 8) for _ in range(m))
    if singular:
        eigenvalues = [Fraction(0), *(abs(x) + 1 for x in eigenvalues[1:])]
        eigenvalues.sort()
    matrix = [[eigenvalues[i] * (i == j) for j in range(m)] for i in range(m)]
    for _ in range(2):
        u = draw(st.lists(st.integers(-3, 3), min_size=m, max_size=m).filter(any))
        flip = [[Fraction(i == j) - Fraction(2 * u[i] * u[j], dot(u, u)) for j in range(m)] for i in range(m)]
        matrix = product(product(flip, matrix), flip)
    return matrix, eigenvalues


def product(a, b):
    return [[dot(row, column) for column in zip(*b, strict=True)] for row in a]


@st.composite
def guesses(draw, matrix):
    """A floating-point eigendecomposition, made worse: scaled, not orthogonal, wrong eigenvalues."""
    values, vectors = np.linalg.eigh(np.array(matrix, dtype=float))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    spoil = draw(st.sampled_from([0.0, 2.0**-40, 2.0**-20, 2.0**-10, 0.01]))
    scale = draw(st.sampled_from([1.0, 0.85, 1.15]))
    vectors = scale * (vectors + spoil * rng.uniform(-1, 1, vectors.shape))
    wrong = draw(st.sampled_from([0.0, 2.0**-30, 0.01, 1.0]))
    values = np.sort(values + wrong * rng.uniform(-1, 1, values.shape))
    return spectrum.Eigen(vectors.T.tolist(), values.tolist())


def enclosing(matrix):
    return BallMatrix([[around(x) for x in row] for row in matrix])


@many
@given(st.data())
def test_every_eigenvalue_is_in_its_enclosure_in_order(data):
    matrix, eigenvalues = data.draw(symmetric_matrices())
    guess = data.draw(guesses(matrix))
    with ball.precision(BITS):
        flat = spectrum.spectrum(enclosing(matrix), guess)
    assert all(contains(e, t) for e, t in zip(flat.values, eigenvalues, strict=True))
    assert fraction(flat.safran_shamir) <= eigenvalues[0]


@many
@given(st.data())
def test_signs_that_are_proved_are_right(data):
    matrix, eigenvalues = data.draw(symmetric_matrices())
    with ball.precision(BITS):
        signs = spectrum.signs(spectrum.spectrum(enclosing(matrix), data.draw(guesses(matrix))))
    inertia = sum(x < 0 for x in eigenvalues), sum(x > 0 for x in eigenvalues)
    assert signs is None or signs == inertia


def approximate_inverse(guess):
    """U D^-1 U^T, exactly, or None."""
    columns = [[Fraction(x) for x in row] for row in guess.vectors]
    values = [Fraction(x) for x in guess.values]
    if 0 in values:
        return None
    scaled = [[x / d for x in row] for row, d in zip(columns, values, strict=True)]
    return product([list(row) for row in zip(*columns, strict=True)], scaled)


def spectral_norm(matrix):
    with mpmath.workdps(60):
        exact = mpmath.matrix([[mpmath.mpf(x.numerator) / x.denominator for x in row] for row in matrix])
        size = mpmath.svd_r(exact, compute_uv=False)[0]
        return Fraction(int(mpmath.floor(size * 2**150)), 2**150)  # below the norm by 2**-140 at most


def residual_and_defect(matrix, guess):
    """||A - U D U^T||_F^2 and ||I - U^T U||_F^2, exactly."""
    columns = [[Fraction(x) for x in row] for row in guess.vectors]
    scaled = [[Fraction(d) * x for x in row] for row, d in zip(columns, guess.values, strict=True)]
    again = product([list(row) for row in zip(*columns, strict=True)], scaled)
    gram = product(columns, [list(row) for row in zip(*columns, strict=True)])
    residual = sum(
        (x - y) ** 2 for p, q in zip(matrix, again, strict=True) for x, y in zip(p, q, strict=True)
    )
    return residual, sum((x - (i == j)) ** 2 for i, row in enumerate(gram) for j, x in enumerate(row))


@many
@given(st.data())
def test_residual_and_defect_bound_the_truth(data):
    matrix, _ = data.draw(symmetric_matrices())
    guess = data.draw(guesses(matrix))
    with ball.precision(BITS):
        flat = spectrum.spectrum(enclosing(matrix), guess)
    residual, defect = residual_and_defect(matrix, guess)
    assert fraction(flat.residual) ** 2 >= residual
    assert fraction(flat.defect) ** 2 >= defect


@many
@given(st.data())
def test_error_and_size_of_the_approximate_inverse_are_upper_bounds(data):
    matrix, _ = data.draw(symmetric_matrices())
    guess = data.draw(guesses(matrix))
    x = approximate_inverse(guess)
    with ball.precision(BITS):
        inverse = spectrum.spectrum(enclosing(matrix), guess).inverse
    if x is None:
        assert not ball.proves_lt(inverse.error, arb(1))
        return
    off = [[(i == j) - y for j, y in enumerate(row)] for i, row in enumerate(product(x, matrix))]
    tiny = Fraction(1, 2**120)
    assert fraction(inverse.error) >= spectral_norm(off) * (1 - tiny)
    assert fraction(inverse.size) >= spectral_norm(x) * (1 - tiny)


@many
@given(st.data())
def test_the_inverse_applied_to_a_vector_is_bounded(data):
    matrix, _ = data.draw(symmetric_matrices())
    guess = data.draw(guesses(matrix))
    column = data.draw(st.lists(dyadics, min_size=len(matrix), max_size=len(matrix)))
    x = approximate_inverse(guess)
    with ball.precision(BITS):
        inverse = spectrum.spectrum(enclosing(matrix), guess).inverse
        bound = spectrum.apply_inverse(inverse, [exactly(y) for y in column])
    if x is None:
        assert not bound.is_finite()
        return
    image = [dot(row, column) for row in x]
    assert fraction(bound) ** 2 >= dot(image, image)


def test_safran_shamirs_algorithm_1_as_corrected_survives_the_counterexamples():
    for true, u, d in [(-0.36, 0.6, -1.0), (9.025, 0.95, 10.0), (-1.44, 1.2, -1.0)]:
        flat = spectrum.spectrum(BallMatrix([[arb(true)]]), spectrum.Eigen([[u]], [d]))
        assert fraction(flat.safran_shamir) <= Fraction(true)
        assert contains(flat.values[0], Fraction(true))


def test_swapped_eigenvalues_of_a_good_guess_are_refused():
    matrix = BallMatrix([[arb(1), arb(0)], [arb(0), arb(2)]])
    with pytest.raises(NotProved):
        spectrum.spectrum(matrix, spectrum.Eigen([[0.0, 1.0], [1.0, 0.0]], [2.0, 1.0]))


@pytest.mark.parametrize("vectors", [[[0.0]], [[2.0]], [[-1.5]], [[1e-300]], [[1e300]]])
def test_eigenvectors_that_may_be_dependent_are_refused(vectors):
    with pytest.raises(NotProved):
        spectrum.spectrum(BallMatrix([[arb(1)]]), spectrum.Eigen(vectors, [1.0]))


def test_dependent_eigenvectors_are_refused():
    matrix = BallMatrix([[arb(1), arb(0)], [arb(0), arb(1)]])
    with pytest.raises(NotProved):
        spectrum.spectrum(matrix, spectrum.Eigen([[1.0, 0.0], [1.0, 0.0]], [1.0, 1.0]))


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("place", range(6))
def test_guesses_that_are_not_numbers_are_refused(bad, place):
    entries = [1.0, 0.0, 0.0, 1.0, 1.0, 2.0]
    entries[place] = bad
    guess = spectrum.Eigen([entries[:2], entries[2:4]], entries[4:])
    with pytest.raises(NotProved):
        spectrum.spectrum(BallMatrix([[arb(1), arb(0)], [arb(0), arb(2)]]), guess)


def test_a_matrix_with_a_nan_proves_nothing():
    matrix = BallMatrix([[arb.nan(), arb(0)], [arb(0), arb(2)]])
    flat = spectrum.spectrum(matrix, spectrum.Eigen([[1.0, 0.0], [0.0, 1.0]], [1.0, 2.0]))
    assert spectrum.signs(flat) is None
    assert not ball.proves_lt(flat.inverse.error, arb(1))
    assert not any(map(arb.is_finite, flat.values))


def facts_from(flat, dimension, **changes):
    """Facts that would prove everything if the spectrum allowed it: gradient 0, tiny L, positive F."""
    base = theorems.Facts(
        neurons=[arb(1)],
        targets=[arb(1)],
        objective=arb(1),
        gradient=arb(0),
        spectrum=flat,
        correction=spectrum.apply_inverse(flat.inverse, [arb(0)] * dimension),
        lipschitz=arb(2.0**-200),
        lipschitz_safran_shamir=None,
        domain=arb(0.25),
        to_global=arb(0),
    )
    return base._replace(**changes)


@many
@given(st.data(), st.sampled_from([None, 0.0, 5e-324, -5e-324, 2.0**-30, 0.5]))
def test_a_singular_hessian_is_always_inconclusive(data, forced):
    matrix, _ = data.draw(symmetric_matrices(singular=True))
    guess = data.draw(guesses(matrix))
    if forced is not None:
        guess = guess._replace(values=[forced, *(max(x, 0.5) for x in guess.values[1:])])
    with ball.precision(BITS):
        flat = spectrum.spectrum(enclosing(matrix), guess)
        assert spectrum.signs(flat) is None
        verdict = theorems.decide_critical(facts_from(flat, len(matrix)))
    assert isinstance(verdict, outcome.Inconclusive)
    assert verdict.reason


def test_a_regular_hessian_is_not_always_inconclusive():
    flat = spectrum.spectrum(BallMatrix([[arb(2)]]), spectrum.Eigen([[1.0]], [2.0]))
    assert isinstance(theorems.decide_critical(facts_from(flat, 1)), outcome.GlobalMinimum)
    assert isinstance(theorems.decide_critical(facts_from(flat, 1, to_global=None)), outcome.SpuriousMinimum)
    few = facts_from(flat, 1, to_global=None, targets=[arb(1)] * 2)
    assert isinstance(theorems.decide_critical(few), outcome.LocalMinimum)
    flat = spectrum.spectrum(BallMatrix([[arb(-2)]]), spectrum.Eigen([[1.0]], [-2.0]))
    assert isinstance(theorems.decide_critical(facts_from(flat, 1)), outcome.StrictSaddle)


NUMBERS = ["objective", "gradient", "correction", "lipschitz", "domain"]


@pytest.mark.parametrize("name", NUMBERS)
def test_an_undefined_fact_never_proves_a_spurious_minimum(name):
    flat = spectrum.spectrum(BallMatrix([[arb(2)]]), spectrum.Eigen([[1.0]], [2.0]))
    facts = facts_from(flat, 1, to_global=None)._replace(**{name: ball.undefined()})
    assert not theorems.decide_critical(facts).proved
    assert not theorems.decide_not_critical(facts).proved


def saddle(lowest, highest):
    matrix = BallMatrix([[arb(lowest), arb(0)], [arb(0), arb(highest)]])
    return spectrum.spectrum(matrix, spectrum.Eigen([[1.0, 0.0], [0.0, 1.0]], [lowest, highest]))


@pytest.mark.parametrize("lowest, highest", [(-8.0, 1.0), (-1.0, 8.0)])
def test_the_steepest_eigenvalue_of_either_sign_counts(lowest, highest):
    """F = g.x + (lowest x^2 + highest y^2)/2: a gradient of length 8 rho may vanish at a distance rho."""
    facts = facts_from(saddle(lowest, highest), 2, domain=arb(0.25), gradient=arb(1.99))
    assert not theorems.decide_not_critical(facts).proved
    assert theorems.decide_not_critical(facts._replace(gradient=arb(2.01))).proved


@pytest.mark.parametrize("lowest, highest", [(-8.0, 1.0), (-1.0, 8.0)])
def test_the_value_at_a_saddle_allows_for_the_steepest_eigenvalue(lowest, highest):
    """From a distance r the value may differ by eps r + 8 r^2 / 2."""
    facts = facts_from(saddle(lowest, highest), 2, gradient=arb(0.5), correction=arb(0.125))
    verdict = theorems.decide_critical(facts)
    assert isinstance(verdict, outcome.StrictSaddle)
    low, high = verdict.bounds.objective
    change = 0.5 * 0.125 + 8 * 0.125**2 / 2
    assert ball.proves_le(low, arb(1 - change))
    assert ball.proves_le(arb(1 + change), high)


def test_an_undefined_distance_never_proves_a_global_minimum():
    flat = spectrum.spectrum(BallMatrix([[arb(2)]]), spectrum.Eigen([[1.0]], [2.0]))
    verdict = theorems.decide_critical(facts_from(flat, 1, to_global=ball.undefined(), objective=arb(0)))
    assert isinstance(verdict, outcome.Inconclusive)


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
SLACK = MP.mpf(2) ** -300


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


# --- decisions about the loss itself ------------------------------------------------------------------


def facts_at(point, targets, domain, to_global=None):
    g = loss.geometry(point, targets)
    hessian, gradient = loss.hessian(g), loss.gradient(g)
    values, vectors = np.linalg.eigh(np.array([[float(x) for x in row] for row in hessian.tolist()]))
    flat = spectrum.spectrum(hessian, spectrum.Eigen(vectors.T.tolist(), values.tolist()))
    p, q = [x.length for x in g.neurons], [x.length for x in g.targets]
    return theorems.Facts(
        neurons=p,
        targets=q,
        objective=loss.objective(g),
        gradient=ball.norm(gradient),
        spectrum=flat,
        correction=spectrum.apply_inverse(flat.inverse, gradient),
        lipschitz=lipschitz.theorem_b(p, q, domain),
        lipschitz_safran_shamir=None,
        domain=domain,
        to_global=to_global,
    )


@st.composite
def near_targets(draw):
    """Independent targets in R^2 or R^3, and a point near a permutation of them, 2**-8 to 2**-40 away."""
    d = draw(st.integers(1, 3))
    targets = tuple(tuple(((4 * (i == j) + draw(st.integers(-1, 1))), 0) for j in range(d)) for i in range(d))
    close = draw(st.integers(8, 40))
    order = draw(st.permutations(range(d)))
    point = tuple(
        tuple(((m << close) + draw(st.integers(-1, 1)), -close) for m, _ in targets[i]) for i in order
    )
    return point, targets, tuple(targets[i] for i in order)


@some
@given(near_targets())
def test_a_point_near_the_targets_is_never_spurious_and_never_not_critical(problem):
    point, targets, ordered = problem
    with ball.precision(BITS):
        distance = ball.upper(loss.distance(point, ordered))
        for domain in (arb(2.0**-3), arb(2.0**-5), ball.upper(2 * distance + arb(2.0**-60))):
            alone = facts_at(point, targets, domain)
            assert isinstance(theorems.decide_critical(alone), outcome.Inconclusive)
            if ball.proves_le(distance, domain):
                assert not theorems.decide_not_critical(alone).proved
            verdict = theorems.decide_critical(alone._replace(to_global=distance))
            assert isinstance(verdict, outcome.GlobalMinimum | outcome.Inconclusive)


def test_the_targets_themselves_are_a_global_minimum():
    targets = (((1, 0), (0, 0)), ((0, 0), (1, 0)))
    with ball.precision(BITS):
        facts = facts_at(targets, targets, arb(2.0**-5), to_global=arb(0))
        assert isinstance(theorems.decide_critical(facts), outcome.GlobalMinimum)


@few
@given(points(), st.integers(2, 20))
def test_bounds_contain_the_truth_at_the_point(problem, close):
    """What an outcome reports about the point itself, whatever the verdict."""
    point, targets = problem
    with ball.precision(BITS):
        g = loss.geometry(point, targets)
        domain = ball.lower(ball.smallest([w.length for w in g.neurons]) * arb(2.0**-close))
        try:
            facts = facts_at(point, targets, domain)
        except NotProved:
            return
        verdict = theorems.decide_not_critical(facts)
    truth, eps = true_objective(*problem), MP.norm(true_gradient(*problem))
    low, high = verdict.bounds.objective
    assert real(low) <= truth + SLACK
    assert real(high) >= truth - SLACK
    assert real(verdict.bounds.gradient) >= eps - SLACK
    hessian = np.array([[float(x) for x in row] for row in true_hessian(*problem)])
    values = np.linalg.eigvalsh(hessian)
    slack = 1e-9 * max(1.0, float(np.abs(hessian).max()))
    assert (
        float(verdict.bounds.lambda_min[0]) - slack
        <= values[0]
        <= float(verdict.bounds.lambda_min[1]) + slack
    )
    assert values[-1] <= float(verdict.bounds.lambda_max) + slack
    assert all(a <= b for a, b in pairwise(values))


def test_safran_shamirs_equation_5_is_exactly_theirs():
    """n = 2, k = 1, p = q = 1, r = 1/2, eps = 1: least = pi."""
    flat = spectrum.spectrum(BallMatrix([[arb(2)]]), spectrum.Eigen([[1.0]], [2.0]))
    facts = facts_from(flat, 1, neurons=[arb(1)] * 2, targets=[arb(1)])
    argument = theorems.safran_shamir_5(facts, arb(1), arb(0.5))
    truth = 0.25 * (0.5 + 2 * (1.5 / math.pi + 0.5) + 2 / math.pi) + 0.5
    assert abs(float(argument.hypotheses[0].left) - truth) < 1e-12


def test_a_rough_smallest_eigenvalue_counts_at_its_lowest():
    """lambda_min in [1, 3], L = eps = 1: 25 L eps <= 9 lambda_min^2 holds for 3 and not for 1."""
    flat = spectrum.spectrum(BallMatrix([[arb(2)]]), spectrum.Eigen([[1.0]], [2.0]))
    flat = flat._replace(values=(arb(2, 1),))
    verdict = theorems.decide_critical(
        facts_from(flat, 1, gradient=arb(1), lipschitz=arb(1), domain=arb(100))
    )
    assert verdict.proved
    assert verdict.bounds.radius_lemma_1 is None


def test_rough_gradients_and_eigenvalues_count_at_their_worst():
    rough = saddle(-8.0, 1.0)._replace(values=(arb(-8, 0.5), arb(1, 0.5)))
    facts = facts_from(rough, 2, domain=arb(0.25), lipschitz=arb(2.0**-200))
    assert not theorems.decide_not_critical(facts._replace(gradient=arb(2.1))).proved
    assert theorems.decide_not_critical(facts._replace(gradient=arb(2.13))).proved
    assert not theorems.decide_not_critical(facts._replace(gradient=arb(2.2, 0.1))).proved
    assert theorems.decide_not_critical(facts._replace(gradient=arb(2.3, 0.1))).proved
