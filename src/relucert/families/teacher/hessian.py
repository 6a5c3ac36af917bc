"""What the Hessian method needs to know of a loss: one entry for each family that it decides.

A loss says how it is enclosed and which Hessian-Lipschitz constants are proved for it.
Everything else of the method is common to all of them. The table of all families is in `families`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from relucert.base.errors import InputError
from relucert.base.exact import Rows
from relucert.families.teacher.network import Network
from relucert.families.teacher.problem import TEACHER_STUDENT, Problem
from relucert.families.teacher.search import guess, newton
from relucert.kernel.ball import Ball
from relucert.kernel.definite import Ends
from relucert.kernel.spectrum import Eigen
from relucert.kernel.teacher import facts, loss
from relucert.kernel.teacher.theorems import Facts

Floats = Sequence[Sequence[float]]


@dataclass(frozen=True)
class Loss:
    """Kernel functions: `enclose` (point, targets, network) encloses the Hessian and raises NotProved where the loss
    is not differentiable, `measure` and `on_ball` make the facts that the theorems take, `constants` names
    the Lipschitz constants. Search: `nearest` guesses which target each neuron is near, for n = k; network likewise;
    `hessian` is that of (point, targets, network) in floating point.
    """

    enclose: Callable[[Rows, Rows, Network | None], Any]
    measure: Callable[[Any, Eigen | Ends, Sequence[int] | None, str, Eigen | None], Facts]
    on_ball: Callable[[Facts, str, Ball], Facts]
    gradient: Callable[[Any], list[Ball]]
    constants: Sequence[str]
    nearest: Callable[[Floats, Floats, Network | None], Sequence[int] | None]
    hessian: Callable[[NDArray[np.float64], NDArray[np.float64], Network | None], NDArray[np.float64]]


def kernel_network(of: Network | None) -> loss.Network | None:
    """What the kernel, which imports nothing of the families, takes."""
    return None if of is None else loss.Network(*of)


LOSSES: Mapping[str, Loss] = {
    TEACHER_STUDENT: Loss(
        enclose=lambda point, targets, of: facts.enclose(point, targets, kernel_network(of)),
        measure=facts.measure,
        on_ball=facts.on_ball,
        gradient=lambda at: at.slope,
        constants=tuple(facts.CONSTANTS),
        nearest=guess.assignment,
        hessian=newton.hessian,
    )
}


def loss_of(problem: Problem) -> Loss:
    """Raises InputError for a family that the Hessian method does not decide."""
    try:
        return LOSSES[problem.family]
    except KeyError:
        known = ", ".join(sorted(LOSSES))
        raise InputError(
            f"the Hessian method does not decide the family {problem.family!r}; it decides {known}"
        ) from None
