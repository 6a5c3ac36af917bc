"""The numbers of a formal proof of a saddle: a guess that Coq checks.

Beside those of a minimum: an approximate inverse of the Hessian, so that a critical point exists, and a direction along
which the loss falls.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from relucert.base.dyadic import to_float
from relucert.families.teacher.formal.claim import Claim
from relucert.families.teacher.formal.proof import (
    NARROW,
    SHIFT_BITS,
    Down,
    Integers,
    Proof,
    Start,
    Unprovable,
    about,
    check_value,
    middle,
    power,
    real,
    resolution,
    start_of,
)
from relucert.families.teacher.formal.wide import Floats
from relucert.kernel import ball
from relucert.kernel.teacher import loss

SHIFT = 2.0  # of the smallest eigenvalue, which is negative: less it the Hessian is positive definite
FALL = 0.25  # of the smallest eigenvalue: what the deviations of all entries may take of the fall
HALF = 0.5  # of what is asked of the inverse is left to the deviations, and half of that is used
GUARD = 4  # bits of the inverse and of the direction, beyond what is asked


def choose(claim: Claim) -> Proof:
    """Raises Unprovable with a reason for people."""
    size = claim.n * claim.d
    start = start_of(claim)
    values, vectors = np.linalg.eigh(start.matrix)
    least = float(values[0])
    if not least < 0:
        raise Unprovable(f"the smallest eigenvalue of the Hessian seems to be {least:.3g}")
    inverse = _inverse(start.matrix)
    widest = float(abs(inverse).sum(axis=0).max())
    mantissa, bits = power(-SHIFT * least, SHIFT_BITS)
    spread = power(min(-FALL * least, HALF * HALF / widest) / size, SHIFT_BITS)
    room = _room(claim, start) / (2 * size)  # the gradient's entries in the box are below 1
    proof = about(claim, start, (-mantissa, bits), spread, real(spread), room)
    moved = size * real(proof.steep) * real(proof.box)
    check_value(claim, proof, moved, moved)
    down = _down(start.matrix, inverse, vectors[:, 0], -least)
    _check_down(middle(proof), down, real(spread))
    return replace(proof, down=down)


def _inverse(matrix: Floats) -> Floats:
    try:
        inverse: Floats = np.linalg.inv(matrix).astype(np.float64)
    except np.linalg.LinAlgError as error:
        raise Unprovable("the Hessian seems to be singular") from error
    if not np.isfinite(inverse).all():
        raise Unprovable("the Hessian seems to be singular")
    return inverse


def _room(claim: Claim, start: Start) -> float:
    """How far the value at the critical point is from the ends of the claim's interval."""
    with ball.precision(2 * resolution(claim) + 64):
        value = loss.objective(loss.geometry(start.point, claim.target_rows))
        ends = value - ball.exact(claim.low), ball.exact(claim.high) - value
        room = min(to_float(ball.to_dyadic(ball.lower(x))) for x in ends)
    if not room > 0:
        raise Unprovable(NARROW)
    return room


def _down(matrix: Floats, inverse: Floats, direction: Floats, fall: float) -> Down:
    """Rounded so that products with the matrix, of n d rows and columns, are good to what is asked."""
    most = len(matrix) * float(abs(matrix).sum(axis=0).max())
    inverse_bits = max(8, math.ceil(math.log2(most)) + GUARD)
    direction_bits = max(8, math.ceil(math.log2(most / fall)) + GUARD)
    columns: Integers = tuple(
        tuple(round(x) for x in row) for row in np.ldexp(inverse.T, inverse_bits).tolist()
    )
    return Down(inverse_bits, columns, tuple(round(x) for x in np.ldexp(direction, direction_bits).tolist()))


def _check_down(matrix: Floats, down: Down, spread: float) -> None:
    """Raises Unprovable unless inverse and direction are good enough for every matrix within `spread` of this one."""
    size = len(matrix)
    inverse = np.ldexp(np.array(down.inverse, dtype=np.float64).T, -down.inverse_bits)
    away = abs(matrix @ inverse - np.eye(size)).max(axis=0) + abs(inverse).sum(axis=0) * spread
    direction = np.array(down.direction, dtype=np.float64)
    bend = direction @ matrix @ direction + size * spread * (direction @ direction)
    if not (float(away.max()) < 1 / (2 * size) and float(bend) < 0):
        raise Unprovable("the Hessian is too close to a singular one for the formal arithmetic")
