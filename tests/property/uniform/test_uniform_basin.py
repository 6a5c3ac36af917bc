"""Theorem 12.V: s L for a whole box, against Theorem B' at single k and against the third derivative."""

from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from flint import arb

import uniform_points as truth
from relucert.families.uniform import guess, prove
from relucert.families.uniform.commands import _tiers
from relucert.families.uniform.prove import PRECISION, Failure, Proof, Tier
from relucert.families.uniform.statement import statement
from relucert.families.uniform.words import words
from relucert.kernel import ball
from relucert.kernel.ball import Ball, NotProved
from relucert.kernel.teacher import loss, sharp, symmetric, symmetric_sharp
from relucert.kernel.uniform import basin, system
from uniform_points import MP, exact_ball, holds

KS = (6, 7, 9, 20, 100, 1000, 10**6)
PLACES = (0, 1, 3, 10, 40, 90, 150, -1)  # boxes that are looked into
BITS = 200


@pytest.fixture(autouse=True)
def bits():
    with ball.precision(BITS):
        yield


@cache
def point(k):
    """W(k), by Newton's method on the gradient."""
    found = guess.solve(0.0, guess.AT_ZERO)
    for sigma in np.linspace(0, (k - 1) ** -0.5, 8)[1:]:
        found = guess.solve(float(sigma), found.at(float(sigma)))
    return truth.critical(k, truth.entries_of(k, [MP.mpf(float(y)) for y in found.x]))


@cache
def thin(k):
    """Theorem 12.V at one k."""
    with ball.precision(BITS):
        q = system.scaled([exact_ball(x) for x in truth.unknowns_of(point(k))], truth.sigma_ball(k))
        return basin._shape(q, exact_ball(1 / MP.sqrt(k)))


def dyadic(x):
    """The nearest multiple of 2^-150."""
    return int(MP.nint(MP.ldexp(x, 150))), -150


@cache
def reduced(k):
    a, b, c, e, f = (dyadic(x) for x in point(k)[1:])
    with ball.precision(BITS):
        rows = [[a, e, b], [c, f, (0, 0)]]
        return symmetric_sharp.shape(symmetric.reduced(symmetric.point((k - 1, 1), rows)))


def number(x):
    return float(x.mid())


# --- against Theorem B' at one k ----------------------------------------------------------------------


@pytest.mark.parametrize("k", KS)
def test_each_part_is_that_of_the_symmetric_kernel(k):
    mine, other = thin(k), reduced(k)
    assert np.isclose(
        number(mine.frame), number(other.frame), rtol=3e-3
    )  # it bounds the spectral norm by powers
    assert number(mine.frame) <= number(other.frame) * (1 + 1e-12)
    assert number(mine.span) <= number(other.span) * (1 + 1e-12)
    assert np.isclose(number(mine.span), number(other.span), rtol=3e-3)
    for kind, row, p in zip(mine.kinds, other.rows, other.neurons, strict=True):
        assert np.isclose(number(kind.length), number(p), rtol=1e-12)
        assert np.isclose(number(kind.bend), number(row.bend), rtol=1e-9)
        assert np.isclose(number(kind.skew), number(row.skew), rtol=1e-9)
        assert np.isclose(number(kind.cosines), np.sqrt(number(row.cosines)), rtol=1e-9)
        assert number(row.near) == 1 and (row.near_neurons, row.near_targets) == (0, 1)
        far = sorted((number(z.acute), z.place < 2) for z in row.far)
        cosines = sorted(
            (np.pi / 2 - np.arcsin(abs(number(z.cosine))), z.length is not None) for z in kind.far
        )
        assert np.allclose(np.array(far, dtype=float), np.array(cosines, dtype=float), atol=1e-12)


@pytest.mark.parametrize("r", (0, 0.01, 0.1, 0.4))
@pytest.mark.parametrize("k", KS)
def test_the_constant_is_that_of_the_symmetric_kernel(k, r):
    mine, other = thin(k), reduced(k)
    rho, found = exact_ball(r / MP.sqrt(k)), number(basin.scaled_lipschitz(mine, Ball(r)))
    true = number(sharp.theorem_b_sharp(other, rho)) / np.sqrt(k)
    assert true * (1 - 2e-3) <= found <= true * (1 + 2e-3)
    same = other._replace(frame=mine.frame, span=mine.span)  # the kernel bounds both from above by 0.3%
    assert np.isclose(found, number(sharp.theorem_b_sharp(same, rho)) / np.sqrt(k), rtol=1e-9)


