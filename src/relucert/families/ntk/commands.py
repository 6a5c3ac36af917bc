"""`relucert ntk`: networks so wide that gradient descent trains them to zero loss."""

from __future__ import annotations

import typer

from relucert.families.ntk import shallow_commands

ntk = typer.Typer(
    no_args_is_help=True, help="Wide networks: gradient descent proved to reach zero loss on given data."
)


def register(app: typer.Typer) -> None:
    """Adds them to the command line."""
    shallow_commands.register(ntk)
    app.add_typer(ntk, name="ntk")
