"""The directory that a family is kept in: resumed, rebuilt, summed up and plotted."""

import csv
import json
import os
import signal
import subprocess
import sys
import time

import pytest

from relucert import certificate
from relucert.base.errors import InputError
from relucert.certificate import signing
from relucert.families.teacher.symmetric.family import Pattern, members
from relucert.families.teacher.symmetric.index import HEADER, NAME, Index
from relucert.families.teacher.symmetric.run import certify
from relucert.families.teacher.symmetric.start import first_member
from symmetric_points import found


@pytest.fixture
def key(tmp_path):
    signing.new_key(tmp_path / "key.pem")
    return tmp_path / "key.pem"


def lines_of(directory):
    return list(csv.DictReader((directory / NAME).read_text().splitlines()))


# ---- the directory ---------------------------------------------------------------------------------------


def test_a_family_is_certified_resumed_and_summed_up(relucert, tmp_path, key):
    out = tmp_path / "out"
    command = ("family", "--classes", "k-1,1", "-o", out, "--key", key, "--jobs", 1)
    code, text, _ = relucert(*command, "--k", "5:8")
    assert code == 0
    assert "k = 5: strict saddle, lambda_min >= -0.0077" in text
    assert "k = 6 .. 8 (3 values): spurious local minimum, in every dimension d >= k" in text
    assert "negative eigenvalues in dimension d = k: 3 at k = 5, 0 at k = 6" in text
    lines = lines_of(out)
    assert [line["k"] for line in lines] == ["5", "6", "7", "8"]
    assert [line["negative"] for line in lines] == ["3", "0", "0", "0"]
    stamps = {path: path.stat().st_mtime_ns for path in out.glob("*.json")}
    assert {path.stem for path in stamps} == {line["digest"] for line in lines}
    for line in lines:
        claim = certificate.parse((out / f"{line['digest']}.json").read_bytes(), "x")["statement"]["claim"]
        assert claim["bounds"]["lambda_min"][0]["decimal"] == line["lambda_min"]
        assert claim["bounds"]["objective"][1]["decimal"] == line["objective_high"]
        assert "+".join(map(str, claim["point"]["class_sizes"])) == line["class_sizes"]

    code, text, errors = relucert(*command, "--k", "4,6:9", "--json")
    assert code == 0
    assert "3 of 5 certificates are already in" in errors
    *records, end = map(json.loads, text.splitlines())
    assert [record["k"] for record in records] == [9, 4, 6, 7, 8]
    assert all(os.path.exists(record["certificate"]) for record in records)
    assert end["ranges"] == [[4, 4, 1, "strict-saddle", True], [6, 9, 4, "spurious-minimum", True]]
    assert end["changes"] == [[4, 6, 2, 0]]
    assert all(path.stat().st_mtime_ns == stamp for path, stamp in stamps.items())


def test_the_constants_are_an_option(relucert, tmp_path, key):
    radii = {}
    for name in ("sharp", "simple"):
        out = tmp_path / name
        command = ("family", "--classes", "k-1,1", "-o", out, "--key", key, "--k", "1000")
        code, _, _ = relucert(*command, *(("--constants", name) if name != "sharp" else ()))
        (path,) = out.glob("*.json")
        bounds = certificate.parse(path.read_bytes(), "x")["statement"]["claim"]["bounds"]
        assert (code, bounds["lipschitz"]["constants"]) == (0, name)
        radii[name] = float(bounds["basin"]["radius"]["decimal"])
    assert radii["sharp"] > 100 * radii["simple"]
    code, _, errors = relucert(*command, "--constants", "paper")
    assert code == 2
    assert "not 'paper'" in errors


def test_where_a_family_is_not_found_its_line_says_so(relucert, tmp_path, key):
    command = ("family", "--classes", "k-1,1", "-o", tmp_path / "out", "--key", key, "--k", "2:3")
    for _ in range(2):  # it is tried again
        code, text, _ = relucert(*command)
        assert code == 5
        assert "k = 2: not found: Newton's method found no member" in text
        (line, other) = lines_of(tmp_path / "out")
        assert (line["k"], line["verdict"], line["digest"]) == ("2", "not-found", "")
        assert (other["k"], other["verdict"]) == ("3", "strict-saddle")


