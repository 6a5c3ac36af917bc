"""relucert report: what it reads and refuses, its statistics, its figures, and each of its formats."""

import base64
import csv
import io
import json
import re
import struct
import sys
import zlib
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from scipy.stats import fisher_exact

import studies
from relucert import certificate
from relucert.base.errors import InputError
from relucert.families.teacher.search.classes import coordinate_classes
from relucert.study import figures, formats, structure, tables
from relucert.study import study as reading
from relucert.study.page import page


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The path of a study that nobody changes."""
    return studies.make(tmp_path_factory.mktemp("study") / "grid")


@pytest.fixture
def changed(tmp_path):
    """A study to damage."""
    return studies.make(tmp_path / "grid")


@pytest.fixture(scope="module")
def html(whole):
    return page(reading.read(whole), whole.parent / "out" / "report.html")


def test_a_study_is_read_in_order(whole):
    study = reading.read(whole)
    assert [(row.k, row.n) for row in study.rows] == [
        (6, 6), (8, 8), (9, 10), (10, 10), (12, 12), (13, 14), (16, 16), (20, 20), (21, 24)
    ]  # fmt: skip
    assert study.protocol.floor_steps == 50000
    (family,) = study.rows[7].families
    assert family.count == study.rows[7].kinds["spurious-minimum"] == 940
    assert study.rows[7].kinds["strict-saddle"] == 0  # absent is 0
    assert family.point.tolist() == studies.point(whole / f"certificates/{family.certificate}.json")


# ---- numbers ---------------------------------------------------------------------------------------------


def test_clopper_pearson_against_known_values():
    assert tables.clopper_pearson(0, 1000) == (0.0, pytest.approx(1 - 0.025 ** (1 / 1000)))
    assert tables.clopper_pearson(1000, 1000) == (pytest.approx(0.025 ** (1 / 1000)), 1.0)
    assert tables.clopper_pearson(10, 100) == (
        pytest.approx(0.0490047, abs=1e-7),
        pytest.approx(0.1762226, abs=1e-7),
    )
    assert tables.clopper_pearson(1, 2) == (
        pytest.approx(0.0125791, abs=1e-7),
        pytest.approx(0.9874209, abs=1e-7),
    )


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


def test_lines(whole):
    lines = {(x.k, x.n): x for x in map(tables.line, reading.read(whole).rows)}
    assert (lines[20, 20].share, lines[20, 20].paper, lines[20, 20].agrees) == (94, 94, True)
    assert (lines[20, 20].low, lines[20, 20].high) == (
        pytest.approx(92.344, abs=1e-3),
        pytest.approx(95.390, abs=1e-3),
    )
    assert lines[8, 8].agrees is False
    assert (lines[9, 10].paper, lines[9, 10].agrees, lines[9, 10].lambda_min) == (0, True, None)
    assert lines[13, 14].agrees is False  # 15 of 1000 there, none here
    assert (lines[21, 24].paper, lines[21, 24].agrees) == (None, None)
    assert lines[6, 6].lambda_min == "0.00470034"


def test_summary_says_whether_all_runs_are_decided(whole, changed):
    assert tables.summary(reading.read(whole)) == (
        "8,998 of 9,000 runs of gradient descent, over 9 pairs (k, n), are decided: 3,013 ended at 6 "
        "certified families of critical points and 5,985 with a loss below 0.001."
    )
    assert (
        tables.comparison(reading.read(whole)) == "8 rows have a published number; 6 of them agree with ours."
    )
    for path in (changed / "rows").glob("*.json"):
        if path.stem != "6-6":
            path.unlink()
    assert tables.summary(reading.read(changed)).startswith(
        "All 1,000 runs of gradient descent, over 1 pair (k, n),"
    )


def test_a_saddle_does_not_count_for_the_smallest_eigenvalue_of_minima(whole):
    row = reading.read(whole).rows[0]
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


def test_a_histogram_says_in_words_what_it_shows(whole):
    rows = {(row.k, row.n): row for row in reading.read(whole).rows}
    text = figures.histogram(rows[20, 20], 0.04)
    assert "k = 20, n = 20, 1000 runs: 940 at spurious minima, objective from 0.0322 to 0.0322" in text
    assert "60 elsewhere, objective from 1e-12 to 0.02" in text
    assert figures.histogram(rows[9, 10], 1e-30)  # all beyond the scale


# ---- formats ---------------------------------------------------------------------------------------------


def test_csv_parses_back(whole):
    rows = list(csv.DictReader(io.StringIO(formats.to_csv(reading.read(whole)))))
    assert len(rows) == 9
    last = next(row for row in rows if row["k"] == "20")
    assert (last["spurious_percent"], last["paper_percent"], last["agrees"]) == ("94.0", "94.0", "True")
    assert (last["undecided"], last["ended_undecided"], last["ended_basin"]) == ("2", "2", "940")
    assert next(row for row in rows if row["k"] == "21")["p_value"] == ""


def test_parquet_parses_back(whole):
    parquet = pytest.importorskip("pyarrow.parquet")
    table = parquet.read_table(io.BytesIO(formats.to_parquet(reading.read(whole))))
    assert table.to_pylist() == formats.records(reading.read(whole))
    assert {name: str(table.schema.field(name).type) for name in ("k", "agrees", "smallest_lambda_min")} == {
        "k": "int64", "agrees": "bool", "smallest_lambda_min": "double"
    }  # fmt: skip
    assert json.loads(table.schema.metadata[b"protocol"])["seed"] == 1


def test_markdown_has_whole_tables(whole):
    text = formats.to_markdown(reading.read(whole))
    tables_found = [block for block in text.split("\n\n") if block.startswith("|")]
    assert [len(block.splitlines()) for block in tables_found] == [2 + 6, 2 + 2, 2 + 1]
    for block in tables_found:
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines()}) == 1
    assert "| 20 | 20 | 1,000 | 94.0 | 92.3–95.4 | 94 | agrees, p = 1 |" in text


def test_latex_has_whole_tables(whole):
    text = formats.to_latex(reading.read(whole))
    assert text.isascii()
    for name in ("table", "tabular"):
        assert text.count(rf"\begin{{{name}}}") == text.count(rf"\end{{{name}}}") == 3
    for block in re.findall(r"\\toprule(.*?)\\bottomrule", text, re.S):
        assert len({len(re.findall(r"(?<!\\)&", line)) for line in block.splitlines() if r"\\" in line}) == 1
    assert r"20 & 20 & 1,000 & 94.0 & 92.3--95.4 & 94 & agrees, p = 1 &" in text


# ---- the page --------------------------------------------------------------------------------------------


class Seen(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.open = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes.append((tag, dict(attrs)))
        if tag not in ("meta", "link", "input", "img", "path", "rect"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_the_page_is_well_formed_and_asks_for_nothing_from_elsewhere(html):
    seen = Seen(html)
    assert seen.open == []
    assert "//" not in re.sub(r"data:image/png;base64,[A-Za-z0-9+/=]+", "", html)
    for tag, attributes in seen.attributes:
        assert not any(name.startswith("on") or name == "style" for name in attributes), tag
        if "src" in attributes:
            assert tag == "img"
            assert attributes["src"].startswith("data:image/png;base64,")
    assert seen.tags.count("script") == seen.tags.count("style") == 1
    assert len(html) < 200_000


def test_only_the_script_and_the_style_of_the_page_are_allowed(html):
    import hashlib

    policy = next(a["content"] for _, a in Seen(html).attributes if a.get("http-equiv"))
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    for tag in ("script", "style"):
        (inside,) = re.findall(f"<{tag}>(.*?)</{tag}>", html, re.S)
        hashed = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{hashed}'" in policy


def test_links_lead_from_the_page_to_the_certificates(whole, html):
    links = [a["href"] for tag, a in Seen(html).attributes if tag == "a" and "json" in a.get("href", "")]
    assert len(links) == 6
    assert all(link.startswith("../grid/certificates/") for link in links)
    assert all((whole.parent / link.removeprefix("../")).exists() for link in links)
    inside = page(reading.read(whole), whole / "report.html")
    assert 'href="certificates/' in inside


def test_tables_are_accessible(html):
    seen = Seen(html)
    assert seen.tags.count("caption") == seen.tags.count("table") == 3
    assert all(a.get("scope") in ("col", "row") for tag, a in seen.attributes if tag == "th")
    assert all(a.get("alt") for tag, a in seen.attributes if tag == "img")
    assert all(a["role"] == "img" and a["aria-label"] for tag, a in seen.attributes if tag == "svg")


def test_hostile_strings_stay_text(changed):
    evil = "<script>alert(1)</script>\"' & | $x {}\\ # _"
    path = changed / "rows/6-6.json"
    row = json.loads(path.read_text())
    row["ended"] = {evil: 1000}
    row["per_run"]["ended"] = [evil] * 1000
    studies.write(path, row)
    changed = changed.rename(changed.parent / "<b>&amp; 'x")
    study = reading.read(changed)
    text = page(study, changed.parent / "r.html")
    seen = Seen(text)
    assert seen.tags.count("script") == 1
    assert "b" not in seen.tags
    assert "&lt;script&gt;alert(1)" in text
    assert 'href="%3Cb%3E%26amp%3B%20%27x/certificates/' in text
    table = formats.to_markdown(study)
    assert r"\<script\>" in table
    assert r"& \| $x" in table
    assert r"\& | \$x \{\}\textbackslash{} \# \_" in formats.to_latex(study)
    assert f"ended_{evil}" in next(csv.reader(io.StringIO(formats.to_csv(study))))


# ---- damage ----------------------------------------------------------------------------------------------


def edit(name, change):
    """Damage: `change` a JSON file of the study."""

    def damage(study):
        path = next(study.glob(name))
        value = json.loads(path.read_text())
        change(value)
        studies.write(path, value)

    return damage


def put(name, *keys, value):
    def change(inner):
        for key in keys[:-1]:
            inner = inner[key]
        inner[keys[-1]] = value

    return edit(name, change)


def text(name, content):
    return lambda study: next(study.glob(name)).write_bytes(content)


ROW, CERTIFICATE = "rows/6-6.json", f"certificates/{studies.stored(6, 6).name}"
DAMAGE = {
    "no study.json": (lambda s: (s / "study.json").unlink(), "study.json: no such file"),
    "study.json not JSON": (text("study.json", b"{"), "study.json: not JSON"),
    "study.json not UTF-8": (text("study.json", b"\xff"), "study.json: not UTF-8"),
    "study.json a list": (text("study.json", b"[]"), "schema is None"),
    "other schema": (put("study.json", "schema", value="relucert-study/2"), "reads 'relucert-study/1'"),
    "no protocol": (edit("study.json", lambda v: v.pop("protocol")), "member 'protocol' is missing"),
    "step a string": (put("study.json", "protocol", "step", value="0.1"), "protocol: step: '0.1' is not"),
    "steps half": (put("study.json", "protocol", "max_steps", value=0.5), "'max_steps' is missing or is not"),
    "no rows": (lambda s: [path.unlink() for path in (s / "rows").iterdir()], "no finished row"),
    "nested": (text(ROW, b"[" * 100_000), "not JSON"),
    "twice": (text(ROW, b'{"schema": 1, "schema": 2}'), "the same key twice"),
    "NaN": (text(ROW, b'{"schema": NaN}'), "NaN is not a number"),
    "row of another schema": (put(ROW, "schema", value="x"), "schema is 'x'"),
    "row of another k": (put(ROW, "k", value=7), "call it 7-6.json"),
    "k true": (put(ROW, "k", value=True), "member 'k' is missing or is not a JSON int"),
    "no runs": (put(ROW, "runs", value=0), "runs: 0 is not in [1"),
    "other protocol": (put(ROW, "protocol", "seed", value=2), "not that of study.json"),
    "kinds do not sum": (put(ROW, "kinds", "undecided", value=1), "kinds: they sum to 1001"),
    "kind unknown": (edit(ROW, lambda v: v["kinds"].update(odd=0)), "unknown ['odd']"),
    "kinds of other families": (
        put(ROW, "kinds", value={"spurious-minimum": 1, "below-floor": 999}), "1, its families: 3",
    ),
    "ended does not sum": (put(ROW, "ended", "basin", value=4), "ended: they sum to 1001"),
    "ended negative": (put(ROW, "ended", value={"a": -1, "b": 1001}), "a: -1 is not in"),
    "ended of others": (put(ROW, "ended", value={"basin": 1000}), "ended: not the counts in per_run"),
    "family not an object": (put(ROW, "families", 0, value=1), "families[0]: expected an object"),
    "digest no digest": (put(ROW, "families", 0, "certificate", value="../x"), "certificate: not a digest"),
    "verdict unknown": (put(ROW, "families", 0, "verdict", value="maximum"), "verdict: not what certificate"),
    "verdict of another": (put(ROW, "families", 0, "verdict", value="global-minimum"), "verdict: not what certificate"),
    "count": (put(ROW, "families", 0, "count", value=4), "4, not that in per_run"),
    "bound a number": (put(ROW, "families", 0, "radius", value=0.1), "radius: not what certificate"),
    "bound infinite": (put(ROW, "families", 0, "radius", value="inf"), "radius: not what certificate"),
    "bounds reversed": (put(ROW, "families", 0, "lambda_min", value=["2", "1"]), "lambda_min: not what certificate"),
    "one bound": (put(ROW, "families", 0, "objective", value=["1"]), "objective: not what certificate"),
    "per_run too short": (edit(ROW, lambda v: v["per_run"]["steps"].pop()), "steps: 999 entries for 1000"),
    "per_run absent": (edit(ROW, lambda v: v["per_run"].pop("loss")), "member 'loss' is missing"),
    "loss infinite": (put(ROW, "per_run", "loss", 5, value=10**400), "loss[5]"),
    "loss a string": (put(ROW, "per_run", "loss", 5, value="0"), "loss[5]: not a JSON float"),
    "distance a number": (put(ROW, "per_run", "distance", 1, value=1), "distance[1]: not a JSON str"),
    "distance a word": (put(ROW, "per_run", "distance", 1, value="far"), "'far' is not a decimal"),
    "family beyond": (put(ROW, "per_run", "family", 999, value=7), "[-1, 7] are not indices"),
    "certificate missing": (lambda s: next(s.glob(CERTIFICATE)).unlink(), ".json is missing; put it back"),
    "certificate not JSON": (text(CERTIFICATE, b"{"), "not accepted by the checker (malformed"),
    "certificate changed": (
        put(CERTIFICATE, "statement", "provenance", "source", value="forged"), "step 10: name: is not the digest",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("damage", "message"), DAMAGE.values(), ids=DAMAGE)
def test_damage_is_refused_with_the_file_and_the_remedy(changed, damage, message):
    damage(changed)
    with pytest.raises(InputError, match=re.escape(message)) as error:
        reading.read(changed)
    assert str(changed) in str(error.value)
    assert re.search("again|made|finish|put|call|take", str(error.value))


@pytest.mark.parametrize(
    "point", [[[["1", 0]]], [[1]], [["a"]], [[["x", 0]]], [[["1", 10**9]] * 6] * 6, [[["1", 0]] * 6] * 5]
)
def test_a_foreign_point_is_refused(changed, point):
    path = next(changed.glob(CERTIFICATE))
    value = json.loads(path.read_text())
    value["statement"]["claim"]["point"] = point
    digest = certificate.digest(value["statement"])
    studies.write(path.with_stem(digest), value)
    put(ROW, "families", 0, "certificate", value=digest)(changed)
    with pytest.raises(InputError, match=digest):
        reading.read(changed)


def test_counts_are_sealed_by_ones_own_key_or_said_not_to_be(changed):
    mine, theirs = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    (changed / "rows/.relucert-tmp.json").write_text("left by a killed writer")
    for path in (changed / "rows").glob("[0-9]*.json"):
        studies.write(path, studies.sealed(json.loads(path.read_text()), mine))
    whole = reading.read(changed, mine.public_key())
    assert len(whole.rows) == 9 and all(row.sealed for row in whole.rows)
    assert "not certified: the rows are as your key sealed them" in tables.summary(whole)
    assert not any(row.sealed for row in reading.read(changed, theirs.public_key()).rows)
    value = json.loads((changed / ROW).read_text())
    value["per_run"]["loss"][0] = 0.5
    studies.write(changed / ROW, value)
    again = reading.read(changed, mine.public_key())
    assert [(row.k, row.n) for row in again.rows if not row.sealed] == [(6, 6)]
    assert "1 of 9 rows are not sealed by your key" in tables.summary(again)


def test_a_forged_study_is_refused(changed):
    """A saddle rewritten as a spurious minimum, with its digest and its row made to fit."""
    path = next(changed.glob(CERTIFICATE))
    value = json.loads(path.read_text())
    bounds = value["statement"]["claim"]["bounds"]
    bounds["lambda_min"][0] = {"exact": ["777", -7], "decimal": "6.07031"}
    bounds["lambda_min"][1] = {"exact": ["779", -7], "decimal": "6.08594"}
    digest = certificate.digest(value["statement"])
    studies.write(path.with_stem(digest), {**value, "signatures": []})
    row = json.loads((changed / ROW).read_text())
    row["families"][0] |= {"certificate": digest, "lambda_min": ["6.07031", "6.08594"]}
    studies.write(changed / ROW, row)
    with pytest.raises(InputError, match=rf"{digest}.json: not accepted by the checker \(rejected, step 4"):
        reading.read(changed)


# ---- the command -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["md", "csv", "tex"])
def test_text_goes_to_standard_output_or_a_file(relucert, whole, tmp_path, form):
    code, out, err = relucert("report", whole, "--format", form)
    assert (code, err) == (0, "")
    code, nothing, _ = relucert("report", whole, "--format", form, "-o", tmp_path / "new" / "file")
    assert (code, nothing) == (0, "")
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
