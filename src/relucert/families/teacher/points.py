"""Reading candidate points from files: .npz, .npy, .mat, .csv and .json, and writing search results.

Every reader either returns exact candidates or raises InputError, which names the file, the entry and
the remedy. Nothing is ever unpickled.
"""

from __future__ import annotations

import csv
import io
import json
import math
import re
import zipfile
import zlib
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from functools import partial
from pathlib import Path
from tokenize import TokenError
from typing import Any, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from relucert.base.dyadic import Dyadic, canonical
from relucert.base.errors import InputError
from relucert.base.exact import check_rows, exact_rows
from relucert.base.strict_json import unique
from relucert.families.teacher.candidate import Candidate
from relucert.families.teacher.problem import TEACHER_STUDENT, Problem

Array: TypeAlias = NDArray[np.float64]

COLUMNS, ROWS = "neurons-in-columns", "neurons-in-rows"
LAYOUTS = (COLUMNS, ROWS)
Made = TypeVar("Made")

BROKEN = (  # what NumPy raises for files that are damaged, or made to look like its own
    ValueError, EOFError, OSError, KeyError, IndexError, TypeError, AttributeError, SyntaxError, RecursionError,
    OverflowError, MemoryError, NotImplementedError, TokenError, zipfile.BadZipFile, zlib.error,
)  # fmt: skip
POINTS_FORMAT = "relucert-points/1"
READABLE = (".npz", ".npy", ".mat", ".csv", ".json")


def read(
    path: Path, *, variable: str | None = None, layout: str | None = None, targets: Path | None = None
) -> list[Candidate]:
    """All candidates in a file, in its order.

    variable: which array of a .mat or .npz file; layout: "neurons-in-columns" (d, n) or (d, n, count), or
    "neurons-in-rows" (n, d) or (count, n, d); needed where the shape does not tell. targets: a file with
    the targets (default: e_1 .. e_d).
    """
    if layout is not None and layout not in LAYOUTS:
        raise InputError(f"--layout {layout}: expected {' or '.join(LAYOUTS)}")
    given = None if targets is None else read_targets(targets, layout)
    data = _bytes(path)
    suffix = path.suffix.lower()
    if variable is not None and suffix not in (".mat", ".npz"):
        raise InputError(f"{path}: --variable is for .mat and .npz files; leave it out")
    if suffix == ".json":
        if layout is not None and targets is None:
            raise InputError(f"{path}: a .json file has one neuron a row; leave out --layout")
        return _from_json(path, data, given)
    if suffix == ".npz":
        own = _own_points(path, data)
        if own is not None:
            if (variable, layout, targets) != (None, None, None):
                raise InputError(
                    f"{path}: a file of `relucert search` has its own targets and layout; "
                    "leave out --targets, --variable and --layout"
                )
            return own
    array = _array(path, suffix, data, variable)
    return _candidates(path, _split(path, array, layout, given), given)


def read_targets(path: Path, layout: str | None = None) -> tuple[tuple[Dyadic, ...], ...]:
    """Targets, one a row (one a column with layout "neurons-in-columns"), from any readable file."""
    data = _bytes(path)
    if path.suffix.lower() == ".json":
        rows = _json(path, data)
        rows = rows.get("targets") if isinstance(rows, dict) else rows
        return located(path, lambda: _targets(_json_rows(rows)))
    array = _array(path, path.suffix.lower(), data, None)
    if array.ndim != 2:
        raise InputError(f"{path}: expected targets as a table with 2 dimensions, found {array.ndim}")
    if layout == COLUMNS:
        array = array.T
    return located(path, lambda: _targets(array.tolist()))


def _targets(rows: Iterable[Iterable[object]]) -> tuple[tuple[Dyadic, ...], ...]:
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


def _bytes(path: Path) -> bytes:
    if path.suffix.lower() not in READABLE:
        raise InputError(f"{path}: cannot tell the format; expected one of {', '.join(READABLE)}")
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise InputError(f"{path}: no such file") from error
    except IsADirectoryError as error:
        raise InputError(f"{path}: is a directory, expected a file of points") from error
    if not data:
        raise InputError(f"{path}: the file is empty")
    return data


