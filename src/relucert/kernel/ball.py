"""Balls: the only file that sets FLINT's precision or decides a comparison.

A ball is an interval that contains an exact real number. Nothing else in the kernel compares balls with `<`:
a comparison here is True only if it is proved for all members of both balls, and a NaN proves nothing.
"""

from __future__ import annotations

import copyreg
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import reduce
from itertools import pairwise
from typing import Any, TypeAlias

from flint import acb, arb, arb_mat, arb_poly, ctx, fmpq, fmpq_mat, fmpz, fmpz_mat

Ball: TypeAlias = arb
BallMatrix: TypeAlias = arb_mat
ComplexBall: TypeAlias = acb
IntegerMatrix: TypeAlias = fmpz_mat  # exact sums and products
Integer: TypeAlias = int | fmpz
BallPolynomial: TypeAlias = arb_poly  # of coefficients, lowest first; called with a ball it evaluates
Dyadic: TypeAlias = tuple[int, int]  # (m, e): the exact number m * 2**e

Ratio: TypeAlias = tuple[int, int]  # (p, q): the exact number p / q, q > 0


class NotProved(ArithmeticError):  # noqa: N818 - says what happened, not that something is wrong
    """A hypothesis that a function needs before it can return anything could not be proved."""


@contextmanager
def precision(bits: int) -> Iterator[None]:
    """Work with mantissas of `bits` bits inside the block; the old precision returns afterwards."""
    if bits < 32:
        raise ValueError(f"precision must be at least 32 bits, not {bits}")
    before = ctx.prec
    ctx.prec = bits
    try:
        yield
    finally:
        ctx.prec = before


def bits() -> int:
    """The precision that is set."""
    return int(ctx.prec)


def exact(value: Dyadic) -> Ball:
    """The ball of radius 0 at m * 2**e; never rounds."""
    return arb((int(value[0]), int(value[1])))


def exact_float(value: float) -> Ball:
    """The ball of radius 0 at the exact value of a finite double."""
    if not -float("inf") < value < float("inf"):
        raise NotProved(f"{value} is not a finite number")
    return arb(value)


def ratio(value: Ratio) -> Ball:
    """Enclosure of the rational number p / q, q > 0."""
    return arb(int(value[0])) / arb(int(value[1]))


def pi() -> Ball:
    return arb.pi()


def incomplete_beta(x: Ball, a: Ball, b: Ball) -> Ball:
    """The regularized incomplete beta function I_x(a, b), 0 <= x <= 1, a, b > 0."""
    return x.beta_lower(a, b, regularized=1)


def undefined() -> Ball:
    """A ball about which nothing can be proved."""
    return arb.nan()


def proves_lt(a: Ball, b: Ball) -> bool:
    """True only if every member of a is smaller than every member of b."""
    return bool(a < b)


def proves_le(a: Ball, b: Ball) -> bool:
    """True only if no member of a is larger than a member of b."""
    return bool(a <= b)


def proves_positive(a: Ball) -> bool:
    return bool(a > 0)


def full_rank(rows: Sequence[Sequence[Ratio]]) -> bool:
    """Whether a square matrix of rational numbers is regular, by exact arithmetic."""
    return bool(fmpq_mat([[fmpq(*x) for x in row] for row in rows]).rank() == len(rows))


def integer_rank(rows: Sequence[Sequence[int]]) -> int:
    """The rank of a matrix of integers, by exact arithmetic."""
    return int(fmpz_mat([list(row) for row in rows]).rank())


def eigenvalues(rows: Sequence[Sequence[int]]) -> tuple[list[tuple[Ball, int]], list[int]]:
    """Of a symmetric matrix of integers: its different eigenvalues with their multiplicities, increasing, and the
    monic integer polynomial that has each of them once, constant term first.

    From the exact characteristic polynomial p and p/gcd(p, p'); FLINT isolates the roots at the set precision.
    Raises NotProved where two of them are not told apart.
    """
    whole = fmpz_mat([list(row) for row in rows]).charpoly()
    roots: Any = whole.complex_roots()  # pairs of a root and its multiplicity; all are real
    found = [(arb(x.real), int(count)) for x, count in roots]
    found.sort(key=lambda root: root[0].mid())
    if not all(bool(a[0] < b[0]) for a, b in pairwise(found)):
        raise NotProved("two eigenvalues are not told apart at this precision")
    once = whole // whole.gcd(whole.derivative())
    return found, [int(c) for c in once.coeffs()]


def largest(balls: Iterable[Ball]) -> Ball:
    """Enclosure of the maximum (the built-in max picks one ball and loses the others)."""
    return reduce(arb.max, balls)


def smallest(balls: Iterable[Ball]) -> Ball:
    """Enclosure of the minimum."""
    return reduce(arb.min, balls)


def hull(a: Ball, b: Ball) -> Ball:
    """A ball that contains both."""
    return a.union(b)


