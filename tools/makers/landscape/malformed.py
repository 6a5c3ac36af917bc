"""Certificates of another shape than the schema, or that the limits of version 1.1 refuse."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from judge.documents import Json, number
from makers.edits import changed, claim
from makers.landscape.put import Files

ZERO, ONE = ["0", 0], ["1", 0]
MEMBERS = {
    "whole": ("problem", "bounds.value", "bounds.saddle", "problem.a_star", "problem.mu", "problem.lambda"),
    "whole-f": ("problem.teacher",),
    "doubled": ("minimum", "minimum.twice", "minimum.kind", "bounds.gap"),
    "nearest": ("point", "minimum.signs", "bounds.distance", "bounds.step", "bounds.b_star"),
    "saddle": ("direction", "bounds.curvature", "bounds.inertia", "bounds.uniqueness_radius", "point"),
    "not-critical": ("bounds.exclusion", "bounds.gradient_min"),
    "run": ("steps", "problem.step", "bounds.start_radius", "minimum"),
    "empirical-local": ("problem.samples", "problem.samples.y", "bounds.value"),
    "unit-rows": ("problem.x", "problem.l", "bounds.radius"),
    "split-neuron": ("problem.tau", "bounds.curvature"),
}
RATIONALS = {
    "not-in-lowest-terms": "2/4",
    "over-1": "3/1",
    "0": "0",
    "negative": "-1",
    "over-0": "1/0",
    "plus": "+1",
    "leading-zero": "01",
    "decimal": "0.5",
    "power": "1e3",
    "space": " 1",
    "line-end": "1\n",
    "301-digits": "1" + 300 * "0",
    "301-digits-below": "1/1" + 300 * "0",
    "other-digits": "\u0661",
    "number": 1,
    "null": None,
    "dyadic": ONE,
}


def malformed(files: Files, made: dict[str, Json]) -> None:
    def edit(name: str, why: str, of: str, path: str, new: Any) -> None:
        files.put("malformed", f"{of}-{name}", why, changed(made[of], path, new))

    for of, paths in MEMBERS.items():
        for path in paths:
            name = path.rpartition(".")[2]
            edit(f"without-{name}", f"{name} is missing.", of, path, None)
    for name, text in RATIONALS.items():
        if text is not None:
            edit(f"mu-{name}", f"mu is {str(text)[:20]!r}.", "whole", "problem.mu", text)
    edit("mu-null", "mu is null.", "whole", "problem", claim(made["whole"], "problem") | {"mu": None})
    _problems(edit, made)
    _members(edit, made)
    _points(edit, made)


def _problems(edit: Any, made: dict[str, Json]) -> None:
    for name, a in (
        ("0", ["1", "0"]),
        ("negative", ["1", "-1"]),
        ("d-1", ["1"]),
        ("empty", []),
        ("text", "1,1"),
    ):
        edit(f"a_star-{name}", f"a_star is {a}.", "whole", "problem.a_star", a)
    edit("lambda-0", "lambda is 0.", "whole", "problem.lambda", "0")
    edit("objective", "An objective that is not known.", "whole", "problem.objective", "H")
    edit("objective-f", "F without a teacher.", "whole", "problem.objective", "F")
    edit("objective-g", "G with a teacher.", "whole-f", "problem.objective", "G")
    edit("teacher-row", "A row of the teacher is missing.", "whole-f", "problem.teacher", [["1", "0"]])
    edit("teacher-entry", "An entry of the teacher is missing.", "whole-f", "problem.teacher.1", ["1"])
    edit("teacher-minus-0", "An entry of the teacher is -0.", "whole-f", "problem.teacher.1.0", "-0")
    edit("teacher-numbers", "An entry of the teacher is a JSON number.", "whole-f", "problem.teacher.1.0", 1)
    edit(
        "teacher-null",
        "The teacher is null.",
        "whole-f",
        "problem",
        claim(made["whole-f"], "problem") | {"teacher": None},
    )
    edit("objective-f", "Runs are of G only.", "run", "problem.objective", "F")
    teacher = claim(made["whole-f"], "problem.teacher")
    three = claim(made["run-from-a-ball"], "problem") | {"objective": "F", "teacher": teacher}
    edit("f", "Runs are of G only.", "run-from-a-ball", "problem", three)
    edit("step-0", "The step is 0.", "run", "problem.step", "0")
    edit("x-1", "x is 1.", "unit-rows", "problem.x", "1")
    edit("x-0", "x is 0.", "unit-rows", "problem.x", "0")
    edit("l-p", "l = p.", "unit-rows", "problem.l", 1)
    edit("q-4", "There is no row 4.", "unit-rows", "problem.q", 4)
    edit("q-negative", "q is negative.", "unit-rows", "problem.q", -1)
    edit("tau-0", "tau is 0.", "split-neuron", "problem.tau", "0")
    edit("no-samples", "No samples.", "empirical-local", "problem.samples", {"x": [], "y": []})
    edit("y", "A label is missing.", "empirical-local", "problem.samples.y", [ONE] * 5)
    edit("x", "A sample has three entries.", "empirical-local", "problem.samples.x.2", [ONE] * 3)


def _members(edit: Any, made: dict[str, Json]) -> None:
    for of, path, new in (
        ("whole", "point", [[ONE, ZERO], [ZERO, ONE]]),
        ("whole", "minimum", {"kind": "signed-permutation"}),
        ("whole", "problem.step", "1/20"),
        ("whole", "bounds.gap", number(Fraction(1), False)),
        ("unbounded", "bounds.value", claim(made["whole"], "bounds.value")),
        ("doubled", "minimum.sign", "+"),
        ("nearest", "steps", 3),
        ("spurious", "direction", [[ONE, ZERO], [ZERO, ONE]]),
        ("spurious", "bounds.curvature", number(Fraction(-1), True)),
        ("not-critical", "bounds.value", claim(made["whole"], "bounds.value")),
        ("run", "bounds.basin", number(Fraction(1, 100), False)),
        ("empirical-local", "problem.a_star", ["1", "1"]),
        ("unit-rows", "point", [[ONE]]),
        ("split-neuron", "problem.gamma", "1"),
    ):
        name = path.rpartition(".")[2]
        edit(f"extra-{name}", f"A member that is not named here: {name}.", of, path, new)
    low, high = claim(made["whole"], "bounds.value")
    edit("value-reversed", "The ends of the value are exchanged.", "whole", "bounds.value", [high, low])
    edit("value-number", "The value is one number.", "whole", "bounds.value", low)
    edit("basin-negative", "basin is negative.", "whole", "bounds.basin", number(Fraction(-1), False))
    edit("verdict", "A verdict of another method.", "whole", "verdict", "global-minimum")
    edit("verdict", "A verdict of another method.", "empirical-local", "verdict", "spurious-minimum")
    edit("verdict", "A verdict of another method.", "run", "verdict", "global-minimum")
    edit("verdict", "A verdict of another method.", "unit-rows", "verdict", "no-spurious-minimum")
    edit("kind", "A minimum of a kind that is not known.", "doubled", "minimum.kind", "tripled")
    edit("twice-2", "There is no row 2.", "doubled", "minimum.twice", 2)
    edit("never-true", "never is true.", "doubled", "minimum.never", True)
    edit("signs-short", "A sign is missing.", "nearest", "minimum.signs", "+-+")
    edit("signs-others", "A sign that is none.", "nearest", "minimum.signs", "+-+0")
    edit("signs-line-end", "A line end after the signs.", "nearest", "minimum.signs", "+-+\n")
    edit("permutation-short", "A place is missing.", "nearest", "minimum.permutation", [2, 0, 3])
    edit("permutation-negative", "A place is negative.", "nearest", "minimum.permutation", [2, 0, -1, 1])
    edit("steps-negative", "steps is negative.", "run", "steps", -1)
    edit("steps-half", "steps is 1.5.", "run", "steps", 1.5)
    edit("inertia-text", "A number of eigenvalues is a string.", "saddle", "bounds.inertia.negative", "2")


def _points(edit: Any, made: dict[str, Json]) -> None:
    row = claim(made["nearest"], "point.0")
    for of in ("nearest", "run", "saddle", "not-critical", "empirical-local"):
        short = claim(made[of], "point.0")[:-1]
        edit("point-row-short", "A row of the point is too short.", of, "point.0", short)
    edit("point-rows", "A row of the point is missing.", "nearest", "point", [row] * 3)
    edit("point-empty", "The point has no rows.", "empirical-local", "point", [])
    edit("point-even", "A mantissa is even.", "nearest", "point.0.0", ["2", 0])
    edit("point-decimal", "A decimal in place of a dyadic.", "nearest", "point.0.0", "0.5")
    edit("point-exponent", "An exponent beyond 65536.", "nearest", "point.0.0", ["1", 65537])
    edit("direction-0", "The direction is 0.", "saddle", "direction", [[ZERO] * 2] * 2)
    edit("direction-short", "The direction has one row.", "saddle", "direction", [[ONE, ZERO]])
    edit("direction-rows", "The direction has a row too long.", "saddle", "direction.1", [ONE] * 3)