def _array(path: Path, suffix: str, data: bytes, variable: str | None) -> Array:
    if suffix == ".mat":
        found: object = _mat(path, data, variable)
    elif suffix == ".csv":
        return _csv(path, data)
    else:
        found = _numpy(path, data, variable)
    array = np.asarray(found)
    if array.dtype.kind not in "fiu" or array.dtype.itemsize > 8:
        raise InputError(f"{path}: expected an array of real numbers (at most 64 bits), found {array.dtype}")
    if array.size == 0:
        raise InputError(f"{path}: the array is empty (shape {array.shape})")
    if array.dtype.kind in "iu" and np.abs(array.astype(object)).max() > 2**53:
        raise InputError(f"{path}: integers beyond 2**53; use a .json file with exact pairs instead")
    array = array.astype(np.float64)
    bad = np.argwhere(~np.isfinite(array))
    if len(bad):
        where = ", ".join(map(str, bad[0].tolist()))
        raise InputError(f"{path}: entry [{where}] is {array[tuple(bad[0])]}; expected finite numbers")
    return array


def _numpy(path: Path, data: bytes, variable: str | None) -> object:
    try:
        loaded = np.load(io.BytesIO(data), allow_pickle=False)
        if not isinstance(loaded, np.lib.npyio.NpzFile):
            return loaded
        with loaded:
            return loaded[_choose(path, variable, loaded.files)]
    except BROKEN as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{path}: not a whole NumPy file of numbers: {_reason(error)}") from error


def _reason(error: Exception) -> str:
    """What is wrong with a file of NumPy: of pickles only that they are not read."""
    text = str(error)
    return (
        "its header, or Python objects, which are never read"
        if "pickle" in text or not text
        else f"header: {text}"
    )


def _mat(path: Path, data: bytes, variable: str | None) -> object:
    from scipy.io import loadmat
    from scipy.io.matlab import MatReadError

    if variable is None:
        variable = _only(path, data)
    try:
        found = loadmat(io.BytesIO(data), variable_names=[variable])
    except NotImplementedError as error:
        raise InputError(f"{path}: MATLAB 7.3 files are not read; save with -v7") from error
    except (
        ValueError,
        TypeError,
        KeyError,
        IndexError,
        OSError,
        EOFError,
        MatReadError,
        zlib.error,
    ) as error:
        raise InputError(f"{path}: not a whole MATLAB file: {error}") from error
    if variable not in found:
        raise InputError(f"{path}: there is no variable {variable!r} in this file")
    return found[variable]


def _only(path: Path, data: bytes) -> str:
    """The name of the one variable of a .mat file."""
    from scipy.io import whosmat
    from scipy.io.matlab import MatReadError

    try:
        found = whosmat(io.BytesIO(data))
    except NotImplementedError as error:
        raise InputError(f"{path}: MATLAB 7.3 files are not read; save with -v7") from error
    except (*BROKEN, MatReadError) as error:
        raise InputError(f"{path}: not a whole MATLAB file: {error}") from error
    if len(found) != 1:
        names = ", ".join(f"{name} {shape}" for name, shape, _ in found) or "none"
        raise InputError(f"{path}: say which variable holds the points: --variable NAME; there are {names}")
    name: str = found[0][0]
    return name


def _csv(path: Path, data: bytes) -> Array:
    try:
        lines = [row for row in csv.reader(io.StringIO(data.decode())) if row]
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path}: not a text file of comma-separated numbers: {error}") from error
    rows: list[list[float]] = []
    for i, line in enumerate(lines):
        if len(line) != len(lines[0]):
            raise InputError(f"{path}: row {i} has {len(line)} entries, row 0 has {len(lines[0])}")
        rows.append([_csv_number(path, text, i, j) for j, text in enumerate(line)])
    if not rows:
        raise InputError(f"{path}: holds no numbers")
    return np.array(rows)


