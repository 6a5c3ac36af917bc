"""The files about wider networks with signs or a slope, and about points with trained output weights.

docs/spec/wider-v1.md. Their names start with "outputs-". make_corpus.py makes them with all others; alone:
PYTHONPATH=src:tools python -m makers.outputs [FOLDER]
"""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

from judge.documents import Json, number
from makers import signed as signed_networks
from makers.edits import PAST, changed, claim, edited, without
from makers.folder import Named, Put, remake
from makers.teacher.points import SIX, rough
from makers.teacher.symmetric import symmetric
from makers.wider import NUMBER_0, scaled, wider
from relucert import Candidate, certificate, verify
from relucert.families.teacher.wider import trained

SPLIT = ("three", "six-leaky", "local")  # names of points of makers.signed
TRANSFERRED = (*SPLIT, "turned", "global", "phases", "phases-saddle")
WEIGHTS = [1.0, 2.0, 0.5, 0.75, 3.0, 0.1]
SMALLEST = min(WEIGHTS)
SIGNED_WEIGHTS = [0.5, -3.0]


def with_weights(rows: Any, weights: list[float], **options: Any) -> Json:
    """The unsigned certificate of the point (w, a) with u = rows, about."""
    w = [[x / abs(a) for x in row] for a, row in zip(weights, rows, strict=True)]
    candidate = Candidate.from_rows(w).with_output_weights(weights, **options)
    statement = trained.statement(verify(candidate, raw=True), {"source": "bench/make_corpus.py"})
    return json.loads(certificate.envelope(statement, []))  # type: ignore[no-any-return]


def add(put: Put) -> None:
    files = Named(put, "outputs")
    points = signed_networks.points()
    base = {name: signed_networks.prove(points[name][0], **points[name][1]) for name in TRANSFERRED}
    made = {f"transfer-{name}": wider(base[name], "trained") for name in TRANSFERRED}
    made |= {f"split-{name}": wider(base[name], "split") for name in SPLIT}
    made["weights-six"] = with_weights(rough(SIX), WEIGHTS)
    made["weights-turned"] = with_weights(
        rough(signed_networks.TURNED), SIGNED_WEIGHTS, teacher_signs=[1, -1]
    )
    for name, document in made.items():
        files.put("accept", name, "", document)
    about_weights(files, made["weights-six"], made["weights-turned"])
    about_signs(files, made)


def about_weights(files: Named, six: Json, turned: Json) -> None:
    """Members `weights` and `distance`."""
    files.put("accept", "farther", "", scaled(six, "bounds.distance", Fraction(2), True))
    weights = claim(six, "weights")
    twice = edited(six, ("weights.5", weights[0]), ("bounds.distance", number(PAST, True)))
    files.put("accept", "other-weights", "", twice)
    least = Fraction(*SMALLEST.as_integer_ratio())
    nearer = scaled(six, "bounds.distance", 1 - 64 * PAST, True)
    files.put("reject", "nearer", "Nearer than existence_radius / min |weights|.", nearer)
    whole = scaled(six, "bounds.distance", least, True)
    files.put("reject", "unscaled", "That is existence_radius.", whole)
    minus = [str(-int(weights[1][0])), weights[1][1]]
    files.put(
        "reject", "sign-plain", "A negative weight of a neuron of sign 1.", changed(six, "weights.1", minus)
    )
    plus = [weights[0], weights[0]]
    files.put("reject", "sign-turned", "The second neuron has the sign -1.", changed(turned, "weights", plus))
    rows: list[tuple[str, str, str, Any]] = [
        ("weight-0", "An output weight is 0.", "weights.1", ["0", 0]),
        ("weights-five", "One is missing.", "weights.5", None),
        ("weights-none", "A distance of no point.", "weights", None),
        ("distance-none", "The point has no distance.", "bounds.distance", None),
        ("distance-negative", "Nothing is as near.", "bounds.distance", number(Fraction(-1), True)),
        ("weight-float", "Not a dyadic.", "weights.0", 1),
    ]
    files.edit("malformed", six, rows)
    on_classes = wider(symmetric()["symmetric-spurious-1-7-extra"], "trained")
    nine = edited(on_classes, ("weights", [["1", 0]] * 9), ("bounds.distance", number(Fraction(1), True)))
    files.put("malformed", "weights-symmetric", "Only with a point of rows.", nine)


def about_signs(files: Named, made: dict[str, Json]) -> None:
    """Members `signs`, `teacher_signs` and `slope`."""
    split, moved = made["split-three"], made["transfer-turned"]
    files.put("accept", "called-local", "", changed(moved, "verdict", "local-minima"))
    files.put("accept", "split-local-called", "", changed(split, "critical_point", "local-minimum"))
    unmatched = changed(made["transfer-local"], "verdict", "spurious-minima")
    files.put("reject", "not-matched", "The signs are not matched, and there is no witness.", unmatched)
    files.put("reject", "global", "Its loss is not 0.", changed(moved, "verdict", "global-minima"))
    plain = edited(moved, ("problem.signs", [1, 1]), ("problem.teacher_signs", [1, 1]))
    files.put("reject", "plain", "All signs are 1 and the slope is 0.", plain)
    same = edited(moved, ("problem.signs", [1, 1]))
    files.put("reject", "same-signs", "It is a point of other signs.", same)
    for name in ("three", "six-leaky"):
        document, path = made[f"split-{name}"], "bounds.splits.0.same"
        beyond = scaled(document, path, 1 + 64 * PAST, True)
        files.put("reject", f"split-{name}-beyond", "No eigenvalue is as far below 0.", beyond)
    leaky = changed(made["split-six-leaky"], "problem.slope", "1/512")
    files.put("reject", "slope", "It is a point of another slope.", leaky)
    higher = scaled(moved, "bounds.barrier", 1 + 64 * PAST, False)
    files.put("not-confirmed", "barrier", "Theorem 18.V does not give as much.", higher)
    files.edit(
        "malformed",
        split,
        [
            ("slope-none", "All three members or none.", "problem.slope", None),
            ("signs-none", "All three members or none.", "problem.signs", None),
            ("signs-two", "There are three neurons.", "problem.signs", [1, -1]),
            (
                "weights-split",
                "Only with trained output weights.",
                "weights",
                [["1", 0], ["1", 0], ["-1", 0]],
            ),
            ("witness", "These claims have none.", "witness", claim(split, "point")),
        ],
    )
    members = ("splits", "bounds.splits")
    zero = edited(
        without(split, *members),
        ("method", "zero-neuron"),
        ("verdict", "not-a-minimum"),
        ("target", 1),
        ("bounds.slope", number(Fraction(1, 2**20), False)),
        ("bounds.decrease", number(Fraction(1, 2**60), False)),
    )
    files.put("malformed", "zero-signed", "Only for output weights 1 and the ReLU.", zero)
    files.put("malformed", "distance-0", "Of no point.", changed(moved, "bounds.distance", NUMBER_0))


if __name__ == "__main__":
    remake("outputs", add)
