"""relucert report: what it reads, its statistics, its figures, its formats, and the command."""

import base64
import csv
import io
import json
import re
import struct
import sys
import zlib
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import beta, fisher_exact

import studies
from relucert.base.decimals import share, share_percent
from relucert.families.teacher.search.classes import coordinate_classes
from relucert.study import figures, formats, sample, structure, tables
from relucert.study import study as reading


@pytest.fixture(scope="module")
def study(whole):
    return reading.read(whole)


def test_a_study_is_read_in_order(study, whole):
    assert [(row.k, row.n) for row in study.rows] == [
        (6, 6), (8, 8), (9, 10), (10, 10), (12, 12), (13, 14), (16, 16), (20, 20), (21, 24)
    ]  # fmt: skip
    assert study.protocol.floor_steps == 50000
    (family,) = study.rows[7].families
    assert family.count == study.rows[7].kinds["spurious-minimum"] == 940
    assert study.rows[7].kinds["strict-saddle"] == 0  # absent is 0
    assert family.point.tolist() == studies.point(whole / f"certificates/{family.certificate}.json")


# ---- numbers ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "successes,runs", [(0, 1000), (1000, 1000), (10, 100), (1, 2), (0, 4), (55, 1000), (217, 1000)]
)
def test_the_interval_is_that_of_clopper_and_pearson_rounded_outwards(successes, runs):
    low, high = sample.interval(successes, runs)
    exact_low = beta.ppf(0.025, successes, runs - successes + 1) if successes else 0
    exact_high = beta.ppf(0.975, successes + 1, runs - successes) if successes < runs else 1
    assert exact_low - 1e-6 < low / sample.GRID <= exact_low
    assert exact_high <= high / sample.GRID < exact_high + 1e-6


def cell(table, heading):
    return next(column.text(table.lines[0]) for column in table.columns if column.heading == heading)


def test_what_is_printed_is_rounded_to_the_safe_side(study):
    """By hand: 1 - 0.025^(1/4) = 0.602365; 55 of 1000 from 4.16988% to 7.09915%, 217 of 1000 from 19.1815%.
    9996 of 10,000 are not all of them, nor is a loss below 0.00123456499 one below 0.00123456."""
    row, intervals = study.rows[0], []
    for spurious, runs in ((0, 4), (55, 1000), (217, 1000), (4, 4)):
        kinds = dict.fromkeys(row.kinds, 0) | {"spurious-minimum": spurious}
        (table,) = tables.tables(replace(study, rows=(replace(row, runs=runs, kinds=kinds),)))
        intervals.append(cell(table, "95% interval"))
    assert intervals == ["0.0–60.3", "4.1–7.1", "19.1–24.4", "39.7–100.0"]
    kinds = dict.fromkeys(row.kinds, 0) | {"spurious-minimum": 9996}
    (table,) = tables.tables(replace(study, rows=(replace(row, runs=10_000, kinds=kinds),)))
    assert cell(table, "spurious %") == "99.9"
    finer = replace(study, protocol=replace(study.protocol, floor=0.00123456499, step=0.1 + 2**-55))
    assert "with a loss below 0.00123456499" in tables.summary(finer)
    said = dict(tables.protocol(finer))
    assert (said["floor of the loss"], float(said["step"])) == ("0.00123456499", 0.1 + 2**-55)


def test_a_share_below_one_never_prints_as_all():
    assert [share(x, 10_000) for x in (9, 9996, 9999, 10_000)] == ["0.000", "0.999", "0.999", "1.000"]
    assert [share_percent(x, 3) for x in range(4)] == ["0.0", "33.3", "66.6", "100.0"]


def test_agreement_is_fishers_test_with_the_papers_thousand_runs():
    assert tables.agreement(3, 1000, 3) == 1
    assert tables.agreement(0, 10, 0) == 1
    assert tables.agreement(940, 1000, 940) == 1
    assert tables.agreement(0, 1000, 11) == pytest.approx(2 * 0.5**11, rel=0.03)  # all of 11 in one half
    assert tables.agreement(300, 1000, 126) == fisher_exact([[300, 700], [126, 874]]).pvalue < 1e-15


def test_the_published_numbers():
    assert [tables.published(k, k) for k in (5, 6, 13, 18, 20, 21)] == [None, 3, 730, 900, 940, None]
    assert [tables.published(k, k + 1) for k in (7, 8, 9, 15, 19, 20)] == [None, 1, 0, 101, 491, None]
    assert [tables.published(18, 20), tables.published(18, 21), tables.published(19, 21)] == [0, 0, None]
    assert tables.published(10, 14) is tables.published(10, 9) is None


