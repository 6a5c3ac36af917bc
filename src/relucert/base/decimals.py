"""Decimals that stand for doubles, and shares: what is printed of a share is rounded down, so that 1 is all."""

from __future__ import annotations

import math
import re
from decimal import Context, Decimal, InvalidOperation

PLAIN = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,6})?")
ENOUGH = 17  # digits that tell every double from all others
NEAR = Decimal(2) ** -52


def double(text: str) -> float:
    """The double that a decimal stands for: at most 17 digits that round to it, or its own expansion to more.

    Raises ValueError for what no double stands for: more digits, overflow, underflow.
    """
    if not PLAIN.fullmatch(text):
        raise ValueError(f"{text[:40]!r} is not a decimal")
    value = float(text)
    try:
        exact = Decimal(text)
        digits = len(exact.as_tuple().digits)
        if math.isfinite(value) and Decimal(repr(value)) == exact:
            return value
        near = math.isfinite(value) and abs(Decimal(value) - exact) <= abs(exact) * NEAR
        if near and (digits <= ENOUGH or Context(prec=digits).plus(Decimal(value)) == exact):
            return value
    except InvalidOperation:  # an exponent beyond all limits
        pass
    raise ValueError(f"{text[:40]} is no double; write a hexadecimal float, or a pair [m, e] for m * 2**e")


def shortest(value: float) -> str:
    """The shortest decimal that stands for a double, without the .0 of an integer: never a rounded one."""
    return repr(value).removesuffix(".0")


def share(part: int, whole: int, places: int = 3) -> str:
    """part/whole >= 0 as a decimal with so many places, rounded down: 1.000 only where the part is the whole."""
    unit: int = 10**places
    units = part * unit // whole
    return f"{units // unit}.{units % unit:0{places}d}"


def share_percent(part: int, whole: int) -> str:
    """part/whole in percent with one place, rounded down: 100.0 only where the part is the whole."""
    return share(100 * part, whole, 1)


def percent(share: str) -> str:
    """A share, a decimal, in percent, exactly: 0.013859 as 1.3859."""
    return f"{(Decimal(share) * 100).normalize():f}"
