"""Theorem 18.C at random points, near its own limits: never violated, and not far from the truth."""

import numpy as np
import pytest

from relucert.base.dyadic import from_float
from relucert.kernel import arccos, ball
from relucert.kernel.ball import Ball, exact, norm, square
from relucert.kernel.teacher import converges, lipschitz, loss, trajectory

BITS = 160
SHAPES = ("angle", "angle_each", "antisymmetric", "far_sums", "both")


def weights(rng, shape):
    """(W, owners): groups on their targets, then turned or moved a little, as the shape says."""
    k, extra = int(rng.integers(1, 6)), int(rng.integers(1, 3))
    owners = [*range(1, k + 1), *(int(x) for x in rng.integers(1, k + 1, extra))]
    n = len(owners)
    parts = rng.random(n) ** float(rng.choice([0.3, 1, 4])) + 1e-4
    groups = [[i for i in range(n) if owners[i] == j] for j in range(1, k + 1)]
    for group in groups:
        parts[group] /= parts[group].sum()
    w = np.eye(k)[[j - 1 for j in owners]] * parts[:, None]
    angle, apart = 10 ** rng.uniform(-8, -1.5), 10 ** rng.uniform(-10, -2)
    for j, group in enumerate(groups):
        if shape != "far_sums" and len(group) > 1:
            side = rng.normal(size=(len(group), k)) * (parts[group][:, None] if shape == "angle_each" else 1)
            side -= side.mean(axis=0)
            side[:, j] = 0
            w[group] += side * angle * parts[group].min() / max(np.abs(side).max(), 1e-300)
    if shape in ("antisymmetric", "far_sums", "both"):
        off = rng.normal(size=(k, k))
        if shape == "antisymmetric" and k > 1:
            off -= off.T  # where the Hessian at the targets is least
        off *= apart / np.linalg.norm(off)
        for j, group in enumerate(groups):
            w[group[-1]] += off[j]
    return w, owners


def dyadics(w):
    return tuple(tuple(from_float(float(x)) for x in row) for row in w)


def measured(point, owners):
    """(F, <grad F, W - W_0>, |W - W_0|, Q), in balls."""
    k = len(point[0])
    g = loss.geometry(point, converges._targets(k))
    rows = [[exact(x) for x in row] for row in point]
    q, apart = Ball(0), []
    for row, j in zip(rows, owners, strict=True):
        group = [other for other, own in zip(rows, owners, strict=True) if own == j]
        total = [sum(column, Ball(0)) for column in zip(*group, strict=True)]
        if len(group) > 1:
            w = arccos.vector(row)
            q += square(w.length) * arccos.between(w, arccos.vector(total)).theta ** 3
        part = row[j - 1] / total[j - 1]
        apart += [x - part * (a == j) for a, x in enumerate(row, 1)]
    inner = sum((x * y for x, y in zip(loss.gradient(g), apart, strict=True)), Ball(0))
    return loss.objective(g), inner, norm(apart), q


@pytest.mark.parametrize("shape", SHAPES)
def test_the_three_inequalities(shape):
    rng, used, least = np.random.default_rng(SHAPES.index(shape)), 0, {"i": np.inf, "iii": np.inf}
    with ball.precision(BITS):
        for _ in range(120):
            w, owners = weights(rng, shape)
            if min(w[i, j - 1] for i, j in enumerate(owners)) <= 0:
                continue
            point = dyadics(w)
            s = converges.shape(point, owners)
            r = converges.rates(s)
            if not (ball.proves_lt(r.zeta + r.xi, Ball(1)) and ball.proves_positive(r.b)):
                continue
            value, inner, distance, q = measured(point, owners)
            low = (1 - r.zeta) * (r.a * q + r.b * square(s.apart))
            assert not ball.proves_lt(2 * value, low)
            assert not ball.proves_lt(inner, 2 * r.turn * value)
            far = converges.reach(s, r, ball.upper(value)) * value.root(3)
            assert not ball.proves_lt(far, distance)
            used += 1
            least["i"] = min(least["i"], float(2 * value / low))
            least["iii"] = min(least["iii"], float(far / distance))
    assert used > 60
    assert least["i"] < 3
    assert least["iii"] < (15 if shape == "far_sums" else 6)


def test_the_shape_of_a_ball_holds_for_its_points():
    rng = np.random.default_rng(5)
    with ball.precision(BITS):
        for shape in SHAPES * 6:
            w, owners = weights(rng, shape)
            along = min(w[i, j - 1] for i, j in enumerate(owners))
            rho = 10 ** rng.uniform(-4, -0.5) * along
            try:
                near = converges.within(converges.shape(dyadics(w), owners), exact(from_float(rho)))
            except ball.NotProved:
                continue
            for _ in range(5):
                step = rng.normal(size=w.shape)
                if rng.random() < 0.5:  # one neuron, across its target
                    step *= (np.arange(len(w)) == rng.integers(len(w)))[:, None]
                moved = w + 0.999999 * rho * step / max(np.linalg.norm(step), 1e-300)
                there = converges.shape(dyadics(moved), owners)
                assert not ball.proves_lt(there.along, near.along)
                for name in ("apart", "angle", "split", "group"):
                    assert not ball.proves_lt(getattr(near, name), getattr(there, name)), name


