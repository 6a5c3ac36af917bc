"""Sentences about landscapes say what the claims of docs/spec/landscape-v1.md say, and no more."""

from fractions import Fraction

import numpy as np
import pytest

from relucert.base.exact import exact_rows
from relucert.families.landscape.candidate import LandscapeCandidate, SampledProblem
from relucert.families.landscape.family import FAMILY
from relucert.families.landscape.point import verify_point
from relucert.families.landscape.problem import LandscapeProblem
from relucert.families.landscape.record import point_record, summary, whole_record
from relucert.families.landscape.statement import closed_statement, point_statement, whole_statement
from relucert.families.landscape.whole import SplitNeuron, UnitRows, closed, landscape
from relucert.families.landscape.words import words

NEAR = [[0, -1.118], [1.054, 0.001]]
TEACHER = [["1", "0"], ["3/5", "4/5"]]
SADDLES = "smallest eigenvalue at every other critical point"
DUAL = "direction i is column i of the inverse of the teacher's matrix of rows"


def of(a_star="1,2", mu="6", lam="1", teacher=None):
    return LandscapeProblem.from_text(a_star, mu, lam, teacher)


def said(statement):
    sentence, facts = words(statement["claim"])
    return sentence, dict(facts)


def whole(problem):
    return said(whole_statement(landscape(problem), {}))


def point(problem, rows, **options):
    found = verify_point(LandscapeCandidate(problem, exact_rows(rows, "row")), **options)
    return found, point_statement(found, {})


def test_no_spurious_minimum():
    sentence, facts = whole(of())
    assert sentence.startswith(
        "No spurious local minimum: the local minima of the designed objective G of Ge, Lee & Ma with mu = 6, "
        "lambda = 1 and 2 neurons for the teacher sum_i a_i relu(x_i), standard Gaussian input in dimension 2, "
        "a = (1, 2), are the points with one row, scaled, at each direction, up to sign, all of them global"
    )
    assert sentence.endswith(
        "at every other critical point the Hessian has a negative eigenvalue; direction i is e_i."
    )
    assert list(facts) == ["eigenvalues of the Hessian at the minima", "gradient descent", SADDLES]
    assert facts[SADDLES].startswith("below -0.")
    assert "from within 0." in facts["gradient descent"]


def test_f_speaks_of_the_dual_directions():
    """u_j = t e_i is b_j = t T^-1 e_i: not a row of the teacher, unless they are orthogonal."""
    sentence, _ = whole(of(teacher=TEACHER))
    assert "the designed objective F" in sentence
    assert "rows b_i = (1, 0, 3/5, 4/5)" in sentence
    assert sentence.endswith(f"{DUAL}.")


def test_a_saddle_bound_of_nothing_is_below_zero():
    claim = whole_statement(landscape(of()), {})["claim"]
    claim["bounds"]["saddle"] = {"exact": ["0", 0], "decimal": "0"}
    assert dict(words(claim)[1])[SADDLES] == "below 0"


def test_unbounded_below():
    sentence, facts = whole(of("1,9", "24", "2"))
    assert sentence.startswith("There is no global minimum: the designed objective G")
    assert sentence.endswith("has infimum -infinity.")
    assert facts == {}


def test_a_doubled_minimum_names_all_rows():
    sentence, facts = whole(of("2,1,3", "24", "4"))
    assert (
        "the point whose rows 1 and 2 both stand at direction 1, none at 2, and every other row j at direction j "
        "(each row scaled as in section 13) is a strict local minimum with value in [" in sentence
    )
    assert "the objective gets lower than there by more than 1.73107" in sentence
    assert list(facts) == ["eigenvalues of the Hessian there"]


def test_the_other_kind_of_spurious_minimum_can_be_said():
    claim = whole_statement(landscape(of("1,1", "24", "1")), {})["claim"]
    claim["minimum"] = {"kind": "signed-permutation"}
    assert "every point with one row at each direction, up to sign, (each row scaled" in words(claim)[0]


def test_next_to_a_minimum():
    _, statement = point(of(), NEAR)
    sentence, facts = said(statement)
    assert sentence.startswith("Within 0.0")
    assert sentence.endswith(
        "the point whose rows stand, scaled, at the directions (-1, +0) (counted from 0); direction i is e_i."
    )
    assert "there is a global minimum of the designed objective G" in sentence
    assert facts["gradient descent"].startswith("from the point, and from anywhere within ")
    recovered = facts["the teacher recovered from the point"]
    assert recovered.endswith("both up to one sign for each neuron, which is that of the recovered weight")


def test_a_signed_permutation_without_basin_has_no_sentence_on_descent():
    _, statement = point(of(), NEAR)
    bounds = statement["claim"]["bounds"]
    statement["claim"]["bounds"] = {"distance": bounds["distance"]}
    assert said(statement)[1] == {}


