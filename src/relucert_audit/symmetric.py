"""Method "symmetric-hessian": points on classes of equal indices, at a cost that the sizes do not enter.

docs/spec/certificate-v1.md section 3a, docs/theorem.md section 7; docs/audit.md, "Symmetric points", proves the
reduction. All neurons of a class are one *kind*, as is each extra neuron, and the targets of a class. A vector of
some kind is one integer a class of coordinates, plus one more at its own index; inner products are exact. The
Hessian splits into one block for each irreducible representation of the permutations that fix W; its *elements*
are a basis of the vectors in R^(nk) that belong to one vector, or matrix, x of that representation."""

import re
from collections.abc import Iterator
from functools import cached_property
from itertools import combinations, permutations
from typing import Any, NamedTuple

import numpy as np

from relucert_audit import format as fmt
from relucert_audit.exact import Matrix, Spectrum, Symmetric, TooWeak, spectrum, union
from relucert_audit.format import Dyadic, Number, Opened, Refusal, Rows, malformed
from relucert_audit.interval import Interval, angle, dyadic, maximum, minimum, pi, precision, root, to_fixed
from relucert_audit.steps import Finding, run, step_3, step_4, step_5, step_6, step_7, step_8
from relucert_audit.theorems import Numbers

MAX_CLASSES, MAX_SIZE, MAX_EXTRA = 6, 10**12, 16
BITS_A_DIGIT = 4  # of k: F is of order 1/k, a sum of k^2 terms
BLOCK_BITS = 96  # of the entries of a block of the Hessian, and twice the digits of k


# ---- Reading --------------------------------------------------------------------------------------------


class Certificate(NamedTuple):  # of a symmetric point; members as in format.Certificate and section 3a
    n: int
    k: int
    d: int
    sizes: list[int]
    values: Rows
    extra: Rows
    verdict: str
    constants: str
    inertia: dict[str, int] | None
    bounds: dict[str, Number]
    everywhere: bool


def absent(_: Any, where: str) -> None:
    raise malformed(f"{where} does not belong to a symmetric point")


POINT = {"class_sizes": [int], "values": [[fmt.dyadic]], "extra": [[fmt.dyadic]]}
PROBLEM = {"n": int, "k": int, "d": int, "targets": re.compile("orthonormal")}
CLAIM = {**fmt.HEADER, "problem": PROBLEM, "point": POINT, "verdict": re.compile(fmt.VERDICT)}
COUNT = re.compile("0|[1-9][0-9]{0,26}")
BOUNDS: dict[str, Any] = {"lipschitz": fmt.CONSTANTS | {"constants": re.compile("simple")}}
BOUNDS |= dict.fromkeys(("lambda_min_safran_shamir?", "lipschitz_safran_shamir?"), absent)


def read_points(opened: Opened) -> Certificate:
    """A claim about classes of equal indices. Raises Refusal."""
    inertia = "inertia" if opened.claim.get("verdict") in fmt.CRITICAL else "inertia?"
    claim = fmt.claim_of(opened, CLAIM, BOUNDS | {inertia: {"negative": COUNT, "positive": COUNT}})
    bounds, counts, (n, k, d) = (
        claim["bounds"],
        claim["bounds"].get("inertia"),
        [claim["problem"][x] for x in "nkd"],
    )
    sizes, values, extra = (claim["point"][name] for name in POINT)
    m, widths = len(sizes), [len(row) for row in (*values, *extra)]
    if not sizes or min(sizes) < 1 or (n, k, d) != (k + len(extra), sum(sizes), k):
        raise malformed("sizes are not positive with sum k, or n is not k and the extra neurons, or d not k")
    if widths != [m + 1] * m + [m] * len(extra) or len(values) != m:
        raise malformed("values are not m rows of m + 1, or extra neurons not rows of m, for m classes")
    if any(p == 1 and values[a][m].m for a, p in enumerate(sizes)):
        raise malformed("a last entry of values is not 0, where the class has one member")
    columns = [[row[a] for row in values] + [values[a][m]] for a in range(m)]
    if not all(any(x.m for x in row) for row in (*columns, *extra)):
        raise malformed("a neuron is 0")
    entries = [Dyadic(1, 0)] + [x for row in (*values, *extra) for x in row if x.m]
    span = max(x.m.bit_length() + x.e for x in entries) - min(x.e for x in entries)
    if m > MAX_CLASSES or max(sizes) > MAX_SIZE or len(extra) > MAX_EXTRA or span > fmt.MAX_ROW_BITS:
        raise Refusal(
            fmt.NOT_CONFIRMED, 0, fmt.LIMIT, "classes, their sizes, extra neurons, or the bits of entries"
        )
    inertia = counts and {name: int(count) for name, count in counts.items()}
    rest = claim["verdict"], bounds["lipschitz"]["constants"], inertia, fmt.flatten(bounds)
    return Certificate(n, k, d, sizes, values, extra, *rest, "dimension" in claim)


