"""Do the tests notice a wrong proof? python bench/mutation.py kernel|checker FOLDER [--jobs 2] [--report]

Runs mutmut 3 (pip install mutmut==3.8.1) on the kernel or the checker, in a copy of the tree in FOLDER, and
prints a table and every survivor as a change; `--report` only prints. mutmut leaves decorated functions
alone, so in the copy `@decorator def f` becomes `def _f` and `f = decorator(_f)`, which means the same.
A run that was stopped goes on where it was.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MUTMUT = Path(sys.executable).with_name("mutmut")
PACKAGES = {  # what is changed, and the tests that are about it
    "kernel": ("relucert/kernel", ["tests/property", "tests/unit/test_verdicts.py", "tests/crosscheck"]),
    "checker": ("relucert_audit", ["tests/audit"]),
}
CONFIG = """
[tool.mutmut]
source_paths = ["src"]
only_mutate = ["src/{}/*.py"]
do_not_mutate = ["src/relucert_audit/command.py", "src/relucert_audit/__main__.py"]
also_copy = ["docs", "README.md", "certificates", "bench"]
pytest_add_cli_args = ["-p", "no:cacheprovider"]
pytest_add_cli_args_test_selection = {}
"""
UNWRAPPED = ("cached_property", "property", "cache", "contextmanager")
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


def prepare(folder: Path, package: str, tests: list[str]) -> None:
    for name in ("src", "tests", "docs", "certificates", "bench", "README.md", "pyproject.toml"):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, folder / name)  # type: ignore[operator]
    with (folder / "pyproject.toml").open("a") as config:
        config.write(CONFIG.format(package, tests))
    for path in (folder / "src" / package).glob("*.py"):
        path.write_text(undecorated(path.read_text()))


def results(folder: Path) -> Iterator[tuple[str, dict[str, int | None]]]:
    """(module, exit code by name of the change), as mutmut records them."""
    for path in sorted((folder / "mutants" / "src").rglob("*.py.meta")):
        module = path.relative_to(folder / "mutants" / "src").as_posix().removesuffix(".py.meta")
        yield module, json.loads(path.read_text())["exit_code_by_key"]


def sample(folder: Path, size: int) -> list[str]:
    """Drawn by the digests of their names: the same changes at every run."""

    def order(name: str) -> bytes:
        return hashlib.sha256(name.encode()).digest()

    return [name for _, codes in results(folder) for name in sorted(codes, key=order)[:size]]


def only_text(before: str, after: str) -> bool:
    """Whether two functions differ in nothing but long strings: the texts of messages."""

    def shape(source: str) -> str:
        tree = ast.parse(source)
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and " " in node.value.strip("X")
            ):
                node.value = ""
        return ast.dump(tree)

    return shape(before) == shape(after)


def report(folder: Path) -> None:
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    survivors = []
    for module, codes in results(folder):
        for name, code in codes.items():
            result = RESULTS.get(code, "killed")
            counts[module][result] += 1
            if result in ("survived", "no tests"):
                survivors.append((module, name))
    text = Counter[str]()
    for module, name in survivors:
        shown = subprocess.run(
            [MUTMUT, "show", name], cwd=folder, capture_output=True, text=True, check=True
        ).stdout
        change = [row for row in shown.splitlines() if row[:1] in "+-" and row[:3] not in ("+++", "---")]
        old, new = ("\n".join(row[1:] for row in change if row[0] == sign) for sign in "-+")
        try:
            message = only_text(f"f({old.strip()})", f"f({new.strip()})")
        except SyntaxError:
            message = old.count('"') == new.count('"') and "XX" in new
        text[module] += message
        if not message:
            print(f"{name}\n    " + "\n    ".join(" ".join(row.split()) for row in change))
    print("| module | changes | killed | by time | survived | of these messages |\n|---|---|---|---|---|---|")
    for module, c in counts.items():
        lived = c["survived"] + c["no tests"]
        print(f"| {module} | {c.total()} | {c['killed']} | {c['timeout']} | {lived} | {text[module]} |"
              + (f" {c['not run']} not run" if c["not run"] else ""))  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("what", choices=PACKAGES)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--report", action="store_true", help="print what an earlier run found")
    parser.add_argument(
        "--sample", type=int, metavar="N", help="only N changes a module, drawn with a fixed seed"
    )
    options = parser.parse_args()
    folder = options.folder.resolve()
    if not options.report:
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / "src").exists():
            prepare(folder, *PACKAGES[options.what])
        (folder / "mutants" / "src").mkdir(parents=True, exist_ok=True)  # else Python remembers its absence
        environment = os.environ | {
            "PYTHONPATH": str(folder / "mutants" / "src"),
            "OPENBLAS_NUM_THREADS": "1",
        }
        environment |= {"RELUCERT_HOME": str(folder / "home")}
        command = [str(MUTMUT), "run", "--max-children", str(options.jobs)]
        if options.sample:  # the first run, of no change at all, only makes the changes
            subprocess.run([*command, "none*"], cwd=folder, env=environment, check=False, capture_output=True)
            command += sample(folder, options.sample)
        subprocess.run(command, cwd=folder, env=environment, check=False)
    report(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
