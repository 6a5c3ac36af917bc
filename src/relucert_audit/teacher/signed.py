"""Claims of the method "signed-hessian", docs/spec/signed-v1.md: output weights +1 and -1, activation max(t, slope t).

They are those of the method "hessian" for a loss with signs and a slope (docs/theorem/signed.md), which `loss`,
`theorems` and `steps` know. Here is what only these claims have."""

from fractions import Fraction
from typing import Any

from relucert_audit.format import HEADER, Opened, malformed, rational, take
from relucert_audit.steps import Finding, Findings, refuted, run
from relucert_audit.teacher import claim, steps
from relucert_audit.teacher.claim import EVERYWHERE, KIND, NOT_HERE, WITNESS, Certificate
from relucert_audit.teacher.theorems import Numbers

SLOPE_LENGTH = 64
OF_THE_PAPER = [name for name in NOT_HERE if name != "basin"]


def sign(value: Any, where: str) -> int:
    """The shape of an output weight."""
    if type(value) is not int or value not in (1, -1):
        raise malformed(f"{where} has an entry that is neither 1 nor -1")
    return value


def slope(value: Any, where: str) -> Fraction:
    """The shape of a slope: a rational from -1 to below 1."""
    if not isinstance(value, str) or len(value) > SLOPE_LENGTH:
        raise malformed(f"{where} is not a string of at most {SLOPE_LENGTH} characters")
    found = rational(value, where)
    if not -1 <= found < 1:
        raise malformed(f"{where} is not from -1 to below 1")
    return found


SIGNED = {"signs": [sign], "teacher_signs": [sign], "slope": slope}
SHAPE = {**HEADER, "problem": dict, "point": object, "verdict": str, "bounds": dict}
SHAPE |= {f"{name}?": shape for name, shape in (EVERYWHERE | WITNESS).items()}


def read(opened: Opened) -> Certificate:
    """What remains without the members of this method is a claim of the method "hessian". Raises Refusal."""
    raw = opened.claim
    members = take(raw, SHAPE, "claim")
    problem = take(members["problem"], SIGNED, "claim.problem", open_ended=True)
    bounds = members["bounds"]
    take(bounds, {"lipschitz": KIND}, "claim.bounds", open_ended=True)
    if any(name in bounds for name in OF_THE_PAPER):
        raise malformed("a bound that the claims of this method do not have")
    base = {**raw, "problem": {name: x for name, x in raw["problem"].items() if name not in SIGNED}}
    cert = claim.read_points(opened._replace(claim=base), signed=True)
    signs = (*problem["signs"], *problem["teacher_signs"])
    if (len(problem["signs"]), len(signs)) != (cert.n, cert.n + cert.k):
        raise malformed("signs and teacher_signs are not n and k numbers")
    return cert._replace(signs=signs, slope=problem["slope"])


def step_1(cert: Certificate) -> Findings:
    """Admission."""
    yield from steps.step_1(cert)
    if set(cert.signs) == {1} and not cert.slope:
        yield refuted(1, "problem", "not a signed network: its method is hessian")


def prove(cert: Certificate, bits: int) -> list[Finding]:
    """Steps 3 to 8 at one precision."""
    return run(steps.STEPS, cert, Numbers(cert, bits))
