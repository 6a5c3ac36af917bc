"""The checker's numbers of Gram matrices against the same in floating point, or with many digits by other formulas."""

from fractions import Fraction
from functools import cache

import gram_claims
import numpy as np
import pytest
from gram_claims import CLAIMS, DATA, plain
from mpmath import mp, mpf

from relucert_audit.exact import TooWeak
from relucert_audit.interval import dyadic, precision, proves_le, rational, to_fixed
from relucert_audit.ntk import (
    gram_dual,
    gram_entries,
    gram_layers,
    gram_singular,
    gram_softplus,
    gram_spectrum,
)
from relucert_audit.ntk.gram_entries import Entries
from relucert_audit.ntk.gram_layers import Network
from relucert_audit.ntk.gram_spectrum import Enclosed

P = 200
ONE = 1 << P


def integers(rows):
    return np.array([[int(Fraction(x) * 2**40) for x in row] for row in rows], dtype=object)


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda c: "-".join(map(str, c)).replace("/", "|"))
def test_the_matrix(claim):
    data, activation, depth, c_res = (*claim, *(1, None)[len(claim) - 2 :])
    share = None if c_res is None else Fraction(c_res) / depth
    with precision(P):
        g = gram_singular.gram(integers(DATA[data]))
        pairs, diagonal = gram_layers.last(Network(activation, depth, share), g, P, 160)
        mid, rad = gram_layers.matrix(pairs, to_fixed(diagonal, P), len(g))
    assert max(map(int, rad.ravel())) < 2 ** (P - (90 if data in ("twins", "pairs", "pair") else 120))
    scale = float(share) ** 2 if share else 1
    error = np.abs(mid.astype(float) / ONE * scale - plain(*claim)).max()
    assert error < (1e-7 if data in ("near", "twins", "pairs", "pair") else 2e-11)


def point(x):
    return mpf(to_fixed(x, P)[0]) / ONE


def near(entry, truth):
    mid, rad = (int(column[0]) for column in entry)
    return abs(mpf(mid) / ONE - truth) <= mpf(rad + 1) / ONE


@pytest.mark.parametrize(
    "r", ["0", "1", "-1", "1/2", "-7/9", "999999999999/1000000000000", "1/10000000000000000000"]
)
@pytest.mark.parametrize("e", [0, 1, 2**20, 2**150])
def test_arc_sines_and_both_means(r, e):
    x = Fraction(r)
    entry = Entries(np.array([int(x * ONE)], object), np.array([e + 1], object))
    with mp.workprec(300), precision(P):
        ends = [min(max(mpf(x.numerator) / x.denominator + s * mpf(e) / ONE, -1), 1) for s in (-1, 0, 1)]
        arcs = gram_entries.arcsines(entry, P)
        relu, erf = (f(rational(Fraction(3, 2)), P) for f in (gram_dual.relu, gram_dual.erf))
        found = [arcs, relu.values(entry), relu.slopes(entry), erf.values(entry), erf.slopes(entry)]
        k = mpf(3) / 2
        for y in ends:
            t = mp.acos(y)
            truth = [mp.asin(y), k * (mp.sin(t) + (mp.pi - t) * y) / (2 * mp.pi), (mp.pi - t) / (2 * mp.pi),
                     2 / mp.pi * mp.asin(mpf(3) / 4 * y), 4 / (mp.pi * mp.sqrt(16 - 9 * y * y))]  # fmt: skip
            assert [near(a, b) for a, b in zip(found, truth, strict=True)] == [True] * 5


@pytest.mark.parametrize("k", [Fraction(1), Fraction(9, 4), Fraction(30)])
def test_softplus_at_its_ends(k):
    """P_k(1), D_k(1), the mean, and P_k(-1), D_k(-1), by quadrature."""
    with precision(P):
        plan = gram_softplus.plan(rational(k), P, 100, 1e7)
        dual = gram_softplus.softplus(rational(k), plan, P)
        ends = Entries(np.array([ONE, -ONE], object), np.zeros(2, dtype=object))
        values, slopes = dual.values(ends), dual.slopes(ends)
    with mp.workdps(30):
        t = mp.sqrt(mpf(k.numerator) / k.denominator)
        s, q = cache(lambda z: mp.log1p(mp.exp(t * z))), cache(lambda z: 1 / (1 + mp.exp(-t * z)))
        density = cache(mp.npdf)  # all at the same nodes

        def mean(f):
            return mp.quad(lambda z: f(z) * density(z), [-15, *range(-6, 7), 15])

        truth = [mean(lambda z: s(z) ** 2), mean(lambda z: q(z) ** 2), mean(s)]
        for found, x in zip((dual.top, dual.slope, dual.mean), truth, strict=True):
            assert abs(point(found) - x) < 1e-24 and proves_le(found.b - found.a, dyadic(1, -80))
        for i, sign in enumerate((1, -1)):
            for entries, f in ((values, s), (slopes, q)):
                x = mean(lambda z, f=f, c=sign: f(z) * f(c * z))
                assert abs(mpf(int(entries.mid[i])) / ONE - x) < 1e-24 and entries.rad[i] < 2 ** (P - 75)


