"""The files about networks with signs and a slope, docs/spec/signed-v1.md. Their names start with "signs-".

make_corpus.py makes them with all others; alone: PYTHONPATH=src:tools python -m makers.signed [FOLDER]
"""

from __future__ import annotations

import json
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

from corpus_keys import signed
from judge.documents import ROOT, Json, number, replaced, value
from makers.edits import PAST, bare, beside, changed, claim, edited, in_d_only, without
from makers.folder import Apart, Corpus
from makers.teacher.points import SIX, rough
from relucert import Candidate, Problem, certificate, verify
from relucert.families.teacher import statement as teacher_statement

NUMBER_0 = {"exact": ["0", 0], "decimal": "0"}

# Critical points to 9 digits (descent, then Newton's method, from random points), one neuron a row.
TURNED = [[-0.388923008, 0.107547768], [-0.611076992, 0.892452232]]  # signs + -, of a teacher + -
THREE = [
    [0.034508996, 0.942931754, -0.375247973],
    [0.942931754, 0.034508996, -0.375247973],
    [0.167404999, 0.167404999, -0.748568046],
]
HIGHER = [[0.521229186, 1.166358181, -0.207397926], [0.018387171, 0.081337154, -0.42903306]]
LOWER = [[0.578593, 1.253617, -0.071431], [-0.031284, -0.019132, 0.640694]]
PHASES = 0.694492265
MIXED, FLAT = "-1/2", "0"


def points() -> dict[str, tuple[Any, dict[str, Any]]]:
    """By name: a point, and what `prove` needs to know."""
    one, two, three = [[1.0, 0.0], [0.0, 1.0]], {"signs": [1, -1], "teacher_signs": [1, -1]}, [1, 1, -1]
    fewer = {"signs": [1, -1], "teacher_signs": three, "slope": MIXED, "k": 3}
    away = [[-1.0, 2.0**-30], [2.0**-31, 1.0]]
    return {
        "turned": (rough(TURNED), two),
        "three": (rough(THREE), {"signs": three, "teacher_signs": three, "slope": "-1/4"}),
        "six-leaky": (rough(SIX), {"slope": "1/1024", "raw": False}),
        "witness": (rough(HIGHER), fewer | {"witness": LOWER}),
        "local": (rough(HIGHER), fewer),
        "global": (
            rough(one),
            {"signs": [1, -1], "teacher_signs": [-1, 1], "slope": "1/3"} | {"exchange": True},
        ),
        "phases": (away, {"slope": "-1"}),
        "phases-saddle": (rough([[PHASES, -PHASES], [-PHASES, -PHASES]]), {"slope": "-1"}),
        "far": ([[1.0, 0.0], [-2.0, 0.0]], two),
        "skew": ([[-1.0, -1.0 + 2.0**-30], [1.0, 0.5]], {"slope": "-1", "targets": [[1.0, 1.0], [1.0, 0.5]]}),
    }


def prove(
    rows: list[list[float]], targets: Any = None, k: int | None = None, exchange: bool = False, **options: Any
) -> Json:
    """The unsigned certificate of a point. exchange: with its neurons in the other order."""
    rows = rows[::-1] if exchange else rows
    problem = (
        Problem.from_targets(targets, len(rows))
        if targets
        else Problem.orthonormal(k or len(rows[0]), len(rows))
    )
    result = verify(Candidate.from_rows(rows, problem), **{"constants": "sharp", "raw": True} | options)
    statement = teacher_statement.statement(result, {"source": "bench/make_corpus.py"})
    return json.loads(certificate.envelope(statement, []))  # type: ignore[no-any-return]


class Files:
    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus

    def put(self, kind: str, name: str, why: str, document: Json) -> None:
        """Judged to be true or not, independently of any checker."""
        if kind == "accept":
            self._corpus.accept(f"signs-{name}", signed(document))
        else:
            self._corpus.false(kind, f"signs-{name}", why, document)

    def true(self, kind: str, name: str, why: str, document: Json) -> None:
        """Not admissible, though the claim is true."""
        self._corpus.put(kind, f"signs-{name}", why, signed(document))

    def edit(self, kind: str, of: Json, rows: list[tuple[str, str, str, Any]]) -> None:
        """Rows: name, why, path, new member (none: removed)."""
        for name, why, path, new in rows:
            self.put(kind, name, why, changed(of, path, new))


def add(corpus: Corpus) -> None:
    files = Files(corpus)
    made = {name: prove(rows, **options) for name, (rows, options) in points().items()}
    for name, document in made.items():
        files.put("accept", name, "", document)
    true_as_well(files, made)
    past_the_truth(files, made)
    other_networks(files, made)
    not_admissible(files, made)
    not_confirmed(files, made)
    malformed(files, made)


def scaled(document: Json, path: str, by: Fraction, up: bool) -> Json:
    """With a number multiplied; up: it is an upper bound."""
    return changed(document, path, number(value(claim(document, path)["exact"]) * by, up))


