"""Degrees of nodes along generators, and the polynomials they rest on: "Invariance of a graph" of
docs/spec/expression-v1.md."""

import random
from fractions import Fraction

import pytest
from expression_claims import Graph, Loss
from mpmath import mp

from makers.expression_direct import drawn, rational, values
from relucert_audit.expression import polynomial, symmetry
from relucert_audit.expression.graph import read_loss
from relucert_audit.expression.symmetry import Along, read_symmetry
from relucert_audit.format import Refusal


def along(document, generator):
    """The loss, and the degrees of its nodes."""
    loss = read_loss(document, "loss")
    return Along(loss).degrees(read_symmetry([generator], loss.parameters, 1)[0])


def degree(make, generator, m=4, data=None):
    """Of the node that is made from parameters and the input, last of its graph; "zero" for one that is 0."""
    g = Graph()
    args = [*g.params(m), g.node("input", 0)] if data else g.params(m)
    term = make(g, *args)
    document = Loss(g, m, term, data).document()
    found = along(document, generator)[document["output"]]
    return None if found is None else "zero" if found.zero else found.value


def scaled(make, data=None):
    """With x, y, z, w of the degrees 2, -3, 0, 1/2."""
    entries = [[0, 0, "2"], [1, 1, "-3"], [3, 3, "1/2"]]
    return degree(make, {"matrix": entries}, data=data)


RULES = {
    "param": (lambda g, x, y, z, w: x, 2),
    "no entry": (lambda g, x, y, z, w: z, 0),
    "const": (lambda g, x, y, z, w: g.of(3), 0),
    "pi": (lambda g, x, y, z, w: g.node("pi"), 0),
    "pi in a sum": (lambda g, x, y, z, w: g.node("pi") + x, None),
    "mul": (lambda g, x, y, z, w: x * y, -1),
    "mul of roots": (lambda g, x, y, z, w: x("sqrt") * y("abs"), -2),
    "div": (lambda g, x, y, z, w: x / y, 5),
    "div by a constant": (lambda g, x, y, z, w: x / 3, 2),
    "div of a constant": (lambda g, x, y, z, w: g.of(1) / y, 3),
    "neg": (lambda g, x, y, z, w: x("sqrt")("neg"), 1),
    "abs": (lambda g, x, y, z, w: y("abs"), -3),
    "relu": (lambda g, x, y, z, w: y("relu"), -3),
    "square": (lambda g, x, y, z, w: y("relu")("square"), -6),
    "sqrt": (lambda g, x, y, z, w: y("sqrt"), Fraction(-3, 2)),
    "powi": (lambda g, x, y, z, w: y("relu")("powi", 3), -9),
    "powi of a polynomial": (lambda g, x, y, z, w: y("powi", 30), -90),
    "powi below 0": (lambda g, x, y, z, w: y("powi", -4), 12),
    "add": (lambda g, x, y, z, w: x("abs") + x("relu"), 2),
    "add of others": (lambda g, x, y, z, w: x("abs") + y("abs"), None),
    "add of a half": (lambda g, x, y, z, w: x("sqrt") + w("square")("abs"), 1),
    "sub": (lambda g, x, y, z, w: x("abs") - x("relu"), 2),
    "sub of others": (lambda g, x, y, z, w: x("abs") - w("abs"), None),
    "sum": (lambda g, x, y, z, w: g.node("sum", x("abs"), x, (x * z)("relu")), 2),
    "sum of others": (lambda g, x, y, z, w: g.node("sum", x("abs"), x, x("sqrt")), None),
    "max": (lambda g, x, y, z, w: x("max", w("powi", 4)), 2),
    "max of others": (lambda g, x, y, z, w: x("max", w), None),
    "max with a constant": (lambda g, x, y, z, w: x("max", g.of(1)), None),
    "max with 0": (lambda g, x, y, z, w: x("max", g.of(0)), 2),
    "0 and max": (lambda g, x, y, z, w: g.of(0)("max", y), -3),
    "add of 0": (lambda g, x, y, z, w: x("abs") + (y - y), 2),
    "sub from 0": (lambda g, x, y, z, w: g.of(0) - y("abs"), -3),
    "dot": (lambda g, x, y, z, w: g.node("dot", x("abs"), y, w("abs"), y * w("powi", 3)), -1),
    "dot of others": (lambda g, x, y, z, w: g.node("dot", x("abs"), y, w("abs"), y), None),
    "dot with 0": (lambda g, x, y, z, w: g.node("dot", x("abs"), y, x - x, w("abs")), -1),
    "dot with 0 and no degree": (lambda g, x, y, z, w: g.node("dot", x("abs"), y, x - x, w("exp")), None),
    "0": (lambda g, x, y, z, w: x - x, "zero"),
    "0 by a square": (lambda g, x, y, z, w: (x + y)("square") - x("square") - x * y * 2 - y("square"), "zero"),
    "not 0": (lambda g, x, y, z, w: (x("abs") - x("abs")), 2),
    "0 times": (lambda g, x, y, z, w: (x - x) * y("abs"), -3),
    "a function of degree 0": (lambda g, x, y, z, w: (x / w("powi", 4))("exp"), 0),
    "a function of a constant": (lambda g, x, y, z, w: g.of(2)("log"), 0),
    "a function of a parameter": (lambda g, x, y, z, w: x("exp"), None),
    "a function of 0": (lambda g, x, y, z, w: (x - x)("cos"), 0),
    "a polynomial": (lambda g, x, y, z, w: x * w + (w + 0)("powi", 5), Fraction(5, 2)),
    "no homogeneous polynomial": (lambda g, x, y, z, w: x * w + w("powi", 4), None),
    "terms that cancel": (lambda g, x, y, z, w: x + w("powi", 5) - w("powi", 5), 2),
}  # fmt: skip
FUNCTIONS = ("exp", "log", "sin", "cos", "asin", "atan", "tanh", "sigmoid", "softplus", "erf")


