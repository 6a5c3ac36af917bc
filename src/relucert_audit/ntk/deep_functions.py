"""log(1 + exp z), erf z and tanh z with their derivatives, on arrays of integers in units of 2^-p.

Every error stated is in units, and proved in the comments; z itself is taken as exact."""

from collections.abc import Callable
from functools import cache
from math import isqrt
from typing import NamedTuple

import numpy as np

from relucert_audit import interval as ivl
from relucert_audit.exact import Matrix
from relucert_audit.finding import TooWeak
from relucert_audit.interval import Interval, dyadic, enclosure, precision, to_fixed

GUARD, LEVEL, MOST_ERF = 24, 8, 6
GUESS, CLOSE = 50, 40  # bits of a guessed logarithm; and to how many it is found to be right


class Values(NamedTuple):
    value: Matrix
    slope: Matrix
    value_error: int
    slope_error: int


@cache
def powers(bits: int, exponent: int, count: int) -> tuple[Matrix, int]:
    """exp(-j 2^exponent), j = 0, .., count - 1, in units of 2^-bits, all at most 1; and their error. A factor at
    most 1 that errs by `radius`, and rounding down, add radius + 1 to the error of a number at most 1."""
    with precision(bits + 32):
        factor, radius = to_fixed(ivl.exp(dyadic(-1, exponent)), bits)
    found = [1 << bits]
    for _ in range(count - 1):
        found.append((found[-1] * factor) >> bits)
    return np.array(found, dtype=object), count * (radius + 1)


