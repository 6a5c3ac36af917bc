"""The safetensors format: eight bytes for the length of a header, the header in JSON, and the numbers.

Read here and not by the package of that name, which has no bfloat16 for NumPy (docs/adr/0016).
"""

from __future__ import annotations

import json
import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from relucert.base.errors import InputError
from relucert.base.strict_json import unique

LENGTH = 8  # bytes of the header's length
MOST_HEADER = 2**24  # bytes: enough for 100 000 names
MOST_DIMENSIONS = 8
BEYOND = 2**63  # no size of an array and no place in a file
MEMBERS = {"dtype", "shape", "data_offsets"}
FLOATS = {"F16": "<f2", "BF16": "<u2", "F32": "<f4", "F64": "<f8"}  # how the bytes of each are taken


class Tensor(NamedTuple):
    shape: tuple[int, ...]
    dtype: str
    data: bytes

    def load(self) -> NDArray[Any]:
        """The numbers, of a dtype in FLOATS."""
        flat = np.frombuffer(self.data, FLOATS[self.dtype])
        if self.dtype == "BF16":  # the upper half of a float32
            flat = (flat.astype(np.uint32) << 16).view(np.float32)
        return flat.reshape(self.shape)


def tensors(data: bytes) -> dict[str, Tensor]:
    """All tensors of a file. Raises InputError unless their bytes fill it without gap or overlap."""
    header, body = _header(data)
    entries = {name: _entry(name, value) for name, value in header.items() if name != "__metadata__"}
    at = 0
    for name, (_, _, begin, end) in sorted(entries.items(), key=lambda x: x[1][2:]):
        if begin != at:
            raise InputError(f"the numbers of {name[:80]!r} begin at byte {begin}, not at {at}")
        at = end
    if at != len(body):
        raise InputError(f"the tensors have {at} bytes, the file {len(body)}")
    return {name: Tensor(shape, dtype, body[a:b]) for name, (shape, dtype, a, b) in entries.items()}


def _header(data: bytes) -> tuple[dict[str, Any], bytes]:
    length = int.from_bytes(data[:LENGTH], "little")
    if len(data) < LENGTH or length > len(data) - LENGTH:
        raise InputError("its header is cut off")
    if length > MOST_HEADER:
        raise InputError(f"its header has more than {MOST_HEADER} bytes")
    try:
        header = json.loads(data[LENGTH : LENGTH + length].decode(), object_pairs_hook=unique)
    except (ValueError, RecursionError) as error:
        raise InputError("its header is not JSON") from error
    if not isinstance(header, dict):
        raise InputError("its header is no object")
    return header, data[LENGTH + length :]


def _entry(name: str, value: Any) -> tuple[tuple[int, ...], str, int, int]:
    """Shape, dtype, first byte and the one behind the last."""
    if not isinstance(value, dict) or set(value) != MEMBERS or not isinstance(value["dtype"], str):
        raise InputError(f"{name[:80]!r} does not have the members {', '.join(sorted(MEMBERS))}")
    shape, offsets, dtype = value["shape"], value["data_offsets"], value["dtype"]
    if not _naturals(shape) or not _naturals(offsets) or len(offsets) != 2 or offsets[0] > offsets[1]:
        raise InputError(f"{name[:80]!r}: its shape or its place is not of natural numbers below 2**63")
    if len(shape) > MOST_DIMENSIONS:  # before the product, which has no end for a hostile shape
        raise InputError(f"{name[:80]!r}: its shape has more than {MOST_DIMENSIONS} dimensions")
    begin, end = offsets
    if dtype in FLOATS and math.prod(shape) * np.dtype(FLOATS[dtype]).itemsize != end - begin:
        raise InputError(f"{name[:80]!r}: a shape of {shape} does not take {end - begin} bytes")
    return tuple(shape), dtype, begin, end


def _naturals(value: Any) -> bool:
    return isinstance(value, list) and all(type(x) is int and 0 <= x < BEYOND for x in value)
