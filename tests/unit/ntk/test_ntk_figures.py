"""Pictures of wide networks: the runs in floating point are those of the claims, the lines their bounds."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from relucert.base.errors import InputError
from relucert.families.drawing import real
from relucert.families.ntk import figures, floats
from relucert.families.pictures import drawn

ACCEPT = Path(__file__).parents[2] / "corpus/accept"
RUNS = [
    "shallow-run", "shallow-four", "shallow-rows-run", "shallow-no-steps", "shallow-decimal", "wide-deep-tanh",
    "wide-deep-erf-two-layers", "wide-deep-softplus", "wide-deep-residual", "wide-deep-residual-softplus",
    "wide-deep-given",
]  # fmt: skip


def claim(name):
    return json.loads((ACCEPT / f"{name}.json").read_text())["statement"]["claim"]


def losses(of, monkeypatch):
    """Of the run that is drawn."""
    kept = []
    monkeypatch.setattr(figures, "_losses", lambda _, values: kept.append(values))
    figures.figures(of)
    return kept[0]


@pytest.mark.parametrize("name", RUNS)
def test_the_run_meets_the_claimed_loss_and_stays_below_the_line(name, monkeypatch):
    of = claim(name)
    found = losses(of, monkeypatch)
    loss, rate, steps = real(of["bounds"]["loss"]), real(of["bounds"]["rate"]), of["steps"]
    assert found[steps] == pytest.approx(loss, rel=1e-3)
    after = np.arange(len(found) - steps)
    assert np.all(found[steps:] <= loss * (1 - rate) ** (2 * after) * (1 + 1e-6) + 1e-25)
    assert loss * (1 - rate) ** (2 * after[-1]) < loss * figures.FALLS or len(found) == figures.MOST_STEPS + 1


def test_the_dot_is_where_the_line_begins():
    loss, moved = figures.figures(claim("shallow-run"))
    ((x, y),) = re.findall(r'class="point" cx="(.*?)" cy="(.*?)"', loss.svg)
    (line,) = re.findall('class="bound" d="M(.*?)"', loss.svg)
    start, end = (tuple(map(float, p.split())) for p in (line.split("L")[0], line.split("L")[-1]))
    assert start == (float(x), float(y))
    assert end[1] > start[1]  # downwards
    assert "at most 0.000880247 at step 25" in loss.caption
    assert "no part of the proof" in loss.caption
    assert moved.svg.count("<rect") == 2
    assert figures.figures(claim("shallow-run")) == [loss, moved]


def test_the_bound_of_a_flow_falls_by_the_claimed_rate():
    of = claim("shallow-flow")
    bound, _ = figures.figures(of)
    (line,) = re.findall('class="bound" d="M(.*?)"', bound.svg)
    (left, top), (right, bottom) = (tuple(map(float, p.split())) for p in line.split("L"))
    rows = [float(y) for y in re.findall(r'd="M44.0 ([\d.]+)H', bound.svg)]  # of 10^-10, 10^-8, ..
    columns = [float(x) for x in re.findall(r'd="M([\d.]+) 10.0V', bound.svg)]  # of 0, 10, ..
    decades, time = (bottom - top) / (rows[0] - rows[1]) * 2, (right - left) / (columns[1] - columns[0]) * 10
    assert decades * np.log(10) / (2 * time) == pytest.approx(real(of["bounds"]["rate"]), rel=5e-3)
    assert "Curve" not in bound.caption


def test_too_large_a_network_has_the_claimed_numbers_alone(monkeypatch):
    monkeypatch.setattr(figures, "MOST_NUMBERS", 10)
    for name in ("shallow-run", "wide-deep-tanh"):
        loss, _ = figures.figures(claim(name))
        assert figures.TOO_LARGE in loss.caption
        assert 'class="curve"' not in loss.svg
        assert 'class="bound"' in loss.svg


def test_angles_between_inputs():
    values, angles = figures.figures(claim("gram-near"))
    assert "smallest eigenvalue" in values.svg
    assert f"is {2.0**-30:.4g}." in angles.caption
    (twins,) = figures.figures(claim("gram-twins"))
    assert "the inputs 0, 2 make the matrix singular" in twins.caption
    assert "<title>input 0, input 2: 1</title>" in twins.svg
    assert floats.smallest_angle(np.array([[1.0, 0], [-1, 1e-3], [0, 1]])) == pytest.approx(1e-3, rel=1e-5)


def test_a_claim_of_another_shape_is_a_message():
    of = claim("shallow-run")
    of["problem"]["x"][0] = of["problem"]["x"][0][:2]
    with pytest.raises(InputError, match="here: cannot be drawn"):
        drawn(of, "here")
    of = claim("wide-deep-tanh")
    of["problem"]["activation"] = "relu"
    with pytest.raises(InputError, match="here: cannot be drawn"):
        drawn(of, "here")
