"""The functions that the CNN checker's formulas are made of: containment, narrowness, and error bounds."""

import random

import pytest
from cnn_truth import relative_width, within
from mpmath import libmp, mp

from relucert_audit import interval as ia


def samples(seed, count=40):
    rng = random.Random(seed)  # noqa: S311
    yield from ((0, 0), (1, 0), (1, -300), (1, -5000))
    for _ in range(count):
        yield rng.getrandbits(190), -190 - rng.choice([0, 0, 0, 1, 7, 60, 190, 300])


@pytest.mark.parametrize("bits", [60, 192])
def test_functions_contain_and_are_narrow(bits):
    """At exact arguments, to relative accuracy however small they are."""
    with ia.precision(bits):
        for m, e in samples(bits):
            x, y = ia.dyadic(m, e), mp.mpf(m) * mp.mpf(2) ** e
            with mp.workprec(400 - 3 * e if e > -2000 else 16_000):
                lens = mp.sin(y) - y * mp.cos(y)
                found = {"arctan": (ia.arctan(x), mp.atan(y)), "sine": (ia.sine(3 * x), mp.sin(3 * y))}
                found |= {"cosine": (ia.cosine(3 * x), mp.cos(3 * y)), "exp": (ia.exp(4 * x), mp.exp(4 * y))}
                found |= {"lens": (ia.lens(x), lens)}
                for name, (mine, value) in found.items():
                    assert within(mine, value, mp.mpf(0) if value == 0 else mp.mpf(2) ** -380), (name, m, e)
                    if value and (name in ("arctan", "lens") or abs(value) > mp.mpf(2) ** -20):
                        assert relative_width(mine) < mp.mpf(2) ** (32 - bits), (name, m, e)


def test_functions_of_wide_intervals_contain_those_of_points():
    rng = random.Random(3)  # noqa: S311
    with ia.precision(120):
        for _ in range(60):
            m, width, e = (
                rng.getrandbits(60),
                rng.getrandbits(rng.choice([5, 40, 59])),
                rng.choice([-60, -61, -90]),
            )
            inside = mp.mpf(m + width // 3) * mp.mpf(2) ** e
            x = ia.enclosure(m, m + width, e)
            for sign in (-1, 1):
                assert within(ia.arctan(sign * x), mp.atan(sign * inside))
                assert within(
                    ia.arctan(sign * (x - ia.dyadic(m + width // 2, e))),
                    mp.atan(sign * (inside - (m + width // 2) * mp.mpf(2) ** e)),
                )
            assert within(ia.lens(x), mp.sin(inside) - inside * mp.cos(inside))
            assert within(ia.cosine(x), mp.cos(inside))
            assert within(ia.sine(x), mp.sin(inside))
            assert within(ia.exp(x), mp.exp(inside))


def test_bearing_all_around():
    rng = random.Random(4)  # noqa: S311
    with ia.precision(120):
        for _ in range(300):
            y = rng.getrandbits(60) >> rng.choice([0, 0, 30, 59])
            x = rng.choice([-1, 1]) * rng.choice(
                [rng.getrandbits(60) >> rng.choice([0, 30, 58]), y, y + 1, 0]
            )
            if x == y == 0:
                continue
            mine, value = ia.bearing(ia.dyadic(y, -60), ia.dyadic(x, -60)), mp.atan2(y, x)
            assert within(mine, value)
            assert mine.delta <= mp.mpf(2) ** -90
            wide = ia.enclosure(x - 3, x + 5, -60), ia.enclosure(max(y - 2, 0), y + 3, -60)
            if y > 10 or abs(x) > 10:
                assert within(ia.bearing(wide[1], wide[0]), value)
        with pytest.raises(ValueError, match="direction"):
            ia.bearing(ia.enclosure(0, 1, 0), ia.enclosure(-1, 1, 0))


def test_the_remainder_of_a_series_is_attained():
    """With equal steps and ratio 1/2 what is left out is the last term: the bound could not be smaller."""
    with ia.precision(60):
        x = ia.series(ia.dyadic(1, -1), ia.dyadic(1, 0), lambda n: 1)
        assert libmp.mpf_ge(x._mpi_[1], libmp.from_int(2))
        assert libmp.mpf_lt(libmp.mpf_sub(x._mpi_[1], libmp.from_int(2)), libmp.from_man_exp(1, -54))
    # the arc tangent of a tiny t is t - t^3/3 + .., inside t (1 - t^2), t, by more than rounding
    with ia.precision(40):
        t = ia.dyadic(1, -45)
        assert within(ia.arctan(t), mp.atan(mp.mpf(2) ** -45), 0)
