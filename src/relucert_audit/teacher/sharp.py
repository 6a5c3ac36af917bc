"""The Lipschitz constant called "sharp": docs/theorem/teacher.md section 2, the smaller of Theorems B and B'.

Spectral norms come from `exact.spectrum` (where it is undecided, from a norm of integers), sines of sums of
angles from the addition theorem; errors: docs/audit.md. Numbers are enclosures of upper bounds."""

from typing import NamedTuple

import numpy as np

from relucert_audit import definite
from relucert_audit.exact import Matrix, Symmetric, norm, norm_bound, product
from relucert_audit.finding import TooWeak
from relucert_audit.format import Dyadic
from relucert_audit.interval import (
    Interval,
    dyadic,
    enclosure,
    maximum,
    minimum,
    pi,
    proves_le,
    proves_lt,
    root,
    to_fixed,
)
from relucert_audit.teacher.loss import Landscape

FEWEST, KEPT = 48, 88  # bits of directions and cosines; of matrices whose spectrum is bounded
ZERO = dyadic(0, 0)


class Turn(NamedTuple):  # enclosures of the sine and cosine of an angle
    sine: Interval
    cosine: Interval

    def minus(self, other: "Turn") -> "Turn":
        sine = self.sine * other.cosine - self.cosine * other.sine
        return Turn(sine, self.cosine * other.cosine + self.sine * other.sine)


class Other(
    NamedTuple
):  # `number` neurons or targets that are alike; `acute`: min(angle, pi - angle) with w_i
    number: int
    neuron: bool
    length: Interval
    tilt: Turn  # del
    acute: Turn


class Row(NamedTuple):  # what neurons of this length meet, near or far; the numbers |B_i| and g
    length: Interval
    near: list[Other]
    far: list[Other]
    bend: Interval
    skew: Interval


class Frame(NamedTuple):  # n, k, e and T
    n: int
    k: int
    units: Interval
    span: Interval


def lipschitz_sharp(loss: Landscape, radius: Dyadic) -> Interval:
    """On the ball of this radius below every |w_i|."""
    return minimum([loss.lipschitz(radius), theorem_b_sharp(loss, dyadic(*radius))])


def theorem_b_sharp(loss: Landscape, rho: Interval, drift: Interval = ZERO) -> Interval:
    """Theorem B' for targets that move by at most D = drift, below every |v_j|."""
    tilts = [tilt(rho if z < loss.n else drift, x) for z, x in enumerate(loss.norms)]
    units, span = (
        frame_norm(loss) if loss.n > 1 else ZERO,
        root(eigenvalue(loss.gram, 2 * loss.exponent, ZERO)),
    )
    rows = [row_of(loss, i, tilts) for i in range(loss.n)]
    return loss.scale * from_rows(rows, Frame(loss.n, loss.k, units, span), rho, drift)


def from_rows(rows: list[Row], frame: Frame, rho: Interval, drift: Interval = ZERO) -> Interval:
    """Neurons that are alike have one row."""
    least = minimum([row.length for row in rows])
    eta = rho / root(least * (least - rho)) if frame.n > 1 else ZERO
    parts = [terms(row, frame, eta, rho, drift) for row in rows]
    return phi(*(maximum(list(column)).b for column in zip(*parts, strict=True)))


def terms(row: Row, frame: Frame, eta: Interval, rho: Interval, drift: Interval) -> tuple[Interval, Interval]:
    """G_i and R_i."""
    n, p, e = frame.n, row.length, frame.units
    left, met = p - rho, dyadic(n - 1 + frame.k, 0)
    slack = root(met) * root((rho**2 + drift**2) * (1 + 2 * frame.span**2 / (p * left)))  # sqrt(m) mu
    skew, crowd, kappa = row.skew + 3 * slack, sum(z.number for z in row.near if z.neuron), ZERO
    skew += sum((2 * z.number * (z.length + (rho if z.neuron else drift)) for z in row.near), ZERO)
    own = tilt(rho, p)
    for z in row.far:
        worst = z.acute.minus(own).minus(z.tilt)
        if proves_lt(ZERO, worst.sine) and proves_le(worst.cosine, worst.sine):
            kappa = maximum([kappa, 6 / worst.sine**2 - 2]) if z.neuron else kappa
        else:
            skew += 2 * z.number * (z.length * (1 + z.acute.cosine) + (rho if z.neuron else drift))
            crowd += z.number * z.neuron
    cosines = root(sum((z.number * z.acute.cosine**2 for z in row.far if z.neuron), ZERO))
    wide, scale = (e + eta) ** 2, 3 / (2 * pi() * left)
    along = scale * root(n - 1 + 3 * wide + ((row.bend + 2 * slack) / left) ** 2)
    mixed = scale**2 * (4 * crowd + (cosines + eta + e * rho / root(p * left)) ** 2 + kappa * wide)
    return along, root((skew / (2 * pi() * left**2)) ** 2 + (mixed if n > 1 else ZERO))


