"""The files about orbits of symmetries and lower bounds everywhere, docs/spec/expression-v1.md. Their names start with
"expression-orbit-".

make_corpus.py makes them with all others; alone: PYTHONPATH=src:tools python -m makers.expression_orbits [FOLDER]
"""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from typing import Any

from judge.documents import Json, number, value
from makers.edits import changed, claim, edited, without
from makers.expression import PERCENT, interval, proved, proved_at, scaled
from makers.expression_losses import Graph, Loss
from makers.expression_orbit_losses import ORBITS, scaling, turn
from makers.folder import Named, Put, Rows, remake

TINY = Fraction(1, 2**60)


@cache
def orbit(name: str) -> Json:
    subject = ORBITS[name]()
    return proved_at(subject.loss.document(), subject.point, subject.witness, "--gauge", subject.gauge)


class OrbitFiles(Named):
    def edit(self, kind: str, of: str, rows: Rows) -> None:  # type: ignore[override]
        """Of the orbit of this name, which the names of the new files begin with."""
        super().edit(kind, orbit(of), [(f"{of}-{name}", *rest) for name, *rest in rows])


def add(put: Put) -> None:
    files = OrbitFiles(put, "expression-orbit")
    for name in ORBITS:
        files.put("accept", name, "", orbit(name))
    weaker(files)
    other_generators(files)
    other_losses(files)
    other_constraints(files)
    bounds(files)
    infima(files)
    malformed_generators(files)
    malformed_claims(files)


def weaker(files: OrbitFiles) -> None:
    """True as well."""
    twice = changed(orbit("ring"), "symmetry", [{"matrix": [[0, 1, "-7/3"], [1, 0, "7/3"]]}])
    files.put("accept", "ring-multiple", "", twice)
    swapped = changed(orbit("sphere"), "symmetry", claim(orbit("sphere"), "symmetry")[::-1])
    files.put("accept", "sphere-swapped", "", swapped)
    files.put("accept", "neuron-without", "", without(plain("neuron"), "symmetry"))
    low = changed(orbit("rayleigh"), "bounds.infimum_min", number(Fraction(-3), False))
    files.put("accept", "rayleigh-infimum-lower", "", low)
    files.put("accept", "ditch-without-infimum", "", without(proved("wells"), *has(proved("wells"))))


def has(document: Json) -> list[str]:
    return ["bounds.infimum_min"] if "infimum_min" in claim(document, "bounds") else []


def plain(name: str) -> Json:
    """As a local minimum, without a witness."""
    return changed(without(orbit(name), "witness", "bounds.gap"), "verdict", "local-minimum")


def put_generators(files: OrbitFiles, of: str, rows: list[tuple[str, str, Any]]) -> None:
    for name, why, symmetry in rows:
        files.put("not-confirmed", f"{of}-{name}", why, changed(orbit(of), "symmetry", symmetry))


def other_generators(files: OrbitFiles) -> None:
    """Of which the loss knows nothing, or too few."""
    nearly = [{"matrix": [[0, 1, "-1"], [1, 0, "1000001/1000000"]]}]
    put_generators(
        files,
        "ring",
        [
            ("nearly", "An ellipse, by a millionth.", nearly),
            ("hyperbolic", "Both signs are +.", [{"matrix": [[0, 1, "1"], [1, 0, "1"]]}]),
            ("half", "One entry of two.", [{"matrix": [[1, 0, "1"]]}]),
            ("spiral", "It grows as well.", [{"matrix": [[0, 0, "1"], [0, 1, "-1"], [1, 0, "1"], [1, 1, "1"]]}]),
            ("off-centre", "It turns about another point.", [turn(0, 1) | {"shift": [[0, "1/1000"]]}]),
            ("shift", "A shift of y.", [{"shift": [[1, "1"]]}]),
        ],
    )  # fmt: skip
    put_generators(
        files,
        "degrees",
        [
            ("weight", "A weight of -2 for -1.", [turn(0, 1), scaling(1, 1, -2)]),
            ("weights", "x and y with other weights.", [turn(0, 1), scaling(1, 2, -1)]),
            ("twice", "One generator twice.", [turn(0, 1), turn(0, 1)]),
            ("sum", "One generator, and its multiple.", [scaling(1, 1, -1), scaling(2, 2, -2)]),
        ],
    )
    put_generators(files, "neuron", [("one-sided", "Only w is scaled.", [scaling(0, 1)])])
    put_generators(files, "shifted", [("one", "Only one logit is shifted.", [{"shift": [[0, "1"]]}])])
    put_generators(files, "sphere", [("rest", "The third rotation for one.", [turn(0, 1), turn(1, 2)])])
    put_generators(files, "rayleigh", [("uneven", "Weights 1, 1, 2.", [scaling(1, 1, 2)])])
    saddle = claim(orbit("factor-saddle"), "symmetry")
    other = [{"matrix": [[i, j, "1"] for i, j, _ in saddle[0]["matrix"]]}]
    put_generators(files, "factor-saddle", [("signs", "Both factors grow.", other)])


