"""Matrices of integers with one error: they contain the truth, and little more."""

import math
import random

import numpy as np
import pytest
from flint import arb
from hypothesis import given
from hypothesis import strategies as st
from rationals import BITS, MP, few, points, real, some

from relucert.kernel import ball, spectrum
from relucert.kernel.ball import BallMatrix, IntegerMatrix
from relucert.kernel.fixed import exponent, fixed, lower_pairs, of_rows, square_sum, strips
from relucert.kernel.teacher import loss
from relucert.kernel.teacher.hessian import fixed_hessian


def distance(found, truth):
    """Frobenius distance of the integers from a matrix of mpmath numbers."""
    unit = MP.mpf(2) ** -found.places
    return MP.sqrt(
        sum(
            (x * unit - y) ** 2
            for p, q in zip(found.rows, truth, strict=True)
            for x, y in zip(p, q, strict=True)
        )
    )


def check_hessian(problem, true_hessian):
    with ball.precision(BITS):
        g = loss.geometry(*problem)
        found = fixed_hessian(g, loss.curvatures(g))
    truth = [[x if isinstance(x, MP.mpf) else real(x) for x in row] for row in true_hessian(*problem)]
    apart, error = distance(found, truth), real(found.error)
    assert apart <= error
    assert [list(row) for row in found.rows] == [list(row) for row in zip(*found.rows, strict=True)]
    return found, error


@few
@given(points())
def test_the_hessian_in_integers_contains_the_truth(problem):
    from rationals import true_hessian

    check_hessian(problem, true_hessian)


def dyadics(rows):
    return [[(int(x * 2**40), -40) for x in row] for row in rows]


@pytest.mark.parametrize("tilt", [0.5, 2.0**-9, 2.0**-11, 2.0**-30, 0.0])
@pytest.mark.parametrize("sign", [1, -1])
def test_the_error_is_small_also_next_to_parallel_neurons(tilt, sign):
    """Sharp to within a thousand of the last places of 64 bits, unless the angle itself is hardly known."""
    point = dyadics([[1.0, 0.0, 0.5], [sign * 1.0, tilt, sign * 0.5], [0.25, 1.0, -0.5]])
    with ball.precision(BITS):
        g = loss.geometry(point, dyadics(np.eye(3)))
        found = fixed_hessian(g, loss.curvatures(g))
        whole = loss.hessian(g)
        middle = BallMatrix(IntegerMatrix(found.rows)) * ball.exact((1, -found.places))
        rough = ball.norm([arb(x.rad()) for x in whole.entries()])
        assert ball.proves_le(ball.norm([x.mid() for x in (middle - whole).entries()]), found.error + rough)
        assert float(found.error) <= 2 * float(rough) + 2.0**-50


@some
@given(st.integers(1, 6), st.integers(0, 2**32), st.sampled_from([1e-200, 1e-9, 1.0, 1e9, 1e200]))
def test_a_matrix_of_balls_is_within_its_error(m, seed, size):
    rng = random.Random(seed)  # noqa: S311
    table = [[arb(size * rng.uniform(-1, 1), size * 2.0**-60) for _ in range(m)] for _ in range(m)]
    table = [[table[max(i, j)][min(i, j)] for j in range(m)] for i in range(m)]
    found = fixed(BallMatrix(table))
    unit = MP.mpf(2) ** -found.places
    far = [
        [abs(real(x.mid()) - n * unit) + real(x.rad()) for x, n in zip(p, q, strict=True)]
        for p, q in zip(table, found.rows, strict=True)
    ]
    most = MP.sqrt(sum(x * x for row in far for x in row))
    assert most <= real(found.error) <= most * 1.01 + MP.mpf(size) * 2**-65
    assert max(abs(n) for row in found.rows for n in row) < 2**62


def test_a_matrix_that_is_not_finite_has_no_error():
    for bad in (arb.nan(), arb.pos_inf()):
        found = fixed(BallMatrix([[bad, arb(0)], [arb(0), arb(1)]]))
        assert not ball.proves_le(found.error, ball.exact((1, 1000)))


@pytest.mark.parametrize("x", [0, 1, 2, 3, 2**-40, 1e300, -5])
def test_exponents(x):
    e = exponent(arb(x))
    assert abs(x) < math.ldexp(1.0, e) if e < 1024 else True
    assert x == 0 or abs(x) >= math.ldexp(1.0, e - 1)


@pytest.mark.parametrize("height", [1, 49, 50, 51, 100, 399, 400, 401, 1600])
def test_strips_are_all_rows_once(height):
    rows = [i for part in strips(height) for i in range(height)[part]]
    assert rows == list(range(height))
    count = len(strips(height))
    assert len(set(lower_pairs(count))) == count * (count + 1) // 2


def test_square_sum():
    assert square_sum(IntegerMatrix([[3, -4], [10**30, 0]])) == 25 + 10**60


def in_integers(rows, places):
    return [[int(MP.nint(MP.ldexp(MP.mpf(x), places))) for x in row] for row in rows]


@pytest.mark.parametrize("m", [3, 50, 51, 120])
def test_residual_and_defect_are_exact_norms_over_all_strips(m):
    """C and rho against exact integers, m above and below the height of a strip."""
    rng = np.random.default_rng(m)
    a = rng.standard_normal((m, m))
    a = a + a.T
    values, vectors = np.linalg.eigh(a)
    vectors = vectors + 1e-7 * rng.standard_normal((m, m))  # rough, so that rounding does not matter
    at = of_rows(in_integers(a.tolist(), 50), 50, arb(0))
    with ball.precision(BITS):
        found = spectrum.spectrum(at, spectrum.Eigen(vectors.T.tolist(), values.tolist()))
    u, places = np.array(in_integers(vectors.tolist(), 60), dtype=object), 60
    d = np.array(in_integers([values.tolist()], 50)[0], dtype=object)
    gram = u.T @ u - (np.eye(m, dtype=object) << 2 * places)
    rest = (np.array(at.rows, dtype=object) << 2 * places) - (u * d) @ u.T
    defect = math.sqrt(int((gram * gram).sum())) * 2.0 ** (-2 * places)
    residual = math.sqrt(int((rest * rest).sum())) * 2.0 ** (-2 * places - 50)
    assert defect * (1 - 1e-6) <= float(found.defect) <= defect * (1 + 1e-6)
    assert residual * (1 - 1e-6) <= float(found.residual) <= residual * (1 + 1e-6)


def test_a_residual_far_from_the_matrix_in_size_is_still_bounded():
    """D much larger, and much smaller, than A: units of both products differ."""
    for scale in (2.0**-80, 2.0**80):
        flat = spectrum.spectrum(BallMatrix([[arb(1)]]), spectrum.Eigen([[1.0]], [scale]))
        assert abs(scale - 1) <= float(flat.residual) <= abs(scale - 1) * (1 + 1e-8)
