(** What the theorems say: every definition that a reader has to agree with, and nothing else.
    Everything is the standard real numbers of Coq, and finite sums of them. *)
From Coq Require Import Reals.
Open Scope R_scope.

(** A vector is a function of its coordinates 0, 1, .., a matrix one of its rows; only the first few are looked at. *)
Definition vector := nat -> R.
Definition matrix := nat -> vector.

(** f 0 + .. + f (n - 1) *)
Fixpoint sum (n : nat) (f : nat -> R) : R :=
  match n with O => 0 | S m => sum m f + f m end.

Definition dot (d : nat) (x y : vector) : R := sum d (fun c => x c * y c).
Definition norm (d : nat) (x : vector) : R := sqrt (dot d x x).
Definition angle (d : nat) (w v : vector) : R := acos (dot d w v / (norm d w * norm d v)).

(** |w| |v| (sin t + (PI - t) cos t) / (2 PI), t the angle of w and v: the arc-cosine kernel of degree 1, which is
    the mean of relu(w.x) relu(v.x) over standard Gaussian x in R^d. That it is this mean is not proved here. *)
Definition kernel (d : nat) (w v : vector) : R :=
  norm d w * norm d v * (sin (angle d w v) + (PI - angle d w v) * cos (angle d w v)) / (2 * PI).

(** The population loss of the n neurons W against the k targets V in R^d (docs/theorem/teacher.md, section 1). *)
Definition loss (n k d : nat) (V W : matrix) : R :=
  / 2 * sum n (fun i => sum n (fun j => kernel d (W i) (W j)))
  - sum n (fun i => sum k (fun j => kernel d (W i) (V j)))
  + / 2 * sum k (fun i => sum k (fun j => kernel d (V i) (V j))).

(** The orthonormal targets e_1, e_2, .. *)
Definition eye : matrix := fun i c => if Nat.eqb i c then 1 else 0.

(** The first k columns of X, and zeros: the same neurons in a larger space. *)
Definition padded (k : nat) (X : matrix) : matrix := fun i c => if Nat.ltb c k then X i c else 0.

(** The Frobenius norm of X - Y, for n rows of d numbers. *)
Definition distance (n d : nat) (X Y : matrix) : R :=
  sqrt (sum n (fun i => sum d (fun c => (X i c - Y i c) * (X i c - Y i c)))).

Definition differ (n d : nat) (X Y : matrix) : Prop :=
  exists i c, (i < n)%nat /\ (c < d)%nat /\ X i c <> Y i c.

(** Every other point of some ball about w has a larger value. *)
Definition strict_local_min (n d : nat) (f : matrix -> R) (w : matrix) : Prop :=
  exists rho, 0 < rho /\ forall y, distance n d y w < rho -> differ n d y w -> f w < f y.

(** A strict local minimum that is not global, within r of P, with loss in [low, high]. *)
Definition spurious_minimum (n k d : nat) (V P : matrix) (r low high : R) : Prop :=
  exists w : matrix,
    distance n d w P < r
    /\ strict_local_min n d (loss n k d V) w
    /\ low <= loss n k d V w <= high
    /\ 0 < loss n k d V w
    /\ exists v : matrix, loss n k d V v = 0.

(** Near w, f changes by less than any multiple of the distance from w: its derivative there is 0. *)
Definition critical (n d : nat) (f : matrix -> R) (w : matrix) : Prop :=
  forall eps, 0 < eps -> exists rho, 0 < rho /\ forall y, distance n d y w < rho -> Rabs (f y - f w) <= eps * distance n d y w.

(** On some line through w, f falls on both sides at least like a parabola. *)
Definition falls (f : matrix -> R) (w : matrix) : Prop :=
  exists v m rho, 0 < m /\ 0 < rho /\ forall t, Rabs t < rho -> f (fun i c => w i c + t * v i c) <= f w - m * (t * t).

(** Every ball about w has a point of smaller value. *)
Definition no_local_min (n d : nat) (f : matrix -> R) (w : matrix) : Prop :=
  forall rho, 0 < rho -> exists y, distance n d y w < rho /\ f y < f w.

(** A critical point where the loss falls along a line, so that it is no local minimum, within r of P, with loss in [low, high]. *)
Definition strict_saddle (n k d : nat) (V P : matrix) (r low high : R) : Prop :=
  exists w : matrix,
    distance n d w P < r
    /\ critical n d (loss n k d V) w
    /\ falls (loss n k d V) w
    /\ no_local_min n d (loss n k d V) w
    /\ low <= loss n k d V w <= high.
