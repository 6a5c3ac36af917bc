"""Signed networks and leaky activations: `verify` and `search` with --signs, --teacher-signs and --activation."""

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import jsonschema
import numpy as np
import pytest

import relucert as rc
import signed_networks
from relucert import certificate
from relucert.base.errors import InputError
from relucert.families.teacher import signed_words, statement, words
from relucert.families.teacher.network import Network, exact_slope, network, slope_of_activation
from relucert.families.teacher.same import same
from relucert.families.teacher.search import guess
from relucert.families.teacher.search.descent import (
    advance,
    begin_at,
    descend,
    end_points,
    loss_and_gradient,
    starting_point,
)
from relucert.kernel.teacher import trajectory

ROOT = Path(__file__).parents[3]
SCHEMA = jsonschema.Draft202012Validator(json.loads((ROOT / "docs/spec/signed-v1.schema.json").read_text()))
TWO = [[0.6, 0.1], [0.1, 1.2]]
LONG = ",".join(["+"] * 6)


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("RELUCERT_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def point():
    """A file with the minimum of one neuron with the slope -1/2, and a way to save another."""
    np.save("p.npy", np.array([[-0.8]]))
    return ("verify", "p.npy", "--layout", "neurons-in-rows", "-o", "out")


def only(folder="out"):
    (path,) = Path(folder).iterdir()
    return path, json.loads(path.read_text())["statement"]


def problem(k, n=None, **given):
    plain = rc.Problem.orthonormal(k, n)
    return replace(plain, network=network(plain.n, k, **given))


def test_a_certificate_with_a_slope(relucert, point):
    code, out, _ = relucert(*point, "--activation", "leaky:-1/2")
    assert code == 0
    assert "activation max(t, -1/2 t)" in out
    path, whole = only()
    claim = whole["claim"]
    SCHEMA.validate(claim)
    assert claim["method"] == "signed-hessian"
    assert claim["verdict"] == "spurious-minimum"
    assert claim["problem"] == {
        "n": 1, "k": 1, "d": 1, "targets": "orthonormal", "signs": [1], "teacher_signs": [1], "slope": "-1/2"
    }  # fmt: skip
    names = {x["theorem"] for x in whole["evidence"]}
    assert "Lemma 2" in names
    assert not names & {"Lemma 1", "Safran & Shamir (5)"}
    code, out, _ = relucert("audit", str(path))
    assert (code, "accepted" in out) == (0, True)
    code, out, _ = relucert("show", str(path))
    assert code == 0
    assert out.partition("\n")[2].startswith(
        "For 1 neuron with the activation max(t, -t/2) against 1 orthonormal target in every dim"
    )


def test_json_says_signs_and_slope(relucert, point):
    _, out, _ = relucert(*point, "--activation", "abs", "--signs", "-", "--teacher-signs", "-", "--json")
    row = json.loads(out)
    assert (row["signs"], row["teacher_signs"], row["slope"]) == ([-1], [-1], "-1")


def test_the_plain_loss_has_the_claims_of_today():
    """All signs + and slope 0 are no signed network; all signs - are one, with the same numbers."""
    rows = [[1.0, 2.0**-20], [-(2.0**-21), 1.0]]
    candidate = rc.Candidate.from_rows(rows)
    old = statement.statement(rc.verify(candidate), {})["claim"]
    assert old["method"] == "hessian"
    assert statement.statement(rc.verify(candidate, signs="+,+", slope="0"), {})["claim"] == old
    assert statement.statement(rc.verify(candidate, teacher_signs=[1, 1], slope=0), {})["claim"] == old
    turned = statement.statement(rc.verify(candidate, signs="-,-", teacher_signs="-,-"), {})["claim"]
    SCHEMA.validate(turned)
    assert turned["verdict"] == old["verdict"] == "global-minimum"
    left_out = ("lambda_min_safran_shamir", "lipschitz_safran_shamir", "existence_radius_lemma_1")
    assert turned["bounds"] == {name: x for name, x in old["bounds"].items() if name not in left_out}


def test_global_minima_keep_signs_and_for_the_absolute_value_may_turn():
    rows = [[1.0, 0.0], [0.0, 1.0]]
    mixed = rc.verify(rc.Candidate.from_rows(rows), signs="+,-", teacher_signs="+,-", slope="1/3")
    assert mixed.verdict == "global-minimum"
    assert mixed.outcome.arguments[3].theorem == "Theorem 20.G"
    swapped = rc.verify(rc.Candidate.from_rows(rows[::-1]), signs="-,+", teacher_signs="+,-")
    assert swapped.verdict == "global-minimum"
    turned = rc.verify(rc.Candidate.from_rows([[-1.0, 0.0], [0.0, 1.0]]), slope="-1")
    assert turned.verdict == "global-minimum"
    sentence, _ = words.words(statement.statement(turned, {})["claim"])
    assert "a permutation of the targets that keeps the output weights, some maybe times -1," in sentence
    wrong = rc.verify(rc.Candidate.from_rows(rows), signs="-,+", teacher_signs="+,-")
    assert wrong.verdict == "not-critical"
    assert (
        rc.verify(rc.Candidate.from_rows([[-1.0, 0.0], [0.0, 1.0]]), slope="-99/100").verdict
        == "spurious-minimum"
    )


def test_unmatched_signs_need_a_witness():
    targets = [[1, 0], [0, 1.25]]
    plain = rc.Problem.from_targets(targets, 1)
    rows, lower = [[1.0977, 0.0], [0.0, 1.4]], None
    of = network(1, 2, slope="-1")
    under_way = begin_at(np.array(rows)[:, None] + 0.01, np.array(targets), network=of)
    advance(under_way, 1e-12)
    high, lower = under_way.weights.tolist()
    candidate = rc.Candidate.from_rows(high, replace(plain, network=of))
    assert rc.verify(candidate).verdict == "local-minimum"
    found = rc.verify(candidate, witness=lower)
    assert found.verdict == "spurious-minimum"
    claim = statement.statement(found, {})["claim"]
    SCHEMA.validate(claim)
    assert "witness" in claim and "gap" in claim["bounds"]
    assert rc.verify(candidate, find_witness=True).verdict == "spurious-minimum"
    with pytest.raises(InputError, match="not proved to have a lower loss"):
        rc.verify(rc.Candidate.from_rows(lower, replace(plain, network=of)), witness=high)
    with pytest.raises(InputError, match="a witness is of no use: each sign"):
        rc.verify(rc.Candidate.from_rows(TWO), slope="1/3", witness=TWO)


def test_as_many_neurons_as_targets_do_not_match_by_themselves():
    assert problem(2).reaches_zero
    assert not problem(2, signs="+,+", teacher_signs="+,-").reaches_zero
    assert not problem(1, 3, signs="+,+,+", teacher_signs="-").reaches_zero
    assert problem(2, 3, signs="+,-,-", teacher_signs="+,-").reaches_zero
    outcome = rc.verify(rc.Candidate.from_rows([[0.1, 0.2]], problem(2, 1, signs="-", slope="-1/2")))
    assert outcome.verdict != "spurious-minimum"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--activation", "leaky:1"), "the slope 1 makes the network linear"),
        (("--activation", "leaky:3/2"), "outside of -1 <= slope < 1"),
        (("--activation", "leaky:-2"), "outside of -1 <= slope < 1"),
        (("--activation", "leaky:0.1"), "no fraction of integers"),
        (("--activation", "leaky:1/0"), "divides by 0"),
        (("--activation", "leaky:"), "no fraction"),
        (("--activation", "leaky:1/" + "3" * 70), "at most 64 characters"),
        (("--activation", "gelu"), "expected relu, abs, or leaky:p/q"),
        (("--signs", "+,-"), "2 signs for 1 neuron;"),
        (("--signs", "x"), "entry 1 is 'x'"),
        (("--signs", ""), "entry 1 is ''"),
        (("--teacher-signs", "+,+"), "2 signs for 1 target;"),
        (("--activation", "abs", "--constants", "paper"), "constants of Safran & Shamir"),
        (("--activation", "abs", "--method", "symmetric-hessian"), "output weights 1 and the ReLU only"),
        (("--activation", "abs", "--method", "hessian"), "signed-hessian"),
        (("--method", "signed-hessian"), "hessian and symmetric-hessian"),
        (("--signs", "+", "--symmetric"), "points of rows"),
    ],
)
def test_what_is_refused(relucert, point, options, message):
    code, _, err = relucert(*point, *options)
    assert code == 2
    assert message in " ".join(err.split())
    assert not Path("out").exists() or not list(Path("out").iterdir())


