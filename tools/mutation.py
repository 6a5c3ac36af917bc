"""Do the tests notice a wrong proof? python tools/mutation.py kernel|checker ROOM FOLDER [--jobs 2] [--report]

Runs mutmut 3 (pip install mutmut==3.8.1) on a room of the kernel or the checker (teacher, cnn, filter,
uniform, landscape, ntk, factorisation, octopus, expression, or common: what belongs to no family), in a copy of
the tree in FOLDER, and prints a table and every survivor as a change; `--report` only prints. mutmut leaves decorated
functions alone, so in the copy `@decorator def f` becomes `def _f` and `f = decorator(_f)`, which means the same. A
run that was stopped goes on where it was.
"""

from __future__ import annotations

import argparse
import ast
import copy
import difflib
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MUTMUT = Path(sys.executable).with_name("mutmut")
PACKAGES = {"kernel": "relucert/kernel", "checker": "relucert_audit"}
ROOMS = (
    *("common", "teacher", "cnn", "filter", "uniform", "landscape", "ntk", "factorisation", "octopus"),
    "expression",
)
CONFIG = """
[tool.mutmut]
source_paths = ["src"]
only_mutate = {}
do_not_mutate = ["src/relucert_audit/command.py", "src/relucert_audit/workers.py", "src/relucert_audit/__main__.py"]
also_copy = ["docs", "README.md", "certificates", "bench", "tools"]
pytest_add_cli_args = ["-p", "no:cacheprovider"]
pytest_add_cli_args_test_selection = {}
"""
UNWRAPPED = ("cached_property", "property", "cache", "contextmanager")
WORDS = {  # which arguments of these calls are only said to people
    "malformed": (0,),
    "TooWeak": (0,),
    "Refusal": (2, 3),
    "refuted": (1, 2),
    "weak": (1, 2),
    "finding": (1, 2),
    "inequality": (0, 4),
    "Argument": (0,),
    "Inconclusive": (2,),
}
SAID = re.compile("x_show__|__str____")  # functions that only make texts
RESULTS = {0: "survived", 5: "no tests", 33: "no tests", 36: "timeout", None: "not run"}


def undecorated(source: str) -> str:
    """The same module with `@d def f(..)` written as `def _f(..)` and `f = d(_f)`."""
    lines = source.split("\n")
    functions = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)]
    for node in sorted(functions, key=lambda f: -f.lineno):
        if len(node.decorator_list) == 1 and ast.unparse(node.decorator_list[0]) in UNWRAPPED:
            name, indent = ast.unparse(node.decorator_list[0]), " " * node.col_offset
            lines.insert(node.end_lineno or 0, f"{indent}{node.name} = {name}(_{node.name})")
            lines[node.lineno - 1] = lines[node.lineno - 1].replace(f"def {node.name}", f"def _{node.name}")
            del lines[node.decorator_list[0].lineno - 1]
    return "\n".join(lines)


def about(what: str, room: str) -> list[str]:
    """The tests that are about a room of the kernel or the checker: those of its family, or all."""
    if what == "checker" and room == "common":
        return ["tests/audit"]
    if what == "checker":
        return [f"tests/audit/{room}", *(f"tests/audit/test_{x}.py" for x in ("check", "corpus", "numbers"))]
    if room == "common":
        return ["tests/property", "tests/unit/teacher/test_verdicts.py", "tests/crosscheck"]
    own = [f"tests/property/{room}", f"tests/crosscheck/{room}", "tests/property/test_words.py"]
    return [*own, "tests/unit/teacher/test_verdicts.py" if room == "teacher" else f"tests/unit/{room}"]


def prepare(folder: Path, what: str, room: str, tests: str = "", only: str = "") -> None:
    for name in ("src", "tests", "docs", "certificates", "bench", "tools", "README.md", "pyproject.toml"):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, folder / name)  # type: ignore[operator]
    package = PACKAGES[what] if room == "common" else f"{PACKAGES[what]}/{room}"
    paths = [x for x in (folder / "src" / package).glob("*.py") if not only or x.stem in only.split(",")]
    modules = sorted(
        x.relative_to(folder).as_posix() for x in paths
    )  # not a pattern, which goes into the rooms too
    with (folder / "pyproject.toml").open("a") as config:
        config.write(CONFIG.format(modules, tests.split(",") if tests else about(what, room)))
    for path in paths:
        path.write_text(undecorated(path.read_text()))


def results(folder: Path) -> Iterator[tuple[str, dict[str, int | None]]]:
    """(module, exit code by name of the change), as mutmut records them."""
    for path in sorted((folder / "mutants" / "src").rglob("*.py.meta")):
        module = path.relative_to(folder / "mutants" / "src").as_posix().removesuffix(".py.meta")
        yield module, json.loads(path.read_text())["exit_code_by_key"]


def sample(folder: Path, size: int, only: str = "") -> list[str]:
    """Drawn by the digests of their names: the same changes at every run. only: of these modules."""

    def order(name: str) -> bytes:
        return hashlib.sha256(name.encode()).digest()

    names = only.split(",")
    wanted = [codes for module, codes in results(folder) if not only or module.rpartition("/")[2] in names]
    return [name for codes in wanted for name in sorted(codes, key=order)[:size]]


