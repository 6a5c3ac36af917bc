"""One box of the uniform theorem: what is proved, and that nothing else passes."""

from fractions import Fraction
from functools import cache

import dense
import numpy as np
import pytest
from mpmath import mp, mpf

from relucert_audit.interval import dyadic, enclosure, pi, precision, rational
from relucert_audit.uniform import box as box_module
from relucert_audit.uniform.blocks import blocks
from relucert_audit.uniform.box import check_box
from relucert_audit.uniform.dual import Dual, Unproved
from relucert_audit.uniform.existence import centre, narrowed, same_branch, start, step, zeros
from relucert_audit.uniform.linear import dominant, double, near_factor, near_inverse, positive_on
from relucert_audit.uniform.loss import scaled_loss
from relucert_audit.uniform.system import system

LIMIT = (8 / np.pi, -4 / np.pi, 2.0, 4 / np.pi, 8 / np.pi + 2 + 8 / np.pi**2)
MULTIPLICITY = {
    "standard": lambda k: k - 2,
    "trivial": lambda k: 1,
    "(m-2,2)": lambda k: (k - 1) * (k - 4) // 2,
    "(m-2,1,1)": lambda k: (k - 2) * (k - 3) // 2,
}
LOSS = Fraction(1, 7), Fraction(2975, 10000)
SIXTH = Fraction(6) ** -1


def jacobian(x, s):
    """Values of G and of its six partial derivatives, in doubles."""
    unit = [tuple(dyadic(int(i == j), 0) for j in range(6)) for i in range(6)]
    with precision(96):
        at = [Dual(rational(Fraction(v)), d) for v, d in zip(x, unit, strict=False)]
        g = system(at, Dual(rational(Fraction(s)), unit[5]))
        return np.array([double(v.v) for v in g]), np.array([[double(d) for d in v.d] for v in g])


@cache
def follow(s):
    """(x, dx/ds) at s, from the limit at 0."""
    x = np.array(LIMIT)
    for t in np.linspace(0, s, 8):
        for _ in range(4):
            g, j = jacobian(x, float(t))
            x = x - np.linalg.solve(j[:, :5], g)
    return x, -np.linalg.solve(j[:, :5], j[:, 5])


def box(s0, s1, radius="1/4000", c="1/250", loss=LOSS):
    s0, s1 = Fraction(s0), Fraction(s1)
    x0, x1 = ([Fraction(float(v)) for v in part] for part in follow(float(s0 + s1) / 2))
    return {
        "s0": s0,
        "s1": s1,
        "x0": x0,
        "x1": x1,
        "z": [Fraction(radius)] * 5,
        "c": Fraction(c),
        "loss_low": loss[0],
        "loss_high": loss[1],
    }


@pytest.mark.parametrize(
    "case",
    [
        (0, "1/500", "17/200"),
        ("1/10", "51/500", "7/100"),
        ("3/10", "151/500", "1/100"),
        ("2/5", "201/500", "1/200"),
    ],
)
def test_boxes_are_proved(case):
    s0, s1, c = case
    tube = check_box(**box(s0, s1, c=c))
    assert (tube.s0, tube.s1) == (Fraction(s0), Fraction(s1))


def test_a_box_of_one_point():
    check_box(**box(0, 0, radius="1e-9", c="0.0908"))
    with pytest.raises(Unproved, match="block"):
        check_box(**box(0, 0, radius="1e-9", c="0.0909"))


def refused(reason, **changes):
    with pytest.raises(Unproved, match=reason):
        check_box(**(box("3/10", "151/500") | changes))


def test_what_is_not_true_is_refused(monkeypatch):
    monkeypatch.setattr(box_module, "DEPTH", 1)
    good = box("3/10", "151/500")
    refused("block standard", c=Fraction(1, 2))
    refused("loss", loss_low=Fraction(25, 100))
    refused("loss", loss_high=Fraction(15, 100))
    refused("existence: al", z=[Fraction(1, 10**7)] * 5)
    refused("existence: al", z=[Fraction(1, 10**9), *good["z"][1:]])
    for i in range(5):
        moved = list(good["x0"])
        moved[i] += Fraction(1, 1000)
        refused("existence", x0=moved)
        turned = list(good["x1"])
        turned[i] += 1
        refused("existence", x1=turned)


