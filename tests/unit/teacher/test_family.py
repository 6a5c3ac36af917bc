"""Families of symmetric points: patterns, ranges of k, first members, and the directory they are kept in."""

import csv
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from relucert import certificate
from relucert.base.dyadic import to_float
from relucert.base.errors import InputError
from relucert.certificate import signing
from relucert.families.teacher.symmetric.family import Pattern, Row, members, numbers, row_of, summary
from relucert.families.teacher.symmetric.index import HEADER, NAME, Index
from relucert.families.teacher.symmetric.point import verify_point
from relucert.families.teacher.symmetric.run import certify
from relucert.families.teacher.symmetric.start import first_member
from relucert.families.teacher.verify import verify
from symmetric_points import found, whole


@pytest.fixture
def key(tmp_path):
    signing.new_key(tmp_path / "key.pem")
    return tmp_path / "key.pem"


def lines_of(directory):
    return list(csv.DictReader((directory / NAME).read_text().splitlines()))


def floats(at):
    return [[to_float(x) for x in row] for row in at.values]


# ---- patterns and numbers --------------------------------------------------------------------------------


def test_patterns_give_the_class_sizes_at_any_k():
    pattern = Pattern.parse("k-5, 4,1")
    assert str(pattern) == "k-5,4,1"
    assert pattern.sizes(10**12) == (10**12 - 5, 4, 1)
    assert Pattern.parse("1,k-1").sizes(6) == (1, 5)
    assert Pattern.parse("k").sizes(7) == (7,)
    for k in (5, 10**13):
        with pytest.raises(InputError, match=f"k = {k}"):
            pattern.sizes(k)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("k-2,k-1", "exactly one class"),
        ("5,1", "exactly one class"),
        ("", "exactly one class"),
        ("k-2,1", "only if the growing one is k-1"),
        ("k-1", "only if the growing one is k"),
        ("k-1,x", "expected sizes"),
        ("k-0,0", "expected sizes"),
        ("k+1,1", "expected sizes"),
        ("2k,1", "exactly one class"),
        ("k-6,1,1,1,1,1,1", "at most 6"),
    ],
)
def test_what_is_not_a_pattern_is_refused(text, message):
    with pytest.raises(InputError, match=message):
        Pattern.parse(text)


def test_ranges_of_k():
    assert numbers("6:9") == [6, 7, 8, 9]
    assert numbers("6:11:2,10,8") == [6, 8, 10]
    assert numbers("6:40:x1.5") == [6, 9, 14, 21, 32]
    assert numbers("2:5:x1.01") == [2, 3, 4, 5]
    assert numbers("10,1000,1000000") == [10, 1000, 10**6]
    large = numbers("6:1000000:x1.5")
    assert (large[0], len(large)) == (6, 30)
    assert large[-1] <= 10**6 < 1.6 * large[-1]


@pytest.mark.parametrize(
    "text", ["", "0", "9:6", "6:9:0", "6:9:1.5", "6:9:x1", "6:9:x", "6:9:x1.2.3", "a", "6:", "1:2000000"]
)
def test_what_is_not_a_range_is_refused(text):
    with pytest.raises(InputError, match="--k"):
        numbers(text)


def test_a_point_is_arranged_to_the_order_of_the_pattern():
    at = found("a neuron too many")  # classes of 1 and 7
    other = Pattern.parse("k-1,1").arranged(at)
    assert other.sizes == (7, 1)
    (a, b, _), (c, d, e) = at.values
    assert other.values == ((d, c, e), (b, a, (0, 0)))
    assert other.extra == ((at.extra[0][1], at.extra[0][0]),)
    one, two = verify_point(at).outcome.bounds, verify_point(other).outcome.bounds
    assert float(one.objective[0]) == pytest.approx(float(two.objective[0]), rel=1e-12)
    assert float(one.lambda_min[0]) == pytest.approx(float(two.lambda_min[0]), rel=1e-9)
    assert Pattern.parse("k-2,2").arranged(at) is None
    assert Pattern.parse("k").arranged(at) is None


# ---- first members, and what becomes of them -------------------------------------------------------------


