"""From a symmetric point and untrusted guesses to the `Facts` that the theorems take.

docs/theorem/teacher.md section 7: the spectrum is the union over the markings (Theorem F) and, for dimensions above
k, the spectrum of M; lengths come with multiplicities.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

from relucert.kernel import arccos, ball, spectrum
from relucert.kernel.ball import Ball, BallMatrix, largest, norm, root, smallest, square, upper
from relucert.kernel.outcome import GlobalMinimum, Inconclusive, Outcome, SpuriousMinimum, StrictSaddle
from relucert.kernel.spectrum import Eigen, Spectrum
from relucert.kernel.teacher import lipschitz, sharp, symmetric, symmetric_sharp, theorems
from relucert.kernel.teacher.sharp import Shape
from relucert.kernel.teacher.symmetric import Point, Reduced
from relucert.kernel.teacher.theorems import Facts

Guess = Callable[[BallMatrix], Eigen]


class Measured(NamedTuple):
    """What is proved about a symmetric point before a ball around it is chosen.

    inside: the spectrum of Hess F(W) in R^k, outside: of M, both as sets, without multiplicities. shape: for
    the constants "sharp".
    """

    at: Reduced
    lengths: tuple[Ball, ...]  # of the neurons of each kind
    objective: Ball
    gradient: Ball
    inside: Spectrum
    outside: Spectrum
    shape: Shape | None


def lengths(at: Point) -> tuple[Ball, ...]:
    """The length of the neurons of each kind: sqrt(d^2 + (p - 1) o^2 + sum of p_c v_c^2)."""
    result = []
    for a in range(len(at.kinds)):
        parts = [
            square(row[a]) if c == a else p * square(row[a])
            for c, (p, row) in enumerate(zip(at.sizes, at.values, strict=True))
        ]
        if a < len(at.sizes):
            parts.append((at.sizes[a] - 1) * square(at.inside[a]))
        result.append(root(sum(parts, Ball(0))))
    return tuple(result)


def outside(at: Reduced) -> tuple[BallMatrix, list[Ball]]:
    """M of docs/theorem/teacher.md section 7: on vectors that are constant on each kind, in the orthonormal basis of
    the kinds, and its eigenvalue on vectors of sum 0 on one class, for each class of 2 or more."""
    kinds = at.point.kinds
    rows = [[Ball(i == j) / 2 for j in range(len(kinds))] for i in range(len(kinds))]
    apart: dict[int, Ball] = {}
    for x in at.meetings:
        (a, b), first, second = x.kinds, x.first.vector, x.second.vector
        ahead, turn = arccos.gradient_parts(second, x.angle)
        if a == b:  # each meets p - 1
            others = kinds[a] - 1
            rows[a][a] += others * (ahead / first.length + turn)
            apart[a] = kinds[a] * turn
            continue
        rows[a][a] += x.sign * (x.number // kinds[a]) * ahead / first.length
        if b >= 0:
            back, _ = arccos.gradient_parts(first, x.angle)
            rows[b][b] += (x.number // kinds[b]) * back / second.length
            rows[a][b] = rows[b][a] = turn * Ball(x.number).sqrt()
    return BallMatrix(rows), [rows[a][a] - gap for a, gap in apart.items()]


def union(blocks: Sequence[Spectrum]) -> Spectrum:
    """The union of spectra of blocks of one operator, as a set: values[0] and values[-1] enclose its smallest
    and its largest member. The inverse is the exact one, of norm 1 / min |lambda|."""
    every = [x for block in blocks for x in block.values]
    least = ball.lower(smallest(abs(x) for x in every))
    size = upper(1 / least) if ball.proves_positive(least) else ball.undefined()
    return Spectrum((smallest(every), *every, largest(every)), spectrum.Inverse((), (), Ball(0), size))


def measure(point: Point, guess: Guess, constants: str = "simple") -> Measured:
    """guess: eigenvectors of a symmetric matrix. constants: of which theorem the Lipschitz constants will be,
    "simple" (Theorem B) or "sharp" (the smaller of Theorems B and B'). Raises NotProved where F is not
    differentiable."""
    at = symmetric.reduced(point)
    blocks = []
    for marks in symmetric.markings(point.sizes):
        matrix = symmetric.hessian(symmetric.reduced(symmetric.marked(point, marks)) if marks else at)
        blocks.append(spectrum.spectrum(matrix, guess(matrix)))
    common, single = outside(at)
    beyond = [common, *(BallMatrix([[x]]) for x in single)]
    return Measured(
        at=at,
        lengths=lengths(point),
        objective=symmetric.objective(at),
        gradient=norm(symmetric.gradient(at)),
        inside=union(blocks),
        outside=union([spectrum.spectrum(matrix, guess(matrix)) for matrix in beyond]),
        shape=symmetric_sharp.shape(at) if constants == "sharp" else None,
    )


def to_identity(at: Reduced) -> Ball:
    """Distance from W to the targets in their own order (n = k)."""
    apart = (o.size * square(o.value - int(o.place[0] == o.place[1] and not o.place[2])) for o in at.orbits)
    return upper(root(sum(apart, Ball(0))))


def facts(of: Measured, radius: Ball, *, every_dimension: bool) -> Facts:
    """With the Lipschitz constant on B(W, radius), in R^k or in every dimension d >= k.

    Theorem E with X the exact inverse: omega = 0, |X| = 1/mu, |X grad F(W)| <= |grad F(W)|/mu, where mu is
    the least |eigenvalue| (docs/theorem/teacher.md section 7).
    """
    kinds = of.at.point.kinds
    n, k = sum(kinds), sum(of.at.point.sizes)
    steepest = lipschitz.theorem_b_of_classes(of.lengths, kinds, Ball(k), radius)
    if of.shape is not None:
        steepest = upper(steepest.min(sharp.theorem_b_sharp(of.shape, radius)))
    return Facts(
        neurons=of.lengths,
        targets=[Ball(1)],
        objective=of.objective,
        gradient=of.gradient,
        spectrum=of.inside,
        correction=upper(upper(of.gradient) * of.inside.inverse.size),
        lipschitz=steepest,
        lipschitz_safran_shamir=None,
        domain=radius,
        to_global=to_identity(of.at) if n == k else None,
        counts=(n, k),
        outside=of.outside if every_dimension else None,
    )


def decide(at: Facts, count: Callable[[], tuple[int, int] | None]) -> Outcome:
    """The verdict of section 4, with the inertia of Hess F(W) in R^(nk), about which the spectrum without
    multiplicities says something only for a minimum. count: the inertia by Theorem F2, asked for a saddle."""
    result = theorems.decide_critical(at)
    if result.bounds is None:
        return result
    inertia = None
    if isinstance(result, StrictSaddle):
        inertia = count()
        if inertia is None:
            return Inconclusive(result.bounds, result.arguments, "the inertia is not proved")
    elif isinstance(result, SpuriousMinimum | GlobalMinimum):
        inertia = 0, at.n * at.k
    return replace(result, bounds=result.bounds._replace(inertia=inertia))