@pytest.mark.parametrize("name", ["standard", "trivial", "(m-2,2)", "(m-2,1,1)", "outside"])
@pytest.mark.parametrize("order", ["v", "d", "q"])
def test_every_block_counts(name, order, monkeypatch):
    """One block less a multiple of the identity that is not small at one end of the box."""
    s1 = Fraction(151, 500)

    def lower(x, s):
        parts = blocks(x, s)
        for part in parts:
            if part.name == name:
                shift = Dual(rational(Fraction(-40)))
                if order == "d":
                    shift = shift * (s - Dual(rational(Fraction(3, 10)))) * 1000
                if order == "q":
                    away = s - Dual(rational(s1 - Fraction(1, 1000)))
                    shift = shift * away * away * 10**6
                for i in range(part.size):
                    part.form[i, i] += shift
        return parts

    monkeypatch.setattr(box_module, "blocks", lower)
    monkeypatch.setattr(box_module, "DEPTH", 0)
    with pytest.raises(Unproved) as problem:
        check_box(**box("3/10", s1))
    assert f"block {name}:" in str(problem.value)


@pytest.mark.parametrize(
    "changes",
    [
        {"s0": Fraction(-1, 10)},
        {"s1": Fraction(1, 10)},
        {"s1": Fraction(1, 2)},
        {"z": [*[Fraction(1)] * 4, Fraction(-1)]},
        {"z": [Fraction(1)] * 6},
        {"z": [Fraction(0)] * 5},
        {"x0": [Fraction(1)] * 4},
        {"x1": []},
    ],
)
def test_what_is_no_box(changes):
    with pytest.raises(ValueError, match="not a box"):
        check_box(**(box("3/10", "151/500") | changes))


@pytest.mark.parametrize(
    "x0", [(-40, 0, 2, 1, 1), (1, -1, 2, -1, 1), (1, -1, 2, 1, 20), (1, 0, 0, 1, 1), (1, 0, 9, 1, 1)]
)
def test_points_outside_the_formulas(x0):
    """a <= 0, ep <= 0, f >= 0, w_i at its target, or beyond the series: no proof, no other exception."""
    with pytest.raises(Unproved):
        check_box(**(box("2/5", "201/500") | {"x0": [Fraction(v) for v in x0]}))


def test_neighbours_hold_the_same_branch():
    left, right, far = (
        check_box(**box(*ends)) for ends in (("1/5", "101/500"), ("101/500", "51/250"), ("1/4", "63/250"))
    )
    with precision(96):
        assert same_branch(left, right)
        assert not same_branch(left, far)
        other = right._replace(outer=tuple(v + 1 for v in right.outer))
        assert not same_branch(left, other)


def test_the_zero_lies_in_the_enclosure():
    data = box("3/10", "151/500")
    with precision(96):
        line, outer = start(*(data[name] for name in ("s0", "s1", "x0", "x1", "z")))
        inner = zeros(line, data["s0"], data["s1"], outer)
        for s in ("3/10", "301/1000", "151/500"):
            x, _ = follow(float(Fraction(s)))
            for v, hold in zip(x, line.at(rational(Fraction(s)), inner), strict=True):
                assert hold.a - 1e-12 <= v <= hold.b + 1e-12
        # not about the middle of y
        moved = step(line, data["s0"], data["s1"], tuple(v + rational(Fraction(1, 9000)) for v in outer))
        assert all(abs(a.mid - b.mid) < 1e-5 for a, b in zip(inner, moved, strict=True))


