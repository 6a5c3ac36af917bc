"""Files about Gram matrices of wide networks. The true ones are proved by relucert; a false bound lies past the other
end of the proved interval by a relative 2^-12, or below one that is tight to a few millionths by 2^-6."""

from __future__ import annotations

import json
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from corpus_keys import signed
from judge.documents import Json, number, replaced, value
from makers.edits import PAST, changed, claim, edited
from relucert import certificate
from relucert.base.exact import exact_rows
from relucert.families.ntk.gram import GramProblem, gram
from relucert.families.ntk.gram_statement import gram_statement

Put = Callable[[str, str, str, Any], None]
LOW, HIGH, TOP, GEOMETRY = (
    "bounds.lambda_min.0",
    "bounds.lambda_min.1",
    "bounds.largest",
    "bounds.by_geometry",
)
INPUTS = {
    "four": [[1, 0, 0.5], [0.25, -1, 0], [0.5, 1, 2], [-1, 0.125, 0]],
    "antipodal": [[1, 0, 0], [1, 1, 0], [0.5, -1, 2], [-1, 0, 0]],
    "near": [[1, 0], [1, 2.0**-30]],
    "twins": [[1, 2], [3, 1], [2, 4]],
    "pairs": [[1, 0], [-1, 0], [0, 1], [0, -1], [1, 1], [-1, -1], [3, 1]],
}
ACCEPTED: dict[str, tuple[Any, ...]] = {
    "h-inf": ("four", "relu"), "antipodal": ("antipodal", "relu"), "near": ("near", "relu"),
    "relu": ("four", "relu", 3),
    "erf": ("four", "erf", 3), "softplus": ("four", "softplus"), "softplus-deep": ("four", "softplus", 50),
    "residual": ("four", "relu", 4, "1/2"), "residual-erf": ("four", "erf", 3, "5/2"),
    "residual-softplus": ("four", "softplus", 3, "1/2"), "twins": ("twins", "softplus", 2), "pairs": ("pairs", "relu"),
    "pairs-erf": ("pairs", "erf", 2),
}  # fmt: skip


def proved(inputs: str, activation: str, depth: int = 1, c_res: str | None = None) -> Json:
    share = None if c_res is None else Fraction(c_res)
    result = gram(GramProblem(exact_rows(INPUTS[inputs], "row"), activation, depth, share))
    statement = gram_statement(result, {"source": "tools/makers/ntk_gram.py", "search": None})
    return json.loads(certificate.envelope(statement, []))  # type: ignore[no-any-return]


def add(put: Put) -> None:
    made = {name: proved(*of) for name, of in ACCEPTED.items()}

    def file(kind: str, name: str, why: str, document: Json) -> None:
        put(kind, f"gram-{name}", why, signed(document))

    for name, document in made.items():
        file("accept", name, "", document)
    past(file, made)
    others(file, made)
    shown(file, made)
    not_confirmed(file, made["relu"])
    malformed(file, made)


def end(document: Json, path: str) -> Fraction:
    return value(claim(document, path)["exact"])


def past(file: Any, made: dict[str, Json]) -> None:
    """Bounds past the truth."""
    for name in (
        "h-inf",
        "near",
        "relu",
        "erf",
        "softplus",
        "softplus-deep",
        "residual",
        "residual-softplus",
    ):
        document = made[name]
        above, below = end(document, HIGH) * (1 + PAST), end(document, LOW) * (1 - PAST)
        high = edited(document, (LOW, number(above, False)), (HIGH, number(2 * above, True)))
        file("reject", f"{name}-low", "lambda_min begins above the smallest eigenvalue.", high)
        low = edited(document, (LOW, number(below / 2, False)), (HIGH, number(below, True)))
        if GEOMETRY.rpartition(".")[2] in claim(document, "bounds"):
            low = changed(low, GEOMETRY, None)
        file("reject", f"{name}-high", "lambda_min ends below the smallest eigenvalue.", low)
        top = number(end(document, TOP) * (1 - 64 * PAST), True)
        file(
            "reject",
            f"{name}-largest",
            "largest is below the largest eigenvalue.",
            changed(document, TOP, top),
        )
    above = number(end(made["relu"], HIGH) * (1 + PAST), False)
    file("reject", "geometry", "by_geometry is above the eigenvalue.", changed(made["relu"], GEOMETRY, above))


