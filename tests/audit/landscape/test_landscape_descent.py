"""Method descent: the run again in mpmath, curvatures by numpy, and claims that say too much."""

from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest
from landscape_claims import DIGITS, Landscape, changed, dyadic, judged, norm, number, problem
from mpmath import mp, mpf

from relucert_audit.exact import TooWeak
from relucert_audit.format import LOWER, Dyadic, Number
from relucert_audit.interval import precision
from relucert_audit.landscape import descent
from relucert_audit.landscape.descent import FINE, Flow
from relucert_audit.landscape.problem import Numbers, Problem

A, ETA = ["1", "3/2", "5/4"], "1/20"
ZERO = {"exact": ["0", 0], "decimal": "0"}


def claim(seed, radius=None, given=None, steps=150):
    """A run from rows of length 1, at full precision."""
    rng = np.random.default_rng(seed)
    given = given or problem(A, "6", "1")
    start = rng.standard_normal((3, 3))
    start /= np.linalg.norm(start, axis=1)[:, None]
    with mp.workdps(DIGITS):
        of, B = Landscape(given), mp.matrix(start.tolist())
        point = [[dyadic(B[j, i], 53) for i in range(3)] for j in range(3)]
        first = norm(of.gradient(B))
        for _ in range(steps):
            B = B - of.gradient(B) / 20
        p = [max(range(3), key=lambda i: abs(B[j, i])) for j in range(3)]
        s = [1 if B[j, p[j]] > 0 else -1 for j in range(3)]
        away = norm(B - of.signed(p, s)) if sorted(p) == [0, 1, 2] else None
        bounds = {"start_radius": ZERO, "distance": None, "gradient_min": number(first, "lower")}
        if away is not None:
            bounds["distance"] = number(away, "upper")
    head = {"schema": "relucert-certificate/1.1", "family": "designed-landscape", "method": "descent"}
    minimum = {"permutation": p, "signs": "".join("+" if x > 0 else "-" for x in s)}
    made = {
        **head,
        "problem": {**given, "step": ETA},
        "verdict": "converges-to-global-minimum",
        "point": point,
    }
    return {**made, "steps": steps, "minimum": minimum, "bounds": bounds}, away


SEEDS = [seed for seed in range(12) if (found := claim(seed)[1]) is not None and found < 0.03]


def test_there_are_runs_to_judge():
    assert len(SEEDS) >= 5


@pytest.mark.parametrize("seed", SEEDS)
def test_runs(seed):
    made, away = claim(seed)
    assert judged(made) == ("accepted", None, None)
    with mp.workdps(DIGITS):
        tight = number(away, "upper", -(mpf(10) ** -6))
        m, e = made["bounds"]["gradient_min"]["exact"]
        steep = number(mp.ldexp(int(m), e), "lower", -2 * mpf(10) ** -6)
    assert judged(changed(made, ("bounds", "distance"), tight)) == ("rejected", 5, "distance")
    assert judged(changed(made, ("bounds", "gradient_min"), steep)) == ("rejected", 5, "gradient_min")
    assert judged(changed(made, ("bounds", "gradient_min"), None))[0] == "accepted"
    assert judged(changed(made, ("bounds", "gradient_min"), ZERO)) == ("rejected", 1, "gradient_min")


def test_wrong_ends():
    made, _ = claim(SEEDS[0])
    signs, places = made["minimum"]["signs"], made["minimum"]["permutation"]
    other = ("-" if signs[0] == "+" else "+") + signs[1:]
    assert judged(changed(made, ("minimum", "signs"), other)) == ("rejected", 5, "distance")
    swapped = [places[1], places[0], places[2]]
    assert judged(changed(made, ("minimum", "permutation"), swapped)) == ("rejected", 5, "distance")
    assert judged(changed(made, ("minimum", "permutation"), [0, 0, 1])) == ("rejected", 1, "minimum")
    with mp.workdps(DIGITS):
        far = changed(made, ("bounds", "distance"), number(mpf(10), "upper", 0))
    assert judged(far)[0] == "accepted"
    assert judged(changed(far, ("minimum", "signs"), other)) == ("not-confirmed", 5, "steps")
    assert judged(changed(far, ("steps",), 10)) == ("not-confirmed", 5, "steps")
    assert judged(changed(far, ("steps",), 0)) == ("not-confirmed", 5, "steps")


def test_what_is_not_confirmed_or_not_a_claim():
    made, _ = claim(SEEDS[0])
    with mp.workdps(DIGITS):
        wide = changed(made, ("bounds", "start_radius"), number(mpf("0.3"), "lower", 0))
    assert judged(wide)[0] != "accepted"
    for step in ("1/2", "10", "1" + "0" * 200):
        assert judged(changed(made, ("problem", "step"), step)) == ("not-confirmed", 5, "steps")
    for step in ("0", "-1/20", "0.05"):
        assert judged(changed(made, ("problem", "step"), step))[:2] == ("malformed", 0)
    assert judged(changed(made, ("problem", "mu"), "12")) == ("rejected", 1, "mu")
    assert judged(changed(made, ("problem", "mu"), "24"))[:2] == ("rejected", 3)
    assert judged(changed(made, ("steps",), 10**7)) == ("not-confirmed", 0, "resource limit")
    general = made["problem"] | {
        "objective": "F",
        "teacher": [["1", "0", "0"], ["0", "1", "0"], ["0", "0", "1"]],
    }
    assert judged(changed(made, ("problem",), general))[:2] == ("malformed", 0)
    huge = changed(made, ("point",), [[["1", 300]] * 3] * 3)
    assert judged(huge)[0] == "not-confirmed"


