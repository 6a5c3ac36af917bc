"""Ready-made losses: against programs, quadrature and hand-made families; examples are what they are said to be."""

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from scipy.special import erf

import expression_examples
import relucert as rc
from relucert.families.expression.candidate import kernel_loss
from relucert.families.landscape.point import framed
from relucert.families.landscape.problem import LandscapeProblem
from relucert.kernel import ball
from relucert.kernel.expression import enclose
from relucert.kernel.landscape import quartic
from relucert.kernel.teacher import loss as teacher

STORED = Path(__file__).parents[3] / "certificates" / "expression"
DATA, LABELS = [[1, 2], [0, -1], [3, 1]], [1, -1, 1]


@pytest.mark.parametrize("activation", rc.losses.ACTIVATIONS)
def test_networks(activation):
    known = {"square": np.square, "linear": lambda x: x}
    g = known.get(activation) or getattr(rc.functions, activation)
    loss = rc.losses.mlp(DATA, LABELS, [2, 3], activation, ridge=Fraction(1, 8))
    point = np.random.default_rng(1).standard_normal(loss.parameters)
    a, b, c, d, e, h = loss.arrays(point)
    out = (g(g(np.array(DATA) @ a.T + b) @ c.T + d) @ e.T + h)[:, 0]
    wanted = np.mean((out - LABELS) ** 2) / 2 + point @ point / 16
    assert loss(point) == pytest.approx(wanted) == loss([a, b, c, d, e, h])
    logistic = rc.losses.mlp(DATA, LABELS, [2, 3], activation, loss="logistic")
    assert logistic(point) == pytest.approx(np.mean(np.log1p(np.exp(-out * np.array(LABELS)))))


def test_a_network_without_bias_with_several_outputs():
    loss = rc.losses.mlp(DATA, [[1, 0], [0, 1], [1, 1]], [], output="sigmoid", bias=False)
    w = np.array([[0.5, -1], [0.25, 2]])
    out = rc.functions.sigmoid(np.array(DATA) @ w.T)
    assert loss(w) == pytest.approx(np.sum((out - [[1, 0], [0, 1], [1, 1]]) ** 2) / 6)


def test_committee_against_quadrature():
    loss = rc.losses.committee(2, 1, targets=[[1, 0], [-1, 2]])
    w, v = np.array([[0.5, 1.25]]), np.array([[1, 0], [-1, 2]])
    x, weight = np.polynomial.hermite_e.hermegauss(60)
    grid = np.stack(np.meshgrid(x, x), -1)
    error = erf(grid @ w.T / np.sqrt(2)).sum(-1) - erf(grid @ v.T / np.sqrt(2)).sum(-1)
    assert loss(w) == pytest.approx(np.sum(np.outer(weight, weight) * error**2) / (4 * np.pi), rel=1e-6)
    assert rc.losses.committee(3, 3)(np.eye(3)) == pytest.approx(0, abs=1e-12)
    assert rc.verify(np.eye(2) + 0.01, rc.losses.committee(2, 2)).verdict == "local-minimum"


def same(ours, entries):
    return all(a.overlaps(b) for a, b in zip(ours, entries, strict=True))


@pytest.mark.parametrize(("k", "n"), [(2, 2), (2, 3), (3, 1)])
def test_teacher_student_and_the_family_of_its_own(k, n):
    rows = np.random.default_rng(k + n).standard_normal((n, k)).tolist()
    with ball.precision(128):
        point = [ball.exact_float(x) for row in rows for x in row]
        ours = enclose.hessian(kernel_loss(rc.losses.teacher_student(k, n).graph), point, [])
        exact = [[ball.to_dyadic(ball.exact_float(x)) for x in row] for row in rows]
        unit = [[(int(i == j), 0) for j in range(k)] for i in range(k)]
        g = teacher.geometry(exact, unit)
        assert ours.value.overlaps(teacher.objective(g)) and float(ours.value.rad()) < 1e-30
        assert same(ours.gradient, teacher.gradient(g))
        assert same(ours.hessian.entries(), teacher.hessian(g).entries())


