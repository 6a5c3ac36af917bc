"""Intervals: the field operations and square roots of mpmath.iv, and an arc tangent of our own.

An `Interval` is an mpmath.iv number; x.a and x.b are its ends, as points. mpmath rounds outward, except in
arc tangents (docs/audit.md), so angles and pi come from `arctan_fixed`. What is not proved is False."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from functools import cache
from math import isqrt
from typing import Any

from mpmath import iv, libmp  # type: ignore[import-untyped]

Interval = Any
HALVINGS = 8


@contextmanager
def precision(bits: int) -> Iterator[None]:
    """Round interval ends to `bits` bits inside the block, and restore what was there before."""
    before, iv.prec = iv.prec, bits
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


def rational(x: Fraction) -> Interval:
    return dyadic(x.numerator, 0) / dyadic(x.denominator, 0)


def to_fixed(x: Interval, bits: int) -> tuple[int, int]:
    """(mid, radius): x is within radius * 2^-bits of mid * 2^-bits. Raises if x is unbounded or NaN."""
    low, high = (libmp.mpf_shift(end, bits) for end in x._mpi_)
    a, b = int(libmp.to_int(low, libmp.round_floor)), int(libmp.to_int(high, libmp.round_ceiling))
    return a + b >> 1, b - (a + b >> 1)


def maximum(xs: list[Interval]) -> Interval:
    """Enclosure of the largest of several enclosed numbers."""
    a, b = xs[0]._mpi_
    for x in xs:
        a = a if libmp.mpf_ge(a, x._mpi_[0]) else x._mpi_[0]
        b = b if libmp.mpf_ge(b, x._mpi_[1]) else x._mpi_[1]
    return iv.make_mpf((a, b))


def minimum(xs: list[Interval]) -> Interval:
    return -maximum([-x for x in xs])


def absolute(x: Interval) -> Interval:
    return maximum([x, -x])


def root(x: Interval) -> Interval:
    """Enclosure of the square root of a number that is known not to be negative and lies in x."""
    low, high = x._mpi_
    return iv.sqrt(iv.make_mpf((libmp.fzero, high)) if libmp.mpf_lt(low, libmp.fzero) else x)


def root_above(x: Interval, degree: int) -> Interval:
    """At least the root of a number x >= 0, as a point: a guess whose power is compared, else x + 1."""
    top = x.b
    if top._mpi_[1] == libmp.fzero:
        return top
    guess = libmp.mpf_nthroot(top._mpi_[1], degree, iv.prec, libmp.round_ceiling)
    found = (iv.make_mpf((guess, guess)) * (1 + enclosure(1, 1, 16 - iv.prec))).b
    return found if proves_le(top, found**degree) else top + 1


def proves_lt(a: Interval, b: Interval) -> bool:
    """True only if every point of a lies below every point of b. NaN proves nothing."""
    return bool(libmp.mpf_lt(a._mpi_[1], b._mpi_[0]))


def proves_le(a: Interval, b: Interval) -> bool:
    """True only if no point of a lies above a point of b. NaN proves nothing."""
    return bool(libmp.mpf_le(a._mpi_[1], b._mpi_[0]))


def show(*xs: Interval) -> str:
    """For people: each as one number if its ends agree to six digits, else both."""
    ends = [[str(libmp.to_str(end, 6)) for end in x._mpi_] for x in xs]
    return " against ".join(a if a == b else f"[{a}, {b}]" for a, b in ends)


def arctan_fixed(x: int, bits: int) -> tuple[int, int]:
    """(t, error): |arctan(x 2^-bits) - t 2^-bits| <= error 2^-bits, for 0 <= x <= 2^bits.

    Halves the angle eight times by x -> x/(1 + sqrt(1 + x^2)), then Taylor; proof in docs/audit.md."""
    if not 0 <= x <= 1 << bits or bits < 32:
        raise ValueError("arc tangent argument out of range")
    for _ in range(HALVINGS):
        x = (x << bits) // ((1 << bits) + isqrt((1 << 2 * bits) + x * x))
    square, power, total, terms = (x * x) >> bits, x, 0, 0
    while power:
        total += (-1) ** terms * (power // (2 * terms + 1))
        power, terms = (power * square) >> bits, terms + 1
    return total << HALVINGS, (3 * terms + 7) << HALVINGS


@cache
def arctan_1(bits: int) -> tuple[int, int]:
    return arctan_fixed(1 << bits, bits)


def pi() -> Interval:
    """Enclosure of pi = 4 arctan 1, a few units wide at the working precision."""
    t, error = arctan_1(iv.prec + 24)
    return enclosure(t - error, t + error, -iv.prec - 22)


def angle(sine_squared: int, cosine: int, bits: int) -> Interval:
    """Enclosure of atan2(sqrt(sine_squared), cosine) for exact integers not both 0.

    The tangent of the angle to the nearer axis is the root of a rational number in [0, 1]; its floor X in
    units of 2^-bits is exact, and arctan has slope in [0, 1], so it lies within [-error, error + 1] units of
    arctan_fixed(X). Reflections in pi/2 and pi do the rest. Width about 2^(16 - bits)."""
    small, large = sorted((sine_squared, cosine * cosine))
    if sine_squared < 0 or large == 0:
        raise ValueError("no direction")
    t, error = arctan_fixed(isqrt((small << 2 * bits) // large), bits)
    acute = enclosure(t - error, t + error + 1, -bits)
    if sine_squared > cosine * cosine:
        acute = pi() / 2 - acute
    return pi() - acute if cosine < 0 else acute


def arctan(t: Interval) -> Interval:
    """Enclosure of the arc tangent, to relative accuracy unless t is wide or contains 0 (docs/audit.md)."""
    (low, high), bits = t._mpi_, iv.prec + 24
    if libmp.mpf_lt(low, libmp.fzero):
        return -arctan(-t) if libmp.mpf_le(high, libmp.fzero) else absolute(t).b * enclosure(-1, 1, 0)
    if low == libmp.fzero:
        return t
    small = -low[2] - low[3]  # t.a >= 2^-(small + 1)
    if small > iv.prec:
        return t * iv.make_mpf(((1 - t.b**2)._mpi_[0], libmp.fone))
    bits += max(small, 0)
    mid, radius = to_fixed(t, bits)
    start = min(max(mid - radius, 0), 1 << bits)
    x, error = arctan_fixed(start, bits)
    return enclosure(x - error, x + error + mid + radius - start, -bits)


def bearing(y: Interval, x: Interval) -> Interval:
    """Enclosure of atan2(y, x) for y >= 0. Raises ValueError if neither is proved not to be 0."""
    size = absolute(x)
    if proves_le(y, size) and proves_lt(dyadic(0, 0), size):
        acute = arctan(y / size)
        return acute if proves_lt(dyadic(0, 0), x) else pi() - acute
    if not proves_lt(dyadic(0, 0), y):
        raise ValueError("no direction")
    return pi() / 2 - arctan(x / y)


def series(ratio: Interval, first: Interval, step: Callable[[int], int]) -> Interval:
    """first (1 + ratio/step(1) + ratio^2/(step(1) step(2)) + ..), for increasing steps (docs/audit.md)."""
    total, term, n, size = first, first, 0, 2 * absolute(ratio)
    small = dyadic(1, -iv.prec) * absolute(first).b
    while not (proves_le(absolute(term), small) and proves_le(size, dyadic(step(n), 0))):
        n += 1
        term = term * ratio / step(n)
        total += term
    return total + absolute(term).b * enclosure(-1, 1, 0)


def exp(x: Interval) -> Interval:
    return series(x, dyadic(1, 0), lambda n: n)


def sine(x: Interval) -> Interval:
    return series(-x * x, x, lambda n: 2 * n * (2 * n + 1))


def cosine(x: Interval) -> Interval:
    return series(-x * x, dyadic(1, 0), lambda n: 2 * n * (2 * n - 1))


def lens(x: Interval) -> Interval:
    """sin x - x cos x, to relative accuracy near 0."""
    return series(-x * x, x**3 / 3, lambda n: 2 * n * (2 * n + 3))
