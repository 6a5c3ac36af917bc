"""Matrices, starts, weights and samples in files: arrays of doubles, or JSON with exact pairs. Nothing is believed.

A matrix: an array, or JSON {"matrix": [[..]]} or a list of rows. Two factors of M: .npz with p and q, or JSON
{"p": .., "q": ..}; a start: likewise u and v; samples: x and y. Weights: .npz with w1, .., wH, or JSON
{"weights": [..]}.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from relucert.base.arrays import Array, check_variable, read_array, read_bytes
from relucert.base.dyadic import Dyadic, add, canonical
from relucert.base.errors import InputError
from relucert.base.exact import Rows, exact_rows
from relucert.base.json_numbers import json_rows, located, read_json

MOST_LAYERS = 100


def read_matrix(path: Path, variable: str | None = None) -> Rows:
    """M. Raises InputError."""
    data, suffix = read_bytes(path), path.suffix.lower()
    if suffix == ".json":
        check_variable(path, variable)
        found = read_json(path, data)
        if isinstance(found, dict):
            found = _members(path, found, ("matrix",))[0]
        return located(path, lambda: exact_rows(json_rows(found), "row"))
    return _table(path, read_array(path, suffix, data, variable))


def read_pair(path: Path, names: tuple[str, str]) -> tuple[Rows, Rows]:
    """Two matrices with these names. Raises InputError."""
    data, suffix = read_bytes(path), path.suffix.lower()
    if suffix == ".json":
        one, other = _members(path, read_json(path, data), names)
        return _rows(path, one, names[0]), _rows(path, other, names[1])
    if suffix != ".npz":
        raise InputError(f"{path}: expected a .npz or .json file with {names[0]} and {names[1]}")
    first, second = (_table(path, read_array(path, suffix, data, name)) for name in names)
    return first, second


def read_weights(path: Path) -> tuple[Rows, ...]:
    """W_1, .., W_H. Raises InputError."""
    data, suffix = read_bytes(path), path.suffix.lower()
    if suffix == ".json":
        layers = _members(path, read_json(path, data), ("weights",))[0]
        if not isinstance(layers, list) or not 2 <= len(layers) <= MOST_LAYERS:
            raise InputError(f"{path}: expected weights as a list of 2 to {MOST_LAYERS} matrices")
        return tuple(_rows(path, layer, f"layer {h}") for h, layer in enumerate(layers, 1))
    if suffix != ".npz":
        raise InputError(f"{path}: expected a .npz file with w1, w2, .., or a .json file with weights")
    names = [f"w{h}" for h in range(1, _layers(path, data) + 1)]
    return tuple(_table(path, read_array(path, suffix, data, name)) for name in names)


def product(p: Rows, q: Rows) -> Rows:
    """P Q^T, exactly. Raises InputError where their widths differ."""
    if not p or not q or any(len(row) != len(p[0]) for row in (*p, *q)):
        raise InputError("the factors p and q of M need the same number of columns")
    return tuple(tuple(_inner(a, b) for b in q) for a in p)


def _inner(a: tuple[Dyadic, ...], b: tuple[Dyadic, ...]) -> Dyadic:
    total: Dyadic = (0, 0)
    for (m, e), (k, f) in zip(a, b, strict=True):
        total = add(total, canonical(m * k, e + f))
    return total


def _layers(path: Path, data: bytes) -> int:
    """How many arrays w1, w2, .. there are, and no others."""
    from io import BytesIO
    from zipfile import BadZipFile, ZipFile

    try:
        with ZipFile(BytesIO(data)) as archive:
            names = {name.removesuffix(".npy") for name in archive.namelist()}
    except BadZipFile as error:
        raise InputError(f"{path}: not a whole .npz file: {error}") from error
    if not 2 <= len(names) <= MOST_LAYERS or names != {f"w{h}" for h in range(1, len(names) + 1)}:
        raise InputError(f"{path}: expected the arrays w1, w2, .. of 2 to {MOST_LAYERS} layers")
    return len(names)


def _members(path: Path, whole: Any, names: tuple[str, ...]) -> list[Any]:
    if not isinstance(whole, dict) or set(whole) != set(names):
        raise InputError(f"{path}: expected a JSON object with exactly the members {', '.join(names)}")
    return [whole[name] for name in names]


def _rows(path: Path, rows: Any, name: str) -> Rows:
    return located(f"{path}, {name}", lambda: exact_rows(json_rows(rows), "row"))


def _table(path: Path, array: Array) -> Rows:
    if array.ndim != 2:
        raise InputError(f"{path}: expected a matrix, found shape {array.shape}")
    return exact_rows(array.tolist(), "row")
