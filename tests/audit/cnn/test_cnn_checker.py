"""The checker of the one-hidden-layer CNN: its formulas against dense ones in many digits (`truth`), which
share nothing with it, its error bounds, and mutants of certificates, judged by the dense formulas."""

import json
import random
import sys
from fractions import Fraction
from pathlib import Path

import pytest
from certificates import audit, changed, check_bytes, exact
from jsonschema import Draft202012Validator
from mpmath import iv, libmp, mp

from relucert_audit import interval as ia
from relucert_audit.cnn import descent as cnn_descent
from relucert_audit.cnn import landscape as cnn
from relucert_audit.format import LIMIT, Dyadic

ROOT = Path(__file__).resolve().parents[3]
CORPUS = ROOT / "tests" / "corpus"
sys.path.insert(0, str(ROOT / "tools"))
import mutants  # noqa: E402
from judge.documents import number  # noqa: E402

SCHEMAS = {
    name: Draft202012Validator(json.loads((ROOT / "docs" / "spec" / f"{name}.schema.json").read_text()))
    for name in ("cnn-v1", "cnn-descent-v1")
}
DESCENT = ("invariant-region", "enclosed-trajectory")
KNOWN = mp.mpf(2) ** -380


@pytest.fixture(autouse=True)
def many_digits():
    before, mp.dps = mp.dps, 120
    yield
    mp.dps = before


def document(name):
    return json.loads((CORPUS / "accept" / f"cnn-{name}.json").read_bytes()) | {"signatures": []}


def real(x):
    x = Fraction(x)
    return mp.mpf(x.numerator) / x.denominator


def within(x, value, slack=KNOWN):
    """The number lies in the interval, up to the digits to which it is known."""
    low, high = (mp.make_mpf(end) for end in x._mpi_)
    return low - abs(low) * slack <= value <= high + abs(high) * slack


def relative_width(x):
    low, high = (mp.make_mpf(end) for end in x._mpi_)
    return (high - low) / max(abs(low), abs(high))


def problem(a_star, W=1, p=3):
    return cnn.read_problem({"a_star": [Fraction(x) for x in a_star], "w_norm": Fraction(W), "patch": p})


def pairs_of(floats):
    """Doubles as dyadics of a file."""
    out = []
    for x in floats:
        n, d = float(x).as_integer_ratio()
        e = 1 - d.bit_length() if n else 0
        while n and n % 2 == 0:
            n, e = n // 2, e + 1
        out.append(Dyadic(n, e))
    return out


def point(of, axis, v, a):
    rows = {"axis": axis, "v": v, "a": a}
    return cnn.read_point({name: pairs_of(row) for name, row in rows.items()}, of)


# ---- dense formulas -------------------------------------------------------------------------------------


def kernel(phi):
    """2 pi E relu(u.Z) relu(u'.Z) by integration over the half plane that both see; the radial part is 2."""
    return 2 * mp.quad(lambda t: mp.cos(t) * mp.cos(t - phi), [phi - mp.pi / 2, mp.pi / 2])


def length(x):
    return mp.sqrt(mp.fdot(x, x))


def g_of(phi):
    return mp.sin(phi) + (mp.pi - phi) * mp.cos(phi)


def angle_of(v, w):
    x, y = length(v), length(w)
    apart, joint = ([a / x + sign * b / y for a, b in zip(v, w, strict=True)] for sign in (-1, 1))
    return 2 * mp.atan2(length(apart), length(joint))


def loss_of(v, w, a, star, g=g_of):
    """Both double sums over patches. w: w*."""
    W, both, phi = length(w), sum(a), angle_of(v, w)
    teacher = sum(star)
    one = both**2 - mp.fdot(a, a) + mp.pi * mp.fdot(a, a)
    two = W**2 * (teacher**2 - mp.fdot(star, star) + mp.pi * mp.fdot(star, star))
    mixed = W * (both * teacher - mp.fdot(a, star) + g(phi) * mp.fdot(a, star))
    return (one + two - 2 * mixed) / (4 * mp.pi)


