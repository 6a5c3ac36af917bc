(** What the zeros of the gradient are for the loss: critical points; and where the loss falls, no minimum is, in this dimension
    and in every larger one. *)
From Coq Require Import Reals Lra Lia FunctionalExtensionality.
From Coquelicot Require Import Coquelicot.
From Relucert Require Import Statement Sums Forms Minimum Arccos Rows Loss Nearby Dimension.
Open Scope R_scope.

Lemma taxicab_distance n d y w : taxicab n d (minus2 y w) <= INR (n * d) * distance n d y w.
Proof. unfold taxicab. rewrite <- sum2_const. apply sum2_le. intros. now apply distance_entry. Qed.

Theorem critical_loss n k d V w : regular_at n k d V w -> (forall i c, (i < n)%nat -> (c < d)%nat -> G n k d V w i c = 0) ->
  critical n d (loss n k d V) w.
Proof.
  intros R Z eps eps_pos. assert (size := pos_INR (n * d)).
  set (small := eps / (INR (n * d) + 1)). assert (small_pos : 0 < small) by (apply Rdiv_lt_0_compat; lra).
  assert (entries : forall i c, (i < n + k)%nat -> (c < d)%nat -> steady n d w (fun y => rows n V y i c)).
  { intros i c Hi Hc. unfold rows. destruct (Nat.ltb_spec i n); [now apply steady_entry|apply steady_const]. }
  assert (near_gradient : nearby n d w (fun y => forall i, (i < n)%nat -> forall c, (c < d)%nat ->
    Rabs (G n k d V y i c - G n k d V w i c) <= small)).
  { apply nearby_all. intros i Hi. apply nearby_all. intros c Hc.
    apply (steady_gradient n d w (n + k) (sign n) (rows n V) entries R); auto. lia. }
  destruct (nearby_and n d w _ _ (nearby_regular n d w (n + k) (sign n) (rows n V) entries R) near_gradient)
    as (rho & rho_pos & near).
  exists rho. split; [exact rho_pos|]. intros y close. set (u := minus2 y w).
  assert (on_ray : forall t, 0 <= t <= 1 -> forall i c, (i < n)%nat -> (c < d)%nat -> Rabs (ray w u t i c - w i c) <= rho).
  { intros t Ht i c Hi Hc. unfold ray. replace (w i c + t * u i c - w i c) with (t * u i c) by ring.
    rewrite Rabs_mult, (Rabs_pos_eq t) by lra. assert (E := distance_entry n d y w i c Hi Hc).
    change (y i c - w i c) with (u i c) in E.
    assert (t * Rabs (u i c) <= 1 * Rabs (u i c)) by (apply Rmult_le_compat_r; [apply Rabs_pos|lra]). lra. }
  destruct (mean_value (fun t => F n k d V (ray w u t)) (fun t => dot2 n d (G n k d V (ray w u t)) u) 0 1) as (x & X1 & X2).
  - lra.
  - intros t Ht. apply F_derive. exact (proj1 (near _ (on_ray t Ht))).
  - assert (E : ray w u 1 = y) by apply ray_end. rewrite ray_start, E, Rminus_0_r, Rmult_1_r in X2.
    assert (Y : regular_at n k d V y) by (rewrite <- E; apply near, on_ray; lra).
    rewrite !loss_is_F, X2 by assumption. eapply Rle_trans.
    + apply (dot2_bound n d _ u small). intros i c Hi Hc. assert (B := proj2 (near _ (on_ray x X1)) i Hi c Hc).
      now rewrite Z, Rminus_0_r in B.
    + eapply Rle_trans; [apply Rmult_le_compat_l; [lra|apply taxicab_distance]|].
      rewrite <- Rmult_assoc. apply Rmult_le_compat_r; [apply sqrt_pos|].
      unfold small. apply Rmult_le_reg_r with (INR (n * d) + 1); [lra|].
      replace (eps / (INR (n * d) + 1) * INR (n * d) * (INR (n * d) + 1)) with (eps * INR (n * d)) by (field; lra).
      apply Rmult_le_compat_l; lra.
Qed.

Lemma distance_ray n d w v t : distance n d (ray w v t) w = Rabs t * sqrt (square n d v).
Proof.
  rewrite distance_square, <- sqrt_Rsqr_abs, <- sqrt_mult; [|apply Rle_0_sqr|apply square_nonneg].
  f_equal. unfold square. rewrite <- sum2_scale. apply sum2_ext. intros. unfold minus2, ray, Rsqr. ring.
Qed.

Theorem falls_no_min n d f w : falls f w -> no_local_min n d f w.
Proof.
  intros (v & m & rho & m_pos & rho_pos & H) r r_pos. set (b := sqrt (square n d v)).
  assert (b_nonneg : 0 <= b) by apply sqrt_pos.
  set (t := Rmin (rho / 2) (r / (b + 1))).
  assert (q_pos : 0 < r / (b + 1)) by (apply Rdiv_lt_0_compat; lra).
  assert (t_pos : 0 < t) by (apply Rmin_pos; lra).
  assert (t_rho : t <= rho / 2) by apply Rmin_l. assert (t_r : t <= r / (b + 1)) by apply Rmin_r.
  exists (ray w v t). split.
  - rewrite distance_ray, (Rabs_pos_eq t) by lra. fold b.
    apply Rle_lt_trans with (r / (b + 1) * b); [now apply Rmult_le_compat_r|].
    apply Rmult_lt_reg_r with (b + 1); [lra|].
    replace (r / (b + 1) * b * (b + 1)) with (r * b) by (field; lra). lra.
  - assert (E := H t). rewrite (Rabs_pos_eq t) in E by lra. specialize (E ltac:(lra)).
    fold (ray w v t) in E. assert (0 < m * (t * t)) by (repeat apply Rmult_lt_0_compat; lra). lra.
Qed.

(** In every larger dimension the loss falls along the same line. *)
Theorem falls_padded n k more w : regular_at n k k eye w ->
  (exists v m rho, 0 < m /\ 0 < rho /\ forall t, Rabs t < rho ->
    regular_at n k k eye (ray w v t) /\ loss n k k eye (ray w v t) <= loss n k k eye w - m * (t * t)) ->
  falls (loss n k (k + more) eye) (padded k w).
Proof.
  intros R (v & m & rho & m_pos & rho_pos & H). exists (padded k v), m, rho. repeat split; auto. intros t Ht.
  destruct (H t Ht) as [Rt Ft].
  replace (fun i c => padded k w i c + t * padded k v i c) with (padded k (ray w v t)).
  - now rewrite !loss_padded.
  - apply functional_extensionality; intros i. apply functional_extensionality; intros c. unfold padded, ray.
    destruct (Nat.ltb c k); ring.
Qed.
