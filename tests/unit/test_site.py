"""What the pages of the site promise beside their code blocks: messages, names, a place in the navigation."""

import re
import shlex

import numpy as np
import pytest
import typer

import pages
import relucert as public
from list_numbers import misnumbered
from pages import ROOT
from relucert.cli import app

NAVIGATION = (ROOT / "mkdocs.yml").read_text().partition("\nnav:")[2]
REFUSED, DECIDED = "cannot be meant is refused", "can be meant gets a verdict"


def weights():
    w = 1.037 * np.eye(6) - 0.050
    w[:, 5], w[5] = 0.308, [0.225] * 5 + [-0.602]
    return w


def changed(row, values):
    w = weights()
    w[row] = values
    return w


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The files that the tables of docs/scope.md speak of."""
    w, unit = weights(), np.eye(6)
    files = {
        "weights": w,
        "four": w[:4],
        "column": np.hstack([w, np.full((6, 1), 0.1)]),
        "zero": changed(3, 0),
        "nan": changed(2, [0, np.nan, 0, 0, 0, 0]),
        "complex": unit * 1j,
        "objects": np.array([[1, None]], dtype=object),
        "five": np.eye(5),
        "far": np.random.default_rng(0).standard_normal((6, 6)),
        "parallel": changed(1, 2 * w[0]),
        "halves": np.vstack([w[:5], w[5] / 2, w[5] / 2]),
        "split": np.vstack([unit[:5], unit[5] / 2, unit[5] / 2]),
    }
    for name, array in files.items():
        np.save(tmp_path / f"{name}.npy", array, allow_pickle=True)
    np.savez(tmp_path / "layers.npz", first=w, second=w)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RELUCERT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "1000")
    return tmp_path


def promised(title):
    """Of the table after a sentence of docs/scope.md: the arguments and what is said."""
    page = (ROOT / "docs/scope.md").read_text()
    table = page.partition(title)[2].partition("|---|---|---|\n")[2].partition("\n\n")[0]
    rows = [re.fullmatch(r"\| .* \| `(.*)` \| (.*) \|", x) for x in table.splitlines()]
    return [(row[1].split(), row[2].replace("\\|", "|")) for row in rows]


def test_what_is_refused_is_refused_as_the_page_says(relucert, folder):
    rows = promised(REFUSED)
    assert len(rows) == 12
    for arguments, message in rows:
        code, _, error = relucert("verify", *arguments, "-o", "out")
        assert (code, message in " ".join(error.split())) == (2, True), (arguments, error)
    assert not (folder / "out").exists()


def test_what_is_decided_is_decided_as_the_page_says(relucert, folder):
    rows = promised(DECIDED)
    assert len(rows) == 4
    for arguments, message in rows:
        code, printed, _ = relucert("verify", *arguments, "-o", "out")
        assert (code, message in " ".join(printed.split())) == (0, True), (arguments, printed)


def test_every_public_name_is_on_the_page_of_the_api():
    names = re.findall(r"^::: relucert\.(\w+)$", (ROOT / "docs/api.md").read_text(), re.MULTILINE)
    assert sorted(names) == sorted(public.__all__)


def test_every_page_has_its_place_in_the_navigation():
    named = re.findall(r"(\S+\.md|\S+/)$", NAVIGATION, re.MULTILINE)
    there = {str(x.relative_to(ROOT / "docs")) for x in (ROOT / "docs").rglob("*.md")}
    folders = [x for x in named if x.endswith("/")]
    assert [x for x in there if x not in named and not x.startswith(tuple(folders))] == []
    assert [x for x in named if not (ROOT / "docs" / x).exists() and not (ROOT / x).exists()] == []


def test_items_of_lists_are_shown_with_the_numbers_that_they_have():
    texts = {page: (ROOT / page).read_text() for page in [*pages.PAGES, "certificates/README.md"]}
    assert {page: wrong for page, text in texts.items() if (wrong := misnumbered(text))} == {}


def test_an_item_with_another_number_is_noticed():
    assert misnumbered("1. a\n3. b\n\ntext\n\n4. c\n4. d\n   1. e\n   1. f\n5. g\n") == [
        (3, 2),
        (4, 5),
        (1, 2),
        (5, 6),
    ]
    assert misnumbered("0. a\n1. b\n\n```\n1. c\n3. d\n```\n\n- 7. e\n- 9. f\n") == []


def parsed(line):
    """The command of a line and what its options are read as; it is not run."""
    command, (name, *rest) = typer.main.get_command(app), shlex.split(line, comments=True)
    context = command.context_class(command, info_name=name)
    while hasattr(command, "commands"):
        context = command.context_class(command, parent=context)
        name, command, rest = command.resolve_command(context, rest)
    return command.make_context(name, rest, parent=context).params


def test_the_commands_that_made_the_stored_certificates_are_commands():
    """They take hours, so they are read and not run."""
    blocks = [x for x in pages.blocks("certificates/README.md") if x.kind == pages.COMMANDS]
    lines = [line for block in blocks for line in block.text.splitlines()]
    assert len(lines) > 10
    for line in lines:
        if line.startswith("python "):
            assert (ROOT / line.split()[1]).exists(), line
        else:
            assert parsed(line), line
    with pytest.raises(Exception, match="no-such-option"):
        parsed("relucert grid --no-such-option 1")
