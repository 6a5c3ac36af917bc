"""One spurious minimum for all targets near orthonormal ones: docs/theorem/teacher.md section 8, Theorem P."""

from __future__ import annotations

from typing import NamedTuple

from relucert.kernel import arccos, ball
from relucert.kernel.ball import Ball, BallMatrix, NotProved, pi, root, smallest, square, upper
from relucert.kernel.newton import ZERO, theorem_e
from relucert.kernel.norms import spectral_norm
from relucert.kernel.outcome import Argument, inequality
from relucert.kernel.spectrum import Inverse, images
from relucert.kernel.teacher import sharp
from relucert.kernel.teacher.loss import Geometry
from relucert.kernel.teacher.theorems import Facts


class Deviated(NamedTuple):
    """What Theorem P concludes if its argument holds."""

    argument: Argument
    radius: Ball  # r: the minimum for the other targets, rotated back, is within r of W
    lipschitz: Ball  # L on B(W, domain) for all of these targets


def response(g: Geometry, inverse: Inverse) -> Ball:
    """kappa: upper bound of |X J Z| over symmetric Z with |Z|_F = 1, where J = [d2f/dw dv(w_i, v_j)].

    docs/theorem/teacher.md section 8: targets moved by the columns of Z change the gradient by -J Z in first order.
    An orthonormal basis of the symmetric matrices has k(k+1)/2 members, whose images under X J are the
    columns of `answers`. Raises NotProved unless the targets are e_1 .. e_k of R^k.
    """
    n, k = len(g.neurons), len(g.targets)
    if not all(_is_unit(v, j, k) for j, v in enumerate(g.targets)):
        raise NotProved("the targets are not e_1 .. e_k")
    table = zip(g.neurons, g.angles, strict=True)
    blocks = [[_mixed(w, v, t) for v, t in zip(g.targets, row[n:], strict=True)] for w, row in table]
    half = 1 / Ball(2).sqrt()
    changes = [
        [
            block[j][a][j] if j == b else half * (block[j][a][b] + block[b][a][j])
            for j in range(k)
            for b in range(j + 1)
        ]
        for block in blocks
        for a in range(k)
    ]
    answers = images(inverse, BallMatrix(changes))
    return upper(root(spectral_norm(answers.transpose() * answers)))


def _is_unit(v: arccos.Vector, j: int, d: int) -> bool:
    """Whether v is proved to be e_j of R^d."""
    differences = [x - (i == j) for i, x in enumerate(v.entries)]
    return len(differences) == d and all(ball.proves_le(abs(x), ZERO) for x in differences)


def _mixed(w: arccos.Vector, v: arccos.Vector, t: arccos.Angle | None) -> list[list[Ball]]:
    if t is None:
        raise NotProved("a neuron has no angle with a target")
    return arccos.mixed_block(w, v, t).tolist()


def theorem_p(facts: Facts, answer: Ball, deviation: Ball, domain: Ball) -> Deviated:
    """A spurious minimum for all targets whose polar factor P has |P - I|_F <= deviation, in every d >= k.

    docs/theorem/teacher.md section 8, Theorem P, for n >= k and facts about e_1 .. e_k in every dimension. answer:
    kappa; domain: alpha. Raises NotProved unless 0 <= deviation < 1 and domain < min p_i are proved.
    """
    n, k, flat = facts.n, facts.k, facts.spectrum
    room = 1 - deviation
    if facts.outside is None or facts.shape is None or n < k:
        raise NotProved("the facts lack M or the sharp constant, or there are fewer neurons than targets")
    if not (ball.proves_le(ZERO, deviation) and ball.proves_positive(room)):
        raise NotProved("the deviation is not proved to be nonnegative and below 1")
    slope = sharp.theorem_b_sharp(facts.shape, domain, deviation)
    shift = Ball(k).sqrt() * deviation / (pi() * smallest(facts.neurons))  # of the Hessian
    rest = Ball(n).sqrt() * square(deviation) / (2 * pi() * room)
    size = flat.inverse.size
    eta = upper(facts.correction + answer * deviation + size * rest)
    exists, radius, _ = theorem_e(upper(flat.inverse.error + size * shift), size, eta, slope, domain)
    fall = (Ball(k).sqrt() * deviation + Ball(n).sqrt() * radius) / Ball(2).sqrt()
    hypotheses = (
        inequality("P.1", ZERO, "<", flat.values[0], "0 < lambda_min"),
        *(h._replace(name=f"P.{i}") for i, h in enumerate(exists.hypotheses, start=2)),
        inequality(
            "P.5",
            slope * radius + shift / 2,
            "<",
            facts.outside.values[0],
            "L r + sqrt k D/(2 pi p_min) < lambda_min(M)",
        ),
        inequality("P.6", fall, "<", root(2 * facts.objective), "sqrt(k/2) D + sqrt(n/2) r < sqrt(2 F(W))"),
    )
    return Deviated(Argument("Theorem P", hypotheses), radius, slope)
