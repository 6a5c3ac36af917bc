"""One branch of critical points for all k: docs/theorem/uniform.md, Theorem 12.U.

A box is an interval of s = k^(-1/2), and guesses. For every s of it the equations are proved to have exactly one
solution in a tube around a straight line, and the Hessian there to be positive definite by more than a bound.
Tubes of neighbouring boxes are proved to enclose the same solution where they meet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from relucert.kernel import ball
from relucert.kernel.ball import (
    Ball,
    BallMatrix,
    NotProved,
    hull,
    largest,
    lower,
    proves_le,
    proves_lt,
    smallest,
    symmetric,
    upper,
)
from relucert.kernel.outcome import Argument, inequality
from relucert.kernel.uniform.blocks import Blocks, blocks
from relucert.kernel.uniform.dual import Dual, variables
from relucert.kernel.uniform.loss import scaled_loss
from relucert.kernel.uniform.system import UNKNOWNS, Scaled, equations, on_the_branch, scaled

ONE, ZERO = Ball(1), Ball(0)
SCALARS, MATRICES = ("symmetric", "alternating"), ("standard", "trivial", "outside")
# how tubes are tried: nothing rests on it
ATTEMPTS, WIDER, LEAST = 4, ball.exact((5, -2)), ball.exact((1, -60))


class Guess(NamedTuple):
    """Exact, from floating point, and never believed: where the solutions of a box are thought to be."""

    middle: Ball  # a sigma of the box
    centre: Sequence[Ball]  # the unknowns there
    slope: Sequence[Ball]  # their derivatives by sigma
    preconditioner: BallMatrix  # 6 x 6, about the inverse of the Jacobian


class Tube(NamedTuple):
    """For every s of [low, high]: exactly one solution is within `radius` of the line, and in line + inner."""

    low: Ball
    high: Ball
    guess: Guess
    radius: Sequence[Ball]
    inner: Sequence[Ball]

    def at(self, sigma: Ball, within: Sequence[Ball]) -> list[Ball]:
        """The line at these sigma, plus balls around 0."""
        g, t = self.guess, sigma - self.guess.middle
        return [x + y * t + z for x, y, z in zip(g.centre, g.slope, within, strict=True)]


def sigma(s: Ball) -> Ball:
    """(k - 1)^(-1/2) where s = k^(-1/2)."""
    return s / (1 - s * s).sqrt()


def across(low: Ball, high: Ball) -> Ball:
    """All sigma of a box: it increases with s."""
    return hull(lower(sigma(low)), upper(sigma(high)))


def enclose(low: Ball, high: Ball, guess: Guess) -> Tube:
    """A tube that Krawczyk's operator maps into its interior (section B.7). Raises NotProved if none is found."""
    everywhere = across(low, high)
    if not (proves_le(lower(everywhere), guess.middle) and proves_le(guess.middle, upper(everywhere))):
        raise NotProved("the middle is not in the box: the mean value theorem needs all that lies between")
    t = everywhere - guess.middle
    line = [x + y * t for x, y in zip(guess.centre, guess.slope, strict=True)]
    first = equations(guess.centre, guess.middle)
    along = equations(*_parted(variables([*line, everywhere])))
    drift = [
        sum((d * y for d, y in zip(e.slopes, guess.slope, strict=False)), e.slopes[UNKNOWNS]) for e in along
    ]
    residual = guess.preconditioner * BallMatrix([[e + d * t] for e, d in zip(first, drift, strict=True)])
    radius = [upper(abs(residual[i, 0])) * WIDER + LEAST for i in range(UNKNOWNS)]
    for _ in range(ATTEMPTS):
        tube = [symmetric(r) for r in radius]
        wide = equations(*_parted(variables([*(x + z for x, z in zip(line, tube, strict=True)), everywhere])))
        jacobian = BallMatrix([e.slopes[:UNKNOWNS] for e in wide])
        image = (_identity(UNKNOWNS) - guess.preconditioner * jacobian) * BallMatrix(
            [[z] for z in tube]
        ) - residual
        inner = [image[i, 0] for i in range(UNKNOWNS)]
        if all(proves_lt(abs(z), r) for z, r in zip(inner, radius, strict=True)):
            return Tube(low, high, guess, radius, inner)
        radius = [largest((upper(abs(z)) * WIDER, r)) for z, r in zip(inner, radius, strict=True)]
    raise NotProved("no solution is enclosed: Krawczyk's operator leaves its box")


def _parted(values: list) -> tuple[list, object]:  # type: ignore[type-arg]
    return values[:UNKNOWNS], values[UNKNOWNS]


def _identity(size: int) -> BallMatrix:
    return BallMatrix([[Ball(i == j) for j in range(size)] for i in range(size)])


def same_solution(left: Tube, right: Tube) -> bool:
    """Whether the solution of `left` at its last s is proved to be that of `right` at its first, the same s.

    It is if one of them is proved to lie in the tube of the other, where there is only one.
    """
    here = sigma(left.high)
    meet = proves_le(left.high, right.low) and proves_le(right.low, left.high)
    return meet and (_holds(left, right, here) or _holds(right, left, here))


def _holds(outer: Tube, inner: Tube, here: Ball) -> bool:
    """Whether the solution of `inner` at this sigma is proved to lie in the other tube."""
    found, line = inner.at(here, inner.inner), outer.at(here, [ZERO] * UNKNOWNS)
    return all(proves_lt(abs(x - y), r) for x, y, r in zip(found, line, outer.radius, strict=True))


