"""The method of the single filter."""

from relucert_audit.filter import descent
from relucert_audit.method import Method

NAME = "one-filter"
METHODS = {(NAME, "invariant-region"): Method(descent.read, descent.step_1, descent.prove, since=1)}
