"""True certificates."""

from __future__ import annotations

import json
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from mpmath import mp

from judge.documents import Json, number, replaced
from makers.edits import changed, claim, edited, without
from makers.landscape.objective import DIGITS, Population, eigenvalues
from makers.landscape.put import Files
from relucert import certificate
from relucert.base.dyadic import from_float
from relucert.families.landscape import descent
from relucert.families.landscape.candidate import LandscapeCandidate, SampledProblem
from relucert.families.landscape.descent_statement import run_statement
from relucert.families.landscape.point import verify_point
from relucert.families.landscape.problem import LandscapeProblem
from relucert.families.landscape.statement import closed_statement, point_statement, whole_statement
from relucert.families.landscape.whole import SplitNeuron, UnitRows, closed, landscape

SOURCE = {"source": "tools/make_corpus.py"}
SKEW = [["1", "1/2"], ["-1/3", "2"]]
NEARLY = [["1", "1"], ["1", "1000000000001/1000000000000"]]
UNIT = [["3/5", "4/5", "0"], ["0", "5/13", "12/13"], ["1", "0", "0"]]
LOW = [[-1.0477087, -0.7684419], [-0.8786393, 1.0917549]]  # a minimum for `samples`
Table = Any  # rows of floats


def document(statement: Json) -> Json:
    return json.loads(certificate.envelope(statement, []))  # type: ignore[no-any-return]


def problem(a: str, mu: str, lam: str, teacher: list[list[str]] | None = None) -> LandscapeProblem:
    return LandscapeProblem.from_text(a, mu, lam, teacher)


def dyadics(table: Table) -> Any:
    return tuple(tuple(from_float(float(x)) for x in row) for row in table)


def whole(*of: Any) -> Json:
    return document(whole_statement(landscape(problem(*of)), SOURCE))


def point(of: LandscapeProblem | SampledProblem, table: Table, *, raw: bool = True) -> Json:
    """About this very point, if raw, else about one next to it."""
    return document(point_statement(verify_point(LandscapeCandidate(of, dyadics(table)), raw=raw), SOURCE))


def run(of: LandscapeProblem, start: Table, eta: Fraction, radius: float = 0.0) -> Json:
    return document(run_statement(descent.run(of, dyadics(start), eta, 2000, from_float(radius)), SOURCE))


def scaled(of: LandscapeProblem, columns: Sequence[int | None]) -> np.ndarray:
    """Rows that stand at these columns, or are 0, as long as they are at a critical point, in B."""
    alpha = np.array([float(1 / x if of.teacher else x) for x in of.a_star]) / np.sqrt(8 * np.pi)
    U, nu, lam = np.zeros((of.d, of.d)), float(of.mu / 12), float(of.lam)
    for j, i in enumerate(columns):
        if i is not None:
            U[j, i] = np.sqrt(lam / (lam + (columns.count(i) - 1 - nu) * alpha[i]))
    if not of.teacher:
        return U
    T = np.sqrt([float(x) for x in of.a_star])[:, None] * np.array(of.teacher, dtype=float)
    return np.linalg.solve(T, U.T).T


def samples(lam: str = "1") -> SampledProblem:
    """Six samples in the plane, of a teacher with the rows e_0 and e_1."""
    x = [[1.5, -0.25], [-0.5, 1.25], [0.75, 0.5], [-1.0, -1.5], [0.25, 2.0], [-1.75, 0.5]]
    y = [sum(max(z, 0.0) for z in row) for row in x]
    return SampledProblem(dyadics(x), dyadics([y])[0], Fraction(6), Fraction(lam))


def wholes() -> dict[str, Json]:
    return {
        "whole": whole("1,1", "6", "1"),
        "whole-weights": whole("1,5/4,2", "6", "1"),
        "whole-4": whole("1,1,1,1", "3", "1/2"),
        "whole-6": whole("1,1,1,1,1,1", "6", "1"),
        "whole-f": whole("1,3/2", "6", "1", SKEW),
        "whole-f-nearly-singular": whole("1,3/2", "6", "1", NEARLY),
        "whole-mu-18": whole("1,5/4", "18", "2/5"),
        "whole-just-bounded": whole("1,5/4", "6", "1/8"),
        "unbounded": whole("1,5/4", "6", "1/9"),
        "unbounded-f": whole("1,1/5", "6", "1/3", SKEW),
        "doubled": whole("1,1", "24", "81/17"),
        "doubled-3": whole("1,6/5,3", "15", "2"),
        "doubled-f": whole("1,1", "24", "2", SKEW),
        "doubled-far": whole("5,1", "120", "12"),
    }


