"""Reading points: what is accepted, and the message for what is not."""

import io
import json
import pickle
import zipfile

import numpy as np
import pytest
from scipy.io import savemat

from relucert.base.dyadic import to_fraction
from relucert.base.errors import InputError
from relucert.families.family import Options
from relucert.families.teacher import deciding
from relucert.families.teacher.candidate import Candidate
from relucert.families.teacher.layout import transposed
from relucert.families.teacher.points import COLUMNS, read, read_targets

W = np.array([[1.0, 0.25, 0.0], [0.1, 2.0, -3.0]])  # two neurons in R^3


def floats(candidate):
    return [[float(to_fraction(x)) for x in row] for row in candidate.point]


def write(path, data):
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


def npy(array, **options):
    buffer = io.BytesIO()
    np.save(buffer, array, **options)
    return buffer.getvalue()


@pytest.fixture
def files(tmp_path):
    np.save(tmp_path / "rows.npy", W)
    np.savez(tmp_path / "one.npz", points=W)
    np.savez(tmp_path / "two.npz", a=W, b=np.stack([W, 2 * W]))
    savemat(tmp_path / "columns.mat", {"WbadNew": np.stack([W.T, 2 * W.T], axis=2), "other": 1.0})
    write(tmp_path / "rows.csv", "1,0.25,0\n0.1,2,-3\n")
    write(tmp_path / "rows.json", json.dumps({"points": [W.tolist()]}))
    return tmp_path


@pytest.mark.parametrize(
    ("name", "options", "count"),
    [
        ("rows.npy", {"layout": "neurons-in-rows", "orthonormal": True}, 1),
        ("one.npz", {"layout": "neurons-in-rows", "orthonormal": True}, 1),
        ("two.npz", {"layout": "neurons-in-rows", "variable": "b", "orthonormal": True}, 2),
        ("columns.mat", {"layout": "neurons-in-columns", "variable": "WbadNew", "orthonormal": True}, 2),
        ("rows.csv", {"layout": "neurons-in-rows", "orthonormal": True}, 1),
        ("rows.json", {"orthonormal": True}, 1),
    ],
)
def test_every_format_gives_the_same_exact_point(files, name, options, count):
    candidates = read(files / name, **options)
    assert len(candidates) == count
    assert floats(candidates[0]) == W.tolist()  # 0.1 by its exact value as a double
    if count == 2:
        assert floats(candidates[1]) == (2 * W).tolist()


def test_targets_of_another_dimension_tell_the_layout(files):
    write(files / "targets.csv", "1,0,0\n0,1,0\n0,0,1\n1,1,1\n")
    (candidate,) = read(files / "rows.npy", targets=files / "targets.csv")
    assert (candidate.problem.n, candidate.problem.k, candidate.problem.dimension) == (2, 4, 3)
    assert read_targets(files / "targets.csv")[3] == ((1, 0), (1, 0), (1, 0))


def test_json_takes_more_digits_than_a_double_has(tmp_path):
    exact = 2**200 + 1
    points = [[[[str(exact), -200], "0x1.8p-3"], [[1, -300], f"0x{exact:x}p0"]]]
    (candidate,) = read(write(tmp_path / "p.json", json.dumps({"points": points})))
    assert candidate.point == (((exact, -200), (3, -4)), ((1, -300), (exact, 0)))


def test_json_with_its_own_targets(tmp_path):
    whole = {"points": [[[1, 2]]], "targets": [[3, 4], [5, 6], [7, 8]]}
    (candidate,) = read(write(tmp_path / "p.json", json.dumps(whole)))
    assert candidate.problem.k == 3


def test_targets_are_given_once(tmp_path):
    whole = {"points": [[[1, 2]]], "targets": [[3, 4]]}
    path, targets = write(tmp_path / "p.json", json.dumps(whole)), write(tmp_path / "t.csv", "1,0\n")
    with pytest.raises(InputError, match="its own targets"):
        read(path, targets=targets)


def with_header(header):
    """A .npy file that begins with this text as its header."""
    return b"\x93NUMPY\x02\x00" + len(header).to_bytes(4, "little") + header.encode()


