"""What neuron i pulls on: the matrix S_i of section 18 of docs/theorem/wider.md, and psi.

S_i w_i = 0, and with A = |w|^2, C = w.z, D = A |z|^2 - C^2, T = A z - C w, and q_z = (+-) sqrt D/(2 pi A) for every
other neuron (+) and every target (-), section 1 of teacher.md is

    S_i = sum_z q_z (I - w w^T/A + T T^T/(A D)),

of trace d sigma, sigma = sum q_z. On the d - 1 dimensions across w its eigenvalues have the mean d sigma/(d - 1), so

    S_i + d sigma/(d - 1) w w^T/A = sigma (I + w w^T/((d - 1) A)) + sum_z q_z T T^T/(A D)

has one eigenvalue more, in between: its smallest and largest eigenvalues are those of S_i across w.

With signs (+-) is the product of those of the two, and with a slope all is multiplied by (1 - slope)^2."""

from typing import Any

import numpy as np

from relucert_audit.exact import Matrix, Spectrum, Symmetric, product, spectrum, union
from relucert_audit.interval import Interval, dyadic, pi, root, to_fixed
from relucert_audit.teacher.loss import HESSIAN_BITS, Landscape
from relucert_audit.teacher.symmetric import ZERO, SymmetricLandscape, vector

UNIT_SLIP = 6  # of a product of two entries of unit vectors, each within 2 units of the truth and at most 1


def across(loss: Landscape, i: int) -> Spectrum:
    """Of S_i across w_i, its smallest and largest eigenvalue. d >= 2."""
    d, bits, w, square = loss.d, loss.bits, loss.rows[i], int(loss.gram[i, i])
    others = [z for z in range(loss.n + loss.k) if z != i and loss.area[i, z] != 0]
    mids, units, slip, sigma, spread = [], [], 2, 0, 0
    for z in others:
        area = int(loss.area[i, z])
        pull = loss.scale * loss.signs[i] * loss.signs[z] * root(dyadic(area, 0))
        mid, radius = to_fixed(pull / (2 * pi() * square), bits)
        mids.append(mid)
        units.append(loss.unit(square * loss.rows[z] - int(loss.gram[i, z]) * w, square * area))
        sigma, spread = sigma + mid, spread + radius
        slip += UNIT_SLIP * ((abs(mid) + radius >> bits) + 1)
    outer = np.multiply.outer(w, w)
    shape: Matrix = np.eye(d, dtype=object) * sigma + sigma * outer // ((d - 1) * square)
    if others:
        columns: Matrix = np.array(units, dtype=object)
        shape = shape + (product(columns.T * vector(mids), columns) >> 2 * bits)
    top = max(int(np.abs(shape).max()).bit_length(), 1)
    drop = max(top - HESSIAN_BITS, 0)
    error = dyadic(d * (slip + 3 * spread + (1 << drop)), -bits)
    return spectrum(Symmetric(shape >> drop, drop - bits, top - drop, error))


def psi(loss: Landscape, j: int) -> Interval:
    """psi(v_j) = sum_i f(w_i, v_j) - sum_l f(v_l, v_j), from the kernel f of section 1."""
    target, total = loss.n + j, ZERO
    for z in range(loss.n + loss.k):
        pair = loss.pair(z, target)
        total += loss.signs[z] * loss.norms[z] * (pair.sine / (2 * pi()) + pair.share * pair.cosine)
    return total * loss.norms[target]


def across_symmetric(at: SymmetricLandscape, i: int) -> Spectrum:
    """The same of a neuron of kind i. S_i commutes with the permutations that fix the neuron: it acts on the
    vectors that are constant on their orbits, and as a number on those of sum 0 over one orbit."""
    home, w, square, d = at.kinds[i].home, at.kinds[i], at.squares[i], at.k
    orbits = [(c, p - (c == home), False) for c, p in enumerate(at.sizes) if p > (c == home)]
    orbits += [(home, 1, True)] if home is not None else []
    sizes = vector([size for _, size, _ in orbits])

    def sums(generic: Any, own: int, place: tuple[int | None, bool]) -> Matrix:
        """Over each orbit, of a vector with this entry in each class, and so much more at one index."""
        return vector([int(generic[c]) * size + own * ((c, alone) == place) for c, size, alone in orbits])

    meetings = [x for x in at.meetings if x.x == i and x.pair.area != 0]
    sigma = sum((x.pair.pull * (x.number // w.size) for x in meetings), ZERO)
    along = sums(w.generic, w.own, (home, True))
    full = [[sigma * int(x) / ((d - 1) * square) for x in row] for row in np.multiply.outer(along, along)]
    apart = {c: sigma for c, size, alone in orbits if size > 1 and not alone}
    for row, size in enumerate(sizes):
        full[row][row] += sigma * int(size)
    for x in meetings:
        z, pull, wide = at.kinds[x.y], x.pair.pull, square * x.pair.area
        tilt = square * sums(z.generic, z.own, (z.home, x.same)) - x.pair.c * along
        for a, b in np.ndindex(len(orbits), len(orbits)):
            full[a][b] += pull * (x.number // w.size) * int(tilt[a] * tilt[b]) / wide
        if z.home in apart and not x.same:
            apart[z.home] += pull * (z.own**2 * square) / x.pair.area
    blocks = [at.fixed(full, list(sizes)), *(at.fixed([[x]], [1]) for x in apart.values())]
    return union([(1, spectrum(block)) for block in blocks])


def psi_symmetric(at: SymmetricLandscape, j: int) -> Interval:
    """psi(v) for a target v of class j."""
    total, target = -dyadic(1, -1) - (at.k - 1) / (2 * pi()), at.first_target + j
    for x in (x for x in at.meetings if x.y == target):
        f = x.pair.sine / (2 * pi()) + x.pair.share * x.pair.cosine
        total += at.norms[x.x] * f * (x.number // at.sizes[j])
    return total
