"""Exact binary numbers and their decimals."""

import hashlib
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relucert.base.dyadic import (
    DOWN,
    UP,
    add,
    canonical,
    decimal,
    from_float,
    quotient,
    rounded,
    to_float,
    to_fraction,
)
from relucert.certificate.numbers import loosened
from relucert.certificate.shown import margin, plain, vector

dyadics = st.builds(canonical, st.integers(-(2**90), 2**90), st.integers(-200, 200))


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_float_enters_by_its_exact_value(x):
    assert to_fraction(from_float(x)) == Fraction(x)
    assert to_float(from_float(x)) == x
    assert from_float(x)[0] % 2 == 1 or from_float(x) == (0, 0)


@pytest.mark.parametrize("x", [float("nan"), float("inf"), float("-inf")])
def test_what_is_not_a_number_is_refused(x):
    with pytest.raises(ValueError, match="not a finite number"):
        from_float(x)


@given(dyadics, dyadics)
def test_sums_are_exact(a, b):
    assert to_fraction(add(a, b)) == to_fraction(a) + to_fraction(b)


@given(dyadics)
def test_rounding_goes_down_by_less_than_one_unit(a):
    error = to_fraction(a) - to_fraction(rounded(a, 30))
    assert 0 <= error <= abs(to_fraction(a)) * Fraction(1, 2**29)


@given(dyadics, dyadics)
def test_a_quotient_is_below_by_less_than_its_last_bit(a, b):
    a, b = (abs(a[0]) + 1, a[1]), (abs(b[0]) + 1, b[1])
    exact, found = to_fraction(a) / to_fraction(b), to_fraction(quotient(a, b))
    assert found <= exact < found * (1 + Fraction(1, 2**63)) or found == exact


@given(dyadics, st.sampled_from([DOWN, UP]))
def test_a_decimal_lies_on_its_side_and_is_close(a, side):
    value, shown = to_fraction(a), Fraction(decimal(a, side))
    assert shown >= value if side == UP else shown <= value
    assert abs(shown - value) <= abs(value) * Fraction(1, 10**5)


@given(dyadics, st.sampled_from([DOWN, UP]))
def test_a_claim_is_weaker_than_what_was_proved_by_a_little(a, side):
    value, claim = to_fraction(a), to_fraction(loosened(a, side))
    slack = claim - value if side == UP else value - claim
    assert abs(value) * Fraction(1, 2**20) <= slack <= abs(value) * Fraction(1, 2**18)


def inequality(left, right):
    sides = {"left": from_float(left), "right": from_float(right)}
    return {"proved": True} | {x: {"exact": [str(m), e], "decimal": ""} for x, (m, e) in sides.items()}


@pytest.mark.parametrize(
    ("left", "right", "said"),
    [
        (0.5, 1.0, "2 times"),
        (3.0, 4999.0, "1666 times"),  # of 1666.33..
        (3.0, 59999.0, "1.999e4 times"),  # of 19999.66..
        (1.0, 1.0003, "by 0.000299"),  # not 1 times, nor 0.0003, which is more than the double's excess
        (1.0, 1.0011, "1.001 times"),
        (1.0, 1.0, "by 0"),
        (0.0, 0.0047, "by 0.00470"),
        (2.0, 1.0, "by -1"),
        (1.0, -1.0, "by -2"),
    ],
)
def test_a_margin_is_rounded_down(left, right, said):
    assert margin(inequality(left, right)) == said


def test_an_exact_number_for_people_is_itself_where_it_is_short_and_else_marked():
    half, tenth, vast = ["1", -1], ["3602879701896397", -55], ["1", 10**9]
    texts = {
        "0.5": half,
        "0": ["0", 0],
        "-1.5": ["-3", -1],
        "4096": ["1", 12],
        "~0.1": tenth,
        "1*2^1000000000": vast,
    }
    assert {plain(pair): pair for pair in texts.values()} == texts
    assert vector([half, ["3", 0]]) == "(0.5, 3)"
    digest = hashlib.sha256(b"1*2^-1, 3602879701896397*2^-55").hexdigest()
    assert vector([half, tenth]) == f"(0.5, ~0.1; SHA-256 {digest})"


@given(st.integers(-(10**12) + 1, 10**12 - 1), st.integers(-12, 12))
def test_what_is_not_marked_is_exact(mantissa, exponent):
    text = plain([str(mantissa), exponent])
    assert text.startswith("~") or Fraction(text) == Fraction(mantissa) * Fraction(2) ** exponent
