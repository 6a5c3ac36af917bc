"""What Du's thesis (2019), chapters 2 and 3, prints about Gram matrices and is not so; and the repairs.

Section 14.4 of docs/theorem/ntk.md. All is decided in ball arithmetic or by exact inequalities.
"""

from fractions import Fraction

import numpy as np
import pytest
import sympy

from relucert.base.exact import exact_rows
from relucert.families.ntk.gram import GramProblem, gram
from relucert.kernel import ball
from relucert.kernel.ball import Ball
from relucert.kernel.ntk import gram as kernel
from relucert.kernel.ntk.gram_dual import DUALS
from relucert.kernel.ntk.gram_rows import Correlation, inputs

AXES = exact_rows(np.eye(2), "row")


def residual_layers(depth, c_res):
    """K^(1), .., K^(H-1) of softplus for two orthonormal inputs, with the Dual of each."""
    share = Ball(c_res) / depth
    dual = DUALS["softplus"](Ball(1))
    layer = kernel.dense_layer(kernel.start(inputs(AXES)), dual)
    found = [(layer, dual)]
    for _ in range(depth - 2):
        layer = kernel.residual_layer(layer, dual, share)
        dual = DUALS["softplus"](layer.variance)
        found.append((layer, dual))
    return found


def least(layer):
    """Of K^(h) for two inputs with a positive correlation."""
    return layer.variance * (1 - layer.rows[0][0].cos)


@pytest.mark.parametrize("x", [[[3, 4], [-3, -4]], [[1, 0], [-1, 0], [3, 4], [-6, -8]]])
def test_theorem_2_1_excludes_more_than_it_must(x):
    """Printed: lambda_0 > 0 if no two inputs are parallel. Here some are, and lambda_0 > 0 all the same."""
    found = gram(GramProblem(exact_rows(x, "row"), "relu", 1)).outcome
    assert found.verdict == "positive-definite" and float(found.lambda_min[0]) > 0.19


def test_depth_one_is_twice_the_matrix_of_chapter_2():
    """Printed: H = 1 gives the Gram matrix of chapter 2. It is c_s = 2 times it, with A^(1) of K^(0)."""
    of = inputs(exact_rows([[1, 0], [3, 4]], "row"))
    with ball.precision(128):
        dual = DUALS["relu"](Ball(1))
        assert (2 * dual.square - 1).contains(0)
        c = kernel.start(of).rows[0][0]
        rho = Ball(3) / 5
        h_infinity = rho * (ball.pi() - rho.acos()) / (2 * ball.pi())
        assert (c.cos * dual.slope(c) / dual.square).overlaps(2 * h_infinity)
        assert not (c.cos * dual.slope(c) / dual.square).overlaps(h_infinity)


@pytest.mark.parametrize("depth", [2, 3, 10, 30])
def test_3_19_the_smallest_eigenvalue_is_below_that_of_the_inputs(depth):
    """Printed, (3.19) and Prop. 3.2: K^(H-1) of the residual network has at least lambda_min(K^(0)).

    softplus, two orthonormal inputs, c_res = 1/2: below 0.3, against 1. Repaired: at least that of Cov_1.
    """
    with ball.precision(96):
        layers = residual_layers(depth, 0.5)
        assert ball.proves_lt(least(layers[-1][0]), Ball(0.3))
        one = layers[0][1]
        covariance = 1 - one.product(Correlation(Ball(0), Ball(1))) / one.square
        assert 0.2947 < float(covariance) < 0.2948
        slack = ball.exact((1, -80))
        assert all(ball.proves_le(covariance - slack, least(layer)) for layer, _ in layers)
        dual = layers[-1][1]
        floor = (Ball(0.5) / depth) ** 2 * dual.slope_square * covariance
    low, high = gram(GramProblem(AXES, "softplus", depth, Fraction(1, 2))).outcome.lambda_min
    assert ball.proves_lt(floor, low)
    assert 0.75 < float(floor / high) < 1


