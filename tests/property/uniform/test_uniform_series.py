"""A1, A3 and numbers with derivatives: the truth lies in the balls, and the balls are no wider than they need be."""

from fractions import Fraction
from math import comb

import pytest
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st

import uniform_points as truth
from relucert.kernel import ball
from relucert.kernel.ball import Ball, NotProved
from relucert.kernel.uniform import dual, series
from relucert.kernel.uniform.dual import Dual
from uniform_points import MP, exact_ball, holds

BITS = 80
EVEN = (series.arcsine, series.arcsine_rest)
COEFFICIENTS = [MP.mpf(comb(2 * n, n)) / (4**n * (2 * n + 1)) for n in range(110)]
many = settings(derandomize=True, deadline=None, max_examples=120)
some = settings(derandomize=True, deadline=None, max_examples=20)
SPOTS = [Fraction(x) for x in (0, 2**-4, 2**-4 - 2**-30, 2**-4 + 2**-30, 2**-60, 0.5, 1 - 2**-20, 0.99, 0.06)]


@pytest.fixture(autouse=True)
def bits():
    with ball.precision(BITS):
        yield


def true(x, shift):
    """Value and derivative of A1 (shift 0) or A3 (shift 1)."""
    x = MP.mpf(x.numerator) / x.denominator if isinstance(x, Fraction) else MP.mpf(x)
    if abs(x) < 0.25:
        c = COEFFICIENTS[shift:]
        slopes = [2 * n * y for n, y in enumerate(c)][1:]
        return MP.polyval(c[::-1], x * x), x * MP.polyval(slopes[::-1], x * x)
    power = 1 + 2 * shift
    number = MP.asin(x) - (x if shift else 0)
    slope = 1 / MP.sqrt(1 - x**2) - (1 if shift else 0)
    return number / x**power, slope / x**power - power * number / x ** (power + 1)


