"""From a gradient, a spectrum and a Lipschitz constant to what a point of a quartic objective is.

docs/theorem/landscape.md section 13; Theorems C and E of docs/theorem/teacher.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from relucert.kernel import ball
from relucert.kernel.ball import Ball, BallMatrix, NotProved, lower, smallest, upper
from relucert.kernel.newton import ZERO, not_critical, theorem_e
from relucert.kernel.outcome import Argument, Inconclusive, inequality, undecided
from relucert.kernel.spectrum import Spectrum, signs


class Facts(NamedTuple):
    """About one point B. All derivatives are with respect to B."""

    value: Ball
    gradient: Ball  # its norm
    spectrum: Spectrum
    correction: Ball  # >= |X grad|, X the approximate inverse in `spectrum`
    lipschitz: Ball  # of the Hessian, on the ball of radius `domain`
    domain: Ball


class Floor(NamedTuple):
    """What is known of inf Q: it is at most `value`, by `argument`; None: it is -infinity."""

    argument: Argument
    value: Ball | None


class Near(NamedTuple):
    """Proved numbers about the critical point W next to B, each an exact number on the safe side."""

    value: tuple[Ball, Ball]  # contains Q(W)
    gradient: Ball  # >= |grad Q(B)|
    lambda_min: tuple[Ball, Ball]  # contains the smallest eigenvalue of Hess Q(B)
    inertia: tuple[int, int]  # numbers of negative and positive eigenvalues, at B and at W
    radius: Ball  # W is within
    uniqueness: Ball  # no other critical point is nearer to B
    curvature: Ball | None = None  # of a direction that was given, at W: <Hess(W) v, v> <= curvature |v|^2


class Away(NamedTuple):
    """No critical point is within `exclusion` of B, where the gradient has at least the norm `gradient`."""

    gradient: Ball
    exclusion: Ball


@dataclass(frozen=True)
class Critical:
    """What the critical point next to B is: strict-saddle, local-minimum, spurious-minimum."""

    proved: ClassVar[bool] = True
    verdict: str
    bounds: Near
    arguments: tuple[Argument, ...]


@dataclass(frozen=True)
class NotCritical:
    """There is none."""

    proved: ClassVar[bool] = True
    verdict: ClassVar[str] = "not-critical"
    bounds: Away
    arguments: tuple[Argument, ...]


def decide_critical(facts: Facts, floor: Floor | None) -> Critical | Inconclusive:
    """What the critical point W next to B is: Theorem E for existence, then the signs of the eigenvalues.

    A minimum is called spurious where `floor` proves that Q is smaller elsewhere, else local.
    """
    values, inverse = facts.spectrum.values, facts.spectrum.inverse
    nearest = lower(smallest(abs(x) for x in values))
    regular = Argument("Theorem C", (inequality("C.1", ZERO, "<", nearest, "0 < min |lambda_i|"),))
    exists, radius, uniqueness = theorem_e(
        inverse.error, inverse.size, facts.correction, facts.lipschitz, facts.domain
    )
    inertia = signs(facts.spectrum)
    if inertia is None or not (regular.holds and exists.holds):
        return undecided(regular, exists)
    steepest = upper(ball.largest((abs(values[0]), abs(values[-1]))))
    value = taylor(facts.value, facts.gradient, steepest, facts.lipschitz, radius)
    ends = lower(values[0]), upper(values[0])
    bounds = Near(value, upper(facts.gradient), ends, inertia, radius, uniqueness)
    if inertia[0] > 0:
        return Critical("strict-saddle", bounds, (regular, exists))
    if floor is not None:
        above = _above(floor, value[0])
        if above.holds:
            return Critical("spurious-minimum", bounds, (regular, exists, above))
    return Critical("local-minimum", bounds, (regular, exists))


def _above(floor: Floor, low: Ball) -> Argument:
    """W is not global."""
    if floor.value is None:
        return floor.argument
    more = inequality("A.5", floor.value, "<", low, "V < Q(W)")
    return Argument("Theorem 13.A", (*floor.argument.hypotheses, more))


def taylor(value: Ball, gradient: Ball, steepest: Ball, lipschitz: Ball, radius: Ball) -> tuple[Ball, Ball]:
    """Bounds of Q on the ball of this radius: as `newton.taylor`, of a function that may be negative."""
    change = radius * (gradient + radius * (steepest / 2 + lipschitz * radius / 6))
    return lower(value - change), upper(value + change)


def curvature(matrix: BallMatrix, direction: BallMatrix, lipschitz: Ball, radius: Ball) -> Ball:
    """Upper bound, negative, of <Hess(W) v, v>/|v|^2 for W within `radius` of the point whose Hessian `matrix` is.

    direction: v as a row. Raises NotProved where the bound is not negative, or v = 0.
    """
    size = (direction * direction.transpose())[0, 0]
    found = upper((direction * matrix * direction.transpose())[0, 0] / size + lipschitz * radius)
    if not ball.proves_positive(-found):
        raise NotProved("the direction is not proved to be one of negative curvature at the critical point")
    return found


def decide_not_critical(
    gradient: Ball, steepest: Ball, lipschitz: Ball, domain: Ball
) -> NotCritical | Inconclusive:
    """No critical point within `domain` of B, or Inconclusive ("Not critical" of docs/theorem/teacher.md section 4).

    gradient: its norm at B; steepest: upper bound of every |eigenvalue| there; lipschitz: on that ball.
    """
    argument = not_critical(lower(gradient), steepest, lipschitz, domain)
    if argument.holds:
        return NotCritical(Away(lower(gradient), domain), (argument,))
    return undecided(argument)
