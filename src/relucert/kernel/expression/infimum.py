"""A lower bound of a loss on the whole space, from its graph: docs/theorem/expression.md, Theorem 17.I.

The table of the format, in exact rationals: each node has a lower and an upper end, -INFINITY and INFINITY where
nothing is known. Infinities are never added to others of the other sign, and 0 times one is 0.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from math import ceil, floor, inf
from typing import NamedTuple, TypeAlias

from relucert.kernel.expression.loss import Loss, Node

End: TypeAlias = Fraction | float  # a float is inf or -inf
BITS = 64
GRID, LARGEST = 2**BITS, Fraction(2**BITS)  # ends are multiples of 1/GRID, of at most this size
MOST_POWER = 16  # of which more than the sign is followed


class Ends(NamedTuple):
    low: End
    high: End


ALL = Ends(-inf, inf)
ONE, ZERO = Fraction(1), Fraction(0)


def lower_end(of: Loss) -> Fraction | None:
    """F is at least this wherever it is defined; None where no bound is found."""
    found: list[Ends] = []
    columns = [
        Ends(min(x), max(x)) for x in zip(*([Fraction(*q) for q in row] for row in of.rows), strict=True)
    ]
    for node in of.nodes:
        found.append(_rounded(_node(node, found, columns)))
    scale = Fraction(*of.scale)
    side = found[of.output].low if scale > 0 else found[of.output].high
    rest = ZERO if of.regulariser is None else found[of.regulariser].low
    if isinstance(side, float) or isinstance(rest, float):
        return None
    return scale * len(of.rows) * side + rest


def _rounded(of: Ends) -> Ends:
    low, high = of
    if not isinstance(low, float):
        low = -inf if low < -LARGEST else min(Fraction(floor(low * GRID), GRID), LARGEST)
    if not isinstance(high, float):
        high = inf if high > LARGEST else max(Fraction(ceil(high * GRID), GRID), -LARGEST)
    return Ends(low, high)


def _node(node: Node, known: Sequence[Ends], columns: Sequence[Ends]) -> Ends:
    """Before rounding."""
    operation, *given = node
    if operation == "param":
        return ALL
    if operation == "input":
        return columns[given[0]]
    if operation == "const":
        return Ends(Fraction(*given[0]), Fraction(*given[0]))
    if operation == "pi":
        return Ends(Fraction(3), Fraction(4))
    if operation == "powi":
        return _power(known[given[0]], given[1])
    if operation in FUNCTIONS:
        return FUNCTIONS[operation](*known[given[0]])
    x = [known[a] for a in given]
    if operation in ("add", "sum"):
        return _sum(x)
    if operation == "sub":
        return _sum([x[0], _negative(*x[1])])
    if operation == "max":
        return Ends(max(x[0].low, x[1].low), max(x[0].high, x[1].high))
    if operation == "div":
        return _product(x[0], _inverse(x[1]))
    pairs = zip(given[::2], given[1::2], x[::2], x[1::2], strict=True)  # mul and dot
    return _sum([_square(*p) if a == b else _product(p, q) for a, b, p, q in pairs])


def _sum(x: Sequence[Ends]) -> Ends:
    low, high = [e.low for e in x], [e.high for e in x]
    return Ends(-inf if -inf in low else sum(low, ZERO), inf if inf in high else sum(high, ZERO))


def _times(a: End, b: End) -> End:
    if a == 0 or b == 0:
        return ZERO
    if isinstance(a, float) or isinstance(b, float):
        return inf if (a > 0) == (b > 0) else -inf
    return a * b


def _product(x: Ends, y: Ends) -> Ends:
    four = [_times(a, b) for a in x for b in y]
    return Ends(min(four), max(four))


def _square(low: End, high: End) -> Ends:
    ends = sorted((_times(low, low), _times(high, high)))
    return Ends(ZERO if low < 0 < high else ends[0], ends[1])


def _power(x: Ends, n: int) -> Ends:
    if abs(n) > MOST_POWER:
        even = n % 2 == 0
        return Ends(ZERO if even or x.low >= 0 else -inf, ZERO if not even and x.high <= 0 else inf)
    if n < 0:
        return _inverse(x if n == -1 else _square(*x) if n == -2 else _power(x, -n))
    if n % 2:
        return Ends(*(e if isinstance(e, float) else e**n for e in x))
    return Ends(*(e if isinstance(e, float) else e ** (n // 2) for e in _square(*x)))


def _inverse(x: Ends) -> Ends:
    """Of a divisor, which is not 0."""
    low, high = (inf if e == 0 else ZERO if isinstance(e, float) else 1 / e for e in x)
    if x.low >= 0 and x.high > 0:
        return Ends(high, low)
    if x.high <= 0 and x.low < 0:
        return Ends(-inf if x.high == 0 else high, low)
    return ALL


def _negative(low: End, high: End) -> Ends:
    return Ends(-high, -low)


def _absolute(low: End, high: End) -> Ends:
    if low >= 0:
        return Ends(low, high)
    return _negative(low, high) if high <= 0 else Ends(ZERO, max(-low, high))


def _odd(bound: int) -> Callable[[End, End], Ends]:
    """A function with the sign of its argument, of at most this size."""
    return lambda low, high: Ends(
        ZERO if low >= 0 else Fraction(-bound), ZERO if high <= 0 else Fraction(bound)
    )


def _between(bound: int) -> Callable[[End, End], Ends]:
    return lambda *_: Ends(Fraction(-bound), Fraction(bound))


HALF = Fraction(1, 2)
FUNCTIONS: dict[str, Callable[[End, End], Ends]] = {
    "neg": _negative,
    "square": _square,
    "abs": _absolute,
    "relu": lambda low, high: Ends(max(low, ZERO), max(high, ZERO)),
    "sqrt": lambda low, high: Ends(min(ONE, max(low, ZERO)), max(ONE, high)),
    "exp": lambda low, high: Ends(1 + low if low >= 0 else ZERO, ONE if high <= 0 else inf),
    "log": lambda low, high: Ends(ZERO if low >= 1 else -inf, high - 1),
    "sin": _between(1),
    "cos": _between(1),
    "asin": _odd(2),
    "atan": _odd(2),
    "tanh": _odd(1),
    "erf": _odd(1),
    "sigmoid": lambda low, high: Ends(HALF if low >= 0 else ZERO, HALF if high <= 0 else ONE),
    "softplus": lambda low, high: Ends(max(low, ZERO), max(high, ZERO) + 1),
}
