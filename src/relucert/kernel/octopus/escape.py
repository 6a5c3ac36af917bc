"""When gradient descent leaves each saddle of the octopus: exactly from one start, and at the earliest from any.

docs/theorem/octopus.md, Theorems 16.E and 16.S. Lengths are in units of tau.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar, NamedTuple

from relucert.kernel import ball
from relucert.kernel.ball import Ball, NotProved, lower, proves_le, proves_lt, upper
from relucert.kernel.octopus.function import (
    ONE,
    ZERO,
    Octopus,
    ceiling,
    comparison,
    integer,
    number,
    theorem_16_a,
    theorem_16_d,
)
from relucert.kernel.outcome import Argument, inequality

TWO = Ball(2)


@dataclass(frozen=True)
class Escapes:
    """times[k - 1] is T_k, the first time with |x_k| >= 2 tau."""

    verdict: ClassVar[str] = "escape-times"
    proved: ClassVar[bool] = True
    times: tuple[int, ...]
    arguments: tuple[Argument, ...]


@dataclass(frozen=True)
class Exponential:
    """T_d >= time from every start in the cube."""

    verdict: ClassVar[str] = "exponential-time"
    proved: ClassVar[bool] = True
    time: int
    arguments: tuple[Argument, ...]


class Crossing(NamedTuple):
    """What one buffer does."""

    steps: int
    before: Ball  # |x_k|/tau one step before it is 2 or more
    after: Ball  # and then
    gain: Ball  # the sum of ln(1 - 2 eta g_2): by how much ln |x_(k+1)| changes


class Rates(NamedTuple):
    """The constants of a step as balls: each is computed once."""

    growth: Ball  # 1 + h
    bend: Ball  # eta (14 L - 10 gamma)
    turn: Ball  # eta (10 L - 6 gamma)
    pull: Ball  # 30 eta (L + gamma)
    fall: Ball  # 2 eta (L + gamma)


def rates(f: Octopus) -> Rates:
    L, gamma, eta = f.L, f.gamma, f.eta
    return Rates(
        number(1 + f.growth),
        number(eta * (14 * L - 10 * gamma)),
        number(eta * (10 * L - 6 * gamma)),
        number(30 * eta * (L + gamma)),
        number(2 * eta * (L + gamma)),
    )


def cross(c: Rates, z: Ball, log_next: Ball | None, most: int) -> Crossing:
    """From |x_k|/tau = z to the first time that it is 2 or more. log_next: ln(|x_(k+1)|/tau); None: there is none.

    The formulas hold below tau as well: there s is 0 (Theorem 16.E). Raises NotProved where 2 <= z is undecided.
    """
    gain, before = ZERO, z
    for steps in range(most + 1):
        if proves_le(TWO, z):
            return Crossing(steps, before, z, gain)
        if not proves_lt(z, TWO):
            raise NotProved("whether |x_k| >= 2 tau is not decided")
        s = ball.largest((z - 1, ZERO))
        u = 1 - s
        pulled = ZERO
        if log_next is not None:
            pulled = c.pull * ball.square(s * u) * (2 * (log_next + gain)).exp()
            gain = gain + (c.growth - c.fall * u * u * u * (10 - 15 * u + 6 * u * u)).log()
        before, z = z, c.growth * z + ball.square(s) * (c.bend - s * c.turn) + pulled
    raise NotProved("x_k stays in its buffer for more than ceil(1/(2 eta gamma)) steps")


def escape(f: Octopus, start: Sequence[Fraction]) -> Escapes:
    """The exact times of a start. Raises NotProved where one is undecided at this precision, or does not exist."""
    sizes = [abs(x) for x in start]
    lead = (
        theorem_16_a(f),
        theorem_16_d(f, max(sizes)),
        comparison("E.1", 2 * f.eta * f.L, "<", Fraction(1), "2 eta L < 1"),
        comparison("E.2", Fraction(0), "<", min(sizes), "0 < min |x_0,i|"),
    )
    if not (lead[0].holds and lead[1].holds and lead[2].proved and lead[3].proved):
        raise NotProved("Theorem 16.E does not apply")
    logs = [number(x).log() - f.log_width for x in sizes]
    growth, decay, c = f.log_growth, f.log_decay, rates(f)
    times: list[int] = []
    arrival = time = 0
    gain, highest, lowest = ZERO, ZERO, number(Fraction(4))
    for k, log in enumerate(logs):
        level = log - arrival_share(arrival, decay) + gain
        wait = -level / growth
        least = _least(wait)
        arrival = time + least
        following = None if k + 1 == f.d else logs[k + 1] - arrival_share(arrival, decay)
        found = cross(c, (level + integer(least) * growth).exp(), following, f.buffer_steps + 1)
        time, gain = arrival + found.steps, found.gain
        highest, lowest = ball.largest((highest, found.before)), ball.smallest((lowest, found.after))
        times.append(time)
    rest = (
        inequality("E.3", highest, "<", TWO, "max_k |x_k|/tau < 2, one step before T_k"),
        inequality("E.4", TWO, "<=", lowest, "2 <= min_k |x_k|/tau at T_k"),
    )
    argument = Argument("Theorem 16.E", (*lead[2:], *rest))
    if not argument.holds:
        raise NotProved("a time is not decided")
    return Escapes(tuple(times), (*lead[:2], argument))


def arrival_share(arrival: int, decay: Ball) -> Ball:
    """By how much the logarithm of a coordinate that waits has fallen after so many steps."""
    return integer(arrival) * decay


def _least(wait: Ball) -> int:
    """ceil(wait), or one less where that is undecided between two: the formulas of a buffer hold there too.

    wait > 0, as x_k < tau when its cell is entered (Theorem 16.D). Raises NotProved.
    """
    low, high = ceiling(lower(wait)), ceiling(upper(wait))
    if high > low + 1 or high < 1:
        raise NotProved("how long x_k needs to reach tau is not decided")
    return max(low, 0)


def earliest(f: Octopus) -> int:
    """1 + a_d of Theorem 16.S: T_d is at least this from every start in the cube."""
    first = f.log_width / f.log_growth
    ratio = 1 + f.log_decay / f.log_growth
    arrival = ceiling(lower(first))
    for _ in range(f.d - 1):
        arrival = ceiling(lower(ratio * integer(arrival) + first))
    return 1 + arrival


def every_start(f: Octopus, most: int) -> Exponential:
    """Theorem 16.S. Raises NotProved where it does not apply, or the time exceeds `most`."""
    lead = (theorem_16_a(f), theorem_16_d(f))
    step = comparison("S.1", 2 * f.eta * f.L, "<", Fraction(1), "2 eta L < 1")
    if not (all(a.holds for a in lead) and step.proved):
        raise NotProved("Theorem 16.S does not apply")
    time = earliest(f)
    if time > most:
        raise NotProved("the time has too many digits")
    bound = inequality("S.2", integer(time), "<=", integer(time), "time <= 1 + a_d")
    return Exponential(time, (*lead, Argument("Theorem 16.S", (step, bound))))


__all__ = ["ONE", "Crossing", "Escapes", "Exponential", "cross", "earliest", "escape", "every_start", "rates"]
