"""Reading candidate points from files: of arrays, of layers and .json, and writing search results.

Every reader either returns exact candidates or raises InputError, which names the file, the entry and
the remedy. Nothing is ever unpickled.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from relucert.base.arrays import BROKEN, Array, check_variable, read_array, read_bytes, reason
from relucert.base.errors import InputError
from relucert.base.exact import Rows, check_rows, exact_rows
from relucert.base.json_numbers import json_rows, located, read_json
from relucert.families.teacher.candidate import Candidate, check_needs_witness
from relucert.families.teacher.layout import COLUMNS, LAYOUTS, by_layout, fitting, undecided
from relucert.families.teacher.network import network
from relucert.families.teacher.problem import Problem

POINTS_FORMAT = "relucert-points/1"
WITH_ITS_OWN = "--targets, for which --variable is --targets-variable"


def read(
    path: Path,
    *,
    variable: str | None = None,
    layout: str | None = None,
    targets: Path | None = None,
    targets_variable: str | None = None,
    orthonormal: bool = False,
    other_members: Sequence[str] = (),
) -> list[Candidate]:
    """All candidates in a file, in its order.

    variable: which array of a file of several; layout: "neurons-in-columns" (d, n) or (d, n, count), or
    "neurons-in-rows" (n, d) or (count, n, d); needed where the shape does not tell. targets: a file with
    the targets (default: e_1 .. e_d, if n >= d); targets_variable: which of its arrays; orthonormal: the targets are
    e_1 .. e_d, whatever n is. other_members: what a .json file may hold besides, for others to read.
    """
    if orthonormal and targets is not None:
        raise InputError("--orthonormal and --targets say different things; leave one out")
    if layout is not None and layout not in LAYOUTS:
        raise InputError(f"--layout {layout}: expected {' or '.join(LAYOUTS)}")
    if targets is None and targets_variable is not None:
        raise InputError("--targets-variable is for the file of --targets; give both, or leave it out")
    given = None if targets is None else read_targets(targets, layout, targets_variable)
    data = read_bytes(path)
    suffix = path.suffix.lower()
    check_variable(path, variable)
    if suffix == ".json":
        if layout == COLUMNS and targets is None:
            raise InputError(f"{path}: a .json file has one neuron a row; leave out --layout")
        return _from_json(path, data, given, orthonormal=orthonormal, other_members=other_members)
    if suffix == ".npz":
        own = _own_points(path, data)
        if own is not None:
            if (variable, layout, targets, orthonormal) != (None, None, None, False):
                raise InputError(
                    f"{path}: a file of `relucert search` has its own targets and layout; "
                    "leave out --targets, --orthonormal, --variable and --layout"
                )
            return own
    array = read_array(path, suffix, data, variable)
    points = _split(path, array, layout, given, orthonormal)
    return _candidates(path, points, given, orthonormal)


def with_witness(candidate: Candidate, path: Path, layout: str | None = None) -> Candidate:
    """The candidate with the one point of a file as its witness. Raises InputError.

    The file is read as one of points is; it needs no targets of its own.
    """
    check_needs_witness(candidate.problem)
    data = read_bytes(path)
    own = _own_points(path, data) if path.suffix.lower() == ".npz" else None
    if path.suffix.lower() == ".json":
        whole = read_json(path, data)
        given = None if isinstance(whole, dict) and "targets" in whole else candidate.problem.targets
        own = _from_json(path, data, given, orthonormal=False)
    if own is not None:
        if any(x.problem.targets != candidate.problem.targets for x in own):
            raise InputError(f"{path}: the witness has other targets than the point")
        rows = [x.point for x in own]
    else:
        array = read_array(path, path.suffix.lower(), data, None)
        parts = _split(path, array, layout, candidate.problem.targets)
        rows = [located(path, lambda x=x: exact_rows(x.tolist(), "neuron")) for x in parts]  # type: ignore[misc]
    if len(rows) != 1:
        raise InputError(f"{path}: holds {len(rows)} points; a witness is one point")
    return located(path, lambda: candidate.with_witness(rows[0]))


def read_targets(path: Path, layout: str | None = None, variable: str | None = None) -> Rows:
    """Targets, one a row (one a column with layout "neurons-in-columns"), from any readable file.

    variable: which array of a file of several.
    """
    data = read_bytes(path)
    located(WITH_ITS_OWN, partial(check_variable, path, variable))
    if path.suffix.lower() == ".json":
        rows = read_json(path, data)
        if isinstance(rows, dict):
            unknown = sorted(set(rows) - {"family", "points", "targets"})
            if unknown:
                raise InputError(f"{path}: unknown member {unknown[0]!r}; known: family, points, targets")
            rows = rows.get("targets")
        return located(path, lambda: _targets(json_rows(rows)))
    array = located(WITH_ITS_OWN, partial(read_array, path, path.suffix.lower(), data, variable))
    if array.ndim != 2:
        raise InputError(f"{path}: expected targets as a table with 2 dimensions, found {array.ndim}")
    if layout == COLUMNS:
        array = array.T
    return located(path, lambda: _targets(array.tolist()))


def _targets(rows: Iterable[Iterable[object]]) -> Rows:
    result = exact_rows(rows, "target")
    check_rows(result, "target")
    return result


def write_npz(weights: Array, targets: Array, facts: dict[str, Any], per_point: dict[str, Array]) -> bytes:
    """The bytes of a points file: weights (count, n, d), targets (k, d), facts about the search."""
    buffer = io.BytesIO()
    header = json.dumps({"format": POINTS_FORMAT, **facts}, sort_keys=True)
    np.savez(
        buffer, allow_pickle=False, header=np.array(header), weights=weights, targets=targets, **per_point
    )
    return buffer.getvalue()


def _split(
    path: Path, array: Array, layout: str | None, targets: Rows | None, orthonormal: bool = False
) -> list[Array]:
    """The points in an array, each with its neurons in rows."""
    if array.ndim not in (2, 3):
        raise InputError(
            f"{path}: expected 2 dimensions, or 3 for several points; found shape {array.shape}: "
            "save it as tables of one neuron a row"
        )
    points = by_layout(array)
    layout = layout or fitting(array.shape, None if targets is None else len(targets[0]))
    if layout is None:
        made = {name: partial(_candidate, of[0], targets, orthonormal) for name, of in points.items()}
        options = {name: f"--layout {name}" for name in LAYOUTS}
        raise InputError(f"{path}: {undecided(array.shape, made, options)}")
    return list(points[layout])


def _candidate(point: Array, targets: Rows | None, orthonormal: bool, source: str = "") -> Candidate:
    problem = None if targets is None else Problem(targets, len(point))
    if orthonormal:
        problem = Problem.orthonormal(point.shape[1], len(point))
    return Candidate.from_rows(point.tolist(), problem, source=source)


def _candidates(
    path: Path, points: Iterable[Array], targets: Rows | None, orthonormal: bool
) -> list[Candidate]:
    return [
        located(f"{path}, point {i}", partial(_candidate, x, targets, orthonormal, f"{path.name}[{i}]"))
        for i, x in enumerate(points)
    ]


def _own_points(path: Path, data: bytes) -> list[Candidate] | None:
    """The candidates of a file that `relucert search` wrote, or None if it is another .npz file."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as file:
            if not {"header", "weights", "targets"} <= set(file.files):
                return None
            header = json.loads(str(file["header"]))
            json.dumps(header, ensure_ascii=False).encode()  # a lone surrogate has no canonical form
            weights, targets, runs = file["weights"], file["targets"], file["run"]
    except BROKEN as error:
        raise InputError(f"{path}: not a whole points file: {reason(error)}") from error
    if not isinstance(header, dict) or header.get("format") != POINTS_FORMAT:
        return None
    if len(weights) == 0:
        raise InputError(f"{path}: holds no points; search with more --runs or another --seed")
    fixed = located(path, lambda: _targets(targets.tolist()))
    origin = {key: value for key, value in header.items() if key != "format"}
    output = [header.get(key) for key in ("signs", "teacher_signs", "slope")]
    if not all(value is None or isinstance(value, str) for value in output):
        raise InputError(f"{path}: not a whole points file: its signs or slope are no text")

    def one(index: int) -> Candidate:
        rows = exact_rows(weights[index].tolist(), "neuron")
        facts = {**origin, "run": int(runs[index])}
        problem = Problem(fixed, len(rows), network=network(len(rows), len(fixed), *output))
        return Candidate(problem, rows, f"{path.name}[{index}]", facts)

    return [located(f"{path}, point {i}", partial(one, i)) for i in range(len(weights))]


