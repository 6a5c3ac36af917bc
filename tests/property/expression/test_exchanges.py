"""Exchanges of parameters after which a loss is proved to be the same leave its values as they are; what is known of
operations and of networks is found; images are counted."""

import random
from fractions import Fraction as Q
from math import factorial

import numpy as np
import pytest

import relucert as rc
from relucert.families.expression import exchanges, search
from relucert.families.expression.candidate import kernel_loss
from relucert.families.expression.graph import Builder
from relucert.kernel import ball
from relucert.kernel.ball import NotProved
from relucert.kernel.expression import exchange
from relucert.kernel.expression.functions import UNARY
from relucert.kernel.expression.invariance import NotInvariant

DATA, LABELS = [[1, 2], [3, -1], [0, 1]], [1, 0, 2]
FLIP = ((0, 0, -1),)
BOTH = ((0, 0, -1), (1, 1, -1))
SWAP = ((0, 1, 1), (1, 0, 1))
CYCLE = ((0, 1, 1), (1, 2, 1), (2, 0, 1))


def made(write, parameters=2):
    build = Builder()
    x = [build.add("param", i) for i in range(parameters)]
    return build.graph(write(build, *x), parameters)


def same(graph, *given):
    try:
        exchange.prove(kernel_loss(graph), given)
    except NotInvariant:
        return False
    return True


@pytest.mark.parametrize("name", UNARY)
def test_which_functions_are_odd_and_even(name):
    odd, even = name in ("neg", "sin", "asin", "atan", "tanh", "erf"), name in ("square", "abs", "cos")
    assert same(made(lambda b, x, y: b.add("mul", b.add(name, x), y)), BOTH) == odd
    assert same(made(lambda b, x, y: b.add("mul", b.add(name, x), y)), FLIP) == even
    assert same(made(lambda b, x, y: b.add(name, b.add("mul", x, y))), BOTH)
    assert same(made(lambda b, x, y: b.add("mul", b.add(name, x), b.add(name, y))), SWAP)


@pytest.mark.parametrize("n", [-4, -3, -1, 3, 4])
def test_powers(n):
    graph = made(lambda b, x, y: b.add("mul", b.add("powi", x, n), y))
    assert (same(graph, BOTH), same(graph, FLIP)) == (n % 2 == 1, n % 2 == 0)


