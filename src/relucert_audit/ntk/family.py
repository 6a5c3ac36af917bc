"""The methods of wide networks."""

from relucert_audit.method import Method, evidence
from relucert_audit.ntk import deep, gram, shallow

NAME = "wide-network"
SHALLOW = evidence("""
Theorem 14.N | 14.N.1 | <= | eta |X|^2 <= 2
Theorem 14.N | 14.N.2 | < | 0 < |w_r.x_i| - r_t |x_i| for all r, i and t < T
Theorem 14.D | 14.D.1 | < | 0 < g
Theorem 14.D | 14.D.2 | <= | |I - eta H| + eta |P| <= 1 - g
Theorem 14.F | 14.F.1 | < | 0 < g
Theorem 14.F | 14.F.2 | <= | g + |P| <= lambda_min(H)
""")
DEEP = evidence("""
Theorem 14.W | J.0 | < | Lam (rho + r) < s_0
Theorem 14.W | J.1 | < | eta ((B_0 + Lam (rho + r))^2 + Lam E) < 2
Theorem 14.W | J.2 | <= | E <= rho s (1 - eta l/2)
""")
METHODS = {
    (NAME, "gradient-descent"): Method(*shallow.DESCENT, since=1, evidence=SHALLOW),
    (NAME, "gradient-flow"): Method(*shallow.FLOW, since=1, evidence=SHALLOW),
    (NAME, "gram"): Method(gram.read, gram.admit, gram.prove, since=1, evidence=gram.EVIDENCE),
    (NAME, "deep-gradient-descent"): Method(*deep.DEEP, since=1, evidence=DEEP),
}
