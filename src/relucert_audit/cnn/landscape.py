"""The one-hidden-layer CNN: claims about its whole landscape, or about what a point is near.

Section 4 of docs/spec/cnn-v1.md and docs/theorem/cnn.md section 9. W, S and N are exact fractions. The critical
points are a(g) = W a* - W (pi - g) M^-1 a* at an angle phi with g(phi) = g, for g = pi, 0 and g_s."""

import re
from fractions import Fraction
from functools import cached_property
from math import lcm
from typing import Any, NamedTuple

from mpmath import iv, mp  # type: ignore[import-untyped]

from relucert_audit import format as fmt
from relucert_audit import interval as ivl
from relucert_audit.finding import Finding, Findings, TooWeak, refuted, weak
from relucert_audit.format import REJECTED, Dyadic, Number, Opened, Refusal, malformed, take
from relucert_audit.interval import Interval, dyadic, lens, proves_le, proves_lt, rational, root, show
from relucert_audit.steps import bound, contains

GLOBAL, SPURIOUS, FLAT, SADDLE = "global-minimum", "spurious-minimum", "non-strict-saddle", "strict-saddle"
NONE, NOT, KINDS = "no-spurious-minimum", "not-critical", (GLOBAL, SPURIOUS, FLAT, SADDLE)
NEAR = {GLOBAL: 0, SPURIOUS: 1, FLAT: 1, SADDLE: 2}  # which of the critical points
SIGNS = {SPURIOUS: (1,), SADDLE: (1,), FLAT: (0, -1), NONE: (0, -1)}  # of T
MOST_PATCHES, LARGEST_PATCH, MOST_COORDINATES, MOST_BITS, LAST_BITS = 4096, 10**9, 2**20, 2**14, 2**16
INERTIA = {"negative": int, "zero": int, "positive": int}
SPECTRUM = {"spectrum": [{"value": fmt.interval, "multiplicity": int}], "inertia": INERTIA}
KIND: dict[str, Any] = dict.fromkeys(("angle", "complement", "objective"), fmt.interval) | SPECTRUM
KIND |= {"verdict": re.compile("|".join(KINDS)), "a": {"a_star": fmt.interval, "ones": fmt.interval}}
LANDSCAPE = {"excess": fmt.interval, "q_bad": fmt.interval, "critical_points": [KIND]}
POINT = {"axis": [fmt.dyadic], "v": [fmt.dyadic], "a": [fmt.dyadic]}
RADII = {"loss": fmt.interval, **fmt.RADII, "objective": fmt.interval}
BOUNDS: dict[tuple[str, bool, str], dict[str, Any]] = {  # by method, whether there is a point, and verdict
    ("landscape", False, SPURIOUS): LANDSCAPE | {"barrier": fmt.interval},
    ("landscape", False, NONE): LANDSCAPE,
    ("landscape", True, NOT): {"loss": fmt.interval, "exclusion_radius": fmt.RADIUS_BELOW},
    **{("half-space", True, verdict): RADII | {"q_bad": fmt.interval} for verdict in (SPURIOUS, FLAT)},
    **{("spectrum", True, verdict): RADII | SPECTRUM for verdict in (GLOBAL, SADDLE)},
}
PROBLEM = {"a_star": [fmt.rational], "w_norm": fmt.rational, "patch": int}
CLAIM = {**fmt.HEADER, "problem": PROBLEM, "verdict": re.compile("|".join((NONE, NOT, *KINDS)))}


class Problem(NamedTuple):  # a* = stars/scale, S = 1.a*, N = |a*|^2, spread = N - S^2/k
    stars: list[int]
    scale: int
    W: Fraction
    S: Fraction
    N: Fraction
    spread: Fraction
    k: int
    p: int


class Point(NamedTuple):  # side: sign of cos phi; r2 = |v|^2, s = 1.a, q = a.a*, a2 = |a|^2
    side: int
    cosine2: Fraction
    sine2: Fraction
    r2: Fraction
    s: Fraction
    q: Fraction
    a2: Fraction


