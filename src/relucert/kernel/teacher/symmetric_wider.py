"""What docs/theorem/wider.md section 18 needs of a symmetric point; the sizes of its classes cost nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from relucert.kernel import arccos
from relucert.kernel.ball import Ball, BallMatrix, pi
from relucert.kernel.spectrum import Eigen, spectrum
from relucert.kernel.teacher import symmetric_sharp
from relucert.kernel.teacher.symmetric import Reduced
from relucert.kernel.teacher.wider import Curvature, of_parts


def curvatures(at: Reduced, guess: Callable[[BallMatrix], Eigen]) -> list[Curvature]:
    """Those of a neuron of each kind. guess: eigenvectors of a symmetric matrix, untrusted.

    S_i = B_i/(2 pi |w_i|), and docs/theorem/teacher.md section 7 ("Theorem B' with multiplicities") splits B_i into a
    small matrix and a number for each block of 2 or more coordinates.
    """
    return [_curvature(meets, guess) for meets in symmetric_sharp.views(at)]


def _curvature(meets: Sequence[symmetric_sharp.View], guess: Callable[[BallMatrix], Eigen]) -> Curvature:
    whole, scale = symmetric_sharp.bend(meets), 2 * pi() * meets[0].own.vector.length
    rows = BallMatrix([[x / scale for x in row] for row in whole.constant.tolist()])
    return of_parts(
        [(x, 1) for x in spectrum(rows, guess(rows)).values]
        + [(x / scale, count) for x, count in whole.single]
    )


def pull(at: Reduced, target: int) -> Ball:
    """psi(e_j) = sum_i f(w_i, e_j) - sum_l f(e_l, e_j) for a target of this class (from 0): Theorem 18.Z."""
    size, k = at.point.sizes[target], sum(at.point.sizes)
    result = -Ball(1) / 2 - Ball(k - 1) / (2 * pi())
    for x in at.meetings:
        if x.sign < 0 and x.blocks[x.second.home][0] == target:  # a target is 1 at its own index
            result += (x.number // size) * arccos.kernel(x.first.vector, x.second.vector, x.angle)
    return result
