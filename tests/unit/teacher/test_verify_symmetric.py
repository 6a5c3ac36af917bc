"""Symmetric points: verdicts, agreement with the whole point, what is refused, families in k."""

import json
import math
import os
from pathlib import Path

import pytest

from relucert.base.dyadic import to_float
from relucert.base.errors import InputError
from relucert.certificate import signing
from relucert.families.teacher.symmetric import commands
from relucert.families.teacher.symmetric.follow import follow
from relucert.families.teacher.symmetric.point import (
    LARGEST_CLASS,
    SymmetricPoint,
    _decide,
    _eigen,
    first_precision,
    kernel_point,
    polish,
    verify_point,
    verify_symmetric,
)
from relucert.families.teacher.verification import one_line
from relucert.families.teacher.verify import verify
from relucert.kernel.ball import Ball, precision
from relucert.kernel.teacher import symmetric_facts
from symmetric_points import STARTS, found, whole


@pytest.mark.parametrize("name", STARTS)
@pytest.mark.parametrize("constants", [None, "simple"])
def test_what_is_proved_is_what_is_proved_of_the_whole_point(name, constants):
    at, options = found(name), {"constants": constants} if constants else {}
    result = verify_point(at, **options)
    dense = verify(whole(at), raw=True, **options)
    assert result.constants == dense.constants == (constants or "sharp")
    assert float(result.outcome.bounds.lipschitz) == pytest.approx(
        float(dense.outcome.bounds.lipschitz), rel=0.1
    )
    assert result.verdict == dense.verdict == STARTS[name][1]
    assert result.outcome.every_dimension
    assert dense.outcome.every_dimension
    assert result.moved is None
    short, long = result.outcome.bounds, dense.outcome.bounds
    for a, b in ((short.objective, long.objective), (short.lambda_min, long.lambda_min)):
        assert float(a[0]) <= float(b[1]) + 1e-12
        assert float(b[0]) <= float(a[1]) + 1e-12
    assert float(short.lambda_min[0]) == pytest.approx(float(long.lambda_min[0]), rel=1e-6)
    assert float(short.lambda_min_outside[0]) == pytest.approx(float(long.lambda_min_outside[0]), rel=1e-6)
    assert float(short.radius) < 1e-15
    assert short.inertia == long.inertia
    if result.verdict == "strict-saddle":
        negative = long.inertia[0]
        assert one_line(result).startswith("lambda_min <= -0.0")
        assert f", at least {negative} negative, " in one_line(result)
    else:
        assert float(short.uniqueness) == pytest.approx(float(long.uniqueness), rel=0.1)
        assert float(short.basin) == pytest.approx(float(long.basin), rel=0.1)


@pytest.mark.parametrize("beyond", [Ball(-1), Ball(0), Ball(0, 1)])
def test_without_a_positive_m_a_minimum_is_claimed_in_dimension_k_only(beyond):
    at = found("one neuron turned away")
    with precision(first_precision(at)):
        of = symmetric_facts.measure(kernel_point(at), _eigen)
        every = _decide(of)
        assert (every.verdict, every.every_dimension) == ("spurious-minimum", True)
        alone = _decide(of._replace(outside=of.outside._replace(values=(beyond, beyond))))
        assert (alone.verdict, alone.every_dimension) == ("spurious-minimum", False)


def test_m_counts_for_every_dimension():
    """An eigenvalue of M below those of the Hessian makes the basin and the radius of uniqueness smaller."""
    at = found("one neuron turned away")
    with precision(first_precision(at)):
        of = symmetric_facts.measure(kernel_point(at), _eigen)
        small = Ball(2.0**-10)
        flat = of.outside._replace(values=(small, *of.outside.values))
        flat = flat._replace(inverse=flat.inverse._replace(size=1 / small))
        other = of._replace(outside=flat)
        outcome = _decide(other)
        assert outcome.every_dimension
        assert outcome.bounds.lambda_min_outside[0] == small
        assert outcome.bounds.lambda_min == _decide(of).bounds.lambda_min
        assert outcome.bounds.basin < _decide(of).bounds.basin
        assert outcome.bounds.uniqueness < _decide(of).bounds.uniqueness


