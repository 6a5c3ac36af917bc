"""Statements about matrix factorisation: docs/spec/factorisation-v1.md is the authority for their format."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise

from relucert.base.dyadic import DOWN, UP, Dyadic, canonical, rounded, to_fraction
from relucert.base.errors import InputError
from relucert.certificate.form import SCHEMA
from relucert.certificate.inequalities import evidence
from relucert.certificate.numbers import Json, at_least, at_most, dyadic, enclosure, interval, rows, written
from relucert.families.factorisation.problem import (
    FAMILY_NAME,
    BalanceProblem,
    DescentProblem,
    Four,
    LandscapeProblem,
    RankOneProblem,
    ScheduleProblem,
    Seeded,
)
from relucert.families.factorisation.prove import DescentBounds, Proved, Result
from relucert.kernel import ball
from relucert.kernel.ball import Ball, lower, to_dyadic, upper
from relucert.kernel.factorisation.descent import Balance
from relucert.kernel.factorisation.landscape import NoSpuriousMinimum
from relucert.kernel.factorisation.network import Drift
from relucert.kernel.factorisation.singular import Level
from relucert.kernel.outcome import Inconclusive

LANDSCAPE, DESCENT, RANK_ONE, SCHEDULE, BALANCE = "landscape", "descent", "rank-one", "schedule", "balance"
MOST_BITS = 66_000  # of a coefficient of the annihilator: less than 20,000 digits
SHORT = 48  # bits of an end of the interval of a singular value, more where two are near to each other


def statement(result: Result, provenance: Mapping[str, object]) -> Json:
    """Of what was proved. Raises InputError where nothing was."""
    outcome = result.outcome
    if isinstance(outcome, Inconclusive):
        raise InputError("an inconclusive outcome claims nothing and has no certificate")
    with ball.precision(result.precision):
        made: Json = {
            "schema": SCHEMA,
            "family": FAMILY_NAME,
            **_problem(result.problem),
            "verdict": outcome.verdict,
            **_outcome(outcome),
        }
        return {
            "claim": made,
            "evidence": evidence(outcome.arguments),
            "provenance": {**provenance, "precision": result.precision},
        }


def _problem(problem: object) -> Json:
    """The members method, problem and start."""
    for kind, make in MAKERS.items():
        if isinstance(problem, kind):
            return make(problem)
    raise TypeError("not a problem of this family")


def _landscape(problem: LandscapeProblem) -> Json:
    given = {"target": rows(problem.target), "rank": problem.rank, "imbalance": str(problem.imbalance)}
    return {"method": LANDSCAPE, "problem": given}


def _descent(problem: DescentProblem) -> Json:
    given = {"target": rows(problem.target), "rank": problem.rank, "step": str(problem.eta)}
    start = problem.start
    if not isinstance(start, Seeded):
        return {"method": DESCENT, "problem": given, "start": {"u": rows(start[0]), "v": rows(start[1])}}
    return {"method": DESCENT, "problem": given, "start": _seeded(start)}


def _rank_one(problem: RankOneProblem) -> Json:
    start = problem.start
    if isinstance(start, Four):
        numbers = (start.alpha, start.beta, start.a2, start.b2)
        given: Json = dict(zip(("alpha", "beta", "a2", "b2"), map(str, numbers), strict=True))
    else:
        given = {"variance": str(start.variance), "d1": str(start.d1), "d2": str(start.d2)}
    return {"method": RANK_ONE, "problem": {"s": str(problem.s), "step": str(problem.eta)}, "start": given}


def _schedule(problem: ScheduleProblem) -> Json:
    given = {
        "s": str(problem.s),
        "frobenius": str(problem.frobenius),
        "rank": problem.rank,
        "accuracy": str(problem.accuracy),
        "start_norm": str(problem.start),
    }
    return {"method": SCHEDULE, "problem": given}


def _balance(problem: BalanceProblem) -> Json:
    given = {
        "activation": problem.activation,
        "widths": list(problem.widths),
        "x": rows(problem.x),
        "y": rows(problem.y),
        "step": str(problem.eta),
        "kink": str(problem.kink),
    }
    start = problem.start
    weights = _seeded(start) if isinstance(start, Seeded) else {"weights": [rows(w) for w in start]}
    return {"method": BALANCE, "problem": given, "start": weights}


def _seeded(start: Seeded) -> Json:
    return {"seed": start.seed, "scale": dyadic(start.scale)}


MAKERS: dict[type, Callable[..., Json]] = {
    LandscapeProblem: _landscape,
    DescentProblem: _descent,
    RankOneProblem: _rank_one,
    ScheduleProblem: _schedule,
    BalanceProblem: _balance,
}


def _outcome(outcome: NoSpuriousMinimum | Proved) -> Json:
    """The members bounds, steps, singular_values and annihilator."""
    if isinstance(outcome, NoSpuriousMinimum):
        return _whole(outcome)
    found: Json = {"bounds": _bounds(outcome.verdict, outcome.bounds)}
    return found if outcome.steps is None else {**found, "steps": outcome.steps}


def _whole(outcome: NoSpuriousMinimum) -> Json:
    of, levels = outcome.bounds, outcome.singular.levels
    bounds: Json = {"minimum": interval(of.minimum), "critical_sets": str(of.critical_sets)}
    if of.gap is not None and of.saddle is not None:
        bounds |= {"gap": at_least(of.gap), "saddle": at_least(of.saddle)}
    if of.manifold is not None:
        bounds["manifold"] = {
            "dimension": of.manifold.dimension,
            "lambda_min": at_least(of.manifold.lambda_min),
            "lambda_max": at_most(of.manifold.lambda_max),
        }
    found: Json = {"bounds": bounds, "singular_values": _levels(levels)}
    if any(level.multiplicity > 1 for level in levels):
        if max(abs(c).bit_length() for c in outcome.singular.annihilator) > MOST_BITS:
            raise InputError(
                "the polynomial that shows the repeated singular values is too long to be written"
            )
        found["annihilator"] = [f"{Decimal(c):f}" for c in outcome.singular.annihilator]
    return found


def _levels(levels: Sequence[Level]) -> list[Json]:
    """Intervals of few digits that are disjoint: their ends are exact numbers, so they need no room."""
    bits = SHORT
    while True:
        ends = [(_short(lower(x.value), DOWN, bits), _short(upper(x.value), UP, bits)) for x in levels]
        if all(to_fraction(a[0]) > to_fraction(b[1]) for a, b in pairwise(ends)):
            break
        if bits > ball.bits():
            raise InputError("two singular values are too near to each other to be written")
        bits *= 2
    return [
        {"value": [written(low, DOWN), written(high, UP)], "multiplicity": level.multiplicity}
        for (low, high), level in zip(ends, levels, strict=True)
    ]


def _short(value: Ball, rounding: str, bits: int) -> Dyadic:
    sign = 1 if rounding == DOWN else -1
    mantissa, exponent = to_dyadic(value)
    mantissa, exponent = rounded((sign * mantissa, exponent), bits)
    return canonical(sign * mantissa, exponent)


def _bounds(verdict: str, found: object) -> Json:
    if isinstance(found, Balance):
        named = {"imbalance": found.imbalance, "drift": found.drift, "norm": found.norm}
        return {name: at_most(x) for name, x in named.items()}
    if isinstance(found, DescentBounds):
        bounds = {"loss": at_most(found.loss), "rate": at_least(found.rate), "travel": at_most(found.travel)}
        return bounds if found.drift is None else {**bounds, "drift": at_most(found.drift)}
    if isinstance(found, Drift):
        return _drift(found)
    if isinstance(found, Ball):
        return {SINGLE[verdict]: at_least(found)}
    raise TypeError("not bounds of this family")


SINGLE = {"diverges": "growth", "diverges-with-probability": "exponent", "not-accurate": "log10_steps"}


def _drift(found: Drift) -> Json:
    layers = [sum(row, Ball(0)) for row in found.neurons]
    bounds: Json = {
        "neurons": [[enclosure(x) for x in row] for row in found.neurons],
        "layers": [enclosure(x) for x in layers],
        "largest": at_most(found.largest),
        "loss": enclosure(found.loss),
    }
    if found.matrices is not None:
        bounds["matrices"] = [at_most(x) for x in found.matrices]
    return bounds
