(** The checks for a strict local minimum that is not global, and the theorems that they imply it: in one dimension, and in every
    larger one. *)
From Coq Require Import Reals Lra Lia List ZArith Bool.
From Relucert Require Import Statement Sums Forms Minimum Arccos Rows Loss Dimension Data Lists Intervals Tables Checker.
Open Scope R_scope.

Module Minima (F : Numbers).
Module Export C := Checker F.

Section Minima.
Variable D : certificate.
Let n := neurons D.
Let k := targets D.
Let d := dimension D.
Let N := (n + k)%nat.
Let V := target_matrix D.
Let W := matrix_of (centre D).
Let fine := F.PtoP (precision D).
Let rough := F.PtoP (coarse D).

Definition check : bool :=
  let q := fractionI fine in
  let r := q (box D) in
  let gam := q (flat D) in
  let size := size D in
  let lam := I.sub fine (q (shift D)) (I.mul fine size (q (spread D))) in
  let centre := at_centre D in
  let f := valueI fine N centre in
  check_place D centre (in_box D)
  && Nat.leb k n
  && positive lam && less fine (I.mul fine (I.mul fine (I.fromZ fine 2) gam) size) (I.mul fine lam r)
  && positive (q (low D)) && less fine f (q (high D))
  && less fine (q (low D)) (I.sub fine f (I.mul fine (I.mul fine size gam) r)).

(** The matrix of Dimension.v, row by row, over the box *)
Definition outside_fits T columns scale mu spread := each n (fun i => each n (fun j => Nat.ltb j i ||
  fits rough columns scale mu spread i 0 j 0 (if Nat.eqb i j then own_deltaI rough N T i else at2 (t_tau T) i j))).

(** A check for every larger input dimension, beside the first *)
Definition check_beyond : bool :=
  match beyond D with
  | None => false
  | Some b =>
    let scale := I.inv rough (I.mul rough (I.fromZ rough (f_over b)) (I.fromZ rough (f_over b))) in
    let columns := rows_of n 1 (fun i _ => nth i (f_factor b) nil) in
    let size := I.fromZ fine (Z.of_nat (n * 1)) in
    match target_rows D with None => Nat.eqb d k | Some _ => false end
    && positive (I.sub fine (fractionI fine (f_shift b)) (I.mul fine size (fractionI fine (f_spread b))))
    && each n (fun i => Nat.leb (length (column columns i 0)) n)
    && outside_fits (in_box D) columns scale (fractionI rough (f_shift b)) (fractionI rough (f_spread b))
  end.
Definition check_every : bool := check && check_beyond.

(** The matrix outside, where the dimension is k and the targets are orthonormal *)
Lemma outside_fits_ok X w columns scale mu spread q shift delta : d = k -> V = eye ->
  (forall i c, (i < N)%nat -> (c < d)%nat -> has (X i c) (rows n V w i c)) ->
  (forall i, (i < n)%nat -> (length (column columns i 0) <= n)%nat) ->
  has scale (/ (q * q)) -> has mu shift -> has spread delta ->
  outside_fits (tabulate rough n N d (zsign D) X) columns scale mu spread = true ->
  forall u, (shift - INR (n * 1) * delta) * square n 1 u <= form n 1 (fun i _ j _ => outside n k w i j) u.
Proof.
  intros Ed EV X_ok short scale_ok mu_ok spread_ok A u. rewrite EV, Ed in *.
  assert (n_le_N : (n <= N)%nat) by (unfold N; lia).
  set (Q := fun s i (c : nat) => IZR (nth s (column columns i c) 0%Z) * / q).
  assert (upper : forall i j, (i < n)%nat -> (j < n)%nat -> (i <= j)%nat ->
    Rabs (outside n k w i j - (sum n (fun s => Q s i 0%nat * Q s j 0%nat) + (if Nat.eqb i j then shift else 0))) <= delta).
  { intros i j Hi Hj Le. assert (B := each_ok _ _ (each_ok _ _ A i Hi) j Hj). cbv beta in B.
    rewrite (proj2 (Nat.ltb_ge j i) Le) in B. simpl in B.
    replace (if Nat.eqb i j then shift else 0) with (if (Nat.eqb i j && Nat.eqb 0 0)%bool then shift else 0)
      by (now rewrite Nat.eqb_refl, andb_true_r).
    refine (fits_true rough columns scale mu spread q shift delta n i 0 j 0 _ _ (short i Hi) scale_ok mu_ok spread_ok _ B).
    unfold outside. fold N. destruct (Nat.eqb_spec i j).
    - now apply (own_delta_ok rough n N k (zsign D) (sign n) (zsign_ok D) n_le_N X (rows n eye w) X_ok).
    - apply (tau_ok rough n N k (zsign D) (sign n) (zsign_ok D) n_le_N X (rows n eye w) X_ok); auto. lia. }
  assert (sym : forall i j, outside n k w i j = outside n k w j i).
  { intros i j. unfold outside. rewrite (Nat.eqb_sym j i). destruct (Nat.eqb_spec i j) as [->|]; [reflexivity|].
    unfold tau. now rewrite others_sym, (weight_sym (sign n) i j), (TT_sym k _ i j). }
  apply (form_above n 1 n (fun i _ j _ => outside n k w i j) Q shift delta u).
  intros i c j e Hi Hc Hj He. assert (c = 0%nat) as -> by lia. assert (e = 0%nat) as -> by lia.
  rewrite andb_true_r. destruct (Nat.le_ge_cases i j) as [L|L]; [now apply upper|].
  rewrite sym, (Nat.eqb_sym i j), (sum_ext n _ (fun s => Q s j 0%nat * Q s i 0%nat)) by (intros; ring). now apply upper.
