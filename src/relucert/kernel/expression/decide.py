"""What the critical point next to a point of a loss is. docs/theorem/expression.md section 17.

Only here outcomes are made. The loss, the point and the half-width of the box are exact; eigendecompositions are
guesses.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import floor
from typing import ClassVar, NamedTuple, TypeAlias

from relucert.kernel import ball
from relucert.kernel.ball import Ball, BallMatrix, NotProved, lower, upper
from relucert.kernel.expression import enclose, exchange, infimum, invariance, orbit, theorems
from relucert.kernel.expression.enclose import Enclosure
from relucert.kernel.expression.exchange import Exchange, Images
from relucert.kernel.expression.invariance import Generator
from relucert.kernel.expression.loss import Loss
from relucert.kernel.expression.theorems import SPARE, Spread
from relucert.kernel.outcome import Argument, Inconclusive, inequality, undecided
from relucert.kernel.spectrum import Eigen

FLOOR = ball.exact(
    (1, -100)
)  # of claims that would be 0, which a checker with rounded numbers cannot confirm
SHORT_BITS = 60  # of a lower bound of F, so that no precision rounds it
Guess: TypeAlias = Callable[[BallMatrix], Eigen]  # of the eigendecomposition of a symmetric matrix


class Place(NamedTuple):
    """An exact point x0 and exact multipliers mu0: balls of radius 0."""

    point: Sequence[Ball]
    multipliers: Sequence[Ball]


class Near(NamedTuple):
    """Proved numbers about the critical point z* next to z0, each exact and on the safe side."""

    gradient: Ball  # >= |grad L(z0)|
    radius: Ball  # z* is within
    box: Ball  # z* is the only critical point in the box of this half-width
    inertia: tuple[int, int]  # at x*, on the tangent space where there are constraints
    objective: tuple[Ball, Ball]  # contains F(x*)
    lambda_min: tuple[Ball, Ball] | None = None  # contains the smallest eigenvalue at x*
    convexity: Ball | None = None  # below all eigenvalues in the box
    smoothness: Ball | None = None  # above
    basin: Ball | None = None
    step: Ball | None = None
    barrier: Ball | None = None
    gap: Ball | None = None  # F(x*) - F(y) is at least this
    curvature: Ball | None = None  # v.Hess v <= this |v|^2 in the box
    infimum: Ball | None = None  # F is at least this everywhere


class Away(NamedTuple):
    """No critical point is in the box of half-width `exclusion`; the gradient at x0 has at least this norm."""

    gradient: Ball
    exclusion: Ball
    infimum: Ball | None = None


@dataclass(frozen=True)
class Critical:
    """What the critical point next to z0 is: strict-saddle, local-minimum, spurious-minimum.

    symmetry: generators along which F is proved to be invariant and whose orbits the constraints cut: then all is said
    of the orbit of x*. images: exchanges of parameters after which F is the same: all is said of the images of x*.
    """

    proved: ClassVar[bool] = True
    verdict: str
    bounds: Near
    arguments: tuple[Argument, ...]
    symmetry: tuple[Generator, ...] = ()
    images: Images | None = None


@dataclass(frozen=True)
class NotCritical:
    """There is none."""

    proved: ClassVar[bool] = True
    verdict: ClassVar[str] = "not-critical"
    bounds: Away
    arguments: tuple[Argument, ...]


def box(centre: Sequence[Ball], half_width: Ball) -> list[Ball]:
    """Q(half_width), an entry each."""
    blur = ball.symmetric(half_width)
    return [x + blur for x in centre]


def hessian_on(of: Loss, at: Place, half_width: Ball) -> BallMatrix:
    """Encloses the Hessians of L in a box. Raises NotSmooth."""
    return enclose.hessian(of, box(at.point, half_width), box(at.multipliers, half_width)).hessian


def _start(of: Loss, at: Place) -> Enclosure:
    """Value and gradient at the point itself, where more digits are cheap."""
    with ball.precision(2 * ball.bits()):
        return enclose.gradient(of, at.point, at.multipliers)


def spread_on(of: Loss, at: Place, half_width: Ball, guess: Guess) -> Spread:
    matrix = hessian_on(of, at, half_width)
    return theorems.spread(matrix, guess(theorems.middle(matrix)))


def decide_critical(
    of: Loss, at: Place, rho: Ball, guess: Guess, direction: Callable[[Eigen], Sequence[Ball]]
) -> tuple[Critical | Inconclusive, Sequence[Ball] | None]:
    """What the critical point in Q(rho) is, and the direction of a saddle's negative curvature.

    direction: from a decomposition an exact vector that it says to have negative curvature. Raises NotProved.
    """
    start = _start(of, at)
    guessed: list[Eigen] = []

    def remembered(matrix: BallMatrix) -> Eigen:
        guessed.append(guess(matrix))
        return guessed[-1]

    found = spread_on(of, at, rho, remembered)
    size = upper(ball.largest((ball.norm(start.gradient), FLOOR * found.high)))
    exists, radius = theorems.theorem_h(found, size, rho)
    if not exists.holds:
        return undecided(exists), None
    k = len(of.constraints)
    inertia = found.inertia[0] - k, found.inertia[1] - k
    if min(inertia) < 0:
        raise NotProved(
            "the bordered Hessian has signs that Lemma 17.K excludes"
        )  # not reached, if it is true
    minimum = inertia[0] == 0
    value = theorems.value(start.value, found.high, radius, FLOOR * found.high, minimum=minimum and not k)
    bounds = Near(size, radius, rho, inertia, value)
    if k:
        return Critical("local-minimum" if minimum else "strict-saddle", bounds, (exists,)), None
    there = spread_on(of, at, upper(SPARE * radius), guess)
    first = there.spectrum.values[0]
    bounds = bounds._replace(lambda_min=(lower(first - there.delta), upper(first + there.delta)))
    if minimum:
        return _minimum(found, exists, bounds), None
    along = list(direction(guessed[0]))
    bends, curvature = theorems.curvature(found, along)
    if not bends.holds:
        return undecided(bends), None
    return Critical("strict-saddle", bounds._replace(curvature=curvature), (exists, bends)), along


def _minimum(found: Spread, exists: Argument, bounds: Near) -> Critical | Inconclusive:
    convex = Argument(exists.theorem, (*exists.hypotheses, theorems.positive(found)))
    if not convex.holds:
        return undecided(convex)
    within, reach, step = theorems.basin(bounds.radius, bounds.box, found.most)
    height = theorems.barrier(found.least, bounds.box, bounds.radius)
    bounds = bounds._replace(convexity=found.least, smoothness=found.most)
    arguments: tuple[Argument, ...] = (convex,)
    if within.holds and ball.proves_positive(reach):
        bounds, arguments = bounds._replace(basin=reach, step=step), (convex, within)
    if ball.proves_positive(height):
        bounds = bounds._replace(barrier=height)
    return Critical("local-minimum", bounds, arguments)


def with_witness(of: Loss, minimum: Critical, lowest: Sequence[Ball]) -> Critical | Inconclusive:
    """That the strict local minimum of F, without constraints, is not global: F is lower at the exact point `lowest`.

    Theorem 17.W. Raises NotSmooth where F is not proved to be defined there.
    """
    below, gap = theorems.witness(enclose.value(of, lowest), minimum.bounds.objective[0])
    on_set = len(of.constraints) > 0 and not minimum.symmetry
    if minimum.verdict != "local-minimum" or on_set or not below.holds:
        return undecided(below)
    arguments = (*minimum.arguments, below)
    return replace(
        minimum, verdict="spurious-minimum", bounds=minimum.bounds._replace(gap=gap), arguments=arguments
    )


def with_symmetry(
    of: Loss,
    at: Place,
    found: Critical,
    generators: Sequence[Generator],
    inverse: Callable[[BallMatrix], BallMatrix],
) -> Critical | Inconclusive:
    """What is proved of F on the set {h = 0}, as a statement about the orbit of x* in R^m: Theorem 17.G.

    found: what decide_critical made of this place, with as many constraints as generators. inverse: an exact guess at
    the inverse of a matrix. Raises NotInvariant.
    """
    k = len(of.constraints)
    if not k or len(generators) != k or found.symmetry:
        raise ValueError(f"{len(generators)} generators for {k} constraints")
    invariance.prove(of, generators)
    width, m = upper(SPARE * found.bounds.radius), of.parameters
    normals = [row[:m] for row in hessian_on(of, at, width).tolist()[m:]]
    there = box(at.point, width)
    crossing = orbit.crossing(normals, [orbit.field(x, there) for x in generators])
    argument = orbit.transversal(crossing, inverse(theorems.middle(crossing)))
    if not argument.holds:
        return undecided(argument)
    return replace(found, arguments=(*found.arguments, argument), symmetry=tuple(generators))


def with_images(of: Loss, at: Place, found: Critical, exchanges: Sequence[Exchange]) -> Critical:
    """What is proved of x*, as a statement about its images under a group of exchanges: Theorem 17.P.

    N is counted with SPARE times the radius, for a checker; the theorem counts with the radius [P.1]. Nothing is added
    where no two images are told apart. Without constraints. Raises NotInvariant.
    """
    if of.constraints:
        raise ValueError("images of a point under constraints")
    exchange.prove(of, exchanges)
    radius = found.bounds.radius
    count, different = (exchange.count(at.point, exchanges, upper(x)) for x in (SPARE * radius, radius))
    enough = inequality("P.1", Ball(count), "<=", Ball(different), "N <= different images")
    argument = Argument("Theorem 17.P", (enough,))
    if count < 2 or not argument.holds:
        return found
    return replace(found, arguments=(*found.arguments, argument), images=Images(tuple(exchanges), count))


def with_infimum(of: Loss, found: Critical | NotCritical) -> Critical | NotCritical:
    """With a lower bound of F on the whole space, if there is one: Theorem 17.I."""
    least = infimum.lower_end(of)
    if least is None:
        return found
    units = floor(least * infimum.GRID)
    spare = max(0, units.bit_length() - SHORT_BITS)
    bound = ball.exact((units >> spare, spare - infimum.BITS))
    with ball.precision(4 * infimum.BITS):  # more than both sides have, where they are dyadic
        end = ball.ratio(least.as_integer_ratio())
        argument = Argument("Theorem 17.I", (inequality("I.1", bound, "<=", end, "c <= inf F"),))
    if not argument.holds:
        return found
    arguments = (*found.arguments, argument)
    if isinstance(found, Critical):
        return replace(found, bounds=found.bounds._replace(infimum=bound), arguments=arguments)
    return replace(found, bounds=found.bounds._replace(infimum=bound), arguments=arguments)


def decide_not_critical(of: Loss, at: Place, rho: Ball) -> NotCritical | Inconclusive:
    """No critical point of F in Q(rho): Theorem 17.N. Without constraints. Raises NotProved."""
    start = _start(of, at)
    argument = theorems.not_critical(hessian_on(of, at, rho), start.gradient, rho)
    size = lower(ball.norm(start.gradient))
    if argument.holds and not of.constraints and ball.proves_positive(size):
        return NotCritical(Away(size, rho), (argument,))
    return undecided(argument)
