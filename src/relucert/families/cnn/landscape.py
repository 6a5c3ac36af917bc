"""The whole landscape of a one-hidden-layer CNN, at the precision that it needs.

It chooses precisions, which are not trusted, and asks the kernel what it proves.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from relucert.base.dyadic import DOWN, UP
from relucert.families.cnn.problem import CnnProblem
from relucert.families.printing import bound, text
from relucert.kernel import ball
from relucert.kernel.ball import Ball, NotProved
from relucert.kernel.cnn import landscape as cnn_landscape
from relucert.kernel.cnn.landscape import Critical, Landscape

FIRST_PRECISION = 64
LAST_PRECISION = 2**16
ACCURATE = 45  # bits that are known of every number of a landscape: more than a certificate shows


@dataclass(frozen=True)
class CnnLandscape:
    """What is proved about the landscape of `problem`. landscape is None, with a reason, where the highest
    precision does not tell on which side of the threshold the teacher lies."""

    problem: CnnProblem
    landscape: Landscape | None
    precision: int
    reason: str | None = None

    @property
    def verdict(self) -> str:
        """Whether there is a spurious minimum: "spurious-minimum", "no-spurious-minimum", "inconclusive"."""
        if self.landscape is None:
            return "inconclusive"
        return "spurious-minimum" if self.landscape.barrier is not None else "no-spurious-minimum"


def landscape(problem: CnnProblem, max_precision: int = LAST_PRECISION) -> CnnLandscape:
    """Every critical point, with its loss, spectrum and type (docs/theorem/cnn.md, Theorems 9.K and 9.A)."""
    bits, reason = FIRST_PRECISION, ""
    while True:
        with ball.precision(bits):
            try:
                found = cnn_landscape.landscape(problem.teacher(), problem.patch)
                if bits >= max_precision or all(ball.accuracy(x) >= ACCURATE for x in _numbers(found)):
                    return CnnLandscape(problem, found, bits)
            except NotProved as error:
                reason = str(error)
        if bits >= max_precision:
            return CnnLandscape(problem, None, bits, reason)
        bits = min(2 * bits, max_precision)


def _numbers(of: Landscape) -> Iterator[Ball]:
    yield from (of.excess, of.q_bad)
    for point in of.points:
        yield from (point.phi, point.complement, *point.a, point.loss)
        yield from (x.value for x in point.spectrum)


def record(result: CnnLandscape) -> dict[str, object]:
    """The landscape as JSON values: intervals of decimals that contain the exact numbers."""
    problem, found = result.problem, result.landscape
    fields: dict[str, object] = {
        "a_star": [str(x) for x in problem.a_star],
        "w_norm": str(problem.w_norm),
        "patch": problem.patch,
        "k": problem.k,
        "verdict": result.verdict,
        "precision": result.precision,
        "reason": result.reason,
    }
    if found is None:
        return fields
    return fields | {
        "threshold": enclosure(found.excess),
        "critical_points": [_point(x) for x in found.points],
        "gap": enclosure(found.points[1].loss) if found.barrier is not None else None,
        "barrier": None if found.barrier is None else enclosure(found.barrier),
        "half_space": None if found.barrier is None else {"q_bad": enclosure(found.q_bad)},
    }


def _point(point: Critical) -> dict[str, object]:
    negative, zero, positive = point.inertia
    return {
        "verdict": point.verdict,
        "angle": enclosure(point.phi),
        "a": {"a_star": enclosure(point.a[0]), "ones": enclosure(point.a[1])},
        "objective": enclosure(point.loss),
        "spectrum": [{"value": enclosure(x.value), "multiplicity": x.multiplicity} for x in point.spectrum],
        "inertia": {"negative": negative, "zero": zero, "positive": positive},
    }


def enclosure(value: Ball) -> list[str | None]:
    """Two decimals with the number between them."""
    return [bound(ball.lower(value), DOWN), bound(ball.upper(value), UP)]


def interval_text(value: Ball) -> str:
    """The same for people: six digits, one number where it is exact."""
    low, high = text(ball.lower(value), DOWN), text(ball.upper(value), UP)
    return low if low == high else f"[{low}, {high}]"
