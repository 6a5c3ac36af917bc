"""Theorem B' at the points of `system`, for every k of a box at once: docs/theorem/uniform.md, section 12.9.

With s = k^(-1/2), s L is bounded on B(W(k), r s), L the Lipschitz constant of the Hessian there; so gradient descent
converges to W(k) from within r/sqrt(k) if r s L/2 is less than a bound of the eigenvalues. The own target of a neuron
is near, in the sense of Theorem B', and all else is proved to be far and to stay.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from relucert.kernel.ball import (
    Ball,
    BallMatrix,
    NotProved,
    hull,
    largest,
    norm,
    pi,
    proves_le,
    proves_lt,
    root,
    smallest,
    square,
    upper,
)
from relucert.kernel.norms import largest_on_sphere, spectral_norm
from relucert.kernel.uniform.branch import Tube, across
from relucert.kernel.uniform.system import Scaled, on_the_branch, scaled

ZERO, ONE = Ball(0), Ball(1)
STEP = Ball(4)  # fixed steps up to STEP/k are proved to do


class Met(NamedTuple):
    """Vectors that are alike to a neuron, and far from it."""

    cosine: Ball  # of the angle
    length: Ball | None  # of a neuron; None: a target, which does not move


class Kind(NamedTuple):
    """What Theorem B' needs about a neuron before the radius is known."""

    length: Ball
    bend: Ball  # |B_i|
    skew: Ball  # g_i
    cosines: Ball  # the root of c2
    far: tuple[Met, ...]


class Shape(NamedTuple):
    """What Theorem B' needs about the points of a box before the radius is known."""

    s: Ball
    frame: Ball  # e
    span: Ball  # T
    kinds: tuple[Kind, Kind]  # w_i with i < k, and w_k
    pulls: Ball  # s^2 times the largest sum of (pi - t + sin t)/(2 pi) over the neurons that a neuron meets


def shape(tube: Tube) -> Shape:
    """Raises NotProved where the signs that the formulas need are not proved."""
    everywhere = across(tube.low, tube.high)
    q = scaled(tube.at(everywhere, tube.inner), everywhere)
    if not on_the_branch(q):
        raise NotProved("the signs of a, f, eta or a length are not proved")
    return _shape(q, hull(tube.low, tube.high))


def _shape(q: Scaled, s: Ball) -> Shape:
    cw, cu, cb, cc, ce = cosines(q)
    two = BallMatrix([[q.w**2 * (1 + (1 - q.m) * q.m * q.C), q.w * q.U * q.sigma * q.Cu], [ZERO, q.U**2]])
    one = BallMatrix([[1 + (1 - q.m) * q.m * q.C, q.sigma * q.Cu], [ZERO, ONE]])
    alike, turned = Met(cu, q.w), Met(cu, q.U)
    size = (1 - q.m) * q.m * (q.w * abs(q.C) + abs(q.be) / q.w) + q.m * (q.U * abs(q.Cu) + abs(q.ga) / q.w)
    first = Kind(
        q.w,
        _bend(q),
        _skew(size, _mean(q)),
        root((1 - q.m) * q.m**3 * q.C**2 + cu**2),
        (Met(cw, q.w), turned, Met(cb, None), Met(cc, None)),
    )
    last = Kind(
        q.U,
        _bend_turned(q),
        _skew(q.w * abs(q.Cu) + q.y, _mean_turned(q)),
        upper(q.sigma * abs(q.Cu)),
        (alike, Met(ce, None)),
    )
    even, odd = pi() / 2 + cw.asin() + q.sw, pi() / 2 + cu.asin() + q.su
    s2 = square(s)
    pulls = largest((upper((1 - 2 * s2) * even + s2 * odd), upper((1 - s2) * odd))) / (2 * pi())
    frame = root(_greatest(one, 1 - cw))
    return Shape(s, frame, root(1 + _greatest(two, q.w**2 * (1 - cw))), (first, last), upper(pulls))


def cosines(q: Scaled) -> tuple[Ball, Ball, Ball, Ball, Ball]:
    """Of (w_i, w_j), (w_i, w_k), (w_i, e_j), (w_i, e_k), (w_k, e_j)."""
    return q.m**2 * q.C, q.m * q.Cu, q.m**2 * q.be / q.w, q.m * q.ga / q.w, q.m * q.y


