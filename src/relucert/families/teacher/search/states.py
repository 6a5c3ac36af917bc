"""Why a run stopped, as compiled code knows it."""

RUNNING, CONVERGED, DIVERGED, EXHAUSTED = range(4)
