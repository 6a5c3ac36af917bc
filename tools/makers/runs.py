"""The files about runs from their starts, docs/spec/runs-v1.md. Their names start with "runs-".

make_corpus.py makes them with all others; alone: PYTHONPATH=src:tools python -m makers.runs [FOLDER]
"""

from __future__ import annotations

import json
from contextlib import redirect_stdout
from fractions import Fraction
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

from judge.documents import ROOT, Json, number, value
from makers.edits import changed, claim, edited, moved
from makers.folder import Named, Put, Rows, remake
from relucert.cli import app

STORED = ROOT / "certificates"
SPURIOUS = "d0c104109720189815aa27fb9181a909dd7da9416bab073684998efe2d8c905e"
COMMANDS = {  # start.json: beside a spurious minimum
    "whole": "--k 6 --seed 1",
    "beside": "--start start.json",
    "around": "--start start.json --neighbourhood",
    "two": "--k 2 --seed 1",
    "two-larger-steps": "--k 2 --seed 3 --step 1/3",
    "floor": "--k 2 --n 3 --seed 1",
    "floor-longer": "--k 2 --n 3 --seed 2 --until 30000 --floor 1/500",
}
FAR, LESS, MORE = Fraction(1, 250), Fraction(4095, 4096), Fraction(4097, 4096)
RUN, END, BALL = "runs.0", "runs.0.end", "runs.0.neighbourhood"


def beside() -> Json:
    """Three of its entries are moved by FAR, two neurons are exchanged."""
    path = STORED / "6-6" / f"{SPURIOUS}.json"
    rows = [[float(value(x)) for x in row] for row in claim(json.loads(path.read_bytes()), "point")]
    for i in range(3):
        rows[i][i] += float(FAR)
    return {"points": [[rows[1], rows[0], *rows[2:]]], "targets": "orthonormal"}


def proved(command: str) -> Json:
    minima = [] if "--k 2" in command else ["--minima", str(STORED / "6-6")]
    return run([*command.split(), *minima], {"start.json": beside()})


def run(words: list[str], files: dict[str, Json]) -> Json:
    """What `relucert run` proves, without signatures; the words may name these files."""
    with TemporaryDirectory() as folder, redirect_stdout(StringIO()):
        for name, content in files.items():
            Path(folder, name).write_text(json.dumps(content))
        said = [f"{folder}/{word}" if word in files else word for word in words]
        app(["run", *said, "-o", f"{folder}/made"], standalone_mode=False)
        (path,) = Path(folder, "made").glob("*.json")
        found: Json = json.loads(path.read_bytes())
    return {**found, "signatures": []}


def add(put: Put) -> None:
    files = Named(put, "runs")
    made = {name: proved(command) for name, command in COMMANDS.items()}
    made["both"] = together(made["whole"], made["beside"])
    for name, document in made.items():
        files.put("accept", name, "", document)
    weaker(files, made)
    rejected_ends(files, made)
    rejected_others(files, made)
    not_confirmed(files, made)
    malformed(files, made)
    malformed_runs(files, made)


def together(one: Json, other: Json) -> Json:
    """The runs of two certificates, which end at different minima, as one; evidence of the first only."""
    second = changed(other, f"{END}.minimum", 1)
    whole = changed(one, "minima", [*claim(one, "minima"), *claim(other, "minima")])
    whole = changed(whole, "runs", [*claim(one, "runs"), *claim(second, "runs")])
    return changed(whole, "origin", None) if "origin" in whole["statement"]["claim"] else whole


def start_moved(document: Json) -> Json:
    """The first number of the start, moved by a unit of its last place."""
    m, e = claim(document, f"{RUN}.start.0.0")
    return changed(document, f"{RUN}.start.0.0", [str(4 * int(m) + 1), e - 2])


def weaker(files: Named, made: dict[str, Json]) -> None:
    """True as well."""
    steps = claim(made["beside"], f"{RUN}.steps")
    start = edited(start_moved(made["beside"]), (f"{RUN}.distance", wide(made["beside"])))
    files.put("accept", "start-moved", "", start)
    files.put("accept", "more-steps", "", changed(made["beside"], f"{RUN}.steps", steps + 7))
    files.put("accept", "distance-larger", "", changed(made["whole"], f"{RUN}.distance", wide(made["whole"])))
    ball = moved(made["around"], f"{BALL}.radius", Fraction(1, 2), False)
    files.put("accept", "ball-smaller", "", moved(ball, f"{BALL}.probability", Fraction(1, 2**37), False))
    less = Fraction(1, 2**30)
    files.put("accept", "probability-smaller", "", moved(made["around"], f"{BALL}.probability", less, False))
    files.put("accept", "objective-larger", "", moved(made["floor"], f"{RUN}.objective", MORE, True))
    until = claim(made["floor"], f"{RUN}.steps")
    files.put("accept", "until-the-end", "", changed(made["floor"], f"{RUN}.until", until))
    files.put("accept", "floor-higher", "", changed(made["floor"], "floor", "1/900"))
    origin = {"seed": str(2**64), "numbers": [12]}
    files.put("accept", "origin-numbers", "", changed(made["whole"], "origin", origin))
    plain = {**made["two"], "statement": {**made["two"]["statement"], "evidence": []}}
    files.put("accept", "without-evidence", "", plain)


