"""What a given point (v, a) of the one-hidden-layer CNN is near: docs/theorem/cnn.md section 9, Lemma 9.N.

All critical points are known (Theorem 9.K), so their distances decide, and no Hessian at the point.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from relucert.kernel import ball
from relucert.kernel.ball import Ball, NotProved, lower, norm, pi, upper
from relucert.kernel.cnn import loss as cnn_loss
from relucert.kernel.cnn.landscape import GLOBAL, NON_STRICT, SPURIOUS, STRICT, Critical, Landscape
from relucert.kernel.cnn.loss import Point
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
    """Where a point is: |v|, the loss and the norm of its gradient there, and its distance from each kind."""

    length: Ball
    loss: Ball
    gradient: Ball
    distances: tuple[Ball, ...]


class Near(NamedTuple):
    """What Lemma 9.N gives. kind, existence and uniqueness, or exclusion, are None."""

    kind: Critical | None
    existence: Ball | None  # a critical point of this kind is within
    uniqueness: Ball | None  # all that are nearer than this are of this kind
    exclusion: Ball | None  # there is no critical point within


def place(at: Point, found: Landscape) -> Place:
    """The distances of Lemma 9.N."""
    return Place(
        length=at.v.length,
        loss=cnn_loss.objective(at),
        gradient=cnn_loss.gradient_norm(at),
        distances=tuple(_distance(at, kind) for kind in found.points),
    )


def _distance(at: Point, kind: Critical) -> Ball:
    """Of two enclosures of the same angle, one is accurate near 0 and the other near pi."""
    turn = abs(at.angle.theta - kind.phi).intersection(abs(at.psi - kind.complement))
    x, y = kind.a
    apart = [b - (x * c + y) for b, c in zip(at.a, at.a_star, strict=True)]
    return norm([at.v.length * ball.smallest([turn, pi() / 2]).sin(), *apart])


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
        near = Argument(
            "Lemma 9.N",
            (
                inequality(
                    "N.2", 2 * existence, "<", uniqueness, "2 distance of this kind < distance of the others"
                ),
                inequality("N.1", existence, "<", at.length, "distance of this kind < |v|: it is attained"),
            ),
        )
        arguments = (near, *found.arguments, *_reasons(kind, found))
        if not all(x.holds for x in arguments):
            failed = next(h for x in arguments for h in x.hypotheses if not h.proved)
            reason = "critical points of two kinds are about equally near"
            if failed.name != "N.2":
                reason = f"{failed.name} not proved: {failed.text}"
            return Inconclusive(None, arguments, reason, failed), Near(None, None, None, None)
        return OUTCOMES[kind.verdict](None, arguments), Near(kind, existence, uniqueness, None)
    away = lower(ball.smallest(at.distances))
    least = lower(away * (1 - Ball(2.0**-20)))  # a closed ball
    text = "exclusion radius < distance of all critical points"
    absent = Argument("Lemma 9.N", (inequality("N.3", least, "<", away, text),))
    if not (absent.holds and ball.proves_positive(least) and ball.proves_le(lower(reach), away)):
        raise NotProved("the distance from the critical points is not told from the exclusion radius")
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
    give one that is alone in a ball (docs/theorem/cnn.md section 9)."""
    zeros = "" if kind is None else f" (here 0 is an eigenvalue with multiplicity {kind.inertia[1]})"
    reason = (
        f"the Hessian is singular at every critical point of this family{zeros}: the loss does not change "
        "under v -> c v, so no critical point is isolated and Theorem E cannot hold"
    )
    return Inconclusive(None, (), reason)
