"""Tubes, where they join, and what is read off them: never a statement about the wrong solution."""

from fractions import Fraction
from types import FunctionType

import numpy as np
import pytest
from flint import arb

import uniform_points as truth
from relucert.families.uniform import guess
from relucert.families.uniform.prove import PRECISION
from relucert.kernel import ball
from relucert.kernel.ball import Ball, NotProved
from relucert.kernel.uniform import branch, system
from relucert.kernel.uniform.blocks import blocks
from relucert.kernel.uniform.branch import Guess, Line
from uniform_points import MP, exact_ball, exact_mp, holds

PLACES = 16  # boxes that are looked into, spread over all of them
SPOT, THIN, WIDE = 0.25, 2.0**-12, 0.1  # a box in the middle, its width, and one that is too wide


@pytest.fixture(autouse=True)
def bits():
    with ball.precision(PRECISION):
        yield


def sample(proof):
    chosen = np.linspace(0, len(proof.boxes) - 1, PLACES).astype(int)
    return [proof.boxes[i] for i in chosen]


def true_at(s, near):
    """k, the critical point for k = 1/s^2, its unknowns and its sigma, by Newton's method on the gradient of F."""
    k = 1 / MP.mpf(s) ** 2
    a, b, c, e, f = (exact_mp(x.mid()) for x in near)
    at = truth.critical(k, truth.Entries(k, 1 + a / k**2, b / k**2, c / k, e / k, f / k - 1))
    return at, truth.unknowns_of(at), 1 / MP.sqrt(k - 1)


@pytest.fixture(scope="module")
def truths(proof):
    """(box, s, critical point, unknowns, sigma) at a random s and at an end of boxes."""
    rng = np.random.default_rng(5)
    found = []
    with ball.precision(PRECISION):
        for box in sample(proof):
            for s in (rng.uniform(box.low, box.high), box.high):
                found.append((box, s, *true_at(s, box.at.entries)))
    return found


def offset(tube, unknowns, sigma):
    """Of the true solution from the line."""
    g = tube.guess
    t = sigma - exact_mp(g.middle)
    return [x - exact_mp(c) - exact_mp(y) * t for x, c, y in zip(unknowns, g.centre, g.slope, strict=True)]


def inside(tube, unknowns, sigma):
    return all(holds(z, x) for z, x in zip(tube.inner, offset(tube, unknowns, sigma), strict=True))


def solution(s):
    """Newton's method in floating point along the branch."""
    found = guess.solve(0.0, guess.AT_ZERO)
    for step in np.linspace(0, s, 8)[1:]:
        found = guess.solve(sigma(step), found.at(sigma(step)))
    return found


def sigma(s):
    return float(s / np.sqrt(1 - s * s))


@pytest.fixture(scope="module")
def thin():
    """low, high, a good guess, and the true unknowns and sigma at a third of the box."""
    s = SPOT + THIN / 2
    found, there = solution(s), SPOT + THIN / 3
    with ball.precision(PRECISION):
        g = guess.guess(found)
        tube = branch.enclose(Ball(SPOT), Ball(SPOT + THIN), g)
        truth_there = true_at(there, branch.evaluate(tube).entries)[1:]
    return Ball(SPOT), Ball(SPOT + THIN), g, truth_there


# --- enclose --------------------------------------------------------------------------------------------


def test_true_solutions_lie_in_their_tubes(truths):
    for box, _, _, unknowns, sigma in truths:
        assert inside(box.tube, unknowns, sigma)
        away = offset(box.tube, unknowns, sigma)
        assert all(abs(z) < exact_mp(r) for z, r in zip(away, box.tube.radius, strict=True))


def test_inner_lies_in_the_tube_and_is_not_idle(proof):
    for box in proof.boxes:
        for z, r in zip(box.tube.inner, box.tube.radius, strict=True):
            assert ball.proves_lt(abs(z), r)
            assert r.is_exact() and r.is_finite()


def test_the_limit_lies_in_the_first_tube(proof):
    tube = proof.boxes[0].tube
    pi = MP.pi
    x = tube.at(Ball(0), tube.inner)
    assert holds(x[0], 8 / pi) and holds(x[4], 4 / pi) and holds(x[5], 8 / pi + 2 + 8 / pi**2)
    assert holds(proof.boxes[0].at.loss, MP.mpf(1) / 2 - 2 / pi**2)


