"""Containment of every interval operation that the checker uses, against ball arithmetic at higher
precision."""

import random

import flint
import pytest
from mpmath import iv, libmp

from relucert_audit import interval as ia


@pytest.fixture(autouse=True)
def reference_precision():
    before, flint.ctx.prec = flint.ctx.prec, 1200
    yield
    flint.ctx.prec = before


def ball(man, exp=0):
    return flint.arb(flint.fmpz(man)) * flint.arb(2) ** exp


def ends(x):
    out = []
    for sign, man, exp, _ in x._mpi_:
        out.append(ball(-int(man) if sign else int(man), int(exp)))
    return out


def contains(x, value):
    """No part of the ball is proved outside x (the ball is far thinner than x, unless x is a point)."""
    low, high = ends(x)
    return not value < low and not value > high


def numbers(seed, count=60):
    rng = random.Random(seed)  # noqa: S311
    for _ in range(count):
        yield rng.choice([1, -1]) * rng.getrandbits(rng.choice([3, 53, 200])), rng.choice([0, -60, -200, 90])


@pytest.mark.parametrize("bits", [53, 192])
def test_field_operations(bits):
    with ia.precision(bits):
        for (m, e), (p, q) in zip(numbers(1), numbers(2), strict=True):
            x, y, u, v = ia.dyadic(m, e), ia.dyadic(p, q), ball(m, e), ball(p, q)
            assert contains(x, u)
            assert contains(x + y, u + v)
            assert contains(x - y, u - v)
            assert contains(x * y, u * v)
            assert contains(-x, -u)
            assert contains(x**2, u**2)
            assert contains(x**3, u**3)
            assert contains(3 * x / 4, 3 * u / 4)
            if p:
                assert contains(x / y, u / v)
            assert contains(ia.root(x * x), abs(u))
            assert contains(ia.root(ia.dyadic(abs(m), e)), ball(abs(m), e).sqrt())
            wide = ia.enclosure(min(m, m + 5), m + 5, e)
            for inside in (m, m + 3, m + 5):
                assert contains(wide * y, ball(inside, e) * v)
                assert contains(wide - y, ball(inside, e) - v)


def test_division_by_an_interval_around_zero_proves_nothing():
    x = ia.dyadic(1, 0) / ia.enclosure(-1, 1, 0)
    assert not ia.proves_lt(x, ia.dyadic(10**9, 0))
    assert not ia.proves_lt(ia.dyadic(-(10**9), 0), x)
    with pytest.raises((ValueError, OverflowError)):
        ia.to_fixed(x, 10)


def test_nan_proves_nothing():
    nan = iv.make_mpf((libmp.fnan, libmp.fnan))
    one = ia.dyadic(1, 0)
    for a, b in ((nan, one), (one, nan), (nan, nan)):
        assert not ia.proves_lt(a, b)
        assert not ia.proves_le(a, b)


def test_comparisons_and_extrema():
    a, b = ia.enclosure(1, 5, 0), ia.enclosure(3, 4, 0)
    assert not ia.proves_lt(a, b)
    assert not ia.proves_le(b, a)
    assert ia.proves_le(ia.enclosure(1, 3, 0), b)
    assert not ia.proves_lt(ia.enclosure(1, 3, 0), b)
    assert ends(ia.maximum([a, b])) == [ball(3), ball(5)]
    assert ends(ia.minimum([a, b])) == [ball(1), ball(4)]
    assert ends(a.a) == [ball(1)] * 2
    assert ends(a.b) == [ball(5)] * 2
    assert ends(ia.root(ia.enclosure(-1, 4, 0))) == [ball(0), ball(2)]
    with pytest.raises(ValueError, match="empty"):
        ia.enclosure(7, 6, 0)


def test_to_fixed():
    for m, e in numbers(3):
        x = ia.enclosure(m, m + 9, e)
        mid, radius = ia.to_fixed(x, 100)
        assert abs(ball(m, e + 100) - mid) <= radius + ball(1, -300)
        assert abs(ball(m + 9, e + 100) - mid) <= radius + ball(1, -300)


@pytest.mark.parametrize("bits", [32, 64, 184, 700])
def test_arctan(bits):
    rng = random.Random(bits)  # noqa: S311
    xs = [0, 1, 2, 1 << bits, (1 << bits) - 1, 1 << (bits - 8), (1 << bits) // 3]
    for x in xs + [rng.getrandbits(bits) >> rng.choice([0, 1, 5, 20]) for _ in range(200)]:
        t, error = ia.arctan_fixed(x, bits)
        assert abs(ball(x, -bits).atan() - ball(t, -bits)) <= ball(error, -bits)
        assert error < (bits + 40) << 8
    ia.arctan_1.cache_clear()
    p, error = ia.arctan_1(bits)
    assert abs(flint.arb.pi() / 4 - ball(p, -bits)) <= ball(error, -bits)


@pytest.mark.parametrize("bits", [-1, 2])
def test_arctan_refuses_other_arguments(bits):
    with pytest.raises(ValueError, match="range"):
        ia.arctan_fixed(-1 if bits < 0 else 1 << 70, 64)


@pytest.mark.parametrize("bits", [53, 160])
def test_angle(bits):
    rng = random.Random(5)  # noqa: S311
    with ia.precision(bits + 40):
        cases = [
            (0, 5),
            (0, -5),
            (4, 0),
            (1, 1),
            (1, -1),
            (1, 10**60),
            (1, -(10**60)),
            (10**120, 1),
            (10**120, -1),
        ]
        cases += [(rng.getrandbits(200), rng.getrandbits(100) - rng.getrandbits(100)) for _ in range(200)]
        for sine_squared, cosine in cases:
            angle = ia.angle(sine_squared, cosine, bits)
            sine = flint.arb(sine_squared).sqrt()
            exact = flint.arb.atan2(sine, flint.arb(cosine))
            assert contains(angle, exact)
            assert ends(angle)[1] - ends(angle)[0] < ball(1, 20 - bits)
        assert contains(ia.pi(), flint.arb.pi())
    with pytest.raises(ValueError, match="direction"):
        ia.angle(0, 0, 64)


def test_an_angle_is_as_wide_as_its_arc_tangent_and_one_unit_more(monkeypatch):
    """The tangent 2^-10 is floored: the angle lies in [t - error, t + error + 1]."""
    monkeypatch.setattr(ia, "arctan_fixed", lambda x, bits: (x, 7 * (x == 1 << 43 and bits == 53)))
    with ia.precision(100):
        assert ends(ia.angle(1, 1 << 10, 53)) == [ball((1 << 43) - 7, -53), ball((1 << 43) + 8, -53)]


def test_precision_is_restored_after_a_failure():
    before = iv.prec
    with pytest.raises(ZeroDivisionError), ia.precision(300):
        raise ZeroDivisionError
    assert iv.prec == before


def test_numbers_are_shown_to_six_digits_or_by_both_ends():
    with ia.precision(60):
        third = ia.dyadic(1, 0) / 3
    assert ia.show(third) == "0.333333"
    assert ia.show(ia.enclosure(1, 3, -1), third) == "[0.5, 1.5] against 0.333333"
