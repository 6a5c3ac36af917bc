"""The methods of wide networks."""

from functools import partial

from relucert_audit.method import Method, evidence, later

NAME = "wide-network"
of = partial(later, "relucert_audit.ntk")
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
GRAM = evidence("""
Theorem 14.K | K.1 | < | 0 < lambda_min(K)
Theorem 14.0 | 0.1 | <= | |x_i|^2 |x_j|^2 <= (x_i.x_j)^2
Theorem 14.0 | 0.2 | < | rank of one row of each pair < number of pairs
""")
METHODS = {
    (NAME, "gradient-descent"): Method(
        *of("shallow.read_descent", "shallow.admit", "shallow.prove"), since=1, evidence=SHALLOW
    ),
    (NAME, "gradient-flow"): Method(
        *of("shallow.read_flow", "shallow.admit", "shallow.prove"), since=1, evidence=SHALLOW
    ),
    (NAME, "gram"): Method(*of("gram.read", "gram.admit", "gram.prove"), since=1, evidence=GRAM),
    (NAME, "deep-gradient-descent"): Method(
        *of("deep.read", "deep.admit", "deep.prove"), since=1, evidence=DEEP
    ),
}
