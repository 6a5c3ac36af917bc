"""Problems of the one-hidden-layer CNN, and points of them, to test descents with."""

from fractions import Fraction

from relucert.base.dyadic import from_float
from relucert.families.cnn.point import CnnCandidate
from relucert.families.cnn.problem import CnnProblem

THREE = CnnProblem.from_text("1,-0.5,0.3", "1", 20)


def candidate(problem, v, a, axis=None):
    rows = (v, a, axis or [1.0] + [0.0] * (problem.patch - 1))
    return CnnCandidate(problem, *(tuple(map(from_float, row)) for row in rows))


def random_problem(generator, patch=None):
    """Small or large teachers, with S = 0, with a* a multiple of 1, and with k = 1 among them."""
    k = int(generator.choice([1, 2, 3, 5, 8, 20]))
    kind = generator.integers(4)
    a_star = generator.integers(-40, 41, k)
    if kind == 0:
        a_star[:] = generator.integers(1, 9)
    elif kind == 1 and k > 1:
        a_star[-1] = -a_star[:-1].sum()
    if not a_star.any():
        a_star[0] = 7
    if kind == 2:
        a_star = abs(a_star) + 1
    scale = Fraction(2) ** int(generator.integers(-8, 3))
    weights = tuple(Fraction(int(x)) * scale for x in a_star)
    w_norm = Fraction(int(generator.integers(1, 40)), 10)
    return CnnProblem(weights, w_norm, patch or int(generator.choice([2, 3, 6])))
