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
from relucert_audit.exact import Matrix
from relucert_audit.finding import Finding, Findings, TooWeak, weak
from relucert_audit.format import LOWER, UPPER, Number, Opened, malformed, number, take
from relucert_audit.interval import Interval, enclosure, proves_lt, show, to_fixed
from relucert_audit.landscape import problem
from relucert_audit.landscape.critical import Basin, positive
from relucert_audit.landscape.nearest import distance, length
from relucert_audit.landscape.problem import PROBLEM, SIGNED, Numbers, Problem, SignedPermutation, limit
from relucert_audit.steps import bound

MOST, MOST_WORK, MOST_STEPS = 256, 5 * 10**7, 10**6
FINE = 48  # bits of the unit of curvatures, which stay below 2^14: coefficients and sums of squares below 2^6
LARGEST, HALVINGS, MUCH = 6, 8, 1 << 60
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
    if of.d > MOST or steps > MOST_STEPS or of.d**2 * steps > MOST_WORK:
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


def up_ratio(x: int, y: int) -> int:
    return -(-x // y)


class Peak(NamedTuple):
    """D is -lack there; the squares of its row and column times 8 eta lambda and 8 eta alpha_i are at least `gain` for
    itself, both together, and at most `beside` and `under` for the others."""

    row: int
    column: int
    lack: int
    gain: int
    beside: int
    under: int


class State(NamedTuple):
    """Of M, in units of 2^-p: M, the factors of its entries in a step, 4 eta (1 + nu) alpha_i m_ji^2; an upper bound
    of the errors of both; by row and by column: sums of squares in units of 2^-2p, norms rounded up."""

    M: Matrix
    factors: Matrix
    own: Matrix
    error: int
    squares: Matrix
    rows: list[int]
    columns: list[int]
    row_norms: list[int]
    column_norms: list[int]


class Flow:
    """Gradient descent: u_ji is multiplied by 1 - 4 eta (alpha_i S_i - (1 + nu) alpha_i u_ji^2 + g_j),
    g_j = lambda (|u_j|^2 - 1). In units of 2^-p, up to `rough`: pull is 4 eta alpha_i, push (1 + nu) pull,
    hold 4 eta lambda, bend 4 eta max(1, nu) alpha_i."""

    def __init__(self, own: Numbers, eta: Fraction) -> None:
        self.p, self.eta, step = iv.prec, eta, 4 * ivl.rational(eta)
        pulls, shares = [step * x for x in own.alpha], (own.one, 1 + own.nu, ivl.maximum([own.one, own.nu]))
        found = [[to_fixed(x * y, self.p) for x in pulls] for y in shares]
        self.pull, self.push, self.bend = (np.array([m for m, _ in xs], dtype=object) for xs in found)
        self.hold, rough = to_fixed(step * own.lam, self.p)
        self.rough = max(rough, *(r for xs in found for _, r in xs))
        if max(self.hold, *self.push) + self.rough >= 1 << self.p + LARGEST:
            raise TooWeak("the step is too large for the numbers of a run")

    def start(self, cert: Certificate) -> tuple[Matrix, int]:
        """M_0, rounded down, and r_0. d^2 entries err by less than 1 unit each."""
        shift = cert.exponent + self.p
        M = cert.B << shift if shift >= 0 else cert.B >> -shift
        m, e = cert.bounds["start_radius"].exact
        radius = m << e + self.p if e + self.p >= 0 else up(m, -e - self.p)
        return M, radius + len(M) * (shift < 0)

    def at(self, M: Matrix) -> State:
        """A factor errs by at most `rough` (1 + |u_j|^2 + S_i + u_ji^2) for the coefficients, by less than each of
        them for the squares, and 1."""
        p, squares = self.p, M * M
        rows, columns = squares.sum(axis=1).tolist(), squares.sum(axis=0).tolist()
        large = max(rows) + 2 * max(columns) >> 2 * p  # S_i + u_ji^2 <= 2 S_i
        if large >= 1 << LARGEST:
            raise TooWeak("the run goes too far")
        own = self.push * (squares >> p) >> p
        row = [(1 << p) + self.hold - (self.hold * (x >> p) >> p) for x in rows]
        column = [a * (x >> p) >> p for a, x in zip(self.pull, columns, strict=True)]
        factors = np.array(row, dtype=object)[:, None] - np.array(column, dtype=object) + own
        coefficients = self.hold + max(self.pull) + max(self.push) + 3 * self.rough
        error = self.rough * (2 + large) + up(coefficients, p) + 4
        norms = ([isqrt(x) + 1 for x in sums] for sums in (rows, columns))
        return State(M, factors, own, error, squares, rows, columns, *norms)

    def step(self, at: State) -> tuple[Matrix, int]:
        """M_(t+1) and delta_t: an entry errs by that of its factor times itself, and by less than one unit."""
        length = up(isqrt(sum(at.rows)) + 1, self.p)
        return at.M * at.factors >> self.p, at.error * length + len(at.M)

    def run(self, M: Matrix, r: int) -> tuple[Matrix, int]:
        """One step: M_(t+1), r_(t+1)."""
        at = self.at(M)
        fall, _ = self.curvature(at, r)
        M, delta = self.step(at)
        return M, r + up(fall * r, FINE) + delta

    def gradient(self, M: Matrix, r: int) -> Interval:
        """Encloses the least |grad G| on the start ball: |M_0 - GD(M_0)|/eta, less max |Hess G| r_0."""
        at = self.at(M)
        change = up(max(self.curvature(at, r)) * r, FINE)
        after, delta = self.step(at)
        moved = length(after - M, delta, -self.p)
        return (moved + enclosure(-change, change, -self.p)) / ivl.rational(self.eta)

    def curvature(self, at: State, r: int) -> tuple[int, int]:
        """eta n and eta l <= 2, in units of 2^-FINE, on the ball of radius r: those at M, and L' r of Lemma 13.L."""
        p, hold = self.p, self.hold + self.rough
        bends = max(int(x + self.rough) * (y + r) for x, y in zip(self.bend, at.column_norms, strict=True))
        change = up(6 * r * (bends + hold * (max(at.row_norms) + r)), 3 * p - FINE)
        pulls = max(int(x + self.rough) * y for x, y in zip(self.pull, at.columns, strict=True))
        rise = (
            up(3 * (pulls + hold * max(at.rows)) - ((self.hold - self.rough) << 2 * p), 3 * p - FINE) + change
        )
        if rise > 2 << FINE:
            raise TooWeak("eta l <= 2 is not proved on the way")
        return self.fall(at) + change, max(rise, 0)

    def fall(self, at: State) -> int:
        """eta n at M. The diagonal D = 4 alpha_i S_i + 4 g_j - 12 (1 + nu) alpha_i u_ji^2, times eta, is 1 less the
        factor less twice `own`. Terms of rank one are not negative; what they give is in `lifted`."""
        p, short = self.p, self.p - FINE
        if 3 * at.error >= 1 << short:
            raise TooWeak("the errors of a step are too large")
        D = ((((1 << p) - at.factors - 2 * at.own) >> short) - 1).astype(np.int64)
        fall = max(0, -int(D.min()))
        if not fall:
            return 0
        peaks, low = self.peaks(at, D), 0
        if lifted(D, peaks, 0):
            return 0
        for _ in range(HALVINGS):
            middle = low + fall >> 1
            low, fall = (low, middle) if lifted(D, peaks, middle) else (middle, fall)
        return fall

    def peaks(self, at: State, D: Short) -> list[Peak]:
        """The entries that are the largest of their row and of their column, where D is negative."""
        shift, hold = 3 * self.p - FINE, self.hold + self.rough
        size = (np.abs(at.M) >> (self.p - FINE)).astype(np.int64)
        found, rows = [], size.argmax(axis=1)
        for i, j in enumerate(size.argmax(axis=0).tolist()):
            if rows[j] == i and D[j, i] < 0:
                square, pull = at.squares[j, i], int(self.pull[i])
                gain = 2 * (pull + self.hold - 2 * self.rough) * square >> shift
                beside = up(2 * hold * (at.rows[j] - square), shift)
                under = up(2 * (pull + self.rough) * (at.columns[i] - square), shift)
                found.append(Peak(j, i, -int(D[j, i]), gain, beside, under))
        return found


def lifted(D: Short, peaks: list[Peak], fall: int) -> bool:
    """Whether no eigenvalue of eta Hess is below -fall: (a + b)^2 >= (1 - th) a^2 - (1/th - 1) b^2 for the terms of
    rank one of the row and the column of a peak, a its share. 1 - th = need/gain lifts it to -fall, and takes
    need/(gain - need) times beside and under from the other entries of its row and column."""
    rest, row, column = D.copy(), np.zeros(len(D), np.int64), np.zeros(len(D), np.int64)
    for peak in peaks:
        need = max(peak.lack - fall, 0)
        spare = peak.gain - need
        if spare <= 0:
            return False
        row[peak.row] = min(up_ratio(need * peak.beside, spare), MUCH)
        column[peak.column] = min(up_ratio(need * peak.under, spare), MUCH)
        rest[peak.row, peak.column] = MUCH
    return int((rest - row[:, None] - column).min()) >= -fall
