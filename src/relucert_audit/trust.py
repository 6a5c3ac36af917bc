"""Step 10: who signed, and whose signatures count. A signature replaces no other step.

Lines of an OpenSSH allowed_signers file are `principals [options] ssh-ed25519 BASE64 [comment]`, lines of a
file of revoked keys lack the first two. Options are valid-after and valid-before (YYYYMMDD[HHMM[SS]][Z], UTC
also without Z, where OpenSSH takes local time) and namespaces, which must name relucert. All else, such as
cert-authority, patterns of namespaces and other types of keys, is a ValueError with file and line."""

import base64
import hashlib
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key, load_ssh_public_key

from relucert_audit.format import PAYLOAD_TYPE

BARE = re.compile(r"(?P<key>ssh-ed25519[ \t]+[A-Za-z0-9+/]+={0,2})(?:[ \t].*)?")
LINE = re.compile(r'(?P<name>[^\s"]+)[ \t]+(?:(?P<options>(?:[^\s"]|"[^"]*")+)[ \t]+)?' + BARE.pattern)
OPTION = re.compile(r'(namespaces|valid-after|valid-before)="([^"!*?]*)"(?:,(?=.)|$)', re.IGNORECASE)
ALWAYS = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
TIME = re.compile(r"[0-9]{8}(?:[0-9]{4}(?:[0-9]{2})?)?Z?")


class Signer(NamedTuple):  # a public key of 32 bytes, its SHA-256, whose it is, and when it is valid
    raw: bytes
    keyid: str
    name: str
    after: datetime
    before: datetime


class Trust(NamedTuple):  # known keys, revoked ones included, and the ids of the revoked ones
    signers: tuple[Signer, ...] = ()
    revoked: frozenset[str] = frozenset()


def read(allowed: Path | None, revoked: Path | None, pems: list[Path]) -> Trust:
    """`revoked` is by default the file revoked_keys beside `allowed`. Keys in PEM are valid at any time, and
    named after their files. Raises OSError or ValueError."""
    if revoked is None and allowed and allowed.with_name("revoked_keys").exists():
        revoked = allowed.with_name("revoked_keys")
    never, known = tuple(entries(revoked, BARE)), tuple(entries(allowed, LINE))
    for path in pems:
        try:
            known += (signer(load_pem_public_key, path.read_bytes(), path.stem, *ALWAYS),)
        except (ValueError, UnsupportedAlgorithm) as failure:
            raise ValueError(f"{path}: {failure}") from failure
    return Trust(known + never, frozenset(one.keyid for one in never))


def entries(path: Path | None, shape: re.Pattern[str]) -> Iterator[Signer]:
    text = path.read_text(encoding="utf-8", errors="replace") if path else ""
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip() and not line.strip().startswith("#"):
            try:
                yield parse(shape.fullmatch(line.strip()))
            except (ValueError, UnsupportedAlgorithm) as failure:
                raise ValueError(f"{path}:{number}: {failure}") from failure


def parse(line: re.Match[str] | None) -> Signer:
    if line is None:
        raise ValueError("expected [principals [options]] ssh-ed25519 BASE64")
    fields = {"name": "a revoked key", "options": ""} | line.groupdict("")
    options, rest = OPTION.findall(fields["options"]), OPTION.sub("", fields["options"])
    chosen = {name.lower(): value for name, value in options}
    if rest or len(chosen) < len(options):
        raise ValueError(f"unknown, malformed or repeated option {rest!a}")
    if "relucert" not in chosen.pop("namespaces", "relucert").split(","):
        raise ValueError("namespaces do not name relucert")
    if not all(TIME.fullmatch(text) for text in chosen.values()):
        raise ValueError("a time is not YYYYMMDD[HHMM[SS]][Z]")
    digits = {name: text.rstrip("Z").ljust(14, "0") for name, text in chosen.items()}
    times = {name: datetime.strptime(x, "%Y%m%d%H%M%S").replace(tzinfo=UTC) for name, x in digits.items()}
    after, before = times.get("valid-after", ALWAYS[0]), times.get("valid-before", ALWAYS[1])
    if before <= after:
        raise ValueError("valid-before is not later than valid-after")
    return signer(load_ssh_public_key, fields["key"].encode(), fields["name"], after, before)


def signer(load: Callable[[bytes], Any], data: bytes, *rest: Any) -> Signer:
    key = load(data)
    if not isinstance(key, Ed25519PublicKey):
        raise ValueError("not an Ed25519 public key")
    return Signer(key.public_bytes_raw(), hashlib.sha256(key.public_bytes_raw()).hexdigest(), *rest)


def standing(trust: Trust, keyid: str, now: datetime) -> str:
    """A key on several lines is as trusted as the best of them, unless it is revoked."""
    mine = [one for one in trust.signers if one.keyid == keyid]
    if keyid in trust.revoked or not mine:
        return "revoked" if keyid in trust.revoked else "unknown"
    if any(one.after <= now <= one.before for one in mine):
        return "trusted"
    return "not yet valid" if any(now < one.after for one in mine) else "expired"


def encoding(body: bytes) -> bytes:
    """The signed bytes (spec, section 1), for the canonical statement `body`."""
    return b"DSSEv1 %d %b %d %b" % (len(PAYLOAD_TYPE), PAYLOAD_TYPE.encode(), len(body), body)


def states(body: bytes, signatures: list[Any], trust: Trust, now: datetime) -> list[tuple[str, str]]:
    """(signer, state) of each signature; the signer is a principal, or the start of an unknown key id. The
    state is "valid" only for a key that is trusted at the time `now`."""
    found = []
    for entry in signatures:
        rank = standing(trust, entry["keyid"], now)
        state = {"trusted": "valid", "unknown": "unknown key"}.get(rank, f"untrusted: {rank}")
        known = next((one for one in trust.signers if one.keyid == entry["keyid"]), None)
        try:
            if known:
                key = Ed25519PublicKey.from_public_bytes(known.raw)
                key.verify(base64.b64decode(entry["sig"]), encoding(body))
        except InvalidSignature:
            state = "invalid"
        found.append((known.name if known else entry["keyid"][:12], state))
    return found