def wide(document: Json) -> Json:
    """A distance just below the radius of the basin."""
    return number(value(claim(document, "minima.0.bounds.basin.radius.exact")) * LESS, True)


def rejected_ends(files: Named, made: dict[str, Json]) -> None:
    for name in ("whole", "beside"):
        of, rows = made[name], []
        steps, order = claim(of, f"{RUN}.steps"), claim(of, f"{END}.rows")
        rows += [("distance", "The distance is too small.", f"{RUN}.distance", close(of))]
        rows += [("steps-fewer", "Not there yet.", f"{RUN}.steps", steps - 5)]
        rows += [("steps-none", "Not there at the start.", f"{RUN}.steps", 0)]
        rows += [("rows-turned", "Another permutation of neurons.", f"{END}.rows", order[1:] + order[:1])]
        order = claim(of, f"{END}.columns")
        turned = [*order[::-1]]
        rows += [("columns-turned", "Another permutation of coordinates.", f"{END}.columns", turned)]
        rows += [("rows-twice", "No permutation.", f"{END}.rows", [*order[1:], order[1]])]
        rows += [("columns-large", "No permutation.", f"{END}.columns", [*order[1:], 6])]
        radius = value(claim(of, "minima.0.bounds.basin.radius.exact"))
        rows += [("distance-as-the-basin", "Not below the radius.", f"{RUN}.distance", number(radius, True))]
        rows += [("step-large", "A step as large as the basin's.", "step", "1")]
        files.edit("reject", of, [(f"{name}-{a}", *rest) for a, *rest in rows])  # type: ignore[misc]
    swapped = edited(made["both"], (f"{END}.minimum", 1), ("runs.1.end.minimum", 0))
    files.put("reject", "ends-exchanged", "Each run ends at the other minimum.", swapped)
    rows = claim(made["whole"], f"{RUN}.start")
    files.edit("reject", made["whole"], [("another-start", "Another start.", f"{RUN}.start", rows[::-1])])


def close(document: Json) -> Json:
    return number(value(claim(document, f"{RUN}.distance.exact")) * Fraction(9, 10), True)


def rejected_others(files: Named, made: dict[str, Json]) -> None:
    floor, whole, beside_, around = (made[x] for x in ("floor", "whole", "beside", "around"))
    norm = number(Fraction(1, 2**300), True)
    files.edit("reject", floor, higher(floor))
    for name, of in (("whole", whole), ("beside", beside_)):
        path = "minima.0.bounds"
        files.edit(
            "reject",
            of,
            [
                (f"{name}-gradient", "The gradient at the minimum is larger.", f"{path}.gradient_norm", norm),
                (f"{name}-lambda", "lambda_max is larger.", f"{path}.lambda_max", number(Fraction(1), True)),
                (f"{name}-inertia", "Not the inertia.", f"{path}.inertia", {"negative": 1, "positive": 35}),
            ],
        )
    decimal = changed(around, f"{BALL}.radius.decimal", "1")
    files.put("reject", "decimal-of-a-radius", "A decimal on the wrong side.", decimal)
    decimal = changed(whole, f"{RUN}.distance.decimal", "1e-9")
    files.put("reject", "decimal-of-a-distance", "A decimal on the wrong side.", decimal)
    square = edited(floor, ("problem", {"n": 2, "k": 2, "d": 2, "targets": "orthonormal"}))
    square = changed(square, f"{RUN}.start", claim(square, f"{RUN}.start")[:2])
    files.put("reject", "floor-square", "Below the floor with n = k.", square)
    older = changed(floor, "schema", "relucert-certificate/1.0")
    files.put("reject", "older-version", "A method that version 1.0 does not have.", older)


def higher(floor: Json) -> Rows:
    """Of a run below the floor whose loss is larger than that."""
    less = number(value(claim(floor, f"{RUN}.objective.exact")) / 2, True)
    return [
        ("objective", "The loss is larger.", f"{RUN}.objective", less),
        ("floor-low", "The loss is not below the floor.", "floor", "1/1000000000"),
        ("floor-too-few-steps", "The loss at the start is larger.", f"{RUN}.steps", 0),
    ]


def larger_balls() -> Rows:
    """Of a run with a neighbourhood of starts."""
    quarter = number(Fraction(1, 4), False)
    return [
        ("ball-large", "More starts than are proved.", f"{BALL}.radius", quarter),
        ("probability", "A ball has less.", f"{BALL}.probability", quarter),
    ]


