"""How large a box is worth trying: guesses, which the kernel judges. docs/theorem/expression.md section 17."""

from __future__ import annotations

from collections.abc import Callable

from relucert.base.dyadic import rounded
from relucert.kernel import ball
from relucert.kernel.ball import Ball, BallMatrix, NotProved, proves_lt
from relucert.kernel.expression import enclose, theorems
from relucert.kernel.expression.decide import Guess, Place, hessian_on, spread_on
from relucert.kernel.expression.loss import Loss, NotSmooth
from relucert.kernel.expression.theorems import SPARE
from relucert.kernel.norms import spectral_norm

AIM = 0.6  # of the smallest |eigenvalue|, to be lost in the box: near 2/3, where the barrier is highest
CLOSE, TRIES = 0.75, 20
FIRST, LARGEST, GROWTH = 2.0**-8, 2.0**20, 2.0**10  # half-widths, for a point of size 1
DIGITS = 20  # bits of a half-width
SINGULAR = (
    "the Hessian is not proved to be regular: the point may belong to a continuum of critical points (a symmetry of "
    "the loss; constraints or fixed parameters can remove it), or lie on a bifurcation"
)


def half_width(of: Loss, at: Place, guess: Guess) -> Ball:
    """About the largest rho with delta <= AIM * low. Raises NotProved where no box is worth trying."""
    thin = spread_on(of, at, Ball(0), guess)
    least = float(thin.low - thin.delta)
    if not least > 0:
        raise NotProved(SINGULAR)

    def quality(rho: Ball) -> float:
        matrix = hessian_on(of, at, rho)
        radii = BallMatrix([[ball.radius(x) for x in row] for row in matrix.tolist()])
        return AIM * least / max(float(SPARE * spectral_norm(radii)), 1e-300)

    nearest = float(ball.norm(enclose.gradient(of, at.point, at.multipliers).gradient)) / least
    return _search(quality, FIRST * _size(at), LARGEST * _size(at), nearest)


def half_width_away(of: Loss, at: Place, least: float) -> Ball | None:
    """About the largest rho in which Theorem 17.N holds, if one of at least `least` is found."""
    try:
        slope = enclose.gradient(of, at.point, at.multipliers).gradient
        if not any(ball.proves_positive(abs(g)) for g in slope):
            return None

        def quality(rho: Ball) -> float:
            rows = [
                float(sum((abs(x).upper() for x in row), Ball(0))) for row in hessian_on(of, at, rho).tolist()
            ]
            worst = max(abs(float(g)) / max(s, 1e-300) for g, s in zip(slope, rows, strict=True))
            return worst / (float(SPARE) * float(rho)) * (1 - 2.0**-10)

        return _search(quality, FIRST * _size(at), LARGEST * _size(at), least)
    except NotProved:
        return None


def _size(at: Place) -> float:
    return max(1.0, *(abs(float(x)) for x in at.point))


def _search(quality: Callable[[Ball], float], first: float, most: float, least: float) -> Ball:
    """About the largest rho between these ends with quality(rho) >= 1, for a decreasing function.

    It raises NotSmooth where a box is too large. Raises NotProved where no such box is found.
    """
    rho, below, above, trouble, failures = max(first, 2 * least), 0.0, 2 * most, None, 0
    for _ in range(TRIES):
        if not least < rho <= most:
            break
        width = _short(rho)
        try:
            factor = quality(width)
        except NotSmooth as error:
            factor, trouble = 2.0**-5, error
        if factor >= 1:
            below = rho
            if factor * CLOSE <= 1:
                break
            following = min(rho * min(0.95 * factor, GROWTH), most)
            if below == most:
                break
        else:
            above = rho
            following = rho * min(0.9 * factor, 0.25**failures)
            failures += 1
        if not below < following < above:
            following = (below * above) ** 0.5 if below else above / 2**5
        if below and following < below / CLOSE:
            break
        rho = following
    if below:
        return _short(below)
    if trouble is not None and least < first:
        raise trouble
    raise NotProved("the point is too far from a critical one, or the Hessian changes too fast near it")


def _short(rho: float) -> Ball:
    found = ball.exact(rounded(ball.to_dyadic(ball.exact_float(rho)), DIGITS))
    if not proves_lt(theorems.ZERO, found):
        raise NotProved("no box around the point is proved")
    return found
