"""Containment in ball arithmetic: exact numbers in, the truth inside the ball that comes out."""

import math
from fractions import Fraction

import pytest
from flint import arb, ctx
from hypothesis import given
from hypothesis import strategies as st
from rationals import MP, contains, dyadics, exactly, fraction, many, members, real

from relucert.kernel import ball, outcome
from relucert.kernel.ball import NotProved


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
