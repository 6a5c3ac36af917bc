"""How the coordinates of a critical point fall into classes: seen in floating point, never proved."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

TOLERANCE = 1e-6  # numbers that a chain of smaller steps joins count as equal


def coordinate_classes(point: NDArray[np.float64]) -> list[list[int]]:
    """The coordinates, grouped: exchanging two of one class permutes the neurons. Largest class first.

    Being exchangeable is transitive, so a coordinate is compared with one of each class only.
    """
    labels = _labels(point)
    rows = _multiset(labels)
    columns = np.sort(labels, axis=0).T.tolist()
    classes: list[list[int]] = []
    for j in range(labels.shape[1]):
        for members in classes:
            i = members[0]
            if columns[i] == columns[j] and rows == _multiset(_exchanged(labels, i, j)):
                members.append(j)
                break
        else:
            classes.append([j])
    return sorted(classes, key=lambda members: (-len(members), members))


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


def _labels(point: NDArray[np.float64]) -> NDArray[np.int64]:
    """Every entry replaced by the number of its value."""
    values, inverse = np.unique(point, return_inverse=True)
    groups = np.concatenate([[0], np.cumsum(np.diff(values) > TOLERANCE)])
    return groups[inverse].reshape(point.shape).astype(np.int64)


def _multiset(rows: NDArray[np.int64]) -> list[list[int]]:
    """What permuting the rows does not change."""
    return sorted(rows.tolist())


def _exchanged(labels: NDArray[np.int64], i: int, j: int) -> NDArray[np.int64]:
    other = labels.copy()
    other[:, [i, j]] = labels[:, [j, i]]
    return other
