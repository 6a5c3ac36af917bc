"""The files about images of a critical point under exchanges of parameters, docs/spec/expression-v1.md, step 8c. Their
names start with "expression-images-".

make_corpus.py makes them with all others; alone: PYTHONPATH=src:tools python -m makers.expression_images [FOLDER]
"""

from __future__ import annotations

from functools import cache
from typing import Any

from judge.documents import Json
from makers.edits import changed, claim, edited
from makers.expression import SUBJECTS, proved, proved_at
from makers.folder import Named, Put, remake

UNITS = (0, 1, 2, 6), (3, 4, 5, 7)  # of the network on XOR: weights, bias, output weight


@cache
def xor() -> Json:
    subject = SUBJECTS["xor-local"]()
    return proved_at(subject.loss.document(), subject.point, subject.witness, *subject.options)


def swap(*places: tuple[int, int, int]) -> list[list[int]]:
    """Of pairs of parameters, with the sign that the first takes from the second."""
    return sorted([[i, j, s] for i, j, s in places] + [[j, i, 1] for i, j, _ in places])


def flip(*places: int) -> list[list[int]]:
    return [[i, i, -1] for i in places]


def add(put: Put) -> None:
    files = Named(put, "expression-images")
    files.put("accept", "xor", "", xor())
    weaker(files)
    stronger(files)
    malformed_exchanges(files)
    malformed_claims(files)


def said(exchanges: Any, count: Any) -> Json:
    return changed(xor(), "images", {"exchanges": exchanges, "count": count})


def weaker(files: Named) -> None:
    """True as well."""
    (a, b) = UNITS
    turned = swap(*((i, j, -1) for i, j in zip(a, b, strict=True)))
    files.put("accept", "xor-fewer", "", changed(xor(), "images.count", 7))
    files.put("accept", "xor-sign", "", said([flip(*a)], 2))
    files.put("accept", "xor-turn", "", said([turned], 4))  # u, v becomes -v, u: four times is once


def stronger(files: Named) -> None:
    (a, b) = UNITS
    pairs = list(zip(a, b, [1] * 4, strict=True))
    rows: list[tuple[str, str, Any, int]] = [
        ("nine", "More images than there are.", claim(xor(), "images.exchanges"), 9),
        ("sign-three", "The sign of a unit makes two.", [flip(*a)], 3),
        ("swap-half", "The output weights do not move.", [swap(*pairs[:3])], 2),
        ("flip-half", "The output weight keeps its sign.", [flip(*a[:3])], 2),
        ("flip-bias", "The sign of the bias of the output.", [flip(*a), flip(8)], 2),
        ("mixed", "A weight of the other unit.", [swap(pairs[0])], 2),
        ("signs", "One sign of an exchange is wrong.", [swap((a[0], b[0], -1), *pairs[1:])], 2),
    ]
    for name, why, exchanges, count in rows:
        files.put("not-confirmed", name, why, said(exchanges, count))


def malformed_exchanges(files: Named) -> None:
    one = flip(*UNITS[0])
    rows: list[tuple[str, str, Any]] = [
        ("none", "No exchanges.", []),
        ("empty", "An exchange without entries.", [[]]),
        ("short", "An entry with two parts.", [[[0, 0]]]),
        ("long", "An entry with four parts.", [[[0, 0, -1, 1]]]),
        ("place", "A parameter that is not there.", [[[9, 9, -1]]]),
        ("place-negative", "A parameter -1.", [[[-1, -1, -1]]]),
        ("place-true", "A place that is no number.", [[[True, 1, -1]]]),
        ("sign-zero", "A sign 0.", [[[0, 0, 0]]]),
        ("sign-two", "A sign 2.", [[[0, 0, 2]]]),
        ("sign-text", "A sign in quotation marks.", [[[0, 0, "-1"]]]),
        ("stays", "An entry that stays.", [[*one[:-1], [6, 6, -1], [7, 7, 1]]]),
        ("order", "Not in order.", [one[::-1]]),
        ("twice", "A place twice.", [[one[0], *one]]),
        ("lost", "No permutation.", [[[0, 1, 1], [1, 1, -1]]]),
        ("object", "No list of exchanges.", {"0": one}),
    ]
    for name, why, exchanges in rows:
        files.put("malformed", name, why, said(exchanges, 2))


def malformed_claims(files: Named) -> None:
    one = {"exchanges": [flip(*UNITS[0])], "count": 2}
    files.edit("malformed", xor(), [
        ("count-one", "One image is nothing.", "images.count", 1),
        ("count-large", "More than are counted.", "images.count", 2_000_000 // (3 * 9) + 1),
        ("count-text", "A count in quotation marks.", "images.count", "8"),
        ("count-missing", "There is no count.", "images.count", None),
        ("missing", "There are no exchanges.", "images.exchanges", None),
        ("list", "A list.", "images", [one]),
        ("extra", "A third member.", "images", one | {"order": 2}),
    ])  # fmt: skip
    files.put("malformed", "circle", "Under constraints.", changed(proved("circle"), "images", one))
    away = edited(proved("pass-away"), ("images", {"exchanges": [[[0, 0, -1]]], "count": 2}))
    files.put("malformed", "pass-away", "Of what is not critical.", away)


if __name__ == "__main__":
    remake("expression", add, "expression-images-*")
