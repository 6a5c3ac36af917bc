"""The kernels of section 14 of docs/theorem/ntk.md derived again (sympy), and against wide random networks."""

from fractions import Fraction
from functools import cache
from itertools import islice

import numpy as np
import pytest
import sympy
from scipy.special import erf

from relucert.base.exact import exact_rows
from relucert.families.ntk.gram import GramProblem, gram
from relucert.kernel import ball
from relucert.kernel.ball import Ball
from relucert.kernel.ntk import gram as kernel
from relucert.kernel.ntk.gram_dual import DUALS
from relucert.kernel.ntk.gram_rows import inputs

R, K, T = sympy.symbols("r k t", positive=True)
S = {"relu": lambda z: np.maximum(z, 0), "softplus": lambda z: np.logaddexp(0, z), "erf": erf}
DS = {
    "relu": lambda z: (z > 0) * 1.0,
    "softplus": lambda z: 1 / (1 + np.exp(-z)),
    "erf": lambda z: 2 / np.sqrt(np.pi) * np.exp(-(z**2)),
}
X = np.array([[1, 0, 0], [0.6, 0.8, 0], [-0.6, 0.64, 0.48], [0, -0.6, 0.8]])


def test_relu_by_polar_coordinates():
    """E relu relu and E relu' relu', and that k D_k = P_k'."""
    a = sympy.symbols("a")
    whole = sympy.integrate(sympy.cos(a) * sympy.cos(a - T), (a, T - sympy.pi / 2, sympy.pi / 2))
    radial = sympy.integrate(R**3 * sympy.exp(-(R**2) / 2), (R, 0, sympy.oo))
    product = (sympy.sin(T) + (sympy.pi - T) * sympy.cos(T)) / (2 * sympy.pi)
    assert sympy.simplify(whole * radial / (2 * sympy.pi) - product) == 0
    slope = (sympy.pi - T) / (2 * sympy.pi)  # the share of the directions in both half-planes
    assert sympy.simplify(sympy.diff(product, T) / sympy.diff(sympy.cos(T), T) - slope) == 0


def test_erf_by_a_determinant():
    """(4/pi) E exp(-u^2 - v^2) = (4/pi) det(I + 2 C)^(-1/2), and P_k' = k D_k; for other variances too."""
    determinant = (sympy.eye(2) + 2 * sympy.Matrix([[K, K * R], [K * R, K]])).det()
    a = 2 * K / (1 + 2 * K)
    slope = 4 / (sympy.pi * (1 + 2 * K) * sympy.sqrt(1 - a**2 * R**2))
    assert sympy.simplify(slope**2 - (4 / sympy.pi) ** 2 / determinant) == 0
    product = 2 * sympy.asin(a * R) / sympy.pi
    assert sympy.simplify((sympy.diff(product, R) / (K * slope)) ** 2) == 1
    p, q, c = sympy.symbols("p q c", positive=True)  # unequal variances, as the thesis needs them
    general = 2 * sympy.asin(2 * c / sympy.sqrt((1 + 2 * p) * (1 + 2 * q))) / sympy.pi
    unequal = (sympy.eye(2) + 2 * sympy.Matrix([[p, c], [c, q]])).det()
    assert sympy.simplify(sympy.diff(general, c) ** 2 * unequal) == (4 / sympy.pi) ** 2


def test_series_of_the_closed_forms():
    """The first coefficients that Theorem 14.G uses are those of Taylor's series."""
    slopes = {
        "relu": (sympy.pi - sympy.acos(R)) / (2 * sympy.pi),
        "erf": 4 / (sympy.pi * 5 * sympy.sqrt(1 - sympy.Rational(16, 25) * R**2)),
    }
    with ball.precision(128):
        for name, slope in slopes.items():
            series = DUALS[name](Ball(2)).series
            for j in range(8):
                exact = sympy.diff(slope, R, j).subs(R, 0) / sympy.factorial(j)
                assert abs(float(series[j]) - float(exact)) < 1e-14


