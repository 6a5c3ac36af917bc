"""Results about Gram matrices as JSON values and as lines for people; decimals on the weak side."""

from __future__ import annotations

from relucert.base.dyadic import DOWN, UP
from relucert.certificate.numbers import Json
from relucert.families.ntk.gram import GramResult
from relucert.families.printing import bound, explain, text
from relucert.kernel.ntk.gram import PositiveDefinite, Singular
from relucert.kernel.outcome import Inconclusive


def gram_record(result: GramResult) -> Json:
    """Without the inputs; null where a number does not apply."""
    of, outcome = result.problem, result.outcome
    found: Json = {
        "n": len(of.x), "d": len(of.x[0]), "activation": of.activation, "depth": of.depth,
        "architecture": of.architecture, "c_res": None if of.c_res is None else str(of.c_res),
        "matrix": of.matrix, "verdict": result.verdict,
        "lambda_min": None, "largest": None, "by_geometry": None, "dependent": None,
    }  # fmt: skip
    if isinstance(outcome, PositiveDefinite):
        low, high = outcome.lambda_min
        found |= {
            "lambda_min": [bound(low, DOWN), bound(high, UP)], "largest": bound(outcome.largest, UP),
            "by_geometry": bound(outcome.by_geometry, DOWN),
        }  # fmt: skip
    elif isinstance(outcome, Singular):
        found["dependent"] = list(outcome.dependent)
    reason = explain(outcome) if isinstance(outcome, Inconclusive) else None
    return {**found, "precision": result.precision, "reason": reason}


def line(result: GramResult) -> str:
    """A line of the table over depths."""
    outcome, head = result.outcome, result.problem.matrix
    if isinstance(outcome, PositiveDefinite):
        low, high = outcome.lambda_min
        shown = f"{head}: lambda_min in [{text(low, DOWN)}, {text(high, UP)}], largest <= {text(outcome.largest, UP)}"
        geometry = text(outcome.by_geometry, DOWN, 3)
        return f"{shown}, by geometry >= {geometry}"
    if isinstance(outcome, Singular):
        return f"{head}: singular, by the inputs {', '.join(map(str, outcome.dependent))}"
    return f"{head}: inconclusive: {explain(outcome)}"
