"""Bounds of the spectrum of Hess F on balls: Lemmas 19.C and 19.L, docs/theorem/runs-in-integers.md sections 4, 5.
Hess F = G + bend C, C with the diagonal blocks C_i; the bounds of C know no slope.

Largest eigenvalues come from traces of powers, in exact integers. Floating point multiplies integers so short that
it cannot round, or proposes; what it proposes is checked in integers or is free to choose."""

from fractions import Fraction
from functools import cache
from itertools import chain
from math import isqrt
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from relucert_audit import interval as ivl
from relucert_audit.finding import TooWeak
from relucert_audit.teacher.runs_path import Path, Rows

FINE = 40  # bits of the unit of lengths and curvatures on this page
UNIT = 26  # of entries of unit vectors
EXACT = 52  # products of integers with sums below 2^52 do not round
FLAT = 16  # a sine below 2^(FLAT - UNIT) counts as an error
ROUNDING = 33  # units times sqrt k: what all roundings of unit vectors do to a B at most
Blocks = NDArray[Any]  # (matrices, k, k) integers


@cache
def constants(n: int) -> tuple[int, int, int]:
    """In units of 2^-FINE: 2 pi down; 3 sqrt 3/(4 pi) and sqrt(n - 1)/pi up."""
    with ivl.precision(4 * FINE):
        pi = ivl.pi()
        parts = 2 * pi, 3 * ivl.root(ivl.dyadic(3, 0)) / (4 * pi), ivl.root(ivl.dyadic(n - 1, 0)) / pi
        (m, r), *others = (ivl.to_fixed(x, FINE) for x in parts)
    return (m - r, *(a + b for a, b in others))  # type: ignore[return-value]