def test_critical_points():
    found, statement = point(of(), [[0, 0], [0, 0]])
    sentence, facts = said(statement)
    assert (
        "there is a critical point that is no minimum, where the Hessian has negative eigenvalues and none that is 0"
        in sentence
    )
    assert "no other critical point is nearer than" in sentence
    assert facts["eigenvalues at the critical point"] == "4 negative, 0 positive"
    assert facts["second derivative at the critical point along the direction in the file"].startswith(
        "<= -3.99"
    )
    assert "curvature at most -3.99" in summary(found)
    found, statement = point(of("1,1", "24", "1"), [[1.118, 0], [1.118, 0]])
    assert "a strict local minimum that is not global, with a positive definite Hessian" in said(statement)[0]
    assert "second derivative at the critical point along the direction in the file" not in said(statement)[1]


def test_no_critical_point():
    _, statement = point(of(), [[3, 1], [2, 2]])
    sentence, facts = said(statement)
    assert sentence.startswith("There is no critical point within ")
    assert facts["gradient norm at the point"].startswith(">= ")


def test_samples():
    rows = exact_rows([[1.0, 0.5], [0.25, 1.0]], "x")
    problem = SampledProblem(rows, ((1, 0), (-3, -1)), Fraction(6), Fraction(1, 3))
    _, statement = point(problem, [[0, 0]])
    sentence, _ = said(statement)
    ends = "with mu = 6, lambda = 1/3 and 1 neuron, estimated from the 2 given samples (x, y) in dimension 2"
    assert ends in sentence
    assert "x = (1, 0.5, 0.25, 1), y = (1, -1.5)" in sentence


def test_the_two_closed_minima():
    unit = UnitRows((Fraction(1), Fraction(8, 5), Fraction(16, 5)), 0, 1, 2, Fraction(2, 3))
    sentence, facts = said(closed_statement(closed(unit), {}))
    assert (
        "at rows 1 and 0 both at e_0, row 2 at sqrt(2/3) e_1 + sqrt(1 - 2/3) e_2, every other row j at e_j"
        in sentence
    )
    assert sentence.endswith("its value there is 2 times 1, and the minimum is 0.")
    assert list(facts) == ["nowhere smaller"]
    sentence, facts = said(
        closed_statement(closed(SplitNeuron(Fraction(2), Fraction(1), Fraction(1, 2))), {})
    )
    assert (
        "at both rows e_0, output weights -tau, 1 + tau, tau = 1/2; its value there is alpha + beta"
        in sentence
    )
    assert list(facts) == ["half the second derivative across the line of such minima"]


@pytest.mark.parametrize("change", [
    lambda claim: claim.update(verdict="global-minimum"),
    lambda claim: claim["problem"].update(objective="H"),
    lambda claim: claim["bounds"].pop("value"),
    lambda claim: claim.pop("minimum"),
    lambda claim: claim["minimum"].update(kind="tripled"),
])  # fmt: skip
def test_malformed_claims_of_landscapes_are_not_said(change):
    claim = whole_statement(landscape(of("1,1", "24", "1")), {})["claim"]
    change(claim)
    with pytest.raises((KeyError, TypeError, ValueError, IndexError)):
        words(claim)


@pytest.mark.parametrize("change", [
    lambda claim: claim.update(verdict="local-minimum"),
    lambda claim: claim["minimum"].update(signs="+"),
    lambda claim: claim["minimum"].update(signs="+x"),
    lambda claim: claim["bounds"].pop("distance"),
])  # fmt: skip
def test_malformed_claims_next_to_a_minimum_are_not_said(change):
    claim = point(of(), NEAR)[1]["claim"]
    change(claim)
    with pytest.raises((KeyError, TypeError, ValueError, IndexError)):
        words(claim)


def test_every_method_of_the_family_has_words():
    assert {"critical-points", "nearest-minimum", "hessian", "empirical", "unit-rows", "split-neuron"} <= set(
        FAMILY.methods
    )


def test_records_and_summaries():
    record = whole_record(landscape(of()))
    assert record["objective"] == "G"
    assert record["reason"] is None
    assert float(record["value"][0]) <= float(record["value"][1])
    found, _ = point(of(), NEAR)
    shown = point_record(found)
    assert (shown["permutation"], shown["signs"]) == ([1, 0], "-+")
    assert "rows at -1, +0; distance at most" in summary(found)
    assert "teacher recovered" in summary(found)
    many = of(",".join(["1"] * 9))
    t = np.sqrt(1 / (1 - 0.5 / (2 * np.sqrt(2 * np.pi))))
    assert "+7, ..; distance" in summary(point(many, (t * np.eye(9)).tolist())[0])
