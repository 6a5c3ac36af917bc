"""Exact binary numbers m * 2**e as pairs (m, e), the only input the proofs take.

Canonical form: m odd, or (0, 0). A decimal string is never read: a float enters by its exact value.
"""

from __future__ import annotations

import math
import sys
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from fractions import Fraction
from typing import TypeAlias

Dyadic: TypeAlias = tuple[int, int]

ZERO: Dyadic = (0, 0)

DOWN, UP = ROUND_FLOOR, ROUND_CEILING  # the directions of `decimal`

DOUBLE_BITS, SMALLEST = 53, -1074  # of a double's mantissa; exponent of the smallest positive double


def canonical(mantissa: int, exponent: int) -> Dyadic:
    """The pair with an odd mantissa that has the same value."""
    if mantissa == 0:
        return ZERO
    shift = (mantissa & -mantissa).bit_length() - 1
    return mantissa >> shift, exponent + shift


def from_float(value: float) -> Dyadic:
    """The exact value of a finite double. Raises ValueError for NaN and infinities."""
    if not math.isfinite(value):
        raise ValueError(f"{value} is not a finite number")
    numerator, denominator = value.as_integer_ratio()
    return canonical(numerator, 1 - denominator.bit_length())


def to_float(value: Dyadic) -> float:
    """The nearest double, or an infinity: for guesses and for people, never for a proof."""
    mantissa, exponent = value
    excess = max(mantissa.bit_length() - 64, 0)  # ldexp wants a mantissa that fits a double
    try:
        return math.ldexp(mantissa >> excess, exponent + excess)
    except OverflowError:
        return math.copysign(math.inf, mantissa)


def to_fraction(value: Dyadic) -> Fraction:
    """The exact value. Large exponents make large integers: for numbers of a sensible size only."""
    mantissa, exponent = value
    return Fraction(mantissa * 2**exponent) if exponent >= 0 else Fraction(mantissa, 2**-exponent)


def add(a: Dyadic, b: Dyadic) -> Dyadic:
    """The exact sum."""
    low = min(a[1], b[1])
    return canonical((a[0] << (a[1] - low)) + (b[0] << (b[1] - low)), low)


def quotient(a: Dyadic, b: Dyadic, bits: int = 64) -> Dyadic:
    """At most a/b, for positive a and b, and above it less one part in 2**(bits - 1)."""
    shift = max(bits + b[0].bit_length() - a[0].bit_length(), 0)
    return canonical((a[0] << shift) // b[0], a[1] - b[1] - shift)


def rounded(value: Dyadic, bits: int) -> Dyadic:
    """`value` with its mantissa cut to `bits` bits, towards minus infinity."""
    mantissa, exponent = value
    excess = max(mantissa.bit_length() - bits, 0)
    return canonical(mantissa >> excess, exponent + excess)


def decimal(value: Dyadic, rounding: str, digits: int = 6) -> str:
    """A decimal of `digits` significant digits on the side of `value` that `rounding` says."""
    context = Context(prec=digits, rounding=rounding, Emin=-(10**6), Emax=10**6)
    mantissa, exponent = value
    if exponent >= 0:
        result = context.plus(Decimal(mantissa << exponent))
    else:
        result = context.divide(Decimal(mantissa), Decimal(1 << -exponent))
    plain = not result or -5 < result.adjusted() < digits
    return f"{result:f}" if plain else f"{result:e}".replace("e+", "e")


def to_double(value: Dyadic, rounding: str) -> float:
    """The double next to `value` on the side that `rounding` says; beyond the largest double, it or an infinity."""
    mantissa, exponent = value
    unit = max(
        mantissa.bit_length() + exponent - DOUBLE_BITS, SMALLEST
    )  # exponent of the last bit of a double
    shift = exponent - unit
    sign = -1 if rounding == UP else 1
    whole = sign * (sign * mantissa << shift if shift >= 0 else sign * mantissa >> -shift)
    try:
        return math.ldexp(whole, unit)
    except OverflowError:
        outward = (mantissa > 0) == (rounding == UP)
        return math.copysign(math.inf if outward else sys.float_info.max, mantissa)


def is_double(value: Dyadic) -> bool:
    """Whether a double has this very value."""
    return to_double(value, DOWN) == to_double(value, UP)
