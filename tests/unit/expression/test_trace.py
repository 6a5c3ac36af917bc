"""Losses from Python functions: nodes, values, derivatives, messages."""

import math
import warnings
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

import relucert as rc
from expression_cases import value
from relucert import functions as f

POINT = [0.75, -0.5, 1.25]
PROGRAMS = {
    "polynomial": lambda x: (x[0] ** 2 - 1) ** 2 + x[1] / 4 - 2 * x[2] ** 3 + 1 / x[2],
    "reflected": lambda x: 1 - x[0] + 2 / x[2] - (3 - x[1]) * x[0] ** -1 + 2 ** x[1],
    "functions": lambda x: np.sum(np.tanh(x) + np.exp(x) * np.sin(x) - np.cos(x) + np.arctan(x)),
    "roots": lambda x: np.sqrt(x[0]) + x[2] ** 1.5 + x[0] ** Fraction(1, 3) + np.log(x[2]) + f.asin(x[1]),
    "more": lambda x: f.sigmoid(x).sum() + f.softplus(x).sum() + f.erf(x).sum() + f.log(f.exp(x[0]) + 1),
    "kinks": lambda x: f.relu(x).sum() + np.abs(x).sum() + np.max(x) - np.minimum(x[0], x[1]) + f.maximum(x, 0)[1],
    "products": lambda x: x @ np.array([[1, 2, 3], [0, 1, 0], [2, 0, 1]]) @ x + np.dot(x, x) + np.outer(x, x)[0, 1],
    "means": lambda x: np.mean(x) ** 2 + np.linalg.norm(x) + x.reshape(3, 1).sum(axis=0)[0] + np.prod(x),
    "lists": lambda x: sum(f.tanh([x[0], x[1], 1])) + np.array([x[0], 2]).dot([x[1], x[2]]),
    "pi": lambda x: f.pi(x) * x[0] * x[1] * x[2],
    "log of a sum": lambda x: np.logaddexp(x[0], x[1]) + np.logaddexp(0, x[2]),
}  # fmt: skip


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_says_the_same_on_symbols_and_on_floats(name):
    used = lambda x: PROGRAMS[name](x) + (x[0] + x[1] + x[2])  # noqa: E731
    loss = rc.Loss.trace(used, 3)
    wanted = used(np.array(POINT))
    assert loss(POINT) == pytest.approx(wanted, rel=1e-13)
    assert float(value(loss.graph, POINT)) == pytest.approx(wanted, rel=1e-13)
    step = 1e-6
    moved = [[y + s * step * (i == j) for j, y in enumerate(POINT)] for i in range(3) for s in (1, -1)]
    slopes = [
        (used(np.array(a)) - used(np.array(b))) / (2 * step)
        for a, b in zip(moved[::2], moved[1::2], strict=True)
    ]
    assert loss.gradient(POINT) == pytest.approx(slopes, rel=1e-6, abs=1e-6)


def test_several_arrays_data_and_a_regulariser():
    data = [[0, 1], [1, 0], [2, 2]]

    def program(w, b, row):
        return (f.tanh(w @ row[:1] + b).sum() - row[1]) ** 2

    loss = rc.Loss.trace(program, [(2, 1), (2,)], data=data, regulariser=lambda w, b: (w**2).sum() + b @ b)
    w, b = np.array([[0.5], [1.5]]), np.array([-0.25, 2.0])
    wanted = np.mean([program(w, b, np.array(row, float)) for row in data]) + (w**2).sum() + b @ b
    assert loss([w, b]) == pytest.approx(wanted)
    assert len(loss.graph.data) == 3 and loss.graph.scale == Fraction(1, 3)
    assert [x.shape for x in loss.arrays([0.5, 1.5, -0.25, 2.0])] == [(2, 1), (2,)]
    total = rc.Loss.trace(program, [(2, 1), (2,)], data=data, mean=False)
    assert total([w, b]) == pytest.approx(3 * (wanted - (w**2).sum() - b @ b))


def test_constraints_and_proofs():
    loss = rc.Loss.trace(lambda x: x[0] + x[1] ** 2, 2, constraints=lambda x: [x @ x - 1])
    assert rc.verify([-1, 0], loss).verdict == "local-minimum"
    well = rc.Loss.trace(lambda x: (x @ x - 1) ** 2 + x[0] / 4 + x[1] ** 2, (2,))
    assert rc.verify(np.array([0.93, 0]), well, witness=[-1, 0]).verdict == "spurious-minimum"
    assert rc.verify([0.93, 0], well, find_witness=True).verdict == "spurious-minimum"
    assert rc.verify([0.5, 0], well).verdict == "not-critical"