def points() -> dict[str, Json]:
    g2, g3 = problem("1,1", "6", "1"), problem("1,5/4,2", "6", "1")
    near = scaled(problem("1,1,2,1", "6", "1"), [2, 0, 3, 1]) * [[1], [-1], [1], [1]]
    skew, unit = problem("1,3/2", "6", "1", SKEW), problem("1,3/2,2", "6", "3", UNIT)
    high, loose = problem("1,5/4", "24", "2"), problem("1,6", "18", "5/4")
    away = [[0.5, 0.25], [-0.25, 0.75]]
    return {
        "nearest": point(problem("1,1,2,1", "6", "1"), near + 1e-3),
        "nearest-2": point(g2, scaled(g2, [1, 0]) + 2.0**-10),
        "nearest-f-unit-rows": point(unit, scaled(unit, [1, 2, 0]) + 1e-5),
        "nearest-f": point(skew, scaled(skew, [1, 0]) - 1e-4),
        "saddle-at-0": point(g2, np.zeros((2, 2))),
        "saddle": point(g2, scaled(g2, [0, 0]), raw=False),
        "saddle-3": point(g3, scaled(g3, [0, 1, 0]) + 1e-9),
        "saddle-f": point(skew, scaled(skew, [1, None]) + 1e-8),
        "local": point(high, scaled(high, [1, 0]) + 1e-9),
        "spurious": point(high, scaled(high, [0, 0]) + 1e-9),
        "spurious-unbounded": point(loose, scaled(loose, [0, 0]) + 1e-9),
        "not-critical": point(g2, away),
        "not-critical-f": point(skew, away),
        "empirical-saddle": point(samples(), np.zeros((2, 2))),
        "empirical-not-critical": point(samples(), away),
        "empirical-local": point(samples("2"), LOW, raw=False),
    }


def runs() -> dict[str, Json]:
    g2, g3 = problem("1,1", "6", "1"), problem("1,1,5/4", "6", "1")
    start = [[0.75, 0.25, 0.125], [-0.25, 1.0, 0.0], [0.125, -0.375, -0.75]]
    return {
        "run": run(g3, start, Fraction(1, 20)),
        "run-from-a-ball": run(g2, [[0.75, 0.25], [-0.5, -0.875]], Fraction(1, 20), 2.0**-12),
        "run-no-steps": run(g2, scaled(g2, [1, 0]) + 1e-4, Fraction(1, 50)),
    }


def closed_forms() -> dict[str, Json]:
    unit = UnitRows(tuple(Fraction(a) for a in ("1", "4", "3", "3/2")), 0, 1, 2, Fraction(1, 2))
    neuron = SplitNeuron(Fraction(1), Fraction(1, 3), Fraction(2, 5))
    return {
        "unit-rows": document(closed_statement(closed(unit), SOURCE)),
        "split-neuron": document(closed_statement(closed(neuron), SOURCE)),
    }


def weaker(made: dict[str, Json]) -> dict[str, Json]:
    """Edits that stay true."""
    one, near, run_ = made["whole"], made["nearest"], made["run-from-a-ball"]
    nothing, zero = number(Fraction(0), False), number(Fraction(0), True)
    exact = edited(made["saddle-at-0"], ("bounds.gradient", zero), ("bounds.existence_radius", zero))
    return {
        "signed-permutation": signed_permutation(made["doubled-far"]),
        "whole-no-saddle-bound": changed(one, "bounds.saddle", nothing),
        "whole-wide": changed(one, "bounds.value", [number(Fraction(-1), False), number(Fraction(1), True)]),
        "without-evidence": replaced(one, ("statement", "evidence"), []),
        "nearest-wide": edited(
            without(near, "bounds.basin", "bounds.step", "bounds.a_star", "bounds.b_star"),
            ("bounds.distance", number(Fraction(1), True)),
        ),
        "saddle-at-0-exact": exact,
        "run-without-gradient": without(run_, "bounds.gradient_min"),
        "split-neuron-exact": edited(
            made["split-neuron"],
            ("problem", {"alpha": "19/8", "beta": "1", "tau": "1"}),
            ("bounds.curvature", number(Fraction(1), False)),
        ),
    }


def signed_permutation(of: Json) -> Json:
    """For a problem where doubled points at e_0 lie lower than V, as no prover says it: it takes those at the least
    weight, which lie higher always."""
    with mp.workdps(DIGITS):
        at = Population(claim(of, "problem"))
        P, W = at.signed({"permutation": [0, 1], "signs": "++"}), at.doubled(0, 1)
        found = at.value(P), at.value(P) - at.value(W), eigenvalues(at, P)[0]
        V, gap, least = (Fraction(int(mp.floor(x * 2**80)), 2**80) for x in found)
    bounds = {
        "value": [number(V, False), number(V, True)],
        "gap": number(gap, False),
        "lambda_min": number(least, False),
    }
    return edited(of, ("minimum", {"kind": "signed-permutation"}), ("bounds", bounds))


def accepted(files: Files) -> dict[str, Json]:
    made = wholes() | points() | runs() | closed_forms()
    made |= weaker(made)
    for name, of in made.items():
        files.accept(name, of)
    return made
