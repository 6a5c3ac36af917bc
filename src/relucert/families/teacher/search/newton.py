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

    With m and e the directions of the sum and the difference of two unit vectors with the angle t, d2f = ((pi - t) I +
    sin t (m m^T - e e^T))/(2 pi), and e2 = sin(t/2) m + cos(t/2) e: nothing is divided by sin t, by which all that is
    not known of m or e is multiplied.
    """
    n, d = weights.shape
    sign, slope = outputs(network, n, len(targets))
    scale = (1.0 - slope) ** 2
    vectors = np.concatenate([weights, targets])
    norm = np.sqrt((vectors * vectors).sum(axis=1))
    unit = vectors / norm[:, None]
    eye, blocks = np.eye(d), np.zeros((n, d, n, d))
    for i, u in enumerate(unit[:n]):
        (chord, apart), (other, middle) = _polar(unit - u), _polar(unit + u)
        angle, sine = 2.0 * np.arctan2(chord, other), chord * other / 2.0
        across = (chord[:, None] * middle + other[:, None] * apart) / 2.0  # e2, (n + k, d)
        weight = sign[i] * sign * norm * sine / (2.0 * np.pi * norm[i])
        total = weight.sum()
        own = (0.5 + total) * eye - total * np.outer(u, u) + (across.T * weight) @ across
        blocks[i, :, i] = scale * own + slope * eye
        both = sign[i] * sign[:i]
        turn = (both * scale * sine[:i] / (2.0 * np.pi))[:, None]
        parts = (turn * middle[:i], middle[:i]), (-turn * apart[:i], apart[:i])
        mixed = sum(np.einsum("ja,jb->ajb", *pair) for pair in parts)
        mixed += (both * (scale * (np.pi - angle[:i]) / (2.0 * np.pi) + slope))[:, None] * eye[:, None]
        blocks[i, :, :i] = mixed
        blocks[:i, :, i] = mixed.transpose(1, 2, 0)
    return blocks.reshape(n * d, n * d)


def _polar(vectors: Floats) -> tuple[Floats, Floats]:
    """Lengths (m,) and directions (m, d) of vectors (m, d); 0 for a vector 0."""
    length = np.sqrt((vectors * vectors).sum(axis=1))
    inverse = np.divide(1.0, length, out=np.zeros_like(length), where=length > 0.0)
    return length, vectors * inverse[:, None]


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
