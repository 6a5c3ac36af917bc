(** From input dimension k to every larger one, for orthonormal targets (docs/theorem/teacher.md, Theorem M).
    At a point padded with zeros the Hessian falls apart into that in R^k and, for each further coordinate, one n x n matrix. *)
From Coq Require Import Reals Lra Lia FunctionalExtensionality.
From Coquelicot Require Import Coquelicot.
From Relucert Require Import Statement Sums Forms Minimum Arccos Rows Loss Nearby.
Open Scope R_scope.

Section Dimension.
Variables (n k more : nat) (w : matrix).
Let d := (k + more)%nat.
Let N := (n + k)%nat.
Let wide := padded k w.

(** What the Hessian does along one further coordinate *)
Definition outside i j := if Nat.eqb i j then own_delta N k (sign n) (rows n eye w) i else tau k (sign n) (rows n eye w) i j.

Lemma rows_inside i c : (c < k)%nat -> rows n eye wide i c = rows n eye w i c.
Proof. intros L. unfold rows, wide, padded. destruct (Nat.ltb i n); [|reflexivity]. apply Nat.ltb_lt in L. now rewrite L. Qed.
Lemma rows_outside i c : (i < N)%nat -> (k <= c)%nat -> rows n eye wide i c = 0.
Proof.
  intros Hi Hc. unfold rows, wide, padded, eye. destruct (Nat.ltb_spec i n).
  - destruct (Nat.ltb_spec c k); [lia|reflexivity].
  - destruct (Nat.eqb_spec (i - n) c); [unfold N in Hi; lia|reflexivity].
Qed.
Lemma sum_inside (f g : nat -> R) : (forall c, (c < k)%nat -> f c = g c) -> (forall c, (k <= c)%nat -> f c = 0) ->
  sum d f = sum k g.
Proof.
  intros A B. unfold d. rewrite sum_split, (sum_zero more) by (intros; apply B; lia). rewrite (sum_ext k f g A). ring.
Qed.
Lemma CC_padded i j : (i < N)%nat -> CC d (rows n eye wide) i j = CC k (rows n eye w) i j.
Proof.
  intros Hi. apply sum_inside.
  - intros. now rewrite !rows_inside.
  - intros. rewrite rows_outside by auto. ring.
Qed.
Lemma AA_padded i : (i < N)%nat -> AA d (rows n eye wide) i = AA k (rows n eye w) i.
Proof. intros. now apply (CC_padded i i). Qed.

Lemma coefficients i j : (i < N)%nat -> (j < N)%nat ->
  alpha d (sign n) (rows n eye wide) i j = alpha k (sign n) (rows n eye w) i j
  /\ beta d (sign n) (rows n eye wide) i j = beta k (sign n) (rows n eye w) i j
  /\ gamma d (sign n) (rows n eye wide) i j = gamma k (sign n) (rows n eye w) i j
  /\ omega d (sign n) (rows n eye wide) i j = omega k (sign n) (rows n eye w) i j
  /\ tau d (sign n) (rows n eye wide) i j = tau k (sign n) (rows n eye w) i j.
Proof.
  intros Hi Hj. unfold alpha, beta, gamma, omega, tau, SS, TT.
  rewrite (CC_padded i j), (AA_padded i), (AA_padded j) by auto. repeat split; reflexivity.
Qed.

Lemma own_delta_padded i : (i < N)%nat -> own_delta N d (sign n) (rows n eye wide) i = own_delta N k (sign n) (rows n eye w) i.
Proof.
  intros Hi. unfold own_delta. rewrite AA_padded by auto. do 2 f_equal. apply sum_ext. intros j Hj. apply (coefficients i j Hi Hj).
Qed.
Lemma scaled_inside i c : (i < N)%nat -> (c < k)%nat -> scaled d (rows n eye wide) i c = scaled k (rows n eye w) i c.
Proof. intros. unfold scaled. now rewrite AA_padded, rows_inside. Qed.
Lemma scaled_outside i c : (i < N)%nat -> (k <= c)%nat -> scaled d (rows n eye wide) i c = 0.
Proof. intros. unfold scaled. rewrite rows_outside by auto. ring. Qed.
Lemma mixed_inside i c : (i < N)%nat -> (c < k)%nat ->
  own_mixed N d (sign n) (rows n eye wide) i c = own_mixed N k (sign n) (rows n eye w) i c.
Proof.
  intros Hi Hc. apply sum_ext. intros j Hj. destruct (coefficients i j Hi Hj) as (_ & E & _). now rewrite E, rows_inside.
Qed.
Lemma mixed_outside i c : (i < N)%nat -> (k <= c)%nat -> own_mixed N d (sign n) (rows n eye wide) i c = 0.
Proof. intros. apply sum_zero. intros. rewrite rows_outside by auto. ring. Qed.
Lemma delta_apart c e : c <> e -> delta c e = 0.
Proof. unfold delta. destruct (Nat.eqb_spec c e); tauto. Qed.