def up(x: int, y: int) -> int:
    return -(-x // y)


def times(factor: Fraction, x: int) -> int:
    """factor x, rounded up."""
    return up(factor.numerator * x, factor.denominator)


class Lengths(NamedTuple):  # of neurons, in units of 2^-FINE, rounded down and up
    low: list[int]
    high: list[int]


def lengths(path: Path) -> Lengths:
    drop = path.p - FINE
    low = [isqrt(a) >> drop for a in path.at.squares]
    return Lengths(low, [x + 1 for x in low])


def tops(matrices: Blocks, error: int, squarings: int) -> list[int]:
    """Upper bounds of the largest eigenvalue of each symmetric M, all in its units. Entries below 2^50.

    lambda(S) <= trace(S^(2^m))^(2^-m) for S = M + shift I, whatever the shift. All numbers are integers below 2^53."""
    d, power = matrices.shape[-1], matrices.astype(np.float64)
    shift, width = np.floor(np.sqrt((power**2).sum(axis=(1, 2)))), (EXACT - d.bit_length()) // 2
    diagonal(power)[:] += shift[:, None]
    levels = [cut(power, np.abs(power).max(axis=(1, 2)), width)]
    for _ in range(squarings):
        power = power @ power
        levels.append(cut(power, diagonal(power).sum(axis=1), width))
    found = []
    for trace, first, *column, s in zip(diagonal(power).sum(axis=1), *levels, shift, strict=True):
        value = int(trace) << FINE
        for bits in reversed(column):
            value = isqrt(value << int(bits) + FINE) + 1
        found.append(up(value << int(first), 1 << FINE) - int(s) + error)
    return found


def diagonal(blocks: Blocks) -> Blocks:
    """A view, (matrices, d), of contiguous blocks."""
    view: Blocks = blocks.reshape(len(blocks), -1)[:, :: blocks.shape[-1] + 1]
    return view


def cut(blocks: Blocks, most: Blocks, width: int) -> Blocks:
    """Replaces each block by B, entries below 2^width, with block <= B 2^bits as quadratic forms; bits >= 0. most:
    upper bounds of the entries. What is cut off is a symmetric matrix of d^2 entries below 1: at most d."""
    bits: Blocks = np.maximum(np.frexp(most)[1] + 1 - width, 0)
    np.floor(np.ldexp(blocks, -bits[:, None, None]), out=blocks)
    diagonal(blocks)[:] += blocks.shape[-1]
    return bits


class Turned(NamedTuple):  # B_i 2^-scale in units of 2^-UNIT, up to `error` of these in norm
    blocks: Blocks
    scale: int
    error: int


def turned(path: Path, size: Lengths) -> Turned:
    """B_i = 2 pi |w_i| (H_ii - I/2) = sum (+-) |z| (sin (I - u u^T) + v v^T/sin), u the direction of w_i and v what
    is orthogonal to it of the direction of z, of length sin."""
    n, k, half = path.n, path.k, np.int64(UNIT)
    units = [
        [(x << UNIT) // isqrt(a) for x in row] for row, a in zip(path.rows, path.at.squares, strict=True)
    ]
    own, eye = np.array(units, dtype=np.int64), np.eye(k, dtype=np.int64)
    every = np.vstack([own, eye << half])
    across = every[None] - ((own @ every.T >> half)[:, :, None] * own[:, None, :] >> half)
    sines = roots((across**2).sum(axis=2))
    total = sum(size.high) + (k << FINE)
    scale = max(total.bit_length() - FINE, 0)
    rounded = [x >> FINE - UNIT + scale for x in (*size.high, *[1 << FINE] * k)]
    weights, signs = np.array(rounded, dtype=np.int64), np.array(path.network.signs)
    sines[np.arange(n), np.arange(n)] = 0
    flat = sines < 1 << FLAT
    lost = int((weights * np.where(flat, sines, 0)).sum(axis=1).max() >> half)
    weighted = np.where(flat, 0, weights * signs)
    sloped = weighted[:, :, None] * across // np.where(flat, 1, sines)[:, :, None]
    exact = sloped.transpose(0, 2, 1).astype(np.float64) @ across.astype(np.float64)
    pulls = (weighted * sines).sum(axis=1) >> half
    ring = pulls[:, None, None] * ((eye << half) - (own[:, :, None] * own[:, None, :] >> half))
    blocks = (exact.astype(np.int64) + ring) >> half
    side = isqrt(k) + 1
    error = 2 * (lost + 1) + ROUNDING * side + (n + k) * (side + 3) + 3 * k + 5
    return Turned((blocks + blocks.transpose(0, 2, 1)) >> np.int64(1), scale, error)


def roots(squares: Blocks) -> Blocks:
    """Integers within 2 of the square roots of integers below 2^60: proposed, and checked."""
    found = np.sqrt(squares.astype(np.float64)).astype(np.int64)
    near = (np.maximum(found - 2, 0) ** 2 <= squares) & (squares <= (found + 2) ** 2)
    if not near.all():
        raise TooWeak("a square root is not confirmed")
    return found


class Slopes(NamedTuple):
    """On the ball of a radius: by how much a C_i changes at most, each; by how much Hess F, for each unit."""

    blocks: list[int]
    whole: int


def slopes(size: Lengths, k: int, radius: int) -> Slopes:
    """Lemma 19.C: the two parts of the change of C_i belong to w_i and to the other neurons, so their squares add
    up. Theorem B for the whole."""
    n = len(size.low)
    _, bend, cross = constants(n)
    inner = [x - radius for x in size.low]
    if min(inner) <= 0:
        raise TooWeak("the ball around an iterate may reach a neuron at the origin")
    everything = sum(size.high) + n * radius + (k << FINE)
    own = [up(bend * (everything - x - radius) << FINE, y * y) for x, y in zip(size.low, inner, strict=True)]
    other = [up(cross << FINE, y) for y in inner]
    blocks = [up(radius * (isqrt(a * a + b * b) + 1), 1 << FINE) for a, b in zip(own, other, strict=True)]
    return Slopes(blocks, max(own) + 3 * max(other))


class Reference(NamedTuple):
    """On the ball of `radius` (units of the path) around `rows`: expansion c, growth 1 + s c, and largest, a bound of
    lambda_max of Hess F, in units of 2^-FINE, c as in Theorem 19.R."""

    rows: Rows
    radius: int
    expansion: int
    growth: int
    largest: int

    def holds(self, rows: Rows, r: int) -> bool:
        """Whether the ball of radius r around `rows` lies within."""
        room, pairs = self.radius - r, zip(chain(*rows), chain(*self.rows), strict=True)
        return room >= 0 and sum([(x - y) ** 2 for x, y in pairs]) <= room * room


class Slack(NamedTuple):
    """How much larger than at its centre c may be, about, on the ball of a reference: the larger of both. How closely
    it is known at the centre, and whether lambda_max is to be small or only small enough."""

    absolute: Fraction
    relative: Fraction
    squarings: int
    sharp: bool = False


EXACTLY = Slack(Fraction(0), Fraction(0), 10)
SHARPLY = EXACTLY._replace(sharp=True)


def reference(path: Path, r: int, slack: Slack) -> Reference:
    """For the ball of radius r, and a larger one as `slack` says, if s lambda_max <= 2 there too."""
    size, s, bend = lengths(path), path.by.s, path.network.bend
    b = turned(path, size)
    found = tops(np.concatenate([b.blocks, -b.blocks]), b.error, slack.squarings)
    up_to, down_to = found[: path.n], found[path.n :]
    two_pi = constants(path.n)[0]
    shift = b.scale + 3 * FINE - UNIT
    rising, falling = (
        [up(max(x, 0) << shift, max(two_pi * y, 1)) for x, y in zip(xs, size.low, strict=True)]
        for xs in (up_to, down_to)
    )
    least = up(r, 1 << path.p - FINE)
    more = max(slack.absolute * (1 << FINE) / bend, slack.relative * max(falling))
    for radius in (max(least, wider(size, path.k, int(more))), least):
        change = slopes(size, path.k, radius)
        c, own = (
            times(bend, max(x + y for x, y in zip(xs, change.blocks, strict=True)))
            for xs in (falling, rising)
        )
        most = own + times(path.network.own, path.n << FINE)
        if slack.sharp or not within(s, most):
            most = min(most, own + mixed(path) + times(bend, up(radius * change.whole, 1 << FINE)))
        if within(s, most):
            return Reference(path.rows, radius << path.p - FINE, c, (1 << FINE) + times(s, c), most)
    raise TooWeak("s lambda_max <= 2 is not proved")


def within(s: Fraction, largest: int) -> bool:
    """s lambda_max <= 2, exactly."""
    return s.numerator * largest <= s.denominator << FINE + 1


def mixed(path: Path) -> int:
    """Upper bound of the largest eigenvalue of G. Its blocks have the norms N_ii = own and
    N_ij = |own - bend t/(2 pi)| + bend sin t/(2 pi), and the matrix N has at most max_i sum_j N_ij x_j/x_i, x > 0."""
    n, drop, bend = path.n, path.p - FINE, path.network.bend
    half = times(path.network.own, 1 << FINE)
    norms: Blocks = np.full((n, n), half, dtype=object)
    slip, roots_of = (path.error() >> drop) + 2, [isqrt(a) for a in path.at.squares]
    pairs = [(i, j) for i in range(n) for j in range(i + 1, n)]
    for (i, j), y, angle in zip(pairs, path.at.y, path.angles, strict=False):
        sine = min(up(y + 1 << path.p + FINE, roots_of[i] * roots_of[j]), 1 << FINE)
        turns = [sine + sign * (angle >> drop) + slip for sign in (-1, 1)]
        less, more = (times(bend, turned_by(x, n)) for x in turns)
        norms[i, j] = norms[j, i] = max(half + less, more - half + 1)
    vector = np.abs(np.linalg.eigh(norms.astype(np.float64))[1][:, -1])
    x = [int(y * 2**UNIT) + 1 for y in vector.tolist()]
    return max(up(int(row @ np.array(x, dtype=object)), y) for row, y in zip(norms, x, strict=True))


def turned_by(x: int, n: int) -> int:
    """Upper bound of x/(2 pi), in the units of x, 2^-FINE."""
    two_pi = constants(n)[0]
    return up(x << FINE, two_pi if x > 0 else two_pi + 2)


def wider(size: Lengths, k: int, slack: int) -> int:
    """A radius on which the C_i change by about `slack`."""
    some = min(size.low) // 8
    change = max(slopes(size, k, some).blocks)
    return min(slack * some // max(change, 1), some)
