"""When a two-layer ReLU network reaches zero loss from where it is: docs/theorem/ntk.md, Theorems 14.D and 14.F."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from relucert.kernel import ball
from relucert.kernel.ball import Ball, BallMatrix, Integer, IntegerMatrix, exact, largest, lower, upper
from relucert.kernel.norms import spectral_norm
from relucert.kernel.ntk.shallow_run import Descent, Net, State, error, theorem_14_n, travelled, widths
from relucert.kernel.outcome import Argument, Inconclusive, Inequality, inequality
from relucert.kernel.spectrum import Eigen, spectrum

DESCENT, FLOW = "Theorem 14.D", "Theorem 14.F"
ROOM = 20  # A bound of how far descent goes is taken larger by a share of 2^-ROOM: another arithmetic must confirm it
DIGITS = 64  # of the number that squares are compared by


Guess = Callable[[BallMatrix], Eigen]  # of eigenvalues and eigenvectors; not believed


class Point(NamedTuple):
    """W, of which z 2^-bits is W X^T up to widths[i] 2^-bits in column i, and error >= |y - u|."""

    z: IntegerMatrix
    widths: tuple[int, ...]
    bits: int
    error: Ball


class Bounds(NamedTuple):
    """Proved numbers of docs/spec/wide-network-v1.md, each exact and on the safe side; None where not claimed."""

    loss: Ball
    rate: Ball
    travel: Ball
    switching: int | None = None
    first_travel: Ball | None = None


@dataclass(frozen=True)
class ToZeroLoss:
    """Descent, or every flow, from the point converges to a W with u = y."""

    verdict: ClassVar[str] = "converges-to-zero-loss"
    proved: ClassVar[bool] = True
    bounds: Bounds
    arguments: tuple[Argument, ...]


class Switching(NamedTuple):
    """centre, spread: H and P of Theorem 14.D. pairs: how many (r, i) may have either sign."""

    centre: BallMatrix
    spread: BallMatrix
    pairs: int


def switching(net: Net, at: Point, reach: Ball) -> Switching:
    """H and P of Theorem 14.D where no w_r.x_i moves further than reach kappa_ri.

    Two rounds: S_r = all rows first, then the rows that the first round leaves. Squares are compared, of integers.
    """
    n, m = net.n, net.m
    square = upper(ball.square(reach) * exact((1, 2 * (net.gram.exponent + at.bits))))
    mantissa, exponent = ball.to_dyadic(square)
    places = DIGITS - mantissa.bit_length() - exponent
    most = ball.integer_above(square, places)
    squares = IntegerMatrix(n, n, [k * k for k in net.gram.entries.entries()])
    z = at.z.entries()
    everywhere = [most * sum(squares[i, j] for j in range(n)) for i in range(n)]
    stays = _stays(z, at.widths, everywhere * m, places)
    reached = IntegerMatrix(m, n, [0 if fixed and v < 0 else 1 for v, fixed in zip(z, stays, strict=True)])
    bounds = [most * kappa for kappa in (reached * squares).entries()]
    stays = _stays(z, at.widths, bounds, places)
    never_off = IntegerMatrix(m, n, [1 if fixed and v > 0 else 0 for v, fixed in zip(z, stays, strict=True)])
    ever_on = IntegerMatrix(m, n, [0 if fixed and v < 0 else 1 for v, fixed in zip(z, stays, strict=True)])
    low, high = never_off.transpose() * never_off, ever_on.transpose() * ever_on
    spread = _weighted(net, high - low).tolist()
    return Switching(
        _weighted(net, low + high), BallMatrix([[abs(v) for v in row] for row in spread]), stays.count(False)
    )


def _weighted(net: Net, counts: IntegerMatrix) -> BallMatrix:
    """K_ij counts_ij/(2 m)."""
    unit = exact((1, net.gram.exponent - 1)) / net.m
    pairs = zip(net.gram.entries.entries(), counts.entries(), strict=True)
    return BallMatrix(net.n, net.n, [Ball(k * c) * unit for k, c in pairs])


def _stays(
    z: Sequence[Integer], widths: Sequence[int], squares: Sequence[Integer], places: int
) -> list[bool]:
    """Whether |z_ri| - width_i is positive and its square, times 2^places, above squares[r n + i]."""
    n = len(widths)
    found = []
    for k, (v, most) in enumerate(zip(z, squares, strict=True)):
        room = (v if v > 0 else -v) - widths[k % n]
        found.append(bool(room > 0 and ball.shifted_down(room * room, places) > most))
    return found


def descent(
    net: Net, at: Point, eta: Ball, rate: Ball, size: Ball, guess: Guess
) -> ToZeroLoss | Inconclusive:
    """Theorem 14.D for the trial rate `rate`; size >= |X|."""
    reach = _reach(net, at, eta / rate)
    found = switching(net, at, reach)
    values = spectrum(found.centre, guess(found.centre)).values
    shrinks = upper(largest((1 - eta * lower(values[0]), eta * upper(values[-1]) - 1)))
    left = shrinks + eta * spectral_norm(found.spread)
    hypotheses = (
        inequality("14.D.1", Ball(0), "<", rate, "0 < g"),
        inequality("14.D.2", left, "<=", 1 - rate, "|I - eta H| + eta |P| <= 1 - g"),
    )
    return _outcome(DESCENT, hypotheses, at, rate, upper(size * reach), found.pairs)


def flow(net: Net, at: Point, rate: Ball, size: Ball, guess: Guess) -> ToZeroLoss | Inconclusive:
    """Theorem 14.F for the trial rate `rate`."""
    reach = _reach(net, at, 1 / rate)
    found = switching(net, at, reach)
    values = spectrum(found.centre, guess(found.centre)).values
    left = rate + spectral_norm(found.spread)
    hypotheses = (
        inequality("14.F.1", Ball(0), "<", rate, "0 < g"),
        inequality("14.F.2", left, "<=", lower(values[0]), "g + |P| <= lambda_min(H)"),
    )
    return _outcome(FLOW, hypotheses, at, rate, upper(size * reach), None)


def reached(net: Net, how: Descent, state: State) -> Point:
    """What is known of the W that a run has reached."""
    return Point(state.z, tuple(widths(net, state, how.bits)), how.bits, error(net, how, state))


def after_run(net: Net, how: Descent, state: State, rate: Ball, guess: Guess) -> ToZeroLoss | Inconclusive:
    """Theorem 14.D at the end of a run, which Theorem 14.N proves to be one of descent."""
    at, size = reached(net, how, state), ball.root(how.largest)
    outcome = descent(net, at, how.eta, rate, size, guess)
    if state.step == 0 or isinstance(outcome, Inconclusive):
        return outcome
    run = theorem_14_n(how, state)
    if not run.holds:
        failed = next(h for h in run.hypotheses if not h.proved)
        return Inconclusive(None, (run,), f"not proved: {failed.text}", failed)
    bounds = outcome.bounds._replace(first_travel=travelled(net, state, how.bits))
    return ToZeroLoss(bounds, (run, *outcome.arguments))


def _reach(net: Net, at: Point, time: Ball) -> Ball:
    """C: no w_r.x_i moves further than C kappa_ri, no neuron further than C |X|."""
    return upper(time * at.error / Ball(net.m).sqrt() * (1 + exact((1, -ROOM))))


def _outcome(
    theorem: str, hypotheses: tuple[Inequality, ...], at: Point, rate: Ball, travel: Ball, pairs: int | None
) -> ToZeroLoss | Inconclusive:
    argument = Argument(theorem, hypotheses)
    if argument.holds:
        return ToZeroLoss(Bounds(upper(ball.square(at.error) / 2), lower(rate), travel, pairs), (argument,))
    failed = next(h for h in hypotheses if not h.proved)
    return Inconclusive(None, (argument,), f"not proved: {failed.text}", failed)
