"""Proved numbers as floats: rounded outward, and compared only where that is decided."""

import math
from decimal import Decimal
from fractions import Fraction
from operator import contains, eq, ge, gt, le, lt, ne

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relucert import Bound, Enclosure, Undecided
from relucert.base.dyadic import DOWN, UP, canonical, is_double, to_double, to_fraction

DYADICS = st.builds(canonical, st.integers(-(2**120), 2**120), st.integers(-1200, 1100))
THIRD = Enclosure(((1, -2), (3, -2)))  # [1/4, 3/4]


@given(DYADICS)
def test_doubles_next_to_a_number(value):
    exact, low, high = to_fraction(value), to_double(value, DOWN), to_double(value, UP)
    assert low <= exact <= high
    assert low == high or math.nextafter(low, math.inf) == high
    assert is_double(value) == (low == high == exact)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_double_is_its_own_neighbour(value):
    mantissa, denominator = value.as_integer_ratio()
    of = canonical(mantissa, 1 - denominator.bit_length())
    assert to_double(of, DOWN) == to_double(of, UP) == value
    assert is_double(of)


@pytest.mark.parametrize("sign", [1, -1])
def test_numbers_beyond_the_largest_double_and_below_the_smallest(sign):
    large, small = (sign, 5000), (sign, -5000)
    ends = sorted([sign * math.inf, math.copysign(math.nextafter(math.inf, 0), sign)])
    assert [to_double(large, DOWN), to_double(large, UP)] == ends
    assert [to_double(small, DOWN), to_double(small, UP)] == sorted([0.0, sign * math.ulp(0.0)])
    assert not is_double(large)
    assert not is_double(small)


@given(st.tuples(DYADICS, DYADICS), DYADICS)
def test_an_enclosure_contains_what_lies_between_its_ends(ends, value):
    ends = tuple(sorted(ends, key=to_fraction))
    of, x = Enclosure(ends), to_fraction(value)
    low, high = of.exact
    assert (x in of) == (low <= x <= high)
    assert of.lower <= low <= high <= of.upper
    assert Fraction(repr(of)[1:].partition(",")[0]) <= low
    assert high <= Fraction(repr(of)[1:-1].partition(", ")[2])


@pytest.mark.parametrize(
    "number", [0.5, Fraction(1, 2), Decimal("0.5"), np.float32(0.5), 0.25 + 2.0**-54, THIRD]
)
def test_a_comparison_that_is_not_decided_raises(number):
    for compare in (lt, le, gt, ge):
        for pair in ((THIRD, number), (number, THIRD)):
            with pytest.raises(Undecided, match="is true of some of these numbers, not of all"):
                compare(*pair)
    assert number in THIRD


@pytest.mark.parametrize(
    "number", [1, 1.0, Fraction(4, 5), Decimal("1e400"), np.int64(3), np.float64(2), math.inf]
)
def test_a_comparison_that_is_decided(number):
    assert [compare(THIRD, number) for compare in (lt, le, gt, ge, eq, ne)] == [1, 1, 0, 0, 0, 1]
    assert [compare(number, THIRD) for compare in (lt, le, gt, ge, eq, ne)] == [0, 0, 1, 1, 0, 1]
    assert number not in THIRD


def test_the_ends_are_among_the_numbers():
    assert THIRD <= 0.75
    assert THIRD >= 0.25
    assert not THIRD < 0.25
    assert not THIRD > 0.75
    for compare in (lambda: THIRD < 0.75, lambda: THIRD <= 0.25, lambda: THIRD == 0.75):
        with pytest.raises(Undecided):
            compare()


def test_an_infinity_is_no_large_number():
    vast = Enclosure(((1, 5000), (1, 5001)))
    assert vast < math.inf
    assert vast > Decimal("1e400")
    assert vast > 1e308
    assert vast.upper == math.inf
    assert vast.lower == math.nextafter(math.inf, 0)


@pytest.mark.parametrize("number", [math.nan, np.float32("nan"), Decimal("nan"), Decimal("snan")])
def test_a_nan_is_not_compared(number):
    for compare in (lt, le, gt, ge, eq, contains):
        with pytest.raises(ValueError, match="NaN"):
            compare(THIRD, number)


def test_equality_is_that_of_the_ends_or_of_one_number():
    zero = Enclosure(((0, 0), (0, 0)))
    assert zero == 0
    assert hash(zero) == hash(0)
    assert zero != 1
    assert Enclosure(((1, -2), (3, -2))) == THIRD
    assert hash(Enclosure(((1, -2), (3, -2)))) == hash(THIRD)
    assert zero != THIRD
    assert THIRD != "a text"
    assert THIRD is not None
    with pytest.raises(TypeError):
        assert "a text" in THIRD
    with pytest.raises(TypeError):
        assert THIRD < "a text"
    with pytest.raises(TypeError):
        assert THIRD < True


class Tensor:
    def __array__(self):
        raise NotImplementedError


class Ball:
    def __float__(self):
        return 0.5


@pytest.mark.parametrize(
    "number", [2 + 0j, True, np.bool_(1), np.complex128(1), Tensor(), Ball(), np.array([0.5])]
)
def test_what_has_no_exact_value_is_not_compared(number):
    for compare in (eq, ne):
        with pytest.raises(TypeError, match="a proved number is not compared with"):
            compare(THIRD, number)


def test_numbers_of_other_libraries():
    mpmath, flint = pytest.importorskip("mpmath"), pytest.importorskip("flint")
    for number in (mpmath.mpf(2), mpmath.mpc(2), flint.arb(2), flint.acb(2), flint.fmpz(2)):
        with pytest.raises(TypeError):
            eq(THIRD, number)
        with pytest.raises(TypeError):
            contains(THIRD, number)


def test_a_bound_is_compared_where_that_is_decided_for_all_numbers_beyond_it():
    most, least = Bound((1, 0), "<="), Bound((1, 0), ">=")
    for two in (2, 2.0, np.float64(2), Fraction(2), Bound((2, 0), ">="), Enclosure(((2, 0), (3, 0)))):
        assert [compare(most, two) for compare in (lt, le, gt, ge, eq, ne)] == [1, 1, 0, 0, 0, 1]
    assert [compare(least, 0.5) for compare in (lt, le, gt, ge, eq, ne)] == [0, 0, 1, 1, 0, 1]
    assert most <= 1 and not most > 1 and least >= 1 and not least < 1 and most <= least
    for compare, of, number in (
        (lt, most, 1), (ge, most, 1), (eq, most, 1), (lt, most, 0.5), (gt, most, -2), (gt, least, 1), (lt, most, least),
    ):  # fmt: skip
        with pytest.raises(Undecided):
            compare(of, number)
    assert most == Bound((1, 0), "<=") and most in {Bound((1, 0), "<=")}
    assert most != Bound((1, 1), "<=")
    with pytest.raises(TypeError):
        eq(most, True)


def test_a_bound_is_a_float_on_the_weak_side():
    value = canonical(2**80 + 1, -80)
    above, below = Bound(value, "<="), Bound(value, ">=")
    assert float(below) == 1.0 == below.value
    assert float(above) == math.nextafter(1, 2)
    assert above.exact == to_fraction(value)
    assert repr(above) == "<= 1.00001"
    assert repr(below) == ">= 1.00000"
