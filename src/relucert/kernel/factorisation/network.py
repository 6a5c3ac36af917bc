"""Balance of deep networks along gradient descent: docs/theorem/factorisation.md, Theorem 15.A.

Layers are matrices W_h of size d_h x d_(h-1), samples the rows of x (N x d_0) and y (N x d_H).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from relucert.kernel import ball
from relucert.kernel.ball import Ball, BallMatrix, NotProved, square, upper

Layers = Sequence[BallMatrix]

LOST = ball.exact((1, 1024))  # a loss or a drift as large as this is that of a run that diverges


class Task(NamedTuple):
    """kink: the derivative of relu at 0; None for a linear network."""

    x: BallMatrix
    y: BallMatrix
    eta: Ball
    kink: Ball | None


class Drift(NamedTuple):
    """After a run: neurons[h][i] encloses d_T(h, i) - d_0(h, i); largest: upper bound of |d_t(h, i) - d_0(h, i)| for
    t <= T; loss: after T steps; matrices: upper bounds of |D_T - D_0|, for linear networks."""

    neurons: list[list[Ball]]
    largest: Ball
    loss: Ball
    matrices: list[Ball] | None


def follow(task: Task, start: Layers, steps: int) -> Drift:
    """Theorem 15.A, summed along the enclosed run. Raises NotProved where an argument of relu is not told from 0."""
    layers, square_step = list(start), square(task.eta)
    neurons = [[Ball(0)] * layer.nrows() for layer in layers[:-1]]
    matrices = [BallMatrix(layer.nrows(), layer.nrows()) for layer in layers[:-1]]
    largest = Ball(0)
    for _ in range(steps):
        gradient = gradients(task, layers)[0]
        for h, (d, following) in enumerate(pairwise(gradient)):
            if task.kink is None:
                matrices[h] += square_step * (d * d.transpose() - following.transpose() * following)
            change = zip(_squares(d.tolist()), _squares(following.transpose().tolist()), strict=True)
            neurons[h] = [x + square_step * (a - b) for x, (a, b) in zip(neurons[h], change, strict=True)]
            largest = upper(ball.largest([largest, *map(abs, neurons[h])]))
        layers = [w - task.eta * d for w, d in zip(layers, gradient, strict=True)]
    linear = None if task.kink is not None else [upper(ball.norm(a.entries())) for a in matrices]
    loss = gradients(task, layers)[1]
    if not all(ball.proves_lt(x, LOST) for x in (largest, loss)):
        raise NotProved("the enclosure of the run is lost: the step is too long, or the run diverges")
    return Drift(neurons, largest, loss, linear)


def _squares(rows: Sequence[Sequence[Ball]]) -> list[Ball]:
    """The squared length of each row."""
    return [sum((square(x) for x in row), Ball(0)) for row in rows]


def gradients(task: Task, layers: Layers) -> tuple[list[BallMatrix], Ball]:
    """d_1, .., d_H by backpropagation, and the loss."""
    inputs, slopes = [task.x], []
    for layer in layers[:-1]:
        before = inputs[-1] * layer.transpose()
        value, slope = (before, None) if task.kink is None else _relu(before, task.kink)
        inputs.append(value)
        slopes.append(slope)
    error = inputs[-1] * layers[-1].transpose() - task.y
    loss = square(ball.norm(error.entries())) / 2
    found = []
    for h in reversed(range(len(layers))):
        found.append(error.transpose() * inputs[h])
        if h:
            error = error * layers[h]
            slope = slopes[h - 1]
            if slope is not None:
                error = _masked(error, slope)
    return found[::-1], loss


def _relu(before: BallMatrix, kink: Ball) -> tuple[BallMatrix, list[list[Ball]]]:
    """relu of every entry, and its slope there."""
    slopes = [[_slope(z, kink) for z in row] for row in before.tolist()]
    return _masked(before, slopes), slopes


def _slope(z: Ball, kink: Ball) -> Ball:
    if ball.proves_positive(z):
        return Ball(1)
    if ball.proves_positive(-z):
        return Ball(0)
    if z.is_zero():
        return kink
    raise NotProved("an argument of relu is not told from 0 at this precision")


def _masked(a: BallMatrix, slopes: Sequence[Sequence[Ball]]) -> BallMatrix:
    return BallMatrix(
        [
            [x * k for x, k in zip(row, other, strict=True)]
            for row, other in zip(a.tolist(), slopes, strict=True)
        ]
    )


def accurate(found: Drift) -> bool:
    """Whether every drift that is not tiny beside the largest is known to some digits."""
    share = found.largest * ball.exact((1, -30))
    return all(
        ball.proves_le(ball.radius(x), share) for row in found.neurons for x in row
    ) and ball.proves_le(ball.radius(found.loss), ball.upper(abs(found.loss)) * ball.exact((1, -20)))
