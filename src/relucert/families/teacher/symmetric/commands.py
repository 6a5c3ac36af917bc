"""`relucert verify --symmetric`: files of symmetric points."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from relucert.base.decimals import double
from relucert.base.errors import InputError
from relucert.base.strict_json import unique
from relucert.families.family import Layout, Options
from relucert.families.teacher.symmetric.point import SymmetricPoint, check_constants

KNOWN = {
    "class_sizes",
    "values",
    "extra",
    "k",
    "runs",
    "min_eig",
    "grad_norm",
    "note",
}  # the last five say nothing


def read_for_verify(path: Path, layout: Layout, options: Options) -> list[tuple[int, SymmetricPoint]]:
    """The points for `relucert verify --symmetric`. Raises InputError, also for options that do not apply."""
    where = f"{path}, a file of symmetric points"
    if layout._replace(signs=None, teacher_signs=None, activation=None, output_weights=None) != layout:
        raise InputError(
            f"{where}: --signs, --teacher-signs, --activation and --output-weights are for points of rows; "
            "leave them out"
        )
    if layout != Layout():
        raise InputError(
            f"{where}: leave out --variable, --layout, --targets, --orthonormal, --loss and --witness"
        )
    options.only(("raw", "constants"), where)
    check_constants(options.constants)
    return list(read(path))


def read(path: Path) -> Iterator[tuple[int, SymmetricPoint]]:
    """The points of a file with one JSON object a line, with their line numbers. Raises InputError."""
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 text") from error
    if not any(line.strip() for line in lines):
        raise InputError(f"{path}: holds no points; expected a JSON object a line")
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line, object_pairs_hook=unique, parse_float=double)
        except (ValueError, RecursionError) as error:
            raise InputError(f"{path}:{number}: not a JSON object: {error}") from error
        unknown = sorted(set(record) - KNOWN) if isinstance(record, dict) else []
        if unknown:
            raise InputError(
                f"{path}:{number}: unknown member {unknown[0]!r}; known: {', '.join(sorted(KNOWN))}"
            )
        try:
            point = SymmetricPoint.from_record(record, f"{path.name}:{number}")
        except InputError as error:
            raise InputError(f"{path}:{number}: {error}") from error
        yield number, point
