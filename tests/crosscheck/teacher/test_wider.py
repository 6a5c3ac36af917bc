"""Section 18 against finite differences, direct losses and descent, none of which knows its theorems."""

import json
from pathlib import Path

import numpy as np
import pytest

import signed_networks as net
from relucert.base.dyadic import to_float
from relucert.families.teacher import statement as teacher_statement
from relucert.families.teacher.wider import base, claims
from relucert.kernel import ball
from relucert.kernel.ball import Ball, exact_float
from relucert.kernel.teacher import loss

ROOT = Path(__file__).parents[3]
SIX = next(
    json.loads(path.read_text())["statement"]
    for path in sorted((ROOT / "certificates/6-6").iterdir())
    if "spurious" in path.read_text()
)
NEAR = 2e-5  # of second differences
RANDOM = np.random.default_rng(18)


@pytest.fixture(scope="module")
def six():
    """The spurious minimum of six neurons, as its claim and as doubles."""
    rows = teacher_statement.candidate(SIX, "six").point
    return base.prove(SIX, "six"), np.array([[to_float(x) for x in row] for row in rows])


def dyadics(rows):
    return [[ball.to_dyadic(exact_float(float(x))) for x in row] for row in rows]


def curvature(rows, targets, i):
    return np.array(
        loss.curvature(loss.geometry(dyadics(rows), dyadics(targets)), i).tolist(), dtype=object
    ).astype(float)


def split(rows, i, taus):
    """The rows and signs of the network in which neuron i is replaced by its parts, which come last."""
    others = np.delete(rows, i, axis=0)
    parts = [abs(tau) * rows[i] for tau in taus]
    return np.array([*others, *parts]), [1] * len(others) + [int(np.sign(tau)) for tau in taus]


@pytest.mark.parametrize(
    "taus", [(0.3, 0.7), (1.5, -0.5), (0.2, 0.5, 0.3), (2.0, 0.5, -1.5), (2.0, -0.4, -0.6)]
)
@pytest.mark.parametrize("n", [1, 3])
def test_the_hessian_at_a_split_is_that_of_theorem_18_s(taus, n):
    """The identity (18.1) needs no critical point."""
    d, targets = 3, RANDOM.normal(size=(2, 3))
    rows = RANDOM.normal(size=(n, d))
    i = n - 1
    whole = net.hessian(rows, [1] * n, targets)
    wide, signs = split(rows, i, taus)
    found = net.hessian(wide, signs, targets)
    s = curvature(rows, targets, i)
    for _ in range(5):
        z, y = RANDOM.normal(size=(n - 1, d)), RANDOM.normal(size=(len(taus), d))
        p = y.sum(axis=0)
        q = y - np.outer(taus, p)
        x = np.concatenate([z, np.sign(taus)[:, None] * y]).ravel()
        inner = np.concatenate([z, [p]]).ravel()  # neuron i is the last
        expected = inner @ whole @ inner + sum(c @ s @ c / tau for c, tau in zip(q, taus, strict=True))
        assert x @ found @ x == pytest.approx(expected, abs=NEAR * (x @ x))


@pytest.mark.parametrize(
    "taus", [(0.3, 0.7), (0.2, 0.3, 0.5), (1.5, -0.5), (2.0, -0.4, -0.6), (1.2, 0.3, -0.5)]
)
def test_eigenvalues_at_splits_are_as_many_as_claimed(six, taus):
    proved, rows = six
    at = {x.neuron: x for x in claims.splits(proved, None, opposite=True)}
    positive, negative = sum(x > 0 for x in taus), sum(x < 0 for x in taus)
    for i in (0, 3):
        values = np.linalg.eigvalsh(net.hessian(*split(rows, i, taus), np.eye(6)))
        below, flat = (values < -NEAR).sum(), (abs(values) < NEAR).sum()
        assert at[i + 1].same.name == "strict-saddle" and at[i + 1].opposite.name == "degenerate-minimum"
        if positive >= 2:
            assert below >= positive - 1
        else:
            assert (below, flat) == (0, negative)


def test_splits_of_a_minimum_are_critical_with_its_loss(six):
    _, rows = six
    value = net.loss(rows, [1] * 6, np.eye(6))
    for taus in ((0.3, 0.7), (1.5, -0.5), (2.0, -0.4, -0.6)):
        wide, signs = split(rows, 2, taus)
        assert abs(net.gradient(wide, signs, np.eye(6))).max() < 1e-12
        assert net.loss(wide, signs, np.eye(6)) == pytest.approx(value, abs=1e-13)


