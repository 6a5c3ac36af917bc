"""Pictures of one filter: the run in floating point is that of the claim, on the loss that the teacher page has."""

import json
import re
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from relucert.base.errors import InputError
from relucert.families.drawing import ratio, real
from relucert.families.filter import figures
from relucert.families.pictures import drawn

ACCEPT = Path(__file__).parents[2] / "corpus/accept"
CLAIMS = {
    x.stem: json.loads(x.read_text())["statement"]["claim"] for x in sorted(ACCEPT.glob("filter-*.json"))
}


@pytest.mark.parametrize("name", CLAIMS)
def test_the_run_stays_below_the_line_and_arrives_when_it_is_claimed(name):
    of = CLAIMS[name]
    bounds, start = of["bounds"], figures._start(of)
    last = figures._last(of)
    path = figures.descend(start, ratio(of["problem"]["eta"]), last)
    distances = np.hypot(path[:, 0] - 1, path[:, 1])
    first, share = real(bounds["distance"]), real(bounds["decrease"])
    assert distances[0] <= first + 1e-15
    assert np.all(distances <= first * (1 - share) ** np.arange(last + 1) * (1 + 1e-9) + 1e-15)
    if bounds["steps"] <= last:
        assert distances[bounds["steps"]] <= max(ratio(of["problem"]["accuracy"]), 1e-15)


def test_a_step_goes_down_the_gradient_of_the_loss():
    start, eta, size = (0.3, 0.8), 1e-3, 1e-6
    (a, b), (c, d) = figures.descend(start, eta, 1)
    slope = [
        (figures.loss(a + x, b + y) - figures.loss(a - x, b - y)) / (2 * size)
        for x, y in ((size, 0.0), (0.0, size))
    ]
    assert ((a - c) / eta, (b - d) / eta) == pytest.approx(slope, rel=1e-6)
    assert figures.loss(np.array(1.0), np.array(0.0)) == pytest.approx(0, abs=1e-15)
    # Orthogonal to the target: 1/4 + 1/4 - 1/(2 pi).
    assert figures.loss(np.array(0.0), np.array(1.0)) == pytest.approx(0.5 - 1 / (2 * np.pi))


def test_the_start_is_where_it_is_however_long_the_numbers_are():
    of = CLAIMS["filter-dimension-12"]
    w, v = (np.array([float(Fraction(x)) for x in e]) for e in (of["problem"]["target"], of["point"]))
    along, across = figures._start(of)
    assert along == pytest.approx(v @ w / (w @ w))
    assert across == pytest.approx(np.linalg.norm(v - along * w) / np.linalg.norm(w))
    assert all(x.svg for x in figures.figures(CLAIMS["filter-huge-and-tiny"]))


def test_the_path_ends_at_the_target():
    distance, path = figures.figures(CLAIMS["filter-near"])
    (way,) = re.findall('class="way" d="M(.*?)"', path.svg)
    points = [tuple(map(float, x.split())) for x in way.split("L")]
    dots = [(float(x), float(y)) for x, y in re.findall(r'class="point" cx="(.*?)" cy="(.*?)"', path.svg)]
    assert np.array([points[0], points[-1]]) == pytest.approx(np.array(dots), abs=0.15)
    assert "≤ 1/1000000 from step 20 on" in distance.svg
    assert "no part of the proof" in distance.caption
    assert "no part of the proof" in path.caption
    near = figures.figures(CLAIMS["filter-at-the-target"])[1]
    assert ">w0 and w*</text>" in near.svg


def test_what_cannot_be_drawn_is_said():
    of = json.loads(json.dumps(CLAIMS["filter-near"]))
    of["point"] = ["1" + 250 * "0", "1", "1"]
    assert figures.figures(of) == [figures.TOO_LARGE]
    of["point"] = ["1", "1"]
    with pytest.raises(InputError, match="here: cannot be drawn"):
        drawn(of, "here")
    of["point"], of["problem"]["target"] = ["1", "1"], ["0", "0"]
    with pytest.raises(InputError, match="here: cannot be drawn"):
        drawn(of, "here")
