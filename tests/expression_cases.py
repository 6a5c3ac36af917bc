"""Losses as graphs for tests: random ones, small networks, and their values by mpmath."""

from __future__ import annotations

import random
from fractions import Fraction

import mpmath

from relucert.families.expression.graph import Builder, Graph
from relucert.families.expression.nodes import arguments
from relucert.kernel import ball

DIGITS = 120
STEP = mpmath.mpf(10) ** -30  # of the differences: they are wrong by about its square
SLACK = STEP  # of what is compared with them

FUNCTIONS = {
    "neg": lambda x: -x, "square": lambda x: x * x, "abs": abs, "relu": lambda x: x if x > 0 else x * 0,
    "sqrt": mpmath.sqrt, "exp": mpmath.exp, "log": mpmath.log, "sin": mpmath.sin, "cos": mpmath.cos,
    "asin": mpmath.asin, "atan": mpmath.atan, "tanh": mpmath.tanh, "sigmoid": lambda x: 1 / (1 + mpmath.exp(-x)),
    "softplus": lambda x: mpmath.log(1 + mpmath.exp(x)), "erf": mpmath.erf,
}  # fmt: skip
DOMAIN = {  # where an argument keeps away from kinks and poles
    "sqrt": lambda x: x > 0.01, "log": lambda x: x > 0.01, "asin": lambda x: abs(x) < 0.99,
    "abs": lambda x: abs(x) > 0.01, "relu": lambda x: abs(x) > 0.01, "exp": lambda x: x < 4,
}  # fmt: skip


def node_value(node, v, x, row):
    operation, *given = node
    if operation in FUNCTIONS:
        return FUNCTIONS[operation](v[given[0]])
    if operation == "param":
        return x[given[0]]
    if operation == "input":
        return row[given[0]]
    if operation == "const":
        return mpmath.mpf(given[0].numerator) / given[0].denominator
    if operation == "pi":
        return +mpmath.pi
    if operation == "powi":
        return v[given[0]] ** given[1]
    a = [v[i] for i in given]
    if operation in ("add", "sum"):
        return mpmath.fsum(a)
    if operation in ("mul", "dot"):
        return mpmath.fsum(p * q for p, q in zip(a[::2], a[1::2], strict=True))
    return {"sub": lambda: a[0] - a[1], "div": lambda: a[0] / a[1], "max": lambda: max(a)}[operation]()


def value(graph: Graph, x, multipliers=()):
    """L(x, mu), to the precision that is set."""
    rows = graph.data or ((),)
    total = mpmath.mpf(0)
    scale = mpmath.mpf(graph.scale.numerator) / graph.scale.denominator
    for row in rows:
        v, exact = [], [mpmath.mpf(y.numerator) / y.denominator for y in row]
        for node in graph.nodes:
            v.append(node_value(node, v, x, exact))
        total += scale * v[graph.output]
    if graph.regulariser is not None:
        total += v[graph.regulariser]
    return total + mpmath.fsum(m * v[c] for m, c in zip(multipliers, graph.constraints, strict=True))


def derivatives(graph: Graph, x):
    """Value, gradient and Hessian by differences with many digits: no rule of differentiation is used."""
    with mpmath.workdps(DIGITS):
        m = graph.parameters
        x = [mpmath.mpf(y) for y in x]

        def at(*steps):
            moved = list(x)
            for i, s in steps:
                moved[i] += s * STEP
            return value(graph, moved)

        gradient = [(at((i, 1)) - at((i, -1))) / (2 * STEP) for i in range(m)]
        hessian = [
            [
                (at((i, 1), (j, 1)) - at((i, 1), (j, -1)) - at((i, -1), (j, 1)) + at((i, -1), (j, -1)))
                / (4 * STEP * STEP)
                for j in range(m)
            ]
            for i in range(m)
        ]
        return at(), gradient, hessian


def mp(x):
    """The exact value of an exact ball."""
    mantissa, exponent = ball.to_dyadic(x)
    return mpmath.ldexp(mpmath.mpf(mantissa), exponent)


def holds(enclosure, number):
    """Whether the ball contains the number, but for the error of the differences."""
    with mpmath.workdps(DIGITS):
        blur = SLACK * (1 + abs(number))
        return mp(ball.lower(enclosure)) - blur <= number <= mp(ball.upper(enclosure)) + blur


