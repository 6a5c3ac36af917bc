"""Reading points of a loss: an array beside a loss.json (--loss), or a JSON file with the loss in it.

A JSON file is {"family": "smooth-expression", "loss": {..}, "points": [[..], ..], "witness": [..]}, `witness` optional,
and so is `symmetry`: generators whose orbits the constraints of the loss cut.
Entries are doubles by their exact value, hexadecimal floats, or pairs [m, e] meaning m * 2**e.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from relucert.base.arrays import check_variable, read_array, read_bytes
from relucert.base.errors import InputError
from relucert.base.exact import exact_rows
from relucert.base.json_numbers import exact_row, located, read_json
from relucert.families.expression.candidate import ExpressionCandidate, Vector
from relucert.families.expression.generators import parse as parse_symmetry
from relucert.families.expression.graph import Graph
from relucert.families.expression.methods import SMOOTH_EXPRESSION
from relucert.families.expression.reading import load, parse, read_loss
from relucert.families.family import Layout
from relucert.kernel.expression.invariance import Generator

KNOWN = ("family", "loss", "points", "witness", "symmetry")


def read_points(path: Path, data: bytes, layout: Layout) -> list[ExpressionCandidate]:
    """The points of a file that has already been read. Raises InputError."""
    if layout._replace(loss=None, witness=None, variable=None) != Layout():
        raise InputError(
            f"{path}: leave out --layout, --targets and --orthonormal, which are of other families"
        )
    graph = None if layout.loss is None else read_loss(layout.loss)
    lowest: Vector | None = None
    symmetry: tuple[Generator, ...] = ()
    if path.suffix.lower() == ".json":
        check_variable(path, layout.variable)
        whole = read_json(path, data)
        several = isinstance(whole, dict)
        if isinstance(whole, dict):
            graph, lowest, symmetry = located(path, lambda: _inside(whole, data, graph))
            whole = whole["points"]
        points = located(path, lambda: _vectors(whole, several=several))
    else:
        points = _array(path, data, layout.variable)
    if graph is None:
        raise InputError(f"{path}: say which loss: --loss loss.json, or a member loss of a JSON file")
    if layout.witness is not None:
        if lowest is not None:
            raise InputError(f"{path}: has a witness of its own; leave out --witness")
        lowest = read_vector(layout.witness, graph.parameters)
    points = _fitted(points, graph.parameters)
    return [
        located(
            f"{path}, point {i}",
            lambda x=x, i=i: ExpressionCandidate(graph, x, None, lowest, symmetry, f"{path.name}[{i}]"),  # type: ignore[misc]
        )
        for i, x in enumerate(points)
    ]


def read_vector(path: Path, length: int) -> Vector:
    """The one vector of a file. Raises InputError."""
    data = read_bytes(path)
    if path.suffix.lower() == ".json":
        found = located(path, lambda: _vectors(read_json(path, data), several=False))
    else:
        found = _array(path, data, None)
    found = _fitted(found, length)
    if len(found) != 1 or len(found[0]) != length:
        shape = f"{len(found)} rows of {len(found[0])} entries"
        raise InputError(f"{path}: has {shape}; expected one point of {length} entries")
    return found[0]


def _inside(
    whole: dict[str, Any], data: bytes, given: Graph | None
) -> tuple[Graph | None, Vector | None, tuple[Generator, ...]]:
    """The loss, the witness and the symmetry of a JSON object."""
    odd = sorted(set(whole) - set(KNOWN))
    if odd or "points" not in whole:
        raise InputError(f"unknown member {odd[0][:40]!r}" if odd else "no member 'points'")
    if whole.get("family", SMOOTH_EXPRESSION) != SMOOTH_EXPRESSION:
        raise InputError(f"the family is {str(whole['family'])[:40]!r}, expected {SMOOTH_EXPRESSION!r}")
    if "loss" in whole:
        if given is not None:
            raise InputError("has a loss of its own; leave out --loss, or the member loss")
        given = parse(load(data)["loss"])
    if "symmetry" in whole and given is None:
        raise InputError("has a symmetry but no loss")
    return (
        given,
        exact_row(whole["witness"], "witness") if "witness" in whole else None,
        parse_symmetry(load(data)["symmetry"], given.parameters) if given and "symmetry" in whole else (),
    )


def _vectors(whole: Any, *, several: bool) -> list[Vector]:
    """A list of points of a JSON file, or one point, unless there are `several` for sure."""
    if not isinstance(whole, list) or not whole:
        raise InputError("holds no points; expected a list of numbers, or a list of such lists")
    several |= all(isinstance(x, list) and not (len(x) == 2 and isinstance(x[0], str)) for x in whole)
    rows = whole if several else [whole]
    return [exact_row(row, f"point {i},") for i, row in enumerate(rows)]


def _array(path: Path, data: bytes, variable: str | None) -> list[Vector]:
    check_variable(path, variable)
    array = read_array(path, path.suffix.lower(), data, variable)
    if array.ndim not in (1, 2):
        raise InputError(
            f"{path}: expected a point, or a table with a point a row; found shape {array.shape}"
        )
    return list(exact_rows((array if array.ndim == 2 else array[None]).tolist(), "point"))


def _fitted(points: list[Vector], length: int) -> list[Vector]:
    """A point that stands in a column becomes a row."""
    if len(points) == length > 1 and all(len(x) == 1 for x in points):
        return [tuple(x[0] for x in points)]
    return points
