"""Gradient descent of a deep network, enclosed, and where it goes from there: docs/theorem/ntk.md, Lemma 14.S,
Theorem 14.W."""

from __future__ import annotations

from typing import NamedTuple

from relucert.kernel import ball
from relucert.kernel.ball import Ball, BallMatrix, largest, lower, norm, root, square, upper
from relucert.kernel.norms import spectral_norm
from relucert.kernel.ntk.deep import (
    Data,
    Net,
    Pass,
    Sizes,
    Weights,
    bend,
    evaluate,
    gram,
    layer_norms,
    pulled,
    sizes,
)
from relucert.kernel.ntk.shallow import Bounds, ToZeroLoss
from relucert.kernel.outcome import Inconclusive
from relucert.kernel.reach import Here, Reach, lemma_j
from relucert.kernel.spectrum import Eigen, spectrum

THEOREM = "Theorem 14.W"
NORM_BITS = 64
TRIES = 16
SPARE = Ball(9) / 8  # rho beyond what the lemma needed at the try before
LEFT = Ball(17) / 16  # and at the last: so much is left to a checker with other bounds
CLAIMED = Ball(7) / 8  # of the rate, likewise


class Iterate(NamedTuple):
    """After `step` steps descent is within `radius` of the exact `weights`; norms: upper bounds of |W_h| there."""

    step: int
    weights: Weights
    radius: Ball
    norms: tuple[Ball, ...]


class View(NamedTuple):
    """What is known at the weights of an iterate. gram: J J^T; errors: y - u (1, n); error: upper bound of its norm."""

    run: Pass
    gram: BallMatrix
    errors: BallMatrix
    error: Ball
    sizes: Sizes


def start(weights: Weights) -> Iterate:
    """The exact start."""
    return renewed(Iterate(0, weights, Ball(0), ()))


def renewed(at: Iterate) -> Iterate:
    """With norms of the layers that are computed anew."""
    with ball.precision(NORM_BITS):
        return at._replace(norms=layer_norms(at.weights))


def view(net: Net, data: Data, at: Iterate) -> View:
    run = evaluate(net, at.weights, data.inputs)
    errors = data.labels - run.outputs
    return View(run, gram(run), errors, upper(norm(errors.entries())), sizes(run, at.norms))


def advance(net: Net, eta: Ball, at: Iterate, seen: View) -> Iterate:
    """One step: Lemma 14.S on the ball around the weights, which contains the segment to descent itself.

    The new weights are the centres of the balls of one exact step.
    """
    way = pulled(seen.run, seen.errors)
    layers = [w + p * eta for w, p in zip(at.weights.layers, way.layers, strict=True)]
    output = at.weights.output + way.output * eta
    rounded = Weights(tuple(w.mid() for w in layers), output.mid())
    off = [_sum_of_radii(w - r) for w, r in zip(layers, rounded.layers, strict=True)]
    delta = upper(sum(off, _sum_of_radii(output - rounded.output)))
    row = seen.errors
    length = upper(eta * root((row * seen.gram * row.transpose())[0, 0])) + delta  # |J^T e|^2 = e^T J J^T e
    with ball.precision(NORM_BITS):
        radius = upper(_growth(net, eta, at, seen) * at.radius + delta)
        norms = tuple(upper(w + length) for w in at.norms)
    return Iterate(at.step + 1, rounded, radius, norms)


def _sum_of_radii(matrix: BallMatrix) -> Ball:
    """Upper bound of the sum of |entries|, for a matrix of balls around 0: so of its Frobenius norm."""
    rows = BallMatrix(1, matrix.nrows(), [Ball(1)] * matrix.nrows())
    total = rows * matrix * BallMatrix(matrix.ncols(), 1, [Ball(1)] * matrix.ncols())
    return upper(abs(total[0, 0]))


def _growth(net: Net, eta: Ball, at: Iterate, seen: View) -> Ball:
    """Lemma 14.S: the distance of two runs grows by at most this factor."""
    bound = bend(net, seen.sizes, at.radius)
    most = root(spectral_norm(seen.gram)) + bound * at.radius
    error = seen.error + most * at.radius
    return largest((Ball(1), eta * most * most - 1)) + eta * bound * error


def travelled(begin: Weights, at: Iterate) -> Ball:
    """Upper bound of the distance of descent from `begin`."""
    layers = (norm((w - b).entries()) for w, b in zip(at.weights.layers, begin.layers, strict=True))
    return upper(norm([*layers, norm((at.weights.output - begin.output).entries())]) + at.radius)


class Ending(NamedTuple):
    """From within `radius` of the weights: |y - u| is at most `error`, and descent stays within `travel`.

    least, most: bounds of the singular values of J at the weights; bend: Lam on the ball.
    """

    reach: Reach
    error: Ball
    travel: Ball
    least: Ball
    most: Ball
    bend: Ball


def ending(net: Net, eta: Ball, at: Iterate, seen: View, eigen: Eigen) -> Ending:
    """Theorem 14.W at the iterate, with a travel that is nearly as short as it can be.

    eigen: an untrusted eigendecomposition of the Gram matrix. Raises NotProved where Theorem C fails.
    """
    values = spectrum(seen.gram, eigen).values
    near = bend(net, seen.sizes, at.radius)
    least, most = lower(root(ball.largest((values[0], Ball(0))))), upper(root(values[-1]))
    here = Here(upper(seen.error + (most + near * at.radius) * at.radius), least, most, at.radius)
    travel, bent = Ball(0), near
    found = lemma_j(here, eta, bent, travel)
    for _ in range(TRIES):
        if not found.needed.is_finite() or ball.proves_le(LEFT * found.needed, travel):
            break
        travel = upper(SPARE * found.needed)
        bent = bend(net, seen.sizes, upper(at.radius + travel))
        found = lemma_j(here, eta, bent, travel)
    return Ending(found, here.error, travel, least, most, bent)


def conclude(end: Ending) -> ToZeroLoss | Inconclusive:
    """What the ending proves."""
    argument = end.reach.argument._replace(theorem=THEOREM)
    if not argument.holds:
        failed = next(h for h in argument.hypotheses if not h.proved)
        return Inconclusive(None, (argument,), f"{failed.text} is not proved", failed)
    rate = lower(CLAIMED * end.reach.rate)
    if not ball.proves_positive(rate):
        return Inconclusive(None, (argument,), "the rate is not told from 0 at this precision")
    bounds = Bounds(upper(square(end.error) / 2), rate, end.travel)
    return ToZeroLoss(bounds, (argument,))
