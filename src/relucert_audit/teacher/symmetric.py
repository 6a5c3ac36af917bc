"""Method "symmetric-hessian": points on classes of equal indices, at a cost that the sizes do not enter.

docs/spec/certificate-v1.md section 3a, docs/theorem/teacher.md section 7; the reduction is proved in docs/audit.md,
"Symmetric points". All neurons of a class are one *kind*, so is each extra neuron, and so are the targets of
a class. A vector is one integer a class of coordinates, plus one at its own index, so that inner products are
exact. The Hessian splits into one block for each irreducible representation of the permutations that fix W;
the *elements* of a block span what belongs to one vector x of the representation."""

from collections.abc import Iterator
from functools import cached_property
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np

from relucert_audit.exact import Matrix, Spectrum, Symmetric, spectrum, union
from relucert_audit.format import Dyadic
from relucert_audit.interval import Interval, angle, dyadic, maximum, minimum, pi, root, to_fixed
from relucert_audit.teacher.symmetric_claim import Classes

BLOCK_BITS, ZERO = 96, dyadic(0, 0)  # docs/audit.md, "Symmetric points"


class Kind(NamedTuple):  # integers times 2^exponent; generic: m of them, own: added at the own index
    generic: Matrix
    own: int
    home: int | None  # the class of the index
    size: int  # how many vectors there are


class Pair(NamedTuple):  # of w and z, which is a neuron (+) or a target (-)
    a: int  # |w|^2
    c: int  # w.z
    area: int  # |w|^2 |z|^2 - (w.z)^2
    sine: Interval
    cosine: Interval
    share: Interval  # (pi - angle)/(2 pi)
    pull: Interval  # (+-) |z| sine/(2 pi |w|)


class Meeting(NamedTuple):  # of all neurons of kind x with all other vectors of kind y
    x: int
    y: int
    number: int  # of pairs
    same: bool  # neurons with their own targets; else of different indices
    pair: Pair


class Element(NamedTuple):
    """A map from x to the columns of the neurons of one kind. In the column of neuron j, the sum over class c
    is sums[c] x_j, the entry at index j is own x_j, that at another index i of class c is first x_j + second
    x_i with (first, second) = partner[c]. norm: squared length for |x| = 1; rows: sum of the columns."""

    kind: int
    norm: int
    sums: list[int]
    own: int
    partner: dict[int, tuple[int, int]]
    rows: list[int]


class Block(NamedTuple):
    """What belongs to one representation. weights: of the scalar product of rows. alone: sum of x_j^2 over
    the neurons of a kind. moments: for (x, y, same), those of x_j and x_i over the pairs that meet."""

    dimension: int
    elements: list[Element]
    weights: list[int]
    alone: dict[int, int]
    moments: dict[tuple[int, int, bool], list[list[int]]]


