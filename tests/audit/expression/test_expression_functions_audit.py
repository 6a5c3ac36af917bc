"""The checker's own functions: their errors are as small as they say, and ranges contain, over wide arguments."""

import random

import pytest
from mpmath import mp

from makers.expression_direct import FUNCTIONS as DIRECT
from relucert_audit.exact import TooWeak
from relucert_audit.expression import functions as fn
from relucert_audit.expression import rules
from relucert_audit.expression.fixed import MOST, Ball, objects
from relucert_audit.interval import precision

PRECISIONS = (160, 640)
POINTS = {  # name: function, truth, the largest size of an argument in bits
    "exp": (fn.exp, mp.exp, 7),
    "log": (fn.log, mp.log, 200),
    "sine": (lambda x, p: (fn.sine_cosine(x, p)[0], fn.ERROR), mp.sin, 60),
    "cosine": (lambda x, p: (fn.sine_cosine(x, p)[1], fn.ERROR), mp.cos, 60),
    "arctangent": (fn.arctangent, mp.atan, 100),
    "arcsine": (fn.arcsine, mp.asin, 0),
    "tanh_half": (fn.tanh_half, lambda x: mp.tanh(x / 2), 100),
    "softplus": (fn.softplus, DIRECT["softplus"], 100),
    "erf": (fn.erf, mp.erf, 7),
}


def arguments(name, p, most, count, rng):
    found = [0, 1, -1, 1 << p, -(1 << p)]
    while len(found) < count:
        x = int(rng.uniform(-1, 1) * 2**53) * 2 ** (p - 53) * 2 ** rng.randint(0, most) >> rng.randint(
            0, p // 2
        )
        found.append(x + rng.randint(-1, 1) if abs(x) < 1 << p else x)
    found = [x for x in found if name != "log" or x > 0]
    return objects([min(x, 100 << p) if name == "exp" else x for x in found])


@pytest.mark.parametrize("p", PRECISIONS)
@pytest.mark.parametrize("name", POINTS)
def test_errors_are_as_small_as_said(name, p):
    f, truth, most = POINTS[name]
    x = arguments(name, p, most, 60 if p == 160 else 20, random.Random(name))  # noqa: S311
    with precision(p + 32):
        found, error = f(x, p)
    with mp.workprec(2 * p + 600):
        unit = mp.mpf(2) ** -p
        for a, b in zip(x, found, strict=True):
            assert abs(truth(int(a) * unit) / unit - int(b)) <= error