def gradient_step(v, w, a, star, eta):
    """One step of gradient descent, in all coordinates, by the gradient of section 9."""
    r, W, phi = length(v), length(w), angle_of(v, w)
    g, q, along = g_of(phi), mp.fdot(a, star), mp.fdot(v, w) / r**2
    pull = eta * q * (mp.pi - phi) / (2 * mp.pi * r)
    new_v = [x + pull * (y - along * x) for x, y in zip(v, w, strict=True)]
    s, S = sum(a), sum(star)
    part = [s + (mp.pi - 1) * x - W * (S + (g - 1) * y) for x, y in zip(a, star, strict=True)]
    return new_v, [x - eta / (2 * mp.pi) * z for x, z in zip(a, part, strict=True)]


def kinds_of(star, W, p):
    """The critical points: (verdict, phi, a, coefficients of a, spectrum, inertia), by linear algebra."""
    k, S, N = len(star), sum(star), mp.fdot(star, star)
    T = (k - 1) * N + mp.pi * (N - S**2) if k > 1 else mp.mpf(0)
    M = mp.matrix(k, k)
    for i in range(k):
        for j in range(k):
            M[i, j] = 1 + (mp.pi - 1) * (i == j)

    def at(g):
        right = [W * (S + (g - 1) * x) for x in star]
        return list(mp.lu_solve(M, mp.matrix(right)))

    m1, m2 = (k + mp.pi - 1) / (2 * mp.pi), (mp.pi - 1) / (2 * mp.pi)
    rest = [(k - 1, m2), (1, m1)]
    below = "spurious-minimum" if T > 0 else "non-strict-saddle"
    found = [
        (
            "global-minimum",
            mp.mpf(0),
            at(mp.pi),
            mp.pi,
            [(1, 0), (p - 1, W**2 * N / 2), *rest],
            (0, 1, p - 1 + k),
        ),
        (below, +mp.pi, at(mp.mpf(0)), mp.mpf(0), [(p, 0), *rest], (0, p, k)),
    ]
    if T > 0:
        g = T / (T + (mp.pi - 1) * S**2)
        psi = mp.findroot(lambda x: mp.sin(x) - x * mp.cos(x) - g, (3 * g) ** (mp.mpf(1) / 3) * 1.1)
        beta = W * psi * mp.sin(psi) / (2 * mp.pi)
        b1, b2 = beta * S / mp.sqrt(k), beta * mp.sqrt(N - S**2 / k)
        roots = sorted(mp.eigsy(mp.matrix([[0, b1, b2], [b1, m1, 0], [b2, 0, m2]]), eigvals_only=True))
        spectrum = [(1, roots[0]), (p - 1, 0), (k - 2, m2), (1, roots[1]), (1, roots[2])]
        found.append(("strict-saddle", mp.pi - psi, at(g), g, spectrum, (1, p - 1, k)))
    return T, found


def rows(claim):
    read = ([mp.mpf(int(m)) * mp.mpf(2) ** e for m, e in claim["point"][name]] for name in ("axis", "v", "a"))
    return tuple(read)


def truth(claim):
    """(numbers by name, what else must be equal by name) of a claim of these shapes, dense, in 120 digits."""
    star, W, p = (
        [real(x) for x in claim["problem"]["a_star"]],
        real(claim["problem"]["w_norm"]),
        claim["problem"]["patch"],
    )
    k, S = len(star), sum(star)
    T, kinds = kinds_of(star, W, p)
    if claim["method"] in DESCENT:
        return descent_truth(claim, star, W)
    values, equal = {}, {}

    def kind(prefix, i):
        verdict, phi, a, g, spectrum, inertia = kinds[i]
        equal[f"{prefix}verdict"] = verdict
        equal[f"{prefix}inertia"] = dict(zip(("negative", "zero", "positive"), inertia, strict=True))
        equal[f"{prefix}multiplicities"] = [m for m, _ in spectrum if m]
        values[f"{prefix}angle"], values[f"{prefix}complement"] = phi, mp.pi - phi
        x = W * (g - 1) / (mp.pi - 1)
        values[f"{prefix}a.a_star"], values[f"{prefix}a.ones"] = x, (sum(a) - x * S) / k
        values[f"{prefix}objective"] = loss_of([mp.cos(phi), mp.sin(phi)], [W, mp.mpf(0)], a, star)
        for j, value in enumerate(value for times, value in spectrum if times):
            values[f"{prefix}spectrum.{j}.value"] = value

    values["excess"] = T
    values["q_bad"] = mp.fdot(kinds[1][2], star) if k > 1 else mp.mpf(0)
    if "point" not in claim:
        equal["verdict"] = "spurious-minimum" if T > 0 else "no-spurious-minimum"
        equal["bounds.critical_points"] = len(kinds)
        for i in range(len(kinds)):
            kind(f"critical_points.{i}.", i)
        if T > 0:
            values["barrier"] = values["critical_points.2.objective"] - values["critical_points.1.objective"]
        return values, equal
    axis, v, a = rows(claim)
    w = [W * x / length(axis) for x in axis]
    values["loss"], phi, r = loss_of(v, w, a, star), angle_of(v, w), length(v)
    away = []
    for _, angle, there, *_ in kinds:
        turn = min(abs(phi - angle), mp.pi / 2)
        away.append(
            mp.sqrt((r * mp.sin(turn)) ** 2 + sum((x - y) ** 2 for x, y in zip(a, there, strict=True)))
        )
    if claim["verdict"] == "not-critical":
        values["exclusion_radius"] = min(away)
        return values, equal
    found = [kind[0] for kind in kinds]
    if claim["verdict"] not in found:
        return {}, {"verdict": found}
    i = found.index(claim["verdict"])
    kind("", i)
    values["existence_radius"], values["uniqueness_radius"] = away[i], min(away[:i] + away[i + 1 :])
    return values, equal


