"""Where gradient descent on the designed landscape goes: decided, or refused for the reason that is said."""

import copy
import json
from fractions import Fraction

import numpy as np
import pytest

from relucert.base.dyadic import from_float, to_float, to_fraction
from relucert.base.errors import InputError
from relucert.certificate.numbers import number
from relucert.families.landscape import descent
from relucert.families.landscape.descent import ConvergesToGlobalMinimum, describe, random_start, run
from relucert.families.landscape.descent_statement import run_statement
from relucert.families.landscape.descent_words import LEGEND, words
from relucert.families.landscape.problem import LandscapeProblem
from relucert.kernel.landscape.nearest import Signed

ETA = Fraction(1, 20)


def problem(d=10, mu="6", lam="1"):
    return LandscapeProblem.from_text(["1"] * d, mu, lam)


def exact(rows):
    return [[from_float(float(x)) for x in row] for row in rows]


def end_in_doubles(at, rows, eta, steps):
    """The signed permutation that plain descent comes to, and how far from it that is."""
    alpha = np.array([float(x) for x in at.a_star]) / (2 * np.sqrt(2 * np.pi))
    nu, lam = float(at.mu) / 12, float(at.lam)
    u = np.array([[to_float(x) for x in row] for row in rows])
    for _ in range(steps):
        squares = u * u
        g = lam * (squares.sum(axis=1) - 1)
        u = u - 4 * eta * u * (alpha * squares.sum(axis=0) - (1 + nu) * alpha * squares + g[:, None])
    permutation = abs(u).argmax(axis=1)
    signs = np.sign(u[np.arange(at.d), permutation])
    rest = np.linalg.norm(abs(u) - np.sqrt(lam / (lam - nu * alpha)) * (abs(u) > 0.5))
    return tuple(permutation.tolist()), tuple(signs.astype(int).tolist()), rest


@pytest.mark.parametrize("seed", range(10))
def test_random_runs_are_decided(seed):
    start = random_start(10, seed)
    found = run(problem(), start, ETA, 2000)
    assert isinstance(found.outcome, ConvergesToGlobalMinimum)
    assert all(argument.holds for argument in found.outcome.arguments)
    permutation, signs, rest = end_in_doubles(problem(), start, 0.05, found.outcome.steps + 400)
    assert found.outcome.minimum == (permutation, signs)
    assert rest < 1e-6
    assert found.outcome.bounds.gradient_min is not None


def test_fifty_neurons():
    seen = []
    found = run(problem(50), random_start(50, 0), ETA, 5000, progress=lambda *given: seen.append(given))
    assert found.verdict == "converges-to-global-minimum"
    steps = found.outcome.steps
    assert (found.precision, seen[-1]) == (128, (steps, steps))


def test_other_weights_and_mu_beyond_twelve_where_lambda_is_small():
    uneven = LandscapeProblem.from_text("1,2,3", "3", "1")
    assert run(uneven, random_start(3, 0), Fraction(1, 50), 2000).outcome.proved
    steep = problem(2, "13", "2/5")
    assert run(steep, random_start(2, 0), Fraction(1, 50), 2000).outcome.proved


def test_a_start_in_the_basin_needs_no_step():
    t = (1 / (1 - 0.5 / (2 * np.sqrt(2 * np.pi)))) ** 0.5
    found = run(problem(2), exact([[0, -t], [t, 0]]), ETA, 100)
    assert (found.outcome.steps, found.outcome.minimum) == (0, ((1, 0), (-1, 1)))


def test_a_ball_of_starts_and_one_that_is_too_wide():
    start = random_start(6, 1)
    near = run(problem(6), start, ETA, 2000, (1, -30))
    alone = run(problem(6), start, ETA, 2000)
    assert near.outcome.proved
    assert float(near.outcome.bounds.distance) > float(alone.outcome.bounds.distance)
    assert float(near.outcome.bounds.gradient_min) < float(alone.outcome.bounds.gradient_min)
    wide = run(problem(6), start, ETA, 2000, (1, -2))
    assert not wide.outcome.proved
    assert "smaller start radius" in describe(wide)


