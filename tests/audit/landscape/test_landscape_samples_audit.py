"""The checker's method `empirical`: claims from derivatives of G^ by differences, and what it says of wrong ones."""

import itertools
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
    interval,
    judged,
    number,
    outward,
    polished,
    spectrum,
)
from mpmath import mp, mpf

from relucert_audit import format as fmt
from relucert_audit.interval import dyadic as exactly
from relucert_audit.interval import precision
from relucert_audit.landscape import empirical as checker

CASES = {  # seed, samples, m, d, mu, lambda, verdict
    "minimum": (1, 300, 2, 2, "6", "6", "local-minimum"),
    "fewer rows": (2, 120, 2, 3, "24", "8", "local-minimum"),
    "saddle": (3, 60, 2, 2, "6", "2", "strict-saddle"),
    "more rows": (6, 40, 3, 2, "12", "2", "strict-saddle"),
    "one row": (5, 1, 1, 3, "1/3", "5", "local-minimum"),
    "one dimension": (9, 30, 2, 1, "6", "7/2", "strict-saddle"),
}


def value_of(pair):
    return mpf(int(pair[0])) * mpf(2) ** pair[1]


def hermite(x, v, w):
    """<H4(x), v v w w>, as docs/spec/landscape-v1.md writes it."""
    p, q, vv, ww, vw = mp.fdot(v, x), mp.fdot(w, x), mp.fdot(v, v), mp.fdot(w, w), mp.fdot(v, w)
    return p * p * q * q - ww * p * p - vv * q * q - 4 * vw * p * q + vv * ww + 2 * vw * vw


def objective(problem, m):
    """G^ of a list of m d numbers, straight from the samples."""
    xs = [[value_of(x) for x in row] for row in problem["samples"]["x"]]
    ys = [value_of(y) for y in problem["samples"]["y"]]
    mu, lam = exact(problem["mu"]), exact(problem["lambda"])

    def value(B):
        d = len(B) // m
        rows = [B[j * d : j * d + d] for j in range(m)]
        total = mpf(0)
        for x, y in zip(xs, ys, strict=True):
            pairs = sum(hermite(x, v, w) for v, w in itertools.permutations(rows, 2))
            total -= y * (pairs / 2 - mu / 24 * sum(hermite(x, v, v) for v in rows))
        return total / len(xs) + lam * sum((mp.fdot(v, v) - 1) ** 2 for v in rows)

    return value


def quick(problem, m):
    """The same polynomial through its tensor, for many evaluations."""
    xs = [[value_of(x) for x in row] for row in problem["samples"]["x"]]
    ys = [value_of(y) for y in problem["samples"]["y"]]
    mu, lam, d, N = exact(problem["mu"]), exact(problem["lambda"]), len(xs[0]), len(xs)
    T = {}
    for index in itertools.combinations_with_replacement(range(d), 4):
        total = mpf(0)
        for x, y in zip(xs, ys, strict=True):
            term = mp.fprod(x[i] for i in index)
            for p, q, r, s in ((0, 1, 2, 3), (0, 2, 1, 3), (0, 3, 1, 2)):
                a, b = index[p] == index[q], index[r] == index[s]
                term += a * b - a * x[index[r]] * x[index[s]] - b * x[index[p]] * x[index[q]]
            total += y * term / N
        T[index] = total
    full = {i: T[tuple(sorted(i))] for i in itertools.product(range(d), repeat=4)}

    def value(B):
        rows = [B[j * d : j * d + d] for j in range(m)]

        def form(v, w):
            return mp.fsum(t * v[a] * v[b] * w[c] * w[e] for (a, b, c, e), t in full.items())

        pairs = sum(form(v, w) for v, w in itertools.permutations(rows, 2))
        own = sum(form(v, v) for v in rows)
        return mu / 24 * own - pairs / 2 + lam * sum((mp.fdot(v, v) - 1) ** 2 for v in rows)

    flat = mp.matrix(d * d, d * d)
    for (a, b, c, e), t in full.items():
        flat[a * d + b, c * d + e] = t
    return value, max(map(abs, spectrum(flat)))


