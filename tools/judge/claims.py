"""Judges every claim of a certificate: the shape by the schema, the rules in fractions, the numbers by the kernel."""

from __future__ import annotations

import json
import re
from fractions import Fraction
from typing import Any

from jsonschema import Draft202012Validator

from judge.documents import (
    MINIMA,
    RADII,
    ROOT,
    VERSIONS,
    Json,
    Place,
    is_dyadic,
    is_number,
    is_upper,
    leaves,
    value,
)
from judge.truth import (
    BITS,
    SymmetricTruth,
    Truth,
    Untrue,
    at_most,
    require,
    symmetric_truth,
    truth,
    unit_vectors,
)
from relucert.base.errors import InputError
from relucert.families.teacher.symmetric import point as symmetric
from relucert.families.teacher.symmetric.point import SymmetricPoint
from relucert.kernel import ball, newton
from relucert.kernel.ball import Ball, NotProved, lower, proves_le, proves_lt, square, upper
from relucert.kernel.teacher import lipschitz, loss
from relucert.kernel.teacher.loss import Network

NEW = ("dimension", "robust", "witness")  # members since version 1.1
SCHEMA = json.loads((ROOT / "docs" / "spec" / "certificate-v1.schema.json").read_text())
VALIDATOR = Draft202012Validator(SCHEMA)
SIGNED_SCHEMA = json.loads((ROOT / "docs" / "spec" / "signed-v1.schema.json").read_text())
SIGNED_VALIDATOR = Draft202012Validator(SIGNED_SCHEMA)  # of a claim alone
SIGNED = "signed-hessian"
DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?(e[+-]?[0-9]{1,5})?", re.ASCII)
NONNEGATIVE = (*RADII, "existence_radius", "existence_radius_lemma_1")


def rows(value: list[Any]) -> tuple[tuple[tuple[int, int], ...], ...]:
    return tuple(tuple((int(m), e) for m, e in row) for row in value)


def load(data: bytes) -> Json:
    """JSON by section 1, read in another way than the checker does."""

    def pairs(items: list[tuple[str, Any]]) -> Json:
        names = [name for name, _ in items]
        require(len(set(names)) == len(names), "duplicate member")
        return dict(items)

    def integer(text: str) -> int:
        require(text != "-0" and abs(int(text)) < 2**53, "integer")
        return int(text)

    def no(text: str) -> Any:
        raise Untrue(f"number {text}")

    try:
        return dict(
            json.loads(
                data.decode(), object_pairs_hook=pairs, parse_int=integer, parse_float=no, parse_constant=no
            )
        )
    except (UnicodeDecodeError, json.JSONDecodeError, TypeError) as failure:
        raise Untrue(f"not JSON: {failure}") from failure


def judge(data: bytes) -> None:
    """Raises Untrue unless everything that the unsigned certificate claims is true."""
    document = load(data)
    check_shape(document)
    claim, evidence = document["statement"]["claim"], document["statement"]["evidence"]
    require(claim["schema"] in VERSIONS, "a later version")
    newer = claim["method"] == SIGNED or any(x in claim for x in NEW) or "barrier" in claim["bounds"]
    require(claim["schema"] == VERSIONS[1] or not newer, "a member of version 1.1")
    require("robust" not in claim, "robust is not judged here")
    for _place, item in leaves(document["statement"]["claim"]):
        if is_dyadic(item):
            m, e = int(item[0]), item[1]
            require(m % 2 == 1 or (m, e) == (0, 0), "dyadic")
            require(abs(m).bit_length() <= 65536 and type(e) is int, "dyadic")
    check_decimals(claim["bounds"], ())
    check_evidence(evidence)
    with ball.precision(BITS):
        try:
            check_numbers(claim)
        except (NotProved, OverflowError) as failure:
            raise Untrue(f"kernel: {failure}") from failure


def check_shape(document: Json) -> None:
    """By the schemas: that of the file, which knows the claims of two methods, or of the claim by itself."""
    statement = document.get("statement")
    claim = statement.get("claim") if isinstance(statement, dict) else None
    errors = list(VALIDATOR.iter_errors(document))
    if isinstance(claim, dict) and claim.get("method") == SIGNED:
        inside = ["statement", "claim"]
        errors = [x for x in errors if list(x.absolute_path)[:2] != inside]
        errors += SIGNED_VALIDATOR.iter_errors(claim)
    require(not errors, f"schema: {errors and errors[0].message[:100]}")


def check_decimals(item: Any, place: Place) -> None:
    if is_number(item):
        exact, shown, up = value(item["exact"]), item["decimal"], is_upper(place)
        require(DECIMAL.fullmatch(shown) is not None, "decimal")
        digits = re.sub(r"e.*", "", shown).lstrip("-0.").replace(".", "")
        require(len(digits if "." in shown else digits.rstrip("0")) <= 6, "decimal: more than six digits")
        require(exact >= 0 or place[-1] not in NONNEGATIVE, "a negative radius")
        shown = Fraction(shown)
        require(shown >= exact if up else shown <= exact, f"decimal of {place}: wrong side")
        require(abs(shown - exact) * 10**4 <= abs(exact), f"decimal of {place}: far off")
    elif isinstance(item, dict | list) and not is_dyadic(item):
        for name, part in item.items() if isinstance(item, dict) else enumerate(item):
            check_decimals(part, (*place, name))


