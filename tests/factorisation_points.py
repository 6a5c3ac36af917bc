"""Critical points and Hessians of |U V^T - M|^2/2 in doubles, from their definitions, for tests."""

import numpy as np


def exact(array):
    """Rows of exact dyadics."""
    from relucert.base.exact import exact_rows

    return exact_rows(np.asarray(array, dtype=float).tolist(), "row")


def hessian(m, u, v):
    """In the coordinates U row after row, V row after row, from the second derivative in every pair of directions."""
    n = u.size + v.size
    residual = u @ v.T - m
    directions = []
    for x in np.eye(n):
        directions.append((x[: u.size].reshape(u.shape), x[u.size :].reshape(v.shape)))
    first = np.array([(a @ v.T + u @ b.T).ravel() for a, b in directions])
    second = np.array(
        [[np.sum(residual * (a @ d.T + c @ b.T)) for c, d in directions] for a, b in directions]
    )
    return first @ first.T + second


def gradient(m, u, v):
    residual = u @ v.T - m
    return np.concatenate([(residual @ v).ravel(), (residual.T @ u).ravel()])


def orthogonal(rng, n):
    return np.linalg.qr(rng.standard_normal((n, n)))[0]


def with_values(rng, values, d1, d2):
    """M with these singular values, and its singular vectors."""
    p, q = orthogonal(rng, d1), orthogonal(rng, d2)
    middle = np.zeros((d1, d2))
    middle[: len(values), : len(values)] = np.diag(values)
    return p @ middle @ q.T, p, q


def critical_point(rng, values, p, q, chosen, r, balanced):
    """(U, V) with U V^T = sum over `chosen` of s p q^T; U or V has a kernel where |chosen| < r."""
    k = len(chosen)
    root = np.sqrt([values[i] for i in chosen])
    u, v = np.zeros((len(p), r)), np.zeros((len(q), r))
    u[:, :k], v[:, :k] = p[:, chosen] * root, q[:, chosen] * root
    turn = orthogonal(rng, r)
    if not balanced:
        if k < r:  # the rest of U or of V orthogonal to what has to stay: R V = 0 and R^T U = 0 still hold
            used = [j for j in range(len(q)) if j in chosen or j >= len(values) or values[j] == 0]
            v[:, k:] = q[:, used] @ rng.standard_normal((len(used), r - k)) if used else 0
        turn = turn @ np.diag(rng.uniform(0.5, 2, r)) @ orthogonal(rng, r)
    return u @ turn, v @ np.linalg.inv(turn).T