Lemma own_inside i c e : (i < N)%nat -> (c < k)%nat -> (e < k)%nat ->
  own N d (sign n) (rows n eye wide) i c e = own N k (sign n) (rows n eye w) i c e.
Proof.
  intros Hi Hc He. unfold own. rewrite own_delta_padded, !scaled_inside, !mixed_inside by auto. f_equal; [f_equal; f_equal; f_equal|].
  - apply sum_ext. intros j Hj. destruct (coefficients i j Hi Hj) as (A & _ & _ & B & _). now rewrite A, B.
  - apply sum_ext. intros j Hj. destruct (coefficients i j Hi Hj) as (_ & _ & A & _). now rewrite A, !rows_inside.
Qed.
Lemma own_outside i c e : (i < N)%nat -> (k <= e)%nat ->
  own N d (sign n) (rows n eye wide) i c e = delta c e * own_delta N k (sign n) (rows n eye w) i.
Proof.
  intros Hi He. unfold own. rewrite own_delta_padded, (scaled_outside i e), (mixed_outside i e) by auto.
  rewrite (sum_zero N); [ring|]. intros j Hj. rewrite (rows_outside j e) by auto. ring.
Qed.
Lemma cross_inside i j c e : (i < N)%nat -> (j < N)%nat -> (c < k)%nat -> (e < k)%nat ->
  cross d (sign n) (rows n eye wide) i j c e = cross k (sign n) (rows n eye w) i j c e.
Proof.
  intros Hi Hj Hc He. unfold cross. destruct (coefficients i j Hi Hj) as (A & B & C & _ & D).
  now rewrite A, B, C, D, !scaled_inside, !rows_inside.
Qed.
Lemma cross_outside i j c e : (i < N)%nat -> (j < N)%nat -> (k <= e)%nat ->
  cross d (sign n) (rows n eye wide) i j c e = delta c e * tau k (sign n) (rows n eye w) i j.
Proof.
  intros Hi Hj He. unfold cross. destruct (coefficients i j Hi Hj) as (_ & _ & _ & _ & D).
  rewrite D, (scaled_outside j e), (rows_outside i e) by auto. ring.
Qed.

Lemma hessian_inside i c j e : (i < n)%nat -> (j < n)%nat -> (c < k)%nat -> (e < k)%nat ->
  H n k d eye wide i c j e = H n k k eye w i c j e.
Proof.
  intros Hi Hj Hc He. assert (Hi' : (i < N)%nat) by (unfold N; lia). assert (Hj' : (j < N)%nat) by (unfold N; lia).
  unfold H, hessian. fold N. destruct (Nat.eqb i j); [now apply own_inside|now apply cross_inside].
Qed.
Lemma hessian_outside i c j e : (i < n)%nat -> (j < n)%nat -> (k <= e)%nat ->
  H n k d eye wide i c j e = delta c e * outside i j.
Proof.
  intros Hi Hj He. assert (Hi' : (i < N)%nat) by (unfold N; lia). assert (Hj' : (j < N)%nat) by (unfold N; lia).
  unfold H, hessian, outside. fold N. destruct (Nat.eqb i j); [now apply own_outside|now apply cross_outside].
Qed.
Lemma hessian_outside_l i c j e : (i < n)%nat -> (j < n)%nat -> (k <= c)%nat -> (e < k)%nat -> H n k d eye wide i c j e = 0.
Proof.
  intros Hi Hj Hc He. transitivity (H n k d eye wide j e i c); [apply hessian_sym|].
  rewrite hessian_outside, delta_apart by (auto; lia). ring.
Qed.

(** Column c of the further coordinates *)
Definition beyond (u : matrix) (c : nat) : matrix := fun i _ => u i (k + c)%nat.

Lemma square_padded u : square n d u = square n k u + sum more (fun c => square n 1 (beyond u c)).
Proof.
  unfold square, sum2, d. rewrite (sum_ext n _ (fun i => sum k (fun c => u i c * u i c) + sum more (fun c => u i (k + c)%nat * u i (k + c)%nat)))
    by (intros; apply sum_split).
  rewrite sum_plus, (sum_swap n more (fun i c => u i (k + c)%nat * u i (k + c)%nat)). f_equal.
  apply sum_ext. intros. apply sum_ext. intros. simpl. unfold beyond. ring.
Qed.

Lemma form_padded u : form n d (H n k d eye wide) u =
  form n k (H n k k eye w) u + sum more (fun c => form n 1 (fun i _ j _ => outside i j) (beyond u c)).
