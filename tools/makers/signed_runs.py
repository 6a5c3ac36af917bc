"""The files about runs of signed networks, docs/spec/signed-runs-v1.md. Their names start with "signed-runs-".

make_corpus.py makes them with all others; alone: PYTHONPATH=src:tools python -m makers.signed_runs [FOLDER]
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from judge.documents import Json, number, value
from makers.edits import changed, claim, edited, moved
from makers.folder import Named, Put, remake
from makers.runs import BALL, END, MORE, RUN, close, higher, larger_balls, run, start_moved, wide
from makers.signed import points, prove

TWO, THREE = "--signs +,- --teacher-signs +,-", "--signs +,+,- --teacher-signs +,+,- --activation leaky:-1/4"
FEWER = "--signs +,- --teacher-signs +,+,- --activation leaky:-1/2"
COMMANDS = {  # BESIDE X: a start beside the minimum X of makers.signed, which is known
    "abs": "--k 2 --seed 1 --activation abs",
    "signs": "--k 3 --seed 3 " + THREE,
    "exchanged": "--k 2 --seed 4 --signs +,- --teacher-signs=-,+ --activation leaky:1/3",
    "relu": f"BESIDE turned {TWO}",
    "beside": f"BESIDE three {THREE}",
    "around": f"BESIDE three {THREE} --neighbourhood",
    "witness": f"BESIDE witness {FEWER}",
    "floor": "--k 1 --n 2 --seed 1 --signs +,- --teacher-signs=- --activation abs",
}
FAR, OLD = 1 / 64, "relucert-certificate/1.0"
PROBLEM, OF_MINIMUM = "problem", "minima.0.problem"


def beside(name: str) -> tuple[Json, Json]:
    """(points, certificate of a minimum): an entry is moved by FAR; where it keeps output weights, neurons 0 and 1 are
    exchanged."""
    rows, options = points()[name]
    start = [[rows[0][0] + FAR, *rows[0][1:]], *rows[1:]]
    if options["signs"][0] == options["signs"][1]:
        start = [start[1], start[0], *start[2:]]
    return {"points": [start], "targets": "orthonormal"}, prove(rows, **options)


def proved(command: str) -> Json:
    words = command.split()
    if words[0] != "BESIDE":
        return run(words, {})
    start, minimum = beside(words[1])
    files = {"start.json": start, "minimum.json": minimum}
    return run(["--start", "start.json", *words[2:], "--minima", "minimum.json"], files)


def add(put: Put) -> None:
    files = Named(put, "signed-runs")
    made = {name: proved(command) for name, command in COMMANDS.items()}
    for name, document in made.items():
        files.put("accept", name, "", document)
    weaker(files, made)
    other_networks(files, made)
    rejected_ends(files, made)
    rejected_others(files, made)
    not_confirmed(files, made)
    malformed(files, made)


def weaker(files: Named, made: dict[str, Json]) -> None:
    """True as well."""
    steps = claim(made["beside"], f"{RUN}.steps")
    files.put("accept", "more-steps", "", changed(made["beside"], f"{RUN}.steps", steps + 7))
    files.put("accept", "distance-larger", "", changed(made["signs"], f"{RUN}.distance", wide(made["signs"])))
    start = edited(start_moved(made["beside"]), (f"{RUN}.distance", wide(made["beside"])))
    files.put("accept", "start-moved", "", start)
    files.put("accept", "objective-larger", "", moved(made["floor"], f"{RUN}.objective", MORE, True))
    reversed_signs = edited(made["floor"], (f"{PROBLEM}.signs", [-1, 1]), (f"{PROBLEM}.teacher_signs", [1]))
    files.put("accept", "all-signs-reversed", "", reversed_signs)
    ball = moved(made["around"], f"{BALL}.radius", Fraction(1, 2), False)
    less = moved(ball, f"{BALL}.probability", Fraction(1, 2**12), False)
    files.put("accept", "ball-smaller", "", less)


def of_another(document: Json, member: str, new: Any) -> Json:
    """The run and its minimum, said to be of another network."""
    return edited(document, *((f"{place}.{member}", new) for place in (PROBLEM, OF_MINIMUM)))


def other_networks(files: Named, made: dict[str, Json]) -> None:
    for name, member, new in (
        ("signs", "slope", "-1/5"),
        ("signs", "signs", [1, 1, 1]),
        ("signs", "teacher_signs", [1, 1, 1]),
        ("beside", "slope", "-13/50"),
        ("abs", "slope", "-9/10"),
    ):
        document = of_another(made[name], member, new)
        files.put("reject", f"{name}-{member.replace('_', '-')}", "Of another network.", document)
    files.edit(
        "reject",
        made["floor"],
        [
            ("floor-slope", "Of another slope.", f"{PROBLEM}.slope", "-99/100"),
            ("floor-signs", "Other output weights.", f"{PROBLEM}.signs", [1, 1]),
            ("floor-signs-reversed", "Of the neurons alone.", f"{PROBLEM}.signs", [-1, 1]),
            ("floor-teacher-signs", "Another teacher.", f"{PROBLEM}.teacher_signs", [1]),
        ],
    )


def rejected_ends(files: Named, made: dict[str, Json]) -> None:
    for name in ("signs", "beside", "witness"):
        of, steps = made[name], claim(made[name], f"{RUN}.steps")
        radius = value(claim(of, "minima.0.bounds.basin.radius.exact"))
        rows = [
            ("distance", "The distance is too small.", f"{RUN}.distance", close(of)),
            ("distance-as-the-basin", "Not below the radius.", f"{RUN}.distance", number(radius, True)),
            ("steps-none", "Not there at the start.", f"{RUN}.steps", 0),
            ("steps-fewer", "Not there yet.", f"{RUN}.steps", steps * 3 // 4),
        ]
        files.edit("reject", of, [(f"{name}-{a}", *rest) for a, *rest in rows])  # type: ignore[misc]
    of = made["signs"]
    files.edit(
        "reject",
        of,
        [
            ("rows-moved", "A permutation that moves output weights.", f"{END}.rows", [2, 1, 0]),
            ("columns-moved", "A permutation that moves those of targets.", f"{END}.columns", [0, 2, 1]),
            ("rows-twice", "No permutation.", f"{END}.rows", [0, 0, 2]),
            ("step-large", "A step larger than the basin's.", "step", "2"),
            ("another-start", "Another start.", f"{RUN}.start", claim(made["beside"], f"{RUN}.start")),
        ],
    )
    order = claim(of, f"{END}.columns")
    turned = [order[1], order[0], order[2]]
    files.edit("reject", of, [("columns-turned", "Another that keeps them.", f"{END}.columns", turned)])
    both = edited(made["exchanged"], (f"{END}.rows", [1, 0]), (f"{END}.columns", [1, 0]))
    files.put("reject", "exchanged-twice", "The symmetry of the network without signs.", both)


def rejected_others(files: Named, made: dict[str, Json]) -> None:
    floor, path = made["floor"], "minima.0.bounds"
    norm = number(Fraction(1, 2**300), True)
    older = "older-version", "A method that version 1.0 does not have.", "schema", OLD
    files.edit("reject", floor, [*higher(floor), older])
    files.edit(
        "reject",
        made["beside"],
        [
            ("gradient", "The gradient at the minimum is larger.", f"{path}.gradient_norm", norm),
            ("lambda", "lambda_max is larger.", f"{path}.lambda_max", number(Fraction(1, 4), True)),
            ("inertia", "Not the inertia.", f"{path}.inertia", {"negative": 1, "positive": 8}),
        ],
    )
    no_witness = edited(made["witness"], ("minima.0.witness", None), (f"{path}.gap", None))
    files.put("reject", "no-witness", "inf F is not known without a witness.", no_witness)
    plain = {"signs": [1, 1], "teacher_signs": [1], "slope": "0"}
    called = edited(floor, *((f"{PROBLEM}.{name}", x) for name, x in plain.items()))
    files.put("reject", "plain", "Not a signed network.", called)
    square = edited(floor, (f"{PROBLEM}.n", 1), (f"{PROBLEM}.signs", [-1]))
    square = changed(square, f"{RUN}.start", claim(square, f"{RUN}.start")[:1])
    files.put("reject", "floor-square", "Below the floor with n = k.", square)
    decimal = changed(made["signs"], f"{RUN}.distance.decimal", "1e-9")
    files.put("reject", "decimal-of-a-distance", "A decimal on the wrong side.", decimal)


def not_confirmed(files: Named, made: dict[str, Json]) -> None:
    around, floor = made["around"], made["floor"]
    files.edit("not-confirmed", around, larger_balls())
    basin = number(value(claim(made["beside"], "minima.0.bounds.basin.radius.exact")) * 2, False)
    path = "minima.0.bounds.basin.radius"
    files.edit("not-confirmed", made["beside"], [("basin", "A larger basin.", path, basin)])
    files.edit(
        "not-confirmed",
        floor,
        [
            ("until-long", "Longer than Theorem T proves.", f"{RUN}.until", 10**6),
            ("step-large", "s lambda_max > 2, of |t| from a step of 2 on.", "step", "201/100"),
            ("limit-until", "Beyond the limit of the last step.", f"{RUN}.until", 10**12),
            ("limit-fine", "A start finer than the checker reads.", f"{RUN}.start.0.0", ["1", -1201]),
        ],
    )


def malformed(files: Named, made: dict[str, Json]) -> None:
    of = made["around"]
    for name in ("signs", "teacher_signs", "slope"):
        short = changed(of, f"{PROBLEM}.{name}", None)
        files.put("malformed", f"without-{name.replace('_', '-')}", f"{name} is missing.", short)
        files.put(
            "malformed",
            f"minimum-without-{name.replace('_', '-')}",
            "Nor of the minimum.",
            changed(of, f"{OF_MINIMUM}.{name}", None),
        )
    files.edit(
        "malformed",
        of,
        [
            ("signs-short", "Two output weights for three neurons.", f"{PROBLEM}.signs", [1, 1]),
            ("signs-zero", "An output weight 0.", f"{PROBLEM}.signs", [1, 1, 0]),
            ("signs-true", "An output weight that is no integer.", f"{PROBLEM}.signs", [1, True, -1]),
            ("teacher-signs-text", "Output weights as a string.", f"{PROBLEM}.teacher_signs", "++-"),
            ("slope-number", "The slope is a JSON number.", f"{PROBLEM}.slope", 0),
            ("slope-decimal", "The slope is a decimal.", f"{PROBLEM}.slope", "-0.25"),
            ("slope-terms", "Not in lowest terms.", f"{PROBLEM}.slope", "-2/8"),
            ("slope-steep", "A slope below -1.", f"{PROBLEM}.slope", "-5/4"),
            ("slope-1", "A linear network.", f"{PROBLEM}.slope", "1"),
            ("minimum-slope", "A minimum of another network.", f"{OF_MINIMUM}.slope", "-1/5"),
            ("minimum-signs", "A minimum of another network.", f"{OF_MINIMUM}.signs", [1, -1, 1]),
            ("minimum-method", "A minimum of the plain network.", "minima.0.method", "hessian"),
            ("called-plain", "A claim of the method runs has no signs.", "method", "runs"),
            ("end-sides", "A symmetry that the format does not have.", f"{END}.sides", [1, 1, 1]),
        ],
    )
    twice = [claim(of, "minima.0")] * 2
    files.edit("malformed", of, [("minimum-twice", "Two minima are equal.", "minima", twice)])
    plain = {name: x for name, x in claim(of, PROBLEM).items() if name in ("n", "k", "d", "targets")}
    files.edit("malformed", of, [("problem-plain", "The problem of the method runs.", PROBLEM, plain)])


if __name__ == "__main__":
    remake("signed-runs", add)
