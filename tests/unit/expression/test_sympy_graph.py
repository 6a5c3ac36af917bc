"""Losses from SymPy: nodes, values, derivatives, messages."""

import time
from fractions import Fraction

import pytest
import sympy as sp

import relucert as rc
from relucert.families.expression.candidate import kernel_loss
from relucert.families.expression.sympy_graph import sympy as package
from relucert.kernel import ball
from relucert.kernel.expression import enclose

x, y, z = sp.symbols("x y z", real=True)
POINT = {x: sp.Rational(3, 4), y: sp.Rational(-1, 2), z: sp.Rational(5, 4)}
EXPRESSIONS = [
    (x**2 - 1) ** 2 + y / 4 - 3 * z**3,
    x * y / z + 1 / (x * z**2) - z ** sp.Rational(-1, 2) * x ** sp.Rational(3, 2),
    sp.exp(x * y) * sp.sin(z) + sp.cos(y) - sp.tanh(x + y) * sp.atan(z),
    sp.log(1 + sp.exp(x - y)) + 1 / (1 + sp.exp(-z)) + x / (1 + sp.exp(y)),
    sp.erf(x) * sp.asin(y) + sp.log(z, 2) + sp.pi * x + sp.E * y,
    x ** sp.Rational(1, 3) + z**y + sp.exp(2) * x,
    sp.Abs(y) * sp.Max(x, y, z) + sp.Min(x, z) + sp.Max(y, 0) + sp.Max(0, z),
    x * x * y * y * (x + y) ** 2 / (x + y) ** 3,
]


@pytest.mark.parametrize("expr", EXPRESSIONS, ids=str)
def test_values_gradients_and_hessians_agree(expr):
    expr = expr + (x + y + z) ** 2
    loss = rc.Loss.from_sympy(expr, [x, y, z])
    with ball.precision(128):
        at = [ball.exact_float(float(v)) for v in POINT.values()]
        found = enclose.hessian(kernel_loss(loss.graph), at, [])
        hessian = [[float(h) for h in row] for row in found.hessian.tolist()]
        ours = [float(found.value), [float(g) for g in found.gradient], hessian]
    exact = lambda e: float(e.subs(POINT).evalf(30))  # noqa: E731
    assert ours[0] == pytest.approx(exact(expr), rel=1e-12)
    assert ours[1] == pytest.approx([exact(sp.diff(expr, v)) for v in POINT], rel=1e-12, abs=1e-12)
    for row, v in zip(hessian, POINT, strict=True):
        assert row == pytest.approx([exact(sp.diff(expr, v, w)) for w in POINT], rel=1e-12, abs=1e-12)
    assert loss([float(v) for v in POINT.values()]) == pytest.approx(exact(expr), rel=1e-12)


def test_patterns_have_functions_of_their_own():
    loss = rc.Loss.from_sympy(sp.log(1 + sp.exp(x)) + 1 / (1 + sp.exp(-x)), [x])
    assert {node[0] for node in loss.graph.nodes} == {"param", "softplus", "sigmoid", "sum"}


def test_constraints_and_numbers():
    loss = rc.Loss.from_sympy(x + y**2, [x, y], constraints=[x**2 + y**2 - 1])
    assert rc.verify([-1, 0], loss).verdict == "local-minimum"
    with pytest.warns(rc.ExactValueWarning, match=r"0\.1"):
        loss = rc.Loss.from_sympy(0.1 * x, [x])
    assert ("const", Fraction(0.1)) in loss.graph.nodes


@pytest.mark.parametrize(
    ("expr", "variables", "message"),
    [
        (x + z**2, [x], r"z is free: add it to the variables, or put a number in its place.*in x \+ z\*\*2"),
        (sp.sinh(x) + 1, [x], r"sinh\(x\): sinh is not among the operations.*in sinh\(x\) \+ 1"),
        (sp.Function("f")(x), [x], r"f\(x\): f is not among"),
        (sp.Piecewise((x, x > 0), (0, True)), [x], "Piecewise|ExprCondPair|StrictGreaterThan"),
        (sp.Matrix([x]), [x], "not an expression that is a number"),
        (sp.I * x, [x], "I is not a real number"),
        (x + sp.oo, [x], "not a real number|occurs nowhere"),
        (x, [x, x], "given twice"),
        (x, [x, 2], "not a symbol of SymPy"),
        (x, [x, y], "parameter 1 occurs nowhere"),
        (x**1001, [x], "exponent of at most 1000"),
        (x > 0, [x], "not an expression"),
    ],
)
def test_what_is_refused(expr, variables, message):
    with pytest.raises(rc.InputError, match=message):
        rc.Loss.from_sympy(expr, variables)


def test_without_sympy(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "sympy", None)
    with pytest.raises(rc.InputError, match=r"pip install 'relucert\[expressions\]'"):
        package()


def nested(levels):
    expr = x
    for i in range(levels):
        expr = sp.tanh(expr + y / (i + 2))
    return expr


def test_a_deep_expression_is_read_in_time_and_without_recursion():
    """SymPy's printing of 200 levels ended in a RecursionError; of 100 it took two seconds."""
    expr = nested(200)
    began = time.process_time()
    loss = rc.Loss.from_sympy(expr, [x, y])
    assert time.process_time() - began < 1  # 0.03 s
    assert len(loss.graph.nodes) == 802
    value, slope = loss.value_and_gradient([0.5, 0.25])
    step = 2.0**-20
    assert slope[1] == pytest.approx((loss([0.5, 0.25 + step]) - value) / step, rel=1e-4)


def test_a_large_part_is_named_by_its_outermost_operations():
    with pytest.raises(rc.InputError, match=r"^gamma\(tanh\(\(.*\.\..*: gamma is not among"):
        rc.Loss.from_sympy(x * sp.gamma(nested(60)), [x, y])
