"""Fixed-step gradient descent for the loss of teacher and student, many runs at once.

UNTRUSTED floating point: what is found here is a guess, and only the kernel decides what it is worth.
The protocol is that of Safran & Shamir 2018, section 4; formulas and notation are those of docs/theorem/teacher.md,
section 1, and with output weights and another activation of docs/theorem/signed.md, Lemma 20.F. Why compiled code, and
why in this layout: see the decision record on the descent backend.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from relucert.families.teacher.network import Network
from relucert.families.teacher.search.states import DIVERGED, EXHAUSTED, RUNNING

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

LANES = 32  # runs computed side by side: the length of every inner loop
FEWEST_LANES = 8  # of the last runs: still a multiple of any vector width
MARGIN = 0.999  # the descent aims a little below the tolerance, so that rounding does not undo its verdict
BLOW_UP = 10.0  # a gradient this many times the largest one possible at the start has diverged


@dataclass(frozen=True)
class EndPoints:
    """Where the runs of one problem stopped; entry i of every array belongs to run number `run[i]`.

    run, steps: (runs,) int64. Steps of abandoned attempts are included, each attempt counting one more.
    weights: (runs, n, d), one neuron per row. loss: (runs,). step_size: (runs,), after all halvings.
    gradient: (runs,), the largest Euclidean norm of any one neuron's gradient.
    converged: (runs,) bool, gradient <= tolerance. A run that did not converge is kept, and says so here.
    """

    run: Integers
    weights: Floats
    loss: Floats
    gradient: Floats
    steps: Integers
    step_size: Floats
    converged: NDArray[np.bool_]


def starting_point(targets: int, neurons: int, dimension: int, seed: int, run: int) -> Floats:
    """Weights (neurons, dimension), i.i.d. N(0, 1/targets), where run number `run` starts.

    A function of its arguments alone, so a run is the same in whatever company it is computed.
    """
    sequence = np.random.SeedSequence(seed, spawn_key=(targets, neurons, dimension, run))
    normal = np.random.Generator(np.random.PCG64(sequence)).standard_normal((neurons, dimension))
    return normal / math.sqrt(targets)


def outputs(network: Network | None, n: int, k: int) -> tuple[Floats, float]:
    """a_1 .. a_n, -b_1 .. -b_k, shape (n + k,), and the slope alpha. None: output weights 1 and the ReLU."""
    if network is None:
        return np.concatenate([np.ones(n), -np.ones(k)]), 0.0
    sign = np.array([*network.signs, *(-b for b in network.teacher)], dtype=np.float64)
    return sign, network.slope[0] / network.slope[1]


def loss_and_gradient(
    weights: Floats, targets: Floats, network: Network | None = None
) -> tuple[float, Floats]:
    """F(W) and its gradient (n, d); weights (n, d), targets (k, d), one vector per row (section 1, Lemma 20.F).

    Angles are 2 atan2(|u - v|, |u + v|) of unit vectors, accurate for all pairs, near parallel ones included.
    The absolute error of the loss is a few roundings of its largest term; a loss of 0 may come out negative.
    A neuron at the origin, where F is not differentiable, gives NaN.
    """
    n = len(weights)
    vectors = np.concatenate([weights, targets])
    sign, slope = outputs(network, n, len(targets))
    with np.errstate(invalid="ignore", over="ignore"):
        norm = np.sqrt((vectors * vectors).sum(axis=1))
        unit = vectors / norm[:, None]
        apart = np.sqrt(((unit[:, None] - unit) ** 2).sum(axis=2))
        along = np.sqrt(((unit[:, None] + unit) ** 2).sum(axis=2))
        angle = 2.0 * np.arctan2(apart, along)
        sine, rest = np.sin(angle), np.pi - angle
        terms = np.outer(norm * sign, norm * sign) * (sine + rest * np.cos(angle))
        pull = sign * norm * sine[:n]
        gradient = pull.sum(axis=1)[:, None] * unit[:n] + (sign * rest[:n]) @ vectors
        apart = sign @ vectors
    loss = math.fsum(terms.ravel()) if np.isfinite(terms).all() else math.nan
    loss, gradient = loss / (4.0 * np.pi), gradient / (2.0 * np.pi)
    if network is None:
        return loss, gradient
    scale = (1.0 - slope) ** 2
    whole = scale * loss + slope * float(apart @ apart) / 2.0
    return whole, sign[:n, None] * (scale * gradient + slope * apart)


@dataclass
class Runs:
    """Runs under way, made by `begin`, moved by `advance`: entry r of every array is run number run[r].

    targets: (k, d). weights: (runs, n, d), where each run is. step_size: (runs,), after all halvings.
    left: (runs,) int64, steps that remain; an abandoned attempt counts one more than its steps.
    state: (runs,), RUNNING, or why it stopped. given: (runs, n, d), where each run started, or None: at
    `starting_point`. network: output weights and slope, None for 1 and the ReLU.
    """

    targets: Floats
    seed: int
    max_steps: int
    run: Integers
    weights: Floats
    step_size: Floats
    left: Integers
    state: Integers
    given: Floats | None = None
    network: Network | None = None

    def starts(self, which: Integers) -> Floats:
        """Where these entries started."""
        if self.given is not None:
            return self.given[which]
        (k, d), n = self.targets.shape, self.weights.shape[1]
        return np.stack([starting_point(k, n, d, self.seed, int(r)) for r in self.run[which]])

    def some(self, which: Integers) -> Runs:
        """A copy of these entries."""
        return replace(
            self, run=self.run[which], weights=self.weights[which], step_size=self.step_size[which],
            left=self.left[which], state=self.state[which],
            given=None if self.given is None else self.given[which],
        )  # fmt: skip


def begin(
    targets: Floats,
    neurons: int,
    runs: int,
    seed: int,
    *,
    first_run: int = 0,
    step: float = 0.1,
    max_steps: int = 100_000,
    network: Network | None = None,
) -> Runs:
    """Runs number first_run, first_run + 1, .. at their starting points. Raises ValueError, see `descend`."""
    targets = checked_targets(targets)
    if neurons < 1 or runs < 1 or first_run < 0 or seed < 0:
        raise ValueError("neurons and runs must be at least 1, first_run and seed at least 0")
    k, d = targets.shape
    numbers = np.arange(first_run, first_run + runs)
    start = np.stack([starting_point(k, neurons, d, seed, int(r)) for r in numbers])
    return _waiting(targets, start, numbers, step, max_steps, seed, network)


def begin_at(
    starts: Floats,
    targets: Floats,
    *,
    step: float = 0.1,
    max_steps: int = 100_000,
    network: Network | None = None,
) -> Runs:
    """Runs from given points, starts: (runs, n, d). Raises ValueError, see `descend`."""
    targets = checked_targets(targets)
    if starts.ndim != 3 or not starts.size or starts.shape[2] != targets.shape[1]:
        raise ValueError("starts must be a (runs, n, d) array with the d of the targets")
    runs = _waiting(targets, starts.copy(), np.arange(len(starts)), step, max_steps, 0, network)
    return replace(runs, given=starts)


def checked_targets(targets: Floats) -> Floats:
    """Raises ValueError."""
    targets = np.array(targets, dtype=np.float64, order="C")
    with np.errstate(over="ignore"):
        length = np.sqrt((targets * targets).sum(axis=-1))
    if targets.ndim != 2 or not targets.size or not ((length > 0.0) & (length < math.inf)).all():
        raise ValueError("targets must be a (k, d) array of rows with positive, finite norms")
    return targets


def _waiting(
    targets: Floats, start: Floats, numbers: Integers, step: float, max_steps: int, seed: int,
    network: Network | None,
) -> Runs:  # fmt: skip
    if not 0.0 < step < math.inf or max_steps < 1:
        raise ValueError("step must be positive and finite, max_steps at least 1")
    left, state = np.full(len(start), max_steps), np.full(len(start), RUNNING)
    sizes = np.full(len(start), step)
    return Runs(targets, seed, max_steps, numbers, start, sizes, left, state, network=network)


def advance(
    runs: Runs,
    tolerance: float,
    which: Integers | None = None,
    *,
    threads: int | None = None,
    progress: Callable[[int, int], object] | None = None,
) -> None:
    """Moves the runs number `which` (default: all) until every neuron's gradient is at most the tolerance, or
    no steps are left. A run that has stopped at one tolerance goes on at a smaller one as if never stopped.
    progress(done, of): called now and then, in the calling thread. Raises ValueError for a bad tolerance.
    """
    from concurrent.futures import ThreadPoolExecutor

    from relucert.families.teacher.search import compiled  # numba is slow to import

    compiled.tell()
    live = going_on(runs, tolerance, which)
    total, workers = len(live), threads or os.cpu_count() or 1
    k, d = runs.targets.shape
    orthonormal = k == d and bool((runs.targets == np.eye(k)).all())
    layer = outputs(runs.network, runs.weights.shape[1], k)
    ceiling = np.zeros(len(runs.weights))
    ceiling[live] = ceilings(runs, live)
    with ThreadPoolExecutor(workers) as pool:
        while len(live):
            w, h, top = runs.weights[live], runs.step_size[live], ceiling[live]
            left, now = runs.left[live], runs.state[live]
            lanes = min(LANES, FEWEST_LANES * math.ceil(len(live) / (workers * FEWEST_LANES)))
            width = lanes * math.ceil(len(live) / (4 * workers * lanes))  # some slack to balance the threads
            parts = [slice(first, first + width) for first in range(0, len(live), width)]
            aim = MARGIN * tolerance
            same = lanes, orthonormal
            tasks = [(w[p], runs.targets, *layer, h[p], top[p], aim, left[p], now[p], *same) for p in parts]
            list(pool.map(lambda task: compiled.advance(*task), tasks))
            runs.weights[live], runs.left[live], runs.state[live] = w, left, now
            restart(runs, live[now == DIVERGED])
            live = live[runs.state[live] == RUNNING]
            if progress is not None:
                progress(total - len(live), total)


def going_on(runs: Runs, tolerance: float, which: Integers | None) -> Integers:
    """The entries of `which` (default: all) that have steps left, now RUNNING. Raises ValueError."""
    if not 0.0 < tolerance < math.inf:
        raise ValueError("tolerance must be positive and finite")
    asked: Integers = np.arange(len(runs.weights)) if which is None else which
    live: Integers = asked[runs.state[asked] != EXHAUSTED]
    runs.state[live] = RUNNING
    return live


def ceilings(runs: Runs, live: Integers) -> Floats:
    """(len(live),): the gradient of all neurons together above which these runs have diverged.

    |grad_i F| <= ((1 - alpha)^2/2 + |alpha|)(sum |w| + sum |v|), so passing the ceiling means that the weights have
    blown up.
    """
    size = np.full(len(live), np.sqrt((runs.targets * runs.targets).sum(axis=1)).sum())
    if len(live):
        size += np.sqrt((runs.starts(live) ** 2).sum(axis=2)).sum(axis=1)
    _, slope = outputs(runs.network, runs.weights.shape[1], len(runs.targets))
    return BLOW_UP * math.sqrt(runs.weights.shape[1]) * size * ((1.0 - slope) ** 2 / 2.0 + abs(slope))


def restart(runs: Runs, failed: Integers) -> None:
    """Entries that have diverged: from their starts again, with half the step."""
    if len(failed):
        runs.weights[failed] = runs.starts(failed)
        runs.step_size[failed] /= 2.0
        runs.left[failed] -= 1
        runs.state[failed] = RUNNING


def end_points(runs: Runs, tolerance: float) -> EndPoints:
    """Where the runs are, with loss and gradient evaluated by `loss_and_gradient`."""
    ends = [loss_and_gradient(w, runs.targets, runs.network) for w in runs.weights]
    gradient = np.array([np.sqrt((g * g).sum(axis=1)).max() for _, g in ends])
    return EndPoints(
        run=runs.run,
        weights=runs.weights,
        loss=np.array([loss for loss, _ in ends]),
        gradient=gradient,
        steps=runs.max_steps - runs.left,
        step_size=runs.step_size,
        converged=gradient <= tolerance,
    )


def prepare() -> None:
    """Has the loops compiled, if they are not: before several processes would, or a bar tells the time that is left."""
    descend(np.eye(1), 1, 1, 0, max_steps=1)


def descend(
    targets: Floats,
    neurons: int,
    runs: int,
    seed: int,
    *,
    first_run: int = 0,
    step: float = 0.1,
    tolerance: float = 1e-9,
    max_steps: int = 100_000,
    network: Network | None = None,
    threads: int | None = None,
    progress: Callable[[int, int], object] | None = None,
    move: Callable[..., None] | None = None,
) -> EndPoints:
    """Runs number first_run, first_run + 1, .. of gradient descent (Safran & Shamir 2018, section 4).

    targets: (k, d), one target per row, none of them 0. neurons: n. network: as for `Runs`. Each run starts at
    `starting_point` and moves by -step * grad F until the gradient of every neuron has norm <= tolerance. A run that
    diverges restarts from its own starting point with half the step. Loss and gradient are evaluated again at the end,
    by `loss_and_gradient`. progress(done, runs) is called now and then, in the calling thread. move: `advance` (the
    default) or what does the same, such as `device.mover`.
    On one machine the result of a run is the same, bit for bit, for any number of runs and threads.
    Raises ValueError for arguments out of range.
    """
    under_way = begin(
        targets, neurons, runs, seed, first_run=first_run, step=step, max_steps=max_steps, network=network
    )
    (move or partial(advance, threads=threads))(under_way, tolerance, progress=progress)
    return end_points(under_way, tolerance)
