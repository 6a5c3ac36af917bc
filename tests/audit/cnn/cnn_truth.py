"""The one-hidden-layer CNN by dense formulas in many digits (`truth`), which share nothing with the checker."""

import json
from fractions import Fraction
from pathlib import Path

from certificates import exact
from jsonschema import Draft202012Validator
from mpmath import mp

from relucert_audit.cnn import landscape as cnn
from relucert_audit.format import Dyadic

ROOT = Path(__file__).resolve().parents[3]
CORPUS = ROOT / "tests" / "corpus"
SCHEMAS = {
    name: Draft202012Validator(json.loads((ROOT / "docs" / "spec" / f"{name}.schema.json").read_text()))
    for name in ("cnn-v1", "cnn-descent-v1")
}
DESCENT = ("invariant-region", "enclosed-trajectory")
KNOWN = mp.mpf(2) ** -380


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


def random_problem(rng, k=None):
    k = k or rng.choice([1, 2, 3, 5, 9])
    star = [Fraction(rng.randint(-30, 30), rng.randint(1, 9)) for _ in range(k)]
    return (
        star if any(star) else [Fraction(1)] * k,
        Fraction(rng.randint(1, 20), rng.randint(1, 9)),
        rng.choice([2, 3, 7]),
    )
