"""Points (w, a) of a network with trained output weights: what is proved of u = (|a_i| w_i), and what follows.

docs/theorem/wider.md, Theorem 18.T and Corollary 18.T'; docs/spec/wider-v1.md section 4.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from relucert.base.arrays import read_array, read_bytes, variables
from relucert.base.dyadic import UP, Dyadic, decimal
from relucert.base.enclosure import Bound
from relucert.base.errors import InputError
from relucert.base.exact import exact_rows
from relucert.base.json_numbers import json_rows, located, read_json
from relucert.certificate.numbers import Json, number
from relucert.families.result import AT_MOST
from relucert.families.teacher import statement as teacher_statement
from relucert.families.teacher import verification
from relucert.families.teacher.candidate import Candidate
from relucert.families.teacher.methods import MANIFOLDS
from relucert.families.teacher.verification import Verification
from relucert.families.teacher.verify import verify
from relucert.families.teacher.wider import claims
from relucert.families.teacher.wider.base import Base, base_of
from relucert.kernel.ball import Ball
from relucert.kernel.outcome import GlobalMinima, Inconclusive, NotCritical, Outcome, SplitSaddle

MEMBER = "output_weights"
NAMES = (MEMBER, "a")  # of the array, where a file holds several
WITHOUT = {
    NotCritical: "the point is not critical: no critical point is next to it with these output weights held fixed",
    GlobalMinima: "the loss is 0, exactly, and with more neurons than targets the point is not isolated",
    SplitSaddle: "it has parallel neurons: with these output weights held fixed it is a critical point and no minimum",
}  # verdicts that have no certificate here
POLISHED = "the polished (u_i/|a_i|, a_i)"
FIXED = " with fixed output weights"
OF_FIXED = (
    "lambda_min", "gradient norm", "existence radius", "barrier to any other point as low",
    "no critical point within", "moved by polishing",
)  # fmt: skip


@dataclass(frozen=True, repr=False)
class TrainedVerification(Verification):
    """What was proved of (w, a) with trained output weights a, by u = (|a_i| w_i) with a held fixed.

    `point` and `exact_point` are u, polished if need be; lambda_min, gradient_norm and existence_radius are of u with
    fixed output weights. Uniqueness and basins do not carry over: those numbers are None.
    base: the critical point with fixed output weights, None where nothing is proved. distance: of the (w, a) that was
    given from the manifold of critical points. polished_distance: of (u_i/|a_i|, a_i), as the certificate claims it,
    where u was polished.
    """

    base: Base | None = None
    distance: Bound | None = None
    polished_distance: Bound | None = None

    def _heading(self) -> str:
        return f"{super()._heading()} at u = (|a_i| w_i), output weights fixed"

    def _rows(self) -> list[tuple[str, str]]:
        (_, first), *rest = super()._rows()
        rows = [("", f"{first} at u = (|a_i| w_i)")]
        rows += [(f"{name}{FIXED}" if name in OF_FIXED else name, value) for name, value in rest]
        for where, bound in (("(w, a)", self.distance), (POLISHED, self.polished_distance)):
            if bound is not None:
                rows.append((f"distance of {where} from the manifold of critical points", repr(bound)))
        return rows


def verify_trained(candidate: Candidate, **options: Any) -> TrainedVerification:
    """`verify`, and what follows for trained output weights. Raises InputError for options that do not go with them."""
    if options.get("constants") == "paper" or options.get("find_witness"):
        raise InputError(
            'constants="paper" and find_witness do not go with trained output weights; leave them out'
        )
    return of(verify(candidate, **options))


def of(result: Verification) -> TrainedVerification:
    """What follows for trained output weights, those of the candidate. A verdict that has no certificate is undone."""
    outcome, weights = result.outcome, result.candidate.output_weights
    if weights is None:
        raise InputError("this point has no output weights")
    known = (result.candidate, result.moved, result.precision, result.constants, result.note)
    if result.verdict in MANIFOLDS:
        base = base_of(result)
        near = _distance(base, weights)
        if result.moved is None:
            return TrainedVerification(_carried_over(outcome), *known, base, near)
        given = _distance(base, weights, result.moved)
        return TrainedVerification(_carried_over(outcome), *known, base, given, near)
    reason = WITHOUT.get(type(outcome))
    if reason is not None:
        outcome = Inconclusive(None, (), f"{reason}; no certificate says that of trained output weights")
    return TrainedVerification(_carried_over(outcome), *known)


def _distance(base: Base, weights: Sequence[Dyadic], moved: Ball | None = None) -> Bound:
    return Bound(number(claims.distance(base, weights, moved), "distance"), AT_MOST)


def _carried_over(outcome: Outcome) -> Outcome:
    """Without uniqueness and basin: these are of another metric."""
    bounds = outcome.bounds
    if bounds is None:
        return outcome
    return replace(outcome, bounds=bounds._replace(uniqueness=None, basin=None, step=None))


def statement(result: TrainedVerification, provenance: Mapping[str, object]) -> Json:
    """Raises InputError where nothing is proved."""
    base, weights = result.base, result.candidate.output_weights
    if base is None or weights is None:
        raise InputError("an inconclusive outcome claims nothing and has no certificate")
    return {
        "claim": claims.trained_claim(base, weights),
        "evidence": base.arguments,
        "provenance": teacher_statement.how(result, provenance),
    }


def summary(result: TrainedVerification) -> str:
    """As without output weights, and what follows."""
    whole = verification.summary(result)
    if result.distance is None:
        return whole
    near = result.polished_distance
    beside = "" if near is None else f", and within {_decimal(near)} of {POLISHED}"
    return (
        f"{whole}\nwith trained output weights: a manifold of dimension {result.candidate.problem.n} of such points, "
        f"within {_decimal(result.distance)} of (w, a){beside}"
    )


def record(result: TrainedVerification) -> dict[str, object]:
    """As JSON values."""
    far, near = (None if x is None else _decimal(x) for x in (result.distance, result.polished_distance))
    return {**verification.record(result), MEMBER: "trained", "distance": far, "polished_distance": near}


def _decimal(bound: Bound) -> str:
    return decimal(bound.end, UP)


def read(path: Path, count: int, n: int) -> list[tuple[Dyadic, ...]]:
    """The n output weights of each of `count` points, exact. Raises InputError."""
    data = read_bytes(path)
    suffix = path.suffix.lower()
    if suffix == ".json":
        return located(path, lambda: _listed(_member(read_json(path, data)), count, n))
    names = variables(path, suffix, data)
    chosen = [name for name in NAMES if name in names] if len(names) > 1 else [None]
    if len(chosen) != 1:
        raise InputError(
            f"{path}: which array holds the output weights? Call one of them {NAMES[0]}; there are "
            f"{', '.join(names)}"
        )
    array = read_array(path, suffix, data, chosen[0])
    if array.shape != (count, n):
        if count != 1 or array.size != n or max(array.shape, default=1) != n:
            raise InputError(f"{path}: expected {_expected(count, n)}, found an array of shape {array.shape}")
        array = array.reshape(1, n)
    return located(path, lambda: _exact(array.tolist()))


def _member(whole: Any) -> Any:
    if isinstance(whole, dict) and MEMBER not in whole:
        raise InputError(f'expected a member "{MEMBER}"')
    return whole[MEMBER] if isinstance(whole, dict) else whole


def _listed(given: Any, count: int, n: int) -> list[tuple[Dyadic, ...]]:
    if count == 1 and isinstance(given, list) and not _is_table(given, n):
        given = [given]
    rows = _exact(json_rows(given))
    if [len(row) for row in rows] != [n] * count:
        raise InputError(f"expected {_expected(count, n)}, found {len(rows)} x {len(rows[0]) if rows else 0}")
    return rows


def _is_table(given: Sequence[Any], n: int) -> bool:
    """Whether these are rows, and not numbers: a list may be an exact pair [m, e]."""
    lists = [x for x in given if isinstance(x, list)]
    return len(lists) == len(given) and (len(given) != n or (n == 1 and len(lists[0]) == 1))


def _exact(rows: Sequence[Sequence[object]]) -> list[tuple[Dyadic, ...]]:
    return list(exact_rows(rows, "output weights of point"))


def _expected(count: int, n: int) -> str:
    return f"{n} output weights" if count == 1 else f"{count} rows of {n} output weights"
