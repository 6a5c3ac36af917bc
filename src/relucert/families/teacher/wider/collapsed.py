"""Points with parallel neurons: a critical point of a smaller network, its neurons split.

docs/theorem/wider.md, Theorem 18.K.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import compress

import numpy as np

from relucert.base.dyadic import UP, Dyadic, add, canonical, from_float
from relucert.base.exact import Rows, floats_in, unit_of
from relucert.certificate.inequalities import argument
from relucert.certificate.numbers import Json, bound, dyadics
from relucert.families.teacher import statement as teacher_statement
from relucert.families.teacher.candidate import Candidate
from relucert.families.teacher.exact import distance_within
from relucert.families.teacher.methods import COLLAPSED
from relucert.families.teacher.verification import Verification
from relucert.families.teacher.wider.base import Base, base_of
from relucert.families.teacher.wider.claims import splits
from relucert.kernel import ball
from relucert.kernel.ball import NotProved
from relucert.kernel.outcome import SplitSaddle, StrictSaddle
from relucert.kernel.teacher import wider

PARALLEL = 1e-6  # angle below which two neurons may be parts of one
PROVED = ("local-minimum", "spurious-minimum", "strict-saddle")
Fractions = list[list[Dyadic]]


@dataclass(frozen=True, repr=False)
class CollapsedVerification(Verification):
    """base: the critical point of the smaller network, with its claim."""

    base: Base | None = None


def verify_collapsed(
    given: Candidate, prove: Callable[[Candidate], Verification], reach: float, *, raw: bool
) -> CollapsedVerification | None:
    """What a point with parallel neurons is; None where there are none, or nothing is proved.

    prove: decides a point of the smaller network. reach: how far the point may be moved, relative to its norm.
    """
    groups = parallel(given.point)
    if len(groups) == len(given.point) or not given.problem.is_plain:
        return None
    rows = tuple(_sum([given.point[i] for i in group]) for group in groups)
    if not all(any(m for m, _ in row) for row in rows):
        return None
    smaller = Candidate(replace(given.problem, neurons=len(rows)), rows, given.source, given.origin)
    found = prove(smaller)
    if found.verdict not in PROVED:
        return None
    fractions = [
        _fractions([given.point[i] for i in group], u) for group, u in zip(groups, rows, strict=True)
    ]
    base = base_of(found)
    try:
        outcome = wider.decide_collapsed(found.outcome, fractions, _bent(base, fractions))
    except NotProved:
        return None
    if not isinstance(outcome, SplitSaddle):
        return None
    order = [i for group in groups for i in group]
    point = _parts(found.candidate.point, fractions)
    with ball.precision(found.precision):
        moved = distance_within(0.0 if raw else reach, point, tuple(given.point[i] for i in order))
    if moved is None:
        return None
    note, origin = "", dict(given.origin)
    if order != sorted(order):
        origin["neurons"] = order
        numbers = ", ".join(str(i + 1) for i in order)
        note = (
            f"the claim has the neurons in another order, parallel ones together: {numbers}, counted from 1"
        )
    at = replace(given, point=point, witness=None, origin=origin)
    shown = moved if ball.proves_positive(moved) else None
    return CollapsedVerification(outcome, at, shown, found.precision, found.constants, note, base=base)


def parallel(point: Rows) -> list[list[int]]:
    """Neurons whose directions are about the same, as numbers from 0."""
    rows = np.array(floats_in(point, unit_of(point)))
    length = np.linalg.norm(rows, axis=1)
    if not (length > 0).all():
        return [[i] for i in range(len(rows))]
    unit = rows / length[:, None]
    groups: dict[int, list[int]] = {}  # by their first
    for i, u in enumerate(unit):
        near = np.linalg.norm(unit[[*groups]] - u, axis=1) < PARALLEL
        groups.setdefault(next(compress(groups, near), i), []).append(i)
    return [*groups.values()]


def _sum(rows: Sequence[Sequence[Dyadic]]) -> tuple[Dyadic, ...]:
    total = tuple(rows[0])
    for row in rows[1:]:
        total = tuple(add(x, y) for x, y in zip(total, row, strict=True))
    return total


def _fractions(rows: Sequence[Sequence[Dyadic]], whole: Sequence[Dyadic]) -> list[Dyadic]:
    """Which fraction of their sum each is, about; the last one what the others leave."""
    unit = unit_of([whole])
    u, *parts = np.array(floats_in([whole, *rows[:-1]], unit))
    found = [from_float(float(w @ u / (u @ u))) for w in parts]
    left: Dyadic = (1, 0)
    for m, e in found:
        left = add(left, (-m, e))
    return [*found, left]


def _bent(base: Base, fractions: Fractions) -> wider.Split | None:
    """A neuron that is split and along which splits go down; None of a saddle, or where there is none."""
    if isinstance(base.result.outcome, StrictSaddle):
        return None
    for i, parts in enumerate(fractions, 1):
        (found,) = splits(base, i, opposite=False) if len(parts) > 1 else (None,)
        if found is not None and found.same is not None and found.same.name == wider.STRICT_SADDLE:
            return found
    return None


def _parts(point: Rows, fractions: Fractions) -> Rows:
    """All the parts, as rows."""
    return tuple(
        tuple(canonical(m * x, e + y) for x, y in row)
        for row, parts in zip(point, fractions, strict=True)
        for m, e in parts
    )


def statement(result: CollapsedVerification, provenance: Mapping[str, object]) -> Json:
    """docs/spec/wider-v1.md section 6."""
    outcome, base = result.outcome, result.base
    if base is None or not isinstance(outcome, SplitSaddle):
        raise TypeError("not the result of verify_collapsed")
    claim = {
        **base.claim,
        "method": COLLAPSED,
        "verdict": outcome.verdict,
        "critical_point": base.claim["verdict"],
        "fractions": [dyadics([canonical(*x) for x in row]) for row in outcome.fractions],
    }
    bounds = base.claim["bounds"]
    arguments = base.arguments
    if outcome.curvature is not None:
        claim["neuron"] = outcome.neuron
        bounds = {**bounds, "curvature": bound(outcome.curvature, UP)}
        arguments = [*arguments, argument(outcome.arguments[-1])]
    how = teacher_statement.how(result, provenance)
    return {"claim": {**claim, "bounds": bounds}, "evidence": arguments, "provenance": how}
