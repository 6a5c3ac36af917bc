"""Steps 1 to 10 of docs/spec/certificate-v1.md, section 5, one function a step, and the result they add up to.

A step returns findings; none means that it confirmed its claims. A claim is *rejected* if it is refuted, or breaks a
rule of the specification between exact numbers of the file; it is *not confirmed* if the checker's own bounds are
too weak. The checker's numbers come from the problem, the point and `lipschitz.radius` alone. A certificate is
accepted only if every step ran and returned no finding.
"""

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from relucert_audit import format as fmt
from relucert_audit import signature
from relucert_audit.exact import Spectrum, TooWeak, floats, integers, norm_bound, product, spectrum
from relucert_audit.format import CRITICAL, LOWER, MINIMA, ZERO, Certificate, Dyadic, Number
from relucert_audit.interval import (
    Interval,
    dyadic,
    hull,
    lower,
    maximum,
    minimum,
    precision,
    proves_le,
    proves_lt,
    root,
    show,
    upper,
)
from relucert_audit.loss import Landscape

ACCEPTED, REJECTED, NOT_CONFIRMED, MALFORMED = "accepted", "rejected", "not-confirmed", "malformed"
PRECISIONS = (160, 640)
INVERSE_BITS = 58


@dataclass(frozen=True)
class Finding:
    """Why a file is not accepted: the step, the claim, the reason, and the two numbers that were compared."""

    result: str
    step: int
    claim: str
    reason: str
    left: str = ""
    right: str = ""
    limit: bool = False

    def __str__(self) -> str:
        numbers = f" ({self.left} against {self.right})" if self.left else ""
        return f"{self.claim}: {self.reason}{numbers}"


@dataclass(frozen=True)
class Report:
    """The outcome for one file. finding: the first of the worst kind, None exactly if accepted."""

    result: str
    verdict: str
    signers: tuple[str, ...]
    finding: Finding | None


Findings = Iterator[Finding]


def check(data: bytes, name: str, keys: list[signature.KnownKey], require_signature: bool = False) -> Report:
    """All steps on the bytes of one file called `name` (no directory)."""
    try:
        cert = fmt.read(data)
    except fmt.Malformed as failure:
        return Report(MALFORMED, "", (), Finding(MALFORMED, 0, "format", str(failure)))
    except fmt.Inadmissible as failure:
        return Report(REJECTED, "", (), Finding(REJECTED, 1, "family", str(failure)))
    except fmt.ResourceLimit as failure:
        return Report(NOT_CONFIRMED, "", (), Finding(NOT_CONFIRMED, 0, "resource limit", str(failure), limit=True))
    body = signature.canonical(cert.statement)
    signed = signature.verify(body, cert.signatures, keys)
    findings = [*step_0(cert), *step_1(cert), *step_2(cert), *step_9(cert)]
    findings += step_10(body, name, signed, require_signature)
    if not any(f.result == REJECTED for f in findings):
        proof: list[Finding] = []
        for bits in PRECISIONS:
            with precision(bits + 32):
                proof = prove(cert, bits)
            if not any(f.result == NOT_CONFIRMED and not f.limit for f in proof) or any(
                f.result == REJECTED for f in proof
            ):
                break
        findings += proof
    worst = [f for f in findings if f.result == REJECTED] or findings
    first = min(worst, key=lambda f: f.step) if worst else None
    return Report(first.result if first else ACCEPTED, cert.verdict, tuple(map(str, signed)), first)


def prove(cert: Certificate, bits: int) -> list[Finding]:
    """Steps 3 to 8 at one precision."""
    findings: list[Finding] = []
    try:
        proof = Proof(cert, bits)
    except fmt.ResourceLimit as failure:
        return [Finding(NOT_CONFIRMED, 3, "resource limit", str(failure), limit=True)]
    steps: list[tuple[int, Callable[[], Findings]]] = [
        (3, proof.step_3),
        (4, proof.step_4),
        (5, proof.step_5),
        (6, proof.step_6),
        (7, proof.step_7),
        (8, proof.step_8),
    ]
    for number, step in steps:
        try:
            findings += step()
        except TooWeak as failure:
            findings.append(Finding(NOT_CONFIRMED, number, "bounds", str(failure)))
        if any(f.result == REJECTED for f in findings):
            break
    return findings


