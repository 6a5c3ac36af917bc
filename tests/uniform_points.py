"""Points of the classes k - 1, 1 for tests of the theorem for every k, and the truth about them by mpmath.

Everything here comes from docs/theorem/teacher.md, section 1, not from the scaled equations.
"""

from types import FunctionType
from typing import NamedTuple

import mpmath
import numpy as np

from relucert.kernel import ball

MP = mpmath.mp.clone()
MP.prec = 400
ENTRIES = 5


class Entries(NamedTuple):
    """w_i = a e_i + b sum e_j + c e_k (i < k), w_k = e sum e_j + f e_k. k may be any real number."""

    k: object
    a: object
    b: object
    c: object
    e: object
    f: object


def random_entries(rng: np.random.Generator, k: int, spread: float = 0.5) -> Entries:
    """Near the scaled regime, but not critical; the signs of a, f and e are those of the branch."""
    m = MP.mpf(1) / (k - 1)

    def near(x):
        return MP.mpf(x + rng.uniform(-spread, spread))

    return Entries(
        k, 1 + m**2 * near(2.5), m**2 * near(-1.3), m * near(1.8), m * near(1.3), m * near(1.5) - 1
    )


def entries_of(k, x):
    """From the unknowns alpha, varsigma, rho, chi, eta, phi, of which varsigma says nothing new."""
    p, (alpha, _, rho, chi, eta, phi) = k - 1, x
    a, e, f = 1 + alpha / p**2, eta / p, phi / p - 1
    return Entries(k, a, (rho / p**2 + 1 - a - e) / (p - 1), (chi / p + 1 - f) / p, e, f)


def unknowns_of(at: Entries):
    """alpha, varsigma, rho, chi, eta, phi by their definitions."""
    k, a, b, c, e, f = at
    p = k - 1
    lengths = p * MP.sqrt(a**2 + (p - 1) * b**2 + c**2) + MP.sqrt(p * e**2 + f**2) - k
    row, last = a - 1 + (p - 1) * b + e, p * c + f - 1
    return [(a - 1) * p**2, lengths * p**2, row * p**2, last * p, e * p, (f + 1) * p]


class Angles(NamedTuple):
    w: object
    u: object
    ww: object
    wu: object
    own: object
    other: object
    wk: object
    ue: object
    uk: object


def angles(at: Entries) -> Angles:
    """Lengths of w_i and w_k, and the angles (w_i, w_j), (w_i, w_k), (w_i, e_i), (w_i, e_j), (w_i, e_k), ..."""
    k, a, b, c, e, f = at
    p = k - 1
    w, u = MP.sqrt(a**2 + (p - 1) * b**2 + c**2), MP.sqrt(p * e**2 + f**2)
    ww, wu = (2 * a * b + (p - 2) * b**2 + c**2) / w**2, (a * e + (p - 1) * b * e + c * f) / (w * u)
    return Angles(w, u, *(MP.acos(x) for x in (ww, wu, a / w, b / w, c / w, e / u, f / u)))


def kernel(p, q, t):
    return p * q * (MP.sin(t) + (MP.pi - t) * MP.cos(t)) / (2 * MP.pi)


def loss(at: Entries):
    """F, with the multiplicities."""
    p, x = at.k - 1, angles(at)
    neurons = p * x.w**2 / 4 + x.u**2 / 4 + p * (p - 1) / 2 * kernel(x.w, x.w, x.ww)
    neurons += p * kernel(x.w, x.u, x.wu)
    mixed = p * (kernel(x.w, 1, x.own) + (p - 1) * kernel(x.w, 1, x.other) + kernel(x.w, 1, x.wk))
    mixed += p * kernel(x.u, 1, x.ue) + kernel(x.u, 1, x.uk)
    return neurons - mixed + MP.mpf(at.k) / 4 + at.k * p / (4 * MP.pi)


def gradient(at: Entries):
    """The entries of grad F in the places of a, b, c, e, f, one each."""
    k, a, b, c, e, f = at
    p, x = k - 1, angles(at)
    sin, two = MP.sin, 2 * MP.pi
    ww, wu, own, other, wk, ue, uk = (MP.pi - t for t in x[2:])
    along = (p - 1) * x.w * sin(x.ww) + x.u * sin(x.wu) - sin(x.own) - (p - 1) * sin(x.other) - sin(x.wk)
    last = p * x.w * sin(x.wu) - p * sin(x.ue) - sin(x.uk)
    return [
        a / 2 + (along * a / x.w + ww * (p - 1) * b + wu * e - own) / two,
        b / 2 + (along * b / x.w + ww * (a + (p - 2) * b) + wu * e - other) / two,
        c / 2 + (along * c / x.w + ww * (p - 1) * c + wu * f - wk) / two,
        e / 2 + (last * e / x.u + wu * (a + (p - 1) * b) - ue) / two,
        f / 2 + (last * f / x.u + wu * p * c - uk) / two,
    ]


def critical(k, near: Entries) -> Entries:
    """Newton's method on the gradient, for any real k."""
    p = MP.mpf(k) - 1
    scale = [p**2, p**2, p, p, p]

    def at(y):
        x = (y[0] / scale[0] + 1, y[1] / scale[1], y[2] / scale[2], y[3] / scale[3], y[4] / scale[4] - 1)
        return Entries(MP.mpf(k), *x)

    def scaled(*y):
        return [g * s for g, s in zip(gradient(at(y)), scale, strict=True)]

    start = [(near.a - 1) * p**2, near.b * p**2, near.c * p, near.e * p, (near.f + 1) * p]
    return at(list(MP.findroot(scaled, start, tol=1e-80, maxsteps=12)))


