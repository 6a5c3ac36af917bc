"""Charts of runs, of sums of parts, and of bounds of both signs: lengths and places are those of the numbers."""

import re

import numpy as np
import pytest

from relucert.families import charts
from relucert.families.charts import Band, Bar, Curve, Level, Mark, Scale

STEPS = np.array([1.0, 10, 100])


def curve(values):
    return Curve("curve", STEPS, np.array(values))


def points(svg, kind="curve"):
    (data,) = re.findall(f'<path class="{kind}" d="M([^"]*)"', svg)
    return [tuple(map(float, x.split())) for x in data.split("L")]


def test_a_power_of_the_step_is_a_straight_line():
    (a, b), (c, d), (e, f) = points(charts.progress([curve(STEPS**-2.0)], [], [], ""))
    assert (c - a, d - b) == pytest.approx((e - c, f - d), abs=0.2)
    assert d > b  # downwards


def test_levels_and_marks_have_the_place_of_their_numbers():
    svg = charts.progress(
        [curve([1, 0.1, 0.01])], [Level(0.1, "floor", 10.0, 100.0)], [Mark(100, 0.01, "at most")], ""
    )
    (_, _), (x, y), (end, low) = points(svg)
    left, top, width = map(
        float, re.search(r'class="proved" x="(.*?)" y="(.*?)" width="(.*?)"', svg).groups()
    )
    assert (left, top + 0.8, left + width) == pytest.approx((x, y, end), abs=0.2)
    assert tuple(map(float, re.search(r'cx="(.*?)" cy="(.*?)"', svg).groups())) == pytest.approx(
        (end, low), abs=0.1
    )


def test_what_has_no_logarithm_is_left_out():
    svg = charts.progress([curve([1, np.nan, -1])], [Level(0.0, "zero")], [Mark(0, 1.0, "start")], "")
    assert "zero" not in svg
    assert "nan" not in svg
    assert charts.progress([curve([0, 0, np.inf])], [], [], "") == ""
    assert charts.progress([Curve("curve", np.array([1.0]), np.array([1.0]))], [], [], "") == ""


def test_steps_at_equal_distances_make_a_straight_line_of_a_power_of_a_number():
    at = np.array([0.0, 5, 10])
    svg = charts.progress([Curve("curve", at, 0.5**at)], [], [Mark(0, 1.0, "start")], "", evenly=True)
    (a, b), (c, d), (e, f) = points(svg)
    assert (c - a, d - b) == pytest.approx((e - c, f - d), abs=0.2)
    assert tuple(map(float, re.search(r'cx="(.*?)" cy="(.*?)"', svg).groups())) == pytest.approx((a, b))


def test_a_band_goes_round_what_is_enclosed_and_dots_have_their_labels():
    band = Band(np.array([1.0, 2]), np.array([-1.0, 0]), np.array([1.0, 2]))
    marks = [Mark(1, -1.0, "low", beside=True), Mark(2, 2.0, "<high>", beside=True)]
    svg = charts.graph([], [], marks, (Scale("k"), Scale("")), "", bands=[band])
    (data,) = re.findall('class="enclosed" d="M(.*?)z"', svg)
    corners = [tuple(map(float, x.split())) for x in data.split("L")]
    assert [x for x, _ in corners] == [corners[0][0], corners[1][0], corners[1][0], corners[0][0]]
    assert corners[0][1] < corners[3][1]  # high is above low
    low, high = ((float(x), float(y)) for x, y in re.findall(r'cx="(.*?)" cy="(.*?)"', svg))
    assert (low, high) == (corners[3], corners[1])
    assert "&lt;high&gt;" in svg


def test_a_graph_of_what_is_no_number_is_refused():
    for values in ([1, np.nan, 2], [1, np.inf, 2]):
        with pytest.raises(ValueError, match="not finite"):
            charts.graph([curve(values)], [], [], (Scale("step"), Scale("")), "")


def test_parts_are_as_long_as_they_are_large():
    svg = charts.parts(
        [("one", [("neuron 1", 0.25), ("neuron 2", 0.75)]), ("two", [("neuron <3>", 1.0)])], ""
    )
    a, b, c = (float(x) for x in re.findall(r'class="part [^>]* width="(.*?)"', svg))
    assert b == pytest.approx(3 * a, abs=0.2)
    assert a + b == pytest.approx(c, abs=0.2)
    assert "neuron &lt;3&gt;" in svg
    assert charts.parts([("none", [])], "") == ""


def test_bars_go_to_the_side_of_their_sign():
    svg = charts.signed([Bar("a", "", -2.0, "saddle"), Bar("b", "", 1.0, "near")], "")
    (left, wide), (right, short) = (
        (float(x), float(w)) for x, w in re.findall(r'rect class="\w+" x="(.*?)" .*?width="(.*?)"', svg)
    )
    assert wide == pytest.approx(2 * short, abs=0.2)
    assert left + wide == pytest.approx(right, abs=0.2)
    assert charts.signed([], "") == ""


def test_steps_are_whole_and_rise_to_the_last():
    found = charts.spaced(1000, 50)
    assert found[0] == 1
    assert found[-1] == 1000
    assert np.all(found == np.rint(found))
    assert np.all(np.diff(found) > 0)
    assert charts.spaced(0, 50).tolist() == [1]
