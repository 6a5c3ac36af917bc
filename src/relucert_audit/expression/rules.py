"""The operations of a graph on balls: ranges of a function and its first two derivatives over an interval.

Between its turning points a function is monotone, so its range over [l, u] is spanned by its values at l and u and
at the turning points inside. Derivatives are written by tanh(x/2), powers and exp(-x^2)."""

from collections.abc import Callable
from functools import cache
from math import isqrt
from typing import Any, NamedTuple

import numpy as np

from relucert_audit.exact import Matrix
from relucert_audit.expression import functions as fn
from relucert_audit.expression.fixed import (
    Ball,
    between,
    exactly,
    high,
    inverse,
    low,
    negative,
    objects,
    roots,
    scaled,
    times,
)  # fmt: skip
from relucert_audit.finding import TooWeak

Turn = tuple[int, int, int, int]  # where it is, from and to; the value there, from and to


class Function(NamedTuple):  # derivatives: of an exact array, of order 0, 1, 2; turns: of each of them
    derivatives: Callable[[Matrix, int, int], list[Ball]]
    turns: Callable[[int], tuple[list[Turn], list[Turn], list[Turn]]]


def shifted(a: Ball, places: int) -> Ball:
    """a 2^-places; what is exact stays exact."""
    mid = a.mid >> places
    return Ball(mid, (a.mid - (mid << places) + a.rad + ((1 << places) - 1)) >> places)


def off(found: tuple[Matrix, int]) -> Ball:
    return Ball(found[0], 0 * found[0] + found[1])


def from_one(a: Ball, p: int) -> Ball:
    """1 - a."""
    return Ball((1 << p) - a.mid, a.rad)