@pytest.mark.parametrize("slope", [0.1, True, None, "1/3/5", " 1/2", "١/٢", "1e-1", "+1/2"])
def test_slopes_are_exact(slope):
    with pytest.raises(InputError):
        exact_slope(slope)
    assert exact_slope("-3/6") == Fraction(-1, 2)
    assert network(1, 1, slope="2/4").slope == (1, 2)
    assert network(1, 1, slope=Fraction(0)) is None
    assert (slope_of_activation("relu"), network(1, 1, slope="0")) == ("0", None)


@pytest.mark.parametrize("signs", [[1.0], [True], [2], [np.float64(1)], [0], "1;1", [None]])
def test_signs_are_1_or_minus_1(signs):
    with pytest.raises(InputError):
        network(1, 1, signs)


def test_a_network_of_another_size_is_no_problem():
    with pytest.raises(InputError, match="2 signs for 1 neuron;"):
        replace(rc.Problem.orthonormal(1), network=Network((1, 1), (1,), (0, 1)))


def test_other_families_and_files_refuse_the_options(relucert):
    Path("c.json").write_text(json.dumps({"family": "one-hidden-layer-cnn", "points": []}))
    for option in ("--signs", "--teacher-signs", "--activation"):
        code, _, err = relucert("verify", "c.json", option, "+")
        assert (code, f"{option} does not apply to c.json" in " ".join(err.split())) == (2, True)


