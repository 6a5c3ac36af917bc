"""`relucert run` and families.teacher.runs: what is proved, what is written, what is refused and with which words."""

import json
from fractions import Fraction
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from referencing import Registry, Resource

import run_claims
from relucert import certificate
from relucert.base.errors import InputError
from relucert.base.exact import exact_rows
from relucert.certificate.checked import checked
from relucert.families.teacher import runs, runs_minima, runs_statement
from relucert.families.teacher.network import Network, network
from relucert.families.teacher.runs import prove_run
from relucert.study import enclosed

SPEC = Path(__file__).parents[3] / "docs" / "spec"
STEP = Fraction(1, 10)


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("RELUCERT_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


def written(name, rows):
    Path(name).write_text(json.dumps(rows))
    return name


def schema():
    read = [json.loads((SPEC / f"{name}-v1.schema.json").read_text()) for name in ("certificate", "runs")]
    resources = [("certificate-v1.schema.json", Resource.from_contents(read[0]))]
    return jsonschema.Draft202012Validator(read[1], registry=Registry().with_resources(resources))


@pytest.mark.parametrize("kind", run_claims.KINDS)
def test_claims_have_the_shapes_of_the_schema(kind):
    schema().validate(run_claims.statement(kind)["claim"])


def test_results_go_into_json():
    minimum = run_claims.stored("6-6")
    result = prove_run(run_claims.near(minimum, 0.004), STEP, minimum)
    assert json.loads(json.dumps(result._asdict())) == result._asdict()


def test_a_run_is_proved_and_the_checker_agrees(relucert):
    code, out, _ = relucert("run", "--k", 3, "--seed", 2, "-o", "out", "--plot", "run.svg")
    assert code == 0
    assert "For 3 ReLU neurons against 3 orthonormal targets" in out
    assert "converges, up to a permutation of neurons and coordinates, to a global minimum" in out
    assert "said" not in out and "run 0 of seed 2" in out
    assert Path("run.svg").read_text().startswith("<?xml")
    (path,) = Path("out").iterdir()
    claim = checked(path)["claim"]
    assert (claim["verdict"], claim["step"], claim["origin"]) == (
        "converges",
        "1/10",
        {"seed": 2, "first": 0},
    )
    assert relucert("show", path)[0] == 0


def test_the_same_start_from_a_file_with_a_decimal_step(relucert):
    minimum = run_claims.stored("6-6")
    start = run_claims.floats(
        {"point": [[(str(m), e) for m, e in row] for row in run_claims.near(minimum, 0.02)]}
    )
    name = written("start.json", start.tolist())
    minima = run_claims.CERTIFICATES / "6-6"
    given = ("--step", "0.1", "--minima", minima, "--neighbourhood", "--json", "-o", "out")
    code, out, _ = relucert("run", "--start", name, *given)
    facts = json.loads(out)
    assert (code, facts["verdict"], facts["step"]) == (0, "spurious-minimum", "1/10")
    assert 0 < float(facts["neighbourhood"]["radius"]) < 1e-3
    claim = checked(Path(facts["certificate"]))["claim"]
    assert "origin" not in claim
    assert claim["runs"][0]["neighbourhood"]["radius"]["decimal"] == facts["neighbourhood"]["radius"]


def test_more_neurons_than_targets_stay_below_the_floor(relucert):
    for option in (("--until", 5), ("--floor", "1/7")):
        code, _, err = relucert("run", "--k", 2, *option, "-o", "out")
        assert (code, "are for runs with n > k" in " ".join(err.split())) == (2, True)
    code, out, _ = relucert("run", "--k", 2, "--n", 3, "--until", 5000, "-o", "out")
    assert code == 0
    assert "has a loss below 1/1000 at every step from " in out and " to 5000." in out
    (path,) = Path("out").iterdir()
    assert checked(path)["claim"]["verdict"] == "stays-below-floor"


TINY = [[1e-9, 0, 0], [2, 0.1, 0], [0, -1, 0.5]]
REFUSED = {  # arguments, or a start and arguments: what is said
    "step": (("--k", 6, "--step", "7/10"), ["step 0: the step 7/10 times", "more than 2", "smaller step"]),
    "large": (("--k", 6, "--step", "50"), ["diverges with the step 50", "smaller one"]),
    "tiny": (("--start", "tiny.json"), ["step 0", "more than 2", "length 1.01e-9", "choose another start"]),
    "short": (("--k", 6, "--max-steps", 50), ["after 50 steps", "not ended", "raise --max-steps"]),
    "other": (("--k", 6, "--minima", run_claims.CERTIFICATES / "20-20"), ["no certificate of a minimum"]),
    "rough": (("--k", 6, "--tolerance", "0.5"), ["no minimum is certified there", "lower --tolerance"]),
    "zero": (("--start", "zero.json"), ["neuron 0 is at the origin"]),
    "none": ((), ["give --k"]),
    "both": (("--k", 3, "--start", "tiny.json"), ["leave out --k"]),
    "text": (("--k", 3, "--step", "a"), ["'a' is not a finite decimal or fraction"]),
    "sign": (("--k", 3, "--step", "-1"), ["must be positive"]),
    "floor": (("--k", 2, "--n", 3, "--neighbourhood"), ["--neighbourhood is for runs that converge"]),
    "minima": (("--k", 2, "--n", 3, "--minima", "nowhere"), ["--minima is for runs that converge"]),
    "early": (("--k", 2, "--n", 3, "--until", 1), ["not arrived after 1 steps; raise --until"]),
    "far": (("--start", "far.json"), ["2^64 only"]),
    "underflow": (("--start", "underflow.json"), ["neuron 1 of the start is too short"]),
    "plot": (("--k", 3, "--plot", "x.txt"), ["a plot is one of"]),
}
INPUT = {
    "other",
    "zero",
    "none",
    "both",
    "text",
    "sign",
    "floor",
    "minima",
    "underflow",
    "plot",
}  # the others are inconclusive


@pytest.mark.parametrize("name", REFUSED)
def test_refusals_say_why_and_write_nothing(relucert, name):
    written("tiny.json", TINY)
    written("zero.json", [[0, 0, 0], *TINY[1:]])
    written("far.json", [[1e300, 0], [0, 1]])
    written("underflow.json", [[1, 0], [0, 1e-200]])
    arguments, texts = REFUSED[name]
    code, _, err = relucert("run", *arguments, "-o", "out")
    assert code == (2 if name in INPUT else 5)
    assert [x for x in texts if x not in " ".join(err.split())] == []
    assert not Path("out").exists() or list(Path("out").iterdir()) == []


def test_an_enclosure_that_grows_too_large_says_where(monkeypatch):
    monkeypatch.setattr(runs, "BITS", ((99, 32),))
    monkeypatch.setattr(runs, "MOST_BITS", 32)
    minimum = run_claims.stored("6-6", "global-minimum")
    from relucert.families.teacher.search.descent import starting_point

    result = prove_run(exact_rows(starting_point(6, 6, 6, 1, 3).tolist(), "neuron"), STEP, minimum)
    assert result.run is None and result.at is not None
    assert f"step {result.at}: the run is enclosed within" in result.reason


def test_more_bits_are_taken_where_few_do_not_suffice(monkeypatch):
    monkeypatch.setattr(runs, "BITS", ((99, 32),))
    monkeypatch.setattr(runs, "SHORT", runs.MOST_STEPS)
    minimum = run_claims.stored("6-6")
    result = prove_run(run_claims.near(minimum, 0.02), STEP, minimum)
    assert result.run is not None and result.precision > 32


def test_an_attempt_ends_where_it_is_too_wide(monkeypatch):
    """Not at the end of the run: of a long one every attempt would take as long as the last."""
    monkeypatch.setattr(runs, "BITS", ((99, 32),))
    monkeypatch.setattr(runs, "SHORT", runs.MOST_STEPS)
    seen, minimum = [], run_claims.stored("6-6")
    result = prove_run(run_claims.near(minimum, 0.02), STEP, minimum, progress=seen.append)
    assert result.run["steps"] > 20 and seen.index(0, 1) < 20


def test_long_runs_begin_with_more_bits():
    assert runs.first_bits(6) == runs.first_bits(6, 1000) == 128
    assert runs.first_bits(20, 52_037) >= 256 + 51_037 / 150
    assert runs.first_bits(20, 10**6) == runs.MOST_BITS


def test_what_the_checker_does_not_take_is_refused_before_work():
    def reason(n, k, entry=(1, 0), **options):
        start = tuple(tuple(entry if i % k == j else (0, 0) for j in range(k)) for i in range(n))
        return prove_run(start, STEP, None, **options).reason

    assert "n k <= 1600" in reason(42, 40)
    assert "step 1000000 at most" in reason(3, 2, until=10**6 + 1)
    assert "2^-1200" in reason(3, 2, entry=(1, -1201)) and "2^64" in reason(3, 2, entry=(1, 64))
    assert runs_statement.fits(20, 20, 10**7 // 20, 20) and not runs_statement.fits(6, 6, 10**7 + 1, 1)
    assert not runs_statement.fits(20, 20, 10**7 // 2, 1) and not runs_statement.fits(40, 40, 1, 4)


def test_a_certificate_of_a_study_keeps_to_the_limits_of_the_checker():
    proofs = [{"run": i, "minimum": 0, "steps": 4 * 10**6} for i in range(3)] + [{"run": 3, "why": "so"}]
    found = enclosed.within(3, 3, proofs)
    assert found[:2] == proofs[:2] and found[3] == proofs[3] and found[2]["why"] == enclosed.TOO_LARGE


@pytest.mark.parametrize("slope", [None, "1/3"])
def test_a_run_below_the_floor_takes_no_more_steps_than_allowed(slope):
    start, of = exact_rows([[0.75], [0.125]], "neuron"), network(2, 1, slope=slope)
    steps = prove_run(start, STEP, None, network=of).run["steps"]
    assert prove_run(start, STEP, None, max_steps=steps, network=of).run["steps"] == steps > runs.LOOK
    for options, remedy in (
        ({"max_steps": 3}, "raise --max-steps"),
        ({"until": 3}, "raise --until"),
        ({"max_steps": 3, "until": 3}, "raise --max-steps and --until"),
    ):
        reason = prove_run(start, STEP, None, network=of, **options).reason
        assert reason == f"the run has not arrived after 3 steps; {remedy}"


def test_a_run_may_arrive_at_the_last_step_allowed():
    minimum = run_claims.stored("6-6")
    start = run_claims.near(minimum, 0.004)
    assert prove_run(start, STEP, minimum, max_steps=1).run["steps"] == 0
    far = exact_rows([[1.5]], "neuron")
    minimum = runs_minima.certified(runs_minima.End(np.eye(1), 0.0, 0, True), "here")
    last = next(x for x in range(1, 99) if prove_run(far, STEP, minimum, max_steps=x).run)
    assert last % runs.LOOK and prove_run(far, STEP, minimum, max_steps=last).run["steps"] == last


def test_a_ball_of_starts_of_which_no_certificate_states_the_probability():
    """About exp(-400^2/2), below 2^-65536."""
    of = network(1, 1, slope="-1/2")
    minimum = runs_minima.certified(runs_minima.End(np.eye(1), 0.0, 0, True), "here", of)
    for start, proved in ((300, True), (400, False)):
        result = prove_run(((((start, 0)),),), STEP, minimum, neighbourhood=True, network=of)
        assert (result.run is not None) is proved
        assert proved or "its probability is too small for a certificate" in result.reason


def test_a_minimum_of_another_network_is_refused():
    start, of = exact_rows([[1, 0.01], [0, 1]], "neuron"), network(2, 2, slope="-1/2")
    ends = [runs_minima.certified(runs_minima.End(np.eye(2), 0.0, 0, True), "", x) for x in (None, of)]
    assert prove_run(start, STEP, ends[1], network=of).run is not None
    for end, other in ((ends[1], network(2, 2, slope="-499/1000")), (ends[1], None), (ends[0], of)):
        with pytest.raises(InputError, match="none with a basin for 2 neurons and 2 orthonormal targets"):
            prove_run(start, STEP, end, network=other)
    with pytest.raises(InputError, match="none with a basin"):
        prove_run(start, STEP, {**ends[1], "verdict": "strict-saddle"}, network=of)


@pytest.mark.parametrize(
    "of",
    [
        Network((1, -1), (1,), (0, 1)),
        Network((1, -1, 1), (1, 1), (0, 1)),
        Network((1, 0), (1, 1), (0, 1)),
        Network((1, 1), (1, 1), (1, 0)),
        Network((1, 1), (1, 1), (1, 1)),
        Network((1, 1), (1, 1), (2, 4)),
        Network((1, 1), (1, 1), (0, 1)),
    ],
)
def test_a_network_that_nothing_makes_is_refused(of):
    start = exact_rows([[1, 0.01], [0, 1]], "neuron")
    for task in (
        lambda: prove_run(start, STEP, None, network=of),
        lambda: runs_minima.float_end(start, STEP, 1e-9, 9, of),
    ):
        with pytest.raises(InputError):
            task()


def test_another_minimum_is_refused():
    minimum = run_claims.stored("6-6")
    result = prove_run(exact_rows(np.eye(6).tolist(), "neuron"), STEP, minimum)
    assert result.run is None and "give another minimum" in result.reason


def test_claims_hold_proved_runs_and_their_minima_only():
    minimum = run_claims.stored("6-6")
    good = prove_run(run_claims.near(minimum, 0.004), STEP, minimum)
    bad = runs.unproved("no")
    cases = ([], []), ([(bad, 0)], [minimum]), ([(good, None)], []), ([(good, 0)], [minimum, minimum])
    for results, minima in cases:
        with pytest.raises(InputError):
            runs_statement.claim(6, 6, STEP, results, minima)


def test_the_step_of_a_run_belongs_to_the_identity_of_its_claim():
    claim = run_claims.statement("converges")["claim"]
    assert certificate.claim_digest(claim) != certificate.claim_digest({**claim, "step": "1/20"})
