"""Intervals: the field operations and square roots of mpmath.iv, and an arc tangent of our own.

An `Interval` is an mpmath.iv number: a pair of binary floating-point numbers that encloses a real number.
mpmath rounds the ends of sums, products, quotients and square roots outward exactly (each is an exact integer
operation followed by one directed rounding, with a sticky bit for quotients and roots). Its arc tangent only
rounds an approximation, and its two-argument form rounds the quotient first, so neither is used: angles and
pi come from `arctan_fixed`, in integers, with the error bound proved in its docstring.

A comparison that is not proved is False: see `proves_lt` and `proves_le`. Precision is set in `precision`
only."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from math import isqrt
from typing import Any

from mpmath import iv, libmp  # type: ignore[import-untyped]

Interval = Any
HALVINGS = 8


@contextmanager
def precision(bits: int) -> Iterator[None]:
    """Round interval ends to `bits` bits inside the block, and restore what was there before."""
    before = iv.prec
    iv.prec = bits
    try:
        yield
    finally:
        iv.prec = before


def enclosure(low: int, high: int, exponent: int) -> Interval:
    """The interval [low, high] * 2^exponent, its ends rounded outward to the working precision."""
    if low > high:
        raise ValueError("empty interval")
    a = libmp.from_man_exp(low, exponent, iv.prec, libmp.round_floor)
    return iv.make_mpf((a, libmp.from_man_exp(high, exponent, iv.prec, libmp.round_ceiling)))


def dyadic(mantissa: int, exponent: int) -> Interval:
    """Enclosure of mantissa * 2^exponent (exact if the mantissa fits the working precision)."""
    return enclosure(mantissa, mantissa, exponent)


def to_fixed(x: Interval, bits: int) -> tuple[int, int]:
    """(mid, radius), integers: every point of x lies within radius * 2^-bits of mid * 2^-bits.

    Raises OverflowError or ValueError if x is unbounded or not a number."""
    low, high = (libmp.mpf_shift(end, bits) for end in x._mpi_)
    a, b = int(libmp.to_int(low, libmp.round_floor)), int(libmp.to_int(high, libmp.round_ceiling))
    return a + b >> 1, b - (a + b >> 1)


def hull(low: Interval, high: Interval) -> Interval:
    """The interval from the lower end of `low` to the upper end of `high`, if these are in order."""
    if not libmp.mpf_le(low._mpi_[0], high._mpi_[1]):
        raise ValueError("ends out of order")
    return iv.make_mpf((low._mpi_[0], high._mpi_[1]))


def lower(x: Interval) -> Interval:
    """The lower end of x, as a point."""
    return iv.make_mpf((x._mpi_[0],) * 2)


def upper(x: Interval) -> Interval:
    """The upper end of x, as a point."""
    return iv.make_mpf((x._mpi_[1],) * 2)


def maximum(xs: Iterable[Interval]) -> Interval:
    """Enclosure of the largest of several enclosed numbers."""
    first, *rest = xs
    a, b = first._mpi_
    for x in rest:
        a = a if libmp.mpf_ge(a, x._mpi_[0]) else x._mpi_[0]
        b = b if libmp.mpf_ge(b, x._mpi_[1]) else x._mpi_[1]
    return iv.make_mpf((a, b))


def minimum(xs: Iterable[Interval]) -> Interval:
    """Enclosure of the smallest of several enclosed numbers."""
    return -maximum([-x for x in xs])


def root(x: Interval) -> Interval:
    """Enclosure of the square root of a number that is known not to be negative and lies in x."""
    if libmp.mpf_lt(x._mpi_[0], libmp.fzero):
        x = iv.make_mpf((libmp.fzero, x._mpi_[1]))
    return iv.sqrt(x)


def proves_lt(a: Interval, b: Interval) -> bool:
    """True only if every point of a lies below every point of b. NaN proves nothing."""
    return bool(libmp.mpf_lt(a._mpi_[1], b._mpi_[0]))


def proves_le(a: Interval, b: Interval) -> bool:
    """True only if no point of a lies above a point of b. NaN proves nothing."""
    return bool(libmp.mpf_le(a._mpi_[1], b._mpi_[0]))


def show(x: Interval) -> str:
    """For people: one number if the ends agree to six digits, else both."""
    a, b = (libmp.to_str(end, 6) for end in x._mpi_)
    return str(a) if a == b else f"[{a}, {b}]"


def arctan_fixed(x: int, bits: int) -> tuple[int, int]:
    """(t, error): |arctan(x 2^-bits) - t 2^-bits| <= error 2^-bits, for 0 <= x <= 2^bits.

    Eight times x -> x/(1 + sqrt(1 + x^2)), which halves the arc tangent, then the alternating Taylor series.
    In units of 2^-bits: a halving as computed errs by less than 2 (flooring the root raises the quotient by
    less than 1, flooring the quotient lowers it by less than 1) and has slope at most 1/2, so the reduced
    argument errs by less than 4, and so does its arc tangent. It lies below 2^-8 + 4 units, so squares and
    quotients, floored, make each power err by less than 2 and each term by less than 3; the first omitted
    term is below 1 unit because its computed power is 0, hence the true one below 2. In all, less than
    2^8 (3 terms + 7)."""
    if not 0 <= x <= 1 << bits or bits < 32:
        raise ValueError("arc tangent argument out of range")
    one = 1 << bits
    for _ in range(HALVINGS):
        x = (x << bits) // (one + isqrt((one << bits) + x * x))
    square, power, total, terms = (x * x) >> bits, x, 0, 0
    while power:
        term = power // (2 * terms + 1)
        total += -term if terms & 1 else term
        power = (power * square) >> bits
        terms += 1
    return total << HALVINGS, (3 * terms + 7) << HALVINGS


@lru_cache(maxsize=8)
def pi_fixed(bits: int) -> tuple[int, int]:
    """(p, error): |pi - p 2^-bits| <= error 2^-bits. pi = 4 arctan 1."""
    t, error = arctan_fixed(1 << bits, bits)
    return 4 * t, 4 * error


def pi() -> Interval:
    """Enclosure of pi, a few units wide at the working precision."""
    bits = iv.prec + 24
    p, error = pi_fixed(bits)
    return enclosure(p - error, p + error, -bits)


def angle(sine_squared: int, cosine: int, bits: int) -> Interval:
    """Enclosure of atan2(sqrt(sine_squared), cosine), in [0, pi], for exact integers not both 0.

    The tangent of the angle to the nearer axis is the root of a rational number in [0, 1]; its floor X in
    units of 2^-bits is exact, and arctan is increasing with slope at most 1, so arctan lies within [-error,
    error + 1] units of arctan_fixed(X). Reflections in pi/2 and pi do the rest. Width about 2^(16 - bits).
    """
    cosine_squared = cosine * cosine
    small, large = sorted((sine_squared, cosine_squared))
    if sine_squared < 0 or large == 0:
        raise ValueError("no direction")
    t, error = arctan_fixed(isqrt((small << 2 * bits) // large), bits)
    low, high = t - error, t + error + 1
    p, p_error = pi_fixed(bits)
    if sine_squared > cosine_squared:
        low, high = (p - p_error >> 1) - high, (p + p_error + 1 >> 1) - low
    if cosine < 0:
        low, high = p - p_error - high, p + p_error - low
    return enclosure(max(low, 0), min(high, p + p_error), -bits)
