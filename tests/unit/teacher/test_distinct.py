"""Several points of one command: which are proved to be the same up to symmetry, and one certificate a class."""

import json
from pathlib import Path

import numpy as np
import pytest

from relucert import Candidate, Problem, verify
from relucert.families.teacher.same import comparable, same
from relucert.kernel.teacher import trajectory

a, b, c, d, e = -0.050413403, 0.986703819, 0.308010991, 0.224515808, -0.601511924
SIX = np.array([[b if i == j else a for j in range(5)] + [c] for i in range(5)] + [[d] * 5 + [e]])
RNG = np.random.default_rng(3)


def shuffled(point):
    n, m = point.shape
    return point[RNG.permutation(n)][:, RNG.permutation(m)]


def proved(rows, problem=None):
    return verify(Candidate.from_rows(np.asarray(rows).tolist(), problem))


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("RELUCERT_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def four():
    """Three images of one spurious minimum, rounded otherwise, and a global one between them."""
    points = [SIX, shuffled(SIX) + 1e-10, np.eye(6)[RNG.permutation(6)], shuffled(SIX) - 1e-10]
    np.save("four.npy", np.array(points))
    return ("verify", "four.npy", "--layout", "neurons-in-rows", "-o", "out")


@pytest.mark.parametrize("_", range(5))
def test_images_under_permutations_are_the_same(_):
    assert same(proved(SIX), proved(shuffled(SIX)))


def test_different_minima_are_not():
    one, other = proved(SIX), proved(np.eye(6))
    assert comparable(one) and comparable(other)
    assert not same(one, other) and not same(other, one)


def test_only_permutations_that_permute_the_targets_count():
    """Targets that no exchange of coordinates permutes: the images of the minimum are other points."""
    targets = [[1.0, 0.0], [0.5, 1.0]]
    problem = Problem.from_targets(targets, 2)
    one, turned = proved(targets, problem), proved(targets[::-1], problem)
    assert one.verdict == turned.verdict == "global-minimum"
    assert same(one, turned)
    assert not trajectory.keeps(problem.targets, [0, 1], [1, 0])
    assert trajectory.keeps(problem.targets, [0, 1], [0, 1])
    assert not trajectory.keeps(problem.targets, [0, 1], [0, 0])
    symmetric = Problem.from_targets([[2.0, 1.0], [1.0, 2.0]], 2)
    assert trajectory.keeps(symmetric.targets, [0, 1], [1, 0])


def test_points_of_two_problems_are_never_the_same():
    one = proved([[1.0, 0.0], [0.0, 1.0]])
    other = proved([[1.0, 0.0], [0.0, 1.0]], Problem.from_targets([[1.0, 0.0], [0.0, 1.0 + 2.0**-40]], 2))
    assert one.verdict == other.verdict == "global-minimum"
    assert not same(one, other)


def test_no_critical_point_is_in_no_class():
    assert not comparable(proved([[1.0, 0.5], [0.25, 2.0]]))


def test_the_table_shows_the_classes_and_writes_one_certificate_each(relucert, four):
    code, out, _ = relucert(*four, "--distinct")
    assert code == 0
    assert (
        out.count(
            "next to the same critical point as four.npy[0] up to permutations of neurons and coordinates"
        )
        == 2
    )
    assert out.count("no certificate of its own: --distinct keeps the first of a class") == 2
    assert "1: 3 points, spurious local minimum, four.npy[0]" in out
    assert "2: 1 point, global minimum, four.npy[2]" in out
    assert len(list(Path("out").glob("*.json"))) == 2


def test_without_the_option_every_point_has_its_certificate(relucert, four):
    code, out, _ = relucert(*four, "--json")
    assert code == 0
    rows = [json.loads(line) for line in out.splitlines()]
    assert [row["class"] for row in rows] == [1, 1, 2, 1]
    assert all(row["certificate"] for row in rows)
    assert len(list(Path("out").glob("*.json"))) == 4


def test_with_the_option_json_says_where_there_is_none(relucert, four):
    _, out, _ = relucert(*four, "--json", "--distinct")
    rows = [json.loads(line) for line in out.splitlines()]
    assert [row["certificate"] is None for row in rows] == [False, True, False, True]


@pytest.mark.parametrize("options", [("--method", "symmetric-hessian"), ("--symmetric",)])
def test_it_is_refused_where_points_are_not_compared(relucert, four, options):
    Path("one.jsonl").write_text(json.dumps({"class_sizes": [2], "values": [[1.0, 0.0]]}) + "\n")
    given = ("verify", "one.jsonl", "-o", "out") if options == ("--symmetric",) else four
    code, _, err = relucert(*given, *options, "--distinct")
    assert code == 2
    assert "--distinct does not apply" in " ".join(err.split())
