"""Two spurious minima that are known in closed form: Theorems 13.P and 13.S of docs/theorem/landscape.md."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from relucert.kernel import ball
from relucert.kernel.ball import Ball, Ratio, lower, ratio, smallest, square
from relucert.kernel.newton import ZERO
from relucert.kernel.outcome import Argument, Inconclusive, inequality, undecided


@dataclass(frozen=True)
class Spurious:
    """A spurious local minimum; strength: the radius of 13.P, or the curvature of 13.S."""

    verdict: ClassVar[str] = "spurious-minimum"
    proved: ClassVar[bool] = True
    strength: Ball
    arguments: tuple[Argument, ...]


def unit_rows(
    a_star: Sequence[Ratio], least: int, first: int, second: int, x: Ratio
) -> Spurious | Inconclusive:
    """P' of Ge, Lee & Ma's Appendix D at b_l = b_p = e_l, b_q = sqrt(x) e_p + sqrt(1-x) e_q, b_j = e_j for the other j.

    Theorem 13.P: P' is nowhere less on the product of spheres where every row is within the radius returned.
    least, first, second: l, p, q. Raises ValueError unless they differ and all weights are positive: the value
    there is 2 a_l, and P' is nowhere below 0.
    """
    if len({least, first, second}) < 3 or min(Fraction(*v) for v in a_star) <= 0:
        raise ValueError("expected three different places, and positive weights")
    a, share = [ratio(v) for v in a_star], ratio(x)
    rest = [a[i] for i in range(len(a)) if i not in (least, first, second)]
    hypotheses = [
        inequality("P.1", a[least], "<", a[first] * share, "a_l < a_p x"),
        inequality("P.2", a[least], "<", a[second] * (1 - share), "a_l < a_q (1 - x)"),
    ]
    if rest:
        hypotheses.append(inequality("P.3", a[least], "<", smallest(rest), "a_l < a_i for the other i"))
    argument = Argument("Theorem 13.P", tuple(hypotheses))
    if not argument.holds:
        return undecided(argument)
    pairs = [(share, a[first]), (1 - share, a[second]), *((Ball(1), other) for other in rest)]
    radius = lower(smallest(s.sqrt() - (a[least] / other).sqrt() for s, other in pairs))
    return Spurious(radius, (argument,)) if ball.proves_positive(radius) else undecided(argument)


def split_neuron(alpha: Ratio, beta: Ratio, tau: Ratio) -> Spurious | Inconclusive:
    """f' = alpha f_2 + beta f_4 at b_1 = b_2 = e_1, output weights -tau and 1 + tau: Theorem 13.S.

    The smallest eigenvalue of half the second derivative in (a_1 + a_2, theta_1, theta_2): 2 det/(trace + root) for
    the two angles, where no digits cancel.
    """
    a, b, t = ratio(alpha), ratio(beta), ratio(tau)
    product = t * (1 + t)
    mixed = (2 * a + 4 * b) * product
    first, second = 2 * a * product + 4 * b * square(t), mixed + 4 * b * (1 + t)
    trace, determinant = first + second, 8 * a * b * product
    root = (square(first - second) + 4 * square(mixed)).sqrt()
    curvature = lower(smallest((a + b, 2 * determinant / (trace + root))))
    argument = Argument(
        "Theorem 13.S",
        (inequality("S.1", ZERO, "<", curvature, "0 < the second derivative across the line of minima"),),
    )
    return Spurious(curvature, (argument,)) if argument.holds else undecided(argument)
