"""Small losses as graphs, written with + - * /, and points of theirs of which something can be proved."""

from __future__ import annotations

import json
from fractions import Fraction
from itertools import product
from typing import Any, NamedTuple

Json = Any
Number = int | Fraction


class Graph:
    """Nodes as they are made, equal ones once."""

    def __init__(self) -> None:
        self.nodes: list[list[Any]] = []
        self.places: dict[str, int] = {}

    def node(self, *parts: Any) -> Term:
        row = [part.place if isinstance(part, Term) else part for part in parts]
        key = json.dumps(row)
        if key not in self.places:
            self.places[key] = len(self.nodes)
            self.nodes.append(row)
        return Term(self, self.places[key])

    def of(self, x: Term | Number) -> Term:
        return x if isinstance(x, Term) else self.node("const", str(Fraction(x)))

    def params(self, m: int) -> list[Term]:
        return [self.node("param", i) for i in range(m)]


class Term:
    def __init__(self, graph: Graph, place: int) -> None:
        self.graph, self.place = graph, place

    def __call__(self, op: str, *more: Any) -> Term:
        """The operation with this as its first argument."""
        return self.graph.node(op, self, *more)

    def _two(self, op: str, other: Term | Number) -> Term:
        return self.graph.node(op, self, self.graph.of(other))

    def __add__(self, other: Term | Number) -> Term:
        return self._two("add", other)

    def __sub__(self, other: Term | Number) -> Term:
        return self._two("sub", other)

    def __mul__(self, other: Term | Number) -> Term:
        return self._two("mul", other)

    def __truediv__(self, other: Term | Number) -> Term:
        return self._two("div", other)


class Loss(NamedTuple):
    graph: Graph
    parameters: int
    output: Term
    data: list[list[Number]] | None = None
    scale: Number = 1
    regulariser: Term | None = None
    constraints: tuple[Term, ...] = ()

    def roots(self) -> list[int]:
        regulariser = [] if self.regulariser is None else [self.regulariser.place]
        return [self.output.place, *regulariser, *(h.place for h in self.constraints)]

    def document(self) -> Json:
        """In its one form."""
        nodes, places = ordered(self.graph.nodes, self.roots())
        found: Json = {"schema": "relucert-loss/1", "parameters": self.parameters, "nodes": nodes}
        found["output"] = places[self.output.place]
        if self.data is not None:
            found["data"] = [[str(Fraction(x)) for x in row] for row in self.data]
            found["scale"] = str(Fraction(self.scale))
        if self.regulariser is not None:
            found["regulariser"] = places[self.regulariser.place]
        if self.constraints:
            found["constraints"] = [places[h.place] for h in self.constraints]
        return found


def arguments(node: list[Any]) -> slice:
    """Which entries of a node are nodes."""
    leaf = node[0] in ("param", "input", "const", "pi")
    return slice(1, 1 if leaf else 2 if node[0] == "powi" else len(node))


def ordered(nodes: list[list[Any]], roots: list[int]) -> tuple[list[list[Any]], dict[int, int]]:
    """The nodes that are needed, in the order in which a depth-first search finishes; their new places."""
    places: dict[int, int] = {}
    found: list[list[Any]] = []
    stack = list(reversed(roots))
    while stack:
        node = nodes[stack[-1]]
        part = arguments(node)
        new = [a for a in node[part] if a not in places]
        if new:
            stack.append(new[0])
            continue
        i = stack.pop()
        if i not in places:
            places[i] = len(found)
            found.append([*node[: part.start], *(places[a] for a in node[part]), *node[part.stop :]])
    return found, places


def xor(activation: str) -> Loss:
    """A network 2-2-1 on the four points of XOR, with ridge 2^-8: mean square/2."""
    g = Graph()
    w = g.params(9)
    a, b, y = (g.node("input", j) for j in range(3))
    hidden = [g.node("sum", w[i] * a, w[i + 1] * b, w[i + 2])(activation) for i in (0, 3)]
    out = g.node("dot", w[6], hidden[0], w[7], hidden[1]) + w[8]
    ridge = g.node("sum", *(x("square") for x in w)) * Fraction(1, 256)
    rows: list[list[Number]] = [[s, t, -s * t] for s, t in product((1, -1), repeat=2)]
    return Loss(g, 9, (out - y)("square"), rows, Fraction(1, 8), ridge)


def rosenbrock() -> Loss:
    g = Graph()
    x, y = g.params(2)
    return Loss(g, 2, (g.of(1) - x)("square") + (y - x("square"))("square") * 100)


def wells() -> Loss:
    """(x^2 - 1)^2 + x/4."""
    g = Graph()
    (x,) = g.params(1)
    return Loss(g, 1, (x("square") - 1)("square") + x / 4)


