"""Du's thesis, chapter 4: what it prints, refuted or repaired. The table of docs/theorem/factorisation.md."""

from fractions import Fraction

import numpy as np
import pytest

from factorisation_points import hessian
from relucert.families.factorisation import prove
from relucert.families.factorisation.problem import Four, RandomStart, RankOneProblem, ScheduleProblem


@pytest.mark.parametrize("exponent", [6, 8, 12, 16])
def test_theorem_4_5_with_the_printed_variance_diverges(exponent):
    """Entries of variance delta = c_init sqrt(s/d), eta = c_step/s; c_init = c_step = 1/10, s = 1."""
    d = 10**exponent
    delta = Fraction(1, 10) / 10 ** (exponent // 2)
    result = prove.rank_one_from(RankOneProblem(Fraction(1), Fraction(1, 10), RandomStart(delta, d, d)))
    assert result.verdict == "diverges-with-probability"
    assert float(result.outcome.bounds) > 0.4 * d


def test_theorem_4_5_fails_for_every_choice_of_constants():
    """eta delta (d - 1) grows as sqrt(d): c_init = c_step = 10^-4 needs d = 10^18."""
    d = 10**18
    delta = Fraction(1, 10**4 * 10**9)
    result = prove.rank_one_from(RankOneProblem(Fraction(1), Fraction(1, 10**4), RandomStart(delta, d, d)))
    assert result.verdict == "diverges-with-probability"


def test_theorem_4_5_with_standard_deviation_delta_does_not_start_like_this():
    """Repaired: variance delta^2. eta delta^2 (d - 1) < c_step c_init^2 is far below 2, and typical starts converge."""
    d, delta = 10**6, Fraction(1, 10**4)
    problem = RankOneProblem(Fraction(1), Fraction(1, 10), RandomStart(delta**2, d, d))
    assert prove.rank_one_from(problem).verdict == "inconclusive"
    typical = Four(delta, delta, delta**2 * d, delta**2 * d)
    result = prove.rank_one_from(RankOneProblem(Fraction(1), Fraction(1, 10), typical))
    assert result.verdict == "converges-to-global-minimum"


def test_theorem_4_4s_schedule_needs_more_than_10_to_the_600_steps():
    problem = ScheduleProblem(Fraction(1), Fraction(1), 1, Fraction(1, 10), Fraction(1, 100))
    result = prove.not_accurate(problem)
    assert result.verdict == "not-accurate" and 600 < float(result.outcome.bounds) < 700


def test_the_norms_of_section_4_4_contradict_its_text():
    equal, other = [4290, 4376, 4368], [5550, 4565, 4546]  # hundredths, as printed
    assert max(equal) - min(equal) > 14
    assert max(other) - min(other) > 900


@pytest.mark.parametrize("c", [Fraction(1, 2), Fraction(1), Fraction(5)])
def test_lemma_4_3s_constant_is_3c_plus_1_and_no_less(c):
    """|Hess| <= (3c + 1)|M| where |U|^2, |V|^2 <= c |M|; attained by U = sqrt(c) p, V = -sqrt(c) q, M = p q^T."""
    rng = np.random.default_rng(4)
    m = rng.standard_normal((3, 2))
    size = np.linalg.norm(m)
    for _ in range(50):
        u, v = rng.standard_normal((3, 2)), rng.standard_normal((2, 2))
        u, v = (x * np.sqrt(float(c) * size) / np.linalg.norm(x) for x in (u, v))
        assert abs(np.linalg.eigvalsh(hessian(m, u, v))).max() <= (3 * float(c) + 1) * size * (1 + 1e-12)
    root = float(c) ** 0.5
    worst = np.linalg.eigvalsh(hessian(np.array([[1.0]]), np.array([[root]]), np.array([[-root]])))[-1]
    assert worst == pytest.approx(3 * float(c) + 1)
    exact = [[c, -c - (c + 1)], [-c - (c + 1), c]]  # [[V^2, UV + R], [.., U^2]], R = -(c + 1): exactly
    assert exact[0][0] - exact[0][1] == 3 * c + 1


def test_4_23_in_exact_fractions():
    """alpha' = (1 - eta (beta^2 + b^2)) alpha + eta s beta: with s = 2 one step of the whole 2 x 2 problem."""
    alpha, a, beta, b, s, eta = map(Fraction, ("1/3", "1/5", "-1/2", "2/7", "2", "1/10"))
    u, v = (alpha, a), (beta, b)
    residual = [[u[i] * v[j] - (s if i == j == 0 else 0) for j in range(2)] for i in range(2)]
    moved = u[0] - eta * sum(residual[0][j] * v[j] for j in range(2))
    assert moved == (1 - eta * (beta**2 + b**2)) * alpha + eta * s * beta
    assert moved != (1 - eta * (beta**2 + b**2)) * alpha + eta * beta  # without s
