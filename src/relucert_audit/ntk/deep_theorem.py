"""Theorem 14.W where a run ends."""

from typing import NamedTuple

import numpy as np

from relucert_audit import interval as ivl
from relucert_audit.digits import LIMB
from relucert_audit.exact import Matrix, Symmetric, spectrum
from relucert_audit.interval import Interval, dyadic
from relucert_audit.ntk.data import Integers, shortened
from relucert_audit.ntk.deep_bend import Sizes, bend
from relucert_audit.ntk.deep_digits import Digits
from relucert_audit.ntk.deep_run import Bounds, Network, State, Sweep, bounds, layer_norm, lengths, sweep

GRAM_BITS = 120


class End(NamedTuple):
    """At c_T and in the ball around it: least and largest singular value of J(c_T), |e(c_T)|, error: of theta_T; sizes
    of each sample."""

    at: State
    least: Interval
    most: Interval
    here: Interval
    error: Interval
    samples: list[Sizes]


class Found(NamedTuple):  # hypotheses: by name, their sides and whether they are proved; gain: 1 - q
    hypotheses: dict[str, tuple[Interval, Interval, bool]]
    gain: Interval


def whole(digits: Digits) -> Matrix:
    """The matrix of integers."""
    total: Matrix = digits[-1].astype(object)
    for digit in digits[-2::-1]:
        total = (total << LIMB) + digit
    return total


def end(net: Network, at: State) -> End:
    """The norms of layers are found anew. |e(theta_T)| differs from |e(c_T)| by at most (B_0 + Lam r_T) r_T."""
    at = at._replace(norms=[layer_norm(whole(layer), net.p) for layer in at.layers])
    of = sweep(net, at)
    now = bounds(net, at, of)
    square: Symmetric = shortened(Integers(of.gram, -4 * net.p), GRAM_BITS)
    found = spectrum(square)
    least = (ivl.root(ivl.maximum([found.smallest.a, dyadic(0, 0)])) - now.j_off).a
    most = ivl.root(found.largest).b + now.j_off
    here = ivl.root(dyadic(int((of.e**2).sum()), -2 * net.p)) + now.e_off * ivl.enclosure(-1, 1, 0)
    samples = sample_sizes(net, of, now)
    r = at.r
    Lam = together(net, at, samples, r)
    error = ivl.maximum([here + (most + Lam * r) * r * ivl.enclosure(-1, 1, 0), dyadic(0, 0)])
    return End(at, least, most.b, here, error, samples)


def sample_sizes(net: Network, of: Sweep, now: Bounds) -> list[Sizes]:
    """Of each sample; errors are those of the worst."""
    signals = [[x + off for x in lengths(xs, net.p)] for xs, off in zip(of.signals, now.x_off, strict=True)]
    gradients = [
        [g + off for g in lengths(gs, net.p)] for gs, off in zip(of.gradients, now.g_off, strict=True)
    ]
    entries = [
        [dyadic(int(top), -net.p) + off for top in np.abs(gs).max(axis=0)]
        for gs, off in zip(of.gradients, now.g_off, strict=True)
    ]
    return [Sizes(*([x[i] for x in xs] for xs in (signals, gradients, entries))) for i in range(net.n)]


def together(net: Network, at: State, samples: list[Sizes], R: Interval) -> Interval:
    """Lam on the ball of radius R."""
    total = dyadic(0, 0)
    for sizes in samples:
        total += bend(net.shape, at.norms, sizes, R) ** 2
    return ivl.root(total).b


def theorem(net: Network, end: End, rho: Interval) -> Found:
    """Theorem 14.W with this rho: J.0, J.1, J.2 and 1 - q."""
    eta, R = ivl.rational(net.eta), rho + end.at.r
    Lam, E = together(net, end.at, end.samples, R), end.error.b
    s = end.least - Lam * R
    curve = (end.most + Lam * R) ** 2 + Lam * E
    kappa = 1 - eta * curve / 2
    sides = {
        "J.0": (Lam * R, end.least, False),
        "J.1": (eta * curve, dyadic(2, 0), False),
        "J.2": (E, rho * s * kappa, True),
    }
    proved = {
        name: (a, b, ivl.proves_le(a, b) if equal else ivl.proves_lt(a, b))
        for name, (a, b, equal) in sides.items()
    }
    return Found(proved, 2 * eta * s**2 * kappa)
