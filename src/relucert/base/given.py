"""Numbers as a program has them: nested lists, arrays of NumPy and JAX, tensors of PyTorch.

They are taken by their exact value, or refused with an InputError that names the entry and the remedy.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from relucert.base.errors import InputError
from relucert.base.visible import shown

REMEDY = "give an array of float64, or a nested list of int, Fraction or float"


def detached(value: Any) -> Any:
    """A tensor of PyTorch as an array, without its gradient and off its device; anything else as it is."""
    if not (hasattr(value, "detach") and hasattr(value, "cpu")):
        return value
    try:
        return value.detach().cpu().numpy()
    except (TypeError, RuntimeError) as error:  # a type that NumPy does not have, a sparse tensor
        raise InputError(
            f"the tensor is not a NumPy array: {error}; give a dense one, as tensor.double(), which is exact"
        ) from error


def table(value: Any, what: str) -> list[list[Any]]:
    """Rows of numbers, all of the same length, in lists. `what` stands in errors. Raises InputError."""
    value = detached(value)
    if _is_array(value):
        rows: list[list[Any]] = _numbers(value, what, 2)
    elif isinstance(value, list | tuple):
        rows = [_row(row, f"{what}, row {i}") for i, row in enumerate(value)]
    else:
        raise InputError(f"{what}: {type(value).__name__} is no table of numbers; {REMEDY}")
    if not rows or not rows[0]:
        raise InputError(f"{what}: holds no numbers")
    for i, row in enumerate(rows):
        if len(row) != len(rows[0]):
            raise InputError(f"{what}: row {i} has {len(row)} numbers, row 0 has {len(rows[0])}")
    return rows


def _row(value: Any, where: str) -> list[Any]:
    """An entry of a tuple (m, e) means m * 2**e; entries are looked at later on."""
    value = detached(value)
    if _is_array(value):
        return list(_numbers(value, where, 1))
    if not isinstance(value, list | tuple):
        raise InputError(f"{where}: {shown(value)} is no row of numbers; {REMEDY}")
    return [_entry(detached(x), f"{where}, entry {j}") for j, x in enumerate(value)]


def _entry(value: Any, where: str) -> Any:
    if isinstance(value, list) or (_is_array(value) and np.ndim(value)):
        raise InputError(f"{where}: is no number; give one point at a time, and {REMEDY}")
    return _numbers(value, where, 0) if _is_array(value) else value


def _is_array(value: Any) -> bool:
    return hasattr(value, "__array__")


def _numbers(value: Any, where: str, dimensions: int) -> Any:
    """The numbers of an array in lists, or its only one; floats of each width by their exact value."""
    if np.ma.isMaskedArray(value):
        raise InputError(f"{where}: a masked array; give a plain one, as array.filled(0.0)")
    try:
        array = np.asarray(value)
    except (TypeError, ValueError, RuntimeError) as error:  # an array on a device, of another library
        raise InputError(f"{where}: not a NumPy array: {error}; {REMEDY}") from error
    if array.ndim != dimensions:
        raise InputError(
            f"{where}: the shape is {array.shape}, expected {dimensions} dimensions; one point at a time"
        )
    if array.dtype.kind not in "fiu":
        raise InputError(f"{where}: expected real numbers, found an array of {array.dtype}; {REMEDY}")
    bad = np.argwhere(~np.isfinite(array))
    if len(bad):
        entry = f"entry {bad[0].tolist()} is " if dimensions else ""
        raise InputError(f"{where}: {entry}{array[tuple(bad[0])]}; expected finite numbers")
    return array.tolist()
