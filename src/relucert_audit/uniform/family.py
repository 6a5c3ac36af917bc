"""The method of the theorem for every k."""

from relucert_audit.method import OWN, Method, evidence
from relucert_audit.uniform import claim

NAME = "teacher-student-relu-every-k"
EVIDENCE = evidence("""
Theorem 12.U | U.1 | < | |K| < r in every box
Theorem 12.U | U.2 | <= | 0 <= bound of lambda_min
Theorem 12.U | U.3 | < | 0 < k F(W)
""")
METHODS = {(NAME, "uniform-box"): Method(claim.read, claim.admit, claim.prove, 1, EVIDENCE, precisions=OWN)}
