"""The lower bound of F on all of R^m: the table of docs/spec/expression-v1.md, line by line, and by chance."""

import random
from fractions import Fraction

import pytest
from certificates import audit
from expression_claims import Graph, Loss, changed, proved
from mpmath import mp

from judge.documents import number
from makers.expression_direct import drawn, rational, values
from relucert_audit.expression import infimum
from relucert_audit.expression.graph import read_loss

UNIT = Fraction(1, 2**64)
TOP = 2**64


def ends(make, low=None, high=None, data=None):
    """Of the node that is made of one with these ends, None for infinite ones, and of a parameter."""
    g = Graph()
    (x,) = g.params(1)
    output = make(g, between(g, x, low, high), x)
    lower = infimum.lower_end(read_loss(Loss(g, 1, output, data).document(), "loss"))
    upper = infimum.lower_end(read_loss(Loss(g, 1, output("neg"), data).document(), "loss"))
    return lower, None if upper is None else -upper


def between(g, x, low, high):
    """From low to high: a sine takes all values from -1 to 1, a square all that are not negative."""
    if low is None and high is None:
        return x
    if low is None:
        return g.of(high) - x("square")
    if high is None:
        return x("square") + low
    if low == high:
        return g.of(low)
    low, high = Fraction(low), Fraction(high)
    return x("sin") * ((high - low) / 2) + (high + low) / 2


def of(op, low=None, high=None, *more):
    return ends(lambda g, u, x: u(op, *more), low, high)


def test_the_ends_of_the_test():
    for low, high in ((None, None), (None, 3), (-2, None), (-2, 5), (Fraction(1, 2), 1), (3, 3)):
        assert ends(lambda g, u, x: u, low, high) == (low, high)


