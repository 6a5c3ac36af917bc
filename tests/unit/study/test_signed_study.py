"""Studies of networks with output weights of both signs and of max(t, s t)."""

import csv
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

import signed_studies as studies
from converging_studies import onward
from proved_studies import Here, files, prove, without_processes
from relucert.base.errors import InputError
from relucert.base.exact import exact_rows
from relucert.families.teacher.network import PLAIN, layer, layer_of
from relucert.families.teacher.search import orbit
from relucert.families.teacher.search.classes import coordinate_classes
from relucert.families.teacher.search.descent import starting_point
from relucert.kernel.ball import NotProved
from relucert.study import batch, converging, proofs, runs, tables
from relucert.study import study as reading
from relucert.study.live import Table
from relucert.study.runs import Protocol
from relucert_audit.command import main


@pytest.fixture(scope="module")
def turned(tmp_path_factory):
    return studies.make(tmp_path_factory.mktemp("turned"), studies.TURNED)


@pytest.fixture(scope="module")
def unmatched(tmp_path_factory):
    return studies.make(tmp_path_factory.mktemp("unmatched"), studies.OPEN)


def test_one_neuron_goes_where_its_start_points(turned):
    """Theorem 20.A: from below 0 to the spurious minimum -4/5 of loss 9/80, from above to the target."""
    row = studies.read(turned, studies.TURNED)
    verdicts = [row["families"][i]["verdict"] for i in row["per_run"]["family"]]
    starts = [starting_point(1, 1, 1, 1, r).item() for r in range(12)]
    assert verdicts == ["spurious-minimum" if x < 0 else "global-minimum" for x in starts]
    assert set(verdicts) == {"spurious-minimum", "global-minimum"}
    for family in row["families"]:
        low, high = map(float, family["objective"])
        value = 9 / 80 if family["verdict"] == "spurious-minimum" else 0
        assert low <= value <= high <= value + 1e-5
        assert float(family["lambda_min"][0]) <= 5 / 8 <= float(family["lambda_max"])
    assert row["protocol"] == Protocol(seed=1).as_json() | {"slope": "-1/2"}


def test_certificates_are_about_the_network(tmp_path):
    directory = studies.make(tmp_path, studies.MIXED)
    row = studies.read(directory, studies.MIXED)
    assert row["kinds"] == {"global-minimum": 5, "spurious-minimum": 3}  # with two neurons only
    assert (row["protocol"]["signs"], row["protocol"]["teacher_signs"]) == ("+,-", "+,-")
    for claim in studies.claims(directory, row):
        assert claim["method"] == "signed-hessian"
        assert claim["problem"] == {
            "n": 2, "k": 2, "d": 2, "targets": "orthonormal", "signs": [1, -1], "teacher_signs": [1, -1], "slope": "0"
        }  # fmt: skip


def test_reversed_neurons_are_one_family_for_the_absolute_value(tmp_path):
    """Runs end at all of (+-e_1, +-e_2), in either order: one global minimum up to the symmetries of |t|."""
    directory = studies.make(tmp_path, studies.EVEN)
    row = studies.read(directory, studies.EVEN)
    assert row["kinds"] == {"global-minimum": 12}
    assert [family["count"] for family in row["families"]] == [12]
    ends = runs.descend_chunk(2, 2, 0, 12, studies.EVEN[0])["weights"]
    assert len({tuple(np.sort(np.sign(w.sum(axis=1)))) for w in ends}) == 3  # none, one and both reversed


def test_an_interrupted_study_is_the_same(turned, tmp_path):
    protocol, row = studies.TURNED
    events = batch.run(studies.opened(tmp_path, protocol), [row], Here, 4)
    next(event for event in events if event.stage == "certify")
    events.close()
    assert list((tmp_path / "work").rglob("*.npz"))
    assert files(studies.make(tmp_path, studies.TURNED)) == files(turned)


def test_below_the_floor_the_loss_of_a_leaky_network_cannot_rise(tmp_path):
    row = studies.read(studies.make(tmp_path, studies.WIDE), studies.WIDE)
    assert row["kinds"] == {"below-floor": 4} and row["ended"]["floor"] >= 1