Qed.
(** What the proof finds: the minimum, and what is needed for larger dimensions *)
Definition found (w : matrix) : Prop :=
  distance n d w (matrix_of (given D)) < number (radius D)
  /\ strict_local_min n d (loss n k d V) w
  /\ number (low D) <= loss n k d V w <= number (high D)
  /\ 0 < loss n k d V w
  /\ (0 < n)%nat /\ (0 < d)%nat /\ (k <= n)%nat
  /\ 0 < number (box D) /\ Minimum.in_box n d W (number (box D)) w
  /\ regular_at n k d V w
  /\ (forall i c, (i < n)%nat -> (c < d)%nat -> G n k d V w i c = 0)
  /\ exists lam, 0 < lam /\ forall u, lam * square n d u <= form n d (H n k d V w) u.

Lemma check_finds : check = true -> exists w, found w.
Proof.
  unfold check. cbv zeta. intros A.
  apply andb_prop in A; destruct A as [A c_low].
  apply andb_prop in A; destruct A as [A c_high].
  apply andb_prop in A; destruct A as [A c_low_pos].
  apply andb_prop in A; destruct A as [A c_inside].
  apply andb_prop in A; destruct A as [A c_lam].
  apply andb_prop in A; destruct A as [A c_k].
  apply Nat.leb_le in c_k. destruct (check_placed D A) as [n_pos d_pos r_pos at_distance box_regular centre_flat box_steep short near].
  fold n k d V W in n_pos, d_pos, r_pos, at_distance, box_regular, centre_flat, box_steep, short, near.
  set (r := number (box D)) in *. set (gam := number (flat D)) in *. set (delta := number (spread D)) in *.
  set (lam := number (shift D) - INR (n * d) * delta).
  assert (lam_ok : has (I.sub fine (fractionI fine (shift D)) (I.mul fine (size D) (fractionI fine (spread D)))) lam).
  { apply has_sub; [apply fraction_ok|]. apply has_mul; [apply size_ok|apply fraction_ok]. }
  assert (lam_pos : 0 < lam) by (eapply has_positive; [exact lam_ok|exact c_lam]).
  assert (inside : 2 * gam * INR (n * d) < lam * r).
  { eapply has_less; [| |exact c_inside].
    - apply has_mul; [|apply size_ok]. apply has_mul; [apply has_integer|apply fraction_ok].
    - apply has_mul; [exact lam_ok|apply fraction_ok]. }
  assert (convex : forall w u, Minimum.in_box n d W r w -> lam * square n d u <= form n d (H n k d V w) u).
  { intros w u B. exact (form_above n d (n * d) (H n k d V w)
      (fun s i c => IZR (nth s (column (columns D) i c) 0%Z) * / IZR (factor_over D)) (number (shift D)) delta u (near w B)). }
  destruct (minimum n d (F n k d V) (G n k d V) (fun w u => form n d (H n k d V w) u) W r lam gam (number (steep D)))
    as (w & near_W & least & zero & value_w); auto.
  - intros. now apply F_ext.
  - intros. now apply F_derive, box_regular.
  - intros. now apply G_derive, box_regular.
  - assert (w_in : Minimum.in_box n d W r w) by (intros i c Hi Hc; left; now apply near_W).
    assert (equal : forall y, Minimum.in_box n d W r y -> loss n k d V y = F n k d V y).
    { intros. now apply loss_is_F, box_regular. }
    assert (above : number (low D) < F n k d V W - INR (n * d) * gam * r).
    { eapply has_less; [apply fraction_ok| |exact c_low]. apply has_sub; [apply value_at_centre|].
      apply has_mul; [|apply fraction_ok]. apply has_mul; [apply size_ok|apply fraction_ok]. }
    assert (below : F n k d V W < number (high D)) by (eapply has_less; [apply value_at_centre|apply fraction_ok|exact c_high]).
    assert (low_pos : 0 < number (low D)) by (eapply has_positive; [apply fraction_ok|exact c_low_pos]).
    exists w. unfold found. rewrite equal by exact w_in.
    repeat match goal with |- _ /\ _ => split end; try lra; auto.
    + destruct (positive_gap n d (fun i c => r - Rabs (w i c - W i c))) as (rho & rho_pos & gap).
      { intros i c Hi Hc. specialize (near_W i c Hi Hc). lra. }
      exists rho. split; [exact rho_pos|]. intros y Hy Ne.
      assert (y_in : Minimum.in_box n d W r y).
      { intros i c Hi Hc. specialize (gap i c Hi Hc).
        assert (E := distance_entry n d y w i c Hi Hc).
        replace (y i c - W i c) with ((y i c - w i c) + (w i c - W i c)) by ring.
        eapply Rle_trans; [apply Rabs_triang|]. lra. }
      rewrite (equal w w_in), (equal y y_in). now apply least.
    + exists lam. split; [exact lam_pos|]. intros u. now apply convex.
