"""Tables of numbers in .csv files: every number exact or refused, and nothing that is no number taken for one.

UTF-8, with or without a byte order mark. Blank lines, and what follows a #, are skipped. Entries stand between ";"
if the first line of numbers has one, else tabs, else ",", else white space. A first line without any number is a
header. What spreadsheets and data frames put beside the numbers is refused: numbers of rows and of columns.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from relucert.base.decimals import PLAIN, double
from relucert.base.errors import InputError

SPACE = " "  # any white space, any number of times
DELIMITERS = {";": '";"', "\t": "tabs", ",": "commas", SPACE: "white space"}  # the first that occurs
ENDS = re.compile(r"\r\n|\r|\n")
COMMENT = re.compile(r"#(?!N/A|DIV/0!|VALUE!|REF!|NAME\?|NUM!|NULL!).*")  # but no error of a spreadsheet
NUMBER = re.compile(r"[(+\-\u2212]?\s*[.,]?[0-9]|#")  # how what is meant as a number begins
MISSING = {"nan", "inf", "infinity", "na", "n/a", "null", "none"}  # what stands for a number
COMMA = re.compile(r"[+-]?[0-9.]*,[0-9]+(?:[eE][+-]?[0-9]+)?")
UNNAMED = {"", "unnamed: 0"}  # the header that data frames give to numbers of rows,
ROW_NUMBERS = {"index", "row", "id", "neuron"}  # and what people call them


class Line(NamedTuple):
    """The entries of a line, and its number in the file, from 1."""

    number: int
    entries: list[str]


def read(path: Path, data: bytes) -> list[list[float]]:
    """The rows of a table, all as long. Raises InputError, which names the file, the line, the entry, the remedy."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not a text file in UTF-8 ({error}); save it as CSV in UTF-8") from error
    bare = [(i, COMMENT.sub("", line)) for i, line in enumerate(ENDS.split(text), start=1)]
    lines = [(i, line) for i, line in bare if line.strip()]
    if not lines:
        raise InputError(f"{path}: holds no numbers")
    first = _split(path, *lines[0], _delimiter(lines[0][1]))
    header = first if _is_header(first.entries) else None
    if header is not None:
        del lines[0]
    if not lines:
        raise InputError(f"{path}: holds no numbers, only a header in line {first.number}")
    delimiter = _delimiter(lines[0][1])
    table = [_split(path, i, line, delimiter) for i, line in lines]
    if header is None:
        _check_columns(path, table)
    else:
        _check_index(path, header, table)
    return [_numbers(path, line, table[0], delimiter) for line in table]


def _delimiter(line: str) -> str:
    return next((x for x in DELIMITERS if x in line.strip()), SPACE)


def _split(path: Path, number: int, line: str, delimiter: str) -> Line:
    """The entries of a line, without quotes and outer spaces. Raises InputError for quotes that do not match."""
    if delimiter == SPACE:
        line = re.sub(r"\s+", SPACE, line).strip()
    elif delimiter != "\t":
        line = line.strip()
    try:
        (entries,) = csv.reader([line], delimiter=delimiter, skipinitialspace=True, strict=True)
    except csv.Error as error:
        raise InputError(f"{path}: line {number}: {error}; write the numbers without quotes") from error
    return Line(number, [entry.strip() for entry in entries])


def _is_header(entries: list[str]) -> bool:
    """Whether a first line has names, or a corner without a name and numbers of columns."""
    corner = entries[0].casefold() in UNNAMED
    names = entries[1:] if corner else entries
    return (corner and _counts(names)) or (bool(names) and all(map(_is_name, names)))


def _is_name(entry: str) -> bool:
    """Whether an entry cannot be meant as a number, nor as one that is missing."""
    if NUMBER.match(entry) or entry.lstrip("+-").casefold() in MISSING:
        return False
    return any(x.isalpha() for x in entry)


def _counts(entries: list[str]) -> bool:
    """Whether the entries are 0, 1, .. or 1, 2, .., written as integers."""
    return bool(entries) and any(entries == [str(i + a) for i in range(len(entries))] for a in (0, 1))


def _check_columns(path: Path, table: Sequence[Line]) -> None:
    """Raises InputError if the first of several lines seems to be numbers of columns."""
    line = table[0]
    if len(table) > 1 and _counts(line.entries):
        said = line.entries if len(line.entries) < 4 else [*line.entries[:2], "...", line.entries[-1]]
        raise InputError(
            f"{path}: line {line.number} is {', '.join(said)}: column numbers? start the line with # if so; "
            "if it is a neuron, give the points as .json or .npy"
        )


def _check_index(path: Path, header: Line, table: Sequence[Line]) -> None:
    """Raises InputError if the first column seems to be numbers of rows, by its header and its entries."""
    name = header.entries[0].casefold()
    column = [line.entries[0] for line in table]
    short = len(header.entries) == len(table[0].entries) - 1  # R names only the others
    integers = all(re.fullmatch("[0-9]+", x) for x in column) and len(set(column)) == len(column)
    if name in UNNAMED or (integers and (short or name in ROW_NUMBERS)):
        raise InputError(
            f"{path}: line {header.number}: by this header the first column is no coordinate but row numbers; "
            "save without them (pandas: index=False, R: row.names=FALSE), or start the header with #"
        )


def _numbers(path: Path, line: Line, first: Line, delimiter: str) -> list[float]:
    found, expected = len(line.entries), len(first.entries)
    if found != expected:
        raise InputError(
            f"{path}: line {line.number} has {_entries(found)}, line {first.number} has {expected} (with "
            f"{DELIMITERS[delimiter]} between); expected as many in every line"
        )
    return [_number(path, line, j, delimiter) for j in range(found)]


def _number(path: Path, line: Line, j: int, delimiter: str) -> float:
    text = line.entries[j]
    try:
        return double(text)
    except ValueError as error:
        where = f"{path}: line {line.number}, entry {j + 1}"
        raise InputError(f"{where}: {_wrong(text, str(error), delimiter)}") from error


def _wrong(text: str, error: str, delimiter: str) -> str:
    """What is wrong with an entry, and the remedy."""
    if not text:
        return f"empty; expected numbers with {DELIMITERS[delimiter]} between, and none at the ends of lines"
    if COMMA.fullmatch(text):
        return f"{text[:40]!r} has a decimal comma; write decimal points, such as 0.5"
    if PLAIN.fullmatch(text):
        return f"{error}, in a .json file"
    return (
        f"{error}; expected finite numbers with decimal points, and {DELIMITERS[delimiter]} between; "
        "a header has no number in it, or starts with #"
    )


def _entries(count: int) -> str:
    return f"{count} {'entry' if count == 1 else 'entries'}"
