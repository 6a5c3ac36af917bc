"""From a verification to a signed certificate on disk, with what is worth knowing of how it came about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from relucert.base import store
from relucert.base.errors import InputError, LimitError
from relucert.base.visible import visible
from relucert.certificate import form, signing
from relucert.certificate.numbers import Json
from relucert_audit.check import read
from relucert_audit.format import LIMIT, Refusal


class Sourced(Protocol):
    """A candidate that knows where it came from."""

    @property
    def source(self) -> str: ...
    @property
    def origin(self) -> Mapping[str, object]: ...


class Result(Protocol):
    """What provenance needs of a verification, of whatever family."""

    @property
    def candidate(self) -> Sourced: ...


def provenance(result: Result) -> dict[str, object]:
    """Versions and origin. No time and no host: the same point gives the same certificate."""
    return made(result.candidate.source, result.candidate.origin)


def made(source: str, origin: Mapping[str, object]) -> dict[str, object]:
    """The same, of what comes from there."""
    search = {key: _exact(value) for key, value in origin.items()}
    return {**versions(), "source": visible(source), "search": search or None}


def versions() -> dict[str, object]:
    """Of what proves."""
    return {name: version(name) for name in ("relucert", "python-flint")}


def sign_and_store(statement: Json, directory: Path, key: Ed25519PrivateKey) -> Path:
    """Writes a statement with its signature; returns the path.

    Raises InputError for a statement that the checker would not read, LimitError for one beyond its limits.
    """
    payload = form.canonical(statement)
    signature = signing.sign(key, form.PAYLOAD_TYPE, payload)
    data = form.envelope(statement, [signature])
    with readable():
        read(data)
    return store.put(directory, form.digest(statement), data)


@contextmanager
def readable(remedy: str = "") -> Iterator[None]:
    """Raises InputError for what the checker refuses here, LimitError for what is beyond its limits."""
    try:
        yield
    except Refusal as refusal:
        result, _, what, reason = refusal.args
        kind = LimitError if what == LIMIT else InputError
        raise kind(
            f"no certificate is written, as the checker would call it {result}: {what}: {reason}; "
            "the point or its problem is beyond what docs/spec/certificate-v1.md section 5 takes" + remedy
        ) from refusal


def _exact(value: object) -> object:
    """Certificates hold no floats: a float becomes its shortest decimal, as a string."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 2**53:
        return str(value)  # beyond the integers of RFC 8785
    if isinstance(value, str):
        return visible(value)
    return repr(value) if isinstance(value, float) else value
