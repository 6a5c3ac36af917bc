"""The inner loops of gradient descent, compiled by numba. UNTRUSTED, as all of the search.

numba is imported, and the loops are compiled, where a descent starts; what is compiled is kept in `folder`.
"""

from __future__ import annotations

import math
from functools import cache
from pathlib import Path

import numpy as np
from numba import njit

from relucert.base.console import messages
from relucert.families.teacher.search.states import CONVERGED, DIVERGED, EXHAUSTED, RUNNING

ROUND = 128  # steps between two looks at which runs have stopped


def folder() -> Path:
    """Where compiled code is kept: NUMBA_CACHE_DIR, or next to this file, or a folder of the user's."""
    return Path(str(advance.stats.cache_path))


def is_compiled() -> bool:
    """Whether a descent can start at once: something is kept. (numba itself decides whether it still fits.)"""
    return any(folder().glob(f"{Path(__file__).stem}.advance-*.nbc"))


@cache
def tell() -> None:
    """Says, where the loops are not compiled yet, how long that takes and where the result is kept."""
    if not is_compiled():
        where = f"kept in {folder()}, or where NUMBA_CACHE_DIR says"
        messages.print(f"compiling gradient descent: 5 to 10 s, once; {where}", markup=False)


@njit(fastmath={"contract"}, error_model="numpy")
def sine_and_rest(cosine: float, factor: float) -> tuple[float, float]:
    """sin t and pi - t for t = acos(cosine), times the factor 1 or -1, without branches so that it vectorises.

    With u = sin^2(t/2) folded to [0, 1/2], t = 2 asin(sqrt u) by the polynomial that interpolates
    asin(sqrt u)/sqrt u at 19 Chebyshev points, relative error 4e-17 before rounding. When 1 - |cosine| has
    lost its digits t is off by up to 1e-8, but both results belong to one and the same wrong angle: the
    error of the gradient is that of t times sin t, no more than a rounding.
    """
    u = max(0.5 - 0.5 * abs(cosine), 0.0)
    p = 0.8892904367638688 * u - 3.278933156739812
    p = (p * u + 5.7579408313146985) * u - 6.229299875397985
    p = (p * u + 4.6420689099888435) * u - 2.4908808126226116
    p = (p * u + 1.0082016650534187) * u - 0.2968705430689824
    p = (p * u + 0.07871611357002127) * u - 0.002601537848299688
    p = (p * u + 0.013191002571753903) * u + 0.01380344589589198
    p = (p * u + 0.017364281439103527) * u + 0.022371584779320355
    p = (p * u + 0.030381963396751827) * u + 0.044642856762615
    p = (p * u + 0.07500000000401816) * u + 0.16666666666664987
    half = math.sqrt(u)
    angle = 2.0 * (half + half * u * p)
    return factor * 2.0 * half * math.sqrt(1.0 - u), factor * (math.pi - angle if cosine >= 0.0 else angle)


@njit(fastmath={"contract"}, error_model="numpy")
def _dot(a, b, out):  # type: ignore[no-untyped-def]
    """out (lanes,) = inner products of the vectors a, b (d, lanes)."""
    d, lanes = a.shape  # not the constant LANES: a loop of known length is unrolled, and then not vectorised
    out[:] = 0.0
    for c in range(d):
        for m in range(lanes):
            out[m] += a[c, m] * b[c, m]


@njit(fastmath={"contract"}, error_model="numpy")
def _add(factor, a, out):  # type: ignore[no-untyped-def]
    """out += factor * a, with factor (lanes,) and a, out (d, lanes)."""
    d, lanes = a.shape
    for c in range(d):
        for m in range(lanes):
            out[c, m] += factor[m] * a[c, m]


