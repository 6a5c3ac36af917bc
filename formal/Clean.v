(** The checker with floating-point numbers over Coq's own integers: no axioms but those of the real numbers. *)
From Interval Require Import Specific_stdz Specific_ops.
From Relucert Require Import Saddles.
Module Integers := SpecificFloat StdZRadix2.
Module Export Checked := Saddles Integers.
