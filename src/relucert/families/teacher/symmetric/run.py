"""Certificates for the members of a family, over processes, one line of an index each."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from relucert.certificate.provenance import provenance, sign_and_store
from relucert.families.printing import explain
from relucert.families.teacher import statement as teacher_statement
from relucert.families.teacher.symmetric.family import (
    INCONCLUSIVE,
    NOT_FOUND,
    Pattern,
    Row,
    members,
    missing,
    row_of,
)
from relucert.families.teacher.symmetric.index import Index
from relucert.families.teacher.symmetric.point import SymmetricPoint, verify_point
from relucert.kernel.outcome import Inconclusive

AHEAD = 64  # members under way


def certify(point: SymmetricPoint, constants: str = "sharp") -> dict[str, Any]:
    """{"statement": what is proved}, or {"reason": why nothing is}. Runs in worker processes."""
    result = verify_point(point, constants=constants)
    if isinstance(result.outcome, Inconclusive):
        return {"reason": explain(result.outcome)}
    return {"statement": teacher_statement.statement(result, provenance(result))}


class Event(NamedTuple):
    """What became of one k: its line, its certificate if there is one, else why there is none."""

    row: Row
    certificate: Path | None
    reason: str | None


def run(
    index: Index,
    pattern: Pattern,
    start: SymmetricPoint,
    ks: Sequence[int],
    key: Ed25519PrivateKey,
    executor: Executor | None,
    constants: str = "sharp",
) -> Iterator[Event]:
    """Certificates for these k; each is on disk, and in the index, before its event is yielded.

    The family is followed here, and its members are proved by `executor` (None: here as well): the same
    certificates either way. constants: as for `verify_point`.
    """
    extra = len(start.extra)

    def begin(point: SymmetricPoint) -> Callable[[], dict[str, Any]]:
        if executor is None:
            return lambda: certify(point, constants)
        return executor.submit(certify, point, constants).result

    def finish(k: int, result: Callable[[], dict[str, Any]] | None) -> Event:
        lost = {"reason": "Newton's method found no member of the family here"}
        found: dict[str, Any] = lost if result is None else result()
        if "statement" not in found:
            row = missing(pattern, k, extra, NOT_FOUND if result is None else INCONCLUSIVE)
            index.add(row)
            return Event(row, None, found["reason"])
        path = sign_and_store(found["statement"], index.directory, key)
        row = row_of(found["statement"])
        index.add(row)
        return Event(row, path, None)

    under_way: deque[tuple[int, Callable[[], dict[str, Any]] | None]] = deque()
    for k, point in members(pattern, start, ks):
        under_way.append((k, None if point is None else begin(point)))
        if executor is None or len(under_way) > AHEAD:
            yield finish(*under_way.popleft())
    while under_way:
        yield finish(*under_way.popleft())
