"""Arrays of doubles from files: .npz, .npy, .mat, .csv, and files of layers. Nothing is ever unpickled.

Every reader either returns finite numbers, each by its exact value, or raises InputError, which names the file,
the entry and the remedy.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from pathlib import Path
from tokenize import TokenError
from typing import TypeAlias

import numpy as np
from numpy.lib.npyio import NpzFile
from numpy.typing import NDArray

from relucert.base import csv_numbers, layers
from relucert.base.errors import InputError
from relucert.base.visible import visible

Array: TypeAlias = NDArray[np.float64]
READABLE = (".npz", ".npy", ".mat", ".csv", ".json", *layers.SUFFIXES)
NAMED = (".mat", ".npz", *layers.SUFFIXES)  # files of arrays that have names
BROKEN = (  # what NumPy raises for files that are damaged, or made to look like its own
    ValueError, EOFError, OSError, KeyError, IndexError, TypeError, AttributeError, SyntaxError, RecursionError,
    OverflowError, MemoryError, NotImplementedError, TokenError, zipfile.BadZipFile, zlib.error,
)  # fmt: skip
DAMAGED = ("Cannot parse header", "Header ", "malformed node")  # how its errors about headers begin


def read_bytes(path: Path) -> bytes:
    try:
        if path.suffix.lower() not in READABLE:
            path.stat()  # what is not there has no format
            known = ", ".join(READABLE)
            raise InputError(
                f"{path}: cannot tell the format; expected one of {known} (name a text file of numbers .csv)"
            )
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise InputError(f"{path}: no such file") from error
    except IsADirectoryError as error:
        raise InputError(f"{path}: is a directory, expected a file of points") from error
    if not data:
        raise InputError(f"{path}: the file is empty")
    return data


def check_variable(path: Path, variable: str | None) -> None:
    """Raises InputError for a name of an array where arrays have none."""
    if variable is not None and path.suffix.lower() not in NAMED:
        raise InputError(
            f"{path}: --variable is for files of arrays with names ({' '.join(NAMED)}); leave it out"
        )


def read_array(path: Path, suffix: str, data: bytes, variable: str | None) -> Array:
    if suffix in layers.SUFFIXES or (suffix == ".mat" and layers.is_matlab_7_3(data)):
        found: object = layers.read(path, suffix, data, variable)
    elif suffix == ".mat":
        found = _mat(path, data, variable)
    elif suffix == ".csv":
        return np.array(csv_numbers.read(path, data))
    else:
        found = _numpy(path, data, variable)
    array = np.asarray(found)
    if array.dtype.kind not in "fiu" or array.dtype.itemsize > 8:
        raise InputError(
            f"{path}: expected an array of real numbers (at most 64 bits), found {array.dtype}; save it as float64"
        )
    if array.size == 0:
        raise InputError(f"{path}: the array is empty (shape {array.shape})")
    if array.dtype.kind in "iu" and np.abs(array.astype(object)).max() > 2**53:
        raise InputError(f"{path}: integers beyond 2**53; use a .json file with exact pairs instead")
    array = array.astype(np.float64)
    bad = np.argwhere(~np.isfinite(array))
    if len(bad):
        where = ", ".join(map(str, bad[0].tolist()))
        of = f"{path}: " if variable is None else f"{path}: {visible(variable)[:80]}, "
        raise InputError(f"{of}entry [{where}] is {array[tuple(bad[0])]}; expected finite numbers")
    return array


def variables(path: Path, suffix: str, data: bytes) -> list[str]:
    """The names of the arrays in a .npz or .mat file; none of another one. Raises InputError."""
    if suffix == ".mat":
        return _variables(path, data)[0]
    if suffix != ".npz":
        return []
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as loaded:
            return list(loaded.files) if isinstance(loaded, NpzFile) else []
    except BROKEN as error:
        raise InputError(f"{path}: not a whole NumPy file of numbers: {reason(error)}") from error


def _numpy(path: Path, data: bytes, variable: str | None) -> object:
    try:
        loaded = np.load(io.BytesIO(data), allow_pickle=False)
        if not isinstance(loaded, NpzFile):
            return loaded
        with loaded:
            return _choose(path, variable, loaded)
    except BROKEN as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{path}: not a whole NumPy file of numbers: {reason(error)}") from error


def reason(error: Exception) -> str:
    """What is wrong with a file of NumPy, in words; of pickles only that they are not read."""
    text = str(error)
    if isinstance(error, TokenError | SyntaxError) or text.startswith(DAMAGED):
        return "its header is cut off, or damaged; save the array again"
    if isinstance(error, RecursionError) or (isinstance(error, MemoryError) and "allocate" not in text):
        return "its header is nested too deeply; save the array again"
    if "pickle" in text or not text:
        return "its header, or Python objects, which are never read"
    return f"header: {text[:200]}"


def _mat(path: Path, data: bytes, variable: str | None) -> object:
    from scipy.io import loadmat
    from scipy.io.matlab import MatReadError

    if variable is None:
        names, listed = _variables(path, data)
        if len(names) != 1:
            raise InputError(
                f"{path}: say which variable holds the points: --variable NAME; there are {listed}"
            )
        variable = names[0]
    try:
        found = loadmat(io.BytesIO(data), variable_names=[variable])
    except NotImplementedError as error:
        raise InputError(f"{path}: not a whole MATLAB 7.3 file; save it again") from error
    except (*BROKEN, MatReadError) as error:
        raise InputError(f"{path}: not a whole MATLAB file: {error}") from error
    if variable not in found:
        _, listed = _variables(path, data)
        raise InputError(f"{path}: there is no variable {variable!r} in this file; there are {listed}")
    return found[variable]


def _variables(path: Path, data: bytes) -> tuple[list[str], str]:
    """The names of the variables of a .mat file; and with their shapes, for people. Raises InputError."""
    from scipy.io import whosmat
    from scipy.io.matlab import MatReadError

    try:
        found = whosmat(io.BytesIO(data))
    except NotImplementedError as error:
        raise InputError(f"{path}: not a whole MATLAB 7.3 file; save it again") from error
    except (*BROKEN, MatReadError) as error:
        raise InputError(f"{path}: not a whole MATLAB file: {error}") from error
    return [name for name, _, _ in found], ", ".join(f"{name} {shape}" for name, shape, _ in found) or "none"


def _choose(path: Path, variable: str | None, loaded: NpzFile) -> object:
    """The array of that name, or the only one."""
    names = loaded.files
    if not names:
        raise InputError(f"{path}: holds no arrays")
    if variable is None and len(names) == 1:
        return loaded[names[0]]
    if variable in names:
        return loaded[variable]
    listed = ", ".join(f"{visible(name)} {loaded[name].shape}" for name in names)
    if variable is None:
        raise InputError(f"{path}: say which array holds the points: --variable NAME; there are {listed}")
    raise InputError(f"{path}: there is no variable {variable!r}; there are {listed}")
