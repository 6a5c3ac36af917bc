"""That a loss stays the same when parameters change places and signs: docs/theorem/expression.md, Theorem 17.P.

Every node is 1 or -1 times a function that has a number, and functions of one number are the same; the rules are those
of the format. How many images a critical point has is counted by which entries are told apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

from relucert.kernel.ball import Ball, NotProved, proves_lt, proves_positive
from relucert.kernel.expression.invariance import NotInvariant
from relucert.kernel.expression.loss import LEAVES, Loss, Node, arguments

Exchange: TypeAlias = tuple[
    tuple[int, int, int], ...
]  # (i, j, s), ascending: g(x)_i = s x_j; other entries stay
Signed: TypeAlias = tuple[int, int]  # a sign and a number: of a function, or of a parameter

ODD = ("asin", "atan", "erf", "sin", "tanh")
EVEN = ("abs", "cos", "square")
MOST_WORK = 1_000_000  # arguments of nodes times exchanges
MOST_MOVES = 2_000_000  # images times exchanges times parameters


class Images(NamedTuple):
    """F is the same after each exchange; at least `least` images of the critical point are different ones."""

    exchanges: tuple[Exchange, ...]
    least: int


class Numbers:
    """Gives every new key a number."""

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], int] = {}

    def of(self, *key: object) -> int:
        return self._known.setdefault(key, len(self._known))


def prove(of: Loss, exchanges: Sequence[Exchange]) -> None:
    """F(g(x)) = F(x) for all x and each g. Raises NotInvariant; ValueError for what is no exchange."""
    if sum(len(arguments(node)) for node in of.nodes) * len(exchanges) > MOST_WORK:
        raise NotProved(f"exchanges times arguments of nodes are more than {MOST_WORK}")
    numbers, stays = Numbers(), [(1, i) for i in range(of.parameters)]
    before = forms(of.nodes, stays, numbers)
    for number, exchange in enumerate(exchanges):
        _check(exchange, of.parameters)
        after = forms(of.nodes, moved(exchange, stays), numbers)
        for root in (of.output, *(() if of.regulariser is None else (of.regulariser,))):
            if after[root] != before[root]:
                raise NotInvariant(
                    f"the loss is not proved to be the same after exchange {number}", root, number
                )


def _check(of: Exchange, parameters: int) -> None:
    to, given = [i for i, _, _ in of], [j for _, j, _ in of]
    if not to or to != sorted(set(given)) or not 0 <= to[0] <= to[-1] < parameters:
        raise ValueError("an exchange does not permute parameters, or they are out of range")
    if any(s not in (1, -1) or (i, s) == (j, 1) for i, j, s in of):
        raise ValueError("an exchange has a sign that is not 1 or -1, or an entry that stays")


def moved(exchange: Exchange, x: Sequence[Signed]) -> list[Signed]:
    """g(x), of entries with signs."""
    found = list(x)
    for i, j, s in exchange:
        found[i] = s * x[j][0], x[j][1]
    return found


def forms(nodes: Sequence[Node], at: Sequence[Signed], numbers: Numbers) -> list[Signed]:
    """Of each node its sign and its number, where parameter i is at[i]."""
    found: list[Signed] = []
    for node in nodes:
        found.append(_form(node, [found[a] for a in arguments(node)], at, numbers))
    return found


def _form(node: Node, x: Sequence[Signed], at: Sequence[Signed], numbers: Numbers) -> Signed:
    """The rules of the format. x: of the arguments."""
    operation = node[0]
    if operation == "param":
        sign, i = at[node[1]]
        return sign, numbers.of("param", i)
    if operation in LEAVES:
        return 1, numbers.of(*node)
    if operation in ("add", "sum", "sub"):
        return _sum([x[0], (-x[1][0], x[1][1])] if operation == "sub" else x, numbers)
    if operation in ("mul", "dot"):
        pairs = zip(x[::2], x[1::2], strict=True)
        terms = [(s * t, numbers.of("mul", min(a, b), max(a, b))) for (s, a), (t, b) in pairs]
        return terms[0] if operation == "mul" else _sum(terms, numbers)
    if operation == "div":
        return x[0][0] * x[1][0], numbers.of("div", x[0][1], x[1][1])
    if operation == "max":
        return 1, numbers.of("max", *sorted(x))
    sign, a = x[0]
    if operation == "neg":
        return -sign, a
    if operation == "powi":
        return sign if node[2] % 2 else 1, numbers.of("powi", a, node[2])
    if operation in ODD:
        return sign, numbers.of(operation, a)
    return 1, numbers.of(operation, a) if operation in EVEN else numbers.of(operation, a, sign)


def _sum(terms: Sequence[Signed], numbers: Numbers) -> Signed:
    """In the order of numbers, the first with the sign 1."""
    ordered = sorted((a, s) for s, a in terms)
    sign = ordered[0][1]
    return sign, numbers.of("sum", *sorted((a, sign * s) for a, s in ordered))


def count(point: Sequence[Ball], exchanges: Sequence[Exchange], radius: Ball) -> int:
    """How many images of any x* within `radius` of this exact point are different ones, at least.

    Images of the point that differ in a label differ there by more than 2 radius, so those of x* differ too.
    """
    start = tuple(_labels(point, 2 * radius))
    seen, left, most = {start}, [start], MOST_MOVES // (len(exchanges) * len(point))
    while left and len(seen) < most:
        x = left.pop()
        for exchange in exchanges:
            image = list(x)
            for i, j, s in exchange:
                image[i] = s * x[j]
            if (new := tuple(image)) not in seen:
                seen.add(new)
                left.append(new)
    return min(len(seen), most)


def _labels(point: Sequence[Ball], apart: Ball) -> list[int]:
    """Signed integers: entries with different ones, and x and -x where it is not 0, differ by more than `apart`."""
    found, level, before = [0] * len(point), 0, Ball(0)
    for i in sorted(range(len(point)), key=lambda i: abs(point[i])):
        size = abs(point[i])
        level += proves_lt(apart, size - before)
        found[i], before = level if proves_positive(point[i]) else -level, size
    return found