def _csv_number(path: Path, text: str, i: int, j: int) -> float:
    try:
        value = float(text)
    except ValueError as error:
        raise InputError(f"{path}: row {i}, entry {j}: {text!r} is not a number") from error
    if not math.isfinite(value):
        raise InputError(f"{path}: row {i}, entry {j} is {value}; expected finite numbers")
    return value


def _choose(path: Path, variable: str | None, names: Sequence[str]) -> str:
    if variable is not None:
        if variable not in names:
            raise InputError(f"{path}: there is no variable {variable!r}; there are {', '.join(names)}")
        return variable
    if len(names) != 1:
        raise InputError(f"{path}: say which array holds the points: --variable {'|'.join(names)}")
    return names[0]


def _split(
    path: Path, array: Array, layout: str | None, targets: Sequence[Sequence[Dyadic]] | None
) -> list[Array]:
    """The points in an array, each with its neurons in rows."""
    if array.ndim not in (2, 3):
        raise InputError(f"{path}: expected 2 dimensions, or 3 for several points; found shape {array.shape}")
    if layout is None and targets is not None:
        d = len(targets[0])
        fits = [(array.shape[0] == d, COLUMNS), (array.shape[-1] == d, ROWS)]
        possible = [name for ok, name in fits if ok]
        layout = possible[0] if len(possible) == 1 else None
    if layout is None:
        raise InputError(
            f"{path}: the shape {array.shape} does not tell whether neurons are columns or rows; "
            f"add --layout {COLUMNS} or --layout {ROWS}"
        )
    if layout == COLUMNS:
        points = array.transpose(2, 1, 0) if array.ndim == 3 else array.T[None]
    else:
        points = array if array.ndim == 3 else array[None]
    return list(points)


def _candidates(
    path: Path, points: Iterable[Array], targets: tuple[tuple[Dyadic, ...], ...] | None
) -> list[Candidate]:
    def one(index: int, point: Array) -> Candidate:
        problem = None if targets is None else Problem(targets, len(point))
        return Candidate.from_rows(point.tolist(), problem, source=f"{path.name}[{index}]")

    return [located(f"{path}, point {i}", partial(one, i, p)) for i, p in enumerate(points)]


