"""A run of gradient descent on a two-layer ReLU network, enclosed: Theorem 14.N.

In integers, in units of 2^-p. z stands for w~_r . x_i, up to q_t units; W~(t) is within r_t units of W(t). Arrays of
(m, n) long integers are held by digits, so that floating point multiplies short integers and does not round."""

from collections.abc import Iterator
from fractions import Fraction
from math import isqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from relucert_audit import seeded
from relucert_audit.exact import Matrix, product
from relucert_audit.finding import TooWeak
from relucert_audit.interval import Interval, dyadic, to_fixed
from relucert_audit.ntk.data import Integers

DIGIT = 44  # bits: sums of 2^7 digits are below 2^51
TOP = 1 << 48  # the last digits stay below this, so that sums of 2^14 of them fit
BLOCK = 1 << 16  # long integers at once
NORM = 20  # norms are in units of 2^-20
Short = NDArray[np.int64]
Digits = list[Short]  # sum of digits[k] 2^(44 k); all but the last are from 0 to 2^44 - 1


class Start(NamedTuple):
    """W(0) = unit (m x d integers), rows given or by a seed; exponent: of the unit."""

    given: Matrix | None
    seed: int
    factor: int
    exponent: int

    @property
    def length(self) -> int:
        """At least the number of bits of each integer; |N_q| <= 6."""
        if self.given is not None:
            return int(np.abs(self.given).max()).bit_length()
        return abs(self.factor).bit_length() + seeded.UNIT + 3

    def block(self, rows: slice, d: int) -> Matrix:
        """These rows, as integers 2^exponent."""
        if self.given is not None:
            return self.given[rows]
        count = rows.stop - rows.start
        numbers = seeded.weights(self.seed, rows.start * d, count * d).astype(object)
        return (numbers * self.factor).reshape(count, d)


class Network(NamedTuple):
    """x (n, d), gram = x x^T, y (1, n), signs (m,), W(0); square: at least |X|^2. Inputs are divided by 2^scale,
    weights multiplied, and eta is multiplied by 4^scale: then all is as before, and |X| near 1."""

    scale: int
    eta: Fraction
    x: Integers
    gram: Integers
    y: Integers
    signs: Short
    start: Start
    square: Interval

    @property
    def m(self) -> int:
        return len(self.signs)

    @property
    def n(self) -> int:
        return len(self.x.mantissa)


class State(NamedTuple):
    """After t steps: z as digits (m, n); V~ as digits (m, n), W~ = W(0) + V~ X; the errors q_t and r_t."""

    z: Digits
    v: Digits
    rough: int
    r: int

    @property
    def on(self) -> NDArray[np.bool_]:
        """Where z >= 0."""
        return self.z[-1] >= 0


def shift(x: Matrix, bits: int) -> Matrix:
    """x 2^bits, rounded down."""
    return x << bits if bits >= 0 else x >> -bits


def up(x: int, bits: int) -> int:
    """x 2^-bits, rounded up."""
    return -(-x >> bits)


def root_above(x: Interval) -> int:
    """At least the root of x, not negative, in units of 2^-NORM."""
    return isqrt(sum(to_fixed(x, 2 * NORM))) + 1


def to_digits(x: Matrix, count: int) -> Digits:
    """Raises TooWeak where the last digit is not below 2^44."""
    mask, digits = (1 << DIGIT) - 1, []
    for _ in range(count - 1):
        digits.append((x & mask).astype(np.int64))
        x = x >> DIGIT
    if max(int(x.max()), -int(x.min())) >= 1 << DIGIT:
        raise TooWeak("the run goes too far")
    return [*digits, x.astype(np.int64)]


def from_digits(digits: Digits) -> Matrix:
    total = digits[-1].astype(object)
    for digit in reversed(digits[:-1]):
        total = (total << DIGIT) + digit
    return total


def add(x: Digits, more: Iterator[Short]) -> Digits:
    """x plus numbers given by digits that are below 2^52 in size."""
    found: Digits = []
    carry: Short = np.zeros_like(x[0])
    for digit, y in zip(x, more, strict=True):
        total = digit + y + carry
        carry = total >> DIGIT
        found.append(total - (carry << DIGIT))
    found[-1] += carry << DIGIT
    if max(int(found[-1].max()), -int(found[-1].min())) >= TOP:
        raise TooWeak("the run goes too far")
    return found


