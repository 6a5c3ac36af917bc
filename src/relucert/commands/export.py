"""`relucert export`: certificates in another format."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from relucert.base.console import output
from relucert.base.errors import InputError


def export(
    path: Annotated[Path, typer.Argument(help="A certificate.")],
    form: Annotated[
        str, typer.Option("--format", help='"dsse": the standard envelope of the same signature.')
    ],
    to: Annotated[
        Path | None, typer.Option("-o", "--output", help="A file (default: standard output).")
    ] = None,
) -> None:
    """Write a certificate in another format."""
    from relucert import certificate
    from relucert.base import store
    from relucert.certificate.checked import checked

    if form != "dsse":
        raise InputError(f"--format {form}: the only other format is dsse")
    checked(path)
    data = certificate.to_dsse(certificate.parse(path.read_bytes(), str(path)))
    if to is None:
        output.print(data.decode(), end="", markup=False)
    else:
        store.write(to, data)
