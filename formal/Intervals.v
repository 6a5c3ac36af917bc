(** Interval arithmetic of coq-interval, for any type of floating-point numbers: has X x says that x lies in X. *)
From Coq Require Import Reals Lra Lia List ZArith Bool.
From Flocq Require Import Core.
From Interval Require Import Sig Float Float_full Xreal Interval Basic Stdlib.
From Relucert Require Import Statement Sums.
Open Scope R_scope.

Module Type Numbers := FloatOps with Definition radix := Zaux.radix2 with Definition sensible_format := true.

Module Intervals (F : Numbers).
Module I := FloatIntervalFull F.

Definition has (X : I.type) (x : R) := contains (I.convert X) (Xreal x).

Section Operations.
Variable pr : I.F.precision.

Lemma has_add X Y x y : has X x -> has Y y -> has (I.add pr X Y) (x + y).
Proof. intros A B. exact (I.add_correct pr X Y (Xreal x) (Xreal y) A B). Qed.
Lemma has_sub X Y x y : has X x -> has Y y -> has (I.sub pr X Y) (x - y).
Proof. intros A B. exact (I.sub_correct pr X Y (Xreal x) (Xreal y) A B). Qed.
Lemma has_mul X Y x y : has X x -> has Y y -> has (I.mul pr X Y) (x * y).
Proof. intros A B. exact (I.mul_correct pr X Y (Xreal x) (Xreal y) A B). Qed.
Lemma has_inv X x : has X x -> has (I.inv pr X) (/ x).
Proof.
  intros A. assert (B := I.inv_correct pr X (Xreal x) A). unfold has. simpl in B. unfold Xinv' in B.
  destruct (is_zero x); [|exact B]. destruct (I.convert (I.inv pr X)); [exact Logic.I|destruct B].
Qed.
Lemma has_sqrt X x : has X x -> has (I.sqrt pr X) (sqrt x).
Proof. intros A. exact (I.sqrt_correct pr X (Xreal x) A). Qed.
Lemma has_atan X x : has X x -> has (I.atan pr X) (atan x).
Proof. intros A. exact (I.atan_correct pr X (Xreal x) A). Qed.
Lemma has_pi : has (I.pi pr) PI.
Proof. apply I.pi_correct. Qed.
Lemma has_integer z : has (I.fromZ pr z) (IZR z).
Proof. apply I.fromZ_correct. Qed.

(** What follows is false for the interval that is not a number. *)
Definition positive (X : I.type) := match I.sign_strict X with Xgt => true | _ => false end.
Lemma has_positive X x : has X x -> positive X = true -> 0 < x.
Proof.
  intros A B. assert (C := I.sign_strict_correct X). unfold positive in B.
  destruct (I.sign_strict X); try discriminate. exact (proj2 (C (Xreal x) A)).
Qed.

Definition less X Y := positive (I.sub pr Y X).
Lemma has_less X Y x y : has X x -> has Y y -> less X Y = true -> x < y.
Proof. intros A B C. assert (0 < y - x) by exact (has_positive _ _ (has_sub _ _ _ _ B A) C). lra. Qed.

(** |X| < B *)
Definition within X B := less X B && positive (I.add pr B X).
Lemma has_within X B x b : has X x -> has B b -> within X B = true -> Rabs x <= b.
Proof.
  intros A C E. apply andb_prop in E. destruct E as [E1 E2].
  assert (x < b) by exact (has_less _ _ _ _ A C E1).
  assert (0 < b + x) by exact (has_positive _ _ (has_add _ _ _ _ C A) E2). apply Rabs_le. lra.
Qed.

(** [-1, 1] *)
Definition unit := I.join (I.fromZ pr (-1)) (I.fromZ pr 1).
Lemma has_unit t : Rabs t <= 1 -> has unit t.
Proof.
  intros A. apply Rabs_le_inv in A. apply (contains_connected (I.convert unit) (-1) 1); auto.
  - apply I.join_correct. left. apply has_integer.
  - apply I.join_correct. right. apply has_integer.
Qed.

Fixpoint isum (n : nat) (f : nat -> I.type) : I.type :=
  match n with O => I.fromZ pr 0 | S m => I.add pr (isum m f) (f m) end.
Lemma has_sum n f g : (forall i, (i < n)%nat -> has (f i) (g i)) -> has (isum n f) (sum n g).
Proof.
  induction n as [|n IH]; intros H; [apply has_integer|]. apply has_add; [apply IH; intros|]; apply H; lia.
Qed.
End Operations.

(** Tables, so that nothing is computed twice *)
Definition list_of {A} n (f : nat -> A) := map f (seq 0 n).
Definition rows_of {A} n m (f : nat -> nat -> A) := list_of n (fun i => list_of m (f i)).
Definition at1 (t : list I.type) i := nth i t I.nai.
Definition at2 (t : list (list I.type)) i j := at1 (nth i t nil) j.

Lemma nth_list_of {A} n (f : nat -> A) i default : (i < n)%nat -> nth i (list_of n f) default = f i.
Proof.
  intros H. unfold list_of. rewrite (nth_indep _ _ (f 0%nat)) by (now rewrite map_length, seq_length).
  now rewrite map_nth, seq_nth.
Qed.
Lemma at1_list_of n f i : (i < n)%nat -> at1 (list_of n f) i = f i.
Proof. apply nth_list_of. Qed.
Lemma at2_rows_of n m f i j : (i < n)%nat -> (j < m)%nat -> at2 (rows_of n m f) i j = f i j.
Proof. intros. unfold at2, rows_of. rewrite nth_list_of by auto. now apply at1_list_of. Qed.

Lemma all_true n f : forallb f (seq 0 n) = true -> forall i, (i < n)%nat -> f i = true.
Proof. intros H i Hi. rewrite forallb_forall in H. apply H, in_seq. lia. Qed.
End Intervals.
