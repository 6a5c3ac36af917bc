"""`relucert verify --output-weights`, and certificates of signed networks in `split` and `transfer`."""

import json
from fractions import Fraction
from pathlib import Path

import jsonschema
import numpy as np
import pytest

import relucert as rc
from relucert import certificate
from relucert.base.dyadic import to_fraction
from relucert.base.errors import InputError
from relucert.families.teacher.candidate import Candidate
from relucert.families.teacher.wider.trained import TrainedVerification

ROOT = Path(__file__).parents[3]
SCHEMA = jsonschema.Draft202012Validator(json.loads((ROOT / "docs/spec/wider-v1.schema.json").read_text()))
A = np.array([0.5, 3.0])
U = np.array([[1.0, 2.0**-30], [-(2.0**-31), 1.0]])  # next to the targets
SADDLE = np.array([[-0.0683098861837908] * 2, [1.0683098861837907] * 2])
ROWS = ("--layout", "neurons-in-rows")


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("RELUCERT_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    np.save("w.npy", U / A[:, None])
    np.save("a.npy", A)


def written(folder="out"):
    (path,) = Path(folder).iterdir()
    statement = json.loads(path.read_text())["statement"]
    SCHEMA.validate(statement["claim"])
    assert path.stem == certificate.digest(statement)
    return path, statement["claim"]


def value(number):
    return to_fraction(certificate.number(number, "x"))


def test_a_global_minimum_with_output_weights(relucert):
    code, out, err = relucert("verify", "w.npy", *ROWS, "--output-weights", "a.npy", "-o", "out")
    assert code == 0, err
    assert "with trained output weights: a manifold of dimension 2 of such points, within" in " ".join(
        out.split()
    )
    path, claim = written()
    assert (claim["method"], claim["verdict"]) == ("trained-output-weights", "global-minima")
    assert claim["weights"] == [["1", -1], ["3", 0]] and claim["problem"]["output_weights"] == "trained"
    point = [[Fraction(int(m)) * Fraction(2) ** e for m, e in row] for row in claim["point"]]
    exact = [[Fraction(a) * Fraction(x) for x in row] for a, row in zip(A, U / A[:, None], strict=True)]
    assert point == exact
    radius, distance = (value(claim["bounds"][x]) for x in ("existence_radius", "distance"))
    assert 2 * radius <= distance < 2.001 * radius
    there = np.sqrt(((U - np.eye(2)) ** 2 / A[:, None] ** 2).sum())  # the targets are the critical point
    assert there <= distance
    assert relucert("audit", path)[0] == 0
    code, out, _ = relucert("show", path)
    said = " ".join(out.split())
    assert code == 0 and "of this manifold in Frobenius norm. Nothing is said about where gradient" in said
    assert "output weights a: (0.5, 3)" in said


def test_negative_output_weights_are_signs(relucert):
    np.save("a.npy", -A)
    options = (*ROWS, "--output-weights", "a.npy", "--teacher-signs=-,-", "--activation", "leaky:1/3")
    assert relucert("verify", "w.npy", *options, "-o", "out")[0] == 0
    path, claim = written()
    problem = claim["problem"]
    assert problem["signs"] == problem["teacher_signs"] == [-1, -1] and problem["slope"] == "1/3"
    assert claim["verdict"] == "global-minima" and claim["weights"] == [["-1", -1], ["-3", 0]]
    assert relucert("audit", path)[0] == 0
    code, out, _ = relucert("show", path)
    assert code == 0 and "e_1 c_1, .., e_n c_n" in out and "have output weights 1" not in out


def test_a_saddle_and_a_json_record(relucert):
    np.save("w.npy", SADDLE)
    np.save("a.npy", np.ones((1, 2)))
    code, out, _ = relucert("verify", "w.npy", *ROWS, "--output-weights", "a.npy", "-o", "out", "--json")
    row = json.loads(out)
    assert (code, row["verdict"], row["output_weights"]) == (0, "strict-saddle", "trained")
    assert 0 < float(row["distance"]) < 1e-6
    assert written()[1]["verdict"] == "strict-saddles"


def test_files_with_both(relucert):
    w = (U / A[:, None]).tolist()
    Path("b.json").write_text(json.dumps({"points": [w], "output_weights": A.tolist()}))
    np.savez("b.npz", w=w, output_weights=A)
    assert relucert("verify", "b.json", "--output-weights", "b.json", "-o", "one")[0] == 0
    options = ("--variable", "w", *ROWS, "--output-weights", "b.npz")
    assert relucert("verify", "b.npz", *options, "-o", "two")[0] == 0
    assert written("one")[1] == written("two")[1]
    code, _, err = relucert("verify", "b.json", "-o", "three")
    assert code == 2 and "unknown member 'output_weights'" in err


def test_several_points(relucert):
    np.save("w.npy", np.array([U, U]))
    np.save("a.npy", np.array([[1.0, 1.0], [1.0, 2.0]]))
    options = (*ROWS, "--output-weights", "a.npy", "--distinct")
    assert relucert("verify", "w.npy", *options, "-o", "out", "--raw")[0] == 5  # the second is not critical
    assert written()[1]["weights"] == [["1", 0], ["1", 0]]


@pytest.mark.parametrize(
    ("weights", "reason"),
    [
        ([1.0, 0.0], "a.npy, point 0: output weight 1 is 0"),
        ([1.0], "a.npy: expected 2 output weights, found an array of shape (1,)"),
        ([[1.0, 1.0]] * 2, "a.npy: expected 2 output weights"),
        ([1.0, np.inf], "a.npy: entry [1] is inf"),
        (["1", "2"], "expected an array of real numbers"),
    ],
)
def test_bad_weights_are_refused(relucert, weights, reason):
    np.save("a.npy", np.array(weights))
    code, out, err = relucert("verify", "w.npy", *ROWS, "--output-weights", "a.npy", "-o", "out")
    assert (code, out) == (2, "") and reason in " ".join(err.split()) and not Path("out").exists()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ([1, 2, 3], "expected 2 output weights"),
        ([[1, 2]] * 3, "expected 2 output weights"),
        ({"weights": [1, 2]}, 'expected a member "output_weights"'),
        ([1, "x"], "strings must be hexadecimal floats"),
        ([1, 0.0], "output weight 1 is 0"),
        ("1", "expected a list"),
    ],
)
def test_bad_json_weights_are_refused(relucert, content, reason):
    Path("a.json").write_text(json.dumps(content))
    code, _, err = relucert("verify", "w.npy", *ROWS, "--output-weights", "a.json", "-o", "out")
    assert code == 2 and "a.json" in err and reason in " ".join(err.split())


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (("--signs", "+,+"), "--signs does not go with --output-weights"),
        (("--witness", "w.npy"), "--witness does not go with --output-weights"),
        (("--find-witness",), "do not go with --output-weights"),
        (("--constants", "paper"), "do not go with --output-weights"),
        (("--method", "hessian"), "the method is trained-output-weights"),
    ],
)
def test_what_does_not_go_with_output_weights(relucert, options, reason):
    given = (*ROWS, "--output-weights", "a.npy", *options, "-o", "out")
    code, _, err = relucert("verify", "w.npy", *given)
    assert code == 2 and reason in " ".join(err.split())
    assert not list(Path(".").glob("out/*.json"))


