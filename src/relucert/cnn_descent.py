"""Enclosed runs of gradient descent on the one-hidden-layer CNN, and where they end.

A start is exact. It is reduced to the four scalars of docs/theorem.md section 10, which are iterated in balls
at the precision that the run needs; the verdict is that of Theorem 10.B, at the first iterate it decides.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from relucert.cnn import CnnProblem
from relucert.dyadic import Dyadic, add, canonical, to_fraction
from relucert.kernel import ball, cnn, cnn_descent
from relucert.kernel.ball import Ball
from relucert.kernel.cnn_descent import TO_GLOBAL, Rate, State, View
from relucert.kernel.outcome import Argument, Inequality
from relucert.problem import InputError, exact_rows
from relucert.search import cnn_descent as guesses

GLOBAL, SPURIOUS, UNDECIDED = ("converges-to-global-minimum", "converges-to-spurious-minimum", "inconclusive")
FIRST_PRECISION, LAST_PRECISION = 192, 2**14
NARROW = Ball(10) ** -30  # the largest radius of a scalar at the end of a run, relative to 1 + its size
MOST_STEPS = 10**7
SAMPLES_PER_DECADE = 40


@dataclass(frozen=True)
class CnnStart:
    """Where a run starts: v in R^p in coordinates whose first axis is the direction of w*, and a in R^k.

    v: its first 2 to p coordinates, the others are 0. Exact dyadics.
    Raises InputError for wrong shapes or v = 0.
    """

    problem: CnnProblem
    v: tuple[Dyadic, ...]
    a: tuple[Dyadic, ...]

    def __post_init__(self) -> None:
        if not 2 <= len(self.v) <= self.problem.patch:
            raise InputError(f"v must have 2 to p = {self.problem.patch} coordinates, not {len(self.v)}")
        if len(self.a) != self.problem.k:
            raise InputError(f"a must have k = {self.problem.k} entries, not {len(self.a)}")
        if not any(m for m, _ in self.v):
            raise InputError("v = 0: the network is not defined there; move v")

    @classmethod
    def from_rows(cls, problem: CnnProblem, v: Iterable[object], a: Iterable[object]) -> CnnStart:
        """Floats by their exact value, pairs of integers (m, e) as m * 2**e."""
        return cls(problem, exact_rows([v], "v:")[0], exact_rows([a], "a:")[0])

    @classmethod
    def read(cls, problem: CnnProblem, path: Path) -> CnnStart:
        """From a JSON file {"v": [..], "a": [..]}. Raises InputError."""
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
        except (UnicodeDecodeError, ValueError, RecursionError) as error:
            raise InputError(f"{path}: not JSON: {error}") from error
        v, a = (found.get(name) if isinstance(found, dict) else None for name in ("v", "a"))
        if not (isinstance(v, list) and isinstance(a, list)):
            raise InputError(f'{path}: expected an object {{"v": [numbers], "a": [numbers]}}')
        try:
            return cls.from_rows(problem, v, a)
        except InputError as error:
            raise InputError(f"{path}: {error}") from error

    @classmethod
    def random(cls, problem: CnnProblem, seed: int, run: int = 0) -> CnnStart:
        """The protocol of Du et al. 2018, Theorem 3.2: v uniform on the unit sphere, rotated around w* so
        that two coordinates are left, and a uniform in the ball of radius |S| W/sqrt k; both as doubles."""
        radius = _float(abs(problem.total) * problem.w_norm) / problem.k**0.5
        v, a = guesses.random_start(problem.patch, problem.k, radius, seed, run)
        return cls.from_rows(problem, v.tolist(), a.tolist())

    def restarts(self) -> tuple[CnnStart, ...]:
        """The four sign restarts (v, a), (v, -a), (-v, a), (-v, -a) of the same theorem."""
        minus = [tuple((-m, e) for m, e in row) for row in (self.v, self.a)]
        return tuple(replace(self, v=v, a=a) for v in (self.v, minus[0]) for a in (self.a, minus[1]))

    @property
    def q(self) -> Fraction:
        """a.a*."""
        pairs = zip(self.a, self.problem.a_star, strict=True)
        return sum((to_fraction(x) * y for x, y in pairs), Fraction(0))

    @property
    def s(self) -> Fraction:
        """1.a."""
        return sum(map(to_fraction, self.a), Fraction(0))

    @property
    def rest(self) -> Fraction:
        """The squared length of the part of a that is orthogonal to 1 and a*."""
        problem, s = self.problem, self.s
        left = sum((to_fraction(x) ** 2 for x in self.a), Fraction(0)) - s * s / problem.k
        if spread := spread_of(problem):
            left -= (self.q - problem.total * s / problem.k) ** 2 / spread
        return left

    def state(self) -> State:
        """The four scalars, in balls of the present precision."""
        square = sum_of_squares(self.v[1:])
        numbers = (x.as_integer_ratio() for x in (self.q, self.s))
        return State(ball.exact(self.v[0]), ball.root(ball.exact(square)), *map(ball.ratio, numbers))


def sum_of_squares(row: Iterable[Dyadic]) -> Dyadic:
    total: Dyadic = (0, 0)
    for m, e in row:
        total = add(total, canonical(m * m, 2 * e))
    return total


def spread_of(problem: CnnProblem) -> Fraction:
    """N - S^2/k >= 0; 0 if and only if a* is a multiple of 1."""
    return problem.squares - problem.total**2 / problem.k


@dataclass(frozen=True)
class Sample:
    """An iterate of a run, enclosed."""

    step: int
    state: State
    view: View
    loss: Ball


@dataclass(frozen=True)
class Entry:
    """The first iterate that Theorem 10.B is proved to decide."""

    sample: Sample
    argument: Argument
    rate: Rate


@dataclass(frozen=True)
class CnnRun:
    """An enclosed run: `steps` steps of size eta from `start`.

    samples: enclosures on a logarithmic grid of steps, the first and last included. entry: None where the
    steps did not suffice, and then `failed` is the first hypothesis that is not proved at the last iterate.
    radius: the largest radius of r, phi, q, s at the last iterate (an upper bound). precision: bits.
    """

    start: CnnStart
    eta: Fraction
    steps: int
    samples: tuple[Sample, ...]
    entry: Entry | None
    failed: Inequality | None
    radius: Ball
    precision: int

    @property
    def verdict(self) -> str:
        if self.entry is None:
            return UNDECIDED
        return GLOBAL if self.entry.argument.theorem == TO_GLOBAL else SPURIOUS

    @property
    def method(self) -> str:
        """How a certificate proves it: the start lies in an invariant set itself, or a later iterate does."""
        at_once = self.entry is not None and self.entry.sample.step == 0
        return "invariant-region" if at_once else "enclosed-trajectory"


def largest_step(problem: CnnProblem) -> Fraction:
    """A decimal of two digits a little below min(2 pi/(k+pi-1), 2/(W^2 (N+S^2))), which serves every random
    start (docs/theorem.md, Theorem 10.C)."""
    most = min(
        Fraction("6.283") / (problem.k + Fraction("2.142")),
        2 / (problem.w_norm**2 * (problem.squares + problem.total**2)),
    )
    return Fraction(f"{_float(most) * 0.95:.1e}")


def _float(value: Fraction) -> float:
    try:
        return float(value)
    except OverflowError as error:
        raise InputError("a* or |w*| is too large for floating point: give the start and the step") from error


def check_step(problem: CnnProblem, eta: Fraction) -> None:
    """Raises InputError unless 0 < eta <= 2 pi/(k + pi - 1): beyond it descent in a may diverge."""
    if eta <= 0:
        raise InputError(f"the step eta must be positive, not {eta}")
    with ball.precision(FIRST_PRECISION):
        load = ball.ratio(eta.as_integer_ratio()) * cnn.stiffness(problem.teacher())
        if not ball.proves_le(load, 2 * ball.pi()):
            raise InputError(
                f"the step eta = {eta} is above the bound 2 pi/(k + pi - 1), about "
                f"{6.2831853 / (problem.k + 2.1415927):.6g} for k = {problem.k}; choose a smaller one"
            )


def enclose(start: CnnStart, eta: Fraction, steps: int, *, stop: bool = False) -> CnnRun:
    """The run in balls, with doubled precision until the radii at the end are small. Raises InputError.

    stop: end at the iterate that decides.
    """
    if not 1 <= steps <= MOST_STEPS:
        raise InputError(f"the number of steps must be 1 to {MOST_STEPS}, not {steps}")
    check_step(start.problem, eta)
    bits = FIRST_PRECISION
    while True:
        with ball.precision(bits):
            found = _run(start, eta, steps, bits, stop)
            if bits >= LAST_PRECISION or ball.proves_le(found.radius, NARROW):
                return found
        bits *= 2


def sampled_steps(steps: int) -> list[int]:
    """0, 1, .. on a logarithmic grid up to `steps`, 1, 2 and 5 times each power of 10 among them."""
    fine = {round(10 ** (i / SAMPLES_PER_DECADE)) for i in range(8 * SAMPLES_PER_DECADE)}
    round_numbers = {m * 10**e for m in (1, 2, 5) for e in range(8)}
    return sorted(x for x in fine | round_numbers | {0, steps} if x <= steps)


def _run(start: CnnStart, eta: Fraction, steps: int, bits: int, stop: bool) -> CnnRun:
    problem = start.problem
    by = cnn_descent.rule(problem.teacher(), ball.ratio(eta.as_integer_ratio()))
    spread, rest = (ball.ratio(x.as_integer_ratio()) for x in (spread_of(problem), start.rest))
    keep = ball.square(by.keep_q)
    x, entry, failed = start.state(), None, None
    samples: list[Sample] = []
    wanted = set(sampled_steps(steps))

    def sample(step: int, x: State, seen: View) -> Sample:
        return Sample(step, x, seen, cnn_descent.loss(by, x, seen, spread, rest * keep**step))

    for t in range(steps + 1):
        seen = cnn_descent.view(x)
        if entry is None:
            argument = cnn_descent.decide(by, x, seen)
            if argument.holds:
                entry = Entry(sample(t, x, seen), argument, cnn_descent.rate(by, x, seen))
            else:
                failed = next(h for h in argument.hypotheses if not h.proved)
        last = t == steps or (stop and entry is not None)
        if last or t in wanted:
            samples.append(sample(t, x, seen))
        if last:
            break
        x = cnn_descent.step(by, x, seen)
    widths = [ball.radius(y) / (1 + abs(y)) for y in (seen.r, seen.phi, x.q, x.s)]
    found = None if entry is not None else failed
    return CnnRun(start, eta, steps, tuple(samples), entry, found, ball.upper(ball.largest(widths)), bits)
