"""Values, gradients and Hessians of L over a box of balls.

L(x, mu) = F(x) + sum mu_i h_i(x) is one graph with mu as further parameters. Values and gradients of nodes forward,
adjoints backward; the Hessian is the sum over all nodes of adjoint times second derivative times the gradients of two
arguments (Lemma 17.A). What one argument u is multiplied with is summed to s_u first, so that the Hessian is the
symmetric part of the sum of g_u s_u^T: one matrix product."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from relucert_audit import interval as ivl
from relucert_audit.exact import Matrix
from relucert_audit.expression import fixed, local
from relucert_audit.expression.fixed import Ball, add, column, scaled, times, total, within
from relucert_audit.expression.functions import half_pi
from relucert_audit.expression.graph import Loss, Node
from relucert_audit.finding import TooWeak
from relucert_audit.format import Dyadic

ENTRIES = 1 << 18  # of the gradients that are kept at a time
GUARD = 32


class Graph(NamedTuple):  # of L; seeds: nodes that are summed without the data
    loss: Loss
    nodes: list[Node]
    moves: list[bool]
    reads: list[bool]
    seeds: list[int]
    d: int

    @property
    def inner(self) -> list[int]:
        """Nodes that do not depend on the data."""
        return [i for i, reads in enumerate(self.reads) if not reads]

    @property
    def outer(self) -> list[int]:
        return [i for i, reads in enumerate(self.reads) if reads]


def objective(loss: Loss) -> Graph:
    """Of F alone, without the nodes that only constraints need: they come last."""
    seeds = [] if loss.regulariser is None else [loss.regulariser]
    if loss.data is None:
        seeds.append(loss.output)
    count = max([loss.output, *seeds]) + 1
    return Graph(loss, loss.nodes[:count], loss.moves[:count], loss.reads[:count], seeds, loss.parameters)


def lagrangian(loss: Loss) -> Graph:
    """With constraints: the nodes mu_1, .., mu_k and mu.h."""
    nodes, seeds = list(loss.nodes), objective(loss).seeds
    pairs: list[int] = []
    for k, constraint in enumerate(loss.constraints):
        pairs += [len(nodes), constraint]
        nodes.append(Node("param", (), loss.parameters + k))
    if pairs:
        seeds.append(len(nodes))
        nodes.append(Node("dot", tuple(pairs)))
    more = len(nodes) - len(loss.nodes)
    d = loss.parameters + len(loss.constraints)
    return Graph(loss, nodes, loss.moves + [True] * more, loss.reads + [False] * more, seeds, d)


def box(z: list[Dyadic], radius: tuple[Dyadic, ...] | Any, p: int) -> Ball:
    """Balls (d,) that contain all points within `radius`, an interval or None, of z in each coordinate."""
    at = fixed.of_dyadics(z, p)
    if radius is None:
        return at
    mid, rad = ivl.to_fixed(radius, p)
    return Ball(at.mid, at.rad + max(mid + rad, 0))


class Sweep:
    """Of order 0: `value`; 1: and `gradient`, balls (d,); 2: `hessian`, balls (d, d) in units of 2^(-p - 1)."""

    def __init__(self, graph: Graph, at: Ball, p: int, order: int) -> None:
        self.graph, self.at, self.p, self.order = graph, at, p, order
        self.locals: list[local.Local | None] = [None] * len(graph.nodes)
        self.gradients: list[Ball | None] = [None] * len(graph.nodes)
        self.adjoints: list[Ball | None] = [None] * len(graph.nodes)
        self.partners: list[Ball | None] = [None] * len(graph.nodes)
        self.stack: list[tuple[Ball, Ball]] = []
        self.stacked = 0  # rows on the stack
        self.product = Ball(*(np.zeros((graph.d, graph.d), dtype=object) for _ in range(2)))  # 2^-2p
        self.direct = Ball(*(np.zeros((graph.d, graph.d), dtype=object) for _ in range(2)))  # 2^-p
        self.gradient = fixed.zeros(graph.d)
        self.run()

    def run(self) -> None:
        graph, inner = self.graph, self.graph.inner
        self.forward(inner, None)
        self.value = fixed.zeros(1)
        for seed in graph.seeds:
            self.value = add(self.value, self.val(seed))
            self.give(self.adjoints, seed, self.one())
        for part in self.parts():
            self.rows(part)
        if self.order:
            self.backward(inner)
        self.flush()

    def one(self) -> Ball:
        return fixed.exactly(fixed.objects([1 << self.p]))

    def parts(self) -> Iterable[slice]:
        """Of the data, so that what is kept of each is small."""
        if self.graph.loss.data is None:
            return
        width = max(len(self.graph.outer) * (self.graph.d if self.order == 2 else 4), 1)
        step = max(ENTRIES // width, 1)
        n = len(self.graph.loss.data)
        yield from (slice(i, min(i + step, n)) for i in range(0, n, step))

    def rows(self, part: slice) -> None:
        """The share of some rows of the data: scale times the output."""
        loss, outer = self.graph.loss, self.graph.outer
        self.forward(outer, part)
        scale = fixed.of_fractions([loss.scale], self.p)
        n = part.stop - part.start
        value = self.val(loss.output)
        summed = total(value) if self.graph.reads[loss.output] else scaled(value, n)
        self.value = within(add(self.value, times(scale, summed, self.p)), self.p, "the loss")
        if not self.order:
            return
        if self.graph.reads[loss.output]:
            ones = np.array([1] * n, dtype=object)
            self.give(self.adjoints, loss.output, Ball(scale.mid * ones, scale.rad * ones))
        else:
            self.give(self.adjoints, loss.output, scaled(scale, n))
        self.backward(outer)
        for i in outer:
            self.locals[i] = self.gradients[i] = self.adjoints[i] = self.partners[i] = None

    def val(self, i: int) -> Ball:
        found = self.locals[i]
        if found is None:
            raise TooWeak(f"node {i} has no value")
        return found.value

    # forward

    def forward(self, nodes: list[int], part: slice | None) -> None:
        for i in nodes:
            self.locals[i] = found = self.node(i, part)
            within(found.value, self.p, f"node {i}")
            if self.order == 2 and self.graph.moves[i]:
                self.gradients[i] = self.slope(i, found)

    def node(self, i: int, part: slice | None) -> local.Local:
        node, p = self.graph.nodes[i], self.p
        if node.op == "param":
            return local.Local(fixed.rows(self.at, slice(node.value, node.value + 1)), [], [])
        if node.op == "const":
            return local.Local(fixed.of_fractions([node.value], p), [], [])
        if node.op == "pi":
            return local.Local(Ball(fixed.objects([2 * half_pi(p)]), fixed.objects([4])), [], [])
        if node.op == "input":
            data = self.graph.loss.data or []
            return local.Local(
                fixed.of_fractions([row[node.value] for row in data[part or slice(0)]], p), [], []
            )
        try:
            return local.of(node, [self.val(a) for a in node.args], self.graph.moves[i], p, self.order)
        except TooWeak as failure:
            row = (
                f", row {part.start + failure.place}" if part and isinstance(failure, local.Unproved) else ""
            )
            raise TooWeak(f"node {i}, {node.op}{row}: {failure}") from failure

    def slope(self, i: int, found: local.Local) -> Ball:
        """The gradient of a node: (1, d), or (n, d) where it depends on the data."""
        node = self.graph.nodes[i]
        if node.op == "param":
            unit = np.zeros((1, self.graph.d), dtype=object)
            unit[0, node.value] = 1 << self.p
            return fixed.exactly(unit)
        slope = fixed.zeros(1, self.graph.d)
        for a, factor in found.first:
            if self.graph.moves[a]:
                slope = add(slope, self.by(a, factor))
        return within(slope, self.p, f"a derivative of node {i}")

    def by(self, a: int, factor: local.Factor) -> Ball:
        """The gradient of a node times a factor for each row: (n, d), one column for a parameter."""
        inside, node = self.gradients[a], self.graph.nodes[a]
        if inside is None:
            raise TooWeak(f"node {a} has no gradient")
        if isinstance(factor, int):
            return scaled(inside, factor)
        if node.op != "param":
            return times(inside, column(factor), self.p)
        found = fixed.zeros(len(factor.mid), self.graph.d)
        found.mid[:, node.value], found.rad[:, node.value] = factor
        return found

    # backward

    def backward(self, nodes: list[int]) -> None:
        for i in reversed(nodes):
            adjoint, found, node = self.adjoints[i], self.locals[i], self.graph.nodes[i]
            if adjoint is None or found is None or not self.graph.moves[i]:
                continue
            within(adjoint, self.p, f"an adjoint of node {i}")
            if node.op == "param":
                j = node.value
                self.gradient.mid[j] += adjoint.mid[0]
                self.gradient.rad[j] += adjoint.rad[0]
            for a, factor in found.first:
                if self.graph.moves[a]:
                    share = (
                        scaled(adjoint, factor) if isinstance(factor, int) else times(adjoint, factor, self.p)
                    )
                    self.give(self.adjoints, a, share)
            if self.order == 2:
                self.pairs(adjoint, found)
                self.settle(i)
                self.gradients[i] = self.partners[i] = None

    def give(self, to: list[Ball | None], i: int, share: Ball) -> None:
        """Add to what a node has; summed over the rows where it does not depend on the data."""
        if not self.graph.reads[i] and len(share.mid) > 1:
            share = total(share)
        before = to[i]
        to[i] = share if before is None else add(before, share)

    def pairs(self, adjoint: Ball, found: local.Local) -> None:
        for a, b, factor in found.second:
            if not (self.graph.moves[a] and self.graph.moves[b]):
                continue
            weight = scaled(adjoint, factor) if isinstance(factor, int) else times(adjoint, factor, self.p)
            u, v = sorted((a, b), key=self.rank)
            self.give(self.partners, u, self.by(v, weight))

    def rank(self, i: int) -> int:
        """Parameters first, then what does not depend on the data."""
        return 0 if self.graph.nodes[i].op == "param" else 1 + self.graph.reads[i]

    def settle(self, i: int) -> None:
        """g_i s_i^T, once all s_i is there: it is used only by later nodes."""
        partner, slope, node = self.partners[i], self.gradients[i], self.graph.nodes[i]
        if partner is None or slope is None:
            return
        if node.op == "param":
            self.direct.mid[node.value] += partner.mid[0]
            self.direct.rad[node.value] += partner.rad[0]
            return
        if len(slope.mid) < len(partner.mid):
            partner = total(partner)
        self.stack.append((slope, partner))
        self.stacked += len(slope.mid)
        if self.stacked >= fixed.TERMS:
            self.flush()

    def flush(self) -> None:
        """Multiply what is on the stack."""
        if not self.stack:
            return
        slopes, partners = (
            Ball(np.concatenate([x.mid for x in side]), np.concatenate([x.rad for x in side]))
            for side in zip(*self.stack, strict=True)
        )
        self.stack, self.stacked = [], 0
        for i in range(0, len(slopes.mid), fixed.TERMS):
            part = slice(i, i + fixed.TERMS)
            left, right = fixed.rows(slopes, part), fixed.rows(partners, part)
            self.product = add(self.product, fixed.product(Ball(left.mid.T, left.rad.T), right))

    def hessian(self) -> Ball:
        """In units of 2^(-p - 1): the sum of the matrix of products and its transpose."""
        mid: Matrix = (self.product.mid >> self.p) + self.direct.mid
        rad: Matrix = (self.product.rad >> self.p) + self.direct.rad + 2
        return Ball(mid + mid.T, rad + rad.T)
