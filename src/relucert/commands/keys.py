"""`relucert keys`: the keys that sign certificates, and the keys that are trusted."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from relucert.base.console import messages, output, print_json
from relucert.base.errors import InputError
from relucert.base.groups import group

keys = group("The keys that sign certificates, and those you trust.")

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON lines on standard output.")]
PASSPHRASE = "RELUCERT_PASSPHRASE"  # noqa: S105 - the name of a variable


@keys.command("new")
def new(
    path: Annotated[Path | None, typer.Option("--out", help="Where the private key goes.")] = None,
    passphrase: Annotated[
        bool, typer.Option("--passphrase", help=f"Encrypt it; asks, or takes {PASSPHRASE}.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Make an Ed25519 key (private half readable by you alone). Never replaces a key."""
    from relucert.certificate import signing

    where = path or signing.default_key_path()
    secret = _new_passphrase() if passphrase else None
    try:
        key = signing.new_key(where, secret)
    except FileExistsError as error:
        raise InputError(f"{where}: there is a key already; choose another place with --out FILE") from error
    identity, public = signing.key_id(key.public_key()), where.with_suffix(".pub")
    if as_json:
        print_json({"path": str(where), "public": str(public), "keyid": identity})
    else:
        output.print(f"private key: {where}\npublic key: {public}\nkey id: {identity}", markup=False)


@keys.command("list")
def list_keys(as_json: AsJson = False) -> None:
    """Your local key, and every key of your trust file with its standing today."""
    from relucert.certificate import signing, trust

    local = trust.local_public_key()
    mine = None if local is None else signing.key_id(local)
    rows = [(item.principal, item.standing, signing.key_id(item.key)) for item in trust.known_keys()]
    if mine is not None and mine not in (identity for _, _, identity in rows):
        rows.insert(0, ("(you)", "unknown", mine))
    for principal, standing, identity in rows:
        if as_json:
            print_json(
                {"principal": principal, "standing": standing, "keyid": identity, "local": identity == mine}
            )
        else:
            own = ", your local key" if identity == mine else ""
            output.print(f"{identity}  {principal}: {standing}{own}", markup=False)
    if not rows and not as_json:
        output.print("no keys yet; make one with: relucert keys new")


@keys.command("export")
def export(
    path: Annotated[
        Path | None, typer.Option("--key", help="A public key (default: your local one).")
    ] = None,
    form: Annotated[
        str, typer.Option("--format", help='"pem", or "ssh" for an allowed_signers file.')
    ] = "pem",
) -> None:
    """Print a public key, to give to those who check your certificates."""
    from relucert.certificate import trust

    key = trust.read_public(path or _local_public())
    if form not in ("pem", "ssh"):
        raise InputError(f"--format {form}: expected pem or ssh")
    output.print(trust.pem(key).strip() if form == "pem" else trust.ssh_line(key), markup=False)


@keys.command("trust")
def trust_key(
    public: Annotated[Path, typer.Argument(help="A public key, PEM or OpenSSH.")],
    principal: Annotated[str, typer.Option("--as", help="Whose key it is, such as ada@example.org.")],
    after: Annotated[str | None, typer.Option("--valid-after", help="YYYYMMDD[HHMM[SS]][Z]")] = None,
    before: Annotated[str | None, typer.Option("--valid-before", help="YYYYMMDD[HHMM[SS]][Z]")] = None,
) -> None:
    """Trust a key from now on: adds it to your allowed_signers file."""
    from relucert.certificate import signing, trust

    key = trust.read_public(public)
    where = trust.trust(key, principal, after, before)
    output.print(f"{principal}: key {signing.key_id(key)} is trusted ({where})", markup=False)


@keys.command("revoke")
def revoke(
    key: Annotated[
        str, typer.Argument(help="A key id (or its beginning) that you trust, or a public key file.")
    ],
) -> None:
    """Never trust a key again, whatever else says so."""
    from relucert.certificate import signing, trust

    if Path(key).exists():
        public = trust.read_public(Path(key))
    else:
        known = [item.key for item in trust.known_keys()]
        matching = [k for k in known if signing.key_id(k).startswith(key) and len(key) >= 8]
        if len(matching) != 1:
            raise InputError(
                f"{key}: neither a file nor the id of exactly one trusted key (8 digits or more)"
            )
        public = matching[0]
    where = trust.revoke(public)
    output.print(f"key {signing.key_id(public)} is revoked ({where})", markup=False)


def signing_key(path: Path | None) -> Any:
    """The key that signs: the one given, or the local one, made on first use. Of a revoked one a note says so."""
    from datetime import UTC, datetime

    from relucert.certificate import signing, trust
    from relucert_audit.trust import standing

    key = _key_of(path)
    if standing(trust.known(), signing.key_id(key.public_key()), datetime.now(UTC)) == "revoked":
        messages.print(
            "note: the key that signs is revoked here: give another (--key), made by `relucert keys new --out FILE`",
            markup=False,
        )
    return key


def _key_of(path: Path | None) -> Any:
    from relucert.certificate import signing, trust

    if path is not None:
        if not path.exists():
            raise InputError(f"{path}: no such key; make one with: relucert keys new --out {path}")
        return signing.load_key(path, _ask)
    local = signing.default_key_path()
    if local.exists():
        key = signing.load_key(local, _ask)
        if trust.own_path() is None:  # who made it was stopped before its public half was written
            signing.write_public(local, key)
        return key
    try:
        key = signing.new_key(local)
    except FileExistsError:  # made by another process since
        return signing.load_key(local, _ask)
    identity = signing.key_id(key.public_key())
    messages.print(f"made a local signing key: {local} (key id {identity})", markup=False)
    return key


def _local_public() -> Path:
    from relucert.certificate import signing

    path = signing.default_key_path().with_suffix(".pub")
    if not path.exists():
        raise InputError(f"{path}: you have no local key yet; make one with: relucert keys new")
    return path


def _ask(path: Path) -> bytes:
    """The passphrase of an existing key."""
    if PASSPHRASE in os.environ:
        return os.environ[PASSPHRASE].encode()
    if not sys.stdin.isatty():
        raise InputError(f"{path}: this key has a passphrase; set {PASSPHRASE}")
    answer: str = typer.prompt(f"passphrase of {path}", hide_input=True, err=True)
    return answer.encode()


def _new_passphrase() -> bytes:
    if PASSPHRASE in os.environ:
        answer: str = os.environ[PASSPHRASE]
    elif sys.stdin.isatty():
        answer = typer.prompt("passphrase", hide_input=True, confirmation_prompt=True, err=True)
    else:
        raise InputError(f"no terminal to ask for a passphrase; set {PASSPHRASE}")
    if not answer:
        raise InputError("the passphrase is empty")
    return answer.encode()
