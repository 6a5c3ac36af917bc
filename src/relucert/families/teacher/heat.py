"""The weights of a point as a heat map, its neurons matched to the targets."""

from __future__ import annotations

import numpy as np

from relucert.certificate.numbers import Json
from relucert.families import drawing
from relucert.families.family import Figure
from relucert.families.squares import legend, matrix
from relucert.families.teacher import around
from relucert.families.teacher.around import Place
from relucert.families.teacher.search.classes import TOLERANCE, coordinate_classes


def pattern(claim: Json) -> list[Figure]:
    """A symmetric point too large to draw, by a few coordinates of each class."""
    reduced = around.pattern(claim) if isinstance(claim["point"], dict) else None
    if reduced is None:
        return []
    entries, classes = reduced
    names = [f"class {a + 1}" for a in classes]
    rows = [f"neuron of {name}" for name in names] + ["another neuron"] * (len(entries) - len(names))
    largest = float(np.abs(entries).max())
    height, inside = matrix(entries, rows, names, largest, 4)
    sizes = "+".join(str(size) for size in claim["point"]["class_sizes"])
    caption = (
        f"The entries of W, a neuron a row: classes of {sizes} coordinates, of each {around.PATTERN} at most "
        "are drawn, with their neurons. A neuron has one entry at its own coordinate and one for each class."
    )
    words = f"Heat map of the entries of W, from {entries.min():.4g} to {entries.max():.4g}, classes {sizes}"
    whole = drawing.svg(height + 50, words, inside + legend(largest, height + 10))
    return [Figure("Weights", whole, caption)]


def weights(of: Place, title: str = "Weights") -> Figure:
    """Coordinates by class, neurons in their order; with other targets these too."""
    (n, d), k = of.point.shape, len(of.targets)
    axes = k == d and np.array_equal(of.targets, np.eye(k))
    classes = coordinate_classes(of.point) if axes else [[j] for j in range(d)]
    columns = [j for members in classes for j in members]
    rows = around.lines(of.point[:, columns] if axes else of.point @ of.targets.T)
    weight = [f", output weight {x:g}" if of.network is not None else "" for x in of.signs[0]]
    titles = [f"neuron {i + 1}{weight[i]}" for i in rows]
    largest = float(np.abs(of.point).max())
    low, high = float(of.point.min()), float(of.point.max())
    words = f"Heat map of W, {n} neurons by {d} coordinates, entries from {low:.4g} to {high:.4g}"
    heads = [f"coordinate {j + 1}" for j in columns]
    signs, others = of.signs
    neurons = ["" if of.network is None else _plus(signs[i]) for i in rows]
    height, inside = matrix(of.point[rows][:, columns], titles, heads, largest, 4, neurons)
    caption = (
        f"W, a neuron a row, in the order of the {'coordinates' if axes else 'targets'} that the neurons are matched "
        f"to: the assignment with the largest {'entries' if axes else 'inner products'} in size. "
    )
    if axes:
        sizes = "+".join(str(len(members)) for members in classes)
        caption += (
            f"Coordinates are ordered by class, {sizes}: those of a class can be exchanged without changing the "
            f"network, a numerical observation (entries equal to within {TOLERANCE:g})."
        )
        caption += " A permutation of the targets would be a diagonal of ones." if n == k else ""
    else:
        names = [f"target {j + 1}" for j in range(k)]
        given = ["" if of.network is None else _plus(x) for x in others]
        more, below = matrix(of.targets, names, heads, largest, height + 22, given)
        inside += drawing.text(4, height + 14, "the targets, to the same scale", kind="number") + below
        height = more
    if of.network is not None:
        caption += " Left of a neuron is the sign of its output weight."
        if axes:
            caption += (
                f" Those of the targets are {' '.join(_plus(others[j]) for j in columns)}, in the same order."
            )
    whole = drawing.svg(height + 50, words, inside + legend(largest, height + 10))
    return Figure(title, whole, caption)


def _plus(sign: float) -> str:
    return "−" if sign < 0 else "+"
