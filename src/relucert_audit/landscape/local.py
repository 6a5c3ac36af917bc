"""What numbers at a point prove about critical points near it: Theorems C and E, Taylor's theorem and "Not
critical" of docs/theorem/teacher.md, section 4, for any objective whose Hessian is Lipschitz on balls.

The objective says how it is computed (`Local`); the claims are those of docs/spec/landscape-v1.md, `hessian`."""

import re
from collections.abc import Callable
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from relucert_audit import format as fmt
from relucert_audit.exact import Matrix, Spectrum, Symmetric, integers, norm_bound, product, spectrum
from relucert_audit.finding import Finding, Findings, TooWeak, refuted, weak
from relucert_audit.format import LOWER, UPPER, Number, malformed, number, take
from relucert_audit.interval import Interval, dyadic, enclosure, maximum, minimum, proves_lt, root, show
from relucert_audit.landscape.problem import aligned
from relucert_audit.steps import bound, contains

INVERSE_BITS, HESSIAN_BITS, STEP = 58, 88, 6
SADDLE, LOCAL, SPURIOUS, NOT = "strict-saddle", "local-minimum", "spurious-minimum", "not-critical"
INERTIA = {"negative": int, "positive": int}
CRITICAL = {"gradient": number(UPPER), "lambda_min": fmt.interval, "inertia": INERTIA, "value": fmt.interval}
CRITICAL |= fmt.RADII
DIRECTED = {"direction": [[fmt.dyadic]]}  # of a saddle
EXCLUDED = dict.fromkeys(("gradient_min", "exclusion"), number(LOWER, negative=False))


class Gradient(NamedTuple):  # within `error` of mid 2^exponent, a vector of integers; norm encloses its norm
    mid: Matrix
    exponent: int
    error: Interval
    norm: Interval


class Local(NamedTuple):  # the objective at a point, and |B - point| <= R for its Hessian
    gradient: Callable[[], Gradient]
    hessian: Callable[[], Symmetric]
    value: Callable[[], Interval]
    lipschitz: Callable[[Interval], Interval]  # of R: upper bound of the Lipschitz constant of the Hessian
    steepest: Callable[[], Interval]  # upper bound of all |eigenvalues| of the Hessian, without it


class Claim(NamedTuple):  # bounds: flat, as "value.low"; direction: of any length, as one vector, or empty
    verdict: str
    bounds: dict[str, Number]
    inertia: dict[str, int]
    direction: list[int]


def read_claim(
    raw: dict[str, Any], shape: dict[str, Any], verdicts: tuple[str, ...]
) -> tuple[dict[str, Any], Claim]:
    """All members of a claim, and those that the verdict asks for. Raises Refusal."""
    members, saddle = EXCLUDED if raw.get("verdict") == NOT else CRITICAL, raw.get("verdict") == SADDLE
    said: dict[str, Any] = {"verdict": re.compile("|".join(verdicts))}
    said["bounds"] = members | ({"curvature": number(UPPER)} if saddle else {})
    claim = take(raw, fmt.HEADER | shape | said | (DIRECTED if saddle else {}), "claim")
    bounds, point = claim["bounds"], claim["point"]
    rows, _ = aligned(claim["direction"], len(point), len(point[0]) if point else 0) if saddle else ([], 0)
    direction = [x for row in rows for x in row]
    if saddle and not any(direction):
        raise malformed("direction is 0")
    return claim, Claim(claim["verdict"], fmt.flatten(bounds), bounds.get("inertia", {}), direction)


def norm(a: Matrix) -> int:
    """Integer upper bound of the spectral norm, 0 for a matrix of zeros."""
    return norm_bound(a) if a.any() else 0


def gradient(mid: Matrix, exponent: int, error: Interval) -> Gradient:
    """Of what lies within error >= 0, in norm, of mid 2^exponent."""
    flat = mid.reshape(-1)
    norm = root(dyadic(int(flat @ flat), 2 * exponent)) + error * enclosure(-1, 1, 0)
    return Gradient(flat, exponent, error, maximum([norm, dyadic(0, 0)]))


def symmetric(full: Matrix, exponent: int, error: Interval) -> Symmetric:
    """Of what lies within `error`, in norm, of the symmetric full 2^exponent, cut or lifted to HESSIAN_BITS."""
    drop = int(np.abs(full).max()).bit_length() - HESSIAN_BITS
    if drop <= 0:
        return Symmetric(full << -drop, exponent + drop, HESSIAN_BITS, error)
    cut = dyadic(len(full), exponent + drop)
    return Symmetric(full >> drop, exponent + drop, HESSIAN_BITS, error + cut)


