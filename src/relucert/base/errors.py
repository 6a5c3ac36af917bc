"""What is raised for input that cannot be used."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

Given = TypeVar("Given")
Made = TypeVar("Made")


class InputError(ValueError):
    """Input that cannot be used; the message names the entry and the remedy."""


class LimitError(InputError):
    """Input beyond a limit of the checker or of this machine, whatever is asked about it."""


def for_all(work: Callable[[Given], Made], items: Iterable[Given]) -> list[Made]:
    """work(item) for each item. Raises InputError that names all items that cannot be used, not the first alone."""
    made, refused = [], []
    for item in items:
        try:
            made.append(work(item))
        except InputError as error:
            refused.append(error)
    if refused:
        kind = LimitError if all(isinstance(error, LimitError) for error in refused) else InputError
        raise kind("\n".join(dict.fromkeys(map(str, refused)))) from refused[0]
    return made
