"""Method `escape`: the times T_k of one run of gradient descent. Theorems 16.D and 16.E.

In units of tau, w = |x_k| and v = |x_(k+1)|. A_k, the entry into buffer k, may be taken too early, as the step is
that of the cell for w <= 1. So it is only guessed, and w < 1 + h there proves that it is not too late: before it
w < 1. Integers are exact, so that what is not within the buffers costs one exponential."""

import re
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from mpmath import iv  # type: ignore[import-untyped]

from relucert_audit import format as fmt
from relucert_audit import interval as ivl
from relucert_audit.finding import Finding, Findings, TooWeak, refuted, weak
from relucert_audit.format import Number, Opened, malformed, take
from relucert_audit.interval import Interval, dyadic, enclosure, precision, proves_le, proves_lt, show
from relucert_audit.octopus import logs, problem
from relucert_audit.octopus.problem import STEPPED, Numbers, Problem, limit, long, rational

MOST, MOST_WORK, FULL = 1000, 20_000, 640
CLAIM = {**fmt.HEADER, "problem": STEPPED, "point": [rational], "verdict": re.compile("escape-times")}
CLAIM |= {"bounds": {"times": [long]}}


class Certificate(NamedTuple):
    verdict: str
    problem: Problem
    start: list[Fraction]
    times: list[int]
    bounds: dict[str, Number]


def read(opened: Opened) -> Certificate:
    """Step 0. Raises Refusal."""
    claim = take(opened.claim, CLAIM, "claim")
    of, start, times = problem.read_problem(claim["problem"]), claim["point"], claim["bounds"]["times"]
    if len(start) != of.d or len(times) != of.d:
        raise malformed("point and times do not have d entries")
    if any(one >= two for one, two in pairwise(times)):
        raise malformed("times do not increase")
    if of.d > MOST or (of.h > 0 and of.d * of.buffer > MOST_WORK):
        raise limit("the number of coordinates, or of steps in the buffers")
    return Certificate(claim["verdict"], of, start, times, {})


def admit(cert: Certificate) -> Findings:
    """Step 1."""
    yield from problem.admit_step(cert.problem)
    yield from problem.admit_point(cert.start)
    if 0 in cert.start:
        yield refuted(1, "point", "has an entry 0, which stays 0")


def prove(cert: Certificate, bits: int) -> list[Finding]:
    """Step 3; where bits = FULL, from the precision of the specification on."""
    try:
        with precision(digits(cert, -1, bits)):
            return list(Run(cert, bits).findings())
    except TooWeak as failure:
        return [weak(3, "times", str(failure))]


def digits(cert: Certificate, k: int, bits: int) -> int:
    """Precision for coordinate k, and of constants for k = -1. What is lost until there is what times of this size
    cost; each buffer from there on may cost some bits more, about as many as are seen, or 16."""
    last, here = cert.times[-1].bit_length(), cert.times[k].bit_length()
    left, seen = cert.problem.d - max(k, 0), 5 + int(cert.problem.L / cert.problem.gamma).bit_length()
    return here + bits + (last + 16 * left if bits >= FULL else seen * left)


class Run:
    """Coordinates are counted from 0: times[k] is T_(k+1)."""

    def __init__(self, cert: Certificate, bits: int) -> None:
        self.cert, self.bits, self.own = cert, bits, Numbers(cert.problem)
        tau = cert.problem.tau
        self.width = logs.exponential(dyadic(1, 0)) if tau is None else ivl.rational(tau)

    def start(self, k: int) -> Interval:
        return ivl.rational(abs(self.cert.start[k])) / self.width

    def findings(self) -> Findings:
        """before: T_k; waited: A_k, the steps for which the next coordinate only waits; gained: its factor since."""
        before, waited, gained = 0, 0, dyadic(1, 0)
        for k, claimed in enumerate(self.cert.times):
            with precision(digits(self.cert, k, self.bits)):
                count, w = self.cell(self.start(k) * gained, waited, claimed - before)
                waited = before + count
                v = self.waiting(k + 1, waited) if k + 1 < self.cert.problem.d else dyadic(0, 0)
                reached, gained = Buffer(self.cert.problem).cross(w, v, waited, claimed)
            if reached != claimed:
                more = "more than" if reached > claimed else "less than"
                yield refuted(3, "times", f"T_{k + 1} is {more} claimed")
                return
            before = claimed

    def cell(self, x: Interval, waited: int, most: int) -> tuple[int, Interval]:
        """(N, w): x_k after N steps in its cell, N at most `most` and, unless a guess is bad, about as many as lead
        to w = 1. x is what it would be now had it not waited."""
        if not proves_lt(dyadic(0, 0), x):
            raise TooWeak("a coordinate is not proved to be positive")
        wait = dyadic(waited, 0) * self.own.ls
        middle = (wait - logs.guess(x)) / self.own.lg
        count = max(0, min(problem.most_floor(middle.a), most))
        w = x * logs.exponential(dyadic(count, 0) * self.own.lg - wait)
        if not proves_lt(w, 1 + self.own.h):
            raise TooWeak(f"the way through a cell is not decided: {show(w)}")
        return count, w

    def waiting(self, k: int, steps: int) -> Interval:
        """|x_k| after so many steps of waiting; of very small ones only a bound, e^-p < 2^-p."""
        shrunk, p = dyadic(steps, 0) * self.own.ls, iv.prec
        tiny = proves_le(dyadic(p, 0), shrunk)
        return enclosure(0, 1, -p) if tiny else self.start(k) * logs.exponential(-shrunk)


class Buffer:
    """Its step, at the working precision."""

    def __init__(self, of: Problem) -> None:
        h, both = of.h, of.l + of.h
        rows = (1 + h, 1 - of.l, both, 7 * both - 12 * h, 5 * both - 8 * h)
        self.grow, self.shrink, self.both, self.square, self.cube = map(ivl.rational, rows)

    def cross(self, w: Interval, v: Interval, t: int, claimed: int) -> tuple[int, Interval]:
        """(T, factor): the first time with w >= 2, or one above `claimed` if it is later; what v was multiplied by."""
        two, gained = dyadic(2, 0), dyadic(1, 0)
        while not proves_le(two, w):
            if not proves_lt(w, two):
                raise TooWeak(f"whether a coordinate has reached 2 tau is not decided: {show(w)}")
            if t >= claimed:
                return claimed + 1, gained
            w, factor = self.step(w, v)
            v, gained, t = v * factor, gained * factor, t + 1
        return t, gained

    def step(self, w: Interval, v: Interval) -> tuple[Interval, Interval]:
        """Of buffer k, or of cell k - 1 where s = 0: w after it, and the factor 1 - 2 eta g_2 of v. With
        1 - u^3 (10 - 15 u + 6 u^2) = s^3 (10 - 15 s + 6 s^2)."""
        s = ivl.maximum([w - 1, dyadic(0, 0)])
        square, rest = s * s, 1 - s
        turn = 15 * self.both * square * rest * rest * v * v
        after = self.grow * w + square * (self.square - self.cube * s) + turn
        return after, self.shrink + self.both * square * s * (10 - s * (15 - 6 * s))
