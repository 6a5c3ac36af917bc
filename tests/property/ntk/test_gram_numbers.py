"""Containment and tightness: dual activations, layers and spectra against other arithmetic (mpmath, Gauss-Hermite)."""

from fractions import Fraction
from functools import cache
from itertools import islice

import mpmath
import numpy as np
import pytest
from numpy.polynomial.hermite_e import hermegauss
from scipy.special import erf

from relucert.base.exact import exact_rows
from relucert.families.ntk.gram import GramProblem, gram
from relucert.kernel import ball
from relucert.kernel.ball import Ball, NotProved
from relucert.kernel.ntk import gram as kernel
from relucert.kernel.ntk.gram_dual import DUALS
from relucert.kernel.ntk.gram_rows import Correlation, inputs
from relucert.kernel.ntk.gram_softplus import hermite

S = {"relu": lambda z: np.maximum(z, 0), "softplus": lambda z: np.logaddexp(0, z), "erf": erf}
DS = {
    "relu": lambda z: (z > 0) * 1.0,
    "softplus": lambda z: 1 / (1 + np.exp(-z)),
    "erf": lambda z: 2 / np.sqrt(np.pi) * np.exp(-(z**2)),
}
NODES, WEIGHTS = hermegauss(120)
WEIGHTS = WEIGHTS / WEIGHTS.sum()


def correlation(r):
    return Correlation(Ball(r), ball.root((1 - Ball(r)) * (1 + Ball(r))))


def mean(f, k, r):
    """E f(u) f(v) by a product rule; for smooth f."""
    u = np.sqrt(k) * NODES[:, None]
    v = np.sqrt(k) * (r * NODES[:, None] + np.sqrt(1 - r * r) * NODES)
    return float(np.sum(WEIGHTS[:, None] * WEIGHTS * f(u) * f(v)))


def inside(x, value, slack):
    return float(x.lower()) - slack <= value <= float(x.upper()) + slack


@pytest.mark.parametrize("k", [0.25, 1.0, 2.5])
@pytest.mark.parametrize("r", [-1.0, -0.7, 0.0, 0.3, 0.99, 1.0])
@pytest.mark.parametrize("activation", ["softplus", "erf"])
def test_means_by_a_product_rule(activation, k, r):
    with ball.precision(128):
        dual = DUALS[activation](Ball(k))
        product, slope = dual.product(correlation(r)), dual.slope(correlation(r))
    assert inside(product, mean(S[activation], k, r), 1e-9)
    assert inside(slope, mean(DS[activation], k, r), 1e-7)
    assert max(float(ball.radius(product)), float(ball.radius(slope))) < 1e-28
    assert inside(dual.mean, float(np.sum(WEIGHTS * S[activation](np.sqrt(k) * NODES))), 1e-9)


@pytest.mark.parametrize("r", ["-1", "-0.99", "0", "0.5", "0.999999", "1"])
def test_means_of_relu(r):
    """By polar coordinates: E relu relu = k/(2 pi) int_0^inf rho^3 e^(-rho^2/2) int cos(a) cos(a - t) da."""
    with mpmath.workdps(40), ball.precision(160):
        t = mpmath.acos(mpmath.mpf(r))
        whole = mpmath.quad(lambda a: mpmath.cos(a) * mpmath.cos(a - t), [t - mpmath.pi / 2, mpmath.pi / 2])
        exact = 3 * whole / mpmath.pi  # k = 3: int rho^3 e^(-rho^2/2) = 2
        x = Fraction(r)
        dual, cos = DUALS["relu"](Ball(3)), ball.ratio(x.as_integer_ratio())
        c = Correlation(cos, ball.root((1 - cos) * (1 + cos)))
        found, slope = dual.product(c), dual.slope(c)
        assert abs(mpmath.mpf(found.mid().str(38, radius=False)) - exact) < mpmath.mpf(10) ** -20
        assert abs(mpmath.mpf(slope.mid().str(38, radius=False)) - (mpmath.pi - t) / (2 * mpmath.pi)) < 1e-20


