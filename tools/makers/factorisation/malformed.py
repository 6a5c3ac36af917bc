"""Certificates that are not of the form."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from judge.documents import Json, number, value
from makers.edits import changed, claim, edited, without
from makers.factorisation.points import proved

EDITS: list[tuple[str, str, str, Any]] = [
    ("plain", "problem.rank", "a rank of 0", 0),
    ("plain", "problem.imbalance", "a negative imbalance", "-1/2"),
    ("plain", "problem.target", "rows of two lengths", [[["1", 0]], [["1", 0], ["1", 0]]]),
    ("plain", "problem.target.0.0", "not a canonical dyadic", ["2", 0]),
    ("plain", "problem.extra", "an extra member", 1),
    ("plain", "annihilator", "an annihilator without need", ["3", "-4", "1"]),
    ("plain", "singular_values.0.multiplicity", "a multiplicity of 0", 0),
    ("plain", "bounds.critical_sets", "a number with a leading zero", "03"),
    ("twice", "annihilator", "of another degree", ["1", "1"]),
    ("twice", "annihilator.2", "not monic", "2"),
    ("twice", "annihilator", "no polynomial, where a value is double", None),
    ("flat", "bounds.gap", "no gap", None),
    ("zero", "singular_values", "a positive singular value of 0", [{"value": 1, "multiplicity": 1}]),
    ("converges", "start.seed", "a negative seed", -1),
    ("converges", "steps", "no steps", None),
    ("converges", "bounds.norm", "a bound of the other verdict", {"exact": ["1", 0], "decimal": "1"}),
    ("converges-given", "start.u", "a start of another size", [[["1", 0]]]),
    ("one", "start.a2", "a negative square", "-1"),
    ("one", "start.alpha", "a fraction that is not in lowest terms", "2/4"),
    ("random", "start.d1", "dimension 1", "1"),
    ("random", "start.d2", "a dimension above 10^18", "1000000000000000001"),
    ("random", "start.variance", "a variance of 0", "0"),
    ("random", "steps", "steps of what takes none", 1),
    ("schedule", "problem.rank", "a rank of 0", 0),
    ("relu", "problem.kink", "a derivative above 1", "3/2"),
    ("relu", "bounds.matrices", "bounds of linear networks", []),
    ("relu", "problem.widths", "a network without hidden layer", [2, 1]),
    ("relu", "problem.activation", "an unknown activation", "tanh"),
    ("relu", "steps", "no step", 0),
    ("linear", "bounds.neurons.0", "too few neurons", []),
    ("linear", "bounds.matrices", "no bounds of D", None),
    ("linear", "verdict", "the verdict of another method", "diverges"),
]


def malformed() -> Iterator[tuple[str, str, Json]]:
    for i, (base, path, why, new) in enumerate(EDITS):
        document = proved(base)
        made = without(document, path) if new is None else changed(document, path, new)
        yield f"{base}-{i}-{path.rpartition('.')[2].replace('_', '-')}", why, made
    whole = proved("plain")
    values = claim(whole, "singular_values")
    yield "plain-order", "intervals in increasing order", changed(whole, "singular_values", values[::-1])
    low, high = (value(x["exact"]) for x in values[0]["value"])
    backwards = [number(high + 1, False), number(low, True)]
    yield "plain-empty", "an empty interval", changed(whole, "singular_values.0.value", backwards)
    yield (
        "plain-sum",
        "multiplicities that leave no manifold to speak of",
        edited(whole, ("singular_values", []), ("bounds.minimum", claim(whole, "bounds.minimum"))),
    )
