"""Exact rational numbers as people write them, and as certificates do.

A decimal or a fraction is read by its exact value: "0.1" is one tenth, not the double next to it.
"""

from __future__ import annotations

import re
from fractions import Fraction

from relucert.base.errors import InputError

MOST_DIGITS = 400  # of a numerator, a denominator or a decimal, and size of a decimal's exponent

_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?(\d{1,3}))?|[+-]?\d+/\d+", re.ASCII)


def exact_number(text: str, where: str) -> Fraction:
    """The exact value of a decimal ("-0.5", "1e-3") or a fraction ("1/3"). `where` stands in errors."""
    text = text.strip()
    match = _NUMBER.fullmatch(text)
    if len(text) > MOST_DIGITS or match is None or int(match[1] or 0) > MOST_DIGITS:
        shown = text if len(text) <= 40 else text[:40] + ".."
        raise InputError(
            f"{where}: {shown!r} is not a finite decimal or fraction of at most {MOST_DIGITS} digits"
        )
    try:
        return Fraction(text)
    except ZeroDivisionError as error:
        raise InputError(f"{where}: {text!r} divides by zero") from error
