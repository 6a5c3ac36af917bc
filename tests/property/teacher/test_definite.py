"""The ends of a definite spectrum by triangular factors: Theorem K and Lemma Y contain the truth, and little more."""

from fractions import Fraction

import numpy as np
import pytest
from flint import arb
from rationals import BITS

from relucert.families.teacher.search import guess
from relucert.kernel import ball, definite, fixed
from relucert.kernel.ball import NotProved
from relucert.kernel.definite import Ends, Factor
from relucert.kernel.fixed import of_rows
from relucert.kernel.spectrum import signs

PLACES = 80


def turned(values, seed):
    """A symmetric rational matrix with these eigenvalues, and its inverse."""
    rng = np.random.default_rng(seed)
    m = len(values)
    flips = []
    for _ in range(2):
        u = [Fraction(int(x)) for x in rng.integers(-3, 4, m)]
        u[0] += 4
        size = sum(x * x for x in u)
        flips.append([[Fraction(i == j) - 2 * u[i] * u[j] / size for j in range(m)] for i in range(m)])
    q = np.array(flips[0], dtype=object) @ np.array(flips[1], dtype=object)
    both = [q @ np.diag(np.array(x, dtype=object)) @ q.T for x in (values, [1 / x for x in values])]
    return both[0], both[1]


def known(matrix, error=0.0):
    """All symmetric matrices within a little more than `error` of it."""
    rows = [[round(x * 2**PLACES) for x in row] for row in matrix]
    return of_rows(rows, PLACES, arb(error) + arb(2.0) ** (4 - PLACES))


def spoiled(found, by, rng):
    """The same with every number wrong."""

    def factor(x):
        rows = np.array(x.rows, dtype=object) + (
            rng.uniform(-by, by, (len(x.rows),) * 2) * 2.0**x.places
        ).astype(int)
        return Factor(x.shift * (1 + by), rows.tolist(), x.places)

    vectors = np.array(found.vectors) + rng.uniform(-by, by, np.shape(found.vectors))
    solution = np.array(found.solution) + rng.uniform(-by, by, len(found.solution))
    return Ends(factor(found.low), factor(found.high), vectors.tolist(), solution.tolist())


@pytest.mark.parametrize("by", [0.0, 2.0**-40, 2.0**-20])
@pytest.mark.parametrize(
    "values", [[3], [1, 1], [Fraction(1, 7), 5], [1, 2, 2, 9], [Fraction(1, 3)] * 4 + [40], list(range(1, 9))]
)
def test_the_ends_and_the_solution_are_contained(values, by):
    values = [Fraction(x) for x in values]
    matrix, inverse = turned(values, len(values))
    slope = [Fraction(i + 1, 3) for i in range(len(values))]
    with ball.precision(BITS):
        low, high, *rest = guess.ends(np.array(matrix, dtype=float), [float(x) for x in slope])
        found = Ends(Factor(*low), Factor(*high), *rest)
        wrong = spoiled(found, by, np.random.default_rng(1))
        flat, eta = definite.definite(known(matrix), wrong, [arb(x.numerator) / x.denominator for x in slope])
        solution = [sum(x * y for x, y in zip(row, slope, strict=True)) for row in inverse]
        length = sum(x * x for x in solution)
        assert arb(length.numerator) / length.denominator <= eta * eta
        for end, true in zip(flat.values, (values[0], values[-1]), strict=True):
            exact = arb(true.numerator) / true.denominator
            assert end.overlaps(exact)
            assert float(end.rad()) <= (2.0**-40 + 100 * by) * float(values[-1])
        assert signs(flat) == (0, len(values))
        assert float(flat.inverse.size) * float(values[0]) <= 1 + (2.0**-40 + 100 * by) * float(
            values[-1] / values[0]
        )
        least = arb(values[0].numerator) / values[0].denominator
        assert flat.inverse.size * least >= 1  # chi is at least |A^-1|
        assert float(flat.inverse.error) == 0
        if by <= 2.0**-40:
            assert float(eta) <= float(length) ** 0.5 * (1 + 1e-6)


def test_several_parts_and_pieces_of_columns_say_the_same(monkeypatch):
    matrix, _ = turned([Fraction(x) for x in range(1, 9)], 5)
    slope = [arb(x) for x in range(3, 11)]
    low, high, *rest = guess.ends(np.array(matrix, dtype=float), [float(x) for x in slope])
    ends = Ends(Factor(*low), Factor(*high), *rest)
    whole, eta = definite.definite(known(matrix), ends, slope)
    monkeypatch.setattr(fixed, "LEAST_STRIP", 3)
    monkeypatch.setattr(definite, "COLUMNS", 2)
    at = known(matrix)
    assert len(at.parts) == 3
    parts, same = definite.definite(at, ends, slope)
    assert float(same) == pytest.approx(float(eta), rel=1e-12)
    for one, other in zip(whole.values, parts.values, strict=True):
        assert float(one) == pytest.approx(float(other), rel=1e-12)
        assert float(one.rad()) == pytest.approx(float(other.rad()), abs=1e-12)


