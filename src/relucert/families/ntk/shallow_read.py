"""Data and starts from files.

Data: .npz or .json with x (n, d) and y (n,); or a table, .npy or .csv, of rows x_i, the label behind them unless labels
are given otherwise. A start: .npz or .json with weights (m, d) and signs (m times 1 or -1; optional), or a table of
weights. Numbers are doubles by their exact value; in JSON also hexadecimal floats, or pairs [m, e] meaning m * 2**e.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from relucert.base.arrays import Array, read_array, read_bytes
from relucert.base.dyadic import Dyadic, canonical
from relucert.base.errors import InputError
from relucert.base.exact import Rows, exact_rows
from relucert.base.json_numbers import exact_row, json_rows, located, read_json
from relucert.base.seeded import PLACES, gaussians
from relucert.families.ntk.shallow_problem import check_seed

FORMATS = (".npz", ".npy", ".csv", ".json")


def read_data(path: Path, labels: str | None) -> tuple[Rows, tuple[Dyadic, ...]]:
    """x and y. labels: None for those of the file, a seed, or the path of a file. Raises InputError."""
    inside = labels is None
    if path.suffix.lower() in (".npz", ".json"):
        found = _members(path, ("x", "y") if inside else ("x",), ("y",))
        x, y = located(path, lambda: (_table(found["x"], "x"), _row(found["y"], "y") if inside else ()))
    else:
        table = _array(path)
        if inside and table.shape[1] < 2:
            raise InputError(f"{path}: one column only; expected x with y in the last column, or --labels")
        rows = exact_rows(table.tolist(), "x")
        x, y = (tuple(r[:-1] for r in rows), tuple(r[-1] for r in rows)) if inside else (rows, ())
    return x, y if labels is None else _labels(labels, len(x))


def _labels(labels: str, n: int) -> tuple[Dyadic, ...]:
    """By a seed: nearly standard normal, as weights are; or n numbers of a file."""
    if labels.isascii() and labels.isdigit():
        check_seed(int(labels[:20]))
        return tuple(canonical(v, -PLACES) for v in gaussians("labels", int(labels), n))
    path = Path(labels)
    if path.suffix.lower() == ".json":
        whole = read_json(path, read_bytes(path))
        return located(path, lambda: _row(whole, "y"))
    array = read_array(path, _format(path), read_bytes(path), "y" if path.suffix.lower() == ".npz" else None)
    return located(path, lambda: _row(array.reshape(-1) if 1 in array.shape else array, "y"))


def read_start(path: Path) -> tuple[Rows, tuple[int, ...] | None]:
    """Weights, and signs if there are. Raises InputError."""
    if path.suffix.lower() not in (".npz", ".json"):
        return exact_rows(_array(path).tolist(), "neuron"), None
    found = _members(path, ("weights",), ("signs",))
    return located(
        path,
        lambda: (_table(found["weights"], "neuron"), _signs(found["signs"]) if "signs" in found else None),
    )


def _members(path: Path, needed: tuple[str, ...], optional: tuple[str, ...]) -> dict[str, Any]:
    """Arrays of a .npz file, or members of a JSON object. Raises InputError for one that is missing or unknown."""
    data = read_bytes(path)
    if path.suffix.lower() == ".json":
        whole = read_json(path, data)
        names = set(whole) if isinstance(whole, dict) else set()
    else:
        whole, names = None, _names(path, data)
    known = (*needed, *(name for name in optional if name not in needed))
    if not set(needed) <= names or names - set(known):
        raise InputError(
            f"{path}: expected {' and '.join(needed)}, found {', '.join(sorted(names)) or 'none'}"
        )
    if whole is not None:
        return {name: whole[name] for name in names}
    return {name: read_array(path, ".npz", data, name) for name in names}


def _names(path: Path, data: bytes) -> set[str]:
    import io
    import zipfile

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return {name.removesuffix(".npy") for name in archive.namelist()}
    except zipfile.BadZipFile as error:
        raise InputError(f"{path}: not a whole .npz file: {error}") from error


def _format(path: Path) -> str:
    suffix = path.suffix.lower()
    if suffix not in FORMATS:
        raise InputError(f"{path}: cannot tell the format; expected one of {', '.join(FORMATS)}")
    return suffix


def _array(path: Path) -> Array:
    suffix = _format(path)
    array = read_array(path, suffix, read_bytes(path), None)
    if array.ndim != 2:
        raise InputError(f"{path}: expected a table, found shape {array.shape}")
    return array


def _table(value: Any, what: str) -> Rows:
    if isinstance(value, np.ndarray):
        if value.ndim != 2:
            raise InputError(f"{what}: expected a table, found shape {value.shape}")
        return exact_rows(value.tolist(), what)
    return exact_rows(json_rows(value), what)


def _row(value: Any, what: str) -> tuple[Dyadic, ...]:
    if isinstance(value, np.ndarray):
        if value.ndim != 1:
            raise InputError(f"{what}: expected numbers in one dimension, found shape {value.shape}")
        return exact_rows([value.tolist()], what)[0]
    return exact_row(value, what)


def _signs(value: Any) -> tuple[int, ...]:
    """1 and -1, or a string of + and -."""
    if isinstance(value, str):
        if set(value) - {"+", "-"}:
            raise InputError("signs: expected only + and - in the string")
        return tuple(1 if c == "+" else -1 for c in value)
    found = _row(value, "signs")
    if set(found) - {(1, 0), (-1, 0)}:
        raise InputError("signs: expected 1 or -1 for each neuron; other output weights are not treated")
    return tuple(m for m, _ in found)