class Point:
    """The numbers of a point that the steps ask for. What is not proved raises TooWeak. chi, eta, omega, L, r as in
    Theorem E, on the ball of the claimed uniqueness_radius."""

    def __init__(self, claim: Claim, local: Local) -> None:
        self.local, self.claim = local, claim

    @cached_property
    def gradient(self) -> Gradient:
        return self.local.gradient()

    @cached_property
    def hessian(self) -> Symmetric:
        return self.local.hessian()

    @cached_property
    def spectrum(self) -> Spectrum:
        return spectrum(self.hessian)

    def claimed(self, name: str) -> Interval:
        return dyadic(*self.claim.bounds[name].exact)

    @cached_property
    def lipschitz(self) -> Interval:
        return self.local.lipschitz(self.claimed("uniqueness_radius")).b

    @cached_property
    def scaled(self) -> tuple[Interval, Interval, Interval]:
        """(omega, chi, eta) for X, a floating-point inverse of H, rounded: |X| = |X H H^-1| <= (1 + omega)/gap."""
        h, (mid, exponent, error, _), gap = self.hessian, self.gradient, self.spectrum.gap
        if gap is None:
            raise TooWeak("Theorem E: an eigenvalue of the Hessian is too close to 0")
        try:
            guess = np.linalg.inv(h.floats())
        except np.linalg.LinAlgError as failure:
            raise TooWeak("Theorem E: no inverse found") from failure
        bits = INVERSE_BITS - int(np.frexp(np.abs(guess).max())[1])
        x, scale = integers(guess, bits), h.bits + bits
        if scale < 0:
            raise TooWeak("Theorem E: the Hessian is badly scaled")
        residual = (np.eye(len(x), dtype=object) << scale) - product(x, h.mantissa)
        unit, step = -scale - h.exponent, x @ mid
        omega = (dyadic(norm_bound(residual), -scale) + dyadic(norm_bound(x), unit) * h.error).b
        chi = ((1 + omega) / gap.a).b
        return omega, chi, (root(dyadic(int(step @ step), 2 * (unit + exponent))) + chi * error).b

    @cached_property
    def existence(self) -> tuple[Interval, Interval]:
        """(r, r+) of Theorem E."""
        (omega, chi, eta), one = self.scaled, dyadic(1, 0)
        load = 2 * chi * self.lipschitz * eta
        if not proves_lt(omega, one) or not proves_lt(load, (1 - omega) ** 2):
            raise TooWeak(f"Theorem E: omega, and 2 chi L eta against (1 - omega)^2: {show(omega, load)}")
        both = 1 - omega + root((1 - omega) ** 2 - load)
        return (2 * eta / both).b, (both / (chi * self.lipschitz)).a

    @cached_property
    def value(self) -> Interval:
        """Encloses the value at the critical point W. With x = W - B, g + H x = e, |e| <= L |x|^2/2, so
        Q(W) - Q(B) = g.x + x.H x/2 + ..<= L |x|^3/6 = e.x - x.H x/2 + .., of which the smaller bound is taken."""
        r, L = self.existence[0], self.lipschitz
        first = minimum([self.gradient.norm + L * r**2 / 6, 2 * L * r**2 / 3])
        slack = r * (self.spectrum.absmax * r / 2 + first).b
        return self.local.value() + slack * enclosure(-1, 1, 0)

    @property
    def curvature(self) -> Interval:
        """Of the claimed direction V: <Hess(W) V, V>/|V|^2 is at most that at B, plus L r."""
        h, V = self.hessian, np.array(self.claim.direction, dtype=object)
        here = dyadic(int(V @ (h.mantissa @ V)), h.exponent) / dyadic(int(V @ V), 0)
        return (here + h.error + self.lipschitz * self.existence[0]).b

    def excludes(self, rho: Interval, steepest: Interval) -> bool:
        """Proved: no critical point within rho ("Not critical")."""
        return proves_lt((steepest + self.local.lipschitz(rho) * rho / 2) * rho, self.gradient.norm)


def not_critical(own: Point, small: bool) -> Findings:
    """Verdict not-critical; small: the Hessian may be computed, where its bound does not do."""
    for name in EXCLUDED:
        if own.claim.bounds[name].exact.m <= 0:
            yield refuted(STEP, name, "not positive")
    yield from bound(own.claim, STEP, "gradient_min", own.gradient.norm)
    rho = own.claimed("exclusion")
    if not own.excludes(rho, own.local.steepest().b) and not (
        small and own.excludes(rho, own.spectrum.absmax.b)
    ):
        yield weak(STEP, "exclusion", f"a critical point may be that near: {show(own.gradient.norm, rho)}")


def critical(own: Point) -> Findings:
    """The other verdicts, but for what makes a minimum spurious."""
    claim, negative = own.claim, own.spectrum.negative
    yield from bound(claim, STEP, "gradient", own.gradient.norm)
    yield from contains(claim, STEP, "lambda_min", own.spectrum.smallest)
    if sum(claim.inertia.values()) != len(own.hessian.mantissa):
        yield refuted(STEP, "inertia", "does not add up")
    elif negative is None:
        yield weak(STEP, "inertia", "an eigenvalue is too close to 0")
    elif negative != claim.inertia["negative"]:
        yield refuted(STEP, "inertia", f"{negative} negative eigenvalues proved")
    elif (negative > 0) != (claim.verdict == SADDLE):
        yield refuted(STEP, "verdict", f"does not fit {negative} negative eigenvalues")
    if not claim.bounds["existence_radius"].exact.lt(claim.bounds["uniqueness_radius"].exact):
        yield refuted(STEP, "uniqueness_radius", "not above existence_radius")
        return
    radius, reach = own.existence
    yield from bound(claim, STEP, "existence_radius", radius, False)
    yield from bound(claim, STEP, "uniqueness_radius", reach, False)
    yield from contains(claim, STEP, "value", own.value)
    if claim.verdict == SADDLE:
        if claim.bounds["curvature"].exact.m >= 0:
            yield refuted(STEP, "curvature", "not negative")
        yield from bound(claim, STEP, "curvature", own.curvature, False)


def collected(findings: Findings) -> list[Finding]:
    """All of them, and last why the checker's arithmetic does not decide, if so."""
    found: list[Finding] = []
    try:
        for finding in findings:
            found.append(finding)  # what came before a failure is kept
    except TooWeak as failure:
        found.append(weak(STEP, "bounds", str(failure)))
    return found
