(** The value, the gradient and the Hessian of Rows.v in interval arithmetic, from tables of what pairs of rows share. *)
From Coq Require Import Reals Lra Lia List ZArith Bool.
From Relucert Require Import Statement Sums Minimum Arccos Rows Intervals.
Open Scope R_scope.

Module Tables (F : Numbers).
Module Export Base := Intervals F.

Section Tables.
Variables (pr : I.F.precision) (m N d : nat) (zsign : nat -> Z) (sign : nat -> R).
Hypothesis zsign_ok : forall i, IZR (zsign i) = sign i.
Hypothesis m_le_N : (m <= N)%nat.  (* the first m rows get coefficients, all N rows are met *)

Local Notation "a +! b" := (I.add pr a b) (at level 50, left associativity).
Local Notation "a -! b" := (I.sub pr a b) (at level 50, left associativity).
Local Notation "a *! b" := (I.mul pr a b) (at level 40, left associativity).
Local Notation integer := (I.fromZ pr).
Local Notation Sum := (isum pr).

(** x_ic; |x_i|^2, its inverse; x_ic / |x_i|^2; x_i.x_j; area; turn; the coefficients of pairs, 0 on the diagonal *)
Record tables := Tabulated {
  t_x : list (list I.type); t_a : list I.type; t_ia : list I.type; t_y : list (list I.type);
  t_c : list (list I.type); t_s : list (list I.type); t_t : list (list I.type); t_w : list (list I.type);
  t_alpha : list (list I.type); t_beta : list (list I.type); t_gamma : list (list I.type);
  t_omega : list (list I.type); t_tau : list (list I.type) }.

Definition apart (i j : nat) (v : I.type) := if Nat.eqb i j then integer 0 else v.
Definition squared ta tc i j := at1 ta i *! at1 ta j -! at2 tc i j *! at2 tc i j.

Definition tabulate (X : nat -> nat -> I.type) : tables :=
  let x := rows_of N d X in
  let a := list_of N (fun i => Sum d (fun c => at2 x i c *! at2 x i c)) in
  let ia := list_of N (fun i => I.inv pr (at1 a i)) in
  let y := rows_of N d (fun i c => at2 x i c *! at1 ia i) in
  let c := rows_of N N (fun i j => Sum d (fun e => at2 x i e *! at2 x j e)) in
  let s := rows_of m N (fun i j => apart i j (I.sqrt pr (squared a c i j))) in
  let is := rows_of m N (fun i j => apart i j (I.inv pr (at2 s i j))) in
  let quarter := I.pi pr *! I.inv pr (integer 2) in
  let half := rows_of m N (fun i j => if Nat.ltb i j then quarter +! I.atan pr (at2 c i j *! at2 is i j) else integer 0) in
  let t := rows_of m N (fun i j => apart i j (at2 half (Nat.min i j) (Nat.max i j))) in
  let unit := I.inv pr (integer 2 *! I.pi pr) in
  let w := rows_of m N (fun i j => integer (zsign i * zsign j)%Z *! unit) in
  let gamma := rows_of m N (fun i j => apart i j (at2 w i j *! at2 is i j)) in
  Tabulated x a ia y c s t w
    (rows_of m N (fun i j => apart i j (at1 a i *! at1 a j *! at2 gamma i j)))
    (rows_of m N (fun i j => apart i j (at2 c i j *! at2 gamma i j)))
    gamma
    (rows_of m N (fun i j => apart i j (at2 w i j *! at2 s i j)))
    (rows_of m N (fun i j => apart i j (at2 w i j *! at2 t i j))).

Definition regularI T := forallb (fun i => positive (at1 (t_a T) i) &&
  forallb (fun j => negb (Nat.ltb i j) || positive (squared (t_a T) (t_c T) i j)) (seq 0 N)) (seq 0 N).

Definition valueI T := Sum N (fun i => at1 (t_a T) i *! I.inv pr (integer 4) +! Sum N (fun j => apart i j
  (at2 (t_w T) i j *! I.inv pr (integer 2) *! (at2 (t_s T) i j +! at2 (t_t T) i j *! at2 (t_c T) i j)))).

Definition own_deltaI T i := I.inv pr (integer 2) +! Sum N (at2 (t_omega T) i) *! at1 (t_ia T) i.
Definition own_scaledI T i := Sum N (fun j => at2 (t_alpha T) i j -! integer 2 *! at2 (t_omega T) i j).
Definition own_mixedI T i e := Sum N (fun j => at2 (t_beta T) i j *! at2 (t_x T) j e).

(** Entry c of row i of the gradient, from own_delta *)
Definition gradientI T i od c := at2 (t_x T) i c *! od +! Sum N (fun j => at2 (t_tau T) i j *! at2 (t_x T) j c).

