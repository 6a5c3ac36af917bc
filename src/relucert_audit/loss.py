"""The teacher-student ReLU landscape at one exact point: objective, gradient, Hessian, Lipschitz constants.

docs/theorem.md sections 1 and 2. All rows (neurons, then targets) are integers times one power of two, so
inner products are exact, and with A = |w|^2, B = |z|^2, C = w.z the angle is atan2(sqrt(AB - C^2), C) of
exact integers: parallel and antiparallel vectors are recognised exactly. The Hessian uses the orthonormal
pair e1 = w/|w| and e2 = t/|t|, t = A z - C w, which is exact too; nothing is divided by the sine of an angle.
"""

from functools import cached_property
from math import isqrt
from typing import Any, NamedTuple

import numpy as np

from relucert_audit.exact import Matrix, Symmetric, identity
from relucert_audit.format import LIMIT, NOT_CONFIRMED, Dyadic, Refusal, Rows
from relucert_audit.interval import Interval, angle, dyadic, enclosure, maximum, minimum, pi, root, to_fixed

MAX_ROW_BITS, MAX_DIMENSION, MAX_PAIRS, HESSIAN_BITS = 16384, 2000, 100_000, 88


class Pair(NamedTuple):
    """Two rows: enclosures of sine, cosine and angle theta; `flat` if exactly (anti)parallel, or one is 0."""

    sine: Interval
    cosine: Interval
    theta: Interval
    flat: bool


class Gradient(NamedTuple):
    """grad F(W) lies within `error` of mid 2^exponent (Euclidean); mid: (n d,) integers. norm: encloses
    |grad|."""

    mid: Matrix
    exponent: int
    error: Interval
    norm: Interval


