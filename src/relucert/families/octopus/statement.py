"""Statements about the octopus: docs/spec/octopus-v1.md is the authority for their format."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from relucert.base.dyadic import DOWN, canonical, from_float
from relucert.base.errors import InputError
from relucert.certificate.form import SCHEMA
from relucert.certificate.inequalities import evidence
from relucert.certificate.numbers import Json, bound, dyadic, interval
from relucert.families.octopus.methods import OCTOPUS
from relucert.families.octopus.prove import Result
from relucert.kernel.octopus.double import Stuck
from relucert.kernel.octopus.escape import Escapes, Exponential
from relucert.kernel.octopus.function import CriticalPoints
from relucert.kernel.octopus.perturbed import FindsMinimum
from relucert.kernel.outcome import Inconclusive


def statement(result: Result, provenance: Mapping[str, object]) -> Json:
    """The statement of a proved outcome. Raises InputError for an inconclusive one: there is no claim."""
    outcome = result.outcome
    if isinstance(outcome, Inconclusive):
        raise InputError("an inconclusive outcome claims nothing and has no certificate")
    claim: Json = {"schema": SCHEMA, "family": OCTOPUS, "method": result.method, "problem": _problem(result)}
    if isinstance(outcome, Escapes):
        claim["point"] = [str(x) for x in result.start]
    elif isinstance(outcome, Stuck):
        claim["point"] = [_exact(x) for x in result.start]
    return {
        "claim": {**claim, "verdict": outcome.verdict, "bounds": _bounds(outcome)},
        "evidence": evidence(outcome.arguments),
        "provenance": {**provenance, "precision": result.precision},
    }


def _problem(result: Result) -> Json:
    problem, noise = result.problem, result.noise
    tau = "e" if problem.tau is None else str(problem.tau)
    said: Json = {"d": problem.d, "L": str(problem.L), "gamma": str(problem.gamma), "tau": tau}
    if result.method != "critical-points":
        said["step"] = str(problem.step)
    if noise is not None:
        said["noise"] = {
            "threshold": str(noise.threshold),
            "radius": str(noise.radius),
            "wait": noise.wait,
            "least": str(noise.least),
            "accuracy": str(noise.accuracy),
        }
    return said


def _bounds(outcome: CriticalPoints | Escapes | Exponential | Stuck | FindsMinimum) -> Json:
    if isinstance(outcome, CriticalPoints):
        return {"value": interval(outcome.value)}
    if isinstance(outcome, Escapes):
        return {"times": [str(t) for t in outcome.times]}
    if isinstance(outcome, Exponential):
        return {"time": str(outcome.time)}
    if isinstance(outcome, Stuck):
        return {
            "coordinate": outcome.coordinate,
            "step": outcome.step,
            "rest": dyadic(from_float(outcome.rest)),
        }
    return {"probability": bound(outcome.probability, DOWN), "steps": outcome.steps}


def _exact(value: Fraction) -> list[object]:
    """A double as a dyadic."""
    return dyadic(canonical(value.numerator, 1 - value.denominator.bit_length()))
