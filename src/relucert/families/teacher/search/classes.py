"""How the coordinates of a critical point fall into classes, and which neuron belongs to which. UNTRUSTED.

Two coordinates are in one class if exchanging them permutes the neurons, up to rounding. That makes a point
symmetric in the sense of docs/theorem/teacher.md section 7 if the neurons can be numbered so that the permutations of
each class move them in the same way, or not at all.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from relucert.families.teacher.network import Network

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

TOLERANCE = 1e-6  # numbers that a chain of smaller steps joins count as equal
TIE = 1e-8  # less than a difference that counts, more than rounding


def coordinate_classes(point: Floats, of: Network | None = None) -> list[list[int]]:
    """The coordinates, grouped: exchanging two of one class permutes the neurons. Largest class first.

    of: output weights, which the permutations keep, those of the targets e_1 .. e_d with the coordinates. Being
    exchangeable is transitive, so a coordinate is compared with one of each class only.
    """
    labels, kinds = _labels(point), [0] * point.shape[1]
    if of is not None:
        labels, kinds = np.column_stack([labels, of.signs]), list(of.teacher)
    rows = _multiset(labels)
    columns = list(
        zip(np.sort(labels, axis=0).T.tolist(), kinds, strict=False)
    )  # not that of the output weights
    classes: list[list[int]] = []
    for j in range(point.shape[1]):
        for members in classes:
            i = members[0]
            if columns[i] == columns[j] and rows == _multiset(_exchanged(labels, i, j)):
                members.append(j)
                break
        else:
            classes.append([j])
    return sorted(classes, key=lambda members: (-len(members), members))


class Symmetry(NamedTuple):
    """point[neurons][:, coordinates] has classes of these sizes, and is within `distance` of the means over
    their permutations: `values` (m, m + 1) and `extra` (n - k, m) describe those as in section 7."""

    sizes: tuple[int, ...]
    neurons: list[int]
    coordinates: list[int]
    values: Floats
    extra: Floats
    distance: float


def symmetry(point: Floats) -> Symmetry | None:
    """The symmetry of a point (n, k), n >= k; None if no two coordinates are in one class."""
    n, k = point.shape
    classes = coordinate_classes(point)
    if n < k or len(classes) == k:
        return None
    coordinates = [j for members in classes for j in members]
    sizes = tuple(map(len, classes))
    ordered = point[:, coordinates]
    chosen = _owners(ordered, sizes)
    neurons = [*chosen, *sorted(set(range(n)) - set(chosen))]
    arranged = ordered[neurons]
    values, extra = _means(arranged, sizes)
    distance = float(np.linalg.norm(arranged - expanded(sizes, values, extra)))
    return Symmetry(sizes, neurons, coordinates, values, extra, distance)


def expanded(sizes: tuple[int, ...], values: Floats, extra: Floats) -> Floats:
    """The point (n, k) that the values of classes describe."""
    kind = np.repeat(np.arange(len(sizes)), sizes)
    rows = values[kind[None, :], kind[:, None]]  # neurons down, coordinates across
    for a in range(len(sizes)):
        inside = np.ix_(kind == a, kind == a)
        rows[inside] = np.where(np.eye(sizes[a], dtype=bool), values[a, a], values[a, -1])
    result: Floats = np.concatenate([rows, extra[:, kind]])
    return result


def _owners(ordered: Floats, sizes: tuple[int, ...]) -> list[int]:
    """For each coordinate the neuron that has it as its own, so that little is left of each neuron but one
    value a class and one at its own coordinate."""
    edges = np.concatenate([[0], np.cumsum(sizes)])
    parts = [slice(a, b) for a, b in pairwise(edges)]
    spread = np.stack([_spread(ordered[:, part]) for part in parts], axis=1)  # (n, m)
    cost = np.empty_like(ordered)
    for a, part in enumerate(parts):
        elsewhere = spread.sum(axis=1) - spread[:, a]
        for j in range(part.start, part.stop):
            rest = [i for i in range(part.start, part.stop) if i != j]
            cost[:, j] = elsewhere + (_spread(ordered[:, rest]) if rest else 0.0)
    # A neuron without a coordinate of its own costs its whole spread. Where there is a choice, large entries
    # go to the diagonal.
    cost -= spread.sum(axis=1)[:, None] + TIE * np.abs(ordered)
    neurons, owned = linear_sum_assignment(cost)
    return [int(x) for x in neurons[np.argsort(owned)]]


def _spread(rows: Floats) -> Floats:
    """How far each row is from a constant one."""
    result: Floats = np.linalg.norm(rows - rows.mean(axis=1, keepdims=True), axis=1)
    return result


def _means(arranged: Floats, sizes: tuple[int, ...]) -> tuple[Floats, Floats]:
    """Means over orbits."""
    m, k = len(sizes), arranged.shape[1]
    kind = np.repeat(np.arange(m), sizes)
    values = np.zeros((m, m + 1))
    for a in range(m):
        for c in range(m):
            block = arranged[:k][np.ix_(kind == a, kind == c)]
            values[c, a] = np.diag(block).mean() if a == c else block.mean()
            if a == c and sizes[a] > 1:
                values[a, m] = block[~np.eye(sizes[a], dtype=bool)].mean()
    extra = np.stack([arranged[k:][:, kind == c].mean(axis=1) for c in range(m)], axis=1)
    return values, extra


def _labels(point: Floats) -> Integers:
    """Every entry replaced by the number of its value."""
    values, inverse = np.unique(point, return_inverse=True)
    groups = np.concatenate([[0], np.cumsum(np.diff(values) > TOLERANCE)])
    return groups[inverse].reshape(point.shape).astype(np.int64)


def _multiset(rows: Integers) -> list[list[int]]:
    """What permuting the rows does not change."""
    return sorted(rows.tolist())


def _exchanged(labels: Integers, i: int, j: int) -> Integers:
    other = labels.copy()
    other[:, [i, j]] = labels[:, [j, i]]
    return other