def test_verdicts_without_a_claim_of_trained_output_weights(relucert):
    """No critical point next to it; loss 0 with more neurons than targets."""
    np.save("w.npy", np.array([[3.0, 1.0], [1.0, 2.0]]))
    code, out, _ = relucert("verify", "w.npy", *ROWS, "--output-weights", "a.npy", "--raw", "-o", "out")
    assert code == 5 and "no certificate says that of trained output weights" in " ".join(out.split())
    np.save("w.npy", np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 1.0]]))
    np.save("a.npy", np.array([1.0, 0.5, 0.5]))
    code, out, _ = relucert("verify", "w.npy", *ROWS, "--output-weights", "a.npy", "-o", "out")
    assert code == 5 and "the loss is 0, exactly" in " ".join(out.split())
    assert not list(Path("out").iterdir())


@pytest.mark.parametrize("command", [("split", "--opposite"), ("transfer",)])
def test_signed_certificates(relucert, command):
    source = ROOT / "tests/corpus/accept/signs-three.json"
    assert relucert(*command, source, "-o", "out")[0] == 0
    path, claim = written()
    assert claim["problem"]["signs"] == [1, 1, -1] and claim["problem"]["slope"] == "-1/4"
    assert relucert("audit", path)[0] == 0
    code, out, _ = relucert("show", path)
    said = " ".join(out.split())
    assert code == 0 and "output weights +1 (2) and -1 (1)" in said and "have output weights 1" not in said
    if "split" in command:
        assert "s_1 w, .., s_N w with minus the output weight of w" in said and "(1 - alpha)^2 S_i" in said