def blocks(count: int, width: int) -> list[slice]:
    """Of so many rows: slices of about 2^16 entries, as long integers take much memory."""
    height = max(BLOCK // width, 1)
    return [slice(first, min(first + height, count)) for first in range(0, count, height)]


def begin(net: Network, p: int) -> State:
    """z = W(0) X^T, rounded down: errs by less than 1 unit."""
    (n, d), xt = net.x.mantissa.shape, net.x.mantissa.T
    unit = p + net.start.exponent + net.x.exponent
    lengths = [int(np.abs(a).max()).bit_length() for a in (net.x.mantissa, net.y.mantissa)]
    size = net.start.length + lengths[0] + d.bit_length() + unit
    count = (max(p, size, lengths[1] + p + net.y.exponent) + 16) // DIGIT + 1
    parts = []
    for rows in blocks(net.m, max(n, d)):
        products = product(net.start.block(rows, d), xt)
        parts.append(to_digits(shift(products, unit), count))
    digits = [np.vstack(part) for part in zip(*parts, strict=True)]
    return State(digits, [np.zeros_like(x) for x in digits], 1, 0)


def margins(net: Network, at: State) -> list[int]:
    """For each row i at least |z - w_r . x_i| for all r, in units: q_t + r_t |x_i|."""
    squares = np.diagonal(net.gram.mantissa)
    lengths = [root_above(dyadic(int(x), net.gram.exponent)) for x in squares]
    return [at.rough + up(at.r * length, NORM) for length in lengths]


def sums(net: Network, at: State) -> list[int]:
    """sum_r a_r relu(z_ri) for each i, exactly, in units; in truth up to m q_t."""
    parts = [net.signs @ np.where(at.on, digit, 0) for digit in at.z]
    return [sum(int(part[i]) << DIGIT * k for k, part in enumerate(parts)) for i in range(net.n)]


def no_ties(at: State, margin: list[int]) -> None:
    """Theorem 14.N.2, or raises TooWeak. What is not near 0 by the last digit is larger than 2^(44 (K-1))."""
    if max(margin) >= 1 << DIGIT * (len(at.z) - 1):
        raise TooWeak("the run is too rough")
    near = np.nonzero((at.z[-1] == 0) | (at.z[-1] == -1))
    small = from_digits([digit[near] for digit in at.z])
    if np.any(np.abs(small) <= np.array(margin, dtype=object)[near[1]]):
        raise TooWeak("a tie: the sign of some w_r . x_i is not decided on the way")


def targets(net: Network, p: int) -> list[int]:
    """eta m^(-1/2) y_i, up to less than 1 unit."""
    scale = (net.eta * Fraction(2) ** (p + net.y.exponent)) ** 2 / net.m
    found = []
    for y in net.y.mantissa[0]:
        square = scale * int(y) ** 2
        found.append((1 if y > 0 else -1) * isqrt(square.numerator // square.denominator))
    return found


def run(net: Network, steps: int, p: int) -> State:
    """T steps, where eta |X|^2 <= 2 is proved. Raises TooWeak."""
    at, aim, share = begin(net, p), targets(net, p), net.eta / net.m
    norm = root_above(net.square * net.m * net.n)
    for _ in range(steps):
        no_ties(at, margins(net, at))
        found = sums(net, at)
        c = [y - share.numerator * u // share.denominator for y, u in zip(aim, found, strict=True)]
        at = step(net, at, np.array(c, dtype=object), norm)
    return at


def step(net: Network, at: State, c: Matrix, norm: int) -> State:
    """Adds a_r s_ri c_i to V~. c_i errs by less than 1 unit for y, less than 1 for the division, eta q_t for z; so
    the step is missed by at most |X| (m n)^(1/2) times that. Of z, n products round down."""
    active = net.signs[:, None] * at.on
    signed = active.astype(np.float64)
    moves = to_digits(shift(c[:, None] * net.gram.mantissa, net.gram.exponent), len(at.z))
    z = add(at.z, ((signed @ digit.astype(np.float64)).astype(np.int64) for digit in moves))
    v = add(at.v, (active * digit for digit in to_digits(c, len(at.z))))
    missed = 2 - (-net.eta.numerator * at.rough // net.eta.denominator)
    return State(z, v, at.rough + net.n, at.r + up(norm * missed, NORM))
