"""Words: every hypothesis bears the name and the text of docs/theorem/teacher.md, every verdict its arguments in
order, and every refusal its reason. And what is refused is refused for the reason that is said."""

from pathlib import Path

import pytest
from flint import arb

from relucert.kernel import arccos, ball, newton, outcome, spectrum
from relucert.kernel.ball import BallMatrix, NotProved
from relucert.kernel.teacher import facts, lipschitz, loss, theorems

THEOREM = (Path(__file__).parents[2] / "docs" / "theorem" / "teacher.md").read_text()
HYPOTHESES = """
Theorem C | C.1 | 0 < min |lambda_i|
Lemma 1 | L1.1 | 0 < lambda_min
Lemma 1 | L1.2 | 25 L eps <= 9 lambda_min^2
Lemma 1 | L1.3 | r <= alpha
Theorem E | E.1 | omega < 1
Theorem E | E.2 | 2 chi L eta < (1 - omega)^2
Theorem E | E.3 | r <= alpha
Theorem D | D.1 | r < R
Theorem D | D.2 | R + r <= alpha
Theorem D | D.3 | L R / 2 < lambda_min - L r
Theorem 18.V | 18.V.1 | L r < lambda_min
Theorem 18.V | 18.V.2 | r < alpha
Lemma 2 | L2.1 | L r <= lambda_min
Lemma 2 | L2.2 | eps r < F(W)
Safran & Shamir (5) | SS.5 | their bound of F(W) - F(W*) < F(W)
Global minimum | G.1 | distance to a permutation of the targets < min(alpha, r+)
Not critical | N.1 | (|lambda|_max + L rho / 2) rho < |grad F(W)|
""".strip().split("\n")
MINIMUM = ["Theorem C", "Theorem E", "Lemma 1", "Theorem D", "Theorem 18.V"]


def facts_of(eigenvalue, **changes):
    """One neuron, one target, d = 1, a Hessian of one eigenvalue; gradient 0, F = 1, no global minimum."""
    flat = spectrum.spectrum(BallMatrix([[arb(eigenvalue)]]), spectrum.Eigen([[1.0]], [float(eigenvalue)]))
    base = theorems.Facts(
        neurons=[arb(1)],
        targets=[arb(1)],
        objective=arb(1),
        gradient=arb(0),
        spectrum=flat,
        correction=arb(0),
        lipschitz=arb(0.5),
        lipschitz_safran_shamir=arb(7),
        domain=arb(0.25),
        to_global=None,
    )
    return base._replace(**changes)


def titles(verdict):
    return [argument.theorem for argument in verdict.arguments]


def test_hypotheses_have_the_names_texts_and_relations_of_the_documentation():
    """The relation is what the text says: the one outermost sign `<` or `<=` in it."""
    found = set()
    for facts_, decide in (
        (facts_of(2), theorems.decide_critical),
        (facts_of(2, to_global=arb(0)), theorems.decide_critical),
        (facts_of(2), theorems.decide_not_critical),
    ):
        for argument in decide(facts_).arguments:
            for h in argument.hypotheses:
                found.add(f"{argument.theorem} | {h.name} | {h.text}")
                assert f" {h.relation} " in h.text.replace(") < F(W)", " < F(W)")
                assert h.text.count("<") == 1
    assert sorted(found) == sorted(HYPOTHESES)
    for row in HYPOTHESES:
        name = row.split(" | ")[1]
        assert f"[{name}" in THEOREM, name


def test_verdicts_carry_the_arguments_they_rest_on_first():
    spurious = theorems.decide_critical(facts_of(2))
    assert isinstance(spurious, outcome.SpuriousMinimum)
    assert titles(spurious) == [
        "Theorem C",
        "Theorem E",
        "Lemma 2",
        "Lemma 1",
        "Theorem D",
        "Theorem 18.V",
        "Safran & Shamir (5)",
    ]
    local = theorems.decide_critical(facts_of(2, targets=[arb(1)] * 2))
    assert (type(local), titles(local)) == (outcome.LocalMinimum, MINIMUM)
    best = theorems.decide_critical(facts_of(2, to_global=arb(0)))
    assert isinstance(best, outcome.GlobalMinimum)
    assert titles(best) == [
        "Theorem C",
        "Theorem E",
        "Global minimum",
        "Lemma 1",
        "Theorem D",
        "Theorem 18.V",
    ]
    saddle = theorems.decide_critical(facts_of(-2))
    assert (type(saddle), titles(saddle)) == (outcome.StrictSaddle, ["Theorem C", "Theorem E"])
    away = theorems.decide_not_critical(facts_of(2, gradient=arb(1)))
    assert (type(away), titles(away)) == (outcome.NotCritical, ["Not critical"])


