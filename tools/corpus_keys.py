"""The keys that sign tests/corpus, derived from a seed: they prove nothing, and are no secret."""

from __future__ import annotations

import hashlib
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from relucert import certificate
from relucert.certificate import signing

Json = dict[str, Any]
TEST_KEY = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"relucert corpus, test key").digest())
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"relucert corpus, another key").digest())


def signed(document: Json, key: Ed25519PrivateKey = TEST_KEY) -> Json:
    body = certificate.canonical(document["statement"])
    return document | {"signatures": [signing.sign(key, certificate.PAYLOAD_TYPE, body)]}