@pytest.mark.parametrize(("signs", "slope"), [("+,+,-", "0"), ("+,+,-", "-1"), ("+,+,+", "-2/3")])
def test_a_run_below_the_floor_ends_only_if_its_loss_cannot_rise(signs, slope):
    """The third neuron is half of the first, or its opposite: together they are a target."""
    third = -0.5 if signs[-1] == "-" else 0.5
    split = np.array([[1 - third, 0.0], [0.0, 1.0], [abs(third), 0.0]])
    protocol = Protocol(seed=1, tolerance=1e-9, layer=layer(signs, "+,+", slope))
    count = np.arange(2)
    state = {
        "run": count, "weights": np.array([split, split + 1e-2]), "step_size": np.full(2, 0.1),
        "left": np.full(2, protocol.max_steps), "state": 0 * count,
    }  # fmt: skip
    at = runs.look(2, state, [], protocol, 1e3, False)  # 1e3: they do not move
    assert [d and (d.kind, d.ended) for d in at["decisions"]] == [("below-floor", "floor"), None]


def test_where_signs_are_not_matched_minima_are_local(unmatched):
    _, row = studies.OPEN
    found = studies.read(unmatched, studies.OPEN)
    assert found["kinds"] == {"local-minimum": 2, "undecided": 4}
    study = reading.read(unmatched)
    assert "the infimum of the loss is not known to be 0, and minima are called local" in tables.comparison(
        study
    )
    assert tables.line(study.rows[0]).spurious == 0
    shown = Table([row], {row: found}, []).render()
    assert [next(column.cells) for column in shown.columns if column.header in ("local", "undecided")] == [
        "4",
        "2",
    ]


def test_the_report(turned, relucert, tmp_path):
    study = reading.read(turned)
    about = "n neurons with the activation max(t, -t/2) against k orthonormal targets"
    assert tables.networks(study) == about
    (table,) = tables.tables(study)
    headings = [column.heading for column in table.columns]
    assert (
        "paper %" not in headings and table.lines[0].paper is None
    )  # (1, 1) is in none of its tables anyway
    for form in ("md", "tex", "csv", "html"):
        to = tmp_path / f"report.{form}"
        assert relucert("report", turned, "--format", form, "-o", to)[0] == 0
        text = to.read_text(encoding="utf-8")
        assert "Fisher" not in text and "ReLU neurons" not in text
        assert form == "csv" or (about in text and "seed 1, slope -1/2." in text)
    lines = (tmp_path / "report.csv").read_text().splitlines()
    assert next(csv.DictReader(lines))["slope"] == "-1/2"
    html = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "permutations of neurons and coordinates that keep the output weights." in html
    assert "Beside Safran" not in html


def test_published_numbers_are_about_other_networks(tmp_path):
    """(2, 4) has a number in the paper, for the ReLU with output weights 1."""
    protocol = Protocol(seed=1, floor_steps=10, max_steps=10, layer=layer(slope="1/3"))
    directory = studies.make(tmp_path, (protocol, batch.Row(2, 4, 2)))
    assert tables.published(2, 4) == 0
    assert tables.line(reading.read(directory).rows[0]).paper is None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda protocol: protocol.update(slope="-1/3"), "is about"),
        (lambda protocol: protocol.pop("slope"), "not the certificate that the row names"),
        (lambda protocol: protocol.update(signs="-"), "is about"),
        (lambda protocol: protocol.update(signs="-,+"), "2 signs for 1 neuron;"),
        (lambda protocol: protocol.update(signs="+"), "not as docs/spec/study-v1.md has them"),
        (lambda protocol: protocol.update(slope="-2/4"), "not as docs/spec/study-v1.md has them"),
        (lambda protocol: protocol.update(slope=-0.5), "not as docs/spec/study-v1.md has them"),
        (lambda protocol: protocol.update(slope="1"), "linear"),
    ],
)
def test_a_row_about_another_network_is_not_reported(turned, tmp_path, change, message):
    directory = shutil.copytree(turned, tmp_path / "study")
    for path in (directory / "study.json", directory / "rows/1-1.json"):
        whole = json.loads(path.read_text())
        change(whole["protocol"])
        path.write_text(json.dumps(whole))
    with pytest.raises(InputError, match=message):
        reading.read(directory)


def test_a_row_of_any_size_is_read_at_once(tmp_path):
    """What a file says of its size is not believed: nothing of that size is made."""
    directory = studies.make(tmp_path, studies.WIDE)
    path = directory / "rows/1-2.json"
    whole = json.loads(path.read_text()) | {"n": 2**50}
    path.unlink()
    (directory / f"rows/1-{2**50}.json").write_text(json.dumps(whole))
    with pytest.raises(InputError, match="beyond 2000"):
        reading.read(directory)


