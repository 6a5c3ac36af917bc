"""What a release says of itself is the same everywhere: versions, dependencies, commands."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

import relucert

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
AUDIT = tomllib.loads((ROOT / "packages/relucert-audit/pyproject.toml").read_text())["project"]
CONDA = {"matplotlib": "matplotlib-base"}  # conda's names where they differ


def text(name):
    return (ROOT / name).read_text()


def test_the_version_is_the_same_everywhere():
    version = PROJECT["version"]
    assert relucert.__version__ == version
    assert AUDIT["version"] == version
    assert f'version: "{version}"' in text("recipe/recipe.yaml")
    assert re.search(rf"^version: {re.escape(version)}$", text("CITATION.cff"), re.MULTILINE)
    assert f"## {version} (" in text("CHANGELOG.md")


def test_the_changelog_goes_from_the_newest_release_down():
    headings = re.findall(
        r"^## ([0-9.]+) \((unreleased|[0-9]{4}-[0-9]{2}-[0-9]{2})\)$", text("CHANGELOG.md"), re.MULTILINE
    )
    assert headings == sorted(headings, key=lambda x: [int(y) for y in x[0].split(".")], reverse=True)
    assert len(headings) == text("CHANGELOG.md").count("\n## ")
    dated = {version: day for version, day in headings if day != "unreleased"}
    released = re.search(r"^date-released: (.*)$", text("CITATION.cff"), re.MULTILINE)[1]
    assert dated.get(PROJECT["version"], released) == released


def test_the_recipe_has_the_dependencies_and_commands_of_the_project():
    recipe = text("recipe/recipe.yaml")
    run = recipe.partition("  run:\n")[2].partition("  run_constraints:\n")[0]
    needed = {
        f"python {PROJECT['requires-python']}",
        *(x.replace(">=", " >=") for x in PROJECT["dependencies"]),
    }
    assert set(re.findall(r"- (.*)", run)) == needed
    constraints = recipe.partition("  run_constraints:\n")[2].partition("\ntests:")[0]
    extras = [x for name, extra in PROJECT["optional-dependencies"].items() for x in extra]
    for line in re.findall(r"- (.*)", constraints):
        assert line in [
            f"{CONDA.get(name, name)} >={least}" for name, _, least in (x.partition(">=") for x in extras)
        ]
    for name, target in PROJECT["scripts"].items():
        assert f"- {name} = {target}\n" in recipe


def test_citation_is_whole():
    yaml = pytest.importorskip("yaml")
    found = yaml.safe_load(text("CITATION.cff"))
    needed = {
        "cff-version",
        "message",
        "title",
        "abstract",
        "type",
        "authors",
        "version",
        "date-released",
        "license",
    }
    assert needed <= set(found)
    for reference in found["references"]:
        assert {"type", "title", "authors", "year", "conference"} <= set(reference)
        assert all({"family-names", "given-names"} == set(author) for author in reference["authors"])


def test_the_pins_are_those_of_the_lock_and_cover_what_the_wheel_needs():
    pins = subprocess.run(
        [ROOT / "tools/pins.sh"], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    locked = re.findall(r"^([a-z0-9][\w.-]*==\S+)", text("requirements.lock"), re.MULTILINE)
    assert [x.split(" ;")[0] for x in pins] == locked
    names = {x.partition("==")[0] for x in pins}
    extras = PROJECT["optional-dependencies"]
    assert extras["gpu"] == ["torch>=2.5"]  # too large for the lock file: make test-torch installs it
    wanted = PROJECT["dependencies"] + [x for name in extras if name != "gpu" for x in extras[name]]
    assert {x.partition(">=")[0] for x in wanted} <= names
    assert not any("sha256" in x or x.endswith("\\") for x in pins)


def test_the_container_needs_nothing_that_is_left_out():
    copied = re.findall(r"/checkout/([\w./-]+)", text("Containerfile"))
    left_out = text(".dockerignore").splitlines()
    assert copied == ["tools/pins.sh"]
    assert not {
        "src",
        "formal",
        "tools",
        "pyproject.toml",
        "README.md",
        "LICENSE",
        "requirements.lock",
    } & set(left_out)