def _from_json(
    path: Path, data: bytes, targets: Rows | None, *, orthonormal: bool, other_members: Sequence[str] = ()
) -> list[Candidate]:
    """{"points": [[[..]..]..], "targets": [[..]..]} or a bare point; one neuron a row, entries as floats,
    hexadecimal floats ("0x1.8p-3"), or exact pairs [m, e] or ["m", e] meaning m * 2**e."""
    whole = read_json(path, data)
    if isinstance(whole, dict):
        if "points" not in whole:
            raise InputError(f'{path}: expected a member "points": a list of points, one neuron a row')
        known = ("family", "points", "targets", *other_members)
        unknown = sorted(set(whole) - set(known))
        if unknown:
            raise InputError(
                f"{path}: unknown member {unknown[0]!r}; known: {', '.join(known)} (a point of another family "
                'has its name as member "family")'
            )
        if (targets is not None or orthonormal) and "targets" in whole:
            raise InputError(f"{path}: this file has its own targets; leave out --targets and --orthonormal")
        orthonormal = orthonormal or whole.get("targets") == "orthonormal"
        if whole.get("targets") not in (None, "orthonormal"):
            targets = located(path, lambda: _targets(json_rows(whole["targets"])))
        points = whole["points"]
    else:
        points = [whole]
    if not isinstance(points, list) or not points:
        raise InputError(f"{path}: holds no points")

    def one(index: int) -> Candidate:
        rows = exact_rows(json_rows(points[index]), "neuron")
        check_rows(rows, "neuron")
        problem = None if targets is None else Problem(targets, len(rows))
        if orthonormal:
            problem = Problem.orthonormal(len(rows[0]), len(rows))
        return Candidate.from_rows(rows, problem, source=f"{path.name}[{index}]")

    return [located(f"{path}, point {i}", partial(one, i)) for i in range(len(points))]
