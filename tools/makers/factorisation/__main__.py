"""The files of this package alone; the others stay."""

from __future__ import annotations

import sys
from pathlib import Path

from judge.documents import ROOT, Json
from makers.edits import pretty
from makers.factorisation.all import add


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "tests" / "corpus"
    for path in folder.glob("*/factorisation-*"):
        path.unlink()

    def put(kind: str, name: str, why: str, document: Json) -> None:
        path = folder / kind / f"{name}.json"
        path.write_bytes(pretty(document))
        if kind != "accept":
            path.with_suffix(".md").write_text(why + "\n")

    add(put)
    print(f"{len(list(folder.glob('*/factorisation-*.json')))} files")


if __name__ == "__main__":
    main()
