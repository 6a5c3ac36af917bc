"""Equations, blocks and loss on balls: the values at members lie in the balls, and the balls are not too wide."""

import numpy as np
import pytest
from flint import arb

import uniform_points as truth
from relucert.families.uniform import guess
from relucert.kernel import ball
from relucert.kernel.ball import Ball, NotProved
from relucert.kernel.uniform import blocks, dual, loss, system
from uniform_points import MP, exact_ball, holds

BITS = 80
FINE = 400
SYSTEM, LOSS = truth.by_mpmath(system), truth.by_mpmath(loss)
MATRICES = ("standard", "trivial", "outside")


@pytest.fixture(autouse=True)
def bits():
    with ball.precision(BITS):
        yield


def drawn(seed, radius, sigma=None):
    """Balls around random unknowns and a random sigma near the branch, and members, often at the ends."""
    rng = np.random.default_rng([seed, 11])
    sigma = rng.uniform(0, 0.45) if sigma is None else sigma
    middles = [*(guess.AT_ZERO + rng.uniform(-0.3, 0.3, 6)), sigma]
    radii = radius * rng.choice([0, 1, 0.5], 7, p=[0.1, 0.6, 0.3])
    places = rng.choice([-1, 1, 0, rng.uniform(-1, 1)], 7)
    balls = [arb(m, r) for m, r in zip(middles, radii, strict=True)]
    inside = zip(middles, radii, places, strict=True)
    return balls, [MP.mpf(float(m)) + MP.mpf(float(r)) * float(p) for m, r, p in inside]


CASES = [(seed, radius, None) for seed in range(12) for radius in (0, 1e-9, 1e-4, 3e-3, 0.02)]
CASES += [(seed, radius, 0.4 * radius) for seed in range(3) for radius in (0, 1e-6, 1e-3)]  # across 0


@pytest.mark.parametrize("seed, radius, sigma", CASES)
def test_containment(seed, radius, sigma):
    balls, members = drawn(seed, radius, sigma)
    *x, s = balls
    *y, t = members
    try:
        found = system.equations(x, s)
    except NotProved:
        assert radius >= 0.02  # too wide near the largest sigma
        return
    for mine, true in zip(found, SYSTEM["equations"](y, t), strict=True):
        assert holds(mine, true)
    q, exact = system.scaled(x, s), SYSTEM["scaled"](y, t)
    for name, found, true in zip(q._fields, q, exact, strict=True):
        assert holds(found, true), name
    assert holds(loss.scaled_loss(q), LOSS["scaled_loss"](exact))
    for found, true in zip(system.entries(x, s), SYSTEM["entries"](y, t), strict=True):
        assert holds(found, true)
    contained_blocks(q, members, arb(7, radius), arb(7) + exact_ball(radius) / 2)


def contained_blocks(q, members, stiffness, member):
    """Against thin balls: what the crosscheck compares to the dense Hessian."""
    found = blocks.blocks(q, stiffness)
    with ball.precision(FINE):
        *y, t = (exact_ball(m) for m in members)
        true = blocks.blocks(system.scaled(y, t), member)
    assert found.symmetric.overlaps(true.symmetric) and found.alternating.overlaps(true.alternating)
    for name in MATRICES:
        wide, thin = getattr(found, name), getattr(true, name)
        assert all(thin[i, j].is_finite() for i in range(thin.nrows()) for j in range(thin.ncols()))
        assert wide.overlaps(thin)
        assert wide.transpose().overlaps(thin)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("radius", (0, 1e-6, 1e-3))
def test_derivatives(seed, radius):
    balls, members = drawn(seed, radius)
    every = dual.variables(balls)
    found = system.equations(every[:6], every[6])
    h = MP.ldexp(MP.mpf(1), -130)
    for i in range(7):
        up, down = ([m + sign * h * (i == j) for j, m in enumerate(members)] for sign in (1, -1))
        high, low = SYSTEM["equations"](up[:6], up[6]), SYSTEM["equations"](down[:6], down[6])
        for e, top, bottom in zip(found, high, low, strict=True):
            assert holds(e.slopes[i] + arb(0, 2.0**-230), (top - bottom) / (2 * h))
            if radius <= 1e-6:
                assert float(e.slopes[i].rad()) < (1e-17 if radius == 0 else 1e-2)
    plain = system.equations(balls[:6], balls[6])
    assert all(e.value.overlaps(y) for e, y in zip(found, plain, strict=True))


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("sigma", (None, 0.0))
def test_thin_in_thin_out(seed, sigma):
    (*x, s), _ = drawn(seed, 0, sigma)
    q = system.scaled(x, s)
    thin = [*system.equations(x, s), *q, loss.scaled_loss(q)]
    found = blocks.blocks(q, Ball(5))
    thin += [found.symmetric, found.alternating]
    thin += [y for name in MATRICES for row in getattr(found, name).tolist() for y in row]
    assert max(float(y.rad()) for y in thin) < 1e-19