class Certificate(NamedTuple):  # bounds: flat, as "critical_points.0.angle.low"; kinds: claims, with prefixes
    verdict: str
    problem: Problem
    point: Point | None
    bounds: dict[str, Number]
    kinds: list[tuple[str, dict[str, Any]]]


def limit(what: str) -> Refusal:
    return Refusal(fmt.NOT_CONFIRMED, 0, fmt.LIMIT, what)


def read_problem(raw: dict[str, Any]) -> Problem:
    """Step 0 and, of step 1, the problem of a claim. Raises Refusal."""
    a_star, W, k, p, scale = raw["a_star"], raw["w_norm"], len(raw["a_star"]), raw["patch"], 1
    if not a_star:
        raise malformed("a_star is empty")
    if not any(a_star) or W <= 0 or p < 2:
        raise Refusal(REJECTED, 1, "problem", "a* = 0, W <= 0 or p < 2")
    for x in a_star:
        scale = lcm(scale, x.denominator)
        if k > MOST_PATCHES or p > LARGEST_PATCH or scale.bit_length() > MOST_BITS:
            raise limit("k, p, or bits of the denominators of a*")
    stars = [int(x * scale) for x in a_star]
    S, N = Fraction(sum(stars), scale), Fraction(sum(x * x for x in stars), scale**2)
    if max(y.bit_length() for x in (W, S, N) for y in x.as_integer_ratio()) > MOST_BITS:
        raise limit("bits of W, S or N")
    return Problem(stars, scale, W, S, N, N - S**2 / k, k, p)


def aligned(row: list[Dyadic]) -> tuple[list[int], Fraction]:
    """Integers and a power of 2, their unit. Raises Refusal if they span too many bits."""
    e = min((x.e for x in row if x.m), default=0)
    if max(x.m.bit_length() + x.e - e for x in row if x.m or x.e == e) > fmt.MAX_ROW_BITS:
        raise limit("the bits that the entries of a row span")
    return [x.m << (x.e - e) if x.m else 0 for x in row], Fraction(2) ** e


def read_point(raw: dict[str, Any], of: Problem) -> Point:
    """The point of a claim. Raises Refusal."""
    if of.p > MOST_COORDINATES:
        raise limit("p, with a point")
    if (len(raw["axis"]), len(raw["v"]), len(raw["a"])) != (of.p, of.p, of.k):
        raise malformed("the point does not have p, p and k entries")
    (axis, _), (v, unit), (a, one) = (aligned(raw[name]) for name in ("axis", "v", "a"))
    long, short, dot = (
        sum(x * y for x, y in zip(*z, strict=True)) for z in ((axis, axis), (v, v), (axis, v))
    )
    if not long or not short:
        raise malformed("axis or v is 0")
    cosine2, q = Fraction(dot * dot, long * short), sum(x * y for x, y in zip(a, of.stars, strict=True))
    sides = (dot > 0) - (dot < 0), cosine2, 1 - cosine2, short * unit**2
    return Point(*sides, sum(a) * one, q * one / of.scale, sum(x * x for x in a) * one**2)


def read(opened: Opened) -> Certificate:
    """Step 0, and all of step 1, as the shape of a claim depends on it. Raises Refusal."""
    raw, given = opened.claim, "point" in opened.claim
    verdict = take(raw, {"verdict": CLAIM["verdict"]}, "claim", open_ended=True)["verdict"]
    if (raw["method"], given, verdict) not in BOUNDS:
        raise Refusal(REJECTED, 1, "verdict", "does not belong to the method, with or without a point")
    members = {"bounds": BOUNDS[raw["method"], given, verdict]} | ({"point": POINT} if given else {})
    claim = take(raw, CLAIM | members, "claim")
    bounds = claim["bounds"]
    kinds = [(f"critical_points.{i}.", x) for i, x in enumerate(bounds.get("critical_points", ()))]
    if not given and len(kinds) != 2 + (verdict == SPURIOUS):
        raise malformed("critical_points does not have one object for each kind")
    kinds = kinds if not given else [("", bounds | {"verdict": verdict})] if verdict in KINDS else []
    if not all(x["multiplicity"] for _, kind in kinds for x in kind.get("spectrum", ())):
        raise malformed("a multiplicity is 0")
    of = read_problem(claim["problem"])
    return Certificate(
        verdict, of, read_point(claim["point"], of) if given else None, fmt.flatten(bounds), kinds
    )


