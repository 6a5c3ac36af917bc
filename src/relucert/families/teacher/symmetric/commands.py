"""`relucert verify --symmetric`: certificates for files of symmetric points."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from relucert.base.console import Bar, output, print_json, print_outcome
from relucert.base.decimals import double
from relucert.base.errors import InputError
from relucert.base.strict_json import unique
from relucert.families.printing import NAMES
from relucert.families.teacher.statement import issue
from relucert.families.teacher.symmetric.point import SymmetricPoint, record, summary, verify_point
from relucert.families.teacher.symmetric.transposed import hint

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


def verify_files(
    paths: Iterable[Path],
    directory: Path,
    key: Ed25519PrivateKey,
    *,
    raw: bool,
    constants: str,
    as_json: bool,
) -> list[str]:
    """Writes a signed certificate for each point that is decided; returns the verdicts."""
    points = [(path, line, point) for path in paths for line, point in read(path)]
    verdicts: list[str] = []
    with Bar("verifying", len(points)) as advance:
        for done, (path, line, point) in enumerate(points):
            started = time.perf_counter()
            result = verify_point(point, raw=raw, constants=constants)
            certificate = issue(result, directory, key) if result.outcome.proved else None
            doubt = "" if result.outcome.proved else hint(point)
            seconds = round(time.perf_counter() - started, 4)
            verdicts.append(result.verdict)
            advance(done + 1, len(points))
            if as_json:
                fields = record(result)
                if doubt:
                    fields["reason"] = f"{fields['reason']}; {doubt}"
                print_json(
                    {"source": str(path), "line": line, **fields, "seconds": seconds,
                     "certificate": None if certificate is None else str(certificate)}
                )  # fmt: skip
            else:
                said = f"{summary(result)}\n{doubt}".rstrip()
                print_outcome(NAMES[result.verdict], result.verdict, f"{path}:{line}", said)
                if certificate is not None:
                    output.print(f"  {certificate}", markup=False)
    if not as_json and len(verdicts) > 1:
        output.print("; ".join(f"{count} {verdict}" for verdict, count in Counter(verdicts).most_common()))
    return verdicts


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
