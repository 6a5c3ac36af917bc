"""The methods of the designed landscape."""

from functools import partial

from relucert_audit.method import Method, evidence, later

NAME = "designed-landscape"
of = partial(later, "relucert_audit.landscape")
EVIDENCE = evidence("""
Theorem 13.A | A.1 | < | nu alpha_max < lambda
Theorem 13.A | A.2 | < | lambda < nu alpha_max
Theorem 13.A | A.3 | < | mu < 12
Theorem 13.A | A.4 | < | lambda < (1 + nu) alpha_min
Theorem 13.A | A.5 | < | V < Q(W)
Theorem 13.A | A.6 | < | 12 < mu
Theorem 13.A | A.7 | < | (1 + nu) alpha_l < lambda
Theorem 13.A | A.8 | < | the values of the two kinds of minima differ
Theorem 13.B | B.1 | < | |B - P| < R
Theorem 13.B | D.1 | < | r < R
Theorem 13.B | D.2 | <= | R + r <= alpha
Theorem 13.B | D.3 | < | L R / 2 < lambda_min - L r
Theorem 13.T' | T.1 | < | 0 < gam
Theorem 13.T' | T.2 | < | q < (1 - nu) (alpha_min Z + gam)
Theorem 13.T' | T.3 | < | 0 < Z
Theorem 13.T' | T.4 | < | nu gam < ((1 + nu) alpha_min - lambda) (Z + gam/alpha_min)
Lemma 13.N | N.1 | <= | eta l <= 2
Lemma 13.N | N.2 | < | |B_T - P| < R
Lemma 13.N | N.3 | < | eta < 2/(lambda_max + L R/2)
Theorem C | C.1 | < | 0 < min |lambda_i|
Theorem E | E.1 | < | omega < 1
Theorem E | E.2 | < | 2 chi L eta < (1 - omega)^2
Theorem E | E.3 | <= | r <= alpha
Not critical | N.1 | < | (|lambda|_max + L rho / 2) rho < |grad F(W)|
Theorem 13.P | P.1 | < | a_l < a_p x
Theorem 13.P | P.2 | < | a_l < a_q (1 - x)
Theorem 13.P | P.3 | < | a_l < a_i for the other i
Theorem 13.S | S.1 | < | 0 < the second derivative across the line of minima
""")
PLACES = {name: f"{name}.{{}}" for name in ("descent", "hessian", "empirical")}
PLACES |= {"critical-points": "critical.{}", "nearest-minimum": "nearest.{}"}
PLACES |= {"unit-rows": "fixed_points.{}_unit_rows", "split-neuron": "fixed_points.{}_split_neuron"}
METHODS = {
    (NAME, name): Method(
        *of(place.format("read"), place.format("admit"), place.format("prove")), since=1, evidence=EVIDENCE
    )
    for name, place in PLACES.items()
}
