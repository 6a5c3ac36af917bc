"""One node at a time: its value, its first derivatives by its arguments, and the second ones that are not 0.

Where a derivative is wanted (order 1 or 2) the node must be smooth there, as the page says; else (order 0) defined."""

from typing import Any, NamedTuple

import numpy as np

from relucert_audit.exact import Matrix
from relucert_audit.expression import rules
from relucert_audit.expression.fixed import Ball, add, exactly, high, low, negative, scaled, times
from relucert_audit.expression.graph import Node
from relucert_audit.finding import TooWeak

Factor = Ball | int  # balls (n,), or a whole number


class Local(NamedTuple):  # first: argument, derivative; second: two arguments a, b, and twice H_ab, or H_aa
    value: Ball
    first: list[tuple[int, Factor]]
    second: list[tuple[int, int, Factor]]


class Unproved(TooWeak):
    """What a node needs is not proved in this place of its arrays."""

    def __init__(self, what: str, place: int) -> None:
        super().__init__(f"{what} is not proved")
        self.place = place


def require(holds: Any, what: str) -> None:
    """Raises Unproved with the first place where it does not hold."""
    if not holds.all():
        raise Unproved(what, int(np.argmin(holds)))


def of(node: Node, x: list[Ball], moves: bool, p: int, order: int) -> Local:
    """Of a node that is no leaf, at its arguments' balls. `moves`: it depends on a parameter."""
    op, args = node.op, node.args
    if op in LINEAR:
        return LINEAR[op](args, x)
    if op in ("mul", "dot", "square"):
        return product(node, x, p)
    if op == "div":
        return quotient(args, x, p, order)
    if op in ("abs", "relu", "max"):
        return kinked(node, x, moves, p, order)
    domain(node, x[0], p, order)
    found = rules.powers(x[0], node.value, p, order) if op == "powi" else rules.unary(op, x[0], p, order)
    first = [(args[0], found[1])] if order else []
    return Local(found[0], list(first), [(args[0], args[0], found[2])] if order > 1 else [])


def plus(args: tuple[int, ...], x: list[Ball]) -> Local:
    value = x[0]
    for other in x[1:]:
        value = add(value, other)
    return Local(value, [(a, 1) for a in args], [])


def minus(args: tuple[int, ...], x: list[Ball]) -> Local:
    return Local(add(x[0], negative(x[1])), [(args[0], 1), (args[1], -1)], [])


def opposite(args: tuple[int, ...], x: list[Ball]) -> Local:
    return Local(negative(x[0]), [(args[0], -1)], [])


LINEAR = {"add": plus, "sum": plus, "sub": minus, "neg": opposite}


def product(node: Node, x: list[Ball], p: int) -> Local:
    """a_1 b_1 + a_2 b_2 + ..; the square as a range of its own."""
    if node.op == "square":
        (a,) = node.args
        return Local(rules.power(x[0], 2, p), [(a, scaled(x[0], 2))], [(a, a, 2)])
    pairs = list(zip(node.args[::2], node.args[1::2], x[::2], x[1::2], strict=True))
    value = times(pairs[0][2], pairs[0][3], p)
    for _, _, u, v in pairs[1:]:
        value = add(value, times(u, v, p))
    first: list[tuple[int, Factor]] = [(i, v) for i, _, _, v in pairs]
    return Local(value, first + [(j, u) for _, j, u, _ in pairs], [(i, j, 2) for i, j, _, _ in pairs])


def quotient(args: tuple[int, ...], x: list[Ball], p: int, order: int) -> Local:
    """a f(b), f(b) = 1/b."""
    (a, b), (u, v) = args, x
    require((low(v) > 0) | (high(v) < 0), "that the divisor is not 0")
    f = rules.powers(v, -1, p, order)
    if order == 0:
        return Local(times(u, f[0], p), [], [])
    second: list[tuple[int, int, Factor]] = []
    if order > 1:
        second = [(a, b, scaled(f[1], 2)), (b, b, times(u, f[2], p))]
    return Local(times(u, f[0], p), [(a, f[0]), (b, times(u, f[1], p))], second)


def kinked(node: Node, x: list[Ball], moves: bool, p: int, order: int) -> Local:
    """Linear on either side."""
    a, one = node.args[0], 1 << p
    if node.op == "max":
        difference = add(x[0], negative(x[1]))
        value = rules.maximum(*x)
    else:
        difference = x[0]
        value = rules.maximum(x[0], negative(x[0]) if node.op == "abs" else exactly(0 * x[0].mid))
    if not order:
        return Local(value, [], [])
    up, down = low(difference) > 0, high(difference) < 0
    if moves:
        what = "differ" if node.op == "max" else "is not 0"
        require(up | down, "that its arguments " + what if node.op == "max" else "that its argument " + what)
    on, other = whole(up, one), whole(down, one)
    if node.op == "max":
        return Local(value, [(a, exactly(on)), (node.args[1], exactly(other))], [])
    return Local(value, [(a, exactly(on - other if node.op == "abs" else on))], [])


def whole(true: Any, one: int) -> Matrix:
    """One where it is true, else 0."""
    found: Matrix = true.astype(object) * one
    return found


def domain(node: Node, x: Ball, p: int, order: int) -> None:
    """Raises TooWeak where the node is not proved to be smooth, or to be defined."""
    op, one = node.op, 1 << p
    if op == "log" or (op == "sqrt" and order):
        require(low(x) > 0, "that its argument is positive")
    elif op == "sqrt":
        require(low(x) >= 0, "that its argument is not negative")
    elif op == "asin" and order:
        require((low(x) > -one) & (high(x) < one), "that its argument lies in (-1, 1)")
    elif op == "asin":
        require((low(x) >= -one) & (high(x) <= one), "that its argument lies in [-1, 1]")
    elif op == "powi" and node.value < 0:
        require((low(x) > 0) | (high(x) < 0), "that its argument is not 0")
