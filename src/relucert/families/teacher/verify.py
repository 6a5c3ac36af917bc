"""From a candidate to an outcome: the precision ladder, polishing and retrying.

It chooses precisions, guesses and radii, none of which is trusted, and asks the kernel what they prove.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from relucert.base.dyadic import Dyadic, add, from_float, rounded, to_float
from relucert.base.errors import InputError
from relucert.base.exact import floats_in, unit_of
from relucert.families.decided import check_only_one
from relucert.families.teacher.candidate import Candidate, check_needs_witness
from relucert.families.teacher.exact import distance_within, verify_exactly, verify_next_to
from relucert.families.teacher.hessian import Loss, loss_of
from relucert.families.teacher.network import Signs, Slope
from relucert.families.teacher.search import guess
from relucert.families.teacher.verification import Verification, with_note
from relucert.families.teacher.witness import with_witness
from relucert.kernel import ball
from relucert.kernel.ball import Ball, BallMatrix, NotProved
from relucert.kernel.definite import Ends, Factor
from relucert.kernel.outcome import Inconclusive, NotCritical, Outcome
from relucert.kernel.spectrum import Eigen
from relucert.kernel.teacher import loss, theorems

FIRST_PRECISION, LAST_PRECISION, MOST_PRECISION = 64, 512, 2**16
NEARLY_ZERO = 1e-6  # losses, relative to the squared norm of the targets, that hint at a global minimum
CONSTANTS = ("sharp", "simple", "paper")
NOT_PAPER = (
    "no claim about parallel neurons has the constants of Safran & Shamir; this one has the sharp ones"
)
POLISH_PRECISION, MOST_NEWTON_STEPS = 128, 30
DOMAIN_STEPS, SETTLED, LEAST_SHARE = 12, 2.0**-10, 0.1
SECONDS_AT_1600, LONG = 6.0, 2.0  # of an attempt at n d = 1600; from which on the user is told
EXPONENT = 2.6  # of that time in n d, between 400 and 3600
CLOSE = 2.0**-30  # width of what is proved of the smallest eigenvalue, relative to it, that is narrow enough
POLISH_REACH = 2.0**-8  # how far polishing may move a point, relative to its norm


def verify(
    candidate: Candidate,
    *,
    raw: bool = False,
    constants: str = "sharp",
    max_precision: int = LAST_PRECISION,
    exclusion: float = 2.0**-20,
    witness: Iterable[Iterable[object]] | None = None,
    find_witness: bool = False,
    signs: Signs | None = None,
    teacher_signs: Signs | None = None,
    slope: Slope | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> Verification:
    """Prove what the candidate is, in ball arithmetic of rising precision.

    raw: the claim must be about the very point given; otherwise a point at which no critical point is
    proved is polished by Newton steps and tried again, and a claim then speaks about the polished point.
    constants: "sharp" (the smaller of Theorems B and B' of docs/theorem/teacher.md), "simple" (Theorem B) or "paper"
    (Safran & Shamir's L_A, and their Lemma 1 for minima). max_precision: bits of the last attempt.
    exclusion: a point is called not critical only if a ball of this radius or more, relative to the shortest
    neuron, is proved to hold no critical point. witness: a point where the loss is lower, so that a minimum with fewer
    neurons than targets is not global; find_witness: search for one. signs, teacher_signs: output weights of neurons
    and targets, "+,-,.." or 1 and -1 (default all 1); slope: of the activation max(t, slope t), exact, as "1/10" or a
    Fraction (default 0, the ReLU). progress: called with a line for people before
    each attempt. Raises InputError for options out of range, and for a witness that is not lower than a minimum.
    """
    check_options(constants, max_precision, exclusion)
    candidate = candidate.with_network(signs, teacher_signs, slope)
    if constants == "paper" and candidate.problem.network is not None:
        raise InputError(
            "the constants of Safran & Shamir are for output weights 1 and the ReLU; use --constants sharp or simple"
        )
    if witness is not None:
        candidate = candidate.with_witness(witness)
    if find_witness:
        check_only_one(candidate.witness)
        check_needs_witness(candidate.problem)
    found = _decided(candidate, constants, max_precision, exclusion, progress, raw=raw)
    if not found.outcome.proved or isinstance(found.outcome, NotCritical):
        from relucert.families.teacher.wider.collapsed import verify_collapsed  # which builds on this module

        kind = "sharp" if constants == "paper" else constants
        collapsed = verify_collapsed(
            candidate,
            lambda smaller: _decided(smaller, kind, max_precision, exclusion, progress, raw=raw),
            POLISH_REACH,
            raw=raw,
        )
        if collapsed is not None:
            found = collapsed if kind == constants else with_note(collapsed, NOT_PAPER)
    return with_witness(found, candidate.witness, find_witness=find_witness)


def _decided(
    candidate: Candidate,
    constants: str,
    max_precision: int,
    exclusion: float,
    progress: Callable[[str], None],
    *,
    raw: bool,
) -> Verification:
    """What the point is, or the point to which Newton steps move it."""
    exact = verify_exactly(candidate, constants)
    if exact is not None:
        return exact
    family = loss_of(candidate.problem)
    task = _Task(family, constants, exclusion)
    outcome, bits = _climb(task, candidate, max_precision, progress)
    if raw or (outcome.proved and not isinstance(outcome, NotCritical)):
        return Verification(outcome, candidate, None, bits, constants)
    beside = verify_next_to(candidate, constants, POLISH_REACH)
    progress("polishing by Newton steps")
    polished = _polish(family, candidate)
    if polished is None:
        return beside or Verification(outcome, candidate, None, bits, constants)
    again, again_bits = _climb(task, polished, max_precision, progress)
    if not again.proved or isinstance(again, NotCritical):
        return beside or Verification(outcome, candidate, None, bits, constants)
    with ball.precision(again_bits):
        moved = ball.upper(loss.distance(candidate.point, polished.point))
    return Verification(again, polished, moved, again_bits, constants)


def check_options(constants: str, max_precision: int, exclusion: float) -> None:
    """Raises InputError for options that `verify` does not take."""
    if constants not in CONSTANTS:
        raise InputError(f"unknown constants {constants!r}; known: {', '.join(CONSTANTS)}")
    if not isinstance(max_precision, int) or not FIRST_PRECISION <= max_precision <= MOST_PRECISION:
        raise InputError(
            f"the highest precision must be {FIRST_PRECISION} to {MOST_PRECISION} bits, not {max_precision!r}"
        )
    if not isinstance(exclusion, int | float) or not 0 < exclusion < 0.5:
        raise InputError(f"the exclusion radius must be between 0 and 0.5, not {exclusion!r}")


@dataclass(frozen=True)
class _Task:
    family: Loss
    constants: str
    exclusion: float


def _climb(
    task: _Task, candidate: Candidate, last: int, progress: Callable[[str], None]
) -> tuple[Outcome, int]:
    """Attempts at doubling precision until one decides, or doubling changes nothing; outcome and bits."""
    bits = FIRST_PRECISION
    before: Outcome | None = None
    while True:
        progress(f"{bits} bits{_patience(candidate)}")
        outcome = _attempt(task, candidate, bits)
        if outcome.proved or bits == last or _same_failure(before, outcome):
            return _with_continuum(outcome, candidate), bits
        before, bits = outcome, min(2 * bits, last)


def expected_seconds(candidate: Candidate) -> float:
    """About how long an attempt takes: by the exponent that docs/speed.md has for large points."""
    return SECONDS_AT_1600 * math.pow(sum(map(len, candidate.point)) / 1600, EXPONENT)


def _patience(candidate: Candidate) -> str:
    """The same in words, where that is long."""
    seconds, size = expected_seconds(candidate), sum(map(len, candidate.point))
    return "" if seconds < LONG else f", n d = {size}: about {seconds:.0f} s"


def _same_failure(a: Outcome | None, b: Outcome) -> bool:
    """Whether two attempts failed at the same inequality by about the same amount."""
    if not (isinstance(a, Inconclusive) and isinstance(b, Inconclusive)):
        return False
    if a.failed is None or b.failed is None or a.failed.name != b.failed.name:
        return False
    return _about_equal(a.failed.left, b.failed.left) and _about_equal(a.failed.right, b.failed.right)


def _about_equal(a: Ball, b: Ball) -> bool:
    """Within a thousandth; beyond the doubles, too."""
    if not (a.is_finite() and b.is_finite()):
        return float(a) == float(b)
    with ball.precision(FIRST_PRECISION):
        return ball.proves_le(abs(a - b), ball.ratio((1, 1000)) * ball.largest((abs(a), abs(b))))


def _with_continuum(outcome: Outcome, candidate: Candidate) -> Outcome:
    """Says so where the Hessian may be singular because the point lies next to a continuum of minima."""
    problem = candidate.problem
    continuum = problem.n > problem.k and problem.reaches_zero
    if not isinstance(outcome, Inconclusive) or outcome.bounds is None or not continuum:
        return outcome
    with ball.precision(FIRST_PRECISION):
        size = ball.square(ball.norm([ball.exact(x) for row in problem.targets for x in row]))
        if not ball.proves_lt(outcome.bounds.objective[1], ball.exact_float(NEARLY_ZERO) * size):
            return outcome
    reason = (
        "the loss is nearly 0, and with more neurons than targets the global minima form a continuum, "
        f"where the Hessian is singular and no theorem here applies ({outcome.reason})"
    )
    return replace(outcome, reason=reason)


def _attempt(task: _Task, candidate: Candidate, bits: int) -> Outcome:
    with ball.precision(bits):
        try:
            problem = candidate.problem
            at = task.family.enclose(candidate.point, problem.targets, problem.network)
            ends = _ends(task, candidate, at)
            found = None if ends is None else _decide(task, ends)
            if found is not None and found.proved:
                return found
            facts = _eigen(task, candidate, at)
            if facts is None:
                return Inconclusive(None, (), guess.no_eigenvalues(candidate.point))
            return _decide(task, facts)
        except NotProved as error:
            return Inconclusive(None, (), str(error))


def _ends(task: _Task, candidate: Candidate, at: Any) -> theorems.Facts | None:
    """By Theorem K, where the Hessian is positive definite and nothing else is asked for."""
    if task.constants == "paper":  # whose algorithm is compared with Theorem C
        return None
    problem = candidate.problem
    unit = unit_of(problem.targets)
    with np.errstate(all="ignore"):
        point, targets = (np.array(floats_in(rows, unit)) for rows in (candidate.point, problem.targets))
        matrix = task.family.hessian(point, targets, problem.network)
        found = guess.ends(
            matrix, [to_float((m, e - unit)) for m, e in map(_centre, task.family.gradient(at))]
        )
    if found is None:
        return None
    low, high, vectors, solution = found
    with suppress(NotProved):
        facts = _measured(task, candidate, at, Ends(Factor(*low), Factor(*high), vectors, solution, unit))
        first = facts.spectrum.values[0]
        if ball.proves_le(ball.upper(first) - ball.lower(first), ball.exact_float(CLOSE) * ball.lower(first)):
            return facts
    return None


def _eigen(task: _Task, candidate: Candidate, at: Any) -> theorems.Facts | None:
    """By Theorem C."""
    eigen = guess.eigen(guess.floats(at.fixed.rows, at.fixed.places))
    return None if eigen is None else _measured(task, candidate, at, Eigen(*eigen))


def _measured(task: _Task, candidate: Candidate, at: Any, found: Eigen | Ends) -> theorems.Facts:
    beyond, order = guess.eigen(_floats(at.outside)), _nearest(task.family, candidate)
    return task.family.measure(at, found, order, task.constants, Eigen(*beyond) if beyond else None)


def _decide(task: _Task, facts: theorems.Facts) -> Outcome:
    """A critical point in every dimension from d on, or failing that in R^d, or no critical point."""
    if facts.outside is not None:
        everywhere = _decide_critical(task, facts)
        facts = facts._replace(outside=None)
        if everywhere.proved:
            return everywhere
        if ball.proves_positive(
            facts.spectrum.values[0]
        ):  # so M is positive, too: nothing more is known of R^d
            return _decide_not_critical(task, facts, everywhere)
    critical = _decide_critical(task, facts)
    return critical if critical.proved else _decide_not_critical(task, facts, critical)


def _decide_critical(task: _Task, facts: theorems.Facts) -> Outcome:
    """Theorem E on the ball where its uniqueness radius is about largest."""
    flattest = ball.smallest(abs(x) for s in facts.spectra for x in s.values)

    def reach(radius: Ball) -> Ball:
        return 2 * flattest / task.family.on_ball(facts, task.constants, radius).lipschitz

    domain = best_domain(ball.lower(ball.smallest(facts.neurons)), reach)
    at = task.family.on_ball(facts, task.constants, domain)
    return theorems.decide_critical(at, lemma_1_only=task.constants == "paper")


def _decide_not_critical(task: _Task, facts: theorems.Facts, otherwise: Outcome) -> Outcome:
    """No critical point in the largest ball for which that may be proved, unless it is too small."""

    def on_ball(radius: Ball) -> theorems.Facts:
        return task.family.on_ball(facts, task.constants, radius)

    values = facts.spectrum.values
    shortest = ball.lower(ball.smallest(facts.neurons))
    least = ball.exact_float(task.exclusion) * shortest
    steepest = ball.largest((abs(values[0]), abs(values[-1])))

    def reach(radius: Ball) -> Ball:
        """About the largest rho with (steepest + L(radius) rho / 2) rho < |grad F(W)|."""
        bend = (ball.square(steepest) + 2 * on_ball(radius).lipschitz * facts.gradient).sqrt()
        return 2 * facts.gradient / (steepest + bend) * ball.exact_float(1 - 2.0**-10)

    domain = best_domain(shortest, reach)
    if ball.proves_lt(domain, least):
        return otherwise
    absent = theorems.decide_not_critical(on_ball(domain))
    return absent if absent.proved else otherwise


def _floats(matrix: BallMatrix) -> list[list[float]]:
    """The centres as doubles (infinite where they overflow), for guesses."""
    return [[float(x) for x in row] for row in matrix.tolist()]


def best_domain(shortest: Ball, reach: Callable[[Ball], Ball]) -> Ball:
    """About the largest alpha below p_min / 2 with alpha <= reach(alpha), for a decreasing function.

    Secants for the logarithm of reach(alpha) / alpha, which falls at least as fast as that of alpha grows.
    """
    most, least = ball.lower(shortest / 2), ball.lower(shortest * ball.exact_float(2.0**-40))

    def between(radius: Ball) -> Ball:
        if not ball.proves_lt(least, radius):
            return least
        return radius if ball.proves_lt(radius, most) else most

    alpha, found = most, between(reach(most))
    before: tuple[float, float] | None = None
    share = 0.5
    for _ in range(DOMAIN_STEPS):
        there, gap = float(alpha.log()), float((found / alpha).log())
        if abs(gap) < SETTLED or (before is not None and there == before[0]):  # the ends of the range
            break
        if before is not None and gap != before[1]:
            share = min(max((before[0] - there) / (gap - before[1]), LEAST_SHARE), 1.0)
        before = there, gap
        alpha = between(ball.lower(alpha * ball.exact_float(share * gap).exp()))
        found = between(reach(alpha))
    return _short(ball.lower(alpha.min(found)))


def _short(radius: Ball) -> Ball:
    """A little smaller, with few digits: the radius is part of the claim."""
    return ball.exact(rounded(ball.to_dyadic(ball.lower(radius)), 20))


def _nearest(family: Loss, candidate: Candidate) -> Sequence[int] | None:
    """Which target each neuron may be near, where n = k."""
    problem = candidate.problem
    if problem.n != problem.k:
        return None
    unit = unit_of(problem.targets)
    point, targets = (floats_in(rows, unit) for rows in (candidate.point, problem.targets))
    return family.nearest(point, targets, problem.network)


def _polish(family: Loss, candidate: Candidate) -> Candidate | None:
    """Newton's method with ball gradients and floating-point steps in units of a power of two (the Hessian has none);
    None if it does not settle nearby."""
    point, unit = candidate.point, unit_of(candidate.point)
    size = math.hypot(*(x for row in floats_in(point, unit) for x in row))
    previous = math.inf
    with ball.precision(POLISH_PRECISION):
        for _ in range(MOST_NEWTON_STEPS):
            try:
                at = family.enclose(point, candidate.problem.targets, candidate.problem.network)
                slope = [to_float((m, e - unit)) for m, e in map(_centre, family.gradient(at))]
            except NotProved:
                return None
            step = guess.newton_correction(guess.floats(at.fixed.rows, at.fixed.places), slope)
            if step is None:
                return None
            length = math.hypot(*step)
            if length > previous / 2:
                break  # rounding errors are all that is left
            corrections = iter(step)
            point = tuple(
                tuple(rounded(add(x, _in(unit, -next(corrections))), POLISH_PRECISION) for x in row)
                for row in point
            )
            if distance_within(POLISH_REACH, point, candidate.point) is None:
                return None
            previous = length
            if length <= 2.0 ** (8 - POLISH_PRECISION) * size:
                break
    if point == candidate.point or not all(any(m for m, _ in row) for row in point):
        return None
    return candidate.moved_to(point)


def _centre(value: Ball) -> Dyadic:
    return ball.to_dyadic(ball.middle(value))


def _in(unit: int, value: float) -> Dyadic:
    """A double in units of 2**unit."""
    m, e = from_float(value)
    return m, e + unit