# --- the whole matrices, in floating point or by mpmath -----------------------------------------------


def rows(at: Entries):
    """All neurons."""
    k = int(at.k)
    first = [[at.a if i == j else at.b for j in range(k - 1)] + [at.c] for i in range(k - 1)]
    return [*first, [at.e] * (k - 1) + [at.f]]


def dense_gradient(at: Entries):
    """grad F by pairs of vectors, in full."""
    neurons, k = rows(at), int(at.k)
    targets = [[MP.mpf(i == j) for j in range(k)] for i in range(k)]

    def g(w, v):
        p, q = MP.sqrt(MP.fdot(w, w)), MP.sqrt(MP.fdot(v, v))
        t = MP.acos(MP.fdot(w, v) / (p * q))
        return [(q * MP.sin(t) * x / p + (MP.pi - t) * y) / (2 * MP.pi) for x, y in zip(w, v, strict=True)]

    result = []
    for i, w in enumerate(neurons):
        parts = [g(w, v) for j, v in enumerate(neurons) if j != i]
        minus = [g(w, v) for v in targets]
        columns = zip(w, zip(*parts, strict=True), zip(*minus, strict=True), strict=True)
        result.append([x / 2 + sum(y) - sum(z) for x, y, z in columns])
    return result


def dense_hessian(at: Entries):
    """Hess F in R^(k k), by doubles."""
    w = np.array([[float(x) for x in row] for row in rows(at)])
    k = len(w)
    hess = np.zeros((k, k, k, k))
    for i in range(k):
        hess[i, :, i, :] += np.eye(k) / 2
        for v, sign, j in [*((w[j], 1, j) for j in range(k) if j != i), *((e, -1, -1) for e in np.eye(k))]:
            p, q = np.linalg.norm(w[i]), np.linalg.norm(v)
            e1, v1 = w[i] / p, v / q
            c = e1 @ v1
            t, s = np.arccos(c), np.linalg.norm(v1 - c * e1)
            e2 = (v1 - c * e1) / s
            same = np.eye(k) - np.outer(e1, e1) + np.outer(e2, e2)
            hess[i, :, i, :] += sign * q * s / (2 * np.pi * p) * same
            if j >= 0:
                swap = (np.outer(e1 - c * v1, v1) + np.outer(v1 - c * e1, e1)) / s
                hess[i, :, j, :] += ((np.pi - t) * np.eye(k) + swap) / (2 * np.pi)
    return hess.reshape(k * k, k * k)


def dense_outside(at: Entries):
    """M of Theorem M, by doubles."""
    w = np.array([[float(x) for x in row] for row in rows(at)])
    k = len(w)
    matrix = np.eye(k) / 2
    for i in range(k):
        for j, v in enumerate([*w, *np.eye(k)]):
            if j == i:
                continue
            p, q = np.linalg.norm(w[i]), np.linalg.norm(v)
            t = np.arccos(w[i] @ v / (p * q))
            matrix[i, i] += (1 if j < k else -1) * q * np.sin(t) / (2 * np.pi * p)
            if j < k:
                matrix[i, j] = (np.pi - t) / (2 * np.pi)
    return matrix


# --- balls and mpmath ---------------------------------------------------------------------------------


def exact_ball(x):
    """The ball of radius 0 at an mpmath number."""
    sign, man, exp, _ = MP.mpf(x)._mpf_
    return ball.exact((-int(man) if sign else int(man), int(exp)))


def exact_mp(x):
    """The mpmath number that a ball of radius 0 is."""
    man, exp = ball.to_dyadic(x)
    return MP.ldexp(MP.mpf(man), exp)


def sigma_ball(k: int):
    return 1 / ball.Ball(k - 1).sqrt()


def off(x, truth) -> float:
    """How far the middle of a ball is from an mpmath number; infinite for a ball that is not finite."""
    return float(abs(exact_mp(x.mid()) - truth)) if x.is_finite() else float("inf")


def holds(x, truth) -> bool:
    """Whether a ball contains an mpmath number that is known to within 2^-250."""
    if not x.is_finite():
        return False
    slack = MP.ldexp(MP.mpf(1), -250) * max(1, abs(truth))
    return exact_mp(x.lower()) - slack <= truth <= exact_mp(x.upper()) + slack


def arcsine(x):
    """A1."""
    return MP.asin(x) / x if x else MP.mpf(1)


def arcsine_rest(x):
    """A3."""
    return (MP.asin(x) - x) / x**3 if x else MP.mpf(1) / 6


def by_mpmath(module):
    """The functions of a module, for mpmath numbers in place of balls."""
    return copied(module, pi=lambda: MP.mpf(MP.pi), arcsine=arcsine, arcsine_rest=arcsine_rest)


def copied(module, **instead):
    """The names of a module, its functions among themselves, with other things instead of some."""
    space = dict(vars(module))
    for name, f in vars(module).items():
        if isinstance(f, FunctionType) and f.__module__ == module.__name__:
            space[name] = FunctionType(f.__code__, space, name, f.__defaults__, f.__closure__)
    space.update(instead)
    return space
