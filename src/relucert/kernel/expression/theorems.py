"""What an enclosure of the Hessian on a box proves: docs/theorem/expression.md section 17.

The box is Q(rho) = {z: |z_i - (z0)_i| <= rho for all i}; norms are Euclidean.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from relucert.kernel import ball
from relucert.kernel.ball import Ball, BallMatrix, lower, proves_positive, square, upper
from relucert.kernel.norms import spectral_norm
from relucert.kernel.outcome import Argument, Inequality, inequality
from relucert.kernel.spectrum import Eigen, Spectrum, spectrum

ZERO = Ball(0)
SPARE = ball.exact((5, -2))  # by which delta is taken larger than it is, for a checker with wider enclosures


SHORT = ball.exact(
    (1023, -10)
)  # what is computed from bounds is claimed a little smaller, as they are written weaker


class Spread(NamedTuple):
    """Every Hessian on the box lies entrywise in M +- E. delta: SPARE times a bound of |E|."""

    middle: BallMatrix
    radii: BallMatrix
    delta: Ball
    spectrum: Spectrum  # of M
    low: Ball  # below the sizes of all eigenvalues of M; 0 where nothing is proved
    high: Ball  # above those of all Hessians on the box
    inertia: tuple[int, int]  # of M; meaningless where low is 0

    @property
    def least(self) -> Ball:
        """Lower bound of the eigenvalues of all Hessians on the box."""
        return lower(self.spectrum.values[0] - self.delta)

    @property
    def most(self) -> Ball:
        """Upper bound of them."""
        return upper(self.spectrum.values[-1] + self.delta)


def middle(matrix: BallMatrix) -> BallMatrix:
    return BallMatrix([[ball.middle(x) for x in row] for row in matrix.tolist()])


def spread(matrix: BallMatrix, eigen: Eigen) -> Spread:
    """From an enclosure of the Hessians on a box and an untrusted eigendecomposition of its middle.

    Theorem C for M; |E| by Lemma S. Raises NotProved where the decomposition is no use.
    """
    centre = middle(matrix)
    radii = BallMatrix([[ball.radius(x) for x in row] for row in matrix.tolist()])
    found = spectrum(centre, eigen)
    delta = upper(SPARE * spectral_norm(radii))
    sizes = [abs(x) for x in found.values]
    low = lower(ball.smallest(sizes))
    positive = sum(proves_positive(x) for x in found.values)
    return Spread(
        centre, radii, delta, found, low if proves_positive(low) else ZERO,
        upper(ball.largest(sizes) + delta), (len(found.values) - positive, positive),
    )  # fmt: skip


def theorem_h(of: Spread, gradient: Ball, rho: Ball) -> tuple[Argument, Ball]:
    """One critical point in Q(rho), within r of z0, and the inertia of M throughout; returns r.

    Theorem 17.H. gradient: an upper bound of |grad L(z0)|.
    """
    radius = gradient / (of.low - of.delta)
    radius = upper(radius) if radius.is_finite() else ball.undefined()
    hypotheses = (
        inequality("H.1", of.delta, "<", of.low, "delta < low"),
        inequality("H.2", radius, "<", rho, "eps/(low - delta) < rho"),
    )
    return Argument("Theorem 17.H", hypotheses), radius


def positive(of: Spread) -> Inequality:
    """H.3: all Hessians on the box are positive definite."""
    return inequality("H.3", ZERO, "<", of.least, "0 < lambda_min(M) - delta")


def value(at_point: Ball, high: Ball, radius: Ball, blur: Ball, *, minimum: bool) -> tuple[Ball, Ball]:
    """Bounds of L(z*), z* within `radius` of z0: Theorem 17.H (4), weaker by `blur`.

    high: above the sizes of the eigenvalues.
    """
    change = high * square(radius) / 2
    return lower(at_point - change - blur), upper(at_point + blur if minimum else at_point + change + blur)


def basin(radius: Ball, rho: Ball, most: Ball) -> tuple[Argument, Ball, Ball]:
    """Gradient descent from within R of x0, with any step below s, converges to x*: Theorem 17.B; returns R and s."""
    reach = lower((rho - 2 * radius) * SHORT)
    argument = Argument("Theorem 17.B", (inequality("B.1", reach + 2 * radius, "<=", rho, "R + 2 r <= rho"),))
    return argument, reach, lower(2 / most * SHORT)


def barrier(convexity: Ball, rho: Ball, radius: Ball) -> Ball:
    """How far above F(x*) every continuous path to a point as low as x* gets: Theorem 17.V."""
    return lower(convexity * square(rho - radius) / 2 * SHORT)


def witness(there: Ball, least: Ball) -> tuple[Argument, Ball]:
    """F(y) < F(x*); returns a lower bound of the gap. there: encloses F(y); least: lower bound of F(x*)."""
    argument = Argument("Theorem 17.W", (inequality("W.1", there, "<", least, "F(y) < F(x*)"),))
    return argument, lower(least - there)


def curvature(of: Spread, direction: Sequence[Ball]) -> tuple[Argument, Ball]:
    """v.Hess v <= c |v|^2 on the whole box: Theorem 17.S; returns c."""
    row = BallMatrix(1, len(direction), list(direction))
    sizes = BallMatrix(1, len(direction), [abs(x) for x in direction])
    bend = (row * of.middle * row.transpose())[0, 0]
    blur = (sizes * of.radii * sizes.transpose())[0, 0]
    top = upper(bend + SPARE * blur)
    argument = Argument("Theorem 17.S", (inequality("S.1", top, "<", ZERO, "v.M v + w.E w < 0"),))
    return argument, upper(top / (row * row.transpose())[0, 0])


def not_critical(matrix: BallMatrix, gradient: Sequence[Ball], rho: Ball) -> Argument:
    """No critical point in Q(rho): Theorem 17.N, for the component in which it holds best."""
    rows = [sum((abs(x).upper() for x in row), ZERO) for row in matrix.tolist()]
    pairs = [(upper(rho * SPARE * s), lower(abs(g))) for s, g in zip(rows, gradient, strict=True)]
    left, right = max(pairs, key=lambda pair: float(pair[1] - pair[0]))
    return Argument("Theorem 17.N", (inequality("N.1", left, "<", right, "rho S_i < G_i"),))
