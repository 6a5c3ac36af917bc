"""The method that a claim of this family names. Nothing is imported here: to say a claim is to be quick."""

SMOOTH_EXPRESSION = "smooth-expression"
METHOD = "hessian-box"
