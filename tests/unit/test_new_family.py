"""docs/architecture.md, "How to add a family": one folder a building and a line in two tables are enough."""

import json
from importlib import import_module
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from relucert import cli, families
from relucert_audit import families as checked

TESTS = Path(__file__).parents[1]


@pytest.fixture
def with_toy(monkeypatch, tmp_path):
    monkeypatch.setattr(families, "ROOMS", [*families.ROOMS, "toy"])
    monkeypatch.setattr(checked, "ROOMS", [*checked.ROOMS, "toy_audit"])
    monkeypatch.setenv("RELUCERT_HOME", str(tmp_path / "home"))
    for table in (families.families, checked.methods):
        table.cache_clear()
    yield tmp_path
    monkeypatch.undo()
    for table in (families.families, checked.methods):
        table.cache_clear()


def relucert(*arguments):
    return CliRunner().invoke(cli.app, [str(x) for x in arguments])


def test_a_family_of_two_folders_goes_from_file_to_certificate_to_audit(with_toy):
    points, out = with_toy / "points.json", with_toy / "out"
    points.write_text(json.dumps({"family": "toy-parabola", "target": "1/3", "points": ["0.3"]}))
    done = relucert("verify", points, "-o", out)
    assert (done.exit_code, done.exception) == (0, None), done.output
    (file,) = out.glob("*.json")
    said = relucert("show", file).output
    assert "The loss |x - 1/3|^2 has its global minimum within 0.0333335 of 3/10." in said
    assert relucert("audit", out).exit_code == 0
    whole = json.loads(file.read_text())
    whole["statement"]["claim"]["bounds"]["existence_radius"] = {"exact": ["1", -5], "decimal": "0.03125"}
    forged = with_toy / "forged.json"
    forged.write_text(json.dumps({**whole, "signatures": []}))
    assert relucert("audit", forged).exit_code == 1


def test_its_commands_are_found(with_toy):
    app = typer.Typer()
    families.register(app)
    assert "parabola" in {command.callback.__name__ for command in app.registered_commands}


def test_the_example_is_small():
    lines = [
        len(p.read_text().splitlines())
        for folder in ("toy", "toy_audit")
        for p in (TESTS / folder).glob("*.py")
    ]
    assert sum(lines) < 200


@pytest.mark.parametrize("name", families.HOME)
def test_every_family_is_at_home_where_it_is_looked_for(name):
    assert import_module(f"{families.HOME[name]}.family").FAMILY.name == name
    assert {family for family, _ in import_module(f"{checked.HOME[name]}.family").METHODS} == {name}


def test_the_checker_has_a_room_for_every_family():
    assert families.HOME.keys() == checked.HOME.keys()