@st.composite
def sines(draw):
    """A ball within (-1, 1), and an exact member."""
    spot = draw(st.sampled_from(SPOTS) | st.builds(Fraction, st.integers(0, 2**20 - 1), st.just(2**20)))
    middle = spot * draw(st.sampled_from([1, -1]))
    part = draw(st.integers(0, 255)) * Fraction(2) ** -draw(st.integers(8, 60))
    radius = Fraction(float((1 - abs(middle)) * part)).limit_denominator(2**200)
    radius = Fraction(int(radius * 2**90), 2**90)
    while radius.numerator.bit_length() > 29:
        radius = Fraction(int(radius * 2**80) // 2**60 * 2**60, 2**80) if radius > 2**-10 else Fraction(0)
    member = middle + radius * Fraction(draw(st.integers(-8, 8)), 8)
    return arb(fine(middle), fine(radius)), member


def fine(x):
    """An exact ball of a dyadic."""
    return ball.exact((x.numerator, 1 - x.denominator.bit_length()))


def test_both_forms_of_the_truth_agree():
    for shift in (0, 1):
        x = Fraction(1, 4)
        below, above = true(x - Fraction(1, 2**200), shift), true(x, shift)
        assert max(abs(y - z) for y, z in zip(below, above, strict=True)) < 1e-58
        assert (
            abs(MP.diff(lambda y, shift=shift: true(y, shift)[0], MP.mpf(0.6)) - true(MP.mpf(0.6), shift)[1])
            < 1e-30
        )


@many
@given(sines())
def test_containment(data):
    x, member = data
    for shift, of in enumerate(EVEN):
        with ball.precision(BITS):
            found = of(x)
        assert all(holds(y, z) for y, z in zip(found, true(member, shift), strict=True))


@many
@given(sines())
def test_the_ends_are_attained(data):
    """No wider than the values over the ball, and the radius of a ball (30 bits) more."""
    x, _ = data
    with ball.precision(BITS):
        low, high = (truth.exact_mp(end) for end in (x.lower(), x.upper()))
        for shift, of in enumerate(EVEN):
            value, slope = of(x)
            ends = [true(y, shift) for y in (low, high)]
            least = true(Fraction(0), shift)[0] if low < 0 < high else min(y[0] for y in ends)
            for mine, bottom, top in (
                (value, least, max(y[0] for y in ends)),
                (slope, ends[0][1], ends[1][1]),
            ):
                width = 2 * truth.exact_mp(mine.rad())
                assert width <= (top - bottom) * (1 + 2e-7) + 2e-16 * max(1, abs(top))


@pytest.mark.parametrize("x", [*SPOTS, *(-x for x in SPOTS)])
def test_thin_in_thin_out(x):
    for of in EVEN:
        value, slope = of(fine(x))
        assert float(value.rad()) < 1e-19
        assert float(slope.rad()) < (1e-17 if abs(x) < 0.995 else 1e-10)


@pytest.mark.parametrize("sign", (1, -1))
@pytest.mark.parametrize("shift, value_part, slope_part", [(0, 0.99, 0.99), (1, 0.88, 0.87)])
def test_the_remainders_matter(monkeypatch, sign, shift, value_part, slope_part):
    """Just below the switch, at high precision; with c_(N + 1) for c_N in A3, which is 11% less."""
    x = sign * (Fraction(1, 16) - Fraction(1, 2**30))
    hull = series.hull
    with ball.precision(300):
        assert all(holds(y, z) for y, z in zip(EVEN[shift](fine(x)), true(x, shift), strict=True))
        for part, which in ((value_part, 0), (slope_part, 1)):
            monkeypatch.setattr(
                series, "hull", lambda a, b, part=part: hull(a, b * part if a is series.ZERO else b)
            )
            assert not holds(EVEN[shift](fine(x))[which], true(x, shift)[which])
        monkeypatch.setattr(series, "hull", hull)


def test_the_precision_that_is_set_counts():
    with ball.precision(60):
        series.arcsine(Ball(0))
    with ball.precision(500):
        assert float(series.arcsine_rest(Ball(0))[0].rad()) < 1e-140


@pytest.mark.parametrize(
    "x",
    [
        arb(1), arb(-1), arb(2), arb(0.99, 0.02), arb(-0.99, 0.02), arb(0, 1), arb(0, 5), arb.nan(),
        arb.pos_inf(), arb.neg_inf(), arb(0, arb.pos_inf()),
    ],
)  # fmt: skip
def test_sines_of_no_angle_are_refused(x):
    for of in (*EVEN, dual.arcsine, dual.arcsine_rest):
        with pytest.raises(NotProved):
            of(x)
    with pytest.raises(NotProved):
        dual.arcsine(Dual(x, [Ball(1)]))


# --- numbers with derivatives ---------------------------------------------------------------------------

# Functions of three numbers, a constant c, and A1 and A3; together they use every operation with every kind.
FUNCTIONS = [
    lambda x, y, z, c, a1, a3: x + y - z + 1 + c,
    lambda x, y, z, c, a1, a3: (2 + x) + (c + y) + (2 - x * y) + (c - z) - (x - c) - (y - 3),
    lambda x, y, z, c, a1, a3: x * y * z - 3 * x * c + y * 2 + c * z,
    lambda x, y, z, c, a1, a3: x / y + z / 3 + y / c + 1 / z + c / x - 2 / (x * y),
    lambda x, y, z, c, a1, a3: -x / (1 + y * z) + (x - y) / (x + z) ** 2,
    lambda x, y, z, c, a1, a3: x**2 * y**3 - z**4 / (1 + x**2) + (y - z) ** 5,
    lambda x, y, z, c, a1, a3: (x * y + z).sqrt() - (1 + z**2).sqrt() / x,
    lambda x, y, z, c, a1, a3: a1(x / 4) * y + a3(y / 5 - z / 4) * x - a1(x * y / 8 - z / 9) * a3(z / 6),
    lambda x, y, z, c, a1, a3: a3((1 - (x / 4) ** 2).sqrt() / 2 - y / 9) / a1(c / 4 - x / 8),
]  # fmt: skip
dyadic = st.builds(Fraction, st.integers(2**18, 3 * 2**18), st.just(2**18))  # 1 .. 3


@some
@given(
    st.lists(dyadic, min_size=4, max_size=4),
    st.integers(3, 60),
    st.lists(st.integers(-8, 8), min_size=4, max_size=4),
)
def test_derivatives(middles, fine_by, places):
    """Over the members of balls, against difference quotients by mpmath."""
    radius = Fraction(1, 2**fine_by)
    members = [
        MP.mpf(m.numerator) / m.denominator + MP.ldexp(MP.mpf(place), -fine_by - 3)
        for m, place in zip(middles, places, strict=True)
    ]
    with ball.precision(BITS):
        *balls, c = (arb(fine(m), fine(radius)) for m in middles)
        variables = dual.variables(balls)
    *point, constant = members
    h = MP.ldexp(MP.mpf(1), -130)
    for f in FUNCTIONS:

        def at(*x, f=f):
            return f(*x, constant, truth.arcsine, truth.arcsine_rest)

        with ball.precision(BITS):
            try:
                found = f(*variables, c, dual.arcsine, dual.arcsine_rest)
                plain = f(*balls, c, dual.arcsine, dual.arcsine_rest)
            except NotProved:
                assert fine_by < 6
                continue
        if middles[1] == middles[2] and not found.value.is_finite():
            continue  # an arb power of a ball with the midpoint 0 is NaN
        assert holds(found.value, at(*point)) and holds(plain, at(*point))
        for i, slope in enumerate(found.slopes):
            if not slope.is_finite():
                assert fine_by < 6
                continue
            up, down = ([y + sign * h * (i == j) for j, y in enumerate(point)] for sign in (1, -1))
            quotient = (at(*up) - at(*down)) / (2 * h)
            assert holds(slope + arb(0, 2.0**-230), quotient)
            assert fine_by < 50 or float(slope.rad()) < 1e-9


def test_every_dual_operation_is_tested():
    """Each of its methods made 1% larger in one derivative is noticed."""
    point = [MP.mpf(1.25), MP.mpf(1.5), MP.mpf(2.5)]
    names = [
        n for n in vars(Dual) if callable(getattr(Dual, n)) and n not in ("__init__", "__radd__", "__rmul__")
    ]
    assert len(names) >= 10
    for name in [*names, "__radd__", "__rmul__"]:
        right = getattr(Dual, name)

        def wrong(*args, right=right):
            result = right(*args)
            return Dual(result.value, [x * 101 / 100 for x in result.slopes])

        setattr(Dual, name, wrong)
        try:
            assert any(not _agrees(f, point) for f in FUNCTIONS), name
        finally:
            setattr(Dual, name, right)
        assert all(_agrees(f, point) for f in FUNCTIONS)


def _agrees(f, point):
    c, h = MP.mpf(1.75), MP.ldexp(MP.mpf(1), -130)
    found = f(*dual.variables([exact_ball(x) for x in point]), exact_ball(c), dual.arcsine, dual.arcsine_rest)
    for i, slope in enumerate(found.slopes):
        up, down = (
            f(*(y + sign * h * (i == j) for j, y in enumerate(point)), c, truth.arcsine, truth.arcsine_rest)
            for sign in (1, -1)
        )
        if truth.off(slope, (up - down) / (2 * h)) > 1e-20:
            return False
    return True