def test_hermite_coefficients():
    with precision(P):
        found = gram_softplus.coefficients(dyadic(1, 0), gram_softplus.plan(dyadic(1, 0), P, 60, 1e6), P)
    with mp.workdps(30):
        whole = cache(lambda z: mp.log1p(mp.exp(z)) * mp.npdf(z))
        for j, square in zip(range(2, 20, 2), found.squares, strict=False):

            def term(z, j=j):
                before, h = mpf(0), mpf(1)  # Hermite's polynomials, by their recurrence
                for i in range(j):
                    before, h = h, z * h - i * before
                return whole(z) * h / mp.sqrt(mp.factorial(j))

            assert abs(mp.quad(term, [-16, *range(-8, 9), 16]) ** 2 - point(square)) < 1e-24


@pytest.mark.parametrize("step", [3000, 20000, 90000, 400000])
@pytest.mark.parametrize("nodes", [30, 300])
def test_any_plan_is_sound(step, nodes):
    with precision(P):
        good = gram_softplus.coefficients(dyadic(1, 0), gram_softplus.plan(dyadic(1, 0), P, 60, 1e6), P)
        plan = gram_softplus.Plan(step, nodes, 12)
        rough = gram_softplus.coefficients(dyadic(1, 0), plan, P)
        for a, b in zip((good.first, *good.squares), (rough.first, *rough.squares), strict=False):
            assert proves_le(b.a, a.a) and proves_le(a.b, b.b)
        sharp, rough = (gram_softplus.softplus(dyadic(1, 0), x, P) for x in (good_plan(), plan))
        assert proves_le(rough.top.a, sharp.top.a) and proves_le(sharp.top.b, rough.top.b)


def good_plan():
    return gram_softplus.plan(dyadic(1, 0), P, 60, 1e6)


def test_too_large_a_variance():
    with precision(P), pytest.raises(TooWeak):
        gram_softplus.plan(dyadic(1, 2000), P, 60, 1e6)


def random_matrix(rng, low):
    """Symmetric with the eigenvalues low, 1, 2, .., nearly."""
    q = np.linalg.qr(rng.standard_normal((5, 5)))[0]
    a = q @ np.diag([low, 1, 2, 3, 4]) @ q.T
    m = np.array([[int(x * 2**60) << (P - 60) for x in row] for row in (a + a.T) / 2], dtype=object)
    return (m + m.T) // 2


@pytest.mark.parametrize("low", [0.5, 1e-9, -1e-9, -2.0])
def test_eigenvalues(low):
    m = random_matrix(np.random.default_rng(4), low)
    k = Enclosed(m, 1 << 60, P)
    for shift in (-1e-4, -1e-10, 1e-10, 1e-4):
        assert gram_spectrum.at_least(k, 1, Fraction(low + shift) * ONE) == (shift < 0)
        assert gram_spectrum.at_least(k, -1, Fraction(-4 + shift) * ONE) == (shift < 0)
    assert not gram_spectrum.at_least(Enclosed(m, ONE, P), 1, Fraction(low - 0.99) * ONE)


def test_dependence():
    rng = np.random.default_rng(5)
    for _ in range(200):
        p, d = rng.integers(1, 5, 2)
        x = rng.integers(-1, 2, (p, d)).astype(object)
        g = gram_singular.gram(x)
        assert gram_singular.dependent(g, int(d)) == (np.linalg.matrix_rank(x.astype(float)) < p)
    with pytest.raises(TooWeak):
        gram_singular.dependent(np.eye(300, dtype=object) * 2**500, 300)


@pytest.mark.parametrize("activation", ["relu", "softplus", "erf"])
def test_theorem_14_0_on_random_inputs(activation):
    """Small integers, with many parallel rows: singular exactly if the smallest eigenvalue is 0."""
    rng, seen = np.random.default_rng(6), set()
    for _ in range(60):
        n, d, depth = int(rng.integers(2, 6)), int(rng.integers(1, 4)), int(rng.integers(1, 3))
        rows = rng.integers(-1, 2, (n, d))
        if not rows.any(axis=1).all():
            continue
        gram_claims.DATA["random"] = rows.tolist()
        least = np.linalg.eigvalsh(plain("random", activation, depth))[0]
        g = gram_singular.gram(rows.astype(object))
        odd = activation == "erf"
        singular = gram_singular.singular(g, d, odd, shallow=not odd and depth == 1)
        assert (least < 1e-6) == singular, (rows, depth, least)
        seen.add(singular)
    del gram_claims.DATA["random"]
    assert seen == {True, False}
