"""exp, log, sin, cos, tan^-1, sin^-1, tanh(x/2) and erf of arrays of exact numbers, integers in units of 2^-p.

Each returns integers and how far they may be from the truth, in units; the comments prove it. Floating point only
guesses logarithms. Theorems used: Taylor with remainder, and log(1 + y) = y - y^2/2 + .. for |y| < 1."""

from functools import cache
from math import isqrt

import numpy as np

from relucert_audit import interval as ivl
from relucert_audit.exact import Matrix
from relucert_audit.expression.fixed import MOST, elementwise, lengths
from relucert_audit.finding import TooWeak
from relucert_audit.interval import precision, to_fixed

GUARD, HALVINGS = 32, 8
GUESS, CLOSE = 50, 40  # bits of a guessed logarithm; and to how many it is found to be right
FAR = 64  # sines of numbers from 2^FAR on are not told
ERROR = 2  # of exp, log, sine, cosine, angles, tanh_half: a unit, and one for rounding down


@cache
def log_2(w: int) -> int:
    """log 2 = sum_j 2/((2j + 1) 3^(2j + 1)), within 2: fewer than w terms with two roundings each, and a rest below
    the last of them, in units of 2^(-w - 16); 2^16 > 4 w."""
    if w >= 1 << 13:
        raise TooWeak("too many bits")
    power, found, j = (2 << (w + 16)) // 3, 0, 0
    while power:
        found += power // (2 * j + 1)
        power, j = power // 9, j + 1
    return found >> 16


@cache
def half_pi(w: int) -> int:
    """pi/2, within 2: twice the arc tangent of 1, with error (3 terms + 7) 2^8 in units of 2^(-w - 32)."""
    t, error = ivl.arctan_1(w + 32)
    if error >= 1 << 30:
        raise TooWeak("too many bits")
    return 2 * t >> 32