def npz(**members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name, data in members.items():
            file.writestr(f"{name}.npy", data)
    return buffer.getvalue()


NESTED = with_header("-" * 9000 + "1")  # what Python makes of it depends on its version
BAD = {
    "nan.npy": (npy(np.array([[1.0, np.nan]])), r"entry \[0, 1\] is nan"),
    "inf.npy": (npy(np.array([[np.inf, 1.0]])), r"entry \[0, 0\] is inf"),
    "complex.npy": (npy(np.array([[1j]])), "real numbers"),
    "flat.npy": (npy(np.ones(3)), "2 dimensions"),
    "deep.npy": (npy(np.ones((2, 2, 2, 2))), "2 dimensions"),
    "none.npy": (npy(np.ones((0, 2))), "empty"),
    "strings.npy": (npy(np.array([["1", "2"]])), "real numbers"),
    "long.npy": (npy(np.array([[2**60 + 1]])), r"2\*\*53"),
    "object.npy": (npy(np.array([[1, None]], dtype=object), allow_pickle=True), "never read"),
    "pickle.npy": (pickle.dumps(W), "never read"),
    "cut.npy": (npy(W)[:-5], "not a whole NumPy file"),
    "cut.npz": (b"PK\x03\x04 not a zip", "not a whole"),
    "nested.npy": (NESTED, "its header is (nested too deeply|cut off, or damaged); save the array again$"),
    "nested.npz": (
        npz(points=NESTED),
        "its header is (nested too deeply|cut off, or damaged); save the array again$",
    ),
    "brackets.npz": (npz(points=with_header("(" * 9000 + ")" * 9000)), "its header is cut off, or damaged"),
    "search.npz": (
        npz(header=NESTED, weights=npy(W), targets=npy(W)),
        "not a whole points file: its header is (nested|cut)",
    ),
    "header.npz": (npz(points=with_header("[" * 150 + "]" * 150)), "its header is cut off, or damaged"),
    "empty.npy": (b"", "empty"),
    "cut.mat": (b"MATLAB 5.0 MAT-file" + b" " * 300, "not a whole MATLAB file|no variable"),
    "word.csv": ("2,1\n3,x\n", "line 2, entry 2: 'x' is not a decimal"),
    "nan.csv": ("1,nan\n", "line 1, entry 2: 'nan' is not a decimal"),
    "ragged.csv": ("2,1\n3\n", "line 2 has 1 entry, line 1 has 2"),
    "blank.csv": ("\n\n", "no numbers"),
    "binary.csv": (b"\xff\xfe\x00", "text file"),
    "zero.csv": ("0,0\n1,2\n", "neuron 0 is at the origin: the loss is not differentiable there"),
    "nan.json": ('{"points": [[[NaN, 1]]]}', "not a finite number"),
    "huge.json": ('{"points": [[[1e999, 1]]]}', "1e999 is no double"),
    "cut.json": ('{"points": [[[1', "not JSON"),
    "deep.json": ("[" * 100_000, "not JSON"),
    "no-points.json": ('{"weights": []}', '"points"'),
    "empty.json": ('{"points": []}', "no points"),
    "ragged.json": ('{"points": [[[1, 2], [3]]]}', "neuron 1 has 1 coordinates"),
    "text.json": ('{"points": [[["1.5", 2]]]}', "hexadecimal"),
    "bool.json": ('{"points": [[[true, 2]]]}', "True is not a number"),
    "exponent.json": ('{"points": [[[[1, 1000000000], 2]]]}', "exponent"),
    "points.txt": ("1 2", "cannot tell the format"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_files_are_named_with_what_is_wrong(tmp_path, name):
    data, message = BAD[name]
    variable = "W" if name.endswith(".mat") else None
    with pytest.raises(InputError, match=message) as caught:
        read(
            write(tmp_path / name, data),
            layout=None if name.endswith(".json") else "neurons-in-rows",
            variable=variable,
        )
    assert name in str(caught.value)


def test_a_truncated_mat_file_gives_the_whole_variable_or_an_error(files):
    data = (files / "columns.mat").read_bytes()
    refused = 0
    for length in range(0, len(data), 7):
        try:
            first, _ = read(write(files / "cut.mat", data[:length]), variable="WbadNew", layout=COLUMNS)
        except InputError:
            refused += 1
        else:  # what was cut off is the other variable
            assert floats(first) == W.tolist()
    assert refused > 20


def test_missing_files_variables_and_layouts(files):
    with pytest.raises(InputError, match="no such file"):
        read(files / "absent.npy")
    with pytest.raises(InputError, match="is a directory"):
        (files / "d.npy").mkdir()
        read(files / "d.npy")
    with pytest.raises(
        InputError, match=r"no variable 'X' in this file; there are WbadNew \(3, 2, 2\), other"
    ):
        read(files / "columns.mat", variable="X", layout="neurons-in-columns")
    with pytest.raises(InputError, match=r"--variable NAME; there are WbadNew \(3, 2, 2\), other \(1, 1\)$"):
        read(files / "columns.mat", layout="neurons-in-columns")
    with pytest.raises(InputError, match=r"a \(2, 3\), b \(2, 2, 3\)"):
        read(files / "two.npz", variable="c", layout="neurons-in-rows")
    with pytest.raises(InputError, match="--layout"):
        read(files / "rows.npy")
    with pytest.raises(InputError, match="neurons-in-columns or neurons-in-rows"):
        read(files / "rows.npy", layout="sideways")


def test_a_target_at_the_origin_is_refused(files):
    write(files / "targets.csv", "1,0,0\n0,0,0\n")
    with pytest.raises(InputError, match=r"targets\.csv: target 1 is at the origin"):
        read(files / "rows.npy", targets=files / "targets.csv")


def test_targets_of_the_wrong_dimension_are_refused(files):
    write(files / "targets.csv", "1,0\n0,1\n")
    with pytest.raises(InputError, match="2 neurons with 2 coordinates, found 2 with 3"):
        read(files / "rows.npy", targets=files / "targets.csv", layout="neurons-in-rows")


# Nearly Safran & Shamir's minimum at k = n = 6.
NEARLY = [[0.987 if i == j else -0.050 for j in range(5)] + [0.308] for i in range(5)] + [
    [0.225] * 5 + [-0.602]
]


def test_a_square_array_is_asked_about_with_its_gradients(tmp_path):
    np.save(tmp_path / "w.npy", NEARLY)
    with pytest.raises(InputError) as caught:
        read(tmp_path / "w.npy")
    assert str(caught.value).endswith(
        "its gradient in floating point, as columns 3.3e-01, as rows 4.3e-03: add --layout neurons-in-rows"
    )
    np.save(tmp_path / "w.npy", np.stack([np.array(NEARLY).T] * 2, axis=2))
    write(tmp_path / "t.csv", "\n".join(",".join(map(str, row)) for row in np.eye(6)))
    with pytest.raises(
        InputError, match=r"as columns 4.3e-03, as rows 2.4e-01: add --layout neurons-in-columns"
    ):
        read(tmp_path / "w.npy")  # as rows it is 6 points of 6 neurons in R^2
    assert len(read(tmp_path / "w.npy", targets=tmp_path / "t.csv")) == 2


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("none.npz", {}, "none.npz: holds no arrays"),
        ("several.npz", {}, "--variable NAME; there are a (2, 3), b (2,)"),
        ("several.npz", {"variable": "c"}, "no variable 'c'; there are a (2, 3), b (2,)"),
        ("several.npz", {"variable": "a"}, "several.npz: a, entry [1, 2] is nan"),
        ("complex.npy", {}, "found complex128; save it as float64"),
        ("line.npy", {}, "found shape (3,): save it as tables of one neuron a row"),
        ("line.txt", {}, "(name a text file of numbers .csv)"),
        ("gone.txt", {}, "gone.txt: no such file"),
        ("wide.npy", {"layout": "neurons-in-rows"}, "transpose it (--layout neurons-in-columns)"),
        ("square.npy", {"layout": "neurons-in-rows", "targets": "r3.csv"}, "with 2; the targets are in R^3"),
        ("rows.json", {"layout": "neurons-in-columns"}, "leave out --layout"),
        ("cnn.json", {}, 'has its name as member "family"'),
    ],
)
def test_a_message_names_what_is_wrong_and_what_to_do(tmp_path, name, options, message):
    np.savez(tmp_path / "none.npz")
    np.savez(tmp_path / "several.npz", a=[[1, 2, 3], [1, 2, np.nan]], b=[1, 2])
    np.save(tmp_path / "complex.npy", np.eye(2) * 1j)
    np.save(tmp_path / "line.npy", [1, 2, 3])
    np.save(tmp_path / "wide.npy", np.ones((2, 3)))
    np.save(tmp_path / "square.npy", np.eye(2))
    for text, content in (("line.txt", "1 2"), ("r3.csv", "1,0,0\n0,1,0"), ("rows.json", "[[1, 0], [0, 1]]")):
        (tmp_path / text).write_text(content)
    (tmp_path / "cnn.json").write_text('{"points": [[[1]]], "a_star": [1]}')
    given = {x: tmp_path / y if x == "targets" else y for x, y in options.items()}
    with pytest.raises(InputError) as caught:
        read(tmp_path / name, **given)
    assert message in str(caught.value) and str(caught.value).startswith(str(tmp_path / name))
    assert len(read(tmp_path / "rows.json", layout="neurons-in-rows")) == 1


def test_a_layout_by_which_the_gradient_is_clearly_larger_is_noted(tmp_path):
    np.save(tmp_path / "w.npy", NEARLY)
    said = {}
    for name in ("neurons-in-columns", "neurons-in-rows"):
        (candidate,) = read(tmp_path / "w.npy", layout=name)
        said[name] = transposed(candidate), deciding.prove(candidate, Options()).note
    noted = said["neurons-in-columns"][0]
    assert noted.startswith(
        "the transposed point has a gradient of 4.3e-03 in floating point, this one of 3.3e-01"
    )
    assert said == {"neurons-in-columns": (noted, noted), "neurons-in-rows": ("", "")}
    assert transposed(Candidate.from_rows(np.eye(3).tolist())) == ""


@pytest.mark.parametrize(
    ("array", "end"),
    [
        (np.eye(3), "as columns 0.0e+00, as rows 0.0e+00: add --layout neurons-in-columns or --layout "
                    "neurons-in-rows"),
        (np.array([[0.0, 1.0], [0.0, 2.0]]), "columns or rows; its gradient in floating point, as rows"),
        (np.ones((400, 400)), "columns or rows; add --layout neurons-in-columns or --layout neurons-in-rows"),
        (np.full((2, 2), 1e300), "add --layout neurons-in-columns or --layout neurons-in-rows"),
    ],
)  # fmt: skip
def test_gradients_that_do_not_tell_are_said_or_left_out(tmp_path, array, end):
    np.save(tmp_path / "w.npy", array)
    with pytest.raises(InputError) as caught:
        read(tmp_path / "w.npy")
    assert end in str(caught.value)
