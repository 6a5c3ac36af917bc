"""One filter: gradient descent on the loss of one neuron against one target, Gaussian input.

docs/theorem/filter.md section 11; Du, Lee & Tian 2018, "When is a Convolutional Filter Easy to Learn?", with one
patch. The loss is E (relu(w.Z) - relu(w*.Z))^2 / 2, Z ~ N(0, I_p), p >= 2. What is proved about a start w0
depends on lengths and the angle phi of w0 and w* only, so a start is five rational numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from relucert.kernel import ball
from relucert.kernel.arccos import Angle
from relucert.kernel.ball import (
    Ball,
    NotProved,
    Ratio,
    lower,
    pi,
    proves_le,
    proves_lt,
    root,
    smallest,
    square,
    upper,
)
from relucert.kernel.outcome import Argument, Inconclusive, inequality

ZERO, ONE = Ball(0), Ball(1)
SINGLE_STEPS = 256  # steps whose factor is computed anew (docs/spec/filter-v1.md); the rest share one factor
MOST_STEPS = 2**53 - 1


class Start(NamedTuple):
    """Enclosures of what the theorems need of w0 and w*, both not 0."""

    target: Ball  # |w*|^2
    start: Ball  # |w0|^2
    inner: Ball  # w0.w*
    area: Ball  # |w0|^2 |w*|^2 - (w0.w*)^2 >= 0
    distance: Ball  # |w0 - w*|^2 / |w*|^2

    @property
    def angle(self) -> Angle:
        """phi, by atan2: nothing is lost near 0 and pi, because the area is exact."""
        both = root(self.start * self.target)
        side = root(self.area)
        return Angle(Ball.atan2(side, self.inner), side / both, self.inner / both)


def start(target: Ratio, first: Ratio, inner: Ratio, area: Ratio, distance: Ratio) -> Start:
    """From these five exact numbers. Raises NotProved unless both vectors are proved not to be 0."""
    result = Start(*map(ball.ratio, (target, first, inner, area, distance)))
    if not (ball.proves_positive(result.target) and ball.proves_positive(result.start)):
        raise NotProved("w0 or w* is not proved to differ from 0")
    return result


def arcsine(squared: Ball) -> Angle:
    """The angle in [0, pi/2] with this squared sine, known to lie in [0, 1]."""
    sin, cos = root(squared), root(1 - squared)
    return Angle(Ball.atan2(sin, cos), sin, cos)


# --- Theorem 11.A: the theorem of Du, Lee & Tian ---------------------------------------------------------


def gamma(t: Angle) -> Ball:
    """Smallest eigenvalue of A(w, w*) = E ZZ^T 1{w.Z >= 0, w*.Z >= 0}; decreases on [0, pi]."""
    return (pi() - t.theta - t.sin) / (2 * pi())


def smoothness(t: Angle) -> Ball:
    """Largest eigenvalue of A(w, w*); decreases on [0, pi]."""
    return (pi() - t.theta + t.sin) / (2 * pi())


def largest_step(t: Angle, beta: Ball) -> Ball:
    """gamma/(Lsm + 4 beta)^2, the step of Theorem 11.A; Du, Lee & Tian's Theorem 2.2 allows half of it."""
    return gamma(t) / square(smoothness(t) + 4 * beta)


def theorem_11_a(at: Start, eta: Ball) -> Argument:
    """|w_{t+1} - w*|^2 <= (1 - eta gamma)|w_t - w*|^2 for all t.

    The third hypothesis is undefined, and so not proved, unless the first is proved.
    """
    near = inequality("A.1", at.distance, "<", ONE, "|w0 - w*|^2 < |w*|^2")
    most = largest_step(arcsine(upper(at.distance)), 1 / pi()) if near.proved else ball.undefined()
    hypotheses = (
        inequality("A.2", ZERO, "<", eta, "0 < eta"),
        inequality("A.3", eta, "<=", most, "eta <= gamma/(Lsm + 4/pi)^2"),
    )
    return Argument("Theorem 11.A", (near, *hypotheses))


