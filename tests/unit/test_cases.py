"""Small files that were once read wrongly, each a test of its whole kind; and numbers that are exact or refused."""

import json
import os
import shutil
import subprocess
import sys
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from relucert import Candidate, InputError
from relucert.base.decimals import double
from relucert.base.json_numbers import exact_row

CASES = Path(__file__).parents[1] / "cases"
ROWS = ("--layout", "neurons-in-rows")


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("RELUCERT_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("01-header-surrogate-key.npz", (), "header"),
        ("02-header-cut.npy", ROWS, "its header is cut off, or damaged; save the array again"),
        ("03-shape-bool.npy", ROWS, "header"),
        ("05-targets-misspelt.json", (), "unknown member 'target'"),
        ("06-points-twice.json", (), "the same key twice"),
        ("07-decimal-40-digits.json", (), "is no double; write a hexadecimal float"),
        ("08-hex-lax.json", (), "is not a hexadecimal float"),
        ("11-empty.jsonl", ("--symmetric",), "holds no points"),
        ("20-unknown-member.jsonl", ("--symmetric",), "the same key twice"),
    ],
)
def test_what_cannot_be_read_is_named(relucert, name, options, message):
    code, out, err = relucert("verify", CASES / name, *options, "-o", "out")
    assert (code, out) == (2, "")
    assert name in err and message in err


def test_a_member_that_is_not_known_is_no_symmetric_point(relucert):
    Path("p.jsonl").write_text('{"class_sizes": [2], "values": [[1, 0]], "tagets": 1}\n')
    code, _, err = relucert("verify", "--symmetric", "p.jsonl", "-o", "out")
    assert code == 2 and "p.jsonl:1: unknown member 'tagets'" in err


def test_long_integers_are_exact(relucert):
    code, _, err = relucert("verify", CASES / "04-pair-4301-digits.json", "-o", "out")
    assert code == 0, err
    (path,) = Path("out").glob("*.json")
    assert relucert("audit", path)[0] == 0


def test_a_line_ends_at_its_end_only(relucert):
    code, out, _ = relucert("verify", "--symmetric", CASES / "12-line-separator.jsonl", "-o", "out")
    assert code == 0 and "n = 6" in out


def test_a_collapsed_point_is_no_minimum(relucert):
    code, out, _ = relucert("verify", CASES / "13-collapsed-saddle.json", "-o", "out")
    assert code == 0 and "critical point, not isolated, not a minimum" in out


def test_transposed_values_are_told(relucert):
    """The gradient is 76 times smaller with rows and columns exchanged, and that point is a minimum."""
    code, out, _ = relucert("verify", "--symmetric", CASES / "19-transposed.jsonl", "-o", "out")
    assert code == 5 and "E.2 not proved" in out
    assert "rows may be transposed: entry (c, a) of values" in out and "neurons in columns" in out
    assert "the gradient is 0.0043, not 0.33" in out
    code, out, _ = relucert("verify", "--symmetric", "--json", CASES / "19-transposed.jsonl", "-o", "out")
    reason = json.loads(out)["reason"]
    assert code == 5 and "E.2 not proved" in reason and "rows may be transposed" in reason
    Path("p.jsonl").write_text(
        '{"class_sizes":[5,1],"values":[[0.987,0.225,-0.05],[0.308,-0.602,0]]}\n'
        '{"class_sizes":[2],"values":[[1.2,0.5]]}\n'
    )
    code, out, _ = relucert("verify", "--symmetric", "p.jsonl", "-o", "out")
    assert "spurious local minimum" in out and "transposed" not in out
    code, out, _ = relucert("verify", "--symmetric", "--raw", "p.jsonl", "-o", "out")
    assert code == 5 and "not proved" in out and "transposed" not in out


