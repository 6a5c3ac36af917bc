"""The families of loss landscapes that can be certified: one entry each.

A family says how its landscape is enclosed and which Hessian-Lipschitz constants are proved for it.
Everything else is common to all families.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from relucert.kernel import facts, loss
from relucert.kernel.ball import Ball
from relucert.kernel.spectrum import Eigen
from relucert.kernel.theorems import Facts
from relucert.problem import TEACHER_STUDENT, InputError, Problem, Rows
from relucert.search import guess

Floats = Sequence[Sequence[float]]


@dataclass(frozen=True)
class Family:
    """Kernel functions: `enclose` (point, targets) encloses the Hessian and raises NotProved where the loss
    is not differentiable, `measure` and `on_ball` make the facts that the theorems take, `constants` names
    the Lipschitz constants. Search: `nearest` guesses which target each neuron is near, for n = k.
    """

    title: str
    enclose: Callable[[Rows, Rows], Any]
    measure: Callable[[Any, Eigen, Sequence[int] | None, str, Eigen | None], Facts]
    on_ball: Callable[[Facts, str, Ball], Facts]
    gradient: Callable[[Any], list[Ball]]
    constants: Sequence[str]
    nearest: Callable[[Floats, Floats], Sequence[int] | None]


FAMILIES: Mapping[str, Family] = {
    TEACHER_STUDENT: Family(
        title="teacher-student ReLU network, standard Gaussian input",
        enclose=facts.enclose,
        measure=facts.measure,
        on_ball=facts.on_ball,
        gradient=lambda at: loss.gradient(at.geometry),
        constants=tuple(facts.CONSTANTS),
        nearest=guess.assignment,
    )
}


def family_of(problem: Problem) -> Family:
    """Raises InputError for a family that is not in the table."""
    try:
        return FAMILIES[problem.family]
    except KeyError:
        known = ", ".join(sorted(FAMILIES))
        raise InputError(f"unknown family {problem.family!r}; known: {known}") from None
