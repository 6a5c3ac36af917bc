"""A directory of certificates of symmetric points with an index, one line for each k: resumable.

A certificate is written before its line, and a line is appended whole; what a killed process left is found in
the certificates themselves.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable
from pathlib import Path

from relucert import certificate
from relucert.base import store
from relucert.base.errors import InputError
from relucert.families.teacher.symmetric.family import Row, row_of, sizes_text

NAME = "index.csv"
HEADER = ",".join(Row._fields) + "\n"
Key = tuple[int, int, str]  # k, n, class sizes


class Index:
    """What is known in a directory."""

    def __init__(self, directory: Path) -> None:
        """Reads what is there. Raises InputError for a file index.csv that is not such an index."""
        self.directory, self.path = directory, directory / NAME
        self.rows: dict[Key, Row] = {}
        lines = list(self._read())
        named = {row.digest for row in lines}
        for path in sorted(directory.glob("*.json")):
            row = _whole(path)
            if row is not None and (_key(row) not in self.rows or row.digest in named):
                self.rows[_key(row)] = row
        for row in lines:
            if not row.decided:
                self.rows.setdefault(_key(row), row)
        self.write()

    def _read(self) -> Iterable[Row]:
        try:
            text = self.path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return []
        except UnicodeDecodeError as error:
            raise InputError(f"{self.path}: not UTF-8 text") from error
        if not text.startswith(HEADER):
            raise InputError(f"{self.path}: not an index of a family; take another directory with -o")
        whole = text[: text.rfind("\n") + 1]  # a last line without an end was cut off
        lines = csv.reader(io.StringIO(whole))
        next(lines)
        try:
            rows = [Row(*line) for line in lines]
            return [row for row in rows if _key(row)]
        except (TypeError, ValueError) as error:
            raise InputError(f"{self.path}: a line does not fit its header; move the file away") from error

    def get(self, k: int, n: int, sizes: Iterable[int]) -> Row | None:
        """The line of a whole certificate."""
        row = self.rows.get((k, n, sizes_text(sizes)))
        return row if row is not None and row.decided else None

    def add(self, row: Row) -> None:
        """Appends a line."""
        self.rows[_key(row)] = row
        with self.path.open("a", encoding="utf-8") as file:
            file.write(_line(row))
            file.flush()
            os.fsync(file.fileno())

    def write(self) -> None:
        """Writes the whole index, in order."""
        ordered = sorted(self.rows.values(), key=_key)
        data = (HEADER + "".join(map(_line, ordered))).encode()
        if not self.path.exists() or self.path.read_bytes() != data:
            store.write(self.path, data)


def _line(row: Row) -> str:
    return ",".join(row) + "\n"


def _key(row: Row) -> Key:
    return int(row.k), int(row.n), row.class_sizes


def _whole(path: Path) -> Row | None:
    """The line of a certificate file; None if it is damaged, or not about a symmetric point."""
    try:
        statement = certificate.parse(path.read_bytes(), str(path))["statement"]
        row = row_of(statement)
    except (InputError, KeyError, TypeError, ValueError, IndexError):
        return None
    return row if row.digest == path.stem else None
