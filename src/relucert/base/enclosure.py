"""Proved numbers for people who write Python: an interval that contains a number, and a bound of one.

Their ends are exact; as floats they are rounded outward, so that what is proved of the number stays true.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from numbers import Number, Rational, Real

from relucert.base.dyadic import DOWN, UP, Dyadic, decimal, to_double, to_fraction

End = Fraction | float  # a float is an infinity
NUMBERS = ("__array__", "__float__", "__complex__", "__int__")  # what has one of these stands for numbers


class Undecided(ArithmeticError):  # noqa: N818 - says what is known, not that something is wrong
    """A comparison that is true of some of the numbers that are possible, and false of others."""


class Compared:
    """What is known of a number: that it is between the ends of `span`, of which one may be infinite.

    A comparison is True or False where it is that of every number between the ends; otherwise it raises Undecided. Two
    that know the same, and are of one kind, are equal. What stands for a number without an exact value (a tensor, a
    complex number, a bool) is not compared: TypeError.
    """

    @property
    def span(self) -> tuple[End, End]:
        raise NotImplementedError

    def __lt__(self, other: object) -> bool:
        return self._decided(other, "<")

    def __le__(self, other: object) -> bool:
        return self._decided(other, "<=")

    def __gt__(self, other: object) -> bool:
        return self._decided(other, ">")

    def __ge__(self, other: object) -> bool:
        return self._decided(other, ">=")

    def __eq__(self, other: object) -> bool:
        if type(other) is type(self):
            return self.span == _ends(other)
        if _ends(other) is None and (isinstance(other, Number) or any(hasattr(other, x) for x in NUMBERS)):
            # NotImplemented would end in a comparison of identities: False, which nobody proved
            raise TypeError(
                f"a proved number is not compared with {type(other).__name__}; give a float, int or Fraction"
            )
        return self._decided(other, "==")

    def __hash__(self) -> int:
        low, high = self.span
        return hash(low) if low == high else hash((low, high))

    def _decided(self, other: object, relation: str) -> bool:
        ends, (a, b) = _ends(other), self.span
        if ends is None:
            return NotImplemented  # type: ignore[no-any-return]
        c, d = ends
        always, never = {
            "<": (b < c, a >= d),
            "<=": (b <= c, a > d),
            ">": (a > d, b <= c),
            ">=": (a >= d, b < c),
            "==": (a == b == c == d, b < c or d < a),
        }[relation]
        if not (always or never):
            raise Undecided(f"{self!r} {relation} {other!r} is true of some of these numbers, not of all")
        return always


@dataclass(frozen=True, eq=False, repr=False)
class Enclosure(Compared):
    """A number that is proved to lie between two exact numbers. `x in enclosure`: whether x lies between them."""

    ends: tuple[Dyadic, Dyadic]

    @property
    def lower(self) -> float:
        """The largest float that is not above the lower end."""
        return to_double(self.ends[0], DOWN)

    @property
    def upper(self) -> float:
        """The smallest float that is not below the upper end."""
        return to_double(self.ends[1], UP)

    @property
    def exact(self) -> tuple[Fraction, Fraction]:
        """The ends themselves."""
        return to_fraction(self.ends[0]), to_fraction(self.ends[1])

    @property
    def span(self) -> tuple[End, End]:
        """The ends themselves."""
        return self.exact

    def __repr__(self) -> str:
        return f"[{decimal(self.ends[0], DOWN)}, {decimal(self.ends[1], UP)}]"

    def __contains__(self, number: object) -> bool:
        """Of a number, or of all numbers of another enclosure."""
        other, (low, high) = _ends(number), self.exact
        if other is None:
            raise TypeError(f"{number!r} is not a real number")
        return low <= other[0] and other[1] <= high


@dataclass(frozen=True, eq=False, repr=False)
class Bound(Compared):
    """A number that is proved to be at most, or at least, an exact one. As a float it is rounded to the weak side."""

    end: Dyadic
    side: str  # "<=" or ">="

    def __float__(self) -> float:
        return to_double(self.end, UP if self.side == "<=" else DOWN)

    @property
    def value(self) -> float:
        """As a float."""
        return float(self)

    @property
    def exact(self) -> Fraction:
        """The bound itself."""
        return to_fraction(self.end)

    @property
    def span(self) -> tuple[End, End]:
        """What the number is between: the bound, and an infinity."""
        return (-math.inf, self.exact) if self.side == "<=" else (self.exact, math.inf)

    def __repr__(self) -> str:
        return f"{self.side} {decimal(self.end, UP if self.side == '<=' else DOWN)}"


def _ends(value: object) -> tuple[End, End] | None:
    """The exact ends of a number, an enclosure or a bound; None for anything else. Raises ValueError for NaN."""
    if isinstance(value, Compared):
        return value.span
    if isinstance(value, bool) or not isinstance(value, Real | Decimal):
        return None
    if isinstance(value, Rational):
        exact: End = Fraction(int(value.numerator), int(value.denominator))
    elif not hasattr(value, "as_integer_ratio"):  # registered as real, as mpmath's numbers are
        return None
    elif (
        value.is_nan() if isinstance(value, Decimal) else value != value
    ):  # a signalling NaN is not even unequal
        raise ValueError("NaN is no number, and is not compared")
    elif value in (math.inf, -math.inf):
        exact = float(value)
    else:
        exact = Fraction(*value.as_integer_ratio())  # decimals, floats of every width
    return exact, exact
