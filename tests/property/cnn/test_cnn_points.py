"""Lemma 9.N at points whose place is known: which kind they are near, by which hypotheses, with which numbers."""

from __future__ import annotations

import mpmath
import pytest

from relucert.kernel import ball
from relucert.kernel.ball import Ball, NotProved, pi
from relucert.kernel.cnn import landscape as cnn_landscape
from relucert.kernel.cnn import loss as cnn_loss
from relucert.kernel.cnn import point as cnn_point
from relucert.kernel.cnn import teacher as cnn
from relucert.kernel.cnn.landscape import GLOBAL, NON_STRICT, SPURIOUS, STRICT

BELOW = cnn.teacher(3, (2, 1), (1, 2), (5, 4)), (Ball(1), Ball(-1) / 2, Ball(0))  # W = 2, T > 0
ABOVE = cnn.teacher(2, (2, 1), (2, 1), (2, 1)), (Ball(1), Ball(1))  # T < 0
KINDS = [
    (BELOW, GLOBAL, ["N.2", "N.1", "K.1"]),
    (BELOW, SPURIOUS, ["N.2", "N.1", "K.1", "A.1"]),
    (BELOW, STRICT, ["N.2", "N.1", "K.1", "H.1"]),
    (ABOVE, GLOBAL, ["N.2", "N.1", "K.2"]),
    (ABOVE, NON_STRICT, ["N.2", "N.1", "K.2"]),
]
AWAY = Ball(1) / 16


@pytest.fixture(autouse=True)
def _precision():
    with ball.precision(128):
        yield


def equal(x, y, bits=90):
    """Up to 2^-bits of y."""
    return ball.proves_le(abs(x - y), abs(y) * Ball(2.0**-bits))


def beside(case, verdict, away=AWAY, length=4):
    """(landscape, point): `away` off a critical point of this kind with |v| = length, in the first weight."""
    (of, a_star), found = case, cnn_landscape.landscape(case[0], 2)
    kind = next(x for x in found.points if x.verdict == verdict)
    x, y = kind.a
    v = [length * kind.phi.cos(), length * kind.complement.sin()]
    a = [x * b + y + (away if i == 0 else 0) for i, b in enumerate(a_star)]
    return found, cnn_loss.point(of, a_star, [Ball(1), Ball(0)], v, a)


def names(arguments):
    return [h.name for x in arguments for h in x.hypotheses]


@pytest.mark.parametrize(("case", "verdict", "hypotheses"), KINDS)
def test_each_kind_is_proved_by_its_own_hypotheses(case, verdict, hypotheses):
    """At 1/16 from a kind, |v| = 4: with u = 4/32 it is that kind, with its distances on the safe sides."""
    found, at = beside(case, verdict)
    place = cnn_point.place(at, found)
    outcome, near = cnn_point.decide(place, found, Ball(1) / 32)
    assert (outcome.verdict, near.kind.verdict, near.exclusion) == (verdict, verdict, None)
    assert all(x.holds for x in outcome.arguments)
    assert names(outcome.arguments) == hypotheses
    sides = {h.name: (h.left, h.right) for x in outcome.arguments for h in x.hypotheses}
    assert ball.proves_le(AWAY, near.existence)
    assert equal(near.existence, AWAY)
    others = [d for d, kind in zip(place.distances, found.points, strict=True) if kind.verdict != verdict]
    assert ball.proves_le(near.uniqueness, ball.smallest(others))
    assert equal(near.uniqueness, ball.smallest(others))
    assert sides["N.2"] == (2 * near.existence, near.uniqueness)
    assert sides["N.1"][0] == near.existence
    assert equal(sides["N.1"][1], Ball(4))
    excess = (of_k(case) - 1 + pi()) * case[0].N - pi() * ball.square(case[0].S)
    if case is BELOW:
        assert sides["K.1"][0] == 0
        assert equal(sides["K.1"][1], excess)
    else:
        assert sides["K.2"][1] == 0
        assert equal(sides["K.2"][0], excess)
    if verdict == SPURIOUS:  # a_bad.a* = -W T/((pi - 1)(k + pi - 1))
        assert equal(sides["A.1"][0], -2 * excess / ((pi() - 1) * (pi() + 2)))
        assert sides["A.1"][1] == 0
    if verdict == STRICT:
        assert ball.proves_positive(-sides["H.1"][0])
        assert equal(sides["H.1"][0], near.kind.spectrum[0].value)
        assert sides["H.1"][1] == 0


