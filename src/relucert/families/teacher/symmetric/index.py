"""A directory of certificates of symmetric points with an index, one line for each k: resumable.

A certificate is written before its line, and a line is appended whole; what a killed process left is found in
the certificates themselves. A line is derived from its certificate, and only from one that the checker accepts.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Callable, Iterable
from pathlib import Path

from relucert.base import store
from relucert.base.errors import InputError
from relucert.certificate.checked import check_all
from relucert.certificate.numbers import Json
from relucert.families.teacher.methods import SYMMETRIC
from relucert.families.teacher.symmetric.family import INCONCLUSIVE, NOT_FOUND, Row, row_of, sizes_text

NAME = "index.csv"
HEADER = ",".join(Row._fields) + "\n"
Key = tuple[int, int, str]  # k, n, class sizes


class Index:
    """What is known in a directory."""

    def __init__(
        self,
        directory: Path,
        jobs: int = 1,
        progress: Callable[[int, int], object] = lambda *_: None,
        warn: Callable[[str], object] = lambda _: None,
    ) -> None:
        """Checks what is there. Raises InputError for a file index.csv that is not such an index.

        jobs: processes; progress: called with (done, total); warn: with what is not accepted, and left alone.
        """
        self.directory, self.path = directory, directory / NAME
        self.rows: dict[Key, Row] = {}
        lines = list(self._read())
        named = {row.digest for row in lines}
        for _, found in check_all(sorted(directory.glob("*.json")), jobs, progress):
            if isinstance(found, str):
                warn(f"{found}; it is not used")
            row = None if isinstance(found, str) else _line_of(found)
            if row is not None and (_key(row) not in self.rows or row.digest in named):
                self.rows[_key(row)] = row
        for row in lines:
            if row.verdict in (INCONCLUSIVE, NOT_FOUND) and not row.decided:
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


def _line_of(statement: Json) -> Row | None:
    """The line of a certificate; None if it is not about a symmetric point."""
    return row_of(statement) if statement["claim"]["method"] == SYMMETRIC else None
