"""The checker's loss with signs and a slope: against relu pieces at 60 digits, and plain losses that it equals."""

from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest
from mpmath import mp
from test_loss import kernel, rows, vector
from test_sharp_checker import exact, upper

from relucert_audit.format import Dyadic, Number
from relucert_audit.interval import dyadic, precision, proves_le
from relucert_audit.teacher.loss import Landscape
from relucert_audit.teacher.sharp import lipschitz_sharp, theorem_b_sharp
from relucert_audit.teacher.steps import below
from relucert_audit.teacher.theorems import Numbers

BITS = 160
SLOPES = [Fraction(0), Fraction(-1), Fraction(1, 3), Fraction(-2, 7), Fraction(99, 100)]


def sample(seed, n=2, k=2, d=2):
    """Point, targets and signs; for some seeds with parallel and opposite rows."""
    rng = np.random.default_rng(seed)
    point, targets = rng.standard_normal((n, d)), rng.standard_normal((k, d))
    if seed % 3 == 1:
        point[1], targets[0] = -2 * point[0], point[0] / 2
    if seed % 3 == 2:
        targets[0] = -4 * targets[1]
    return point, targets, rng.choice([-1, 1], n + k).tolist()


def landscape(point, targets, signs=None, slope=Fraction(0), bits=BITS):
    return Landscape(rows(point), rows(targets), bits, signs, slope)


def product(v, w, slope):
    """E sigma(v.x) sigma(w.x), sigma(t) = relu(t) - slope relu(-t)."""
    alpha = mp.mpf(slope.numerator) / slope.denominator
    minus_v, minus_w = [-x for x in v], [-x for x in w]
    mixed = kernel(v, minus_w) + kernel(minus_v, w)
    return kernel(v, w) + alpha**2 * kernel(minus_v, minus_w) - alpha * mixed


def objective(W, V, signs, slope):
    every = [
        (sign, row)
        for sign, row in zip([*signs[: len(W)], *(-b for b in signs[len(W) :])], [*W, *V], strict=True)
    ]
    return sum(a * b * product(v, w, slope) for a, v in every for b, w in every) / 2


def values(matrix, exponent):
    return np.array([[float(x) for x in row] for row in np.atleast_2d(matrix)]) * 2.0**exponent


def hessian(at):
    return values(at.hessian.mantissa, at.hessian.exponent)


def gradient(at):
    return values(at.gradient.mid, at.gradient.exponent)[0]


def near(interval, value):
    return all(abs(mp.make_mpf(end) - value) < mp.mpf(10) ** -40 for end in interval._mpi_)


