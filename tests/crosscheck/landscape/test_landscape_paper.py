"""What Ge, Lee & Ma (2017) print and is not so: a small exact counterexample to each, and the repair on the same.

"Learning One-hidden-layer Neural Networks with Landscape Design". The numbers of formulas are theirs. Everything is
exact (fractions, sympy), or in balls. P' of their Appendix D and their conjecture on f' are in
test_landscape_appendix.py.
"""

from fractions import Fraction

import numpy as np
import pytest
import sympy
from flint import arb, ctx

import landscape_points as points
from gaussian_means import ROOT, Z, designed, dot, hermite_pair, label_mean, moment, quartic, relu_mean

P, Q, R, S, MU = sympy.symbols("p q r s mu")
A = sympy.symbols("a1 a2")
PLANE = ((P, Q), (R, S))
SIGMA_4 = -1 / sympy.sqrt(48 * sympy.pi)


@pytest.fixture(autouse=True)
def _precision():
    before, ctx.prec = ctx.prec, 256
    yield
    ctx.prec = before


def is_zero(x):
    return sympy.simplify(sympy.expand(x)) == 0


def hermite_coefficient(n):
    """sigma_n = E relu(z) H_n(z)/sqrt(n!)."""
    return relu_mean(sympy.hermite_prob_poly(n, Z[0])) / sympy.sqrt(sympy.factorial(n))


