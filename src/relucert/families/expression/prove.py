"""What a point of a loss is: precisions, guesses and boxes, none of which is trusted.

docs/theorem/expression.md section 17. The kernel says what they prove.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from relucert.base.dyadic import add, from_float, rounded, to_float
from relucert.base.enclosure import Bound
from relucert.base.errors import InputError
from relucert.families.decided import check_only_one
from relucert.families.expression import exchanges
from relucert.families.expression.candidate import ExpressionCandidate, Vector, kernel_loss
from relucert.families.expression.flows import text
from relucert.families.expression.generators import Gauge, as_json
from relucert.families.expression.methods import SMOOTH_EXPRESSION
from relucert.families.expression.reach import SINGULAR, half_width, half_width_away
from relucert.families.result import AT_LEAST, AT_MOST, PointResult
from relucert.kernel import ball
from relucert.kernel.ball import Ball, BallMatrix, NotProved
from relucert.kernel.expression import decide, enclose
from relucert.kernel.expression.decide import Away, Critical, NotCritical, Place
from relucert.kernel.expression.invariance import NotInvariant
from relucert.kernel.expression.loss import Loss, NotSmooth, TooLarge
from relucert.kernel.outcome import Inconclusive
from relucert.kernel.spectrum import Eigen

FIRST_PRECISION, MOST_PRECISION = 64, 2**14
POLISH_PRECISION, MOST_NEWTON_STEPS, POLISH_REACH = 128, 30, 2.0**-4
NEAR = 2.0**-20  # of the box
FAR = 2.0**-40  # length of a Newton step, for a point of size 1
RETRIES = 4  # with smaller boxes
NOT_USED = "the critical point is isolated, and needs no gauge: the generators of --gauge were not used"
NO_POINT_USED = "there is no critical point nearby: the generators of --gauge were not used"

Outcome = Critical | NotCritical | Inconclusive
Floats = NDArray[np.float64]


@dataclass(frozen=True, repr=False)
class ExpressionVerification(PointResult):
    """What was proved. direction: of a strict saddle. note: what was asked for and is not proved.

    Radii of uniqueness and exclusion are half-widths of boxes, so they hold for distances too. Under constraints, those
    of a gauge too, box and gradient are those of F + mu.h, in points and multipliers: of F they say nothing.
    """

    family: ClassVar[str] = SMOOTH_EXPRESSION
    uniqueness: ClassVar[str] = "box"
    outcome: Outcome
    candidate: ExpressionCandidate
    moved: Ball | None
    precision: int
    direction: Vector | None = None
    note: str = ""

    @property
    def uniqueness_radius(self) -> Bound | None:
        """No other critical point is nearer; None under constraints."""
        return None if self.candidate.graph.constraints else super().uniqueness_radius

    @property
    def gradient_norm(self) -> Bound | None:
        """At `point`: at most, or at least where there is no critical point nearby; None under constraints."""
        side = AT_LEAST if isinstance(self.outcome.bounds, Away) else AT_MOST
        return None if self.candidate.graph.constraints else self._bound("gradient", side)


def verify_point(
    candidate: ExpressionCandidate,
    *,
    raw: bool = False,
    max_precision: int = 512,
    exclusion: float = 2.0**-20,
    find_witness: bool = False,
    gauge: Gauge = None,
) -> ExpressionVerification:
    """Proves what the critical point next to the candidate is, or that there is none.

    raw: a claim must be about the very point given; otherwise Newton steps move it, unless it is near enough.
    exclusion: a point is called not critical only where a box of this half-width or more, relative to its largest entry
    (to 1, where that is smaller), is proved to hold no critical point. find_witness: search for a point of lower loss.
    gauge: "auto" or generators of a symmetry, for a point that may lie in an orbit of critical points.
    Raises InputError for options out of range.
    """
    if not FIRST_PRECISION <= max_precision <= MOST_PRECISION:
        raise InputError(
            f"the highest precision must be {FIRST_PRECISION} to {MOST_PRECISION}, not {max_precision}"
        )
    if not 0 < exclusion < 0.5:
        raise InputError(f"the exclusion radius must be between 0 and 0.5, not {exclusion}")
    if find_witness:
        check_only_one(candidate.witness)
    plain = None
    if gauge is None or not candidate.graph.constraints:
        plain = _verify(candidate, raw, max_precision, exclusion, find_witness)
        if gauge is None:
            return plain if plain.outcome.proved else _hinted(plain)
        if plain.outcome.proved:
            unused = NOT_USED if isinstance(plain.outcome, Critical) else NO_POINT_USED
            return plain if isinstance(gauge, str) else replace(plain, note=_notes(plain.note, unused))
    from relucert.families.expression.gauge import (
        gauged,
        unsought,
    )  # with SciPy, which most points do without

    fixed = gauged(candidate, gauge)
    if fixed is not None:
        return _verify(fixed, raw, max_precision, exclusion, find_witness)
    plain = plain or _verify(candidate, raw, max_precision, exclusion, find_witness)
    none = "no symmetry of the loss was found that moves the point"
    return replace(plain, note=_notes(plain.note, none, unsought(candidate)))


def _notes(*notes: str) -> str:
    return "; ".join(filter(None, notes))


def _hinted(found: ExpressionVerification) -> ExpressionVerification:
    """With the symmetries that may be the reason why nothing is proved."""
    reason = found.outcome.reason if isinstance(found.outcome, Inconclusive) else ""
    if reason != SINGULAR or found.candidate.graph.constraints:
        return found
    from relucert.families.expression.gauge import hint

    return replace(found, note=hint(found.candidate) or found.note)


def _verify(
    candidate: ExpressionCandidate, raw: bool, max_precision: int, exclusion: float, find_witness: bool
) -> ExpressionVerification:
    """As verify_point, of a loss with the constraints that it is to have."""
    of = kernel_loss(candidate.graph)
    given = candidate if candidate.multipliers is not None else _with_multipliers(of, candidate)
    polished = None if raw or not _far(of, given) else _polish(of, given)
    found = _climb(polished or given, max_precision, lambda at: _critical(of, at))
    if not raw and polished is None and not _near(found.outcome):
        polished = _polish(of, given)
        again = None if polished is None else _climb(polished, max_precision, lambda at: _critical(of, at))
        found = again if again is not None and again.outcome.proved else found
    found = _moved(found, given)
    if not found.outcome.proved and not of.constraints:
        away = _climb(given, max_precision, lambda at: (_absent(of, at, exclusion), None))
        found = away if away.outcome.proved else found
    found = _with_symmetry(of, found)
    found = _with_witness(of, found, find_witness=find_witness)
    found = _with_images(of, found)
    if isinstance(found.outcome, Critical | NotCritical):
        found = replace(found, outcome=decide.with_infimum(of, found.outcome))
    return found


def _with_symmetry(of: Loss, found: ExpressionVerification) -> ExpressionVerification:
    """Says of a point on {h = 0} what its orbit is, where there are generators."""
    symmetry, outcome = found.candidate.symmetry, found.outcome
    if not symmetry or not isinstance(outcome, Critical):
        return found
    better: Outcome
    with ball.precision(found.precision):
        try:
            better = decide.with_symmetry(of, found.candidate.place(), outcome, symmetry, _inverse)
        except NotInvariant as error:
            node = found.candidate.graph.describe(error.node)
            generator = text(as_json(symmetry[error.generator]))
            better = Inconclusive(
                None, (), f"{error} ({generator}): {node} does not have the degree it needs"
            )
        except NotProved as error:
            better = Inconclusive(None, (), str(error))
    if isinstance(better, Inconclusive) and better.failed is not None:
        reason = (
            f"{better.reason}; the constraints do not cut the orbit, or the generators are dependent there"
        )
        better = replace(better, reason=reason)
    return replace(found, outcome=better)


def _with_images(of: Loss, found: ExpressionVerification) -> ExpressionVerification:
    """Says how many images a critical point has, where exchanges of parameters leave the loss as it is."""
    outcome = found.outcome
    if not isinstance(outcome, Critical) or not (guesses := exchanges.found(found.candidate.graph)):
        return found
    with ball.precision(found.precision):
        return replace(found, outcome=decide.with_images(of, found.candidate.place(), outcome, guesses))


def _inverse(matrix: BallMatrix) -> BallMatrix:
    """A guess at the inverse. Raises NotProved where there is none."""
    table = _floats(matrix)
    if not np.isfinite(table).all():
        raise NotProved("derivatives beyond the range of floating point")
    try:
        rows = np.linalg.inv(table).tolist()
    except np.linalg.LinAlgError as error:
        raise NotProved(
            "the constraints do not cut the orbit, or the generators are dependent at the point"
        ) from error
    return BallMatrix([[ball.exact_float(x) for x in row] for row in rows])


def _far(of: Loss, candidate: ExpressionCandidate) -> bool:
    """Whether a Newton step from the point is so long that it should be taken before anything is proved."""
    with ball.precision(FIRST_PRECISION):
        step = _newton(of, candidate.point, candidate.multipliers or ())
    size = max(1.0, *(abs(to_float(x)) for x in candidate.point))
    return step is not None and float(np.abs(step).max()) > FAR * size


def _moved(found: ExpressionVerification, given: ExpressionCandidate) -> ExpressionVerification:
    """With how far the point was moved; nothing is said of a moved point where nothing is proved."""
    if found.candidate.point == given.point:
        return found
    if not found.outcome.proved:
        return replace(found, candidate=given)
    with ball.precision(found.precision):
        return replace(found, moved=ball.upper(_distance(given.point, found.candidate.point)))


def _near(outcome: Outcome) -> bool:
    """Whether the point is so near to its critical point that Newton steps would make no claim stronger."""
    return isinstance(outcome, Critical) and float(outcome.bounds.radius) <= NEAR * float(outcome.bounds.box)


def _with_multipliers(of: Loss, candidate: ExpressionCandidate) -> ExpressionCandidate:
    """Least squares: grad F + sum mu_i grad h_i = 0. Zeros where derivatives are not known."""
    k = len(of.constraints)
    guess = np.zeros(k)
    if k:
        with ball.precision(FIRST_PRECISION):
            at = [ball.exact(x) for x in candidate.point]
            try:
                found = enclose.hessian(of, at, [Ball(0)] * k)
                slope = np.array([float(x) for x in found.gradient[: of.parameters]])
                border = _floats(found.hessian)[: of.parameters, of.parameters :]
                guess = -np.linalg.lstsq(border, slope, rcond=None)[0]
            except (NotProved, np.linalg.LinAlgError):
                guess = np.full(k, np.nan)
    good = bool(np.isfinite(guess).all())
    return replace(candidate, multipliers=tuple(from_float(float(x)) if good else (0, 0) for x in guess))


Attempt = Callable[[Place], tuple[Outcome, Sequence[Ball] | None]]


def _climb(candidate: ExpressionCandidate, last: int, attempt: Attempt) -> ExpressionVerification:
    """What is proved at the lowest precision at which something is."""
    bits, before = FIRST_PRECISION, ""
    while True:
        outcome: Outcome
        with ball.precision(bits):
            try:
                outcome, along = attempt(candidate.place())
            except NotSmooth as error:
                outcome, along = Inconclusive(None, (), _where(candidate, error)), None
            except NotProved as error:
                outcome, along = Inconclusive(None, (), str(error)), None
        reason = outcome.reason if isinstance(outcome, Inconclusive) else ""
        if outcome.proved or bits >= last or reason == before:  # the same again: more digits do not help
            direction = None if along is None else tuple(ball.to_dyadic(x) for x in along)
            return ExpressionVerification(outcome, candidate, None, bits, direction)
        bits, before = min(2 * bits, last), reason


def _where(candidate: ExpressionCandidate, error: NotSmooth) -> str:
    """The node and the row of an error, and what may help."""
    row = "" if error.row is None else f", row {error.row} of the data"
    remedy = (
        "the loss is not proved to be smooth around the point; give a point farther from where this happens"
    )
    if isinstance(error, TooLarge):
        remedy = "the loss grows too fast around the point, or is written with numbers too large; scale it"
    return f"{error}, at {candidate.graph.describe(error.node)}{row}: {remedy}"


def _absent(of: Loss, at: Place, exclusion: float) -> NotCritical | Inconclusive:
    """No critical point in about the largest box for which that is proved, unless it is small."""
    largest = max(1.0, *(abs(float(x)) for x in at.point))
    rho = half_width_away(of, at, largest * exclusion)
    if rho is None:
        return Inconclusive(None, (), "a critical point may be nearer than the exclusion radius")
    return decide.decide_not_critical(of, at, rho)


def _critical(of: Loss, at: Place) -> tuple[Critical | Inconclusive, Sequence[Ball] | None]:
    """With about the largest box that proves something."""
    rho = half_width(of, at, _eigen)
    for _ in range(RETRIES):
        outcome, along = decide.decide_critical(of, at, rho, _eigen, _lowest)
        failed = outcome.failed if isinstance(outcome, Inconclusive) else None
        if failed is None or failed.name == "H.2":
            break
        rho = rho / 2
    if isinstance(outcome, Inconclusive) and failed is not None and failed.name == "H.2":
        reason = f"{outcome.reason}; give a point with a smaller gradient (--raw forbids polishing)"
        return Inconclusive(None, outcome.arguments, reason, failed), None
    if isinstance(outcome, Critical) and not _apart(outcome):
        return Inconclusive(None, (), "the point is too far from the critical one"), None
    return outcome, along


def _apart(of: Critical) -> bool:
    """Whether existence and uniqueness differ enough to be written with few digits, and proved again from them."""
    return ball.proves_lt(of.bounds.radius, of.bounds.box * Ball(1 - 2.0**-10))


def _lowest(eigen: Eigen) -> list[Ball]:
    return [ball.exact_float(x) for x in eigen.vectors[0]]


def _eigen(matrix: BallMatrix) -> Eigen:
    """A guess at eigenvectors and ascending eigenvalues. Raises NotProved where there is none."""
    table = _floats(matrix)
    if not np.isfinite(table).all():
        raise NotProved("derivatives beyond the range of floating point")
    try:
        values, vectors = np.linalg.eigh(table)
    except np.linalg.LinAlgError as error:
        raise NotProved("the Hessian has no floating-point eigendecomposition") from error
    return Eigen(vectors.T.tolist(), values.tolist())


def _floats(matrix: BallMatrix) -> Floats:
    return np.array([[float(x) for x in row] for row in matrix.tolist()])


def _distance(a: Vector, b: Vector) -> Ball:
    return ball.norm([ball.exact(x) - ball.exact(y) for x, y in zip(a, b, strict=True)])


def _with_witness(of: Loss, found: ExpressionVerification, *, find_witness: bool) -> ExpressionVerification:
    """Says of a minimum that it is not global, where a point of lower loss is given or found."""
    outcome, candidate = found.outcome, found.candidate
    asked = candidate.witness is not None or find_witness
    if (
        not isinstance(outcome, Critical)
        or outcome.verdict != "local-minimum"
        or not asked
        or (of.constraints and not outcome.symmetry)
    ):
        note = "a witness says something of a minimum of F, and of one without constraints or with a symmetry only"
        return replace(found, candidate=replace(candidate, witness=None), note=note if asked else found.note)
    lowest = candidate.witness
    if lowest is None:
        from relucert.families.expression.search import find_lower

        start = np.array([to_float(x) for x in candidate.point])
        lowest = find_lower(candidate.graph, start, float(outcome.bounds.objective[0]))
    if lowest is None:
        return replace(found, note="no point of lower loss was found")
    with ball.precision(2 * found.precision):
        try:
            better = decide.with_witness(of, outcome, [ball.exact(x) for x in lowest])
        except NotSmooth as error:
            better = Inconclusive(None, (), str(error))
    if isinstance(better, Inconclusive):
        note = f"the witness is not proved to have a lower loss ({better.reason})"
        return replace(found, candidate=replace(candidate, witness=None), note=note)
    return replace(found, outcome=better, candidate=replace(candidate, witness=lowest))


def _polish(of: Loss, candidate: ExpressionCandidate) -> ExpressionCandidate | None:
    """Newton's method with ball gradients and floating-point steps; None if it does not settle nearby."""
    start = (*candidate.point, *(candidate.multipliers or ()))
    m, z, previous = of.parameters, start, np.inf
    size = max(1.0, *(abs(to_float(x)) for x in start[:m]))
    with ball.precision(POLISH_PRECISION):
        for _ in range(MOST_NEWTON_STEPS):
            step = _newton(of, z[:m], z[m:])
            if step is None:
                return None
            length = float(np.abs(step).max())
            if length > previous / 2:
                break  # rounding errors are all that is left
            z = tuple(
                rounded(add(x, from_float(-s)), POLISH_PRECISION)
                for x, s in zip(z, step.tolist(), strict=True)
            )
            if not float(_distance(z[:m], start[:m])) <= POLISH_REACH * size:
                return None
            previous = length
            if length <= 2.0 ** (8 - POLISH_PRECISION) * size:
                break
    return None if z == start else candidate.moved_to(z[:m], z[m:])


def _newton(of: Loss, x: Vector, multipliers: Vector) -> Floats | None:
    try:
        found = enclose.hessian(of, [ball.exact(v) for v in x], [ball.exact(v) for v in multipliers])
        slope = np.array([float(v) for v in found.gradient])
        step = np.linalg.solve(_floats(found.hessian), slope)
    except (NotProved, np.linalg.LinAlgError):
        return None
    return step if np.isfinite(step).all() else None
