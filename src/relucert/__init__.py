"""relucert: turn a candidate minimum of a small ReLU network into a theorem with a signed certificate."""

from relucert import moved
from relucert.base.errors import InputError
from relucert.families.teacher.candidate import Candidate
from relucert.families.teacher.problem import Problem
from relucert.families.teacher.verification import Verification
from relucert.families.teacher.verify import verify
from relucert.kernel.outcome import (
    GlobalMinimum,
    Inconclusive,
    LocalMinimum,
    NotCritical,
    Outcome,
    SpuriousMinimum,
    StrictSaddle,
)

moved.install(__name__)

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
