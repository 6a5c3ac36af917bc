"""Results about the designed landscape as JSON values and as lines for people; decimals on the weak side."""

from __future__ import annotations

from relucert.base.dyadic import DOWN, UP
from relucert.certificate.numbers import Json
from relucert.families.landscape.candidate import Problem, SampledProblem
from relucert.families.landscape.descent import LandscapeRun
from relucert.families.landscape.point import LandscapeVerification
from relucert.families.landscape.statement import signed
from relucert.families.landscape.whole import Whole
from relucert.families.printing import bound, explain, text
from relucert.kernel.ball import Ball
from relucert.kernel.landscape.nearest import NextToMinimum
from relucert.kernel.landscape.point import Away, Critical
from relucert.kernel.landscape.regime import HasSpuriousMinimum, NoSpuriousMinimum
from relucert.kernel.outcome import Inconclusive


def problem_record(problem: Problem) -> Json:
    """Without long lists."""
    found: Json = {"objective": problem.objective, "d": problem.d}
    if isinstance(problem, SampledProblem):
        found["samples"] = len(problem.x)
    else:
        found["a_star"] = [str(x) for x in problem.a_star]
    return {**found, "mu": str(problem.mu), "lambda": str(problem.lam)}


def ends(values: tuple[Ball, Ball]) -> list[str | None]:
    return [bound(values[0], DOWN), bound(values[1], UP)]


def whole_record(result: Whole) -> Json:
    """A landscape; null where a number does not apply."""
    outcome = result.outcome
    found: Json = {**problem_record(result.problem), "verdict": result.verdict}
    if isinstance(outcome, NoSpuriousMinimum):
        of = outcome.bounds
        found |= {
            "value": ends(of.value), "lambda_min": bound(of.lambda_min, DOWN),
            "lambda_max": bound(of.lambda_max, UP), "basin": bound(of.basin, DOWN),
            "step": bound(of.step, DOWN), "saddle": bound(of.saddle, DOWN),
        }  # fmt: skip
    elif isinstance(outcome, HasSpuriousMinimum):
        worse = outcome.bounds
        found |= {
            "value": ends(worse.value), "gap": bound(worse.gap, DOWN),
            "lambda_min": bound(worse.lambda_min, DOWN), "twice": outcome.twice, "never": outcome.never,
        }  # fmt: skip
    reason = explain(outcome) if isinstance(outcome, Inconclusive) else None
    return {**found, "precision": result.precision, "reason": reason}


def point_record(result: LandscapeVerification) -> Json:
    """A point; null where a number does not apply."""
    outcome = result.outcome
    found: Json = {**problem_record(result.candidate.problem), "verdict": result.verdict}
    if isinstance(outcome, NextToMinimum):
        near = outcome.bounds
        found |= {
            **signed(outcome.minimum), "distance": bound(near.distance, UP),
            "basin": bound(near.basin, DOWN), "step": bound(near.step, DOWN),
            "a_star_error": bound(near.a_star, UP), "b_star_error": bound(near.b_star, UP),
        }  # fmt: skip
    elif isinstance(outcome, Critical):
        of = outcome.bounds
        found |= {
            "value": ends(of.value), "gradient": bound(of.gradient, UP), "lambda_min": ends(of.lambda_min),
            "negative": of.inertia[0], "positive": of.inertia[1], "existence_radius": bound(of.radius, UP),
            "uniqueness_radius": bound(of.uniqueness, DOWN), "curvature": bound(of.curvature, UP),
        }  # fmt: skip
    elif isinstance(outcome, Inconclusive):
        found["reason"] = explain(outcome)
    else:
        found |= {
            "gradient": bound(outcome.bounds.gradient, DOWN),
            "exclusion": bound(outcome.bounds.exclusion, DOWN),
        }
    return {**found, "moved": bound(result.moved, UP), "precision": result.precision}


def run_record(result: LandscapeRun) -> Json:
    """A run; null where a number does not apply."""
    asked, outcome = result.asked, result.outcome
    found: Json = {**problem_record(asked.problem), "eta": str(asked.eta), "verdict": result.verdict}
    if isinstance(outcome, Inconclusive):
        return {**found, "precision": result.precision, "reason": explain(outcome)}
    return {
        **found, **signed(outcome.minimum), "steps": outcome.steps,
        "distance": bound(outcome.bounds.distance, UP),
        "gradient_min": bound(outcome.bounds.gradient_min, DOWN), "precision": result.precision, "reason": None,
    }  # fmt: skip


def summary(result: LandscapeVerification) -> str:
    """The problem, then the main numbers or the reason."""
    problem, outcome = result.candidate.problem, result.outcome
    of = f"{problem.objective}, d = {problem.d}, mu = {problem.mu}, lambda = {problem.lam}"
    moved = "" if result.moved is None else f", after Newton steps of {text(result.moved, UP, 3)} in all"
    if isinstance(outcome, Inconclusive):
        line = explain(outcome)
    elif isinstance(outcome, NextToMinimum):
        line = _nearest(outcome)
    elif isinstance(outcome.bounds, Away):
        away = outcome.bounds
        line = (
            f"no critical point within {text(away.exclusion, DOWN, 3)} of the point; gradient norm at least "
            f"{text(away.gradient, DOWN, 3)}"
        )
    else:
        line = _critical(outcome)
    return f"{of}{moved}\n{line}"


def _nearest(outcome: NextToMinimum) -> str:
    near = outcome.bounds
    places = signed(outcome.minimum)
    shown = ", ".join(
        f"{sign}{i}" for sign, i in zip(places["signs"][:8], places["permutation"][:8], strict=True)
    )
    more = ", .." if len(places["signs"]) > 8 else ""
    line = (
        f"rows at {shown}{more}; distance at most {text(near.distance, UP, 3)}, gradient descent from here with "
        f"any fixed step below {text(near.step, DOWN, 3)} converges to it"
    )
    if near.a_star is not None and near.b_star is not None:
        line += (
            f"\nteacher recovered: output weights within {text(near.a_star, UP, 3)}, directions within "
            f"{text(near.b_star, UP, 3)}, signs decided"
        )
    return line


def _critical(outcome: Critical) -> str:
    of = outcome.bounds
    line = (
        f"within {text(of.radius, UP, 3)} of the point, no other critical point nearer than "
        f"{text(of.uniqueness, DOWN, 3)}, value in [{text(of.value[0], DOWN)}, {text(of.value[1], UP)}]"
        f"\nsmallest eigenvalue in [{text(of.lambda_min[0], DOWN)}, {text(of.lambda_min[1], UP)}], "
        f"{of.inertia[0]} negative and {of.inertia[1]} positive"
    )
    if of.curvature is not None:
        line += f"; the direction in the certificate has curvature at most {text(of.curvature, UP, 3)}"
    return line