def _greatest(two: BallMatrix, single: Ball) -> Ball:
    """The largest eigenvalue of the symmetric 2 x 2 matrix with this upper triangle, or the other one."""
    a, b, d = two[0, 0], two[0, 1], two[1, 1]
    return upper(largest((upper((a + d + root(square(a - d) + 4 * square(b))) / 2), upper(single))))


def _outer(weight: Ball, vector: Sequence[Ball]) -> BallMatrix:
    column = BallMatrix([[x] for x in vector])
    return column * column.transpose() * weight


def _norm(total: Ball, unit: Sequence[Ball], terms: Sequence[BallMatrix], single: Ball) -> Ball:
    """The norm of total (I - unit unit^T) + terms, and of the scalar."""
    matrix = _outer(-total, unit)
    for i in range(len(unit)):
        matrix[i, i] = matrix[i, i] + total
    for term in terms:
        matrix = matrix + term
    return upper(largest((spectral_norm(matrix), upper(abs(single)))))


class _Views(NamedTuple):
    """In the unit vectors e_i, sum_{j != i, k} e_j/sqrt(k - 2), e_k: w_i^, and sqrt(k - 2) times the mean of nbar
    of the neurons and of the targets alike, nbar of w_k, of e_i and of e_k (sines of their angles not 0)."""

    unit: list[Ball]
    neurons: list[Ball]
    targets: list[Ball]
    turned: list[Ball]
    own: list[Ball]
    last: list[Ball]


def _views(q: Scaled) -> _Views:
    m, w, be = q.m, q.w, q.be
    wide = q.sigma * (1 - m).sqrt()  # m sqrt(k - 2)
    cos, bw, gw = q.cos_theta, be / w, q.ga / w
    unit = [cos, m * wide * bw, m * gw]
    among = q.a + (1 - 2 * m) * m * be - (1 - m) * m**3 * q.C * be
    neurons = [m * wide * (be - q.C * q.a), among, wide * q.ga * (1 - m**2 * q.C)]
    targets = [-m * wide * bw * cos, 1 - (1 - m) * m**3 * bw**2, -m * wide * bw * m * gw]
    xu, xc = m * q.Cu, m * gw
    turned = [m * q.y - xu * cos, wide * q.y - xu * unit[1], -q.cos_tau - xu * unit[2]]
    own = [m * q.g, -cos * wide * bw / q.g, -cos * gw / q.g]
    last = [-xc * cos, -xc * unit[1], 1 - xc**2]
    return _Views(
        unit,
        [x / (w * q.sw) for x in neurons],
        [x / q.sb for x in targets],
        [x / q.su for x in turned],
        own,
        [x / q.sc for x in last],
    )


def _bend(q: Scaled) -> Ball:
    """|B_i|, i < k."""
    v, mm = _views(q), q.m**2
    total = 1 - q.sin_theta - mm * q.T + mm * q.varsigma - q.w
    terms = [
        _outer(q.w * q.sw, v.neurons),
        _outer(-q.sb, v.targets),
        _outer(q.U * q.su, v.turned),
        _outer(-q.sin_theta, v.own),
        _outer(-q.sc, v.last),
    ]
    ab = (q.a - mm * q.be) / q.w
    return _norm(total, v.unit, terms, total + q.w * ab**2 / q.sw - 1 / q.sb)


def _mean(q: Scaled) -> Ball:
    """b of Theorem B' for i < k: |sum_far (+-) zeta nbar|."""
    v = _views(q)
    wide = q.sigma * (1 - q.m).sqrt()
    weights = [q.w * q.m * wide * q.C, -q.m * wide * q.be / q.w, q.U * q.m * q.Cu, -q.m * q.ga / q.w]
    vectors = [v.neurons, v.targets, v.turned, v.last]
    return norm([sum((a * x[i] for a, x in zip(weights, vectors, strict=True)), ZERO) for i in range(3)])


def _turned(q: Scaled) -> tuple[list[Ball], list[Ball], list[Ball]]:
    """In sum_{j < k} e_j/sqrt(k - 1), e_k: w_k^, and sqrt(k - 1) times the mean of nbar of neurons and of targets."""
    unit = [q.sin_tau, -q.cos_tau]
    neurons = [q.S / q.w - q.m * q.Cu * q.y, q.sigma * (q.ga / q.w + q.Cu * q.cos_tau)]
    targets = [1 - q.m * q.y**2, q.sigma * q.y * q.cos_tau]
    return unit, [x / q.su for x in neurons], [x / q.se for x in targets]


