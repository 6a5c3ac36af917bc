"""Method critical-points: what holds is accepted, by numbers from the objective alone, and what is tighter is not."""

from fractions import Fraction

import numpy as np
import pytest
from landscape_claims import DIGITS, SLACK, Landscape, changed, interval, judged, number, problem, real
from mpmath import iv, mp, mpf

from relucert_audit import interval as ivl
from relucert_audit.interval import precision
from relucert_audit.landscape import critical, teacher
from relucert_audit.landscape.problem import Numbers, Problem

SKEW = [["1", "1/2"], ["-1/3", "2"]]
GOOD = [
    problem(["1", "1"], "6", "1"),
    problem(["1", "3/2"], "1", "1/3"),
    problem(["1", "5/4"], "18", "2/5"),  # mu > 12, lambda < (1 + nu) min alpha
    problem(["1", "5/4", "2"], "6", "1"),
    problem(["1", "3/2"], "6", "1", SKEW),
]
BAD = problem(["1", "5/4"], "24", "2")


def claim(given, verdict, bounds, **members):
    head = {"schema": "relucert-certificate/1.1", "family": "designed-landscape", "method": "critical-points"}
    return {**head, "problem": given, "verdict": verdict, "bounds": bounds, **members}


def basin(of, low, high, norm):
    """R of Theorem 13.B by the constant L'' of Lemma 13.L, and the step there."""
    t, most = max(of.t(i) for i in range(of.d)), max(of.alpha)
    om = max(of.nu, 2 / (3 * mp.sqrt(3 * (1 + of.nu))))
    first, second = 24 * t * (om * most + of.lam) * norm**3, 24 * (max(1, of.nu) * most + of.lam) * norm**4
    R = (-first / 2 + mp.sqrt(first**2 / 4 + 4 * second / 6 * low)) / (second / 3)
    return R, 2 / (high + low)


def steepness(of, sigma2):
    """-8 nu gam, T'.1 and T'.2 in closed form."""
    A, kap = sum(1 / x for x in of.alpha), max(2 * of.nu + of.d - 1, mpf(of.d))
    least, found = min(of.alpha), []
    if of.nu < 1:
        found += [(1 - of.nu) * least / (kap + (1 - of.nu) * (least * (kap / of.lam + A) - 1))]
    m = (1 + of.nu) * least - of.lam
    if m > 0:
        rest = kap / of.lam + A
        found += [min(1 / rest, m / (of.nu + m * (rest - 1 / least)))]
    return 8 * of.nu * max(found) * sigma2


def whole(given):
    of = Landscape(given)
    P = of.signed(range(of.d), [1] * of.d)
    eigenvalues = of.eigenvalues(P)
    weights = [x * of.t(i) ** 2 for i, x in enumerate(of.alpha)]
    sums = [4 * (x + of.nu * y) for i, x in enumerate(weights) for j, y in enumerate(weights) if i != j]
    low, high = min(8 * of.lam, *sums), max(8 * of.lam, *sums)
    singular = [x**2 for x in mp.svd_r(of.T, compute_uv=False)]
    low, high = low * min(singular), high * max(singular)
    assert low <= eigenvalues[0] * (1 + SLACK) and high >= eigenvalues[-1] * (1 - SLACK)
    if not of.general:
        assert abs(low - eigenvalues[0]) < 1e-15 and abs(high - eigenvalues[-1]) < 1e-15
    R, step = basin(of, low, high, mp.sqrt(max(singular)))
    bounds = {
        "value": interval(of.value(P)),
        "lambda_min": number(low, "lower"),
        "lambda_max": number(high, "upper"),
        "basin": number(R, "lower"),
        "step": number(step, "lower"),
        "saddle": number(steepness(of, min(singular)), "lower"),
    }
    return claim(given, "no-spurious-minimum", bounds), of


