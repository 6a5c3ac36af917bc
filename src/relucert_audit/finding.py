"""Findings, why a file is not accepted: all that those who only read a file need of the steps.

A claim is *rejected* if it is refuted or breaks a rule between exact numbers of the file, *not confirmed* if
the checker's bounds are too weak. A certificate is accepted if every step ran and returned no finding."""

from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from relucert_audit.format import NOT_CONFIRMED, REJECTED


class TooWeak(Exception):  # noqa: N818 -- a result, not a failure of the program
    """The checker's own arithmetic does not decide; says nothing about the claim."""


class Finding(NamedTuple):  # why a file is not accepted
    result: str
    step: int
    claim: str
    reason: str


Findings = Iterator[Finding]
refuted, weak = partial(Finding, REJECTED), partial(Finding, NOT_CONFIRMED)
