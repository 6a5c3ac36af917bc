"""What points of losses are: the examples that are known, and all that can be in the way of a proof."""

import json
import time
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import minimize

import expression_cases as cases
from relucert.base.dyadic import DOWN, from_float, to_float
from relucert.base.errors import InputError
from relucert.families.expression import prove, record, search, statement, words
from relucert.families.expression.candidate import ExpressionCandidate
from relucert.families.expression.graph import Builder
from relucert.families.expression.prove import verify_point
from relucert.families.printing import unloosened
from relucert.kernel import ball
from relucert.kernel.expression import enclose

HALF = Fraction(1, 2)
PAGE = Path(__file__).parents[3] / "docs" / "families" / "expression.md"


def exact(point):
    return tuple(from_float(float(x)) for x in point)


def verify(graph, point, witness=None, **options):
    lowest = None if witness is None else exact(witness)
    return verify_point(ExpressionCandidate(graph, exact(point), None, lowest), **options)


def descended(graph, seed):
    of = search.float_loss(graph)
    start = np.random.default_rng(seed).standard_normal(graph.parameters) * 1.5
    return minimize(lambda x: search.value_and_gradient(of, x), start, jac=True, options={"gtol": 1e-8}).x


def polynomial(text):
    """Losses of x and y, by name."""
    build = Builder()
    x, y = build.add("param", 0), build.add("param", 1)
    one, plus, minus = build.add("const", Fraction(1)), "add", "sub"
    make = {
        "cup": lambda: build.dot([x, y], [x, y]),
        "double well": lambda: build.add(
            plus, build.add("square", build.add(minus, build.add("square", x), one)), build.add("square", y)
        ),
        "valley": lambda: build.add("square", build.add(minus, build.add("mul", x, y), one)),
        "ramp": lambda: build.sum([x, build.add("exp", y)]),
        "kink": lambda: build.sum([build.add("square", x), build.add("relu", y), build.add("square", y)]),
        "logarithm": lambda: build.add(plus, build.add("log", x), build.add("square", y)),
    }
    return build.graph(make[text](), 2)


def tilted():
    build = Builder()
    x = build.add("param", 0)
    well = build.add("square", build.add("sub", build.add("square", x), build.add("const", Fraction(1))))
    return build.graph(build.add("add", well, build.add("mul", x, build.add("const", Fraction(1, 4)))), 1)


@pytest.mark.parametrize(
    ("activation", "seed", "value", "verdict"),
    [
        ("tanh", 0, "0.0241343", "local-minimum"),
        ("tanh", 2, "0.27903", "spurious-minimum"),
        ("softplus", 0, "0.0326701", "local-minimum"),
        ("softplus", 1, "0.0493217", "spurious-minimum"),
    ],
)
def test_both_minima_of_xor_networks_are_proved(activation, seed, value, verdict):
    graph = cases.network((2, 2), activation, cases.XOR, Fraction(1, 256))
    point = descended(graph, seed)
    result = verify(graph, point, witness=descended(graph, 0) if seed else None)
    assert (result.verdict, result.note) == (verdict, "")
    bounds = result.outcome.bounds
    assert unloosened(bounds.objective[0], DOWN).startswith(value)
    assert float(bounds.box) > 2e-5 and float(bounds.basin) > 2e-5 and float(bounds.barrier) > 1e-13
    assert float(bounds.convexity) <= float(bounds.lambda_min[0]) < float(bounds.smoothness)


def test_a_witness_is_found():
    graph = tilted()
    result = verify(graph, [0.93], find_witness=True)
    assert result.verdict == "spurious-minimum" and to_float(result.candidate.witness[0]) < -0.9
    assert float(result.outcome.bounds.gap) == pytest.approx(0.4990, abs=1e-3)
    lower = verify(graph, [-1.03], find_witness=True)
    assert (lower.verdict, lower.note) == ("local-minimum", "no point of lower loss was found")


def test_a_witness_that_is_not_lower_leaves_a_local_minimum_and_a_note():
    result = verify(tilted(), [0.93], witness=[0.9])
    assert result.verdict == "local-minimum" and "not proved to have a lower loss" in result.note
    assert "note: the witness" in record.summary(result)


def test_a_quadratic_has_a_box_as_large_as_boxes_get():
    result = verify(polynomial("cup"), [0, 0])
    bounds = result.outcome.bounds
    assert (
        result.verdict == "local-minimum" and float(bounds.box) >= 2**19 and 0 < float(bounds.radius) < 1e-29
    )
    assert [float(x) for x in bounds.lambda_min] == pytest.approx([2, 2])
    assert -1e-29 < float(bounds.objective[0]) < 0 < float(bounds.objective[1]) < 1e-29
    evidence = statement.statement(result, {})["evidence"]
    (constant,) = (x for part in evidence for x in part["inequalities"] if x["step"] == "H.1")
    assert constant["left"]["exact"] == ["0", 0]  # the Hessian is the same at all points