def test_leaves():
    assert ends(lambda g, u, x: g.node("pi")) == (3, 4)
    third = Fraction(2**64 // 3, 2**64)
    assert ends(lambda g, u, x: g.of(Fraction(1, 3))) == (third, third + UNIT)
    assert ends(lambda g, u, x: g.of(Fraction(-1, 3))) == (-third - UNIT, -third)
    rows = [[3, 1], [-2, 1], [1, 1]]
    assert ends(lambda g, u, x: g.node("input", 0), data=rows) == (-6, 9)
    assert ends(lambda g, u, x: g.node("input", 1), data=rows) == (3, 3)


def test_ends_are_not_finite_for_ever():
    for q, expected in (
        (TOP, (TOP, TOP)),
        (-TOP, (-TOP, -TOP)),
        (TOP + 1, (TOP, None)),
        (-TOP - 1, (None, -TOP)),
    ):
        assert ends(lambda g, u, x, q=q: g.of(q)) == expected
    assert ends(lambda g, u, x: u + 1, TOP - 1, TOP) == (TOP, None)
    below, above = (infimum.rounded(Fraction(q), Fraction(q)) for q in (-TOP - 1, TOP + 1))
    assert (below.high, above.low) == (-(TOP**2), TOP**2)


SUMS = {
    "add": (lambda g, u, x: u + 1, (-2, 3), (-1, 4)),
    "add of all": (lambda g, u, x: u + x, (-2, 3), (None, None)),
    "add below": (lambda g, u, x: u + x("abs"), (-2, 3), (-2, None)),
    "sub": (lambda g, u, x: u - u, (-2, 3), (-5, 5)),
    "sub from": (lambda g, u, x: g.of(1) - u, (-2, None), (None, 3)),
    "sum": (lambda g, u, x: g.node("sum", u, u, g.of(1)), (-2, 3), (-3, 7)),
    "neg": (lambda g, u, x: u("neg"), (-2, None), (None, 2)),
    "max": (lambda g, u, x: u("max", g.of(1)), (-2, 3), (1, 3)),
    "max of a smaller one": (lambda g, u, x: u("max", g.of(-4)), (-2, None), (-2, None)),
}
PRODUCTS = {
    "mul": (lambda g, u, x: u * 3, (-2, 5), (-6, 15)),
    "mul of both signs": (lambda g, u, x: u * (u + 1), (-2, 5), (-12, 30)),
    "mul of itself": (lambda g, u, x: u * u, (-2, 5), (0, 25)),
    "mul of itself below 0": (lambda g, u, x: u * u, (-5, -2), (4, 25)),
    "mul of infinite ones": (lambda g, u, x: u * (x("exp") + 1), (2, 3), (2, None)),
    "mul of 0 and infinity": (lambda g, u, x: u * x("exp"), (0, 3), (0, None)),
    "mul by 0": (lambda g, u, x: x * 0, (0, 3), (0, 0)),
    "mul with a small one": (lambda g, u, x: x("abs") * (UNIT * UNIT), (0, 3), (0, None)),
    "dot": (lambda g, u, x: g.node("dot", u, u, u, g.of(2)), (-2, 5), (-4, 35)),
    "dot is rounded once": (lambda g, u, x: g.node("dot", *[g.of(2**32 * UNIT)] * 2, *[g.of(UNIT)] * 2), (0, 1),
                            (UNIT, 2 * UNIT)),
    "square": (lambda g, u, x: u("square"), (-2, 5), (0, 25)),
    "square below 0": (lambda g, u, x: u("square"), (-5, -2), (4, 25)),
    "square of all": (lambda g, u, x: u("square"), (None, None), (0, None)),
    "square of a half line": (lambda g, u, x: u("square"), (None, -2), (4, None)),
    "cube": (lambda g, u, x: u("powi", 3), (-2, 5), (-8, 125)),
    "cube of a half line": (lambda g, u, x: u("powi", 3), (None, 2), (None, 8)),
    "fourth": (lambda g, u, x: u("powi", 4), (-3, 2), (0, 81)),
    "fourth below 0": (lambda g, u, x: u("powi", 4), (None, -2), (16, None)),
    "16th": (lambda g, u, x: u("powi", 16), (1, 2), (1, 2**16)),
    "17th": (lambda g, u, x: u("powi", 17), (1, 2), (0, None)),
    "17th of both signs": (lambda g, u, x: u("powi", 17), (-1, 2), (None, None)),
    "17th below 0": (lambda g, u, x: u("powi", 17), (-2, -1), (None, 0)),
    "18th": (lambda g, u, x: u("powi", 18), (-2, 1), (0, None)),
    "-17th": (lambda g, u, x: u("powi", -17), (1, 2), (0, None)),
    "-17th below 0": (lambda g, u, x: u("powi", -17), (-2, -1), (None, 0)),
    "-18th": (lambda g, u, x: u("powi", -18), (-2, 1), (0, None)),
    "1000th": (lambda g, u, x: u("powi", 1000), (-2, 1), (0, None)),
}  # fmt: skip
QUOTIENTS = {
    "div": (lambda g, u, x: g.of(4) / u, (2, 8), (Fraction(1, 2), 2)),
    "div below 0": (lambda g, u, x: g.of(4) / u, (-8, -2), (-2, Fraction(-1, 2))),
    "div by what reaches 0": (lambda g, u, x: g.of(4) / u, (0, 8), (Fraction(1, 2), None)),
    "div by what reaches 0 from below": (lambda g, u, x: g.of(4) / u, (-8, 0), (None, Fraction(-1, 2))),
    "div by a half line": (lambda g, u, x: g.of(4) / u, (2, None), (0, 2)),
    "div by a half line below 0": (lambda g, u, x: g.of(4) / u, (None, -2), (-2, 0)),
    "div by both signs": (lambda g, u, x: g.of(4) / u, (-2, 2), (None, None)),
    "div by all": (lambda g, u, x: g.of(4) / u, (None, None), (None, None)),
    "div by 0": (lambda g, u, x: g.of(4) / u, (0, 0), (None, None)),
    "div of 0 by both signs": (lambda g, u, x: g.of(0) / u, (-2, 2), (0, 0)),
    "div is rounded once": (lambda g, u, x: g.of(3) / u, (3, 3), (1, 1)),
    "div of both signs": (lambda g, u, x: (u - 4) / u, (2, 8), (-1, 2)),
    "inverse": (lambda g, u, x: u("powi", -1), (2, 8), (Fraction(1, 8), Fraction(1, 2))),
    "inverse of both signs": (lambda g, u, x: u("powi", -1), (-2, 8), (None, None)),
    "inverse square": (lambda g, u, x: u("powi", -2), (-4, 2), (Fraction(1, 16), None)),
    "inverse square below 0": (lambda g, u, x: u("powi", -2), (-4, -2), (Fraction(1, 16), Fraction(1, 4))),
    "inverse cube": (lambda g, u, x: u("powi", -3), (-4, -2), (Fraction(-1, 8), Fraction(-1, 64))),
    "inverse cube of a half line": (lambda g, u, x: u("powi", -3), (2, None), (0, Fraction(1, 8))),
    "inverse cube from 0": (lambda g, u, x: u("powi", -3), (0, 2), (Fraction(1, 8), None)),
    "a high inverse is not 0": (lambda g, u, x: u("powi", -16), (2**10, 2**20), (0, UNIT)),
}
SIGNS = {
    "abs": (lambda g, u, x: u("abs"), (-2, 5), (0, 5)),
    "abs, further below": (lambda g, u, x: u("abs"), (-6, 5), (0, 6)),
    "abs above": (lambda g, u, x: u("abs"), (2, None), (2, None)),
    "abs below": (lambda g, u, x: u("abs"), (None, -2), (2, None)),
    "relu": (lambda g, u, x: u("relu"), (-2, 5), (0, 5)),
    "relu above": (lambda g, u, x: u("relu"), (2, 5), (2, 5)),
    "relu below": (lambda g, u, x: u("relu"), (None, -2), (0, 0)),
}


@pytest.mark.parametrize("name", [*SUMS, *PRODUCTS, *QUOTIENTS, *SIGNS])
def test_the_table(name):
    make, (low, high), expected = (SUMS | PRODUCTS | QUOTIENTS | SIGNS)[name]
    assert ends(make, low, high) == expected


HALF = Fraction(1, 2)
FUNCTIONS = [
    ("sqrt", (-3, 9), (0, 9)), ("sqrt", (4, None), (1, None)), ("sqrt", (HALF, Fraction(3, 4)), (HALF, 1)),
    ("sqrt", (-3, -2), (0, 1)),
    ("exp", (None, None), (0, None)), ("exp", (2, 3), (3, None)), ("exp", (-3, -2), (0, 1)), ("exp", (-1, 0), (0, 1)),
    ("exp", (0, 1), (1, None)), ("exp", (-1, HALF), (0, None)),
    ("log", (None, None), (None, None)), ("log", (1, 5), (0, 4)), ("log", (HALF, 5), (None, 4)),
    ("log", (2, None), (0, None)),
    ("sin", (0, 0), (-1, 1)), ("cos", (0, 0), (-1, 1)), ("sin", (None, None), (-1, 1)), ("cos", (1, 2), (-1, 1)),
    ("tanh", (None, None), (-1, 1)), ("tanh", (0, 5), (0, 1)), ("tanh", (-5, 0), (-1, 0)), ("tanh", (0, 0), (0, 0)),
    ("erf", (None, None), (-1, 1)), ("erf", (1, None), (0, 1)), ("erf", (None, -1), (-1, 0)), ("erf", (-1, 2), (-1, 1)),
    ("atan", (None, None), (-2, 2)), ("atan", (1, None), (0, 2)), ("atan", (None, -1), (-2, 0)),
    ("asin", (None, None), (-2, 2)), ("asin", (HALF, 1), (0, 2)), ("asin", (-1, -HALF), (-2, 0)),
    ("sigmoid", (None, None), (0, 1)), ("sigmoid", (0, None), (HALF, 1)), ("sigmoid", (None, 0), (0, HALF)),
    ("softplus", (None, None), (0, None)), ("softplus", (2, 3), (2, 4)), ("softplus", (-3, -2), (0, 1)),
]  # fmt: skip


@pytest.mark.parametrize(("op", "given", "expected"), FUNCTIONS)
def test_functions(op, given, expected):
    assert of(op, *given) == expected


def total(scale, rows, ridge=None, make=lambda g, x, t: x("square") + t):
    g = Graph()
    (x,) = g.params(1)
    output = make(g, x, g.node("input", 0))
    loss = Loss(g, 1, output, rows, scale, ridge and ridge(x))
    return infimum.lower_end(read_loss(loss.document(), "loss"))


def test_the_sum_over_the_rows():
    rows = [[3], [5], [4]]
    assert total(Fraction(1, 3), rows) == 3
    assert total(2, rows) == 18
    assert total(-1, rows) is None
    assert total(-2, rows, make=lambda g, x, t: x("sin") * t) == -30
    assert total(2, rows, lambda x: x("exp")) == 18
    assert total(2, rows, lambda x: x("exp") - 1) == 17
    assert total(2, rows, lambda x: x) is None
    assert total(2, rows, make=lambda g, x, t: x("square") - 1) == -6
    assert total(2, rows, make=lambda g, x, t: x) is None


def test_nodes_of_constraints_do_not_count():
    g = Graph()
    x, y = g.params(2)
    loss = Loss(g, 2, x("square"), constraints=(y("log"), x * y))
    assert infimum.lower_end(read_loss(loss.document(), "loss")) == 0


@pytest.mark.parametrize("seed", range(80))
def test_values_lie_between_the_ends(seed):
    """Of every node of random graphs, wherever it is defined, near and far."""
    rng = random.Random(seed)  # noqa: S311
    document = drawn(seed, rng.randint(5, 30), 2, seed % 2 == 1, 0)
    loss = read_loss(document, "loss")
    found = []
    for node in loss.nodes:
        if node.op == "input":
            column = [row[node.value] for row in loss.data]
            found.append(infimum.rounded(min(column), max(column)))
        else:
            found.append(infimum.of(node, [found[a] for a in node.args]))
    with mp.workprec(120):
        for _ in range(30):
            scale = rng.choice((1e-3, 1, 3, 30))
            x = [mp.mpf(rng.choice((0, 1, -1, rng.gauss(0, scale), rng.gauss(0, scale)))) for _ in range(2)]
            row = [rational(q) for q in rng.choice(document.get("data", [[]]))]
            try:
                there = values(document, x, row)
            except (ZeroDivisionError, ValueError, OverflowError, TypeError):
                continue
            for (low, high), v in zip(found, there, strict=True):
                if isinstance(v, mp.mpc) or not mp.isfinite(v):
                    break
                slack = mp.mpf(2) ** -80 * (1 + abs(v))
                assert low <= mp.ldexp(v + slack, 64)
                assert high >= mp.ldexp(v - slack, 64)


def claimed(name, infimum_min):
    return audit(changed(proved(name), "bounds.infimum_min", number(infimum_min, False))).result


def test_claims():
    tiny = Fraction(1, 2**100)
    assert claimed("rosenbrock", Fraction(0)) == "accepted"
    assert claimed("rosenbrock", -tiny) == "accepted"
    assert claimed("rosenbrock", tiny) == "not-confirmed"
    assert claimed("xor-local", Fraction(0)) == "accepted"
    assert claimed("xor-local", tiny) == "not-confirmed"
    assert claimed("pass-away", Fraction(-(10**9))) == "not-confirmed"
    assert claimed("origin", Fraction(-1)) == "accepted"
    assert claimed("origin", Fraction(-1023, 1024)) == "not-confirmed"