def check_evidence(evidence: list[Json]) -> None:
    for argument in evidence:
        for i in argument["inequalities"]:
            check_decimals({name: i[name] for name in ("left", "right") if i[name]}, ())
            if i["proved"]:
                require(i["left"] is not None and i["right"] is not None, "evidence: no number")
                left, right = value(i["left"]["exact"]), value(i["right"]["exact"])
                require(left < right if i["relation"] == "<" else left <= right, "evidence: false inequality")
        steps = [i["proved"] for i in argument["inequalities"]]
        require(not argument["holds"] or (bool(steps) and all(steps)), "evidence: does not hold")


def subject(claim: Json) -> Truth | SymmetricTruth:
    """The point that the claim is about."""
    point, targets, bounds = claim["point"], claim["problem"]["targets"], claim["bounds"]
    counts = {type(x) for x in bounds.get("inertia", {}).values()}
    if claim["method"] in ("hessian", SIGNED):
        require(isinstance(point, list) and counts <= {int}, "form")
        k = claim["problem"]["k"]
        point, targets = rows(point), unit_vectors(k) if targets == "orthonormal" else rows(targets)
        require(len({len(row) for row in (*point, *targets)}) == 1, "shapes do not match")
        network = network_of(claim)
        fits = network is None or (len(network.signs), len(network.teacher)) == (len(point), len(targets))
        require(fits, "shapes do not match")
        return truth(point, targets, network)
    require(claim["schema"] == VERSIONS[1] and isinstance(point, dict) and counts <= {str}, "form")
    require(all(x.isdecimal() for x in bounds.get("inertia", {}).values()), "form")
    require(targets == "orthonormal" and bounds["lipschitz"]["constants"] in symmetric.CONSTANTS, "form")
    require(not any(name.endswith("safran_shamir") for name in bounds), "form")
    sizes, values, extra = tuple(point["class_sizes"]), rows(point["values"]), rows(point["extra"])
    try:
        at = SymmetricPoint(sizes, values, extra)
    except InputError as failure:
        raise Untrue(str(failure)) from failure
    alone = (row[-1] for p, row in zip(sizes, values, strict=True) if p == 1)
    require(all(x == (0, 0) for x in alone), "an entry that no neuron has")
    require(claim["problem"]["d"] == at.k, "shapes do not match")
    return symmetric_truth(at)


def network_of(claim: Json) -> Network | None:
    """Signs and slope."""
    if claim["method"] != SIGNED:
        return None
    problem = claim["problem"]
    signs, teacher, slope = (problem[x] for x in ("signs", "teacher_signs", "slope"))
    require((len(signs), len(teacher)) == (problem["n"], problem["k"]), "as many signs")
    require({type(x) for x in (*signs, *teacher)} == {int} and {*signs, *teacher} <= {1, -1}, "signs")
    alpha = Fraction(slope)
    require(str(alpha) == slope and -1 <= alpha < 1, "slope")
    require(alpha != 0 or -1 in (*signs, *teacher), "not a signed network")
    return Network(tuple(signs), tuple(teacher), (alpha.numerator, alpha.denominator))


def reaches_zero(claim: Json) -> bool:
    """Whether inf F = 0 is proved."""
    problem = claim["problem"]
    if claim["method"] != SIGNED:
        return bool(problem["n"] >= problem["k"])
    left = list(problem["signs"])
    for sign in problem["teacher_signs"]:
        if sign not in left:
            return False
        left.remove(sign)
    return True


