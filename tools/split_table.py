"""What certificates of splits add up to, by the number of targets: python tools/split_table.py FOLDER [WIDTH]

The files are those of `relucert split --opposite -o FOLDER`. Prints the rows of a table, WIDTH values of k each.
Nothing is proved here: `relucert audit FOLDER` does that.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path

from relucert.families.teacher.wider.tables import counts_of

KINDS = [
    (side, verdict) for side in ("same", "opposite") for verdict in ("strict-saddle", "degenerate-minimum")
]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("width", type=int, nargs="?", default=5)
    given = parser.parse_args()
    rows: dict[int, Counter[str]] = {}
    for path in given.folder.glob("*.json"):
        claim = json.loads(path.read_bytes())["statement"]["claim"]
        row = rows.setdefault((claim["problem"]["k"] - 1) // given.width, Counter())
        row["points"] += 1
        row["neurons"] += claim["problem"]["n"]
        row.update({" ".join(kind): count for kind, count in counts_of(claim).items()})
    names = ["points", "neurons", *map(" ".join, KINDS)]
    for block, row in sorted(rows.items()):
        first = block * given.width + 1
        print(f"| {first} to {first + given.width - 1} | " + " | ".join(str(row[x]) for x in names) + " |")
    print("| all | " + " | ".join(str(sum(row[x] for row in rows.values())) for x in names) + " |")


if __name__ == "__main__":
    main()