def descent_truth(claim, star, W):
    axis, v, a = rows(claim)
    w, eta, k = [W * x / length(axis) for x in axis], real(claim["eta"]), len(star)
    for _ in range(claim["step"]):
        v, a = gradient_step(v, w, a, star, eta)
    S, N, s, q, phi, r = sum(star), mp.fdot(star, star), sum(a), mp.fdot(a, star), angle_of(v, w), length(v)
    psi, g, sigma, least = mp.pi - phi, g_of(phi), s * S / W, mp.pi - 1
    D, K = (g - 1) * N + S**2 - sigma, (g - 1) * N + S**2 * (mp.pi - g) / (k + least)
    Q = max(abs(q), W * (N + (S**2 + max(abs(sigma), S**2)) / least))
    small = min(abs(q), W * min(abs(D), abs(K)) / least)
    xi, unit = eta * W * Q / (2 * r**2), eta * W / (2 * mp.pi)
    values = {"r": r, "phi": phi, "psi": psi, "q": q, "s": s, "alpha": eta * least / (2 * mp.pi)}
    tiny = mp.mpf(10) ** -90
    if min(q, D, K) > 0 and psi > 0 and xi <= 1 + tiny:
        end, y = "converges-to-global-minimum", unit * psi * small / (r**2 * mp.exp(4 * xi * phi / mp.pi))
        values["decay"] = y / (1 + y * (1 - mp.cos(phi)))
    elif max(q, D, K) < 0 and eta * W * Q * psi <= mp.pi * r**2 * (1 + tiny):
        end = "converges-to-spurious-minimum"
        values["flattest"] = unit * small / (r**2 * mp.exp(4 * xi * psi**2 / mp.pi**2))
        values["steepest"] = unit * Q / r**2
    else:
        end = "not decided"
    allowed = eta > 0 and eta * (k + least) <= 2 * mp.pi * (1 + tiny)
    return values, {"verdict": end if allowed else "eta", "at once": claim["method"] == DESCENT[0]}


UPPER = ("existence_radius", "steepest")


def untrue(claim):
    """Why the dense formulas do not bear it out, or an empty string."""
    name = "cnn-descent-v1" if claim["method"] in DESCENT else "cnn-v1"
    if not SCHEMAS[name].is_valid(claim):
        return "shape"
    star = [Fraction(x) for x in claim["problem"]["a_star"]]
    if not any(star) or Fraction(claim["problem"]["w_norm"]) <= 0:
        return "problem"
    values, equal = truth(claim)
    if equal.get("at once", not claim.get("step")) != (not claim.get("step")):
        return "step"
    if equal.get("verdict", claim["verdict"]) != claim["verdict"]:
        return "verdict"

    def wrong(item, path):
        if isinstance(item, dict) and "exact" in item:
            x, value = real(exact(item)), values[path]
            slack = abs(value) * mp.mpf(10) ** -90
            if path in UPPER:
                return "" if value <= x + slack else path
            positive = path in ("alpha", "s", "q") or x > 0
            return "" if positive and x <= value + slack else path
        if (
            isinstance(item, list)
            and len(item) == 2
            and all(isinstance(x, dict) and "exact" in x for x in item)
        ):
            low, high = (real(exact(x)) for x in item)
            slack = mp.mpf(10) ** -90 * (1 + abs(values[path]))
            return "" if low - slack <= values[path] <= high + slack else path
        if path.endswith("inertia") or path.endswith("verdict"):
            return "" if item == equal[path] else path
        if (
            path.endswith("spectrum")
            and [x["multiplicity"] for x in item] != equal[path[:-8] + "multiplicities"]
        ):
            return path
        parts = item.items() if isinstance(item, dict) else enumerate(item) if isinstance(item, list) else ()
        return next(filter(None, (wrong(x, f"{path}.{part}".strip(".")) for part, x in parts)), "")

    return wrong(claim["bounds"], "")


