"""Pictures of the CNN: curves in floating point are those of the claims, and dots stand where they say."""

import json
import re
from math import pi
from pathlib import Path

import numpy as np
import pytest

from relucert.base.errors import InputError
from relucert.families.cnn import figures, floats
from relucert.families.cnn.floats import Teacher
from relucert.families.drawing import middle, ratio, real
from relucert.families.pictures import drawn

ACCEPT = Path(__file__).parents[2] / "corpus/accept"
NAMES = sorted(x.stem for x in ACCEPT.glob("cnn-*.json"))


def claim(name):
    return json.loads((ACCEPT / f"{name}.json").read_text())["statement"]["claim"]


def teacher(of):
    problem = of["problem"]
    return Teacher(np.array([ratio(x) for x in problem["a_star"]]), ratio(problem["w_norm"]))


CLAIMS = {name: claim(name) for name in NAMES}
HUGE = "cnn-landscape-huge"
LANDSCAPES = [x for x, of in CLAIMS.items() if "critical_points" in of["bounds"] and x != HUGE]
POINTS = [x for x, of in CLAIMS.items() if "loss" in of["bounds"]]
RUNS = [x for x, of in CLAIMS.items() if "eta" in of]


@pytest.mark.parametrize("name", LANDSCAPES)
def test_the_curve_goes_through_the_critical_points(name):
    of = CLAIMS[name]
    for point in of["bounds"]["critical_points"]:
        at = floats.lowest(teacher(of), np.array([middle(point["angle"])]))
        assert at == pytest.approx(middle(point["objective"]), rel=1e-4, abs=1e-9)
    figure = figures.figures(of)[0]
    shown = [x[0].split("<")[0] for x in re.findall(r'class="number halo"[^>]*>([^<]*)(<)', figure.svg)]
    assert shown == [figures.NAMES[x["verdict"]] for x in of["bounds"]["critical_points"]]


@pytest.mark.parametrize("name", POINTS)
def test_the_loss_at_the_point_is_the_claimed_one_and_above_the_curve(name):
    of = CLAIMS[name]
    at = figures._point(of, teacher(of))
    low, high = (real(x) for x in of["bounds"]["loss"])
    assert low - 1e-12 <= floats.loss(teacher(of), at) <= high + 1e-12
    assert floats.lowest(teacher(of), np.array([floats.angles(at)[0]])) <= high + 1e-12


@pytest.mark.parametrize("name", RUNS)
def test_the_run_is_where_the_claim_says_and_stays_between_the_lines(name):
    of = CLAIMS[name]
    bounds, step = of["bounds"], of["step"]
    phi, psi, losses = floats.descend(
        teacher(of), figures._point(of, teacher(of)), ratio(of["eta"]), step + 300
    )
    for angle, name in ((phi, "phi"), (psi, "psi")):
        low, high = (real(x) for x in bounds[name])
        assert low - 1e-12 <= angle[step] <= high + 1e-12
    after = np.arange(301.0)
    name = "psi" if "flattest" in bounds else "phi"
    lines, _ = figures._lines(bounds, after, name)
    angle = (psi if name == "psi" else phi)[step:]
    assert np.all(angle <= lines[0] + 1e-12)
    assert len(lines) == 1 or np.all(lines[1] <= angle + 1e-12)
    assert losses[-1] < losses[0]


def test_the_gradient_of_a_step_is_that_of_the_loss():
    of = CLAIMS["cnn-region-global"]
    at, eta = figures._point(of, teacher(of)), 1e-5
    _, _, losses = floats.descend(teacher(of), at, eta, 1)
    slopes = []
    for name in ("v", "a"):
        for i in range(len(getattr(at, name))):
            ends = []
            for side in (-1e-6, 1e-6):
                moved = getattr(at, name).copy()
                moved[i] += side
                ends.append(floats.loss(teacher(of), at._replace(**{name: moved})))
            slopes.append((ends[1] - ends[0]) / 2e-6)
    assert (losses[0] - losses[1]) / eta == pytest.approx(np.square(slopes).sum(), rel=1e-3)


def test_eigenvalues_have_bars_by_their_signs():
    found = figures.figures(CLAIMS["cnn-saddle"])[1]
    assert found.svg.count('class="saddle"') == 1
    assert "19 times" in found.svg
    assert found.caption.endswith("as the claim states them.")


def test_a_run_at_the_angle_pi_has_no_curve_of_it():
    titles = [x.title for x in figures.figures(CLAIMS["cnn-trajectory-antiparallel"])]
    assert titles == ["Loss along the run", "Output weights", "Filters"]


def test_a_claim_of_another_shape_is_a_message_and_large_numbers_are_left_out():
    of = claim("cnn-saddle")
    of["point"]["a"] = of["point"]["a"][:2]
    with pytest.raises(InputError, match="here: cannot be drawn"):
        drawn(of, "here")
    of = claim("cnn-saddle")
    of["point"]["a"][0] = ["1", 3000]
    assert figures.figures(of) == [figures.TOO_LARGE]
    of["problem"]["w_norm"] = f"1{'0' * 400}"
    assert figures.figures(of) == figures.figures(CLAIMS[HUGE]) == [figures.TOO_LARGE]
    assert floats.lowest(Teacher(np.ones(2), 1.0), np.array([0.0, pi]))[0] == pytest.approx(0, abs=1e-15)