def descended(problem, B):
    """Gradient descent in floating point, a start for Newton's method."""
    x = np.array([[float(value_of(t)) for t in row] for row in problem["samples"]["x"]])
    y = np.array([float(value_of(t)) for t in problem["samples"]["y"]])
    mu, lam, eye = float(exact(problem["mu"])), float(exact(problem["lambda"])), np.eye(x.shape[1])
    T = np.einsum("n,na,nb,nc,nd->abcd", y, x, x, x, x) / len(x)
    M = np.einsum("n,na,nb->ab", y, x, x) / len(x)
    for pairs in ("ab,cd", "ac,bd", "ad,bc"):
        mixed = np.einsum(f"{pairs}->abcd", eye, M) + np.einsum(f"{pairs}->abcd", M, eye)
        T += np.mean(y) * np.einsum(f"{pairs}->abcd", eye, eye) - mixed
    for _ in range(3000):
        A = np.einsum("abcd,jc,jd->jab", T, B, B)
        forms = (2 + mu / 6) * A - 2 * A.sum(axis=0)
        excess = (B**2).sum(axis=1)[:, None] - 1
        B = B - 0.005 * (np.einsum("jab,jb->ja", forms, B) + 4 * lam * excess * B)
    return B


@cache
def samples(seed, N, d):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(N, d))
    y = np.abs(x) @ np.linspace(1, 1.5, d)
    rows = [[dyadic(mpf(float(t)), 60) for t in row] for row in x]
    return {"x": rows, "y": [dyadic(mpf(float(t)), 60) for t in y]}


def near(rows, m):
    return [value_of(x) for row in rows for x in row], m


def lipschitz(problem, B, tau4):
    """Lemma 13.L."""
    q = max(tau4 / 2, exact(problem["mu"]) / 24 * tau4 + exact(problem["lambda"]))
    return lambda R: 24 * q * (mp.sqrt(mp.fdot(B, B)) + R)


@cache
def case(name):
    seed, N, m, d, mu, lam, verdict = CASES[name]
    problem = {"objective": "G-hat", "samples": samples(seed, N, d), "mu": mu, "lambda": lam}
    value, tau4 = quick(problem, m)
    rng = np.random.default_rng(seed)
    start = rng.normal(size=(m, d))
    if verdict == "local-minimum":
        start = descended(problem, start)
    B = polished(value, start.ravel(), 10 if verdict == "local-minimum" else 20)
    values = spectrum(derivatives(value, B)[2])
    assert min(map(abs, values)) > mpf("1e-2") and (values[0] < 0) == (verdict == "strict-saddle")
    rows = [[dyadic(x + mpf("1e-7"), 60) for x in B[j * d : j * d + d]] for j in range(m)]
    B, _ = near(rows, m)
    bounds, truth = critical_bounds(value, B, lipschitz(problem, B, tau4), d)
    return claim("empirical", problem, verdict, bounds, point=rows, **truth["direction"]), truth


@pytest.mark.parametrize("name", CASES)
def test_what_is_true_is_accepted(name):
    whole, truth = case(name)
    assert judged(whole) == ("accepted", None, "")
    assert truth["r"] < 1e-6 < 1e-5 < truth["R"]


@pytest.mark.parametrize("name", ["minimum", "one row"])
def test_the_tensor_is_that_of_the_samples(name):
    whole, _ = case(name)
    m = len(whole["point"])
    B, _ = near(whole["point"], m)
    assert abs(objective(whole["problem"], m)(B) - quick(whole["problem"], m)[0](B)) < mpf("1e-80")


@pytest.mark.parametrize("name", CASES)
def test_every_bound_is_judged(name):
    whole, truth = case(name)
    least, shift = truth["values"][0], abs(truth["values"][0]) / 100
    value, slack = truth["value"], truth["slack"]
    for path, x, result in (
        ("gradient", number(truth["eps"] * mpf("0.99"), "upper"), "rejected"),
        (
            "lambda_min",
            [number(least + s * shift, side) for s, side in ((1, "lower"), (2, "upper"))],
            "rejected",
        ),
        (
            "lambda_min",
            [number(least - s * shift, side) for s, side in ((2, "lower"), (1, "upper"))],
            "rejected",
        ),
        ("existence_radius", number(truth["r"] * mpf("0.99"), "upper"), "not-confirmed"),
        ("uniqueness_radius", number(truth["R"] * mpf("1.01"), "lower"), "not-confirmed"),
        ("value.0", outward(value - slack * mpf("0.99"), -1), "not-confirmed"),
        ("value.1", outward(value + slack * mpf("0.99"), 1), "not-confirmed"),
    ):
        found = judged(changed(whole, f"bounds.{path}", x))
        assert found[:2] == (result, 6) and found[2].startswith(path.split(".")[0]), (path, found)


