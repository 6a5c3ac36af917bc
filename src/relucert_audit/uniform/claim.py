"""Claims about every k (docs/spec/uniform-v1.md): how they are read and admitted."""

import re
from fractions import Fraction
from itertools import pairwise
from typing import Any, NamedTuple

from relucert_audit import format as fmt
from relucert_audit.finding import Findings, refuted
from relucert_audit.format import LOWER, Number, Opened, interval, malformed, number, take

EDGE, CENTRE, SLOPE, RADIUS = 40, 52, 20, 60  # units of the boxes: 2^-EDGE and so on
UNKNOWNS = 5
INTEGER = re.compile("0|-?[1-9][0-9]{0,39}")
MAX_PIECES, MOST_K = 5_000, 2**53 - 1  # pieces: of all boxes together; each takes about 0.2 seconds


def whole(value: Any, where: str) -> int:
    """An integer as a string."""
    if not isinstance(value, str) or not INTEGER.fullmatch(value):
        raise malformed(f"{where} is not an integer of at most 40 digits")
    return int(value)


PROBLEM = {
    "classes": re.compile("k-1,1"), "neurons": re.compile("k"), "targets": re.compile("orthonormal"), "from": int
}  # fmt: skip
ABOVE = number(LOWER, negative=False)
TIER = {"from": int, "lambda_min": ABOVE, "loss_times_k": interval, "basin?": ABOVE}
BOX = {"s": [whole], "centre": [whole], "slope": [whole], "radius": [whole]}
CLAIM = {
    **fmt.HEADER,
    "problem": PROBLEM,
    "verdict": re.compile("spurious-minimum"),
    "bounds": {"tiers": [TIER]},
    "boxes": [BOX],
}


class Tier(NamedTuple):
    """From k = start on: the smallest eigenvalue is above `least`, and low < k F < high; with any fixed step up to 4/k
    gradient descent converges to W(k) from within basin/sqrt(k) (None: nothing is claimed)."""

    start: int
    least: Fraction
    low: Fraction
    high: Fraction
    basin: Fraction | None = None


class Straight(NamedTuple):
    """An interval of s, and a tube around a line."""

    low: Fraction
    high: Fraction
    centre: tuple[Fraction, ...]
    slope: tuple[Fraction, ...]
    radius: tuple[Fraction, ...]


class EveryK(NamedTuple):
    """A claim."""

    verdict: str
    bounds: dict[str, Number]
    start: int
    tiers: list[Tier]
    boxes: list[Straight]


def read(opened: Opened) -> EveryK:
    """Step 0 of the claim. Raises Refusal."""
    claim = take(opened.claim, CLAIM, "claim")
    if len(claim["boxes"]) > MAX_PIECES:
        raise fmt.Refusal(fmt.NOT_CONFIRMED, 0, fmt.LIMIT, f"more than {MAX_PIECES} boxes")
    tiers: list[Tier] = []
    numbers: dict[str, Number] = {}
    for tier in claim["bounds"]["tiers"]:
        loss = tier["loss_times_k"]
        found = {"lambda_min": tier["lambda_min"], "loss.low": loss["low"], "loss.high": loss["high"]}
        reach = {"basin": tier["basin"]} if "basin" in tier else {}
        numbers |= {f"k >= {tier['from']}: {name}": x for name, x in (found | reach).items()}
        least, low, high = (exact(x) for x in found.values())
        tiers.append(Tier(tier["from"], least, low, high, exact(tier["basin"]) if reach else None))
    boxes = [box(item, f"claim.boxes[{i}]") for i, item in enumerate(claim["boxes"])]
    return EveryK(claim["verdict"], numbers, claim["problem"]["from"], tiers, boxes)


def exact(x: Number) -> Fraction:
    return x.exact.m * Fraction(2) ** x.exact.e


def box(item: dict[str, list[int]], where: str) -> Straight:
    """Raises Refusal."""
    if [len(item[name]) for name in BOX] != [2, *[UNKNOWNS] * 3]:
        raise malformed(f"{where} has not two ends and {UNKNOWNS} numbers of each kind")
    rows = (("s", EDGE), ("centre", CENTRE), ("slope", SLOPE), ("radius", RADIUS))
    (low, high), *rest = (tuple(Fraction(x, 2**bits) for x in item[name]) for name, bits in rows)
    return Straight(low, high, *rest)


def both(one: Tier, later: Tier) -> Tier:
    """What holds where both do: from the later one on."""
    reach = max((x for x in (one.basin, later.basin) if x is not None), default=None)
    low, high = max(one.low, later.low), min(one.high, later.high)
    return Tier(later.start, max(one.least, later.least), low, high, reach)


def admit(claim: EveryK) -> Findings:
    """Step 1: what is claimed for which k, and whether the boxes cover their s = k^(-1/2) without a gap."""
    starts = [tier.start for tier in claim.tiers]
    if not starts or starts[0] != claim.start or any(x >= y for x, y in pairwise(starts)):
        yield refuted(1, "bounds", "do not begin at the first k, or are not in the order of k")
    if not claim.start >= 6 or max(starts, default=0) > MOST_K:
        yield refuted(
            1, "problem", "from is below 6: at k = 5 the critical point is a saddle; or beyond 2^53 - 1"
        )
    ends = [Fraction(0), *(box.high for box in claim.boxes)]
    for i, (item, before) in enumerate(zip(claim.boxes, ends, strict=False)):
        if item.low != before or item.low >= item.high:
            yield refuted(1, f"boxes[{i}]", "does not begin where the one before it ends, or is empty")
        if item.low**2 * claim.start > 1:
            yield refuted(1, f"boxes[{i}]", "lies beyond the first k, where nothing is claimed")
        if min(item.radius) <= 0:
            yield refuted(1, f"boxes[{i}]", "a radius is not positive")
    if ends[-1] ** 2 * claim.start < 1:
        yield refuted(1, "boxes", f"end before s = {claim.start}^(-1/2)")
    if 5 * ends[-1] ** 2 > 1:
        yield refuted(1, "boxes", "reach over s = 5^(-1/2)")