@pytest.mark.parametrize(
    ("eigenvalue", "changes", "failed", "order"),
    [
        (2, {"objective": arb(0)}, "L2.2", ["Lemma 2", *MINIMUM, "Safran & Shamir (5)"]),
        (2, {"correction": arb(1)}, "E.3", ["Theorem C", "Theorem E", "Lemma 1"]),
        (2, {"correction": arb(9)}, "E.2", ["Theorem C", "Theorem E", "Lemma 1"]),
    ],
)
def test_an_undecided_point_names_the_first_hypothesis_that_fails(eigenvalue, changes, failed, order):
    facts_ = facts_of(eigenvalue, **changes)
    verdict = theorems.decide_critical(facts_)
    assert isinstance(verdict, outcome.Inconclusive)
    assert titles(verdict) == order
    assert verdict.failed.name == failed
    assert not verdict.failed.proved
    text = next(row.split(" | ")[2] for row in HYPOTHESES if f"| {failed} |" in row)
    assert verdict.reason == f"{failed} not proved: {text}"
    assert 2 <= float(verdict.bounds.lambda_max) < 2 + 1e-12


def test_a_minimum_without_lemma_1_is_undecided_where_lemma_1_is_demanded():
    facts_ = facts_of(2, gradient=arb(3))
    assert theorems.decide_critical(facts_).proved
    verdict = theorems.decide_critical(facts_, lemma_1_only=True)
    assert titles(verdict) == ["Lemma 1", "Theorem C", "Theorem E"]
    assert 2 <= float(verdict.bounds.lambda_max) < 2 + 1e-12
    assert verdict.reason == "L1.2 not proved: 25 L eps <= 9 lambda_min^2"
    assert theorems.decide_critical(facts_of(2), lemma_1_only=True).proved


def test_an_eigenvalue_of_unknown_sign_is_the_reason():
    facts_ = facts_of(2)
    flat = facts_.spectrum._replace(values=(arb(0, 1),))
    verdict = theorems.decide_critical(facts_._replace(spectrum=flat))
    assert verdict.reason == "C.1 not proved: 0 < min |lambda_i|"
    assert verdict.bounds.inertia is None


def test_a_point_that_may_be_critical_says_what_was_not_proved():
    verdict = theorems.decide_not_critical(facts_of(2, gradient=arb(0.5)))
    assert titles(verdict) == ["Not critical"]
    assert verdict.reason == "N.1 not proved: (|lambda|_max + L rho / 2) rho < |grad F(W)|"
    assert verdict.failed == verdict.arguments[0].hypotheses[0]
    assert verdict.bounds.exclusion is None
    nothing = outcome.undecided(bounds=verdict.bounds)
    assert (nothing.reason, nothing.failed) == ("nothing is proved", None)


def test_outcomes_print_what_is_known_and_nothing_else():
    text = str(theorems.decide_critical(facts_of(2)))
    assert text.startswith("spurious-minimum:\n  objective = (")
    assert "\n  domain = 0.25" in text
    assert "exclusion" not in text
    assert str(outcome.Inconclusive(None, (), "a reason")) == "inconclusive:"


def test_refusals_say_why():
    one = spectrum.Eigen([[1.0]], [1.0])
    unit = BallMatrix([[arb(1)]])
    for reason, refused in (
        ("a vector is not proved to differ from 0", lambda: arccos.vector([arb(0)])),
        ("square root of a negative number", lambda: ball.root(arb(-1))),
        ("inf is not a finite number", lambda: ball.exact_float(float("inf"))),
        ("not an exact finite number", lambda: ball.to_dyadic(arb(1, 1))),
        (
            "the radius is not proved to be nonnegative and to keep every neuron off the origin",
            lambda: lipschitz.theorem_b([arb(1)], [arb(1)], arb(1)),
        ),
        (
            "Safran & Shamir's constant L_A is not valid for a single neuron",
            lambda: lipschitz.safran_shamir([arb(1)], [arb(1)], arb(0)),
        ),
        (
            "the approximate eigenvalues are not in ascending order",
            lambda: spectrum.spectrum(BallMatrix(2, 2), spectrum.Eigen([[1.0, 0.0], [0.0, 1.0]], [2.0, 1.0])),
        ),
        (
            "the approximate eigenvectors are not proved to be independent",
            lambda: spectrum.spectrum(unit, one._replace(vectors=[[2.0]])),
        ),
    ):
        with pytest.raises(NotProved) as refusal:
            refused()
        assert str(refusal.value) == reason
    with pytest.raises(ValueError, match=r"^the eigendecomposition is not that of a matrix of size 1$"):
        spectrum.spectrum(unit, one._replace(values=[1.0, 2.0]))
    with pytest.raises(ValueError, match=r"^precision must be at least 32 bits, not 31$"), ball.precision(31):
        pass


