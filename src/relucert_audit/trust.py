"""Step 10: who signed, and whose signatures count. A signature replaces no other step.

Lines of an OpenSSH allowed_signers file are `principals [options] ssh-ed25519 BASE64 [comment]`, lines of a
file of revoked keys lack the first two. Options are valid-after and valid-before (YYYYMMDD[HHMM[SS]][Z], UTC
also without Z, where OpenSSH takes local time) and namespaces, whose patterns must match relucert. What OpenSSH
knows and is not for us is skipped with a note: other types of keys, authorities, other namespaces. All else is
a ValueError with file and line, and so is a key for which anyone can sign."""

import base64
import hashlib
import os
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
LINE_START = r'(?P<name>(?:[^\s"]|"[^"]*")+)[ \t]+(?:(?P<options>(?:[^\s"]|"[^"]*")+)[ \t]+)?'
LINE = re.compile(LINE_START + BARE.pattern)
TYPES = (  # of ssh-keygen(1); sk- and certificates end in a domain
    r"ssh-(?:ed25519|rsa|dss)|ecdsa-sha2-nistp(?:256|384|521)|sk-(?:ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com"
    r"|[a-z0-9-]+-cert-v0[01]@openssh\.com"
)
KEY = rf"(?P<type>{TYPES})[ \t]+[A-Za-z0-9+/]+={{0,2}}(?:[ \t].*)?"
ANY_KEY = re.compile(KEY)
ANY_LINE = re.compile(LINE_START + KEY)
PRIME = 2**255 - 19
ORDER_8 = int(
    "05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826", 16
)  # y of points of order 8
OPTION = re.compile(r'(namespaces|valid-after|valid-before)="([^"]*)"(?:,(?=.)|$)', re.IGNORECASE)
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


def read(
    allowed: Path | None,
    revoked: Path | None,
    pems: list[Path],
    own: Path | None = None,
    note: Callable[[str], object] = lambda _: None,
) -> Trust:
    """`revoked` is by default the file revoked_keys beside `allowed`: if there is anything of that name, it must
    be readable. Keys in PEM are valid at any time, and named after their files; the one of `own` is called you.
    note: called with what is skipped, as OpenSSH does. Raises OSError or ValueError."""
    if revoked is None and allowed and os.path.lexists(allowed.with_name("revoked_keys")):
        revoked = allowed.with_name("revoked_keys")
    never, known = tuple(entries(revoked, BARE, note)), tuple(entries(allowed, LINE, note))
    for path, name in [*((path, path.stem) for path in pems), *([(own, "you")] if own else [])]:
        try:
            one = signer(load_pem_public_key, path.read_bytes(), name, *ALWAYS)
            if path != own or all(one.keyid != other.keyid for other in known):  # your file may give it dates
                known += (one,)
        except (ValueError, UnsupportedAlgorithm) as failure:
            raise ValueError(f"{path}: {failure}") from failure
    return Trust(known + never, frozenset(one.keyid for one in never))


def entries(path: Path | None, shape: re.Pattern[str], note: Callable[[str], object]) -> Iterator[Signer]:
    text = path.read_text(encoding="utf-8", errors="replace") if path else ""
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip() and not line.strip().startswith("#"):
            reason = unusable(line.strip(), shape is LINE)
            if reason:
                note(f"{path}:{number}: skipped: {reason}")
                continue
            try:
                yield parse(shape.fullmatch(line.strip()))
            except (ValueError, UnsupportedAlgorithm) as failure:
                raise ValueError(f"{path}:{number}: {failure}") from failure


def unusable(line: str, with_principals: bool) -> str | None:
    """Why a line of a file of OpenSSH is not for us: another type of key, an authority, another purpose."""
    match = (ANY_LINE if with_principals else ANY_KEY).fullmatch(line)
    if match is None:
        return None  # malformed
    if match["type"] != "ssh-ed25519":
        return f"a key of the type {match['type'][:40]}"
    options = match.groupdict().get("options") or ""
    if "cert-authority" in re.sub('"[^"]*"', '""', options).lower().split(","):
        return "a certificate authority"
    spaces = re.search(r'(?:^|,)(?i:namespaces)="([^"]*)"', options)
    if spaces and not matches("relucert", spaces[1].split(",")):
        return "for other namespaces"
    return None


def matches(name: str, patterns: list[str]) -> bool:
    """PATTERNS of ssh_config(5): * and ? and nothing else, case and all, and ! which excludes."""

    def fits(pattern: str) -> bool:
        shape = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
        return re.fullmatch(shape, name, re.DOTALL) is not None

    excluded = any(p.startswith("!") and fits(p[1:]) for p in patterns)
    return not excluded and any(fits(p) for p in patterns if not p.startswith("!"))


def parse(line: re.Match[str] | None) -> Signer:
    if line is None:
        raise ValueError("expected [principals [options]] ssh-ed25519 BASE64")
    fields = {"name": "a revoked key", "options": ""} | line.groupdict("")
    options, rest = OPTION.findall(fields["options"]), OPTION.sub("", fields["options"])
    chosen = {name.lower(): value for name, value in options}
    if rest or len(chosen) < len(options):
        raise ValueError(f"unknown, malformed or repeated option {rest!a}")
    chosen.pop("namespaces", None)  # of which `unusable` has seen that they have ours
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
    if is_weak(key.public_bytes_raw()):
        raise ValueError("an Ed25519 key of small order, or not canonical: anyone can sign for it")
    return Signer(key.public_bytes_raw(), hashlib.sha256(key.public_bytes_raw()).hexdigest(), *rest)


def is_weak(raw: bytes) -> bool:
    """Whether 32 bytes are a point of small order, or no canonical encoding (RFC 8032, section 5.1)."""
    y = int.from_bytes(raw, "little") & ((1 << 255) - 1)
    return y >= PRIME or y in (0, 1, PRIME - 1, ORDER_8, PRIME - ORDER_8)


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