@pytest.mark.parametrize("which", range(6))
@pytest.mark.parametrize("by", [2.0**-j for j in range(-7, 24, 3)])
def test_a_wrong_centre_has_the_right_solution_or_none(thin, which, by):
    low, high, g, true = thin
    centre = list(g.centre)
    centre[which] += Ball(by)
    try:
        tube = branch.enclose(low, high, g._replace(centre=centre))
    except NotProved:
        assert by > 2.0**-9
        return
    assert by < 100
    assert inside(tube, *true)


@pytest.mark.parametrize("which", range(6))
def test_a_wrong_slope_has_the_right_solution_or_none(thin, which):
    low, high, g, true = thin
    for by in (1e-3, 1.0, 1e3, 1e6):
        slope = list(g.slope)
        slope[which] += Ball(by)
        try:
            tube = branch.enclose(low, high, g._replace(slope=slope))
        except NotProved:
            assert by > 1
            continue
        assert by < 1e6
        assert inside(tube, *true)


def test_a_solution_at_another_sigma_is_no_solution(thin):
    low, high, *_ = thin
    away = guess.guess(solution(0.1)._replace(sigma=sigma(SPOT + THIN / 2)))
    with pytest.raises(NotProved):
        branch.enclose(low, high, away)


@pytest.mark.parametrize("far", (0.05, 0.1, 0.15, 0.35))
def test_a_line_from_outside_the_box_proves_nothing(thin, far):
    """It starts at the solution of another sigma, and its slope makes the equations constant along it in the box:
    the mean value theorem needs their derivatives between that sigma and the box, too."""
    low, high, _, _ = thin
    start, here = solution(far), sigma(SPOT + THIN / 2)
    slope = start.slope
    for _ in range(8):
        _, jacobian, by_sigma = guess.equations_at(start.x + slope * (here - sigma(far)), here)
        slope = -np.linalg.solve(jacobian, by_sigma)
    inverse = guess.exact_matrix(np.linalg.inv(jacobian))
    with pytest.raises(NotProved):
        branch.enclose(low, high, Guess(Ball(sigma(far)), guess.exact(start.x), guess.exact(slope), inverse))


def test_any_sigma_of_the_box_is_a_middle(thin):
    low, high, _, true = thin
    for s in (SPOT, SPOT + THIN / 8, SPOT + THIN):
        found = solution(s)
        mine = ball.middle(branch.sigma(Ball(s)))
        mine = (
            mine if SPOT < s < SPOT + THIN else ball.exact_float(sigma(s) + (1e-12 if s == SPOT else -1e-12))
        )
        assert inside(branch.enclose(low, high, guess.guess(found)._replace(middle=mine)), *true)


@pytest.mark.parametrize("factor", (0, 2, -1, "row", "nan"))
def test_a_wrong_preconditioner(thin, factor):
    """I - Y J is not small: with 0 it is I, with twice the inverse -I."""
    low, high, g, _ = thin
    matrix = g.preconditioner * Ball(factor if isinstance(factor, int) else 1)
    for j in range(6):
        if factor == "row":
            matrix[3, j] = Ball(0)
        elif factor == "nan":
            matrix[3, j] = arb.nan()
    with pytest.raises(NotProved):
        branch.enclose(low, high, g._replace(preconditioner=matrix))


@pytest.mark.parametrize(
    "low, high", [(SPOT, SPOT + WIDE), (0.0, 0.2), (0.3, 1.0), (0.3, 1.5), (0.3, np.nan)]
)
def test_too_wide_a_box(low, high):
    s = min((low + high) / 2, 0.4) if high == high else 0.3
    g = guess.guess(solution(s))
    with pytest.raises(NotProved):
        branch.enclose(Ball(low), arb.nan() if high != high else Ball(high), g)


@pytest.mark.parametrize("which", ("middle", "centre", "slope"))
def test_guesses_that_are_not_numbers(thin, which):
    low, high, g, _ = thin
    for bad in (arb.nan(), arb.pos_inf()):
        value = bad if which == "middle" else [bad, *getattr(g, which)[1:]]
        with pytest.raises(NotProved):
            branch.enclose(low, high, g._replace(**{which: value}))


