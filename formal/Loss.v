(** The closed form of the statement is the function of Rows.v with n moving rows and k fixed ones; and 0 is attained. *)
From Coq Require Import Reals Lra Lia FunctionalExtensionality.
From Coquelicot Require Import Coquelicot.
From Relucert Require Import Statement Sums Forms Minimum Arccos Rows.
Open Scope R_scope.

Section Problem.
Variables (n k d : nat) (V : matrix).

(** The rows w_0 .. w_(n-1), v_0 .. v_(k-1), a direction in which only neurons move, and the signs. *)
Definition rows (W : matrix) : matrix := fun i => if Nat.ltb i n then W i else V (i - n)%nat.
Definition moving (u : matrix) : matrix := fun i c => if Nat.ltb i n then u i c else 0.
Definition sign (i : nat) : R := if Nat.ltb i n then 1 else -1.

Definition F (W : matrix) := value (n + k) d sign (rows W).
Definition G (W : matrix) := gradient (n + k) d sign (rows W).
Definition H (W : matrix) := hessian (n + k) d sign (rows W).
Definition regular_at (W : matrix) := regular (n + k) d (rows W).

Lemma rows_neuron W i : (i < n)%nat -> rows W i = W i.
Proof. intros L. unfold rows. apply Nat.ltb_lt in L. now rewrite L. Qed.
Lemma rows_target W i : rows W (n + i)%nat = V i.
Proof. unfold rows. destruct (Nat.ltb_spec (n + i) n); [lia|]. f_equal. lia. Qed.
Lemma moving_neuron u i : (i < n)%nat -> moving u i = u i.
Proof. intros L. apply functional_extensionality. intros c. unfold moving. apply Nat.ltb_lt in L. now rewrite L. Qed.
Lemma moving_target u i c : moving u (n + i)%nat c = 0.
Proof. unfold moving. destruct (Nat.ltb_spec (n + i) n); [lia|reflexivity]. Qed.
Lemma sign_neuron i : (i < n)%nat -> sign i = 1.
Proof. intros L. unfold sign. apply Nat.ltb_lt in L. now rewrite L. Qed.
Lemma sign_target i : sign (n + i)%nat = -1.
Proof. unfold sign. destruct (Nat.ltb_spec (n + i) n); [lia|reflexivity]. Qed.

Lemma rows_ray W u t : rows (ray W u t) = ray (rows W) (moving u) t.
Proof.
  apply functional_extensionality; intros i. apply functional_extensionality; intros c. unfold rows, ray, moving.
  destruct (Nat.ltb i n); ring.
Qed.

(** Only the first n rows of a direction count. *)
Lemma sum_moving (f : nat -> R) : (forall i, f (n + i)%nat = 0) -> sum (n + k) f = sum n f.
Proof. intros Z. rewrite sum_split, (sum_zero k); [ring|auto]. Qed.

Lemma gradient_moving W u : dot2 n d (G W) u = value1 (n + k) d sign (rows W) (moving u).
Proof.
  rewrite value1_gradient, sum_moving.
  - apply sum_ext. intros i Hi. apply sum_ext. intros. now rewrite moving_neuron.
  - intros. apply sum_zero. intros. rewrite moving_target. ring.
Qed.

Lemma hessian_moving W u v : form2 n d (H W) u v = value2 (n + k) d sign (rows W) (moving u) (moving v).
Proof.
  rewrite value2_hessian. unfold form2, sum2. rewrite sum_moving.
  - apply sum_ext. intros i Hi. apply sum_ext. intros c _. rewrite sum_moving.
    + apply sum_ext. intros j Hj. apply sum_ext. intros. now rewrite !moving_neuron.
    + intros. apply sum_zero. intros. rewrite moving_target. ring.
  - intros. apply sum_zero. intros. apply sum_zero. intros. apply sum_zero. intros. rewrite moving_target. ring.
Qed.

Lemma F_derive W u t : regular_at (ray W u t) ->
  is_derive (fun t => F (ray W u t)) t (dot2 n d (G (ray W u t)) u).
Proof.
  intros R. evar_last.
  - apply (is_derive_equal (fun t => value (n + k) d sign (ray (rows W) (moving u) t))).
    + intros. unfold F. now rewrite rows_ray.
    + apply value_derive. rewrite <- rows_ray. exact R.
  - now rewrite gradient_moving, rows_ray.
Qed.

(** The derivative along u, along v *)
Lemma G_derive W u v t : regular_at (ray W v t) ->
  is_derive (fun t => dot2 n d (G (ray W v t)) u) t (form2 n d (H (ray W v t)) u v).
Proof.
  intros R. evar_last.
  - apply (is_derive_equal (fun t => value1 (n + k) d sign (ray (rows W) (moving v) t) (moving u))).
    + intros. now rewrite gradient_moving, rows_ray.
    + apply value1_derive. rewrite <- rows_ray. exact R.
  - now rewrite hessian_moving, rows_ray.
Qed.

(** F looks at the first d coordinates of the first n rows only. *)
Lemma F_ext W W' : (forall i c, (i < n)%nat -> (c < d)%nat -> W i c = W' i c) -> F W = F W'.
Proof.
  intros E.
  assert (D : forall i j, dot d (rows W i) (rows W j) = dot d (rows W' i) (rows W' j)).
  { intros i j. apply sum_ext. intros c Hc. unfold rows.
    destruct (Nat.ltb_spec i n), (Nat.ltb_spec j n); rewrite ?E; auto. }
  unfold F, value, AA, CC. apply sum_ext. intros i _. rewrite D. f_equal. apply sum_ext. intros j _. now rewrite !D.