@pytest.mark.parametrize("p", PRECISIONS)
@pytest.mark.parametrize("name", ["exp", "tanh_half", "softplus", "erf", "sine", "cosine", "arctangent"])
def test_errors_of_large_arguments_are_as_small_as_said(name, p):
    """Each alone: guard digits follow the largest. erf is 1 within a unit beyond 11 (21 with 640 bits)."""
    f, truth, _ = POINTS[name]
    for eighths in (9, 21, 37, 43, 61, 83, 131, 167, 333, 799):
        for a in ((eighths << p) // 8 + 1, -(eighths << p) // 8):
            with precision(p + 32):
                found, error = f(objects([a]), p)
            with mp.workprec(2 * p + 600):
                unit = mp.mpf(2) ** -p
                assert abs(truth(a * unit) / unit - int(found[0])) <= error, eighths


def test_constants():
    for p in PRECISIONS:
        with mp.workprec(p + 99), precision(p + 32):
            unit = mp.mpf(2) ** -p
            assert abs(mp.log(2) / unit - fn.log_2(p)) <= 2
            assert abs(mp.pi / 2 / unit - fn.half_pi(p)) <= 2
            assert abs(2 / mp.sqrt(mp.pi) / unit - fn.two_by_root_pi(p)) <= 1


def derivative(name, order, x):
    """By differences, of functions that are smooth around x."""
    f, h = DIRECT[name], mp.mpf(2) ** -80
    if order == 0:
        return f(x)
    if order == 1:
        return (f(x + h) - f(x - h)) / (2 * h)
    return (f(x + h) - 2 * f(x) + f(x - h)) / (h * h)


DOMAINS = {"log": (0.001, 9), "sqrt": (0.001, 9), "asin": (-0.99, 0.99)}
NAMES = [*rules.FUNCTIONS, "sin", "cos"]


def ranges(name, a, b, p):
    mid, rad = (a + b) >> 1, (b - a + 1) >> 1
    with precision(p + 32):
        return rules.unary(name, Ball(objects([mid]), objects([rad])), p, 2)


@pytest.mark.parametrize("name", NAMES)
def test_ranges_contain_and_are_tight(name):
    p, rng = 160, random.Random(f"{name} range")  # noqa: S311
    low, high = DOMAINS.get(name, (-6, 6))
    for width in (6, 1, 0.1, 1e-3, 1e-9):
        a = rng.uniform(low, max(high - width, low))
        b = min(a + width, high)
        found = ranges(name, int(a * 2**p), int(b * 2**p), p)
        with mp.workprec(600):
            xs = [a + (mp.mpf(b) - a) * k / 40 for k in range(41)]
            for order, ball in enumerate(found):
                m, r = (mp.mpf(int(x[0])) * mp.mpf(2) ** -p for x in ball)
                ys = [derivative(name, order, x) for x in xs]
                assert all(abs(y - m) <= r + mp.mpf(2) ** -90 for y in ys)
                spread = (max(ys) - min(ys)) / 2
                loose = width**2 + 1e-30 if name in ("sin", "cos") else spread / 50 + 1e-30
                assert r <= spread + loose


TURNS = [
    *(("tanh", 2, 0.6584789484624083), ("sigmoid", 2, 1.3169578969248166), ("erf", 2, 0.7071067811865476)),
    *(
        ("atan", 2, 0.5773502691896258),
        ("tanh", 1, 0.0),
        ("softplus", 2, 0.0),
        ("asin", 1, 0.0),
        ("erf", 1, 0.0),
    ),
]


@pytest.mark.parametrize(("name", "order", "place"), TURNS)
@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("width", [1e-3, 1e-8, 1e-14])
def test_turning_points(name, order, place, sign, width):
    """Intervals around the turning points, where both ends are lower than the middle."""
    p = 160
    ball = ranges(name, int((sign * place - width) * 2**p), int((sign * place + width) * 2**p), p)[order]
    with mp.workprec(500):
        step = mp.mpf(2) ** -30

        def rise(x):
            return derivative(name, order, x + step) - derivative(name, order, x - step)

        true = derivative(name, order, mp.findroot(rise, sign * place))
        m, r = (mp.mpf(int(x[0])) * mp.mpf(2) ** -p for x in ball)
        assert abs(true - m) <= r + mp.mpf(2) ** -90
        assert r <= 10 * width**2 + mp.mpf(2) ** -140


@pytest.mark.parametrize("n", [-5, -4, -1, 3, 4, 7, 1000, -1000])
def test_powers(n):
    p, rng = 640, random.Random(n)  # noqa: S311
    for _ in range(20):
        a, b = sorted(rng.uniform(-1.2, 1.2) for _ in range(2))
        if n < 0:
            a, b = sorted((rng.uniform(0.9, 1.1), rng.uniform(0.9, 1.2)))
        lo, hi = int(a * 2**p), int(b * 2**p)
        ball = Ball(objects([(lo + hi) >> 1]), objects([(hi - lo + 1) >> 1]))
        with mp.workprec(1000):
            for k, found in enumerate(rules.powers(ball, n, p, 2)):
                m, r = (mp.mpf(int(x[0])) * mp.mpf(2) ** -p for x in found)
                factor = (1, n, n * (n - 1))[k]
                ys = [factor * (mp.mpf(a) + (mp.mpf(b) - a) * j / 20) ** (n - k) for j in range(21)]
                ys += [mp.mpf(0)] * (a <= 0 <= b and n - k > 0)
                assert all(abs(y - m) <= r + mp.mpf(2) ** -500 for y in ys)
                assert r <= (max(ys) - min(ys)) / 2 * mp.mpf("1.0001") + mp.mpf(2) ** -500


def test_what_is_too_large_is_refused():
    p = 160
    for f, x in ((fn.exp, (MOST + 1) << p), (fn.sine_cosine, 1 << (p + 64))):
        with pytest.raises(TooWeak):
            f(objects([x]), p)
    with pytest.raises(TooWeak):
        rules.power(Ball(objects([1 << 300]), objects([0])), 1000, p)
