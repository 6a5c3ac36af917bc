"""The files of the method "converges", docs/spec/wider-v1.md section 9. Their names start with "converges-".

make_corpus.py makes them with all others; alone: PYTHONPATH=src:tools python -m makers.converges [FOLDER]
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from fractions import Fraction

from judge.documents import Json, number, value
from makers.edits import changed, claim, edited
from makers.folder import Named, Put, remake
from relucert import certificate
from relucert.base.exact import exact_rows
from relucert.families.teacher import converges

PART = 2.0**-15  # of the length of a neuron across its target
TINY = 2.0**-60


def pair(part: float, off: float = 0.0) -> list[list[float]]:
    """Three targets, the first one shared by neurons 1 and 4; the sum of these is off by `off`."""
    return [[0.375, part, 0.0], [off, 1.0, 0.0], [0.0, off, 1.0 + off], [0.625, -part, off]]


FIVE = [
    [0.25, PART / 4], [PART / 8, 0.5], [0.5, -PART / 2], [0.25, PART / 4], [-PART / 8, 0.5],
]  # fmt: skip
POINTS: dict[str, tuple[Sequence[Sequence[float]], Fraction]] = {
    "3-4": (pair(PART), Fraction(1, 2)),
    "long-steps": (pair(PART / 4), Fraction(1)),
    "off": (pair(PART, 2.0**-23), Fraction(1, 10)),
    "tiny": (pair(TINY), Fraction(1, 3)),
    "2-5": (FIVE, Fraction(1, 4)),
    "at-the-minimum": ([[0.5, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [0.5, 0.0, 0.0]], Fraction(1, 2)),
    "1-2": ([[0.5], [0.5 + 2.0**-24]], Fraction(1, 10)),
}

ISOLATED = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]  # all else in its file is true


def made(points: Sequence[Sequence[float]], step: Fraction) -> Json:
    found = converges.prove(exact_rows(points, "neuron"), step)
    if isinstance(found, str):
        raise SystemExit(found)
    statement = converges.statement(found, {"source": "tools/makers/converges.py"})
    return json.loads(certificate.envelope(statement, []))  # type: ignore[no-any-return]


def add(put: Put) -> None:
    corpus = Named(put, "converges")
    good = {name: made(*given) for name, given in POINTS.items()}
    for name, document in good.items():
        corpus.put("accept", name, "", document)
    document = good["3-4"]
    rejected(corpus, document)
    not_confirmed(corpus, document)
    malformed(corpus, document)


def scaled(document: Json, name: str, factor: Fraction, up: bool) -> Json:
    return number(value(claim(document, f"bounds.{name}.exact")) * factor, up)


def rejected(corpus: Named, good: Json) -> None:
    short, half = (
        scaled(good, "travel", Fraction(15, 64), True),
        scaled(good, "objective", Fraction(1, 2), True),
    )
    up = {**claim(good, "bounds.rate"), "decimal": "9"}
    corpus.edit("reject", good, [
        ("objective", "Half of the loss at the point.", "bounds.objective", half),
        ("travel", "The neurons are farther from the multiples of their targets.", "bounds.travel", short),
        ("owner", "Neuron 4 does not become a multiple of target 2.", "owners.3", 2),
        ("side", "A neuron points to another target as well.", "point.3.1", ["1", -3]),
        ("owner-0", "Targets are counted from 1.", "owners.3", 0),
        ("owner-4", "There is no target 4.", "owners.3", 4),
        ("no-owner", "No neuron belongs to target 3.", "owners.2", 1),
        ("exchanged", "Neurons 2 and 3 belong to each other's target.", "owners", [1, 3, 2, 1]),
        ("decimal", "The decimal says more than the exact number.", "bounds.rate", up),
        ("version-1-0", "Version 1.0 does not have this method.", "schema", "relucert-certificate/1.0"),
    ])  # fmt: skip
    isolated = made(ISOLATED, Fraction(1, 2))
    corpus.put("reject", "n-is-k", "A minimum with as many neurons as targets is isolated.", isolated)
    for name, why, key, text in (
        ("evidence", "No hypothesis of the theorem.", "text", "l < 2 rho"),
        ("evidence-step", "The theorem has seven hypotheses.", "step", "18.C.8"),
    ):
        copy = json.loads(json.dumps(good))
        copy["statement"]["evidence"][0]["inequalities"][-1][key] = text
        corpus.put("reject", name, why, copy)


def not_confirmed(corpus: Named, good: Json) -> None:
    wide = number(Fraction(1, 2), True)
    corpus.edit("not-confirmed", good, [
        ("travel", "Less than what the theorem gives.", "bounds.travel",
         scaled(good, "travel", Fraction(3, 4), True)),
        ("travel-wide", "Longer than the shortest neuron: the theorem says nothing there.", "bounds.travel", wide),
        ("rate", "Twice what the theorem gives.", "bounds.rate",
         scaled(good, "rate", Fraction(2), False)),
        ("step", "Longer than 2 over the largest eigenvalue.", "step", "3/2"),
        ("step-short", "The rate falls with the step.", "step", "1/100"),
    ])  # fmt: skip
    loose = changed(good, "bounds.objective", number(Fraction(4), True))
    for name, why, changes in (
        ("sum", "The sum of a group is off by 1.", [("point.1.1", ["1", 1])]),
        ("sum-near", "The sum of a group is off by 1/64, too far for the theorem.", [("point.1.1", ["65", -6])]),
        ("opposite", "A neuron points away from its target.", [("point.3.0", ["-5", -3])]),
        ("angle", "Angles too large for the theorem.",
         [("point", in_file(pair(2.0**-5))), ("bounds.travel", number(Fraction(3, 16), True))]),
        ("angle-near", "Angles still too large for the theorem, with the travel that it would give.",
         [("point", in_file(pair(2.0**-11))), ("bounds.travel", number(Fraction(1, 256), True))]),
    ):  # fmt: skip
        corpus.put("not-confirmed", name, why, edited(loose, *changes))


def in_file(points: Sequence[Sequence[float]]) -> list[list[list[object]]]:
    return [[[str(m), e] for m, e in row] for row in exact_rows(points, "neuron")]


def malformed(corpus: Named, good: Json) -> None:
    zero, targets = {"exact": ["0", 0], "decimal": "0"}, [[["1", 0], ["0", 0], ["0", 0]]]
    below = {"exact": ["-1", 0], "decimal": "-1"}
    corpus.edit("malformed", good, [
        ("short", "Three owners of four neurons.", "owners", [1, 2, 3]),
        ("d", "d is k.", "problem.d", 4),
        ("targets", "The targets are said, not listed.", "problem.targets", targets),
        ("dimension", "Without the dimension.", "dimension", None),
        ("step", "Not in lowest terms.", "step", "2/4"),
        ("step-0", "A step of 0.", "step", "0"),
        ("step-number", "A step is a string.", "step", 1),
        ("travel-0", "A run that does not move.", "bounds.travel", zero),
        ("rate-0", "A rate of 0 says nothing.", "bounds.rate", zero),
        ("objective-negative", "The loss is a mean of squares.", "bounds.objective", below),
        ("bounds", "A bound of another method.", "bounds.existence_radius", zero),
        ("no-rate", "Without the rate.", "bounds.rate", None),
        ("verdict", "A verdict of another method.", "verdict", "global-minimum-not-isolated"),
        ("zero", "A neuron at the origin.", "point.1", [["0", 0]] * 3),
        ("bool", "An owner is a number.", "owners.0", True),
    ])  # fmt: skip


if __name__ == "__main__":
    remake("converges", add)
