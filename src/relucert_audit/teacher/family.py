"""The methods of the teacher-student network."""

from relucert_audit.method import Method
from relucert_audit.teacher import claim, robust, steps, symmetric, symmetric_numbers

NAME = "teacher-student-relu"
METHODS = {
    (NAME, "hessian"): Method(claim.read_points, steps.step_1, robust.prove),
    (NAME, "symmetric-hessian"): Method(
        symmetric.read_points, steps.step_1, symmetric_numbers.prove, since=1
    ),
}
