"""The folders that files are put into, once; those of the teacher-student problem are judged true or not."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from corpus_keys import signed
from judge.claims import judge
from judge.documents import ROOT, Json, encode
from judge.truth import Untrue
from makers.edits import changed, pretty

KEEP = "reject", "malformed", "not-confirmed", "accept"
Put = Callable[[str, str, str, Any], None]  # kind, name, why, content
Rows = Iterable[tuple[str, str, str, Any]]  # name, why, path, new member


def cleared(folder: Path, *patterns: str) -> Path:
    """The folder without the files of these patterns, and with a folder for every kind."""
    for kind in KEEP:
        (folder / kind).mkdir(parents=True, exist_ok=True)
        for pattern in patterns:
            for path in (folder / kind).glob(pattern):
                path.unlink()
    return folder


class Corpus:
    def __init__(self, folder: Path) -> None:
        self.folder = cleared(folder)
        for kind in KEEP:
            for path in (folder / kind).iterdir():
                if not path.name.startswith("cnn-"):  # those are make_corpus_cnn.py's
                    path.unlink()

    def put(self, kind: str, name: str, why: str, content: Json | bytes) -> None:
        data = content if isinstance(content, bytes) else pretty(content)
        path = self.folder / kind / f"{name.replace('.', '-')}.json"
        if path.exists():
            raise SystemExit(f"{name} occurs twice")
        path.write_bytes(data)
        if kind != "accept":
            path.with_suffix(".md").write_text(why + "\n")

    def accept(self, name: str, document: Json) -> None:
        """Anything true, judged so independently of any checker."""
        judge(encode(document | {"signatures": []}))
        self.put("accept", name, "", document)

    def false(self, kind: str, name: str, why: str, document: Json) -> None:
        """Signed, so that only the statement can be what is wrong; judged not to be true."""
        try:
            judge(encode(document))
        except Untrue:
            self.put(kind, name, why, signed(document))
        else:
            raise SystemExit(f"{name}: is true")


class Apart(Corpus):
    """A folder of which only these files are made anew."""

    def __init__(self, folder: Path, start: str) -> None:
        self.folder = cleared(folder, f"{start}-*")


class Files:
    def __init__(self, folder: Path) -> None:
        self.folder = cleared(folder, "cnn-*")

    def put(self, kind: str, name: str, why: str, document: Json) -> None:
        path = self.folder / kind / f"cnn-{name}.json"
        if path.exists():
            raise SystemExit(f"{name} occurs twice")
        path.write_bytes(pretty(signed(document)))
        if kind != "accept":
            path.with_suffix(".md").write_text(why + "\n")


class Named:
    """Signed files of one family, whose names begin with its own."""

    def __init__(self, put: Put, family: str) -> None:
        self._put, self._family = put, family

    def put(self, kind: str, name: str, why: str, document: Json) -> None:
        self._put(kind, f"{self._family}-{name}", why, signed(document))

    def edit(self, kind: str, of: Json, rows: Rows) -> None:
        for name, why, path, new in rows:
            self.put(kind, name, why, changed(of, path, new))


def remake(family: str, add: Callable[[Put], None], *patterns: str) -> None:
    """The files of this family alone (of these patterns), in the corpus or in the folder of the command line."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "tests" / "corpus"
    patterns = patterns or (f"{family}-*",)
    cleared(folder, *patterns)

    def put(kind: str, name: str, why: str, document: Json) -> None:
        path = folder / kind / f"{name}.json"
        path.write_bytes(pretty(document))
        if kind != "accept":
            path.with_suffix(".md").write_text(why + "\n")

    add(put)
    print(f"{len([path for pattern in patterns for path in folder.glob(f'*/{pattern}.json')])} files")
