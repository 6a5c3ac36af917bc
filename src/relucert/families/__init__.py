"""The families of loss landscapes: a room each. What is not in a room is common to all families.

Of a room `family` has FAMILY, and `commands` has register(app), which adds its commands to the command line.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from relucert.base.errors import InputError

if TYPE_CHECKING:
    import typer

    from relucert.families.family import Family, Layout

ROOMS = ["relucert.families.teacher", "relucert.families.cnn", "relucert.families.filter"]
DEFAULT = "teacher-student-relu"  # of a file that names no family


def register(app: typer.Typer) -> None:
    """Adds the commands of every family."""
    for room in ROOMS:
        import_module(f"{room}.commands").register(app)


@cache
def families() -> Mapping[str, Family]:
    """All families by name."""
    found: list[Family] = [import_module(f"{room}.family").FAMILY for room in ROOMS]
    return {family.name: family for family in found}


def family_called(name: str, where: object) -> Family:
    """`where` stands in errors. Raises InputError for a family that is not known."""
    try:
        return families()[name]
    except KeyError:
        known = ", ".join(sorted(families()))
        raise InputError(f"{where}: unknown family {name!r}; known: {known}") from None


def read(path: Path, layout: Layout) -> tuple[Family, Sequence[Any]]:
    """The points of a file and the family that they belong to. Raises InputError."""
    from relucert.families.teacher.points import family_of

    name, data = family_of(path)
    family = family_called(name, path)
    return family, family.read(path, data, layout)
