"""`relucert.verify`: a point of the teacher-student network, or a point and a loss of the user's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, overload

from relucert.base.errors import InputError
from relucert.families.teacher.candidate import Candidate
from relucert.families.teacher.verification import Verification
from relucert.families.teacher.verify import verify as verify_teacher

if TYPE_CHECKING:  # SciPy is slow to import
    from relucert.families.expression.loss import Loss
    from relucert.families.expression.prove import ExpressionVerification


@overload
def verify(
    point: Any, loss: None = None, *, layout: str | None = None, targets: Any = None, **options: Any
) -> Verification: ...
@overload
def verify(point: Any, loss: Loss, **options: Any) -> ExpressionVerification: ...
def verify(
    point: Any, loss: Loss | None = None, *, layout: str | None = None, targets: Any = None, **options: Any
) -> Verification | ExpressionVerification:
    """Prove in ball arithmetic what a point is.

    Without a loss, of the teacher-student network: a Candidate, or its weights as an array of NumPy or JAX, a tensor of
    PyTorch or a nested list, every number by its exact value. layout: whether neurons are its "rows" or "columns";
    targets: the targets in the same layout, or "orthonormal" for e_1 .. e_d (the default, if n >= d).
    Options as of families.teacher.verify.verify.

    With a loss: a vector, or arrays of the loss's shapes; options as of families.expression.verify.verify. Raises
    InputError.
    """
    if loss is None:
        return verify_teacher(_candidate(point, layout, targets), **options)
    if layout is not None or targets is not None:
        raise InputError("layout and targets are of the teacher-student network; leave them out with a loss")
    from relucert.base.given import detached
    from relucert.families.expression.verify import verify as verify_expression

    given = [detached(x) for x in point] if isinstance(point, list | tuple) else detached(point)
    return verify_expression(given, loss, **options)


def _candidate(point: Any, layout: str | None, targets: Any) -> Candidate:
    if not isinstance(point, Candidate):
        from relucert.families.teacher.arrays import candidate

        return candidate(point, layout, targets)
    if layout is not None or targets is not None:
        raise InputError(
            "a Candidate has its neurons in rows and targets of its own; leave out layout and targets"
        )
    return point
