"""Nodes of a graph as polynomials of the parameters and the inputs, exactly, as far as they stay small. Section
"Invariance of a graph" of docs/spec/expression-v1.md."""

from collections.abc import Callable
from fractions import Fraction
from itertools import product

from relucert_audit.expression.graph import Loss, Node

MOST_TERMS, MOST_DEGREE, MOST_EXPONENT, MOST_COST = 1_000, 8, 8, 1_000_000
MOST_BITS, MOST_PARTIAL_BITS = 1024, 4096  # of coefficients; of their partial sums
SIGNS = {"add": (1, 1), "sub": (1, -1), "neg": (-1,)}

Monomial = tuple[
    int, ...
]  # ascending, each variable as often as it occurs; inputs are numbered after the parameters
Polynomial = dict[Monomial, Fraction]  # no coefficient is 0
Spend = Callable[[int], None]


class TooLarge(Exception):  # noqa: N818 -- a result, not a failure of the program
    """The polynomial is not followed."""


def bits(q: Fraction) -> int:
    return max(q.numerator.bit_length(), q.denominator.bit_length())


def accumulate(total: Polynomial, monomial: Monomial, q: Fraction) -> None:
    """Raises TooLarge."""
    q = total.get(monomial, Fraction(0)) + q
    if bits(q) > MOST_PARTIAL_BITS:
        raise TooLarge
    if q:
        total[monomial] = q
    else:
        total.pop(monomial, None)


def followed(loss: Loss, count: int) -> list[Polynomial | None]:
    """Of the first nodes, so many; None where one is not followed."""
    found: list[Polynomial | None] = []
    left = MOST_COST

    def spend(cost: int) -> None:
        nonlocal left
        if cost > left:
            raise TooLarge
        left -= cost

    for node in loss.nodes[:count]:
        args = [p for p in (found[a] for a in node.args) if p is not None]
        try:
            complete = len(args) == len(node.args)
            found.append(of(node, args, loss.parameters, spend) if complete else None)
        except TooLarge:
            found.append(None)
    return found


def of(node: Node, args: list[Polynomial], parameters: int, spend: Spend) -> Polynomial | None:
    """Raises TooLarge."""
    op = node.op
    if op in ("param", "input"):
        return {(node.value + (parameters if op == "input" else 0),): Fraction(1)}
    if op == "const":
        return {(): node.value} if node.value else {}
    if op in SIGNS or op == "sum":
        return small(combined(list(zip(SIGNS.get(op, (1,) * len(args)), args, strict=True)), spend))
    if op in ("mul", "dot"):
        return small(products(list(zip(args[::2], args[1::2], strict=True)), spend))
    if op == "square":
        return small(products([(args[0], args[0])], spend))
    if op == "powi" and 0 < node.value <= MOST_EXPONENT:
        found = args[0]
        for _ in range(node.value - 1):
            found = small(products([(found, args[0])], spend))
        return found
    return None


def combined(parts: list[tuple[int, Polynomial]], spend: Spend) -> Polynomial:
    """The sum of polynomials with signs."""
    spend(sum(len(p) for _, p in parts))
    total: Polynomial = {}
    for sign, p in parts:
        for monomial, q in p.items():
            accumulate(total, monomial, sign * q)
    return total


def products(pairs: list[tuple[Polynomial, Polynomial]], spend: Spend) -> Polynomial:
    """The sum of the products of pairs."""
    spend(sum(len(p) * len(q) for p, q in pairs))
    total: Polynomial = {}
    for p, q in pairs:
        for (left, x), (right, y) in product(p.items(), q.items()):
            accumulate(total, tuple(sorted(left + right)), x * y)
    return total


def small(p: Polynomial) -> Polynomial:
    """The same. Raises TooLarge."""
    if len(p) > MOST_TERMS or any(len(m) > MOST_DEGREE or bits(q) > MOST_BITS for m, q in p.items()):
        raise TooLarge
    return p
