"""The scaled system G(x, s) = 0 of the critical points with classes k - 1 and 1 (docs/theorem/uniform.md, A).

s = 1/sqrt(k), m = k - 1, and for i, j < k the point has the neurons

    w_i = a e_i + b sum_{j != i} e_j + c e_k,    w_k = e sum_j e_j + f e_k,
    a = 1 + al s^4,  b = be s^4,  c = ga s^2,  e = ep s^2,  f = -1 + ph s^2,    x = (al, be, ga, ep, ph).

2 pi times the gradient has the entries s^2 G1 (coordinate i of w_i), s^2 G2 (j of w_i), G3 (k of w_i), s^2 G4 (i of
w_k) and G3 + s^2 G5 (k of w_k). Nothing is divided by s: s = 0 is an ordinary point."""

from collections.abc import Sequence
from typing import NamedTuple

from relucert_audit.interval import pi
from relucert_audit.uniform.dual import Dual, arcsine_ratio, cosine, lens_ratio, positive, root, square


class Geometry(NamedTuple):
    """Lengths p = |w_i|, r = |w_k|, products and sines, for i, j < k.

    p2 = 1 + s^4 P, r2 = 1 + s^2 R, w_i.w_j = s^4 C, w_i.w_k = s^2 D. Sines: ww of w_i and w_j, wk of w_i and w_k,
    ij of w_i and e_j, ik of w_i and e_k, ki of w_k and e_i; sin(w_i, e_i) = s^2 z/p, sin(w_k, e_k) = s y. arc_ww and
    arc_wk are s^-4 and s^-2 times asin(cos). In 2 pi grad_i F the factor of w_i is pi + A_i, where A_i = s^2 A2 and
    A_k = s^2 B2 - s y/r."""

    s: Dual
    s2: Dual
    s4: Dual
    a: Dual
    f: Dual
    P: Dual
    R: Dual
    C: Dual
    D: Dual
    p2: Dual
    p: Dual
    r2: Dual
    r: Dual
    z2: Dual
    z: Dual
    y: Dual
    q2: Dual  # 1 - s^2 = m s^2
    sin_ww: Dual
    sin_wk: Dual
    sin_ij: Dual
    sin_ik: Dual
    sin_ki: Dual
    arc_ww: Dual
    arc_wk: Dual
    U: Dual  # p sin_ww - sin_ij = s^4 U/S
    S: Dual
    V: Dual  # r sin_wk - sin_ik = s^2 V/T
    T: Dual
    A2: Dual
    B2: Dual


def geometry(x: Sequence[Dual], s: Dual) -> Geometry:
    """Raises `Unproved` unless a > 0, ep > 0 and f < 0, which the angles of the formulas suppose."""
    al, be, ga, ep, ph = x
    s2 = square(s)
    s4 = square(s2)
    a, f, q2 = positive(1 + al * s4, "a"), -positive(1 - ph * s2, "-f"), 1 - s2
    P = 2 * al + square(ga) + s2 * square(be) + s4 * (square(al) - 2 * square(be))
    R = square(ep) * q2 - 2 * ph + s2 * square(ph)
    C = 2 * be + square(ga) + s2 * square(be) + s4 * be * (2 * al - 3 * be)
    D = ep - ga + s2 * (be * ep + ga * ph) + s4 * ep * (al - 2 * be)
    p2, r2 = 1 + s4 * P, 1 + s2 * R
    p, r = root(p2), root(r2)
    z2 = square(ga) + s2 * square(be) * (1 - 2 * s2)
    z, y = root(z2), positive(ep, "ep") * root(q2) / r
    cos_ww, cos_wk = s4 * C / p2, s2 * D / (p * r)
    ww, wk = square(cos_ww), square(cos_wk)
    sin_ww, sin_wk = cosine(ww), cosine(wk)
    sin_ij, sin_ik, sin_ki = (cosine(square(v)) for v in (s4 * be / p, s2 * ga / p, s2 * ep / r))
    # p sin_ww - sin_ij and the like are differences of roots: each is a difference of squares over a sum.
    U, S = P + s4 * (square(be) - square(C)) / p2, p * sin_ww + sin_ij
    V, T = R + s2 * (square(ga) - square(D)) / p2, r * sin_wk + sin_ik
    A2 = ((1 - 2 * s2) * U / S + V / T - z / p) / p
    B2 = q2 * (P + (square(ep) - square(D)) / r2) / ((p * sin_wk + sin_ki) * r)
    arc_ww, arc_wk = C / p2 * arcsine_ratio(ww), D / (p * r) * arcsine_ratio(wk)
    return Geometry(
        s, s2, s4, a, f, P, R, C, D, p2, p, r2, r, z2, z, y, q2, sin_ww, sin_wk, sin_ij, sin_ik, sin_ki,
        arc_ww, arc_wk, U, S, V, T, A2, B2,
    )  # fmt: skip


def system(x: Sequence[Dual], s: Dual) -> list[Dual]:
    """G1 .. G5, with the partial derivatives that x and s carry."""
    al, be, ga, ep, ph = x
    g = geometry(x, s)
    s2, s4, whole = g.s2, g.s4, Dual(pi())
    half = Dual(whole.v / 2)
    ww, wk = half + s4 * g.arc_ww, half + s2 * g.arc_wk  # pi - the angle
    ii, ij = g.z / g.p, be / g.p
    ik, ki = ga / g.p, ep / g.r
    arc_ik = ik * arcsine_ratio(square(s2 * ik))
    n1, n2, n3 = 1 - s2, 1 - 2 * s2, 1 - 3 * s2  # s^2 times k - 1, k - 2, k - 3
    yy = square(g.y)
    g1 = whole * al * s2 + g.A2 * g.a + ww * n2 * be + wk * ep + ii * arcsine_ratio(square(s2 * ii))
    g2 = (
        s2 * (s2 * g.A2 + whole) * be
        + half * (al * s2 + n3 * be)
        + s2 * g.arc_ww * (g.a + s2 * n3 * be)
        + wk * ep
        - s2 * ij * arcsine_ratio(square(s4 * ij))
    )
    g3 = (s2 * g.A2 + whole) * ga * s2 + ww * n2 * ga + wk * g.f - half - s2 * arc_ik
    g4 = (
        (s2 * g.B2 - g.s * g.y / g.r + whole) * ep
        + half * (al * s2 + n2 * be)
        + g.arc_wk * (g.a + s2 * n2 * be)
        - ki * arcsine_ratio(square(s2 * ki))
    )
    g5 = (
        g.B2 * g.f
        - g.s * yy * g.y * lens_ratio(s2 * yy)
        + half * (ph - ga)
        + g.arc_wk * (n1 * ga - g.f)
        - s2 * g.arc_ww * n2 * ga
        - s2 * g.A2 * ga
        + arc_ik
    )
    return [g1, g2, g3, g4, g5]
