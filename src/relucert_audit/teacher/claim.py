"""Claims about points of the teacher-student network: sections 3 and 3a of docs/spec/certificate-v1.md."""

import re
from fractions import Fraction
from typing import Any, NamedTuple

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

MAX_DIMENSION, MAX_PAIRS = 3600, 100_000
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
    entries = [x for row in listed for x in row if x.m] + [Dyadic(1, 0)] * orthonormal
    span = max(x.m.bit_length() + x.e for x in entries) - min(x.e for x in entries)
    if n * d > MAX_DIMENSION or (n + k) ** 2 > MAX_PAIRS or span > MAX_ROW_BITS:
        raise Refusal(NOT_CONFIRMED, 0, LIMIT, "n d, (n + k)^2, or the bits that all entries span")
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
