"""Statements about Gram matrices: docs/spec/wide-network-v1.md is the authority for their format."""

from __future__ import annotations

from collections.abc import Mapping

from relucert.base.errors import InputError
from relucert.certificate.form import SCHEMA
from relucert.certificate.inequalities import evidence
from relucert.certificate.numbers import Json, at_least, at_most, interval, rows
from relucert.families.ntk.gram import GramProblem, GramResult
from relucert.kernel import ball
from relucert.kernel.ntk.gram import PositiveDefinite
from relucert.kernel.outcome import Inconclusive

WIDE_NETWORK, GRAM = "wide-network", "gram"


def problem_record(problem: GramProblem) -> Json:
    """As the member `problem` of a claim."""
    found: Json = {
        "x": rows(problem.x),
        "activation": problem.activation,
        "depth": problem.depth,
        "architecture": problem.architecture,
    }
    return found if problem.c_res is None else {**found, "c_res": str(problem.c_res)}


def gram_statement(result: GramResult, provenance: Mapping[str, object]) -> Json:
    """Of a matrix about which something is proved."""
    outcome = result.outcome
    if isinstance(outcome, Inconclusive):
        raise InputError("an inconclusive outcome claims nothing and has no certificate")
    claim: Json = {
        "schema": SCHEMA, "family": WIDE_NETWORK, "method": GRAM, "problem": problem_record(result.problem),
        "verdict": outcome.verdict,
    }  # fmt: skip
    with ball.precision(result.precision):
        if isinstance(outcome, PositiveDefinite):
            bounds = {"lambda_min": interval(outcome.lambda_min), "largest": at_most(outcome.largest)}
            if ball.proves_positive(outcome.by_geometry):
                bounds["by_geometry"] = at_least(outcome.by_geometry)
            claim["bounds"] = bounds
        else:
            claim |= {"dependent": list(outcome.dependent), "bounds": {}}
        return {
            "claim": claim,
            "evidence": evidence(outcome.arguments),
            "provenance": {**provenance, "precision": result.precision},
        }
