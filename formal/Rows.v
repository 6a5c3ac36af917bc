(** The loss as a function of N signed rows (+1 for neurons, -1 for targets), its gradient and its Hessian.
    The coefficients alpha, .., tau of a pair of rows are shared by all entries that it takes part in: that is what
    makes the check of a certificate quick. *)
From Coq Require Import Reals Lra Lia.
From Coquelicot Require Import Coquelicot.
From Relucert Require Import Statement Sums Forms Minimum Arccos.
Open Scope R_scope.

Lemma dot_sym d x y : dot d x y = dot d y x.
Proof. apply sum_ext. intros. ring. Qed.

Lemma sum_derive n (f : nat -> R -> R) f' t : (forall i, (i < n)%nat -> is_derive (f i) t (f' i)) ->
  is_derive (fun t => sum n (fun i => f i t)) t (sum n f').
Proof.
  induction n as [|n IH]; intros H; simpl; [apply @is_derive_const|].
  apply (is_derive_plus (fun t => sum n (fun i => f i t)) (f n)); [apply IH; intros|]; apply H; lia.
Qed.

(** Along a ray, (v.x)' = v.u *)
Lemma dot_derive d v (x u : vector) t : is_derive (fun t => dot d v (fun c => x c + t * u c)) t (dot d v u).
Proof.
  apply sum_derive. intros c _. apply (is_derive_scal (fun t => x c + t * u c) t (v c) (u c)). evar_last.
  - apply (is_derive_plus (fun _ => x c) (fun t => t * u c)); [apply @is_derive_const|].
    apply (is_derive_scal_l (fun t => t) t 1 (u c)), (@is_derive_id R_AbsRing).
  - unfold plus, zero, scal; simpl. unfold mult; simpl. ring.
Qed.

(** (x.y)' = u.y + v.x *)
Lemma dot_derive2 d (x y u v : vector) t : is_derive (fun t => dot d (fun c => x c + t * u c) (fun c => y c + t * v c)) t
  (dot d u (fun c => y c + t * v c) + dot d v (fun c => x c + t * u c)).
Proof.
  assert (L : forall (x u : vector) c, is_derive (fun t => x c + t * u c) t (u c)).
  { intros a b c. evar_last.
    - apply (is_derive_plus (fun _ => a c) (fun t => t * b c)); [apply @is_derive_const|].
      apply (is_derive_scal_l (fun t => t) t 1 (b c)), (@is_derive_id R_AbsRing).
    - unfold plus, zero, scal; simpl. unfold mult; simpl. ring. }
  unfold dot. rewrite <- sum_plus. apply sum_derive. intros c _. evar_last.
  - apply (is_derive_mult (fun t => x c + t * u c) (fun t => y c + t * v c)); auto. intros; apply Rmult_comm.
  - unfold plus, mult; simpl. ring.
Qed.

Section Rows.
Variables (N d : nat) (sign : nat -> R).

Definition AA (x : matrix) i := dot d (x i) (x i).
Definition CC (x : matrix) i j := dot d (x i) (x j).
Definition SS x i j := area (AA x i) (AA x j) (CC x i j).
Definition TT x i j := turn (AA x i) (AA x j) (CC x i j).
Definition weight i j := sign i * sign j / (2 * PI).

(** v for i <> j, and 0 for i = j: a row meets only the others. *)
Definition others (i j : nat) (v : R) := if Nat.eqb i j then 0 else v.

Definition value x := sum N (fun i => AA x i / 4 +
  sum N (fun j => others i j (weight i j / 2 * phi (AA x i) (AA x j) (CC x i j)))).

(** No row is 0 and no two are parallel. *)
Definition regular x := (forall i, (i < N)%nat -> 0 < AA x i) /\
  forall i j, (i < N)%nat -> (j < N)%nat -> i <> j -> 0 < AA x i * AA x j - CC x i j * CC x i j.

(** u_i.x_i / |x_i|^2, half the logarithmic derivative of |x_i|^2 along u *)
Definition rate (x u : matrix) i := dot d (u i) (x i) * / AA x i.
Definition meet (x u : matrix) i j := dot d (u i) (x j) + dot d (u j) (x i).
Definition value1 x u := sum N (fun i => dot d (u i) (x i) / 2 +
  sum N (fun j => others i j (weight i j / 2 * (SS x i j * (rate x u i + rate x u j) + TT x i j * meet x u i j)))).
(** The derivative of these along another direction v *)
Definition meet1 (u v : matrix) i j := dot d (u i) (v j) + dot d (u j) (v i).
Definition rate1 (x u v : matrix) i := dot d (u i) (v i) * / AA x i - 2 * (rate x u i * rate x v i).
Definition pair2 x u v i j :=
  (AA x i * AA x j * ((rate x u i + rate x u j) * (rate x v i + rate x v j))
    - CC x i j * ((rate x u i + rate x u j) * meet x v i j + (rate x v i + rate x v j) * meet x u i j)
    + meet x u i j * meet x v i j) / SS x i j
  + SS x i j * (rate1 x u v i + rate1 x u v j) + TT x i j * meet1 u v i j.
Definition value2 x u v := sum N (fun i => dot d (u i) (v i) / 2 +
  sum N (fun j => others i j (weight i j / 2 * pair2 x u v i j))).

(* -- along a ray -- *)
Lemma dot_ray v x u j t : is_derive (fun t => dot d v (ray x u t j)) t (dot d v (u j)).
Proof. apply (dot_derive d v (x j) (u j)). Qed.

Lemma AA_ray x u i t : is_derive (fun t => AA (ray x u t) i) t (2 * dot d (u i) (ray x u t i)).
Proof. evar_last; [apply (dot_derive2 d (x i) (x i) (u i) (u i))|]. fold (ray x u t i). unfold ray. ring. Qed.

Lemma CC_ray x u i j t : is_derive (fun t => CC (ray x u t) i j) t (meet (ray x u t) u i j).
Proof. apply (dot_derive2 d (x i) (x j) (u i) (u j)). Qed.

Lemma meet_ray x u v i j t : is_derive (fun t => meet (ray x v t) u i j) t (meet1 u v i j).
Proof. apply (is_derive_plus (fun t => dot d (u i) (ray x v t j)) (fun t => dot d (u j) (ray x v t i))); apply dot_ray. Qed.

Lemma rate_ray x u v i t : 0 < AA (ray x v t) i -> is_derive (fun t => rate (ray x v t) u i) t (rate1 (ray x v t) u v i).
Proof.
  intros P. evar_last.
  - apply (is_derive_div (fun t => dot d (u i) (ray x v t i)) (fun t => AA (ray x v t) i)); [apply dot_ray|apply AA_ray|lra].
  - unfold rate1, rate. field. lra.
Qed.

Lemma others_derive i j (f : R -> R) t l : (i <> j -> is_derive f t l) -> is_derive (fun t => others i j (f t)) t (others i j l).
Proof. unfold others. intros H. destruct (Nat.eqb_spec i j); [apply @is_derive_const|auto]. Qed.

Lemma half_log x u i t : 0 < AA (ray x u t) i ->
  is_derive (fun t => AA (ray x u t) i) t (2 * AA (ray x u t) i * rate (ray x u t) u i).
Proof. intros P. evar_last; [apply AA_ray|]. unfold rate. field. lra. Qed.

Lemma value_derive x u t : regular (ray x u t) -> is_derive (fun t => value (ray x u t)) t (value1 (ray x u t) u).
Proof.
  intros [P I]. apply sum_derive. intros i Hi.
  apply (is_derive_plus (fun t => AA (ray x u t) i / 4) (fun t => sum N (fun j => others i j (weight i j / 2 *
    phi (AA (ray x u t) i) (AA (ray x u t) j) (CC (ray x u t) i j))))).
  - evar_last; [apply (is_derive_equal (fun t => / 4 * AA (ray x u t) i)); [intros; field|]|].
    + apply is_derive_scal, AA_ray.
    + field.
  - apply (sum_derive N (fun j t => others i j (weight i j / 2 * phi (AA (ray x u t) i) (AA (ray x u t) j) (CC (ray x u t) i j)))).
    intros j Hj. apply others_derive. intros Ne. apply is_derive_scal.
    apply (phi_derive (fun t => AA (ray x u t) i) (fun t => AA (ray x u t) j) (fun t => CC (ray x u t) i j)
      (fun t => rate (ray x u t) u i) (fun t => rate (ray x u t) u j) (fun t => meet (ray x u t) u i j));
      auto using half_log, CC_ray.
Qed.

(** The derivative of that along u, along v *)
Lemma value1_derive x u v t : regular (ray x v t) -> is_derive (fun t => value1 (ray x v t) u) t (value2 (ray x v t) u v).
Proof.
  intros [P I]. apply sum_derive. intros i Hi.
  apply (is_derive_plus (fun t => dot d (u i) (ray x v t i) / 2) (fun t => sum N (fun j => others i j (weight i j / 2 *
    (SS (ray x v t) i j * (rate (ray x v t) u i + rate (ray x v t) u j) + TT (ray x v t) i j * meet (ray x v t) u i j))))).
  - evar_last; [apply (is_derive_equal (fun t => / 2 * dot d (u i) (ray x v t i))); [intros; field|]|].
    + apply is_derive_scal, dot_ray.
    + field.
  - apply (sum_derive N (fun j t => others i j (weight i j / 2 *
      (SS (ray x v t) i j * (rate (ray x v t) u i + rate (ray x v t) u j) + TT (ray x v t) i j * meet (ray x v t) u i j)))).
    intros j Hj. apply others_derive. intros Ne. apply is_derive_scal.
    apply (phi_derive2 (fun t => AA (ray x v t) i) (fun t => AA (ray x v t) j) (fun t => CC (ray x v t) i j)
      (fun t => rate (ray x v t) v i) (fun t => rate (ray x v t) v j) (fun t => meet (ray x v t) v i j));
      auto using half_log, CC_ray, rate_ray, meet_ray.
Qed.

(* -- the coefficients of a pair; they vanish for a row with itself -- *)
Definition alpha x i j := others i j (weight i j * (AA x i * AA x j) * / SS x i j).
Definition beta x i j := others i j (weight i j * CC x i j * / SS x i j).
Definition gamma x i j := others i j (weight i j * / SS x i j).
Definition omega x i j := others i j (weight i j * SS x i j).
Definition tau x i j := others i j (weight i j * TT x i j).

Definition scaled (x : matrix) i c := x i c * / AA x i.
Definition delta (c e : nat) := if Nat.eqb c e then 1 else 0.

(** What row i has in common for all its entries: (1/2 + sum omega / A_i), sum (alpha - 2 omega), sum beta_ij x_j *)
Definition own_delta x i := / 2 + sum N (omega x i) * / AA x i.
Definition own_scaled x i := sum N (fun j => alpha x i j - 2 * omega x i j).
Definition own_mixed x i e := sum N (fun j => beta x i j * x j e).

Definition gradient x : matrix := fun i c => x i c * own_delta x i + sum N (fun j => tau x i j * x j c).
Definition own x i c e :=
  delta c e * own_delta x i + scaled x i c * scaled x i e * own_scaled x i
  - (scaled x i c * own_mixed x i e + own_mixed x i c * scaled x i e) + sum N (fun j => gamma x i j * x j c * x j e).
Definition cross x i j c e :=
  scaled x i c * (alpha x i j * scaled x j e - beta x i j * x i e)
  + x j c * (gamma x i j * x i e - beta x i j * scaled x j e) + delta c e * tau x i j.
Definition hessian x i c j e := if Nat.eqb i j then own x i c e else cross x i j c e.

Lemma others_plus i j a b : others i j (a + b) = others i j a + others i j b.
Proof. unfold others. destruct (Nat.eqb i j); ring. Qed.
Lemma others_scale i j a b : others i j (a * b) = others i j a * b.
Proof. unfold others. destruct (Nat.eqb i j); ring. Qed.
Lemma others_sym i j v : others i j v = others j i v.
Proof. unfold others. now rewrite Nat.eqb_sym. Qed.
Lemma CC_sym x i j : CC x i j = CC x j i.
Proof. apply dot_sym. Qed.
Lemma SS_sym x i j : SS x i j = SS x j i.
Proof. unfold SS, area. rewrite (CC_sym x j i). f_equal. ring. Qed.
Lemma TT_sym x i j : TT x i j = TT x j i.
Proof. unfold TT, turn. fold (SS x i j) (SS x j i). now rewrite SS_sym, (CC_sym x j i). Qed.
Lemma weight_sym i j : weight i j = weight j i.
Proof. unfold weight. now rewrite (Rmult_comm (sign i)). Qed.
Lemma delta_sym c e : delta c e = delta e c.
Proof. unfold delta. now rewrite Nat.eqb_sym. Qed.

Lemma hessian_sym x i c j e : hessian x i c j e = hessian x j e i c.
Proof.
  unfold hessian. rewrite (Nat.eqb_sym j i). destruct (Nat.eqb_spec i j) as [->|].
  - unfold own. rewrite (delta_sym e c), (sum_ext _ _ (fun l => gamma x j l * x l e * x l c)) by (intros; ring). ring.
  - assert (A : alpha x j i = alpha x i j).
    { unfold alpha. rewrite others_sym, (weight_sym j i), (SS_sym x j i), (Rmult_comm (AA x j)). reflexivity. }
    assert (B : beta x j i = beta x i j).
    { unfold beta. rewrite others_sym, (weight_sym j i), (SS_sym x j i), (CC_sym x j i). reflexivity. }
    assert (C : gamma x j i = gamma x i j) by (unfold gamma; now rewrite others_sym, (weight_sym j i), (SS_sym x j i)).
    assert (D : tau x j i = tau x i j) by (unfold tau; now rewrite others_sym, (weight_sym j i), (TT_sym x j i)).
    unfold cross. rewrite A, B, C, D, (delta_sym e c). ring.
Qed.

(** A sum over ordered pairs of what a pair gives to its first row and to its second *)
Lemma both_ways (p : nat -> nat -> R) : sum N (fun i => sum N (fun j => others i j (p i j + p j i))) =
  sum N (fun i => sum N (fun j => others i j (2 * p i j))).
Proof.
  transitivity (sum N (fun i => sum N (fun j => others i j (p i j))) + sum N (fun i => sum N (fun j => others i j (p j i)))).
  - rewrite <- sum_plus. apply sum_ext. intros. rewrite <- sum_plus. apply sum_ext. intros. apply others_plus.
  - rewrite (sum_swap N N (fun i j => others i j (p j i))), <- sum_plus. apply sum_ext. intros i _.
    rewrite <- sum_plus. apply sum_ext. intros j _. rewrite (others_sym j i), <- others_plus. f_equal. ring.
Qed.

Lemma value1_gradient x u : value1 x u = sum N (fun i => dot d (gradient x i) (u i)).
Proof.
  unfold value1. rewrite sum_plus.
  rewrite (sum_ext N (fun i => sum N _) (fun i => sum N (fun j => others i j (
     weight i j / 2 * (SS x i j * rate x u i + TT x i j * dot d (u i) (x j)) +
     weight j i / 2 * (SS x j i * rate x u j + TT x j i * dot d (u j) (x i)))))).
  2:{ intros i _. apply sum_ext. intros j _. f_equal. rewrite (weight_sym j i), (SS_sym x j i), (TT_sym x j i). unfold meet. field. }
  rewrite (both_ways (fun i j => weight i j / 2 * (SS x i j * rate x u i + TT x i j * dot d (u i) (x j)))), <- sum_plus.
  apply sum_ext. intros i _. symmetry.
  transitivity (own_delta x i * dot d (u i) (x i) + sum N (fun j => tau x i j * dot d (u i) (x j))).
  - unfold dot, gradient. rewrite (sum_ext d _ (fun c => own_delta x i * (u i c * x i c) + sum N (fun j => tau x i j * (u i c * x j c)))).
    + rewrite sum_plus, sum_scale, sum_swap. f_equal. apply sum_ext. intros. apply sum_scale.
    + intros c _. rewrite Rmult_plus_distr_r, <- sum_scale_r. f_equal; [ring|]. apply sum_ext. intros. ring.
  - unfold own_delta. rewrite Rmult_plus_distr_r, Rplus_assoc, Rmult_assoc. f_equal; [field|].
    rewrite <- sum_scale_r, <- sum_plus. apply sum_ext. intros j _.
    unfold omega, tau, rate. rewrite !(others_scale i j (weight i j)). unfold others. destruct (Nat.eqb i j); [ring|].
    generalize (/ AA x i). intros. field. 
Qed.

(* -- u^T M v for a d x d matrix M -- *)
Definition bilinear (u v : vector) (M : nat -> nat -> R) := sum d (fun c => sum d (fun e => M c e * (u c * v e))).
Lemma bilinear_ext u v M M' : (forall c e, M c e = M' c e) -> bilinear u v M = bilinear u v M'.
Proof. intros H. apply sum_ext. intros. apply sum_ext. intros. now rewrite H. Qed.
Lemma bilinear_plus u v M M' : bilinear u v (fun c e => M c e + M' c e) = bilinear u v M + bilinear u v M'.
Proof. unfold bilinear. rewrite <- sum_plus. apply sum_ext. intros. rewrite <- sum_plus. apply sum_ext. intros. ring. Qed.
Lemma bilinear_scale u v k M : bilinear u v (fun c e => k * M c e) = k * bilinear u v M.
Proof. unfold bilinear. rewrite <- sum_scale. apply sum_ext. intros. rewrite <- sum_scale. apply sum_ext. intros. ring. Qed.
Lemma bilinear_sum u v m (M : nat -> nat -> nat -> R) :
  bilinear u v (fun c e => sum m (fun j => M j c e)) = sum m (fun j => bilinear u v (M j)).
Proof.
  unfold bilinear. symmetry. rewrite sum_swap. apply sum_ext. intros. rewrite sum_swap. apply sum_ext. intros.
  now rewrite sum_scale_r.
Qed.
Lemma bilinear_product u v a b : bilinear u v (fun c e => a c * b e) = dot d u a * dot d v b.
Proof. unfold bilinear, dot. rewrite sum_product. apply sum_ext. intros. apply sum_ext. intros. ring. Qed.
Lemma bilinear_delta u v : bilinear u v delta = dot d u v.
Proof.
  apply sum_ext. intros c Hc. rewrite <- (sum_pick d (fun e => u c * v e) c Hc). apply sum_ext. intros e _.
  unfold delta. destruct (Nat.eqb c e); ring.
Qed.

Lemma dot_scaled x u i : dot d (u i) (scaled x i) = rate x u i.
Proof. unfold rate, dot, scaled. rewrite <- sum_scale_r. apply sum_ext. intros. ring. Qed.
Lemma dot_mixed x u i : dot d (u i) (own_mixed x i) = sum N (fun j => beta x i j * dot d (u i) (x j)).
Proof.
  unfold dot, own_mixed. rewrite (sum_ext d _ (fun c => sum N (fun j => beta x i j * (u i c * x j c)))).
  - rewrite sum_swap. apply sum_ext. intros. apply sum_scale.
  - intros. rewrite <- sum_scale. apply sum_ext. intros. ring.
Qed.

(** What the pair (i, j) gives to u_i^T H_ii v_i, and to u_i^T H_ij v_j *)
Definition own_pair x u v i j :=
  alpha x i j * (rate x u i * rate x v i) - beta x i j * (rate x u i * dot d (v i) (x j) + dot d (u i) (x j) * rate x v i)
  + gamma x i j * (dot d (u i) (x j) * dot d (v i) (x j)) + omega x i j * rate1 x u v i.
Definition cross_pair x u v i j :=
  alpha x i j * (rate x u i * rate x v j) - beta x i j * (rate x u i * dot d (v j) (x i) + dot d (u i) (x j) * rate x v j)
  + gamma x i j * (dot d (u i) (x j) * dot d (v j) (x i)) + tau x i j * dot d (u i) (v j).

Lemma own_form x u v i : bilinear (u i) (v i) (own x i) = dot d (u i) (v i) / 2 + sum N (own_pair x u v i).
Proof.
  rewrite (bilinear_ext _ _ _ (fun c e => own_delta x i * delta c e + (own_scaled x i * (scaled x i c * scaled x i e)
    + (-1 * (scaled x i c * own_mixed x i e) + (-1 * (own_mixed x i c * scaled x i e)
    + sum N (fun j => gamma x i j * (x j c * x j e))))))).
  2:{ intros. unfold own. rewrite (sum_ext _ (fun j => gamma x i j * x j c * x j e) (fun j => gamma x i j * (x j c * x j e))) by (intros; ring). ring. }
  rewrite !bilinear_plus, !bilinear_scale, !bilinear_product, bilinear_delta, !dot_scaled, !dot_mixed.
  rewrite (bilinear_sum _ _ N (fun j c e => gamma x i j * (x j c * x j e))).
  rewrite (sum_ext N (fun j => bilinear _ _ _) (fun j => gamma x i j * (dot d (u i) (x j) * dot d (v i) (x j)))).
  2:{ intros. now rewrite bilinear_scale, bilinear_product. }
  unfold own_delta, own_scaled, own_pair, rate1. set (a := rate x u i). set (b := rate x v i).
  generalize (dot d (u i) (v i)) (/ AA x i). intros q ia. generalize (alpha x i) (beta x i) (gamma x i) (omega x i).
  intros al be ga om. generalize (fun j => dot d (u i) (x j)) (fun j => dot d (v i) (x j)). intros h l. clear.
  induction N as [|m IH]; simpl; [field|]. lra.
Qed.

Lemma cross_form x u v i j : bilinear (u i) (v j) (cross x i j) = cross_pair x u v i j.
Proof.
  rewrite (bilinear_ext _ _ _ (fun c e => alpha x i j * (scaled x i c * scaled x j e)
    + (- beta x i j * (scaled x i c * x i e) + (gamma x i j * (x j c * x i e)
    + (- beta x i j * (x j c * scaled x j e) + tau x i j * delta c e))))) by (intros; unfold cross; ring).
  rewrite !bilinear_plus, !bilinear_scale, !bilinear_product, bilinear_delta, !dot_scaled. unfold cross_pair. ring.
Qed.

Lemma pair2_split x u v i j : others i j (weight i j / 2 * pair2 x u v i j) =
  others i j (/ 2 * (own_pair x u v i j + cross_pair x u v i j) + / 2 * (own_pair x u v j i + cross_pair x u v j i)).
Proof.
  unfold pair2, own_pair, cross_pair, alpha, beta, gamma, omega, tau.
  rewrite !(others_sym j i), (weight_sym j i), (SS_sym x j i), (TT_sym x j i), (CC_sym x j i).
  unfold others, meet, meet1. destruct (Nat.eqb i j); [reflexivity|].
  unfold Rdiv. generalize (/ SS x i j) (/ 2) (weight i j). intros. field.
Qed.

Lemma sum_own_others i (f g : nat -> R) : (i < N)%nat ->
  sum N (fun j => if Nat.eqb i j then f j else g j) = f i + sum N (fun j => others i j (g j)).
Proof.
  intros Hi. rewrite <- (sum_pick N f i Hi), <- sum_plus. apply sum_ext. intros j _. unfold others.
  destruct (Nat.eqb i j); ring.
Qed.

Lemma value2_hessian x u v : value2 x u v = form2 N d (hessian x) u v.
Proof.
  unfold value2. rewrite sum_plus, (sum_ext N (fun i => sum N _) (fun i => sum N (fun j => others i j (
     / 2 * (own_pair x u v i j + cross_pair x u v i j) + / 2 * (own_pair x u v j i + cross_pair x u v j i))))).
  2:{ intros. apply sum_ext. intros. apply pair2_split. }
  rewrite (both_ways (fun i j => / 2 * (own_pair x u v i j + cross_pair x u v i j))), <- sum_plus.
  unfold form2, sum2. apply sum_ext. intros i Hi. rewrite sum_swap.
  rewrite (sum_ext N (fun j => sum d _) (fun j => if Nat.eqb i j then bilinear (u i) (v i) (own x i) else cross_pair x u v i j)).
  - rewrite (sum_own_others i (fun _ => bilinear (u i) (v i) (own x i)) (cross_pair x u v i)), own_form, Rplus_assoc by auto.
    f_equal. rewrite <- sum_plus. apply sum_ext. intros j _. unfold others. destruct (Nat.eqb_spec i j) as [->|]; [|field].
    unfold own_pair, alpha, beta, gamma, omega, others. rewrite Nat.eqb_refl. ring.
  - intros j _. unfold hessian. destruct (Nat.eqb_spec i j) as [->|]; [reflexivity|]. now rewrite <- cross_form.
Qed.
End Rows.
