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

DEFAULT = "teacher-student-relu"  # of a file that names no family
HOME = {  # the room of each family, so that one is found without importing all
    DEFAULT: "relucert.families.teacher",
    "one-hidden-layer-cnn": "relucert.families.cnn",
    "one-filter": "relucert.families.filter",
    "teacher-student-relu-every-k": "relucert.families.uniform",
    "designed-landscape": "relucert.families.landscape",
    "wide-network": "relucert.families.ntk",
    "octopus": "relucert.families.octopus",
    "matrix-factorisation": "relucert.families.factorisation",
    "smooth-expression": "relucert.families.expression",
}
ROOMS = list(HOME.values())
OWN_LOSS = "smooth-expression"  # whose points come with a loss of the user's own (--loss)


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
    if name in HOME:
        family: Family = import_module(f"{HOME[name]}.family").FAMILY
        return family
    try:
        return families()[name]
    except KeyError:
        known = ", ".join(sorted(families()))
        raise InputError(f"{where}: unknown family {name!r}; known: {known}") from None


def read(path: Path, layout: Layout) -> tuple[Family, Sequence[Any]]:
    """The points of a file and the family that they belong to. Raises InputError."""
    name, data = family_of(path)
    if layout.loss is not None:
        name = OWN_LOSS
    family = family_called(name, path)
    needed = {"witness": family.witness} | dict.fromkeys(
        ("signs", "teacher_signs", "activation", "output_weights"), family.network
    )
    for option, has in needed.items():
        if getattr(layout, option) is not None and not has:
            name = option.replace("_", "-")
            raise InputError(
                f"--{name} does not apply to {path}, a file of the family {family.name}; leave it out"
            )
    return family, family.read(path, data, layout)


def family_of(path: Path) -> tuple[str, bytes]:
    """Which family the points of a file belong to, and its bytes: a JSON object may name one.

    Raises InputError where the file cannot be read; what is in it is not looked at further.
    """
    from relucert.base.arrays import read_bytes
    from relucert.base.json_numbers import read_json

    data = read_bytes(path)
    whole = read_json(path, data) if path.suffix.lower() == ".json" else None
    name = whole.get("family", DEFAULT) if isinstance(whole, dict) else DEFAULT
    if not isinstance(name, str):
        raise InputError(f"{path}: the family must be a string")
    return name, data
