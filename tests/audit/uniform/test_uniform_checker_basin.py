"""Theorem 12.V by the checker: its parts against the definitions and relucert's kernel, and what it refuses."""

import json
from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest
import reduced
from mpmath import iv, mp, mpf
from test_uniform_checker_box import box, follow

from relucert.families.uniform.prove import Proof, Tier, at_least, prove
from relucert.families.uniform.statement import statement
from relucert.kernel import ball
from relucert.kernel.teacher import sharp, symmetric, symmetric_sharp
from relucert_audit import format as fmt
from relucert_audit.interval import dyadic, precision, rational
from relucert_audit.uniform import basin, boxes, claim
from relucert_audit.uniform.box import check_box
from relucert_audit.uniform.dual import Dual, Unproved
from relucert_audit.uniform.linear import double

KS = (6, 7, 9, 20, 100, 1000, 10**6)
TINY = 1e-12


@pytest.fixture(autouse=True)
def bits():
    with precision(96):
        yield


def at(k, x):
    return [Dual(rational(Fraction(float(v)))) for v in x], Dual(1 / iv.sqrt(dyadic(k, 0)))


def critical(k):
    return follow(k**-0.5)[0]


def entries(k, x):
    """a, b, c, e, f, to 300 bits."""
    with mp.workprec(400):
        s2 = mpf(1) / k
        al, be, ga, ep, ph = (mpf(float(v)) for v in x)
        return 1 + al * s2**2, be * s2**2, ga * s2, ep * s2, -1 + ph * s2


def dense(k, x):
    a, b, c, e, f = (float(v) for v in entries(k, x))
    w = np.full((k, k), b) + (a - b) * np.eye(k)
    w[:, -1], w[-1] = c, [e] * (k - 1) + [f]
    return w


def meets(w, i):
    """(sign, z, zeta, n_z) of all that neuron i meets, and whether it is its own target."""
    k, unit = len(w), w[i] / np.linalg.norm(w[i])
    for sign, rows in ((1, w), (-1, np.eye(k))):
        for j, z in enumerate(rows):
            if sign < 0 or j != i:
                yield sign, z, z @ unit, z - (z @ unit) * unit, sign < 0 and j == i


def bend(w, i):
    """B_i by its definition."""
    unit = w[i] / np.linalg.norm(w[i])
    across = np.eye(len(w)) - np.outer(unit, unit)
    return sum(
        s * (np.linalg.norm(n) * across + np.outer(n, n) / np.linalg.norm(n)) for s, _, _, n, _ in meets(w, i)
    )


def frames(k):
    """The orthonormal bases of `first` and `last`, and a vector of sum 0 for each."""
    one, two = np.zeros((3, k)), np.zeros((2, k))
    one[0, 0], one[1, 1 : k - 1], one[2, -1] = 1, (k - 2) ** -0.5, 1
    two[0, : k - 1], two[1, -1] = (k - 1) ** -0.5, 1
    apart = np.zeros(k)
    apart[1:3] = np.sqrt(0.5) * np.array([1, -1])
    return (0, one, apart), (k - 1, two, apart)


def points(k):
    rng = np.random.default_rng(k)
    for _ in range(3):
        yield critical(k) + rng.uniform(-0.3, 0.3, 5)


@pytest.mark.parametrize("k", (6, 8, 13))
def test_b_by_its_definition(k, monkeypatch):
    """Every entry of B_i on the vectors that are constant on blocks, and the number on those of sum 0."""
    seen = []
    monkeypatch.setattr(basin, "largest_norm", lambda *what: (seen.append(what), dyadic(1, 0))[1])
    for x in points(k):
        seen.clear()
        g, w = basin.values(*at(k, x)), dense(k, x)
        basin.first(g), basin.last(g)
        for (terms, level, single), (i, basis, apart) in zip(seen, frames(k), strict=True):
            true = bend(w, i)
            mine = double(level) * np.eye(len(basis))
            for weight, v in terms:
                v = np.array([double(y) for y in v])
                mine += double(weight) * np.outer(v, v)
            assert np.abs(mine - basis @ true @ basis.T).max() < TINY
            assert abs(double(single) - apart @ true @ apart) < TINY