def with_equations(change):
    """`enclose` with other values of the equations, or derivatives by sigma."""
    space = truth.copied(branch, equations=lambda x, s: [change(e) for e in system.equations(x, s)])
    assert isinstance(space["enclose"], FunctionType)
    return space["enclose"]


def test_half_the_residual_is_noticed(thin):
    """The centre is wrong by 1e-3: with half the residual, a tube without the true solution would be proved."""
    low, high, g, true = thin
    off = g._replace(centre=[x + Ball(2.0**-10) for x in g.centre])
    assert inside(branch.enclose(low, high, off), *true)
    for part in (Ball(1) / 2, Ball(2)):  # and with twice of it
        wrong = with_equations(lambda e, part=part: e * part if isinstance(e, arb) else e)(low, high, off)
        assert not inside(wrong, *true)


def test_the_derivative_by_sigma_matters(thin):
    low, high, g, true = thin
    off = g._replace(slope=[x + Ball(1) for x in g.slope])
    assert inside(branch.enclose(low, high, off), *true)

    def without(e):
        if not isinstance(e, arb):
            e.slopes[6] = -sum(x * y for x, y in zip(e.slopes, off.slope, strict=False))
        return e

    assert not inside(with_equations(without)(low, high, off), *true)


def test_derivatives_are_taken_where_the_mean_value_theorem_needs_them(thin):
    """Those by sigma on all of the line and the box, those by the unknowns on all of the tube."""
    low, high, g, _ = thin
    seen, slack = [], Ball(2.0**-32)  # a radius has 30 bits
    tilted = g._replace(slope=[x + Ball(3) for x in g.slope])
    space = truth.copied(branch, equations=lambda x, s: seen.append((x, s)) or system.equations(x, s))
    tube = space["enclose"](low, high, tilted)
    assert len(seen) >= 3
    for (x, s), within in ((seen[1], [Ball(0)] * 6), (seen[-1], [ball.symmetric(r) for r in tube.radius])):
        for end in (low, high, g.middle):
            here = branch.sigma(end) if end is not g.middle else end
            assert s.value.overlaps(here)
            for mine, y in zip(x, tube.at(here, within), strict=True):
                for corner in (ball.middle(ball.lower(y)), ball.middle(ball.upper(y))):
                    assert ball.proves_le(ball.lower(mine.value), corner + slack)
                    assert ball.proves_le(corner - slack, ball.upper(mine.value))


# --- evaluate -------------------------------------------------------------------------------------------


def test_loss_entries_and_blocks_of_true_solutions(truths):
    for box, _, at, unknowns, sigma in truths:
        k = at.k
        assert holds(box.at.loss, k * truth.loss(at))
        mine = [k**2 * (at.a - 1), k**2 * at.b, k * at.c, k * at.e, k * (at.f + 1)]
        assert all(holds(x, y) for x, y in zip(box.at.entries, mine, strict=True))
        stiffness = ball.lower(ball.smallest([Ball(1000), 1 / (Ball(box.high) * Ball(box.high)) - 1]))
        with ball.precision(300):
            q = system.scaled([exact_ball(x) for x in unknowns], exact_ball(sigma))
            true = blocks(q, stiffness)
        for name, value in box.blocks._asdict().items():
            assert value.overlaps(getattr(true, name)), name


def test_stiffness_is_at_most_that_of_each_k(proof, monkeypatch):
    seen = []
    monkeypatch.setattr(branch, "blocks", lambda q, stiffness: seen.append(stiffness))
    for box in sample(proof):
        for most in (2, 3.7, 50, 1000, 2.0**60):
            branch.hessian(box.tube, Ball(most))
            square = Fraction(box.high) ** 2
            least = min((1 - square) / square, Fraction(most))  # k - 1 for the smallest k of the box
            assert least * (1 - Fraction(1, 2**40)) < rational(seen[-1]) <= least


def rational(x):
    man, exp = ball.to_dyadic(x)
    return man * Fraction(2) ** exp


@pytest.mark.parametrize("which, value", [(0, -400.0), (4, -1.0), (4, 0.0), (5, 16.0), (5, 20.0)])
def test_signs_that_are_not_proved(thin, which, value):
    low, high, g, _ = thin
    tube = branch.enclose(low, high, g)
    branch.hessian(tube, Ball(1000))
    branch.evaluate(tube)
    centre = list(g.centre)
    centre[which] = Ball(value)
    refused(tube._replace(guess=g._replace(centre=centre)))
    inner = list(tube.inner)
    inner[which] = ball.hull(inner[which], Ball(value) - g.centre[which])
    refused(tube._replace(inner=inner))


