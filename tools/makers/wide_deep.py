"""The files about deep networks, docs/spec/wide-network-v1.md. Their names start with "wide-deep-".

make_corpus.py makes them with all others; alone: PYTHONPATH=src:tools python -m makers.wide_deep [FOLDER]
"""

from __future__ import annotations

import json
from contextlib import redirect_stdout
from fractions import Fraction
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from judge.documents import Json, number, value
from makers.edits import changed, claim, edited
from makers.folder import Named, Put, remake
from relucert.cli import app

ROWS = [["3/4", "1/2", "1/4"], ["-1/2", "3/4", "1/8"], ["1/8", "-1/4", "7/8"]]
LABELS = ["1/2", "-1/4", "1"]
LAYERS = [["1", "1/2", "0"], ["-1", "0", "2"], ["0", "1", "1"], ["1", "-3/2", "1/2"]]
COMMANDS = {
    "softplus": "-m 24 -s 2",
    "softplus-one-datum": "-m 4 -s 2",
    "erf": "-m 12 -s 1 --activation erf",
    "erf-two-layers": "-m 12 -s 1 -H 2 --activation erf",
    "tanh": "-m 16 -s 2 --activation tanh",
    "tanh-two-layers": "-m 16 -s 2 -H 2 --activation tanh",
    "residual": "-m 16 -s 2 -H 3 --activation tanh --resnet",
    "residual-softplus": "-m 16 -s 1 -H 2 --resnet --c-res 1",
    "scaled": "-m 16 -s 1 --activation tanh --scale 3/2",
    "given": "--activation tanh --start given",
    "step": "-m 16 -s 2 --activation tanh --step 1/4",
}
ONE, ZERO = ["1", 0], ["0", 0]
LOST_CARRY = (
    "The loss is too small by some 5e6 units of 2^-189. A checker that shifts the carry of a product once, where only "
    "one of its two guard places is there, adds 2^21 times the carry; it accepted this."
)
LOST_STEP = "1/1222689238071587637640817273533700082103012478565647305"
LOST_LOSS = ["3535254073139245192737907217346329540340199761660810841007", -191]  # 1.126.., below the truth


def dyadics(table: Any) -> Any:
    return [dyadics(x) if isinstance(x, list) else float(Fraction(x)) for x in table]


def proved(name: str) -> Json:
    rows = 1 if name == "softplus-one-datum" else 3
    with TemporaryDirectory() as folder, redirect_stdout(StringIO()):
        data, start = Path(folder, "data.json"), Path(folder, "given.json")
        data.write_text(json.dumps({"x": dyadics(ROWS[:rows]), "y": dyadics(LABELS[:rows])}))
        start.write_text(json.dumps({"layers": [dyadics(LAYERS)], "output": [1.0, -0.5, 0.75, 1.25]}))
        words = [str(start) if word == "given" else word for word in COMMANDS[name].split()]
        app(["ntk", "deep", str(data), "-o", f"{folder}/out", "--json", *words], standalone_mode=False)
        (path,) = Path(folder, "out").glob("*.json")
        found: Json = json.loads(path.read_bytes())
    return {**found, "signatures": []}


def times(document: Json, bound: str, factor: Fraction) -> Json:
    """With a bound multiplied."""
    new = number(value(claim(document, f"bounds.{bound}.exact")) * factor, up=bound != "rate")
    return changed(document, f"bounds.{bound}", new)


def add(put: Put) -> None:
    files = Named(put, "wide-deep")
    made = {name: proved(name) for name in COMMANDS}
    for name, document in made.items():
        files.put("accept", name, "", document)
    files.put("accept", "weaker-loss", "", times(made["tanh"], "loss", Fraction(2)))
    files.put("accept", "weaker-rate", "", times(made["tanh"], "rate", Fraction(1, 2)))
    tight(files, made)
    wrong(files, made)
    malformed(files, made)
    files.put("reject", "lost-carry", LOST_CARRY, lost_carry(made["softplus-one-datum"]))


def lost_carry(document: Json) -> Json:
    """Gradients of less than a unit, of digits at just the places where a product has one guard place."""
    row, zeros = [["1048575", -42]] * 1024, [[ZERO] * 1024]
    problem = {"x": [row], "y": [["741", 0]], "width": 1, "depth": 1, "step": LOST_STEP}
    bounds = {
        "loss": {"exact": LOST_LOSS, "decimal": "1.12640"},
        "rate": {"exact": ["1", -190], "decimal": "6.37236e-58"},
        "travel": {"exact": ["1", 3], "decimal": "8"},
    }
    new = [(f"problem.{name}", value) for name, value in problem.items()]
    new += [("start.weights", {"layers": [zeros], "output": [["1", 10]]}), ("steps", 100), ("bounds", bounds)]
    for path, member in new:
        document = changed(document, path, member)
    return document


