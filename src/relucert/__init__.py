"""relucert: turn a candidate minimum of a small ReLU network into a theorem with a signed certificate."""

from relucert import moved
from relucert.base.errors import InputError
from relucert.families.expression import functions, losses
from relucert.families.expression.exact_values import ExactValueWarning
from relucert.families.expression.loss import Loss
from relucert.families.teacher.candidate import Candidate
from relucert.families.teacher.problem import Problem
from relucert.families.teacher.verification import Verification
from relucert.kernel.outcome import (
    GlobalMinima,
    GlobalMinimum,
    Inconclusive,
    LocalMinimum,
    NotCritical,
    Outcome,
    SplitSaddle,
    SpuriousMinimum,
    StrictSaddle,
)
from relucert.verifying import verify

moved.install(__name__)

__version__ = "0.1.0"

__all__ = [
    "Candidate",
    "ExactValueWarning",
    "GlobalMinima",
    "GlobalMinimum",
    "Inconclusive",
    "InputError",
    "LocalMinimum",
    "Loss",
    "NotCritical",
    "Outcome",
    "Problem",
    "SplitSaddle",
    "SpuriousMinimum",
    "StrictSaddle",
    "Verification",
    "functions",
    "losses",
    "verify",
]
