"""Certificates: the statement that is proved, as exact JSON, and its strict reading.

docs/spec/certificate-v1.md is the authority for the format. Every number is exact: an integer, or a
dyadic ["m", e] meaning m * 2**e; the decimal beside it is for people.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import rfc8785

from relucert.candidate import Candidate
from relucert.dyadic import DOWN, UP, Dyadic, decimal, rounded
from relucert.dyadic import canonical as canonical_dyadic
from relucert.kernel.ball import Ball, exact, lower, to_dyadic, upper
from relucert.kernel.outcome import Argument, Bounds, Inequality
from relucert.problem import TEACHER_STUDENT, InputError, Problem, Rows, exact_rows
from relucert.robust import Robustness
from relucert.strict_json import unique
from relucert.symmetric.point import SymmetricPoint, SymmetricVerification
from relucert.verification import Verification

SCHEMA = "relucert-certificate/1.1"
EVERY_DIMENSION = "every d >= k"
HESSIAN, SYMMETRIC = "hessian", "symmetric-hessian"  # methods
PAYLOAD_TYPE = "application/vnd.relucert.certificate.v1+json"
FOR_COMPARISON = ("Lemma 1", "Safran & Shamir (5)")  # weaker than what decides; small files do without
SIDE_BITS = 20  # of a side of an inequality
LINE = 110
LARGEST_FILE = 64 * 2**20

Json: TypeAlias = dict[str, Any]


def statement(result: Verification | SymmetricVerification, provenance: Mapping[str, object]) -> Json:
    """The statement of a proved outcome. Raises InputError for an inconclusive one: there is no claim."""
    outcome = result.outcome
    if not outcome.proved or outcome.bounds is None:
        raise InputError("an inconclusive outcome claims nothing and has no certificate")
    claim = _symmetric(result.point) if isinstance(result, SymmetricVerification) else _dense(result)
    bounds = _bounds(outcome.bounds, result.constants)
    claim |= {"verdict": outcome.verdict, "bounds": bounds}
    if outcome.bounds.lambda_min_outside is not None and claim["problem"]["d"] == claim["problem"]["k"]:
        claim["dimension"] = EVERY_DIMENSION
        bounds["lambda_min_outside"] = _interval(outcome.bounds.lambda_min_outside)
    arguments = outcome.arguments
    if isinstance(result, SymmetricVerification):
        for name in ("lambda_min_safran_shamir", "existence_radius_lemma_1"):
            bounds.pop(name, None)
        bounds["inertia"] = {sign: str(count) for sign, count in bounds["inertia"].items()}
        arguments = tuple(a for a in arguments if a.theorem not in FOR_COMPARISON)
    return {
        "claim": claim,
        "evidence": evidence(arguments),
        "provenance": {
            **provenance,
            "precision": result.precision,
            "moved": None if result.moved is None else _number(result.moved, UP),
        },
    }


def _dense(result: Verification) -> Json:
    problem = result.candidate.problem
    return {
        "schema": SCHEMA,
        "family": problem.family,
        "method": HESSIAN,
        "problem": _problem(problem),
        "point": _rows(result.candidate.point),
    }


def _symmetric(point: SymmetricPoint) -> Json:
    """Section 3a of the format."""
    return {
        "schema": SCHEMA,
        "family": TEACHER_STUDENT,
        "method": SYMMETRIC,
        "problem": {"n": point.n, "k": point.k, "d": point.k, "targets": "orthonormal"},
        "point": {
            "class_sizes": list(point.sizes),
            "values": _rows(point.values),
            "extra": _rows(point.extra),
        },
    }


def evidence(arguments: Sequence[Argument]) -> list[Json]:
    """The theorems that were applied, with both sides of each hypothesis."""
    return [_argument(a) for a in arguments]


def enclosure(value: Ball) -> list[Json]:
    """Two number objects with the ball between them."""
    return _interval((lower(value), upper(value)))


def at_most(value: Ball) -> Json:
    """The number object of an upper bound."""
    return _number(upper(value), UP)


def at_least(value: Ball) -> Json:
    """The number object of a lower bound."""
    return _number(lower(value), DOWN)


def dyadics(row: Sequence[Dyadic]) -> list[list[object]]:
    """A row of exact numbers."""
    return [_dyadic(x) for x in row]


def with_robust(statement: Json, result: Robustness) -> Json:
    """The statement of a spurious minimum with Theorem P beside it: member `robust` of the claim."""
    robust = {
        "deviation": _written(to_dyadic(result.deviation), DOWN),
        "radius": _number(result.radius, UP),
        "lipschitz": {
            "radius": _written(to_dyadic(result.domain), DOWN),
            "value": _number(result.lipschitz, UP),
        },
        "random_dimension": str(result.random_dimension),
    }
    return {
        **statement,
        "claim": {**statement["claim"], "robust": robust},
        "evidence": [*statement["evidence"], _argument(result.argument)],
    }


def candidate(statement: Json, name: str) -> Candidate:
    """The exact point and problem of a statement with a point of rows. `name` stands in errors.

    Raises InputError for another kind of point, or one that is malformed.
    """
    claim = statement["claim"]
    if claim["method"] != "hessian":
        raise InputError(
            f"{name}: the method is {claim['method']!r}; only a point of rows of dyadics can be read"
        )
    try:
        targets, (n, k) = claim["problem"]["targets"], (claim["problem"][x] for x in ("n", "k"))
        problem = (
            Problem.orthonormal(k, n)
            if targets == "orthonormal"
            else Problem.from_targets(_pairs(targets), n)
        )
        return Candidate(problem, exact_rows(_pairs(claim["point"]), "neuron"), name)
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"{name}: no exact point and problem ({error})") from error


def _pairs(rows: list[list[list[Any]]]) -> list[list[tuple[int, int]]]:
    return [[(int(mantissa), exponent) for mantissa, exponent in row] for row in rows]


def canonical(statement: Json) -> bytes:
    """The bytes that are signed and named: RFC 8785 canonical JSON. Raises InputError where there is none."""
    try:
        return rfc8785.dumps(statement)
    except rfc8785.CanonicalizationError as error:
        raise InputError(f"the statement has no canonical form: {error}") from error


def digest(statement: Json) -> str:
    """SHA-256 of the canonical bytes, in hexadecimal: the name of the certificate."""
    return hashlib.sha256(canonical(statement)).hexdigest()


def envelope(statement: Json, signatures: Sequence[Mapping[str, str]]) -> bytes:
    """The certificate file: readable JSON, claim first."""
    whole = {"payloadType": PAYLOAD_TYPE, "statement": statement, "signatures": [dict(s) for s in signatures]}
    return (_pretty(whole) + "\n").encode()


def to_dsse(whole: Json) -> bytes:
    """A certificate as a standard DSSE envelope: the same signatures over the same bytes."""
    payload = base64.b64encode(canonical(whole["statement"])).decode()
    standard = {"payload": payload, "payloadType": whole["payloadType"], "signatures": whole["signatures"]}
    return (json.dumps(standard, indent=2) + "\n").encode()


def parse(data: bytes, name: str) -> Json:
    """The envelope in a certificate file. `name` stands in errors.

    Raises InputError unless it is UTF-8 JSON of a sensible size without duplicate keys, floats or
    constants, and has the members of a version 1 certificate.
    """
    if len(data) > LARGEST_FILE:
        raise InputError(f"{name}: larger than {LARGEST_FILE} bytes")
    try:
        whole = json.loads(
            data.decode(), object_pairs_hook=unique, parse_float=_no_float, parse_constant=_no_float
        )
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise InputError(f"{name}: not a certificate: {error}") from error
    _members(whole, {"payloadType": str, "statement": dict, "signatures": list}, name)
    if whole["payloadType"] != PAYLOAD_TYPE:
        raise InputError(f"{name}: payloadType is {whole['payloadType']!r}, expected {PAYLOAD_TYPE!r}")
    _members(whole["statement"], {"claim": dict, "evidence": list, "provenance": dict}, f"{name}: statement")
    claim = whole["statement"]["claim"]
    kinds: dict[str, type] = {"schema": str, "family": str, "method": str, "verdict": str}
    _members(claim, {**kinds, "problem": dict, "bounds": dict}, f"{name}: claim")
    if claim["schema"].rpartition(".")[0] != SCHEMA.rpartition(".")[0]:
        raise InputError(f"{name}: schema is {claim['schema']!r}, this version reads {SCHEMA!r}")
    return dict(whole)


def number(value: object, where: str) -> Dyadic:
    """The exact value of a number object {"exact": ["m", e], "decimal": ..}. Raises InputError."""
    pair = value.get("exact") if isinstance(value, dict) else None
    if isinstance(pair, list) and len(pair) == 2 and isinstance(pair[0], str) and type(pair[1]) is int:
        text = pair[0].removeprefix("-")
        if text.isascii() and text.isdigit():
            return int(pair[0]), pair[1]
    raise InputError(f'{where}: expected {{"exact": ["mantissa", exponent], "decimal": ..}}')


def _no_float(text: str) -> Any:
    raise ValueError(f"{text} is not an exact number")


def _members(value: object, kinds: Mapping[str, type], name: str) -> None:
    if not isinstance(value, dict):
        raise InputError(f"{name}: expected an object")
    for key, kind in kinds.items():
        if not isinstance(value.get(key), kind):
            raise InputError(f"{name}: member {key!r} is missing or is not a JSON {kind.__name__}")


def _dyadic(value: Dyadic) -> list[object]:
    return [str(value[0]), value[1]]


def _rows(rows: Rows) -> list[list[list[object]]]:
    return [dyadics(row) for row in rows]


def _problem(problem: Problem) -> Json:
    targets = "orthonormal" if problem.is_orthonormal else _rows(problem.targets)
    return {"n": problem.n, "k": problem.k, "d": problem.dimension, "targets": targets}


def _number(value: Ball, rounding: str) -> Json:
    return _written(loosened(to_dyadic(value), rounding), rounding)


def _interval(ends: tuple[Ball, Ball]) -> list[Json]:
    return [_number(ends[0], DOWN), _number(ends[1], UP)]


def _written(exact: Dyadic, rounding: str) -> Json:
    return {"exact": _dyadic(exact), "decimal": decimal(exact, rounding)}


def loosened(value: Dyadic, rounding: str) -> Dyadic:
    """A weaker bound, by a relative 2^-20 to 2^-18, with a short mantissa; 0 stays 0.

    A checker with another arithmetic must be able to confirm what is claimed.
    """
    mantissa, exponent = value
    size = abs(mantissa)
    shift = size.bit_length() - 20
    short = size >> shift if shift > 0 else size << -shift
    if mantissa:
        short += 2 if (mantissa > 0) == (rounding == UP) else -1
    return canonical_dyadic(short if mantissa > 0 else -short, exponent + shift)


def _bounds(bounds: Bounds, constants: str) -> Json:
    result: Json = {
        "objective": _interval(bounds.objective),
        "gradient_norm": _number(bounds.gradient, UP),
        "lambda_min": _interval(bounds.lambda_min),
        "lambda_max": _number(bounds.lambda_max, UP),
        "lambda_min_safran_shamir": _number(bounds.lambda_min_safran_shamir, DOWN),
        "lipschitz": {
            "constants": constants,
            "radius": _written(to_dyadic(bounds.domain), DOWN),
            "value": _number(bounds.lipschitz, UP),
        },
    }
    if bounds.inertia is not None:
        result["inertia"] = {"negative": bounds.inertia[0], "positive": bounds.inertia[1]}
    if bounds.lipschitz_safran_shamir is not None:
        result["lipschitz_safran_shamir"] = _number(bounds.lipschitz_safran_shamir, UP)
    if bounds.radius is not None and bounds.uniqueness is not None:
        result["existence_radius"] = _number(bounds.radius, UP)
        result["uniqueness_radius"] = _number(bounds.uniqueness, DOWN)
    if bounds.radius_lemma_1 is not None:
        result["existence_radius_lemma_1"] = _number(bounds.radius_lemma_1, UP)
    if bounds.basin is not None and bounds.step is not None:
        result["basin"] = {"radius": _number(bounds.basin, DOWN), "step": _number(bounds.step, DOWN)}
    if bounds.exclusion is not None:
        result["exclusion_radius"] = _number(bounds.exclusion, DOWN)
    return result


def _argument(argument: Argument) -> Json:
    return {
        "theorem": argument.theorem,
        "holds": argument.holds,
        "inequalities": [_inequality(h) for h in argument.hypotheses],
    }


def _inequality(h: Inequality) -> Json:
    """With sides of few digits, unless it holds too narrowly for that."""
    short = h._replace(left=_short(h.left, UP), right=_short(h.right, DOWN))
    if h.proved and not short.proved:
        short = h
    return {
        "step": h.name,
        "text": h.text,
        "left": _side(short.left, UP),
        "relation": h.relation,
        "right": _side(short.right, DOWN),
        "proved": h.proved,
    }


def _short(value: Ball, rounding: str) -> Ball:
    if not value.is_finite():
        return value
    mantissa, exponent = to_dyadic(value)
    sign = 1 if rounding == DOWN else -1
    mantissa, exponent = rounded((sign * mantissa, exponent), SIDE_BITS)
    return exact((sign * mantissa, exponent))


def _side(value: Ball, rounding: str) -> Json | None:
    """A side of an inequality; null where it is undefined (an argument that does not hold)."""
    return _written(to_dyadic(value), rounding) if value.is_finite() else None


def _pretty(value: Any, indent: str = "") -> str:
    """JSON with one object member a line, but small objects and rows of numbers on one line."""
    inner = indent + " "
    if isinstance(value, dict) and value and not _is_line(value):
        members = (f"{inner}{json.dumps(k)}: {_pretty(v, inner)}" for k, v in value.items())
        return "{\n" + ",\n".join(members) + f"\n{indent}}}"
    if isinstance(value, list) and any(isinstance(x, dict | list) for x in value) and not _is_flat(value):
        return "[\n" + ",\n".join(inner + _pretty(x, inner) for x in value) + f"\n{indent}]"
    return json.dumps(value, ensure_ascii=False)


def _is_line(value: Json) -> bool:
    """A number, an inequality, or a few members that are neither objects nor lists."""
    if value.keys() <= {"exact", "decimal"} or "relation" in value:
        return True
    return not any(isinstance(x, dict | list) for x in value.values()) and len(json.dumps(value)) < LINE


def _is_flat(value: list[Any]) -> bool:
    """A row of dyadics, or an interval."""
    if len(value) == 2 and all(isinstance(x, dict) and x.keys() == {"exact", "decimal"} for x in value):
        return True
    return all(isinstance(x, list) and not any(isinstance(y, dict | list) for y in x) for x in value)
