"""Exponentials and logarithms at any precision. mpmath only guesses: interval.exp and exact arithmetic decide."""

from fractions import Fraction
from functools import cache
from math import isqrt

from mpmath import iv, libmp  # type: ignore[import-untyped]

from relucert_audit import interval as ivl
from relucert_audit.finding import TooWeak
from relucert_audit.interval import Interval, dyadic, enclosure, precision, proves_le

GUESS = 96  # bits of a guess
MOST_E = 450  # terms of the series of e: 450! > 10^1000
LARGEST = 64  # bits of the integer part of an exponent


def guess(x: Interval, bits: int = GUESS) -> Interval:
    """A point near the logarithm of the lower end of x > 0. Proves nothing."""
    near = libmp.mpf_log(x._mpi_[0], bits)
    return iv.make_mpf((near, near))


def exponential(x: Interval) -> Interval:
    """exp x = exp(x 2^-m)^(2^m). Each square doubles the relative width."""
    end = ivl.absolute(x)._mpi_[1]
    large = max(end[2] + end[3], 0)  # |x| < 2^large
    if large > LARGEST or (end[2] and not end[1]):  # also infinity and NaN
        raise TooWeak("an exponent is too large")
    m = isqrt(iv.prec) + large
    with precision(iv.prec + m + 8):
        power = ivl.exp(x * dyadic(1, -m))
        for _ in range(m):
            power = power * power
    return power * 1


def logarithm(x: Interval) -> Interval:
    """Of x > 0, to an absolute error: |ln(1 + y) - y| <= y^2 for |y| <= 1/2."""
    near = guess(x, iv.prec)
    y = x * exponential(-near) - 1
    if not proves_le(ivl.absolute(y), dyadic(1, -1)):
        raise TooWeak("a logarithm is not enclosed")
    return near + y + y * y * enclosure(-1, 1, 0)


def log(x: Fraction) -> Interval:
    """Of a rational x > 0, to a relative error."""
    away = abs(x.numerator - x.denominator)
    if not away:
        return dyadic(0, 0)
    with precision(iv.prec + 16 + max(x.denominator.bit_length() - away.bit_length(), 0)):
        return logarithm(ivl.rational(x))


@cache
def e_ends() -> tuple[Fraction, Fraction]:
    """Rationals below and above e: the rest of the series is less than its last term."""
    term = total = Fraction(1)
    for n in range(1, MOST_E):
        term /= n
        total += term
    return total, total + term
