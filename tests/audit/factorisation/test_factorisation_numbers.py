"""The checker's own arithmetic of matrix factorisation: against definitions, exact ranks and floating point."""

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest

from factorisation_points import critical_point, gradient, hessian, with_values
from relucert_audit import interval as ivl
from relucert_audit.exact import TooWeak
from relucert_audit.factorisation import modular
from relucert_audit.factorisation.balls import Balls, divided, exact, product
from relucert_audit.factorisation.data import Dyadics
from relucert_audit.factorisation.eigenvalues import eigenvalues
from relucert_audit.factorisation.levels import Levels
from relucert_audit.factorisation.logarithm import log
from relucert_audit.factorisation.near import ends, near
from relucert_audit.factorisation.run import Flow, follow, spectral
from relucert_audit.interval import dyadic, precision, proves_le
from relucert_audit.seeded import weights


def ints(a):
    return np.array(np.asarray(a).tolist(), dtype=object)


def ends_of(x):
    return float(x.a), float(x.b)


@pytest.mark.parametrize(("n", "d", "r"), [(1, 1, 1), (3, 5, 2), (6, 6, 6), (9, 4, 3), (5, 7, 0)])
def test_exact_ranks(n, d, r):
    rng = np.random.default_rng(n)
    a = (
        ints(rng.integers(1, 9, (n, r))) @ ints(rng.integers(-9, -1, (r, d)))
        if r
        else ints(np.zeros((n, d), int))
    )
    assert modular.rank(a * 3**50) == r


def test_a_rank_that_the_first_primes_do_not_show():
    p = modular.primes()
    a = np.array([[p[0] * p[1] * p[2], 0], [0, p[1] * p[3]]], dtype=object)
    assert modular.rank(a) == 2
    with pytest.raises(TooWeak):
        modular.first(10**6)


def test_annihilators():
    a = ints([[2, 1, 1], [1, 2, 1], [1, 1, 2]])
    assert modular.annihilates([4, -5, 1], a)
    assert not modular.annihilates([4 + math.prod(modular.primes()[:3]), -5, 1], a)
    assert not modular.annihilates([-1, 1], a)
    big = a * 2**300
    assert modular.annihilates([4 * 2**600, -5 * 2**300, 1], big)


