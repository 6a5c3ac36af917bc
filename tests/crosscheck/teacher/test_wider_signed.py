"""Section 18 with signs of the teacher and a slope, against finite differences that do not know its theorems."""

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

import signed_networks as net
from relucert.base.dyadic import to_float
from relucert.families.teacher import statement as teacher_statement
from relucert.kernel import ball
from relucert.kernel.ball import exact_float
from relucert.kernel.teacher import loss

ACCEPT = Path(__file__).parents[2] / "corpus/accept"
RANDOM = np.random.default_rng(1820)
NEAR = 4e-5  # of second differences


def gradient(rows, a, targets, b, alpha):
    """Of E (sum a_i s(w_i.x) - sum b_j s(v_j.x))^2/2 with s(t) = max(t, alpha t)."""
    apart = np.asarray(a) @ rows - np.asarray(b) @ targets
    result = []
    for i, w in enumerate(rows):
        pull = w / 2 * a[i]
        pull = pull + sum(
            (a[j] * net.slope(w, u) for j, u in enumerate(rows) if j != i), np.zeros_like(apart)
        )
        pull = pull - sum(c * net.slope(w, v) for c, v in zip(b, targets, strict=True))
        result.append(a[i] * ((1 - alpha) ** 2 * pull + alpha * apart))
    return np.array(result)


def hessian(rows, *of, step=2e-6):
    columns = []
    for x in range(rows.size):
        move = np.zeros(rows.size)
        move[x] = step
        ahead, back = (gradient(rows + s * move.reshape(rows.shape), *of) for s in (1, -1))
        columns.append((ahead - back).ravel() / (2 * step))
    columns = np.array(columns)
    return (columns + columns.T) / 2


def split(rows, a, i, taus):
    """Rows and signs of the network in which neuron i is replaced by its parts, which come last."""
    parts = [abs(tau) * rows[i] for tau in taus]
    signs = [*np.delete(a, i), *(int(np.sign(tau)) * a[i] for tau in taus)]
    return np.array([*np.delete(rows, i, axis=0), *parts]), signs


def dyadics(rows):
    return [[ball.to_dyadic(exact_float(float(x))) for x in row] for row in rows]


@pytest.mark.parametrize("taus", [(0.3, 0.7), (1.5, -0.5), (2.0, 0.5, -1.5), (2.0, -0.4, -0.6)])
@pytest.mark.parametrize("alpha", ["0", "1/3", "-1/2", "-1"])
def test_the_hessian_at_a_split_is_that_of_theorem_18_s(taus, alpha):
    """The identity (18.1), with (1 - alpha)^2 S_i in the place of S_i. It needs no critical point."""
    ratio = Fraction(alpha)
    targets, rows, a, b = RANDOM.normal(size=(2, 3)), RANDOM.normal(size=(3, 3)), [1, -1, -1], [1, -1]
    of = loss.Network((1, -1, -1), (1, -1), ratio.as_integer_ratio())
    at = loss.geometry(dyadics(rows), dyadics(targets), of)
    s = np.array(loss.split_curvature(at, 2).tolist(), dtype=object).astype(float)
    whole = hessian(rows, a, targets, b, float(ratio))
    wide, signs = split(rows, a, 2, taus)
    found = hessian(wide, signs, targets, b, float(ratio))
    same = s + ((1 - float(ratio)) ** 2 / 2 + float(ratio)) * np.eye(3)
    assert abs(whole[6:, 6:] - same).max() < NEAR
    for _ in range(4):
        z, y = RANDOM.normal(size=(2, 3)), RANDOM.normal(size=(len(taus), 3))
        p = y.sum(axis=0)
        q = y - np.outer(taus, p)
        x = np.concatenate([z, np.sign(taus)[:, None] * y]).ravel()
        inner = np.concatenate([z, [p]]).ravel()
        expected = inner @ whole @ inner + sum(c @ s @ c / tau for c, tau in zip(q, taus, strict=True))
        assert x @ found @ x == pytest.approx(expected, abs=NEAR * (x @ x))


def claimed(name):
    """The claim, and its point, signs, targets and slope as doubles."""
    statement = json.loads((ACCEPT / f"{name}.json").read_text())["statement"]
    claim = statement["claim"]
    base = {**claim, "method": "signed-hessian"}
    of = teacher_statement.candidate({"claim": base}, name)
    rows, targets = (
        np.array([[to_float(x) for x in row] for row in table]) for table in (of.point, of.problem.targets)
    )
    network = of.problem.network
    return claim, rows, list(network.signs), targets, list(network.teacher), network.slope


@pytest.mark.parametrize("name", ["outputs-split-three", "outputs-split-six-leaky", "outputs-split-local"])
@pytest.mark.parametrize("taus", [(0.3, 0.7), (1.5, -0.5)])
def test_eigenvalues_at_splits_are_as_claimed(name, taus):
    claim, rows, a, targets, b, (p, q) = claimed(name)
    kind = "same" if taus[1] > 0 else "opposite"
    most = 2 * float(claim["bounds"]["gradient_norm"]["decimal"])  # of the exact point in the file
    for row in claim["splits"]:
        wide, signs = split(rows, a, row["neuron"] - 1, taus)
        assert abs(gradient(wide, signs, targets, b, p / q)).max() < most
        values = np.linalg.eigvalsh(hessian(wide, signs, targets, b, p / q))
        if row[kind] == "strict-saddle":
            assert values[0] < -NEAR
        else:
            assert (values > -NEAR).all() and (abs(values) < NEAR).sum() == 1


@pytest.mark.parametrize("name", ["outputs-transfer-three", "outputs-transfer-phases-saddle"])
def test_with_trained_output_weights_the_inertia_is_as_claimed(name):
    """Second differences of G in (w, a), at a point of the manifold: n zeros, the others as many as claimed."""
    claim, rows, a, targets, b, (p, q) = claimed(name)
    n, d = rows.shape
    scales = RANDOM.uniform(0.5, 2, size=n)
    at = np.concatenate([(rows / scales[:, None]).ravel(), a * scales])

    def slope(x):
        w, c = x[: n * d].reshape(n, d), x[n * d :]
        u = gradient(abs(c)[:, None] * w, list(np.sign(c).astype(int)), targets, b, p / q)
        return np.concatenate([(abs(c)[:, None] * u).ravel(), np.sign(c) * (u * w).sum(axis=1)])

    step, unit = 2e-6, np.eye(len(at))
    matrix = np.array([(slope(at + step * e) - slope(at - step * e)) / (2 * step) for e in unit])
    values = np.linalg.eigvalsh((matrix + matrix.T) / 2)
    inertia = claim["bounds"]["inertia"]
    counts = {"negative": (values < -NEAR).sum(), "positive": (values > NEAR).sum()}
    assert counts == inertia and (abs(values) <= NEAR).sum() == n
