"""Evidence: the theorems that were applied, with both sides of each hypothesis."""

from __future__ import annotations

from collections.abc import Sequence

from relucert.base.dyadic import DOWN, UP, rounded
from relucert.certificate.numbers import Json, written
from relucert.kernel.ball import Ball, exact, to_dyadic
from relucert.kernel.outcome import Argument, Inequality

SIDE_BITS = 20  # of a side of an inequality


def evidence(arguments: Sequence[Argument]) -> list[Json]:
    """The theorems that were applied, with both sides of each hypothesis."""
    return [argument(a) for a in arguments]


def argument(argument: Argument) -> Json:
    return {
        "theorem": argument.theorem,
        "holds": argument.holds,
        "inequalities": [_inequality(h) for h in argument.hypotheses],
    }


def _inequality(h: Inequality) -> Json:
    """With sides of few digits, unless it holds too narrowly for that."""
    short = h._replace(left=_short(h.left, UP), right=_short(h.right, DOWN))
    if h.proved and not short.proved:
        short = h
    return {
        "step": h.name,
        "text": h.text,
        "left": _side(short.left, UP),
        "relation": h.relation,
        "right": _side(short.right, DOWN),
        "proved": h.proved,
    }


def _short(value: Ball, rounding: str) -> Ball:
    if not value.is_finite():
        return value
    mantissa, exponent = to_dyadic(value)
    sign = 1 if rounding == DOWN else -1
    mantissa, exponent = rounded((sign * mantissa, exponent), SIDE_BITS)
    return exact((sign * mantissa, exponent))


def _side(value: Ball, rounding: str) -> Json | None:
    """A side of an inequality; null where it is undefined (an argument that does not hold)."""
    return written(to_dyadic(value), rounding) if value.is_finite() else None
