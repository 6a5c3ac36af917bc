"""What the prover's kernel finds at a point, at 256 bits; its critical point by Newton's method to 60 digits."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction
from functools import cache, cached_property
from typing import Any
from unittest.mock import patch

from judge.documents import value
from relucert.base.dyadic import canonical, to_float
from relucert.families.teacher.search import guess
from relucert.families.teacher.symmetric import point as symmetric
from relucert.families.teacher.symmetric.point import SymmetricPoint
from relucert.kernel import ball, newton, norms
from relucert.kernel.ball import Ball, lower, proves_lt, upper
from relucert.kernel.spectrum import Eigen, images, signs, spectrum
from relucert.kernel.teacher import facts, loss, symmetric_facts, symmetric_inertia

IN_FULL = 20  # the most entries of a symmetric point that is judged with all of them
BITS = 256
SLACK = Fraction(1, 2**36)  # relative; claims are loose by 2^-20, the kernel's numbers good to about 2^-43


class Untrue(Exception):  # noqa: N818 -- a result
    """The first claim that is not true, or that nothing here supports."""


def require(condition: bool, claim: str) -> None:
    if not condition:
        raise Untrue(claim)


def ball_of(x: Fraction) -> Ball:
    return Ball(x.numerator) / Ball(x.denominator)


def at_most(a: Ball, b: Ball, claim: str) -> None:
    """a <= b, as far as the kernel can tell: not refuted by more than the slack."""
    require(a.is_finite() and b.is_finite(), claim)
    require(not proves_lt(upper(b) + abs(b) * ball_of(SLACK), lower(a)), claim)


class Truth:
    """What the kernel proves about one point, on demand. Rows of exact dyadics (m, e). network: signs and a slope."""

    def __init__(self, point: loss.Rows, targets: loss.Rows, network: loss.Network | None = None) -> None:
        self.point, self.targets, self.n, self.k = point, targets, len(point), len(targets)
        self.network = network
        enclosure = facts.enclose(point, targets, network)
        self.n_d, eigen = self.n * len(point[0]), eigenvectors(enclosure.hessian)
        self.outside = spectrum(enclosure.outside, eigenvectors(enclosure.outside))
        self.slope = loss.gradient(enclosure.geometry)
        order = self._order() if self.n == self.k else None
        with patch.object(norms, "SQUARINGS", 40):  # spectral norms as they are: a checker may be tighter
            self.facts = facts.measure(enclosure, eigen, order, "sharp")

    def _order(self) -> list[int]:
        """The best permutation of the targets by trying all (n is small), in floating point."""
        top = max(e + abs(m).bit_length() for row in (*self.point, *self.targets) for m, e in row if m)

        def floats(rows: loss.Rows) -> list[list[float]]:
            return [[to_float((m, max(e - top, -2000))) for m, e in row] for row in rows]

        w, v = floats(self.point), floats(self.targets)
        cost = [[self._apart(i, a, j, b) for j, b in enumerate(v)] for i, a in enumerate(w)]
        if self.n > 7 and self.network is None:
            return list(guess.assignment(w, v) or range(self.n))
        orders = itertools.permutations(range(self.n))
        return list(min(orders, key=lambda p: sum(cost[i][j] for i, j in enumerate(p))))

    def _apart(self, i: int, w: list[float], j: int, v: list[float]) -> float:
        """The square of the distance of neuron i from target j, far if their signs differ."""
        turned = (1, -1) if self.network is not None and self.network.slope == (-1, 1) else (1,)
        if self.network is not None and self.network.signs[i] != self.network.teacher[j]:
            return math.inf
        return min(sum((x - e * y) ** 2 for x, y in zip(w, v, strict=True)) for e in turned)

    def lipschitz(self, radius: Ball, constants: str) -> Ball:
        return facts.CONSTANTS[constants](self.facts, radius)

    def shortest(self) -> Fraction:
        """The square of the length of the shortest neuron."""
        return min(sum((value([m, e]) ** 2 for m, e in row), Fraction(0)) for row in self.point)

    def inertia(self) -> tuple[int, int] | None:
        return signs(self.facts.spectrum)

    def theorem_e(self, radius: Ball, constants: str, everywhere: bool = False) -> tuple[bool, Ball, Ball]:
        """Whether Theorem E holds, r, and min(alpha, r+); with M beside H if `everywhere`."""
        parts = [self.facts.spectrum.inverse] + [self.outside.inverse] * everywhere
        omega, chi = ball.largest(x.error for x in parts), ball.largest(x.size for x in parts)
        L = self.lipschitz(radius, constants)
        holds, r, reach = newton.theorem_e(omega, chi, self.facts.correction, L, radius)
        return holds.holds, r, reach

    @cached_property
    def fine(self) -> Truth:
        """The same after Newton's method, in 256 bits: the critical point itself to about 60 digits."""
        here = self
        for _ in range(12):
            if proves_lt(here.facts.correction, Ball(2) ** (60 - BITS) * ball.largest(here.facts.neurons)):
                break
            column = ball.BallMatrix(len(here.slope), 1, here.slope)
            steps = iter(images(here.facts.spectrum.inverse, column).entries())
            moved = [[(ball.exact(x) - next(steps)).mid() for x in row] for row in here.point]
            at = [[canonical(*ball.to_dyadic(x)) for x in row] for row in moved]
            here = Truth(at, self.targets, self.network)
        return here

    @cached_property
    def critical(self) -> tuple[Ball, Ball, Ball]:
        """|W - W*|, F(W*), and how far `fine` is from W*."""
        fine = self.fine
        holds, r, _ = fine.theorem_e(lower(ball.smallest(fine.facts.neurons)) / 2, "simple")
        require(holds, "no critical point found by Newton's method")
        apart = loss.distance(self.point, fine.point)
        steepest = upper(
            ball.largest((abs(fine.facts.spectrum.values[0]), abs(fine.facts.spectrum.values[-1])))
        )
        L = fine.lipschitz(r, "simple")
        low, high = newton.taylor(fine.facts.objective, upper(fine.facts.gradient), steepest, L, r)
        return apart + ball.symmetric(r), ball.hull(low, high), r


