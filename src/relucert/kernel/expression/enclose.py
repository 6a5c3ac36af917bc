"""Enclosures of a loss on a box: value, gradient and Hessian, by one sweep forwards and one backwards.

docs/theorem/expression.md, Lemma 17.A: forward gradients g_v of all nodes v, adjoints by the reverse sweep, and

    Hess L = sum over nodes v, and pairs (a, b) of arguments of v, of  adjoint_v * phi_ab * g_a g_b^T.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from relucert.kernel import ball
from relucert.kernel.ball import Ball, BallMatrix, NotProved, proves_lt
from relucert.kernel.expression import functions
from relucert.kernel.expression.functions import ONE, ZERO
from relucert.kernel.expression.loss import Loss, Node, NotSmooth, TooLarge

LARGEST = ball.exact((1, 4096))  # of values and adjoints; the format's limit
SMALLEST = ball.exact((1, -65536))  # what is below it is no longer told from 0
NOTHING = ball.symmetric(SMALLEST)
CHUNK = 512  # products of gradients in one matrix product
DENSE = 8  # how many times dearer a product in a dictionary is than in a matrix

Gradient = dict[int, Ball]


class Local(NamedTuple):
    """A node at a box. partials: (argument, derivative); seconds: (a, b, phi_ab), (a, a, phi_aa / 2): each stands
    for itself and for its transpose."""

    value: Ball
    partials: list[tuple[int, Ball]]
    seconds: list[tuple[int, int, Ball]]


class Enclosure(NamedTuple):
    """Of L in the variables (x, mu). gradient and hessian are empty where they were not asked for."""

    value: Ball
    gradient: list[Ball]
    hessian: BallMatrix


def value(of: Loss, at: Sequence[Ball]) -> Ball:
    """F at a point, which need only be defined there."""
    return _run(of, at, [ZERO] * len(of.constraints), 0).value


def gradient(of: Loss, at: Sequence[Ball], multipliers: Sequence[Ball]) -> Enclosure:
    """Value and gradient of L at all points of a box. Raises NotSmooth."""
    return _run(of, at, multipliers, 1)


def hessian(of: Loss, at: Sequence[Ball], multipliers: Sequence[Ball]) -> Enclosure:
    """Value, gradient and Hessian of L at all points of a box. Raises NotSmooth."""
    return _run(of, at, multipliers, 2)


class _State(NamedTuple):
    """values, local derivatives, gradients and adjoints of all nodes; those of a row are overwritten by the next."""

    values: list[Ball]
    local: list[Local]
    gradients: list[Gradient]
    adjoints: list[Ball]


def _run(of: Loss, at: Sequence[Ball], multipliers: Sequence[Ball], order: int) -> Enclosure:
    if len(at) != of.parameters or len(multipliers) != len(of.constraints):
        raise ValueError("the point does not fit the loss")
    n, m = len(of.nodes), of.parameters
    empty = Local(ZERO, [], [])
    state = _State([ZERO] * n, [empty] * n, [{}] * n, [ZERO] * n)
    products = Products(of.variables)
    scale, total, slopes = ball.ratio(of.scale), ZERO, [ZERO] * m
    _forward(of, of.shared, at, (), None, order, state)
    for number, given in enumerate(of.rows):
        row = [ball.ratio(x) for x in given]
        _forward(of, of.rowwise, at, row, number if len(of.rows) > 1 or row else None, order, state)
        total += state.values[of.output]
        if order:
            for i in of.rowwise:
                state.adjoints[i] = ZERO
            state.adjoints[of.output] += scale
            _backward(of, of.rowwise, order, state, products, slopes)
    total = scale * total
    seeds = [] if of.regulariser is None else [(of.regulariser, ONE)]
    for root, weight in [*seeds, *zip(of.constraints, multipliers, strict=True)]:
        total += state.values[root] * weight
        state.adjoints[root] += weight
    if order:
        _backward(of, of.shared, order, state, products, slopes)
        slopes += [state.values[c] for c in of.constraints]
    for i, c in enumerate(of.constraints):
        products.border(m + i, state.gradients[c])
    return Enclosure(total, slopes if order else [], products.symmetric() if order > 1 else BallMatrix(0, 0))


def _forward(
    of: Loss,
    nodes: Iterable[int],
    at: Sequence[Ball],
    row: Sequence[Ball],
    number: int | None,
    order: int,
    state: _State,
) -> None:
    """Values, local derivatives and gradients, each node after its arguments."""
    values, varies = state.values, of.varies
    for i in nodes:
        node = of.nodes[i]
        try:
            found = _local(node, values, at, varies) if order and varies[i] else _plain(node, values, at, row)
        except NotProved as error:
            raise NotSmooth(str(error), i, number) from error
        if not proves_lt(abs(found.value), LARGEST):
            raise TooLarge("the value is not proved to be below 2^4096 in size", i, number)
        values[i], state.local[i] = _seen(found.value), found
        if order > 1 and varies[i]:
            state.gradients[i] = {node[1]: ONE} if node[0] == "param" else _chain(found, state.gradients)


def _seen(x: Ball) -> Ball:
    """A ball that contains x: without it a square after the other doubles the digits of an exponent. What is 0
    stays 0, so that a Hessian that does not depend on the point has no radius."""
    return NOTHING if proves_lt(abs(x), SMALLEST) and not x.is_zero() else x


def _chain(of: Local, gradients: Sequence[Gradient]) -> Gradient:
    """The gradient of a node from those of its arguments."""
    total: Gradient = {}
    for a, factor in of.partials:
        for i, x in gradients[a].items():
            known = total.get(i)
            total[i] = factor * x if known is None else known + factor * x
    return total


def _backward(
    of: Loss, nodes: Sequence[int], order: int, state: _State, products: Products, slopes: list[Ball]
) -> None:
    """Hands each node's adjoint on to its arguments, and collects the Hessian and the gradient `slopes`."""
    adjoints, gradients = state.adjoints, state.gradients
    for i in reversed(nodes):
        if not of.varies[i]:
            continue
        if not proves_lt(abs(adjoints[i]), LARGEST):
            raise TooLarge("a derivative is not proved to be below 2^4096 in size", i, None)
        weight = _seen(adjoints[i])
        if of.nodes[i][0] == "param":
            slopes[of.nodes[i][1]] += weight
        for a, factor in state.local[i].partials:
            adjoints[a] += weight * factor
        if order > 1:
            for a, b, second in state.local[i].seconds:
                products.add(weight * second, gradients[a], gradients[b])


