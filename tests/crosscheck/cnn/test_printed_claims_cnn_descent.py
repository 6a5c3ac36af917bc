"""Claims of Du, Lee, Tian, Poczos & Singh (2018) on gradient descent that are false as printed, and repairs.

Each test takes an exact instance, refutes the printed claim in balls, and proves the repaired one on it. The
rows are those of docs/theorem/teacher.md, section 5.
"""

from fractions import Fraction

import pytest

from relucert.base.dyadic import from_float
from relucert.families.cnn.descent import GLOBAL, SPURIOUS, enclose
from relucert.families.cnn.point import CnnCandidate
from relucert.families.cnn.problem import CnnProblem
from relucert.kernel import ball
from relucert.kernel.ball import Ball, pi, proves_le, proves_lt, square
from relucert.kernel.cnn import descent as cnn_descent

SMALL = CnnProblem.from_text("90,-20", "0.02", 2)
V = (0.26749882862458741, 0.96355818541719296)  # next to (cos 1.3, sin 1.3)


def start(a):
    rows = (V, a, (1.0, 0.0))
    return CnnCandidate(SMALL, *(tuple(map(from_float, row)) for row in rows))


@pytest.mark.parametrize("eta", ["0.009", "0.0001"])
def test_theorem_3_1_needs_the_norm_of_w(eta):
    """Theorem 3.1: q > 0, phi < pi/2, |1.a| <= |1.a*| and a small step lead to a global minimum.

    |w*| = 0.02, a* = (90, -20), a = (14, 56): 1.a = 70 = 1.a*, q = 140, phi = 1.3, and the run ends at the
    spurious minimum, for two steps of which the smaller one stands for the O(.) of the theorem.
    """
    eta, problem = Fraction(eta), SMALL
    assert abs(14 + 56) <= abs(problem.total)  # the printed hypothesis, and by far not the repaired one
    run = enclose(start((14.0, 56.0)), eta, 40_000, stop=True)
    first = run.samples[0]
    assert proves_lt(Ball(0), first.state.q)
    assert proves_lt(first.view.phi, pi() / 2)
    assert run.verdict == SPURIOUS
    # Repaired: |1.a| <= |w*| |1.a*| (R1); a = (0.28, 1.12) points the same way.
    repaired = start((0.28, 1.12 - 2.0**-40))
    assert abs(repaired.a[0][0] * 2.0 ** repaired.a[0][1] + repaired.a[1][0] * 2.0 ** repaired.a[1][1]) <= 1.4
    run = enclose(repaired, eta, 1, stop=True)
    assert run.verdict == GLOBAL
    assert run.entry.sample.step == 0


def test_lemma_c_1_has_another_increment():
    """Lemma C.1: q+ >= min(q + eta (h - q), h), h = (g - 1) N W/(pi - 1). True: eta (pi - 1)/(2 pi) for eta.

    a* = (1, 1), W = 1, s = S (so sigma = S^2), q = 0, phi near 0 and eta = 1/2: q+ = (g - 1) N eta/(2 pi).
    """
    problem = CnnProblem.from_text("1,1", "1", 2)
    with ball.precision(128):
        of, eta = problem.teacher(), Ball(1) / 2
        by = cnn_descent.rule(of, eta)
        x = cnn_descent.State(Ball(4), Ball(1), Ball(0), of.S * of.W)
        seen = cnn_descent.view(x)
        after = cnn_descent.step(by, x, seen)
        h = (seen.g - 1) * of.N * of.W / (pi() - 1)
        assert proves_le(abs(x.s), abs(of.S) * of.W) and proves_lt(Ball(1), seen.g)
        printed = (x.q + eta * (h - x.q)).min(h)
        assert proves_lt(after.q, printed)
        assert proves_lt(after.q * 2, printed)  # not by rounding: the factor is 2 pi/(pi - 1) = 2.93
        alpha = eta * (pi() - 1) / (2 * pi())
        # Repaired, with equality here; with sigma a little below S^2 it is strict.
        assert after.q.overlaps(x.q + alpha * (h - x.q))
        lower = x._replace(s=x.s - Ball(2) ** -30)
        assert proves_lt(x.q + alpha * (h - x.q), cnn_descent.step(by, lower, cnn_descent.view(lower)).q)
        assert proves_lt(square(of.S) - 1, of.S * x.s / of.W)
