"""What known points of the designed landscape are: verdicts, numbers, statements as values."""

import itertools
from fractions import Fraction

import numpy as np
import pytest
from scipy.optimize import minimize

from relucert.base.dyadic import from_float, to_float
from relucert.base.exact import exact_rows
from relucert.families.landscape.candidate import LandscapeCandidate, SampledProblem
from relucert.families.landscape.point import guess_signed, verify_point
from relucert.families.landscape.problem import LandscapeProblem
from relucert.families.landscape.record import point_record, summary, whole_record
from relucert.families.landscape.statement import closed_statement, point_statement, whole_statement
from relucert.families.landscape.whole import SplitNeuron, UnitRows, choose, closed, landscape
from relucert.kernel.landscape.nearest import Signed

C = 1 / (2 * np.sqrt(2 * np.pi))
A_STAR, MU, LAM = "1,1/2,2", "6", "1"
G = LandscapeProblem.from_text(A_STAR, MU, LAM)
TURNED = [["3/5", "4/5", "0"], ["-4/5", "3/5", "0"], ["0", "0", "1"]]
SKEW = [["1", "0", "0"], ["3/5", "4/5", "0"], ["2", "1", "3"]]
DOUBLED = LandscapeProblem.from_text("1,1", "24", "1")


def candidate(problem, rows):
    return LandscapeCandidate(problem, exact_rows(np.asarray(rows, dtype=float).tolist(), "row"))


def stretch(problem):
    """T in floats, and t_i."""
    a, lam, nu = (np.array(x, dtype=float) for x in (problem.a_star, problem.lam, problem.mu / 12))
    if problem.teacher is None:
        return np.eye(len(a)), np.sqrt(lam / (lam - nu * C * a))
    T = np.sqrt(a)[:, None] * np.array([[float(x) for x in row] for row in problem.teacher])
    return T, np.sqrt(lam / (lam - nu * C / a))


def signed_permutation(problem, permutation, signs):
    T, t = stretch(problem)
    U = np.zeros_like(T)
    for j, (i, s) in enumerate(zip(permutation, signs, strict=True)):
        U[j, i] = s * t[i]
    return U @ np.linalg.inv(T).T


def claim_of(found):
    return point_statement(found, {})["claim"]


def number(value):
    return to_float((int(value["exact"][0]), value["exact"][1]))


# --- next to a global minimum --------------------------------------------------------------------------------


@pytest.mark.parametrize("permutation", list(itertools.permutations(range(3))))
def test_every_signed_permutation_of_three_is_recognised(permutation):
    for signs in itertools.product((1, -1), repeat=3):
        found = verify_point(candidate(G, signed_permutation(G, permutation, signs)), raw=True)
        assert found.verdict == "global-minimum"
        assert found.outcome.minimum == Signed(permutation, signs)
        claim = claim_of(found)
        assert claim["method"] == "nearest-minimum"
        assert claim["minimum"] == {
            "permutation": list(permutation), "signs": "".join("+" if s > 0 else "-" for s in signs),
        }  # fmt: skip
        assert set(claim["bounds"]) == {"distance", "basin", "step", "a_star", "b_star"}
        assert all(0 <= number(claim["bounds"][name]) < 1e-14 for name in ("distance", "a_star", "b_star"))
        assert number(claim["bounds"]["basin"]) > 0.03


@pytest.mark.parametrize("teacher", [TURNED, SKEW])
def test_signed_permutations_of_f(teacher):
    """The teacher is recovered only where its rows are unit vectors."""
    problem = LandscapeProblem.from_text(A_STAR, MU, LAM, teacher)
    for permutation, signs in (((0, 1, 2), (1, 1, 1)), ((2, 0, 1), (-1, 1, -1))):
        found = verify_point(candidate(problem, signed_permutation(problem, permutation, signs)), raw=True)
        assert found.outcome.minimum == Signed(permutation, signs)
        claim = claim_of(found)
        assert claim["problem"]["teacher"] == teacher
        assert ("a_star" in claim["bounds"]) == (teacher is TURNED)


def test_a_point_in_the_basin_is_not_moved_and_one_outside_is():
    P = signed_permutation(G, (0, 1, 2), (1, 1, 1))
    near = candidate(G, P + 0.01)
    found = verify_point(near)
    assert (found.verdict, found.moved, found.candidate) == ("global-minimum", None, near)
    assert number(claim_of(found)["bounds"]["distance"]) == pytest.approx(0.03, rel=1e-4)


