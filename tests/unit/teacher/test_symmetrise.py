"""Symmetry seen in points with all their entries: what is found, and that both kinds of proof agree."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import studies
from relucert import certificate
from relucert.base.dyadic import to_float
from relucert.certificate import signing
from relucert.families.teacher import statement as teacher_statement
from relucert.families.teacher.candidate import Candidate
from relucert.families.teacher.problem import Problem
from relucert.families.teacher.search.classes import expanded, symmetry
from relucert.families.teacher.symmetric.mean import entries, symmetrise, verify_symmetrised
from relucert.families.teacher.verify import verify
from symmetric_points import found, whole

numbers = st.integers(-40, 40).map(lambda x: x / 16)


def floats(rows):
    return np.array([[to_float(x) for x in row] for row in rows])


def shuffled(point, seed, noise=0.0):
    random = np.random.default_rng(seed)
    n, k = point.shape
    rows, columns = random.permutation(n), random.permutation(k)
    return point[rows][:, columns] + noise * random.standard_normal((n, k))


@settings(derandomize=True, deadline=None, max_examples=40)
@given(st.data())
def test_the_symmetry_of_a_shuffled_point_is_found_again(data):
    sizes = tuple(data.draw(st.lists(st.integers(1, 6), min_size=1, max_size=3)))
    m = len(sizes)
    values = np.array([[data.draw(numbers) for _ in range(m + 1)] for _ in range(m)])
    values[:, m] += 10 * np.array([1, -1, 2])[:m]  # no accident makes a neuron constant on its class,
    values[:, :m] += np.diag([20.0, 31.0, 45.0][:m])  # or two classes alike
    extra = np.array([data.draw(numbers) for _ in range(m * data.draw(st.integers(0, 2)))]).reshape(-1, m)
    point = shuffled(expanded(sizes, values, extra), data.draw(st.integers(0, 99)), noise=1e-12)
    again = symmetry(point)
    if max(sizes) == 1:
        assert again is None
        return
    assert sorted(again.sizes) == sorted(sizes)
    assert again.distance < 1e-10
    arranged = point[again.neurons][:, again.coordinates]
    np.testing.assert_allclose(arranged, expanded(again.sizes, again.values, again.extra), atol=1e-10)
    assert sorted(again.neurons) == list(range(len(point)))


@pytest.mark.parametrize("name", ["one neuron turned away", "a neuron too many", "a saddle"])
def test_the_entries_of_a_symmetric_point(name):
    at = found(name)
    assert entries(at) == whole(at).point
    extra = floats(at.extra).reshape(-1, len(at.sizes))
    np.testing.assert_array_equal(expanded(at.sizes, floats(at.values), extra), floats(entries(at)))


@pytest.mark.parametrize(("k", "n"), [(6, 6), (8, 8), (10, 10), (12, 13)])
def test_both_proofs_are_about_the_same_critical_point(k, n):
    path = studies.stored(k, n)
    statement = certificate.parse(path.read_bytes(), path.name)["statement"]
    point = floats(teacher_statement.candidate(statement, path.name).point)
    rows = shuffled(point, seed=k, noise=1e-11)
    given = Candidate.from_rows(rows.tolist(), Problem.orthonormal(k, n))
    dense = verify(given, raw=True)
    of = symmetrise(given)
    short = verify_symmetrised(of)
    assert short.verdict == dense.verdict == "spurious-minimum"
    assert short.outcome.every_dimension
    a, b = short.outcome.bounds, dense.outcome.bounds
    assert a.inertia == b.inertia == (0, n * k)
    assert float(a.lambda_min[0]) == pytest.approx(float(b.lambda_min[0]), rel=1e-4)
    assert float(a.lambda_min_outside[0]) == pytest.approx(float(b.lambda_min_outside[0]), rel=1e-4)
    # The minimum of the symmetric point is within `moved` and its radius of the given one; there only one is.
    assert float(short.moved) + float(a.radius) < float(b.uniqueness)
    apart = np.linalg.norm(rows[of.neurons][:, of.coordinates] - floats(entries(short.point)))
    assert float(short.moved) == pytest.approx(apart, rel=1e-4)


def test_a_saddle_is_the_same_saddle():
    point = floats(whole(found("a saddle with a neuron too many")).point)
    given = Candidate.from_rows(shuffled(point, 3).tolist(), Problem.orthonormal(3, 4))
    short, dense = verify_symmetrised(symmetrise(given)), verify(given)
    assert short.verdict == dense.verdict == "strict-saddle"
    assert short.outcome.bounds.inertia == dense.outcome.bounds.inertia


def test_where_no_symmetry_is_seen_there_is_none_to_certify():
    random = np.random.default_rng(0)
    assert symmetrise(Candidate.from_rows(random.standard_normal((4, 4)).tolist())) is None
    cyclic = [[1.0, 2.0, 3.0], [3.0, 1.0, 2.0], [2.0, 3.0, 1.0]]
    assert symmetrise(Candidate.from_rows(cyclic)) is None
    assert symmetrise(Candidate.from_rows([[1.0, 1.0]], Problem.orthonormal(2, 1))) is None  # n < k
    skew = Problem.from_targets([[1, 0], [1, 1]], 2)
    assert symmetrise(Candidate.from_rows([[1.0, 0.0], [0.0, 1.0]], skew)) is None
    # Exchanging coordinates permutes these neurons, but not as it permutes the coordinates.
    pairs = [[1.0, 1, 0, 0], [1, 0, 1, 0], [1, 0, 0, 1], [0, 1, 1, 0], [0, 1, 0, 1], [0, 0, 1, 1]]
    assert symmetrise(Candidate.from_rows(pairs, Problem.orthonormal(4, 6))) is None


def test_the_command_line_certifies_the_mean(relucert, tmp_path):
    key, out = tmp_path / "key.pem", tmp_path / "out"
    signing.new_key(key)
    rows = shuffled(floats(whole(found("a neuron too many")).point), 1, noise=1e-12)
    np.save(tmp_path / "p.npy", np.stack([rows, rows + np.diag(range(1, 9), -1)[:9, :8] / 100]))
    command = ("verify", tmp_path / "p.npy", "--layout", "neurons-in-rows", "-o", out, "--key", key)
    _, text, _ = relucert(*command, "--method", "symmetric-hessian", "--json")
    one, other = map(json.loads, text.splitlines())
    assert (one["verdict"], sorted(one["class_sizes"])) == ("spurious-minimum", [1, 7])
    assert sorted(one["neurons"]) == list(range(9))
    assert sorted(one["coordinates"]) == list(range(8))
    assert 0 < float(one["moved"]) < 1e-10
    assert other["verdict"] == "inconclusive"
    assert "no permutations" in other["reason"]
    statement = json.loads(Path(one["certificate"]).read_text())["statement"]
    assert statement["claim"]["method"] == "symmetric-hessian"
    assert statement["provenance"]["source"] == "p.npy[0]"
    assert statement["provenance"]["search"]["neurons"] == one["neurons"]
    _, text, _ = relucert(*command, "--method", "symmetric-hessian")
    assert "k = 7 + 1 = 8, n = 9, in every dimension d >= k" in text
    assert "the point certified is symmetric, within " in text
    _, text, _ = relucert(*command, "--json")
    assert "class_sizes" not in json.loads(text.splitlines()[0])
