"""Losses written as graphs, evaluated by mpmath: values, and derivatives by differences."""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from mpmath import mp  # type: ignore[import-untyped]

from makers.expression_losses import Graph, Loss

FUNCTIONS: dict[str, Callable[..., Any]] = {
    "neg": lambda u: -u,
    "square": lambda u: u * u,
    "abs": abs,
    "relu": lambda u: max(u, mp.mpf(0)),
    "sqrt": mp.sqrt,
    "exp": mp.exp,
    "log": mp.log,
    "sin": mp.sin,
    "cos": mp.cos,
    "asin": mp.asin,
    "atan": mp.atan,
    "tanh": mp.tanh,
    "sigmoid": lambda u: 1 / (1 + mp.exp(-u)),
    "softplus": lambda u: mp.log1p(mp.exp(u)) if u < 0 else u + mp.log1p(mp.exp(-u)),
    "erf": mp.erf,
    "add": lambda u, v: u + v,
    "sub": lambda u, v: u - v,
    "mul": lambda u, v: u * v,
    "div": lambda u, v: u / v,
    "max": max,
    "sum": lambda *u: sum(u),
    "dot": lambda *u: sum(a * b for a, b in zip(u[::2], u[1::2], strict=True)),
}
STEP = mp.mpf(2) ** -50


def rational(text: str) -> Any:
    x = Fraction(text)
    return mp.mpf(x.numerator) / x.denominator


def values(document: Any, x: list[Any], row: list[Any]) -> list[Any]:
    found: list[Any] = []
    for op, *rest in document["nodes"]:
        if op == "param":
            value = x[rest[0]]
        elif op == "input":
            value = row[rest[0]]
        elif op == "const":
            value = rational(rest[0])
        elif op == "pi":
            value = +mp.pi
        elif op == "powi":
            value = found[rest[0]] ** rest[1]
        else:
            value = FUNCTIONS[op](*(found[a] for a in rest))
        found.append(value)
    return found


def lagrangian(document: Any, z: list[Any]) -> Any:
    """L at z = (x, mu)."""
    m = document["parameters"]
    rows = [[rational(q) for q in row] for row in document.get("data", [[]])]
    found = [values(document, z[:m], row) for row in rows]
    total = rational(document.get("scale", "1")) * sum(v[document["output"]] for v in found)
    if "regulariser" in document:
        total += found[0][document["regulariser"]]
    pairs = zip(z[m:], document.get("constraints", []), strict=True)
    return total + sum(mu * found[0][h] for mu, h in pairs)


def moved(z: list[Any], *changes: tuple[int, Any]) -> list[Any]:
    z = list(z)
    for i, by in changes:
        z[i] += by
    return z


def gradient(document: Any, z: list[Any]) -> list[Any]:
    h = STEP
    return [
        (lagrangian(document, moved(z, (i, h))) - lagrangian(document, moved(z, (i, -h)))) / (2 * h)
        for i in range(len(z))
    ]


def hessian(document: Any, z: list[Any]) -> list[list[Any]]:
    h, d = STEP, len(z)

    def entry(i: int, j: int) -> Any:
        corners = [
            s * t * lagrangian(document, moved(z, (i, s * h), (j, t * h))) for s in (1, -1) for t in (1, -1)
        ]
        return sum(corners) / (4 * h * h)

    upper = {(i, j): entry(i, j) for i in range(d) for j in range(i, d)}
    return [[upper[min(i, j), max(i, j)] for j in range(d)] for i in range(d)]


def drawn(seed: int, size: int, parameters: int = 4, data: bool = True, constraints: int = 0) -> Any:
    """A random loss, smooth around [-1, 1]^m, with about that many nodes."""
    rng = random.Random(seed)  # noqa: S311
    g = Graph()
    terms = g.params(parameters) + ([g.node("input", 0), g.node("input", 1)] if data else [])
    plain = g.params(parameters)

    def step(pool: list[Any]) -> Any:
        u, v, w = (rng.choice(pool) for _ in range(3))
        c = Fraction(rng.randint(-20, 20), rng.randint(1, 9))
        small, over = u("tanh"), v("square") + Fraction(3, 2)
        choices: list[Callable[[], Any]] = [
                lambda: u + v, lambda: u - v * Fraction(1, 3), lambda: small * v("sin"), lambda: u / over,
                lambda: small("exp"), lambda: over("log"), lambda: over("sqrt"), lambda: (small / 2)("asin"),
                lambda: u("atan"), lambda: u("cos"), lambda: u("softplus"), lambda: u("sigmoid"), lambda: u("erf"),
                lambda: over("powi", rng.choice((-3, -2, -1))), lambda: small("powi", rng.choice((3, 4, 5))),
                lambda: (small * c)("square"), lambda: (over + 1)("abs"), lambda: over("relu"), lambda: (u)("neg"),
                lambda: over("max", small - 1), lambda: g.node("dot", u, small, v, w),
                lambda: g.node("sum", u, v, w) * c,
                lambda: g.node("pi") * small,
        ]  # fmt: skip
        return rng.choice(choices)()

    while len(g.nodes) < size:
        pool = terms[-12:]
        terms.append(step(pool))
        if data and constraints and len(plain) < 20:
            plain.append(step(plain))
    output = g.node("sum", *terms[-3:], *(x("square") for x in g.params(parameters)))
    rows: Any = [[Fraction(rng.randint(-9, 9), 7), rng.randint(-2, 2)] for _ in range(3)] if data else None
    hs = tuple(plain[-constraints:]) if constraints else ()
    regulariser = g.params(parameters)[0]("square") if data else None
    return Loss(g, parameters, output, rows, Fraction(2, 3) if data else 1, regulariser, hs).document()