def test_proofs_of_other_networks_are_none_of_this(tmp_path):
    """Runs of the ReLU below the floor, beside a row of another network: they have no minimum that would tell."""
    row = studies.WIDE[1]
    plain = studies.opened(tmp_path / "plain", Protocol(seed=1, floor_steps=3000))
    signed = studies.make(tmp_path / "signed", studies.WIDE)
    list(batch.run(plain, [row], Here, 4))
    list(prove(plain, 1, rows=[row]))
    shutil.copytree(plain.directory / "runs", signed / "runs")
    whole = json.loads((signed / "rows/1-2.json").read_text())
    whole["proved"] = plain.row(row)["proved"]
    (signed / "rows/1-2.json").write_text(json.dumps(whole))
    with pytest.raises(InputError, match="problem: not that of the study"):
        reading.read(signed)
    list(onward(plain, 1, each=row))
    del whole["proved"]
    whole["converges"] = plain.row(row)["converges"]
    shutil.copytree(plain.directory / "converges", signed / "converges")
    (signed / "rows/1-2.json").write_text(json.dumps(whole))
    with pytest.raises(InputError, match="converges: is for output weights 1 and the ReLU"):
        reading.read(signed)
    with pytest.raises(InputError, match="--converges is for output weights 1 and the ReLU"):
        next(converging.steps(studies.opened(signed, studies.WIDE[0]), row, whole, 1))


@pytest.mark.parametrize(
    ("which", "kinds"),
    [(studies.MIXED, {"global-minimum": 2, "spurious-minimum": 1}), (studies.WIDE, {"below-floor": 3})],
)
def test_runs_are_proved_from_their_starts_and_the_checker_agrees(which, kinds, tmp_path, capsys):
    protocol, row = which
    directory = studies.make(tmp_path, which)
    events = list(prove(studies.opened(directory, protocol), 3, rows=[row]))
    assert [event.error for event in events if event.error] == []
    proved = studies.read(directory, which)["proved"]
    assert proved["kinds"] == kinds
    (digest,) = proved["certificates"]
    path = directory / f"runs/{row.k}-{row.n}/{digest}.json"
    claim = json.loads(path.read_text())["statement"]["claim"]
    assert claim["method"] == "signed-runs"
    assert claim["problem"]["slope"] == str(protocol.layer.slope)
    assert reading.read(directory).rows[0].proved.proved == 3
    assert main([str(directory)]) == 0, capsys.readouterr().out


def test_runs_of_the_absolute_value_are_not_proved():
    with pytest.raises(InputError, match=r"--prove-runs is not for \|t\|"):
        proofs.check_layer(studies.EVEN[0].layer)


# ---- the command -----------------------------------------------------------------------------------------


@pytest.fixture
def grid(relucert, tmp_path, monkeypatch):
    monkeypatch.setenv("RELUCERT_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    without_processes(monkeypatch)
    return lambda *options: relucert("grid", "--k", "1", "--runs", "2", "--jobs", "1", *options)


def test_the_command(grid):
    options = ("--extra", "0,1", "--activation", "leaky:-1/2")
    code, out, _ = grid(*options, "--dry-run", "--json")
    assert code == 0 and len(json.loads(out)["left"]) == 2
    for number in ("1", "2"):
        code, out, err = grid(*options, "--shard", f"{number}/2", "--json")
        assert json.loads(out)["protocol"]["slope"] == "-1/2", err
    code, out, _ = grid(*options, "--dry-run")
    assert code == 0 and "nothing" in out
    code, _, err = grid("--activation", "abs")
    assert code == 2 and "slope = -1/2 there, -1 now" in " ".join(err.split())
    code, _, err = grid()
    assert code == 2 and "slope = -1/2 there, None now" in " ".join(err.split())


def test_what_is_plain_is_the_study_of_today(grid):
    code = grid("-o", "plain")[0]
    said = ("--signs", "+", "--teacher-signs", "+", "--activation", "relu")
    assert grid("-o", "said", *said)[0] == code
    assert files(Path("said")) == files(Path("plain"))
    assert list(json.loads(Path("said/study.json").read_text())["protocol"])[-1] == "max_steps"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--signs", "+,-"), "k = 1, n = 1: signs: 2 signs for 1 neuron;"),
        (
            ("--signs", "-", "--extra", "0,1"),
            "k = 1, n = 2: signs: 1 sign for 2 neurons; give one for each neuron",
        ),
        (("--signs", "+", "--extra", "0,1"), "a grid with signs has one n"),
        (("--teacher-signs", "+,+"), "2 signs for 1 target;"),
        (("--activation", "leaky:0.1"), "no fraction of integers"),
        (("--activation", "abs", "--prove-runs", "1"), "--prove-runs is not for |t|"),
        (
            ("--activation", "abs", "--extra", "1", "--converges", "1"),
            "--converges is for output weights 1 and the ReLU",
        ),
        (("--signs", "-", "--device", "cpu"), "--device is for output weights 1 and the ReLU"),
    ],
)
def test_what_is_refused(grid, options, message):
    code, _, err = grid(*options)
    assert code == 2 and message in " ".join(err.split())
    assert not Path("study").exists()