def test_a_saddle_has_a_direction():
    result = verify(polynomial("double well"), [0.01, 0.0])
    assert result.verdict == "strict-saddle" and result.outcome.bounds.inertia == (1, 1)
    assert abs(to_float(result.direction[0])) == pytest.approx(1) and to_float(result.direction[1]) == 0
    assert -4 < float(result.outcome.bounds.curvature) < -1
    assert result.moved is not None and "Newton steps" in record.summary(result)


def test_raw_claims_the_very_point():
    result = verify(polynomial("double well"), [0.001, 0.0], raw=True)
    assert result.verdict == "strict-saddle" and result.moved is None
    assert to_float(result.candidate.point[0]) == 0.001 and float(result.outcome.bounds.radius) >= 0.001


def test_a_point_on_a_slope_is_not_critical():
    result = verify(polynomial("ramp"), [0.0, 0.0])
    assert result.verdict == "not-critical"
    assert float(result.outcome.bounds.exclusion) > 1e-3
    assert float(result.outcome.bounds.gradient) == pytest.approx(2**0.5)
    assert "no critical point with all entries within" in record.summary(result)
    near = verify(polynomial("double well"), [0.75, 0.0], raw=True)
    assert near.verdict == "not-critical" and float(near.outcome.bounds.exclusion) < 0.25


def test_a_continuum_of_minima_is_inconclusive_and_says_what_helps():
    result = verify(polynomial("valley"), [1.0, 1.0])
    assert result.verdict == "inconclusive" and "constraints or fixed parameters" in result.outcome.reason


def test_a_fixed_parameter_removes_it():
    result = verify(polynomial("valley").fixed({1: Fraction(2)}), [0.5])
    assert result.verdict == "local-minimum" and float(result.outcome.bounds.radius) < 1e-29


def test_kinks_are_allowed_where_they_are_far_and_named_where_they_are_not():
    graph = polynomial("kink")
    assert verify(graph, [0.0, -0.0]).verdict == "inconclusive"
    reason = verify(graph, [0.0, 0.0]).outcome.reason
    assert (
        "the argument of relu may be 0, at node" in reason and "relu(x[1])" in reason and "smooth" in reason
    )
    build = Builder()
    x = build.add("param", 0)
    shifted = build.add("relu", build.add("add", x, build.add("const", Fraction(1))))
    near = build.graph(build.add("square", build.add("sub", shifted, build.add("const", HALF))), 1)
    result = verify(near, [-0.5])
    assert result.verdict == "local-minimum" and 0.3 < float(result.outcome.bounds.box) < 0.5


def test_a_domain_is_kept_and_its_edge_named():
    reason = verify(polynomial("logarithm"), [-1.0, 0.0]).outcome.reason
    assert "the argument of log is not proved to be positive, at node" in reason and "log(x[0])" in reason


def test_a_row_of_data_is_named():
    build = Builder()
    x, data = build.add("param", 0), build.add("input", 0)
    graph = build.graph(build.add("abs", build.add("sub", x, data)), 1, data=[[Fraction(3)], [Fraction(2)]])
    assert "row 1 of the data" in verify(graph, [2.0]).outcome.reason


def test_minima_and_saddles_on_a_circle():
    build = Builder()
    x, y = build.add("param", 0), build.add("param", 1)
    circle = build.add("sub", build.dot([x, y], [x, y]), build.add("const", Fraction(1)))
    graph = build.graph(build.add("add", x, build.add("square", y)), 2, constraints=[circle])
    low = verify(graph, [-1.0, 0.0])
    assert low.verdict == "local-minimum" and low.outcome.bounds.inertia == (0, 1)
    assert to_float(low.candidate.multipliers[0]) == 0.5 and low.outcome.bounds.lambda_min is None
    assert [float(v) for v in low.outcome.bounds.objective] == [-1, -1]
    top = verify(graph, [0.5 + 2.0**-30, 0.8660254])
    assert top.verdict == "strict-saddle" and top.outcome.bounds.inertia == (1, 0) and top.direction is None
    assert verify(graph, [0.9, 0.3], raw=True).verdict == "inconclusive"
    with pytest.raises(InputError, match="says nothing of a minimum under constraints"):
        verify(graph, [-1.0, 0.0], witness=[0, 0])
    sentence = words.words(statement.statement(low, {})["claim"])[0]
    assert "1 constraint h vanishes" in sentence and "Nothing is said of F off the set" in sentence
    said = record.summary(low)
    assert "along the set where the constraints vanish" in said and "its multipliers, together" in said


@pytest.mark.parametrize(
    "options", [{"max_precision": 32}, {"max_precision": 10**6}, {"exclusion": 0}, {"exclusion": 1}]
)
def test_options_out_of_range_are_refused(options):
    with pytest.raises(InputError, match="must be"):
        verify(polynomial("cup"), [0, 0], **options)


def test_a_point_of_the_wrong_length_is_refused():
    with pytest.raises(InputError, match="the point has 3 entries; the loss has 2 parameters"):
        verify(polynomial("cup"), [0, 0, 0])


