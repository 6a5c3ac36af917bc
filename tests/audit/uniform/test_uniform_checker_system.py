"""The formulas of the uniform theorem against the loss itself, at random points of Fix(G), critical or not."""

import random
from fractions import Fraction
from functools import cache
from typing import Any

import dense
import numpy as np
import pytest
import reduced
from mpmath import iv, mp, mpf

from relucert_audit.interval import dyadic, pi, precision, rational
from relucert_audit.uniform import blocks as blocks_module
from relucert_audit.uniform import loss as loss_module
from relucert_audit.uniform import system as system_module
from relucert_audit.uniform.blocks import blocks
from relucert_audit.uniform.dual import Dual, Unproved, arcsine_ratio, inverse, lens_ratio, root, wedge_ratio
from relucert_audit.uniform.loss import scaled_loss
from relucert_audit.uniform.system import geometry, system

Values = dict[str, Any]
BITS, NEAR = 160, mpf(10) ** -30
SMALL = range(4, 13)
LARGE = 1000, 10**6


def sample(k: int, seed: int) -> list[Fraction]:
    """A random x for which the neurons have dyadic entries; ph small enough for f < 0 at k = 4."""
    rng = random.Random(1000 * k + seed)  # noqa: S311
    box = (0.5, 3), (-2, -0.3), (1, 2.2), (0.6, 1), (0.5, 3)
    unit = Fraction(1, 2**90)
    powers = (k * k, k * k, k, k, k)
    return [
        round(Fraction(rng.uniform(*ends)) / p / unit) * unit * p for ends, p in zip(box, powers, strict=True)
    ]


def middle(x: Dual) -> Any:
    low, high = (mp.make_mpf(end) for end in x.v._mpi_)
    assert high - low < NEAR
    return (low + high) / 2


def mine(k: int, x: list[Fraction]) -> Values:
    """The checker's formulas, in the terms of the comparison."""
    with precision(BITS):
        at, s = [Dual(rational(v)) for v in x], Dual(1 / iv.sqrt(dyadic(k, 0)))
        g, s2 = system_module.system(at, s), s * s
        out = {
            "gradient ii": s2 * g[0],
            "gradient ij": s2 * g[1],
            "gradient ik": g[2],
            "gradient ki": s2 * g[3],
            "gradient kk": g[2] + s2 * g[4],
            "loss": s2 * scaled_loss(at, s) - (g[0] + g[2]) / Dual(4 * pi()),
        }
        turn = Dual(2 * pi())
        for part in blocks(at, s):
            for (i, j), entry in part.form.items():
                out[f"{part.name} {i} {j}"] = entry / turn
            if part.name != "outside":
                for (i, j), entry in part.gram.items():
                    out[f"{part.name} gram {i} {j}"] = entry
        return {name: middle(value) for name, value in out.items()}


def rows(k: int, x: list[Fraction]) -> list[list[Fraction]]:
    al, be, ga, ep, ph = x
    return [[1 + al / k**2, ep / k, be / k**2], [ga / k, -1 + ph / k, Fraction(0)]]


def loss_at(F: Any, k: int, x: list[Fraction], slope: Values) -> Any:
    """F - sum w_i.grad_i F/2, to be compared with the loss of a critical point less the terms in G1 and G3."""
    (a, e, b), (c, f, _) = [[mpf(v.numerator) / v.denominator for v in row] for row in rows(k, x)]
    m = k - 1
    inner = m * (a * slope["gradient ii"] + (m - 1) * b * slope["gradient ij"] + c * slope["gradient ik"])
    inner += m * e * slope["gradient ki"] + f * slope["gradient kk"]
    return F - inner / (4 * mp.pi)


