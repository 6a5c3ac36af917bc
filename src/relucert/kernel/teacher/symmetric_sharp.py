"""Theorem B' at a symmetric point, at a cost that the sizes of the classes do not enter.

docs/theorem/teacher.md section 7, "Theorem B' with multiplicities". The permutations that fix a neuron split what it
meets into a few orbits, and R^k into the vectors that are constant on their blocks of coordinates and those
of sum 0 on one block; so one neuron of each kind, and one member of each orbit, is enough.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from relucert.kernel import arccos, ball
from relucert.kernel.arccos import Angle
from relucert.kernel.ball import Ball, BallMatrix, largest, norm, pi, root, square, upper
from relucert.kernel.norms import spectral_norm
from relucert.kernel.teacher.sharp import Far, Row, Shape
from relucert.kernel.teacher.symmetric import Block, Reduced, Seen


class View(NamedTuple):
    """An orbit of neurons or targets, as a neuron sees it: `number` vectors like `other`."""

    number: int
    sign: int
    place: int  # kind of the neurons; targets come last
    own: Seen
    other: Seen
    angle: Angle
    blocks: tuple[Block, ...]


class Parts(NamedTuple):
    """A vector, split by the blocks of coordinates that the permutations fixing a neuron may permute."""

    constant: list[Ball]  # in the unit vectors of the blocks
    sizes: list[int]  # of the blocks
    rest: list[Ball]  # for each block, the squared length of the part of sum 0


def shape(at: Reduced) -> Shape:
    """The part of Theorem B' that depends on the point alone; neurons of one kind are listed once."""
    seen, kinds = views(at), at.point.kinds
    lengths = [some[0].own.vector.length for some in seen]
    n = sum(kinds)
    return Shape(
        neurons=tuple(lengths),
        targets=(Ball(1),),
        counts=(n, sum(at.point.sizes)),
        frame=root(_stretch(at, [Ball(1)] * len(kinds))) if n > 1 else Ball(0),
        span=root(1 + _stretch(at, lengths)),
        rows=tuple(_row(some, len(kinds)) for some in seen),
    )


