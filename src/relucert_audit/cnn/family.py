"""The methods of the one-hidden-layer CNN."""

from relucert_audit.cnn import descent, landscape
from relucert_audit.method import Method

NAME = "one-hidden-layer-cnn"
POINTS = Method(landscape.read, landscape.admit, landscape.prove, since=1)
RUNS = Method(descent.read, landscape.admit, descent.prove, since=1)
METHODS = {(NAME, name): POINTS for name in ("landscape", "half-space", "spectrum")}
METHODS |= {(NAME, name): RUNS for name in ("invariant-region", "enclosed-trajectory")}