class SymmetricTruth:
    """The same about a symmetric point, at any k."""

    def __init__(self, at: SymmetricPoint) -> None:
        self.at, self.n, self.k, self.n_d = at, at.n, at.k, at.n * at.k
        with patch.object(norms, "SQUARINGS", 40):  # as above
            self.measured = symmetric_facts.measure(symmetric.kernel_point(at), eigenvectors, "sharp")
        self.facts = symmetric_facts.facts(self.measured, Ball(0), every_dimension=False)
        self.outside = self.measured.outside

    def shortest(self) -> Fraction:
        sizes, values = self.at.sizes, self.at.values
        found = [list(zip(sizes, row, strict=True)) for row in self.at.extra]
        for a, p in enumerate(sizes):
            others = [(q, row[a]) for c, (q, row) in enumerate(zip(sizes, values, strict=True)) if c != a]
            found.append([(1, values[a][a]), (p - 1, values[a][-1]), *others])
        return min(sum((p * value(list(x)) ** 2 for p, x in row), Fraction(0)) for row in found)

    def inertia(self) -> tuple[int, int] | None:
        return symmetric_inertia.inertia(self.measured.at.point, eigenvectors)

    def lipschitz(self, radius: Ball, constants: str) -> Ball:
        require(constants in symmetric.CONSTANTS, "constants")
        of = self.measured if constants == "sharp" else self.measured._replace(shape=None)
        return symmetric_facts.facts(of, radius, every_dimension=False).lipschitz

    def theorem_e(self, radius: Ball, constants: str, everywhere: bool = False) -> tuple[bool, Ball, Ball]:
        at = symmetric_facts.facts(self.measured, radius, every_dimension=everywhere)
        chi, L = ball.largest(s.inverse.size for s in at.spectra), self.lipschitz(radius, constants)
        holds, r, reach = newton.theorem_e(Ball(0), chi, upper(at.gradient) * chi, L, radius)
        return holds.holds, r, reach

    @cached_property
    def critical(self) -> tuple[Ball, Ball, Ball]:
        here = self.at
        for _ in range(12):
            steps = symmetric._newton_steps(here)
            here = symmetric.moved_by(here, steps, BITS)
        fine = SymmetricTruth(here)
        holds, r, _ = fine.theorem_e(lower(ball.smallest(fine.facts.neurons)) / 2, "simple")
        require(holds, "no critical point found by Newton's method")
        f, L = fine.facts, fine.lipschitz(r, "simple")
        steepest = upper(ball.largest((abs(f.spectrum.values[0]), abs(f.spectrum.values[-1]))))
        low, high = newton.taylor(f.objective, upper(f.gradient), steepest, L, r)
        return symmetric._distance(self.at, here) + ball.symmetric(r), ball.hull(low, high), r


def eigenvectors(matrix: ball.BallMatrix) -> Eigen:
    found = guess.eigen([[float(x) for x in row] for row in matrix.tolist()])
    require(found is not None, "no eigendecomposition")
    return Eigen(*found)  # type: ignore[misc]


@cache
def truth(point: tuple[Any, ...], targets: tuple[Any, ...], network: loss.Network | None = None) -> Truth:
    return Truth(point, targets, network)


@cache
def symmetric_truth(at: SymmetricPoint) -> Truth | SymmetricTruth:
    """With all entries if there are few."""
    if at.n * at.k > IN_FULL:
        return SymmetricTruth(at)
    classes, m = [c for c, p in enumerate(at.sizes) for _ in range(p)], len(at.sizes)

    def entry(i: int, j: int) -> tuple[int, int]:
        c, a = classes[i], classes[j]
        return at.values[a][m] if c == a and i != j else at.values[c][a]

    neurons = [tuple(entry(i, j) for i in range(at.k)) for j in range(at.k)]
    neurons += [tuple(neuron[c] for c in classes) for neuron in at.extra]
    return truth(tuple(neurons), unit_vectors(at.k))


def unit_vectors(k: int) -> tuple[tuple[tuple[int, int], ...], ...]:
    return tuple(tuple((int(i == j), 0) for j in range(k)) for i in range(k))
