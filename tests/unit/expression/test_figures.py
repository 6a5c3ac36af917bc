"""The floating-point Hessian of the figures, and what they leave out."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from relucert.families.drawing import WIDTH, real
from relucert.families.expression import figures, planes
from relucert.families.expression.reading import parse
from relucert.families.expression.search import float_loss, losses, value_and_gradient

ACCEPT = Path(__file__).parents[2] / "corpus/accept"


def claim(name):
    return json.loads((ACCEPT / f"{name}.json").read_text())["statement"]["claim"]


def test_the_hessian_of_a_quadratic():
    nodes = [["param", 0], ["param", 1], ["mul", 0, 1], ["square", 0], ["add", 2, 3]]
    loss = parse({"schema": "relucert-loss/1", "parameters": 2, "nodes": nodes, "output": 4})
    found = figures._hessian(float_loss(loss), np.array([3.0, -2.0]))
    assert found == pytest.approx(np.array([[2.0, 1], [1, 0]]), abs=1e-8)


def titles(claim):
    return [figure.title.split(",")[0] for figure in figures.figures(claim)]


def test_what_is_drawn_of_which_claim():
    assert titles(claim("expression-xor-spurious")) == [
        "Radii",
        "Spectrum of the Hessian",
        "Loss on the way to the witness",
        "Loss on a plane through the point",
    ]
    plane = "Loss on a plane through the point"  # of two parameters, without a Hessian:
    assert titles(claim("expression-circle")) == ["Radii", plane]  # it is that of F + mu.h along the set
    assert titles(claim("expression-orbit-ditch")) == ["Radii", "Loss on the way to the witness", plane]
    assert titles(claim("expression-orbit-sphere")) == ["Radii"]
    assert titles(claim("expression-wells-maximum")) == [
        "Radii",
        "Spectrum of the Hessian",
        "Loss around the point",
    ]


@pytest.mark.parametrize("name", ["xor-spurious", "everything", "kinks", "orbit-factor-minimum", "wells"])
def test_losses_of_many_points_are_those_of_each(name):
    of = float_loss(parse(claim(f"expression-{name}")["problem"]["loss"]))
    points = np.random.default_rng(5).normal(0.5, 0.2, (7, of.graph.parameters))
    each = [value_and_gradient(of, x)[0] for x in points]
    assert losses(of, points) == pytest.approx(np.array(each), rel=1e-12, nan_ok=True)


def test_the_circle_is_as_large_as_the_basin():
    of = claim("expression-kinks")
    plane = figures.figures(of)[-1]
    (ring,) = re.findall('class="way" d="M(.*?)"', plane.svg)
    across = [float(p.split()[0]) for p in ring.split("L")]
    width = float(re.search(r"The picture is ([\d.]+) wide", plane.caption)[1])
    pixels = (WIDTH - 12) * (planes.COLUMNS - 1) / planes.COLUMNS  # of that width
    radius = (max(across) - min(across)) / 2 * width / pixels
    assert radius == pytest.approx(real(of["bounds"]["basin"]), rel=0.02)
    assert "gradient descent converges from within 0.212591 of x0" in plane.caption
    (x,) = re.search(r'class="point" cx="(.*?)"', plane.svg).groups()
    assert float(x) == pytest.approx((max(across) + min(across)) / 2, abs=0.1)


def test_both_ends_of_the_way_are_in_the_plane():
    for name in ("xor-spurious", "orbit-ditch"):  # one goes across, the other downwards
        plane = figures.figures(claim(f"expression-{name}"))[-1]
        height = float(re.search('viewBox="0 0 380 (.*?)"', plane.svg)[1])
        dots = re.findall(r'class="point" cx="(.*?)" cy="(.*?)" r="4"><title>(.*?)<', plane.svg)
        assert [name for *_, name in dots] == ["x0", "witness"]
        assert all(20 < float(x) < WIDTH - 20 and 20 < float(y) < height - 20 for x, y, _ in dots)


def test_too_much_work_is_left_out(monkeypatch):
    monkeypatch.setattr(figures, "MOST_WORK", 100)
    assert titles(claim("expression-xor-spurious")) == ["Radii"]


def test_numbers_beyond_double_precision_are_named():
    huge = claim("expression-xor-spurious")
    huge["point"][0] = ["1", 2000]
    assert [x.caption for x in figures.figures(huge)][1] == "Not drawn: numbers beyond double precision."
