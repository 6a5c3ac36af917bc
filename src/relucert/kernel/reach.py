"""Gradient descent reaches zero loss near this very point: docs/theorem/ntk.md, Lemma 14.J.

Common to all losses f = |y - u|^2/2, u: R^p -> R^n.
"""

from __future__ import annotations

from typing import NamedTuple

from relucert.kernel import ball
from relucert.kernel.ball import Ball, lower, root, square, upper
from relucert.kernel.outcome import Argument, inequality

THEOREM = "Lemma 14.J"


class Here(NamedTuple):
    """What is known of u within `slack` of a point c: |y - u| <= error; and of J = Du at c itself.

    least: lower bound of the smallest of the n singular values of J(c), most: upper bound of |J(c)|.
    """

    error: Ball
    least: Ball
    most: Ball
    slack: Ball


class Reach(NamedTuple):
    """From every start within `slack` of c: |y - u| <= (1 - rate)^t |y - u_0| after t steps."""

    argument: Argument
    rate: Ball
    needed: Ball  # the travel that Lemma 14.J needs: it holds if this is not above rho


def lemma_j(at: Here, eta: Ball, bend: Ball, rho: Ball) -> Reach:
    """Gradient descent with step eta from every point within `slack` of c stays within rho of it and ends at u = y.

    bend: upper bound of |D^2 u [d, d]| for unit d, on B(c, slack + rho).
    """
    domain = at.slack + rho
    least = lower(at.least - bend * domain)
    steep = upper(square(at.most + bend * domain) + bend * at.error)
    keep = 1 - eta * steep / 2
    needed = at.error / (least * keep)
    hypotheses = (
        inequality("J.0", Ball(0), "<", least, "Lam (rho + r) < s_0"),
        inequality("J.1", eta * steep, "<", Ball(2), "eta ((B_0 + Lam (rho + r))^2 + Lam E) < 2"),
        inequality("J.2", at.error, "<=", rho * least * keep, "E <= rho s (1 - eta l/2)"),
    )
    argument = Argument(THEOREM, hypotheses)
    if not (hypotheses[0].proved and hypotheses[1].proved):
        return Reach(argument, Ball(0), ball.undefined())
    fall = 2 * eta * square(least) * keep
    return Reach(argument, lower(fall / (1 + root(1 - fall))), upper(needed))  # 1 - (1 - fall)^(1/2)
