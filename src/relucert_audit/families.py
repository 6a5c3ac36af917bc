"""The families that the checker knows: a room each, whose module `family` has a table METHODS."""

from functools import cache
from importlib import import_module

from relucert_audit.method import Method

HOME = {  # the room of each family, so that one is found without importing all
    "teacher-student-relu": "relucert_audit.teacher",
    "one-hidden-layer-cnn": "relucert_audit.cnn",
    "one-filter": "relucert_audit.filter",
    "teacher-student-relu-every-k": "relucert_audit.uniform",
    "designed-landscape": "relucert_audit.landscape",
    "wide-network": "relucert_audit.ntk",
    "octopus": "relucert_audit.octopus",
    "matrix-factorisation": "relucert_audit.factorisation",
    "smooth-expression": "relucert_audit.expression",
}
ROOMS = list(HOME.values())


def method_of(family: str, method: str) -> Method | None:
    """The method of a claim; None if it is not known."""
    if family in HOME:
        found: Method | None = import_module(f"{HOME[family]}.family").METHODS.get((family, method))
        return found
    return methods().get((family, method))


@cache
def methods() -> dict[tuple[str, str], Method]:
    """By family and method, as a claim names them."""
    return {
        name: method for room in ROOMS for name, method in import_module(f"{room}.family").METHODS.items()
    }
