"""What the command line and `import relucert` do not import, since it is slow; and that nothing is missing for it."""

import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

import relucert
from relucert import families
from relucert.families.teacher.search import compiled
from relucert.families.teacher.search.descent import descend
from relucert_audit import families as checked

HEAVY = ("scipy", "numba", "matplotlib", "sympy", "pyarrow", "distributed", "torch")
CERTIFICATE = next(iter(sorted((Path(__file__).parents[2] / "certificates/6-6").glob("*.json"))))


def imported(code, *names):
    """Which of these modules a fresh interpreter has imported after `code`."""
    told = f"import sys\n{code}\nprint([x for x in {names!r} if x in sys.modules], file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    return done.stderr.strip().splitlines()[-1]


def test_the_package_alone_imports_nothing_heavy():
    assert imported("import relucert", *HEAVY, "numpy", "flint", "typer", "rich") == "[]"


@pytest.mark.parametrize("words", [["--help"], ["show", str(CERTIFICATE)]])
def test_help_and_show_import_nothing_heavy(words):
    code = f"""
sys.argv = ["relucert", *{words!r}]
from relucert.cli import main
try:
    main()
except SystemExit as stop:
    assert not stop.code, stop.code"""
    prove = ("relucert.families.teacher.verify", "flint")
    assert imported(code, *HEAVY, *prove) == "[]"


def test_help_does_without_numpy():
    assert imported("from relucert.cli import app", *HEAVY, "numpy", "flint", "cryptography") == "[]"


def test_proving_a_point_does_without_scipy_and_numba():
    code = "import relucert\nrelucert.verify(relucert.Candidate.from_rows([[1.0, 0.1], [0.1, 1.0]]))"
    assert imported(code, "numba", "sympy", "matplotlib") == "[]"


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
