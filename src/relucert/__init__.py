"""relucert: turn a candidate minimum of a small ReLU network into a theorem with a signed certificate."""

from relucert.candidate import Candidate
from relucert.kernel.outcome import (
    GlobalMinimum,
    Inconclusive,
    LocalMinimum,
    NotCritical,
    Outcome,
    SpuriousMinimum,
    StrictSaddle,
)
from relucert.problem import InputError, Problem
from relucert.verification import Verification
from relucert.verify import verify

__version__ = "0.1.0"

__all__ = [
    "Candidate",
    "GlobalMinimum",
    "Inconclusive",
    "InputError",
    "LocalMinimum",
    "NotCritical",
    "Outcome",
    "Problem",
    "SpuriousMinimum",
    "StrictSaddle",
    "Verification",
    "verify",
]
