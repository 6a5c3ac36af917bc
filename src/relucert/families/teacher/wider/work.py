"""From certificates on disk to statements about wider networks, in processes of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import NamedTuple

from relucert.base.errors import InputError
from relucert.base.pool import each
from relucert.certificate.checked import well_formed
from relucert.certificate.numbers import Json
from relucert.families.teacher.methods import TRAINED, ZERO
from relucert.families.teacher.wider import claims
from relucert.families.teacher.wider.base import Base, kinds, prove

FOR_A_POOL = 4  # certificates from which on processes are worth their start
UNDECIDED = "neither sign of the curvature is proved; an eigenvalue is too near to 0"


class Asked(NamedTuple):
    """What is asked about each certificate. neuron: one, from 1, or None for all."""

    method: str
    neuron: int | None = None
    opposite: bool = False


class Made(NamedTuple):
    """What came of a certificate: a statement, or the reason why there is none, or not all that was asked.

    refused: the certificate or the question is not accepted. undecided: neurons about which something is not proved.
    """

    path: Path
    statement: Json | None
    reason: str = ""
    refused: bool = False
    undecided: tuple[int, ...] = ()


def make_all(
    paths: Sequence[Path], asked: Asked, jobs: int, progress: Callable[[int, int], object]
) -> Iterator[Made]:
    """Each certificate, in order."""
    with closing(each(partial(make, asked=asked), paths, jobs, FOR_A_POOL)) as results:
        for done, result in enumerate(results, 1):
            progress(done, len(paths))
            yield result


def make(path: Path, asked: Asked) -> Made:
    """Proves the critical point of a certificate again, and what is asked about it. Runs in worker processes.

    Of the certificate the exact point and problem are used, and its verdict is what has to be proved again: that its
    numbers are true plays no part, so its proof is not checked a second time.
    """
    try:
        source = well_formed(path)
        base = prove(source, str(path))
    except (InputError, OSError) as error:
        return Made(path, None, str(error), refused=True)
    if base is None:
        reason = "not accepted: its verdict is not proved again from its exact point"
        return Made(path, None, reason, refused=True)
    if asked.method == TRAINED:
        return Made(path, claims.trained_statement(base, source))
    if asked.method == ZERO:
        statement = claims.zero_statement(base, source)
        return Made(path, statement, "" if statement else "no target is proved to lower the loss")
    return _split(path, base, source, asked)


def _split(path: Path, base: Base, source: Json, asked: Asked) -> Made:
    if asked.neuron is not None and asked.neuron > kinds(source["claim"]):
        return Made(
            path, None, f"there are neurons 1 to {kinds(source['claim'])}, no {asked.neuron}", refused=True
        )
    found = claims.splits(base, asked.neuron, opposite=asked.opposite)
    decided = [x for x in found if x.same is not None or x.opposite is not None]
    open_ends = tuple(x.neuron for x in found if x.same is None or (asked.opposite and x.opposite is None))
    if not decided:
        return Made(path, None, UNDECIDED, undecided=open_ends)
    return Made(
        path,
        claims.split_statement(base, decided, source),
        UNDECIDED if open_ends else "",
        undecided=open_ends,
    )
