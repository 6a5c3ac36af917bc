"""Axes, level lines, curves and lengths of the figures."""

import math
import re

import numpy as np
import pytest

from relucert.families import drawing
from relucert.families.drawing import Axis, Length, Line

PLAIN = Axis(lambda x: x, [])


def number(mantissa, exponent=0):
    return {"exact": [str(mantissa), exponent], "decimal": ""}


def test_marks_of_a_logarithmic_axis_are_powers_of_ten():
    axis = drawing.decades(-3.5, 1.2, 0, 100)
    assert [label for _, label in axis.ticks] == ["10⁻⁴", "10⁻³", "10⁻²", "10⁻¹", "1", "10", "10²"]
    assert (axis.place(-4), axis.place(2)) == (0, 100)
    assert len(drawing.decades(-20000.0, 20000.0, 0, 1).ticks) <= drawing.MOST_DECADES + 1
    assert len(drawing.decades(3.0, 3.0, 0, 1).ticks) == 2
    assert [e for e, _ in drawing.decades(-324.0, 0.0, 0, 1).ticks] == [-300, -200, -100, 0]


@pytest.mark.parametrize(
    "ends", [(0, 1), (-3, 1e6), (0.2, 0.30001), (5, 5), (1e20, 1e20), (0, 0), (1e-120, 2e-120)]
)
def test_marks_of_a_linear_axis_are_few_and_inside(ends):
    axis = drawing.linear(*map(float, ends), 0, 100)
    assert len(axis.ticks) <= 6
    assert all(-1e-9 <= axis.place(x) <= 100 + 1e-9 for x, _ in axis.ticks)


def test_an_axis_of_both_signs_keeps_the_order():
    values = np.array([-2.0, -1e-3, 0, 1e-9, 5.0])
    axis = drawing.both_signs(values, 0, 100)
    places = [axis.place(x) for x in values]
    assert places == sorted(places)
    assert (places[0], places[-1]) == pytest.approx((0, 100))
    assert "0" in [label for _, label in axis.ticks]
    assert drawing.both_signs(np.zeros(3), 0, 100).place(0) == pytest.approx(50)


def test_a_level_line_of_a_cone_is_a_circle():
    y, x = np.mgrid[-10:11, -10:11]
    found = drawing.contours(np.hypot(x, y), [6.3], PLAIN, PLAIN)
    points = np.array(re.findall(r"([\d.]+) ([\d.]+)", found), dtype=float) - 10
    assert len(points) > 60
    assert np.hypot(*points.T) == pytest.approx(6.3, abs=0.1)


def test_a_level_line_ends_where_there_is_no_value():
    y, x = np.mgrid[-10:11, -10:11]
    values = np.hypot(x, y)
    values[:10] = math.nan
    found = drawing.contours(values, [6.3], PLAIN, PLAIN)
    assert "nan" not in found
    assert min(float(b) for _, b in re.findall(r"([\d.]+) ([\d.]+)", found)) == 10
    assert "nan" not in drawing.bands(values, [6.3], PLAIN, PLAIN)


def test_a_saddle_has_two_pieces_in_a_cell_and_a_flat_one_none():
    assert drawing.contours(np.array([[1.0, 0], [0, 1]]), [0.5], PLAIN, PLAIN).count("M") == 2
    assert drawing.contours(np.zeros((3, 3)), [0.5], PLAIN, PLAIN) == ""


def test_a_band_has_a_run_for_each_row():
    values = np.array([[0.0, 0, 2, 0], [2, 2, 2, 2]])
    assert (
        drawing.bands(values, [1.0], PLAIN, PLAIN)
        == '<path class="band" d="M-0.5 -0.5H1.5V0.5H-0.5zM2.5 -0.5H3.5V0.5H2.5z"/>'
    )


def test_a_curve_has_gaps_where_it_is_not_finite():
    values = np.linspace(0, 1, 201)
    values[90:95] = math.nan
    values[100] = math.inf
    found = drawing.curve(values, [(0.0, 0.1, "x"), (1.0, 0.9, "<y>")], 0.1, "words")
    (line,) = re.findall('class="curve" d="([^"]*)"', found)
    assert line.count("M") == 3
    assert "nan" not in found
    assert "inf" not in found
    assert "&lt;y&gt;" in found


@pytest.mark.parametrize("values", [[1e-9, 1, 2], [-3, 1e-7, 4], [0, 0, 0], [2, 2, 2]])
def test_a_spectrum_has_a_dot_for_each_eigenvalue(values):
    lines = [Line("low", values[0], values[0]), Line("beyond", math.inf, math.inf)]
    found = drawing.spectrum(np.array(values, dtype=float), lines, "words")
    assert found.count("h0") == 3
    assert found.count('class="proved"') == 1
    assert "inf" not in found
    assert "nan" not in found


def test_lengths_that_are_not_positive_are_named():
    given = [Length("a", number(1, -3), "≤ 0.125", "near"), Length("b", number(0), "≥ 0", "alone")]
    svg, left_out = drawing.lengths(given, "Radii")
    assert left_out == " Not drawn: b ≥ 0."
    assert svg.count('class="near"') == 1
    assert "alone" not in svg
    assert drawing.lengths(given[1:], "Radii")[0] == ""


def test_exponents_are_those_of_numbers_of_any_size():
    assert drawing.exponent_of((1, 65536)) == pytest.approx(65536 * math.log10(2))
    assert drawing.exponent_of((10**30, 0)) == pytest.approx(30)
    assert drawing.exponent_of((0, 0)) is drawing.exponent_of((-1, 5)) is None
