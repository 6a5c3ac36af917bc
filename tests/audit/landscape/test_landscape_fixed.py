"""The checker's methods `unit-rows` and `split-neuron`: Theorems 13.P and 13.S against the objectives themselves."""

from fractions import Fraction

import numpy as np
import pytest
import sympy
from landscape_differences import changed, claim, exact, judged, number
from mpmath import mp, mpf

ROWS = {"a_star": ["1", "4", "3", "3/2"], "l": 0, "p": 1, "q": 2, "x": "1/2"}
NEURON = {"alpha": "1", "beta": "1/3", "tau": "2/5"}


def reach(of):
    """The radius of Theorem 13.P."""
    a, l, p, q, x = [exact(y) for y in of["a_star"]], of["l"], of["p"], of["q"], exact(of["x"])  # noqa: E741
    sums = {i: mpf(1) for i in range(len(a)) if i != l} | {p: x, q: 1 - x}
    return min(mp.sqrt(s) - mp.sqrt(a[l] / a[i]) for i, s in sums.items())


def unit_rows(**changes):
    of = ROWS | changes
    radius = reach(of)
    return claim("unit-rows", of, "spurious-minimum", {"radius": number(max(radius, mpf("1e-9")), "lower")})


def eigenvalue(of):
    """The smallest of half the second derivative, by the form of section 13."""
    alpha, beta, tau = (exact(of[name]) for name in ("alpha", "beta", "tau"))
    shear = (2 * alpha + 4 * beta) * tau * (1 + tau)
    form = mp.matrix([[shear - 4 * beta * tau, -shear], [-shear, shear + 4 * beta * (1 + tau)]])
    return min(alpha + beta, *mp.eigsy(form, eigvals_only=True))


def split_neuron(**changes):
    of = NEURON | changes
    return claim("split-neuron", of, "spurious-minimum", {"curvature": number(eigenvalue(of), "lower")})


@pytest.mark.parametrize(
    "changes", [{}, {"l": 3, "p": 2, "q": 1, "a_star": ["2", "5", "4", "1"]}, {"x": "2/5"}, {"x": "4/7"}]
)
def test_unit_rows(changes):
    whole = unit_rows(**changes)
    assert judged(whole) == ("accepted", None, "")
    radius = number(reach(whole["problem"]) * mpf("1.01"), "lower")
    assert judged(changed(whole, "bounds.radius", radius))[:2] == ("not-confirmed", 7)
    for wrong in (0, "-1e-3"):
        found = judged(changed(whole, "bounds.radius", number(wrong, "lower")))
        assert found[:2] == (("rejected", 7) if wrong == 0 else ("malformed", 0))


def p_prime(a, U):
    """The sum over ordered pairs."""
    squares = U * U
    return float(np.sum(a * (squares.sum(axis=0) ** 2 - (squares**2).sum(axis=0))))


def test_within_the_radius_nothing_is_less():
    """A search for the least value, with every row at the radius or within: it is that of the point."""
    rng = np.random.default_rng(0)
    a, l, p, q, x = np.array([1.0, 4, 3, 1.5]), 0, 1, 2, 0.5  # noqa: E741
    radius, U = float(reach(ROWS)), np.eye(4)
    U[p], U[q] = np.eye(4)[l], np.sqrt(x) * np.eye(4)[p] + np.sqrt(1 - x) * np.eye(4)[q]
    here, least, beyond = p_prime(a, U), np.inf, np.inf
    assert here == pytest.approx(2 * a[l])
    for _ in range(4000):
        pushes = rng.normal(size=U.shape) * (rng.random(U.shape) < 0.5)
        pushes -= np.sum(pushes * U, axis=1)[:, None] * U
        pushes /= np.maximum(np.linalg.norm(pushes, axis=1), 1e-9)[:, None]
        for size, far in ((radius * rng.random() ** 0.2, False), (1.2, True)):
            angle = 2 * np.arcsin(size / 2)  # a chord of this length
            V = np.cos(angle) * U + np.sin(angle) * pushes
            V /= np.linalg.norm(V, axis=1)[:, None]
            if far:
                beyond = min(beyond, p_prime(a, V))
            else:
                least = min(least, p_prime(a, V))
    assert least >= here - 1e-12 and beyond < here


@pytest.mark.parametrize(
    ("changes", "result"),
    [
        ({"x": "1/4"}, ("rejected", 1)),  # a_p x = a_l
        ({"x": "2/3"}, ("rejected", 1)),  # a_q (1 - x) = a_l
        ({"a_star": ["1", "4", "3", "1"]}, ("rejected", 1)),
        ({"x": "0"}, ("malformed", 0)),
        ({"x": "1"}, ("malformed", 0)),
        ({"x": "3/2"}, ("malformed", 0)),
        ({"x": 0.5}, ("malformed", 0)),
        ({"p": 0}, ("malformed", 0)),
        ({"q": 1}, ("malformed", 0)),
        ({"q": 4}, ("malformed", 0)),
        ({"l": -1}, ("malformed", 0)),
        ({"a_star": ["1", "4", "3", "0"]}, ("malformed", 0)),
        ({"a_star": ["1", "4", "3"] + ["2"] * 998}, ("not-confirmed", 0)),
        ({"nu": "1"}, ("malformed", 0)),
    ],
)
def test_wrong_unit_rows(changes, result):
    whole = claim("unit-rows", ROWS | changes, "spurious-minimum", {"radius": number("1e-9", "lower")})
    assert judged(whole)[:2] == result


