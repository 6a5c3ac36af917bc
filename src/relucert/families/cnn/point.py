"""Points (v, a) of the one-hidden-layer CNN, and the method that decides what each of them is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from relucert.base.dyadic import DOWN, UP, Dyadic
from relucert.base.errors import InputError
from relucert.families.cnn.descent_words import about
from relucert.families.cnn.landscape import FIRST_PRECISION, enclosure
from relucert.families.cnn.methods import HALF_SPACE, HESSIAN, LANDSCAPE, SPECTRUM
from relucert.families.cnn.problem import CnnProblem
from relucert.families.decided import Decided
from relucert.families.printing import bound, explain, text
from relucert.kernel import ball
from relucert.kernel.ball import Ball, NotProved
from relucert.kernel.cnn import landscape as cnn_landscape
from relucert.kernel.cnn import loss as cnn_loss
from relucert.kernel.cnn import point as cnn_point
from relucert.kernel.cnn.landscape import GLOBAL, NON_STRICT, SPURIOUS, STRICT
from relucert.kernel.cnn.point import Near, Place
from relucert.kernel.outcome import Inconclusive, NotCritical, Outcome

METHODS = {
    SPURIOUS: HALF_SPACE,
    NON_STRICT: HALF_SPACE,
    GLOBAL: SPECTRUM,
    STRICT: SPECTRUM,
    NotCritical.verdict: LANDSCAPE,
}


@dataclass(frozen=True)
class CnnCandidate:
    """A point: v of p and a of k exact dyadics; axis: the direction of w* (any length), of p.

    Raises InputError for shapes that do not fit the problem, and where v or the axis is 0.
    """

    problem: CnnProblem
    v: tuple[Dyadic, ...]
    a: tuple[Dyadic, ...]
    axis: tuple[Dyadic, ...]
    source: str = ""
    origin: Mapping[str, object] = field(default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        expected = {"v": self.problem.patch, "axis": self.problem.patch, "a": self.problem.k}
        for name, size in expected.items():
            entries = getattr(self, name)
            if len(entries) != size:
                raise InputError(f"{name} has {len(entries)} entries, expected {size}")
            if name != "a" and not any(m for m, _ in entries):
                raise InputError(f"{name} is 0: the loss is not defined there")


@dataclass(frozen=True)
class CnnVerification(Decided):
    """What was proved about a point. method: how, or the method that was asked for and did not decide."""

    outcome: Outcome
    candidate: CnnCandidate
    method: str
    place: Place | None
    near: Near
    q_bad: Ball | None
    precision: int
    moved: None = None


NOWHERE = Near(None, None, None, None)


def verify_point(
    candidate: CnnCandidate,
    *,
    method: str | None = None,
    exclusion: float = 2.0**-20,
    max_precision: int = 512,
) -> CnnVerification:
    """Prove what the critical points near the candidate are, or that there are none (docs/theorem/cnn.md, 9.N).

    method: None for the one that decides, or one of "half-space", "spectrum", "landscape", "hessian".
    exclusion: a point is not critical if no critical point is within this share of |v|.
    The method "hessian" is always inconclusive; the others are where another one decides.
    Raises InputError for options out of range.
    """
    if method not in (None, HALF_SPACE, SPECTRUM, LANDSCAPE, HESSIAN):
        raise InputError(f"unknown method {method!r}; known: half-space, spectrum, landscape, hessian")
    if not 0 < exclusion < 0.5:
        raise InputError(f"the exclusion radius must be between 0 and 0.5, not {exclusion}")
    bits = FIRST_PRECISION
    while True:
        result = _attempt(candidate, exclusion, bits)
        if result.outcome.proved or bits >= max_precision:
            return _by(method, result)
        bits = min(2 * bits, max_precision)


def _attempt(candidate: CnnCandidate, exclusion: float, bits: int) -> CnnVerification:
    with ball.precision(bits):
        try:
            of = candidate.problem.teacher()
            found = cnn_landscape.landscape(of, candidate.problem.patch)
            a_star = [ball.ratio(x.as_integer_ratio()) for x in candidate.problem.a_star]
            axis, v, a = ([ball.exact(x) for x in row] for row in (candidate.axis, candidate.v, candidate.a))
            at = cnn_point.place(cnn_loss.point(of, a_star, axis, v, a), found)
            outcome, near = cnn_point.decide(at, found, ball.exact_float(exclusion))
        except NotProved as error:
            return CnnVerification(
                Inconclusive(None, (), str(error)), candidate, LANDSCAPE, None, NOWHERE, None, bits
            )
        method = METHODS.get(outcome.verdict, LANDSCAPE)
        return CnnVerification(outcome, candidate, method, at, near, found.q_bad, bits)


def _by(method: str | None, result: CnnVerification) -> CnnVerification:
    """The result, if it rests on the method that was asked for."""
    if method in (None, result.method) or not result.outcome.proved:
        return result
    if method == HESSIAN:
        outcome = cnn_point.singular(result.near.kind)
    else:
        reason = f"the method {method} does not decide this point; {result.method} does"
        outcome = Inconclusive(None, (), reason)
    return CnnVerification(
        outcome, result.candidate, method or "", result.place, NOWHERE, result.q_bad, result.precision
    )


def summary(result: CnnVerification) -> str:
    """What the problem is, then the main numbers or the reason: two lines."""
    return f"{about(result.candidate.problem)}, population loss\n{one_line(result)}"


def one_line(result: CnnVerification) -> str:
    """The main numbers, or the reason."""
    near = result.near
    if isinstance(result.outcome, Inconclusive):
        return explain(result.outcome)
    if near.kind is None or near.existence is None or near.uniqueness is None:
        return f"no critical point within {bound(near.exclusion, DOWN, 6)} of the point"
    low, high = text(ball.lower(near.kind.loss), DOWN), text(ball.upper(near.kind.loss), UP)
    return (
        f"by {result.method}: within {text(near.existence, UP, 3)} of the point, "
        f"none of another kind nearer than {text(near.uniqueness, DOWN, 3)}, loss in [{low}, {high}]"
    )


def record(result: CnnVerification) -> Mapping[str, Any]:
    """The outcome as JSON values: bounds are decimals rounded to the weak side, null where there is none."""
    problem, near, place, kind = result.candidate.problem, result.near, result.place, result.near.kind
    return {
        "k": problem.k,
        "patch": problem.patch,
        "verdict": result.verdict,
        "method": result.method,
        "existence_radius": bound(near.existence, UP),
        "uniqueness_radius": bound(near.uniqueness, DOWN),
        "exclusion_radius": bound(near.exclusion, DOWN),
        "objective": None if kind is None else enclosure(kind.loss),
        "loss": None if place is None else enclosure(place.loss),
        "gradient_norm": None if place is None else bound(place.gradient, UP),
        "spectrum": None
        if kind is None
        else [{"value": enclosure(x.value), "multiplicity": x.multiplicity} for x in kind.spectrum],
        "precision": result.precision,
        "reason": explain(result.outcome) if isinstance(result.outcome, Inconclusive) else None,
    }
