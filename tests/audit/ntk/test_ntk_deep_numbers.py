"""The deep method's numbers against mpmath: activations, a run of descent, and the bend of Lemma 14.B."""

from fractions import Fraction

import numpy as np
import pytest
from mpmath import mp, mpf

from relucert_audit.digits import LIMB, limbs
from relucert_audit.format import Dyadic
from relucert_audit.interval import dyadic, precision
from relucert_audit.ntk import deep, deep_run, deep_theorem
from relucert_audit.ntk.data import Integers
from relucert_audit.ntk.deep_bend import Shape, Sizes, bend
from relucert_audit.ntk.deep_digits import add_product, split, times
from relucert_audit.ntk.deep_functions import ACTIVATIONS, Values

FUNCTIONS = {
    "softplus": (lambda z: mp.log(1 + mp.exp(z)), lambda z: 1 / (1 + mp.exp(-z))),
    "erf": (mp.erf, lambda z: 2 / mp.sqrt(mp.pi) * mp.exp(-z * z)),
    "tanh": (mp.tanh, lambda z: 1 - mp.tanh(z) ** 2),
}
MEANS = {  # by mpmath's quadrature, of 40 digits
    "softplus": "0.9212459088593002786772486868213633973956",
    "erf": "0.4645590543975399785095324081175362170113",
    "tanh": "0.3942944903978411744164597724441195605738",
}


@pytest.fixture(autouse=True)
def many_digits():
    with mp.workprec(400):
        yield


@pytest.mark.parametrize("name", FUNCTIONS)
def test_activations(name):
    p, rng = 9 * LIMB, np.random.default_rng(3)
    z = [0, 1, -1, 1 << p, -5 << p, 6 << p]
    z += [
        round(float(rng.normal(0, s)) * 2**60) << (p - 60) | int(rng.integers(1 << 62))
        for s in (1e-9, 0.1, 1)
        for _ in range(9)
    ]
    z += [] if name == "erf" else [40 << p, -(1000 << p), 10**6 << p]
    found = ACTIVATIONS[name].values(np.array(z, dtype=object), p)
    for of, missed, function in zip(found[:2], found[2:], FUNCTIONS[name], strict=True):
        worst = max(abs(int(a) - mp.ldexp(function(mp.ldexp(x, -p)), p)) for a, x in zip(of, z, strict=True))
        assert worst <= missed < 40


@pytest.mark.parametrize("name", FUNCTIONS)
def test_mean_squares(name):
    with precision(300):
        found = ACTIVATIONS[name].mean_square(230)
    low, high = (mp.mpf(end) for end in found._mpi_)
    assert high - low < mpf(2) ** -225
    assert abs(low - mpf(MEANS[name])) < mpf(10) ** -39


def integers(rng, shape, bits=30):
    a = np.array([round(float(rng.normal()) * 2**bits) for _ in range(int(np.prod(shape)))], dtype=object)
    return Integers(a.reshape(shape), -bits)


def random_problem(seed, name, depth, residual, n=2, d=3, m=4, finest=False):
    """A certificate without claims."""
    rng = np.random.default_rng(seed)
    x, y = integers(rng, (n, d)), integers(rng, (1, n))
    layers = [integers(rng, (m, m if h else d)) for h in range(depth)]
    output = integers(rng, (1, m))
    if finest:  # entries that are no multiples of the checker's unit
        x, y, output, *layers = (
            Integers((a.mantissa << 220) + 1, a.exponent - 220) for a in (x, y, output, *layers)
        )
    c_res = Fraction(1, 2) if residual else None
    return deep.Certificate("", x, y, layers, output, name, c_res, Fraction(1, 20), 0, {}, [])


