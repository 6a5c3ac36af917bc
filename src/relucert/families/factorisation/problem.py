"""Exact data of matrix factorisation and of networks whose balance is followed: docs/theorem/factorisation.md."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from relucert.base.dyadic import Dyadic, canonical
from relucert.base.errors import InputError
from relucert.base.exact import Rows
from relucert.base.seeded import MOST_SEED, PLACES, gaussians

FAMILY_NAME = "matrix-factorisation"
MOST_DIGITS = 300  # of a numerator or a denominator
MOST_ENTRIES, MOST_LEAST, MOST_SIDE = 10_000, 100, 2048  # of a matrix whose whole landscape is asked for
MOST_BITS = 2**11  # of an entry of it, all written as integers of one unit
MOST_TARGET = 10**6  # entries of a matrix that descent is asked for
MOST_WEIGHTS = 10**5
MOST_DIMENSION = 10**18
STREAM = "weights"


@dataclass(frozen=True)
class Seeded:
    """The numbers scale N_q of docs/spec/wide-network-v1.md. Raises InputError."""

    seed: int
    scale: Dyadic

    def __post_init__(self) -> None:
        if not 0 <= self.seed < MOST_SEED:
            raise InputError(f"the seed is {self.seed}: expected an integer from 0, below 2^53")

    def matrices(self, shapes: Sequence[tuple[int, int]]) -> tuple[Rows, ...]:
        """One after the other, each row after row."""
        mantissa, exponent = self.scale
        drawn = gaussians(STREAM, self.seed, sum(a * b for a, b in shapes))
        rest = iter([canonical(mantissa * x, exponent - PLACES) for x in drawn])
        return tuple(tuple(tuple(next(rest) for _ in range(b)) for _ in range(a)) for a, b in shapes)


@dataclass(frozen=True)
class LandscapeProblem:
    """|U V^T - M|^2/2 with U of size d1 x rank, V of size d2 x rank; saddles with |B| <= imbalance."""

    target: Rows
    rank: int
    imbalance: Fraction = Fraction(0)

    def __post_init__(self) -> None:
        d1, d2 = check_target(self.target, self.rank)
        if d1 * d2 > MOST_ENTRIES or min(d1, d2) > MOST_LEAST or max(d1, d2) > MOST_SIDE:
            raise InputError(
                f"M has size {d1} x {d2}: the whole landscape is decided for at most {MOST_ENTRIES} entries, "
                f"{MOST_LEAST} singular values, and {MOST_SIDE} rows or columns"
            )
        entries = [x for row in self.target for x in row if x[0]]
        unit = min([0, *(e for _, e in entries)])
        if any(m.bit_length() + e - unit > MOST_BITS for m, e in entries):
            raise InputError(
                f"the entries of M span more than {MOST_BITS} bits: scale it, or round the small ones"
            )
        if self.imbalance < 0:
            raise InputError(f"the imbalance is {self.imbalance}: expected 0 or more")
        check_digits(self.imbalance)


@dataclass(frozen=True)
class DescentProblem:
    """Gradient descent on it from an exact start, given as (U_0, V_0) or by a seed."""

    target: Rows
    rank: int
    eta: Fraction
    start: tuple[Rows, Rows] | Seeded

    def __post_init__(self) -> None:
        d1, d2 = check_target(self.target, self.rank)
        if d1 * d2 > MOST_TARGET:
            raise InputError(f"M has {d1 * d2} entries; descent is followed for at most {MOST_TARGET}")
        check_positive(self.eta, "the step")
        if not isinstance(self.start, Seeded):
            check_matrix(self.start[0], (d1, self.rank), "U")
            check_matrix(self.start[1], (d2, self.rank), "V")

    @property
    def point(self) -> tuple[Rows, Rows]:
        """(U_0, V_0)."""
        if not isinstance(self.start, Seeded):
            return self.start
        u, v = self.start.matrices([(len(self.target), self.rank), (len(self.target[0]), self.rank)])
        return u, v


@dataclass(frozen=True)
class Four:
    """A start of rank one by its four numbers: alpha, beta, a^2, b^2."""

    alpha: Fraction
    beta: Fraction
    a2: Fraction
    b2: Fraction

    def __post_init__(self) -> None:
        for x in (self.alpha, self.beta, self.a2, self.b2):
            check_digits(x)
        if self.a2 < 0 or self.b2 < 0:
            raise InputError("a^2 and b^2 are squares: expected 0 or more")


@dataclass(frozen=True)
class RandomStart:
    """u ~ N(0, variance I) in R^d1, v likewise in R^d2."""

    variance: Fraction
    d1: int
    d2: int

    def __post_init__(self) -> None:
        check_positive(self.variance, "the variance")
        for d in (self.d1, self.d2):
            if not 2 <= d <= MOST_DIMENSION:
                raise InputError(f"the dimension is {d}: expected 2 to 10^18")


@dataclass(frozen=True)
class RankOneProblem:
    """M = s p q^T in any dimension."""

    s: Fraction
    eta: Fraction
    start: Four | RandomStart

    def __post_init__(self) -> None:
        check_positive(self.s, "s")
        check_positive(self.eta, "the step")


@dataclass(frozen=True)
class ScheduleProblem:
    """The steps C/(t + 1) with C = (accuracy/rank)^(1/2)/(100 frobenius^(3/2)); |(U_0, V_0)| <= start."""

    s: Fraction
    frobenius: Fraction
    rank: int
    accuracy: Fraction
    start: Fraction

    def __post_init__(self) -> None:
        named = {"s": self.s, "|M|": self.frobenius, "the accuracy": self.accuracy, "|W_0|": self.start}
        for name, x in named.items():
            check_positive(x, name)
        if not 1 <= self.rank < 2**53:
            raise InputError(f"the rank is {self.rank}: expected 1 or more")
        if self.s > self.frobenius:
            raise InputError("the spectral norm s is above the Frobenius norm |M|")
        if self.accuracy >= self.s:
            raise InputError("the accuracy is not below s = ||M||: U = V = 0 is accurate enough")
        if self.start**2 >= 2 * (self.s - self.accuracy):
            raise InputError("the start is too large: Theorem 15.S needs |W_0|^2 < 2 (s - accuracy)")


@dataclass(frozen=True)
class BalanceProblem:
    """A network without biases: widths d_0, .., d_H; x: N rows of d_0, y: N rows of d_H. kink: relu'(0)."""

    activation: str
    widths: tuple[int, ...]
    x: Rows
    y: Rows
    eta: Fraction
    start: tuple[Rows, ...] | Seeded
    kink: Fraction = Fraction(0)

    def __post_init__(self) -> None:
        if self.activation not in ("relu", "linear"):
            raise InputError(f'the activation is {self.activation!r}: expected "relu" or "linear"')
        if len(self.widths) < 3 or min(self.widths) < 1:
            raise InputError("expected at least two layers, and widths d_0, .., d_H of 1 or more")
        if sum(a * b for a, b in self.shapes) > MOST_WEIGHTS:
            raise InputError(f"the network has more than {MOST_WEIGHTS} weights")
        check_positive(self.eta, "the step")
        check_digits(self.kink)
        if not 0 <= self.kink <= 1:
            raise InputError(f"the derivative of relu at 0 is {self.kink}: expected 0 to 1")
        if len(self.x) != len(self.y):
            raise InputError(f"x has {len(self.x)} rows, y has {len(self.y)}")
        check_matrix(self.x, (len(self.x), self.widths[0]), "x")
        check_matrix(self.y, (len(self.y), self.widths[-1]), "y")
        if not isinstance(self.start, Seeded):
            if len(self.start) != len(self.shapes):
                raise InputError(f"there are {len(self.start)} layers, and {len(self.shapes)} by the widths")
            for h, (layer, shape) in enumerate(zip(self.start, self.shapes, strict=True), 1):
                check_matrix(layer, shape, f"layer {h}")

    @property
    def shapes(self) -> list[tuple[int, int]]:
        return [(b, a) for a, b in pairwise(self.widths)]

    @property
    def layers(self) -> tuple[Rows, ...]:
        return self.start.matrices(self.shapes) if isinstance(self.start, Seeded) else self.start


def check_target(target: Rows, rank: int) -> tuple[int, int]:
    """The size of M. Raises InputError for a rank above it."""
    if not target or not target[0]:
        raise InputError("M has no entries")
    size = len(target), len(target[0])
    check_matrix(target, size, "M")
    if not 1 <= rank <= min(size):
        raise InputError(f"the rank is {rank}: expected 1 to {min(size)} for M of size {size[0]} x {size[1]}")
    return size


def check_matrix(rows: Iterable[Sequence[Dyadic]], size: tuple[int, int], name: str) -> None:
    found = [len(row) for row in rows]
    if len(found) != size[0] or not found or any(n != size[1] for n in found):
        shown = (
            f"{len(found)} x {found[0]}" if found and len(set(found)) == 1 else f"{len(found)} unequal rows"
        )
        raise InputError(f"{name} has size {shown}; expected {size[0]} x {size[1]}")


def check_positive(value: Fraction, name: str) -> None:
    check_digits(value)
    if value <= 0:
        raise InputError(f"{name} is {value}: expected a positive number")


def check_digits(value: Fraction) -> None:
    if max(abs(value.numerator), value.denominator) >= 10**MOST_DIGITS:
        raise InputError(f"a number has more than {MOST_DIGITS} digits; use a shorter one")