@pytest.mark.parametrize("n", [2, 4, 6, 8, 10])
def test_footnote_4_hermite_coefficients(n):
    """Printed: ((n - 3)!!)^2/sqrt(2 pi n!). The sign alternates, and there is no square."""
    double = sympy.factorial2(n - 3)
    size = sympy.sqrt(2 * sympy.pi * sympy.factorial(n))
    assert is_zero(hermite_coefficient(n) - (-1) ** (n // 2 - 1) * double / size)
    assert is_zero(hermite_coefficient(n) - double**2 / size) is (n == 2)


def test_footnote_4_at_four_and_six():
    assert is_zero(hermite_coefficient(4) - SIGMA_4) and SIGMA_4 < 0
    size = sympy.sqrt(2 * sympy.pi * sympy.factorial(6))
    assert sympy.simplify(hermite_coefficient(6) * size) == 3  # printed: 9


def test_2_10_cross_term():
    """Printed: + 2 <v,x> <w,x> <v,w>. The mean against relu(<e_1, x>) then is no function of <e_1,v> <e_1,w>."""
    v, w = PLANE
    printed = relu_mean(sympy.expand(hermite_pair(v, w, 4) / 2))
    assert is_zero(printed - (15 * P**2 * R**2 + 24 * P * Q * R * S + 8 * Q**2 * S**2) / (2 * ROOT))
    unlike = {P: 0, R: 0}  # <e_1, v> = <e_1, w> = 0
    assert printed.subs(unlike | {Q: 1, S: 1}) != printed.subs(unlike | {Q: 0, S: 1})
    repaired = relu_mean(sympy.expand(hermite_pair(v, w) / 2))
    assert is_zero(repaired + P**2 * R**2 / (2 * ROOT))


def test_2_11_twice_too_much():
    """Printed: 2 sqrt6 |sigma_4| and mu |sigma_4|/sqrt6. Both are half of that."""
    mean = designed(PLANE, A, MU)
    size = -SIGMA_4

    def formula(pairs, own):
        total = sympy.Integer(0)
        for i, a in enumerate(A):
            total += a * pairs * 2 * PLANE[0][i] ** 2 * PLANE[1][i] ** 2
            total -= a * own * sum(row[i] ** 4 for row in PLANE)
        return total

    assert is_zero(mean - formula(sympy.sqrt(6) * size, MU * size / sympy.sqrt(24)))
    assert is_zero(mean - quartic(PLANE, A, MU))
    printed = formula(2 * sympy.sqrt(6) * size, MU * size / sympy.sqrt(6))
    assert is_zero(printed - 2 * mean)
    at = {P: 1, Q: 0, R: 0, S: 1, A[0]: 1, A[1]: 1, MU: 6}
    assert sympy.simplify(mean.subs(at) + 1 / (2 * ROOT)) == 0 and not is_zero((printed - mean).subs(at))


def test_2_11_comes_from_theorems_4_5_and_4_6():
    """E y phi(v, w, x) = sqrt6 sigma_4 sum a <v>^2 <w>^2 and E y phi(v, x) = sigma_4/sqrt24 sum a <v>^4."""
    (p, q), (r, s) = v, w = PLANE
    pair = label_mean(sympy.expand(hermite_pair(v, w) / 2), A)
    own = label_mean(sympy.expand(hermite_pair(v, v) / 24), A)
    assert is_zero(pair - sympy.sqrt(6) * SIGMA_4 * (A[0] * p**2 * r**2 + A[1] * q**2 * s**2))
    assert is_zero(own - SIGMA_4 / sympy.sqrt(24) * (A[0] * p**4 + A[1] * q**4))


@pytest.mark.parametrize("n", [3, 4, 5])
def test_2_11_normalisation_of_hermite_polynomials(n):
    """Printed, where the factor comes from: h_n = H_n/sqrt(n). Orthonormal is H_n/sqrt(n!)."""
    square = sympy.Poly(sympy.hermite_prob_poly(n, Z[0]) ** 2, Z[0])
    mean = sum(c * moment(k) for (k,), c in square.terms())
    assert mean == sympy.factorial(n) != n


def paper_problem():
    """a* = (1, 2), mu = c/kappa, lambda >= a_max/c with c = 1/100; divided by 1/(2 sqrt(2 pi)), so rational.

    Also an upper bound of tau_0 = c min(mu a_min/(kappa d), lambda), divided so.
    """
    c, kappa = Fraction(1, 100), 2
    mu, scaled = c / kappa, 1003
    unit = 1 / (2 * (2 * arb.pi()).sqrt())
    assert scaled * unit > 200
    tau_0 = c * mu / (kappa * 2)
    bound = Fraction(7, 10**5)
    assert arb(tau_0.numerator) / tau_0.denominator < unit * bound.numerator / bound.denominator
    return points.exact((1, 2), mu / 12, scaled), bound


def test_theorem_2_3_2_sign_of_the_curvature():
    """Printed: lambda_min >= -tau_0 at saddles. At every one of them it is below -tau_0, so the sign is wrong."""
    of, tau_0 = paper_problem()
    found = list(points.critical_points(of))
    counts = [points.eigenvalues_below(of, w, -tau_0) for w in found]
    assert len(found) == 8 and sorted(counts)[:2] == [0, 1]
    (minimum,) = (w for w, count in zip(found, counts, strict=True) if count == 0)
    assert points.eigenvalues_below(of, minimum, 0) == 0
    assert points.value_of_squares(of, minimum) == points.least_value(of)


def test_theorem_2_3_2_at_the_origin():
    """All eigenvalues at B = 0 are -4 lambda, below any tau_0 that is at most lambda."""
    of, _ = paper_problem()
    H = points.flat(points.hessian(of, np.array([[Fraction(0)] * 2] * 2)))
    assert (-4 * of.lam * np.eye(4, dtype=int) == H).all()


def test_5_11_ordered_pairs():
    """Printed: abar_i = alpha_i sum_j <b*_i, b_j>^2 over the other rows. It is twice that: pairs are ordered."""
    of = points.exact((1, 3), Fraction(1, 2), Fraction(7, 3))
    other = np.array([Fraction(1, 2), Fraction(-2, 3)])
    row, moved = np.array([Fraction(1), Fraction(2)]), np.array([Fraction(-1, 3), Fraction(1, 5)])

    def whole(x):
        return points.value(of, np.array([x, other]))

    def one_row(x, times):
        abar = times * of.alpha * other**2
        return (abar * x**2 - of.nu * of.alpha * x**4).sum() + of.lam * ((x**2).sum() - 1) ** 2

    difference = whole(row) - whole(moved)
    assert difference == one_row(row, 2) - one_row(moved, 2)
    assert difference != one_row(row, 1) - one_row(moved, 1)


def nearly_aligned(alpha, beta, mu, x):
    """B = t I + x e_1 e_2^T, lambda = 1: balls of |grad| and of a lower bound of the spectrum (Gershgorin)."""
    nu, lam = mu * beta / alpha, arb(1)
    of = points.Landscape(np.array([alpha, alpha]), nu, lam)
    t = (lam / (lam - mu * beta)).sqrt()
    U = np.array([[t, x], [arb(0), t]])
    norm = sum((g * g for g in points.gradient(of, U).ravel()), arb(0)).sqrt()
    H = points.flat(points.hessian(of, U))
    discs = [2 * H[n, n] - sum((abs(y) for y in H[n]), arb(0)) for n in range(4) if H[n, n] > 0]
    assert len(discs) == 4
    assert 0 < x < t  # so |E|_inf is x: D takes what is aligned, and x is left of the better permutation
    return norm, discs


def test_theorem_5_1_3_lacks_mu():
    """Printed: |E|_inf <= 3 eps/beta_min where |grad| <= eps and lambda_min >= -tau_0. It is 3 eps/(mu beta_min)."""
    alpha, beta, mu, x = arb("1e-4"), arb(1), arb("1e-6"), arb("1e-12")
    norm, discs = nearly_aligned(alpha, beta, mu, x)
    assert all(disc > arb("4e-4") for disc in discs)
    assert arb("4.04e-16") < norm < arb("4.041e-16")
    assert x > 2000 * norm > 3 * norm / beta
    assert x < 3 * norm / (mu * beta)


def test_theorem_5_1_3_for_relu():
    """At the same place of G itself, beta = alpha/12, the printed bound happens to hold."""
    alpha, mu, x = arb("1e-4"), arb("1e-2"), arb("1e-12")
    norm, discs = nearly_aligned(alpha, alpha / 12, mu, x)
    assert all(disc > 0 for disc in discs)
    assert x < 3 * norm / (alpha / 12) < 3 * norm / (mu * alpha / 12)


def test_lemma_2_5_error_of_the_weights():
    """Printed: error delta a_max, and the right signs. It is delta |a*|. d = 5, a* = 1, delta = 1/2."""
    half = sympy.Rational(1, 2)
    turn = 2 * sympy.asin(half / 2)
    cosine, sine = sympy.Rational(7, 8), sympy.sqrt(15) / 8
    assert is_zero(sympy.expand_trig(sympy.cos(turn)) - cosine)
    row = [cosine] + [-sine / 2] * 4
    assert is_zero(dot(row, row) - 1)
    away = [row[0] - 1, *row[1:]]
    assert is_zero(dot(away, away) - half**2)
    weight = sum(row)  # <a* B*, b_1>, the others are 1
    assert is_zero(
        weight - sympy.sqrt(5) * sympy.expand_trig(sympy.cos(sympy.acos(1 / sympy.sqrt(5)) + turn))
    )
    error = abs(1 - weight)
    assert weight < 0 and error > half * 1
    assert error < half * sympy.sqrt(5)


def recovery_error(Q, choose):
    """(6.1), with min or max of the worst row and the worst column."""
    rows = 1 - min(max(map(abs, row)) for row in Q)
    columns = 1 - min(max(map(abs, column)) for column in zip(*Q, strict=True))
    return choose(rows, columns)


def test_6_1_needs_the_maximum():
    """Printed: the minimum. It is 0 where both rows found are the same, and the second is never found."""
    twice = ((1, 0), (1, 0))
    assert recovery_error(twice, min) == 0
    assert recovery_error(twice, max) == 1
    assert recovery_error(((0, -1), (1, 0)), max) == 0


def test_theorem_a_1_more_outputs_than_inputs():
    """Printed for W with d rows, m columns: |grad f(W x)| sigma_min(W) <= |grad_x f(W x)|. Not where d > m."""
    x, y1, y2 = sympy.symbols("x y1 y2")
    f = y2
    tall = sympy.Matrix([1, 0])
    outer = sympy.Matrix([f.diff(y1), f.diff(y2)])
    inner = f.subs(dict(zip((y1, y2), tall * x, strict=True))).diff(x)
    assert (tall.T * tall)[0] == 1  # sigma_min
    assert abs(inner) == 0 < outer.norm() == 1


def test_theorem_a_1_for_square_matrices():
    """The same f: |W^T g|^2 - s^2 |g|^2 = g^T (W W^T - s^2 I) g >= 0 as s^2 is the least eigenvalue of W W^T."""
    W = sympy.Matrix([[1, sympy.Rational(1, 2)], [0, sympy.Rational(1, 2)]])
    x = sympy.Matrix(sympy.symbols("x1 x2"))
    g = sympy.Matrix([0, 1])
    assert W.T * g == sympy.Matrix([(W * x)[1]]).jacobian(x).T
    least = min((W * W.T).eigenvals(), key=sympy.N)
    assert 0 < least < 1 and (W.T * g).norm() ** 2 >= least * g.norm() ** 2
    assert (W * W.T - least * sympy.eye(2)).is_positive_semidefinite


TEACHER = np.array([[Fraction(1), Fraction(1)], [Fraction(1, 2), Fraction(-1)]])
WEIGHTS = np.array([Fraction(1), Fraction(4)])
OF = points.exact(1 / WEIGHTS, Fraction(1071, 1600), 1)  # t = 40/23 and 80/73


def objective_f(B, nu, lam, ones):
    """F for the general teacher, over 1/(2 sqrt(2 pi)), as 13.F states it; they print ones = 0."""
    inner = B.dot(TEACHER.T)  # [j, i]
    squares = inner**2
    pairs = squares.sum(axis=0) ** 2 - (squares**2).sum(axis=0)
    M = (TEACHER.T * WEIGHTS).dot(TEACHER)
    norms = (B.dot(M) * B).sum(axis=1)
    return (WEIGHTS * (pairs - nu * (squares**2).sum(axis=0))).sum() + lam * ((norms - ones) ** 2).sum()


def to_b(U):
    """The rows b_j with T b_j = u_j, row i of T being sqrt(a_i) b*_i."""
    T = np.array([[1], [2]]) * TEACHER
    det = T[0, 0] * T[1, 1] - T[0, 1] * T[1, 0]
    inverse = np.array([[T[1, 1], -T[0, 1]], [-T[1, 0], T[0, 0]]]) / det
    return U.dot(inverse.T)


def test_a_1_lacks_the_ones():
    """Printed without the ones F is homogeneous of degree 4: B = 0 is its least point, or it has none."""
    B = to_b(np.array([[Fraction(1), Fraction(1, 3)], [Fraction(-1, 2), Fraction(2)]]))
    for lam, sign in ((Fraction(1), 1), (Fraction(1, 100), -1)):
        one = objective_f(to_b(np.diag([Fraction(1), Fraction(0)])), OF.nu, lam, 0)
        assert objective_f(3 * B, OF.nu, lam, 0) == 81 * objective_f(B, OF.nu, lam, 0)
        # S_i^2 >= sum_j u_ji^4, so it is at least (lambda - nu alpha_max) sum_j |u_j|^4, attained in this place
        assert one == lam - OF.nu * max(OF.alpha) and one * sign > 0
    U = np.diag([Fraction(40, 23), Fraction(80, 73)])
    assert objective_f(to_b(U), OF.nu, 1, 1) == points.value(OF, U) == points.least_value(OF) < 0
    assert not points.gradient(OF, U).any()


def test_a_1_recovers_the_teacher_with_the_ones():
    """13.F: F is Q in U; and the rows of B^-T are sqrt(a_i) b*_i/t_i, so a_i is known from their lengths."""
    U = np.array([[Fraction(1, 3), Fraction(2)], [Fraction(-1), Fraction(5, 7)]])
    assert objective_f(to_b(U), OF.nu, OF.lam, 1) == points.value(OF, U)
    t = np.array([Fraction(40, 23), Fraction(80, 73)])
    B = to_b(np.diag(t))
    rows = np.array([[1], [2]]) * TEACHER / t[:, None]
    assert (B.dot(rows.T) == np.eye(2, dtype=int)).all()
    for i in (0, 1):
        size = (TEACHER[i] ** 2).sum()
        assert (rows[i] ** 2).sum() / size == WEIGHTS[i] - OF.nu / OF.lam


def test_a_4_whitening():
    """Printed: W W^T = M. It is M^-1 that makes W^T M W = I, so that the rows become orthonormal."""
    M = np.array([[Fraction(4), Fraction(0)], [Fraction(0), Fraction(1, 9)]])
    root = np.array([[Fraction(2), Fraction(0)], [Fraction(0), Fraction(1, 3)]])
    inverse = np.array([[Fraction(1, 2), Fraction(0)], [Fraction(0), Fraction(3)]])
    assert (root.dot(root.T) == M).all() and (inverse.dot(inverse.T).dot(M) == np.eye(2, dtype=int)).all()
    assert (inverse.T.dot(M).dot(inverse) == np.eye(2, dtype=int)).all()
    assert (root.T.dot(M).dot(root) != np.eye(2, dtype=int)).any()
