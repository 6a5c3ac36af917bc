"""The octopus by computer algebra: its pieces fit twice differentiably, and Theorem 16.A."""

import itertools
from fractions import Fraction

import pytest
import sympy as sp

from octopus_direct import gradient, pieces, value
from relucert.kernel import ball
from relucert.kernel.octopus.function import Octopus, critical_points

L, gamma, tau = sp.symbols("L gamma tau", positive=True)
s, y = sp.symbols("s y", nonnegative=True)
Z = tau * (1 + s)


def of_z(expression, order=1):
    """The derivative in z = tau (1 + s)."""
    return sp.diff(expression, s, order) / tau**order


@pytest.fixture(scope="module")
def parts():
    return tuple(map(sp.expand, pieces(Z, L, gamma, tau)))


def test_the_derivatives_are_derivatives(parts):
    g1, d1, g2, d2 = parts
    assert sp.expand(of_z(g1) - d1) == 0
    assert sp.expand(of_z(g2) - d2) == 0


def test_the_pieces_fit_twice_differentiably(parts):
    """Buffer k meets cell k - 1 where x_k = tau, and cell k where x_k = 2 tau."""
    g1, _, g2, _ = parts
    nu = tau**2 * (37 * L + 13 * gamma) / 6
    buffer = g1 + g2 * y**2
    before = -gamma * Z**2 + L * y**2
    after = L * (Z - 4 * tau) ** 2 - gamma * y**2 - nu
    for cell, where in ((before, 0), (after, 1)):
        difference = sp.expand(buffer - cell)
        for i, j in itertools.product(range(3), repeat=2):
            if i + j <= 2:
                assert sp.simplify(of_z(sp.diff(difference, y, j), i).subs(s, where)) == 0
    assert sp.expand(g1.subs(s, 1) + sp.Rational(13, 6) * (L + gamma) * tau**2) == 0


def test_descent_is_written_as_the_prover_writes_it(parts):
    """z - eta (g_1' + g_2' y^2) of docs/spec/octopus-v1.md, step 3."""
    _, d1, g2, d2 = parts
    said = 2 * gamma * Z + tau * s**2 * (14 * L - 10 * gamma - s * (10 * L - 6 * gamma))
    said += 30 * (L + gamma) * s**2 * (1 - s) ** 2 * y**2 / tau
    assert sp.expand(said + d1 + d2 * y**2) == 0
    assert g2.subs(s, 0) == L
    assert g2.subs(s, 1) == -gamma


def test_the_push_in_the_buffers(parts):
    """dg/dx_k <= -2 gamma tau for L >= gamma, and >= -7.33 L tau; g_1' < 0 for all L, gamma > 0."""
    _, d1, _, d2 = parts
    bracket = 10 * gamma - 14 * L + s * (10 * L - 6 * gamma)
    assert sp.expand(d1 / tau + 2 * gamma * (1 + s) - s**2 * bracket) == 0
    assert bracket.subs(s, 0).subs(L, gamma + y) == -14 * y - 4 * gamma
    assert sp.expand(bracket.subs(s, 1).subs(L, gamma + y)) == -4 * y
    most = s**2 * (14 - 10 * s) + 2 * (1 - s) ** 2 * (1 + 3 * s) + 60 * s**2 * (1 - s) ** 2
    # at gamma = L, y = tau; for gamma < L every term is smaller
    assert sp.expand(most + ((d1 + d2 * tau**2) / (L * tau)).subs(gamma, L)) == 0
    assert sp.Poly(sp.Rational(733, 100) - most, s).count_roots(0, 1) == 0
    assert sp.Poly(sp.Rational(732, 100) - most, s).count_roots(0, 1) == 2  # 7.33 is sharp to 0.2 %


@pytest.mark.parametrize("d", [2, 3])
def test_the_critical_points_are_where_the_gradient_vanishes(d):
    nu = sp.Rational(37 * 3 + 13, 6)
    for k in range(d + 1):
        for signs in itertools.product((1, -1), repeat=k):
            x = [4 * sp.Integer(v) for v in signs] + [sp.Integer(0)] * (d - k)
            assert gradient(x, 3, 1, 1) == [0] * d
            assert value(x, sp.Integer(3), 1, 1) == -k * nu
    assert sum(2**k for k in range(d)) == 2**d - 1


def test_the_value_is_enclosed():
    with ball.precision(128):
        found = critical_points(Octopus(7, Fraction(3), Fraction(1), None)).value
        exact = -7 * ball.Ball(2).exp() * 124 / 6
    assert ball.proves_le(found.low, exact.upper())
    assert ball.proves_le(exact.lower(), found.high)
    assert float(found.high - found.low) < 1e-30


def test_no_critical_point_in_a_buffer_even_for_small_l(parts):
    """L >= gamma is not needed for that: both terms of g_1' are negative."""
    d1 = parts[1]
    first, second = -2 * gamma * (1 - s) ** 2 * (1 + 3 * s), -L * s**2 * (14 - 10 * s)
    assert sp.expand(d1 - tau * (first + second)) == 0
