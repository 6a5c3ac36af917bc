(** Double sums, and quadratic forms on n x d matrices. *)
From Coq Require Import Reals Lra Lia.
From Relucert Require Import Statement Sums.
Open Scope R_scope.

Definition sum2 (n d : nat) (f : nat -> nat -> R) := sum n (fun i => sum d (f i)).

Lemma sum2_ext n d f g :
  (forall i c, (i < n)%nat -> (c < d)%nat -> f i c = g i c) -> sum2 n d f = sum2 n d g.
Proof. intros H. apply sum_ext. intros. apply sum_ext. auto. Qed.

Lemma sum2_le n d f g :
  (forall i c, (i < n)%nat -> (c < d)%nat -> f i c <= g i c) -> sum2 n d f <= sum2 n d g.
Proof. intros H. apply sum_le. intros. apply sum_le. auto. Qed.

Lemma sum2_nonneg n d f : (forall i c, (i < n)%nat -> (c < d)%nat -> 0 <= f i c) -> 0 <= sum2 n d f.
Proof. intros H. apply sum_nonneg. intros. apply sum_nonneg. auto. Qed.

Lemma sum2_zero n d f : (forall i c, (i < n)%nat -> (c < d)%nat -> f i c = 0) -> sum2 n d f = 0.
Proof. intros H. apply sum_zero. intros. apply sum_zero. auto. Qed.

Lemma sum2_plus n d f g : sum2 n d (fun i c => f i c + g i c) = sum2 n d f + sum2 n d g.
Proof. unfold sum2. rewrite <- sum_plus. apply sum_ext. intros. apply sum_plus. Qed.

Lemma sum2_scale n d k f : sum2 n d (fun i c => k * f i c) = k * sum2 n d f.
Proof. unfold sum2. rewrite <- sum_scale. apply sum_ext. intros. apply sum_scale. Qed.

Lemma sum2_const n d k : sum2 n d (fun _ _ => k) = INR (n * d) * k.
Proof.
  unfold sum2. rewrite mult_INR, (sum_ext _ _ (fun _ => INR d * k)) by (intros; apply sum_const).
  rewrite sum_const. ring.
Qed.

Lemma sum2_abs n d f : Rabs (sum2 n d f) <= sum2 n d (fun i c => Rabs (f i c)).
Proof. eapply Rle_trans; [apply sum_abs|]. apply sum_le. intros. apply sum_abs. Qed.

Lemma sum2_term n d f i c :
  (forall j e, (j < n)%nat -> (e < d)%nat -> 0 <= f j e) -> (i < n)%nat -> (c < d)%nat -> f i c <= sum2 n d f.
Proof.
  intros H Hi Hc. eapply Rle_trans; [apply (sum_term d (f i) c); auto|].
  apply (sum_term n (fun j => sum d (f j)) i); auto. intros. apply sum_nonneg. auto.
Qed.

Lemma sum2_product n d f m e g :
  sum2 n d f * sum2 m e g = sum2 n d (fun i c => sum2 m e (fun j b => f i c * g j b)).
Proof.
  unfold sum2. rewrite <- sum_scale_r. apply sum_ext. intros. rewrite <- sum_scale_r.
  apply sum_ext. intros. rewrite <- sum_scale. apply sum_ext. intros. now rewrite sum_scale.
Qed.

Lemma sum2_pick n d f i c : (i < n)%nat -> (c < d)%nat ->
  sum2 n d (fun j e => if (Nat.eqb i j && Nat.eqb c e)%bool then f j e else 0) = f i c.
Proof.
  intros Hi Hc. unfold sum2. rewrite <- (sum_pick n (fun j => f j c) i Hi). apply sum_ext. intros j _.
  destruct (Nat.eqb i j); simpl; [now apply sum_pick|now apply sum_zero].
Qed.

(** |u|^2, the sum of |u_ic|, <g, u>, u^T h v, and u^T h u. *)
Definition square n d (u : matrix) := sum2 n d (fun i c => u i c * u i c).
Definition taxicab n d (u : matrix) := sum2 n d (fun i c => Rabs (u i c)).
Definition dot2 n d (g u : matrix) := sum2 n d (fun i c => g i c * u i c).
Definition form2 n d (h : nat -> nat -> nat -> nat -> R) (u v : matrix) :=
  sum2 n d (fun i c => sum2 n d (fun j e => h i c j e * (u i c * v j e))).
Definition form n d h (u : matrix) := form2 n d h u u.

Lemma square_nonneg n d u : 0 <= square n d u.
Proof. apply sum2_nonneg. intros. apply Rle_0_sqr. Qed.

Lemma square_entry n d u i c : (i < n)%nat -> (c < d)%nat -> u i c * u i c <= square n d u.
Proof. intros. apply (sum2_term n d (fun i c => u i c * u i c)); auto. intros. apply Rle_0_sqr. Qed.

Lemma dot2_bound n d g u k :
  (forall i c, (i < n)%nat -> (c < d)%nat -> Rabs (g i c) <= k) -> Rabs (dot2 n d g u) <= k * taxicab n d u.
Proof.
  intros H. eapply Rle_trans; [apply sum2_abs|]. unfold taxicab. rewrite <- sum2_scale. apply sum2_le. intros.
  rewrite Rabs_mult. apply Rmult_le_compat_r; auto using Rabs_pos.
