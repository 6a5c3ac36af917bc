"""Steps 3 to 8 for a run of the CNN, at states where each hypothesis of Theorem 10.B is on its boundary."""

from fractions import Fraction
from types import SimpleNamespace

import pytest
from cnn_truth import g_of, problem
from mpmath import mp

from relucert_audit import interval as ia
from relucert_audit.cnn import descent as cnn_descent
from relucert_audit.cnn.descent import GLOBAL, SPURIOUS, State
from relucert_audit.format import LOWER, UPPER, Dyadic, Number

LITTLE = Fraction(1, 10**30)


@pytest.fixture(autouse=True)
def _precision():
    with ia.precision(192):
        yield


def exact(x):
    """Of an mpf."""
    sign, man, exp, _ = mp.mpf(x)._mpf_
    return Fraction((-1) ** sign * int(man)) * Fraction(2) ** int(exp)


def findings(verdict, star, eta, A, B, q, s, **bounds):
    """Of steps 6 to 8; a bound is (exact value, side)."""
    of, numbers = problem(star, 1, 2), {}
    for name, (value, side) in bounds.items():
        scaled = mp.nint(value * mp.mpf(2) ** 200)
        numbers[name] = Number(Dyadic(int(scaled), -200), "", side)
    numbers.setdefault("alpha", Number(Dyadic(1, -40), "", LOWER))
    for name in cnn_descent.RATES[verdict]:
        numbers.setdefault(name, Number(Dyadic(1, -200) if name != "steepest" else Dyadic(1, 40), "",
                                        UPPER if name == "steepest" else LOWER))  # fmt: skip
    cert = SimpleNamespace(verdict=verdict, bounds=numbers)
    at = State(*(ia.rational(exact(x) if isinstance(x, mp.mpf) else Fraction(x)) for x in (A, B, q, s)))
    own = cnn_descent.Numbers(of, Fraction(eta))
    return [(f.step, f.result, f.reason) for f in cnn_descent.steps_6_to_8(cert, own, at)]


def said(found):
    """Of the hypotheses."""
    return [(step, result, x.split(" does not hold")[0]) for step, result, x in found if step == 6]


def test_each_sign_is_needed_and_0_is_false():
    """a* = (1, 1), W = eta = 1, phi = pi/2, so g = 1: D = S^2 - s S = 4 - 2 s and K > 0."""
    star = ["1", "1"]
    assert findings(GLOBAL, star, 1, 0, 9, 1, 1) == []
    assert said(findings(GLOBAL, star, 1, 0, 9, 0, 1)) == [(6, "rejected", "the sign of q")]
    assert said(findings(GLOBAL, star, 1, 0, 9, 1, 2)) == [(6, "rejected", "the sign of D")]
    assert said(findings(GLOBAL, star, 1, 0, 9, 1, 2 + LITTLE)) == [(6, "rejected", "the sign of D")]
    assert findings(GLOBAL, star, 1, 0, 9, 1, 2 - LITTLE) == []
    # phi = pi: psi = 0, and K = pi S^2/(pi + 1) - N > 0, which D = 2 - 2 s is as well
    assert said(findings(GLOBAL, star, 1, -9, 0, 1, 0)) == [(6, "rejected", "psi > 0")]
    # the other way round everything is false
    names = [(6, "rejected", f"the sign of {x}") for x in "qDK"]
    assert said(findings(SPURIOUS, star, 1, 0, 9, 1, 1)) == names


def test_k_changes_its_sign_at_the_saddle():
    """K = (g - 1) N + S^2 (pi - g)/(k + pi - 1), for a* = (2, -1): N = 5, S = 1."""
    g = mp.findroot(lambda x: (x - 1) * 5 + (mp.pi - x) / (mp.pi + 1), 0.5)
    phi = mp.findroot(lambda x: g_of(x) - g, 2)
    for move, wrong in ((-LITTLE, SPURIOUS), (LITTLE, GLOBAL)):
        angle = phi + mp.mpf(move.numerator) / move.denominator
        sign = 1 if wrong == GLOBAL else -1  # q and D are as they should be
        found = findings(
            wrong, ["2", "-1"], Fraction(1, 10), 9 * mp.cos(angle), 9 * mp.sin(angle), sign, -9 * sign
        )
        assert said(found) == [(6, "rejected", "the sign of K")]


