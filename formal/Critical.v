(** From an approximate inverse of the Hessian over a box, and a small gradient at its centre, to a critical point inside.
    |grad F|^2 has a minimum over the box, by Extreme.v. The inverse keeps it off the boundary; inside, the derivative of
    |grad F|^2 is 2 Hess F grad F = 0, and the inverse makes grad F = 0 of it. *)
From Coq Require Import Reals Lra Lia FunctionalExtensionality.
From Coquelicot Require Import Coquelicot.
From Relucert Require Import Statement Sums Forms Minimum Rows.
Open Scope R_scope.

(** The matrix with 1 in the place (i, c) *)
Definition unit_at (i c : nat) : matrix := fun j e => if (Nat.eqb i j && Nat.eqb c e)%bool then 1 else 0.

Lemma dot2_unit n d g i c : (i < n)%nat -> (c < d)%nat -> dot2 n d g (unit_at i c) = g i c.
Proof.
  intros Hi Hc. rewrite <- (sum2_pick n d g i c Hi Hc). apply sum2_ext. intros j e _ _. unfold unit_at.
  destruct (Nat.eqb i j && Nat.eqb c e)%bool; ring.
Qed.

Lemma form2_unit n d h i c v : (i < n)%nat -> (c < d)%nat ->
  form2 n d h (unit_at i c) v = sum2 n d (fun j e => h i c j e * v j e).
Proof.
  intros Hi Hc. rewrite <- (sum2_pick n d (fun i c => sum2 n d (fun j e => h i c j e * v j e)) i c Hi Hc).
  apply sum2_ext. intros a b _ _. unfold unit_at. destruct (Nat.eqb i a && Nat.eqb c b)%bool.
  - apply sum2_ext. intros. ring.
  - apply sum2_zero. intros. ring.
Qed.

Lemma sum2_swap n d m e f :
  sum2 n d (fun i c => sum2 m e (fun j b => f i c j b)) = sum2 m e (fun j b => sum2 n d (fun i c => f i c j b)).
Proof.
  unfold sum2.
  rewrite (sum_ext n _ (fun i => sum m (fun j => sum d (fun c => sum e (f i c j))))) by (intros; apply sum_swap).
  rewrite sum_swap. apply sum_ext. intros j _.
  rewrite (sum_ext n _ (fun i => sum e (fun b => sum d (fun c => f i c j b)))) by (intros; apply sum_swap).
  apply sum_swap.
Qed.

Lemma form2_sym n d h u v : (forall i c j e, h i c j e = h j e i c) -> form2 n d h u v = form2 n d h v u.
Proof.
  intros S. unfold form2. rewrite sum2_swap. apply sum2_ext. intros. apply sum2_ext. intros. rewrite S. ring.
Qed.

Lemma form_scale n d h t u : form n d h (fun i c => t * u i c) = t * t * form n d h u.
Proof.
  unfold form, form2. rewrite <- sum2_scale. apply sum2_ext. intros. rewrite <- sum2_scale. apply sum2_ext. intros. ring.
Qed.

