"""That constraints cut the orbits of a symmetry transversally: docs/theorem/expression.md, Theorem 17.G."""

from __future__ import annotations

from collections.abc import Sequence

from relucert.kernel import ball
from relucert.kernel.ball import Ball, BallMatrix, upper
from relucert.kernel.expression.invariance import Generator, rows
from relucert.kernel.outcome import Argument, inequality

ZERO = Ball(0)
ENOUGH = ball.exact((1, -1))  # 1 would do; the rest is left to a checker with wider enclosures


def field(of: Generator, at: Sequence[Ball]) -> list[Ball]:
    """X(x) = A x + b at all points x of a box."""
    found = [ZERO] * len(at)
    for i, row in rows(of).items():
        found[i] = sum((ball.ratio(q.as_integer_ratio()) * (1 if j is None else at[j]) for j, q in row), ZERO)
    return found


def crossing(normals: Sequence[Sequence[Ball]], fields: Sequence[Sequence[Ball]]) -> BallMatrix:
    """T = (grad h_i . X_j), (k, k). normals: the gradients of the constraints; fields: the X_j, on the same box."""
    return BallMatrix([list(x) for x in normals]) * BallMatrix([list(x) for x in fields]).transpose()


def transversal(crossing: BallMatrix, inverse: BallMatrix) -> Argument:
    """T is regular everywhere in the box, as |1 - R T| < 1 in the norm of row sums. inverse: R, exact, a guess."""
    k = crossing.nrows()
    rest = (inverse * crossing).tolist()
    sums = [sum((abs(x - (i == j)).upper() for j, x in enumerate(rest[i])), ZERO) for i in range(k)]
    size = upper(ball.largest(sums))
    return Argument("Theorem 17.G", (inequality("G.1", size, "<", ENOUGH, "norm(1 - R T) < 1/2"),))
