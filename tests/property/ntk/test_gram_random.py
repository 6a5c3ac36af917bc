"""Random instances: Theorem 14.0 against floating-point eigenvalues, and few bits against many."""

from fractions import Fraction
from itertools import islice

import numpy as np
import pytest

from relucert.base.exact import exact_rows
from relucert.families.ntk import gram as room
from relucert.families.ntk.gram import GramProblem, gram
from relucert.kernel import ball
from relucert.kernel.ball import Ball
from relucert.kernel.ntk import gram as kernel
from relucert.kernel.ntk.gram_dual import DUALS
from relucert.kernel.ntk.gram_rows import inputs

CASES = [(1, None), (2, None), (2, Fraction(1, 2))]


def floats(x, activation, depth, c_res):
    """The matrix in floating point, whether it is singular or not."""
    of, share = inputs(x), Ball(float(c_res or 0)) / depth
    with ball.precision(128):
        dual = DUALS[activation](Ball(1))
        layer = next(islice(kernel.dense(of, dual), depth - 1, None))  # K^(1) at depth 2, residual or not
        scale = 1 / dual.square if c_res is None else share * share
        matrix = np.full((of.n, of.n), float(scale * dual.slope_square))
        for i, row in enumerate(layer.rows):
            for j, c in enumerate(row, i + 1):
                matrix[i, j] = matrix[j, i] = float(scale * c.cos * dual.slope(c))
    return matrix


@pytest.mark.parametrize("activation", ["relu", "erf", "softplus"])
def test_singular_exactly_where_the_theorem_says(activation):
    """Rows with entries -1, 0, 1: many of them are parallel, or dependent in pairs."""
    seen = set()
    for seed in range(20 if activation == "softplus" else 60):
        rng = np.random.default_rng(seed)
        x = rng.integers(-1, 2, (rng.integers(2, 8), rng.integers(1, 4)))
        x = exact_rows(x[np.any(x, axis=1)].tolist(), "row")
        if not x:
            continue
        for depth, c_res in CASES:
            found = gram(GramProblem(x, activation, depth, c_res)).outcome
            least = np.linalg.eigvalsh(floats(x, activation, depth, c_res))[0]
            seen.add((found.verdict, depth))
            if found.verdict == "singular":
                assert abs(least) < 1e-12
                rows = [x[i] for i in found.dependent]
                alone = np.linalg.eigvalsh(floats(rows, activation, depth, c_res))
                assert abs(alone[0]) < 1e-12
                assert len(rows) == 1 or alone[1] > 1e-6  # no fewer of them
            else:
                assert found.verdict == "positive-definite" and least > 1e-7
    assert len(seen) == 4


@pytest.mark.parametrize("activation", ["relu", "erf", "softplus"])
def test_few_bits_contain_what_many_say(activation, monkeypatch):
    for seed in range(12):
        rng = np.random.default_rng(seed)
        x = rng.standard_normal((rng.integers(2, 6), rng.integers(1, 5)))
        x[-1] += (x[0] - x[-1]) * (1 - 2.0 ** -rng.integers(1, 30))  # two may be nearly parallel
        depth = int(rng.integers(1, 6))
        c_res = Fraction(int(rng.integers(1, 6)), 4) if depth > 1 and seed % 2 else None
        problem = GramProblem(exact_rows(x, "row"), activation, depth, c_res)
        few = gram(problem)
        with monkeypatch.context() as patch:
            patch.setattr(room, "FIRST_PRECISION", 160)
            many = gram(problem)
        if few.verdict == "singular":
            assert many.verdict == "singular"
            continue
        (low, high), (least, most) = few.outcome.lambda_min, many.outcome.lambda_min
        assert ball.proves_le(low, most) and ball.proves_le(least, high)
        assert float(high - low) <= 2.0**-20 * float(low)
        assert ball.proves_le(few.outcome.by_geometry, most * (1 + Ball(2.0**-40)))
