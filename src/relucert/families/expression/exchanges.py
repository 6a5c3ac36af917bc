"""Exchanges of parameters after which a loss may be the same: guesses, each of which the kernel proves or drops.

Signs come from a linear system over two elements, one equation for each rule of signs (docs/spec/expression-v1.md,
"Exchanges of parameters"). Pairs of units come from the graph: two parameters are exchanged, and colours of nodes,
which are refined until they tell no more apart, say what has to move with them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

from relucert.families.expression.candidate import kernel_loss
from relucert.families.expression.graph import Graph
from relucert.families.expression.nodes import Node, arguments
from relucert.kernel.ball import NotProved
from relucert.kernel.expression import exchange
from relucert.kernel.expression.exchange import EVEN, ODD, Exchange

MOST_WORK = 100_000  # arguments of nodes times parameters: more takes seconds
MOST_ROUNDS = 20
SUMS, PRODUCTS = ("add", "sub", "sum"), ("mul", "div")
ORDERED = ("sub", "div")  # of the operations with several arguments

Colours = list[int]  # of all nodes


@lru_cache(maxsize=1)  # the points of a file have one loss
def found(graph: Graph) -> tuple[Exchange, ...]:
    """Those that the kernel proves; none for a large graph, and with constraints."""
    work = sum(len(arguments(node)) for node in graph.nodes) * graph.parameters
    if graph.constraints or work > MOST_WORK:
        return ()
    of = kernel_loss(graph)
    proved: list[Exchange] = []
    for guess in (*swaps(graph), *flips(graph)):
        try:
            exchange.prove(of, [guess])
        except (NotProved, ValueError):
            continue
        proved.append(guess)
    return tuple(proved)


def flips(graph: Graph) -> list[Exchange]:
    """A basis of the sign changes that the rules of signs give. A form is a set of parameters, as bits."""
    pivots: dict[int, int] = {}
    forms: list[int] = []
    for node in graph.nodes:
        form, equations = _parity(node, [forms[a] for a in arguments(node)])
        for equation in equations:
            _eliminate(pivots, equation)
        forms.append(form)
    for root in _roots(graph):
        _eliminate(pivots, forms[root])
    free = [i for i in range(graph.parameters) if i not in pivots]
    changed = [[f, *(i for i, form in pivots.items() if form >> f & 1)] for f in free]
    return [tuple((i, i, -1) for i in sorted(places)) for places in changed]


def _roots(graph: Graph) -> list[int]:
    return [graph.output, *([] if graph.regulariser is None else [graph.regulariser])]


def _parity(node: Node, x: Sequence[int]) -> tuple[int, list[int]]:
    """Which parameters' signs change the sign of a node, and the forms that have to be 0."""
    operation = node[0]
    if operation == "param":
        return 1 << node[1], []
    if operation in SUMS:
        return x[0], [x[0] ^ y for y in x[1:]]
    if operation in PRODUCTS:
        return x[0] ^ x[1], []
    if operation == "dot":
        pairs = [a ^ b for a, b in zip(x[::2], x[1::2], strict=True)]
        return pairs[0], [pairs[0] ^ y for y in pairs[1:]]
    if operation in (*ODD, "neg") or (operation == "powi" and node[2] % 2):
        return x[0], []
    return 0, [] if operation in (*EVEN, "powi") else list(x)


def _eliminate(pivots: dict[int, int], form: int) -> None:
    """Takes form = 0 into account, by solving for one of its parameters: the forms of pivots have none."""
    for i, known in pivots.items():
        if form >> i & 1:
            form ^= known | 1 << i
    if form:
        last = form.bit_length() - 1
        rest = form ^ 1 << last
        for i, known in pivots.items():
            if known >> last & 1:
                pivots[i] = known ^ rest ^ 1 << last
        pivots[last] = rest