@njit(fastmath={"contract"}, error_model="numpy")
def _scaled_gradient(z, sign, slope, out, norm, inverse, pull, work, orthonormal):  # type: ignore[no-untyped-def]
    """out (n, d, lanes) = 2 pi grad F at z (n + k, d, lanes), neurons first, with the output weights a_1 .., -b_1 ..
    in sign (n + k,), and the slope alpha: docs/theorem/signed.md, Lemma 20.F. The others are scratch.

    Inner loops run over lanes, whose arithmetic never mixes: a run's bits do not depend on its neighbours.
    orthonormal: the targets are e_1 .. e_k, so inner products with them are coordinates.
    """
    n, lanes = len(out), out.shape[2]
    for i in range(n if orthonormal else len(z)):  # the length of e_j is not needed
        _dot(z[i], z[i], norm[i])
        for m in range(lanes):
            norm[i, m] = math.sqrt(norm[i, m])
            inverse[i, m] = 1.0 / norm[i, m]
    out[:] = 0.0
    pull[:] = 0.0
    for i in range(n):
        for j in range(i):
            both = sign[i] * sign[j]
            _dot(z[i], z[j], work)
            for m in range(lanes):
                sine, work[m] = sine_and_rest(work[m] * inverse[i, m] * inverse[j, m], both)
                pull[i, m] += sine * norm[j, m]
                pull[j, m] += sine * norm[i, m]
            _add(work, z[j], out[i])
            _add(work, z[i], out[j])
        for j in range(n, len(z)):
            both = sign[i] * sign[j]
            if orthonormal:
                for m in range(lanes):
                    sine, rest = sine_and_rest(z[i, j - n, m] * inverse[i, m], both)
                    out[i, j - n, m] += rest
                    pull[i, m] += sine
                continue
            _dot(z[i], z[j], work)
            for m in range(lanes):
                sine, work[m] = sine_and_rest(work[m] * inverse[i, m] * inverse[j, m], both)
                pull[i, m] += sine * norm[j, m]
            _add(work, z[j], out[i])
    for i in range(n):
        for m in range(lanes):
            work[m] = math.pi + pull[i, m] * inverse[i, m]
        _add(work, z[i], out[i])
    if slope != 0.0:
        _leak(z, sign, slope, out)


@njit(fastmath={"contract"}, error_model="numpy")
def _leak(z, sign, slope, out):  # type: ignore[no-untyped-def]
    """out_i = (1 - alpha)^2 out_i + 2 pi alpha a_i delta, delta = sum_j sign_j z_j: Lemma 20.F."""
    scale, linear = (1.0 - slope) * (1.0 - slope), 2.0 * math.pi * slope
    n, d, lanes = out.shape
    for c in range(d):
        for m in range(lanes):
            apart = 0.0
            for j in range(len(z)):
                apart += sign[j] * z[j, c, m]
            for i in range(n):
                out[i, c, m] = scale * out[i, c, m] + linear * sign[i] * apart


@njit(nogil=True, cache=True, fastmath={"contract"}, error_model="numpy")
def advance(weights, targets, sign, slope, step, ceiling, tolerance, budget, state, lanes, orthonormal):  # type: ignore[no-untyped-def]
    """Up to ROUND steps of every run, in place: weights (runs, n, d), budget of steps and state (runs,).
    sign, slope: of the network, as for `_scaled_gradient`.

    A run stops at the point where every neuron's gradient is at most the tolerance, where all together are
    above the ceiling (runs,) or NaN, or where its budget is used up.
    """
    runs, n, d = weights.shape
    z, out = np.empty((n + len(targets), d, lanes)), np.empty((n, d, lanes))
    norm, inverse = np.empty((len(z), lanes)), np.empty((len(z), lanes))
    pull, work, worst = np.empty((n, lanes)), np.empty(lanes), np.empty(lanes)
    for first in range(0, runs, lanes):
        count = min(lanes, runs - first)
        for m in range(lanes):  # lanes left over repeat the last run, and nobody reads them
            z[:n, :, m] = weights[first + min(m, count - 1)]
            z[n:, :, m] = targets
        for _ in range(ROUND):
            _scaled_gradient(z, sign, slope, out, norm, inverse, pull, work, orthonormal)
            total = pull[0]
            total[:] = 0.0
            worst[:] = 0.0
            for i in range(n):
                _dot(out[i], out[i], work)
                for m in range(lanes):
                    total[m] += work[m]
                    worst[m] = max(worst[m], work[m])
            work[:] = 0.0
            for m in range(count):
                r = first + m
                bounded = math.sqrt(total[m]) <= 2.0 * math.pi * ceiling[r]  # false for NaN
                if state[r] != RUNNING:
                    continue
                if bounded and math.sqrt(worst[m]) <= 2.0 * math.pi * tolerance:
                    state[r] = CONVERGED
                elif budget[r] <= 0:
                    state[r] = EXHAUSTED
                elif not bounded:
                    state[r] = DIVERGED
                else:
                    budget[r] -= 1
                    work[m] = -step[r] / (2.0 * math.pi)
            for i in range(n):
                _add(work, out[i], z[i])
        for m in range(count):
            weights[first + m] = z[:n, :, m]
