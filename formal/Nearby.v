(** What holds for all matrices near w, and functions that are continuous there: enough to pass from the Hessian at a point
    to the Hessian in a neighbourhood, of which no size is asked. *)
From Coq Require Import Reals Lra Lia.
From Coquelicot Require Import Coquelicot.
From Relucert Require Import Statement Sums Forms Minimum Arccos Rows.
Open Scope R_scope.

Section Nearby.
Variables (n d : nat) (w : matrix).

Definition nearby (P : matrix -> Prop) := exists rho, 0 < rho /\
  forall y, (forall i c, (i < n)%nat -> (c < d)%nat -> Rabs (y i c - w i c) <= rho) -> P y.

Lemma nearby_true (P : matrix -> Prop) : (forall y, P y) -> nearby P.
Proof. intros H. exists 1. split; [lra|auto]. Qed.
Lemma nearby_imp (P Q : matrix -> Prop) : (forall y, P y -> Q y) -> nearby P -> nearby Q.
Proof. intros H (rho & A & B). exists rho. auto. Qed.
Lemma nearby_and P Q : nearby P -> nearby Q -> nearby (fun y => P y /\ Q y).
Proof.
  intros (r1 & A1 & B1) (r2 & A2 & B2). exists (Rmin r1 r2). split; [now apply Rmin_pos|]. intros y H.
  split; [apply B1|apply B2]; intros; eapply Rle_trans; eauto using Rmin_l, Rmin_r.
Qed.
Lemma nearby_all m (P : nat -> matrix -> Prop) : (forall i, (i < m)%nat -> nearby (P i)) ->
  nearby (fun y => forall i, (i < m)%nat -> P i y).
Proof.
  induction m as [|m IH]; intros H; [apply nearby_true; intros; lia|].
  apply nearby_imp with (fun y => (forall i, (i < m)%nat -> P i y) /\ P m y).
  - intros y [A B] i Hi. destruct (Nat.eq_dec i m) as [->|]; [exact B|]. apply A. lia.
  - apply nearby_and; [apply IH; intros|]; apply H; lia.
Qed.

(** Continuity at w *)
Definition steady (f : matrix -> R) := forall eps, 0 < eps -> nearby (fun y => Rabs (f y - f w) <= eps).

Lemma steady_const k : steady (fun _ => k).
Proof. intros eps He. apply nearby_true. intros. rewrite Rminus_diag_eq, Rabs_R0; lra. Qed.
Lemma steady_entry i c : (i < n)%nat -> (c < d)%nat -> steady (fun y => y i c).
Proof. intros Hi Hc eps He. exists eps. auto. Qed.
Lemma steady_ext f g : (forall y, f y = g y) -> steady f -> steady g.
Proof. intros E H eps He. apply nearby_imp with (2 := H eps He). intros y. now rewrite !E. Qed.

(** Composition with a function that is continuous at f w *)
Lemma steady_comp (g : R -> R) f : continuity_pt g (f w) -> steady f -> steady (fun y => g (f y)).
Proof.
  intros C H eps He. destruct (C eps He) as (delta & D1 & D2).
  apply nearby_imp with (2 := H (delta / 2) ltac:(lra)). intros y Hy.
  destruct (Req_dec (f w) (f y)) as [->|N]; [rewrite Rminus_diag_eq, Rabs_R0; lra|].
  left. apply (D2 (f y)). split; [split; [exact I|exact N]|]. simpl. unfold R_dist. lra.
Qed.
Lemma steady_plus f g : steady f -> steady g -> steady (fun y => f y + g y).
Proof.
  intros A B eps He. apply nearby_imp with (2 := nearby_and _ _ (A (eps / 2) ltac:(lra)) (B (eps / 2) ltac:(lra))).
  intros y [X Y]. replace (f y + g y - (f w + g w)) with ((f y - f w) + (g y - g w)) by ring.
  eapply Rle_trans; [apply Rabs_triang|]. lra.
Qed.
Lemma steady_scale k f : steady f -> steady (fun y => k * f y).
Proof. apply (steady_comp (fun t => k * t)). apply derivable_continuous_pt. apply derivable_pt_scal, derivable_pt_id. Qed.
Lemma steady_minus f g : steady f -> steady g -> steady (fun y => f y - g y).
Proof.
  intros A B. apply steady_ext with (fun y => f y + -1 * g y); [intros; ring|]. apply steady_plus; auto. now apply steady_scale.