@pytest.mark.parametrize("name", RULES)
def test_the_rules(name):
    make, expected = RULES[name]
    assert scaled(make) == expected


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions(name):
    assert scaled(lambda g, x, y, z, w: x(name)) is None
    assert scaled(lambda g, x, y, z, w: y(name)) is None
    assert scaled(lambda g, x, y, z, w: z(name)) == 0


def test_inputs_do_not_move():
    rows = [[1], [2]]
    assert scaled(lambda g, x, y, z, w, t: t * x, rows) == 2
    assert scaled(lambda g, x, y, z, w, t: (t * x + x)("exp"), rows) is None
    assert scaled(lambda g, x, y, z, w, t: x + t, rows) is None
    assert scaled(lambda g, x, y, z, w, t: z + t, rows) == 0
    assert scaled(lambda g, x, y, z, w, t: t * x - x * t, rows) == "zero"


TURN = {"matrix": [[0, 1, "-1"], [1, 0, "1"]]}
SHEAR = {"matrix": [[0, 1, "1"]]}
GROW = {"matrix": [[0, 0, "1"], [0, 1, "-1"], [1, 0, "1"], [1, 1, "1"]]}
SHIFT = {"shift": [[0, "1"], [1, "1"]]}
AFFINE = {"matrix": [[0, 0, "2"]], "shift": [[0, "-6"]]}
OTHERS = {
    "turned": (lambda g, x, y: x("square") + y("square"), TURN, 0),
    "turned parameter": (lambda g, x, y: x, TURN, None),
    "turned the other way": (lambda g, x, y: x("square") - y("square"), TURN, None),
    "turned higher": (lambda g, x, y: (x("square") + y("square"))("powi", 4), TURN, 0),
    "turned too high": (lambda g, x, y: (x("square") + y("square"))("powi", 5), TURN, 0),
    "turned, and no polynomial": (lambda g, x, y: (x("square") + y("square"))("sqrt"), TURN, 0),
    "sheared": (lambda g, x, y: y, SHEAR, 0),
    "sheared parameter": (lambda g, x, y: x, SHEAR, None),
    "spiral": (lambda g, x, y: x("square") + y("square"), GROW, 2),
    "spiral with a square root": (lambda g, x, y: (x("square") + y("square"))("sqrt"), GROW, 1),
    "shifted": (lambda g, x, y: x - y, SHIFT, 0),
    "shifted sum": (lambda g, x, y: x + y, SHIFT, None),
    "shifted exponentials": (lambda g, x, y: x("exp") / y("exp"), SHIFT, None),
    "affine": (lambda g, x, y: x - 3, AFFINE, 2),
    "affine, squared": (lambda g, x, y: (x - 3)("square"), AFFINE, 4),
    "affine, elsewhere": (lambda g, x, y: x - 2, AFFINE, None),
}