class Linear(NamedTuple):
    """A fixed step, and how many steps the theorem that allows it needs."""

    eta: Ball
    steps: int | None  # None: more than MOST_STEPS


def du_lee_tian(at: Start, beta: Ball, goal: Ball) -> Linear | None:
    """Their Theorem 2.2: eta = gamma/(2 (Lsm + 4 beta)^2), factor 1 - eta gamma/2.

    None where it says nothing: |w0 - w*| >= |w*|.
    """
    if not proves_lt(upper(at.distance), ONE):
        return None
    t = arcsine(upper(at.distance))
    eta = lower(largest_step(t, beta) / 2)
    return Linear(eta, _repeated(at.distance, 1 - eta * gamma(t) / 2, goal))


def steps_11_a(at: Start, goal: Ball) -> Linear | None:
    """Theorem 11.A with its largest step."""
    if not proves_lt(upper(at.distance), ONE):
        return None
    t = arcsine(upper(at.distance))
    eta = lower(largest_step(t, 1 / pi()))
    return Linear(eta, _repeated(at.distance, 1 - eta * gamma(t), goal))


def _repeated(distance: Ball, factor: Ball, goal: Ball) -> int | None:
    """A number of times that a factor below 1 brings distance to at most goal; None: more than MOST_STEPS."""
    if proves_le(distance, goal):
        return 0
    if not proves_lt(factor, ONE):
        return None
    times = upper((distance / goal).log() / -factor.log())
    if not proves_lt(times, Ball(MOST_STEPS)):
        return None
    mantissa, exponent = ball.to_dyadic(times.floor())
    return (mantissa << exponent) + 1


# --- Theorem 11.B: every start, larger steps -----------------------------------------------------------


def bend(t: Angle) -> Ball:
    """An upper bound of H(phi) of Theorem 11.B, of which it is within rounding.

    It bounds h = (|w|/|w*| (sin phi - phi cos phi) + phi - sin phi cos phi) |w*|^2/|w - w*|^2 over all
    lengths |w|, and increases on [0, pi).
    """
    if proves_le(t.theta, ZERO):
        return ZERO
    corner = 1 - t.theta * t.cos / t.sin
    if proves_le(ZERO, t.cos):
        corner = smallest((upper(corner), upper(square(t.theta) / 2)))  # keeps digits for small angles
    free = (t.theta + root(square(t.theta) + square(corner))) / 2
    bound = -t.sin * t.cos if proves_le(t.sin, -t.cos) else ONE / 2
    return smallest((free, t.theta + bound))


def decrease(eta: Ball, most: Ball) -> Ball:
    """A lower bound of 1 - |w_{t+1} - w*|^2/|w_t - w*|^2 for a step 0 < eta <= 2, from H(phi) <= most."""
    return lower(eta * (4 - eta) / 4 * (1 - most / pi()))


def factor(eta: Ball, most: Ball) -> Ball:
    """One minus the above, as an upper bound, by a sum that keeps its digits where it is small."""
    return upper(square(1 - eta / 2) + eta * (4 - eta) / 4 * most / pi())


def steps(at: Start, eta: Ball, goal: Ball) -> tuple[int | None, Ball]:
    """How many steps bring |w_t - w*|^2/|w*|^2 to at most goal > 0, and the bound reached; None: too many.

    Theorem 11.B: H is bounded anew before each of the first SINGLE_STEPS steps; the rest share one factor.
    """
    distance = upper(at.distance)
    for t in range(SINGLE_STEPS):
        if proves_le(distance, goal):
            return t, distance
        distance = upper(factor(eta, nearer(at, distance)) * distance)
    kept = factor(eta, nearer(at, distance))
    count = _repeated(distance, kept, goal)
    if count is None or count > MOST_STEPS - SINGLE_STEPS:
        return None, distance
    return SINGLE_STEPS + count, upper(distance * kept**count)


