"""The teacher-student landscape at one exact point: objective, gradient, Hessian, Lipschitz constants.

docs/theorem/teacher.md sections 1 and 2, and signed.md for signs and a slope. All rows (neurons, then targets)
are integers times one power of two, so inner products are exact, and with A = |w|^2, B = |z|^2, C = w.z the angle
is atan2(sqrt(AB - C^2), C) of exact integers: parallel and antiparallel vectors are recognised exactly. The
Hessian uses the orthonormal pair e1 = w/|w|, e2 = t/|t|, t = A z - C w, exact too; nothing is divided by the sine
of an angle."""

from collections.abc import Sequence
from fractions import Fraction
from functools import cached_property
from math import isqrt
from typing import Any, NamedTuple

import numpy as np

from relucert_audit.digits import strips
from relucert_audit.exact import Matrix, Symmetric, longest, product
from relucert_audit.format import Dyadic, Rows
from relucert_audit.interval import (
    Interval,
    angle,
    dyadic,
    enclosure,
    maximum,
    minimum,
    pi,
    rational,
    root,
    to_fixed,
)

HESSIAN_BITS = 88


class Pair(NamedTuple):  # two rows; share encloses (pi - angle)/(2 pi); flat: exactly (anti)parallel
    sine: Interval
    cosine: Interval
    share: Interval
    flat: bool


class Gradient(NamedTuple):  # within `error` of mid 2^exponent, mid: n d integers; norm: its norm
    mid: Matrix
    exponent: int
    error: Interval
    norm: Interval


