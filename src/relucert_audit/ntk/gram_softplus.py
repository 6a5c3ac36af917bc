"""P_k and D_k of softplus from its Hermite coefficients, and these from integrals over frequencies.

With t = k^(1/2) and f of Lemma 14.Q, f'' has the Fourier transform pi w/sinh(pi w/t). Hence for even j >= 2
a_j^2 = I_j^2/j!, I_j the integral over w > 0 of w^(j-1) exp(-w^2/2)/sinh(pi w/t), and a_0 = log 2 + the integral
of (1 - exp(-w^2/2))/(w sinh(pi w/t)). All is positive. The errors are proved in docs/audit.md."""

from functools import cache
from math import ceil, log
from typing import NamedTuple

import numpy as np

from relucert_audit.exact import Matrix
from relucert_audit.finding import TooWeak
from relucert_audit.interval import (
    Interval,
    dyadic,
    enclosure,
    exp,
    pi,
    precision,
    proves_le,
    proves_lt,
    root,
    to_fixed,
)
from relucert_audit.ntk.gram_dual import Dual
from relucert_audit.ntk.gram_entries import Entries, plus, shifted, times

GUARD, GRID = 64, 20  # bits of the weights beyond p; the step is a multiple of 2^-GRID
MOST, LEAST = 10**4, 64  # of k; of the last j that is asked for
LENGTHS = np.frompyfunc(int.bit_length, 1, 1)


class Plan(NamedTuple):
    """Nodes l h, l = 1, .., nodes, with h = step 2^-GRID; the coefficients a_j, j <= last."""

    step: int
    nodes: int
    last: int


class Coefficients(NamedTuple):
    """a_0, a_j^2 for j = 2, 4, .., and I_2 = E f''(z)."""

    first: Interval
    squares: list[Interval]
    curvature: Interval


class Weights(NamedTuple):
    """Numbers that lie within a relative rough 2^-bits of m 2^e, each m of so many bits."""

    m: Matrix
    e: Matrix
    rough: int
    bits: int


def plan(k: Interval, p: int, bits: int, work: float) -> Plan:
    """Errors of about 2^-p, and a tail of about 2^-bits, within so much work. Any plan is sound."""
    if not proves_lt(k, dyadic(MOST, 0)):
        raise TooWeak("a variance of softplus that is too large")
    square, wanted = to_fixed(k, 40)[0] * 2.0**-40, (p + 8) * log(2)
    t = square**0.5
    step = ceil(3.14 * t / (wanted + square / 4) * 2**GRID)
    nodes = ceil(wanted * t / 3.14 * 2**GRID / step)
    if work < nodes * LEAST // 2:
        raise TooWeak("too many layers of softplus for so many digits")
    enough = ((bits + 16) * log(2) * t / 6.28) ** 2
    return Plan(step, nodes, max(2 * int(min(enough, 2 * work / nodes) / 2), 2))


def log_2(bits: int) -> Interval:
    """2 artanh(1/3). Each term falls short by less than 3 units, and those left out are less than 1 together."""
    power, found, n = (2 << bits) // 3, 0, 0
    while power:
        found += power // (2 * n + 1)
        power, n = power // 9, n + 1
    return enclosure(found, found + 3 * n + 1, -bits)


def weights(found: list[Interval], bits: int) -> Weights:
    """Of positive numbers: each is scaled by where its lower end begins, so that mid is at least 2^(bits-1)."""
    scales = [x._mpi_[0][2] + x._mpi_[0][3] - bits for x in found]
    pairs = [to_fixed(x, -e) for x, e in zip(found, scales, strict=True)]
    m, e = (np.array(column, dtype=object) for column in ([mid for mid, _ in pairs], scales))
    return Weights(m, e, 2 * max(rad for _, rad in pairs), bits)


def total(w: Weights) -> Interval:
    """Their sum."""
    top = int(w.e.max())
    found = int((w.m >> (top - w.e)).sum())
    slack = len(w.m) + ((found + len(w.m)) * w.rough >> w.bits) + 1
    return enclosure(found - slack, found + slack, top)


def grown(w: Weights, factor: Matrix, exponent: int) -> Weights:
    """Times factor 2^exponent: a floor of m, of at least 2^(bits-1), adds at most 4 units of 2^-bits to `rough`."""
    found = w.m * factor
    drop = LENGTHS(found) - w.bits
    return Weights(found >> drop, w.e + drop + exponent, w.rough + 4, w.bits)


