"""Points that permutations of the coordinates fix: certified at any k, at a cost that k does not enter.

docs/theorem/teacher.md section 7. Like `verify`, it chooses precisions, guesses and radii, none of which is trusted.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from relucert.base.dyadic import UP, ZERO, Dyadic, add, rounded, to_float
from relucert.base.errors import InputError
from relucert.base.exact import Rows, exact_rows
from relucert.families.decided import Decided
from relucert.families.printing import bound, explain, text
from relucert.families.teacher.search import guess
from relucert.families.teacher.verification import bound_fields, one_line
from relucert.families.teacher.verify import FIRST_PRECISION, MOST_NEWTON_STEPS, best_domain
from relucert.kernel import ball
from relucert.kernel.ball import Ball, BallMatrix, NotProved
from relucert.kernel.outcome import Inconclusive, Outcome, StrictSaddle
from relucert.kernel.spectrum import Eigen
from relucert.kernel.teacher import symmetric, symmetric_facts, symmetric_inertia, theorems
from relucert.kernel.teacher.symmetric_facts import Measured

MOST_CLASSES = 6
LARGEST_CLASS = 10**12
MOST_EXTRA = 16
BITS_A_DIGIT = 4  # of k: F is of order 1/k, a difference of sums of k^2 terms
CONSTANTS = ("sharp", "simple")
ATTEMPTS = 3  # at doubling precision
POLISH_PRECISION = 72  # bits of a value, and 3/2 times those of k: then W* is within about 1e-18
POLISH_REACH = 2.0**-8  # how far polishing may move a value, relative to the largest


TRANSPOSED = (
    "rows may be transposed: entry (c, a) of values is for the coordinates of class c of the neurons of class a, "
    "neurons in columns"
)


@dataclass(frozen=True)
class SymmetricPoint:
    """n = k + len(extra) neurons in R^k with targets e_1 .. e_k, constant on classes of indices.

    sizes: p_1 .. p_m with sum k. values: m rows of m + 1 dyadics, of which entry (c, a) fills the
    coordinates of class c of the neurons of class a, (a, a) stands on the diagonal, and the last column
    holds the other entries inside a class (becomes 0 where p_a = 1). extra: for each extra neuron one value
    a class. source: where it came from, for people; origin: more about that, copied to the provenance.
    Raises InputError for what does not fit together or is too large.
    """

    sizes: tuple[int, ...]
    values: Rows
    extra: Rows = ()
    source: str = field(default="", compare=False)
    origin: Mapping[str, object] = field(default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        m = len(self.sizes)
        if not 1 <= m <= MOST_CLASSES or len(self.extra) > MOST_EXTRA:
            raise InputError(
                f"expected 1 to {MOST_CLASSES} classes and at most {MOST_EXTRA} extra neurons, "
                f"found {m} and {len(self.extra)}"
            )
        for p in self.sizes:
            if isinstance(p, bool) or not isinstance(p, int) or not 1 <= p <= LARGEST_CLASS:
                raise InputError(f"a class size must be an integer from 1 to {LARGEST_CLASS}, not {p!r}")
        if len(self.values) != m or any(len(row) != m + 1 for row in self.values):
            other = f"; {TRANSPOSED}" if _is_table(self.values, m + 1, m) else ""
            raise InputError(f"expected {m} rows of {m + 1} values for {m} classes{other}")
        if any(len(row) != m for row in self.extra):
            other = "; rows may be transposed: an extra neuron is a row" if _is_table(self.extra, m) else ""
            raise InputError(f"expected {m} values for each extra neuron, one a class{other}")
        if any(p == 1 and row[m] != ZERO for p, row in zip(self.sizes, self.values, strict=True)):
            rows = zip(self.sizes, self.values, strict=True)
            values = tuple((*row[:m], ZERO) if p == 1 else row for p, row in rows)
            object.__setattr__(self, "values", values)  # one description of one point

    @classmethod
    def from_rows(
        cls,
        sizes: Sequence[int],
        values: Iterable[Iterable[object]],
        extra: Iterable[Iterable[object]] = (),
        source: str = "",
    ) -> SymmetricPoint:
        """Floats by their exact value, pairs of integers (m, e) as m * 2**e."""
        return cls(tuple(sizes), exact_rows(values, "class"), exact_rows(extra, "extra neuron"), source)

    @classmethod
    def from_record(cls, record: Mapping[str, Any], source: str = "") -> SymmetricPoint:
        """From the fields class_sizes, values and, where there are extra neurons, extra."""
        try:
            return cls.from_rows(record["class_sizes"], record["values"], record.get("extra", ()), source)
        except (KeyError, TypeError) as error:
            raise InputError(f"not a symmetric point with class_sizes and values: {error}") from error

    @property
    def k(self) -> int:
        return sum(self.sizes)

    @property
    def n(self) -> int:
        return self.k + len(self.extra)


def _is_table(rows: Rows, height: int, width: int | None = None) -> bool:
    """Whether all rows are as long (as `width`, if given), and there are `height` of them."""
    return len(rows) == height and {len(row) for row in rows} == {len(rows[0]) if width is None else width}


@dataclass(frozen=True)
class SymmetricVerification(Decided):
    """What was proved about which point.

    moved: how far polishing moved the point (an upper bound; None if it is the one given). constants: which
    Lipschitz bound.
    """

    outcome: Outcome
    point: SymmetricPoint
    moved: Ball | None
    precision: int
    constants: str

    @property
    def candidate(self) -> SymmetricPoint:
        """The point, by the name that it has for every family."""
        return self.point


def verify_symmetric(
    sizes: Sequence[int],
    values: Iterable[Iterable[object]],
    extra: Iterable[Iterable[object]] = (),
    *,
    raw: bool = False,
    constants: str = "sharp",
) -> SymmetricVerification:
    """Prove what a symmetric point is, for every d >= k where M allows it (docs/theorem/teacher.md section 7).

    The point is polished by Newton steps within its symmetry unless `raw`; a claim then speaks about the
    polished point. constants: "sharp" (the smaller of Theorems B and B' of docs/theorem/teacher.md) or "simple"
    (Theorem B). Raises InputError for what `SymmetricPoint` does not take, and for other constants.
    """
    return verify_point(SymmetricPoint.from_rows(sizes, values, extra), raw=raw, constants=constants)


def verify_point(
    given: SymmetricPoint, *, raw: bool = False, constants: str = "sharp"
) -> SymmetricVerification:
    """The same for a point that is already read."""
    check_constants(constants)
    first = _climb(given, None, constants, 1 if not raw else ATTEMPTS)
    if raw or first.outcome.proved:
        return first
    polished = polish(given)
    if polished is None:
        return first
    with ball.precision(first_precision(given)):
        moved = ball.upper(_distance(given, polished))
    again = _climb(polished, moved, constants, ATTEMPTS)
    return again if again.outcome.proved else first


def check_constants(name: str) -> None:
    """Raises InputError."""
    if name not in CONSTANTS:
        raise InputError(f"symmetric points have the constants {' and '.join(CONSTANTS)}, not {name!r}")


def first_precision(at: SymmetricPoint) -> int:
    """Bits of the first attempt."""
    return FIRST_PRECISION + BITS_A_DIGIT * at.k.bit_length()


def _climb(at: SymmetricPoint, moved: Ball | None, constants: str, attempts: int) -> SymmetricVerification:
    """Attempts at doubling precision until one decides."""
    bits = first_precision(at)
    while True:
        result = _attempt(at, moved, constants, bits)
        attempts -= 1
        if result.outcome.proved or not attempts:
            return result
        bits *= 2


def _attempt(at: SymmetricPoint, moved: Ball | None, constants: str, bits: int) -> SymmetricVerification:
    with ball.precision(bits):
        try:
            of = symmetric_facts.measure(kernel_point(at), _eigen, constants)
        except NotProved as error:
            reason = Inconclusive(None, (), str(error))
            return SymmetricVerification(reason, at, moved, bits, constants)
        return SymmetricVerification(_decide(of), at, moved, bits, constants)


def _decide(of: Measured) -> Outcome:
    """The outcome, for every d >= k (Theorem M of docs/theorem/teacher.md section 7) or failing that for d = k."""

    def count() -> tuple[int, int] | None:
        return symmetric_inertia.inertia(of.at.point, _eigen)

    everywhere = symmetric_facts.decide(_on_ball(of, True), count)
    result = everywhere if everywhere.proved else symmetric_facts.decide(_on_ball(of, False), count)
    if isinstance(result, StrictSaddle) and result.bounds is not None and result.bounds.inertia is None:
        return Inconclusive(result.bounds, result.arguments, "the number of negative eigenvalues is open")
    return result


def _on_ball(of: Measured, every: bool) -> theorems.Facts:
    """On the ball where the uniqueness radius of Theorem E is about largest."""
    shortest = ball.lower(ball.smallest(of.lengths))

    def reach(radius: Ball) -> Ball:
        at = symmetric_facts.facts(of, radius, every_dimension=every)
        return 2 / (ball.largest(s.inverse.size for s in at.spectra) * at.lipschitz)

    return symmetric_facts.facts(of, best_domain(shortest, reach), every_dimension=every)


def _eigen(matrix: BallMatrix) -> Eigen:
    found = guess.eigen([[float(x) for x in row] for row in matrix.tolist()])
    if found is None:
        raise NotProved("the Hessian has no floating-point eigendecomposition")
    return Eigen(*found)


def kernel_point(at: SymmetricPoint) -> symmetric.Point:
    """The point as the kernel takes it."""
    return symmetric.point(at.sizes, at.values, at.extra)


def polish(at: SymmetricPoint, reach: float = POLISH_REACH) -> SymmetricPoint | None:
    """Newton's method in the coordinates of Fix(G); None if it does not settle at another point nearby.

    reach: how far a value may move, relative to the largest.
    """
    bits = POLISH_PRECISION + 3 * at.k.bit_length() // 2
    size = max(abs(to_float(x)) for row in (*at.values, *at.extra) for x in row)
    here, previous = at, math.inf
    with ball.precision(2 * bits):
        for _ in range(MOST_NEWTON_STEPS):
            try:
                steps = _newton_steps(here)
            except (NotProved, ZeroDivisionError):  # FLINT's name for a matrix not proved to be invertible
                return None
            length = max(abs(to_float(x)) for x in steps.values())
            if not length < previous / 2:
                break  # rounding errors are all that is left
            here, previous = moved_by(here, steps, bits), length
            if _largest_move(at, here) > reach * size:
                return None
            if length <= 2.0 ** (8 - bits) * size:
                break
    settled = previous <= 2.0 ** (-bits // 2) * size
    return here if settled and here != at else None


Step = Mapping[symmetric.Place, Dyadic]  # by how much the value of each orbit is lowered


def _newton_steps(at: SymmetricPoint) -> Step:
    reduced = symmetric.reduced(kernel_point(at))
    slope = symmetric.gradient(reduced)
    column = BallMatrix(len(slope), 1, slope)
    return _by_orbit(reduced, symmetric.hessian(reduced).solve(column).entries())


def descent_step(at: SymmetricPoint, flattest: float, longest: float) -> tuple[Step, float]:
    """A Newton step for the Hessian with |eigenvalues|, at least `flattest`, which goes down; its length in
    R^(nk), which is at most `longest`. Raises NotProved where F is not differentiable."""
    reduced = symmetric.reduced(kernel_point(at))
    slope = [float(x) for x in symmetric.gradient(reduced)]
    found = _eigen(symmetric.hessian(reduced))
    step = guess.downhill(found.vectors, found.values, slope, flattest, longest)
    return _by_orbit(reduced, [ball.exact_float(x) for x in step]), math.hypot(*step)


def _by_orbit(reduced: symmetric.Reduced, step: Sequence[Ball]) -> Step:
    return {
        orbit.place: ball.to_dyadic((x / Ball(orbit.size).sqrt()).mid())
        for orbit, x in zip(reduced.orbits, step, strict=True)
    }


def moved_by(at: SymmetricPoint, steps: Step, bits: int) -> SymmetricPoint:
    """The point after a step, its values cut to `bits` bits."""
    m = len(at.sizes)

    def lowered(value: Dyadic, place: symmetric.Place) -> Dyadic:
        mantissa, exponent = steps.get(place, (0, 0))
        return rounded(add(value, (-mantissa, exponent)), bits)

    values = tuple(
        (*(lowered(row[a], (c, a, False)) for a in range(m)), lowered(row[m], (c, c, True)))
        for c, row in enumerate(at.values)
    )
    extra = tuple(
        tuple(lowered(x, (c, m + i, False)) for c, x in enumerate(row)) for i, row in enumerate(at.extra)
    )
    return replace(at, values=values, extra=extra)


def _largest_move(a: SymmetricPoint, b: SymmetricPoint) -> float:
    rows = zip((*a.values, *a.extra), (*b.values, *b.extra), strict=True)
    pairs = ((x, y) for p, q in rows for x, y in zip(p, q, strict=True))
    return max(abs(to_float(add(x, (-y[0], y[1])))) for x, y in pairs)


def _distance(a: SymmetricPoint, b: SymmetricPoint) -> Ball:
    """Euclidean distance in R^(nk)."""
    one, other = (symmetric.orbits(kernel_point(x)) for x in (a, b))
    parts = (x.size * ball.square(x.value - y.value) for x, y in zip(one, other, strict=True))
    return ball.root(sum(parts, Ball(0)))


def record(result: SymmetricVerification) -> dict[str, object]:
    """The outcome as JSON values: bounds are decimals rounded to the weak side, null where there is none."""
    outcome, point = result.outcome, result.point
    order = {name: point.origin[name] for name in ("neurons", "coordinates") if name in point.origin}
    return {
        "k": point.k,
        "n": point.n,
        "class_sizes": list(point.sizes),
        "verdict": result.verdict,
        "every_dimension": outcome.every_dimension,
        **bound_fields(outcome.bounds),
        "moved": bound(result.moved, UP),
        "constants": result.constants,
        "precision": result.precision,
        "reason": explain(outcome) if isinstance(outcome, Inconclusive) else None,
        **order,
    }


def summary(result: SymmetricVerification) -> str:
    """For people, a line each: classes, main numbers, and whether the point is a mean of the given one."""
    point = result.point
    classes = " + ".join(map(str, point.sizes)) + (f" = {point.k}" if len(point.sizes) > 1 else "")
    dimensions = ""
    if result.outcome.proved:
        every = result.outcome.every_dimension
        dimensions = ", in every dimension d >= k" if every else ", in dimension d = k"
    first = f"k = {classes}, n = {point.n}{dimensions}"
    if "neurons" not in point.origin or result.moved is None:
        return f"{first}\n{one_line(result)}"
    away = f"the point certified is symmetric, within {text(result.moved, UP, 3)} of the given one, reordered"
    return f"{first}\n{one_line(replace(result, moved=None))}\n{away}"