@pytest.mark.parametrize("name", OTHERS)
def test_other_generators(name):
    make, generator, expected = OTHERS[name]
    assert degree(make, generator, m=2) == expected


def flow(rows, shift, x, t):
    """exp(t X) x, by Taylor's series."""
    m = len(x)
    A = mp.zeros(m + 1, m + 1)
    for i, j, q in rows:
        A[i, j] = rational(q)
    for i, q in shift:
        A[i, m] = rational(q)
    v = mp.expm(A * t) * mp.matrix([*x, 1])
    return [v[i] for i in range(m)]


def generators(rng, m):
    places = [(i, j) for i in range(m) for j in range(m)]
    kind = rng.randrange(4)
    if kind == 0:
        return {"matrix": [[i, i, str(Fraction(rng.randint(1, 4) * rng.choice((1, -1)), rng.randint(1, 3)))]
                           for i in range(m) if rng.random() < 0.7] or [[0, 0, "1"]]}  # fmt: skip
    if kind == 1:
        return TURN
    if kind == 2:
        return SHIFT
    return {"matrix": [[i, j, str(rng.choice((-2, -1, 1, 2)))] for i, j in sorted(rng.sample(places, 3))]}


@pytest.mark.parametrize("seed", range(150))
def test_degrees_of_random_graphs(seed):
    """v(phi_t(x)) = e^(dt) v(x) for all nodes that have a degree."""
    rng = random.Random(seed)  # noqa: S311
    m = 3
    document = drawn(seed, rng.randint(5, 40), m, seed % 2 == 1, 0)
    generator = generators(rng, m)
    found = along(document, generator)
    with mp.workprec(200):
        x = [mp.mpf(rng.uniform(-1, 1)) for _ in range(m)]
        t = mp.mpf(rng.uniform(-0.3, 0.3))
        y = flow(generator.get("matrix", []), generator.get("shift", []), x, t)
        row = [rational(q) for q in document.get("data", [[]])[-1]]
        before, after = values(document, x, row), values(document, y, row)
        for one, u, v in zip(found, before, after, strict=False):
            if one is not None and not isinstance(u, mp.mpc):
                d = mp.mpf(one.value.numerator) / one.value.denominator
                assert abs(v - mp.exp(d * t) * u) <= mp.mpf(2) ** -100 * (1 + abs(u))
                assert not one.zero or u == 0 or abs(u) < mp.mpf(2) ** -150


def test_both_roots_count():
    g = Graph()
    x, y = g.params(2)
    t = g.node("input", 0)
    for output, ridge, expected in (
        (x * y * t, x * y, True),
        (x * y * t, x, False),
        (x * t, x * y, False),
        (x / y("abs") * t, None, False),
        (x * y * t, None, True),
    ):
        loss = read_loss(Loss(g, 2, output, [[1]], 1, ridge).document(), "loss")
        scaling = read_symmetry([{"matrix": [[0, 0, "1"], [1, 1, "-1"]]}], 2, 1)[0]
        assert Along(loss).invariant(scaling) == expected


def test_constraints_may_change():
    g = Graph()
    x, y = g.params(2)
    loss = read_loss(Loss(g, 2, x * y, constraints=(x("exp") - y,)).document(), "loss")
    assert Along(loss).invariant(read_symmetry([{"matrix": [[0, 0, "1"], [1, 1, "-1"]]}], 2, 1)[0])


# ---- polynomials


def polynomials(make, m=3):
    g = Graph()
    document = Loss(g, m, make(g, *g.params(m))).document()
    loss = read_loss(document, "loss")
    return polynomial.followed(loss, len(loss.nodes))[document["output"]]


