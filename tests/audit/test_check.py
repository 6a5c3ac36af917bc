"""Whole certificates: true ones are accepted, each claim made false is not, and wrong verdicts are
rejected."""

import json
import os
import signal
import subprocess
import sys
import time
from fractions import Fraction

import pytest
from certificates import audit, changed, exact, member, name_of, number, prove, prove_points

from relucert_audit import families
from relucert_audit.command import main, run_all
from relucert_audit.method import OWN, PRECISIONS
from relucert_audit.steps import weak

CASES = ("spurious", "global", "local", "saddle", "saddle-3", "not-critical")
UPPER = ("gradient_norm", "lambda_min.1", "lambda_max", "lipschitz.value", "lipschitz_safran_shamir")
LOWER = ("lambda_min.0", "lambda_min_safran_shamir", "basin.radius", "basin.step", "uniqueness_radius")
MORE_UPPER, MORE_LOWER = ("existence_radius", "existence_radius_lemma_1", "objective.1"), ("objective.0",)
TIGHTENED = [(p, True) for p in UPPER + MORE_UPPER] + [(p, False) for p in LOWER + MORE_LOWER]
VERDICTS = {"spurious": "spurious-minimum", "global": "global-minimum", "local": "local-minimum"}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("constants", ["simple", "sharp", "paper"])
def test_true_certificates_are_accepted(case, constants):
    document = prove(case, "--constants", constants)
    report = audit(document, name=name_of(document))
    assert report.result == "accepted", report.finding
    assert report.verdict == VERDICTS.get(case, "strict-saddle" if "saddle" in case else case)


@pytest.mark.parametrize("case", ["rough spurious", "rough local", "rough saddle"])
@pytest.mark.parametrize(("path", "upper"), TIGHTENED)
def test_a_bound_tightened_past_the_truth_is_not_accepted(case, path, upper):
    document = prove(case)
    try:
        value = exact(member(document, f"bounds.{path}"))
    except KeyError:
        pytest.skip("claim is absent")
    slip = abs(value) * Fraction(1, 2**7 if path == "basin.radius" else 2**14)
    if path[-2:] in (".0", ".1"):  # keep the interval ordered: loosen its other end
        other = value + (-2 if upper else 2) * slip
        document = changed(document, f"bounds.{path[:-1]}{1 - int(path[-1])}", number(other, not upper))
    if path == "lambda_min.1":
        document = changed(document, "bounds.lambda_min_safran_shamir", number(value - 2 * slip, False))
    false = changed(document, f"bounds.{path}", number(value - slip if upper else value + slip, upper))
    report = audit(false)
    assert report.result in ("rejected", "not-confirmed"), (path, report)
    assert report.finding.step >= 3
    loose = changed(document, f"bounds.{path}", number(value + slip if upper else value - slip, upper))
    assert audit(loose).result == "accepted", audit(loose).finding


@pytest.mark.parametrize("case", ["rough local", "not-critical"])
def test_the_constant_that_is_named_is_the_one_that_is_demanded(case):
    """Between Theorem B's constant and the paper's, which is larger."""
    document = prove(case, "--constants", "paper")
    value = exact(member(document, "bounds.lipschitz.value"))
    document = changed(document, "bounds.lipschitz.value", number(value * Fraction(9, 10), True))
    report = audit(document)
    assert (report.result, report.finding.step, report.finding.claim) == (
        "not-confirmed",
        5,
        "lipschitz.value",
    )
    assert audit(changed(document, "bounds.lipschitz.constants", "simple")).result == "accepted"


@pytest.mark.parametrize("path", ["gradient_norm", "lambda_min.0", "lambda_min.1", "lambda_max"])
def test_refuted_quantities_are_rejected(path):
    document = prove("rough spurious")
    upper = path != "lambda_min.0"
    value = exact(member(document, f"bounds.{path}")) * (Fraction(99, 100) if upper else Fraction(101, 100))
    document = changed(document, f"bounds.{path}", number(value, upper))
    if path == "lambda_min.1":
        document = changed(document, "bounds.lambda_min.0", number(value / 2, False))
        document = changed(document, "bounds.lambda_min_safran_shamir", number(value / 2, False))
    if path == "lambda_min.0":
        document = changed(document, "bounds.lambda_min.1", number(value * 2, True))
    report = audit(document)
    assert (report.result, report.finding.step) == ("rejected", 3 if path == "gradient_norm" else 4)


