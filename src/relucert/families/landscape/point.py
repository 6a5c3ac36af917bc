"""What a point of the designed landscape is: precisions, guesses and radii, none of which is trusted.

docs/theorem/landscape.md section 13. The kernel says what they prove.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from relucert.base.dyadic import add, from_float, rounded, to_float
from relucert.base.errors import InputError
from relucert.base.exact import Rows, exact_rows
from relucert.families.landscape.candidate import MOST_UNKNOWNS, LandscapeCandidate, SampledProblem
from relucert.families.landscape.problem import LandscapeProblem
from relucert.kernel import ball
from relucert.kernel.ball import Ball, BallMatrix, NotProved
from relucert.kernel.landscape import empirical, nearest, quartic, regime
from relucert.kernel.landscape import point as kernel
from relucert.kernel.landscape.nearest import NextToMinimum, Signed
from relucert.kernel.landscape.point import Critical, Facts, Floor, Near, NotCritical
from relucert.kernel.landscape.quartic import Frame
from relucert.kernel.outcome import Inconclusive
from relucert.kernel.spectrum import Eigen, apply_inverse, spectrum

FIRST_PRECISION, MOST_PRECISION = 64, 2**14
POLISH_PRECISION, MOST_NEWTON_STEPS, POLISH_REACH = 128, 30, 2.0**-8
ROUNDS = 12  # of the search for a radius

PointOutcome = NextToMinimum | Critical | NotCritical | Inconclusive


@dataclass(frozen=True)
class LandscapeVerification:
    """What was proved. direction: of a strict saddle, with the curvature along it in the outcome's bounds."""

    outcome: PointOutcome
    candidate: LandscapeCandidate
    moved: Ball | None
    precision: int
    direction: Rows | None = None

    @property
    def verdict(self) -> str:
        return self.outcome.verdict


def verify_point(
    candidate: LandscapeCandidate, *, raw: bool = False, max_precision: int = 512, exclusion: float = 2.0**-20
) -> LandscapeVerification:
    """Proves what the critical point next to the candidate is, or that there is none.

    raw: a claim must be about the very point given; otherwise, where none is proved, Newton steps move it first.
    exclusion: a point is called not critical only where a ball of this radius or more, relative to its longest row,
    is proved to hold no critical point. Raises InputError for options out of range.
    """
    if not FIRST_PRECISION <= max_precision <= MOST_PRECISION:
        raise InputError(
            f"the highest precision must be {FIRST_PRECISION} to {MOST_PRECISION}, not {max_precision}"
        )
    if not 0 < exclusion < 0.5:
        raise InputError(f"the exclusion radius must be between 0 and 0.5, not {exclusion}")
    found = _climb(candidate, max_precision, exclusion)
    if raw or (found.outcome.proved and not isinstance(found.outcome, NotCritical)):
        return found
    polished = _polish(candidate)
    if polished is None:
        return found
    again = _climb(polished, max_precision, exclusion)
    if not again.outcome.proved or isinstance(again.outcome, NotCritical):
        return found
    with ball.precision(again.precision):
        moved = nearest.distance(_balls(candidate.point), _balls(polished.point))
    return LandscapeVerification(again.outcome, polished, moved, again.precision, again.direction)


class _Task(NamedTuple):
    """A point in balls. lipschitz: of the Hessian on a ball about it; hessian: None where it is too large."""

    value: Callable[[], Ball]
    gradient: list[Ball]
    hessian: Callable[[], BallMatrix] | None
    steepest: Callable[[], Ball]  # bounds every |eigenvalue| where there is no hessian
    lipschitz: Callable[[Ball], Ball]
    floor: Floor | None


def _climb(candidate: LandscapeCandidate, last: int, exclusion: float) -> LandscapeVerification:
    bits = FIRST_PRECISION
    while True:
        with ball.precision(bits):
            try:
                outcome, direction = _attempt(candidate, exclusion)
            except NotProved as error:
                outcome, direction = Inconclusive(None, (), str(error)), None
        if outcome.proved or bits >= last:
            return LandscapeVerification(outcome, candidate, None, bits, direction)
        bits = min(2 * bits, last)


def _attempt(candidate: LandscapeCandidate, exclusion: float) -> tuple[PointOutcome, Rows | None]:
    if isinstance(candidate.problem, LandscapeProblem):
        frame = framed(candidate.problem)
        near = _nearest(candidate.problem, frame, candidate.point)
        if near is not None and near.proved:
            return near, None
        task = _population(candidate.problem, frame, candidate.point)
    else:
        task = _sampled(candidate.problem, candidate.point)
    critical, direction, steepest = _critical(task, candidate.point)
    if critical.proved:
        return critical, direction
    longest = max(float(ball.norm(row)) for row in _balls(candidate.point))
    absent = _absent(task, steepest, longest * exclusion)
    return (absent if absent.proved else critical), None


