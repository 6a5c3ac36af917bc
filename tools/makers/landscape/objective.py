"""The objectives of docs/spec/landscape-v1.md in mpmath, by their definitions. Derivatives are differences.

Points are arrays (m, d) of mpf. Call inside mp.workdps(DIGITS): then differences are good to about 28 digits."""

from __future__ import annotations

import itertools
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
from mpmath import mp, mpf

from judge.documents import Json, value

DIGITS = 80
STEP = mpf(10) ** -16
Point = Any  # an array of mpf


def real(x: Fraction | str) -> mpf:
    x = Fraction(x)
    return mpf(x.numerator) / x.denominator


def rows(raw: list[list[Any]]) -> Point:
    """Of dyadics."""
    return np.array([[real(value(x)) for x in row] for row in raw], dtype=object)


def norm(x: Point) -> mpf:
    return mp.sqrt(sum(y * y for y in x.ravel()))


class Population:
    """G or F: Q of the specification."""

    def __init__(self, problem: Json) -> None:
        self.a = [real(x) for x in problem["a_star"]]
        self.d, self.general = len(self.a), problem["objective"] == "F"
        self.mu, self.lam = real(problem["mu"]), real(problem["lambda"])
        self.c, self.nu = 1 / (2 * mp.sqrt(2 * mp.pi)), self.mu / 12
        self.alpha = np.array([self.c / x if self.general else self.c * x for x in self.a], dtype=object)
        plain = [[str(int(i == j)) for i in range(self.d)] for j in range(self.d)]
        self.star = np.array([[real(x) for x in row] for row in problem.get("teacher", plain)], dtype=object)
        scale = [mp.sqrt(x) if self.general else mpf(1) for x in self.a]
        self.T = self.star * np.array(scale, dtype=object)[:, None]

    @cached_property
    def inverse(self) -> Point:
        """Of T."""
        found = mp.inverse(mp.matrix(self.T.tolist()))
        return np.array(found.tolist(), dtype=object).reshape(self.d, self.d)

    def value(self, B: Point) -> mpf:
        w = (B @ self.T.T) ** 2
        columns, own = w.sum(axis=0), (w * w).sum(axis=0)
        quartic = (self.alpha * (columns * columns - (1 + self.nu) * own)).sum()
        return quartic + self.lam * ((w.sum(axis=1) - 1) ** 2).sum()

    def at(self, U: Point) -> Point:
        """B with u_j = T b_j."""
        return U @ self.inverse.T

    def t(self, i: int) -> mpf:
        return mp.sqrt(self.lam / (self.lam - self.nu * self.alpha[i]))

    def signed(self, minimum: Json) -> Point:
        U = np.full((self.d, self.d), mpf(0), dtype=object)
        for j, (i, sign) in enumerate(zip(minimum["permutation"], minimum["signs"], strict=True)):
            U[j, i] = self.t(i) * (1 if sign == "+" else -1)
        return self.at(U)

    def doubled(self, twice: int, never: int) -> Point:
        U = np.full((self.d, self.d), mpf(0), dtype=object)
        for j in range(self.d):
            U[j, j] = self.t(j)
        U[never, never] = mpf(0)
        U[[twice, never], twice] = mp.sqrt(
            self.lam / (self.lam + self.alpha[twice] - self.nu * self.alpha[twice])
        )
        return self.at(U)

    @cached_property
    def others(self) -> list[Any]:
        """All critical points but signed permutations, in U, up to signs, in floating point; for d <= 3. Q is
        quadratic in the squares, so each set of nonzero entries has one at most, or a continuum, left out."""
        d, found = self.d, []
        alpha, nu, lam = self.alpha.astype(float), float(self.nu), float(self.lam)
        same = np.eye(d)
        form = np.einsum("i,il->il", alpha, same)[None, :, None, :] + lam * same[:, None, :, None]
        form = form - (1 + nu) * alpha[None, :, None, None] * np.einsum("jk,il->jikl", same, same)
        form = form.reshape(d * d, d * d)
        for which in itertools.product((False, True), repeat=d * d):
            on = np.flatnonzero(which)
            part = form[np.ix_(on, on)]
            if len(on) and np.linalg.cond(part) > 1e10:
                continue
            w = np.zeros(d * d)
            w[on] = np.linalg.solve(part, np.full(len(on), lam))
            U = np.sqrt(np.maximum(w, 0)).reshape(d, d)
            aligned = len(on) == d and (U > 0).sum(axis=0).max() == 1 == (U > 0).sum(axis=1).max()
            if (w[on] > 0).all() and not aligned:
                found.append(U)
        return found

    def distances(self, B: Point) -> list[float]:
        """Of some of them from B: for G with the signs of B, for F with all."""
        U, back, found = (B @ self.T.T).astype(float), self.inverse.astype(float), []
        for V in self.others:
            for signs in itertools.product((1, -1), repeat=self.d**2) if self.general else [np.sign(U)]:
                W = V * np.where(np.reshape(signs, V.shape) < 0, -1, 1)
                found.append(float(np.linalg.norm((W - U) @ back.T)))
        return found

    def bends(self, U: Any) -> Any:
        """The Hessian in B, in floating point."""
        d, alpha, nu, lam = self.d, self.alpha.astype(float), float(self.nu), float(self.lam)
        w, H = U * U, np.zeros((d, d, d, d))
        own = 4 * alpha * w.sum(axis=0) - 12 * (1 + nu) * alpha * w + 4 * lam * (w.sum(axis=1) - 1)[:, None]
        for j, i in np.ndindex(d, d):
            H[j, i, j, i] += own[j, i]
            H[j, i, :, i] += 8 * alpha[i] * U[j, i] * U[:, i]
            H[j, i, j, :] += 8 * lam * U[j, i] * U[j]
        T = np.kron(np.eye(d), self.T.astype(float))
        return T.T @ H.reshape(d * d, d * d) @ T

    @cached_property
    def infimum(self) -> mpf:
        """Of a Q that is bounded below: the least value at a critical point."""
        low = self.value(self.signed({"permutation": range(self.d), "signs": "+" * self.d}))
        values = [self.value(self.at(np.vectorize(mpf, otypes=[object])(U))) for U in self.others]
        return min([low, *values])