def of_k(case):
    return case[0].k


@pytest.mark.parametrize(("case", "verdict", "hypotheses"), KINDS)
def test_a_reason_that_is_not_proved_is_named(case, verdict, hypotheses):
    """At equality, where the strict ones are false, and just above 0, where the others are."""
    found, at = beside(case, verdict)
    tiny = Ball(2.0**-60)

    def threshold(name, left, relation, right):
        argument = cnn_landscape.Argument("", (cnn_landscape.inequality(name, left, relation, right, "so"),))
        return found._replace(arguments=(argument,))

    points = tuple(
        x._replace(spectrum=(x.spectrum[0]._replace(value=Ball(0)), *x.spectrum[1:])) for x in found.points
    )
    weakened = {
        "K.1": threshold("K.1", Ball(0), "<", Ball(0)),
        "K.2": threshold("K.2", tiny, "<=", Ball(0)),
        "A.1": found._replace(q_bad=Ball(0)),
        "H.1": found._replace(points=points),
    }
    for name in hypotheses[2:]:
        changed = weakened[name]
        outcome, near = cnn_point.decide(cnn_point.place(at, changed), changed, Ball(1) / 32)
        assert (outcome.verdict, outcome.failed.name) == ("inconclusive", name)
        assert outcome.reason.startswith(f"{name} not proved: ")
        assert near == (None, None, None, None)
        assert names(outcome.arguments) == hypotheses


def test_the_threshold_is_a_hypothesis_of_each_side():
    below, above = (cnn_landscape.threshold(case[0]) for case in (BELOW, ABOVE))
    assert (below.theorem, names([below]), below.hypotheses[0].relation) == ("Theorem 9.A", ["K.1"], "<")
    assert above.theorem == "Theorem 9.A, converse"
    assert (names([above]), above.hypotheses[0].relation) == (["K.2"], "<=")
    assert below.holds
    assert above.holds
    # a teacher that is not known well enough, about T = 0, is on neither side
    rough = cnn.Teacher(2, Ball(1), Ball(1), (Ball(0) / 1).union(Ball(2)))
    assert not cnn_landscape.threshold(rough).holds


@pytest.mark.parametrize("star", [(1, 3), (-2, 7), (5, 1)])
def test_for_one_patch_t_is_exactly_0(star):
    """Also where N = S^2 is rounded, so that (k + pi - 1) N - pi S^2 is only enclosed."""
    of = cnn.teacher(1, (1, 3), star, (star[0] ** 2, star[1] ** 2))
    found = cnn_landscape.landscape(of, 2)
    assert (found.excess, found.q_bad, found.barrier) == (0, 0, None)
    (argument,) = found.arguments
    assert (argument.hypotheses[0].left, argument.hypotheses[0].right) == (0, 0)
    assert argument.holds


def test_the_empty_ball_is_proved_by_its_own_hypothesis():
    """1/16 from the global minima, |v| = 4, u = 4/2^10: no critical point within 1/16 (1 - 2^-20)."""
    found, at = beside(BELOW, GLOBAL)
    outcome, near = cnn_point.decide(cnn_point.place(at, found), found, Ball(2.0**-10))
    assert (outcome.verdict, names(outcome.arguments)) == ("not-critical", ["N.3", "K.1"])
    assert all(x.holds for x in outcome.arguments)
    (hypothesis,) = outcome.arguments[0].hypotheses
    assert (hypothesis.left, equal(hypothesis.right, AWAY)) == (near.exclusion, True)
    assert equal(near.exclusion, AWAY * (1 - Ball(2.0**-20)))
    assert near[:3] == (None, None, None)


