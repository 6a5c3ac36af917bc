"""False certificates that the checker refutes, and those that its bounds do not reach."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from judge.documents import Json, replaced
from makers.edits import beside, changed, edited, moved
from makers.factorisation.points import proved

LESS, MORE = Fraction(99, 100), Fraction(101, 100)
Rows = Iterator[tuple[str, str, Json]]
TIGHT = [  # a certificate and its refutable bounds; whether they are upper ones
    ("plain", ("gap", "saddle", "manifold.lambda_min"), False),
    ("twice", ("gap", "manifold.lambda_min"), False),
    ("golden", ("gap", "manifold.lambda_min"), False),
    ("plain", ("manifold.lambda_max",), True),
    ("converges", ("loss",), True),
    ("one", ("loss",), True),
    ("linear", ("largest", "matrices.0", "matrices.1"), True),
    ("relu", ("largest",), True),
]
BESIDE = [
    ("plain", ("singular_values.0.value", "bounds.minimum")),
    ("golden", ("singular_values.1.value", "bounds.minimum")),
    ("relu", ("bounds.neurons.0.1", "bounds.layers.0", "bounds.loss")),
    ("linear", ("bounds.neurons.1.0", "bounds.layers.1", "bounds.loss")),
]
SMALL = [  # bounds that must be positive
    ("plain", ("gap", "saddle", "manifold.lambda_min")),
    ("converges", ("rate",)),
    ("random", ("exponent",)),
    ("schedule", ("log10_steps",)),
]
EDITS: list[tuple[str, str, str, Any]] = [
    ("flat", "problem.rank", "the rank is above the smaller dimension", 3),
    ("plain", "bounds.critical_sets", "one more critical set than there are", "4"),
    ("plain", "bounds.manifold.dimension", "a dimension of the other case", 2),
    ("twice", "bounds.manifold.dimension", "without the Grassmannian of the tie", 1),
    ("twice", "annihilator", "a polynomial that is not 0 at G", ["5", "-5", "1"]),
    ("flat", "bounds.critical_sets", "too many critical sets", "3"),
    ("converges", "problem.target.2.0", "a target of rank 2, above r", ["1", 0]),
    ("diverges", "bounds.growth", "a growth of 1", {"exact": ["1", 0], "decimal": "1"}),
    ("schedule", "problem.accuracy", "an accuracy that is met from the start", "2"),
    ("schedule", "problem.start_norm", "a start beyond w*", "3/2"),
    ("schedule", "problem.frobenius", "a Frobenius norm below the spectral norm", "1/2"),
    ("linear", "problem.step", "the drift of another step", "1/20"),
    ("relu", "problem.y.0.0", "the drift for other data", ["3", 0]),
    ("golden", "problem.target.0.3", "an entry that splits the multiple values", ["1", -9]),
]


def named(path: str) -> str:
    return path.replace("bounds.", "").replace(".", "-").replace("_", "-")


def rejected() -> Rows:
    for base, names, up in TIGHT:
        for name in names:
            made = moved(proved(base), f"bounds.{name}", LESS if up else MORE, up)
            yield f"{base}-{named(name)}", f"{name} is too good by 1%", made
    for base, paths in BESIDE:
        for path in paths:
            yield f"{base}-{named(path)}-beside", f"{path} is beside the number", beside(proved(base), path)
    for base, names in SMALL:
        for name in names:
            made = moved(proved(base), f"bounds.{name}", Fraction(-1), False)
            yield f"{base}-{named(name)}-negative", f"{name} is not positive", made
    for base, path, why, new in EDITS:
        yield f"{base}-{named(path)}-edited", why, changed(proved(base), path, new)
    low = moved(proved("balanced"), "bounds.imbalance", Fraction(1, 2), True)
    yield "balanced-imbalance", "imbalance is below that of the start", low
    low = moved(proved("balanced"), "bounds.norm", Fraction(1, 10**6), True)
    yield "balanced-norm", "norm is below that of the start", low
    yield (
        "flat-minimum",
        "the minimum is 0, exactly",
        changed(proved("flat"), "bounds.minimum.1", {"exact": ["1", -99], "decimal": "1.57773e-30"}),
    )
    yield "flat-rank", "two positive singular values of a matrix of rank 1", more_values()
    decimal = replaced(proved("plain"), ("statement", "claim", "bounds", "gap", "decimal"), "999")
    yield "decimal", "a decimal on the strong side", decimal


def more_values() -> Json:
    tiny = [{"exact": ["1", -60], "decimal": "8.67361e-19"}, {"exact": ["1", -59], "decimal": "1.73473e-18"}]
    document = proved("flat")
    values = [*document["statement"]["claim"]["singular_values"], {"value": tiny, "multiplicity": 1}]
    manifold = proved("plain")["statement"]["claim"]["bounds"]["manifold"]
    return edited(document, ("singular_values", values), ("bounds.manifold", manifold))


UNREACHED = [
    ("twice", "saddle", False),
    ("golden", "saddle", False),
    ("balanced", "drift", True),
    ("balanced", "imbalance", True),
    ("balanced", "norm", True),
    ("converges", "travel", True),
    ("converges", "drift", True),
    ("converges", "rate", False),
    ("one", "travel", True),
    ("one", "rate", False),
    ("diverges", "growth", False),
    ("random", "exponent", False),
    ("schedule", "log10_steps", False),
]
LONG = 10**9


def not_confirmed() -> Rows:
    for base, name, up in UNREACHED:
        factor = LESS if up else Fraction(11, 10)
        made = moved(proved(base), f"bounds.{name}", factor, up)
        yield f"{base}-{named(name)}-unreached", f"{name} is better than what is proved", made
    yield "converges-early", "Theorem 15.C does not apply yet", early("converges", 1)
    yield "one-early", "Theorem 15.C does not apply yet", early("one", 0)
    yield (
        "diverges-slow",
        "the step is too short to diverge",
        changed(proved("diverges"), "problem.step", "1/9"),
    )
    yield "random-small", "the dimension is too small", changed(proved("random"), "start.d1", "99")
    yield (
        "balanced-step",
        "the step is too long for Theorem 15.B",
        changed(proved("balanced"), "problem.step", "9"),
    )
    yield "kink-tie", "arguments of relu that cancel but for rounding", tie()
    for base in ("converges", "one", "relu"):
        yield f"{base}-limit-steps", "too many steps", changed(proved(base), "steps", LONG)
    yield (
        "plain-limit-bits",
        "a target of too many bits",
        changed(proved("plain"), "problem.target.0.2", ["1", -3000]),
    )


def early(base: str, steps: int) -> Json:
    return changed(moved(proved(base), "bounds.loss", Fraction(10**4), True), "steps", steps)


def tie() -> Json:
    """w = (1, -4) is active on (1, 0) only, and (4/3, -4) after a step of 1/3: orthogonal to (3, 1), which rounding
    does not show."""
    document = proved("relu")
    x, y = [[["1", 0], ["0", 0]], [["3", 0], ["1", 0]]], [[["1", 1]], [["0", 0]]]
    weights = [[[["1", 0], ["-1", 2]]], [[["1", 0]]]]
    neurons = [document["statement"]["claim"]["bounds"]["neurons"][0][:1]]
    changes = [("problem.x", x), ("problem.y", y), ("problem.step", "1/3"), ("problem.widths", [2, 1, 1])]
    return edited(document, *changes, ("start.weights", weights), ("bounds.neurons", neurons))
