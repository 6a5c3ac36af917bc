"""Unsigned certificates, and edits of their boxes."""

from __future__ import annotations

import json
from copy import deepcopy
from fractions import Fraction
from typing import Any

from judge.documents import Json
from makers.edits import changed, claim
from makers.uniform.truth import CENTRE, EDGE, SLOPE
from relucert import certificate
from relucert.families.uniform.prove import Failure, Tier, at_least, prove
from relucert.families.uniform.statement import statement

ENTRIES = 5


def proved(*tiers: tuple[int, str], basin: str | None = None) -> Json:
    """Tiers: from which k on, and which bound of the smallest eigenvalue. basin: that of the last tier."""
    claimed = [Tier(k, at_least(bound, "tier")) for k, bound in tiers]
    if basin is not None:
        claimed[-1] = claimed[-1]._replace(reach=at_least(basin, "basin"))
    found = prove(claimed)
    if isinstance(found, Failure):
        raise SystemExit(f"{tiers}: {found.reason}")
    whole = certificate.envelope(statement(found, {"source": "tools/make_corpus.py"}), [])
    return json.loads(whole)  # type: ignore[no-any-return]


def added(document: Json, path: str, by: int) -> Json:
    """With this much added to an integer that is a string."""
    return changed(document, path, str(int(claim(document, path)) + by))


def times(document: Json, box: int, factor: Fraction) -> Json:
    """With all radii of a box multiplied."""
    rows = [str(int(int(x) * factor)) for x in claim(document, f"boxes.{box}.radius")]
    return changed(document, f"boxes.{box}.radius", rows)


def boxes(document: Json, new: list[Json]) -> Json:
    return changed(document, "boxes", new)


def cut(box: Json) -> list[Json]:
    """A box as two halves on the same line, its centres being in the middle of each."""
    low, high = (int(x) for x in box["s"])
    middle = (low + high) // 2
    return [_part(box, low, middle), _part(box, middle, high)]


def _part(box: Json, low: int, high: int) -> Json:
    """The centre is rounded to its unit, far below the radii."""
    part: dict[str, Any] = deepcopy(box)
    shift = Fraction(low + high - sum(int(x) for x in box["s"]), 2 ** (EDGE + 1))
    rows = zip(box["centre"], box["slope"], strict=True)
    part["centre"] = [str(round(int(c) + Fraction(int(d), 2**SLOPE) * shift * 2**CENTRE)) for c, d in rows]
    return part | {"s": [str(low), str(high)]}
