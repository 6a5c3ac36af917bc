"""Strict reading of JSON: whatever is amiss raises InputError with the file, the entry and the remedy."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Collection
from pathlib import Path
from typing import Any, TypeAlias

from relucert import certificate
from relucert.base.errors import InputError
from relucert.base.strict_json import unique
from relucert.certificate import form
from relucert_audit.check import read
from relucert_audit.format import Refusal

LARGEST_FILE = 2**28
DECIMAL = re.compile(r"-?[0-9]{1,60}(\.[0-9]{1,60})?(e[+-]?[0-9]{1,6})?")
AGAIN = "delete the file and run `relucert grid` again"

Json: TypeAlias = dict[str, Any]


def check(condition: bool, message: str) -> None:
    """Raises InputError with this message unless the condition holds."""
    if not condition:
        raise InputError(message)


def load(path: Path, schema: str) -> Json:
    """The object in a file that has this schema."""
    try:
        check(path.stat().st_size <= LARGEST_FILE, f"{path}: larger than {LARGEST_FILE} bytes; {AGAIN}")
        text = path.read_bytes().decode()
    except (FileNotFoundError, IsADirectoryError) as error:
        raise InputError(f"{path}: no such file; is this a directory that `relucert grid` made?") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8; {AGAIN}") from error
    try:
        value = json.loads(text, object_pairs_hook=unique, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: not JSON ({error}); {AGAIN}") from error
    found = value.get("schema") if isinstance(value, dict) else None
    check(found == schema, f"{path}: schema is {found!r}, this version reads {schema!r}; take the file away")
    return dict(value)


def named(path: Path, methods: Collection[str], restore: str) -> Json:
    """The claim of the certificate that a row names, of one of these methods: read, not proved. restore: the remedy."""
    if not path.is_file():
        raise InputError(f"{path}: missing; {restore}")
    data = path.read_bytes()
    try:
        read(data)
    except Refusal as refusal:
        raise InputError(f"{path}: not a certificate ({refusal.args[-1]}); {restore}") from refusal
    statement = form.parse(data, str(path))["statement"]
    claim: Json = statement["claim"]
    same = certificate.digest(statement) == path.stem and claim["method"] in methods
    check(same, f"{path}: not the certificate that the row names; {restore}")
    return claim


def member(value: Json, key: str, kind: type, where: str) -> Any:
    """The member `key`, which is of exactly this kind: true is no integer."""
    found = value.get(key)
    check(
        type(found) is kind, f"{where}: member {key!r} is missing or is not a JSON {kind.__name__}; {AGAIN}"
    )
    return found


def count(value: Json, key: str, where: str, at_least: int = 0) -> int:
    """A whole number."""
    found: int = member(value, key, int, where)
    check(at_least <= found < 2**53, f"{where}: {key}: {found} is not in [{at_least}, 2^53); {AGAIN}")
    return found


def counts(value: Json, key: str, total: int, where: str) -> dict[str, int]:
    """An object of whole numbers with this sum."""
    inner = member(value, key, dict, where)
    found = {name: count(inner, name, f"{where}: {key}") for name in inner}
    summed = sum(found.values())
    check(summed == total, f"{where}: {key}: they sum to {summed}, the row has {total} runs; {AGAIN}")
    return found


def interval(value: Json, key: str, where: str) -> tuple[str, str]:
    """Two decimals in order."""
    pair = member(value, key, list, where)
    check(len(pair) == 2, f"{where}: {key}: expected two decimals; {AGAIN}")
    low, high = (decimal(x, f"{where}: {key}") for x in pair)
    check(float(low) <= float(high), f"{where}: {key}: {low} is above {high}; {AGAIN}")
    return low, high


def decimal(value: object, where: str) -> str:
    """A decimal, as a string."""
    if not isinstance(value, str) or not DECIMAL.fullmatch(value):
        raise InputError(f"{where}: {value!r} is not a decimal; {AGAIN}")
    return value


def finite(value: object, where: str) -> float:
    """A number that a double holds."""
    if type(value) in (int, float):
        try:
            number = float(value)  # type: ignore[arg-type]
        except OverflowError:
            number = math.inf
        if math.isfinite(number):
            return number
    raise InputError(f"{where}: {str(value)[:40]!r} is not a finite number; {AGAIN}")


def _refuse(text: str) -> Any:
    raise ValueError(f"{text} is not a number of JSON")
