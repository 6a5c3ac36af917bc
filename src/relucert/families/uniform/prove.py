"""The proof for every k at once: boxes of s = k^(-1/2) from 0 on, each as wide as it can be proved.

docs/theorem/uniform.md, Theorems 12.U and 12.V. What is believed is `kernel.uniform`; the rest chooses boxes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import NamedTuple

from relucert.base.dyadic import Dyadic, canonical, to_float, to_fraction
from relucert.base.errors import InputError
from relucert.base.rational import exact_number
from relucert.families.uniform import guess
from relucert.families.uniform.guess import Solution
from relucert.families.uniform.methods import EDGE_BITS
from relucert.kernel import ball
from relucert.kernel.ball import Ball, BallMatrix, NotProved
from relucert.kernel.uniform import basin, branch
from relucert.kernel.uniform.blocks import Blocks
from relucert.kernel.uniform.branch import At, Tube

PRECISION = 80  # bits
FIRST, WIDEST, NARROWEST = 2.0**-7, 2.0**-5, 2.0**-24
GROW = 1.4
# from these k on: bounds of the eigenvalues, and how far, times sqrt k, gradient descent is drawn in
TABLE = [(6, "0.0046", "0.0118"), (20, "0.0534", "0.19"), (100, "0.0758", "0.45"), (1000, "0.087", "0.75")]
MOST_K = 2**53 - 1
STIFFEST = 1000.0  # k - 1 may stand for more in the stiff terms: see kernel.uniform.branch.hessian


class Tier(NamedTuple):
    """For every k from `start` on, the smallest eigenvalue of the Hessian is claimed to exceed `bound`, and, unless
    `reach` is None, gradient descent to converge to W(k) from within reach/sqrt(k)."""

    start: int
    bound: Dyadic
    reach: Dyadic | None = None


class Box(NamedTuple):
    """What is proved on an interval of s, whose ends are exact."""

    tube: Tube
    blocks: Blocks
    at: At
    low: float
    high: float


class Failure(NamedTuple):
    """The first box that could not be proved, however narrow."""

    low: float
    high: float
    reason: str


class Proof(NamedTuple):
    """boxes: from s = 0 on, without a gap, until s^2 times the first k is at least 1."""

    tiers: tuple[Tier, ...]
    boxes: tuple[Box, ...]

    def of(self, tier: Tier) -> list[Box]:
        """The boxes with an s of some k of the tier."""
        return [box for box in self.boxes if Fraction(box.low) ** 2 * tier.start < 1]


def at_least(text: str, where: str) -> Dyadic:
    """The least multiple of 2^-EDGE_BITS from this decimal or fraction on. Raises InputError."""
    value = exact_number(text, where)
    if value < 0:
        raise InputError(f"{where} {text}: expected 0 or more, for a minimum")
    return canonical(math.ceil(value * 2**EDGE_BITS), -EDGE_BITS)


def edge(k: int) -> float:
    """A multiple of 2^-EDGE_BITS that is at least k^(-1/2), by less than two."""
    scaled = math.isqrt((1 << 2 * EDGE_BITS) // k) + 1
    return math.ldexp(scaled, -EDGE_BITS)


def needed(tiers: Sequence[Tier], low: float) -> Dyadic:
    """The largest of the bounds that are claimed for some k of a box that begins at s = low."""
    square = Fraction(low) ** 2
    return max((t.bound for t in tiers if square * t.start <= 1), key=to_fraction)


def reached(tiers: Sequence[Tier], low: float) -> Dyadic | None:
    """The largest reach that is claimed for some k of a box that begins at s = low."""
    square = Fraction(low) ** 2
    claimed = [t.reach for t in tiers if t.reach is not None and square * t.start <= 1]
    return max(claimed, key=to_fraction, default=None)


def prove(tiers: Sequence[Tier], progress: Callable[[float], object] = lambda _: None) -> Proof | Failure:
    """progress: called with the share of s that is done. Raises InputError for tiers that make no sense."""
    starts = [t.start for t in tiers]
    if not tiers or not 2 <= min(starts) <= max(starts) <= MOST_K:
        raise InputError(f"the first k must be 2 to {MOST_K}; the theorem holds from 6 on")
    edges = sorted({edge(t.start) for t in tiers})
    with ball.precision(PRECISION):
        return _march(tuple(tiers), edges, progress)


def _march(
    tiers: tuple[Tier, ...], edges: list[float], progress: Callable[[float], object]
) -> Proof | Failure:
    boxes: list[Box] = []
    low, width, near, reason = 0.0, FIRST, guess.solve(0.0, guess.AT_ZERO), ""
    while low < edges[-1]:
        progress(low / edges[-1])
        end = next(e for e in edges if e > low)
        high = min(_round(low + width), end)
        found = _box(low, high, near, needed(tiers, low), reached(tiers, low))
        if isinstance(found, str) or (boxes and not branch.same_solution(boxes[-1].tube, found[0].tube)):
            reason = found if isinstance(found, str) else "the tubes of two boxes do not join"
            width = (high - low) / 2
            if width < NARROWEST:
                return Failure(low, high, reason)
            continue
        box, solution = found
        boxes.append(box)
        near, low, width = solution, high, min((high - low) * GROW if high < end else width, WIDEST)
    return Proof(tiers, tuple(boxes))


def _round(s: float) -> float:
    return math.ldexp(round(math.ldexp(s, EDGE_BITS)), -EDGE_BITS)


def _box(
    low: float, high: float, near: Solution | None, bound: Dyadic, reach: Dyadic | None
) -> tuple[Box, Solution] | str:
    """The proof on one box, or why there is none."""
    s = (low + high) / 2
    sigma = s / math.sqrt(1 - s * s)
    solution = None if near is None else guess.solve(sigma, near.at(sigma))
    if solution is None:
        return "Newton's method finds no solution"
    try:
        tube = branch.enclose(ball.exact_float(low), ball.exact_float(high), guess.guess(solution))
        blocks = branch.hessian(tube, ball.exact_float(STIFFEST))
    except NotProved as failure:
        return str(failure)
    found = {name: guess.factor(getattr(blocks, name), to_float(bound)) for name in branch.MATRICES}
    factors = {name: matrix for name, matrix in found.items() if matrix is not None}
    failed = branch.unproved(blocks, ball.exact(bound), factors)
    if failed:
        return _shortfall(getattr(blocks, failed), failed, to_float(bound))
    at = branch.evaluate(tube)
    if not ball.proves_positive(at.loss):
        return "the loss is not proved to be positive"
    if reach is not None and not _draws(tube, reach, bound):
        return f"gradient descent is not proved to converge from within {to_float(reach):.6g}/sqrt(k)"
    return Box(tube, blocks, at, low, high), solution


def _draws(tube: Tube, reach: Dyadic, bound: Dyadic) -> bool:
    try:
        return basin.draws(basin.shape(tube), ball.exact(reach), ball.exact(bound))
    except NotProved:
        return False


def _shortfall(block: Ball | BallMatrix, name: str, bound: float) -> str:
    """What failed, and by how much."""
    value = guess.smallest_eigenvalue(block) if isinstance(block, BallMatrix) else float(block.mid())
    return (
        f"the {name} block: its smallest eigenvalue, about {value:.6g}, is not proved to exceed {bound:.6g}"
    )
