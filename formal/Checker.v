(** A boolean check of a certificate's integers, and the theorem that it implies what the certificate says. *)
From Coq Require Import Reals Lra Lia List ZArith Bool.
From Relucert Require Import Statement Sums Forms Minimum Arccos Rows Loss Dimension Data Intervals Tables.
Open Scope R_scope.

(** The exact inner product of two rows of integers *)
Fixpoint integer_dot (a b : list Z) : Z :=
  match a, b with x :: a, y :: b => (x * y + integer_dot a b)%Z | _, _ => 0%Z end.

Lemma integer_dot_ok m : forall a b, (length a <= m)%nat ->
  sum m (fun s => IZR (nth s a 0%Z) * IZR (nth s b 0%Z)) = IZR (integer_dot a b).
Proof.
  induction m as [|m IH]; intros a b L.
  - destruct a; [reflexivity|simpl in L; lia].
  - destruct a as [|x a]; [simpl integer_dot; apply sum_zero; intros [|s] _; simpl; ring|].
    destruct b as [|y b]; [simpl integer_dot; apply sum_zero; intros [|s] _; simpl; ring|].
    rewrite sum_first. simpl nth. rewrite IH by (simpl in L; lia). simpl integer_dot. now rewrite plus_IZR, mult_IZR.
Qed.

Module Checker (F : Numbers).
Module Export T := Tables F.

Section Check.
Variable D : certificate.
Let n := neurons D.
Let k := targets D.
Let d := dimension D.
Let N := (n + k)%nat.
Let V := target_matrix D.
Let W := matrix_of (centre D).

Definition zsign i : Z := if Nat.ltb i n then 1%Z else (-1)%Z.
Definition each (m : nat) (f : nat -> bool) := forallb f (seq 0 m).

(* -- at any precision -- *)
Section Precision.
Variable pr : I.F.precision.
Local Notation integer := (I.fromZ pr).
Definition fractionI q := I.mul pr (integer (top q)) (I.inv pr (integer (bottom q))).
Definition entryI t := let scale := I.inv pr (integer (over t)) in fun i c => I.mul pr (integer (entry t i c)) scale.

Definition targetI : nat -> nat -> I.type :=
  match target_rows D with
  | None => fun i c => integer (if Nat.eqb i c then 1 else 0)%Z
  | Some t => entryI t
  end.

(** The rows of centre + [room], then the targets *)
Definition rowsI (room : I.type) : nat -> nat -> I.type :=
  let w := entryI (centre D) in
  let v := targetI in
  fun i c => if Nat.ltb i n then I.add pr (w i c) room else v (i - n)%nat c.

(** The distance of all points of the box from the given point, squared *)
Definition distanceI (room : I.type) :=
  let w := entryI (centre D) in
  let p := entryI (given D) in
  isum pr n (fun i => isum pr d (fun c => let u := I.add pr (I.sub pr (w i c) (p i c)) room in I.mul pr u u)).

Section Hessian.
Variables (T : tables) (columns : list (list (list Z))) (scale mu spread : I.type).
Definition column i c := nth c (nth i columns nil) nil.
(** Entry h of the Hessian, in place (i, c), (j, e), is that of Q^T Q + mu I up to spread. *)
Definition fits i c j e h :=
  within pr (I.sub pr h (I.add pr (I.mul pr (integer (integer_dot (column i c) (column j e))) scale)
    (if Nat.eqb i j && Nat.eqb c e then mu else integer 0))) spread.
Definition block_own i :=
  let od := own_deltaI pr N T i in
  let os := own_scaledI pr N T i in
  let om := list_of d (own_mixedI pr N T i) in
  each d (fun c =>
    let gx := list_of N (fun j => I.mul pr (at2 (t_gamma T) i j) (at2 (t_x T) j c)) in
    each d (fun e => Nat.ltb e c || fits i c i e (ownI pr N T i od os om gx c e))).
Definition block_cross i j :=
  let left := leftI pr d T i j in
  let right := rightI pr d T i j in
  each d (fun c => each d (fun e => fits i c j e (crossI pr T i j left right c e))).
(** The matrix of Dimension.v, row by row *)
Definition outside_fits := each n (fun i => each n (fun j => Nat.ltb j i ||
  fits i 0 j 0 (if Nat.eqb i j then own_deltaI pr N T i else at2 (t_tau T) i j))).
Definition hessian_fits := each n (fun i => block_own i && each n (fun j => Nat.leb j i || block_cross i j)).
End Hessian.

Definition gradient_within T bound := each n (fun i =>
  let od := own_deltaI pr N T i in each d (fun c => within pr (gradientI pr N T i od c) bound)).

(* -- soundness -- *)
Lemma each_ok m f : each m f = true -> forall i, (i < m)%nat -> f i = true.
Proof. apply all_true. Qed.

Lemma fraction_ok q : has (fractionI q) (number q).
Proof. apply has_mul; [apply has_integer|apply has_inv, has_integer]. Qed.
Lemma entry_ok t i c : has (entryI t i c) (matrix_of t i c).
Proof. apply has_mul; [apply has_integer|apply has_inv, has_integer]. Qed.
Lemma zsign_ok i : IZR (zsign i) = sign n i.
Proof. unfold zsign, sign. now destruct (Nat.ltb i n). Qed.
Lemma target_ok i c : has (targetI i c) (V i c).
Proof.
  unfold targetI, V, target_matrix, eye. destruct (target_rows D) as [t|]; [apply entry_ok|].
  destruct (Nat.eqb i c); apply has_integer.
Qed.
Lemma rows_ok room w : (forall i c, (i < n)%nat -> (c < d)%nat -> has room (w i c - W i c)) ->
  forall i c, (i < N)%nat -> (c < d)%nat -> has (rowsI room i c) (rows n V w i c).
Proof.
  intros A i c _ Hc. unfold rowsI, rows. destruct (Nat.ltb_spec i n); [|apply target_ok].
  replace (w i c) with (W i c + (w i c - W i c)) by ring. apply has_add; [apply entry_ok|now apply A].
Qed.
Lemma room_ok r u : 0 < number r -> Rabs u <= number r -> has (I.mul pr (fractionI r) (unit pr)) u.
Proof.
  intros P B. replace u with (number r * (u / number r)) by (field; lra).
  apply has_mul; [apply fraction_ok|]. apply has_unit. unfold Rdiv.
  rewrite Rabs_mult, (Rabs_pos_eq (/ _)) by (left; now apply Rinv_0_lt_compat).
  apply Rmult_le_reg_r with (number r); auto. rewrite Rmult_assoc, Rinv_l; lra.
Qed.

Lemma distance_ok room w : (forall i c, (i < n)%nat -> (c < d)%nat -> has room (w i c - W i c)) ->
  has (distanceI room) (square n d (minus2 w (matrix_of (given D)))).
Proof.
  intros A. apply has_sum. intros i Hi. apply has_sum. intros c Hc. unfold minus2.
  replace (w i c - matrix_of (given D) i c) with (W i c - matrix_of (given D) i c + (w i c - W i c)) by ring.
  apply has_mul; apply has_add; auto; apply has_sub; apply entry_ok.
Qed.

(** What `fits` means, for an entry x in the enclosure h *)
Lemma fits_true columns scale mu spread q shift delta len i c j e h x :
  (length (column columns i c) <= len)%nat -> has scale (/ (q * q)) -> has mu shift -> has spread delta -> has h x ->
  fits columns scale mu spread i c j e h = true ->
  Rabs (x - (sum len (fun s => (IZR (nth s (column columns i c) 0%Z) * / q) * (IZR (nth s (column columns j e) 0%Z) * / q))
    + (if (Nat.eqb i j && Nat.eqb c e)%bool then shift else 0))) <= delta.
Proof.
  intros short scale_ok mu_ok spread_ok A B. eapply has_within; [|exact spread_ok|exact B]. apply has_sub; [exact A|].
  apply has_add; [|destruct (Nat.eqb i j && Nat.eqb c e); [exact mu_ok|apply has_integer]].
  replace (sum len _) with (IZR (integer_dot (column columns i c) (column columns j e)) * / (q * q)).
  - apply has_mul; [apply has_integer|exact scale_ok].
  - rewrite <- (integer_dot_ok len) by auto. rewrite Rinv_mult, <- sum_scale_r. apply sum_ext. intros. ring.
Qed.

Section Soundness.
Variables (X : nat -> nat -> I.type) (w : matrix).
Hypothesis X_ok : forall i c, (i < N)%nat -> (c < d)%nat -> has (X i c) (rows n V w i c).
Variable m : nat.
Hypothesis n_le_m : (n <= m)%nat.
Hypothesis m_le_N : (m <= N)%nat.
Let T := tabulate pr m N d zsign X.

Lemma gradient_within_ok bound b : has bound b -> gradient_within T bound = true ->
  forall i c, (i < n)%nat -> (c < d)%nat -> Rabs (G n k d V w i c) <= b.
Proof.
  intros B A i c Hi Hc. assert (E := each_ok _ _ (each_ok _ _ A i Hi) c Hc). cbv beta in E.
  eapply has_within; [|exact B|exact E]. assert (i < m)%nat by lia.
  apply (gradient_ok pr m N d zsign (sign n) zsign_ok m_le_N X (rows n V w) X_ok); auto.
  now apply (own_delta_ok pr m N d zsign (sign n) zsign_ok m_le_N X (rows n V w) X_ok).
Qed.

Variables (columns : list (list (list Z))) (scale mu spread : I.type) (q shift delta : R).
Hypothesis short : forall i c, (i < n)%nat -> (c < d)%nat -> (length (column columns i c) <= n * d)%nat.
Hypothesis scale_ok : has scale (/ (q * q)).
Hypothesis mu_ok : has mu shift.
Hypothesis spread_ok : has spread delta.
Let Q s i c := IZR (nth s (column columns i c) 0%Z) * / q.

Definition near i c j e := Rabs (H n k d V w i c j e -
  (sum (n * d) (fun s => Q s i c * Q s j e) + (if (Nat.eqb i j && Nat.eqb c e)%bool then shift else 0))) <= delta.

Lemma near_sym i c j e : near i c j e -> near j e i c.
Proof.
  unfold near, H. rewrite hessian_sym, (Nat.eqb_sym i j), (Nat.eqb_sym c e).
  now rewrite (sum_ext _ (fun s => Q s i c * Q s j e) (fun s => Q s j e * Q s i c)) by (intros; ring).
Qed.

Lemma fits_ok i c j e h : (i < n)%nat -> (c < d)%nat -> (j < n)%nat -> (e < d)%nat ->
  has h (H n k d V w i c j e) -> fits columns scale mu spread i c j e h = true -> near i c j e.
Proof.
  intros Hi Hc Hj He A B. exact (fits_true _ _ _ _ q shift delta (n * d) i c j e h _ (short i c Hi Hc) scale_ok mu_ok spread_ok A B).
Qed.

Lemma hessian_fits_ok : hessian_fits T columns scale mu spread = true ->
  forall i c j e, (i < n)%nat -> (c < d)%nat -> (j < n)%nat -> (e < d)%nat -> near i c j e.
Proof.
  intros A.
  assert (own_near : forall i c e, (i < n)%nat -> (c < d)%nat -> (e < d)%nat -> (c <= e)%nat -> near i c i e).
  { intros i c e Hi Hc He Le. assert (B := each_ok _ _ A i Hi). apply andb_prop in B. destruct B as [B _].
    assert (E := each_ok _ _ (each_ok _ _ B c Hc) e He). cbv beta zeta in E. apply Nat.ltb_ge in Le.
    rewrite Le in E. simpl in E. apply (fits_ok _ _ _ _ _ Hi Hc Hi He) in E; [exact E|].
    unfold H, hessian. rewrite Nat.eqb_refl. assert (i < m)%nat by lia.
    apply (own_ok pr m N d zsign (sign n) m_le_N X (rows n V w) X_ok); auto.
    - now apply (own_delta_ok pr m N d zsign (sign n) zsign_ok m_le_N X (rows n V w) X_ok).
    - now apply (own_scaled_ok pr m N d zsign (sign n) zsign_ok m_le_N X (rows n V w) X_ok).
    - intros. rewrite at1_list_of by auto. now apply (own_mixed_ok pr m N d zsign (sign n) zsign_ok m_le_N X (rows n V w) X_ok).
    - intros. rewrite at1_list_of by auto. apply has_mul.
      + now apply (gamma_ok pr m N d zsign (sign n) zsign_ok m_le_N X (rows n V w) X_ok).
      + now apply (x_ok pr m N d zsign X (rows n V w) X_ok). }
  assert (cross_near : forall i c j e, (i < n)%nat -> (c < d)%nat -> (j < n)%nat -> (e < d)%nat -> (i < j)%nat -> near i c j e).
  { intros i c j e Hi Hc Hj He L. assert (B := each_ok _ _ A i Hi). apply andb_prop in B. destruct B as [_ B].
    assert (E := each_ok _ _ B j Hj). cbv beta in E. apply Nat.leb_gt in L. rewrite L in E. simpl in E.
    apply Nat.leb_gt in L.
    assert (E' := each_ok _ _ (each_ok _ _ E c Hc) e He). cbv beta zeta in E'.
    apply (fits_ok _ _ _ _ _ Hi Hc Hj He) in E'; [exact E'|].
    unfold H, hessian. destruct (Nat.eqb_spec i j); [lia|]. assert (i < m)%nat by lia. assert (j < N)%nat by (unfold N; lia).
    now apply (cross_ok pr m N d zsign (sign n) zsign_ok m_le_N X (rows n V w) X_ok). }
  intros i c j e Hi Hc Hj He. destruct (Nat.lt_total i j) as [L|[->|L]].
  - now apply cross_near.
  - destruct (Nat.le_ge_cases c e); [now apply own_near|]. now apply near_sym, own_near.
  - now apply near_sym, cross_near.
Qed.
End Soundness.

(** The matrix outside, where the dimension is k and the targets are orthonormal *)
Lemma outside_fits_ok X w columns scale mu spread q shift delta : d = k -> V = eye ->
  (forall i c, (i < N)%nat -> (c < d)%nat -> has (X i c) (rows n V w i c)) ->
  (forall i, (i < n)%nat -> (length (column columns i 0) <= n)%nat) ->
  has scale (/ (q * q)) -> has mu shift -> has spread delta ->
  outside_fits (tabulate pr n N d zsign X) columns scale mu spread = true ->
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
    refine (fits_true columns scale mu spread q shift delta n i 0 j 0 _ _ (short i Hi) scale_ok mu_ok spread_ok _ B).
    unfold outside. fold N. destruct (Nat.eqb_spec i j).
    - now apply (own_delta_ok pr n N k zsign (sign n) zsign_ok n_le_N X (rows n eye w) X_ok).
    - apply (tau_ok pr n N k zsign (sign n) zsign_ok n_le_N X (rows n eye w) X_ok); auto. lia. }
  assert (sym : forall i j, outside n k w i j = outside n k w j i).
  { intros i j. unfold outside. rewrite (Nat.eqb_sym j i). destruct (Nat.eqb_spec i j) as [->|]; [reflexivity|].
    unfold tau. now rewrite others_sym, (weight_sym (sign n) i j), (TT_sym k _ i j). }
  apply (form_above n 1 n (fun i _ j _ => outside n k w i j) Q shift delta u).
  intros i c j e Hi Hc Hj He. assert (c = 0%nat) as -> by lia. assert (e = 0%nat) as -> by lia.
  rewrite andb_true_r. destruct (Nat.le_ge_cases i j) as [L|L]; [now apply upper|].
  rewrite sym, (Nat.eqb_sym i j), (sum_ext n _ (fun s => Q s j 0%nat * Q s i 0%nat)) by (intros; ring). now apply upper.
