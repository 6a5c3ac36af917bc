"""Guesses at how far symmetric matrices are from positive definite. UNTRUSTED."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

UNIT = 30  # factors are integers times 2^-UNIT
MARGIN = 2.0**-24


def shifted_factors(
    matrices: Sequence[Sequence[Sequence[float]]], weights: Sequence[float]
) -> tuple[float, int, list[list[list[int]]]] | None:
    """(tau, -UNIT, L): tau as small as it may be with A_i + tau weight_i I = 4^-UNIT L_i L_i^T, about.

    None where a number is not finite or there is no factor.
    """
    stack, sizes = np.array(matrices), np.array(weights)
    if not np.isfinite(stack).all():
        return None
    try:
        margin = MARGIN * np.abs(stack).max(axis=(1, 2))
        tau = float(((margin - np.linalg.eigvalsh(stack)[:, 0]) / sizes).max())
        shifted = stack + (tau * sizes)[:, None, None] * np.eye(stack.shape[1])
        factors = np.linalg.cholesky(shifted)
    except np.linalg.LinAlgError:
        return None
    return tau, -UNIT, np.rint(factors * 2.0**UNIT).astype(np.int64).tolist()
