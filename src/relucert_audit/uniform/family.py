"""The method of the theorem for every k."""

from functools import partial

from relucert_audit.method import OWN, Method, evidence, later

NAME = "teacher-student-relu-every-k"
of = partial(later, "relucert_audit.uniform")
EVIDENCE = evidence("""
Theorem 12.U | U.1 | < | |K| < r in every box
Theorem 12.U | U.2 | <= | 0 <= bound of lambda_min
Theorem 12.U | U.3 | < | 0 < k F(W)
""")
METHODS = {
    (NAME, "uniform-box"): Method(
        *of("claim.read", "claim.admit", "boxes.prove"), 1, EVIDENCE, precisions=OWN
    )
}
