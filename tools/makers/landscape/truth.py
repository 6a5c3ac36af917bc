"""What is false in a claim, judged by the objective alone: values, differences, Newton's method, runs. It shares no
formula with kernel or checker but those of the specification; what it cannot see it calls true."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import numpy as np
from mpmath import mp, mpf

from judge.documents import Json, value
from makers.landscape import objective
from makers.landscape.objective import DIGITS, Population, Samples, eigenvalues, gradient, norm, real, rows

NEAR, ROUNDED = 1e-9, 1e-14  # relative, of what is known in floating point only; of an eigenvalue
STARTS, MORE = 3, 20_000


def untrue(claim: Json) -> str:
    """What is false, or an empty string."""
    with mp.workdps(DIGITS):
        return next(METHODS[claim["method"]](claim), "")


def at(claim: Json, name: str, end: int | None = None) -> mpf:
    item = claim["bounds"][name]
    return real(value((item if end is None else item[end])["exact"]))


def inside(claim: Json, name: str, x: mpf) -> Iterator[str]:
    if not at(claim, name, 0) <= x <= at(claim, name, 1):
        yield name


def small(of: Population) -> bool:
    """Whether all critical points are known."""
    return of.d <= (2 if of.general else 3)


def regime(of: Population, kind: str) -> Iterator[str]:
    """kind: bounded, unbounded or benign."""
    edge = of.nu * max(of.alpha)
    if (of.lam > edge) == (kind == "unbounded"):
        yield "the objective is " + ("bounded" if kind == "unbounded" else "unbounded") + " below"
    if kind == "benign" and (of.nu == 1 or (of.nu > 1 and of.lam > (1 + of.nu) * min(of.alpha))):
        yield "a local minimum is not global, or not isolated"


def basin(claim: Json, of: Population, P: Any, most: mpf) -> Iterator[str]:
    """most: the largest eigenvalue at P. Descent with a larger step than 2/most leaves P."""
    if "basin" not in claim["bounds"]:
        return
    if not 0 < at(claim, "step") <= 2 / most:
        yield "step"
    if not 0 < at(claim, "basin") < (min(of.distances(P)) * (1 + NEAR) if small(of) else np.inf):
        yield "basin"


def whole(claim: Json) -> Iterator[str]:
    of, verdict = Population(claim["problem"]), claim["verdict"]
    if verdict == "unbounded-below":
        yield from regime(of, "unbounded")
        return
    yield from regime(of, "benign" if verdict == "no-spurious-minimum" else "bounded")
    P = of.signed({"permutation": range(of.d), "signs": "+" * of.d})
    if verdict == "no-spurious-minimum":
        spectrum = eigenvalues(of, P)
        yield from inside(claim, "value", of.value(P))
        if not 0 < at(claim, "lambda_min") <= spectrum[0]:
            yield "lambda_min"
        if not spectrum[-1] <= at(claim, "lambda_max"):
            yield "lambda_max"
        yield from basin(claim, of, P, spectrum[-1])
        yield from saddles(of, float(at(claim, "saddle")))
        return
    if claim["minimum"]["kind"] == "doubled":
        if claim["minimum"]["twice"] == claim["minimum"]["never"]:
            yield "minimum"
        P = of.doubled(claim["minimum"]["twice"], claim["minimum"]["never"])
    yield from inside(claim, "value", of.value(P))
    if not 0 < at(claim, "lambda_min") <= eigenvalues(of, P)[0]:
        yield "lambda_min"
    if small(of) and not 0 < at(claim, "gap") < of.value(P) - of.infimum:
        yield "gap"


def saddles(of: Population, s: float) -> Iterator[str]:
    """At all critical points that are known, or at B = 0."""
    for U in of.others if small(of) else [np.zeros((of.d, of.d))]:
        bends = np.linalg.eigvalsh(of.bends(U))
        if not bends[0] < -s * (1 - NEAR) + ROUNDED * np.abs(bends).max():
            yield "saddle"


def nearest(claim: Json) -> Iterator[str]:
    of, minimum, B = Population(claim["problem"]), claim["minimum"], rows(claim["point"])
    yield from regime(of, "benign")
    if sorted(minimum["permutation"]) != list(range(of.d)):
        yield "minimum"
    P = of.signed(minimum)
    if not norm(B - P) <= at(claim, "distance"):
        yield "distance"
    yield from basin(claim, of, P, eigenvalues(of, P)[-1])
    if "basin" in claim["bounds"] and not at(claim, "distance") < at(claim, "basin"):
        yield "distance"
    if "a_star" in claim["bounds"]:
        yield from recovered(claim, of, B)


def recovered(claim: Json, of: Population, B: Any) -> Iterator[str]:
    if any(sum(Fraction(x) ** 2 for x in row) != 1 for row in claim["problem"].get("teacher", [])):
        yield "the rows are not unit vectors"
    C = np.array(mp.inverse(mp.matrix(B.tolist())).T.tolist(), dtype=object).reshape(B.shape)
    hats = np.array([row / norm(row) for row in (C if of.general else B)], dtype=object)
    total = np.array(of.a, dtype=object) @ of.star
    if of.general:
        weights = list(mp.lu_solve(mp.matrix(hats.T.tolist()), mp.matrix(list(total))))
    else:
        weights = list(hats @ total)
    if at(claim, "a_star") >= min(of.a):
        yield "a_star"
    places = zip(claim["minimum"]["permutation"], claim["minimum"]["signs"], strict=True)
    for j, (i, sign) in enumerate(places):
        s = 1 if sign == "+" else -1
        if abs(weights[j] - s * of.a[i]) > at(claim, "a_star"):
            yield "a_star"
        if norm(hats[j] - s * of.star[i]) > at(claim, "b_star"):
            yield "b_star"


def point(claim: Json) -> Iterator[str]:
    """Of hessian and empirical."""
    general = claim["problem"]["objective"] == "G-hat"
    of: Any = Samples(claim["problem"]) if general else Population(claim["problem"])
    B = rows(claim["point"])
    if claim["verdict"] == "not-critical":
        if not 0 < at(claim, "gradient_min") <= norm(gradient(of, B)):
            yield "gradient_min"
        known = [np.zeros_like(B), objective.newton(of, B)]
        near = min(norm(W - B) for W in known if W is not None)
        if not 0 < at(claim, "exclusion") <= near:
            yield "exclusion"
        return
    if not norm(gradient(of, B)) <= at(claim, "gradient"):
        yield "gradient"
    yield from inside(claim, "lambda_min", eigenvalues(of, B)[0])
    W = objective.newton(of, B)
    if W is None or not norm(W - B) <= at(claim, "existence_radius") < at(claim, "uniqueness_radius"):
        yield "existence_radius"
    else:
        yield from critical(claim, of, W)
        away, reach = float(norm(W - B)), float(at(claim, "uniqueness_radius"))
        if (
            not general
            and small(of)
            and any(x < reach * (1 - NEAR) and abs(x - away) > 1e-6 for x in of.distances(B))
        ):
            yield "uniqueness_radius"
        if W.any() and 2 * norm(B) + at(claim, "existence_radius") < at(claim, "uniqueness_radius"):
            yield "uniqueness_radius"  # -W is critical, too


def critical(claim: Json, of: Any, W: Any) -> Iterator[str]:
    spectrum, verdict = eigenvalues(of, W), claim["verdict"]
    negative = sum(x < 0 for x in spectrum)
    if claim["bounds"]["inertia"] != {"negative": negative, "positive": len(spectrum) - negative}:
        yield "inertia"
    if (verdict == "strict-saddle") != (negative > 0):
        yield "verdict"
    yield from inside(claim, "value", of.value(W))
    known = verdict == "spurious-minimum" and of.lam > of.nu * max(of.alpha) and small(of)
    if known and not of.value(W) > of.infimum + abs(of.infimum) * mpf(10) ** -12:
        yield "it is global"
    if verdict == "strict-saddle":
        V = mp.matrix(list(rows(claim["direction"]).ravel()))
        bend = (V.T * objective.hessian(of, W) * V)[0] / (V.T * V)[0]
        if not bend <= at(claim, "curvature") < 0:
            yield "curvature"


def descent(claim: Json) -> Iterator[str]:
    """From some starts, the first of which is the centre."""
    of, eta = Population(claim["problem"]), real(claim["problem"]["step"])
    yield from regime(of, "benign")
    P, centre, draw = of.signed(claim["minimum"]), rows(claim["point"]), np.random.default_rng(1)
    for start in range(STARTS):
        away = draw.standard_normal(centre.shape) * (start > 0)
        away = away / (np.linalg.norm(away) or 1)
        B = centre + at(claim, "start_radius") * np.vectorize(mpf, otypes=[object])(away) * mpf("0.999")
        steep = (
            "gradient_min" not in claim["bounds"] or norm(gradient(of, B)) >= at(claim, "gradient_min") > 0
        )
        if not steep:
            yield "gradient_min"
        with mp.workdps(30):
            for _ in range(claim["steps"]):
                B = step(of, B, eta)
                if not norm(B) < 10**6:
                    yield "it goes away"
                    return
        if not norm(B - P) <= at(claim, "distance"):
            yield "distance"
        if not ends_at(of, B.astype(float), float(eta), P.astype(float)):
            yield "minimum"


def step(of: Any, B: Any, eta: Any) -> Any:
    w = B * B
    slope = of.alpha * w.sum(axis=0) - (1 + of.nu) * of.alpha * w
    return B - 4 * eta * B * (slope + of.lam * (w.sum(axis=1) - 1)[:, None])


class Floats:
    def __init__(self, of: Population) -> None:
        self.alpha, self.nu, self.lam = of.alpha.astype(float), float(of.nu), float(of.lam)


def ends_at(of: Population, B: Any, eta: float, P: Any) -> bool:
    fast = Floats(of)
    for _ in range(MORE):
        if np.linalg.norm(B - P) < 1e-8:
            return True
        B = step(fast, B, eta)
        if not np.linalg.norm(B) < 1e6:
            return False
    return False


def unit_rows(claim: Json) -> Iterator[str]:
    """Where the sum S_i of a column is made as small as the radius allows, and rows p and l turn to that column."""
    of, d = claim["problem"], len(claim["problem"]["a_star"])
    a, l, p, q = [real(x) for x in of["a_star"]], of["l"], of["p"], of["q"]  # noqa: E741
    x, r = real(of["x"]), at(claim, "radius")
    here = np.array([[mpf(int(i == j)) for i in range(d)] for j in range(d)], dtype=object)
    here[p] = here[l]
    here[q] = mpf(0)
    here[q, p], here[q, q] = mp.sqrt(x), mp.sqrt(1 - x)
    if r > max(norm(row) for row in here - np.eye(d, dtype=int)):
        yield "radius"  # the value is 0 there
    turn = 2 * mp.asin(min(r, mpf(2)) / 2) * mpf("0.9999")
    for i in range(d):
        if i == l or r <= 0:
            continue
        B, row = here.copy(), q if i in (p, q) else i
        start = mp.atan2(B[q, q], B[q, p]) if row == q else mpf(0)
        other = (q if i == p else p) if row == q else next(k for k in range(d) if k not in (l, i))
        angle = start + turn if i == p or row != q else start - turn
        B[row] = mpf(0)
        one, two = (p, q) if row == q else (i, other)
        B[row, one], B[row, two] = mp.cos(angle), mp.sin(angle)
        for tilt in (mpf(10) ** -6, turn / 2, turn):
            B[p] = B[l] = mpf(0)
            B[p, l] = B[l, l] = mp.cos(tilt)
            B[p, i] = B[l, i] = mp.sin(tilt)
            sums = (B * B).sum(axis=0)
            if sum(a[k] * (sums[k] ** 2 - (B[:, k] ** 4).sum()) for k in range(d)) < 2 * a[l]:
                yield "radius"
    if r <= 0 or not all(a[i] > a[l] for i in range(d) if i != l):
        yield "radius"


def split_neuron(claim: Json) -> Iterator[str]:
    """The second derivative of f' by (da_0 + da_1, dtheta_0, dtheta_1), by differences."""
    alpha, beta, tau = (real(claim["problem"][name]) for name in ("alpha", "beta", "tau"))

    class Loss:
        @staticmethod
        def value(z: Any) -> mpf:
            (s, one, two), total = z[0], mpf(0)
            weights = (-tau + s, 1 + tau)
            spots = [(weights[0], one), (weights[1], two), (mpf(-1), mpf(0)), (mpf(-1), mp.pi / 2)]
            for v, u in spots:
                for w, t in spots:
                    total += v * w * (alpha * mp.cos(u - t) ** 2 + beta * mp.cos(u - t) ** 4)
            return total

    bends = eigenvalues(Loss, np.full((1, 3), mpf(0), dtype=object))
    if not 0 < at(claim, "curvature") <= bends[0] / 2 + mpf(10) ** -20:
        yield "curvature"


METHODS: dict[str, Callable[[Json], Iterator[str]]] = {
    "critical-points": whole,
    "nearest-minimum": nearest,
    "hessian": point,
    "empirical": point,
    "descent": descent,
    "unit-rows": unit_rows,
    "split-neuron": split_neuron,
}