class Truth:
    """The same network in mpmath."""

    def __init__(self, cert):
        self.cert, self.depth, self.m = cert, len(cert.layers), len(cert.layers[0].mantissa)
        self.x, self.y = real(cert.x), real(cert.y)[0]
        k = mp.sqrt(
            1 / (mpf(2) / mp.pi * mp.asin(mpf(2) / 3) if cert.activation == "erf" else self.mean()) / self.m
        )
        later = k if cert.c_res is None else mpf(1) / 2 / self.depth / mp.sqrt(self.m)
        self.k = [k] + [later] * (self.depth - 1)
        self.theta = [*(real(w) for w in cert.layers), real(cert.output)[0]]

    def mean(self):
        with precision(300):
            return mp.mpf(ACTIVATIONS[self.cert.activation].mean_square(230)._mpi_[0])

    def sweep(self, theta):
        """Outputs, and for each sample its row of J as a list of arrays."""
        s, slope = (np.vectorize(f, otypes=[object]) for f in FUNCTIONS[self.cert.activation])
        outputs, rows, self.gradients, self.signals = [], [], [], []
        for x in self.x:
            xs, zs = [x], []
            for h in range(self.depth):
                zs.append(theta[h] @ xs[h])
                add = xs[h] if self.cert.c_res is not None and h else 0
                xs.append(add + self.k[h] * s(zs[h]))
            outputs.append(theta[-1] @ xs[-1])
            self.signals.append(xs)
            g, row, gs = theta[-1], [xs[-1]], []
            for h in reversed(range(self.depth)):
                b = self.k[h] * slope(zs[h]) * g
                row.insert(0, np.outer(b, xs[h]))
                gs.insert(0, g)
                g = theta[h].T @ b + (g if self.cert.c_res is not None and h else 0)
            rows.append(row)
            self.gradients.append(gs)
        return np.array(outputs), rows

    def step(self, theta):
        (u, rows), eta = self.sweep(theta), mpf(self.cert.eta.numerator) / self.cert.eta.denominator
        for e, row in zip(self.y - u, rows, strict=True):
            theta = [w + eta * e * dw for w, dw in zip(theta, row, strict=True)]
        return theta


def real(a):
    return np.vectorize(lambda v: mp.ldexp(int(v), a.exponent), otypes=[object])(a.mantissa)


def length(parts):
    return mp.sqrt(sum((part**2).sum() for part in parts))


CASES = [
    ("softplus", 1, False),
    ("softplus", 3, True),
    ("erf", 2, False),
    ("tanh", 3, False),
    ("tanh", 2, True),
]


@pytest.mark.parametrize("name, depth, residual", CASES)
@pytest.mark.parametrize("finest", [False, True])
def test_runs_are_enclosed(name, depth, residual, finest):
    cert = random_problem(depth, name, depth, residual, finest=finest)
    truth, point = Truth(cert), 9
    theta, p = truth.theta, LIMB * point
    net, at = deep.network(cert, point), deep.begin(cert, point)
    for _ in range(6):
        mine = [*(deep_theorem.whole(w) for w in at.layers), at.output]
        away = length([w - real(Integers(c, -p)) for w, c in zip(theta, mine, strict=True)])
        assert away <= mp.mpf(at.r._mpi_[1])
        for w, size in zip(theta[:-1], at.norms, strict=True):
            assert largest(w) <= float(size.b) * (1 + 1e-12)
        theta, at = truth.step(theta), deep_run.run(net, at, 1)
    assert 0 < mp.mpf(at.r._mpi_[1]) < mpf(10) ** -40
    assert (away > 0) and float(mp.mpf(at.r._mpi_[1]) / away) < 1e12


def largest(w):
    return np.linalg.norm(w.astype(np.float64), 2)


SOURCES = ["x", "factors", "last factor", "values", "slopes"]


