"""The methods of the teacher-student network."""

from functools import partial

from relucert_audit.method import Method, called, evidence, later

NAME = "teacher-student-relu"
ROOM = "relucert_audit.teacher"
of, EXPECTED = partial(later, ROOM), called(ROOM, "claim.expected")
EVIDENCE = evidence("""
Theorem C | C.1 | < | 0 < min |lambda_i|
Theorem E | E.1 | < | omega < 1
Theorem E | E.2 | < | 2 chi L eta < (1 - omega)^2
Theorem E | E.3 | <= | r <= alpha
Lemma 1 | L1.1 | < | 0 < lambda_min
Lemma 1 | L1.2 | <= | 25 L eps <= 9 lambda_min^2
Lemma 1 | L1.3 | <= | r <= alpha
Theorem D | D.1 | < | r < R
Theorem D | D.2 | <= | R + r <= alpha
Theorem D | D.3 | < | L R / 2 < lambda_min - L r
Theorem M | M.1 | < | 0 < lambda_min(M)
Lemma 2 | L2.1 | <= | L r <= lambda_min
Lemma 2 | L2.2 | < | eps r < F(W)
Safran & Shamir (5) | SS.5 | < | their bound of F(W) - F(W*) < F(W)
Theorem 18.V | 18.V.1 | < | L r < lambda_min
Theorem 18.V | 18.V.2 | < | r < alpha
Theorem W | W.1 | < | F(Y) < F(W*)
Global minimum | G.1 | < | distance to a permutation of the targets < min(alpha, r+)
Not critical | N.1 | < | (|lambda|_max + L rho / 2) rho < |grad F(W)|
Theorem P | P.1 | < | 0 < lambda_min
Theorem P | P.2 | < | omega < 1
Theorem P | P.3 | < | 2 chi L eta < (1 - omega)^2
Theorem P | P.4 | <= | r <= alpha
Theorem P | P.5 | < | L r + sqrt k D/(2 pi p_min) < lambda_min(M)
Theorem P | P.6 | < | sqrt(k/2) D + sqrt(n/2) r < sqrt(2 F(W))
""")
RUNS = evidence("""
Theorem 19.R | R.1 | <= | s Lam_t <= 2
Theorem 19.R | R.2 | < | r_t < min |Y_t,i|
Theorem 19.R | R.3 | < | distance < basin radius
Theorem 19.R | R.4 | < | step < basin step
Theorem T | T.4 | < | F(W) < floor
Theorem T | T.5 | < | step (lambda_max + L rho) < 2
Theorem T | T.6 | < | steps step F(W) / (1 - step (..) / 2) < rho^2
""")
WIDER = {
    **EVIDENCE,
    **evidence("""
Theorem 18.M | 18.M.1 | < | max lambda_1(S_i) + L r < 0
Theorem 18.M | 18.M.2 | < | 0 < min lambda_2(S_i) - L r
Theorem 18.M | 18.M.3 | < | 0 < min lambda_d(S_i) - L r
Theorem 18.M | 18.M.4 | < | max lambda_(d-1)(S_i) + L r < 0
Theorem 18.Z | 18.Z.1 | < | psi(v_j) + sqrt n r |v_j|/2 < 0
"""),
}
NOT_SIGNED = ("Safran & Shamir (5)", "Global minimum", "Theorem P")
SIGNED = {theorem: said for theorem, said in EVIDENCE.items() if theorem not in NOT_SIGNED}
SIGNED |= {"Theorem 18.V": WIDER["Theorem 18.V"]}
SIGNED |= evidence("""
Theorem 20.G | 20.G.1 | < | distance to a point of loss 0 < min(alpha, r+)
""")
WIDER |= {"Theorem 20.G": SIGNED["Theorem 20.G"]}
CONVERGES = evidence("""
Theorem 18.C | 18.C.1 | < | rho < min w_i.v_j(i)
Theorem 18.C | 18.C.2 | < | E < 1
Theorem 18.C | 18.C.3 | < | Phi^2 < 5
Theorem 18.C | 18.C.4 | < | L_V E/3 < 1/4 - 1/(2 pi)
Theorem 18.C | 18.C.5 | < | zeta + xi < 1
Theorem 18.C | 18.C.6 | < | s (lambda_max + L rho) < 2
Theorem 18.C | 18.C.7 | < | l < rho
""")
METHODS = {
    (NAME, "hessian"): Method(
        *of("claim.read_points", "claim.step_1", "robust.prove"), evidence=EVIDENCE, expected=EXPECTED
    ),
    (NAME, "symmetric-hessian"): Method(
        *of("symmetric_claim.read_points", "claim.step_1", "symmetric_numbers.prove"),
        since=1,
        evidence=EVIDENCE,
    ),
    (NAME, "signed-hessian"): Method(
        *of("signed.read", "signed.step_1", "steps.prove"), since=1, evidence=SIGNED, expected=EXPECTED
    ),
    (NAME, "owners"): Method(*of("owners.read", "owners.admit", "owners.prove"), since=1),
    (NAME, "converges"): Method(
        *of("converges_claim.read", "converges_claim.admit", "converges.prove"), since=1, evidence=CONVERGES
    ),
    (NAME, "runs"): Method(*of("runs.read", "runs.admit", "runs_steps.prove"), since=1, evidence=RUNS),
    (NAME, "signed-runs"): Method(
        *of("runs.read_signed", "runs.admit_signed", "runs_steps.prove"), since=1, evidence=RUNS
    ),
} | {
    (NAME, method): Method(
        *of("wider_claim.read", "wider_claim.step_1", "wider.prove"), since=1, evidence=WIDER
    )
    for method in ("split", "zero-neuron", "trained-output-weights", "collapsed")
}