def descend(rows, signs, targets, steps=4000, step=0.3):
    for _ in range(steps):
        rows = rows - step * net.gradient(rows, signs, targets)
    return rows


def test_descent_from_near_a_degenerate_spurious_minimum_ends_at_its_loss(six):
    """n = k + 1: one neuron of sign -1. From perturbed points the loss falls back to that of the minimum, not below."""
    _, rows = six
    value = net.loss(rows, [1] * 6, np.eye(6))
    wide, signs = split(rows, 3, (1.5, -0.5))
    for _ in range(2):
        start = wide + 2e-4 * RANDOM.normal(size=wide.shape)
        assert net.loss(start, signs, np.eye(6)) > value
        end = descend(start, signs, np.eye(6), steps=600)
        assert value - 1e-13 < net.loss(end, signs, np.eye(6)) < value + 1e-9
        assert np.linalg.norm(end - wide) < 0.01


def test_descent_from_near_a_split_of_one_sign_ends_below(six):
    _, rows = six
    value = net.loss(rows, [1] * 6, np.eye(6))
    wide, signs = split(rows, 3, (0.5, 0.5))
    start = wide + 1e-3 * RANDOM.normal(size=wide.shape)
    assert net.loss(descend(start, signs, np.eye(6), steps=400), signs, np.eye(6)) < value - 1e-3


def test_a_neuron_at_the_origin_lowers_the_loss_as_claimed(six):
    proved, rows = six
    claim = claims.zero_statement(proved, SIX)["claim"]
    target = np.eye(6)[claim["target"] - 1]
    slope, decrease = (float(claim["bounds"][x]["decimal"]) for x in ("slope", "decrease"))
    value = net.loss(rows, [1] * 6, np.eye(6))
    for share in (1e-6, 0.5, 1, 1.99):
        here = net.loss([*rows, 2 * slope * share * target], [1] * 7, np.eye(6))
        assert here < value
        if share == 1:
            assert value - here == pytest.approx(decrease, rel=1e-4)


def test_with_trained_output_weights_the_hessian_has_n_zeros(six):
    """Second differences of G itself, in (w, a)."""
    _, rows = six
    scales = RANDOM.uniform(0.5, 2, size=6)
    point = np.concatenate([(rows / scales[:, None]).ravel(), scales])

    def slope(x):
        w, a = x[:36].reshape(6, 6), x[36:]
        u = net.gradient(w * a[:, None], [1] * 6, np.eye(6))
        return np.concatenate([(a[:, None] * u).ravel(), (u * w).sum(axis=1)])

    step = 2e-6
    columns = [(slope(point + step * e) - slope(point - step * e)) / (2 * step) for e in np.eye(42)]
    values = np.linalg.eigvalsh(np.array(columns))
    assert abs(slope(point)).max() < 1e-12
    assert ((values > 1e-3).sum(), (abs(values) < NEAR).sum()) == (36, 6)


def test_no_point_of_the_sphere_is_below_the_barrier(six):
    proved, rows = six
    bounds = proved.claim["bounds"]
    barrier, lam, lip = (
        float(x["decimal"])
        for x in (bounds["barrier"], bounds["lambda_min"][0], bounds["lipschitz"]["value"])
    )
    radius = 2 * lam / lip  # here less than alpha - r
    assert barrier == pytest.approx(2 * lam**3 / (3 * lip**2), rel=1e-2)
    value = net.loss(rows, [1] * 6, np.eye(6))
    flattest = np.linalg.eigh(net.hessian(rows, [1] * 6, np.eye(6)))[1][:, 0]
    for direction in (flattest, -flattest, *RANDOM.normal(size=(20, 36))):
        away = radius * 0.99 * direction / np.linalg.norm(direction)
        assert net.loss(rows + away.reshape(6, 6), [1] * 6, np.eye(6)) - value > barrier


def test_the_pulls_of_the_targets_add_up():
    """(18.3), at points that are not critical, for targets that are not orthonormal."""
    for n, k, d in ((1, 1, 2), (3, 2, 4), (2, 4, 3)):
        g = loss.geometry(dyadics(RANDOM.normal(size=(n, d))), dyadics(RANDOM.normal(size=(k, d))))
        with ball.precision(100):
            total = sum((loss.pull(g, j) for j in range(k)), Ball(0))
            along = sum(
                (
                    x * y
                    for x, y in zip(loss.gradient(g), [x for w in g.neurons for x in w.entries], strict=True)
                ),
                Ball(0),
            )
            assert abs(total - (along - 2 * loss.objective(g))) < Ball(2) ** -40
