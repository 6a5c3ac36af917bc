"""The certificates of a study into the repository: python tools/store_study.py STUDY [certificates]

One folder a (k, n), one certificate a family, and index.csv: every end of every (k, n) with its count. Certificates
of runs that are proved from their starts go into runs/, a folder a (k, n), with an index.csv of their own: for each
certificate how many of its runs are proved to end how, and for each (k, n) how many are not proved. They are the first
`runs` in the order of hashes (docs/spec/study-v1.md section 3) of the `of` that the study has.
"""

from __future__ import annotations

import argparse
import csv
import json
import shutil
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from relucert.study.study import Row, read

COLUMNS = ("k", "n", "runs", "kind", "count", "objective_low", "objective_high", "lambda_min", "certificate")
RUN_COLUMNS = ("k", "n", "runs", "of", "ends", "count", "verdict", "certificate")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("study", type=Path)
    parser.add_argument("target", type=Path, nargs="?", default=Path("certificates"))
    options = parser.parse_args()
    study, copied, lines = read(options.study), 0, []
    for row in sorted(study.rows, key=lambda row: (row.n - row.k, row.k)):
        folder = options.target / f"{row.k}-{row.n}"
        for family in row.families:
            folder.mkdir(parents=True, exist_ok=True)
            name = f"{family.certificate}.json"
            shutil.copy(options.study / "certificates" / name, folder / name)
            copied += 1
            numbers = (*family.objective, family.lambda_min[0], family.certificate)
            lines.append((row.k, row.n, row.runs, family.verdict, family.count, *numbers))
        for kind in ("below-floor", "undecided"):
            if count := row.kinds.get(kind):
                lines.append((row.k, row.n, row.runs, kind, count, *[""] * 4))
    _write(options.target / "index.csv", COLUMNS, lines)
    stored = [line for row in study.rows for line in _runs(row, options.study, options.target)]
    if stored:
        _write(options.target / "runs" / "index.csv", RUN_COLUMNS, stored)
    print(
        f"{copied} certificates, {len(lines)} lines in index.csv, {len({line[-1] for line in stored} - {''})} of runs"
    )
    return 0


def _runs(row: Row, study: Path, target: Path) -> list[tuple[object, ...]]:
    """Copies the certificates of runs of a row; its lines of their index."""
    if row.proved is None:
        return []
    name, folder = f"{row.k}-{row.n}", target / "runs" / f"{row.k}-{row.n}"
    folder.mkdir(parents=True, exist_ok=True)
    ends = Counter(zip(row.proved.certificate, row.proved.kind, strict=True))
    lines, asked = [], (row.k, row.n, row.proved.asked, row.runs)
    for digest in row.proved.certificates:
        source = study / "runs" / name / f"{digest}.json"
        shutil.copy(source, folder)
        verdict = json.loads(source.read_bytes())["statement"]["claim"]["verdict"]
        for (of, kind), count in sorted(ends.items(), key=str):
            if of == digest:
                lines.append((*asked, kind, count, verdict, digest))
    if open_ := row.proved.kinds["not-proved"]:
        lines.append((*asked, "not-proved", open_, "", ""))
    return lines


def _write(path: Path, columns: Iterable[str], lines: Iterable[tuple[object, ...]]) -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerows([columns, *lines])


if __name__ == "__main__":
    sys.exit(main())
