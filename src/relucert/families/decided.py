"""What the results of the proofs about points have in common, whatever the family."""

from __future__ import annotations

from dataclasses import dataclass

from relucert.base.errors import InputError
from relucert.kernel.outcome import Outcome


@dataclass(frozen=True)
class Decided:
    """What was proved about a point."""

    outcome: Outcome

    @property
    def verdict(self) -> str:
        return self.outcome.verdict


def check_only_one(witness: object) -> None:
    """Raises InputError where a witness is given, for what is to search for one."""
    if witness is not None:
        raise InputError("a witness is given, and --find-witness searches for another; leave one out")