def admit(_: Any) -> Findings:
    """Step 1 is done when the claim is read."""
    yield from ()


class Kind(NamedTuple):
    """Of critical points; in the spectrum, of (multiplicity, value), i stands for the i-th root of P."""

    verdict: str
    cosine: Interval
    sine: Interval
    angle: Interval
    complement: Interval
    g: Interval
    lift: Interval  # pi - g
    objective: Interval
    spectrum: list[tuple[int, Interval | int]]
    inertia: tuple[int, int, int]


def inverse_lens(y: Interval) -> Interval:
    """The x in [0, pi] with lens x = y in (0, 1]: Newton's method guesses; `lens` increases, and proves."""
    with mp.workprec(iv.prec):
        x = iv.make_mpf((mp.cbrt(4 * mp.make_mpf(y._mpi_[1]))._mpf_,) * 2)
    for _ in range(iv.prec.bit_length() + 2):
        x = (x - (lens(x) - y) / (x * ivl.sine(x))).mid
    for spare in (8, 16, 32):
        low, high = (x * (1 + dyadic(sign, spare - iv.prec)) for sign in (-1, 1))
        if proves_le(lens(low), y) and proves_le(y, lens(high)):
            return iv.mpf([low.a, high.b])
    raise TooWeak("g_s is not inverted")


