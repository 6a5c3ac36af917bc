"""The files of the method "collapsed". Their names start with "collapsed-".

make_corpus.py makes them with all others; alone: PYTHONPATH=src:tools python -m makers.teacher.collapsed [FOLDER]
"""

from __future__ import annotations

import sys
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from corpus_keys import signed
from judge.documents import ROOT, Json, number, value
from makers.edits import PAST, changed, claim, in_d_only, without
from makers.folder import Apart, Corpus
from makers.teacher.points import SIX, p, prove, q

HALF, THIRD, TWO_THIRDS = (
    0.5341549430918953,
    0.3204929658551372,
    0.7478169203286534,
)  # of (1, 1), to 16 digits


def add(corpus: Corpus) -> None:
    six = [*SIX[:5], [x * 0.25 for x in SIX[5]], [x * 0.75 for x in SIX[5]]]
    made = {
        "2-2": prove([[HALF, HALF], [HALF, HALF]], barrier=True),
        "unequal": prove([[THIRD, THIRD], [TWO_THIRDS, TWO_THIRDS]], barrier=True),
        "three": prove([[0.25, 0.25], [HALF, HALF], [0.2841549430918953] * 2], barrier=True),
        "saddle": prove([[p / 4, p / 4], [q, q], [3 * p / 4, 3 * p / 4]], barrier=True),
        "spurious-6-7": prove(six, barrier=True),
    }
    for name, document in made.items():
        corpus.put("accept", f"collapsed-{name}", "", signed(document))
    good, saddle = made["2-2"], made["saddle"]
    top = value(claim(good, "bounds.curvature")["exact"])
    weaker = changed(good, "bounds.curvature", number(top / 2, True))
    corpus.put("accept", "collapsed-weaker", "", signed(weaker))
    corpus.put("accept", "collapsed-in-d-only", "", signed(in_d_only(good)))
    corpus.put("accept", "collapsed-thin", "", signed(changed(good, "fractions.0", thin(16383))))
    half = ["1", -1]
    true = {"exact": ["-1", -3], "decimal": "-0.125"}
    rows: list[tuple[str, str, str, Json, list[tuple[str, Any]]]] = [
        ("reject", "past", "S_i has no eigenvalue as low.", good,
         [("bounds.curvature", number(top * (1 + PAST), True))]),
        ("reject", "far-past", "S_i has no eigenvalue as low.", good, [("bounds.curvature", number(3 * top, True))]),
        ("reject", "sum", "The fractions add up to 1 + 2^-60.", good,
         [("fractions.0.1", ["576460752303423489", -60])]),
        ("reject", "negative", "3/2 - 1/2 is 1, but -1/2 is not positive.", good,
         [("fractions.0", [["3", -1], ["-1", -1]])]),
        ("reject", "zero", "A fraction of 0.", good, [("fractions.0", [["1", 0], ["0", 0]])]),
        ("reject", "whole", "No neuron is split.", good, [("fractions.0", [["1", 0]])]),
        ("reject", "two-lists", "Fractions of a neuron that is not there.", good,
         [("fractions", [[half, half], [["1", 0]]])]),
        ("reject", "no-lists", "A saddle, and no fractions at all.", saddle, [("fractions", [])]),
        ("reject", "empty-list", "A neuron of which nothing is left.", good, [("fractions", [[]])]),
        ("reject", "neuron-2", "There is no neuron 2.", good, [("neuron", 2)]),
        ("reject", "neuron-0", "Neurons are counted from 1.", good, [("neuron", 0)]),
        ("reject", "called-saddle", "W* is a minimum.", without(good, "bounds.curvature", "neuron", "bounds.barrier"),
         [("critical_point", "strict-saddle")]),
        ("reject", "called-minimum", "W* is a saddle.", saddle,
         [("critical_point", "local-minimum"), ("neuron", 1), ("bounds.curvature", true)]),
        ("reject", "barrier-of-a-saddle", "A saddle has no barrier.", saddle,
         [("bounds.barrier", number(Fraction(1, 9), False))]),
        ("not-confirmed", "limit-bits", "A limit: 1 and the fractions span 16,385 bits. It is true.", good,
         [("fractions.0", thin(16384))]),
        ("malformed", "positive", "An eigenvalue below a positive number says nothing.", good,
         [("bounds.curvature", number(Fraction(1, 8), True))]),
        ("malformed", "no-neuron", "A curvature of no neuron.", without(good, "neuron"), []),
        ("malformed", "no-curvature", "A neuron without its curvature.", without(good, "bounds.curvature"), []),
        ("malformed", "saddle-neuron", "A saddle needs no curvature.", saddle,
         [("neuron", 1), ("bounds.curvature", true)]),
        ("malformed", "verdict", "A verdict of another method.", good, [("verdict", "splits")]),
        ("malformed", "global", "A global minimum has no curvature.", good, [("critical_point", "global-minimum")]),
        ("malformed", "no-fractions", "It is not said how the neurons are split.", without(good, "fractions"), []),
        ("malformed", "even", "A mantissa that is even.", good, [("fractions.0.0", ["2", -2])]),
    ]  # fmt: skip
    for kind, name, why, document, changes in rows:
        for path, new in changes:
            document = changed(document, path, new)
        corpus.put(kind, f"collapsed-{name}", why, signed(document))


def thin(places: int) -> list[list[Any]]:
    """Three fractions with sum 1, one of them 2^-places."""
    return [["1", -1], [str(Decimal(2 ** (places - 1) - 1)), -places], ["1", -places]]


if __name__ == "__main__":
    add(Apart(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "tests" / "corpus", "collapsed"))
