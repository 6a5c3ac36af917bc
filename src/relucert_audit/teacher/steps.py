"""Steps 3 to 8 of docs/spec/certificate-v1.md, section 5, for the teacher-student family, one
function a step. `check` carries out the rest, which is common to all families."""

from relucert_audit.finding import Finding, Findings, refuted, weak
from relucert_audit.format import Dyadic
from relucert_audit.interval import dyadic, maximum, minimum, proves_le, proves_lt, show
from relucert_audit.steps import bound, run
from relucert_audit.teacher.claim import CRITICAL, LEMMA_1, MINIMA, Certificate
from relucert_audit.teacher.theorems import Numbers


def step_3(cert: Certificate, own: Numbers) -> Findings:
    """Gradient (section 1)."""
    yield from bound(cert, 3, "gradient_norm", own.eps)


def step_4(cert: Certificate, own: Numbers) -> Findings:
    """Spectrum (section 3)."""
    for name in ("lambda_min.low", "lambda_min.high", "lambda_min_safran_shamir"):
        yield from bound(cert, 4, name, own.spectrum.smallest)
    yield from bound(cert, 4, "lambda_max", own.spectrum.largest)
    if own.outside:
        for name in ("lambda_min_outside.low", "lambda_min_outside.high"):
            yield from bound(cert, 4, name, own.outside.smallest)
    mine, claimed = own.spectrum.negative, cert.inertia
    if claimed and sum(claimed.values()) != cert.n * cert.d:
        yield refuted(4, "inertia", "does not add up to n d")
    elif claimed and mine != claimed["negative"]:
        yield (weak if mine is None else refuted)(4, "inertia", f"{mine} negative eigenvalues proved")


def step_5(cert: Certificate, own: Numbers) -> Findings:
    """Lipschitz constant (section 2). That the ball avoids 0 is checked in exact numbers."""
    (m, e), paper = own.radius, "lipschitz_safran_shamir"
    if m <= 0 or not Dyadic(m * m, 2 * e).lt(own.shortest_squared):
        yield refuted(5, "lipschitz.radius", "not positive, or not below the shortest neuron")
    elif cert.n < 2 and (paper in cert.bounds or cert.constants == "paper"):
        yield refuted(5, "lipschitz", "the paper's constant needs n >= 2")
    else:
        yield from bound(cert, 5, "lipschitz.value", own.lipschitz, False)
        if paper in cert.bounds:
            yield from bound(cert, 5, paper, own.lipschitz_paper)


def step_6(cert: Certificate, own: Numbers) -> Findings:
    """Existence (section 4)."""
    if cert.verdict in CRITICAL:
        if own.excludes(dyadic(*cert.bounds["existence_radius"].exact)):
            yield refuted(6, "existence_radius", "no critical point in that ball")
        if own.radius.lt(cert.bounds["uniqueness_radius"].exact):
            yield refuted(6, "uniqueness_radius", "above lipschitz.radius")
        if not cert.bounds["existence_radius"].exact.lt(cert.bounds["uniqueness_radius"].exact):
            yield refuted(6, "uniqueness_radius", "not above existence_radius")
        yield from bound(cert, 6, "existence_radius", own.distance, False)
        yield from bound(cert, 6, "uniqueness_radius", own.existence[1], False)
        if LEMMA_1 in cert.bounds or (cert.constants == "paper" and cert.verdict in MINIMA):
            yield from bound(cert, 6, LEMMA_1, own.lemma_1, False)


def step_7(cert: Certificate, own: Numbers) -> Findings:
    """Verdict (section 4)."""
    if cert.verdict == "not-critical":
        rho = dyadic(*cert.bounds["exclusion_radius"].exact)
        if own.radius.lt(cert.bounds["exclusion_radius"].exact):
            yield refuted(7, "exclusion_radius", "above lipschitz.radius")
        elif not own.excludes(rho):
            finding = refuted if proves_le(own.existence[0], rho) else weak
            yield finding(7, "exclusion_radius", f"there may be a critical point: {show(own.eps, rho)}")
        return
    minimum, mine = cert.verdict in MINIMA, (own.everywhere if cert.verdict in MINIMA else own.spectrum)
    if mine.negative is None or (mine.negative == 0) != minimum:
        finding = weak if mine.negative is None else refuted
        yield finding(7, "verdict", f"does not fit the inertia: lambda_min {show(mine.smallest)}")
    loss, value = own.eps * own.distance, own.objective
    if cert.witness is not None:
        yield from below(cert, own)
    elif cert.verdict == "spurious-minimum" and not proves_lt(loss, value):
        yield weak(7, "verdict", f"Lemma 2: eps r is not below F(W): {show(loss, value)}")
    if cert.verdict == "global-minimum":
        away, reach = own.distance_to_targets(), own.existence[1]
        if not proves_lt(away, reach):
            yield weak(7, "verdict", f"no permutation of the targets is near enough: {show(away, reach)}")


