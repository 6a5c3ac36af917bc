"""The checker's formulas on numbers whose truth is known in closed form."""

import json
from types import SimpleNamespace

import mpmath
import numpy as np
import pytest
from certificates import audit, prove

from relucert_audit import interval
from relucert_audit.exact import Symmetric
from relucert_audit.format import LOWER, UPPER, Dyadic, Number
from relucert_audit.interval import dyadic, enclosure, precision
from relucert_audit.loss import Gradient
from relucert_audit.steps import step_8
from relucert_audit.theorems import Numbers


def test_an_inverse_that_is_none_proves_nothing(monkeypatch):
    """X = 3 H^-1 has omega >= 2, and (1 - omega)^2 >= 1."""
    inverse = np.linalg.inv
    monkeypatch.setattr("numpy.linalg.inv", lambda a: 3 * inverse(a))
    report = audit(prove("spurious"))
    assert (report.result, report.finding.step) == ("not-confirmed", 6)


def test_theorem_e_gives_both_roots_of_a_quadratic():
    """F'(x) = -3 + 4 x - x^2, L = 2: roots 1 and 3."""
    own = Numbers.__new__(Numbers)
    with precision(192):
        gradient = Gradient(np.array([-3], dtype=object), 0, dyadic(0, 0), dyadic(3, 0))
        hessian = Symmetric(np.array([[4 << 60]], dtype=object), -60, 60, dyadic(0, 0))
        vars(own).update(alpha=dyadic(100, 0), lipschitz=dyadic(2, 0))
        vars(own).update(loss=SimpleNamespace(hessian=hessian, gradient=gradient))
        r, far = own.existence
        assert 1 <= r.b < 1 + 1e-9
        assert 3 - 1e-9 < far.a <= 3


def objective_fits(verdict, low, high):
    """F(W) in [3, 4], eps = 1/2, |lambda| <= 2, L = 6, r = 1/2; the claim is [low, high], in 1024ths."""
    with precision(192):
        own = SimpleNamespace(
            distance=dyadic(1, -1), eps=dyadic(1, -1), lipschitz=dyadic(6, 0),
            loss=SimpleNamespace(objective=enclosure(3, 4, 0)),
            spectrum=SimpleNamespace(absmax=dyadic(2, 0), smallest=dyadic(4, 0)),
        )  # fmt: skip
        ends = {"low": Number(Dyadic(low, -10), "", LOWER), "high": Number(Dyadic(high, -10), "", UPPER)}
        bounds = {f"objective.{end}": number for end, number in ends.items()}
        return not list(step_8(SimpleNamespace(verdict=verdict, bounds=bounds), own))


@pytest.mark.parametrize(("low", "high", "fits"), [(2432, 4736, 1), (2433, 4736, 0), (2432, 4735, 0)])
def test_the_objective_at_a_saddle_is_that_of_a_cubic(low, high, fits):
    """The change is eps r + |lambda| r^2/2 + L r^3/6 = 1/4 + 1/4 + 1/8."""
    assert objective_fits("strict-saddle", low, high) == fits


@pytest.mark.parametrize(("low", "high", "fits"), [(2816, 4096, 1), (2817, 4096, 0), (2816, 4095, 0)])
def test_the_objective_at_a_minimum_falls_by_no_more_than_eps_r(low, high, fits):
    assert objective_fits("local-minimum", low, high) == fits


@pytest.mark.parametrize(("low", "high", "fits"), [(3072, 4096, 1), (3073, 4096, 0), (3072, 4095, 0)])
def test_the_objective_at_a_point_that_is_not_critical_is_its_own(low, high, fits):
    assert objective_fits("not-critical", low, high) == fits


def test_pi_lies_between_the_ends_of_its_arc_tangent(monkeypatch):
    """Before the outward rounding, which would hide an end on the wrong side."""
    monkeypatch.setattr(interval, "enclosure", lambda *ends: ends)
    with interval.precision(100):
        low, high, exponent = interval.pi()
    with mpmath.workprec(300):
        assert low < mpmath.ldexp(mpmath.pi, -exponent) < high


def test_too_many_inequalities_are_a_resource_limit():
    document = json.loads(json.dumps(prove("global")))
    document["statement"]["evidence"][0]["inequalities"] *= 1001
    report = audit(document)
    assert (report.result, report.finding.claim) == ("not-confirmed", "resource limit")