Proof.
  transitivity (sum n (fun i => sum n (fun j => sum k (fun c => sum k (fun e => H n k k eye w i c j e * (u i c * u j e)))
    + sum more (fun c => outside i j * (u i (k + c)%nat * u j (k + c)%nat))))).
  - unfold form, form2, sum2. apply sum_ext. intros i Hi. rewrite sum_swap. apply sum_ext. intros j Hj.
    unfold d. rewrite sum_split. f_equal.
    + apply sum_ext. intros c Hc. rewrite sum_split, (sum_zero more).
      * rewrite Rplus_0_r. apply sum_ext. intros e He. fold d. now rewrite hessian_inside.
      * intros e _. fold d. rewrite hessian_outside, delta_apart by (auto; lia). ring.
    + apply sum_ext. intros c Hc. rewrite sum_split, (sum_zero k).
      * rewrite Rplus_0_l, <- (sum_pick more (fun e => outside i j * (u i (k + c)%nat * u j (k + e)%nat)) c Hc).
        apply sum_ext. intros e _. fold d. rewrite hessian_outside by (auto; lia). unfold delta.
        assert (B : Nat.eqb (k + c) (k + e) = Nat.eqb c e).
        { destruct (Nat.eqb_spec c e), (Nat.eqb_spec (k + c) (k + e)); lia || reflexivity. }
        rewrite B. destruct (Nat.eqb c e); ring.
      * intros e He. fold d. rewrite hessian_outside_l by (auto; lia). ring.
  - unfold form, form2, sum2. rewrite (sum_ext n _ (fun i => sum k (fun c => sum n (fun j => sum k (fun e => H n k k eye w i c j e * (u i c * u j e))))
      + sum more (fun c => sum n (fun j => outside i j * (u i (k + c)%nat * u j (k + c)%nat))))).
    + rewrite sum_plus. f_equal.
      rewrite (sum_swap n more (fun i c => sum n (fun j => outside i j * (u i (k + c)%nat * u j (k + c)%nat)))).
      apply sum_ext. intros c _. apply sum_ext. intros i _. simpl.
      rewrite Rplus_0_l. apply sum_ext. intros j _. unfold beyond. ring.
    + intros i _. rewrite sum_plus. f_equal; apply sum_swap.
Qed.

Lemma gradient_padded i c : (forall i c, (i < n)%nat -> (c < k)%nat -> G n k k eye w i c = 0) ->
  (i < n)%nat -> (c < d)%nat -> G n k d eye wide i c = 0.