def refused(tube):
    with pytest.raises(NotProved):
        branch.hessian(tube, Ball(1000))
    with pytest.raises(NotProved):
        branch.evaluate(tube)


# --- same_solution --------------------------------------------------------------------------------------


def test_neighbours_join(proof):
    for left, right in zip(proof.boxes, proof.boxes[1:], strict=False):
        assert branch.same_solution(left.tube, right.tube)
        assert not branch.same_solution(right.tube, left.tube)
    first, _, third = (box.tube for box in proof.boxes[:3])
    assert not branch.same_solution(first, third)  # they do not meet


def test_tubes_of_boxes_that_do_not_meet_exactly(proof):
    left, right = proof.boxes[100].tube, proof.boxes[101].tube
    for wrong in (
        right.low + Ball(2.0**-60),
        right.low - Ball(2.0**-60),
        arb.nan(),
        arb(right.low, 2.0**-60),
    ):
        assert not branch.same_solution(left, right._replace(low=wrong))


@pytest.mark.parametrize("which", range(6))
def test_tubes_of_different_solutions(proof, which):
    left, right = proof.boxes[150].tube, proof.boxes[151].tube
    reach = ball.largest((left.radius[which], right.radius[which])) * 2
    for sign in (1, -1):
        centre = list(right.guess.centre)
        centre[which] = centre[which] + sign * reach
        moved = right._replace(guess=right.guess._replace(centre=centre))
        assert not branch.same_solution(left, moved)
        centre = list(left.guess.centre)
        centre[which] = centre[which] + sign * reach
        assert not branch.same_solution(left._replace(guess=left.guess._replace(centre=centre)), right)


@pytest.mark.parametrize("part, joins", [(0.99, True), (1.01, False)])
def test_how_far_tubes_may_be_apart(thin, part, joins):
    low, high, g, _ = thin
    middle = Ball(SPOT + THIN / 2)
    radius, inner = [Ball(2.0**-10)] * 6, [Ball(0)] * 6
    left = branch.Tube(low, middle, g, radius, inner)
    for which in range(6):
        centre = list(g.centre)
        centre[which] = centre[which] + Ball(part) * Ball(2.0**-10)
        right = branch.Tube(middle, high, g._replace(centre=centre), radius, inner)
        assert branch.same_solution(left, right) is joins
        nan = right._replace(inner=[arb.nan(), *inner[1:]])
        assert not branch.same_solution(left._replace(inner=nan.inner), nan)


# --- off_line -------------------------------------------------------------------------------------------


def true_entries(at):
    return [at.k**2 * (at.a - 1), at.k**2 * at.b, at.k * at.c, at.k * at.e, at.k * (at.f + 1)]


@pytest.mark.parametrize("shift, tilt", [(0, 0), (0.01, 0), (0, 5), (-0.02, -3)])
def test_off_line_bounds_the_true_deviation_and_not_by_much_more(truths, shift, tilt):
    closest = 0
    for box, s, at, _, _ in truths:
        about = branch.guess_line(box.tube, (box.tube.low + box.tube.high) / 2)
        centre = [ball.middle(x + Ball(shift)) for x, _ in about]
        line = Line(centre, [ball.middle(y + Ball(tilt)) for _, y in about])
        bounds = branch.off_line(box.tube, line)
        t = MP.mpf(s) - (MP.mpf(box.low) + MP.mpf(box.high)) / 2
        for y, c, slope, bound in zip(true_entries(at), line.centre, line.slope, bounds, strict=True):
            true = abs(y - exact_mp(c) - exact_mp(slope) * t)
            assert bound.is_exact()
            assert true <= exact_mp(bound)
            closest = max(closest, float(true / exact_mp(bound)))
    if shift or tilt:
        assert closest > 0.99


def test_nothing_is_near_a_line_of_nan(proof):
    tube = proof.boxes[5].tube
    nan = Line([arb.nan()] * 5, [Ball(0)] * 5)
    assert not any(x.is_finite() for x in branch.off_line(tube, nan))
