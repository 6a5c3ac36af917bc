"""The page of relucert report: well-formed, accessible, and closed to what is foreign."""

import base64
import csv
import io
import json
import os
import re
import sys

import pytest

import studies
from markup import Seen
from relucert.study import formats
from relucert.study import study as reading
from relucert.study.page import page


@pytest.fixture(scope="module")
def html(whole):
    return page(reading.read(whole), whole.parent / "out" / "report.html")


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
    assert set(re.findall(r"var\((--[\w-]+)\)", html)) <= set(re.findall(r"(--[\w-]+):", html))


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


def test_the_page_and_the_tables_say_what_is_proved_of_which_problem(html, whole):
    study, html = reading.read(whole), " ".join(html.split())
    network = "n ReLU neurons against k orthonormal targets in dimension d = k, "
    for part in (
        f"<p>{network}with standard Gaussian input; the loss is the population loss.",
        "Shares of runs that ended at a proved spurious minimum (counted, not certified)",
        "the number of runs (counted, not certified) upwards",
        "Figure 2. Runs that ended at a spurious minimum, in percent (counted, not certified)",
        f"for the population loss of {network}with standard Gaussian input.", "in Frobenius norm",
        "no other one is nearer than that of uniqueness", "any fixed step below the one in the certificate",
        "How many runs ended at a family is counted, not certified.",
        "counted by relucert in floating point, and is not cert",
    ):  # fmt: skip
        assert part in html, part
    for text in (formats.to_markdown(study), formats.to_latex(study)):
        assert f"Population loss of {network}standard Gaussian input." in text
        assert "counts of runs are not certified" in text
        assert "is not certified: " in text


@pytest.mark.skipif(os.name == "nt" or sys.platform == "darwin", reason="names are text there")
def test_a_directory_whose_name_is_no_text_is_linked_and_named_by_its_bytes(changed):
    changed = changed.rename(changed.parent / os.fsdecode(b"caf\xe9"))
    text = page(reading.read(changed), changed.parent / "r.html")
    text.encode()
    assert 'href="caf%E9/certificates/' in text and "caf\\udce9: certified minima" in text
