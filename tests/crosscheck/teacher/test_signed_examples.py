"""The certificates of certificates/signed: gradient descent from perturbed points, and the slopes on both sides."""

import json
from fractions import Fraction
from pathlib import Path

import jsonschema
import numpy as np
import pytest

from relucert.base.dyadic import to_float
from relucert.certificate import digest, number
from relucert.families.teacher import statement
from relucert.families.teacher.search.descent import advance, begin_at, end_points, loss_and_gradient

ROOT = Path(__file__).parents[3]
FILES = sorted((ROOT / "certificates/signed").glob("*.json"))
SCHEMA = jsonschema.Draft202012Validator(json.loads((ROOT / "docs/spec/signed-v1.schema.json").read_text()))
CLAIMS = {path.stem: json.loads(path.read_bytes())["statement"] for path in FILES}
MINIMA = [x for x in CLAIMS if CLAIMS[x]["claim"]["verdict"] != "strict-saddle"]


def parts(whole):
    candidate = statement.candidate(whole, "x")
    point, targets = (
        np.array([[to_float(x) for x in row] for row in rows])
        for rows in (candidate.point, candidate.problem.targets)
    )
    return point, targets, candidate.problem.network


def value(found):
    return to_float(number(found, "x"))


@pytest.mark.parametrize("name", CLAIMS)
def test_they_are_of_the_format(name):
    SCHEMA.validate(CLAIMS[name]["claim"])
    assert digest(CLAIMS[name]) == name


@pytest.mark.parametrize("name", MINIMA)
def test_descent_from_the_claimed_basin_comes_back(name):
    claim = CLAIMS[name]["claim"]
    point, targets, of = parts(CLAIMS[name])
    basin = claim["bounds"]["basin"]
    rng = np.random.default_rng(1)
    away = rng.standard_normal((4, *point.shape))
    away *= 0.9 * value(basin["radius"]) / np.linalg.norm(away, axis=(1, 2), keepdims=True)
    under_way = begin_at(point + away, targets, step=0.9 * value(basin["step"]), max_steps=4000, network=of)
    advance(under_way, 1e-14, threads=1)
    ends = end_points(under_way, 1e-14)
    start, end = (np.linalg.norm(x - point, axis=(1, 2)) for x in (point + away, ends.weights))
    assert (end < start).all()
    low, high = (value(x) for x in claim["bounds"]["objective"])
    slack = 1e-12 + value(claim["bounds"]["lambda_max"]) * end.max() ** 2
    assert (low - slack <= ends.loss).all() and (ends.loss <= high + slack).all()


@pytest.mark.parametrize("name", MINIMA)
def test_no_nearby_point_is_lower(name):
    point, targets, of = parts(CLAIMS[name])
    rng = np.random.default_rng(2)
    here = loss_and_gradient(point, targets, of)[0]
    for size in (1e-2, 1e-3):
        reach = min(size, value(CLAIMS[name]["claim"]["bounds"]["uniqueness_radius"]))
        away = rng.standard_normal((200, *point.shape))
        away *= reach / np.linalg.norm(away, axis=(1, 2), keepdims=True)
        assert all(loss_and_gradient(point + x, targets, of)[0] > here - 1e-14 for x in away)


@pytest.mark.parametrize("name", sorted(set(CLAIMS) - set(MINIMA)))
def test_descent_leaves_the_saddles(name):
    """Along the direction of the most negative eigenvalue, by differences of the gradient, the loss falls."""
    point, targets, of = parts(CLAIMS[name])
    size = point.size
    steps = 1e-6 * np.eye(size).reshape(size, *point.shape)
    ahead, back = (
        np.array([loss_and_gradient(point + s * x, targets, of)[1] for x in steps]) for s in (1, -1)
    )
    matrix = ((ahead - back) / 2e-6).reshape(size, size)
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
    low, high = (value(x) for x in CLAIMS[name]["claim"]["bounds"]["lambda_min"])
    assert low - 1e-8 <= values[0] <= high + 1e-8
    down = vectors[:, 0].reshape(point.shape)
    here = loss_and_gradient(point, targets, of)[0]
    reach = 3e-3 if values[0] < -1e-5 else 1e-4
    assert loss_and_gradient(point + reach * down, targets, of)[0] < here + 1e-15


def test_the_witnesses_are_lower():
    found = 0
    for whole in CLAIMS.values():
        if "witness" in whole["claim"]:
            found += 1
            _, targets, of = parts(whole)
            rows = [[to_float((int(m), e)) for m, e in row] for row in whole["claim"]["witness"]]
            there = loss_and_gradient(np.array(rows), targets, of)[0]
            high = value(whole["claim"]["bounds"]["objective"][1])
            assert there + value(whole["claim"]["bounds"]["gap"]) <= high
    assert found == 2


def test_slopes_where_minima_stop_are_bracketed():
    """The two neighbouring slopes of (9, 9) and of (13, 14), next to one another in space too."""
    for k, n, good, bad in ((9, 9, "-709/1000", "-71/100"), (13, 14, "141/500", "283/1000")):
        verdicts, points = {}, []
        for whole in CLAIMS.values():
            of = whole["claim"]["problem"]
            if (of["k"], of["n"]) == (k, n):
                verdicts[of["slope"]] = whole["claim"]["verdict"]
                points.append(parts(whole)[0])
        assert verdicts == {good: "spurious-minimum", bad: "strict-saddle"}
        assert abs(Fraction(good) - Fraction(bad)) == Fraction(1, 1000)
        assert np.linalg.norm(points[0] - points[1]) < 1e-3
