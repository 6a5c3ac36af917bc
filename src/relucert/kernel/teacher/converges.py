"""Gradient descent to a global minimum with more neurons than targets: docs/theorem/wider.md, Theorem 18.C.

Targets are e_1 .. e_k. Each neuron belongs to a target, its owner; those of target j are group j. No Hessian is
positive definite next to such minima, so no theorem about basins speaks; this one bounds the loss by angles.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from relucert.kernel import arccos, ball
from relucert.kernel.ball import Ball, Dyadic, NotProved, Ratio, exact, norm, pi, square, upper
from relucert.kernel.outcome import Argument, Inequality, inequality
from relucert.kernel.teacher import lipschitz, loss, trajectory
from relucert.kernel.teacher.loss import Rows

THEOREM = "Theorem 18.C"
BITS = 192  # the loss may be below 10^-30


class Shape(NamedTuple):
    """What the theorem asks of W, or of all points of a ball around it."""

    k: int
    widest: int  # g: neurons of the largest group
    shared: int  # m: neurons in groups of two or more
    along: Ball  # <= every w_i.v_j(i)
    apart: Ball  # E >= |s - v|, s_j the sum of group j
    angle: Ball  # Phi >= every angle of a neuron with s_j, in groups of two or more
    split: Ball  # P >= the norm of the neurons of these groups
    group: Ball  # G >= the norm of every group


class Rates(NamedTuple):
    """(i) 2F >= (1 - zeta)(a Q + b E^2); (ii) <grad F, W - W0> >= 2 (1 - xi/(1 - zeta)) F."""

    a: Ball
    b: Ball
    zeta: Ball
    xi: Ball

    @property
    def turn(self) -> Ball:
        """c_1."""
        return 1 - self.xi / (1 - self.zeta)


class Convergence(NamedTuple):
    """objective >= F(W); the run ends within travel of W; F(W_T)^(-1/3) grows by at least rate a step, or F is 0."""

    objective: Ball
    travel: Ball | None  # None, as rate, where a hypothesis that is needed to compute it fails
    rate: Ball | None
    argument: Argument


def shape(point: Rows, owners: Sequence[int]) -> Shape:
    """At W = `point`, n rows of k; owners: n targets, from 1, each at least once. Raises NotProved."""
    k = len(point[0])
    if len(owners) != len(point) or set(owners) != set(range(1, k + 1)):
        raise NotProved("every target needs a neuron that belongs to it, and every neuron a target")
    rows = [[exact(x) for x in row] for row in point]
    groups = [[w for w, j in zip(rows, owners, strict=True) if j == t] for t in range(1, k + 1)]
    sums = [[sum(column, Ball(0)) for column in zip(*group, strict=True)] for group in groups]
    errors = [x - (a == j) for j, s in enumerate(sums) for a, x in enumerate(s)]
    several = [(group, s) for group, s in zip(groups, sums, strict=True) if len(group) > 1]
    angles = [arccos.between(arccos.vector(w), arccos.vector(s)).theta for group, s in several for w in group]
    norms = [norm([x for w in group for x in w]) for group in groups]
    return Shape(
        k,
        max(map(len, groups)),
        len(angles),
        ball.lower(ball.smallest([w[j - 1] for w, j in zip(rows, owners, strict=True)])),
        upper(norm(errors)),
        upper(ball.largest([Ball(0), *angles])),
        upper(norm([x for group, _ in several for w in group for x in w])),
        upper(ball.largest(norms)),
    )


def within(s: Shape, rho: Ball) -> Shape:
    """The same of all points of B(W, rho). Raises NotProved where neurons may vanish or the sums be far off."""
    apart = s.apart + Ball(s.widest).sqrt() * rho
    if not (ball.proves_lt(rho, s.along) and ball.proves_lt(apart, Ball(1))):
        raise NotProved("the ball is not proved to keep the neurons along their targets")
    turned = _arcsine(rho / s.along) + _arcsine((apart - s.apart) / (1 - s.apart))
    return Shape(
        s.k,
        s.widest,
        s.shared,
        ball.lower(s.along - rho),
        upper(apart),
        upper(s.angle + turned) if s.shared else Ball(0),
        upper(s.split + rho),
        upper(s.group + rho),
    )


def _arcsine(x: Ball) -> Ball:
    """At least arcsin x, 0 <= x < 1: arctan t <= t for t = x/sqrt(1 - x^2)."""
    return x / (1 - square(x)).sqrt()


def rates(s: Shape) -> Rates:
    """For points of this shape, E < 1. What comes of a negative b or 1 - Phi^2/5 is undefined or proves nothing."""
    k, wedge = s.k, Ball(5).sqrt() / (2 * pi())
    a = 2 * (1 - square(s.angle) / 5) / (3 * pi())
    ones = [Ball(1)] * k
    b = Ball(1) / 4 - 1 / (2 * pi()) - lipschitz.theorem_b(ones, ones, s.apart) * s.apart / 3
    zeta = wedge * (k * s.shared * s.angle / (a * b)).sqrt()
    xi = zeta / (1 - s.apart) + square(pi()) / 2 * wedge * Ball(k).sqrt() * s.apart / b
    return Rates(a, b, zeta, xi)


def reach(s: Shape, r: Rates, objective: Ball) -> Ball:
    """C of (iii): |W - W0| <= C F^(1/3), where F <= objective."""
    across = (2 * s.split / ((1 - r.zeta) * r.a)).root(3) if s.shared else Ball(0)
    return across + (1 + pi() / 2 * s.group) * (2 / ((1 - r.zeta) * r.b)).sqrt() * objective.root(6)


def converge(point: Rows, owners: Sequence[int], step: Ratio, rho: Dyadic) -> Convergence:
    """Theorem 18.C with B(W, rho). point: n rows of k. Raises NotProved."""
    with ball.precision(BITS):
        g = loss.geometry(point, _targets(len(point[0])))
        at = shape(point, owners)
        value, radius = upper(loss.objective(g)).max(Ball(0)), exact(rho)
        near = within(at, radius)
        found = rates(near)
        first = _first(at, near, found, radius)
        if not all(h.proved for h in first):
            return Convergence(value, None, None, Argument(THEOREM, tuple(first)))
        bend = lipschitz.theorem_b([w.length for w in g.neurons], [v.length for v in g.targets], radius)
        load = ball.ratio(step) * (trajectory.curvature(g) + bend * radius)
        first.append(inequality("18.C.6", load, "<", Ball(2), "s (lambda_max + L rho) < 2"))
        if not first[-1].proved:
            return Convergence(value, None, None, Argument(THEOREM, tuple(first)))
        slope = 2 * found.turn / reach(near, found, value)  # |grad F| >= slope F^(2/3)
        travel = 3 * value.root(3) / ((1 - load / 2) * slope)
        first.append(inequality("18.C.7", travel, "<", radius, "l < rho"))
        rate = ball.ratio(step) * (1 - load / 2) * square(slope) / 3
        return Convergence(value, upper(travel), ball.lower(rate), Argument(THEOREM, tuple(first)))


def _first(at: Shape, near: Shape, r: Rates, rho: Ball) -> list[Inequality]:
    flat = Ball(1) / 4 - 1 / (2 * pi())
    return [
        inequality("18.C.1", rho, "<", at.along, "rho < min w_i.v_j(i)"),
        inequality("18.C.2", near.apart, "<", Ball(1), "E < 1"),
        inequality("18.C.3", square(near.angle), "<", Ball(5), "Phi^2 < 5"),
        inequality("18.C.4", flat - r.b, "<", flat, "L_V E/3 < 1/4 - 1/(2 pi)"),
        inequality("18.C.5", r.zeta + r.xi, "<", Ball(1), "zeta + xi < 1"),
    ]


def _targets(k: int) -> Rows:
    return tuple(tuple((int(i == j), 0) for j in range(k)) for i in range(k))