def coarse(net, source, rng):
    """The network, with one thing wrong by about 2^60 units, as it says."""
    much, off = 1 << 60, np.frompyfunc(lambda v: v + (1 << 60) * int(rng.choice([-1, 1])), 1, 1)
    if source == "x":
        return net._replace(x=off(net.x), x_off=much)
    if source == "factors":
        return net._replace(factors=[(k + much, much + 1) for k, _ in net.factors])
    if source == "last factor":
        return net._replace(factors=[*net.factors[:-1], (net.factors[-1][0] + much, much + 1)])

    def values(z, p):
        value, slope, value_error, slope_error = net.activation.values(z, p)
        if source == "values":
            return Values(off(value), slope, value_error + much, slope_error)
        return Values(value, off(slope), value_error, slope_error + much)

    return net._replace(activation=net.activation._replace(values=values))


@pytest.mark.parametrize("name, depth, residual", CASES)
@pytest.mark.parametrize("source", [None, *SOURCES])
@pytest.mark.parametrize("small", [0, 12])
def test_errors_of_a_sweep(name, depth, residual, source, small):
    """What is computed of e and J is off by no more than is said; also with small layers, that pass less on."""
    cert = random_problem(7, name, depth, residual, finest=True)
    cert = cert._replace(layers=[Integers(w.mantissa, w.exponent - small) for w in cert.layers])
    truth, net, at = Truth(cert), deep.network(cert, 9), deep.begin(cert, 9)
    net = coarse(net, source, np.random.default_rng(6)) if source else net
    with precision(64):
        of = deep_run.sweep(net, at)
        now = deep_run.bounds(net, at, of)
    p, mine = net.p, [*(deep_theorem.whole(w) for w in at.layers), at.output]
    u, rows = truth.sweep([real(Integers(c, -p)) for c in mine])
    e = np.array([mp.ldexp(int(v), -p) for v in of.e])
    missed = length([truth.y - u - e])
    assert 0 < missed <= mp.mpf(now.e_off._mpi_[1])
    wrong = []
    for i, row in enumerate(rows):
        parts = [np.outer(b[:, i], x[:, i]) for b, x in zip(of.backs, of.signals, strict=False)]
        mine = [real(Integers(part, -2 * p)) for part in parts]
        wrong += [a - b for a, b in zip(row, [*mine, real(Integers(of.signals[-1][:, i], -p))], strict=True)]
    assert 0 < length(wrong) <= mp.mpf(now.j_off._mpi_[1]) < mpf(10) ** (-50 if source is None else -30)
    flat = np.array([[float(v) for part in row for v in part.ravel()] for row in rows])
    assert np.linalg.norm(flat, 2) <= float(now.norm.b) * (1 + 1e-12)


@pytest.mark.parametrize("name, depth, residual", CASES)
@pytest.mark.parametrize("source", [None, *SOURCES])
@pytest.mark.parametrize("small", [0, 12])
def test_errors_of_each_layer(name, depth, residual, source, small):
    """Of x_h and g_h, sample by sample."""
    cert = random_problem(8, name, depth, residual)
    cert = cert._replace(layers=[Integers(w.mantissa, w.exponent - small) for w in cert.layers])
    truth, net, at = Truth(cert), deep.network(cert, 9), deep.begin(cert, 9)
    net = coarse(net, source, np.random.default_rng(6)) if source else net
    with precision(64):
        of = deep_run.sweep(net, at)
        now = deep_run.bounds(net, at, of)
    truth.sweep(truth.theta)
    for exact, mine, bounds in (
        (truth.signals, of.signals, now.x_off),
        (truth.gradients, of.gradients, now.g_off),
    ):
        for i, layers in enumerate(exact):
            for true, found, off in zip(layers, mine, bounds, strict=True):
                away = length([true - real(Integers(found[:, i], -net.p))])
                assert away <= mp.mpf(off._mpi_[1]) < mpf(10) ** (-50 if source is None else -30)


