"""Certificates of runs of signed networks through the checker: what is true is accepted, what is not is not."""

import json
from fractions import Fraction
from functools import cache
from pathlib import Path

import made_runs as made
import numpy as np
import pytest
from certificates import audit, changed, exact, member, number

CORPUS = Path(__file__).resolve().parents[2] / "corpus" / "accept"


def minimum(name):
    """A claim of the method signed-hessian, and its network."""
    claim = json.loads((CORPUS / f"signs-{name}.json").read_bytes())["statement"]["claim"]
    problem = claim["problem"]
    return claim, made.Net(tuple(problem["signs"]), tuple(problem["teacher_signs"]), problem["slope"])


def started(name, W):
    claim, net = minimum(name)
    return made.document(*W.shape, [claim], [made.converging(W, [claim], net=net)], net=net)


@cache
def whole():
    """|t|, from a Gaussian start to a global minimum whose coordinates are exchanged."""
    return started("phases", made.gaussian(2, 2, 3, 0))


@cache
def other():
    """Output weights + -, of a teacher - +, slope 1/3."""
    return started("global", made.gaussian(2, 2, 4, 0))


@cache
def beside():
    """Slope -1/4, from beside a spurious minimum, two neurons and two coordinates exchanged."""
    V = made.point(minimum("three")[0])
    away = np.random.default_rng(1).standard_normal((3, 3))
    return started("three", V[[1, 0, 2]][:, [1, 0, 2]] + 0.012 * away / np.linalg.norm(away))


@cache
def around():
    ball = {"radius": number(Fraction(1, 10**6), False), "probability": number(Fraction(1, 2**300), False)}
    document = changed(beside(), "runs.0.neighbourhood", ball)
    return changed(document, "runs.0.distance", number(Fraction(12, 1000), True))


@cache
def unmatched():
    """From beside a minimum that a witness calls spurious: inf F is not known."""
    V = made.point(minimum("witness")[0])
    return started("witness", V + 0.01 * np.eye(2, 3))


NEGATIVE = made.Net((1, -1), (-1,), "-1"), made.Net((1, 1, -1), (1, -1), "-1/4")


@cache
def floor(which=0):
    """More neurons than targets."""
    net, (n, k), seed = NEGATIVE[which], ((2, 1), (3, 2))[which], (1, 5)[which]
    return made.document(n, k, [], [made.below(made.gaussian(n, k, seed, 0), 20_000, net=net)], net=net)


DOCUMENTS = {x.__name__: x for x in (whole, other, beside, around, unmatched, floor)}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_true_ones_are_accepted(name):
    report = audit(DOCUMENTS[name]())
    assert report.result == "accepted", report
    assert report.verdict == ("stays-below-floor" if name == "floor" else "converges")


def test_three_neurons_below_the_floor():
    assert audit(floor(1)).result == "accepted"


def scaled(document, path, factor, upper):
    return changed(document, path, number(exact(member(document, path)) * factor, upper))


LESS, MORE = Fraction(99, 100), Fraction(101, 100)


@pytest.mark.parametrize(
    ("document", "path", "factor", "result"),
    [
        *((x, "runs.0.distance", LESS, "rejected") for x in (whole, other, beside, unmatched)),
        *((x, "runs.0.distance", MORE, "accepted") for x in (whole, other, beside, unmatched)),
        (floor, "runs.0.objective", LESS, "rejected"),
        (floor, "runs.0.objective", MORE, "accepted"),
        (around, "runs.0.neighbourhood.radius", LESS, "accepted"),
        (around, "runs.0.neighbourhood.radius", Fraction(10**5), "not-confirmed"),
        (around, "runs.0.neighbourhood.probability", Fraction(2**290), "not-confirmed"),
    ],
)
def test_bounds(document, path, factor, result):
    bound = scaled(document(), path, factor, path.endswith(("distance", "objective")))
    assert audit(bound).result == result