def check_numbers(claim: Json) -> None:
    problem, bounds, verdict = claim["problem"], claim["bounds"], claim["verdict"]
    n, k, d = problem["n"], problem["k"], problem["d"]
    everywhere, t = "dimension" in claim, subject(claim)
    require(everywhere == ("lambda_min_outside" in bounds), "dimension without lambda_min_outside")
    require(not everywhere or (d == k and verdict != "not-critical"), "dimension")
    require((n, k, n * d) == (t.n, t.k, t.n_d), "shapes do not match")

    def at(name: str, place: int | str | None = None) -> Ball:
        found = bounds[name] if place is None else bounds[name][place]
        m, e = found["exact"]
        return ball.exact((int(m), e))

    f, alpha, constants = t.facts, at("lipschitz", "radius"), bounds["lipschitz"]["constants"]
    low, high = f.spectrum.values[0], f.spectrum.values[-1]
    # Bounds of the point itself.
    at_most(f.gradient, at("gradient_norm"), "gradient_norm")
    at_most(at("lambda_min", 0), low, "lambda_min low")
    at_most(low, at("lambda_min", 1), "lambda_min high")
    at_most(high, at("lambda_max"), "lambda_max")
    if "lambda_min_safran_shamir" in bounds:
        at_most(at("lambda_min_safran_shamir"), low, "lambda_min_safran_shamir")
    if everywhere:
        at_most(at("lambda_min_outside", 0), t.outside.values[0], "lambda_min_outside low")
        at_most(t.outside.values[0], at("lambda_min_outside", 1), "lambda_min_outside high")
    inertia = t.inertia()
    if "inertia" in bounds:
        counted = bounds["inertia"]
        require(inertia == (int(counted["negative"]), int(counted["positive"])), "inertia")
    # The ball, and the Lipschitz constant there.
    require(ball.proves_positive(alpha), "lipschitz radius")
    radius = value(bounds["lipschitz"]["radius"]["exact"])
    require(radius**2 < t.shortest(), "a neuron in reach of the origin")
    L = t.lipschitz(alpha, constants)
    at_most(L, at("lipschitz", "value"), "lipschitz value")
    if "lipschitz_safran_shamir" in bounds:
        paper = lipschitz.safran_shamir(f.neurons, f.targets, alpha)
        at_most(paper, at("lipschitz_safran_shamir"), "lipschitz_safran_shamir")
    steepest = upper(ball.largest((abs(low), abs(high))))
    if verdict == "not-critical":
        radius = at("exclusion_radius")
        require(proves_le(radius, alpha), "exclusion_radius above lipschitz radius")
        at_most((steepest + L * radius / 2) * radius, f.gradient, "exclusion_radius")
        require(proves_lt(Ball(0), f.gradient), "exclusion_radius: critical")
        contains(at("objective", 0), f.objective, at("objective", 1))
        require(
            "basin" not in bounds and "barrier" not in bounds and "existence_radius_lemma_1" not in bounds,
            "not about a minimum",
        )
        return
    # Existence and uniqueness.
    holds, r, reach = t.theorem_e(alpha, constants, everywhere)
    require(holds, "Theorem E")
    if everywhere:
        low, high = ball.smallest((low, t.outside.values[0])), ball.largest((high, t.outside.values[-1]))
        require(verdict not in MINIMA or ball.proves_positive(t.outside.values[0]), "verdict: M")
    apart, least_value, _ = t.critical
    at_most(apart, upper(r), "Theorem E contradicts Newton's method")
    at_most(apart, at("existence_radius"), "existence_radius: W* is farther away")
    at_most(at("uniqueness_radius"), reach, "uniqueness_radius")
    eps, least = upper(f.gradient), lower(low)
    first, r1 = newton.lemma_1(least, eps, L, alpha)
    require(first.holds or constants != "paper" or verdict not in MINIMA, "Lemma 1")
    if "existence_radius_lemma_1" in bounds:
        require(first.holds, "Lemma 1")
        at_most(r1, at("existence_radius_lemma_1"), "existence_radius_lemma_1")
    # The verdict and the value.
    require(inertia is not None and (inertia[0] == 0) == (verdict in MINIMA), "verdict: inertia")
    if verdict == "spurious-minimum":
        spurious = ball.proves_positive(least_value) if reaches_zero(claim) else "witness" in claim
        require(spurious, "verdict: not spurious")
    require(("witness" in claim) == ("gap" in bounds), "a witness without a gap")
    if "witness" in claim:
        rows_of = rows(claim["witness"])
        require(verdict == "spurious-minimum" and not reaches_zero(claim) and len(rows_of) == n, "witness")
        require({len(row) for row in rows_of} == {d}, "witness")
        teachers = unit_vectors(k) if problem["targets"] == "orthonormal" else rows(problem["targets"])
        there = loss.objective(loss.geometry(rows_of, teachers, network_of(claim)))
        require(ball.proves_positive(at("gap")), "gap")
        at_most(at("gap"), least_value - there, "gap")
    if verdict == "global-minimum":
        near = f.to_global is not None and n == k and reaches_zero(claim)
        require(near and proves_lt(f.to_global, reach), "verdict: not global")  # type: ignore[arg-type]
        least_value = Ball(0)
    contains(at("objective", 0), least_value, at("objective", 1))
    if "barrier" in bounds:
        require(verdict in MINIMA and ball.proves_positive(at("barrier")), "barrier: not of a minimum")
        rest = r if not first.holds else r.min(r1)
        slope = lower(least - L * rest)
        t = lower(ball.smallest((alpha - rest, 2 * slope / L)))
        require(ball.proves_positive(slope) and ball.proves_positive(t), "barrier: 18.V")
        at_most(at("barrier"), slope * t * t / 2 - L * t**3 / 6, "barrier")
    if "basin" in bounds:
        require(verdict in MINIMA and ball.proves_positive(at("basin", "step")), "basin: not of a minimum")
        r = r if not first.holds else r.min(r1)
        R = at("basin", "radius") + r
        at_most(R + r, alpha, "basin radius, D.2")
        at_most(L * R / 2, least - L * r, "basin radius, D.3")
        at_most(at("basin", "step"), 2 / (upper(high) + L * r + L * R / 2), "basin step")


def contains(low: Ball, x: Ball, high: Ball) -> None:
    at_most(low, x, "objective low")
    at_most(x, high, "objective high")
    require(square(x).is_finite(), "objective")