def test_a_distance_not_told_from_the_radius_is_not_decided():
    """u |v| = 4/64 is within the enclosure of the distance."""
    found, at = beside(BELOW, SPURIOUS, AWAY + ball.symmetric(Ball(2.0**-40)))
    with pytest.raises(NotProved, match="not told from"):
        cnn_point.decide(cnn_point.place(at, found), found, Ball(1) / 64)


@pytest.mark.parametrize(("case", "verdict", "hypotheses"), KINDS)
def test_loss_and_gradient_of_a_place(case, verdict, hypotheses):
    """F is quadratic in a: off a critical point by t e_1 it is F + t^2 M_11/(4 pi), M_11 = pi, and the
    gradient is t (M e_1)/(2 pi) in a, M e_1 = (pi, 1, .., 1), and -(q psi W/(2 pi |v|)) sin(phi) across v,
    where q = a.a* is W N, a_bad.a* or 0, and t more."""
    (of, _), found = case, cnn_landscape.landscape(case[0], 2)
    kind = next(x for x in found.points if x.verdict == verdict)
    for length in (4, 9):
        place = cnn_point.place(beside(case, verdict, length=length)[1], found)
        assert equal(place.loss, kind.loss + ball.square(AWAY) / 4)
        assert equal(place.length, Ball(length))
        turn = AWAY * kind.complement * of.W / (2 * pi() * length) if verdict == STRICT else Ball(0)
        turn *= kind.complement.sin()
        in_a = AWAY / (2 * pi()) * (pi() ** 2 + of.k - 1).sqrt()
        assert equal(place.gradient, ball.norm([turn, in_a]), 80)
        with mpmath.workdps(60):  # an upper bound, not only near
            true = mpmath.sqrt(mpmath.pi**2 + of.k - 1) / (32 * mpmath.pi)
            man, exp = ball.to_dyadic(place.gradient)
            assert mpmath.ldexp(mpmath.mpf(man), exp) >= true


def test_the_hessian_method_names_the_multiplicity_of_0():
    found = cnn_landscape.landscape(BELOW[0], 5)
    for kind, zeros in zip(found.points, (1, 5, 4), strict=True):
        refused = cnn_point.singular(kind)
        assert (refused.verdict, refused.bounds, refused.arguments) == ("inconclusive", None, ())
        assert f"0 is an eigenvalue with multiplicity {zeros})" in refused.reason
    assert "multiplicity" not in cnn_point.singular(None).reason
    assert "family: the loss" in cnn_point.singular(None).reason


@pytest.mark.parametrize("scalars", [(0, (1, 1), (1, 1), (1, 1)), (2, (0, 1), (1, 1), (1, 1)),
                                     (2, (1, 1), (0, 1), (0, 1)), (2, (-1, 1), (1, 1), (1, 1))])  # fmt: skip
def test_a_teacher_of_no_patch_no_filter_or_no_weights_is_refused(scalars):
    with pytest.raises(NotProved):
        cnn.teacher(*scalars)


def test_a_zero_in_the_ball_of_an_end_is_not_lost():
    """t in [b, 1], b somewhere within 1/8 of 0, has its zero in b; t - 1 in [0, b'] likewise at the top."""
    rough = ball.symmetric(Ball(1) / 8)
    assert cnn.zero_between(lambda t: t, rough, Ball(1)).contains(0)
    assert cnn.zero_between(lambda t: t - 1, Ball(0), 1 + rough).contains(1)
    third = cnn.zero_between(lambda t: 3 * t - 1, rough, Ball(1))
    assert equal(third, Ball(1) / 3)
