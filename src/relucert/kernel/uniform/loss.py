"""(k - 1) F at the points of `system`: docs/theorem/uniform.md, section B.6."""

from __future__ import annotations

from typing import Any

from relucert.kernel.ball import Ball, pi
from relucert.kernel.uniform.dual import arcsine, arcsine_rest
from relucert.kernel.uniform.system import Scaled


def _kernel(x: Any) -> Any:
    """(x asin x + sqrt(1 - x^2) - 1)/x^2."""
    return arcsine(x) - 1 / (1 + (1 - x**2).sqrt())


def _own(sine: Any, cosine: Any, size: Any, scale: Ball) -> Any:
    """A vector of length about 1 and the target next to it, at the angle with this sine: see B.6."""
    by = 1 / (1 + cosine)
    return pi() / 2 * size**2 * by - scale * size**3 * (by - arcsine_rest(sine) * cosine)


def scaled_loss(q: Scaled) -> Any:
    """(k - 1) F."""
    m, w, U, less = q.m, q.w, q.U, pi() / 2 - 1
    mm, bw, gw = m**2, q.be / q.w, q.ga / q.w
    rest = less * (mm * q.ow**2 + m * q.up**2) / 2
    rest += w * _own(q.sin_theta, q.cos_theta, q.g, m) + U * _own(q.sin_tau, q.cos_tau, q.y, q.sigma)
    rest += (1 - m) * m * (w**2 * q.C**2 * _kernel(mm * q.C) / 2 - w * bw**2 * _kernel(mm * bw))
    rest += w * U * q.Cu**2 * _kernel(m * q.Cu) - w * gw**2 * _kernel(m * gw) - U * q.y**2 * _kernel(m * q.y)
    return m**3 * q.varsigma**2 / (4 * pi()) + (mm * q.rho**2 + m * q.chi**2) / 8 + rest / (2 * pi())
