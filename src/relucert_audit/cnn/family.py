"""The methods of the one-hidden-layer CNN."""

from functools import partial

from relucert_audit.method import Method, evidence, later

NAME = "one-hidden-layer-cnn"
of = partial(later, "relucert_audit.cnn")
EVIDENCE = evidence("""
Theorem 9.A | A.1 | < | a_bad.a* < 0: the point lies inside the half-space where F >= F_bad
Theorem 9.A | K.1 | < | 0 < T = (k + pi - 1) N - pi S^2
Theorem 9.A, converse | K.2 | <= | T = (k + pi - 1) N - pi S^2 <= 0
Lemma 9.H | H.1 | < | smallest eigenvalue of the Hessian at |v| = 1 < 0
Lemma 9.N | N.1 | < | distance of this kind < |v|: it is attained
Lemma 9.N | N.2 | < | 2 distance of this kind < distance of the others
Lemma 9.N | N.3 | < | exclusion radius < distance of all critical points
Theorem 10.B, U+ | 10.0 | < | 0 < eta
Theorem 10.B, U+ | 10.1 | <= | eta (k + pi - 1) <= 2 pi
Theorem 10.B, U+ | 10.2 | <= | eta W Q <= 2 r^2
Theorem 10.B, U+ | 10.3 | < | q > 0
Theorem 10.B, U+ | 10.4 | < | D > 0
Theorem 10.B, U+ | 10.5 | < | K > 0
Theorem 10.B, U+ | 10.6 | < | phi < pi
Theorem 10.B, U- | 10.0 | < | 0 < eta
Theorem 10.B, U- | 10.1 | <= | eta (k + pi - 1) <= 2 pi
Theorem 10.B, U- | 10.2 | <= | eta W Q psi <= pi r^2
Theorem 10.B, U- | 10.3 | < | q < 0
Theorem 10.B, U- | 10.4 | < | D < 0
Theorem 10.B, U- | 10.5 | < | K < 0
""")
POINTS = Method(*of("landscape.read", "landscape.admit", "landscape.prove"), since=1, evidence=EVIDENCE)
RUNS = Method(*of("descent.read", "landscape.admit", "descent.prove"), since=1, evidence=EVIDENCE)
METHODS = {(NAME, name): POINTS for name in ("landscape", "half-space", "spectrum")}
METHODS |= {(NAME, name): RUNS for name in ("invariant-region", "enclosed-trajectory")}
