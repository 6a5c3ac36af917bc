"""The numbers of a formal proof: a guess that Coq checks. Where it would fail, that is said before it is written."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from relucert.families.teacher.formal import saddle
from relucert.families.teacher.formal.claim import Claim
from relucert.families.teacher.formal.proof import (
    SHIFT_BITS,
    Further,
    Proof,
    Unprovable,
    about,
    check_value,
    cholesky,
    power,
    real,
    start_of,
)
from relucert.families.teacher.formal.wide import Floats, outside

SHIFT = 0.75  # of the smallest eigenvalue: what is left of it is positive definite by the factor
ROOM = 0.25  # of the smallest eigenvalue: what all entries together may deviate


def choose(claim: Claim) -> Proof:
    """Raises Unprovable with a reason for people."""
    return saddle.choose(claim) if claim.saddle else _minimum(claim)


def _minimum(claim: Claim) -> Proof:
    size = claim.n * claim.d
    start = start_of(claim)
    least = float(np.linalg.eigvalsh(start.matrix)[0])
    if not least > 0:
        raise Unprovable(f"the smallest eigenvalue of the Hessian seems to be {least:.3g}")
    shift, spread = power(SHIFT * least, SHIFT_BITS), power(ROOM * least / size, SHIFT_BITS)
    proof = about(claim, start, shift, spread, real(shift) - size * real(spread), math.inf)
    check_value(claim, proof, size * real(proof.flat) * real(proof.box), 0.0)
    return replace(proof, further=_further(proof, start.weights, start.targets)) if claim.every else proof


def _further(proof: Proof, weights: Floats, targets: Floats) -> Further:
    """Raises Unprovable where the matrix outside is not positive definite, or not enough."""
    with np.errstate(all="ignore"):
        matrix = outside(weights, targets, real(proof.box), math.ldexp(1, 1 - proof.coarse))
    least = float(np.linalg.eigvalsh(matrix.mid)[0])
    if not least > 0:
        raise Unprovable(f"in larger dimensions the smallest eigenvalue seems to be {least:.3g}")
    shift, spread = power(SHIFT * least, SHIFT_BITS), power(ROOM * least / len(weights), SHIFT_BITS)
    if not float(matrix.rad.max()) < real(spread) / 2:
        raise Unprovable("the matrix of larger dimensions is not known well enough")
    bits, factor = cholesky(matrix.mid, real(shift), real(spread) / 8)
    return Further(bits, factor, shift, spread)
