"""The commands about wide networks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relucert.families.ntk.gram_command import gram

if TYPE_CHECKING:
    import typer


def register(app: typer.Typer) -> None:
    """Adds them to the command line."""
    app.command()(gram)