def test_numbers_are_exact():
    loss = rc.Loss.trace(
        lambda x: x[0] * Decimal("0.1") + x[0] ** 2 / 3 + np.float64(0.5) * np.int64(3) * x[0], 1
    )
    constants = {node[1] for node in loss.graph.nodes if node[0] == "const"}
    assert constants == {Fraction(1, 10), Fraction(1, 3), Fraction(3, 2)}
    with pytest.warns(
        rc.ExactValueWarning,
        match=r"0\.1 .*test_trace.*exact value, 0\.1000000000000000055.*Fraction\('0\.1'\)",
    ):
        loss = rc.Loss.trace(lambda x: 0.1 * x[0], 1)
    assert ("const", Fraction(0.1)) in loss.graph.nodes
    with pytest.warns(rc.ExactValueWarning, match=r"pi\(x\) of relucert.functions"):
        rc.Loss.trace(lambda x: math.pi * x[0], 1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        rc.Loss.trace(lambda x: 0.375 * x[0], 1)


REFUSED = {
    "branch": (lambda x: x[0] if x[0] > 0 else x[1], r"x\[0\] is compared with 0.*no branches.*relu.*test_trace"),
    "equal": (lambda x: x[0] if x[0] == 1 else x[1], r"compared with 1.*no branches"),
    "array": (lambda x: np.where(x > 0, x, 0).sum(), r"greater of x\[0\].*no branches"),
    "truth": (lambda x: x[0] and x[1], r"no value yet"),
    "math": (lambda x: math.exp(x[0]), r"x\[0\] has no value yet: take functions from numpy.*not from math"),
    "unknown": (lambda x: np.sinh(x[0] * 2), r"sinh of \(x\[0\] \* 2\) is not among .*known: .*tanh.*test_trace"),
    "floor": (lambda x: x[0] // 2, r"no value yet"),
    "zero": (lambda x: x[0] / 0, r"x\[0\] is divided by 0.*test_trace"),
    "infinite": (lambda x: x[0] * math.inf, r"inf is not a finite number"),
    "truth value": (lambda x: x[0] * True, r"True is not a real number"),
    "floats": (lambda x: np.add(np.zeros(3), x, out=np.zeros(3)).sum(), r"array of floats"),
    "shapes": (lambda x: x @ np.ones((2, 2)), r"product of the shapes \(3,\) and \(2, 2\)"),
    "accumulate": (lambda x: np.cumsum(x)[0], r"add.accumulate of x\[0\]"),
    "several": (lambda x: x * 2, r"returned an array of shape \(3,\); return one number"),
    "constant": (lambda x: 3, r"the function returned 3, which does not depend"),
    "unused": (lambda x: x[0] + x[1], r"parameter 2 occurs nowhere"),
    "matmul": (lambda x: x[0] @ x[1], r"use \* in place of @"),
    "power": (lambda x: x[0] ** 2000, r"exponent of at most 1000.*test_trace"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_says_where_and_what_to_do(name):
    program, message = REFUSED[name]
    with pytest.raises(rc.InputError, match=message):
        rc.Loss.trace(program, 3)


def test_symbols_of_another_loss():
    kept = []
    rc.Loss.trace(lambda x: kept.append(x[0]) or x[0], 1)
    with pytest.raises(rc.InputError, match="symbol of another loss"):
        rc.Loss.trace(lambda x: x[0] + kept[0], 1)


@pytest.mark.parametrize("shape", [0, (2, -1), "x", [], (2.0,), [(2,), "y"]])
def test_shapes(shape):
    with pytest.raises(rc.InputError, match="shape"):
        rc.Loss.trace(lambda *x: x[0], shape)


def test_a_kink_names_the_line():
    loss = rc.Loss.trace(lambda x: f.relu(x[0]) + x[0] ** 2, 1)
    result = rc.verify([0.0], loss)
    assert result.verdict == "inconclusive"
    assert "relu(x[0]) (line " in result.outcome.reason and "test_trace.py" in result.outcome.reason


def test_points():
    loss = rc.Loss.trace(lambda x, y: (x @ x) + y @ y, [(2,), (1,)])
    assert loss([[1, 2], [3]]) == loss([1, 2, 3]) == 14
    for point in ([1, 2], [[1], [2, 3]], [[1, 2], [3, 4]]):
        with pytest.raises(rc.InputError, match=r"parameters|shapes"):
            rc.verify(point, loss)
    with pytest.raises(rc.InputError, match="which loss"):
        rc.verify([1, 2])


def test_saved_and_loaded(tmp_path):
    loss = rc.Loss.trace(lambda x: (x**2).sum() / 3, 2)
    loss.save(tmp_path / "loss.json")
    assert rc.Loss.load(tmp_path / "loss.json").graph == loss.graph
    fixed = loss.fixed({1: Fraction(1, 2)})
    assert fixed.parameters == 1 and fixed([1]) == pytest.approx(5 / 12)
