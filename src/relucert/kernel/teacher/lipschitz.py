"""Lipschitz constants of the Hessian of the teacher-student loss on a ball B(W, rho)."""

from __future__ import annotations

from collections.abc import Sequence

from relucert.kernel import ball
from relucert.kernel.ball import Ball, NotProved, largest, pi, square, upper


def room(neurons: Sequence[Ball], rho: Ball) -> Ball:
    least = ball.smallest(neurons)
    if not (ball.proves_le(Ball(0), rho) and ball.proves_lt(rho, least)):
        raise NotProved("the radius is not proved to be nonnegative and to keep every neuron off the origin")
    return least - rho


def theorem_b(neurons: Sequence[Ball], targets: Sequence[Ball], rho: Ball) -> Ball:
    """Upper bound of the Lipschitz constant, in spectral norm, of the Hessian on B(W, rho).

    Theorem B of docs/theorem/teacher.md section 2:
    max_i 3 sqrt3/(4 pi) (sum_{j != i} (p_j + rho) + sum q_j)/(p_i - rho)^2 + 3 sqrt(n-1)/(pi (p_min - rho))
    with the lengths p_i of the neurons and q_j of the targets. Raises NotProved unless 0 <= rho < p_min.
    """
    return theorem_b_of_classes(neurons, [1] * len(neurons), sum(targets, Ball(0)), rho)


def theorem_b_of_classes(lengths: Sequence[Ball], counts: Sequence[int], targets: Ball, rho: Ball) -> Ball:
    """Theorem B for counts[a] neurons of length lengths[a]; targets: the sum of the lengths of all targets.

    docs/theorem/teacher.md section 7. Raises NotProved unless 0 <= rho < p_min.
    """
    n = sum(counts)
    gap = room(lengths, rho)
    fixed = targets + (n - 1) * rho
    classes = list(enumerate(zip(lengths, counts, strict=True)))
    others = (sum((p * (count - (i == j)) for j, (p, count) in classes), Ball(0)) for i, _ in classes)
    own = largest((p + fixed) / square(w - rho) for p, w in zip(others, lengths, strict=True))
    return upper(3 * Ball(3).sqrt() / (4 * pi()) * own + 3 * Ball(n - 1).sqrt() / (pi() * gap))


def safran_shamir(neurons: Sequence[Ball], targets: Sequence[Ball], rho: Ball) -> Ball:
    """Safran & Shamir's L_A on B(W, rho) (2018, Theorem 3), the same arguments; valid for n >= 2:

    n / (pi (p_min - rho)^2) (sqrt2 (n - 1) (p_max + p_min) + k q_max), with p_max + rho and p_min - rho.
    Raises NotProved for n = 1, where it is false (docs/theorem/teacher.md section 5), and unless rho < p_min.
    """
    n, k = len(neurons), len(targets)
    if n < 2:
        raise NotProved("Safran & Shamir's constant L_A is not valid for a single neuron")
    gap = room(neurons, rho)
    pairs = Ball(2).sqrt() * (n - 1) * (largest(neurons) + rho + gap)
    return upper(n / (pi() * square(gap)) * (pairs + k * largest(targets)))
