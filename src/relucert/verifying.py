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
def verify(point: Candidate, loss: None = None, **options: Any) -> Verification: ...
@overload
def verify(point: Any, loss: Loss, **options: Any) -> ExpressionVerification: ...
def verify(point: Any, loss: Loss | None = None, **options: Any) -> Verification | ExpressionVerification:
    """Prove in ball arithmetic what a point is.

    Without a loss, of a Candidate: options as of families.teacher.verify.verify. With one, of a vector, or of arrays
    of the loss's shapes: options as of families.expression.verify.verify. Raises InputError.
    """
    if loss is None:
        if not isinstance(point, Candidate):
            raise InputError("say which loss the point is of: verify(point, loss), or give a Candidate")
        return verify_teacher(point, **options)
    from relucert.families.expression.verify import verify as verify_expression

    return verify_expression(point, loss, **options)