def test_the_index_is_rebuilt_from_whole_certificates(relucert, tmp_path, key):
    out = tmp_path / "out"
    command = ("family", "--classes", "k-1,1", "-o", out, "--key", key, "--k", "6:8", "--jobs", 1)
    relucert(*command)
    before = (out / NAME).read_bytes()
    lines = before.splitlines(keepends=True)
    (out / NAME).write_bytes(b"".join(lines[:2]) + lines[2][:30])  # killed while a line was written
    Index(out)
    assert (out / NAME).read_bytes() == before
    (out / NAME).unlink()
    Index(out)
    assert (out / NAME).read_bytes() == before
    first = out / f"{lines[1].decode().strip().split(',')[-1]}.json"
    whole = first.read_bytes()
    first.write_bytes(whole[:1000])
    assert Index(out).get(6, 6, (5, 1)) is None
    code, text, _ = relucert(*command)
    assert code == 0
    assert "k = 6:" in text
    assert "k = 7:" not in text
    assert (out / NAME).read_bytes() == before
    assert first.read_bytes() == whole


def test_a_forged_member_is_not_taken_over(relucert, tmp_path, key):
    """k = 5, where the point of classes 4 and 1 is a saddle, rewritten as a spurious minimum named by its digest."""
    out = tmp_path / "family"
    command = ("family", "--classes", "k-1,1", "--k", "5:7", "-o", out, "--key", key, "--jobs", 1)
    assert relucert(*command)[0] == 0
    before = {line["k"]: line for line in lines_of(out)}
    assert before["5"]["verdict"] == "strict-saddle"
    honest, model = (json.loads((out / f"{before[k]['digest']}.json").read_text()) for k in "56")
    forged = json.loads(json.dumps(model))
    forged["statement"]["claim"]["problem"] = honest["statement"]["claim"]["problem"]
    forged["statement"]["claim"]["point"] = honest["statement"]["claim"]["point"]
    (out / f"{before['5']['digest']}.json").unlink()
    digest = certificate.digest(forged["statement"])
    (out / f"{digest}.json").write_text(json.dumps({**forged, "signatures": []}))
    (out / NAME).write_text((out / NAME).read_text().replace(before["5"]["digest"], digest))
    code, said, err = relucert(*command)
    assert code == 0
    assert f"{digest}.json: not accepted by the checker" in err.replace("\n", "")
    assert {line["k"]: line for line in lines_of(out)} == before
    assert "k = 5: strict saddle" in said


@pytest.mark.parametrize("text", ["k,n\n1,2\n", HEADER + "a,b\n", HEADER + ",".join("abcdefghijk") + "\n"])
def test_a_file_that_is_no_index_is_not_replaced(tmp_path, text):
    (tmp_path / NAME).write_text(text)
    with pytest.raises(InputError, match=r"index\.csv"):
        Index(tmp_path)
    assert (tmp_path / NAME).read_text() == text


def test_processes_give_the_same_certificates(relucert, tmp_path, key):
    for jobs in ("1", "2"):
        code, _, _ = relucert(
            *("family", "--classes", "k-1,1", "--k", "6:75", "--jobs", jobs),
            *("-o", tmp_path / jobs, "--key", key),
        )
        assert code == 0
    one, two = ({p.name: p.read_bytes() for p in (tmp_path / jobs).iterdir()} for jobs in ("1", "2"))
    assert len(one) == 71
    assert one == two


def test_ctrl_c_loses_nothing(tmp_path, key):
    command = [
        sys.executable,
        "-m",
        "relucert",
        "family",
        "--classes",
        "k-1,1",
        "--k",
        "6:4000",
        "--jobs",
        "1",
    ]
    process = subprocess.Popen(
        [*command, "-o", tmp_path / "out", "--key", key], stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )  # fmt: skip
    index = tmp_path / "out" / NAME
    deadline = time.monotonic() + 60
    while not (index.exists() and index.read_text().count("\n") > 5):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "interrupted" in errors
    digests = {line["digest"] for line in lines_of(index.parent)}
    assert len(digests) >= 5
    assert digests <= {path.stem for path in (tmp_path / "out").glob("*.json")}
    assert not list((tmp_path / "out").glob(".relucert-*"))


