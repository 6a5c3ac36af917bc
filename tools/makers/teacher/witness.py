"""The files about minima that a point of lower loss makes spurious. Their names start with "witness-".

make_corpus.py makes them with all others; alone: PYTHONPATH=src:tools python -m makers.teacher.witness [FOLDER]
"""

from __future__ import annotations

import json
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

from corpus_keys import signed
from judge.documents import ROOT, Json, number, value
from makers.edits import PAST, changed, claim, edited, without
from makers.folder import Apart, Corpus
from makers.teacher.points import LOCAL, prove, rough, unsigned
from relucert import Candidate, Problem, verify
from relucert.families.teacher import statement as teacher_statement

TARGETS = [[1.0, 0.0], [-0.75, 0.125]]  # almost opposite: next to each is a minimum of one neuron
HIGH = [[-0.748793948, 0.135073656]]  # next to the shorter one, to 9 digits
LOW = [[0.999, 0.015625]]


def spurious(raw: bool = True, constants: str = "simple") -> Json:
    """The unsigned certificate of one neuron and two targets."""
    problem = Problem.from_targets(TARGETS, 1)
    candidate = Candidate.from_rows(HIGH, problem)
    result = verify(candidate, raw=raw, constants=constants, witness=LOW)
    statement = teacher_statement.statement(result, {"source": "bench/make_corpus.py"})
    return unsigned(statement)


def add(corpus: Corpus) -> None:
    good = spurious()
    corpus.accept("witness-1-2", signed(good))
    corpus.accept("witness-1-2-sharp", signed(spurious(raw=False, constants="sharp")))
    gap = value(claim(good, "bounds.gap")["exact"])
    corpus.accept("witness-smaller-gap", signed(changed(good, "bounds.gap", number(gap / 3, False))))
    local = edited(without(good, "witness", "bounds.gap"), ("verdict", "local-minimum"))
    corpus.accept("witness-left-out", signed(local))
    past_the_truth(corpus, good, gap)
    malformed(corpus, good)


def past_the_truth(corpus: Corpus, good: Json, gap: Fraction) -> None:
    high = claim(good, "point")
    rows: list[tuple[str, str, str, Any]] = [
        (
            "gap",
            "The loss at the witness is not lower by this.",
            "bounds.gap",
            number(gap * (1 + PAST), False),
        ),
        ("gap-twice", "Twice the gap.", "bounds.gap", number(2 * gap, False)),
        ("higher", "The witness is a point of higher loss.", "witness", [[["1", 0], ["7", 0]]]),
        ("itself", "The witness is the point itself.", "witness", high),
        ("other-targets", "With these targets the witness is not lower.", "problem.targets.0.0", ["-1", -2]),
    ]
    for name, why, path, new in rows:
        corpus.false("reject", f"witness-{name}", why, changed(good, path, new))
    alone = without(good, "witness", "bounds.gap")
    corpus.false("reject", "witness-missing", "n < k, and no witness: inf F is not known.", alone)


def malformed(corpus: Corpus, good: Json) -> None:
    witness, gap = claim(good, "witness"), claim(good, "bounds.gap")
    local = prove(rough(LOCAL), raw=True)
    rows: list[tuple[str, str, Json]] = [
        ("local", "A local minimum has no witness.", changed(good, "verdict", "local-minimum")),
        ("saddle", "A saddle has no witness.", changed(good, "verdict", "strict-saddle")),
        ("gap-missing", "A witness without a gap.", without(good, "bounds.gap")),
        ("gap-alone", "A gap without a witness.", changed(local, "bounds.gap", gap)),
        ("gap-zero", "A gap of 0.", changed(good, "bounds.gap", number(Fraction(0), False))),
        ("gap-negative", "A gap below 0.", changed(good, "bounds.gap", number(Fraction(-1), False))),
        ("two", "Two neurons in the witness, one in the point.", changed(good, "witness", 2 * witness)),
        ("none", "No neuron in the witness.", changed(good, "witness", [])),
        ("narrow", "One coordinate too few.", changed(good, "witness", [witness[0][:1]])),
        ("zero", "The witness has a neuron at the origin.", changed(good, "witness", [[["0", 0]] * 2])),
        ("even", "A mantissa that is even.", changed(good, "witness.0.0", ["2", 0])),
        ("null", "The witness is null.", _null(good)),
        ("version-1-0", "Version 1.0 has no witness.", changed(good, "schema", "relucert-certificate/1.0")),
        ("enough-neurons", "With n >= k inf F is known.", changed(good, "problem", _one(good))),
    ]
    for name, why, document in rows:
        corpus.false("malformed", f"witness-{name}", why, document)


def _null(good: Json) -> Json:
    copy: Json = json.loads(json.dumps(good))
    copy["statement"]["claim"]["witness"] = None
    return copy


def _one(good: Json) -> Json:
    """One target."""
    problem = claim(good, "problem")
    return {**problem, "k": 1, "targets": problem["targets"][1:]}


if __name__ == "__main__":
    add(Apart(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "tests" / "corpus", "witness"))