def symmetric(bound: Ball) -> Ball:
    """Enclosure of [-bound, bound]."""
    return bound.union(-bound)


def square(a: Ball) -> Ball:
    """a * a. (arb ** 2 is NaN on a ball that contains 0.)"""
    return a * a


def root(a: Ball) -> Ball:
    """Square root of a number known to be nonnegative, of which the ball a may reach below 0."""
    if proves_positive(a):
        return a.sqrt()
    top = a.upper()
    if proves_positive(-top):
        raise NotProved("square root of a negative number")
    return arb(0).union(top.sqrt())


def norm(balls: Sequence[Ball]) -> Ball:
    """Euclidean norm (of the entries of a matrix: its Frobenius norm, a bound of the spectral norm)."""
    if not balls:
        return arb(0)
    row = arb_mat(1, len(balls), balls)
    return root((row * row.transpose())[0, 0])


def middle(a: Ball) -> Ball:
    """An exact number of the ball."""
    return a.mid()


def radius(a: Ball) -> Ball:
    """No member of a is farther from its centre; exact."""
    return a.rad()


def lower(a: Ball) -> Ball:
    """A lower bound, exact."""
    return a.lower()


def upper(a: Ball) -> Ball:
    """An upper bound, exact."""
    return a.upper()


def accuracy(a: Ball) -> int:
    """About how many leading bits of a are known: negative where not even its size is."""
    return int(a.rel_accuracy_bits())


def spacing(a: Ball) -> Ball:
    """About a unit in the last place of a at the present precision: what is smaller does not matter to a."""
    return arb(abs(a).upper() * arb((1, -ctx.prec)))


def to_dyadic(point: Ball) -> Dyadic:
    """The exact value of a ball of radius 0. Raises NotProved if it has a radius or is not finite."""
    if not point.is_exact() or not point.is_finite():
        raise NotProved("not an exact finite number")
    mantissa, exponent = point.man_exp()
    return int(mantissa), int(exponent)


def integral(f: Callable[[ComplexBall, bool], ComplexBall], start: Ball, end: Ball) -> Ball:
    """Enclosure of the integral of f, which is real on the line.

    f encloses the values at complex balls; where its second argument is true, it must return NaN unless it is
    analytic on the whole ball.
    """
    return acb.integral(f, acb(start), acb(end)).real


def integer_near(a: Ball, places: int) -> int:
    """An integer next to the centre of a times 2**places. Raises NotProved if a is not finite."""
    return int(integers_near([a], places)[0])


def integers_near(balls: Iterable[Ball], places: int) -> list[Integer]:
    """The same of each of several balls, and as FLINT has them: a matrix takes these four times faster."""
    result: list[Integer] = []
    for a in balls:
        if not a.is_finite():
            raise NotProved("not a finite number")
        mantissa, exponent = a.mid().man_exp()
        result.append(shifted(mantissa, int(exponent) + places))
    return result


def integer_above(a: Ball, places: int) -> int:
    """An integer that is at least every member of a times 2**places."""
    mantissa, exponent = to_dyadic(a.upper())
    return -int(shifted_down(-mantissa, exponent + places))


def shifted(value: Integer, places: int) -> Integer:
    """The integer nearest to value * 2**places: within 1/2."""
    return value << places if places >= 0 else (value + (1 << -places - 1)) >> -places


def shifted_down(value: Integer, places: int) -> Integer:
    """The largest integer not above value * 2**places."""
    return value << places if places >= 0 else value >> -places


def integer_products(rows: Sequence[Sequence[int]]) -> list[list[int]]:
    """The inner products of integer rows, exact."""
    table = fmpz_mat([list(row) for row in rows])
    return [[int(x) for x in row] for row in (table * table.transpose()).tolist()]


def dependency(rows: Sequence[Sequence[int]]) -> list[int] | None:
    """Integers, not all 0, with sum_i c_i row_i = 0; None if the rows are independent. Exact."""
    table, nullity = fmpz_mat([list(column) for column in zip(*rows, strict=True)]).nullspace()
    return [int(row[0]) for row in table.tolist()] if nullity else None


def parts(a: Ball) -> tuple[Dyadic, Dyadic] | None:
    """Exact numbers of which `of_parts` makes a ball that contains a, and a itself where its radius is 0."""
    if not a.is_finite():
        return None
    return to_dyadic(middle(a)), to_dyadic(radius(a))


def of_parts(whole: tuple[Dyadic, Dyadic] | None) -> Ball:
    """The ball of a centre and a radius; of None, one about which nothing can be proved."""
    return undefined() if whole is None else arb(exact(whole[0]), exact(whole[1]))


def _reduced(a: Ball) -> tuple[Callable[..., Ball], tuple[tuple[Dyadic, Dyadic] | None]]:
    return of_parts, (parts(a),)


copyreg.pickle(
    arb, _reduced
)  # results go to other processes: FLINT's balls have no pickled form of their own
