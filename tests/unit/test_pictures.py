"""Pictures of a result and of a certificate: what a notebook shows, and the page that `save` writes."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

import relucert as rc
from markup import Seen
from relucert.families import drawing
from relucert.families.drawing import Margin
from relucert.families.pictures import MOST_MARGINS
from relucert.families.pictures import pictures as drawn_of

CORPUS = Path(__file__).parents[1] / "corpus/accept"
SPURIOUS = CORPUS / "spurious-6-6-sharp.json"


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("RELUCERT_HOME", str(tmp_path / "home"))
    return tmp_path


@pytest.fixture(scope="module")
def pictures():
    return rc.load(SPURIOUS).plot()


def test_all_that_a_certificate_claims_is_drawn_below_its_sentence(pictures):
    titles = [x.title.partition(",")[0] for x in pictures.figures]
    assert titles == [
        "Weights",
        "Radii",
        "Spectrum of the Hessian",
        "Loss on the way to a global minimum",
        "Loss on a plane through the point",
        "Margins",
    ]
    assert pictures.sentence == str(rc.load(SPURIOUS))
    assert pictures.sentence.endswith("(as claimed; not checked)")
    assert repr(pictures) == f"<pictures: {'; '.join(x.title for x in pictures.figures)}>"


def test_a_notebook_shows_them_and_keeps_its_own_style(pictures):
    shown = pictures._repr_html_()
    seen = Seen(shown)
    assert seen.open == []
    assert not {"script", "link", "iframe", "html", "body"} & set(seen.tags)
    assert "//" not in shown
    (style,) = re.findall("<style>(.*?)</style>", shown, re.S)
    assert set(re.findall(r"var\((--[\w-]+)\)", style)) <= set(re.findall(r"(--[\w-]+):", style))
    selectors = re.findall(r"(?:^|[{}])\s*([^{}@]+?)\s*{", re.sub(r"/\*.*?\*/", "", style, flags=re.S))
    assert len(selectors) > 20
    assert all(x.startswith((".relucert", ".figures", ".drawn")) for x in selectors)


def test_they_are_saved_as_one_page(pictures, tmp_path):
    place = pictures.save(tmp_path / "new" / "page.html")
    page = place.read_text()
    seen = Seen(page)
    assert seen.open == []
    assert "script" not in seen.tags
    assert page.count("<figure>") == len(pictures.figures)
    for name in ("page.png", "page", "new"):
        with pytest.raises(rc.InputError, match=r"ends in \.html"):
            pictures.save(tmp_path / name)
    assert sorted(x.name for x in tmp_path.iterdir()) == ["new"]


def test_a_result_is_drawn_as_its_certificate_is(tmp_path):
    result = rc.verify(np.array([[1.0, 0.1], [0.1, 1.0]]), layout="rows")
    drawn, stored = result.plot(), rc.load(result.save(tmp_path)).plot()
    assert drawn.sentence == result.sentence
    assert drawn.figures == stored.figures
    with pytest.raises(rc.InputError, match="inconclusive outcome claims nothing"):
        rc.verify(np.full((2, 2), 0.62), layout="rows", raw=True, exclusion=0.49).plot()


def test_a_bar_is_as_long_as_the_logarithm_of_its_factor():
    svg = drawing.margins(
        [
            Margin("A", "a < b", 2.0, "100 times"),
            Margin("B", "c < d", 4.0, "10000 times"),
            Margin("C", "0 < x", None, ""),
        ]
    )
    short, long = (float(x) for x in re.findall(r'<rect class="near"[^>]* width="([^"]*)"', svg))
    assert long == pytest.approx(2 * short)
    assert long == pytest.approx(drawing.WIDTH - 28)


def test_the_margins_are_the_recorded_ones(pictures):
    recorded = [
        x["step"]
        for argument in json.loads(SPURIOUS.read_text())["statement"]["evidence"]
        for x in argument["inequalities"]
    ]
    assert re.findall(r"<title>(\S+) ", pictures.figures[-1].svg) == recorded


def test_only_the_smallest_of_many_margins_are_drawn():
    """Of factors 2^0 .. 2^59, in falling order."""
    statement = json.loads(SPURIOUS.read_text())["statement"]
    item = statement["evidence"][1]["inequalities"][0]
    many = [
        item | {"step": f"S{i}", "left": {"exact": ["1", 0]}, "right": {"exact": ["1", i]}} for i in range(60)
    ]
    statement["evidence"] = [{"theorem": "T", "inequalities": many[::-1]}]
    last = drawn_of(statement, "", "many").figures[-1]
    assert re.findall(r"<title>(\S+) ", last.svg) == [f"S{i}" for i in reversed(range(MOST_MARGINS))]
    assert "The 40 with the smallest factors of 60." in last.caption


def test_what_the_auditor_does_not_read_is_not_drawn(tmp_path):
    whole = json.loads(SPURIOUS.read_text())
    argument = whole["statement"]["evidence"][0]
    argument["inequalities"] = argument["inequalities"][:1] * 1001
    (tmp_path / "large.json").write_text(json.dumps(whole))
    with pytest.raises(rc.InputError, match="larger than what the auditor reads"):
        rc.load(tmp_path / "large.json").plot()
