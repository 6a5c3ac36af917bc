"""An executor for a study whose runs are moved by a device: one process has the device, the others do the rest."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any

from relucert.base.pool import Pool
from relucert.families.teacher.search.device import Device
from relucert.study.files import Task


class Beside(Executor):
    """Tasks that have a device among their arguments go to `one`, all others to `many`."""

    def __init__(self, many: Pool, one: Pool) -> None:
        self.many, self.one = many(), one()

    def submit(self, function: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future[Any]:
        return (self.one if any(map(_on_device, arguments)) else self.many).submit(
            function, *arguments, **named
        )

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        for executor in (self.many, self.one):
            executor.shutdown(wait=wait, cancel_futures=cancel_futures)


def _on_device(argument: Any) -> bool:
    return isinstance(argument, Task) and any(isinstance(x, Device) for x in argument.arguments)