def test_a_family_starts_from_a_point_in_a_file(relucert, tmp_path, key):
    at = found("a neuron too many")
    path = tmp_path / "start.jsonl"
    lines = [{"class_sizes": [6], "values": [[1, 0]]}]
    lines.append({"class_sizes": at.sizes, "values": at.values, "extra": at.extra})
    path.write_text("\n".join(map(json.dumps, lines)))
    command = ("family", "-o", tmp_path / "out", "--key", key, "--start", path, "--json")
    code, text, _ = relucert(*command, "--classes", "k-1,1", "--k", "8,20")
    assert code == 0
    *records, _ = map(json.loads, text.splitlines())
    assert [(r["k"], r["n"], r["class_sizes"], r["verdict"]) for r in records] == [
        (8, 9, [7, 1], "spurious-minimum"),
        (20, 21, [19, 1], "spurious-minimum"),
    ]
    statement = json.loads((tmp_path / "out" / f"{records[1]['digest']}.json").read_text())["statement"]
    assert statement["provenance"]["source"] == "family k-1,1 from start.jsonl:2"
    code, _, errors = relucert(*command, "--classes", "k-2,2", "--k", "8")
    assert code == 2
    assert "no point has the classes k-2,2" in errors
    code, _, errors = relucert(*command[:-2], tmp_path / "absent", "--classes", "k", "--k", "8")
    assert (code, "no such file" in errors) == (2, True)


def test_a_global_minimum_is_called_one_with_loss_zero(relucert, tmp_path, key):
    path = tmp_path / "start.jsonl"
    path.write_text('{"class_sizes": [6], "values": [[0.999, 0.001]]}')
    code, text, _ = relucert(
        *("family", "--classes", "k", "--k", "6", "--start", path, "-o", tmp_path / "out", "--key", key)
    )
    assert code == 0
    assert "k = 6: global minimum, in every dimension d >= k, loss 0" in text


def test_a_member_at_a_thousand_million_costs_no_more_than_others():
    """A test of what is done, not of time: the certificate is as short, the point of the same kind."""
    pattern = Pattern.parse("k-2,2")
    ((k, at),) = members(pattern, first_member(pattern), [10**9])
    statement = certify(at)["statement"]
    bounds = statement["claim"]["bounds"]
    assert at.sizes == (k - 2, 2)
    assert statement["claim"]["verdict"] == "spurious-minimum"
    assert float(bounds["objective"][0]["decimal"]) * k == pytest.approx(2 * 0.29735, rel=1e-3)
    assert len(certificate.envelope(statement, [])) < 5000


def test_a_plot_without_matplotlib_says_what_to_install(relucert, tmp_path, monkeypatch, key):
    command = ("family", "--classes", "k-1,1", "--k", "6", "-o", tmp_path / "out", "--key", key, "--plot")
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    code, _, errors = relucert(*command, tmp_path / "a.svg")
    assert code == 3
    assert 'pip install "relucert[plot]"' in errors
    code, _, errors = relucert(*command, tmp_path / "a.pdf")
    assert (code, ".svg or .png" in errors) == (2, True)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("form", "head"), [("svg", b"<?xml"), ("png", b"\x89PNG")])
def test_plots(relucert, tmp_path, key, form, head):
    pytest.importorskip("matplotlib")
    path = tmp_path / f"picture.{form}"
    command = ("family", "--classes", "k-1,1", "--k", "4:9", "-o", tmp_path / "out", "--key", key)
    assert relucert(*command, "--plot", path)[0] == 0
    first = path.read_bytes()
    assert first.startswith(head)
    assert relucert(*command, "--plot", path)[0] == 0
    assert path.read_bytes() == first
    if form == "svg":
        assert first.count(b"<use ") >= 18  # three curves of six points
