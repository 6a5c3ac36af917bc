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
PARALLEL = 1e-9  # sines that count as 0
SETTLED = 1e-14  # size of a step, relative to the norm of the point, that is rounding only


def hessian(weights: Floats, targets: Floats, network: Network | None = None) -> Floats:
    """Hessian (n d, n d) of F at weights (n, d), targets (k, d) (docs/theorem/teacher.md section 1; with output weights
    and another activation docs/theorem/signed.md, Lemma 20.F).

    Where two vectors are parallel, the parts that divide by the sine of their angle count as 0, their limit.
    """
    n, d = weights.shape
    sign, slope = outputs(network, n, len(targets))
    scale = (1.0 - slope) ** 2
    vectors = np.concatenate([weights, targets])
    norm = np.sqrt((vectors * vectors).sum(axis=1))
    unit = vectors / norm[:, None]
    eye, blocks = np.eye(d), np.zeros((n, d, n, d))
    for i, u in enumerate(unit[:n]):
        chord, other = (np.sqrt((x * x).sum(axis=1)) for x in (unit - u, unit + u))
        angle, sine, cosine = 2.0 * np.arctan2(chord, other), chord * other / 2.0, (other**2 - chord**2) / 4.0
        inverse = np.divide(1.0, sine, out=np.zeros_like(sine), where=sine > PARALLEL)
        across = (unit - cosine[:, None] * u) * inverse[:, None]  # e2, (n + k, d)
        weight = sign[i] * sign * norm * sine / (2.0 * np.pi * norm[i])
        total = weight.sum()
        own = (0.5 + total) * eye - total * np.outer(u, u) + (across.T * weight) @ across
        blocks[i, :, i] = scale * own + slope * eye
        both = sign[i] * sign[:i]
        swap = both * scale * inverse[:i] / (2.0 * np.pi)
        along = cosine[:i] * swap
        left, right = (
            swap[:, None] * x - along[:, None] * y for x, y in ((unit[:i], u[None]), (u[None], unit[:i]))
        )
        mixed = np.einsum("a,jb->ajb", u, left) + np.einsum("ja,jb->ajb", unit[:i], right)
        mixed += (both * (scale * (np.pi - angle[:i]) / (2.0 * np.pi) + slope))[:, None] * eye[:, None]
        blocks[i, :, :i] = mixed
        blocks[:i, :, i] = mixed.transpose(1, 2, 0)
    return blocks.reshape(n * d, n * d)


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
