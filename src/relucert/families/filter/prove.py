"""One filter: from a target w*, a start w0 and a step to a proof that gradient descent converges to w*.

docs/theorem/filter.md section 11. All input is exact: rational numbers. docs/spec/filter-v1.md is the format of the
certificate.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from relucert.base.dyadic import DOWN, UP
from relucert.base.errors import InputError
from relucert.certificate.numbers import Json, claimed
from relucert.families.filter.problem import FilterProblem
from relucert.families.printing import explain, text, unloosened
from relucert.kernel import ball
from relucert.kernel.ball import Ball
from relucert.kernel.filter import descent as kernel
from relucert.kernel.filter.descent import Converges, Linear
from relucert.kernel.outcome import Inconclusive

PRECISIONS = (128, 256, 512)  # bits

LARGEST_DIMENSION = 10**5  # of random starts: the incomplete beta function takes a second there
OPPOSITE = "w0 lies on the ray opposite to w*, which gradient descent never leaves; move it a little"


@dataclass(frozen=True)
class Descent:
    """What was proved about a start. published: by name, the step and the number of steps of other theorems
    for the same start and accuracy, where they apply: |w0 - w*| < |w*|."""

    problem: FilterProblem
    outcome: Converges | Inconclusive
    precision: int
    published: Mapping[str, Linear]

    @property
    def verdict(self) -> str:
        return self.outcome.verdict


def certify(problem: FilterProblem) -> Descent:
    """Theorem 11.B on the start, with more precision where that is what is missing."""
    *early, last = PRECISIONS
    for bits in early:
        result = _attempt(problem, bits)
        if result.outcome.proved:
            return result
    return _attempt(problem, last)


def _attempt(problem: FilterProblem, bits: int) -> Descent:
    with ball.precision(bits):
        at = kernel.start(*(x.as_integer_ratio() for x in problem.invariants()))
        eta, accuracy = (ball.ratio(x.as_integer_ratio()) for x in (problem.eta, problem.accuracy))
        published = _published(at, problem.dimension, ball.square(accuracy))
        return Descent(problem, kernel.decide(at, eta, accuracy), bits, published)


def _published(at: kernel.Start, p: int, goal: Ball) -> dict[str, Linear]:
    rows = {
        "Du, Lee & Tian, Theorem 2.2, beta = p": kernel.du_lee_tian(at, Ball(p), goal),
        "Du, Lee & Tian, Theorem 2.2, beta = 1/pi": kernel.du_lee_tian(at, 1 / ball.pi(), goal),
        "Theorem 11.A": kernel.steps_11_a(at, goal),
    }
    return {name: row for name, row in rows.items() if row is not None}


def probability(p: int, radius: Fraction) -> tuple[Ball, Ball | None]:
    """Of a start w0 uniform in the ball of radius alpha |w*| about 0 in R^p: P(|w0 - w*| < |w*|), and for
    alpha < 1 P(|w0 - w*| < sqrt(1 - alpha^2) |w*|), as enclosures (Theorem 11.C)."""
    if not 2 <= p <= LARGEST_DIMENSION:
        raise InputError(f"the dimension must be 2 to {LARGEST_DIMENSION}, not {p}")
    if not 0 < radius <= 10**9 or radius.denominator > 10**9:
        raise InputError(
            "the radius must be positive, at most 10^9, and have at most 9 digits below the point"
        )
    with ball.precision(PRECISIONS[-1]):
        alpha = ball.ratio(radius.as_integer_ratio())
        inner = kernel.probability(p, alpha, 1 - ball.square(alpha)) if radius < 1 else None
        return kernel.probability(p, alpha, Ball(1)), inner


def random_start(p: int, radius: Fraction, digits: int = 12) -> Json:
    """The same as JSON values: each an interval of two decimals."""
    near, nearer = probability(p, radius)
    return {
        "dimension": p,
        "radius": str(radius),
        "near": _ends(near, digits),
        "nearer": None if nearer is None else _ends(nearer, digits),
    }


def _ends(value: Ball, digits: int) -> list[str]:
    return [unloosened(ball.lower(value), DOWN, digits), unloosened(ball.upper(value), UP, digits)]


def record(result: Descent, digits: int = 12) -> Json:
    """What was proved as JSON values; decimals, rounded to the weak side."""
    problem, outcome = result.problem, result.outcome
    bounds = None if isinstance(outcome, Inconclusive) else outcome.bounds
    with ball.precision(PRECISIONS[-1]):
        v, w, inner, _, distance = problem.invariants()
        away = ball.upper(ball.root(ball.ratio(distance.as_integer_ratio())))
        rate = None if bounds is None else 1 - ball.exact(claimed(bounds.decrease, DOWN))
    opposite = inner < 0 and inner**2 == v * w
    reason = explain(outcome) if isinstance(outcome, Inconclusive) else None
    return {
        "dimension": problem.dimension,
        "eta": str(problem.eta),
        "accuracy": str(problem.accuracy),
        "verdict": outcome.verdict,
        "distance": text(away if bounds is None else bounds.distance, UP, digits),
        "rate": None if rate is None else unloosened(ball.upper(rate), UP, digits),
        "steps": None if bounds is None else bounds.steps,
        "published": [
            {"theorem": name, "eta": text(row.eta, DOWN), "steps": row.steps}
            for name, row in result.published.items()
        ],
        "precision": result.precision,
        "reason": f"{reason}; {OPPOSITE}" if opposite else reason,
    }
