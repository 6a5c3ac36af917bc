"""Points that permutations of the coordinates fix, and their families: docs/theorem.md section 7."""