@pytest.mark.parametrize("slope", SLOPES, ids=str)
@pytest.mark.parametrize("seed", range(3))
def test_objective_gradient_and_hessian(seed, slope):
    point, targets, signs = sample(seed)
    with mp.workdps(60), precision(BITS + 32):
        W, V = [vector(row) for row in point], [vector(row) for row in targets]
        at = landscape(point, targets, signs, slope)
        assert near(at.objective, objective(W, V, signs, slope))
        h, moved = mp.mpf(10) ** -12, {}

        def loss(*steps):
            if steps not in moved:
                there = [list(row) for row in W]
                for place, step in steps:
                    there[place // 2][place % 2] += step * h
                moved[steps] = objective(there, V, signs, slope)
            return moved[steps]

        slopes = [(loss((i, 1)) - loss((i, -1))) / (2 * h) for i in range(4)]
        assert np.allclose(gradient(at), [float(x) for x in slopes], rtol=0, atol=1e-10)
        for i in range(4):
            for j in range(i + 1):
                bent = sum(s * t * loss((i, s), (j, t)) for s in (1, -1) for t in (1, -1)) / (4 * h**2)
                assert abs(hessian(at)[i, j] - float(bent)) < 1e-9


@pytest.mark.parametrize("seed", range(3))
def test_the_absolute_value_is_two_neurons(seed):
    """|t| = relu(t) + relu(-t): the plain loss of (W, -W) against (V, -V), with P = (1, -1) in between."""
    point, targets, _ = sample(seed, 3, 2, 3)
    with precision(BITS + 32):
        at = landscape(point, targets, slope=Fraction(-1))
        twice = landscape(np.vstack([point, -point]), np.vstack([targets, -targets]))
        assert not proves_le(at.objective.b + 2**-100, twice.objective)
        assert not proves_le(twice.objective.b + 2**-100, at.objective)
    put = np.vstack([np.eye(9), -np.eye(9)])
    assert np.allclose(gradient(at), put.T @ gradient(twice), rtol=0, atol=1e-12)
    assert np.allclose(hessian(at), put.T @ hessian(twice) @ put, rtol=0, atol=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_a_neuron_and_its_negative_are_the_same_for_the_absolute_value(seed):
    point, targets, signs = sample(seed, 3, 2, 3)
    turned = point * np.array([[1], [-1], [1]])
    with precision(BITS + 32):
        one, two = (landscape(x, targets, signs, Fraction(-1)) for x in (point, turned))
        assert not proves_le(one.objective.b + 2**-100, two.objective)
        assert not proves_le(two.objective.b + 2**-100, one.objective)
    signs = np.repeat([1, -1, 1], 3)
    assert np.allclose(hessian(one), signs[:, None] * hessian(two) * signs, rtol=0, atol=1e-12)


def test_signs_that_are_all_1_and_the_slope_0_change_nothing():
    """To the last bit: claims about the plain loss are judged as before."""
    point, targets, _ = sample(1, 3, 2, 3)
    radius = Dyadic(1, -6)
    with precision(BITS + 32):
        one, two = landscape(point, targets), landscape(point, targets, [1] * 5)
        assert (one.hessian.mantissa == two.hessian.mantissa).all()
        assert (one.gradient.mid == two.gradient.mid).all()
        assert one.objective._mpi_ == two.objective._mpi_
        assert lipschitz_sharp(one, radius)._mpi_ == lipschitz_sharp(two, radius)._mpi_


@pytest.mark.parametrize("seed", range(4))
def test_m_is_a_mean_of_the_hessian(seed):
    """M_ij = trace(H_ij)/k (Theorem 20.M)."""
    point, targets, signs = sample(seed, 3, 2, 3)
    with precision(BITS + 32):
        at = landscape(point, targets, signs, SLOPES[seed])
        m = values(at.outside.mantissa, at.outside.exponent)
    blocks = hessian(at).reshape(3, 3, 3, 3)
    assert np.allclose(m, np.einsum("iaja->ij", blocks) / 3, rtol=0, atol=1e-12)


def test_in_a_larger_dimension_m_is_what_is_added():
    """The Hessian in R^3 of a point of R^2: its entries at the third coordinate are M."""
    point, targets, signs = sample(3, 3, 2, 2)
    with precision(BITS + 32):
        at = landscape(point, targets, signs, Fraction(-2, 7))
        m = values(at.outside.mantissa, at.outside.exponent)
        filled = landscape(
            *(np.hstack([x, np.zeros((len(x), 1))]) for x in (point, targets)), signs, Fraction(-2, 7)
        )
    blocks = hessian(filled).reshape(3, 3, 3, 3)
    assert np.allclose(m, blocks[:, 2, :, 2], rtol=0, atol=1e-12)


@pytest.mark.parametrize("seed", range(8))
def test_the_hessian_changes_no_faster_than_the_constant(seed):
    """Theorem 20.B' at the point, along directions found by power iteration."""
    point, targets, signs = sample(3 * seed, 2, 2, 3)
    slope, rng, worst, h = SLOPES[seed % 4], np.random.default_rng(seed), 0.0, 1e-6
    with precision(BITS + 32):
        least = landscape(point, targets, signs, slope)
        bound = theorem_b_sharp(least, least.norms[0] * 2**-20)
        u = rng.standard_normal(point.shape)
        for _ in range(6):
            u /= np.linalg.norm(u)
            ends = [hessian(landscape(point + step * u, targets, signs, slope)) for step in (h, -h)]
            eigenvalues, vectors = np.linalg.eigh((ends[0] - ends[1]) / (2 * h))
            at = np.abs(eigenvalues).argmax()
            worst, u = max(worst, abs(eigenvalues[at])), vectors[:, at].reshape(point.shape)
    assert 0 < worst < 1.0001 * upper(bound)


def test_the_error_of_the_hessian_grows_with_the_slope():
    """(1 - slope)^2 = 4 times that for slope 0; with few bits nothing else counts."""
    point, targets, signs = sample(0, 3, 2, 3)
    with precision(96):
        steep, bare = (landscape(point, targets, signs, Fraction(x), bits=64).hessian for x in (-1, 0))
        assert 3 * upper(bare.error) < upper(steep.error) < 5 * upper(bare.error)


@pytest.mark.parametrize(
    ("point", "signs", "slope", "distance"),
    [
        ([[0, 1], [1, 0]], [1, 1, 1, 1], 0, 0),
        ([[0, 1], [1, 0]], [1, -1, 1, -1], 0, 2),
        ([[0, 1], [1, 0]], [-1, 1, 1, -1], 0, 0),
        ([[-1, 0], [0, 1]], [1, 1, 1, 1], -1, 0),
        ([[-1, 0], [0, 1]], [1, 1, 1, 1], Fraction(-999, 1000), 2),
        ([[0, -1], [1, 0]], [1, -1, 1, -1], -1, 2),
    ],
)
def test_a_target_is_for_a_neuron_of_its_sign(point, signs, slope, distance):
    """Theorem 20.G: the distance from the targets in some order, each of them negated or not with the slope -1."""
    radius = {"lipschitz.radius": Number(Dyadic(1, -2), "0.25", "lower")}
    given = {"n": 2, "k": 2, "point": rows(point), "targets": rows(np.eye(2)), "bounds": radius}
    with precision(BITS + 32):
        own = Numbers(SimpleNamespace(**given, signs=tuple(signs), slope=Fraction(slope)), BITS)
        assert abs(upper(own.distance_to_targets()) - distance) < 1e-12


@pytest.mark.parametrize(
    ("gap", "smallest", "found"),
    [
        (Fraction(49, 100), 4, []),
        (Fraction(51, 100), 4, ["not-confirmed"]),
        (Fraction(76, 100), 4, ["rejected"]),
        (Fraction(11, 100), 0, []),
        (Fraction(13, 100), 0, ["not-confirmed"]),
        (Fraction(76, 100), 0, ["not-confirmed"]),
    ],
)
def test_the_loss_at_a_witness(gap, smallest, found):
    """Theorem W. F(W) = 1, F(Y) = 1/4, r = 1/2: F(W*) >= 1 - eps/2 = 3/4 by convexity, or 1 - 5 r^2/2 = 3/8."""
    numbers = {"distance": 2.0**-1, "objective": 1, "better": 2.0**-2, "lipschitz": 2, "eps": 2.0**-1}
    own = SimpleNamespace(**{name: dyadic(*exact(x)) for name, x in numbers.items()})
    own.spectrum = SimpleNamespace(absmax=dyadic(4, 0))
    own.everywhere = SimpleNamespace(smallest=dyadic(smallest, 0))
    number = Number(exact(float(gap)), "", "lower")
    assert [x.result for x in below(SimpleNamespace(bounds={"gap": number}), own)] == found
