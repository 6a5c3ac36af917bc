"""Whom you trust: an allowed_signers file and a list of revoked keys, both in OpenSSH's formats.

They are read by relucert_audit.trust; this module only adds lines to them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
    load_ssh_public_key,
)

from relucert.base import store
from relucert.base.errors import InputError
from relucert.certificate import signing
from relucert_audit import trust as reader

DATE = re.compile(r"\d{8}(\d{4}(\d{2})?)?Z?")
PRINCIPAL = re.compile(r"[^\s,\"#]+")


def allowed_signers_path() -> Path:
    """The local trust file, beside the local key."""
    return signing.default_key_path().with_name("allowed_signers")


def revoked_path() -> Path:
    return signing.default_key_path().with_name("revoked_keys")


def existing(path: Path) -> Path | None:
    """The path if there is anything of that name; what is there, but cannot be read, is an error later on."""
    return path if os.path.lexists(path) else None


def read_public(path: Path) -> Ed25519PublicKey:
    """A public key in PEM or in OpenSSH's one-line format. Raises InputError."""
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise InputError(f"{path}: no such file") from error
    load = load_ssh_public_key if data.startswith(b"ssh-") else load_pem_public_key
    try:
        key = load(data)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise InputError(f"{path}: not a public key in PEM or OpenSSH format ({error})") from error
    if not isinstance(key, Ed25519PublicKey):
        raise InputError(f"{path}: not an Ed25519 key")
    if reader.is_weak(key.public_bytes_raw()):
        raise InputError(f"{path}: an Ed25519 key of small order, or not canonical: anyone can sign for it")
    return key


def local_public_key() -> Ed25519PublicKey | None:
    """The public half of the local key, if there is one. Raises InputError for a file that is no such key."""
    path = own_path()
    return read_public(path) if path else None


def ssh_line(key: Ed25519PublicKey) -> str:
    """`ssh-ed25519 AAAA..`"""
    return key.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()


def pem(key: Ed25519PublicKey) -> str:
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def trust(key: Ed25519PublicKey, principal: str, after: str | None, before: str | None) -> Path:
    """Adds a line to the local allowed_signers file; dates as YYYYMMDD[HHMM[SS]][Z]. Returns its path."""
    if not PRINCIPAL.fullmatch(principal):
        raise InputError(f"{principal!r}: a principal is a name without spaces, commas or quotes")
    options = ['namespaces="relucert"']
    for name, date in (("valid-after", after), ("valid-before", before)):
        if date is not None:
            if not DATE.fullmatch(date):
                raise InputError(f"{date!r}: expected a date as YYYYMMDD, YYYYMMDDHHMM or YYYYMMDDHHMMSS")
            options.append(f'{name}="{date}"')
    path = allowed_signers_path()
    _add_line(path, f"{principal} {','.join(options)} {ssh_line(key)}")
    return path


def revoke(key: Ed25519PublicKey) -> Path:
    """Adds a key to the local list of revoked keys; returns its path."""
    path = revoked_path()
    _add_line(path, ssh_line(key))
    return path


def own_path() -> Path | None:
    """The public half of the local key, which counts as known to you; None if there is none yet."""
    return existing(signing.default_key_path().with_suffix(".pub"))


def known(note: Callable[[str], object] = lambda _: None) -> reader.Trust:
    """Your trust file, your list of revoked keys, and your own key. Raises InputError.

    note: called with what is said of each line that is skipped.
    """
    try:
        return reader.read(existing(allowed_signers_path()), existing(revoked_path()), [], own_path(), note)
    except ValueError as error:
        raise InputError(str(error)) from error


class Known(NamedTuple):
    """A key of the local trust file."""

    principal: str
    key: Ed25519PublicKey
    standing: str  # trusted, expired, not yet valid or revoked, now


def known_keys() -> list[Known]:
    """The keys of the local trust file, the revoked ones and your own. Raises InputError."""
    trusted = known()
    now = datetime.now(UTC)
    listed: dict[str, Known] = {}
    for signer in trusted.signers:
        key = Ed25519PublicKey.from_public_bytes(signer.raw)
        listed.setdefault(signer.keyid, Known(signer.name, key, reader.standing(trusted, signer.keyid, now)))
    return list(listed.values())


def _add_line(path: Path, line: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    before = path.read_text() if existing(path) else ""  # a link to nothing is an error, and is not replaced
    if line in before.splitlines():
        return
    glue = "" if not before or before.endswith("\n") else "\n"
    store.write(path.resolve(), f"{before}{glue}{line}\n".encode())