def step_0(cert: Certificate) -> Findings:
    """Members of a later minor version are claims that this checker cannot confirm."""
    if cert.unknown:
        yield Finding(NOT_CONFIRMED, 0, cert.unknown[0], "a member of a later format, unknown to this checker")


def step_1(cert: Certificate) -> Findings:
    """Admission: the verdict fits n and k (family and method were checked by `format.read`)."""
    fits = {"spurious-minimum": cert.n >= cert.k, "global-minimum": cert.n == cert.k}
    if not fits.get(cert.verdict, True):
        yield Finding(REJECTED, 1, "verdict", "does not fit n and k", f"n = {cert.n}", f"k = {cert.k}")


def step_2(cert: Certificate) -> Findings:
    """Decimals, of the claim and of the evidence."""
    sides = [(i.step, x) for a in cert.evidence for i in a.inequalities for x in (i.left, i.right) if x]
    for name, x in [*cert.bounds.items(), *sides]:
        if not fmt.decimal_is_weak(x):
            yield Finding(REJECTED, 2, name, "decimal not on the weak side within 10^-4", x.decimal[:40])


def step_9(cert: Certificate) -> Findings:
    """Evidence does not contradict itself."""
    for a in cert.evidence:
        for i in a.inequalities:
            if i.proved and not (i.left and i.right and related(i.left, i.relation, i.right)):
                yield Finding(REJECTED, 9, f"{a.theorem}, {i.step}"[:80], "marked proved, but does not hold")
        if a.holds and not (a.inequalities and all(i.proved for i in a.inequalities)):
            yield Finding(REJECTED, 9, a.theorem[:80], "marked to hold, but has unproved inequalities or none")


def related(left: Number, relation: str, right: Number) -> bool:
    return left.exact.lt(right.exact) if relation == "<" else left.exact.le(right.exact)


def step_10(body: bytes, name: str, signed: list[signature.Signature], require: bool) -> Findings:
    """Name and signatures. `require`: demand a valid signature by a known key."""
    digest = hashlib.sha256(body).hexdigest()
    if re.fullmatch(r"[0-9a-f]{64}\.json", name) and name != f"{digest}.json":
        yield Finding(REJECTED, 10, "name", "is not the digest of the statement", name[:12], digest[:12])
    for one in signed:
        if one.status == signature.INVALID:
            yield Finding(REJECTED, 10, "signature", f"invalid, by the known key {one.name}")
    if require and not any(one.status == signature.VALID for one in signed):
        yield Finding(REJECTED, 10, "signature", "none by a known key, and one is required")


@dataclass(frozen=True)
class Existence:
    """Theorem E holds: one critical point in B(W, radius), no other in the open ball of radius `unique`."""

    radius: Interval
    unique: Interval