@pytest.mark.parametrize("k", (6, 8))
def test_the_constant_of_the_dense_kernel_is_hardly_less(k):
    """It knows C, which the symmetric one leaves out."""
    rows = [[dyadic(MP.mpf(x)) for x in row] for row in truth.rows(point(k))]
    g = loss.geometry(rows, [[(int(i == j), 0) for j in range(k)] for i in range(k)])
    dense = number(sharp.theorem_b_sharp(sharp.shape(g, loss.curvatures(g)), exact_ball(0.01 / MP.sqrt(k))))
    mine = number(basin.scaled_lipschitz(thin(k), Ball(0.01))) * np.sqrt(k)
    assert 0.99 * mine < dense < mine * (1 + 5e-3)


# --- against the definitions --------------------------------------------------------------------------


def meets(w, i):
    """(sign, z, zeta, n_z) of all that neuron i meets, and whether it is its own target."""
    k, unit = len(w), w[i] / np.linalg.norm(w[i])
    for sign, rows in ((1, w), (-1, np.eye(k))):
        for j, z in enumerate(rows):
            if sign < 0 or j != i:
                yield sign, z, z @ unit, z - (z @ unit) * unit, sign < 0 and j == i


def bend(w, i):
    """B_i."""
    unit = w[i] / np.linalg.norm(w[i])
    across = np.eye(len(w)) - np.outer(unit, unit)
    return sum(
        s * (np.linalg.norm(n) * across + np.outer(n, n) / np.linalg.norm(n)) for s, _, _, n, _ in meets(w, i)
    )


@pytest.mark.parametrize("k", (6, 7, 12))
def test_b_and_the_far_sums(k, monkeypatch):
    """All of B_i, not only its norm, at points that are not critical."""
    seen = []
    monkeypatch.setattr(basin, "_norm", lambda *what: (seen.append(what), Ball(1))[1])
    monkeypatch.setattr(basin, "_skew", lambda *what: (seen.append(what), Ball(1))[1])
    first, last, apart = np.zeros((3, k)), np.zeros((2, k)), np.zeros(k)
    first[0, 0], first[1, 1 : k - 1], first[2, -1] = 1, (k - 2) ** -0.5, 1
    last[0, : k - 1], last[1, -1] = (k - 1) ** -0.5, 1
    apart[1:3] = np.sqrt(0.5) * np.array([1, -1])
    for seed in range(4):
        at = truth.random_entries(np.random.default_rng([k, seed]), k)
        w = np.array(truth.rows(at), dtype=float)
        q = system.scaled([exact_ball(x) for x in truth.unknowns_of(at)], truth.sigma_ball(k))
        seen.clear()
        shape = basin._shape(q, exact_ball(1 / MP.sqrt(k)))
        assert len(seen) == 4
        units = w / np.linalg.norm(w, axis=1)[:, None]
        angles = np.arccos(np.clip(units @ units.T, -1, 1)) + np.pi * np.eye(k)  # the diagonal adds nothing
        pulls = (np.pi - angles + np.sin(angles)).sum(axis=1).max() / (2 * np.pi * k)
        span = np.linalg.norm(np.vstack([w, np.eye(k)]), 2)
        mine = [number(x) for x in (shape.frame, shape.span, shape.pulls)]
        assert np.allclose(mine, [np.linalg.norm(units, 2), span, pulls], rtol=1e-12)
        for i, basis, norm, skew in ((0, first, *seen[:2]), (k - 1, last, *seen[2:])):
            total, unit, terms, single = norm
            v = np.array([number(x) for x in unit])
            mine = number(total) * (np.eye(len(v)) - np.outer(v, v))
            mine = mine + sum(np.array([[number(x) for x in row] for row in term.tolist()]) for term in terms)
            true = bend(w, i)
            assert np.abs(mine - basis @ true @ basis.T).max() < 1e-12
            assert abs(number(single) - apart @ true @ apart) < 1e-12
            kind = shape.kinds[i > 0]
            lengths = {round(number(z.length), 12) for z in kind.far if z.length is not None}
            assert lengths == {round(float(x), 12) for x in np.linalg.norm(np.delete(w, i, axis=0), axis=1)}
            assert np.isclose(
                number(kind.cosines), np.linalg.norm(np.delete(units, i, axis=0) @ units[i]), rtol=1e-12
            )
            far = [(s * zeta, n / np.linalg.norm(n)) for s, _, zeta, n, own in meets(w, i) if not own]
            size, mean = sum(abs(zeta) for zeta, _ in far), np.linalg.norm(sum(zeta * n for zeta, n in far))
            assert np.allclose([number(x) for x in skew], [size, mean], rtol=1e-12)


