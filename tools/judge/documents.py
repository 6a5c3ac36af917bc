"""Certificates as JSON documents: their numbers, the places in them, and documents with one place changed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from fractions import Fraction
from pathlib import Path
from typing import Any

from relucert.base.dyadic import DOWN, UP, canonical, decimal

ROOT = Path(__file__).resolve().parents[2]
VERSIONS = ("relucert-certificate/1.0", "relucert-certificate/1.1")
MINIMA = ("spurious-minimum", "global-minimum", "local-minimum")
VERDICTS = (*MINIMA, "strict-saddle", "not-critical")
RADII = ("uniqueness_radius", "exclusion_radius", "radius")
LOWER_BOUNDS = (*RADII, "lambda_min_safran_shamir", "step", "right")
LOWER_BOUNDS = (
    *LOWER_BOUNDS,
    "lambda_min",
    "basin",
    "saddle",
    "gap",
    "barrier",
    "exclusion",
    "gradient_min",
    "start_radius",
)
Json = dict[str, Any]
Place = tuple[Any, ...]


def value(pair: list[Any]) -> Fraction:
    """The exact number of a dyadic ["m", e]."""
    m, e = int(pair[0]), int(pair[1])
    return m * Fraction(2) ** e


def number(x: Fraction, up: bool, bits: int = 40) -> Json:
    """A number of the format next to x, not below it if `up`, not above it otherwise."""
    shift = bits - x.numerator.bit_length() + x.denominator.bit_length() if x else 0
    scaled = x * Fraction(2) ** shift
    return written(canonical(-int(-scaled // 1) if up else int(scaled // 1), -shift), up)


def written(exact: tuple[int, int], up: bool) -> Json:
    return {"exact": [str(exact[0]), exact[1]], "decimal": decimal(exact, UP if up else DOWN)}


def is_dyadic(item: Any) -> bool:
    return isinstance(item, list) and len(item) == 2 and isinstance(item[0], str) and isinstance(item[1], int)


def is_number(item: Any) -> bool:
    return isinstance(item, dict) and item.keys() == {"exact", "decimal"} and is_dyadic(item["exact"])


def is_upper(place: Place) -> bool:
    """Which side of the truth the number at this place must be on."""
    return place[-1] not in LOWER_BOUNDS and place[-1] != 0


def leaves(item: Any, place: Place = ()) -> Iterator[tuple[Place, Any]]:
    """Every member and element, containers too; a number and its parts, a dyadic as one."""
    yield place, item
    if isinstance(item, dict):
        for name, part in item.items():
            yield from leaves(part, (*place, name))
    elif isinstance(item, list) and not is_dyadic(item):
        for index, part in enumerate(item):
            yield from leaves(part, (*place, index))


def get(document: Any, place: Place) -> Any:
    for part in place:
        document = document[part]
    return document


def replaced(document: Json, place: Place, new: Any) -> Json:
    copy = deepcopy(document)
    get(copy, place[:-1])[place[-1]] = new
    return copy


def encode(document: Json) -> bytes:
    """A member called "@twice:NAME" is written as NAME, and so occurs twice."""
    return json.dumps(document).replace('"@twice:', '"').encode()
