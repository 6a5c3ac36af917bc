"""Even functions of angles with rigorous remainders: docs/theorem/uniform.md, section B.1.

A1(x) = asin(x)/x and A3(x) = (asin x - x)/x^3 have nonnegative Taylor coefficients c_n = binom(2n, n)/(4^n (2n + 1))
in x^2, so both increase in |x|, and their derivatives are odd and increase: on a ball the ends decide.
"""

from __future__ import annotations

from functools import cache
from math import comb

from relucert.kernel.ball import Ball, NotProved, bits, exact, hull, lower, proves_le, proves_lt, upper

TERMS = 12
NEAR = (1, -4)  # below 2^-4 by the series, above in closed form
ONE, ZERO = Ball(1), Ball(0)


def arcsine(x: Ball) -> tuple[Ball, Ball]:
    """A1 and its derivative on a ball within (-1, 1). Raises NotProved for another."""
    return _even(x, 0)


def arcsine_rest(x: Ball) -> tuple[Ball, Ball]:
    """A3 and its derivative on a ball within (-1, 1). Raises NotProved for another."""
    return _even(x, 1)


@cache
def _coefficients(bits: int) -> list[Ball]:  # noqa: ARG001 - at which precision they are rounded
    """c_0 .. c_TERMS."""
    return [Ball(comb(2 * n, n)) / (Ball(4) ** n * (2 * n + 1)) for n in range(TERMS + 1)]


def _even(x: Ball, shift: int) -> tuple[Ball, Ball]:
    low, high = lower(x), upper(x)
    if not (proves_lt(-ONE, low) and proves_lt(high, ONE)):
        raise NotProved("the sine of an angle is not proved to lie between -1 and 1")
    least, greatest = _at(low, shift), _at(high, shift)
    value = hull(least[0], greatest[0])
    if proves_lt(low, ZERO) and proves_lt(ZERO, high):
        value = hull(value, _coefficients(bits())[shift])  # the least value, at 0
    return value, hull(least[1], greatest[1])


def _at(x: Ball, shift: int) -> tuple[Ball, Ball]:
    """Value and derivative at an exact point of (-1, 1)."""
    if proves_lt(x, ZERO):
        value, slope = _at(-x, shift)
        return value, -slope
    if proves_le(exact(NEAR), x):
        square = x * x
        first = x.asin() / x
        cosine = (1 - square).sqrt()
        if shift == 0:
            return first, (1 / cosine - first) / x
        value = (first - 1) / square
        return value, (1 / cosine - 1) / (x * square) - 3 * value / x
    return _near_zero(x, shift)


def _near_zero(x: Ball, shift: int) -> tuple[Ball, Ball]:
    """The first TERMS terms, 0 <= x < 1/16. As c_n decreases, the rest of the value is at most
    c_N x^(2N)/(1 - x^2), that of the derivative at most 2N c_N x^(2N - 1)/(1 - x^2)^2, N = TERMS."""
    square, value, slope, c = x * x, ZERO, ZERO, _coefficients(bits())
    for n in reversed(range(TERMS)):
        value = value * square + c[n + shift]
    for n in reversed(range(1, TERMS)):
        slope = slope * square + 2 * n * c[n + shift]
    last, room = c[TERMS], 1 - square
    rest = last * square**TERMS / room
    rest_of_slope = 2 * TERMS * last * x ** (2 * TERMS - 1) / (room * room)
    return value + hull(ZERO, rest), slope * x + hull(ZERO, rest_of_slope)
