"""From how near W(k) gradient descent converges to it, for every k of a box (docs/theorem/uniform.md, 12.9, A).

Theorem B' in the geometry of `system`: B_i/p_i = A_i (I - w_i w_i^T/p_i^2) + sum (+-) n_z n_z^T/H_z, where n_z is
the part of z orthogonal to w_i and H_z = p_i |n_z|; spectral norms are bounded by the largest row sum. The own target
is near, all else is proved to be far and to stay far."""

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from relucert_audit.interval import (
    Interval,
    absolute,
    dyadic,
    maximum,
    minimum,
    pi,
    proves_le,
    proves_lt,
    rational,
    root,
    show,
)
from relucert_audit.uniform.dual import Dual, Unproved
from relucert_audit.uniform.system import geometry

STEP = 4  # fixed steps up to STEP/k
ZERO, ONE = dyadic(0, 0), dyadic(1, 0)


class G(NamedTuple):
    """Values of `system.Geometry`, with be, ga, ep, t = (1 - 2 s^2)^(-1/2) and q = (1 - s^2)^(-1/2)."""

    s: Interval
    s2: Interval
    s4: Interval
    a: Interval
    be: Interval
    ga: Interval
    ep: Interval
    f: Interval
    p: Interval
    r: Interval
    C: Interval
    D: Interval
    z: Interval
    y: Interval
    P: Interval
    R: Interval
    A2: Interval
    B2: Interval
    sin_ww: Interval
    sin_wk: Interval
    sin_ij: Interval
    sin_ik: Interval
    sin_ki: Interval
    arc_ww: Interval
    arc_wk: Interval
    n1: Interval
    n2: Interval
    t: Interval
    q: Interval


Vector = Sequence[Interval]
Weighted = tuple[Interval, Vector]


class Turned(NamedTuple):
    """An acute angle, or one that is subtracted from it."""

    sine: Interval
    cosine: Interval

    def less(self, other: "Turned") -> "Turned":
        sine = self.sine * other.cosine - self.cosine * other.sine
        return Turned(sine, self.cosine * other.cosine + self.sine * other.sine)


class Kind(NamedTuple):
    """One of the two kinds of neurons: its length, |B_i|, g, the root of c2, and what is far from it: the acute angle
    and the length of a neuron, None for a target."""

    length: Interval
    bend: Interval
    skew: Interval
    cosines: Interval
    far: list[tuple[Turned, Interval | None]]


def values(x: Sequence[Dual], s: Dual) -> G:
    g = geometry(x, s)
    _, be, ga, ep, _ = (v.v for v in x)
    n1, n2 = 1 - g.s2.v, 1 - 2 * g.s2.v
    names = set(G._fields) & set(g._fields)
    known = {name: getattr(g, name).v for name in names}
    return G(**known, be=be, ga=ga, ep=ep, n1=n1, n2=n2, t=1 / root(n2), q=1 / root(n1))


def largest_norm(terms: Sequence[Weighted], level: Interval, single: Interval) -> Interval:
    """Upper bound of the norm of level I + sum of weight v v^T, by row sums, and of the number `single`."""
    size = len(terms[0][1])
    rows = []
    for i in range(size):
        row = [sum((w * v[i] * v[j] for w, v in terms), level if i == j else ZERO) for j in range(size)]
        rows.append(sum((absolute(x) for x in row), ZERO))
    return maximum([*rows, absolute(single)])


def stretch(first: Interval, cross: Interval, last: Interval, single: Interval) -> Interval:
    """Upper bound of the largest eigenvalue of a Gram matrix: of a 2 x 2 matrix, by row sums, and a number."""
    return maximum([first + absolute(cross), last + absolute(cross), single])


def skewness(size: Interval, terms: Sequence[Weighted]) -> Interval:
    """g, from l and the far zeta nbar."""
    mean = root(sum((sum((w * v[i] for w, v in terms), ZERO) ** 2 for i in range(len(terms[0][1]))), ZERO))
    return minimum([2 * size, 2 * mean + 2 * size / (3 * root(dyadic(3, 0)))])


def angle(cosine: Interval, sine: Interval) -> Turned:
    return Turned(sine, absolute(cosine))


