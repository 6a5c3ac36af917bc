"""Claims about points of the teacher-student network: sections 3 and 3a of docs/spec/certificate-v1.md."""

import math
import re
from collections.abc import Iterable
from fractions import Fraction
from itertools import chain
from typing import Any, NamedTuple

from relucert_audit.finding import Findings, refuted
from relucert_audit.format import (
    HEADER,
    LIMIT,
    LOWER,
    MAX_ROW_BITS,
    NOT_CONFIRMED,
    RADII,
    RADIUS_ABOVE,
    RADIUS_BELOW,
    UPPER,
    Dyadic,
    Number,
    Opened,
    Refusal,
    Rows,
    dyadic,
    flatten,
    interval,
    malformed,
    number,
    take,
)

MAX_DIMENSION = 3600  # n d: what takes a minute or two, and 2 GiB (docs/audit.md, "How long it takes")
MAX_WIDTH, MAX_PAIRS = 2000, 100_000  # d, as a neuron's own block is in long numbers; (n + k)^2
MAX_WORK = 1 << 44  # (n + k)^2 d times the square of the bits that entries span: products of long numbers
SECONDS, EXPONENT = 60.0, 2.6  # about, of a proof with n d = MAX_DIMENSION; of its growth with n d
LEMMA_1 = "existence_radius_lemma_1"
MINIMA = ("spurious-minimum", "global-minimum", "local-minimum")
CRITICAL = (*MINIMA, "strict-saddle")


def strictly_positive(value: Any, where: str) -> Number:
    """A lower bound above 0."""
    found: Number = number(LOWER)(value, where)
    if found.exact.m <= 0:
        raise malformed(f"{where} is not positive")
    return found


CONSTANTS = {"constants": re.compile("simple|sharp|paper"), "radius": RADIUS_BELOW, "value": number(UPPER)}
BASIN, INERTIA = {"radius": RADIUS_BELOW, "step": number(LOWER)}, {"negative": int, "positive": int}
BOUNDS: dict[str, Any] = {"lipschitz": CONSTANTS, "basin?": BASIN}
BOUNDS |= dict.fromkeys(("objective", "lambda_min"), interval)
BOUNDS |= dict.fromkeys(("gradient_norm", "lambda_max", "lipschitz_safran_shamir?"), number(UPPER))
SINCE_1 = {"barrier?": strictly_positive}
BOUNDS |= {"lambda_min_safran_shamir?": number(LOWER), "existence_radius_lemma_1?": RADIUS_ABOVE}
FOR_CRITICAL, FOR_NOT = {"inertia": INERTIA, **RADII}, {"inertia?": INERTIA, "exclusion_radius": RADIUS_BELOW}
PROBLEM, VERDICT = {"n": int, "k": int, "d": int, "targets": object}, "|".join((*CRITICAL, "not-critical"))
KIND = {"constants": re.compile("simple|sharp"), "radius": object, "value": object}  # in claims since 1.1
NOT_HERE = ("basin", "existence_radius_lemma_1", "lambda_min_safran_shamir", "lipschitz_safran_shamir")
CLAIM = {**HEADER, "problem": PROBLEM, "point": [[dyadic]], "verdict": re.compile(VERDICT)}
EVERYWHERE = {"dimension": re.compile("every d >= k")}
NEAR = {"radius": RADIUS_BELOW, "value": number(UPPER)}
ROBUST = {"deviation": RADIUS_BELOW, "radius": RADIUS_ABOVE, "lipschitz": NEAR}
WITNESS = {"witness": [[dyadic]]}
ROBUST |= {"random_dimension": re.compile("[1-9][0-9]{0,399}")}


class Certificate(
    NamedTuple
):  # point: n rows of d, or other; targets: k rows of d; bounds: flat, as "basin.step"
    n: int
    k: int
    d: int
    targets: Rows
    point: Any  # n rows, or what the method has in their place
    verdict: str
    constants: str
    inertia: dict[str, int] | None
    bounds: dict[str, Number]
    everywhere: bool  # in every dimension
    random_dimension: int | None = None  # of the member "robust", whose numbers are among the bounds
    signs: tuple[int, ...] = ()  # output weights of neurons, then of targets; none: all are 1
    slope: Fraction = Fraction(0)  # of the activation left of 0
    witness: Rows | None = None  # n rows of d: another point, of lower loss

    @property
    def matched(self) -> bool:
        """Whether each target can have a neuron of its sign for itself: then inf F = 0."""
        if not self.signs:
            return self.n >= self.k
        mine, theirs = self.signs[: self.n], self.signs[self.n :]
        return all(mine.count(sign) >= theirs.count(sign) for sign in (1, -1))


