"""All eigenvalues of a symmetric integer matrix, enclosed.

Jacobi's rotations in fixed point only propose: they turn a floating-point guess V of eigenvectors into one of many
more bits, whatever the gaps. What is proved is of V^T G V and V^T V, which are exact."""

from math import isqrt

import numpy as np

from relucert_audit.exact import Matrix, integers, norm_bound, product
from relucert_audit.finding import TooWeak
from relucert_audit.interval import Interval, dyadic, enclosure

SWEEPS, GUESS_BITS = 12, 56


def eigenvalues(g: Matrix, bits: int) -> list[Interval]:
    """In decreasing order, each with its enclosure, of width about ||G|| 2^-bits (all are enclosed in this order).

    With T = V^T G V, Ostrowski: lambda_k(T) = theta_k lambda_k(G), theta_k between the least and the largest eigenvalue
    of V^T V. By Weyl lambda_k(T) is within |T - diag T| of the k-th largest entry of the diagonal."""
    v = vectors(g, bits)
    form, gram, one = product(v.T, product(g, v)), product(v.T, v), 1 << 2 * bits
    off = form.copy()
    np.fill_diagonal(off, 0)
    error = norm_bound(off)
    tilt = norm_bound(gram - one * np.eye(len(g), dtype=object))
    if 2 * tilt > one:
        raise TooWeak("the guessed eigenvectors are not nearly orthonormal")
    scale = enclosure(one - tilt, one + tilt, 0)
    values = sorted((int(x) for x in np.diagonal(form)), reverse=True)
    return [(dyadic(x, 0) + enclosure(-error, error, 0)) / scale for x in values]


def vectors(g: Matrix, bits: int) -> Matrix:
    """Guessed eigenvectors in units of 2^-bits."""
    drop = max(int(np.abs(g).max()).bit_length() - 62, 0)
    try:
        _, guess = np.linalg.eigh((g >> drop).astype(np.float64))
    except np.linalg.LinAlgError as failure:
        raise TooWeak("no eigenvalues found") from failure
    v = orthonormal(integers(guess, GUESS_BITS) << bits - GUESS_BITS, bits)
    size = max(int(np.abs(g).max()).bit_length(), 1)
    t = product(v.T, product(g, v))
    low = 2 * bits - bits + size  # t in units in which the largest entry of G has about `bits` bits
    t = t >> low
    for _ in range(SWEEPS):
        if not sweep(t, v, bits):
            break
    return orthonormal(v, bits)


def orthonormal(v: Matrix, bits: int) -> Matrix:
    """V (3 - V^T V)/2, as often as it takes: nearly orthonormal columns become more so."""
    one = (1 << 2 * bits) * np.eye(len(v), dtype=object)
    for _ in range(6):
        rest = one - product(v.T, v)
        if int(np.abs(rest).max()) < len(v) << bits + 4:
            break
        v = v + (product(v, rest) >> 2 * bits + 1)
    return v


def sweep(t: Matrix, v: Matrix, bits: int) -> bool:
    """All rotations once, in place; whether any was worth it."""
    n, turned = len(t), False
    small = 64 * n
    for i in range(n):
        for j in np.nonzero(np.abs(t[i, i + 1 :]) > small)[0] + i + 1:
            c, s = rotation(int(t[i, i]), int(t[j, j]), int(t[i, j]), bits)
            for a in (t, t.T, v.T):
                x, y = a[i].copy(), a[j].copy()
                a[i], a[j] = (c * x - s * y) >> bits, (s * x + c * y) >> bits
            turned = True
    return turned


def rotation(a: int, b: int, e: int, bits: int) -> tuple[int, int]:
    """Cosine and sine, in units of 2^-bits, of the rotation that makes ((a, e), (e, b)) diagonal."""
    one = 1 << bits
    tau = ((b - a) << bits) // (2 * e)
    t = (one << bits) // (abs(tau) + isqrt((one << bits) + tau * tau))
    t = t if tau >= 0 else -t
    c = (one << bits) // isqrt((one << bits) + t * t)
    return c, t * c >> bits
