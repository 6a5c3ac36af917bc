"""Do the tests notice a wrong proof? python bench/mutation_testing.py [MODULE[=COUNT]...]

Changes one place of a module of the kernel or of the auditor at a time, in a copy of the tree, and runs the
tests that are about that module until one fails. The changes: comparisons, arithmetic, signs, constants,
relations, negated and dropped conditions, exchanged and dropped roundings (upper, lower, largest, hull ...),
exchanged arguments, deleted statements, lost return values. Of each module, COUNT changes (default --count)
are drawn with a fixed seed. One JSON line a change goes to --out; a table and the survivors are printed.

A change whose tests exceed the time limit is killed.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Iterator
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
TIGHT, CONTAINMENT = "tests/property/test_tight.py", "tests/property/test_containment.py"
VERDICTS, AUDIT = "tests/unit/test_verdicts.py", "tests/audit"
CHECK = f"{AUDIT}/test_check.py"
LIPSCHITZ, DERIVATIVES = "tests/crosscheck/test_lipschitz.py", "tests/crosscheck/test_derivatives.py"
TESTS = {  # module: what its changes meet, fast tests first
    "relucert/kernel/theorems": [TIGHT, CONTAINMENT, VERDICTS],
    "relucert/kernel/spectrum": [TIGHT, CONTAINMENT, VERDICTS],
    "relucert/kernel/lipschitz": [TIGHT, LIPSCHITZ, CONTAINMENT],
    "relucert/kernel/arccos": [TIGHT, CONTAINMENT, DERIVATIVES],
    "relucert/kernel/loss": [CONTAINMENT, DERIVATIVES, VERDICTS],
    "relucert/kernel/facts": [VERDICTS, CONTAINMENT],
    "relucert/kernel/ball": [CONTAINMENT, TIGHT, VERDICTS],
    "relucert/kernel/outcome": [CONTAINMENT, VERDICTS],
    "relucert_audit/theorems": [CHECK],
    "relucert_audit/steps": [CHECK],
    "relucert_audit/exact": [f"{AUDIT}/test_exact.py", CHECK],
    "relucert_audit/interval": [f"{AUDIT}/test_interval.py", f"{AUDIT}/test_loss.py", CHECK],
    "relucert_audit/loss": [f"{AUDIT}/test_loss.py", CHECK],
    "relucert_audit/format": [f"{AUDIT}/test_format.py", CHECK],
    "relucert_audit/trust": [f"{AUDIT}/test_trust.py", CHECK],
}
COMPARE = {
    ast.Lt: (ast.LtE, ast.GtE), ast.LtE: (ast.Lt, ast.Gt), ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt), ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,), ast.Is: (ast.IsNot,), ast.IsNot: (ast.Is,),
}  # fmt: skip
ARITHMETIC = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult, ast.Pow: ast.Mult, ast.LShift: ast.RShift, ast.RShift: ast.LShift,
    ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd, ast.MatMult: ast.Mult,
}  # fmt: skip
PAIRS = (
    ("upper", "lower"), ("max", "min"), ("largest", "smallest"), ("maximum", "minimum"), ("all", "any"),
    ("proves_lt", "proves_le"), ("refuted", "weak"), ("UPPER", "LOWER"), ("floor", "ceil"),
    ("bound", "suffices"), ("round_floor", "round_ceiling"), ("mpf_lt", "mpf_le"), ("mpf_ge", "mpf_le"),
    ("VALID", "INVALID"), ("REJECTED", "NOT_CONFIRMED"),
)  # fmt: skip
EXCHANGE = {a: b for pair in PAIRS for a, b in (pair, pair[::-1])}
DROPPED = {
    "upper",
    "lower",
    "square",
    "root",
    "abs",
    "hull",
    "symmetric",
    "sorted",
    "_finite",
    "_nonnegative",
}
TEXTS = {"<": "<=", "<=": "<", "simple": "paper", "paper": "simple"}


class Mutant(NamedTuple):
    module: str
    line: int
    before: str
    after: str
    source: str  # of the whole module, changed


class Result(NamedTuple):
    module: str
    line: int
    before: str
    after: str
    result: str  # "killed", "timeout", "survived"
    by: str  # the test that failed
    seconds: float


def replacements(tree: ast.Module) -> Iterator[tuple[ast.AST, str]]:
    """(node, its new text) of every change. Not in annotations, docstrings, or the texts of messages."""
    skipped: set[int] = set()
    for node in ast.walk(tree):  # parents come before their children
        if isinstance(node, ast.JoinedStr):
            skipped.update(map(id, ast.walk(node)))
        parts = [getattr(node, name, None) for name in ("annotation", "returns")]
        if isinstance(node, ast.AnnAssign | ast.arg | ast.FunctionDef):
            skipped.update(id(x) for part in parts if part is not None for x in ast.walk(part))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            skipped.update(map(id, ast.walk(node)))
        if id(node) not in skipped:
            yield from ((node, text) for text in changes(node))


def changes(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Compare():
            for i, op in enumerate(node.ops):
                for other in COMPARE[type(op)]:
                    ops = [*node.ops[:i], other(), *node.ops[i + 1 :]]
                    yield f"({ast.unparse(ast.Compare(node.left, ops, node.comparators))})"
        case ast.BinOp():
            yield f"({ast.unparse(ast.BinOp(node.left, ARITHMETIC[type(node.op)](), node.right))})"
        case ast.UnaryOp():
            yield f"({ast.unparse(node.operand)})"
        case ast.BoolOp():
            other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
            yield f"({ast.unparse(ast.BoolOp(other, node.values))})"
            for i in range(len(node.values)):
                rest = [x for j, x in enumerate(node.values) if j != i]
                yield f"({' and '.join(f'({ast.unparse(x)})' for x in rest)})"
        case ast.IfExp():
            yield f"({ast.unparse(node.body)})"
            yield f"({ast.unparse(node.orelse)})"
        case ast.Constant(value=bool() as value):
            yield str(not value)
        case ast.Constant(value=int() as value):
            yield f"({value + 1})"
            yield f"({value - 1})"
        case ast.Constant(value=float() as value):
            yield f"({value * 2!r})"
        case ast.Constant(value=str() as value) if value in TEXTS:
            yield repr(TEXTS[value])
        case ast.Name(ctx=ast.Load()) if node.id in EXCHANGE:
            yield EXCHANGE[node.id]
        case ast.Attribute(ctx=ast.Load()) if node.attr in EXCHANGE:
            yield f"{ast.unparse(node.value)}.{EXCHANGE[node.attr]}"
        case ast.Call():
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in DROPPED and node.args:
                yield f"({ast.unparse(node.args[0])})"
            if len(node.args) >= 2 and name not in ("isinstance", "zip", "range"):
                swapped = [node.args[1], node.args[0], *node.args[2:]]
                yield ast.unparse(ast.Call(node.func, swapped, node.keywords))
        case ast.If():
            yield "NEGATE"
        case ast.Return(value=ast.expr() as value) if not isinstance(value, ast.Constant):
            yield "return None"
        case ast.Expr() | ast.AugAssign() | ast.Raise() | ast.Continue() | ast.Break():
            yield "pass"
        case ast.Assign(targets=[ast.Subscript() | ast.Attribute()]):
            yield "pass"


def mutants(module: str) -> list[Mutant]:
    source = (ROOT / "src" / f"{module}.py").read_bytes()
    starts = [0]
    for row in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(row))
    found = {}
    for node, text in replacements(ast.parse(source)):
        target = node.test if isinstance(node, ast.If) else node
        begin = starts[target.lineno - 1] + target.col_offset  # type: ignore[attr-defined]
        end = starts[target.end_lineno - 1] + target.end_col_offset  # type: ignore[attr-defined,operator]
        old = source[begin:end].decode()
        new = f"(not ({old}))" if text == "NEGATE" else text
        whole = (source[:begin] + new.encode() + source[end:]).decode()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                key = ast.dump(ast.parse(whole))
        except SyntaxError:
            continue
        old, new = (" ".join(x.split()) for x in (old, new))
        found.setdefault(key, Mutant(module, target.lineno, old, new, whole))  # type: ignore[attr-defined]
    found.pop(ast.dump(ast.parse(source)), None)
    return list(found.values())


# ---- running the tests on one mutant, in a process of its own --------------------------------------------

PLACE = Path()  # this worker's copy of the tree
PRELOAD = "numpy scipy.linalg flint mpmath sympy cryptography rich typer rfc8785 numba pytest"


def prepare(folder: str) -> None:
    """A worker starts: its copy of the tree, and the libraries, which its children then need not import."""
    global PLACE
    PLACE = Path(tempfile.mkdtemp(dir=folder))
    for name in ("src", "tests", "docs", "README.md", "pyproject.toml"):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, PLACE / name, **({"ignore": IGNORED} if (ROOT / name).is_dir() else {}))  # type: ignore[operator]
    os.environ |= {"PYTHONPATH": str(PLACE / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
    os.environ |= {"OPENBLAS_NUM_THREADS": "1", "RELUCERT_HOME": str(PLACE / "home")}
    os.environ["NUMBA_CACHE_DIR"] = str(PLACE / "numba")
    sys.dont_write_bytecode = True
    sys.path.insert(0, str(PLACE / "src"))
    for name in PRELOAD.split():
        __import__(name)


IGNORED = shutil.ignore_patterns("__pycache__", "*.pyc")


class First:
    """A pytest plugin: which test failed first."""

    def __init__(self) -> None:
        self.name = "collection"

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.failed and self.name == "collection":
            self.name = report.nodeid


def remember_proofs() -> None:
    """The auditor's tests let the prover make certificates; a change of the auditor does not change them."""
    run, cache = subprocess.run, PLACE.parent / "proofs"

    def remembering(command: Any, **options: Any) -> Any:
        if not (isinstance(command, list) and "verify" in command and "-o" in command):
            return run(command, **options)
        source, out = (Path(command[command.index(name) + 1]) for name in ("verify", "-o"))
        rest = [x for x in command if x not in (str(source), str(out))]
        kept = cache / hashlib.sha256(repr((rest, source.read_bytes())).encode()).hexdigest()
        if kept.is_dir():
            shutil.copytree(kept, out)
            return None
        done = run(command, **options)
        if out.is_dir():
            new = tempfile.mkdtemp(dir=PLACE.parent)
            shutil.copytree(out, new, dirs_exist_ok=True)
            try:
                cache.mkdir(exist_ok=True)
                os.rename(new, kept)
            except OSError:
                shutil.rmtree(new)  # another worker was first
        return done

    subprocess.run = remembering  # type: ignore[assignment]