def claim_of(opened: Opened, shape: dict[str, Any], bounds: dict[str, Any]) -> dict[str, Any]:
    """The members of a claim of this shape, with the bounds that belong to its verdict."""
    raw, members = opened.claim, dict(BOUNDS)
    members |= FOR_CRITICAL if raw.get("verdict") in CRITICAL else FOR_NOT
    members |= SINCE_1 if opened.minor else {}
    if opened.minor and raw.get("verdict") in CRITICAL and "dimension" in raw:
        shape, members = shape | EVERYWHERE, members | {"lambda_min_outside": interval}
    return take(raw, shape | {"bounds": members | bounds}, "claim")  # type: ignore[no-any-return]


def check_limits(n: int, k: int, d: int, span: int) -> None:
    """Raises Refusal for what takes longer than docs/audit.md says. span: of the bits of all entries."""
    sizes = {
        "n d": (n * d, MAX_DIMENSION),
        "d": (d, MAX_WIDTH),
        "(n + k)^2": ((n + k) ** 2, MAX_PAIRS),
        "the bits that all entries span": (span, MAX_ROW_BITS),
        "(n + k)^2 d times the square of these bits": ((n + k) ** 2 * d * span**2, MAX_WORK),
    }
    for what, (size, most) in sizes.items():
        if size > most:
            raise Refusal(NOT_CONFIRMED, 0, LIMIT, f"{what}: {size}, and the most is {most}")


def expected(cert: Certificate) -> float:
    """About how many seconds of processor time a proof takes."""
    return SECONDS * math.pow(cert.n * cert.d / MAX_DIMENSION, EXPONENT)


def span_of(entries: Iterable[Dyadic]) -> int:
    """How many bits numbers, not all 0, span together."""
    ends = [(x.m.bit_length() + x.e, x.e) for x in entries if x.m]
    return max(high for high, _ in ends) - min(low for _, low in ends)


def read_points(opened: Opened, signed: bool = False) -> Certificate:
    """A claim about n rows of numbers; `signed`: the signs, read elsewhere, need not all be 1. Raises Refusal."""
    low = opened.minor and "witness" in opened.claim
    shape = CLAIM | ({"robust?": ROBUST} if opened.minor else {}) | (WITNESS if low else {})
    claim = claim_of(opened, shape, {"gap": strictly_positive} if low else {})
    bounds, verdict, targets = claim["bounds"], claim["verdict"], claim["problem"]["targets"]
    (n, k, d), point = (claim["problem"][name] for name in "nkd"), claim["point"]
    orthonormal = targets == "orthonormal"
    targets = [] if orthonormal else take(targets, [[dyadic]], "targets")
    witness = claim.get("witness")
    listed = (*point, *targets, *(witness or ()))
    sizes, widths = (len(point), d if orthonormal else len(targets)), {len(row) for row in listed}
    if min(n, k, d) < 1 or sizes != (n, k) or widths != {d}:
        raise malformed("point and targets are not n and k rows of d, or d is not k for orthonormal targets")
    if not all(any(entry.m for entry in row) for row in listed):
        raise malformed("a row of the point, of the targets or of the witness is 0")
    of_use = verdict == "spurious-minimum" and (signed or n < k)
    if witness is not None and not (of_use and len(witness) == n):
        raise malformed("a witness is n rows, of a spurious minimum" + " with n < k" * (not signed))
    check_limits(n, k, d, span_of([*chain(*listed), *[Dyadic(1, 0)] * orthonormal]))
    if orthonormal:
        targets = [[Dyadic(1, 0) if i == j else Dyadic(0, 0) for j in range(d)] for i in range(k)]
    if "dimension" in claim and d != k:
        raise malformed("a claim about every d >= k needs a problem with d = k")
    robust = claim.get("robust", {})
    if robust and not (orthonormal and verdict == "spurious-minimum" and witness is None):
        raise malformed("robust belongs to spurious minima with orthonormal targets, without a witness")
    numbers = flatten(bounds) | {f"robust.{name}": x for name, x in flatten(robust).items()}
    rest = verdict, bounds["lipschitz"]["constants"], bounds.get("inertia"), numbers
    more = "dimension" in claim, int(robust["random_dimension"]) if robust else None
    return Certificate(n, k, d, targets, point, *rest, *more, witness=witness)


def step_1(cert: Certificate) -> Findings:
    """Admission: the verdict fits n, k and the members (`check` looked up family and method)."""
    fits = {"spurious-minimum": cert.matched or cert.witness is not None}
    fits |= {"global-minimum": cert.matched and cert.n == cert.k}
    if not fits.get(cert.verdict, True):
        yield refuted(
            1, "verdict", f"does not fit n = {cert.n} and k = {cert.k}" + ", or the signs" * bool(cert.signs)
        )
    if cert.witness is not None and cert.matched:
        yield refuted(1, "witness", "inf F is 0 without it")
    for name in (LEMMA_1, "basin.radius", "barrier"):
        if name in cert.bounds and cert.verdict not in MINIMA:
            yield refuted(1, name, "only a minimum has one")
