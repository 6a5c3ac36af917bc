"""The kernel's derivatives against sympy's, against finite differences, and against symmetries."""

from fractions import Fraction
from itertools import permutations

import mpmath
import pytest
import sympy
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st

from relucert.kernel import arccos, ball
from relucert.kernel.ball import BallMatrix
from relucert.kernel.teacher import loss

BITS = 400  # of sympy's expressions, evaluated by mpmath
GRAIN = 300

some = settings(derandomize=True, deadline=None, max_examples=25)


class Symbolic:
    """f(w, v) in R^d, its gradient in w and its second derivatives, as functions of 2 d numbers."""

    def __init__(self, d):
        w = sympy.symbols(f"w:{d}", real=True)
        v = sympy.symbols(f"v:{d}", real=True)
        p, q = (sympy.sqrt(sum(x * x for x in row)) for row in (w, v))
        cos = sum(x * y for x, y in zip(w, v, strict=True)) / (p * q)
        t = sympy.acos(cos)
        f = p * q * (sympy.sin(t) + (sympy.pi - t) * cos) / (2 * sympy.pi)
        gradient = [sympy.diff(f, x) for x in w]
        same = [[sympy.diff(g, x) for x in w] for g in gradient]
        mixed = [[sympy.diff(g, x) for x in v] for g in gradient]
        self.evaluate = sympy.lambdify([*w, *v], [f, gradient, same, mixed], modules="mpmath")

    def at(self, a, b):
        with mpmath.workprec(BITS):
            return self.evaluate(*(mpmath.mpf(x) for x in (*a, *b)))


@pytest.fixture(scope="module", params=[2, 3])
def symbolic(request):
    return request.param, Symbolic(request.param)


def contains(enclosure, truth):
    with mpmath.workprec(BITS):
        floor = int(mpmath.floor(mpmath.ldexp(truth, GRAIN)))
    return enclosure.is_finite() and enclosure.overlaps(arb((floor, -GRAIN), (1, 40 - GRAIN)))


def contains_matrix(enclosure, truth):
    rows = zip(enclosure.tolist(), truth, strict=True)
    return all(contains(x, y) for row, true in rows for x, y in zip(row, true, strict=True))


POINTS = [
    ((1, 0, 0), (0, 1, 0)),
    ((1, 2, 3), (3, -1, 2)),
    ((4, 1, -2), (-3, 1, 5)),
    ((0.5, -0.25, 8), (16, 3, -0.125)),
    ((1, 1, 1), (1, 1, 1.0625)),
    ((1, 1, 1), (-1, -1, -1.0625)),
    ((2.0**-20, 2.0**-21, 2.0**-22), (2.0**20, -(2.0**21), 2.0**20)),
]


@pytest.mark.parametrize("a, b", POINTS)
def test_blocks_are_the_derivatives_of_the_kernel(symbolic, a, b):
    d, derivatives = symbolic
    a, b = (a[:d], b[:d]) if (a[0] * b[1] != a[1] * b[0] or d == 3) else (a[1:], b[1:])
    f, gradient, same, mixed = derivatives.at(a, b)
    with ball.precision(128):
        w, v = (arccos.vector([arb(x) for x in row]) for row in (a, b))
        t = arccos.between(w, v)
        assert arccos.divides(t)
        assert contains(arccos.kernel(w, v, t), f)
        along, weight = arccos.gradient_parts(v, t)
        enclosure = [along * x + weight * y for x, y in zip(w.unit, v.entries, strict=True)]
        assert all(contains(x, y) for x, y in zip(enclosure, gradient, strict=True))
        assert contains_matrix(arccos.same_block(w, [(1, v, t)]), same)
        assert contains_matrix(arccos.mixed_block(w, v, t), mixed)


# --- finite differences -------------------------------------------------------------------------------


def dyadic(x):
    numerator, denominator = Fraction(x).as_integer_ratio()
    return numerator, 1 - denominator.bit_length()


def rows(values):
    return [[dyadic(x) for x in row] for row in values]


