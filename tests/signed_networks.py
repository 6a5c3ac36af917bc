"""The loss of a network with signs, its gradient and second differences: in doubles, from section 1 alone."""

import numpy as np


def angles(w, v):
    """Lengths and angle of two vectors, accurate for parallel ones."""
    p, q = np.linalg.norm(w), np.linalg.norm(v)
    a, b = w / p, v / q
    return p, q, 2 * np.arctan2(np.linalg.norm(a - b), np.linalg.norm(a + b))


def kernel(w, v):
    p, q, t = angles(w, v)
    return p * q * (np.sin(t) + (np.pi - t) * np.cos(t)) / (2 * np.pi)


def slope(w, v):
    """d/dw of the kernel."""
    p, q, t = angles(w, v)
    return (q * np.sin(t) * w / p + (np.pi - t) * v) / (2 * np.pi)


def loss(rows, signs, targets, teacher=None):
    """teacher: output weights of the targets, all 1 if None."""
    given = [1] * len(targets) if teacher is None else teacher
    everything, weights = [*rows, *targets], [*signs, *(-b for b in given)]
    every = list(zip(weights, everything, strict=True))
    pairs = [(a * b, x, y) for a, x in every for b, y in every]
    return sum(c * (kernel(x, y) if x is not y else x @ x / 2) for c, x, y in pairs) / 2


def gradient(rows, signs, targets, teacher=None):
    given = [1] * len(targets) if teacher is None else teacher
    result = []
    for i, (w, a) in enumerate(zip(rows, signs, strict=True)):
        g = w / 2
        for j, (u, b) in enumerate(zip(rows, signs, strict=True)):
            if i != j:
                g = g + a * b * slope(w, u)
        for v, b in zip(targets, given, strict=True):
            g = g - a * b * slope(w, v)
        result.append(g)
    return np.array(result)


def hessian(rows, signs, targets, step=2e-6):
    """Central differences of the gradient; its derivative is Lipschitz, so they are right to about the step."""
    rows = np.array(rows, dtype=float)
    columns = []
    for x in range(rows.size):
        move = np.zeros(rows.size)
        move[x] = step
        move = move.reshape(rows.shape)
        ahead, back = (gradient(rows + s * move, signs, targets) for s in (1, -1))
        columns.append((ahead - back).ravel() / (2 * step))
    columns = np.array(columns)
    return (columns + columns.T) / 2
