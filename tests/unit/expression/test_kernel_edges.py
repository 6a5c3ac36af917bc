"""Edges of the kernel of losses: what changes of it showed to be untested (docs/mutation.md)."""

from fractions import Fraction as Q

import mpmath
import numpy as np
import pytest

import expression_cases as cases
from relucert.families.expression.candidate import kernel_loss
from relucert.families.expression.graph import Builder
from relucert.kernel import ball
from relucert.kernel.ball import Ball, BallMatrix
from relucert.kernel.expression import decide, enclose, functions, invariance, orbit, polynomial
from relucert.kernel.expression.decide import Away, Critical, Near, NotCritical, Place
from relucert.kernel.expression.invariance import Generator, NotInvariant
from relucert.kernel.expression.loss import TooLarge
from relucert.kernel.outcome import Inconclusive
from relucert.kernel.spectrum import Eigen


def made(write, parameters):
    build = Builder()
    return kernel_loss(
        build.graph(write(build, *(build.add("param", i) for i in range(parameters))), parameters)
    )


def guess(matrix):
    values, vectors = np.linalg.eigh(np.array([[float(x) for x in row] for row in matrix.tolist()]))
    return Eigen(vectors.T.tolist(), values.tolist())


def const(build, q):
    return build.add("const", Q(q))


@pytest.mark.parametrize("name, at", [
    ("softplus", 100.0), ("softplus", -100.0), ("sigmoid", 100.0), ("sigmoid", -100.0), ("erf", 9.0), ("tanh", -30.0),
])  # fmt: skip
def test_functions_far_out_keep_their_digits(name, at):
    with ball.precision(64), mpmath.workdps(120):
        value = functions.UNARY[name](ball.exact_float(at))[0]
        assert cases.holds(value, cases.FUNCTIONS[name](mpmath.mpf(at)))
        assert float(ball.radius(value)) <= 2.0**-60 * float(abs(value))


def test_a_direction_that_does_not_bend_down_names_the_hypothesis():
    saddle = made(lambda b, x, y: b.add("sub", b.add("square", x), b.add("square", y)), 2)
    at, rho = Place([Ball(0), Ball(0)], []), ball.exact((1, -3))
    up, down = [Ball(1), Ball(0)], [Ball(0), Ball(1)]
    found, along = decide.decide_critical(saddle, at, rho, guess, lambda _: up)
    assert isinstance(found, Inconclusive) and along is None and found.reason.startswith("S.1 not proved")
    assert decide.decide_critical(saddle, at, rho, guess, lambda _: down)[0].verdict == "strict-saddle"


@pytest.mark.parametrize("lowest, verdict", [(0.875, "spurious-minimum"), (1.5, "inconclusive")])
def test_a_witness_is_below_the_lower_end_of_the_value(lowest, verdict):
    well = made(lambda b, x: b.add("square", x), 1)
    ends = Ball(1), Ball(4)
    near = Near(Ball(0), Ball(0), Ball(1), (0, 1), ends)
    found = decide.with_witness(well, Critical("local-minimum", near, ()), [ball.exact_float(lowest**0.5)])
    assert found.verdict == verdict


@pytest.mark.parametrize("shift", [Q(-3), Q(-1, 3), Q(0), Q(1, 3), Q(10**6)])
def test_the_claimed_infimum_is_the_lower_end(shift):
    cup = made(lambda b, x: b.add("add", b.add("square", x), const(b, shift)), 1)
    bound = decide.with_infimum(cup, NotCritical(Away(Ball(1), Ball(1)), ())).bounds.infimum
    mantissa, exponent = ball.to_dyadic(bound)
    least = Q(mantissa) * Q(2) ** exponent
    assert shift - Q(1, 2**38) * max(abs(shift), 1) <= least <= shift


@pytest.mark.parametrize(
    ("last, spare, least, most"),
    [
        (24, (5, -2), 6, 6),
        (22.25, (5, -2), 3, 6),  # 2 r < 9/4 <= 2 (5/4) r
        (21.5, (5, -2), 3, 3),
        (21.5, (1, -1), None, None),  # 2 (1/2) r < 3/2 <= 2 r: six are claimed, and three are different
    ],
)
def test_as_many_images_are_claimed_as_the_theorem_tells_apart(monkeypatch, last, spare, least, most):
    monkeypatch.setattr(decide, "SPARE", ball.exact(spare))
    ball_of_three = made(lambda b, *x: b.add("sum", *(b.add("square", a) for a in x)), 3)
    swaps = [((0, 1, 1), (1, 0, 1)), ((1, 2, 1), (2, 1, 1))]
    near = Near(Ball(0), Ball(1), Ball(1), (0, 3), (Ball(0), Ball(0)))
    at = Place([Ball(10), Ball(20), ball.exact_float(last)], [])
    before = Critical("local-minimum", near, ())
    found = decide.with_images(ball_of_three, at, before, swaps)
    if least is None:
        assert found == before
        return
    ((theorem, (enough,)),) = found.arguments
    assert (theorem, enough.name, found.images.least) == ("Theorem 17.P", "P.1", least)
    assert enough.left == Ball(least) and enough.right == Ball(most) and enough.proved


