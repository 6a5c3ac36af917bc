"""The operations of a graph on balls: enclosures of the value and of the first and second derivatives.

docs/theorem/expression.md, Lemma 17.D. A jet is (phi, phi', phi''), each at every point of a ball; phi'' is None
where it is 0 throughout. Raises NotProved where phi is not proved to be twice differentiable on the whole ball.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from relucert.kernel import ball
from relucert.kernel.ball import Ball, NotProved, proves_lt, proves_positive

Jet: TypeAlias = tuple[Ball, Ball, Ball | None]
ONE, ZERO = Ball(1), Ball(0)
FLAT = Ball(64)  # beyond it softplus x is x + exp(-x), nearly


def _positive(x: Ball, what: str) -> None:
    if not proves_positive(x):
        raise NotProved(f"{what} is not proved to be positive")


def not_zero(x: Ball, what: str) -> None:
    """Raises NotProved for a ball that may contain 0."""
    if not (proves_positive(x) or proves_positive(-x)):
        raise NotProved(f"{what} may be 0")


def power(x: Ball, n: int) -> Ball:
    """x^n. (arb ** n is NaN on a ball that contains 0.)"""
    if n < 0:
        not_zero(x, "the base of a negative power")
        return 1 / power(x, -n)
    found, factor = ONE, x
    while n:
        if n & 1:
            found = found * factor
        n >>= 1
        factor = factor * factor if n else factor
    return found


def powi(x: Ball, n: int) -> Jet:
    return power(x, n), n * power(x, n - 1), n * (n - 1) * power(x, n - 2)


def sqrt(x: Ball) -> Jet:
    _positive(x, "the argument of sqrt")
    root = x.sqrt()
    slope = 1 / (2 * root)
    return root, slope, -slope / (2 * x)


def log(x: Ball) -> Jet:
    _positive(x, "the argument of log")
    slope = 1 / x
    return x.log(), slope, -slope * slope


def exp(x: Ball) -> Jet:
    value = x.exp()
    return value, value, value


def sin(x: Ball) -> Jet:
    s, c = x.sin_cos()
    return s, c, -s


def cos(x: Ball) -> Jet:
    s, c = x.sin_cos()
    return c, -s, -c


def asin(x: Ball) -> Jet:
    if not proves_lt(abs(x), ONE):
        raise NotProved("the argument of asin is not proved to lie inside (-1, 1)")
    slope = 1 / ((1 - x) * (1 + x)).sqrt()
    return x.asin(), slope, x * slope * slope * slope


def atan(x: Ball) -> Jet:
    slope = 1 / (1 + x * x)
    return x.atan(), slope, -2 * x * slope * slope


def tanh(x: Ball) -> Jet:
    value, inverse = x.tanh(), x.sech()
    slope = inverse * inverse
    return value, slope, -2 * value * slope


def _sigmoid(x: Ball) -> Ball:
    if proves_positive(x):
        return 1 / (1 + (-x).exp())
    tail = x.exp()
    return tail / (1 + tail) if proves_positive(-x) else 1 / (1 + (-x).exp())


def sigmoid(x: Ball) -> Jet:
    value, rest = _sigmoid(x), _sigmoid(-x)
    slope = value * rest
    return value, slope, slope * (rest - value)


def softplus(x: Ball) -> Jet:
    value = x + (-x).exp().log1p() if proves_lt(FLAT, x) else x.exp().log1p()
    rises, rest = _sigmoid(x), _sigmoid(-x)
    return value, rises, rises * rest


def erf(x: Ball) -> Jet:
    slope = 2 * (-(x * x)).exp() / ball.pi().sqrt()
    return x.erf(), slope, -2 * x * slope


def relu(x: Ball) -> Jet:
    not_zero(x, "the argument of relu")
    return (x, ONE, None) if proves_positive(x) else (ZERO, ZERO, None)


def absolute(x: Ball) -> Jet:
    not_zero(x, "the argument of abs")
    return (x, ONE, None) if proves_positive(x) else (-x, -ONE, None)


UNARY: dict[str, Callable[[Ball], Jet]] = {
    "neg": lambda x: (-x, -ONE, None),
    "square": lambda x: (x * x, 2 * x, Ball(2)),
    "abs": absolute, "relu": relu, "sqrt": sqrt, "exp": exp, "log": log, "sin": sin, "cos": cos, "asin": asin,
    "atan": atan, "tanh": tanh, "sigmoid": sigmoid, "softplus": softplus, "erf": erf,
}  # fmt: skip

WITH_KINK: dict[str, Callable[[Ball], Ball]] = {
    "relu": lambda x: ball.largest((x, ZERO)),
    "abs": abs,
}  # values where nothing has to be differentiable


def value(operation: str, x: Ball) -> Ball:
    """Only the value: kinks do not matter."""
    known = WITH_KINK.get(operation)
    return UNARY[operation](x)[0] if known is None else known(x)