def exp(x: Matrix, p: int) -> tuple[Matrix, int]:
    """exp x = 2^n exp t, t = x - n log 2. Numbers below -(p + 2) are taken as that: both exponentials lie in
    [0, 1] units. |n| < 2^14, so t errs by 2^15 units of 2^-w, and lies in [-2^-40, 0.7]. exp(t/2^8) by Horner: each
    line errs by 2 and 2^-8 of the last, the terms left out are below 1 unit, t/2^8 adds 2^7: less than 2^8 in all.
    Eight squarings make at most 2^8 (2^8 + 2) times the value, which is below 2.1: less than 2^18. p >= 64."""
    one = 1 << p
    if x.size and int(x.max()) > MOST * one:
        raise TooWeak(f"an exponential reaches 2^{MOST}")
    x = np.maximum(x, -(p + 2) * one)
    n = x // log_2(p)
    g = GUARD + max(int(n.max()), 0)
    w = p + g
    rest = ((x << g) - n * log_2(w)) >> HALVINGS
    value = (1 << w) + 0 * rest
    for k in range(w // (HALVINGS + 1) + 2, 0, -1):  # (t/2^8)^k/k! < 2^(-8.5 k)/k!
        value = (1 << w) + (rest * value >> w) // k
    for _ in range(HALVINGS):
        value = value * value >> w
    return value >> (g - n), ERROR


def log(x: Matrix, p: int) -> tuple[Matrix, int]:
    """log x for x > 0. x 2^-p = m 2^(e - p) with 1 <= m < 2, m rounded down; a guess l in floating point, and log m
    = l + log(1 + y), 1 + y = m exp(-l): y errs by 6 units of 2^-w, each line by 3, the terms left out by less than 1,
    log 2 by 2 |e - p| < 2^14: less than 2^15 in all."""
    w = p + GUARD
    e = lengths(x) - 1
    m = (x << w) >> e
    near = np.log(np.ldexp((m >> (w - 60)).astype(np.float64), -60))
    guess = np.rint(np.ldexp(np.maximum(near, 0), GUESS)).astype(np.int64).astype(object) << (w - GUESS)
    y = (m * exp(-guess, w)[0] >> w) - (1 << w)
    if y.size and int(np.abs(y).max()) >= 1 << (w - CLOSE):
        raise TooWeak("a guessed logarithm is too rough")
    value = 0 * y
    for n in range(w // CLOSE + 1, 0, -1):
        value = (1 << w) // n - (y * value >> w)
    return (guess + (y * value >> w) + (e - p) * log_2(w)) >> GUARD, ERROR


def sine_cosine(x: Matrix, p: int) -> tuple[Matrix, Matrix]:
    """sin x and cos x, with error ERROR, for |x| < 2^FAR. t = x - k pi/2 errs by 2 |k| < 2^(FAR + 2) units of 2^-w and
    lies in [-0.8, 0.8]; a line of Horner errs by 2, half of the last and the error of t^2: less than 2^(FAR + 6)."""
    g = GUARD + FAR
    w = p + g
    if x.size and int(np.abs(x).max()) >= 1 << (p + FAR):
        raise TooWeak(f"a sine of a number from 2^{FAR} on")
    quarter = half_pi(p)
    k = (x + (quarter >> 1)) // quarter
    t = (x << g) - k * half_pi(w)
    square, one = t * t >> w, 1 << w
    sine, cosine = one + 0 * t, one + 0 * t
    for n in range(w // 8 + 2, 0, -1):  # (w/4 + 4)! > 2^w from w = 160 on
        sine = one - (square * sine >> w) // (2 * n * (2 * n + 1))
        cosine = one - (square * cosine >> w) // (2 * n * (2 * n - 1))
    s, c, turn = (t * sine >> w) >> g, cosine >> g, k % 4
    choices = [(s, c), (c, -s), (-s, -c), (-c, s)]
    found = [np.where(turn == 0, a, 0 * a) for a in choices[0]]
    for j in (1, 2, 3):
        found = [np.where(turn == j, a, b) for a, b in zip(choices[j], found, strict=True)]
    return found[0], found[1]


def _angle(sine_squared: int, cosine: int, p: int) -> int:
    with precision(p + 64):
        mid, radius = to_fixed(ivl.angle(sine_squared, cosine, p + GUARD), p)
    if radius > 1:
        raise TooWeak("an arc tangent is too rough")
    return mid


def arctangent(x: Matrix, p: int) -> tuple[Matrix, int]:
    """The angle of (1, |x|) with the first axis, and the sign of x."""
    one = 1 << p
    acute = elementwise(lambda y: _angle(int(y) * int(y), one, p))(x)
    return np.where(x < 0, -acute, acute), ERROR


def arcsine(x: Matrix, p: int) -> tuple[Matrix, int]:
    """pi/2 less the angle of (|x|, sqrt(1 - x^2)) with the first axis, and the sign of x, for |x| <= 1."""
    one = 1 << p
    quarter = half_pi(p + GUARD) >> GUARD
    acute = quarter - elementwise(lambda y: _angle(one * one - int(y) * int(y), abs(int(y)), p))(x)
    return np.where(x < 0, -acute, acute), 2 * ERROR


def tanh_half(x: Matrix, p: int) -> tuple[Matrix, int]:
    """tanh(x/2) = (1 - v)/(1 + v), v = exp(-|x|) <= 1, which has derivative at most 2 in v; v errs by 2 units of
    2^-w, the quotient by one more."""
    w = p + GUARD
    v, one = exp(-np.abs(x) << GUARD, w)[0], 1 << w
    value = ((one - v) << p) // (one + v)
    return np.where(x < 0, -value, value), ERROR


def softplus(x: Matrix, p: int) -> tuple[Matrix, int]:
    """max(x, 0) + log(1 + v), v = exp(-|x|): log(1 + v) errs by 2 for v and 2 for itself."""
    v = exp(-np.abs(x), p)[0]
    return np.maximum(x, 0) + log((1 << p) + np.maximum(v, 0), p)[0], 2 * ERROR


def erf(x: Matrix, p: int) -> tuple[Matrix, int]:
    """(2/sqrt(pi)) exp(-q) S, q = x^2, S = x + x (2 q)/3 + x (2 q)^2/(3 5) + .., all terms positive, |x| at most c:
    beyond it, as c^2 > 0.7 p, 1 - erf x < exp(-x^2) < 1 unit. Rounding a term errs by 2 units of 2^-w; such an error
    makes at most exp(q) of itself in all later terms, as 2 q/(2 n + 1) < q/n. From n > 2 q on the factors are below
    1/2, so when a term is found to be 0 the rest is at most 4 N exp(q), like the error of the sum, N the number of
    terms: with exp(-q), 2^23 units. q errs by 2 units, and dS/dq <= S: 2 more. exp(-q) errs by 2 units, times
    S <= exp(q) <= 2^(g - 2 GUARD). So all is below a unit of 2^-p, 2/sqrt(pi) errs by one, and two are rounded off."""
    one = 1 << p
    c = isqrt(7 * p // 10 + 1) + 1
    y = np.minimum(np.abs(x), c * one)
    square = int(y.max() if y.size else 0) ** 2 >> 2 * p
    g = 3 * (square + 1) // 2 + 2 * GUARD
    w = p + g
    y = y << g
    double = 2 * (y * y >> w)
    term, found, n = y, y, 0
    while y.size and (int(term.max()) > 0 or n <= 2 * square + 2):
        n += 1
        term = (term * double >> w) // (2 * n + 1)
        found = found + term
    if n >= 1 << 20:
        raise TooWeak("too many terms")
    factor = (found * exp(-(double >> 1), w)[0] >> w) * two_by_root_pi(p) >> p
    value = factor >> g
    return np.where(x < 0, -value, value), 2 * ERROR + 1


@cache
def two_by_root_pi(p: int) -> int:
    """2/sqrt(pi), within 1: rounded down."""
    with precision(p + 64):
        mid, radius = to_fixed(2 / ivl.root(ivl.pi()), p)
    if radius > 1:
        raise TooWeak("pi is too rough")
    return mid