def pass_() -> Loss:
    """exp x - 2 x - y^2 + y: a saddle at (log 2, 1/2)."""
    g = Graph()
    x, y = g.params(2)
    return Loss(g, 2, x("exp") - x * 2 - y("square") + y)


def circle() -> Loss:
    """(x^2 + y^2 - 2)^2, cut by y = x/3."""
    g = Graph()
    x, y = g.params(2)
    return Loss(g, 2, (x("square") + y("square") - 2)("square"), constraints=(y - x / 3,))


def height() -> Loss:
    """x^2 + x y/4 on the circle x^2 + y^2 = 1."""
    g = Graph()
    x, y = g.params(2)
    return Loss(g, 2, x("square") + x * y / 4, constraints=(x("square") + y("square") - 1,))


def kinks() -> Loss:
    """relu(u x + v) on data, and kinks elsewhere."""
    g = Graph()
    u, v = g.params(2)
    x, y = (g.node("input", j) for j in range(2))
    error = ((u * x + v)("relu") - y)("square") + ((u + 9)("abs") - 9)("square") * Fraction(1, 64)
    ridge = (v + 7)("max", u - 7)("square") * Fraction(1, 64)
    rows: list[list[Number]] = [[1, 1], [2, 3], [-3, 1], [Fraction(5, 2), 3]]
    return Loss(g, 2, error, rows, Fraction(1, 4), ridge)


def origin() -> Loss:
    """A network 1-1-1 with odd activations and an odd task: a saddle at 0, exactly."""
    g = Graph()
    u, v, w = g.params(3)
    x, y = (g.node("input", j) for j in range(2))
    out = v * (u * x)("tanh") + w("sin") - v("erf")
    rows: list[list[Number]] = [[1, 1], [-1, -1], [2, Fraction(1, 3)], [-2, Fraction(-1, 3)]]
    return Loss(g, 3, (out - y)("square"), rows, Fraction(1, 4), u("cos"))


def everything() -> Loss:
    """Every operation at least once."""
    g = Graph()
    x, y, z = g.params(3)
    terms = [
        x("softplus"), y("erf")("square"), (x("square") + 1)("sqrt"), (y("square") + 2)("log"), x("atan"),
        (y / 4)("asin"), (x - y)("tanh")("square"), (x + y)("sigmoid"), x("sin") * y("cos") / 4,
        g.of(1) / (x("square") + 3), (z("square") + 2)("powi", -3), g.node("pi") * z("square"), z("neg")("exp"),
        (x + 5)("abs"), (y + 3)("relu"), (x + 4)("max", y - 9), z("powi", 4), (x - z)("powi", 3)("square"),
        g.node("dot", x, y, y, z) * Fraction(1, 8), y("square"), (z("erf") * x("tanh")),
    ]  # fmt: skip
    return Loss(g, 3, g.node("sum", *terms))


class Subject(NamedTuple):
    loss: Loss
    point: list[float]
    witness: list[float] | None = None
    options: tuple[str, ...] = ()


XOR_LOW = [1.00588, 1.00588, 0.89835, -1.00588, -1.00588, 0.89835, 1.52805, 1.52805, -1.22799]
XOR_HIGH = [1.3682, 0.56276, 1.3682, 1.3682, -0.56276, 1.3682, 0.93001, -0.93001, 0.0]
SUBJECTS = {
    "rosenbrock": lambda: Subject(rosenbrock(), [1.0, 1.0]),
    "wells": lambda: Subject(wells(), [0.9672], [-1.0]),
    "wells-raw": lambda: Subject(wells(), [0.9671875], [-1.0], ("--raw",)),
    "wells-local": lambda: Subject(wells(), [-1.03]),
    "wells-maximum": lambda: Subject(wells(), [0.0626]),
    "pass": lambda: Subject(pass_(), [0.693147, 0.5]),
    "pass-away": lambda: Subject(pass_(), [2.0, 0.25]),
    "circle": lambda: Subject(circle(), [1.3416, 0.4472]),
    "height-low": lambda: Subject(height(), [0.1222, -0.9925]),
    "height-high": lambda: Subject(height(), [0.9925, 0.1222]),
    "height-raw": lambda: Subject(height(), [0.9925, 0.1222], None, ("--raw",)),
    "origin": lambda: Subject(origin(), [0.0, 0.0, 0.0]),
    "kinks": lambda: Subject(kinks(), [1.89156, -1.25422]),
    "everything": lambda: Subject(everything(), [-0.82402, -0.38588, -0.02338]),
    "xor-local": lambda: Subject(xor("tanh"), XOR_LOW),
    "xor-spurious": lambda: Subject(xor("tanh"), XOR_HIGH, XOR_LOW),
}
