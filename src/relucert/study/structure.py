"""How the coordinates of a critical point fall into classes, for the eye."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment


def class_structure(classes: Iterable[list[int]]) -> str:
    """The sizes of the classes, such as 17+2+1."""
    return "+".join(str(len(members)) for members in classes)


def arranged(point: NDArray[np.float64], classes: Iterable[list[int]]) -> NDArray[np.float64]:
    """The same point with coordinates ordered by class, and each neuron where its coordinate is.

    What is left over when there are more neurons than coordinates comes last.
    """
    ordered = point[:, [j for members in classes for j in members]]
    neurons, coordinates = linear_sum_assignment(-np.abs(ordered))
    first = neurons[np.argsort(coordinates)]
    rest = np.setdiff1d(np.arange(len(ordered)), first)
    result: NDArray[np.float64] = ordered[np.concatenate([first, rest])]
    return result
