"""Around the signed permutations: docs/theorem/landscape.md, Lemma 13.L and Theorem 13.B."""

from __future__ import annotations

from relucert.kernel import ball
from relucert.kernel.ball import Ball, NotProved, largest, smallest
from relucert.kernel.landscape.weights import ORTHONORMAL, Scale, Weights
from relucert.kernel.newton import WithTwoRadii, theorem_d

THEOREM = "Theorem 13.B"


def squared_length(at: Weights, alpha: Ball) -> Ball:
    """t^2 = lambda/(lambda - nu alpha), alpha one of the weights. Raises NotProved unless lambda > nu alpha is."""
    slope = at.lam - at.nu * alpha
    if not ball.proves_positive(slope):
        raise NotProved("lambda > nu alpha_i is not proved for all i, so there may be no signed permutation")
    return at.lam / slope


def spectrum_at_minima(at: Weights) -> tuple[Ball, Ball]:
    """The smallest and the largest eigenvalue of the Hessian in U at every signed permutation (Theorem 13.A).

    The eigenvalues are 8 lambda and 4 (m_i + nu m_s), i != s, m_i = alpha_i t_i^2, which increases with alpha_i.
    """
    ends = (*at.ascending[:2], *at.ascending[-2:])
    low, next_low, next_high, high = (alpha * squared_length(at, alpha) for alpha in ends)
    along = 8 * at.lam
    least = 4 * smallest((low + at.nu * next_low, next_low + at.nu * low))
    most = 4 * largest((high + at.nu * next_high, next_high + at.nu * high))
    return smallest((along, least)), largest((along, most))


def lipschitz(at: Weights, radius: Ball) -> Ball:
    """A Lipschitz constant of the Hessian in U within `radius` of a signed permutation: Lemma 13.L.

    There |u^i| = max_j |u_ji| = t_i, and alpha_i (t_i + R) and t_i increase with alpha_i.
    """
    return _slope(at) * (_longest(at) + radius)


def basin(at: Weights, scale: Scale = ORTHONORMAL) -> WithTwoRadii:
    """Theorem 13.B: gradient descent from within R of a signed permutation P, with a step below s, converges to P.

    Returns its Argument, R and s; in B, where U = B T^T and `scale` bounds |T|^2. R is, but for rounding and the
    share of Theorem D, the largest with L_B(R) R/2 < low: the root of a quadratic.
    """
    low, high = spectrum_at_minima(at)
    low, high = low * scale.least, high * scale.most
    size = scale.most.sqrt()
    slope, middle = _slope(at) * scale.most * scale.most, _longest(at) / size  # L_B(R) = slope (middle + R)
    bend = 8 * low / slope
    domain = ball.lower(bend / (2 * (middle + (ball.square(middle) + bend).sqrt())))
    argument, reach, step = theorem_d(low, high, slope * (middle + domain), Ball(0), domain)
    return argument._replace(theorem=THEOREM), reach, step


def _longest(at: Weights) -> Ball:
    """t_i of the greatest alpha_i."""
    return squared_length(at, at.ascending[-1]).sqrt()


def _slope(at: Weights) -> Ball:
    return 24 * ((2 + at.nu) * at.ascending[-1] + at.lam)