Definition deltaI c e := integer (if Nat.eqb c e then 1 else 0)%Z.

(** Entry (c, e) of the block of row i, from own_delta, own_scaled, the row own_mixed and the row gamma_ij x_jc over j *)
Definition ownI T i od os om gx c e :=
  deltaI c e *! od +! at2 (t_y T) i c *! at2 (t_y T) i e *! os
  -! (at2 (t_y T) i c *! at1 om e +! at1 om c *! at2 (t_y T) i e) +! Sum N (fun j => at1 gx j *! at2 (t_x T) j e).

(** The two rows over e that all entries of block (i, j) share, and entry (c, e) from them *)
Definition leftI T i j := list_of d (fun e => at2 (t_alpha T) i j *! at2 (t_y T) j e -! at2 (t_beta T) i j *! at2 (t_x T) i e).
Definition rightI T i j := list_of d (fun e => at2 (t_gamma T) i j *! at2 (t_x T) i e -! at2 (t_beta T) i j *! at2 (t_y T) j e).
Definition crossI T i j le ri c e :=
  at2 (t_y T) i c *! at1 le e +! at2 (t_x T) j c *! at1 ri e +! deltaI c e *! at2 (t_tau T) i j.

(* -- each of them contains what it stands for -- *)
Variables (X : nat -> nat -> I.type) (x : matrix).
Hypothesis X_ok : forall i c, (i < N)%nat -> (c < d)%nat -> has (X i c) (x i c).
Let T := tabulate X.

Lemma apart_ok i j Y y : (i <> j -> has Y y) -> has (apart i j Y) (others i j y).
Proof. unfold apart, others. destruct (Nat.eqb_spec i j); [intros; apply has_integer|auto]. Qed.

Lemma x_ok i c : (i < N)%nat -> (c < d)%nat -> has (at2 (t_x T) i c) (x i c).
Proof. intros. cbn [T tabulate t_x]. rewrite at2_rows_of; auto. Qed.
Lemma a_ok i : (i < N)%nat -> has (at1 (t_a T) i) (AA d x i).
Proof. intros. cbn [T tabulate t_a]. rewrite at1_list_of by auto. apply has_sum. intros. apply has_mul; now apply x_ok. Qed.
Lemma ia_ok i : (i < N)%nat -> has (at1 (t_ia T) i) (/ AA d x i).
Proof. intros. cbn [T tabulate t_ia]. rewrite at1_list_of by auto. now apply has_inv, a_ok. Qed.
Lemma y_ok i c : (i < N)%nat -> (c < d)%nat -> has (at2 (t_y T) i c) (scaled d x i c).
Proof. intros. cbn [T tabulate t_y]. rewrite at2_rows_of by auto. apply has_mul; [now apply x_ok|now apply ia_ok]. Qed.
Lemma c_ok i j : (i < N)%nat -> (j < N)%nat -> has (at2 (t_c T) i j) (CC d x i j).
Proof. intros. cbn [T tabulate t_c]. rewrite at2_rows_of by auto. apply has_sum. intros. apply has_mul; now apply x_ok. Qed.
Lemma squared_ok i j : (i < N)%nat -> (j < N)%nat ->
  has (squared (t_a T) (t_c T) i j) (AA d x i * AA d x j - CC d x i j * CC d x i j).
Proof. intros. apply has_sub; apply has_mul; try apply a_ok; try apply c_ok; auto. Qed.

Section Pair.
Variables i j : nat.
Hypothesis Hi : (i < m)%nat.
Hypothesis Hj : (j < N)%nat.
Let Hi' : (i < N)%nat := Nat.lt_le_trans _ _ _ Hi m_le_N.

Lemma s_ok : i <> j -> has (at2 (t_s T) i j) (SS d x i j).
Proof.
  intros Ne. cbn [T tabulate t_s]. rewrite at2_rows_of by auto. unfold apart. destruct (Nat.eqb_spec i j); [tauto|].
  now apply has_sqrt, squared_ok.
Qed.
Lemma is_ok : i <> j -> has (at2 (rows_of m N (fun i j => apart i j (I.inv pr (at2 (t_s T) i j)))) i j) (/ SS d x i j).
Proof.
  intros Ne. rewrite at2_rows_of by auto. unfold apart. destruct (Nat.eqb_spec i j); [tauto|]. now apply has_inv, s_ok.
Qed.
Lemma half_ok : (i < j)%nat -> has (I.add pr (I.mul pr (I.pi pr) (I.inv pr (integer 2)))
    (I.atan pr (at2 (t_c T) i j *! at2 (rows_of m N (fun i j => apart i j (I.inv pr (at2 (t_s T) i j)))) i j))) (TT d x i j).