PLANE = ([[1.0, 0.25], [-0.5, 1.5]], [[1.0, 0.0], [0.0, 1.0]])
SPACE = ([[1.0, 0.25, -0.5], [-0.5, 1.5, 2.0]], [[1.0, 0.0, 0.0], [0.0, 1.0, 0.5], [0.0, -1.0, 1.0]])
LOPSIDED = ([[2.0**-10, 2.0**-9], [2.0**8, -(2.0**7)]], [[1.0, 3.0]])
SINGLE = ([[0.75, 1.0]], [[1.0, -1.0]])
CLOSE = ([[1.0, 2.0], [1.0, 2.0 + 2.0**-8]], [[-1.0, -2.0 - 2.0**-7]])
LINE = ([[1.5], [-0.5]], [[1.0], [-2.0]])
PARALLEL = ([[1.0, 2.0], [2.0, 4.0]], [[3.0, 6.0], [-1.0, -2.0]])
PROBLEMS = [PLANE, SPACE, LOPSIDED, SINGLE, CLOSE, LINE]

STEP = 90  # central differences with 2**-90 at 300 bits


def shifted(point, place, sign):
    d = len(point[0])
    step = Fraction(sign, 2**STEP)
    return rows(
        [
            [Fraction(x) + step * (i * d + j == place) for j, x in enumerate(row)]
            for i, row in enumerate(point)
        ]
    )


def near(a, b, bits):
    return ball.proves_lt(abs(a - b), arb(2) ** -bits)


@pytest.mark.parametrize("point, targets", PROBLEMS)
def test_gradient_is_the_difference_quotient_of_the_objective(point, targets):
    with ball.precision(300):
        gradient = loss.gradient(loss.geometry(rows(point), rows(targets)))
        for place, slope in enumerate(gradient):
            up, down = (
                loss.objective(loss.geometry(shifted(point, place, s), rows(targets))) for s in (1, -1)
            )
            assert near((up - down) * arb(2) ** (STEP - 1), slope, 120)


@pytest.mark.parametrize("point, targets", PROBLEMS)
def test_hessian_is_the_difference_quotient_of_the_gradient(point, targets):
    with ball.precision(300):
        hessian = loss.hessian(loss.geometry(rows(point), rows(targets))).tolist()
        for place in range(len(hessian)):
            up, down = (
                loss.gradient(loss.geometry(shifted(point, place, s), rows(targets))) for s in (1, -1)
            )
            for i, (x, y) in enumerate(zip(up, down, strict=True)):
                assert near((x - y) * arb(2) ** (STEP - 1), hessian[i][place], 120)


def test_hessian_is_the_difference_quotient_even_at_parallel_vectors():
    """There F is C^2 but not C^3: the quotient agrees only to the first order in the step."""
    point, targets = PARALLEL
    with ball.precision(300):
        hessian = loss.hessian(loss.geometry(rows(point), rows(targets))).tolist()
        for place in range(len(hessian)):
            up, down = (
                loss.gradient(loss.geometry(shifted(point, place, s), rows(targets))) for s in (1, -1)
            )
            for i, (x, y) in enumerate(zip(up, down, strict=True)):
                assert near((x - y) * arb(2) ** (STEP - 1), hessian[i][place], STEP - 8)


# --- symmetries ---------------------------------------------------------------------------------------

integers = st.integers(-9, 9)


@st.composite
def problems(draw):
    d = draw(st.integers(1, 3))
    vector = st.lists(integers, min_size=d, max_size=d).filter(any)
    return draw(st.lists(vector, min_size=1, max_size=3)), draw(st.lists(vector, min_size=1, max_size=3))


def everything(point, targets):
    g = loss.geometry(rows(point), rows(targets))
    return loss.objective(g), loss.gradient(g), loss.hessian(g)


def meet(a, b):
    return a.is_finite() and b.is_finite() and a.overlaps(b) and ball.proves_lt((a - b).rad(), arb(2.0**-40))


@some
@given(problems())
def test_hessian_is_symmetric(problem):
    with ball.precision(128):
        hessian = everything(*problem)[2]
        assert all(meet(x, y) for x, y in zip(hessian.entries(), hessian.transpose().entries(), strict=True))


@some
@given(problems(), st.sampled_from([Fraction(1, 1024), Fraction(3), Fraction(7, 4)]))
def test_scaling_by_a_multiplies_the_objective_by_a_squared(problem, a):
    scaled = [[[a * x for x in row] for row in part] for part in problem]
    with ball.precision(160):
        value, gradient, hessian = everything(*problem)
        big_value, big_gradient, big_hessian = everything(*scaled)
        factor = arb(a.numerator) / a.denominator
        assert meet(big_value, factor * factor * value)
        assert all(meet(x, factor * y) for x, y in zip(big_gradient, gradient, strict=True))
        assert all(meet(x, y) for x, y in zip(big_hessian.entries(), hessian.entries(), strict=True))


