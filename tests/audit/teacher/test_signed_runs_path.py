"""The checker's iterates and bounds for signs and slopes: against 400-bit arithmetic that knows the four quadrants of
two activations only, and against inputs where the bounds are attained."""

from fractions import Fraction

import mpmath as mp
import numpy as np
import pytest
from test_runs_path import distance, dot, integers, numbers

from relucert_audit.exact import TooWeak
from relucert_audit.format import Dyadic
from relucert_audit.interval import precision
from relucert_audit.teacher import runs_curvature as curvature
from relucert_audit.teacher.loss import Landscape
from relucert_audit.teacher.network import Network, plain
from relucert_audit.teacher.runs_path import Path

TENTH, UNIT = Fraction(1, 10), 2.0**curvature.FINE
SLOPES = [Fraction(x) for x in ("0", "-1", "1/3", "-1/2", "999/1000", "-999/1000")]


@pytest.fixture(autouse=True)
def many_bits():
    with mp.workprec(400):
        yield


def random_network(seed, n, k, slope):
    weights = np.random.default_rng(seed).choice([-1, 1], n + k).tolist()
    return Network(tuple(weights[:n]), tuple(weights[n:]), slope)


def pull(w, z):
    """g(w, z), the derivative of E relu(w.x) relu(z.x) in w."""
    p, q = mp.sqrt(dot(w, w)), mp.sqrt(dot(z, z))
    near, far = ([a / p + e * b / q for a, b in zip(w, z, strict=True)] for e in (-1, 1))
    t = 2 * mp.atan2(mp.sqrt(dot(near, near)), mp.sqrt(dot(far, far)))
    return [(q * mp.sin(t) * a / p + (mp.pi - t) * b) / (2 * mp.pi) for a, b in zip(w, z, strict=True)]


def minus(z):
    return [-x for x in z]


def stepped(W, s, network):
    """One step, by sigma(t) = relu(t) - slope relu(-t) in both factors."""
    alpha = mp.mpf(network.slope.numerator) / network.slope.denominator
    targets = [[mp.mpf(int(i == j)) for j in range(len(W[0]))] for i in range(len(W[0]))]
    after = []
    for w, signs in zip(W, network.signs, strict=True):
        g = [mp.mpf(0)] * len(w)
        for z, sign in zip(W + targets, signs, strict=True):
            parts = [pull(w, z), pull(minus(w), minus(z)), pull(w, minus(z)), pull(minus(w), z)]
            for j, (a, b, c, d) in enumerate(zip(*parts, strict=True)):
                g[j] += sign * (a - alpha**2 * b - alpha * (c - d))
        after.append([x - y * s.numerator / s.denominator for x, y in zip(w, g, strict=True)])
    return after


def starts():
    generator = np.random.default_rng(5)
    for n, k in ((1, 1), (2, 1), (3, 2)):
        yield generator.standard_normal((n, k)) / np.sqrt(k)
    W = generator.standard_normal((3, 3))
    W[1] = W[0] + 2.0**-40 * W[1]  # nearly parallel, then antiparallel
    yield W
    W[1] = -2 * W[0]
    yield W
    yield np.eye(2) * np.array([[1.0], [-1.0]])


@pytest.mark.parametrize("slope", SLOPES, ids=str)
def test_each_step_is_within_delta_of_the_exact_one(slope):
    p = 96
    for seed, W in enumerate(starts()):
        network = random_network(seed, *W.shape, slope)
        path = Path(integers(W, p), Fraction(19, 10), p, network)
        for _ in range(3):
            before = numbers(path.rows, p)
            try:
                delta = path.step()
            except TooWeak:
                break
            off = distance(numbers(path.rows, p), stepped(before, Fraction(19, 10), network)) * mp.mpf(2) ** p
            assert off <= delta < 2**40, W


def test_the_path_stays_in_its_enclosure():
    p, network = 96, Network((1, -1, 1), (1, -1), Fraction(-1, 2))
    W = np.random.default_rng(1).standard_normal((3, 2)) / 2
    exact, path, r = numbers(integers(W, p), p), Path(integers(W, p), TENTH, p, network), 0
    for t in range(25):
        if r:
            r = -(-r * curvature.reference(path, r, curvature.EXACTLY).growth >> curvature.FINE)
        r, exact = r + path.step(), stepped(exact, TENTH, network)
        assert distance(exact, numbers(path.rows, p)) * mp.mpf(2) ** p <= r, t
    assert r < 2**24


def quadrant(w, z):
    """E 1{w.x > 0} 1{z.x > 0} x x^T, section 1 of docs/theorem/teacher.md."""
    u, v = w / np.linalg.norm(w), z / np.linalg.norm(z)
    t = 2 * np.arctan2(np.linalg.norm(u - v), np.linalg.norm(u + v))
    s, c, eye = np.sin(t), np.cos(t), np.eye(len(w))
    if s < 1e-9:
        return (np.pi - t) / (2 * np.pi) * eye
    turned = np.outer(u - c * v, v) + np.outer(v - c * u, u)
    return ((np.pi - t) * eye + turned / s) / (2 * np.pi)


