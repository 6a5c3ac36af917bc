"""`--device` and `--batch`: gradient descent by PyTorch, for the commands that search."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from relucert.base.console import MISSING, fail
from relucert.base.errors import InputError

if TYPE_CHECKING:
    from relucert.families.teacher.search.device import Device

DeviceOption = Annotated[
    str | None,
    typer.Option(
        "--device", help="Descend by PyTorch on cpu, cuda or cuda:N (default: compiled code on all cores)."
    ),
]
BatchOption = Annotated[
    int | None,
    typer.Option("--batch", min=1, help="With --device: runs at a time (default: as many as fit)."),
]


def chosen(name: str | None, batch: int | None) -> Device | None:
    """The device that is asked for. Raises InputError for what is none, typer.Exit if it or PyTorch is not there."""
    from relucert.families.teacher.search import device

    if name is None:
        if batch is not None:
            raise InputError("--batch does not apply without --device; leave it out")
        return None
    found = device.Device(name, batch)
    try:
        device.check(found)
    except device.Missing as error:
        raise typer.Exit(fail(str(error), MISSING)) from error
    return found