def tests_pass(module: str, tests: list[str], limit: float) -> tuple[str, str]:
    """("survived", ""), ("killed", first failing test) or ("timeout", "")."""
    note = PLACE / "first.txt"
    note.write_text("crash")
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.setsid()
            resource.setrlimit(resource.RLIMIT_AS, (8 << 30, 8 << 30))
            sink = os.open(PLACE / "output.txt", os.O_CREAT | os.O_WRONLY | os.O_TRUNC)
            os.dup2(sink, 1)
            os.dup2(sink, 2)
            os.chdir(PLACE)
            if module.startswith("relucert_audit/"):
                remember_proofs()
            import pytest

            first = First()
            code = int(pytest.main(["-x", "-p", "no:cacheprovider", *tests], plugins=[first]))
            note.write_text(first.name)
        except Exception:  # noqa: BLE001 -- the parent sees a crash
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            os._exit(code)
    stop = time.monotonic() + limit
    while time.monotonic() < stop:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            passed = os.waitstatus_to_exitcode(status) == 0
            return ("survived", "") if passed else ("killed", note.read_text())
        time.sleep(0.05)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return "timeout", ""


def examine(mutant: Mutant, limit: float) -> Result:
    path = PLACE / "src" / f"{mutant.module}.py"
    original, start = path.read_text(), time.monotonic()
    path.write_text(mutant.source)
    try:
        result, by = tests_pass(mutant.module, TESTS[mutant.module], limit)
    finally:
        path.write_text(original)
    return Result(*mutant[:4], result, by, round(time.monotonic() - start, 2))