class SymmetricLandscape:
    """bits: absolute accuracy of angles. Kinds: m classes of neurons, extra neurons, m classes of targets."""

    def __init__(self, at: Classes, bits: int) -> None:
        self.sizes, self.k, self.bits, self.m = at.sizes, sum(at.sizes), bits, len(at.sizes)
        self.exponent = min(0, *(x.e for row in (*at.values, *at.extra) for x in row if x.m))
        self.unit = 1 << -self.exponent
        values, extra = (
            [[x.m << (x.e - self.exponent if x.m else 0) for x in row] for row in rows] for rows in at[1:]
        )
        self.kinds = [Kind(vector(row), 0, None, 1) for row in extra]
        for a, p in reversed(list(enumerate(at.sizes))):
            generic = vector([row[-1 if c == a else a] for c, row in enumerate(values)])
            self.kinds.insert(0, Kind(generic, values[a][a] - values[a][-1], a, p))
        self.neurons, self.first_target = list(enumerate(self.kinds)), len(self.kinds)
        self.kinds += [Kind(vector([0] * self.m), self.unit, a, p) for a, p in enumerate(at.sizes)]
        self.squares = [self.inner(x, x, True) for x in self.kinds]
        self.norms = [root(dyadic(a, 2 * self.exponent)) for a in self.squares]
        self.meetings = list(self.meet())
        self.shares = {(x, y, same): pair.share for x, y, _, same, pair in self.meetings}

    def inner(self, x: Kind, y: Kind, same: bool) -> int:
        """The inner product of two vectors of these kinds, of the same index or not."""
        total = int((x.generic * y.generic) @ vector(self.sizes)) + same * x.own * y.own
        total += x.own * int(y.generic[x.home]) if x.home is not None else 0
        return total + (y.own * int(x.generic[y.home]) if y.home is not None else 0)

    def meet(self) -> Iterator[Meeting]:
        for i, x in self.neurons:
            for j, y in enumerate(self.kinds):
                together = i == j or (x.home is not None and x.home == y.home)
                number = x.size * (y.size - together)
                for same, times in (
                    (False, number),
                    (True, x.size if together and j >= self.first_target else 0),
                ):
                    if times:
                        yield Meeting(i, j, times, same, self.pair(i, j, same))

    def pair(self, i: int, j: int, same: bool) -> Pair:
        a, b, c = self.squares[i], self.squares[j], self.inner(self.kinds[i], self.kinds[j], same)
        area, size = a * b - c * c, root(dyadic(a * b, 0))
        share = (pi() - angle(area, c, self.bits)) / (2 * pi())
        sine, ratio = root(dyadic(area, 0)) / size, self.norms[j] / (2 * pi() * self.norms[i])
        return Pair(a, c, area, sine, c / size, share, ratio * sine * (1 if j < self.first_target else -1))

    def share(self, x: int, y: int) -> Interval:
        """Of vectors of these kinds and different indices; 0 if there are none."""
        return self.shares.get((x, y, False), ZERO)

    @cached_property
    def objective(self) -> Interval:
        """F(W), cut at 0."""
        total = dyadic(self.k, -2) + dyadic(self.k * (self.k - 1), 0) / (4 * pi())
        total += sum(self.norms[i] ** 2 * x.size / 4 for i, x in self.neurons)
        for i, j, number, _, pair in self.meetings:
            f = self.norms[i] * self.norms[j] * (pair.sine / (2 * pi()) + pair.share * pair.cosine)
            total += f * number / 2 if j < self.first_target else -f * number
        return maximum([total, ZERO])

    @cached_property
    def steep(self) -> list[Interval]:
        """M_ii of Theorem M, which is also the coefficient of w_i in its own gradient."""
        own = [dyadic(1, -1) for _ in self.neurons]
        for x, _, number, _, pair in self.meetings:
            own[x] += number // self.kinds[x].size * pair.pull
        return own

    @cached_property
    def level(self) -> list[Interval]:
        """M_ii - M_ij for i and j of one kind: the eigenvalue of M on vectors of sum 0 on a kind."""
        return [own - self.share(b, b) for b, own in enumerate(self.steep)]

    @cached_property
    def eps(self) -> Interval:
        """|grad F(W)|: the column of neuron j is that of W M, less its shares with the targets."""
        total = ZERO
        for j, x in self.neurons:
            for c, p in enumerate(self.sizes):
                rows = [y.size * int(y.generic[c]) + (y.own if c == y.home else 0) for _, y in self.neurons]
                entry = sum(
                    (self.share(j, b) * row for b, row in enumerate(rows)), self.level[j] * int(x.generic[c])
                )
                others, target = x.size * (p - (c == x.home)), self.first_target + c
                total += (entry / self.unit - self.share(j, target)) ** 2 * others
                if c == x.home:
                    own = (entry + self.level[j] * x.own) / self.unit - self.shares[j, target, True]
                    total += own**2 * p
        return root(total)

    @cached_property
    def outside(self) -> Spectrum:
        """Of M."""
        sizes = [x.size for _, x in self.neurons]
        full = [[self.share(b, c) * p * q for c, q in enumerate(sizes)] for b, p in enumerate(sizes)]
        for b, p in enumerate(sizes):
            full[b][b] += self.level[b] * p
        apart = [(p - 1, self.fixed([[self.level[a]]], [1])) for a, p in enumerate(self.sizes) if p > 1]
        return union([(times, spectrum(h)) for times, h in [(1, self.fixed(full, sizes)), *apart]])

    def lipschitz(self, radius: Dyadic) -> Interval:
        """Theorem B with multiplicities."""
        rho, n, p = dyadic(*radius), sum(x.size for _, x in self.neurons), self.norms[: len(self.neurons)]
        everything = sum((self.norms[i] * x.size for i, x in self.neurons), self.k + n * rho)
        slopes = [(everything - (length + rho)) / (length - rho) ** 2 for length in p]
        crossing = 3 * root(dyadic(n - 1, 0)) / (pi() * (minimum(p) - rho))
        return 3 * root(dyadic(3, 0)) / (4 * pi()) * maximum(slopes) + crossing

    @cached_property
    def spectrum(self) -> Spectrum:
        """Of the Hessian in R^(nk)."""
        return union([(block.dimension, spectrum(self.hessian(block))) for block in self.blocks()])

    def blocks(self) -> Iterator[Block]:
        nothing, many = [0] * self.m, [a for a, p in enumerate(self.sizes) if p > 1]
        yield self.trivial()
        for a in many:
            p = self.sizes[a]
            yield self.standard(a)
            for sign, dimension in ((1, p * (p - 3) // 2), (-1, (p - 1) * (p - 2) // 2)):
                if dimension > 0:  # symmetric and antisymmetric matrices, entry x_i at coordinate i
                    entry, moment = [Element(a, 1, nothing, 0, {a: (0, 1)}, [0])], [[1, sign], [sign, 1]]
                    moments = {(a, y, False): moment for y in (a, self.first_target + a)}
                    yield Block(dimension, entry, [0], {}, moments)
        for a, b in combinations(many, 2):  # matrices between two classes
            entries = [Element(i, 1, nothing, 0, {j: (1, 0)}, [0]) for i, j in ((a, b), (b, a))]
            meetings = [(i, y, False) for i, j in ((a, b), (b, a)) for y in (j, self.first_target + j)]
            size = (self.sizes[a] - 1) * (self.sizes[b] - 1)
            yield Block(size, entries, [0], {}, {key: [[1, 1], [1, 1]] for key in meetings})

    def trivial(self) -> Block:
        """Vectors that are constant on orbits: x_i = 1."""
        found = []
        for j, kind in self.neurons:
            for c, p in enumerate(self.sizes):
                unit, size = [int(i == c) for i in range(self.m)], kind.size
                if c == kind.home:
                    found.append(Element(j, p, unit, 1, {}, unit))
                    p, size = p - 1, p - 1
                if p:
                    sums, rows = [p * x for x in unit], [size * x for x in unit]
                    found.append(Element(j, p * kind.size, sums, 0, {c: (1, 0)}, rows))
        moments = {(x, y, same): [[number] * 2] * 2 for x, y, number, same, _ in self.meetings}
        return Block(1, found, self.sizes, {j: x.size for j, x in self.neurons}, moments)

    def standard(self, a: int) -> Block:
        """x is a vector over class a, of sum 0."""
        p, unit = self.sizes[a], [int(i == a) for i in range(self.m)]
        found = [Element(a, 1, unit, 1, {}, [1])]  # x_i at (i, i); then x_i - x_j at (i, j)
        found += [Element(a, 2 * p, [-p * x for x in unit], 0, {a: (-1, 1)}, [p])]
        if p > 2:  # x_i + x_j
            found += [Element(a, 2 * p - 4, [(p - 2) * x for x in unit], 0, {a: (1, 1)}, [p - 2])]
        for c in (c for c in range(self.m) if c != a):  # x_j at coordinates of another class
            sums = [self.sizes[c] * (i == c) for i in range(self.m)]
            found += [Element(a, self.sizes[c], sums, 0, {c: (1, 0)}, [0])]
        for j, kind in (
            x for x in self.neurons if x[0] != a
        ):  # x_i at coordinate i of neurons of another kind
            found += [Element(j, kind.size, [0] * self.m, 0, {a: (0, 1)}, [kind.size])]
        moments = {}
        for x, y, number, same, _ in self.meetings:
            here, there = (number // p if self.kinds[z].home == a else 0 for z in (x, y))
            if here or there:
                cross = (1 if same else -1) if here and there else 0
                moments[x, y, same] = [[here, cross], [cross, there]]
        return Block(p - 1, found, [1], {a: 1}, moments)

    def hessian(self, block: Block) -> Symmetric:
        """The block, in its elements divided by their lengths. Only the upper triangle is filled."""
        full = [[ZERO] * len(block.elements) for _ in block.elements]
        places = [[i for i, x in enumerate(block.elements) if x.kind == b] for b, _ in self.neurons]

        def add(weight: Interval, left: int, right: int, forms: Matrix) -> None:
            for i, row in zip(places[left], forms, strict=True):
                for j, x in zip(places[right], row, strict=True):
                    if x and i <= j:
                        full[i][j] += weight * int(x)

        def project(kind: int, generic: Matrix, own: int, other: int, home: int | None) -> Matrix:
            """Of the elements' columns onto a vector with generic[c] at coordinates of class c, and so much
            more at the own index and at that of the partner, of class `home`: coefficients of x_j, x_i."""
            rows = []
            for element in (block.elements[i] for i in places[kind]):
                first, second = (0, 0) if home is None else element.partner.get(home, (0, 0))
                total = int(generic @ vector(element.sums)) + own * element.own
                rows.append([total + other * first, other * second])
            return vector(rows)

        for i, element in enumerate(block.elements):
            full[i][i] += self.level[element.kind] * element.norm
        for b, times in block.alone.items():
            w, weight = self.kinds[b], (dyadic(1, -1) - self.steep[b]) * times / self.squares[b]
            along = project(b, w.generic, w.own, 0, None)[:, :1]
            add(weight, b, b, along @ along.T)
        for x, y, _, same, pair in self.meetings:
            neuron, w, z = y < self.first_target, self.kinds[x], self.kinds[y]
            if neuron and places[x] and places[y]:
                left, right = ([vector(block.elements[i].rows) for i in places[b]] for b in (x, y))
                add(
                    pair.share, x, y, vector([[(u * v) @ vector(block.weights) for v in right] for u in left])
                )
            if pair.area == 0 or (x, y, same) not in block.moments:
                continue
            moment, wide = vector(block.moments[x, y, same]), pair.a * pair.area
            across, own, other = pair.a * z.generic - pair.c * w.generic, -pair.c * w.own, pair.a * z.own
            e2 = project(x, across, *((own + other, 0) if same else (own, other)), z.home)
            add(pair.pull / wide, x, x, e2 @ moment @ e2.T)
            if neuron:
                e1 = project(x, w.generic, w.own, 0, z.home)
                f1 = project(y, w.generic, 0, w.own, w.home)[:, ::-1]
                f2 = project(y, across, other, own, w.home)[:, ::-1]
                spin, swap = pair.sine * pair.cosine / (2 * pi()), pair.sine**2 / (2 * pi())
                add(spin / pair.a, x, y, e1 @ moment @ f1.T)
                add(-spin / wide, x, y, e2 @ moment @ f2.T)
                swap /= pair.a * root(dyadic(pair.area, 0))
                add(swap, x, y, e1 @ moment @ f2.T + e2 @ moment @ f1.T)
        return self.fixed(full, [x.norm for x in block.elements])

    def fixed(self, rows: list[list[Interval]], norms: list[int]) -> Symmetric:
        """A matrix, of which the upper triangle is given, for basis vectors with these squared lengths."""
        size, worst = len(rows), 0
        full: Matrix = np.zeros((size, size), dtype=object)
        for i in range(size):
            for j in range(i, size):
                full[i, j], radius = to_fixed(rows[i][j] / root(dyadic(norms[i] * norms[j], 0)), self.bits)
                full[j, i], worst = full[i, j], max(worst, radius)
        top = max(int(np.abs(full).max()).bit_length(), 1)
        drop = max(top - BLOCK_BITS - 2 * self.k.bit_length(), 0)
        error = dyadic(size * (worst + (1 << drop)), -self.bits)
        return Symmetric(full >> drop, drop - self.bits, top - drop, error)


def vector(xs: list[Any]) -> Matrix:
    return np.array(xs, dtype=object)
