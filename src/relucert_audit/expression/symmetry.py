"""Generators of symmetries, and whether a loss does not change along their flows: step 8a, Lemma 17.G.

A node of degree d is multiplied by e^(d t) along the flow of a generator, in every row of the data."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from relucert_audit.expression.graph import Loss, Node, rational, whole
from relucert_audit.expression.polynomial import MOST_BITS, Polynomial, TooLarge, accumulate, bits, followed
from relucert_audit.format import malformed, take

MOST_ENTRIES, MOST_STEPS = 10_000, 4_000_000
ZERO = Fraction(0)
FACTORS = {
    "neg": Fraction(1),
    "abs": Fraction(1),
    "relu": Fraction(1),
    "square": Fraction(2),
    "sqrt": Fraction(1, 2),
}

Row = list[tuple[int | None, Fraction]]  # entries of A by columns, that of b without one
Generator = dict[int, Row]  # the rows of A x + b that are not 0


class Degree(NamedTuple):  # zero: the node is 0 everywhere, so that it has every degree
    value: Fraction
    zero: bool = False


def read_symmetry(raw: Any, parameters: int, count: int) -> list[Generator]:
    """Raises Refusal."""
    shape = [{"matrix?": [[object]], "shift?": [[object]]}]
    found = take(raw, shape, "symmetry")
    if len(found) != count:
        raise malformed("symmetry does not have as many generators as there are constraints")
    if sum(len(part) for one in found for part in one.values()) > MOST_ENTRIES:
        raise malformed(f"symmetry has more than {MOST_ENTRIES} entries")
    return [read_generator(one, parameters, f"symmetry.{i}") for i, one in enumerate(found)]


def read_generator(raw: dict[str, list[Any]], m: int, where: str) -> Generator:
    found: Generator = {}
    if not raw or any(not part for part in raw.values()):
        raise malformed(f"{where} has no entries")
    for name, places in (("matrix", 2), ("shift", 1)):
        before: tuple[int, ...] = ()
        for entry in raw.get(name, []):
            if len(entry) != places + 1:
                raise malformed(f"{where}.{name} has an entry of the wrong length")
            at = tuple(whole(i, 0, m - 1, f"a place of {where}.{name}") for i in entry[:-1])
            q = rational(entry[-1], f"{where}.{name}")
            if not at > before or not q:
                raise malformed(f"{where}.{name} has an entry 0, or one that is not in its place")
            found.setdefault(at[0], []).append((at[1] if places == 2 else None, q))
            before = at
    return found


class Along:
    """Degrees along one generator after the other; `work` is what the page limits."""

    def __init__(self, loss: Loss) -> None:
        self.loss, self.work = loss, 0
        self.roots = [loss.output, *([] if loss.regulariser is None else [loss.regulariser])]
        self.polynomials = followed(loss, max(self.roots) + 1)

    def invariant(self, generator: Generator) -> bool:
        """The output and the regulariser have the degree 0."""
        found = self.degrees(generator)
        ends = [found[root] for root in self.roots]
        return all(end is not None and end.value == 0 for end in ends)

    def degrees(self, generator: Generator) -> list[Degree | None]:
        """Of the nodes of F; None where it is not known."""
        found: list[Degree | None] = []
        for node, p in zip(self.loss.nodes, self.polynomials, strict=False):  # those of constraints follow
            found.append(self.degree(node, [found[a] for a in node.args], p, generator))
        return found

    def degree(
        self, node: Node, args: Sequence[Degree | None], p: Polynomial | None, generator: Generator
    ) -> Degree | None:
        if p == {}:
            return Degree(ZERO, True)
        known = [arg for arg in args if arg is not None]
        value = by_rule(node, known) if len(known) == len(args) else None
        if value is None and p is not None:
            value = self.eigenvalue(p, generator)
        return None if value is None or bits(value) > MOST_BITS else Degree(value)

    def eigenvalue(self, p: Polynomial, generator: Generator) -> Fraction | None:
        """d with X p = d p, where p is not 0."""
        self.work += (more := steps(p, generator))
        if self.work > MOST_STEPS:
            self.work -= more
            return None
        try:
            moved = derivative(p, generator)
        except TooLarge:
            return None
        place, first = next(iter(p.items()))
        d = moved.get(place, ZERO) / first
        same = all(moved.get(monomial, ZERO) == d * q for monomial, q in p.items())
        return d if same and all(monomial in p for monomial in moved) else None


def derivative(p: Polynomial, generator: Generator) -> Polynomial:
    """X p, coefficients that cancel left out."""
    total: Polynomial = {}
    for monomial, q in p.items():
        for i in set(monomial) & generator.keys():
            rest, times = without(monomial, i), monomial.count(i)
            for j, entry in generator[i]:
                accumulate(total, rest if j is None else tuple(sorted((*rest, j))), q * times * entry)
    return total


def steps(p: Polynomial, generator: Generator) -> int:
    """How many terms X p has before equal ones are added."""
    return sum(len(generator[i]) for monomial in p for i in set(monomial) & generator.keys())


def without(monomial: tuple[int, ...], i: int) -> tuple[int, ...]:
    """With one i less."""
    at = monomial.index(i)
    return monomial[:at] + monomial[at + 1 :]


def by_rule(node: Node, args: list[Degree]) -> Fraction | None:
    """From the degrees of all arguments, by the table of the page; a parameter has none by it."""
    op, values = node.op, [arg.value for arg in args]
    if op == "param":
        return None
    if op in ("add", "sub", "sum", "max"):
        return common(args)
    if op == "dot":
        pairs = zip(args[::2], args[1::2], strict=True)
        return common([Degree(a.value + b.value, a.zero or b.zero) for a, b in pairs])
    if op in ("mul", "div"):
        return values[0] + values[1] * (1 if op == "mul" else -1)
    if op == "powi":
        return values[0] * Fraction(node.value)
    if op in FACTORS:
        return values[0] * FACTORS[op]
    return None if any(values) else ZERO  # constants, inputs, and functions of what does not change


def common(parts: list[Degree]) -> Fraction | None:
    """Of a sum, or of the larger: what is zero counts for nothing."""
    found = {part.value for part in parts if not part.zero}
    return None if len(found) > 1 else found.pop() if found else ZERO