def test_search_and_its_file(relucert):
    code, out, _ = relucert("search", "2", "2", "--activation", "leaky:-9/10", "--runs", "8", "-o", "pts")
    assert code == 0
    (path,) = Path("pts").iterdir()
    assert path.name == "2-2-pp-pp-slope-9_10-seed0.npz"
    code, out, _ = relucert("verify", str(path), "-o", "out", "--json")
    rows = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert {row["verdict"] for row in rows} == {"spurious-minimum"}
    assert {row["slope"] for row in rows} == {"-9/10"}
    for activation in ("abs", "relu"):
        for command in (("verify", str(path)), ("search", "--from", str(path), "-o", "other")):
            code, _, err = relucert(*command, "--activation", activation)
            assert (code, "has its own signs and slope" in " ".join(err.split())) == (2, True)
    code, out, _ = relucert("search", "--from", str(path), "-o", "pts", "--json")
    assert (code, json.loads(out)["slope"]) == (0, "-9/10")
    one = rows[0]["certificate"]
    for command in (("split", "--zero", one), ("robust", one), ("export", "--to", "coq", one)):
        code, _, err = relucert(*command)
        assert code == 2, command
        assert not Path("other").exists()
    np.savez(
        "s.npz", **{name: x[:1] if name in ("weights", "run") else x for name, x in np.load(path).items()}
    )
    code, out, _ = relucert("run", "--start", "s.npz", "-o", "runs", "--json")
    facts = json.loads(out)
    assert (code, facts["verdict"], facts["slope"]) == (0, "spurious-minimum", "-9/10")
    code, _, err = relucert("run", "--start", "s.npz", "--activation", "abs", "-o", "other")
    assert (code, "has its own signs and slope" in " ".join(err.split())) == (2, True)
    assert not Path("other").exists()


def test_search_refuses_what_does_not_fit(relucert):
    code, _, err = relucert("search", "2", "2", "--signs", "+")
    assert (code, "1 sign for 2 neurons" in err) == (2, True)


@pytest.mark.parametrize("orthonormal", [True, False])
@pytest.mark.parametrize("slope", ["-1", "-2/3", "0", "1/3"])
def test_descent_takes_the_steps_of_the_formula(slope, orthonormal):
    """Of loss - slope |apart|^2/2 = (1 - slope)^2 F_0: signed_networks knows F_0 and its gradient from section 1."""
    targets = np.eye(3) if orthonormal else np.array([[1.0, 2.0, 0.0], [0.0, -0.5, 0.5], [0.3, 0.1, -2.0]])
    of = network(4, 3, "+,-,-,+", "-,+,+", slope) or network(4, 3, "+,-,-,+", "-,+,+", "0")
    alpha, signs, teacher = float(Fraction(slope)), np.array(of.signs), np.array(of.teacher)
    end = descend(targets, 4, 2, seed=7, first_run=11, step=0.05, max_steps=25, network=of)
    for run in (0, 1):
        weights = starting_point(3, 4, 3, seed=7, run=11 + run)
        for _ in range(25):
            apart = signs @ weights - teacher @ targets
            kink = signed_networks.gradient(weights, signs, targets, teacher)
            weights = weights - 0.05 * ((1 - alpha) ** 2 * kink + alpha * np.outer(signs, apart))
        assert end.weights[run] == pytest.approx(weights, abs=1e-12)
        value, gradient = loss_and_gradient(weights, targets, of)
        apart = signs @ weights - teacher @ targets
        kink = signed_networks.loss(weights, signs, targets, teacher)
        assert value == pytest.approx((1 - alpha) ** 2 * kink + alpha * apart @ apart / 2, abs=1e-12)
        assert end.gradient[run] == pytest.approx(np.linalg.norm(gradient, axis=1).max(), abs=1e-12)


