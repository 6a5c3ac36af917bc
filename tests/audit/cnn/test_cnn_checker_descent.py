"""The descents of the CNN checker against gradient descent in all coordinates."""

import random
from fractions import Fraction

from certificates import audit
from cnn_truth import document, gradient_step, length, point, problem, random_problem, real, within
from mpmath import mp

from relucert_audit import interval as ia
from relucert_audit.cnn import descent as cnn_descent


def test_the_four_scalars_against_gradient_descent_in_all_coordinates():
    rng = random.Random(8)  # noqa: S311
    for case in range(12):
        star, W, p = random_problem(rng)
        of, T = problem(star, W, p), 60
        eta = (
            Fraction(1, rng.randint(1, 40)) / (of.N + of.k) if case % 4 else Fraction(3, of.k + 3)
        )  # maybe too large
        axis, v, a = (
            [rng.uniform(-1, 1) for _ in range(p)],
            [rng.uniform(-1, 1) for _ in range(p)],
            [rng.uniform(-1, 1) for _ in star],
        )
        if case % 3 == 0:
            v = [-x for x in axis]
        at = point(of, axis, v, a)
        exact_star, w = (
            [real(x) for x in star],
            [real(W) * mp.mpf(x) / length(list(map(mp.mpf, axis))) for x in axis],
        )
        big_v, big_a = list(map(mp.mpf, v)), list(map(mp.mpf, a))
        with ia.precision(224):
            now = cnn_descent.Numbers(of, eta).run(at, T)
        for _ in range(T):
            big_v, big_a = gradient_step(big_v, w, big_a, exact_star, real(eta))
        A = mp.fdot(big_v, w) / real(W)
        B = length([x - A * y / real(W) for x, y in zip(big_v, w, strict=True)])
        for mine, value in zip(now, (A, B, mp.fdot(big_a, exact_star), sum(big_a)), strict=True):
            assert within(mine, value, mp.mpf(10) ** -80) or abs(value) < mp.mpf(10) ** -80
            assert mine.delta <= mp.mpf(2) ** -150 * (1 + abs(value))


def test_the_bound_of_eta_is_exact():
    def refused(star, eta):
        with ia.precision(192):
            return [f.result for f in cnn_descent.step_3(cnn_descent.Numbers(problem(star), Fraction(eta)))]

    assert refused(["1"], 2) == []  # 2 pi/(1 + pi - 1) = 2
    assert refused(["1"], 2 + Fraction(1, 10**40)) == ["rejected"]
    most = 2 * mp.pi / (2 + mp.pi)
    scaled = int(most * 10**40)
    assert refused(["1", "2", "3"], Fraction(scaled, 10**40)) == []
    assert refused(["1", "2", "3"], Fraction(scaled + 1, 10**40)) == ["rejected"]


def test_a_run_through_the_filter_that_vanishes_is_not_confirmed(monkeypatch):
    """Where neither A nor B is proved to be nonzero, nothing is."""
    base = document("trajectory-global")
    wide = ia.enclosure(-1, 1, 0)
    monkeypatch.setattr(cnn_descent, "root", lambda _: wide)
    assert audit(base).result == "not-confirmed"
