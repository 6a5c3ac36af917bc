"""Data and starts from files."""

import json

import numpy as np
import pytest

from relucert.base.errors import InputError
from relucert.base.seeded import gaussians
from relucert.families.ntk.shallow_read import read_data, read_start

X, Y = np.array([[1.0, 0.5], [-0.25, 2.0]]), np.array([0.1, -3.0])


def values(row):
    return [m * 2.0**e for m, e in row]


@pytest.fixture
def written(tmp_path):
    np.savez(tmp_path / "d.npz", x=X, y=Y)
    (tmp_path / "d.json").write_text(json.dumps({"x": X.tolist(), "y": Y.tolist()}))
    table = np.hstack([X, Y[:, None]])
    np.save(tmp_path / "d.npy", table)
    (tmp_path / "d.csv").write_text("\n".join(",".join(map(repr, row)) for row in table.tolist()))
    return tmp_path


@pytest.mark.parametrize("name", ["d.npz", "d.json", "d.npy", "d.csv"])
def test_every_format_is_read_exactly(written, name):
    x, y = read_data(written / name, None)
    assert [values(row) for row in x] == X.tolist()
    assert values(y) == Y.tolist()


@pytest.mark.parametrize("name", ["d.npz", "d.json"])
def test_labels_by_a_seed_replace_those_of_the_file(written, name):
    x, y = read_data(written / name, "5")
    assert [values(row) for row in x] == X.tolist()
    assert values(y) == [v / 2.0**21 for v in gaussians("labels", 5, 2)]


def test_labels_of_a_file(written):
    np.save(written / "x.npy", X)
    np.save(written / "y.npy", Y)
    (written / "y.json").write_text("[0.1, -3.0]")
    (written / "y.csv").write_text("0.1\n-3.0\n")
    for name in ("y.npy", "y.json", "y.csv", "d.npz"):
        assert values(read_data(written / "x.npy", str(written / name))[1]) == Y.tolist()


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.npz", {"x": X}, "expected x and y, found x"),
        ("a.npz", {"x": X, "y": Y, "z": Y}, "expected x and y, found x, y, z"),
        ("a.npz", {"x": X, "y": X}, "y: expected numbers in one dimension, found shape (2, 2)"),
        ("a.npz", {"x": Y, "y": Y}, "x: expected a table, found shape (2,)"),
        ("a.npz", {"x": X * np.nan, "y": Y}, "is nan"),
        ("a.npy", Y, "expected a table, found shape (2,)"),
        ("a.npy", Y[:, None], "one column only"),
        ("a.csv", "1,nan\n", "nan"),
        ("a.json", "[1]", "expected x and y, found none"),
        ("a.json", '{"x": [[1, 2]], "y": [NaN]}', "not JSON"),
        ("a.json", '{"x": [1, 2], "y": [1]}', "expected a list of rows"),
        ("a.mat", "", "cannot tell the format"),
        ("a.npz", "no archive", "not a whole .npz file"),
    ],
)
def test_what_is_refused(tmp_path, name, content, said):
    path = tmp_path / name
    if isinstance(content, dict):
        np.savez(path, **content)
    elif isinstance(content, str):
        path.write_text(content)
    else:
        np.save(path, content)
    with pytest.raises(InputError) as raised:
        read_data(path, None)
    assert said in str(raised.value)
    assert name in str(raised.value)


def test_starts(tmp_path):
    np.savez(tmp_path / "s.npz", weights=X, signs=np.array([1, -1]))
    np.save(tmp_path / "s.npy", X)
    (tmp_path / "s.json").write_text(json.dumps({"weights": X.tolist(), "signs": "+-"}))
    for name, signs in (("s.npz", (1, -1)), ("s.npy", None), ("s.json", (1, -1))):
        weights, found = read_start(tmp_path / name)
        assert [values(row) for row in weights] == X.tolist()
        assert found == signs


@pytest.mark.parametrize("signs", ["+0", [1, 2], [1, 0.5]])
def test_other_output_weights_are_refused(tmp_path, signs):
    (tmp_path / "s.json").write_text(json.dumps({"weights": X.tolist(), "signs": signs}))
    with pytest.raises(InputError, match="signs: expected"):
        read_start(tmp_path / "s.json")
