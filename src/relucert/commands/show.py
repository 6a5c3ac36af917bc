"""`relucert show`: certificates explained to a person."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from relucert.base.console import escape, messages, output, print_json, printable
from relucert.base.errors import InputError
from relucert.commands.options import JsonOption

if TYPE_CHECKING:
    from rich.table import Table

    from relucert.commands.words import Claim, Row
    from relucert_audit.trust import Trust


def show(
    certificates: Annotated[list[Path], typer.Argument(help="Certificate files, or directories of them.")],
    as_json: JsonOption = False,
) -> None:
    """Explain certificates to a person: the claim in a sentence, then each inequality with its margin."""
    from relucert.base import store
    from relucert.certificate import trust

    mine = trust.known(lambda text: messages.print(f"note: {text}", markup=False))
    for path in store.certificate_files(certificates):
        shown = _read(path, mine)
        if as_json:
            print_json(_record(shown))
        else:
            _print(shown)


class _Shown(NamedTuple):
    """A certificate in words. signatures: the signer, the state and the key id of each."""

    path: Path
    digest: str
    identity: str
    claim: Claim
    inequalities: list[Row]
    legend: str
    signatures: list[tuple[str, str, str]]


def _read(path: Path, mine: Trust) -> _Shown:
    """Raises InputError for what is not a certificate."""
    from datetime import UTC, datetime

    from relucert import certificate
    from relucert.commands import words
    from relucert_audit.trust import states

    data, name = path.read_bytes(), str(path)
    _check_format(data, name)
    whole = certificate.parse(data, name)
    statement, entries = whole["statement"], whole["signatures"]
    signed = states(certificate.canonical(statement), entries, mine, datetime.now(UTC))
    return _Shown(
        path, certificate.digest(statement), certificate.claim_digest(statement["claim"]),
        words.claim(statement, name), words.inequalities(statement, name), words.legend(statement),
        [(*found, entry["keyid"]) for found, entry in zip(signed, entries, strict=True)],
    )  # fmt: skip


def _check_format(data: bytes, name: str) -> None:
    """Raises InputError for what the auditor refuses to read."""
    from relucert_audit.check import read as strictly
    from relucert_audit.format import NOT_CONFIRMED, Refusal

    try:
        strictly(data)
    except Refusal as refusal:
        result, _, _, reason = refusal.args
        if result != NOT_CONFIRMED:  # too large to check is not too large to show
            raise InputError(f"{name}: {result}: {reason}") from refusal


def _record(shown: _Shown) -> dict[str, Any]:
    return {
        "file": str(shown.path), "digest": shown.digest, "claim_digest": shown.identity,
        "claim": shown.claim.sentence, "verdict": shown.claim.verdict,
        "bounds": dict(shown.claim.facts), "inequalities": [row._asdict() for row in shown.inequalities],
        "inequalities_checked": False,
        "signed_by": [signer for signer, state, _ in shown.signatures if state == "valid"],
        "signatures": [
            {"signer": signer, "state": state, "keyid": keyid} for signer, state, keyid in shown.signatures
        ],
    }  # fmt: skip


def _print(shown: _Shown) -> None:
    output.print(f"[bold]{escape(shown.claim.sentence)}[/bold]")
    for fact, value in shown.claim.facts:
        output.print(f"  {fact}: {value}", markup=False)
    if shown.inequalities:
        output.print("Recorded beside the claim, not checked here or by the audit:", style="dim")
        output.print(_table(shown.inequalities))
        output.print(shown.legend, style="dim")
    if shown.path.stem != shown.digest:
        messages.print(
            f"[yellow]{shown.path}: its name is not the digest {shown.digest} of its statement[/yellow]"
        )
    for signer, state, _ in shown.signatures:
        style = {"valid": "green", "invalid": "red"}.get(state, "dim")
        output.print(f"[{style}]signature: {state}, {escape(printable(signer))}[/{style}]")
    output.print(f"claim identity: {shown.identity}")
    output.print(f"certificate: {shown.path}", markup=False)
    output.print("Showing a certificate does not prove it again; relucert audit does.\n")


def _table(inequalities: list[Row]) -> Table:
    """Each theorem on a line, and its inequalities below it."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for title in ("step", "inequality", "left", "right", "margin"):
        table.add_column(title, overflow="fold", justify="right" if title in ("left", "right") else "left")
    theorem = None
    for row in inequalities:
        if row.theorem != theorem:
            table.add_row("", f"[bold]{escape(printable(row.theorem))}[/bold]")
            theorem = row.theorem
        step, text = (escape(printable(x)) for x in (row.step, row.text))
        table.add_row(step, text, row.left, row.right, row.margin)
    return table