def flow(a, mu, lam, eta):
    of = Problem([Fraction(x) for x in a], [Fraction(x) for x in a], [], Fraction(mu), Fraction(lam))
    return Flow(Numbers(of), Fraction(eta))


def integers(M, p):
    return np.array([[int(x * 2**60) << (p - 60) for x in row] for row in M.tolist()], dtype=object)


def spectrum(U, a, mu, lam):
    d, alpha, nu = len(U), np.array([float(Fraction(x)) for x in a]) / np.sqrt(8 * np.pi), mu / 12
    S, g = (U * U).sum(0), lam * ((U * U).sum(1) - 1)
    H = np.diag((4 * alpha * S - 12 * (1 + nu) * alpha * U * U + 4 * g[:, None]).ravel())
    for i in range(d):
        x, y = np.zeros((d, d)), np.zeros((d, d))
        x[:, i], y[i] = U[:, i], U[i]
        H += 8 * alpha[i] * np.outer(x, x) + 8 * lam * np.outer(y, y)
    return np.linalg.eigvalsh(H)


@pytest.mark.parametrize("mix", [0.02, 0.2, 0.5, 1.0])
@pytest.mark.parametrize(("a", "mu", "lam"), [(A, 6, 1), (["1"] * 6, 3, 1), (["1", "5/4"], 18, 0.4)])
def test_curvatures_contain_the_spectrum(mix, a, mu, lam):
    rng, d, radius, losses = np.random.default_rng(11), len(a), 1e-3, []
    for _ in range(15):
        noise = rng.standard_normal((d, d)) / np.sqrt(d)
        M = (1 - mix) * 1.07 * np.eye(d)[rng.permutation(d)] * rng.choice([-1, 1], d) + mix * noise
        with precision(192):
            of = flow(a, mu, Fraction(lam).limit_denominator(10), "1/100")
            r = int(radius * 2**60) << (of.p - 60)
            at = of.at(integers(M, of.p))
            (low, high), (alone, _) = ([x * 100 / 2**FINE for x in of.curvature(at, y)] for y in (r, 0))
        true = spectrum(M, a, mu, lam)
        assert true[0] >= -alone - 1e-9
        losses.append(alone + min(true[0], 0))
        for _ in range(5):
            V = rng.standard_normal((d, d))
            true = spectrum(M + V * radius / np.linalg.norm(V), a, mu, lam)
            assert true[0] >= -low and true[-1] <= high
    if mix == 0.02 and lam == 1:
        assert max(losses) < 1e-9  # 0, next to a signed permutation


@pytest.mark.parametrize("seed", SEEDS[:3])
def test_runs_stay_in_their_enclosures(seed):
    rng, radius = np.random.default_rng(seed), 1e-4
    made, _ = claim(seed)
    start = np.array([[int(m) * 2.0**e for m, e in row] for row in made["point"]])
    with mp.workdps(30):
        of, runs = Landscape(made["problem"]), []
        for _ in range(4):
            V = rng.standard_normal((3, 3))
            V *= radius / np.linalg.norm(V) * 0.999
            runs.append(mp.matrix((start + V).tolist()))
        with precision(192):
            own = flow(A, 6, 1, ETA)
            rough = SimpleNamespace(
                B=integers(start, 60),
                exponent=-60,
                bounds={"start_radius": Number(Dyadic(int(radius * 2**60), -60), "", LOWER)},
            )
            M, r = own.start(rough)
            for _ in range(60):
                try:
                    M, r = own.run(M, r)
                except TooWeak:
                    break
                runs = [B - of.gradient(B) / 20 for B in runs]
                centre = mp.matrix([[mp.ldexp(int(x), -own.p) for x in row] for row in M])
                assert all(norm(B - centre) <= mp.ldexp(r, -own.p) for B in runs)
        assert r >> own.p < 1


def test_rounding_of_a_step():
    """M_(t+1) is the exact step up to delta_t, which is a few units."""
    made, _ = claim(0)
    start = np.array([[int(m) * 2.0**e for m, e in row] for row in made["point"]])
    for bits in (96, 192):
        with precision(bits), mp.workdps(100):
            own, of = flow(A, 6, 1, ETA), Landscape(made["problem"])
            M = integers(start, own.p)
            after, delta = own.step(own.at(M))
            exact = mp.matrix([[mp.ldexp(int(x), -own.p) for x in row] for row in M])
            exact = exact - of.gradient(exact) / 20
            off = norm(exact - mp.matrix([[mp.ldexp(int(x), -own.p) for x in row] for row in after]))
            assert off <= mp.ldexp(delta, -own.p) and delta < 200
    assert descent.up(-3, 1) == -1 and descent.up(3, 1) == 2