def test_lines(study):
    lines = {(x.k, x.n): x for x in map(tables.line, study.rows)}
    assert (lines[20, 20].spurious, lines[20, 20].paper, lines[20, 20].agrees) == (940, 94, True)
    assert lines[20, 20].low == pytest.approx(923_440, abs=10)
    assert lines[20, 20].high == pytest.approx(953_900, abs=10)
    assert lines[8, 8].agrees is False
    assert (lines[9, 10].paper, lines[9, 10].agrees, lines[9, 10].lambda_min) == (0, True, None)
    assert lines[13, 14].agrees is False  # 15 of 1000 there, none here
    assert (lines[21, 24].paper, lines[21, 24].agrees) == (None, None)
    assert lines[6, 6].lambda_min == "0.00470034"


def test_summary_says_whether_all_runs_are_decided(study, changed):
    assert tables.summary(study) == (
        "6,013 of 9,000 runs of gradient descent, over 9 pairs (k, n), are decided: 3,013 ended at 6 "
        "certified families of critical points and 3,000 with a loss below 0.001. The certificates were proved "
        "again for this report; how many runs ended where was counted by relucert in floating point, and is not "
        "certified: 9 of 9 rows are not sealed by your key."
    )
    assert tables.comparison(study) == "8 rows have a published number; 6 of them agree with ours."
    for path in (changed / "rows").glob("*.json"):
        if path.stem != "9-10":
            path.unlink()
    assert tables.summary(reading.read(changed)).startswith(
        "All 1,000 runs of gradient descent, over 1 pair (k, n),"
    )


def test_a_saddle_does_not_count_for_the_smallest_eigenvalue_of_minima(study):
    row = study.rows[0]
    saddle = replace(row.families[0], verdict="strict-saddle", lambda_min=("-3", "-2"))
    both = replace(row, families=(row.families[0], saddle))
    assert tables.line(both).lambda_min == "0.00470034"


# ---- figures ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("k", "classes"), [(6, "5+1"), (8, "7+1"), (20, "17+3")])
def test_coordinate_classes_of_certified_minima(whole, k, classes):
    path = studies.stored(k, k)
    point = np.array(studies.point(path))
    found = coordinate_classes(point)
    assert structure.class_structure(found) == classes
    shuffled = np.random.default_rng(0).permutation(point).T
    shuffled = np.random.default_rng(1).permutation(shuffled).T
    assert structure.class_structure(coordinate_classes(shuffled)) == classes
    arranged = structure.arranged(shuffled, coordinate_classes(shuffled))
    assert (np.abs(arranged).argmax(axis=1) == np.arange(k)).all()
    assert sorted(arranged.ravel()) == sorted(point.ravel())


def test_equal_sorted_columns_are_not_enough_to_be_exchangeable():
    point = np.array([[1.0, 2, 0], [2, 1, 0], [1, 1, 3], [2, 2, 4]])
    assert coordinate_classes(point) == [[0, 1], [2]]
    cyclic = np.array([[1.0, 2, 3], [3, 1, 2], [2, 3, 1]])  # a cycle of coordinates, but no exchange
    assert coordinate_classes(cyclic) == [[0], [1], [2]]


def test_arranged_puts_neurons_that_are_left_over_last():
    point = np.array([[0.1, 0.2], [0.0, 1.0], [1.0, 0.0]])
    assert structure.arranged(point, [[0, 1]]).tolist() == [[1, 0], [0, 1], [0.1, 0.2]]


def test_png_is_a_png():
    kind, data = figures.png(np.array([[1.0, -0.25], [0, 4]]), 1.0).split(",")
    assert kind == "data:image/png;base64"
    data = base64.b64decode(data, validate=True)
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    chunks, at = {}, 8
    while at < len(data):
        (length,), name = struct.unpack(">I", data[at : at + 4]), data[at + 4 : at + 8]
        chunks[name] = data[at + 8 : at + 8 + length]
        assert struct.unpack(">I", data[at + 8 + length : at + 12 + length])[0] == zlib.crc32(
            name + chunks[name]
        )
        at += 12 + length
    assert list(chunks) == [b"IHDR", b"IDAT", b"IEND"]
    assert chunks[b"IHDR"] == struct.pack(">IIBBBBB", 2, 2, 8, 6, 0, 0, 0)
    positive, negative = bytes(figures.POSITIVE), bytes(figures.NEGATIVE)
    expected = b"\0" + positive + b"\xff" + negative + b"\x80" + b"\0" + bytes(4) + positive + b"\xff"
    assert zlib.decompress(chunks[b"IDAT"]) == expected


