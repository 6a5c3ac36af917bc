"""Runs of gradient descent proved from their exact start: docs/spec/runs-v1.md, docs/theorem/runs.md; of networks with
output weights of both signs and a slope: docs/spec/signed-runs-v1.md, docs/theorem/signed-runs.md.

Pure functions of picklable data, for worker processes. What a run does is guessed in floating point; the kernel
proves it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from relucert.base.dyadic import DOWN, UP, Dyadic, add, to_float
from relucert.base.errors import InputError
from relucert.base.exact import Rows, exact_rows
from relucert.certificate.inequalities import evidence
from relucert.certificate.numbers import Json, at_least, bound, number, rows, written
from relucert.families.printing import text
from relucert.families.teacher import runs_minima
from relucert.families.teacher.hessian import kernel_network
from relucert.families.teacher.network import Network
from relucert.families.teacher.problem import Problem
from relucert.families.teacher.search import orbit
from relucert.families.teacher.search.descent import advance, begin_at
from relucert.families.teacher.search.shift import shifted_factors
from relucert.families.teacher.search.states import EXHAUSTED
from relucert.kernel import ball
from relucert.kernel.ball import Ball, NotProved, exact, to_dyadic
from relucert.kernel.outcome import Argument
from relucert.kernel.teacher import descent, enclosed, run_ends
from relucert.kernel.teacher.enclosed import Run, Stopped

LOOK = 16  # steps between two looks at whether the run has arrived
BITS = ((7, 128), (12, 192))  # tried first up to so many neurons
MORE_BITS, MOST_BITS = 256, 4096
NARROW = exact((1, -20))  # of the basin radius, or of the floor: a wider enclosure calls for more bits
TOLERANCES = tuple(10.0**-e for e in range(6, 14, 2))  # of the floating-point run, one after the other
INSIDE = 1 - 2.0**-15  # of the basin radius, so that a rounded distance still lies inside
SPREAD = Fraction(1, 128)  # bits for each step after so many: enclosures widen by some 0.005 nats in one
SHORT, WORD = 1000, 64
MOST_STEPS, MOST_ENTRIES, MOST_WORK = 10**6, 1600, 10**12  # of the checker: docs/spec/runs-v1.md section 2
FINEST, LONGEST = -1200, 64  # and these are its limits of a start
FLOOR, UNTIL = Fraction(1, 1000), 20_000  # of runs below the floor, as the study has them
SPARE_STEPS = Fraction(5, 4)  # of Theorem T, so that a checker with other bounds proves it too
HALVINGS = range(2, 6)  # of the shortest neuron: the balls that Theorem T is tried with
MIDDLE = 0.5  # of the basin radius: how near a run goes that is to stand for a ball of starts
RADIUS_BITS = 8  # of the radius of that ball
LEAST = 20 - 65536  # log2 of its probability: docs/spec/certificate-v1.md section 2, for a number of 20 bits
CURVE = 400  # points of a plot, about
ANY_SLOPE = (0, 1)  # the images of a run are permutations, whatever the slope: docs/spec/signed-runs-v1.md

Floats = NDArray[np.float64]
Progress = Callable[[int], None]


class Result(NamedTuple):
    """A run, proved or not; all of it JSON values.

    run: as docs/spec/runs-v1.md has it, without the member `minimum` of its end; None where nothing is proved, and then
    reason says why, and at which step. radius: a number, an upper bound of r_T. precision: bits. curve: step, loss,
    gradient norm and radius at some steps, as doubles.
    """

    run: Json | None
    evidence: list[Json]
    radius: Json | None
    precision: int
    reason: str
    at: int | None
    curve: list[list[float]]


class _Refused(Exception):  # noqa: N818 - why a run is not proved
    def __init__(self, reason: str, at: int | None, bits: int) -> None:
        super().__init__(reason)
        self.reason, self.at, self.bits = reason, at, bits


class _Wide(Exception):  # noqa: N818 - an enclosure that calls for more bits
    pass


def prove_run(
    start: Rows,
    step: Fraction,
    minimum: Json | None,
    *,
    floor: Fraction = FLOOR,
    until: int = UNTIL,
    max_steps: int = MOST_STEPS,
    neighbourhood: bool = False,
    progress: Progress = lambda _: None,
    network: Network | None = None,
) -> Result:
    """Proves that gradient descent from `start`, (n, k) exact, with this step converges to the minimum of the claim
    `minimum` (method hessian, or signed-hessian with a network; with a basin); or, without one, for n > k, that it
    stays below `floor` from some step to step `until`. neighbourhood: and for all starts of a ball, as large as this
    finds. progress: called with the step. network: None for output weights 1 and the ReLU. max_steps: T is no larger.

    Raises InputError for a network that does not fit, and for a claim that is about no minimum of it, or has no basin.
    """
    problem = Problem.orthonormal(len(start[0]), len(start), network)
    if minimum is not None and not runs_minima.serves(minimum, problem):
        about = runs_minima.described(problem)
        raise InputError(f"the minimum given is none with a basin for {about}; give one of these")
    reason = beyond(start, until)
    if reason is not None:
        return unproved(reason)
    task = _Task(start, step, network, _Seen(progress))
    try:
        if minimum is None:
            found = _stays_below(task, floor, until, max_steps)
        else:
            found = _converges(task, minimum, max_steps, neighbourhood)
    except _Refused as refused:
        return Result(None, [], None, refused.bits, refused.reason, refused.at, task.seen.curve)
    member, arguments, radius, bits = found
    run = {"start": rows(start), **member}
    return Result(run, evidence(arguments), bound(radius, UP), bits, "", None, task.seen.curve)


def work(n: int, k: int) -> int:
    """Of the checker, for one step: docs/spec/runs-v1.md section 2, times 1000."""
    return n * (1000 * (n + 2 * k) + k**3)


def beyond(start: Rows, until: int) -> str | None:
    """Why the checker takes no run from this start, or none so long; None where it does."""
    n, k = len(start), len(start[0])
    if any(m and (e < FINEST or int(m).bit_length() + e > LONGEST) for row in start for m, e in row):
        entries = f"multiples of 2^{FINEST} below 2^{LONGEST}"
        return f"the checker takes starts whose entries are {entries} only; choose another start"
    if n * k > MOST_ENTRIES:
        return f"the checker proves runs with n k <= {MOST_ENTRIES} only, not {n * k}"
    if until > MOST_STEPS:
        return f"the checker goes to step {MOST_STEPS} at most; give an earlier one"
    return None


Limit = tuple[int, str]  # so many steps at most, and what helps where a run takes longer


def limit_of(start: Rows, options: Mapping[str, int]) -> Limit:
    """Of these options, and of the checker."""
    own = min(MOST_STEPS, MOST_WORK // work(len(start), len(start[0])))
    most = min(own, *options.values())
    if most == own:
        return own, "the checker takes no longer run; choose another start or a larger step"
    return most, "raise " + " and ".join(name for name, steps in options.items() if steps == most)


def unproved(reason: str, at: int | None = None) -> Result:
    """Of a run of which nothing is proved."""
    return Result(None, [], None, 0, reason, at, [])


Found = tuple[Json, Sequence[Argument], Ball, int]  # members of a run, its arguments, r_T, bits


class _Seen:
    """What is drawn of a run, on a grid that grows coarser as it goes on."""

    def __init__(self, progress: Progress) -> None:
        self.progress, self.curve = progress, list[list[float]]()
        self.spacing = 1

    def restart(self) -> None:
        self.curve, self.spacing = [], 1

    def take(self, t: int, at: descent.View, radius: Ball) -> None:
        if t % self.spacing:
            return
        size = float(ball.norm(descent.slope(at).entries())) / (2 * math.pi)
        self.curve.append([t, float(descent.objective(at)), size, float(radius)])
        if len(self.curve) > CURVE:
            self.spacing *= 2
            self.curve = [x for x in self.curve if not x[0] % self.spacing]
        self.progress(t)


class _Task(NamedTuple):
    start: Rows
    step: Fraction
    network: Network | None
    seen: _Seen


def first_bits(neurons: int, steps: int = 0) -> int:
    """Of the first attempt. steps: about so many are to be made."""
    least = next((bits for most, bits in BITS if neurons <= most), MORE_BITS)
    return min(least + WORD * math.ceil(SPREAD * max(steps - SHORT, 0) / WORD), MOST_BITS)


def _converges(task: _Task, minimum: Json, max_steps: int, neighbourhood: bool) -> Found:
    point = exact_rows([[(int(m), e) for m, e in row] for row in minimum["point"]], "neuron")
    basin, most_step = (exact(number(minimum["bounds"]["basin"][x], "basin")) for x in ("radius", "step"))
    limit = limit_of(task.start, {"--max-steps": max_steps})
    order, columns, steps = _symmetry(task, point, float(basin), limit)
    aim = np.array([[to_float(x) for x in row] for row in point])
    inside = float(basin) * (MIDDLE if neighbourhood else INSIDE)

    def arrived(_: int, at: descent.View, radius: Ball) -> bool:
        return math.dist(_floats(at)[order][:, columns].ravel(), aim.ravel()) + float(radius) < inside

    drift = enclosed.FINE if neighbourhood else enclosed.COARSE
    run, bits = _followed(task, arrived, limit, basin, first_bits(len(task.start), steps), drift)
    around: Json = {}
    if neighbourhood:
        run, around = _neighbourhood(task.start, run, bits, order, columns, point, basin)
    near = bound(run_ends.distance(run, order, columns, point), UP)
    proof = run_ends.in_basin(run, exact(number(near, "distance")), basin, most_step)
    if not proof.holds:
        failed = next(h for h in proof.hypotheses if not h.proved)
        sides = f"{text(failed.left, UP)} and {text(failed.right, UP)}"
        raise _Refused(f"{failed.text} is not proved: {sides}", len(run.legs), bits)
    end = {"rows": order, "columns": columns}
    return {"steps": len(run.legs), "end": end, "distance": near, **around}, [proof], run.radius, bits


def _floats(at: descent.View) -> Floats:
    return np.array([[float(x) for x in row] for row in at.point.tolist()])


def _symmetry(task: _Task, point: Rows, basin: float, limit: Limit) -> tuple[list[int], list[int], int]:
    """Which neurons and coordinates of the end are those of the minimum, and after how many steps; a guess."""
    first, aim = (np.array([[to_float(x) for x in row] for row in p]) for p in (task.start, point))
    step, of = float(task.step), task.network
    max_steps, remedy = limit
    runs = begin_at(first[None], np.eye(first.shape[1]), step=step, max_steps=max_steps, network=of)
    keeping = None if of is None else of._replace(slope=ANY_SLOPE)
    for tolerance in TOLERANCES:
        advance(runs, tolerance, threads=1)
        if runs.step_size[0] != step:
            raise _Refused("in floating point, the run diverges; choose a smaller step", None, 0)
        order, columns = orbit.align(aim, runs.weights[0], keeping)
        apart = float(np.linalg.norm(runs.weights[0][order][:, columns] - aim))
        if apart < basin:
            return order.tolist(), columns.tolist(), max_steps - int(runs.left[0])
    steps = max_steps - int(runs.left[0])
    ends, more = ("has not ended", f"{remedy}, or ") if runs.state[0] == EXHAUSTED else ("ends", "")
    raise _Refused(
        f"in floating point, the run {ends} after {steps} steps at a distance of {apart:.3g} from the minimum, whose "
        f"certified basin has radius {basin:.3g}; {more}give another minimum",
        steps,
        0,
    )


Arrived = Callable[[int, descent.View, Ball], bool]
Drift = tuple[Ball, Ball]


def _followed(
    task: _Task, arrived: Arrived, limit: Limit, size: Ball, bits: int, drift: Drift = enclosed.COARSE
) -> tuple[Run, int]:
    """The run at the first precision, from `bits` on, that leaves its enclosure narrow. r_t never falls, so an attempt
    ends where it is too wide already. Whether it has arrived is looked at now and then, and at the last step."""
    most, remedy = limit
    goal, network = NARROW * size, kernel_network(task.network)
    ratio = task.step.as_integer_ratio()

    def narrow(t: int, at: descent.View, radius: Ball) -> bool:
        if bits < MOST_BITS and ball.proves_lt(goal, radius):
            raise _Wide
        task.seen.take(t, at, radius)
        return (not t % LOOK or t == most) and arrived(t, at, radius)

    while True:
        task.seen.restart()
        try:
            run = enclosed.follow(task.start, ratio, bits, shifted_factors, narrow, most, drift, network)
        except _Wide:
            pass
        except Stopped as stopped:
            if stopped.kind != enclosed.WIDE or bits == MOST_BITS:
                raise _Refused(explain(stopped, task.step), stopped.at, bits) from stopped
        else:
            if run is None:
                raise _Refused(f"the run has not arrived after {most} steps; {remedy}", most, bits)
            if ball.proves_le(run.radius, goal) or bits == MOST_BITS:
                return run, bits
        bits = min(2 * bits, MOST_BITS)


def explain(stopped: Stopped, step: Fraction) -> str:
    """Why a step is not proved, with its numbers, and what to try."""
    where = f"step {stopped.at}"
    sides = [text(x, UP, 3) for x in stopped.numbers]
    if stopped.kind == enclosed.LONG:
        return (
            f"{where}: the step {step} times a bound of the largest eigenvalue of the Hessian is {sides[0]}, more than "
            f"2; the shortest neuron has length {sides[1]}. Choose a smaller step; next to a vanishing neuron, where "
            "the loss is not differentiable, no step serves: choose another start"
        )
    if stopped.kind == enclosed.WIDE:
        return (
            f"{where}: the run is enclosed within {sides[0]} only, and the shortest neuron has length {sides[1]}: it "
            "may vanish, where the loss is not differentiable. Choose another start or a smaller step"
        )
    if stopped.kind == enclosed.ORIGIN:
        return f"{where}: a neuron vanishes, up to rounding; there is no gradient there. Choose another start"
    return (
        f"{where}: the eigenvalues of the Hessian overflow; the run seems to diverge. Choose a smaller step"
    )


def _stays_below(task: _Task, floor: Fraction, until: int, max_steps: int) -> Found:
    n, k = len(task.start), len(task.start[0])
    if n <= k:
        raise _Refused("runs below the floor are decided for n > k only; give the minimum", None, 0)
    with ball.precision(enclosed.BITS):
        low = ball.lower(ball.ratio(floor.as_integer_ratio()))
    ratio, network = task.step.as_integer_ratio(), kernel_network(task.network)
    found: list[Ball] = []

    def arrived(t: int, at: descent.View, radius: Ball) -> bool:
        guess, shortest = float(descent.objective(at)), math.sqrt(min(map(float, at.squares)))
        if guess >= float(low) or guess * float(task.step) * (until - t) > (shortest / 4) ** 2:
            return False
        point = tuple(tuple(map(to_dyadic, row)) for row in at.point.tolist())
        more = math.ceil(SPARE_STEPS * (until - t))
        for halvings in HALVINGS:
            rho = ball.exact_float(shortest * 2.0**-halvings)
            try:
                value, rest = run_ends.cannot_rise_near(point, radius, ratio, more, low, rho, network)
            except NotProved:
                continue
            claimed = exact(number(bound(value, UP), "objective"))
            if rest.holds and ball.proves_lt(claimed, low):
                found[:] = [rho]
                return True
        return False

    limit = limit_of(task.start, {"--max-steps": max_steps, "--until": until})
    run, bits = _followed(task, arrived, limit, low, first_bits(n))
    value, chain, rest = run_ends.stays_low(run, until - len(run.legs), low, found[0])
    if not (chain.holds and rest.holds):
        raise _Refused("Theorem T is not proved at the end of the run", len(run.legs), bits)
    member = {"steps": len(run.legs), "until": until, "objective": bound(value, UP)}
    return member, [chain, rest], run.radius, bits


def _neighbourhood(
    start: Rows, run: Run, bits: int, order: list[int], columns: list[int], point: Rows, basin: Ball
) -> tuple[Run, Json]:
    """The same run for a ball of starts, about as large as the chain of steps allows, and what is claimed of it."""
    inside = ball.exact_float(INSIDE) * basin

    def serves(first: Dyadic) -> Run | None:
        try:
            wide = enclosed.again(run, exact(first))
        except Stopped:
            return None
        return wide if ball.proves_lt(run_ends.distance(wide, order, columns, point), inside) else None

    found, wide = (1, 0), serves((1, 0))
    while wide is None:
        found = (1, found[1] - 1)
        if found[1] < -bits:
            raise _Refused(
                "no ball of starts about this one is proved to go the same way", len(run.legs), bits
            )
        wide = serves(found)
    for place in range(found[1] - 1, found[1] - 1 - RADIUS_BITS, -1):
        larger = add(found, (1, place))
        wider = serves(larger)
        if wider is not None:
            found, wide = larger, wider
    mass = run_ends.gaussian_mass(start, exact(found))
    if not ball.proves_lt(exact((1, LEAST)), mass):
        reason = "a ball of starts is proved, but the bound of its probability is too small for a certificate"
        raise _Refused(f"{reason}, below 2^{LEAST}; leave out --neighbourhood", len(run.legs), bits)
    return wide, {"neighbourhood": {"radius": written(found, DOWN), "probability": at_least(mass)}}