@pytest.mark.parametrize("slope", ["1/4", "-1/2", "-1", "0", "-251/1000"])
def test_another_slope(slope):
    """Of the run and of its minimum: the end is another one, or the minimum is none."""
    document = changed(beside(), "problem.slope", slope)
    assert audit(document).result == "malformed"
    both = changed(document, "minima.0.problem.slope", slope)
    assert audit(both).result in ("rejected", "not-confirmed")


@pytest.mark.parametrize("slope", ["-999/1000", "-1/2", "1/2", "0"])
def test_another_slope_below_the_floor(slope):
    report = audit(changed(floor(), "problem.slope", slope))
    assert (report.result, report.finding[:3]) == ("rejected", ("rejected", 6, "runs.0.objective"))


@pytest.mark.parametrize("document", [whole, other, beside, unmatched])
def test_other_output_weights(document):
    for name in ("signs", "teacher_signs"):
        weights = member(document(), f"problem.{name}")
        turned = changed(document(), f"problem.{name}", [-weights[0], *weights[1:]])
        assert audit(turned).finding.reason == "minima.0 is not a minimum of this problem"
        both = changed(turned, f"minima.0.problem.{name}", [-weights[0], *weights[1:]])
        assert audit(both).result in ("rejected", "not-confirmed")


def test_other_output_weights_below_the_floor():
    for name, weights in (("signs", [1, 1]), ("signs", [-1, -1]), ("teacher_signs", [1])):
        report = audit(changed(floor(), f"problem.{name}", weights))
        assert report.finding[:3] == ("rejected", 6, "runs.0.objective"), weights


def test_all_output_weights_reversed_is_the_same_loss():
    reversed_signs = changed(changed(floor(), "problem.signs", [-1, 1]), "problem.teacher_signs", [1])
    assert audit(reversed_signs).result == "accepted"


@pytest.mark.parametrize(
    ("name", "order"), [("rows", [2, 0, 1]), ("columns", [1, 2, 0]), ("rows", [0, 2, 1])]
)
def test_permutations_keep_output_weights(name, order):
    document = changed(beside(), f"runs.0.end.{name}", order)
    assert audit(document).finding == ("rejected", 1, f"runs.0.end.{name}", "moves output weights")
    twice = changed(beside(), f"runs.0.end.{name}", [0, 0, 2])
    assert audit(twice).finding == ("rejected", 1, f"runs.0.end.{name}", "is not a permutation")


def test_a_permutation_that_moves_weights_though_the_distance_is_right():
    """Of |t| with weights + -: the point with its rows exchanged is no image of the run."""
    order = member(other(), "runs.0.end")
    assert (order["rows"], order["columns"]) == ([0, 1], [0, 1])
    document = changed(changed(other(), "runs.0.end.rows", [1, 0]), "runs.0.end.columns", [1, 0])
    assert audit(document).finding[:2] == ("rejected", 1)


@pytest.mark.parametrize("document", [whole, beside])
def test_another_permutation_that_keeps_them(document):
    end = member(document(), "runs.0.end")
    for name in ("rows", "columns"):
        exchanged = [end[name][1], end[name][0], *end[name][2:]]
        report = audit(changed(document(), f"runs.0.end.{name}", exchanged))
        assert report.finding[:3] == ("rejected", 5, "runs.0.distance")


@pytest.mark.parametrize("document", [whole, other, beside, unmatched])
def test_steps_and_starts(document):
    steps = member(document(), "runs.0.steps")
    assert audit(changed(document(), "runs.0.steps", max(steps - 15, 0))).result == "rejected"
    assert audit(changed(document(), "runs.0.steps", steps + 5)).result == "accepted"
    rows = [[["1", 0], *row[1:]] for row in member(document(), "runs.0.start")]
    assert audit(changed(document(), "runs.0.start", rows)).result == "rejected"


