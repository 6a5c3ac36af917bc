"""A certified critical point, proved again, and the claim of it that each claim about a wider network contains.

docs/spec/wider-v1.md section 1. The certificate says where to look; nothing else of it is believed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from relucert.base.dyadic import DOWN
from relucert.base.errors import InputError
from relucert.certificate import form
from relucert.certificate.inequalities import argument
from relucert.certificate.numbers import Json, bound, number
from relucert.certificate.provenance import versions
from relucert.families.teacher import statement as teacher_statement
from relucert.families.teacher.methods import POINTS, SIGNED, SYMMETRIC
from relucert.families.teacher.problem import TEACHER_STUDENT
from relucert.families.teacher.symmetric.point import SymmetricPoint, SymmetricVerification, verify_point
from relucert.families.teacher.verification import Verification
from relucert.families.teacher.verify import verify
from relucert.kernel import ball
from relucert.kernel.ball import Ball
from relucert.kernel.outcome import Argument
from relucert.kernel.teacher import wider

MINIMA = ("spurious-minimum", "local-minimum")  # what can be split, or be given a neuron at the origin
CRITICAL = (*MINIMA, "global-minimum", "strict-saddle")
ANEW = "barrier"  # is found from L and r as they are claimed
LEFT_OUT = ("basin", "existence_radius_lemma_1", "lambda_min_safran_shamir", "lipschitz_safran_shamir", ANEW)
NOT_USED = ("Theorem D", "Theorem 18.V", "Safran & Shamir (5)")  # theorems about what is left out


@dataclass(frozen=True)
class Base:
    """A critical point W* within r of W, proved.

    result: what was proved about W. claim: the base claim, with the barrier of a minimum. arguments: the evidence
    for both.
    """

    result: Verification | SymmetricVerification
    claim: Json
    arguments: list[Json]

    @property
    def bits(self) -> int:
        return self.result.precision

    @property
    def lipschitz(self) -> Ball:
        """L, as it is claimed."""
        return _exact(self.claim["bounds"]["lipschitz"]["value"])

    @property
    def radius(self) -> Ball:
        """r, as it is claimed."""
        return _exact(self.claim["bounds"]["existence_radius"])

    def extended(self, members: Json, bounds: Json) -> Json:
        """The base claim with further members and bounds."""
        return {**self.claim, **members, "bounds": {**self.claim["bounds"], **bounds}}

    def statement(self, members: Json, bounds: Json, arguments: list[Argument], source: Json) -> Json:
        """A claim about a wider network: the base claim with further members and bounds."""
        claim = self.extended(members, bounds)
        provenance: Mapping[str, object] = {
            **versions(), "source": f"certificate {form.digest(source)}", "search": None, "precision": self.bits
        }  # fmt: skip
        return {
            "claim": claim,
            "evidence": [*self.arguments, *map(argument, arguments)],
            "provenance": dict(provenance),
        }


def kinds(claim: Json) -> int:
    """How many neurons, or kinds of neurons of a symmetric point, a claim is about."""
    point = claim["point"]
    return len(point["class_sizes"]) + len(point["extra"]) if isinstance(point, dict) else len(point)


def eligible(statement: Json, name: str, verdicts: tuple[str, ...], what: str, *, plain: bool) -> None:
    """Raises InputError unless this is a certificate of such a critical point. what: it is for, in errors.

    plain: whether output weights have to be 1, and the activation the ReLU.
    """
    claim = statement["claim"]
    if claim["family"] != TEACHER_STUDENT:
        raise InputError(f"{name}: the family is {claim['family']!r}; {what} is about {TEACHER_STUDENT!r}")
    if claim["method"] == SIGNED and plain:
        raise InputError(
            f"{name}: of a signed network or a leaky activation; {what} needs output weights 1 and the ReLU"
        )
    if claim["method"] not in POINTS:
        raise InputError(
            f"{name}: the method is {claim['method']!r}; give a certificate of `relucert verify`"
        )
    if claim["verdict"] not in verdicts:
        raise InputError(f"{name}: claims a {claim['verdict']}; {what} is about: {', '.join(verdicts)}")


def prove(statement: Json, name: str) -> Base | None:
    """The critical point of a certificate, proved from its exact point; None if its verdict is not."""
    claim = statement["claim"]
    lipschitz = claim["bounds"].get("lipschitz")
    constants = lipschitz.get("constants") if isinstance(lipschitz, dict) else None
    if constants not in ("simple", "sharp"):
        constants = "sharp"
    result: Verification | SymmetricVerification
    if claim["method"] == SYMMETRIC:
        result = verify_point(_symmetric(claim, name), raw=True, constants=constants)
    else:
        result = verify(teacher_statement.candidate(statement, name), raw=True, constants=constants)
    verdict = "local-minimum" if "witness" in claim else claim["verdict"]  # what is known without the witness
    if not result.outcome.proved or result.outcome.verdict != verdict:
        return None
    return base_of(result)


def _symmetric(claim: Json, name: str) -> SymmetricPoint:
    point = claim["point"]
    try:
        values, extra = (teacher_statement.pairs(point[x]) for x in ("values", "extra"))
        return SymmetricPoint.from_rows(point["class_sizes"], values, extra, name)
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"{name}: no exact symmetric point ({error})") from error


def base_of(result: Verification | SymmetricVerification) -> Base:
    """The base claim of what is proved of a critical point."""
    whole = teacher_statement.statement(result, {})
    claim: dict[str, Any] = whole["claim"]
    bounds = claim["bounds"] = {name: x for name, x in claim["bounds"].items() if name not in LEFT_OUT}
    arguments = [x for x in whole["evidence"] if x["theorem"] not in NOT_USED]
    proved = result.outcome.bounds
    if proved is None or result.outcome.verdict not in (*MINIMA, "global-minimum"):
        return Base(result, claim, arguments)
    low = proved.lambda_min[0]
    if "dimension" in claim and proved.lambda_min_outside is not None:
        low = ball.smallest((low, proved.lambda_min_outside[0]))
    with ball.precision(result.precision):
        base = Base(result, claim, arguments)
        height, climb = wider.theorem_18_v(low, base.lipschitz, base.radius, proved.domain)
    if height.holds and ball.proves_positive(climb):
        bounds["barrier"] = bound(climb, DOWN)
        arguments.append(argument(height))
    return base


def _exact(value: Json) -> Ball:
    return ball.exact(number(value, "bounds"))