def test_polishing_says_how_far_and_raw_does_not_move():
    """Just above twelve, where a direction is nearly flat."""
    problem, t = LandscapeProblem.from_text("1,1", "13", "1.5"), np.sqrt(1.5 / (1.5 - C / 12))
    near, far = (candidate(problem, np.array([[t, 0], [t, 0]]) + shift) for shift in (1e-5, 1e-3))
    assert verify_point(near).verdict == verify_point(near, raw=True).verdict == "spurious-minimum"
    assert verify_point(near).moved is None
    assert verify_point(far, raw=True).verdict == "not-critical"
    moved = verify_point(far)
    assert moved.verdict == "spurious-minimum"
    assert float(moved.moved) == pytest.approx(2e-3, rel=1e-3)
    assert moved.candidate != far
    assert "after Newton steps of" in summary(moved)
    assert point_record(moved)["moved"] is not None
    assert (
        verify_point(candidate(DOUBLED, doubled_point() + 0.01)).verdict == "not-critical"
    )  # too far to move


def test_a_written_bound_that_would_say_too_little_is_left_out():
    """A distance just below the basin's radius: written they would cross."""
    P, radius = signed_permutation(G, (0, 1, 2), (1, 1, 1)), float(landscape(G).outcome.bounds.basin)
    P[0, 1] += radius * (1 - 1e-9)
    found = verify_point(candidate(G, P), raw=True)
    assert found.verdict == "global-minimum"
    bounds = claim_of(found)["bounds"]
    assert "basin" not in bounds
    assert "step" not in bounds
    assert number(bounds["distance"]) > radius


def test_guesses_of_signed_permutations():
    assert guess_signed(np.array([[0.1, -2], [1, 0.5]])) == Signed((1, 0), (-1, 1))
    assert guess_signed(np.array([[2, 1], [1, 0.5]])) is None


def test_a_singular_point_of_f_is_nothing_special():
    """Its largest entries are a permutation, but no teacher can be read off."""
    problem = LandscapeProblem.from_text(
        "1,1,1", MU, LAM, [["1", "0", "0"], ["0", "1", "0"], ["0", "0", "1"]]
    )
    assert (
        verify_point(candidate(problem, [[2, 0, -1.5], [0, 2, -1.5], [2, 2, -3]])).verdict == "not-critical"
    )


# --- critical points -----------------------------------------------------------------------------------------


def doubled_point():
    a, lam, nu = C, 1.0, 2.0
    return np.array([[1, 0], [1, 0]]) * np.sqrt(lam / (lam + a - nu * a))


def test_the_doubled_point_above_twelve_is_spurious():
    found = verify_point(candidate(DOUBLED, doubled_point()), raw=True)
    assert found.verdict == "spurious-minimum"
    claim = claim_of(found)
    assert claim["method"] == "hessian"
    assert claim["bounds"]["inertia"] == {"negative": 0, "positive": 4}
    assert "direction" not in claim
    assert "curvature" not in claim["bounds"]
    whole = landscape(DOUBLED)
    (low, high), bounds = claim["bounds"]["value"], whole.outcome.bounds
    assert number(low) <= float(bounds.value[1])
    assert float(bounds.value[0]) <= number(high)
    assert float(bounds.lambda_min) == pytest.approx(number(claim["bounds"]["lambda_min"][0]), rel=1e-4)


def test_the_signed_permutation_above_twelve_is_called_a_local_minimum():
    """All minima are not global there, so nothing is said of inf Q."""
    found = verify_point(candidate(DOUBLED, signed_permutation(DOUBLED, (0, 1), (1, 1))), raw=True)
    assert found.verdict == "local-minimum"


def test_a_minimum_of_what_is_unbounded_below_is_spurious():
    """lambda < nu alpha_max, and a strict local minimum: the signed permutation of the smaller weight, doubled."""
    problem = LandscapeProblem.from_text("1,9", "24", "2")
    assert landscape(problem).verdict == "unbounded-below"
    a, lam, nu = C, 2.0, 2.0
    t = np.sqrt(lam / (lam + a - nu * a))
    found = verify_point(candidate(problem, [[t, 0], [t, 0]]), raw=True)
    assert found.verdict == "spurious-minimum"


def test_zero_is_a_saddle_of_full_index():
    found = verify_point(candidate(G, np.zeros((3, 3))), raw=True)
    claim = claim_of(found)
    assert claim["verdict"] == "strict-saddle"
    assert claim["bounds"]["inertia"] == {"negative": 9, "positive": 0}
    low, high = map(number, claim["bounds"]["lambda_min"])
    assert low <= -4 <= high
    assert number(claim["bounds"]["curvature"]) == pytest.approx(-4, abs=1e-4)
    assert number(claim["bounds"]["curvature"]) >= -4


