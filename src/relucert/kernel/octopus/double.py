"""Gradient descent on the octopus in double precision stands still: a run bit by bit.

docs/theorem/octopus.md, Theorem 16.F. The program is that of docs/spec/octopus-v1.md. Python's floats are binary64,
and its operations round to nearest.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import e
from typing import ClassVar, NamedTuple

from relucert.kernel.ball import NotProved, exact_float, largest, smallest
from relucert.kernel.octopus.function import ZERO, Octopus, theorem_16_a, theorem_16_d
from relucert.kernel.outcome import Argument, inequality


class Doubles(NamedTuple):
    """The constants as the nearest doubles, and the dimension."""

    d: int
    L: float
    gamma: float
    tau: float
    eta: float


class Rest(NamedTuple):
    """Where a run stands still: coordinate k (from 1) is the first with a_k < 2 tau."""

    coordinate: int
    step: int
    at: tuple[float, ...]


class Arrived(NamedTuple):
    """A run that reaches the last cell: it is not stuck at a saddle."""

    step: int


@dataclass(frozen=True)
class Stuck:
    """The run stands still from a step on, with |x_k| = rest <= tau."""

    verdict: ClassVar[str] = "stuck"
    proved: ClassVar[bool] = True
    coordinate: int
    step: int
    rest: float
    arguments: tuple[Argument, ...]


def doubles(f: Octopus) -> Doubles:
    """Raises NotProved where the floats of this Python are not binary64."""
    kind = sys.float_info
    if (kind.mant_dig, kind.min_exp, kind.max_exp, kind.rounds) != (53, -1021, 1024, 1):
        raise NotProved("the floats of this Python are not IEEE 754 binary64, rounded to nearest")
    if 2.0**-1074 == 0 or e != 6121026514868073 * 2.0**-51:
        raise NotProved("this machine has no subnormal numbers, or another e")
    tau = e if f.tau is None else float(f.tau)
    return Doubles(f.d, float(f.L), float(f.gamma), tau, float(f.eta))


def step(c: Doubles, a: Sequence[float]) -> list[float]:
    """One step of the program: absolute values to absolute values, d each. The order of operations matters."""
    k = settled(c, a)
    two_l, four = 2.0 * c.L, (c.tau + c.tau) + (c.tau + c.tau)
    g = [two_l * (x - four) for x in a[:k]] + [two_l * x for x in a[k:]]
    if k < c.d and a[k] <= c.tau:
        g[k] = -((2.0 * c.gamma) * a[k])
    elif k < c.d:
        s = (a[k] - c.tau) / c.tau
        u = 1.0 - s
        b = a[k + 1] if k + 1 < c.d else 0.0
        slope = -(((2.0 * c.gamma) * (u * u)) * (1.0 + 3.0 * s)) - (c.L * (s * s)) * (14.0 - 10.0 * s)
        turn = ((30.0 * (c.L + c.gamma)) * ((s * s) * (u * u))) / c.tau
        g[k] = c.tau * slope - turn * (b * b)
        if k + 1 < c.d:
            curve = ((c.L + c.gamma) * ((u * u) * u)) * ((10.0 - 15.0 * u) + 6.0 * (u * u)) - c.gamma
            g[k + 1] = (2.0 * curve) * b
    return [abs(x - c.eta * y) for x, y in zip(a, g, strict=True)]


def settled(c: Doubles, a: Sequence[float]) -> int:
    """How many of the first coordinates are 2 tau or more."""
    two = c.tau + c.tau
    return next((i for i, x in enumerate(a) if not x >= two), len(a))


def run(c: Doubles, start: Sequence[float], most: int) -> Rest | Arrived | None:
    """Until it stands still or reaches the last cell; None: neither within so many steps."""
    a = [abs(x) for x in start]
    for t in range(most + 1):
        k = settled(c, a)
        if k == c.d:
            return Arrived(t)
        following = step(c, a)
        if following == a:
            return Rest(k + 1, t, tuple(a))
        a = following
    return None


def stuck(f: Octopus, start: Sequence[float], most: int) -> Stuck:
    """Theorem 16.F, by simulation. Raises NotProved where the run does not stand still at a saddle."""
    c = doubles(f)
    lead = theorem_16_a(f), theorem_16_d(f, max(abs(Fraction(x)) for x in start))
    if not all(a.holds for a in lead):
        raise NotProved("Theorem 16.F does not apply")
    found = run(c, start, most)
    if isinstance(found, Arrived):
        raise NotProved(f"the run is not stuck: |x_d| >= 2 tau at step {found.step}")
    if found is None:
        raise NotProved(f"the run does not stand still within {most} steps")
    k, t, at = found
    moved = (abs(exact_float(y) - exact_float(x)) for x, y in zip(at, step(c, at), strict=True))
    hypotheses = [
        inequality("F.1", largest(moved), "<=", ZERO, "max_i |a_(t+1),i - a_t,i| <= 0"),
        inequality("F.2", exact_float(at[k - 1]), "<=", exact_float(c.tau), "a_t,k <= tau"),
    ]
    if k > 1:
        nearest = smallest(map(exact_float, at[: k - 1]))
        hypotheses.append(
            inequality("F.3", exact_float(c.tau + c.tau), "<=", nearest, "2 tau <= min_(j<k) a_t,j")
        )
    argument = Argument("Theorem 16.F", tuple(hypotheses))
    if not argument.holds:
        raise NotProved("the run stands still, but not in a cell")
    return Stuck(k, t, at[k - 1], (*lead, argument))