def work(task: tuple[Mutant, float]) -> Result:
    return examine(*task)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("modules", nargs="*", metavar="MODULE[=COUNT]", help=f"of {', '.join(TESTS)}")
    parser.add_argument("--count", type=int, default=40, help="changes a module, drawn at random")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--limit", type=float, default=120, help="seconds for the tests of one change")
    parser.add_argument("--out", type=Path, default=Path("mutants.jsonl"))
    parser.add_argument("--list", action="store_true", help="only count the changes")
    options = parser.parse_args()
    wanted = dict(item.partition("=")[::2] for item in options.modules or TESTS)
    chosen: list[Mutant] = []
    sizes = {}
    for module, count in wanted.items():
        everything = mutants(module)
        draw = random.Random(f"{options.seed} {module}")  # noqa: S311 -- a sample, not a secret
        sizes[module] = len(everything)
        draw.shuffle(everything)
        chosen += sorted(everything[: int(count or options.count)], key=lambda m: m.line)
    if options.list:
        print("\n".join(f"{module}: {size}" for module, size in sizes.items()))
        return 0
    results = []
    with (
        tempfile.TemporaryDirectory(prefix="relucert-mutants-") as folder,
        options.out.open("a") as out,
        get_context("fork").Pool(options.jobs, prepare, (folder,)) as pool,
    ):
        for package in sorted({module.partition("/")[0] for module in wanted}):
            every = {test for m in wanted if m.startswith(f"{package}/") for test in TESTS[m]}
            result, by = pool.apply(tests_pass, (f"{package}/", sorted(every), 10 * options.limit))
            if result != "survived":
                print(f"{package}: the tests fail without any change: {by}")
                return 1
        for result in pool.imap(work, [(m, options.limit) for m in chosen]):
            results.append(result)
            out.write(json.dumps(result._asdict()) + "\n")
            out.flush()
    for module, size in sizes.items():
        mine = [r.result for r in results if r.module == module]
        late, lived = mine.count("timeout"), mine.count("survived")
        print(f"{module}: {len(mine) - lived} of {len(mine)} killed ({late} by time), of {size} changes")
    for r in results:
        if r.result == "survived":
            print(f"{r.module}.py:{r.line}: {r.before}  ->  {r.after}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
