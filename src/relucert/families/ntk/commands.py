"""`relucert ntk` and `relucert gram`: networks so wide that gradient descent trains them to zero loss."""

from __future__ import annotations

import typer

from relucert.base.groups import group
from relucert.families.ntk import deep_commands, shallow_commands, table_command
from relucert.families.ntk.gram_command import gram

ntk = group("Wide networks: gradient descent proved to converge to zero loss on given data.")


def register(app: typer.Typer) -> None:
    """Adds them to the command line."""
    shallow_commands.register(ntk)
    deep_commands.register(ntk)
    table_command.register(ntk)
    app.add_typer(ntk, name="ntk")
    app.command()(gram)
