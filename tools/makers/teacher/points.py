"""The points of the corpus, and their unsigned certificates."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from judge.documents import Json
from judge.truth import eigenvectors
from makers.edits import changed
from relucert import Candidate, Problem, certificate, verify
from relucert.families.teacher import statement as teacher_statement
from relucert.families.teacher.symmetric.point import (
    SymmetricPoint,
    SymmetricVerification,
    kernel_point,
    verify_symmetric,
)
from relucert.kernel import ball
from relucert.kernel.ball import Ball
from relucert.kernel.teacher import symmetric_facts, symmetric_inertia, theorems

# Critical points to 9 digits (Newton's method from random points), one neuron a row; targets e_1 .. e_k.
a, b, c, d, e = -0.050413403, 0.986703819, 0.308010991, 0.224515808, -0.601511924
p, q = 1.068309886, -0.068309886
u, v = -0.663397368, 0.330709783
SIX = [[b if i == j else a for j in range(5)] + [c] for i in range(5)] + [[d] * 5 + [e]]
LOCAL = [[-0.243771412, 0.946327819, 0.946327819], [1.317912905, 0.08964493, 0.08964493]]
SADDLE = [[p, p], [q, q]]
SADDLE_3 = [
    [0.722732161, 0.193240341, 0.722732161],
    [0.282609663, -0.344642529, 0.282609663],
    [0.019280122, 1.170183731, 0.019280122],
]
SADDLE_4 = [[0.348974312, 1.05184322, -0.247082764], [0.629095779, 0.491600286, -0.807325698]]
SKEW = [[1.0, 0.5, 0.0], [0.0, 1.0, -1.0]]
FAR = [[1.0, 0.0], [-2.0, 0.0]]


def rough(points: list[list[float]], by: float = 1e-9) -> list[list[float]]:
    """So far from the critical point that bounds are not rounding errors."""
    return [[x + by * (-1) ** (i + j) for j, x in enumerate(row)] for i, row in enumerate(points)]


def unsigned(statement: Any, *, barrier: bool = False) -> Json:
    """As a document. Most files of the corpus are older than the bound `barrier`, and have none."""
    if not barrier:
        statement["claim"].get("bounds", {}).pop("barrier", None)
        statement["evidence"] = [x for x in statement["evidence"] if x["theorem"] != "Theorem 18.V"]
    return json.loads(certificate.envelope(statement, []))  # type: ignore[no-any-return]


def prove(
    points: Any, targets: Any = None, k: int | None = None, *, barrier: bool = False, **options: Any
) -> Json:
    """The unsigned certificate of a point. Without targets: e_1 .. e_k."""
    d = len(points[0])
    problem = (
        Problem.from_targets(targets, len(points)) if targets else Problem.orthonormal(k or d, len(points))
    )
    result = verify(Candidate.from_rows(points, problem), **{"constants": "simple"} | options)
    statement = teacher_statement.statement(result, {"source": "bench/make_corpus.py"})
    return unsigned(statement, barrier=barrier)


def prove_symmetric(
    sizes: list[int], values: Any, extra: Any = (), constants: str = "simple", *, barrier: bool = False
) -> Json:
    """The unsigned certificate of a symmetric point."""
    return document_of(verify_symmetric(sizes, values, extra, constants=constants), barrier=barrier)


def document_of(result: SymmetricVerification, *, barrier: bool = False) -> Json:
    statement = teacher_statement.statement(result, {"source": "bench/make_corpus.py"})
    return unsigned(statement, barrier=barrier)


def not_critical(sizes: list[int], values: Any, extra: Any = (), constants: str = "simple") -> Json:
    """The same where no critical point is near, which `verify_symmetric` does not look for."""
    at, radius = SymmetricPoint.from_rows(sizes, values, extra), Ball(1)
    with ball.precision(128):
        measured = symmetric_facts.measure(kernel_point(at), eigenvectors, constants)
        inertia = symmetric_inertia.inertia(measured.at.point, eigenvectors)
        while True:
            radius /= 2
            if ball.proves_lt(radius, ball.lower(ball.smallest(measured.lengths))):
                facts = symmetric_facts.facts(measured, radius, every_dimension=False)
                outcome = theorems.decide_not_critical(facts)
                if outcome.proved and outcome.bounds:
                    break
    outcome = replace(outcome, bounds=outcome.bounds._replace(inertia=inertia or (0, 0)))
    document = document_of(SymmetricVerification(outcome, at, None, 128, constants))
    return document if inertia else changed(document, "bounds.inertia", None)
