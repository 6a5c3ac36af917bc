"""`relucert show`: certificates explained to a person."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from relucert.base.console import escape, messages, output, print_json, printable
from relucert.base.errors import InputError
from relucert.commands.options import JsonOption


def show(
    certificates: Annotated[list[Path], typer.Argument(help="Certificate files, or directories of them.")],
    as_json: JsonOption = False,
) -> None:
    """Explain certificates to a person: the claim in a sentence, then each inequality with its margin."""
    from datetime import UTC, datetime

    from rich.table import Table

    from relucert import certificate
    from relucert.base import store
    from relucert.certificate import trust
    from relucert.commands import words as text
    from relucert_audit.check import read as strictly
    from relucert_audit.format import NOT_CONFIRMED, Refusal
    from relucert_audit.trust import states

    mine = trust.known(lambda text: messages.print(f"note: {text}", markup=False))

    for path in store.certificate_files(certificates):
        data, name = path.read_bytes(), str(path)
        try:
            strictly(data)
        except Refusal as refusal:
            result, _, _, reason = refusal.args
            if result != NOT_CONFIRMED:  # too large to check is not too large to show
                raise InputError(f"{name}: {result}: {reason}") from refusal
        whole = certificate.parse(data, name)
        statement = whole["statement"]
        digest = certificate.digest(statement)
        identity = certificate.claim_digest(statement["claim"])
        sentence, rows = text.claim(statement, name), text.inequalities(statement, name)
        signed = states(certificate.canonical(statement), whole["signatures"], mine, datetime.now(UTC))
        if as_json:
            listed = [row._asdict() for row in rows]
            print_json(
                {"file": name, "digest": digest, "claim_digest": identity,
                 "claim": sentence.sentence, "verdict": sentence.verdict,
                 "bounds": dict(sentence.facts), "inequalities": listed,
                 "inequalities_checked": False, "signed_by": [who for who, state in signed if state == "valid"],
                 "signatures": [
                     {"signer": who, "state": state, "keyid": entry["keyid"]}
                     for (who, state), entry in zip(signed, whole["signatures"], strict=True)
                 ]}
            )  # fmt: skip
            continue
        output.print(f"[bold]{escape(sentence.sentence)}[/bold]")
        for fact, value in sentence.facts:
            output.print(f"  {fact}: {value}", markup=False)
        output.print("Recorded beside the claim, not checked here or by the audit:", style="dim")
        table = Table(box=None, pad_edge=False)
        for title in ("step", "inequality", "left", "right", "margin"):
            table.add_column(
                title, overflow="fold", justify="right" if title in ("left", "right") else "left"
            )
        theorem = None
        for row in rows:
            if row.theorem != theorem:
                table.add_row("", f"[bold]{escape(printable(row.theorem))}[/bold]")
                theorem = row.theorem
            table.add_row(
                *(escape(printable(x)) for x in (row.step, row.text)), row.left, row.right, row.margin
            )
        output.print(table)
        output.print(text.legend(statement), style="dim")
        if path.stem != digest:
            messages.print(f"[yellow]{name}: its name is not the digest {digest} of its statement[/yellow]")
        for signer, state in signed:
            style = {"valid": "green", "invalid": "red"}.get(state, "dim")
            output.print(f"[{style}]signature: {state}, {escape(printable(signer))}[/{style}]")
        output.print(f"claim identity: {identity}")
        output.print(f"certificate: {name}", markup=False)
        output.print("Showing a certificate does not prove it again; relucert audit does.\n")
