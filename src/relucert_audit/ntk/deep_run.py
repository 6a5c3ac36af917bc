"""Gradient descent on all layers, replayed in integers of units 2^-p, p = 21 point: how far its points c_t are from
where exact arithmetic would be, by Lemma 14.S.

Samples are columns. Lengths and errors are intervals of few bits, of which upper ends are used."""

from fractions import Fraction
from typing import NamedTuple

import numpy as np

from relucert_audit import interval as ivl
from relucert_audit.digits import LIMB
from relucert_audit.exact import Matrix, below, integers, norm_bound, product
from relucert_audit.finding import TooWeak
from relucert_audit.interval import Interval, dyadic, precision
from relucert_audit.ntk.deep_bend import Shape, Sizes, bend
from relucert_audit.ntk.deep_digits import Digits, add_product, times
from relucert_audit.ntk.deep_functions import Activation

SHORT = 64  # bits of lengths and errors
NORM_BITS, ROUGH_BITS = 40, 20


class Network(NamedTuple):
    """x (d, n) and y (n,), with errors of x_off and 1 unit at most for each entry; factors: k_h in units, each with its
    error; eta; the activation and what is bounded of it."""

    point: int
    x: Matrix
    x_off: int
    y: Matrix
    eta: Fraction
    factors: list[tuple[int, int]]
    activation: Activation
    shape: Shape

    @property
    def p(self) -> int:
        return LIMB * self.point

    @property
    def n(self) -> int:
        return len(self.y)

    @property
    def depth(self) -> int:
        return len(self.factors)


class State(NamedTuple):
    """c_t: layers by digits, output (m,); r: at least |theta_t - c_t|; norms: at least |W_1|, .., |W_H| at c_t."""

    layers: list[Digits]
    output: Matrix
    r: Interval
    norms: list[Interval]


class Sweep(NamedTuple):
    """What was computed at c_t: x_0, .., x_H (., n); g_1, .., g_H and b_1, .., b_H (m, n); e (n,); the largest entries
    of s(z_h); what values and slopes of the activation err by; the Gram matrix (n, n) of the rows of J, in units of
    2^-4p."""

    signals: list[Matrix]
    gradients: list[Matrix]
    backs: list[Matrix]
    e: Matrix
    tops: list[int]
    rough: tuple[int, int]
    gram: Matrix


class Bounds(NamedTuple):
    """At c_t: sizes that hold for every sample and the true network; what x_0, .., x_H and g_1, .., g_H of each sample
    were missed by at most; |e|; what e and J (Frobenius) were missed by; |J|."""

    sizes: Sizes
    x_off: list[Interval]
    g_off: list[Interval]
    error: Interval
    e_off: Interval
    j_off: Interval
    norm: Interval


def sweep(net: Network, at: State) -> Sweep:
    """Forwards and backwards."""
    p, xs, slopes, tops, rough = net.p, [net.x], [], [], (0, 0)
    for h, (layer, (k, _)) in enumerate(zip(at.layers, net.factors, strict=True)):
        found = net.activation.values(times(list(layer), xs[h], net.point), p)
        x = k * found.value >> p
        xs.append(x + xs[h] if net.shape.residual and h else x)
        slopes.append(found.slope)
        tops.append(int(np.abs(found.value).max()))
        rough = max(rough[0], found.value_error), max(rough[1], found.slope_error)
    e = net.y - (at.output @ xs[-1] >> p)
    g = at.output[:, None] + 0 * xs[-1]
    gradients: list[Matrix] = []
    backs: list[Matrix] = []
    for h in reversed(range(net.depth)):
        back = net.factors[h][0] * (slopes[h] * g >> p) >> p
        gradients.insert(0, g)
        backs.insert(0, back)
        if h:
            through = times(list(at.layers[h].swapaxes(1, 2)), back, net.point)
            g = through + g if net.shape.residual else through
    gram = product(xs[-1].T, xs[-1]) << 2 * p
    for x, back in zip(xs, backs, strict=False):
        gram = gram + product(x.T, x) * product(back.T, back)
    return Sweep(xs, gradients, backs, e, tops, rough, gram)


def lengths(x: Matrix, p: int) -> list[Interval]:
    """Of the columns."""
    return [ivl.root(dyadic(int(square), -2 * p)).b for square in (x * x).sum(axis=0)]


def longest(x: Matrix, p: int) -> Interval:
    return ivl.root(dyadic(int((x * x).sum(axis=0).max()), -2 * p)).b


