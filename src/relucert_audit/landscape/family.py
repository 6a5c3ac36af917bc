"""The methods of the designed landscape."""

from relucert_audit.method import Method, evidence

NAME = "designed-landscape"
EVIDENCE = evidence("""
Theorem 13.A | A.0 | < | nu max alpha < lambda
""")
METHODS: dict[tuple[str, str], Method] = {}
# hessian, empirical, unit-rows, split-neuron