class At(NamedTuple):
    """What holds for every s of a box at its solution."""

    loss: Ball  # k F
    entries: Sequence[Ball]  # k^2 (a - 1), k^2 b, k c, k e, k (f + 1)


def hessian(tube: Tube, most: Ball) -> Blocks:
    """most: where k - 1 grows beyond it, it may stand for k - 1 in what is positive semidefinite.

    Raises NotProved where the signs that the equations need are not proved.
    """
    q = _on_the_branch(tube)
    square = upper(tube.high * tube.high)
    stiffness = smallest((most, lower((1 - square) / square)))
    return blocks(q, stiffness)


def _on_the_branch(tube: Tube) -> Scaled:
    everywhere = across(tube.low, tube.high)
    q = scaled(tube.at(everywhere, tube.inner), everywhere)
    if not on_the_branch(q):
        raise NotProved("the signs of a, f, eta or a length are not proved")
    return q


def evaluate(tube: Tube) -> At:
    """By the mean value theorem in s. Raises NotProved where the signs that the formulas need are not proved."""
    _on_the_branch(tube)
    middle, half = (tube.low + tube.high) / 2, (tube.high - tube.low) / 2
    at_middle, at_all = _along(tube, middle), _along(tube, hull(tube.low, tube.high))
    return At(
        _by_mean_value(_loss(at_middle), _loss(at_all), half),
        [_by_mean_value(x, y, half) for x, y in zip(_entries(at_middle), _entries(at_all), strict=True)],
    )


def _along(tube: Tube, s: Ball) -> Scaled:
    """With derivatives by s on all lines that are parallel to the tube's and within it."""
    (at,) = variables([s])
    here = at / (1 - at * at).sqrt()
    t = here - tube.guess.middle
    x = [
        c + slope * t + z for c, slope, z in zip(tube.guess.centre, tube.guess.slope, tube.inner, strict=True)
    ]
    return scaled(x, here)


def _by_mean_value(here: Dual, everywhere: Dual, half: Ball) -> Ball:
    """f(s) for every s of a box, from f in the middle and f' everywhere: f(s) = f(m) + f'(..)(s - m)."""
    return here.value + symmetric(upper(abs(everywhere.slopes[0]) * half))


def _loss(q: Scaled) -> Any:
    """k F."""
    return (1 + q.m) * scaled_loss(q)


def _entries(q: Scaled) -> list[Any]:
    """k^2 (a - 1), k^2 b, k c, k e, k (f + 1); k/(k - 1) = 1 + m."""
    grown = 1 + q.m
    return [grown**2 * q.alpha, grown**2 * q.be, grown * q.ga, grown * q.eta, grown * q.phi]


class Line(NamedTuple):
    """k^2 (a - 1), k^2 b, k c, k e, k (f + 1) in the middle of a box, and their derivatives by s, exact."""

    centre: Sequence[Ball]
    slope: Sequence[Ball]


def off_line(tube: Tube, line: Line) -> list[Ball]:
    """How far at most these five are from the line, for every s of the box: by the mean value theorem in s."""
    middle, half = (tube.low + tube.high) / 2, (tube.high - tube.low) / 2
    here, everywhere = (_entries(_along(tube, s)) for s in (middle, hull(tube.low, tube.high)))
    return [
        upper(abs(x.value - c) + abs(y.slopes[0] - slope) * half)
        for x, y, c, slope in zip(here, everywhere, line.centre, line.slope, strict=True)
    ]


def guess_line(tube: Tube, s: Ball) -> list[tuple[Ball, Ball]]:
    """The five and their derivatives at an s near the box, about: nothing is proved outside it."""
    return [(x.value, x.slopes[0]) for x in _entries(_along(tube, s))]


def positive(matrix: BallMatrix, least: Ball, factor: BallMatrix) -> bool:
    """Whether matrix - least I is proved positive definite.

    factor: any matrix R; where |R^T (matrix - least I) R - I| < 1 in the norm of the largest row sum, R is
    invertible and R^T (matrix - least I) R is positive definite (section B.7).
    """
    size = matrix.nrows()
    form = factor.transpose() * (matrix - _identity(size) * least) * factor - _identity(size)
    return all(proves_lt(sum((abs(form[i, j]) for j in range(size)), ZERO), ONE) for i in range(size))


def unproved(of: Blocks, least: Ball, factors: Mapping[str, BallMatrix]) -> str:
    """The name of a block of which it is not proved that all eigenvalues exceed `least`, or "".

    factors: for each 5 x 5 or 3 x 3 block a matrix as in `positive`.
    """
    for name in SCALARS:
        if not proves_lt(least, getattr(of, name)):
            return name
    for name in MATRICES:
        if name not in factors or not positive(getattr(of, name), least, factors[name]):
            return name
    return ""


def theorem_12_u(tubes: Sequence[Tube], losses: Sequence[Ball], least: Ball) -> Argument:
    """The evidence of Theorem 12.U, from boxes that are proved: least, the weakest of their bounds."""
    tightest = largest(
        [upper(abs(k)) / lower(r) for t in tubes for k, r in zip(t.inner, t.radius, strict=True)]
    )
    hypotheses = (
        inequality("U.1", tightest, "<", ONE, "|K| < r in every box"),
        inequality("U.2", ZERO, "<=", least, "0 <= bound of lambda_min"),
        inequality("U.3", ZERO, "<", smallest([lower(x) for x in losses]), "0 < k F(W)"),
    )
    return Argument("Theorem 12.U", hypotheses)