@pytest.mark.parametrize("name", CASES)
def test_wrong_signs(name):
    whole, _ = case(name)
    inertia = whole["bounds"]["inertia"]
    m, n = inertia["negative"], sum(inertia.values())
    for other in {m + 1, m - 1} & set(range(n + 1)):
        wrong = changed(whole, "bounds.inertia", {"negative": other, "positive": n - other})
        assert judged(wrong)[:2] == ("rejected", 6)
    if m:
        other = changed(
            changed(changed(whole, "direction", None), "bounds.curvature", None), "verdict", "local-minimum"
        )
    else:
        more = changed(changed(whole, "direction", whole["point"]), "verdict", "strict-saddle")
        other = changed(more, "bounds.curvature", number(-1, "upper"))
    assert judged(other)[:2] == ("rejected", 6)


@pytest.mark.parametrize(("N", "m", "d"), [(50, 2, 2), (3, 1, 4), (20, 3, 2)])
def test_not_critical(N, m, d):
    problem = {"objective": "G-hat", "samples": samples(9, N, d), "mu": "7", "lambda": "3/2"}
    value, tau4 = quick(problem, m)
    rows = [[dyadic(x, 50) for x in row] for row in np.random.default_rng(m).normal(size=(m, d))]
    B, _ = near(rows, m)
    _, g, H = derivatives(value, B)
    eps, most, L, rho = mp.norm(g), max(map(abs, spectrum(H))), lipschitz(problem, B, tau4), mpf(0)
    for _ in range(100):
        rho = 2 * eps / (most + mp.sqrt(most**2 + 2 * L(rho) * eps))
    bounds = {"gradient_min": number(eps, "lower"), "exclusion": number(rho * (1 - mpf("1e-6")), "lower")}
    whole = claim("empirical", problem, "not-critical", bounds, point=rows)
    assert judged(whole) == ("accepted", None, "")
    wrong = changed(whole, "bounds.gradient_min", number(eps * mpf("1.01"), "lower"))
    assert judged(wrong)[:2] == ("rejected", 6)
    wrong = changed(whole, "bounds.exclusion", number(rho * mpf("1.01"), "lower"))
    assert judged(wrong)[:2] == ("not-confirmed", 6)


def certificate(problem, rows):
    """As the checker reads it."""
    bounds = {"gradient_min": number(1, "lower"), "exclusion": number(1, "lower")}
    whole = claim("empirical", problem, "not-critical", bounds, point=rows)
    return checker.read(fmt.Opened({}, [], whole, 1, []))


@pytest.mark.parametrize("seed", range(6))
def test_the_numbers_contain_the_truth(seed):
    """Also where units differ: exponents of samples, labels and points above and below 0."""
    rng = np.random.default_rng(seed)
    d, m, N = (int(n) for n in rng.integers(1, 4, size=3))
    unit = [int(n) for n in rng.integers(-4, 5, size=3)]

    def entry(k):
        m = 2 * int(rng.integers(-5, 5)) + 1
        return [str(m), unit[k] + int(rng.integers(0, 2))]

    x, y = [[entry(0) for _ in range(d)] for _ in range(N)], [entry(1) for _ in range(N)]
    problem = {"objective": "G-hat", "samples": {"x": x, "y": y}, "mu": f"{seed + 1}/7", "lambda": "5/3"}
    rows = [[entry(2) for _ in range(d)] for _ in range(m)]
    B, _ = near(rows, m)
    value, g, H = derivatives(objective(problem, m), B)
    with precision(192):
        at = checker.Landscape(certificate(problem, rows))
        gradient, h, mine, L, tau4 = (
            at.gradient(),
            at.hessian,
            at.value(),
            at.lipschitz(exactly(1, 0)),
            at.tau4,
        )
    slip = mpf("1e-45") * abs(value)  # of the differences
    assert mpf(mine.a) - slip <= value <= mpf(mine.b) + slip and mpf(mine.delta) <= 2 * slip
    mid = mp.matrix([mpf(int(x)) * mpf(2) ** gradient.exponent for x in gradient.mid])
    assert mp.norm(mid - g) <= mpf(gradient.error.b) + mp.norm(g) * mpf("1e-60")
    assert mpf(gradient.error.b) < (1 + mp.norm(g)) * mpf("1e-45")
    full = mp.matrix([[mpf(int(x)) * mpf(2) ** h.exponent for x in row] for row in h.mantissa])
    assert mp.norm(full - H) < mpf(h.error.b) * len(B) + mp.norm(H) * mpf("1e-30")
    assert mpf(h.error.b) < mp.norm(H) * mpf(2) ** -75
    true = quick(problem, m)[1]
    assert true <= mpf(tau4.b) <= true * (1 + mpf("1e-12")) + mpf("1e-30")
    assert abs(mpf(L.b) / lipschitz(problem, B, true)(mpf(1)) - 1) < mpf("1e-9")


