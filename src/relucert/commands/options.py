"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON lines on standard output.")]
JobsOption = Annotated[int, typer.Option("--jobs", min=1, help="Processes, each with memory for one point.")]
VariableOption = Annotated[
    str | None,
    typer.Option("--variable", "--layer", metavar="NAME", help="Which array of a file of several."),
]
TargetsVariableOption = Annotated[
    str | None,
    typer.Option("--targets-variable", metavar="NAME", help="Which array of the file of --targets."),
]
KeyOption = Annotated[Path | None, typer.Option("--key", help="Private key that signs (PEM, Ed25519).")]