@pytest.mark.parametrize("source", SOURCES)
def test_a_step_with_errors(source):
    """r covers what a step misses, where something is wrong by much."""
    for name, depth, residual in CASES:
        cert = random_problem(7, name, depth, residual)
        truth, net, at = Truth(cert), deep.network(cert, 9), deep.begin(cert, 9)
        at = deep_run.run(coarse(net, source, np.random.default_rng(6)), at, 1)
        mine = [*(deep_theorem.whole(w) for w in at.layers), at.output]
        after = truth.step(truth.theta)
        away = length([w - real(Integers(c, -net.p)) for w, c in zip(after, mine, strict=True)])
        assert mpf(2) ** -150 < away <= mp.mpf(at.r._mpi_[1])


@pytest.mark.parametrize("name, depth, residual", CASES)
def test_second_derivatives_are_bounded(name, depth, residual):
    """Lemma 14.B at points of the ball, in the direction that a few rounds of ascent find."""
    cert = random_problem(11, name, depth, residual, n=1, m=2)
    truth, net, at = Truth(cert), deep.network(cert, 9), deep.begin(cert, 9)
    rng = np.random.default_rng(2)
    with precision(64):
        of = deep_run.sweep(net, at)
        (sizes,) = deep_theorem.sample_sizes(net, of, deep_run.bounds(net, at, of))
    shapes = [w.shape for w in truth.theta]
    for radius in (0.0, 0.25):
        with precision(64):
            Lam = float(bend(net.shape, at.norms, sizes, dyadic(int(radius * 4), -2)).b)
        best = 0.0
        for _ in range(3):
            away = rng.standard_normal(sum(int(np.prod(shape)) for shape in shapes))
            away *= radius / np.linalg.norm(away)
            hessian = second(
                truth, [w + part for w, part in zip(truth.theta, cut(away, shapes), strict=True)], shapes
            )
            best = max(best, float(np.abs(np.linalg.eigvalsh(hessian)).max()))
        assert best <= Lam and (radius or best > 0.05 * Lam)


def lemma_14_b(k, L, b, residual, omega, xi, G, gamma, R):
    """|T|, literally, in doubles."""
    H, e = len(k), np.eye(len(k) + 1)
    p, z = [np.zeros(H + 1)], [None]
    for h in range(1, H + 1):
        z.append(omega[h - 1] * p[h - 1] + (xi[h - 1] + np.linalg.norm(p[h - 1]) * R) * e[h - 1])
        p.append(k[h - 1] * L * z[h] + (p[h - 1] if residual and h > 1 else 0))
    row, total = e[H], np.outer(e[H], p[H]) + np.outer(p[H], e[H])
    for h in range(H, 0, -1):
        Gh, gh, K = G[h - 1] + np.linalg.norm(row) * R, gamma[h - 1] + np.linalg.norm(row) * R, k[h - 1]
        crossed = np.outer(e[h - 1], p[h - 1])
        total = total + K * (b * gh * np.outer(z[h], z[h]) + L * Gh * (crossed + crossed.T))
        new = K * L * Gh * e[h - 1] + omega[h - 1] * K * (b * gh * z[h] + L * row)
        row = new + (row if residual else 0)
    return np.linalg.norm(total, 2)


@pytest.mark.parametrize("seed", range(8))
def test_bend_is_the_formula(seed):
    rng = np.random.default_rng(seed)
    H, residual = 1 + seed % 4, seed >= 4
    R, numbers = seed / 4, [np.round(rng.uniform(0.5, 2, H + 1), 6) for _ in range(5)]
    k, norms, G, gamma = (list(x[:H]) for x in numbers[:4])
    xi, L, b = list(numbers[4]), 1.125, 0.25
    with precision(64):
        as_intervals = [[dyadic(round(x * 2**40), -40) for x in row] for row in (k, norms, xi, G, gamma)]
        shape = Shape(as_intervals[0], dyadic(9, -3), dyadic(1, -2), residual)
        found = float(bend(shape, as_intervals[1], Sizes(*as_intervals[2:]), dyadic(seed, -2)).b)
    exact = lemma_14_b(k, L, b, residual, [x + R for x in norms], xi, G, gamma, R)
    assert exact * (1 - 1e-9) <= found <= exact * 1.001