def views(at: Reduced) -> list[list[View]]:
    """What a neuron of each kind meets."""
    kinds = at.point.kinds
    result: list[list[View]] = [[] for _ in kinds]
    for x in at.meetings:
        (a, b), t, blocks = x.kinds, x.angle, x.blocks
        place = len(kinds) if b < 0 else b
        number = kinds[a] - 1 if a == b else x.number // kinds[a]
        result[a].append(View(number, x.sign, place, x.first, x.second, t, blocks))
        if b >= 0 and a != b:
            result[b].append(View(x.number // kinds[b], 1, a, x.second, x.first, t, blocks))
    return result


def _stretch(at: Reduced, lengths: Sequence[Ball]) -> Ball:
    """Upper bound of the largest eigenvalue of the Gram matrix of the neurons, given these lengths."""
    kinds = at.point.kinds
    rows = [[square(w) * (a == b) for b in range(len(kinds))] for a, w in enumerate(lengths)]
    apart: list[Ball] = []
    for x in at.meetings:
        a, b = x.kinds
        if b < 0:
            continue
        product = lengths[a] * lengths[b] * x.angle.cos
        if a == b:
            apart.append(rows[a][a] - product)
            rows[a][a] += (kinds[a] - 1) * product
        else:
            rows[a][b] = rows[b][a] = product * Ball(x.number).sqrt()
    return upper(largest((spectral_norm(BallMatrix(rows)), *apart)))


def _row(meets: Sequence[View], kinds: int) -> Row:
    near, counts, far = Ball(0), [0, 0], []
    cosines = Ball(0)
    pulling: list[View] = []
    for x in meets:
        length, t = x.other.vector.length, x.angle
        acute = t.theta.min(pi() - t.theta)
        if ball.proves_le(Ball(4) / 5, acute) and arccos.divides(t):
            far.append(Far(x.place, x.number, acute, length, abs(length * t.cos)))
            pulling.append(x)
            cosines += x.number * square(t.cos) if x.place < kinds else Ball(0)
        else:
            near += x.number * length
            counts[x.place == kinds] += x.number
    return Row(_bend(meets), _skew(pulling), near, counts[0], counts[1], cosines, tuple(far))


def parts(x: View, entries: Sequence[Ball]) -> Parts:
    """entries: in the unit vectors of the blocks of the meeting. There the index of the other, if the
    permutations move it, is a block of its own: with the rest of its class it makes one of theirs."""
    blocks: dict[tuple[int, bool], list[tuple[int, Ball]]] = {}
    for (c, index, size), entry in zip(x.blocks, entries, strict=True):
        blocks.setdefault((c, 0 <= index == x.own.home), []).append((size, entry))
    result = Parts([], [], [])
    for _, block in sorted(blocks.items(), key=lambda item: item[0]):
        size = sum(p for p, _ in block)
        result.sizes.append(size)
        result.constant.append(sum((Ball(p).sqrt() * y for p, y in block), Ball(0)) / Ball(size).sqrt())
        result.rest.append(Ball(0))
        if len(block) == 2:
            (p, y), (q, z) = block
            result.rest[-1] = square(Ball(q).sqrt() * y - Ball(p).sqrt() * z) / size
    return result


class Bend(NamedTuple):
    """B_i, split by the blocks: on vectors that are constant on blocks, in their unit vectors; and the number that
    it is on the vectors of sum 0 on a block of 2 or more, with the dimension of these."""

    constant: BallMatrix
    single: list[tuple[Ball, int]]


def bend(meets: Sequence[View]) -> Bend:
    """B_i of the neuron that meets all this."""
    w = parts(meets[0], meets[0].own.vector.unit)
    places = range(len(w.sizes))
    total, rows = Ball(0), [[Ball(0)] * len(places) for _ in places]
    apart = [Ball(0)] * len(places)
    for x in meets:
        length, t = x.other.vector.length, x.angle
        total += x.sign * x.number * length * t.sin
        if arccos.divides(t):
            across = _across(x)
            weight = x.sign * x.number * length * t.sin
            outer = [[weight * u * v for v in across.constant] for u in across.constant]
            rest = [weight * y for y in across.rest]
        else:  # the entries of nbar nbar^T lie in [-1, 1], on the diagonal in [0, 1]
            most = x.number * upper(length * t.sin)
            diagonal, other = x.sign * ball.hull(Ball(0), most), ball.symmetric(most)
            outer = [[diagonal if r == q else other for q in places] for r in places]
            rest = [diagonal] * len(places)
        for r in places:
            rows[r] = [a + b for a, b in zip(rows[r], outer[r], strict=True)]
            apart[r] += rest[r] / max(w.sizes[r] - 1, 1)
    for r in places:
        for q in places:
            rows[r][q] += total * ((r == q) - w.constant[r] * w.constant[q])
    single = [(total + y, size - 1) for y, size in zip(apart, w.sizes, strict=True) if size > 1]
    return Bend(BallMatrix(rows), single)


def _bend(meets: Sequence[View]) -> Ball:
    """|B_i|."""
    whole = bend(meets)
    return upper(largest((spectral_norm(whole.constant), *(abs(x) for x, _ in whole.single))))


def _across(x: View) -> Parts:
    """nbar."""
    return parts(x, [y / x.angle.sin for y in arccos.across(x.own.vector, x.other.vector, x.angle)])


def _skew(far: Sequence[View]) -> Ball:
    """g_i without C: upper bound of |sum sigma zeta (3 x - x^3)|, x = nbar.y, over unit y across w_i."""
    if not far:
        return Ball(0)
    weights = [x.sign * x.number * x.other.vector.length * x.angle.cos for x in far]
    size = sum((abs(a) for a in weights), Ball(0))
    columns = zip(*(_across(x).constant for x in far), strict=True)
    mean = norm([sum((a * y for a, y in zip(weights, column, strict=True)), Ball(0)) for column in columns])
    return upper(ball.smallest((2 * size, 2 * mean + 2 * size / (3 * Ball(3).sqrt()))))