def _plain(node: Node, values: Sequence[Ball], at: Sequence[Ball], row: Sequence[Ball]) -> Local:
    """Only the value, where nothing has to be differentiable."""
    operation, *given = node
    if operation in ("param", "input"):
        found = (at if operation == "param" else row)[given[0]]
    elif operation == "const":
        found = ball.ratio(given[0])
    elif operation == "pi":
        found = ball.pi()
    elif operation == "powi":
        found = functions.power(values[given[0]], given[1])
    elif operation in functions.UNARY:
        found = functions.value(operation, values[given[0]])
    elif operation == "max":
        found = ball.largest((values[given[0]], values[given[1]]))
    else:
        found = _arithmetic(operation, [values[a] for a in given])
    return Local(found, [], [])


def _arithmetic(operation: str, x: Sequence[Ball]) -> Ball:
    if operation in ("add", "sum"):
        return sum(x, ZERO)
    if operation == "sub":
        return x[0] - x[1]
    if operation in ("mul", "dot"):
        return sum((a * b for a, b in zip(x[::2], x[1::2], strict=True)), ZERO)
    if operation == "div":
        functions.not_zero(x[1], "the divisor")
        return x[0] / x[1]
    raise ValueError(f"operation {operation!r}")


def _local(node: Node, values: Sequence[Ball], at: Sequence[Ball], varies: Sequence[bool]) -> Local:
    """The node's value with its derivatives in the arguments that depend on parameters: Lemma 17.D."""
    operation, *given = node
    if operation == "param":
        return Local(at[given[0]], [], [])
    if operation == "powi" or operation in functions.UNARY:
        a = given[0]
        jet = (
            functions.powi(values[a], given[1])
            if operation == "powi"
            else functions.UNARY[operation](values[a])
        )
        return Local(jet[0], [(a, jet[1])], [] if jet[2] is None else [(a, a, jet[2] / 2)])
    x = [values[a] for a in given]
    if operation == "max":
        return _max(given, x)
    found = _arithmetic(operation, x)
    partials, seconds = _derivatives(operation, given, x, found)
    return Local(
        found,
        [(a, slope) for a, slope in partials if varies[a]],
        [(a, b, second) for a, b, second in seconds if varies[a] and varies[b]],
    )


