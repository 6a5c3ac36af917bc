"""Spurious minima in Ge, Lee & Ma (2017): P' of their Appendix D, their conjecture on f', and rows fewer than d.

Exact, by sympy and fractions. Sections 13.P and 13.S of docs/theorem/landscape.md.
"""

from fractions import Fraction
from math import comb

import numpy as np
import pytest
import sympy

ALPHA, BETA, TAU = sympy.symbols("alpha beta tau", positive=True)
A0, A1, TH0, TH1 = VARIABLES = sympy.symbols("a0 a1 theta0 theta1", real=True)
POINT = {A0: -TAU, A1: 1 + TAU, TH0: 0, TH1: 0}


def p_prime(a, w):
    """P' at rows of squares w: over ordered pairs of different rows."""
    d = len(w)
    return sum(a[i] * w[j][i] * w[k][i] for i in range(d) for j in range(d) for k in range(d) if j != k)


def unit_rows(d, x, at=(0, 1, 2)):
    """The squares of the point of Theorem 13.P, at = (l, p, q)."""
    column, p, q = at
    w = np.array([[Fraction(int(i == j)) for i in range(d)] for j in range(d)])
    w[p] = w[column]
    w[q, p], w[q, q] = x, 1 - x
    return w


@pytest.mark.parametrize(
    ("a", "x"), [((1, "8/5", "16/5"), "13/20"), ((1, 4, 4, 4), "1/2"), (("1/2", 3, 2, 1, 1), "2/5")]
)
def test_appendix_d_value(a, x):
    """Printed, with a_l = 1: P' = 1. It is 2 a_l, and d = 3 is enough where they take 4."""
    a = [Fraction(y) for y in a]
    w = unit_rows(len(a), Fraction(x))
    assert 1 / a[1] + 1 / a[2] < 1 / a[0]
    assert a[1] * Fraction(x) > a[0] < a[2] * (1 - Fraction(x)) and all(y > a[0] for y in a[1:])
    assert all(sum(row) == 1 for row in w)
    assert p_prime(a, w) == 2 * a[0]
    assert p_prime(a, np.eye(len(a), dtype=int)) == 0


@pytest.mark.parametrize("d", [3, 4])
def test_appendix_d_local_minimum(d):
    """P' >= 2 a_l near the point: what is dropped has no negative term, and the rest is 2 a_l (1 + e1^2 e2^2).

    Rows 0 and 1 are the two at e_l, l = 0; S_i is over the other rows, and a_i S_i >= a_l near the point.
    """
    a = sympy.symbols(f"a:{d}", positive=True)
    w = sympy.symbols(f"w:{d}:{d}", nonnegative=True)
    w = [w[d * j : d * j + d] for j in range(d)]
    kept = 2 * a[0] * w[0][0] * w[1][0]
    kept += 2 * sum(a[i] * (w[0][i] + w[1][i]) * sum(row[i] for row in w[2:]) for i in range(1, d))
    dropped = sympy.Poly(sympy.expand(p_prime(a, w) - kept), *a, *(x for row in w for x in row))
    assert all(c > 0 for c in dropped.coeffs())
    e1, e2 = sympy.symbols("e1 e2")
    bound = (1 - e1**2) * (1 - e2**2) + e1**2 + e2**2
    assert sympy.expand(bound - 1 - e1**2 * e2**2) == 0


def test_appendix_d_is_not_a_minimum_where_a_p_x_is_too_small():
    """a_p x < a_l: tilting both rows towards e_p lowers P' below 2 a_l. So the condition is not for show."""
    a, tilt = (Fraction(1), Fraction(8, 5), Fraction(16, 5)), Fraction(1, 100)
    w = unit_rows(3, Fraction(1, 2))
    w[1] = [1 - tilt, tilt, 0]
    assert p_prime(a, w) == 2 * (1 - tilt) + 2 * tilt * a[1] / 2 < 2


