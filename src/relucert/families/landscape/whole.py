"""The whole landscape of one problem, at the precision that it needs; and the two minima in closed form.

docs/theorem/landscape.md, Theorems 13.A, 13.P and 13.S. The kernel says what is proved.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeVar

from relucert.base.errors import InputError
from relucert.families.landscape.point import framed
from relucert.families.landscape.problem import MOST_WEIGHTS, LandscapeProblem, check_size
from relucert.kernel import ball
from relucert.kernel.ball import NotProved
from relucert.kernel.landscape import fixed_points, regime
from relucert.kernel.landscape.fixed_points import Spurious
from relucert.kernel.landscape.regime import HasSpuriousMinimum, NoSpuriousMinimum, UnboundedBelow
from relucert.kernel.outcome import Inconclusive

FIRST_PRECISION, LAST_PRECISION = 128, 2**12
Outcome = TypeVar("Outcome")


@dataclass(frozen=True)
class Whole:
    """What was proved about the landscape of `problem`."""

    problem: LandscapeProblem
    outcome: NoSpuriousMinimum | UnboundedBelow | HasSpuriousMinimum | Inconclusive
    precision: int

    @property
    def verdict(self) -> str:
        return self.outcome.verdict


@dataclass(frozen=True)
class UnitRows:
    """P' of the weights a* on unit rows: least, first, second are l, p, q of Theorem 13.P.

    Raises InputError for numbers and places that do not fit.
    """

    a_star: tuple[Fraction, ...]
    least: int
    first: int
    second: int
    x: Fraction

    def __post_init__(self) -> None:
        places = (self.least, self.first, self.second)
        if not 3 <= len(self.a_star) <= MOST_WEIGHTS // 10:
            raise InputError(
                f"a* has {len(self.a_star)} entries; expected 3 to {MOST_WEIGHTS // 10} (for two there is "
                "no spurious minimum of this kind)"
            )
        if len(set(places)) < 3 or not all(0 <= i < len(self.a_star) for i in places):
            raise InputError(f"l, p, q = {places}: expected three different places in a*, from 0")
        if min(self.a_star) <= 0 or not 0 < self.x < 1:
            raise InputError("expected positive output weights, and 0 < x < 1")
        for i, value in enumerate(self.a_star):
            check_size(value, f"a*, entry {i}")
        check_size(self.x, "x")

    def prove(self) -> Spurious | Inconclusive:
        numbers = [v.as_integer_ratio() for v in self.a_star]
        return fixed_points.unit_rows(numbers, self.least, self.first, self.second, self.x.as_integer_ratio())


@dataclass(frozen=True)
class SplitNeuron:
    """f' = alpha f_2 + beta f_4 with the output weights -tau and 1 + tau. Raises InputError unless all are positive."""

    alpha: Fraction
    beta: Fraction
    tau: Fraction

    def __post_init__(self) -> None:
        for name, value in (("alpha", self.alpha), ("beta", self.beta), ("tau", self.tau)):
            if value <= 0:
                raise InputError(f"{name} = {value}: expected a positive number")
            check_size(value, name)

    def prove(self) -> Spurious | Inconclusive:
        return fixed_points.split_neuron(
            self.alpha.as_integer_ratio(), self.beta.as_integer_ratio(), self.tau.as_integer_ratio()
        )


@dataclass(frozen=True)
class Closed:
    """What was proved about one of the two."""

    problem: UnitRows | SplitNeuron
    outcome: Spurious | Inconclusive
    precision: int


def landscape(problem: LandscapeProblem) -> Whole:
    """What all critical points are (Theorem 13.A)."""

    def attempt() -> NoSpuriousMinimum | UnboundedBelow | HasSpuriousMinimum | Inconclusive:
        return regime.decide(problem.weights(), framed(problem).scale)

    return Whole(problem, *_climb(attempt))


def closed(problem: UnitRows | SplitNeuron) -> Closed:
    """Theorem 13.P or 13.S."""
    return Closed(problem, *_climb(problem.prove))


def choose(a_star: Sequence[Fraction]) -> tuple[int, int, int, Fraction]:
    """l, p, q and x of Theorem 13.P: the smallest weight, the two largest, and the middle of what x may be."""
    order = sorted(range(len(a_star)), key=a_star.__getitem__)
    if len(order) < 3:
        raise InputError("Theorem 13.P needs at least three output weights")
    least, first, second = order[0], order[-2], order[-1]
    low, high = a_star[least] / a_star[first], 1 - a_star[least] / a_star[second]
    if not low < high or a_star[order[1]] == a_star[least]:
        raise InputError(
            "Theorem 13.P needs one output weight below all others, with 1/a_p + 1/a_q < 1/a_l for two of them"
        )
    middle = (low + high) / 2
    return least, first, second, _short_between(low, high, middle)


def _short_between(low: Fraction, high: Fraction, middle: Fraction) -> Fraction:
    """A number with few digits near the middle."""
    for digits in range(2, 300):
        x = Fraction(round(middle * 10**digits), 10**digits)
        if low < x < high and abs(x - middle) * 8 < high - low:
            return x
    return middle


def _climb(attempt: Callable[[], Outcome]) -> tuple[Outcome | Inconclusive, int]:
    """At a doubled precision, until it decides."""
    bits = FIRST_PRECISION
    while True:
        with ball.precision(bits):
            try:
                outcome: Outcome | Inconclusive = attempt()
            except NotProved as error:
                outcome = Inconclusive(None, (), str(error))
        if not isinstance(outcome, Inconclusive) or bits >= LAST_PRECISION:
            return outcome, bits
        bits *= 2
