"""The Hessian in floating point, and Newton's method to the critical point next to a point. UNTRUSTED."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from relucert.families.teacher.network import Network
from relucert.families.teacher.search.descent import loss_and_gradient, outputs

Floats = NDArray[np.float64]

MOST_STEPS = 20
REACH = 0.05  # how far from its start Newton's method may go, relative to the norm of the point
SETTLED = 1e-14  # size of a step, relative to the norm of the point, that is rounding only


def hessian(weights: Floats, targets: Floats, network: Network | None = None) -> Floats:
    """Hessian (n d, n d) of F at weights (n, d), targets (k, d) (docs/theorem/teacher.md section 1; with output weights
    and another activation docs/theorem/signed.md, Lemma 20.F).

    Where two vectors are parallel, the parts that divide by the sine of their angle count as 0, their limit.
    """
    n, d = weights.shape
    vectors = np.concatenate([weights, targets])
    sign, slope = outputs(network, n, len(targets))
    both = np.outer(sign[:n], sign)
    norm = np.sqrt((vectors * vectors).sum(axis=1))
    unit = vectors / norm[:, None]
    cosine = np.clip(unit[:n] @ unit.T, -1.0, 1.0)
    angle = np.arccos(cosine)
    sine = np.sin(angle)
    inverse = np.divide(1.0, sine, out=np.zeros_like(sine), where=sine > 1e-9)
    across = (unit[None, :] - cosine[:, :, None] * unit[:n, None]) * inverse[:, :, None]  # e2, (n, n + k, d)
    weight = both * norm * sine / (2.0 * np.pi * norm[:n, None])
    weight[np.arange(n), np.arange(n)] = 0.0
    eye = np.eye(d)
    blocks = np.zeros((n, d, n, d))
    for i in range(n):
        total = weight[i].sum()
        own = (0.5 + total) * eye - total * np.outer(unit[i], unit[i])
        blocks[i, :, i] = own + (across[i].T * weight[i]) @ across[i]
        for j in range(i):
            turn = (np.pi - angle[i, j]) * eye
            swap = np.outer(unit[i] - cosine[i, j] * unit[j], unit[j]) * inverse[i, j]
            swap += np.outer(unit[j] - cosine[i, j] * unit[i], unit[i]) * inverse[i, j]
            blocks[i, :, j] = both[i, j] * (turn + swap) / (2.0 * np.pi)
            blocks[j, :, i] = blocks[i, :, j].T
    matrix: Floats = blocks.reshape(n * d, n * d)
    return matrix if slope == 0.0 else (1.0 - slope) ** 2 * matrix + slope * np.kron(both[:, :n], eye)


def polish(weights: Floats, targets: Floats, network: Network | None = None) -> tuple[Floats, Floats] | None:
    """(point, ascending eigenvalues of its Hessian) of the critical point next to `weights`, or None.

    Newton's method, up to rounding. None if it does not settle, or goes too far.
    """
    point, size = weights, math.hypot(*weights.ravel())
    last = math.inf
    for _ in range(MOST_STEPS):
        _, gradient = loss_and_gradient(point, targets, network)
        matrix = hessian(point, targets, network)
        try:
            step = np.linalg.solve(matrix, gradient.ravel())
        except np.linalg.LinAlgError:
            return None
        length = math.hypot(*step)
        if not math.isfinite(length) or length > max(last, REACH * size):
            break
        point, last = point - step.reshape(point.shape), length
        if math.hypot(*(point - weights).ravel()) > REACH * size:
            return None
        if length < SETTLED * size:
            break
    if not last < 1e-9 * size:
        return None
    return point, np.array(np.linalg.eigvalsh(hessian(point, targets, network)), dtype=np.float64)
