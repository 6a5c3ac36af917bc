"""The methods of the designed landscape."""

from relucert_audit.landscape import critical, descent, nearest
from relucert_audit.method import Method, evidence

NAME = "designed-landscape"
EVIDENCE = evidence("""
Theorem 13.A | A.0 | < | nu max alpha < lambda
""")
# hessian, empirical, unit-rows, split-neuron
READERS = {"critical-points": critical, "nearest-minimum": nearest, "descent": descent}
METHODS = {
    (NAME, name): Method(of.read, of.admit, of.prove, since=1, evidence=EVIDENCE)
    for name, of in READERS.items()
}
