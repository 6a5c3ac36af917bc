"""The rate that Theorem 14.D or 14.F may prove, and eigenvalues, in floating point: guesses, nothing is believed."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from relucert.kernel.ball import BallMatrix, NotProved
from relucert.kernel.ntk.shallow import Point
from relucert.kernel.ntk.shallow_run import Net
from relucert.kernel.spectrum import Eigen

Array = NDArray[np.float64]
SHARES = (0.98, 0.95, 0.9, 0.85, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1)  # of the rate if no neuron switched
HALVINGS = 5
ROOM = 1e-3  # of the rate, so that the inequality holds with room
RATE_BITS = 14  # of the mantissa of a rate


class Floats(NamedTuple):
    """z (m, n), K (n, n), H (n, n) of the neurons active now, |y - u|."""

    z: Array
    gram: Array
    now: Array
    error: float


class Trial(NamedTuple):
    """rate: the largest found for which the theorem should hold, or the least bad; slack: by how much."""

    rate: float
    slack: float


def eigen(matrix: Array) -> Eigen:
    """A guess of eigenvectors and eigenvalues. Raises NotProved where there is none."""
    try:
        values, vectors = np.linalg.eigh(matrix)
    except np.linalg.LinAlgError as error:
        raise NotProved("no eigenvalues found in floating point") from error
    return Eigen(vectors.T.tolist(), values.tolist())


def _values(matrix: Array) -> Array:
    """Eigenvalues, ascending."""
    return np.array(eigen(matrix).values)


def floats(matrix: BallMatrix) -> Array:
    """Its centres."""
    return np.array([[float(x.mid()) for x in row] for row in matrix.tolist()])


def gram(net: Net) -> Array:
    """K."""
    entries = [float(v) for v in net.gram.entries.entries()]
    found: Array = np.ldexp(np.array(entries).reshape(net.n, net.n), net.gram.exponent)
    return found


def at_point(net: Net, at: Point) -> Floats:
    z = np.ldexp(np.array([float(v) for v in at.z.entries()]).reshape(net.m, net.n), -at.bits)
    active, k = (z > 0).astype(np.float64), gram(net)
    return Floats(z, k, k * (active.T @ active) / net.m, float(at.error))


def largest_eigenvalues(net: Net) -> tuple[float, float]:
    """Of K, and of H at the start."""
    k = gram(net)
    active = np.array([1.0 if v > 0 else 0.0 for v in net.inner.entries.entries()]).reshape(net.m, net.n)
    now = k * (active.T @ active) / net.m
    return float(_values(k)[-1]), float(_values(now)[-1])


def trial_rate(here: Floats, eta: float | None) -> Trial:
    """The largest rate found. eta: the step, None for flow."""
    values = _values(here.now)
    gap = values[0] if eta is None else min(eta * values[0], 2 - eta * values[-1])
    if not gap > 0:
        return Trial(0.0, float(gap))
    tried: list[Trial] = []
    for share in SHARES:
        tried.append(Trial(gap * share, _slack(here, eta, gap * share)))
        if tried[-1].slack > 0:
            break
    if tried[-1].slack <= 0:
        return max(tried, key=lambda t: t.slack / t.rate)
    low = tried[-1]
    high = tried[-2].rate if len(tried) > 1 else gap
    for _ in range(HALVINGS):
        middle = (low.rate + high) / 2
        slack = _slack(here, eta, middle)
        if slack > 0:
            low = Trial(middle, slack)
        else:
            high = middle
    return low._replace(rate=low.rate * (1 - ROOM))


def _slack(here: Floats, eta: float | None, rate: float) -> float:
    """By how much the inequality of the theorem holds."""
    m, time = len(here.z), 1.0 if eta is None else eta
    reach = time * here.error / (rate * np.sqrt(m)) * (1 + ROOM / 100)
    squares = here.gram**2
    reached = here.z >= -reach * np.sqrt(squares.sum(axis=1))
    moves = reach * np.sqrt(reached.astype(np.float64) @ squares)
    low, high = (
        x.T @ x for x in ((here.z > moves).astype(np.float64), (here.z >= -moves).astype(np.float64))
    )
    values = _values(here.gram * (low + high) / (2 * m))
    spread = _values(np.abs(here.gram) * (high - low) / (2 * m))[-1]
    gap = values[0] if eta is None else min(eta * values[0], 2 - eta * values[-1])
    return float(gap - rate - (spread if eta is None else eta * spread))
