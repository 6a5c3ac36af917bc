(** The kernel as a smooth function of the three inner products A = |w|^2, B = |v|^2, C = w.v of vectors that are
    not parallel, and its first two derivatives along a curve. *)
From Coq Require Import Reals Lra Lia.
From Coquelicot Require Import Coquelicot.
From Relucert Require Import Statement Sums.
Open Scope R_scope.

(** |w| |v| sin t; the angle PI - t; and 2 PI times the kernel. *)
Definition area A B C := sqrt (A * B - C * C).
Definition turn A B C := PI / 2 + atan (C / area A B C).
Definition phi A B C := area A B C + turn A B C * C.

Lemma is_derive_equal (f g : R -> R) t l : (forall t, f t = g t) -> is_derive f t l -> is_derive g t l.
Proof. intros H. now apply is_derive_ext. Qed.

(** Along a curve, with A' = 2 A p, B' = 2 B q, C' = c and m = p + q:
      area' = (m A B - C c) / area,    turn' = (c - m C) / area,    phi' = m area + c turn. *)
Section Curve.
Variables (A B C p q c : R -> R) (t : R).
Hypothesis dA : is_derive A t (2 * A t * p t).
Hypothesis dB : is_derive B t (2 * B t * q t).
Hypothesis dC : is_derive C t (c t).
Hypothesis A_pos : 0 < A t.
Hypothesis independent : 0 < A t * B t - C t * C t.
Let S t := area (A t) (B t) (C t).
Let T t := turn (A t) (B t) (C t).
Let m t := p t + q t.

Lemma area_pos : 0 < S t.
Proof. now apply sqrt_lt_R0. Qed.
Lemma area_square : S t * S t = A t * B t - C t * C t.
Proof. apply sqrt_sqrt. lra. Qed.
(* the product AB is replaced by S^2 + C^2, so that "field" sees the relation *)
Lemma product_square : A t * B t = S t * S t + C t * C t.
Proof. rewrite area_square. ring. Qed.
Lemma sum_of_squares_pos : 0 < S t * S t + C t * C t.
Proof. assert (0 < S t * S t) by (apply Rmult_lt_0_compat; apply area_pos). assert (X := Rle_0_sqr (C t)). unfold Rsqr in X. lra. Qed.

Lemma area_derive : is_derive S t ((m t * (A t * B t) - C t * c t) / S t).
Proof.
  assert (X := area_pos). unfold S, area. evar_last.
  - apply (is_derive_sqrt (fun t => A t * B t - C t * C t)); [|exact independent].
    apply (is_derive_minus (fun t => A t * B t) (fun t => C t * C t)).
    + apply (is_derive_mult A B); eauto. intros; apply Rmult_comm.
    + apply (is_derive_mult C C); eauto. intros; apply Rmult_comm.
  - unfold minus, plus, opp, mult; simpl. unfold mult; simpl. fold (area (A t) (B t) (C t)). fold (S t).
    unfold m. field. lra.
Qed.

Lemma turn_derive : is_derive T t ((c t - C t * m t) / S t).
Proof.
  assert (X := area_pos). assert (Y := sum_of_squares_pos). unfold T, turn. evar_last.
  - apply (is_derive_plus (fun _ => PI / 2) (fun t => atan (C t / S t))); [apply @is_derive_const|].
    apply (is_derive_comp atan (fun t => C t / S t)); [apply is_derive_atan|].
    apply is_derive_div; [exact dC|exact area_derive|lra].
  - unfold plus, zero, scal; simpl. unfold mult; simpl. unfold Rsqr. rewrite product_square.
    set (s := S t) in *. field. repeat split; lra.
Qed.

Lemma phi_derive : is_derive (fun t => phi (A t) (B t) (C t)) t (S t * m t + T t * c t).
Proof.
  assert (X := area_pos). unfold phi. evar_last.
  - apply (is_derive_plus S (fun t => T t * C t)); [exact area_derive|].
    apply (is_derive_mult T C); [exact turn_derive|exact dC|intros; apply Rmult_comm].
  - unfold plus, mult; simpl. unfold mult; simpl. rewrite product_square. set (s := S t) in *. field. lra.
Qed.

(** Along the curve, the derivative of phi in another direction, in which A, B, C change by 2 A P, 2 B Q, E. *)
Lemma phi_derive2 (P Q E : R -> R) P' Q' E' : is_derive P t P' -> is_derive Q t Q' -> is_derive E t E' ->
  is_derive (fun t => S t * (P t + Q t) + T t * E t) t
    ((A t * B t * ((P t + Q t) * m t) - C t * ((P t + Q t) * c t + m t * E t) + E t * c t) / S t + S t * (P' + Q') + T t * E').
Proof.
  intros dP dQ dE. assert (X := area_pos). evar_last.
  - apply (is_derive_plus (fun t => S t * (P t + Q t)) (fun t => T t * E t)).
    + apply (is_derive_mult S (fun t => P t + Q t)); [exact area_derive| |intros; apply Rmult_comm].
      apply (is_derive_plus P Q); eauto.
    + apply (is_derive_mult T E); [exact turn_derive|exact dE|intros; apply Rmult_comm].
  - unfold plus, mult; simpl. unfold mult; simpl. unfold m. field. lra.
Qed.
End Curve.

(** The kernel of the statement is phi / (2 PI). *)
Lemma kernel_sym d w v : kernel d w v = kernel d v w.
Proof.
  assert (D : dot d w v = dot d v w) by (apply sum_ext; intros; ring).
  unfold kernel, angle. now rewrite D, (Rmult_comm (norm d w)).
Qed.

Lemma kernel_self d w : 0 < dot d w w -> kernel d w w = dot d w w / 2.
Proof.
  intros H. unfold kernel, angle, norm. rewrite sqrt_sqrt by lra.
  replace (dot d w w / dot d w w) with 1 by (field; lra). rewrite acos_1, sin_0, cos_0. field. apply PI_neq0.
Qed.

(** cos t = C / P with P = sqrt (A B), sin t = area / P, t = PI / 2 - atan (C / area). *)
Lemma kernel_phi d w v : 0 < dot d w w -> 0 < dot d v v -> 0 < dot d w w * dot d v v - dot d w v * dot d w v ->
  kernel d w v = phi (dot d w w) (dot d v v) (dot d w v) / (2 * PI).
Proof.
  unfold kernel, angle, norm, phi, turn, area. generalize (dot d w w) (dot d v v) (dot d w v). intros A B C HA HB HS.
  rewrite <- sqrt_mult by lra.
  assert (AB : 0 < A * B) by now apply Rmult_lt_0_compat.
  assert (P_pos : 0 < sqrt (A * B)) by now apply sqrt_lt_R0.
  assert (S_pos : 0 < sqrt (A * B - C * C)) by now apply sqrt_lt_R0.
  assert (PP : sqrt (A * B) * sqrt (A * B) = A * B) by (apply sqrt_sqrt; lra).
  assert (SS : sqrt (A * B - C * C) * sqrt (A * B - C * C) = A * B - C * C) by (apply sqrt_sqrt; lra).
  set (P := sqrt (A * B)) in *. set (S := sqrt (A * B - C * C)) in *. set (x := C / P).
  assert (XX : x * x = C * C / (A * B)) by (unfold x; rewrite <- PP; field; lra).
  assert (YY : S / P * (S / P) = 1 - x * x).
  { rewrite XX. replace (S / P * (S / P)) with (S * S / (P * P)) by (field; lra). rewrite SS, PP. field. lra. }
  assert (Y_pos : 0 < S / P) by now apply Rdiv_lt_0_compat.
  assert (0 < S / P * (S / P)) by now apply Rmult_lt_0_compat.
  assert (X : -1 < x < 1).
  { split; apply Rnot_le_lt; intros Z.
    - assert (0 <= (-1 - x) * (1 - x)) by (apply Rmult_le_pos; lra). rewrite YY in *. lra.
    - assert (0 <= (x - 1) * (x + 1)) by (apply Rmult_le_pos; lra). rewrite YY in *. lra. }
  assert (E : sqrt (1 - x²) = S / P) by (apply sqrt_lem_1; unfold Rsqr; [rewrite <- YY; now left|now left|exact YY]).
  rewrite sin_acos, cos_acos, E by lra. unfold acos.
  destruct (Rle_dec x (-1)); [lra|]. destruct (Rle_dec 1 x); [lra|]. rewrite E.
  replace (x / (S / P)) with (C / S) by (unfold x; field; lra). unfold x. field. split; [apply PI_neq0|lra].
Qed.