class Landscape:
    """F, its gradient and its Hessian at one point. point: n rows of d, targets: k rows of d, exact dyadics.

    bits: absolute accuracy of angles and unit vectors. Raises Refusal if it is too large."""

    def __init__(self, point: Rows, targets: Rows, bits: int) -> None:
        self.n, self.k, self.d = len(point), len(targets), len(point[0])
        self.bits = bits
        if self.n * self.d > MAX_DIMENSION or (self.n + self.k) ** 2 > MAX_PAIRS:
            raise Refusal(NOT_CONFIRMED, 3, LIMIT, f"n d exceeds {MAX_DIMENSION}, or (n + k)^2 {MAX_PAIRS}")
        entries = [x for row in (*point, *targets) for x in row if x.m]
        self.exponent = min(x.e for x in entries)
        if max(x.m.bit_length() + x.e for x in entries) - self.exponent > MAX_ROW_BITS:
            raise Refusal(NOT_CONFIRMED, 3, LIMIT, f"entries span more than {MAX_ROW_BITS} bits")
        whole = [x.m << (x.e - self.exponent) if x.m else 0 for row in (*point, *targets) for x in row]
        self.rows: Matrix = np.array(whole, dtype=object).reshape(self.n + self.k, self.d)
        self.gram: Matrix = self.rows @ self.rows.T
        self.norms = [root(dyadic(int(a), 2 * self.exponent)) for a in np.diagonal(self.gram)]
        self.signs = [1] * self.n + [-1] * self.k
        self._pairs: dict[tuple[int, int], Pair] = {}

    def gram_at(self, i: int, j: int) -> tuple[int, int, int, int]:
        """|r_i|^2, |r_j|^2, r_i.r_j and the squared area |r_i|^2 |r_j|^2 - (r_i.r_j)^2, exact, in row
        units."""
        a, b, c = int(self.gram[i, i]), int(self.gram[j, j]), int(self.gram[i, j])
        return a, b, c, a * b - c * c

    def pair(self, i: int, j: int) -> Pair:
        """The angle between rows i and j. A zero row makes a right angle with everything: its terms
        vanish."""
        key = (min(i, j), max(i, j))
        if key not in self._pairs:
            (a, b, c, area), width, zero = self.gram_at(*key), self.bits + 16, dyadic(0, 0)
            if a == 0 or b == 0:
                self._pairs[key] = Pair(zero, zero, pi() / 2, True)
                return self._pairs[key]
            s, t = (isqrt((x << 2 * width) // (a * b)) for x in (area, c * c))
            sine = enclosure(s, s + 1, -width) if area else zero
            cosine = enclosure(t, t + 1, -width) if c else zero
            theta = angle(area, c, self.bits + 24)
            self._pairs[key] = Pair(sine, -cosine if c < 0 else cosine, theta, area == 0)
        return self._pairs[key]

    def f(self, i: int, j: int) -> Interval:
        """The arc-cosine kernel f(r_i, r_j) of section 1."""
        pair = self.pair(i, j)
        return self.norms[i] * self.norms[j] * (pair.sine + (pi() - pair.theta) * pair.cosine) / (2 * pi())

    @cached_property
    def objective(self) -> Interval:
        """Enclosure of F(W), cut at 0: F is the mean of a square."""
        total = sum((x * x for x in self.norms), dyadic(0, 0)) / 4
        for i in range(self.n + self.k):
            for j in range(i):
                total += self.signs[i] * self.signs[j] * self.f(i, j)
        return maximum([total, dyadic(0, 0)])

    @cached_property
    def gradient(self) -> Gradient:
        """grad_i = w_i (1/2 + sum_z sign |z| s/(2 pi |w_i|)) + sum_z sign (pi - theta)/(2 pi) z, section 1.

        Coefficients are rounded to integers (mid, radius) and the sums over rows are exact."""
        size, width = self.n + self.k, self.bits + 16
        mid: Matrix = np.zeros((self.n, size), dtype=object)
        radius: Matrix = mid.copy()
        for i in range(self.n):
            own = dyadic(1, -1)
            for z in range(size):
                if z != i:
                    pair = self.pair(i, z)
                    own += self.signs[z] * self.norms[z] * pair.sine / (2 * pi() * self.norms[i])
                    share = self.signs[z] * (pi() - pair.theta) / (2 * pi())
                    mid[i, z], radius[i, z] = to_fixed(share, width)
            mid[i, i], radius[i, i] = to_fixed(own, width)
        value, spread = (mid @ self.rows).reshape(-1), (radius @ np.abs(self.rows)).reshape(-1)
        near, far = np.maximum(np.abs(value) - spread, 0), np.abs(value) + spread
        exponent = self.exponent - width
        error = root(dyadic(int(spread @ spread), 2 * exponent))
        norm = root(enclosure(int(near @ near), int(far @ far), 2 * exponent))
        return Gradient(value, exponent, error, norm)

    def unit(self, vector: Any, square: int) -> Matrix:
        """vector/sqrt(square) in units of 2^-bits, each entry within 2 units; |vector|^2 = square > 0.

        With D = floor(2^g sqrt(square)) >= 2^(bits + 2), a quotient by D exceeds the true one by a relative
        2^-bits/4 at most, which is below 1 unit, and is then floored."""
        g = max(self.bits + 4 - (square.bit_length() >> 1), 0)
        unit: Matrix = (vector << (self.bits + g)) // isqrt(square << 2 * g)
        return unit

    @cached_property
    def hessian(self) -> Symmetric:
        """Enclosure of the Hessian, section 1: a matrix of integers and a bound of the error in spectral
        norm.

        (i, i): I/2 + sum_z sign g_z (I - e1 e1^T + e2 e2^T), g_z = |z| s/(2 pi |w_i|); (i, j): ((pi - theta)
        I + s c (e1 e1^T - e2 e2^T) + s^2 (e1 e2^T + e2 e1^T))/(2 pi), as the reflection R has the matrix (c
        s; s -c) in the basis e1, e2. Sums are exact at 2^(-3 bits) and floored to 2^-bits.

        Entry errors, in units of 2^-bits: coefficients are (mid, radius) in these units; vectors err by 2
        units an entry, so an outer product by less than 5; entries of I - e1 e1^T + e2 e2^T lie in [-2, 2],
        those of I and e1 e1^T - e2 e2^T in [-1, 1], of e1 e2^T + e2 e1^T in [-2, 2], and |s c|, s^2 <= 1 < 2
        pi; the final floor adds 1. The spectral norm is at most n d times the largest entry."""
        bits, d = self.bits, self.d
        full: Matrix = np.zeros((self.n * d, self.n * d), dtype=object)
        eye: Matrix = identity(d) << 2 * bits
        worst, two_pi = 0, 2 * pi()
        for i in range(self.n):
            e1 = self.unit(self.rows[i], int(self.gram[i, i]))
            outer1, scale = np.multiply.outer(e1, e1), 1 / (two_pi * self.norms[i])
            diagonal, slip = eye << (bits - 1), 0
            for z in range(self.n + self.k):
                pair = self.pair(i, z)
                if z == i or (pair.flat and z >= self.n):
                    continue
                outer2, mixed = eye * 0, eye * 0
                if not pair.flat:
                    a, _, c, area = self.gram_at(i, z)
                    e2 = self.unit(a * self.rows[z] - c * self.rows[i], a * area)
                    outer2, mixed = np.multiply.outer(e2, e2), np.multiply.outer(e1, e2)
                    mid, radius = to_fixed(self.signs[z] * self.norms[z] * pair.sine * scale, bits)
                    diagonal = diagonal + mid * (eye - outer1 + outer2)
                    slip += 2 * radius + 10 * ((abs(mid) + radius >> bits) + 1)
                if i < z < self.n:
                    shift, r0 = to_fixed((pi() - pair.theta) / two_pi, bits)
                    spin, r1 = to_fixed(pair.sine * pair.cosine / two_pi, bits)
                    swap, r2 = to_fixed(pair.sine * pair.sine / two_pi, bits)
                    block = shift * eye + spin * (outer1 - outer2) + swap * (mixed + mixed.T) >> 2 * bits
                    full[i * d : i * d + d, z * d : z * d + d] = block
                    full[z * d : z * d + d, i * d : i * d + d] = block.T
                    worst = max(worst, r0 + 2 * r1 + 2 * r2 + 21)
            full[i * d : i * d + d, i * d : i * d + d] = diagonal >> 2 * bits
            worst = max(worst, slip + 1)
        top = max(int(x).bit_length() for x in np.abs(full).max(axis=0))
        drop = max(top - HESSIAN_BITS, 0)
        error = dyadic(self.n * d * (worst + (1 << drop)), -bits)
        return Symmetric(full >> drop, drop - bits, top - drop, error)

    def lipschitz(self, radius: Dyadic) -> Interval:
        """L(rho) of Theorem B, section 2, on the ball of this radius below every |w_i|."""
        rho, p, q = dyadic(*radius), self.norms[: self.n], self.norms[self.n :]
        everything = sum(p + q, self.n * rho)
        slopes = [(everything - (x + rho)) / (x - rho) ** 2 for x in p]
        crossing = 3 * root(dyadic(self.n - 1, 0)) / (pi() * (minimum(p) - rho))
        return 3 * root(dyadic(3, 0)) / (4 * pi()) * maximum(slopes) + crossing

    def lipschitz_paper(self, radius: Dyadic) -> Interval:
        """L_A of Safran & Shamir, section 2, for n >= 2, on the same ball."""
        rho, p, q = dyadic(*radius), self.norms[: self.n], self.norms[self.n :]
        largest, smallest = maximum(p) + rho, minimum(p) - rho
        spread = root(dyadic(2, 0)) * (self.n - 1) * (largest + smallest) + self.k * maximum(q)
        return self.n / (pi() * smallest**2) * spread