def test_h_infinity_as_a_series():
    """d_1 = 1/4, d_(2k) = binom(2k-2, k-1)/(4^(k-1) (2k-1) 2 pi)."""
    entry = R * (sympy.pi - sympy.acos(R)) / (2 * sympy.pi)
    found = sympy.series(entry, R, 0, 9).removeO()
    expected = R / 4 + sum(
        sympy.binomial(2 * k - 2, k - 1) * R ** (2 * k) / (4 ** (k - 1) * (2 * k - 1) * 2 * sympy.pi)
        for k in range(1, 5)
    )
    assert sympy.simplify(found - expected) == 0


@cache
def mean_square(activation):
    z = np.random.default_rng(0).standard_normal(2_000_000)
    return np.mean(S[activation](z) ** 2)


def network(x, activation, depth, c_res, width, rng):
    """The Gram matrix of the layer H of a random network of this width, with output weights +-1, and |x_(H-1)|^2."""
    s, slope = S[activation], DS[activation]
    c_s = 1 / mean_square(activation)
    hidden = x.T
    factor = 1.0
    for h in range(1, depth + 1):
        before, z = hidden, rng.standard_normal((width, hidden.shape[0])) @ hidden
        residual = c_res is not None and h > 1
        factor = c_res / depth if residual else np.sqrt(c_s)
        hidden = (before if residual else 0) + factor / np.sqrt(width) * s(z)
    slopes = factor * slope(z) / np.sqrt(width)
    return (slopes.T @ slopes) * (before.T @ before), np.diag(before.T @ before)


def limit(activation, depth, c_res):
    """K^(H) as floating-point numbers."""
    of = inputs(exact_rows(X, "row"))
    with ball.precision(128):
        dual = DUALS[activation](Ball(1))
        if c_res is None:
            layer = next(islice(kernel.dense(of, dual), depth - 1, None))
            scale = 1 / dual.square
        else:
            share = Ball(c_res) / depth
            layer, scale = kernel.dense_layer(kernel.start(of), dual), share * share
            for _ in range(depth - 2):
                layer = kernel.residual_layer(layer, dual, share)
                dual = DUALS[activation](layer.variance)
        if c_res is not None:
            dual = DUALS[activation](layer.variance)
        k = float(layer.variance)
        found = np.full((4, 4), float(scale * layer.variance * dual.slope_square))
        for i, row in enumerate(layer.rows):
            for j, c in enumerate(row, i + 1):
                found[i, j] = found[j, i] = float(scale * layer.variance * c.cos * dual.slope(c))
    return found, k


@pytest.mark.parametrize("activation", ["relu", "erf", "softplus"])
@pytest.mark.parametrize(("depth", "c_res"), [(1, None), (2, None), (3, None), (2, 0.5), (3, 2.0)])
def test_a_wide_random_network(activation, depth, c_res):
    """Eight networks of width 1500, fixed seeds: their mean is within 6 per cent of the largest entry."""
    nets = [network(X, activation, depth, c_res, 1500, np.random.default_rng(seed)) for seed in range(8)]
    mean = np.mean([g for g, _ in nets], axis=0)
    expected, variance = limit(activation, depth, c_res)
    assert np.abs(mean - expected).max() < 0.06 * expected.max()
    assert abs(np.mean([k for _, k in nets]) - variance) < 0.04 * variance


@pytest.mark.parametrize("activation", ["relu", "erf", "softplus"])
@pytest.mark.parametrize(("depth", "c_res"), [(1, None), (3, None), (2, 0.5), (3, 2.0)])
def test_the_matrix_that_is_certified_is_this_one(activation, depth, c_res):
    share = None if c_res is None else Fraction(c_res)
    low, high = gram(GramProblem(exact_rows(X, "row"), activation, depth, share)).outcome.lambda_min
    matrix = limit(activation, depth, c_res)[0] / (2 if (activation, depth) == ("relu", 1) else 1)
    value = np.linalg.eigvalsh(matrix)[0]
    assert float(low) - 1e-12 < value < float(high) + 1e-12