def cut(v, shapes):
    places = np.cumsum([int(np.prod(shape)) for shape in shapes])[:-1]
    return [part.reshape(shape) for part, shape in zip(np.split(v, places), shapes, strict=True)]


def second(truth, theta, shapes):
    """D^2 u by differences of gradients in 400 bits."""
    size, h, columns = sum(int(np.prod(shape)) for shape in shapes), mpf(2) ** -100, []
    for j in range(size):
        move = cut(np.array([h if i == j else mpf(0) for i in range(size)], dtype=object), shapes)
        ends = []
        for side in (1, -1):
            _, (row,) = truth.sweep([w + side * part for w, part in zip(theta, move, strict=True)])
            ends.append(np.concatenate([part.ravel() for part in row]))
        columns.append([float(v / (2 * h)) for v in ends[0] - ends[1]])
    hessian = np.array(columns)
    return (hessian + hessian.T) / 2


def test_start_by_a_seed():
    w, a = deep.by_seed({"seed": 5, "scale": Dyadic(3, -1)}, [(2, 3), (1, 2)])
    assert w.mantissa.shape == (2, 3) and a.mantissa.shape == (1, 2) and w.exponent == a.exponent == -22
    assert len({*w.mantissa.ravel(), *a.mantissa.ravel()}) == 8


def test_runs_that_part_stay_in_the_balls():
    """Lemma 14.S, where labels are far, so that two runs do part."""
    for name, depth, residual in CASES:
        cert = random_problem(5, name, depth, residual, n=1)
        cert = cert._replace(y=Integers(cert.y.mantissa * 0 - 60, 0), eta=Fraction(1, 100))
        truth, net, at = Truth(cert), deep.network(cert, 9), deep.begin(cert, 9)
        rng, here = np.random.default_rng(4), truth.theta
        move = [rng.standard_normal(w.shape) * 2.0**-40 for w in here]
        theta = [w + part for w, part in zip(here, move, strict=True)]
        first = length([a - b for a, b in zip(theta, here, strict=True)])
        at, parted = at._replace(r=dyadic(int(mp.ceil(mp.ldexp(first, 90))), -90)), []
        for _ in range(4):
            theta, at = truth.step(theta), deep_run.run(net, at, 1)
            mine = [*(deep_theorem.whole(w) for w in at.layers), at.output]
            away = length([w - real(Integers(c, -net.p)) for w, c in zip(theta, mine, strict=True)])
            parted.append(float(away / first))
            assert away <= mp.mpf(at.r._mpi_[1])
        assert max(parted) > 1


@pytest.mark.parametrize("point", [9, 20])
@pytest.mark.parametrize("places", [-2, -1, 0, 1, 2])
def test_a_product_is_within_two_units_however_few_its_places(point, places):
    """Also where the product has fewer places than the two that guard it: the carry is shifted through both."""
    rng, p = np.random.default_rng(point), point * LIMB
    for short in (1, 2, 4):
        long = point + places - short
        sizes = (LIMB * short - 2, LIMB * long - 2)
        left, right = (
            np.array(
                [[int(rng.integers(1 << 62)) << size >> 62 for _ in range(k)] for _ in range(m)], dtype=object
            )
            for size, (m, k) in zip(sizes, ((2, 3), (3, 2)), strict=True)
        )
        to = np.array([[5, -(1 << p)], [0, 1 << 40]], dtype=object)
        found = add_product(split(to, point + 3), left, right, point)
        whole = sum(digit.astype(object) << LIMB * i for i, digit in enumerate(found))
        exact = left @ right
        assert max(abs(((whole - to) << p) - exact).flat) <= 2 << p
        assert max(abs((times(limbs(left), right, point) << p) - exact).flat) <= 2 << p
