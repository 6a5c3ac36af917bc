"""The files about the octopus, docs/spec/octopus-v1.md. Their names start with "octopus-".

make_corpus.py makes them with all others; alone: PYTHONPATH=src:tools python -m makers.octopus [FOLDER]
"""

from __future__ import annotations

import json
from contextlib import redirect_stdout
from fractions import Fraction
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from judge.documents import Json, number, replaced
from makers.edits import changed, claim, edited
from makers.folder import Named, Put, remake
from relucert.cli import app

HALVES = "1/2,1/2,1/2,1/2,1/2,1/2"
COMMANDS = {
    "critical": "certify --d 10 --L 3",
    "critical-rational": "certify --d 3 --L 5/2 --gamma 1/3 --tau 7/10",
    "escape": "escape --d 10 --L 3 --step 1/12 --seed 0",
    "escape-two": "escape --d 2 --L 1 --tau 3 --step 1/4 --start=-1,1/1000",
    "escape-enters-at-tau": "escape --d 2 --L 1 --tau 27/8 --step 1/4 --start 1,1/2",
    "escape-small-step": "escape --d 5 --L 3/2 --gamma 2/3 --step 1/100 --start=1,-1/7,1/2,1/100000,1/3",
    "escape-hundred": "escape --d 100 --L 3 --seed 1",
    "every-start": "every-start --d 10 --L 3",
    "every-start-ties": "every-start --d 6 --L 7/32 --gamma 1/6 --step 1",
    "float": f"float --d 6 --L 3 --start {HALVES}",
    "float-zero": "float --d 3 --L 2 --start 1/2,0,1/3",
    "float-half-steps": "float --d 2 --L 1 --step 1/2 --start 1,1",
    "perturbed": "perturbed --d 10 --L 3 --accuracy 1/100",
    "perturbed-close": "perturbed --d 3 --L 1 --accuracy 1/1000000 --threshold 1/1000000 --least 1/10000000",
}


def proved(command: str) -> Json:
    with TemporaryDirectory() as folder, redirect_stdout(StringIO()):
        words = ["octopus", *command.split(), "-o", folder]
        app(words, standalone_mode=False)
        (path,) = Path(folder).glob("*.json")
        found: Json = json.loads(path.read_bytes())
    return {**found, "signatures": []}


def add(put: Put) -> None:
    files = Named(put, "octopus")
    made = {name: proved(command) for name, command in COMMANDS.items()}
    for name, document in made.items():
        files.put("accept", name, "", document)
    weaker(files, made)
    rejected_times(files, made)
    rejected_others(files, made)
    not_confirmed(files, made)
    malformed(files, made)


def weaker(files: Named, made: dict[str, Json]) -> None:
    """True as well."""
    one = changed(made["every-start"], "bounds.time", "1")
    files.put("accept", "every-start-one", "", one)
    half = changed(made["perturbed"], "bounds.probability", number(Fraction(1, 2), False))
    files.put("accept", "perturbed-weaker", "", edited(half, ("bounds.steps", 2**53 - 1)))
    files.put("accept", "float-later", "", added(made["float"], "bounds.step", 1000))
    files.put("accept", "critical-wider", "", wide(made["critical"], Fraction(1, 8)))
    files.put("accept", "escape-no-evidence", "", replaced(made["escape"], ("statement", "evidence"), []))


def added(document: Json, path: str, by: int) -> Json:
    """With this much added to an integer, which may be a string."""
    old = claim(document, path)
    return changed(document, path, str(int(old) + by) if isinstance(old, str) else old + by)


def ends(document: Json) -> list[Fraction]:
    exact = [end["exact"] for end in claim(document, "bounds.value")]
    return [int(m) * Fraction(2) ** e for m, e in exact]


def wide(document: Json, by: Fraction) -> Json:
    low, high = ends(document)
    return changed(document, "bounds.value", [number(low - by, False), number(high + by, True)])


def moved(document: Json, by: Fraction) -> Json:
    low, high = ends(document)
    return changed(document, "bounds.value", [number(low + by, False), number(high + by, True)])


