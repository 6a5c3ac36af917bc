"""`relucert show`: certificates explained to a person."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from relucert.base.console import escape, messages, output, print_json, printable
from relucert.base.errors import InputError
from relucert.commands.options import JsonOption

if TYPE_CHECKING:
    from rich.table import Table

    from relucert.commands.shown import Shown
    from relucert.commands.words import Row


def show(
    certificates: Annotated[list[Path], typer.Argument(help="Certificate files, or directories of them.")],
    as_json: JsonOption = False,
    html: Annotated[
        Path | None,
        typer.Option("--html", help="Write one certificate as a page, with figures, to this file."),
    ] = None,
) -> None:
    """Explain certificates to a person: the claim in a sentence, then each inequality with its margin."""
    from relucert.base import store
    from relucert.certificate import trust
    from relucert.commands.shown import read

    mine = trust.known(lambda text: messages.print(f"note: {text}", markup=False))
    paths = list(store.certificate_files(certificates))
    if html is not None:
        _check_page(html, paths, as_json)
        _write_page(html, read(paths[0], mine))
        return
    for path in paths:
        shown = read(path, mine)
        if as_json:
            print_json(_record(shown))
        else:
            _print(shown)


def _check_page(html: Path, paths: list[Path], as_json: bool) -> None:
    """Raises InputError."""
    if as_json:
        raise InputError("--html and --json: leave one of them out")
    if len(paths) != 1:
        raise InputError(
            f"--html writes the page of one certificate, and there are {len(paths)}: name one file"
        )
    if html.is_dir():
        raise InputError(f"{html}: a directory; name a file, such as {html / 'page.html'}")
    if html.exists() and html.samefile(paths[0]):
        raise InputError(f"{html}: the certificate itself; name another file for its page")


def _write_page(html: Path, shown: Shown) -> None:
    from relucert.base import store
    from relucert.commands.certificate_page import page

    store.prepare(html.parent)
    store.write(html, page(shown, html).encode())
    output.print(f"page: {html}", markup=False)


def _record(shown: Shown) -> dict[str, Any]:
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


def _print(shown: Shown) -> None:
    output.print("as the file claims; not checked here (relucert audit does)", style="dim")
    for text in shown.warnings:
        output.print(f"[red]{escape(printable(text))}[/red]")
    output.print(f"[bold]{escape(shown.claim.sentence)}[/bold]")
    for fact, value in shown.claim.facts:
        output.print(f"  {fact}: {value}", markup=False)
    if shown.inequalities:
        output.print("Recorded beside the claim, not checked here or by the audit:", style="dim")
        output.print(_table(shown.inequalities))
        output.print(shown.legend, style="dim")
    for signer, state, _ in shown.signatures:
        style = {"valid": "green", "invalid": "red"}.get(state, "dim")
        output.print(f"[{style}]signature: {state}, {escape(printable(signer))}[/{style}]")
    output.print(f"claim identity: {shown.identity}")
    output.print(f"certificate: {shown.path}\n", markup=False)


def _table(inequalities: list[Row]) -> Table:
    """Each theorem on a line, and its inequalities below it."""
    from rich.table import Table

    from relucert.commands.words import title

    table = Table(box=None, pad_edge=False)
    for name in ("step", "inequality", "left", "right", "margin"):
        table.add_column(name, overflow="fold", justify="right" if name in ("left", "right") else "left")
    theorem = None
    for row in inequalities:
        if row.theorem != theorem:
            table.add_row("", f"[bold]{escape(printable(title(row)))}[/bold]")
            theorem = row.theorem
        step, text = (escape(printable(x)) for x in (row.step, row.text))
        table.add_row(step, text, row.left, row.right, row.margin)
    return table