def first(g: G) -> Kind:
    """w_i with i < k, in e_i, sum_{j != i, k} e_j/sqrt(k - 2), e_k."""
    s, s2, s4, p, p2 = g.s, g.s2, g.s4, g.p, g.p**2
    w = [g.a, s * s2 * g.be / g.t, s2 * g.ga]
    ww, wk, ij, ik = s4 * g.C / p2, s2 * g.D / p2, s4 * g.be / p2, s2 * g.ga / p2
    apart = g.a - s4 * g.be
    # sqrt(k - 2) times the mean of n_z over the neurons, and over the targets; then n_z of w_k, e_i/s^2, e_k
    neurons = [
        s * s2 * (g.be - g.C * g.a / p2) / g.t,
        apart + g.n2 * s2 * g.be * (1 - ww),
        s * g.ga * (1 - ww) / g.t,
    ]
    targets = [
        -s * s2 * g.be * g.a / (p2 * g.t),
        1 - g.n2 * s4 * s2 * g.be**2 / p2,
        -s * s4 * g.be * g.ga / (p2 * g.t),
    ]
    turned = [s2 * g.ep - wk * w[0], s * (g.ep - g.D * s4 * g.be / p2) / g.t, g.f - wk * w[2]]
    own = [s2 * g.z**2 / p2, -(g.a / p2) * s * g.be / g.t, -(g.a / p2) * g.ga]
    last = [-ik * w[0], -ik * w[1], 1 - ik * w[2]]
    level = p * s2 * g.A2
    terms = [
        (-level / p2, w),
        (1 / (p * g.sin_ww), neurons),
        (-1 / g.sin_ij, targets),
        (1 / (g.r * g.sin_wk), turned),
        (-s2 * p / g.z, own),
        (-1 / g.sin_ik, last),
    ]
    bend = largest_norm(terms, level, level + apart**2 / (p * g.sin_ww) - 1 / g.sin_ij)
    size = s2 * (g.n2 * (absolute(g.C) + absolute(g.be)) + absolute(g.D) + absolute(g.ga)) / p
    far = [
        (s * s2 * g.C / (g.t * p2 * g.sin_ww), neurons),
        (-s * s2 * g.be / (g.t * p * g.sin_ij), targets),
        (s2 * g.D / (p * g.r * g.sin_wk), turned),
        (-s2 * g.ga / (p * g.sin_ik), last),
    ]
    cosine = wk * p / g.r
    met = [
        (angle(ww, g.sin_ww), p),
        (angle(cosine, g.sin_wk), g.r),
        (angle(ij * p, g.sin_ij), None),
        (angle(ik * p, g.sin_ik), None),
    ]
    cosines = root(g.n2 * s2 * s4 * (g.C / p2) ** 2 + cosine**2)
    return Kind(p, bend, skewness(size, far), cosines, met)


def last(g: G) -> Kind:
    """w_k, in sum_{j < k} e_j/sqrt(k - 1), e_k."""
    s, s2, s4, p, r, r2 = g.s, g.s2, g.s4, g.p, g.r, g.r**2
    apart = g.a - s4 * g.be
    neurons = [g.n1 * s2 * (g.be - g.D * g.ep / r2) + apart, s * (g.ga - g.D * g.f / r2) / g.q]
    targets = [1 - g.n1 * s2 * g.ep**2 / r2, -s * g.ep * g.f / (g.q * r2)]
    level = r * (s2 * g.B2 - s * g.y / r)
    terms = [
        (-level / r2, [s * g.ep / g.q, g.f]),
        (1 / (p * g.sin_wk), neurons),
        (-1 / g.sin_ki, targets),
        (-s * g.y, [-g.f / r, s * g.y]),
    ]
    bend = largest_norm(terms, level, level + apart**2 / (p * g.sin_wk) - 1 / g.sin_ki)
    size = g.n1 * (absolute(g.D) + g.ep) / r
    far = [(s * g.D / (g.q * r * p * g.sin_wk), neurons), (-s * g.ep / (g.q * r * g.sin_ki), targets)]
    wk = s2 * g.D / (p * r)
    met = [(angle(wk, g.sin_wk), p), (angle(s2 * g.ep / r, g.sin_ki), None)]
    return Kind(r, bend, skewness(size, far), root(g.n1 * (s * g.D / (p * r)) ** 2), met)