# --- the numbers that go with the words -------------------------------------------------------------

SIDES = [  # by hand, from docs/theorem/teacher.md
    (newton.lemma_1, (5, 4, 1, 8), [(0, 5), (100, 225), (None, 8)]),
    (newton.theorem_e, (0.5, 1, 0.0625, 2, 3), [(0.5, 1), (0.25, 0.25), (None, 3)]),
    (newton.theorem_e, (0.25, 1, 0.25, 1, 3), [(0.25, 1), (0.5, 0.5625), (0.5, 3)]),
    (newton.lemma_2, (3, 5, 7, 11, 0.5), [(5.5, 7), (2.5, 3)]),
    (theorems.global_minimum, (2, 3), [(2, 3)]),
    (newton.not_critical, (9, 2, 4, 0.5), [(1.5, 9)]),
]


@pytest.mark.parametrize(("function", "numbers", "sides"), SIDES)
def test_the_sides_of_a_hypothesis_are_what_its_text_says(function, numbers, sides):
    result = function(*map(arb, numbers))
    argument = result if isinstance(result, outcome.Argument) else result[0]
    for h, pair in zip(argument.hypotheses, sides, strict=True):
        for side, expected in zip((h.left, h.right), pair, strict=True):
            assert expected is None or abs(float(side) - expected) < 1e-12
    assert argument.holds == all(h.proved for h in argument.hypotheses)


@pytest.mark.parametrize(("domain", "reach"), [(1, 0.75), (100, 2.5)])
def test_theorem_d_takes_a_ball_a_little_smaller_than_it_may(domain, reach):
    """r = 1/4, L = 4, spectrum in [6, 9]: least 5, most 10; R is min(alpha - r, 2 least/L) (1 - 2^-10)."""
    argument, basin, step = newton.theorem_d(arb(6), arb(9), arb(4), arb(0.25), arb(domain))
    reach *= 1 - 2**-10
    first, second, third = ((float(h.left), float(h.right)) for h in argument.hypotheses)
    assert (first, second, third) == ((0.25, reach), (reach + 0.25, domain), (2 * reach, 5))
    assert float(basin) == reach - 0.25
    assert 0 <= 2 / (10 + 2 * reach) - float(step) < 1e-12
    assert argument.holds


def test_a_verdict_carries_the_numbers_of_its_arguments():
    facts_ = facts_of(2, gradient=arb(0.0625), correction=arb(0.03125))
    flat = facts_.spectrum
    low, high = ball.lower(flat.values[0]), ball.upper(flat.values[-1])
    _, r, unique = newton.theorem_e(flat.inverse.error, flat.inverse.size, *facts_[5:7], facts_.domain)
    _, first = newton.lemma_1(low, facts_.gradient, facts_.lipschitz, facts_.domain)
    _, reach, step = newton.theorem_d(low, high, facts_.lipschitz, r, facts_.domain)
    bounds = theorems.decide_critical(facts_).bounds
    assert r < first
    assert (bounds.radius, bounds.uniqueness, bounds.radius_lemma_1) == (r, unique, first)
    assert (bounds.basin, bounds.step) == (reach, step)
    near = theorems.decide_critical(facts_._replace(correction=arb(0.125))).bounds
    assert (near.radius, near.radius_lemma_1) == (first, first)
    for decide in (facts_of(-2, correction=arb(0.125)), facts_of(2, gradient=arb(3), correction=arb(0.125))):
        bounds = theorems.decide_critical(decide).bounds
        assert (bounds.radius > 0.125, bounds.uniqueness, bounds.radius_lemma_1) == (True, arb(0.25), None)
    small = theorems.decide_critical(facts_of(2, correction=arb(0.2)))
    assert small.proved
    assert theorems.decide_critical(facts_of(2, gradient=arb(0.3), correction=arb(0.2))).bounds.basin is None