@pytest.mark.parametrize("given", GOOD)
def test_the_whole_landscape(given):
    with mp.workdps(DIGITS):
        made, _ = whole(given)
    assert judged(made) == ("accepted", None, None)
    for name, side in {"lambda_min": "lower", "basin": "lower", "step": "lower", "saddle": "lower"}.items():
        m, e = made["bounds"][name]["exact"]
        with mp.workdps(DIGITS):
            tight = number(mp.ldexp(int(m), e) * (1 + mpf(10) ** -2), side, 0)
        result, step, said = judged(changed(made, ("bounds", name), tight))
        assert (step, said) == (4, name) and result in ("rejected", "not-confirmed")
        if name == "lambda_min":
            assert (result == "rejected") == (given["objective"] == "G")
    assert judged(changed(made, ("bounds", "saddle"), {"exact": ["0", 0], "decimal": "0"}))[0] == "accepted"
    zero = {"exact": ["0", 0], "decimal": "0"}
    for name in ("lambda_min", "basin", "step"):
        assert judged(changed(made, ("bounds", name), zero)) == ("rejected", 1, name)
    for name in made["bounds"]:
        assert judged(changed(made, ("bounds", name), None))[:2] == ("malformed", 0)


def test_thresholds():
    """1e-9 off is seen, on either side."""
    with mp.workdps(DIGITS):
        made, of = whole(GOOD[1])
        ends = of.eigenvalues(of.signed([0, 1], [1, 1]))
        value = of.value(of.signed([0, 1], [1, 1]))
        tiny = mpf(10) ** -9
        pairs = {
            "lambda_min": (number(ends[0], "lower", tiny), number(ends[0], "lower", -tiny)),
            "lambda_max": (number(ends[-1], "upper", tiny), number(ends[-1], "upper", -tiny)),
            "value": (
                interval(value, tiny),
                [number(value, "lower", -tiny), number(value, "upper", 3 * tiny)],
            ),
        }
        far = number(8 * of.lam, "lower", 0), number(mpf(2), "lower", 0)
    for name, (good, bad) in pairs.items():
        assert judged(changed(made, ("bounds", name), good))[0] == "accepted"
        assert judged(changed(made, ("bounds", name), bad)) == ("rejected", 4, name)
    for name, wrong in (("saddle", far[0]), ("basin", far[1]), ("step", far[1])):
        assert judged(changed(made, ("bounds", name), wrong)) == ("rejected", 4, name)


def test_regimes():
    with mp.workdps(DIGITS):
        made, of = whole(GOOD[1])
        critical_lam = of.nu * max(of.alpha)
        above, below = (str(Fraction(int(critical_lam * (1 + s * SLACK) * 10**12), 10**12)) for s in (1, -1))
    unbounded = claim(GOOD[1], "unbounded-below", {})
    assert judged(unbounded) == ("rejected", 3, "verdict")
    assert judged(changed(unbounded, ("problem", "lambda"), above)) == ("rejected", 3, "verdict")
    assert judged(changed(unbounded, ("problem", "lambda"), below))[0] == "accepted"
    assert judged(changed(made, ("problem", "lambda"), below)) == ("rejected", 3, "verdict")
    assert judged(changed(made, ("problem", "mu"), "12")) == ("rejected", 1, "mu")
    assert judged(changed(made, ("problem", "mu"), "24"))[:2] == ("rejected", 3)
    assert judged(changed(unbounded, ("bounds",), made["bounds"]))[:2] == ("malformed", 0)


def spurious(given, pair=None):
    of = Landscape(given)
    V, W = of.value(of.signed(range(of.d), [1] * of.d)), of.doubled(*(pair or (of.d - 1, 0)))
    other = of.value(W)
    W, here, there = (W, other, V) if pair else (of.signed(range(of.d), [1] * of.d), V, other)
    kind = {"kind": "doubled", "twice": pair[0], "never": pair[1]} if pair else {"kind": "signed-permutation"}
    lowest = Landscape({**given, "objective": "G", "teacher": None}) if of.general else of
    lowest.alpha = of.alpha
    U = W * of.T.T
    lowest = lowest.eigenvalues(U)[0] * min(mp.svd_r(of.T, compute_uv=False)) ** 2
    bounds = {
        "value": interval(here),
        "gap": number(here - there, "lower"),
        "lambda_min": number(lowest, "lower"),
    }
    return claim(given, "spurious-minimum", bounds, minimum=kind)


