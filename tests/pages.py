"""The code blocks of the README and of docs/: what kind each is, and running those that are commands."""

import json
import os
import re
import subprocess
import sys
from contextlib import chdir, redirect_stderr, redirect_stdout
from glob import glob
from io import StringIO
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

import tutorial_notebook
from relucert import cli

ROOT = Path(__file__).parents[1]
PAGES = ["README.md", *sorted(str(x.relative_to(ROOT)) for x in (ROOT / "docs").rglob("*.md"))]
PROGRAMS = ("relucert", "relucert-audit", "python", "make", "srun", "openssl", "pip", "git")
RELATION = re.compile(r"[<>=]|^ *[+(]")
COMMANDS, SNIPPET, OUTPUT, DATA, FORMULA = "commands", "snippet", "output", "data", "formula"
OF_LANGUAGE = {"sh": COMMANDS, "bash": COMMANDS, "python": SNIPPET, "text": OUTPUT, "json": DATA}


class Block(NamedTuple):
    """line: of its first line on the page, from 1; language: that of a fence, None for an indented block."""

    page: str
    line: int
    language: str | None
    text: str

    @property
    def name(self) -> str:
        return f"{self.page}:{self.line}"

    @property
    def kind(self) -> str:
        """A fence that names a language is what it says. Any other block holds commands, and nothing else,
        or none and formulas: on a page of theorems, or where the first line has a relation. Raises ValueError for
        what is neither."""
        if self.language:
            return OF_LANGUAGE[self.language]
        starts = [is_command(x) for x in self.text.splitlines() if x.strip()]
        if all(starts):
            return COMMANDS
        proofs = self.page.startswith("docs/theorem/")
        if any(starts) or not (proofs or RELATION.search(self.text.splitlines()[0])):
            raise ValueError(f"{self.name}: neither commands nor formulas; name the language of the block")
        return FORMULA


def is_command(line: str) -> bool:
    return line.split()[0] in PROGRAMS


def blocks(page: str) -> list[Block]:
    """Those of a page, in order. As in Markdown, an indented block stands after an empty line."""
    found, lines = [], (ROOT / page).read_text().split("\n")
    at = 0
    while at < len(lines):
        fence = re.fullmatch(r"```(\w*)", lines[at])
        if fence:
            end = lines.index("```", at + 1)
            found.append(Block(page, at + 2, fence[1], joined(lines[at + 1 : end])))
            at = end
        elif lines[at].startswith("    ") and lines[at - 1] == "" and not _in_a_list(lines, at):
            end = next((i for i in range(at, len(lines)) if not re.match(r"    |$", lines[i])), len(lines))
            inside = [x.removeprefix("    ") for x in lines[at:end]]
            found.append(Block(page, at + 1, None, joined(inside).strip("\n") + "\n"))
            at = end - 1
        at += 1
    return found


def _in_a_list(lines: list[str], at: int) -> bool:
    """Whether the block at a line belongs to an item of a list, whose text it is unless indented further."""
    indent = len(lines[at]) - len(lines[at].lstrip())
    before = next(x for x in reversed(lines[:at]) if x.strip() and len(x) - len(x.lstrip()) < indent)
    item = re.match(r" *(?:[-*]|[0-9]+\.) +", before)
    return item is not None and indent < len(item[0]) + 4


def joined(lines: list[str]) -> str:
    return "".join(f"{x}\n" for x in lines)


class Substitute(NamedTuple):
    """What a test does with a text of a page instead of running it as it stands: `instead`, or nothing
    (None) with the whole line in which it is; and why."""

    page: str
    text: str
    instead: str | None
    why: str


def substituted(block: Block, table: list[Substitute]) -> tuple[str, list[Substitute]]:
    """The text to run, and the entries of the table that were on it."""
    text, used = block.text, []
    for entry in table:
        if entry.page != block.page or entry.text not in text:
            continue
        used.append(entry)
        if entry.instead is None:
            text = joined([x for x in text.splitlines() if entry.text not in x])
        else:
            text = text.replace(entry.text, entry.instead)
    return text, used


def variables(folder: Path) -> dict[str, str]:
    """The environment: this tree's code, this Python first on the PATH, and keys in a folder of their own."""
    return {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT / "src"),
        "RELUCERT_HOME": str(folder / "home"),
        "MAKEFLAGS": "",
    }


def run(block: Block, text: str, folder: Path) -> str:
    """What the text of a block prints, by the shell or by Python. An error says where the block stands."""
    script = folder / "snippet.py"
    script.write_text(text)
    command = [sys.executable, str(script)] if block.kind == SNIPPET else ["bash", "-euxc", text]
    done = subprocess.run(
        command, cwd=folder, env=variables(folder), capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, f"{block.name}: {done.stdout[-1000:]}{done.stderr[-2000:]}"
    return done.stdout


def in_session(text: str, names: dict, folder: Path) -> str:
    """What a program prints that goes on where those before it ended, in this process."""
    with chdir(folder), patch.dict(os.environ, variables(folder)):
        return tutorial_notebook.ran(text, names)[0]


HERE = re.compile(r"relucert [^|;&<>$`\\!(){}~'\"]*?( #.*)?")  # a command that needs no shell


def run_here(block: Block, text: str, folder: Path) -> str:
    """As `run`; commands of relucert that need no shell in this process, which does without their start-up."""
    lines = [x for x in text.splitlines() if x.strip()]
    if block.kind == SNIPPET or not all(map(HERE.fullmatch, lines)):
        return run(block, text, folder)
    out, err = StringIO(), StringIO()
    with chdir(folder), patch.dict(os.environ, variables(folder)), redirect_stdout(out), redirect_stderr(err):
        codes = [command(words(x)) for x in lines]
    assert set(codes) <= {0}, f"{block.name}: {codes} {out.getvalue()[-1000:]}{err.getvalue()[-2000:]}"
    return out.getvalue()


def words(line: str) -> list[str]:
    """Of a command without quotes, as a shell reads it in this folder."""
    return [y for x in line.partition(" #")[0].split() for y in (sorted(glob(x)) or [x])]


def command(arguments: list[str]) -> int:
    """The exit code of one command of relucert."""
    with patch.object(sys, "argv", arguments):
        try:
            cli.main()
        except SystemExit as stop:
            return stop.code


def run_page(page: str, table: list[Substitute], folder: Path) -> list[tuple[Block, str]]:
    """Runs the blocks of a page in order, in one folder, as a reader would; what each printed. The programs of a page
    that is a notebook, too, run one after the other in one session."""
    done, names = list[tuple[Block, str]](), {"__name__": "__main__"}
    session = (ROOT / page).with_suffix(".ipynb").exists()
    for block in blocks(page):
        if block.kind == SNIPPET and session:
            done.append((block, in_session(substituted(block, table)[0], names, folder)))
        elif block.kind in (COMMANDS, SNIPPET):
            done.append((block, run_here(block, substituted(block, table)[0], folder)))
        elif block.kind == DATA:
            json.loads(block.text)
    return done
