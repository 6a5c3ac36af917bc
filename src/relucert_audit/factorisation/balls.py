"""Matrices of intervals m +- r in units of 2^-p, of integers. An entry with r = 0 is exact, so that what is exactly 0
stays so."""

from fractions import Fraction
from typing import NamedTuple

import numpy as np

from relucert_audit.exact import Matrix
from relucert_audit.factorisation.data import Dyadics
from relucert_audit.finding import TooWeak

SPAN = 64  # entries stay below 2^SPAN


class Balls(NamedTuple):
    m: Matrix
    r: Matrix

    @property
    def T(self) -> "Balls":  # noqa: N802 -- as numpy's
        return Balls(self.m.T, self.r.T)

    def minus(self, other: "Balls") -> "Balls":
        return Balls(self.m - other.m, self.r + other.r)

    def where(self, mask: Matrix) -> "Balls":
        """0, exactly, where the mask of 0 and 1 is 0."""
        return Balls(self.m * mask, self.r * mask)

    def times(self, x: Fraction) -> "Balls":
        """By a number that is not negative, rounded."""
        return divided(self.m * x.numerator, self.r * x.numerator, x.denominator)

    def squares(self) -> tuple[Matrix, Matrix]:
        """Lower and upper bounds of the squares, in units of 2^-2p."""
        size = np.abs(self.m)
        low = size - self.r
        return (low * (low > 0)) ** 2, (size + self.r) ** 2


def divided(m: Matrix, r: Matrix, by: int) -> Balls:
    """Of exact m +- r, the quotients; one unit is added only where the division rounds."""
    return Balls(m // by, -(-r // by) + (m % by != 0))


def exact(a: Dyadics, p: int) -> Balls:
    shift = a.exponent + p
    if shift < 0:
        return divided(a.mantissa, 0 * a.mantissa, 1 << -shift)
    return Balls(a.mantissa << shift, 0 * a.mantissa)


def product(a: Balls, b: Balls, p: int) -> Balls:
    """Entries below 2^SPAN, or TooWeak."""
    m, r = a.m @ b.m, 0
    if a.r.any() or b.r.any():
        r = np.abs(a.m) @ b.r + a.r @ (np.abs(b.m) + b.r)
    if max(int(np.abs(m).max()), int(np.max(r))) >> 2 * p + SPAN:
        raise TooWeak("the run leaves the numbers that are followed")
    return divided(m, r + 0 * m, 1 << p)