Proof.
  intros L. apply has_add; [apply has_mul; [apply has_pi|apply has_inv, has_integer]|].
  apply has_atan, has_mul; [now apply c_ok|apply is_ok; lia].
Qed.
End Pair.

Lemma t_ok i j : (i < m)%nat -> (j < N)%nat -> i <> j -> has (at2 (t_t T) i j) (TT d x i j).
Proof.
  intros Hi Hj Ne. cbn [T tabulate t_t]. rewrite at2_rows_of by auto. unfold apart at 1.
  destruct (Nat.eqb_spec i j); [tauto|]. rewrite at2_rows_of by lia.
  assert (L : (Nat.min i j < Nat.max i j)%nat) by lia. rewrite (proj2 (Nat.ltb_lt _ _) L).
  replace (TT d x i j) with (TT d x (Nat.min i j) (Nat.max i j)); [apply half_ok; lia|].
  destruct (Nat.le_ge_cases i j); [rewrite Nat.min_l, Nat.max_r by lia|rewrite Nat.min_r, Nat.max_l by lia]; auto using TT_sym.
Qed.

Section Coefficients.
Variables i j : nat.
Hypothesis Hi : (i < m)%nat.
Hypothesis Hj : (j < N)%nat.
Let Hi' : (i < N)%nat := Nat.lt_le_trans _ _ _ Hi m_le_N.

Lemma w_ok : has (at2 (t_w T) i j) (weight sign i j).
Proof.
  cbn [T tabulate t_w]. rewrite at2_rows_of by auto. unfold weight. rewrite <- !zsign_ok, <- mult_IZR.
  apply has_mul; [apply has_integer|]. apply has_inv, has_mul; [apply has_integer|apply has_pi].
Qed.
Lemma gamma_ok : has (at2 (t_gamma T) i j) (gamma d sign x i j).
Proof.
  cbn [T tabulate t_gamma]. rewrite at2_rows_of by auto. apply apart_ok. intros Ne.
  apply has_mul; [apply w_ok|now apply is_ok].
Qed.
Lemma gamma_apart : i <> j -> has (at2 (t_gamma T) i j) (weight sign i j * / SS d x i j).
Proof. intros Ne. assert (A := gamma_ok). unfold gamma, others in A. destruct (Nat.eqb_spec i j); [tauto|exact A]. Qed.
Lemma alpha_ok : has (at2 (t_alpha T) i j) (alpha d sign x i j).
Proof.
  cbn [T tabulate t_alpha]. rewrite at2_rows_of by auto. apply apart_ok. intros Ne.
  replace (weight sign i j * (AA d x i * AA d x j) * / SS d x i j)
    with (AA d x i * AA d x j * (weight sign i j * / SS d x i j)) by ring.
  apply has_mul; [apply has_mul; now apply a_ok|now apply gamma_apart].
Qed.
Lemma beta_ok : has (at2 (t_beta T) i j) (beta d sign x i j).
Proof.
  cbn [T tabulate t_beta]. rewrite at2_rows_of by auto. apply apart_ok. intros Ne.
  replace (weight sign i j * CC d x i j * / SS d x i j) with (CC d x i j * (weight sign i j * / SS d x i j)) by ring.
  apply has_mul; [now apply c_ok|now apply gamma_apart].
Qed.
Lemma omega_ok : has (at2 (t_omega T) i j) (omega d sign x i j).
Proof.
  cbn [T tabulate t_omega]. rewrite at2_rows_of by auto. apply apart_ok. intros. apply has_mul; [apply w_ok|now apply s_ok].
Qed.
Lemma tau_ok : has (at2 (t_tau T) i j) (tau d sign x i j).
Proof.
  cbn [T tabulate t_tau]. rewrite at2_rows_of by auto. apply apart_ok. intros. apply has_mul; [apply w_ok|now apply t_ok].
Qed.
End Coefficients.

Lemma regular_ok : regularI T = true -> regular N d x.
Proof.
  intros H. assert (R := all_true N _ H).
  assert (P : forall i j, (i < j)%nat -> (j < N)%nat -> 0 < AA d x i * AA d x j - CC d x i j * CC d x i j).
  { intros i j Hij Hj. assert (Hi : (i < N)%nat) by lia. specialize (R i Hi). apply andb_prop in R. destruct R as [_ R].
    assert (S := all_true N _ R j Hj). cbv beta in S. apply Nat.ltb_lt in Hij. rewrite Hij in S. simpl in S.
    exact (has_positive _ _ (squared_ok i j Hi Hj) S). }
  split.
  - intros i Hi. specialize (R i Hi). apply andb_prop in R. exact (has_positive _ _ (a_ok i Hi) (proj1 R)).
  - intros i j Hi Hj Ne. destruct (Nat.lt_total i j) as [L|[E|L]]; [now apply P|tauto|].
    rewrite (Rmult_comm (AA d x i)), (CC_sym d x i j). now apply P.