def test_norms_of_either_sign():
    unit, other = [Ball(1), Ball(0)], basin._outer(Ball(5), [Ball(0), Ball(1)])
    for total, single, norm in ((-3, 1, 3), (-3, -4, 4), (2, 3, 3), (2, -1, 2)):
        assert np.isclose(number(basin._norm(Ball(total), unit, [], Ball(single))), norm, rtol=1e-2)
    assert np.isclose(number(basin._norm(Ball(-3), unit, [other], Ball(1))), 2, rtol=1e-2)
    for a, b, d, single in ((1, 2, 3, 0), (3, -1, 1, 2), (1, 1, 1, 5)):
        two = ball.BallMatrix([[Ball(a), Ball(b)], [Ball(0), Ball(d)]])
        true = max(np.linalg.eigvalsh(np.array([[a, b], [b, d]]))[-1], single)
        assert np.isclose(number(basin._greatest(two, Ball(single))), true, rtol=1e-12)


# --- boxes --------------------------------------------------------------------------------------------


def inside(box):
    """An s of it that is (an integer)^(-1/2), or its upper end."""
    k = int(np.ceil(box.high**-2))
    return k if box.low > 0 and k * box.low**2 <= 1 else None


@pytest.mark.parametrize("place", PLACES)
def test_a_box_contains_its_points(proof, place):
    box = proof.boxes[place]
    k = inside(box) or int(np.ceil(1.000001 * box.high**-2))
    with ball.precision(PRECISION):
        wide = basin.shape(box.tube)
    one = thin(k)
    if inside(box):
        assert holds(wide.s, 1 / MP.sqrt(k))
        for x, y in zip(wide.kinds, one.kinds, strict=True):
            assert x.length.overlaps(y.length)
            assert all(a.cosine.overlaps(b.cosine) for a, b in zip(x.far, y.far, strict=True))
    for name in ("frame", "span", "pulls"):
        assert ball.proves_le(ball.lower(getattr(one, name)), getattr(wide, name))
    for r in (0, 0.01, 0.2):
        above, here = (basin.scaled_lipschitz(x, Ball(r)) for x in (wide, one))
        assert number(here) * (1 - 1e-9) <= number(above) <= number(here) * 1.03
    assert number(basin.scaled_curvature(one)) * (1 - 1e-9) <= number(basin.scaled_curvature(wide))


def test_at_the_limit(proof):
    """s L = (3/(2 pi)) 2/(3 sqrt 3) at s = 0, whatever the radius."""
    shape = basin.shape(proof.boxes[0].tube)._replace(s=Ball(0))
    assert np.isclose(number(basin.scaled_lipschitz(shape, Ball("0.9"))), 1 / (np.pi * np.sqrt(3)), rtol=1e-3)


# --- against the loss itself --------------------------------------------------------------------------


def third(k, direction):
    """D^3 F along a unit vector with these five entries, relative to L/s."""
    at = point(k)
    p = MP.mpf(k) - 1
    sizes = [p, p * (p - 1), p, p, 1]
    length = MP.sqrt(sum(n * MP.mpf(x) ** 2 for n, x in zip(sizes, direction, strict=True)))
    u = [MP.mpf(x) / length for x in direction]

    def along(t):
        return truth.loss(truth.Entries(at.k, *(x + t * y for x, y in zip(at[1:], u, strict=True))))

    h = MP.mpf(10) ** -20
    return (along(2 * h) - 2 * along(h) + 2 * along(-h) - along(-2 * h)) / (2 * h**3) / MP.sqrt(k)