def test_the_rate_is_that_of_the_next_step():
    """c of (18.4) against the growth of F^(-1/3) in one step, at two angles."""
    for part in (2.0**-15, 2.0**-18):
        w = np.array([[0.375, part, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [0.625, -part, 0.0]])
        found = converges.converge(dyadics(w), (1, 2, 3, 1), (1, 2), from_float(6 * part))
        assert found.argument.holds
        with ball.precision(BITS):
            point = dyadics(w)
            g = loss.geometry(point, converges._targets(3))
            gradient, value = loss.gradient(g), loss.objective(g)
            turned = [
                exact(x) - y / 2 for x, y in zip((x for row in point for x in row), gradient, strict=True)
            ]
            rounded = dyadics(np.array([float(x) for x in turned]).reshape(w.shape))
            next_loss = loss.objective(loss.geometry(rounded, converges._targets(3)))
            growth = float(next_loss ** (Ball(-1) / 3) - value ** (Ball(-1) / 3))
        assert float(found.rate) < growth < 20 * float(found.rate)


def theorem(k, m, E, Phi, P, G, F):
    """(a, b, zeta, xi, c_1, C) as the page states them, in doubles."""
    pi, c0 = np.pi, np.sqrt(5) / (2 * np.pi)
    bend = 3 * np.sqrt(3) / (4 * pi) * (k + (k - 1) * (1 + E)) / (1 - E) ** 2  # Theorem B
    bend += 3 * np.sqrt(k - 1) / (pi * (1 - E))
    a, b = 2 * (1 - Phi**2 / 5) / (3 * pi), 1 / 4 - 1 / (2 * pi) - bend * E / 3
    zeta = c0 * np.sqrt(k * m * Phi / (a * b))
    xi = zeta / (1 - E) + pi**2 / 2 * c0 * np.sqrt(k) * E / b
    C = (2 * P / ((1 - zeta) * a)) ** (1 / 3) + (1 + pi * G / 2) * np.sqrt(2 / ((1 - zeta) * b)) * F ** (
        1 / 6
    )
    return a, b, zeta, xi, 1 - xi / (1 - zeta), C


def test_the_numbers_are_those_of_the_theorem():
    k, m, E, Phi, P, G, F = 3, 2, 2.0**-10, 2.0**-9, 0.75, 1.25, 2.0**-8
    with ball.precision(BITS):
        s = converges.Shape(k, 2, m, *(Ball(x) for x in (0.25, E, Phi, P, G)))
        r = converges.rates(s)
        found = [float(x) for x in (*r, r.turn, converges.reach(s, r, Ball(F)))]
    assert found == pytest.approx(theorem(k, m, E, Phi, P, G, F), rel=1e-13)
    assert 0.1 < found[2] < 0.5  # zeta counts


def test_how_far_and_how_fast_are_those_of_the_theorem():
    """Of a point whose groups add up to their targets; the numbers of its ball from W, by hand."""
    part, k, m, s, rho = 2.0**-15, 3, 2, 0.5, 6 * 2.0**-15
    w = np.array([[0.375, part, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [0.625, -part, 0.0]])
    found = converges.converge(dyadics(w), (1, 2, 3, 1), (1, 2), from_float(rho))
    with ball.precision(BITS):
        g = loss.geometry(dyadics(w), converges._targets(k))
        F, top = float(loss.objective(g)), float(trajectory.curvature(g))
        lengths = [w.length for w in g.neurons], [v.length for v in g.targets]
        bend = float(lipschitz.theorem_b(*lengths, Ball(rho)))

    def turned(x):
        return x / np.sqrt(1 - x * x)

    E, split = np.sqrt(2) * rho, np.hypot(*np.linalg.norm(w[[0, 3]], axis=1))
    Phi = np.arctan2(part, 0.375) + turned(rho / 0.375) + turned(E)
    *_, turn, C = theorem(k, m, E, Phi, split + rho, 1 + rho, F)
    mu = s * (top + bend * rho)
    assert float(found.objective) == pytest.approx(F, rel=1e-12)
    assert float(found.travel) == pytest.approx(3 * C * F ** (1 / 3) / (2 * turn * (1 - mu / 2)), rel=1e-9)
    assert float(found.rate) == pytest.approx(s * (1 - mu / 2) * (2 * turn / C) ** 2 / 3, rel=1e-9)