def crossed(W, network):
    """G: the mean of sigma'(w_i.x) sigma'(w_j.x) x x^T, by quadrants, with the signs."""
    n, k = W.shape
    alpha, G = float(network.slope), np.zeros((n * k, n * k))
    for i in range(n):
        for j in range(n):
            w, z = W[i], W[j]
            block = quadrant(w, z) + alpha**2 * quadrant(-w, -z) + alpha * (quadrant(w, -z) + quadrant(-w, z))
            sign = network.neurons[i] * network.neurons[j]
            G[i * k : i * k + k, j * k : j * k + k] = sign * block
    return G


def norms(W, network):
    """Of the blocks of G, in the spectral norm."""
    n, k = W.shape
    return np.linalg.norm(crossed(W, network).reshape(n, k, n, k).transpose(0, 2, 1, 3), ord=2, axis=(2, 3))


def own_blocks(W, network):
    """C_i: sum of (+-) d2f/dw2."""
    k = W.shape[1]
    every, found = np.vstack([W, np.eye(k)]), []
    for i, signs in enumerate(network.signs):
        p, C = np.linalg.norm(W[i]), np.zeros((k, k))
        for z, sign in ((z, sign) for z, sign in enumerate(signs) if z != i):
            u = W[i] / p
            v = every[z] - (every[z] @ u) * u
            if (size := np.linalg.norm(v)) > 1e-9:
                C += sign * (size * (np.eye(k) - np.outer(u, u)) + np.outer(v, v) / size) / (2 * np.pi * p)
        found.append(C)
    return found


def hessian(W, network):
    k = W.shape[1]
    H = crossed(W, network)
    for i, C in enumerate(own_blocks(W, network)):
        H[i * k : i * k + k, i * k : i * k + k] += (1 - float(network.slope)) ** 2 * C
    return H


def path_at(W, network, s=TENTH, p=160):
    return Path(integers(W, p), s, p, network)


def test_the_hessian_here_is_the_derivative_of_the_gradient():
    """So the pieces that the bounds below are compared with are those of one F."""
    W, network = np.random.default_rng(0).standard_normal((2, 2)), Network((1, -1), (1, 1), Fraction(-1, 3))
    away, one = np.random.default_rng(1).standard_normal((2, 2)) * 2.0**-60, Fraction(1)
    start = [[mp.mpf(x) for x in row] for row in W.tolist()]
    beside = [
        [x + mp.mpf(y) for x, y in zip(*rows, strict=True)] for rows in zip(start, away.tolist(), strict=True)
    ]
    ends = [stepped(X, one, network) for X in (start, beside)]
    change = [float((b - a) * 2**60) for rows in zip(*ends, strict=True) for a, b in zip(*rows, strict=True)]
    u = away.ravel() * 2.0**60
    assert change == pytest.approx(u - hessian(W, network) @ u, abs=1e-10)


@pytest.mark.parametrize("slope", SLOPES, ids=str)
def test_bounds_hold_and_are_near_the_truth(slope):
    for seed, shape in enumerate([(1, 3), (2, 1), (4, 3), (6, 6)]):
        W, network = np.random.default_rng(seed).standard_normal(shape), random_network(seed, *shape, slope)
        values, bend = np.linalg.eigvalsh(hessian(W, network)), (1 - float(slope)) ** 2
        blocks = np.concatenate([np.linalg.eigvalsh(C) for C in own_blocks(W, network)])
        lowest, highest = bend * blocks.min(), bend * blocks.max()
        near = curvature.reference(path_at(W, network), 1, curvature.SHARPLY)
        largest, c = near.largest / UNIT, (near.growth / UNIT - 1) * 10
        whole = min(np.linalg.eigvalsh(norms(W, network))[-1], shape[0] * (1 + float(slope) ** 2) / 2)
        assert values[-1] <= highest + whole + 1e-9 <= largest + 2e-9
        assert largest <= highest * 1.02 + whole + 0.01 * bend + 1e-5
        assert -values[0] <= c + 1e-9
        assert -lowest <= c + 1e-9 <= -lowest * 1.02 + 0.01 * bend + 1e-6


@pytest.mark.parametrize("slope", SLOPES, ids=str)
def test_lambda_max_on_a_ball(slope):
    """It grows by Theorem 20.B at least, as the checker of points has it, and by what C adds."""
    W, network = np.random.default_rng(3).standard_normal((4, 3)), random_network(1, 4, 3, slope)
    rho = Dyadic(1, -20)
    at = Landscape(
        [[Dyadic(x, -40) for x in row] for row in integers(W, 40)],
        [[Dyadic(int(i == j), 0) for j in range(3)] for i in range(3)],
        160,
        network.weights,
        slope,
    )
    with precision(160):
        lipschitz = float(at.lipschitz(rho).b.mid)
    small, large = (curvature.reference(path_at(W, network), r, curvature.SHARPLY) for r in (1, 1 << 140))
    grown = (large.largest - small.largest) / UNIT * 2**20
    assert lipschitz * 0.999 < grown < lipschitz * 2


