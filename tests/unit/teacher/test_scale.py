"""What is found of points far from 1 in size: the loss is homogeneous, so scaling by a power of two changes nothing."""

import json
from pathlib import Path

import pytest

from relucert import Candidate, Problem, SplitSaddle, SpuriousMinimum, verify
from relucert.base.dyadic import canonical, from_float
from relucert.base.exact import exact_rows
from relucert.families.teacher.same import same

EXPONENTS = (-1100, 0, 1100)
UNIT = [[1.0, 0.0], [0.0, 1.0]]
NEAR_A_GLOBAL_MINIMUM = [[1.0, 0.0], [0.1, 0.5], [0.0, 0.7]]
SPLIT_NEARBY = [[1.0, 1e-9], [1e-5, 0.3333], [-1e-6, 0.66669]]
HALF = 0.5341549430918953
HIGH, TARGETS = [[-0.7487, 0.1351]], [[1.0, 0.0], [-0.75, 0.125]]


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("RELUCERT_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


def times(rows, exponent):
    """Rows times a power of two, exactly."""
    return tuple(tuple(canonical(m, e + exponent) for m, e in row) for row in exact_rows(rows, "row"))


def candidate(rows, targets, exponent):
    return Candidate.from_rows(
        times(rows, exponent), Problem.from_targets(times(targets, exponent), len(rows))
    )


@pytest.mark.parametrize("size", ["1e200", "1e-250", "[1, 1100]"])
def test_points_of_any_size_fall_into_classes(relucert, size):
    x = json.loads(size)
    points = [[[x, 0], [0, x]], [[0, x], [x, 0]]]
    Path("two.json").write_text(json.dumps({"points": points, "targets": points[0]}))
    code, out, _ = relucert("verify", "two.json", "-o", "out")
    assert code == 0
    assert "1: 2 points, global minimum, two.json[0]" in out


@pytest.mark.parametrize("exponent", EXPONENTS)
def test_a_minimum_is_the_same_as_its_permutation(exponent):
    low = [[1.0, 1e-9], [1e-9, 1.0]]
    one, other = (verify(candidate(rows, UNIT, exponent)) for rows in (low, low[::-1]))
    assert same(one, other)


@pytest.mark.parametrize("exponent", EXPONENTS)
def test_a_witness_is_found(exponent):
    found = verify(candidate(HIGH, TARGETS, exponent), find_witness=True)
    assert isinstance(found.outcome, SpuriousMinimum)


def test_a_target_that_is_0_beside_another_in_doubles_breaks_nothing():
    targets = ((from_float(1.0), (0, 0)), ((0, 0), (1, -1200)))
    assert verify(Candidate.from_rows([[1.0, 0.5]], Problem(targets, 1)), find_witness=True).verdict
    three = [[1.0, 0.0], [0.25, 0.5], [0.0, 0.5]]
    assert verify(Candidate.from_rows(three, Problem(targets, 3))).verdict


@pytest.mark.parametrize("exponent", EXPONENTS[::2])
@pytest.mark.parametrize(
    "rows", [NEAR_A_GLOBAL_MINIMUM, SPLIT_NEARBY, [[HALF, HALF]] * 2, [[1.003, 0.002], [0.001, 0.995]]]
)
def test_verdicts_do_not_depend_on_the_scale(rows, exponent):
    here, there = (verify(candidate(rows, UNIT, e)) for e in (0, exponent))
    assert (there.verdict, there.precision) == (here.verdict, here.precision)
    assert (there.moved is None) == (here.moved is None)
    assert there.candidate.point == times(here.candidate.point, exponent)


def test_raw_is_about_the_very_point_however_small_it_is():
    off = [[HALF, HALF], [HALF, HALF * (1 + 2.0**-40)]]
    assert not isinstance(verify(candidate(off, UNIT, -1100), raw=True).outcome, SplitSaddle)
    assert isinstance(verify(candidate([[HALF, HALF]] * 2, UNIT, -1100), raw=True).outcome, SplitSaddle)
