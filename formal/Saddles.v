(** The check for a strict saddle, and the theorem that it implies it, in one dimension and in every larger one. *)
From Coq Require Import Reals Lra Lia List ZArith Bool.
From Coquelicot Require Import Coquelicot.
From Relucert Require Import Statement Sums Forms Minimum Arccos Rows Loss Dimension Critical Falling Data Lists Intervals Tables Checker Minima.
Open Scope R_scope.

Module Saddles (F : Numbers).
Module Export M := Minima F.

Section Saddles.
Variable S : saddle.
Let D := base S.
Let n := neurons D.
Let k := targets D.
Let d := dimension D.
Let N := (n + k)%nat.
Let V := target_matrix D.
Let W := matrix_of (centre D).
Let fine := F.PtoP (precision D).
Let rough := F.PtoP (coarse D).

(** Matrices of n d rows and columns, by the place i d + c *)
Let gram := let q p := nth p (factor D) nil in
  list_of (n * d) (fun p => list_of (n * d) (fun s => integer_dot (q p) (q s))).
Let gram_row p := nth p gram nil.
Let inverse_row p := nth p (inverse S) nil.

(** Entry (p, s) of the product of the Hessian's middle and the inverse is that of the identity, so well that what the Hessian
    is away from its middle does no harm: altogether 1 / (2 n d). *)
Definition whole := I.inv rough (I.fromZ rough (inverse_over S)).
Definition allowed := list_of (n * d) (fun s => I.sub rough (I.inv rough (I.fromZ rough (2 * Z.of_nat (n * d))))
  (I.mul rough (I.mul rough (I.fromZ rough (integer_size (inverse_row s))) whole) (fractionI rough (spread D)))).
Definition inverts (row : list Z) (rate part : I.type) (most : list I.type) p s :=
  let column := inverse_row s in
  within rough (I.sub rough
      (I.add rough (I.mul rough (I.fromZ rough (integer_dot column row)) rate) (I.mul rough (I.fromZ rough (nth p column 0%Z)) part))
      (I.fromZ rough (if Nat.eqb p s then 1 else 0)%Z))
    (at1 most s).

Definition check_saddle : bool :=
  let q := fractionI fine in
  let room := I.mul fine (I.mul fine (size D) (q (steep D))) (q (box D)) in
  let centre := at_centre D in
  let f := valueI fine N centre in
  let scale pr := I.inv pr (I.mul pr (I.fromZ pr (factor_over D)) (I.fromZ pr (factor_over D))) in
  let v := downhill S in
  let table := gram in
  let bend := integer_dot v (list_of (n * d) (fun p => integer_dot v (nth p table nil))) in
  check_place D centre (in_box D)
  && less fine (q (low D)) (I.sub fine f room) && less fine (I.add fine f room) (q (high D))
  && less fine (I.mul fine (I.mul fine (I.fromZ fine 2) (size D)) (q (flat D))) (I.mul fine (q (spread D)) (q (box D)))
  && Z.ltb 0 (inverse_over S)
  && each (n * d) (fun p => Nat.leb (length (inverse_row p)) (n * d))
  && (let rate := I.mul rough (scale rough) whole in
      let part := I.mul rough whole (fractionI rough (shift D)) in
      let most := allowed in
      each (n * d) (fun p => let row := nth p table nil in each (n * d) (fun s => inverts row rate part most p s)))
  && Nat.leb (length v) (n * d)
  && less fine (I.add fine (I.mul fine (I.fromZ fine bend) (scale fine))
       (I.mul fine (I.add fine (q (shift D)) (I.mul fine (size D) (q (spread D)))) (I.fromZ fine (integer_dot v v))))
       (I.fromZ fine 0).

(** For every larger dimension nothing more is needed. *)
Definition check_every_saddle : bool :=
  check_saddle && match target_rows D with None => Nat.eqb d k | Some _ => false end.

(* -- soundness -- *)
Let q := IZR (factor_over D).
Let mu := number (shift D).
Let delta := number (spread D).
Let r := number (box D).

