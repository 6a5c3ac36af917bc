"""Losses that people study, ready made: networks on finite data, population losses in closed form, matrix problems.

Numbers may be int, Fraction, Decimal or float, and are taken by their exact value.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations, pairwise, permutations
from typing import Any

from relucert.base.errors import InputError
from relucert.families.expression.exact_values import Exact
from relucert.families.expression.graph import Builder
from relucert.families.expression.loss import Loss
from relucert.families.expression.trace import exact_table
from relucert.kernel.expression.invariance import Generator

ACTIVATIONS = ("tanh", "sigmoid", "softplus", "erf", "relu", "sin", "atan", "square", "linear")
HALF, QUARTER = Fraction(1, 2), Fraction(1, 4)
Rows = list[list[int]]  # of nodes


def mlp(
    data: Any,
    labels: Any,
    widths: Sequence[int],
    activation: str = "tanh",
    *,
    loss: str = "squared",
    ridge: Any = 0,
    output: str = "linear",
    bias: bool = True,
) -> Loss:
    """A fully connected network on finite data; its parameters in the order of torch.nn.Sequential(Linear, ..).

    data: N rows; labels: N numbers or rows. widths: of the hidden layers, maybe none. activation: of the hidden layers,
    output: of the last one. loss: "squared", the mean over the rows of |f - y|^2/2, or "logistic", of
    log(1 + e^(-y f)) with one label y, 1 or -1, a row. ridge: r adds r/2 |parameters|^2. Raises InputError.
    """
    exact = Exact()
    inputs, targets = exact_table(data, exact), exact_table(labels, exact, "labels")
    _check_network(inputs, targets, widths, (activation, output), loss)
    decay = exact(ridge, "ridge")
    if decay < 0:
        raise InputError(f"ridge is {ridge}; it must not be negative")
    build, p, q = Builder(), len(inputs[0]), len(targets[0])
    values = [build.add("input", j) for j in range(p)]
    sizes, shapes, parameters = [p, *widths, q], list[tuple[int, ...]](), list[int]()
    for layer, (before, after) in enumerate(pairwise(sizes), 1):
        weights = _table(build, len(parameters), after, before)
        parameters += [x for row in weights for x in row]
        shapes.append((after, before))
        values = [build.dot(row, values) for row in weights]
        if bias:
            added = [build.add("param", len(parameters) + i) for i in range(after)]
            values = [build.add("add", x, b) for x, b in zip(values, added, strict=True)]
            parameters += added
            shapes.append((after,))
        kind = output if layer == len(sizes) - 1 else activation
        values = values if kind == "linear" else [build.add(kind, x) for x in values]
    wanted = [build.add("input", p + j) for j in range(q)]
    regulariser = None
    if decay:
        regulariser = build.add("mul", build.add("const", decay / 2), build.dot(parameters, parameters))
    graph = build.graph(
        _of_row(build, loss, values, wanted), len(parameters), scale=Fraction(1, len(inputs)), regulariser=regulariser,
        data=[x + y for x, y in zip(inputs, targets, strict=True)],
    )  # fmt: skip
    exact.warn()
    return Loss(graph, tuple(shapes))


def _of_row(build: Builder, loss: str, values: Sequence[int], wanted: Sequence[int]) -> int:
    """Of one sample: half the squared distance, or the logistic loss."""
    if loss == "logistic":
        return build.add("softplus", build.add("neg", build.add("mul", wanted[0], values[0])))
    squares = [build.add("square", build.add("sub", x, y)) for x, y in zip(values, wanted, strict=True)]
    return build.add("mul", build.add("const", HALF), build.sum(squares))


def _check_network(inputs: Any, targets: Any, widths: Any, kinds: tuple[str, str], loss: str) -> None:
    if len(inputs) != len(targets):
        raise InputError(f"{len(inputs)} rows of data and {len(targets)} labels; give one label for each row")
    for i, width in enumerate(widths):
        if type(width) is not int or width < 1:
            raise InputError(f"widths, entry {i} is {width!r}; give how many units the hidden layer has")
    for kind in kinds:
        if kind not in ACTIVATIONS:
            raise InputError(f"activation {kind!r} is not known; known: {', '.join(ACTIVATIONS)}")
    if loss not in ("squared", "logistic"):
        raise InputError(f'loss {loss!r} is not known; known: "squared", "logistic"')
    if loss == "logistic" and any(len(row) != 1 or abs(row[0]) != 1 for row in targets):
        raise InputError("the logistic loss takes one label a row, 1 or -1")


def committee(k: int, n: int, activation: str = "erf", *, targets: Any = None) -> Loss:
    """Soft committee machines of Saad & Solla (1995): n units learn k, standard Gaussian inputs.

    E (sum_i g(w_i.x) - sum_j g(v_j.x))^2/2 with g(u) = erf(u/sqrt 2), in closed form; parameters: n rows w_i.
    targets: k rows v_j (default: e_1 .. e_k). activation "relu" is `teacher_student`. Raises InputError.
    """
    if activation == "relu" and targets is None:
        return teacher_student(k, n)
    if activation != "erf":
        raise InputError(
            f'activation {activation!r} has no closed form here; known: "erf", "relu" (orthonormal targets)'
        )
    exact, coordinates = Exact(), _sizes(k, n)
    given = [[int(i == j) for j in coordinates] for i in coordinates] if targets is None else targets
    rows = exact_table(given, exact, "targets")
    if len(rows) != k:
        raise InputError(f"{len(rows)} targets; k is {k}")
    build, d = Builder(), len(rows[0])
    w = _table(build, 0, n, d)
    v = [[build.add("const", x) for x in row] for row in rows]
    one = build.add("const", Fraction(1))
    roots = {id(row): build.add("sqrt", build.add("add", one, build.dot(row, row))) for row in (*w, *v)}

    def angle(a: list[int], b: list[int]) -> int:  # E g(a.x) g(b.x) = (2/pi) times this
        lengths = (roots[id(a)], roots[id(b)])
        below = build.add("square", lengths[0]) if a is b else build.add("mul", *lengths)
        return build.add("asin", build.add("div", build.dot(a, b), below))

    total = _squared_distance(build, w, v, angle)
    exact.warn()
    return Loss(build.graph(build.add("div", total, build.add("pi")), n * d), ((n, d),))


def teacher_student(k: int, n: int) -> Loss:
    """ReLU networks of n and k units, standard Gaussian inputs, orthonormal targets e_1 .. e_k: the arc-cosine kernel.

    E (sum_i relu(w_i.x) - sum_j relu(x_j))^2/2, parameters: n rows w_i of k. The family of its own does more; this is
    its loss as an expression, which is not smooth by the graph where two rows are parallel. Raises InputError.
    """
    build, coordinates = Builder(), _sizes(k, n)
    w = _table(build, 0, n, k)
    v = [[build.add("const", Fraction(int(i == j))) for j in coordinates] for i in range(k)]
    pi, one, half = build.add("pi"), build.add("const", Fraction(1)), build.add("const", HALF)
    right = build.add("mul", half, pi)
    squares = {id(row): build.dot(row, row) for row in w}
    lengths = {id(row): build.add("sqrt", squares[id(row)]) for row in w}

    def kernel(a: list[int], b: list[int]) -> int:  # 2 pi E relu(a.x) relu(b.x)
        if a is b:
            return build.add("mul", pi, squares.get(id(a), one))
        if id(a) not in lengths:
            return one  # of two orthonormal targets
        if id(b) in lengths:
            product, inner = build.add("mul", lengths[id(a)], lengths[id(b)]), build.dot(a, b)
        else:
            product, inner = lengths[id(a)], a[next(j for j in coordinates if b is v[j])]
        cosine = build.add("div", inner, product)
        sine = build.add("sqrt", build.add("sub", one, build.add("square", cosine)))
        rest = build.add("add", right, build.add("asin", cosine))
        return build.add("mul", product, build.add("add", sine, build.add("mul", rest, cosine)))

    total = _squared_distance(build, w, v, kernel)
    factor = build.add("mul", build.add("const", Fraction(4)), pi)
    return Loss(build.graph(build.add("div", total, factor), n * k), ((n, k),))


def _squared_distance(build: Builder, w: Rows, v: Rows, kernel: Any) -> int:
    """sum K(w_i, w_j) - 2 sum K(w_i, v_j) + sum K(v_i, v_j), each pair once."""
    alone = [kernel(a, a) for a in (*w, *v)]
    pairs = [kernel(a, b) for rows in (w, v) for a, b in combinations(rows, 2)]
    across = [kernel(a, b) for a in w for b in v]
    two, inner = build.add("const", Fraction(2)), build.sum(across)
    mixed = build.add("sub", build.sum(pairs), inner) if pairs else build.add("neg", inner)
    return build.add("add", build.sum(alone), build.add("mul", two, mixed))


def matrix_factorisation(M: Any, rank: int, *, weights: Any = None, balance: Any = 0) -> Loss:
    """sum_ij w_ij (M_ij - (U V^T)_ij)^2/2 + balance/4 |U^T U - V^T V|^2 for U and V of this width, U first.

    weights: a table like M, not negative (0: the entry is not known); all 1 by default. balance takes away the scales
    that U V^T does not see, not its rotations. Raises InputError.
    """
    exact = Exact()
    table = exact_table(M, exact, "M")
    rows, columns = len(table), len(table[0])
    weight = [[Fraction(1)] * columns] * rows if weights is None else exact_table(weights, exact, "weights")
    if [len(x) for x in weight] != [columns] * rows or any(x < 0 for row in weight for x in row):
        raise InputError(f"weights must be a table of {rows} x {columns} numbers, none of them negative")
    if type(rank) is not int or rank < 1:
        raise InputError(f"rank is {rank!r}; give how many columns U and V have")
    build, even = Builder(), exact(balance, "balance")
    u, v = _table(build, 0, rows, rank), _table(build, rows * rank, columns, rank)
    terms = []
    for i in range(rows):
        for j in range(columns):
            if weight[i][j]:
                left = build.add("sub", build.dot(u[i], v[j]), build.add("const", table[i][j]))
                terms.append(
                    build.add("mul", build.add("const", weight[i][j] / 2), build.add("square", left))
                )
    if even:
        terms.append(build.add("mul", build.add("const", even / 4), _imbalance(build, u, v)))
    graph = build.graph(build.sum(terms), (rows + columns) * rank)
    exact.warn()
    return Loss(graph, ((rows, rank), (columns, rank)), _turns(rows, columns, rank, round_only=even != 0))


def _turns(rows: int, columns: int, rank: int, *, round_only: bool) -> tuple[Generator, ...]:
    """U -> U R, V -> V R^-T: the rotations of two columns, or the shears. (Scalings are found by the rules.)"""
    found = []
    for a, b in permutations(range(rank), 2):
        if round_only and a > b:
            continue
        to, back = ((a, b, Fraction(1)), (b, a, Fraction(-1)))
        sides = [
            (0, rows, (to, back) if round_only else (to,)),
            (rows, columns, (to, back) if round_only else (back,)),
        ]
        entries = [
            ((first + i) * rank + p, (first + i) * rank + q, x)
            for first, count, moves in sides
            for i in range(count)
            for p, q, x in moves
        ]
        found.append(Generator(tuple(sorted(entries))))
    return tuple(found)


def _imbalance(build: Builder, u: Rows, v: Rows) -> int:
    """|U^T U - V^T V|^2."""
    left, right = (list(zip(*side, strict=True)) for side in (u, v))
    squares = [
        build.add("square", build.add("sub", build.dot(left[a], left[b]), build.dot(right[a], right[b])))
        for a in range(len(left))
        for b in range(len(left))
    ]
    return build.sum(squares)


def designed_landscape(a_star: Sequence[Any], mu: Any, lam: Any) -> Loss:
    """Ge, Lee & Ma's objective G for the teacher sum_i a_i relu(x_i): docs/theorem/landscape.md section 13.

    sum_i c a_i (|u^i|^4 - nu sum_r u_ri^4) + lambda sum_r (|u_r|^2 - 1)^2 with the columns u^i,
    c = 1/(2 sqrt(2 pi)) and nu = 1 + mu/12. Parameters: d rows u_r of d.
    """
    exact, build = Exact(), Builder()
    a, d = [exact(x, f"a*, entry {i}") for i, x in enumerate(a_star)], len(a_star)
    u = _table(build, 0, d, d)
    squares = [[build.add("square", x) for x in row] for row in u]
    two, one = build.add("const", Fraction(2)), build.add("const", Fraction(1))
    root = build.add("sqrt", build.add("mul", two, build.add("pi")))
    nu = build.add("const", 1 + exact(mu, "mu") / 12)
    terms = []
    for i, column in enumerate(zip(*squares, strict=True)):
        fourth = build.add("mul", nu, build.dot(column, column))
        whole = build.add("sub", build.add("square", build.sum(column)), fourth)
        weight = build.add("div", build.add("const", a[i] / 2), root)
        terms.append(build.add("mul", weight, whole))
    sizes = [build.add("square", build.add("sub", build.sum(row), one)) for row in squares]
    penalty = build.add("mul", build.add("const", exact(lam, "lambda")), build.sum(sizes))
    exact.warn()
    return Loss(build.graph(build.add("add", build.sum(terms), penalty), d * d), ((d, d),))


def _sizes(k: int, n: int) -> range:
    for name, x in (("k", k), ("n", n)):
        if type(x) is not int or x < 1:
            raise InputError(f"{name} is {x!r}; give how many units there are")
    return range(k)


def _table(build: Builder, first: int, rows: int, columns: int) -> Rows:
    return [[build.add("param", first + i * columns + j) for j in range(columns)] for i in range(rows)]
