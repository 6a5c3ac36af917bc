"""Functions for losses: of symbols they write nodes, of floats and arrays they compute, so one program does both.

NumPy's own functions do the same; here are also those that it lacks.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special

from relucert.families.expression.arrays import plain, product, symbol_in, wrapped
from relucert.families.expression.symbol import Symbol

Value = Any  # a number, a symbol, an array or a list of them


def _taken(x: Value) -> Any:
    if isinstance(x, Symbol):
        return x
    return wrapped(plain(x)) if symbol_in([x]) is not None else np.asarray(x, dtype=float)[()]


def sqrt(x: Value) -> Any:
    """The square root, of positive numbers where derivatives are taken."""
    return np.sqrt(_taken(x))


def exp(x: Value) -> Any:
    """e^x."""
    return np.exp(_taken(x))


def log(x: Value) -> Any:
    """The natural logarithm."""
    return np.log(_taken(x))


def sin(x: Value) -> Any:
    """The sine."""
    return np.sin(_taken(x))


def cos(x: Value) -> Any:
    """The cosine."""
    return np.cos(_taken(x))


def asin(x: Value) -> Any:
    """The arc sine, between -1 and 1."""
    return np.arcsin(_taken(x))


def atan(x: Value) -> Any:
    """The arc tangent."""
    return np.arctan(_taken(x))


def tanh(x: Value) -> Any:
    """The hyperbolic tangent."""
    return np.tanh(_taken(x))


def sigmoid(x: Value) -> Any:
    """1/(1 + e^-x)."""
    return special.expit(_taken(x))


def softplus(x: Value) -> Any:
    """log(1 + e^x)."""
    return np.logaddexp(_taken(x), 0)


def erf(x: Value) -> Any:
    """The error function, (2/sqrt(pi)) times the integral of exp(-t^2) from 0 to x."""
    return special.erf(_taken(x))


def relu(x: Value) -> Any:
    """max(x, 0): proofs need x to keep its sign around the point."""
    return np.maximum(_taken(x), 0)


def maximum(x: Value, y: Value) -> Any:
    """The larger one: proofs need them to differ around the point."""
    return np.maximum(_taken(x), _taken(y))


def dot(x: Value, y: Value) -> Any:
    """x @ y, of vectors and matrices."""
    return (
        product(x, y)
        if symbol_in([x, y]) is not None
        else np.asarray(x, dtype=float) @ np.asarray(y, dtype=float)
    )


def pi(x: Value) -> Any:
    """The number pi itself, in the loss of x (a symbol, or an array of them); as a float, where x has floats."""
    first = symbol_in([x])
    return np.pi if first is None else first.tape.symbol("pi")