def test_the_objective_is_that_of_a_convex_function_only_where_it_is_convex():
    """L r > lambda_min: then F(W*) may differ from F(W) as much as Taylor's formula says."""
    facts_ = facts_of(2, gradient=arb(0.5), correction=arb(0.125), targets=[arb(1)] * 2, lipschitz=arb(2))
    convex = theorems.decide_critical(facts_).bounds
    assert convex.objective[1] == 1
    assert convex.objective[0] <= 1 - 0.5 * 0.125
    flat = facts_.spectrum._replace(values=(arb(0.125),))
    rough = theorems.decide_critical(facts_._replace(spectrum=flat))
    assert isinstance(rough, outcome.LocalMinimum)
    assert rough.bounds.objective[1] > 1


def test_a_radius_that_is_not_known_is_undefined():
    for load in (arb("inf"), arb(0, "inf"), arb.nan()):
        assert newton.lemma_1(arb(5), load, arb(1), arb(8))[1].is_nan()
        assert newton.theorem_e(arb(0), arb(1), load, arb(1), arb(8))[1].is_nan()
    assert newton._finite(arb("inf")).is_nan()
    assert newton._finite(arb(0, "inf")).is_nan()
    assert float(newton._finite(arb(2))) == 2


# --- what does not fit together is refused -----------------------------------------------------------


def test_vectors_of_different_dimension_have_no_angle_and_no_distance():
    short, long = [(1, 0)], [(1, 0), (1, 0)]
    a, b = (arccos.vector([ball.exact(x) for x in row]) for row in (short, long))
    for w, v in ((a, b), (b, a)):
        with pytest.raises(ValueError, match="zip"):
            arccos.between(w, v)
    for point, other in (
        ([short], [long]),
        ([long], [short]),
        ([short], [short] * 2),
        ([short] * 2, [short]),
    ):
        with pytest.raises(ValueError, match="zip"):
            loss.distance(point, other)


def test_a_geometry_that_does_not_fit_together_has_no_gradient_and_no_distance():
    """`geometry` makes no such thing."""
    (w,), (v,) = (loss.geometry([row], [row]).neurons for row in ([(1, 0)], [(1, 0), (1, 0)]))
    odd = loss.Geometry((w,), (v,), ((None, arccos.between(w, w)),), (1, -1), None)
    with pytest.raises(ValueError, match="zip"):
        loss.gradient(odd)
    with pytest.raises(ValueError, match="zip"):
        facts.measure(
            facts.Enclosure(odd, [arb(1)], *3 * [BallMatrix([[arb(1)]])]), spectrum.Eigen([[1.0]], [1.0]), [0]
        )


@pytest.mark.parametrize("n", [1, 2])
def test_paper_s_constant_is_reported_beside_the_other_where_it_is_valid(n):
    rows = [[(1, 0), (i, 0)] for i in range(n)]
    eigen = spectrum.Eigen([[float(i == j) for j in range(2 * n)] for i in range(2 * n)], [1.0] * (2 * n))
    with ball.precision(64):
        plain = facts.measure(facts.enclose(rows, rows[:1]), eigen, None)
        assert not plain.lipschitz.is_finite()  # nothing is proved before the ball is chosen
        assert not plain.domain.is_finite()
        assert plain.lipschitz_safran_shamir is None
        assert not theorems.decide_not_critical(plain).proved
        at = facts.on_ball(plain, "simple", arb(0.25))
        assert float(at.domain) == 0.25
        assert at.lipschitz == lipschitz.theorem_b(plain.neurons, plain.targets, arb(0.25))
        if n == 1:
            assert at.lipschitz_safran_shamir is None
            with pytest.raises(NotProved):
                facts.on_ball(plain, "paper", arb(0.25))
            return
        with pytest.raises(NotProved, match="other constants"):
            facts.on_ball(plain, "sharp", arb(0.25))
        paper = lipschitz.safran_shamir(plain.neurons, plain.targets, arb(0.25))
        assert at.lipschitz_safran_shamir == paper
        assert facts.on_ball(plain, "paper", arb(0.25)).lipschitz == paper
        assert theorems.decide_not_critical(at).bounds.lipschitz_safran_shamir == paper