class Samples:
    """G-hat."""

    def __init__(self, problem: Json) -> None:
        self.x, self.y = rows(problem["samples"]["x"]), rows([problem["samples"]["y"]])[0]
        self.mu, self.lam = real(problem["mu"]), real(problem["lambda"])

    def value(self, B: Point) -> mpf:
        total = mpf(0)
        for x, y in zip(self.x, self.y, strict=True):
            for j, k in itertools.product(range(len(B)), repeat=2):
                share = hermite(x, B[j], B[k])
                total -= y * (share / 2 if j != k else -self.mu / 24 * share)
        lengths = (B * B).sum(axis=1)
        return total / len(self.y) + self.lam * ((lengths - 1) ** 2).sum()


def hermite(x: Point, v: Point, w: Point) -> mpf:
    """<H4(x), v v w w>."""
    a, b, v2, w2, vw = v @ x, w @ x, v @ v, w @ w, v @ w
    return a * a * b * b - w2 * a * a - v2 * b * b - 4 * vw * a * b + v2 * w2 + 2 * vw * vw


def units(B: Point) -> list[Point]:
    found = []
    for index in np.ndindex(*B.shape):
        step = np.full(B.shape, mpf(0), dtype=object)
        step[index] = STEP
        found.append(step)
    return found


def gradient(of: Any, B: Point) -> Point:
    slopes = [(of.value(B + e) - of.value(B - e)) / (2 * STEP) for e in units(B)]
    return np.array(slopes, dtype=object).reshape(B.shape)


def hessian(of: Any, B: Point) -> mp.matrix:
    """Of m d rows."""
    steps = units(B)
    H, here = mp.matrix(len(steps)), of.value(B)
    for p, e in enumerate(steps):
        H[p, p] = (of.value(B + e) - 2 * here + of.value(B - e)) / STEP**2
        for q, f in enumerate(steps[:p]):
            mixed = of.value(B + e + f) - of.value(B + e - f) - of.value(B - e + f) + of.value(B - e - f)
            H[p, q] = H[q, p] = mixed / (4 * STEP**2)
    return H


def eigenvalues(of: Any, B: Point) -> list[mpf]:
    return sorted(mp.eigsy(hessian(of, B), eigvals_only=True))


def newton(of: Any, B: Point) -> Point | None:
    """The critical point to which Newton's method goes from B, if it does."""
    for _ in range(16):
        slope = gradient(of, B)
        if norm(slope) < mpf(10) ** -28:
            return B
        try:
            step = mp.lu_solve(hessian(of, B), mp.matrix(list(slope.ravel())))
        except ZeroDivisionError:
            return None
        B = B - np.array(list(step), dtype=object).reshape(B.shape)
    return None