def test_the_bound_of_eta_w_q_is_the_theorems():
    """U+: eta W Q <= 2 r^2; U-: eta W Q psi <= pi r^2."""
    bound = [(6, "rejected", "the bound of eta W Q")]
    large, small = 1 + mp.mpf(10) ** -30, 1 - mp.mpf(10) ** -30
    # q = 100 is Q: r^2 >= 50
    assert findings(GLOBAL, ["1", "1"], 1, 0, mp.sqrt(50) * large, 100, 1) == []
    assert said(findings(GLOBAL, ["1", "1"], 1, 0, mp.sqrt(50) * small, 100, 1)) == bound
    # q = 1: Q = N + (S^2 + max(|sigma|, S^2))/(pi - 1), with N = 2, S^2 = 4, sigma = 2 s
    for s, largest in ((1, 4), (-9, 18)):
        r = mp.sqrt((2 + (4 + largest) / (mp.pi - 1)) / 2)
        assert findings(GLOBAL, ["1", "1"], 1, 0, r * large, 1, s) == []
        assert said(findings(GLOBAL, ["1", "1"], 1, 0, r * small, 1, s)) == bound
    # a* = (1, -1), psi = pi/4, q = -100: r^2 >= 25
    for scale, result in ((large, []), (small, bound)):
        r = 5 * scale
        found = findings(SPURIOUS, ["1", "-1"], 1, -r / mp.sqrt(2), r / mp.sqrt(2), -100, 0)
        assert said(found) == result


def rates(verdict, phi, r, q, s):
    """By the formulas of Theorem 10.B, for a* = (2, -1), W = 1, eta = 1."""
    psi, g, unit, least = mp.pi - phi, g_of(phi), 1 / (2 * mp.pi), mp.pi - 1
    D, K = (g - 1) * 5 + 1 - s, (g - 1) * 5 + (mp.pi - g) / (mp.pi + 1)
    Q = max(abs(q), 5 + (1 + max(abs(s), 1)) / least)
    low, xi = min(abs(q), min(abs(D), abs(K)) / least), Q / (2 * mp.mpf(r) ** 2)
    if verdict == GLOBAL:
        y = unit * psi * low / (r**2 * mp.exp(4 * xi * phi / mp.pi))
        return {"decay": (y / (1 + y * (1 - mp.cos(phi))), LOWER)}
    flattest = unit * low / (r**2 * mp.exp(4 * xi * psi**2 / mp.pi**2))
    return {"flattest": (flattest, LOWER), "steepest": (unit * Q / r**2, UPPER)}


STATES = [
    (GLOBAL, "0.7", 3, 2, 0),
    (GLOBAL, "0.7", 3, 2, Fraction(1, 2)),
    (SPURIOUS, "2.9", 3, -2, 1),
    (SPURIOUS, "2.9", 5, Fraction(-1, 8), -2),
]


@pytest.mark.parametrize(("verdict", "phi", "r", "q", "s"), STATES)
def test_rates_are_those_of_the_theorem_and_no_better(verdict, phi, r, q, s):
    phi = mp.mpf(phi)
    where = (["2", "-1"], 1, r * mp.cos(phi), r * mp.sin(phi), q, s)
    alpha = (mp.pi - 1) / (2 * mp.pi)
    true = rates(verdict, phi, r, float(q), float(s)) | {"alpha": (alpha, LOWER)}
    for name, (value, side) in true.items():
        for away in (1, -1):
            moved = value * (1 + away * mp.mpf(10) ** -30)
            found = findings(verdict, *where, **{name: (moved, side)})
            fair = (away < 0) == (side == LOWER)
            assert [step for step, _, _ in found] == ([] if fair else [8])
        if name != "alpha":
            found = findings(verdict, *where, **{name: (-value, side)})
            assert (8, "rejected", "not positive") in found


@pytest.mark.parametrize(("verdict", "phi", "r", "q", "s"), STATES)
def test_scalars_are_those_of_the_state(verdict, phi, r, q, s):
    phi = mp.mpf(phi)
    values = {"r": mp.mpf(r), "phi": phi, "psi": mp.pi - phi, "q": mp.mpf(float(q)), "s": mp.mpf(float(s))}
    for name, value in values.items():
        for low, high, fair in ((-1, 1, True), (1, 2, False), (-2, -1, False)):
            ends = {
                f"{name}.{end}": (value + shift * mp.mpf(10) ** -30, side)
                for end, shift, side in (("low", low, LOWER), ("high", high, UPPER))
            }
            found = findings(verdict, ["2", "-1"], 1, r * mp.cos(phi), r * mp.sin(phi), q, s, **ends)
            assert [(step, result) for step, result, _ in found] == ([] if fair else [(7, "rejected")])


def test_what_is_false_is_refuted_and_what_is_open_is_not():
    """low < high is refuted by low >= high, low <= high only by low > high."""
    one, two, wide = ia.dyadic(1, 0), ia.dyadic(1, 1), ia.enclosure(1, 2, 0)
    for low, high, strict, result in (
        (one, two, True, []),
        (one, one, True, ["rejected"]),
        (one, one, False, []),
        (two, one, False, ["rejected"]),
        (two, one, True, ["rejected"]),
        (wide, two, True, ["not-confirmed"]),
        (wide, one, False, ["not-confirmed"]),
        (wide, one, True, ["rejected"]),
        (two, wide, False, ["not-confirmed"]),
        (two, wide, True, ["rejected"]),
    ):
        assert [f.result for f in cnn_descent.holds(6, "it", low, high, strict)] == result