def test_exclusion_radius():
    document = prove("not-critical")
    radius = exact(member(document, "bounds.exclusion_radius"))
    larger = changed(document, "bounds.exclusion_radius", number(radius * Fraction(5, 4), False))
    assert audit(larger).result in ("rejected", "not-confirmed")


@pytest.mark.parametrize(
    ("case", "verdict", "step"),
    [
        ("saddle", "spurious-minimum", 7),
        ("saddle", "local-minimum", 7),
        ("spurious", "strict-saddle", 1),
        ("local", "spurious-minimum", 1),
        ("local", "global-minimum", 1),
        ("spurious", "global-minimum", 8),
        ("global", "spurious-minimum", 7),
    ],
)
def test_wrong_verdicts(case, verdict, step):
    report = audit(changed(prove(case), "verdict", verdict))
    assert report.result in ("rejected", "not-confirmed")
    assert report.finding.step == step, report.finding


def test_weaker_true_verdict():
    document = changed(prove("spurious"), "verdict", "local-minimum")
    assert audit(document).result == "accepted"


def test_a_minimum_is_not_where_there_is_none():
    """The bounds of a minimum at another point: every radius is refuted, nothing is accepted."""
    document = prove("spurious")
    for entry in ("point.0.0", "point.5.5"):
        m, e = member(document, entry)
        moved = changed(document, entry, [str(int(m) * 2**20 + 2**53 + 1), e - 20])
        assert audit(moved).result == "rejected"


def test_wrong_verdict_not_critical():
    document = changed(prove("spurious"), "dimension", None)
    for name in ("uniqueness_radius", "existence_radius_lemma_1", "basin", "lambda_min_outside"):
        document = changed(document, f"bounds.{name}", None)
    radius = member(document, "bounds.existence_radius")
    document = changed(changed(document, "bounds.existence_radius", None), "verdict", "not-critical")
    radius = number(exact(radius), False)
    assert audit(changed(document, "bounds.exclusion_radius", radius)).result == "rejected"


@pytest.mark.parametrize("value", [{"negative": 1, "positive": 35}, {"negative": 0, "positive": 37}])
def test_wrong_inertia(value):
    report = audit(changed(prove("spurious"), "bounds.inertia", value))
    assert (report.result, report.finding.step) == ("rejected", 4)


def test_lipschitz_ball_must_avoid_the_origin():
    for radius in (0, 2):
        document = changed(prove("not-critical"), "bounds.lipschitz.radius", number(Fraction(radius), False))
        assert (audit(document).result, audit(document).finding.step) == ("rejected", 5)


def test_decimals_and_evidence():
    document = prove("spurious")
    for decimal in ("2.02370", "2.03", "-2.02374", "0"):
        report = audit(changed(document, "bounds.lambda_max.decimal", decimal))
        assert (report.result, report.finding.step) == ("rejected", 2)
    inequality = document["statement"]["evidence"][0]["inequalities"][0]
    for change in (
        {"left": inequality["right"] | {"decimal": "0.0047005"}},
        {"left": None},
        {"proved": False},
    ):
        copy = json.loads(json.dumps(document))
        copy["statement"]["evidence"][0]["inequalities"][0] |= change
        assert (audit(copy).result, audit(copy).finding.step) == ("rejected", 9)


def test_odd_points_are_decided():
    """Dimension 1, one neuron, parallel and antiparallel rows, far scales."""
    cases = [
        ([[[0.5], [-0.7]], [[0.5], [0.7]]], [[1.0], [-1.0]]),
        ([[[1.001]], [[-0.7]]], [[1.0]]),
        ([[[0.3, 0.4, 0.5]]], [[1.0, 2.0, 3.0]]),
        ([[[1e-9, 1e-14], [1e-13, 1e-9]]], [[1e-9, 0.0], [0.0, 1e-9]]),
        ([[[3e6, 1e-3], [0.0, 2e-3]]], [[3e6, 0.0], [0.0, 2e-3]]),
    ]
    for points, targets in cases:
        for document in prove_points(points, targets):
            assert audit(document).result == "accepted", audit(document).finding


def test_name():
    document = prove("global")
    for name in ("0" * 64, "A" * 64, name_of(document)[:64].upper()):
        assert audit(document, name=name + ".json").finding.step == 10


