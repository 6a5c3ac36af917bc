"""The numbers of a formal proof: a better point, a box about it, a shift, a rounded Cholesky factor, a precision.

All of it is a guess that Coq checks. Where the guess would fail, that is said before anything is written.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TypeAlias

import numpy as np

from relucert.base.dyadic import Dyadic, add, from_float, to_float, to_fraction
from relucert.base.exact import Rows
from relucert.families.teacher.formal.claim import Claim
from relucert.families.teacher.formal.wide import Floats, hessian_width, outside
from relucert.families.teacher.search.newton import hessian
from relucert.kernel import ball
from relucert.kernel.ball import NotProved
from relucert.kernel.teacher import loss

Integers: TypeAlias = tuple[tuple[int, ...], ...]
Power: TypeAlias = tuple[int, int]  # (m, b): m / 2^b, b >= 0

PROBE = 2.0**-30  # half width of the box in which the Hessian's enclosures are measured
SHIFT = 0.75  # of the smallest eigenvalue: what is left of it is positive definite by the factor
ROOM = 0.25  # of the smallest eigenvalue: what all entries together may deviate
SHIFT_BITS = 12
GUARD_BITS = 10  # of precision and of the point, beyond the gradient bound
WIDEST_BOX = 20
NEWTON_STEPS = 12


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


def choose(claim: Claim) -> Proof:
    """Raises Unprovable with a reason for people."""
    size, rows = claim.n * claim.d, math.ceil(math.log2(claim.n + claim.k))
    targets = _floats(claim.target_rows)
    start = _polished(claim, _floats(claim.point), targets, _bits_of(claim) + 64)
    weights = _floats(start)
    matrix = hessian(weights, targets)
    least = float(np.linalg.eigvalsh(matrix)[0])
    if not least > 0:
        raise Unprovable(f"the smallest eigenvalue of the Hessian seems to be {least:.3g}")
    shift, spread = _power(SHIFT * least, SHIFT_BITS), _power(ROOM * least / size, SHIFT_BITS)
    factor_bits, factor = _factor(matrix, _value(shift), _value(spread) / 8)
    by_box, by_rounding = _widths(weights, targets)
    box = _box(claim, start, _value(spread) / (4 * by_box), size)
    flat = box + math.ceil(-math.log2((_value(shift) - size * _value(spread)) / (4 * size)))
    proof = Proof(
        precision=flat + GUARD_BITS + rows,
        coarse=1 + math.ceil(-math.log2(_value(spread) / (4 * by_rounding))),
        centre_bits=flat + GUARD_BITS,
        centre=tuple(tuple(_shifted(x, flat + GUARD_BITS) for x in row) for row in start),
        factor_bits=factor_bits,
        factor=factor,
        box=(1, box),
        flat=(1, flat),
        shift=shift,
        spread=spread,
    )
    _check_hessian(proof, matrix, by_box, by_rounding)
    _check_value(claim, proof)
    return replace(proof, further=_further(proof, weights, targets)) if claim.every else proof


def _widths(weights: Floats, targets: Floats) -> tuple[float, float]:
    """How wide Coq's enclosures of the Hessian become, a unit of the box's half width, and of relative rounding."""
    with np.errstate(all="ignore"):
        widths = hessian_width(weights, targets, PROBE, 0.0), hessian_width(weights, targets, 0.0, PROBE)
    if not all(0 < x < math.inf for x in widths):
        raise Unprovable("two rows are nearly parallel: no box about the point has a bounded Hessian")
    return widths[0] / PROBE, widths[1] / PROBE


def _value(power: Power) -> float:
    return math.ldexp(power[0], -power[1])


def _bits_of(claim: Claim) -> int:
    """How finely the radius of the claim resolves the point."""
    return max(0, math.ceil(-math.log2(to_float(claim.radius))))


def _floats(rows: Rows) -> Floats:
    return np.array([[to_float(x) for x in row] for row in rows])


def _polished(claim: Claim, weights: Floats, targets: Floats, bits: int) -> Rows:
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
    return _shifted(value, bits), -bits


def _shifted(value: Dyadic, bits: int) -> int:
    """The integer next to value * 2^bits."""
    nearest: int = round(to_fraction(value) * 2**bits)
    return nearest


def _factor(matrix: Floats, shift: float, most: float) -> tuple[int, Integers]:
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


def _box(claim: Claim, centre: Rows, widest: float, size: int) -> int:
    """b for a box of half width 2^-b: narrow enough for the Hessian's enclosures and for the claim's radius."""
    with ball.precision(_bits_of(claim) * 2 + 128):
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


def _power(value: float, bits: int) -> Power:
    """About value > 0, with so many significant bits, not above it."""
    places = bits - math.frexp(value)[1]
    return (math.floor(value * 2.0**places), places) if places >= 0 else (math.floor(value), 0)


def _further(proof: Proof, weights: Floats, targets: Floats) -> Further:
    """Raises Unprovable where the matrix outside is not positive definite, or not enough."""
    with np.errstate(all="ignore"):
        matrix = outside(weights, targets, _value(proof.box), math.ldexp(1, 1 - proof.coarse))
    least = float(np.linalg.eigvalsh(matrix.mid)[0])
    if not least > 0:
        raise Unprovable(f"in larger dimensions the smallest eigenvalue seems to be {least:.3g}")
    shift, spread = _power(SHIFT * least, SHIFT_BITS), _power(ROOM * least / len(weights), SHIFT_BITS)
    if not float(matrix.rad.max()) < _value(spread) / 2:
        raise Unprovable("the matrix of larger dimensions is not known well enough")
    bits, factor = _factor(matrix.mid, _value(shift), _value(spread) / 8)
    return Further(bits, factor, shift, spread)


def _check_hessian(proof: Proof, matrix: Floats, by_box: float, by_rounding: float) -> None:
    """Raises Unprovable unless every entry of the Hessian over the box is within `spread` of the factor's."""
    size = len(matrix)
    lower = np.zeros((size, size))
    for p, row in enumerate(proof.factor):
        lower[p, : p + 1] = np.ldexp(np.array(row, dtype=np.float64), -proof.factor_bits)
    away = float(abs(matrix - lower @ lower.T - _value(proof.shift) * np.eye(size)).max())
    reach = away + by_box * _value(proof.box) + by_rounding * math.ldexp(1, 1 - proof.coarse)
    if not reach < _value(proof.spread):
        raise Unprovable(
            f"the Hessian is known to {reach:.3g} only, its smallest eigenvalue needs {_value(proof.spread):.3g}"
        )


def _check_value(claim: Claim, proof: Proof) -> None:
    """Raises Unprovable unless the value at the centre, as Coq will find it, fits the claim's interval."""
    rows = tuple(tuple((x, -proof.centre_bits) for x in row) for row in proof.centre)
    below = claim.n * claim.d * _value(proof.flat) * _value(proof.box)
    with ball.precision(proof.precision):
        unsure = ball.symmetric(ball.exact((1, GUARD_BITS - proof.precision)))
        value = loss.objective(loss.geometry(rows, claim.target_rows)) + unsure
        fits = ball.proves_lt(ball.exact(claim.low), value - ball.exact_float(below))
        if not (fits and ball.proves_lt(value, ball.exact(claim.high))):
            raise Unprovable(
                "the certificate's interval for the loss is too narrow for the formal arithmetic"
            )
