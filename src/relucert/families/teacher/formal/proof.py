"""What a formal proof of a minimum or of a saddle is made of, and how its parts are guessed.

A better point, a box about it, a shift, a rounded Cholesky factor, a precision.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

import numpy as np

from relucert.base.dyadic import Dyadic, add, from_float, to_float, to_fraction
from relucert.base.exact import Rows
from relucert.families.teacher.formal.claim import Claim
from relucert.families.teacher.formal.wide import Floats, hessian_width
from relucert.families.teacher.search.newton import hessian
from relucert.kernel import ball
from relucert.kernel.ball import NotProved
from relucert.kernel.teacher import loss

Integers: TypeAlias = tuple[tuple[int, ...], ...]
Power: TypeAlias = tuple[int, int]  # (m, b): m / 2^b, b >= 0

PROBE = 2.0**-30  # half width of the box in which the Hessian's enclosures are measured
SHIFT_BITS = 12
GUARD_BITS = 10  # of precision and of the point, beyond the gradient bound
WIDEST_BOX = 20
NEWTON_STEPS = 12
NARROW = "the certificate's interval for the loss is too narrow for the formal arithmetic"


class Unprovable(ArithmeticError):  # noqa: N818 - says what happened
    """Coq would refuse every proof of this kind that we can make; the message says why."""


@dataclass(frozen=True)
class Further:
    """For every larger dimension: the n x n matrix of formal/Dimension.v less the shift, by its Cholesky factor."""

    factor_bits: int
    factor: Integers
    shift: Power
    spread: Power


@dataclass(frozen=True)
class Down:
    """Of a saddle. inverse: row p is column p of about the Hessian's inverse, over 2^inverse_bits.

    direction: n d integers; along it the second derivative is negative.
    """

    inverse_bits: int
    inverse: Integers
    direction: tuple[int, ...]


@dataclass(frozen=True)
class Proof:
    """precision, coarse: bits in Coq, at the centre and over the box. centre: integers over 2^centre_bits.

    factor: row p has the first p + 1 entries of row p of the Cholesky factor, over 2^factor_bits. box, flat, shift,
    spread, steep: as in formal/Data.v.
    """

    precision: int
    coarse: int
    centre_bits: int
    centre: Integers
    factor_bits: int
    factor: Integers
    box: Power
    flat: Power
    shift: Power
    spread: Power
    steep: Power = (1, 0)
    further: Further | None = None
    down: Down | None = None


def real(power: Power) -> float:
    return math.ldexp(power[0], -power[1])


def resolution(claim: Claim) -> int:
    """How finely the radius of the claim resolves the point."""
    return max(0, math.ceil(-math.log2(to_float(claim.radius))))


def floats(rows: Rows) -> Floats:
    return np.array([[to_float(x) for x in row] for row in rows])


@dataclass(frozen=True)
class Start:
    """The critical point next to the claim's, (n, d), exact; in floating point it, the targets (k, d), the Hessian."""

    point: Rows
    weights: Floats
    targets: Floats
    matrix: Floats


def start_of(claim: Claim) -> Start:
    """Raises Unprovable."""
    targets = floats(claim.target_rows)
    point = polished(claim, floats(claim.point), targets, resolution(claim) + 64)
    weights = floats(point)
    return Start(point, weights, targets, hessian(weights, targets))


def polished(claim: Claim, weights: Floats, targets: Floats, bits: int) -> Rows:
    """The critical point next to the claim's, to about `bits` bits: Newton steps with gradients in balls."""
    size = claim.n * claim.d
    try:
        inverse = np.linalg.inv(hessian(weights, targets))
    except np.linalg.LinAlgError as error:
        raise Unprovable("the Hessian seems to be singular") from error
    rows = claim.point
    with ball.precision(2 * bits + 64):
        for _ in range(NEWTON_STEPS):
            try:
                gradient = loss.gradient(loss.geometry(rows, claim.target_rows))
            except NotProved as error:
                raise Unprovable(f"the loss has no derivatives near the point ({error})") from error
            sizes = [float(abs(x).upper()) for x in gradient]
            if not all(map(math.isfinite, sizes)):
                raise Unprovable(
                    "two rows are parallel, or nearly so; there the formal theory has no derivatives"
                )
            scale = max(sizes)
            if scale <= 2.0**-bits:
                return rows
            # in units of its largest entry, so that small gradients keep their digits
            step = inverse @ np.array([float(x / scale) for x in gradient])
            if not np.isfinite(step).all():
                raise Unprovable("the Hessian seems to be singular")
            moves = iter((step * scale).tolist())
            rows = tuple(tuple(_cut(add(x, from_float(-next(moves))), 2 * bits) for x in row) for row in rows)
    raise Unprovable(f"Newton's method does not settle near the point ({size} entries)")


def _cut(value: Dyadic, bits: int) -> Dyadic:
    """The multiple of 2^-bits next to it."""
    return rounded(value, bits), -bits


def rounded(value: Dyadic, bits: int) -> int:
    """The integer next to value * 2^bits."""
    nearest: int = round(to_fraction(value) * 2**bits)
    return nearest


