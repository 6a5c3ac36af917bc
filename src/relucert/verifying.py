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

OF_THE_POINT = ("witness", "signs", "teacher_signs", "slope")  # options that say what the point is of


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
    targets (and a witness): in the same layout, or "orthonormal" for e_1 .. e_d (the default, if n >= d).
    Options as of families.teacher.verify.verify. Of a Candidate with output weights the result is a TrainedVerification
    (families.teacher.wider.trained), and constants="paper" and witnesses are refused.

    With a loss: a vector, or arrays of the loss's shapes; options as of families.expression.verify.verify. Raises
    InputError.
    """
    if loss is None:
        if isinstance(point, Candidate):
            if layout is not None or targets is not None:
                raise InputError("a Candidate has a layout and targets of its own; leave them out")
            return _verify_candidate(point, options)
        from relucert.families.teacher.arrays import candidate

        of_point = {name: options.pop(name) for name in OF_THE_POINT if name in options}
        return verify_teacher(candidate(point, layout, targets, **of_point), **options)
    if layout is not None or targets is not None:
        raise InputError("layout and targets are of the teacher-student network; leave them out with a loss")
    from relucert.base.given import detached
    from relucert.families.expression.verify import verify as verify_expression

    given = [detached(x) for x in point] if isinstance(point, list | tuple) else detached(point)
    return verify_expression(given, loss, **options)


def _verify_candidate(point: Candidate, options: dict[str, Any]) -> Verification:
    if point.output_weights is None:
        return verify_teacher(point, **options)
    from relucert.families.teacher.wider.trained import verify_trained  # seldom needed

    return verify_trained(point, **options)
