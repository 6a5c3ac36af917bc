"""Decimals that stand for doubles, and shares in percent."""

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


def percent(share: str) -> str:
    """A share, a decimal, in percent, exactly: 0.013859 as 1.3859."""
    return f"{(Decimal(share) * 100).normalize():f}"
