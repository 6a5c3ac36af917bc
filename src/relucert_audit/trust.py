"""Step 10: who signed, and whose signatures count. A signature replaces no other step.

Lines of an OpenSSH allowed_signers file are `principals [options] ssh-ed25519 BASE64 [comment]`, lines of a
file of revoked keys lack the first two. Options are valid-after and valid-before (YYYYMMDD[HHMM[SS]][Z], UTC
also without Z, where OpenSSH takes local time) and namespaces, whose patterns must match relucert. What is
well-formed and not for us is skipped with a note, as by OpenSSH: keys of any other type, authorities, other
namespaces. All else is a ValueError with file, line and remedy, and so is a key for which anyone can sign,
where it is trusted; where it is revoked, it is revoked."""

import base64
import hashlib
import json
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

INSIDE = r'(?:[^"\\]|\\"?+)*'  # of quotes, in options: \" is a quote, and no other escape is known
START = re.compile(r'(?P<name>(?:[^\s"]|"[^"]*")+)[ \t]+(?P<rest>.+)')
TYPE = r"[!#-+\--~]{1,64}"  # as RFC 4251, section 6 has names, which are no list and hold no quote
BASE64 = "(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?"
KEY = re.compile(rf"(?P<type>{TYPE})[ \t]+(?P<blob>{BASE64})(?:[ \t].*)?")
OPTIONS_KEY = re.compile(rf'(?P<options>(?:[^\s"\\]|\\"?+|"{INSIDE}")+)[ \t]+{KEY.pattern}')
PART = re.compile(rf'(?:[^",\\]|\\"?+|"{INSIDE}")+')  # one option, between commas
SPACES = re.compile(rf'namespaces="({INSIDE})"', re.IGNORECASE)
PRIME = 2**255 - 19
ORDER_8 = int(
    "05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826", 16
)  # y of points of order 8
OPTION = re.compile(rf'(namespaces|valid-after|valid-before)="({INSIDE})"(?:,(?=.)|$)', re.IGNORECASE)
ALWAYS = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
TIME = re.compile(r"[0-9]{8}(?:[0-9]{4}(?:[0-9]{2})?)?Z?")


class Signer(NamedTuple):  # a public key of 32 bytes, its SHA-256, whose it is, and when it is valid
    raw: bytes
    keyid: str
    name: str
    after: datetime
    before: datetime


class Line(NamedTuple):  # of a file of OpenSSH; a line of a file of revoked keys has no options
    name: str
    options: str
    type: str
    blob: str


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
    never, known = tuple(entries(revoked, False, note)), tuple(entries(allowed, True, note))
    for path, name in [*((path, path.stem) for path in pems), *([(own, "you")] if own else [])]:
        try:
            one = signer(load_pem_public_key, path.read_bytes(), name, *ALWAYS)
            if path != own or all(one.keyid != other.keyid for other in known):  # your file may give it dates
                known += (one,)
        except (ValueError, UnsupportedAlgorithm) as failure:
            raise ValueError(f"{path}: {failure}") from failure
    return Trust(known + never, frozenset(one.keyid for one in never))


def entries(path: Path | None, allowed: bool, note: Callable[[str], object]) -> Iterator[Signer]:
    text = path.read_text(encoding="utf-8", errors="replace") if path else ""
    remedy = "correct the line, or put # before it" if allowed else "put the line of the key's .pub file here"
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip() and not line.strip().startswith("#"):
            found = fields(line.strip(), allowed)
            reason = found and unusable(found)
            if reason:
                note(f"{path}:{number}: skipped: {reason}")
                continue
            try:
                yield parse(found, allowed)
            except (ValueError, UnsupportedAlgorithm) as failure:
                raise ValueError(f"{path}:{number}: {failure}; {remedy}") from failure


def fields(line: str, allowed: bool) -> Line | None:
    """The parts of a line, with a key of whatever type, or None of a malformed one."""
    start = START.fullmatch(line) if allowed else None
    if allowed and start is None:
        return None
    name, rest = (start["name"], start["rest"]) if start else ("a revoked key", line)
    for shape in (KEY, OPTIONS_KEY) if allowed else (KEY,):
        match = shape.fullmatch(rest)
        if match and begins_with(match["blob"], match["type"].encode()):
            options = match.groupdict().get("options", "")
            return Line(name, options, match["type"], match["blob"])
    return None


def begins_with(blob: str, kind: bytes) -> bool:
    """Whether BASE64 begins with the type of its key, as the blobs of all keys do (RFC 4253, section 6.6)."""
    return base64.b64decode(blob).startswith(len(kind).to_bytes(4, "big") + kind)