def test_a_rough_point_is_polished_unless_it_is_to_be_taken_as_it_is():
    at = found("one neuron turned away")
    rough = [[round(to_float(x), 4) for x in row] for row in at.values]
    assert verify_symmetric(at.sizes, rough, raw=True).verdict == "inconclusive"
    result = verify_symmetric(at.sizes, rough)
    assert result.verdict == "spurious-minimum"
    steps = [
        (x - to_float(y)) for p, q in zip(rough, at.values, strict=True) for x, y in zip(p, q, strict=True)
    ]
    sizes = [1, 5, 0, 5, 5, 20]
    assert float(result.moved) == pytest.approx(
        math.sqrt(sum(p * x * x for p, x in zip(sizes, steps, strict=True)))
    )


def test_points_far_from_every_critical_point_are_not_polished():
    assert polish(SymmetricPoint.from_rows([2], [[-1.0, -1.0]])) is None
    assert polish(SymmetricPoint.from_rows([2], [[0.0, 0.0]])) is None
    result = verify_symmetric([2], [[0.0, 0.0]])
    assert result.verdict == "inconclusive"
    assert result.outcome.reason == "a vector is not proved to differ from 0"


def test_a_family_is_followed_from_small_k_to_the_largest():
    sizes = [5, 30, 1000, LARGEST_CLASS]
    points = list(follow(found("one neuron turned away"), 1, sizes))
    assert [p.sizes for p in points] == [(1, size) for size in sizes]
    for at in points:
        result = verify_point(at)
        assert result.verdict == "spurious-minimum"
        assert result.outcome.every_dimension
    assert 0.09 < float(result.outcome.bounds.lambda_min[0]) < 0.0913
    assert 0.297 < float(result.outcome.bounds.objective[0]) * at.k < 0.298


def test_the_way_to_a_member_leaves_no_trace_in_it():
    start = found("one neuron turned away")
    (far,) = follow(start, 1, [300])
    *_, near = follow(start, 1, range(6, 301))
    (back,) = follow(next(follow(start, 1, [900])), 1, [300])
    assert far == near == back


def test_a_family_ends_where_newton_does_not_settle():
    """Below k = 3 the neuron that is turned away would have to become a target's."""
    points = list(follow(found("one neuron turned away"), 1, [5, 4, 3, 2, 1]))
    assert [p.sizes for p in points] == [(1, 5), (1, 4), (1, 3), (1, 2)]
    with pytest.raises(InputError, match="no class 2"):
        list(follow(points[0], 2, [6]))


@pytest.mark.parametrize(
    ("sizes", "values", "extra", "message"),
    [
        ([], [], [], "1 to 6 classes"),
        ([1] * 7, [[0.0] * 8] * 7, [], "1 to 6 classes"),
        ([0], [[1.0, 0.0]], [], "class size"),
        ([True], [[1.0, 0.0]], [], "class size"),
        ([2.0], [[1.0, 0.0]], [], "class size"),
        ([10**12 + 1], [[1.0, 0.0]], [], "class size"),
        ([2], [[1.0]], [], "1 rows of 2 values"),
        ([2], [[1.0, 0.0]] * 2, [], "1 rows of 2 values"),
        ([2], [[1.0, math.nan]], [], "not a finite number"),
        ([2], [[1.0, 0.0]], [[1.0, 1.0]], "1 values for each extra neuron"),
        ([2], [[1.0, 0.0]], [[1.0]] * 17, "at most 16 extra"),
    ],
)
def test_what_is_not_a_symmetric_point_is_refused(sizes, values, extra, message):
    with pytest.raises(InputError, match=message):
        verify_symmetric(sizes, values, extra)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "2: not a JSON object"),
        ("[1]", "2: not a symmetric point"),
        ('{"class_sizes": [1]}', "2: not a symmetric point"),
        ('{"class_sizes": 1, "values": [[1, 0]]}', "2: not a symmetric point"),
        ('{"class_sizes": [2], "values": [[1]]}', "2: expected 1 rows"),
        ('{"class_sizes": [2], "values": 1}', "2: not a symmetric point"),
    ],
)
def test_lines_that_are_not_points_are_named(tmp_path, line, message):
    path = tmp_path / "points.jsonl"
    path.write_text("\n" + line + "\n")
    with pytest.raises(InputError, match=f"points.jsonl:{message}"):
        list(commands.read(path))
    path.write_bytes(b"\xff")
    with pytest.raises(InputError, match="not UTF-8"):
        list(commands.read(path))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--layout", "neurons-in-rows"], "--layout"),
        (["--orthonormal"], "--orthonormal"),
        (["--exclusion", "0.1"], "--exclusion does not apply"),
        (["--method", "symmetric-hessian"], "--method does not apply"),
        (["--constants", "paper"], "not 'paper'"),
    ],
)
def test_options_that_do_not_apply_to_symmetric_points_are_refused(relucert, tmp_path, options, said):
    path = tmp_path / "points.jsonl"
    path.write_text('{"class_sizes": [2], "values": [[1.0, 0.0]]}')
    code, out, err = relucert("verify", "--symmetric", path, "-o", tmp_path / "out", *options)
    assert (code, out) == (2, "")
    assert said in err
    assert not (tmp_path / "out").exists()


