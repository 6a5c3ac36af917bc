"""Weights and balls with exact numbers, for tests of the landscape's kernel against landscape_points."""

import flint
import numpy as np

from relucert.kernel import ball
from relucert.kernel.landscape.quartic import Scale
from relucert.kernel.landscape.weights import Weights


def contains(found, exact):
    """Whether a ball contains a fraction."""
    return bool(found.contains(flint.fmpq(*exact.as_integer_ratio())))


def at_most(found, exact):
    """Whether a ball is proved to be no more than a fraction."""
    return ball.proves_le(found, ball.ratio(exact.as_integer_ratio()))


def exact_ball(x):
    return ball.ratio(x.as_integer_ratio())


def weights_of(of):
    """Of a Landscape of fractions: alpha need not be a multiple of c here."""
    alpha = [exact_ball(x) for x in of.alpha]
    order = sorted(range(len(alpha)), key=lambda i: of.alpha[i])
    ascending = tuple(alpha[i] for i in order)
    return Weights(tuple(alpha), ascending, order[0], order[-1], exact_ball(of.nu), exact_ball(of.lam))


def rows_of(matrix):
    return [[exact_ball(x) for x in row] for row in matrix]


def scale_of(least, most):
    return Scale(exact_ball(least), exact_ball(most))


def floats(matrix):
    return np.array([[float(x) for x in row] for row in matrix])
