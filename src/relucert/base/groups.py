"""Groups of commands, and what their help looks like."""

from __future__ import annotations

from typing import Any

import typer
from typer.completion import install_callback, show_callback
from typer.core import TyperGroup

from relucert.base.errors import InputError

SHELLS = ("bash", "zsh", "fish", "powershell", "pwsh")
COMPLETION = {
    "--show-completion": show_callback,
    "--install-completion": install_callback,
}  # they end the program


class Plain(TyperGroup):
    """Lists its commands with the first paragraphs of their help."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if len(args) > 1 and args[0] in COMPLETION:  # typer would take the shell that it is started from
            if len(args) > 2 or args[1] not in SHELLS:
                raise InputError(f"{' '.join(args)}: expected one of {', '.join(SHELLS)}")
            COMPLETION[args[0]](ctx, None, args[1])  # type: ignore[arg-type]
        return super().parse_args(ctx, args)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        helps = ((name, self.commands[name].help or "") for name in self.list_commands(ctx))
        with formatter.section("Commands"):
            formatter.write_dl([(name, help.partition("\n\n")[0]) for name, help in helps])  # noqa: A001


def group(help: str, **settings: Any) -> typer.Typer:  # noqa: A002 -- as typer calls it
    """Commands whose help is plain text: the boxes around it would take as long as all else that help takes."""
    return typer.Typer(cls=Plain, no_args_is_help=True, rich_markup_mode=None, help=help, **settings)
