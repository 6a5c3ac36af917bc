"""Every minimum's certificate says how far the loss must rise on the way to another point that is no worse."""

import json
from pathlib import Path

import numpy as np
import pytest

from relucert import Candidate, Problem, verify
from relucert.base.dyadic import to_float
from relucert.families.teacher.search.descent import loss_and_gradient
from relucert.families.teacher.symmetric.point import verify_symmetric

a, b, c, d, e = -0.050413403, 0.986703819, 0.308010991, 0.224515808, -0.601511924
SIX = [[b if i == j else a for j in range(5)] + [c] for i in range(5)] + [[d] * 5 + [e]]
LOCAL = [[-0.243771412, 0.946327819, 0.946327819], [1.317912905, 0.08964493, 0.08964493]]
MINIMA = {
    "spurious-minimum": (SIX, None),
    "local-minimum": (LOCAL, Problem.orthonormal(3, 2)),
    "global-minimum": ([[1.0, 0.0], [0.0, 1.0]], None),
}


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("RELUCERT_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("verdict", MINIMA)
def test_it_is_the_formula_of_theorem_18_v(verdict):
    result = verify(Candidate.from_rows(*MINIMA[verdict]))
    bounds = result.outcome.bounds
    assert result.verdict == verdict
    low = min(float(x[0]) for x in (bounds.lambda_min, bounds.lambda_min_outside) if x is not None)
    steep, radius = float(bounds.lipschitz), float(bounds.radius)
    slope = low - steep * radius
    t = min(float(bounds.domain) - radius, 2 * slope / steep)
    assert float(bounds.barrier) == pytest.approx(slope * t**2 / 2 - steep * t**3 / 6, rel=1e-9)


@pytest.mark.parametrize("verdict", MINIMA)
def test_the_loss_is_that_much_higher_on_the_whole_sphere(verdict):
    """In 500 random directions and along each eigenvector of the least eigenvalue, at the distance t."""
    result = verify(Candidate.from_rows(*MINIMA[verdict]))
    bounds, targets = (
        result.outcome.bounds,
        np.array([[to_float(x) for x in row] for row in result.candidate.problem.targets]),
    )
    at = np.array([[to_float(x) for x in row] for row in result.candidate.point])
    t = min(float(bounds.domain), 2 * float(bounds.lambda_min[0]) / float(bounds.lipschitz))
    value = loss_and_gradient(at, targets)[0]
    draw = np.random.default_rng(5)
    for _ in range(500):
        way = draw.standard_normal(at.shape)
        way *= t / np.linalg.norm(way)
        assert loss_and_gradient(at + way, targets)[0] >= value + float(bounds.barrier) * (1 - 1e-6)


def test_symmetric_points_have_one():
    result = verify_symmetric([1, 5], [[e, c, 0.0], [d, b, a]])
    dense = verify(Candidate.from_rows(SIX))
    assert float(result.outcome.bounds.barrier) == pytest.approx(float(dense.outcome.bounds.barrier), rel=0.5)


def test_saddles_and_other_points_have_none():
    saddle = verify(Candidate.from_rows([[1.068309886] * 2, [-0.068309886] * 2]))
    assert saddle.verdict == "strict-saddle"
    assert saddle.outcome.bounds.barrier is None
    assert verify(Candidate.from_rows([[1.0, 0.5], [0.25, 2.0]])).outcome.bounds.barrier is None


def test_the_certificate_show_and_json_say_it(relucert):
    Path("local.json").write_text(json.dumps({"points": [LOCAL], "targets": "orthonormal"}))
    code, out, _ = relucert("verify", "local.json", "-o", "out", "--json")
    assert code == 0
    row = json.loads(out)
    assert float(row["barrier"]) > 1e-8
    (path,) = Path("out").glob("*.json")
    bounds = json.loads(path.read_text())["statement"]["claim"]["bounds"]
    assert float(bounds["barrier"]["decimal"]) <= float(row["barrier"])
    assert relucert("audit", "out")[0] == 0
    _, said, _ = relucert("show", "out")
    line = (
        "barrier: every continuous path from the minimum to another point whose loss is not larger passes a point "
        f"whose loss exceeds that of the minimum by at least {bounds['barrier']['decimal']}"
    )
    assert line in " ".join(said.split())
    assert "barrier to any other point as low: >= " in str(
        verify(Candidate.from_rows(LOCAL, Problem.orthonormal(3, 2)))
    )
