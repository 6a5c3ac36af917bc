"""Statements and records about training a deep network: docs/spec/wide-network-v1.md is the authority."""

from __future__ import annotations

from collections.abc import Mapping

from relucert.base.dyadic import DOWN, UP
from relucert.base.errors import InputError
from relucert.certificate.form import SCHEMA
from relucert.certificate.inequalities import evidence
from relucert.certificate.numbers import Json, at_least, at_most
from relucert.families.ntk.deep_problem import DEEP
from relucert.families.ntk.deep_prove import DeepResult
from relucert.families.ntk.shallow_problem import WIDE_NETWORK
from relucert.families.printing import bound, explain
from relucert.kernel import ball
from relucert.kernel.outcome import Inconclusive


def statement(result: DeepResult, provenance: Mapping[str, object]) -> Json:
    """Of a network that reaches zero loss."""
    outcome, training = result.outcome, result.training
    if isinstance(outcome, Inconclusive):
        raise InputError("an inconclusive outcome claims nothing and has no certificate")
    with ball.precision(result.precision):
        of = outcome.bounds
        claim: Json = {
            "schema": SCHEMA, "family": WIDE_NETWORK, "method": DEEP, "problem": training.record(),
            "start": training.start_record(), "steps": result.steps, "verdict": outcome.verdict,
            "bounds": {"loss": at_most(of.loss), "rate": at_least(of.rate), "travel": at_most(of.travel)},
        }  # fmt: skip
        return {
            "claim": claim,
            "evidence": evidence(outcome.arguments),
            "provenance": {**provenance, "precision": result.precision},
        }


def record(result: DeepResult) -> Json:
    """As JSON values, decimals on the weak side; `reason` only where nothing is proved."""
    training, outcome = result.training, result.outcome
    found: Json = {
        "method": DEEP, "n": len(training.x), "d": len(training.x[0]), **training.of.record(),
        "step": str(training.step), "steps": result.steps, "verdict": result.verdict,
        "radius": bound(result.radius, UP), "precision": result.precision,
    }  # fmt: skip
    if isinstance(outcome, Inconclusive):
        return {**found, "reason": explain(outcome) + REMEDIES.get(_failed(outcome), "")}
    of = outcome.bounds
    return {
        **found,
        "loss": bound(of.loss, UP), "rate": bound(of.rate, DOWN), "travel": bound(of.travel, UP),
    }  # fmt: skip


def _failed(outcome: Inconclusive) -> str:
    return "" if outcome.failed is None else outcome.failed.name


REMEDIES = {
    "J.0": "; run more steps (--run), or take a larger width",
    "J.1": "; take a smaller step (--step)",
    "J.2": "; run more steps (--run)",
}
