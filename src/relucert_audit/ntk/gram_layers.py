"""The Gram matrix of the last layer: the table of docs/spec/wide-network-v1.md, by Theorem 14.K."""

from fractions import Fraction
from math import isqrt
from typing import Any, NamedTuple

import numpy as np

from relucert_audit.exact import Matrix
from relucert_audit.interval import Interval, dyadic, proves_le, rational, root
from relucert_audit.ntk.gram_dual import Dual, erf, relu
from relucert_audit.ntk.gram_entries import Entries, correlations, entries, plus, product, shifted, times
from relucert_audit.ntk.gram_softplus import plan, softplus

WORK = 6e7  # products for the coefficients of softplus, of all layers together: a minute
STEP, MORE = 32, 1024  # bits beyond the precision that small angles may ask for


class Network(NamedTuple):
    """share: c_res/H of a residual network, None for a dense one."""

    activation: str
    depth: int
    share: Fraction | None


class Layer(NamedTuple):
    """Entries above the diagonal, the one on it, and b_h."""

    pairs: Entries
    k: Interval
    b: Interval


def finer(gram: Matrix) -> int:
    """How many bits more show 1 - r^2 for every pair that is not parallel; in few sizes, so that much is cached."""
    i, j = np.triu_indices(len(gram), 1)
    squares = np.diagonal(gram)
    full = squares[i] * squares[j]
    left = full - gram[i, j] ** 2
    zeros = max((int(f // x).bit_length() for f, x in zip(full, left, strict=True) if x), default=0)
    return min(-(-zeros // STEP) * STEP, MORE)


def first(gram: Matrix, p: int) -> Entries:
    """r = g_ij (g_ii g_jj)^(-1/2), exact where it is 1 or -1; else the floor of |r| in units."""
    squares, found = np.diagonal(gram), []
    for i, j in zip(*np.triu_indices(len(gram), 1), strict=True):
        g, full = int(gram[i, j]), int(squares[i] * squares[j])
        size = isqrt((g * g << 2 * p) // full)
        found.append((size if g >= 0 else -size, int(g * g != full)))
    return entries(found)


def dual(network: Network, k: Interval, p: int, bits: int) -> Dual:
    if network.activation == "softplus":
        layers = network.depth if network.share is not None else 1
        return softplus(k, plan(k, p, bits, WORK / layers), p)
    return {"relu": relu, "erf": erf}[network.activation](k, p)


def last(network: Network, gram: Matrix, p: int, bits: int) -> tuple[Entries, Interval]:
    """The matrix above and on its diagonal; that of a residual network without the factor g^2."""
    one, g = dyadic(1, 0), network.share
    start = at = dual(network, one, p, bits)
    layer = Layer(first(gram, p), one, root(1 / start.top) * start.mean)
    for h in range(1, network.depth):
        r = ratios(layer, p)
        if h == 1 or g is None:
            layer = Layer(times(start.values(r), 1 / start.top, p), one, layer.b)
        else:
            layer = onward(layer, at, r, rational(g), p)
        at = start if g is None or h == 1 else dual(network, layer.k, p, bits)
    slopes = at.slopes(ratios(layer, p))
    pairs, diagonal = product(layer.pairs, slopes, p), layer.k * at.slope
    if g is not None or (network.activation, network.depth) == ("relu", 1):
        return pairs, diagonal
    return times(pairs, 1 / start.top, p), diagonal / start.top


def ratios(layer: Layer, p: int) -> Entries:
    """K/k; as it is where k = 1 (no k is smaller), so that what is exact stays so."""
    alone = proves_le(layer.k, dyadic(1, 0))
    return correlations(layer.pairs if alone else times(layer.pairs, 1 / layer.k, p), p)


def onward(layer: Layer, at: Dual, r: Entries, g: Interval, p: int) -> Layer:
    """K + 2 g b E s(u) + g^2 E s(u) s(v), and b + g E s(u)."""
    added = 2 * g * layer.b * at.mean
    pairs = plus(shifted(layer.pairs, added, p), times(at.values(r), g * g, p))
    return Layer(pairs, layer.k + added + g * g * at.top, layer.b + g * at.mean)


def matrix(pairs: Entries, diagonal: tuple[int, int], n: int) -> tuple[Matrix, Matrix]:
    """Mids and radii as symmetric matrices (n, n)."""
    found: list[Any] = []
    for above, on in zip(pairs, diagonal, strict=True):
        full = np.full((n, n), on, dtype=object)
        full[np.triu_indices(n, 1)] = above
        full.T[np.triu_indices(n, 1)] = above
        found.append(full)
    return found[0], found[1]