def others(file: Any, made: dict[str, Json]) -> None:
    """Claims about another matrix, and rules between exact numbers."""
    for name, of, path, new in (
        ("another-activation", "relu", "problem.activation", "softplus"),
        ("another-depth", "relu", "problem.depth", 2),
        ("another-input", "relu", "problem.x.0.0", ["-1", 0]),
        ("another-share", "residual", "problem.c_res", "1"),
        ("residual-of-depth-1", "residual", "problem.depth", 1),
        ("a-row-of-zeros", "relu", "problem.x.0", [["0", 0]] * 3),
        ("low-0", "relu", LOW, number(Fraction(0), False)),
        ("low-negative", "relu", LOW, number(Fraction(-1), False)),
        ("geometry-0", "relu", GEOMETRY, number(Fraction(0), False)),
        ("decimal", "relu", f"{TOP}.decimal", "1.5"),
        ("another-family", "relu", "family", "one-filter"),
        ("version-1-0", "relu", "schema", "relucert-certificate/1.0"),
    ):
        file("reject", name, f"Of a true claim {path} was changed.", changed(made[of], path, new))
    twins = changed(
        made["h-inf"], "problem.x.3", [[m, e + 1] if m != "0" else [m, e] for m, e in first(made)]
    )
    file("reject", "twins-not-singular", "Two inputs are positive multiples of one another.", twins)
    evidence = made["pairs"]["statement"]["evidence"]
    wrong = replaced(made["relu"], ("statement", "evidence"), [{**evidence[0], "theorem": "Theorem 14.D"}])
    file("reject", "another-theorem", "Evidence of a theorem that does not say this.", wrong)


def first(made: dict[str, Json]) -> Any:
    return claim(made["h-inf"], "problem.x.0")


def shown(file: Any, made: dict[str, Json]) -> None:
    """Rows that do not show that a matrix is singular."""
    for name, of, rows in (
        ("no-rows", "pairs", []),
        ("one-row", "pairs", [0]),
        ("one-pair", "pairs", [0, 1]),
        ("two-pairs", "pairs", [0, 1, 2, 3]),
        ("a-row-alone", "pairs", [0, 1, 2, 3, 4, 5, 6]),
        ("not-ascending", "pairs", [1, 0, 2, 3, 4, 5]),
        ("beyond-the-rows", "pairs", [0, 1, 2, 3, 4, 7]),
        ("not-parallel", "twins", [0, 1]),
        ("three-rows", "twins", [0, 1, 2]),
        ("pairs-for-erf", "pairs-erf", [0, 1, 2, 3, 4, 5]),
    ):
        file("reject", f"shown-by-{name}", "These rows do not show it.", changed(made[of], "dependent", rows))
    deeper = changed(made["pairs"], "problem.depth", 2)
    file("reject", "pairs-at-depth-2", "Antipodal inputs do not matter beyond depth 1.", deeper)


def not_confirmed(file: Any, one: Json) -> None:
    for name, path, new in (
        ("limit-rows", "problem.x", [[["1", 0]]] * 513),
        ("limit-depth", "problem.depth", 1001),
        ("limit-fine", "problem.x.0.0", ["1", -257]),
    ):
        file("not-confirmed", name, "Beyond what a checker has to take.", changed(one, path, new))


def malformed(file: Any, made: dict[str, Json]) -> None:
    one, unit = made["relu"], number(Fraction(1), True)
    for path in ("problem", "problem.x", "problem.activation", "problem.depth", "problem.architecture", "bounds",
                 "bounds.lambda_min", "bounds.largest", "verdict"):  # fmt: skip
        name = path.rpartition(".")[2].replace("_", "-")
        file("malformed", f"without-{name}", f"{path} is missing.", changed(one, path, None))
    for name, of, path, new in (
        ("no-inputs", "relu", "problem.x", []),
        ("ragged", "relu", "problem.x.0", [["1", 0]]),
        ("activation-tanh", "relu", "problem.activation", "tanh"),
        ("depth-0", "relu", "problem.depth", 0),
        ("depth-text", "relu", "problem.depth", "3"),
        ("share-of-dense", "relu", "problem.c_res", "1"),
        ("residual-without-share", "residual", "problem.c_res", None),
        ("share-0", "residual", "problem.c_res", "0"),
        ("share-not-reduced", "residual", "problem.c_res", "2/4"),
        ("lambda-max", "relu", "bounds.lambda_max", unit),
        ("bound-of-singular", "pairs", "bounds", {"largest": unit}),
        ("dependent-of-positive", "relu", "dependent", [0, 1]),
        ("dependent-text", "pairs", "dependent", "0, 1"),
        ("lambda-min-reversed", "relu", "bounds.lambda_min", claim(one, "bounds.lambda_min")[::-1]),
    ):
        file("malformed", name, f"{path} is not of the form.", changed(made[of], path, new))