CASES = {  # of x and y, or of x, y and z: a loss, an exchange, whether it is the same
    "sum": (lambda b, x, y: b.add("exp", b.add("add", x, y)), SWAP, True),
    "long sum": (lambda b, x, y: b.add("exp", b.sum([x, b.add("const", Q(1)), y])), SWAP, True),
    "difference": (lambda b, x, y: b.add("exp", b.add("sub", x, y)), SWAP, False),
    "difference squared": (lambda b, x, y: b.add("cos", b.add("sub", x, y)), SWAP, True),
    "difference, turned": (lambda b, x, y: b.add("exp", b.add("sub", x, y)), ((0, 1, -1), (1, 0, -1)), True),
    "product": (lambda b, x, y: b.add("exp", b.add("mul", x, y)), SWAP, True),
    "quotient": (lambda b, x, y: b.add("exp", b.add("div", x, y)), SWAP, False),
    "quotient, signs": (lambda b, x, y: b.add("exp", b.add("div", x, y)), BOTH, True),
    "quotient, a sign": (lambda b, x, y: b.add("exp", b.add("div", x, y)), FLIP, False),
    "larger": (lambda b, x, y: b.add("exp", b.add("max", x, y)), SWAP, True),
    "larger, signs": (lambda b, x, y: b.add("exp", b.add("max", x, y)), BOTH, False),
    "inner product": (lambda b, x, y: b.add("exp", b.dot([x, y], [y, y])), SWAP, False),
    "inner product, squares": (lambda b, x, y: b.add("exp", b.dot([x, y], [x, y])), ((0, 1, -1), (1, 0, 1)), True),
    "three squares": (lambda b, x, y: b.dot([x, y, x], [x, y, x]), SWAP, False),
    "times one sign": (lambda b, x, y: b.add("mul", b.add("tanh", x), b.add("exp", y)), FLIP, False),
    "numerators": (
        lambda b, x, y, z: b.add("mul", b.add("div", x, z), b.add("exp", b.add("div", y, z))), SWAP, False,
    ),
    "divisors": (
        lambda b, x, y, z: b.add("mul", b.add("div", z, x), b.add("exp", b.add("div", z, y))), SWAP, False,
    ),
    "inner products": (
        lambda b, x, y, z: b.sum([b.add("exp", b.dot([x, y], [z, y])), b.add("exp", b.dot([y, x], [z, x]))]),
        SWAP, True,
    ),
    "a weight": (
        lambda b, x, y: b.add("exp", b.add("add", x, b.add("mul", b.add("const", Q(2)), y))), SWAP, False,
    ),
    "constants that differ": (
        lambda b, x, y: b.add("add", b.add("powi", x, 4), b.add("square", b.add("square", y))), SWAP, False,
    ),
    "sign of a difference": (
        lambda b, x, y, z: b.add("mul", b.add("sub", x, y), z), (*SWAP, (2, 2, -1)), True,
    ),
    "cycle": (lambda b, x, y, z: b.add("exp", b.sum([x, y, z])), CYCLE, True),
    "cycle of differences": (
        lambda b, x, y, z: b.sum([b.add("exp", b.add("sub", *p)) for p in ((x, y), (y, z), (z, x))]),
        CYCLE, True,
    ),
    "swap of differences": (
        lambda b, x, y, z: b.sum([b.add("exp", b.add("sub", *p)) for p in ((x, y), (y, z), (z, x))]), SWAP, False,
    ),
    "cancelled": (lambda b, x, y: b.add("mul", b.add("sub", b.add("log", x), b.add("log", x)), y), BOTH, False),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_exchanges_by_the_rules(name):
    write, given, holds = CASES[name]
    assert same(made(write, 3 if write.__code__.co_argcount == 4 else 2), given) == holds


def test_different_functions_are_told_apart():
    """f(x, z) + g(y, z) + z is the same with x and y exchanged for no two of these, as far as the rules go."""
    kinds = [(name,) for name in UNARY] + [("powi", n) for n in (-3, 3, 4, 5)]
    of = {kind: lambda b, x, _, kind=kind: b.add(kind[0], x, *kind[1:]) for kind in kinds}
    of |= {name: lambda b, x, z, name=name: b.add(name, x, z) for name in ("add", "sub", "mul", "div", "max")}
    of |= {f"{name}, turned": lambda b, x, z, name=name: b.add(name, z, x) for name in ("sub", "div")}
    of |= {"square of z": lambda b, x, z: b.dot([x, z], [z, z]), "itself": lambda b, x, z: x}
    for f in of:
        for g in of:
            graph = made(lambda b, x, y, z, f=f, g=g: b.sum([of[f](b, x, z), of[g](b, y, z), z]), 3)
            assert same(graph, SWAP) == (f == g), (f, g)


def test_a_refusal_names_the_node_and_the_exchange_and_the_work_is_limited(monkeypatch):
    graph = made(lambda b, x, y: b.add("mul", b.add("cos", x), y))
    with pytest.raises(NotInvariant) as error:
        exchange.prove(kernel_loss(graph), [FLIP, SWAP])
    assert (error.value.node, error.value.generator) == (graph.output, 1)
    monkeypatch.setattr(exchange, "MOST_WORK", 2 * 3)
    exchange.prove(kernel_loss(graph), [FLIP, FLIP])
    with pytest.raises(NotProved, match="more than 6"):
        exchange.prove(kernel_loss(graph), [FLIP] * 3)


def test_the_regulariser_and_each_row():
    build = Builder()
    x, y = (build.add("param", i) for i in range(2))
    both, data = build.add("mul", build.add("add", x, y), build.add("input", 0)), [[Q(1)], [Q(-1)]]
    assert same(build.graph(both, 2, data=data), SWAP)
    assert not same(build.graph(both, 2, data=data), BOTH)  # though the rows sum to 0
    assert not same(build.graph(both, 2, data=data, regulariser=build.add("square", x)), SWAP)


@pytest.mark.parametrize("bad", [
    (), ((0, 1, 1),), ((0, 0, 1),), ((0, 0, 2),), ((1, 0, 1), (0, 1, 1)), ((0, 1, 1), (1, 1, 1)), ((2, 2, -1),),
    ((-1, -1, -1),),
])  # fmt: skip
def test_what_is_no_exchange_is_refused(bad):
    with pytest.raises(ValueError, match="an exchange"):
        same(made(lambda b, x, y: b.add("mul", x, y)), bad)


def values(graph, x):
    with np.errstate(all="ignore"):
        return search.value_and_gradient(search.float_loss(graph), x)[0]


def random_loss(rng):
    build = Builder()
    known = [build.add("param", i) for i in range(3)]
    for _ in range(5):
        if rng.random() < 0.4:
            known.append(build.add(rng.choice(sorted(UNARY)), rng.choice(known)))
        else:
            a, b = rng.sample(known, 2)
            known.append(build.add(rng.choice(("add", "sub", "mul", "div", "max")), a, b))
    return build.graph(build.sum([known[-1], build.add("cos", build.sum(known[:3]))]), 3)


def test_random_exchanges_that_are_proved_are_true():
    rng, proved, refused = random.Random(7), 0, 0  # noqa: S311
    for _ in range(1_500):
        graph = random_loss(rng)
        order, signs = rng.sample(range(3), 3), [rng.choice((1, -1)) for _ in range(3)]
        given = tuple(
            (i, j, s) for i, (j, s) in enumerate(zip(order, signs, strict=True)) if (i, 1) != (j, s)
        )
        if not given or not same(graph, given):
            refused += 1
            continue
        proved += 1
        for _ in range(10):
            x = np.array([rng.gauss(0, 1) for _ in range(3)])
            y = x.copy()
            for i, j, s in given:
                y[i] = s * x[j]
            before, after = values(graph, x), values(graph, y)
            assert np.isfinite(before) == np.isfinite(after)
            assert not np.isfinite(before) or after == pytest.approx(before, rel=1e-9, abs=1e-9)
    assert proved >= 15 and refused >= 300


def counted(point, given, radius=2.0**-20):
    with ball.precision(64):
        return exchange.count([ball.exact_float(float(x)) for x in point], given, ball.exact_float(radius))


@pytest.mark.parametrize("point, given, radius, images", [
    ([1, 2], [SWAP], 0.0, 2), ([1, 1], [SWAP], 0.0, 1), ([1, -1], [SWAP], 0.0, 2), ([1, -1], [BOTH, SWAP], 0.0, 2),
    ([1, 2], [SWAP], 0.25, 2), ([1, 2], [SWAP], 0.5, 1), ([1, 2], [SWAP, FLIP], 0.25, 8),
    ([0, 2], [SWAP, FLIP], 0.25, 4), ([0.25, 4], [SWAP], 2.0, 1), ([0.25, 8], [SWAP], 2.0, 2),
    ([0.25, 2], [FLIP], 0.125, 1), ([0.26, 2], [FLIP], 0.125, 2), ([3, 3], [SWAP, FLIP], 0.0, 4),
    ([1, 1.5, 2], [CYCLE], 0.25, 1), ([1, 1.5, 2], [CYCLE], 0.125, 3),
])  # fmt: skip
def test_images_are_counted_if_they_are_told_apart(point, given, radius, images):
    assert counted(point, given, radius) == images


def test_the_count_stops(monkeypatch):
    transpositions = [((i, i + 1, 1), (i + 1, i, 1)) for i in range(5)]
    assert counted(range(6), transpositions) == factorial(6)
    monkeypatch.setattr(exchange, "MOST_MOVES", 100 * 5 * 6)
    assert counted(range(6), transpositions) == 100


@pytest.mark.parametrize("widths, activation, images", [
    ([3], "tanh", factorial(3) * 2**3), ([3], "softplus", factorial(3)), ([2, 2], "tanh", (2 * 4) ** 2),
    ([3, 2], "sigmoid", factorial(3) * 2), ([3], "sin", factorial(3) * 2**3), ([2], "relu", 2),
])  # fmt: skip
def test_units_of_networks(widths, activation, images):
    graph = rc.losses.mlp(DATA, LABELS, widths, activation, ridge=Q(1, 8)).graph
    found = exchanges.found(graph)
    point = np.random.default_rng(0).standard_normal(graph.parameters)
    assert counted(point, found) == images
    for given in found:
        image = point.copy()
        for i, j, s in given:
            image[i] = s * point[j]
        assert values(graph, image) == pytest.approx(values(graph, point), rel=1e-12)


def test_where_there_are_none():
    assert exchanges.found(made(lambda b, x, y: b.add("exp", b.add("sub", x, b.add("powi", y, 3))))) == ()
    cut = Builder()
    x, y = (cut.add("param", i) for i in range(2))
    assert exchanges.found(cut.graph(cut.add("mul", x, y), 2, constraints=[cut.add("sub", x, y)])) == ()
