"""Certificates on disk, proved again before anything is concluded from them. Nothing that is read is believed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from relucert.base.errors import InputError
from relucert.base.pool import each
from relucert.certificate import form
from relucert.certificate.numbers import Json

FOR_A_POOL = 20  # files from which on processes are worth their start


def checked(path: Path) -> Json:
    """The statement of a certificate that the independent checker accepts, in this process.

    Whoever signed it, and where it lies, plays no part. Raises InputError, with the step of
    docs/spec/certificate-v1.md that fails.
    """
    data = path.read_bytes()
    refusal = refused(data, path.name)
    if refusal is not None:
        raise InputError(f"{path}: not accepted by the checker ({refusal})")
    statement: Json = form.parse(data, str(path))["statement"]
    return statement


def well_formed(path: Path) -> Json:
    """The statement of a file that is a certificate but for the truth of what it claims: for those who prove it anew.

    Shape, decimals, evidence, digest and signatures are right. Raises InputError, as `checked` does.
    """
    from relucert_audit.check import unproved
    from relucert_audit.trust import Trust

    data = path.read_bytes()
    report = unproved(data, path.name, Trust(), datetime.now(UTC))
    if report.finding is not None:
        raise InputError(
            f"{path}: not accepted by the checker ({'{}, step {}: {}: {}'.format(*report.finding)})"
        )
    statement: Json = form.parse(data, str(path))["statement"]
    return statement


def readable(data: bytes, name: str) -> bool:
    """Whether the checker reads these bytes as a certificate; False where they are too large for it, and may have any
    form. `name` stands in errors. Raises InputError for what it calls malformed."""
    from relucert_audit.check import read
    from relucert_audit.format import NOT_CONFIRMED, Refusal

    try:
        read(data)
    except Refusal as refusal:
        result, _, _, reason = refusal.args
        if result != NOT_CONFIRMED:
            raise InputError(f"{name}: {result}: {reason}") from refusal
        return False
    return True


@lru_cache(maxsize=4096)
def refused(data: bytes, name: str) -> str | None:
    """Why the checker does not accept these bytes in a file of this name, or None if it does."""
    from relucert_audit.check import check
    from relucert_audit.format import ACCEPTED
    from relucert_audit.trust import Trust

    report = check(data, name, Trust(), datetime.now(UTC))  # without known keys the time plays no part
    if report.result == ACCEPTED:
        return None
    return report.result if report.finding is None else "{}, step {}: {}: {}".format(*report.finding)


def check_all(
    paths: Sequence[Path], jobs: int = 1, progress: Callable[[int, int], object] = lambda *_: None
) -> Iterator[tuple[Path, Json | str]]:
    """Each path, in order, with its statement, or with the reason why it is not accepted."""
    with closing(each(attempt, paths, jobs, FOR_A_POOL)) as results:
        for done, (path, result) in enumerate(zip(paths, results, strict=True), 1):
            progress(done, len(paths))
            yield path, result


def attempt(path: Path) -> Json | str:
    """`checked`, with the reason for a refusal as a text. Runs in worker processes."""
    try:
        return checked(path)
    except (InputError, OSError) as error:
        return str(error)
