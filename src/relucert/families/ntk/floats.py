"""Training of wide networks in floating point, for pictures: losses along a run. Nothing here is proved."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.polynomial.hermite_e import hermegauss
from scipy.special import erf, expit

from relucert.families.drawing import Floats

NODES = 80  # of the quadrature for E s(z)^2
Activation = Callable[[Floats], tuple[Floats, Floats]]


class Shallow(NamedTuple):
    """m^(-1/2) sum_r a_r relu(w_r.x). x: (n, d); y: (n,); weights: (m, d); signs: (m,)."""

    x: Floats
    y: Floats
    weights: Floats
    signs: Floats


class Deep(NamedTuple):
    """u = a.x_H, x_h = [x_(h-1) +] k_h s(W_h x_(h-1)), all trained (the bracket: residual, from h = 2 on).

    x: (n, d); y: (n,); layers: W_1 (m, d), .., W_H (m, m); output: a (m,); factors: k_1, .., k_H.
    """

    x: Floats
    y: Floats
    layers: tuple[Floats, ...]
    output: Floats
    factors: tuple[float, ...]
    activation: str
    residual: bool


def shallow_losses(of: Shallow, step: float, steps: int) -> Floats:
    """|u - y|^2/2 (steps + 1,) along gradient descent on the weights."""
    weights, root, losses = of.weights.copy(), np.sqrt(len(of.signs)), []
    for _ in range(steps + 1):
        inner = weights @ of.x.T
        error = of.signs @ np.maximum(inner, 0) / root - of.y
        losses.append(error @ error / 2)
        weights -= step / root * (of.signs[:, None] * (inner > 0) * error) @ of.x
    return np.array(losses)


def deep_losses(of: Deep, step: float, steps: int) -> Floats:
    """|u - y|^2/2 (steps + 1,) along gradient descent on all weights."""
    layers, output, losses = [w.copy() for w in of.layers], of.output.copy(), []
    for _ in range(steps + 1):
        states, slopes = [of.x.T], []
        for h, (layer, factor) in enumerate(zip(layers, of.factors, strict=True)):
            value, slope = ACTIVATIONS[of.activation](layer @ states[-1])
            states.append(factor * value + (states[-1] if of.residual and h else 0))
            slopes.append(factor * slope)
        error = output @ states[-1] - of.y
        losses.append(error @ error / 2)
        back, final = np.outer(output, error), states[-1] @ error
        for h in reversed(range(len(layers))):
            moved = slopes[h] * back
            back = layers[h].T @ moved + (back if of.residual and h else 0)
            layers[h] -= step * moved @ states[h].T
        output -= step * final
    return np.array(losses)


def factors(activation: str, width: int, depth: int, c_res: float | None) -> tuple[float, ...]:
    """k_1, .., k_H as in docs/theorem/ntk.md. Raises KeyError for another activation."""
    places, weights = hermegauss(NODES)
    square = float(weights @ ACTIVATIONS[activation](places)[0] ** 2 / weights.sum())
    first = (square * width) ** -0.5
    later = first if c_res is None else c_res / (depth * width**0.5)
    return (first, *[later] * (depth - 1))


def cosines(x: Floats) -> Floats:
    """Of the angles between rows (n, n)."""
    units = _units(x)
    result: Floats = units @ units.T
    return result


def smallest_angle(x: Floats) -> float:
    """Between two of the lines that the rows span, n >= 2."""
    units = _units(x)
    one, other = np.triu_indices(len(x), 1)
    apart, along = (np.linalg.norm(units[one] + sign * units[other], axis=1) for sign in (-1, 1))
    return float((2 * np.arctan2(np.minimum(apart, along), np.maximum(apart, along))).min())


def _units(x: Floats) -> Floats:
    scaled = x / np.abs(x).max(axis=1, keepdims=True)
    result: Floats = scaled / np.linalg.norm(scaled, axis=1, keepdims=True)
    return result


def filled(numbers: Sequence[int], scale: float, *shapes: tuple[int, int]) -> list[Floats]:
    """Matrices of these shapes, filled by rows with these numbers times the scale."""
    values, found, at = np.array(numbers, dtype=np.float64) * scale, [], 0
    for rows, columns in shapes:
        found.append(values[at : at + rows * columns].reshape(rows, columns))
        at += rows * columns
    return found


def _softplus(z: Floats) -> tuple[Floats, Floats]:
    return np.logaddexp(0, z), expit(z)


def _tanh(z: Floats) -> tuple[Floats, Floats]:
    value = np.tanh(z)
    return value, 1 - value**2


def _erf(z: Floats) -> tuple[Floats, Floats]:
    return erf(z), 2 / np.sqrt(np.pi) * np.exp(-(z**2))


ACTIVATIONS: Mapping[str, Activation] = {"softplus": _softplus, "tanh": _tanh, "erf": _erf}