def test_a_neuron_at_the_origin_is_for_plain_networks(relucert):
    code, _, err = relucert("split", "--zero", ROOT / "tests/corpus/accept/signs-three.json", "-o", "out")
    assert code == 2 and "needs output weights 1 and the ReLU" in " ".join(err.split())


def moving():
    """(w, a) next to the spurious minimum of six neurons, to which Newton steps move u = (|a_i| w_i)."""
    u = 1.037 * np.eye(6) - 0.050
    u[:, 5] = 0.308
    u[5] = [0.225] * 5 + [-0.602]
    a = np.array([1000, 2, 3, 0.5, 0.25, 1e-3])
    return u / a[:, None], a


def nearest(w, a, u):
    """The distance of (w, a) from all (u_i/c_i, c_i), each c_i > 0 the best of many numbers about a_i."""
    shares = np.concatenate([np.geomspace(1e-3, 1e3, 20001), 1 + np.linspace(-1e-6, 1e-6, 2001)])
    c = a[:, None] * shares
    square = ((w[:, None] - u[:, None] / c[..., None]) ** 2).sum(axis=2) + (a[:, None] - c) ** 2
    return np.sqrt(square.min(axis=1).sum())


def test_a_point_that_moves_is_as_far_from_the_manifold_as_is_said(relucert):
    w, a = moving()
    np.save("w.npy", w)
    np.save("a.npy", a)
    options = ("verify", "w.npy", *ROWS, "--output-weights", "a.npy")
    code, out, _ = relucert(*options, "-o", "out")
    said = " ".join(out.split())
    path, claim = written()
    there = np.array([[float(Fraction(int(m)) * Fraction(2) ** e) for m, e in row] for row in claim["point"]])
    true = nearest(w, a, there)
    assert code == 0 and 0.4 < true < 0.6
    far, near = (float(x.split()[0]) for x in said.split("within ")[-2:])
    assert f"within {far:g} of (w, a), and within {near:g} of the polished (u_i/|a_i|, a_i)" in said
    assert near < 1e-11 < true <= far
    assert near == pytest.approx(float(value(claim["bounds"]["distance"])), rel=1e-5)
    assert relucert("audit", path)[0] == 0
    row = json.loads(relucert(*options, "-o", "two", "--json")[1])
    assert float(row["polished_distance"]) < 1e-11 and true <= float(row["distance"]) < 10 * true
    assert row["uniqueness_radius"] is row["basin_radius"] is None


def test_python_says_it_of_trained_output_weights(tmp_path):
    w, a = moving()
    candidate = Candidate.from_rows(w.tolist()).with_output_weights(a.tolist())
    result = rc.verify(candidate)
    assert isinstance(result, TrainedVerification) and result.moved is not None
    there = np.array([[float(x) for x in row] for row in result.exact_point])
    assert 0.4 < nearest(w, a, there) <= result.distance.value
    assert result.polished_distance.value < 1e-11
    assert result.uniqueness_radius is result.basin_radius is result.basin_step is None
    shown = dict(result._rows())
    assert not {"lambda_min", "basin radius", "uniqueness radius"} & set(shown)
    assert shown["distance of (w, a) from the manifold of critical points"] == repr(result.distance)
    assert "lambda_min with fixed output weights" in result._repr_html_()
    assert "at u = (|a_i| w_i)" in repr(result) and "at u = (|a_i| w_i)" in str(result)
    result.save(tmp_path / "saved")
    assert written(tmp_path / "saved")[1]["method"] == "trained-output-weights"


def test_python_of_a_point_that_stays():
    result = rc.verify(Candidate.from_rows(U.tolist()).with_output_weights([1, 1]))
    assert (result.moved, result.polished_distance) == (None, None)
    assert 0 < result.existence_radius.value <= result.distance.value < 1.001 * result.existence_radius.value
    undone = rc.verify(Candidate.from_rows([[3.0, 1.0], [1.0, 2.0]]).with_output_weights([1, 2]), raw=True)
    assert not undone.proved and undone.distance is None


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"constants": "paper"}, "do not go with trained output weights"),
        ({"find_witness": True}, "do not go with trained output weights"),
        ({"witness": U.tolist()}, "no claim about trained output weights has a witness"),
        ({"signs": "+,-"}, "the signs of the neurons are not those of the output weights"),
    ],
)
def test_python_refuses_what_does_not_go_with_them(options, reason):
    candidate = Candidate.from_rows(U.tolist()).with_output_weights([1, 2])
    with pytest.raises(InputError, match=reason):
        rc.verify(candidate, **options)