@pytest.mark.parametrize("n", [1, 2, 7])
def test_eigenvalues_with_clusters(n):
    rng = np.random.default_rng(n)
    q = np.linalg.qr(rng.standard_normal((n, n)))[0]
    g = ints(np.rint((q * ([3.0] * (n // 2) + [1e-9] * (n - n // 2))) @ q.T * 2**40).astype(np.int64))
    g = g + g.T
    with precision(300):
        found = eigenvalues(g, 320)
        trace, squares = sum(found), sum(x * x for x in found)
        assert proves_le(trace.a, dyadic(int(np.trace(g)), 0)) and proves_le(
            dyadic(int(np.trace(g)), 0), trace.b
        )
        total = dyadic(int((g * g).sum()), 0)
        assert proves_le(squares.a, total) and proves_le(total, squares.b)
        assert all(float(x.delta) < 1e-60 * float(found[0].b) for x in found)
    assert np.allclose([ends_of(x)[0] for x in found], np.linalg.eigvalsh(g.astype(float))[::-1], atol=1)


def cases():
    for values, times, shape in [
        ([3], [1], (1, 2)), ([3], [2], (2, 2)), ([5, 2], [1, 2], (3, 3)), ([5, 2], [2, 1], (4, 4)),
        ([4, 3, 1], [1, 1, 1], (3, 4)),
    ]:  # fmt: skip
        for r in range(1, min(shape) + 1):
            yield values, times, shape, r


@pytest.mark.parametrize(("values", "times", "shape", "r"), list(cases()))
def test_theorems_l_and_m_at_every_kind_of_critical_point(values, times, shape, r):
    """Values, saddles, dimension and curvature, from Hessians by the definition."""
    rng, rank = np.random.default_rng(r), sum(times)
    s = np.repeat(values, times).tolist() + [0] * (min(shape) - rank)
    m, p, q = with_values(rng, s, *shape)
    with precision(200):
        own = Levels([dyadic(x, 0) for x in values], times, shape, r)
        all_k = [k for k in itertools.product(*(range(n + 1) for n in times)) if sum(k) <= r]
        costs = sorted(
            sum((n - j) * x**2 for n, j, x in zip(times, k, values, strict=True)) / 2 for k in all_k
        )
        assert own.sets() == len(all_k)
        assert ends_of(own.minimum())[0] == pytest.approx(costs[0])
        assert ends_of(own.gap())[0] == pytest.approx(costs[1] - costs[0])
        worst = []
        for size in range(min(r, rank) + 1):
            for chosen in itertools.combinations(range(rank), size):
                u, v = critical_point(rng, s, p, q, list(chosen), r, True)
                assert np.abs(gradient(m, u, v)).max() < 1e-9
                spectrum = np.linalg.eigvalsh(hessian(m, u, v))
                if sum(s[i] ** 2 for i in range(rank) if i not in chosen) / 2 > costs[0] + 1e-9:
                    worst.append(spectrum[0])
                    u, v = critical_point(rng, s, p, q, list(chosen), r, False)
                    e = Fraction(np.linalg.norm(u.T @ u - v.T @ v, 2) * (1 + 1e-9))
                    assert np.linalg.eigvalsh(hessian(m, u, v))[0] <= 1e-8 - ends_of(own.saddle(e))[1]
                elif rank >= r:
                    flat = np.abs(spectrum) < 1e-7
                    assert flat.sum() == own.dimension()
                    least, most = own.across()
                    assert spectrum[~flat].min() == pytest.approx(ends_of(least)[0])
                    assert spectrum.max() == pytest.approx(ends_of(most)[1])
        assert -max(worst) == pytest.approx(ends_of(own.saddle(Fraction(0)))[0])


@pytest.mark.parametrize("scale", [-40, 0, 300])
def test_runs_are_enclosed(scale):
    """Against exact fractions, from a start of some size, and with a start that is moved within its radius."""
    rng = np.random.default_rng(4)
    u, v, m = (ints(rng.integers(-99, 99, shape)) for shape in ((3, 2), (2, 2), (3, 2)))
    start, target = [Dyadics(u, scale - 8), Dyadics(v, scale - 8)], Dyadics(m, 2 * scale - 6)
    eta = Fraction(1, 7) / Fraction(4) ** scale
    flow = Flow(target, eta, start, 128)
    at, last, most = follow(flow, flow.start(start), 4)
    two = Fraction(2)
    U, V, M = (a * two**e for a, e in ((u, scale - 8), (v, scale - 8), (m, 2 * scale - 6)))
    first, drifts = U.T @ U - V.T @ V, []
    for _ in range(4):
        R = U @ V.T - M
        U, V = U - eta * (R @ V), V - eta * (R.T @ U)
        rest = U.T @ U - V.T @ V - first
        drifts.append(sum(x * x for x in rest.flat))
    unit = two ** (flow.h - flow.p)
    moved = sum(x * x for x in (U - at.U * unit).flat) + sum(x * x for x in (V - at.V * unit).flat)
    assert 0 < moved <= (at.radius * unit) ** 2
    assert at.radius < 2**60
    assert (last.low * unit**2) ** 2 <= drifts[-1] <= (last.high * unit**2) ** 2
    assert (most.low * unit**2) ** 2 <= max(drifts) <= (most.high * unit**2) ** 2
    low, high = flow.distance(flow.residual(at), at)
    size = sum(x * x for x in (U @ V.T - M).flat)
    assert (low * unit * two**flow.h) ** 2 <= size <= (high * unit * two**flow.h) ** 2
    exact_norms = (
        np.linalg.norm((at.U / 2 ** at.norm().bit_length()).astype(float), 2),
        np.linalg.norm((at.V / 2 ** at.norm().bit_length()).astype(float), 2),
    )
    bound = spectral(at) / 2 ** at.norm().bit_length()
    assert math.hypot(*exact_norms) <= bound <= 1.3 * math.hypot(*exact_norms)


def test_a_run_that_leaves_is_given_up():
    start = [Dyadics(ints([[9]]), 0), Dyadics(ints([[9]]), 0)]
    flow = Flow(Dyadics(ints([[1]]), 0), Fraction(100), start, 128)
    with pytest.raises(TooWeak, match="leaves"):
        follow(flow, flow.start(start), 50)


def test_singular_values_of_a_factor():
    a = ints([[3, 0], [0, 4], [0, 0]])
    with precision(200):
        least, most = ends(a, -1)
    assert ends_of(least) == pytest.approx((1.5, 1.5)) and ends_of(most) == pytest.approx((2, 2))


def test_theorem_c_takes_any_length_that_serves():
    start = [Dyadics(ints([[33], [1]]), -5), Dyadics(ints([[33], [0]]), -5)]
    flow = Flow(Dyadics(ints([[1, 0], [0, 0]]), 0), Fraction(1, 10), start, 128)
    with precision(200):
        own = near(flow, flow.start(start), ivl.rational(Fraction(1, 10)))
        best = own.best(dyadic(1, -30))
        assert ends_of(own.best(dyadic(1, 30)).path) == pytest.approx(ends_of(best.path), rel=1e-6)
        again = own.best(best.path * 2)
        assert ends_of(again.path)[0] <= ends_of(best.path)[1] * (1 + 1e-6)
        assert own.holds(best.path) and not own.holds(best.path / 2)


@pytest.mark.parametrize(
    "x", [Fraction(1), Fraction(2), Fraction(1, 3), Fraction(10**40, 7), Fraction(999, 1000)]
)
def test_logarithms(x):
    with precision(160):
        low, high = ends_of(log(x))
    assert low - 1e-14 <= math.log(x) <= high + 1e-14
    assert high - low < 1e-13


def test_balls_keep_exact_zeros_and_round_outward():
    a = exact(Dyadics(ints([[1, -1], [3, 5]]), -2), 4)
    assert not a.r.any()
    z = product(a, Balls(ints([[16], [16]]), ints([[0], [0]])), 4)
    assert (z.m[0, 0], z.r[0, 0]) == (0, 0)
    third = a.times(Fraction(1, 3))
    assert all(
        abs(Fraction(int(m)) - Fraction(int(x), 3)) <= r
        for m, r, x in zip(third.m.flat, third.r.flat, a.m.flat, strict=True)
    )
    assert third.r.any()
    assert divided(ints([[7, 8]]), ints([[1, 0]]), 4).r.tolist() == [[2, 0]]
    assert exact(Dyadics(ints([[1]]), -9), 4).r[0, 0] == 1
    with pytest.raises(TooWeak):
        product(exact(Dyadics(ints([[1]]), 80), 4), exact(Dyadics(ints([[1]]), 0), 4), 4)


def test_weights_by_a_seed_are_those_of_the_prover():
    from relucert.base.seeded import gaussians

    assert weights(7, 0, 20).tolist() == gaussians("weights", 7, 20)
    assert (abs(weights(7, 0, 20)) <= 6 << 21).all()