def test_a_hair_within_the_limits():
    assert judged(unit_rows(x=f"{10**29 + 1}/{4 * 10**29}"))[0] == "not-confirmed"  # 1e-9 is too much
    assert judged(unit_rows(x="1001/4000"))[0] == "accepted"
    assert judged(unit_rows(a_star=["1", "4", "3", *["2"] * 997]))[0] == "accepted"


@pytest.mark.parametrize("changes", [{}, {"tau": "5"}, {"beta": "10"}, {"alpha": "1/1000", "tau": "1/30"}])
def test_split_neuron(changes):
    whole = split_neuron(**changes)
    assert judged(whole) == ("accepted", None, "")
    high = number(eigenvalue(whole["problem"]) * mpf("1.01"), "lower")
    assert judged(changed(whole, "bounds.curvature", high))[:2] == ("rejected", 7)
    assert judged(changed(whole, "bounds.curvature", number(0, "lower")))[:2] == ("rejected", 7)
    assert judged(changed(whole, "bounds.curvature", number(-1, "lower")))[:2] == ("malformed", 0)


def test_the_eigenvalue_itself_is_a_bound():
    """Here it is 1: exact, so equality is accepted and the next number not."""
    whole = split_neuron(alpha="19/8", beta="1", tau="1")
    assert abs(eigenvalue(whole["problem"]) - 1) < mpf("1e-100")
    assert judged(changed(whole, "bounds.curvature", {"exact": ["1", 0], "decimal": "1"}))[0] == "accepted"
    above = {"exact": [str(2**60 + 1), -60], "decimal": "1"}
    assert judged(changed(whole, "bounds.curvature", above))[:2] == ("rejected", 7)


@pytest.mark.parametrize("name", ["alpha", "beta", "tau"])
@pytest.mark.parametrize("value", ["0", "-1", "2/4", "1e3", 1, "1" * 301])
def test_wrong_split_neurons(name, value):
    whole = changed(split_neuron(), f"problem.{name}", value)
    assert judged(whole)[:2] == ("malformed", 0)


def test_the_second_derivative_of_f_prime():
    """Of the objective itself: in the form of the checker, and that of section 13; constant along the line."""
    alpha, beta, tau, a0, a1, v = sympy.symbols("alpha beta tau a0 a1 v")
    t = sympy.symbols("t0 t1")
    rows = [(sympy.cos(x), sympy.sin(x)) for x in t]

    def tensor(power):
        total = 0
        for k in range(power + 1):  # entries with k indices 1, binomially many
            entry = sum(a * c ** (power - k) * s**k for a, (c, s) in zip((a0, a1), rows, strict=True))
            total += sympy.binomial(power, k) * (entry - int(k in (0, power))) ** 2
        return total

    f = alpha * tensor(2) + beta * tensor(4)
    here = {a0: -tau, a1: 1 + tau, t[0]: 0, t[1]: 0}
    half = sympy.hessian(f, (a0, a1, *t)).subs(here) / 2
    da = sympy.symbols("da0 da1")
    dt = sympy.symbols("dt0 dt1")
    x = sympy.Matrix([*da, *dt])
    found = sympy.expand((x.T * half * x)[0])
    s, w = sum(da), (1 + tau) * dt[1] - tau * dt[0]
    shear = tau * (1 + tau) * (dt[0] - dt[1]) ** 2
    mine = (alpha + beta) * s**2 + 2 * alpha * shear + 4 * beta * w**2
    other = (alpha + beta) * s**2 + (2 * alpha + 4 * beta) * shear
    other += 4 * beta * (-tau * dt[0] ** 2 + (1 + tau) * dt[1] ** 2)
    assert sympy.expand(found - mine) == 0 and sympy.expand(found - other) == 0
    line = f.subs({a0: -v, a1: 1 + v, t[0]: 0, t[1]: 0})
    assert sympy.simplify(line - alpha - beta) == 0
    assert all(
        sympy.simplify(sympy.diff(f, y).subs({a0: -v, a1: 1 + v, t[0]: 0, t[1]: 0})) == 0
        for y in (a0, a1, *t)
    )


def test_fractions_and_curvature_agree():
    """The checker's refusal is the truth, on a grid about the eigenvalue."""
    for tau in ("1/7", "3"):
        whole = split_neuron(tau=tau)
        true = eigenvalue(whole["problem"])
        for step in (-3, -1, 1, 3):
            x = number(true * (1 + step * mpf("1e-6")), "lower")
            m, e = x["exact"]
            claimed = Fraction(int(m)) * Fraction(2) ** e
            expected = "accepted" if mpf(claimed.numerator) / claimed.denominator <= true else "rejected"
            assert judged(changed(whole, "bounds.curvature", x))[0] == expected