@pytest.mark.parametrize("k", (6, 20, 100, 1000))
def test_no_third_derivative_is_larger(k):
    rng = np.random.default_rng(k)
    bound = number(basin.scaled_lipschitz(thin(k), Ball(0)))
    weights = 1 / np.sqrt([k - 1, (k - 1) * (k - 2), k - 1, k - 1, 1])
    found = [abs(third(k, rng.normal(size=5) * weights)) for _ in range(60)]
    assert 0.15 * bound < max(found) <= bound


def test_the_constant_is_attained_in_the_limit():
    """u_i = w_i^, in equal parts, and u_k across w_k: 1% less would not do at k = 10^8."""
    k = 10**8
    at, x = point(k), truth.angles(point(k))
    p, h = MP.mpf(k) - 1, MP.atan(MP.sqrt(2))
    along = [y * MP.cos(h) / MP.sqrt(p) / x.w for y in (at.a, at.b, at.c)]
    across = [-at.f / x.u * MP.sin(h) / MP.sqrt(p), MP.sqrt(p) * at.e / x.u * MP.sin(h)]
    bound = number(basin.scaled_lipschitz(thin(k), Ball(0)))
    assert 0.99 * bound < third(k, [*along, *across]) <= bound


@pytest.mark.parametrize("k", (6, 8, 12, 20))
def test_steps_and_eigenvalues(k):
    largest = np.linalg.eigvalsh(truth.dense_hessian(point(k)))[-1]
    assert largest / k < number(basin.scaled_curvature(thin(k))) < 2.2 * largest / k
    own = max(number(x.bend) / number(x.length) for x in thin(k).kinds)
    whole = (0.5 + own / (2 * np.pi)) / k + number(thin(k).pulls)
    assert np.isclose(number(basin.scaled_curvature(thin(k))), whole, rtol=1e-12)


@pytest.mark.parametrize("k, reach", [(6, 0.0118), (12, 0.0118), (20, 0.19), (30, 0.19)])
def test_gradient_descent_converges(k, reach):
    """From the border, with the longest step, in d = k + 1."""
    rng = np.random.default_rng(k)
    target = np.zeros((k, k + 1))
    target[:, :k] = np.array(truth.rows(point(k)), dtype=float)
    away = rng.normal(size=target.shape)
    w = target + away * reach / np.sqrt(k) / np.linalg.norm(away)
    far = [np.linalg.norm(w - target)]
    for _ in range(60):
        w = w - basin_step(k) * gradient(w)
        far.append(np.linalg.norm(w - target))
    assert all(y < x for x, y in pairwise(far))


def basin_step(k):
    return number(basin.STEP) / k


def gradient(w):
    k, d = w.shape
    length = np.linalg.norm(w, axis=1)
    out = w / 2
    for others, sign in ((w, 1), (np.eye(k, d), -1)):
        size = np.linalg.norm(others, axis=1)
        t = np.arccos(np.clip(w @ others.T / np.outer(length, size), -1, 1))
        weight = sign * (np.pi - t) / (2 * np.pi)
        pull = sign * np.sin(t) * size / (2 * np.pi)
        if sign == 1:
            np.fill_diagonal(weight, 0)
            np.fill_diagonal(pull, 0)
        out = out + weight @ others + (pull.sum(axis=1) / length)[:, None] * w
    return out


# --- what is refused ----------------------------------------------------------------------------------


@pytest.mark.parametrize("k, least, reach", [(6, 0.0046, 0.0119), (20, 0.0534, 0.19), (1000, 0.087, 0.76)])
def test_draws(k, least, reach):
    at, bound = thin(k), Ball(least)
    assert basin.draws(at, Ball(reach), bound)
    assert not basin.draws(at, Ball(reach * 1.03), bound)
    assert not basin.draws(at, Ball(reach), Ball(0.97 * least))
    half = basin.scaled_lipschitz(at, Ball(reach)) * Ball(reach) / 2
    assert basin.draws(at, Ball(reach), ball.upper(half) + Ball(2.0**-60))
    assert not basin.draws(at, Ball(reach), ball.lower(half))