@pytest.mark.parametrize("seed", range(6))
def test_balls_are_not_much_wider_than_their_values(seed):
    """Each unknown is met several times: 400 times what goes in, and not less than the derivatives say."""
    radius = 1e-6
    balls, _ = drawn(seed, 0)
    *x, s = (b + arb(0, radius) for b in balls)
    q = system.scaled(x, s)
    every = dual.variables(balls)
    exact = [*system.equations(every[:6], every[6]), loss.scaled_loss(system.scaled(every[:6], every[6]))]
    for number, e in zip([*system.equations(x, s), loss.scaled_loss(q)], exact, strict=True):
        assert (
            sum(abs(float(y.mid())) for y in e.slopes) * radius * 0.999 < float(number.rad()) < 400 * radius
        )


# --- refusals -------------------------------------------------------------------------------------------

GOOD = [Ball(float(x)) for x in guess.AT_ZERO]


def proves_nothing(of):
    """Whether it raises, or all it returns is unknown or unbounded somewhere."""
    try:
        found = of()
    except NotProved:
        return True
    return any(not y.is_finite() for y in found)


@pytest.mark.parametrize("which", range(7))
@pytest.mark.parametrize("bad", (arb.nan(), arb.pos_inf(), arb(0, arb.pos_inf())))
def test_what_is_not_finite_proves_nothing(which, bad):
    every = [*GOOD, Ball(0.3)]
    every[which] = bad
    assert proves_nothing(lambda: system.equations(every[:6], every[6]))
    assert proves_nothing(lambda: [loss.scaled_loss(system.scaled(every[:6], every[6]))])
    duals = dual.variables(every)
    assert proves_nothing(
        lambda: [y for e in system.equations(duals[:6], duals[6]) for y in [e.value, *e.slopes]]
    )
    assert proves_nothing(lambda: list(blocks.blocks(system.scaled(every[:6], every[6]), Ball(5))[:2]))


@pytest.mark.parametrize(
    "change, sigma",
    [
        ({4: -5.0}, 0.45),  # eta: w_k shorter than its entries
        ({5: 100.0}, 0.45),  # phi
        ({3: 50.0}, 0.4),  # chi: c too long
        ({2: 100.0}, 0.4),  # rho: b too long
        ({}, 1.0), ({}, 1.5), ({}, -1.0), ({}, -0.99),
    ],
)  # fmt: skip
def test_outside_the_domain(change, sigma):
    x = [Ball(change.get(i, float(y))) for i, y in enumerate(guess.AT_ZERO)]
    assert proves_nothing(lambda: system.equations(x, Ball(sigma)))
    assert proves_nothing(lambda: [loss.scaled_loss(system.scaled(x, Ball(sigma)))])


@pytest.mark.parametrize("which, radius", [*((i, 40.0) for i in (0, 2, 3, 4, 5)), (1, 2000.0), (6, 0.7)])
def test_wide_balls_prove_nothing(which, radius):
    every = [*GOOD, Ball(0.4)]
    every[which] = every[which] + arb(0, radius)
    assert proves_nothing(lambda: system.equations(every[:6], every[6]))


SIGNS = ("a", "f", "eta", "w", "U", "Ga")


@pytest.mark.parametrize("field", SIGNS)
def test_the_signs(field):
    """Each of them is asked for, and 0, the other sign, a ball across 0 and NaN are no proof."""
    q = system.scaled(GOOD, Ball(0.3))
    assert system.on_the_branch(q)
    right = -1 if field == "f" else 1
    for bad in (Ball(0), Ball(-right), arb(right * 1e-3, 2e-3), arb.nan(), arb(0, arb.pos_inf())):
        assert not system.on_the_branch(q._replace(**{field: bad}))
    assert system.on_the_branch(q._replace(**{field: arb(right * 1e-3, 0.9e-3)}))


def test_the_signs_of_the_whole():
    for i, value in ((0, -400.0), (4, -1.0), (5, 12.0)):  # a < 0, e < 0, f > 0
        x = [*GOOD]
        x[i] = Ball(value)
        try:
            q = system.scaled(x, Ball(0.3))
        except NotProved:
            continue
        assert not system.on_the_branch(q)
