"""How long the steps C/(t + 1) are too short: docs/theorem/factorisation.md, Theorem 15.S."""

from __future__ import annotations

from relucert.kernel import ball
from relucert.kernel.ball import Ball, square
from relucert.kernel.outcome import Argument, inequality


def log10_steps(s: Ball, frobenius: Ball, r: int, accuracy: Ball, start: Ball) -> tuple[Ball, Argument]:
    """L: ||U_t V_t^T - M|| > accuracy for t <= 10^L, if ||M|| = s, |M| = frobenius and |(U_0, V_0)| <= start.

    C = (accuracy/r)^(1/2)/(100 |M|^(3/2)); Q, what the steps before t add up to at least, is
    (1/s) ln(w* (s + w^2/2)^(1/2)/(w (2 s - eps)^(1/2))), w* = (2 (s - eps))^(1/2).
    """
    constant = ball.root(accuracy / r) / (100 * frobenius * ball.root(frobenius))
    reached = ball.root(2 * (s - accuracy))
    grown = reached * ball.root(s + square(start) / 2) / (start * ball.root(2 * s - accuracy))
    needed = grown.log() / s
    found = ball.lower((needed / constant - 1) / Ball(10).log())
    return found, Argument(
        "Theorem 15.S",
        (
            inequality("S.1", start, "<", reached, "|(U_0, V_0)| < w*"),
            inequality("S.2", constant, "<", needed, "C < Q: more than one step"),
        ),
    )
