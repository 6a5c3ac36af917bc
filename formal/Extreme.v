(** The extreme value theorem on a box, for a Lipschitz function of finitely many coordinates.
    By induction on the coordinates: the minimum over all but one is a continuous function of the one. *)
From Coq Require Import Reals Lra Lia List.
From Coquelicot Require Import Coquelicot.
Import ListNotations.
Open Scope R_scope.

(** A coordinate is the pair of its row and its column; a point is a function of coordinates. *)
Definition place := (nat * nat)%type.
Definition point := place -> R.
Definition place_dec : forall a b : place, {a = b} + {a <> b}.
Proof. decide equality; apply Nat.eq_dec. Defined.

(** x with t in the place p *)
Definition set_at (x : point) (p : place) (t : R) : point := fun q => if place_dec q p then t else x q.
Lemma set_at_same x p t : set_at x p t p = t.
Proof. unfold set_at. now destruct (place_dec p p). Qed.
Lemma set_at_other x p t q : q <> p -> set_at x p t q = x q.
Proof. unfold set_at. intros. now destruct (place_dec q p). Qed.

Fixpoint list_sum (l : list place) (f : point) : R :=
  match l with nil => 0 | p :: l => f p + list_sum l f end.
Lemma list_sum_le l f g : (forall p, f p <= g p) -> list_sum l f <= list_sum l g.
Proof. intros H. induction l as [|p l IH]; simpl; [lra|]. specialize (H p). lra. Qed.
Lemma list_sum_const l c : list_sum l (fun _ => c) = INR (length l) * c.
Proof. induction l as [|p l IH]; [simpl; ring|]. cbn [list_sum length]. rewrite S_INR, IH. ring. Qed.

Section Box.
Variables (L : list place) (g : point -> R) (K : R) (lo hi : point).
Hypothesis K_nonneg : 0 <= K.
Hypothesis lipschitz : forall x y, Rabs (g x - g y) <= K * list_sum L (fun p => Rabs (x p - y p)).
Hypothesis lo_le_hi : forall p, lo p <= hi p.

(** Points that differ in no more than s in every coordinate have values that differ in at most K |L| s. *)
Lemma steps x y s : (forall p, Rabs (x p - y p) <= s) -> Rabs (g x - g y) <= K * INR (length L) * s.
Proof.
  intros H. eapply Rle_trans; [apply lipschitz|]. rewrite Rmult_assoc, <- list_sum_const.
  apply Rmult_le_compat_l; auto. now apply list_sum_le.
Qed.

Lemma same_value x y : (forall p, x p = y p) -> g x = g y.
Proof.
  intros H. assert (A : Rabs (g x - g y) <= K * INR (length L) * 0).
  { apply steps. intros p. rewrite H, Rminus_diag_eq, Rabs_R0; auto. lra. }
  rewrite Rmult_0_r in A. destruct (Req_dec (g x - g y) 0) as [|N]; [lra|]. apply Rabs_pos_lt in N. lra.
Qed.

(** A continuous function on an interval from one-sided steps, and so with a minimum. *)
Lemma minimum_of_steps (v : R -> R) a b M : a <= b -> 0 <= M ->
  (forall s t, v t - v s <= M * Rabs (t - s)) -> exists t, a <= t <= b /\ forall s, a <= s <= b -> v t <= v s.
Proof.
  intros Hab HM H. destruct (continuity_ab_min v a b Hab) as (t & T1 & T2); [|exists t; auto].
  intros c _ eps He. exists (eps / (M + 1)). split; [apply Rdiv_lt_0_compat; lra|]. intros x [_ Hx].
  simpl in *. unfold R_dist in *. assert (A := H c x). assert (B := H x c). rewrite (Rabs_minus_sym c x) in B.
  apply Rle_lt_trans with (M * Rabs (x - c)); [apply Rabs_le; lra|].
  apply Rle_lt_trans with ((M + 1) * Rabs (x - c)).
  { apply Rmult_le_compat_r; [apply Rabs_pos|lra]. }
  apply Rmult_lt_reg_r with (/ (M + 1)); [apply Rinv_0_lt_compat; lra|].
  replace ((M + 1) * Rabs (x - c) * / (M + 1)) with (Rabs (x - c)) by (field; lra). exact Hx.