@pytest.mark.parametrize("k", [6, 8])
def test_spectrum_and_loss_at_the_minimum(k):
    """The smallest eigenvalue and k F from the blocks, against the dense Hessian in R^(k k)."""
    x, _ = follow(k**-0.5)
    w = dense.point(k, [mpf(float(v)) for v in x])
    h = np.array(dense.hessian(w).reshape(k * k, k * k), dtype=float)
    least = np.linalg.eigvalsh(h)
    spectrum = []
    with precision(96):
        at, s = [Dual(rational(Fraction(float(v)))) for v in x], Dual(1 / dyadic(k, 0) ** 0.5)
        for part in blocks(at, s)[:4]:
            tables = []
            for table in (part.form, part.gram):
                full = np.zeros((part.size, part.size))
                for (i, j), v in table.items():
                    full[i, j] = full[j, i] = double(v.v)
                tables.append(full)
            factor = np.linalg.inv(np.linalg.cholesky(tables[1]))
            count = {
                "standard": k - 2,
                "trivial": 1,
                "(m-2,2)": (k - 1) * (k - 4) // 2,
                "(m-2,1,1)": (k - 2) * (k - 3) // 2,
            }
            spectrum += (
                list(np.linalg.eigvalsh(factor @ tables[0] @ factor.T) / (2 * np.pi)) * count[part.name]
            )
        value = double(scaled_loss(at, s).v)
    assert np.max(np.abs(np.sort(spectrum) - least)) < 1e-11
    assert abs(value - float(k * dense.loss(w))) < 1e-11
    if k == 6:
        assert abs(least[0] - 0.00470035) < 1e-8


def test_the_jacobian_at_s_0():
    g, j = jacobian(LIMIT, 0)
    assert np.max(np.abs(g)) < 1e-14 and abs(np.linalg.det(j[:, :5]) - 2.2123) < 1e-4


def test_just_below_k_6():
    """The last box of a cover of k >= 6: its end is a little beyond 1/sqrt 6."""
    s1 = Fraction(int(mp.sqrt(mpf(1) / 6) * 2**50) + 1, 2**50)
    assert s1 * s1 > SIXTH
    check_box(**box(s1 - Fraction(1, 5000), s1, radius="1/100000", c="0.0047"))
    with pytest.raises(Unproved, match="block standard"):
        check_box(**box(s1 - Fraction(1, 2**30), s1, radius="1/100000", c="0.0047004"))


def matrix(rows):
    return [[rational(Fraction(v)) for v in row] for row in rows]


def test_definiteness():
    with precision(96):
        zero = matrix([[0, 0], [0, 0]])
        step = enclosure(-1, 1, -3)
        near = matrix([["1", "0.999"], ["0.999", "1"]])
        assert positive_on((near,), ())
        assert positive_on((near, zero), (step,))
        assert not positive_on((near, matrix([[0, 1], [1, 0]])), (step,))
        assert positive_on((near, matrix([["0.001", 0], [0, "0.001"]])), (step,))
        assert not positive_on((matrix([["1", "1"], ["1", "1"]]), zero), (step,))
        assert not dominant(matrix([["1", "1"], ["1", "1"]])) and dominant(
            matrix([["1", "0.9"], ["0.9", "1"]])
        )
        assert not positive_on((matrix([["1", "2"], ["2", "1"]]),), ()) and not positive_on((zero,), ())


def test_guesses():
    a = [[0.0, 2.0, 1.0], [1.0, -1.0, 3.0], [4.0, 1.0, 1.0]]
    assert np.allclose(np.array(near_inverse(a)) @ a, np.eye(3))
    s = np.array(a) @ np.array(a).T
    r = np.array(near_factor(s.tolist()))
    assert np.allclose(r.T @ s @ r, np.eye(3)) and np.allclose(r, np.triu(r))


def test_the_bound_is_in_units_of_the_hessian():
    """c against 2 pi: the scalars at s = 0 are 1/4 + 1/(2 pi) and 1/4 - 1/(2 pi) = 0.09084.."""
    with precision(96):
        parts = blocks([Dual(rational(Fraction(v))) for v in LIMIT], Dual(dyadic(0, 0)))
        scalars = [double((part.form[0, 0] / Dual(2 * pi())).v) for part in parts[2:4]]
    assert np.allclose(scalars, [0.25 + 0.5 / np.pi, 0.25 - 0.5 / np.pi])