@pytest.mark.parametrize("teacher", [None, TURNED, SKEW])
@pytest.mark.parametrize("kept", [(0,), (0, 1), (2, 1)])
def test_saddles_come_with_a_direction_of_descent(teacher, kept):
    """Some rows at their places, the others at zero; the direction's curvature is as claimed, in floats."""
    problem = LandscapeProblem.from_text(A_STAR, MU, LAM, teacher)
    rows = signed_permutation(problem, (0, 1, 2), (1, 1, 1))
    rows[[j for j in range(3) if j not in kept]] = 0
    found = verify_point(candidate(problem, rows))
    claim = claim_of(found)
    assert claim["verdict"] == "strict-saddle"
    V = np.array([[to_float((int(m), e)) for m, e in row] for row in claim["direction"]])
    assert V.shape == (3, 3)
    point = np.array([[to_float((int(m), e)) for m, e in row] for row in claim["point"]])
    f = {k: value(problem, point + k / 64 * V) for k in range(-2, 3)}
    second = (16 * (f[1] + f[-1]) - 30 * f[0] - f[2] - f[-2]) / 12 * 64**2
    bend = number(claim["bounds"]["curvature"])
    assert bend < 0
    assert second / (V * V).sum() <= bend + 1e-6
    assert number(claim["bounds"]["lambda_min"][0]) <= bend + 1e-6


def value(problem, B):
    T, _ = stretch(problem)
    a, lam, nu = (np.array(x, dtype=float) for x in (problem.a_star, problem.lam, problem.mu / 12))
    alpha, U = C * a if problem.teacher is None else C / a, B @ T.T
    S = (U**2).sum(axis=0)
    return (alpha * (S**2 - (1 + nu) * (U**4).sum(axis=0))).sum() + lam * (
        ((U**2).sum(axis=1) - 1) ** 2
    ).sum()


def test_a_doubled_row_below_twelve_is_a_saddle():
    a, lam, nu = C * 2, 1.0, 0.5
    rows = signed_permutation(G, (0, 1, 2), (1, 1, 1))
    rows[0] = rows[2] = np.array([0, 0, np.sqrt(lam / (lam + a - nu * a))])
    found = verify_point(candidate(G, rows))
    assert found.verdict == "strict-saddle"


def test_a_point_on_no_critical_one_is_called_so():
    found = verify_point(candidate(G, [[1, 2, 3], [4, 5, 6], [7, 8, 9]]))
    claim = claim_of(found)
    assert claim["verdict"] == "not-critical"
    assert set(claim["bounds"]) == {"gradient_min", "exclusion"}
    assert min(map(number, claim["bounds"].values())) > 0
    assert claim["method"] == "hessian"


def test_near_a_saddle_nothing_is_excluded_that_is_there():
    found = verify_point(candidate(G, np.full((3, 3), 2.0**-10)), raw=True)
    assert found.verdict == "strict-saddle"
    assert float(found.outcome.bounds.radius) >= 3 * 2.0**-10


def test_huge_and_tiny_points_end_without_a_crash():
    for rows in ([[(1, 1100), (0, 0)], [(0, 0), (1, 0)]], [[(1, -1100), (0, 0)], [(0, 0), (1, 0)]]):
        point = tuple(tuple(row) for row in rows)
        found = verify_point(LandscapeCandidate(LandscapeProblem.from_text("1,1", MU, LAM), point))
        assert found.verdict in ("inconclusive", "strict-saddle", "not-critical")


# --- limits --------------------------------------------------------------------------------------------------


def test_large_points_are_told_only_near_a_minimum_or_away_from_all():
    """d = 25: 625 unknowns, no Hessian."""
    big = LandscapeProblem((Fraction(1),) * 25, Fraction(6), Fraction(1))
    P = signed_permutation(big, range(25), (1,) * 25)
    found = verify_point(candidate(big, P + 1e-4))
    assert found.verdict == "global-minimum"
    zero = verify_point(candidate(big, 0 * P))
    assert zero.verdict == "inconclusive"
    assert zero.outcome.reason.startswith("more than 576 unknowns")
    assert "more than 576 unknowns" in summary(zero)
    away = verify_point(candidate(big, P * 2))
    assert away.verdict == "not-critical"
    assert claim_of(away)["verdict"] == "not-critical"


# --- samples -------------------------------------------------------------------------------------------------


def sampled(m=2, d=2, n=40):
    rng = np.random.default_rng(3)
    x = rng.normal(size=(n, d))
    y = np.maximum(x, 0).sum(axis=1)
    xs = exact_rows(x.tolist(), "x")
    return SampledProblem(xs, tuple(map(from_float, y.tolist())), Fraction(6), Fraction(1))


def test_samples_have_saddles_minima_and_points_of_neither_kind():
    problem = sampled()
    zero = verify_point(candidate(problem, np.zeros((2, 2))), raw=True)
    claim = claim_of(zero)
    assert (claim["method"], claim["verdict"]) == ("empirical", "strict-saddle")
    assert claim["problem"]["objective"] == "G-hat"
    assert len(claim["problem"]["samples"]["x"]) == 40
    assert "direction" in claim
    away = verify_point(candidate(problem, [[3, 1], [1, 2]]), raw=True)
    assert (claim_of(away)["method"], away.verdict) == ("empirical", "not-critical")