Qed.

Lemma value_ok : m = N -> has (valueI T) (value N d sign x).
Proof.
  intros E. apply has_sum. intros i Hi. apply has_add; [apply has_mul; [now apply a_ok|apply has_inv, has_integer]|].
  apply has_sum. intros j Hj. apply apart_ok. intros Ne. assert (Hm : (i < m)%nat) by lia.
  apply has_mul; [apply has_mul; [now apply w_ok|apply has_inv, has_integer]|].
  unfold phi. apply has_add; [now apply s_ok|]. apply has_mul; [now apply t_ok|now apply c_ok].
Qed.

Lemma own_delta_ok i : (i < m)%nat -> has (own_deltaI T i) (own_delta N d sign x i).
Proof.
  intros. apply has_add; [apply has_inv, has_integer|]. apply has_mul; [|apply ia_ok; lia].
  apply has_sum. intros. now apply omega_ok.
Qed.
Lemma own_scaled_ok i : (i < m)%nat -> has (own_scaledI T i) (own_scaled N d sign x i).
Proof.
  intros. apply has_sum. intros. apply has_sub; [now apply alpha_ok|]. apply has_mul; [apply has_integer|now apply omega_ok].
Qed.
Lemma own_mixed_ok i e : (i < m)%nat -> (e < d)%nat -> has (own_mixedI T i e) (own_mixed N d sign x i e).
Proof. intros. apply has_sum. intros. apply has_mul; [now apply beta_ok|now apply x_ok]. Qed.

Lemma gradient_ok i c od : (i < m)%nat -> (c < d)%nat -> has od (own_delta N d sign x i) ->
  has (gradientI T i od c) (gradient N d sign x i c).
Proof.
  intros. apply has_add; [apply has_mul; auto; apply x_ok; auto; lia|].
  apply has_sum. intros. apply has_mul; [now apply tau_ok|now apply x_ok].
Qed.

Lemma delta_ok c e : has (deltaI c e) (delta c e).
Proof. unfold deltaI, delta. destruct (Nat.eqb c e); apply has_integer. Qed.

Lemma own_ok i c e od os om gx : (i < m)%nat -> (c < d)%nat -> (e < d)%nat ->
  has od (own_delta N d sign x i) -> has os (own_scaled N d sign x i) ->
  (forall e, (e < d)%nat -> has (at1 om e) (own_mixed N d sign x i e)) ->
  (forall j, (j < N)%nat -> has (at1 gx j) (gamma d sign x i j * x j c)) ->
  has (ownI T i od os om gx c e) (own N d sign x i c e).
Proof.
  intros Hi Hc He Hod Hos Hom Hgx. assert (Hi' : (i < N)%nat) by lia.
  assert (Yc := y_ok i c Hi' Hc). assert (Ye := y_ok i e Hi' He). unfold own.
  repeat apply has_add || apply has_sub || apply has_mul; auto using delta_ok.
  apply has_sum. intros. apply has_mul; [auto|now apply x_ok].
Qed.

Lemma left_ok i j e : (i < m)%nat -> (j < N)%nat -> (e < d)%nat ->
  has (at1 (leftI T i j) e) (alpha d sign x i j * scaled d x j e - beta d sign x i j * x i e).
Proof.
  intros. unfold leftI. rewrite at1_list_of by auto.
  apply has_sub; apply has_mul; auto using alpha_ok, beta_ok, y_ok. apply x_ok; auto; lia.
Qed.
Lemma right_ok i j e : (i < m)%nat -> (j < N)%nat -> (e < d)%nat ->
  has (at1 (rightI T i j) e) (gamma d sign x i j * x i e - beta d sign x i j * scaled d x j e).
Proof.
  intros. unfold rightI. rewrite at1_list_of by auto.
  apply has_sub; apply has_mul; auto using gamma_ok, beta_ok, y_ok. apply x_ok; auto; lia.
Qed.
Lemma cross_ok i j c e : (i < m)%nat -> (j < N)%nat -> (c < d)%nat -> (e < d)%nat ->
  has (crossI T i j (leftI T i j) (rightI T i j) c e) (cross d sign x i j c e).
Proof.
  intros. assert (Hi' : (i < N)%nat) by lia. apply has_add; [apply has_add|]; apply has_mul;
    auto using x_ok, y_ok, left_ok, right_ok, delta_ok, tau_ok.
Qed.
End Tables.
End Tables.
