"""A point of lower loss, by descent from random starts in floating point: a guess that the kernel judges."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import erf, expit

from relucert.base.dyadic import from_float
from relucert.families.expression.candidate import Vector
from relucert.families.expression.graph import Graph
from relucert.families.expression.nodes import arguments

Floats = NDArray[np.float64]
STARTS, SEED, MOST_STEPS = 20, 20171101, 500
CLEAR = 1e-3  # share of the value by which a point is so much lower that the search ends

ROOT_PI = np.sqrt(np.pi)
FUNCTIONS: dict[str, tuple[Callable[[Any], Any], Callable[[Any, Any], Any]]] = {  # value, derivative from x and it
    "neg": (lambda x: -x, lambda x, _: -np.ones_like(x)),
    "square": (lambda x: x * x, lambda x, _: 2 * x),
    "abs": (np.abs, lambda x, _: np.sign(x)),
    "relu": (lambda x: np.maximum(x, 0), lambda x, _: (x > 0) * 1.0),
    "sqrt": (np.sqrt, lambda _, y: 0.5 / y),
    "exp": (np.exp, lambda _, y: y),
    "log": (np.log, lambda x, _: 1 / x),
    "sin": (np.sin, lambda x, _: np.cos(x)),
    "cos": (np.cos, lambda x, _: -np.sin(x)),
    "asin": (np.arcsin, lambda x, _: 1 / np.sqrt(1 - x * x)),
    "atan": (np.arctan, lambda x, _: 1 / (1 + x * x)),
    "tanh": (np.tanh, lambda _, y: 1 - y * y),
    "sigmoid": (expit, lambda _, y: y * (1 - y)),
    "softplus": (lambda x: np.logaddexp(0, x), lambda x, _: expit(x)),
    "erf": (erf, lambda x, _: 2 / ROOT_PI * np.exp(-x * x)),
}  # fmt: skip


class FloatLoss(NamedTuple):
    """A graph with its constants and data as doubles; values of nodes are scalars or columns over the rows."""

    graph: Graph
    columns: Floats  # (inputs, rows)
    scale: float


def float_loss(graph: Graph) -> FloatLoss:
    """Raises OverflowError for exact numbers beyond the doubles."""
    table = np.array([[float(x) for x in row] for row in graph.data or ((),)], dtype=float)
    for node in graph.nodes:
        if node[0] == "const":
            float(node[1])
    return FloatLoss(graph, table.T, float(graph.scale))


def value_and_gradient(of: FloatLoss, x: Floats) -> tuple[float, Floats]:
    """F and its gradient. Overflow gives infinities and NaNs."""
    graph, rows = of.graph, of.columns.shape[1]
    values: list[Any] = []
    for node in graph.nodes:
        values.append(_value(node, values, x, of.columns))
    adjoints: list[Any] = [0.0] * len(values)
    adjoints[graph.output] = np.full(rows, of.scale) if np.ndim(values[graph.output]) else of.scale * rows
    total = float(of.scale * np.sum(np.broadcast_to(values[graph.output], (rows,))))
    if graph.regulariser is not None:
        total += float(values[graph.regulariser])
        adjoints[graph.regulariser] = adjoints[graph.regulariser] + 1.0
    slope = np.zeros(graph.parameters)
    for i in reversed(range(len(values))):
        node, weight = graph.nodes[i], adjoints[i]
        if node[0] == "param":
            slope[node[1]] += np.sum(weight)
        elif not (np.ndim(weight) == 0 and weight == 0):
            for a, partial in _partials(node, values, values[i]):
                more = weight * partial
                adjoints[a] = adjoints[a] + (more if np.ndim(values[a]) else np.sum(more))
    return total, slope


def losses(of: FloatLoss, points: Floats) -> Floats:
    """F at each of the points (p, m). Overflow gives infinities and NaNs."""
    values: list[Any] = []
    for node in of.graph.nodes:
        values.append(_value(node, values, points.T[:, :, None], of.columns[:, None, :]))
    shape = len(points), of.columns.shape[1]
    total: Floats = of.scale * np.broadcast_to(values[of.graph.output], shape).sum(axis=1)
    if of.graph.regulariser is not None:
        total = total + np.broadcast_to(values[of.graph.regulariser], (len(points), 1))[:, 0]
    return total


def _value(node: tuple[Any, ...], values: list[Any], x: Floats, columns: Floats) -> Any:
    operation, *given = node
    if operation in FUNCTIONS:
        return FUNCTIONS[operation][0](values[given[0]])
    if operation == "param":
        return x[given[0]]
    if operation == "input":
        return columns[given[0]]
    if operation == "const":
        return np.float64(given[0])
    if operation == "pi":
        return np.float64(np.pi)
    if operation == "powi":
        return np.power(values[given[0]], float(given[1]))
    v = [values[a] for a in given]
    if operation in ("add", "sum"):
        return sum(v)
    if operation in ("mul", "dot"):
        return sum(a * b for a, b in zip(v[::2], v[1::2], strict=True))
    if operation == "max":
        return np.maximum(v[0], v[1])
    return v[0] - v[1] if operation == "sub" else v[0] / v[1]


def _partials(node: tuple[Any, ...], values: list[Any], found: Any) -> list[tuple[int, Any]]:
    operation, *given = node
    if operation in FUNCTIONS:
        return [(given[0], FUNCTIONS[operation][1](values[given[0]], found))]
    if operation == "powi":
        return [(given[0], given[1] * np.power(values[given[0]], float(given[1] - 1)))]
    if operation in ("add", "sum"):
        return [(a, 1.0) for a in given]
    if operation == "sub":
        return [(given[0], 1.0), (given[1], -1.0)]
    v = [values[a] for a in arguments(node)]
    if operation in ("mul", "dot"):
        pairs = zip(given[::2], given[1::2], v[::2], v[1::2], strict=True)
        return [side for a, b, p, q in pairs for side in ((a, q), (b, p))]
    if operation == "div":
        return [(given[0], 1 / v[1]), (given[1], -found / v[1])]
    if operation == "max":
        first = (v[0] >= v[1]) * 1.0
        return [(given[0], first), (given[1], 1 - first)]
    return []


def find_lower(graph: Graph, start: Floats, value: float) -> Vector | None:
    """A point where the loss seems to be well below `value`, None if a few descents find none."""
    try:
        of, rng = float_loss(graph), np.random.default_rng(SEED)
    except OverflowError:  # exact numbers beyond the doubles
        return None
    size = max(1.0, float(np.abs(start).max(initial=0)))
    best, lowest = None, value - 1e-6 * max(abs(value), 1e-9)

    def fun(x: Floats) -> tuple[float, Floats]:
        there, slope = value_and_gradient(of, x)
        good = np.isfinite(there) and np.isfinite(slope).all()
        return (there, slope) if good else (1e300, np.zeros_like(x))

    with np.errstate(all="ignore"):
        for i in range(STARTS):
            x0 = rng.standard_normal(graph.parameters) * (size if i % 2 else 1.0)
            found = minimize(fun, x0, jac=True, method="L-BFGS-B", options={"maxiter": MOST_STEPS})
            if np.isfinite(found.x).all() and found.fun < lowest:
                best, lowest = found.x, found.fun
            if lowest < value - CLEAR * abs(value):
                break
    return None if best is None else tuple(from_float(float(x)) for x in best)
