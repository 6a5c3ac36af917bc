"""The CNN family at the edge: problems, files of points, methods, certificates, messages."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import jsonschema
import pytest

from relucert import certificate, families
from relucert.base.dyadic import from_float
from relucert.base.errors import InputError
from relucert.families.cnn.landscape import landscape
from relucert.families.cnn.point import CnnCandidate, verify_point
from relucert.families.cnn.points import read_problem
from relucert.families.cnn.problem import CnnProblem
from relucert.kernel import ball
from relucert.kernel.cnn import landscape as cnn_landscape

SPEC = Path(__file__).resolve().parents[3] / "docs/spec"
SCHEMA = json.loads((SPEC / "cnn-v1.schema.json").read_text())

THREE = CnnProblem.from_text("1,-0.5,3/10", "1", 3)
ABOVE = CnnProblem.from_text("1,0.9", "2", 2)


@pytest.fixture(autouse=True)
def home(monkeypatch, tmp_path):
    monkeypatch.setenv("RELUCERT_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


def candidate(of, v, a, axis=None):
    axis = axis or [float(i == 0) for i in range(of.patch)]
    return CnnCandidate(of, *(tuple(from_float(float(x)) for x in row) for row in (v, a, axis)))


def near(of, verdict, scale=1.5):
    """A candidate next to the critical points of this type, rounded to doubles."""
    kind = next(x for x in landscape(of).landscape.points if x.verdict == verdict)
    x, y = (float(t) for t in kind.a)
    with ball.precision(64):
        v = [float(kind.phi.cos()) * scale, float(kind.phi.sin()) * scale if kind.phi.sin() > 1e-9 else 0.0]
    return candidate(of, v + [0.0] * (of.patch - 2), [x * float(b) + y for b in of.a_star])


@pytest.mark.parametrize(
    ("of", "verdict", "method"),
    [
        (THREE, "spurious-minimum", "half-space"),
        (THREE, "global-minimum", "spectrum"),
        (THREE, "strict-saddle", "spectrum"),
        (ABOVE, "non-strict-saddle", "half-space"),
        (ABOVE, "global-minimum", "spectrum"),
        (CnnProblem.from_text("-2", "1", 2), "non-strict-saddle", "half-space"),
    ],
)
def test_each_type_is_decided_by_its_method_and_by_no_other(of, verdict, method):
    point = near(of, verdict)
    result = verify_point(point)
    assert (result.verdict, result.method) == (verdict, method)
    assert float(result.near.existence) < 1e-14
    assert float(result.near.uniqueness) > 0.5
    assert float(result.place.gradient) < 1e-14
    assert result.place.loss.overlaps(result.near.kind.loss + ball.symmetric(ball.Ball(1e-14)))
    assert verify_point(point, method=method).verdict == verdict
    for other in {"half-space", "spectrum", "landscape", "hessian"} - {method}:
        refused = verify_point(point, method=other)
        assert refused.verdict == "inconclusive"
        assert refused.near.kind is None
        expected = "singular" if other == "hessian" else f"{method} does"
        assert expected in refused.outcome.reason


def test_distances_are_those_of_the_sets():
    """From (v, a_bad): the ray -c w* is |v| sin away, the global ray |v| (angle above pi/2) and more in a."""
    kind = landscape(THREE).landscape.points[1]
    x, y = (float(t) for t in kind.a)
    a = [x * float(b) + y for b in THREE.a_star]
    result = verify_point(candidate(THREE, [-3.0, 0.4, 0.0], a), exclusion=0.25)
    assert result.verdict == "spurious-minimum"
    assert float(result.near.existence) == pytest.approx(0.4, rel=1e-12)
    apart = sum((u - float(b)) ** 2 for u, b in zip(a, THREE.a_star, strict=True))
    distances = [float(t) for t in result.place.distances]
    assert distances[0] == pytest.approx((3**2 + 0.4**2 + apart) ** 0.5, rel=1e-12)
    assert float(result.near.uniqueness) == pytest.approx(min(distances[0], distances[2]), rel=1e-12)
    assert verify_point(candidate(THREE, [-3.0, 0.4, 0.0], a)).verdict == "not-critical"
    turned = candidate(THREE, [0.4, 0.0, -3.0], a, axis=[0.0, 0.0, 7.0])  # the same in another frame
    assert [float(t) for t in verify_point(turned, exclusion=0.25).place.distances] == pytest.approx(
        distances
    )


def test_not_critical_is_a_proved_empty_ball():
    result = verify_point(candidate(THREE, [1.0, 1.0, 0.0], [0.5, 0.5, 0.5]))
    assert (result.verdict, result.method) == ("not-critical", "landscape")
    assert float(result.near.exclusion) == pytest.approx(min(float(x) for x in result.place.distances))


def test_two_kinds_about_equally_near_are_inconclusive():
    """Just below the threshold the saddles are next to the minimum; halfway neither is much nearer."""
    of = CnnProblem.from_text("1,0.163404546", "1", 2)
    minimum, saddle = landscape(of).landscape.points[1:]
    psi = float(saddle.complement)
    assert psi < 0.01
    a = [float(minimum.a[0]) * float(b) + float(minimum.a[1]) for b in of.a_star]
    result = verify_point(candidate(of, [-1.0, psi / 2], a), exclusion=0.1)
    assert result.verdict == "inconclusive"
    assert "two kinds" in result.outcome.reason
    assert result.outcome.failed.name == "N.2"
    assert verify_point(candidate(of, [-1.0, psi / 8], a), exclusion=0.1).verdict == "spurious-minimum"
    assert verify_point(candidate(of, [-1.0, psi], a), exclusion=0.1).verdict == "strict-saddle"


def claims(tmp_path):
    return [json.loads(path.read_bytes())["statement"]["claim"] for path in sorted(tmp_path.glob("*.json"))]


def test_landscape_command(relucert, tmp_path):
    out = tmp_path / "out"
    arguments = ["--a-star", "1,-0.5,0.3", "--w-norm", "1", "--patch", "20", "-o", out]
    code, text, _ = relucert("cnn", "landscape", *arguments)
    assert code == 0
    for words in (
        "there is a spurious minimum",
        "global minimum",
        "strict saddle",
        "20 x 0",
        "a_bad.a* in [-0.443",
    ):
        assert words in text
    code, text, _ = relucert("cnn", "landscape", *arguments, "--json")
    record = json.loads(text)
    assert [x["verdict"] for x in record["critical_points"]] == [
        "global-minimum",
        "spurious-minimum",
        "strict-saddle",
    ]
    assert record["critical_points"][1]["inertia"] == {"negative": 0, "zero": 20, "positive": 3}
    path = Path(record["certificate"])
    whole = certificate.parse(path.read_bytes(), "file")
    assert path.stem == certificate.digest(whole["statement"])
    claim = whole["statement"]["claim"]
    jsonschema.validate(claim, SCHEMA)
    assert claim["problem"] == {"a_star": ["1", "-1/2", "3/10"], "w_norm": "1", "patch": 20}
    (evidence,) = whole["statement"]["evidence"]
    assert evidence["holds"] and evidence["inequalities"][0]["step"] == "K.1"
    low, high = (certificate.number(x, "excess") for x in claim["bounds"]["excess"])
    with ball.precision(128):
        excess = cnn_landscape.landscape(CnnProblem.from_text("1,-0.5,0.3", "1", 20).teacher(), 20).excess
        assert ball.proves_lt(ball.exact(low), excess)
        assert ball.proves_lt(excess, ball.exact(high))


def test_a_problem_file_is_exact(relucert, tmp_path):
    path = tmp_path / "problem.json"
    path.write_text('{"a_star": [1, -0.5, 0.3, "1/3", 1e-2], "w_norm": 0.1, "patch": 5}')
    read = read_problem(path)
    assert read.a_star == tuple(map(Fraction, ("1", "-1/2", "3/10", "1/3", "1/100")))
    assert read.w_norm == Fraction(1, 10)
    code, text, _ = relucert("cnn", "landscape", path, "--json", "-o", tmp_path / "out")
    assert code == 0
    assert json.loads(text)["a_star"][3] == "1/3"
    jsonschema.validate(claims(tmp_path / "out")[0], SCHEMA)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--a-star", "0,0", "--patch", "3"], "a* = 0"),
        (["--a-star", "1", "--patch", "1"], "must be 2 to"),
        (["--a-star", "1", "--patch", "0"], "must be 2 to"),
        (["--a-star", "1", "--patch", "2", "--w-norm", "0"], "norm of w* must be positive"),
        (["--a-star", "1", "--patch", "2", "--w-norm", "-1"], "norm of w* must be positive"),
        (["--a-star", "nan,1", "--patch", "2"], "entry 0: 'nan'"),
        (["--a-star", "1,inf", "--patch", "2"], "entry 1: 'inf'"),
        (["--a-star", "1,1/0", "--patch", "2"], "divides by zero"),
        (["--a-star", "1e401", "--patch", "2"], "at most 400 digits"),
        (["--a-star", ",".join(f"1/{10**390 + i}" for i in range(1, 9)), "--patch", "2"], "4096 bits"),
        (["--a-star", "1,,2", "--patch", "2"], "entry 1: ''"),
        (["--a-star", "1_0", "--patch", "2"], "entry 0"),
        (["--a-star", "1"], "give --a-star and --patch"),
        (["missing.json"], "No such file"),
    ],
)
def test_bad_problems_are_named(relucert, arguments, message):
    code, out, err = relucert("cnn", "landscape", *arguments)
    assert code == 2
    assert message in err
    assert not out


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[]", "expected a JSON object"),
        ("{", "not JSON"),
        ('{"a_star": [1], "w_norm": 1}', "'patch' is missing"),
        ('{"a_star": [1], "w_norm": 1, "patch": 2, "p": 2}', "'p' is not one of them"),
        ('{"a_star": [1], "w_norm": 1, "patch": 2.5}', "patch must be"),
        ('{"a_star": [NaN], "w_norm": 1, "patch": 2}', "not a finite number"),
        ('{"a_star": [1, true], "w_norm": 1, "patch": 2}', "a_star must be a list of numbers"),
        ('{"a_star": [1], "w_norm": [1], "patch": 2}', "w_norm must be a number"),
        ('{"a_star": [1], "a_star": [2], "w_norm": 1, "patch": 2}', "same key twice"),
        ('{"a_star": [1], "w_norm": 1, "patch": 2, "family": "x"}', "the family is 'x'"),
    ],
)
def test_bad_problem_files_are_named(relucert, tmp_path, text, message):
    path = tmp_path / "problem.json"
    path.write_text(text)
    code, _, err = relucert("cnn", "landscape", path)
    assert code == 2
    assert "problem.json" in err and message in err


def points_file(tmp_path, points, **more):
    path = tmp_path / "points.json"
    whole = {"family": "one-hidden-layer-cnn", "a_star": [1, -0.5, "3/10"], "w_norm": 1, "patch": 3}
    path.write_text(json.dumps(whole | more | {"points": points}))
    return path


def test_verify_writes_one_certificate_a_point(relucert, tmp_path):
    kinds = ("spurious-minimum", "global-minimum", "strict-saddle")
    rows = []
    for kind in kinds:
        at = near(THREE, kind)
        rows.append({"v": [list(x) for x in at.v], "a": [list(x) for x in at.a]})
    rows.append({"v": [1.0, 2.0, "0x1.8p-3"], "a": [0.1, 0.2, 0.3]})
    path = points_file(tmp_path, rows)
    code, text, _ = relucert("verify", path, "-o", tmp_path / "out", "--json")
    assert code == 0
    records = [json.loads(line) for line in text.splitlines()]
    assert [x["verdict"] for x in records] == [*kinds, "not-critical"]
    assert [x["method"] for x in records] == ["half-space", "spectrum", "spectrum", "landscape"]
    found = claims(tmp_path / "out")
    assert len(found) == 4
    for claim in found:
        jsonschema.validate(claim, SCHEMA)
        assert claim["method"] in families.families()["one-hidden-layer-cnn"].methods
    code, text, _ = relucert("verify", path, "-o", tmp_path / "none", "--method", "hessian")
    assert code == 5
    assert "the Hessian is singular" in text
    assert not claims(tmp_path / "none")


@pytest.mark.parametrize(
    ("points", "more", "message"),
    [
        ([{"v": [0, 0, 0], "a": [1, 1, 1]}], {}, "v is 0"),
        ([{"v": [1, 0], "a": [1, 1, 1]}], {}, "v has 2 entries, expected 3"),
        ([{"v": [1, 0, 0], "a": [1, 1]}], {}, "a has 2 entries, expected 3"),
        ([{"v": [1, 0, 0]}], {}, "members v and a"),
        ([], {}, 'a member "points"'),
        ([{"v": [1, 0, 0], "a": [1, 1, "x"]}], {}, "hexadecimal"),
        ([{"v": [1, 0, 0], "a": [1, 1, 1]}], {"axis": [0, 0, 0]}, "axis is 0"),
        ([{"v": [1, 0, 0], "a": [1, 1, 1]}], {"w_norm": 0}, "norm of w* must be positive"),
        ([{"v": [1, 0, 0], "a": [1, 1, 1]}], {"family": "other"}, "unknown family 'other'"),
        ([{"v": [1, 0, 0], "a": [1, 1, 1]}], {"family": 3}, "the family must be a string"),
    ],
)
def test_bad_points_are_named(relucert, tmp_path, points, more, message):
    code, _, err = relucert("verify", points_file(tmp_path, points, **more), "-o", tmp_path / "out")
    assert code == 2
    assert "points.json" in err and message in err


def test_options_that_do_not_fit(relucert, tmp_path):
    path = points_file(tmp_path, [{"v": [1, 0, 0], "a": [1, 1, 1]}])
    code, _, err = relucert("verify", path, "--method", "guess")
    assert code == 2 and "unknown method 'guess'" in err
    code, _, err = relucert("verify", path, "--layout", "neurons-in-rows")
    assert code == 2 and "has its own problem" in err
    other = tmp_path / "plain.json"
    other.write_text("[[1, 0], [0, 1]]")
    code, _, err = relucert("verify", other, "--method", "half-space")
    assert code == 2 and "proves this by hessian and symmetric-hessian" in err


def test_an_inconclusive_result_has_no_certificate():
    from relucert.families.cnn.statement import landscape_statement, point_statement

    with pytest.raises(InputError, match="claims nothing"):
        point_statement(verify_point(near(THREE, "spurious-minimum"), method="hessian"), {})
    undecided = landscape(THREE)
    object.__setattr__(undecided, "landscape", None)
    with pytest.raises(InputError, match="claims nothing"):
        landscape_statement(undecided, {})


def _without(name):
    def change(claim):
        claim["bounds"].pop(name)

    return change


@pytest.mark.parametrize(
    ("verdict", "change"),
    [
        (None, _without("barrier")),
        (None, _without("excess")),
        (None, lambda c: c.update(verdict="no-spurious-minimum")),
        (None, lambda c: c["bounds"]["critical_points"].pop()),
        (None, lambda c: c["problem"].update(a_star=["1", "-0.5", "3/10"])),
        (None, lambda c: c["problem"].update(patch=1)),
        (None, lambda c: c.update(method="hessian")),
        (None, lambda c: c["bounds"]["critical_points"][0]["inertia"].update(zero=0)),
        ("spurious-minimum", _without("q_bad")),
        ("spurious-minimum", _without("uniqueness_radius")),
        ("spurious-minimum", lambda c: c.update(verdict="strict-saddle")),
        ("spurious-minimum", lambda c: c.update(method="spectrum")),
        ("strict-saddle", lambda c: c.update(method="half-space")),
        ("strict-saddle", _without("inertia")),
        ("strict-saddle", lambda c: c["point"].pop("axis")),
        ("strict-saddle", lambda c: c.update(more=1)),
    ],
)
def test_the_schema_refuses(verdict, change):
    from relucert.families.cnn.statement import landscape_statement, point_statement

    result = landscape(THREE) if verdict is None else verify_point(near(THREE, verdict))
    claim = (landscape_statement if verdict is None else point_statement)(result, {})["claim"]
    jsonschema.validate(claim, SCHEMA)
    change(claim)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(claim, SCHEMA)


def test_certificates_in_words():
    from relucert.commands import words as text
    from relucert.families.cnn.statement import landscape_statement, point_statement

    whole = text.claim(landscape_statement(landscape(THREE), {}), "file")
    assert whole.sentence == (
        "For a weight-normalised one-hidden-layer CNN with 3 patches of size 3, "
        "teacher a* = (1, -1/2, 3/10) and |w*| = 1, and standard Gaussian input, the population "
        "loss has no critical points but these: global minima with "
        "loss 0, spurious local minima with loss in [0.224223, 0.224225], strict saddles with loss in "
        "[0.251750, 0.251753]; there is a spurious local minimum."
    )
    assert dict(whole.facts)["spurious local minima: eigenvalues at |v| = 1"].startswith(
        "3 x 0, 2 x in [0.34084"
    )
    minimum = point_statement(verify_point(near(THREE, "spurious-minimum")), {})
    assert (
        "spurious local minima with loss in [0.224223, 0.224225] within"
        in text.claim(minimum, "file").sentence
    )
    saddle = point_statement(verify_point(near(THREE, "strict-saddle")), {})
    assert dict(text.claim(saddle, "file").facts)["eigenvalues at |v| = 1"].startswith("1 x in [-0.1312")
    away = point_statement(verify_point(candidate(THREE, [1.0, 1.0, 0.0], [0.5, 0.5, 0.5])), {})
    assert "no critical point within 1.29664 of the point" in text.claim(away, "file").sentence
    assert [row.step for row in text.inequalities(minimum, "file")] == ["N.2", "N.1", "K.1", "A.1"]
    with pytest.raises(InputError, match="not that of a certificate"):
        text.claim({"claim": {"family": "one-hidden-layer-cnn"}}, "file")