def nearer(at: Start, distance: Ball) -> Ball:
    """A bound of H(phi_t) where |w_t - w*|^2 <= distance |w*|^2: phi_t <= phi_0, and phi_t is at most the
    arc sine of |w_t - w*|/|w*| where that is below 1."""
    first = bend(at.angle)
    return smallest((first, bend(arcsine(distance)))) if proves_lt(distance, ONE) else first


class Bounds(NamedTuple):
    """Proved numbers, exact, on the safe side."""

    distance: Ball  # >= |w0 - w*|/|w*|
    decrease: Ball  # |w_{t+1} - w*| <= (1 - decrease)|w_t - w*| for all t
    steps: int  # |w_t - w*| <= accuracy |w*| for t >= steps


@dataclass(frozen=True)
class Converges:
    """Gradient descent from w0 converges to w*, linearly."""

    verdict: ClassVar[str] = "converges-to-target"
    proved: ClassVar[bool] = True
    bounds: Bounds
    arguments: tuple[Argument, ...]


def decide(at: Start, eta: Ball, accuracy: Ball) -> Converges | Inconclusive:
    """Theorem 11.B applied to one start; beside it, where it applies, Theorem 11.A. accuracy > 0."""
    gain, goal = decrease(eta, nearer(at, upper(at.distance))), square(accuracy)
    hypotheses = [
        inequality("B.1", ZERO, "<", eta, "0 < eta"),
        inequality("B.2", eta, "<=", Ball(2), "eta <= 2"),
        inequality("B.3", at.angle.theta, "<", pi(), "angle(w0, w*) < pi"),
        inequality("B.4", ZERO, "<", gain, "0 < eta (4 - eta)/4 (1 - H/pi)"),
    ]
    applies = all(h.proved for h in hypotheses)
    count, reached = steps(at, eta, goal) if applies else (None, ball.undefined())
    hypotheses.append(inequality("B.5", reached, "<=", goal, "|w_T - w*|^2 <= accuracy^2 |w*|^2"))
    argument = Argument("Theorem 11.B", tuple(hypotheses))
    arguments = argument, theorem_11_a(at, eta)
    if not argument.holds or count is None:
        failed = next(h for h in hypotheses if not h.proved)
        more = f"; it would take more than {MOST_STEPS} steps" if applies else ""
        return Inconclusive(None, arguments, f"{failed.name} not proved: {failed.text}{more}", failed)
    share = lower(gain / (1 + root(1 - gain)))
    return Converges(Bounds(upper(root(at.distance)), share, count), arguments)


# --- Theorem 11.C: random starts -------------------------------------------------------------------------


def probability(p: int, radius: Ball, reach: Ball) -> Ball:
    """P(|w0 - w*|^2 < reach |w*|^2) for w0 uniform in the ball of radius `radius` |w*| about 0, R^p.

    Theorem 11.C. radius and reach are positive, both in units of |w*|, reach squared.
    """
    size = square(radius)
    ratio = reach / size
    volumes = (Ball(p) / 2 * ratio.log()).exp()  # of the two balls, (R/radius)^p
    if proves_le(square(1 + radius), reach):
        return ONE
    if proves_le(reach, square(1 - radius)):
        return volumes if proves_lt(ONE, radius) else ZERO
    plane = (1 + size - reach) / 2  # where the spheres meet, from 0 in the direction of w*
    return _cap(p, plane, size) + volumes * _cap(p, 1 - plane, reach)


def _cap(p: int, height: Ball, size: Ball) -> Ball:
    """The share of a ball of squared radius `size` that lies beyond a plane at `height` from its centre."""
    half = ball.incomplete_beta(1 - square(height) / size, Ball(p + 1) / 2, Ball(1) / 2) / 2
    return (
        half
        if proves_le(ZERO, height)
        else 1 - half
        if proves_lt(height, ZERO)
        else ball.hull(half, 1 - half)
    )