@pytest.mark.parametrize("k", (6, 8, 13))
def test_norms_and_sums_by_their_definitions(k):
    for x in points(k):
        g, w = basin.values(*at(k, x)), dense(k, x)
        for kind, (i, _, _) in zip((basin.first(g), basin.last(g)), frames(k), strict=True):
            norm = np.abs(np.linalg.eigvalsh(bend(w, i))).max()
            assert norm * (1 - TINY) <= double(kind.bend) < 1.7 * norm
            far = [(s * zeta, n / np.linalg.norm(n)) for s, _, zeta, n, own in meets(w, i) if not own]
            size = sum(abs(zeta) for zeta, _ in far)
            mean = np.linalg.norm(sum(zeta * n for zeta, n in far))
            assert np.isclose(
                double(kind.skew), min(2 * size, 2 * mean + 2 * size / (3 * np.sqrt(3))), rtol=TINY
            )
            assert np.isclose(double(kind.length), np.linalg.norm(w[i]), rtol=TINY)
            units = w / np.linalg.norm(w, axis=1)[:, None]
            others = np.delete(units, i, axis=0) @ units[i]
            assert np.isclose(double(kind.cosines), np.linalg.norm(others), rtol=TINY)
            lengths = {round(float(double(z)), 12) for _, z in kind.far if z is not None}
            assert lengths == {round(float(x), 12) for x in np.linalg.norm(np.delete(w, i, axis=0), axis=1)}
            mine = {(round(float(double(t.cosine)), 12), z is None) for t, z in kind.far}
            assert mine == {
                (round(float(abs(zeta) / np.linalg.norm(z)), 12), s < 0)
                for s, z, zeta, _, own in meets(w, i)
                if not own
            }


@pytest.mark.parametrize("k", (6, 8, 13))
def test_gram_matrices_by_their_definitions(k, monkeypatch):
    seen = []
    monkeypatch.setattr(
        basin, "stretch", lambda *what: (seen.append([double(x) for x in what]), dyadic(1, 0))[1]
    )
    for x in points(k):
        seen.clear()
        basin.frames(basin.values(*at(k, x)))
        w = dense(k, x)
        for mine, rows in zip(seen, (w / np.linalg.norm(w, axis=1)[:, None], w), strict=True):
            gram, (_, (one, last), apart) = rows @ rows.T, frames(k)[1]
            true = [one @ gram @ one, one @ gram @ last, last @ gram @ last, apart @ gram @ apart]
            assert np.allclose(mine, true, rtol=TINY, atol=TINY)


@pytest.mark.parametrize("k", (6, 20))
def test_the_frames_are_bounded(k):
    g, w = basin.values(*at(k, critical(k))), dense(k, critical(k))
    units, span2 = (double(x) for x in basin.frames(g))
    e, t = (
        np.linalg.norm(w / np.linalg.norm(w, axis=1)[:, None], 2),
        np.linalg.norm(np.vstack([w, np.eye(k)]), 2),
    )
    assert e * (1 - TINY) <= units < 1.05 * e and t**2 * (1 - TINY) <= span2 < 1.05 * t**2


def test_norms_of_either_sign():
    one, two = [dyadic(1, 0), dyadic(0, 0)], [dyadic(1, 0), dyadic(-2, 0)]
    for level, single, terms, norm in (
        (-3, 1, [(0, one)], 3), (-3, -4, [(0, one)], 4), (2, -1, [(-3, one)], 2), (1, 0, [(-1, two)], 5)
    ):  # fmt: skip
        weighted = [(dyadic(w, 0), v) for w, v in terms]
        assert double(basin.largest_norm(weighted, dyadic(level, 0), dyadic(single, 0))) == norm
    for what, bound in (((1, -2, 3, 0), 5), ((3, 2, 1, 0), 5), ((1, 1, 1, 7), 7)):
        assert double(basin.stretch(*(dyadic(x, 0) for x in what))) == bound