(** The Hessian's middle, the inverse, and the direction *)
Let middle (p s : nat) : R := IZR (nth s (gram_row p) 0%Z) * / (q * q) + (if Nat.eqb p s then mu else 0).
Let inv (s p : nat) : R := IZR (nth p (inverse_row s) 0%Z) * / IZR (inverse_over S).
Let v : matrix := fun i c => IZR (nth (i * d + c) (downhill S) 0%Z).
Let A (u : matrix) : matrix := fun j e => sum2 n d (fun a b => inv (a * d + b) (j * d + e) * u a b).

Lemma gram_entry p s : (p < n * d)%nat -> (s < n * d)%nat ->
  nth s (gram_row p) 0%Z = integer_dot (nth p (factor D) nil) (nth s (factor D) nil).
Proof.
  intros Hp Hs. unfold gram_row, gram. rewrite (nth_list_of (n * d) _ p nil Hp). exact (nth_list_of (n * d) _ s 0%Z Hs).
Qed.

Section Placed.
Hypothesis P : placed D.

Lemma near_middle w i c j e : Minimum.in_box n d W r w -> (i < n)%nat -> (c < d)%nat -> (j < n)%nat -> (e < d)%nat ->
  Rabs (H n k d V w i c j e - middle (i * d + c) (j * d + e)) <= delta.
Proof.
  intros B Hi Hc Hj He. assert (E := box_near D P w B i c j e Hi Hc Hj He). unfold near in E.
  assert (short := box_short D P i c Hi Hc).
  assert (C : forall a b, (a < n)%nat -> (b < d)%nat -> column (columns D) a b = nth (a * d + b) (factor D) nil).
  { intros a b Ha Hb. unfold column, columns, rows_of. rewrite (nth_list_of _ _ a nil Ha). exact (nth_list_of _ _ b nil Hb). }
  rewrite !C in short by assumption. unfold middle. rewrite gram_entry, flat_same by (try apply flat_place; assumption).
  rewrite (sum_ext _ _ (fun s => IZR (nth s (nth (i * d + c) (factor D) nil) 0%Z) * IZR (nth s (nth (j * d + e) (factor D) nil) 0%Z)
    * / (q * q))) in E.
  - rewrite sum_scale_r, integer_dot_ok in E by exact short. exact E.
  - intros s _. rewrite !C by assumption. fold q. rewrite Rinv_mult. ring.
Qed.

(** A sum over places of a row of integers against the middle *)
Lemma middle_dot (row : list Z) p : (length row <= n * d)%nat -> (p < n * d)%nat ->
  sum (n * d) (fun s => IZR (nth s row 0%Z) * middle p s) = IZR (integer_dot row (gram_row p)) * / (q * q) + IZR (nth p row 0%Z) * mu.
Proof.
  intros L Hp. unfold middle.
  rewrite (sum_ext _ _ (fun s => IZR (nth s row 0%Z) * IZR (nth s (gram_row p) 0%Z) * / (q * q)
    + (if Nat.eqb p s then IZR (nth s row 0%Z) * mu else 0))).
  - rewrite sum_plus, sum_scale_r, integer_dot_ok by exact L. f_equal.
    exact (sum_pick (n * d) (fun s => IZR (nth s row 0%Z) * mu) p Hp).
  - intros s _. destruct (Nat.eqb p s); ring.
Qed.
Section Checked.
Hypothesis short : forall p, (p < n * d)%nat -> (length (inverse_row p) <= n * d)%nat.
Hypothesis over_pos : 0 < IZR (inverse_over S).
Variable scale : I.type.
Hypothesis scale_ok : has scale (/ (q * q)).
Hypothesis fit : forall p, (p < n * d)%nat -> forall s, (s < n * d)%nat -> 
  inverts (gram_row p) (I.mul rough scale whole) (I.mul rough whole (fractionI rough (shift D))) allowed p s = true.

Let tol := / (2 * INR (n * d)).
Let extent s := sum (n * d) (fun l => Rabs (inv s l)).

Lemma size_pos : 0 < INR (n * d).
Proof. apply lt_0_INR. assert (X := n_pos D P). assert (Y := d_pos D P). fold n d in X, Y. nia. Qed.

Lemma inverts_ok p s : (p < n * d)%nat -> (s < n * d)%nat ->
  Rabs (sum (n * d) (fun l => middle p l * inv s l) - (if Nat.eqb p s then 1 else 0)) <= tol - extent s * delta.
Proof.
  intros Hp Hs. assert (B := fit p Hp s Hs). unfold inverts in B. cbv zeta in B.
  assert (whole_ok : has whole (/ IZR (inverse_over S))) by (apply has_inv, has_integer).
  eapply has_within; [| |exact B].
  - apply has_sub; [|destruct (Nat.eqb p s); apply has_integer].
    replace (sum (n * d) (fun l => middle p l * inv s l)) with
      (IZR (integer_dot (inverse_row s) (gram_row p)) * (/ (q * q) * / IZR (inverse_over S))
        + IZR (nth p (inverse_row s) 0%Z) * (/ IZR (inverse_over S) * mu)).
    + apply has_add; (apply has_mul; [apply has_integer|]); apply has_mul; try apply fraction_ok; assumption.
    + transitivity (sum (n * d) (fun l => IZR (nth l (inverse_row s) 0%Z) * middle p l) * / IZR (inverse_over S)).
      * rewrite middle_dot by auto. ring.
      * rewrite <- sum_scale_r. apply sum_ext. intros. unfold inv. ring.
  - unfold allowed. rewrite at1_list_of by exact Hs. apply has_sub.
    + apply has_inv. replace (2 * INR (n * d)) with (IZR (2 * Z.of_nat (n * d))) by (rewrite mult_IZR, <- INR_IZR_INZ; ring).
      apply has_integer.
    + replace (extent s) with (IZR (integer_size (inverse_row s)) * / IZR (inverse_over S)).
      * apply has_mul; [|apply fraction_ok]. apply has_mul; [apply has_integer|exact whole_ok].
      * rewrite <- (integer_size_ok (n * d)) by auto. rewrite <- sum_scale_r. apply sum_ext. intros l _. unfold inv.
        rewrite Rabs_mult, (Rabs_pos_eq (/ _)) by (left; now apply Rinv_0_lt_compat). reflexivity.
Qed.

Lemma extent_small s : (s < n * d)%nat -> extent s * delta <= tol.
Proof. intros Hs. assert (B := inverts_ok s s Hs Hs). assert (0 <= tol - extent s * delta) by (eapply Rle_trans; [apply Rabs_pos|exact B]). lra. Qed.

Lemma product_near w i c a b : Minimum.in_box n d W r w -> (i < n)%nat -> (c < d)%nat -> (a < n)%nat -> (b < d)%nat ->
  Rabs (sum2 n d (fun j e => H n k d V w i c j e * inv (a * d + b) (j * d + e))
    - (if (Nat.eqb i a && Nat.eqb c b)%bool then 1 else 0)) <= tol.
Proof.
  intros B Hi Hc Ha Hb. set (s := (a * d + b)%nat). set (p := (i * d + c)%nat).
  assert (Hs : (s < n * d)%nat) by now apply flat_place. assert (Hp : (p < n * d)%nat) by now apply flat_place.
  assert (E := inverts_ok p s Hp Hs).
  replace (Nat.eqb p s) with (Nat.eqb i a && Nat.eqb c b)%bool in E by (symmetry; now apply flat_same).
  rewrite <- (sum2_flat n d (fun l => middle p l * inv s l)) in E. unfold extent in E.
  rewrite <- (sum2_flat n d (fun l => Rabs (inv s l))) in E.
  assert (T : Rabs (sum2 n d (fun j e => (H n k d V w i c j e - middle p (j * d + e)) * inv s (j * d + e)))
    <= sum2 n d (fun j e => Rabs (inv s (j * d + e))) * delta).
  { eapply Rle_trans; [apply sum2_abs|]. rewrite Rmult_comm, <- sum2_scale. apply sum2_le. intros j e Hj He.
    rewrite Rabs_mult. apply Rmult_le_compat_r; [apply Rabs_pos|]. now apply near_middle. }
  replace (sum2 n d (fun j e => H n k d V w i c j e * inv s (j * d + e))) with
    (sum2 n d (fun j e => (H n k d V w i c j e - middle p (j * d + e)) * inv s (j * d + e))
      + sum2 n d (fun j e => middle p (j * d + e) * inv s (j * d + e)))
    by (rewrite <- sum2_plus; apply sum2_ext; intros; ring).
  set (x := sum2 n d (fun j e => (H n k d V w i c j e - middle p (j * d + e)) * inv s (j * d + e))) in *.
  set (y := sum2 n d (fun j e => middle p (j * d + e) * inv s (j * d + e))) in *.
  replace (x + y - (if (Nat.eqb i a && Nat.eqb c b)%bool then 1 else 0))
    with (x + (y - (if (Nat.eqb i a && Nat.eqb c b)%bool then 1 else 0))) by ring.
  eapply Rle_trans; [apply Rabs_triang|]. lra.
Qed.

Lemma about_inverse w u : Minimum.in_box n d W r w -> square n d u <= 2 * form2 n d (H n k d V w) u (A u).
Proof.
  intros B.
  assert (E : form2 n d (H n k d V w) u (A u) =
    form n d (fun i c a b => sum2 n d (fun j e => H n k d V w i c j e * inv (a * d + b) (j * d + e))) u).
  { unfold form, form2, A. apply sum2_ext. intros i c _ _.
    transitivity (sum2 n d (fun j e => sum2 n d (fun a b => H n k d V w i c j e * inv (a * d + b) (j * d + e) * (u i c * u a b)))).
    - apply sum2_ext. intros j e _ _.
      rewrite <- (Rmult_assoc (H n k d V w i c j e)), <- sum2_scale. apply sum2_ext. intros. ring.
    - rewrite sum2_swap. apply sum2_ext. intros a b _ _.
      rewrite (Rmult_comm (sum2 n d _)), <- sum2_scale. apply sum2_ext. intros. ring. }
  rewrite E. assert (X := form_above n d 0 _ (fun _ _ _ => 0) 1 tol u (fun i c a b Hi Hc Ha Hb =>
    eq_ind_r (fun z => Rabs (_ - z) <= tol) (product_near w i c a b B Hi Hc Ha Hb) (Rplus_0_l _))).
  replace (INR (n * d) * tol) with (/ 2) in X by (unfold tol; field; assert (Y := size_pos); lra). lra.
Qed.

Lemma inverse_stretch u : 0 < delta -> taxicab n d (A u) <= tol / delta * taxicab n d u.
Proof.
  intros delta_pos. unfold taxicab, A.
  apply Rle_trans with (sum2 n d (fun j e => sum2 n d (fun a b => Rabs (inv (a * d + b) (j * d + e)) * Rabs (u a b)))).
  - apply sum2_le. intros. eapply Rle_trans; [apply sum2_abs|]. apply sum2_le. intros. rewrite Rabs_mult. lra.
  - rewrite sum2_swap, <- sum2_scale. apply sum2_le. intros a b Ha Hb.
    rewrite (sum2_ext n d _ (fun j e => Rabs (u a b) * Rabs (inv (a * d + b) (j * d + e)))) by (intros; ring).
    rewrite sum2_scale, (sum2_flat n d (fun l => Rabs (inv (a * d + b) l))), Rmult_comm.
    apply Rmult_le_compat_r; [apply Rabs_pos|]. apply Rmult_le_reg_r with delta; [exact delta_pos|].
    replace (tol / delta * delta) with tol by (field; lra). now apply extent_small, flat_place.
Qed.
End Checked.

(** Along the direction the second derivative is below 0. *)
Definition bend := IZR (integer_dot (downhill S) (list_of (n * d) (fun p => integer_dot (downhill S) (gram_row p)))) * / (q * q)
  + (mu + INR (n * d) * delta) * IZR (integer_dot (downhill S) (downhill S)).

Lemma bend_ok w : (length (downhill S) <= n * d)%nat -> Minimum.in_box n d W r w -> form n d (H n k d V w) v <= bend.
Proof.
  intros L B. set (M := fun i c j e : nat => middle (i * d + c) (j * d + e)).
  assert (X := form_small n d (fun i c j e => M i c j e - H n k d V w i c j e) delta v).
  assert (S1 : square n d v = IZR (integer_dot (downhill S) (downhill S))).
  { unfold square, v. rewrite (sum2_flat n d (fun p => IZR (nth p (downhill S) 0%Z) * IZR (nth p (downhill S) 0%Z))).
    now apply integer_dot_ok. }
  assert (S2 : form n d M v = IZR (integer_dot (downhill S) (list_of (n * d) (fun p => integer_dot (downhill S) (gram_row p)))) * / (q * q)
    + mu * IZR (integer_dot (downhill S) (downhill S))).
  { unfold form, form2, M, v.
    rewrite (sum2_ext n d _ (fun i c => IZR (nth (i * d + c) (downhill S) 0%Z)
      * (IZR (integer_dot (downhill S) (gram_row (i * d + c))) * / (q * q) + IZR (nth (i * d + c) (downhill S) 0%Z) * mu))).
    - rewrite (sum2_flat n d (fun p => IZR (nth p (downhill S) 0%Z)
        * (IZR (integer_dot (downhill S) (gram_row p)) * / (q * q) + IZR (nth p (downhill S) 0%Z) * mu))).
      rewrite <- !(integer_dot_ok (n * d) (downhill S)), <- sum_scale_r, <- sum_scale, <- sum_plus by exact L.
      apply sum_ext. intros p Hp. rewrite (nth_list_of (n * d) _ p 0%Z Hp). ring.
    - intros i c Hi Hc. rewrite <- middle_dot, <- sum_scale by (try apply flat_place; assumption).
      rewrite <- (sum2_flat n d (fun s => IZR (nth (i * d + c) (downhill S) 0%Z) * (IZR (nth s (downhill S) 0%Z) * middle (i * d + c) s))).
      apply sum2_ext. intros. ring. }
  assert (Y : form n d M v = form n d (fun i c j e => M i c j e - H n k d V w i c j e) v + form n d (H n k d V w) v).
  { rewrite <- form_plus. unfold form, form2. apply sum2_ext. intros. apply sum2_ext. intros. f_equal. ring. }
  assert (Z : - (INR (n * d) * delta * square n d v) <= form n d (fun i c j e => M i c j e - H n k d V w i c j e) v).
  { apply X. intros. rewrite Rabs_minus_sym. now apply near_middle. }
  unfold bend. rewrite <- S1. rewrite S2, <- S1 in Y. lra.
Qed.
End Placed.

(** What the proof finds: a zero of the gradient, and a line along which the loss falls *)
Definition found_saddle (w : matrix) : Prop :=
  distance n d w (matrix_of (given D)) < number (radius D)
  /\ regular_at n k d V w
  /\ (forall i c, (i < n)%nat -> (c < d)%nat -> G n k d V w i c = 0)
  /\ number (low D) <= loss n k d V w <= number (high D)
  /\ exists v m rho, 0 < m /\ 0 < rho /\ forall t, Rabs t < rho ->
       regular_at n k d V (ray w v t) /\ loss n k d V (ray w v t) <= loss n k d V w - m * (t * t).

(** The value at a point of the box is that of the centre up to n d steep r. *)
Lemma value_near w : placed D -> Minimum.in_box n d W r w ->
  Rabs (F n k d V w - F n k d V W) <= INR (n * d) * number (steep D) * r.
Proof.
  intros P B. assert (Z := box_steep D P W 0%nat 0%nat (in_box_centre n d W r (r_pos D P)) (n_pos D P) (d_pos D P)).
  assert (steep_nonneg : 0 <= number (steep D)) by (eapply Rle_trans; [apply Rabs_pos|exact Z]).
  eapply Rle_trans; [apply (lipschitz n d (F n k d V) (G n k d V) W r (number (steep D)))|]; auto.
  - intros. now apply F_derive, (box_regular D P).
  - exact (box_steep D P).
  - exact (in_box_centre n d W r (r_pos D P)).
  - replace (INR (n * d) * number (steep D) * r) with (number (steep D) * (INR (n * d) * r)) by ring.
    apply Rmult_le_compat_l; [exact steep_nonneg|]. unfold taxicab. rewrite <- sum2_const. apply sum2_le. exact B.
Qed.

Lemma check_saddle_finds : check_saddle = true -> exists w, found_saddle w.
Proof.
  unfold check_saddle. cbv zeta. intros C.
  apply andb_prop in C; destruct C as [C c_bend].
  apply andb_prop in C; destruct C as [C c_length].
  apply andb_prop in C; destruct C as [C c_inverse].
  apply andb_prop in C; destruct C as [C c_short].
  apply andb_prop in C; destruct C as [C c_over].
  apply andb_prop in C; destruct C as [C c_inside].
  apply andb_prop in C; destruct C as [C c_high].
  apply andb_prop in C; destruct C as [C c_low].
  assert (P := check_placed D C). apply Nat.leb_le in c_length. apply Z.ltb_lt, IZR_lt in c_over.
  assert (count_pos := size_pos P). assert (P_r := r_pos D P). fold r in P_r.
  assert (scale_ok : forall pr, has (I.inv pr (I.mul pr (I.fromZ pr (factor_over D)) (I.fromZ pr (factor_over D)))) (/ (q * q))).
  { intros. apply has_inv, has_mul; apply has_integer. }
  assert (short : forall p, (p < n * d)%nat -> (length (inverse_row p) <= n * d)%nat).
  { intros p Hp. exact (proj1 (Nat.leb_le _ _) (each_ok _ _ c_short p Hp)). }
  assert (fit := fun p Hp s Hs => each_ok _ _ (each_ok _ _ c_inverse p Hp) s Hs). cbv beta in fit.
  assert (inside : 2 * INR (n * d) * number (flat D) < delta * r).
  { eapply has_less; [| |exact c_inside].
    - apply has_mul; [apply has_mul; [apply has_integer|apply size_ok]|apply fraction_ok].
    - apply has_mul; apply fraction_ok. }
  assert (bend_neg : bend < 0).
  { eapply has_less; [|apply has_integer|exact c_bend]. apply has_add; apply has_mul; [apply has_integer|apply scale_ok| |apply has_integer].
    apply has_add; [apply fraction_ok|]. apply has_mul; [apply size_ok|apply fraction_ok]. }
  assert (flat_nonneg : 0 <= number (flat D)).
  { eapply Rle_trans; [apply Rabs_pos|exact (centre_flat D P 0%nat 0%nat (n_pos D P) (d_pos D P))]. }
  assert (delta_pos : 0 < delta).
  { apply Rmult_lt_reg_r with r; [exact P_r|]. rewrite Rmult_0_l. apply Rle_lt_trans with (2 := inside).
    apply Rmult_le_pos; lra. }
  destruct (critical_point n d (G n k d V) (H n k d V) A W r (number (flat D)) (number (steep D))
    (sum2 n d (fun i c => sum2 n d (fun j e => Rabs (middle (i * d + c) (j * d + e)))) + delta)
    (/ (2 * INR (n * d)) / delta)) as (w & near_W & zero); auto.
  - exact (n_pos D P).
  - exact (d_pos D P).
  - intros. now apply G_ext.
  - intros. now apply G_derive, (box_regular D P).
  - intros. apply hessian_sym.
  - exact (centre_flat D P).
  - exact (box_steep D P).
  - intros w i c j e B Hi Hc Hj He. assert (X := near_middle P w i c j e B Hi Hc Hj He).
    assert (Y : Rabs (middle (i * d + c) (j * d + e)) <= sum2 n d (fun i c => sum2 n d (fun j e => Rabs (middle (i * d + c) (j * d + e))))).
    { eapply Rle_trans; [|apply (sum2_term n d (fun i c => sum2 n d (fun j e => Rabs (middle (i * d + c) (j * d + e)))) i c); auto].
      - apply (sum2_term n d (fun j e => Rabs (middle (i * d + c) (j * d + e)))); auto. intros. apply Rabs_pos.
      - intros. apply sum2_nonneg. intros. apply Rabs_pos. }
    assert (Z := Rabs_triang (H n k d V w i c j e - middle (i * d + c) (j * d + e)) (middle (i * d + c) (j * d + e))).
    replace (H n k d V w i c j e - middle (i * d + c) (j * d + e) + middle (i * d + c) (j * d + e)) with (H n k d V w i c j e) in Z by ring.
    lra.
  - intros w u. exact (about_inverse P short c_over _ (scale_ok rough) fit w u).
  - intros u. exact (inverse_stretch short c_over _ (scale_ok rough) fit u delta_pos).
  - apply Rmult_lt_reg_r with delta; [exact delta_pos|].
    replace (4 * (INR (n * d) * INR (n * d)) * number (flat D) * (/ (2 * INR (n * d)) / delta) * delta)
      with (2 * INR (n * d) * number (flat D)) by (field; lra). lra.
  - exists w. assert (B : Minimum.in_box n d W r w) by (intros i c Hi Hc; left; now apply near_W).
    assert (equal : forall y, Minimum.in_box n d W r y -> loss n k d V y = F n k d V y).
    { intros. now apply loss_is_F, (box_regular D P). }
    destruct (falls_along n d (F n k d V) (G n k d V) (fun w u => form n d (H n k d V w) u) W w v r (- bend))
      as (rho & rho_pos & fall); auto.
    { intros. now apply F_derive, (box_regular D P). }
    { intros. now apply G_derive, (box_regular D P). }
    { intros x t X. rewrite form_scale. assert (Y := bend_ok P x c_length X).
      assert (t * t * form n d (H n k d V x) v <= t * t * bend) by (apply Rmult_le_compat_l; [apply Rle_0_sqr|exact Y]). lra. }
    assert (X := value_near w P B). apply Rabs_le_between in X.
    assert (room_ok : has (I.mul fine (I.mul fine (size D) (fractionI fine (steep D))) (fractionI fine (box D)))
      (INR (n * d) * number (steep D) * r)).
    { apply has_mul; [apply has_mul; [apply size_ok|apply fraction_ok]|apply fraction_ok]. }
    assert (above : number (low D) < F n k d V W - INR (n * d) * number (steep D) * r).
    { eapply has_less; [apply fraction_ok| |exact c_low]. apply has_sub; [apply value_at_centre|exact room_ok]. }
    assert (below : F n k d V W + INR (n * d) * number (steep D) * r < number (high D)).
    { eapply has_less; [|apply fraction_ok|exact c_high]. apply has_add; [apply value_at_centre|exact room_ok]. }
    unfold found_saddle. rewrite equal by exact B. repeat match goal with |- _ /\ _ => split end; try lra; auto.
    + exact (at_distance D P w B).
    + now apply (box_regular D P).
    + exists v, (- bend / 2), rho. split; [lra|]. split; [exact rho_pos|]. intros t Ht. destruct (fall t Ht) as [Y1 Y2].
      split; [now apply (box_regular D P)|]. now rewrite equal.
Qed.

Theorem check_saddle_sound : check_saddle = true ->
  strict_saddle n k d V (matrix_of (given D)) (number (radius D)) (number (low D)) (number (high D)).
Proof.
  intros C. destruct (check_saddle_finds C) as (w & near & reg & zero & value & v' & m & rho & m_pos & rho_pos & fall).
  assert (Fa : falls (loss n k d V) w) by (exists v', m, rho; repeat split; auto; intros t Ht; exact (proj2 (fall t Ht))).
  exists w. split; [exact near|]. split; [now apply critical_loss|]. split; [exact Fa|]. split; [now apply falls_no_min|exact value].
Qed.

(** The same in every larger input dimension *)
Theorem check_every_saddle_sound : check_every_saddle = true -> forall d', (k <= d')%nat ->
  strict_saddle n k d' eye (padded k (matrix_of (given D))) (number (radius D)) (number (low D)) (number (high D)).
Proof.
  intros C d' Hd'. apply andb_prop in C. destruct C as [C E].
  destruct (check_saddle_finds C) as (w & near & reg & zero & value & fall).
  assert (EV : V = eye) by (unfold V, target_matrix; destruct (target_rows D); [discriminate|reflexivity]).
  assert (Ed : d = k) by (destruct (target_rows D); [discriminate|now apply Nat.eqb_eq]). clear E.
  rewrite EV, Ed in *. replace d' with (k + (d' - k))%nat by lia.
  assert (Fa := falls_padded n k (d' - k) w reg fall).
  exists (padded k w). rewrite loss_padded, distance_padded by exact reg.
  split; [exact near|]. split; [|split; [exact Fa|split; [now apply falls_no_min|exact value]]].
  apply critical_loss; [now apply regular_padded|]. intros i c Hi Hc. now apply gradient_padded.
Qed.
End Saddles.
End Saddles.
