"""What a given point (v, a) of the one-hidden-layer CNN is near: docs/theorem.md section 9, Lemma 9.N.

All critical points are known (Theorem 9.K), so their distances decide, and no Hessian at the point.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from relucert.kernel import arccos, ball, cnn
from relucert.kernel.ball import Ball, NotProved, lower, norm, pi, square, upper
from relucert.kernel.cnn import Teacher
from relucert.kernel.cnn_landscape import GLOBAL, NON_STRICT, SPURIOUS, STRICT, Critical, Landscape
from relucert.kernel.outcome import (
    Argument,
    GlobalMinimum,
    Inconclusive,
    NonStrictSaddle,
    NotCritical,
    Outcome,
    SpuriousMinimum,
    StrictSaddle,
    inequality,
)

OUTCOMES: Mapping[str, Callable[[None, tuple[Argument, ...]], Outcome]] = {
    GLOBAL: GlobalMinimum,
    SPURIOUS: SpuriousMinimum,
    NON_STRICT: NonStrictSaddle,
    STRICT: StrictSaddle,
}


class Place(NamedTuple):
    """Where a point is: |v|, the loss there, q = a.a*, and its distance from each kind of critical points."""

    length: Ball
    loss: Ball
    q: Ball
    distances: tuple[Ball, ...]


class Near(NamedTuple):
    """What Lemma 9.N gives. kind, existence and uniqueness, or exclusion, are None."""

    kind: Critical | None
    existence: Ball | None  # a critical point of this kind is within
    uniqueness: Ball | None  # all that are nearer than this are of this kind
    exclusion: Ball | None  # there is no critical point within


def place(
    of: Teacher,
    a_star: Sequence[Ball],
    axis: Sequence[Ball],
    v: Sequence[Ball],
    a: Sequence[Ball],
    found: Landscape,
) -> Place:
    """axis: a vector in the direction of w*. Raises NotProved if v or the axis is not proved nonzero."""
    filter_, teacher = arccos.vector(v), arccos.vector(axis)
    backwards = arccos.vector([-x for x in axis])
    phi, psi = arccos.between(filter_, teacher).theta, arccos.between(filter_, backwards).theta
    q = sum((x * y for x, y in zip(a, a_star, strict=True)), Ball(0))
    return Place(
        length=filter_.length,
        loss=_loss(of, a_star, a, phi, q),
        q=q,
        distances=tuple(_distance(x, filter_.length, phi, psi, a_star, a) for x in found.points),
    )


def _loss(of: Teacher, a_star: Sequence[Ball], a: Sequence[Ball], phi: Ball, q: Ball) -> Ball:
    """F(v, a) by (9.1), which keeps its accuracy near the global minima."""
    rest = [x - of.W * y for x, y in zip(a, a_star, strict=True)]
    form = square(sum(rest, Ball(0))) + (pi() - 1) * sum(map(square, rest), Ball(0))
    return form / (4 * pi()) + of.W / (2 * pi()) * cnn.g_deficit(phi) * q


def _distance(
    kind: Critical, length: Ball, phi: Ball, psi: Ball, a_star: Sequence[Ball], a: Sequence[Ball]
) -> Ball:
    """The angles near pi are compared by their complements, which are accurate there."""
    turn = abs(phi - kind.phi).intersection(abs(psi - kind.complement))
    x, y = kind.a
    apart = [b - (x * c + y) for b, c in zip(a, a_star, strict=True)]
    return norm([length * ball.smallest([turn, pi() / 2]).sin(), *apart])


def decide(at: Place, found: Landscape, exclusion: Ball) -> tuple[Outcome, Near]:
    """Lemma 9.N with u = `exclusion` |v|: which kind of critical points is nearer than that, if any.

    Raises NotProved where the precision does not tell whether one is.
    """
    reach = exclusion * at.length
    order = sorted(range(len(at.distances)), key=lambda i: float(at.distances[i]))  # a guess
    first, others = order[0], order[1:]
    nearest = at.distances[first]
    if ball.proves_lt(nearest, reach):
        kind = found.points[first]
        existence, uniqueness = upper(nearest), lower(ball.smallest(at.distances[i] for i in others))
        text = "2 distance of this kind < distance of all other critical points"
        near = Argument("Lemma 9.N", (inequality("N.2", 2 * existence, "<", uniqueness, text),))
        arguments = (near, *found.arguments, *_reasons(kind, found))
        if not all(x.holds for x in arguments):
            reason = "critical points of two kinds are about equally near"
            return Inconclusive(None, arguments, reason, near.hypotheses[0]), Near(None, None, None, None)
        return OUTCOMES[kind.verdict](None, arguments), Near(kind, existence, uniqueness, None)
    least = lower(ball.smallest(at.distances))
    if not ball.proves_le(lower(reach), least):
        raise NotProved("the distance from the critical points is not told from the exclusion radius")
    absent = Argument("Lemma 9.N", (inequality("N.3", Ball(0), "<", least, "0 < exclusion radius"),))
    return NotCritical(None, (absent, *found.arguments)), Near(None, None, None, least)


def _reasons(kind: Critical, found: Landscape) -> tuple[Argument, ...]:
    """What makes the kind what it is, beside the threshold."""
    if kind.verdict == SPURIOUS:
        text = "a_bad.a* < 0: the point lies inside the half-space where F >= F_bad"
        return (Argument("Theorem 9.A", (inequality("A.1", found.q_bad, "<", Ball(0), text),)),)
    if kind.verdict == STRICT:
        lowest = kind.spectrum[0].value
        text = "smallest eigenvalue of the Hessian at |v| = 1 < 0"
        return (Argument("Lemma 9.H", (inequality("H.1", lowest, "<", Ball(0), text),)),)
    return ()


def singular(kind: Critical | None) -> Inconclusive:
    """The Hessian method never decides in this family: critical points come as rays c v, and Theorem E would
    give one that is alone in a ball (docs/theorem.md section 9)."""
    zeros = "" if kind is None else f" (here 0 is an eigenvalue with multiplicity {kind.inertia[1]})"
    reason = (
        f"the Hessian is singular at every critical point of this family{zeros}: the loss does not change "
        "under v -> c v, so no critical point is isolated and Theorem E cannot hold"
    )
    return Inconclusive(None, (), reason)
