(** Exact sums over lists of integers, of which a matrix or a row is made. *)
From Coq Require Import Reals Lra Lia List ZArith.
From Relucert Require Import Statement Sums Forms.
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

(** The sum of the sizes of the integers in a row *)
Fixpoint integer_size (a : list Z) : Z := match a with x :: a => (Z.abs x + integer_size a)%Z | nil => 0%Z end.

Lemma integer_size_ok m : forall a, (length a <= m)%nat -> sum m (fun s => Rabs (IZR (nth s a 0%Z))) = IZR (integer_size a).
Proof.
  induction m as [|m IH]; intros a L.
  - destruct a; [reflexivity|simpl in L; lia].
  - destruct a as [|x a]; [simpl integer_size; apply sum_zero; intros [|s] _; simpl; apply Rabs_R0|].
    rewrite sum_first. simpl nth. rewrite IH by (simpl in L; lia). simpl integer_size. now rewrite plus_IZR, abs_IZR.
Qed.

(** The places (i, c), i < n, c < d, one after another *)
Lemma sum2_flat n d f : sum2 n d (fun i c => f (i * d + c)%nat) = sum (n * d) f.
Proof.
  unfold sum2. induction n as [|n IH]; [reflexivity|].
  replace (S n * d)%nat with (n * d + d)%nat by lia. rewrite sum_split. simpl. now rewrite IH.
Qed.
Lemma flat_place n d i c : (i < n)%nat -> (c < d)%nat -> (i * d + c < n * d)%nat.
Proof. intros. nia. Qed.
Lemma flat_same d i c j e : (c < d)%nat -> (e < d)%nat -> Nat.eqb (i * d + c) (j * d + e) = (Nat.eqb i j && Nat.eqb c e)%bool.
Proof.
  intros Hc He. destruct (Nat.eqb_spec i j) as [->|Ne]; simpl.
  - destruct (Nat.eqb_spec c e) as [->|N]; [apply Nat.eqb_refl|]. apply Nat.eqb_neq. lia.
  - apply Nat.eqb_neq. intros E. apply Ne. destruct (Nat.lt_total i j) as [L|[L|L]]; [|exact L|]; nia.
Qed.
