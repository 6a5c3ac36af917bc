"""What figures show around a point: the matching to the targets, a global minimum, losses. UNTRUSTED floats.

Points are (n, d), targets (k, d), a vector a row.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from relucert.base.dyadic import to_float
from relucert.certificate.numbers import Json
from relucert.families.drawing import LARGEST, SMALLEST, Floats
from relucert.families.teacher.search.classes import expanded
from relucert.families.teacher.statement import SYMMETRIC, pairs

MOST_ENTRIES = 10_000  # n d of a point that is drawn
MOST_VECTORS = 400  # neurons, and targets, of a point that is drawn
PATTERN = 4  # coordinates of a class that stand for all of them
MOST_PAIRS = 2_000_000  # angles that are computed at a time


class Place(NamedTuple):
    """A point and its targets, as doubles."""

    point: Floats
    targets: Floats


def place(claim: Json) -> Place | None:
    """The point of a claim in doubles; None where it is too large to draw, or beyond them."""
    problem = claim["problem"]
    n, k, d = (int(problem[x]) for x in ("n", "k", "d"))
    if max(n, k) > MOST_VECTORS or max(n, k) * d > MOST_ENTRIES:
        return None
    given = claim["point"]
    if claim["method"] == SYMMETRIC:
        if sum(given["class_sizes"]) != k:
            raise ValueError("the classes have another size than k")
        point = expanded(tuple(given["class_sizes"]), _doubles(given["values"]), _extra(given))
    else:
        point = _doubles(given)
    targets = np.eye(k, d) if problem["targets"] == "orthonormal" else _doubles(problem["targets"])
    if point.shape != (n, d) or targets.shape != (k, d):
        raise ValueError("the point or the targets have another shape than the problem")
    return Place(point, targets) if _drawable(point) and _drawable(targets) else None


def pattern(claim: Json) -> tuple[Floats, list[int]] | None:
    """Of a symmetric point the entries at a few coordinates of each class, with their neurons first, and the classes
    of those; None where they are too many, or beyond doubles."""
    given = claim["point"]
    sizes = tuple(min(size, PATTERN) for size in given["class_sizes"])
    if sum(sizes) + len(given["extra"]) > MOST_VECTORS:
        return None
    entries = expanded(sizes, _doubles(given["values"]), _extra(given))
    classes = [a for a, size in enumerate(sizes) for _ in range(size)]
    return (entries, classes) if _drawable(entries) else None


def _drawable(vectors: Floats) -> bool:
    sizes = np.abs(vectors).max(axis=1)
    return bool(sizes.max() < LARGEST and sizes.min() > SMALLEST)


def _doubles(rows: list[list[list[object]]]) -> Floats:
    return np.array([[to_float(x) for x in row] for row in pairs(rows)], dtype=np.float64)


def _extra(point: Json) -> Floats:
    classes = len(point["class_sizes"])
    return _doubles(point["extra"]) if point["extra"] else np.zeros((0, classes))


def matched(of: Place) -> NDArray[np.int64]:
    """The target of each neuron, total squared distance least; k for those that are left over."""
    n, k = len(of.point), len(of.targets)
    cost = np.zeros((n, k + max(n - k, 0)))
    cost[:, :k] = -2 * of.point @ of.targets.T + np.square(of.targets).sum(axis=1)
    rows, columns = linear_sum_assignment(cost)
    result = np.full(n, k)
    result[rows] = np.minimum(columns, k)
    return result


def lines(sizes: Floats) -> list[int]:
    """The order of the neurons in which column j has its own in line j, the total size largest; then the others.

    sizes: (n, k), of any sign.
    """
    neurons, columns = linear_sum_assignment(-np.abs(sizes))
    first = [int(i) for i in neurons[np.argsort(columns)]]
    return [*first, *sorted(set(range(len(sizes))) - set(first))]


def global_minimum(of: Place) -> Floats | None:
    """A point (n, d) near by where F is 0: each target is the sum of multiples of it, none negative. None if
    n < k. With n = k it is the nearest of the permutations of the targets."""
    k, targets = len(of.targets), of.targets
    if len(of.point) < k:
        return None
    owner = matched(of)
    along = of.point @ targets.T / np.square(targets).sum(axis=1)
    left = owner == k
    owner[left] = np.argmax(along * np.linalg.norm(targets, axis=1), axis=1)[left]
    end = np.zeros_like(of.point)
    for j in range(k):
        mine = np.flatnonzero(owner == j)
        end[mine] = np.outer(_on_simplex(along[mine, j]), targets[j])
    return end


def _on_simplex(numbers: Floats) -> Floats:
    """The nearest numbers that are not negative and sum to 1."""
    ordered = np.sort(numbers)[::-1]
    excess = (np.cumsum(ordered) - 1) / np.arange(1, len(numbers) + 1)
    last = int(np.flatnonzero(ordered > excess)[-1])
    result: Floats = np.maximum(numbers - excess[last], 0.0)
    return result


def losses(points: Floats, targets: Floats) -> Floats:
    """F of many points (.., n, d), of the shape (..). A neuron at the origin counts nothing."""
    shape, (n, d) = points.shape[:-2], points.shape[-2:]
    flat = points.reshape(-1, n, d)
    batch = max(MOST_PAIRS // (n + len(targets)) ** 2, 1)
    found = [_losses(flat[i : i + batch], targets) for i in range(0, len(flat), batch)]
    return np.concatenate(found).reshape(shape)


def _losses(points: Floats, targets: Floats) -> Floats:
    count, n, _ = points.shape
    vectors = np.concatenate([points, np.broadcast_to(targets, (count, *targets.shape))], axis=1)
    norm = np.sqrt(np.square(vectors).sum(axis=2))
    unit = vectors / np.where(norm > 0, norm, 1.0)[:, :, None]
    angle = np.arccos(np.clip(unit @ unit.transpose(0, 2, 1), -1.0, 1.0))
    signed = norm * np.concatenate([np.ones(n), -np.ones(len(targets))])
    terms = np.sin(angle) + (np.pi - angle) * np.cos(angle)
    result: Floats = np.einsum("bi,bij,bj->b", signed, terms, signed) / (4 * np.pi)
    return np.maximum(result, 0.0)  # below 0 by rounding only
