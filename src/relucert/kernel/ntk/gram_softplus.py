"""Hermite coefficients of softplus by the trapezoidal rule, whose error is known: Lemma 14.Q of docs/theorem/ntk.md.

s(x) = log(1 + exp x), e(x) = s(x) - x/2 = log(2 cosh(x/2)), which is even; z ~ N(0, 1), h_k the normalised Hermite
polynomials, t the standard deviation.
"""

from __future__ import annotations

from math import ceil, factorial, log, log2, sqrt
from typing import NamedTuple

from relucert.kernel import ball
from relucert.kernel.ball import Ball, NotProved, lower, pi, square, upper

STRIP = 1.57  # below pi/2: |Im t z| in the strip where the integrands are bounded
MOST_TERMS = 1600
SPARE = 64  # bits


class TooManyTerms(NotProved):
    """The standard deviation is too large for this precision, so also for a higher one."""


class Hermite(NamedTuple):
    """even: E e(t z) h_k(z) for k = 0, 2, 4, ..; even_square: E e(t z)^2; odd_slope: E (s'(t z) - 1/2)^2."""

    even: tuple[Ball, ...]
    even_square: Ball
    odd_slope: Ball


class Rule(NamedTuple):
    """The trapezoidal rule: step 1/per_unit, `nodes` nodes on each side of 0, `error` of each integral."""

    per_unit: int
    nodes: int
    error: Ball


def hermite(t: Ball) -> Hermite:
    """Lemma 14.Q at the present precision. Raises NotProved unless 2^-10 < t, and if t is too large."""
    if not ball.proves_lt(Ball(2.0**-10), t):
        raise NotProved("the standard deviation is not proved to be above 2^-10")
    bits, size = ball.bits(), float(upper(t))
    decay = 2 * 3.1415 / size  # a_k^2 falls like exp(-decay sqrt(k))
    terms = 2 * ceil(((bits + 16) * log(2) / decay) ** 2 / 2) + 8
    if terms > MOST_TERMS:
        raise TooManyTerms(
            f"a standard deviation of {size:.3g} needs {terms} Hermite coefficients at {bits} bits, more than "
            f"{MOST_TERMS}; it grows with c_res, the bits with the depth"
        )
    with ball.precision(bits + terms + SPARE):  # the polynomials lose less than a bit a degree
        rule = _rule(t, terms, bits)
        return _sums(t, terms, rule)


def _rule(t: Ball, terms: int, bits: int) -> Rule:
    """A rule whose error is about 2^-bits, and the bound of that error that Lemma 14.Q proves."""
    a = lower(STRIP / t)
    size = square(3 * t / 2 + Ball(7) / 2)
    most = upper((square(a) / 2 + a * Ball(terms).sqrt()).exp() * size)
    goal = (bits + SPARE // 2) * log(2)
    per_unit = ceil((goal + float(most.log().upper()) + 1) / (6.28 * float(a)))
    reach = 2 * sqrt(goal + log(100) + log2(terms + 2) + 2 * log(1 + float(upper(t))))
    nodes = ceil(reach * per_unit)
    aliased = 2 * most / ((2 * pi() * a * per_unit).exp() - 1)
    end = Ball(nodes) / per_unit
    cut = (
        4
        * square(1 + t)
        * (Ball(1) / 2 - square(end) / 4).exp()
        * Ball(terms + 1).root(4)
        / (2 * pi()).sqrt()
    )
    return Rule(per_unit, nodes, upper(aliased + cut))


def _sums(t: Ball, terms: int, rule: Rule) -> Hermite:
    """The sums of Lemma 14.Q, with He_k(l/q) q^k, integers, q = rule.per_unit, for even k:

    He_(k+2)(x) = (x^2 - 2k - 1) He_k(x) - k (k - 1) He_(k-2)(x).
    """
    q2 = rule.per_unit**2
    totals = [Ball(0)] * (terms // 2 + 1)
    even_square, odd_slope = Ball(0), Ball(0)
    scale = 1 / (rule.per_unit * (2 * pi()).sqrt())
    for node in range(rule.nodes + 1):
        x = Ball(node) / rule.per_unit
        weight = (2 if node else 1) * scale * (-square(x) / 2).exp()
        small = (-t * x).exp()
        value = t * x / 2 + small.log1p()
        weighted = weight * value
        even_square += weighted * value
        odd_slope += weight * square((1 - small) / (1 + small) / 2)
        before, now = Ball(0), Ball(1)
        for m in range(terms // 2 + 1):
            totals[m] += weighted * now
            k = 2 * m
            before, now = now, (node**2 - (2 * k + 1) * q2) * now - k * (k - 1) * q2**2 * before
    slack = ball.symmetric(rule.error)
    even = [total / (q2**m * Ball(factorial(2 * m)).sqrt()) + slack for m, total in enumerate(totals)]
    return Hermite(tuple(even), even_square + slack, odd_slope + slack)
