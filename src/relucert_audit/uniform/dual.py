"""Intervals that carry their partial derivatives, and the even functions of the system (docs/theorem/uniform.md, A).

Where a hypothesis of the formulas may fail (a divisor may be 0, the argument of a root negative, a sine large),
`Unproved` is raised: no infinite or undefined number ever arises."""

from __future__ import annotations

from mpmath import iv, libmp  # type: ignore[import-untyped]

from relucert_audit.interval import Interval, dyadic, enclosure, proves_lt

GUARD_BITS = 16


class Unproved(Exception):  # noqa: N818
    """What was to be proved is not; the text says what."""


class Dual:
    """Enclosures of a number (v), of its partial derivatives (d), and of its second ones, twice in one variable (q).

    Without d it is a constant; without q second derivatives are not asked for."""

    __slots__ = ("d", "q", "v")

    def __init__(self, v: Interval, d: tuple[Interval, ...] = (), q: tuple[Interval, ...] = ()) -> None:
        self.v, self.d, self.q = v, d, q

    def chain(self, value: Interval, slope: Interval, bend: Interval) -> Dual:
        """f(self), from enclosures of f, f' and f'' (which may be anything if there is no q)."""
        return Dual(
            value,
            tuple(slope * x for x in self.d),
            tuple(slope * y + bend * x**2 for x, y in zip(self.d, self.q, strict=False)),
        )

    def __add__(self, other: Dual | int) -> Dual:
        if isinstance(other, int):
            return Dual(self.v + other, self.d, self.q)
        if self.d and other.d:
            return Dual(self.v + other.v, _each_sum(self.d, other.d), _each_sum(self.q, other.q))
        return Dual(self.v + other.v, self.d or other.d, self.q or other.q)

    __radd__ = __add__

    def __neg__(self) -> Dual:
        return Dual(-self.v, tuple(-x for x in self.d), tuple(-x for x in self.q))

    def __sub__(self, other: Dual | int) -> Dual:
        return self + -other

    def __rsub__(self, other: int) -> Dual:
        return -self + other

    def __mul__(self, other: Dual | int) -> Dual:
        if isinstance(other, int):
            return Dual(self.v * other, tuple(x * other for x in self.d), tuple(x * other for x in self.q))
        value = self.v * other.v
        if not self.d or not other.d:
            factor, x = (self, other) if other.d else (other, self)
            return Dual(value, tuple(factor.v * y for y in x.d), tuple(factor.v * y for y in x.q))
        pairs = list(zip(self.d, other.d, strict=True))
        bends = zip(pairs, self.q, other.q, strict=False)
        return Dual(
            value,
            tuple(x * other.v + self.v * y for x, y in pairs),
            tuple(a * other.v + 2 * (x * y) + self.v * b for (x, y), a, b in bends),
        )

    __rmul__ = __mul__

    def __truediv__(self, other: Dual | int) -> Dual:
        return self * inverse(other if isinstance(other, Dual) else Dual(dyadic(other, 0)))

    def __rtruediv__(self, other: int) -> Dual:
        return inverse(self) * other


def _each_sum(x: tuple[Interval, ...], y: tuple[Interval, ...]) -> tuple[Interval, ...]:
    return tuple(a + b for a, b in zip(x, y, strict=True))


def positive(x: Dual, what: str) -> Dual:
    if not proves_lt(dyadic(0, 0), x.v):
        raise Unproved(f"{what} is not proved to be positive")
    return x


def inverse(x: Dual) -> Dual:
    if not (proves_lt(dyadic(0, 0), x.v) or proves_lt(x.v, dyadic(0, 0))):
        raise Unproved("a divisor is not proved to differ from 0")
    value = 1 / x.v
    slope = -(value**2)
    return x.chain(value, slope, -2 * slope * value)


def square(x: Dual) -> Dual:
    return x.chain(x.v**2, 2 * x.v, dyadic(2, 0))


def root(x: Dual) -> Dual:
    value = iv.sqrt(positive(x, "the square of a length or of a sine").v)
    slope = 1 / (2 * value)
    return x.chain(value, slope, -2 * slope**3)


def cosine(sine_squared: Dual) -> Dual:
    """sqrt(1 - v): the cosine of an acute angle whose sine has the square v."""
    return root(1 - sine_squared)


def _even(v: Interval, offset: int, order: int) -> Interval:
    """The derivative of order 0, 1 or 2 of sum c_n v^n/(2n + offset), c_n = binom(2n, n)/4^n, offset 1 or 3, for v
    in [0, 1/2]: sum over n >= 0 of c_n v^n (2n+1) (2n+3) .. (2n+2 order-1)/(2^order (2n + 2 order + offset)).

    All terms are positive, so the sum grows with v: its ends belong to the ends of v, in units of 2^-bits. Below,
    every rounding is downward and what is left out is positive. Above, every rounding is upward. For n >= 1 the
    coefficient of v^(n+1) is at most 63/44 < 3/2 times that of v^n (order 2, offset 3, n = 1): each term is at most
    3/4 of the one before, and from any n >= 1 on they sum to at most 4 times the first."""
    bits = iv.prec + GUARD_BITS
    low, high = (libmp.mpf_shift(end, bits) for end in v._mpi_)
    down, up = int(libmp.to_int(low, libmp.round_floor)), int(libmp.to_int(high, libmp.round_ceiling))
    if not 0 <= down <= up <= 1 << bits - 1:
        raise Unproved("the square of a sine is not proved to lie in [0, 1/2]")

    def factor(n: int) -> tuple[int, int]:
        odd = 1 if order == 0 else 2 * n + 1 if order == 1 else (2 * n + 1) * (2 * n + 3)
        return odd, (2 * n + 2 * order + offset) << order

    below, term, n = 0, 1 << bits, 0
    while term:
        top, bottom = factor(n)
        below += term * top // bottom
        term, n = (term * down >> bits) * (2 * n + 1) // (2 * n + 2), n + 1
    above, term, n = 0, 1 << bits, 0
    while n < 1 or term > 4:
        top, bottom = factor(n)
        above -= -term * top // bottom
        term, n = -((-term * up >> bits) * (2 * n + 1) // (2 * n + 2)), n + 1
    top, bottom = factor(n)
    above -= 4 * (-term * top // bottom)
    return enclosure(below, above, -bits)


def arcsine_ratio(v: Dual) -> Dual:
    """asin(u)/u for v = u^2: sum of c_n v^n/(2n + 1)."""
    return v.chain(_even(v.v, 1, 0), *(_even(v.v, 1, n) if x else v.v for n, x in ((1, v.d), (2, v.q))))


def lens_ratio(v: Dual) -> Dual:
    """(t - sin t cos t)/sin^3 t for v = sin^2 t, t acute: 2/u^3 times the integral of c^2/sqrt(1 - c^2) over [0, u]."""
    return 2 * v.chain(_even(v.v, 3, 0), *(_even(v.v, 3, n) if x else v.v for n, x in ((1, v.d), (2, v.q))))


def wedge_ratio(v: Dual) -> Dual:
    """(sin t - t cos t)/sin^3 t for v = sin^2 t, t acute: sin t - t cos t = sin^3 t - cos t (t - sin t cos t)."""
    return 1 - cosine(v) * lens_ratio(v)
