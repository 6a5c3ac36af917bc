"""Steps 1 to 10 of docs/spec/certificate-v1.md, section 5, one function a step, and the result.

A step returns findings; none means that it confirmed its claims. A claim is *rejected* if it is refuted, or
breaks a rule of the specification between exact numbers of the file; it is *not confirmed* if the checker's
own bounds are too weak. The checker's numbers come from the problem, the point and `lipschitz.radius` alone.
A certificate is accepted only if every step ran and returned no finding."""

import hashlib
import re
from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from relucert_audit import format as fmt
from relucert_audit import signature
from relucert_audit.exact import TooWeak
from relucert_audit.format import (
    ACCEPTED,
    CRITICAL,
    LIMIT,
    LOWER,
    MINIMA,
    NOT_CONFIRMED,
    REJECTED,
    Certificate,
    Dyadic,
)
from relucert_audit.interval import (
    Interval,
    dyadic,
    hull,
    lower,
    maximum,
    precision,
    proves_le,
    proves_lt,
    show,
    upper,
)
from relucert_audit.theorems import Numbers

PRECISIONS = (160, 640)


class Finding(NamedTuple):
    """Why a file is not accepted: the step, the claim, the reason, and the two numbers that were compared."""

    result: str
    step: int
    claim: str
    reason: str
    left: str = ""
    right: str = ""

    def __str__(self) -> str:
        return f"{self.claim}: {self.reason}" + (f" ({self.left} against {self.right})" if self.right else "")


class Report(NamedTuple):
    """The outcome for one file. finding: the first of the worst kind, None exactly if accepted."""

    result: str
    finding: Finding | None
    verdict: str = ""
    signers: str = ""


Findings = Iterator[Finding]
refuted, weak = partial(Finding, REJECTED), partial(Finding, NOT_CONFIRMED)


def check(data: bytes, name: str, keys: list[signature.KnownKey], require_signature: bool = False) -> Report:
    """All steps on the bytes of one file called `name` (no directory)."""
    try:
        cert = fmt.read(data)
    except fmt.Refusal as refusal:
        return Report(refusal.args[0], Finding(*refusal.args))
    body = signature.canonical(cert.statement)
    signed = signature.verify(body, cert.signatures, keys)
    findings = [*step_1(cert), *step_2(cert), *step_9(cert), *step_10(body, name, signed, require_signature)]
    if not findings:
        for bits in PRECISIONS:
            with precision(bits + 32):
                findings = prove(cert, bits)
            if not findings or any(f.result == REJECTED or f.claim == LIMIT for f in findings):
                break
    first = min(findings, key=lambda f: (f.result != REJECTED, f.step), default=None)
    signers = ", ".join(f"{status} {who}" for status, who in signed)
    return Report(first.result if first else ACCEPTED, first, cert.verdict, signers)


def prove(cert: Certificate, bits: int) -> list[Finding]:
    """Steps 3 to 8 at one precision; the last ones are left out once a claim is rejected."""
    findings: list[Finding] = []
    try:
        own = Numbers(cert, bits)
    except fmt.Refusal as refusal:
        return [Finding(*refusal.args)]
    for number, step in enumerate((step_3, step_4, step_5, step_6, step_7, step_8), 3):
        try:
            findings += step(cert, own)
        except TooWeak as failure:
            findings.append(weak(number, "bounds", str(failure)))
        if any(f.result == REJECTED for f in findings):
            break
    return findings


def step_1(cert: Certificate) -> Findings:
    """Admission: the verdict fits n and k (`format.read` checked family and method)."""
    fits = {"spurious-minimum": cert.n >= cert.k, "global-minimum": cert.n == cert.k}
    if not fits.get(cert.verdict, True):
        yield refuted(1, "verdict", "does not fit n and k", f"n = {cert.n}", f"k = {cert.k}")


def step_2(cert: Certificate) -> Findings:
    """Decimals, of the claim and of the evidence."""
    inequalities = [i for argument in cert.evidence for i in argument["inequalities"]]
    sides = [(i["step"], i[side]) for i in inequalities for side in ("left", "right") if i[side]]
    for name, x in [*cert.bounds.items(), *sides]:
        if not fmt.decimal_is_weak(x):
            yield refuted(2, name[:40], "decimal not on the weak side within 10^-4")


