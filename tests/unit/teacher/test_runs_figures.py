"""Pictures of runs: what is drawn in floating point keeps what the claims state of it."""

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from relucert.base.dyadic import to_float
from relucert.certificate.numbers import number
from relucert.families.teacher import around, figures, runs_figures

ACCEPT = Path(__file__).parents[2] / "corpus/accept"


def claim(name):
    return json.loads((ACCEPT / f"{name}.json").read_text())["statement"]["claim"]


def value(bound):
    return to_float(number(bound, "bounds"))


def titles(of):
    return [x.title.partition(",")[0] for x in figures.figures(of)]


def drawn(of, i=0):
    return runs_figures._run(
        of["runs"][i], runs_figures._place(of, of["runs"][i]["start"]), of, len(of["runs"])
    )


def test_the_run_that_is_drawn_comes_as_near_as_claimed():
    of = claim("runs-two")
    run, goal = drawn(of), around.place(of["minima"][0]).point
    end = run.claimed["end"]
    assert run.steps[-1] == run.claimed["steps"]
    image = run.points[:, end["rows"]][:, :, end["columns"]]
    distances = np.linalg.norm(image - goal, axis=(1, 2))
    claimed, basin = value(run.claimed["distance"]), value(of["minima"][0]["bounds"]["basin"]["radius"])
    assert distances[-1] == pytest.approx(claimed, rel=1e-4)
    assert distances[-1] <= claimed * (1 + 1e-9)
    assert distances[-2] > basin  # it is the first step that is proved to be near enough
    assert np.all(np.diff(run.losses) < 0)


def test_the_run_below_the_floor_is_drawn_down_to_it():
    of = claim("runs-floor")
    run = drawn(of)
    assert run.losses[-1] <= value(run.claimed["objective"]) < float(Fraction(of["floor"])) < run.losses[0]
    (loss,) = figures.figures(of)
    assert "from a dot on, at least to step 20000, the loss stays below 1/1000" in loss.caption
    assert "no part of the proof" in loss.caption


def test_the_dashed_bound_is_above_the_run():
    of = claim("converges-2-5")
    place, start, rate = around.place(of), *(value(of["bounds"][x]) for x in ("objective", "rate"))
    at = np.array([1.0, 10, 100])
    losses, _ = around.descend(place, float(Fraction(of["step"])), at)
    assert np.all(losses <= (start ** (-1 / 3) + rate * at) ** -3 + 1e-15)


def test_what_is_drawn_of_which_claim():
    assert titles(claim("runs-two")) == [
        "Radii", "Loss along the run", "Distance to where it ends", "Weights of minimum 0",
    ]  # fmt: skip
    assert titles(claim("runs-floor")) == ["Loss along the run"]
    assert titles(claim("converges-2-5")) == [
        "Which neurons belong to which target",
        "Weights",
        "Loss along the run",
    ]
    assert titles(claim("owners-2-5")) == ["Which neurons belong to which target", "Weights"]


def test_the_shares_of_the_owners_are_theirs():
    of = claim("owners-2-5")
    found = figures.figures(of)[0].svg
    for i, (row, owner) in enumerate(zip(of["point"], of["owners"], strict=True), 1):
        mantissa, exponent = row[owner - 1]
        assert f"<title>neuron {i}: {int(mantissa) * 2.0**exponent:.6g}</title>" in found


def test_long_runs_are_drawn_in_part_and_say_so(monkeypatch):
    monkeypatch.setattr(runs_figures, "MOST_STEPS", 10)
    of = claim("runs-two")
    assert drawn(of).last == 10
    loss = next(x for x in figures.figures(of) if x.title == "Loss along the run")
    assert "They are drawn up to step 10; the runs go on." in loss.caption
