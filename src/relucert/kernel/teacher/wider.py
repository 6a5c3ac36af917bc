"""What becomes of a certified critical point in a wider network: docs/theorem/wider.md section 18.

W* is a critical point within r of W, and the Hessian is L-Lipschitz on a ball around W that contains it. What is
measured at W is carried over to W* here, and only here.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations
from typing import NamedTuple

from relucert.kernel import ball
from relucert.kernel.ball import Ball, NotProved, largest, lower, smallest, square, upper
from relucert.kernel.newton import ZERO
from relucert.kernel.outcome import (
    Argument,
    Inconclusive,
    Inequality,
    LocalMinimum,
    Outcome,
    SplitSaddle,
    SpuriousMinimum,
    StrictSaddle,
    inequality,
)
from relucert.kernel.spectrum import Spectrum

STRICT_SADDLE, DEGENERATE_MINIMUM = "strict-saddle", "degenerate-minimum"


class Curvature(NamedTuple):
    """Eigenvalues of S_i(W), with multiplicity: the two smallest and the two largest. R^1 has one only."""

    first: Ball
    second: Ball | None
    last_but_one: Ball | None
    last: Ball


class Verdict(NamedTuple):
    """What splits of one kind are, and the bound of the eigenvalues of S_i(W*) that proves it: exact."""

    name: str
    bound: Ball


class Split(NamedTuple):
    """Splits of one neuron into parts with its own sign, and into parts of which some have the opposite sign.

    neuron: its number, from 1. None where nothing is proved, or nothing was asked.
    """

    neuron: int
    same: Verdict | None
    opposite: Verdict | None


def of_spectrum(found: Spectrum) -> Curvature:
    """From the whole spectrum of S_i(W)."""
    values = found.values
    if len(values) < 2:
        return Curvature(values[0], None, None, values[0])
    return Curvature(values[0], values[1], values[-2], values[-1])


def of_parts(values: Sequence[tuple[Ball, int]]) -> Curvature:
    """From eigenvalues in any order, each with a multiplicity; equal ones may be listed apart.

    The second smallest is the smallest of the larger ones of all pairs; that holds for enclosures too.
    """
    every = [x for x, count in values for _ in range(min(count, 2))]
    if len(every) < 2:
        return Curvature(every[0], None, None, every[0])
    pairs = list(combinations(every, 2))
    second, last_but_one = smallest(x.max(y) for x, y in pairs), largest(x.min(y) for x, y in pairs)
    return Curvature(smallest(every), second, last_but_one, largest(every))


def decide_split(neuron: int, at: Curvature, wander: Ball) -> Split:
    """docs/theorem/wider.md, Theorem 18.M. wander: upper bound of L r, by which an eigenvalue of S_i may differ between
    W and W*, which must be a strict minimum where a verdict of DEGENERATE_MINIMUM is used."""
    same = opposite = None
    if proves_negative(at.first + wander):
        same = Verdict(STRICT_SADDLE, upper(at.first + wander))
    elif at.second is not None and ball.proves_positive(at.second - wander):
        same = Verdict(DEGENERATE_MINIMUM, lower(at.second - wander))
    if ball.proves_positive(at.last - wander):
        opposite = Verdict(STRICT_SADDLE, lower(at.last - wander))
    elif at.last_but_one is not None and proves_negative(at.last_but_one + wander):
        opposite = Verdict(DEGENERATE_MINIMUM, upper(at.last_but_one + wander))
    return Split(neuron, same, opposite)


def decide_collapsed(
    base: Outcome, fractions: Sequence[Sequence[tuple[int, int]]], split: Split | None
) -> SplitSaddle | Inconclusive:
    """The critical point W* of the base, its neurons split into these fractions: docs/theorem/wider.md, Theorem 18.K.

    fractions: of each neuron, dyadics (m, e). split: what is proved of one neuron, needed where W* is a minimum.
    """
    parts = tuple(tuple((m, e) for m, e in row) for row in fractions)
    if not all(row and all(m > 0 for m, _ in row) and _total(row) == 1 for row in parts):
        return Inconclusive(None, (), "fractions that are not positive, or do not add up to 1")
    if all(len(row) < 2 for row in parts):
        return Inconclusive(None, (), "no neuron is split")
    if isinstance(base, StrictSaddle):
        return SplitSaddle(None, base.arguments, base, parts, None, None)
    ground = "the smaller network is not proved to be at an isolated minimum or saddle"
    if not isinstance(base, SpuriousMinimum | LocalMinimum):
        return Inconclusive(None, (), ground)
    bent = split is not None and split.same is not None and split.same.name == STRICT_SADDLE
    if split is None or split.same is None or not bent or not 1 <= split.neuron <= len(parts):
        return Inconclusive(None, (), "no neuron that is split is proved to have a direction of descent")
    if len(parts[split.neuron - 1]) < 2:
        return Inconclusive(None, (), f"neuron {split.neuron} is not split")
    arguments = (*base.arguments, theorem_18_m([split]))
    return SplitSaddle(None, arguments, base, parts, split.neuron, split.same.bound)


def _total(row: Sequence[tuple[int, int]]) -> Fraction:
    return sum((m * Fraction(2) ** e for m, e in row), Fraction(0))


def theorem_18_m(splits: Sequence[Split]) -> Argument:
    """The inequalities behind these verdicts, the narrowest of each kind."""
    same = [x.same for x in splits if x.same is not None]
    opposite = [x.opposite for x in splits if x.opposite is not None]
    kinds = (
        _narrowest("18.M.1", same, STRICT_SADDLE, "max lambda_1(S_i) + L r < 0"),
        _narrowest("18.M.2", same, DEGENERATE_MINIMUM, "0 < min lambda_2(S_i) - L r"),
        _narrowest("18.M.3", opposite, STRICT_SADDLE, "0 < min lambda_d(S_i) - L r"),
        _narrowest("18.M.4", opposite, DEGENERATE_MINIMUM, "max lambda_(d-1)(S_i) + L r < 0"),
    )
    return Argument("Theorem 18.M", tuple(x for x in kinds if x is not None))


def _narrowest(step: str, verdicts: Sequence[Verdict], name: str, text: str) -> Inequality | None:
    bounds = [x.bound for x in verdicts if x.name == name]
    if not bounds:
        return None
    if text.startswith("0 <"):
        return inequality(step, ZERO, "<", smallest(bounds), text)
    return inequality(step, largest(bounds), "<", ZERO, text)


def theorem_18_z(pull: Ball, target: Ball, n: int, radius: Ball) -> tuple[Argument, Ball]:
    """(W*, 0) is not a local minimum; returns a lower bound of -psi(v_j) at W*.

    docs/theorem/wider.md, Theorem 18.Z. pull: psi(v_j) at W; target: |v_j|; n: number of neurons; radius: r.
    """
    top = upper(pull + Ball(n).sqrt() * radius * target / 2)
    text = "psi(v_j) + sqrt n r |v_j|/2 < 0"
    return Argument("Theorem 18.Z", (inequality("18.Z.1", top, "<", ZERO, text),)), lower(-top)


def decrease(slope: Ball, target: Ball) -> Ball:
    """By how much the loss falls where a neuron goes from 0 to 2 slope/|v_j|^2 times v_j: lower bound."""
    return lower(square(slope / target))


def theorem_18_v(low: Ball, lipschitz: Ball, radius: Ball, domain: Ball) -> tuple[Argument, Ball]:
    """How far every continuous path from W* to another point that is no worse must climb: lower bound.

    docs/theorem/wider.md, Theorem 18.V. low: lower bound of the spectrum at W; radius: r; domain: alpha.
    """
    wander = upper(lipschitz * radius)
    least = lower(low - wander)
    reach = lower(smallest((domain - radius, 2 * least / lipschitz)))
    hypotheses = (
        inequality("18.V.1", wander, "<", low, "L r < lambda_min"),
        inequality("18.V.2", radius, "<", domain, "r < alpha"),
    )
    return Argument("Theorem 18.V", hypotheses), lower(square(reach) * (least / 2 - lipschitz * reach / 6))


def theorem_18_t(radius: Ball, weights: Sequence[Ball]) -> Ball:
    """How far the point of Theorem 18.T with these output weights, none 0, is from the manifold: upper bound.

    docs/theorem/wider.md, Corollary 18.T'. radius: r; weights: n exact balls. Raises NotProved if one may be 0.
    """
    least = smallest(abs(x) for x in weights)
    if not ball.proves_positive(least):
        raise NotProved("an output weight may be 0")
    return upper(radius / least)


def proves_negative(value: Ball) -> bool:
    """Whether every member is below 0."""
    return ball.proves_lt(value, ZERO)