Qed.
End Precision.

(** The gradient and the value at the centre, and the distance, need many digits; what is to hold over the whole box
    needs few, as a box is no point anyway. *)
Let fine := F.PtoP (precision D).
Let rough := F.PtoP (coarse D).

Definition check : bool :=
  let q := fractionI fine in
  let r := q (box D) in
  let gam := q (flat D) in
  let size := I.fromZ fine (Z.of_nat (n * d)) in
  let lam := I.sub fine (q (shift D)) (I.mul fine size (q (spread D))) in
  let at_centre := tabulate fine N N d zsign (rowsI fine (I.fromZ fine 0)) in
  let f := valueI fine N at_centre in
  let in_box := tabulate rough n N d zsign (rowsI rough (I.mul rough (fractionI rough (box D)) (unit rough))) in
  let scale := I.inv rough (I.mul rough (I.fromZ rough (factor_over D)) (I.fromZ rough (factor_over D))) in
  let columns := rows_of n d (fun i c => nth (i * d + c) (factor D) nil) in
  Nat.ltb 0 n && Nat.ltb 0 d && Nat.leb k n
  && positive r && positive lam && less fine (I.mul fine (I.mul fine (I.fromZ fine 2) gam) size) (I.mul fine lam r)
  && positive (q (radius D))
  && less fine (distanceI fine (I.mul fine r (unit fine))) (I.mul fine (q (radius D)) (q (radius D)))
  && positive (q (low D)) && less fine f (q (high D))
  && less fine (q (low D)) (I.sub fine f (I.mul fine (I.mul fine size gam) r))
  && regularI rough N in_box
  && gradient_within fine at_centre gam && gradient_within rough in_box (fractionI rough (steep D))
  && each n (fun i => each d (fun c => Nat.leb (length (column columns i c)) (n * d)))
  && hessian_fits rough in_box columns scale (fractionI rough (shift D)) (fractionI rough (spread D)).

