(** The numbers of one certificate: integers only. What they claim is decided by Checker.v. *)
From Coq Require Import Reals ZArith List Bool.
From Relucert Require Import Statement.
Open Scope R_scope.

Record fraction := Fraction { top : Z; bottom : Z }.
Definition number (q : fraction) : R := IZR (top q) / IZR (bottom q).

(** Rows of integers over a common denominator; what is not there is 0. *)
Record table := Table { entries : list (list Z); over : Z }.
Definition entry (t : table) (i c : nat) : Z := nth c (nth i (entries t) nil) 0%Z.
Definition matrix_of (t : table) : matrix := fun i c => IZR (entry t i c) / IZR (over t).

(** How it is proved for every larger input dimension: the n x n matrix of Dimension.v, in the box, is Q^T Q + shift I up to spread. *)
Record further := Further { f_factor : list (list Z); f_over : Z; f_shift : fraction; f_spread : fraction }.

Record certificate := Certificate {
  (* the claim *)
  neurons : nat; targets : nat; dimension : nat;
  target_rows : option table;  (* None: the orthonormal targets e_1, .., e_k *)
  given : table;               (* the point of the certificate *)
  radius : fraction;           (* a minimum is nearer than this to the point *)
  low : fraction; high : fraction;  (* and has its loss between these *)
  (* how it is proved *)
  precision : positive;        (* bits of interval arithmetic at the centre .. *)
  coarse : positive;           (* .. and over the box *)
  centre : table;              (* a box about this better point .. *)
  box : fraction;              (* .. of this half width .. *)
  factor : list (list Z); factor_over : Z;
                               (* .. in which the Hessian is Q^T Q + shift I, up to spread in each entry; row i d + c is column (i, c) of Q *)
  shift : fraction; spread : fraction;
  flat : fraction;             (* bounds the gradient's entries at the centre *)
  steep : fraction;            (* and in the box *)
  beyond : option further }.

(** The same for a saddle: the Hessian is Q^T Q + shift I with a shift below 0. *)
Record saddle := Saddle {
  base : certificate;
  inverse : list (list Z); inverse_over : Z;
                               (* about the inverse of the Hessian; row i d + c is its column (i, c) *)
  downhill : list Z            (* a direction of negative second derivative over the box, row by row *) }.

Definition target_matrix (D : certificate) : matrix :=
  match target_rows D with None => eye | Some t => matrix_of t end.
