"""Reading problems and points of the one-hidden-layer CNN from JSON files.

A problem is {"a_star": [..], "w_norm": .., "patch": p}: its numbers are exact decimals or fractions, as JSON
numbers or strings (0.3 and "3/10" are the same). A file of points has beside it "family", maybe "axis" (the
direction of w*; default e_1), and "points", a list of {"v": [..], "a": [..]} with the numbers of point files:
floats by their exact value, hexadecimal floats, or pairs [m, e] meaning m * 2**e.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from relucert.base.dyadic import Dyadic
from relucert.base.errors import InputError
from relucert.base.json_numbers import exact_row, located, read_doubles, read_texts
from relucert.families.cnn.methods import ONE_HIDDEN_LAYER_CNN
from relucert.families.cnn.point import CnnCandidate
from relucert.families.cnn.problem import CnnProblem

PROBLEM = ("a_star", "w_norm", "patch")
MOST_COORDINATES = 2**20  # of a point


def read_problem(path: Path) -> CnnProblem:
    """The problem in a file. Raises InputError, which names the file, the entry and the remedy."""
    return located(path, lambda: problem_from(path.read_bytes()))


def problem_from(data: bytes) -> CnnProblem:
    """The problem in a JSON object; members that do not belong to it are ignored only beside points."""
    record = _json(data, exact=True)
    allowed = {*PROBLEM, "family", "axis", "points"} if "points" in record else {*PROBLEM, "family"}
    unknown = sorted(set(record) - allowed)
    if unknown or not set(PROBLEM) <= set(record):
        raise InputError(f"expected the members {', '.join(PROBLEM)}; {_odd(unknown, record)}")
    if record.get("family", ONE_HIDDEN_LAYER_CNN) != ONE_HIDDEN_LAYER_CNN:
        raise InputError(f"the family is {record['family']!r}, expected {ONE_HIDDEN_LAYER_CNN!r}")
    a_star, w_norm, patch = (record[name] for name in PROBLEM)
    if not isinstance(a_star, list) or not all(isinstance(x, str) for x in a_star):
        raise InputError("a_star must be a list of numbers")
    if not isinstance(w_norm, str):
        raise InputError("w_norm must be a number")
    if not (isinstance(patch, str) and patch.isascii() and patch.isdigit() and len(patch) < 20):
        raise InputError(f"patch must be a positive integer, not {patch!r}")
    return CnnProblem.from_text(a_star, w_norm, int(patch))


def _odd(unknown: list[str], record: dict[str, Any]) -> str:
    if unknown:
        return f"{unknown[0]!r} is not one of them"
    return f"{next(x for x in PROBLEM if x not in record)!r} is missing"


def read_points(path: Path, data: bytes) -> list[CnnCandidate]:
    """The points in a file that has already been read. Raises InputError."""
    problem = located(path, lambda: problem_from(data))
    record = located(path, lambda: _json(data, exact=False))
    points = record.get("points")
    if not isinstance(points, list) or not points:
        raise InputError(f'{path}: expected a member "points": a list of objects with v and a')
    if "axis" in record:
        axis = located(path, lambda: exact_row(record["axis"], "axis"))
    elif problem.patch <= MOST_COORDINATES:
        axis = ((1, 0), *(((0, 0),) * (problem.patch - 1)))
    else:
        raise InputError(f"{path}: patch is {problem.patch}, too large for a point")
    return [
        located(f"{path}, point {i}", lambda x=x, i=i: _point(problem, axis, x, f"{path.name}[{i}]"))  # type: ignore[misc]
        for i, x in enumerate(points)
    ]


def _point(problem: CnnProblem, axis: tuple[Dyadic, ...], record: Any, source: str) -> CnnCandidate:
    if not isinstance(record, dict) or set(record) != {"v", "a"}:
        raise InputError("expected an object with the members v and a")
    return CnnCandidate(problem, exact_row(record["v"], "v"), exact_row(record["a"], "a"), axis, source)


def _json(data: bytes, *, exact: bool) -> dict[str, Any]:
    """exact: numbers as the texts that they are, not as doubles."""
    record = read_texts(data) if exact else read_doubles(data)
    if not isinstance(record, dict):
        raise InputError("expected a JSON object")
    return record
