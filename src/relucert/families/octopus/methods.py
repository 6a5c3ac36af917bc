"""The methods that a claim of this family may name. Nothing is imported here: to say a claim is to be quick."""

OCTOPUS = "octopus"
METHODS = ("critical-points", "escape", "every-start", "double-precision", "perturbed")
