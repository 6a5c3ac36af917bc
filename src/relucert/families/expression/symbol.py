"""Numbers that write down what is done with them: arithmetic of Python on symbols becomes nodes of a loss.

A Symbol is a node of a Tape. What cannot be written down raises InputError, which names the node and the line of the
user's program.
"""

from __future__ import annotations

import linecache
import sys
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from relucert.base.errors import InputError
from relucert.families.expression.exact_values import Exact
from relucert.families.expression.graph import Builder
from relucert.families.expression.nodes import formula

PACKAGE = Path(__file__).parents[2]  # relucert: frames in it are not the user's
LIBRARIES = {"numpy", "scipy"}
SHOWN = 3  # levels of a formula in a message
NUMBERS = (int, float, Fraction, Decimal, np.number)


class Tape(Builder):
    """The nodes of a loss that is being written down, each with the line of the user's program that made it."""

    def __init__(self) -> None:
        super().__init__()
        self.exact = Exact()

    def symbol(self, operation: str, *given: Any) -> Symbol:
        """A new node, or an equal one that is there already. Raises InputError."""
        place = user_line()
        try:
            return Symbol(self, self.add(operation, *given, place=place))
        except InputError as error:
            raise InputError(f"{error}; {place}") from error

    def of(self, value: Any) -> Symbol:
        """A symbol as it is, a number as a constant. Raises InputError."""
        if isinstance(value, Symbol):
            if value.tape is not self:
                raise refused("this is a symbol of another loss; use the arguments of the function only")
            return value
        return self.symbol("const", self.exact(value, user_line()))


class Symbol:
    """One number of which only the expression is known."""

    __slots__ = ("index", "tape")
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, tape: Tape, index: int) -> None:
        self.tape, self.index = tape, index

    def __repr__(self) -> str:
        return formula(self.tape.nodes, self.index, SHOWN)

    def of(self, operation: str, *others: Any) -> Symbol:
        """The node of an operation on this symbol and others, or numbers."""
        return self.tape.symbol(operation, self.index, *(self.tape.of(x).index for x in others))

    # Arithmetic. NotImplemented hands arrays over to NumPy, which comes back entry by entry.

    def __add__(self, other: Any) -> Any:
        return _if_scalar(other, lambda: self if is_number(other, 0) else self.of("add", other))

    def __radd__(self, other: Any) -> Any:
        return _if_scalar(other, lambda: self if is_number(other, 0) else self.tape.of(other).of("add", self))

    def __sub__(self, other: Any) -> Any:
        return _if_scalar(other, lambda: self if is_number(other, 0) else self.of("sub", other))

    def __rsub__(self, other: Any) -> Any:
        return _if_scalar(
            other, lambda: -self if is_number(other, 0) else self.tape.of(other).of("sub", self)
        )

    def __mul__(self, other: Any) -> Any:
        return _if_scalar(other, lambda: _product(self, other))

    def __rmul__(self, other: Any) -> Any:
        return _if_scalar(other, lambda: _product(other, self))

    def __truediv__(self, other: Any) -> Any:
        return _if_scalar(other, lambda: _quotient(self, other))

    def __rtruediv__(self, other: Any) -> Any:
        return _if_scalar(other, lambda: self.tape.of(other).of("div", self))

    def __pow__(self, other: Any) -> Any:
        return _if_scalar(other, lambda: power(self, other))

    def __rpow__(self, other: Any) -> Any:
        return _if_scalar(other, lambda: power(self.tape.of(other), self))

    def __neg__(self) -> Symbol:
        return self.of("neg")

    def __pos__(self) -> Symbol:
        return self

    def __abs__(self) -> Symbol:
        return self.of("abs")

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        from relucert.families.expression.arrays import apply

        return apply(ufunc, method, inputs, options)

    # What would need the value. A branch on it would be taken once and for all, so it is refused.

    def _compared(self, other: Any) -> NoReturn:
        raise refused(
            f"{self!r} is compared with {str(other)[:40]}, but has no value yet: a loss has no branches; use relu, "
            "abs or maximum (relucert.functions)"
        )

    def _valued(self, *_: Any) -> NoReturn:
        raise refused(
            f"{self!r} has no value yet: take functions from numpy or relucert.functions and not from math, keep "
            "symbols in lists and not in arrays of floats, and do not branch on them"
        )

    def _indexed(self, *_: Any) -> NoReturn:
        raise refused(f"{self!r} is one number and has no entries; use * in place of @")

    __lt__ = __le__ = __gt__ = __ge__ = _compared
    __eq__ = __ne__ = _compared
    __bool__ = __float__ = __int__ = __index__ = __complex__ = __round__ = __trunc__ = _valued
    __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = __floor__ = __ceil__ = _valued
    __matmul__ = __rmatmul__ = _indexed


def _if_scalar(other: Any, found: Any) -> Any:
    return found() if isinstance(other, (Symbol, *NUMBERS)) else NotImplemented


def _product(a: Any, b: Any) -> Any:
    for number, symbol in ((a, b), (b, a)):
        if is_number(number, 1):
            return symbol
        if is_number(number, -1):
            return -symbol
    if isinstance(a, Symbol):
        same = isinstance(b, Symbol) and a.tape is b.tape and a.index == b.index
        return a.of("square") if same else a.of("mul", b)
    return b.tape.of(a).of("mul", b)


def _quotient(a: Symbol, b: Any) -> Any:
    if isinstance(b, Symbol):
        return a.of("div", b)
    if is_number(b, 0):
        raise refused(f"{a!r} is divided by 0")
    return _product(1 / a.tape.exact(b, user_line()), a)


def power(base: Symbol, exponent: Any) -> Symbol:
    """base ** exponent: integers and halves by multiplication and roots, others as exp(exponent log base)."""
    if isinstance(exponent, Symbol):
        return base.of("log").of("mul", exponent).of("exp")
    n = base.tape.exact(exponent, user_line())
    if n.denominator == 2:
        return power(base.of("sqrt"), n.numerator)
    if n.denominator != 1:
        return base.of("log").of("mul", n).of("exp")
    if n == 0:
        return base.tape.of(1)
    return base if n == 1 else base.of("square") if n == 2 else base.tape.symbol("powi", base.index, int(n))


def is_number(value: Any, wanted: int) -> bool:
    """Whether it is this number, and no symbol."""
    return isinstance(value, NUMBERS) and not isinstance(value, bool) and bool(value == wanted)


@cache
def _ours(name: str) -> bool:
    return Path(name).is_relative_to(PACKAGE)


def user_line() -> str:
    """The line of the user's program that is at work."""
    frame = sys._getframe(1)
    while frame is not None:
        name = frame.f_code.co_filename
        library = str(frame.f_globals.get("__name__", "")).partition(".")[0]
        if not (library in LIBRARIES or _ours(name)):
            text = linecache.getline(name, frame.f_lineno).strip()
            return f"line {frame.f_lineno} of {Path(name).name}" + (f": {text}" if text else "")
        frame = frame.f_back  # type: ignore[assignment]
    return "outside a program"


def refused(what: str) -> InputError:
    """The error, with the line of the user's program."""
    return InputError(f"{what}; {user_line()}")
