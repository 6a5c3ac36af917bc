"""Tightness of Theorem C: the eigenvalues and the inverse.

Every bound is attained, or nearly, so that one about a hundredth too small would fail here.
"""

import math
from fractions import Fraction

import pytest
from flint import arb

from relucert.kernel import ball, fixed, spectrum
from relucert.kernel.ball import BallMatrix, IntegerMatrix
from relucert.kernel.fixed import of_rows


def identity(m):
    return [[float(i == j) for j in range(m)] for i in range(m)]


def diagonal(values):
    return BallMatrix([[x if i == j else arb(0) for j in range(len(values))] for i, x in enumerate(values)])


@pytest.mark.parametrize("d", [4.0, -4.0])
@pytest.mark.parametrize("u", [1.25, 0.75])
def test_theorem_c_scaled_eigenvectors_reach_the_ends(u, d):
    """A = U D U^T exactly, U = diag(1, .., u): the eigenvalue is d (1 - C) or d (1 + C)."""
    rest = [-8.0, 8.0]
    place = 1
    vectors = identity(3)
    vectors[place][place] = u
    matrix = diagonal([arb(rest[0]), arb(u * u * d), arb(rest[1])])
    flat = spectrum.spectrum(matrix, spectrum.Eigen(vectors, [rest[0], d, rest[1]]))
    end = ball.upper if u * u * d > d else ball.lower
    assert math.isclose(float(end(flat.values[place])), u * u * d, rel_tol=1e-8)
    assert flat.values[place].overlaps(arb(u * u * d))
    assert math.isclose(float(flat.defect), abs(1 - u * u), rel_tol=1e-9)


@pytest.mark.parametrize("shift", [0.5, -0.5])
def test_theorem_c_the_residual_reaches_the_ends(shift):
    matrix = diagonal([arb(1), arb(2) + shift, arb(4)])
    flat = spectrum.spectrum(matrix, spectrum.Eigen(identity(3), [1.0, 2.0, 4.0]))
    end = ball.upper if shift > 0 else ball.lower
    assert math.isclose(float(end(flat.values[1])), 2 + shift, rel_tol=1e-8)
    assert flat.values[1].overlaps(arb(2 + shift))


def test_theorem_c_the_ends_are_no_wider_than_that():
    vectors = identity(2)
    vectors[0][0] = 1.25
    flat = spectrum.spectrum(diagonal([arb(-1), arb(6)]), spectrum.Eigen(vectors, [-1.0, 6.0]))
    defect, residual = 0.5625, 0.5625
    low, high = -1 * (1 + defect) - residual, -1 * (1 - defect) + residual
    assert math.isclose(float(ball.lower(flat.values[0])), low, rel_tol=1e-7)
    assert math.isclose(float(ball.upper(flat.values[0])), high, rel_tol=1e-7)
    assert float(ball.upper(flat.values[0])) >= high


def test_theorem_c_adds_the_error_of_the_matrix():
    at = of_rows([[2, 0], [0, 5]], 0, arb(0.25))
    flat = spectrum.spectrum(at, spectrum.Eigen(identity(2), [2.0, 5.0]))
    assert math.isclose(float(flat.residual), 0.25, rel_tol=1e-12)
    assert flat.values[0].overlaps(arb(1.75)) and flat.values[0].overlaps(arb(2.25))