@cache
def from_dense(k: int, seed: int) -> Values:
    x = sample(k, seed)
    w = dense.point(k, [mpf(v.numerator) / v.denominator for v in x])
    slope, h, m = 2 * mp.pi * dense.gradient(w), dense.hessian(w), k - 1
    out = {
        "gradient ii": slope[0, 0],
        "gradient ij": slope[0, 1],
        "gradient ik": slope[0, m],
        "gradient ki": slope[m, 0],
        "gradient kk": slope[m, m],
    }
    out["loss"] = loss_at(dense.loss(w), k, x, out)
    h = h.reshape(k * k, k * k)
    rng = random.Random(seed)  # noqa: S311
    y = np.array([mpf(rng.uniform(-1, 1)) for _ in range(m)], dtype=object)
    y = y - sum(y) / m
    plus, minus = dense.matrix_basis(k)
    bases = {
        "standard": dense.standard_basis(k, y / dense.norm(y)),
        "trivial": dense.trivial_basis(k),
        "(m-2,2)": [plus / mp.sqrt(8)],
        "(m-2,1,1)": [minus / mp.sqrt(6)],
    }
    for name, basis in bases.items():
        if name == "(m-2,2)" and m < 4:  # no such matrix of size 3
            continue
        us = [u.reshape(k * k) for u in basis]
        images = [h @ u for u in us]
        for i, u in enumerate(us):
            for j in range(i, len(us)):
                out[f"{name} {i} {j}"] = u @ images[j]
                out[f"{name} gram {i} {j}"] = u @ us[j]
    far = dense.outside(w)
    first = np.array([mpf(1) / mp.sqrt(m * k)] * m + [mpf(0)], dtype=object)
    last = np.array([mpf(0)] * m + [mpf(1)], dtype=object)
    for i, j, u, v in ((0, 0, first, first), (0, 1, first, last), (1, 1, last, last)):
        out[f"outside {i} {j}"] = u @ (far @ v)
    return out


@cache
def from_kernel(k: int, seed: int) -> Values:
    x = sample(k, seed)
    out = reduced.values(k, rows(k, x))
    out["loss"] = loss_at(out.pop("F"), k, x, out)
    out.pop("outside apart")
    return out


def expected(k: int, seed: int) -> Values:
    with mp.workdps(60):
        return from_dense(k, seed) if k <= max(SMALL) else from_kernel(k, seed)


def wrong(k: int, seed: int) -> list[str]:
    """Names of the quantities that differ."""
    with mp.workdps(60):
        theirs, ours = expected(k, seed), mine(k, sample(k, seed))
        missing = {name for name in set(ours) ^ set(theirs) if not (k == 4 and name.startswith("(m-2,2)"))}
        assert not missing
        return [name for name, value in theirs.items() if abs(ours[name] - value) > NEAR]


@pytest.mark.parametrize("k", [*SMALL, *LARGE])
@pytest.mark.parametrize("seed", [0, 1])
def test_formulas_are_those_of_the_loss(k, seed):
    assert wrong(k, seed) == []


def test_the_kernel_and_the_dense_formulas_agree():
    with mp.workdps(60):
        one, other = from_dense(6, 0), from_kernel(6, 0)
        assert set(one) == set(other)
        assert max(abs(one[name] - other[name]) for name in one) < NEAR


def test_the_dense_derivatives_are_those_of_the_loss():
    with mp.workdps(60):
        k = 4
        w = dense.point(k, [mpf(v.numerator) / v.denominator for v in sample(k, 3)])
        rng, h = random.Random(5), mpf(10) ** -20  # noqa: S311
        u = np.array([[mpf(rng.uniform(-1, 1)) for _ in range(k)] for _ in range(k)], dtype=object)
        assert (
            abs((dense.loss(w + h * u) - dense.loss(w - h * u)) / (2 * h) - np.sum(u * dense.gradient(w)))
            < 1e-30
        )
        change = (dense.gradient(w + h * u) - dense.gradient(w - h * u)) / (2 * h)
        assert np.max(np.abs(np.tensordot(dense.hessian(w), u, 2) - change)) < 1e-30


