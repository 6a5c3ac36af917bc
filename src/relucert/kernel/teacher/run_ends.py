"""What an enclosed run proves at its end: a basin, a floor, a neighbourhood of starts (docs/theorem/runs.md).

Of networks with output weights of both signs and a slope: docs/theorem/signed-runs.md, section 20.2.
"""

from __future__ import annotations

from collections.abc import Sequence

from relucert.kernel import ball
from relucert.kernel.ball import Ball, Dyadic, NotProved, Ratio, exact, norm, precision, square, upper
from relucert.kernel.outcome import Argument, Inequality, inequality
from relucert.kernel.teacher import loss, trajectory
from relucert.kernel.teacher.descent import matrix
from relucert.kernel.teacher.enclosed import BITS, Run, apart

THEOREM = "Theorem 19.R"


def _chain(run: Run) -> tuple[Inequality, ...]:
    tight = run.tight
    return (
        inequality("R.1", tight.load, "<=", Ball(2), "s Lam_t <= 2"),
        inequality("R.2", tight.radius, "<", tight.shortest, "r_t < min |Y_t,i|"),
    )


def end_rows(run: Run) -> tuple[tuple[Dyadic, ...], ...]:
    """Y_T."""
    return tuple(tuple(ball.to_dyadic(x) for x in row) for row in run.end.tolist())


def distance(run: Run, rows: Sequence[int], columns: Sequence[int], minimum: loss.Rows) -> Ball:
    """Upper bound of |W_T^ - W|, W = `minimum`, for every start. Raises NotProved for what is no permutation, or
    does not keep output weights (docs/theorem/signed.md, Lemma 20.T)."""
    if not trajectory.keeps(_targets(run.end.ncols()), rows, columns, run.network):
        raise NotProved("not permutations that keep output weights")
    image = trajectory.image(end_rows(run), rows, columns)
    with precision(BITS):
        return upper(apart(matrix(image), matrix(minimum)) + run.radius)


def in_basin(run: Run, distance: Ball, basin: Ball, most_step: Ball) -> Argument:
    """Theorem 19.R and Theorem D: the run converges to the minimum. distance: as `distance` gives it, or larger."""
    with precision(BITS):
        ends = (
            inequality("R.3", distance, "<", basin, "distance < basin radius"),
            inequality("R.4", ball.ratio(run.step), "<", most_step, "step < basin step"),
        )
    return Argument(THEOREM, (*_chain(run), *ends))


def _targets(k: int) -> loss.Rows:
    """e_1 .. e_k."""
    return tuple(tuple((int(i == j), 0) for j in range(k)) for i in range(k))


def stays_low(run: Run, steps: int, floor: Ball, rho: Ball) -> tuple[Ball, Argument, Argument]:
    """(F on B(Y_T, r_T) is at most this, the run, Theorem T for `steps` more steps from any point of that ball)."""
    value, rest = cannot_rise_near(end_rows(run), run.radius, run.step, steps, floor, rho, run.network)
    return value, Argument(THEOREM, _chain(run)), rest


def cannot_rise_near(
    point: loss.Rows, r: Ball, step: Ratio, steps: int, floor: Ball, rho: Ball, network: loss.Network | None
) -> tuple[Ball, Argument]:
    """(F on B(Y, r) is at most this, Theorem T from any point of that ball), Y = `point`.

    rho: the ball of Theorem T about that point; B(Y, rho + r) holds it. Raises NotProved.
    """
    with precision(BITS):
        g = loss.geometry(point, _targets(len(point[0])), network)
        change = trajectory.hessian_lipschitz(g, upper(rho + r))
        bend = upper(trajectory.curvature(g) + change * r)
        value = upper(loss.objective(g) + norm(loss.gradient(g)) * r + bend * square(r) / 2)
        return value, trajectory.cannot_rise(value, bend, change, rho, ball.ratio(step), steps, floor)


def gaussian_mass(start: loss.Rows, radius: Ball) -> Ball:
    """Lemma 19.G: a lower bound of P(|X - Y_0| <= r), the n k entries of X independent, of mean 0 and variance 1/k.

    V_m r^m (k/(2 pi))^(m/2) exp(-k (|Y_0|^2 + r^2)/2), m = n k, V_m = pi^(m/2)/Gamma(m/2 + 1).
    """
    n, k = len(start), len(start[0])
    with precision(BITS + 32):
        m, half = n * k, Ball(n * k) / 2
        size = square(norm([exact(x) for row in start for x in row])) + square(radius)
        constant = half * (Ball(k) / 2).log() - (half + 1).lgamma() - k * size / 2
        return ball.lower((m * radius.log() + constant).exp())