class Landscape:
    """At one point; no row is 0. bits: absolute accuracy of angles and unit vectors. signs: output weights +-1 of
    the neurons, then of the targets; without them all are 1. slope: of the activation left of 0."""

    def __init__(
        self,
        point: Rows,
        targets: Rows,
        bits: int,
        signs: Sequence[int] | None = None,
        slope: Fraction = Fraction(0),
    ) -> None:
        self.n, self.k, self.d, self.bits = len(point), len(targets), len(point[0]), bits
        entries = [x for row in (*point, *targets) for x in row]
        self.exponent = min(x.e for x in entries if x.m)
        whole = [x.m << (x.e - self.exponent) if x.m else 0 for x in entries]
        self.rows: Matrix = np.array(whole, dtype=object).reshape(self.n + self.k, self.d)
        self.gram: Matrix = self.rows @ self.rows.T
        squares = np.diagonal(self.gram)
        self.area: Matrix = np.multiply.outer(squares, squares) - self.gram**2
        self.norms = [root(dyadic(int(a), 2 * self.exponent)) for a in squares]
        weights = signs or [1] * (self.n + self.k)
        self.signs = [*weights[: self.n], *(-b for b in weights[self.n :])]
        self.slope, self.scale = slope, rational((1 - slope) ** 2)
        self._pairs: dict[tuple[int, int], Pair] = {}
        self._across: dict[tuple[int, int], Matrix] = {}

    @cached_property
    def two_pi(self) -> Interval:
        return 2 * pi()

    def pair(self, i: int, j: int) -> Pair:
        """The angle between rows i and j."""
        key = (min(i, j), max(i, j))
        if key not in self._pairs:
            area, c, width = int(self.area[i, j]), int(self.gram[i, j]), self.bits + 16
            s, t = (isqrt((x << 2 * width) // (area + c * c)) for x in (area, c * c))
            sine, cosine = enclosure(s, s + (area > 0), -width), enclosure(t, t + (c != 0), -width)
            share = dyadic(1, -1) - angle(area, c, self.bits + 24) / self.two_pi
            self._pairs[key] = Pair(sine, -cosine if c < 0 else cosine, share, area == 0)
        return self._pairs[key]

    @cached_property
    def objective(self) -> Interval:
        """Enclosure of F(W), cut at 0: F is the mean of a square. The terms are the kernel f of section 1; what a
        slope adds is slope/2 times the square of the sum of all rows with their signs."""
        total, turn = sum((x * x for x in self.norms), dyadic(0, 0)) * self.two_pi / 4, self.two_pi
        for i in range(self.n + self.k):
            for j in range(i):
                pair, sign = self.pair(i, j), self.signs[i] * self.signs[j]
                kernel = pair.sine + turn * pair.share * pair.cosine
                total += sign * self.norms[i] * self.norms[j] * kernel
        total = total / turn
        mean = np.array(self.signs, dtype=object) @ self.rows
        linear = rational(self.slope / 2) * dyadic(int(mean @ mean), 2 * self.exponent)
        return maximum([self.scale * total + linear, dyadic(0, 0)])

    @cached_property
    def coefficients(self) -> tuple[Matrix, Matrix]:
        """grad_i = w_i (1/2 + sum_z sign |z| s/(2 pi |w_i|)) + sum_z sign (pi - theta)/(2 pi) z, section 1, where
        sign is that of i times that of z; times (1 - slope)^2, and slope sum_z sign z, over all rows, in addition:
        (mid, radius) of the coefficients, n rows for all rows, in units of 2^-(bits + 16)."""
        size, width = self.n + self.k, self.bits + 16
        slope = rational(self.slope)
        mid: Matrix = np.zeros((self.n, size), dtype=object)
        radius: Matrix = mid.copy()
        for i in range(self.n):
            pull = dyadic(0, 0)
            for z in [z for z in range(size) if z != i]:
                pair, sign = self.pair(i, z), self.signs[i] * self.signs[z]
                pull += sign * self.norms[z] * pair.sine
                mid[i, z], radius[i, z] = to_fixed(sign * (self.scale * pair.share + slope), width)
            own = dyadic(1, -1) + pull / (self.two_pi * self.norms[i])
            mid[i, i], radius[i, i] = to_fixed(self.scale * own + slope, width)
        return mid, radius

    @cached_property
    def gradient(self) -> Gradient:
        """grad F(W). Only the coefficients are rounded."""
        (mid, radius), width = self.coefficients, self.bits + 16
        value, spread = (mid @ self.rows).reshape(-1), (radius @ np.abs(self.rows)).reshape(-1)
        near, far = np.maximum(np.abs(value) - spread, 0), np.abs(value) + spread
        exponent = self.exponent - width
        norm = root(enclosure(int(near @ near), int(far @ far), 2 * exponent))
        return Gradient(value, exponent, root(dyadic(int(spread @ spread), 2 * exponent)), norm)

    def unit(self, vector: Any, square: int) -> Matrix:
        """vector/sqrt(square) in units of 2^-bits, within 2 (docs/audit.md); square = |vector|^2."""
        g = max(self.bits + 4 - (square.bit_length() >> 1), 0)
        unit: Matrix = (vector << (self.bits + g)) // isqrt(square << 2 * g)
        return unit

    def frame(self, i: int, z: int) -> tuple[Matrix, Matrix]:
        """e1 and e2 of rows i and z; e2 is 0 if they are parallel."""
        e1 = self.directions[i]
        if (i, z) not in self._across:
            a, c, area = self.gram[i, i], self.gram[i, z], int(self.area[i, z])
            across = a * self.rows[z] - c * self.rows[i]
            self._across[i, z] = self.unit(across, int(a) * area) if area else e1 * 0
        return e1, self._across[i, z]

    @cached_property
    def directions(self) -> list[Matrix]:
        """e1 of every row."""
        return [self.unit(row, int(self.gram[i, i])) for i, row in enumerate(self.rows)]

    def mixed(self, i: int, z: int) -> tuple[Matrix, int]:
        """((pi - t) I + s c (e1 e1^T - e2 e2^T) + s^2 (e1 e2^T + e2 e1^T))/(2 pi), the second derivative in
        rows i and z, in units of 2^-bits, and by how many units its entries err at most (docs/audit.md)."""
        pair, (e1, e2), two_pi = self.pair(i, z), self.frame(i, z), self.two_pi
        spins = pair.share, pair.sine * pair.cosine / two_pi, pair.sine**2 / two_pi
        (shift, r0), (spin, r1), (swap, r2) = (to_fixed(x, self.bits) for x in spins)
        block: Matrix = np.zeros((self.d, self.d), dtype=object)
        for rows in strips(self.d, self.d):
            along, across = (spin * e1 + swap * e2)[rows], (swap * e1 - spin * e2)[rows]
            block[rows] = np.multiply.outer(along, e1) + np.multiply.outer(across, e2) >> 2 * self.bits
        block[np.diag_indices(self.d)] += shift
        return block, r0 + 2 * r1 + 2 * r2 + 21

    def sum_of_frames(self, i: int, across: list[Matrix], weights: list[int]) -> Matrix:
        """I/2 + sum_z weight_z (I - e1 e1^T + e2 e2^T) in units of 2^-bits, e1 the direction of row i, across: e2."""
        d, bits, e1, total = self.d, self.bits, self.directions[i], sum(weights)
        frames: Matrix = np.array(across, dtype=object).reshape(-1, d)
        weighted = frames * np.array(weights, dtype=object)[:, None] >> bits
        block: Matrix = np.zeros((d, d), dtype=object)
        for rows in strips(d, d):
            part = product(frames.T[rows], weighted) << bits
            block[rows] = part - total * np.multiply.outer(e1[rows], e1) >> 2 * bits
        block[np.diag_indices(d)] += (1 << bits - 1) + total
        above = np.triu_indices(d, 1)
        block[above] = block.T[above]  # `weighted` is rounded, so the product is not quite symmetric
        return block

    @cached_property
    def own_blocks(self) -> list[tuple[Matrix, int]]:
        """The blocks (i, i) of the Hessian for slope 0, in units of 2^-bits, and by how many units their entries err at
        most (docs/audit.md): I/2 + sum_z sign g_z (I - e1 e1^T + e2 e2^T), g_z = |z| s/(2 pi |w_i|)."""
        found = []
        for i in range(self.n):
            across, weights, slip, around = [], [], 1, self.two_pi * self.norms[i]
            for z in [z for z in range(self.n + self.k) if z != i]:
                if not (pair := self.pair(i, z)).flat:
                    weight = self.signs[i] * self.signs[z] * self.norms[z] * pair.sine / around
                    mid, radius = to_fixed(weight, self.bits)
                    across.append(self.frame(i, z)[1])
                    weights.append(mid)
                    slip += 2 * radius + 10 * ((abs(mid) + radius >> self.bits) + 1) + 2
            found.append((self.sum_of_frames(i, across, weights), slip))
        return found

    def block(self, i: int, j: int) -> tuple[Matrix, int]:
        """Of the Hessian, i <= j, and its error, in units of 2^-bits. With the slope p/q it is (1 - p/q)^2 times that
        for slope 0, and p/q I with the signs of both neurons in addition: in integers over q^2, rounded down."""
        sign, (p, q) = self.signs[i] * self.signs[j], self.slope.as_integer_ratio()
        block, error = self.own_blocks[i] if i == j else self.mixed(i, j)
        if not p:
            return sign * block, error
        constant = np.eye(self.d, dtype=object) * (sign * p * q << self.bits)
        return ((q - p) ** 2 * sign * block + constant) // q**2, (q - p) ** 2 * error // q**2 + 2

    @cached_property
    def hessian(self) -> Symmetric:
        """From its blocks on and above the diagonal, cut to HESSIAN_BITS bits."""
        blocks = {(i, j): self.block(i, j) for i in range(self.n) for j in range(i, self.n)}
        top, worst = max(longest(x) for x, _ in blocks.values()), max(error for _, error in blocks.values())
        drop, size = max(top - HESSIAN_BITS, 0), self.n * self.d
        full: Matrix = np.zeros((size, size), dtype=object)
        for i, j in [*blocks]:
            short = blocks.pop((i, j))[0] >> drop
            here, there = (slice(x * self.d, x * self.d + self.d) for x in (i, j))
            full[here, there], full[there, here] = short, short.T
        distance = dyadic(size * (worst + (1 << drop)), -self.bits)
        return Symmetric(full, drop - self.bits, top - drop, distance)

    @cached_property
    def outside(self) -> Symmetric:
        """M of section 7: its entries are the gradient's coefficients of the neurons."""
        mid, radius = (x[:, : self.n] for x in self.coefficients)
        bits = max(int(np.abs(mid).max()).bit_length(), 1)
        return Symmetric(mid, -self.bits - 16, bits, dyadic(self.n * int(radius.max()), -self.bits - 16))

    def lipschitz(self, radius: Dyadic) -> Interval:
        """L(rho) of Theorem B, section 2, on the ball of this radius below every |w_i|."""
        rho, p, q = dyadic(*radius), self.norms[: self.n], self.norms[self.n :]
        everything = sum(p + q, self.n * rho)
        slopes = [(everything - (x + rho)) / (x - rho) ** 2 for x in p]
        crossing = 3 * root(dyadic(self.n - 1, 0)) / (pi() * (minimum(p) - rho))
        return self.scale * (3 * root(dyadic(3, 0)) / (4 * pi()) * maximum(slopes) + crossing)

    def lipschitz_paper(self, radius: Dyadic) -> Interval:
        """L_A of Safran & Shamir, section 2, for n >= 2, on the same ball."""
        rho, p, q = dyadic(*radius), self.norms[: self.n], self.norms[self.n :]
        largest, smallest = maximum(p) + rho, minimum(p) - rho
        spread = root(dyadic(2, 0)) * (self.n - 1) * (largest + smallest) + self.k * maximum(q)
        return self.n / (pi() * smallest**2) * spread
