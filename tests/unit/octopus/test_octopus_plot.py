"""Figures: the runs drawn from logarithms are those of the exact times; files, and what is refused."""

from fractions import Fraction
from itertools import pairwise

import pytest

from octopus_direct import value as direct_value
from relucert.base.errors import InputError
from relucert.families.octopus import floats, plot
from relucert.families.octopus.problem import OctopusProblem, random_start
from relucert.families.octopus.prove import escape_times
from relucert.kernel.octopus.double import doubles


@pytest.mark.parametrize(("d", "L"), [(5, "3"), (10, "3/2"), (10, "3")])
def test_a_run_from_logarithms_falls_at_the_exact_times(d, L):
    problem = OctopusProblem.from_text(d, L, step=str(1 / (4 * Fraction(L))))
    start = random_start(d, 0)
    c = doubles(problem.function)
    xs, ys = floats.descent(c, start)
    exact = escape_times(problem, start).outcome.times
    assert all(1 + t in xs for t in exact)
    assert xs == sorted(xs)
    assert all(a >= b - 1e-9 for a, b in pairwise(ys))
    nu = c.tau**2 * (37 * c.L + 13) / 6
    assert abs(ys[-1] + d * nu) < 1e-9 * nu


def test_values_are_those_of_the_definition():
    c = doubles(OctopusProblem.from_text(3, "3").function)
    for x in ((0.5, 0.7, 0.1), (4.0, 1.5, 0.3), (9.0, 4.1, 2.0), (9.0, 12.0, 3.3), (9.0, 12.0, 10.0)):
        assert floats.value(c, x) == pytest.approx(direct_value(x, 3.0, 1.0, c.tau), rel=1e-12)
    assert floats.value(c, (1.0, 5.0, 0.0)) != floats.value(c, (1.0, 5.0, 0.0))  # not in D


def test_a_figure_is_written_and_others_refused(tmp_path):
    figure = pytest.importorskip("matplotlib.figure").Figure()
    plot.runs(figure.subplots(), OctopusProblem.from_text(5, "1", step="1/4"), 0)
    path = plot._write(figure, tmp_path / "a.svg")
    assert path.read_bytes().startswith(b"<?xml")
    with pytest.raises(InputError, match="one of svg, png, pdf"):
        plot.check(tmp_path, "gif")
