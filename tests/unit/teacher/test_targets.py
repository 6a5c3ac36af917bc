"""Which targets a file is about: said, asked for, or found to be orthonormal in a larger space."""

import json
from pathlib import Path

import numpy as np
import pytest

from relucert.base.errors import InputError
from relucert.families.teacher.candidate import Candidate
from relucert.families.teacher.points import read
from relucert.families.teacher.problem import Problem

HALF = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]  # two neurons in R^3
SIX = [
    [0.9867038188885837 if i == j else -0.0504134032168047 for j in range(5)] + [0.308010991479057]
    for i in range(5)
] + [[0.2245158075994672] * 5 + [-0.6015119235610932]]


def test_targets_are_asked_for_where_there_are_fewer_neurons_than_coordinates(relucert, tmp_path):
    with pytest.raises(InputError, match=r"2 neurons in R\^3, and no targets.*--orthonormal.*transpose"):
        Candidate.from_rows(HALF)
    np.save(tmp_path / "half.npy", np.array(HALF))
    rows = ("verify", tmp_path / "half.npy", "--layout", "neurons-in-rows", "-o", tmp_path / "out")
    code, out, err = relucert(*rows)
    assert (code, out) == (2, "")
    assert "half.npy, point 0: 2 neurons in R^3" in err
    assert not (tmp_path / "out").exists()
    code, out, _ = relucert(*rows, "--orthonormal")
    assert "n = 2 neurons, k = 3 orthonormal targets, in dimension d = 3" in out
    np.save(tmp_path / "v.npy", np.eye(3))
    code, out, err = relucert(*rows, "--orthonormal", "--targets", tmp_path / "v.npy")
    assert code == 2
    assert "say different things" in err


def test_as_many_neurons_as_coordinates_need_no_targets():
    assert Candidate.from_rows(np.eye(3).tolist()).problem == Problem.orthonormal(3, 3)


@pytest.mark.parametrize("said", ["file", "option"])
def test_a_json_file_may_say_it_itself(tmp_path, said):
    content = {"points": [HALF]} | ({"targets": "orthonormal"} if said == "file" else {})
    path = tmp_path / "half.json"
    path.write_text(json.dumps(content))
    (candidate,) = read(path, orthonormal=said == "option")
    assert candidate.problem == Problem.orthonormal(3, 2)
    if said == "file":
        with pytest.raises(InputError, match="has its own targets"):
            read(path, orthonormal=True)


def wide(rows, d):
    return [[*row, *[0.0] * (d - len(row))] for row in rows]


def test_unit_targets_in_a_larger_space_are_the_orthonormal_problem(relucert, tmp_path):
    """e_1 .. e_6 in R^8, and the minimum of k = 6 filled with zeros: a minimum in every dimension."""
    path = tmp_path / "eight.json"
    path.write_text(json.dumps({"points": [wide(SIX, 8)], "targets": wide(np.eye(6).tolist(), 8)}))
    code, out, _ = relucert("verify", path, "-o", tmp_path / "out", "--json")
    record = json.loads(out)
    assert code == 0
    assert (record["verdict"], record["k"], record["every_dimension"]) == ("spurious-minimum", 6, True)
    assert json.loads(Path(record["certificate"]).read_text())["statement"]["claim"]["problem"]["d"] == 6


@pytest.mark.parametrize("what", ["a neuron outside", "targets that are longer", "targets in another order"])
def test_any_other_problem_stays_what_it_is(what):
    rows, targets = wide(SIX, 8), wide(np.eye(6).tolist(), 8)
    if what == "a neuron outside":
        rows[0][7] = 2.0**-60
    elif what == "targets that are longer":
        targets[0][0] = 2.0
    else:
        targets[:2] = targets[1::-1]
    candidate = Candidate.from_rows(rows, Problem.from_targets(targets, 6))
    assert candidate.in_the_span() is None
    inside = Candidate.from_rows(wide(SIX, 8), Problem.from_targets(wide(np.eye(6).tolist(), 8), 6))
    assert inside.in_the_span() == Candidate.from_rows(SIX)


def test_no_critical_point_is_said_about_the_whole_space(relucert, tmp_path):
    rows = wide([[1.0, 0.5], [0.25, 1.0]], 3)
    path = tmp_path / "three.json"
    path.write_text(json.dumps({"points": [rows], "targets": wide(np.eye(2).tolist(), 3)}))
    _, out, _ = relucert("verify", path, "-o", tmp_path / "out", "--raw")
    assert "no critical point" in out
    assert "in dimension d = 3" in out
