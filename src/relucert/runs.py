"""Which minimum a run of gradient descent goes to: guesses by the search, decided by the kernel.

Pure functions, the tasks of `batch`. A run ends early only for a reason that is proved (docs/theorem.md
section 6): its iterate lies in the certified basin of a minimum, or its loss is below the floor and cannot
rise any more. Otherwise it ends by the protocol, and then what is next to its last point is certified.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np

from relucert import certificate
from relucert.candidate import Candidate
from relucert.dyadic import Dyadic, to_float
from relucert.kernel import ball, lipschitz, loss, trajectory
from relucert.kernel.ball import Ball, NotProved, exact, exact_float
from relucert.problem import InputError, Problem, Rows, exact_rows
from relucert.provenance import provenance
from relucert.search import newton, orbit
from relucert.search.descent import EXHAUSTED, RUNNING, Floats, Integers, Runs, advance, begin, end_points
from relucert.verify import verify

BITS = 64  # of the proofs about runs
ALIKE = 1e-8  # end points whose losses differ by more are not tried as one
TRIES = 4  # families that a run is compared with at each look
NEAR = 1e-6  # relative difference of losses beyond which a family is not tried
MINIMA = ("spurious-minimum", "global-minimum", "local-minimum")
BASIN, FLOOR, CRITERION = "basin", "floor", "criterion"
BELOW = "below-floor"
UNDECIDED = "undecided"

Json = dict[str, Any]


@dataclass(frozen=True)
class Protocol:
    """Safran & Shamir 2018, section 4, and when a run is looked at.

    step, tolerance: of gradient descent, which ends where no neuron's gradient is longer. look: the gradient
    at which a run is looked at for the first time, and again after each factor of 10. floor: runs that end
    with less loss are not of interest; they end after floor_steps at the latest, all others after max_steps.
    """

    seed: int = 0
    step: float = 0.1
    tolerance: float = 1e-9
    look: float = 1e-6
    floor: float = 1e-3
    floor_steps: int = 50_000
    max_steps: int = 400_000

    def __post_init__(self) -> None:
        """Raises InputError for values out of range."""
        if not 0 < self.tolerance <= self.look < np.inf or not 0 < self.step < np.inf or not self.floor > 0:
            raise InputError("the protocol needs 0 < tolerance <= look, a positive step and a positive floor")
        if not 1 <= self.floor_steps <= self.max_steps or self.seed < 0:
            raise InputError("the protocol needs 1 <= floor_steps <= max_steps and a seed of at least 0")

    def as_json(self) -> Json:
        return asdict(self)


class Reference(NamedTuple):
    """What the certificate of a critical point W* claims; `point` is W. None where it claims nothing."""

    digest: str
    verdict: str
    point: Rows
    objective: tuple[Dyadic, Dyadic]
    radius: Dyadic
    uniqueness: Dyadic
    basin: Dyadic | None
    most_step: Dyadic | None

    def floats(self) -> Floats:
        return np.array([[to_float(x) for x in row] for row in self.point])


class Decision(NamedTuple):
    """reference: index in the list of references, -1 for none. distance: >= that to its point, or None."""

    kind: str
    ended: str
    reference: int
    distance: Dyadic | None


def descend_chunk(k: int, n: int, first: int, count: int, protocol: Protocol) -> Json:
    """Runs first, .., first + count - 1 to the first look; their state as arrays."""
    runs = begin(
        np.eye(k), n, count, protocol.seed, first_run=first, step=protocol.step, max_steps=protocol.max_steps
    )
    _onward(runs, protocol.look, np.arange(count), protocol)
    return _pack(runs)


def polish(weights: Floats, k: int, saddles: bool) -> Json:
    """{"point": the critical point next to `weights`}, or {}: none, or a saddle, not asked for."""
    found = newton.polish(weights, np.eye(k))
    if found is None or (not saddles and found[1][0] <= 0.0):
        return {}
    return {"point": found[0]}


def certify(point: Floats, k: int, origin: Json) -> Json:
    """{"statement": what is proved about the critical point next to `point`}, or {} if nothing is."""
    problem = Problem.orthonormal(k, len(point))
    rows = exact_rows(point.tolist(), "neuron")
    result = verify(Candidate(problem, rows, "gradient descent from a random start", origin))
    if result.verdict not in (*MINIMA, "strict-saddle"):
        return {}
    return {"statement": certificate.statement(result, provenance(result))}


def reference(statement: Json) -> Reference:
    """Of the statement of a critical point."""
    claim = statement["claim"]
    bounds = claim["bounds"]

    def bound(value: Any) -> Dyadic:
        return certificate.number(value, "bounds")

    low, high = bounds["objective"]
    basin = bounds.get("basin")
    return Reference(
        certificate.digest(statement),
        claim["verdict"],
        tuple(tuple((int(m), e) for m, e in row) for row in claim["point"]),
        (bound(low), bound(high)),
        bound(bounds["existence_radius"]),
        bound(bounds["uniqueness_radius"]),
        bound(basin["radius"]) if basin else None,
        bound(basin["step"]) if basin else None,
    )


def decide_chunk(k: int, chunk: Json, known: Sequence[Reference], protocol: Protocol) -> Json:
    """Runs of a chunk, each followed until it is decided or the protocol ends.

    {"decisions": a list of Decision or None, "loss": .., "steps": ..} and the state of the runs at the end.
    """
    runs = _unpack(k, chunk, protocol)
    decisions: list[Decision | None] = [None] * len(runs.weights)
    looks, tolerance = [protocol.look], protocol.look
    while tolerance > protocol.tolerance:
        tolerance = max(tolerance / 10, protocol.tolerance)
        looks.append(tolerance)
    points = [one.floats() for one in known]
    for tolerance in looks:
        open_runs = np.array([r for r, d in enumerate(decisions) if d is None], dtype=np.int64)
        if tolerance < protocol.look:
            _onward(runs, tolerance, open_runs, protocol)
        ends = end_points(runs, tolerance)
        for r in open_runs:
            last = tolerance == protocol.tolerance or bool(runs.state[r] == EXHAUSTED)
            here = ends.weights[r], float(ends.loss[r]), int(ends.steps[r])
            decisions[r] = _decide(k, here, known, points, protocol, last, float(runs.step_size[r]))
    ends = end_points(runs, protocol.tolerance)
    return {"decisions": decisions, "loss": ends.loss, "steps": ends.steps, **_pack(runs)}


def decide_again(k: int, chunk: Json, known: Sequence[Reference], protocol: Protocol) -> Json:
    """The same for runs at the end of the protocol, with more references: nothing moves."""
    decisions, points = list(chunk["decisions"]), [one.floats() for one in known]
    for r, decision in enumerate(decisions):
        if decision is None:
            here = chunk["weights"][r], float(chunk["loss"][r]), int(chunk["steps"][r])
            step = float(chunk["step_size"][r])
            decisions[r] = _decide(k, here, known, points, protocol, True, step, saddles=True)
    return {**chunk, "decisions": decisions}


def same(one: Reference, other: Reference) -> bool:
    """Proved: they are about the same critical point, up to a symmetry."""
    with ball.precision(BITS):
        rows, columns = orbit.align(one.floats(), other.floats())
        image = tuple(tuple(other.point[i][j] for j in columns) for i in rows)
        distance = loss.distance(one.point, image)
        return trajectory.same_minimum(distance, exact(other.radius), exact(one.uniqueness)).holds


def different(one: Reference, other: Reference) -> bool:
    """Proved: no symmetry takes the critical point of the one to that of the other."""
    with ball.precision(BITS):
        a, b = ((exact(low), exact(high)) for low, high in (one.objective, other.objective))
        return trajectory.different(a, b).holds or trajectory.different(b, a).holds


def alike(point: Floats, other: Floats) -> bool:
    """Whether two polished points seem to be images of each other under a symmetry; a guess."""
    if abs(float(np.abs(point).sum() - np.abs(other).sum())) > 1e-6:
        return False
    rows, columns = orbit.align(point, other)
    return bool(np.abs(point - other[rows][:, columns]).max() < 1e-7)


def _decide(
    k: int, here: tuple[Floats, float, int], known: Sequence[Reference], points: Sequence[Floats],
    protocol: Protocol, last: bool, step: float, *, saddles: bool = False,
) -> Decision | None:  # fmt: skip
    """One run that is here = (weights, loss, steps); last: the protocol is at its end."""
    weights, value, steps = here
    if value < protocol.floor and len(weights) > k:
        return _low(k, weights, protocol, protocol.floor_steps - steps, step, last)
    middles = [(to_float(one.objective[0]) + to_float(one.objective[1])) / 2 for one in known]
    order = sorted(range(len(known)), key=lambda i: abs(middles[i] - value))
    for i in order[:TRIES]:
        if abs(middles[i] - value) > NEAR * (1 + abs(value)):
            return None
        one = known[i]
        rows, columns = orbit.align(points[i], weights)
        image = exact_rows(weights[rows][:, columns].tolist(), "neuron")
        with ball.precision(BITS):
            distance = ball.upper(loss.distance(one.point, image))
            near = ball.to_dyadic(distance)
            if one.basin is not None and one.most_step is not None:
                basin, most = exact(one.basin), exact(one.most_step)
                if trajectory.in_basin(distance, basin, exact_float(step), most).holds:
                    return Decision(one.verdict, BASIN, i, near)
            elif saddles and trajectory.same_minimum(distance, Ball(0), exact(one.uniqueness)).holds:
                return Decision(one.verdict, CRITERION, i, near)
    return None


def _low(k: int, weights: Floats, protocol: Protocol, left: int, step: float, last: bool) -> Decision | None:
    """A run with n > k whose loss is below the floor."""
    if last:
        left = 0
    with ball.precision(BITS):
        problem = Problem.orthonormal(k, len(weights))
        floor, shortest = exact_float(protocol.floor), float(np.sqrt((weights**2).sum(axis=1)).min())
        try:
            g = loss.geometry(exact_rows(weights.tolist(), "neuron"), problem.targets)
            value = ball.upper(loss.objective(g))
            if left <= 0:
                return Decision(BELOW, CRITERION, -1, None) if trajectory.below(value, floor).holds else None
            if float(value) * step * left > (shortest / 4) ** 2:
                return None  # no ball that the theorem allows is large enough
            bend = trajectory.curvature(g)
            lengths, targets = [w.length for w in g.neurons], [v.length for v in g.targets]
            for halvings in range(2, 6):
                radius = exact_float(shortest * 2.0**-halvings)
                slope = lipschitz.theorem_b(lengths, targets, radius)
                rest = trajectory.cannot_rise(value, bend, slope, radius, exact_float(step), left, floor)
                if rest.holds:
                    return Decision(BELOW, FLOOR, -1, None)
        except NotProved:
            pass  # a neuron at the origin: nothing is proved
    return None


def _onward(runs: Runs, tolerance: float, which: Integers, protocol: Protocol) -> None:
    """Moves these runs on; one whose loss is below the floor stops after floor_steps."""
    reserve = protocol.max_steps - protocol.floor_steps
    early = which[runs.left[which] > reserve]
    late = which[runs.left[which] <= reserve]
    runs.left[early] -= reserve
    advance(runs, tolerance, early, threads=1)
    runs.left[early] += reserve
    tired = early[runs.state[early] == EXHAUSTED]
    if len(tired):
        values = end_points(_some(runs, tired), tolerance).loss
        high = tired[values >= protocol.floor]
        runs.state[high] = RUNNING
        late = np.concatenate([late, high])
    advance(runs, tolerance, late, threads=1)


def _some(runs: Runs, which: Integers) -> Runs:
    return Runs(
        runs.targets, runs.seed, runs.first_run, runs.max_steps, runs.weights[which], runs.step_size[which],
        runs.left[which], runs.state[which],
    )  # fmt: skip


def _pack(runs: Runs) -> Json:
    return {
        "first": runs.first_run, "weights": runs.weights, "step_size": runs.step_size, "left": runs.left,
        "state": runs.state,
    }  # fmt: skip


def _unpack(k: int, chunk: Json, protocol: Protocol) -> Runs:
    arrays = (np.array(chunk[name]) for name in ("weights", "step_size", "left", "state"))
    return Runs(np.eye(k), protocol.seed, chunk["first"], protocol.max_steps, *arrays)


def proposals(chunks: Sequence[Json], k: int, protocol: Protocol) -> list[tuple[int, Floats]]:
    """(run, weights) of one run of each group of undecided runs with nearly the same loss.

    Not of runs of no interest: those below the floor with n > k, where minima are not isolated.
    """
    found = []
    for chunk in chunks:
        ends = end_points(_unpack(k, chunk, protocol), protocol.tolerance)
        done = chunk.get("decisions") or [None] * len(ends.loss)
        for r, decision in enumerate(done):
            interesting = ends.loss[r] >= protocol.floor or ends.weights.shape[1] == k
            if decision is None and interesting:
                found.append((float(ends.loss[r]), int(ends.run[r]), ends.weights[r]))
    found.sort(key=lambda item: item[:2])
    groups: list[list[tuple[float, int, Floats]]] = []
    for item in found:
        if groups and item[0] - groups[-1][-1][0] <= ALIKE:
            groups[-1].append(item)
        else:
            groups.append([item])
    return [min(group, key=lambda item: item[:2])[1:] for group in groups]
