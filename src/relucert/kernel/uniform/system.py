"""The critical points w_i = a e_i + b sum e_j + c e_k, w_k = e sum e_j + f e_k as zeros of six scaled equations.

docs/theorem/uniform.md, sections B.2 and B.3. sigma = (k - 1)^(-1/2), m = sigma^2; all is analytic down to
sigma = 0. The functions take balls, or numbers with derivatives.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from relucert.kernel.ball import Ball, pi, proves_positive
from relucert.kernel.uniform.dual import arcsine, arcsine_rest

UNKNOWNS = 6


class Scaled(NamedTuple):
    """Lengths, cosines and sines by their powers of m: what equations, blocks and loss are made of.

    The point: a = 1 + m^2 alpha, b = m^2 be, c = m ga, e = m eta, f. |w_i| = w = 1 + m^2 ow, |w_k| = U = 1 + m up.
    theta: the angle of w_i and e_i, sin = m g; tau: pi minus that of w_k and e_k, sin = sigma y. S: w_k's products
    with the others. Cosines: (w_i, w_j) m^2 C, (w_i, w_k) m Cu, (w_i, e_j) m^2 be/w, (w_i, e_k) m ga/w,
    (w_k, e_j) m y; their sines are sw, su, sb, sc, se.
    """

    sigma: Any
    m: Any
    alpha: Any
    varsigma: Any
    rho: Any
    chi: Any
    eta: Any
    phi: Any
    a: Any
    be: Any
    ga: Any
    f: Any
    U: Any
    up: Any
    w: Any
    ow: Any
    Ga: Any
    g: Any
    cos_theta: Any
    sin_theta: Any
    y: Any
    cos_tau: Any
    sin_tau: Any
    S: Any
    C: Any
    Cu: Any
    sw: Any
    sb: Any
    su: Any
    sc: Any
    se: Any
    T: Any
    Tu: Any
    CA: Any  # C A1 of its cosine
    CuA: Any


def scaled(x: Sequence[Any], sigma: Any) -> Scaled:
    """From the unknowns alpha, varsigma, rho, chi, eta, phi (section B.2)."""
    alpha, varsigma, rho, chi, eta, phi = x
    m = sigma**2
    mm = m**2
    a, f = 1 + mm * alpha, m * phi - 1
    be = (m * (rho - alpha) - eta) / (1 - m)
    ga = 2 + m * (chi - phi)
    omega = m * phi**2 - 2 * phi + eta**2
    U = (1 + m * omega).sqrt()
    up = omega / (1 + U)
    ow = m * varsigma - up
    w = 1 + mm * ow
    Ga = (ga**2 + (1 - m) * m * be**2).sqrt()
    g, y = Ga / w, eta / U
    bw, gw = be / w, ga / w
    S = a + (1 - m) * m * be
    C = (2 * a * be + (1 - 2 * m) * m * be**2 + ga**2) / w**2
    Cu = (eta * S + ga * f) / (w * U)
    sw, sb, su, sc, se = (_cosine(z) for z in (mm * C, mm * bw, m * Cu, m * gw, m * y))
    T = (1 - m) * m * (w * C**2 / (1 + sw) - bw**2 / (1 + sb)) + U * Cu**2 / (1 + su) - gw**2 / (1 + sc)
    Tu = w * Cu**2 / (1 + su) - y**2 / (1 + se)
    return Scaled(
        sigma, m, alpha, varsigma, rho, chi, eta, phi,
        a, be, ga, f, U, up, w, ow, Ga, g, _cosine(m * g), m * g, y, _cosine(sigma * y), sigma * y,
        S, C, Cu, sw, sb, su, sc, se, T, Tu, C * arcsine(mm * C), Cu * arcsine(m * Cu),
    )  # fmt: skip


def _cosine(sine: Any) -> Any:
    return (1 - sine**2).sqrt()


def equations(x: Sequence[Any], sigma: Any) -> list[Any]:
    """E1 .. E6 (section B.3): zero exactly where the gradient is, for sigma > 0 and the signs of `on_the_branch`."""
    q = scaled(x, sigma)
    m, h, be, ga, w, y = q.m, pi() / 2, q.be, q.ga, q.w, q.y
    mm = m**2
    bw, gw = be / w, ga / w
    own = 1 - q.sin_theta - mm * q.T
    by_theta, by_tau = 1 / (1 + q.cos_theta), 1 / (1 + q.cos_tau)
    rest_theta, rest_tau = arcsine_rest(q.sin_theta) + by_theta, arcsine_rest(q.sin_tau) + by_tau
    stretch = mm * q.varsigma
    return [
        q.varsigma * q.cos_theta + h * q.rho + (h - 1) * q.alpha - q.g**2 * by_theta + m * q.g**3 * rest_theta
        - q.cos_theta * q.T + (1 - m) * m * be * q.CA + q.CuA * q.eta,
        stretch * bw + h * q.rho + (h - 1) * be + bw * (own - arcsine(mm * bw))
        + q.CA * (q.a + (1 - 2 * m) * m * be) + q.CuA * q.eta,
        stretch * gw + h * q.chi + (h - 1) * ga + gw * (own - arcsine(m * gw)) + (1 - m) * m * ga * q.CA
        + q.CuA * q.f,
        stretch * y + h * m * q.rho + (h - 1) * q.eta + y * (1 - q.sin_tau - m * q.Tu - arcsine(m * y))
        + q.CuA * q.S,
        -m * q.varsigma * q.cos_tau + h * q.chi + (h - 1) * q.phi + y**2 * by_tau - q.sigma * y**3 * rest_tau
        + q.cos_tau * q.Tu + q.CuA * ga,
        2 * q.alpha + mm * q.alpha**2 - 2 * q.ow - mm * q.ow**2 + (1 - m) * m * be**2 + ga**2,
    ]  # fmt: skip


def on_the_branch(q: Scaled) -> bool:
    """Whether a, -f, eta, w, U and Ga are proved positive: then the angles are those of the formulas."""
    return all(proves_positive(x) for x in (q.a, -q.f, q.eta, q.w, q.U, q.Ga))


def entries(x: Sequence[Ball], sigma: Ball) -> list[Ball]:
    """a, b, c, e, f."""
    q = scaled(x, sigma)
    return [q.a, q.m**2 * q.be, q.m * q.ga, q.m * q.eta, q.f]
