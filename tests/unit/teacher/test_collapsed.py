"""Critical points with parallel neurons: the split of a critical point of a smaller network, no minimum."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from relucert import Candidate, Inconclusive, Problem, SplitSaddle, verify
from relucert.base.dyadic import to_float
from relucert.families.teacher.search.descent import loss_and_gradient
from relucert.families.teacher.search.newton import hessian
from relucert.kernel.ball import Ball
from relucert.kernel.teacher.wider import DEGENERATE_MINIMUM, STRICT_SADDLE, Split, Verdict, decide_collapsed
from relucert_audit.check import read
from relucert_audit.format import Dyadic, Refusal
from relucert_audit.teacher.wider_claim import adds_up

CORPUS = Path(__file__).parents[2] / "corpus"
CASE = Path(__file__).parents[2] / "cases" / "13-collapsed-saddle.json"
HALF = 0.5341549430918953
a, b, c, d, e = -0.050413403, 0.986703819, 0.308010991, 0.224515808, -0.601511924
SIX = [[b if i == j else a for j in range(5)] + [c] for i in range(5)] + [[d] * 5 + [e]]
SEVEN = [*SIX[:5], [x * 0.25 for x in SIX[5]], [x * 0.75 for x in SIX[5]]]
p, q = 1.068309886, -0.068309886
POINTS = {
    "case 13": ([[HALF, HALF], [HALF, HALF]], None, "local-minimum"),
    "unequal": ([[HALF * 0.6] * 2, [HALF * 1.4] * 2], None, "local-minimum"),
    "six and one": (SEVEN, Problem.orthonormal(6, 7), "spurious-minimum"),
    "a saddle": (
        [[p / 4, p / 4], [q, q], [3 * p / 4, 3 * p / 4]],
        Problem.orthonormal(2, 3),
        "strict-saddle",
    ),
}


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("RELUCERT_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("name", POINTS)
def test_it_is_critical_and_descends(name):
    """In floating point: no gradient, a negative eigenvalue as low as the curvature of an equal split says."""
    rows, problem, kind = POINTS[name]
    result = verify(Candidate.from_rows(rows, problem))
    assert isinstance(result.outcome, SplitSaddle)
    base = result.outcome.base
    assert base.verdict == kind and base.arguments == result.outcome.arguments[: len(base.arguments)]
    at = np.array([[to_float(x) for x in row] for row in result.candidate.point])
    targets = np.eye(at.shape[1])
    value, gradient = loss_and_gradient(at, targets)
    assert np.abs(gradient).max() < 1e-8
    values, vectors = np.linalg.eigh(hessian(at, targets))
    assert values[0] < -1e-3
    if result.outcome.curvature is not None:  # S_i/t_1 + S_i/t_2 along (u, -u)/sqrt 2
        assert values[0] <= float(result.outcome.curvature) + 1e-9
    assert min(abs(values)) < 1e-6
    lower = min(
        loss_and_gradient(at + s * vectors[:, 0].reshape(at.shape), targets)[0] for s in (1e-2, -1e-2)
    )
    assert lower < value


def test_case_13_of_the_small_inputs(relucert):
    code, out, _ = relucert("verify", CASE, "-o", "out")
    assert code == 0
    assert "critical point, not isolated, not a minimum" in out
    assert "2 neurons that are parts of the 1 of a strict local minimum" in out
    assert relucert("audit", "out")[0] == 0
    _, said, _ = relucert("show", "out")
    whole = " ".join(said.split())
    assert "That is a critical point of the population loss of 2 neurons, in every dimension d >= 2" in whole
    assert "its Hessian has a negative eigenvalue, so it is not a local minimum; it is not isolated" in whole
    assert "fractions of neuron 1: (0.5, 0.5)" in whole
    assert re.search(
        r"with the loss of W\*, within \S+e-1\d of the same multiples of the neurons of the point", whole
    )
    assert "of the smaller network, at its point: smallest eigenvalue of the Hessian: " in whole
    assert "of the smaller network, at its point: barrier: every continuous path from W* to another" in whole
    assert re.search(r"S_i has an eigenvalue <= -0\.\d+ at W\* in dimension d = 2", whole)


def test_raw_claims_the_very_fractions_of_the_point():
    exact = verify(Candidate.from_rows([[HALF, HALF], [HALF, HALF]]), raw=True)
    assert isinstance(exact.outcome, SplitSaddle)
    assert exact.moved is None
    askew = verify(Candidate.from_rows([[HALF, HALF], [HALF, HALF * (1 + 2.0**-40)]]), raw=True)
    assert not isinstance(askew.outcome, SplitSaddle)


def test_the_same_with_scaled_targets():
    problem = Problem.from_targets([[2.0**300, 0.0], [0.0, 2.0**300]], 2)
    result = verify(Candidate.from_rows([[HALF * 2.0**300] * 2] * 2, problem))
    assert isinstance(result.outcome, SplitSaddle)


def test_paper_constants_are_not_those_of_this_claim():
    result = verify(Candidate.from_rows([[HALF, HALF], [HALF, HALF]]), constants="paper")
    assert isinstance(result.outcome, SplitSaddle)
    assert result.constants == "sharp"
    assert "constants of Safran & Shamir" in result.note
    assert verify(Candidate.from_rows([[HALF, HALF], [HALF, HALF]])).note == ""


def test_a_witness_says_nothing_of_it_and_a_note_says_so():
    problem = Problem.from_targets([[1, 0, 0], [0, 1, 0], [0, 0, 0.001]], 2)
    at = Candidate.from_rows([[HALF, HALF, 0.00015]] * 2, problem)
    result = verify(at, witness=[[1, 0, 0], [0, 1, 0]])
    assert isinstance(result.outcome, SplitSaddle)
    assert "nothing was done with it" in result.note
    assert result.candidate.witness is None


@pytest.mark.parametrize("raw", [True, False])
def test_another_order_of_the_neurons_is_said(relucert, raw):
    """Two of three neurons are parts of one: they stand together in the claim."""
    half, other, problem = [p / 2, p / 2], [q, q], Problem.orthonormal(2, 3)
    rows = [half, other, half]
    together = verify(Candidate.from_rows([half, half, other], problem), raw=raw)
    apart = verify(Candidate.from_rows(rows, problem), raw=raw)
    assert isinstance(apart.outcome, SplitSaddle)
    assert (together.note, "neurons" in together.candidate.origin) == ("", False)
    assert apart.candidate.point == together.candidate.point
    assert apart.candidate.origin["neurons"] == [0, 2, 1]
    assert "in another order, parallel ones together: 1, 3, 2, counted from 1" in apart.note
    Path("three.json").write_text(json.dumps({"points": [rows], "targets": "orthonormal"}))
    relucert("verify", "three.json", "-o", "out")
    (path,) = Path("out").glob("*.json")
    assert "[0,2,1]" in path.read_text().replace(" ", "").replace("\n", "")


def test_parallel_neurons_that_are_not_critical_stay_what_they_are():
    result = verify(Candidate.from_rows([[1.0, 1.0], [1.0, 1.0]]))
    assert result.verdict == "not-critical"


def test_parts_of_a_global_minimum_are_a_global_minimum():
    problem = Problem.orthonormal(2, 3)
    assert (
        verify(Candidate.from_rows([[1, 0], [0, 0.5], [0, 0.5]], problem)).verdict
        == "global-minimum-not-isolated"
    )


BENT = Verdict(STRICT_SADDLE, Ball(-1))
HALVES = ((1, -1), (1, -1))
WRONG = "fractions that are not positive, or do not add up to 1"
UNBENT = "no neuron that is split is proved to have a direction of descent"
GROUND = "the smaller network is not proved to be at an isolated minimum or saddle"


@pytest.mark.parametrize(
    ("fractions", "split", "reason"),
    [
        ([((1, -1), (1, -2))], Split(1, BENT, None), WRONG),  # 3/4
        ([((3, -1), (-1, -1))], Split(1, BENT, None), WRONG),
        ([((1, 0), (0, 0))], Split(1, BENT, None), WRONG),
        ([((1, 0),)], Split(1, BENT, None), "no neuron is split"),
        ([()], Split(1, BENT, None), WRONG),
        ([], Split(1, BENT, None), "no neuron is split"),
        ([HALVES], None, UNBENT),
        ([HALVES], Split(1, None, None), UNBENT),
        ([HALVES], Split(1, Verdict(DEGENERATE_MINIMUM, Ball(1)), None), UNBENT),
        ([HALVES], Split(2, BENT, None), UNBENT),
        ([HALVES], Split(0, BENT, None), UNBENT),
        ([HALVES, ((1, 0),)], Split(2, BENT, None), "neuron 2 is not split"),
    ],
)
def test_the_kernel_believes_no_fractions(fractions, split, reason):
    base = verify(Candidate.from_rows([[2 * HALF, 2 * HALF]], Problem.orthonormal(2, 1))).outcome
    assert decide_collapsed(base, fractions, split) == Inconclusive(None, (), reason)
    assert isinstance(decide_collapsed(base, [HALVES], Split(1, BENT, None)), SplitSaddle)


def test_the_kernel_splits_no_point_of_which_nothing_is_proved():
    for rows in ([[1.0, 0.5], [0.25, 2.0]], [[1.0, 0.0], [0.0, 1.0]]):
        base = verify(Candidate.from_rows(rows)).outcome
        assert decide_collapsed(base, [HALVES, ((1, 0),)], Split(1, BENT, None)) == Inconclusive(
            None, (), GROUND
        )


@pytest.mark.parametrize(
    "row",
    [
        [],
        [(1, 1)],
        [(1, 0), (1, 0)],
        [(1, -1), (1, -2)],
        [(1, -1), (1, -1), (1, -60)],
        [(3, 1), (-5, 0), (1, -1)],
    ],
)
def test_the_checker_adds_fractions_up_in_integers(row):
    assert not adds_up([Dyadic(*x) for x in row])
    assert adds_up([Dyadic(1, -1), Dyadic(1, -2), Dyadic(1, -2)]) and adds_up([Dyadic(1, 0)])


def test_the_checker_bounds_the_bits_of_fractions():
    """In a second where as many additions of fractions would take a minute."""
    whole = json.loads((CORPUS / "accept" / "collapsed-2-2.json").read_bytes())
    whole["statement"]["claim"]["fractions"] = [[["1", -65536]] * 100_000]
    with pytest.raises(Refusal, match="the bits that 1 and the fractions span"):
        read(json.dumps(whole).encode())


def test_the_json_record(relucert):
    row = json.loads(relucert("verify", CASE, "-o", "out", "--json")[1])
    assert (row["verdict"], row["class"], row["every_dimension"]) == ("not-a-minimum", None, True)
