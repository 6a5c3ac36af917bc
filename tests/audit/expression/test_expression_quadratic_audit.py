"""Quadratic losses, where every formula of steps 3 to 8 is exact: a millionth decides."""

from fractions import Fraction

import pytest
from certificates import audit
from expression_claims import LOWER, Graph, Loss, opened
from mpmath import iv

from judge.documents import number
from relucert_audit.expression.box import spanned

TINY = Fraction(1, 10**6)
SIXTEENTH = [["1", -4]]


def claimed(output, m, point, verdict, bounds, constraints=(), **members):
    """Numbers, intervals as pairs, and inertia."""
    said = {}
    for key, x in bounds.items():
        if isinstance(x, tuple):
            said[key] = [number(Fraction(x[0]), False), number(Fraction(x[1]), True)]
        else:
            said[key] = x if isinstance(x, dict) else number(Fraction(x), key not in LOWER)
    loss = Loss(output.graph, m, output, constraints=constraints).document()
    return audit(opened(loss, m, verdict, said, point=point, **members)).result


def square(**changes):
    """x^2 at 1/16: |g| = 1/8, r = 1/16, F = 1/256. One bound a millionth looser than what is true, or tighter."""
    g = Graph()
    (x,) = g.params(1)
    bounds = {
        "gradient": Fraction(1, 8) + TINY, "existence_radius": Fraction(1, 8), "box": Fraction(1, 4),
        "inertia": {"negative": 0, "positive": 1}, "objective": (-1, 1), "lambda_min": (1, 3),
        "convexity": 2 - TINY / 99,
        "smoothness": 2 + TINY / 99, "basin": Fraction(1, 99), "step": Fraction(1, 9), "barrier": Fraction(1, 9999),
    }  # fmt: skip
    return claimed(x("square"), 1, SIXTEENTH, "local-minimum", bounds | changes)


EXACT = {
    "gradient": Fraction(1, 8),
    "existence_radius": Fraction(1, 16),
    "convexity": Fraction(2),
    "smoothness": Fraction(2),
    "basin": Fraction(1, 8),
    "step": Fraction(1),
    "barrier": Fraction(9, 256),
}


@pytest.mark.parametrize("name", EXACT)
def test_a_minimum(name):
    looser = -TINY if name in LOWER else TINY
    assert square(**{name: EXACT[name] + looser}) == "accepted"
    expected = "rejected" if name == "gradient" else "not-confirmed"
    assert square(**{name: EXACT[name] - looser}) == expected


def test_the_box_is_larger_than_the_radius():
    small = {
        "existence_radius": Fraction(1, 16) + TINY,
        "basin": Fraction(1, 10**9),
        "barrier": Fraction(1, 10**30),
    }
    assert square(**small, box=Fraction(1, 8) + 2 * TINY) == "accepted"
    bounds = {
        "existence_radius": Fraction(1, 17),
        "basin": Fraction(1, 10**9),
        "barrier": Fraction(1, 10**30),
    }
    assert square(**bounds, box=Fraction(1, 16) - TINY) == "not-confirmed"


def test_intervals_of_a_minimum():
    top = Fraction(1, 256)
    assert square(objective=(-TINY, top)) == "accepted"
    assert square(objective=(TINY, top)) == "not-confirmed"
    assert square(objective=(-TINY, top - TINY)) == "not-confirmed"
    assert square(objective=(top + TINY, 1)) == "rejected"
    assert square(objective=(-1, -TINY)) == "rejected"
    assert square(lambda_min=(2 - TINY, 2 + TINY)) == "accepted"
    assert square(lambda_min=(2 + TINY, 3)) == "rejected"
    assert square(lambda_min=(1, 2 - TINY)) == "rejected"


def saddle(direction=(["1", 0], ["1", 1]), **changes):
    """x^2 - y^2 at (1/16, 0), along (1, 2): (2 - 8)/5."""
    g = Graph()
    x, y = g.params(2)
    bounds = {
        "gradient": Fraction(1, 7), "existence_radius": Fraction(1, 15), "box": Fraction(1, 4), "objective": (-1, 1),
        "inertia": {"negative": 1, "positive": 1}, "lambda_min": (-3, -1), "curvature": Fraction(-1, 9),
    }  # fmt: skip
    output = x("square") - y("square")
    return claimed(
        output, 2, [["1", -4], ["0", 0]], "strict-saddle", bounds | changes, direction=list(direction)
    )


def test_a_saddle():
    assert saddle(curvature=Fraction(-6, 5) + TINY) == "accepted"
    assert saddle(curvature=Fraction(-6, 5) - TINY) == "not-confirmed"
    assert saddle((["1", 70], ["1", 71]), curvature=Fraction(-6, 5) + TINY) == "accepted"
    assert saddle((["1", 0], ["0", 0])) == "not-confirmed"
    assert saddle((["1", 20_000], ["1", 0])) == "not-confirmed"
    assert saddle(objective=(-TINY, Fraction(2, 256) + TINY)) == "accepted"
    assert saddle(objective=(TINY, Fraction(2, 256) + TINY)) == "not-confirmed"
    assert saddle(objective=(-TINY, Fraction(2, 256) - TINY)) == "not-confirmed"
    assert saddle(inertia={"negative": 2, "positive": 0}) == "rejected"