def test_files_of_symmetric_points_are_verified_line_by_line(relucert, tmp_path):
    out = tmp_path / "out"
    path = tmp_path / "points.jsonl"
    lines = []
    for name in ("a neuron too many", "a saddle", "the targets"):
        at = found(name)
        lines.append(json.dumps({"class_sizes": at.sizes, "values": at.values, "extra": at.extra}))
    path.write_text("\n\n".join(lines))
    verdicts = ["spurious-minimum", "strict-saddle", "global-minimum"]
    code, text, _ = relucert("verify", "--symmetric", path, "-o", out, "--json")
    assert code == 0
    records = [json.loads(line) for line in text.splitlines()]
    assert [(r["line"], r["k"], r["n"], r["verdict"]) for r in records] == [
        (1, 8, 9, verdicts[0]),
        (3, 3, 3, verdicts[1]),
        (5, 3, 3, verdicts[2]),
    ]
    first = records[0]
    assert first["every_dimension"] is True
    assert {record["certificate"] for record in records} == {str(path) for path in out.iterdir()}
    assert json.loads(Path(first["certificate"]).read_text())["statement"]["provenance"]["source"] == (
        "points.jsonl:1"
    )
    assert float(first["lambda_min"]) < float(first["lambda_min_outside"])
    assert [record["verdict"] for record in records] == verdicts
    code, text, _ = relucert("verify", "--symmetric", path, "-o", out, "--raw", "--constants", "simple")
    assert code == 0
    assert "k = 1 + 7 = 8, n = 9, in every dimension d >= k" in text
    assert "k = 3, n = 3" in text
    assert text.rstrip().endswith("1 spurious-minimum; 1 strict-saddle; 1 global-minimum")


def test_the_command_line_takes_symmetric_points(relucert, tmp_path):
    at = found("the targets")
    path = tmp_path / "points.jsonl"
    path.write_text(json.dumps({"class_sizes": at.sizes, "values": at.values}))
    key, folder = tmp_path / "key.pem", tmp_path / "out"
    signing.new_key(key)
    options = ("--symmetric", "-o", folder, "--key", key)
    code, out, _ = relucert("verify", path, *options, "--json")
    assert (code, json.loads(out)["verdict"]) == (0, "global-minimum")
    (stored,) = folder.iterdir()
    (signature,) = json.loads(stored.read_text())["signatures"]
    assert signature["keyid"] == signing.key_id(signing.load_key(key).public_key())
    code, out, _ = relucert("verify", path, *options, "--json", "--constants", "simple")
    assert (code, json.loads(out)["constants"]) == (0, "simple")
    os.remove(json.loads(out)["certificate"])
    code, _, errors = relucert("verify", path, *options, "--constants", "paper")
    assert code == 2
    assert "symmetric points have the constants sharp and simple, not 'paper'" in errors
    path.write_text('{"class_sizes": [2], "values": [[0, 0]]}')
    code, out, _ = relucert("verify", path, *options, "--raw")
    assert code == 5
    assert "not proved to differ from 0" in out
    assert list(folder.iterdir()) == [stored]