def bounds(net: Network, at: State, of: Sweep) -> Bounds:
    """Errors of one sample, then of all. For each step of `sweep`: what its arguments err by, times what it multiplies
    them with, and its own rounding; a matrix times a vector is missed by two units for each entry."""
    p, H, unit, n = net.p, net.depth, dyadic(1, -net.p), ivl.root(dyadic(net.n, 0))
    many = ivl.root(dyadic(len(at.output), 0)) * unit  # the length of m entries of one unit
    L, bend_by, residual = net.shape.first, net.shape.second, net.shape.residual
    x_sizes, g_sizes = ([longest(x, p) for x in xs] for xs in (of.signals, of.gradients))
    b_sizes = [longest(x, p) for x in of.backs]
    entries = [dyadic(int(np.abs(g).max()), -p) for g in of.gradients]
    x_off, z_off = [ivl.root(dyadic(len(net.x), 0)) * net.x_off * unit], []
    for h, (k, k_off) in enumerate(net.factors):
        z_off.append(at.norms[h] * x_off[h] + 2 * many)
        value_off = L * z_off[h] + of.rough[0] * many
        off = dyadic(k + k_off, -p) * value_off + k_off * many * dyadic(of.tops[h], -p) + many
        x_off.append((off + x_off[h] if residual and h else off).b)
    g_off, b_off = [dyadic(0, 0)] * H, [dyadic(0, 0)] * H
    for h in reversed(range(H)):
        k, k_off = net.factors[h]
        slope_off = entries[h] * (bend_by * z_off[h] + of.rough[1] * many) + L * g_off[h] + many
        b_off[h] = (dyadic(k + k_off, -p) * slope_off + k_off * unit * 2 * L * g_sizes[h] + many).b
        if h:
            off = at.norms[h] * b_off[h] + 2 * many
            g_off[h - 1] = (off + g_off[h] if residual else off).b
    j_off = x_off[H]
    for h in range(H):
        j_off += b_sizes[h] * x_off[h] + b_off[h] * (x_sizes[h] + x_off[h])
    j_off = (n * j_off).b
    output = ivl.root(dyadic(int((at.output**2).sum()), -2 * p))
    e_off = (n * (output * x_off[H] + 2 * unit)).b
    error = ivl.root(dyadic(int((of.e**2).sum()), -2 * p)).b + e_off
    norm = ivl.root(dyadic(norm_bound(of.gram), -4 * p)).b + j_off
    signals = [x + off for x, off in zip(x_sizes, x_off, strict=True)]
    gradients = [g + off for g, off in zip(g_sizes, g_off, strict=True)]
    sizes = Sizes(signals, gradients, [x + off for x, off in zip(entries, g_off, strict=True)])
    return Bounds(sizes, x_off, g_off, error.b, e_off, j_off, norm.b)


def step(net: Network, at: State) -> State:
    """One step of descent. With J~, e~ as computed, c + eta J~^T e~ misses T(c) by eta (|J~ - J| |e~| + |J| |e~ - e|);
    then rounding: eta e~ by a unit for each sample, b_h times it by a unit and the sum by two for each entry."""
    of = sweep(net, at)
    now, p, eta, unit = bounds(net, at, of), net.p, ivl.rational(net.eta), dyadic(1, -net.p)
    t = of.e * net.eta.numerator // net.eta.denominator
    layers = [
        add_product(layer, back * t >> p, x.T, net.point)
        for layer, back, x in zip(at.layers, of.backs, of.signals, strict=False)
    ]
    output = at.output + (of.signals[-1] @ t >> p)
    m, n, wrong = len(output), net.n, dyadic(0, 0)
    for x, size in zip(of.signals, now.sizes.signals[:-1], strict=False):
        wrong += n * ivl.root(dyadic(m, 0)) * size + 2 * ivl.root(dyadic(m * len(x), 0))
    wrong = unit * (wrong + ivl.root(dyadic(n, 0)) * now.norm + ivl.root(dyadic(m, 0)))
    missed = eta * (now.j_off * now.error + now.norm * now.e_off)
    delta = (missed + wrong).b
    pull = ivl.root(dyadic(max(int(of.e @ of.gram @ of.e), 0), -6 * p))  # |J~^T e~|
    way = (eta * pull + delta).b
    norms = [(x + way).b for x in at.norms]
    return State(layers, output, spread(net, at, now) + delta, norms)


def spread(net: Network, at: State, now: Bounds) -> Interval:
    """Lemma 14.S: what becomes of r_t by one exact step."""
    if ivl.proves_le(at.r, dyadic(0, 0)):
        return dyadic(0, 0)
    eta, r = ivl.rational(net.eta), at.r
    curve = ivl.root(dyadic(net.n, 0)) * bend(net.shape, at.norms, now.sizes, r)
    norm = now.norm + curve * r
    error = now.error + norm * r
    grow = ivl.maximum([dyadic(1, 0), eta * norm**2 - 1]) + eta * curve * error
    after = (grow * r).b
    if not ivl.proves_lt(after, dyadic(1, 10)):
        raise TooWeak("two runs side by side are not known to stay together")
    return after


def layer_norm(w: Matrix, p: int) -> Interval:
    """At least |W|, W in units of 2^-p: rounded to NORM_BITS, then a bound of the largest eigenvalue of W W^T or W^T W,
    shortened to S: U^T (s - S) U has positive eigenvalues by `below`, for rough eigenvectors U of few bits."""
    short = w >> (p - NORM_BITS)
    square = product(short, short.T) if len(w) <= w.shape[1] else product(short.T, short)
    drop = max(int(np.abs(square).max()).bit_length() - NORM_BITS, 0)
    square = square >> drop
    try:
        u = integers(np.linalg.eigh(square.astype(np.float64))[1], ROUGH_BITS)
    except np.linalg.LinAlgError as failure:
        raise TooWeak("no eigenvalues found") from failure
    form, gram, found = product(u.T, product(square, u)), product(u.T, u), norm_bound(square)
    top = max(int(form[i, i]) // max(int(gram[i, i]), 1) for i in range(len(u)))
    for loss in (12, 8, 5, 3):
        if below(form, gram, top + (top >> loss) + 1) == len(u):
            found = min(found, top + (top >> loss) + 1)
            break
    rounded = ivl.root(dyadic(w.size, 0)) * dyadic(1, -NORM_BITS)
    return (ivl.root(dyadic((found + len(u)) << drop, -2 * NORM_BITS)) + rounded).b


def run(net: Network, at: State, steps: int) -> State:
    with precision(SHORT):
        for _ in range(steps):
            at = step(net, at)
    return at
