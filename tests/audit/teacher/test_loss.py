"""Enclosures of the landscape against the formulas evaluated at 400 bits by other means."""

import random

import numpy as np
import pytest
from mpmath import mp

from relucert_audit.format import Dyadic
from relucert_audit.interval import precision, proves_le
from relucert_audit.teacher.loss import Landscape


def rows(values):
    """Exact dyadics of a table of floats."""
    out = []
    for row in values:
        out.append([])
        for x in row:
            numerator, denominator = float(x).as_integer_ratio()
            out[-1].append(Dyadic(numerator, 1 - denominator.bit_length()))
    return out


def vector(row):
    return [mp.mpf(float(x)) for x in row]


def norm(v):
    return mp.sqrt(mp.fdot(v, v))


def angle(v, w):
    """Kahan's formula, unlike the checker's."""
    v, w = [x / norm(v) for x in v], [x / norm(w) for x in w]
    minus, plus = [x - y for x, y in zip(v, w, strict=True)], [x + y for x, y in zip(v, w, strict=True)]
    return 2 * mp.atan2(norm(minus), norm(plus))


def kernel(v, w):
    if norm(w) == 0 or norm(v) == 0:
        return mp.mpf(0)
    t = angle(v, w)
    return norm(v) * norm(w) * (mp.sin(t) + (mp.pi - t) * mp.cos(t)) / (2 * mp.pi)


def objective(W, V):
    total = sum(kernel(a, b) for a in W for b in W) + sum(kernel(a, b) for a in V for b in V)
    return total / 2 - sum(kernel(a, b) for a in W for b in V)


def gradient(W, V):
    out = []
    for i, w in enumerate(W):
        g = [x / 2 for x in w]
        for sign, z in [(1, z) for j, z in enumerate(W) if j != i] + [(-1, z) for z in V]:
            if norm(z):
                t = angle(w, z)
                scale = norm(z) * mp.sin(t) / norm(w)
                g = [
                    x + sign * (scale * y + (mp.pi - t) * u) / (2 * mp.pi)
                    for x, y, u in zip(g, w, z, strict=True)
                ]
        out += g
    return out


def hessian(W, V):
    """Central differences of the gradient, error about the square of the step."""
    n, d, step = len(W), len(W[0]), mp.mpf(2) ** -100
    columns = []
    for i in range(n):
        for a in range(d):
            sides = []
            for sign in (1, -1):
                moved = [list(row) for row in W]
                moved[i][a] += sign * step
                sides.append(gradient(moved, V))
            columns.append([(x - y) / (2 * step) for x, y in zip(*sides, strict=True)])
    return columns


def inside(x, value, slack=0):
    low, high = (mp.mpf(end) for end in x._mpi_)
    return low - slack <= value <= high + slack


def cases():
    rng = random.Random(3)  # noqa: S311
    gauss = lambda n, d, s=1.0: [[s * rng.gauss(0, 1) for _ in range(d)] for _ in range(n)]  # noqa: E731
    yield "generic", gauss(3, 3), gauss(2, 3)
    yield "one neuron", gauss(1, 2), gauss(3, 2)
    yield "nearly parallel", [[1.0, 0.0], [1.0, 1e-12]], [[-1.0, 1e-13], [1.0, 2.0]]
    yield "large and small", gauss(2, 2, 1e8), gauss(2, 2, 1e-8)


FLAT = [
    ([[1.0, 0.0], [2.0, 0.0]], [[3.0, 0.0], [0.0, 1.0]]),
    ([[1.0, 0.0], [-2.0, 0.0]], [[-1.0, 0.0], [4.0, 0.0]]),
    ([[0.5], [-0.7], [2.0]], [[1.0], [-1.0]]),
]


def check(W, V, bits, hessian_slack):
    with precision(bits + 32), mp.workprec(400):
        land, w, v = Landscape(rows(W), rows(V), bits), [vector(r) for r in W], [vector(r) for r in V]
        size = max(norm(r) for r in w + v)
        assert inside(land.objective, objective(w, v), size**2 * mp.mpf(2) ** -380)
        assert mp.mpf(land.objective.delta._mpi_[1]) <= size**2 * mp.mpf(2) ** (20 - bits)
        expected, g = gradient(w, v), land.gradient
        assert inside(g.norm, norm(expected), size * mp.mpf(2) ** -350)
        near = [mp.mpf(int(m)) * mp.mpf(2) ** g.exponent for m in g.mid]
        distance = norm([x - y for x, y in zip(near, expected, strict=True)])
        assert distance <= mp.mpf(g.error._mpi_[1]) + size * mp.mpf(2) ** -350
        h, full = land.hessian, hessian(w, v)
        error = mp.mpf(h.error._mpi_[1])
        assert (h.mantissa == h.mantissa.T).all()
        difference = mp.matrix(
            [[mp.mpf(int(m)) * mp.mpf(2) ** h.exponent for m in row] for row in h.mantissa]
        ) - mp.matrix(full)
        assert mp.mnorm(difference, "f") <= error + hessian_slack
        assert error <= mp.mnorm(mp.matrix(full), "f") * mp.mpf(2) ** -64


