"""The checker's numbers of Theorem 18.C are the kernel's, and each hypothesis is needed where it is asked."""

from fractions import Fraction

import pytest

from relucert.base.exact import exact_rows
from relucert.kernel import ball
from relucert.kernel.teacher import converges as kernel
from relucert.kernel.teacher import loss
from relucert_audit import interval as ivl
from relucert_audit.exact import TooWeak, spectrum
from relucert_audit.format import Dyadic, Number
from relucert_audit.teacher import converges
from relucert_audit.teacher.loss import Landscape

BITS, PART, TRAVEL = 160, 2.0**-15, Dyadic(1, -12)
OWNERS = [1, 2, 1, 2, 2]  # groups of two and three, with neurons of one angle each
POINT = [[0.5, PART], [PART / 2, 0.5], [0.5, -PART], [0.0, 0.5 - 2.0**-20], [-PART / 2, 2.0**-20]]
EVEN = [[0.5, PART], [0.0, 1.0], [0.5, -PART]]
OFF = [[0.5, PART], [2.0**-10, 1.0], [0.5, -PART]]  # as EVEN, but E > 0


def descent(point, owners, step=Fraction(1, 2), travel=TRAVEL):
    rows = [[Dyadic(m, e) for m, e in row] for row in exact_rows(point, "neuron")]
    bounds = {
        "objective": Number(Dyadic(1, 0), "1", "upper"),
        "travel": Number(travel, "", "upper"),
        "rate": Number(Dyadic(1, -200), "", "lower"),
    }
    return converges.Descent(len(rows), 2, rows, owners, step, "", bounds)


def around(point, owners, travel):
    cert = descent(point, owners, travel=travel)
    rows = [[converges.fraction(x) for x in row] for row in cert.point]
    along = min(row[j - 1] for row, j in zip(rows, owners, strict=True))
    return converges.around(cert, rows, ivl.rational(along), ivl.dyadic(*travel), BITS)


def near(mine, theirs):
    assert float(mine.b) == pytest.approx(float(theirs), rel=1e-12)


@pytest.mark.parametrize("point", [EVEN, OFF])
def test_they_agree_where_all_angles_are_the_same(point):
    travel = Dyadic(1, -13)
    with ivl.precision(BITS + 32), ball.precision(kernel.BITS):
        own = around(point, [1, 2, 1], travel)
        shape = kernel.within(kernel.shape(exact_rows(point, "neuron"), (1, 2, 1)), ball.exact(travel))
        rates = kernel.rates(shape)
        near(own.apart, shape.apart)
        near(ivl.maximum(own.angles), shape.angle)
        near(own.split, shape.split)
        near(own.group, shape.group)
        targets = [[Dyadic(1, 0), Dyadic(0, 0)], [Dyadic(0, 0), Dyadic(1, 0)]]
        value = Landscape(descent(point, [1, 2, 1]).point, targets, BITS).objective
        turn, reach = converges.pull(2, own, value.b)
        near(turn, rates.turn)
        theirs = ball.upper(loss.objective(loss.geometry(exact_rows(point, "neuron"), kernel._targets(2))))
        near(reach, kernel.reach(shape, rates, theirs))


def test_the_sum_of_the_angles_is_at_most_so_many_times_the_largest():
    with ivl.precision(BITS + 32), ball.precision(kernel.BITS):
        own = around(POINT, OWNERS, Dyadic(1, -24))
        shape = kernel.within(kernel.shape(exact_rows(POINT, "neuron"), OWNERS), ball.exact((1, -24)))
        near(ivl.maximum(own.angles), shape.angle)
        assert len(own.angles) == shape.shared == 5
        near(own.group, shape.group)


@pytest.mark.parametrize(
    ("changes", "step"),
    [
        ({"travel": Dyadic(1, -1)}, "18.C.1"),
        ({"point": [[0.5, PART], [0.0, 2.0], [0.5, -PART]]}, "18.C.2"),
        ({"point": [[0.5, PART], [0.0, 1.25], [0.5, -PART]]}, "18.C.4"),
        ({"point": [[0.5, 2.0**-9], [0.0, 1.0], [0.5, -(2.0**-9)]], "travel": Dyadic(1, -8)}, "18.C.5"),
        ({"step": Fraction(3, 2), "travel": Dyadic(1, -13)}, "18.C.6"),
        ({"travel": Dyadic(3, -16)}, "18.C.7"),
    ],
)
def test_each_hypothesis_is_asked_for(changes, step):
    given = {"point": EVEN, "owners": [1, 2, 1]} | changes
    with ivl.precision(BITS + 32):
        found = converges.prove(descent(**given), BITS)
    assert found
    assert step in found[-1].reason


def test_nothing_is_found_where_all_hold():
    with ivl.precision(BITS + 32):
        assert converges.prove(descent(EVEN, [1, 2, 1], travel=Dyadic(3, -14)), BITS) == []


def test_angles_beyond_the_series_are_refused():
    with ivl.precision(BITS + 32):
        wide = converges.Ball(ivl.dyadic(0, 0), [ivl.dyadic(9, -2)], ivl.dyadic(1, 0), ivl.dyadic(1, 0))
        with pytest.raises(TooWeak, match=r"18\.C\.3"):
            converges.pull(2, wide, ivl.dyadic(1, -40))


def test_the_step_has_room_for_the_whole_ball():
    """Below 2 over the largest eigenvalue at the point, by less than the Hessian may change in the ball."""
    targets = [[Dyadic(1, 0), Dyadic(0, 0)], [Dyadic(0, 0), Dyadic(1, 0)]]
    with ivl.precision(BITS + 32):
        hessian = Landscape(descent(EVEN, [1, 2, 1]).point, targets, BITS).hessian
        step = Fraction(2 / float(spectrum(hessian).largest.b)) * (1 - Fraction(1, 10**5))
        found = converges.prove(descent(EVEN, [1, 2, 1], step, Dyadic(3, -14)), BITS)
    assert "18.C.6" in found[-1].reason
