"""k F at a critical point, without cancellation down to s = 0 (docs/theorem/uniform.md, A).

At a critical point 0 = sum w_i.grad_i F, hence 2 F = sum f(e_i, e_j) - sum f(w_i, e_j). Its terms of order 1 cancel
only because G1 = G3 = 0: so G1 + G3 is added, and what is left of 4 pi F is s^2 times the sum below. At any point,
critical or not, that sum is (4 pi F - 2 pi sum w_i.grad_i F + G1 + G3)/s^2."""

from collections.abc import Sequence

from relucert_audit.interval import pi
from relucert_audit.uniform.dual import Dual, arcsine_ratio, lens_ratio, square, wedge_ratio
from relucert_audit.uniform.system import geometry


def scaled_loss(x: Sequence[Dual], s: Dual) -> Dual:
    """k F, if x is a zero of G."""
    al, be, ga, ep, ph = x
    g = geometry(x, s)
    s2, s4, p2, half = g.s2, g.s4, g.p2, Dual(pi() / 2)
    n1, n2 = g.q2, 1 - 2 * s2
    arc_ij = square(be) / g.p * arcsine_ratio(square(s4 * be / g.p))  # s^-4 be asin(b/p)
    arc_ki = square(ep) / g.r * arcsine_ratio(square(s2 * ep / g.r))
    arc_ik = ga / g.p * arcsine_ratio(square(s2 * ga / g.p))
    ii, yy = g.z / g.p, square(g.y)
    sine_ii = square(s2 * ii)
    # p sin(w_i, e_j), r sin(w_k, e_i), p sin(w_i, e_k): 1 less each is a difference of squares over a sum
    ij, ki, ik = 1 + g.p * g.sin_ij, 1 + g.r * g.sin_ki, 1 + g.p * g.sin_ik
    P, R = g.P - s4 * square(be), g.R - s2 * square(ep)
    S, T = g.p * g.S, g.p * g.T
    # 1/S - 1/ij = s^4 near_S, 1/T - 1/ki = s^2 near_T
    near_S = (s4 * square(g.C) - g.P * (1 + p2)) / (S * ij * (1 + p2 * g.sin_ww))
    near_T = (square(ga) - g.P) / ik
    near_T += (square(g.D) - square(ep) - g.P * g.r2) / (g.r * (g.sin_ki + g.p * g.sin_wk))
    near_T = s2 * near_T / (T * ki)
    among = P / ij + half * be
    among += s2 * (al * g.U / S + ((square(be) - square(g.C)) / p2 + square(be)) / S + P * near_S)
    among += s2 * (g.arc_ww * be - n1 * arc_ij)
    last = ((square(ga) - square(g.D)) / p2 + square(ep)) / T + R * near_T + s2 * al * g.V / T
    last += R / ki + half * ep + g.arc_wk * ep - n1 * arc_ki
    own = s2 * (half * 2 * al + square(ii) * ii * lens_ratio(sine_ii))
    own -= n1 * s2 * g.p * square(ii) * ii * wedge_ratio(sine_ii)
    turned = n1 * ((square(ga) - g.P) / ik - ga * arc_ik) - g.r * g.s * yy * g.y * wedge_ratio(s2 * yy)
    turned += half * (ga + ph) + s2 * g.A2 * ga + s2 * g.arc_ww * n2 * ga + g.arc_wk * g.f - arc_ik
    return (n2 * among + last + own + turned) / (8 * half)