def unusable(line: Line) -> str | None:
    """Why a line of a file of OpenSSH is not for us: another type of key, an authority, another purpose."""
    if line.type != "ssh-ed25519":
        return f"a key of the type {line.type}"
    parts = PART.findall(line.options)
    if "cert-authority" in (part.lower() for part in parts):
        return "a certificate authority"
    spaces = [found[1].replace(r"\"", '"') for found in map(SPACES.fullmatch, parts) if found]
    if len(spaces) == 1 and not matches("relucert", spaces[0].split(",")):  # more are malformed
        return "for other namespaces"
    return None


def matches(name: str, patterns: list[str]) -> bool:
    """PATTERNS of ssh_config(5): * and ? and nothing else, case and all, and ! which excludes."""

    def fits(pattern: str) -> bool:
        shape = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
        return re.fullmatch(shape, name, re.DOTALL) is not None

    excluded = any(p.startswith("!") and fits(p[1:]) for p in patterns)
    return not excluded and any(fits(p) for p in patterns if not p.startswith("!"))


def parse(line: Line | None, allowed: bool) -> Signer:
    if line is None:
        raise ValueError(f"expected {'principals [options] ' * allowed}ssh-ed25519 BASE64")
    options, rest = OPTION.findall(line.options), OPTION.sub("", line.options)
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
    data = f"{line.type} {line.blob}".encode()
    return signer(load_ssh_public_key, data, line.name, after, before, weak_too=not allowed)


def signer(load: Callable[[bytes], Any], data: bytes, *rest: Any, weak_too: bool = False) -> Signer:
    """weak_too: for a list of revoked keys, in which a weak key is in its right place."""
    key = load(data)
    if not isinstance(key, Ed25519PublicKey):
        raise ValueError("not an Ed25519 public key")
    if is_weak(key.public_bytes_raw()) and not weak_too:
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


def encoding(body: bytes, kind: str = PAYLOAD_TYPE) -> bytes:
    """The signed bytes (spec, section 1), for the canonical statement `body`, or what else is signed."""
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind.encode(), len(body), body)


def made(one: Signer, signature: bytes, body: bytes, kind: str) -> bool:
    """Whether this key made the signature. For a weak key anyone can."""
    try:
        Ed25519PublicKey.from_public_bytes(one.raw).verify(signature, encoding(body, kind))
    except InvalidSignature:
        return False
    return not is_weak(one.raw)


def sealed(row: dict[str, Any], kind: str, trust: Trust, now: datetime) -> str:
    """State of the seal of a row of a study: docs/spec/study-v1.md, section 2."""
    seal = row["seal"]
    rank = standing(trust, seal["keyid"], now)
    known = next((one for one in trust.signers if one.keyid == seal["keyid"]), None)
    if known is None:
        return "unknown key"
    body = json.dumps({name: x for name, x in row.items() if name != "seal"}, sort_keys=True).encode()
    if not made(known, base64.b64decode(seal["sig"]), body, kind):
        return "invalid"
    return f"valid {known.name}" if rank == "trusted" else f"untrusted: {rank}"


def sealer(signature: bytes, kind: str, body: bytes, trust: Trust) -> str | None:
    """Whose of the known keys, revoked ones excepted, made a signature that does not name its key."""
    good = (one for one in trust.signers if one.keyid not in trust.revoked)
    return next((one.name for one in good if made(one, signature, body, kind)), None)


def states(body: bytes, signatures: list[Any], trust: Trust, now: datetime) -> list[tuple[str, str]]:
    """(signer, state) of each signature; the signer is a principal, or the start of an unknown key id. The
    state is "valid" only for a key that is trusted at the time `now`. For a weak key anyone can sign, so that
    its signatures are not looked at: it is revoked, or `read` would have refused it."""
    found = []
    for entry in signatures:
        rank = standing(trust, entry["keyid"], now)
        state = {"trusted": "valid", "unknown": "unknown key"}.get(rank, f"untrusted: {rank}")
        known = next((one for one in trust.signers if one.keyid == entry["keyid"]), None)
        try:
            if known and not is_weak(known.raw):
                key = Ed25519PublicKey.from_public_bytes(known.raw)
                key.verify(base64.b64decode(entry["sig"]), encoding(body))
        except InvalidSignature:
            state = "invalid"
        found.append((known.name if known else entry["keyid"][:12], state))
    return found
