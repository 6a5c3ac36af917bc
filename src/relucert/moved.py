"""Documented module names from before each family had a room: they go on working (docs/adr/0012)."""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import Any

SYMMETRIC = "families.teacher.symmetric"
NAMES = {  # below relucert, each an old name and the new one
    "batch": "study.batch",
    "runs": "study.runs",
    "signing": "certificate.signing",
    "filter": "families.filter.api",
    "functions": "families.expression.functions",
    "losses": "families.expression.losses",
    "robust": "families.teacher.robust",
    "symmetric": SYMMETRIC,
    **{f"symmetric.{name}": f"{SYMMETRIC}.{name}" for name in ("family", "follow", "point", "start")},
}


class Moved(ModuleType):
    """Looks its names up in the module that it stands for, which is imported when one is asked for."""

    def __init__(self, name: str, target: str) -> None:
        super().__init__(name, f"See {target}.")
        self.__path__: list[str] = []  # a package, for the names below it
        self._target = target

    def __getattr__(self, name: str) -> Any:
        return getattr(import_module(self._target), name)


def install(package: str) -> None:
    """Makes the old names importable."""
    for old, new in NAMES.items():
        module = Moved(f"{package}.{old}", f"{package}.{new}")
        sys.modules[module.__name__] = module
        parent, _, name = module.__name__.rpartition(".")
        setattr(sys.modules[parent], name, module)
