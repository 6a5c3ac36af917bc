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
from relucert.families.teacher.network import Network, network
from relucert.families.teacher.search.classes import expanded
from relucert.families.teacher.statement import pairs

MOST_ENTRIES = 10_000  # n d of a point that is drawn
MOST_VECTORS = 400  # neurons, and targets, of a point that is drawn
PATTERN = 4  # coordinates of a class that stand for all of them
CLOSE = 1e-6  # two points that are nearer, relative to their size, count as one
MOST_PAIRS = 200_000  # angles that are computed at a time: they fit a cache


class Place(NamedTuple):
    """A point and its targets, as doubles. network: as of a Problem."""

    point: Floats
    targets: Floats
    network: Network | None = None

    @property
    def signs(self) -> tuple[Floats, Floats]:
        """Output weights of the neurons (n,) and the targets (k,)."""
        if self.network is None:
            return np.ones(len(self.point)), np.ones(len(self.targets))
        return np.array(self.network.signs, dtype=np.float64), np.array(
            self.network.teacher, dtype=np.float64
        )


class Goal(NamedTuple):
    """Another point of the landscape. name: in a figure; words: in a sentence."""

    point: Floats
    name: str
    words: str


def place(claim: Json) -> Place | None:
    """The point of a claim in doubles; None where it is too large to draw, or beyond them."""
    problem = claim["problem"]
    n, k, d = (int(problem[x]) for x in ("n", "k", "d"))
    if max(n, k) > MOST_VECTORS or max(n, k) * d > MOST_ENTRIES:
        return None
    given = claim["point"]
    if isinstance(given, dict):  # by classes
        if sum(given["class_sizes"]) != k:
            raise ValueError("the classes have another size than k")
        point = expanded(tuple(given["class_sizes"]), _doubles(given["values"]), _extra(given))
    else:
        point = _doubles(given)
    targets = np.eye(k, d) if problem["targets"] == "orthonormal" else _doubles(problem["targets"])
    if point.shape != (n, d) or targets.shape != (k, d):
        raise ValueError("the point or the targets have another shape than the problem")
    of = (
        network(n, k, *(problem[x] for x in ("signs", "teacher_signs", "slope")))
        if "slope" in problem
        else None
    )
    return Place(point, targets, of) if _drawable(point) and _drawable(targets) else None


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
    """The target of each neuron, with its output weight, total squared distance least; k for those left over, and
    for those that have another output weight."""
    n, k = len(of.point), len(of.targets)
    cost = np.zeros((n, k + max(n - k, 0)))
    cost[:, :k] = -2 * of.point @ of.targets.T + np.square(of.targets).sum(axis=1)
    signs, others = of.signs
    wrong = np.zeros(cost.shape, dtype=bool)
    wrong[:, :k] = signs[:, None] != others
    cost[wrong] = 1 + 2 * n * float(np.abs(cost).max())  # more than what all others together may save
    rows, columns = linear_sum_assignment(cost)
    result = np.full(n, k)
    result[rows] = np.where(wrong[rows, columns], k, np.minimum(columns, k))
    return result


def lines(sizes: Floats) -> list[int]:
    """The order of the neurons in which column j has its own in line j, the total size largest; then the others.

    sizes: (n, k), of any sign.
    """
    neurons, columns = linear_sum_assignment(-np.abs(sizes))
    first = [int(i) for i in neurons[np.argsort(columns)]]
    return [*first, *sorted(set(range(len(sizes))) - set(first))]


def goal(claim: Json, of: Place) -> Goal | None:
    """The witness of the claim, or a global minimum near by; None where there is neither, or it is the point."""
    end: Floats | None
    if "witness" in claim:
        end, name, words = _doubles(claim["witness"]), "witness", "the witness"
        if end.shape != of.point.shape:
            raise ValueError("the witness has another shape than the point")
    else:
        end, name = global_minimum(of), "global minimum"
        words = "a global minimum near by (each target is a sum of its multiples)"
        if len(of.point) == len(of.targets):
            words = "the nearest permutation of the targets"
    if end is None or not np.abs(end).max() < LARGEST:
        return None
    return (
        Goal(end, name, words) if np.linalg.norm(end - of.point) > CLOSE * np.linalg.norm(of.point) else None
    )


def global_minimum(of: Place) -> Floats | None:
    """A point (n, d) near by where F is 0: each target is the sum of multiples of it, none negative, by neurons with
    its output weight. None where there is none. With n = k it is the nearest of the permutations of the targets."""
    k, targets, owner = len(of.targets), of.targets, matched(of)
    if len({*owner.tolist()} - {k}) < k:
        return None
    signs, others = of.signs
    along = of.point @ targets.T / np.square(targets).sum(axis=1)
    nearest = np.where(signs[:, None] == others, along * np.linalg.norm(targets, axis=1), -np.inf)
    left = owner == k
    if left.any() and not np.isfinite(nearest[left].max(axis=1)).all():
        return None
    owner[left] = np.argmax(nearest, axis=1)[left]
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


def losses(points: Floats, of: Place) -> Floats:
    """F of many points (.., n, d), of the shape (..). A neuron at the origin counts nothing."""
    shape, (n, d) = points.shape[:-2], points.shape[-2:]
    flat = points.reshape(-1, n, d)
    batch = max(MOST_PAIRS // (n + len(of.targets)) ** 2, 1)
    found = [_losses(flat[i : i + batch], of) for i in range(0, len(flat), batch)]
    return np.concatenate(found).reshape(shape)


def _losses(points: Floats, of: Place) -> Floats:
    """Lemma 20.F of docs/theorem/signed.md; without a network, section 1 of docs/theorem/teacher.md."""
    signs, others = of.signs
    sign = np.concatenate([signs, -others])
    vectors = np.concatenate([points, np.broadcast_to(of.targets, (len(points), *of.targets.shape))], axis=1)
    norm = np.sqrt(np.square(vectors).sum(axis=2))
    unit = vectors / np.where(norm > 0, norm, 1.0)[:, :, None]
    cosine = np.clip(unit @ unit.transpose(0, 2, 1), -1.0, 1.0)
    terms = np.sqrt((1 - cosine) * (1 + cosine)) + (np.pi - np.arccos(cosine)) * cosine
    size = sign * norm
    result: Floats = ((terms @ size[:, :, None])[:, :, 0] * size).sum(axis=1) / (4 * np.pi)
    if of.network is not None:
        slope = of.network.slope[0] / of.network.slope[1]
        apart = np.square(np.einsum("i,bid->bd", sign, vectors)).sum(axis=1)
        result = (1 - slope) ** 2 * result + slope * apart / 2
    return np.maximum(result, 0.0)  # below 0 by rounding only


def descend(of: Place, step: float, at: Floats) -> tuple[Floats, Floats]:
    """F (len(at),) and the points (len(at), n, d) of gradient descent from a point, after these steps: whole numbers,
    rising. Where a neuron comes to the origin they are NaN."""
    from relucert.families.teacher.search.descent import loss_and_gradient  # loads compiled code

    found, points, now, done = [], [], of.point, 0
    with np.errstate(all="ignore"):
        for target in at.astype(int).tolist():
            while done < target:
                now = now - step * loss_and_gradient(now, of.targets, of.network)[1]
                done += 1
            found.append(loss_and_gradient(now, of.targets, of.network)[0])
            points.append(now)
    return np.array(found), np.array(points)


def hessian(of: Place) -> Floats:
    """(n d, n d), at the point."""
    from relucert.families.teacher.search import newton  # it loads compiled code

    return newton.hessian(of.point, of.targets, of.network)