def lipschitz(g: G, kinds: Sequence[Kind], radius: Interval) -> Interval:
    """Upper bound of s L on B(W, radius s), L the Lipschitz constant of the Hessian (Theorem B')."""
    s, p, r = g.s, g.p, g.r
    rho, least = radius * s, minimum([p, r])
    if not proves_lt(rho, least):
        raise Unproved("basin: a neuron may vanish")
    units, span2 = frames(g)
    eta = rho / root(least * (least - rho))
    parts = [_terms(g, kind, radius, units, span2, eta) for kind in kinds]
    along, across = (maximum([part[i] for part in parts]).b for i in (0, 1))
    cot = 2 * along / (3 * across + root(9 * across**2 + 8 * along**2))
    return ((along * cot + across) / ((1 + cot**2) * root(1 + cot**2))).b


def frames(g: G) -> tuple[Interval, Interval]:
    """e and T^2."""
    p2, r2, many = g.p**2, g.r**2, g.n2 * g.s2 * g.C  # many: k - 2 times w_i.w_j
    cross, apart = g.s * g.D / g.q, p2 - g.s4 * g.C
    units = root(stretch(1 + many / p2, cross / (g.p * g.r), ONE, apart / p2))
    return units, 1 + stretch(p2 + many, cross, r2, apart)


def _terms(
    g: G, kind: Kind, radius: Interval, units: Interval, span2: Interval, eta: Interval
) -> tuple[Interval, Interval]:
    """s G_i and s R_i."""
    s, s2, p = g.s, g.s2, kind.length
    rho, left = radius * s, p - radius * s
    slack = radius * root((2 - s2) * (1 + 2 * span2 / (p * left)))  # sqrt(2 k - 1) mu_i
    kappa = ZERO
    for acute, length in kind.far:
        worst = acute.less(tilt(rho / p))
        worst = worst if length is None else worst.less(tilt(rho / length))
        if not (proves_lt(ZERO, worst.sine) and proves_le(worst.cosine, worst.sine)):
            raise Unproved("basin: a neuron or target may come near to another neuron")
        kappa = kappa if length is None else maximum([kappa, 6 / worst.sine**2 - 2])
    wide, scale = (units + eta) ** 2, 3 / (2 * pi() * left)
    along = scale * root(1 - s2 + s2 * (3 * wide + ((kind.bend + 2 * slack) / left) ** 2))
    mixed = (kind.cosines + eta + units * rho / root(p * left)) ** 2 + kappa * wide
    skew = (kind.skew + 3 * slack + 2) / (2 * pi() * left**2)  # 2: the own target
    return along, s * root(skew**2 + scale**2 * mixed)


def tilt(sine: Interval) -> Turned:
    return Turned(sine, root(1 - sine**2))


def curvature(g: G, kinds: Sequence[Kind]) -> Interval:
    """Upper bound of s^2 times the largest eigenvalue of Hess F(W) (Lemma N)."""
    half, s2 = pi() / 2, g.s2
    ww, wk = half + g.s4 * g.arc_ww + g.sin_ww, half + s2 * g.arc_wk + g.sin_wk
    own = maximum([kind.bend / kind.length for kind in kinds])
    pulls = maximum([(1 - 2 * s2) * ww + s2 * wk, g.n1 * wk])
    return (s2 * (pi() + own) + pulls) / (2 * pi())


def prove_basin(x: Sequence[Dual], s: Dual, radius: Fraction, least: Fraction) -> None:
    """For all these s and x, x the zero at s and `least` a bound of the eigenvalues there: gradient descent with any
    fixed step up to STEP/k from within radius/sqrt(k) of W(k) converges to it. Raises `Unproved`."""
    g = values(x, s)
    kinds = [first(g), last(g)]
    half = lipschitz(g, kinds, rational(radius)) * rational(radius) / 2
    if not proves_lt(half, rational(least)):
        raise Unproved(f"basin: L R/2 is {show(half)}, not below {show(rational(least))}")
    if not proves_lt(STEP * (curvature(g, kinds) + g.s2 * half), dyadic(2, 0)):
        raise Unproved(f"basin: steps of {STEP}/k are not proved to be short enough")
