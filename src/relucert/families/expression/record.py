"""Results about a loss as JSON values and as lines for people; decimals on the weak side."""

from __future__ import annotations

from relucert.base.dyadic import DOWN, UP
from relucert.base.visible import counted
from relucert.certificate.numbers import Json
from relucert.families.expression.flows import text as symmetry_text
from relucert.families.expression.generators import as_json
from relucert.families.expression.prove import ExpressionVerification
from relucert.families.expression.words import digest, images
from relucert.families.printing import bound, explain, text, unloosened
from relucert.kernel.ball import Ball
from relucert.kernel.expression.decide import Away, Critical, Near
from relucert.kernel.outcome import Inconclusive

LOWER = ("box", "convexity", "basin", "step", "barrier", "gap")
UPPER = ("gradient", "smoothness", "curvature")


def record(result: ExpressionVerification) -> Json:
    """A point; null where a number does not apply."""
    outcome, graph = result.outcome, result.candidate.graph
    found: Json = {
        "parameters": graph.parameters,
        "nodes": len(graph.nodes),
        "rows": len(graph.data or ()),
        "constraints": len(graph.constraints),
        "loss_digest": digest(graph.as_json()),
        "verdict": result.verdict,
    }
    if isinstance(outcome, Inconclusive):
        found["reason"] = explain(outcome)
    elif isinstance(outcome.bounds, Away):
        found |= {
            "gradient": bound(outcome.bounds.gradient, DOWN),
            "exclusion": bound(outcome.bounds.exclusion, DOWN),
        }
    else:
        found |= _near(outcome.bounds)
    if isinstance(outcome, Critical):
        found["symmetry"] = [as_json(x) for x in outcome.symmetry]
        found["images"] = None if outcome.images is None else outcome.images.least
    if not isinstance(outcome, Inconclusive):
        infimum = outcome.bounds.infimum
        found["infimum_min"] = None if infimum is None else unloosened(infimum, DOWN)
    note = result.note or None
    return {**found, "note": note, "moved": bound(result.moved, UP), "precision": result.precision}


def _near(of: Near) -> Json:
    return {
        "existence_radius": bound(of.radius, UP),
        "negative": of.inertia[0],
        "positive": of.inertia[1],
        "objective": _ends(of.objective),
        "lambda_min": None if of.lambda_min is None else _ends(of.lambda_min),
        **{name: bound(getattr(of, name), DOWN) for name in LOWER},
        **{name: bound(getattr(of, name), UP) for name in UPPER},
    }


def _ends(values: tuple[Ball, Ball]) -> list[str | None]:
    return [bound(values[0], DOWN), bound(values[1], UP)]


def summary(result: ExpressionVerification) -> str:
    """The loss, then the main numbers or the reason."""
    outcome, graph = result.outcome, result.candidate.graph
    rows = f", {counted(len(graph.data), 'row')}" if graph.data else ""
    k = len(graph.constraints)
    limits = f", {counted(k, 'constraint')}" if k else ""
    moved = "" if result.moved is None else f", after Newton steps of {text(result.moved, UP, 3)} in all"
    first = (
        f"{counted(graph.parameters, 'parameter')}, {counted(len(graph.nodes), 'node')}{rows}{limits}{moved}"
    )
    note = f"\nnote: {result.note}" if result.note else ""
    if isinstance(outcome, Critical):
        place = "the point" if result.moved is None else "the moved point"
        return f"{first}\n{_critical(outcome, place, constrained=k > 0)}{_everywhere(outcome.bounds)}{note}"
    if isinstance(outcome, Inconclusive):
        return f"{first}\n{explain(outcome)}{note}"
    away = outcome.bounds
    return (
        f"{first}\nno critical point with all entries within {text(away.exclusion, DOWN, 3)} of the point's; "
        f"gradient norm at least {text(away.gradient, DOWN, 3)}{_everywhere(away)}{note}"
    )


def _everywhere(of: Near | Away) -> str:
    return (
        ""
        if of.infimum is None
        else f"\nF is at least {unloosened(of.infimum, DOWN, 6)} at every point where it is defined"
    )


def _critical(outcome: Critical, place: str, *, constrained: bool) -> str:
    """place: what the bounds are about; constrained: of F on the set {h = 0}, with multipliers."""
    of = outcome.bounds
    where = f"{place} and its multipliers, together" if constrained else place
    k = len(outcome.symmetry)
    lines = [
        f"within {text(of.radius, UP, 3)} of {where}, the only one {'where the constraints vanish ' * constrained}"
        f"in the box of half-width {text(of.box, DOWN, 3)} about {'them' if constrained else 'it'}; "
        f"value in [{text(of.objective[0], DOWN)}, {text(of.objective[1], UP)}]",
        f"{of.inertia[0]} negative and {of.inertia[1]} positive eigenvalues",
    ]
    if outcome.symmetry:
        lines[1] += f", and {k} {'are' if k > 1 else 'is'} 0, along the orbit: so at each of its points"
        lines += [f"symmetry {i}, {symmetry_text(as_json(x))}" for i, x in enumerate(outcome.symmetry)]
    elif constrained:
        lines[1] += " along the set where the constraints vanish; nothing is said off that set"
    if of.lambda_min is not None:
        lines[1] += f", the smallest in [{text(of.lambda_min[0], DOWN)}, {text(of.lambda_min[1], UP)}]"
    if of.curvature is not None:
        lines.append(f"the direction in the certificate has curvature at most {text(of.curvature, UP, 3)}")
    if of.basin is not None and of.step is not None:
        lines.append(
            f"gradient descent from within {text(of.basin, DOWN, 3)} of {place} with any fixed step below "
            f"{text(of.step, DOWN, 3)} converges to the minimum"
        )
    if of.barrier is not None:
        lines.append(f"every continuous path to a point as low rises by at least {text(of.barrier, DOWN, 3)}")
    if of.gap is not None:
        lines.append(f"the witness is lower by at least {text(of.gap, DOWN)}")
    if outcome.images is not None:
        lines.append(images(len(outcome.images.exchanges), outcome.images.least))
    return "\n".join(lines)
