"""What a verification returns, and how it prints."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, Protocol

from relucert.base.dyadic import DOWN, UP, ZERO
from relucert.base.enclosure import Enclosure
from relucert.base.visible import counted
from relucert.families.printing import bound, explain, text
from relucert.families.result import PointResult
from relucert.families.teacher.candidate import Candidate
from relucert.families.teacher.network import said_activation, said_signs, slope_text
from relucert.families.teacher.problem import TEACHER_STUDENT, Problem
from relucert.families.verdicts import NAMES
from relucert.kernel.ball import Ball, lower, smallest
from relucert.kernel.outcome import Bounds, GlobalMinima, Inconclusive, Outcome, SplitSaddle, StrictSaddle


class Result(Protocol):
    """What the functions that print need of a verification, of whatever kind of point."""

    @property
    def outcome(self) -> Outcome: ...
    @property
    def moved(self) -> Ball | None: ...


@dataclass(frozen=True, repr=False)
class Verification(PointResult):
    """What was proved, about which point, and how.

    candidate: the point the outcome speaks about; moved: how far polishing moved it from the given point
    (an upper bound; None if it is the very point given); precision: bits; constants: which Lipschitz bound.
    note: what was asked for and is not proved.
    """

    family: ClassVar[str] = TEACHER_STUDENT
    outcome: Outcome
    candidate: Candidate
    moved: Ball | None
    precision: int
    constants: str
    note: str = ""

    def __str__(self) -> str:
        return "\n".join(f"{name}: {value}" if name else value for name, value in self._rows())

    @property
    def objective(self) -> Enclosure | None:
        """The loss at the critical point, or at the given one, where there is none nearby."""
        return Enclosure((ZERO, ZERO)) if isinstance(self.outcome, GlobalMinima) else super().objective

    def _rows(self) -> list[tuple[str, str]]:
        return _rows(self)


def with_note(result: Verification, note: str) -> Verification:
    """The same with one more note."""
    return replace(result, note="; ".join(filter(None, (result.note, note))))


def _rows(result: Verification) -> list[tuple[str, str]]:
    outcome, problem = result.outcome, result.candidate.problem
    rows = [("", f"{NAMES[outcome.verdict]} ({_sizes(problem)})"), *_network(problem)]
    every, d = outcome.every_dimension, problem.dimension
    rows.append(("input dimension", f"every d >= {d}" if every else str(d)))
    if isinstance(outcome, Inconclusive):
        rows.append(("reason", explain(outcome)))
    bounds = outcome.bounds
    if bounds is not None:
        least = f"in [{text(bounds.lambda_min[0], DOWN)}, {text(bounds.lambda_min[1], UP)}]"
        rows += [
            ("lambda_min", least + f" at d = {d}" * every),
            ("gradient norm", f"<= {text(bounds.gradient, UP)}"),
            ("objective", f"in [{text(bounds.objective[0], DOWN)}, {text(bounds.objective[1], UP)}]"),
        ]
        radii: list[tuple[str, Ball | None, str, str]] = [
            ("existence radius", bounds.radius, "<= ", UP),
            ("uniqueness radius", bounds.uniqueness, ">= ", DOWN),
            ("basin radius", bounds.basin, ">= ", DOWN),
            ("basin step, any fixed one below", bounds.step, "", DOWN),
            ("barrier to any other point as low", bounds.barrier, ">= ", DOWN),
            ("no critical point within", bounds.exclusion, "", DOWN),
            ("lower at the witness", bounds.gap, "by >= ", DOWN),
        ]
        rows += [(name, sign + text(value, way)) for name, value, sign, way in radii if value is not None]
    if result.note:
        rows.append(("note", result.note))
    if result.moved is not None:
        rows.append(("moved by polishing", f"<= {text(result.moved, UP)}"))
    rows.append(("arithmetic", f"{result.precision} bits, constants: {result.constants}"))
    return rows


def one_line(result: Result) -> str:
    """The main numbers, or the reason, on one line."""
    outcome, bounds = result.outcome, result.outcome.bounds
    if isinstance(outcome, Inconclusive):
        return explain(outcome)
    if isinstance(outcome, SplitSaddle):
        smaller = sum(len(row) for row in outcome.fractions), len(outcome.fractions)
        line = f"{smaller[0]} neurons that are parts of the {smaller[1]} of a {NAMES[outcome.base.verdict]}"
        return line if result.moved is None else f"{line}; moved {text(result.moved, UP, 3)}"
    if bounds is None:  # nothing but exact numbers
        exact = "loss 0, exactly; there are other points with loss 0 as near as one likes"
        return exact if result.moved is None else f"{exact}; moved by {text(result.moved, UP, 3)} to be exact"
    if bounds.exclusion is not None:
        gradient = text(bounds.gradient, UP, 3)
        return (
            f"no critical point within {text(bounds.exclusion, DOWN)}; the gradient norm is at most {gradient}: "
            "if a critical point is meant, follow gradient descent further (relucert search --from)"
        )
    parts = []
    if isinstance(outcome, StrictSaddle):
        parts.append(f"lambda_min <= {text(bounds.lambda_min[1], UP)}")
        if bounds.inertia is not None:
            least = "at least " if outcome.every_dimension else ""  # each further one may add some
            parts.append(f"{least}{bounds.inertia[0]} negative")
    else:
        ends = [x[0] for x in (bounds.lambda_min, bounds.lambda_min_outside) if x is not None]
        parts.append(f"lambda_min >= {text(lower(smallest(ends)), DOWN)}")
    if bounds.radius is not None:
        parts.append(f"within {text(bounds.radius, UP, 3)}")
    parts.append(f"loss in [{text(bounds.objective[0], DOWN)}, {text(bounds.objective[1], UP)}]")
    if bounds.gap is not None:
        parts.append(f"at least {text(bounds.gap, DOWN, 3)} lower at the witness")
    if result.moved is not None:
        parts.append(f"polished, moved {text(result.moved, UP, 3)}")
    return ", ".join(parts)


def summary(result: Verification) -> str:
    """What the problem is, then what was proved: two lines."""
    problem = result.candidate.problem
    network = "".join(f", {name} {value}" for name, value in _network(problem))
    about = f"{_sizes(problem)}{network}, {_dimension(result)}"
    return f"{about}\n{one_line(result)}" + (f"\n{result.note}" if result.note else "")


def _sizes(problem: Problem) -> str:
    targets = "orthonormal" if problem.is_orthonormal else "given"
    return f"n = {counted(problem.n, 'neuron')}, k = {counted(problem.k, f'{targets} target')}"


def _network(problem: Problem) -> list[tuple[str, str]]:
    """Output weights and activation, where they are not 1 and the ReLU."""
    of = problem.network
    if of is None:
        return []
    rows = [("activation", said_activation(of))]
    if {*of.signs, *of.teacher} != {1}:
        rows += [("signs", said_signs(of.signs)), ("teacher signs", said_signs(of.teacher))]
    return rows


def _dimension(result: Verification) -> str:
    d = result.candidate.problem.dimension
    return f"in every dimension d >= {d}" if result.outcome.every_dimension else f"in dimension d = {d}"


def record(result: Verification) -> dict[str, object]:
    """The outcome as JSON values: bounds are decimals rounded to the weak side, null where there is none."""

    outcome, problem = result.outcome, result.candidate.problem
    fields: dict[str, object] = {
        "k": problem.k,
        "n": problem.n,
        "verdict": result.verdict,
        "every_dimension": outcome.every_dimension,
    }
    of = problem.network
    if of is not None:
        fields |= {"signs": of.signs, "teacher_signs": of.teacher, "slope": slope_text(of)}
    return (
        fields
        | bound_fields(outcome.bounds)
        | {
            "moved": bound(result.moved, UP),
            "constants": result.constants,
            "precision": result.precision,
            "reason": explain(outcome) if isinstance(outcome, Inconclusive) else None,
            "note": result.note or None,
        }
    )


def bound_fields(b: Bounds | None) -> dict[str, object]:
    """Bounds as JSON values."""
    if b is None:
        names = ("lambda_min", "gradient_norm", "lipschitz", "radius", "basin_radius", "objective")
        return dict.fromkeys(names)
    return {
        "lambda_min": bound(b.lambda_min[0], DOWN),
        "gradient_norm": bound(b.gradient, UP),
        "lipschitz": bound(b.lipschitz, UP),
        "radius": bound(b.radius, UP),
        "basin_radius": bound(b.basin, DOWN),
        "objective": [bound(b.objective[0], DOWN), bound(b.objective[1], UP)],
        "lambda_min_upper": bound(b.lambda_min[1], UP),
        "lambda_min_safran_shamir": bound(b.lambda_min_safran_shamir, DOWN),
        "lipschitz_safran_shamir": bound(b.lipschitz_safran_shamir, UP),
        "radius_lemma_1": bound(b.radius_lemma_1, UP),
        "uniqueness_radius": bound(b.uniqueness, DOWN),
        "exclusion_radius": bound(b.exclusion, DOWN),
        "lambda_min_outside": bound(b.lambda_min_outside and b.lambda_min_outside[0], DOWN),
        "barrier": bound(b.barrier, DOWN),
        "gap": bound(b.gap, DOWN),
    }