Proof.
  intros Z Hi Hc. assert (Hi' : (i < N)%nat) by (unfold N; lia). unfold G, gradient. fold N.
  destruct (Nat.lt_ge_cases c k) as [L|L].
  - rewrite <- (Z i c Hi L). unfold G, gradient. fold N. rewrite rows_inside, own_delta_padded by auto. f_equal.
    apply sum_ext. intros j Hj. destruct (coefficients i j Hi' Hj) as (_ & _ & _ & _ & E). now rewrite E, rows_inside.
  - rewrite rows_outside by auto. rewrite (sum_zero N); [ring|]. intros j Hj. rewrite rows_outside by auto. ring.
Qed.

Lemma regular_padded : regular_at n k k eye w -> regular_at n k d eye wide.
Proof.
  intros [P I]. split.
  - intros i Hi. fold N in Hi. rewrite AA_padded by auto. now apply P.
  - intros i j Hi Hj Ne. fold N in Hi, Hj. rewrite CC_padded, !AA_padded by auto. now apply I.
Qed.

Lemma loss_padded : regular_at n k k eye w -> loss n k d eye wide = loss n k k eye w.
Proof.
  intros R. rewrite !loss_is_F by (auto using regular_padded). unfold F, value. fold N.
  apply sum_ext. intros i Hi. rewrite AA_padded by auto. f_equal. apply sum_ext. intros j Hj.
  now rewrite CC_padded, (AA_padded j).
Qed.

Lemma distance_padded p : distance n d wide (padded k p) = distance n k w p.
Proof.
  unfold distance. f_equal. apply sum_ext. intros i _. apply sum_inside; intros c Hc; unfold wide, padded.
  - apply Nat.ltb_lt in Hc. now rewrite Hc.
  - destruct (Nat.ltb_spec c k); [lia|ring].
Qed.

(** A critical point whose Hessian in R^k is at least lam, and whose matrix outside is, is a strict minimum in R^d. *)
Theorem strict_padded lam : (0 < n)%nat -> (0 < k)%nat -> 0 < lam -> regular_at n k k eye w ->
  (forall i c, (i < n)%nat -> (c < k)%nat -> G n k k eye w i c = 0) ->
  (forall u, lam * square n k u <= form n k (H n k k eye w) u) ->
  (forall u, lam * square n 1 u <= form n 1 (fun i _ j _ => outside i j) u) ->
  strict_local_min n d (loss n k d eye) wide.
Proof.
  intros n_pos k_pos lam_pos R Z convex convex_outside.
  assert (size_pos : 0 < INR (n * d)) by (apply lt_0_INR; unfold d; nia).
  set (eps := lam / (2 * INR (n * d))). assert (eps_pos : 0 < eps) by (apply Rdiv_lt_0_compat; lra).
  assert (entries : forall i c, (i < N)%nat -> (c < d)%nat -> steady n d wide (fun y => rows n eye y i c)).
  { intros i c Hi Hc. unfold rows. destruct (Nat.ltb_spec i n); [now apply steady_entry|apply steady_const]. }
  assert (near_hessian : nearby n d wide (fun y => forall i, (i < n)%nat -> forall c, (c < d)%nat -> forall j, (j < n)%nat ->
    forall e, (e < d)%nat -> Rabs (H n k d eye y i c j e - H n k d eye wide i c j e) <= eps)).
  { apply nearby_all. intros i Hi. apply nearby_all. intros c Hc. apply nearby_all. intros j Hj. apply nearby_all. intros e He.
    apply (steady_hessian n d wide N (sign n) (rows n eye) entries (regular_padded R)); auto; unfold N; lia. }
  destruct (nearby_and n d wide _ _ (nearby_regular n d wide N (sign n) (rows n eye) entries (regular_padded R)) near_hessian)
    as (rho & rho_pos & near).
  exists rho. split; [exact rho_pos|]. intros y close apart.
  set (u := minus2 y wide).
  assert (on_ray : forall t, 0 <= t <= 1 -> forall i c, (i < n)%nat -> (c < d)%nat -> Rabs (ray wide u t i c - wide i c) <= rho).
  { intros t Ht i c Hi Hc. unfold ray. replace (wide i c + t * u i c - wide i c) with (t * u i c) by ring.
    rewrite Rabs_mult, (Rabs_pos_eq t) by lra. assert (E := distance_entry n d y wide i c Hi Hc). fold (u i c) in E.
    change (y i c - wide i c) with (u i c) in E.
    assert (t * Rabs (u i c) <= 1 * Rabs (u i c)) by (apply Rmult_le_compat_r; [apply Rabs_pos|lra]). lra. }
  assert (P := above_parabola (fun t => F n k d eye (ray wide u t)) (fun t => dot2 n d (G n k d eye (ray wide u t)) u)
    (fun t => form n d (H n k d eye (ray wide u t)) u) (lam / 2 * square n d u)
    (fun t Ht => F_derive n k d eye wide u t (proj1 (near _ (on_ray t Ht))))
    (fun t Ht => G_derive n k d eye wide u u t (proj1 (near _ (on_ray t Ht))))).
  cbv beta in P. assert (E : ray wide u 1 = y) by apply ray_end. rewrite ray_start, E in P.
  assert (Y : regular_at n k d eye y) by (rewrite <- E; apply near, on_ray; lra).
  rewrite !loss_is_F by auto using regular_padded.
  assert (D : dot2 n d (G n k d eye wide) u = 0).
  { apply sum2_zero. intros. rewrite gradient_padded by auto. ring. }
  assert (S : 0 < square n d u).
  { destruct apart as (i & c & Hi & Hc & Ne). eapply Rlt_le_trans; [|apply (square_entry n d u i c); auto].
    apply Rlt_0_sqr. unfold u, minus2. lra. }
  assert (B : lam * square n d u <= form n d (H n k d eye wide) u).
  { rewrite form_padded, square_padded, Rmult_plus_distr_l, <- sum_scale. apply Rplus_le_compat; [apply convex|].
    apply sum_le. intros. apply convex_outside. }
  assert (C : forall t, 0 <= t <= 1 -> lam / 2 * square n d u <= form n d (H n k d eye (ray wide u t)) u).
  { intros t Ht. assert (A := form_small n d (fun i c j e => H n k d eye (ray wide u t) i c j e - H n k d eye wide i c j e) eps u
      (fun i c j e Hi Hc Hj He => proj2 (near _ (on_ray t Ht)) i Hi c Hc j Hj e He)).
    replace (INR (n * d) * eps * square n d u) with (lam / 2 * square n d u) in A by (unfold eps; field; lra).
    assert (X := form_plus n d (H n k d eye wide) (fun i c j e => H n k d eye (ray wide u t) i c j e - H n k d eye wide i c j e) u).
    replace (form n d (H n k d eye (ray wide u t)) u) with (form n d (H n k d eye wide) u
      + form n d (fun i c j e => H n k d eye (ray wide u t) i c j e - H n k d eye wide i c j e) u); [lra|].
    rewrite <- X. unfold form, form2. apply sum2_ext. intros. apply sum2_ext. intros. f_equal. ring. }
  specialize (P C). assert (0 < lam / 2 * square n d u) by (apply Rmult_lt_0_compat; lra). lra.
Qed.
End Dimension.
