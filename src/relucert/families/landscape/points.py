"""Reading points of the designed landscape: a JSON file with its problem, or a table beside one.

A JSON file is {"family": "designed-landscape", "a_star": [..], "teacher": [[..]..], "mu": .., "lambda": .., "points":
[..]}, `teacher` only for F, and {"samples": {"x": .., "y": ..}} in place of both for the objective of given samples.
Numbers of the problem are exact decimals or fractions; entries of points and samples are doubles by their exact value,
hexadecimal floats, or pairs [m, e] meaning m * 2**e.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from relucert.base.arrays import Array, check_variable, read_array, read_bytes
from relucert.base.errors import InputError
from relucert.base.exact import Rows, exact_rows
from relucert.base.json_numbers import exact_row, json_rows, located, read_json, read_texts
from relucert.families.landscape.candidate import LandscapeCandidate, Problem, SampledProblem
from relucert.families.landscape.problem import LandscapeProblem
from relucert.families.landscape.setting import DESIGNED_LANDSCAPE

KNOWN = ("family", "a_star", "teacher", "samples", "mu", "lambda", "points")


def read_points(path: Path, data: bytes) -> list[LandscapeCandidate]:
    """The points in a JSON file that has already been read. Raises InputError."""
    whole = read_json(path, data)
    if not isinstance(whole, dict) or "points" not in whole:
        raise InputError(f'{path}: expected a JSON object with a member "points"')
    texts = located(path, lambda: read_texts(data))
    problem = located(path, lambda: _problem(texts, whole))
    points = whole["points"]
    if not isinstance(points, list) or not points:
        raise InputError(f"{path}: holds no points")
    return [
        located(f"{path}, point {i}", lambda i=i: _candidate(problem, points[i], f"{path.name}[{i}]"))  # type: ignore[misc]
        for i in range(len(points))
    ]


def read_tables(path: Path, problem: Problem, variable: str | None = None) -> list[LandscapeCandidate]:
    """The points in a file without a problem of its own: a table, or several in an array of three dimensions."""
    data = read_bytes(path)
    suffix = path.suffix.lower()
    check_variable(path, variable)
    if suffix == ".json":
        whole = read_json(path, data)
        if isinstance(whole, dict):
            if set(whole) - {"family"} != {"points"}:
                raise InputError(
                    f"{path}: has a problem of its own, or none; leave out --a-star, --mu, --lambda, --teacher and "
                    "--data, or the members beside points"
                )
            whole = whole["points"]
            if not isinstance(whole, list) or not whole:
                raise InputError(f"{path}: holds no points")
            return [
                located(f"{path}, point {i}", lambda i=i: _candidate(problem, whole[i], f"{path.name}[{i}]"))  # type: ignore[misc]
                for i in range(len(whole))
            ]
        return [located(path, lambda: _candidate(problem, whole, path.name))]
    array = read_array(path, suffix, data, variable)
    if array.ndim not in (2, 3):
        raise InputError(f"{path}: expected 2 dimensions, or 3 for several points; found shape {array.shape}")
    tables = array if array.ndim == 3 else array[None]

    def one(i: int) -> LandscapeCandidate:
        rows = exact_rows(tables[i].tolist(), "row")
        return LandscapeCandidate(problem, rows, f"{path.name}[{i}]")

    return [located(f"{path}, point {i}", lambda i=i: one(i)) for i in range(len(tables))]  # type: ignore[misc]


def read_teacher(path: Path) -> list[list[str]]:
    """The rows of B* in a file, as exact texts: JSON with decimals or fractions, or an array of doubles."""
    data = read_bytes(path)
    if path.suffix.lower() == ".json":
        rows = located(path, lambda: read_texts(data))
        if isinstance(rows, dict):
            if set(rows) != {"teacher"}:
                raise InputError(
                    f'{path}: expected a list of rows, or an object with the one member "teacher"'
                )
            rows = rows["teacher"]
        return located(path, lambda: _texts(rows, "teacher"))
    array = read_array(path, path.suffix.lower(), data, None)
    if array.ndim != 2:
        raise InputError(f"{path}: expected the teacher as a table, found shape {array.shape}")
    return [[str(Fraction(x)) for x in row] for row in array.tolist()]


def read_samples(path: Path, mu: Fraction, lam: Fraction) -> SampledProblem:
    """Samples: a .npz file with arrays x (N, d) and y (N,), or JSON {"x": .., "y": ..}. Raises InputError."""
    data = read_bytes(path)
    if path.suffix.lower() == ".json":
        whole = read_json(path, data)
        return located(path, lambda: _samples(whole, mu, lam))
    if path.suffix.lower() != ".npz":
        raise InputError(f"{path}: expected a .npz file with arrays x and y, or a .json file with x and y")
    x, y = (read_array(path, ".npz", data, name) for name in "xy")
    return located(path, lambda: _from_arrays(x, y, mu, lam))


def _from_arrays(x: Array, y: Array, mu: Fraction, lam: Fraction) -> SampledProblem:
    if x.ndim != 2 or y.ndim != 1:
        raise InputError(f"expected x (N, d) and y (N,), found shapes {x.shape} and {y.shape}")
    return SampledProblem(exact_rows(x.tolist(), "x"), exact_rows([y.tolist()], "y")[0], mu, lam)


def _samples(whole: Any, mu: Fraction, lam: Fraction) -> SampledProblem:
    if not isinstance(whole, dict) or set(whole) != {"x", "y"}:
        raise InputError("expected samples as an object with the members x and y")
    rows: Rows = exact_rows(json_rows(whole["x"]), "x")
    return SampledProblem(rows, exact_row(whole["y"], "y"), mu, lam)


def _problem(texts: Any, whole: dict[str, Any]) -> Problem:
    """texts: the file with its numbers as they are written."""
    unknown = sorted(set(whole) - set(KNOWN))
    if unknown:
        raise InputError(f"unknown member {unknown[0]!r}; known: {', '.join(KNOWN)}")
    if whole.get("family", DESIGNED_LANDSCAPE) != DESIGNED_LANDSCAPE:
        raise InputError(f"the family is {whole['family']!r}, expected {DESIGNED_LANDSCAPE!r}")
    for name in ("mu", "lambda"):
        if not isinstance(texts.get(name), str):
            raise InputError(f"{name} is missing, or is not a number")
    mu, lam = texts["mu"], texts["lambda"]
    if "samples" in whole:
        if "a_star" in whole or "teacher" in whole:
            raise InputError("samples stand in place of a_star and teacher; leave one out")
        numbers = LandscapeProblem.from_text("1,1", mu, lam)  # for its checks of mu and lambda
        return _samples(whole["samples"], numbers.mu, numbers.lam)
    weights = texts.get("a_star")
    if not isinstance(weights, list) or not all(isinstance(x, str) for x in weights):
        raise InputError("a_star is missing, or is not a list of numbers")
    teacher = _texts(texts["teacher"], "teacher") if "teacher" in texts else None
    return LandscapeProblem.from_text(weights, mu, lam, teacher)


def _texts(rows: Any, name: str) -> list[list[str]]:
    if not isinstance(rows, list) or not all(
        isinstance(row, list) and all(isinstance(x, str) for x in row) for row in rows
    ):
        raise InputError(f"{name}: expected a list of rows, each a list of numbers")
    return rows


def _candidate(problem: Problem, point: Any, source: str) -> LandscapeCandidate:
    rows: Sequence[Sequence[tuple[int, int]]] = exact_rows(json_rows(point), "row")
    return LandscapeCandidate(problem, tuple(map(tuple, rows)), source)
