"""Gradient descent on the one-hidden-layer CNN in floating point, many runs at once: its four scalars only.

UNTRUSTED: what is found here is a guess. docs/theorem/cnn.md section 10.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
UNDECIDED, TO_GLOBAL, TO_SPURIOUS = 0, 1, -1
INSIDE = 1e-6  # how far inside U+ or U-, relative to N + S^2, a run counts as decided


def random_start(p: int, k: int, radius: float, seed: int, run: int) -> tuple[Floats, Floats]:
    """v (p,), uniform on the unit sphere, and a (k,), uniform in the ball of this radius.

    A function of the arguments alone.
    """
    generator = np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(p, k, run))))
    v, a = generator.standard_normal(p), generator.standard_normal(k)
    return v / np.sqrt(v @ v), a * (radius * generator.random() ** (1 / k) / np.sqrt(a @ a))


def random_scalars(p: int, k: int, w: float, total: float, squares: float, seed: int, runs: int) -> Floats:
    """A, B, q and s of so many random starts, (runs, 4): the same protocol, without the other coordinates.

    a is drawn by its coordinates along 1 and the part of a* orthogonal to 1, and by the length of the rest.
    """
    sequence = np.random.SeedSequence(seed, spawn_key=(p, k))
    generator = np.random.Generator(np.random.PCG64(sequence))
    along, across = generator.standard_normal(runs), np.sqrt(generator.chisquare(p - 1, runs))
    length = np.hypot(along, across)
    first, second = generator.standard_normal((2, runs))
    second = second if k > 1 else np.zeros(runs)
    rest = generator.chisquare(k - 2, runs) if k > 2 else np.zeros(runs)
    scale = abs(total) * w / math.sqrt(k) * generator.random(runs) ** (1 / k)
    scale /= np.sqrt(first**2 + second**2 + rest)
    s = math.sqrt(k) * scale * first
    q = total / k * s + math.sqrt(max(squares - total**2 / k, 0)) * scale * second
    return np.stack([along / length, across / length, q, s], axis=1)


def descend(
    states: Floats, k: int, w: float, total: float, squares: float, eta: float, steps: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where runs end, and after how many steps that is seen.

    states: (runs, 4), rows A, B, q, s. Returns (runs,) of UNDECIDED, TO_GLOBAL or TO_SPURIOUS, and (runs,) of
    the first step well inside U+ or U- of Theorem 10.B (or `steps`).
    """
    ends, times = np.zeros(len(states), np.int64), np.full(len(states), steps)
    _descend(states, ends, times, k, w, total, squares, eta, steps)
    return ends, times


@njit(cache=True)
def _descend(states, ends, times, k, w, total, squares, eta, steps):  # type: ignore[no-untyped-def]
    """The same into `ends` and `times`."""
    turn, stiff, squared = eta / (2 * np.pi), k + np.pi - 1, total * total
    margin = INSIDE * (squares + squared)
    for i in range(len(states)):
        along, across, q, s = states[i]
        for t in range(steps + 1):
            r = math.hypot(along, across)
            psi = math.atan2(across, -along)
            g = (psi * along + across) / r
            sigma = s * total / w
            level = (g - 1) * squares + squared
            drift = level - sigma
            balance = level - squared * (k + g - 1) / stiff
            top = max(abs(q), w * (squares + (squared + max(abs(sigma), squared)) / (np.pi - 1)))
            load = eta * w * top / (r * r)
            if q > 0 and min(drift, balance) > margin and load <= 2:
                ends[i], times[i] = TO_GLOBAL, t
                break
            if q < 0 and max(drift, balance) < -margin and load * psi <= np.pi:
                ends[i], times[i] = TO_SPURIOUS, t
                break
            y = turn * w * psi * q / (r * r * r)
            along, across = along + y * across * across, abs(across * (1 - y * along))
            q += turn * (w * level - total * s - (np.pi - 1) * q)
            s += turn * (w * total * (k + g - 1) - stiff * s)
