"""A page as an executed notebook: python tools/tutorial_notebook.py [PAGE] [NOTEBOOK]

Default: docs/families/expression-tutorial.md. What the page says becomes cells of text, its programs cells of code, its
commands cells of %%sh; they run here one after the other, in an empty folder, and what they print and show is stored. A
fence of `bash`, which sets up what the rest needs, stays text. Needs what the page imports: PyTorch, where its branch
is wanted (pip install torch).
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import chdir, redirect_stdout
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

FAMILIES = Path(__file__).resolve().parents[1] / "docs" / "families"
PAGE, NOTEBOOK = FAMILIES / "expression-tutorial.md", FAMILIES / "expression-tutorial.ipynb"
BLOCK = re.compile(r"^```(python|sh)\n(.*?)\n```$", re.DOTALL | re.MULTILINE)
SHELL = "%%sh\n"
Cell = dict[str, Any]


def cells(page: str) -> list[Cell]:
    """Of the text of a page; nothing has run."""
    found, end = list[Cell](), 0
    for block in BLOCK.finditer(page):
        found += _text(page[end : block.start()])
        code = SHELL * (block[1] == "sh") + block[2]
        found.append(_cell("code", len(found), code) | {"execution_count": None, "outputs": []})
        end = block.end()
    return [cell | {"id": f"cell-{i}"} for i, cell in enumerate([*found, *_text(page[end:])])]


def _text(part: str) -> Iterator[Cell]:
    if part.strip():
        yield _cell("markdown", 0, part.strip())


def _cell(kind: str, number: int, source: str) -> Cell:
    return {
        "cell_type": kind,
        "id": f"cell-{number}",
        "metadata": {},
        "source": source.splitlines(keepends=True),
    }


def run(given: list[Cell]) -> list[Cell]:
    """With what the code prints to standard output, and shows; in the current folder."""
    names: dict[str, Any] = {"__name__": "__main__"}
    count, found = 0, list[Cell]()
    for cell in given:
        if cell["cell_type"] == "code":
            count += 1
            text, value = ran("".join(cell["source"]), names)
            output = {"name": "stdout", "output_type": "stream", "text": text.splitlines(keepends=True)}
            outputs = [output] if text else []
            if value is not None:
                outputs.append(_shown(value, count))
            cell = cell | {"execution_count": count, "outputs": outputs}
        found.append(cell)
    return found


def _shown(value: object, count: int) -> dict[str, Any]:
    """As a notebook shows it."""
    data = {"text/plain": repr(value).splitlines(keepends=True)}
    page = getattr(value, "_repr_html_", None)
    if page is not None:
        data = {"text/html": page().splitlines(keepends=True)} | data
    return {"data": data, "execution_count": count, "metadata": {}, "output_type": "execute_result"}


def ran(code: str, names: dict[str, Any]) -> tuple[str, Any]:
    """What a cell prints, and the value of its last line, if that is an expression."""
    if code.startswith(SHELL):
        return _commands(code.removeprefix(SHELL)), None
    out, value = StringIO(), None
    tree = ast.parse(code)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    with redirect_stdout(out):
        exec(compile(tree, "<cell>", "exec"), names)  # noqa: S102 -- a program of the page
        if last is not None:
            value = eval(compile(ast.Expression(last.value), "<cell>", "eval"), names)  # noqa: S307 -- as above
    return out.getvalue(), value


def _commands(lines: str) -> str:
    text = ""
    for line in lines.splitlines():
        program, *arguments = shlex.split(line)
        command = [sys.executable, "-m", program, *arguments]
        text += subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    return text


def notebook(found: list[Cell]) -> dict[str, Any]:
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return {
        "cells": found,
        "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("page", type=Path, nargs="?", default=PAGE)
    parser.add_argument("notebook", type=Path, nargs="?", default=NOTEBOOK)
    options = parser.parse_args()
    page, result = options.page.resolve(), options.notebook.resolve()
    with TemporaryDirectory() as folder, chdir(folder):
        os.environ["RELUCERT_HOME"] = str(Path(folder, "home"))
        found = run(cells(page.read_text()))
    result.write_text(json.dumps(notebook(found), indent=1) + "\n")


if __name__ == "__main__":
    main()