def test_14_1_needs_the_sum_of_the_cross_terms():
    """(3.8) as it may be read: the product of the two b-terms. Then |x_2|^2 of a wide network comes out wrong."""
    rng = np.random.default_rng(0)
    m, depth, c_res = 20000, 3, 2.0
    with ball.precision(96):
        (first, one), (second, _) = residual_layers(depth, c_res)
        c_s, mean, share = float(1 / one.square), float(one.mean), c_res / depth
        total = float(second.variance)
        product = 1 + (share * float(first.mean) * mean) ** 2 + share**2 * float(one.square)
    x1 = np.sqrt(c_s / m) * np.logaddexp(0, rng.standard_normal(m))
    x2 = x1 + share / np.sqrt(m) * np.logaddexp(0, np.linalg.norm(x1) * rng.standard_normal(m))
    assert abs(x2 @ x2 - total) < 0.03 * total
    assert abs(x2 @ x2 - product) > 0.2 * total


def test_the_last_layer_needs_the_covariance_of_the_layer_before():
    """Printed: A^(H-1), which holds K^(H-2), in the last layer. At H = 2, softplus: 3 per cent off a wide network."""
    rng = np.random.default_rng(1)
    m, x = 4000, np.eye(2)
    with ball.precision(96):
        one = DUALS["softplus"](Ball(1))
        c_s = float(1 / one.square)
        first = kernel.dense_layer(kernel.start(inputs(AXES)), one).rows[0][0]
        right = float(first.cos * one.slope(first) / one.square)
        printed = float(first.cos * one.slope(Correlation(Ball(0), Ball(1))) / one.square)
    entries = []
    for _ in range(8):
        hidden = np.sqrt(c_s / m) * np.logaddexp(0, rng.standard_normal((m, 2)) @ x)
        slope = 1 / (1 + np.exp(-(rng.standard_normal((m, m)) @ hidden)))
        entries.append(c_s / m * (slope[:, 0] @ slope[:, 1]) * (hidden[:, 0] @ hidden[:, 1]))
    assert abs(np.mean(entries) - right) < abs(np.mean(entries) - printed) / 5
    assert right - printed > 0.01


def test_lemma_3_1_needs_a_larger_constant():
    """Printed: |E s(alpha z)^2 - E s(z)^2| <= L (2 |s(0)| sqrt(2/pi) + 2L) |alpha - 1|, alpha in [1/2, 2].

    s(z) = z + tanh(z)/10, L = 1.1, s(0) = 0, alpha = 2. 0 <= z tanh z <= z^2 and tanh^2 <= 1 give a difference of at
    least 4 - (1 + 2/10 + 1/100) > 2.42. Repaired with 3L: |s(alpha z)| + |s(z)| <= 2 |s(0)| + 3 L |z|.
    """
    bound = Fraction(11, 10) * 2 * Fraction(11, 10)
    difference = 4 - (1 + Fraction(2, 10) + Fraction(1, 100))
    assert difference > bound
    z, w = np.polynomial.hermite_e.hermegauss(80)
    value = w @ ((2 * z + np.tanh(2 * z) / 10) ** 2 - (z + np.tanh(z) / 10) ** 2) / w.sum()
    assert float(difference) <= value <= 1.1 * 3 * 1.1
    assert abs(value - 3.173) < 1e-3


def test_softplus_decays_with_depth_so_every_bound_that_rests_on_it_does():
    """Theorem 14.H (i) at r = K^(H-1)_12: lambda_min(K^(H)) <= phi'(1) - r phi'(r), below 10^-9 at H = 20."""
    found = gram(GramProblem(AXES, "softplus", 20)).outcome
    assert float(found.lambda_min[1]) < 1e-9 < 1e-3 < 0.2714**19 * 1e8


def test_the_linear_coefficient_of_softplus():
    """phi'(0) = c_s/4, since a_1 = E softplus(z) z = E softplus'(z) = 1/2: softplus' - 1/2 is odd."""
    z = sympy.symbols("z")
    slope = 1 / (1 + sympy.exp(-z))
    assert sympy.simplify(slope + slope.subs(z, -z) - 1) == 0
    with ball.precision(128):
        dual = DUALS["softplus"](Ball(1))
        zero = Correlation(Ball(0), Ball(1))
        assert dual.slope(zero).contains(Ball(0.25))
        numbers = (1 / dual.square, dual.product(zero) / dual.square, dual.slope(zero) / dual.square,
                   dual.slope_square / dual.square)  # fmt: skip
        for found, printed in zip(numbers, (1.0854865030, 0.70527, 0.27137, 0.31846), strict=True):
            assert abs(float(found) - printed) < 6e-6