def test_steps_that_are_too_large():
    """4/(1 + slope^2) is 2 for |t|: above it no bound of the Hessian can do."""
    report = audit(changed(floor(), "step", "201/100"))
    assert report.finding == (
        "not-confirmed",
        4,
        "runs.0",
        "s lambda_max <= 2 is not proved for a step above 2",
    )
    assert audit(changed(whole(), "step", "5/4")).finding[:3] == ("rejected", 5, "runs.0.end.minimum")


def test_a_minimum_that_is_not_true():
    less = changed(beside(), "minima.0.bounds.gradient_norm", number(Fraction(1, 2**200), True))
    assert audit(less).finding[:3] == ("rejected", 3, "minima.0.gradient_norm")
    better = scaled(beside(), "minima.0.bounds.basin.radius", Fraction(2), False)
    assert audit(better).finding[:3] == ("not-confirmed", 3, "minima.0.basin.radius")
    no_witness = changed(changed(unmatched(), "minima.0.witness", None), "minima.0.bounds.gap", None)
    assert audit(no_witness).finding[:3] == ("rejected", 1, "minima.0.verdict")


def test_not_a_signed_network():
    run = made.below(made.gaussian(2, 1, 1, 0), 0)
    run["until"] = run["steps"]
    assert audit(made.document(2, 1, [], [run])).result == "accepted"
    called = made.document(2, 1, [], [run], net=made.Net((1, 1), (1,), "0"))
    assert audit(called).finding == ("rejected", 1, "problem", "not a signed network: its method is runs")


CASES = {
    "problem.targets": [[["1", 0]]],
    "problem.d": 4,
    "problem.activation": "abs",
    "method": "runs",
    "minima.0.method": "hessian",
    "minima.0.problem.slope": "-1/5",
    "minima.0.bounds.existence_radius_lemma_1": number(Fraction(1), True),
    "minima.0.bounds.basin": None,
    "runs.0.end.sides": [1, 1, 1],
    "schema": "relucert-certificate/1.0",
}


@pytest.mark.parametrize("path", CASES)
def test_malformed(path):
    document = changed(beside(), path.strip(), CASES[path])
    report = audit(document)
    if path == "schema":
        assert report.finding[:3] == ("rejected", 1, "family")
    else:
        assert (report.result, report.finding.step) == ("malformed", 0), report


NETWORKS = {
    "signs": ([1], [1, -1, 1], [1, 0], [1, True], [1, "-1"], "+-", {"0": 1}),
    "teacher_signs": ([], [-1, 1], [-2], [-1.5], -1),
    "slope": ("1", "-5/4", "-2/8", "-0.25", -1, "-1/1", "1/-3", "", "-" + "1" * 40 + "/" + "3" * 41, None),
}


@pytest.mark.parametrize(("name", "wrong"), [(name, x) for name, xs in NETWORKS.items() for x in xs])
def test_networks_that_are_none(name, wrong):
    """Of a run without minima, so that nothing else is wrong."""
    report = audit(changed(floor(), f"problem.{name}", wrong))
    assert (report.result, report.finding.step) == ("malformed", 0), report


@pytest.mark.parametrize(
    "path",
    [
        *("problem", "step", "minima", "runs", "verdict", "bounds"),
        *("problem.signs", "problem.teacher_signs", "problem.slope", "problem.n", "problem.targets"),
        *("runs.0.start", "runs.0.steps", "runs.0.end", "runs.0.distance", "minima.0.problem.slope"),
        *("runs.0.end.minimum", "runs.0.end.rows", "runs.0.end.columns", "runs.0.neighbourhood.radius"),
    ],
)
def test_members_that_are_missing(path):
    assert audit(changed(around(), path, None)).result == "malformed"


def test_a_run_called_plain_is_another_claim():
    """The members of a signed problem are no members of the method runs, so an old checker misreads nothing."""
    document = changed(floor(), "method", "runs")
    assert audit(document).result == "malformed"
    for name in ("signs", "teacher_signs", "slope"):
        document = changed(document, f"problem.{name}", None)
    assert audit(document).finding[:3] == ("rejected", 6, "runs.0.objective")
