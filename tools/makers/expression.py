"""The files about losses written as graphs, docs/spec/expression-v1.md. Their names start with "expression-".

make_corpus.py makes them with all others; alone: PYTHONPATH=src:tools python -m makers.expression [FOLDER]
"""

from __future__ import annotations

import json
from contextlib import redirect_stdout
from fractions import Fraction
from functools import cache
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from corpus_keys import TEST_KEY
from judge.documents import Json, number, replaced, value
from makers.edits import changed, claim, edited, moved, without
from makers.expression_losses import SUBJECTS
from makers.folder import Named, Put, Rows, remake
from relucert.cli import app

LOWER = ("box", "convexity", "basin", "step", "barrier", "gap", "gradient_min", "exclusion", "infimum_min")
PERCENT = Fraction(1, 100)


@cache
def proved(name: str) -> Json:
    """Of a subject; what is said of F everywhere and of images is left out, which other files are about."""
    subject = SUBJECTS[name]()
    found = proved_at(subject.loss.document(), subject.point, subject.witness, *subject.options)
    found["statement"]["claim"]["bounds"].pop("infimum_min", None)
    found["statement"]["claim"].pop("images", None)
    evidence, other = found["statement"]["evidence"], ("Theorem 17.I", "Theorem 17.P")
    found["statement"]["evidence"] = [x for x in evidence if x["theorem"] not in other]
    return found


