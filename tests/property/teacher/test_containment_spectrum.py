"""Containment in the eigenvalues and the inverse of a matrix, whatever guess they come from."""

import math
from fractions import Fraction

import mpmath
import pytest
from flint import arb
from hypothesis import given
from hypothesis import strategies as st
from rationals import (
    BITS,
    contains,
    dot,
    dyadics,
    enclosing,
    exactly,
    fraction,
    guesses,
    many,
    product,
    symmetric_matrices,
)

from relucert.kernel import ball, spectrum
from relucert.kernel.ball import BallMatrix, NotProved


@many
@given(st.data())
def test_every_eigenvalue_is_in_its_enclosure_in_order(data):
    matrix, eigenvalues = data.draw(symmetric_matrices())
    guess = data.draw(guesses(matrix))
    with ball.precision(BITS):
        flat = spectrum.spectrum(enclosing(matrix), guess)
    assert all(contains(e, t) for e, t in zip(flat.values, eigenvalues, strict=True))
    assert fraction(flat.safran_shamir) <= eigenvalues[0]


@many
@given(st.data())
def test_signs_that_are_proved_are_right(data):
    matrix, eigenvalues = data.draw(symmetric_matrices())
    with ball.precision(BITS):
        signs = spectrum.signs(spectrum.spectrum(enclosing(matrix), data.draw(guesses(matrix))))
    inertia = sum(x < 0 for x in eigenvalues), sum(x > 0 for x in eigenvalues)
    assert signs is None or signs == inertia


def approximate_inverse(guess):
    """U D^-1 U^T, exactly, or None."""
    columns = rounded(guess.vectors)
    values = [Fraction(x) for x in guess.values]
    if 0 in values:
        return None
    scaled = [[x / d for x in row] for row, d in zip(columns, values, strict=True)]
    return product([list(row) for row in zip(*columns, strict=True)], scaled)


def spectral_norm(matrix):
    with mpmath.workdps(60):
        exact = mpmath.matrix([[mpmath.mpf(x.numerator) / x.denominator for x in row] for row in matrix])
        size = mpmath.svd_r(exact, compute_uv=False)[0]
        return Fraction(int(mpmath.floor(size * 2**150)), 2**150)  # below the norm by 2**-140 at most


def rounded(vectors):
    """U as `spectrum` takes it: a multiple of 2^-LEFT_BITS."""
    unit = 2**spectrum.LEFT_BITS
    return [[Fraction(int(Fraction(x) * unit), unit) for x in row] for row in vectors]


def residual_and_defect(matrix, guess):
    """||A - U D U^T||_F^2 and ||I - U^T U||_F^2, exactly."""
    columns = rounded(guess.vectors)
    scaled = [[Fraction(d) * x for x in row] for row, d in zip(columns, guess.values, strict=True)]
    again = product([list(row) for row in zip(*columns, strict=True)], scaled)
    gram = product(columns, [list(row) for row in zip(*columns, strict=True)])
    residual = sum(
        (x - y) ** 2 for p, q in zip(matrix, again, strict=True) for x, y in zip(p, q, strict=True)
    )
    return residual, sum((x - (i == j)) ** 2 for i, row in enumerate(gram) for j, x in enumerate(row))


@many
@given(st.data())
def test_residual_and_defect_bound_the_truth(data):
    matrix, _ = data.draw(symmetric_matrices())
    guess = data.draw(guesses(matrix))
    with ball.precision(BITS):
        flat = spectrum.spectrum(enclosing(matrix), guess)
    residual, defect = residual_and_defect(matrix, guess)
    assert fraction(flat.residual) ** 2 >= residual
    assert fraction(flat.defect) ** 2 >= defect


@many
@given(st.data())
def test_error_and_size_of_the_approximate_inverse_are_upper_bounds(data):
    matrix, _ = data.draw(symmetric_matrices())
    guess = data.draw(guesses(matrix))
    x = approximate_inverse(guess)
    with ball.precision(BITS):
        inverse = spectrum.spectrum(enclosing(matrix), guess).inverse
    if x is None:
        assert not ball.proves_lt(inverse.error, arb(1))
        return
    off = [[(i == j) - y for j, y in enumerate(row)] for i, row in enumerate(product(x, matrix))]
    tiny = Fraction(1, 2**120)
    assert fraction(inverse.error) >= spectral_norm(off) * (1 - tiny)
    assert fraction(inverse.size) >= spectral_norm(x) * (1 - tiny)


@many
@given(st.data())
def test_the_inverse_applied_to_a_vector_is_bounded(data):
    matrix, _ = data.draw(symmetric_matrices())
    guess = data.draw(guesses(matrix))
    column = data.draw(st.lists(dyadics, min_size=len(matrix), max_size=len(matrix)))
    x = approximate_inverse(guess)
    with ball.precision(BITS):
        inverse = spectrum.spectrum(enclosing(matrix), guess).inverse
        bound = spectrum.apply_inverse(inverse, [exactly(y) for y in column])
    if x is None:
        assert not bound.is_finite()
        return
    image = [dot(row, column) for row in x]
    assert fraction(bound) ** 2 >= dot(image, image)


def test_safran_shamirs_algorithm_1_as_corrected_survives_the_counterexamples():
    for true, u, d in [(-0.36, 0.6, -1.0), (9.025, 0.95, 10.0), (-1.44, 1.2, -1.0)]:
        flat = spectrum.spectrum(BallMatrix([[arb(true)]]), spectrum.Eigen([[u]], [d]))
        assert fraction(flat.safran_shamir) <= Fraction(true)
        assert contains(flat.values[0], Fraction(true))


def test_swapped_eigenvalues_of_a_good_guess_are_refused():
    matrix = BallMatrix([[arb(1), arb(0)], [arb(0), arb(2)]])
    with pytest.raises(NotProved):
        spectrum.spectrum(matrix, spectrum.Eigen([[0.0, 1.0], [1.0, 0.0]], [2.0, 1.0]))


@pytest.mark.parametrize("vectors", [[[0.0]], [[2.0]], [[-1.5]], [[1e-300]], [[1e300]]])
def test_eigenvectors_that_may_be_dependent_are_refused(vectors):
    with pytest.raises(NotProved):
        spectrum.spectrum(BallMatrix([[arb(1)]]), spectrum.Eigen(vectors, [1.0]))


def test_dependent_eigenvectors_are_refused():
    matrix = BallMatrix([[arb(1), arb(0)], [arb(0), arb(1)]])
    with pytest.raises(NotProved):
        spectrum.spectrum(matrix, spectrum.Eigen([[1.0, 0.0], [1.0, 0.0]], [1.0, 1.0]))


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("place", range(6))
def test_guesses_that_are_not_numbers_are_refused(bad, place):
    entries = [1.0, 0.0, 0.0, 1.0, 1.0, 2.0]
    entries[place] = bad
    guess = spectrum.Eigen([entries[:2], entries[2:4]], entries[4:])
    with pytest.raises(NotProved):
        spectrum.spectrum(BallMatrix([[arb(1), arb(0)], [arb(0), arb(2)]]), guess)


def test_a_matrix_with_a_nan_proves_nothing():
    matrix = BallMatrix([[arb.nan(), arb(0)], [arb(0), arb(2)]])
    flat = spectrum.spectrum(matrix, spectrum.Eigen([[1.0, 0.0], [0.0, 1.0]], [1.0, 2.0]))
    assert spectrum.signs(flat) is None
    assert not ball.proves_lt(flat.inverse.error, arb(1))
    assert not any(map(arb.is_finite, flat.values))