def kernel_shape(k, x):
    a, b, c, e, f = ((int(mp.nint(mp.ldexp(v, 300))), -300) for v in entries(k, x))
    with ball.precision(reduced.BITS):
        rows = [[a, e, b], [c, f, (0, 0)]]
        return symmetric_sharp.shape(symmetric.reduced(symmetric.point((k - 1, 1), rows)))


@pytest.mark.parametrize("k", KS)
def test_the_constant_is_hardly_more_than_the_kernels(k):
    g = basin.values(*at(k, critical(k)))
    shape, kinds = kernel_shape(k, critical(k)), [basin.first(g), basin.last(g)]
    for r in ("0", "0.01", "0.1", "0.4"):
        with ball.precision(reduced.BITS):
            rho = ball.exact(at_least(r, "r")) / ball.Ball(k).sqrt()
            true = float(sharp.theorem_b_sharp(shape, ball.upper(rho)).mid()) / np.sqrt(k)
        mine = double(basin.lipschitz(g, kinds, rational(Fraction(r))))
        assert true * (1 - 2e-3) <= mine < true * 1.015


@pytest.mark.parametrize("k", KS)
def test_with_the_kernels_norms_the_constant_is_the_kernels(k, monkeypatch):
    """The row sums are all that makes it coarser."""
    g, shape = basin.values(*at(k, critical(k))), kernel_shape(k, critical(k))
    norms = [float(x.mid()) for x in (shape.frame, shape.span, *(row.bend for row in shape.rows))]
    e, t, *bends = (rational(Fraction(x)) for x in norms)
    monkeypatch.setattr(basin, "frames", lambda _: (e, t**2))
    kinds = [x._replace(bend=y) for x, y in zip((basin.first(g), basin.last(g)), bends, strict=True)]
    for r in ("0", "0.01", "0.1", "0.4"):
        with ball.precision(reduced.BITS):
            rho = ball.exact(at_least(r, "r")) / ball.Ball(k).sqrt()
            true = float(sharp.theorem_b_sharp(shape, ball.upper(rho)).mid()) / np.sqrt(k)
        assert np.isclose(double(basin.lipschitz(g, kinds, rational(Fraction(r)))), true, rtol=1e-9)


@pytest.mark.parametrize("k", (6, 8, 13, 40))
def test_steps(k):
    g = basin.values(*at(k, critical(k)))
    w = dense(k, critical(k))
    units = w / np.linalg.norm(w, axis=1)[:, None]
    t = np.arccos(np.clip(units @ units.T, -1, 1))
    pulls = np.pi - t + np.sin(t)
    np.fill_diagonal(pulls, 0)
    own = [np.abs(np.linalg.eigvalsh(bend(w, i))).max() / np.linalg.norm(w[i]) for i in (0, k - 1)]
    least = (np.pi + max(own) + pulls.sum(axis=1).max()) / (2 * np.pi * k)
    kinds = [x._replace(bend=rational(Fraction(0))) for x in (basin.first(g), basin.last(g))]
    assert np.isclose(
        double(basin.curvature(g, kinds)), (np.pi + pulls.sum(axis=1).max()) / (2 * np.pi * k), rtol=TINY
    )
    assert least * (1 - TINY) < double(basin.curvature(g, [basin.first(g), basin.last(g)])) < 1.02 * least


# --- what is proved, and what is not ------------------------------------------------------------------


@pytest.mark.parametrize(
    "k, c, r", [(6, "0.0046", "0.0118"), (20, "0.0534", "0.19"), (1000, "0.087", "0.75")]
)
def test_basins(k, c, r):
    x, c, r = at(k, critical(k)), Fraction(c), Fraction(r)
    basin.prove_basin(*x, r, c)
    for radius, least in ((r * Fraction(104, 100), c), (r, c * Fraction(96, 100)), (r, -c), (r, Fraction(0))):
        with pytest.raises(Unproved, match="basin: L R/2"):
            basin.prove_basin(*x, radius, least)