def _max(given: Sequence[int], x: Sequence[Ball]) -> Local:
    functions.not_zero(x[0] - x[1], "the difference of the arguments of max")
    chosen = 0 if ball.proves_lt(x[1], x[0]) else 1
    return Local(x[chosen], [(given[chosen], ONE)], [])


def _derivatives(
    operation: str, given: Sequence[int], x: Sequence[Ball], value: Ball
) -> tuple[list[tuple[int, Ball]], list[tuple[int, int, Ball]]]:
    if operation in ("add", "sum"):
        return [(a, ONE) for a in given], []
    if operation == "sub":
        return [(given[0], ONE), (given[1], -ONE)], []
    if operation in ("mul", "dot"):
        pairs = list(zip(given[::2], given[1::2], x[::2], x[1::2], strict=True))
        partials = [side for a, b, u, v in pairs for side in ((a, v), (b, u))]
        return partials, [(a, b, ONE) for a, b, _, _ in pairs]
    inverse = 1 / x[1]  # div
    slope = -value * inverse
    a, b = given
    return [(a, inverse), (b, slope)], [(a, b, -inverse * inverse), (b, b, -slope * inverse)]


class Products:
    """The sum C of weight * g h^T over pairs of sparse gradients; symmetric() is C + C^T."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.sparse: dict[tuple[int, int], Ball] = {}
        self.left: list[list[Ball]] = []
        self.right: list[list[Ball]] = []
        self.dense = BallMatrix(size, size)

    def add(self, weight: Ball, g: Gradient, h: Gradient) -> None:
        if len(g) * len(h) * DENSE > self.size * (self.size + DENSE):
            self.left.append(self._row({i: weight * x for i, x in g.items()}))
            self.right.append(self._row(h))
            if len(self.left) == CHUNK:
                self._flush()
            return
        found = self.sparse
        for i, x in g.items():
            scaled = weight * x
            for j, y in h.items():
                known = found.get((i, j))
                found[i, j] = scaled * y if known is None else known + scaled * y

    def border(self, place: int, g: Gradient) -> None:
        """The row and column `place` of the Hessian hold g."""
        for i, x in g.items():
            self.sparse[place, i] = x

    def _row(self, g: Gradient) -> list[Ball]:
        row = [ZERO] * self.size
        for i, x in g.items():
            row[i] = x
        return row

    def _flush(self) -> None:
        if self.left:
            self.dense = self.dense + BallMatrix(self.left).transpose() * BallMatrix(self.right)
            self.left, self.right = [], []

    def symmetric(self) -> BallMatrix:
        self._flush()
        whole = self.dense.tolist()
        for (i, j), x in self.sparse.items():
            whole[i][j] = whole[i][j] + x
        size = range(self.size)
        upper = {(i, j): _seen(whole[i][j] + whole[j][i]) for i in size for j in range(i, self.size)}
        return BallMatrix([[upper[min(i, j), max(i, j)] for j in size] for i in size])
