"""The tutorial as an executed notebook: its cells are the page's, and its programs run."""

import json
import re
import sys

import pytest

import tutorial_notebook as tool

STORED = json.loads(tool.NOTEBOOK.read_text())


def code(cells):
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]


def said(cell):
    return "".join(line for output in cell["outputs"] for line in output["text"])


def test_the_cells_are_those_of_the_page():
    page = tool.cells(tool.PAGE.read_text())
    bare = [
        x | {"outputs": [], "execution_count": None} if x["cell_type"] == "code" else x
        for x in STORED["cells"]
    ]
    assert bare == page
    assert [cell["execution_count"] for cell in STORED["cells"] if "outputs" in cell] == [1, 2, 3, 4]
    assert (STORED["nbformat"], STORED["nbformat_minor"]) == (4, 5)


def test_what_it_printed_is_a_proof_and_names_no_machine():
    first, commands, _, last = [cell for cell in STORED["cells"] if cell["cell_type"] == "code"]
    assert said(first).startswith("value 0.0260473340")
    assert said(first).splitlines()[-1] == said(last).splitlines()[-1] == "spurious-minimum"
    assert "the witness is lower by at least" in said(commands)
    assert "accepted" in said(commands)
    assert not re.search(r"/(tmp|home|root|work|Users|usr)\b", json.dumps(STORED))


def test_commands_run_and_what_fails_is_seen(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert "relucert" in tool.ran("%%sh\nrelucert --help", {})[0]
    with pytest.raises(tool.subprocess.CalledProcessError):
        tool.ran("%%sh\nrelucert verify nothing.npy", {})


def test_the_program_runs_without_pytorch(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "torch", None)  # its import fails
    value, verdict = tool.ran(code(STORED["cells"])[0], {})[0].splitlines()
    assert value.startswith("value 0.0")
    assert verdict in ("local-minimum", "spurious-minimum")
    assert (tmp_path / "loss.json").is_file()


def test_the_program_runs_with_pytorch(tmp_path, monkeypatch):
    pytest.importorskip("torch", reason="PyTorch is not installed: its branch of the tutorial does not run")
    monkeypatch.chdir(tmp_path)
    printed, _ = tool.ran(code(STORED["cells"])[0], {})
    assert printed.split()[1][:8] == said(STORED["cells"][1]).split()[1][:8]
    assert printed.splitlines()[-1] == "spurious-minimum"
