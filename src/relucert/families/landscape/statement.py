"""Statements about the designed landscape: docs/spec/landscape-v1.md is the authority for their format."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from relucert.base.errors import InputError
from relucert.certificate.form import SCHEMA
from relucert.certificate.inequalities import evidence
from relucert.certificate.numbers import Json, at_least, at_most, interval, number, rows
from relucert.families.landscape.candidate import Problem, SampledProblem
from relucert.families.landscape.point import LandscapeVerification
from relucert.families.landscape.problem import LandscapeProblem
from relucert.families.landscape.setting import DESIGNED_LANDSCAPE
from relucert.families.landscape.whole import Closed, UnitRows, Whole
from relucert.kernel import ball
from relucert.kernel.ball import Ball, proves_lt
from relucert.kernel.landscape.nearest import Minimum, NextToMinimum, Signed
from relucert.kernel.landscape.point import Away, Near
from relucert.kernel.landscape.regime import HasSpuriousMinimum, Minima, NoSpuriousMinimum
from relucert.kernel.outcome import Argument, Inconclusive

WHOLE, NEAREST, HESSIAN, EMPIRICAL = "critical-points", "nearest-minimum", "hessian", "empirical"
UNIT_ROWS, SPLIT_NEURON = "unit-rows", "split-neuron"
NOTHING = "an inconclusive outcome claims nothing and has no certificate"


def claim(method: str, problem: Json, verdict: str, bounds: Json, **members: object) -> Json:
    """The claim with these members, those that are None left out."""
    more = {name: value for name, value in members.items() if value is not None}
    return {
        "schema": SCHEMA, "family": DESIGNED_LANDSCAPE, "method": method, "problem": problem, **more,
        "verdict": verdict, "bounds": bounds,
    }  # fmt: skip


def whole_statement(result: Whole, provenance: Mapping[str, object]) -> Json:
    """Of a proved landscape."""
    outcome = result.outcome
    if isinstance(outcome, Inconclusive):
        raise InputError(NOTHING)
    bounds: Json = {}
    minimum = None
    with ball.precision(result.precision):
        if isinstance(outcome, NoSpuriousMinimum):
            bounds = _minima(outcome.bounds)
        elif isinstance(outcome, HasSpuriousMinimum):
            worse = outcome.bounds
            bounds = {
                "value": interval(worse.value),
                "gap": at_least(worse.gap),
                "lambda_min": at_least(worse.lambda_min),
            }
            minimum = {"kind": "doubled", "twice": outcome.twice, "never": outcome.never}
        made = claim(WHOLE, result.problem.record(), outcome.verdict, bounds, minimum=minimum)
        return _statement(made, outcome.arguments, provenance, result.precision)


def _minima(of: Minima) -> Json:
    return {
        "value": interval(of.value),
        "lambda_min": at_least(of.lambda_min),
        "lambda_max": at_most(of.lambda_max),
        "basin": at_least(of.basin),
        "step": at_least(of.step),
        "saddle": at_least(of.saddle),
    }


def signed(minimum: Signed) -> Json:
    """A signed permutation as the member `minimum`."""
    return {
        "permutation": list(minimum.permutation),
        "signs": "".join("+" if sign > 0 else "-" for sign in minimum.signs),
    }


def point_statement(result: LandscapeVerification, provenance: Mapping[str, object]) -> Json:
    """Of a point about which something is proved."""
    outcome, problem = result.outcome, result.candidate.problem
    if isinstance(outcome, Inconclusive):
        raise InputError(NOTHING)
    method = EMPIRICAL if isinstance(problem, SampledProblem) else HESSIAN
    minimum = direction = None
    with ball.precision(result.precision):
        if isinstance(outcome, NextToMinimum):
            method, minimum = NEAREST, signed(outcome.minimum)
            bounds = _next_to(outcome.bounds, problem)
        elif isinstance(outcome.bounds, Away):
            bounds = {
                "gradient_min": at_least(outcome.bounds.gradient),
                "exclusion": at_least(outcome.bounds.exclusion),
            }
        else:
            bounds = _near(outcome.bounds)
            direction = None if result.direction is None else rows(result.direction)
        made = claim(
            method, problem.record(), outcome.verdict, bounds,
            point=rows(result.candidate.point), minimum=minimum, direction=direction,
        )  # fmt: skip
        return _statement(made, outcome.arguments, provenance, result.precision)


def _next_to(near: Minimum, problem: Problem) -> Json:
    """Written bounds are a little weaker: those that would then say too little are left out."""
    distance, basin = at_most(near.distance), at_least(near.basin)
    found: Json = {"distance": distance}
    if proves_lt(_read(distance), _read(basin)):
        found |= {"basin": basin, "step": at_least(near.step)}
    if near.a_star is not None and near.b_star is not None and isinstance(problem, LandscapeProblem):
        a_star, least = at_most(near.a_star), min(problem.a_star)
        if proves_lt(_read(a_star), ball.ratio(least.as_integer_ratio())):
            found |= {"a_star": a_star, "b_star": at_most(near.b_star)}
    return found


def _read(written: Json) -> Ball:
    return ball.exact(number(written, "a bound"))


def _near(of: Near) -> Json:
    found: Json = {
        "value": interval(of.value),
        "gradient": at_most(of.gradient),
        "lambda_min": interval(of.lambda_min),
        "inertia": {"negative": of.inertia[0], "positive": of.inertia[1]},
        "existence_radius": at_most(of.radius),
        "uniqueness_radius": at_least(of.uniqueness),
    }
    return found if of.curvature is None else {**found, "curvature": at_most(of.curvature)}


def closed_statement(result: Closed, provenance: Mapping[str, object]) -> Json:
    """Of one of the minima in closed form."""
    outcome, problem = result.outcome, result.problem
    if isinstance(outcome, Inconclusive):
        raise InputError(NOTHING)
    with ball.precision(result.precision):
        strength = at_least(outcome.strength)
        if isinstance(problem, UnitRows):
            given: Json = {
                "a_star": [str(v) for v in problem.a_star],
                "l": problem.least, "p": problem.first, "q": problem.second, "x": str(problem.x),
            }  # fmt: skip
            made = claim(UNIT_ROWS, given, outcome.verdict, {"radius": strength})
        else:
            given = {"alpha": str(problem.alpha), "beta": str(problem.beta), "tau": str(problem.tau)}
            made = claim(SPLIT_NEURON, given, outcome.verdict, {"curvature": strength})
        return _statement(made, outcome.arguments, provenance, result.precision)


def _statement(
    made: Json, arguments: Sequence[Argument], provenance: Mapping[str, object], precision: int
) -> Json:
    return {
        "claim": made,
        "evidence": evidence(arguments),
        "provenance": {**provenance, "precision": precision},
    }
