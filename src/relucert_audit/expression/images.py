"""Exchanges of parameters after which a loss is the same, and how many images of a point differ: step 8c of
docs/spec/expression-v1.md, Theorem 17.P.

A node is 1 or -1 times a shape; what has one shape is one function of x, in every row of the data."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from relucert_audit.expression.graph import LEAVES, Loss, Node, whole
from relucert_audit.finding import TooWeak
from relucert_audit.format import Dyadic, malformed, take

MOST_EXCHANGES, MOST_WORK, MOST_MOVES, MOST_SPAN = 400, 1_000_000, 2_000_000, 1 << 16
ODD, EVEN = {"tanh", "erf", "sin", "asin", "atan"}, {"square", "abs", "cos"}

Exchange = dict[int, tuple[int, int]]  # i: (j, s), where entry i becomes s x_j
Signed = tuple[int, int]  # 1 or -1, and the number of a shape


class Images(NamedTuple):
    exchanges: list[Exchange]
    least: int


def read_images(raw: Any, loss: Loss) -> Images:
    """Raises Refusal."""
    found = take(raw, {"exchanges": [[[object]]], "count": int}, "images")
    exchanges = found["exchanges"]
    if not 1 <= len(exchanges) <= MOST_EXCHANGES:
        raise malformed(f"images has no exchanges, or more than {MOST_EXCHANGES}")
    if len(exchanges) * sum(len(node.args) for node in loss.nodes) > MOST_WORK:
        raise malformed(f"exchanges times arguments of nodes are above {MOST_WORK}")
    count = whole(found["count"], 2, MOST_MOVES // (len(exchanges) * loss.parameters), "images.count")
    read = [read_exchange(x, loss.parameters, f"exchange {i}") for i, x in enumerate(exchanges)]
    return Images(read, count)


def read_exchange(raw: list[list[Any]], m: int, where: str) -> Exchange:
    if not raw or any(len(entry) != 3 for entry in raw):
        raise malformed(f"{where} has no entries, or one that is not of length 3")
    to, of = ([whole(entry[k], 0, m - 1, f"a place of {where}") for entry in raw] for k in (0, 1))
    signs = [whole(entry[2], -1, 1, f"a sign of {where}") for entry in raw]
    if to != sorted(set(of)):
        raise malformed(f"{where} does not permute its places, in ascending order")
    if any(s == 0 or (s == 1 and i == j) for i, j, s in zip(to, of, signs, strict=True)):
        raise malformed(f"{where} has a sign 0, or an entry that stays")
    return {i: (j, s) for i, j, s in zip(to, of, signs, strict=True)}


class Shapes:
    """Of the nodes of F, where parameters may have changed places and signs; numbers of shapes are kept."""

    def __init__(self, loss: Loss) -> None:
        self.roots = [loss.output, *([] if loss.regulariser is None else [loss.regulariser])]
        self.nodes, self.known = loss.nodes[: max(self.roots) + 1], dict[Any, int]()
        self.before = self.ends({})

    def same(self, exchange: Exchange) -> bool:
        return self.ends(exchange) == self.before

    def ends(self, exchange: Exchange) -> list[Signed]:
        found: list[Signed] = []
        for node in self.nodes:
            found.append(self.shape(node, [found[a] for a in node.args], exchange))
        return [found[root] for root in self.roots]

    def number(self, *key: Any) -> int:
        return self.known.setdefault(key, len(self.known))

    def shape(self, node: Node, x: list[Signed], exchange: Exchange) -> Signed:
        op = node.op
        if op == "param":
            j, s = exchange.get(node.value, (node.value, 1))
            return s, self.number(op, j)
        if op in LEAVES:
            return 1, self.number(op, node.value)
        if op in ("add", "sum"):
            return self.total(x)
        if op == "sub":
            return self.total([x[0], opposite(x[1])])
        if op == "mul":
            return self.times(*x)
        if op == "dot":
            return self.total([self.times(*x[k : k + 2]) for k in range(0, len(x), 2)])
        if op == "div":
            (s, a), (t, b) = x
            return s * t, self.number(op, a, b)
        if op == "max":
            return 1, self.number(op, frozenset(x))
        return self.of_one(node, x[0])

    def of_one(self, node: Node, x: Signed) -> Signed:
        """Functions of one node."""
        op, (s, a) = node.op, x
        if op == "neg":
            return opposite(x)
        if op in ODD or (op == "powi" and node.value % 2 == 1):
            return s, self.number(op, node.value, a)
        if op in EVEN or op == "powi":
            return 1, self.number(op, node.value, a)
        return 1, self.number(op, x)

    def times(self, x: Signed, y: Signed) -> Signed:
        return x[0] * y[0], self.number("times", frozenset((x[1], y[1])))

    def total(self, parts: Sequence[Signed]) -> Signed:
        """How often each shape is added. One that cancels is kept, as it has to be defined."""
        often: dict[int, int] = {}
        for s, a in parts:
            often[a] = often.get(a, 0) + s
        first = next((n for _, n in sorted(often.items()) if n), 1)
        sign = 1 if first > 0 else -1
        return sign, self.number("total", frozenset((a, sign * n) for a, n in often.items()))


def opposite(x: Signed) -> Signed:
    return -x[0], x[1]


def different(point: list[Dyadic], radius: Dyadic, images: Images) -> bool:
    """Whether as many images as claimed differ, for every x* within the radius of the point. Raises TooWeak.

    Entries of different ranks, and x and -x of one that is not 0, are more than twice the radius apart."""
    start = tuple(ranks(point, radius))
    seen, new = {start}, [start]
    while new and len(seen) < images.least:
        x = new.pop()
        for exchange in images.exchanges:
            y = tuple(exchange[i][1] * x[exchange[i][0]] if i in exchange else x[i] for i in range(len(x)))
            if y not in seen:
                seen.add(y)
                new.append(y)
    return len(seen) >= images.least


def ranks(point: list[Dyadic], radius: Dyadic) -> list[int]:
    """By size, 0 for what is near 0, with the sign of the entry."""
    ends = [(x.e, x.m.bit_length() + x.e) for x in (*point, radius) if x.m]
    if ends and max(b for _, b in ends) - min(a for a, _ in ends) > MOST_SPAN:
        raise TooWeak("the bits that the entries of the point span")
    unit = min((a for a, _ in ends), default=0)
    sizes = [x.m << (x.e - unit) if x.m else 0 for x in point]
    apart = 2 * (radius.m << (radius.e - unit)) if radius.m else 0
    found, rank, before = [0] * len(sizes), 0, 0
    for size, i in sorted((abs(n), i) for i, n in enumerate(sizes)):
        rank += size - before > apart
        found[i], before = rank if sizes[i] > 0 else -rank, size
    return found
