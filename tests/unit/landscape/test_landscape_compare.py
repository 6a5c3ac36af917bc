"""`relucert landscape compare`: the table, the page, the certificates; nothing is said that no certificate proves."""

import csv
import json
import re
from fractions import Fraction
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import numpy as np
import pytest
import typer

from relucert import cli
from relucert.base.dyadic import to_float, to_fraction
from relucert.base.errors import InputError
from relucert.certificate import form
from relucert.certificate.numbers import number
from relucert.families.landscape import compare, stored
from relucert.families.landscape.compare import Line, Settings, numbers
from relucert.families.landscape.compare_command import compare as command
from relucert.families.landscape.compare_page import page
from relucert.families.landscape.dynamics import relu
from relucert.families.landscape.figures_command import figures

ROOT = Path(__file__).parents[3] / "certificates"
SYMMETRIC, DENSE = ROOT / "k-1,1", ROOT / "6-6"
SETTINGS = Settings(Fraction(6), Fraction(1), Fraction(1, 10), 1000)
VOID = {"meta", "link", "br", "img", "hr", "input"}


@pytest.fixture
def landscape(monkeypatch, relucert, tmp_path):
    """`relucert landscape`, the word left out."""
    app = typer.Typer(pretty_exceptions_enable=False)
    for one in (command, figures):
        app.command()(one)
    monkeypatch.setattr(cli, "application", lambda only: app)
    monkeypatch.setenv("RELUCERT_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return relucert


@pytest.fixture
def few(tmp_path):
    """A folder with the stored certificates for k = 6 and 7 only."""
    folder = tmp_path / "few"
    folder.mkdir()
    for one in stored.minima(SYMMETRIC, [6, 7]):
        (folder / one.path.name).write_bytes(one.path.read_bytes())
    return folder


class Reader(HTMLParser):
    """Tags that close in order; what stands in the cells; where links go."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.rows, self.links, self.outside = [], [], [], []

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag not in VOID:
            self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
        if tag == "a":
            self.links.append(unquote(given["href"]))
        self.outside += [x for name, x in given.items() if name == "src" or "//" in x]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and "tr" in self.open:
            self.rows[-1][-1] += data


def read(path):
    reader = Reader()
    text = path.read_text(encoding="utf-8")
    reader.feed(text)
    reader.close()
    assert reader.open == []
    assert reader.outside == []
    assert "$" not in re.sub(r"<style>.*</style>", "", text, flags=re.DOTALL)
    return reader, text


def test_two_certificates_for_each_k_and_a_page_that_links_them(landscape, few):
    code, out, _ = landscape("compare", "--k", "6,7", "--certificates", few, "-o", "out", "--json")
    assert code == 0
    rows = [json.loads(line) for line in out.splitlines()]
    assert [row["k"] for row in rows] == [6, 7]
    table = list(csv.DictReader(Path("out/compare.csv").read_text().splitlines()))
    assert [{k: "" if x is None else str(x) for k, x in row.items()} for row in rows] == table
    assert tuple(table[0]) == compare.COLUMNS
    for row in rows:
        claim = form.parse(Path(f"out/{row['certificate']}.json").read_bytes(), "new")["statement"]["claim"]
        old = form.parse((few / f"{row['stored']}.json").read_bytes(), "old")["statement"]["claim"]
        check_row(row, claim, old)
    reader, text = read(Path("out/compare.html"))
    assert [row[0] for row in reader.rows[1:]] == ["6", "7"]
    for link in reader.links:
        assert Path("out", link).resolve().is_file()
    assert len(reader.links) == 4
    assert len(text) < 30_000
    assert "proved for k = 6..7." in text
    assert "All are global" in text
    assert "not proved" not in text


def check_row(row, claim, old):
    """The line says what the two certificates claim, and the new one is about every point within r of W."""
    k, bounds = row["k"], claim["bounds"]
    assert (claim["family"], claim["method"]) == ("designed-landscape", "descent")
    assert claim["verdict"] == "converges-to-global-minimum"
    assert claim["problem"]["a_star"] == ["1"] * k
    assert old["verdict"] == "spurious-minimum"
    assert to_fraction(number(bounds["start_radius"], "")) > to_fraction(
        number(old["bounds"]["existence_radius"], "")
    )
    assert (row["steps"], row["step"]) == (claim["steps"], claim["problem"]["step"])
    for name in ("start_radius", "gradient_min", "distance"):
        assert row[name] == bounds[name]["decimal"]
    assert [row["loss_low"], row["loss_high"]] == [x["decimal"] for x in old["bounds"]["objective"]]
    assert row["basin_radius"] == old["bounds"]["basin"]["radius"]["decimal"]
    assert float(row["loss_low"]) > 0
    assert float(row["start_radius"]) > 1e-4
    assert claim["point"] == symmetric(old["point"])


def symmetric(point):
    """The rows of a symmetric point, written down once more: docs/spec/certificate-v1.md section 3a."""
    values, classes = point["values"], [0] * point["class_sizes"][0] + [1]
    k = len(classes)
    rows = [[values[classes[i]][classes[j]] for i in range(k)] for j in range(k)]
    for j in range(k):
        for i in range(k):
            if i != j and classes[i] == classes[j]:
                rows[j][i] = values[classes[i]][-1]
    return rows


@pytest.mark.parametrize(("folder", "k"), [(SYMMETRIC, 7), (DENSE, 6)])
def test_the_point_is_the_minimum_that_the_certificate_is_about(folder, k):
    (one,) = stored.minima(folder, [k])
    point = np.array([[to_float(x) for x in row] for row in one.rows])
    twice, (slope, _) = relu((point, np.ones(k)))
    assert float(one.loss[0]) <= twice / 2 <= float(one.loss[1])
    assert np.linalg.norm(slope) < 1e-12


def test_the_new_certificates_are_audited(landscape, few, monkeypatch):
    seen = []
    monkeypatch.setattr("relucert.certificate.checked.checked", seen.append)
    with pytest.raises(TypeError):  # nothing can be said without what the checker gives back
        landscape("compare", "--k", "6", "--certificates", few, "-o", "out")
    assert [path.parent.name for path in seen] == ["out"]


def test_without_a_certificate_nothing_is_done(landscape, few):
    for options, said in [
        (("--certificates", few, "--k", "8"), "n = k = 8"),
        (("--certificates", "nowhere", "--k", "6"), "nowhere: no such folder"),
        (("--k", "6"), "relucert family"),
        (("--certificates", few, "--k", "6-7"), "--k 6-7"),
        (("--certificates", few, "--k", "1:7"), "within 2:64"),
        (("--certificates", few, "--k", "6", "--mu", "12"), "mu = 12"),
        (("--certificates", few, "--k", "6", "--eta", "nan"), "--eta"),
    ]:
        code, out, err = landscape("compare", *options, "-o", "out")
        assert (code, out) == (2, "")
        assert said in err.replace("\n", "")
        assert not list(Path().glob("out/*.json"))


def test_a_stored_certificate_that_is_not_true_is_not_used(few):
    (path,) = [one.path for one in stored.minima(few, [6])]
    whole = json.loads(path.read_bytes())
    whole["statement"]["claim"]["bounds"]["existence_radius"] = {"exact": ["0", 0], "decimal": "0"}
    path.unlink()
    path.with_stem("other").write_text(json.dumps(whole))
    (few / "rubbish.json").write_text("[")
    with pytest.raises(InputError, match="not accepted by the checker"):
        stored.minima(few, [6])
    assert [one.k for one in stored.minima(few, [7])] == [7]


def test_what_is_not_proved_is_said_to_be_so(landscape, few):
    code, out, err = landscape(
        "compare", "--k", "6", "--certificates", few, "--eta", "0.1", "--steps", "3", "-o", "out"
    )
    assert code == 5
    assert "not proved" in out
    assert "take more steps" in err
    assert not list(Path("out").glob("*.json"))
    reader, text = read(Path("out/compare.html"))
    assert "This is proved for no k." in text
    assert "Parts 2 and 3 are not proved for k = 6." in text
    assert "<svg" not in text
    assert "All are global" not in text
    assert len(reader.links) == 1
    (row,) = csv.DictReader(Path("out/compare.csv").read_text().splitlines())
    assert (row["certificate"], row["gradient_min"], row["steps"]) == ("", "", "")


def test_the_radius_of_the_run_is_above_that_of_existence():
    (one,) = stored.minima(SYMMETRIC, [6])
    result, statement = compare.descend(one, SETTINGS)
    assert compare.serves(result)
    assert statement is not None
    assert to_fraction(result.asked.start_radius) > one.radius
    claim = {
        "bounds": {name: {"exact": ["1", -80], "decimal": "0"} for name in ("start_radius", "gradient_min")}
    }
    with pytest.raises(InputError, match="does not exceed"):
        compare.proved(one, claim, "")


def test_a_minimum_known_too_roughly_is_not_proved_to_be_left(few):
    from dataclasses import replace

    (one,) = stored.minima(few, [6])
    result, statement = compare.descend(replace(one, radius=Fraction(1, 10)), SETTINGS)
    assert statement is None
    assert not compare.serves(result)
    with pytest.raises(InputError):
        compare.statement(result, one)
    assert compare.reason(result)


def test_the_page_escapes_what_it_is_given(few, tmp_path):
    (one,) = stored.minima(few, [6])
    where = tmp_path / "p.html"
    where.write_text(page([Line(one, None, "<b>&")], SETTINGS, where), encoding="utf-8")
    _, text = read(where)
    assert "&lt;b&gt;&amp;" in text


def test_ks_are_numbers_and_ranges():
    assert numbers("6:8, 7,20") == [6, 7, 8, 20]
