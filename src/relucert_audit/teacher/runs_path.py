"""Iterates of gradient descent in integers, and how far each is from the exact step of the one before.

docs/theorem/runs-in-integers.md; signs and a slope as in `network`. Lengths are integers in units of 2^-p, products of
two in units of 2^-2p. Targets are e_1, .., e_k. A *pair* is two neurons i < j, or a neuron and a target: of it
x + y sqrt(-1) is kept, the rounded |w| |z| (cos, sin), and the angle of that rounded number."""

from collections.abc import Sequence
from fractions import Fraction
from math import isqrt
from operator import mul
from typing import NamedTuple

from relucert_audit import interval as ivl
from relucert_audit.finding import TooWeak
from relucert_audit.teacher.network import Network, plain

LARGEST_PULL = 2  # s lambda_max <= 2 needs s (1 + slope^2)/2 <= 2
TURN = 3  # a turn with a tangent above 2^-3 is not followed: the angle is computed from nothing
GUARD = 24  # more bits where it is
DRIFT = 4  # units by which following a turn once errs, at most
LEAST = 96  # bits of a unit: below, the bounds of runs-in-integers.md are not proved
LONGEST = 64  # bits of a length
Row = Sequence[int]
Rows = Sequence[Row]


class Arctangent:
    """Of small arguments and of points in the plane, in units of 2^-p."""

    def __init__(self, p: int) -> None:
        self.p, bits = p, p + GUARD
        self.coefficients = [(-1) ** j * ((1 << p) // (2 * j + 1)) for j in range(p)]
        quarter, _ = ivl.arctan_fixed(1 << bits, bits)
        self.pi = 4 * quarter  # in units of 2^-bits
        terms = [self.terms(size) for size in range(p - TURN + 2)]
        self.series = [(self.coefficients[n], self.coefficients[:n][::-1]) for n in terms]

    def terms(self, size: int) -> int:
        """How many terms after the first leave less than a unit out, for a tangent of this many bits."""
        small = self.p - size  # the tangent is below 2^-small
        return max(-(-(self.p - 3 * small) // (2 * small)), 0)

    def of(self, x: int, y: int) -> int:
        """Angle of (x, y) != 0, y >= 0, within DRIFT units."""
        bits = self.p + GUARD
        small, large = sorted((abs(x), y))
        acute, _ = ivl.arctan_fixed((small << bits) // large, bits)
        if y > abs(x):
            acute = self.pi // 2 - acute
        return (self.pi - acute if x < 0 else acute) >> GUARD

    def turned(self, before: Rows, after: Rows, angles: Row) -> list[int]:
        """The angles of (x, y) after, from those before: columns x, y. Each errs by at most DRIFT units more."""
        p, series, found = self.p, self.series, []
        for x, y, u, v, angle in zip(*before, *after, angles, strict=True):
            along, across = x * u + y * v, x * v - y * u
            if (across if across >= 0 else -across) << TURN > along or not along:
                angle = self.of(u, v)
            elif across:
                t = (across << p) // along
                q = t * t >> p
                total, rest = series[t.bit_length()]
                for c in rest:
                    total = c + (total * q >> p)
                angle += t * total >> p
            found.append(angle)
        return found


class Step(NamedTuple):
    """s as the numbers of a step in units of 2^-p: 1 - h and h = s (1 + slope^2)/2, rounded down, and
    tau = s (1 - slope)^2/(2 pi), within 1. steep: an integer, at least tau."""

    s: Fraction
    rest: int
    half: int
    turn: int
    steep: int


def step_of(s: Fraction, p: int, network: Network) -> Step:
    h = s * network.own
    if h > LARGEST_PULL:
        raise TooWeak(f"s lambda_max <= 2 is not proved for a step above {LARGEST_PULL / network.own}")
    with ivl.precision(p + 32):
        turn, radius = ivl.to_fixed(ivl.rational(s * network.bend) / (2 * ivl.pi()), p)
    if radius > 1:
        raise TooWeak("s (1 - slope)^2/(2 pi) is not known well enough")
    rest, half = ((x.numerator << p) // x.denominator for x in (1 - h, h))
    return Step(s, rest, half, turn, (turn >> p) + 1)


class Meetings(NamedTuple):
    """At one iterate. Squares |w_i|^2 in units of 2^-2p; columns x and y of all pairs, first of neurons i < j,
    then of neurons and targets, both in the order of rows."""

    squares: list[int]
    x: list[int]
    y: list[int]


def meetings(rows: Rows, p: int) -> Meetings:
    """x and y are rounded down: each is less than 1 unit below the truth; x of a target is exact."""
    squares = [sum(map(mul, row, row)) for row in rows]
    least, most = min(squares), max(squares)
    if least >> (p + 2) == 0 or most >> 2 * (p + LONGEST):
        raise TooWeak("a neuron is too short or too long for the numbers of a run")
    x, y = [], []
    for i, (row, a) in enumerate(zip(rows, squares, strict=True)):
        for other, b in zip(rows[i + 1 :], squares[i + 1 :], strict=True):
            product = sum(map(mul, row, other))
            x.append(product >> p)
            y.append(isqrt((a * b - product * product) >> 2 * p))
    for row, a in zip(rows, squares, strict=True):
        x += row
        y += [isqrt(a - c * c) for c in row]
    return Meetings(squares, x, y)


class Path:
    """Iterates from rows of integers, of a plain network unless one is given. drift: by how many units the angles err
    at most, as those of (x, y); signs: (+-) of all pairs, in the order of `meetings`."""

    def __init__(self, rows: Rows, s: Fraction, p: int, network: Network | None = None) -> None:
        if p < LEAST:
            raise TooWeak("too few bits")
        self.p, self.n, self.k, self.rows = p, len(rows), len(rows[0]), rows
        self.network = network or plain(self.n, self.k)
        signs = self.network.signs
        self.signs = [x for i, row in enumerate(signs) for x in row[i + 1 : self.n]]
        self.signs += [x for row in signs for x in row[self.n :]]
        self.arctangent, self.by = Arctangent(p), step_of(s, p, self.network)
        self.at, self.drift = meetings(rows, p), DRIFT
        self.angles = [self.arctangent.of(x, y) for x, y in zip(self.at.x, self.at.y, strict=True)]

    def step(self) -> int:
        """Goes on to the next iterate: delta, an upper bound in units of its distance from the exact step."""
        delta = self.delta()
        self.rows = self.stepped()
        after = meetings(self.rows, self.p)
        self.angles = self.arctangent.turned(self.at[1:], after[1:], self.angles)
        self.at, self.drift = after, self.drift + DRIFT
        return delta

    def stepped(self) -> Rows:
        """W - s grad F(W) = (1 - h - tau D_i/|w_i|^2) w_i - sum_z (+-) (h - tau theta_iz) z, over all z that w_i meets,
        where D_i is the sum of (+-) y: section 3."""
        p, n, k, signs = self.p, self.n, self.k, self.signs
        _, rest, half, turn, _ = self.by
        weights = [
            sign * (half - (turn * angle >> p)) for sign, angle in zip(signs, self.angles, strict=True)
        ]
        y = list(map(mul, signs, self.at.y))
        first = len(y) - n * k
        slopes = [sum(y[first + i * k : first + i * k + k]) for i in range(n)]
        own = [[0] * n for _ in range(n)]
        place = 0
        for i in range(n):
            for j in range(i + 1, n):
                slopes[i] += y[place]
                slopes[j] += y[place]
                own[i][j] = own[j][i] = -weights[place]
                place += 1
        columns, moved = list(zip(*self.rows, strict=True)), []
        for i, (row, square) in enumerate(zip(own, self.at.squares, strict=True)):
            row[i] = rest - (turn * slopes[i] << p) // square
            push = weights[place : place + k]
            moved.append([(sum(map(mul, row, c)) >> p) - x for c, x in zip(columns, push, strict=True)])
            place += k
        return moved

    def shortness(self) -> int:
        """Upper bound of 1/rho^2, rho the smallest of 1 and the |w_i|."""
        return max((1 << 2 * self.p) // min(self.at.squares) + 1, 1)

    def error(self) -> int:
        """By how many units the angles err at most: section 2."""
        error = self.drift + 3 * self.shortness()
        if error << 5 >> self.p:
            raise TooWeak("the errors of angles are too large")
        return error

    def delta(self) -> int:
        """Upper bound of the error of `stepped`, in units: section 3."""
        n, k, squares, steep = self.n, self.k, self.at.squares, self.by.steep
        lengths = (isqrt(n * sum(squares)) >> self.p) + 1 + k
        return (isqrt(n) + 1) * ((9 + steep * self.error()) * lengths + (n + k) * steep * self.shortness())
