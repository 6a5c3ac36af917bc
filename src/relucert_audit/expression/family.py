"""The method of losses written as graphs."""

from functools import partial

from relucert_audit.method import Method, evidence, later

EVIDENCE = evidence("""
Theorem 17.H | H.1 | < | delta < low
Theorem 17.H | H.2 | < | eps/(low - delta) < rho
Theorem 17.H | H.3 | < | 0 < lambda_min(M) - delta
Theorem 17.B | B.1 | <= | R + 2 r <= rho
Theorem 17.W | W.1 | < | F(y) < F(x*)
Theorem 17.S | S.1 | < | v.M v + w.E w < 0
Theorem 17.N | N.1 | < | rho S_i < G_i
Theorem 17.G | G.1 | < | norm(1 - R T) < 1/2
Theorem 17.I | I.1 | <= | c <= inf F
Theorem 17.P | P.1 | <= | N <= different images
""")
NAME = "smooth-expression"
of = partial(later, "relucert_audit.expression")
METHODS = {
    (NAME, "hessian-box"): Method(*of("claim.read", "claim.admit", "box.prove"), since=1, evidence=EVIDENCE)
}