def exp_minus(t: Matrix, p: int) -> Matrix:
    """exp(-t), t >= 0, with error 2. From w bits on the whole part changes nothing: exp(-w) < 2^-w."""
    w = p + GUARD
    t = t << GUARD
    parts = [(powers(w, 0, w + 1), np.minimum(t >> w, w))]
    parts += [(powers(w, -k, 1 << LEVEL), (t >> (w - k)) & ((1 << LEVEL) - 1)) for k in (LEVEL, 2 * LEVEL)]
    rest, one = t & ((1 << (w - 2 * LEVEL)) - 1), 1 << w
    total = one + 0 * rest
    for n in range(w // (2 * LEVEL), 0, -1):  # rest < 2^-16: each line errs by 2, and 2^-16 of the last
        total = one - (rest * total >> w) // n
    error = 8  # 3 for these lines, 1 for the terms left out, 3 for the products below, 1 for a large t
    for (table, missed), index in parts:
        total = (table[index.astype(np.int64)] * total) >> w
        error += missed
    if error >= 1 << GUARD:
        raise TooWeak("exponentials are too rough")
    return total >> GUARD


def log_one_plus(v: Matrix, p: int) -> Matrix:
    """log(1 + v), 0 <= v <= 1, with error 9. A guess l in floating point; log(1 + v) = l + log(1 + y), where
    1 + y = (1 + v) exp(-l), of error 2 * 2 + 1, is near 1. N terms leave out less than |y|^(N+1)."""
    one = 1 << p
    near = np.log1p(np.ldexp((v >> (p - 60)).astype(np.float64), -60))
    guess = np.rint(np.ldexp(near, GUESS)).astype(np.int64).astype(object) << (p - GUESS)
    if int(guess.min()) < 0:
        raise TooWeak("a guessed logarithm is negative")
    y = ((one + v) * exp_minus(guess, p) >> p) - one
    if max(int(y.max()), -int(y.min())) >= one >> CLOSE:
        raise TooWeak("a guessed logarithm is too rough")
    total = 0 * y
    for n in range(p // CLOSE + 1, 0, -1):
        total = one // n - (y * total >> p)
    return guess + (y * total >> p)  # 5 (1 + 2^-30) for y, 2 for the lines, 1 for the terms left out


def softplus(z: Matrix, p: int) -> Values:
    """max(z, 0) + log(1 + v), v = exp(-|z|); the slope is 1/(1 + v) or v/(1 + v), whose derivatives are at most 1."""
    one, v = 1 << p, exp_minus(np.abs(z), p)
    slope = (one << p) // (one + v)
    up = (z > 0).astype(np.int64).astype(object)
    return Values(up * z + log_one_plus(v, p), up * slope + (1 - up) * (one - slope), 12, 4)


def sign(z: Matrix) -> Matrix:
    found: Matrix = np.where(z < 0, -1, 1).astype(object)
    return found


def tanh(z: Matrix, p: int) -> Values:
    """(1 - v)/(1 + v), v = exp(-2 |z|), of derivative at most 2; the slope is 1 - tanh^2."""
    one, v = 1 << p, exp_minus(2 * np.abs(z), p)
    value = ((one - v) << p) // (one + v)
    return Values(sign(z) * value, one - (value * value >> p), 6, 14)


def erf(z: Matrix, p: int) -> Values:
    """2 pi^(-1/2) z f(z^2), f(Z) = sum_n (-Z)^n/(n! (2 n + 1)), in units 2^-w. With Z <= c: Z errs by a unit, f(Z)
    for that by exp Z; each Z^n/n! by at most 2 exp Z; once n > 2 c and such a term is found to be 1 or 0 the others
    are together at most 1 + 2 exp Z. In all (3 n + 4) exp c units, and exp c <= 2^(3 c/2): so f has error 2 in units
    of 2^-p."""
    size = np.abs(z)
    top = int(size.max())
    if top > MOST_ERF << p:
        raise TooWeak(f"erf of numbers above {MOST_ERF}")
    c = (top * top >> 2 * p) + 1
    guard = (3 * c + 1) // 2 + 17
    w, n = p + guard, 0
    square = (size * size << guard) >> p
    term = (1 << w) + 0 * square
    total = term
    while int(term.max()) > 1 or n <= 2 * c:
        n += 1
        term = (term * square >> w) // n
        total = total + (-1) ** n * (term // (2 * n + 1))
    if 3 * n + 4 > 1 << 17:
        raise TooWeak("erf of large numbers")
    factor, radius = two_by_root_pi(p)
    value = (size * (total >> guard) >> p) * factor >> p
    slope = exp_minus(size * size >> p, p) * factor >> p
    return Values(sign(z) * value, slope, 3 * ((top >> p) + 1) + 6 + radius, 8 + radius)


@cache
def two_by_root_pi(p: int) -> tuple[int, int]:
    with precision(p + 32):
        return to_fixed(2 / ivl.root(ivl.pi()), p)


def by_integral(s: Callable[[Matrix, int], Values], p: int) -> Interval:
    """E s(z)^2 for softplus or tanh: the sum h sum_k f(k h) over |k h| <= A, h = 2^-j. For f analytic in |Im z| < a,
    the integral of |f(x + iy)| at most M on each line, the sum over all k errs by at most 2 M/(exp(2 pi a/h) - 1).
    Here a = 1: |tanh|^2 <= tan(1)^2 and M <= 5; softplus has |s'| <= 1 for |y| <= pi/2, so |s| <= 5/2 + |x| and
    M <= 36. What is left out is at most 8 (A + 1/A) exp(-A^2/2)/(2 pi)^(1/2), as s^2 <= (1 + |z|)^2."""
    w = p + 32
    j = (w // 9 + 2).bit_length()  # 2 pi/h is at least w + 9 times log 2
    far = isqrt(3 * (w + 8) // 2) + 1
    k = np.arange(-(far << j), (far << j) + 1).astype(object)
    value, _, rough, _ = s(k << (w - j), w)
    weight = exp_minus(k * k << (w - 2 * j - 1), w)
    total = int(((value * value >> w) * weight >> w).sum())
    error = len(k) * (2 * (far + 1) ** 2 + (2 * far + 3) * rough + 3)
    return enclosure(total - error, total + error, -w - j) / ivl.root(2 * ivl.pi()) + enclosure(-2, 2, -w)


class Activation(NamedTuple):
    """The function; its L and b of section 14 and E s(z)^2, at the working precision (p, with some more bits)."""

    values: Callable[[Matrix, int], Values]
    first: Callable[[], Interval]
    second: Callable[[], Interval]
    mean_square: Callable[[int], Interval]


def one() -> Interval:
    return dyadic(1, 0)


def erf_mean(_: int) -> Interval:
    """(2/pi) asin(2/3) = (2/pi) arctan(2/5^(1/2))."""
    return 2 * ivl.arctan(2 / ivl.root(dyadic(5, 0))) / ivl.pi()


ACTIVATIONS = {
    "softplus": Activation(softplus, one, lambda: dyadic(1, -2), lambda p: by_integral(softplus, p)),
    "erf": Activation(
        erf,
        lambda: 2 / ivl.root(ivl.pi()),
        lambda: ivl.root(8 / (ivl.pi() * ivl.exp(dyadic(1, 0)))),
        erf_mean,
    ),
    "tanh": Activation(tanh, one, lambda: 4 / ivl.root(dyadic(27, 0)), lambda p: by_integral(tanh, p)),
}
