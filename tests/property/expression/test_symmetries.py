"""Flows along which a loss is proved to be invariant keep its values; no value is below the lower end of a node."""

import random
from fractions import Fraction as Q
from itertools import pairwise

import numpy as np
import pytest
from scipy.linalg import expm

import expression_cases as cases
import relucert as rc
from relucert.base.dyadic import from_float
from relucert.families.expression import detect, gauge, search
from relucert.families.expression.candidate import ExpressionCandidate, kernel_loss
from relucert.families.expression.graph import Builder
from relucert.kernel.expression import infimum, invariance
from relucert.kernel.expression.invariance import Generator, NotInvariant

UNARY = ("neg", "abs", "relu", "square", "sqrt", "tanh", "exp", "atan", "log")
BINARY = ("add", "sub", "mul", "div", "max", "mul", "div")


def random_loss(rng, parameters=3, size=6):
    """Mostly of operations that keep degrees."""
    build = Builder()
    known = [build.add("param", i) for i in range(parameters)] + [build.add("const", Q(rng.randint(-2, 2)))]
    used = list(known[:parameters])
    for _ in range(size):
        if rng.random() < 0.4:
            at = build.add(rng.choice(UNARY), rng.choice(known))
        elif rng.random() < 0.2:
            at = build.dot([rng.choice(known), rng.choice(known)], [rng.choice(known), rng.choice(known)])
        else:
            at = build.add(rng.choice(BINARY), used.pop() if used else rng.choice(known), rng.choice(known))
        known.append(at)
    if used:
        return None
    return build.graph(known[-1], parameters) if uses_all(build.nodes, known[-1], parameters) else None


def uses_all(nodes, root, parameters):
    seen, stack = set(), [root]
    while stack:
        i = stack.pop()
        if i not in seen:
            seen.add(i)
            stack += [] if nodes[i][0] in ("param", "const") else nodes[i][1:]
    return all(any(nodes[i] == ("param", j) for i in seen) for j in range(parameters))


def moved(generator, x, t):
    """phi_t(x), in floating point."""
    m = len(x)
    field = np.zeros((m + 1, m + 1))
    for i, j, q in generator.matrix:
        field[i, j] = float(q)
    for i, q in generator.shift:
        field[i, m] = float(q)
    return (expm(t * field) @ np.append(x, 1.0))[:m]


def values(graph, x):
    with np.errstate(all="ignore"):
        return search.value_and_gradient(search.float_loss(graph), x)[0]


def kept(graph, generator, rng, most=20):
    """Whether the value does not change along the flow, at random points."""
    for _ in range(most):
        x = np.array([rng.gauss(0, 1) for _ in range(graph.parameters)])
        before, after = values(graph, x), values(graph, moved(generator, x, rng.uniform(-1, 1)))
        if np.isfinite(before) != np.isfinite(after):
            return False
        if np.isfinite(before) and abs(before - after) > 1e-7 * (1 + abs(before)):
            return False
    return True


def test_random_scalings_that_are_proved_are_true():
    rng, proved, refused = random.Random(5), 0, 0  # noqa: S311
    for _ in range(8_000):
        graph = random_loss(rng)
        if graph is None:
            continue
        weights = [rng.randint(-2, 2) for _ in range(3)]
        generator = Generator(tuple((i, i, Q(w)) for i, w in enumerate(weights) if w))
        if not generator.matrix:
            continue
        try:
            invariance.prove(kernel_loss(graph), [generator])
        except NotInvariant:
            refused += 1
            continue
        proved += 1
        assert kept(graph, generator, rng), (graph.describe(graph.output, 9), weights)
    assert proved >= 20 and refused >= 200


@pytest.mark.parametrize("loss, point", [
    (rc.losses.mlp([[1, 2], [3, -1]], [1, -2], [2, 2], "relu", bias=False), [0.5, -1, 2, 1, 1, -1, 0.3, 2, 1, 1]),
    (rc.losses.mlp([[1, 2], [3, -1]], [1, -2], [2], "linear"), [0.5, -1, 2, 1, 1, -1, 0.3, 2, 1]),
    (rc.losses.matrix_factorisation([[1, 2], [0, 1], [3, 1]], 2, weights=[[1, 2], [3, 4], [0, 1]]), list(range(1, 11))),
    (rc.losses.matrix_factorisation([[1, 2], [0, 1], [3, 1]], 2, balance=2), list(range(1, 11))),
])  # fmt: skip
def test_what_is_found_for_the_user_is_true(loss, point):
    rng = random.Random(3)  # noqa: S311
    found = gauge.moving(ExpressionCandidate(loss.graph, tuple(from_float(float(x)) for x in point)))
    assert found
    assert all(kept(loss.graph, x, rng) for x in found)


@pytest.mark.parametrize("seed", range(30))
def test_values_lie_between_the_ends_of_a_node(seed):
    graph, at = cases.random_graph(seed, 60)
    least = infimum.lower_end(kernel_loss(graph))
    rng = random.Random(seed)  # noqa: S311
    for _ in range(20):
        x = [v + rng.gauss(0, 2) for v in at]
        there = values(graph, np.array(x))
        if least is not None and np.isfinite(there):
            assert there >= float(least) - 1e-9 * (1 + abs(there))


