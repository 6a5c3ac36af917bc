"""`relucert verify --loss` and `relucert loss`, through the checker."""

import json

import numpy as np
import pytest

import expression_cases as cases
from relucert.families.expression.reading import read_loss

pytest.importorskip("relucert_audit.expression.family")

WELL = {  # (x^2 - 1)^2 + x/4 + y^2
    "schema": "relucert-loss/1",
    "parameters": 2,
    "nodes": [
        ["param", 0], ["param", 1], ["const", "1"], ["square", 0], ["sub", 3, 2], ["square", 4], ["const", "0.25"],
        ["mul", 0, 6], ["square", 1], ["sum", 5, 7, 8],
    ],
    "output": 9,
}  # fmt: skip
POINTS = [[0.93, 0], [-1.03, 0], [0.06, 0], [0.5, 0]]
VERDICTS = ["spurious-minimum", "local-minimum", "strict-saddle", "not-critical"]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("RELUCERT_HOME", str(tmp_path / "home"))
    (tmp_path / "loss.json").write_text(json.dumps(WELL))
    (tmp_path / "points.json").write_text(json.dumps(POINTS))
    np.savetxt(tmp_path / "points.csv", np.array(POINTS), delimiter=",")
    np.save(tmp_path / "low.npy", np.array([-1.0, 0.0]))
    np.save(tmp_path / "column.npy", np.array([[-1.0], [0.0]]))
    return tmp_path


def lines(text):
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.parametrize("file", ["points.json", "points.csv"])
def test_points_of_a_loss_go_through_the_checker(relucert, folder, file):
    out = folder / "out"
    code, said, _ = relucert(
        "verify", folder / file, "--loss", folder / "loss.json", "--find-witness", "-o", out, "--json"
    )
    assert code == 0 and [x["verdict"] for x in lines(said)] == VERDICTS
    assert relucert("audit", out)[0] == 0
    for line in lines(said):
        shown = relucert("show", line["certificate"])[1]
        assert line["loss_digest"] in " ".join(shown.split())


def test_a_witness_of_a_file(relucert, folder):
    one = ("verify", folder / "points.json", "--loss", folder / "loss.json", "-o", folder / "out")
    code, said, _ = relucert(*one, "--witness", folder / "low.npy", "--json")
    assert code == 0 and [x["verdict"] for x in lines(said)] == VERDICTS
    code, said, _ = relucert(*one, "--witness", folder / "column.npy", "--json")
    assert code == 0 and [x["verdict"] for x in lines(said)] == VERDICTS
    assert (
        "note: the witness is not proved to have a lower loss"
        in relucert(*one, "--witness", folder / "low.npy")[1]
    )


def test_a_file_with_everything_in_it(relucert, folder):
    whole = {"family": "smooth-expression", "loss": WELL, "points": POINTS[:1], "witness": [-1, 0]}
    (folder / "whole.json").write_text(json.dumps(whole))
    code, said, _ = relucert("verify", folder / "whole.json", "-o", folder / "out")
    assert code == 0 and "spurious local minimum" in said and "the witness is lower by at least" in said


def test_a_continuum_is_inconclusive(relucert, folder):
    valley = {**WELL, "nodes": [["param", 0], ["param", 1], ["mul", 0, 1], ["square", 2]], "output": 3}
    (folder / "loss.json").write_text(json.dumps(valley))
    code, said, _ = relucert(
        "verify", folder / "low.npy", "--loss", folder / "loss.json", "-o", folder / "out"
    )
    assert code == 5 and "may belong to a continuum" in said


def test_loss_says_what_a_file_holds_and_writes_its_one_form(relucert, folder):
    code, said, _ = relucert("loss", folder / "loss.json", "-o", folder / "one.json")
    assert code == 0 and "2 parameters, 10 nodes" in said and "SHA-256" in said
    assert read_loss(folder / "one.json") == read_loss(folder / "loss.json")
    code, said, _ = relucert("loss", folder / "one.json", "--json")
    assert json.loads(said)["operations"]["square"] == 3
    assert json.loads((folder / "one.json").read_text()) == read_loss(folder / "loss.json").as_json()
    data = cases.network((2, 2), "tanh", cases.XOR).as_json()
    (folder / "data.json").write_text(json.dumps(data))
    assert "4 rows of 3 numbers, scale 1/4" in relucert("loss", folder / "data.json")[1]


@pytest.mark.parametrize(
    ("changes", "arguments", "message"),
    [
        ({}, ["--witness", "points.json"], "expected one point of 2 entries"),
        ({"parameters": 3}, [], "parameter 2 occurs nowhere"),
        ({"output": 99}, [], "output: 99 is not a node"),
        ({}, ["--layout", "neurons-in-rows"], "leave out --layout"),
        ({}, ["--variable", "x"], "--variable is for files of arrays with names"),
        ({}, ["--constants", "simple"], "--constants does not apply"),
        ({}, ["--symmetric"], "--loss and --witness"),
        ({}, ["--max-precision", "20"], "highest precision"),
    ],
)
def test_bad_input_ends_with_2_and_the_remedy(relucert, folder, monkeypatch, changes, arguments, message):
    monkeypatch.chdir(folder)
    (folder / "loss.json").write_text(json.dumps({**WELL, **changes}))
    code, _, error = relucert("verify", "points.json", "--loss", "loss.json", *arguments)
    assert code == 2 and message in " ".join(error.split())


@pytest.mark.parametrize(
    ("whole", "message"),
    [
        ({"points": POINTS}, "say which loss"),
        ({"points": POINTS, "loss": WELL, "code": 1}, "unknown member 'code'"),
        ({"loss": WELL}, "no member 'points'"),
        ({"points": [[1]], "loss": WELL}, "the point has 1 entries; the loss has 2 parameters"),
        ({"points": [], "loss": WELL}, "holds no points"),
        ({"points": [["0.5", 1]], "loss": WELL}, "strings must be hexadecimal floats"),
        ({"points": POINTS, "loss": WELL, "witness": [1]}, "the witness has 1 entries"),
    ],
)
def test_bad_files_end_with_2_and_the_remedy(relucert, folder, whole, message):
    (folder / "whole.json").write_text(json.dumps({"family": "smooth-expression", **whole}))
    code, _, error = relucert("verify", folder / "whole.json")
    assert code == 2 and message in " ".join(error.split())


def test_a_witness_is_refused_where_no_family_takes_one(relucert, folder):
    point = {"v": [1, 0, 0], "a": [1, 0, 0]}
    cnn = {"family": "one-hidden-layer-cnn", "a_star": [1, 2, 3], "w_norm": 1, "patch": 3, "points": [point]}
    (folder / "cnn.json").write_text(json.dumps(cnn))
    code, _, error = relucert("verify", folder / "cnn.json", "--witness", folder / "low.npy")
    assert code == 2 and "--witness does not apply" in " ".join(error.split())