# ---- guesses ---------------------------------------------------------------------------------------------


def test_a_layer_has_one_form():
    assert layer("+,+", None, "0") == layer() == PLAIN == layer_of({"seed": 1})
    one = layer([1, -1], "+", "-2/4")
    assert one.as_json() == {"signs": "+,-", "slope": "-1/2"} and layer_of(one.as_json()) == one
    assert one.network(2, 3).teacher == (1, 1, 1)
    assert layer(slope="1/3").network(5, 4).signs == (1,) * 5
    for wrong in ({"slope": "0"}, {"signs": "+,+"}, {"signs": [1, -1]}, {"signs": "+, -"}, {"slope": None}):
        with pytest.raises(InputError):
            layer_of(wrong)


@pytest.mark.parametrize("slope", ["1/3", "-1"])
@pytest.mark.parametrize("seed", range(3))
def test_symmetries_that_keep_output_weights_are_found(seed, slope):
    rng, of = np.random.default_rng(seed), layer("+,-,-,+,+", "-,+,+,-", slope).network(5, 4)
    point = rng.normal(size=(5, 4))
    rows, columns = np.arange(5), np.arange(4)
    for places, kinds in ((rows, of.signs), (columns, of.teacher)):
        for kind in (1, -1):
            where = np.flatnonzero(np.array(kinds) == kind)
            places[where] = rng.permutation(where)
    other = point[rows][:, columns]
    if slope == "-1":
        other = rng.choice([1, -1], size=(5, 1)) * other * rng.choice([1, -1], size=4)
    other = other + 1e-9 * rng.normal(size=(5, 4))
    assert runs.alike(point, other, of)
    order, places = orbit.align(point, other, of)
    assert [of.signs[i] for i in order] == list(of.signs)
    assert [of.teacher[i] for i in places] == list(of.teacher)
    assert not runs.alike(point, -other if slope == "1/3" else other + 0.1, of)


def test_a_guess_that_is_no_symmetry_proves_nothing(monkeypatch):
    """Exchanging both neurons, not the coordinates, is one where both have the same output weight only."""
    rows, zero = exact_rows(np.eye(2).tolist(), "neuron"), (0, 0)
    one = runs.Reference("", "", rows, (zero, zero), zero, (1, 0), None, None)  # alone within 1
    guess = np.array([1, 0]), np.array([0, 1])
    monkeypatch.setattr(orbit, "align", lambda *_: guess)
    assert not runs.same(one, one, layer("-,-", "+,-").network(2, 2))  # a symmetry, far away
    with pytest.raises(NotProved, match="not a symmetry"):
        runs.same(one, one, layer("+,-", "+,+").network(2, 2))


def test_signs_of_parts_that_nothing_joins_are_found():
    point = np.diag([1.0, -2.0, 3.0])
    neurons, coordinates = orbit.turn(point, -np.abs(point), layer(slope="-1").network(3, 3))
    assert (neurons[:, None] * -np.abs(point) * coordinates == point).all()
    assert (orbit.turn(point, -point)[0] == 1).all()  # only |t| turns


def test_classes_keep_output_weights():
    point = np.eye(3) - 0.1
    assert coordinate_classes(point) == [[0, 1, 2]]
    assert coordinate_classes(point, layer("+,+,-", "+,+,-").network(3, 3)) == [[0, 1], [2]]
    assert coordinate_classes(point, layer("+,+,-").network(3, 3)) == [[0, 1], [2]]
    assert coordinate_classes(point, layer(slope="-1/2").network(3, 3)) == [[0, 1, 2]]