def root_of(a: int, b: int, p: int) -> int:
    """sqrt(a/b), rounded down."""
    return isqrt((a << 2 * p) // b)


def even(location: int, value: int, slack: int = 2) -> list[Turn]:
    """Of an odd function that has the value at the location, both positive, within the slack."""
    (a, b), (y, z) = ((x - slack, x + slack) for x in (location, value))
    return [(a, b, y, z), (-b, -a, -z, -y)]


def odd(location: int, value: int, slack: int = 2) -> list[Turn]:
    """The same with a negative value at the positive location."""
    return [(a, b, -z, -y) for a, b, y, z in even(location, value, slack)]


def monotone(_: int) -> tuple[list[Turn], list[Turn], list[Turn]]:
    return [], [], []


def at_zero(value: int, slack: int = 0) -> list[Turn]:
    return [(0, 0, value - slack, value + slack)]


# ---- tanh, sigmoid, softplus: T = tanh(x/2)


def tanh(x: Matrix, p: int, order: int) -> list[Ball]:
    """t, 1 - t^2, -2 t (1 - t^2)."""
    t = off(fn.tanh_half(2 * x, p))
    slope = from_one(times(t, t, p), p)
    return [t, slope, scaled(times(t, slope, p), -2)][: order + 1]


@cache
def bend(p: int) -> int:
    """log(2 + sqrt 3) = 2 arctanh(3^(-1/2)), within 4: where T = 3^(-1/2)."""
    return int(fn.log(objects([(2 << p) + root_of(3, 1, p)]), p)[0][0])


def tanh_turns(p: int) -> tuple[list[Turn], list[Turn], list[Turn]]:
    return [], at_zero(1 << p), odd(bend(p) >> 1, root_of(16, 27, p), 4)


def sigmoid(x: Matrix, p: int, order: int) -> list[Ball]:
    """(1 + T)/2, (1 - T^2)/4, -T (1 - T^2)/4."""
    t = off(fn.tanh_half(x, p))
    slope = shifted(from_one(times(t, t, p), p), 2)
    return [shifted(from_one(negative(t), p), 1), slope, negative(times(t, slope, p))][: order + 1]


def sigmoid_turns(p: int) -> tuple[list[Turn], list[Turn], list[Turn]]:
    return [], at_zero(1 << p >> 2), odd(bend(p), root_of(1, 108, p), 4)


def softplus(x: Matrix, p: int, order: int) -> list[Ball]:
    value = off(fn.softplus(x, p))
    return [value, *sigmoid(x, p, order - 1)] if order else [value]


def softplus_turns(p: int) -> tuple[list[Turn], list[Turn], list[Turn]]:
    return [], [], at_zero(1 << p >> 2)


# ---- erf, exp, log, sqrt, asin, atan


def gaussian(x: Matrix, p: int) -> Ball:
    """(2/sqrt(pi)) exp(-x^2): x^2 rounded down errs by 1, the exponential by 2 more, the factor by 1."""
    value = fn.exp(-(x * x >> p), p)[0] * fn.two_by_root_pi(p) >> p
    return Ball(value, 0 * value + 8)


def erf(x: Matrix, p: int, order: int) -> list[Ball]:
    if order == 0:
        return [off(fn.erf(x, p))]
    slope = gaussian(x, p)
    return [off(fn.erf(x, p)), slope, scaled(times(exactly(x), slope, p), -2)][: order + 1]


@cache
def erf_turns(p: int) -> tuple[list[Turn], list[Turn], list[Turn]]:
    """erf'' = -2 x erf' turns at 2^(-1/2), where it is -(8/(pi e))^(1/2) = -2^(1/2) erf'(2^(-1/2))."""
    half = fn.exp(objects([-(1 << p >> 1)]), p)[0][0]
    value = (int(half) * fn.two_by_root_pi(p) >> p) * root_of(2, 1, p) >> p
    return [], at_zero(fn.two_by_root_pi(p), 1), odd(root_of(1, 2, p), value, 12)


def exp(x: Matrix, p: int, order: int) -> list[Ball]:
    return [off(fn.exp(x, p))] * (order + 1)


def log(x: Matrix, p: int, order: int) -> list[Ball]:
    inv = inverse(exactly(x), p)
    return [off(fn.log(x, p)), inv, negative(times(inv, inv, p))][: order + 1]


def sqrt(x: Matrix, p: int, order: int) -> list[Ball]:
    """r, 1/(2 r), -1/(4 x r)."""
    found = roots(x << p)
    root = Ball(found, (found * found != x << p).astype(np.int64).astype(object))
    if order == 0:
        return [root]
    slope = shifted(inverse(root, p), 1)
    return [root, slope, negative(shifted(times(slope, inverse(exactly(x), p), p), 1))][: order + 1]


def atan(x: Matrix, p: int, order: int) -> list[Ball]:
    """1/(1 + x^2), -2 x/(1 + x^2)^2."""
    slope = inverse(Ball((1 << p) + (x * x >> p), 0 * x + 1), p)
    bent = scaled(times(exactly(x), times(slope, slope, p), p), -2)
    return [off(fn.arctangent(x, p)), slope, bent][: order + 1]


def atan_turns(p: int) -> tuple[list[Turn], list[Turn], list[Turn]]:
    return [], at_zero(1 << p), odd(root_of(1, 3, p), root_of(27, 64, p))


def asin(x: Matrix, p: int, order: int) -> list[Ball]:
    """s = (1 - x^2)^(-1/2), x s^3. Where 1 - x^2 is not proved to be positive, `inverse` raises TooWeak."""
    if order == 0:
        return [off(fn.arcsine(x, p))]
    rest = (1 << 2 * p) - x * x
    slope = inverse(Ball(roots(np.maximum(rest, 0)), 0 * x + 1), p)
    cube = times(times(slope, slope, p), slope, p)
    return [off(fn.arcsine(x, p)), slope, times(exactly(x), cube, p)][: order + 1]


def asin_turns(p: int) -> tuple[list[Turn], list[Turn], list[Turn]]:
    return [], at_zero(1 << p), []


FUNCTIONS = {
    "tanh": Function(tanh, tanh_turns),
    "sigmoid": Function(sigmoid, sigmoid_turns),
    "softplus": Function(softplus, softplus_turns),
    "erf": Function(erf, erf_turns),
    "exp": Function(exp, monotone),
    "log": Function(log, monotone),
    "sqrt": Function(sqrt, monotone),
    "atan": Function(atan, atan_turns),
    "asin": Function(asin, asin_turns),
}


def spanned(
    x: Ball, derivatives: Callable[[Matrix], list[Ball]], turns: tuple[list[Turn], ...]
) -> list[Ball]:
    """The ranges over the balls, from the values at both ends and the turning points."""
    a, b, n = low(x), high(x), len(x.mid)
    wide = bool((x.rad != 0).any())
    found = derivatives(np.concatenate([a, b]) if wide else x.mid)
    spans = []
    for f, turning in zip(found, turns, strict=False):
        least, most = low(f), high(f)
        if wide:
            least, most = np.minimum(least[:n], least[n:]), np.maximum(most[:n], most[n:])
        for start, end, y, z in turning:
            inside = (a <= end) & (b >= start)
            least = np.where(inside, np.minimum(least, y), least)
            most = np.where(inside, np.maximum(most, z), most)
        spans.append(between(least, most))
    return spans


EXACT = {  # where functions and their derivatives are exact: the place; four times the values, or None
    "exp": (0, (4, 4, 4)),
    "log": (1, (0, 4, -4)),
    "sin": (0, (0, 4, 0)),
    "cos": (0, (4, 0, -4)),
    "tanh": (0, (0, 4, 0)),
    "sigmoid": (0, (2, 1, 0)),
    "softplus": (0, (None, 2, 1)),
    "erf": (0, (0, None, 0)),
    "atan": (0, (0, 4, 0)),
    "asin": (0, (0, 4, 0)),
}


def unary(name: str, x: Ball, p: int, order: int) -> list[Ball]:
    """The function and its derivatives up to the order, over (n,) balls in its domain."""
    if name in ("sin", "cos"):
        found = circular(name, x, p)[: order + 1]
    else:
        f = FUNCTIONS[name]
        found = spanned(x, lambda ends: f.derivatives(ends, p, order), f.turns(p))
    place, values = EXACT.get(name, (0, ()))
    here = (x.rad == 0) & (x.mid == place << p)
    if not here.any():
        return found
    known = zip(found, (*values, None, None, None), strict=False)
    return [ball if fourth is None else at(ball, here, fourth << (p - 2)) for ball, fourth in known]


def at(ball: Ball, here: Any, value: int) -> Ball:
    """With this value there, exactly."""
    no = 0 * ball.mid
    return Ball(np.where(here, no + value, ball.mid), np.where(here, no, ball.rad))


def circular(name: str, x: Ball, p: int) -> list[Ball]:
    """sin(m + t) is within |cos m| r + r^2/2 and within r of sin m for |t| <= r, and so for cos."""
    s, c = fn.sine_cosine(x.mid, p)

    def spread(value: Matrix, slope: Matrix) -> Ball:
        second = ((np.abs(slope) + fn.ERROR) * x.rad >> p) + (x.rad * x.rad >> (p + 1)) + 2
        return Ball(value, np.minimum(np.minimum(x.rad, second), 2 << p) + fn.ERROR)

    sine, cosine = spread(s, c), spread(c, s)
    if name == "sin":
        return [sine, cosine, negative(sine)]
    return [cosine, negative(sine), negative(cosine)]


def power(x: Ball, n: int, p: int) -> Ball:
    """The range of x^n; for n < 0 no ball contains 0."""
    if n == 0:
        return exactly(0 * x.mid + (1 << p))
    if n == 1:
        return x
    turns = at_zero(0) if n > 0 and n % 2 == 0 else []
    return spanned(x, lambda ends: [raised(exactly(ends), n, p)], (turns,))[0]


def raised(x: Ball, n: int, p: int) -> Ball:
    base = x if n > 0 else inverse(x, p)
    found, n = None, abs(n)
    while n:
        if n % 2:
            found = base if found is None else times(found, base, p)
        n //= 2
        base = times(base, base, p) if n else base
        if int(np.abs(base.mid).max()).bit_length() > 8 * p:
            raise TooWeak("a power is too large")
    if found is None:
        raise TooWeak("a power of 0")
    return found


def powers(x: Ball, n: int, p: int, order: int) -> list[Ball]:
    """x^n, n x^(n - 1), n (n - 1) x^(n - 2)."""
    return [scaled(power(x, n - k, p), (1, n, n * (n - 1))[k]) for k in range(order + 1)]


def maximum(x: Ball, y: Ball) -> Ball:
    return between(np.maximum(low(x), low(y)), np.maximum(high(x), high(y)))


def positive_part(x: Ball) -> Ball:
    return maximum(x, exactly(0 * x.mid))
