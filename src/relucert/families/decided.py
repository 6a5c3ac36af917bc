"""What the results of the proofs about points have in common, whatever the family."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from relucert.base.errors import InputError


class Conclusion(Protocol):
    """An outcome of the kernel, of whatever family."""

    @property
    def verdict(self) -> str: ...
    @property
    def proved(self) -> bool: ...
    @property
    def bounds(self) -> Any: ...


@dataclass(frozen=True)
class Decided:
    """What was proved about a point."""

    outcome: Conclusion

    @property
    def verdict(self) -> str:
        return self.outcome.verdict


def check_only_one(witness: object) -> None:
    """Raises InputError where a witness is given, for what is to search for one."""
    if witness is not None:
        raise InputError("a witness is given, and --find-witness searches for another; leave one out")
