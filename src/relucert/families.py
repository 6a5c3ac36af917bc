"""The families of loss landscapes that can be certified: one entry each.

A family says how its objective, gradient and Hessian are enclosed, which Hessian-Lipschitz constants are
proved for it, and where its global minima are isolated points. Everything else is common to all families.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from relucert.kernel import lipschitz, loss
from relucert.kernel.ball import Ball, BallMatrix
from relucert.problem import TEACHER_STUDENT, InputError, Problem, Rows
from relucert.search import guess


@dataclass(frozen=True)
class Family:
    """geometry(point, targets) raises NotProved where the loss is not differentiable; objective, gradient
    and hessian take what it returns. constants: name -> L(neuron lengths, target lengths, radius)."""

    title: str
    geometry: Callable[[Rows, Rows], Any]
    objective: Callable[[Any], Ball]
    gradient: Callable[[Any], list[Ball]]
    hessian: Callable[[Any], BallMatrix]
    lengths: Callable[[Any], tuple[Sequence[Ball], Sequence[Ball]]]
    constants: Mapping[str, Callable[[Sequence[Ball], Sequence[Ball], Ball], Ball]]
    isolated_global: Callable[[Problem, Sequence[Sequence[float]], Sequence[Sequence[float]]], Rows | None]


def _lengths(g: loss.Geometry) -> tuple[Sequence[Ball], Sequence[Ball]]:
    return [w.length for w in g.neurons], [v.length for v in g.targets]


def _permuted_targets(
    problem: Problem, point: Sequence[Sequence[float]], targets: Sequence[Sequence[float]]
) -> Rows | None:
    """The targets in the order nearest to the neurons, a point with F = 0 (n = k only)."""
    if problem.n != problem.k:
        return None
    order = guess.assignment(point, targets)
    if order is None or sorted(order) != list(range(problem.k)):  # only a permutation is a point with F = 0
        return None
    return tuple(problem.targets[j] for j in order)


FAMILIES: Mapping[str, Family] = {
    TEACHER_STUDENT: Family(
        title="teacher-student ReLU network, standard Gaussian input",
        geometry=loss.geometry,
        objective=loss.objective,
        gradient=loss.gradient,
        hessian=loss.hessian,
        lengths=_lengths,
        constants={"simple": lipschitz.theorem_b, "paper": lipschitz.safran_shamir},
        isolated_global=_permuted_targets,
    ),
}


def family_of(problem: Problem) -> Family:
    """Raises InputError for a family that is not in the table."""
    try:
        return FAMILIES[problem.family]
    except KeyError:
        known = ", ".join(sorted(FAMILIES))
        raise InputError(f"unknown family {problem.family!r}; known: {known}") from None
