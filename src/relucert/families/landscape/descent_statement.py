"""Statements about runs of gradient descent on G: docs/spec/landscape-v1.md is the authority for their format."""

from __future__ import annotations

from collections.abc import Mapping

from relucert.base.dyadic import DOWN
from relucert.base.errors import InputError
from relucert.certificate.form import SCHEMA
from relucert.certificate.inequalities import evidence
from relucert.certificate.numbers import Json, at_least, at_most, rows, written
from relucert.families.landscape.descent import METHOD, LandscapeRun
from relucert.families.landscape.setting import DESIGNED_LANDSCAPE
from relucert.families.landscape.statement import signed
from relucert.kernel.outcome import Inconclusive


def run_statement(result: LandscapeRun, provenance: Mapping[str, object]) -> Json:
    """Where gradient descent from the start goes. Raises InputError for a run of which nothing is proved."""
    asked, outcome = result.asked, result.outcome
    if isinstance(outcome, Inconclusive):
        raise InputError("an inconclusive outcome claims nothing and has no certificate")
    bounds = {"start_radius": written(asked.start_radius, DOWN), "distance": at_most(outcome.bounds.distance)}
    if outcome.bounds.gradient_min is not None:
        bounds["gradient_min"] = at_least(outcome.bounds.gradient_min)
    return {
        "claim": {
            "schema": SCHEMA,
            "family": DESIGNED_LANDSCAPE,
            "method": METHOD,
            "problem": {**asked.problem.record(), "step": str(asked.eta)},
            "point": rows(asked.start),
            "steps": outcome.steps,
            "minimum": signed(outcome.minimum),
            "verdict": outcome.verdict,
            "bounds": bounds,
        },
        "evidence": evidence(outcome.arguments),
        "provenance": {**provenance, "precision": result.precision},
    }
