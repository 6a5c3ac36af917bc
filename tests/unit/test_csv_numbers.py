"""Tables of numbers as people save them: read to the very number, or refused with the line and the remedy."""

from pathlib import Path

import pytest

from relucert.base.csv_numbers import read
from relucert.base.errors import InputError

ROWS = [[0.5, -1.0], [0.1, 3.0]]
PATH = Path("p.csv")


@pytest.mark.parametrize(
    "text",
    [
        "0.5,-1\n0.1,3\n",
        "\ufeff0.5,-1\r\n0.1,3\r\n",
        "0.5,-1\r0.1,3",
        "\n# weights\n0.5,-1 # the first\n\n  \n#\n0.1,3#the second\n\n",
        "0.5;-1\n0.1;3\n",
        "0.5 ; -1\n0.1 ;3\n",
        "0.5\t-1\n0.1\t3\n",
        "0.5\t -1\n0.1 \t3\n",
        "0.5 -1\n0.1 3\n",
        "  0.5   -1 \n 0.1\t3\n",
        "x,y\n0.5,-1\n0.1,3\n",
        "x 1, y 1\n0.5,-1\n0.1,3\n",
        "x y\n0.5;-1\n0.1;3\n",
        "weights of the net\n0.5,-1\n0.1,3\n",
        '"x","y"\n"0.5","-1"\n"0.1","3"\n',
        '"x,1";"y"\n0.5;-1\n0.1;3\n',
        "x\ty\n0.5\t-1\n0.1\t3\n",
        "x y\n 0.5 -1\n 0.1 3\n",
        "5e-1,-1.0E+00\n1.0000000000000000e-01,+3.\n",
    ],
)
def test_what_people_save_is_read(text):
    assert read(PATH, text.encode()) == ROWS


