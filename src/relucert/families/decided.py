"""What the results of the proofs about points have in common, whatever the family."""

from __future__ import annotations

from dataclasses import dataclass

from relucert.kernel.outcome import Outcome


@dataclass(frozen=True)
class Decided:
    """What was proved about a point."""

    outcome: Outcome

    @property
    def verdict(self) -> str:
        return self.outcome.verdict
