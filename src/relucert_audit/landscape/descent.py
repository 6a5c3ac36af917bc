"""Method `descent`: a run of gradient descent on G and all runs that start near it. Lemma 13.N, Theorem 13.B.

In integers: the run M_t in units of 2^-p, and the curvature, eta times the Hessian's, in units of 2^-FINE. Every B_t
is within r_t of M_t, r_(t+1) = (1 + eta n_t) r_t + delta_t, where on that ball all eigenvalues of the Hessian are
in [-n_t, l_t], eta l_t <= 2, and M_(t+1) is the step from M_t up to delta_t."""

import re
from fractions import Fraction
from math import isqrt
from typing import NamedTuple

import numpy as np
from mpmath import iv  # type: ignore[import-untyped]
from numpy.typing import NDArray

from relucert_audit import format as fmt
from relucert_audit import interval as ivl
from relucert_audit.exact import Matrix, TooWeak
from relucert_audit.format import LOWER, UPPER, Number, Opened, malformed, number, take
from relucert_audit.interval import Interval, enclosure, proves_lt, show, to_fixed
from relucert_audit.landscape import problem
from relucert_audit.landscape.critical import Basin, positive
from relucert_audit.landscape.nearest import distance, length
from relucert_audit.landscape.problem import PROBLEM, SIGNED, Numbers, Problem, SignedPermutation, limit
from relucert_audit.steps import Finding, Findings, bound, weak

MOST, MOST_WORK = 256, 5 * 10**7
FINE, ROOM = 25, 62  # FINE: bits of the curvature's unit; its coefficients stay below 2^4, entries below 2^3
AT_LEAST = number(LOWER, negative=False)
BOUNDS = {"start_radius": AT_LEAST, "distance": number(UPPER, negative=False), "gradient_min?": AT_LEAST}
CLAIM = {**fmt.HEADER, "problem": PROBLEM | {"step": problem.positive}, "point": [[fmt.dyadic]], "steps": int}
CLAIM |= {"verdict": re.compile("converges-to-global-minimum"), "minimum": SIGNED, "bounds": BOUNDS}
Short = NDArray[np.int64]


class Certificate(NamedTuple):  # the start is B 2^exponent
    verdict: str
    problem: Problem
    eta: Fraction
    B: Matrix
    exponent: int
    steps: int
    at: SignedPermutation
    bounds: dict[str, Number]


def read(opened: Opened) -> Certificate:
    """Step 0. Raises Refusal."""
    claim = take(opened.claim, CLAIM, "claim")
    of, eta, steps = problem.read_problem(claim["problem"]), claim["problem"]["step"], claim["steps"]
    if of.teacher:
        raise malformed("the objective is not G")
    if of.d > MOST or of.d**2 * steps > MOST_WORK:
        raise limit("the number of rows, or d^2 T")
    rows, exponent = problem.aligned(claim["point"], of.d, of.d)
    at = problem.read_signed(claim["minimum"], of.d)
    start = np.array(rows, dtype=object)
    return Certificate(claim["verdict"], of, eta, start, exponent, steps, at, fmt.flatten(claim["bounds"]))


def admit(cert: Certificate) -> Findings:
    """Step 1."""
    yield from problem.admit(cert.problem)
    yield from problem.admit_signed(cert.at)
    yield from positive(cert, 1, ("gradient_min",))


def prove(cert: Certificate, _: int) -> list[Finding]:
    """Steps 3 and 5 at the working precision."""
    own = Numbers(cert.problem)
    try:
        return list(problem.benign(own)) or list(step_5(cert, own))
    except TooWeak as failure:
        return [weak(5, "steps", str(failure))]


def step_5(cert: Certificate, own: Numbers) -> Findings:
    """The run, and where it ends."""
    flow = Flow(own, cert.eta)
    M, r = flow.start(cert)
    if "gradient_min" in cert.bounds:
        yield from bound(cert, 5, "gradient_min", flow.gradient(M, r))
    for _ in range(cert.steps):
        M, r = flow.run(M, r)
    end = distance(own, cert.at, M, -flow.p)
    reach = end + enclosure(-r, r, -flow.p)  # contains the largest |B_T - P|
    yield from bound(cert, 5, "distance", reach)
    basin, R, eta = Basin(own), reach.b, ivl.rational(cert.eta)
    if not (basin.holds(R) and proves_lt(eta, basin.step(R))):
        yield weak(5, "steps", f"Theorem 13.B does not apply at the end: {show(R, eta)}")


