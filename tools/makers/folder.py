"""The folders that files are put into, once; those of the teacher-student problem are judged true or not."""

from __future__ import annotations

from pathlib import Path

from corpus_keys import signed
from judge.claims import judge
from judge.documents import Json, encode
from judge.truth import Untrue
from makers.edits import pretty

KEEP = "reject", "malformed", "not-confirmed", "accept"


class Corpus:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for kind in KEEP:
            (folder / kind).mkdir(parents=True, exist_ok=True)
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
        self.folder = folder
        for path in folder.glob(f"*/{start}-*"):
            path.unlink()


class Files:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for kind in KEEP:
            for path in (folder / kind).glob("cnn-*"):
                path.unlink()

    def put(self, kind: str, name: str, why: str, document: Json) -> None:
        path = self.folder / kind / f"cnn-{name}.json"
        if path.exists():
            raise SystemExit(f"{name} occurs twice")
        path.write_bytes(pretty(signed(document)))
        if kind != "accept":
            path.with_suffix(".md").write_text(why + "\n")
