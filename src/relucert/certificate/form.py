"""The file: canonical bytes, their digest, the envelope with signatures, DSSE, and strict reading.

docs/spec/certificate-v1.md is the authority for the format.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

import rfc8785

from relucert.base.errors import InputError
from relucert.base.strict_json import unique
from relucert.certificate.numbers import Json

SCHEMA = "relucert-certificate/1.1"
PAYLOAD_TYPE = "application/vnd.relucert.certificate.v1+json"
LINE = 110
NOT_IDENTITY = ("schema", "method", "bounds", "step", "robust", "boxes")  # members of a claim; section 1a
LARGEST_FILE = 64 * 2**20


def canonical(statement: Json) -> bytes:
    """The bytes that are signed and named: RFC 8785 canonical JSON. Raises InputError where there is none."""
    try:
        return rfc8785.dumps(statement)
    except rfc8785.CanonicalizationError as error:
        raise InputError(f"the statement has no canonical form: {error}") from error


def digest(statement: Json) -> str:
    """SHA-256 of the canonical bytes, in hexadecimal: the name of the certificate."""
    return hashlib.sha256(canonical(statement)).hexdigest()


def claim_digest(claim: Json) -> str:
    """The identity of a claim, in hexadecimal: without its bounds, its method and where it came from."""
    step = {"step": claim["step"]} if isinstance(claim.get("step"), str) else {}  # the step size of runs
    parts = {name: x for name, x in claim.items() if name not in NOT_IDENTITY} | step
    return hashlib.sha256(canonical({**parts, "schema": claim["schema"].partition(".")[0]})).hexdigest()


def envelope(statement: Json, signatures: Sequence[Mapping[str, str]]) -> bytes:
    """The certificate file: readable JSON, claim first."""
    whole = {"payloadType": PAYLOAD_TYPE, "statement": statement, "signatures": [dict(s) for s in signatures]}
    return (_pretty(whole) + "\n").encode()


def to_dsse(whole: Json) -> bytes:
    """A certificate as a standard DSSE envelope: the same signatures over the same bytes."""
    payload = base64.b64encode(canonical(whole["statement"])).decode()
    standard = {"payload": payload, "payloadType": whole["payloadType"], "signatures": whole["signatures"]}
    return (json.dumps(standard, indent=2) + "\n").encode()


def parse(data: bytes, name: str) -> Json:
    """The envelope in a certificate file. `name` stands in errors.

    Raises InputError unless it is UTF-8 JSON of a sensible size without duplicate keys, floats or
    constants, and has the members of a version 1 certificate.
    """
    if len(data) > LARGEST_FILE:
        raise InputError(f"{name}: larger than {LARGEST_FILE} bytes")
    try:
        whole = json.loads(
            data.decode(), object_pairs_hook=unique, parse_float=_no_float, parse_constant=_no_float
        )
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise InputError(f"{name}: not a certificate: {error}") from error
    if isinstance(whole, dict) and "payload" in whole:
        raise InputError(
            f"{name}: a DSSE envelope: `relucert audit` checks it; what else is asked, ask of the certificate that "
            "`relucert export` made it from"
        )
    _members(whole, {"payloadType": str, "statement": dict, "signatures": list}, name)
    if whole["payloadType"] != PAYLOAD_TYPE:
        raise InputError(f"{name}: payloadType is {whole['payloadType']!r}, expected {PAYLOAD_TYPE!r}")
    _members(whole["statement"], {"claim": dict, "evidence": list, "provenance": dict}, f"{name}: statement")
    claim = whole["statement"]["claim"]
    kinds: dict[str, type] = {"schema": str, "family": str, "method": str, "verdict": str}
    _members(claim, {**kinds, "problem": dict, "bounds": dict}, f"{name}: claim")
    if claim["schema"].rpartition(".")[0] != SCHEMA.rpartition(".")[0]:
        raise InputError(f"{name}: schema is {claim['schema']!r}, this version reads {SCHEMA!r}")
    return dict(whole)


def _no_float(text: str) -> Any:
    raise ValueError(f"{text} is not an exact number")


def _members(value: object, kinds: Mapping[str, type], name: str) -> None:
    if not isinstance(value, dict):
        raise InputError(f"{name}: expected an object")
    for key, kind in kinds.items():
        if not isinstance(value.get(key), kind):
            raise InputError(f"{name}: member {key!r} is missing or is not a JSON {kind.__name__}")


def _pretty(value: Any, indent: str = "") -> str:
    """JSON with one object member a line, but small objects and rows of numbers on one line."""
    inner = indent + " "
    if isinstance(value, dict) and value and not _is_line(value):
        members = (f"{inner}{json.dumps(k)}: {_pretty(v, inner)}" for k, v in value.items())
        return "{\n" + ",\n".join(members) + f"\n{indent}}}"
    if isinstance(value, list) and any(isinstance(x, dict | list) for x in value) and not _is_flat(value):
        return "[\n" + ",\n".join(inner + _pretty(x, inner) for x in value) + f"\n{indent}]"
    return json.dumps(value, ensure_ascii=False)


def _is_line(value: Json) -> bool:
    """A number, an inequality, or a few members that are neither objects nor lists."""
    if value.keys() <= {"exact", "decimal"} or "relation" in value:
        return True
    return not any(isinstance(x, dict | list) for x in value.values()) and len(json.dumps(value)) < LINE


def _is_flat(value: list[Any]) -> bool:
    """A row of dyadics, or an interval."""
    if len(value) == 2 and all(isinstance(x, dict) and x.keys() == {"exact", "decimal"} for x in value):
        return True
    return all(isinstance(x, list) and not any(isinstance(y, dict | list) for y in x) for x in value)
