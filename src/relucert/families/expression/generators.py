"""Generators of symmetries as JSON and as text: docs/spec/expression-v1.md, `symmetry`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from relucert.base.arrays import read_bytes
from relucert.base.errors import InputError
from relucert.base.json_numbers import located
from relucert.certificate.numbers import Json
from relucert.families.expression.nodes import check_digits
from relucert.families.expression.reading import exact_entry, load
from relucert.kernel.expression.invariance import Generator

AUTO = "auto"
Gauge = str | Sequence[Generator] | None  # AUTO, or generators


def given_gauge(option: str | None, parameters: int) -> Gauge:
    """From the option --gauge: "auto", or a file of generators. Raises InputError."""
    return option if option is None or option == AUTO else read_generators(Path(option), parameters)


def as_json(of: Generator) -> Json:
    """As a member of `symmetry`."""
    found = {"matrix": [[i, j, str(q)] for i, j, q in of.matrix], "shift": [[i, str(q)] for i, q in of.shift]}
    return {name: entries for name, entries in found.items() if entries}


def read_generators(path: Path, parameters: int) -> tuple[Generator, ...]:
    """From a JSON file that holds a list of generators. Raises InputError."""
    data = read_bytes(path)
    return located(path, lambda: parse(load(data), parameters))


def parse(whole: Any, parameters: int) -> tuple[Generator, ...]:
    """From JSON values, or the same in Python, in any order. Raises InputError."""
    if not isinstance(whole, Sequence) or isinstance(whole, str) or not whole:
        raise InputError(
            'symmetry must be a list of generators, such as [{"matrix": [[0, 0, 1], [1, 1, -1]]}]'
        )
    return tuple(_located(i, x, parameters) for i, x in enumerate(whole))


def _located(number: int, given: Any, parameters: int) -> Generator:
    return located(f"generator {number}", lambda: _generator(given, parameters))


def _generator(given: Any, parameters: int) -> Generator:
    if not isinstance(given, Mapping) or not given or set(given) - {"matrix", "shift"}:
        raise InputError(
            'expected {"matrix": [[i, j, number], ..], "shift": [[i, number], ..]}, or one of the two'
        )
    matrix = _entries(given.get("matrix", ()), 2, parameters)
    shift = _entries(given.get("shift", ()), 1, parameters)
    if not matrix and not shift:
        raise InputError("a generator without entries that are not 0 moves nothing; leave it out")
    return Generator(tuple((*x, q) for x, q in matrix), tuple((*x, q) for x, q in shift))  # type: ignore[misc]


def _entries(given: Any, places: int, parameters: int) -> list[tuple[tuple[int, ...], Fraction]]:
    """Entries that are not 0, in ascending order of their places."""
    found: dict[tuple[int, ...], Fraction] = {}
    if not isinstance(given, Sequence) or isinstance(given, str):
        raise InputError("matrix and shift are lists of entries")
    for entry in given:
        if not isinstance(entry, Sequence) or isinstance(entry, str) or len(entry) != places + 1:
            raise InputError(f"an entry is {str(entry)[:40]}; expected {places} parameters and a number")
        place = tuple(entry[:places])
        if any(type(i) is not int or not 0 <= i < parameters for i in place):
            raise InputError(f"an entry is {str(entry)[:40]}; parameters are 0 to {parameters - 1}")
        if place in found:
            raise InputError(f"two entries at {list(place)}; give their sum")
        value, where = entry[places], f"the entry at {list(place)}"
        found[place] = value if isinstance(value, Fraction) else exact_entry(value, where)
        check_digits(found[place], where)
    return sorted((place, q) for place, q in found.items() if q)