@pytest.mark.parametrize("bits", [120, 300])
@pytest.mark.parametrize("case", list(cases()), ids=lambda case: case[0])
def test_enclosures(case, bits):
    scale = 1e40 if case[0] == "large and small" else 1
    check(case[1], case[2], bits, mp.mpf(2) ** -100 * scale)


@pytest.mark.parametrize("case", FLAT)
def test_exactly_parallel(case):
    """There the Hessian is continuous but not differentiable: differences err by about the step."""
    check(*case, 120, mp.mpf(2) ** -90)
    with precision(152):
        land = Landscape(rows(case[0]), rows(case[1]), 120)
        assert all(land.pair(0, 1).flat for _ in (0,))
        assert land.pair(0, 1).sine == 0


def test_lipschitz_constants_hold():
    """No difference quotient of the Hessian on the ball exceeds Theorem B's constant, and that one not
    L_A."""
    rng = np.random.default_rng(0)
    for n, k, d in ((2, 2, 2), (3, 3, 3), (3, 2, 4), (1, 2, 2)):
        W, V = rng.standard_normal((n, d)), rng.standard_normal((k, d))
        radius = Dyadic(1, -4)
        if np.linalg.norm(W, axis=1).min() < 0.1:
            continue
        with precision(150):
            land = Landscape(rows(W), rows(V), 120)
            bound = land.lipschitz(radius)
            if n > 1:
                assert proves_le(bound, land.lipschitz_paper(radius))
            middle = floats(land)
            for _ in range(20):
                move = rng.standard_normal((n, d))
                move *= 2.0**-4 / np.linalg.norm(move)
                other = floats(Landscape(rows(W + move), rows(V), 120))
                quotient = np.linalg.norm(middle - other, 2) / np.linalg.norm(move)
                assert quotient <= float(mp.mpf(bound._mpi_[1]))


def floats(land):
    return land.hessian.mantissa.astype(float) * 2.0**land.hessian.exponent


def test_lipschitz_value():
    """One neuron of norm 1, one target of norm 2, radius 1/2: Theorem B by hand is 3 sqrt 3/(4 pi)
    2/(1/4)."""
    with precision(150), mp.workprec(200):
        land = Landscape(rows([[0.0, 1.0]]), rows([[2.0, 0.0]]), 120)
        assert inside(land.lipschitz(Dyadic(1, -1)), 6 * mp.sqrt(3) / mp.pi)
        land = Landscape(rows([[0.0, 1.0], [2.0, 0.0]]), rows([[0.0, 3.0]]), 120)
        value = 2 / (mp.pi * mp.mpf("0.25")) * (mp.sqrt(2) * 3 + 3)
        assert inside(land.lipschitz_paper(Dyadic(1, -1)), value)
        simple = 3 * mp.sqrt(3) / (4 * mp.pi) * (2.5 + 3) / 0.25 + 3 / (mp.pi * 0.5)
        assert inside(land.lipschitz(Dyadic(1, -1)), simple)


def test_the_gradient_may_be_0_where_it_is():
    with precision(152):
        for W in ([[1.0]], [[1.0, 2.0], [3.0, -1.0]], [[0.0, 1e-30], [1e30, 0.0]]):
            assert Landscape(rows(W), rows(W), 120).gradient.norm.a == 0


@pytest.mark.parametrize(
    ("mid", "radius", "n", "worst"),
    [
        (1, 1, 1, 1 + 2 + 22),  # 2 radius + 10 (|g| + 1) + 2, |g| rounded up
        (3, 5, 1, 1 + 10 + 42),
        (-3, 5, 1, 1 + 10 + 42),
        (0, 3, 1, 1 + 6 + 12),
        (0, 9, 2, 9 + 18 + 18 + 21),  # above 1 + 2 (18 + 12)
        (0, 0, 2, 1 + 2 * 12),  # above 21
        (1, 0, 2, 1 + 2 * 22),
    ],
)
def test_the_error_of_the_hessian_is_that_of_the_documentation(monkeypatch, mid, radius, n, worst):
    """docs/audit.md, with coefficients (mid, radius) put in; the last floor adds 1, and 2 n is n d."""
    monkeypatch.setattr("relucert_audit.teacher.loss.to_fixed", lambda _, bits: (mid << bits, radius))
    with precision(112):
        land = Landscape(rows([[1.0, 0.0], [1.0, 1.0]][:n]), rows([[0.0, 1.0]]), 80)
        h = land.hessian
        assert h.exponent == -80
        assert h.error == 2 * n * (worst + 1) * mp.mpf(2) ** -80


def test_the_integers_of_the_hessian_are_symmetric():
    """At this point a product of rounded factors was not, by 1 unit of 2^-160."""
    with precision(192):
        own = Landscape(rows([[1, 0, 0]]), rows([[0, 1, 2], [0, 1, -2]]), 160).hessian.mantissa
    assert (own == own.T).all()


def test_digits_that_are_dropped_count_as_an_error():
    with precision(332), mp.workprec(400):
        h = Landscape(rows([[1.0, 0.0], [1.0, 1.0]]), rows([[0.0, 1.0]]), 300).hessian
        assert h.bits == 88
        assert max(int(x).bit_length() for x in np.abs(h.mantissa).reshape(-1)) == 88
        assert 4 * mp.mpf(2) ** h.exponent < mp.mpf(h.error._mpi_[0]) < 4.001 * mp.mpf(2) ** h.exponent