def test_command(tmp_path, capsys):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "good.json").write_text(json.dumps(prove("global")))
    assert main([str(tmp_path), "--json"]) == 0
    row = json.loads(capsys.readouterr().out)
    assert (row["result"], row["verdict"], row["step"]) == ("accepted", "global-minimum", None)
    (tmp_path / "bad.json").write_text("{")
    assert main([str(tmp_path)]) == 2
    assert "malformed" in capsys.readouterr().out
    false = changed(prove("global"), "bounds.inertia.positive", 5)
    (tmp_path / "false.json").write_text(json.dumps(false))
    command = [sys.executable, "-m", "relucert_audit", str(tmp_path), "--jobs", "2"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (1, "")
    assert sorted(line.split()[1] for line in done.stdout.splitlines()[1:]) == [
        "accepted",
        "malformed",
        "rejected",
    ]
    assert main([str(tmp_path / "absent.json")]) == 2
    with pytest.raises(SystemExit, match="2"):
        main([str(tmp_path / "deep"), "--key", str(tmp_path / "bad.json")])
    with pytest.raises(SystemExit, match="2"):
        (tmp_path / "empty").mkdir()
        main([str(tmp_path / "empty")])


def test_failure_of_the_checker_is_an_error(tmp_path, monkeypatch, capsys):
    (tmp_path / "good.json").write_text(json.dumps(prove("global")))
    monkeypatch.setattr("relucert_audit.teacher.steps.step_8", lambda *_: 1 / 0)
    assert main([str(tmp_path)]) == 4
    assert "error" in capsys.readouterr().out


def slow(path):
    time.sleep(0.02)
    path.touch()
    return {"file": str(path)}


@pytest.mark.parametrize("jobs", [1, 2])
def test_what_has_not_begun_is_dropped_when_nobody_reads_on(tmp_path, jobs):
    paths = [tmp_path / f"{i:03}" for i in range(200)]
    rows = run_all(paths, jobs, slow)
    assert next(rows) == {"file": str(paths[0])}
    rows.close()
    begun = list(tmp_path.iterdir())
    assert 1 <= len(begun) < 20
    time.sleep(0.2)
    assert set(tmp_path.iterdir()) == set(begun)  # and no worker goes on


@pytest.mark.parametrize("options", [["--jobs", "1"], ["--jobs", "2", "--json"], ["--help"]])
def test_a_closed_pipe_ends_the_command_with_141(tmp_path, options):
    text = json.dumps(prove("global"))
    for i in range(50):
        (tmp_path / f"{i}.json").write_text(text)
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "relucert_audit", str(tmp_path), *options]
    buffered = os.environ | {
        "PYTHONUNBUFFERED": ""
    }  # for argparse says nothing of a failure of its own to write
    process = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, timeout=60, env=buffered)
    os.close(writer)
    assert (process.returncode, process.stderr) == (141, b"")


def test_ctrl_c_ends_the_workers_at_once_with_a_word(tmp_path):
    """As a terminal sends it, to all processes, of which one checks for an hour."""
    script = (
        "import sys, time; from relucert_audit import command\n"
        "class Sleep:\n"
        "    def __reduce__(self): return time.sleep, (3600,)\n"
        "command.partial = lambda *_, **__: Sleep()\n"
        "sys.exit(command.main(sys.argv[1:]))"
    )
    for name in "ab":
        (tmp_path / f"{name}.json").write_text("{")
    command = [sys.executable, "-c", script, str(tmp_path), "--jobs", "2"]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )  # fmt: skip
    assert process.stdout.readline().startswith("file")
    time.sleep(1)
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=5)
    assert (process.returncode, err) == (130, "note: interrupted: nothing is said of files without a line\n")


def test_workers_end_with_a_parent_that_is_killed():
    script = (
        "import time; from relucert_audit.workers import Workers; pool = Workers(1)\n"
        "pool.submit(abs, 1).result(); print('ready', flush=True); pool.submit(time.sleep, 600).result()"
    )
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"ready\n"
    process.kill()
    assert process.communicate(timeout=60)[0] == b""  # ends only when the worker, too, has closed its output


@pytest.mark.parametrize("precisions", [PRECISIONS, OWN])
def test_what_is_not_proved_is_tried_at_each_precision_of_the_method(monkeypatch, precisions):
    asked = []

    def never(_, bits):
        asked.append(bits)
        return [weak(3, "loss", "")]

    method = families.method_of("teacher-student-relu", "hessian")
    other = method._replace(prove=never, precisions=precisions)
    monkeypatch.setattr(families, "method_of", lambda *_: other)
    report = audit(prove("global"))
    assert (report.result, asked) == ("not-confirmed", [*precisions])
