"""The checker's method `hessian`: claims from derivatives by differences, and what it says of wrong ones."""

from fractions import Fraction
from functools import cache

import numpy as np
import pytest
from landscape_differences import (
    changed,
    claim,
    critical_bounds,
    derivatives,
    dyadic,
    exact,
    judged,
    number,
    objective,
    outward,
    polished,
    spectrum,
)
from mpmath import mp, mpf

from relucert_audit.format import Dyadic
from relucert_audit.interval import dyadic as exactly
from relucert_audit.interval import precision
from relucert_audit.landscape import hessian as checker
from relucert_audit.landscape import problem as problems

TEACHER = [["1", "1/2"], ["-1/3", "2"]]
TEACHER_3 = [["1", "1/2", "0"], ["-1/3", "2", "1/5"], ["0", "1/7", "1"]]
CASES = {  # problem, a start of Newton's method, verdict
    "minimum of G": ("G", ["1", "3/2"], None, "6", "1", [0, 1.1, -1.1, 0], "local-minimum"),
    "saddle of G": ("G", ["1", "3/2"], None, "6", "1", [0.8, 0.7, 0.7, -0.7], "strict-saddle"),
    "saddle of F": ("F", ["1", "3/2"], TEACHER, "6", "1", [0.43, 0.38, -0.72, 0.19], "strict-saddle"),
    "minimum of F": ("F", ["1", "3/2", "2"], TEACHER_3, "6", "1", None, "local-minimum"),
    "doubled": ("G", ["1", "1"], None, "24", "1", [1.1, 0, 1.1, 0], "spurious-minimum"),
    "unbounded": ("G", ["1", "10"], None, "24", "1", [1.1, 0, 1.1, 0], "spurious-minimum"),
}


def form(kind, a, teacher, mu, lam):
    return {"objective": kind, "a_star": a, "mu": mu, "lambda": lam} | (
        {"teacher": teacher} if teacher else {}
    )


def rows_of(B, d, bits=60):
    return [[dyadic(x, bits) for x in B[j * d : j * d + d]] for j in range(d)]


def values_of(rows):
    return [mpf(int(m)) * mpf(2) ** e for row in rows for m, e in row]


def length(v):
    return mp.sqrt(mp.fdot(v, v))


def lipschitz(problem, B):
    """Lemma 13.L, as a function of the radius."""
    _, alpha, T = objective(problem)
    d, lam, nu = len(alpha), exact(problem["lambda"]), exact(problem["mu"]) / 12
    U, s = [B[j * d : j * d + d] for j in range(d)], mpf(1)
    if T:
        U = [[mp.fdot(row, b) for row in T] for b in U]
        s = mp.sqrt(max(spectrum(mp.matrix(T).T * mp.matrix(T))))

    def of(R):
        columns = max(alpha[i] * (length([u[i] for u in U]) + R * s) for i in range(d))
        entries = max(alpha[i] * (max(abs(u[i]) for u in U) + R * s) for i in range(d))
        both = min(columns + (1 + nu) * entries, max(1, nu) * columns)
        return 24 * s**3 * (both + lam * (max(map(length, U)) + R * s))

    return of


@cache
def case(name, away="1e-7"):
    """A claim with bounds as tight as the theorems, at a point near a critical point, and what is true."""
    *form_of, start, verdict = CASES[name]
    problem = form(*form_of)
    Q, alpha, T = objective(problem)
    d = len(alpha)
    if start is None:  # the signed permutation U = diag(t_i), t_i near 1, in B
        columns = [mp.lu_solve(mp.matrix(T), mp.eye(d)[:, j]) for j in range(d)]
        start = [x for column in columns for x in column]
    B = [x + mpf(away) * (-1) ** i for i, x in enumerate(polished(Q, start))]
    rows = rows_of(B, d)
    bounds, truth = critical_bounds(Q, values_of(rows), lipschitz(problem, values_of(rows)), d)
    return claim("hessian", problem, verdict, bounds, point=rows, **truth["direction"]), truth


@pytest.mark.parametrize("name", CASES)
def test_what_is_true_is_accepted(name):
    whole, truth = case(name)
    assert judged(whole) == ("accepted", None, "")
    assert truth["r"] < 1e-6 < 1e-3 < truth["R"]
    if whole["verdict"] != "strict-saddle":
        assert judged(changed(whole, "verdict", "local-minimum"))[0] == "accepted"