@pytest.mark.parametrize(
    ("point", "message"),
    [
        ('{"class_sizes":[5,1],"values":[[1,0],[0,1],[0,0]]}', "for 2 classes; rows may be transposed"),
        ('{"class_sizes":[5,1],"values":[[1,0,0],[0,1,0]],"extra":[[1],[2]]}', "transposed: an extra neuron"),
    ],
)  # fmt: skip
def test_tables_that_fit_when_transposed_are_told(relucert, point, message):
    Path("p.jsonl").write_text(point)
    code, _, err = relucert("verify", "--symmetric", "p.jsonl", "-o", "out")
    assert code == 2 and message in err
    Path("p.jsonl").write_text('{"class_sizes":[5,1],"values":[[1,0],[0,1]]}')
    code, _, err = relucert("verify", "--symmetric", "p.jsonl", "-o", "out")
    assert code == 2 and "expected 2 rows of 3 values" in err and "transposed" not in err


@pytest.mark.parametrize(
    ("value", "exact"),
    [
        (2**60 + 1, (2**60 + 1, 0)), (np.int64(2**60 + 1), (2**60 + 1, 0)), (np.uint8(6), (3, 1)),
        (0.1, (3602879701896397, -55)), (np.float32(0.1), (13421773, -27)), (np.float16(0.1), (819, -13)),
        (np.longdouble(1) + np.longdouble(2) ** -60, (2**60 + 1, -60)), (Fraction(3, 8), (3, -3)),
        (Decimal("0.375"), (3, -3)), (np.array(0.5), (1, -1)), ((3, -3), (3, -3)),
    ],
)  # fmt: skip
def test_numbers_of_every_kind_enter_by_their_value(value, exact):
    if isinstance(value, np.longdouble) and np.finfo(np.longdouble).nmant < 60:
        pytest.skip("long doubles are doubles here")
    assert Candidate.from_rows([[value, 1], [0, 1]]).point[0][0] == exact


@pytest.mark.parametrize(
    "value",
    [
        1 + 0j, np.complex128(1), Fraction(1, 3), Decimal("0.1"), Decimal("nan"), float("inf"), np.longdouble("nan"),
        True, np.bool_(True), "1", b"1", np.str_("1.5"), np.timedelta64(1, "s"),
        None, np.array([1.0]), Fraction(1, 2**20000), (1, True), [1.0, 2],
    ],
)  # fmt: skip
def test_numbers_that_are_not_exact_are_refused(value):
    with pytest.raises(InputError, match="neuron 0, coordinate 0"):
        Candidate.from_rows([[value, 1], [0, 1]])


@pytest.mark.parametrize("text", ["0x1.8p-3", "-0x1p5", "+0xA.8", "0x0"])
def test_hexadecimal_floats(text):
    ((m, e),) = exact_row([text], "row")
    assert m * 2.0**e == float.fromhex(text)


@pytest.mark.parametrize("text", ["0x", "0x.8", "1.8p-3", "0x1p", "0x1 ", "0x1_0", "--0x1", "0x1p+-1"])
def test_what_is_no_hexadecimal_float(text):
    with pytest.raises(InputError):
        exact_row([text], "row")


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("p.json", ("--layout", "neurons-in-columns")),
        ("p.json", ("--variable", "x")),
        ("p.npy", (*ROWS, "--variable", "x")),
    ],
)
def test_options_that_do_not_apply_are_refused(relucert, name, options):
    Path("p.json").write_text("[[1, 0], [0, 1]]")
    np.save("p.npy", np.eye(2))
    code, _, err = relucert("verify", name, *options, "-o", "out")
    assert code == 2 and "leave" in err


@pytest.mark.parametrize("option", ["--step", "--tolerance", "--floor"])
@pytest.mark.parametrize("value", ["nan", "inf", "-1"])
def test_options_of_a_search_are_finite(relucert, option, value):
    code, _, err = relucert("search", 2, 2, option, value)
    assert code == 2 and option in err


def test_a_search_that_finds_nothing_leaves_no_file(relucert):
    code, out, err = relucert("search", 2, 2, "--find", 1, "--runs", 3)
    assert code == 5 and out.startswith("3 runs: 0 ended") and "none of 3 runs" in err
    assert not list(Path("points").glob("*.npz"))


def test_a_seed_of_any_size_reaches_the_certificate(relucert):
    assert relucert("search", 2, 2, "--runs", 2, "--floor", 0, "--seed", 2**70)[0] == 0
    (points,) = Path("points").iterdir()
    assert relucert("verify", points, "-o", "out")[0] in (0, 5)
    assert str(2**70) in next(Path("out").iterdir()).read_text()


