"""The method of the single filter."""

from functools import partial

from relucert_audit.method import Method, evidence, later

NAME = "one-filter"
of = partial(later, "relucert_audit.filter")
EVIDENCE = evidence("""
Theorem 11.A | A.1 | < | |w0 - w*|^2 < |w*|^2
Theorem 11.A | A.2 | < | 0 < eta
Theorem 11.A | A.3 | <= | eta <= gamma/(Lsm + 4/pi)^2
Theorem 11.B | B.1 | < | 0 < eta
Theorem 11.B | B.2 | <= | eta <= 2
Theorem 11.B | B.3 | < | angle(w0, w*) < pi
Theorem 11.B | B.4 | < | 0 < eta (4 - eta)/4 (1 - H/pi)
Theorem 11.B | B.5 | <= | |w_T - w*|^2 <= accuracy^2 |w*|^2
""")
METHODS = {
    (NAME, "invariant-region"): Method(
        *of("descent.read", "descent.step_1", "descent.prove"), since=1, evidence=EVIDENCE
    )
}