class Wordless(ast.NodeTransformer):
    """Without what is only said to people: texts of errors and findings, names and texts of hypotheses."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        name = getattr(node.func, "id", "")
        for i in range(len(node.args)) if name.endswith(("Error", "NotProved")) else WORDS.get(name, ()):
            if i < len(node.args):
                node.args[i] = ast.Constant("")
        return node

    def visit_Assign(self, node: ast.Assign) -> ast.AST:
        if ast.unparse(node.targets[0]) in ("text", "reason"):
            node.value = ast.Constant("")
        return self.generic_visit(node)


class Plain(ast.NodeTransformer):
    """The same program: Ball(None) is Ball(0), 0 * 2^1 is 0 * 2^0, a sum begins with the integer 0 as well
    as with a ball, and the lengths of what is zipped are equal anyway."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        name, first = ast.unparse(node.func), ast.unparse(node.args[0]) if node.args else ""
        if name in ("Ball", "arb") and first == "None":
            node.args = [ast.Constant(0)]
        elif name == "dyadic" and first == "0":
            node.args = node.args[:1]
        elif name == "float" and first.lower() == "'inf'":
            node.args = [ast.Constant("inf")]
        elif name == "zip":
            node.keywords = []
        elif name == "sum":
            node.args = node.args[:1]
        return node


def functions(path: Path) -> dict[str, tuple[str, ...]]:
    """By name, all functions of a module: their text, and the same without words, and in plain form."""
    source = path.read_text()
    lines, found = source.split("\n"), {}
    for node in [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)]:
        name, node.name, node.decorator_list = node.name, "f", []
        text = "\n".join(" ".join(line.split()) for line in lines[node.lineno : node.end_lineno])
        kinds = [ast.dump(kind().visit(copy.deepcopy(node))) for kind in (Wordless, Plain)]
        found[name] = (text, *("" if SAID.search(name) else kind for kind in kinds))
    return found


def percent(killed: int, tried: int) -> str:
    return f"{killed} of {tried}, {100 * killed / max(tried, 1):.1f} %"


def report(folder: Path) -> None:
    """Prints every survivor that changes more than words, and a table."""
    rows, total = [], Counter[str]()
    for module, codes in results(folder):
        known, count = functions(folder / "mutants" / "src" / f"{module}.py"), Counter[str]()
        for name, code in codes.items():
            result = RESULTS.get(code, "killed")
            change = name.rpartition(".")[2]
            new, old = known[change], known[re.sub(r"__mutmut_[0-9]+$", "__mutmut_orig", change)]
            words = new[1] == old[1]
            count["changes"] += 1
            count["tried"] += result != "not run"
            count["killed"] += result in ("killed", "timeout")
            count["words"] += words and result != "not run"
            count["words killed"] += words and result in ("killed", "timeout")
            if result in ("survived", "no tests") and not words:
                count["same"] += new[2] == old[2]
                difference = list(difflib.ndiff(old[0].split("\n"), new[0].split("\n")))
                print(name + (" (the same)" if new[2] == old[2] else "") + f": {result}" * (code != 0))
                print("".join(f"    {line}\n" for line in difference if line[0] in "+-"), end="")
        total += count
        if count["changes"]:
            rows.append((module, count))
    print("| module | changes | killed of those tried | without words | survivors the same |")
    print("|---|---|---|---|---|")
    for module, c in [*rows, ("all", total)]:
        without = percent(c["killed"] - c["words killed"], c["tried"] - c["words"])
        print(f"| {module} | {c['changes']} | {percent(c['killed'], c['tried'])} | {without} | {c['same']} |")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("what", choices=PACKAGES)
    parser.add_argument("room", choices=ROOMS)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--report", action="store_true", help="print what an earlier run found")
    parser.add_argument(
        "--sample", type=int, metavar="N", help="only N changes a module, drawn with a fixed seed"
    )
    parser.add_argument(
        "--only", metavar="MODULES", default="", help="only these modules, with commas; the same each time"
    )
    parser.add_argument("--tests", metavar="PATHS", default="", help="with commas; default: about the room")
    options = parser.parse_args()
    folder = options.folder.resolve()
    if not options.report:
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / "src").exists():
            prepare(folder, options.what, options.room, options.tests, options.only)
        (folder / "mutants" / "src").mkdir(parents=True, exist_ok=True)  # else Python remembers its absence
        environment = os.environ | {
            "PYTHONPATH": str(folder / "mutants" / "src"),
            "OPENBLAS_NUM_THREADS": "1",
        }
        environment |= {"RELUCERT_HOME": str(folder / "home")}
        command = [str(MUTMUT), "run", "--max-children", str(options.jobs)]
        if options.sample or options.only:  # the first run, of no change at all, only makes the changes
            subprocess.run([*command, "none*"], cwd=folder, env=environment, check=False, capture_output=True)
            chosen = sample(folder, options.sample or sys.maxsize, options.only)
            if not chosen:  # mutmut takes no names for all of them
                parser.error(f"--only {options.only}: no such module, or one without changes")
            command += chosen
        subprocess.run(command, cwd=folder, env=environment, check=False)
    report(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