def away(gradient_min, exclusion):
    """x^2/2 + x y at (1, 2): g = (3, 1), sums of rows 2 and 1, so exclusion < 3/2; |g| = sqrt(10) = 3.16227766.."""
    g = Graph()
    x, y = g.params(2)
    output = x("square") / 2 + x * y
    bounds = {"gradient_min": gradient_min, "exclusion": exclusion}
    return claimed(output, 2, [["1", 0], ["1", 1]], "not-critical", bounds)


def test_not_critical():
    root = Fraction(316227766, 10**8)
    assert away(root - TINY, Fraction(3, 2) - TINY) == "accepted"
    assert away(root + TINY, Fraction(3, 2) - TINY) == "rejected"
    assert away(root - TINY, Fraction(3, 2) + TINY) == "not-confirmed"


def held(**changes):
    """x^2 - y^2 where y = 1/2, at (1/16, 1/2), mu = 1: g = (1/8, 0, 0), eigenvalues 2, -1 +- sqrt 2."""
    g = Graph()
    x, y = g.params(2)
    bounds = {
        "gradient": Fraction(1, 7), "existence_radius": Fraction(1, 3), "box": Fraction(2, 5), "objective": (-1, 1),
        "inertia": {"negative": 0, "positive": 1},
    }  # fmt: skip
    output, point = x("square") - y("square"), [["1", -4], ["1", -1]]
    verdict = changes.pop("verdict", "local-minimum")
    constraints = (y - Fraction(1, 2),)
    return claimed(output, 2, point, verdict, bounds | changes, constraints, multipliers=[["1", 0]])


def test_with_a_constraint():
    """r = (1/8)/(sqrt 2 - 1) = 0.3017767, Lambda = 1 + sqrt 2, F = 1/256 - 1/4, Lambda r^2/2 = 0.1099302."""
    r, value, off = Fraction(3017767, 10**7), Fraction(1, 256) - Fraction(1, 4), Fraction(1099302, 10**7)
    assert held(existence_radius=r + TINY) == "accepted"
    assert held(existence_radius=r - TINY) == "not-confirmed"
    assert held(objective=(value - off - TINY, value + off + TINY)) == "accepted"
    assert held(objective=(value - off + TINY, value + off + TINY)) == "not-confirmed"
    assert held(objective=(value - off - TINY, value + off - TINY)) == "not-confirmed"
    assert held(verdict="strict-saddle", inertia={"negative": 1, "positive": 0}) == "rejected"
    assert held(inertia={"negative": 0, "positive": 2}) == "rejected"
    assert held(box=r - TINY, existence_radius=r - 2 * TINY) == "not-confirmed"


def spurious(gap, witness):
    """max(x, -x/2 - 3)^2 + x/4, quadratic on both sides of -2."""
    g = Graph()
    (x,) = g.params(1)
    output = (x("max", x / -2 - 3))("square") + x / 4
    bounds = {
        "gradient": TINY, "existence_radius": TINY, "box": Fraction(1, 4), "inertia": {"negative": 0, "positive": 1},
        "objective": (-1, 1), "lambda_min": (1, 3), "convexity": 1, "smoothness": 3, "gap": gap,
    }  # fmt: skip
    return claimed(output, 1, [["-1", -3]], "spurious-minimum", bounds, witness=[witness])


def test_the_gap():
    """At -1/8: -1/64; at -6: -3/2; at -1: 3/4; at -2, where the maximum has its kink, 4 - 1/2."""
    assert spurious(Fraction(3, 2) - Fraction(1, 64) - TINY, ["-3", 1]) == "accepted"
    assert spurious(Fraction(3, 2) - Fraction(1, 64) + TINY, ["-3", 1]) == "rejected"
    assert spurious(TINY, ["-1", 0]) == "rejected"
    assert spurious(TINY, ["-1", 1]) == "rejected"


def test_the_curvature_is_that_of_the_whole_box():
    """-y^2 + y^3 within 1/16 of 0: the second derivative is at most -2 + 6/16."""
    g = Graph()
    (y,) = g.params(1)
    bounds = {
        "gradient": TINY, "existence_radius": TINY, "box": Fraction(1, 16), "objective": (-1, 1),
        "inertia": {"negative": 1, "positive": 0}, "lambda_min": (-3, -1),
    }  # fmt: skip
    output = y("powi", 3) - y("square")
    for by, expected in ((TINY, "accepted"), (-TINY, "not-confirmed")):
        curvature = {"curvature": Fraction(-13, 8) + by}
        at = [["0", 0]]
        assert claimed(output, 1, at, "strict-saddle", bounds | curvature, direction=[["1", 0]]) == expected


def test_an_interval_from_a_lower_to_an_upper_end():
    found = spanned(iv.mpf([1, 2]), iv.mpf([3, 4]))
    assert (found.a, found.b) == (1, 4)
