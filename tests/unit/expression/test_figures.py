"""The floating-point Hessian of the figures, and what they leave out."""

import json
from pathlib import Path

import numpy as np
import pytest

from relucert.families.expression import figures
from relucert.families.expression.reading import parse
from relucert.families.expression.search import float_loss

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
    ]
    assert titles(claim("expression-circle")) == ["Radii"]  # its Hessian is that of F + mu.h along the set
    assert titles(claim("expression-orbit-ditch")) == ["Radii", "Loss on the way to the witness"]


def test_too_much_work_is_left_out(monkeypatch):
    monkeypatch.setattr(figures, "MOST_WORK", 100)
    assert titles(claim("expression-xor-spurious")) == ["Radii"]


def test_numbers_beyond_double_precision_are_named():
    huge = claim("expression-xor-spurious")
    huge["point"][0] = ["1", 2000]
    assert [x.caption for x in figures.figures(huge)][1] == "Not drawn: numbers beyond double precision."
