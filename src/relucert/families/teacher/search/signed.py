"""Gradient descent for networks with output weights +1 and -1 and the activation max(t, alpha t), many runs at once.

UNTRUSTED floating point, as in `descent`, whose protocol, starts and results these are: plain numpy, slower than the
compiled descent of the ReLU with output weights 1, which it leaves alone. Formulas: docs/theorem/signed.md, Lemma 20.F.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from relucert.families.teacher.network import Network
from relucert.families.teacher.search.descent import (
    BLOW_UP,
    MARGIN,
    EndPoints,
    Floats,
    Integers,
    checked_targets,
    starting_point,
)

LOOK = 64  # steps between two looks at which runs have stopped


def loss_and_gradient(weights: Floats, targets: Floats, network: Network) -> tuple[Floats, Floats]:
    """F (runs,) and its gradient (runs, n, d) at weights (runs, n, d); targets (k, d).

    A neuron at the origin, where F is not differentiable, gives NaN.
    """
    runs, n, _ = weights.shape
    alpha = network.slope[0] / network.slope[1]
    sign = np.array([*network.signs, *(-b for b in network.teacher)], dtype=np.float64)
    vectors = np.concatenate([weights, np.broadcast_to(targets, (runs, *targets.shape))], axis=1)
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
        norm = np.sqrt((vectors * vectors).sum(axis=2))
        unit = vectors / norm[:, :, None]
        cosine = np.clip(unit @ unit.transpose(0, 2, 1), -1.0, 1.0)
        sine = np.sqrt((1.0 - cosine) * (1.0 + cosine))
        rest = np.pi - np.arccos(cosine)
        size = sign * norm
        value = (size[:, :, None] * size[:, None] * (sine + rest * cosine)).sum(axis=(1, 2)) / (4.0 * np.pi)
        along = (size[:, None] * sine[:, :n]).sum(axis=2)
        slope = (along[:, :, None] * unit[:, :n] + (sign * rest[:, :n]) @ vectors) / (2.0 * np.pi)
        apart = (sign[:, None] * vectors).sum(axis=1)
        loss = (1.0 - alpha) ** 2 * value + alpha * (apart * apart).sum(axis=1) / 2.0
        own = sign[:n, None]
        gradient = own * ((1.0 - alpha) ** 2 * slope + alpha * apart[:, None])
    return loss, gradient


def descend(
    starts: Floats,
    targets: Floats,
    network: Network,
    *,
    first_run: int = 0,
    step: float = 0.1,
    tolerance: float = 1e-9,
    max_steps: int = 100_000,
    progress: Callable[[int, int], object] | None = None,
) -> EndPoints:
    """Runs from starts (runs, n, d), as `descent.descend`: a run that diverges restarts with half its step.

    Raises ValueError for arguments out of range.
    """
    targets = checked_targets(targets)
    if not (0.0 < step < math.inf and 0.0 < tolerance < math.inf and max_steps >= 1):
        raise ValueError("step and tolerance must be positive and finite, max_steps at least 1")
    if starts.ndim != 3 or not starts.size or starts.shape[2] != targets.shape[1]:
        raise ValueError("starts must be a (runs, n, d) array with the d of the targets")
    weights, sizes = starts.copy(), np.full(len(starts), step)
    left = np.full(len(starts), max_steps)
    ceiling = BLOW_UP * np.sqrt((loss_and_gradient(starts, targets, network)[1] ** 2).sum(axis=(1, 2)))
    ceiling += BLOW_UP * np.sqrt((targets * targets).sum())
    live: Integers = np.arange(len(starts))
    while len(live):
        live = _advance(live, weights, starts, sizes, left, ceiling, targets, network, MARGIN * tolerance)
        if progress is not None:
            progress(len(starts) - len(live), len(starts))
    loss, gradient = loss_and_gradient(weights, targets, network)
    largest = np.sqrt((gradient * gradient).sum(axis=2)).max(axis=1)
    return EndPoints(
        run=np.arange(first_run, first_run + len(starts)),
        weights=weights,
        loss=loss,
        gradient=largest,
        steps=max_steps - left,
        step_size=sizes,
        converged=largest <= tolerance,
    )


def _advance(
    live: Integers, weights: Floats, starts: Floats, sizes: Floats, left: Integers, ceiling: Floats,
    targets: Floats, network: Network, aim: float,
) -> Integers:  # fmt: skip
    """Up to LOOK steps of the runs `live`, in place; returns those that go on."""
    w, going = weights[live], np.ones(len(live), dtype=bool)
    for _ in range(LOOK):
        _, gradient = loss_and_gradient(w, targets, network)
        squares = (gradient * gradient).sum(axis=2)
        bounded = np.sqrt(squares.sum(axis=1)) <= ceiling[live]  # false for NaN
        lost = going & ~bounded & (left[live] > 0)
        if lost.any():
            again = live[lost]
            w[lost], sizes[again] = starts[again], sizes[again] / 2.0
            left[again] -= 1
        going &= left[live] > 0
        going &= ~(bounded & (np.sqrt(squares.max(axis=1)) <= aim))
        moving = going & ~lost
        w -= (sizes[live] * moving)[:, None, None] * np.where(moving[:, None, None], gradient, 0.0)
        left[live[moving]] -= 1
        if not going.any():
            break
    weights[live] = w
    return live[going]


def random_starts(targets: Floats, neurons: int, runs: int, seed: int, first_run: int = 0) -> Floats:
    """Where runs number first_run, .. start: shape (runs, n, d). As `descent.begin` has it."""
    k, d = targets.shape
    return np.stack([starting_point(k, neurons, d, seed, r) for r in range(first_run, first_run + runs)])