def up(x: int, bits: int) -> int:
    """x 2^-bits, rounded up."""
    return -(-x >> bits)


def fixed(x: Interval, bits: int) -> tuple[int, int]:
    """Ends in units of 2^-bits."""
    middle, radius = to_fixed(x, bits)
    return middle - radius, middle + radius


class State(NamedTuple):
    """M, its squares, and by row and by column: sums of squares in units of 2^-2p, norms rounded up."""

    M: Matrix
    squares: Matrix
    rows: list[int]
    columns: list[int]
    row_norms: list[int]
    column_norms: list[int]


def state(M: Matrix) -> State:
    squares = M * M
    rows, columns = squares.sum(axis=1).tolist(), squares.sum(axis=0).tolist()
    return State(M, squares, rows, columns, *([isqrt(x) + 1 for x in sums] for sums in (rows, columns)))


class Flow:
    """Gradient descent: u_ji is multiplied by 1 - 4 eta (alpha_i S_i - (1 + nu) alpha_i u_ji^2 + g_j),
    g_j = lambda (|u_j|^2 - 1). pull: 4 eta alpha_i, push: (1 + nu) pull, hold: 4 eta lambda."""

    def __init__(self, own: Numbers, eta: Fraction) -> None:
        self.p, self.eta, step = iv.prec, eta, 4 * ivl.rational(eta)
        pulls = [step * x for x in own.alpha]
        both = [[to_fixed(x * y, self.p) for x in pulls] for y in (own.one, 1 + own.nu)]
        self.pull, self.push = (np.array([m for m, _ in xs], dtype=object) for xs in both)
        self.hold, rough = to_fixed(step * own.lam, self.p)
        self.rough = max(rough, *(r for xs in both for _, r in xs))  # of all three, in units of 2^-p
        if max(self.hold, *self.push) + self.rough >= 1 << self.p + 2:
            raise TooWeak("the step is too large for the numbers of a run")
        short = self.p - FINE
        self.pull_low, self.push_high = (
            np.array([int(x - self.rough) >> short for x in self.pull], np.int64),
            np.array([int(x + self.rough >> short) + 1 for x in self.push], np.int64),
        )

    def start(self, cert: Certificate) -> tuple[Matrix, int]:
        """M_0, rounded down, and r_0. d^2 entries err by less than 1 unit each."""
        shift = cert.exponent + self.p
        M = cert.B << shift if shift >= 0 else cert.B >> -shift
        m, e = cert.bounds["start_radius"].exact
        radius = m << e + self.p if e + self.p >= 0 else up(m, -e - self.p)
        return M, radius + len(M) * (shift < 0)

    def step(self, at: State) -> tuple[Matrix, int]:
        """M_(t+1) and delta_t. A factor errs by `rough` (1 + |u_j|^2 + S_i + u_ji^2), for the coefficients, and by
        less than one unit times each of them, for the squares; an entry by that times itself, and one unit."""
        p, M = self.p, at.M
        row = [(((1 << p) + self.hold) << p) - self.hold * (x >> p) for x in at.rows]
        column = self.pull * [x >> p for x in at.columns]
        factor = np.array(row, dtype=object)[:, None] - column + self.push * (at.squares >> p)
        large = max(at.rows) + 2 * max(at.columns)  # S_i + u_ji^2 <= 2 S_i
        coefficients = self.hold + max(self.pull) + max(self.push) + 3 * self.rough
        error = self.rough * (2 + (large >> 2 * p)) + up(coefficients, p) + 1
        return M * factor >> 2 * p, error * (up(isqrt(sum(at.rows)) + 1, p)) + len(M)

    def run(self, M: Matrix, r: int) -> tuple[Matrix, int]:
        """One step: M_(t+1), r_(t+1)."""
        at = state(M)
        n = self.curvature(at, r)
        M, delta = self.step(at)
        return M, r + up(n * r, FINE) + delta

    def gradient(self, M: Matrix, r: int) -> Interval:
        """Encloses the least |grad G| on the start ball: |M_0 - GD(M_0)|/eta, less |Hess G| r_0 <= 2 r_0/eta."""
        at = state(M)
        steep = max(self.steepest(at, r), self.curvature(at, r))
        after, delta = self.step(at)
        moved = length(after - M, delta, -self.p)
        return (moved + enclosure(-up(steep * r, FINE), up(steep * r, FINE), -self.p)) / ivl.rational(
            self.eta
        )

    def steepest(self, at: State, r: int) -> int:
        """eta l, in units of 2^-FINE, on the ball: the diagonal 4 alpha_i S_i + 4 g_j - .., and at most
        8 alpha_i S_i and 8 lambda |u_j|^2 for the terms of rank one of a column and of a row."""
        row = self.hold + self.rough, (max(at.row_norms) + r) ** 2
        columns = [
            int(x) * (y + r) ** 2 for x, y in zip(self.pull + self.rough, at.column_norms, strict=True)
        ]
        total = 3 * max(columns) + 3 * row[0] * row[1] - ((self.hold - self.rough) << 2 * self.p)
        return up(total, 3 * self.p - FINE)

    def curvature(self, at: State, r: int) -> int:
        """eta n, in units of 2^-FINE, on the ball: from the diagonal D = 4 alpha_i S_i + 4 g_j - 12 (1 + nu) alpha_i
        u_ji^2 alone, as the terms of rank one are not negative, or with what `leading` proves of these."""
        if self.steepest(at, r) > 2 << FINE:
            raise TooWeak("eta l <= 2 is not proved on the way")
        short, low, high = self.p - FINE, (self.hold - self.rough), self.hold + self.rough
        low, high, reach = low >> short, (high >> short) + 1, up(r, short)
        size = (np.abs(at.M) >> short).astype(np.int64) + 1 + reach
        if int(size.max()) >= 1 << FINE + 3:
            raise TooWeak("an entry of the run is too large")
        row, column = self.inner(at.rows, at.row_norms, r), self.inner(at.columns, at.column_norms, r)
        D = (low * row >> FINE)[:, None] - high + (self.pull_low * column >> FINE)
        D -= (3 * self.push_high * ((size * size >> FINE) + 1) >> FINE) + 1
        plain = int(D.min())
        pull = self.pull_low, self.pull_low + 2 * (self.rough >> short) + 2
        held = np.full_like(self.pull_low, low), np.full_like(self.pull_low, high)
        D += self.leading(size, at.squares, at.columns, r, pull)
        D += self.leading(size.T, at.squares.T, at.rows, r, held).T
        return max(0, -max(plain, int(D.min())))

    def inner(self, sums: list[int], norms: list[int], r: int) -> Short:
        """Lower bounds of the sums of squares on the ball, in units of 2^-FINE."""
        p, short = self.p, self.p - FINE
        return np.array(
            [max(((x >> p) - up(2 * y * r, p)) >> short, 0) for x, y in zip(sums, norms, strict=True)]
        )

    def leading(
        self, size: Short, squares: Matrix, sums: list[int], r: int, by: tuple[Short, Short]
    ) -> Short:
        """What 2 by_i (x.v)^2, x column i, is at least, as a diagonal: with the largest entry x_a and the others x_o,
        (1 - th) x_a^2 at a and -(1/th - 1) |x_o|^2 elsewhere, for a th in (0, 1], here about |x_o|/x_a."""
        lead, each, one = size.argmax(axis=0), np.arange(len(size)), 1 << FINE
        largest = np.maximum(size[lead, each] - 1 - 2 * up(r, self.p - FINE), 0)
        rest = [isqrt(x - y) + 1 + r for x, y in zip(sums, squares[lead, each], strict=True)]
        other = [min(up(x * x, 2 * self.p - FINE), 1 << FINE + 6) for x in rest]
        share = [
            min((isqrt(x << FINE) << FINE) // max(int(y), 1), one)
            for x, y in zip(other, largest, strict=True)
        ]
        th = np.array(share, np.int64)
        loss = -(-(one - th) * np.array(other, np.int64) // th)
        loss = (2 * by[1] * (loss + 1) >> FINE) + 1
        gain = 2 * by[0] * ((one - th) * (largest * largest >> FINE) >> FINE) >> FINE
        diagonal = np.tile(np.where(th < one, -loss, 0), (len(size), 1))
        diagonal[lead, each] = np.where(th < one, gain, 0)
        return diagonal