def test_a_derivative_that_is_too_large_is_that_of_its_node():
    steep = made(
        lambda b, x: b.add("mul", const(b, Q(2) ** 1000), b.add("mul", const(b, Q(2) ** 1001), x)), 1
    )
    four = made(lambda b, x: b.add("powi", b.add("mul", const(b, Q(2) ** 1300), x), 4), 1)
    assert float(enclose.gradient(steep, [Ball(0)], []).gradient[0] / ball.exact((1, 2001))) == 1
    with pytest.raises(TooLarge, match="derivative") as error:
        enclose.gradient(four, [ball.exact((1, -300))], [])
    assert four.nodes[error.value.node] == ("param", 0)


CASES = {  # of x and y: a loss, a generator, whether it is invariant
    "a coefficient": (
        lambda b, x, y: b.add("div", b.add("add", x, b.add("mul", const(b, 2), y)), x),
        Generator(((0, 0, Q(1)), (1, 1, Q(1, 4)))), False,
    ),
    "a spiral": (
        lambda b, x, y: b.add(
            "div", b.add("mul", const(b, 3), b.dot([x, y], [x, y])),
            b.add("add", b.add("square", x), b.add("square", y)),
        ),
        Generator(((0, 0, Q(1)), (0, 1, Q(-1)), (1, 0, Q(1)), (1, 1, Q(1)))), True,
    ),
    "an eighth power": (
        lambda b, x, y: b.add("exp", b.add("sub", b.add("powi", b.add("add", x, y), 8), b.add("powi", x, 8))),
        Generator(((0, 0, Q(1)), (1, 1, Q(1)))), False,
    ),
    "eighth powers that cancel": (
        lambda b, x, y: b.add("exp", b.add("add", b.add("powi", b.add("sub", x, y), 8), const(b, 1))),
        Generator((), ((0, Q(1)), (1, Q(1)))), True,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_degrees_by_the_polynomial(name):
    write, generator, holds = CASES[name]
    try:
        invariance.prove(made(write, 2), [generator])
    except NotInvariant:
        assert not holds
    else:
        assert holds


def test_polynomials_are_followed_as_far_as_the_limits(monkeypatch):
    write = lambda b, *x: b.add("square", b.add("square", b.sum(x)))  # noqa: E731
    nodes = made(write, 4).nodes  # 4, 10 and 35 terms; costs 4, 16 and 100
    assert [len(p or ()) for p in polynomial.followed(nodes)][-3:] == [4, 10, 35]
    for most, terms in [(119, [4, 10, 0]), (120, [4, 10, 35]), (19, [4, 0, 0]), (3, [0, 0, 0])]:
        monkeypatch.setattr(polynomial, "MOST_COST", most)
        assert [len(p or ()) for p in polynomial.followed(nodes)][-3:] == terms
    monkeypatch.undo()
    for name, most in [("MOST_TERMS", 34), ("MOST_DEGREE", 3), ("MOST_BITS", 4)]:
        monkeypatch.setattr(polynomial, name, most)
        assert [len(p or ()) for p in polynomial.followed(nodes)][-3:] == [4, 10, 0]
        monkeypatch.undo()
    eighth = made(lambda b, x: b.add("powi", x, 8), 1).nodes
    assert polynomial.followed(eighth)[-1] == {(0,) * 8: 1}
    assert polynomial.followed(made(lambda b, x: b.add("powi", x, 9), 1).nodes)[-1] is None


def test_a_field_is_a_x_plus_b():
    spiral = Generator(((0, 1, Q(-2)), (1, 0, Q(3))), ((0, Q(1, 2)), (2, Q(5))))
    found = orbit.field(spiral, [Ball(7), Ball(11), Ball(13)])
    assert [float(x) for x in found] == [-21.5, 21, 5]


@pytest.mark.parametrize("off, holds", [(0.25, True), (0.4375, True), (0.5, False), (0.75, False)])
def test_transversal_in_the_whole_box(off, holds):
    blur = ball.symmetric(ball.exact_float(off))
    found = orbit.transversal(BallMatrix([[Ball(1) + blur]]), BallMatrix([[Ball(1)]]))
    assert found.holds == holds
    wide = BallMatrix([[Ball(1), blur], [Ball(0), Ball(1)]])
    assert orbit.transversal(wide, BallMatrix([[Ball(1), Ball(0)], [Ball(0), Ball(1)]])).holds == holds
