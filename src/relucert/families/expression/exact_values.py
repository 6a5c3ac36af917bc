"""Numbers of a user's program by their exact value; floats that look like decimals but are not are reported once."""

from __future__ import annotations

import math
import warnings
from decimal import Decimal
from fractions import Fraction
from numbers import Integral, Rational
from typing import Any

from relucert.base.errors import InputError


class ExactValueWarning(UserWarning):
    """A float that is not the decimal it prints as has been taken by its exact value."""


class Exact:
    """Converts numbers and remembers the floats that are not the decimals they print as."""

    def __init__(self) -> None:
        self.inexact: list[tuple[float, str]] = []

    def __call__(self, value: Any, where: str) -> Fraction:
        """The exact value. `where` stands in errors. Raises InputError."""
        if getattr(value, "shape", None) == ():  # a scalar of NumPy, or an array without dimensions
            value = value.item()
        if isinstance(value, bool) or not isinstance(value, Integral | Rational | float | Decimal):
            raise InputError(
                f"{where}: {value!r} is not a real number; give an int, Fraction, Decimal or float"
            )
        try:
            found = Fraction(int(value)) if isinstance(value, Integral) else Fraction(value)
        except (ValueError, OverflowError) as error:
            raise InputError(f"{where}: {value!r} is not a finite number") from error
        if isinstance(value, float) and found != Fraction(repr(value)):
            self.inexact.append((value, where))
        return found

    def warn(self) -> None:
        """Once for all: which floats were taken by their exact value."""
        if not self.inexact:
            return
        value, where = self.inexact[0]
        count = len({x for x, _ in self.inexact})
        more = f", and {count - 1} more like it" if count > 1 else ""
        better = "pi(x) of relucert.functions" if value == math.pi else f"Fraction('{value!r}')"
        warnings.warn(
            f"the float {value!r} ({where}){more} is taken by its exact value, {Decimal(value)}; if that is not meant, "
            f"write {better}",
            ExactValueWarning,
            stacklevel=3,
        )
        self.inexact.clear()
