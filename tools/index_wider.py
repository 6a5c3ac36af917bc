"""The index of certificates of wider networks: python tools/index_wider.py [certificates/wider]

One line a certificate: what it claims, and for splits how many neurons have which verdict. The audit compares all.
"""

from __future__ import annotations

import argparse
import csv
import json
from pathlib import Path
from typing import Any

from relucert.families.teacher.wider.tables import counts_of

COLUMNS = (
    "k", "n", "verdict", "objective_low", "objective_high", "lambda_min", "barrier", "same_saddles", "same_minima",
    "opposite_saddles", "opposite_minima", "digest",
)  # fmt: skip
SIDES = {
    "same_saddles": ("same", "strict-saddle"),
    "same_minima": ("same", "degenerate-minimum"),
    "opposite_saddles": ("opposite", "strict-saddle"),
    "opposite_minima": ("opposite", "degenerate-minimum"),
}


def line(path: Path) -> dict[str, Any]:
    claim = json.loads(path.read_bytes())["statement"]["claim"]
    bounds, problem = claim["bounds"], claim["problem"]
    low, high = (x["decimal"] for x in bounds["objective"])
    said: dict[str, int | str] = dict.fromkeys(SIDES, "")
    if "splits" in claim:
        counts = counts_of(claim)
        said |= {name: counts[key] for name, key in SIDES.items()}
    return {
        "k": problem["k"],
        "n": problem["n"],
        "verdict": claim["verdict"],
        "objective_low": low,
        "objective_high": high,
        "lambda_min": bounds["lambda_min"][0]["decimal"],
        "barrier": bounds["barrier"]["decimal"] if "barrier" in bounds else "",
        **said,
        "digest": path.stem,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path, nargs="?", default=Path("certificates/wider"))
    folder = parser.parse_args().folder
    lines = [line(path) for path in folder.glob("*.json")]
    lines.sort(key=lambda x: (x["n"] - x["k"], x["k"], x["verdict"], float(x["objective_low"]), x["digest"]))
    with (folder / "index.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(lines)
    print(f"{len(lines)} certificates in index.csv")


if __name__ == "__main__":
    main()