ROTATIONS = {
    1: [[[-1]]],
    2: [[[3, 4], [-4, 3]], [[0, 5], [5, 0]]],
    3: [[[1, 2, 2], [2, 1, -2], [2, -2, 1]], [[0, 0, 3], [3, 0, 0], [0, -3, 0]]],
}  # each a multiple of an orthogonal matrix


@some
@given(problems(), st.integers(0, 1))
def test_rotating_everything_rotates_the_derivatives(problem, which):
    d = len(problem[0][0])
    turns = ROTATIONS[d]
    turn = turns[which % len(turns)]
    size = arb(sum(x * x for x in turn[0]))  # the square of the factor
    rotated = [
        [[sum(x * y for x, y in zip(t, row, strict=True)) for t in turn] for row in part] for part in problem
    ]
    n = len(problem[0])
    with ball.precision(160):
        value, gradient, hessian = everything(*problem)
        new_value, new_gradient, new_hessian = everything(*rotated)
        block = BallMatrix(
            [
                [arb(turn[i % d][j % d]) if i // d == j // d else arb(0) for j in range(n * d)]
                for i in range(n * d)
            ]
        )
        assert meet(new_value, size * value)
        turned = (block * BallMatrix(n * d, 1, gradient)).entries()
        assert all(meet(x, y) for x, y in zip(new_gradient, turned, strict=True))
        conjugated = (block * hessian * block.transpose()).entries()
        assert all(meet(size * x, y) for x, y in zip(new_hessian.entries(), conjugated, strict=True))


@some
@given(problems(), st.data())
def test_the_order_of_neurons_and_of_targets_does_not_matter(problem, data):
    point, targets = problem
    n, d = len(point), len(point[0])
    order = data.draw(st.permutations(range(n)))
    with ball.precision(128):
        value, gradient, hessian = everything(point, targets)
        new_value, new_gradient, new_hessian = everything(
            [point[i] for i in order], data.draw(st.permutations(targets))
        )
    places = [i * d + j for i in order for j in range(d)]
    assert meet(value, new_value)
    assert all(meet(new_gradient[i], gradient[place]) for i, place in enumerate(places))
    for i, p in enumerate(places):
        for j, q in enumerate(places):
            assert meet(new_hessian[i, j], hessian[p, q])


@some
@given(problems())
def test_further_dimensions_that_nothing_uses_change_nothing(problem):
    d = len(problem[0][0])
    padded = [[[*row, 0] for row in part] for part in problem]
    with ball.precision(160):
        value, gradient, hessian = everything(*problem)
        new_value, new_gradient, new_hessian = everything(*padded)
    places = [i * (d + 1) + j for i in range(len(problem[0])) for j in range(d)]
    assert meet(value, new_value)
    assert all(meet(new_gradient[p], x) for p, x in zip(places, gradient, strict=True))
    for i, p in enumerate(places):
        assert all(meet(new_hessian[p, q], hessian[i, j]) for j, q in enumerate(places))


@some
@given(problems())
def test_the_targets_in_any_order_have_loss_0_and_gradient_0(problem):
    targets = problem[1]
    with ball.precision(128):
        for order in permutations(targets):
            value, gradient, _ = everything(order, targets)
            assert meet(value, arb(0))
            assert all(meet(x, arb(0)) for x in gradient)


@some
@given(problems())
def test_the_objective_is_never_proved_negative(problem):
    with ball.precision(64):
        assert not ball.proves_positive(-everything(*problem)[0])


def test_one_neuron_and_one_orthogonal_target_by_hand():
    """F = 1/4 + 1/4 - 1/(2 pi); grad = (1/2 - 1/(2 pi), -1/4); Hess = I/2 - (1/2 pi) diag(0, 2)."""
    with ball.precision(128):
        value, gradient, hessian = everything([[1, 0]], [[0, 1]])
        tau = 2 * ball.pi()
        half = arb(1) / 2
        assert meet(value, half - 1 / tau)
        assert meet(gradient[0], half - 1 / tau)
        assert meet(gradient[1], -half / 2)
        assert all(
            meet(x, y) for x, y in zip(hessian.entries(), [half, arb(0), arb(0), half - 2 / tau], strict=True)
        )
