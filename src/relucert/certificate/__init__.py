"""Certificates: the statement that is proved, exact JSON, and its strict reading; they know no family."""

from relucert.certificate.form import (
    PAYLOAD_TYPE,
    SCHEMA,
    canonical,
    claim_digest,
    digest,
    envelope,
    parse,
    to_dsse,
)
from relucert.certificate.numbers import Json, number

__all__ = [
    "PAYLOAD_TYPE",
    "SCHEMA",
    "Json",
    "canonical",
    "claim_digest",
    "digest",
    "envelope",
    "number",
    "parse",
    "to_dsse",
]