Lemma sum2_derive n d (f : nat -> nat -> R -> R) f' t :
  (forall i c, (i < n)%nat -> (c < d)%nat -> is_derive (f i c) t (f' i c)) ->
  is_derive (fun t => sum2 n d (fun i c => f i c t)) t (sum2 n d f').
Proof.
  intros D. apply (sum_derive n (fun i t => sum d (fun c => f i c t))). intros i Hi.
  apply (sum_derive d (fun c t => f i c t)). auto.
Qed.

Section Critical.
Variables (n d : nat) (G : matrix -> matrix) (H : matrix -> nat -> nat -> nat -> nat -> R) (A : matrix -> matrix).
Variables (W : matrix) (r gam K L a : R).
Local Notation in_box := (in_box n d W r).
Hypothesis n_pos : (0 < n)%nat.
Hypothesis d_pos : (0 < d)%nat.
Hypothesis r_pos : 0 < r.
Hypothesis G_ext : forall x y : matrix, (forall i c, (i < n)%nat -> (c < d)%nat -> x i c = y i c) ->
  forall i c, (i < n)%nat -> (c < d)%nat -> G x i c = G y i c.
Hypothesis second : forall x u v t, in_box (ray x v t) ->
  is_derive (fun t => dot2 n d (G (ray x v t)) u) t (form2 n d (H (ray x v t)) u v).
Hypothesis symmetric : forall x i c j e, H x i c j e = H x j e i c.
Hypothesis at_centre : forall i c, (i < n)%nat -> (c < d)%nat -> Rabs (G W i c) <= gam.
Hypothesis slope : forall x i c, in_box x -> (i < n)%nat -> (c < d)%nat -> Rabs (G x i c) <= K.
Hypothesis bend : forall x i c j e, in_box x -> (i < n)%nat -> (c < d)%nat -> (j < n)%nat -> (e < d)%nat ->
  Rabs (H x i c j e) <= L.
(** A is about the inverse of the Hessian .. *)
Hypothesis inverse : forall x u, in_box x -> square n d u <= 2 * form2 n d (H x) u (A u).
(** .. and not too large. *)
Hypothesis stretch : forall u, taxicab n d (A u) <= a * taxicab n d u.
Hypothesis inside : 4 * (INR (n * d) * INR (n * d)) * gam * a < r.

Definition steepness x := square n d (G x).
Definition steepness' x : matrix := fun i c => 2 * sum2 n d (fun j e => H x j e i c * G x j e).

Lemma steepness_derive x v t : in_box (ray x v t) ->
  is_derive (fun t => steepness (ray x v t)) t (dot2 n d (steepness' (ray x v t)) v).
Proof.
  intros B.
  assert (E : forall j e, (j < n)%nat -> (e < d)%nat ->
    is_derive (fun t => G (ray x v t) j e) t (sum2 n d (fun i c => H (ray x v t) j e i c * v i c))).
  { intros j e Hj He. rewrite <- (form2_unit n d (H (ray x v t)) j e v Hj He).
    apply (is_derive_ext (fun t => dot2 n d (G (ray x v t)) (unit_at j e))); [intros; now apply dot2_unit|now apply second]. }
  evar_last.
  - apply (sum2_derive n d (fun j e t => G (ray x v t) j e * G (ray x v t) j e)). intros j e Hj He.
    apply (is_derive_mult (fun t => G (ray x v t) j e) (fun t => G (ray x v t) j e)); [now apply E|now apply E|].
    intros; apply Rmult_comm.
  - unfold dot2, steepness'.
    rewrite (sum2_ext n d (fun i c => 2 * _ * v i c) (fun i c => sum2 n d (fun j e =>
      2 * (H (ray x v t) j e i c * G (ray x v t) j e * v i c)))).
    + rewrite sum2_swap. apply sum2_ext. intros j e _ _. rewrite sum2_scale.
      rewrite (sum2_ext n d (fun i c => H _ j e i c * G _ j e * v i c)
        (fun i c => G (ray x v t) j e * (H (ray x v t) j e i c * v i c))) by (intros; ring).
      rewrite sum2_scale. unfold plus, mult; simpl. ring.
    + intros i c _ _. rewrite sum2_scale.
      rewrite (sum2_ext n d (fun j e => H _ j e i c * G _ j e * v i c)
        (fun j e => v i c * (H (ray x v t) j e i c * G (ray x v t) j e))) by (intros; ring).
      rewrite sum2_scale. ring.
Qed.

Lemma steepness_slope x i c : in_box x -> (i < n)%nat -> (c < d)%nat ->
  Rabs (steepness' x i c) <= 2 * (INR (n * d) * (L * K)).
Proof.
  intros B Hi Hc. unfold steepness'. rewrite Rabs_mult, (Rabs_pos_eq 2) by lra. apply Rmult_le_compat_l; [lra|].
  eapply Rle_trans; [apply sum2_abs|]. rewrite <- sum2_const. apply sum2_le. intros j e Hj He. rewrite Rabs_mult.
  apply Rmult_le_compat; auto using Rabs_pos.
Qed.

(** Where |grad F| is not above that of the centre, every entry of the gradient is at most n d gam. *)
Lemma small_gradient w : steepness w <= steepness W -> forall i c, (i < n)%nat -> (c < d)%nat -> Rabs (G w i c) <= INR (n * d) * gam.
Proof.
  intros Le i c Hi Hc.
  assert (gam_nonneg : 0 <= gam) by (eapply Rle_trans; [apply Rabs_pos|apply (at_centre i c); auto]).
  assert (size : 1 <= INR (n * d)) by (change 1 with (INR 1); apply le_INR; nia).
  assert (S1 := square_entry n d (G w) i c Hi Hc). fold (steepness w) in S1.
  assert (S2 : steepness W <= INR (n * d) * (gam * gam)).
  { unfold steepness, square. rewrite <- sum2_const. apply sum2_le. intros j e Hj He.
    rewrite <- (Rabs_pos_eq (_ * _)) by apply Rle_0_sqr. rewrite Rabs_mult.
    apply Rmult_le_compat; auto using Rabs_pos. }
  assert (S3 : INR (n * d) * (gam * gam) <= INR (n * d) * gam * (INR (n * d) * gam)).
  { replace (INR (n * d) * gam * (INR (n * d) * gam)) with (INR (n * d) * (INR (n * d) * (gam * gam))) by ring.
    assert (0 <= gam * gam) by now apply Rmult_le_pos.
    apply Rmult_le_compat_l; [lra|]. rewrite <- (Rmult_1_l (gam * gam)) at 1. now apply Rmult_le_compat_r. }
  rewrite <- (Rabs_pos_eq (INR (n * d) * gam)) by (apply Rmult_le_pos; lra).
  apply Rsqr_le_abs_0. unfold Rsqr. lra.
Qed.

(** On the boundary the gradient is larger than at the centre. *)
Lemma steeper_boundary w : in_box w -> steepness w <= steepness W ->
  forall i c, (i < n)%nat -> (c < d)%nat -> Rabs (w i c - W i c) < r.
Proof.
  intros B Le i c Hi Hc. destruct (Rle_lt_or_eq_dec _ _ (B i c Hi Hc)) as [|E]; auto. exfalso.
  set (u := minus2 w W). set (p := A u).
  assert (on_ray : forall t, 0 <= t <= 1 -> in_box (ray W u t)) by (intros; apply in_box_ray; auto; now apply in_box_centre).
  destruct (mean_value (fun t => dot2 n d (G (ray W u t)) p) (fun t => form2 n d (H (ray W u t)) p u) 0 1) as (x & X1 & X2).
  - lra.
  - intros t Ht. apply second, on_ray, Ht.
  - assert (E1 : ray W u 1 = w) by apply ray_end. rewrite ray_start, E1, Rminus_0_r, Rmult_1_r, form2_sym in X2 by apply symmetric.
    assert (I := inverse (ray W u x) u (on_ray x X1)). fold p in I. rewrite <- X2 in I.
    assert (D1 := dot2_bound n d (G w) p _ (small_gradient w Le)). apply Rabs_le_between in D1.
    assert (D2 := dot2_bound n d (G W) p gam at_centre). apply Rabs_le_between in D2.
    assert (S1 : r * r <= square n d u).
    { eapply Rle_trans; [|apply (square_entry n d u i c); auto]. change (u i c) with (w i c - W i c).
      rewrite <- E, <- Rabs_mult, Rabs_pos_eq by apply Rle_0_sqr. lra. }
    assert (S2 : taxicab n d u <= INR (n * d) * r).
    { unfold taxicab. rewrite <- sum2_const. apply sum2_le. intros. now apply B. }
    assert (S0 : r <= taxicab n d u).
    { rewrite <- E. apply (sum2_term n d (fun i c => Rabs (u i c))); auto. intros. apply Rabs_pos. }
    assert (S3 := stretch u). fold p in S3.
    assert (P : 0 <= taxicab n d p) by (apply sum2_nonneg; intros; apply Rabs_pos).
    assert (a_nonneg : 0 <= a) by (apply Rmult_le_reg_r with (taxicab n d u); lra).
    assert (gam_nonneg : 0 <= gam) by (eapply Rle_trans; [apply Rabs_pos|apply (at_centre i c); auto]).
    assert (size : 1 <= INR (n * d)) by (change 1 with (INR 1); apply le_INR; nia).
    set (m := INR (n * d)) in *.
    assert (T1 : a * taxicab n d u <= a * (m * r)) by now apply Rmult_le_compat_l.
    assert (T2 : (m + 1) * gam * taxicab n d p <= 2 * m * gam * (a * (m * r))).
    { apply Rmult_le_compat; [apply Rmult_le_pos; lra|exact P| |lra]. apply Rmult_le_compat_r; lra. }
    assert (T3 : 4 * (m * m) * gam * a * r < r * r) by now apply Rmult_lt_compat_r. lra.
Qed.

Theorem critical_point : exists w,
  (forall i c, (i < n)%nat -> (c < d)%nat -> Rabs (w i c - W i c) < r)
  /\ (forall i c, (i < n)%nat -> (c < d)%nat -> G w i c = 0).
Proof.
  destruct (minimum_over_box n d steepness steepness' W r (2 * (INR (n * d) * (L * K)))) as (w & B & M); auto.
  - intros x y E. apply sum2_ext. intros. now rewrite !(G_ext x y).
  - intros. now apply steepness_derive.
  - intros. now apply steepness_slope.
  - assert (I := steeper_boundary w B (M W (in_box_centre n d W r r_pos))). exists w. split; [exact I|].
    assert (Z := zero_inside n d steepness steepness' W r steepness_derive w I M).
    assert (E : 2 * form2 n d (H w) (G w) (A (G w)) = 0).
    { transitivity (dot2 n d (steepness' w) (A (G w))); [|apply sum2_zero; intros; rewrite Z by auto; ring].
      unfold form2, dot2, steepness'. rewrite sum2_swap, <- sum2_scale. apply sum2_ext. intros i c _ _.
      rewrite (sum2_ext n d (fun j e => H w j e i c * (G w j e * A (G w) i c))
        (fun j e => A (G w) i c * (H w j e i c * G w j e))) by (intros; ring).
      rewrite sum2_scale. ring. }
    assert (S := inverse w (G w) B). rewrite E in S.
    intros i c Hi Hc. assert (X := square_entry n d (G w) i c Hi Hc).
    destruct (Req_dec (G w i c) 0) as [|Ne]; [assumption|]. apply Rlt_0_sqr in Ne. unfold Rsqr in Ne. lra.
Qed.
End Critical.

(** From a negative second derivative along v over the box, F falls along v from a critical point, at least like a parabola. *)
Lemma falls_along n d (F : matrix -> R) (G : matrix -> matrix) (Q : matrix -> matrix -> R) (W w v : matrix) (r m : R) :
  (forall x u t, in_box n d W r (ray x u t) -> is_derive (fun t => F (ray x u t)) t (dot2 n d (G (ray x u t)) u)) ->
  (forall x u t, in_box n d W r (ray x u t) -> is_derive (fun t => dot2 n d (G (ray x u t)) u) t (Q (ray x u t) u)) ->
  (forall x t, in_box n d W r x -> m * (t * t) <= - Q x (fun i c => t * v i c)) ->
  (forall i c, (i < n)%nat -> (c < d)%nat -> Rabs (w i c - W i c) < r) ->
  (forall i c, (i < n)%nat -> (c < d)%nat -> G w i c = 0) ->
  exists rho, 0 < rho /\ forall t, Rabs t < rho -> in_box n d W r (ray w v t) /\ F (ray w v t) <= F w - m / 2 * (t * t).
Proof.
  intros first second down near zero.
  destruct (positive_gap n d (fun i c => r - Rabs (w i c - W i c))) as (rho & rho_pos & gap).
  { intros i c Hi Hc. specialize (near i c Hi Hc). lra. }
  set (b := taxicab n d v). assert (b_nonneg : 0 <= b) by (apply sum2_nonneg; intros; apply Rabs_pos).
  assert (rho'_pos : 0 < rho / (b + 1)) by (apply Rdiv_lt_0_compat; lra).
  exists (rho / (b + 1)). split; [exact rho'_pos|].
  assert (inside : forall t, Rabs t <= rho / (b + 1) -> in_box n d W r (ray w v t)).
  { intros t Ht i c Hi Hc. specialize (gap i c Hi Hc). unfold ray.
    replace (w i c + t * v i c - W i c) with ((w i c - W i c) + t * v i c) by ring.
    eapply Rle_trans; [apply Rabs_triang|]. rewrite Rabs_mult.
    assert (E : Rabs (v i c) <= b + 1).
    { apply Rle_trans with b; [|lra]. apply (sum2_term n d (fun i c => Rabs (v i c))); auto. intros. apply Rabs_pos. }
    assert (X : Rabs t * Rabs (v i c) <= rho / (b + 1) * (b + 1)) by (apply Rmult_le_compat; auto using Rabs_pos).
    replace (rho / (b + 1) * (b + 1)) with rho in X by (field; lra). lra. }
  intros t Ht. assert (I : in_box n d W r (ray w v t)) by (apply inside; lra). split; [exact I|].
  set (u := fun i c => t * v i c).
  assert (R : forall s, ray w u s = ray w v (s * t)).
  { intros s. apply functional_extensionality; intros i. apply functional_extensionality; intros c. unfold ray, u. ring. }
  assert (on : forall s, 0 <= s <= 1 -> in_box n d W r (ray w u s)).
  { intros s Hs. rewrite R. apply inside. rewrite Rabs_mult, (Rabs_pos_eq s) by lra.
    assert (s * Rabs t <= 1 * Rabs t) by (apply Rmult_le_compat_r; [apply Rabs_pos|lra]). lra. }
  assert (P := above_parabola (fun s => - F (ray w u s)) (fun s => - dot2 n d (G (ray w u s)) u)
    (fun s => - Q (ray w u s) u) (m * (t * t))
    (fun s Hs => is_derive_opp _ _ _ (first w u s (on s Hs))) (fun s Hs => is_derive_opp _ _ _ (second w u s (on s Hs)))
    (fun s Hs => down _ t (on s Hs))).
  cbv beta in P. rewrite ray_start, (R 1), Rmult_1_l in P.
  assert (D : dot2 n d (G w) u = 0) by (apply sum2_zero; intros; rewrite zero by auto; ring). lra.
Qed.
