"""What a certificate says, as far as the formal theorem says it too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from relucert.base.dyadic import Dyadic, to_fraction
from relucert.base.errors import InputError
from relucert.base.exact import Rows
from relucert.certificate.form import digest
from relucert.certificate.numbers import Json, number
from relucert.families.teacher import statement as teacher_statement
from relucert.families.teacher.methods import HESSIAN, SYMMETRIC
from relucert.families.teacher.problem import TEACHER_STUDENT
from relucert.families.teacher.symmetric.mean import entries
from relucert.families.teacher.symmetric.point import SymmetricPoint

METHODS = (HESSIAN, SYMMETRIC)
SPURIOUS, SADDLE = "spurious-minimum", "strict-saddle"
MOST_ENTRIES = 900  # n d: a Hessian of this size is hours of work for Coq
OTHERS = {
    "global-minimum": "neurons are parallel to targets there, where the formal theory has no derivatives",
    "not-critical": "that there is no critical point is not formalised",
}


@dataclass(frozen=True)
class Claim:
    """A strict local minimum, or strict saddle, W* with |W* - point|_F < radius, low <= F(W*) <= high, of n neurons.

    targets: k rows, or None for e_1 .. e_k; point: n rows of d. every: whether the claim holds for every input
    dimension from d = k on, with the point padded by zeros. digest: the certificate's name.
    """

    digest: str
    n: int
    k: int
    d: int
    targets: Rows | None
    point: Rows
    radius: Dyadic
    low: Dyadic
    high: Dyadic
    every: bool
    saddle: bool

    @property
    def target_rows(self) -> Rows:
        """The targets, also where they are e_1 .. e_k."""
        if self.targets is not None:
            return self.targets
        return tuple(tuple((int(i == j), 0) for j in range(self.d)) for i in range(self.k))


def right_kind(statement: Json, name: str) -> None:
    """Raises InputError for a statement, checked or not, of which there is no formal theorem."""
    said = statement.get("claim")
    family, method, verdict = (
        str(said.get(x)) if isinstance(said, dict) else "None" for x in ("family", "method", "verdict")
    )
    if family != TEACHER_STUDENT or method not in METHODS:
        raise InputError(
            f"{name}: there is a formal theorem for points of the teacher-student network only; "
            f"this is family {family!r}, method {method!r}"
        )
    if verdict not in {SPURIOUS, SADDLE}:
        why = OTHERS.get(verdict, "this is not formalised")
        raise InputError(
            f"{name}: a formal theorem exists for spurious minima and strict saddles only; "
            f"this is a {verdict.replace('-', ' ')} ({why})"
        )


def claim(statement: Json, name: str) -> Claim:
    """Of a checked statement. `name` stands in errors. Raises InputError for one that has no formal theorem."""
    right_kind(statement, name)
    said = statement["claim"]
    if "witness" in said:
        raise InputError(f"{name}: n < k, and that the witness has a lower loss is not formalised")
    problem, bounds = said["problem"], said["bounds"]
    n, k, d = (problem[x] for x in ("n", "k", "d"))
    if n * d > MOST_ENTRIES:
        raise InputError(f"{name}: {n} neurons in R^{d} have {n * d} entries; Coq takes up to {MOST_ENTRIES}")
    targets, point = _rows(statement, name)
    low, high = (number(x, "objective") for x in bounds["objective"])
    radius = number(bounds["existence_radius"], "existence_radius")
    every = said.get("dimension") == teacher_statement.EVERY_DIMENSION and targets is None and d == k
    _not_parallel(targets, name)
    saddle = said["verdict"] == SADDLE
    return Claim(digest(statement), n, k, d, targets, point, radius, low, high, every, saddle)


def _rows(statement: Json, name: str) -> tuple[Rows | None, Rows]:
    """Targets and point, all entries."""
    said = statement["claim"]
    if said["method"] == SYMMETRIC:
        exact: dict[str, Any] = {
            key: [[(int(m), e) for m, e in row] for row in said["point"][key]] for key in ("values", "extra")
        }
        sizes = said["point"]["class_sizes"]
        return None, entries(SymmetricPoint.from_rows(sizes, exact["values"], exact["extra"], name))
    read = teacher_statement.candidate(statement, name)
    return (None if read.problem.is_orthonormal else read.problem.targets), read.point


def _not_parallel(targets: Rows | None, name: str) -> None:
    """The theory divides by the sine of the angle of two rows. Raises InputError for targets where it is 0."""
    rows = [[to_fraction(x) for x in row] for row in targets or ()]
    for i, v in enumerate(rows):
        for j, u in enumerate(rows[:i]):
            inner = sum(x * y for x, y in zip(u, v, strict=True))
            if inner * inner == sum(x * x for x in u) * sum(x * x for x in v):
                raise InputError(
                    f"{name}: targets {j} and {i} are parallel; there the formal theory has no derivatives"
                )
