"""Makes the files cnn-* of tests/corpus: python tools/make_corpus_cnn.py [FOLDER]

As tools/make_corpus.py, for the one-hidden-layer CNN (docs/spec/cnn-v1.md and cnn-descent-v1.md). The true
ones are proved by relucert. A false interval lies beside the proved one, at a distance of a relative 2^-12; a
false bound is tighter than the proved one, which is loose by 2^-18 at most, by as much. NAME.md says in one
line what is wrong. Old files called cnn-* are removed, the others stay.
"""

from __future__ import annotations

import sys
from pathlib import Path

from judge.documents import ROOT
from makers.cnn.accepted import accepted
from makers.cnn.malformed import malformed
from makers.cnn.rejected import rejected
from makers.folder import KEEP, Files


def main() -> None:
    files = Files(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "tests" / "corpus")
    made = accepted(files)
    rejected(files, made)
    malformed(files, made)
    for kind in reversed(KEEP):
        print(f"{kind}: {len(list((files.folder / kind).glob('cnn-*.json')))}")


if __name__ == "__main__":
    main()
