"""The certificates of a study into the repository: python tools/store_study.py STUDY [certificates]

One folder a (k, n), one certificate a family, and index.csv: every end of every (k, n) with its count.
"""

from __future__ import annotations

import argparse
import csv
import shutil
import sys
from pathlib import Path

from relucert.study.study import read

COLUMNS = ("k", "n", "runs", "kind", "count", "objective_low", "objective_high", "lambda_min", "certificate")


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
    with (options.target / "index.csv").open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerows([COLUMNS, *lines])
    print(f"{copied} certificates, {len(lines)} lines in index.csv")
    return 0


if __name__ == "__main__":
    sys.exit(main())
