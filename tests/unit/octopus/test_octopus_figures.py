"""Pictures of the octopus: dots stand where the claims say, curves are those of the function and the theorems."""

import json
import math
import re
from pathlib import Path

import numpy as np
import pytest

from relucert.base.errors import InputError
from relucert.families.octopus import figures
from relucert.families.octopus.problem import OctopusProblem
from relucert.families.pictures import drawn
from relucert.kernel.octopus.double import doubles

ACCEPT = Path(__file__).parents[2] / "corpus/accept"


def claim(name):
    return json.loads((ACCEPT / f"octopus-{name}.json").read_text())["statement"]["claim"]


def dots(figure):
    found = re.findall(r'class="point" cx="(.*?)" cy="(.*?)".*?<title>(.*?)</title>', figure.svg)
    return [(float(x), float(y), title) for x, y, title in found]


def constants(of):
    problem = of["problem"]
    given = OctopusProblem.from_text(
        problem["d"], problem["L"], problem["gamma"], problem["tau"], problem.get("step")
    )
    return doubles(given.function)


def test_each_saddle_is_lower_than_the_one_before_by_the_same():
    way, plane = figures.figures(claim("critical"))
    across, heights, names = zip(*dots(way), strict=True)
    assert names == tuple(f"saddle {k}" for k in range(figures.MOST_ARMS + 1))
    for places in (across, heights):
        assert np.diff(places) == pytest.approx(np.full(figures.MOST_ARMS, np.diff(places)[0]), abs=0.15)
    assert heights[0] < heights[1]  # downwards
    assert [name for _, _, name in dots(plane)] == ["saddle 0", *["saddle 1"] * 2, *["saddle 2"] * 4]
    assert "nan" not in plane.svg


def test_the_last_of_few_saddles_is_a_minimum_with_the_claimed_value():
    of = claim("critical-rational")
    way, _ = figures.figures(of)
    assert [name for _, _, name in dots(way)][-2:] == ["saddle 2", "a minimum"]
    low, high = (drawing_value(x) for x in of["bounds"]["value"])
    c = constants(of)
    assert low <= figures.value(c, [4 * c.tau] * c.d) <= high


def drawing_value(bound):
    mantissa, exponent = bound["exact"]
    return int(mantissa) * 2.0**exponent


def test_the_times_are_the_claimed_ones_and_the_run_passes_them():
    of = claim("escape")
    times, along = figures.figures(of)
    expected = [f"T_{k} = {t}" for k, t in enumerate(of["bounds"]["times"], 1)]
    assert [title for _, _, title in dots(times)] == expected
    assert [title for _, _, title in dots(along)] == expected
    heights = [y for _, y, _ in dots(times)]
    logs = [math.log(int(t)) for t in of["bounds"]["times"]]
    assert np.corrcoef(heights, logs)[0, 1] == pytest.approx(-1, abs=1e-5)
    falls = [y for _, y, _ in dots(along)]
    assert falls == sorted(falls)


def test_of_many_saddles_the_last_has_a_dot():
    (times,) = figures.figures(claim("escape-hundred"))
    assert [title.partition(" ")[0] for _, _, title in dots(times)] == ["T_100"]
    assert "digits" in dots(times)[0][2]


@pytest.mark.parametrize("name", ["every-start", "every-start-ties"])
def test_the_curve_of_every_start_ends_at_the_claimed_time(name):
    of = claim(name)
    last = figures._recursion(constants(of))[-1]
    # The theorem rounds each a_k up to a whole step, which the curve does not.
    assert 0 <= math.log10(int(of["bounds"]["time"])) - last < 0.15
    (found,) = figures.figures(of)
    assert len(dots(found)) == 1


def test_a_run_in_doubles_ends_at_its_rest():
    (found,) = figures.figures(claim("float"))
    ((x, y, _),) = dots(found)
    (line,) = re.findall('class="curve" d="M(.*?)"', found.svg)
    ends = [tuple(map(float, p.split())) for p in line.split("L")]
    assert min(abs(a - x) + abs(b - y) for a, b in ends) < 1
    assert max(b for _, b in ends) == pytest.approx(y, abs=0.1)  # 2^-1074 is the smallest
    assert "stays for ever at the dot" in found.caption
    (zero,) = figures.figures(claim("float-zero"))
    assert dots(zero) == []
    assert "at 0, which is not on a logarithmic scale" in zero.caption


def test_a_run_with_noise_comes_down_before_the_claimed_step():
    of = claim("perturbed")
    (found,) = figures.figures(of)
    ((x, y, title),) = dots(found)
    assert title == f"by step {of['bounds']['steps']} with probability at least 0.997355"
    (line,) = re.findall('class="curve" d="M(.*?)"', found.svg)
    a, b = map(float, line.split("L")[-1].split())
    assert a < x
    assert b == pytest.approx(y, abs=0.5)
    assert "one draw of the noise, dashed: f at the minima, both computed in floating point" in found.caption
    assert figures.figures(of) == [found]


def test_what_cannot_be_drawn_is_said():
    of = claim("critical")
    of["problem"]["tau"] = "1" + 200 * "0"
    assert figures.figures(of) == [figures.TOO_LARGE]
    of["problem"]["tau"] = "0"
    with pytest.raises(InputError, match="tau = 0: expected a positive number"):
        drawn(of, "here")
    of = claim("escape")
    of["problem"]["step"] = "1/1" + 200 * "0"  # not one step after the other
    assert [x.title for x in drawn(of, "here")] == ["How long each saddle holds descent"]
    of["bounds"]["times"][0] = "x"
    with pytest.raises(InputError, match="here: cannot be drawn"):
        drawn(of, "here")
