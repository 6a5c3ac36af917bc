(** From a positive second derivative over a box, and a small gradient at its centre, to a strict local minimum
    inside. A minimum over the box exists by Extreme.v; Taylor's formula keeps it off the boundary and makes it strict. *)
From Coq Require Import Reals Lra Lia List FinFun FunctionalExtensionality.
From Coquelicot Require Import Coquelicot.
From Relucert Require Import Statement Sums Forms Extreme.
Import ListNotations.
Open Scope R_scope.

Definition ray (x u : matrix) (t : R) : matrix := fun i c => x i c + t * u i c.
Definition minus2 (y x : matrix) : matrix := fun i c => y i c - x i c.

Lemma distance_square n d x y : distance n d x y = sqrt (square n d (minus2 x y)).
Proof. reflexivity. Qed.

(** An entry of a difference is at most its Frobenius norm. *)
Lemma distance_entry n d x y i c : (i < n)%nat -> (c < d)%nat -> Rabs (x i c - y i c) <= distance n d x y.
Proof.
  intros Hi Hc. rewrite <- (sqrt_square (Rabs (x i c - y i c))) by apply Rabs_pos. apply sqrt_le_1_alt.
  rewrite <- Rabs_mult, Rabs_pos_eq by apply Rle_0_sqr. exact (square_entry n d (minus2 x y) i c Hi Hc).
Qed.

(** The places (i, c) with i < n, c < d, as a list. *)
Definition places n d := list_prod (seq 0 n) (seq 0 d).

Lemma in_places n d i c : In (i, c) (places n d) <-> (i < n)%nat /\ (c < d)%nat.
Proof. unfold places. rewrite in_prod_iff, !in_seq. lia. Qed.

Lemma list_sum_app l1 l2 f : list_sum (l1 ++ l2) f = list_sum l1 f + list_sum l2 f.
Proof. induction l1 as [|p l IH]; simpl; [|rewrite IH]; ring. Qed.

Lemma list_sum_places n d f : list_sum (places n d) f = sum2 n d (fun i c => f (i, c)).
Proof.
  assert (R : forall i, list_sum (map (fun c => (i, c)) (seq 0 d)) f = sum d (fun c => f (i, c))).
  { intros i. induction d as [|m IH]; [reflexivity|]. rewrite seq_S, map_app, list_sum_app, IH. simpl. ring. }
  assert (P : forall (a b l : list nat), list_prod (a ++ b) l = list_prod a l ++ list_prod b l).
  { induction a as [|x a IH]; intros; simpl; [reflexivity|]. now rewrite IH, app_assoc. }
  unfold places, sum2. induction n as [|n IH]; [reflexivity|].
  rewrite seq_S, P, list_sum_app, IH. cbn [list_prod sum Nat.add]. now rewrite app_nil_r, R.
Qed.

Lemma NoDup_places n d : NoDup (places n d).
Proof.
  unfold places. assert (A := seq_NoDup n 0). assert (B := seq_NoDup d 0).
  induction A as [|i l Ni _ IH]; simpl; [constructor|].
  assert (M : NoDup (map (fun c => (i, c)) (seq 0 d))).
  { apply Injective_map_NoDup; auto. intros a b E. now inversion E. }
  assert (D : forall p, In p (map (fun c => (i, c)) (seq 0 d)) -> ~ In p (list_prod l (seq 0 d))).
  { intros [a b] I J. apply in_map_iff in I. destruct I as (c & E & _). inversion E; subst. apply in_prod_iff in J. tauto. }
  revert M D. generalize (map (fun c => (i, c)) (seq 0 d)). intros k.
  induction k as [|p k IHk]; simpl; intros M D; [exact IH|]. apply NoDup_cons_iff in M. destruct M as [Np M].
  constructor.
  - rewrite in_app_iff. intros [I|I]; [now apply Np|]. apply (D p); auto.
  - apply IHk; auto.
Qed.

(** Finitely many positive numbers have a positive lower bound. *)
Lemma positive_gap n d (f : nat -> nat -> R) : (forall i c, (i < n)%nat -> (c < d)%nat -> 0 < f i c) ->
  exists rho, 0 < rho /\ forall i c, (i < n)%nat -> (c < d)%nat -> rho <= f i c.
Proof.
  intros H. assert (G : forall l, (forall p, In p l -> 0 < f (fst p) (snd p)) ->
    exists rho, 0 < rho /\ forall p, In p l -> rho <= f (fst p) (snd p)).
  { induction l as [|p l IH]; intros Hl; [exists 1; split; [lra|simpl; tauto]|].
    destruct IH as (rho & P & Q); [intros; apply Hl; simpl; auto|].
    exists (Rmin rho (f (fst p) (snd p))). split; [apply Rmin_pos; auto; apply Hl; simpl; auto|].
    intros q [<-|Hq]; [apply Rmin_r|]. eapply Rle_trans; [apply Rmin_l|auto]. }
  destruct (G (places n d)) as (rho & P & Q).
  - intros [i c] Hp. apply in_places in Hp. now apply H.
  - exists rho. split; auto. intros i c Hi Hc. apply (Q (i, c)). now apply in_places.
Qed.

Lemma mean_value (f df : R -> R) a b : a <= b -> (forall t, a <= t <= b -> is_derive f t (df t)) ->
  exists c, a <= c <= b /\ f b - f a = df c * (b - a).
Proof.
  intros Hab H. destruct (MVT_gen f a b df) as (c & C1 & C2).
  - intros x. rewrite Rmin_left, Rmax_right by lra. intros. apply H. lra.
  - intros x. rewrite Rmin_left, Rmax_right by lra. intros Hx. apply derivable_continuous_pt.
    exists (df x). now apply is_derive_Reals, H.
  - rewrite Rmin_left, Rmax_right in C1 by lra. now exists c.
Qed.

(** If f' exists on [0, 1] and grows at a rate of at least m, then f 1 is above its parabola at 0. *)
Lemma above_parabola (f f1 f2 : R -> R) m :
  (forall t, 0 <= t <= 1 -> is_derive f t (f1 t)) -> (forall t, 0 <= t <= 1 -> is_derive f1 t (f2 t)) ->
  (forall t, 0 <= t <= 1 -> m <= f2 t) -> f 0 + f1 0 + m / 2 <= f 1.
Proof.
  intros H1 H2 H3.
  assert (G : forall t, 0 <= t <= 1 -> 0 <= f1 t - f1 0 - m * t).
  { intros t Ht. destruct (mean_value f1 f2 0 t) as (c & C1 & C2); [lra|intros; apply H2; lra|].
    rewrite C2. assert (m <= f2 c) by (apply H3; lra).
    assert (0 <= (f2 c - m) * t) by (apply Rmult_le_pos; lra). lra. }
  destruct (mean_value (fun t => f t - (f1 0 * t + m / 2 * (t * t))) (fun t => f1 t - f1 0 - m * t) 0 1)
    as (c & C1 & C2); [lra| |].
  - intros t Ht. evar_last.
    + apply @is_derive_minus; [now apply H1|]. apply @is_derive_plus.
      * apply (is_derive_scal (fun t => t) t (f1 0)), (@is_derive_id R_AbsRing).
      * apply (is_derive_scal (fun t => t * t) t (m / 2)).
        apply @is_derive_mult; try apply (@is_derive_id R_AbsRing). intros; apply Rmult_comm.
    + unfold minus, plus, opp, mult, one; simpl. unfold mult, one; simpl. field.
  - specialize (G c C1). lra.
Qed.

Section Minimum.
Variables (n d : nat) (F : matrix -> R) (G : matrix -> matrix) (Q : matrix -> matrix -> R).
Variables (W : matrix) (r lam gam K : R).
Definition in_box (x : matrix) := forall i c, (i < n)%nat -> (c < d)%nat -> Rabs (x i c - W i c) <= r.
Hypothesis n_pos : (0 < n)%nat.
Hypothesis d_pos : (0 < d)%nat.
Hypothesis r_pos : 0 < r.
Hypothesis lam_pos : 0 < lam.
Hypothesis F_ext : forall x y : matrix, (forall i c, (i < n)%nat -> (c < d)%nat -> x i c = y i c) -> F x = F y.
Hypothesis first : forall x u t, in_box (ray x u t) ->
  is_derive (fun t => F (ray x u t)) t (dot2 n d (G (ray x u t)) u).
Hypothesis second : forall x u t, in_box (ray x u t) ->
  is_derive (fun t => dot2 n d (G (ray x u t)) u) t (Q (ray x u t) u).
Hypothesis convex : forall x u, in_box x -> lam * square n d u <= Q x u.
Hypothesis at_centre : forall i c, (i < n)%nat -> (c < d)%nat -> Rabs (G W i c) <= gam.
Hypothesis slope : forall x i c, in_box x -> (i < n)%nat -> (c < d)%nat -> Rabs (G x i c) <= K.
Hypothesis inside : 2 * gam * INR (n * d) < lam * r.

Lemma in_box_centre : in_box W.
Proof. intros i c _ _. rewrite Rminus_diag_eq, Rabs_R0; lra. Qed.

Lemma in_box_ray x y t : in_box x -> in_box y -> 0 <= t <= 1 -> in_box (ray x (minus2 y x) t).
Proof.
  intros Hx Hy Ht i c Hi Hc. specialize (Hx i c Hi Hc). specialize (Hy i c Hi Hc). unfold ray, minus2.
  replace (x i c + t * (y i c - x i c) - W i c) with ((1 - t) * (x i c - W i c) + t * (y i c - W i c)) by ring.
  eapply Rle_trans; [apply Rabs_triang|]. rewrite !Rabs_mult, (Rabs_pos_eq t), (Rabs_pos_eq (1 - t)) by lra.
  assert ((1 - t) * Rabs (x i c - W i c) <= (1 - t) * r) by (apply Rmult_le_compat_l; lra).
  assert (t * Rabs (y i c - W i c) <= t * r) by (apply Rmult_le_compat_l; lra). lra.
Qed.

Lemma ray_start x u : ray x u 0 = x.
Proof. apply functional_extensionality; intros i. apply functional_extensionality; intros c. unfold ray. ring. Qed.
Lemma ray_end x y : ray x (minus2 y x) 1 = y.
Proof. apply functional_extensionality; intros i. apply functional_extensionality; intros c. unfold ray, minus2. ring. Qed.

Lemma taylor x y : in_box x -> in_box y ->
  F x + dot2 n d (G x) (minus2 y x) + lam / 2 * square n d (minus2 y x) <= F y.
Proof.
  intros Hx Hy. set (u := minus2 y x).
  assert (B : forall t, 0 <= t <= 1 -> in_box (ray x u t)) by (intros; now apply in_box_ray).
  assert (P := above_parabola (fun t => F (ray x u t)) (fun t => dot2 n d (G (ray x u t)) u)
    (fun t => Q (ray x u t) u) (lam * square n d u)
    (fun t Ht => first x u t (B t Ht)) (fun t Ht => second x u t (B t Ht)) (fun t Ht => convex _ u (B t Ht))).
  cbv beta in P. assert (E : ray x u 1 = y) by apply ray_end. rewrite ray_start, E in P. lra.
Qed.

Lemma lipschitz x y : in_box x -> in_box y -> Rabs (F y - F x) <= K * taxicab n d (minus2 y x).
Proof.
  intros Hx Hy. set (u := minus2 y x).
  assert (B : forall t, 0 <= t <= 1 -> in_box (ray x u t)) by (intros; now apply in_box_ray).
  destruct (mean_value (fun t => F (ray x u t)) (fun t => dot2 n d (G (ray x u t)) u) 0 1) as (c & C1 & C2).
  - lra.
  - intros t Ht. apply first, B, Ht.
  - assert (E : ray x u 1 = y) by apply ray_end. rewrite ray_start, E in C2. rewrite C2, Rminus_0_r, Rmult_1_r.
    apply dot2_bound. intros. apply slope; auto.
Qed.

(** Moving a point into the box, coordinate by coordinate, makes F Lipschitz everywhere. *)
Definition clip (z : point) : matrix := fun i c => Rmax (W i c - r) (Rmin (W i c + r) (z (i, c))).
Lemma clip_in z : in_box (clip z).
Proof. intros i c _ _. unfold clip, Rmax, Rmin. apply Rabs_le. repeat destruct (Rle_dec _ _); lra. Qed.
Lemma clip_same z i c : Rabs (z (i, c) - W i c) <= r -> clip z i c = z (i, c).
Proof. intros H. apply Rabs_le_between in H. unfold clip, Rmax, Rmin. repeat destruct (Rle_dec _ _); lra. Qed.
Lemma clip_closer y z i c : Rabs (clip y i c - clip z i c) <= Rabs (y (i, c) - z (i, c)).
Proof. unfold clip, Rmax, Rmin, Rabs. repeat destruct (Rle_dec _ _); repeat destruct (Rcase_abs _); lra. Qed.

Lemma minimum_over_box : exists w, in_box w /\ forall y, in_box y -> F w <= F y.
Proof.
  set (centre := fun p : place => W (fst p) (snd p)).
  set (lo := fun p => centre p - r). set (hi := fun p => centre p + r).
  destruct (box_minimum (places n d) (fun z => F (clip z)) K lo hi) with (l := places n d) (base := centre)
    as (m & [M1 M2] & M3).
  - eapply Rle_trans; [apply Rabs_pos|apply (slope W 0%nat 0%nat); auto using in_box_centre].
  - intros x y. eapply Rle_trans; [apply lipschitz; apply clip_in|]. rewrite list_sum_places.
    apply Rmult_le_compat_l; [|apply sum2_le; intros; apply clip_closer].
    eapply Rle_trans; [apply Rabs_pos|apply (slope W 0%nat 0%nat); auto using in_box_centre].
  - intros. unfold lo, hi. lra.
  - apply NoDup_places.
  - assert (B : in_box (fun i c => m (i, c))).
    { intros i c Hi Hc. assert (X := M1 (i, c) (proj2 (in_places n d i c) (conj Hi Hc))).
      unfold lo, hi, centre in X. simpl in X. apply Rabs_le. lra. }
    exists (fun i c => m (i, c)). split; auto. intros y Hy.
    set (z := fun p : place => if in_dec place_dec p (places n d) then y (fst p) (snd p) else centre p).
    assert (Z : forall i c, (i < n)%nat -> (c < d)%nat -> z (i, c) = y i c).
    { intros i c Hi Hc. unfold z. destruct (in_dec place_dec (i, c) (places n d)) as [|N]; auto.
      elim N. now apply in_places. }
    assert (O : over lo hi (places n d) centre z).
    { split; intros [i c] Hp.
      - apply in_places in Hp. destruct Hp as [Hi Hc]. rewrite Z by auto. specialize (Hy i c Hi Hc).
        apply Rabs_le_between in Hy. unfold lo, hi, centre. simpl. lra.
      - unfold z. destruct (in_dec place_dec (i, c) (places n d)); tauto. }
    specialize (M3 z O).
    rewrite (F_ext (clip m) (fun i c => m (i, c))) in M3 by (intros; apply clip_same, B; auto).
    rewrite (F_ext (clip z) y) in M3; auto.
    intros i c Hi Hc. rewrite clip_same; rewrite Z by auto; auto.
Qed.

(** On the boundary F is larger than at the centre. *)
Lemma off_boundary w : in_box w -> F w <= F W -> forall i c, (i < n)%nat -> (c < d)%nat -> Rabs (w i c - W i c) < r.
Proof.
  intros B Le i c Hi Hc. destruct (Rle_lt_or_eq_dec _ _ (B i c Hi Hc)) as [|E]; auto. exfalso.
  assert (T := taylor W w in_box_centre B). set (u := minus2 w W) in *.
  assert (S1 : r * r <= square n d u).
  { eapply Rle_trans; [|apply (square_entry n d u i c); auto]. change (u i c) with (w i c - W i c).
    rewrite <- E, <- Rabs_mult, Rabs_pos_eq by apply Rle_0_sqr. lra. }
  assert (S2 : taxicab n d u <= INR (n * d) * r).
  { unfold taxicab. rewrite <- sum2_const. apply sum2_le. intros. now apply B. }
  assert (S3 := dot2_bound n d (G W) u gam at_centre). apply Rabs_le_between in S3.
  assert (gam_nonneg : 0 <= gam) by (eapply Rle_trans; [apply Rabs_pos|apply (at_centre i c); auto]).
  assert (gam * taxicab n d u <= gam * (INR (n * d) * r)) by (now apply Rmult_le_compat_l).
  assert (lam / 2 * (r * r) <= lam / 2 * square n d u) by (apply Rmult_le_compat_l; lra).
  assert (2 * gam * INR (n * d) * r < lam * r * r) by (now apply Rmult_lt_compat_r). lra.
Qed.

(** Two points with values at most that of the middle between them are the same. *)
Lemma strict w y : in_box w -> in_box y -> (forall z, in_box z -> F w <= F z) -> differ n d y w -> F w < F y.
Proof.
  intros B Hy Min (i & c & Hi & Hc & Ne). set (z := ray w (minus2 y w) (/ 2)).
  assert (Hz : in_box z) by (apply in_box_ray; auto; lra).
  assert (T1 := taylor z w Hz B). assert (T2 := taylor z y Hz Hy). assert (N := Min z Hz).
  assert (E : dot2 n d (G z) (minus2 y z) = - dot2 n d (G z) (minus2 w z)).
  { unfold dot2. match goal with |- _ = - ?X => replace (- X) with (-1 * X) by ring end.
    rewrite <- sum2_scale. apply sum2_ext. intros. unfold minus2, z, ray, minus2. field. }
  assert (S : 0 < square n d (minus2 y z)).
  { eapply Rlt_le_trans; [|apply (square_entry n d _ i c); auto].
    apply Rlt_0_sqr. unfold minus2, z, ray, minus2. lra. }
  assert (0 <= lam / 2 * square n d (minus2 w z)) by (apply Rmult_le_pos; [lra|apply square_nonneg]).
  assert (0 < lam / 2 * square n d (minus2 y z)) by (apply Rmult_lt_0_compat; lra). lra.
Qed.

(** In the interior of the box the derivative along a coordinate vanishes at a minimum. *)
Lemma zero_inside w : (forall i c, (i < n)%nat -> (c < d)%nat -> Rabs (w i c - W i c) < r) ->
  (forall y, in_box y -> F w <= F y) -> forall i c, (i < n)%nat -> (c < d)%nat -> G w i c = 0.
Proof.
  intros B Min i c Hi Hc. set (u := fun j e => if (Nat.eqb i j && Nat.eqb c e)%bool then 1 else 0).
  destruct (positive_gap n d (fun i c => r - Rabs (w i c - W i c))) as (rho & rho_pos & gap).
  { intros j e Hj He. specialize (B j e Hj He). lra. }
  assert (I : forall t, - rho < t -> t < rho -> in_box (ray w u t)).
  { intros t T1 T2 j e Hj He. specialize (gap j e Hj He). unfold ray.
    replace (w j e + t * u j e - W j e) with ((w j e - W j e) + t * u j e) by ring.
    eapply Rle_trans; [apply Rabs_triang|]. rewrite Rabs_mult.
    assert (Rabs (u j e) <= 1) by (unfold u; destruct (Nat.eqb i j && Nat.eqb c e)%bool; rewrite ?Rabs_R1, ?Rabs_R0; lra).
    assert (Rabs t <= rho) by (apply Rabs_le; lra).
    assert (Rabs t * Rabs (u j e) <= rho * 1) by (apply Rmult_le_compat; auto using Rabs_pos). lra. }
  assert (D := first w u 0 (I 0 ltac:(lra) ltac:(lra))). rewrite ray_start in D. apply is_derive_Reals in D.
  assert (E : dot2 n d (G w) u = G w i c).
  { unfold dot2. rewrite <- (sum2_pick n d (G w) i c Hi Hc). apply sum2_ext. intros j e _ _. unfold u.
    destruct (Nat.eqb i j && Nat.eqb c e)%bool; ring. }
  rewrite <- E. apply (deriv_minimum (fun t => F (ray w u t)) (- rho) rho 0 (exist _ _ D)); try lra.
  intros t T1 T2. rewrite ray_start. now apply Min, I.
Qed.

(** A minimum over the box lies in its interior, is strict and critical, and its value is that of the centre up to n d gam r. *)
Theorem minimum : exists w,
  (forall i c, (i < n)%nat -> (c < d)%nat -> Rabs (w i c - W i c) < r)
  /\ (forall y, in_box y -> differ n d y w -> F w < F y)
  /\ (forall i c, (i < n)%nat -> (c < d)%nat -> G w i c = 0)
  /\ F W - INR (n * d) * gam * r <= F w <= F W.
Proof.
  destruct minimum_over_box as (w & B & M). exists w.
  assert (Le := M W in_box_centre). repeat split; auto.
  - now apply off_boundary.
  - intros. now apply strict.
  - apply zero_inside; auto. now apply off_boundary.
  - assert (T := taylor W w in_box_centre B). set (u := minus2 w W) in *.
    assert (S3 := dot2_bound n d (G W) u gam at_centre). apply Rabs_le_between in S3.
    assert (gam_nonneg : 0 <= gam) by (eapply Rle_trans; [apply Rabs_pos|apply (at_centre 0%nat 0%nat); auto]).
    assert (gam * taxicab n d u <= gam * (INR (n * d) * r)).
    { apply Rmult_le_compat_l; auto. unfold taxicab. rewrite <- sum2_const. apply sum2_le. intros. now apply B. }
    assert (0 <= lam / 2 * square n d u) by (apply Rmult_le_pos; [lra|apply square_nonneg]). lra.
Qed.
End Minimum.
