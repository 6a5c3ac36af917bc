"""Which of several points are next to one critical point, up to permutations of neurons and coordinates."""

from __future__ import annotations

from typing import Any

import numpy as np

from relucert.base.exact import Rows, floats_in, unit_of
from relucert.families.teacher.hessian import kernel_network
from relucert.families.teacher.problem import Problem
from relucert.families.teacher.search import orbit
from relucert.families.teacher.verification import Verification
from relucert.kernel import ball
from relucert.kernel.outcome import Bounds
from relucert.kernel.teacher import loss, trajectory

BITS = 64


def same(one: Any, other: Any) -> bool:
    """Proved: a symmetry of the loss takes the critical point of the one result to that of the other.

    docs/theorem/teacher.md section 6. False where it is not proved, and for results about no critical point.
    """
    if not (isinstance(one, Verification) and isinstance(other, Verification)):
        return False
    problem, a, b = one.candidate.problem, one.outcome.bounds, other.outcome.bounds
    if problem != other.candidate.problem or a is None or b is None or _apart(a, b):
        return False
    if a.uniqueness is None or b.radius is None:
        return False
    rows, columns = _aligned(one.candidate.point, other.candidate.point, problem)
    if not _keeps(problem, rows, columns):
        return False
    with ball.precision(BITS):
        moved = trajectory.image(other.candidate.point, rows, columns)
        distance = loss.distance(one.candidate.point, moved)
        return trajectory.same_minimum(distance, b.radius, a.uniqueness).holds


def comparable(result: Any) -> bool:
    """Whether this is about a critical point that is alone within some radius."""
    bounds = result.outcome.bounds
    alone = isinstance(result, Verification) and bounds is not None and bounds.uniqueness is not None
    return alone and result.candidate.output_weights is None


def _apart(a: Bounds, b: Bounds) -> bool:
    """Proved to be different by their losses."""
    low, high = a.objective, b.objective
    return trajectory.different(low, high).holds or trajectory.different(high, low).holds


def _keeps(problem: Problem, rows: list[int], columns: list[int]) -> bool:
    return trajectory.keeps(problem.targets, rows, columns, kernel_network(problem.network))


def _aligned(point: Rows, other: Rows, problem: Problem) -> tuple[list[int], list[int]]:
    """Permutations (rows, columns) that take `other` about to `point`, the columns a symmetry of the targets."""
    from scipy.optimize import linear_sum_assignment  # slow to import, seldom needed

    unit = unit_of(point, other)
    here, there = (np.array(floats_in(rows, unit)) for rows in (point, other))
    rows, columns = orbit.align(here, there)
    if _keeps(problem, rows.tolist(), columns.tolist()):
        return rows.tolist(), columns.tolist()
    cost = ((here[:, None] - there[None]) ** 2).sum(axis=2)
    if problem.network is not None:  # neurons keep their output weights
        signs = problem.network.signs
        cost += np.not_equal.outer(signs, signs) * (1.0 + cost.sum())
    neurons: list[int] = linear_sum_assignment(cost)[1].tolist()
    return neurons, list(range(len(point[0])))