@pytest.mark.parametrize("slope", SLOPES, ids=str)
@pytest.mark.parametrize("sign", [1, -1])
def test_growth_is_attained(slope, sign):
    """At two equal neurons with one output weight, moved apart: G gives nothing, C_i = C. So 1% less would be wrong."""
    W = np.random.default_rng(2).standard_normal((1, 3)).repeat(2, axis=0)
    network = Network((sign, sign), (sign, -1, sign), slope)
    value, vectors = np.linalg.eigh(own_blocks(W, network)[0])
    away = np.stack([vectors[:, 0], -vectors[:, 0]]).ravel()
    true = away @ hessian(W, network) @ away / 2
    near = curvature.reference(path_at(W, network), 1, curvature.EXACTLY)
    c = (near.growth / UNIT - 1) * 10
    assert value[0] < -1e-2
    assert 0.99 * c < -true <= c + 1e-9


@pytest.mark.parametrize("slope", SLOPES, ids=str)
def test_lambda_max_is_attained(slope):
    """At neurons of one direction, all made longer, each by its output weight: C_i has nothing along w_i."""
    W = np.random.default_rng(1).standard_normal((1, 4)) * np.array([[1.0], [2.0], [0.5]])
    network = Network((1, -1, 1), (1, 1, -1, 1), slope)
    longer = (np.array(network.neurons)[:, None] * W[:1]).ravel()
    true = longer @ hessian(W, network) @ longer / (longer @ longer)
    mixed = curvature.mixed(path_at(W, network)) / UNIT
    assert true == pytest.approx(1.5 * (1 + float(slope) ** 2), rel=1e-9)
    assert 0.99 * mixed < true <= mixed + 1e-9


@pytest.mark.parametrize("slope", SLOPES, ids=str)
def test_norms_of_blocks(slope):
    """N_ij is the norm of block (i, j) of G: the bound of its largest eigenvalue is that of the matrix N."""
    W, network = np.random.default_rng(3).standard_normal((5, 4)), random_network(3, 5, 4, slope)
    W[1], W[2] = -W[0], 3 * W[0]
    found = curvature.mixed(path_at(W, network)) / UNIT
    assert 0 <= found - np.linalg.eigvalsh(norms(W, network))[-1] + 1e-9 < 1e-5
    assert np.linalg.eigvalsh(crossed(W, network))[0] > -1e-9


def test_how_fast_blocks_change():
    """Lemma 20.C on a ball, against many points of it; the Hessian of a slope, (1 - slope)^2 times Theorem B."""
    generator, network = np.random.default_rng(3), random_network(3, 3, 3, Fraction(-1))
    W = generator.standard_normal((3, 3))
    radius = 0.3 * np.linalg.norm(W, axis=1).min()
    size = curvature.lengths(path_at(W, network))
    found = curvature.slopes(size, 3, int(radius * UNIT))
    bounds, first = np.array(found.blocks) / UNIT, own_blocks(W, network)
    for _ in range(100):
        away = generator.standard_normal((3, 3)) * (generator.random((3, 1)) < 0.5)
        X = W + radius * away / max(np.linalg.norm(away), 1e-9)
        for one, other, bound in zip(first, own_blocks(X, network), bounds, strict=True):
            assert np.abs(np.linalg.eigvalsh(one - other)).max() <= bound
        whole = np.abs(np.linalg.eigvalsh(hessian(X, network) - hessian(W, network))).max()
        assert whole <= 4 * found.whole / UNIT * radius


def test_a_plain_network_is_the_one_of_signs_1_and_slope_0():
    W = np.random.default_rng(4).standard_normal((3, 3))
    paths = [Path(integers(W, 96), TENTH, 96, *given) for given in ((), (plain(3, 3),))]
    turned = Path(integers(W, 96), TENTH, 96, Network((-1,) * 3, (-1,) * 3))  # the same F
    for _ in range(3):
        assert len({path.step() for path in (*paths, turned)}) == 1
        assert paths[0].rows == paths[1].rows == turned.rows
    references = {curvature.reference(path, 1, curvature.EXACTLY)[2:] for path in (*paths, turned)}
    assert len(references) == 1


@pytest.mark.parametrize("slope", SLOPES, ids=str)
def test_steps_that_are_too_large(slope):
    """Of one neuron with the target on it: the Hessian is (1 + slope^2)/2 times the identity, and that is known."""
    most, W = 4 / (1 + slope**2), np.array([[1.0]])
    network = Network((1,), (1,), slope)
    with pytest.raises(TooWeak, match="above"):
        path_at(W, network, most * Fraction(1001, 1000))
    near = curvature.reference(path_at(W, network, most * Fraction(99, 100)), 1, curvature.EXACTLY)
    assert near.largest / UNIT == pytest.approx((1 + float(slope) ** 2) / 2, rel=1e-5)
