"""Statements about points of the teacher-student network: docs/spec/certificate-v1.md sections 3 and 3a."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from relucert.base.dyadic import DOWN, UP
from relucert.base.errors import InputError
from relucert.base.exact import exact_rows
from relucert.certificate.form import SCHEMA
from relucert.certificate.inequalities import argument, evidence
from relucert.certificate.numbers import Json, bound, interval, rows, written
from relucert.certificate.provenance import provenance as provenance_of
from relucert.certificate.provenance import sign_and_store
from relucert.families.teacher import exact
from relucert.families.teacher.candidate import Candidate
from relucert.families.teacher.methods import HESSIAN, SIGNED, SYMMETRIC
from relucert.families.teacher.network import Network, members, network
from relucert.families.teacher.problem import TEACHER_STUDENT, Problem
from relucert.families.teacher.robust import Robustness
from relucert.families.teacher.symmetric.point import SymmetricPoint, SymmetricVerification
from relucert.families.teacher.verification import Verification
from relucert.kernel.ball import to_dyadic
from relucert.kernel.outcome import Bounds, GlobalMinima, SplitSaddle

EVERY_DIMENSION = "every d >= k"
FOR_COMPARISON = (
    "Lemma 1",
    "Safran & Shamir (5)",
    "Theorem 18.V",
)  # beside what decides; small files do without


def statement(result: Verification | SymmetricVerification, provenance: Mapping[str, object]) -> Json:
    """The statement of a proved outcome. Raises InputError for an inconclusive one: there is no claim."""
    outcome = result.outcome
    if isinstance(result, Verification) and isinstance(outcome, GlobalMinima):
        claim = exact.claim(result, outcome, problem_json(result.candidate.problem))
        return {"claim": claim, "evidence": [], "provenance": how(result, provenance)}
    if isinstance(outcome, SplitSaddle):
        from relucert.families.teacher.wider import collapsed  # which builds on this module

        return collapsed.statement(cast("collapsed.CollapsedVerification", result), provenance)
    if not outcome.proved or outcome.bounds is None:
        raise InputError("an inconclusive outcome claims nothing and has no certificate")
    claim = _symmetric(result.point) if isinstance(result, SymmetricVerification) else _dense(result)
    bounds = _bounds(outcome.bounds, result.constants)
    claim |= {"verdict": outcome.verdict, "bounds": bounds}
    if outcome.bounds.lambda_min_outside is not None and claim["problem"]["d"] == claim["problem"]["k"]:
        claim["dimension"] = EVERY_DIMENSION
        bounds["lambda_min_outside"] = interval(outcome.bounds.lambda_min_outside)
    arguments = outcome.arguments
    if claim["method"] != HESSIAN:
        for name in ("lambda_min_safran_shamir", "existence_radius_lemma_1"):
            bounds.pop(name, None)
        arguments = tuple(a for a in arguments if a.theorem not in FOR_COMPARISON)
    if claim["method"] == SYMMETRIC:
        bounds["inertia"] = {sign: str(count) for sign, count in bounds["inertia"].items()}
    return {"claim": claim, "evidence": evidence(arguments), "provenance": how(result, provenance)}


def how(result: Verification | SymmetricVerification, provenance: Mapping[str, object]) -> Json:
    """The provenance of a result."""
    moved = None if result.moved is None else bound(result.moved, UP)
    return {**provenance, "precision": result.precision, "moved": moved}


def _dense(result: Verification) -> Json:
    problem = result.candidate.problem
    return {
        "schema": SCHEMA,
        "family": problem.family,
        "method": HESSIAN if problem.network is None else SIGNED,
        "problem": problem_json(problem),
        "point": rows(result.candidate.point),
        **({} if result.candidate.witness is None else {"witness": rows(result.candidate.witness)}),
    }


def _symmetric(point: SymmetricPoint) -> Json:
    """Section 3a of the format."""
    return {
        "schema": SCHEMA,
        "family": TEACHER_STUDENT,
        "method": SYMMETRIC,
        "problem": {"n": point.n, "k": point.k, "d": point.k, "targets": "orthonormal"},
        "point": {"class_sizes": list(point.sizes), "values": rows(point.values), "extra": rows(point.extra)},
    }


def with_robust(statement: Json, result: Robustness) -> Json:
    """The statement of a spurious minimum with Theorem P beside it: member `robust` of the claim."""
    robust = {
        "deviation": written(to_dyadic(result.deviation), DOWN),
        "radius": bound(result.radius, UP),
        "lipschitz": {
            "radius": written(to_dyadic(result.domain), DOWN),
            "value": bound(result.lipschitz, UP),
        },
        "random_dimension": str(result.random_dimension),
    }
    return {
        **statement,
        "claim": {**statement["claim"], "robust": robust},
        "evidence": [*statement["evidence"], argument(result.argument)],
    }


def candidate(statement: Json, name: str) -> Candidate:
    """The exact point and problem of a statement with a point of rows. `name` stands in errors.

    Raises InputError for another kind of point, or one that is malformed.
    """
    claim = statement["claim"]
    if claim["method"] not in (HESSIAN, SIGNED):
        raise InputError(
            f"{name}: the method is {claim['method']!r}; only a point of rows of dyadics can be read"
        )
    try:
        targets, (n, k) = claim["problem"]["targets"], (claim["problem"][x] for x in ("n", "k"))
        problem = (
            Problem.orthonormal(k, n) if targets == "orthonormal" else Problem.from_targets(pairs(targets), n)
        )
        if claim["method"] == SIGNED:
            problem = replace(
                problem,
                network=network(n, k, *(claim["problem"][x] for x in ("signs", "teacher_signs", "slope"))),
            )
        return Candidate(problem, exact_rows(pairs(claim["point"]), "neuron"), name)
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"{name}: no exact point and problem ({error})") from error


def pairs(rows: list[list[list[Any]]]) -> list[list[tuple[int, int]]]:
    """Rows of dyadics as they stand in a file, as pairs of integers."""
    return [[(int(Decimal(mantissa)), exponent) for mantissa, exponent in row] for row in rows]


def problem_json(given: Problem) -> Json:
    """As a claim has it."""
    found = about_orthonormal(given.k, given.n, given.network)
    return found if given.is_orthonormal else found | {"d": given.dimension, "targets": rows(given.targets)}


def about_orthonormal(k: int, n: int, of: Network | None) -> Json:
    """The member `problem` of a claim about n neurons and the targets e_1 .. e_k of R^k."""
    return {"n": n, "k": k, "d": k, "targets": "orthonormal", **members(of)}


def _bounds(bounds: Bounds, constants: str) -> Json:
    result: Json = {
        "objective": interval(bounds.objective),
        "gradient_norm": bound(bounds.gradient, UP),
        "lambda_min": interval(bounds.lambda_min),
        "lambda_max": bound(bounds.lambda_max, UP),
        "lipschitz": {
            "constants": constants,
            "radius": written(to_dyadic(bounds.domain), DOWN),
            "value": bound(bounds.lipschitz, UP),
        },
    }
    if bounds.inertia is not None:
        result["inertia"] = {"negative": bounds.inertia[0], "positive": bounds.inertia[1]}
    if bounds.lambda_min_safran_shamir is not None:
        result["lambda_min_safran_shamir"] = bound(bounds.lambda_min_safran_shamir, DOWN)
    if bounds.lipschitz_safran_shamir is not None:
        result["lipschitz_safran_shamir"] = bound(bounds.lipschitz_safran_shamir, UP)
    if bounds.radius is not None and bounds.uniqueness is not None:
        result["existence_radius"] = bound(bounds.radius, UP)
        result["uniqueness_radius"] = bound(bounds.uniqueness, DOWN)
    if bounds.radius_lemma_1 is not None:
        result["existence_radius_lemma_1"] = bound(bounds.radius_lemma_1, UP)
    if bounds.basin is not None and bounds.step is not None:
        result["basin"] = {"radius": bound(bounds.basin, DOWN), "step": bound(bounds.step, DOWN)}
    if bounds.barrier is not None:
        result["barrier"] = bound(bounds.barrier, DOWN)
    if bounds.gap is not None:
        result["gap"] = bound(bounds.gap, DOWN)
    if bounds.exclusion is not None:
        result["exclusion_radius"] = bound(bounds.exclusion, DOWN)
    return result


def issue(result: Verification | SymmetricVerification, directory: Path, key: Ed25519PrivateKey) -> Path:
    """Writes the signed certificate of a proved outcome into `directory`; returns its path."""
    return sign_and_store(statement(result, provenance_of(result)), directory, key)