Qed.
(* f g = ((f + g)^2 - (f - g)^2) / 4 *)
Lemma steady_mult f g : steady f -> steady g -> steady (fun y => f y * g y).
Proof.
  intros A B.
  assert (S : forall h, steady h -> steady (fun y => h y * h y)).
  { intros h Hh. apply (steady_comp (fun t => t * t)); auto. apply derivable_continuous_pt.
    apply derivable_pt_mult; apply derivable_pt_id. }
  apply steady_ext with (fun y => / 4 * ((f y + g y) * (f y + g y) - (f y - g y) * (f y - g y))); [intros; field|].
  apply steady_scale, steady_minus; apply S; [now apply steady_plus|now apply steady_minus].
Qed.
Lemma steady_inv f : f w <> 0 -> steady f -> steady (fun y => / f y).
Proof.
  intros N. apply (steady_comp Rinv). apply (continuity_pt_inv (fun t => t)); [|exact N].
  apply derivable_continuous_pt, derivable_pt_id.
Qed.
Lemma steady_sum m (f : nat -> matrix -> R) : (forall i, (i < m)%nat -> steady (f i)) -> steady (fun y => sum m (fun i => f i y)).
Proof.
  induction m as [|m IH]; intros H; simpl; [apply steady_const|]. apply steady_plus; [apply IH; intros|]; apply H; lia.
Qed.
Lemma steady_positive f : steady f -> 0 < f w -> nearby (fun y => 0 < f y).
Proof.
  intros H P. apply nearby_imp with (2 := H (f w / 2) ltac:(lra)). intros y Hy. apply Rabs_le_between in Hy. lra.
Qed.

