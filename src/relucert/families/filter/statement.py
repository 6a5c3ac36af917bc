"""Statements about one filter: docs/spec/filter-v1.md is the authority for their format."""

from __future__ import annotations

from collections.abc import Mapping

from relucert.base.dyadic import DOWN, UP
from relucert.base.errors import InputError
from relucert.certificate.form import SCHEMA
from relucert.certificate.inequalities import evidence
from relucert.certificate.numbers import Json, bound
from relucert.families.filter.methods import METHOD, ONE_FILTER
from relucert.families.filter.prove import Descent
from relucert.kernel.outcome import Inconclusive


def statement(result: Descent, provenance: Mapping[str, object]) -> Json:
    """The statement of a proved outcome. Raises InputError for an inconclusive one: there is no claim."""
    problem, outcome = result.problem, result.outcome
    if isinstance(outcome, Inconclusive):
        raise InputError("an inconclusive outcome claims nothing and has no certificate")
    bounds = outcome.bounds
    return {
        "claim": {
            "schema": SCHEMA,
            "family": ONE_FILTER,
            "method": METHOD,
            "problem": {
                "target": [str(x) for x in problem.target],
                "eta": str(problem.eta),
                "accuracy": str(problem.accuracy),
            },
            "point": [str(x) for x in problem.start],
            "verdict": outcome.verdict,
            "bounds": {
                "distance": bound(bounds.distance, UP),
                "decrease": bound(bounds.decrease, DOWN),
                "steps": bounds.steps,
            },
        },
        "evidence": evidence(outcome.arguments),
        "provenance": {**provenance, "precision": result.precision},
    }
