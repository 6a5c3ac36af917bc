"""Gradient, Hessian and loss by mpmath from docs/theorem/teacher.md, section 1: no symmetry, no scaling. For tests."""

from typing import Any

import numpy as np
from mpmath import mp, mpf

Array = Any


def point(k: int, x: list[Any]) -> Array:
    """The neurons as rows, x = (al, be, ga, ep, ph)."""
    al, be, ga, ep, ph = x
    s2 = mpf(1) / k
    w = np.full((k, k), be * s2**2, dtype=object)
    for i in range(k - 1):
        w[i, i] = 1 + al * s2**2
    w[:, k - 1] = ga * s2
    w[k - 1, :] = ep * s2
    w[k - 1, k - 1] = -1 + ph * s2
    return w


def norm(v: Array) -> Any:
    return mp.sqrt(v @ v)


def sine_and_cosine(w: Array, v: Array) -> tuple[Any, Any]:
    c = (w @ v) / (norm(w) * norm(v))
    return mp.sqrt(1 - c * c), c


def targets(k: int) -> Array:
    return np.array([[mpf(i == j) for j in range(k)] for i in range(k)], dtype=object)


def product(w: Array, v: Array) -> Any:
    """E relu(w.x) relu(v.x), for vectors that are not parallel."""
    s, c = sine_and_cosine(w, v)
    return norm(w) * norm(v) * (s + (mp.pi - mp.acos(c)) * c) / (2 * mp.pi)


def loss(w: Array) -> Any:
    k = len(w)
    e = targets(k)
    own = sum(product(w[i], w[j]) for i in range(k) for j in range(k) if i != j) + sum((x @ x) / 2 for x in w)
    theirs = mpf(k) / 2 + mpf(k * (k - 1)) / (2 * mp.pi)
    return own / 2 - sum(product(x, y) for x in w for y in e) + theirs / 2


def gradient(w: Array) -> Array:
    e, k = targets(len(w)), len(w)
    out = w / 2
    for i in range(k):
        terms = [(1, w[j]) for j in range(k) if j != i] + [(-1, v) for v in e]
        for sign, v in terms:
            s, c = sine_and_cosine(w[i], v)
            out[i] = out[i] + sign * (norm(v) * s * w[i] / norm(w[i]) + (mp.pi - mp.acos(c)) * v) / (
                2 * mp.pi
            )
    return out


def hessian(w: Array) -> Array:
    """As an array [neuron, coordinate, neuron, coordinate]."""
    e, k = targets(len(w)), len(w)
    out = np.full((k, k, k, k), mpf(0), dtype=object)
    eye = e
    for i in range(k):
        own = eye / 2
        for sign, v in [(1, w[j]) for j in range(k) if j != i] + [(-1, v) for v in e]:
            s, c = sine_and_cosine(w[i], v)
            e1 = w[i] / norm(w[i])
            e2 = (v / norm(v) - c * e1) / s
            own = own + sign * norm(v) * s / (2 * mp.pi * norm(w[i])) * (
                eye - np.outer(e1, e1) + np.outer(e2, e2)
            )
        out[i, :, i, :] = own
        for j in range(k):
            if j != i:
                s, c = sine_and_cosine(w[i], w[j])
                a, b = w[i] / norm(w[i]), w[j] / norm(w[j])
                turned = (np.outer(a - c * b, b) + np.outer(b - c * a, a)) / s
                out[i, :, j, :] = ((mp.pi - mp.acos(c)) * eye + turned) / (2 * mp.pi)
    return out


def outside(w: Array) -> Array:
    """The matrix M of Theorem M."""
    e, k = targets(len(w)), len(w)
    out = np.full((k, k), mpf(0), dtype=object)
    for i in range(k):
        out[i, i] = mpf(1) / 2
        for sign, v in [(1, w[j]) for j in range(k) if j != i] + [(-1, v) for v in e]:
            out[i, i] += sign * norm(v) * sine_and_cosine(w[i], v)[0] / (2 * mp.pi * norm(w[i]))
        for j in range(k):
            if j != i:
                out[i, j] = (mp.pi - mp.acos(sine_and_cosine(w[i], w[j])[1])) / (2 * mp.pi)
    return out


def standard_basis(k: int, y: Array) -> list[Array]:
    """Five directions for y in R^(k-1) with sum 0, |y| = 1; the third times s, as in `blocks.standard`."""
    m, s = k - 1, 1 / mp.sqrt(k)
    out = [np.full((k, k), mpf(0), dtype=object) for _ in range(5)]
    for i in range(m):
        out[0][i, i] = out[3][i, k - 1] = out[4][k - 1, i] = y[i]
        for j in range(m):
            if j != i:
                out[1][i, j] = y[i] / mp.sqrt(m - 1)
                out[2][i, j] = s * y[j] / mp.sqrt(m - 1)
    return out


def trivial_basis(k: int) -> list[Array]:
    """Five directions, the first three times s, as in the docstring of `blocks.trivial`."""
    m, s = k - 1, 1 / mp.sqrt(k)
    out = [np.full((k, k), mpf(0), dtype=object) for _ in range(5)]
    for i in range(m):
        out[0][i, i] = out[2][i, k - 1] = s / mp.sqrt(m)
        out[3][k - 1, i] = 1 / mp.sqrt(m)
        for j in range(m):
            if j != i:
                out[1][i, j] = s / mp.sqrt(m * (m - 1))
    out[4][k - 1, k - 1] = mpf(1)
    return out


def matrix_basis(k: int) -> tuple[Array, Array]:
    """A symmetric and an antisymmetric direction with diagonal and row sums 0, on the first four indices or three."""
    plus, minus = (np.full((k, k), mpf(0), dtype=object) for _ in range(2))
    for i, j, sign in ((0, 1, 1), (1, 2, -1), (2, 3, 1), (3, 0, -1)):
        plus[i, j] = plus[j, i] = mpf(sign)
    for i, j in ((0, 1), (1, 2), (2, 0)):
        minus[i, j], minus[j, i] = mpf(1), mpf(-1)
    return plus, minus