@pytest.mark.parametrize(
    ("given", "pair"),
    [
        (problem(["1", "1"], "24", "2"), (0, 1)),
        (problem(["1", "5/4", "2"], "24", "2"), (0, 1)),
        (problem(["1", "5/4"], "24", "2", SKEW), (1, 0)),
        (problem(["1", "3"], "1200", "100"), None),
        (problem(["1", "2", "4"], "1200", "200"), None),
    ],
)
def test_spurious_minima(given, pair):
    with mp.workdps(DIGITS):
        made = spurious(given, pair)
        tight = {}
        for name in ("gap", "lambda_min"):
            m, e = made["bounds"][name]["exact"]
            tight[name] = number(mp.ldexp(int(m), e), "lower", -(mpf(10) ** -2))
    assert judged(made) == ("accepted", None, None)
    result = "rejected" if given["objective"] == "G" else "not-confirmed"
    assert judged(changed(made, ("bounds", "lambda_min"), tight["lambda_min"])) == (result, 4, "lambda_min")
    assert judged(changed(made, ("bounds", "gap"), tight["gap"])) == ("not-confirmed", 4, "gap")
    assert judged(changed(made, ("problem", "mu"), "12"))[:2] == ("rejected", 1)
    assert judged(changed(made, ("problem", "mu"), "6"))[0] == "rejected"
    assert judged(changed(made, ("minimum",), None))[:2] == ("malformed", 0)
    assert judged(changed(made, ("minimum",), {"kind": "other"}))[:2] == ("malformed", 0)
    if pair:
        for twice, never, result in ((0, 0, "rejected"), (0, 9, "malformed")):
            wrong = {"kind": "doubled", "twice": twice, "never": never}
            assert judged(changed(made, ("minimum",), wrong))[0] == result
        assert judged(changed(made, ("minimum",), {"kind": "signed-permutation"}))[0] == "rejected"


def test_the_exact_doubled_point():
    """alpha = (1, 1), nu = 2, lambda = 81/17 (docs/theorem/landscape.md)."""
    own = Numbers.__new__(Numbers)
    with precision(192):
        own.of = Problem([Fraction(1)] * 2, [Fraction(1)] * 2, [], Fraction(24), Fraction(81, 17))
        own.zero, own.one, own.lam, own.nu = iv.mpf(0), iv.mpf(1), iv.mpf(81) / 17, iv.mpf(2)
        own.alpha, own.order, own.least, own.most = [iv.mpf(1)] * 2, [0, 1], iv.mpf(1), iv.mpf(1)
        exact = {
            "81/64": critical.doubled_square(own, 0),
            "81/16": critical.doubled_least(own, 0),
            "-324/47": own.value,
            "-81/32": own.value + critical.doubled_excess(own, 0, 1),
        }
        for text, mine in exact.items():
            x = ivl.rational(Fraction(text))
            assert ivl.proves_le(mine.a, x) and ivl.proves_le(x, mine.b) and mine.delta < 1e-50


