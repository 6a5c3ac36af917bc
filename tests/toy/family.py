"""The parabola: a rational point is proved to lie within a distance of the only minimum t."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import NamedTuple

from relucert.base.dyadic import UP
from relucert.base.errors import InputError
from relucert.base.rational import exact_number
from relucert.base.strict_json import unique
from relucert.certificate.form import SCHEMA
from relucert.certificate.inequalities import evidence
from relucert.certificate.numbers import bound
from relucert.families.family import Family, Layout
from relucert.kernel import ball
from relucert.kernel.outcome import Argument, GlobalMinimum, inequality

NAME, METHOD = "toy-parabola", "exact"


class Candidate(NamedTuple):
    target: Fraction
    point: Fraction
    source: str
    origin: dict[str, object]


class Result(NamedTuple):
    candidate: Candidate
    outcome: GlobalMinimum
    distance: object

    @property
    def verdict(self):
        return self.outcome.verdict


def read(path, data, layout):
    if layout != Layout():
        raise InputError(f"{path}: has its own problem; leave out --variable, --layout and --targets")
    record = json.loads(data, object_pairs_hook=unique)
    if set(record) != {"family", "target", "points"}:
        raise InputError(f"{path}: expected the members family, target and points")
    target = exact_number(record["target"], f"{path}: target")
    points = [exact_number(x, f"{path}, point {i}") for i, x in enumerate(record["points"])]
    return [Candidate(target, x, f"{path.name}[{i}]", {}) for i, x in enumerate(points)]


def prove(candidate, options):
    with ball.precision(128):
        distance = abs(ball.ratio((candidate.point - candidate.target).as_integer_ratio()))
        hypothesis = inequality("P.1", distance, "<=", ball.upper(distance), "|x - t| <= r")
    return Result(
        candidate, GlobalMinimum(None, (Argument("Parabola", (hypothesis,)),)), ball.upper(distance)
    )


def statement(result, provenance):
    candidate = result.candidate
    return {
        "claim": {
            "schema": SCHEMA,
            "family": NAME,
            "method": METHOD,
            "problem": {"target": str(candidate.target)},
            "point": str(candidate.point),
            "verdict": result.verdict,
            "bounds": {"existence_radius": bound(result.distance, UP)},
        },
        "evidence": evidence(result.outcome.arguments),
        "provenance": {**provenance},
    }


def words(claim):
    target, radius = claim["problem"]["target"], claim["bounds"]["existence_radius"]["decimal"]
    return f"The loss |x - {target}|^2 has its global minimum within {radius} of {claim['point']}.", []


FAMILY = Family(
    name=NAME,
    title="parabola",
    methods=(METHOD,),
    words=words,
    legend={"x: the point, t: the target, r: the distance.": ()},
    read=read,
    prove=prove,
    record=lambda result: {"verdict": result.verdict, "target": str(result.candidate.target)},
    summary=lambda result: f"t = {result.candidate.target}",
    statement=statement,
)