Qed.

Lemma form_plus n d f g u : form n d (fun i c j e => f i c j e + g i c j e) u = form n d f u + form n d g u.
Proof.
  unfold form, form2. rewrite <- sum2_plus. apply sum2_ext. intros. rewrite <- sum2_plus. apply sum2_ext. intros. ring.
Qed.

Lemma form_scalar n d mu u :
  form n d (fun i c j e => if (Nat.eqb i j && Nat.eqb c e)%bool then mu else 0) u = mu * square n d u.
Proof.
  unfold form, square. rewrite <- sum2_scale. apply sum2_ext. intros i c Hi Hc.
  rewrite <- (sum2_pick n d (fun j e => mu * (u i c * u j e)) i c Hi Hc). apply sum2_ext. intros j e _ _.
  destruct (Nat.eqb i j && Nat.eqb c e)%bool; ring.
Qed.

(** u^T (sum_s q_s q_s^T) u is a sum of squares. *)
Lemma form_gram_nonneg n d m (q : nat -> matrix) u :
  0 <= form n d (fun i c j e => sum m (fun s => q s i c * q s j e)) u.
Proof.
  replace (form _ _ _ _) with (sum m (fun s => dot2 n d (q s) u * dot2 n d (q s) u)).
  - apply sum_nonneg. intros. apply Rle_0_sqr.
  - induction m as [|m IH]; simpl.
    + symmetry. apply sum2_zero. intros. apply sum2_zero. intros. ring.
    + rewrite form_plus, <- IH. f_equal. unfold dot2 at 1 2, form, form2. rewrite sum2_product.
      apply sum2_ext. intros. apply sum2_ext. intros. ring.
Qed.

(** Entries of size at most delta make a form of size at most n d delta |u|^2: 2 |x y| <= x^2 + y^2. *)
Lemma form_small n d h delta u :
  (forall i c j e, (i < n)%nat -> (c < d)%nat -> (j < n)%nat -> (e < d)%nat -> Rabs (h i c j e) <= delta) ->
  - (INR (n * d) * delta * square n d u) <= form n d h u.
Proof.
  intros H.
  assert (E : INR (n * d) * delta * square n d u =
    sum2 n d (fun i c => sum2 n d (fun j e => delta / 2 * (u i c * u i c + u j e * u j e)))).
  { rewrite (sum2_ext n d _ (fun i c => delta / 2 * INR (n * d) * (u i c * u i c) + delta / 2 * square n d u)).
    - rewrite sum2_plus, sum2_scale, sum2_const. fold (square n d u). field.
    - intros i c _ _. rewrite sum2_scale, sum2_plus, sum2_const. fold (square n d u). ring. }
  rewrite E. unfold form, form2 at 1. match goal with |- - ?X <= _ => replace (- X) with (-1 * X) by ring end.
  rewrite <- sum2_scale. apply sum2_le. intros i c Hi Hc.
  rewrite <- sum2_scale. apply sum2_le. intros j e Hj He.
  specialize (H i c j e Hi Hc Hj He). set (x := u i c). set (y := u j e).
  assert (Hxy : Rabs (x * y) <= (x * x + y * y) / 2).
  { assert (0 <= (x - y) * (x - y)) by apply Rle_0_sqr. assert (0 <= (x + y) * (x + y)) by apply Rle_0_sqr.
    apply Rabs_le. lra. }
  assert (B : Rabs (h i c j e * (x * y)) <= delta * ((x * x + y * y) / 2)).
  { rewrite Rabs_mult. apply Rmult_le_compat; auto using Rabs_pos. }
  assert (A := Rle_abs (- (h i c j e * (x * y)))). rewrite Rabs_Ropp in A. lra.
Qed.

(** A matrix whose entries are within delta of mu I + sum_s q_s q_s^T is at least mu - n d delta. *)
Theorem form_above n d m h (q : nat -> matrix) mu delta u :
  (forall i c j e, (i < n)%nat -> (c < d)%nat -> (j < n)%nat -> (e < d)%nat ->
    Rabs (h i c j e - (sum m (fun s => q s i c * q s j e) + (if (Nat.eqb i j && Nat.eqb c e)%bool then mu else 0)))
      <= delta) ->
  (mu - INR (n * d) * delta) * square n d u <= form n d h u.
Proof.
  intros H. assert (A := form_small n d _ delta u H). assert (B := form_gram_nonneg n d m q u).
  assert (C := form_scalar n d mu u).
  set (g := fun i c j e => sum m (fun s => q s i c * q s j e)) in *.
  set (l := fun i c j e : nat => if (Nat.eqb i j && Nat.eqb c e)%bool then mu else 0) in *.
  change (- (INR (n * d) * delta * square n d u) <= form n d (fun i c j e => h i c j e - (g i c j e + l i c j e)) u) in A.
  replace (form n d h u) with (form n d (fun i c j e => h i c j e - (g i c j e + l i c j e)) u + (form n d g u + form n d l u)).
  - lra.
  - rewrite <- !form_plus. unfold form, form2. apply sum2_ext. intros. apply sum2_ext. intros. f_equal. ring.
Qed.