def step_9(cert: Certificate) -> Findings:
    """Evidence does not contradict itself."""
    for argument in cert.evidence:
        theorem, inequalities = argument["theorem"][:40], argument["inequalities"]
        for i in inequalities:
            left, right = i["left"], i["right"]
            true = left and right and not right.exact.lt(left.exact)
            if i["proved"] and not (true and (i["relation"] == "<=" or left.exact.lt(right.exact))):
                yield refuted(9, f"{theorem}, {i['step'][:40]}", "marked proved, but does not hold")
        if argument["holds"] and not (inequalities and all(i["proved"] for i in inequalities)):
            yield refuted(9, theorem, "marked to hold, but has unproved inequalities or none")


def step_10(body: bytes, name: str, signed: list[tuple[str, str]], require: bool) -> Findings:
    """Name and signatures. `require`: demand a valid signature by a known key."""
    digest = hashlib.sha256(body).hexdigest()
    if re.fullmatch(r"[0-9a-fA-F]{64}\.json", name) and name != f"{digest}.json":
        yield refuted(10, "name", "is not the digest of the statement", name[:12], digest[:12])
    for status, who in signed:
        if status == signature.INVALID:
            yield refuted(10, "signature", f"invalid, by the known key {who}")
    if require and not any(status == signature.VALID for status, _ in signed):
        yield refuted(10, "signature", "none by a known key, and one is required")


def bound(cert: Certificate, step: int, name: str, mine: Interval, refutable: bool = True) -> Findings:
    """The claimed bound `name`, if present, is confirmed by the checker's enclosure `mine` of the quantity
    that it bounds, or of a sufficient bound of that quantity (then it is not `refutable`)."""
    if name in cert.bounds:
        exact, _, side = cert.bounds[name]
        claimed = dyadic(*exact)
        low, high = (claimed, mine) if side == LOWER else (mine, claimed)
        if not proves_le(low, high):
            finding = refuted if refutable and proves_lt(high, low) else weak
            yield finding(step, name, f"not confirmed as {side} bound", show(mine), show(claimed))


suffices = partial(bound, refutable=False)


def step_3(cert: Certificate, own: Numbers) -> Findings:
    """Gradient (section 1)."""
    yield from bound(cert, 3, "gradient_norm", own.eps)


def step_4(cert: Certificate, own: Numbers) -> Findings:
    """Spectrum (section 3)."""
    s, size = own.spectrum, cert.n * cert.d
    for name in ("lambda_min.low", "lambda_min.high", "lambda_min_safran_shamir"):
        yield from bound(cert, 4, name, s.smallest)
    yield from bound(cert, 4, "lambda_max", s.largest)
    if cert.inertia is not None:
        negative, positive = cert.inertia["negative"], cert.inertia["positive"]
        if negative + positive != size:
            yield refuted(4, "inertia", "does not add up to n d", str(negative + positive), str(size))
        elif s.negative is None:
            yield weak(4, "inertia", "an eigenvalue is too close to 0")
        elif s.negative != negative:
            yield refuted(4, "inertia", "number of negative eigenvalues", str(s.negative), str(negative))


def step_5(cert: Certificate, own: Numbers) -> Findings:
    """Lipschitz constant (section 2). That the ball avoids 0 is checked in exact numbers."""
    m, e = own.radius
    shortest, paper = min(int(own.loss.gram[i, i]) for i in range(cert.n)), "lipschitz_safran_shamir"
    if m <= 0 or not Dyadic(m * m, 2 * e).lt(Dyadic(shortest, 2 * own.loss.exponent)):
        yield refuted(5, "lipschitz.radius", "not positive, or not below the shortest neuron")
    elif cert.n < 2 and (paper in cert.bounds or cert.constants == "paper"):
        yield refuted(5, "lipschitz", "the paper's constant needs n >= 2")
    else:
        yield from suffices(cert, 5, "lipschitz.value", own.lipschitz)
        yield from bound(cert, 5, paper, own.loss.lipschitz_paper(own.radius))


