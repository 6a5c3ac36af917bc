"""Exact numbers in JSON: doubles by their value, hexadecimal floats, and pairs [m, e] meaning m * 2**e."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

from relucert.base.decimals import double
from relucert.base.dyadic import Dyadic, canonical
from relucert.base.errors import InputError
from relucert.base.exact import exact_rows
from relucert.base.strict_json import unique

Made = TypeVar("Made")
HEXADECIMAL = re.compile(r"([+-]?)0x([0-9a-f]+)(?:\.([0-9a-f]*))?(?:p([+-]?[0-9]{1,6}))?", re.IGNORECASE)


def located(where: object, make: Callable[[], Made]) -> Made:
    """Runs `make`, naming `where` in its InputError."""
    try:
        return make()
    except InputError as error:
        raise type(error)(f"{where}: {error}") from error


def read_json(path: Path, data: bytes) -> Any:
    try:
        return json.loads(
            data.decode(), parse_constant=_no_constant, parse_float=double, object_pairs_hook=unique
        )
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise InputError(f"{path}: not JSON: {error}") from error


def read_texts(data: bytes) -> Any:
    """A JSON file whose numbers stay the texts that they are: a decimal is not a double. Raises InputError."""
    return _loaded(data, str)


def read_doubles(data: bytes) -> Any:
    """A JSON file whose decimals are the doubles next to them. Raises InputError."""
    return _loaded(data, None)


def _loaded(data: bytes, number: Callable[[str], Any] | None) -> Any:
    try:
        return json.loads(
            data.decode(),
            parse_float=number,
            parse_int=number,
            parse_constant=_no_constant,
            object_pairs_hook=unique,
        )
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise InputError(f"not JSON: {error}") from error


def _no_constant(text: str) -> Any:
    raise ValueError(f"{text} is not a finite number")


def exact_row(row: Any, what: str) -> tuple[Dyadic, ...]:
    """A list of numbers of a JSON file, exact. `what` names it in errors. Raises InputError."""
    return exact_rows(json_rows([row]), what)[0]


def json_rows(rows: Any) -> list[list[object]]:
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


def _hexadecimal(text: str, where: str) -> Dyadic:
    """Exact, whatever the number of digits."""
    match = HEXADECIMAL.fullmatch(text)
    if match is None or len(text) > 5000:
        raise InputError(f"{where}: {text[:40]!r} is not a hexadecimal float such as 0x1.8p-3")
    sign, whole, fraction, power = match.groups("")
    return canonical(int(sign + whole + fraction, 16), int(power or "0") - 4 * len(fraction))