def test_descent_agrees_with_itself_and_restarts():
    """A run is the same in whatever company; a step that is far too long is halved until it is not."""
    targets, of = np.eye(3), Network((1, 1, -1), (1, 1, -1), (-1, 4))
    options = {"tolerance": 1e-7, "max_steps": 3000, "network": of}
    whole, alone = descend(targets, 3, 4, 1, **options), descend(targets, 3, 1, 1, first_run=2, **options)
    assert (whole.weights[2] == alone.weights[0]).all()
    assert whole.converged.all() and (whole.gradient <= 1e-7).all()
    wild = descend(targets, 3, 4, 1, step=20.0, **options)
    assert (wild.step_size < 20.0).all()
    again = begin_at(whole.weights, targets, network=of)
    advance(again, 1e-9)
    assert end_points(again, 1e-9).loss == pytest.approx(whole.loss, abs=1e-9)


def test_assignments_keep_signs():
    rows, targets = [[1.0, 0.0], [0.0, -1.0]], [[0.0, 1.0], [1.0, 0.0]]
    assert guess.assignment(rows, targets) == [1, 0]
    assert guess.assignment(rows, targets, Network((1, -1), (1, -1), (0, 1))) == [0, 1]
    assert guess.assignment(rows, targets, Network((1, 1), (1, 1), (-1, 1))) == [1, 0]


def test_permutations_keep_output_weights():
    rows, of = ((1, 0), (0, 0)), Network((1, -1), (1, -1), (0, 1))
    targets = (rows, rows[::-1])
    assert trajectory.keeps(targets, [1, 0], [1, 0])
    assert not trajectory.keeps(targets, [1, 0], [0, 1], of)
    assert not trajectory.keeps(targets, [0, 1], [1, 0], of)
    assert trajectory.keeps(targets, [0, 1], [0, 1], of)
    assert trajectory.keeps(targets, [1, 0], [1, 0], Network((1, 1), (-1, -1), (0, 1)))
    one = rc.verify(rc.Candidate.from_rows([[1.0, 0.0], [0.0, 1.0]]), signs="+,-", teacher_signs="+,-")
    assert same(one, one)
    both = rc.verify(rc.Candidate.from_rows([[1.0, 0.0], [0.0, 1.0]]), signs="-,-", teacher_signs="-,-")
    turned = rc.verify(rc.Candidate.from_rows([[0.0, 1.0], [1.0, 0.0]]), signs="-,-", teacher_signs="-,-")
    assert same(both, turned) and not same(one, both)


def test_a_certificate_is_read_back():
    found = rc.verify(rc.Candidate.from_rows(TWO), signs="+,-", teacher_signs="-,+", slope="2/7")
    whole = statement.statement(found, {})
    assert statement.candidate(whole, "x") == replace(found.candidate, source="x")
    again = json.loads(json.dumps(whole))
    again["claim"]["problem"]["slope"] = "7/2"
    with pytest.raises(InputError, match="slope"):
        statement.candidate(again, "x")


@pytest.mark.parametrize("signs", [[1.0, 1], ["+", "-"], [True, 1], [2, 1]])
def test_words_of_signs_that_are_none(signs):
    of = {"n": 2, "k": 1, "targets": "orthonormal", "signs": signs, "teacher_signs": [1], "slope": "1/3"}
    with pytest.raises(ValueError, match="1 or -1"):
        signed_words.setting(of)


@pytest.mark.parametrize(
    ("slope", "text"),
    [("-1", "|t|"), ("1/3", "max(t, t/3)"), ("-2/3", "max(t, -2t/3)"), ("-1/2", "max(t, -t/2)")],
)
def test_words_of_activations(slope, text):
    assert signed_words.activation(Fraction(slope)) == text


def test_setting_says_how_many_signs_there_are():
    of = {
        "n": 3,
        "k": 2,
        "targets": "orthonormal",
        "signs": [1, 1, -1],
        "teacher_signs": [-1, -1],
        "slope": "0",
    }
    students, teachers = signed_words.setting(of)
    assert students == "3 ReLU neurons with output weights +1 (2) and -1 (1)"
    assert teachers == "2 orthonormal targets with output weights -1"
    students, _ = signed_words.setting({**of, "slope": "-1"})
    assert students == "3 neurons with the activation |t| and output weights +1 (2) and -1 (1)"


def test_identities_differ_by_signs_and_slope():
    whole = [
        statement.statement(rc.verify(rc.Candidate.from_rows(TWO), **given), {})["claim"]
        for given in ({}, {"slope": "1/5"}, {"signs": "+,-"}, {"teacher_signs": "+,-"})
    ]
    assert len({certificate.form.claim_digest(claim) for claim in whole}) == 4
