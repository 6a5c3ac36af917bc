"""The landscape of the CNN checker against dense formulas in many digits (`cnn_truth`)."""

import random
from fractions import Fraction

import pytest
from certificates import audit, changed
from cnn_truth import (
    angle_of,
    document,
    g_of,
    kernel,
    kinds_of,
    length,
    loss_of,
    point,
    problem,
    random_problem,
    real,
    relative_width,
    within,
)
from mpmath import iv, mp

from relucert_audit import interval as ia
from relucert_audit.cnn import landscape as cnn
from relucert_audit.format import Refusal


def test_g_by_integration():
    with mp.workdps(30), ia.precision(100):
        for i in range(1, 12):
            phi = mp.mpf(i) / 4
            psi = ia.pi() - ia.dyadic(i, -2)
            assert abs(kernel(phi) - g_of(phi)) < mp.mpf(10) ** -25
            assert within(ia.lens(psi), g_of(phi), mp.mpf(10) ** -25)


def test_kinds_against_linear_algebra():
    rng = random.Random(5)  # noqa: S311
    problems = [random_problem(rng) for _ in range(40)]
    problems += [([Fraction(1), Fraction(-1)], Fraction(1), 2), ([Fraction(2)] * 3, Fraction(1, 3), 4)]
    for star, W, p in problems:
        with ia.precision(192):
            own = cnn.Numbers(problem(star, W, p))
            T, kinds = kinds_of([real(x) for x in star], real(W), p)
            assert within(own.excess, T)
            assert (own.sign > 0, own.sign == 0) == (T > 0, len(star) == 1)
            assert len(own.kinds) == len(kinds)
            assert within(
                own.q_bad, mp.fdot(kinds[1][2], map(real, star)) if len(star) > 1 else 0, mp.mpf(10) ** -100
            )
            for mine, (verdict, phi, a, g, spectrum, inertia) in zip(own.kinds, kinds, strict=True):
                assert (mine.verdict, mine.inertia) == (verdict, inertia)
                assert within(mine.angle, phi) and within(mine.complement, mp.pi - phi, mp.mpf(10) ** -110)
                assert within(mine.g, g) and within(mine.lift, mp.pi - g, mp.mpf(10) ** -110)
                assert within(mine.cosine, mp.cos(phi))
                assert mine.sine == 0 if phi in (0, +mp.pi) else within(mine.sine, mp.sin(phi))
                loss = loss_of([mp.cos(phi), mp.sin(phi)], [real(W), 0], a, [real(x) for x in star])
                assert within(mine.objective, loss) or (loss < mp.mpf(10) ** -100 and mine.objective == 0)
                for (m, x), (n, y) in zip(mine.spectrum, spectrum, strict=True):
                    assert m == n
                    if not isinstance(x, int):
                        assert within(x, y)
                        continue
                    for power in (10, 40, 100):  # the sides of P are those of the root
                        for sign in (-1, 1):
                            t = y + sign * mp.mpf(2) ** -power
                            end = iv.make_mpf((t._mpf_, t._mpf_))
                            assert own.side(end, x) == sign
            if T > 0:
                away = kinds[2], kinds[1]
                high, low = (
                    loss_of([mp.cos(x[1]), mp.sin(x[1])], [real(W), 0], x[2], [real(y) for y in star])
                    for x in away
                )
                assert within(own.barrier, high - low, mp.mpf(10) ** -100)


def test_the_listed_points_are_critical_with_these_spectra():
    """Gradient and Hessian of the dense loss by differences."""
    with mp.workdps(50):
        star, W, p = [mp.mpf(1), mp.mpf(-2) / 5], mp.mpf(3) / 2, 3
        w, h = [W, mp.mpf(0), mp.mpf(0)], mp.mpf(10) ** -14

        for _, phi, a, _, spectrum, _ in kinds_of(star, W, p)[1]:
            at = [mp.cos(phi), mp.sin(phi), mp.mpf(0), *a]

            def moved(*steps, at=at):
                x = list(at)
                for i, by in steps:
                    x[i] += by
                return loss_of(x[:p], w, x[p:], star)

            n, hessian = len(at), mp.matrix(len(at))
            for i in range(n):
                assert abs(moved((i, h)) - moved((i, -h))) / h < mp.mpf(10) ** -12
                for j in range(n):
                    four = (
                        moved((i, h), (j, h))
                        - moved((i, h), (j, -h))
                        - moved((i, -h), (j, h))
                        + moved((i, -h), (j, -h))
                    )
                    hessian[i, j] = four / (4 * h * h)
            found = sorted(mp.eigsy(hessian, eigvals_only=True))
            wanted = sorted(x for m, x in spectrum for _ in range(m))
            assert max(abs(x - y) for x, y in zip(found, wanted, strict=True)) < mp.mpf(10) ** -10


def near_threshold(eps, k=2):
    """a* with T / N of about eps, for k = 2: a* = (1, x), (1 + pi)(1 + x^2) = pi (1 + x)^2 at x = pi - ..."""
    with mp.workdps(len(str(eps)) + 700):
        x = (mp.pi - mp.sqrt(mp.pi**2 - 1)) * (1 - mp.mpf(eps))
        return [Fraction(1), Fraction(int(x * mp.mpf(2) ** 1600), 2**1600)]


@pytest.mark.parametrize("eps", ["1e-9", "-1e-9", "1e-30", "-1e-30", "1e-300", "-1e-300"])
def test_close_to_the_threshold(eps):
    with ia.precision(192):
        own = cnn.Numbers(problem(near_threshold(eps)))
        assert own.sign == (1 if eps[0] == "1" else -1)
        assert relative_width(own.excess) < mp.mpf(2) ** -185
        if own.sign > 0:
            psi, T = own.kinds[2].complement, mp.make_mpf(own.excess._mpi_[0])
            assert relative_width(psi) < mp.mpf(2) ** -170
            g = T / (T + (mp.pi - 1) * real(own.of.S) ** 2)
            with mp.workdps(700):
                for end, sign in zip(psi._mpi_, (-1, 1), strict=True):
                    x = mp.make_mpf(end)
                    assert sign * (mp.sin(x) - x * mp.cos(x) - g) > -abs(g) * mp.mpf(2) ** -180