def test_a_histogram_says_in_words_what_it_shows(study):
    rows = {(row.k, row.n): row for row in study.rows}
    text = figures.histogram(rows[20, 20], 0.04)
    assert "k = 20, n = 20, 1000 runs: 940 at spurious minima, objective from 0.0322 to 0.0322" in text
    assert "60 elsewhere, objective from 0.02 to 0.02" in text
    assert figures.histogram(rows[9, 10], 1e-30)  # all beyond the scale


# ---- formats ---------------------------------------------------------------------------------------------


def test_csv_parses_back(study):
    rows = list(csv.DictReader(io.StringIO(formats.to_csv(study))))
    assert len(rows) == 9
    last = next(row for row in rows if row["k"] == "20")
    assert (last["spurious_percent"], last["paper_percent"], last["agrees"]) == ("94.0", "94.0", "True")
    assert (last["undecided"], last["ended_undecided"], last["ended_basin"]) == ("60", "60", "940")
    assert next(row for row in rows if row["k"] == "21")["p_value"] == ""


def test_parquet_parses_back(study):
    parquet = pytest.importorskip("pyarrow.parquet")
    table = parquet.read_table(io.BytesIO(formats.to_parquet(study)))
    assert table.to_pylist() == formats.records(study)
    assert {name: str(table.schema.field(name).type) for name in ("k", "agrees", "smallest_lambda_min")} == {
        "k": "int64", "agrees": "bool", "smallest_lambda_min": "double"
    }  # fmt: skip
    assert json.loads(table.schema.metadata[b"protocol"])["seed"] == 1


def test_markdown_has_whole_tables(study):
    text = formats.to_markdown(study)
    tables_found = [block for block in text.split("\n\n") if block.startswith("|")]
    assert [len(block.splitlines()) for block in tables_found] == [2 + 6, 2 + 2, 2 + 1]
    for block in tables_found:
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines()}) == 1
    assert "| 20 | 20 | 1,000 | 94.0 | 92.3–95.4 | 94 | agrees, p = 1 |" in text


def test_latex_has_whole_tables(study):
    text = formats.to_latex(study)
    assert text.isascii()
    for name in ("table", "tabular"):
        assert text.count(rf"\begin{{{name}}}") == text.count(rf"\end{{{name}}}") == 3
    for block in re.findall(r"\\toprule(.*?)\\bottomrule", text, re.S):
        assert len({len(re.findall(r"(?<!\\)&", line)) for line in block.splitlines() if r"\\" in line}) == 1
    assert r"20 & 20 & 1,000 & 94.0 & 92.3--95.4 & 94 & agrees, p = 1 &" in text


# ---- the command -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["md", "csv", "tex"])
def test_text_goes_to_standard_output_or_a_file(relucert, whole, tmp_path, form):
    code, out, err = relucert("report", whole, "--format", form)
    assert (code, err) == (0, "")
    code, nothing, said = relucert("report", whole, "--format", form, "-o", tmp_path / "new" / "file")
    assert (code, nothing) == (0, "") and said.startswith("report: ")
    assert (tmp_path / "new" / "file").read_text() == out


def test_the_page_is_the_default_and_the_same_every_time(relucert, whole, tmp_path):
    for name in ("a.html", "b.html"):
        assert relucert("report", whole, "-o", tmp_path / name)[0] == 0
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "needs a file: add -o report.html"),
        (["--format", "parquet"], "needs a file: add -o report.parquet"),
        (["--format", "doc"], "expected one of html, md, csv, tex, parquet"),
    ],
)
def test_usage(relucert, whole, arguments, message):
    code, out, err = relucert("report", whole, *arguments)
    assert (code, out) == (2, "")
    assert message in err


def test_no_study(relucert, tmp_path):
    code, _, err = relucert("report", tmp_path / "absent", "-o", tmp_path / "r.html")
    assert code == 2
    assert "absent: no such directory" in err


def test_parquet_without_pyarrow_says_what_to_install(relucert, whole, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    code, _, err = relucert("report", whole, "--format", "parquet", "-o", tmp_path / "r.parquet")
    assert code == 3
    assert 'pip install "relucert[report]"' in err
    assert not (tmp_path / "r.parquet").exists()
