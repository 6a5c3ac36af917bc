"""The hand-made families and the same losses written as graphs say the same of the same points."""

import json
from fractions import Fraction
from pathlib import Path

import pytest

from relucert.families.expression.candidate import ExpressionCandidate
from relucert.families.expression.graph import Builder
from relucert.families.expression.prove import verify_point
from relucert.families.landscape.candidate import LandscapeCandidate
from relucert.families.landscape.point import verify_point as verify_landscape
from relucert.families.landscape.problem import LandscapeProblem
from relucert.kernel import ball

STORED = Path(__file__).parents[3] / "certificates" / "6-6"
HALF, ONE, TWO = Fraction(1, 2), Fraction(1), Fraction(2)


def teacher_student(n, k):
    """Expected squared loss of relu networks with orthonormal targets, without its constant: the arc-cosine kernel."""
    build = Builder()
    w = [[build.add("param", i * k + j) for j in range(k)] for i in range(n)]
    pi, half, one = build.add("pi"), build.add("const", HALF), build.add("const", ONE)
    squares = [build.dot(row, row) for row in w]
    lengths = [build.add("sqrt", s) for s in squares]

    def kernel(lengths, inner):  # 2 pi E relu(u) relu(v) = |u||v| (sin t + (pi - t) cos t)
        product = build.add("mul", *lengths)
        cosine = build.add("div", inner, product)
        sine = build.add("sqrt", build.add("sub", one, build.add("square", cosine)))
        rest = build.add("add", build.add("mul", half, pi), build.add("asin", cosine))
        return build.add("mul", product, build.add("add", sine, build.add("mul", rest, cosine)))

    inside = [kernel((lengths[i], lengths[j]), build.dot(w[i], w[j])) for i in range(n) for j in range(i)]
    across = [kernel((lengths[i], one), w[i][j]) for i in range(n) for j in range(k)]
    both = build.add("sub", build.sum(inside), build.sum(across))
    pairs = build.add("div", both, build.add("mul", build.add("const", TWO), pi))
    alone = build.add("mul", build.add("const", Fraction(1, 4)), build.sum(squares))
    return build.graph(build.add("add", alone, pairs), n * k)


def exact(value):
    return Fraction(int(value["exact"][0])) * Fraction(2) ** value["exact"][1]


def spurious():
    claims = [json.loads(x.read_text())["statement"]["claim"] for x in STORED.glob("*.json")]
    return [x for x in claims if x["verdict"] == "spurious-minimum"]


def test_a_published_minimum_of_the_teacher_student_loss():
    for claim in spurious():
        point = tuple((int(m), e) for row in claim["point"] for m, e in row)
        graph = teacher_student(6, 6)
        result = verify_point(ExpressionCandidate(graph, point))
        bounds = result.outcome.bounds
        assert result.verdict == "local-minimum"
        low, high = (float(exact(x)) for x in claim["bounds"]["lambda_min"])
        assert float(bounds.lambda_min[0]) <= high and low <= float(bounds.lambda_min[1])
        assert float(bounds.lambda_min[1]) == pytest.approx(high, rel=1e-5)
        ratio = float(exact(claim["bounds"]["uniqueness_radius"])) / float(bounds.box)
        assert 100 < ratio < 5000  # by how much a constant made by hand is better


def designed(d, a, mu, lam):
    """Ge, Lee & Ma's G as docs/theorem/landscape.md writes it."""
    build = Builder()
    u = [[build.add("param", i * d + j) for j in range(d)] for i in range(d)]
    squares = [[build.add("square", x) for x in row] for row in u]
    root = build.add("sqrt", build.add("mul", build.add("const", TWO), build.add("pi")))
    c = build.add("div", build.add("const", HALF), root)
    nu, one = build.add("const", 1 + Fraction(mu) / 12), build.add("const", ONE)
    terms = []
    for i in range(d):
        column = [row[i] for row in squares]
        whole = build.add("square", build.sum(column))
        fourth = build.add("mul", nu, build.dot(column, column))
        weight = build.add("mul", c, build.add("const", Fraction(a[i])))
        terms.append(build.add("mul", weight, build.add("sub", whole, fourth)))
    penalty = build.sum([build.add("square", build.add("sub", build.sum(row), one)) for row in squares])
    return build.graph(
        build.add("add", build.sum(terms), build.add("mul", build.add("const", Fraction(lam)), penalty)),
        d * d,
    )


@pytest.mark.parametrize(
    "rows",
    [
        [[0, -1.0541, 0], [1.0541, 0, 0], [0, 0, 1.1177]],
        [[0.9, 0.05, 0.0], [0.9, -0.05, 0.0], [0.0, 0.0, 1.0]],
        [[0.0] * 3, [0.0] * 3, [0.0] * 3],
        [[0.5, 0.25, 0.125], [0.0, 0.75, 0.0], [0.5, 0.0, 1.0]],
    ],
)
def test_the_designed_landscape(rows):
    point = tuple(x.as_integer_ratio() for row in rows for x in map(float, row))
    dyadic = tuple((p, 1 - q.bit_length()) for p, q in point)
    graph = designed(3, (1, 1, 2), 6, 1)
    problem = LandscapeProblem.from_text("1,1,2", "6", "1")
    table = tuple(dyadic[i : i + 3] for i in (0, 3, 6))
    theirs = verify_landscape(LandscapeCandidate(problem, table))
    ours = verify_point(ExpressionCandidate(graph, dyadic))
    same = {"global-minimum": "local-minimum"}
    assert ours.verdict == same.get(theirs.verdict, theirs.verdict)
    if ours.verdict == "strict-saddle":
        near = theirs.outcome.bounds
        assert ours.outcome.bounds.inertia == near.inertia
        assert float(ours.outcome.bounds.objective[0]) == pytest.approx(float(near.value[0]), rel=1e-5)


def test_the_graph_of_the_designed_landscape_has_its_values():
    from relucert.families.expression.candidate import kernel_loss
    from relucert.families.landscape.point import framed
    from relucert.kernel.expression import enclose
    from relucert.kernel.landscape import quartic

    problem = LandscapeProblem.from_text("1,1,2", "6", "1")
    with ball.precision(128):
        rows = [[ball.exact_float(x) for x in row] for row in ([0.5, 0.25, 1], [0, 2, 0.5], [1, -1, 0.75])]
        ours = enclose.hessian(
            kernel_loss(designed(3, (1, 1, 2), 6, 1)), [x for row in rows for x in row], []
        )
        at = quartic.framed(framed(problem), rows)
        w = problem.weights()
        assert ours.value.overlaps(quartic.value(w, at))
        entries = quartic.hessian_in(framed(problem), quartic.hessian(w, at)).entries()
        assert all(a.overlaps(b) for a, b in zip(ours.hessian.entries(), entries, strict=True))