def test_a_threshold_beyond_the_bits_is_not_decided(monkeypatch):
    monkeypatch.setattr(cnn, "LAST_BITS", 200)
    with ia.precision(192):
        base = document("landscape-spurious")
        star = [str(x) for x in near_threshold("1e-300")]
        new = changed(changed(base, "problem.a_star", star), "problem.patch", 20)
        assert audit(new).result == "not-confirmed"


def test_loss_and_distances_against_dense_formulas():
    rng = random.Random(6)  # noqa: S311
    for case in range(60):
        star, W, p = random_problem(rng)
        of = problem(star, W, p)
        axis, v = ([rng.uniform(-1, 1) for _ in range(p)] for _ in range(2))
        if case % 3:  # near w* or -w*, down to 1e-30 and to the very direction
            off = rng.choice([0, 1e-3, 1e-12, 1e-16])
            v = [(-1) ** case * 2 * x + off * rng.uniform(-1, 1) for x in axis]
        kinds = kinds_of([real(x) for x in star], real(W), p)[1]
        a = [rng.uniform(-1, 1) for _ in star]
        if case % 2:
            a = [float(x) + rng.choice([0, 1e-9]) for x in rng.choice(kinds)[2]]
        at = point(of, axis, v, a)
        rows_ = [[mp.mpf(x) for x in row] for row in (axis, v, a)]
        w, phi = [real(W) * x / length(rows_[0]) for x in rows_[0]], angle_of(rows_[1], rows_[0])
        loss = loss_of(rows_[1], w, rows_[2], [real(x) for x in star])
        with ia.precision(192):
            own = cnn.Numbers(of)
            mine = own.loss(at)
            assert within(mine, loss, mp.mpf(10) ** -85)
            assert relative_width(mine) < mp.mpf(2) ** -60
            for kind, (_, angle, there, *_) in zip(own.kinds, kinds, strict=True):
                turn = mp.sin(min(abs(phi - angle), mp.pi / 2)) * length(rows_[1])
                distance = length([turn, *(x - y for x, y in zip(rows_[2], there, strict=True))])
                assert within(own.distance(at, kind), distance, mp.mpf(10) ** -85)
                assert relative_width(own.distance(at, kind)) < mp.mpf(2) ** -60


def test_distance_from_the_saddles_is_that_of_two_rays_in_the_plane():
    """p = 2: the cone is two rays; the nearest point of each is found by projection."""
    rng = random.Random(7)  # noqa: S311
    of = problem(["1", "-1/2"], 2, 2)
    _, kinds = kinds_of([mp.mpf(1), mp.mpf(-0.5)], mp.mpf(2), 2)
    for _ in range(20):
        v, a = [rng.uniform(-1, 1), rng.uniform(-1, 1)], [rng.uniform(-2, 2), rng.uniform(-2, 2)]
        best = mp.inf
        for side in (-1, 1):
            ray = mp.cos(kinds[2][1]), side * mp.sin(kinds[2][1])
            along = max(mp.fdot(map(mp.mpf, v), ray), 0)
            best = min(best, length([mp.mpf(v[0]) - along * ray[0], mp.mpf(v[1]) - along * ray[1]]))
        whole = length([best, *(mp.mpf(x) - y for x, y in zip(a, kinds[2][2], strict=True))])
        with ia.precision(192):
            own = cnn.Numbers(of)
            assert within(own.distance(point(of, [1.0, 0.0], v, a), own.kinds[2]), whole, mp.mpf(10) ** -100)


def test_the_largest_problems_that_are_read():
    """4096 patches, and patches of 10^9 numbers; one more of either is beyond the limit."""
    assert problem(["1"] * 4096, 1, 10**9).k == 4096
    for k, p in ((4097, 2), (1, 10**9 + 1)):
        with pytest.raises(Refusal) as refused:
            problem(["1"] * k, 1, p)
        assert refused.value.args[:2] == ("not-confirmed", 0)
    for star, W, p in ((["0"], 1, 2), (["1"], 0, 2), (["1"], -1, 2), (["1"], 1, 1)):
        with pytest.raises(Refusal) as refused:
            problem(star, W, p)
        assert refused.value.args[:3] == ("rejected", 1, "problem")


def test_all_weights_may_be_0():
    at = point(problem(["1", "2"], 1, 2), [1.0, 0.0], [0.0, 3.0], [0.0, 0.0])
    assert (at.s, at.q, at.a2, at.r2, at.cosine2, at.sine2, at.side) == (0, 0, 0, 9, 0, 1, 0)


def test_the_step_and_the_member_that_are_wrong_are_named():
    base = document("landscape-spurious")
    other = base["statement"]["claim"]["bounds"]["excess"]  # T, instead of another number
    for path, value, said in (
        ("verdict", "not-critical", ("rejected", 1, "verdict")),
        ("method", "spectrum", ("rejected", 1, "verdict")),
        ("problem.w_norm", "-1", ("rejected", 1, "problem")),
        ("bounds.barrier", other, ("rejected", 8, "barrier")),
        ("bounds.q_bad", other, ("rejected", 3, "q_bad")),
        ("bounds.critical_points.2.objective", other, ("rejected", 8, "critical_points.2.objective")),
    ):
        finding = audit(changed(base, path, value)).finding
        assert (finding.result, finding.step, finding.claim) == said