def _own_points(path: Path, data: bytes) -> list[Candidate] | None:
    """The candidates of a file that `relucert search` wrote, or None if it is another .npz file."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as file:
            if not {"header", "weights", "targets"} <= set(file.files):
                return None
            header = json.loads(str(file["header"]))
            weights, targets, runs = file["weights"], file["targets"], file["run"]
    except BROKEN as error:
        raise InputError(f"{path}: not a whole points file: {_reason(error)}") from error
    if not isinstance(header, dict) or header.get("format") != POINTS_FORMAT:
        return None
    if len(weights) == 0:
        raise InputError(f"{path}: holds no points; search with more --runs or another --seed")
    fixed = located(path, lambda: _targets(targets.tolist()))
    origin = {key: value for key, value in header.items() if key != "format"}

    def one(index: int) -> Candidate:
        rows = exact_rows(weights[index].tolist(), "neuron")
        facts = {**origin, "run": int(runs[index])}
        return Candidate(Problem(fixed, len(rows)), rows, f"{path.name}[{index}]", facts)

    return [located(f"{path}, point {i}", partial(one, i)) for i in range(len(weights))]


def _from_json(path: Path, data: bytes, targets: tuple[tuple[Dyadic, ...], ...] | None) -> list[Candidate]:
    """{"points": [[[..]..]..], "targets": [[..]..]} or a bare point; one neuron a row, entries as floats,
    hexadecimal floats ("0x1.8p-3"), or exact pairs [m, e] or ["m", e] meaning m * 2**e."""
    whole = _json(path, data)
    if isinstance(whole, dict):
        if "points" not in whole:
            raise InputError(f'{path}: expected a member "points": a list of points, one neuron a row')
        unknown = sorted(set(whole) - {"family", "points", "targets"})
        if unknown:
            raise InputError(f"{path}: unknown member {unknown[0]!r}; known: family, points, targets")
        if targets is not None and "targets" in whole:
            raise InputError(f"{path}: this file has its own targets; leave out --targets")
        if whole.get("targets") not in (None, "orthonormal"):
            targets = located(path, lambda: _targets(_json_rows(whole["targets"])))
        points = whole["points"]
    else:
        points = [whole]
    if not isinstance(points, list) or not points:
        raise InputError(f"{path}: holds no points")

    def one(index: int) -> Candidate:
        rows = exact_rows(_json_rows(points[index]), "neuron")
        problem = None if targets is None else Problem(targets, len(rows))
        return Candidate.from_rows(rows, problem, source=f"{path.name}[{index}]")

    return [located(f"{path}, point {i}", partial(one, i)) for i in range(len(points))]


def exact_row(row: Any, what: str) -> tuple[Dyadic, ...]:
    """A list of numbers of a JSON file, exact. `what` names it in errors. Raises InputError."""
    return exact_rows(_json_rows([row]), what)[0]


def family_of(path: Path) -> tuple[str, bytes]:
    """Which family the points of a file belong to, and its bytes: a JSON object may name one.

    Raises InputError where the file cannot be read; what is in it is not looked at further.
    """
    data = _bytes(path)
    whole = _json(path, data) if path.suffix.lower() == ".json" else None
    name = whole.get("family", TEACHER_STUDENT) if isinstance(whole, dict) else TEACHER_STUDENT
    if not isinstance(name, str):
        raise InputError(f"{path}: the family must be a string")
    return name, data


def _json(path: Path, data: bytes) -> Any:
    try:
        return json.loads(
            data.decode(), parse_constant=_no_constant, parse_float=_double, object_pairs_hook=unique
        )
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise InputError(f"{path}: not JSON: {error}") from error


def _no_constant(text: str) -> Any:
    raise ValueError(f"{text} is not a finite number")


def _double(text: str) -> float:
    """The double that a decimal stands for. Raises ValueError for one that says more than a double holds."""
    value = float(text)
    digits = len(Decimal(text).as_tuple().digits)
    if digits > 17 or not math.isfinite(value) or (value == 0) != (Decimal(text) == 0):
        raise ValueError(
            f"{text[:40]} is no double; write a hexadecimal float, or a pair [m, e] for m * 2**e"
        )
    return value


def _json_rows(rows: Any) -> list[list[object]]:
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise InputError("expected a list of rows, each a list of numbers")
    return [[_json_number(x, i, j) for j, x in enumerate(row)] for i, row in enumerate(rows)]


def _json_number(value: Any, i: int, j: int) -> object:
    where = f"row {i}, entry {j}"
    if isinstance(value, str):
        if "0x" not in value.lower():
            raise InputError(f"{where}: {value!r}: strings must be hexadecimal floats such as 0x1.8p-3")
        return _hexadecimal(value, where)
    if isinstance(value, list) and len(value) == 2 and isinstance(value[0], str):
        if not re.fullmatch("-?[0-9]{1,5000}", value[0]) or type(value[1]) is not int:
            raise InputError(
                f'{where}: expected ["mantissa", exponent], both integers, of at most 5000 digits'
            )
        return int(Decimal(value[0])), value[1]  # int alone refuses long texts
    return value


HEXADECIMAL = re.compile(r"([+-]?)0x([0-9a-f]+)(?:\.([0-9a-f]*))?(?:p([+-]?[0-9]{1,6}))?", re.IGNORECASE)


def _hexadecimal(text: str, where: str) -> Dyadic:
    """Exact, whatever the number of digits."""
    match = HEXADECIMAL.fullmatch(text)
    if match is None or len(text) > 5000:
        raise InputError(f"{where}: {text[:40]!r} is not a hexadecimal float such as 0x1.8p-3")
    sign, whole, fraction, power = match.groups("")
    return canonical(int(sign + whole + fraction, 16), int(power or "0") - 4 * len(fraction))


def located(where: object, make: Callable[[], Made]) -> Made:
    """Runs `make`, naming `where` in its InputError."""
    try:
        return make()
    except InputError as error:
        raise InputError(f"{where}: {error}") from error
