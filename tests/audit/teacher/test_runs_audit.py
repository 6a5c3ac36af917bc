"""Certificates of runs through the checker: what is true is accepted, what is not is not."""

from fractions import Fraction
from functools import cache

import made_runs as made
import numpy as np
import pytest
from certificates import audit, changed, exact, member, number

END = "runs.0.end"


@cache
def whole():
    """A run from a Gaussian start to the global minimum."""
    return made.document(6, 6, made.minima(6), [made.converging(made.gaussian(6, 6, 1, 0), made.minima(6))])


@cache
def beside(k=6):
    """A run of some steps from a start beside a spurious minimum, whose neurons and coordinates are permuted."""
    claims = [claim for claim in made.minima(k) if claim["verdict"] == "spurious-minimum"][:1]
    generator = np.random.default_rng(k)
    W = made.point(claims[0])[generator.permutation(k)][:, generator.permutation(k)]
    radius = float(exact(claims[0]["bounds"]["basin"]["radius"]))
    away = generator.standard_normal((k, k))
    return made.document(
        k, k, claims, [made.converging(W + 0.95 * radius * away / np.linalg.norm(away), claims)]
    )


@cache
def around():
    """Of all starts near one."""
    ball = {"radius": number(Fraction(1, 10**6), False), "probability": number(Fraction(1, 2**900), False)}
    document = changed(beside(), "runs.0.neighbourhood", ball)
    return changed(document, "runs.0.distance", number(Fraction(49, 10**4), True))


@cache
def floor():
    return made.document(3, 2, [], [made.below(made.gaussian(3, 2, 1, 0), 20_000)])


@cache
def mixed():
    """One run of each kind, n = 1, k = 1 having minima; here two runs that end at different minima."""
    claims = made.minima(6)
    runs = [member(whole(), "runs.0"), member(beside(), "runs.0")]
    runs[1] = runs[1] | {"end": runs[1]["end"] | {"minimum": 1}}
    order = [next(c for c in claims if c["verdict"] == x) for x in ("global-minimum", "spurious-minimum")]
    return made.document(6, 6, order, runs)


DOCUMENTS = {"whole": whole, "beside": beside, "around": around, "floor": floor, "mixed": mixed}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_true_ones_are_accepted(name):
    report = audit(DOCUMENTS[name]())
    assert report.result == "accepted", report
    assert report.verdict == ("stays-below-floor" if name == "floor" else "converges")


def test_a_start_with_more_neurons_and_one_that_is_only_below_the_floor():
    assert audit(changed(floor(), "runs.0.until", member(floor(), "runs.0.steps"))).result == "accepted"
    run = made.below(made.gaussian(5, 3, 1, 0), 10_000)
    assert audit(made.document(5, 3, [], [run, member(floor(), "runs.0")])).result == "malformed"
    assert audit(made.document(5, 3, [], [run], origin={"seed": 1, "first": 0})).result == "accepted"


def test_no_steps():
    claims = made.minima(6)
    run = made.converging(made.point(claims[0]), claims)
    assert run["steps"] == 0
    assert audit(made.document(6, 6, claims, [run])).result == "accepted"


def scaled(document, path, factor, upper):
    return changed(document, path, number(exact(member(document, path)) * factor, upper))


LESS, MORE = Fraction(99, 100), Fraction(101, 100)


@pytest.mark.parametrize(
    ("document", "path", "factor", "result"),
    [
        (whole, "runs.0.distance", LESS, "rejected"),
        (beside, "runs.0.distance", LESS, "rejected"),
        (floor, "runs.0.objective", LESS, "rejected"),
        (whole, "runs.0.distance", MORE, "accepted"),
        (floor, "runs.0.objective", MORE, "accepted"),
        (around, "runs.0.neighbourhood.radius", LESS, "accepted"),
        (around, "runs.0.neighbourhood.radius", Fraction(10**5), "not-confirmed"),
        (around, "runs.0.neighbourhood.probability", Fraction(2**890), "not-confirmed"),
        (around, "runs.0.neighbourhood.probability", LESS, "accepted"),
    ],
)
def test_bounds(document, path, factor, result):
    bound = scaled(document(), path, factor, path.endswith(("distance", "objective")))
    assert audit(bound).result == result