class Numbers:
    """The checker's own enclosures for a problem. least, most: the eigenvalues of M; m2, m1: of M/(2 pi)."""

    def __init__(self, of: Problem) -> None:
        self.of, self.pi, self.zero, self.one = of, ivl.pi(), dyadic(0, 0), dyadic(1, 0)
        self.W, self.S, self.N, self.spread = map(rational, (of.W, of.S, of.N, of.spread))
        self.least, self.most = self.pi - 1, of.k - 1 + self.pi
        self.m2, self.m1 = self.least / (2 * self.pi), self.most / (2 * self.pi)

    @cached_property
    def excess(self) -> Interval:
        """T, to relative accuracy. If k > 1 it is not 0, as pi is irrational: enough bits show its sign."""
        of, accuracy, bits = self.of, iv.prec, iv.prec
        while of.k > 1 and bits <= LAST_BITS:
            with ivl.precision(bits):
                T = rational((of.k - 1) * of.N) + ivl.pi() * rational(of.N - of.S**2)
                narrow = proves_lt((T - T.mid) * 2**accuracy, ivl.absolute(T))
            if narrow:
                return T * 1
            bits *= 2
        if of.k > 1:
            raise TooWeak(f"the sign of T needs more than {LAST_BITS} bits")
        return self.zero

    @property
    def sign(self) -> int:
        return int(proves_lt(self.zero, self.excess)) - int(proves_lt(self.excess, self.zero))

    @property
    def q_bad(self) -> Interval:
        return -self.W * self.excess / (self.least * self.most)

    @cached_property
    def g(self) -> Interval:
        """g_s, 1 if S = 0."""
        ratio = self.excess / (self.excess + self.least * self.S**2)
        return ivl.minimum([ratio, self.one]) if self.of.S else self.one

    @cached_property
    def psi(self) -> Interval:
        return inverse_lens(self.g)

    @property
    def barrier(self) -> Interval:
        return self.W**2 * self.g * self.excess / (4 * self.pi * self.least * self.most)

    @cached_property
    def kinds(self) -> list[Kind]:
        """Theorem 9.K, Lemma 9.H."""
        k, p, zero, one, pi, W2 = self.of.k, self.of.p, self.zero, self.one, self.pi, self.W**2
        rest: list[tuple[int, Interval | int]] = [(k - 1, self.m2), (1, self.m1)]
        first, second = [(1, zero), (p - 1, W2 * self.N / 2), *rest], [(p, zero), *rest]
        bad = W2 * ((pi - 2) * self.N + pi * self.S**2 / self.most) / (4 * self.least)
        found = [
            Kind(GLOBAL, one, zero, zero, pi, pi, zero, zero, first, (0, 1, p - 1 + k)),
            Kind(SPURIOUS if self.sign > 0 else FLAT, -one, zero, pi, zero, zero, pi, bad, second, (0, p, k)),
        ]
        if self.sign > 0:
            turn, lift = (-ivl.cosine(self.psi), ivl.sine(self.psi), pi - self.psi, self.psi), pi - self.g
            third = [(1, 0), (p - 1, zero), (k - 2, self.m2), (1, 1), (1, 2)]
            loss = W2 * self.N * lift / (4 * pi)
            found.append(Kind(SADDLE, *turn, self.g, lift, loss, third, (1, p - 1, k)))
        return found

    def side(self, t: Interval, i: int) -> int:
        """-1: t is proved to be at most the i-th root of P, 1: at least, 0: neither (Lemma 9.H)."""
        beta2, m1, m2 = (self.W * self.psi * ivl.sine(self.psi) / (2 * self.pi)) ** 2, self.m1, self.m2
        P = t * (t - m1) * (t - m2) - beta2 * (self.S**2 / self.of.k * (t - m2) + self.spread * (t - m1))
        falls, rises = proves_lt(P, self.zero), proves_lt(self.zero, P)
        positive, negative = proves_le(self.zero, t), proves_lt(t, self.zero)
        low = (
            falls and negative,
            proves_le(t, m2) or (rises and proves_le(t, m1)),
            falls or proves_le(t, m1),
        )
        high = (rises or positive, proves_le(m1, t) or (falls and positive), rises and proves_le(m1, t))
        return int(high[i]) - int(low[i])

    def turn(self, at: Point) -> tuple[Interval, Interval]:
        """Cosine and sine of phi."""
        return at.side * root(rational(at.cosine2)), root(rational(at.sine2))

    def loss(self, at: Point) -> Interval:
        """(9.1), with pi - g to relative accuracy near phi = 0. F is the mean of a square."""
        of, (c, s) = self.of, self.turn(at)
        near = ivl.bearing(s, ivl.absolute(c))
        lift = self.pi * s * s / (1 + c) - lens(near) if at.side > 0 else self.pi - lens(near)
        ones, square = at.s - of.W * of.S, at.a2 - 2 * of.W * at.q + of.W**2 * of.N
        form = self.least * rational(square) + rational(ones**2)
        loss = form / (4 * self.pi) + self.W * lift * rational(at.q) / (2 * self.pi)
        return ivl.maximum([loss, self.zero])

    def forward(self, at: Point, kind: Kind) -> Interval:
        """cos x of Lemma 9.N: where it is positive, the distance is that of a critical point."""
        c, s = self.turn(at)
        return c * kind.cosine + s * kind.sine

    def distance(self, at: Point, kind: Kind) -> Interval:
        """Lemma 9.N; |a - a'|^2 along 1, along what of a* is orthogonal to 1, and the rest, exact."""
        of, (c, s), forward = self.of, self.turn(at), self.forward(at, kind)
        leg = ivl.absolute(s * kind.cosine - c * kind.sine)
        if not proves_le(self.zero, forward):
            leg = self.one if proves_le(forward, self.zero) else iv.mpf([leg.a, 1])
        ones, star = at.s - of.W * of.S, at.q - of.S * at.s / of.k - of.W * of.spread
        lift, rest = self.W * kind.lift, at.a2 - at.s**2 / of.k
        total = rational(at.r2) * leg**2 + (rational(ones) + lift * self.S / self.most) ** 2 / of.k
        if of.spread:
            rest -= (at.q - of.S * at.s / of.k) ** 2 / of.spread
            total += (rational(star) + lift * self.spread / self.least) ** 2 / self.spread
        return root(total + rational(rest))


