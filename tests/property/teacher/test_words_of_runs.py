"""The arguments about runs, in the words of docs/theorem/teacher.md section 6, with numbers by hand."""

from pathlib import Path

import numpy as np
import pytest
from flint import arb

from relucert.kernel import ball
from relucert.kernel.teacher import loss, trajectory

THEOREM = (Path(__file__).parents[3] / "docs" / "theorem" / "teacher.md").read_text()
HALF, ONE = arb(0.5), arb(1)
RUNS = [  # how to make an argument; its title, and of each hypothesis name, text, left and right, by hand
    (
        lambda: trajectory.in_basin(arb(2), arb(3), arb(5), arb(7)),
        "Theorem D",
        [("T.1", "distance < basin radius", 2, 3), ("T.2", "step < basin step", 5, 7)],
    ),
    (
        lambda: trajectory.same_minimum(arb(2), arb(3), arb(7)),
        "Same minimum",
        [("T.3", "distance + existence radius of the one < uniqueness radius of the other", 5, 7)],
    ),
    (  # step 1/2, b = 1, L rho = 1/2: m = 3/4, and 10 steps go (10/2 1/4 / (5/8))^(1/2) at most
        lambda: trajectory.cannot_rise(arb(0.25), ONE, arb(0.25), arb(2), HALF, 10, arb(3)),
        "Theorem T",
        [
            ("T.4", "F(W) < floor", 0.25, 3),
            ("T.5", "step (lambda_max + L rho) < 2", 0.75, 2),
            ("T.6", "steps step F(W) / (1 - step (..) / 2) < rho^2", 2, 4),
        ],
    ),
    (lambda: trajectory.below(arb(2), arb(3)), "Below the floor", [("T.4", "F(W) < floor", 2, 3)]),
    (
        lambda: trajectory.different((arb(1), arb(2)), (arb(3), arb(4))),
        "Different minima",
        [("T.7", "F(W1*) < F(W2*)", 2, 3)],
    ),
]


@pytest.mark.parametrize(("run", "title", "hypotheses"), RUNS, ids=[title for _, title, _ in RUNS])
def test_arguments_about_runs_are_those_of_section_6(run, title, hypotheses):
    argument = run()
    assert argument.theorem == title
    assert argument.holds
    for h, (name, text, left, right) in zip(argument.hypotheses, hypotheses, strict=True):
        assert (h.name, h.text, h.relation) == (name, text, "<")
        assert (float(h.left), float(h.right)) == (left, right)
        assert name in THEOREM


def test_theorem_t_says_nothing_of_steps_that_are_too_long():
    """m = 3: the bound of the way would be negative, and below every square."""
    argument = trajectory.cannot_rise(arb(0.25), arb(3), arb(0), ONE, ONE, 10, ONE)
    assert [h.proved for h in argument.hypotheses] == [True, False, False]
    assert argument.hypotheses[2].left.is_nan()


@pytest.mark.parametrize(("n", "k", "d"), [(1, 2, 3), (2, 1, 2), (3, 2, 4), (2, 2, 3)])
def test_the_curvature_is_that_of_lemma_n(n, k, d):
    """Also where no entry of a unit vector is 0 and no length is 1, by the formula, in doubles."""
    rows = np.random.default_rng(n + d).standard_normal((n + k, d)) * np.arange(1, n + k + 1)[:, None]
    lengths = np.linalg.norm(rows, axis=1)
    units = rows / lengths[:, None]
    sums = []
    for i in range(n):
        least, bent, total = 0.0, np.zeros((d, d)), 0.0
        for z in [z for z in range(n + k) if z != i]:
            cos = units[i] @ units[z]
            sin, angle = np.sqrt(1 - cos**2), np.arccos(cos)
            weight = (1 if z < n else -1) * lengths[z] * sin / (2 * np.pi * lengths[i])
            e2 = (units[z] - cos * units[i]) / sin
            least, bent = least + weight, bent + weight * np.outer(e2, e2)
            total += (np.pi - angle + sin) / (2 * np.pi) if z < n else 0
        sums.append(0.5 + max(0.0, least + np.linalg.norm(bent)) + total)
    point = [[ball.to_dyadic(arb(float(x))) for x in row] for row in rows]
    with ball.precision(64):
        found = trajectory.curvature(loss.geometry(point[:n], point[n:]))
    assert float(found) == pytest.approx(max(sums), rel=1e-12)
