"""docs/tutorial.md as an executed notebook: its cells are the page's, and what it shows is a proof with pictures."""

import json
import re
from pathlib import Path

import tutorial_notebook as tool

DOCS = Path(__file__).parents[2] / "docs"
STORED = json.loads((DOCS / "tutorial.ipynb").read_text())
CODE = [cell for cell in STORED["cells"] if cell["cell_type"] == "code"]


def said(cell):
    return "".join(line for output in cell["outputs"] for line in output.get("text", []))


def test_the_cells_are_those_of_the_page():
    bare = [
        x | {"outputs": [], "execution_count": None} if x["cell_type"] == "code" else x
        for x in STORED["cells"]
    ]
    assert bare == tool.cells((DOCS / "tutorial.md").read_text())
    assert [cell["execution_count"] for cell in CODE] == list(range(1, len(CODE) + 1))


def test_it_goes_from_an_array_to_an_audited_certificate():
    whole = "".join(map(said, CODE))
    for text in (
        "the population loss has a strict local minimum that is not global",
        "accepted spurious-minimum",
        "forged.json: rejected, global-minimum (step 8: objective",
        "spurious local minimum  weights.npy[0]",
    ):
        assert text in whole, text
    assert said(CODE[-1]).count("accepted") == 1
    assert not re.search(r"/(tmp|home|root|work|Users|usr)\b", json.dumps(STORED))


def test_the_pictures_are_shown_and_a_reader_without_html_has_their_names():
    (shown,) = (cell["outputs"][0]["data"] for cell in CODE if cell["source"] == ["result.plot()"])
    assert "".join(shown["text/html"]).count("<figure>") == 6
    assert "".join(shown["text/plain"]).startswith("<pictures: Weights; ")


def test_only_a_last_line_that_is_an_expression_is_shown():
    names = {}
    assert tool.ran("x = 6\nprint(x)\nx * 7", names) == ("6\n", 42)
    assert tool.ran("y = x", names) == ("", None)
    assert tool.ran("print(y)", names) == ("6\n", None)