(** The Hessian's entries are continuous where no row is 0 and no two are parallel. x gives all rows from w. *)
Section Entries.
Variables (N : nat) (sign : nat -> R) (x : matrix -> matrix).
Hypothesis entries : forall i c, (i < N)%nat -> (c < d)%nat -> steady (fun y => x y i c).
Hypothesis regular_w : regular N d (x w).

Lemma steady_CC i j : (i < N)%nat -> (j < N)%nat -> steady (fun y => CC d (x y) i j).
Proof. intros. apply (steady_sum d (fun c y => x y i c * x y j c)). intros. apply steady_mult; auto. Qed.
Lemma steady_AA i : (i < N)%nat -> steady (fun y => AA d (x y) i).
Proof. intros. now apply (steady_CC i i). Qed.
Lemma steady_squared i j : (i < N)%nat -> (j < N)%nat ->
  steady (fun y => AA d (x y) i * AA d (x y) j - CC d (x y) i j * CC d (x y) i j).
Proof. intros. apply steady_minus; apply steady_mult; auto using steady_AA, steady_CC. Qed.

Lemma nearby_regular : nearby (fun y => regular N d (x y)).
Proof.
  destruct regular_w as [P I]. apply nearby_and.
  - apply nearby_all. intros i Hi. apply steady_positive; [now apply steady_AA|now apply P].
  - apply nearby_imp with (fun y => forall i, (i < N)%nat -> forall j, (j < N)%nat -> i <> j ->
      0 < AA d (x y) i * AA d (x y) j - CC d (x y) i j * CC d (x y) i j); [intros y A i j Hi Hj; now apply A|].
    apply nearby_all. intros i Hi. apply nearby_all. intros j Hj. destruct (Nat.eq_dec i j) as [|Ne]; [apply nearby_true; tauto|].
    apply nearby_imp with (2 := steady_positive _ (steady_squared i j Hi Hj) (I i j Hi Hj Ne)). auto.
Qed.

Lemma steady_IA i : (i < N)%nat -> steady (fun y => / AA d (x y) i).
Proof. intros Hi. apply steady_inv; [|now apply steady_AA]. assert (P := proj1 regular_w i Hi). lra. Qed.

Section Pair.
Variables i j : nat.
Hypothesis Hi : (i < N)%nat.
Hypothesis Hj : (j < N)%nat.

Lemma steady_others (f : matrix -> R) : (i <> j -> steady f) -> steady (fun y => others i j (f y)).
Proof. intros H. unfold others. destruct (Nat.eqb_spec i j); [apply steady_const|auto]. Qed.
Lemma steady_SS : i <> j -> steady (fun y => SS d (x y) i j).
Proof.
  intros Ne. assert (P := proj2 regular_w i j Hi Hj Ne). apply (steady_comp sqrt); [|now apply steady_squared].
  apply continuity_pt_sqrt. now left.
Qed.
Lemma SS_positive : i <> j -> 0 < SS d (x w) i j.
Proof. intros Ne. apply sqrt_lt_R0. exact (proj2 regular_w i j Hi Hj Ne). Qed.
Lemma steady_IS : i <> j -> steady (fun y => / SS d (x y) i j).
Proof. intros Ne. apply steady_inv; [assert (P := SS_positive Ne); lra|now apply steady_SS]. Qed.
Lemma steady_TT : i <> j -> steady (fun y => TT d (x y) i j).
Proof.
  intros Ne. unfold TT, turn. apply steady_plus; [apply steady_const|].
  apply (steady_comp atan); [apply derivable_continuous_pt, derivable_pt_atan|].
  apply steady_mult; [now apply steady_CC|now apply steady_IS].
Qed.
Lemma steady_alpha : steady (fun y => alpha d sign (x y) i j).
Proof.
  apply steady_others. intros. apply steady_mult; [apply steady_mult|now apply steady_IS]; [apply steady_const|].
  apply steady_mult; now apply steady_AA.
Qed.
Lemma steady_beta : steady (fun y => beta d sign (x y) i j).
Proof.
  apply steady_others. intros. apply steady_mult; [apply steady_mult|now apply steady_IS]; [apply steady_const|now apply steady_CC].
Qed.
Lemma steady_gamma : steady (fun y => gamma d sign (x y) i j).
Proof. apply steady_others. intros. apply steady_mult; [apply steady_const|now apply steady_IS]. Qed.
Lemma steady_omega : steady (fun y => omega d sign (x y) i j).
Proof. apply steady_others. intros. apply steady_mult; [apply steady_const|now apply steady_SS]. Qed.
Lemma steady_tau : steady (fun y => tau d sign (x y) i j).
Proof. apply steady_others. intros. apply steady_mult; [apply steady_const|now apply steady_TT]. Qed.
End Pair.

Lemma steady_scaled i c : (i < N)%nat -> (c < d)%nat -> steady (fun y => scaled d (x y) i c).
Proof. intros. apply steady_mult; [auto|now apply steady_IA]. Qed.

Lemma steady_own_delta i : (i < N)%nat -> steady (fun y => own_delta N d sign (x y) i).
Proof.
  intros Hi. unfold own_delta. apply steady_plus; [apply steady_const|]. apply steady_mult; [|now apply steady_IA].
  apply (steady_sum N (fun j y => omega d sign (x y) i j)). intros. now apply steady_omega.
Qed.

Theorem steady_gradient i c : (i < N)%nat -> (c < d)%nat -> steady (fun y => gradient N d sign (x y) i c).
Proof.
  intros Hi Hc. unfold gradient. apply steady_plus; [apply steady_mult; auto using steady_own_delta|].
  apply (steady_sum N (fun j y => tau d sign (x y) i j * x y j c)). intros.
  apply steady_mult; [now apply steady_tau|auto].
Qed.

Lemma steady_own i c e : (i < N)%nat -> (c < d)%nat -> (e < d)%nat -> steady (fun y => own N d sign (x y) i c e).
Proof.
  intros Hi Hc He.
  assert (M : forall c, (c < d)%nat -> steady (fun y => own_mixed N d sign (x y) i c)).
  { intros b Hb. apply (steady_sum N (fun j y => beta d sign (x y) i j * x y j b)). intros.
    apply steady_mult; [now apply steady_beta|auto]. }
  unfold own. apply steady_plus; [apply steady_minus; [apply steady_plus|apply steady_plus]|].
  - apply steady_scale. now apply steady_own_delta.
  - apply steady_mult; [apply steady_mult; now apply steady_scaled|].
    apply (steady_sum N (fun j y => alpha d sign (x y) i j - 2 * omega d sign (x y) i j)). intros.
    apply steady_minus; [now apply steady_alpha|]. apply steady_scale. now apply steady_omega.
  - apply steady_mult; [now apply steady_scaled|now apply M].
  - apply steady_mult; [now apply M|now apply steady_scaled].
  - apply (steady_sum N (fun j y => gamma d sign (x y) i j * x y j c * x y j e)). intros.
    apply steady_mult; [apply steady_mult|auto]; [now apply steady_gamma|auto].
Qed.

Lemma steady_cross i j c e : (i < N)%nat -> (j < N)%nat -> (c < d)%nat -> (e < d)%nat ->
  steady (fun y => cross d sign (x y) i j c e).
Proof.
  intros. unfold cross. apply steady_plus; [apply steady_plus|].
  - apply steady_mult; [now apply steady_scaled|]. apply steady_minus; apply steady_mult; auto using steady_alpha, steady_beta, steady_scaled.
  - apply steady_mult; [auto|]. apply steady_minus; apply steady_mult; auto using steady_gamma, steady_beta, steady_scaled.
  - apply steady_scale. now apply steady_tau.
Qed.

Theorem steady_hessian i c j e : (i < N)%nat -> (j < N)%nat -> (c < d)%nat -> (e < d)%nat ->
  steady (fun y => hessian N d sign (x y) i c j e).
Proof. intros. unfold hessian. destruct (Nat.eqb i j); [now apply steady_own|now apply steady_cross]. Qed.
End Entries.
End Nearby.
