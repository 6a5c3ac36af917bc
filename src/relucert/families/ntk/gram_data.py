"""Reading the inputs of a Gram matrix: an array with a row for each input, exact."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from relucert.base.arrays import check_variable, read_array, read_bytes
from relucert.base.dyadic import Dyadic, to_fraction
from relucert.base.errors import InputError
from relucert.base.exact import Rows, exact_rows
from relucert.base.json_numbers import json_rows, located, read_json

INPUTS = "x"  # the member or array with the inputs where a file also has labels
MOST_ROWS, MOST_NUMBERS = 512, 2**20
UNIT = Fraction(1, 2**20)  # how far from 1 the squared length of a unit vector of rounded numbers may be


def read_inputs(path: Path, variable: str | None, *, normalise: bool) -> Rows:
    """The rows of a file. Raises InputError for rows that are 0, or, unless `normalise`, not unit vectors."""
    rows = _read(path, read_bytes(path), variable)
    located(path, lambda: _check(rows, normalise=normalise))
    return rows


def _read(path: Path, data: bytes, variable: str | None) -> Rows:
    suffix = path.suffix.lower()
    check_variable(path, variable)
    if suffix == ".json":
        whole = read_json(path, data)
        return located(path, lambda: exact_rows(json_rows(_member(whole)), "row"))
    array = read_array(path, suffix, data, _variable(data, variable) if suffix == ".npz" else variable)
    if array.ndim != 2:
        raise InputError(f"{path}: expected a table with a row for each input, found shape {array.shape}")
    return located(path, lambda: exact_rows(array.tolist(), "row"))


def _member(whole: Any) -> Any:
    """The rows in a JSON file: the file, or its member x beside labels y."""
    if not isinstance(whole, dict):
        return whole
    if INPUTS not in whole or set(whole) - {INPUTS, "y"}:
        raise InputError('expected a list of rows, or an object with the members "x" and perhaps "y"')
    return whole[INPUTS]


def _variable(data: bytes, variable: str | None) -> str | None:
    """Of a .npz file: x, if nothing else is asked for and there is one."""
    if variable is not None:
        return variable
    try:
        names = zipfile.ZipFile(io.BytesIO(data)).namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return None  # whoever reads the array says what is wrong
    return INPUTS if f"{INPUTS}.npy" in names else None


def _check(rows: Rows, *, normalise: bool) -> None:
    if not rows or not rows[0]:
        raise InputError("expected at least one input with at least one coordinate")
    if len(rows) > MOST_ROWS or len(rows) * len(rows[0]) > MOST_NUMBERS:
        raise InputError(
            f"{len(rows)} inputs of {len(rows[0])} coordinates; at most {MOST_ROWS} inputs and {MOST_NUMBERS} numbers"
        )
    for i, row in enumerate(rows):
        if len(row) != len(rows[0]):
            raise InputError(f"row {i} has {len(row)} coordinates, row 0 has {len(rows[0])}")
        if not any(m for m, _ in row):
            raise InputError(f"row {i} is 0, so it has no direction; leave it out")
        if not normalise and not _is_unit(row):
            raise InputError(
                f"row {i} is no unit vector; the Gram matrix is that of x/|x|: give unit vectors, or --normalise"
            )


def _is_unit(row: Sequence[Dyadic]) -> bool:
    """Up to rounding: exponents far from 0 are decided without long integers."""
    if any(m.bit_length() + e > 1 for m, e in row if m):
        return False
    near = [(m, e) for m, e in row if m and m.bit_length() + e > -64]
    return abs(sum((to_fraction(x) ** 2 for x in near), Fraction(0)) - 1) <= UNIT