# ---- the functions that the formulas are made of --------------------------------------------------------


def samples(seed, count=40):
    rng = random.Random(seed)  # noqa: S311
    yield from ((0, 0), (1, 0), (1, -300), (1, -5000))
    for _ in range(count):
        yield rng.getrandbits(190), -190 - rng.choice([0, 0, 0, 1, 7, 60, 190, 300])


@pytest.mark.parametrize("bits", [60, 192])
def test_functions_contain_and_are_narrow(bits):
    """At exact arguments, to relative accuracy however small they are."""
    with ia.precision(bits):
        for m, e in samples(bits):
            x, y = ia.dyadic(m, e), mp.mpf(m) * mp.mpf(2) ** e
            with mp.workprec(400 - 3 * e if e > -2000 else 16_000):
                lens = mp.sin(y) - y * mp.cos(y)
                found = {"arctan": (ia.arctan(x), mp.atan(y)), "sine": (ia.sine(3 * x), mp.sin(3 * y))}
                found |= {"cosine": (ia.cosine(3 * x), mp.cos(3 * y)), "exp": (ia.exp(4 * x), mp.exp(4 * y))}
                found |= {"lens": (ia.lens(x), lens)}
                for name, (mine, value) in found.items():
                    assert within(mine, value, mp.mpf(0) if value == 0 else mp.mpf(2) ** -380), (name, m, e)
                    if value and (name in ("arctan", "lens") or abs(value) > mp.mpf(2) ** -20):
                        assert relative_width(mine) < mp.mpf(2) ** (32 - bits), (name, m, e)