@pytest.mark.parametrize("t", [0.5, 1.0, 1.25])
def test_softplus_coefficients_at_twice_the_precision(t):
    """The trapezoidal sums at 96 bits contain those at 192, and mpmath's quadrature of 77 digits."""
    with ball.precision(96):
        rough = hermite(Ball(t))
    with ball.precision(192):
        fine = hermite(Ball(t))
    every = [
        *zip(rough.even, fine.even, strict=False),
        (rough.even_square, fine.even_square),
        (rough.odd_slope, fine.odd_slope),
    ]
    assert all(a.contains(b) for a, b in every)
    assert max(float(ball.radius(a)) for a, _ in every) < 1e-27
    with mpmath.workdps(77), ball.precision(256):
        for k in (0, 2, 10, 24):
            value = mpmath.quad(lambda z, k=k: _integrand(z, t, k), [-30, -12, -4, 0, 4, 12, 30])
            exact = Ball(mpmath.nstr(value, 60))
            assert rough.even[k // 2].overlaps(exact + ball.symmetric(Ball("1e-50")))


def _integrand(z, t, k):
    before, polynomial = mpmath.mpf(0), mpmath.mpf(1)  # of Hermite, by their recurrence
    for j in range(k):
        before, polynomial = polynomial, z * polynomial - j * before
    return _even(z, t) * polynomial / mpmath.sqrt(mpmath.factorial(k))


@cache
def _even(z, t):
    """The same for every k, on nodes that are the same."""
    return mpmath.log(2 * mpmath.cosh(t * z / 2)) * mpmath.npdf(z)


def test_parseval_of_softplus():
    """What the coefficients leave of E s(z)^2 is positive and tiny."""
    with ball.precision(128):
        found = hermite(Ball(1))
        left = found.even_square - sum((x * x for x in found.even), Ball(0))
    assert ball.proves_lt(abs(left), Ball(1e-36))


@pytest.mark.parametrize("t", [0, -1, 2.0**-11, 40])
def test_variances_that_are_refused(t):
    with ball.precision(128), pytest.raises(NotProved):
        hermite(Ball(t))


def exact_layers(x, activation, depth):
    """The matrix of the layer H in mpmath, for relu and erf; x as rows of doubles."""
    n = len(x)
    dot = [
        [mpmath.fdot(map(mpmath.mpf, map(float, a)), map(mpmath.mpf, map(float, b))) for b in x] for a in x
    ]
    k = [[dot[i][j] / mpmath.sqrt(dot[i][i] * dot[j][j]) for j in range(n)] for i in range(n)]
    a = mpmath.asin(mpmath.mpf(2) / 3)
    if activation == "erf":
        phi, slope = lambda r: mpmath.asin(2 * r / 3) / a, lambda r: 2 / mpmath.sqrt(9 - 4 * r * r) / a
    else:
        pi = mpmath.pi
        phi = lambda r: (mpmath.sqrt(1 - r * r) + (pi - mpmath.acos(r)) * r) / pi  # noqa: E731
        slope = lambda r: 1 - mpmath.acos(r) / pi  # noqa: E731
    for i in range(n):
        k[i][i] = mpmath.mpf(1)
    for _ in range(depth - 1):
        k = [[mpmath.mpf(1) if i == j else phi(k[i][j]) for j in range(n)] for i in range(n)]
    half = 2 if activation == "relu" and depth == 1 else 1
    return mpmath.matrix([[k[i][j] * slope(k[i][j]) / half for j in range(n)] for i in range(n)])


@pytest.mark.parametrize("activation", ["relu", "erf"])
@pytest.mark.parametrize("depth", [1, 2, 7, 40])
def test_spectra_against_mpmath(activation, depth):
    rng = np.random.default_rng(depth)
    for n, d in ((2, 2), (5, 3), (7, 20)):
        x = rng.standard_normal((n, d))
        found = gram(GramProblem(exact_rows(x, "row"), activation, depth)).outcome
        with mpmath.workdps(50):
            values = mpmath.eigsy(exact_layers(x, activation, depth), eigvals_only=True)
            least, most = min(values), max(values)
            low, high = (mpmath.mpf(v.str(45, radius=False)) for v in found.lambda_min)
            assert low <= least * (1 + mpmath.mpf(10) ** -40) and least <= high * (1 + mpmath.mpf(10) ** -40)
            assert high - low <= least * 1e-6
            assert most <= float(found.largest) <= most * (1 + 1e-9)
            assert float(found.by_geometry) <= least * (1 + 1e-15)  # for n = 2 they are equal


def test_softplus_far_below_the_accuracy_of_doubles():
    """Depth 60: the ratio from layer to layer is phi'(1), and 128 and 256 bits agree."""
    x = exact_rows(np.random.default_rng(0).standard_normal((6, 9)), "row")
    found = [gram(GramProblem(x, "softplus", depth)) for depth in (59, 60)]
    low, high = ([float(f.outcome.lambda_min[i]) for f in found] for i in (0, 1))
    assert low[1] < 1e-29 and all(b <= a * (1 + 1e-6) for a, b in zip(low, high, strict=True))
    with ball.precision(256):
        dual = DUALS["softplus"](Ball(1))
        assert abs(low[1] / low[0] - float(dual.slope_square / dual.square)) < 1e-6
        layer = next(islice(kernel.dense(inputs(x), dual), 59, None))
        better = kernel.decide(layer, dual, 1 / dual.square, _eigh).lambda_min
        assert ball.proves_le(found[1].outcome.lambda_min[0], better[1])
        assert ball.proves_le(better[0], found[1].outcome.lambda_min[1])


def _eigh(matrix):
    values, vectors = np.linalg.eigh(np.array(matrix))
    return kernel.Eigen(vectors.T.tolist(), values.tolist())


@pytest.mark.parametrize("activation", ["relu", "erf", "softplus"])
def test_a_wrong_guess_is_never_believed(activation):
    """Eigenvectors and values of another matrix give a wider enclosure or none."""
    of = inputs(exact_rows(np.random.default_rng(5).standard_normal((4, 3)), "row"))
    with ball.precision(128):
        dual = DUALS[activation](Ball(1))
        layer = next(kernel.dense(of, dual))
        true = kernel.decide(layer, dual, Ball(1), _eigh).lambda_min
        for seed in range(20):
            rng = np.random.default_rng(seed)

            def guess(matrix, rng=rng, size=10.0 ** -(seed % 7)):
                return _eigh(np.array(matrix) + size * np.diag(rng.standard_normal(4)))

            try:
                found = kernel.decide(layer, dual, Ball(1), guess)
            except NotProved:
                continue
            if found.proved:
                assert ball.proves_le(found.lambda_min[0], true[1]) and ball.proves_le(
                    true[0], found.lambda_min[1]
                )


@pytest.mark.parametrize("activation", ["relu", "erf", "softplus"])
def test_bounds_of_theorem_14_h(activation):
    """phi'(0)^(H-1) phi'(1) lambda_min(K^(0)) <= lambda_min(K^(H)) <= phi'(1) - |r phi'(r)|."""
    x = np.random.default_rng(8).standard_normal((5, 30))
    unit = x / np.linalg.norm(x, axis=1)[:, None]
    least = float(np.linalg.eigvalsh(unit @ unit.T)[0])
    of = inputs(exact_rows(x, "row"))
    with ball.precision(128):
        dual = DUALS[activation](Ball(1))
        first, last = (float(dual.slope(correlation(r)) / dual.square) for r in (0.0, 1.0))
        for depth, layer in enumerate(islice(kernel.dense(of, dual), 8), 1):
            low, high = (float(v) for v in kernel.decide(layer, dual, 1 / dual.square, _eigh).lambda_min)
            bend = max(abs(float(c.cos * dual.slope(c) / dual.square)) for row in layer.rows for c in row)
            assert first ** (depth - 1) * last * least - 1e-9 <= low <= high <= last - bend + 1e-9


def test_limits_of_depth():
    """Theorem 14.H: erf to 1.2257, relu like 3/H."""
    x = exact_rows(np.random.default_rng(9).standard_normal((4, 6)), "row")
    relu, erf = (gram(GramProblem(x, name, 600)).outcome.lambda_min for name in ("relu", "erf"))
    assert 2.9 < 600 * float(relu[0]) < 3.0
    assert abs(float(erf[0]) - 2 / (np.sqrt(5) * np.arcsin(2 / 3))) < 1e-9


@pytest.mark.parametrize("activation", ["relu", "erf", "softplus"])
@pytest.mark.parametrize("depth", [2, 3, 6])
def test_bound_of_theorem_14_r(activation, depth):
    """(c_res/H)^2 E s'^2 lambda_min(phi(K^(0)) - phi(0)) from below."""
    x = exact_rows(np.random.default_rng(depth).standard_normal((4, 8)), "row")
    found = gram(GramProblem(x, activation, depth, Fraction(1, 2))).outcome
    with ball.precision(128):
        one = DUALS[activation](Ball(1))
        layer = kernel.dense_layer(kernel.start(inputs(x)), one)
        zero = float(one.product(correlation(0.0)) / one.square)
        centred = np.full((4, 4), 1 - zero)
        for i, row in enumerate(layer.rows):
            for j, c in enumerate(row, i + 1):
                centred[i, j] = centred[j, i] = float(c.cos) - zero
        dual = one
        for _ in range(depth - 2):
            layer = kernel.residual_layer(layer, dual, Ball(0.5) / depth)
            dual = DUALS[activation](layer.variance)
        bound = (0.5 / depth) ** 2 * float(dual.slope_square) * np.linalg.eigvalsh(centred)[0]
    assert 0 < bound <= float(found.lambda_min[0])