@pytest.mark.parametrize("name", CASES)
def test_every_bound_is_judged(name):
    whole, truth = case(name)
    least, shift = truth["values"][0], abs(truth["values"][0]) / 100
    value, slack = truth["value"], truth["slack"]
    for path, x, result in (
        ("gradient", number(truth["eps"] * mpf("0.99"), "upper"), "rejected"),
        ("lambda_min.0", number(least + shift, "lower"), None),
        ("lambda_min.1", number(least - shift, "upper"), None),
        ("existence_radius", number(truth["r"] * mpf("0.99"), "upper"), "not-confirmed"),
        ("uniqueness_radius", number(truth["R"] * mpf("1.01"), "lower"), "not-confirmed"),
        ("uniqueness_radius", number(truth["r"] * mpf("0.9"), "lower"), "rejected"),
        ("value.0", outward(value - slack * mpf("0.99"), -1), "not-confirmed"),
        ("value.1", outward(value + slack * mpf("0.99"), 1), "not-confirmed"),
    ):
        wrong = changed(whole, f"bounds.{path}", x)
        if path.startswith("lambda_min"):  # the other end out of the way, the interval ordered
            ends = (
                [least + shift, least + 2 * shift]
                if path.endswith("0")
                else [least - 2 * shift, least - shift]
            )
            pair = [number(ends[0], "lower"), number(ends[1], "upper")]
            wrong, result = changed(whole, "bounds.lambda_min", pair), "rejected"
        found = judged(wrong)
        assert (found[0], found[1]) == (result, 6), (path, found)
        assert found[2].startswith(path.split(".")[0]), found


@pytest.mark.parametrize("name", CASES)
def test_wrong_signs(name):
    whole, _ = case(name)
    inertia, n = whole["bounds"]["inertia"], sum(whole["bounds"]["inertia"].values())
    m = inertia["negative"]
    for other in (m + 1, m - 1):
        if 0 <= other <= n:
            wrong = changed(whole, "bounds.inertia", {"negative": other, "positive": n - other})
            assert judged(wrong)[:2] == ("rejected", 6)
    assert judged(changed(whole, "bounds.inertia.positive", n - m + 1))[:2] == ("rejected", 6)
    if m:
        plain = changed(changed(whole, "direction", None), "bounds.curvature", None)
        for verdict in ("local-minimum", "spurious-minimum"):
            assert judged(changed(plain, "verdict", verdict))[:2] == ("rejected", 6)
    else:
        more = changed(whole, "direction", whole["point"])
        more = changed(more, "bounds.curvature", number(-1, "upper"))
        assert judged(changed(more, "verdict", "strict-saddle"))[:2] == ("rejected", 6)


@pytest.mark.parametrize("teacher", [None, TEACHER])
def test_a_critical_point_that_is_given_exactly(teacher):
    """B = 0: the gradient is exactly 0, so all radii and slacks are."""
    problem = form("F" if teacher else "G", ["1", "3/2"], teacher, "6", "2")
    rows = rows_of([0] * 4, 2)
    bounds, truth = critical_bounds(objective(problem)[0], [mpf(0)] * 4, lipschitz(problem, [mpf(0)] * 4), 2)
    bounds |= dict.fromkeys(("gradient", "existence_radius"), number(0, "upper"))
    bounds["value"] = [number(4, "lower"), number(4, "upper")]
    bounds["uniqueness_radius"] = number(truth["R"] / 2, "lower")
    whole = claim("hessian", problem, "strict-saddle", bounds, point=rows, **truth["direction"])
    assert judged(whole) == ("accepted", None, "")


@pytest.mark.parametrize("name", ["saddle of G", "saddle of F"])
def test_directions(name):
    """Of the claimed curvature, the direction, and its length, which does not matter."""
    whole, truth = case(name)
    least = truth["values"][0]
    for wrong, result in ((least * mpf("1.01"), "not-confirmed"), (mpf(1), "rejected"), (mpf(0), "rejected")):
        found = judged(changed(whole, "bounds.curvature", number(wrong, "upper")))
        assert found[:2] == (result, 6) and found[2].startswith("curvature")
    longer = [[[m, e + 7 if m != "0" else 0] for m, e in row] for row in whole["direction"]]
    assert judged(changed(whole, "direction", longer))[0] == "accepted"
    other = [[["1", 0] if i == j else ["0", 0] for i in range(2)] for j in range(2)]
    v = mp.matrix([1, 0, 0, 1])
    bend = (v.T * truth["H"] * v)[0] / 2
    assert bend > least * mpf("0.9")
    assert judged(changed(whole, "direction", other))[:2] == ("not-confirmed", 6)
    zero, none = [[["0", 0]] * 2] * 2, ("malformed", 0)
    for direction in (zero, zero[:1], None):
        assert judged(changed(whole, "direction", direction))[:2] == none
    assert judged(changed(whole, "bounds.curvature", None))[:2] == none
    assert judged(changed(case("minimum of G")[0], "direction", other))[:2] == none


