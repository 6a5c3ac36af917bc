"""`relucert export`: certificates in another format."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from relucert.base.console import INCONCLUSIVE, MISSING, RESOURCES, Bar, fail, messages, output
from relucert.base.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from relucert.families.teacher.formal.claim import Claim

DSSE, COQ = "dsse", "coq"


def export(
    paths: Annotated[
        list[Path], typer.Argument(metavar="CERT...", help="A certificate, or several with --check.")
    ],
    form: Annotated[
        str,
        typer.Option(
            "--format",
            help='"dsse": the standard envelope of the same signature. "coq": a theorem that Coq checks.',
        ),
    ],
    to: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="A file (default: standard output); a folder for coq."),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="coq: run coqc, also on what is in the folder already.")
    ] = False,
    fast: Annotated[
        bool, typer.Option("--fast", help="coq: machine integers; quicker, with Coq's axioms about them.")
    ] = False,
) -> None:
    """Write a certificate in another format: a DSSE envelope, or a theorem for Coq (docs/formal.md)."""
    if form not in (DSSE, COQ):
        raise InputError(f"--format {form}: the formats are {DSSE} and {COQ}")
    if form == DSSE and (check or fast):
        raise InputError("--check and --fast are for --format coq; leave them out")
    if len(paths) > 1 and (form == DSSE or to is not None or not check):
        raise InputError("one certificate at a time; several only with --format coq --check and without -o")
    if form == DSSE:
        _dsse(paths[0], to)
    else:
        _coq(paths, to, check=check, fast=fast)


def _dsse(path: Path, to: Path | None) -> None:
    from relucert import certificate
    from relucert.base import store
    from relucert.certificate.checked import checked

    checked(path)
    data = certificate.to_dsse(certificate.parse(path.read_bytes(), str(path)))
    if to is None:
        output.print(data.decode(), end="", markup=False)
    else:
        store.write(to, data)
        messages.print(f"{to}: a DSSE envelope of {path}", markup=False)


def _coq(paths: Sequence[Path], to: Path | None, *, check: bool, fast: bool) -> None:
    from relucert import certificate
    from relucert.certificate.checked import checked
    from relucert.families.teacher.formal import coq, export
    from relucert.families.teacher.formal.claim import claim, right_kind
    from relucert.families.teacher.formal.proof import Unprovable
    from relucert.families.teacher.formal.text import NUMBERS, PLACE

    if to is None and not check:
        raise InputError("--format coq writes a folder: say where (-o DIR), or --check")
    for path in paths:  # a wrong kind is said at once: the checker may take a minute
        right_kind(certificate.parse(path.read_bytes(), str(path))["statement"], str(path))
    claims = [claim(checked(path), str(path)) for path in paths]
    try:
        if to is not None and not (check and (to / PLACE / NUMBERS).exists()):
            export.write(claims[0], to, fast)
            messages.print(f"{to}: theory/ and certificate/Theorem.v; `make` there runs coqc", markup=False)
        if check:
            version = coq.find()
            texts = (
                [export.fresh(x, fast) for x in claims] if to is None else [export.read(claims[0], to, fast)]
            )
            _run(claims, texts, fast, version)
    except Unprovable as error:
        raise typer.Exit(fail(f"{paths[0]}: {error}", INCONCLUSIVE)) from None
    except coq.Refused as error:
        raise typer.Exit(fail(str(error), INCONCLUSIVE)) from None
    except coq.Missing as error:
        raise typer.Exit(fail(str(error), MISSING)) from None
    except coq.OutOfMemory as error:
        raise typer.Exit(fail(str(error), RESOURCES)) from None


def _run(claims: Sequence[Claim], texts: Sequence[tuple[str, str]], fast: bool, version: str) -> None:
    """Compiles the theory and then each theorem, in a folder of its own."""
    from relucert.families.teacher.formal import coq

    with (
        tempfile.TemporaryDirectory(prefix="relucert-coq-") as name,
        Bar("Coq: the theory, and each theorem", 1 + len(claims)) as advance,
    ):
        folder = Path(name)
        built = coq.build(folder, fast)
        messages.print(f"Coq {version}; the theory compiles in {built.wall:.0f} s", markup=False)
        advance(1, 1 + len(claims))
        for done, (claim, (numbers, theorem)) in enumerate(zip(claims, texts, strict=True), 2):
            result = coq.check(folder, numbers, theorem, fast)
            advance(done, 1 + len(claims))
            output.print(f"[bold green]proved by Coq:[/bold green] the theorem of certificate {claim.digest}")
            shown = re.search(r"^Theorem .*?\.$", theorem, re.MULTILINE | re.DOTALL)
            output.print(shown[0] if shown else "", markup=False)
            output.print(
                f"  {result.wall:.1f} s ({result.work:.1f} s of work), {result.memory >> 20} MiB",
                markup=False,
            )
            output.print(f"  axioms: {', '.join(result.axioms)}", markup=False)