Qed.

(** y is in the box in the coordinates l, and equal to base elsewhere. *)
Definition over (l : list place) (base y : point) :=
  (forall p, In p l -> lo p <= y p <= hi p) /\ (forall p, ~ In p l -> y p = base p).
Definition best (l : list place) (base m : point) := over l base m /\ forall y, over l base y -> g m <= g y.

Lemma over_cons p l base y : ~ In p l -> over (p :: l) base y <-> lo p <= y p <= hi p /\ over l (set_at base p (y p)) y.
Proof.
  intros Np. unfold over. split.
  - intros [A B]. split; [apply A; simpl; auto|]. split; [intros; apply A; simpl; auto|]. intros q Hq.
    destruct (place_dec q p) as [->|N]; [now rewrite set_at_same|]. rewrite set_at_other by auto. apply B. simpl. intuition.
  - intros (A & B & C). split.
    + intros q [<-|Hq]; auto.
    + intros q Hq. simpl in Hq. rewrite C by tauto. apply set_at_other. intuition.
Qed.

(** Moving the base in the place p from s to t costs at most K |L| |t - s| in the minimum. *)
Lemma best_steps p l base s t m m' : ~ In p l ->
  best l (set_at base p s) m -> best l (set_at base p t) m' -> g m' - g m <= K * INR (length L) * Rabs (t - s).
Proof.
  intros Np [[A1 A2] A3] [_ B3].
  assert (O : over l (set_at base p t) (set_at m p t)).
  { split; intros q Hq.
    - rewrite set_at_other; auto. congruence.
    - destruct (place_dec q p) as [->|N]; [now rewrite !set_at_same|]. rewrite !set_at_other, A2, set_at_other; auto. }
  assert (D : Rabs (g (set_at m p t) - g m) <= K * INR (length L) * Rabs (t - s)).
  { apply steps. intros q. destruct (place_dec q p) as [->|N].
    - rewrite set_at_same, A2, set_at_same by auto. lra.
    - rewrite set_at_other, Rminus_diag_eq, Rabs_R0 by auto. apply Rabs_pos. }
  apply Rabs_le_between in D. specialize (B3 _ O). lra.
Qed.

Theorem box_minimum : forall l, NoDup l -> forall base, exists m, best l base m.
Proof.
  induction l as [|p l IH]; intros ND base.
  - exists base. split; [split; simpl; tauto|]. intros y [_ Hy]. right. apply same_value. intros q. symmetry.
    apply Hy. simpl. tauto.
  - apply NoDup_cons_iff in ND. destruct ND as [Np ND].
    (* the value v t of the minimum where the coordinate p is t *)
    set (v := fun t => real (Glb_Rbar (fun z => exists m, best l (set_at base p t) m /\ g m = z))).
    assert (Hv : forall t m, best l (set_at base p t) m -> v t = g m).
    { intros t m Hm. unfold v. rewrite (is_glb_Rbar_unique _ (g m)); [reflexivity|]. split.
      - intros z (m' & [O _] & <-). apply (proj2 Hm m' O).
      - intros b Hb. apply (Hb (g m)). now exists m. }
    destruct (minimum_of_steps v (lo p) (hi p) (K * INR (length L))) as (t & T1 & T2); auto.
    { apply Rmult_le_pos; auto using pos_INR. }
    { intros s t. destruct (IH ND (set_at base p s)) as (ms & Ms). destruct (IH ND (set_at base p t)) as (mt & Mt).
      rewrite (Hv s ms), (Hv t mt) by auto. now apply (best_steps p l base s t). }
    destruct (IH ND (set_at base p t)) as (m & Hm). exists m. split.
    + assert (E : m p = t) by (rewrite (proj2 (proj1 Hm) p Np); apply set_at_same).
      apply over_cons; auto. rewrite E. split; [exact T1|exact (proj1 Hm)].
    + intros y Hy. apply over_cons in Hy; auto. destruct Hy as [Y1 Y2].
      destruct (IH ND (set_at base p (y p))) as (my & My).
      rewrite <- (Hv t m) by auto. apply Rle_trans with (v (y p)); [now apply T2|]. rewrite (Hv _ my) by auto. now apply My.
Qed.
End Box.