def widths(weights: Floats, targets: Floats) -> tuple[float, float]:
    """How wide Coq's enclosures of the Hessian become, a unit of the box's half width, and of relative rounding."""
    with np.errstate(all="ignore"):
        widths = hessian_width(weights, targets, PROBE, 0.0), hessian_width(weights, targets, 0.0, PROBE)
    if not all(0 < x < math.inf for x in widths):
        raise Unprovable("two rows are nearly parallel: no box about the point has a bounded Hessian")
    return widths[0] / PROBE, widths[1] / PROBE


def cholesky(matrix: Floats, shift: float, most: float) -> tuple[int, Integers]:
    """The Cholesky factor of matrix - shift I in integers over a power of 2: products are good to `most`."""
    size = len(matrix)
    try:
        lower = np.linalg.cholesky(matrix - shift * np.eye(size))
    except np.linalg.LinAlgError as error:
        raise Unprovable("the Hessian less the shift is not positive definite") from error
    bits = max(8, math.ceil(-math.log2(most / math.sqrt(size) / max(1.0, float(abs(lower).max())))))
    return bits, tuple(
        tuple(round(float(lower[p, s]) * 2.0**bits) for s in range(p + 1)) for p in range(size)
    )


def half_width(claim: Claim, centre: Rows, widest: float, size: int) -> int:
    """b for a box of half width 2^-b: narrow enough for the Hessian's enclosures and for the claim's radius."""
    with ball.precision(resolution(claim) * 2 + 128):
        room = to_fraction(claim.radius) - to_fraction(
            ball.to_dyadic(ball.upper(loss.distance(centre, claim.point)))
        )
    if room <= 0:
        raise Unprovable("the critical point next to the point is farther away than the certificate's radius")
    return max(
        WIDEST_BOX, math.ceil(-math.log2(widest)), math.ceil(-_log2(room) + math.log2(2 * math.sqrt(size)))
    )


def _log2(value: Fraction) -> float:
    return math.log2(value.numerator) - math.log2(value.denominator)


def power(value: float, bits: int) -> Power:
    """About value > 0, with so many significant bits, not above it."""
    places = bits - math.frexp(value)[1]
    return (math.floor(value * 2.0**places), places) if places >= 0 else (math.floor(value), 0)


def about(claim: Claim, start: Start, shift: Power, spread: Power, strength: float, widest: float) -> Proof:
    """What minima and saddles have in common; the box has at most the half width `widest`. Raises Unprovable.

    strength: 2 n d |gradient entry| < strength * (half width) is what Coq asks at the centre.
    """
    size, rows = claim.n * claim.d, math.ceil(math.log2(claim.n + claim.k))
    factor_bits, factor = cholesky(start.matrix, real(shift), real(spread) / 8)
    by_box, by_rounding = widths(start.weights, start.targets)
    box = half_width(claim, start.point, min(widest, real(spread) / (4 * by_box)), size)
    flat = box + math.ceil(-math.log2(strength / (4 * size)))
    proof = Proof(
        precision=flat + GUARD_BITS + rows,
        coarse=1 + math.ceil(-math.log2(real(spread) / (4 * by_rounding))),
        centre_bits=flat + GUARD_BITS,
        centre=tuple(tuple(rounded(x, flat + GUARD_BITS) for x in row) for row in start.point),
        factor_bits=factor_bits,
        factor=factor,
        box=(1, box),
        flat=(1, flat),
        shift=shift,
        spread=spread,
    )
    check_hessian(proof, start.matrix, by_box, by_rounding)
    return proof


def middle(proof: Proof) -> Floats:
    """Q^T Q + shift I of formal/Data.v, (n d, n d)."""
    size = len(proof.factor)
    lower = np.zeros((size, size))
    for p, row in enumerate(proof.factor):
        lower[p, : p + 1] = np.ldexp(np.array(row, dtype=np.float64), -proof.factor_bits)
    return lower @ lower.T + real(proof.shift) * np.eye(size)


def check_hessian(proof: Proof, matrix: Floats, by_box: float, by_rounding: float) -> None:
    """Raises Unprovable unless every entry of the Hessian over the box is within `spread` of the factor's."""
    away = float(abs(matrix - middle(proof)).max())
    reach = away + by_box * real(proof.box) + by_rounding * math.ldexp(1, 1 - proof.coarse)
    if not reach < real(proof.spread):
        raise Unprovable(
            f"the Hessian is known to {reach:.3g} only; its eigenvalues need {real(proof.spread):.3g}"
        )


def check_value(claim: Claim, proof: Proof, below: float, above: float) -> None:
    """Raises Unprovable unless the value at the centre, as Coq will find it, fits the interval with this around it."""
    rows = tuple(tuple((x, -proof.centre_bits) for x in row) for row in proof.centre)
    with ball.precision(proof.precision):
        unsure = ball.symmetric(ball.exact((1, GUARD_BITS - proof.precision)))
        value = loss.objective(loss.geometry(rows, claim.target_rows)) + unsure
        fits = ball.proves_lt(ball.exact(claim.low), value - ball.exact_float(below))
        if not (fits and ball.proves_lt(value + ball.exact_float(above), ball.exact(claim.high))):
            raise Unprovable(NARROW)
