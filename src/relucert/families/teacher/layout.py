"""Whether the neurons of an array are its columns or its rows, and which of the two looks like a critical point."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from relucert.base.arrays import Array
from relucert.base.dyadic import Dyadic, to_float

COLUMNS, ROWS = "neurons-in-columns", "neurons-in-rows"
LAYOUTS = (COLUMNS, ROWS)
WORDS = {COLUMNS: "as columns", ROWS: "as rows"}
CLEARLY = 10.0  # how many times smaller a gradient is that tells the layout
MOST_TERMS = 10**7  # of a gradient that is computed for a hint: about 100 MB


def by_layout(array: Array) -> dict[str, Array]:
    """The points (count, n, d) in an array of 2 or 3 dimensions, by layout."""
    return {
        COLUMNS: array.transpose(2, 1, 0) if array.ndim == 3 else array.T[None],
        ROWS: array if array.ndim == 3 else array[None],
    }


def likely(points: Mapping[str, Array], targets: Sequence[Sequence[Dyadic]] | None) -> str:
    """The end of an error for people: the gradient of the loss at the first point by either layout, and what to add.

    Floating point, and only said: which layout is meant is never chosen by it.
    """
    norms = {layout: _gradient(of[0], targets) for layout, of in points.items()}
    known = {layout: norm for layout, norm in norms.items() if norm is not None}
    said = ", ".join(f"{WORDS[layout]} {norm:.1e}" for layout, norm in known.items())
    best, other = sorted(LAYOUTS, key=lambda x: known.get(x, math.inf))
    if len(known) < len(LAYOUTS) or not CLEARLY * known[best] < known[other]:
        choice = f"add --layout {COLUMNS} or --layout {ROWS}"
    else:
        choice = f"add --layout {best}"
    return f"; {choice}" if not known else f"; its gradient in floating point, {said}: {choice}"


def _gradient(point: Array, targets: Sequence[Sequence[Dyadic]] | None) -> float | None:
    """The norm of the gradient at a point (n, d); targets (k, d), by default e_1 .. e_d. None where there is none."""
    from relucert.families.teacher.search.descent import loss_and_gradient

    n, d = point.shape
    if targets is None and n < d:
        return None
    k = d if targets is None else len(targets)
    if (n + k) ** 2 * d > MOST_TERMS:
        return None
    of = np.eye(d) if targets is None else np.array([[to_float(x) for x in row] for row in targets])
    if of.shape[1] != d:
        return None
    with np.errstate(all="ignore"):
        norm = float(np.linalg.norm(loss_and_gradient(point, of)[1]))
    return norm if math.isfinite(norm) else None
