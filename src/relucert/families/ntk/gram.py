"""The smallest eigenvalue of an infinite-width Gram matrix, at the precision that it needs.

docs/theorem/ntk.md, Theorems 14.K, 14.0 and 14.G. The kernel says what is proved.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import islice

import numpy as np

from relucert.base.errors import InputError
from relucert.base.exact import Rows
from relucert.kernel import ball
from relucert.kernel.ball import Ball, NotProved, Ratio
from relucert.kernel.ntk import gram as kernel
from relucert.kernel.ntk.gram import Layer, PositiveDefinite, Singular
from relucert.kernel.ntk.gram_dual import DUALS, Dual
from relucert.kernel.ntk.gram_rows import Inputs, inputs
from relucert.kernel.ntk.gram_softplus import TooManyTerms
from relucert.kernel.outcome import Inconclusive
from relucert.kernel.spectrum import Eigen

FIRST_PRECISION, LAST_PRECISION = 64, 2**11
FINE = Ball(2.0**-20)  # the relative width of lambda_min that needs no more precision
MOST_DEPTH, MOST_ENTRIES = 1000, 10**7  # of all layers together
MOST_DIGITS = 300  # of the numerator and the denominator of c_res
Outcome = PositiveDefinite | Singular | Inconclusive


@dataclass(frozen=True)
class GramProblem:
    """Which matrix: inputs x, n rows of d dyadics, none 0; c_res None for a dense network.

    Raises InputError for what the theorems do not cover.
    """

    x: Rows = field(repr=False)
    activation: str
    depth: int
    c_res: Fraction | None = None

    def __post_init__(self) -> None:
        if self.activation not in kernel.ACTIVATIONS:
            known = ", ".join(kernel.ACTIVATIONS)
            raise InputError(f"unknown activation {self.activation!r}; known: {known}")
        if not 1 <= self.depth <= MOST_DEPTH:
            raise InputError(f"depth {self.depth}: expected 1 to {MOST_DEPTH}")
        if len(self.x) ** 2 * self.depth > MOST_ENTRIES:
            raise InputError(f"{len(self.x)} inputs, depth {self.depth}: expected n^2 H <= {MOST_ENTRIES}")
        if self.c_res is None:
            return
        if self.c_res <= 0 or max(self.c_res.numerator, self.c_res.denominator) >= 10**MOST_DIGITS:
            raise InputError(f"c_res must be positive, with at most {MOST_DIGITS} digits")
        if self.depth == 1:
            raise InputError("a residual network of depth 1 is a dense one; give a depth from 2, or no c_res")

    @property
    def architecture(self) -> str:
        return "dense" if self.c_res is None else "residual"

    @property
    def matrix(self) -> str:
        """How docs/theorem/ntk.md calls the matrix."""
        first = self.activation == "relu" and self.depth == 1
        return "H^inf" if first else f"K^({self.depth})"


@dataclass(frozen=True)
class GramResult:
    """What was proved about the matrix of `problem`."""

    problem: GramProblem
    outcome: Outcome
    precision: int

    @property
    def verdict(self) -> str:
        return self.outcome.verdict


@dataclass
class _Tower:
    """The layers of a dense network at one precision, made as they are asked for."""

    dual: Dual
    rest: Iterator[Layer]
    made: list[Layer] = field(default_factory=list)


def gram(problem: GramProblem) -> GramResult:
    """What is proved about the smallest eigenvalue."""
    return next(grams(problem.x, problem.activation, [problem.depth], problem.c_res))


def grams(
    x: Rows, activation: str, depths: Sequence[int], c_res: Fraction | None = None
) -> Iterator[GramResult]:
    """The same for several depths, of which each begins with the precision that the one before needed.

    Those of a dense network share their layers.
    """
    problems = [GramProblem(x, activation, depth, c_res) for depth in depths]
    of, towers, bits = inputs(x), dict[int, _Tower](), FIRST_PRECISION
    for problem in problems:
        result = _prove(problem, of, towers, bits)
        bits = result.precision if isinstance(result.outcome, PositiveDefinite) else bits
        yield result


def _prove(problem: GramProblem, of: Inputs, towers: dict[int, _Tower], bits: int) -> GramResult:
    """With `bits` bits or, as far as needed, more."""
    exact = kernel.singular(of, problem.activation, problem.depth, residual=problem.c_res is not None)
    if exact is not None:
        return GramResult(problem, exact, bits)
    best = None
    while True:
        enough = bits >= LAST_PRECISION
        with ball.precision(bits):
            try:
                outcome: PositiveDefinite | Inconclusive = _attempt(problem, of, towers, bits)
            except NotProved as error:
                outcome = Inconclusive(None, (), str(error))
                enough |= isinstance(error, TooManyTerms)  # more bits need still more
            if isinstance(outcome, PositiveDefinite):
                best = GramResult(problem, outcome, bits)
                enough |= _is_fine(outcome)
        if enough:
            return best or GramResult(problem, outcome, bits)
        bits += bits // 2


def _is_fine(outcome: PositiveDefinite) -> bool:
    low, high = outcome.lambda_min
    return ball.proves_le(high - low, FINE * low)


def _attempt(
    problem: GramProblem, of: Inputs, towers: dict[int, _Tower], bits: int
) -> PositiveDefinite | Inconclusive:
    """At the present precision, `bits`."""
    if problem.c_res is not None:
        ratio: Ratio = problem.c_res.as_integer_ratio()
        return kernel.decide_residual(of, problem.activation, problem.depth, ball.ratio(ratio), _guess)
    if bits not in towers:
        dual = DUALS[problem.activation](Ball(1))
        towers[bits] = _Tower(dual, kernel.dense(of, dual))
    tower = towers[bits]
    tower.made += islice(tower.rest, max(0, problem.depth - len(tower.made)))
    scale = Ball(1) if problem.matrix == "H^inf" else 1 / tower.dual.square
    return kernel.decide(tower.made[problem.depth - 1], tower.dual, scale, _guess)


def _guess(matrix: Sequence[Sequence[float]]) -> Eigen:
    """Approximate eigenvectors and ascending eigenvalues. Raises NotProved where there are none."""
    array = np.array(matrix)
    if not np.isfinite(array).all():
        raise NotProved("numbers beyond the range of floating point")
    try:
        values, vectors = np.linalg.eigh(array)
    except np.linalg.LinAlgError as error:
        raise NotProved("the matrix has no floating-point eigendecomposition") from error
    return Eigen(vectors.T.tolist(), values.tolist())