def test_a_distance_beyond_the_basin():
    for document, name in ((whole(), "global"), (beside(), "spurious")):
        radius = exact(member(document, "minima.0.bounds.basin.radius"))
        assert audit(changed(document, "runs.0.distance", number(radius, True)))[:2] == (
            "rejected",
            ("rejected", 5, "runs.0.distance", "is not below the radius of the basin"),
        ), name


def test_a_step_beyond_the_basin_and_one_that_is_too_large_on_the_way():
    assert audit(changed(beside(), "step", "2")).finding.claim == f"{END}.minimum"
    document = changed(floor(), "step", "5")
    assert audit(document)[:2] == (
        "not-confirmed",
        ("not-confirmed", 4, "runs.0", "s lambda_max <= 2 is not proved for a step above 4"),
    )
    assert audit(changed(floor(), "step", "3")).result == "not-confirmed"


def test_the_start_moved_by_a_unit_of_its_last_place_is_still_true():
    m, e = member(beside(), "runs.0.start.0.0")
    assert audit(changed(beside(), "runs.0.start.0.0", [str(int(m) + 2), e])).result == "accepted"


def test_another_start_is_another_run():
    rows = member(whole(), "runs.0.start")
    assert audit(changed(whole(), "runs.0.start", rows[::-1])).result == "rejected"


@pytest.mark.parametrize("document", [whole, beside])
def test_fewer_steps(document):
    steps = member(document(), "runs.0.steps")
    assert audit(changed(document(), "runs.0.steps", steps - 5)).result == "rejected"
    assert audit(changed(document(), "runs.0.steps", 0)).result == "rejected"
    assert audit(changed(document(), "runs.0.steps", steps + 5)).result == "accepted"


@pytest.mark.parametrize("name", ["rows", "columns"])
@pytest.mark.parametrize("document", [whole, beside])
def test_another_permutation(document, name):
    order = member(document(), f"{END}.{name}")
    assert audit(changed(document(), f"{END}.{name}", order[1:] + order[:1])).result == "rejected"
    assert audit(changed(document(), f"{END}.{name}", [*order[1:], order[1]])).finding[:3] == (
        "rejected",
        1,
        f"{END}.{name}",
    )


def test_another_end():
    document = changed(mixed(), "runs.0.end.minimum", 1)
    assert audit(changed(document, "runs.1.end.minimum", 0)).result == "rejected"


def test_a_minimum_that_is_not_true():
    less = changed(beside(), "minima.0.bounds.gradient_norm", number(Fraction(1, 2**200), True))
    assert audit(less).finding[:3] == ("rejected", 3, "minima.0.gradient_norm")
    better = scaled(beside(), "minima.0.bounds.basin.radius", Fraction(2), False)
    assert audit(better).finding[:3] == ("not-confirmed", 3, "minima.0.basin.radius")
    verdict = changed(beside(), "minima.0.verdict", "global-minimum")
    assert audit(verdict).result != "accepted"


def test_a_floor_that_is_not_kept():
    assert audit(changed(floor(), "floor", "1/100000000")).finding[:3] == ("rejected", 6, "runs.0.objective")
    assert audit(changed(floor(), "runs.0.until", 10**6)).finding[:3] == ("not-confirmed", 6, "runs.0.until")
    run = made.below(np.eye(2) + 1e-6, 100)
    assert audit(made.document(2, 2, [], [run])).finding[:3] == ("rejected", 1, "runs.0")


def test_decimals_of_all_numbers():
    for document, path in (
        (whole(), "minima.0.bounds.lambda_max"),
        (whole(), "runs.0.distance"),
        (floor(), "runs.0.objective"),
        (around(), "runs.0.neighbourhood.radius"),
        (around(), "runs.0.neighbourhood.probability"),
    ):
        assert audit(changed(document, f"{path}.decimal", "5")).finding[:2] == ("rejected", 2)