def test_functions_of_wide_intervals_contain_those_of_points():
    rng = random.Random(3)  # noqa: S311
    with ia.precision(120):
        for _ in range(60):
            m, width, e = (
                rng.getrandbits(60),
                rng.getrandbits(rng.choice([5, 40, 59])),
                rng.choice([-60, -61, -90]),
            )
            inside = mp.mpf(m + width // 3) * mp.mpf(2) ** e
            x = ia.enclosure(m, m + width, e)
            for sign in (-1, 1):
                assert within(ia.arctan(sign * x), mp.atan(sign * inside))
                assert within(
                    ia.arctan(sign * (x - ia.dyadic(m + width // 2, e))),
                    mp.atan(sign * (inside - (m + width // 2) * mp.mpf(2) ** e)),
                )
            assert within(ia.lens(x), mp.sin(inside) - inside * mp.cos(inside))
            assert within(ia.cosine(x), mp.cos(inside))
            assert within(ia.sine(x), mp.sin(inside))
            assert within(ia.exp(x), mp.exp(inside))


def test_bearing_all_around():
    rng = random.Random(4)  # noqa: S311
    with ia.precision(120):
        for _ in range(300):
            y = rng.getrandbits(60) >> rng.choice([0, 0, 30, 59])
            x = rng.choice([-1, 1]) * rng.choice(
                [rng.getrandbits(60) >> rng.choice([0, 30, 58]), y, y + 1, 0]
            )
            if x == y == 0:
                continue
            mine, value = ia.bearing(ia.dyadic(y, -60), ia.dyadic(x, -60)), mp.atan2(y, x)
            assert within(mine, value)
            assert mine.delta <= mp.mpf(2) ** -90
            wide = ia.enclosure(x - 3, x + 5, -60), ia.enclosure(max(y - 2, 0), y + 3, -60)
            if y > 10 or abs(x) > 10:
                assert within(ia.bearing(wide[1], wide[0]), value)
        with pytest.raises(ValueError, match="direction"):
            ia.bearing(ia.enclosure(0, 1, 0), ia.enclosure(-1, 1, 0))


def test_the_remainder_of_a_series_is_attained():
    """With equal steps and ratio 1/2 what is left out is the last term: the bound could not be smaller."""
    with ia.precision(60):
        x = ia.series(ia.dyadic(1, -1), ia.dyadic(1, 0), lambda n: 1)
        assert libmp.mpf_ge(x._mpi_[1], libmp.from_int(2))
        assert libmp.mpf_lt(libmp.mpf_sub(x._mpi_[1], libmp.from_int(2)), libmp.from_man_exp(1, -54))
    # the arc tangent of a tiny t is t - t^3/3 + .., inside t (1 - t^2), t, by more than rounding
    with ia.precision(40):
        t = ia.dyadic(1, -45)
        assert within(ia.arctan(t), mp.atan(mp.mpf(2) ** -45), 0)


# ---- the landscape --------------------------------------------------------------------------------------


def random_problem(rng, k=None):
    k = k or rng.choice([1, 2, 3, 5, 9])
    star = [Fraction(rng.randint(-30, 30), rng.randint(1, 9)) for _ in range(k)]
    return (
        star if any(star) else [Fraction(1)] * k,
        Fraction(rng.randint(1, 20), rng.randint(1, 9)),
        rng.choice([2, 3, 7]),
    )


def test_g_by_integration():
    with mp.workdps(30), ia.precision(100):
        for i in range(1, 12):
            phi = mp.mpf(i) / 4
            psi = ia.pi() - ia.dyadic(i, -2)
            assert abs(kernel(phi) - g_of(phi)) < mp.mpf(10) ** -25
            assert within(ia.lens(psi), g_of(phi), mp.mpf(10) ** -25)


def test_kinds_against_linear_algebra():
    rng = random.Random(5)  # noqa: S311
    problems = [random_problem(rng) for _ in range(40)]
    problems += [([Fraction(1), Fraction(-1)], Fraction(1), 2), ([Fraction(2)] * 3, Fraction(1, 3), 4)]
    for star, W, p in problems:
        with ia.precision(192):
            own = cnn.Numbers(problem(star, W, p))
            T, kinds = kinds_of([real(x) for x in star], real(W), p)
            assert within(own.excess, T)
            assert (own.sign > 0, own.sign == 0) == (T > 0, len(star) == 1)
            assert len(own.kinds) == len(kinds)
            assert within(
                own.q_bad, mp.fdot(kinds[1][2], map(real, star)) if len(star) > 1 else 0, mp.mpf(10) ** -100
            )
            for mine, (verdict, phi, a, g, spectrum, inertia) in zip(own.kinds, kinds, strict=True):
                assert (mine.verdict, mine.inertia) == (verdict, inertia)
                assert within(mine.angle, phi) and within(mine.complement, mp.pi - phi, mp.mpf(10) ** -110)
                assert within(mine.g, g) and within(mine.lift, mp.pi - g, mp.mpf(10) ** -110)
                assert within(mine.cosine, mp.cos(phi))
                assert mine.sine == 0 if phi in (0, +mp.pi) else within(mine.sine, mp.sin(phi))
                loss = loss_of([mp.cos(phi), mp.sin(phi)], [real(W), 0], a, [real(x) for x in star])
                assert within(mine.objective, loss) or (loss < mp.mpf(10) ** -100 and mine.objective == 0)
                for (m, x), (n, y) in zip(mine.spectrum, spectrum, strict=True):
                    assert m == n
                    if not isinstance(x, int):
                        assert within(x, y)
                        continue
                    for power in (10, 40, 100):  # the sides of P are those of the root
                        for sign in (-1, 1):
                            t = y + sign * mp.mpf(2) ** -power
                            end = iv.make_mpf((t._mpf_, t._mpf_))
                            assert own.side(end, x) == sign
            if T > 0:
                away = kinds[2], kinds[1]
                high, low = (
                    loss_of([mp.cos(x[1]), mp.sin(x[1])], [real(W), 0], x[2], [real(y) for y in star])
                    for x in away
                )
                assert within(own.barrier, high - low, mp.mpf(10) ** -100)


def test_the_listed_points_are_critical_with_these_spectra():
    """Gradient and Hessian of the dense loss by differences."""
    with mp.workdps(50):
        star, W, p = [mp.mpf(1), mp.mpf(-2) / 5], mp.mpf(3) / 2, 3
        w, h = [W, mp.mpf(0), mp.mpf(0)], mp.mpf(10) ** -14

        for _, phi, a, _, spectrum, _ in kinds_of(star, W, p)[1]:
            at = [mp.cos(phi), mp.sin(phi), mp.mpf(0), *a]

            def moved(*steps, at=at):
                x = list(at)
                for i, by in steps:
                    x[i] += by
                return loss_of(x[:p], w, x[p:], star)

            n, hessian = len(at), mp.matrix(len(at))
            for i in range(n):
                assert abs(moved((i, h)) - moved((i, -h))) / h < mp.mpf(10) ** -12
                for j in range(n):
                    four = (
                        moved((i, h), (j, h))
                        - moved((i, h), (j, -h))
                        - moved((i, -h), (j, h))
                        + moved((i, -h), (j, -h))
                    )
                    hessian[i, j] = four / (4 * h * h)
            found = sorted(mp.eigsy(hessian, eigvals_only=True))
            wanted = sorted(x for m, x in spectrum for _ in range(m))
            assert max(abs(x - y) for x, y in zip(found, wanted, strict=True)) < mp.mpf(10) ** -10


def near_threshold(eps, k=2):
    """a* with T / N of about eps, for k = 2: a* = (1, x), (1 + pi)(1 + x^2) = pi (1 + x)^2 at x = pi - ..."""
    with mp.workdps(len(str(eps)) + 700):
        x = (mp.pi - mp.sqrt(mp.pi**2 - 1)) * (1 - mp.mpf(eps))
        return [Fraction(1), Fraction(int(x * mp.mpf(2) ** 1600), 2**1600)]


@pytest.mark.parametrize("eps", ["1e-9", "-1e-9", "1e-30", "-1e-30", "1e-300", "-1e-300"])
def test_close_to_the_threshold(eps):
    with ia.precision(192):
        own = cnn.Numbers(problem(near_threshold(eps)))
        assert own.sign == (1 if eps[0] == "1" else -1)
        assert relative_width(own.excess) < mp.mpf(2) ** -185
        if own.sign > 0:
            psi, T = own.kinds[2].complement, mp.make_mpf(own.excess._mpi_[0])
            assert relative_width(psi) < mp.mpf(2) ** -170
            g = T / (T + (mp.pi - 1) * real(own.of.S) ** 2)
            with mp.workdps(700):
                for end, sign in zip(psi._mpi_, (-1, 1), strict=True):
                    x = mp.make_mpf(end)
                    assert sign * (mp.sin(x) - x * mp.cos(x) - g) > -abs(g) * mp.mpf(2) ** -180


def test_a_threshold_beyond_the_bits_is_not_decided(monkeypatch):
    monkeypatch.setattr(cnn, "LAST_BITS", 200)
    with ia.precision(192):
        base = document("landscape-spurious")
        star = [str(x) for x in near_threshold("1e-300")]
        new = changed(changed(base, "problem.a_star", star), "problem.patch", 20)
        assert audit(new).result == "not-confirmed"


def test_loss_and_distances_against_dense_formulas():
    rng = random.Random(6)  # noqa: S311
    for case in range(60):
        star, W, p = random_problem(rng)
        of = problem(star, W, p)
        axis, v = ([rng.uniform(-1, 1) for _ in range(p)] for _ in range(2))
        if case % 3:  # near w* or -w*, down to 1e-30 and to the very direction
            off = rng.choice([0, 1e-3, 1e-12, 1e-16])
            v = [(-1) ** case * 2 * x + off * rng.uniform(-1, 1) for x in axis]
        kinds = kinds_of([real(x) for x in star], real(W), p)[1]
        a = [rng.uniform(-1, 1) for _ in star]
        if case % 2:
            a = [float(x) + rng.choice([0, 1e-9]) for x in rng.choice(kinds)[2]]
        at = point(of, axis, v, a)
        rows_ = [[mp.mpf(x) for x in row] for row in (axis, v, a)]
        w, phi = [real(W) * x / length(rows_[0]) for x in rows_[0]], angle_of(rows_[1], rows_[0])
        loss = loss_of(rows_[1], w, rows_[2], [real(x) for x in star])
        with ia.precision(192):
            own = cnn.Numbers(of)
            mine = own.loss(at)
            assert within(mine, loss, mp.mpf(10) ** -85)
            assert relative_width(mine) < mp.mpf(2) ** -60
            for kind, (_, angle, there, *_) in zip(own.kinds, kinds, strict=True):
                turn = mp.sin(min(abs(phi - angle), mp.pi / 2)) * length(rows_[1])
                distance = length([turn, *(x - y for x, y in zip(rows_[2], there, strict=True))])
                assert within(own.distance(at, kind), distance, mp.mpf(10) ** -85)
                assert relative_width(own.distance(at, kind)) < mp.mpf(2) ** -60


def test_distance_from_the_saddles_is_that_of_two_rays_in_the_plane():
    """p = 2: the cone is two rays; the nearest point of each is found by projection."""
    rng = random.Random(7)  # noqa: S311
    of = problem(["1", "-1/2"], 2, 2)
    _, kinds = kinds_of([mp.mpf(1), mp.mpf(-0.5)], mp.mpf(2), 2)
    for _ in range(20):
        v, a = [rng.uniform(-1, 1), rng.uniform(-1, 1)], [rng.uniform(-2, 2), rng.uniform(-2, 2)]
        best = mp.inf
        for side in (-1, 1):
            ray = mp.cos(kinds[2][1]), side * mp.sin(kinds[2][1])
            along = max(mp.fdot(map(mp.mpf, v), ray), 0)
            best = min(best, length([mp.mpf(v[0]) - along * ray[0], mp.mpf(v[1]) - along * ray[1]]))
        whole = length([best, *(mp.mpf(x) - y for x, y in zip(a, kinds[2][2], strict=True))])
        with ia.precision(192):
            own = cnn.Numbers(of)
            assert within(own.distance(point(of, [1.0, 0.0], v, a), own.kinds[2]), whole, mp.mpf(10) ** -100)


# ---- descents -------------------------------------------------------------------------------------------


def test_the_four_scalars_against_gradient_descent_in_all_coordinates():
    rng = random.Random(8)  # noqa: S311
    for case in range(12):
        star, W, p = random_problem(rng)
        of, T = problem(star, W, p), 60
        eta = (
            Fraction(1, rng.randint(1, 40)) / (of.N + of.k) if case % 4 else Fraction(3, of.k + 3)
        )  # maybe too large
        axis, v, a = (
            [rng.uniform(-1, 1) for _ in range(p)],
            [rng.uniform(-1, 1) for _ in range(p)],
            [rng.uniform(-1, 1) for _ in star],
        )
        if case % 3 == 0:
            v = [-x for x in axis]
        at = point(of, axis, v, a)
        exact_star, w = (
            [real(x) for x in star],
            [real(W) * mp.mpf(x) / length(list(map(mp.mpf, axis))) for x in axis],
        )
        big_v, big_a = list(map(mp.mpf, v)), list(map(mp.mpf, a))
        with ia.precision(224):
            now = cnn_descent.Numbers(of, eta).run(at, T)
        for _ in range(T):
            big_v, big_a = gradient_step(big_v, w, big_a, exact_star, real(eta))
        A = mp.fdot(big_v, w) / real(W)
        B = length([x - A * y / real(W) for x, y in zip(big_v, w, strict=True)])
        for mine, value in zip(now, (A, B, mp.fdot(big_a, exact_star), sum(big_a)), strict=True):
            assert within(mine, value, mp.mpf(10) ** -80) or abs(value) < mp.mpf(10) ** -80
            assert mine.delta <= mp.mpf(2) ** -150 * (1 + abs(value))


def test_the_bound_of_eta_is_exact():
    def refused(star, eta):
        with ia.precision(192):
            return [f.result for f in cnn_descent.step_3(cnn_descent.Numbers(problem(star), Fraction(eta)))]

    assert refused(["1"], 2) == []  # 2 pi/(1 + pi - 1) = 2
    assert refused(["1"], 2 + Fraction(1, 10**40)) == ["rejected"]
    most = 2 * mp.pi / (2 + mp.pi)
    scaled = int(most * 10**40)
    assert refused(["1", "2", "3"], Fraction(scaled, 10**40)) == []
    assert refused(["1", "2", "3"], Fraction(scaled + 1, 10**40)) == ["rejected"]


def test_a_run_through_the_filter_that_vanishes_is_not_confirmed(monkeypatch):
    """Where neither A nor B is proved to be nonzero, nothing is."""
    base = document("trajectory-global")
    wide = ia.enclosure(-1, 1, 0)
    monkeypatch.setattr(cnn_descent, "root", lambda _: wide)
    assert audit(base).result == "not-confirmed"


# ---- certificates ---------------------------------------------------------------------------------------


ACCEPTED = sorted(path.stem.removeprefix("cnn-") for path in (CORPUS / "accept").glob("cnn-*.json"))


@pytest.mark.parametrize("name", ACCEPTED)
def test_what_is_accepted_is_true_by_dense_formulas(name):
    base = document(name)
    assert audit(base).result == "accepted"
    if name == "landscape-huge" or "just" in name:
        mp.dps = 700
    assert untrue(base["statement"]["claim"]) == ""


@pytest.mark.parametrize("path", sorted((CORPUS / "reject").glob("cnn-*.json")), ids=lambda path: path.stem)
def test_what_is_rejected_is_false_by_dense_formulas(path):
    claim = json.loads(path.read_bytes())["statement"]["claim"]
    rules = ("uniqueness-0", "exclusion-0", "decay-0", "flattest-0")  # positive, says the specification
    assert untrue(claim) or path.stem.removeprefix("cnn-") in rules


def test_limits():
    base, run = document("landscape-spurious"), document("region-global")
    long = "9" * 6000
    cases = [
        changed(base, "problem.a_star", ["1"] * 4097),
        changed(base, "problem.patch", 10**9 + 1),
        changed(base, "problem.w_norm", long),
        changed(base, "problem.w_norm", "9" * 20000),
        changed(base, "problem.a_star.0", long),
        changed(base, "problem.a_star.1", f"1/{long}"),
        changed(run, "problem.patch", 2**20 + 1),
        changed(changed(run, "step", 100_001), "method", "enclosed-trajectory"),
        changed(run, "point.a.0", ["1", -60000]),
        changed(run, "point.v.0", ["1", -60000]),
    ]
    for case in cases:
        report = audit(case)
        assert (report.result, report.finding.claim) == ("not-confirmed", LIMIT)


PLACES = (
    ("landscape-spurious", "critical_points.2.objective"),
    ("landscape-spurious", "critical_points.2.complement"),
    ("landscape-spurious", "critical_points.2.spectrum.3.value"),
    ("saddle", "loss"),
    ("trajectory-spurious", "psi"),
    ("trajectory-global", "q"),
)


@pytest.mark.parametrize(("name", "path"), PLACES)
def test_an_interval_is_confirmed_if_and_only_if_it_contains_the_number(name, path):
    """One end within a relative 2^-60 of the number, on either side."""
    base = document(name)
    man, exp = libmp.to_man_exp(truth(base["statement"]["claim"])[0][path]._mpf_)
    value = Fraction(int(man)) * Fraction(2) ** int(exp)
    for outward, result in ((1, "accepted"), (-1, "rejected")):
        near, wide = abs(value) * outward / 2**60, abs(value) / 2**10
        for low, high in ((value - near, value + wide), (value - wide, value + near)):
            ends = [number(low, False, 120), number(high, True, 120)]
            assert audit(changed(base, f"bounds.{path}", ends)).result == result


def test_no_mutant_is_accepted_unless_it_is_true():
    names = (
        "landscape-spurious",
        "landscape-none",
        "landscape-k-1",
        "landscape-s-0",
        "global-exact",
        "half-space-flat",
        "saddle",
        "not-critical-s-0",
        "region-global",
        "region-spurious",
        "trajectory-k-1",
        "trajectory-antiparallel",
    )
    documents, results = {name: document(name) for name in names}, []
    for what, data in mutants.mutants(documents, 400, seed=9):
        report = check_bytes(data)
        results.append(report.result)
        if report.result == "accepted":
            claim = json.loads(data)["statement"]["claim"]
            assert untrue(claim) == "", what
    assert all(results.count(kind) > 20 for kind in ("accepted", "rejected", "malformed")), results