def test_labels_that_are_0():
    """Then G^ is the last sum alone, with isolated critical points where d = 1."""
    problem = {
        "objective": "G-hat",
        "samples": {"x": [[["3", 0]]], "y": [["0", 0]]},
        "mu": "6",
        "lambda": "2",
    }
    rows = [[["1", 0]], [["0", 0]]]
    value, _ = quick(problem, 2)
    B = near(rows, 2)[0]
    bounds, truth = critical_bounds(value, B, lipschitz(problem, B, mpf(0)), 1)
    assert max(abs(truth["values"][0] + 8), abs(truth["values"][1] - 16), truth["r"]) < mpf("1e-30")
    bounds |= dict.fromkeys(("gradient", "existence_radius"), number(0, "upper"))
    bounds["uniqueness_radius"] = number("1e-3", "lower")
    whole = claim("empirical", problem, "strict-saddle", bounds, point=rows, **truth["direction"])
    assert judged(changed(whole, "bounds.value", interval(2 - mpf("1e-9"), 2 + mpf("1e-9"))))[0] == "accepted"


def test_lemma_l_holds():
    """The third derivative along directions is at most 24 q |B|, and somewhere near it."""
    problem = {"objective": "G-hat", "samples": samples(7, 2, 2), "mu": "30", "lambda": "1/5"}
    value, tau4 = quick(problem, 2)
    rng, h, most = np.random.default_rng(1), mpf("1e-20"), mpf(0)
    for _ in range(300):
        B, V = ([mpf(float(x)) for x in row] for row in rng.normal(size=(2, 4)))
        if rng.random() < 0.5:
            V = [x + y / 20 for x, y in zip(B, V, strict=True)]
        size = mp.sqrt(mp.fdot(V, V))
        f = [value([b + k * h * v / size for b, v in zip(B, V, strict=True)]) for k in (-2, -1, 1, 2)]
        third = (f[3] - 2 * f[2] + 2 * f[1] - f[0]) / (2 * h**3)
        most = max(most, abs(third) / lipschitz(problem, B, tau4)(0))
    assert 0.2 < most <= 1


@pytest.mark.parametrize(
    ("path", "value", "result"),
    [
        ("problem.objective", "G", ("malformed", 0)),
        ("problem.mu", "0", ("malformed", 0)),
        ("problem.lambda", "-1", ("malformed", 0)),
        ("problem.a_star", ["1", "1"], ("malformed", 0)),
        ("problem.samples.y", [["1", 0]], ("malformed", 0)),
        ("problem.samples.x.0", [["1", 0]], ("malformed", 0)),
        ("problem.samples.x.0.0", "1", ("malformed", 0)),
        ("problem.samples", {"x": [], "y": []}, ("malformed", 0)),
        ("verdict", "spurious-minimum", ("malformed", 0)),
        ("verdict", "not-critical", ("malformed", 0)),
        ("bounds.exclusion", number(1, "lower"), ("malformed", 0)),
        ("point", [], ("malformed", 0)),
        ("point", [[]], ("malformed", 0)),
        ("point.0", [["1", 0]], ("malformed", 0)),
        ("point", [[["1", 0]] * 2] * 289, ("malformed", 0)),
        ("point", [[["1", 60000], ["1", -60000]]] * 2, ("not-confirmed", 0)),
        ("point", [[["1", 3000], ["1", 3000]]] * 2, ("not-confirmed", 0)),
        ("problem.samples.x.0", [["1", -3000], ["1", 0]], ("not-confirmed", 0)),
        ("problem.samples.y.0", ["1", -3000], ("not-confirmed", 0)),
    ],
)
def test_claims_that_are_not_admitted(path, value, result):
    assert judged(changed(case("minimum")[0], path, value))[:2] == result


def test_sizes():
    whole, one = case("minimum")[0], ["1", 0]
    for d, N in ((41, 1), (40, 40)):
        large = changed(whole, "problem.samples", {"x": [[one] * d] * N, "y": [one] * N})
        assert judged(changed(large, "point", [[one] * d]))[:2] == ("not-confirmed", 0)