def random_graph(seed: int, size: int, parameters: int = 3) -> tuple[Graph, list[float]]:
    """About `size` nodes of all operations, and a point around which they are smooth and of a sensible size."""
    rng = random.Random(seed)  # noqa: S311
    x = [rng.uniform(-2, 2) for _ in range(parameters)]
    build, values = Builder(), []

    def add(node):
        before = len(build.nodes)
        place = build.add(*node)
        if place == before:
            values.append(node_value(build.nodes[place], values, [mpmath.mpf(y) for y in x], ()))

    for i in range(parameters):
        add(("param", i))
    for text in ("1/3", "-5/4", "2", "-1/7"):
        add(("const", Fraction(text)))
    add(("pi",))
    names = [*FUNCTIONS, "add", "sub", "mul", "div", "max", "sum", "dot", "powi"]
    while len(build.nodes) < size:
        node = _random_node(rng, rng.choice(names), len(values))
        if _sensible(node, values, x):
            add(node)
    whole = (
        build.sum(range(len(build.nodes)))
        if size < 60
        else build.sum(range(len(build.nodes) - 40, len(build.nodes)))
    )
    total = build.add("add", whole, build.sum(range(parameters)))
    return build.graph(total, parameters), x


def _random_node(rng, name, known):
    pick = lambda: rng.randrange(max(0, known - 30), known) if rng.random() < 0.8 else rng.randrange(known)  # noqa: E731
    if name in FUNCTIONS:
        return (name, pick())
    if name == "powi":
        return (name, pick(), rng.choice((-3, -2, -1, 3, 4, 5)))
    return (name, *(pick() for _ in range({"sum": 3, "dot": 4}.get(name, 2))))


def _sensible(node, values, x):
    operation, *given = node
    first = values[given[0]]
    good = DOMAIN.get(operation, lambda _: True)(first)
    good &= operation != "powi" or given[1] > 0 or abs(first) > 0.05
    good &= operation != "div" or abs(values[given[1]]) > 0.05
    good &= operation != "max" or abs(first - values[given[1]]) > 0.01
    return bool(good) and abs(node_value(node, values, x, ())) < 50


def of_each_operation() -> dict[str, tuple[Graph, list[float]]]:
    """A small loss of two parameters in which the operation bends, and where it sits between others."""
    found = {}
    for name in [*FUNCTIONS, "add", "sub", "mul", "div", "max", "sum", "dot", "powi"]:
        build = Builder()
        x, y = build.add("param", 0), build.add("param", 1)
        u = build.add(
            "mul",
            build.add("sin", x),
            build.add("exp", build.add("mul", y, build.add("const", Fraction(1, 4)))),
        )
        w = build.add("add", build.add("mul", x, y), build.add("const", Fraction(1, 2)))
        if name in FUNCTIONS:
            node = build.add(name, u)
        elif name == "powi":
            node = build.add(name, u, 3)
        else:
            node = build.add(name, *{"sum": (u, w, x), "dot": (u, w, x, y)}.get(name, (u, w)))
        found[name] = build.graph(build.add("add", build.add("square", node), node), 2), [0.5, 0.75]
    return found


def network(widths, activation, data, ridge=None) -> Graph:
    """p inputs, h units, one output with bias, half the mean of squares, ridge/2 |x|^2; data: rows (.., label)."""
    p, h = widths
    build, n = Builder(), h * p + 2 * h + 1
    params = [build.add("param", i) for i in range(n)]
    inputs = [build.add("input", i) for i in range(p + 1)]
    outs = []
    for i in range(h):
        z = build.add("add", build.dot(params[i * p : (i + 1) * p], inputs[:p]), params[h * p + i])
        outs.append(build.add(activation, z))
    out = build.add("add", build.dot(params[h * p + h : -1], outs), params[-1])
    half = build.add("const", Fraction(1, 2))
    loss = build.add("mul", half, build.add("square", build.add("sub", out, inputs[p])))
    decay = None
    if ridge is not None:
        decay = build.add("mul", build.add("const", ridge / 2), build.dot(params, params))
    return build.graph(loss, n, data=data, scale=Fraction(1, len(data)), regulariser=decay)


XOR = [[Fraction(a), Fraction(b), Fraction(-a * b)] for a in (1, -1) for b in (1, -1)]


def used(graph: Graph) -> set[str]:
    return {node[0] for node in graph.nodes}


def depth(graph: Graph) -> int:
    found = []
    for node in graph.nodes:
        found.append(1 + max((found[a] for a in arguments(node)), default=0))
    return max(found)