def test_numbers_are_exact():
    assert read(PATH, b"0.1 5e-324\n1e22 1.000000000000000056e-01") == [[0.1, 5e-324], [1e22, 0.1]]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("0,1,2\n", [[0, 1, 2]]),  # alone it is a point
        ("# 0,1\n0,1.5\n", [[0, 1.5]]),
        ("x,y\n0,1\n1,0\n", [[0, 1], [1, 0]]),  # a named first column of 0, 1, ..
        ("1,0\n0,1\n", [[1, 0], [0, 1]]),
        ("0.0,1.0\n1.0,0.0\n", [[0, 1], [1, 0]]),
        ("x\n2\n", [[2]]),
    ],
)
def test_what_only_looks_like_numbers_of_rows_and_columns_is_read(text, rows):
    assert read(PATH, text.encode()) == rows


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0,1,2\n1,0,5\n3,4,5\n", r"line 1 is 0, 1, 2: column numbers\? start the line with # if so"),
        ("0;1\n0.5;3\n", "line 1 is 0, 1: column numbers"),
        (
            "#\n1 2 3 4 5 6\n1 2 3 4 5 7\n",
            r"line 2 is 1, 2, \.\.\., 6: .* give the points as \.json or \.npy",
        ),
        ('"0","1"\n"2","3"\n', "line 1 is 0, 1: column numbers"),
        (",x,y\n0,0.5,-1\n1,0.1,3\n", r"line 1: .*row numbers; save without them \(pandas: index=False"),
        (",0,1\n0,0.5,-1\n1,0.1,3\n", "row numbers"),
        (",x,y\n3,0.5,-1\n7,0.1,3\n", "row numbers"),  # of a selection
        ("Unnamed: 0,0,1\n0,0.5,-1\n", "row numbers"),
        ('"","V1","V2"\n"1",0.5,-1\n"2",0.1,3\n', r"row numbers.*R: row\.names=FALSE"),
        ('"V1" "V2"\n"1" 0.5 -1\n"2" 0.1 3\n', "row numbers"),
        ("\tx\ty\n0\t0.5\t-1\n", "row numbers"),
        ("Neuron,x,y\n1,0.5,-1\n2,0.1,3\n", "row numbers"),
    ],
)
def test_numbers_of_rows_and_columns_are_refused(text, message):
    with pytest.raises(InputError, match=f"^p\\.csv: (.*)?{message}"):
        read(PATH, text.encode())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0,5;0,3\n0,1;0,2\n", "line 1, entry 1: '0,5' has a decimal comma; write decimal points"),
        ("0.5;1\n1;-0,3e2\n", "line 2, entry 2: '-0,3e2' has a decimal comma"),
        ("0,5\t0,3\n", "line 1, entry 1: '0,5' has a decimal comma"),
        ('"0,5","0,3"\n', "line 1, entry 1: '0,5' has a decimal comma"),
        ("0,5 0,3\n", "line 1, entry 2: '5 0' is not a decimal; .* decimal points, and commas between"),
        ("2,1\n\n3\n", r"line 3 has 1 entry, line 1 has 2 \(with commas between\); expected as many"),
        ("2;1\n3,4\n", r"line 2 has 1 entry, line 1 has 2 \(with \";\" between\)"),
        ("2 1\n3 4 5\n", r"line 2 has 3 entries, line 1 has 2 \(with white space between\)"),
        ("2,1\n3,4,\n", "line 2 has 3 entries, line 1 has 2"),
        ("1,2,\n3,4,\n", "line 1, entry 3: empty; expected numbers .* none at the ends of lines"),
        ("1,,2\n", "line 1, entry 2: empty"),
        (",,\n1,2,3\n", "line 1, entry 1: empty"),
        ("x,1\n2,3\n", "line 1, entry 1: 'x' is not a decimal; .* a header has no number in it, or starts with #"),
        ("x,y\nz,w\n", "line 2, entry 1: 'z' is not a decimal"),
        ("2,1\n3,x\n", "line 2, entry 2: 'x' is not a decimal"),
        ("nan,nan\n1,2\n", "line 1, entry 1: 'nan' is not a decimal; expected finite numbers"),
        ("1,-inf\n", "line 1, entry 2: '-inf' is not a decimal; expected finite"),
        ("NA,NA\n1,2\n", "line 1, entry 1: 'NA' is not a decimal"),
        ("#N/A,#N/A\n1,2\n", "line 1, entry 1: '#N/A' is not a decimal"),
        ("1,#DIV/0!\n", "line 1, entry 2: '#DIV/0!' is not a decimal"),
        ("'1,'2\n3,4\n", "line 1, entry 1: \"'1\" is not a decimal"),
        ("\u22121,\u22122\n3,4\n", "line 1, entry 1: '\u22121' is not a decimal"),
        ("0x1p3,0x1p4\n1,2\n", "line 1, entry 1: '0x1p3' is not a decimal"),
        ("1_0,2\n", "line 1, entry 1: '1_0' is not a decimal"),
        ("2,1\n1e400,2\n", r"line 2, entry 1: 1e400 is no double; .*in a \.json file"),
        ('"1,2\n3,4\n', "line 1: unexpected end of data; write the numbers without quotes"),
        ('"1"5,2\n', "line 1: .* write the numbers without quotes"),
        ("", "holds no numbers"),
        ("# 1,2\n\n", "holds no numbers"),
        ("x,y\n", "holds no numbers, only a header in line 1"),
        ("\x001,2\n", "line 1, entry 1"),
    ],
)  # fmt: skip
def test_what_is_refused_is_named_with_line_entry_and_remedy(text, message):
    with pytest.raises(InputError, match=rf"^p\.csv: {message}"):
        read(PATH, text.encode())


def test_other_encodings_are_refused():
    for data in ("1,2\n".encode("utf-16"), b"1,2 # caf\xe9\n"):
        with pytest.raises(
            InputError, match=r"^p\.csv: not a text file in UTF-8 .*; save it as CSV in UTF-8"
        ):
            read(PATH, data)


def test_a_table_with_a_header_is_certified_as_without_it(relucert, tmp_path, monkeypatch):
    monkeypatch.setenv("RELUCERT_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    Path("bare.csv").write_text("1,0\n0,1\n")
    Path("full.csv").write_text("\ufeffx;y\n1;0 # e_1\n0;1\n", encoding="utf-8")
    Path("pandas.csv").write_text(",x,y\n0,1,0\n1,0,1\n")
    found = []
    for name in ("bare", "full"):
        code, _, err = relucert("verify", f"{name}.csv", "--layout", "neurons-in-rows", "-o", name)
        assert code == 0, err
        found.append(sorted(path.name for path in Path(name).glob("*.json")))
    assert len(found[0]) == len(found[1]) == 1
    code, out, err = relucert("verify", "pandas.csv", "--layout", "neurons-in-rows", "-o", "out")
    assert (code, out) == (2, "") and "index=False" in err
