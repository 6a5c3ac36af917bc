"""Pictures of the designed landscape: objectives in floating point have the claimed values, eigenvalues and runs."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from relucert.base.errors import InputError
from relucert.families.drawing import middle, ratio, real, table
from relucert.families.landscape import figures, floats
from relucert.families.pictures import drawn

ACCEPT = Path(__file__).parents[2] / "corpus/accept"
CLAIMS = {
    x.stem.removeprefix("landscape-"): json.loads(x.read_text())["statement"]["claim"]
    for x in sorted(ACCEPT.glob("landscape-*.json"))
}
POINTS = [x for x, of in CLAIMS.items() if "lambda_min" in of["bounds"] and "point" in of]
WHOLE = [x for x, of in CLAIMS.items() if of["method"] == "critical-points" and "value" in of["bounds"]]
RUNS = [x for x, of in CLAIMS.items() if of["method"] == "descent"]


@pytest.mark.parametrize("name", POINTS)
def test_the_point_has_the_claimed_value_and_eigenvalue(name):
    of = CLAIMS[name]
    bounds, point, at = of["bounds"], table(of["point"]), figures.objective(of["problem"])
    assert at.values(point) == pytest.approx(middle(bounds["value"]), rel=1e-5)
    values = np.linalg.eigvalsh(floats.hessian(at, point))
    assert values[0] == pytest.approx(middle(bounds["lambda_min"]), rel=1e-4)
    assert (values < 0).sum() == bounds["inertia"]["negative"]


@pytest.mark.parametrize("name", WHOLE)
def test_minima_have_the_claimed_value(name):
    of = CLAIMS[name]
    at, kind = figures.objective(of["problem"]), of.get("minimum", {"kind": "signed-permutation"})
    at, point = at._replace(turn=None), np.diag(at.lengths())
    if kind["kind"] == "doubled":
        one, other = kind["twice"], kind["never"]
        size = np.sqrt(at.lam / (at.lam + (1 - at.nu) * at.alpha[one]))
        point[other, other], point[one, one], point[other, one] = 0, size, size
    low, high = (real(x) for x in of["bounds"]["value"])
    assert low - 1e-9 * abs(low) <= at.values(point) <= high + 1e-9 * abs(high)
    assert np.abs(at.slope(point)).max() < 1e-10 * at.lam


def test_the_slope_is_the_derivative_of_the_values():
    at = floats.designed(np.array([1.0, 2.0]), 6.0, 1.5, None)
    point, size = np.array([[0.7, -0.3], [0.4, 1.1]]), 1e-5
    moves = size * np.eye(4).reshape(4, 2, 2)
    slopes = (at.values(point + moves) - at.values(point - moves)) / (2 * size)
    assert at.slope(point).ravel() == pytest.approx(slopes, rel=1e-7)


@pytest.mark.parametrize("name", RUNS)
def test_the_run_comes_as_near_as_claimed(name, monkeypatch):
    of, kept = CLAIMS[name], []
    monkeypatch.setattr(figures, "_run", lambda _, *run: kept.append(run) or [])
    figures.figures(of)
    ((distances, heights),) = kept
    claimed, steps = real(of["bounds"]["distance"]), of["steps"]
    assert distances[steps] <= claimed * (1 + 1e-6)
    assert distances[-1] < distances[steps]
    assert 0 < heights[-1] < heights[0] / 4


def test_the_two_minima_in_closed_form():
    problem = CLAIMS["split-neuron"]["problem"]
    alpha, beta, tau = (ratio(problem[x]) for x in ("alpha", "beta", "tau"))
    angles = 1e-3 * np.array([[0.0, 1, 1, 1], [0, 0, 1, -1]])
    found = floats.split_neuron(alpha, beta, tau, *angles)
    assert found[0] == pytest.approx(alpha + beta)
    first, second = angles
    bend = (2 * alpha + 4 * beta) * tau * (1 + tau) * (first - second) ** 2
    bend += 4 * beta * ((1 + tau) * second**2 - tau * first**2)
    assert found - found[0] == pytest.approx(bend, rel=1e-4, abs=1e-12)
    a, x = np.array([5.0, 7, 2]), 0.3  # of the rows p, q, l
    w = np.array([[0, 0, 1], [x**0.5, (1 - x) ** 0.5, 0], [0, 0, 1.0]])
    assert floats.unit_rows(a, w) == pytest.approx(2 * 2)
    assert floats.unit_rows(a, np.eye(3)) == 0


def test_what_is_drawn_of_which_claim():
    titles = {
        name: [x.title for x in figures.figures(CLAIMS[name])]
        for name in ("local", "whole", "doubled", "unbounded")
    }
    assert titles["local"] == [
        "Rows", "Radii, on a logarithmic scale", "Spectrum of the Hessian", "Objective around the point",
    ]  # fmt: skip
    assert titles["whole"] == [
        "Objective as one row moves", "Eigenvalues at critical points", "Radii, on a logarithmic scale",
    ]  # fmt: skip
    assert titles["doubled"] == ["Objective as one row moves", "How much lower it gets"]
    assert titles["unbounded"] == ["Objective as one row moves"]
    plane = figures.figures(CLAIMS["doubled"])[0]
    assert re.findall("<title>(.*?)</title>", plane.svg) == ["spurious", "spurious"]
    assert "no part of the proof" in plane.caption


def test_what_cannot_be_drawn_is_said():
    of = json.loads(json.dumps(CLAIMS["local"]))
    of["point"][0][0] = ["1", 2000]
    assert figures.figures(of)[1] == figures.TOO_LARGE
    of["point"] = [of["point"][0], of["point"][1][:1]]
    with pytest.raises(InputError, match="here: cannot be drawn"):
        drawn(of, "here")
