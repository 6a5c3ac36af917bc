"""Points of a loss, from Python."""

from __future__ import annotations

from typing import Any

from relucert.families.expression.generators import parse
from relucert.families.expression.loss import Loss
from relucert.families.expression.prove import ExpressionVerification, verify_point


def verify(
    point: Any,
    loss: Loss,
    *,
    witness: Any = None,
    find_witness: bool = False,
    raw: bool = False,
    max_precision: int = 512,
    exclusion: float = 2.0**-20,
    gauge: Any = None,
) -> ExpressionVerification:
    """Prove what the critical point of the loss next to `point` is.

    point: a vector of numbers, or arrays of the loss's shapes; floats by their exact value. witness: a point where the
    loss is lower, so that a minimum is not global; find_witness: search for one. raw, max_precision, exclusion: as
    families.expression.prove.verify_point. gauge: "auto": where the point may lie in an orbit of critical points that a
    symmetry of the loss makes, find the symmetry, and constraints that cut the orbit; or a list of its generators
    (docs/families/expression.md). Raises InputError.
    """
    given = gauge if gauge is None or isinstance(gauge, str) else parse(gauge, loss.parameters)
    return verify_point(
        loss.candidate(point, witness), raw=raw, max_precision=max_precision, exclusion=exclusion,
        find_witness=find_witness, gauge=given,
    )  # fmt: skip