def one(entries, shift, sign=1, error=0.0, diagonal=1):
    """The bound of Theorem K, L being a multiple of I."""
    m = len(entries)
    left = [[diagonal * 2**10 * (i == j) for j in range(m)] for i in range(m)]
    at = of_rows([[round(x * 2**30) for x in row] for row in entries], 30, arb(error))
    return float(definite.factored(at, Factor(shift, left, 10), sign).floor)


def test_the_bound_is_the_shift_less_the_frobenius_norm_of_the_residual():
    assert one([[5.0]], 1.0, diagonal=2) == 1.0
    assert one([[5.5]], 1.0, diagonal=2) == pytest.approx(0.5, rel=1e-12)
    assert one([[4.5]], 1.0, diagonal=2, error=0.125) == pytest.approx(0.375, rel=1e-12)
    assert one([[2.0, 0.25], [0.25, 2.0]], 1.0) == pytest.approx(1 - 0.25 * 2**0.5, rel=1e-12)
    assert one([[-5.0, 0.25], [0.25, -5.5]], 4.0, sign=-1) == pytest.approx(4 - 0.375**0.5, rel=1e-12)


@pytest.mark.parametrize("m", [49, 51, 151])
def test_the_residual_is_exact_over_all_parts_and_columns(m):
    """Against exact integers, m above and below the sizes of what is multiplied at a time; what L has above the
    diagonal is small."""
    rng = np.random.default_rng(m)
    a, left = (rng.integers(-(2**40), 2**40, (m, m)).astype(object) for _ in range(2))
    a, left = a + a.T, np.tril(left)
    rest = a * 2**44 - np.eye(m, dtype=object) * 2**84 - left @ left.T
    true = 1 - float(int((rest * rest).sum())) ** 0.5 * 2.0**-84
    with ball.precision(BITS):
        found = float(
            definite.factored(of_rows(a.tolist(), 40, arb(0)), Factor(1.0, left.tolist(), 42), 1).floor
        )
    assert true * (1 + 1e-9) <= found <= true * (1 - 1e-9)


def test_the_solution_is_bounded_by_a_guess_and_its_residual():
    """A within 1/4 of diag(2, 5), g = (2, 5), and (3/2, 1) for A^-1 g."""
    at = of_rows([[2, 0], [0, 5]], 0, arb(0.25))
    low, high = Factor(1.0, [[2**20, 0], [0, 2**21]], 20), Factor(-6.0, [[2**21, 0], [0, 2**20]], 20)
    ends = Ends(low, high, [[1.0, 0.0], [0.0, 2.0]], [1.5, 1.0])
    flat, eta = definite.definite(at, ends, [arb(2), arb(5)])
    finer = ends._replace(solution=[6.0, 4.0], unit=-2)
    assert float(definite.definite(at, finer, [arb(2), arb(5)])[1]) == float(eta)
    mu, length = 0.75, (1.5**2 + 1) ** 0.5
    assert float(eta) == pytest.approx(length + (1 + 0.25 * length) / mu, rel=1e-9)
    least, most = flat.values
    assert (float(least.lower()), float(least.upper())) == pytest.approx((mu, 2.25), rel=1e-8)
    assert (float(most.lower()), float(most.upper())) == pytest.approx((4.75, 6.25), rel=1e-8)
    with pytest.raises(NotProved, match="not proved to be positive definite"):
        definite.definite(at, ends._replace(low=low._replace(shift=0.25)), [arb(2), arb(5)])


def test_a_guess_that_is_none_proves_nothing():
    at, factor = of_rows([[2]], 0, arb(0)), Factor(1.0, [[1]], 0)
    for bad in (
        Ends(factor, factor, [[0.0], [1.0]], [1.0]),
        Ends(factor, factor, [[1.0], [float("nan")]], [1.0]),
    ):
        with pytest.raises(NotProved):
            definite.definite(at, bad, [arb(1)])
    with pytest.raises(NotProved):
        definite.definite(
            at, Ends(factor._replace(shift=float("inf")), factor, [[1.0], [1.0]], [1.0]), [arb(1)]
        )
    for bad in (Ends(factor, factor, [[1.0]], [1.0]), Ends(factor, factor, [[1.0], [1.0]], [1.0, 2.0])):
        with pytest.raises(ValueError, match="not about a matrix of size 1"):
            definite.definite(at, bad, [arb(1)])
    unknown = at._replace(error=arb.nan())
    with pytest.raises(NotProved):
        definite.definite(unknown, Ends(factor, Factor(-3.0, [[1]], 0), [[1.0], [1.0]], [1.0]), [arb(1)])
