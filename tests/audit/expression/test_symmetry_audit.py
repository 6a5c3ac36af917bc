"""Claims about orbits (step 8a of docs/spec/expression-v1.md), made by hand where every formula is exact."""

from fractions import Fraction

import numpy as np
import pytest
from certificates import audit
from expression_claims import LOWER, Graph, Loss, changed, opened

from judge.documents import number
from makers.edits import edited
from relucert_audit.expression import orbit
from relucert_audit.expression.fixed import Ball

TINY = Fraction(1, 10**6)
TURN = {"matrix": [[0, 1, "-1"], [1, 0, "1"]]}  # of the plane
SCALE = {"matrix": [[0, 0, "1"], [1, 1, "-1"]]}  # (t u, v/t)


def said(bounds):
    found = {}
    for key, x in bounds.items():
        if isinstance(x, tuple):
            found[key] = [number(Fraction(x[0]), False), number(Fraction(x[1]), True)]
        else:
            found[key] = x if isinstance(x, dict) else number(Fraction(x), key not in LOWER)
    return found


def document(loss, point, symmetry, verdict="local-minimum", witness=None, inertia=(0, 1), **bounds):
    """At an exact critical point, with multipliers 0."""
    most = {"gradient": TINY, "existence_radius": TINY, "box": Fraction(1, 100), "objective": (-9, 9)}
    most |= {"inertia": dict(zip(("negative", "positive"), inertia, strict=True))}
    members = {"point": [[str(x), 0] if x % 2 or not x else [str(x // 2), 1] for x in point]}
    members |= {"multipliers": [["0", 0]] * len(loss.constraints)}
    members |= {} if symmetry is None else {"symmetry": symmetry}
    members |= {} if witness is None else {"witness": witness}
    return opened(loss.document(), loss.parameters, verdict, said(most | bounds), **members)


def result(*args, **changes):
    return audit(document(*args, **changes)).result


def ring(constraint=None):
    """(x^2 + y^2 - 1)^2 where y = 0."""
    g = Graph()
    x, y = g.params(2)
    cut = constraint(x, y) if constraint else y
    return Loss(g, 2, (x("square") + y("square") - 1)("square"), constraints=(cut,))


def hyperbola(activation=None, more=None):
    """(u v - 1)^2 where u = v."""
    g = Graph()
    u, v = g.params(2)
    out = u(activation) * v if activation else u * v
    loss = (out - 1)("square")
    return Loss(g, 2, loss + more(u, v) if more else loss, constraints=(u - v,))


def test_a_rotation():
    assert result(ring(), [1, 0], [TURN]) == "accepted"
    assert result(ring(), [1, 0], None) == "accepted"


def test_a_scaling():
    assert result(hyperbola(), [1, 1], [SCALE]) == "accepted"
    assert result(hyperbola("relu"), [1, 1], [SCALE]) == "accepted"
    assert result(hyperbola("abs"), [1, 1], [SCALE]) == "accepted"
    assert result(hyperbola("softplus"), [1, 1], [SCALE]) != "accepted"


def test_a_shift():
    """cosh(x - y) = (e^(x - y) + e^(y - x))/2 along (1, 1)."""
    g = Graph()
    x, y = g.params(2)
    loss = Loss(g, 2, (x - y)("exp") + (y - x)("exp"), constraints=(x,))
    assert result(loss, [0, 0], [{"shift": [[0, "1"], [1, "1"]]}]) == "accepted"
    assert result(loss, [0, 0], [{"shift": [[0, "1"]]}]) == "not-confirmed"
    assert result(loss, [0, 0], [{"shift": [[0, "1"], [1, "-1"]]}]) == "not-confirmed"


@pytest.mark.parametrize(
    "generator",
    [
        {"matrix": [[0, 1, "1"], [1, 0, "1"]]},
        {"matrix": [[0, 1, "-1"], [1, 0, "1000001/1000000"]]},
        {"matrix": [[0, 1, "-1"], [1, 0, "1"], [1, 1, "1/1000000"]]},
        {"matrix": [[0, 1, "-1"]]},
        {"matrix": [[0, 0, "1"], [1, 1, "-1"]]},
        {**TURN, "shift": [[0, "1"]]},
        {"shift": [[1, "1"]]},
    ],
)
def test_not_along_this_generator(generator):
    assert result(ring(), [1, 0], [generator]) == "not-confirmed"


def test_multiples_are_generators():
    assert result(ring(), [1, 0], [{"matrix": [[0, 1, "3/7"], [1, 0, "-3/7"]]}]) == "accepted"


def test_almost_invariant():
    """The loss changes along the orbit by 2^-40 of itself."""
    small = Fraction(1, 2**40)
    assert result(hyperbola(), [1, 1], [SCALE]) == "accepted"
    nearly = hyperbola(more=lambda u, v: (u * v - 1)("square") * u * small)
    assert result(nearly, [1, 1], None) == "accepted"
    assert result(nearly, [1, 1], [SCALE]) == "not-confirmed"


def test_the_constraint_cuts_the_orbit():
    """Along x + y = 1 through (1, 0) too, but not where it is tangent; nor where the generator is 0."""
    assert result(ring(lambda x, y: x + y - 1), [1, 0], [TURN], inertia=(0, 1)) == "accepted"
    assert result(ring(lambda x, y: x - 1), [1, 0], [TURN]) == "not-confirmed"
    top = result(ring(), [0, 0], [TURN], verdict="strict-saddle", inertia=(1, 0))
    assert top == "not-confirmed"
    assert result(ring(), [0, 0], None, verdict="strict-saddle", inertia=(1, 0)) == "accepted"


def sphere(constraints):
    """(x^2 + y^2 + z^2 - 1)^2, cut at (0, 0, 1)."""
    g = Graph()
    x, y, z = g.params(3)
    square = g.node("sum", x("square"), y("square"), z("square"))
    return Loss(g, 3, (square - 1)("square"), constraints=tuple(constraints(x, y, z)))


FIRST = {"matrix": [[1, 2, "-1"], [2, 1, "1"]]}
SECOND = {"matrix": [[0, 2, "1"], [2, 0, "-1"]]}
THIRD = {"matrix": [[0, 1, "-1"], [1, 0, "1"]]}


def test_generators_are_independent_at_the_point():
    loss = sphere(lambda x, y, z: (x, y))
    assert result(loss, [0, 0, 1], [FIRST, SECOND]) == "accepted"
    assert result(loss, [0, 0, 1], [SECOND, FIRST]) == "accepted"
    assert result(loss, [0, 0, 1], [FIRST, FIRST]) == "not-confirmed"
    assert result(loss, [0, 0, 1], [FIRST, THIRD]) == "not-confirmed"
    both = {"matrix": sorted(FIRST["matrix"] + SECOND["matrix"])}
    assert result(loss, [0, 0, 1], [FIRST, both]) == "accepted"


def test_one_generator_of_two_leaves_a_flat_direction():
    loss = sphere(lambda x, y, z: (y,))
    assert result(loss, [0, 0, 1], [FIRST], inertia=(0, 2)) == "not-confirmed"


def objects(*rows):
    return np.array(rows, dtype=object)


def test_regular_matrices():
    """|1 - R T| is below 1 for all T, in every row."""
    eight = objects([8, 0], [0, 8])
    for rad, expected in (
        (objects([0, 0], [0, 0]), True),
        (objects([3, 4], [4, 3]), True),
        (objects([4, 4], [0, 0]), False),
        (objects([0, 0], [4, 4]), False),
        (objects([8, 0], [0, 0]), False),
    ):
        assert orbit.regular(Ball(eight, rad)) == expected
    assert orbit.regular(Ball(objects([0, 8], [8, 0]), objects([0, 7], [7, 0])))
    assert not orbit.regular(Ball(objects([1, 2], [2, 4]), 0 * eight))
    assert not orbit.regular(Ball(objects([2**900, 0], [0, 0]), 0 * eight))
    assert orbit.regular(Ball(objects([2**400, 0], [0, 1]), 0 * eight))


def test_slopes_along_a_generator():
    """(3 x - 7, 2 x) at x = 5 with grad h = (1, 1), (2, -1)."""
    p = 20
    slopes, at = objects([1, 1], [2, -1]) << p, objects(5, 9) << p
    generator = {0: [(0, Fraction(3)), (None, Fraction(-7))], 1: [(0, Fraction(2))]}
    found = orbit.column(Ball(slopes, 0 * slopes), Ball(at, 0 * at), generator, p)
    assert list(found.mid) == [18 << p, 6 << p]
    assert list(found.rad) == [0, 0]


def rough(loss, point, multipliers, generator, **bounds):
    """At a point that is not critical: with the symmetry, and without."""
    made = document(loss, [0] * len(point), None, "strict-saddle", inertia=(1, 0), **bounds)
    made = edited(made, ("point", point), ("multipliers", multipliers))
    return audit(changed(made, "symmetry", [generator])).result, audit(made).result


NEAR = {"gradient": Fraction(1, 2**7), "existence_radius": Fraction(1, 2**6), "box": Fraction(1, 2**4)}


def test_the_point_is_not_the_critical_point():
    """x0 is moved by the rotation, x* = 0 is not; T = x_1."""
    g = Graph()
    x, y = g.params(2)
    loss = Loss(g, 2, (x("square") + y("square") - 1)("square") / 4, constraints=(y,))
    found = rough(loss, [["1", -9], ["0", 0]], [["0", 0]], TURN, **NEAR)
    assert found == ("not-confirmed", "accepted")


def test_nor_are_the_slopes_of_constraints_there():
    """x on the parabola x + y^2 = 0: the shift of y is tangent at x* = 0, not at x0; T = 2 y."""
    g = Graph()
    x, y = g.params(2)
    loss = Loss(g, 2, x + 0, constraints=(x + y("square"),))
    found = rough(loss, [["0", 0], ["1", -9]], [["-1", 0]], {"shift": [[1, "1"]]}, **NEAR)
    assert found == ("not-confirmed", "accepted")


def saddle():
    """(x^2 + y^2 - 1)^2 - z^2 where y = 0."""
    g = Graph()
    x, y, z = g.params(3)
    out = (x("square") + y("square") - 1)("square") - z("square")
    return Loss(g, 3, out, constraints=(y,))


def test_a_saddle():
    assert result(saddle(), [1, 0, 0], [TURN], "strict-saddle", inertia=(1, 1)) == "accepted"
    assert result(saddle(), [1, 0, 0], [TURN], "strict-saddle", inertia=(2, 0)) == "rejected"
    assert result(saddle(), [1, 0, 0], [TURN], "local-minimum", inertia=(0, 2)) == "rejected"


def lower(witness, gap=TINY, symmetry=(SCALE,), cut=lambda u, v: u - v):
    """(p - 1)^2 - (p - 1)^4, p = u v: 0 on the hyperbola, and far away lower."""
    g = Graph()
    u, v = g.params(2)
    p = u * v - 1
    loss = Loss(g, 2, p("square") - p("powi", 4), constraints=(cut(u, v),))
    made = list(symmetry) if symmetry else None
    return result(loss, [1, 1], made, "spurious-minimum", witness, gap=gap)


def test_spurious():
    """At (3, 1): 4 - 16 = -12."""
    three = [["3", 0], ["1", 0]]
    assert lower(three, 12 - TINY) == "accepted"
    assert lower(three, 12 + TINY) == "rejected"
    assert lower([["0", 0], ["0", 0]]) == "rejected"  # as high
    assert lower(three, symmetry=None) == "malformed"
    assert lower(three[:1]) == "malformed"
    assert lower(three, symmetry=[TURN]) == "not-confirmed"


def test_a_constraint_need_not_be_defined_at_the_witness():
    away = [["-3", 0], ["-1", 0]]
    assert lower(away, 12 - TINY, cut=lambda u, v: u("log") - v("log")) == "accepted"
    assert lower(away, 12 + TINY, cut=lambda u, v: u("log") - v("log")) == "rejected"
