"""One family of symmetric critical points from one k to the next: Newton's method from an extrapolation.

Nothing here is trusted: what is found is verified like any other point.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from relucert.dyadic import Dyadic, from_float, to_float
from relucert.problem import InputError, Rows
from relucert.symmetric import SymmetricPoint, polish

REACH = 0.25  # how far Newton's method may go from an extrapolation, relative to the largest value


def follow(start: SymmetricPoint, grow: int, sizes: Iterable[int]) -> Iterator[SymmetricPoint]:
    """The critical point near `start`, then one of the same family for each of the sizes of class `grow`.

    Ends early where Newton's method does not settle near the extrapolation: take smaller steps there.
    The values are extrapolated as linear functions of 1/size. Raises InputError for an unknown class.
    """
    if not 0 <= grow < len(start.sizes):
        raise InputError(f"there are {len(start.sizes)} classes, numbered from 0, and no class {grow}")
    before: SymmetricPoint | None = None
    here = polish(start, REACH) or start
    yield here
    for size in sizes:
        ahead = polish(_extrapolated(before, here, grow, size), REACH)
        if ahead is None:
            return
        before, here = here, ahead
        yield here


def _extrapolated(
    before: SymmetricPoint | None, here: SymmetricPoint, grow: int, size: int
) -> SymmetricPoint:
    """`here` with another size of the class, its values on the line through the two points in 1/size."""
    sizes = tuple(size if c == grow else p for c, p in enumerate(here.sizes))
    if before is None or before.sizes == here.sizes:
        return replace(here, sizes=sizes)
    share = (1 / size - 1 / here.sizes[grow]) / (1 / here.sizes[grow] - 1 / before.sizes[grow])

    def line(old: Dyadic, new: Dyadic) -> Dyadic:
        a, b = to_float(old), to_float(new)
        return from_float(b + share * (b - a))

    def rows(old: Rows, new: Rows) -> Rows:
        return tuple(
            tuple(line(x, y) for x, y in zip(p, q, strict=True)) for p, q in zip(old, new, strict=True)
        )

    values, extra = rows(before.values, here.values), rows(before.extra, here.extra)
    return replace(here, sizes=sizes, values=values, extra=extra)
