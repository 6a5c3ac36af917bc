"""Statements about a loss written as a graph: docs/spec/expression-v1.md is the authority for their format."""

from __future__ import annotations

from collections.abc import Mapping

from relucert.base.dyadic import DOWN, canonical
from relucert.base.errors import InputError
from relucert.certificate.form import SCHEMA
from relucert.certificate.inequalities import evidence
from relucert.certificate.numbers import Json, at_least, at_most, dyadics, interval, written
from relucert.families.expression import generators as fields
from relucert.families.expression.methods import METHOD, SMOOTH_EXPRESSION
from relucert.families.expression.prove import ExpressionVerification
from relucert.kernel import ball
from relucert.kernel.ball import Ball
from relucert.kernel.expression.decide import Away, Critical, Near, NotCritical
from relucert.kernel.outcome import Inconclusive


def statement(result: ExpressionVerification, provenance: Mapping[str, object]) -> Json:
    """Of a point about which something is proved."""
    outcome, candidate = result.outcome, result.candidate
    if isinstance(outcome, Inconclusive):
        raise InputError("an inconclusive outcome claims nothing and has no certificate")
    vectors = {
        "point": candidate.point,
        "multipliers": candidate.multipliers if candidate.graph.constraints else None,
        "witness": candidate.witness if outcome.verdict == "spurious-minimum" else None,
        "direction": result.direction,
    }
    with ball.precision(result.precision):
        bounds = _away(outcome.bounds) if isinstance(outcome.bounds, Away) else _near(outcome.bounds)
        claim = {
            "schema": SCHEMA,
            "family": SMOOTH_EXPRESSION,
            "method": METHOD,
            "problem": {"loss": candidate.graph.as_json()},
            **{name: dyadics(x) for name, x in vectors.items() if x is not None},
            **_symmetry(outcome),
            **_images(outcome),
            "verdict": outcome.verdict,
            "bounds": bounds,
        }
        return {
            "claim": claim,
            "evidence": evidence(outcome.arguments),
            "provenance": {**provenance, "precision": result.precision},
        }


def _symmetry(of: Critical | NotCritical) -> Json:
    """The member `symmetry`, where there is one."""
    generators = of.symmetry if isinstance(of, Critical) else ()
    return {"symmetry": [fields.as_json(x) for x in generators]} if generators else {}


def _images(of: Critical | NotCritical) -> Json:
    """The member `images`, where there is one."""
    images = of.images if isinstance(of, Critical) else None
    if images is None:
        return {}
    return {
        "images": {"exchanges": [[list(x) for x in one] for one in images.exchanges], "count": images.least}
    }


def _infimum(of: Ball | None) -> Json:
    """Exact, as a checker finds the same number."""
    return {} if of is None else {"infimum_min": written(canonical(*ball.to_dyadic(of)), DOWN)}


def _away(of: Away) -> Json:
    found = {"gradient_min": at_least(of.gradient), "exclusion": at_least(of.exclusion)}
    return found | _infimum(of.infimum)


def _near(of: Near) -> Json:
    lower = ("box", "convexity", "basin", "step", "barrier", "gap")
    upper = ("gradient", "smoothness", "curvature")
    found: Json = {
        "existence_radius": at_most(of.radius),
        "inertia": {"negative": of.inertia[0], "positive": of.inertia[1]},
        "objective": interval(of.objective),
    }
    if of.lambda_min is not None:
        found["lambda_min"] = interval(of.lambda_min)
    for names, weaker in ((lower, at_least), (upper, at_most)):
        found |= {name: weaker(x) for name in names if (x := getattr(of, name)) is not None}
    return found | _infimum(of.infimum)
