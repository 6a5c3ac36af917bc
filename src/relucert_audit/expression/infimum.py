"""A lower bound of a loss on all of R^m, from the ranges of its nodes: step 8b, Theorem 17.I.

Ends are integers in units of 2^-64. An infinite one is written as an integer too large to be mistaken, so that sums
and products need no cases, and 0 times infinity is 0, as it should be: the numbers themselves are finite."""

from fractions import Fraction
from typing import NamedTuple

from relucert_audit.expression.graph import Loss, Node

UNIT = 64
ONE, TOP = 1 << UNIT, 1 << 2 * UNIT  # TOP: beyond 2^64 an end is infinite
INFINITY = 1 << 64 * UNIT  # times a unit, or in a sum with others, it is beyond TOP
MOST_POWER = 16  # of higher powers only the signs are used


class Range(NamedTuple):  # low: at most TOP; high: at least -TOP
    low: int
    high: int


Ends = tuple[Fraction, Fraction]  # numbers; from INFINITY on they are infinite
LINE = Range(-INFINITY, INFINITY)
BOUNDED = {"sin": 1, "cos": 1, "tanh": 1, "erf": 1, "asin": 2, "atan": 2}


def cut(low: int, high: int, shift: int = 0) -> Range:
    """From ends in units of 2^-shift times ours, rounded outward."""
    low, high = low >> shift, -(-high >> shift)
    return Range(-INFINITY if low < -TOP else min(low, TOP), INFINITY if high > TOP else max(high, -TOP))


def rounded(low: Fraction, high: Fraction) -> Range:
    """From numbers."""
    return cut(low.numerator * ONE // low.denominator, -(-high.numerator * ONE // high.denominator))


def lower_end(loss: Loss) -> Fraction | None:
    """At most F(x) for all x where F is defined; None for -infinity."""
    roots = [loss.output, *([] if loss.regulariser is None else [loss.regulariser])]
    found: list[Range] = []
    for node in loss.nodes[: max(roots) + 1]:
        if node.op == "input":
            column = [row[node.value] for row in loss.data or []]
            found.append(rounded(min(column), max(column)))
        else:
            found.append(of(node, [found[a] for a in node.args]))
    times = loss.scale * (1 if loss.data is None else len(loss.data))
    ends = [found[root].low for root in roots]
    if times < 0:
        ends[0] = found[loss.output].high
    if any(abs(end) == INFINITY for end in ends):
        return None
    return (times * ends[0] + sum(ends[1:])) / ONE


def of(node: Node, x: list[Range]) -> Range:
    """Of a node that is no input."""
    op = node.op
    if op == "param":
        return LINE
    if op == "const":
        return rounded(node.value, node.value)
    if op == "pi":
        return Range(3 * ONE, 4 * ONE)
    if op in ("add", "sum"):
        return cut(sum(y.low for y in x), sum(y.high for y in x))
    if op == "sub":
        return cut(x[0].low - x[1].high, x[0].high - x[1].low)
    if op == "max":
        return Range(max(y.low for y in x), max(y.high for y in x))
    if op in ("mul", "dot"):
        pairs = list(zip(node.args[::2], node.args[1::2], x[::2], x[1::2], strict=True))
        ends = [square(u) if a == b else product(u, v) for a, b, u, v in pairs]
        return cut(sum(low for low, _ in ends), sum(high for _, high in ends), UNIT)
    if op == "div":
        return quotient(*x)
    if op == "square":
        return cut(*square(x[0]), UNIT)
    return power(x[0], node.value) if op == "powi" else function(op, *x[0])


def product(x: Range, y: Range) -> tuple[int, int]:
    """In units of 2^-128."""
    ends = [a * b for a in x for b in y]
    return min(ends), max(ends)


def square(x: Range) -> tuple[int, int]:
    """In units of 2^-128."""
    low, high = sorted((x.low**2, x.high**2))
    return (0 if x.low < 0 < x.high else low), high


def numbers(x: Range) -> Ends:
    low, high = (Fraction(end, 1 if abs(end) == INFINITY else ONE) for end in x)
    return low, high


def inverses(low: Fraction, high: Fraction) -> Ends:
    """Of 1/v for v that lies between and is not 0."""
    if low < 0 < high:
        return Fraction(-INFINITY), Fraction(INFINITY)
    return inverse(high, -INFINITY), inverse(low, INFINITY)


def inverse(v: Fraction, of_zero: int) -> Fraction:
    return Fraction(of_zero) if v == 0 else Fraction(0) if abs(v) >= INFINITY else 1 / v


def quotient(x: Range, y: Range) -> Range:
    ends = [a * b for a in numbers(x) for b in inverses(*numbers(y))]
    return rounded(min(ends), max(ends))


def power(x: Range, n: int) -> Range:
    if abs(n) > MOST_POWER:
        positive, negative = n % 2 == 0 or x.low >= 0, n % 2 == 1 and x.high <= 0
        return Range(0 if positive else -INFINITY, 0 if negative else INFINITY)
    low, high = numbers(x)
    if n % 2 == 0:  # powers of the sizes, and of 0 if it lies between
        less, more = sorted((abs(low), abs(high)))
        low, high = Fraction(0) if low < 0 < high else less, more
    low, high = low ** abs(n), high ** abs(n)
    return rounded(*(inverses(low, high) if n < 0 else (low, high)))


def function(op: str, low: int, high: int) -> Range:
    """By the inequalities of Theorem 17.I."""
    if op == "neg":
        return cut(-high, -low)
    if op == "abs":
        return cut(max(low, -high, 0), max(-low, high))
    if op == "relu":
        return cut(max(low, 0), max(high, 0))
    if op == "sqrt":
        return cut(min(ONE, max(low, 0)), max(ONE, high))
    if op == "exp":
        return cut(ONE + low if low >= 0 else 0, ONE if high <= 0 else INFINITY)
    if op == "log":
        return cut(0 if low >= ONE else -INFINITY, high - ONE)
    if op == "softplus":
        return cut(max(low, 0), max(high, 0) + ONE)
    if op == "sigmoid":
        return Range(ONE >> 1 if low >= 0 else 0, ONE >> 1 if high <= 0 else ONE)
    size = BOUNDED[op] * ONE
    odd = op not in ("sin", "cos")
    return Range(0 if odd and low >= 0 else -size, 0 if odd and high <= 0 else size)
