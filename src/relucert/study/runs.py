"""Which minimum a run of gradient descent goes to: guesses by the search, decided by the kernel.

Pure functions, the tasks of `batch`. A run ends early only for a reason that is proved (docs/theorem/teacher.md
section 6): its iterate lies in the certified basin of a minimum, or its loss is below the floor and cannot
rise any more. Otherwise it ends by the protocol, and then what is next to its last point is certified.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from relucert import certificate
from relucert.base.dyadic import Dyadic, to_float
from relucert.base.errors import InputError
from relucert.base.exact import Rows, exact_rows
from relucert.certificate.provenance import provenance
from relucert.families.teacher import statement as teacher_statement
from relucert.families.teacher.candidate import Candidate
from relucert.families.teacher.hessian import kernel_network
from relucert.families.teacher.network import PLAIN, Layer, Network
from relucert.families.teacher.problem import Problem
from relucert.families.teacher.search import newton, orbit
from relucert.families.teacher.search.descent import FEWEST_LANES, Floats, Runs, advance, begin, end_points
from relucert.families.teacher.search.device import Device, mover
from relucert.families.teacher.search.states import EXHAUSTED, RUNNING
from relucert.families.teacher.verify import verify
from relucert.kernel import ball
from relucert.kernel.ball import NotProved, exact, exact_float
from relucert.kernel.teacher import loss, trajectory

BITS = 64  # of the proofs about runs
ALIKE = 1e-7  # end points whose losses differ by more are not tried as one
LARGEST_GROUP, SPREAD = 128, 4  # runs in one task, and into how many tasks few runs are spread
TRIES = 4  # families that a run is compared with at each look
NEAR = 1e-6  # relative difference of losses beyond which a family is not tried
MINIMA = ("spurious-minimum", "global-minimum", "local-minimum")
BASIN, FLOOR, CRITERION = "basin", "floor", "criterion"
BELOW = "below-floor"
UNDECIDED = "undecided"

Json = dict[str, Any]


@dataclass(frozen=True)
class Protocol:
    """Safran & Shamir 2018, section 4, but that a run goes on until it is decided.

    step, tolerance: of gradient descent, which ends where no neuron's gradient is longer (the paper's: 1e-9).
    look: the gradient at which a run is looked at for the first time, and again after each factor of 10.
    floor: runs that end with less loss are not of interest; with n > k, where their limits are not isolated,
    they end after floor_steps at the latest, all others after max_steps. layer: output weights and activation.
    """

    seed: int = 0
    step: float = 0.1
    tolerance: float = 1e-12
    look: float = 1e-5
    floor: float = 1e-3
    floor_steps: int = 20_000
    max_steps: int = 4_000_000
    layer: Layer = PLAIN

    def __post_init__(self) -> None:
        """Raises InputError for values out of range."""
        sizes = self.step, self.floor, self.look
        if not all(0 < x < np.inf for x in sizes) or not 0 < self.tolerance <= self.look:
            raise InputError("the protocol needs 0 < tolerance <= look, a positive step and a positive floor")
        if not 1 <= self.floor_steps <= self.max_steps or self.seed < 0:
            raise InputError("the protocol needs 1 <= floor_steps <= max_steps and a seed of at least 0")

    def as_json(self) -> Json:
        """The protocol of the ReLU with output weights 1 says nothing of them."""
        numbers = asdict(self)
        numbers.pop("layer")
        return numbers | self.layer.as_json()

    def problem(self, k: int, n: int) -> Problem:
        """What the runs of this (k, n) descend on. Raises InputError where it has not as many output weights."""
        return replace(Problem.orthonormal(k, n), network=self.layer.network(n, k))

    def looks(self) -> list[float]:
        """The gradients at which runs are looked at."""
        found = [self.look]
        while found[-1] > self.tolerance:
            found.append(max(float(f"{found[-1] / 10:.12g}"), self.tolerance))
        return found


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


def descend_chunk(
    k: int, n: int, first: int, count: int, protocol: Protocol, device: Device | None = None
) -> Json:
    """Runs first, .., first + count - 1 to the first look; their state as arrays. device: by PyTorch."""
    runs = begin(
        np.eye(k), n, count, protocol.seed, first_run=first, step=protocol.step, max_steps=protocol.max_steps,
        network=protocol.layer.network(n, k),
    )  # fmt: skip
    _onward(runs, protocol.look, protocol, device)
    return _pack(runs)


def onward(k: int, group: Json, protocol: Protocol, tolerance: float, device: Device) -> Json:
    """Moves a group of runs on to this tolerance by PyTorch, for `look`, which then has little to do."""
    runs = _unpack(k, group, protocol)
    _onward(runs, tolerance, protocol, device)
    return _pack(runs)


def polish(weights: Floats, k: int, saddles: bool, of: Network | None = None) -> Json:
    """{"point": the critical point next to `weights`}, or {}: none, or a saddle, not asked for."""
    found = newton.polish(weights, np.eye(k), of)
    if found is None or (not saddles and found[1][0] <= 0.0):
        return {}
    return {"point": found[0]}


def certify(point: Floats, k: int, origin: Json, of: Network | None = None) -> Json:
    """{"statement": what is proved about the critical point next to `point`}, or {} if nothing is."""
    problem = replace(Problem.orthonormal(k, len(point)), network=of)
    rows = exact_rows(point.tolist(), "neuron")
    result = verify(Candidate(problem, rows, "gradient descent from a random start", origin))
    if result.verdict not in (*MINIMA, "strict-saddle"):
        return {}
    return {"statement": teacher_statement.statement(result, provenance(result))}


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


def look(
    k: int, group: Json, known: Sequence[Reference], protocol: Protocol, tolerance: float, saddles: bool
) -> Json:
    """Moves a group of runs on to this tolerance, and decides those that it can.

    {"decisions": a list of Decision or None, "loss": .., "steps": ..} and the state of the runs. saddles: at
    the end of the protocol a run may be decided to be at a saddle.
    """
    runs = _unpack(k, group, protocol)
    _onward(runs, tolerance, protocol)
    ends = end_points(runs, tolerance)
    points = [one.floats() for one in known]
    decisions = []
    for r, weights in enumerate(ends.weights):
        last = tolerance == protocol.tolerance or bool(runs.state[r] == EXHAUSTED)
        here = weights, float(ends.loss[r]), int(ends.steps[r]), float(ends.step_size[r])
        decisions.append(_decide(k, here, known, points, protocol, last, saddles))
    return {"decisions": decisions, "loss": ends.loss, "steps": ends.steps, **_pack(runs)}


def same(one: Reference, other: Reference, of: Network | None = None) -> bool:
    """Proved: they are about the same critical point, up to a symmetry."""
    with ball.precision(BITS):
        distance = loss.distance(one.point, _image(one.floats(), other.floats(), other.point, of))
        return trajectory.same_minimum(distance, exact(other.radius), exact(one.uniqueness)).holds


def _image(at: Floats, near: Floats, point: Rows, of: Network | None) -> loss.Rows:
    """The image of `point`, which is about `near`, under a symmetry of the loss; as near `at` as is found.

    Raises NotProved if it is no symmetry.
    """
    rows, columns = orbit.align(at, near, of)
    orders, network = (rows.tolist(), columns.tolist()), kernel_network(of)
    if not trajectory.keeps(Problem.orthonormal(at.shape[1]).targets, *orders, network):
        raise NotProved("not a symmetry of the loss")
    neurons, coordinates = orbit.turn(at, near[rows][:, columns], of)
    image = trajectory.image(point, *orders)
    return trajectory.turned(image, neurons.tolist(), coordinates.tolist(), network)


def different(one: Reference, other: Reference) -> bool:
    """Proved: no symmetry takes the critical point of the one to that of the other."""
    with ball.precision(BITS):
        a, b = ((exact(low), exact(high)) for low, high in (one.objective, other.objective))
        return trajectory.different(a, b).holds or trajectory.different(b, a).holds


def alike(point: Floats, other: Floats, of: Network | None = None) -> bool:
    """Whether two polished points seem to be images of each other under a symmetry; a guess."""
    if abs(float(np.abs(point).sum() - np.abs(other).sum())) > 1e-6:
        return False
    rows, columns = orbit.align(point, other, of)
    image = other[rows][:, columns]
    neurons, coordinates = orbit.turn(point, image, of)
    return bool(np.abs(point - neurons[:, None] * image * coordinates).max() < 1e-7)


def _decide(
    k: int, here: tuple[Floats, float, int, float], known: Sequence[Reference], points: Sequence[Floats],
    protocol: Protocol, last: bool, saddles: bool,
) -> Decision | None:  # fmt: skip
    """One run that is here = (weights, loss, steps, step size); last: the protocol is at its end."""
    weights, value, _, step = here
    if not np.isfinite(weights).all():
        return None
    of = protocol.layer.network(len(weights), k)
    if value < protocol.floor and len(weights) > k:
        return _low(k, here, protocol, last)
    middles = [(to_float(one.objective[0]) + to_float(one.objective[1])) / 2 for one in known]
    order = sorted(range(len(known)), key=lambda i: abs(middles[i] - value))
    for i in order[:TRIES]:
        one = known[i]
        reach = to_float(one.basin) if one.basin is not None else 0.0
        if abs(middles[i] - value) > NEAR * (1 + abs(value)) + reach**2:  # the loss bends like the square
            continue
        with ball.precision(BITS):
            image = _image(points[i], weights, exact_rows(weights.tolist(), "neuron"), of)
            distance = ball.upper(loss.distance(one.point, image))
            near = ball.to_dyadic(distance)
            if one.basin is not None and one.most_step is not None:
                basin, most = exact(one.basin), exact(one.most_step)
                if trajectory.in_basin(distance, basin, exact_float(step), most).holds:
                    return Decision(one.verdict, BASIN, i, near)
            elif last and saddles and one.verdict == "strict-saddle":
                bounds = exact(one.radius), exact(one.uniqueness)
                if trajectory.nearest(distance, *bounds).holds:
                    return Decision(one.verdict, CRITERION, i, near)
    return None


def _low(
    k: int, here: tuple[Floats, float, int, float], protocol: Protocol, last: bool
) -> Decision | None:  # fmt: skip
    """A run with n > k whose loss is below the floor."""
    weights, guess, steps, step = here
    end = protocol.floor_steps if steps < protocol.floor_steps else protocol.max_steps
    left = 0 if last else end - steps
    shortest = float(np.sqrt((weights**2).sum(axis=1)).min())
    if guess * step * left > (shortest / 4) ** 2:
        return None  # no ball that the theorem allows is large enough
    with ball.precision(BITS):
        problem = protocol.problem(k, len(weights))
        floor = exact_float(protocol.floor)
        try:
            rows, network = exact_rows(weights.tolist(), "neuron"), kernel_network(problem.network)
            g = loss.geometry(rows, problem.targets, network)
            value = ball.upper(loss.objective(g))
            if last:
                return Decision(BELOW, CRITERION, -1, None) if trajectory.below(value, floor).holds else None
            bend = trajectory.curvature(g)
            for halvings in range(2, 6):
                radius = exact_float(shortest * 2.0**-halvings)
                slope = trajectory.hessian_lipschitz(g, radius)
                rest = trajectory.cannot_rise(value, bend, slope, radius, exact_float(step), left, floor)
                if rest.holds:
                    return Decision(BELOW, FLOOR, -1, None)
        except NotProved:
            pass  # a neuron at the origin: nothing is proved
    return None


def _onward(runs: Runs, tolerance: float, protocol: Protocol, device: Device | None = None) -> None:
    """Moves runs on; with n > k one whose loss is below the floor stops after floor_steps."""
    move = partial(advance, threads=1) if device is None else mover(device)
    extra = runs.weights.shape[1] > len(runs.targets)
    reserve = protocol.max_steps - protocol.floor_steps if extra else 0
    early, late = np.flatnonzero(runs.left > reserve), np.flatnonzero(runs.left <= reserve)
    runs.left[early] -= reserve
    move(runs, tolerance, early)
    runs.left[early] += reserve
    tired = early[runs.state[early] == EXHAUSTED]
    if len(tired):
        high = tired[~(end_points(runs.some(tired), tolerance).loss < protocol.floor)]
        runs.state[high] = RUNNING
        late = np.concatenate([late, high])
    move(runs, tolerance, late)


STATE = ("run", "weights", "step_size", "left", "state")


def _pack(runs: Runs) -> Json:
    return {name: getattr(runs, name) for name in STATE}


def _unpack(k: int, group: Json, protocol: Protocol) -> Runs:
    arrays = {name: np.array(group[name]) for name in STATE}
    of = protocol.layer.network(arrays["weights"].shape[1], k)
    return Runs(targets=np.eye(k), seed=protocol.seed, max_steps=protocol.max_steps, network=of, **arrays)


def regrouped(groups: Sequence[Json], largest: int = LARGEST_GROUP, spread: int = SPREAD) -> list[Json]:
    """The undecided runs of these groups, in new ones of about equal size, for few runs small ones."""
    whole = {name: np.concatenate([group[name] for group in groups]) for name in STATE}
    open_ = [d is None for group in groups for d in group.get("decisions", [None] * len(group["run"]))]
    which = np.flatnonzero(open_)
    if not len(which):
        return []
    size = min(largest, FEWEST_LANES * math.ceil(len(which) / (spread * FEWEST_LANES)))
    parts = [which[first : first + size] for first in range(0, len(which), size)]
    return [{name: array[part] for name, array in whole.items()} for part in parts]


def proposals(groups: Sequence[Json], k: int, protocol: Protocol) -> list[tuple[int, Floats]]:
    """(run, weights) of one run of each set of undecided runs with nearly the same loss.

    Not of runs of no interest: those below the floor with n > k, where minima are not isolated.
    """
    found = []
    for group in groups:
        ends = end_points(_unpack(k, group, protocol), protocol.tolerance)
        for loss_, run, weights in zip(ends.loss, ends.run, ends.weights, strict=True):
            if loss_ >= protocol.floor or weights.shape == (k, k):
                found.append((float(loss_), int(run), weights))
    found.sort(key=lambda item: item[:2])
    sets: list[list[tuple[float, int, Floats]]] = []
    for item in found:
        if sets and item[0] - sets[-1][-1][0] <= ALIKE:
            sets[-1].append(item)
        else:
            sets.append([item])
    return [min(one, key=lambda item: item[:2])[1:] for one in sets]