def framed(problem: LandscapeProblem) -> Frame:
    """T of the problem at the present precision. Raises NotProved for a teacher not proved to be regular."""
    if problem.teacher is None:
        return quartic.PLAIN
    a_star = [ball.ratio(x.as_integer_ratio()) for x in problem.a_star]
    rows = [[ball.ratio(x.as_integer_ratio()) for x in row] for row in problem.teacher]
    t = np.sqrt(np.array([float(a) for a in problem.a_star]))[:, None] * np.array(
        [[float(x) for x in row] for row in problem.teacher]
    )
    try:
        inverse = np.linalg.inv(t)
    except np.linalg.LinAlgError as error:
        raise NotProved("the teacher is not proved to have full rank") from error
    with np.errstate(all="ignore"):  # infinities and NaNs are refused as guesses
        there, back = t @ t.T, inverse.T @ inverse
    return quartic.frame(a_star, rows, _eigen(there), _eigen(back))


def _eigen(matrix: np.ndarray) -> Eigen:
    """A guess at eigenvectors and ascending eigenvalues. Raises NotProved where there is none."""
    if not np.isfinite(matrix).all():
        raise NotProved("numbers beyond the range of floating point")
    try:
        values, vectors = np.linalg.eigh(matrix)
    except np.linalg.LinAlgError as error:
        raise NotProved("the Hessian has no floating-point eigendecomposition") from error
    return Eigen(vectors.T.tolist(), values.tolist())


def _balls(rows: Rows) -> list[list[Ball]]:
    return [[ball.exact(x) for x in row] for row in rows]


def _floats(rows: list[list[Ball]]) -> np.ndarray:
    return np.array([[float(x) for x in row] for row in rows])


def guess_signed(at: np.ndarray) -> Signed | None:
    """The signed permutation that U seems to be near: the largest entry of each row."""
    places = np.abs(at).argmax(axis=1)
    if len(set(places.tolist())) < len(at):
        return None
    signs = np.where(at[np.arange(len(at)), places] < 0, -1, 1)
    return Signed(tuple(places.tolist()), tuple(signs.tolist()))


def _nearest(problem: LandscapeProblem, frame: Frame, point: Rows) -> NextToMinimum | Inconclusive | None:
    rows, w = _balls(point), problem.weights()
    at = guess_signed(_floats([list(row) for row in quartic.framed(frame, rows).rows]))
    if at is None or not regime.benign(w).holds:
        return None
    a_star = [ball.ratio(x.as_integer_ratio()) for x in problem.a_star]
    teacher = None
    if problem.teacher is not None:
        teacher = [[ball.ratio(x.as_integer_ratio()) for x in row] for row in problem.teacher]
    known = problem.teacher is None or all(sum(x * x for x in row) == 1 for row in problem.teacher)
    recovered = nearest.recover(rows, a_star, teacher, at) if known else None
    return nearest.decide_nearest(w, frame, rows, at, recovered)


def _population(problem: LandscapeProblem, frame: Frame, point: Rows) -> _Task:
    w, at = problem.weights(), quartic.framed(frame, _balls(point))
    below, above = regime.unbounded(w), regime.bounded(w)
    floor = None
    if below.holds:
        floor = Floor(below, None)
    elif above.holds:
        floor = Floor(above, ball.upper(regime.least_value(w)))
    small = problem.d**2 <= MOST_UNKNOWNS
    return _Task(
        lambda: quartic.value(w, at),
        [x for row in quartic.gradient_in(frame, quartic.gradient(w, at)) for x in row],
        (lambda: quartic.hessian_in(frame, quartic.hessian(w, at))) if small else None,
        lambda: quartic.steepest(w, at, frame.scale),
        lambda radius: quartic.lipschitz(w, at, frame.scale, radius),
        floor,
    )


def _sampled(problem: SampledProblem, point: Rows) -> _Task:
    of = problem.sampled()
    at = empirical.place(of, _balls(point))
    return _Task(
        lambda: empirical.value(of, at),
        [x for row in empirical.gradient(of, at) for x in row],
        lambda: empirical.hessian(of, at),
        ball.undefined,
        lambda radius: empirical.lipschitz(of, at, radius),
        None,
    )