def test_designed_landscape_and_the_family_of_its_own():
    problem, w = LandscapeProblem.from_text("1,1,2", "6", "1"), None
    rows = ([0.5, 0.25, 1], [0, 2, 0.5], [1, -1, 0.75])
    with ball.precision(128):
        table = [[ball.exact_float(x) for x in row] for row in rows]
        graph = rc.losses.designed_landscape([1, 1, 2], 6, 1).graph
        ours = enclose.hessian(kernel_loss(graph), [x for row in table for x in row], [])
        w, at = problem.weights(), quartic.framed(framed(problem), table)
        assert ours.value.overlaps(quartic.value(w, at))
        theirs = quartic.hessian_in(framed(problem), quartic.hessian(w, at))
        assert same(ours.hessian.entries(), theirs.entries())


def test_matrix_factorisation():
    M, W = np.array([[1, 2, 0], [0, 3, 1]]), np.array([[1, 0, 2], [1, 1, 3]])
    u, v = np.array([[1.0, 2], [0, 1]]), np.array([[1.0, 0], [2, 1], [0, 3]])
    loss = rc.losses.matrix_factorisation(M, 2, weights=W, balance=Fraction(1, 2))
    even = np.sum((u.T @ u - v.T @ v) ** 2) / 8
    assert loss([u, v]) == pytest.approx(np.sum(W * (M - u @ v.T) ** 2) / 2 + even)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: rc.losses.mlp(DATA, [1, 2], [2]), "3 rows of data and 2 labels"),
        (lambda: rc.losses.mlp(DATA, LABELS, [0]), "widths, entry 0"),
        (lambda: rc.losses.mlp(DATA, LABELS, [2], "gelu"), "'gelu' is not known; known: tanh"),
        (lambda: rc.losses.mlp(DATA, LABELS, [2], loss="hinge"), "'hinge' is not known"),
        (lambda: rc.losses.mlp(DATA, [0, 1, 1], [2], loss="logistic"), "1 or -1"),
        (lambda: rc.losses.mlp(DATA, LABELS, [2], ridge=-1), "not be negative"),
        (lambda: rc.losses.mlp([[1, float("nan")]], [1], [2]), "data, row 0, entry 1: nan is not a finite"),
        (lambda: rc.losses.mlp([1, "2"], [1, 2], [2]), "data, row 1, entry 0: '2' is not a real number"),
        (lambda: rc.losses.mlp([], [], [2]), "data must be a table"),
        (lambda: rc.losses.committee(2, 0), "n is 0"),
        (lambda: rc.losses.committee(2, 2, "tanh"), "'tanh' has no closed form"),
        (lambda: rc.losses.committee(2, 2, targets=[[1, 0]]), "1 targets; k is 2"),
        (lambda: rc.losses.matrix_factorisation([[1, 2]], 0), "rank is 0"),
        (lambda: rc.losses.matrix_factorisation([[1, 2]], 1, weights=[[1, -1]]), "none of them negative"),
    ],
)
def test_what_is_refused(make, message):
    with pytest.raises(rc.InputError, match=message):
        make()


@pytest.mark.parametrize("name", expression_examples.EXAMPLES)
def test_examples_are_spurious_minima_with_certificates(name):
    loss, point, witness = expression_examples.EXAMPLES[name]()
    result = rc.verify(point, loss, witness=witness)
    assert result.verdict == "spurious-minimum"
    claims = [json.loads(x.read_text())["statement"]["claim"] for x in STORED.glob("*.json")]
    (claim,) = [x for x in claims if x["problem"]["loss"] == loss.graph.as_json()]
    assert claim["verdict"] == "spurious-minimum"
    near = np.array([int(m) * 2.0**e for m, e in claim["point"]])
    assert near == pytest.approx(np.array(point, dtype=float), abs=1e-2)


def test_files_of_examples(tmp_path):
    expression_examples.write(tmp_path)
    assert {x.stem for x in tmp_path.iterdir()} == {
        *expression_examples.EXAMPLES,
        *expression_examples.ORBITS,
    }