@pytest.mark.parametrize("operation", ["square", "exp", "mul", "powi"])
def test_a_bomb_is_answered_at_once(operation):
    build = Builder()
    at = build.add("add", build.add("param", 0), build.add("const", Fraction(3)))
    for _ in range(15_000):
        at = build.add(operation, at, *{"mul": (at,), "powi": (1000,)}.get(operation, ()))
    graph = build.graph(at, 1)
    started = time.perf_counter()
    result = verify(graph, [0.0])
    assert result.verdict == "inconclusive" and "2^4096" in result.outcome.reason
    assert time.perf_counter() - started < 5  # of this machine, which may be busy


@pytest.mark.parametrize("operation", ["square", "mul", "powi"])
def test_numbers_that_vanish_are_no_bomb_either(operation):
    """Their exponents would double with every node; all that is told of them is that they are small."""
    build = Builder()
    at = build.add("param", 0)
    for _ in range(300):
        at = build.add(operation, at, *{"mul": (at,), "powi": (1000,)}.get(operation, ()))
    graph, small = build.graph(at, 1), [ball.exact((1, e)) for e in (-65537, -65530)]
    assert verify(graph, [0.5]).verdict == "inconclusive"
    with ball.precision(64):
        found = enclose.hessian(prove.kernel_loss(graph), [ball.exact((1, -1))], [])
    for x in (found.value, found.gradient[0], found.hessian[0, 0]):
        assert x.contains(0) and x.contains(small[0]) and ball.proves_lt(abs(x), small[1])


@pytest.mark.parametrize("frequency", [1, 10**6, 10**24])
def test_boxes_are_found_whatever_the_scale(frequency):
    build = Builder()
    wave = build.add("cos", build.add("mul", build.add("param", 0), build.add("const", Fraction(frequency))))
    result = verify(build.graph(build.add("neg", wave), 1), [0.0])
    assert result.verdict == "local-minimum" and 0.2 < float(result.outcome.bounds.box) * frequency < 1.6


def test_a_point_is_not_moved_far():
    huge = verify_point(ExpressionCandidate(polynomial("cup"), ((1, 1000), (0, 0))))
    assert huge.verdict == "local-minimum" and huge.moved is None  # a quadratic has no end


def test_infinities_of_floats_stop_nothing():
    big = Builder()
    x = big.add("param", 0)
    graph = big.graph(big.add("mul", big.add("square", x), big.add("const", Fraction(10**390))), 1)
    assert verify(graph, [0.5]).verdict in ("inconclusive", "not-critical")
    assert search.find_lower(graph, np.zeros(1), 1.0) is None


def test_statements_are_json_with_the_loss_in_its_one_form():
    graph = cases.network((2, 2), "tanh", cases.XOR, Fraction(1, 256))
    result = verify(graph, descended(graph, 0))
    made = statement.statement(result, {"relucert": "0"})
    claim = json.loads(json.dumps(made["claim"]))
    assert claim["problem"]["loss"] == graph.as_json() and claim["verdict"] == "local-minimum"
    assert set(claim["bounds"]) == {
        "gradient", "existence_radius", "box", "inertia", "objective", "lambda_min", "convexity", "smoothness",
        "basin", "step", "barrier", "infimum_min",
    }  # fmt: skip
    assert [a["theorem"] for a in made["evidence"]] == [f"Theorem 17.{x}" for x in ("H", "B", "P", "I")]
    sentence, facts = words.words(claim)
    assert "9 parameters" in sentence and "at least 8 different" in sentence and len(facts) == 7 + 3
    assert "4 rows of data" in sentence and words.images(3, 8) in sentence
    assert record.record(result)["images"] == 8 and words.images(3, 8) in record.summary(result)
    assert words.images(3, 8) in PAGE.read_text()


def test_claimed_numbers_fit_together():
    """What a checker computes from claimed numbers: step 7 of the format."""
    graph = cases.network((2, 2), "softplus", cases.XOR, Fraction(1, 256))
    for raw in (False, True):
        result = verify(graph, descended(graph, 0), raw=raw)
        bounds = statement.statement(result, {})["claim"]["bounds"]
        b = {
            k: Fraction(int(v["exact"][0])) * Fraction(2) ** v["exact"][1]
            for k, v in bounds.items()
            if isinstance(v, dict) and "exact" in v
        }
        assert b["basin"] + 2 * b["existence_radius"] <= b["box"]
        assert b["step"] <= 2 / b["smoothness"]
        assert b["barrier"] <= b["convexity"] * (b["box"] - b["existence_radius"]) ** 2 / 2


@pytest.mark.parametrize("seed", range(4))
def test_floats_agree_with_balls(seed):
    graph, at = cases.random_graph(seed, 50)
    value, slope = search.value_and_gradient(search.float_loss(graph), np.array(at))
    with ball.precision(64):
        found = enclose.gradient(prove.kernel_loss(graph), [ball.exact_float(x) for x in at], [])
    assert value == pytest.approx(float(found.value))
    assert slope.tolist() == pytest.approx([float(x) for x in found.gradient], rel=1e-6, abs=1e-9)
