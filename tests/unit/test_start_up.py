"""What the command line and `import relucert` do not import, since it is slow; and that nothing is missing for it."""

import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
import typer.main

import relucert
from relucert import cli, families
from relucert.families.teacher.search import compiled
from relucert.families.teacher.search.descent import descend, prepare
from relucert_audit import families as checked

HEAVY = ("scipy", "numba", "matplotlib", "sympy", "pyarrow", "distributed", "torch")
PROVERS = (
    "flint",
    "numpy",
    "mpmath",
    "relucert.families.teacher.verify",
    "relucert_audit.exact",
    "relucert_audit.steps",
)
STARTERS = ("concurrent.futures", "multiprocessing")
CERTIFICATE = next(iter(sorted((Path(__file__).parents[2] / "certificates/6-6").glob("*.json"))))
ACCEPTED = Path(__file__).parents[1] / "corpus/accept"


def imported(code, *names):
    """Which of these modules a fresh interpreter has imported after `code`."""
    told = f"import sys\n{code}\nprint([x for x in {names!r} if x in sys.modules], file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stderr.strip().splitlines()[-1]


def test_the_package_alone_imports_nothing_heavy():
    assert imported("import relucert", *HEAVY, "numpy", "flint", "typer", "rich") == "[]"


def run(command, words):
    """The code that runs a command line to its end."""
    return f"""
sys.argv = ["command", *{words!r}]
from {command} import main
try:
    stop = main()
except SystemExit as stopped:
    stop = stopped.code
assert not stop, stop"""


def test_to_show_a_certificate_imports_nothing_that_proves():
    assert imported(run("relucert.cli", ["show", str(CERTIFICATE)]), *HEAVY, *PROVERS, *STARTERS) == "[]"


def test_to_say_what_is_claimed_imports_no_prover_in_any_family():
    code = f"""
import json
from pathlib import Path
from relucert import cli, families
from relucert.commands import words
from relucert_audit import families as checkers
said = set()
for path in sorted(Path({str(ACCEPTED)!r}).glob("*.json"))[::6]:
    statement = json.loads(path.read_bytes())["statement"]
    words.claim(statement, path.name)
    words.inequalities(statement, path.name)
    said.add(statement["claim"]["family"])
assert said == {{*families.HOME}} == {{*families.families()}}, said
assert len(checkers.methods()) > len(said)"""
    assert imported(code, *HEAVY, *PROVERS, *STARTERS) == "[]"


def test_help_imports_nothing_that_reads_proves_or_prints():
    others = ("rich", "pydantic", "cryptography", "relucert_audit", "importlib.metadata")
    assert imported(run("relucert.cli", ["--help"]), *HEAVY, *PROVERS, *STARTERS, *others) == "[]"


@pytest.mark.parametrize("name", ["show", "search", "filter", "cnn", "keys"])
def test_of_all_commands_only_the_one_that_is_asked_for_is_made(name):
    made = typer.main.get_command(cli.application(name))
    assert list(made.commands) == [name]
    assert set(typer.main.get_command(cli.application("srch")).commands) >= {name, "verify", "octopus"}


def test_the_checker_starts_without_arithmetic_and_without_processes(tmp_path):
    assert (
        imported(run("relucert_audit.command", ["--help"]), *HEAVY, *PROVERS, *STARTERS, "relucert") == "[]"
    )
    assert (
        imported(run("relucert_audit.command", [str(CERTIFICATE)]), *HEAVY, *STARTERS, "relucert", "flint")
        == "[]"
    )


def test_proving_a_point_does_without_scipy_and_numba():
    code = "import relucert\nrelucert.verify(relucert.Candidate.from_rows([[1.0, 0.0], [0.0, 1.0]]))"
    assert imported(code, *HEAVY, "numpy.random") == "[]"


def test_a_point_of_a_users_loss_does_without_scipy_and_the_other_families(tmp_path):
    points, loss = tmp_path / "points.json", tmp_path / "loss.json"
    points.write_text("[[0.5]]")
    nodes = [["param", 0], ["square", 0]]
    loss.write_text(json.dumps({"schema": "relucert-loss/1", "parameters": 1, "nodes": nodes, "output": 1}))
    code = f"""
from pathlib import Path
from relucert.families import read
from relucert.families.family import Layout, Options
family, found = read(Path({str(points)!r}), Layout(loss=Path({str(loss)!r})))
assert family.prove(found[0], Options()).verdict.startswith("local")"""
    assert imported(code, *HEAVY, "relucert.families.teacher", "relucert.families.cnn") == "[]"


def test_every_public_name_is_found():
    assert {name: getattr(relucert, name).__name__.rpartition(".")[2] for name in relucert.__all__} == {
        name: name for name in relucert.__all__
    }
    assert set(relucert.__all__) <= set(dir(relucert))
    with pytest.raises(AttributeError):
        _ = relucert.nothing


def test_families_are_found_in_their_rooms():
    assert {name: import_module(f"{room}.family").FAMILY.name for name, room in families.HOME.items()} == {
        name: name for name in families.HOME
    }
    for name, room in checked.HOME.items():
        assert {family for family, _ in import_module(f"{room}.family").METHODS} == {name}
    known = {(family, method) for family, method in checked.methods() if family in checked.HOME}
    assert all(checked.method_of(*names) is checked.methods()[names] for names in known)
    assert checked.method_of("none", "hessian") is None


def test_compiled_code_is_kept_where_it_is_said_to_be():
    descend(np.eye(1), 1, 1, 0, max_steps=1)
    assert compiled.is_compiled()
    assert compiled.folder().is_dir()
    code = """
from relucert.families.teacher.search.descent import prepare
from relucert.families.teacher.search import compiled
prepare()
assert compiled.advance.stats.cache_hits and not compiled.advance.stats.cache_misses"""
    assert imported(code, "typer") == "[]"


def test_who_waits_for_compilation_is_told_once_where_the_result_is_kept(monkeypatch, capsys):
    monkeypatch.setattr(compiled, "is_compiled", lambda: False)
    compiled.tell.cache_clear()
    prepare()
    prepare()
    out, err = capsys.readouterr()
    assert out == "" and err.count("compiling") == 1
    assert str(compiled.folder()) in err.replace("\n", "") and "NUMBA_CACHE_DIR" in err
