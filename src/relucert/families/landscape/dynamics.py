"""Population gradient descent in doubles on the three objectives of Ge, Lee & Ma's Figures 1 to 3: for pictures.

The teacher is sum_i relu(x_i) in R^d: a* = 1, B* = I. Nothing here is a proof.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.float64]
State: TypeAlias = tuple[Array, Array]  # B (d x d) and a (d)
Loss: TypeAlias = Callable[[State], tuple[float, State]]  # the loss and the direction of the step

HALF_WEIGHT = 1 / (2 * np.sqrt(2 * np.pi))  # c: alpha_i = c a_i
MIXTURE = ((2, 12.0), (4, 1.0))  # f' = 12 |sum_j a_j b_j^(x)2 - ..|^2 + |sum_j a_j b_j^(x)4 - ..|^2


@dataclass(frozen=True)
class Curve:
    """Of one run: the steps at which it was looked at, test loss above its infimum, and error of (6.1)."""

    steps: list[int]
    losses: list[float]
    errors: list[float]


def error(b: Array) -> float:
    """(6.1) with its min read as max: e(Q) = max(1 - min_i max_j |Q_ij|, 1 - min_j max_i |Q_ij|), Q = B B*^T
    with rows of norm 1. With min, two equal rows would have the error 0."""
    q = np.abs(b / np.linalg.norm(b, axis=1, keepdims=True))
    return float(1 - min(q.max(axis=1).min(), q.max(axis=0).min()))


def designed(mu: float, lam: float) -> Loss:
    """G (Figure 3) above its minimum V = -d h(mu c/12); a plays no part."""

    def at(state: State) -> tuple[float, State]:
        b, a = state
        d, c = len(b), HALF_WEIGHT
        columns, rows = (b**2).sum(axis=0), (b**2).sum(axis=1) - 1
        quartic = c * ((columns**2).sum() - (1 + mu / 12) * (b**4).sum())
        least = -d * lam * (mu * c / 12) / (lam - mu * c / 12)
        slope = 4 * c * (columns * b - (1 + mu / 12) * b**3) + 4 * lam * rows[:, None] * b
        return quartic + lam * (rows**2).sum() - least, (slope, np.zeros_like(a))

    return at


def mixture(state: State) -> tuple[float, State]:
    """f' (Figure 2), by Gram matrices: <b^(x)p, v^(x)p> = <b, v>^p."""
    b, a = state
    inner, value = b @ b.T, 0.0
    slope_a, slope_b = np.zeros_like(a), np.zeros_like(b)
    for p, weight in MIXTURE:
        kernel, cross = inner**p, (b**p).sum(axis=1)
        value += weight * float(a @ kernel @ a - 2 * a @ cross + len(b))
        slope_a += 2 * weight * (kernel @ a - cross)
        slope_b += 2 * p * weight * ((np.outer(a, a) * inner ** (p - 1)) @ b - a[:, None] * b ** (p - 1))
    return value, (slope_b, slope_a)


def relu(state: State) -> tuple[float, State]:
    """The l2 loss E (sum_j relu(w_j x) - sum_i relu(x_i))^2 (Figure 1), w_j the rows of B; a plays no part."""
    w, a = state
    targets = np.eye(len(w))
    own, slope = _arc_cosine(w, w)
    cross, pull = _arc_cosine(w, targets)
    teacher, _ = _arc_cosine(targets, targets)
    return own - 2 * cross + teacher, (2 * (slope - pull), np.zeros_like(a))


def _arc_cosine(w: Array, v: Array) -> tuple[float, Array]:
    """Sum over j and i of E relu(w_j x) relu(v_i x) = (|w||v| sin t + (pi - t) <w, v>)/(2 pi), t their angle, and
    half its gradient in W where V = W, all of it where V is fixed."""
    lengths, others = np.linalg.norm(w, axis=1), np.linalg.norm(v, axis=1)
    inner, product = w @ v.T, np.outer(lengths, others)
    sine = np.sqrt(np.abs(product**2 - inner**2))  # times |w||v|; rounding may leave a little below 0
    opening = np.pi - np.arctan2(sine, inner)
    slope = ((sine / lengths[:, None] ** 2).sum(axis=1))[:, None] * w + opening @ v
    return float((sine + opening * inner).sum()) / (2 * np.pi), slope / (2 * np.pi)


def descend(loss: Loss, start: State, eta: float, steps: int, every: int, *, unit: bool = False) -> Curve:
    """Gradient descent with a fixed step, looked at every so many steps and at the end. unit: rows of B go back to
    norm 1 after each step."""
    (b, a), curve = start, Curve([], [], [])
    for step in range(steps + 1):
        value, (slope_b, slope_a) = loss((b, a))
        if step % every == 0 or step == steps:
            curve.steps.append(step)
            curve.losses.append(value)
            curve.errors.append(error(b))
        if step < steps:
            b, a = b - eta * slope_b, a - eta * slope_a
            b = b / np.linalg.norm(b, axis=1, keepdims=True) if unit else b
    return curve