def test_every_operation_between_its_ends():
    """Each function on random intervals, by its values at points of them."""
    rng, seen = random.Random(11), set()  # noqa: S311
    for _ in range(3_000):
        low, high = sorted(rng.choice([-3.0, -1.5, -1, -0.5, 0, 0.25, 1, 2, 5]) for _ in range(2))
        other = [infimum.Ends(Q(x), Q(y)) for x, y in [sorted((rng.uniform(-2, 2), rng.uniform(-2, 2)))]]
        name = rng.choice([*infimum.FUNCTIONS, "add", "sub", "mul", "div", "max", "powi", "dot"])
        n = rng.choice([-17, -4, -3, -2, -1, 3, 4, 5, 17])
        node = {"powi": (name, 0, n), "dot": (name, 0, 0, 0, 1)}.get(name, (name, 0, 1))
        node = (name, 0) if name in infimum.FUNCTIONS else node
        ends = infimum._rounded(infimum._node(node, [infimum.Ends(Q(low), Q(high)), other[0]], []))
        for _ in range(10):
            u, v = rng.uniform(low, high), rng.uniform(float(other[0].low), float(other[0].high))
            with np.errstate(all="ignore"):
                there = search._value(node, [np.float64(u), np.float64(v)], None, None)
            if np.isfinite(there):
                assert float(ends.low) - 1e-9 * abs(there) <= there <= float(ends.high) + 1e-9 * abs(there), (
                    node
                )
                seen.add(name)
    assert seen >= set(infimum.FUNCTIONS) | {"add", "sub", "mul", "div", "max", "powi", "dot"}


@pytest.mark.parametrize("loss, least", [
    (rc.losses.mlp([[1, 2], [3, -1]], [1, -1], [2], "tanh", ridge=Q(1, 8)), 0),
    (rc.losses.mlp([[1, 2], [3, -1]], [1, -1], [2], "tanh", loss="logistic"), 0),
    (rc.losses.matrix_factorisation([[1, 2], [0, 1]], 1, balance=1), 0),
    (rc.losses.designed_landscape([1, 2], 24, 2), None),
])  # fmt: skip
def test_lower_ends_that_are_known(loss, least):
    assert infimum.lower_end(kernel_loss(loss.graph)) == least


@pytest.mark.parametrize("operation, scale, least", [
    ("tanh", Q(1, 2), Q(-3, 2)), ("tanh", Q(-1, 2), Q(-3, 2)), ("sigmoid", Q(-1, 2), Q(-3, 2)), ("exp", Q(-1), None),
    ("sigmoid", Q(1, 2), 0),
])  # fmt: skip
def test_lower_ends_of_sums_over_rows(operation, scale, least):
    build = Builder()
    output = build.add(operation, build.add("mul", build.add("param", 0), build.add("input", 0)))
    graph = build.graph(output, 1, data=[[Q(1)], [Q(2)], [Q(-1)]], scale=scale)
    assert infimum.lower_end(kernel_loss(graph)) == least


def test_ends_are_rounded_outwards():
    build = Builder()
    for sign in (1, -1):
        third = build.add("const", Q(sign, 3))
        graph = build.graph(build.add("add", build.add("square", build.add("param", 0)), third), 1)
        least = infimum.lower_end(kernel_loss(graph))
        assert Q(sign, 3) - Q(1, 2**63) < least < Q(sign, 3)


def rows_of_given_lengths(rows, width):
    """sum_i (|u_i|^2 - 1)^2 + sum_i (u_i.u_(i+1) - 1/2)^2 of rows u_i: the same if all are rotated."""
    build = Builder()
    u = [[build.add("param", width * i + j) for j in range(width)] for i in range(rows)]
    one, half = build.add("const", Q(1)), build.add("const", Q(1, 2))
    pairs = [(x, x, one) for x in u] + [(x, y, half) for x, y in pairwise(u)]
    misses = [build.add("square", build.add("sub", build.dot(x, y), value)) for x, y, value in pairs]
    return build.graph(build.sum(misses), width * rows)


def test_rotations_of_more_parameters_are_found_and_what_is_not_sought_is_said(monkeypatch):
    monkeypatch.setattr(detect, "MOST_PARAMETERS", 6)
    monkeypatch.setattr(detect, "MOST_ROTATED", 8)
    rng, found = np.random.default_rng(1), {}
    for rows in (3, 4, 5):
        graph = rows_of_given_lengths(rows, 2)
        at = ExpressionCandidate(graph, tuple(from_float(x) for x in rng.standard_normal(2 * rows)))
        found[rows] = gauge.moving(at), gauge.unsought(at)
    for rows in (3, 4):
        turned = [(i, j, Q(q)) for i in range(0, 2 * rows, 2) for i, j, q in ((i, i + 1, 1), (i + 1, i, -1))]
        assert [x.matrix for x in found[rows][0]] in (
            [tuple(turned)],
            [tuple((i, j, -q) for i, j, q in turned)],
        )
    assert not found[3][1] and not found[5][0]
    assert "of 8 parameters only scalings and rotations were sought; give" in found[4][1]
    assert "of 10 parameters only scalings were sought; give" in found[5][1]