def rejected_times(files: Named, made: dict[str, Json]) -> None:
    escape = made["escape"]
    for k in (0, 4, 9):
        for by, word in ((1, "more"), (-1, "less")):
            path = f"bounds.times.{k}"
            files.put("reject", f"time-{k + 1}-{word}", f"T_{k + 1} is one {word}.", added(escape, path, by))
    far = str(10**60)
    files.edit(
        "reject",
        escape,
        [
            ("time-10-far", "T_10 is 10^60.", "bounds.times.9", far),
            ("escape-point-sign", "x_0,1 is 0.", "point.0", "0"),
            ("escape-point-outside", "x_0,2 is above 1.", "point.1", "1048577/1048576"),
            ("escape-point-halved", "Another x_0,3.", "point.2", "1/2"),
            ("escape-step-larger", "Another step.", "problem.step", "1/11"),
            ("escape-step-most", "2 eta L = 1, where x_2 becomes 0.", "problem.step", "1/6"),
            ("escape-step-zero", "The step is 0.", "problem.step", "0"),
            ("escape-step-negative", "The step is negative.", "problem.step", "-1/12"),
            ("escape-tau-below-e", "tau is just below e.", "problem.tau", "543656365691809/200000000000000"),
            ("escape-tau-3", "tau is not that of the times.", "problem.tau", "3"),
            ("escape-L-less-than-gamma", "L < gamma.", "problem.L", "999/1000"),
            ("escape-gamma-zero", "gamma is 0.", "problem.gamma", "0"),
            ("escape-gamma", "Another gamma.", "problem.gamma", "2"),
            ("escape-method", "The method of another claim.", "method", "hessian"),
            ("escape-version-1-0", "Version 1.0 does not have this family.", "schema", "relucert-certificate/1.0"),
        ],
    )  # fmt: skip
    evidence = ("statement", "evidence", 0, "theorem")
    files.put("reject", "evidence", "A theorem of no family.", replaced(escape, evidence, "Theorem 16.Z"))


def rejected_others(files: Named, made: dict[str, Json]) -> None:
    critical = made["critical"]
    for by, word in ((Fraction(1, 32), "above"), (Fraction(-1, 32), "below")):
        files.put("reject", f"value-{word}", f"The value is {word} the interval.", moved(critical, -by))
    files.edit(
        "reject",
        critical,
        [
            ("critical-d", "The value is that of d = 10.", "problem.d", 11),
            ("critical-tau-zero", "tau is 0.", "problem.tau", "0"),
            ("critical-gamma-negative", "gamma is negative.", "problem.gamma", "-1"),
            ("critical-decimal", "A decimal on the wrong side.", "bounds.value.0.decimal", "-1527.06"),
        ],
    )
    rows: list[tuple[str, str, str, Any]] = [
        ("float-step", "The run still moves one step before.", "bounds.step", claim(made["float"], "bounds.step") - 1),
        ("float-coordinate", "Another coordinate.", "bounds.coordinate", claim(made["float"], "bounds.coordinate") + 1),
        ("float-rest", "It rests at the least subnormal number, not at 0.", "bounds.rest", ["0", 0]),
        ("float-rest-twice", "It rests at half of this.", "bounds.rest", ["1", -1073]),
        ("float-point-not-double", "x_0,1 has 54 bits.", "point.0", [str(2**53 + 1), -54]),
        ("float-point-too-small", "x_0,2 is 2^-1075.", "point.1", ["1", -1075]),
        ("float-point-outside", "x_0,2 is above 1.", "point.1", [str(2**52 + 1), -52]),
        ("float-L-out-of-range", "L is above 2^64.", "problem.L", str(2**64 + 1)),
        ("float-step-large", "2 eta L > 1.", "problem.step", "1001/6000"),
    ]  # fmt: skip
    files.edit("reject", made["float"], rows)
    files.edit(
        "reject",
        made["perturbed"],
        [
            ("perturbed-threshold", "g > gamma/10.", "problem.noise.threshold", "101/1000"),
            ("perturbed-radius", "r > 1/20.", "problem.noise.radius", "51/1000"),
            ("perturbed-least", "s > r.", "problem.noise.least", "1/99"),
            ("perturbed-least-zero", "s is 0.", "problem.noise.least", "0"),
            ("perturbed-least-too-large", "8 gamma^2 s^2 > g^2.", "problem.noise.least", "1/282"),
            ("perturbed-accuracy", "g > 2 L eps.", "problem.noise.accuracy", "1/601"),
            ("perturbed-step", "2 eta L = 1.", "problem.step", "1/6"),
        ],
    )