def not_confirmed(files: Named, made: dict[str, Json]) -> None:
    around, floor, tiny = made["around"], made["floor"], number(Fraction(1, 10**6), True)
    basin = number(value(claim(made["beside"], "minima.0.bounds.basin.radius.exact")) * 2, False)
    distance = "around-distance", "Less than is proved of all starts.", f"{RUN}.distance", tiny
    files.edit("not-confirmed", around, [*larger_balls(), distance])
    files.edit(
        "not-confirmed", made["beside"], [("basin", "A larger basin.", "minima.0.bounds.basin.radius", basin)]
    )
    files.edit(
        "not-confirmed",
        floor,
        [
            ("until-long", "Longer than Theorem T proves.", f"{RUN}.until", 10**6),
            (
                "limit-until",
                "Beyond the limit of the last step of a run below the floor.",
                f"{RUN}.until",
                10**12,
            ),
            ("step-3", "s lambda_max > 2.", "step", "3"),
            ("step-5", "s lambda_max > 2.", "step", "5"),
            ("limit-fine", "A start finer than the checker reads.", f"{RUN}.start.0.0", ["1", -1201]),
            ("limit-large", "A start larger than the checker reads.", f"{RUN}.start.0.0", ["1", 64]),
        ],
    )
    long = changed(made["whole"], f"{RUN}.steps", 10**6 + 1)
    files.put("not-confirmed", "limit-steps", "More steps than the checker makes.", long)
    short = edited(floor, (f"{RUN}.start.0", [["1", -900], ["1", -900]]))
    files.put("not-confirmed", "short-neuron", "A neuron too short for the checker's units.", short)


def malformed(files: Named, made: dict[str, Json]) -> None:
    around = made["around"]
    members = ("problem", "step", "minima", "runs", "verdict", "bounds")
    of_run = ("start", "steps", "end", "distance", "end.minimum", "end.rows", "end.columns")
    for path in (*members, *(f"{RUN}.{x}" for x in of_run), f"{BALL}.radius", f"{BALL}.probability"):
        name = path.replace("runs.0.", "").replace(".", "-")
        files.put("malformed", f"without-{name}", f"{path} is missing.", changed(around, path, None))
    files.edit(
        "malformed",
        around,
        [
            ("floor-without-need", "A floor that no run needs.", "floor", "1/1000"),
            ("verdict", "Not the verdict of these runs.", "verdict", "decided"),
            ("targets", "Other targets.", "problem.targets", claim(around, f"{RUN}.start")),
            ("dimension", "d is not k.", "problem.d", 7),
            ("step-number", "The step is a JSON number.", "step", 1),
            ("step-0", "The step is 0.", "step", "0"),
            ("step-terms", "Not in lowest terms.", "step", "2/20"),
            ("bounds", "Bounds of the whole.", "bounds", {"distance": claim(around, f"{RUN}.distance")}),
            ("no-runs", "No run.", "runs", []),
            ("many-runs", "257 runs.", "runs", [claim(around, RUN)] * 257),
            ("minimum-twice", "Two minima are equal.", "minima", [claim(around, "minima.0")] * 2),
            ("minimum-unnamed", "A minimum that no run names.", "minima", claim(made["both"], "minima")),
            (
                "minimum-schema",
                "A minimum of another version.",
                "minima.0.schema",
                "relucert-certificate/1.0",
            ),
            ("minimum-saddle", "A saddle.", "minima.0.verdict", "strict-saddle"),
            ("minimum-basin", "A minimum without a basin.", "minima.0.bounds.basin", None),
            ("origin-first", "An origin without first and numbers.", "origin", {"seed": 1}),
            ("origin-numbers", "Two numbers for one run.", "origin", {"seed": 1, "numbers": [1, 2]}),
            ("origin-seed", "A small seed as a string.", "origin", {"seed": "1", "first": 0}),
        ],
    )


def malformed_runs(files: Named, made: dict[str, Json]) -> None:
    around, floor = made["around"], made["floor"]
    small = number(Fraction(-1, 100), True)
    files.edit(
        "malformed",
        around,
        [
            ("minimum-out", "A minimum that is not there.", f"{END}.minimum", 1),
            ("row-0", "A neuron that is 0.", f"{RUN}.start.0", [["0", 0]] * 6),
            ("row-short", "A neuron of five entries.", f"{RUN}.start.0", [["1", 0]] * 5),
            ("rows-short", "Five neurons.", f"{RUN}.start", claim(around, f"{RUN}.start")[1:]),
            ("rows-negative", "A negative index.", f"{END}.rows", [-1, 0, 1, 2, 3, 4]),
            ("columns-short", "Five columns.", f"{END}.columns", [0, 1, 2, 3, 4]),
            ("distance-negative", "A negative distance.", f"{RUN}.distance", small),
            ("ball-empty", "A ball of radius 0.", f"{BALL}.radius", number(Fraction(0), False)),
            ("steps-negative", "Negative steps.", f"{RUN}.steps", -1),
            ("steps-text", "Steps as a string.", f"{RUN}.steps", "100"),
            ("end-and-until", "A run of both kinds.", f"{RUN}.until", 10**4),
        ],
    )
    files.edit(
        "malformed",
        floor,
        [
            ("floor-missing", "No floor.", "floor", None),
            ("until-early", "until is before steps.", f"{RUN}.until", 0),
            ("objective-missing", "No objective.", f"{RUN}.objective", None),
            ("ball-below", "A ball of starts below the floor.", BALL, claim(around, BALL)),
        ],
    )


if __name__ == "__main__":
    remake("runs", add)
