"""One family of symmetric critical points from one k to the next: Newton's method from an extrapolation.

Nothing here is trusted: what is found is verified like any other point.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from relucert.base.dyadic import Dyadic, from_float, to_float
from relucert.base.errors import InputError
from relucert.base.exact import Rows
from relucert.families.teacher.symmetric.point import SymmetricPoint, polish

FIRST_REACH = 0.25  # how far Newton's method may go, relative to the largest value, where one point is known,
REACH = 0.125  # and from a line through two: farther away may be another family
STRIDE = 1.25  # the largest ratio of two successive sizes


def follow(start: SymmetricPoint, grow: int, sizes: Iterable[int]) -> Iterator[SymmetricPoint]:
    """The critical points of the family of the one near `start`, one for each of the sizes of class `grow`.

    Sizes far apart are joined by others, of which nothing is yielded; sizes in order keep the way short. Ends
    early where Newton's method does not settle near the extrapolation however small the step. The values are
    extrapolated as linear functions of 1/size. Raises InputError for an unknown class.
    """
    if not 0 <= grow < len(start.sizes):
        raise InputError(f"there are {len(start.sizes)} classes, numbered from 0, and no class {grow}")
    before, here = None, polish(start, FIRST_REACH) or start
    for size in sizes:
        todo = [size]
        while todo:
            old = here.sizes[grow]
            if todo[-1] == old:
                todo.pop()
                continue
            if not old / STRIDE <= todo[-1] <= old * STRIDE and (between := _between(old, todo[-1])):
                todo.append(between)
                continue
            reach = FIRST_REACH if before is None else REACH
            ahead = polish(_extrapolated(before, here, grow, todo[-1]), reach)
            if ahead is not None:
                before, here = here, ahead
            elif abs(todo[-1] - old) > 1:
                todo.append((old + todo[-1]) // 2)
            else:
                return
        yield here


def _between(old: int, new: int) -> int | None:
    """A size one stride on the way from `old` to `new`; None if that is no integer between them."""
    stride = max(int(old * (STRIDE - 1)), 1) if new > old else -max(int(old * (1 - 1 / STRIDE)), 1)
    return old + stride if old + stride != new else None


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
