"""Step 10: the digest, the signed bytes, and who signed. A signature never replaces any other step.

DSSE pre-authentication encoding over the RFC 8785 form of the statement, Ed25519 (spec, section 1).
"""

import base64
import hashlib
from pathlib import Path
from typing import Any, NamedTuple

import rfc8785
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from relucert_audit.format import PAYLOAD_TYPE

VALID, INVALID, UNKNOWN = "valid", "invalid", "unknown"


class KnownKey(NamedTuple):
    """A public key, 32 bytes, that the caller trusts to be `name`'s."""

    name: str
    raw: bytes

    @property
    def keyid(self) -> str:
        return hashlib.sha256(self.raw).hexdigest()


def read_pem(path: Path) -> KnownKey:
    """An Ed25519 public key in PEM, named after its file. Raises ValueError or OSError."""
    try:
        key = load_pem_public_key(path.read_bytes())
    except UnsupportedAlgorithm as failure:
        raise ValueError("unsupported key") from failure
    if not isinstance(key, Ed25519PublicKey):
        raise ValueError("not an Ed25519 public key")
    return KnownKey(path.stem, key.public_bytes_raw())


def canonical(statement: dict[str, Any]) -> bytes:
    """The canonical statement. Its SHA-256 is the digest."""
    return rfc8785.dumps(statement)


def encoding(body: bytes) -> bytes:
    """DSSE pre-authentication encoding of (payloadType, body): the bytes that are signed."""
    kind = PAYLOAD_TYPE.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(body), body)


def verify(body: bytes, signatures: list[dict[str, str]], keys: list[KnownKey]) -> list[tuple[str, str]]:
    """(status, who) of each signature over the canonical statement: the known key's name, or some of the
    keyid."""
    known, found = {key.keyid: key for key in keys}, []
    for entry in signatures:
        key = known.get(entry["keyid"])
        status = VALID if key else UNKNOWN
        try:
            if key:
                signed = base64.b64decode(entry["sig"], validate=True)
                Ed25519PublicKey.from_public_bytes(key.raw).verify(signed, encoding(body))
        except InvalidSignature:
            status = INVALID
        found.append((status, key.name if key else entry["keyid"][:12]))
    return found
