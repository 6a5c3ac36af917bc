"""Gradient descent that converges to a global minimum with more neurons than targets: docs/theorem/wider.md, Theorem
18.C. Which target a neuron belongs to and how far the run goes are guessed here; the kernel proves them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from relucert.base.dyadic import DOWN, UP, Dyadic, from_float, to_float
from relucert.base.errors import InputError
from relucert.base.exact import Rows, exact_rows
from relucert.certificate.form import SCHEMA
from relucert.certificate.inequalities import argument
from relucert.certificate.numbers import Json, bound, loosened, rows, written
from relucert.families.printing import explain
from relucert.families.teacher.candidate import Candidate
from relucert.families.teacher.methods import CONVERGES, TO_GLOBAL
from relucert.families.teacher.problem import TEACHER_STUDENT
from relucert.kernel.ball import Ball, NotProved
from relucert.kernel.outcome import Inconclusive
from relucert.kernel.teacher import converges

EVERY_DIMENSION = "every d >= k"
GROWTH, TRIES = 1.02, 60  # of the travel that is tried, and how often
FIRST_STEPS = 1000  # of a run in floating point before the theorem is tried again; then twice as many
ALWAYS = 1e-300  # no gradient is as small: the run does not stop before its steps are done


@dataclass(frozen=True)
class Converging:
    """Theorem 18.C, proved at `point`, which `steps` steps in floating point led to from the point given."""

    point: Rows
    steps: int
    owners: tuple[int, ...]
    step: Fraction
    travel: Dyadic
    found: converges.Convergence

    @property
    def rate(self) -> Ball:
        if self.found.rate is None:
            raise InputError("a run that is not proved to converge has no rate")
        return self.found.rate


def plain(candidate: Candidate, name: str) -> Rows:
    """The point of a problem that the theorem is about, in R^k. Raises InputError."""
    inside = candidate.in_the_span() or candidate
    problem = inside.problem
    if problem.network is not None:
        raise InputError(
            f"{name}: has signs or a slope; this is proved for output weights 1 and the ReLU only"
        )
    if not problem.is_orthonormal:
        raise InputError(
            f"{name}: the targets are not e_1 .. e_k with neurons in their span; this is proved for those only"
        )
    if problem.n <= problem.k:
        raise InputError(
            f"{name}: has {problem.n} neurons and {problem.k} targets; this is about n > k, and `relucert run` proves "
            "where other runs go"
        )
    return inside.point


def prove(point: Rows, step: Fraction, steps: int = 0) -> Converging | str:
    """That descent from the point converges, or from a point of the run in floating point at most `steps` steps on:
    the first that is tried and proved. Else why not. point: n rows of k."""
    return prove_runs([point], step, steps)[0]


def prove_runs(
    points: Sequence[Rows], step: Fraction, steps: int, tolerance: float = ALWAYS
) -> list[Converging | str]:
    """The same of each of several points of one shape, in their order: in floating point their runs go on side by side.
    tolerance: a run ends where no neuron's gradient is longer."""
    found: list[Converging | str] = [_attempt(point, step, 0) for point in points]
    live = [i for i, one in enumerate(found) if isinstance(one, str)]
    if not (live and steps):
        return found
    from relucert.families.teacher import runs_minima  # numba is slow to import
    from relucert.families.teacher.search.descent import advance, begin_at
    from relucert.families.teacher.search.states import RUNNING

    starts, done = runs_minima.floats(points, step), 0
    runs = begin_at(starts, np.eye(starts.shape[2]), step=float(step), max_steps=steps)
    while live and done < steps:
        more = min(max(done, FIRST_STEPS), steps - done)
        runs.left[live], runs.state[live] = more, RUNNING
        advance(runs, tolerance, np.array(live), threads=1)
        done += more
        for i in live:
            if runs.step_size[i] != float(step):
                found[i] = f"in floating point, the run diverges with the step {step}; choose a smaller one"
                continue
            taken = done - int(runs.left[i])
            one = _attempt(exact_rows(runs.weights[i].tolist(), "neuron"), step, taken)
            found[i] = f"{one} (after {taken} steps in floating point)" if isinstance(one, str) else one
        # one that has diverged began again with half the step; one with steps left is as far as the tolerance lets it
        live = [
            i
            for i in live
            if isinstance(found[i], str) and not runs.left[i] and runs.step_size[i] == float(step)
        ]
    return found


def _attempt(point: Rows, step: Fraction, steps: int) -> Converging | str:
    """The theorem at this point, so many steps on."""
    found = _prove(point, step)
    return found if isinstance(found, str) else Converging(point, steps, *found)


def _prove(
    point: Rows, step: Fraction
) -> tuple[tuple[int, ...], Fraction, Dyadic, converges.Convergence] | str:
    """Owners by the largest entries; the travel by iteration from below: the length that the theorem gives on a ball
    of one radius is the next radius, a little enlarged."""
    owners = tuple(max(range(len(row)), key=lambda a, row=row: to_float(row[a])) + 1 for row in point)  # type: ignore[misc]
    travel: Dyadic = (0, 0)
    for _ in range(TRIES):
        try:
            found = converges.converge(point, owners, (step.numerator, step.denominator), travel)
        except NotProved as error:
            return str(error)
        if found.argument.holds:
            return owners, step, travel, found
        length = None if found.travel is None else float(found.travel)
        if length is None or not 0 < length < 1:
            break
        travel = loosened(from_float(GROWTH * length), UP)
    failed = next(h for h in found.argument.hypotheses if not h.proved)
    return explain(Inconclusive(None, (), f"{failed.text} is not proved", failed))


def statement(of: Converging, provenance: Mapping[str, object]) -> Json:
    """docs/spec/wider-v1.md section 9."""
    n, k = len(of.point), len(of.point[0])
    claim = {
        "schema": SCHEMA,
        "family": TEACHER_STUDENT,
        "method": CONVERGES,
        "problem": {"n": n, "k": k, "d": k, "targets": "orthonormal"},
        "dimension": EVERY_DIMENSION,
        "point": rows(of.point),
        "owners": list(of.owners),
        "step": str(of.step),
        "verdict": TO_GLOBAL,
        "bounds": {
            "objective": bound(of.found.objective, UP),
            "travel": written(of.travel, UP),
            "rate": bound(of.rate, DOWN),
        },
    }
    return {
        "claim": claim,
        "evidence": [argument(of.found.argument)],
        "provenance": {**provenance, "precision": converges.BITS, "steps": of.steps},
    }
