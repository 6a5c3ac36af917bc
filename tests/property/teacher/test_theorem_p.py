"""Theorem P by its formulas (docs/theorem/teacher.md section 8), where every term of each counts."""

import math

import pytest
from flint import arb
from test_robust import SIX, measured

from relucert.kernel import ball
from relucert.kernel.ball import NotProved
from relucert.kernel.teacher import robust, sharp


@pytest.mark.parametrize("deviation", [1 / 16, 1 / 4096])
@pytest.mark.parametrize("counts", [(11, 3), (8, 8)])
def test_every_side_of_theorem_p_is_its_formula(counts, deviation):
    """At a point of which nothing but L is as it is: n = 11, k = 3 and numbers that tell the terms apart."""
    n, k = counts
    alpha, kappa, chi, omega_0, first = 0.125, 0.75, 1.5, 0.03125, 2.0**-11
    with ball.precision(64):
        _, of = measured(SIX)
        inverse = of.spectrum.inverse._replace(size=arb(chi), error=arb(omega_0))
        of = of._replace(
            counts=counts,
            correction=arb(first),
            spectrum=of.spectrum._replace(inverse=inverse, values=(arb(3) / 8, *of.spectrum.values[1:])),
            outside=of.outside._replace(values=(arb(5) / 8, *of.outside.values[1:])),
            objective=arb(2) ** -7,
        )
        slope = sharp.theorem_b_sharp(of.shape, arb(alpha), arb(deviation))
        found = robust.theorem_p(of, arb(kappa), arb(deviation), arb(alpha))
        assert found.lipschitz == slope
        assert ball.proves_lt(sharp.theorem_b_sharp(of.shape, arb(alpha)), slope)
        L, shortest = float(slope), min(float(p) for p in of.neurons)
    shift = math.sqrt(k) * deviation / (math.pi * shortest)
    omega = omega_0 + chi * shift
    eta = first + kappa * deviation + chi * math.sqrt(n) * deviation**2 / (2 * math.pi * (1 - deviation))
    load, gap = 2 * chi * L * eta, 1 - omega
    sides = {"P.1": (0, 3 / 8), "P.2": (omega, 1), "P.3": (load, gap**2)}
    r = 2 * eta / (gap + math.sqrt(gap**2 - load))
    sides["P.4"] = (r, alpha)
    sides["P.5"] = (L * r + shift / 2, 5 / 8)
    sides["P.6"] = (math.sqrt(k / 2) * deviation + math.sqrt(n / 2) * r, math.sqrt(2 * 2**-7))
    assert float(found.radius) == pytest.approx(r, rel=1e-12)
    relations = {"P.4": "<="}
    hypotheses = {h.name: h for h in found.argument.hypotheses}
    assert list(hypotheses) == [f"P.{i}" for i in range(1, 7)]
    for name, (left, right) in sides.items():
        h = hypotheses[name]
        assert float(h.left) == pytest.approx(left, rel=1e-12)
        assert float(h.right) == pytest.approx(right, rel=1e-12)
        assert h.relation == relations.get(name, "<")
        assert h.proved == (left < right)


def test_no_deviation_is_theorem_e_and_one_is_too_much():
    """D = 0 is allowed, and r then is that of the point itself; D = 1 moves a target to the origin."""
    with ball.precision(64):
        _, of = measured(SIX)
        found = robust.theorem_p(of, arb(1), arb(0), arb(0.01))
        assert found.argument.holds
        assert float(found.radius) == pytest.approx(float(of.correction), rel=0.01)
        for wrong in (arb(1), arb(2), arb(-1) / 2**40, arb(0, 0.001)):
            with pytest.raises(NotProved, match="deviation"):
                robust.theorem_p(of, arb(1), wrong, arb(0.01))
        for missing in ({"outside": None}, {"shape": None}, {"counts": (5, 6)}):
            with pytest.raises(NotProved, match="lack M"):
                robust.theorem_p(of._replace(**missing), arb(1), arb(0.01), arb(0.01))
