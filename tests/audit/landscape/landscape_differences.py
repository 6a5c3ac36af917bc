"""Points of the designed landscape from the objectives alone, in mpmath: derivatives are differences of a polynomial
of degree 4 at high precision. And claims, with a way to judge them."""

import json
from copy import deepcopy
from datetime import UTC, datetime
from fractions import Fraction

from mpmath import mp, mpf

from relucert_audit.check import check
from relucert_audit.trust import Trust

SMALL, NOW = "1e-40", datetime(2026, 12, 1, 12, tzinfo=UTC)


def judged(claim):
    """(result, step, text) of the worst finding."""
    statement = {"claim": claim, "evidence": [], "provenance": {}}
    whole = {"payloadType": "application/vnd.relucert.certificate.v1+json", "statement": statement}
    report = check(json.dumps({**whole, "signatures": []}).encode(), "x.json", Trust(), NOW)
    first = report.finding
    return (report.result, first.step, f"{first.claim}: {first.reason}") if first else ("accepted", None, "")


def dyadic(x, bits=400):
    """The dyadic below x, of that many bits after the point, in the form of a certificate."""
    m, e = int(mp.floor(mpf(x) * mpf(2) ** bits)), -bits
    while m and m % 2 == 0:
        m, e = m // 2, e + 1
    return [str(m), e if m else 0]


def number(x, side):
    """A number of a certificate, within 1e-6 of x on the weak side."""
    up = 1 if side == "upper" else -1
    x = mpf(x)
    x += up * abs(x) * mpf("1e-7")
    exact = dyadic(x)
    size = int(mp.floor(mp.log10(abs(x)))) - 5 if x else 0
    digits = (mp.ceil if up > 0 else mp.floor)(mpf(int(exact[0])) * mpf(2) ** exact[1] / mpf(10) ** size)
    return {"exact": exact, "decimal": f"{int(digits)}e{size}" if x else "0"}


def interval(low, high):
    return [number(low, "lower"), number(high, "upper")]


def claim(method, problem, verdict, bounds, **more):
    head = {"schema": "relucert-certificate/1.1", "family": "designed-landscape", "method": method}
    return head | {"problem": problem, "verdict": verdict, "bounds": bounds} | more


def changed(whole, path, value):
    """A copy with another value at this path, "bounds.value.0"; None removes it."""
    copy = deepcopy(whole)
    *parents, last = [int(x) if x.isdigit() else x for x in path.split(".")]
    place = copy
    for name in parents:
        place = place[name]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return copy


def exact(x):
    x = Fraction(x)
    return mpf(x.numerator) / x.denominator


def objective(problem):
    """Q of a list of d^2 numbers, as docs/spec/landscape-v1.md writes it."""
    a, mu, lam = [exact(x) for x in problem["a_star"]], exact(problem["mu"]), exact(problem["lambda"])
    c, nu, d = 1 / (2 * mp.sqrt(2 * mp.pi)), mu / 12, len(a)
    general = problem["objective"] == "F"
    alpha = [c / x if general else c * x for x in a]
    rows = [[exact(x) for x in row] for row in problem.get("teacher", [])]
    T = [[mp.sqrt(x) * y for y in row] for x, row in zip(a, rows, strict=True)] if general else None

    def value(B):
        U = [B[j * d : j * d + d] for j in range(d)]
        if general:
            U = [[mp.fdot(row, b) for row in T] for b in U]
        total = sum(lam * (mp.fdot(u, u) - 1) ** 2 for u in U)
        for i in range(d):
            column = [u[i] ** 2 for u in U]
            total += alpha[i] * (sum(column) ** 2 - (1 + nu) * sum(x * x for x in column))
        return total

    return value, alpha, T


def derivatives(Q, B):
    """(value, gradient, Hessian) of a polynomial."""
    h, n = mpf(SMALL), len(B)

    def at(*steps):
        x = list(B)
        for i, s in steps:
            x[i] += s * h
        return Q(x)

    here = Q(B)
    ends = [(at((i, -1)), at((i, 1))) for i in range(n)]
    g = mp.matrix([(b - a) / (2 * h) for a, b in ends])
    H = mp.matrix(n, n)
    for i in range(n):
        H[i, i] = (ends[i][0] + ends[i][1] - 2 * here) / h**2
        for j in range(i):
            both = at((i, 1), (j, 1)) - at((i, 1), (j, -1)) - at((i, -1), (j, 1)) + at((i, -1), (j, -1))
            H[i, j] = H[j, i] = both / (4 * h * h)
    return here, g, H


def polished(Q, B, times=8):
    """Newton's method from B."""
    B = [mpf(x) for x in B]
    for _ in range(times):
        _, g, H = derivatives(Q, B)
        B = [x - y for x, y in zip(B, mp.lu_solve(H, g), strict=True)]
    return B


def spectrum(H):
    return sorted(mp.eigsy(H, eigvals_only=True))


def critical_bounds(Q, B, lipschitz, width):
    """The bounds of docs/spec, `hessian`, at a point B, all as tight as the theorems of the checker give them;
    lipschitz: a function of the radius; width: of a row. And what is true."""
    value, g, H = derivatives(Q, B)
    values = spectrum(H)
    eps, gap, most = mp.norm(g), min(map(abs, values)), max(map(abs, values))
    eta, R = mp.norm(mp.lu_solve(H, g)), mpf("1e-3")
    for _ in range(200):
        L = lipschitz(R)
        root = mp.sqrt(1 - 2 * L * eta / gap)
        R = (1 + root) * gap / L
    r = 2 * eta / (1 + root)
    slack = r * (most * r / 2 + min(eps + L * r**2 / 6, 2 * L * r**2 / 3))
    negative = sum(x < 0 for x in values)
    bounds = {
        "gradient": number(eps, "upper"),
        "lambda_min": interval(values[0], values[0]),
        "inertia": {"negative": negative, "positive": len(values) - negative},
        "existence_radius": number(r, "upper"),
        "uniqueness_radius": number(R * (1 - mpf("1e-6")), "lower"),
        "value": [outward(value - slack, -1), outward(value + slack, 1)],
    }
    direction = {}
    if negative:
        first = mp.eigsy(H)[1][:, 0]
        V = [dyadic(x, 60) for x in first]
        v = mp.matrix([mpf(int(m)) * mpf(2) ** e for m, e in V])
        bend = (v.T * H * v)[0] / mp.norm(v) ** 2 + L * r
        bounds["curvature"] = number(bend, "upper")
        rows = [V[j : j + width] for j in range(0, len(V), width)]
        direction = {"direction": rows}
    return bounds, {
        "direction": direction,
        "value": value,
        "slack": slack,
        "r": r,
        "R": R,
        "eps": eps,
        "values": values,
        "H": H,
        "L": L,
    }


def outward(x, sign, by="1e-30"):
    """A number that lies only just beyond x."""
    exact = dyadic(x + sign * mpf(by))
    x = mpf(int(exact[0])) * mpf(2) ** exact[1]
    size = int(mp.floor(mp.log10(abs(x)))) - 5
    digits = (mp.ceil if sign > 0 else mp.floor)(x / mpf(10) ** size)
    return {"exact": exact, "decimal": f"{int(digits)}e{size}"}
