"""Loss, gradient and Hessian at a point that permutations of the coordinates fix, at a cost that the number
of coordinates does not enter.

docs/theorem/teacher.md section 7. Targets e_1 .. e_k; the indices 1 .. k fall into classes, and G permutes each
class, coordinates and neurons together. Extra neurons are kinds of neurons without coordinates of their own.
A point of Fix(G) is sum_O y_O u_O over the orbits O of entries, u_O = 1_O / sqrt|O|, and the derivatives of F
in y are the restrictions of grad F and Hess F. Two neurons, or a neuron and a target, see only a few blocks
of equal entries: in the unit vectors of these blocks they are short vectors, and section 1 applies to them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import NamedTuple, TypeAlias

from relucert.kernel import arccos
from relucert.kernel.arccos import Angle, Vector
from relucert.kernel.ball import Ball, BallMatrix, Dyadic, exact, pi, square

Values = Sequence[Sequence[Dyadic]]


class Point(NamedTuple):
    """A point of Fix(G): entry (c, a) of `values` fills the coordinates of class c of the neurons of kind a.

    Kinds are the m classes, then the extra neurons. inside[a] is the entry of a neuron of class a at the
    other coordinates of its class; (a, a) is the entry at its own.
    """

    sizes: tuple[int, ...]  # p_1 .. p_m
    values: tuple[tuple[Ball, ...], ...]  # m rows of m + (number of extra neurons)
    inside: tuple[Ball, ...]  # m; any number where the class has one member

    @property
    def kinds(self) -> tuple[int, ...]:
        """How many neurons there are of each kind."""
        return self.sizes + (1,) * (len(self.values[0]) - len(self.sizes))


Place: TypeAlias = tuple[int, int, bool]  # class of the coordinate, kind of the neuron, inside its class


class Orbit(NamedTuple):
    """An orbit of entries: its value at the point, its number of entries, where they are."""

    value: Ball
    size: int
    place: Place


class Seen(NamedTuple):
    """A neuron or a target in the blocks of a meeting: weights[i] * y_(orbits[i]) is its i-th coordinate."""

    vector: Vector
    orbits: tuple[int, ...]  # empty for a target
    weights: tuple[Ball, ...]
    home: int  # which of the meeting's indices is its own; -1: it has none


Block: TypeAlias = tuple[int, int, int]  # class, which of the meeting's indices it is (-1: the rest), size


class Meeting(NamedTuple):
    """`number` equal terms sign * f(first, second) of F, and the kinds of neurons (-1 for a target)."""

    number: int
    sign: int
    kinds: tuple[int, int]
    first: Seen
    second: Seen
    angle: Angle
    blocks: tuple[Block, ...]


class Reduced(NamedTuple):
    """What F restricted to Fix(G) is made of."""

    point: Point
    orbits: tuple[Orbit, ...]
    meetings: tuple[Meeting, ...]


def point(sizes: Sequence[int], values: Values, extra: Values = ()) -> Point:
    """sizes: p_1 .. p_m. values: m rows of m + 1 dyadics, of which entry (c, a) fills the coordinates of
    class c of the neurons of class a, (a, a) stands on the diagonal, and the last column holds the other
    entries inside a class (ignored where p_a = 1). extra: m dyadics for each extra neuron, one a class.
    """
    m = len(sizes)
    if m < 1 or min(sizes) < 1 or len(values) != m or {len(row) for row in values} != {m + 1}:
        raise ValueError("expected m positive class sizes and m rows of m + 1 values")
    if any(len(row) != m for row in extra):
        raise ValueError("expected one value a class for each extra neuron")
    rows = (
        tuple(exact(x) for x in (*row[:m], *(neuron[c] for neuron in extra))) for c, row in enumerate(values)
    )
    return Point(tuple(sizes), tuple(rows), tuple(exact(row[m]) for row in values))


def markings(sizes: Sequence[int]) -> list[tuple[int, ...]]:
    """Pairs of classes (a, b), one index to be marked in each (two in a if a = b); [()] if none is needed.

    Theorem F of docs/theorem/teacher.md: a class of size 1 needs no mark.
    """
    large = [a for a, p in enumerate(sizes) if p > 1]
    return [*((a, a) for a in large), *combinations(large, 2)] or [()]


def marked(at: Point, marks: Sequence[int]) -> Point:
    """The same point, described by finer classes: each of the marks takes an index off its class."""
    parts: list[tuple[int, int]] = []
    for c, p in enumerate(at.sizes):
        single = marks.count(c)
        parts += [(c, 1)] * single + [(c, p - single)] * (p > single)
    return refined(at, parts)


def refined(at: Point, parts: Sequence[tuple[int, int]]) -> Point:
    """The same point, described by finer classes, given as (class, size); they must make up the classes."""
    m = len(at.sizes)
    if [sum(size for c, size in parts if c == a) for a in range(m)] != list(at.sizes):
        raise ValueError("the finer classes do not make up the classes")

    def entry(i: int, j: int) -> Ball:
        """Between the finer classes i of coordinates and j of neurons."""
        c, a = parts[i][0], parts[j][0]
        return at.inside[c] if c == a and i != j else at.values[c][a]

    rows = (
        tuple(entry(i, j) for j in range(len(parts))) + at.values[c][m:] for i, (c, _) in enumerate(parts)
    )
    return Point(tuple(p for _, p in parts), tuple(rows), tuple(at.inside[c] for c, _ in parts))


def reduced(at: Point) -> Reduced:
    """Orbits and meetings. Raises NotProved if a neuron is not proved to differ from 0."""
    every = tuple(orbits(at))
    return Reduced(at, every, tuple(_meetings(at, every)))


def orbits(at: Point) -> Iterator[Orbit]:
    """The orbits of entries, in the order of the coordinates y."""
    for a, count in enumerate(at.kinds):
        for c, p in enumerate(at.sizes):
            yield Orbit(at.values[c][a], p if c == a else p * count, (c, a, False))
            if c == a and p > 1:
                yield Orbit(at.inside[a], p * (p - 1), (c, a, True))


def _meetings(at: Point, every: Sequence[Orbit]) -> Iterator[Meeting]:
    m, kinds = len(at.sizes), at.kinds
    table = {orbit.place: i for i, orbit in enumerate(every)}

    def meet(a: int, b: int, count: int, *, target: bool, same: bool = False) -> Meeting:
        """A neuron of kind a and one of kind b, or a target of class b: of the same index, or of two."""
        indices = [x for x in ((a,) if same else (a, b)) if x < m]
        blocks = [(c, i, 1) for i, c in enumerate(indices)]
        blocks += [(c, -1, p - indices.count(c)) for c, p in enumerate(at.sizes) if p > indices.count(c)]
        other = 0 if same or a >= m else 1
        first = neuron(a, 0, blocks)
        second = _target(other, blocks) if target else neuron(b, other, blocks)
        angle = arccos.between(first.vector, second.vector)
        sign, pair = (-1, (a, -1)) if target else (1, (a, b))
        return Meeting(count, sign, pair, first, second, angle, tuple(blocks))

    def neuron(a: int, own: int, blocks: Sequence[Block]) -> Seen:
        """A neuron of kind a; the number of its own index, if it has one, is `own`."""
        indices = [table[c, a, c == a and number != own] for c, number, _ in blocks]
        roots = [Ball(size).sqrt() for _, _, size in blocks]
        entries = [every[o].value * r for o, r in zip(indices, roots, strict=True)]
        weights = tuple(r / Ball(every[o].size).sqrt() for o, r in zip(indices, roots, strict=True))
        return Seen(arccos.vector(entries), tuple(indices), weights, own if a < m else -1)

    for a, count in enumerate(kinds):
        if count > 1:
            yield meet(a, a, count * (count - 1) // 2, target=False)
        for b in range(a):
            yield meet(b, a, count * kinds[b], target=False)
        for b, p in enumerate(at.sizes):
            if a != b:
                yield meet(a, b, count * p, target=True)
            else:
                yield meet(a, a, p, target=True, same=True)
                if p > 1:
                    yield meet(a, a, p * (p - 1), target=True)


def _target(own: int, blocks: Sequence[Block]) -> Seen:
    return Seen(arccos.vector([Ball(number == own) for _, number, _ in blocks]), (), (), own)


def objective(at: Reduced) -> Ball:
    """F(W), docs/theorem/teacher.md section 1 with multiplicities; e_i and e_j contribute f(e_i, e_j) = 1/(2 pi)."""
    k = sum(at.point.sizes)
    result = sum((square(o.value) * o.size / 4 for o in at.orbits), Ball(k) / 4)
    for x in at.meetings:
        result += x.sign * x.number * arccos.kernel(x.first.vector, x.second.vector, x.angle)
    return result + Ball(k * (k - 1) // 2) / (2 * pi())


def gradient(at: Reduced) -> list[Ball]:
    """The gradient in the coordinates y, whose norm is |grad F(W)| (docs/theorem/teacher.md section 7)."""
    result = [o.value * Ball(o.size).sqrt() / 2 for o in at.orbits]
    for x in at.meetings:
        for own, other in ((x.first, x.second), (x.second, x.first)):
            if not own.orbits:
                continue
            along, turn = arccos.gradient_parts(other.vector, x.angle)
            parts = zip(own.orbits, own.weights, own.vector.unit, other.vector.entries, strict=True)
            for orbit, weight, u, v in parts:
                result[orbit] += x.sign * x.number * weight * (along * u + turn * v)
    return result


def hessian(at: Reduced) -> BallMatrix:
    """The Hessian in the coordinates y: Hess F(W) restricted to Fix(G) (docs/theorem/teacher.md section 7)."""
    size = len(at.orbits)
    rows = [[Ball(i == j) / 2 for j in range(size)] for i in range(size)]

    def add(factor: int, left: Seen, block: BallMatrix, right: Seen) -> None:
        for o, w, row in zip(left.orbits, left.weights, block.tolist(), strict=True):
            for q, v, entry in zip(right.orbits, right.weights, row, strict=True):
                rows[o][q] += factor * (w * v) * entry

    for x in at.meetings:
        a, b = x.first, x.second
        add(x.sign * x.number, a, arccos.same_block(a.vector, [(1, b.vector, x.angle)]), a)
        if b.orbits:
            mixed = arccos.mixed_block(a.vector, b.vector, x.angle)
            add(x.number, b, arccos.same_block(b.vector, [(1, a.vector, x.angle)]), b)
            add(x.number, a, mixed, b)
            add(x.number, b, mixed.transpose(), a)
    return BallMatrix(rows)
