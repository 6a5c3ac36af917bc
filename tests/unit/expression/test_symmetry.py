"""Symmetries of losses: proved, refused, found for the user, and what is said of orbits."""

import json
from fractions import Fraction as Q
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import minimize
from typer.testing import CliRunner

import expression_examples
import relucert as rc
from relucert.base.dyadic import from_float
from relucert.base.errors import InputError
from relucert.cli import app
from relucert.families.expression import detect, flows, gauge, generators, record, statement, words
from relucert.families.expression.candidate import ExpressionCandidate, kernel_loss
from relucert.families.expression.graph import Builder
from relucert.families.expression.prove import verify_point
from relucert.kernel import ball
from relucert.kernel.ball import BallMatrix
from relucert.kernel.expression import decide, invariance
from relucert.kernel.expression.invariance import Generator, NotInvariant

STORED = Path(__file__).parents[3] / "certificates" / "expression"
DATA, LABELS = [[1, 2], [3, -1], [0, 1]], [1, 0, 2]
TURN = Generator(((0, 1, Q(-1)), (1, 0, Q(1))))


def scaling(*weights):
    return Generator(tuple((i, i, Q(w)) for i, w in enumerate(weights) if w))


def made(write, parameters=2):
    """A loss of x and y, or of more parameters."""
    build = Builder()
    x = [build.add("param", i) for i in range(parameters)]
    return build.graph(write(build, *x), parameters)


def invariant(graph, *given):
    try:
        invariance.prove(kernel_loss(graph), given)
    except NotInvariant:
        return False
    return True


def const(build, q):
    return build.add("const", Q(q))


@pytest.mark.parametrize("weights, holds", [
    ((1, 1, 0, 0, 1, 0, -1, 0), True), ((0, 0, 2, 2, 0, 2, 0, -2), True), ((1, 1, 0, 0, 1, 0, 0, 0), False),
    ((1, 1, 0, 0, 1, 0, 1, 0), False), ((1, 1, 0, 0, 0, 0, -1, 0), False), ((1, 0, 0, 0, 1, 0, -1, 0), False),
    ((1, 1, 0, 0, 1, 0, Q("-99/100"), 0), False),
])  # fmt: skip
def test_scales_of_relu_units(weights, holds):
    graph = rc.losses.mlp(DATA, LABELS, [2], "relu").fixed({8: 0}).graph
    assert invariant(graph, scaling(*weights)) == holds
    ridge = rc.losses.mlp(DATA, LABELS, [2], "relu", ridge=Q(1, 4)).fixed({8: 0}).graph
    assert not invariant(ridge, scaling(*weights))
    assert not invariant(rc.losses.mlp(DATA, LABELS, [2], "tanh").fixed({8: 0}).graph, scaling(*weights))


