"""Nodes that are small polynomials, with all their coefficients. docs/spec/expression-v1.md, "Invariance of a graph".

A monomial is the ascending tuple of its variables, each as often as it occurs: parameter i is i, input j is -1 - j.
A polynomial maps monomials to rationals that are not 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import TypeAlias

from relucert.kernel.ball import NotProved
from relucert.kernel.expression.loss import Node, arguments

Monomial: TypeAlias = tuple[int, ...]
Polynomial: TypeAlias = dict[Monomial, Fraction]

MOST_TERMS, MOST_DEGREE, MOST_BITS = 1_000, 8, 512  # a checker follows up to twice as many bits
MOST_PARTIAL_BITS = 1536  # of sums on the way; a checker allows 4096
MOST_COST = 800_000  # of all products; a checker allows a quarter more
PRODUCTS, SUMS = ("mul", "dot", "square"), ("neg", "add", "sub", "sum")


def followed(nodes: Sequence[Node]) -> list[Polynomial | None]:
    """Of each node its polynomial, None where it has none or a large one."""
    found: list[Polynomial | None] = []
    left = MOST_COST
    for node in nodes:
        try:
            polynomial, cost = _follow(node, found, left)
        except NotProved:
            polynomial, cost = None, left  # numbers get long: nothing more is followed
        left -= cost
        found.append(polynomial if polynomial is None or _small(polynomial) else None)
    return found


def _follow(node: Node, known: Sequence[Polynomial | None], left: int) -> tuple[Polynomial | None, int]:
    """A node's polynomial with its cost; none where it would cost more than is left."""
    operation = node[0]
    if operation in ("param", "input"):
        return {(node[1] if operation == "param" else -1 - node[1],): Fraction(1)}, 0
    if operation == "const":
        value = Fraction(*node[1])
        return ({(): value} if value else {}), 0
    given = [p for a in arguments(node) if (p := known[a]) is not None]
    if len(given) < len(arguments(node)):
        return None, 0
    if operation in SUMS:
        cost = sum(map(len, given))
        signs = [-1 if operation == "neg" or (operation == "sub" and i) else 1 for i in range(len(given))]
        return (_sum(given, signs), cost) if cost <= left else (None, 0)
    if operation in PRODUCTS:
        pairs = list(pairwise(given))[::2] if operation != "square" else [(given[0], given[0])]
        cost = sum(len(p) * len(q) for p, q in pairs)
        return (_sum([times(p, q) for p, q in pairs], [1] * len(pairs)), cost) if cost <= left else (None, 0)
    if operation == "powi" and 2 < node[2] <= MOST_DEGREE:
        return _power(given[0], node[2], left)
    return None, 0


def _power(base: Polynomial, n: int, left: int) -> tuple[Polynomial | None, int]:
    found, cost = base, 0
    for _ in range(n - 1):
        cost += len(found) * len(base)
        if cost > left or not _small(found):
            return None, min(cost, left)
        found = times(found, base)
    return found, cost


def _sum(terms: Sequence[Polynomial], signs: Sequence[int]) -> Polynomial:
    return collected(
        (monomial, sign * c) for p, sign in zip(terms, signs, strict=True) for monomial, c in p.items()
    )


def times(p: Polynomial, q: Polynomial) -> Polynomial:
    return collected((tuple(sorted(a + b)), x * y) for a, x in p.items() for b, y in q.items())


def collected(terms: Iterable[tuple[Monomial, Fraction]]) -> Polynomial:
    """The sum of terms. Raises NotProved where a coefficient gets too long on the way."""
    total: Polynomial = {}
    for monomial, c in terms:
        known = total.get(monomial)
        total[monomial] = c if known is None else known + c
        if _bits(total[monomial]) > MOST_PARTIAL_BITS:
            raise NotProved("a polynomial with long coefficients")
    return {monomial: c for monomial, c in total.items() if c}


def _bits(c: Fraction) -> int:
    return max(abs(c.numerator), c.denominator).bit_length()


def _small(p: Polynomial) -> bool:
    return len(p) <= MOST_TERMS and all(
        len(monomial) <= MOST_DEGREE and _bits(c) <= MOST_BITS for monomial, c in p.items()
    )