Qed.

Lemma G_ext W W' : (forall i c, (i < n)%nat -> (c < d)%nat -> W i c = W' i c) ->
  forall i c, (i < n)%nat -> (c < d)%nat -> G W i c = G W' i c.
Proof.
  intros E i c Hi Hc.
  assert (X : forall i c, (c < d)%nat -> rows W i c = rows W' i c).
  { intros j e He. unfold rows. destruct (Nat.ltb_spec j n); auto. }
  assert (D : forall i j, dot d (rows W i) (rows W j) = dot d (rows W' i) (rows W' j)).
  { intros. apply sum_ext. intros. now rewrite !X. }
  unfold G, gradient, own_delta, omega, tau, SS, TT, AA, CC. rewrite (X i c Hc), D. f_equal.
  - do 3 f_equal. apply sum_ext. intros j _. now rewrite !D.
  - apply sum_ext. intros j _. now rewrite !D, X.
Qed.

(** The loss is a signed sum over all ordered pairs of rows, of which a pair of equal rows gives |x|^2 / 4. *)
Lemma loss_all_pairs W : loss n k d V W =
  / 2 * sum (n + k) (fun i => sum (n + k) (fun j => sign i * sign j * kernel d (rows W i) (rows W j))).
Proof.
  unfold loss. rewrite sum_split.
  rewrite (sum_ext n (fun i => sum (n + k) _)
    (fun i => sum n (fun j => kernel d (W i) (W j)) + -1 * sum k (fun j => kernel d (W i) (V j)))).
  rewrite (sum_ext k (fun i => sum (n + k) _)
    (fun i => -1 * sum n (fun j => kernel d (W j) (V i)) + sum k (fun j => kernel d (V i) (V j)))).
  - rewrite !sum_plus, !sum_scale, (sum_swap k n (fun i j => kernel d (W j) (V i))). field.
  - intros i _. rewrite sum_split, <- sum_scale. f_equal; apply sum_ext; intros j Hj.
    + rewrite sign_target, sign_neuron, rows_target, rows_neuron, kernel_sym by auto. ring.
    + rewrite !sign_target, !rows_target. ring.
  - intros i Hi. rewrite sum_split, <- sum_scale. f_equal; apply sum_ext; intros j Hj.
    + rewrite !sign_neuron, !rows_neuron by auto. ring.
    + rewrite sign_target, sign_neuron, rows_target, rows_neuron by auto. ring.
Qed.

Theorem loss_is_F W : regular_at W -> loss n k d V W = F W.
Proof.
  intros [P I]. rewrite loss_all_pairs. unfold F, value. rewrite <- sum_scale. apply sum_ext. intros i Hi.
  rewrite (sum_ext (n + k) _ (fun j => if Nat.eqb i j then AA d (rows W) i / 2
    else weight sign i j * phi (AA d (rows W) i) (AA d (rows W) j) (CC d (rows W) i j))).
  - rewrite (sum_own_others (n + k) i (fun _ => AA d (rows W) i / 2)) by auto.
    rewrite Rmult_plus_distr_l, <- sum_scale. f_equal; [field|]. apply sum_ext. intros j _.
    unfold others. destruct (Nat.eqb i j); [ring|field].
  - intros j Hj. destruct (Nat.eqb_spec i j) as [->|Ne].
    + rewrite kernel_self by exact (P j Hj). unfold AA, sign. destruct (Nat.ltb j n); field.
    + rewrite kernel_phi; [|exact (P i Hi)|exact (P j Hj)|exact (I i j Hi Hj Ne)]. unfold weight, AA, CC. field. apply PI_neq0.
Qed.

(** The targets themselves, and zeros for the other neurons, have the loss 0. *)
Theorem loss_attains_zero : (k <= n)%nat -> exists W, loss n k d V W = 0.
Proof.
  intros L. set (Z := fun i => if Nat.ltb i k then V i else fun _ => 0). exists Z.
  assert (Z_target : forall i, (i < k)%nat -> Z i = V i).
  { intros i Hi. unfold Z. apply Nat.ltb_lt in Hi. now rewrite Hi. }
  assert (Z_zero : forall i v, kernel d (Z (k + i)%nat) v = 0).
  { intros i v. unfold Z. destruct (Nat.ltb_spec (k + i) k); [lia|]. unfold kernel, norm.
    replace (dot d (fun _ => 0) (fun _ => 0)) with 0 by (symmetry; apply sum_zero; intros; ring).
    rewrite sqrt_0. unfold Rdiv. ring. }
  assert (cut : forall f : nat -> R, (forall i, f (k + i)%nat = 0) -> sum n f = sum k f).
  { intros f Hf. replace n with (k + (n - k))%nat by lia. rewrite sum_split, (sum_zero (n - k)); [ring|auto]. }
  unfold loss. rewrite !(cut (fun i => sum _ _)) by (intros; apply sum_zero; intros; apply Z_zero).
  rewrite (sum_ext k (fun i => sum n _) (fun i => sum k (fun j => kernel d (V i) (V j)))).
  - rewrite (sum_ext k (fun i => sum k (fun j => kernel d (Z i) (V j))) (fun i => sum k (fun j => kernel d (V i) (V j)))).
    + field.
    + intros. apply sum_ext. intros. now rewrite Z_target.
  - intros i Hi. rewrite cut by (intros; rewrite kernel_sym; apply Z_zero). apply sum_ext. intros. now rewrite !Z_target.
Qed.
End Problem.