# ---- The landscape --------------------------------------------------------------------------------------


class Kind(NamedTuple):  # generic[c]: at coordinates of class c; own: what the one at its own index has more
    generic: Matrix
    own: int
    home: int | None  # the class of the index
    size: int  # how many vectors there are
    sign: int  # 1 for neurons, -1 for targets


class Pair(NamedTuple):  # |w|^2, |z|^2, w.z; |w|^2 |z|^2 - (w.z)^2; sine; cosine; (pi - angle)/(2 pi)
    a: int
    b: int
    c: int
    area: int
    sine: Interval
    cosine: Interval
    share: Interval


class Meeting(NamedTuple):  # all ordered pairs of a vector of kind x, a neuron, and another of kind y
    x: int
    y: int
    count: int
    same: bool  # of one index: a neuron and its own target
    pair: Pair


class Element(NamedTuple):
    """A linear map from a representation to R^(nk), into the columns of the neurons of one kind.

    In the column of neuron j, as multiples of the component of x at j: sums[c], of the coordinates of class c, and
    own, the entry at index j; partner: the entry at an index of class c, for c -> multiples of the components of x
    at j and at that index. norm: |image|^2 for |x| = 1. rows: sums over all neurons of the kind."""

    kind: int
    norm: int
    sums: list[int]
    own: int
    partner: dict[int, tuple[int, int]]
    rows: list[int]


class Block(NamedTuple):
    """What belongs to one representation, with |x| = 1. weights: scalar product of rows. alone(b): sum of the squares
    of the component of x over neurons of kind b. moments(meeting): sums over its pairs of the products of the
    components (of the neuron, of the partner)."""

    dimension: int
    elements: list[Element]
    weights: list[int]
    alone: dict[int, int]
    moments: dict[tuple[int, int, bool], list[list[int]]]


