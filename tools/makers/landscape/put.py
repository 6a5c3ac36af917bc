"""The files, all signed; whether they are true is judged by the objective alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from corpus_keys import signed
from judge.documents import Json
from makers.landscape.truth import untrue

Put = Callable[[str, str, str, Any], None]


class Files:
    """put(kind, name, why, document)."""

    def __init__(self, put: Put) -> None:
        self._put = put

    def accept(self, name: str, document: Json) -> None:
        reason = untrue(document["statement"]["claim"])
        if reason:
            raise SystemExit(f"{name}: {reason} is not true")
        self.put("accept", name, "", document)

    def false(self, kind: str, name: str, why: str, document: Json) -> None:
        """Not true."""
        if not untrue(document["statement"]["claim"]):
            raise SystemExit(f"{name}: is true")
        self.put(kind, name, why, document)

    def put(self, kind: str, name: str, why: str, document: Json, *, sign: bool = True) -> None:
        """Wrong in form, or not admissible, or not provable, whether true or not."""
        self._put(kind, f"landscape-{name}", why, signed(document) if sign else document)