def not_confirmed(files: Named, made: dict[str, Json]) -> None:
    every, noise = made["every-start"], made["perturbed"]
    files.put("not-confirmed", "every-start-more", "One more than 1 + a_10.", added(every, "bounds.time", 1))
    ties = made["every-start-ties"]
    files.put("not-confirmed", "ties-more", "One more than 1 + a_6.", added(ties, "bounds.time", 1))
    files.put("not-confirmed", "wait", "w < N.", changed(noise, "problem.noise.wait", 10))
    files.put("not-confirmed", "steps", "One step less than is proved.", added(noise, "bounds.steps", -1))
    likely = changed(noise, "bounds.probability", number(Fraction(9974, 10000), False))
    files.put("not-confirmed", "probability", "More than (1 - p)^d.", likely)
    sure = changed(noise, "bounds.probability", number(Fraction(1), False))
    files.put("not-confirmed", "probability-1", "Probability 1.", sure)
    often = changed(noise, "problem.noise.least", "1/500")
    files.put("not-confirmed", "least", "With this s a phase fails too often.", often)
    for name, why, document in (
        ("limit-d", "d > 10^6.", changed(made["critical"], "problem.d", 10**6 + 1)),
        ("limit-buffers", "Too many steps in buffers.", changed(made["escape"], "problem.step", "1/4001")),
        ("limit-float", "d (step + 1) > 10^7.", changed(made["float"], "bounds.step", 10**7 // 6)),
    ):
        files.put("not-confirmed", name, why, document)


def malformed(files: Named, made: dict[str, Json]) -> None:
    escape, times = made["escape"], claim(made["escape"], "bounds.times")
    rows: list[tuple[str, str, str, Any]] = [
        ("d-one", "d is 1.", "problem.d", 1),
        ("L-not-lowest", "L is not in lowest terms.", "problem.L", "6/2"),
        ("L-plus", "L has a sign +.", "problem.L", "+3"),
        ("L-minus-zero", "gamma is -0.", "problem.gamma", "-0"),
        ("L-301-digits", "L has 301 digits.", "problem.L", "1" + 300 * "0"),
        ("tau-pi", "tau is pi.", "problem.tau", "pi"),
        ("step-missing", "There is no step.", "problem.step", None),
        ("noise-extra", "Noise with the method escape.", "problem.noise", claim(made["perturbed"], "problem.noise")),
        ("point-missing", "There is no point.", "point", None),
        ("point-short", "The point has 9 entries.", "point", claim(escape, "point")[1:]),
        ("times-short", "There are 9 times.", "bounds.times", times[1:]),
        ("times-equal", "Two times are equal.", "bounds.times.0", times[1]),
        ("times-integers", "A time is no string.", "bounds.times.0", 12),
        ("times-leading-zero", "A time has a leading zero.", "bounds.times.0", "0" + times[0]),
        ("times-zero", "A time is 0.", "bounds.times.0", "0"),
        ("times-4001-digits", "A time has 4,001 digits.", "bounds.times.9", "1" + 4000 * "0"),
        ("verdict", "The verdict of another method.", "verdict", "stuck"),
        ("bounds-extra", "A bound that is not named.", "bounds.time", "1"),
    ]  # fmt: skip
    files.edit("malformed", escape, rows)
    files.edit("malformed", made["critical"], [("critical-step", "A step.", "problem.step", "1/12")])
    swapped = claim(made["critical"], "bounds.value")[::-1]
    files.edit("malformed", made["critical"], [("value-reversed", "Exchanged.", "bounds.value", swapped)])
    rows = [
        ("coordinate-0", "Coordinates are counted from 1.", "bounds.coordinate", 0),
        ("coordinate-7", "There are 6 coordinates.", "bounds.coordinate", 7),
        ("rest-number", "rest has a decimal.", "bounds.rest", number(Fraction(1), True)),
        ("float-point-rational", "The point is no dyadic.", "point.0", "1/2"),
        ("step-negative", "The step of the claim is negative.", "bounds.step", -1),
    ]
    files.edit("malformed", made["float"], rows)
    above = number(Fraction(3, 2), False)
    files.edit("malformed", made["perturbed"], [("probability-above-1", "3/2.", "bounds.probability", above)])
    long = changed(made["every-start"], "bounds.time", int(claim(made["every-start"], "bounds.time")))
    files.put("malformed", "time-integer", "The time is no string.", long)


if __name__ == "__main__":
    remake("octopus", add)
