"""Theorems 14.D and 14.F where a run stands: which neurons stay on or off, and the matrices H and P of their counts."""

from typing import NamedTuple

import numpy as np
from mpmath import iv  # type: ignore[import-untyped]

from relucert_audit import interval as ivl
from relucert_audit.exact import Matrix, product, spectrum
from relucert_audit.interval import Interval, enclosure, to_fixed
from relucert_audit.ntk.data import Integers, shortened
from relucert_audit.ntk.shallow_run import Network, Short, State, from_digits, margins, shift, sums


class Here(NamedTuple):
    """At W(T): z and what it errs by at most, in units of 2^-p; |e_T|."""

    z: Matrix
    margin: Matrix
    p: int
    error: Interval


class Counts(NamedTuple):
    """H = K (low + high)/(2 m), P = |K| (high - low)/(2 m), entry by entry; open pairs."""

    low: Matrix
    high: Matrix
    open: int


def here(net: Network, at: State, p: int) -> Here:
    """e of W~ by its sums, which err by up to m q_t units; u is |X|-Lipschitz."""
    slack, y, size = net.m * at.rough, net.y, ivl.root(enclosure(net.m, net.m, 0))
    total = ivl.dyadic(0, 0)
    for value, u in zip(y.mantissa[0], sums(net, at), strict=True):
        total += (ivl.dyadic(int(value), y.exponent) - enclosure(u - slack, u + slack, -p) / size) ** 2
    error = ivl.root(total) + ivl.root(net.square) * enclosure(-at.r, at.r, -p)
    return Here(from_digits(at.z), np.array(margins(net, at), dtype=object), p, error)


def reach(net: Network, at: Here, rate: Interval) -> Interval:
    """C."""
    return ivl.rational(net.eta) * at.error / (ivl.root(enclosure(net.m, net.m, 0)) * rate)


def counts(net: Network, at: Here, C: Interval) -> Counts:
    """Of the sets S_r of two rounds. Squares of C kappa_ri in units of 2^-2p, entries rounded up. What the first round
    leaves out of S_r is off, as it does not come nearer to 0 in the second."""
    scale, rough = to_fixed(C.b**2, 2 * at.p)
    squares, exponent = (scale + rough) * net.gram.mantissa**2, 2 * net.gram.exponent
    bends = 1 + shift(squares, exponent)
    inside = beyond(-at.z - at.margin, bends.sum(axis=0)) == 0
    moves = product(inside.astype(np.int64), bends)
    on = beyond(at.z - at.margin, moves)
    not_off = inside.astype(np.int64) * (1 - beyond(-at.z - at.margin, moves))
    low, high = (together(x) for x in (on, not_off))
    return Counts(low, high, int((not_off - on).sum()))


def together(x: Short) -> Matrix:
    """x^T x for 0 and 1 in (m, n): integers below 2^15, exact in floating point."""
    y = x.astype(np.float64)
    return (y.T @ y).astype(np.int64).astype(object)


def beyond(distance: Matrix, square: Matrix) -> Short:
    """1 where a distance is positive and its square is larger, else 0."""
    return ((distance > 0) & (distance * distance > square)).astype(np.int64)


class Spectra(NamedTuple):  # of H; spread: |P|
    smallest: Interval
    largest: Interval
    spread: Interval


def spectra(net: Network, found: Counts) -> Spectra:
    gram, exponent = net.gram
    size = enclosure(2 * net.m, 2 * net.m, 0)
    middle = spectrum(shortened(Integers(gram * (found.low + found.high), exponent), iv.prec))
    spread = spectrum(shortened(Integers(np.abs(gram) * (found.high - found.low), exponent), iv.prec))
    return Spectra(middle.smallest / size, middle.largest / size, spread.absmax / size)
