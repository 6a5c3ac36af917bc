"""That a loss does not change along affine flows: docs/theorem/expression.md, Lemma 17.G; the rules of the format.

All numbers are exact rationals. Nothing here is about a point.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple, TypeAlias

from relucert.kernel.ball import NotProved
from relucert.kernel.expression.loss import Loss, Node
from relucert.kernel.expression.polynomial import Monomial, Polynomial, collected, followed

MOST_ENTRIES = 10_000  # of all generators of a claim
MOST_BITS = 1024  # of the numerator and the denominator of a degree
MOST_WORK = 3_000_000  # of derivatives along generators; a checker allows a third more
ZERO = Fraction(0)
FACTORS = {
    "neg": Fraction(1),
    "abs": Fraction(1),
    "relu": Fraction(1),
    "square": Fraction(2),
    "sqrt": Fraction(1, 2),
}
ALIKE = ("add", "sub", "sum", "max")  # operations on arguments of one degree

Row: TypeAlias = list[tuple[int | None, Fraction]]  # entries of A with their columns, and that of b with None


class Generator(NamedTuple):
    """The field X(x) = A x + b: (i, j, entry) of A and (i, entry) of b, ascending, none 0."""

    matrix: tuple[tuple[int, int, Fraction], ...]
    shift: tuple[tuple[int, Fraction], ...] = ()


class NotInvariant(NotProved):
    """The loss is not proved to be invariant: at this node, along the generator of this number."""

    def __init__(self, reason: str, node: int, generator: int) -> None:
        super().__init__(reason)
        self.node, self.generator = node, generator


def rows(of: Generator) -> dict[int, Row]:
    """The rows of A and b that hold anything."""
    found: dict[int, Row] = {}
    for i, j, q in of.matrix:
        found.setdefault(i, []).append((j, q))
    for i, q in of.shift:
        found.setdefault(i, []).append((None, q))
    return found


def prove(of: Loss, generators: Sequence[Generator]) -> None:
    """That F is invariant under the flow of each generator. Raises NotInvariant; ValueError for a malformed one."""
    for generator in generators:
        _check(generator, of.parameters)
    if sum(len(g.matrix) + len(g.shift) for g in generators) > MOST_ENTRIES:
        raise NotProved(f"the generators have more than {MOST_ENTRIES} entries")
    polynomials, left = followed(of.nodes), MOST_WORK
    for number, generator in enumerate(generators):
        found, work = degrees(of.nodes, polynomials, generator, left)
        left -= work
        for root in (of.output, *(() if of.regulariser is None else (of.regulariser,))):
            if found[root] != 0:
                odd = root if found[root] is not None else _culprit(of.nodes, found, root)
                raise NotInvariant(
                    f"the loss is not proved to be invariant along generator {number}", odd, number
                )


def _check(of: Generator, parameters: int) -> None:
    places = [(i, j) for i, j, _ in of.matrix], [(i, i) for i, _ in of.shift]
    for side in places:
        if any(not 0 <= x < parameters for place in side for x in place) or side != sorted(set(side)):
            raise ValueError("entries of a generator out of range, or not in ascending order")
    if not all(x[-1] for x in (*of.matrix, *of.shift)) or not any(places):
        raise ValueError("an entry of a generator is 0, or it has none")


def degrees(
    nodes: Sequence[Node], polynomials: Sequence[Polynomial | None], generator: Generator, left: int
) -> tuple[list[Fraction | None], int]:
    """Of each node v the d with v(phi_t(x)) = e^(dt) v(x), None where none is proved; and the work, `left` at most."""
    table, work = rows(generator), 0
    found: list[Fraction | None] = []
    for node, p in zip(nodes, polynomials, strict=True):
        degree = ZERO if p is not None and not p else _by_rule(node, found, polynomials)
        if degree is None and p is not None:
            cost = sum(len(table.get(i, ())) for monomial in p for i in set(monomial))
            if work + cost <= left:
                work += cost
                degree = _of_polynomial(p, table)
        found.append(degree if degree is not None and short(degree) else None)
    return found, work


def short(q: Fraction) -> bool:
    """Whether a degree has few enough digits for the format."""
    return max(abs(q.numerator), q.denominator).bit_length() <= MOST_BITS


def _by_rule(
    node: Node, known: Sequence[Fraction | None], polynomials: Sequence[Polynomial | None]
) -> Fraction | None:
    """Rule 2 of the format."""
    operation, *given = node
    if operation in ("const", "pi", "input"):
        return ZERO
    if operation == "param":
        return None
    if operation == "powi":
        base = known[given[0]]
        return None if base is None else given[1] * base
    d = [x for a in given if (x := known[a]) is not None]
    if len(d) < len(given):
        return None
    if operation in FACTORS:
        return FACTORS[operation] * d[0]
    if operation in ("mul", "div"):
        return d[0] + d[1] if operation == "mul" else d[0] - d[1]
    zero = [polynomials[a] == {} for a in given]
    if operation in ALIKE:
        return _common([x for x, empty in zip(d, zero, strict=True) if not empty])
    if operation == "dot":
        pairs = range(0, len(given), 2)
        return _common([d[i] + d[i + 1] for i in pairs if not (zero[i] or zero[i + 1])])
    return ZERO if d[0] == 0 else None  # all others are functions of one node


def _common(d: Sequence[Fraction]) -> Fraction | None:
    return (d[0] if d else ZERO) if len(set(d)) <= 1 else None


def along(p: Polynomial, table: dict[int, Row]) -> Polynomial:
    """X p, with the rows of A and b; inputs have no derivative."""
    return collected(term for monomial, c in p.items() for term in _moved(monomial, c, table))


def _moved(monomial: Monomial, c: Fraction, table: dict[int, Row]) -> Iterator[tuple[Monomial, Fraction]]:
    """The terms of X of a term."""
    for i in set(monomial):
        rest = list(monomial)
        rest.remove(i)
        for j, q in table.get(i, ()):
            yield tuple(sorted(rest if j is None else [*rest, j])), c * monomial.count(i) * q


def _of_polynomial(p: Polynomial, table: dict[int, Row]) -> Fraction | None:
    """The d with X p = d p; p is not 0."""
    try:
        found = along(p, table)
    except NotProved:
        return None
    monomial, c = next(iter(p.items()))
    d = found.get(monomial, ZERO) / c
    return d if found == {x: d * y for x, y in p.items() if d} else None


def _culprit(nodes: Sequence[Node], known: Sequence[Fraction | None], root: int) -> int:
    """For a message: the first node without a degree whose arguments have one, before the root."""
    for i in range(root):
        args = nodes[i][1:2] if nodes[i][0] == "powi" else nodes[i][1:]
        if known[i] is None and nodes[i][0] != "param" and all(known[a] is not None for a in args):
            return i
    return root
