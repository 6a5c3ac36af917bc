(** What every check of a certificate's integers has in common, and what it implies: over a box about the centre the loss has
    derivatives, with a bounded gradient and a Hessian that is nearly Q^T Q + shift I. *)
From Coq Require Import Reals Lra Lia List ZArith Bool.
From Relucert Require Import Statement Sums Forms Minimum Arccos Rows Loss Dimension Data Lists Intervals Tables.
Open Scope R_scope.

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

End Precision.

(** The gradient and the value at the centre, and the distance, need many digits; what is to hold over the whole box
    needs few, as a box is no point anyway. *)
Let fine := F.PtoP (precision D).
Let rough := F.PtoP (coarse D).

Let r := number (box D).

Definition room pr := I.mul pr (fractionI pr (box D)) (unit pr).
Definition at_centre := tabulate fine N N d zsign (rowsI fine (I.fromZ fine 0)).
Definition in_box := tabulate rough n N d zsign (rowsI rough (room rough)).
Definition columns := rows_of n d (fun i c => nth (i * d + c) (factor D) nil).
Definition size := I.fromZ fine (Z.of_nat (n * d)).

(** T: at the centre; U: over the box *)
Definition check_place (T U : tables) : bool :=
  let scale := I.inv rough (I.mul rough (I.fromZ rough (factor_over D)) (I.fromZ rough (factor_over D))) in
  Nat.ltb 0 n && Nat.ltb 0 d
  && positive (fractionI fine (box D)) && positive (fractionI fine (radius D))
  && less fine (distanceI fine (I.mul fine (fractionI fine (box D)) (unit fine)))
       (I.mul fine (fractionI fine (radius D)) (fractionI fine (radius D)))
  && regularI rough N U
  && gradient_within fine T (fractionI fine (flat D)) && gradient_within rough U (fractionI rough (steep D))
  && each n (fun i => each d (fun c => Nat.leb (length (column columns i c)) (n * d)))
  && hessian_fits rough U columns scale (fractionI rough (shift D)) (fractionI rough (spread D)).

Record placed : Prop := Placed {
  n_pos : (0 < n)%nat;
  d_pos : (0 < d)%nat;
  r_pos : 0 < r;
  at_distance : forall w, Minimum.in_box n d W r w -> distance n d w (matrix_of (given D)) < number (radius D);
  box_regular : forall w, Minimum.in_box n d W r w -> regular_at n k d V w;
  centre_flat : forall i c, (i < n)%nat -> (c < d)%nat -> Rabs (G n k d V W i c) <= number (flat D);
  box_steep : forall w i c, Minimum.in_box n d W r w -> (i < n)%nat -> (c < d)%nat -> Rabs (G n k d V w i c) <= number (steep D);
  box_short : forall i c, (i < n)%nat -> (c < d)%nat -> (length (column columns i c) <= n * d)%nat;
  box_near : forall w, Minimum.in_box n d W r w -> forall i c j e, (i < n)%nat -> (c < d)%nat -> (j < n)%nat -> (e < d)%nat ->
    near w columns (IZR (factor_over D)) (number (shift D)) (number (spread D)) i c j e }.

Lemma centre_rows : forall i c, (i < N)%nat -> (c < d)%nat -> has (rowsI fine (I.fromZ fine 0) i c) (rows n V W i c).
Proof. apply rows_ok. intros. rewrite Rminus_diag_eq by reflexivity. apply has_integer. Qed.

Lemma value_at_centre : has (valueI fine N at_centre) (F n k d V W).
Proof. exact (value_ok fine N N d zsign (sign n) zsign_ok (le_n N) _ _ centre_rows eq_refl). Qed.

Lemma size_ok : has size (INR (n * d)).
Proof. rewrite INR_IZR_INZ. apply has_integer. Qed.

Lemma in_room pr w : 0 < r -> Minimum.in_box n d W r w -> forall i c, (i < n)%nat -> (c < d)%nat -> has (room pr) (w i c - W i c).
Proof. intros P B i c Hi Hc. apply room_ok; [exact P|]. now apply B. Qed.

Lemma check_placed : check_place at_centre in_box = true -> placed.
Proof.
  unfold check_place. cbv zeta. intros A.
  apply andb_prop in A; destruct A as [A c_hessian].
  apply andb_prop in A; destruct A as [A c_short].
  apply andb_prop in A; destruct A as [A c_steep].
  apply andb_prop in A; destruct A as [A c_flat].
  apply andb_prop in A; destruct A as [A c_regular].
  apply andb_prop in A; destruct A as [A c_distance].
  apply andb_prop in A; destruct A as [A c_radius].
  apply andb_prop in A; destruct A as [A c_box].
  apply andb_prop in A; destruct A as [c_n c_d].
  apply Nat.ltb_lt in c_n, c_d.
  assert (P : 0 < r) by (eapply has_positive; [apply fraction_ok|exact c_box]).
  assert (radius_pos : 0 < number (radius D)) by (eapply has_positive; [apply fraction_ok|exact c_radius]).
  assert (box_rows := fun w B => rows_ok rough (room rough) w (in_room rough w P B)).
  assert (n_le_N : (n <= N)%nat) by (unfold N; lia).
  assert (short : forall i c, (i < n)%nat -> (c < d)%nat -> (length (column columns i c) <= n * d)%nat).
  { intros i c Hi Hc. exact (proj1 (Nat.leb_le _ _) (each_ok _ _ (each_ok _ _ c_short i Hi) c Hc)). }
  constructor; auto.
  - intros w B. assert (S : square n d (minus2 w (matrix_of (given D))) < number (radius D) * number (radius D)).
    { eapply has_less; [apply (distance_ok fine (room fine) w (in_room fine w P B))| |exact c_distance]. apply has_mul; apply fraction_ok. }
    rewrite distance_square, <- (sqrt_square (number (radius D))) by lra. apply sqrt_lt_1_alt.
    split; [apply square_nonneg|exact S].
  - intros w B. exact (regular_ok rough n N d zsign n_le_N _ _ (box_rows w B) c_regular).
  - exact (gradient_within_ok fine _ W centre_rows N n_le_N (le_n N) _ _ (fraction_ok fine _) c_flat).
  - intros w i c B. exact (gradient_within_ok rough _ w (box_rows w B) n (le_n n) n_le_N _ _ (fraction_ok rough _) c_steep i c).
  - intros w B. refine (hessian_fits_ok rough _ w (box_rows w B) n (le_n n) n_le_N _ _ _ _ (IZR (factor_over D)) _ _
      short _ (fraction_ok rough _) (fraction_ok rough _) c_hessian).
    apply has_inv, has_mul; apply has_integer.
Qed.
End Check.
End Checker.