@pytest.mark.parametrize("r, reason", [("3", "vanish"), ("9/10", "come near"), ("3/2", "come near")])
def test_radii_at_which_nothing_is_proved(r, reason):
    with pytest.raises(Unproved, match=reason):
        basin.prove_basin(*at(6, critical(6)), Fraction(r), Fraction(1000))


def test_steps_that_are_too_long(monkeypatch):
    x = at(6, critical(6))
    basin.prove_basin(*x, Fraction("0.01"), Fraction("0.0046"))
    basin.prove_basin(*x, Fraction("0.2"), Fraction(1000))
    with pytest.raises(Unproved, match="steps"):  # L R/2 counts, too
        basin.prove_basin(*x, Fraction("0.42"), Fraction(1000))
    monkeypatch.setattr(basin, "STEP", 5)
    with pytest.raises(Unproved, match="steps"):
        basin.prove_basin(*x, Fraction("0.01"), Fraction("0.0046"))


def test_a_box_with_a_basin():
    data = box("202/500", "203/500")
    check_box(**data, basin=Fraction("0.01"))
    for wrong in ("0.0125", "0.02", "3"):
        with pytest.raises(Unproved, match="basin"):
            check_box(**data, basin=Fraction(wrong))
    check_box(**data, basin=None)


def test_the_limit():
    """At s = 0, s L = 1/(pi sqrt 3): with c just below 0.0908 a basin of 0.98."""
    data = box(0, 0, radius="1e-9", c="0.0908")
    check_box(**data, basin=Fraction("0.987"))
    with pytest.raises(Unproved, match="basin"):
        check_box(**data, basin=Fraction("0.989"))


# --- claims -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def claimed():
    first, second = 10**9, 10**10
    reach = [at_least(x, "r") for x in ("0.95", "0.97")]
    tiers = [Tier(first, at_least("0.09", "c"), reach[0]), Tier(second, at_least("0.0907", "c"), reach[1])]
    found = prove(tiers)
    assert isinstance(found, Proof)
    return statement(found, {})["claim"]


def outcome(value):
    read = claim.read(SimpleNamespace(claim=value))
    return [*claim.admit(read), *boxes.prove(read, 0)]


def copied(value):
    return json.loads(json.dumps(value))


def test_claims_of_the_prover(claimed):
    assert outcome(claimed) == []
    bounds = claim.read(SimpleNamespace(claim=claimed)).bounds
    assert bounds["k >= 1000000000: basin"].decimal.startswith("0.95")
    for tier in (value := copied(claimed))["bounds"]["tiers"]:
        del tier["basin"]
    assert outcome(value) == []
    assert not any("basin" in name for name in claim.read(SimpleNamespace(claim=value)).bounds)


@pytest.mark.parametrize("tier", (0, 1))
def test_too_large_a_basin_in_a_claim(claimed, tier):
    value = copied(claimed)
    value["bounds"]["tiers"][tier]["basin"] = {"exact": ["1", 0], "decimal": "1"}
    (finding,) = outcome(value)
    assert "basin" in str(finding)


def test_a_basin_in_one_tier_only(claimed):
    """It binds the boxes of that tier alone."""
    value = copied(claimed)
    del value["bounds"]["tiers"][1]["basin"]
    assert outcome(value) == []
    value["bounds"]["tiers"][0]["basin"] = {"exact": ["1", 0], "decimal": "1"}
    (finding,) = outcome(value)
    assert "basin" in str(finding)


@pytest.mark.parametrize(
    "wrong", (None, "0.5", 1, {"exact": ["-1", -2], "decimal": "-0.25"}, {"exact": ["1", -2]})
)
def test_what_is_no_basin(claimed, wrong):
    value = copied(claimed)
    value["bounds"]["tiers"][0]["basin"] = wrong
    with pytest.raises(fmt.Refusal):
        claim.read(SimpleNamespace(claim=value))