def nodes_with(of: str, *changes: tuple[list[Any], list[Any]]) -> Json:
    """With nodes replaced."""
    document = orbit(of)
    for old, new in changes:
        place = claim(document, "problem.loss.nodes").index(old)
        document = changed(document, f"problem.loss.nodes.{place}", new)
    return document


def other_losses(files: OrbitFiles) -> None:
    """Which the generators do not leave as they are, though all else is as good."""
    nodes = claim(orbit("neuron"), "problem.loss.nodes")
    relu = next(node for node in nodes if node[0] == "relu")
    soft = nodes_with("neuron", (relu, ["softplus", relu[1]]))
    files.put("reject", "neuron-softplus", "softplus has no degree, and the minimum is elsewhere.", soft)
    absolute = nodes_with("neuron", (relu, ["neg", relu[1]]))
    files.put("reject", "neuron-neg", "Another sign.", absolute)
    files.put("not-confirmed", "almost-invariant", "A term 2^-40 (u v - 1)^2 u.", almost())
    lopsided = changed(orbit("degrees"), "symmetry.0.matrix.0.2", "-2")
    files.put("not-confirmed", "degrees-lopsided", "A rotation with two speeds.", lopsided)


def almost() -> Json:
    """(p - 1)^2 + 2^-40 (p - 1)^2 u with p = u v, where u = v: critical along the whole hyperbola, and yet F changes
    along the scaling."""
    g = Graph()
    u, v = g.params(2)
    square = (u * v - 1)("square")
    loss = Loss(g, 2, square + square * u * Fraction(1, 2**40), constraints=(u - v,))
    return changed(proved_at(loss.document(), [1.0, 1.0]), "symmetry", [scaling(1, -1)])


def other_constraints(files: OrbitFiles) -> None:
    """That do not cut the orbit."""
    g = Graph()
    x, y = g.params(2)
    far = Loss(g, 2, (x("square") + y("square") - 4)("square"), constraints=(x - 1,))
    tangent = changed(proved_at(far.document(), [1.0, 0.0]), "symmetry", [turn(0, 1)])
    why = "The constraint touches the orbit, on which F is not critical."
    files.put("not-confirmed", "ring-tangent", why, tangent)
    h = Graph()
    x, y = h.params(2)
    top = Loss(h, 2, (x("square") + y("square") - 1)("square"), constraints=(y,))
    still = changed(proved_at(top.document(), [0.0, 0.0]), "symmetry", [turn(0, 1)])
    files.put("not-confirmed", "ring-centre", "At the centre the rotation stands still.", still)
    along = Loss(h, 2, (x("square") + y("square") - 1)("square"), constraints=(x - 1,))
    at = edited(orbit("ring"), ("problem.loss", along.document()), ("point", [["1", 0], ["0", 0]]))
    why = "The constraint touches the orbit, on which F is critical."
    files.put("not-confirmed", "ring-along", why, changed(at, "multipliers", [["0", 0]]))


def bounds(files: OrbitFiles) -> None:
    for of in ("neuron", "ditch"):
        far = scaled(orbit(of), "gap", 1 + PERCENT)
        files.put("reject", f"{of}-gap", "The gap is smaller by 1%.", far)
    for of in ("neuron", "rayleigh"):
        off = interval(orbit(of), "objective", Fraction(1, 64))
        files.put("reject", f"{of}-objective", "The interval is above the value.", off)
    for of, signs in (("factor-saddle", (2, 1)), ("rayleigh", (2, 0)), ("network", (1, 4))):
        new = dict(zip(("negative", "positive"), signs, strict=True))
        files.put("reject", f"{of}-inertia", "Other signs.", changed(orbit(of), "bounds.inertia", new))
    whole = {"negative": 0, "positive": 2}
    files.put(
        "reject",
        "ring-inertia-whole",
        "The sign of the flat direction.",
        changed(orbit("ring"), "bounds.inertia", whole),
    )
    saddle = changed(orbit("factor-saddle"), "verdict", "local-minimum")
    swapped = changed(saddle, "bounds.inertia", {"negative": 0, "positive": 3})
    files.put("reject", "factor-saddle-as-minimum", "A saddle.", swapped)
    files.put("reject", "neuron-witness", "No lower.", changed(orbit("neuron"), "witness.0", ["1", 0]))
    files.put(
        "reject",
        "ditch-multipliers",
        "Another multiplier.",
        changed(orbit("ditch"), "multipliers.0", ["1", 0]),
    )
    wide = scaled(orbit("network"), "box", Fraction(64))
    files.put("not-confirmed", "network-box", "64 times what is proved.", wide)


