"""Infinite-width Gram matrices and their smallest eigenvalue: section 14 of docs/theorem/ntk.md.

Theorem 14.K: the matrices; Theorem 14.0: when they are singular, exactly; Theorem 14.G: a bound without eigenvalues.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from relucert.kernel import ball
from relucert.kernel.ball import Ball, BallMatrix, NotProved, lower, upper
from relucert.kernel.newton import ZERO
from relucert.kernel.ntk import gram_rows
from relucert.kernel.ntk.gram_dual import DUALS, TERMS, Dual
from relucert.kernel.ntk.gram_rows import Correlation, Inputs
from relucert.kernel.outcome import Argument, Inconclusive, inequality
from relucert.kernel.spectrum import Eigen, spectrum

ACTIVATIONS = tuple(DUALS)
FINE = Ball(2.0**-24)  # the relative width of lambda_min that is good enough
GEOMETRY_BITS = 64
Guess = Callable[[Sequence[Sequence[float]]], Eigen]


class Layer(NamedTuple):
    """K^(h) = variance * R, the correlations R_ij, i < j, in row i at place j - i - 1; b_i^(h) = mean for all i."""

    variance: Ball
    mean: Ball
    rows: tuple[tuple[Correlation, ...], ...]


@dataclass(frozen=True)
class PositiveDefinite:
    """lambda_min: contains the smallest eigenvalue; largest: >= the largest; by_geometry: <= the smallest."""

    verdict: ClassVar[str] = "positive-definite"
    proved: ClassVar[bool] = True
    lambda_min: tuple[Ball, Ball]
    largest: Ball
    by_geometry: Ball
    arguments: tuple[Argument, ...]


@dataclass(frozen=True)
class Singular:
    """The smallest eigenvalue is 0, as these rows show."""

    verdict: ClassVar[str] = "singular"
    proved: ClassVar[bool] = True
    dependent: tuple[int, ...]
    arguments: tuple[Argument, ...]


def singular(of: Inputs, activation: str, depth: int, *, residual: bool) -> Singular | None:
    """Theorem 14.0: exactly whether the smallest eigenvalue is 0."""
    found = gram_rows.parallel(of, antiparallel=activation == "erf")
    if found is not None:
        i, j = found
        area = Ball(of.products[i][i] * of.products[j][j]), Ball(of.products[i][j] ** 2)
        step = inequality("0.1", area[0], "<=", area[1], "|x_i|^2 |x_j|^2 <= (x_i.x_j)^2")
        return Singular(found, (Argument("Theorem 14.0", (step,)),))
    if activation == "erf" or depth > 1 or residual:
        return None
    rows = gram_rows.dependent_pairs(of)
    if rows is None:
        return None
    pairs = Ball(len(rows) // 2)
    step = inequality("0.2", pairs - 1, "<", pairs, "rank of one row of each pair < number of pairs")
    return Singular(rows, (Argument("Theorem 14.0", (step,)),))


def start(of: Inputs) -> Layer:
    """K^(0): the inner products of x_i/|x_i|."""
    rows = tuple(tuple(gram_rows.correlation(of, i, j) for j in range(i + 1, of.n)) for i in range(of.n))
    return Layer(Ball(1), Ball(0), rows)


def dense_layer(layer: Layer, dual: Dual) -> Layer:
    """K^(h) from K^(h-1): c_s E s(u) s(v), of variance 1 again; `dual` is that of variance 1."""
    rows = tuple(tuple(_correlation(dual.product(c) / dual.square) for c in row) for row in layer.rows)
    return Layer(Ball(1), dual.mean / dual.square.sqrt(), rows)


def residual_layer(layer: Layer, dual: Dual, share: Ball) -> Layer:
    """K^(h) from K^(h-1), share = c_res/H: K + share (b_i E s(v) + b_j E s(u)) + share^2 E s(u) s(v)."""
    k, crossed = layer.variance, 2 * share * layer.mean * dual.mean
    variance = k + crossed + share * share * dual.square
    rows = tuple(
        tuple(_correlation((k * c.cos + crossed + share * share * dual.product(c)) / variance) for c in row)
        for row in layer.rows
    )
    return Layer(variance, layer.mean + share * dual.mean, rows)


def _correlation(cos: Ball) -> Correlation:
    return Correlation(cos, ball.root((1 - cos) * (1 + cos)))


def dense(of: Inputs, dual: Dual) -> Iterator[Layer]:
    """K^(0), K^(1), K^(2), .., without end."""
    layer = start(of)
    while True:
        yield layer
        layer = dense_layer(layer, dual)


def decide_residual(
    of: Inputs, activation: str, depth: int, c_res: Ball, guess: Guess
) -> PositiveDefinite | Inconclusive:
    """The matrix of the residual network with `depth` >= 2 layers; each layer has its own variance."""
    of_variance, share = DUALS[activation], c_res / depth
    dual = of_variance(Ball(1))
    layer = dense_layer(start(of), dual)
    for _ in range(depth - 2):
        layer = residual_layer(layer, dual, share)
        dual = of_variance(layer.variance)
    return decide(layer, dual, share * share, guess)


def decide(layer: Layer, dual: Dual, scale: Ball, guess: Guess) -> PositiveDefinite | Inconclusive:
    """The matrix scale * K o E s'(u) s'(v) of K = K^(H-1), dual of its variance. Raises NotProved.

    Not for matrices that are `singular`. The spectrum is that of Theorem C; where lambda_min is far below the
    largest, of the inverse (Lemma 14.I).
    """
    matrix = _matrix(layer, dual, scale * layer.variance)
    low, high, largest = _spectrum(matrix, guess)
    geometry = scale * layer.variance * _by_geometry(layer, dual)
    step = inequality("K.1", ZERO, "<", low, "0 < lambda_min(K)")
    argument = Argument("Theorem 14.K", (step,))
    if not argument.holds:
        return Inconclusive(None, (argument,), "the smallest eigenvalue is not proved to be positive")
    return PositiveDefinite((low, high), largest, lower(geometry), (argument,))


def _matrix(layer: Layer, dual: Dual, scale: Ball) -> BallMatrix:
    n = len(layer.rows)
    entries = [[scale * dual.slope_square] * n for _ in range(n)]
    for i, row in enumerate(layer.rows):
        for j, c in enumerate(row, i + 1):
            entries[i][j] = entries[j][i] = scale * c.cos * dual.slope(c)
    return BallMatrix(entries)


def _spectrum(matrix: BallMatrix, guess: Guess) -> tuple[Ball, Ball, Ball]:
    """Lower and upper bound of the smallest eigenvalue, upper bound of the largest; the matrix is psd."""
    whole = spectrum(matrix, guess(_floats(matrix)))
    least, most = whole.values[0], upper(whole.values[-1])
    if not _is_fine(least):
        least = _by_inverse(matrix, guess)
    return lower(least), upper(least), most


def _is_fine(x: Ball) -> bool:
    return ball.proves_le(ball.radius(x), FINE * lower(x))


def _by_inverse(matrix: BallMatrix, guess: Guess) -> Ball:
    """Lemma 14.I: a psd matrix with an inverse B has lambda_min = 1/lambda_max(B)."""
    try:
        inverse = matrix.inv()
    except ZeroDivisionError as error:
        raise NotProved("the matrix is not proved to be regular") from error
    size = ball.middle(ball.largest(abs(x) for x in inverse.entries()))
    if not size.is_finite() or not ball.proves_positive(size):
        raise NotProved("the matrix is not proved to be regular")
    scaled = BallMatrix([[x / size for x in row] for row in inverse.tolist()])  # within the range of doubles
    largest = spectrum(scaled, guess(_floats(scaled))).values[-1]
    if not ball.proves_positive(largest):
        raise NotProved("the smallest eigenvalue is not proved to be positive")
    return 1 / (size * largest)


def _floats(matrix: BallMatrix) -> list[list[float]]:
    return [[float(x.mid()) for x in row] for row in matrix.tolist()]


def _by_geometry(layer: Layer, dual: Dual) -> Ball:
    """Theorem 14.G for R o E s'(u) s'(v), R the correlations: sum_j e_j g_(j+1); the rest of the e_j has the last g."""
    n = len(layer.rows)
    with ball.precision(GEOMETRY_BITS):
        sizes = [[upper(abs(c.cos)) for c in row] for row in layer.rows]
        if not ball.proves_positive(_gap([[r**TERMS for r in row] for row in sizes], n)):
            return ZERO  # as the g increase
        powers = sizes
        total, left = ZERO, dual.slope_square
        for coefficient in dual.series[:TERMS]:
            total += coefficient * _gap(powers, n)
            left -= coefficient
            powers = [[p * r for p, r in zip(*both, strict=True)] for both in zip(powers, sizes, strict=True)]
        return total + Ball(0).max(lower(left)) * _gap(powers, n)


def _gap(powers: Sequence[Sequence[Ball]], n: int) -> Ball:
    """max(0, 1 - the largest sum of a row), off the diagonal."""
    sums = [Ball(0)] * n
    for i, row in enumerate(powers):
        for j, p in enumerate(row, i + 1):
            sums[i] += p
            sums[j] += p
    return Ball(0).max(1 - ball.largest(sums)) if n > 1 else Ball(1)