# --- what is not decided, and why ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("eta", "name", "text"),
    [
        (Fraction(1, 5), "N.1", "eta l <= 2 is not proved"),
        (Fraction(1, 2), "N.3", "eta < 2/(lambda_max + L R/2)"),
    ],
)
def test_a_step_that_is_too_long(eta, name, text):
    found = run(problem(), random_start(10, 0), eta, 100)
    assert (found.verdict, found.outcome.failed.name) == ("inconclusive", name)
    assert text in describe(found)
    assert "smaller eta" in describe(found)


@pytest.mark.parametrize(
    ("mu", "lam", "text"),
    [("6", "1/11", "nu alpha_max < lambda is not proved"), ("13", "2", "mu < 12 is not proved")],
)
def test_outside_the_regime_nothing_is_claimed(mu, lam, text):
    found = run(problem(2, mu, lam), random_start(2, 0), ETA, 1000)
    assert not found.outcome.proved
    assert text in describe(found)


def test_too_few_steps():
    assert "take more steps" in describe(run(problem(), random_start(10, 0), ETA, 100))


@pytest.mark.parametrize(
    "rows",
    [
        [[0, 0, 0], [0.3, 0.5, -0.7], [0.6, -0.4, 0.2]],
        [[0.3, 0.5, -0.7], [0.3, 0.5, -0.7], [0.6, -0.4, 0.2]],
        [[0.3, 0.5, -0.7], [-0.3, -0.5, 0.7], [0.6, -0.4, 0.2]],
        [[0.3, 0.5, 0], [0.1, -0.7, 0], [0.6, -0.4, 0]],
        np.zeros((3, 3)),
        np.full((3, 3), 0.5),
    ],
    ids=["a row of zeros", "equal rows", "opposite rows", "a column of zeros", "zero", "all equal"],
)
def test_starts_that_stay_at_saddles_are_not_decided(rows):
    found = run(problem(3), exact(rows), ETA, 1500)
    assert found.verdict == "inconclusive"
    assert "from a saddle" in describe(found)


def test_a_start_beside_a_saddle_takes_more_bits_or_is_not_decided():
    """Two rows that differ by 2^-200 only: doubles cannot tell them apart."""
    rows = exact([[0.3, 0.5, -0.7], [0.3, 0.5, -0.7], [0.6, -0.4, 0.2]])
    rows[1][0] = (rows[1][0][0] * 2**200 + 1, rows[1][0][1] - 200)
    assert not run(problem(3), rows, ETA, 1500).outcome.proved


@pytest.mark.parametrize("size", [2.0**20, 2.0**500, 1e308])
def test_a_start_far_away(size):
    found = run(problem(2), exact([[size, 0], [0, 1]]), ETA, 100)
    assert found.verdict == "inconclusive"
    assert "smaller" in describe(found)


def test_input_that_is_refused():
    start = random_start(3, 0)
    good = problem(3)
    teacher = LandscapeProblem.from_text("1,1", "6", "1", [["1", "0"], ["0", "1"]])
    for text, given in {
        "give no teacher": (teacher, start, ETA, 10),
        "expected 3 rows of 3 numbers": (good, start[:2], ETA, 10),
        "expected a positive number": (good, start, Fraction(0), 10),
        "the number of steps": (good, start, ETA, 0),
        "the number of steps must be": (good, start, ETA, 10**7),
        "negative": (good, start, ETA, 10, (-1, 0)),
        "at most 256": (problem(257), start, ETA, 10),
    }.items():
        with pytest.raises(InputError, match=text):
            run(*given)
    with pytest.raises(InputError, match="2 to 256"):
        random_start(1, 0)


def test_random_rows_are_of_length_one_and_come_again():
    start = random_start(7, 3)
    assert start == random_start(7, 3) != random_start(7, 4)
    assert all(abs(sum(to_fraction(x) ** 2 for x in row) - 1) < 1e-15 for row in start)


