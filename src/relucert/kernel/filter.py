"""One filter: gradient descent on the loss of one neuron against one target, Gaussian input.

docs/theorem.md section 11; Du, Lee & Tian 2018, "When is a Convolutional Filter Easy to Learn?", with one
patch. The loss is E (relu(w.Z) - relu(w*.Z))^2 / 2, Z ~ N(0, I_p), p >= 2. What is proved about a start w0
depends on lengths and the angle phi of w0 and w* only, so a start is five rational numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from relucert.kernel import ball
from relucert.kernel.arccos import Angle
from relucert.kernel.ball import Ball, NotProved, Ratio, lower, pi, proves_le, proves_lt, root, smallest, square, upper
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
    """The start from these five exact numbers. Raises NotProved unless both vectors are proved not to be 0."""
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


def theorem_11_a(at: Start, eta: Ball) -> tuple[Argument, Ball]:
    """|w_{t+1} - w*|^2 <= (1 - eta gamma)|w_t - w*|^2 for all t; returns the factor.

    Undefined, and the second hypothesis not proved, unless the first is: |w0 - w*| < |w*|.
    """
    near = inequality("A.1", at.distance, "<", ONE, "|w0 - w*|^2 < |w*|^2")
    t = arcsine(upper(at.distance)) if near.proved else None
    most = largest_step(t, 1 / pi()) if t else ball.undefined()
    hypotheses = (
        inequality("A.2", ZERO, "<", eta, "0 < eta"),
        inequality("A.3", eta, "<=", most, "eta <= gamma/(Lsm + 4/pi)^2"),
    )
    factor = upper(1 - eta * gamma(t)) if t else ball.undefined()
    return Argument("Theorem 11.A", (near, *hypotheses)), factor


# --- Theorem 11.B: every start, larger steps -----------------------------------------------------------


def bend(t: Angle) -> Ball:
    """H(phi) of Theorem 11.B, below pi; an upper bound of it where phi is about 3 pi/4.

    It bounds h = (|w|/|w*| (sin phi - phi cos phi) + phi - sin phi cos phi) |w*|^2/|w - w*|^2 over all
    lengths |w|, and increases on [0, pi).
    """
    if proves_le(t.theta, ZERO):
        return ZERO
    corner = 1 - t.theta * t.cos / t.sin
    free = (t.theta + root(square(t.theta) + square(corner))) / 2
    bound = -t.sin * t.cos if proves_le(t.sin, -t.cos) else ONE / 2
    return smallest((free, t.theta + bound))


def decrease(eta: Ball, most: Ball) -> Ball:
    """A lower bound of 1 - |w_{t+1} - w*|^2/|w_t - w*|^2 for a step 0 < eta <= 2, from H(phi) <= most."""
    return lower(eta * (4 - eta) / 4 * (1 - most / pi()))


def steps(at: Start, eta: Ball, goal: Ball) -> tuple[int | None, Ball]:
    """How many steps bring |w_t - w*|^2/|w*|^2 to at most goal > 0, and the bound reached; None: too many.

    Theorem 11.B: H is bounded anew before each of the first SINGLE_STEPS steps; the rest share one factor.
    """
    distance = upper(at.distance)
    for t in range(SINGLE_STEPS):
        if proves_le(distance, goal):
            return t, distance
        distance = upper((1 - decrease(eta, nearer(at, distance))) * distance)
    kept = 1 - decrease(eta, nearer(at, distance))
    more = upper((distance / goal).log() / -kept.log())
    if proves_le(distance, goal) or not proves_lt(more, Ball(MOST_STEPS - SINGLE_STEPS - 1)):
        return (SINGLE_STEPS if proves_le(distance, goal) else None), distance
    count = int(more.floor().unique_fmpz()) + 1
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
    arguments = argument, theorem_11_a(at, eta)[0]
    if not argument.holds or count is None:
        failed = next(h for h in hypotheses if not h.proved)
        return Inconclusive(None, arguments, f"{failed.name} not proved: {failed.text}", failed)
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
    return half if proves_le(ZERO, height) else 1 - half if proves_lt(height, ZERO) else ball.hull(half, 1 - half)

