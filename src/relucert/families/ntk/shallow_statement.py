"""Statements about training a two-layer network: docs/spec/wide-network-v1.md is the authority for their format."""

from __future__ import annotations

from collections.abc import Mapping

from relucert.base.dyadic import DOWN
from relucert.base.errors import InputError
from relucert.certificate.form import SCHEMA
from relucert.certificate.inequalities import evidence
from relucert.certificate.numbers import Json, at_most, written
from relucert.families.ntk.shallow_problem import WIDE_NETWORK
from relucert.families.ntk.shallow_prove import Result
from relucert.kernel import ball
from relucert.kernel.ball import to_dyadic
from relucert.kernel.outcome import Inconclusive


def statement(result: Result, provenance: Mapping[str, object]) -> Json:
    """Of a network that reaches zero loss."""
    outcome, training = result.outcome, result.training
    if isinstance(outcome, Inconclusive):
        raise InputError("an inconclusive outcome claims nothing and has no certificate")
    with ball.precision(result.precision):
        of = outcome.bounds
        bounds: Json = {
            "loss": at_most(of.loss),
            "rate": written(to_dyadic(of.rate), DOWN),  # the trial rate, with the room that its search left
            "travel": at_most(of.travel),
        }
        if of.switching is not None:
            bounds["switching"] = of.switching
        if of.first_travel is not None:
            bounds["first_travel"] = at_most(of.first_travel)
        claim: Json = {
            "schema": SCHEMA, "family": WIDE_NETWORK, "method": training.method, "problem": training.record(),
            "start": training.start.record(),
        }  # fmt: skip
        if training.step is not None:
            claim["steps"] = result.steps
        return {
            "claim": {**claim, "verdict": outcome.verdict, "bounds": bounds},
            "evidence": evidence(outcome.arguments),
            "provenance": {**provenance, "precision": result.precision},
        }
