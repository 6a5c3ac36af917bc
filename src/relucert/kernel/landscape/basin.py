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


def lipschitz(at: Weights) -> tuple[Ball, Ball]:
    """L_0 and L_1: within R of a signed permutation the Hessian in U is Lipschitz with L_0 + L_1 R: L'' of Lemma 13.L.

    alpha_i t_i and t_i increase with alpha_i.
    """
    most, one = at.ascending[-1], Ball(1)
    longest = squared_length(at, most).sqrt()
    om = largest((at.nu, 2 / (3 * (3 * (1 + at.nu)).sqrt())))
    return 24 * (om * most + at.lam) * longest, 24 * (largest((one, at.nu)) * most + at.lam)


def basin(at: Weights, scale: Scale = ORTHONORMAL) -> WithTwoRadii:
    """Theorem 13.B: gradient descent from within R of a signed permutation P, with a step below s, converges to P.

    Returns its Argument, R and s; in B, where U = B T^T and `scale` bounds |T|^2. The mean Hessian of a segment from P
    differs from that at P by at most L_0 R/2 + L_1 R^2/6, as much as with the constant L = L_0 + L_1 R/3. R is, but
    for rounding and the share of Theorem D, the largest for which that is below the smallest eigenvalue.
    """
    low, high = spectrum_at_minima(at)
    low, high = low * scale.least, high * scale.most
    first, second = lipschitz(at)
    first, second = first * scale.most * scale.most.sqrt(), second * ball.square(scale.most)
    root = (ball.square(first) / 4 + 2 * second * low / 3).sqrt()
    domain = ball.lower(2 * low / (first / 2 + root))
    argument, reach, step = theorem_d(low, high, first + second * domain / 3, Ball(0), domain)
    return argument._replace(theorem=THEOREM), reach, step