class Proof:
    """The checker's own numbers for one certificate, computed when a step asks for them, and steps 3 to 8."""

    def __init__(self, cert: Certificate, bits: int) -> None:
        self.cert = cert
        self.loss = Landscape(cert.point, cert.targets, bits)

    def claim(self, name: str) -> Interval:
        return dyadic(*self.cert.bounds[name].exact)

    @cached_property
    def eps(self) -> Interval:
        return self.loss.gradient.norm

    @cached_property
    def spectrum(self) -> Spectrum:
        return spectrum(self.loss.hessian)

    @cached_property
    def alpha(self) -> Interval:
        return self.claim("lipschitz.radius")

    @cached_property
    def lipschitz(self) -> Interval:
        """L of the checker, for the constants that the certificate names."""
        radius = self.cert.bounds["lipschitz.radius"].exact
        if self.cert.constants == "paper":
            return upper(self.loss.lipschitz_paper(radius))
        return upper(self.loss.lipschitz(radius))

    def bound(self, step: int, name: str, mine: Interval, reason: str, refutable: bool = True) -> Findings:
        """The claimed bound `name` is confirmed by the checker's enclosure `mine` of the quantity it bounds, or of
        a bound of it (then not `refutable`)."""
        number = self.cert.bounds[name]
        claimed = dyadic(*number.exact)
        low, high = (claimed, mine) if number.side == LOWER else (mine, claimed)
        if not proves_le(low, high):
            result = REJECTED if refutable and proves_lt(high, low) else NOT_CONFIRMED
            yield Finding(result, step, name, reason, show(mine), show(claimed))

    def step_3(self) -> Findings:
        """Gradient (section 1)."""
        yield from self.bound(3, "gradient_norm", self.eps, "norm of the gradient not within the bound")

    def step_4(self) -> Findings:
        """Spectrum (section 3)."""
        s, size = self.spectrum, self.cert.n * self.cert.d
        yield from self.bound(4, "lambda_min.low", s.smallest, "smallest eigenvalue not above the lower end")
        yield from self.bound(4, "lambda_min.high", s.smallest, "smallest eigenvalue not below the upper end")
        yield from self.bound(4, "lambda_max", s.largest, "largest eigenvalue not below the bound")
        if "lambda_min_safran_shamir" in self.cert.bounds:
            yield from self.bound(4, "lambda_min_safran_shamir", s.smallest, "smallest eigenvalue not above the bound")
        if self.cert.inertia is not None:
            negative, positive = self.cert.inertia
            if negative + positive != size:
                yield Finding(REJECTED, 4, "inertia", "does not add up to n d", str(negative + positive), str(size))
            elif s.negative is None:
                yield Finding(NOT_CONFIRMED, 4, "inertia", "an eigenvalue is too close to 0")
            elif s.negative != negative:
                reason = "another number of negative eigenvalues"
                yield Finding(REJECTED, 4, "inertia", reason, str(s.negative), str(negative))

    def step_5(self) -> Findings:
        """Lipschitz constant (section 2). The ball avoids 0, in exact numbers."""
        m, e = self.cert.bounds["lipschitz.radius"].exact
        squares = [int(self.loss.gram[i, i]) for i in range(self.cert.n)]
        if m <= 0 or not Dyadic(m * m, 2 * e).lt(Dyadic(min(squares), 2 * self.loss.exponent)):
            yield Finding(REJECTED, 5, "lipschitz.radius", "not positive, or not below the shortest neuron")
            return
        shown = "lipschitz_safran_shamir" in self.cert.bounds
        if self.cert.n < 2 and (shown or self.cert.constants == "paper"):
            yield Finding(REJECTED, 5, "lipschitz", "the paper's constant needs n >= 2")
            return
        yield from self.bound(5, "lipschitz.value", self.lipschitz, "below the checker's bound", refutable=False)
        if shown:
            mine = self.loss.lipschitz_paper(self.cert.bounds["lipschitz.radius"].exact)
            yield from self.bound(5, "lipschitz_safran_shamir", mine, "below L_A on that ball")

    @cached_property
    def existence(self) -> Existence:
        """Theorem E (section 4) with X a rounded floating-point inverse. Raises TooWeak, with what failed.

        omega >= ||I - X H|| from the exact residual; X H = I - E with ||E|| <= omega gives X = (I - E) H^-1, so
        chi = (1 + omega)/min |lambda_i| >= ||X||; eta = |X g| + chi |grad F(W) - g| for the integer vector g."""
        h, gradient, size = self.loss.hessian, self.loss.gradient, self.cert.n * self.cert.d
        if self.spectrum.gap is None:
            raise TooWeak("Theorem E: an eigenvalue of the Hessian is too close to 0")
        try:
            guess = np.linalg.inv(floats(h.mantissa, h.bits))
        except np.linalg.LinAlgError as failure:
            raise TooWeak("Theorem E: no inverse found") from failure
        bits = INVERSE_BITS - int(np.frexp(np.abs(guess).max())[1])
        x = integers(guess, bits)
        scale = h.bits + bits
        if scale < 0:
            raise TooWeak("Theorem E: the Hessian is badly scaled")
        residual = (np.eye(size, dtype=np.int64).astype(object) << scale) - product(x, h.mantissa)
        unit = -scale - h.exponent
        omega = upper(dyadic(norm_bound(residual), -scale) + dyadic(norm_bound(x), unit) * h.error)
        chi = upper((1 + omega) / lower(self.spectrum.gap))
        step = x @ gradient.mid
        eta = upper(root(dyadic(int(step @ step), 2 * (unit + gradient.exponent))) + chi * gradient.error)
        contraction = 1 - omega
        if not proves_lt(omega, dyadic(1, 0)):
            raise TooWeak(f"Theorem E: omega is {show(omega)}, not below 1")
        discriminant = contraction**2 - 2 * chi * self.lipschitz * eta
        if not proves_lt(dyadic(0, 0), discriminant):
            raise TooWeak(f"Theorem E: 2 chi L eta is {show(2 * chi * self.lipschitz * eta)}, not below (1-omega)^2")
        both = contraction + root(discriminant)
        radius = upper(2 * eta / both)
        if not proves_le(radius, self.alpha):
            raise TooWeak(f"Theorem E: r is {show(radius)}, above lipschitz.radius {show(self.alpha)}")
        return Existence(radius, lower(both / (chi * self.lipschitz)))

    @cached_property
    def lemma_1(self) -> Interval:
        """The radius of Lemma 1 (section 4). Raises TooWeak, with what failed."""
        lam, load = lower(self.spectrum.smallest), 25 * self.lipschitz * upper(self.eps)
        if not proves_lt(dyadic(0, 0), lam) or not proves_le(load, 9 * lam**2):
            raise TooWeak(f"Lemma 1: 25 L eps is {show(load)}, lambda_min {show(lam)}")
        radius = upper(25 * upper(self.eps) / (2 * (3 * lam + root(9 * lam**2 - load))))
        if not proves_le(radius, self.alpha):
            raise TooWeak(f"Lemma 1: r is {show(radius)}, above lipschitz.radius {show(self.alpha)}")
        return radius

    def excludes(self, rho: Interval) -> bool:
        """No critical point in B(W, rho), rho <= alpha ("Not critical", section 4)."""
        slope = upper(self.spectrum.absmax) + self.lipschitz * rho / 2
        return proves_le(rho, self.alpha) and proves_lt(slope * rho, lower(self.eps))

    def step_6(self) -> Findings:
        """Existence (section 4)."""
        bounds, verdict = self.cert.bounds, self.cert.verdict
        if "existence_radius_lemma_1" in bounds and verdict not in MINIMA:
            yield Finding(REJECTED, 6, "existence_radius_lemma_1", "Lemma 1 is about minima")
        if verdict not in CRITICAL:
            return
        claimed = self.claim("existence_radius")
        if self.excludes(claimed):
            yield Finding(REJECTED, 6, "existence_radius", "no critical point in that ball", show(self.eps))
            return
        if bounds["lipschitz.radius"].exact.lt(bounds["uniqueness_radius"].exact):
            yield Finding(REJECTED, 6, "uniqueness_radius", "above lipschitz.radius")
        e = self.existence
        yield from self.bound(6, "existence_radius", e.radius, "Theorem E's radius is larger", refutable=False)
        if not proves_lt(self.claim("uniqueness_radius"), e.unique):
            shown = show(e.unique), show(self.claim("uniqueness_radius"))
            yield Finding(NOT_CONFIRMED, 6, "uniqueness_radius", "not below Theorem E's r+", *shown)
        if "existence_radius_lemma_1" in bounds:
            reason = "Lemma 1's radius is larger"
            yield from self.bound(6, "existence_radius_lemma_1", self.lemma_1, reason, refutable=False)
        elif self.cert.constants == "paper" and verdict in MINIMA:
            _ = self.lemma_1  # must hold, though no radius is claimed

    def step_7(self) -> Findings:
        """Verdict (section 4)."""
        verdict, s = self.cert.verdict, self.spectrum
        if verdict == "not-critical":
            rho = self.cert.bounds["exclusion_radius"].exact
            if self.cert.bounds["lipschitz.radius"].exact.lt(rho):
                yield Finding(REJECTED, 7, "exclusion_radius", "above lipschitz.radius")
            elif not self.excludes(dyadic(*rho)):
                found = proves_le(self.existence.radius, dyadic(*rho))
                result, reason = (REJECTED, "holds a critical point") if found else (NOT_CONFIRMED, "not proved")
                yield Finding(result, 7, "exclusion_radius", reason, show(self.eps), show(dyadic(*rho)))
            return
        if s.negative is None or (s.negative == 0) != (verdict in MINIMA):
            result = NOT_CONFIRMED if s.negative is None else REJECTED
            yield Finding(result, 7, "verdict", "does not fit the inertia", show(s.smallest), "0")
            return
        radius = self.existence.radius
        if verdict == "spurious-minimum" and not proves_lt(self.eps * radius, self.loss.objective):
            shown = show(self.eps * radius), show(self.loss.objective)
            yield Finding(NOT_CONFIRMED, 7, "verdict", "Lemma 2: eps r is not below F(W)", *shown)
        if verdict == "global-minimum" and not proves_lt(self.distance_to_targets(), self.reach):
            shown = show(self.distance_to_targets()), show(self.reach)
            yield Finding(NOT_CONFIRMED, 7, "verdict", "no permutation of the targets is near enough", *shown)

    @cached_property
    def reach(self) -> Interval:
        return minimum([self.alpha, self.existence.unique])

    def distance_to_targets(self) -> Interval:
        """Distance of W from one permutation of the targets, paired greedily by distance. Needs n = k."""
        n, rows = self.cert.n, self.loss.rows
        distance = {
            (i, j): sum(int(x) ** 2 for x in rows[i] - rows[n + j]) for i in range(n) for j in range(self.cert.k)
        }
        total, left, right = 0, set(range(n)), set(range(n))
        for i, j in sorted(distance, key=lambda pair: (distance[pair], pair)):
            if i in left and j in right:
                left.remove(i)
                right.remove(j)
                total += distance[i, j]
        if left or right:
            raise TooWeak("neurons and targets do not pair")
        return root(dyadic(total, 2 * self.loss.exponent))

    def step_8(self) -> Findings:
        """Objective and basin."""
        verdict, zero = self.cert.verdict, dyadic(0, 0)
        value = zero if verdict == "global-minimum" else self.loss.objective
        if verdict in MINIMA[::2]:
            r = self.existence.radius
            if not proves_le(self.lipschitz * r, lower(self.spectrum.smallest)):
                yield Finding(NOT_CONFIRMED, 8, "objective", "F is not proved convex between W and W*")
            value = hull(maximum([lower(value) - upper(self.eps * r), zero]), value)
        elif verdict == "strict-saddle":
            r = self.existence.radius
            slack = upper(self.eps * r + self.spectrum.absmax * r**2 / 2 + self.lipschitz * r**3 / 6)
            value = hull(maximum([lower(value) - slack, zero]), upper(value) + slack)
        low, high = self.claim("objective.low"), self.claim("objective.high")
        if not (proves_le(low, value) and proves_le(value, high)):
            apart = proves_lt(value, low) or proves_lt(high, value)
            shown = show(value), show(hull(low, high))
            yield Finding(REJECTED if apart else NOT_CONFIRMED, 8, "objective", "not within the claim", *shown)
        if "basin.radius" in self.cert.bounds:
            yield from self.basin()

    def basin(self) -> Findings:
        """Theorem D (section 4) with R = basin.radius + r. It needs a minimum."""
        if self.cert.verdict not in MINIMA or self.cert.bounds["basin.step"].exact.le(ZERO):
            yield Finding(REJECTED, 8, "basin", "needs a minimum, and a positive step")
            return
        r, L, s = self.existence.radius, self.lipschitz, self.spectrum
        big = self.claim("basin.radius") + r
        least, most = lower(s.smallest) - L * r - L * big / 2, upper(s.largest) + L * r + L * big / 2
        if not proves_le(big + r, self.alpha):
            yield Finding(NOT_CONFIRMED, 8, "basin.radius", "R + r not within lipschitz.radius", show(big + r))
        elif not proves_lt(dyadic(0, 0), least):
            reason = "L R / 2 not below lambda_min - L r"
            yield Finding(NOT_CONFIRMED, 8, "basin.radius", reason, show(L * big / 2), show(lower(s.smallest) - L * r))
        elif not proves_le(self.claim("basin.step") * most, dyadic(2, 0)):
            yield from self.bound(8, "basin.step", 2 / most, "step above Theorem D's", refutable=False)
