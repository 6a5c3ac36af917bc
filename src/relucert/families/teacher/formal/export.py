"""A certificate as a folder that `coqc` alone checks: theory/, certificate/ with Numbers.v and Theorem.v, Makefile."""

from __future__ import annotations

from pathlib import Path

from relucert.base import store
from relucert.base.errors import InputError
from relucert.families.teacher.formal import coq
from relucert.families.teacher.formal.choose import choose
from relucert.families.teacher.formal.claim import Claim
from relucert.families.teacher.formal.text import (
    NUMBERS,
    PLACE,
    THEOREM,
    numbers_text,
    read_proof,
    theorem_text,
)

MAKEFILE = """\
# make: checks the theorem of certificate/Theorem.v (certificate
# {digest}).
# Needs Coq 8.16 with coq-interval and coquelicot; {install}
COQC := coqc -w -ambiguous-paths -Q theory Relucert -Q certificate Certificate
FILES := {files} certificate/Numbers certificate/Theorem

check:
	for f in $(FILES); do $(COQC) $$f.v || exit 1; done
"""


def write(claim: Claim, folder: Path, fast: bool) -> None:
    """Raises Unprovable before anything is written."""
    numbers = numbers_text(claim, choose(claim))
    theory = coq.theory_files(fast)
    files = " ".join(f"theory/{name.removesuffix('.v')}" for name in theory)
    store.prepare(folder / "theory")
    for name, text in theory.items():
        store.write(folder / "theory" / name, text.encode())
    store.prepare(folder / PLACE)
    store.write(folder / PLACE / NUMBERS, numbers.encode())
    store.write(folder / PLACE / THEOREM, theorem_text(claim, fast).encode())
    store.write(
        folder / "Makefile", MAKEFILE.format(digest=claim.digest, install=coq.INSTALL, files=files).encode()
    )


def read(claim: Claim, folder: Path, fast: bool) -> tuple[str, str]:
    """The two files of a folder, if they say what `claim` says, exactly. Raises InputError."""
    numbers = _text(folder / PLACE / NUMBERS)
    read_proof(numbers, claim, str(folder / PLACE / NUMBERS))
    theorem = _text(folder / PLACE / THEOREM)
    if theorem != theorem_text(claim, fast):
        raise InputError(
            f"{folder / PLACE / THEOREM}: not the theorem of certificate {claim.digest[:16]}..; export it again"
            " (--fast makes a theorem of its own)"
        )
    return numbers, theorem


def fresh(claim: Claim, fast: bool) -> tuple[str, str]:
    """The two files, not written anywhere. Raises Unprovable."""
    return numbers_text(claim, choose(claim)), theorem_text(claim, fast)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not text ({error})") from error
