"""The means of two neurons, P_k and D_k of Theorem 14.K, for relu and erf; softplus is in gram_softplus."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from relucert_audit.finding import TooWeak
from relucert_audit.interval import Interval, bearing, dyadic, pi, root
from relucert_audit.ntk.gram_entries import (
    ROOTS,
    Entries,
    arcsine,
    arcsines,
    correlations,
    entries,
    plus,
    shifted,
    times,
)


class Dual(NamedTuple):
    """At one variance k: P_k(1), D_k(1), E s(u), and P_k and D_k of correlations."""

    top: Interval
    slope: Interval
    mean: Interval
    values: Callable[[Entries], Entries]
    slopes: Callable[[Entries], Entries]


def relu(k: Interval, p: int) -> Dual:
    """P_k(r) = k ((1 - r^2)^(1/2) + r (pi/2 + arcsin r))/(2 pi), with slope k D_k(r) <= k/2;
    D_k(r) = (pi/2 + arcsin r)/(2 pi)."""
    quarter = pi() / 2

    def values(r: Entries) -> Entries:
        arcs = shifted(entries([arcsine(x, p) for x in r.mid.tolist()]), quarter, p)
        roots = ROOTS((1 << 2 * p) - r.mid * r.mid)
        sums = Entries(roots + (r.mid * arcs.mid >> p), arcs.rad + 2)
        at_mid = times(sums, k / (4 * quarter), p)
        return plus(at_mid, times(Entries(0 * r.mid, r.rad), k / 2, p))

    def slopes(r: Entries) -> Entries:
        return times(shifted(arcsines(r, p), quarter, p), 1 / (4 * quarter), p)

    return Dual(k / 2, dyadic(1, -1), root(k / (4 * quarter)), values, slopes)


def erf(k: Interval, p: int) -> Dual:
    """P_k(r) = (2/pi) arcsin(a r), a = 2k/(1 + 2k); D_k(r) = 4/(pi (1 + 2k)) (1 - a^2 r^2)^(-1/2).

    At r = 1: (1 - a^2)^(1/2) (1 + 2k) = (1 + 4k)^(1/2)."""
    a, last = 2 * k / (1 + 2 * k), root(1 + 4 * k)

    def values(r: Entries) -> Entries:
        return times(arcsines(correlations(times(r, a, p), p), p), 2 / pi(), p)

    def slopes(r: Entries) -> Entries:
        return times(secants(times(r, a, p), p), 4 / (pi() * (1 + 2 * k)), p)

    return Dual(2 / pi() * bearing(2 * k, last), 4 / (pi() * last), dyadic(0, 0), values, slopes)


def secants(x: Entries, p: int) -> Entries:
    """(1 - x^2)^(-1/2): its slope is at most (1 - x^2)^(-3/2) at the end farther from 0. A floored root is short by
    less than one unit, which raises the quotient by at most its square."""
    one, end = 1 << p, np.abs(x.mid) + x.rad
    if len(end) and end.max() >= one:
        raise TooWeak("a correlation of erf that is not below 1")
    roots, least = ROOTS(one * one - x.mid * x.mid), ROOTS(one * one - end * end)
    error = x.rad * one**3 // least**3 + one * one // least**2
    return Entries(one * one // roots, error + 3)
