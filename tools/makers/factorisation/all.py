"""Every file about matrix factorisation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from corpus_keys import signed
from judge.documents import Json
from makers.factorisation.accepted import accepted
from makers.factorisation.malformed import malformed
from makers.factorisation.rejected import not_confirmed, rejected

Put = Callable[[str, str, str, Any], None]


def add(put: Put) -> None:
    """put(kind, name, why, document)."""

    def sign(kind: str, name: str, why: str, document: Json) -> None:
        put(kind, f"factorisation-{name}", why, signed(document))

    for name, document in accepted().items():
        sign("accept", name, "", document)
    for kind, made in (("reject", rejected), ("not-confirmed", not_confirmed), ("malformed", malformed)):
        for name, why, document in made():
            sign(kind, name, why, document)
