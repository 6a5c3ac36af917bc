"""A claim of Du, Lee & Tian (2018) that is false as printed, refuted in balls; the true loss is proved.

Their Theorem 3.3 compares A = E S S^T, where S is the mean of those patches Z_i for which w.Z_i and w*.Z_i
are not negative, with the same for the mean patch, in terms of the largest angle rho between a patch and
the mean. Here: two patches, at +-rho from a uniform point of the unit circle. A patch counts if it lies in
the sector of half opening A = (pi - phi)/2 about the bisector of w and w*; near each border, over an arc of
length 2 rho, only one of the two does.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from relucert.kernel import ball
from relucert.kernel.ball import Ball, pi, proves_lt, square

RHO = Ball(1) / 50


@pytest.fixture(autouse=True)
def _precision():
    with ball.precision(128):
        yield


def sine_squared(low, high):
    """The integral of sin^2 from low to high."""
    return (high - low) / 2 - ((2 * high).sin() - (2 * low).sin()) / 4


def gamma_bound(phi, rho):
    """e.A e, for e orthogonal to the bisector: an upper bound of gamma(phi)."""
    border = (pi() - phi) / 2
    both = square(rho.cos()) * sine_squared(rho - border, border - rho)
    one = sine_squared(border - 2 * rho, border) / 2
    return (both + one) / (2 * pi())


def gamma_avg(phi, rho):
    """The smallest eigenvalue for the mean patch, of length cos rho: attained at e."""
    border = (pi() - phi) / 2
    return square(rho.cos()) * sine_squared(-border, border) / (2 * pi())


@pytest.mark.parametrize("phi", [Ball(0), Ball(1) / 2, Ball(1), Ball(3) / 2])
def test_theorem_3_3(phi):
    """Printed: gamma(phi_0) >= gamma_avg(phi_0) - 4 (1 - cos rho). The loss is of first order in rho."""
    printed = gamma_avg(phi, RHO) - 4 * (1 - RHO.cos())
    assert proves_lt(gamma_bound(phi, RHO), printed)
    rate = (gamma_avg(phi, RHO) - gamma_bound(phi, RHO)) / RHO
    true = square((phi / 2).cos()) / (2 * pi())
    assert proves_lt(abs(rate - true), RHO)


def test_the_figures():
    assert proves_lt(abs(gamma_bound(Ball(0), RHO) - Ball("0.246719")), Ball("1e-6"))
    assert proves_lt(abs(gamma_avg(Ball(0), RHO) - 4 * (1 - RHO.cos()) - Ball("0.249100")), Ball("1e-6"))


@pytest.mark.parametrize("phi", [0.0, 1.0])
def test_the_formulas_by_quadrature(phi):
    """The matrices themselves: their smallest eigenvalues on a fine grid of the circle."""
    rho, t = 0.02, (np.arange(400_000) + 0.5) * (2 * math.pi / 400_000)
    patches = [np.stack([np.cos(t + r), np.sin(t + r)]) for r in (rho, -rho)]
    bisected = [np.array([math.cos(r), math.sin(r)]) for r in (phi / 2, -phi / 2)]

    def smallest(rows, weights):
        total = sum(z * np.all([w @ z >= 0 for w in bisected], axis=0) for z in rows) * weights
        return np.linalg.eigvalsh(total @ total.T / len(t))[0]

    assert smallest(patches, 0.5) == pytest.approx(float(gamma_bound(Ball(phi), RHO)), abs=2e-5)
    assert smallest([sum(patches) / 2], 1) == pytest.approx(float(gamma_avg(Ball(phi), RHO)), abs=2e-5)
