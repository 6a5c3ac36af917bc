"""What claims and results are called, in every family: what is only shown does without the kernel."""

from __future__ import annotations

from typing import Any

from relucert.certificate.numbers import Json
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