def _critical(task: _Task, point: Rows) -> tuple[Critical | Inconclusive, Rows | None, Ball]:
    """The verdict, a direction of descent of a saddle, and a bound of all |eigenvalues|."""
    if task.hessian is None:
        reason = f"more than {MOST_UNKNOWNS} unknowns, and not proved to lie in the basin of a global minimum"
        return Inconclusive(None, (), reason), None, task.steepest()
    matrix = task.hessian()
    eigen = _eigen(_floats(matrix.tolist()))
    found = spectrum(matrix, eigen)
    steepest = ball.upper(ball.largest((abs(found.values[0]), abs(found.values[-1]))))
    flattest = ball.lower(ball.smallest(abs(x) for x in found.values))
    if not ball.proves_positive(flattest):
        reason = (
            "the Hessian is not proved to be regular: the point may belong to a continuum of critical points"
        )
        return Inconclusive(None, (), reason), None, steepest
    domain = _short(_radius(lambda r: flattest / task.lipschitz(r)))
    constant = task.lipschitz(domain)
    facts = Facts(
        task.value(), ball.norm(task.gradient), found, apply_inverse(found.inverse, task.gradient),
        constant, domain,
    )  # fmt: skip
    outcome = kernel.decide_critical(facts, task.floor)
    if isinstance(outcome, Critical) and not _apart(outcome.bounds):
        return Inconclusive(None, (), "the point is too far from the critical one"), None, steepest
    if not isinstance(outcome, Critical) or outcome.verdict != "strict-saddle":
        return outcome, None, steepest
    direction = exact_rows(np.reshape(eigen.vectors[0], (len(point), -1)).tolist(), "direction")
    row = BallMatrix(1, len(task.gradient), [ball.exact(x) for r in direction for x in r])
    bend = kernel.curvature(matrix, row, constant, outcome.bounds.radius)
    bounds = outcome.bounds._replace(curvature=bend)
    return Critical(outcome.verdict, bounds, outcome.arguments), direction, steepest


def _apart(of: Near) -> bool:
    """Whether existence and uniqueness differ enough to be written with few digits, and proved again from them."""
    return ball.proves_lt(of.radius, of.uniqueness * Ball(1 - 2.0**-10))


def _absent(task: _Task, steepest: Ball, least: float) -> NotCritical | Inconclusive:
    """No critical point in about the largest ball for which that is proved, unless it is smaller than `least`."""
    size = ball.norm(task.gradient)

    def reach(radius: Ball) -> Ball:
        bend = (ball.square(steepest) + 2 * task.lipschitz(radius) * size).sqrt()
        return 2 * size / (steepest + bend) * Ball(1 - 2.0**-10)

    if not ball.proves_positive(size):
        return Inconclusive(None, (), "the gradient is not proved to differ from 0")
    radius = _short(_radius(reach))
    if not ball.proves_le(ball.exact_float(least), radius):
        return Inconclusive(None, (), "a critical point may be nearer than the exclusion radius")
    return kernel.decide_not_critical(size, steepest, task.lipschitz(radius), radius)


def _radius(reach: Callable[[Ball], Ball]) -> Ball:
    """About the largest r with r <= reach(r), for a decreasing function."""
    radius = Ball(1)
    for _ in range(ROUNDS):
        radius = ball.middle((radius * reach(radius)).sqrt())
    return ball.lower(ball.smallest((radius, reach(radius))) * Ball(1 - 2.0**-10))


def _short(radius: Ball) -> Ball:
    """A little smaller, with few digits. Raises NotProved for one that is not a positive number."""
    low = ball.lower(radius)
    if not ball.proves_positive(low):
        raise NotProved("no radius around the point is proved")
    return ball.exact(rounded(ball.to_dyadic(low), 20))


def _polish(candidate: LandscapeCandidate) -> LandscapeCandidate | None:
    """Newton's method with ball gradients and floating-point steps; None if it does not settle nearby."""
    point, previous, problem = candidate.point, np.inf, candidate.problem
    if len(point) * problem.d > MOST_UNKNOWNS:
        return None
    size = max(float(np.linalg.norm(_float_rows(point))), 1e-300)
    with ball.precision(POLISH_PRECISION):
        for _ in range(MOST_NEWTON_STEPS):
            step = _newton(problem, point)
            if step is None:
                return None
            length = float(np.linalg.norm(step))
            if length > previous / 2:
                break  # rounding errors are all that is left
            point = tuple(
                tuple(
                    rounded(add(x, from_float(-s)), POLISH_PRECISION) for x, s in zip(row, moves, strict=True)
                )
                for row, moves in zip(point, step.tolist(), strict=True)
            )
            if np.linalg.norm(_float_rows(point) - _float_rows(candidate.point)) > POLISH_REACH * size:
                return None
            previous = length
            if length <= 2.0 ** (8 - POLISH_PRECISION) * size:
                break
    return None if point == candidate.point else candidate.moved_to(point)


def _float_rows(point: Rows) -> np.ndarray:
    return np.array([[to_float(x) for x in row] for row in point])


def _newton(problem: LandscapeProblem | SampledProblem, point: Rows) -> np.ndarray | None:
    try:
        task = (
            _population(problem, framed(problem), point)
            if isinstance(problem, LandscapeProblem)
            else _sampled(problem, point)
        )
    except NotProved:
        return None
    if task.hessian is None:
        return None
    slope = np.array([float(x) for x in task.gradient])
    try:
        step = np.linalg.solve(_floats(task.hessian().tolist()), slope)
    except np.linalg.LinAlgError:
        return None
    return step.reshape(len(point), -1) if np.isfinite(step).all() else None