def tight(files: Named, made: dict[str, Json]) -> None:
    for name, document in made.items():
        loss = times(document, "loss", Fraction(99, 100))
        files.put("reject", f"{name}-loss", "The loss is 1% too small.", loss)
        travel = times(document, "travel", Fraction(1, 2))
        files.put("not-confirmed", f"{name}-travel", "Half the movement that the theorem needs.", travel)
        rate = times(document, "rate", Fraction(3, 2))
        files.put("not-confirmed", f"{name}-rate", "The rate is half as large again.", rate)


def wrong(files: Named, made: dict[str, Json]) -> None:
    """Rules between exact numbers, and other problems."""
    tanh, x = made["tanh"], claim(made["tanh"], "problem.x")
    rules = [
        ("same-rows", "Two rows of x are the same.", "problem.x", [x[0], x[1], x[0]]),
        ("rate-0", "A rate of 0.", "bounds.rate", number(Fraction(0), up=False)),
        ("rate-1", "A rate of 1.", "bounds.rate", number(Fraction(1), up=False)),
        ("travel-negative", "A negative movement.", "bounds.travel", number(Fraction(-1), up=True)),
        ("loss-negative", "A negative loss.", "bounds.loss", number(Fraction(-1), up=True)),
        ("fewer-steps", "The loss is that of a later step.", "steps", 2),
        ("small-step", "The loss is that of a larger step.", "problem.step", "1/1000"),
        ("label", "Another label.", "problem.y.2", ["3", 0]),
    ]
    for name, why, path, new in rules:
        files.put("reject", name, why, changed(tanh, path, new))
    weak = [
        ("travel-0", "No movement at all.", "bounds.travel", number(Fraction(0), up=True)),
        (
            "travel-large",
            "The ball is so large that Lam R > s_0.",
            "bounds.travel",
            number(Fraction(99), up=True),
        ),
        ("long-step", "A step of 50: two runs part.", "problem.step", "50"),
        ("large-weights", "Weights beyond the checker's integers.", "start.weights.scale", ["1", 100]),
        ("limit-width", "More neurons than the checker takes.", "problem.width", 513),
        ("limit-steps", "More steps than the checker takes.", "steps", 2001),
        ("limit-entry", "An entry that is no multiple of 2^-256.", "problem.x.0.0", ["1", -257]),
    ]
    files.edit("not-confirmed", tanh, weak)
    other = changed(made["residual"], "problem.c_res", "2")
    files.put("not-confirmed", "c-res", "Another constant of the residual network.", other)


def malformed(files: Named, made: dict[str, Json]) -> None:
    seed = "start.weights"
    files.edit("malformed", made["tanh"], [
        ("activation", "relu has no derivative everywhere.", "problem.activation", "relu"),
        ("architecture", "An unknown architecture.", "problem.architecture", "tree"),
        ("dense-c-res", "c_res belongs to residual networks.", "problem.c_res", "1/2"),
        ("depth-0", "No layer.", "problem.depth", 0),
        ("width-0", "No neuron.", "problem.width", 0),
        ("step-negative", "A negative step.", "problem.step", "-1/4"),
        ("step-not-lowest", "A step not in lowest terms.", "problem.step", "2/4"),
        ("labels", "Fewer labels than rows.", "problem.y", [ONE]),
        ("ragged", "Rows of different lengths.", "problem.x", [[ONE], [ONE, ONE], [ZERO]]),
        ("steps-negative", "A negative number of steps.", "steps", -1),
        ("no-scale", "Weights by a seed without scale.", seed, {"seed": 1}),
        ("no-layers", "Weights without layers.", seed, {"layers": [], "output": [ONE]}),
        ("switching", "A bound of another method.", "bounds.switching", 0),
        ("no-loss", "No loss.", "bounds.loss", None),
        ("signs", "Signs, of another method.", "start.signs", "+"),
    ])  # fmt: skip
    one_layer = edited(made["residual"], ("problem.depth", 1))
    files.put("malformed", "residual-one-layer", "Residual networks have at least two layers.", one_layer)


if __name__ == "__main__":
    remake("wide-deep", add)