class SymmetricLandscape:
    """bits: absolute accuracy of angles. Kinds: m classes of neurons, the extra ones, m classes of targets."""

    def __init__(self, cert: Certificate, bits: int) -> None:
        self.sizes, self.m, self.bits, self.k = cert.sizes, len(cert.sizes), bits, cert.k
        self.kept = BLOCK_BITS + 2 * cert.k.bit_length()
        m, entries = self.m, [x for row in (*cert.values, *cert.extra) for x in row if x.m]
        self.exponent = min(0, *(x.e for x in entries))
        self.unit = 1 << -self.exponent  # the number 1, in units of 2^exponent
        rows, extra = (
            [[x.m << (x.e - self.exponent) if x.m else 0 for x in row] for row in table]
            for table in (cert.values, cert.extra)
        )
        self.kinds = []
        for a, p in enumerate(cert.sizes):
            generic = [rows[c][a] if c != a else rows[a][m] for c in range(m)]
            self.kinds.append(Kind(vector(generic), rows[a][a] - rows[a][m], a, p, 1))
        self.kinds += [Kind(vector(row), 0, None, 1, 1) for row in extra]
        self.neurons = len(self.kinds)
        self.kinds += [Kind(vector([0] * m), self.unit, a, p, -1) for a, p in enumerate(cert.sizes)]
        self.squares = [self.inner(x, x, True) for x in self.kinds]
        self.norms = [root(dyadic(a, 2 * self.exponent)) for a in self.squares]
        self.meetings = list(self.meet())

    def inner(self, x: Kind, y: Kind, same: bool) -> int:
        """x.y of two vectors of these kinds, of the same index or not."""
        total = int((x.generic * y.generic) @ vector(self.sizes)) + (x.own * y.own if same else 0)
        total += x.own * int(y.generic[x.home]) if x.home is not None else 0
        return total + (y.own * int(x.generic[y.home]) if y.home is not None else 0)

    def meet(self) -> Iterator[Meeting]:
        known: dict[tuple[int, int, bool], Pair] = {}
        for i, x in enumerate(self.kinds[: self.neurons]):
            for j, y in enumerate(self.kinds):
                together = x.home is not None and x.home == y.home
                count = x.size * (y.size - 1) if together or i == j else x.size * y.size
                for same, times in ((False, count), (True, x.size if together and y.sign < 0 else 0)):
                    if times:
                        key = min(i, j), max(i, j), same
                        if key not in known:
                            known[key] = self.pair(min(i, j), max(i, j), same)
                        a, b = self.squares[i], self.squares[j]
                        yield Meeting(i, j, times, same, known[key]._replace(a=a, b=b))

    def pair(self, i: int, j: int, same: bool) -> Pair:
        a, b, c = self.squares[i], self.squares[j], self.inner(self.kinds[i], self.kinds[j], same)
        area, norm = a * b - c * c, root(dyadic(a * b, 0))
        share = (pi() - angle(area, c, self.bits)) / (2 * pi())
        return Pair(a, b, c, area, root(dyadic(area, 0)) / norm, dyadic(c, 0) / norm, share)

    @cached_property
    def objective(self) -> Interval:
        """F(W), cut at 0."""
        sizes = zip(self.norms[: self.neurons], self.kinds, strict=False)
        total = sum((x * x * kind.size for x, kind in sizes), dyadic(self.k, 0)) / 4
        total += dyadic(self.k * (self.k - 1), 0) / (4 * pi())
        for x, y, count, _, pair in self.meetings:
            f = self.norms[x] * self.norms[y] * (pair.sine / (2 * pi()) + pair.share * pair.cosine)
            total += f * dyadic(count, 0) * self.kinds[y].sign / (2 if y < self.neurons else 1)
        return maximum([total, dyadic(0, 0)])

    @cached_property
    def steep(self) -> list[Interval]:
        """M_ii of Theorem M for a neuron of each kind; also w_i's own coefficient in the gradient."""
        own = [dyadic(1, -1)] * self.neurons
        for x, y, count, _, pair in self.meetings:
            own[x] += count // self.kinds[x].size * self.pull(x, y, pair)
        return own

    def pull(self, x: int, y: int, pair: Pair) -> Interval:
        return self.kinds[y].sign * self.norms[y] * pair.sine / (2 * pi() * self.norms[x])

    @cached_property
    def shares(self) -> dict[tuple[int, int, bool], Interval]:
        return {(x, y, same): pair.share for x, y, _, same, pair in self.meetings}

    @cached_property
    def eps(self) -> Interval:
        """|grad F(W)|: its entries are (W M)_cj less the shares of the targets."""
        total = dyadic(0, 0)
        for j, x in enumerate(self.kinds[: self.neurons]):
            outer = self.steep[j] - self.shares.get((j, j, False), dyadic(0, 0))
            for c, p in enumerate(self.sizes):
                target = self.neurons + c
                entry = sum((s * dyadic(self.row(b, c), self.exponent) for (i, b, _), s in self.shares.items()
                             if i == j and b < self.neurons), outer * dyadic(int(x.generic[c]), self.exponent))  # fmt: skip
                if (j, target, False) in self.shares:
                    others = p * x.size if c != x.home else p * (p - 1)
                    total += (entry - self.shares[j, target, False]) ** 2 * dyadic(others, 0)
                if c == x.home:
                    own = entry + outer * dyadic(x.own, self.exponent) - self.shares[j, target, True]
                    total += own**2 * p
        return root(total)

    def row(self, b: int, c: int) -> int:
        """The sum of one coordinate of class c over all neurons of kind b."""
        kind = self.kinds[b]
        return kind.size * int(kind.generic[c]) + (kind.own if c == kind.home else 0)

    # ---- Blocks of the Hessian

    def blocks(self) -> Iterator[Block]:
        yield self.trivial()
        for a, p in enumerate(self.sizes):
            if p >= 2:
                yield self.standard(a)
            for sign, dimension in ((1, p * (p - 3) // 2), (-1, (p - 1) * (p - 2) // 2)):
                if dimension > 0:
                    element = Element(a, 1, [0] * self.m, 0, {a: (0, 1)}, [0])
                    yield Block(dimension, [element], [0], {}, self.between(a, a, [[1, sign], [sign, 1]]))
        for a, b in combinations([a for a, p in enumerate(self.sizes) if p >= 2], 2):
            pair = [Element(x, 1, [0] * self.m, 0, {y: (1, 0)}, [0]) for x, y in ((a, b), (b, a))]
            moments = self.between(a, b, [[1, 1], [1, 1]]) | self.between(b, a, [[1, 1], [1, 1]])
            yield Block((self.sizes[a] - 1) * (self.sizes[b] - 1), pair, [0], {}, moments)

    def between(
        self, a: int, b: int, moment: list[list[int]]
    ) -> dict[tuple[int, int, bool], list[list[int]]]:
        """Of neurons of class a with neurons and targets of class b, of different indices."""
        return {(a, b, False): moment, (a, self.neurons + b, False): moment}

    def trivial(self) -> Block:
        """The vectors that are constant on orbits; x is the number 1, at every index."""
        m, found = self.m, []
        for j, kind in enumerate(self.kinds[: self.neurons]):
            for c, p in enumerate(self.sizes):
                unit = [int(c == i) for i in range(m)]
                if c != kind.home:
                    sums, rows = [p * x for x in unit], [kind.size * x for x in unit]
                    found.append(Element(j, p * kind.size, sums, 0, {c: (1, 0)}, rows))
                    continue
                found.append(Element(j, p, unit, 1, {}, unit))
                if p > 1:
                    sums = [(p - 1) * x for x in unit]
                    found.append(Element(j, p * (p - 1), sums, 0, {c: (1, 0)}, sums))
        moments = {(x, y, same): [[count] * 2] * 2 for x, y, count, same, _ in self.meetings}
        return Block(
            1, found, self.sizes, {j: x.size for j, x in enumerate(self.kinds[: self.neurons])}, moments
        )

    def standard(self, a: int) -> Block:
        """x is a vector over class a with sum 0."""
        p, m, others = self.sizes[a], self.m, {c: (1, 0) for c in range(self.m) if c != a}
        unit, zero = [int(c == a) for c in range(m)], [0] * m
        found = [Element(a, 1, unit, 1, {}, [1])]  # x_i at (i, i)
        if p > 2:  # x_i + x_j at (i, j)
            found.append(Element(a, 2 * (p - 2), [(p - 2) * x for x in unit], 0, {a: (1, 1)}, [p - 2]))
        found.append(Element(a, 2 * p, [-p * x for x in unit], 0, {a: (-1, 1)}, [p]))  # x_i - x_j
        for c in others:  # x_j at coordinates of class c
            size = self.sizes[c]
            sums = [size * (c == i) for i in range(m)]
            found.append(Element(a, size, sums, 0, {c: (1, 0)}, [0]))
        for j, kind in enumerate(self.kinds[: self.neurons]):  # x_i at coordinate i
            if j != a:
                found.append(Element(j, kind.size, zero, 0, {a: (0, 1)}, [kind.size]))
        moments = {}
        for x, y, count, same, _ in self.meetings:
            inside = self.kinds[x].home == a, self.kinds[y].home == a
            if all(inside):
                moments[x, y, same] = [[1, 1], [1, 1]] if same else [[p - 1, -1], [-1, p - 1]]
            elif any(inside):
                moments[x, y, same] = [[count // p * inside[0], 0], [0, count // p * inside[1]]]
        return Block(p - 1, found, [1], {a: 1}, moments)

    def hessian(self, block: Block) -> Symmetric:
        """In the elements of the block, divided by their lengths (docs/audit.md)."""
        size, zero, two_pi = len(block.elements), dyadic(0, 0), 2 * pi()
        full = [[zero] * size for _ in range(size)]
        places = [[i for i, x in enumerate(block.elements) if x.kind == b] for b in range(self.neurons)]

        def add(weight: Interval, left: int, right: int, forms: Matrix) -> None:
            for i, row in zip(places[left], forms, strict=True):
                for j, x in zip(places[right], row, strict=True):
                    if x and i <= j:
                        full[i][j] += weight * dyadic(int(x), 0)

        for b, here in enumerate(places):
            flat = self.steep[b] - self.shares.get((b, b, False), zero)
            for i in here:
                full[i][i] += flat * block.elements[i].norm
            if here and b in block.alone:
                e1 = self.kinds[b]
                one = project(block, here, e1.generic, e1.own, 0, None)[:, 0]
                along = (dyadic(1, -1) - self.steep[b]) * block.alone[b] / dyadic(self.squares[b], 0)
                add(along, b, b, np.multiply.outer(one, one))
        for x, y, _, same, pair in self.meetings:
            here, there, z = places[x], places[y] if y < self.neurons else [], self.kinds[y]
            if there:
                rows = (
                    [vector(block.elements[i].rows) for i in here],
                    [vector(block.elements[j].rows) for j in there],
                )
                add(pair.share, x, y, cross(*rows, vector(block.weights)))
            if not here or pair.area == 0 or (x, y, same) not in block.moments:
                continue
            w, moment = self.kinds[x], vector(block.moments[x, y, same])
            across, own, other = pair.a * z.generic - pair.c * w.generic, -pair.c * w.own, pair.a * z.own
            if same:
                own, other = own + other, 0
            second = project(block, here, across, own, other, z.home)
            wide = dyadic(pair.a * pair.area, 0)
            add(self.pull(x, y, pair) / wide, x, x, second @ moment @ second.T)
            if there:
                first = project(block, here, w.generic, w.own, 0, z.home)
                ends = [(w.generic, 0, w.own), (across, other, own)]
                one, two = (project(block, there, *e, w.home)[:, ::-1] for e in ends)
                spin, swap = pair.sine * pair.cosine / two_pi, pair.sine**2 / two_pi
                add(spin / dyadic(pair.a, 0), x, y, first @ moment @ one.T)
                add(-spin / wide, x, y, second @ moment @ two.T)
                forms = first @ moment @ two.T + second @ moment @ one.T
                add(swap / (dyadic(pair.a, 0) * root(dyadic(pair.area, 0))), x, y, forms)
        lengths = [root(dyadic(x.norm, 0)) for x in block.elements]
        return symmetric([[x / (u * v) for x, v in zip(row, lengths, strict=True)]
                          for row, u in zip(full, lengths, strict=True)], self.bits, self.kept)  # fmt: skip

    @cached_property
    def spectrum(self) -> Spectrum:
        """Of the Hessian in R^(nk), with multiplicities."""
        return union([(block.dimension, spectrum(self.hessian(block))) for block in self.blocks()])

    @cached_property
    def outside(self) -> Spectrum:
        """Of M."""
        n, zero = self.neurons, dyadic(0, 0)
        inner = [self.shares.get((b, b, False), zero) for b in range(n)]
        sizes = [x.size for x in self.kinds[:n]]
        full = [[self.shares[b, c, False] * root(dyadic(sizes[b] * sizes[c], 0)) if b != c else
                 self.steep[b] + (sizes[b] - 1) * inner[b] for c in range(n)] for b in range(n)]  # fmt: skip
        parts = [(1, spectrum(symmetric(full, self.bits, self.kept)))]
        apart = [(p, self.steep[a] - inner[a]) for a, p in enumerate(self.sizes) if p > 1]
        return union(parts + [(p - 1, spectrum(symmetric([[x]], self.bits, self.kept))) for p, x in apart])

    def lipschitz(self, radius: Dyadic) -> Interval:
        """Theorem B with multiplicities."""
        rho, p, kinds = dyadic(*radius), self.norms[: self.neurons], self.kinds[: self.neurons]
        n = dyadic(sum(x.size for x in kinds), 0)
        everything = sum((length * x.size for length, x in zip(p, kinds, strict=True)), self.k + n * rho)
        slopes = [(everything - (length + rho)) / (length - rho) ** 2 for length in p]
        crossing = 3 * root(n - 1) / (pi() * (minimum(p) - rho))
        return 3 * root(dyadic(3, 0)) / (4 * pi()) * maximum(slopes) + crossing


def vector(xs: list[int]) -> Matrix:
    return np.array(xs, dtype=object)


def cross(left: list[Matrix], right: list[Matrix], weights: Matrix) -> list[list[int]]:
    return [[int((x * y) @ weights) for y in right] for x in left]


def project(
    block: Block, places: list[int], generic: Matrix, own: int, other: int, home: int | None
) -> Matrix:
    """The inner products of a vector with the columns of these elements, as multiples of the component of x at the
    neuron and at its partner, an index of class `home`. The vector: generic[c] at coordinates of class c, and at
    the neuron's own and the partner's index so much more."""
    rows = []
    for x in (block.elements[i] for i in places):
        first, second = x.partner.get(home, (0, 0)) if home is not None else (0, 0)
        rows.append([int(generic @ vector(x.sums)) + own * x.own + other * first, other * second])
    return np.array(rows, dtype=object)


def symmetric(rows: list[list[Interval]], bits: int, kept: int) -> Symmetric:
    """The upper triangle, in units of 2^-bits or, if that takes more than `kept` bits, larger ones."""
    size, worst = len(rows), 0
    full: Matrix = np.zeros((size, size), dtype=object)
    for i in range(size):
        for j in range(i, size):
            full[i, j], radius = to_fixed(rows[i][j], bits)
            full[j, i], worst = full[i, j], max(worst, radius)
    top = max(int(np.abs(full).max()).bit_length(), 1)
    drop = max(top - kept, 0)
    return Symmetric(full >> drop, drop - bits, top - drop, dyadic(size * (worst + (1 << drop)), -bits))


# ---- Theorems -------------------------------------------------------------------------------------------


class SymmetricNumbers(Numbers):
    """What steps 3 to 8 ask for."""

    def __init__(self, cert: Certificate, bits: int) -> None:
        self.cert, self.radius = cert, cert.bounds["lipschitz.radius"].exact  # type: ignore[assignment]
        self.alpha, self.at = dyadic(*self.radius), SymmetricLandscape(cert, bits)
        self.eps, self.objective = self.at.eps, self.at.objective
        self.shortest_squared = Dyadic(min(self.at.squares[: self.at.neurons]), 2 * self.at.exponent)

    @cached_property
    def spectrum(self) -> Spectrum:
        return self.at.spectrum

    @cached_property
    def outside(self) -> Spectrum | None:
        return self.at.outside if self.cert.everywhere else None

    @cached_property
    def lipschitz(self) -> Interval:
        return self.at.lipschitz(self.radius).b

    @cached_property
    def inverse(self) -> tuple[Interval, Interval, Interval]:
        """With X, the exact inverse of H."""
        if self.everywhere.gap is None:
            raise TooWeak("Theorem E: an eigenvalue of the Hessian is too close to 0")
        chi = (1 / self.everywhere.gap.a).b
        return dyadic(0, 0), chi, (chi * self.eps).b

    def distance_to_targets(self) -> Interval:
        """From the nearest permutation of the targets that the symmetry allows (docs/audit.md)."""
        at, kinds, alone = self.at, self.at.kinds, [a for a, p in enumerate(self.at.sizes) if p == 1]

        def entry(
            c: int, a: int
        ) -> int:  # at a coordinate of class c of a neuron of class a; (a, a): at its own
            return int(kinds[a].generic[c]) + (kinds[a].own if c == a else 0)

        hits = max(sum(map(entry, order, alone)) for order in permutations(alone))
        for a, p in enumerate(at.sizes):
            hits += p * max(entry(a, a), int(kinds[a].generic[a]) if p == 2 else entry(a, a)) if p > 1 else 0
        total = sum(p * (at.squares[a] + at.unit**2) for a, p in enumerate(at.sizes)) - 2 * at.unit * hits
        return root(dyadic(total, 2 * at.exponent))


def prove(cert: Certificate, bits: int) -> list[Finding]:
    """Steps 3 to 8 at one precision, which grows with k."""
    bits += BITS_A_DIGIT * cert.k.bit_length()
    with precision(bits + 32):
        return run((step_3, step_4, step_5, step_6, step_7, step_8), cert, SymmetricNumbers(cert, bits))
