"""relucert: turn a candidate minimum of a small ReLU network into a theorem with a signed certificate.

A name is imported when it is first asked for: numpy, SciPy and numba cost a second, and `relucert --help` needs none.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from relucert import moved

if TYPE_CHECKING:
    from relucert.base.enclosure import Bound, Enclosure, Undecided
    from relucert.base.errors import InputError
    from relucert.families.expression import functions, losses
    from relucert.families.expression.exact_values import ExactValueWarning
    from relucert.families.expression.loss import Loss
    from relucert.families.expression.prove import ExpressionVerification
    from relucert.families.pictures import Pictures
    from relucert.families.result import RoundedWarning
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
    from relucert.stored import Audit, Certificate, Report, audit, load, load_all
    from relucert.verifying import verify

moved.install(__name__)

__version__ = "0.1.0"

__all__ = [
    "Audit",
    "Bound",
    "Candidate",
    "Certificate",
    "Enclosure",
    "ExactValueWarning",
    "ExpressionVerification",
    "GlobalMinima",
    "GlobalMinimum",
    "Inconclusive",
    "InputError",
    "LocalMinimum",
    "Loss",
    "NotCritical",
    "Outcome",
    "Pictures",
    "Problem",
    "Report",
    "RoundedWarning",
    "SplitSaddle",
    "SpuriousMinimum",
    "StrictSaddle",
    "Undecided",
    "Verification",
    "audit",
    "functions",
    "load",
    "load_all",
    "losses",
    "verify",
]

_HOMES = {
    "relucert.base.enclosure": ("Bound", "Enclosure", "Undecided"),
    "relucert.base.errors": ("InputError",),
    "relucert.families.expression.exact_values": ("ExactValueWarning",),
    "relucert.families.expression.loss": ("Loss",),
    "relucert.families.expression.prove": ("ExpressionVerification",),
    "relucert.families.pictures": ("Pictures",),
    "relucert.families.result": ("RoundedWarning",),
    "relucert.families.teacher.candidate": ("Candidate",),
    "relucert.families.teacher.problem": ("Problem",),
    "relucert.families.teacher.verification": ("Verification",),
    "relucert.kernel.outcome": (
        "GlobalMinima", "GlobalMinimum", "Inconclusive", "LocalMinimum", "NotCritical", "Outcome", "SplitSaddle",
        "SpuriousMinimum", "StrictSaddle",
    ),
    "relucert.stored": ("Audit", "Certificate", "Report", "audit", "load", "load_all"),
    "relucert.verifying": ("verify",),
}  # fmt: skip
_HOME = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    """Imports the name's module and keeps the name."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(_HOME[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
