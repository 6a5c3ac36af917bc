"""Who signed: Ed25519 signatures over the DSSE pre-authentication encoding of a statement.

A signature says who made a statement, never whether it is true.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path

from cryptography.exceptions import InvalidKey, InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_ssh_private_key,
)

from relucert.base.errors import InputError
from relucert.base.store import write, write_new

NO_BCRYPT = (
    "an OpenSSH key with a passphrase, which cannot be read without the package bcrypt; "
    "give a copy without passphrase, made by: ssh-keygen -p -N '' -f COPY"
)


def pre_authentication_encoding(payload_type: str, payload: bytes) -> bytes:
    """The bytes that are signed: DSSE version 1."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def key_id(public: Ed25519PublicKey) -> str:
    """SHA-256 of the 32 bytes of the public key, in hexadecimal."""
    return hashlib.sha256(public.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()


def sign(key: Ed25519PrivateKey, payload_type: str, payload: bytes) -> dict[str, str]:
    """One element of the list `signatures` of a certificate."""
    signature = key.sign(pre_authentication_encoding(payload_type, payload))
    return {"keyid": key_id(key.public_key()), "sig": base64.b64encode(signature).decode()}


def is_signed_by(
    public: Ed25519PublicKey, signature: Mapping[str, str], payload_type: str, payload: bytes
) -> bool:
    """Whether `signature` was made with the private half of `public`, over exactly this payload."""
    try:
        raw = base64.b64decode(signature["sig"], validate=True)
        public.verify(raw, pre_authentication_encoding(payload_type, payload))
    except (KeyError, binascii.Error, InvalidSignature):
        return False
    return signature.get("keyid") == key_id(public)


def default_key_path() -> Path:
    """Where the local key is kept: RELUCERT_HOME, or relucert/ in the user's configuration directory."""
    home = os.environ.get("RELUCERT_HOME")
    if home:
        return Path(home) / "key.pem"
    base = os.environ.get("XDG_CONFIG_HOME")
    return (Path(base) if base else Path.home() / ".config") / "relucert" / "key.pem"


def new_key(path: Path, passphrase: bytes | None = None) -> Ed25519PrivateKey:
    """Makes a private key (PKCS 8, mode 0600, encrypted with a passphrase) and its public half (`.pub`).

    Raises FileExistsError rather than replace a key.
    """
    key = Ed25519PrivateKey.generate()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    protection = NoEncryption() if passphrase is None else BestAvailableEncryption(passphrase)
    write_new(path, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, protection), mode=0o600)
    write_public(path, key)
    return key


def write_public(path: Path, key: Ed25519PrivateKey) -> None:
    """The public half beside a private key."""
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    write(path.with_suffix(".pub"), public, mode=0o644)


def load_key(path: Path, ask: Callable[[Path], bytes] | None = None) -> Ed25519PrivateKey:
    """ask: called with the path for the passphrase of an encrypted key.

    Raises InputError if the file is not an Ed25519 private key in PEM or OpenSSH format, its passphrase is wrong,
    or it is an encrypted key in OpenSSH format and the package bcrypt is missing.
    """
    data = path.read_bytes()
    is_ssh = b"BEGIN OPENSSH PRIVATE KEY" in data
    load = load_ssh_private_key if is_ssh else load_pem_private_key
    try:
        try:
            key = load(data, None)
        except TypeError:  # it has a passphrase
            if is_ssh and find_spec("bcrypt") is None:
                raise InputError(f"{path}: {NO_BCRYPT}") from None
            key = load(data, ask(path) if ask is not None else None)
    except InputError:  # which says already what to do
        raise
    except (ValueError, TypeError, UnsupportedAlgorithm, InvalidKey) as error:
        raise InputError(
            f"{path}: not a private key in PEM or OpenSSH format, or not its passphrase ({error})"
        ) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise InputError(f"{path}: not an Ed25519 key; make one with: relucert keys new --out FILE")
    return key
