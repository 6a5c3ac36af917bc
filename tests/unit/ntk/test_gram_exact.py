"""Gram matrices whose smallest eigenvalue is known, and when it is 0 (Theorem 14.0)."""

from fractions import Fraction

import numpy as np
import pytest

from relucert.base.errors import InputError
from relucert.base.exact import exact_rows
from relucert.families.ntk.gram import GramProblem, gram, grams
from relucert.kernel import ball
from relucert.kernel.ball import Ball
from relucert.kernel.ntk.gram_rows import inputs
from relucert.kernel.outcome import Inconclusive

PAIRS = ((1, 0), (-1, 0), (0, 1), (0, -2))
THREE_PAIRS = (*PAIRS, (1, 1), (-3, -3))
HALF = ((1, 1, 0), (1, 0, 1), (0, 1, 1))  # all angles 60 degrees


def rows(x):
    return exact_rows(x, "row")


def of(x, activation="relu", depth=1, c_res=None):
    return gram(GramProblem(rows(x), activation, depth, c_res)).outcome


def contains(outcome, value):
    low, high = outcome.lambda_min
    return ball.proves_le(low, value) and ball.proves_le(value, high) and float(high - low) < 1e-12


def test_orthonormal_inputs():
    assert contains(of(np.eye(7)), Ball(0.5))


@pytest.mark.parametrize("n", [2, 3])
def test_sixty_degrees(n):
    assert contains(of(HALF[:n]), Ball(1) / 3)


@pytest.mark.parametrize("x", [((1, 0), (3, 4)), ((1, 0), (-3, 4)), ((5, 0), (-4, 3)), ((1,), (-2,))])
def test_two_inputs(x):
    """1/2 - |rho| (pi - arccos rho)/(2 pi)."""
    a, b = np.array(x[0]), np.array(x[1])
    with ball.precision(200):
        rho = ball.ratio((int(a @ b), 1)) / (Ball(int(a @ a)) * Ball(int(b @ b))).sqrt()
        value = Ball(1) / 2 - abs(rho) * (ball.pi() - rho.acos()) / (2 * ball.pi())
        assert contains(of(x), value.mid())


def test_one_input_and_antipodal_inputs():
    assert contains(of(((3, 4),)), Ball(0.5))
    assert contains(of(((3, 4), (-6, -8))), Ball(0.5))


@pytest.mark.parametrize(("c", "s"), [(3, 4), (4, 3), (-5, 12), (0, 1)])
def test_two_antipodal_pairs(c, s):
    """(1 - |cos t|)/2."""
    norm = {3: 5, 4: 5, -5: 13, 0: 1}[c]
    with ball.precision(200):
        value = (1 - ball.ratio((abs(c), norm))) / 2
        assert contains(of(((1, 0), (-1, 0), (c, s), (-c, -s))), value.mid())


def test_two_pairs_of_the_thesis_at_an_angle_of_one():
    x = ((1, 0), (-1, 0), (float(np.cos(1)), float(np.sin(1))), (-float(np.cos(1)), -float(np.sin(1))))
    low, high = of(x).lambda_min
    assert 0.22984 < float(low) <= float(high) < 0.22985


@pytest.mark.parametrize("activation", ["relu", "softplus"])
def test_three_antipodal_pairs_in_the_plane(activation):
    found = of(((7, 1), *THREE_PAIRS), activation)
    assert (found.verdict, found.dependent) == ("singular", (1, 2, 3, 4, 5, 6))
    assert of(((7, 1), *THREE_PAIRS), activation, 2).verdict == "positive-definite"
    assert of(((7, 1), *THREE_PAIRS), activation, 2, Fraction(1, 2)).verdict == "positive-definite"


@pytest.mark.parametrize("activation", ["relu", "softplus"])
def test_only_the_pairs_that_are_dependent_are_named(activation):
    x = ((0, 0, 1, 0), (0, 0, -1, 0), *((a, b, 0, 0) for a, b in THREE_PAIRS), (0, 0, 0, 1), (0, 0, 0, -1))
    assert of(x, activation).dependent == (2, 3, 4, 5, 6, 7)


@pytest.mark.parametrize("depth", [1, 2, 5])
@pytest.mark.parametrize("c_res", [None, Fraction(1, 2)])
def test_parallel_inputs(depth, c_res):
    if depth == 1 and c_res is not None:
        return
    x = ((1, 2), (3, 1), (0.5, 1), (-6, -2))
    for activation in ("relu", "softplus"):
        assert of(x, activation, depth, c_res).dependent == (0, 2)
    assert of(x[1:], "erf", depth, c_res).dependent == (0, 2)
    assert of(x[1:], "softplus", depth, c_res).verdict == "positive-definite"


def test_nearly_parallel_inputs_are_told_apart():
    """By 2^-1000: the sine comes from exact integers."""
    x = (((1, 0), (0, 0)), ((1, 0), (1, -1000)))
    low, high = of(x).lambda_min
    assert float(low * Ball(2) ** 1000) > 0 and ball.proves_le(high - low, high * Ball(2.0**-20))
    assert isinstance(of((((1, 0), (0, 0)), ((1, 0), (1, -16000))), "erf"), Inconclusive)


def test_lengths_do_not_matter():
    rng = np.random.default_rng(3)
    x = rng.standard_normal((5, 4))
    one = of(x, "softplus", 3)
    other = of(x * 2.0 ** np.arange(-300, 200, 100)[:, None], "softplus", 3)
    assert [float(v) for v in one.lambda_min] == [float(v) for v in other.lambda_min]


def test_several_depths_are_those_of_each():
    x = rows(np.random.default_rng(4).standard_normal((4, 3)))
    for found in grams(x, "softplus", [5, 2, 9]):
        (low, high), (least, most) = found.outcome.lambda_min, gram(found.problem).outcome.lambda_min
        assert ball.proves_le(low, most) and ball.proves_le(least, high)


def test_a_residual_network_with_large_variances():
    """c_res = 3 needs many Hermite coefficients, c_res = 100 too many: it says so."""
    x = np.eye(2)
    assert of(x, "softplus", 8, Fraction(3)).verdict == "positive-definite"
    found = of(x, "softplus", 8, Fraction(100))
    assert isinstance(found, Inconclusive) and "Hermite coefficients at 64 bits" in found.reason


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"activation": "tanh"}, "unknown activation"), ({"depth": 0}, "depth 0"), ({"depth": 1001}, "depth 1001"),
        ({"c_res": Fraction(-1), "depth": 2}, "positive"), ({"c_res": Fraction(1)}, "dense one"),
    ],
)  # fmt: skip
def test_problems_that_are_refused(change, text):
    with pytest.raises(InputError, match=text):
        GramProblem(**{"x": rows(np.eye(2)), "activation": "relu", "depth": 1, **change})


def test_rows_of_the_kernel():
    for bad in ([], [[(0, 0)]], [[(1, 0)], [(1, 0), (1, 0)]]):
        with pytest.raises(ValueError, match="row"):
            inputs(bad)