def proved_at(loss: Json, point: list[float], witness: list[float] | None = None, *options: Json) -> Json:
    """What the prover says of this point, without signatures. An option that is no text is written to a file."""
    with TemporaryDirectory() as folder, redirect_stdout(StringIO()):
        files = {"loss": loss, "point": point, "witness": witness}
        for name, content in files.items():
            Path(folder, f"{name}.json").write_text(json.dumps(content))
        key = Path(folder, "key.pem")
        key.write_bytes(TEST_KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        key.chmod(0o600)
        words = [
            "verify",
            f"{folder}/point.json",
            "--loss",
            f"{folder}/loss.json",
            "-o",
            f"{folder}/out",
            "--key",
            str(key),
        ]
        for option in options:
            content = Path(folder, "option.json")
            content.write_text(json.dumps(option))
            words.append(option if isinstance(option, str) else str(content))
        words += ["--witness", f"{folder}/witness.json"] if witness else []
        app(words, standalone_mode=False)
        (path,) = Path(folder, "out").glob("*.json")
        found: Json = json.loads(path.read_bytes())
    return {**found, "signatures": []}


class Files(Named):
    def edit(self, kind: str, of: str, rows: Rows) -> None:  # type: ignore[override]
        """Of the file of this name, which the names of the new ones begin with."""
        super().edit(kind, proved(of), [(f"{of}-{name}", *rest) for name, *rest in rows])


def add(put: Put) -> None:
    files = Files(put, "expression")
    for name in SUBJECTS:
        files.put("accept", name, "", proved(name))
    weaker(files)
    rejected_bounds(files)
    rejected_others(files)
    not_confirmed(files)
    malformed_claims(files)
    malformed_graphs(files)


def scaled(document: Json, name: str, factor: Fraction) -> Json:
    return moved(document, f"bounds.{name}", factor, name not in LOWER)


def interval(document: Json, name: str, by: Fraction, wide: bool = False) -> Json:
    """Both ends moved by this, or away from each other."""
    low, high = (value(x["exact"]) for x in claim(document, f"bounds.{name}"))
    return changed(
        document, f"bounds.{name}", [number(low - by if wide else low + by, False), number(high + by, True)]
    )


def weaker(files: Files) -> None:
    """True as well."""
    free = without(proved("wells"), "bounds.basin", "bounds.step", "bounds.barrier")
    files.put("accept", "wells-without-basin", "", replaced(free, ("statement", "evidence"), []))
    loose = proved("xor-local")
    for name in ("convexity", "basin", "step", "barrier"):
        loose = scaled(loose, name, Fraction(1, 2))
    loose = interval(scaled(loose, "gradient", Fraction(2)), "objective", Fraction(1, 8), wide=True)
    files.put("accept", "xor-local-weaker", "", interval(loose, "lambda_min", Fraction(1, 64), wide=True))
    half = edited(proved("pass-away"), ("bounds.exclusion", number(Fraction(1, 16), False)))
    files.put("accept", "pass-away-weaker", "", scaled(half, "gradient_min", Fraction(1, 2)))


def rejected_bounds(files: Files) -> None:
    """Numbers that are refuted."""
    for of in ("wells-raw", "height-raw"):
        tight = scaled(proved(of), "gradient", 1 - PERCENT)
        files.put("reject", f"{of}-gradient", "The gradient is larger by 1%.", tight)
    for of in ("wells", "xor-local", "height-high"):
        for sign, word in ((1, "above"), (-1, "below")):
            off = interval(proved(of), "objective", sign * Fraction(1, 64))
            files.put("reject", f"{of}-objective-{word}", f"The interval is {word} the value.", off)
    for of in ("wells-maximum", "everything"):
        off = interval(proved(of), "lambda_min", Fraction(1, 64))
        files.put("reject", f"{of}-lambda-min", "The interval is above the eigenvalue.", off)
    for of in ("wells", "xor-spurious"):
        far = scaled(proved(of), "gap", 1 + PERCENT)
        files.put("reject", f"{of}-gap", "The gap is smaller by 1%.", far)
    steep = scaled(proved("pass-away"), "gradient_min", 1 + PERCENT)
    files.put("reject", "pass-away-gradient-min", "The gradient is smaller by 1%.", steep)
    for name in ("box", "convexity", "basin", "step", "barrier"):
        zero = changed(proved("kinks"), f"bounds.{name}", number(Fraction(0), False))
        files.put("reject", f"kinks-{name}-zero", f"{name} is 0.", zero)
    radius = changed(proved("kinks"), "bounds.existence_radius", number(Fraction(1), True))
    files.put("reject", "kinks-radius", "existence_radius is above box.", radius)
    negative = changed(proved("kinks"), "bounds.existence_radius", number(Fraction(-1), True))
    files.put("reject", "kinks-radius-negative", "existence_radius is negative.", negative)


def rejected_others(files: Files) -> None:
    """Another loss, another point, another verdict, and what contradicts itself."""
    wells, away = proved("wells"), proved("pass-away")
    files.edit(
        "reject",
        "pass",
        [
            ("inertia-minimum", "No negative eigenvalue.", "bounds.inertia", {"negative": 0, "positive": 2}),
            ("inertia-other", "Two negative eigenvalues.", "bounds.inertia", {"negative": 2, "positive": 0}),
            ("inertia-short", "One eigenvalue of two.", "bounds.inertia", {"negative": 1, "positive": 0}),
            ("curvature-zero", "curvature is 0.", "bounds.curvature", number(Fraction(0), True)),
            ("point", "Another point.", "point.0", ["3", -2]),
            ("method", "The method of another family.", "method", "hessian"),
            ("version", "Version 1.0 does not have this family.", "schema", "relucert-certificate/1.0"),
        ],
    )  # fmt: skip
    files.edit("reject", "height-high", [("multipliers", "Another multiplier.", "multipliers.0", ["-1", 0])])
    saddle = changed(proved("height-high"), "verdict", "local-minimum")
    swapped = changed(saddle, "bounds.inertia", {"negative": 0, "positive": 1})
    files.put("reject", "height-high-as-minimum", "It is a maximum on the circle.", swapped)
    low = changed(proved("height-low"), "verdict", "strict-saddle")
    swapped = changed(low, "bounds.inertia", {"negative": 1, "positive": 0})
    files.put("reject", "height-low-as-saddle", "It is a minimum on the circle.", swapped)
    files.put("reject", "wells-witness", "The witness is no lower.", changed(wells, "witness.0", ["1", 0]))
    nodes = claim(wells, "problem.loss.nodes")
    place = next(i for i, node in enumerate(nodes) if node == ["const", "4"])
    files.put(
        "reject",
        "wells-loss",
        "Another constant.",
        changed(wells, f"problem.loss.nodes.{place}", ["const", "5"]),
    )
    local = changed(proved("xor-local"), "problem.loss.scale", "1/7")
    files.put("reject", "xor-local-scale", "Another scale.", local)
    data = changed(proved("xor-local"), "problem.loss.data.3.2", "-9/10")
    files.put("reject", "xor-local-data", "Another label.", data)
    decimal = changed(away, "bounds.exclusion.decimal", "0.302")
    files.put(
        "reject",
        "pass-away-decimal",
        "A decimal that is not close.",
        changed(decimal, "bounds.exclusion.decimal", "0.29"),
    )
    evidence = ("statement", "evidence", 0, "theorem")
    files.put("reject", "evidence", "A theorem of no family.", replaced(wells, evidence, "Theorem 17.Z"))


def not_confirmed(files: Files) -> None:
    """Bounds by theorems that do not go so far, and limits."""
    wells, kinks = proved("wells"), proved("kinks")
    for name, factor in (("box", 8), ("convexity", 2), ("barrier", 4)):
        files.put(
            "not-confirmed",
            f"wells-{name}",
            f"{factor} times what is proved.",
            scaled(wells, name, Fraction(factor)),
        )
    small = scaled(wells, "smoothness", Fraction(1, 2))
    files.put("not-confirmed", "wells-smoothness", "Half of what is proved.", small)
    for name in ("basin", "step"):
        files.put("not-confirmed", f"wells-{name}", "1% too large.", scaled(wells, name, 1 + PERCENT))
    files.put("not-confirmed", "kinks-box", "A kink in the box.", scaled(kinks, "box", Fraction(4)))
    files.put(
        "not-confirmed", "pass-curvature", "1% too low.", scaled(proved("pass"), "curvature", 1 + PERCENT)
    )
    far = scaled(proved("pass-away"), "exclusion", Fraction(8))
    files.put("not-confirmed", "pass-away-exclusion", "8 times what is proved.", far)
    radius = changed(wells, "bounds.existence_radius", number(Fraction(1, 2**200), True))
    files.put("not-confirmed", "wells-radius", "Less than |g|/(low - delta).", radius)
    large = changed(wells, "point.0", ["1", 300])
    files.put("not-confirmed", "wells-large", "The point reaches 2^256.", large)
    many = [["param", 0], ["erf", 0], *(["erf", i] for i in range(1, 10_001))]
    long = edited(wells, ("problem.loss.nodes", many), ("problem.loss.output", len(many) - 1))
    files.put("not-confirmed", "limit-functions", "10,001 times erf.", long)


def malformed_claims(files: Files) -> None:
    wells = proved("wells")
    files.edit(
        "malformed",
        "wells",
        [
            ("point-long", "The point has two entries.", "point", [["1", 0], ["1", 0]]),
            ("point-rational", "An entry of the point is no dyadic.", "point.0", "1/2"),
            ("witness-missing", "There is no witness.", "witness", None),
            ("witness-long", "The witness has two entries.", "witness", [["1", 0], ["1", 0]]),
            ("direction", "A direction.", "direction", [["1", 0]]),
            ("multipliers", "Multipliers without constraints.", "multipliers", [["1", 0]]),
            ("gap-missing", "There is no gap.", "bounds.gap", None),
            ("step-missing", "A basin without a step.", "bounds.step", None),
            ("curvature", "The curvature of a minimum.", "bounds.curvature", number(Fraction(-1), True)),
            ("verdict", "The verdict of another family.", "verdict", "global-minimum"),
            ("problem-extra", "A second member of problem.", "problem.name", "wells"),
        ],
    )
    files.edit(
        "malformed",
        "pass",
        [
            ("direction-zero", "The direction is 0.", "direction", [["0", 0], ["0", 0]]),
            ("direction-missing", "There is no direction.", "direction", None),
            ("basin", "The basin of a saddle.", "bounds.basin", number(Fraction(1, 8), False)),
        ],
    )
    circle = proved("circle")
    files.put("malformed", "circle-multipliers-missing", "No multipliers.", without(circle, "multipliers"))
    files.put(
        "malformed",
        "circle-not-critical",
        "Not with constraints.",
        changed(circle, "verdict", "not-critical"),
    )
    basin = edited(
        circle, ("bounds.basin", claim(wells, "bounds.basin")), ("bounds.step", claim(wells, "bounds.step"))
    )
    files.put("malformed", "circle-basin", "A basin with constraints.", basin)


def malformed_graphs(files: Files) -> None:
    wells = "problem.loss.nodes"
    nodes = claim(proved("wells"), wells)
    param = ["param", 0]
    rows: list[tuple[str, str, list[Any]]] = [
        ("unknown", "An operation that is not in the list.", [param, ["gelu", 0]]),
        ("forward", "A node refers to a later one.", [param, ["square", 1]]),
        ("twice", "Two nodes are equal.", [param, ["square", 0], ["square", 0], ["add", 1, 2]]),
        ("unused", "A node is not needed.", [param, ["exp", 0], ["square", 0]]),
        ("order", "Not in the order of a depth-first search.", [["const", "1"], param, ["add", 1, 0]]),
        ("param", "A parameter that is not there.", [["param", 1]]),
        ("param-true", "A parameter that is no number.", [["param", True]]),
        ("input", "An input without data.", [param, ["input", 0], ["mul", 0, 1]]),
        ("const-float", "A constant in floating point.", [param, ["const", "0.5"], ["mul", 0, 1]]),
        ("const-lowest", "A constant not in lowest terms.", [param, ["const", "2/4"], ["mul", 0, 1]]),
        ("const-401-digits", "A constant of 401 digits.", [param, ["const", "1" + 400 * "0"], ["mul", 0, 1]]),
        ("powi-2", "A square as powi.", [param, ["powi", 0, 2]]),
        ("powi-1001", "An exponent above 1,000.", [param, ["powi", 0, 1001]]),
        ("dot-odd", "A dot with three arguments.", [param, ["dot", 0, 0, 0]]),
        ("sum-one", "A sum of one.", [param, ["sum", 0]]),
        ("exp-two", "exp of two nodes.", [param, ["exp", 0, 0]]),
        ("text", "A node that is a text.", [param, "exp 0"]),
    ]  # fmt: skip
    for name, why, graph in rows:
        made = edited(proved("wells"), (wells, graph), ("problem.loss.output", len(graph) - 1))
        files.put("malformed", f"graph-{name}", why, made)
    files.edit(
        "malformed",
        "wells",
        [
            ("graph-output", "The output is no node.", "problem.loss.output", len(nodes)),
            ("graph-scale", "A scale without data.", "problem.loss.scale", "1"),
            ("graph-constraints-none", "No constraints.", "problem.loss.constraints", []),
            ("graph-parameters", "No parameters.", "problem.loss.parameters", 0),
            ("graph-schema", "The schema of another version.", "problem.loss.schema", "relucert-loss/2"),
        ],
    )
    files.edit(
        "malformed",
        "xor-local",
        [
            ("scale-missing", "Data without a scale.", "problem.loss.scale", None),
            ("scale-zero", "The scale is 0.", "problem.loss.scale", "0"),
            ("row-short", "A row is shorter.", "problem.loss.data.1", ["1", "1"]),
            ("regulariser", "The regulariser depends on the data.", "problem.loss.regulariser", 2),
        ],
    )


if __name__ == "__main__":
    remake("expression", add, "expression-[!o]*", "expression-origin*")