def test_a_local_minimum_of_samples_and_a_circle_of_them():
    """One row. With weights of zero all unit vectors are minima, none of them strict: nothing is claimed."""
    x = exact_rows([[2.0, 0.0], [0.0, 1.0]], "x")
    flat = SampledProblem(x, ((0, 0), (0, 0)), Fraction(6), Fraction(1))
    assert verify_point(candidate(flat, [[1, 0]])).verdict == "inconclusive"

    def objective(b):
        """With the weights 1/16 and 0: <H4(x), b b b b> = (b.x)^4 - 6 |b|^2 (b.x)^2 + 3 |b|^4."""
        along, size = 2 * b[0], b @ b
        return 6 / 24 / 32 * (along**4 - 6 * size * along**2 + 3 * size**2) + (size - 1) ** 2

    tilted = SampledProblem(x, ((1, -4), (0, 0)), Fraction(6), Fraction(1))
    lowest = minimize(objective, [0.8, 0.6], tol=1e-9).x
    found = verify_point(candidate(tilted, [lowest]))
    assert found.verdict == "local-minimum"
    low, high = map(number, claim_of(found)["bounds"]["value"])
    assert low <= objective(lowest) + 1e-9
    assert objective(lowest) - 1e-9 <= high


# --- whole landscapes ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("problem", "verdict", "names"),
    [
        (G, "no-spurious-minimum", {"value", "lambda_min", "lambda_max", "basin", "step", "saddle"}),
        (DOUBLED, "spurious-minimum", {"value", "gap", "lambda_min"}),
        (LandscapeProblem.from_text("1,9", "24", "2"), "unbounded-below", set()),
        (
            LandscapeProblem.from_text(A_STAR, MU, LAM, SKEW),
            "no-spurious-minimum",
            {"value", "lambda_min", "lambda_max", "basin", "step", "saddle"},
        ),
    ],
)
def test_statements_of_whole_landscapes(problem, verdict, names):
    result = landscape(problem)
    statement = whole_statement(result, {"source": "a test"})
    claim = statement["claim"]
    assert (claim["method"], claim["verdict"], set(claim["bounds"])) == ("critical-points", verdict, names)
    assert ("minimum" in claim) == (verdict == "spurious-minimum")
    if "minimum" in claim:
        assert claim["minimum"] == {"kind": "doubled", "twice": 0, "never": 1}
    assert claim["problem"] == problem.record()
    assert statement["evidence"]
    assert whole_record(result)["verdict"] == verdict
    assert all(number(claim["bounds"][name]) > 0 for name in names - {"value"})


def test_the_two_closed_minima():
    a = (Fraction(1), Fraction(8, 5), Fraction(16, 5))
    least, first, second, x = choose(a)
    found = closed(UnitRows(a, least, first, second, x))
    claim = closed_statement(found, {})["claim"]
    assert (claim["method"], claim["verdict"]) == ("unit-rows", "spurious-minimum")
    assert a[least] < a[first] * x
    assert a[least] < a[second] * (1 - x)
    assert (
        0
        < number(claim["bounds"]["radius"])
        <= min(
            float(x) ** 0.5 - (1 / float(a[first])) ** 0.5,
            (1 - float(x)) ** 0.5 - (1 / float(a[second])) ** 0.5,
        )
    )
    split = closed_statement(closed(SplitNeuron(Fraction(12), Fraction(1), Fraction(1, 2))), {})["claim"]
    assert (split["method"], split["verdict"]) == ("split-neuron", "spurious-minimum")
    form = np.array([[2 * 12 * 0.75 + 4 * 0.25, -28 * 0.75], [-28 * 0.75, 28 * 0.75 + 6]])
    assert number(split["bounds"]["curvature"]) == pytest.approx(np.linalg.eigvalsh(form)[0], rel=1e-4)
    assert number(split["bounds"]["curvature"]) <= np.linalg.eigvalsh(form)[0]


def test_at_the_edge_of_theorem_e_written_radii_do_not_cross():
    """The farthest point from the doubled one, to the last bit, of which something is proved."""
    near, far = 0.0, 0.5
    while near < (middle := (near + far) / 2) < far:
        found = verify_point(candidate(DOUBLED, doubled_point() + middle), raw=True)
        near, far = (middle, far) if found.verdict == "spurious-minimum" else (near, middle)
    bounds = claim_of(verify_point(candidate(DOUBLED, doubled_point() + near), raw=True))["bounds"]
    assert number(bounds["existence_radius"]) < number(bounds["uniqueness_radius"])
    assert number(bounds["existence_radius"]) > 0.9 * number(bounds["uniqueness_radius"])
    assert 0.004 < near < 0.006
