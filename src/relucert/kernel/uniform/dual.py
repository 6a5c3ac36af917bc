"""Numbers with their partial derivatives, in balls: automatic differentiation of first order.

Addition, product, quotient, power and square root by the rules of calculus; each entry encloses the value or the
partial derivative over all members of the balls it is computed from.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from relucert.kernel.ball import Ball
from relucert.kernel.uniform import series

Number: TypeAlias = "Ball | Dual"


class Dual:
    """A value and its partial derivatives."""

    __slots__ = ("slopes", "value")

    def __init__(self, value: Ball, slopes: list[Ball]) -> None:
        self.value, self.slopes = value, slopes

    def __add__(self, other: Number | int) -> Dual:
        if isinstance(other, Dual):
            return Dual(
                self.value + other.value, [x + y for x, y in zip(self.slopes, other.slopes, strict=True)]
            )
        return Dual(self.value + other, self.slopes)

    __radd__ = __add__

    def __neg__(self) -> Dual:
        return Dual(-self.value, [-x for x in self.slopes])

    def __sub__(self, other: Number | int) -> Dual:
        return self + (-other)

    def __rsub__(self, other: Ball | int) -> Dual:
        return -self + other

    def __mul__(self, other: Number | int) -> Dual:
        if isinstance(other, Dual):
            a, b = self.value, other.value
            return Dual(a * b, [x * b + a * y for x, y in zip(self.slopes, other.slopes, strict=True)])
        return Dual(self.value * other, [x * other for x in self.slopes])

    __rmul__ = __mul__

    def __truediv__(self, other: Number | int) -> Dual:
        if not isinstance(other, Dual):
            return Dual(self.value / other, [x / other for x in self.slopes])
        inverse = 1 / other.value
        value = self.value * inverse
        return Dual(
            value, [(x - value * y) * inverse for x, y in zip(self.slopes, other.slopes, strict=True)]
        )

    def __rtruediv__(self, other: Ball | int) -> Dual:
        value = other / self.value
        factor = -value / self.value
        return Dual(value, [factor * x for x in self.slopes])

    def __pow__(self, power: int) -> Dual:
        factor = power * self.value ** (power - 1)
        return Dual(self.value**power, [factor * x for x in self.slopes])

    def sqrt(self) -> Dual:
        root = self.value.sqrt()
        return Dual(root, [x / (2 * root) for x in self.slopes])

    def composed(self, of: Callable[[Ball], tuple[Ball, Ball]]) -> Dual:
        """f(self), where `of` gives f and its derivative on a ball."""
        value, slope = of(self.value)
        return Dual(value, [slope * x for x in self.slopes])


def variables(values: Sequence[Ball]) -> list[Dual]:
    """The independent variables."""
    return [Dual(value, [Ball(i == j) for j in range(len(values))]) for i, value in enumerate(values)]


def arcsine(x: Number) -> Number:
    """A1(x) = asin(x)/x."""
    return x.composed(series.arcsine) if isinstance(x, Dual) else series.arcsine(x)[0]


def arcsine_rest(x: Number) -> Number:
    """A3(x) = (asin x - x)/x^3."""
    return x.composed(series.arcsine_rest) if isinstance(x, Dual) else series.arcsine_rest(x)[0]