@pytest.mark.parametrize("given", [*GOOD[:4], problem(["1"] * 4, "3", "1")])
def test_saddles_found_by_newton_are_as_steep_as_proved(given):
    with mp.workdps(30):
        of = Landscape(given)
        proved, alpha = float(steepness(of, 1)), np.array([float(x) for x in of.alpha])
    nu, lam, d, rng = float(of.nu), float(of.lam), of.d, np.random.default_rng(1)
    seen = 0
    for _ in range(150):
        U = rng.standard_normal((d, d)) * rng.choice([0.3, 1.0])
        for _ in range(40):
            S, g = (U * U).sum(0), lam * ((U * U).sum(1) - 1)
            slope = 4 * U * (alpha * S - (1 + nu) * alpha * U * U + g[:, None])
            H = np.diag((4 * alpha * S - 12 * (1 + nu) * alpha * U * U + 4 * g[:, None]).ravel())
            for i in range(d):
                x = np.zeros((d, d))
                x[:, i] = U[:, i]
                y = np.zeros((d, d))
                y[i] = U[i]
                H += 8 * alpha[i] * np.outer(x, x) + 8 * lam * np.outer(y, y)
            U = U - np.linalg.lstsq(H, slope.ravel(), rcond=1e-12)[0].reshape(d, d)
        if np.abs(slope).max() < 1e-11:
            lowest = np.linalg.eigvalsh(H)[0]
            seen += lowest < 0
            assert lowest > 0 or lowest < -proved
    assert seen > 20


def test_the_matrix_of_a_teacher():
    rng = np.random.default_rng(3)
    rows = [
        [Fraction(int(rng.integers(-50, 50)), int(rng.integers(1, 9))) for _ in range(6)] for _ in range(6)
    ]
    a = [Fraction(int(rng.integers(1, 9)), 5) for _ in range(6)]
    with precision(192):
        found, inverse = teacher.gram_spectrum(a, rows, 192), teacher.inverse(rows, 192)
    floats = np.sqrt([[float(x)] for x in a]) * np.array([[float(x) for x in row] for row in rows])
    s = np.linalg.svd(floats)[1] ** 2
    for mine, theirs in ((found.smallest, s[-1]), (found.largest, s[0])):
        assert abs(float(mine.mid) / theirs - 1) < 1e-10 and float(mine.delta) < 1e-15 * s[0]
    X = [[Fraction(int(x)) / Fraction(2) ** inverse.bits for x in row] for row in inverse.mantissa]
    for i in range(6):
        for j in range(6):
            off = sum(rows[i][k] * X[k][j] for k in range(6)) - (i == j)
            assert abs(off) <= 6 * 50 * inverse.error / Fraction(2) ** inverse.bits < Fraction(1, 2**150)
    assert teacher.singular(rows) is False
    assert teacher.singular([*rows[:5], [x + y for x, y in zip(rows[0], rows[1], strict=True)]]) is True
    p = teacher.FIRST_PRIME  # not singular, but modulo the first prime
    assert teacher.singular([[Fraction(p), Fraction(0)], [Fraction(0), Fraction(1)]]) is False
    assert teacher.singular([[Fraction(1, p), Fraction(1)], [Fraction(1, p), Fraction(1)]]) is True


def test_problems_that_are_not():
    with mp.workdps(DIGITS):
        made, _ = whole(GOOD[0])
    for value in ("0", "-1", "2/4", "01", "1.5", "1" * 301, 1):
        assert judged(changed(made, ("problem", "mu"), value))[:2] == ("malformed", 0)
        assert judged(changed(made, ("problem", "a_star"), ["1", value]))[:2] == ("malformed", 0)
    assert judged(changed(made, ("problem", "a_star"), ["1"]))[:2] == ("malformed", 0)
    assert judged(changed(made, ("problem", "teacher"), SKEW))[:2] == ("malformed", 0)
    assert judged(changed(made, ("problem", "objective"), "F"))[:2] == ("malformed", 0)
    with mp.workdps(DIGITS):
        made, _ = whole(GOOD[4])
    assert judged(changed(made, ("problem", "teacher"), [["1", "2"], ["2", "4"]])) == (
        "rejected",
        1,
        "teacher",
    )
    assert judged(changed(made, ("problem", "teacher"), [["1", "2"]]))[:2] == ("malformed", 0)
    many = claim(problem(["1"] * 10_001, "6", "1"), "unbounded-below", {})
    assert judged(many) == ("not-confirmed", 0, "resource limit")
    assert real("3/4") == mpf("0.75")