def _bend_turned(q: Scaled) -> Ball:
    """|B_k|."""
    unit, neurons, targets = _turned(q)
    mm = q.m**2
    total = 1 - q.sin_tau - q.m * q.Tu + mm * q.varsigma - q.U
    own = [q.cos_tau, q.sin_tau]
    terms = [_outer(q.w * q.su, neurons), _outer(-q.se, targets), _outer(-q.sin_tau, own)]
    ab = (q.a - mm * q.be) / q.w
    return _norm(total, unit, terms, total + q.w * ab**2 / q.su - 1 / q.se)


def _mean_turned(q: Scaled) -> Ball:
    """b of Theorem B' for w_k."""
    _, neurons, targets = _turned(q)
    return norm([q.sigma * (q.w * q.Cu * x - q.y * y) for x, y in zip(neurons, targets, strict=True)])


def _skew(size: Ball, mean: Ball) -> Ball:
    """g from l and b."""
    return upper(smallest((upper(2 * size), upper(2 * mean + 2 * size / (3 * Ball(3).sqrt())))))


def scaled_lipschitz(at: Shape, r: Ball) -> Ball:
    """Upper bound of s L, for every s of the box: the Hessian of F is L-Lipschitz on B(W, r s) (Theorem B').

    Raises NotProved unless no neuron can vanish there, and all that is far is proved to stay.
    """
    rho = upper(r * at.s)
    least = smallest([k.length for k in at.kinds])
    if not (proves_le(ZERO, r) and proves_lt(rho, least)):
        raise NotProved("the ball is not proved to avoid a neuron at the origin")
    turn = upper(rho / root(least * (least - rho)))  # eta
    terms = [_terms(at, kind, r, rho, turn) for kind in at.kinds]
    return largest_on_sphere(upper(largest([g for g, _ in terms])), upper(largest([x for _, x in terms])))


def _terms(at: Shape, kind: Kind, r: Ball, rho: Ball, turn: Ball) -> tuple[Ball, Ball]:
    """s G_i and s R_i."""
    s2, p = square(at.s), kind.length
    left = p - rho
    # sqrt(2k - 1) mu_i: mu_i^2 = r^2 s^2 (1 + 2 T^2/(p_i o_i))
    slack = root((2 - s2) * (1 + 2 * square(at.span) / (p * left))) * r
    curve, quarter = ZERO, pi() / 4
    for z in kind.far:
        tilt = ZERO if z.length is None else (rho / z.length).asin()
        worst = pi() / 2 - upper(abs(z.cosine)).asin() - (rho / p).asin() - tilt
        if not proves_le(quarter, worst):
            raise NotProved("a neuron or target is not proved to stay far from a neuron")
        if z.length is not None:
            curve = largest((curve, upper(6 / square(worst.sin()) - 2)))
    frame = square(at.frame + turn)
    spread = kind.cosines + turn + at.frame * rho / root(p * left)
    scale = 3 / (2 * pi() * left)
    bend = (kind.bend + 2 * slack) / left
    along = scale * root(1 - s2 + s2 * (3 * frame + square(bend)))
    skew = (kind.skew + 3 * slack + 2) / (2 * pi() * square(left))
    return upper(along), upper(at.s * norm([skew, scale * root(square(spread) + curve * frame)]))


def scaled_curvature(at: Shape) -> Ball:
    """Upper bound of the largest eigenvalue of Hess F(W), divided by k (Lemma N of docs/theorem/teacher.md)."""
    own = largest([upper(k.bend / (2 * pi() * k.length)) for k in at.kinds])
    return upper(square(at.s) * (ONE / 2 + own) + at.pulls)


def draws(at: Shape, r: Ball, least: Ball) -> bool:
    """Whether gradient descent with any fixed step up to STEP/k is proved to converge to W(k) from within r/sqrt(k),
    for every k of the box. least: a lower bound of the eigenvalues of Hess F(W). Raises NotProved."""
    half = scaled_lipschitz(at, r) * r / 2  # L R/2
    return proves_lt(half, least) and proves_lt((scaled_curvature(at) + square(at.s) * half) * STEP, Ball(2))