def step_6(cert: Certificate, own: Numbers) -> Findings:
    """Existence (section 4)."""
    minimum, lemma_1 = cert.verdict in MINIMA, "existence_radius_lemma_1"
    if lemma_1 in cert.bounds and not minimum:
        yield refuted(6, lemma_1, "Lemma 1 is about minima")
    elif cert.verdict in CRITICAL:
        unique = cert.bounds["uniqueness_radius"].exact
        if own.excludes(dyadic(*cert.bounds["existence_radius"].exact)):
            yield refuted(6, "existence_radius", "no critical point in that ball")
        elif own.radius.lt(unique):
            yield refuted(6, "uniqueness_radius", "above lipschitz.radius")
        yield from suffices(cert, 6, "existence_radius", own.existence[0])
        if not proves_lt(dyadic(*unique), own.existence[1]):
            yield weak(6, "uniqueness_radius", "not below r+", show(dyadic(*unique)), show(own.existence[1]))
        if lemma_1 in cert.bounds or (cert.constants == "paper" and minimum):
            yield from suffices(cert, 6, lemma_1, own.lemma_1)


def step_7(cert: Certificate, own: Numbers) -> Findings:
    """Verdict (section 4)."""
    if cert.verdict == "not-critical":
        exact = cert.bounds["exclusion_radius"].exact
        rho = dyadic(*exact)
        if own.radius.lt(exact):
            yield refuted(7, "exclusion_radius", "above lipschitz.radius")
        elif not own.excludes(rho):
            finding = refuted if proves_le(own.existence[0], rho) else weak
            yield finding(7, "exclusion_radius", "there may be a critical point", show(own.eps), show(rho))
        return
    if own.spectrum.negative is None or (own.spectrum.negative == 0) != (cert.verdict in MINIMA):
        finding = weak if own.spectrum.negative is None else refuted
        yield finding(7, "verdict", "does not fit the inertia", show(own.spectrum.smallest), "0")
    loss = own.eps * own.existence[0]
    if cert.verdict == "spurious-minimum" and not proves_lt(loss, own.loss.objective):
        yield weak(7, "verdict", "Lemma 2: eps r is not below F(W)", show(loss), show(own.loss.objective))
    if cert.verdict == "global-minimum" and not proves_lt(own.distance_to_targets(), own.reach):
        numbers = show(own.distance_to_targets()), show(own.reach)
        yield weak(7, "verdict", "no permutation of the targets is near enough", *numbers)


def step_8(cert: Certificate, own: Numbers) -> Findings:
    """Numbers: objective and basin."""
    zero, value, s = dyadic(0, 0), own.loss.objective, own.spectrum
    r = own.existence[0] if cert.verdict in CRITICAL else zero
    slope = upper(own.eps * r)
    if cert.verdict == "global-minimum":
        value = zero
    elif cert.verdict in MINIMA:  # F is convex on B(W, r), so F(W) - eps r <= F(W*) <= F(W)
        if not proves_le(own.lipschitz * r, lower(s.smallest)):
            yield weak(8, "objective", "F is not proved convex between W and W*")
        value = hull(maximum([lower(value) - slope, zero]), value)
    elif cert.verdict == "strict-saddle":
        slack = slope + upper(s.absmax * r**2 / 2 + own.lipschitz * r**3 / 6)
        value = hull(maximum([lower(value) - slack, zero]), upper(value) + slack)
    low, high = (dyadic(*cert.bounds[f"objective.{end}"].exact) for end in ("low", "high"))
    if not (proves_le(low, value) and proves_le(value, high)):
        finding = refuted if proves_lt(value, low) or proves_lt(high, value) else weak
        yield finding(8, "objective", "enclosure not within the claim", show(value), show(hull(low, high)))
    if "basin.radius" in cert.bounds:
        yield from basin(cert, own)


def basin(cert: Certificate, own: Numbers) -> Findings:
    """Theorem D (section 4) with R = basin.radius + r. It needs a minimum."""
    if cert.verdict not in MINIMA or cert.bounds["basin.step"].exact.m <= 0:
        yield refuted(8, "basin", "needs a minimum, and a positive step")
        return
    r, half = own.existence[0], own.lipschitz / 2
    R = dyadic(*cert.bounds["basin.radius"].exact) + r
    least = lower(own.spectrum.smallest) - own.lipschitz * r
    most = upper(own.spectrum.largest) + own.lipschitz * r
    if not proves_le(R + r, own.alpha):
        yield weak(8, "basin.radius", "R + r not within lipschitz.radius", show(R + r), show(own.alpha))
    elif not proves_lt(half * R, least):
        yield weak(8, "basin.radius", "L R / 2 not below lambda_min - L r", show(half * R), show(least))
    else:
        yield from suffices(cert, 8, "basin.step", 2 / (most + half * R))
