"""ReLU networks with orthonormal targets: their own family and the expression at published points.

tools/expression_against_teacher.py compares all; the points are not part of this repository (test_published.py).
"""

import os
from pathlib import Path

import pytest

import expression_against_teacher as tool

FOLDER = Path(os.environ.get("RELUCERT_PUBLISHED", Path(__file__).parents[3] / "../shared/published"))
published = pytest.mark.skipif(
    not FOLDER.is_dir(), reason=f"the published points are not at {FOLDER} (set RELUCERT_PUBLISHED)"
)


@published
def test_minima_have_the_same_verdict_and_a_smaller_box():
    points = [x for x in tool.published(FOLDER, 64) if x[0] != "2021, 6"]
    assert [name for name, _ in points] == ["2018, q = 0", "2021, 7", "2021, 1+6", "2021, 8", "2021, 1+7"]
    for name, candidate in points:
        found = tool.compare(candidate)
        if "+" in name or "q" in name:
            assert found.verdicts == ("spurious-minimum", "spurious-minimum")
            assert 1e3 < found.radius / found.box < 1e4
        else:  # rows are parallel to targets, where the arc cosine is not smooth by the graph
            assert found.verdicts == ("global-minimum", "inconclusive")


@published
def test_fourteen_published_points_have_up_to_100_variables():
    points = list(tool.published(FOLDER, 100))
    assert len(points) == len({candidate.point for _, candidate in points}) == 14


def test_a_stored_minimum():
    minima = [tool.compare(candidate) for _, candidate in tool.stored(36)]
    assert sorted(x.verdicts for x in minima) == [
        ("global-minimum", "inconclusive"),
        ("spurious-minimum", "spurious-minimum"),
    ]


def test_the_witness_is_low_and_no_two_of_its_rows_are_parallel():
    for k, n in ((6, 6), (8, 9), (10, 10)):
        loss = tool.losses.teacher_student(k, n)
        assert loss(tool.beside_the_targets(k, n)) < 0.002