def below(cert: Certificate, own: Numbers) -> Findings:
    """The loss at the witness is lower by `gap` (Theorem W): F(W) <= F(W*) + h r^2/2, as the gradient at W* is 0 and
    h = |lambda|_max + L r bounds the Hessian between them; or F(W) - eps r <= F(W*), where F is convex there."""
    r, F = own.distance, own.objective
    least = F - (own.spectrum.absmax + own.lipschitz * r) * r**2 / 2
    if convex := proves_le(own.lipschitz * r, own.everywhere.smallest):
        least = maximum([least.a, (F - own.eps * r).a])
    claimed = dyadic(*cert.bounds["gap"].exact)
    if not proves_le(claimed, least.a - own.better):
        finding = refuted if convex and proves_lt(F - own.better, claimed) else weak
        yield finding(7, "gap", f"not confirmed as lower bound: {show(least.a - own.better, claimed)}")


def barrier(cert: Certificate, own: Numbers) -> Findings:
    """How far every path from W* to another point as low must climb (Theorem 18.V), of a minimum (step 1). At the
    distance s from W* the Hessian is at least m - L s, m = lambda_min - L r: so on the sphere of radius t F exceeds
    F(W*) by at least the integral of (t - s)(m - L s) over 0 < s < t, which is t^2 (3 m - L t)/6."""
    if "barrier" not in cert.bounds:
        return
    r, L = own.distance, own.lipschitz
    least, room = (own.everywhere.smallest.a - L * r).a, (own.alpha - r).a
    zero = dyadic(0, 0)
    if not (proves_lt(zero, least) and proves_lt(zero, room)):
        yield weak(8, "barrier", f"L r is not below lambda_min, or r not below alpha: {show(least, room)}")
        return
    t = minimum([room, 2 * least / L]).a
    yield from bound(cert, 8, "barrier", (t**2 * (3 * least - L * t) / 6).a, False)


def step_8(cert: Certificate, own: Numbers) -> Findings:
    """Numbers: objective and basin (section 4)."""
    zero, F, s = dyadic(0, 0), own.objective, own.everywhere
    r = own.distance if cert.verdict in CRITICAL else zero
    slope, least, most = own.eps * r, F.a, F.b
    if cert.verdict == "global-minimum":
        least, most = zero, zero
    elif cert.verdict in MINIMA:  # F is convex on B(W, r), so F(W) - eps r <= F(W*) <= F(W)
        if not proves_le(own.lipschitz * r, s.smallest):
            yield weak(8, "objective", "F is not proved convex between W and W*")
        least = maximum([F.a - slope, zero])
    elif cert.verdict == "strict-saddle":
        slack = slope + s.absmax * r**2 / 2 + own.lipschitz * r**3 / 6
        least, most = maximum([F.a - slack, zero]), F.b + slack
    low, high = (dyadic(*cert.bounds[f"objective.{end}"].exact) for end in ("low", "high"))
    if not (proves_le(low, least) and proves_le(most, high)):
        finding = refuted if proves_lt(most, low) or proves_lt(high, least) else weak
        yield finding(8, "objective", f"enclosure not claimed: {show(least, low)}, {show(most, high)}")
    yield from barrier(cert, own)
    if "basin.radius" not in cert.bounds:
        return
    half = own.lipschitz / 2  # Theorem D with R = basin.radius + r, for a minimum (steps 1 and 7)
    R = dyadic(*cert.bounds["basin.radius"].exact) + r
    least, most = s.smallest.a - own.lipschitz * r, s.largest.b + own.lipschitz * r
    if cert.bounds["basin.step"].exact.m <= 0:
        yield refuted(8, "basin.step", "not positive")
    elif not proves_le(R + r, own.alpha):
        yield weak(8, "basin.radius", f"R + r not within lipschitz.radius: {show(R + r, own.alpha)}")
    elif not proves_lt(half * R, least):
        yield weak(8, "basin.radius", f"L R / 2 not below lambda_min - L r: {show(half * R, least)}")
    else:
        yield from bound(cert, 8, "basin.step", 2 / (most + half * R), False)


STEPS = step_3, step_4, step_5, step_6, step_7, step_8


def prove(cert: Certificate, bits: int) -> list[Finding]:
    """Steps 3 to 8 at one precision."""
    return run(STEPS, cert, Numbers(cert, bits))
