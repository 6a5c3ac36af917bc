"""The families that the checker knows: a room each, whose module `family` has a table METHODS."""

from functools import cache
from importlib import import_module

from relucert_audit.method import Method

NAMES = ("teacher", "cnn", "filter", "uniform", "landscape", "ntk", "factorisation", "octopus", "expression")
ROOMS = [f"relucert_audit.{name}" for name in NAMES]


@cache
def methods() -> dict[tuple[str, str], Method]:
    """By family and method, as a claim names them."""
    return {
        name: method for room in ROOMS for name, method in import_module(f"{room}.family").METHODS.items()
    }