Qed.

Theorem check_sound : check = true ->
  spurious_minimum n k d V (matrix_of (given D)) (number (radius D)) (number (low D)) (number (high D)).
Proof.
  intros A. destruct (check_finds A) as (w & near & min & value & pos & _ & _ & kn & _).
  exists w. repeat split; try tauto. now apply loss_attains_zero.
Qed.

(** The same in every larger input dimension: Theorem M *)
Theorem check_every_sound : check_every = true -> forall d', (k <= d')%nat ->
  spurious_minimum n k d' eye (padded k (matrix_of (given D))) (number (radius D)) (number (low D)) (number (high D)).
Proof.
  intros A d' Hd'. apply andb_prop in A. destruct A as [A B].
  destruct (check_finds A) as (w & near & _ & value & pos & n_pos & d_pos & kn & r_pos & w_in & reg & zero & lam & lam_pos & convex).
  unfold check_beyond in B. destruct (beyond D) as [b|]; [|discriminate].
  apply andb_prop in B; destruct B as [B c_outside].
  apply andb_prop in B; destruct B as [B c_short].
  apply andb_prop in B; destruct B as [B c_lam].
  assert (EV : V = eye) by (unfold V, target_matrix; destruct (target_rows D); [discriminate|reflexivity]).
  assert (Ed : d = k) by (destruct (target_rows D); [discriminate|now apply Nat.eqb_eq]). clear B.
  set (lam' := number (f_shift b) - INR (n * 1) * number (f_spread b)).
  assert (lam'_pos : 0 < lam').
  { eapply has_positive; [|exact c_lam]. apply has_sub; [apply fraction_ok|].
    apply has_mul; [rewrite INR_IZR_INZ; apply has_integer|apply fraction_ok]. }
  assert (box_rows := rows_ok D rough (room D rough) w (in_room D rough w r_pos w_in)).
  assert (short := each_ok _ _ c_short). cbv beta in short.
  assert (beyond_form := outside_fits_ok _ w _ _ _ _ (IZR (f_over b)) (number (f_shift b)) (number (f_spread b)) Ed EV box_rows
    (fun i Hi => proj1 (Nat.leb_le _ _) (short i Hi)) (has_inv _ _ _ (has_mul _ _ _ _ _ (has_integer rough (f_over b)) (has_integer rough (f_over b))))
    (fraction_ok rough _) (fraction_ok rough _) c_outside).
  rewrite EV, Ed in *. clear box_rows.
  exists (padded k w). replace d' with (k + (d' - k))%nat by lia.
  rewrite loss_padded, distance_padded by exact reg. repeat split; try tauto.
  - apply (strict_padded n k (d' - k) w (Rmin lam lam')); auto; [now apply Rmin_pos| |].
    + intros u. eapply Rle_trans; [|apply convex]. apply Rmult_le_compat_r; [apply square_nonneg|apply Rmin_l].
    + intros u. eapply Rle_trans; [|apply beyond_form]. apply Rmult_le_compat_r; [apply square_nonneg|apply Rmin_r].
  - now apply loss_attains_zero.
Qed.
End Minima.
End Minima.
