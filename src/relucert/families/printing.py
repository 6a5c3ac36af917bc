"""How bounds and reasons print, in every family."""

from __future__ import annotations

from relucert.base.dyadic import DOWN, UP, decimal
from relucert.certificate.numbers import claimed
from relucert.kernel.ball import Ball, to_dyadic
from relucert.kernel.outcome import Inconclusive


def bound(value: Ball | None, rounding: str, digits: int = 12) -> str | None:
    """A decimal of what a certificate claims, on the side that `rounding` says."""
    return None if value is None else text(value, rounding, digits)


def text(value: Ball, rounding: str, digits: int = 6) -> str:
    """A decimal on the safe side, of what a certificate claims; "undefined" for a number that no argument gives."""
    return decimal(claimed(value, rounding), rounding, digits) if value.is_finite() else "undefined"


def unloosened(value: Ball, rounding: str, digits: int = 12) -> str:
    """The same of a number that a certificate has as it is, or that none has."""
    return decimal(to_dyadic(value), rounding, digits) if value.is_finite() else "undefined"


def explain(outcome: Inconclusive) -> str:
    """Why nothing was proved, by what factor it failed, and what to try."""
    reason = outcome.reason
    failed = outcome.failed
    if failed is None:
        return reason
    left, right = float(failed.left), float(failed.right)
    if right > 0 and left > right:
        reason += f"; it fails by a factor {left / right:.3g}"
    else:
        reason += f"; the sides are {text(failed.left, UP)} and {text(failed.right, DOWN)}"
    return reason + REMEDIES.get(failed.name, "")


POLISH = "; give a point with a smaller gradient (and leave out --raw, where it is given)"
REMEDIES = {
    "C.1": "; the Hessian may be singular: the point may belong to a continuum, or lie on a bifurcation",
    "E.1": "; the approximate inverse is too rough: the Hessian is nearly singular",
    "E.2": POLISH,
    "E.3": POLISH,
    "L1.1": "; the Hessian is not proved to be positive definite",
    "L1.2": POLISH,
    "L1.3": POLISH,
    "L2.1": POLISH,
    "L2.2": "; the loss may be zero: this may be a global minimum",
}
