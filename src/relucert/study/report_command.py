"""`relucert report`: a whole study on a page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from relucert.base.console import MISSING, fail, messages, output
from relucert.base.errors import InputError


def report(
    study: Annotated[Path, typer.Argument(help="A study: the directory that `relucert grid` fills.")],
    form: Annotated[str, typer.Option("--format", help="html, md, csv, tex or parquet.")] = "html",
    to: Annotated[
        Path | None, typer.Option("-o", "--output", help="A file (default for text: standard output).")
    ] = None,
) -> None:
    """Show a whole study: its tables beside the published ones, and every family of critical points."""
    from relucert.base import store
    from relucert.certificate.trust import local_public_key
    from relucert.study import formats
    from relucert.study import study as studies

    if form not in formats.FORMATS:
        raise InputError(f"--format {form}: expected one of {', '.join(formats.FORMATS)}")
    if to is None and form in formats.NEED_A_FILE:
        raise InputError(f"--format {form} needs a file: add -o report.{form}")
    if to is not None:
        store.prepare(to.parent)
    try:
        data = formats.render(studies.read(study, local_public_key()), form, to)
    except ModuleNotFoundError as error:
        remedy = 'pip install "relucert[report]"'
        raise typer.Exit(fail(f"a package is missing: {error.name}; {remedy}", MISSING)) from error
    if to is None:
        output.print(data.decode(), end="", markup=False, emoji=False)
    else:
        store.write(to, data)
        messages.print(f"report: {to}", markup=False)