def test_newton_steps_lie_in_the_image_of_the_line():
    """y = 0: the operator encloses the Newton steps from the line to the zeros, whose sign the curvature decides."""
    data = box("3/10", "151/500")
    with precision(96):
        line, outer = start(*(data[name] for name in ("s0", "s1", "x0", "x1", "z")))
        image = step(line, data["s0"], data["s1"], tuple(0 * v for v in outer))
        sizes = []
        for s in (Fraction(3, 10), Fraction(301, 1000), Fraction(151, 500)):
            x = [Fraction(double(v)) for v in line.at(rational(s), tuple(0 * v for v in outer))]
            g, j = jacobian(x, s)
            way = -np.linalg.solve(j[:, :5], g)
            sizes.append(np.abs(way))
            for v, hold in zip(way, image, strict=True):
                assert hold.a - 1e-8 <= v <= hold.b + 1e-8
        assert np.all(np.maximum(sizes[0], sizes[2]) > 1e-6) and np.all(sizes[1] < 1e-10)
        assert all(hold.delta < 4 * size for hold, size in zip(image, sizes[0] + sizes[2], strict=True))


def test_a_wide_box_around_the_zero_is_narrowed():
    data = box("3/10", "151/500", radius="1/1000")
    with precision(96):
        line, outer = start(*(data[name] for name in ("s0", "s1", "x0", "x1", "z")))
        once = zeros(line, data["s0"], data["s1"], outer)
        twice = narrowed(line, data["s0"], data["s1"], once)
        assert all(
            b.a >= a.a and b.b <= a.b and b.delta < 0.6 * a.delta for a, b in zip(once, twice, strict=True)
        )
        for s in ("3/10", "301/1000", "151/500"):
            x, _ = follow(float(Fraction(s)))
            for v, hold in zip(x, line.at(rational(Fraction(s)), twice), strict=True):
                assert hold.a - 1e-12 <= v <= hold.b + 1e-12


def test_centre():
    with precision(96):
        assert centre(enclosure(1, 3, 0)) == 2 and centre(enclosure(-5, 5, -3)) == 0


@pytest.mark.parametrize("order", [0, 1, 2])
@pytest.mark.parametrize("sign", [1, -1])
def test_the_loss_is_bounded_on_all_of_the_box(order, sign, monkeypatch):
    """k F plus a shift that is `size` at an end of the box, against bounds 0.01 away."""
    middle, bound = Fraction(301, 1000), Fraction(1, 100)
    monkeypatch.setattr(box_module, "DEPTH", 0)
    data = box("3/10", "151/500")
    with precision(96):
        at = Fraction(double(scaled_loss([Dual(rational(v)) for v in data["x0"]], Dual(rational(middle))).v))
    data |= {"loss_low": at - bound, "loss_high": at + bound}

    def moved(size):
        def other(x, s):
            away, shift = s - Dual(rational(middle)), Dual(rational(sign * size))
            for _ in range(order):
                shift = shift * away * 1000
            return scaled_loss(x, s) + shift

        return other

    monkeypatch.setattr(box_module, "scaled_loss", moved(Fraction(8, 1000)))
    check_box(**data)
    monkeypatch.setattr(box_module, "scaled_loss", moved(Fraction(12, 1000)))
    with pytest.raises(Unproved, match="loss"):
        check_box(**data)


def test_the_factors_of_taylors_formula(monkeypatch):
    seen = []
    monkeypatch.setattr(box_module, "positive_on", lambda terms, factors: bool(seen.append(factors)) or True)
    check_box(**box("3/10", "151/500"))
    with precision(96):
        for first, second in seen:
            assert abs(first.a + 1e-3) < 1e-15 and abs(first.b - 1e-3) < 1e-15
            assert second.a <= 0 and abs(second.b - 5e-7) < 1e-15
    assert len(seen) == 5