def swaps(graph: Graph) -> Iterator[Exchange]:
    """For two parameters that nothing tells apart, what has to move with them."""
    (start,) = _refined(graph, [[0] * len(graph.nodes)])
    place = {node[1]: i for i, node in enumerate(graph.nodes) if node[0] == "param"}
    orbit = list(range(graph.parameters))  # the smallest parameter to which one is known to be taken
    for members in _classes(start, place).values():
        for p, q in pairwise(members):
            if orbit[p] != orbit[q]:
                to = _swap(graph, start, place, p, q)
                for i, j in to.items():
                    low, high = sorted((orbit[i], orbit[j]))
                    orbit = [low if k == high else k for k in orbit]
                yield tuple((i, j, 1) for i, j in sorted(to.items()) if i != j)


def _swap(graph: Graph, start: Colours, place: dict[int, int], p: int, q: int) -> dict[int, int]:
    """Which parameter takes which place if p and q are exchanged; a guess."""
    left, right = start.copy(), start.copy()
    pairs = [(p, q), (q, p)]
    while True:
        for fresh, (a, b) in enumerate(pairs, 1):
            left[place[a]], right[place[b]] = -fresh, -fresh
        left, right = _refined(graph, [left, right])
        images = _classes(right, place)
        classes = [(x, images.get(c, [])) for c, x in _classes(left, place).items()]
        open_ = [(x, y) for x, y in classes if x != y and len(x) > 1]
        if not open_ or any(len(x) != len(y) for x, y in open_):
            return {i: j for x, y in classes for i, j in zip(x, y, strict=False)}
        pairs = [(open_[0][0][0], open_[0][1][0])]


def _classes(colours: Colours, place: dict[int, int]) -> dict[int, list[int]]:
    """The parameters of each colour, in ascending order."""
    found: dict[int, list[int]] = defaultdict(list)
    for i in sorted(place):
        found[colours[place[i]]].append(i)
    return found


def _refined(graph: Graph, copies: Sequence[Colours]) -> list[Colours]:
    """Colours that tell nodes apart by those of their arguments and of the nodes that use them, alike in all copies."""
    colours = [x.copy() for x in copies]
    for root, mark in zip(_roots(graph), (-1, -2), strict=False):
        for x in colours:
            x[root] = mark if x[root] == 0 else x[root]
    before = 0
    for _ in range(MOST_ROUNDS):
        palette: dict[object, int] = {}
        for x in colours:
            for i, node in enumerate(graph.nodes):
                x[i] = palette.setdefault((x[i], _kind(node), _below(node, x)), len(palette))
        for x in colours:
            users: list[list[tuple[int, int]]] = [[] for _ in graph.nodes]
            for i in reversed(range(len(graph.nodes))):
                x[i] = palette.setdefault((x[i], tuple(sorted(users[i]))), len(palette))
                for a, role in _roles(graph.nodes[i], x):
                    users[a].append((x[i], role))
        after = len({c for x in colours for c in x})
        if after == before:
            break
        before = after
    return colours


def _kind(node: Node) -> Node:
    """All but the arguments, and the number of a parameter."""
    if node[0] == "param":
        return ("param",)
    return (node[0], node[2]) if node[0] == "powi" else node if not arguments(node) else node[:1]


def _below(node: Node, x: Colours) -> tuple[object, ...]:
    """Colours of the arguments, in an order of their own where theirs does not matter."""
    below = [x[a] for a in arguments(node)]
    if node[0] == "dot":
        return tuple(sorted(tuple(sorted(pair)) for pair in zip(below[::2], below[1::2], strict=True)))
    return tuple(below if node[0] in ORDERED else sorted(below))


def _roles(node: Node, x: Colours) -> list[tuple[int, int]]:
    """Each argument with what distinguishes its place: the colour of its partner, or its number."""
    args = arguments(node)
    if node[0] in ("dot", "mul"):
        pairs = zip(args[::2], args[1::2], strict=True)
        return [side for a, b in pairs for side in ((a, x[b]), (b, x[a]))]
    return [(a, k if node[0] in ORDERED else 0) for k, a in enumerate(args)]
