"""What the different singular values of M and their multiplicities say of all critical points: Theorems 15.L, 15.M."""

from fractions import Fraction
from typing import NamedTuple

from relucert_audit import interval as ivl
from relucert_audit.interval import Interval, dyadic


class Levels(
    NamedTuple
):  # values: positive, decreasing; k_j of the n_j = multiplicities[j] are used, at most r in all
    values: list[Interval]
    multiplicities: list[int]
    shape: tuple[int, int]
    r: int

    @property
    def least(self) -> list[int]:
        """The k of the global minima: filled up from the largest value."""
        left, found = self.r, []
        for n in self.multiplicities:
            found.append(min(n, left))
            left -= found[-1]
        return found

    @property
    def full(self) -> bool:
        """Whether rank M >= r."""
        return sum(self.multiplicities) >= self.r

    def sets(self) -> int:
        """How many k there are: ways[s] of those with sum s, level by level."""
        ways = [1] + [0] * self.r
        for n in self.multiplicities:
            ways = [sum(ways[max(s - n, 0) : s + 1]) for s in range(self.r + 1)]
        return sum(ways)

    def minimum(self) -> Interval:
        rest = zip(self.values, self.multiplicities, self.least, strict=True)
        return sum(((n - k) * x**2 for x, n, k in rest), dyadic(0, 0)) / 2

    def gap(self) -> Interval:
        """From the least critical value to the next. Any k but the least one lacks a place of it; filled up to as many
        places as that one has, with values that are not used, it differs from it by exchanges of larger values for
        smaller ones, or for none. So one exchange is best."""
        k, losses = self.least, []
        for i, x in enumerate(self.values):
            if k[i]:
                below = [y for j, y in enumerate(self.values) if j > i and k[j] < self.multiplicities[j]]
                losses.append((x**2 - below[0] ** 2) / 2 if below else x**2 / 2)
        return ivl.minimum(losses)

    def saddle(self, e: Fraction) -> Interval:
        """What the curvature at all critical points of imbalance at most e, but the global minima, is at least; at
        e = 0 it is attained, so that for any e it is not above that. In (a) the largest value that is not used is at
        least that of the place min(r, rank M). In (b) a value v is not fully used, one w < v is, all above v are, and
        none below w."""
        place = min(self.r, sum(self.multiplicities))
        last = max(j for j, k in enumerate(self.least) if k)
        found = [flat(self.values[last], ivl.rational(e))] if place else []
        for j, w in enumerate(self.values):
            for i in range(j):
                above, down_to = sum(self.multiplicities[:i]), sum(self.multiplicities[: j + 1])
                if above + 1 <= self.r <= down_to - 1:
                    found.append(w * (self.values[i] - w) / spread(w, ivl.rational(e)))
        return ivl.minimum(found)

    def dimension(self) -> int:
        """Of the manifold of global minima, where rank M >= r."""
        last = max(j for j, k in enumerate(self.least) if k)
        k, m = self.least[last], self.multiplicities[last]
        return self.r**2 + k * (m - k)

    def across(self) -> tuple[Interval, Interval]:
        """The ends of the spectrum across that manifold at balanced minima. Of s_j + s_i, s_j - s_i and s_j with j <= r
        < i, only the differences may be below s_r; s_i = 0 gives s_r, as does another shape than a square."""
        k, last = self.least, max(j for j, k in enumerate(self.least) if k)
        found = [2 * self.values[last]]
        for i, x in enumerate(self.values):
            below = [j for j in range(i + 1, len(k)) if k[j] < self.multiplicities[j]]
            found += [x - self.values[below[0]]] if k[i] and below else []
        d1, d2 = self.shape
        if d1 != d2 or sum(self.multiplicities) < d1:
            found.append(self.values[last])
        if k[last] < self.multiplicities[last]:
            found.append(2 * self.values[last])
        return ivl.minimum(found), 2 * self.values[0]


def spread(s: Interval, e: Interval) -> Interval:
    """b_s(e): no |U^T p|^2 exceeds it."""
    return (e + ivl.root(e**2 + 4 * s**2)) / 2


def flat(s: Interval, e: Interval) -> Interval:
    """s^2/b_s(e), which increases with s."""
    return s**2 / spread(s, e)