def test_polynomials():
    x, y = (0,), (1,)
    assert polynomials(lambda g, a, b, c: a * b - b * 3 + 1) == {(0, 1): 1, y: -3, (): 1}
    assert polynomials(lambda g, a, b, c: (a - b)("square")) == {(0, 0): 1, (0, 1): -2, (1, 1): 1}
    assert polynomials(lambda g, a, b, c: (a + 1)("powi", 3)) == {(0, 0, 0): 1, (0, 0): 3, x: 3, (): 1}
    assert polynomials(lambda g, a, b, c: g.node("dot", a, b, b, a, c, c)) == {(0, 1): 2, (2, 2): 1}
    assert polynomials(lambda g, a, b, c: g.node("sum", a, b, a)("neg")) == {x: -2, y: -1}
    assert polynomials(lambda g, a, b, c: (a + b)("square") - (a - b)("square") - a * b * 4) == {}
    assert polynomials(lambda g, a, b, c: a * Fraction(1, 3) - b * 0) == {x: Fraction(1, 3)}


def test_what_is_not_followed():
    for make in (
        lambda g, a, b, c: a / 2,
        lambda g, a, b, c: g.node("pi"),
        lambda g, a, b, c: a("powi", -3),
        lambda g, a, b, c: a("powi", 9),
        lambda g, a, b, c: g.of(2)("powi", 9) * a,
        lambda g, a, b, c: a("abs"),
        lambda g, a, b, c: a("exp") + 1,
        lambda g, a, b, c: a("powi", 5) * b("powi", 4),
    ):
        assert polynomials(make) is None
    assert polynomials(lambda g, a, b, c: a("powi", 4) * b("powi", 4)) == {(0,) * 4 + (1,) * 4: 1}


def test_limits_of_polynomials():
    """45 squared has 1,035 terms, 44 squared 990; 2^1023 and 2^1024."""
    for m, expected in ((44, 990), (45, None)):
        found = polynomials(lambda g, *x: g.node("sum", *x)("square"), m)
        assert (found and len(found)) == expected
    big = Fraction(2**1023)
    assert polynomials(lambda g, a, b, c: a * (big / 2) * 2) == {(0,): big}
    assert polynomials(lambda g, a, b, c: a * big * 2) is None
    assert polynomials(lambda g, a, b, c: a * (1 / big / 2)) is None


def test_partial_sums_are_limited():
    """A sum of many fractions would have a denominator as long as all of theirs."""
    total = {(0,): Fraction(1, 2**4090)}
    polynomial.accumulate(total, (0,), Fraction(1, 31))
    with pytest.raises(polynomial.TooLarge):
        polynomial.accumulate(total, (0,), Fraction(1, 67))


def test_the_cost_is_limited(monkeypatch):
    """A node above the limit is left out, and later ones that cost less are followed."""
    g = Graph()
    x = g.params(3)
    sums = g.node("sum", *x)
    document = Loss(g, 3, sums("square") + x[0] * x[1]).document()
    loss = read_loss(document, "loss")
    for cost, expected in ((3, [True, False, False]), (4, [True, False, True]), (12, [True, True, False])):
        monkeypatch.setattr(polynomial, "MOST_COST", cost)
        found = polynomial.followed(loss, len(loss.nodes))
        assert [p is not None for p in found[3:6]] == expected


def test_the_work_along_generators_is_limited(monkeypatch):
    """X p takes one step each for x, y, x^2 and y^2, and two for the sum."""
    for most, expected in ((6, 0), (5, None)):
        monkeypatch.setattr(symmetry, "MOST_STEPS", most)
        assert degree(OTHERS["turned"][0], TURN, m=2) == expected


def test_degrees_do_not_grow_without_limit():
    def chain(n):
        def make(g, x, y, z, w):
            node = x("abs")
            for _ in range(n):
                node = node("powi", 1000)
            return node

        return make

    assert scaled(chain(102)) == 2 * 1000**102
    assert scaled(chain(103)) is None


def test_generators_have_an_end():
    rows = [[i, j, "1"] for i in range(100) for j in range(100)]
    assert len(read_symmetry([{"matrix": rows}], 100, 1)[0]) == 100
    with pytest.raises(Refusal):
        read_symmetry([{"matrix": rows, "shift": [[0, "1"]]}], 100, 1)