def test_a_step_that_is_too_long(monkeypatch):
    at = thin(6)
    assert basin.draws(at, Ball("0.2"), Ball(1000))
    assert not basin.draws(at, Ball("0.42"), Ball(1000))  # L R/2 counts, too
    longest = 2 / number(basin.scaled_curvature(at))
    for step, holds_ in ((0.99 * longest, True), (longest, False)):
        monkeypatch.setattr(basin, "STEP", Ball(step))
        assert basin.draws(at, Ball(0.001), Ball(0.0046)) is holds_


@pytest.mark.parametrize("r", (3.0, 2.44, 0.9, -0.01, np.nan, np.inf))
def test_radii_at_which_nothing_is_proved(r):
    """A neuron at the origin, one that comes near another vector, and what is no radius."""
    value = arb.nan() if r != r else arb.pos_inf() if r == np.inf else Ball(r)
    with pytest.raises(NotProved):
        basin.scaled_lipschitz(thin(6), value)


def test_signs_that_are_not_proved(proof):
    tube = proof.boxes[-1].tube
    centre = list(tube.guess.centre)
    centre[4] = Ball(-1)
    with pytest.raises(NotProved):
        basin.shape(tube._replace(guess=tube.guess._replace(centre=centre)))


# --- proofs -------------------------------------------------------------------------------------------

LOW, HIGH, REACH = (1, -4), (5898, -16), (3, -2)  # 0.0625, 0.08999, 0.75


@pytest.mark.parametrize(
    "low, reach", [(0.0, (3, -2)), (0.09, (3, -2)), (0.11, (1, -1)), (0.125, (1, -1)), (0.126, None)]
)
def test_what_a_box_must_draw_in(low, reach):
    """The largest of what is claimed for some k of it; a tier may claim nothing."""
    tiers = [
        Tier(6, LOW),
        Tier(64, LOW, (1, -1)),
        Tier(100, LOW, REACH),
        Tier(10**6, LOW, (1, -3)),
        Tier(10**7, LOW),
    ]
    for some in (tiers, tiers[::-1]):
        assert prove.reached(some, low) == reach


def test_proofs_and_statements_of_basins():
    found = prove.prove([Tier(10**9, LOW), Tier(10**10, HIGH, REACH)])
    assert isinstance(found, Proof)
    with ball.precision(PRECISION):
        assert all(
            basin.draws(basin.shape(box.tube), ball.exact(REACH), ball.exact(HIGH))
            for box in found.of(found.tiers[1])
        )
    claim = statement(found, {})["claim"]
    first, second = claim["bounds"]["tiers"]
    assert "basin" not in first and second["basin"] == {"exact": ["3", -2], "decimal": "0.75"}
    said = [text for name, text in words(claim)[1] if name.startswith("k >=")]
    assert ["0.75/sqrt(k)" in text for text in said] == [False, True]


def test_a_basin_that_is_too_large():
    good, bad = (62, -6), (63, -6)  # 0.97, 0.984; 2 pi sqrt 3 times the bound is 0.9794
    assert isinstance(prove.prove([Tier(10**10, HIGH, good)]), Proof)
    found = prove.prove([Tier(10**10, HIGH, bad)])
    assert isinstance(found, Failure)
    assert "gradient descent" in found.reason


def test_the_table_of_the_command():
    about = [(tier.start, round(tier.reach[0] * 2.0 ** tier.reach[1], 6)) for tier in _tiers(6, None)]
    assert about == [(6, 0.0118), (20, 0.19), (100, 0.45), (1000, 0.75)]
    assert [tier.start for tier in _tiers(150, None)] == [150, 1000]
    assert _tiers(150, None)[0].reach == _tiers(6, None)[2].reach
    assert [tier.reach for tier in _tiers(6, "0.001")] == [None]
    assert _tiers(5, None)[0].reach is None
