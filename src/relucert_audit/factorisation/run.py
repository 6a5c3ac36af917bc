"""Gradient descent on |U V^T - M|^2/2, enclosed: Lemma 15.N.

With U = 2^h U', V = 2^h V', M = 4^h M' and eta = eta'/4^h the run is that of U', V', M', eta', of moderate size. In
integers: U', V' and R' = U' V'^T - M' in units of 2^-p. All runs that start within r_0 of the one that is followed
are within r_t of it after t steps."""

from fractions import Fraction
from math import isqrt
from typing import NamedTuple

from relucert_audit.exact import Matrix
from relucert_audit.factorisation.data import Dyadics
from relucert_audit.finding import TooWeak

FINE, SPAN = 40, 64  # FINE: bits of the growth of a radius in a step; SPAN: of what a run may grow to
SHORT = 26  # bits of entries for spectral norms


def up(x: int, bits: int) -> int:
    """x 2^-bits, rounded up."""
    return -(-x >> bits)


def length(a: Matrix) -> int:
    """An upper bound of |a|."""
    return isqrt(int((a * a).sum())) + 1


def magnitude(a: Dyadics) -> int:
    """e with all entries below 2^e in size; far down for a matrix of zeros."""
    size = max(abs(int(x)).bit_length() for x in a.mantissa.flat)
    return size + a.exponent if size else -(1 << 20)


class State(NamedTuple):  # radius: of the ball of all (U', V'), in units of 2^-p
    U: Matrix
    V: Matrix
    radius: int

    def norm(self) -> int:
        """An upper bound of |(U', V')| at the centre."""
        return isqrt(int((self.U * self.U).sum() + (self.V * self.V).sum())) + 1

    def imbalance(self) -> Matrix:
        """B at the centre, in units of 2^-2p."""
        B: Matrix = self.U.T @ self.U - self.V.T @ self.V
        return B

    def blur(self) -> int:
        """How far B is from that on the ball: 2 |W| r + r^2, in units of 2^-2p."""
        return 2 * self.norm() * self.radius + self.radius**2


class Flow:
    """The problem, in scaled numbers."""

    def __init__(self, M: Dyadics, eta: Fraction, start: list[Dyadics], bits: int) -> None:
        self.h = max(-4096, *(magnitude(x) for x in start), magnitude(M) + 1 >> 1)
        self.p, (self.a, self.b) = bits, (eta * Fraction(4) ** self.h).as_integer_ratio()
        self.M = M.shifted(2 * (self.h - bits))  # in units of 2^-2p, too low by less than one

    def start(self, given: list[Dyadics], error: int = 0) -> State:
        """error: of each entry, in units of 2^-p, beside that of rounding."""
        unit = self.h - self.p
        U, V = (x.shifted(unit) for x in given)
        error += any(x.exponent < unit for x in given)
        return State(U, V, error * (isqrt(U.size + V.size) + 1))

    def residual(self, at: State) -> Matrix:
        """R' at the centre. Each entry errs by at most a unit."""
        R: Matrix = (at.U @ at.V.T - self.M) // (1 << self.p)
        return R

    def distance(self, R: Matrix, at: State) -> tuple[int, int]:
        """Bounds of |R'| on the ball: |R~| -+ ||W|| r + r^2/2, and what R errs by."""
        W, r, size = at.norm(), at.radius, length(R)
        rough = isqrt(R.size) + 1 + up(2 * W * r + r * r, self.p + 1)
        return max(size - 1 - rough, 0), size + rough

    def step(self, at: State) -> State:
        """The centre makes a step that errs by delta; the radius grows as in Lemma 15.N."""
        R, W, p = self.residual(at), at.norm(), self.p
        U = at.U - self.a * (R @ at.V) // (self.b << p)
        V = at.V - self.a * (R.T @ at.U) // (self.b << p)
        (_, nu), rough = self.distance(R, at), isqrt(R.size) + 1  # rough: |error of R'|
        delta = up(self.a * rough * W, p) // self.b + 2 + isqrt(U.size + V.size)
        radius = at.radius + up(self.growth(at, W, nu) * at.radius, FINE) + delta
        if max(W, radius) >> p + SPAN:
            raise TooWeak("the run leaves the numbers that are followed")
        return State(U, V, radius)

    def growth(self, at: State, W: int, nu: int) -> int:
        """max(eta nu, eta l - 2) on the ball, from above, in units of 2^-FINE, l = nu + (||W|| + r)^2: with |W| for
        ||W|| where that is enough."""
        slow = self.times(nu, self.p - FINE)
        square = self.times((W + at.radius) ** 2, 2 * self.p - FINE)
        if square > 2 << FINE:
            square = self.times((spectral(at) + at.radius) ** 2, 2 * self.p - FINE)
        return slow + max(square - (2 << FINE), 0)

    def times(self, x: int, bits: int) -> int:
        """eta x 2^-bits, rounded up."""
        return up(self.a * x, bits) // self.b + 1


def spectral(at: State) -> int:
    """An upper bound of ||W|| = (||U||^2 + ||V||^2)^(1/2) at the centre: ||G||^8 <= |G^8| for the Gram matrices G of
    shortened entries, which are exact; what is cut off is added to W, for which |(||U||, ||V||)| is a norm."""
    drop = max(at.norm().bit_length() - SHORT, 0)
    squares = 0
    for a in (at.U >> drop, at.V >> drop):
        g = a.T @ a
        for _ in range(3):
            g = g @ g
        squares += isqrt(isqrt(isqrt(length(g)) + 1) + 1) + 1
    return (isqrt(squares) + 2 + isqrt(at.U.size + at.V.size)) << drop


class Drift(NamedTuple):  # bounds of the largest |B_t - B_0| so far, in units of 2^-2p of the scaled numbers
    low: int
    high: int


def follow(flow: Flow, at: State, steps: int) -> tuple[State, Drift, Drift]:
    """After so many steps; |B_t - B_0| at the end, and the largest on the way."""
    first, blur, most, last = at.imbalance(), at.blur(), Drift(0, 0), Drift(0, 0)
    for _ in range(steps):
        at = flow.step(at)
        size, rough = length(at.imbalance() - first), blur + at.blur()
        last = Drift(max(size - 1 - rough, 0), size + rough)
        most = Drift(max(most.low, last.low), max(most.high, last.high))
    return at, last, most