CASES = {  # of x and y: a loss, a generator, whether it is invariant
    "relu": (lambda b, x, y: b.add("mul", b.add("relu", x), y), scaling(1, -1), True),
    "abs": (lambda b, x, y: b.add("mul", b.add("abs", x), y), scaling(1, -1), True),
    "sqrt": (lambda b, x, y: b.add("mul", b.add("sqrt", x), y), scaling(2, -1), True),
    "sqrt, wrong": (lambda b, x, y: b.add("mul", b.add("sqrt", x), y), scaling(1, -1), False),
    "power": (lambda b, x, y: b.add("mul", b.add("powi", b.add("relu", x), -3), y), scaling(1, 3), True),
    "power, wrong": (lambda b, x, y: b.add("mul", b.add("powi", b.add("relu", x), -3), y), scaling(1, 2), False),
    "square": (lambda b, x, y: b.add("mul", b.add("square", b.add("abs", x)), y), scaling(1, -2), True),
    "quotient": (lambda b, x, y: b.add("exp", b.add("div", x, y)), scaling(3, 3), True),
    "quotient, wrong": (lambda b, x, y: b.add("exp", b.add("div", x, y)), scaling(3, 2), False),
    "logarithm": (lambda b, x, y: b.add("add", b.add("log", x), b.add("log", y)), scaling(1, -1), False),
    "max": (lambda b, x, y: b.add("div", b.add("max", x, y), y), scaling(1, 1), True),
    "max, wrong": (lambda b, x, y: b.add("mul", b.add("max", x, y), y), scaling(1, -1), False),
    "max with 0": (
        lambda b, x, y: b.add("mul", b.add("max", x, b.add("sub", y, y)), y), scaling(1, -1), True,
    ),
    "max with 1": (lambda b, x, y: b.add("mul", b.add("max", x, const(b, 1)), y), scaling(1, -1), False),
    "sum of degrees": (lambda b, x, y: b.add("tanh", b.add("add", b.add("relu", x), y)), scaling(1, 2), False),
    "dot": (lambda b, x, y: b.add("tanh", b.dot([b.add("relu", x), b.add("relu", y)], [y, x])), scaling(1, -1), True),
    "rotation": (lambda b, x, y: b.add("exp", b.dot([x, y], [x, y])), TURN, True),
    "not round": (lambda b, x, y: b.add("exp", b.dot([x, y], [x, b.add("mul", const(b, "1.001"), y)])), TURN, False),
    "boost": (
        lambda b, x, y: b.add("cos", b.add("sub", b.add("square", x), b.add("square", y))),
        Generator(((0, 1, Q(1)), (1, 0, Q(1)))), True,
    ),
    "translation": (
        lambda b, x, y: b.add("tanh", b.add("sub", x, y)), Generator((), ((0, Q(1)), (1, Q(1)))), True,
    ),
    "translation, multiplied out": (
        lambda b, x, y: b.add(
            "tanh", b.sum([b.add("square", x), b.add("mul", const(b, -2), b.add("mul", x, y)), b.add("square", y)])
        ),
        Generator((), ((0, Q(1)), (1, Q(1)))), True,
    ),
    "translation with a sign": (
        lambda b, x, y: b.add("tanh", b.add("add", b.add("neg", x), y)),
        Generator((), ((0, Q(1)), (1, Q(1)))), True,
    ),
    "translation, wrong": (
        lambda b, x, y: b.add("tanh", b.add("sub", x, y)), Generator((), ((0, Q(1)), (1, Q(2)))), False,
    ),
    "square about a centre": (
        lambda b, x, y: b.add("square", b.add("sub", b.add("square", b.add("sub", x, const(b, 1))), y)),
        Generator(((0, 0, Q(1)), (1, 1, Q(2))), ((0, Q(-1)),)), False,  # of degree 4, not 0
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_rules_of_degrees(name):
    write, generator, holds = CASES[name]
    assert invariant(made(write), generator) == holds


def test_the_regulariser_has_to_be_invariant():
    build = Builder()
    x, y = (build.add("param", i) for i in range(2))
    output, data = build.add("mul", build.add("mul", x, y), build.add("input", 0)), [[Q(1)], [Q(2)]]
    plain = build.graph(output, 2, data=data)
    more = build.graph(output, 2, data=data, regulariser=build.add("square", x))
    assert invariant(plain, scaling(1, -1)) and not invariant(more, scaling(1, -1))


def test_inputs_do_not_move():
    build = Builder()
    x, y = (build.add("param", i) for i in range(2))
    inside = build.sum([x, build.add("neg", y), build.add("input", 0)])
    graph = build.graph(build.add("tanh", inside), 2, data=[[Q(1)], [Q(2)]])
    assert invariant(graph, Generator((), ((0, Q(1)), (1, Q(1)))))


def test_a_valley_along_a_translation():
    build = Builder()
    x, y = (build.add("param", i) for i in range(2))
    graph = build.graph(build.add("square", build.add("sub", x, y)), 2, constraints=[y])
    shift = Generator((), ((0, Q(1)), (1, Q(1))))
    found = verify_point(candidate(graph, [0, 0], [shift]))
    assert found.verdict == "local-minimum" and found.outcome.bounds.inertia == (0, 1)


def test_a_witness_needs_a_symmetry():
    """Under constraints alone a lower point may be anywhere."""
    build = Builder()
    x, y = (build.add("param", i) for i in range(2))
    graph = build.graph(build.add("add", build.add("square", x), y), 2, constraints=[y])
    minimum = verify_point(candidate(graph, [0, 0], []))
    assert minimum.verdict == "local-minimum"
    said = decide.with_witness(kernel_loss(graph), minimum.outcome, [ball.exact((0, 0)), ball.exact((-1, 0))])
    assert said.verdict == "inconclusive"


def test_numbers_that_grow_without_limit_have_no_degree():
    def tower(build, x, y):
        at = build.add("abs", x)
        for _ in range(3_000):
            at = build.add("powi", at, 1000)
        return build.add("add", at, build.add("mul", const(build, 0), y))

    assert not invariant(made(tower), scaling(1, 0))
    assert gauge.moving(ExpressionCandidate(made(tower), (from_float(1.0),) * 2)) == []


@pytest.mark.parametrize("generator", [
    Generator(()), Generator(((0, 2, Q(1)),)), Generator(((1, 0, Q(1)), (0, 1, Q(1)))), Generator(((0, 0, Q(0)),)),
    Generator(((0, 0, Q(1)), (0, 0, Q(1)))), Generator((), ((-1, Q(1)),)),
])  # fmt: skip
def test_malformed_generators(generator):
    with pytest.raises(ValueError):
        invariance.prove(kernel_loss(made(lambda b, x, y: b.add("mul", x, y))), [generator])


def candidate(graph, point, symmetry, witness=None):
    vectors = [None if v is None else tuple(from_float(float(x)) for x in v) for v in (point, witness)]
    return ExpressionCandidate(graph, vectors[0], None, vectors[1], tuple(symmetry))


def ring(constraint):
    """(x^2 + y^2 - 1)^2 with a constraint on x and y."""
    build = Builder()
    x, y = (build.add("param", i) for i in range(2))
    loss = build.add("square", build.add("sub", build.dot([x, y], [x, y]), const(build, 1)))
    return build.graph(loss, 2, constraints=[constraint(build, x, y)])


def test_a_ring_of_minima():
    found = verify_point(candidate(ring(lambda b, x, y: y), [1, 0], [TURN]))
    assert found.verdict == "local-minimum" and found.outcome.symmetry == (TURN,)
    assert words.heading(statement.statement(found, {})["claim"]) == "orbit of local minima"
    assert found.outcome.bounds.inertia == (0, 1)
    assert "strict" not in record.summary(found)
    claim = statement.statement(found, {})["claim"]
    assert claim["symmetry"] == [{"matrix": [[0, 1, "-1"], [1, 0, "1"]]}]
    sentence, facts = words.words(claim)
    assert "strict" not in sentence and "orbit" in sentence
    assert (
        "eigenvalues of the Hessian of F on the orbit",
        "0 negative, 1 positive, 1 zero, along the orbit",
    ) in facts
    assert dict(facts)["F, at every point where it is defined"] == ">= 0"


def test_a_generator_of_another_loss_is_refused_with_the_node():
    found = verify_point(candidate(ring(lambda b, x, y: y), [1, 0], [scaling(1, -1)]))
    assert found.verdict == "inconclusive"
    assert "scaling: x[0] times t; x[1] times t^-1, for every t > 0" in found.outcome.reason


def test_a_field_that_is_0_at_the_point_cuts_nothing():
    build = Builder()
    x, y = (build.add("param", i) for i in range(2))
    graph = build.graph(build.dot([x, y], [x, y]), 2, constraints=[x])
    found = verify_point(candidate(graph, [0, 0], [TURN]))
    assert found.verdict == "inconclusive" and "do not cut the orbit" in found.outcome.reason
    on_line = verify_point(candidate(graph, [0, 0], []))
    assert on_line.verdict == "local-minimum"  # on {x = 0}
    for guess in (0, 1, 2**40):
        said = decide.with_symmetry(
            kernel_loss(graph),
            on_line.candidate.place(),
            on_line.outcome,
            [TURN],
            lambda _, r=guess: BallMatrix([[r]]),
        )
        assert said.verdict == "inconclusive" and "norm(1 - R T) < 1/2" in said.reason


def test_a_bad_guess_at_the_inverse_proves_nothing():
    graph = ring(lambda b, x, y: y)
    found = verify_point(candidate(graph, [1, 0], []))
    for guess, verdict in (
        (1, "local-minimum"),
        (0.75, "local-minimum"),
        (0.25, "inconclusive"),
        (-1, "inconclusive"),
    ):
        said = decide.with_symmetry(
            kernel_loss(graph),
            found.candidate.place(),
            found.outcome,
            [TURN],
            lambda _, r=guess: BallMatrix([[r]]),
        )
        assert said.verdict == verdict


def test_as_many_constraints_as_generators():
    with pytest.raises(InputError, match="2 generators of a symmetry for 1 constraint"):
        candidate(ring(lambda b, x, y: y), [1, 0], [TURN, TURN])
    with pytest.raises(InputError, match="1 constraints and 2 generators"):
        gauge.gauged(candidate(ring(lambda b, x, y: y), [1, 0], []), [TURN, TURN])


def test_the_user_is_told_of_the_symmetry():
    found = rc.verify([0, 2**0.5, 0, 2**0.5], rc.losses.matrix_factorisation([[1, 0], [0, 2]], 1))
    assert found.note == (
        "the loss does not change along an affine flow that moves the point (scaling: x[0], x[1] times t; x[2], x[3] "
        "times t^-1, for every t > 0): --gauge auto proves what its orbit is"
    )


def test_auto_finds_all_flat_directions_of_a_factorisation():
    loss = rc.losses.matrix_factorisation([[2, 0], [0, 1]], 2)
    start = [1.4, 0.3, 0, 1, 1.4, 0, -0.3, 1]
    point = minimize(loss.value_and_gradient, start, jac=True, tol=1e-14).x
    found = rc.verify(point, loss, gauge="auto")
    assert found.verdict == "local-minimum" and found.outcome.bounds.inertia == (0, 4)
    assert len(found.outcome.symmetry) == 4 and float(found.outcome.bounds.infimum) == 0
    unhinted = rc.verify(point, rc.Loss(loss.graph), gauge="auto")
    assert len(unhinted.outcome.symmetry) == 4 and unhinted.outcome.bounds.inertia == (0, 4)
    assert rc.verify(np.zeros(8), loss, gauge="auto").outcome.proved  # a strict saddle: nothing has to be cut


def test_auto_says_where_there_is_no_symmetry():
    flat = rc.Loss(made(lambda b, x, y: b.add("add", b.add("powi", x, 4), b.add("powi", y, 4))))
    found = rc.verify([0, 0], flat, gauge="auto")
    assert found.verdict == "inconclusive" and "no symmetry" in found.note
    with pytest.raises(InputError, match='expected "auto"'):
        rc.verify([0, 0], flat, gauge="automatic")


@pytest.mark.parametrize("name", expression_examples.ORBITS)
def test_stored_orbits(name):
    loss, point, witness = expression_examples.ORBITS[name]()
    found = rc.verify(point, loss, witness=witness, gauge="auto")
    claims = [json.loads(x.read_text())["statement"]["claim"] for x in STORED.glob("*.json")]
    (claim,) = [x for x in claims if x["problem"]["loss"] == found.candidate.graph.as_json()]
    assert claim["verdict"] == found.verdict and len(claim["symmetry"]) == len(found.outcome.symmetry)


def test_generators_are_read_in_any_order_and_refused_with_the_entry(tmp_path):
    given = [{"matrix": [[1, 0, 1], [0, 1, "-1"], [0, 0, 0]]}]
    assert generators.parse(given, 2) == (TURN,)
    assert generators.parse([{"shift": [[1, Q(1, 3)]]}], 2) == (Generator((), ((1, Q(1, 3)),)),)
    assert generators.as_json(Generator((), ((1, Q(1, 3)),))) == {"shift": [[1, "1/3"]]}
    for bad, message in [
        ([], "a list of generators"), ([{}], "generator 0: expected"), ([{"matrix": []}], "moves nothing"),
        ([{"matrix": [[0, 2, 1]]}], "parameters are 0 to 1"), ([{"matrix": [[0, 1]]}], "2 parameters and a number"),
        ([{"shift": [[0, 1], [0, 2]]}], "two entries"), ([{"shift": [[0, 0.5]]}], "exact number"),
    ]:  # fmt: skip
        with pytest.raises(InputError, match=message):
            generators.parse(bad, 2)
    file = tmp_path / "turn.json"
    file.write_text(json.dumps(given))
    assert generators.read_generators(file, 2) == (TURN,)
    assert flows.text({"matrix": [[0, 1, "-1"]], "shift": [[0, "2"]]}) == "flow: dx[0]/dt = -x[1] + 2"
    assert flows.text({"matrix": [[0, 0, "1/2"]]}) == "scaling: x[0] times t^(1/2), for every t > 0"


def test_on_the_command_line(tmp_path):
    loss = ring(lambda b, x, y: y)
    whole = {
        "family": "smooth-expression", "loss": loss.as_json(), "points": [[1, 0]],
        "symmetry": [{"matrix": [[0, 1, -1], [1, 0, 1]]}],
    }  # fmt: skip
    file = tmp_path / "ring.json"
    file.write_text(json.dumps(whole))
    run = CliRunner().invoke(app, ["verify", str(file), "-o", str(tmp_path / "out")])
    assert run.exit_code == 0 and "orbit of local minima" in run.output
    assert "at every point where it is defined" in run.output and "everywhere" not in run.output
    run = CliRunner().invoke(app, ["verify", str(file), "--gauge", "auto", "-o", str(tmp_path / "out")])
    assert isinstance(run.exception, InputError) and "a symmetry of their own" in str(run.exception)
    del whole["symmetry"], whole["loss"]["constraints"]
    file.write_text(json.dumps(whole))
    run = CliRunner().invoke(app, ["verify", str(file), "-o", str(tmp_path / "out")])
    assert run.exit_code == 5 and "--gauge auto" in run.output
    (tmp_path / "turn.json").write_text('[{"matrix": [[0, 1, -1], [1, 0, 1]]}]')
    for option in ("auto", str(tmp_path / "turn.json")):
        run = CliRunner().invoke(app, ["verify", str(file), "--gauge", option, "-o", str(tmp_path / "out")])
        assert run.exit_code == 0 and "orbit of local minima" in run.output


def test_generators_that_are_not_needed_are_not_used_and_a_note_says_so():
    """A saddle between the minima of a factorisation is isolated; far from all of them there is none."""
    loss = rc.losses.matrix_factorisation([[2, 0], [0, 1]], 2)
    scale = [{"matrix": [[0, 0, 1], [4, 4, -1]]}]
    saddle, away = (rc.verify(np.full(8, x), loss, gauge=scale) for x in (0.0, 3.0))
    assert (saddle.verdict, away.verdict) == ("strict-saddle", "not-critical")
    for found in (saddle, away):
        assert "--gauge were not used" in found.note and found.note in record.summary(found)
    assert rc.verify(np.zeros(8), loss, gauge="auto").note == ""


@pytest.mark.parametrize("m", [3, 25])
def test_a_sphere_has_all_rotations(m):
    """(|x|^2 - 1)^2: no row of the linear system is more than rounding."""
    build = Builder()
    x = [build.add("param", i) for i in range(m)]
    sphere = build.graph(build.add("square", build.add("sub", build.dot(x, x), build.add("const", Q(1)))), m)
    assert len(detect.affine(sphere, np.eye(m)[0])) == m * (m - 1) // 2


def test_affine_fields_are_sought_for_few_parameters_only():
    many = rc.losses.matrix_factorisation(np.eye(13, dtype=int).tolist(), 2)
    assert detect.affine(many.graph, np.ones(52)) == []


@pytest.mark.parametrize("balance, zeros", [(0, 9), (1, 3)])
def test_rotations_of_many_parameters_are_known_by_the_maker(balance, zeros):
    diagonal = [[Q(5 - i) if i == j else 0 for j in range(5)] for i in range(5)]
    loss = rc.losses.matrix_factorisation(diagonal, 3, balance=balance)
    factor = np.eye(5)[:, :3] * np.sqrt([5, 4, 3])
    found = rc.verify([factor, factor], loss, gauge="auto")
    assert found.verdict == "local-minimum" and found.outcome.bounds.inertia == (0, 30 - zeros)
    assert all(invariant(loss.graph, x) for x in loss.symmetries)
