"""The parabola, checked in exact rationals."""

import re
from fractions import Fraction
from typing import Any, NamedTuple

from relucert_audit import format as fmt
from relucert_audit.format import RADIUS_ABOVE, Opened, take
from relucert_audit.method import Method, evidence
from relucert_audit.steps import refuted

CLAIM = {**fmt.HEADER, "problem": {"target": fmt.rational}, "point": fmt.rational}
CLAIM |= {"verdict": re.compile("global-minimum"), "bounds": {"existence_radius": RADIUS_ABOVE}}


class Certificate(NamedTuple):
    verdict: str
    target: Fraction
    point: Fraction
    bounds: dict[str, Any]


def read(opened: Opened) -> Certificate:
    claim = take(opened.claim, CLAIM, "claim")
    return Certificate(
        claim["verdict"], claim["problem"]["target"], claim["point"], fmt.flatten(claim["bounds"])
    )


def admit(cert: Certificate):
    return iter(())


def prove(cert: Certificate, bits: int):
    m, e = cert.bounds["existence_radius"].exact
    radius = Fraction(m) * Fraction(2) ** e
    return [] if abs(cert.point - cert.target) <= radius else [refuted(6, "existence_radius", "too small")]


EVIDENCE = evidence("Parabola | P.1 | <= | |x - t| <= r")
METHODS = {("toy-parabola", "exact"): Method(read, admit, prove, evidence=EVIDENCE)}
