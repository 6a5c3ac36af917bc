"""The designed landscape as a mean over Gaussian input: exact moments in the plane, and a million samples in space.

Section 13.1 of docs/theorem/landscape.md: G is the mean of the integrand of Ge, Lee & Ma (2017), (2.8), if the cross
term of (2.10) is -2; it is not with the +2 they print.
"""

import numpy as np
import pytest
import sympy

import landscape_points as points
from gaussian_means import (
    ROOT,
    Z,
    designed,
    dot,
    half_moment,
    hermite_pair,
    label_mean,
    moment,
    quartic,
    relu_mean,
)

SAMPLES = 1_000_000
P, Q, R, S, MU = sympy.symbols("p q r s mu")
A = sympy.symbols("a1 a2")


@pytest.mark.parametrize("k", range(9))
def test_half_moments(k):
    z = sympy.symbols("z", positive=True)
    density = sympy.exp(-(z**2) / 2) / ROOT
    assert sympy.simplify(sympy.integrate(z**k * density, (z, 0, sympy.oo)) - half_moment(k)) == 0
    assert half_moment(k) * (1 + (-1) ** k) == moment(k)


def test_fourth_hermite_tensor_of_the_labels():
    """E y <H4(x), v v w w> = -(1/sqrt(2 pi)) sum a_i <b*_i, v>^2 <b*_i, w>^2, in the basis of the teacher."""
    found = label_mean(sympy.expand(hermite_pair((P, Q), (R, S))), A)
    assert sympy.expand(found + (A[0] * P**2 * R**2 + A[1] * Q**2 * S**2) / ROOT) == 0


def test_fourth_hermite_tensor_in_another_basis():
    """The same with a teacher that is not the axes: x = z1 b*_1 + z2 b*_2."""
    three, four = sympy.Rational(3, 5), sympy.Rational(4, 5)
    b = ((three, four), (-four, three))
    v, w = (tuple(dot(x, row) for row in b) for x in ((P, Q), (R, S)))
    found = label_mean(sympy.expand(hermite_pair(v, w)), A)
    expected = sum(a * dot((P, Q), row) ** 2 * dot((R, S), row) ** 2 for a, row in zip(A, b, strict=True))
    assert sympy.expand(found + expected / ROOT) == 0


@pytest.mark.parametrize("cross", [-4, 4])
def test_the_tensor_has_mean_zero_against_degree_two(cross):
    """E H4(z) z1 z2 = 0 with the cross term -4, and only with it."""
    H = sympy.Poly(sympy.expand(hermite_pair((P, Q), (R, S), cross) * Z[0] * Z[1]), *Z)
    mean = sympy.expand(sum(c * moment(m) * moment(n) for (m, n), c in H.terms()))
    assert (mean == 0) is (cross == -4)


def test_g_is_the_mean_with_cross_term_minus_two():
    rows = ((P, Q), (R, S))
    assert sympy.expand(designed(rows, A, MU) - quartic(rows, A, MU)) == 0


def test_g_is_not_the_mean_with_cross_term_plus_two():
    """The difference is -8 <b1, b2> E y <b1, x> <b2, x>, a polynomial that is not 0."""
    rows = ((P, Q), (R, S))
    difference = sympy.expand(designed(rows, A, MU, cross=2) - quartic(rows, A, MU))
    products = label_mean(sympy.expand(dot(rows[0], Z) * dot(rows[1], Z)), A)
    assert sympy.expand(difference + 8 * dot(*rows) * products) == 0
    at = {P: 1, Q: 0, R: 1, S: 1, A[0]: 1, A[1]: 1, MU: 6}
    assert difference.subs(at) == -24 / ROOT
    assert relu_mean(Z[0] ** 2) == 2 / ROOT and relu_mean(Z[1] ** 2) == 1 / ROOT


WEIGHTS = np.array([0.5, 1.0, 2.0])
MU_NUMBER, LAM = 6.0, 1.0
PLACES = {
    "near the teacher": [[1.0, 0.1, 0.0], [-0.1, 1.0, 0.2], [0.0, 0.1, -1.0]],
    "slanted": [[0.6, 0.8, 0.0], [0.8, 0.5, 0.3], [0.2, 0.6, 0.8]],
    "long": [[1.5, -0.5, 0.25], [0.5, 0.0, 1.0], [-1.0, 0.75, 0.5]],
}


@pytest.fixture(scope="module")
def inputs():
    """Inputs [sample, coordinate] and labels of the teacher sum_i a_i relu(x_i)."""
    x = np.random.default_rng(20171101).standard_normal((SAMPLES, 3))
    return x, np.maximum(x, 0) @ WEIGHTS


def integrand(B, x, y, cross):
    """(2.8) for each sample, sign(sigma_4) = -1, in the sums that save time: [sample]."""
    inner, gram = x @ B.T, B @ B.T
    squares, norms = inner * inner, np.diag(gram)
    pairs = np.zeros(len(x))
    for j in range(len(B)):
        for k in range(j):  # each pair counts twice
            pairs += squares[:, j] * squares[:, k] - norms[k] * squares[:, j] - norms[j] * squares[:, k]
            pairs += 2 * cross * gram[j, k] * inner[:, j] * inner[:, k]
            pairs += norms[j] * norms[k] + 2 * gram[j, k] ** 2
    own = (squares**2 / 24 - norms * squares / 4 + norms**2 / 8).sum(axis=1)
    return -y * (pairs - MU_NUMBER * own) + LAM * ((norms - 1) ** 2).sum()


def standard_errors(name, inputs, cross):
    """The deviation of the mean from G, in standard errors, and the standard error."""
    B = np.array(PLACES[name])
    samples = integrand(B, *inputs, cross)
    of = points.Landscape(points.C * WEIGHTS, MU_NUMBER / 12, LAM)
    error = samples.std() / np.sqrt(SAMPLES)
    return abs(samples.mean() - points.value(of, B)) / error, error


@pytest.mark.parametrize("name", PLACES)
def test_monte_carlo_agrees_with_g(inputs, name):
    deviation, error = standard_errors(name, inputs, -2)
    assert deviation < 5
    assert error < 0.04  # an agreement that means something


@pytest.mark.parametrize("name", ["slanted", "long"])
def test_monte_carlo_refutes_the_printed_cross_term(inputs, name):
    """(2.10) with + 2: far off where the rows are not orthogonal."""
    assert standard_errors(name, inputs, 2)[0] > 20
