"""Enclosed runs of gradient descent on the one-hidden-layer CNN, and where they end.

A start is exact. It is reduced to the four scalars of docs/theorem/cnn.md section 10, which are iterated in balls
at the precision that the run needs; the verdict is that of Theorem 10.B, at the first iterate it decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import NamedTuple

from relucert.base.dyadic import DOWN, UP, from_float, to_fraction
from relucert.base.errors import InputError
from relucert.families.cnn import search as guesses
from relucert.families.cnn.descent_words import about
from relucert.families.cnn.methods import ENCLOSED_TRAJECTORY, INVARIANT_REGION
from relucert.families.cnn.point import CnnCandidate
from relucert.families.cnn.problem import CnnProblem
from relucert.families.printing import bound, text, unloosened
from relucert.kernel import ball
from relucert.kernel.ball import Ball
from relucert.kernel.cnn import descent as cnn_descent
from relucert.kernel.cnn import teacher as cnn
from relucert.kernel.cnn.descent import TO_GLOBAL, Rate, State, View
from relucert.kernel.outcome import Argument, Inequality

GLOBAL, SPURIOUS, UNDECIDED = ("converges-to-global-minimum", "converges-to-spurious-minimum", "inconclusive")
FIRST_PRECISION, LAST_PRECISION = 192, 2**14
NARROW = Ball(10) ** -30  # the largest radius of a scalar at the end of a run, relative to 1 + its size
MOST_STEPS = 10**7
MOST_COORDINATES = 2**20
SAMPLES_PER_DECADE = 40


def random_start(problem: CnnProblem, seed: int, run: int = 0) -> CnnCandidate:
    """The protocol of Du et al. 2018, Theorem 3.2, in doubles; w* points along the first axis.

    v is uniform on the unit sphere of R^p, a in the ball of radius |S| W/sqrt k. Raises InputError for a
    p that is too large to write down.
    """
    if problem.patch > MOST_COORDINATES:
        raise InputError(
            f"patch is {problem.patch}: a start has so many coordinates, at most {MOST_COORDINATES}"
        )
    radius = _float(abs(problem.total) * problem.w_norm) / problem.k**0.5
    v, a = guesses.random_start(problem.patch, problem.k, radius, seed, run)
    axis = ((1, 0), *(((0, 0),) * (problem.patch - 1)))
    exact_v, exact_a = (tuple(map(from_float, row.tolist())) for row in (v, a))
    source = f"random start, seed {seed}"
    return CnnCandidate(problem, exact_v, exact_a, axis, source, {"seed": seed, "run": run})


def restarts(start: CnnCandidate) -> tuple[CnnCandidate, ...]:
    """The four sign restarts (v, a), (v, -a), (-v, a), (-v, -a) of Du et al. 2018, Theorem 3.2."""
    minus_v, minus_a = (tuple((-m, e) for m, e in row) for row in (start.v, start.a))
    signs = {"(v, a)": (start.v, start.a), "(v, -a)": (start.v, minus_a)}
    signs |= {"(-v, a)": (minus_v, start.a), "(-v, -a)": (minus_v, minus_a)}
    return tuple(replace(start, v=v, a=a, source=f"{start.source}: {name}") for name, (v, a) in signs.items())


class Reduced(NamedTuple):
    """What a run depends on (docs/theorem/cnn.md, Lemma 10.A), exactly."""

    along: Fraction  # A |axis| = v.axis
    axis: Fraction  # |axis|^2
    across: Fraction  # B^2
    q: Fraction
    s: Fraction
    rest: Fraction  # the squared length of the part of a that is orthogonal to 1 and a*

    def state(self) -> State:
        """The four scalars, in balls of the present precision."""
        along, axis, across, q, s, _ = (ball.ratio(x.as_integer_ratio()) for x in self)
        return State(along / ball.root(axis), ball.root(across), q, s)


def reduced(start: CnnCandidate) -> Reduced:
    """The start without what does not matter. B^2 = |v|^2 - (v.axis)^2/|axis|^2 is exact: nothing cancels."""
    problem = start.problem
    v, axis, a = ([to_fraction(x) for x in row] for row in (start.v, start.axis, start.a))
    along, squared, length = _dot(v, axis), _dot(axis, axis), _dot(v, v)
    q, s = _dot(a, problem.a_star), sum(a, Fraction(0))
    rest = _dot(a, a) - s * s / problem.k
    if spread := spread_of(problem):
        rest -= (q - problem.total * s / problem.k) ** 2 / spread
    return Reduced(along, squared, (length * squared - along * along) / squared, q, s, rest)


def _dot(x: Sequence[Fraction], y: Sequence[Fraction]) -> Fraction:
    return sum((a * b for a, b in zip(x, y, strict=True)), Fraction(0))


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

    start: CnnCandidate
    eta: Fraction
    steps: int
    samples: tuple[Sample, ...]
    entry: Entry | None
    failed: Inequality | None
    radius: Ball
    precision: int

    @property
    def candidate(self) -> CnnCandidate:
        return self.start

    @property
    def verdict(self) -> str:
        """GLOBAL, SPURIOUS or UNDECIDED."""
        if self.entry is None:
            return UNDECIDED
        return GLOBAL if self.entry.argument.theorem == TO_GLOBAL else SPURIOUS

    @property
    def method(self) -> str:
        """How a certificate proves it: the start lies in an invariant set itself, or a later iterate does."""
        at_once = self.entry is not None and self.entry.sample.step == 0
        return INVARIANT_REGION if at_once else ENCLOSED_TRAJECTORY


def largest_step(problem: CnnProblem) -> Fraction:
    """A decimal of two digits a little below min(2 pi/(k+pi-1), 2/(W^2 (N+S^2))), which serves every random
    start (docs/theorem/cnn.md, Theorem 10.C)."""
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


def check_options(problem: CnnProblem, eta: Fraction, steps: int) -> None:
    """Raises InputError unless 0 < eta <= 2 pi/(k + pi - 1) (Theorem 10.B) and the steps are not too many."""
    if not 1 <= steps <= MOST_STEPS:
        raise InputError(f"the number of steps must be 1 to {MOST_STEPS}, not {steps}")
    if eta <= 0:
        raise InputError(f"the step eta must be positive, not {eta}")
    with ball.precision(FIRST_PRECISION):
        load = ball.ratio(eta.as_integer_ratio()) * cnn.stiffness(problem.teacher())
        if not ball.proves_le(load, 2 * ball.pi()):
            raise InputError(
                f"the step eta = {eta} is not proved to be at most 2 pi/(k + pi - 1), about "
                f"{6.2831853 / (problem.k + 2.1415927):.6g} for k = {problem.k}; choose a smaller one"
            )


def enclose(start: CnnCandidate, eta: Fraction, steps: int, *, stop: bool = False) -> CnnRun:
    """The run in balls, with doubled precision until the radii at the end are small. Raises InputError.

    stop: end at the iterate that decides.
    """
    check_options(start.problem, eta, steps)
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


def _run(start: CnnCandidate, eta: Fraction, steps: int, bits: int, stop: bool) -> CnnRun:
    problem = start.problem
    by = cnn_descent.rule(problem.teacher(), ball.ratio(eta.as_integer_ratio()))
    scalars = reduced(start)
    spread, rest = (ball.ratio(x.as_integer_ratio()) for x in (spread_of(problem), scalars.rest))
    keep = ball.square(by.keep_q)
    x, entry, failed = scalars.state(), None, None
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


def describe(run: CnnRun) -> tuple[str, list[str]]:
    """What is proved about a run, for people: the verdict, and lines with the numbers."""
    radius = text(run.radius, UP, 3)
    how = [
        f"for {about(run.start.problem)}; gradient descent on the population loss, in v and a",
        f"eta = {run.eta}, {run.samples[-1].step} steps, {run.precision} bits, radius at the end <= {radius}",
    ]
    if run.entry is None:
        return "inconclusive", [explain(run), *how]
    at, rate = run.entry.sample, run.entry.rate
    minimum = "global" if run.verdict == GLOBAL else "spurious"
    inside = "the start lies" if at.step == 0 else f"iterate {at.step} lies"
    lines = [
        f"{inside} in {run.entry.argument.theorem}: angle {_near(at.view.phi)}, a.a* {_near(at.state.q)}"
    ]
    if rate.decay is not None:
        lines.append(
            f"from there tan(angle/2) shrinks by at least {text(rate.decay, DOWN, 3)} of itself each step"
        )
    if rate.flattest is not None and rate.steepest is not None:
        slow, fast = text(rate.flattest, DOWN, 3), text(rate.steepest, UP, 3)
        lines.append(
            f"from there x = pi - angle is, j steps on, from x/(1 + 2 {fast} x j) to x/(1 + {slow} x j/2)"
        )
    return f"converges to a {minimum} minimum", lines + how


def explain(run: CnnRun) -> str:
    """Why a run is not decided, and what to try."""
    if run.failed is None:
        return ""
    too_long = run.failed.name == "10.2"
    remedy = "choose a smaller eta" if too_long else "take more steps"
    return f"{run.steps} steps do not suffice: {run.failed.text} is not proved at the last iterate; {remedy}"


def short(value: Ball) -> str:
    """Six digits for people, the nearest; an upper bound of the size where no digit is known, or for tiny numbers."""
    if ball.accuracy(value) >= 20 and (float(value) or value.is_zero()):
        return f"{float(value):.6g}"
    return f"<= {text(ball.upper(abs(value)), UP, 3)}"


def _near(value: Ball) -> str:
    shown = short(value)
    return shown if shown.startswith("<=") else f"about {shown}"


def record(run: CnnRun, *, samples: bool) -> dict[str, object]:
    """A run as JSON values: enclosures are two decimals with the number between them."""
    problem, entry = run.start.problem, run.entry
    rate = None if entry is None else entry.rate
    fields: dict[str, object] = {
        "source": run.start.source,
        "k": problem.k,
        "patch": problem.patch,
        "eta": str(run.eta),
        "steps": run.steps,
        "verdict": run.verdict,
        "method": None if entry is None else run.method,
        "entered": None if entry is None else entry.sample.step,
        "rate": None if rate is None else {
            "alpha": bound(rate.alpha, DOWN),
            "decay": bound(rate.decay, DOWN),
            "flattest": bound(rate.flattest, DOWN),
            "steepest": bound(rate.steepest, UP),
        },
        "radius": bound(run.radius, UP),
        "precision": run.precision,
        "reason": explain(run) if entry is None else None,
    }  # fmt: skip
    if samples:
        fields["samples"] = [
            {"step": x.step, "loss": _ends(x.loss), "angle": _ends(x.view.phi),
             "complement": _ends(x.view.psi), "q": _ends(x.state.q)}
            for x in run.samples
        ]  # fmt: skip
    return fields


def _ends(value: Ball) -> list[str]:
    """Of a number that no certificate has."""
    return [unloosened(ball.lower(value), DOWN), unloosened(ball.upper(value), UP)]