def test_a_closed_pipe_is_no_rejection():
    stored = CASES.parents[1] / "certificates/6-6"
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    for command in (("audit", stored), ("show", stored), ("show", "--json", stored)):
        process = subprocess.Popen(
            [sys.executable, "-m", "relucert", *map(str, command)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env=environment,
        )  # fmt: skip
        process.stdout.close()
        _, err = process.communicate()
        assert (process.returncode, b"Traceback" in err) == (141, False), (command, err)


@pytest.mark.skipif(not shutil.which("ssh-keygen"), reason="needs ssh-keygen")
def test_a_private_key_of_openssh_signs(relucert):
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "key"], check=True)
    Path("p.json").write_text("[[1, 0], [0, 1]]")
    assert relucert("verify", "p.json", "--key", "key", "-o", "out")[0] == 0
    (path,) = Path("out").iterdir()
    Path("allowed").write_text("ada " + Path("key.pub").read_text())
    assert relucert("audit", path, "--trusted", "allowed", "--require-signature")[0] == 0


def test_an_exported_envelope_is_audited(relucert):
    (path,) = [
        p for p in (CASES.parents[1] / "certificates/6-6").iterdir() if "spurious-minimum" in p.read_text()
    ]
    assert relucert("export", path, "--format", "dsse", "-o", "c.dsse.json")[0] == 0
    assert relucert("audit", "c.dsse.json")[0] == 0
    whole = Path("c.dsse.json").read_text()
    Path("d.json").write_text(whole.replace("eyJ", "eyI", 1))
    assert relucert("audit", "d.json")[0] == 2
    Path("d.json").write_text(whole.replace("eyJ", "\u00e9yJ", 1), encoding="utf-8")
    assert relucert("audit", "d.json")[0] == 2


def test_no_file_commands_the_terminal(relucert, tmp_path):
    (path,) = [
        p for p in (CASES.parents[1] / "certificates/6-6").iterdir() if "spurious-minimum" in p.read_text()
    ]
    text = path.read_text().replace('"0 < min |lambda_i|"', '"[red]\\u001b[2J[/nonsense]"', 1)
    Path("c.json").write_text(text)
    for command in (("show", "c.json"), ("audit", "c.json")):
        code, out, err = relucert(*command)
        assert code in (1, 2) and "\x1b" not in out + err


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.1", 0.1),
        ("1.000000000000000056e-01", 0.1),
        ("1e22", 1e22),
        ("-.5", -0.5),
        ("5e-324", 5e-324),
        ("0e5", 0.0),
    ],
)
def test_decimals_that_stand_for_a_double(text, value):
    assert double(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "1." + "0" * 39 + "1",
        "1e-400",
        "3e-324",
        "1e400",
        "1e" + "9" * 20,
        "1_0",
        "nan",
        "0x1",
        "",
        "0.1" + "0" * 20 + "1",
    ],
)
def test_decimals_that_no_double_stands_for(relucert, text):
    with pytest.raises(ValueError, match="is no"):
        double(text)
    Path("p.csv").write_text(f"{text or '?'},0\n0,1\n")
    code, _, err = relucert("verify", "p.csv", *ROWS, "-o", "out")
    assert code == 2 and "p.csv: line 1, entry 1" in err
    if text and text[-1].isdigit() and "_" not in text and "x" not in text:
        Path("p.jsonl").write_text(f'{{"class_sizes": [2], "values": [[{text}, 0]]}}\n')
        assert relucert("verify", "--symmetric", "p.jsonl", "-o", "out")[0] == 2


def test_targets_with_a_misspelt_member_are_refused(relucert):
    Path("t.json").write_text('{"targets": [[1, 0]], "target": [[1, 0], [0, 1]]}')
    Path("p.json").write_text("[[1, 0], [0, 1]]")
    code, _, err = relucert("verify", "p.json", "--targets", "t.json", "-o", "out")
    assert code == 2 and "unknown member 'target'" in err
