"""The audit of a directory with an index.csv: complete, and derived from the certificates."""

import base64
import json
import shutil
from functools import cache
from pathlib import Path

import pytest
import rfc8785

from relucert.certificate.form import PAYLOAD_TYPE
from relucert_audit import index
from relucert_audit.command import main
from relucert_audit.index import check_index, covered, indices
from relucert_audit.shares import order

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


def lines_of(name, *starts):
    """Of a stored index the header and the lines that start so."""
    head, *lines = (STORED / name / "index.csv").read_text().splitlines(keepends=True)
    return "".join([head, *(line for line in lines if line.startswith(starts))])


def checked(text, name, folder):
    """What is said of an index of stored certificates, given that these are accepted, and what is wrong with it."""
    files = {path.stem: path for path in (STORED / name).glob("*.json") if path.stem in text}
    (folder / "index.csv").write_text(text)
    about, findings = check_index(folder / "index.csv", files, dict.fromkeys(files.values(), "accepted"))
    return about, [finding.reason for finding in findings]


def test_every_column_of_wider_networks_is_compared(tmp_path):
    """Theorem 18.V's barrier, and how many neurons' splits are what; a claim without splits has no such counts."""
    text, right = lines_of("wider", "6,6,splits", "6,6,not-a-minimum"), "1.95544e-8,6,0,0,6"
    assert checked(text, "wider", tmp_path) == ("k = 6", [])
    for wrong in ("9.9,6,0,0,6", "1.95544e-8,0,6,6,0", "9.9,0,6,6,0", ",6,0,0,6", "1.95544e-8,,,,"):
        assert checked(text.replace(right, wrong), "wider", tmp_path)[1], wrong
    _, reasons = checked(text.replace("1.95544e-8,,,,", "1.95544e-8,6,,,"), "wider", tmp_path)
    assert reasons == ["same_saddles is '6', its certificate says nothing"]
    other = checked(text.replace("barrier", "height"), "wider", tmp_path)
    assert other == ("k = 6; not compared: height", [])


def test_a_class_of_a_symmetric_point_counts_with_its_size(tmp_path):
    """7 = 6 + 1: two rows of splits, seven neurons."""
    text = lines_of("wider-symmetric", "7,7,splits")
    assert checked(text, "wider-symmetric", tmp_path) == ("k = 7", [])
    assert checked(text.replace(",7,0,0,7", ",2,0,0,2"), "wider-symmetric", tmp_path)[1] == [
        "same_saddles is '2', its certificate says 7",
        "opposite_minima is '2', its certificate says 7",
    ]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("k,n", "k,k"),
        ("k,n", "k,"),
        ("lambda_min_outside", "lambda_min"),
        ("lambda_min_outside", "certificate"),
        ("digest", "name"),
    ],
)
def test_a_header_names_each_column_once(family, capsys, old, new):
    edited(family / "index.csv", old, new)
    code, row = audit(capsys, family)
    assert code == 1 and row["reason"].startswith("line 1")


def test_a_line_without_a_certificate_claims_nothing(tmp_path):
    text = lines_of("k-1,1", "6,")
    for verdict in ("not-found", "inconclusive"):
        assert checked(text + f"11,11,10+1,{verdict},,,,,,,\n", "k-1,1", tmp_path)[1] == []
    for said in (
        "spurious-minimum,,,,,,,",
        "not-found,true,,,,,,",
        "not-found,,0.5,,,,,",
        "not-found,,,,,0.1,,",
    ):
        (reason,) = checked(text + f"11,11,10+1,{said}\n", "k-1,1", tmp_path)[1]
        assert reason.endswith("and no certificate is named"), said


def test_a_certificate_that_is_not_listed_is_noticed(family, capsys):
    lines = (family / "index.csv").read_text().splitlines(keepends=True)
    (family / "index.csv").write_text("".join(lines[:-1]))
    code, row = audit(capsys, family)
    assert code == 1 and "does not list" in row["reason"]


@pytest.fixture(scope="module")
def stored_claims():
    """claim_of for certificates that nobody changes, which reads each once."""
    return cache(index.claim_of)


@pytest.fixture
def read_once(monkeypatch, stored_claims):
    monkeypatch.setattr(index, "claim_of", stored_claims)