def test_a_global_minimum_is_not_spurious():
    for name in ("minimum of G", "minimum of F"):
        result = judged(changed(case(name)[0], "verdict", "spurious-minimum"))
        assert result[:2] == ("not-confirmed", 6) and "V is not proved" in result[2]


def test_a_doubled_point_below_v_is_not_spurious():
    """Where lambda is large, nu > 2 and the other weight small, the doubled point is the lower one (13.A (iii))."""
    problem = form("G", ["1", "1/20"], None, "60", "10")
    Q, alpha, _ = objective(problem)
    lam, nu = mpf(10), mpf(5)
    t = mp.sqrt(lam / (lam + alpha[0] - nu * alpha[0]))
    B = values_of(rows_of([t, 0, t, 0], 2, 200))
    h = lambda m: lam * m / (lam - m)  # noqa: E731
    V = -sum(h(nu * a) for a in alpha)
    bounds, truth = critical_bounds(Q, B, lipschitz(problem, B), 2)
    whole = claim("hessian", problem, "local-minimum", bounds, point=rows_of(B, 2, 200))
    assert lam > nu * alpha[0] and judged(whole)[0] == "accepted"
    spurious = judged(changed(whole, "verdict", "spurious-minimum"))
    assert (truth["value"] > V) == (spurious[0] == "accepted")
    assert truth["value"] < V and spurious[:2] == ("not-confirmed", 6)


@pytest.mark.parametrize(("kind", "d"), [("G", 2), ("F", 2), ("G", 5), ("F", 4)])
def test_not_critical(kind, d):
    rng = np.random.default_rng(d)
    a, teacher = ["2", "1", "1/3", "1/2", "1"][:d], None
    if kind == "F":
        teacher = [
            [str(Fraction(int(rng.integers(-9, 9)) + 20 * (i == j), 10)) for j in range(d)] for i in range(d)
        ]
    problem = form(kind, a, teacher, "6", "3/2")
    rows = rows_of(rng.normal(size=d * d), d, 50)
    B = values_of(rows)
    _, g, H = derivatives(objective(problem)[0], B)
    eps, most, L, rho = mp.norm(g), max(map(abs, spectrum(H))), lipschitz(problem, B), mpf(0)
    for _ in range(100):
        rho = 2 * eps / (most + mp.sqrt(most**2 + 2 * L(rho) * eps))
    bounds = {"gradient_min": number(eps, "lower"), "exclusion": number(rho * (1 - mpf("1e-6")), "lower")}
    whole = claim("hessian", problem, "not-critical", bounds, point=rows)
    assert judged(whole) == ("accepted", None, "")
    wrong = changed(whole, "bounds.gradient_min", number(eps * mpf("1.01"), "lower"))
    assert judged(wrong)[:2] == ("rejected", 6)
    wrong = changed(whole, "bounds.exclusion", number(rho * mpf("1.01"), "lower"))
    assert judged(wrong)[:2] == ("not-confirmed", 6)
    for name in bounds:
        assert judged(changed(whole, f"bounds.{name}", number(0, "lower")))[:2] == ("rejected", 6)


def test_a_critical_point_is_not_called_not_critical():
    whole, truth = case("minimum of G")
    bounds = {"gradient_min": number(truth["eps"], "lower"), "exclusion": number(truth["r"], "lower")}
    wrong = changed(changed(whole, "verdict", "not-critical"), "bounds", bounds)
    assert judged(wrong)[:2] == ("not-confirmed", 6)


def landscape(problem, rows):
    """The checker's numbers at a point."""
    of = problems.Problem(
        [Fraction(x) for x in problem["a_star"]],
        [1 / Fraction(x) if problem["objective"] == "F" else Fraction(x) for x in problem["a_star"]],
        [[Fraction(x) for x in row] for row in problem.get("teacher", [])],
        Fraction(problem["mu"]),
        Fraction(problem["lambda"]),
    )
    entries = [[Dyadic(int(m), e) for m, e in row] for row in rows]
    return checker.Landscape(checker.Certificate(None, of, *problems.aligned(entries, of.d, of.d)))


