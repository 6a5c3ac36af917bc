"""The objectives G and F of docs/spec/landscape-v1.md: what a claim says of them, and their numbers as intervals.

alpha_i = c w_i with exact weights w_i, so what depends on their order alone is exact. Rows and columns are
counted from 0. Theorems are those of section 13 of docs/theorem/landscape.md."""

import re
from fractions import Fraction
from functools import cached_property
from typing import Any, NamedTuple

from mpmath import iv  # type: ignore[import-untyped]

from relucert_audit import format as fmt
from relucert_audit import interval as ivl
from relucert_audit.finding import Findings, refuted, weak
from relucert_audit.format import Refusal, malformed
from relucert_audit.interval import Interval, dyadic, proves_le, proves_lt, show
from relucert_audit.landscape import teacher

MOST_DIGITS = 300
CONDITION = 24  # bits: the least eigenvalue of M is sharp where it is at least 2^-24 times the largest
Entries = list[list[int]]


def rational(value: Any, where: str) -> Fraction:
    """An integer or a fraction in lowest terms, both parts of at most 300 digits."""
    if isinstance(value, str) and len(value) > 2 * MOST_DIGITS + 2:
        raise malformed(f"{where} has a number of more than {MOST_DIGITS} digits")
    x = fmt.rational(value, where)
    if max(abs(x.numerator), x.denominator) >= 10**MOST_DIGITS:
        raise malformed(f"{where} has a number of more than {MOST_DIGITS} digits")
    return x


def positive(value: Any, where: str) -> Fraction:
    x = rational(value, where)
    if x <= 0:
        raise malformed(f"{where} is not positive")
    return x


PROBLEM = {"objective": re.compile("[GF]"), "a_star": [positive], "mu": positive, "lambda": positive}
PROBLEM |= {"teacher?": [[rational]]}
SIGNED = {"permutation": [int], "signs": re.compile("[+-]+")}


def limit(what: str) -> Refusal:
    return Refusal(fmt.NOT_CONFIRMED, 0, fmt.LIMIT, what)


class Problem(NamedTuple):  # weights: alpha_i/c; teacher: the rows of B* for F, none for G
    a: list[Fraction]
    weights: list[Fraction]
    teacher: list[list[Fraction]]
    mu: Fraction
    lam: Fraction

    @property
    def d(self) -> int:
        return len(self.a)

    @property
    def nu(self) -> Fraction:
        return self.mu / 12


def read_problem(raw: dict[str, Any]) -> Problem:
    """Of `problem`, read with the shape PROBLEM. Raises Refusal."""
    a, general = raw["a_star"], raw["objective"] == "F"
    rows = raw.get("teacher", [])
    if len(a) < 2 or general != ("teacher" in raw):
        raise malformed("problem has d < 2, or a teacher for G, or none for F")
    if general and [len(row) for row in rows] != [len(a)] * len(a):
        raise malformed("teacher does not have d rows of d rationals")
    return Problem(a, [1 / x for x in a] if general else a, rows, raw["mu"], raw["lambda"])


class SignedPermutation(NamedTuple):  # row j of U is s_j t_i e_i, i = p(j)
    p: list[int]
    s: list[int]


def read_signed(raw: dict[str, Any], d: int) -> SignedPermutation:
    """Of `minimum`, read with the shape SIGNED. Raises Refusal."""
    p, s = raw["permutation"], [1 if sign == "+" else -1 for sign in raw["signs"]]
    if len(p) != d or len(s) != d:
        raise malformed("minimum does not have d places and d signs")
    return SignedPermutation(p, s)


def aligned(rows: fmt.Rows, height: int, width: int) -> tuple[Entries, int]:
    """Integers and an exponent, so that rows = integers 2^exponent. Raises Refusal."""
    if [len(row) for row in rows] != [width] * height:
        raise malformed("point does not have the right numbers of rows and entries")
    low = min((x.e for row in rows for x in row if x.m), default=0)
    most = max((x.m.bit_length() + x.e - low for row in rows for x in row if x.m), default=0)
    if most > fmt.MAX_ROW_BITS:
        raise limit("the bits that the entries of the point span")
    return [[x.m << (x.e - low) if x.m else 0 for x in row] for row in rows], low


def admit(of: Problem) -> Findings:
    """Of step 1, what the problem alone says."""
    if of.mu == 12:
        yield refuted(1, "mu", "is 12, where the minima are not isolated")
    if of.teacher:
        none = teacher.singular(of.teacher)
        if none is not False:
            finding = refuted if none else weak
            yield finding(1, "teacher", "is singular" if none else "not proved to be of full rank")


def admit_signed(at: SignedPermutation) -> Findings:
    if sorted(at.p) != list(range(len(at.p))):
        yield refuted(1, "minimum", "is not a permutation")


class Numbers:
    """The checker's own intervals for a problem, at the working precision."""

    def __init__(self, of: Problem) -> None:
        self.of, self.zero, self.one = of, dyadic(0, 0), dyadic(1, 0)
        self.lam, self.nu = ivl.rational(of.lam), ivl.rational(of.nu)
        self.c = 1 / (2 * ivl.root(2 * ivl.pi()))
        self.alpha = [self.c * ivl.rational(w) for w in of.weights]
        self.order = sorted(range(of.d), key=of.weights.__getitem__)  # by alpha, which is exact
        self.least, self.most = self.alpha[self.order[0]], self.alpha[self.order[-1]]

    @cached_property
    def square(self) -> list[Interval]:
        """t_i^2, where lambda > nu max alpha is proved."""
        return [self.lam / (self.lam - self.nu * x) for x in self.alpha]

    @cached_property
    def norms(self) -> tuple[Interval, Interval]:
        """Squares of the singular values of T: the least, for F perhaps only from below, and the largest."""
        if not self.of.teacher:
            return self.one, self.one
        found = teacher.gram_spectrum(self.of.a, self.of.teacher, iv.prec)
        if proves_lt(found.largest * dyadic(1, -CONDITION), found.smallest):
            return found.smallest, found.largest
        return teacher.least(self.of.a, self.of.teacher, iv.prec), found.largest

    def h(self, m: Interval) -> Interval:
        """lambda m/(lambda - m), with one m only."""
        return 1 / (1 / m - 1 / self.lam)

    @cached_property
    def value(self) -> Interval:
        """V, where lambda > nu max alpha is proved."""
        return -sum((self.h(self.nu * x) for x in self.alpha), self.zero)


def holds(step: int, name: str, low: Interval, high: Interval) -> Findings:
    """low < high, a hypothesis."""
    if not proves_lt(low, high):
        finding = refuted if proves_le(high, low) else weak
        yield finding(step, "verdict", f"{name} does not hold: {show(low, high)}")


def bounded(own: Numbers) -> Findings:
    """Theorem 13.A: lambda > nu max alpha, without which inf Q = -infinity (equality is impossible: c is
    transcendental)."""
    yield from holds(3, "nu max alpha < lambda", own.nu * own.most, own.lam)


def benign(own: Numbers) -> Findings:
    """Theorem 13.A (ii): all local minima are signed permutations, and global."""
    yield from bounded(own)
    if own.of.nu >= 1:
        yield from holds(3, "lambda < (1 + nu) min alpha", own.lam, (1 + own.nu) * own.least)
