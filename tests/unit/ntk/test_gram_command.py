"""`relucert gram`: what it proves, prints and writes, and what it refuses."""

import json
from pathlib import Path

import numpy as np
import pytest

PAIRS = [[1, 0], [-1, 0], [0, 1], [0, -1]]


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("RELUCERT_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    np.save("unit.npy", np.eye(3))
    np.save("pairs.npy", np.array([*PAIRS, [1, 1], [-1, -1]]))


def claims():
    return [json.loads(path.read_bytes())["statement"]["claim"] for path in sorted(Path("out").iterdir())]


def test_a_positive_definite_matrix(relucert):
    code, out, _ = relucert("gram", "unit.npy", "--activation", "relu", "-o", "out")
    assert code == 0
    assert (
        "H^inf of the infinitely wide dense relu network of depth 1, for 3 inputs x/|x| in dimension 3" in out
    )
    assert "positive definite: its smallest eigenvalue is in [0.49999" in out
    (claim,) = claims()
    assert claim["family"] == "wide-network" and claim["method"] == "gram"
    assert set(claim["problem"]) == {"x", "activation", "depth", "architecture"}
    assert set(claim["bounds"]) == {"lambda_min", "largest", "by_geometry"}


def test_a_singular_matrix(relucert):
    code, out, _ = relucert("gram", "pairs.npy", "--activation", "relu", "--normalise", "-o", "out")
    assert code == 0
    assert (
        "is singular: its smallest eigenvalue is 0, as the inputs 0, 1, 2, 3, 4, 5 (counted from 0) show."
        in out
    )
    (claim,) = claims()
    assert (claim["verdict"], claim["dependent"], claim["bounds"]) == ("singular", [0, 1, 2, 3, 4, 5], {})


def test_duplicates_are_named(relucert):
    np.savetxt("x.csv", [[1, 0], [0, 1], [1, 0]], delimiter=",")
    code, out, _ = relucert("gram", "x.csv", "--activation", "softplus", "--depth", 4, "--json", "-o", "out")
    row = json.loads(out)
    assert (code, row["verdict"], row["dependent"], row["lambda_min"]) == (0, "singular", [0, 2], None)


def test_a_table_with_a_plot(relucert):
    pytest.importorskip("matplotlib")
    arguments = ("--activation", "softplus", "--depths", "1:3,5", "--plot", "t.svg", "-o", "out")
    code, out, _ = relucert("gram", "unit.npy", *arguments)
    assert code == 0
    assert [line.split(":")[0] for line in out.splitlines()] == ["K^(1)", "K^(2)", "K^(3)", "K^(5)"]
    assert sorted(claim["problem"]["depth"] for claim in claims()) == [1, 2, 3, 5]
    assert b"<svg" in Path("t.svg").read_bytes()


def test_a_residual_network(relucert):
    arguments = ("--activation", "erf", "--depth", 3, "--resnet", "--c-res", "0.5", "--json", "-o", "out")
    code, out, _ = relucert("gram", "unit.npy", *arguments)
    assert code == 0
    assert json.loads(out)["c_res"] == "1/2" and claims()[0]["problem"]["c_res"] == "1/2"


def test_files_of_every_kind(relucert):
    np.savez("two.npz", x=np.eye(2), y=np.ones(2))
    np.savez("other.npz", max=np.eye(2), more=np.eye(3))
    Path("x.json").write_text('{"x": [[1, 0], ["0x0p0", ["1", 0]]], "y": [1, 2]}')
    Path("rows.json").write_text("[[1, 0], [0, 1]]")
    for arguments in (("two.npz",), ("other.npz", "--variable", "max"), ("x.json",), ("rows.json",)):
        code, out, _ = relucert("gram", *arguments, "--activation", "relu", "--json", "-o", "out")
        assert (code, json.loads(out)["n"]) == (0, 2)
    assert all(claim == claims()[0] for claim in claims())


@pytest.mark.parametrize(
    ("x", "arguments", "text"),
    [
        ([[3.0, 4.0]], (), "row 0 is no unit vector; the Gram matrix is that of x/|x|: give unit vectors, or --norm"),
        ([[1.0, 0.0], [0.0, 0.0]], (), "row 1 is 0, so it has no direction"),
        ([[1.0, np.nan]], (), "is nan; expected finite numbers"),
        ([1.0, 0.0], (), "found shape (2,)"),
        (np.eye(2), ("--activation", "tanh"), "unknown activation 'tanh'; known: relu, erf, softplus"),
        (np.eye(2), ("--depth", "0"), "depth 0: expected 1 to 1000"),
        (np.eye(2), ("--depth", "2", "--depths", "1:2"), "not both"),
        (np.eye(2), ("--depths", "3:1"), "holds no depth"),
        (np.eye(2), ("--depths", "0:4"), "expected depths such as"),
        (np.eye(2), ("--resnet",), "needs both --resnet and --c-res"),
        (np.eye(2), ("--c-res", "1/2"), "needs both --resnet and --c-res"),
        (np.eye(2), ("--resnet", "--c-res", "0", "--depth", "2"), "c_res must be positive"),
        (np.eye(2), ("--resnet", "--c-res", "1/2"), "depth 1 is a dense one"),
        (np.eye(2), ("--plot", "t.svg"), "give --depths"),
        (np.eye(2), ("--depths", "1:2", "--plot", "t.gif"), "a plot is one of"),
        (np.eye(2), ("--variable", "x"), "--variable is for"),
        (np.eye(600), (), "at most 512 inputs"),
        (np.eye(400), ("--depth", "100"), "n^2 H <="),
    ],
)  # fmt: skip
def test_input_that_is_refused(relucert, x, arguments, text):
    np.save("x.npy", np.array(x))
    given = arguments if "--activation" in arguments else (*arguments, "--activation", "relu")
    code, _, error = relucert("gram", "x.npy", *given, "-o", "out")
    assert code == 2
    assert text in error.replace("\n", " ")
    assert not Path("out").exists() or not list(Path("out").iterdir())


def test_undecided(relucert):
    Path("x.json").write_text('[[1, 0], [1, ["1", -16000]]]')
    code, out, _ = relucert("gram", "x.json", "--activation", "erf", "-o", "out")
    assert code == 5
    assert "inconclusive" in out
    code, out, _ = relucert("gram", "x.json", "--activation", "erf", "--json", "-o", "out")
    assert (code, json.loads(out)["certificate"]) == (5, None)