@pytest.mark.parametrize(
    ("classes", "least", "eigenvalue"),
    [("k-1,1", 6, 0.0550925814), ("k-2,2", 8, 0.0443443096), ("k-3,3", 10, 0.0385126799), ("k", 6, None)],
)
def test_families_are_minima_from_some_k_on_and_saddles_before(classes, least, eigenvalue):
    """eigenvalue: the smallest at k = 20, as Safran, Yehudai & Shamir (2021) computed it."""
    pattern = Pattern.parse(classes)
    verdicts = {}
    for k, at in members(pattern, first_member(pattern), [*range(least - 2, least + 3), 20]):
        result = verify_point(at)
        verdicts[k] = result.verdict
        if k == 20 and eigenvalue:
            assert float(result.outcome.bounds.lambda_min[0]) == pytest.approx(eigenvalue, rel=1e-8)
        if k in (least - 1, least):
            assert verify(whole(at), raw=True).verdict == result.verdict
    assert sorted(verdicts) == [*range(least - 2, least + 3), 20]
    for k, verdict in verdicts.items():
        assert verdict == ("spurious-minimum" if k >= least else "strict-saddle"), k


def test_a_minimum_with_three_classes_is_found():
    """With the smallest eigenvalue of Safran, Yehudai & Shamir (2021), who found it by gradient descent."""
    start = first_member(Pattern.parse("k-7,6,1"))
    assert start.k == 20
    result = verify_point(start)
    assert result.verdict == "spurious-minimum"
    assert float(result.outcome.bounds.lambda_min[0]) == pytest.approx(0.000401236, rel=1e-5)


def test_classes_that_could_be_joined_are_not_taken_for_different_ones():
    start = first_member(Pattern.parse("k-5,4,1"))
    (_, b, _, _), (_, own, _, inside), (_, _, single, _) = floats(start)
    assert abs(own - single) > 0.01 or abs(inside - b) > 0.01
    result = verify_point(start)
    assert result.verdict == "strict-saddle"
    assert float(result.outcome.bounds.objective[0]) > 0


def test_where_there_is_no_such_point_the_search_says_so():
    with pytest.raises(InputError, match=r"--start FILE"):
        first_member(Pattern.parse("k-2,1,1"))


def row(k, verdict, negative="0", every="true"):
    return Row(
        str(k), str(k), f"{k - 1}+1", verdict, every, "1", "1", "1", "1", negative, "d" if every else ""
    )


def test_a_summary_joins_what_is_alike_and_names_each_change_of_the_index():
    rows = [
        row(3, "not-found", "", ""),
        *(row(k, "strict-saddle", str(k)) for k in (4, 5)),
        *(row(k, "spurious-minimum") for k in (6, 8, 9)),
        row(10, "spurious-minimum", every="false"),
    ]
    ranges, changes = summary(rows)
    assert ranges == [
        (3, 3, 1, "not-found", False),
        (4, 5, 2, "strict-saddle", True),
        (6, 9, 3, "spurious-minimum", True),
        (10, 10, 1, "spurious-minimum", False),
    ]
    assert changes == [(4, 5, 4, 5), (5, 6, 5, 0)]


# ---- the directory ---------------------------------------------------------------------------------------


def test_a_family_is_certified_resumed_and_summed_up(relucert, tmp_path, key):
    out = tmp_path / "out"
    command = ("family", "--classes", "k-1,1", "-o", out, "--key", key, "--jobs", 1)
    code, text, _ = relucert(*command, "--k", "5:8")
    assert code == 0
    assert "k = 5: strict saddle, lambda_min >= -0.0077" in text
    assert "k = 6 .. 8 (3 values): spurious local minimum, in every dimension d >= k" in text
    assert "negative eigenvalues: 3 at k = 5, 0 at k = 6" in text
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


# ---- the page for users ----------------------------------------------------------------------------------

PAGE = (Path(__file__).parents[3] / "docs/families/symmetric.md").read_text()


def test_the_table_of_the_page_is_what_is_proved():
    lines = re.findall(r"^\| (k[-0-9,]*) \|.*\| (-?[0-9.]+) \| ([0-9.e-]+) \|$", PAGE, re.MULTILINE)
    assert [classes for classes, _, _ in lines] == ["k-1,1", "k-2,2", "k-3,3", "k-4,4", "k", "k-5,4,1"]
    for classes, lambda_min, loss in lines:
        pattern = Pattern.parse(classes)
        ((_, at),) = members(pattern, first_member(pattern), [10**6])
        found = row_of(certify(at)["statement"])
        assert (found.lambda_min, found.objective_low) == (lambda_min, loss)


def test_the_example_of_the_page_runs(capsys):
    (code,) = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    exec(code, {})  # noqa: S102
    assert capsys.readouterr().out == "1000000 spurious-minimum\n6 spurious-minimum\n"
