"""Whether what a certificate claims is true, told without the checker: by the prover's kernel and fractions."""
