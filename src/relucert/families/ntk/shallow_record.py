"""Results about training a two-layer network as JSON values; decimals on the weak side."""

from __future__ import annotations

from relucert.base.dyadic import DOWN, UP
from relucert.certificate.numbers import Json
from relucert.families.ntk.shallow_prove import Result
from relucert.families.printing import bound, explain, unloosened
from relucert.kernel.outcome import Inconclusive

REMEDIES = {
    "14.D.2": "; run longer (--run), or take a larger width (--width): neurons may stay on a kink",
    "14.F.2": "; flow is proved from the start only, for large widths: try descent, without --flow",
}


def record(result: Result) -> Json:
    """null where a number does not apply; `reason` only where nothing is proved."""
    training, outcome = result.training, result.outcome
    found: Json = {
        "method": training.method, "n": training.n, "d": training.d, "width": training.width,
        "step": None if training.step is None else str(training.step),
        "steps": result.steps, "verdict": result.verdict, "precision": result.precision,
    }  # fmt: skip
    if isinstance(outcome, Inconclusive):
        return {**found, "reason": explain(outcome) + _remedy(outcome)}
    of = outcome.bounds
    return {
        **found,
        "loss": bound(of.loss, UP), "rate": unloosened(of.rate, DOWN), "travel": bound(of.travel, UP),
        "switching": of.switching, "first_travel": bound(of.first_travel, UP),
    }  # fmt: skip


def _remedy(outcome: Inconclusive) -> str:
    return "" if outcome.failed is None else REMEDIES.get(outcome.failed.name, "")
