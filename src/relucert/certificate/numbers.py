"""Exact numbers as certificates write them: a dyadic ["m", e] means m * 2**e; a decimal stands beside it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

from relucert.base.dyadic import DOWN, UP, Dyadic, decimal
from relucert.base.dyadic import canonical as canonical_dyadic
from relucert.base.errors import InputError
from relucert.base.exact import Rows

if TYPE_CHECKING:
    from relucert.kernel.ball import Ball

Json: TypeAlias = dict[str, Any]


def enclosure(value: Ball) -> list[Json]:
    """Two number objects with the ball between them."""
    return [at_least(value), at_most(value)]


def at_most(value: Ball) -> Json:
    """The number object of an upper bound."""
    from relucert.kernel.ball import upper  # FLINT, which those who only read a certificate do without

    return bound(upper(value), UP)


def at_least(value: Ball) -> Json:
    """The number object of a lower bound."""
    from relucert.kernel.ball import lower

    return bound(lower(value), DOWN)


def bound(value: Ball, rounding: str) -> Json:
    return written(claimed(value, rounding), rounding)


def claimed(value: Ball, rounding: str) -> Dyadic:
    """The bound that a certificate claims, and that is printed, where `value` is proved."""
    from relucert.kernel.ball import to_dyadic

    return loosened(to_dyadic(value), rounding)


def interval(ends: tuple[Ball, Ball]) -> list[Json]:
    return [bound(ends[0], DOWN), bound(ends[1], UP)]


def written(exact: Dyadic, rounding: str) -> Json:
    return {"exact": dyadic(exact), "decimal": decimal(exact, rounding)}


def loosened(value: Dyadic, rounding: str) -> Dyadic:
    """A weaker bound, by a relative 2^-20 to 2^-18, with a short mantissa; 0 stays 0.

    A checker with another arithmetic must be able to confirm what is claimed.
    """
    mantissa, exponent = value
    size = abs(mantissa)
    shift = size.bit_length() - 20
    short = size >> shift if shift > 0 else size << -shift
    if mantissa:
        short += 2 if (mantissa > 0) == (rounding == UP) else -1
    return canonical_dyadic(short if mantissa > 0 else -short, exponent + shift)


def dyadic(value: Dyadic) -> list[object]:
    return [f"{Decimal(value[0]):f}", value[1]]  # str alone refuses long integers


def dyadics(row: Sequence[Dyadic]) -> list[list[object]]:
    """A row of exact numbers."""
    return [dyadic(x) for x in row]


def rows(rows: Rows) -> list[list[list[object]]]:
    return [dyadics(row) for row in rows]


def number(value: object, where: str) -> Dyadic:
    """The exact value of a number object {"exact": ["m", e], "decimal": ..}. Raises InputError."""
    pair = value.get("exact") if isinstance(value, dict) else None
    if isinstance(pair, list) and len(pair) == 2 and isinstance(pair[0], str) and type(pair[1]) is int:
        text = pair[0].removeprefix("-")
        if text.isascii() and text.isdigit():
            return int(Decimal(pair[0])), pair[1]  # int alone refuses long texts
    raise InputError(f'{where}: expected {{"exact": ["mantissa", exponent], "decimal": ..}}')
