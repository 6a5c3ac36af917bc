"""The methods of matrix factorisation."""

from functools import partial

from relucert_audit.method import Method, evidence, later

NAME = "matrix-factorisation"
of = partial(later, "relucert_audit.factorisation")
EVIDENCE = evidence("""
Theorem 15.L | L.1 | < | 0 < gap
Theorem 15.L | L.2 | < | 0 < saddle
Theorem 15.M | M.1 | < | 0 < lambda_min across the global minima
Theorem 15.B | B.1 | < | eta l(e) < 2
Theorem 15.B | B.2 | < | |B_0| + eta f_0/(1 - eta l(e)/2) < e
Theorem 15.C | C.1 | < | 0 < sigma_r(U) - D, sigma_r(V) - D
Theorem 15.C | C.2 | < | |R| < (sigma_r(U) - D)(sigma_r(V) - D)
Theorem 15.C | C.3 | < | eta l < 2
Theorem 15.C | C.4 | <= | |R|/(s c^(1/2) (1 - eta l/2)) <= D
Theorem 15.D | D.1 | < | 2 < eta a^2
Theorem 15.D | D.2 | < | 2 < eta b^2
Theorem 15.G | G.1 | < | 2/(eta delta (d1 - 1)) < 1
Theorem 15.G | G.2 | < | 2/(eta delta (d2 - 1)) < 1
Theorem 15.S | S.1 | < | |(U_0, V_0)| < w*
Theorem 15.S | S.2 | < | C < Q: more than one step
""")
MODULES = {"landscape": "landscape", "descent": "descent", "rank-one": "rank_one"}
MODULES |= {"schedule": "schedule", "balance": "network"}
METHODS = {
    (NAME, name): Method(
        *of(f"{module}.read", f"{module}.admit", f"{module}.prove"), since=1, evidence=EVIDENCE
    )
    for name, module in MODULES.items()
}
