"""Unsigned certificates of CNN problems."""

from __future__ import annotations

import json
import math
from fractions import Fraction

from judge.documents import Json
from makers.edits import changed, claim
from relucert import certificate
from relucert.base.dyadic import from_float
from relucert.certificate.numbers import enclosure
from relucert.families.cnn import descent_statement as cnn_descent_certificate
from relucert.families.cnn import statement as cnn_certificate
from relucert.families.cnn.descent import enclose
from relucert.families.cnn.landscape import landscape
from relucert.families.cnn.point import CnnCandidate, verify_point
from relucert.families.cnn.problem import CnnProblem

SOURCE = {"source": "bench/make_corpus_cnn.py"}
THREE, PLAIN = CnnProblem.from_text("1,-0.5,0.3", "2", 20), CnnProblem.from_text("1,0.8", "1", 4)

TO_GLOBAL, TO_SPURIOUS = (THREE, [-0.25, 1.0], [2.0, -1.0, 0.5]), (THREE, [0.5, 1.0], [-1.0, 0.5, 0.0])


def sealed(statement: Json) -> Json:
    return json.loads(certificate.envelope(statement, []))  # type: ignore[no-any-return]


def whole(problem: CnnProblem) -> Json:
    return sealed(cnn_certificate.landscape_statement(landscape(problem), SOURCE))


def candidate(problem: CnnProblem, v: list[float], a: list[float]) -> CnnCandidate:
    """v filled with zeros; w* along the first axis."""
    v, axis = v + [0.0] * (problem.patch - len(v)), ((1, 0), *(((0, 0),) * (problem.patch - 1)))
    return CnnCandidate(problem, tuple(map(from_float, v)), tuple(map(from_float, a)), axis, "corpus")


def near(problem: CnnProblem, kind: int, off: float = 0.0) -> Json:
    """The certificate of a point at a critical point of this kind, or beside it."""
    found = landscape(problem).landscape
    if found is None:
        raise SystemExit("no landscape")
    phi, x, y = (float(z.mid()) for z in (found.points[kind].phi, *found.points[kind].a))
    turn = [1.0, 0.0] if kind == 0 else [-1.0, 0.0] if kind == 1 else [math.cos(phi), math.sin(phi)]
    a = [x * float(entry) + y + off for entry in problem.a_star]
    return sealed(cnn_certificate.point_statement(verify_point(candidate(problem, turn, a)), SOURCE))


def descent(problem: CnnProblem, v: list[float], a: list[float], eta: str) -> Json:
    run = enclose(candidate(problem, v, a), Fraction(eta), 3000, stop=True)
    return sealed(cnn_descent_certificate.run_statement(run, SOURCE))


def early(document: Json, problem: CnnProblem, v: list[float], a: list[float]) -> Json:
    """This trajectory one step shorter, with the scalars of that iterate."""
    t, eta = claim(document, "step") - 1, Fraction(claim(document, "eta"))
    at = enclose(candidate(problem, v, a), eta, t).samples[-1]
    scalars = {"r": at.view.r, "phi": at.view.phi, "psi": at.view.psi, "q": at.state.q, "s": at.state.s}
    for name, x in scalars.items():
        document = changed(document, f"bounds.{name}", enclosure(x))
    return changed(document, "step", t)


def edges() -> tuple[CnnProblem, CnnProblem]:
    """Problems with a* = (1, x), T > 0 and T <= 0, x within 1e-15 of each other."""
    low, high = Fraction(0), Fraction(1)
    while high - low > Fraction(1, 10**15):
        middle = Fraction(round((low + high) / 2 * 10**18), 10**18)
        above = landscape(CnnProblem((Fraction(1), middle), Fraction(1), 3)).verdict == "spurious-minimum"
        low, high = (middle, high) if above else (low, middle)
    first, second = (CnnProblem((Fraction(1), x), Fraction(1), 3) for x in (low, high))
    return first, second
