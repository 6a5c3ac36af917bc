"""How the Hessian of the teacher-student loss with targets e_1 .. e_k is bent near a point: docs/theorem/runs.md.

Hess F = G + (1 - alpha)^2 blockdiag(C_1 .. C_n), 0 <= G <= n (1 + alpha^2)/2, alpha = 0 for the ReLU. Lemma 19.C
bounds the smallest eigenvalue of the C_i, Lemma 19.L the largest, both on a ball; with output weights and a slope
Lemma 20.C of docs/theorem/signed-runs.md.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from relucert.kernel.ball import (
    Ball,
    BallMatrix,
    IntegerMatrix,
    exact,
    exact_float,
    largest,
    lower,
    norm,
    pi,
    precision,
    proves_lt,
    smallest,
    square,
    upper,
)
from relucert.kernel.teacher.descent import View, bends, scaled, signed

BITS = 80  # of what is computed here
SMALLEST_CROSS = exact((1, -20))  # |z| sin t below which a term is not divided by it
ALONG = exact(
    (2**12, 0)
)  # a large multiple of w_i w_i^T that hides what is not across w_i, where C_i is looked at
ROOM = 16  # the ball of a patch is so many times smaller than the shortest neuron is long

Floats = Sequence[Sequence[float]]
Factors = Sequence[Sequence[Sequence[int]]]
# (A_1 .. A_n, weights) -> (tau, unit, L_1 .. L_n) with A_i + tau weight_i I nearly unit^2 L_i L_i^T; a guess
Guess = Callable[[Sequence[Floats], Sequence[float]], tuple[float, int, Factors] | None]


class Patch(NamedTuple):
    """Bounds at an exact point Y, and how fast they change within `reach`.

    expansion: c >= max(0, lambda_max(-Hess F)). steepest: >= lambda_max(Hess F). change: how much both may grow per
    unit of distance within the ball of radius reach. shortest: <= |w_i|.
    """

    point: BallMatrix
    expansion: Ball
    steepest: Ball
    change: Ball
    reach: Ball
    shortest: Ball


def patch(at: View, guess: Guess, steep: Ball) -> Patch | None:
    """None where the guess is of no use. steep: `steepest` is bounded with care only where it may exceed this."""
    with precision(BITS):
        lengths = [square.sqrt() for square in at.squares]
        shortest = lower(smallest(lengths))
        reach = lower(shortest / ROOM)
        found = _opposite(at, lengths, guess, 1)
        if found is None:
            return None
        k = at.point.ncols()
        traces = [k * bend / (2 * pi() * size) for bend, size in zip(bends(at), at.squares, strict=True)]
        top, most = largest((*traces, Ball(0))) + max(k - 2, 0) * found, Ball(len(lengths)) / 2
        if at.leak is not None:
            most *= 1 + square(at.leak.slope)
        if not proves_lt(most + scaled(at, top), steep):
            top = _opposite(at, lengths, guess, -1) or top
        steepest, faster = upper(most + scaled(at, top)), scaled(at, change(lengths, k, reach))
        return Patch(at.point, upper(scaled(at, found)), steepest, upper(faster), reach, shortest)


def change(lengths: Sequence[Ball], targets: int, reach: Ball) -> Ball:
    """Lemma 19.C: on B(Y, reach) the blocks C_i are Lipschitz with this constant; targets of length 1."""
    total = sum(lengths, Ball(0)) + targets
    n = len(lengths)
    own = 3 * Ball(3).sqrt() / (4 * pi())
    others = Ball(n - 1).sqrt() / pi()
    bounds = []
    for p in lengths:
        left = p - reach
        bounds.append(own * (total - p + (n - 1) * reach) / (left * left) + others / left)
    return upper(largest(bounds))


def _opposite(at: View, lengths: Sequence[Ball], guess: Guess, sign: int) -> Ball | None:
    """c >= max(0, lambda_max(-sign C_i)). None where the guess is of no use.

    A_i + tau_i I = L_i L_i^T + E_i gives x.A_i x >= -(tau_i + |E_i|) |x|^2 across w_i; along it C_i is 0.
    """
    blocks, slacks = _blocks(at, lengths, sign)
    found = guess(
        [[[float(x) for x in row] for row in block] for block in blocks], [float(p) for p in lengths]
    )
    if found is None:
        return None
    tau, unit, factors = found
    shift, scale = exact_float(tau), exact((1, 2 * unit))
    bound = Ball(0)
    for block, slack, length, factor in zip(blocks, slacks, lengths, factors, strict=True):
        half = IntegerMatrix(factor)
        entries = (BallMatrix(block) - BallMatrix(half * half.transpose()) * scale).entries()
        for a in range(len(block)):
            entries[a * (len(block) + 1)] += shift * length
        bound = bound.max((shift * length + norm(entries) + slack) / (2 * pi() * length))
    return upper(bound)


def _blocks(at: View, lengths: Sequence[Ball], sign: int) -> tuple[list[list[list[Ball]]], list[Ball]]:
    """Matrices A_i (k, k) and slacks e_i: for x across w_i, x.A_i x is within e_i |x|^2 of sign 2 pi |w_i| x.C_i x.

    A_i = sign (bend_i/|w_i| I + sum (+-) (|w_i| / cross_iz) z z^T) + .. w_i w_i^T: z may stand for its part across w_i.
    """
    n, k = len(lengths), at.point.ncols()
    outers = []
    for row in at.point.tolist():
        column = BallMatrix(k, 1, row)
        outers.append((column * column.transpose()).entries())
    longest = largest((*at.squares, Ball(1)))
    weights, diagonals, slacks = [], [], []
    for i, (length, bend) in enumerate(zip(lengths, bends(at), strict=True)):
        slack = Ball(0)
        row = [Ball(0)] * (n + k)
        for z, cross in enumerate(at.crosses[i]):
            if proves_lt(SMALLEST_CROSS, cross):
                row[z] = sign * length / cross
            elif z != i:
                slack += 2 * cross / length
        row = signed(at, i, row)
        row[i] = (ALONG + 2 * longest * sum(map(abs, row), Ball(0))) / at.squares[i]
        weights.append(row[:n])
        diagonals.append([sign * bend / length + x for x in row[n:]])
        slacks.append(slack)
    flat = (BallMatrix(weights) * BallMatrix(outers)).tolist()
    for row, diagonal in zip(flat, diagonals, strict=True):
        for a, x in enumerate(diagonal):
            row[a * (k + 1)] += x
    return [[row[a * k : (a + 1) * k] for a in range(k)] for row in flat], slacks