def tilt(reach: Interval, length: Interval) -> Turn:
    """arcsin(reach/length)."""
    return Turn(reach / length, root(1 - (reach / length) ** 2))


def is_far(share: Interval) -> bool:
    """Whether the angle (1 - 2 share) pi is proved to be in [4/5, pi - 4/5]."""
    straight = pi()
    supplement = 2 * straight * share
    return proves_le(dyadic(4, 0) / 5, minimum([supplement, straight - supplement]))


def phi(along: Interval, across: Interval) -> Interval:
    """Phi(G, R) of Lemma G."""
    cot = 2 * along / (3 * across + root(9 * across**2 + 8 * along**2))
    return (along * cot + across) / ((1 + cot**2) * root(1 + cot**2))


def row_of(loss: Landscape, i: int, tilts: list[Turn]) -> Row:
    near: list[Other] = []
    far: list[int] = []
    others = {}
    for z in [z for z in range(loss.n + loss.k) if z != i]:
        pair = loss.pair(i, z)
        others[z] = Other(1, z < loss.n, loss.norms[z], tilts[z], Turn(pair.sine, abs(pair.cosine)))
        if is_far(pair.share):
            far.append(z)
        else:
            near.append(others[z])
    return Row(loss.norms[i], near, [others[z] for z in far], bend(loss, i), skewness(loss, i, far))


def bend(loss: Landscape, i: int) -> Interval:
    """|B_i| = 2 pi |w_i| |H_ii - I/2|, H for slope 0."""
    block, error = loss.own_blocks[i]
    pull = block - (np.eye(loss.d, dtype=object) << loss.bits - 1)
    return 2 * pi() * loss.norms[i] * eigenvalue(pull, -loss.bits, dyadic(loss.d * error, -loss.bits))


def fraction(loss: Landscape) -> int:
    """Bits of directions and cosines: more where a first try did not decide."""
    return max(FEWEST, 3 * loss.bits // 10)


def skewness(loss: Landscape, i: int, far: list[int]) -> Interval:
    """g. Directions nbar are integers in units of 2^-bits, the weights in units that fit the longest row."""
    if not far:
        return ZERO
    bits = fraction(loss)
    signed = [loss.signs[i] * loss.signs[z] * loss.norms[z] * loss.pair(i, z).cosine for z in far]
    size = sum((abs(x) for x in signed), ZERO).b
    width = bits - (int(np.max(np.diagonal(loss.gram))).bit_length() // 2 + loss.exponent)
    weights, radii = (
        np.array(x, dtype=object) for x in zip(*(to_fixed(x, width) for x in signed), strict=True)
    )
    units: Matrix = np.array([loss.frame(i, z)[1] for z in far], dtype=object)
    units = units.reshape(len(far), loss.d) >> (loss.bits - bits)
    slip = 3 * root(dyadic(loss.d, 0)) * dyadic(1, -bits)  # length of the error of a direction
    heft = int(np.abs(weights).sum())
    error = (4 * slip * heft + int(radii.sum())) * dyadic(1, -width)
    weighted = units * weights[:, None]
    total = weighted.sum(axis=0)
    mean = (root(dyadic(int(total @ total), -2 * bits - 2 * width)) + error).b
    form = product(weighted.T, product(product(units, units.T) ** 2 >> 3 * bits, weighted))
    floored = dyadic(heft * heft, -bits - 2 * width) * (1 + slip) ** 2
    cubic = (root(eigenvalue(form, -3 * bits - 2 * width, floored)) + error).b
    return minimum([2 * size, 3 * mean + cubic, 2 * mean + 2 * size / (3 * root(dyadic(3, 0)))]).b


def frame_norm(loss: Landscape) -> Interval:
    """e = |[w_1^ .. w_n^]|, the root of the largest eigenvalue of the matrix of cosines."""
    n, bits = loss.n, fraction(loss)
    cosines: Matrix = np.eye(n, dtype=object) << bits
    spread = 1
    for i in range(n):
        for j in range(i):
            cosines[i, j], radius = to_fixed(loss.pair(i, j).cosine, bits)
            cosines[j, i], spread = cosines[i, j], max(spread, radius)
    return root(eigenvalue(cosines, -bits, dyadic(n * spread, -bits)))


def eigenvalue(matrix: Matrix, exponent: int, error: Interval) -> Interval:
    """Upper bound of the spectral norm of every symmetric matrix within `error` of matrix 2^exponent."""
    drop = int(np.abs(matrix).max()).bit_length() - KEPT
    if drop > 0:
        error = error + dyadic(len(matrix), exponent + drop)
    h = Symmetric(matrix >> drop if drop > 0 else matrix << -drop, exponent + drop, KEPT, error)
    found = definite.norm(h)
    if found is not None:
        return found.b
    try:
        return norm(h).b
    except TooWeak:
        return (enclosure(0, norm_bound(h.mantissa), h.exponent) + error).b
