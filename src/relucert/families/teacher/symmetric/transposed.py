"""Whether the values of a symmetric point seem to be transposed. It proves nothing: it is for messages."""

from __future__ import annotations

import math
from dataclasses import replace

from relucert.families.teacher.symmetric import point
from relucert.families.teacher.symmetric.point import (
    TRANSPOSED,
    SymmetricPoint,
    SymmetricVerification,
    first_precision,
    kernel_point,
)
from relucert.kernel import ball
from relucert.kernel.ball import NotProved
from relucert.kernel.teacher import symmetric

LESS = 8  # by what factor the gradient must be smaller


def hint(at: SymmetricPoint) -> str:
    """A sentence if the gradient is far smaller with the values of the classes transposed, else nothing."""
    if "neurons" in at.origin:
        return ""  # a mean of a point with all its entries: nobody wrote these values
    m = len(at.sizes)
    block = zip(*(row[:m] for row in at.values), strict=True)
    values = tuple((*row, given[m]) for row, given in zip(block, at.values, strict=True))
    if values == at.values:
        return ""
    here, there = _slope(at), _slope(replace(at, values=values))
    if not there * LESS < here:
        return ""
    return f"{TRANSPOSED}; with rows and columns exchanged the gradient is {there:.2g}, not {here:.2g}"


def record(result: SymmetricVerification) -> dict[str, object]:
    """The outcome as JSON values, with the hint in the reason where nothing is proved."""
    fields = point.record(result)
    doubt = "" if result.outcome.proved else hint(result.point)
    return {**fields, "reason": f"{fields['reason']}; {doubt}"} if doubt else fields


def summary(result: SymmetricVerification) -> str:
    """For people, with the hint on a line of its own where nothing is proved."""
    doubt = "" if result.outcome.proved else hint(result.point)
    return f"{point.summary(result)}\n{doubt}".rstrip()


def _slope(at: SymmetricPoint) -> float:
    """About the norm of the gradient; infinite where the loss has none."""
    with ball.precision(first_precision(at)):
        try:
            slope = symmetric.gradient(symmetric.reduced(kernel_point(at)))
        except NotProved:
            return math.inf
        return math.hypot(*map(float, slope))
