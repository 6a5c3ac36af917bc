"""Statements about the one-hidden-layer CNN: docs/spec/cnn-v1.md is the authority for their format."""

from __future__ import annotations

from collections.abc import Mapping

from relucert.base.errors import InputError
from relucert.certificate.form import SCHEMA
from relucert.certificate.inequalities import evidence
from relucert.certificate.numbers import Json, at_least, at_most, dyadics, enclosure
from relucert.families.cnn.landscape import CnnLandscape
from relucert.families.cnn.methods import HALF_SPACE, LANDSCAPE, ONE_HIDDEN_LAYER_CNN
from relucert.families.cnn.point import CnnVerification
from relucert.families.cnn.problem import CnnProblem
from relucert.kernel.ball import Ball
from relucert.kernel.cnn.landscape import Critical


def landscape_statement(result: CnnLandscape, provenance: Mapping[str, object]) -> Json:
    """The complete list of critical points. Raises InputError for an inconclusive result."""
    found = result.landscape
    if found is None:
        raise InputError("an inconclusive outcome claims nothing and has no certificate")
    bounds: Json = {
        "excess": enclosure(found.excess),
        "q_bad": enclosure(found.q_bad),
        "critical_points": [_critical(x) for x in found.points],
    }
    if found.barrier is not None:
        bounds["barrier"] = enclosure(found.barrier)
    return {
        "claim": _claim(result.problem, LANDSCAPE, result.verdict) | {"bounds": bounds},
        "evidence": evidence(found.arguments),
        "provenance": {**provenance, "precision": result.precision},
    }


def point_statement(result: CnnVerification, provenance: Mapping[str, object]) -> Json:
    """What a point is near. Raises InputError for an inconclusive outcome."""
    outcome, candidate, place = result.outcome, result.candidate, result.place
    if not outcome.proved or place is None or result.q_bad is None:
        raise InputError("an inconclusive outcome claims nothing and has no certificate")
    rows = {"axis": candidate.axis, "v": candidate.v, "a": candidate.a}
    return {
        "claim": _claim(candidate.problem, result.method, outcome.verdict)
        | {
            "point": {name: dyadics(row) for name, row in rows.items()},
            "bounds": {"loss": enclosure(place.loss)} | _bounds(result, result.q_bad),
        },
        "evidence": evidence(outcome.arguments),
        "provenance": {**provenance, "precision": result.precision},
    }


def _bounds(result: CnnVerification, q_bad: Ball) -> Json:
    kind, existence, uniqueness, exclusion = result.near
    if exclusion is not None:
        return {"exclusion_radius": at_least(exclusion)}
    if kind is None or existence is None or uniqueness is None:
        raise InputError("an outcome without a kind of critical points claims nothing")
    shared: Json = {
        "existence_radius": at_most(existence),
        "uniqueness_radius": at_least(uniqueness),
        "objective": enclosure(kind.loss),
    }
    if result.method == HALF_SPACE:
        return shared | {"q_bad": enclosure(q_bad)}
    return shared | {"spectrum": _spectrum(kind), "inertia": _inertia(kind)}


def problem(of: CnnProblem) -> Json:
    """The problem with exact rationals "p" or "p/q" in lowest terms."""
    return {"a_star": [str(x) for x in of.a_star], "w_norm": str(of.w_norm), "patch": of.patch}


def _claim(of: CnnProblem, method: str, verdict: str) -> Json:
    return {
        "schema": SCHEMA,
        "family": ONE_HIDDEN_LAYER_CNN,
        "method": method,
        "problem": problem(of),
        "verdict": verdict,
    }


def _critical(point: Critical) -> Json:
    return {
        "verdict": point.verdict,
        "angle": enclosure(point.phi),
        "complement": enclosure(point.complement),
        "a": {"a_star": enclosure(point.a[0]), "ones": enclosure(point.a[1])},
        "objective": enclosure(point.loss),
        "spectrum": _spectrum(point),
        "inertia": _inertia(point),
    }


def _spectrum(point: Critical) -> list[Json]:
    return [{"value": enclosure(x.value), "multiplicity": x.multiplicity} for x in point.spectrum]


def _inertia(point: Critical) -> Json:
    return dict(zip(("negative", "zero", "positive"), point.inertia, strict=True))