@pytest.mark.parametrize("scale, part, least", [(1.0, 0.49, 0.84), (1.0, 0.74, 0), (1.3, 0.49, 0.7)])
def test_theorem_c_adds_what_rounding_leaves(monkeypatch, scale, part, least):
    """Every entry of U D is so far above an integer number of units, and A is these integers times U^T, of which the
    part above the diagonal mirrors the other: each row is a strip."""
    monkeypatch.setattr(fixed, "LEAST_STRIP", 1)
    values, unit = [1.2718281828459045, 1.8414213562373095], Fraction(2) ** (1 - spectrum.SCALED_BITS)

    def entry(sign, value):
        return next(
            x
            for x in (sign * scale * 0.5**0.5 + j * 2.0**-53 for j in range(10**4))
            if part - 0.01 < (Fraction(x) * Fraction(value) / unit) % 1 < part
        )

    u = [[entry(1, values[0]), entry(1, values[1])], [entry(1, values[0]), entry(-1, values[1])]]
    exact = [[Fraction(x) for x in row] for row in u]
    left = [[x * Fraction(d) // unit * unit for x, d in zip(row, values, strict=True)] for row in exact]

    def product(p, q):
        return sum(x * y for x, y in zip(p, q, strict=True))

    a = [[product(left[max(i, j)], exact[min(i, j)]) for j in range(2)] for i in range(2)]
    scaled = [[x * Fraction(d) for x, d in zip(row, values, strict=True)] for row in exact]
    rest = [a[i][j] - product(scaled[i], exact[j]) for i in range(2) for j in range(2)]
    places = 2 * spectrum.SCALED_BITS
    at = of_rows([[int(x * 2**places) for x in row] for row in a], places, arb(0))
    guess = spectrum.Eigen([list(column) for column in zip(*u, strict=True)], values)
    found, true = float(spectrum.spectrum(at, guess).residual), float(sum(x * x for x in rest)) ** 0.5
    assert true > 0 and least * found < true <= found


def test_a_matrix_of_more_places_than_the_guess_is_met():
    at = of_rows([[2**140]], 100, arb(0))
    flat = spectrum.spectrum(at, spectrum.Eigen([[1.0]], [2.0**40]))
    assert float(flat.residual) < 2.0**-18


def test_the_inverse_is_applied_in_strips():
    """X = U D^-1 U^T, and U^T g = (5, -6, 0, 3)."""
    matrix = BallMatrix([[arb(4 if i == j else 0) for j in range(4)] for i in range(4)])
    guess = (
        [[0.5, 0.5, 0.5, 0.5], [0.5, 0.5, -0.5, -0.5], [0.5, -0.5, 0.5, -0.5], [0.5, -0.5, -0.5, 0.5]],
        [1.0, 2.0, 4.0, 8.0],
    )
    whole = spectrum.spectrum(matrix, spectrum.Eigen(*guess)).inverse
    rows = whole.left[0].tolist()
    parts = whole._replace(left=(IntegerMatrix(rows[:1]), IntegerMatrix(rows[1:3]), IntegerMatrix(rows[3:])))
    column = BallMatrix([[arb(x)] for x in (1, -2, 4, 7)])
    for inverse in (whole, parts):
        found = [float(x) for x in spectrum.images(inverse, column).entries()]
        assert found == pytest.approx([1.1875, 0.8125, 3.8125, 4.1875], rel=1e-12)


def test_signs_of_eigenvalues_between_two_that_are_known():
    inverse = spectrum.Inverse((), (), arb(0), arb(1))
    for values, expected in [((1, 2), (0, 5)), ((-2, -1), (5, 0)), ((-1, 1), None)]:
        found = spectrum.Spectrum(tuple(map(arb, values)), inverse, between=3)
        assert spectrum.signs(found) == expected


def test_vectors_of_another_length_are_refused():
    for vectors in ([[1.0, 0.0]], [[1.0]] * 2, []):
        with pytest.raises(ValueError, match="not that of a matrix of size 1"):
            spectrum.spectrum(BallMatrix([[arb(1)]]), spectrum.Eigen(vectors, [1.0]))


def test_theorem_c_decides_a_sign_a_hundredth_beyond_the_residual():
    for scale, expected in [(1.01, (0, 1)), (0.99, None)]:
        flat = spectrum.spectrum(diagonal([arb(1) + 0.5]), spectrum.Eigen([[1.0]], [1.0]))
        assert spectrum.signs(flat) == (0, 1)
        flat = spectrum.spectrum(diagonal([arb(0.5 * scale + 0.5)]), spectrum.Eigen([[1.0]], [0.5 * scale]))
        assert spectrum.signs(flat) == expected


def test_safran_shamirs_lower_bound_is_its_formula():
    u, d = 1.25, 4.0
    flat = spectrum.spectrum(diagonal([arb(u * u * d) + 0.5]), spectrum.Eigen([[u]], [d]))
    e = 1 / math.sqrt(1 - 0.5625) - 1
    formula = d - 1.5625 * d * (2 * e + e * e) - 0.5
    assert math.isclose(float(flat.safran_shamir), formula, rel_tol=1e-9)


@pytest.mark.parametrize("shift", [0.0, 0.5])
@pytest.mark.parametrize("d", [4.0, -4.0])
def test_error_and_size_of_the_inverse_are_attained(d, shift):
    """One dimension, u > 1: X = u^2/d and X A - 1 = u^4 - 1 + u^2 |shift / d|."""
    u = 1.25
    shift = math.copysign(shift, d)
    inverse = spectrum.spectrum(diagonal([arb(u * u * d + shift)]), spectrum.Eigen([[u]], [d])).inverse
    error, size = u**4 - 1 + u * u * shift / d, u * u / abs(d)
    for bound, truth in [(inverse.error, error), (inverse.size, size)]:
        assert math.isclose(float(bound), truth, rel_tol=1e-9)
        assert ball.proves_le(arb(truth), bound)


def test_error_of_the_inverse_grows_with_the_condition_number():
    """U = (1 0; t 1), D = (1, 1024), A = U D U^T: an entry of X A - I is next to 1024 t."""
    t = 2.0**-13
    matrix = BallMatrix([[arb(1), arb(t)], [arb(t), arb(1024) + arb(t) * t]])
    flat = spectrum.spectrum(matrix, spectrum.Eigen([[1.0, t], [0.0, 1.0]], [1.0, 1024.0]))
    assert 1024 * t <= float(flat.inverse.error) <= 1.5 * 1024 * t


def test_the_inverse_applied_to_a_vector_is_attained():
    guess = spectrum.Eigen([[0.6, 0.8], [-0.8, 0.6]], [-2.0, 5.0])
    q = [[Fraction(x) for x in row] for row in guess.vectors]
    matrix = [
        [sum(d * row[i] * row[j] for row, d in zip(q, (-2, 5), strict=True)) for j in range(2)]
        for i in range(2)
    ]
    flat = spectrum.spectrum(BallMatrix([[arb(float(x)) for x in row] for row in matrix]), guess)
    column = [3.0, -1.0]
    inner = [(0.6 * 3 - 0.8) / -2, (-0.8 * 3 - 0.6) / 5]
    truth = math.hypot(*inner)
    assert math.isclose(
        float(spectrum.apply_inverse(flat.inverse, [arb(x) for x in column])), truth, rel_tol=1e-9
    )