def with_barrier(document: Json, height: Fraction) -> Json:
    return changed(document, "bounds.barrier", number(height, False))


def reversed_signs(document: Json) -> Json:
    """The same loss: all output weights times -1."""
    for name in ("problem.signs", "problem.teacher_signs"):
        document = changed(document, name, [-a for a in claim(document, name)])
    return document


def true_as_well(files: Files, made: dict[str, Json]) -> None:
    turned, witness = made["turned"], made["witness"]
    files.put("accept", "reversed", "", reversed_signs(made["three"]))
    files.put("accept", "d-only", "", in_d_only(turned))
    files.put("accept", "called-local", "", changed(turned, "verdict", "local-minimum"))
    files.put("accept", "smaller-gap", "", scaled(witness, "bounds.gap", Fraction(1, 3), False))
    files.put("accept", "no-evidence", "", replaced(made["phases"], ("statement", "evidence"), []))
    turn = [
        [["0", 0] if m == "0" else [m.removeprefix("-") if m[0] == "-" else f"-{m}", e] for m, e in row]
        for row in claim(made["phases-saddle"], "point")[:1]
    ]
    files.put("accept", "phases-turned", "", changed(made["phases-saddle"], "point.0", turn[0]))


def past_the_truth(files: Files, made: dict[str, Json]) -> None:
    """Numbers beyond what is true, by a relative 2^-12, of which the prover leaves 2^-18."""
    for name in ("turned", "witness", "phases", "phases-saddle", "far"):
        for path, up in (("bounds.gradient_norm", True), ("bounds.lambda_max", True)):
            why = "Past the true number."
            part = path.removeprefix("bounds.").replace("_", "-")
            files.put("reject", f"{part}-{name}", why, scaled(made[name], path, 1 - PAST, up))
    for name in ("turned", "three", "witness", "phases-saddle"):
        beyond = beside(made[name], "bounds.lambda_min")
        files.put("reject", f"lambda-min-{name}", "An interval beside the true number.", beyond)
        beyond = beside(made[name], "bounds.lambda_min_outside")
        files.put("reject", f"outside-{name}", "An interval beside the true number, that of M.", beyond)
        files.put("reject", f"objective-{name}", "The loss is lower.", beside(made[name], "bounds.objective"))
    more = scaled(made["witness"], "bounds.gap", 1 + PAST, False)
    files.put("reject", "gap", "The loss at the witness is not as low.", more)


def other_networks(files: Files, made: dict[str, Json]) -> None:
    """The same point and numbers, of another loss."""
    turned, three, phases = made["turned"], made["three"], made["phases"]
    files.edit(
        "reject",
        three,
        [
            ("other-slope", "The slope of another loss.", "problem.slope", "-1/5"),
            ("slope-turned", "The sign of the slope.", "problem.slope", "1/4"),
            ("slope-0", "Not the ReLU.", "problem.slope", "0"),
            ("signs-moved", "A neuron has the sign of another.", "problem.signs", [1, -1, 1]),
            ("teacher-moved", "A target has the sign of another.", "problem.teacher_signs", [-1, 1, 1]),
        ],
    )
    files.put(
        "reject", "one-reversed", "Only the student is reversed.", changed(turned, "problem.signs", [-1, 1])
    )
    almost = changed(phases, "problem.slope", "-65535/65536")
    files.put("reject", "almost-phases", "A target is not as good as its negative.", almost)
    worse = changed(made["witness"], "witness", claim(made["witness"], "point"))
    files.put("reject", "witness-itself", "The witness is no better: it is the point.", worse)
    there = claim(made["witness"], "witness")
    turned_witness = changed(made["witness"], "witness", there[::-1])
    files.put(
        "reject", "witness-exchanged", "The witness has the neurons of the other signs.", turned_witness
    )


def not_admissible(files: Files, made: dict[str, Json]) -> None:
    turned, witness, local = made["turned"], made["witness"], made["local"]
    plain = edited(turned, ("problem.signs", [1, 1]), ("problem.teacher_signs", [1, 1]))
    spurious = changed(local, "verdict", "spurious-minimum")
    with_one = edited(turned, ("witness", claim(turned, "point")), ("bounds.gap", number(PAST, False)))
    unmatched = changed(turned, "problem.teacher_signs", [1, 1])
    rows = [
        ("plain", "Not a signed network.", plain),
        (
            "version",
            "Version 1.0 does not have this method.",
            changed(turned, "schema", "relucert-certificate/1.0"),
        ),
        ("no-witness", "The signs are not matched, and no witness is given.", spurious),
        ("witness-in-vain", "inf F = 0: no witness is needed.", with_one),
        ("unmatched", "Two targets with 1, but only one such neuron.", unmatched),
        (
            "global-unmatched",
            "No neuron for one of the targets.",
            changed(unmatched, "verdict", "global-minimum"),
        ),
        ("global-fewer", "n is not k.", changed(local, "verdict", "global-minimum")),
        ("global", "Its loss is not 0.", changed(turned, "verdict", "global-minimum")),
        (
            "saddle",
            "It is a minimum.",
            changed(without(bare(turned), "bounds.barrier"), "verdict", "strict-saddle"),
        ),
        ("minimum", "It is a saddle.", changed(made["phases-saddle"], "verdict", "local-minimum")),
        ("barrier-saddle", "Only minima have one.", with_barrier(made["phases-saddle"], PAST**4)),
        (
            "inertia",
            "It has a negative eigenvalue.",
            changed(made["phases-saddle"], "bounds.inertia", {"negative": 0, "positive": 4}),
        ),
    ]
    for name, why, document in rows:
        files.put("reject", name, why, document)
    other = replaced(witness, ("statement", "evidence", 0, "theorem"), "Theorem P")
    files.true("reject", "paper-evidence", "A theorem that these claims do not rest on.", other)
    radius = number(Fraction(2), False)
    files.put(
        "reject", "radius", "The ball reaches the origin.", changed(turned, "bounds.lipschitz.radius", radius)
    )
    wide = changed(turned, "bounds.uniqueness_radius", number(Fraction(1), False))
    files.put("reject", "uniqueness", "Beyond lipschitz.radius.", wide)


