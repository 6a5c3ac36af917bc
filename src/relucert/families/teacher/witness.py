"""That a minimum is not global because the loss is lower elsewhere: a point that is given, or searched for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from relucert.base.dyadic import canonical
from relucert.base.errors import InputError
from relucert.base.exact import Rows, exact_rows, floats_in, unit_of
from relucert.families.printing import explain
from relucert.families.teacher.candidate import Candidate
from relucert.families.teacher.hessian import kernel_network
from relucert.families.teacher.search.descent import descend
from relucert.families.teacher.verification import Verification, with_note
from relucert.kernel import ball
from relucert.kernel.outcome import Inconclusive, LocalMinimum, SpuriousMinimum
from relucert.kernel.teacher import loss, theorems

SEED, RUNS, MOST_STEPS, TOLERANCE = 20171101, 64, 20_000, 1e-6  # of the search: a few seconds


def with_witness(found: Verification, given: Rows | None, *, find_witness: bool) -> Verification:
    """Calls a local minimum spurious where a witness is given, or found. docs/theorem/teacher.md, Theorem W.

    Raises InputError for a given witness that is not proved to have a lower loss than the minimum.
    """
    outcome = found.outcome
    if given is None and not find_witness:
        return found
    if not isinstance(outcome, LocalMinimum):
        note = "a witness says something of a local minimum only; nothing was done with it"
        return with_note(replace(found, candidate=replace(found.candidate, witness=None)), note)
    lowest = given or find_lower(found.candidate)
    better = None if lowest is None else _lower(found, outcome, lowest)
    if better is not None and better.proved:
        return replace(found, outcome=better, candidate=replace(found.candidate, witness=lowest))
    if given is not None:
        why = "" if better is None else f" ({explain(better)})" if isinstance(better, Inconclusive) else ""
        raise InputError(
            f"the witness is not proved to have a lower loss than the minimum{why}; give a lower point, or "
            "--find-witness"
        )
    return with_note(found, "no point of lower loss was found")


def _lower(found: Verification, minimum: LocalMinimum, rows: Rows) -> SpuriousMinimum | Inconclusive:
    """What the kernel says of a point: rows (n, d)."""
    problem = found.candidate.problem
    with ball.precision(2 * found.precision):
        there = loss.objective(loss.geometry(rows, problem.targets, kernel_network(problem.network)))
        return theorems.with_witness(minimum, there)


def find_lower(candidate: Candidate) -> Rows | None:
    """The lowest end point (n, d) of gradient descent from random starts: a guess. None if there is no finite one.

    In units of a power of two, as the loss is homogeneous. None, too, where a target is 0 in doubles."""
    problem = candidate.problem
    unit = unit_of(problem.targets)
    targets = np.array(floats_in(problem.targets, unit))
    if not np.linalg.norm(targets, axis=1).all():
        return None
    ends = descend(
        targets, problem.n, RUNS, SEED, tolerance=TOLERANCE, max_steps=MOST_STEPS, network=problem.network
    )
    losses = np.where(np.isfinite(ends.loss), ends.loss, np.inf)
    best = int(np.argmin(losses))
    if not np.isfinite(losses[best]) or not np.any(ends.weights[best], axis=1).all():
        return None
    rows = exact_rows(ends.weights[best].tolist(), "neuron")
    return tuple(tuple(canonical(m, e + unit) for m, e in row) for row in rows)