@pytest.mark.usefixtures("read_once")
def test_the_stored_indices_say_what_their_certificates_say():
    """Given that these are accepted, which `make audit-alone` proves."""
    files, found = sorted(STORED.rglob("*.json")), indices([STORED])
    assert [path.parent.name for path in found] == [
        "every-k",
        "expression",
        "certificates",
        "k-1,1",
        "landscape",
        "open-starts",
        "runs",
        "signed",
        "signed-runs",
        "wider",
        "wider-symmetric",
    ]
    accepted = dict.fromkeys(files, "accepted")
    whole = [check_index(path, covered(path, found, files), accepted) for path in found]
    assert whole == [
        ("every k >= 6", []),
        ("9 claims", []),
        ("k = 6..20; not compared: runs, count", []),
        ("k = 6..1000, 1000000, 1000000000", []),
        ("23 claims", []),
        ("k = 6, 20", []),
        ("k = 6..12, 20; not compared: runs, of", []),
        ("k = 1..3, 6, 8..9, 13", []),
        ("k = 3, 6, 8", []),
        ("k = 6..20", []),
        ("k = 7..40", []),
    ]


@pytest.mark.usefixtures("read_once")
@pytest.mark.parametrize("change", [("999,0,0", "998,0,0"), (",1000,", ",1001,")])
def test_counts_that_do_not_add_up_are_noticed(tmp_path, change):
    text = (STORED / "index.csv").read_text()
    (tmp_path / "index.csv").write_text(text.replace(*change, 1))
    files = {path.stem: path for path in STORED.glob("*-*/*.json")}
    _, findings = check_index(tmp_path / "index.csv", files, dict.fromkeys(files.values(), "accepted"))
    assert any("the counts of k = 6, n = 6 are" in finding.reason for finding in findings)


RUNS = STORED.parent / "tests" / "corpus" / "accept" / "runs-two.json"  # run 0 of seed 1 at (2, 2)
HEAD = "k,n,runs,of,ends,count,verdict,certificate\n"


def of_runs(folder, *lines, head=HEAD):
    """What is found wrong with an index of one certificate of runs, C in its lines."""
    digest = "c" * 64
    path, index = folder / f"{digest}.json", folder / "index.csv"
    shutil.copy(RUNS, path)
    index.write_text(head + "".join(f"{line}\n" for line in lines).replace("C", digest))
    return [finding.reason for finding in check_index(index, {digest: path}, {path: "accepted"})[1]]


def test_an_index_of_runs_says_which_runs_they_are(tmp_path):
    first = order(1, 2, 2, 12)
    place = first.index(0) + 1
    rest = [] if place == 1 else [f"2,2,{place},12,not-proved,{place - 1},,"]
    assert of_runs(tmp_path, f"2,2,{place},12,global-minimum,1,converges,C", *rest) == []
    assert of_runs(tmp_path, "2,2,1,1,global-minimum,1,converges,C") == []
    of = next(of for of in range(2, 99) if order(1, 2, 2, of)[0] != 0)
    (reason,) = of_runs(tmp_path, f"2,2,1,{of},global-minimum,1,converges,C")
    assert reason == f"k = 2, n = 2: not among the first 1 of {of} runs"
    for wrong in ("2,2,2,1", "2,2,1,", "2,2,1,x"):
        assert of_runs(tmp_path, f"{wrong},global-minimum,1,converges,C"), wrong
    assert of_runs(tmp_path, "2,2,1,9999999,global-minimum,1,converges,C") == ["more than 1000000 runs"]
    without = "2,2,1,global-minimum,1,converges,C"
    (reason,) = of_runs(tmp_path, without, head=HEAD.replace("of,", ""))
    assert reason.endswith("does not say which runs, in `runs` and `of`")


def test_a_line_without_an_end_or_a_certificate(tmp_path):
    assert of_runs(tmp_path, "2,2,0,1,,0,converges,C")
    assert of_runs(tmp_path, "2,2,2,2,global-minimum,1,converges,C", "2,2,2,2,spurious-minimum,1,,")
    assert of_runs(tmp_path, "2,2,2,2,global-minimum,1,converges,C", "2,2,2,2,not-proved,1,,") == []


def test_an_envelope_beside_an_index(family, capsys):
    path = next(family.glob("*.json"))
    statement = json.loads(path.read_bytes())["statement"]
    payload = base64.b64encode(rfc8785.dumps(statement)).decode()
    path.write_text(json.dumps({"payload": payload, "payloadType": PAYLOAD_TYPE, "signatures": []}))
    code, row = audit(capsys, family)
    assert (code, row["result"]) == (0, "accepted")