@pytest.mark.parametrize("name", [n for n in system_module.Geometry._fields if n not in ("s", "s2", "s4")])
def test_a_perturbed_quantity_is_seen(name, monkeypatch):
    """Each length, sine, product or coefficient that is 1% off, in any of the modules that use it."""
    used = False
    for module in (system_module, blocks_module, loss_module):
        with monkeypatch.context() as patch:

            def perturbed(x, s):
                g = geometry(x, s)
                return g._replace(**{name: getattr(g, name) * Dual(rational(Fraction(101, 100)))})

            patch.setattr(module, "geometry", perturbed)
            used = used or bool(wrong(5, 0))
    assert used


@pytest.mark.parametrize("place", range(5))
def test_a_perturbed_component_is_seen(place, monkeypatch):
    def perturbed(x, s):
        g = system(x, s)
        g[place] = g[place] * Dual(rational(Fraction(101, 100)))
        return g

    monkeypatch.setattr(system_module, "system", perturbed)
    assert wrong(5, 0)


def zero(*partials: int) -> Dual:
    return Dual(dyadic(0, 0), tuple(dyadic(p, 0) for p in partials))


def limit() -> list[Dual]:
    p = pi()
    return [Dual(x) for x in (8 / p, -4 / p, dyadic(2, 0), 4 / p, 8 / p + 2 + 8 / p**2)]


def test_at_s_0():
    with precision(BITS), mp.workdps(60):
        assert all(abs(middle(g)) < NEAR for g in system(limit(), zero()))
        assert abs(middle(scaled_loss(limit(), zero())) - mpf(1) / 2 + 2 / mp.pi**2) < NEAR
        scalars = [middle(part.form[0, 0]) / (2 * mp.pi) for part in blocks(limit(), zero())[2:4]]
        assert (
            max(
                abs(scalars[0] - mpf(1) / 4 - 1 / (2 * mp.pi)), abs(scalars[1] - mpf(1) / 4 + 1 / (2 * mp.pi))
            )
            < NEAR
        )


def quotient(f, v, order):
    h = v * mpf(10) ** -25
    return (f(v + h) - f(v - h)) / (2 * h) if order == 1 else (f(v + h) + f(v - h) - 2 * f(v)) / h**2


@pytest.mark.parametrize("f", [arcsine_ratio, lens_ratio, wedge_ratio])
@pytest.mark.parametrize("angle", ["0.7", "0.3", "1e-3", "1e-12"])
def test_even_functions(f, angle):
    with mp.workdps(60):
        t = mpf(angle)
        exact = {
            arcsine_ratio: lambda t: t / mp.sin(t),
            lens_ratio: lambda t: (t - mp.sin(t) * mp.cos(t)) / mp.sin(t) ** 3,
            wedge_ratio: lambda t: (mp.sin(t) - t * mp.cos(t)) / mp.sin(t) ** 3,
        }[f]
        with mp.workdps(200):
            value = exact(t)
            by_v = lambda u: exact(mp.asin(mp.sqrt(u)))  # noqa: E731
            slope, bend = (quotient(by_v, mp.sin(t) ** 2, n) for n in (1, 2))
        with precision(BITS):
            v = iv.mpf(mp.sin(t) ** 2)
            seed = (dyadic(1, 0),), (dyadic(0, 0),)
            wide, thin = f(Dual(iv.mpf([v.a * 0.5, v.b * 1.1]), *seed)), f(Dual(v, *seed))
        for got in (wide, thin):
            for part, true in ((got.v, value), (got.d[0], slope), (got.q[0], bend)):
                low, high = ends(part)
                assert low - mpf(10) ** -35 <= true <= high + mpf(10) ** -35
        assert max(thin.v.delta, thin.d[0].delta, thin.q[0].delta) < 1e-40


def quantities(x: list[Dual], s: Dual) -> list[Dual]:
    entries = [entry for part in blocks(x, s) for table in (part.form, part.gram) for entry in table.values()]
    return [*system(x, s), scaled_loss(x, s), *entries]