(** A check for every larger input dimension, beside the first *)
Definition check_beyond : bool :=
  match beyond D with
  | None => false
  | Some b =>
    let in_box := tabulate rough n N d zsign (rowsI rough (I.mul rough (fractionI rough (box D)) (unit rough))) in
    let scale := I.inv rough (I.mul rough (I.fromZ rough (f_over b)) (I.fromZ rough (f_over b))) in
    let columns := rows_of n 1 (fun i _ => nth i (f_factor b) nil) in
    let size := I.fromZ fine (Z.of_nat (n * 1)) in
    match target_rows D with None => Nat.eqb d k | Some _ => false end
    && positive (I.sub fine (fractionI fine (f_shift b)) (I.mul fine size (fractionI fine (f_spread b))))
    && each n (fun i => Nat.leb (length (column columns i 0)) n)
    && outside_fits rough in_box columns scale (fractionI rough (f_shift b)) (fractionI rough (f_spread b))
  end.
Definition check_every : bool := check && check_beyond.

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
  apply andb_prop in A; destruct A as [A c_hessian].
  apply andb_prop in A; destruct A as [A c_short].
  apply andb_prop in A; destruct A as [A c_steep].
  apply andb_prop in A; destruct A as [A c_flat].
  apply andb_prop in A; destruct A as [A c_regular].
  apply andb_prop in A; destruct A as [A c_low].
  apply andb_prop in A; destruct A as [A c_high].
  apply andb_prop in A; destruct A as [A c_low_pos].
  apply andb_prop in A; destruct A as [A c_distance].
  apply andb_prop in A; destruct A as [A c_radius].
  apply andb_prop in A; destruct A as [A c_inside].
  apply andb_prop in A; destruct A as [A c_lam].
  apply andb_prop in A; destruct A as [A c_box].
  apply andb_prop in A; destruct A as [A c_k].
  apply andb_prop in A; destruct A as [c_n c_d].
  apply Nat.ltb_lt in c_n, c_d. apply Nat.leb_le in c_k.
  set (r := number (box D)). set (gam := number (flat D)). set (delta := number (spread D)).
  set (lam := number (shift D) - INR (n * d) * delta).
  assert (size_ok : has (I.fromZ fine (Z.of_nat (n * d))) (INR (n * d))) by (rewrite INR_IZR_INZ; apply has_integer).
  assert (lam_ok : has (I.sub fine (fractionI fine (shift D)) (I.mul fine (I.fromZ fine (Z.of_nat (n * d))) (fractionI fine (spread D)))) lam).
  { apply has_sub; [apply fraction_ok|]. apply has_mul; [exact size_ok|apply fraction_ok]. }
  assert (r_pos : 0 < r) by (eapply has_positive; [apply fraction_ok|exact c_box]).
  assert (lam_pos : 0 < lam) by (eapply has_positive; [exact lam_ok|exact c_lam]).
  assert (inside : 2 * gam * INR (n * d) < lam * r).
  { eapply has_less; [| |exact c_inside].
    - apply has_mul; [|exact size_ok]. apply has_mul; [apply has_integer|apply fraction_ok].
    - apply has_mul; [exact lam_ok|apply fraction_ok]. }
  assert (radius_pos : 0 < number (radius D)) by (eapply has_positive; [apply fraction_ok|exact c_radius]).
  set (room := fun pr => I.mul pr (fractionI pr (box D)) (unit pr)) in *.
  assert (in_room : forall pr w, Minimum.in_box n d W r w -> forall i c, (i < n)%nat -> (c < d)%nat -> has (room pr) (w i c - W i c)).
  { intros pr w Hw i c Hi Hc. apply room_ok; [exact r_pos|]. now apply Hw. }
  assert (box_rows := fun w Hw => rows_ok rough (room rough) w (in_room rough w Hw)).
  assert (centre_rows : forall i c, (i < N)%nat -> (c < d)%nat -> has (rowsI fine (I.fromZ fine 0) i c) (rows n V W i c)).
  { apply rows_ok. intros. rewrite Rminus_diag_eq by reflexivity. apply has_integer. }
  assert (n_le_N : (n <= N)%nat) by (unfold N; lia).
  assert (box_regular : forall w, Minimum.in_box n d W r w -> regular_at n k d V w).
  { intros w Hw. exact (regular_ok rough n N d zsign n_le_N _ _ (box_rows w Hw) c_regular). }
  assert (short : forall i c, (i < n)%nat -> (c < d)%nat ->
    (length (column (rows_of n d (fun i c => nth (i * d + c) (factor D) nil)) i c) <= n * d)%nat).
  { intros i c Hi Hc. exact (proj1 (Nat.leb_le _ _) (each_ok _ _ (each_ok _ _ c_short i Hi) c Hc)). }
  assert (convex : forall w u, Minimum.in_box n d W r w -> lam * square n d u <= form n d (H n k d V w) u).
  { intros w u Hw. unfold lam.
    apply (form_above n d (n * d) (H n k d V w)
      (fun s i c => IZR (nth s (column (rows_of n d (fun i c => nth (i * d + c) (factor D) nil)) i c) 0%Z) * / IZR (factor_over D))
      (number (shift D)) delta u).
    refine (hessian_fits_ok rough _ w (box_rows w Hw) n (le_n n) n_le_N _ _ _ _ (IZR (factor_over D)) (number (shift D)) delta
      short _ (fraction_ok rough _) (fraction_ok rough _) c_hessian).
    apply has_inv, has_mul; apply has_integer. }
  destruct (minimum n d (F n k d V) (G n k d V) (fun w u => form n d (H n k d V w) u) W r lam gam (number (steep D)))
    as (w & near_W & least & zero & value_w); auto.
  - intros. now apply F_ext.
  - intros. now apply F_derive, box_regular.
  - intros. now apply G_derive, box_regular.
  - exact (gradient_within_ok fine _ W centre_rows N n_le_N (le_n N) _ gam (fraction_ok fine _) c_flat).
  - intros w i c Hw. exact (gradient_within_ok rough _ w (box_rows w Hw) n (le_n n) n_le_N _ _ (fraction_ok rough _) c_steep i c).
  - assert (w_in : Minimum.in_box n d W r w) by (intros i c Hi Hc; left; now apply near_W).
    assert (equal : forall y, Minimum.in_box n d W r y -> loss n k d V y = F n k d V y).
    { intros. now apply loss_is_F, box_regular. }
    assert (f_ok : has (valueI fine N (tabulate fine N N d zsign (rowsI fine (I.fromZ fine 0)))) (F n k d V W)).
    { exact (value_ok fine N N d zsign (sign n) zsign_ok (le_n N) _ _ centre_rows eq_refl). }
    assert (above : number (low D) < F n k d V W - INR (n * d) * gam * r).
    { eapply has_less; [apply fraction_ok| |exact c_low]. apply has_sub; [exact f_ok|].
      apply has_mul; [|apply fraction_ok]. apply has_mul; [exact size_ok|apply fraction_ok]. }
    assert (below : F n k d V W < number (high D)) by (eapply has_less; [exact f_ok|apply fraction_ok|exact c_high]).
    assert (low_pos : 0 < number (low D)) by (eapply has_positive; [apply fraction_ok|exact c_low_pos]).
    exists w. unfold found. rewrite equal by exact w_in.
    repeat match goal with |- _ /\ _ => split end; try lra; auto.
    + assert (S : square n d (minus2 w (matrix_of (given D))) < number (radius D) * number (radius D)).
      { eapply has_less; [apply (distance_ok fine (room fine) w (in_room fine w w_in))| |exact c_distance]. apply has_mul; apply fraction_ok. }
      rewrite distance_square, <- (sqrt_square (number (radius D))) by lra. apply sqrt_lt_1_alt.
      split; [apply square_nonneg|exact S].
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
  assert (box_rows := rows_ok rough (I.mul rough (fractionI rough (box D)) (unit rough)) w
    (fun i c Hi Hc => room_ok rough (box D) (w i c - W i c) r_pos (w_in i c Hi Hc))).
  assert (short := each_ok _ _ c_short). cbv beta in short.
  assert (beyond_form := outside_fits_ok rough _ w _ _ _ _ (IZR (f_over b)) (number (f_shift b)) (number (f_spread b)) Ed EV box_rows
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
End Check.
End Checker.
