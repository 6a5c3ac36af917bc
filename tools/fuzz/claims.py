"""Whether the prover proves or refutes a claim."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

from judge.claims import check_numbers
from judge.documents import MINIMA
from judge.truth import Untrue
from relucert.families.teacher.search import guess
from relucert.kernel import ball, newton
from relucert.kernel.spectrum import Eigen, signs
from relucert.kernel.teacher import facts, loss, theorems

Json = Any
ONE = (1, 0)


def judge(claim: Json) -> str:
    """ "true" if the prover proves every member of the claim, "false" if it refutes one, else "open". Of a
    symmetric point: "false" too where nothing supports it."""
    with ball.precision(256):
        try:
            if claim["method"] != "symmetric-hessian":
                return _judge(claim)
            check_numbers(claim)
            return "true"
        except Untrue as reason:
            return f"false ({reason})"
        except ball.NotProved as reason:
            return f"open ({reason})"


def _judge(claim: Json) -> str:
    problem, bounds, verdict = claim["problem"], claim["bounds"], claim["verdict"]
    n, k, d = problem["n"], problem["k"], problem["d"]
    exact = [[ONE if i == j else (0, 0) for j in range(d)] for i in range(k)]
    targets = exact if problem["targets"] == "orthonormal" else _dyadics(problem["targets"])
    point = _dyadics(claim["point"])
    at_point = facts.enclose(point, targets)
    matrices = [at_point.hessian] + [at_point.outside] * ("dimension" in claim)
    guesses = [guess.eigen([[float(x) for x in row] for row in matrix.tolist()]) for matrix in matrices]
    eigen = [Eigen(*found) for found in guesses if found is not None]
    if len(eigen) < len(matrices):
        return "open (no eigenvectors)"
    order = list(range(n)) if n == k else None
    if n == k == 2 and ball.proves_lt(loss.distance(point, targets[::-1]), loss.distance(point, targets)):
        order = [1, 0]
    alpha = _ball(bounds["lipschitz"]["radius"])
    constants = bounds["lipschitz"]["constants"]
    with patch("relucert.kernel.norms.SQUARINGS", 40):  # spectral norms as they are
        measured = facts.measure(at_point, eigen[0], order, constants, *eigen[1:])
        at_ball = facts.on_ball(measured, constants, alpha)
    flat, L, eps = at_ball.spectrum, at_ball.lipschitz, at_ball.gradient
    low, high = flat.values[0], flat.values[-1]
    absmax = ball.largest((abs(low), abs(high)))
    open_, false = [], []

    def le(name: str, a: ball.Ball, b: ball.Ball, sharp: bool = True) -> None:
        """a <= b, of which a failure refutes the claim if the quantities are the truth, not bounds of it."""
        if not ball.proves_le(a, b):
            (false if sharp and ball.proves_lt(b, a) else open_).append(name)

    def both(name: str, value: ball.Ball) -> None:
        le(name, _ball(bounds[name][0]), value)
        le(name, value, _ball(bounds[name][1]))

    le("gradient_norm", eps, _ball(bounds["gradient_norm"]))
    both("lambda_min", low)
    le("lambda_max", high, _ball(bounds["lambda_max"]))
    if at_ball.outside is not None:
        both("lambda_min_outside", at_ball.outside.values[0])
    le("lipschitz", L, _ball(bounds["lipschitz"]["value"]), sharp=False)
    if "lambda_min_safran_shamir" in bounds:
        le("lambda_min_safran_shamir", _ball(bounds["lambda_min_safran_shamir"]), low)
    if "lipschitz_safran_shamir" in bounds:
        paper = at_ball.lipschitz_safran_shamir
        le("lipschitz_safran_shamir", ball.undefined() if paper is None else paper,
           _ball(bounds["lipschitz_safran_shamir"]))  # fmt: skip
    inertia = signs(flat)
    if "inertia" in bounds and inertia != (bounds["inertia"]["negative"], bounds["inertia"]["positive"]):
        (open_ if inertia is None else false).append("inertia")
    if verdict == "not-critical":
        rho = _ball(bounds["exclusion_radius"])
        le("exclusion_radius", rho, alpha, sharp=False)
        if not newton.not_critical(ball.lower(eps), ball.upper(absmax), L, rho).holds:
            open_.append("exclusion_radius")
        both("objective", at_ball.objective)
    else:
        outcome = theorems.decide_critical(at_ball)
        if not outcome.proved:
            return f"open ({getattr(outcome, 'reason', '')})"
        mine = outcome.bounds
        least = ball.smallest(s.values[0] for s in at_ball.spectra)
        most = ball.largest(s.values[-1] for s in at_ball.spectra)
        if verdict != outcome.verdict and not (verdict == "local-minimum" and outcome.verdict in MINIMA):
            false.append("verdict")
        le("existence_radius", mine.radius, _ball(bounds["existence_radius"]), sharp=False)
        le("uniqueness_radius", _ball(bounds["uniqueness_radius"]), mine.uniqueness, sharp=False)
        if "existence_radius_lemma_1" in bounds:
            first, radius = newton.lemma_1(ball.lower(least), ball.upper(eps), L, alpha)
            le("existence_radius_lemma_1", radius if first.holds else ball.undefined(),
               _ball(bounds["existence_radius_lemma_1"]), sharp=False)  # fmt: skip
        floor, top = mine.objective
        le("objective", _ball(bounds["objective"][0]), floor, sharp=False)
        le("objective", top, _ball(bounds["objective"][1]), sharp=False)
        le("objective", _ball(bounds["objective"][0]), top)
        le("objective", floor, _ball(bounds["objective"][1]))
        if "basin" in bounds:
            if verdict not in MINIMA:
                false.append("basin")
            reach, least = _ball(bounds["basin"]["radius"]) + mine.radius, least - L * mine.radius
            le("basin", reach + mine.radius, alpha, sharp=False)
            if not ball.proves_lt(L * reach / 2, least):
                open_.append("basin")
            most = most + L * mine.radius + L * reach / 2
            le("basin", _ball(bounds["basin"]["step"]), 2 / most, sharp=False)
    return f"false ({false[0]})" if false else f"open ({open_[0]})" if open_ else "true"


def _dyadics(rows: Json) -> list[list[tuple[int, int]]]:
    return [[(int(m), e) for m, e in row] for row in rows]


def _ball(number: Json) -> ball.Ball:
    return ball.exact((int(number["exact"][0]), number["exact"][1]))
