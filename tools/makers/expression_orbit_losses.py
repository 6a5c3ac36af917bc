"""Small losses with symmetries, and points of theirs whose orbits something can be proved of."""

from __future__ import annotations

from fractions import Fraction
from math import sqrt
from typing import Any, NamedTuple

from makers.expression_losses import Graph, Loss, Term

AUTO = "auto"


class Orbit(NamedTuple):  # gauge: auto, or generators
    loss: Loss
    point: list[float]
    witness: list[float] | None = None
    gauge: Any = AUTO


def turn(i: int, j: int) -> Any:
    return {"matrix": [[i, j, "-1"], [j, i, "1"]]}


def scaling(*weights: int | str) -> Any:
    return {"matrix": [[i, i, str(w)] for i, w in enumerate(weights) if w]}


def neuron() -> Orbit:
    """a relu(w x) on the points (1, 1) and (-1, 3): it sees one of them."""
    g = Graph()
    a, w = g.params(2)
    x, y = (g.node("input", j) for j in range(2))
    error = (a * (w * x)("relu") - y)("square")
    return Orbit(Loss(g, 2, error, [[1, 1], [-1, 3]]), [1.0, 1.0], [3.0, -1.0])


def network() -> Orbit:
    """Two relu units with biases on five points: two scalings."""
    g = Graph()
    p = g.params(7)
    x, y = (g.node("input", j) for j in range(2))
    units = [(p[i] * x + p[i + 1])("relu") for i in (0, 3)]
    out = g.node("dot", p[2], units[0], p[5], units[1]) + p[6]
    rows = [[-2, 4], [-1, 1], [0, Fraction(1, 2)], [1, 1], [2, 3]]
    ridge = p[6]("square") / 8
    loss = Loss(g, 7, (out - y)("square"), rows, Fraction(1, 5), ridge)
    return Orbit(loss, [0.92142, -0.60247, 2.17056, -0.95992, -0.7384, 3.12525, 0.30769])


def ring() -> Orbit:
    g = Graph()
    x, y = g.params(2)
    return Orbit(Loss(g, 2, (x("square") + y("square") - 1)("square")), [0.6, 0.8], None, [turn(0, 1)])


def sphere() -> Orbit:
    """A sphere in R^3: two rotations of three move a point, here not at a pole."""
    g = Graph()
    x, y, z = g.params(3)
    size = g.node("sum", x("square"), y("square"), z("square"))
    return Orbit(Loss(g, 3, (size - 1)("square")), [0.6, 0.0, 0.8], None, [turn(0, 1), turn(0, 2)])


def factors() -> Loss:
    """|diag(2, 1) - u v^T|^2."""
    g = Graph()
    a, b, c, d = g.params(4)
    entries: list[tuple[Term, Term, int]] = [(a, c, 2), (a, d, 0), (b, c, 0), (b, d, 1)]
    squares = [(u * v - q)("square") if q else (u * v)("square") for u, v, q in entries]
    return Loss(g, 4, g.node("sum", *squares))


def factor_minimum() -> Orbit:
    return Orbit(factors(), [sqrt(2), 0.0, sqrt(2), 0.0])


def factor_saddle() -> Orbit:
    return Orbit(factors(), [0.0, 1.0, 0.0, 1.0])


def symmetric_factor() -> Orbit:
    """|diag(3, 2, 1) - U U^T|^2 with U of 2 columns, which rotate."""
    g = Graph()
    u = g.params(6)
    squares = []
    for i in range(3):
        for j in range(3):
            entry = g.node("dot", u[2 * i], u[2 * j], u[2 * i + 1], u[2 * j + 1])
            squares.append((entry - (3 - i) if i == j else entry)("square"))
    rows = range(0, 6, 2)
    entries = [[i, i + 1, "-1"] for i in rows] + [[i + 1, i, "1"] for i in rows]
    c, s, p, q = 0.6, 0.8, sqrt(3), sqrt(2)
    point = [p * c, -p * s, q * s, q * c, 0.0, 0.0]
    return Orbit(Loss(g, 6, g.node("sum", *squares)), point, None, [{"matrix": sorted(entries)}])


def rayleigh() -> Orbit:
    """(x^2 + 2 y^2 + 3 z^2)/(x^2 + y^2 + z^2): at the middle eigenvector a saddle."""
    g = Graph()
    x, y, z = (t("square") for t in g.params(3))
    return Orbit(Loss(g, 3, g.node("sum", x, y * 2, z * 3) / g.node("sum", x, y, z)), [0.0, 2.0, 0.0])


def degrees() -> Orbit:
    """A rotation, and a scaling that a root, a power -3, a maximum, a size and 0 pass on."""
    g = Graph()
    x, y, w = g.params(3)
    length = (x("square") + y("square"))("sqrt")
    longer = length("max", g.of(0)) + (x * 0)
    power = (longer * w)("abs")
    back = length("powi", -3) / (w("powi", 3))
    out = (power - 2)("square") + (back - Fraction(1, 8))("square")
    return Orbit(Loss(g, 3, out), [0.6, 0.8, 2.0], None, [turn(0, 1), scaling(1, 1, -1)])


def shifted() -> Orbit:
    """Two logits on three points, of which only the difference counts, with its square for a ridge."""
    g = Graph()
    a, b = g.params(2)
    x = g.node("input", 0)
    ridge = (a - b)("square") / 4
    loss = Loss(g, 2, ((a - b) * x)("softplus"), [[1], [2], [-2]], Fraction(1, 3), ridge)
    return Orbit(loss, [0.3, 0.43376852], None, [{"shift": [[0, "1"], [1, "1"]]}])


def ditch() -> Orbit:
    """(p^2 - 1)^2 + p/4 of p = u v: a spurious minimum near p = 1."""
    g = Graph()
    u, v = g.params(2)
    p = u * v
    return Orbit(Loss(g, 2, (p("square") - 1)("square") + p / 4), [1.0, 0.96714893788303], [1.0, -1.0])


ORBITS = {
    "neuron": neuron,
    "network": network,
    "ring": ring,
    "sphere": sphere,
    "factor-minimum": factor_minimum,
    "factor-saddle": factor_saddle,
    "symmetric-factor": symmetric_factor,
    "rayleigh": rayleigh,
    "degrees": degrees,
    "shifted": shifted,
    "ditch": ditch,
}
