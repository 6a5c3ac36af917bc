"""Files of named arrays, as programs for training write them: .safetensors, .pt, .pth, .h5, and MATLAB 7.3.

Every reader either returns the one array that is meant, each number by its exact value, or raises InputError, which
names the file, the array and the remedy. Nothing is ever unpickled but by torch.load(weights_only=True).
"""

from __future__ import annotations

import io
import math
import struct
import warnings
from collections.abc import Callable, Mapping
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from numpy.typing import NDArray

from relucert.base import safetensors
from relucert.base.errors import InputError
from relucert.base.visible import visible

SUFFIXES = (".safetensors", ".pt", ".pth", ".h5", ".hdf5")
HDF5_SIGNATURE = b"\x89HDF\r\n\x1a\n"
USER_BLOCK = 512  # bytes before the signature in a .mat file of MATLAB 7.3
MOST_NUMBERS = 2**26  # in one array: far more than any point that is proved
MOST_LISTED = 40
MOST_NAMES = 2**16  # tensors and dictionaries in a file of torch.save
MOST_DEPTH = 32  # dictionaries in dictionaries
LONGEST_NAME = 1024
FIRST_TORCH = (
    2,
    10,
)  # before it files could run code in spite of weights_only (CVE-2025-32434, CVE-2026-24747)
NUMERIC = ("double", "single", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64")


class Layer(NamedTuple):
    """An array in a file. kind: its type in words; load: reads it, or None where its numbers are of another kind."""

    shape: tuple[int, ...]
    kind: str
    load: Callable[[], NDArray[Any]] | None


def is_matlab_7_3(data: bytes) -> bool:
    return data[USER_BLOCK : USER_BLOCK + len(HDF5_SIGNATURE)] == HDF5_SIGNATURE


def read(path: Path, suffix: str, data: bytes, name: str | None) -> NDArray[Any]:
    """The array of that name, or the only one, as float16, float32 or float64 (integers from MATLAB, too)."""
    if suffix == ".safetensors":
        return _chosen(path, safetensor_layers(path, data), name)
    if suffix in (".pt", ".pth"):
        return _chosen(path, _torch_layers(path, data), name)
    return _from_hdf5(path, data, name, matlab=suffix == ".mat")


def _chosen(path: Path, found: Mapping[str, Layer], name: str | None) -> NDArray[Any]:
    if not found:
        raise InputError(f"{path}: holds no arrays of numbers")
    if name is None and len(found) > 1:
        raise InputError(
            f"{path}: say which layer holds the points: --layer NAME; there are {_listed(found)}"
        )
    name = next(iter(found)) if name is None else name
    if name not in found:
        raise InputError(f"{path}: there is no layer {name[:80]!r}; there are {_listed(found)}")
    layer, where = found[name], f"{path}: layer {name[:80]!r}"
    if layer.load is None:
        raise InputError(
            f"{where}: expected float16, bfloat16, float32 or float64, found {visible(layer.kind)[:40]}; "
            "save it as float64"
        )
    if len(layer.shape) > safetensors.MOST_DIMENSIONS:
        raise InputError(f"{where}: has more than {safetensors.MOST_DIMENSIONS} dimensions")
    if 0 in layer.shape:  # NumPy has limits of its own for the other sizes
        raise InputError(f"{where}: the array is empty (shape {layer.shape})")
    if math.prod(layer.shape) > MOST_NUMBERS:
        raise InputError(f"{where}: has more than {MOST_NUMBERS} numbers; save the points alone")
    return layer.load()


def _listed(found: Mapping[str, Layer]) -> str:
    """Names with their shapes, for people; a name is text from a file."""
    said = [
        f"{visible(name[:80])[:80]} {_shape(layer.shape)} {visible(layer.kind)[:20]}"
        for name, layer in islice(found.items(), MOST_LISTED)
    ]
    more = f", and {len(found) - MOST_LISTED} more" if len(found) > MOST_LISTED else ""
    return ", ".join(said) + more


def _shape(shape: tuple[int, ...]) -> str:
    most = safetensors.MOST_DIMENSIONS
    return str(shape) if len(shape) <= most else f"({', '.join(map(str, shape[:most]))}, ..)"


def safetensor_layers(path: Path, data: bytes) -> dict[str, Layer]:
    """The tensors of a .safetensors file."""
    try:
        tensors = safetensors.tensors(data)
    except InputError as error:
        raise InputError(f"{path}: not a whole safetensors file: {error}") from error
    return {
        name: Layer(tensor.shape, tensor.dtype, tensor.load if tensor.dtype in safetensors.FLOATS else None)
        for name, tensor in tensors.items()
    }


def _torch_layers(path: Path, data: bytes) -> dict[str, Layer]:
    """The tensors of a state dict, or of dictionaries of such; what is no tensor is passed over."""
    import pickle

    torch = _torch(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of tensors that are refused below
            whole = torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise InputError(
            f"{path}: holds Python objects, which are never read; save the weights alone: "
            "torch.save(model.state_dict(), FILE)"
        ) from error
    except (
        RuntimeError,
        EOFError,
        ValueError,
        KeyError,
        IndexError,
        TypeError,
        AttributeError,
        AssertionError,
        OSError,
        OverflowError,
        RecursionError,
        struct.error,
    ) as error:
        reason = visible(str(error)).split(". ")[0][:200]
        raise InputError(f"{path}: not a whole file of torch.save: {reason}") from error
    return _tensors(path, torch, whole)


def _torch(path: Path) -> Any:
    """Torch, where it is installed and reads weights without running code."""
    try:
        import torch
    except ModuleNotFoundError as error:
        remedy = (
            f"{path} is read by torch alone, and never unpickled otherwise: pip install torch, or save the weights "
            "as .safetensors or .npz"
        )
        raise ModuleNotFoundError(remedy, name=f"{error.name}; {remedy}") from error  # the name is printed
    version = tuple(int(x) for x in torch.__version__.split("+")[0].split(".")[:2])
    if version < FIRST_TORCH:
        remedy = f"install torch >= {FIRST_TORCH[0]}.{FIRST_TORCH[1]}, or save as .safetensors"
        raise InputError(f"{path}: in torch {torch.__version__} such a file can run code; {remedy}")
    return torch


def _tensors(path: Path, torch: Any, whole: Any) -> dict[str, Layer]:
    """All tensors by their names, in the order of the file.

    A few bytes can hold a dictionary within itself, or shared ones with more names than can be listed: nothing here
    recurs, each dictionary is looked through once, and depth, names and their length are limited.
    """
    found: dict[str, Layer] = {}
    below: dict[int, list[tuple[str, Any]]] = {}  # by the id of a dictionary; `whole` keeps all of them
    waiting, met = [("", whole, 0)], 0
    while waiting:
        name, value, depth = waiting.pop()
        if isinstance(value, torch.Tensor):
            name = name or "tensor"
            if name in found:
                raise InputError(f"{path}: two tensors have the name {name[:80]!r}; save one of them alone")
            found[name] = _torch_layer(path, torch, name, value)
        elif isinstance(value, dict):
            if id(value) not in below:
                below[id(value)] = _of_tensors(torch, value)
            inner = below[id(value)]
            met += len(inner)
            if depth == MOST_DEPTH or met > MOST_NAMES or any(len(x) > LONGEST_NAME for x, _ in inner):
                raise InputError(
                    f"{path}: more than {MOST_DEPTH} dictionaries within each other (or one within itself), more "
                    f"than {MOST_NAMES} names, or a name of more than {LONGEST_NAME} characters; save the weights alone"
                )
            waiting += [(f"{name}.{x}" if name else x, y, depth + 1) for x, y in reversed(inner)]
    return found


def _of_tensors(torch: Any, value: dict[Any, Any]) -> list[tuple[str, Any]]:
    """What of a dictionary can be or hold a tensor. Its own `items` may be what the file made of it."""
    return [(x, y) for x, y in dict.items(value) if isinstance(x, str) and isinstance(y, torch.Tensor | dict)]


def _torch_layer(path: Path, torch: Any, name: str, tensor: Any) -> Layer:
    kind = str(tensor.dtype).removeprefix("torch.")
    if tensor.is_nested:  # has no shape
        return Layer((), f"{kind}, nested", None)
    if tensor.dim() > safetensors.MOST_DIMENSIONS:
        return Layer((), f"{kind} of many dimensions", None)
    plain = tensor.layout == torch.strided and tensor.device.type == "cpu" and not tensor.is_quantized
    if not plain:
        return Layer(tuple(tensor.shape), f"{kind}, sparse or not on the CPU", None)

    def load() -> NDArray[Any]:
        try:
            return tensor.detach().to(torch.float64).numpy()  # type: ignore[no-any-return]
        except (RuntimeError, TypeError, ValueError, AttributeError) as error:
            reason = visible(str(error))[:200]
            raise InputError(f"{path}: layer {name[:80]!r}: not a plain tensor: {reason}") from error

    floats = (torch.float16, torch.bfloat16, torch.float32, torch.float64)
    return Layer(tuple(tensor.shape), kind, load if tensor.dtype in floats else None)


def _from_hdf5(path: Path, data: bytes, name: str | None, *, matlab: bool) -> NDArray[Any]:
    try:
        import h5py
    except ModuleNotFoundError as error:
        remedy = "HDF5 and MATLAB 7.3 files need it: pip install 'relucert[weights]'"
        raise ModuleNotFoundError(remedy, name=f"{error.name}; {remedy}") from error  # the name is printed
    try:
        with h5py.File(io.BytesIO(data), "r") as file:
            found: dict[str, Layer] = {}

            def visit(key: str, item: Any) -> None:
                layer = _hdf5_layer(h5py, item, matlab=matlab) if isinstance(item, h5py.Dataset) else None
                if layer is not None and not (matlab and "/" in key):  # below #refs# and structs
                    found[key] = layer

            file.visititems(visit)  # does not follow links, so no other file is opened
            return _chosen(path, found, name)
    except (OSError, OverflowError, RuntimeError, KeyError, ValueError, TypeError, UnicodeError) as error:
        if isinstance(error, InputError):
            raise
        form = "MATLAB 7.3" if matlab else "HDF5"
        raise InputError(f"{path}: not a whole {form} file: {visible(str(error))[:200]}") from error


def _hdf5_layer(h5py: Any, item: Any, *, matlab: bool) -> Layer | None:
    """A dataset of this file alone; None for what MATLAB has beside its matrices of numbers."""
    kind, shape = str(item.dtype), item.shape
    if shape is None or item.is_virtual or item.external:
        return None if shape is None else Layer(shape, f"{kind}, kept in other files", None)
    if not matlab:
        h = h5py.h5t
        floats = (h.IEEE_F16LE, h.IEEE_F16BE, h.IEEE_F32LE, h.IEEE_F32BE, h.IEEE_F64LE, h.IEEE_F64BE)
        load = (lambda: item[()]) if item.id.get_type() in floats else None
        return Layer(shape, kind, load)
    of = item.attrs.get("MATLAB_class", b"")
    if of not in [x.encode() for x in NUMERIC] or "MATLAB_empty" in item.attrs:
        return None
    # MATLAB writes columns first: its shape is HDF5's from back to front.
    load = (lambda: item[()].transpose()) if item.dtype.kind in "fiu" else None
    return Layer(shape[::-1], of.decode(), load)