def not_confirmed(files: Files, made: dict[str, Json]) -> None:
    for name in ("turned", "witness", "far"):
        low = scaled(made[name], "bounds.lipschitz.value", 1 - PAST, True)
        files.put("not-confirmed", f"lipschitz-{name}", "Below the bound of the theorem.", low)
    small = scaled(made["three"], "bounds.existence_radius", 1 - PAST, True)
    files.put("not-confirmed", "existence", "Below the radius of the theorems.", small)
    wide = scaled(made["three"], "bounds.basin.step", 1 + PAST, False)
    files.put("not-confirmed", "basin-step", "Above the step of Theorem D.", wide)
    high = with_barrier(made["turned"], Fraction(1, 4))
    files.put("not-confirmed", "barrier-high", "Theorem 18.V does not give as much.", high)
    zero = changed(made["phases"], "verdict", "spurious-minimum")
    files.put("not-confirmed", "spurious-zero", "Its loss is 0.", zero)
    bits = changed(made["witness"], "witness.0.0", ["1", -20000])
    files.put("not-confirmed", "witness-limit-bits", "The entries span too many bits.", bits)


def malformed(files: Files, made: dict[str, Json]) -> None:
    turned, witness = made["turned"], made["witness"]
    slope, signs, length = (
        "The slope is not canonical.",
        "Not a sign.",
        "Not as many signs as neurons or targets.",
    )
    files.edit(
        "malformed",
        turned,
        [
            ("slope-1", "The activation is linear.", "problem.slope", "1"),
            ("slope-below", "Below -1.", "problem.slope", "-3/2"),
            ("slope-number", "Not a string.", "problem.slope", 0),
            ("slope-terms", slope, "problem.slope", "2/4"),
            ("slope-plus", slope, "problem.slope", "+1/2"),
            ("slope-zero", slope, "problem.slope", "-0"),
            ("slope-decimal", slope, "problem.slope", "0.5"),
            ("slope-long", "More than 64 characters.", "problem.slope", f"1/1{'0' * 62}"),
            ("no-slope", "The slope is missing.", "problem.slope", None),
            ("sign-0", signs, "problem.signs.0", 0),
            ("sign-2", signs, "problem.teacher_signs.1", 2),
            ("sign-true", signs, "problem.signs.0", True),
            ("sign-text", signs, "problem.signs.0", "+"),
            ("signs-few", length, "problem.signs", [1]),
            ("signs-many", length, "problem.teacher_signs", [1, -1, 1]),
            ("gap-alone", "A gap without a witness.", "bounds.gap", number(PAST, False)),
            ("paper", "Not with these constants.", "bounds.lipschitz.constants", "paper"),
            ("lemma-1", "These claims have none.", "bounds.existence_radius_lemma_1", number(PAST, True)),
            ("barrier-0", "It is not positive.", "bounds.barrier", NUMBER_0),
            ("weights", "A member of another method.", "problem.output_weights", "trained"),
        ],
    )
    files.edit(
        "malformed",
        witness,
        [
            ("witness-alone", "A witness without a gap.", "bounds.gap", None),
            ("gap-0", "It is not positive.", "bounds.gap", NUMBER_0),
            ("witness-few", "A row less than neurons.", "witness.1", None),
            ("witness-row-0", "A neuron of the witness is 0.", "witness.0", [["0", 0]] * 3),
            ("witness-local", "Only spurious minima have one.", "verdict", "local-minimum"),
        ],
    )
    files.put("malformed", "row-0", "A neuron is 0.", changed(turned, "point.0", [["0", 0]] * 2))
    hessian = changed(turned, "method", "hessian")
    files.put("malformed", "plain-method", "The method hessian has no signs.", hessian)


if __name__ == "__main__":
    add(Apart(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "tests" / "corpus", "signs"))
