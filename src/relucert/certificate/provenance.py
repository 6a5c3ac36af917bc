"""From a verification to a signed certificate on disk, with what is worth knowing of how it came about."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from relucert.base import store
from relucert.base.console import printable
from relucert.base.errors import InputError
from relucert.certificate import form, signing
from relucert.certificate.numbers import Json
from relucert_audit.check import read
from relucert_audit.format import Refusal


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
    given = result.candidate
    origin = {key: _exact(value) for key, value in given.origin.items()}
    return {**versions(), "source": printable(given.source), "search": origin or None}


def versions() -> dict[str, object]:
    """Of what proves."""
    return {name: version(name) for name in ("relucert", "python-flint")}


def sign_and_store(statement: Json, directory: Path, key: Ed25519PrivateKey) -> Path:
    """Writes a statement with its signature; returns the path."""
    payload = form.canonical(statement)
    try:
        read(form.envelope(statement, []))
    except Refusal as refusal:
        result, _, claim, reason = refusal.args
        raise InputError(
            f"no certificate: its checker would call it {result} ({claim}: {reason})"
        ) from refusal
    signature = signing.sign(key, form.PAYLOAD_TYPE, payload)
    return store.put(directory, form.digest(statement), form.envelope(statement, [signature]))


def _exact(value: object) -> object:
    """Certificates hold no floats: a float becomes its shortest decimal, as a string."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 2**53:
        return str(value)  # beyond the integers of RFC 8785
    return repr(value) if isinstance(value, float) else value
