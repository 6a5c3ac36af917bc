"""The files of the method "owners". Their names start with "owners-".

make_corpus.py makes them with all others; alone: PYTHONPATH=src:tools python -m makers.teacher.owners [FOLDER]
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from corpus_keys import signed
from judge.documents import ROOT, Json
from makers.edits import changed, claim
from makers.folder import Apart, Corpus
from makers.teacher.points import prove

SKEW = [[1.0, 0.5, 0.0], [0.0, 1.0, -1.0]]
TINY = 2.0**-200


def add(corpus: Corpus) -> None:
    made = {
        "2-3": prove([[1.0, 0.0], [0.0, 0.5], [0.0, 0.5]]),
        "2-5": prove([[0.25, 0.0], [0.0, 0.75], [0.125, 0.0], [0.625, 0.0], [0.0, 0.25]]),
        "skew": prove([[0.25, 0.125, 0.0], [0.0, 1.0, -1.0], [0.75, 0.375, 0.0]], SKEW),
        "tiny": prove([[TINY, 0.0], [1 - 2.0**-52, 0.0], [0.0, 1.0], [2.0**-52 - TINY, 0.0]]),
        "moved": prove([[1.0, 1e-9], [1e-5, 0.3333], [-1e-6, 0.66669]]),
    }
    for name, document in made.items():
        corpus.put("accept", f"owners-{name}", "", signed(document))
    wrong(corpus, made["2-3"])


def wrong(corpus: Corpus, good: Json) -> None:
    point, problem = claim(good, "point"), claim(good, "problem")
    half, ulp = ["1", -1], ["4503599627370497", -53]
    fewer = {"n": 2, "k": 2, "d": 2, "targets": "orthonormal"}
    rows: list[tuple[str, str, str, list[tuple[str, Any]]]] = [
        ("reject", "ulp", "The fractions add up to 1 + 2^-53.", [("point.2.1", ulp)]),
        ("reject", "beside", "A neuron is off its target by 2^-400.", [("point.2.0", ["1", -400])]),
        ("reject", "opposite", "A neuron points away from its target.", [("point.2.1", ["-1", -1])]),
        ("reject", "negative", "3/2 - 1/2 is 1, but -1/2 is not positive.",
         [("point.1.1", ["3", -1]), ("point.2.1", ["-1", -1])]),
        ("reject", "exchanged", "A neuron is said to be a multiple of another target.", [("owners.0", 2)]),
        ("reject", "target-3", "There is no target 3.", [("owners.0", 3)]),
        ("reject", "target-0", "Targets are counted from 1.", [("owners.0", 0)]),
        ("reject", "n-is-k", "With n = k it is isolated.",
         [("point", [point[0], [["0", 0], ["1", 0]]]), ("problem", fewer), ("owners", [1, 2])]),
        ("reject", "other-target", "Another target is half of what it was.",
         [("problem.targets", [[["1", -1], ["0", 0]], [["0", 0], ["1", 0]]])]),
        ("malformed", "short", "Two owners of three neurons.", [("owners", [1, 2])]),
        ("malformed", "bounds", "There are no bounds.", [("bounds.radius", {"exact": ["1", 0], "decimal": "1"})]),
        ("malformed", "dimension", "It holds in every dimension without that member.",
         [("dimension", "every d >= k")]),
        ("malformed", "verdict", "A verdict of another method.", [("verdict", "global-minimum")]),
        ("malformed", "zero", "A neuron at the origin.", [("point.2.1", ["0", 0])]),
        ("malformed", "bool", "An owner is a number.", [("owners.0", True)]),
        ("malformed", "wide", "The rows are longer than d.", [("point", [[*row, half] for row in point])]),
        ("malformed", "n", "n is not the number of rows.", [("problem", {**problem, "n": 4})]),
    ]  # fmt: skip
    for kind, name, why, changes in rows:
        document = good
        for path, new in changes:
            document = changed(document, path, new)
        corpus.put(kind, f"owners-{name}", why, signed(document))
    old = changed(good, "schema", "relucert-certificate/1.0")
    corpus.put("reject", "owners-version-1-0", "Version 1.0 does not have this method.", signed(old))


if __name__ == "__main__":
    add(Apart(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "tests" / "corpus", "owners"))
