"""The commands of the teacher-student network."""

from __future__ import annotations

import typer

from relucert.families.teacher.converges_command import converges
from relucert.families.teacher.robust_command import robust
from relucert.families.teacher.run_command import run
from relucert.families.teacher.search_command import search
from relucert.families.teacher.symmetric.family_command import family
from relucert.families.teacher.wider.commands import split, transfer


def register(app: typer.Typer) -> None:
    """Adds them to the command line."""
    for command in (search, run, converges, family, robust, split, transfer):
        app.command()(command)
