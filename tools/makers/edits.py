"""Certificates with a member of the claim changed; what the claims say."""

from __future__ import annotations

from copy import deepcopy
from fractions import Fraction
from typing import Any

from judge.documents import Json, number, replaced, value
from relucert import certificate

PAST = Fraction(1, 2**12)


def pretty(document: Json) -> bytes:
    return certificate.envelope(document["statement"], document["signatures"])


def claim(document: Json, path: str) -> Any:
    place = document["statement"]["claim"]
    for part in path.split("."):
        place = place[int(part) if part.isdigit() else part]
    return place


def changed(document: Json, path: str, new: Any) -> Json:
    """With the member of the claim at this dotted path replaced, or removed if `new` is None."""
    *parents, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    place = ("statement", "claim", *parents)
    if new is not None:
        return replaced(document, (*place, last), new)
    copy: Any = deepcopy(document)
    inner = copy
    for part in place:
        inner = inner[part]
    del inner[last]
    return copy  # type: ignore[no-any-return]


def edited(document: Json, *changes: tuple[str, Any]) -> Json:
    """With these changes, a path and a new member each, one after the other."""
    for path, new in changes:
        document = changed(document, path, new)
    return document


def without(document: Json, *paths: str) -> Json:
    """With the members at these paths removed."""
    return edited(document, *((path, None) for path in paths))


def in_d_only(document: Json) -> Json:
    """The claim about d = k alone."""
    return (
        without(document, "dimension", "bounds.lambda_min_outside")
        if has(document, "dimension")
        else document
    )


def has(document: Json, path: str) -> bool:
    *parents, last = path.split(".")
    return last in (claim(document, ".".join(parents)) if parents else document["statement"]["claim"])


def bare(document: Json) -> Json:
    """Without the bounds that only minima may have."""
    names = ("bounds.existence_radius_lemma_1", "bounds.basin")
    return without(document, *(name for name in names if has(document, name)))


def shown(x: Fraction) -> str:
    return f"{float(x):.12g}"


def beside(document: Json, path: str) -> Json:
    """The interval at this place moved up, so that it does not meet the one that is proved."""
    high = value(claim(document, path)[1]["exact"])
    gap = (abs(high) or 1) * PAST
    return changed(document, path, [number(high + gap, False), number(high + 2 * gap, True)])


def moved(document: Json, path: str, factor: Fraction, up: bool) -> Json:
    return changed(document, path, number(value(claim(document, path)["exact"]) * factor, up))
