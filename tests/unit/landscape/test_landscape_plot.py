"""`relucert landscape figures`: the three objectives, their curves, and which ends are proved."""

import csv
import json
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import typer

from relucert import cli
from relucert.base.errors import InputError
from relucert.certificate import form
from relucert.families.landscape import dynamics, plot
from relucert.families.landscape.compare_command import compare
from relucert.families.landscape.descent import random_start
from relucert.families.landscape.figures_command import figures as command

FAST = ("figures", "--d", "6", "--seeds", "2", "--steps", "300", "-o", "out")
LOSSES = {"G": dynamics.designed(6, 1), "f'": dynamics.mixture, "l2": dynamics.relu}
SIGNED = np.eye(5)[[3, 1, 0, 4, 2]] * np.array([1, -1, 1, 1, -1])[:, None]


@pytest.fixture
def landscape(monkeypatch, relucert, tmp_path):
    """`relucert landscape`, the word left out."""
    app = typer.Typer(pretty_exceptions_enable=False)
    for one in (command, compare):
        app.command()(one)
    monkeypatch.setattr(cli, "application", lambda only: app)
    monkeypatch.setenv("RELUCERT_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return relucert


@pytest.mark.parametrize("name", LOSSES)
def test_the_direction_of_a_step_is_the_gradient(name):
    loss, rng = LOSSES[name], np.random.default_rng(3)
    b, a, db, da = (rng.standard_normal(shape) for shape in ((5, 5), 5, (5, 5), 5))
    _, (slope_b, slope_a) = loss((b, a))
    h = 1e-5
    ends = [loss((b + t * db, a + t * da))[0] for t in (h, -h)]
    change = (slope_b * db).sum() + (slope_a * da).sum()
    assert (ends[0] - ends[1]) / (2 * h) == pytest.approx(change, rel=1e-6)


def test_each_objective_is_0_at_its_minimum():
    c = 1 / np.sqrt(8 * np.pi)
    minima = {"G": SIGNED / np.sqrt(1 - c / 2), "f'": SIGNED, "l2": np.abs(SIGNED)}
    for name, b in minima.items():
        value, slopes = LOSSES[name]((b, np.ones(5)))
        assert value == pytest.approx(0, abs=1e-12)
        assert max(np.abs(x).max() for x in slopes) < 1e-7
        assert dynamics.error(b) == pytest.approx(0)


def test_g_is_the_quartic_of_the_format():
    b, nu, c = np.random.default_rng(1).standard_normal((3, 3)), 0.5, 1 / np.sqrt(8 * np.pi)
    value = 0.0
    for i in range(3):
        s = sum(b[j, i] ** 2 for j in range(3))
        value += c * (s**2 - (1 + nu) * sum(b[j, i] ** 4 for j in range(3)))
    value += sum((b[j] @ b[j] - 1) ** 2 for j in range(3))
    least = -3 * nu * c / (1 - nu * c)
    assert LOSSES["G"]((b, np.ones(3)))[0] == pytest.approx(value - least)


def test_l2_is_an_expectation():
    rng = np.random.default_rng(2)
    w, x = rng.standard_normal((3, 3)), rng.standard_normal((400_000, 3))
    sample = (np.maximum(x @ w.T, 0).sum(axis=1) - np.maximum(x, 0).sum(axis=1)) ** 2
    value, _ = dynamics.relu((w, np.ones(3)))
    assert value == pytest.approx(sample.mean(), abs=5 * sample.std() / len(sample) ** 0.5)


def test_the_error_tells_two_equal_rows():
    assert dynamics.error(np.array([[1.0, 0], [1, 0]])) == 1
    assert dynamics.error(np.array([[2.0, 0], [0, -3]])) == 0


def test_rows_of_f_prime_keep_norm_1():
    b = random_start(4, 0)
    kind = plot.series(4, Fraction(6), Fraction(1), 10)[1]
    assert kind.unit
    found = plot.curve(kind, b)
    assert found.steps == list(range(11))
    assert found.losses[-1] < found.losses[0]


def test_three_pictures_the_data_and_a_certificate_for_every_end_that_is_proved(landscape):
    pytest.importorskip("matplotlib")
    code, out, _ = landscape(*FAST, "--json")
    assert code == 0
    rows = [json.loads(line) for line in out.splitlines()]
    assert [(row["figure"], row["seed"]) for row in rows] == [(i, s) for i in (1, 2, 3) for s in (0, 1)]
    for row in rows:
        assert row["end"].startswith("proved" if row["objective"] == "G" else "not proved")
        assert (row["certificate"] is None) == (row["objective"] != "G")
    for row in rows[4:]:
        claim = form.parse(Path(f"out/{row['certificate']}.json").read_bytes(), "")["statement"]["claim"]
        assert (claim["method"], claim["verdict"]) == ("descent", "converges-to-global-minimum")
        assert claim["problem"]["step"] == row["eta"]
        start = [[int(m) * 2.0**e for m, e in line] for line in claim["point"]]
        assert start == [[m * 2.0**e for m, e in line] for line in random_start(6, row["seed"])]
    lines = list(csv.DictReader(Path("out/figures.csv").read_text().splitlines()))
    assert tuple(lines[0]) == plot.HEAD
    assert len(lines) == 6 * 301
    ends = [line for line in lines if line["step"] == "300"]
    assert [float(line["test_loss"]) for line in ends] == pytest.approx(
        [row["test_loss"] for row in rows], rel=1e-5
    )
    for i in (1, 2, 3):
        text = Path(f"out/figure-{i}.svg").read_text()
        assert text.startswith("<?xml")
    before = Path("out/figure-3.svg").read_bytes()
    landscape(*FAST, "--json")
    assert Path("out/figure-3.svg").read_bytes() == before


def test_an_end_that_is_not_proved_is_said_to_be_so(landscape):
    pytest.importorskip("matplotlib")
    code, out, err = landscape(
        "figures", "--d", "6", "--seeds", "1", "--steps", "5", "-o", "out", "--format", "png"
    )
    assert code == 5
    assert "converge to a global minimum" in out
    assert "certificate: 0 runs on G" in out
    assert "seed 0: after 5 steps" in err
    assert not list(Path("out").glob("*.json"))
    assert Path("out/figure-1.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--d", "1"), "--d 1"),
        (("--steps", "0"), "--steps 0"),
        (("--mu", "12"), "mu = 12"),
        (("--mu", "13"), "is known for mu < 12"),
        (("--lambda", "0.01"), "is known for mu < 12"),
        (("--format", "gif"), "svg, png, pdf"),
    ],
)
def test_what_has_no_picture_is_refused(landscape, options, said):
    pytest.importorskip("matplotlib")
    code, out, err = landscape("figures", *options, "-o", "out")
    assert (code, out) == (2, "")
    assert said in err
    assert not Path("out").exists()


def test_without_matplotlib_the_extra_is_named(landscape, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    code, _, err = landscape(*FAST)
    assert code == 3
    assert "relucert[plot]" in err


def test_a_curve_that_diverges_ends_nowhere():
    kind = plot.series(2, Fraction(6), Fraction(1), 1)[0]
    run = plot.Run(kind, 0, dynamics.Curve([0], [float("inf")], [float("nan")]), None)
    assert plot.record(run)["test_loss"] is None
    with pytest.raises(InputError):
        plot.series(201, Fraction(6), Fraction(1), None)
