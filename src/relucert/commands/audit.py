"""`relucert audit`: the independent checker, with your trusted keys."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from relucert.commands.options import JsonOption


def audit(
    paths: Annotated[
        list[Path], typer.Argument(help="Certificate files, directories of them, or of studies.")
    ],
    trusted: Annotated[
        Path | None,
        typer.Option(
            help="Trusted keys, an OpenSSH allowed_signers file (default: yours, and your own key)."
        ),
    ] = None,
    revoked: Annotated[
        Path | None, typer.Option(help="Revoked public keys (default: revoked_keys beside --trusted).")
    ] = None,
    require_signature: Annotated[
        bool, typer.Option("--require-signature", help="Reject what no trusted key has signed.")
    ] = False,
    jobs: Annotated[int, typer.Option(min=1, help="Number of processes.")] = 1,
    sample: Annotated[
        int | None,
        typer.Option(min=1, help="Of all runs in certificates of runs, prove only so many (default: all)."),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(
            min=0, help="With --sample: which runs (default 0); take one that nobody could foresee."
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Prove certificates again with the independent checker, and say who signed them. Of a study, also that its
    rows follow from what was proved."""
    from relucert.certificate import trust
    from relucert_audit.command import main as check

    arguments = [*map(str, paths), "--jobs", str(jobs)]
    for name, number in (("--sample", sample), ("--seed", seed)):
        arguments += [] if number is None else [name, str(number)]
    own = None
    if trusted is None:
        trusted, own = trust.existing(trust.allowed_signers_path()), trust.own_path()
        revoked = revoked or trust.existing(trust.revoked_path())
    for option, value in (("--trusted", trusted), ("--revoked", revoked), ("--own", own)):
        arguments += [] if value is None else [option, str(value)]
    arguments += ["--require-signature"] * require_signature + ["--json"] * as_json
    raise typer.Exit(check(arguments))
