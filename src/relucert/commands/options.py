"""Options that several commands share, and groups of commands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON lines on standard output.")]
JobsOption = Annotated[int, typer.Option("--jobs", min=1, help="Processes, each with memory for one point.")]
VariableOption = Annotated[
    str | None,
    typer.Option("--variable", "--layer", metavar="NAME", help="Which array of a file of several."),
]
KeyOption = Annotated[Path | None, typer.Option("--key", help="Private key that signs (PEM, Ed25519).")]


class Plain(TyperGroup):
    """Lists its commands with the first paragraphs of their help."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        helps = ((name, self.commands[name].help or "") for name in self.list_commands(ctx))
        with formatter.section("Commands"):
            formatter.write_dl([(name, help.partition("\n\n")[0]) for name, help in helps])  # noqa: A001


def group(help: str, **settings: Any) -> typer.Typer:  # noqa: A002 -- as typer calls it
    """Commands whose help is plain text: the boxes around it would take as long as all else that help takes."""
    return typer.Typer(cls=Plain, no_args_is_help=True, rich_markup_mode=None, help=help, **settings)