def coefficients(k: Interval, at: Plan, p: int) -> Coefficients:
    """By the trapezoidal rule on the nodes."""
    bits = p + GUARD
    with precision(bits):
        t, h = root(k), dyadic(at.step, -GRID)
        rate, squared = pi() / t, h * h
        fall, narrow, further = (1 / exp(x) for x in (rate * h, squared / 2, squared))
        decay, bell = fall, narrow  # exp(-pi w/t) and exp(-w^2/2)
        around, kernel = dyadic(0, 0), []
        for place in range(1, at.nodes + 1):
            w, over_sinh = place * h, 2 * decay / (1 - decay * decay)
            around += (1 - bell) / w * over_sinh
            kernel.append(w * bell * over_sinh)
            narrow *= further
            last, decay, bell = over_sinh, decay * fall, bell * narrow
        missed = (t + 4) * exp(k / 4) / (exp(pi() * t / h) - 1) + last / (rate * at.nodes * h)
        error = missed.b * enclosure(-1, 1, 0)
        first = log_2(bits) + h * (around + 1 / (4 * rate)) + error
        w, factor = weights(kernel, bits), (np.arange(1, at.nodes + 1).astype(object) * at.step) ** 2
        curvature = h * (total(w) + 1 / (2 * rate))
        roots, squares, factorial = curvature, [], 2
        for j in range(2, at.last + 1, 2):
            squares.append((roots / root(dyadic(factorial, 0)) + error) ** 2)
            w = grown(w, factor, -2 * GRID)
            roots, factorial = h * total(w), factorial * (j + 1) * (j + 2)
        return Coefficients(first, squares, curvature + 2 * error)


@cache
def at_one(at: Plan, p: int) -> Coefficients:
    """For k = 1, the variance of every layer of a dense network."""
    return coefficients(dyadic(1, 0), at, p)


def softplus(k: Interval, at: Plan, p: int) -> Dual:
    """P_k(r) = a_0^2 + k r/4 + sum a_j^2 r^j and k D_k(r) = k/4 + sum j a_j^2 r^(j-1), even j >= 2. The latter is
    k/2 - I_2 at r = 1, as E s'(z)^2 = E s'(z) - E s''(z); it leaves `tail` for j > J, and so the former tail/(J + 2).
    The slopes of P_k and D_k are at most k D_k(1) and k/16."""
    one = dyadic(1, 0)
    is_one = proves_le(k, one) and proves_le(one, k)
    a, squares, b = at_one(at, p) if is_one else coefficients(k, at, p)
    marked = [j * x for j, x in zip(range(2, at.last + 1, 2), squares, strict=True)]
    tail = (k / 4 - b - sum(marked)).b * enclosure(0, 1, 0)
    ending, constant, slope = tail / (at.last + 2), a * a, k / 2 - b
    size = sum(to_fixed(k, 0)) + 2

    def values(r: Entries) -> Entries:
        even = r.mid * r.mid >> p
        sums = horner(squares, even, size, p)
        mid = sums.mid * even >> p
        straight = times(Entries(r.mid, 0 * r.rad), k / 4, p)
        off = times(Entries(0 * r.mid, r.rad), slope, p)
        every = plus(plus(Entries(mid, sums.rad + 1 + size), straight), off)
        return shifted(every, constant + ending, p)

    def slopes(r: Entries) -> Entries:
        even = r.mid * r.mid >> p
        sums = horner(marked, even, size, p)
        odd = Entries(sums.mid * r.mid >> p, sums.rad + 1)
        every = shifted(odd, k / 4 + tail * enclosure(-1, 1, 0), p)
        off = times(Entries(0 * r.mid, r.rad), k / 16, p)
        return plus(times(every, 1 / k, p), off)

    return Dual(constant + k / 4 + sum(squares) + ending, slope / k, a, values, slopes)


def horner(terms: list[Interval], x: Matrix, size: int, p: int) -> Entries:
    """sum terms[i] y^i, for y in [0, 1] less than 1 unit above x; all terms positive with a sum below `size`."""
    found, error = 0 * x, 0
    for mid, rad in (to_fixed(term, p) for term in reversed(terms)):
        found = (found * x >> p) + mid
        error += rad + 1 + size
    return Entries(found, 0 * x + error)