def test_appendix_d_ratio_two_is_not_sufficient():
    """Printed: max a* > 2 min a* is enough for a spurious minimum of P'. For d = 2 there is none at any ratio.

    In x, y, the first squares of the rows, the map from the circles onto [0, 1]^2 is open, so local minima there
    are local minima here; P' is bilinear.
    """
    x, y = sympy.symbols("x y")
    a, b = sympy.symbols("a b", positive=True)
    value = p_prime((a, b), ((x, 1 - x), (y, 1 - y)))
    assert sympy.expand(value - 2 * (a * x * y + b * (1 - x) * (1 - y))) == 0
    dx, dy = sympy.expand(value.diff(x)), sympy.expand(value.diff(y))
    assert dx.diff(x) == 0 and dy.diff(y) == 0 and sympy.simplify(dx.diff(y) - 2 * (a + b)) == 0
    # x inside: dx = 0, so y = b/(a + b) is inside, dy = 0, and the mixed derivative makes a saddle; so for y
    assert [sympy.simplify(root - b / (a + b)) for root in sympy.solve(dx, y)] == [0]
    # the corners: down along x from (0, 0) and (1, 1); the other two are global
    assert dx.subs({x: 0, y: 0}) == -2 * b and sympy.simplify(dx.subs({x: 1, y: 1}) - 2 * a) == 0
    assert value.subs({x: 0, y: 1}) == value.subs({x: 1, y: 0}) == 0


def f_prime():
    """alpha |sum a_j b_j^(x)2 - sum b*_i^(x)2|^2 + beta |the same with (x)4|^2, two rows at angles theta_j.

    An entry with m factors sin stands (degree choose m) times in a tensor.
    """
    total = sympy.Integer(0)
    for weight, degree in ((ALPHA, 2), (BETA, 4)):
        for m in range(degree + 1):
            entry = sum(
                a * sympy.cos(t) ** (degree - m) * sympy.sin(t) ** m for a, t in ((A0, TH0), (A1, TH1))
            )
            total += weight * comb(degree, m) * (entry - int(m in (0, degree))) ** 2
    return total


def half_second_form():
    """The matrix of half the second derivative of f' at the point, in (a_0, a_1, theta_0, theta_1)."""
    return sympy.hessian(f_prime(), VARIABLES).subs(POINT) / 2


def test_conjecture_on_f_prime_value():
    f = f_prime()
    assert sympy.expand(f.subs(POINT)) == ALPHA + BETA
    assert f.subs({A0: 1, A1: 1, TH0: 0, TH1: sympy.pi / 2}) == 0
    assert sympy.expand(f.subs({A0: 1 - A1, TH0: 0, TH1: 0})) == ALPHA + BETA  # constant on the line
    assert all(sympy.expand(f.diff(x).subs(POINT)) == 0 for x in VARIABLES)


def test_conjecture_on_f_prime_second_order_form():
    """Theorem 13.S, with all cross terms: s = da_0 + da_1 does not meet the angles."""
    u, v, p, q = sympy.symbols("u v p q")
    direction = sympy.Matrix([u, v, p, q])
    found = (direction.T * half_second_form() * direction)[0]
    stated = (ALPHA + BETA) * (u + v) ** 2 + (2 * ALPHA + 4 * BETA) * TAU * (1 + TAU) * (p - q) ** 2
    stated += 4 * BETA * (-TAU * p**2 + (1 + TAU) * q**2)
    assert sympy.expand(found - stated) == 0


def test_conjecture_on_f_prime_is_false():
    """Positive definite across the line of points of the same value: local minima of value alpha + beta > 0."""
    angles = half_second_form()[2:, 2:]
    for minor in (angles[0, 0], angles.det()):
        assert all(c > 0 for c in sympy.Poly(sympy.expand(minor), ALPHA, BETA, TAU).coeffs())
    assert sympy.expand(angles.det() - 8 * ALPHA * BETA * TAU * (1 + TAU)) == 0
    kernel = half_second_form().nullspace()
    assert len(kernel) == 1 and list(kernel[0] / kernel[0][1]) == [-1, 1, 0, 0]


def test_conjecture_on_f_prime_needs_the_negative_weight():
    """With both weights positive (-1 < tau < 0) the form has a negative value: the split does not trap."""
    form = half_second_form()[2:, 2:].subs(TAU, sympy.Rational(-1, 3))
    assert form.det() < 0


def test_fewer_rows_than_d():
    """One row, d = 2: (0, 1) is critical for G and its Hessian has no negative eigenvalue, but it is no minimum.

    The claims of section 13 are for as many rows as d.
    """
    b, e = sympy.symbols("b1 b2")
    nu, lam = sympy.symbols("nu lambda", positive=True)
    G = b**4 - (1 + nu) * b**4 + lam * (b**2 + e**2 - 1) ** 2
    at = {b: 0, e: 1}
    assert [G.diff(x).subs(at) for x in (b, e)] == [0, 0]
    assert sympy.hessian(G, (b, e)).subs(at) == sympy.diag(0, 8 * lam)
    turn = sympy.symbols("t")
    around = sympy.simplify(G.subs({b: sympy.sin(turn), e: sympy.cos(turn)}))
    assert sympy.simplify(around + nu * sympy.sin(turn) ** 4) == 0