def kind_findings(
    cert: Certificate, own: Numbers, name: str, claimed: dict[str, Any], mine: Kind
) -> Findings:
    """Of steps 4, 5, 7 and 8: what is said of one kind of critical points."""
    least, most, spectrum = own.least, own.most, [pair for pair in mine.spectrum if pair[0]]
    if claimed["verdict"] != mine.verdict:
        yield refuted(7, f"{name}verdict", f"is {mine.verdict}")
    yield from contains(cert, 5, f"{name}angle", mine.angle)
    yield from contains(cert, 5, f"{name}complement", mine.complement)
    yield from contains(cert, 8, f"{name}objective", mine.objective)
    yield from contains(cert, 8, f"{name}a.a_star", own.W * (mine.g - 1) / least)
    yield from contains(cert, 8, f"{name}a.ones", own.W * own.S * mine.lift / (least * most))
    if "spectrum" not in claimed:
        return
    if tuple(claimed["inertia"][x] for x in INERTIA) != mine.inertia:
        yield refuted(4, f"{name}inertia", f"is {mine.inertia}")
    if [x["multiplicity"] for x in claimed["spectrum"]] != [times for times, _ in spectrum]:
        yield refuted(4, f"{name}spectrum", "wrong multiplicities")
        return
    for i, (_, value) in enumerate(spectrum):
        place = f"{name}spectrum.{i}.value"
        if not isinstance(value, int):
            yield from contains(cert, 4, place, value)
            continue
        sides = [own.side(dyadic(*cert.bounds[f"{place}.{end}"].exact), value) for end in ("low", "high")]
        if sides != [-1, 1]:
            finding = refuted if sides[0] > 0 or sides[1] < 0 else weak
            yield finding(4, place, "not proved to contain the root of P")


def point_findings(cert: Certificate, own: Numbers, at: Point) -> Findings:
    """Of steps 6 and 8: what is said of the point."""
    away = [own.distance(at, kind) for kind in own.kinds]
    radius = "uniqueness_radius" if cert.kinds else "exclusion_radius"
    if cert.kinds:
        if not proves_lt(own.zero, own.forward(at, own.kinds[NEAR[cert.verdict]])):
            yield weak(6, "existence_radius", "the distance from that kind is not proved to be attained")
        yield from bound(cert, 6, "existence_radius", away.pop(NEAR[cert.verdict]))
        if not cert.bounds["existence_radius"].exact.lt(cert.bounds[radius].exact):
            yield refuted(6, "existence_radius", "not below uniqueness_radius")
    if cert.bounds[radius].exact.m <= 0:
        yield refuted(6, radius, "not positive")
    yield from bound(cert, 6, radius, ivl.minimum(away))
    if not cert.kinds and not proves_lt(dyadic(*cert.bounds[radius].exact), ivl.minimum(away)):
        yield weak(6, radius, "a critical point may lie on the sphere of that radius")
    yield from contains(cert, 8, "loss", own.loss(at))


def findings(cert: Certificate, own: Numbers) -> Findings:
    """Steps 3 to 8. With the sign of T and the number of kinds (step 0), the list of them is complete."""
    if own.sign not in SIGNS.get(cert.verdict, (own.sign,)):
        yield refuted(3, "verdict", f"does not fit T = {show(own.excess)}")
        return
    yield from contains(cert, 3, "excess", own.excess)
    yield from contains(cert, 3, "q_bad", own.q_bad)
    kinds = own.kinds[NEAR[cert.verdict] :] if cert.point and cert.kinds else own.kinds
    for (name, claimed), mine in zip(cert.kinds, kinds, strict=False):
        yield from kind_findings(cert, own, name, claimed, mine)
    if "barrier.low" in cert.bounds:
        yield from contains(cert, 8, "barrier", own.barrier)
    if cert.point:
        yield from point_findings(cert, own, cert.point)


def prove(cert: Certificate, _: int) -> list[Finding]:
    """Steps 3 to 8 at the working precision."""
    try:
        return list(findings(cert, Numbers(cert.problem)))
    except TooWeak as failure:
        return [weak(3, "excess", str(failure))]