@pytest.mark.parametrize("seed", range(8))
def test_the_numbers_contain_the_truth(seed):
    rng = np.random.default_rng(seed)
    d, kind = int(rng.choice([2, 3])), "GF"[seed % 2]
    fraction = lambda low: str(Fraction(int(rng.integers(low, 60)), int(rng.integers(1, 20))))  # noqa: E731
    teacher = [[fraction(-60) for _ in range(d)] for _ in range(d)] if kind == "F" else None
    problem = form(kind, [fraction(1) for _ in range(d)], teacher, fraction(1), fraction(1))
    rows = rows_of(rng.normal(size=d * d), d, 50)
    value, g, H = derivatives(objective(problem)[0], values_of(rows))
    with precision(192):
        at = landscape(problem, rows)
        gradient, h, mine, L = at.gradient(), at.hessian(), at.value(), at.lipschitz(exactly(1, -4))
        steepest = at.steepest()
    assert mpf(mine.a) < value < mpf(mine.b) and mpf(mine.delta) < abs(value) * mpf("1e-48")
    slip = mp.norm(mp.matrix([mpf(int(x)) * mpf(2) ** gradient.exponent for x in gradient.mid]) - g)
    full = mp.matrix([[mpf(int(x)) * mpf(2) ** h.exponent for x in row] for row in h.mantissa])
    assert slip < mpf(gradient.error.b) + mpf("1e-60") and mpf(gradient.error.b) < mp.norm(g) * mpf("1e-54")
    assert max(map(abs, spectrum(full - H))) < mpf(h.error.b) < mp.norm(H) * mpf(2) ** -80
    assert mpf(steepest.b) >= max(map(abs, spectrum(H)))
    assert abs(mpf(L.b) / lipschitz(problem, values_of(rows))(mpf(1) / 16) - 1) < mpf("1e-9")


def test_a_teacher_of_exact_entries_is_not_the_identity():
    """T = 2 I has no rounding error, and still |T| = 2."""
    problem = form("F", ["1", "1"], [["2", "0"], ["0", "2"]], "6", "1")
    with precision(192):
        assert abs(mpf(landscape(problem, rows_of([1, 0, 0, 1], 2)).stretch.b) - 2) < mpf("1e-15")


@pytest.mark.parametrize(
    ("path", "value", "result"),
    [
        ("problem.mu", "12", ("rejected", 1)),
        ("problem.mu", "0", ("malformed", 0)),
        ("problem.mu", "12/2", ("malformed", 0)),
        ("problem.lambda", "-1", ("malformed", 0)),
        ("problem.a_star", ["1", "0"], ("malformed", 0)),
        ("problem.a_star", ["1", "1", "1"], ("malformed", 0)),
        ("problem.teacher", TEACHER, ("malformed", 0)),
        ("verdict", "global-minimum", ("malformed", 0)),
        ("verdict", "not-critical", ("malformed", 0)),
        ("bounds.exclusion", number(1, "lower"), ("malformed", 0)),
        ("bounds.value", None, ("malformed", 0)),
        ("bounds.inertia.negative", -1, ("malformed", 0)),
        ("bounds.existence_radius", number(-1, "upper"), ("malformed", 0)),
        ("point.0", [["1", 0]], ("malformed", 0)),
        ("point", [[["1", 0]] * 2] * 3, ("malformed", 0)),
    ],
)
def test_claims_that_are_not_admitted(path, value, result):
    assert judged(changed(case("minimum of G")[0], path, value))[:2] == result


def test_a_singular_teacher_and_sizes():
    assert judged(changed(case("saddle of F")[0], "problem.teacher", [["1", "2"], ["2", "4"]]))[:2] == (
        "rejected",
        1,
    )
    large = changed(case("minimum of G")[0], "problem.a_star", ["1"] * 25)
    assert judged(changed(large, "point", [[["1", 0]] * 25] * 25))[:2] == ("malformed", 0)
    bounds = {"gradient_min": number(1, "lower"), "exclusion": number(1, "lower")}
    large = changed(changed(large, "verdict", "not-critical"), "bounds", bounds)
    large = changed(changed(large, "problem.a_star", ["1"] * 257), "point", [[["1", 0]] * 257] * 257)
    assert judged(large)[:2] == ("not-confirmed", 0)


@pytest.mark.parametrize(("name", "away"), [("minimum of G", "4e-3"), ("saddle of G", "1e-3")])
def test_far_from_the_critical_point(name, away):
    """Where L r is not small against the gap, so that every term with L counts."""
    whole, truth = case(name, away)
    assert judged(whole) == ("accepted", None, "") and truth["r"] > truth["R"] / 50
    value, slack = truth["value"], truth["slack"]
    wrong = {
        "existence_radius": number(truth["r"] * mpf("0.99"), "upper"),
        "uniqueness_radius": number(truth["R"] * mpf("1.01"), "lower"),
        "value": [outward(value - slack * mpf("0.99"), -1), outward(value + slack, 1)],
    }
    if name == "saddle of G":
        wrong["curvature"] = number(truth["values"][0] + truth["L"] * truth["r"] * mpf("0.99"), "upper")
    for path, x in wrong.items():
        assert judged(changed(whole, f"bounds.{path}", x))[:2] == ("not-confirmed", 6), path
