"""How verdicts, bounds and reasons print, in every family."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from relucert.base.dyadic import DOWN, UP, decimal
from relucert.certificate.numbers import Json
from relucert.kernel.ball import Ball, to_dyadic
from relucert.kernel.outcome import Inconclusive

if TYPE_CHECKING:
    from relucert.families.family import Family

NAMES = {
    "spurious-minimum": "spurious local minimum",
    "global-minimum": "global minimum",
    "global-minimum-not-isolated": "global minimum, not isolated",
    "local-minimum": "strict local minimum",
    "strict-saddle": "strict saddle",  # where a loss has no maxima; else a family says NO_MINIMUM
    "not-a-minimum": "critical point, not isolated, not a minimum",
    "non-strict-saddle": "saddle with a semidefinite Hessian",
    "not-critical": "no critical point",
    "inconclusive": "inconclusive",
}
NO_MINIMUM = "critical point that is no minimum"  # with negative eigenvalues: a saddle or a maximum


def named(verdict: str) -> str:
    """A verdict in words, of whatever method. Raises TypeError for what is no text."""
    return NAMES.get(verdict) or str.replace(verdict, "-", " ")


def heading(family: Family, claim: Json) -> str:
    """What a claim of this family is called."""
    return named(claim["verdict"]) if family.heading is None else family.heading(claim)


def heading_of(family: Family, result: Any) -> str:
    """What a result is called: what its claim is, where it makes one."""
    if family.heading is None or not result.outcome.proved:
        return NAMES[result.verdict]
    return family.heading(family.statement(result, {})["claim"])


def bound(value: Ball | None, rounding: str) -> str | None:
    """A decimal of 12 digits on the side that `rounding` says."""
    return None if value is None else text(value, rounding, 12)


def text(value: Ball, rounding: str, digits: int = 6) -> str:
    """A decimal on the safe side; "undefined" for a number that no argument gives."""
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


POLISH = "; give a point with a smaller gradient (--raw forbids polishing)"
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
