"""Every critical point of |U V^T - M|^2/2 from the singular values of M.

docs/theorem/factorisation.md, Theorems 15.L and 15.M.

Lists of singular values are decreasing. Ties are known from multiplicities; balls are compared only where they differ.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from relucert.kernel import ball
from relucert.kernel.ball import Ball, square
from relucert.kernel.factorisation.singular import Level, Singular
from relucert.kernel.outcome import Argument, Inconclusive, inequality


class Manifold(NamedTuple):
    """The global minima where rank M >= r. lambda_min, lambda_max: of the Hessian at the balanced ones, 0 left out."""

    dimension: int
    lambda_min: Ball
    lambda_max: Ball


class LandscapeBounds(NamedTuple):
    """gap, saddle: None for M = 0. manifold: None where rank M < r."""

    minimum: tuple[Ball, Ball]
    critical_sets: int
    gap: Ball | None
    saddle: Ball | None
    manifold: Manifold | None


@dataclass(frozen=True)
class NoSpuriousMinimum:
    """Theorem 15.L: every critical point is a global minimum or a strict saddle."""

    verdict: ClassVar[str] = "no-spurious-minimum"
    proved: ClassVar[bool] = True
    singular: Singular
    bounds: LandscapeBounds
    arguments: tuple[Argument, ...]


def decide(of: Singular, r: int, imbalance: Ball) -> NoSpuriousMinimum | Inconclusive:
    """The landscape of rank r, 1 <= r <= n, with the saddles of |B| <= imbalance, which is not negative."""
    rest = of.all[r:]
    value = sum((square(s) for s in rest), Ball(0)) / 2
    minimum = (Ball(0), Ball(0)) if of.rank <= r else (ball.lower(value), ball.upper(value))
    gap = saddle = None
    arguments = []
    if of.levels:
        gap, saddle = ball.lower(_gap(of, r)), ball.lower(_saddle(of, r, imbalance))
        hypotheses = (
            inequality("L.1", Ball(0), "<", gap, "0 < gap"),
            inequality("L.2", Ball(0), "<", saddle, "0 < saddle"),
        )
        arguments.append(Argument("Theorem 15.L", hypotheses))
    manifold = _manifold(of, r) if of.rank >= r else None
    if manifold is not None:
        least = manifold.lambda_min
        across = inequality("M.1", Ball(0), "<", least, "0 < lambda_min across the global minima")
        arguments.append(Argument("Theorem 15.M", (across,)))
    if not all(argument.holds for argument in arguments):
        return Inconclusive(None, (), "two singular values are too near to each other for this precision")
    sets = critical_sets([level.multiplicity for level in of.levels], r)
    return NoSpuriousMinimum(of, LandscapeBounds(minimum, sets, gap, saddle, manifold), tuple(arguments))


def critical_sets(multiplicities: Sequence[int], r: int) -> int:
    """How many (k_1, k_2, ..) there are with 0 <= k_j <= n_j and sum <= r: exactly."""
    ways = [1] + [0] * r  # ways[i]: those with sum i
    for n in multiplicities:
        ways = [sum(ways[max(0, i - n) : i + 1]) for i in range(r + 1)]
    return sum(ways)


def _split(of: Singular, r: int) -> tuple[int, int]:
    """The place j of the level that s_r has, and how many of its singular values are among s_1, .., s_r."""
    before = 0
    for j, level in enumerate(of.levels):
        if before + level.multiplicity >= r:
            return j, r - before
        before += level.multiplicity
    raise ValueError("r is above the rank")


def _gap(of: Singular, r: int) -> Ball:
    """The least critical value but one, less the least: an exchange of one singular value for the next."""
    levels = of.levels
    if of.rank <= r:
        return square(levels[-1].value) / 2
    j, used = _split(of, r)
    at = square(levels[j].value)
    following = square(levels[j + 1].value) if j + 1 < len(levels) else Ball(0)
    exchanges = [at - following]
    if used < levels[j].multiplicity and j:
        exchanges.append(square(levels[j - 1].value) - at)
    return ball.smallest(exchanges) / 2


def _saddle(of: Singular, r: int, e: Ball) -> Ball:
    """Theorem 15.L (a) and (b) with the imbalance e, at the worst critical point: its largest unused singular value is
    v, and in (b) its least used one is w < v."""
    v = of.all[min(r, of.rank) - 1]
    found = [2 * square(v) / (e + ball.root(square(e) + 4 * square(v)))]
    found.extend(
        2 * w * (v - w) / (e + ball.root(square(e) + 4 * square(w))) for v, w in _wrong(of.levels, r)
    )
    return ball.smallest(found)


def _wrong(levels: Sequence[Level], r: int) -> Iterator[tuple[Ball, Ball]]:
    """(v, w): some r positive singular values are such that v is the largest not among them, w < v the least that is.

    All above v are used, and at least one w; not all v; of those between any number.
    """
    above = 0
    for i, level in enumerate(levels):
        most = above + level.multiplicity - 1
        for lower in levels[i + 1 :]:
            most += lower.multiplicity
            if above + 1 <= r <= most:
                yield level.value, lower.value
        above += level.multiplicity


def _manifold(of: Singular, r: int) -> Manifold:
    """Theorem 15.M: dimension r^2 + k(m - k), k of the m singular values equal to s_r among the first r."""
    levels, n = of.levels, of.least_size
    j, used = _split(of, r)
    at, multiplicity = levels[j]
    curvatures = [2 * at]
    if of.sizes[0] != of.sizes[1] or n > of.rank:
        curvatures.append(at)
    if j + 1 < len(levels):
        curvatures.append(at - levels[j + 1].value)
    if used < multiplicity and j:
        curvatures.append(levels[j - 1].value - at)
    least = ball.lower(ball.smallest(curvatures))
    dimension = r * r + used * (multiplicity - used)
    return Manifold(dimension, least, ball.upper(2 * levels[0].value))
