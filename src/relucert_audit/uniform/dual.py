"""Intervals that carry their partial derivatives, and the even functions of the system (docs/theorem/uniform.md, A).

A function that a hypothesis of these formulas does not allow (a divisor that may be 0, a root of what may be negative, a
sine that may be large) raises `Unproved`; so no infinite or undefined number ever arises."""

from __future__ import annotations

from collections.abc import Callable

from mpmath import iv, libmp  # type: ignore[import-untyped]

from relucert_audit.interval import Interval, dyadic, enclosure, proves_lt

GUARD_BITS = 16


class Unproved(Exception):
    """What was to be proved is not; the text says what."""


class Dual:
    """An enclosure of a number, and enclosures of its partial derivatives: none at all stands for a constant."""

    __slots__ = ("d", "v")

    def __init__(self, v: Interval, d: tuple[Interval, ...] = ()) -> None:
        self.v, self.d = v, d

    def chain(self, value: Interval, slope: Interval) -> Dual:
        """f(self), from enclosures of f and f'."""
        return Dual(value, tuple(slope * x for x in self.d))

    def __add__(self, other: Dual | int) -> Dual:
        if isinstance(other, int):
            return Dual(self.v + other, self.d)
        if self.d and other.d:
            return Dual(self.v + other.v, tuple(x + y for x, y in zip(self.d, other.d, strict=True)))
        return Dual(self.v + other.v, self.d or other.d)

    __radd__ = __add__

    def __neg__(self) -> Dual:
        return Dual(-self.v, tuple(-x for x in self.d))

    def __sub__(self, other: Dual | int) -> Dual:
        if isinstance(other, int):
            return Dual(self.v - other, self.d)
        if self.d and other.d:
            return Dual(self.v - other.v, tuple(x - y for x, y in zip(self.d, other.d, strict=True)))
        return Dual(self.v - other.v, self.d or tuple(-x for x in other.d))

    def __rsub__(self, other: int) -> Dual:
        return Dual(other - self.v, tuple(-x for x in self.d))

    def __mul__(self, other: Dual | int) -> Dual:
        if isinstance(other, int):
            return Dual(self.v * other, tuple(x * other for x in self.d))
        if self.d and other.d:
            pairs = zip(self.d, other.d, strict=True)
            return Dual(self.v * other.v, tuple(x * other.v + self.v * y for x, y in pairs))
        return self.chain(self.v * other.v, other.v) if self.d else other.chain(self.v * other.v, self.v)

    __rmul__ = __mul__

    def __truediv__(self, other: Dual | int) -> Dual:
        return self * inverse(other if isinstance(other, Dual) else Dual(dyadic(other, 0)))

    def __rtruediv__(self, other: int) -> Dual:
        return inverse(self) * other


def positive(x: Dual, what: str) -> Dual:
    if not proves_lt(dyadic(0, 0), x.v):
        raise Unproved(f"{what} is not proved to be positive")
    return x


def inverse(x: Dual) -> Dual:
    if not (proves_lt(dyadic(0, 0), x.v) or proves_lt(x.v, dyadic(0, 0))):
        raise Unproved("a divisor is not proved to differ from 0")
    value = 1 / x.v
    return x.chain(value, -(value**2))


def square(x: Dual) -> Dual:
    return x.chain(x.v**2, 2 * x.v)


def root(x: Dual) -> Dual:
    value = iv.sqrt(positive(x, "the square of a length or of a sine").v)
    return x.chain(value, 1 / (2 * value)) if x.d else Dual(value)


def cosine(sine_squared: Dual) -> Dual:
    """sqrt(1 - v): the cosine of an acute angle whose sine has the square v."""
    return root(1 - sine_squared)


def _even(v: Interval, top: Callable[[int], int], bottom: Callable[[int], int]) -> Interval:
    """sum over n >= 0 of c_n v^n top(n)/bottom(n), c_n = binom(2n, n)/4^n, for v in [0, 1/2].

    All terms are positive, so the sum grows with v: its ends belong to the ends of v, in units of 2^-bits. Below, every
    rounding is downward and what is left out is positive. Above, every rounding is upward; c_n top(n)/bottom(n) must not
    grow for n >= 1, then the terms from n >= 1 on sum to at most 1/(1 - v) <= 2 times the first of them."""
    bits = iv.prec + GUARD_BITS
    low, high = (libmp.mpf_shift(end, bits) for end in v._mpi_)
    down, up = int(libmp.to_int(low, libmp.round_floor)), int(libmp.to_int(high, libmp.round_ceiling))
    if not 0 <= down <= up <= 1 << bits - 1:
        raise Unproved("the square of a sine is not proved to lie in [0, 1/2]")
    below, term, n = 0, 1 << bits, 0
    while term:
        below += term * top(n) // bottom(n)
        term, n = (term * down >> bits) * (2 * n + 1) // (2 * n + 2), n + 1
    above, term, n = 0, 1 << bits, 0
    while n < 1 or term > 4:
        above -= -term * top(n) // bottom(n)
        term, n = -((-term * up >> bits) * (2 * n + 1) // (2 * n + 2)), n + 1
    above -= 2 * (-term * top(n) // bottom(n))
    return enclosure(below, above, -bits)


def arcsine_ratio(v: Dual) -> Dual:
    """asin(u)/u for v = u^2: sum of c_n v^n/(2n + 1)."""
    value = _even(v.v, lambda n: 1, lambda n: 2 * n + 1)
    if not v.d:
        return Dual(value)
    return v.chain(value, _even(v.v, lambda n: 2 * n + 1, lambda n: 4 * n + 6))


def lens_ratio(v: Dual) -> Dual:
    """(t - sin t cos t)/sin^3 t for v = sin^2 t, t acute: 2/u^3 times the integral of c^2/sqrt(1 - c^2), 0 < c < u."""
    value = _even(v.v, lambda n: 2, lambda n: 2 * n + 3)
    if not v.d:
        return Dual(value)
    return v.chain(value, _even(v.v, lambda n: 2 * n + 1, lambda n: 2 * n + 5))


def wedge_ratio(v: Dual) -> Dual:
    """(sin t - t cos t)/sin^3 t for v = sin^2 t, t acute: sin t - t cos t = sin^3 t - cos t (t - sin t cos t)."""
    return 1 - cosine(v) * lens_ratio(v)