def infima(files: OrbitFiles) -> None:
    """`infimum_min` above what the last table of the page gives; a little, or where it gives nothing."""
    for of in ("ring", "factor-saddle", "neuron"):
        above = changed(orbit(of), "bounds.infimum_min", number(TINY, False))
        files.put("not-confirmed", f"{of}-infimum", "2^-60 above 0.", above)
    for of, end in (("xor-local", Fraction(0)), ("pass-away", None), ("wells", None)):
        claimed = number(Fraction(-(2**40)) if end is None else end + TINY, False)
        high = changed(proved(of), "bounds.infimum_min", claimed)
        why = "2^-60 above what is proved." if end is not None else "No lower bound is proved."
        files.put("not-confirmed", f"infimum-{of}", why, high)
    shown = number(value(claim(orbit("ring"), "bounds.infimum_min.exact")), False) | {"decimal": "0.1"}
    files.put(
        "reject",
        "ring-infimum-decimal",
        "A decimal above.",
        changed(orbit("ring"), "bounds.infimum_min", shown),
    )


def malformed_generators(files: OrbitFiles) -> None:
    rows: list[tuple[str, str, Any]] = [
        ("none", "No generators.", []),
        ("two", "Two generators for one constraint.", [turn(0, 1), turn(0, 1)]),
        ("empty", "A generator without members.", [{}]),
        ("matrix-empty", "A matrix without entries.", [{"matrix": []}]),
        ("shift-empty", "A shift without entries.", [turn(0, 1) | {"shift": []}]),
        ("extra", "A third member.", [turn(0, 1) | {"name": "turn"}]),
        ("row", "A row that is not there.", [{"matrix": [[0, 1, "-1"], [2, 0, "1"]]}]),
        ("column", "A column that is not there.", [{"matrix": [[0, 2, "-1"], [1, 0, "1"]]}]),
        ("row-negative", "A row -1.", [{"matrix": [[-1, 0, "1"]]}]),
        ("row-true", "A row that is no number.", [{"matrix": [[True, 0, "1"]]}]),
        ("order", "Not in order.", [{"matrix": [[1, 0, "1"], [0, 1, "-1"]]}]),
        ("twice", "A place twice.", [{"matrix": [[0, 1, "-1"], [0, 1, "-1"], [1, 0, "1"]]}]),
        ("zero", "An entry 0.", [{"matrix": [[0, 0, "0"], [0, 1, "-1"], [1, 0, "1"]]}]),
        ("lowest", "Not in lowest terms.", [{"matrix": [[0, 1, "-2/2"], [1, 0, "1"]]}]),
        ("float", "An entry in floating point.", [{"matrix": [[0, 1, "-1.0"], [1, 0, "1"]]}]),
        ("integer", "An entry that is no text.", [{"matrix": [[0, 1, -1], [1, 0, "1"]]}]),
        ("long", "An entry with four parts.", [{"matrix": [[0, 1, "-1", "1"]]}]),
        ("shift-long", "A shift with three parts.", [{"shift": [[0, 1, "-1"]]}]),
        ("list", "A generator that is a list.", [[[0, 1, "-1"], [1, 0, "1"]]]),
        ("object", "No list of generators.", turn(0, 1)),
    ]  # fmt: skip
    for name, why, symmetry in rows:
        made = changed(orbit("ring"), "symmetry", symmetry)
        files.put("malformed", f"ring-{name}", why, made)


def malformed_claims(files: OrbitFiles) -> None:
    files.put("malformed", "neuron-spurious", "Without the symmetry.", without(orbit("neuron"), "symmetry"))
    files.put("malformed", "neuron-gap-missing", "There is no gap.", without(orbit("neuron"), "bounds.gap"))
    files.put("malformed", "neuron-witness-missing", "No witness.", without(orbit("neuron"), "witness"))
    short = changed(orbit("neuron"), "witness", [["3", 0]])
    files.put("malformed", "neuron-witness-short", "The witness has one entry.", short)
    free = changed(proved("rosenbrock"), "symmetry", [turn(0, 1)])
    files.put("malformed", "rosenbrock", "A symmetry without constraints.", free)
    away = changed(proved("pass-away"), "symmetry", [turn(0, 1)])
    files.put("malformed", "pass-away", "A symmetry of what is not critical.", away)
    turned = changed(orbit("factor-saddle"), "direction", [["1", 0]] * 4)
    files.put("malformed", "factor-saddle-direction", "A direction with constraints.", turned)
    interval_ = [number(Fraction(0), False), number(Fraction(0), True)]
    pair = changed(orbit("ring"), "bounds.infimum_min", interval_)
    files.put("malformed", "ring-infimum-interval", "An interval for a number.", pair)


if __name__ == "__main__":
    remake("expression", add, "expression-orbit-*")