def ends(x: Any) -> tuple[Any, Any]:
    low, high = (mp.make_mpf(end) for end in x._mpi_)
    return low, high


@pytest.mark.parametrize("f", [arcsine_ratio, lens_ratio])
def test_even_functions_are_for_small_sines(f):
    with precision(BITS):
        f(Dual(iv.mpf(["0", "0.5"])))
        for v in (["0.4", "0.51"], ["-1e-9", "0.1"], ["2", "3"]):
            with pytest.raises(Unproved, match="sine"):
                f(Dual(iv.mpf(v)))


@pytest.mark.parametrize("f", [inverse, root])
def test_what_may_be_0_is_no_divisor_and_has_no_root(f):
    for v in (["-1", "1"], ["0", "1"]):
        with pytest.raises(Unproved):
            f(Dual(iv.mpf(v)))


def test_first_and_second_derivatives():
    """Of all quantities along a random line, against difference quotients."""
    x, s, h = sample(7, 1), Fraction(3, 8), Fraction(1, 2**60)
    way = [Fraction(n, 7) for n in (1, -2, 3, -1, 2)]
    with precision(400), mp.workdps(110):

        def at(step):
            moved = [Dual(rational(v + step * w)) for v, w in zip(x, way, strict=True)]
            return [sum(ends(q.v)) / 2 for q in quantities(moved, Dual(rational(s + step)))]

        zero = (dyadic(0, 0),)
        seeded = [Dual(rational(v), (rational(w),), zero) for v, w in zip(x, way, strict=True)]
        got = quantities(seeded, Dual(rational(s), (dyadic(1, 0),), zero))
        for q, here, up, down in zip(got, at(0), at(h), at(-h), strict=True):
            slope, bend = (up - down) * 2**59, (up + down - 2 * here) * 2**120
            assert abs((sum(ends(q.d[0])) / 2 if q.d else 0) - slope) < 1e-30
            assert abs((sum(ends(q.q[0])) / 2 if q.q else 0) - bend) < 1e-30


def test_partial_derivatives_add_up():
    """Six partial derivatives, as for the Jacobian, against the derivative along a line."""
    with precision(BITS), mp.workdps(60):
        x, s = [rational(v) for v in sample(7, 1)], dyadic(3, -3)
        unit = [tuple(dyadic(int(i == j), 0) for j in range(6)) for i in range(6)]
        way = [dyadic(n, 0) for n in (1, -2, 3, -1, 2, 1)]
        every = system([Dual(v, d) for v, d in zip(x, unit, strict=False)], Dual(s, unit[5]))
        along = system([Dual(v, (w,)) for v, w in zip(x, way, strict=False)], Dual(s, (way[5],)))
        for g, line in zip(every, along, strict=True):
            assert abs(middle(Dual(sum(a * b for a, b in zip(g.d, way, strict=True)) - line.d[0]))) < NEAR


@pytest.mark.parametrize("k", [6, 20])
def test_enclosures_on_a_wide_box_hold_the_values_inside(k):
    with precision(96), mp.workdps(60):
        x, s, rng = sample(k, 2), Fraction(2, 5), random.Random(9)  # noqa: S311
        r = Fraction(1, 50)
        wide = quantities([Dual(iv.mpf([float(v - r), float(v + r)])) for v in x], Dual(iv.mpf([0.39, 0.41])))
        for _ in range(10):
            inside = [Dual(rational(v + r * Fraction(rng.uniform(-0.99, 0.99)))) for v in x]
            thin = quantities(inside, Dual(rational(s + Fraction(rng.uniform(-0.0099, 0.0099)))))
            for a, b in zip(wide, thin, strict=True):
                assert ends(a.v)[0] <= ends(b.v)[0] and ends(b.v)[1] <= ends(a.v)[1]
