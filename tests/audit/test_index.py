"""The audit of a directory with an index.csv: complete, and derived from the certificates."""

import json
import shutil
from pathlib import Path

import pytest

from relucert_audit.command import main
from relucert_audit.index import check_index, covered, indices

STORED = Path(__file__).resolve().parents[2] / "certificates"


@pytest.fixture
def family(tmp_path):
    """Five members of the stored family, with their lines."""
    lines = (STORED / "k-1,1/index.csv").read_text().splitlines(keepends=True)[:6]
    (tmp_path / "index.csv").write_text("".join(lines))
    for line in lines[1:]:
        shutil.copy(STORED / f"k-1,1/{line.strip().rpartition(',')[2]}.json", tmp_path)
    return tmp_path


def audit(capsys, path):
    code = main([str(path), "--json"])
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return code, next(row for row in rows if row["file"].endswith("index.csv"))


def edited(path, old, new):
    path.write_text(path.read_text().replace(old, new, 1))


def test_a_whole_family_is_accepted_and_its_k_are_named(family, capsys):
    code, row = audit(capsys, family)
    assert (code, row["result"], row["verdict"]) == (0, "accepted", "k = 6..10")


class Gone:
    """Standard output whose reader leaves when it has a certain row; what is not flushed has not been sent."""

    def __init__(self, file, last):
        self.file, self.last, self.waiting, self.sent = file, last, "", ""

    def write(self, text):
        self.waiting += text

    def flush(self):
        if self.last and self.last in self.waiting:
            raise BrokenPipeError
        self.sent, self.waiting = self.sent + self.waiting, ""

    def fileno(self):
        return self.file.fileno()


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_the_last_rows_are_sent_before_the_end(family, monkeypatch, options):
    """The rows of indices come last: a reader that is gone by then is noticed, too."""
    with (family / "output").open("w") as file:
        for last, code in (("index.csv", 141), (None, 0)):
            stream = Gone(file, last)
            monkeypatch.setattr("sys.stdout", stream)
            assert main([str(family), *options]) == code
            assert stream.sent.count("\n") == 5 + (code == 0) + (not options)
            assert (stream.waiting == "") is (code == 0)


def test_a_deleted_certificate_is_noticed(family, capsys):
    sorted(family.glob("*.json"))[2].unlink()
    code, row = audit(capsys, family)
    assert (code, row["result"]) == (1, "rejected") and "is not there" in row["reason"]


def test_a_certificate_deleted_with_its_line_leaves_a_gap_to_see(family, capsys):
    lines = (family / "index.csv").read_text().splitlines(keepends=True)
    (family / f"{lines[3].strip().rpartition(',')[2]}.json").unlink()
    (family / "index.csv").write_text("".join(lines[:3] + lines[4:]))
    assert audit(capsys, family)[1]["verdict"] == "k = 6..7, 9..10"


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("0.00470034", "7.77", "lambda_min is '7.77', its certificate says 0.00470034"),
        ("6,6,5+1", "5,6,5+1", "k is '5', its certificate says 6"),
        ("spurious-minimum", "global-minimum", "verdict is 'global-minimum'"),
        ("true", "false", "every_dimension is 'false'"),
    ],
)
def test_an_edited_line_is_noticed(family, capsys, old, new, reason):
    edited(family / "index.csv", old, new)
    code, row = audit(capsys, family)
    assert code == 1 and reason in row["reason"]


def test_a_certificate_that_is_not_listed_is_noticed(family, capsys):
    lines = (family / "index.csv").read_text().splitlines(keepends=True)
    (family / "index.csv").write_text("".join(lines[:-1]))
    code, row = audit(capsys, family)
    assert code == 1 and "does not list" in row["reason"]


def test_the_stored_indices_say_what_their_certificates_say():
    """Given that these are accepted, which `make audit-alone` proves."""
    files, found = sorted(STORED.rglob("*.json")), indices([STORED])
    assert [index.parent.name for index in found] == [
        "every-k",
        "certificates",
        "k-1,1",
        "landscape",
        "wider",
    ]
    accepted = dict.fromkeys(files, "accepted")
    whole = [check_index(index, covered(index, found, files), accepted) for index in found]
    assert whole == [
        ("every k >= 6", []),
        ("k = 6..20", []),
        ("k = 6..1000, 1000000, 1000000000", []),
        ("23 claims", []),
        ("k = 6..20", []),
    ]


@pytest.mark.parametrize("change", [("999,0,0", "998,0,0"), (",1000,", ",1001,")])
def test_counts_that_do_not_add_up_are_noticed(tmp_path, change):
    text = (STORED / "index.csv").read_text()
    (tmp_path / "index.csv").write_text(text.replace(*change, 1))
    files = {path.stem: path for path in STORED.glob("*-*/*.json")}
    _, findings = check_index(tmp_path / "index.csv", files, dict.fromkeys(files.values(), "accepted"))
    assert any("the counts of k = 6, n = 6 are" in finding.reason for finding in findings)
