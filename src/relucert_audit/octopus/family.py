"""The methods of the octopus function."""

from functools import partial

from relucert_audit.method import Method, evidence, later

NAME = "octopus"
of = partial(later, "relucert_audit.octopus")
EVIDENCE = evidence("""
Theorem 16.A | A.1 | < | 0 < gamma
Theorem 16.A | A.2 | <= | gamma <= L
Theorem 16.A | A.3 | < | 0 < tau
Theorem 16.D | D.1 | < | 0 < eta
Theorem 16.D | D.2 | <= | 2 eta L <= 1
Theorem 16.D | D.3 | <= | 1 <= ln tau
Theorem 16.D | D.4 | <= | max |x_0,i| <= 1
Theorem 16.E | E.1 | < | 2 eta L < 1
Theorem 16.E | E.2 | < | 0 < min |x_0,i|
Theorem 16.E | E.3 | < | max_k |x_k|/tau < 2, one step before T_k
Theorem 16.E | E.4 | <= | 2 <= min_k |x_k|/tau at T_k
Theorem 16.S | S.1 | < | 2 eta L < 1
Theorem 16.S | S.2 | <= | time <= 1 + a_d
Theorem 16.F | F.1 | <= | max_i |a_(t+1),i - a_t,i| <= 0
Theorem 16.F | F.2 | <= | a_t,k <= tau
Theorem 16.F | F.3 | <= | 2 tau <= min_(j<k) a_t,j
Theorem 16.P | P.1 | <= | 10 g <= gamma
Theorem 16.P | P.2 | <= | 20 r <= 1
Theorem 16.P | P.3 | <= | s <= r
Theorem 16.P | P.4 | <= | 8 gamma^2 s^2 <= g^2
Theorem 16.P | P.5 | <= | g <= 2 L eps
Theorem 16.P | P.6 | < | 2 eta L < 1
Theorem 16.P | P.7 | <= | N <= wait
Theorem 16.P | P.8 | < | p < 1
Theorem 16.P | P.9 | <= | d (max(M, w) + J + N) + E <= steps
""")
MODULES = {"critical-points": "critical", "escape": "escape", "every-start": "starts"}
MODULES |= {"double-precision": "double", "perturbed": "noise"}
METHODS = {
    (NAME, name): Method(
        *of(f"{module}.read", f"{module}.admit", f"{module}.prove"), since=1, evidence=EVIDENCE
    )
    for name, module in MODULES.items()
}
