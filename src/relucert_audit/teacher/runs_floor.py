"""Step 6 of docs/spec/runs-v1.md: the loss at the end of an enclosed run, and Theorem T for the steps after it."""

from fractions import Fraction
from typing import NamedTuple

from relucert_audit import interval as ivl
from relucert_audit.finding import Findings, weak
from relucert_audit.format import Dyadic
from relucert_audit.interval import Interval, dyadic, enclosure, minimum, proves_le, proves_lt, root, show
from relucert_audit.steps import bound
from relucert_audit.teacher.loss import Landscape
from relucert_audit.teacher.runs import Certificate, Run
from relucert_audit.teacher.runs_curvature import FINE, SHARPLY, reference
from relucert_audit.teacher.runs_path import Path

TRIES = 16  # of a radius rho; each takes the step of Theorem T that the one before allows
WIDER = Fraction(1025, 1024)


class Floor(NamedTuple):  # at Y_T: loss on the ball of radius r; largest: of lambda_max there
    at: Landscape
    loss: Interval
    largest: Interval
    r: Interval


def step_6(cert: Certificate, run: Run, where: str, path: Path, r: int) -> Findings:
    """F <= objective on B(Y_T, r), and Theorem T for every start there."""
    own = floor_of(path, r)
    claimed = f"{where}.objective"
    yield from bound(cert, 6, claimed, own.loss)
    steps = (run.until or 0) - run.steps
    if steps and not stays(cert, own, steps):
        yield weak(6, f"{where}.until", f"Theorem T is not proved for {steps} steps: F = {show(own.loss)}")


def floor_of(path: Path, r: int) -> Floor:
    """F(Y) +- (|grad F(Y)| r + bend r^2/2), bend = max(Lam, c): F is no higher by Lam, no lower by c."""
    p = path.p
    targets = [[Dyadic(int(i == j), 0) for j in range(path.k)] for i in range(path.k)]
    rows = [[Dyadic(x, -p) for x in row] for row in path.rows]
    at = Landscape(rows, targets, p, path.network.weights, path.network.slope)
    near = reference(path, max(r, 1), SHARPLY)
    largest, bend = dyadic(near.largest, -FINE), dyadic(max(near.largest, near.expansion), -FINE)
    radius = dyadic(r, -p)
    change = (at.gradient.norm * radius + bend * radius**2 / 2).b
    loss = ivl.maximum([at.objective + change * enclosure(-1, 1, 0), dyadic(0, 0)])
    return Floor(at, loss, largest.b, radius.b)


def stays(cert: Certificate, own: Floor, steps: int) -> bool:
    """Theorem T with alpha = rho + r in the place of rho: B(W_T, rho) lies in B(Y_T, alpha)."""
    s, load = ivl.rational(cert.step), steps * ivl.rational(cert.step) * own.loss.b
    shortest, slowness = minimum(own.at.norms[: cert.n]).a, dyadic(1, -1)  # 1 - m/2, guessed at first
    for _ in range(TRIES):
        rho = (root(load / slowness) * ivl.rational(WIDER)).b
        alpha = (rho + own.r).b
        if not proves_lt(alpha, shortest):
            return False
        sign, m, e, _ = alpha._mpi_[1]
        lipschitz = own.at.lipschitz(Dyadic(-int(m) if sign else int(m), int(e))).b
        rate = (s * (own.largest + lipschitz * alpha)).b
        if not proves_lt(rate, dyadic(2, 0)):
            return False
        slowness = (1 - rate / 2).a
        if proves_lt((load / slowness).b, rho**2) and proves_le(own.r, alpha):
            return True
    return False