# --- the claim and its sentence -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def claim():
    found = run(
        LandscapeProblem.from_text("1,2,3", "3", "1"), random_start(3, 0), Fraction(1, 50), 2000, (1, -20)
    )
    statement = run_statement(found, {"relucert": "0"})
    assert statement["evidence"][0]["theorem"] == "Lemma 13.N"
    assert [x["step"] for x in statement["evidence"][0]["inequalities"]] == ["N.1", "N.2", "N.3"]
    assert statement["provenance"]["precision"] == 128
    return json.loads(json.dumps(statement["claim"]))


def test_a_claim_has_the_members_of_the_specification(claim):
    assert claim.keys() == {
        "schema", "family", "method", "problem", "point", "steps", "minimum", "verdict", "bounds",
    }  # fmt: skip
    assert (claim["family"], claim["method"]) == ("designed-landscape", "descent")
    assert claim["problem"] == {
        "objective": "G", "a_star": ["1", "2", "3"], "mu": "3", "lambda": "1", "step": "1/50",
    }  # fmt: skip
    assert sorted(claim["minimum"]["permutation"]) == [0, 1, 2]
    assert len(claim["minimum"]["signs"]) == 3
    assert claim["bounds"].keys() == {"start_radius", "distance", "gradient_min"}
    radius = to_fraction(number(claim["bounds"]["start_radius"], ""))
    assert Fraction(99, 100) * Fraction(1, 2**20) < radius <= Fraction(1, 2**20)


def changes(value, path=()):
    """Every leaf of a claim with another value in its place."""
    if isinstance(value, dict) and value.keys() == {"exact", "decimal"}:
        yield path, {**value, "exact": [value["exact"][0], value["exact"][1] + 3]}
    elif isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from changes(inner, (*path, key))
    elif isinstance(value, int):
        yield path, value + 1
    else:
        yield (
            path,
            "-" + value[1:] if value[0] == "+" else "+" + value[1:] if value[0] == "-" else value + "7",
        )


def said(claim):
    """The sentence with its facts, or None where a claim has none."""
    try:
        return words(claim)
    except ValueError:
        return None


def test_every_number_of_a_claim_is_said(claim):
    before = said(claim)
    silent = {
        "schema",
        "family",
        "method",
        "verdict",
        "point",
    }  # what the file is; `the point` names the last
    for path, other in changes({key: value for key, value in claim.items() if key not in silent}):
        changed = copy.deepcopy(claim)
        inner = changed
        for key in path[:-1]:
            inner = inner[key]
        inner[path[-1]] = other
        assert said(changed) != before, path
    assert "t_i^2" in LEGEND


def test_a_single_start_is_said_as_one(claim):
    alone = copy.deepcopy(claim)
    alone["bounds"]["start_radius"] = {"exact": ["0", 0], "decimal": "0"}
    assert "from the point B_0 converges" in words(alone)[0]
    assert "from every start within" in words(claim)[0]


def test_nothing_is_claimed_of_a_run_that_is_not_decided():
    with pytest.raises(InputError, match="inconclusive"):
        run_statement(run(problem(), random_start(10, 0), ETA, 10), {})


def test_the_guess_is_not_believed(monkeypatch):
    """Another permutation, other signs, fewer steps: not proved."""
    start, true = random_start(4, 0), descent.simulate
    honest = run(problem(4), start, ETA, 2000).outcome
    (first, second, *rest), signs = honest.minimum
    for lie in (
        {"minimum": Signed((second, first, *rest), signs)},
        {"minimum": Signed(honest.minimum.permutation, tuple(-x for x in signs))},
        {"minimum": Signed((first, first, *rest), signs)},
        {"steps": honest.steps // 2},
    ):
        monkeypatch.setattr(descent, "simulate", lambda *given, lie=lie: true(*given)._replace(**lie))
        assert not run(problem(4), start, ETA, 2000).outcome.proved
