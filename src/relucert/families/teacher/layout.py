"""Whether the neurons of an array are its columns or its rows, and which of the two looks like a critical point."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

import numpy as np

from relucert.base.arrays import Array
from relucert.base.dyadic import to_float
from relucert.base.errors import InputError
from relucert.families.teacher.candidate import Candidate

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


def fitting(shape: tuple[int, ...], dimension: int | None) -> str | None:
    """The layout of an array in which neurons have this dimension, if one alone has it."""
    fits = [name for name, length in ((COLUMNS, shape[0]), (ROWS, shape[-1])) if length == dimension]
    return fits[0] if len(fits) == 1 else None


def undecided(
    shape: tuple[int, ...], made: Mapping[str, Callable[[], Candidate]], options: Mapping[str, str]
) -> str:
    """An error for people: the gradient of the loss at the point by either layout, or why there is no such point, and
    what to add, one of `options`.

    Floating point, and only said: which layout is meant is never chosen by it.
    """
    found = {layout: _gradient(shape, made[layout]) for layout in LAYOUTS}
    norms = {layout: x for layout, x in found.items() if isinstance(x, float)}
    reasons = [f"{WORDS[layout]}: {x}" for layout, x in found.items() if isinstance(x, str)]
    clear = _clearly(norms)
    choice = " or ".join(f"{options[x]}" for x in ([clear] if clear else LAYOUTS))
    said = ", ".join(f"{WORDS[layout]} {norm:.1e}" for layout, norm in norms.items())
    return (
        f"the shape {shape} does not tell whether neurons are columns or rows"
        + (f"; its gradient in floating point, {said}: add {choice}" if said else f"; add {choice}")
        + (f" ({'; '.join(reasons)})" if reasons else "")
    )


def transposed(candidate: Candidate) -> str:
    """A note on a square point: that its transpose has a clearly smaller gradient, in floating point; else ""."""
    n, d = candidate.problem.n, candidate.problem.dimension
    if n != d or candidate.output_weights is not None:
        return ""
    other = partial(replace, candidate, point=tuple(zip(*candidate.point, strict=True)))
    found = {ROWS: _gradient((n, d), lambda: candidate), COLUMNS: _gradient((n, d), other)}
    norms = {layout: x for layout, x in found.items() if isinstance(x, float)}
    if _clearly(norms) != COLUMNS:
        return ""
    return (
        f"the transposed point has a gradient of {norms[COLUMNS]:.1e} in floating point, this one of "
        f"{norms[ROWS]:.1e}: the other layout may be meant"
    )


def _clearly(norms: Mapping[str, float]) -> str | None:
    """The layout by which the gradient is clearly smaller."""
    best, other = sorted(LAYOUTS, key=lambda x: norms.get(x, math.inf))
    return best if len(norms) == len(LAYOUTS) and CLEARLY * norms[best] < norms[other] else None


def _gradient(shape: tuple[int, ...], make: Callable[[], Candidate]) -> float | str | None:
    """Its norm at the point that `make` makes; None where it is large or has no double; or why there is no point."""
    from relucert.families.teacher.search.descent import loss_and_gradient

    if math.prod(shape) * min(shape) > MOST_TERMS:  # before anything is made of it
        return None
    try:
        of = make()
    except InputError as error:
        return str(error)
    problem = of.problem
    if (problem.n + problem.k) ** 2 * problem.dimension > MOST_TERMS:
        return None
    w, v = (np.array([[to_float(x) for x in row] for row in part]) for part in (of.point, problem.targets))
    with np.errstate(all="ignore"):
        norm = float(np.linalg.norm(loss_and_gradient(w, v, problem.network)[1]))
    return norm if math.isfinite(norm) else None
