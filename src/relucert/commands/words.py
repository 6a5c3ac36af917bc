"""Sentences and tables about certificates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from relucert.base.errors import InputError
from relucert.certificate.shown import at_least, at_most, margin
from relucert.families import family_called
from relucert.families.verdicts import heading
from relucert_audit import families as checkers
from relucert_audit.check import is_known

Json = dict[str, Any]


class Claim(NamedTuple):
    """A claim in words."""

    verdict: str
    heading: str  # what it is called
    sentence: str
    facts: list[tuple[str, str]]  # the claimed bounds, a name and a text each


def claim(statement: Json, name: str) -> Claim:
    """What a certificate claims. Raises InputError, naming the file `name`, for a malformed claim."""
    inner = statement["claim"]
    try:
        family = family_called(inner["family"], name)
        return Claim(inner["verdict"], heading(family, inner), *family.words(inner))
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise InputError(f"{name}: the claim is not that of a certificate ({error!r})") from error


class Row(NamedTuple):
    """One inequality of the evidence, as texts: as it is recorded, which no check binds to the claim."""

    theorem: str
    step: str
    text: str
    left: str
    right: str
    margin: str


# As they are said. The name is the format's; which of the two theorems encloses the eigenvalues is not recorded.
TITLES = {"Theorem C": "eigenvalues (Theorem C or K)"}


def title(row: Row) -> str:
    """What stands above the inequalities of a theorem."""
    return TITLES.get(row.theorem, row.theorem)


def legend(statement: Json, rows: Sequence[Row]) -> str:
    """What the letters of the inequalities that are shown mean."""
    letters = family_called(statement["claim"]["family"], "claim").legend
    shown = {row.theorem for row in rows}
    return " ".join(text for text, theorems in letters.items() if not theorems or shown & {*theorems})


def inequalities(statement: Json, name: str) -> list[Row]:
    """The evidence. Raises InputError, naming the file `name`, if it is malformed."""
    rows = []
    inner = statement["claim"]
    method = checkers.method_of(inner["family"], inner["method"])
    for argument in statement["evidence"]:
        try:
            theorem = argument["theorem"]
            if method is None or not is_known(argument, method):
                theorem = f"unknown, not checked: {theorem}"
            for item in argument["inequalities"]:
                left, right = item["left"], item["right"]
                text = item["step"], item["text"], _shown(left, at_most), _shown(right, at_least)
                rows.append(Row(theorem, *text, margin(item)))
        except (KeyError, TypeError) as error:
            raise InputError(f"{name}: the evidence is not that of a certificate ({error!r})") from error
    return rows


def _shown(side: Json | None, text: Callable[[Json], str]) -> str:
    return "undefined" if side is None else text(side)
