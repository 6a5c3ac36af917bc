(** The checker with floating-point numbers over machine integers: some ten times faster, at the price of Coq's axioms about
    these (the kernel's 63-bit arithmetic is then part of what is believed). *)
From Interval Require Import Specific_bigint Specific_ops.
From Relucert Require Import Saddles.
Module Integers := SpecificFloat BigIntRadix2.
Module Export Checked := Saddles Integers.
