"""Points that permutations of the coordinates fix, and their families: docs/theorem/teacher.md section 7."""
